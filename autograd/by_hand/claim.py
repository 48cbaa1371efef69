"""What a student claims, ready to be computed at any point: ``dw1 = x1*(a - y)``.

A claim's left side names what the derivative is taken with respect to; its right side is a formula in the
names of the graph (``book.py``), a function of them, or a number.
"""

from __future__ import annotations

import ast
import inspect
import math

from .. import graph
from ..errors import FormulaError
from ..formulas.evaluate import CONSTANTS, evaluate
from ..formulas.grammar import expression, names, read
from ..formulas.matrix import ShapeError, array, elements, elementwise, nodes, shape
from ..formulas.text import to_text
from ..guards import plain
from ..value import Constant, Value
from .book import is_quotient
from .point import EPSILON, Point, given_point, inputs
from .written import EXACT, Written, fractions, in_text, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from ..formulas.matrix import Quantity
    from .book import Book

    Rounded: TypeAlias = tuple[Sequence[float], Sequence[float]]  # numbers, and how far rounding may have moved each


_ROUNDED = "ǂ"  # a letter that no name begins with: ǂ0 is the first fraction of a text


class Claim:
    """One claim: ``at(point)`` gives its elements, and how far rounding may have moved each of them.

    ``targets`` are the nodes that it is about, in the same order; ``scale`` is how many times the derivative of the
    root the claim is meant to be, which ``at`` has divided by (``Book.scale``).
    Raises FormulaError for what cannot be read, ShapeError for shapes that do not fit.
    """

    at: Callable[[Point], Rounded]
    tree: ast.expr | None  # of a formula

    def __init__(self, book: Book, key: object, right_side: object) -> None:
        self.root_name, self.names = book.root_name, book.names
        self.name, self.what = book.target(key)
        self.targets = nodes(self.what)
        self.everywhere = True  # a number speaks of the given point only
        self.written: list[Written] = []  # how a claim of numbers is written
        self.tolerance = [EXACT for _ in self.targets]  # relative
        self.source = ""
        self.key, self.tree = key, None
        self.read_as = ""  # how a formula was read, if it is typed otherwise
        if isinstance(right_side, str):
            self._from_formula(book, right_side)
        elif callable(right_side) and not isinstance(right_side, Value):
            self._from_function(book, right_side)
        else:
            self._from_numbers(book, right_side)
        self.scale = 1.0 if isinstance(key, str) and is_quotient(key) else book.scale(self.what)
        if self.scale != 1:
            self._claims_the_scaled(self.at)

    def _claims_the_scaled(self, at: Callable[[Point], Rounded]) -> None:
        """``at`` speaks of a derivative ``scale`` times as large as that of the root."""

        def scaled(point: Point) -> Rounded:
            values, errors = at(point)
            return [x / self.scale for x in values], [error / self.scale for error in errors]

        self.at = scaled

    def _from_formula(self, book: Book, text: str) -> None:
        self.source = " ".join(text.split())
        tree, self.read_as = how_read(book, text)
        self.tree = tree
        if all(name in CONSTANTS and name not in book.known for name in names(tree)):
            self._require_fitting(book, ())
            self._says([_from_text(tree, text, book.root)])
            return
        about = set(self.targets)
        references = {name: book.reference(name, about) for name in names(tree)}
        start = given_point(book.root, book.beside)
        leaves = {name: elementwise(lambda x: Value(x), find(start)) for name, find in references.items()}
        result = evaluate(tree, leaves)
        self._require_fitting(book, shape(result))
        results = [v if isinstance(v, Value) else Constant(v) for v in elements(result)]
        order = list(dict.fromkeys(node for root in results for node in graph.topological(root)))

        def at(point: Point) -> Rounded:
            data: dict[Value, float] = {}
            error: dict[Value, float] = {}
            for name, find in references.items():
                for leaf, x in zip(nodes(leaves[name]), map(plain, elements(find(point))), strict=True):
                    data[leaf], error[leaf] = x, 4 * EPSILON * abs(x)
            for node in order:
                if node.op is not None:
                    data[node], partials = node.op.forward(inputs(node, data))
                    edges = zip(graph.stored(node), partials, strict=True)
                    carried = (abs(d) * error[v] for v, d in edges if d is not None and v in error)
                    error[node] = sum(carried, 4 * EPSILON * abs(data[node]))
            return [data.get(v, v.data) for v in results], [error.get(v, 0.0) for v in results]

        self.at = at

    def _from_function(self, book: Book, f: Callable[..., object]) -> None:
        self.source = getattr(f, "__name__", "a function")
        references = {}
        for parameter in inspect.signature(f).parameters.values():
            if parameter.default is inspect.Parameter.empty:
                references[parameter.name] = book.reference(parameter.name, set(self.targets))

        def called(point: Point) -> Quantity:
            arguments = {name: _floats(find(point)) for name, find in references.items()}
            return array(f(**arguments), self.source)

        result = called(given_point(book.root, book.beside))
        self._require_fitting(book, shape(result))
        if not references:
            self._says([Written(plain(x), 0.0, 0, computed=True) for x in elements(result)])
            return

        def at(point: Point) -> Rounded:
            numbers = [plain(x) for x in elements(called(point))]
            return numbers, [64 * EPSILON * abs(x) for x in numbers]

        self.at = at

    def _from_numbers(self, book: Book, right_side: object) -> None:
        claimed = array(right_side, self.name or "the claim")
        self._require_fitting(book, shape(claimed))
        self.source = f"numbers {shape(claimed)}" if shape(claimed) else repr(right_side)
        self._says(written(right_side))

    def _says(self, numbers: list[Written]) -> None:
        self.everywhere = False
        self.written = numbers
        self.tolerance = [one.tolerance for one in numbers]
        self.at = lambda _: ([one.value for one in numbers], [0.0 for _ in numbers])

    def agrees(self, point: Point) -> list[str | None]:
        """How far each element is autograd's: "" for all its digits, "to 2 digits", None if it is not."""
        gradients = point.gradients()
        right = [gradients[v] for v in self.targets]
        if self.written:
            return self._agreement(point, right)
        pairs = zip(self.at(point)[0], right, strict=True)
        return ["" if abs(x - y) <= EXACT * max(abs(x), abs(y)) else None for x, y in pairs]

    def is_written_for(self, point: Point, values: Sequence[float]) -> bool:
        """Whether a claim of numbers is how one would write these wrong derivatives of the root.

        One digit fits a tenth of all numbers by chance: it must be all that there is.
        """
        agreed = self._agreement(point, values)
        return all(how == "" or (how and one.digits != 1) for how, one in zip(agreed, self.written, strict=True))

    def _agreement(self, point: Point, values: Sequence[float]) -> list[str | None]:
        noise = point.rounding()
        elements = zip(self.written, values, self.targets, strict=True)
        return [one.agrees(x * self.scale, noise[v] * self.scale) for one, x, v in elements]

    def _require_fitting(self, book: Book, found: tuple[int, ...]) -> None:
        """The claim has its target's shape; a list of n may be given as a column (n, 1), as the notes do."""
        wanted = shape(self.what)
        if found == () and self.name in book.shared:  # it may be about one of them
            raise FormulaError(book.names.ambiguous(self.name, book.shared[self.name]))
        if found == wanted or (math.prod(found) == math.prod(wanted) and {found, wanted} <= _columns(wanted, found)):
            return
        hint = ": is a .T missing, or are the factors of @ the wrong way round?" if found == wanted[::-1] else ""
        raise ShapeError(f"d{self.name} has the shape of {self.name}, {wanted}; yours has {found}{hint}")


def _columns(*shapes: tuple[int, ...]) -> set[tuple[int, ...]]:
    """The shapes that mean the same column."""
    length = math.prod(shapes[0])
    return {(length,), (length, 1)} | ({()} if length == 1 else set())


def how_read(book: Book, text: str) -> tuple[ast.expr, str]:
    """The tree of a formula in the names of a graph; and its strict text, "" if it is typed so. Raises FormulaError."""
    reader = read(text, matrices=True, known=lambda _: book.spellings)
    tree = expression(reader, text)
    return tree, to_text(tree) if reader.trees.changed else ""


def _floats(what: Quantity) -> object:
    """What a user's function gets: numbers, and arrays of float64."""
    if isinstance(what, Value | float):
        return what
    import numpy as np

    return np.array([float(x) for x in what.flat]).reshape(what.shape)


def _from_text(tree: ast.expr, text: str, root: Value) -> Written:
    """What numbers alone make; how far that may be off because they are rounded."""
    if one := in_text(text, plain(evaluate(tree, CONSTANTS))):
        return one
    rounded = fractions(text)
    for node in graph.topological(root):
        for x in (node, *graph.stored(node)):
            rounded.pop(abs(plain(x)), None)
    leaves = {f"{_ROUNDED}{at}": Value(x) for at, x in enumerate(rounded)}
    tree = _Named(dict(zip(rounded, leaves, strict=True))).visit(tree)
    result = evaluate(tree, {**CONSTANTS, **leaves})
    if not isinstance(result, Value):
        return Written(plain(result), 0.0, 0, computed=True)
    gradients = given_point(result).gradients()
    unit = sum(abs(gradients.get(v, 0.0)) * rounded[v.data].unit for v in leaves.values())
    return Written(result.data, unit, min(one.digits for one in rounded.values()), computed=True)


class _Named(ast.NodeTransformer):
    """Puts names in place of numbers."""

    def __init__(self, names: Mapping[float, str]) -> None:
        self.names = names

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        x = node.value
        return ast.Name(self.names[x], ast.Load()) if isinstance(x, float) and x in self.names else node
