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
from ..formulas.evaluate import evaluate
from ..formulas.grammar import names, parse_expression
from ..formulas.matrix import ShapeError, array, elements, elementwise, nodes, shape
from ..guards import plain
from ..value import Constant, Value
from .book import is_quotient, quotients_as_names
from .point import EPSILON, given_point, inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from ..formulas.matrix import Quantity
    from .book import Book
    from .point import Point

    Rounded: TypeAlias = tuple[Sequence[float], Sequence[float]]  # numbers, and how far rounding may have moved each


class Claim:
    """One claim: ``at(point)`` gives its elements, and how far rounding may have moved each of them.

    ``targets`` are the nodes that it is about, in the same order; ``scale`` is how many times the derivative of the
    root the claim is meant to be, which ``at`` has divided by (``Book.scale``).
    Raises FormulaError for what cannot be read, ShapeError for shapes that do not fit.
    """

    at: Callable[[Point], Rounded]
    tree: ast.expr | None  # of a formula

    def __init__(self, book: Book, key: object, right_side: object) -> None:
        self.root_name = book.root_name
        self.name, self.what = book.target(key)
        self.targets = nodes(self.what)
        self.numeric = False  # of numbers only, without a name
        self.everywhere = True  # a number speaks of the given point only
        self.tolerance = [1e-8 for _ in self.targets]  # relative; a number counts to the digits it is written with
        self.source = ""
        self.key, self.tree = key, None
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
        tree = parse_expression(quotients_as_names(text), matrices=True)
        self.tree = tree
        about = set(self.targets)
        references = {name: book.reference(name, about) for name in names(tree)}
        start = given_point(book.root)
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

        self._require_fitting(book, shape(called(given_point(book.root))))

        def at(point: Point) -> Rounded:
            numbers = [plain(x) for x in elements(called(point))]
            return numbers, [64 * EPSILON * abs(x) for x in numbers]

        self.at = at

    def _from_numbers(self, book: Book, right_side: object) -> None:
        claimed = array(right_side, self.name or "the claim")
        self._require_fitting(book, shape(claimed))
        numbers = [plain(x) for x in elements(claimed)]
        self.source = f"numbers {shape(claimed)}" if shape(claimed) else repr(right_side)
        self.numeric, self.everywhere = True, False
        self.tolerance = [min(5e-4, max(1e-8, _half_a_digit(x))) for x in numbers]
        self.at = lambda _: (numbers, [0.0 for _ in self.targets])

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


def _floats(what: Quantity) -> object:
    """What a user's function gets: numbers, and arrays of float64."""
    return what if isinstance(what, Value | float) else what.astype(float)


def _half_a_digit(x: float) -> float:
    """Half a unit of the last digit that x is written with, in proportion to x."""
    if x == 0 or not math.isfinite(x):
        return 0.0
    mantissa, _, _ = repr(abs(x)).partition("e")
    digits = len(mantissa.replace(".", "").strip("0")) or 1
    return 0.5 * 10.0 ** (1 - digits)
