"""Nodes of a program as expressions of arrays: which name they have, which rows of it they are.

As in the listing, what varies has its examples along the last axis: (n, m), of several places (p, n, m). What all
examples share is a matrix (k, n), a column (n, 1), or a number ().
"""

from __future__ import annotations

import ast
import builtins
import keyword
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np

from ...table.language import variable
from ..listing.names import period
from .rows import placed, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...table.idioms import Library
    from ..blocks import Blocks
    from ..listing.names import Names, Nodes, Variable

    Shape = tuple[int | str, ...]
    """With "m" for the number of examples."""


@dataclass(frozen=True)
class Code:
    """An expression, and the shape of its array; of one whose rows are all the same it may be that of one row."""

    tree: ast.expr
    shape: Shape

    @property
    def size(self) -> int:
        """Without the examples."""
        return int(np.prod([n for n in self.shape if isinstance(n, int)], dtype=int))

    @property
    def varying(self) -> bool:
        return self.shape[-1:] == ("m",)


@dataclass(frozen=True)
class Line:
    """``name = tree  # note``; what is there already may be added to; without a tree only the note."""

    name: str
    tree: ast.expr | None
    note: str = ""
    adds: bool = False

    @cached_property
    def text(self) -> str:
        if self.tree is None:
            return f"# {self.note}"
        right = written(self.tree)
        return f"{self.name} {'+=' if self.adds else '='} {right}" if self.name else right


class Expressions:
    """What stands for nodes of a program in one library. With a ``d`` it is their gradient."""

    def __init__(self, blocks: Blocks, names: Names, library: Library, reserved: Iterable[str]) -> None:
        self.names, self.library = names, library
        self.constants = blocks.tape.constants
        self.identifiers: dict[Variable, str] = {}
        self.used = {*reserved, *dir(builtins)}
        for named in names.variables:
            self.identifiers[named] = identifier("_".join(named.names), self.used)

    def fill(self, template: str, **places: ast.expr) -> ast.expr:
        """An expression with others in the places of names."""
        return placed(self.library, template.replace("xp.", f"{self.library.alias}."), places)

    # -- variables ---------------------------------------------------------------------------------------------

    def shape(self, variable: Variable) -> Shape:
        if variable.varying:
            return (*variable.shape, "m")
        return (*variable.shape, 1) if len(variable.shape) == 1 else variable.shape

    def whole(self, variable: Variable, d: str = "") -> Code:
        return Code(_name(d + self.identifiers[variable]), self.shape(variable))

    def flat(self, variable: Variable, d: str = "") -> Code:
        """All its nodes, each in a row."""
        return self.fitted(self.whole(variable, d), (variable.nodes.size, "m" if variable.varying else 1))

    def named(self, nodes: Nodes, shape: Shape, d: str = "") -> Code | None:
        """The variable whose nodes are all these, in this order, if it has that shape."""
        variable = self.names.whole(nodes.ravel())
        return self.whole(variable, d) if variable is not None and self.shape(variable) == shape else None

    def line(self, variable: Variable, tree: ast.expr, d: str = "") -> Line:
        """The line that computes a variable, with its shape."""
        return Line(d + self.identifiers[variable], tree, shape_note(self.shape(variable)))

    # -- nodes -------------------------------------------------------------------------------------------------

    def rows(self, nodes: Nodes, d: str = "", every: bool = False) -> Code:
        """Each node in a row; unless it is to be ``every`` row, one that all are is there once, or as a number."""
        nodes = nodes.ravel()
        if not every:
            values = self.names.values(nodes)
            if len(set(values)) == 1:
                return Code(ast.Constant(values[0]), ())
            nodes, _ = period(nodes)
        owners = self.names.owner[nodes]
        cuts = np.flatnonzero(np.diff(owners)) + 1
        distinct = list(dict.fromkeys(owners.tolist()))
        if cuts.size < len(distinct):  # each variable is there once
            return self.joined([self._part(some, d, every) for some in np.split(nodes, cuts)])
        parts = [self.names.variables[k].nodes if k >= 0 else np.unique(nodes[owners == k]) for k in distinct]
        place = {node: at for at, node in enumerate(np.concatenate(parts).tolist())}
        whole = self.joined([self._part(part, d, True) for part in parts])
        return self.chosen(whole, np.array([place[node] for node in nodes.tolist()], np.intp))

    def shaped(self, nodes: Nodes, shape: Shape, d: str = "", every: bool = False) -> Code:
        """Nodes as an operand of what has a shape: in that shape, or in one that is broadcast to it."""
        if not shape:
            return self.number(int(nodes.ravel()[0]), d)
        if named := self.named(nodes, shape, d):
            return named
        code = self.rows(nodes, d, every)
        if len(code.shape) < 2 or (code.shape[0] == 1 and not every):
            return code
        return self.fitted(code, (*shape[:-1], code.shape[-1]) if shape[-1] == "m" else shape)

    def spread(self, nodes: Nodes, shape: Shape) -> Code:
        """Nodes in a shape, also where all examples share them."""
        return self.widened(self.shaped(nodes, shape, every=True), shape)

    def operands(self, operands: Sequence[Nodes], shape: Shape) -> list[Code]:
        """Operands of what has a shape, so that what becomes of them has it too."""
        codes = [self.shaped(nodes, shape) for nodes in operands]
        size = Code(ast.Constant(0), shape).size
        if all(code.size < size for code in codes):
            codes[-1] = self.shaped(operands[-1], shape, every=True)
        return codes

    def number(self, node: int, d: str = "") -> Code:
        """A node that all examples share, as a number."""
        owner = self.names.owner[node]
        if owner < 0:
            return Code(ast.Constant(self.constants[node]), ())
        variable = self.names.variables[owner]
        code = self.whole(variable, d)
        if not code.shape:
            return code
        at = np.unravel_index(int(self.names.index[node]), variable.shape)
        index = [*map(int, at)] if len(variable.shape) > 1 else [int(at[0]), 0]
        return Code(_item(code.tree, ast.Tuple([ast.Constant(k) for k in index], ast.Load())), ())

    def matrix(self, w: Nodes) -> Code:
        """Weights (k, n); those of a matrix that another block has named may be its transpose."""
        if named := self.named(w, w.shape):
            return named
        if min(w.shape) > 1 and (transposed := self.named(w.T, w.T.shape)):
            return Code(self.fill("a.T", a=transposed.tree), w.shape)
        return self.fitted(self.rows(w, every=True), w.shape)

    # -- shapes ------------------------------------------------------------------------------------------------

    def fitted(self, code: Code, shape: Shape) -> Code:
        """The same elements in another shape."""
        if code.shape == shape:
            return code
        match code.tree:
            case ast.Constant():
                tree = self.array([code.tree])
            case ast.Call(ast.Attribute(tree, "reshape")):
                pass
            case tree:
                pass
        arguments = [_size(n) for n in shape] or [sizes(())]
        return Code(self.call(tree, "reshape", *arguments), shape)

    def widened(self, code: Code, shape: Shape) -> Code:
        """The same for every example, row and element of a shape."""
        if code.shape == shape:
            return code
        wide = self.fill("xp.broadcast_to(a, shape)", a=code.tree, shape=sizes(shape))
        return Code(wide, shape)

    def chosen(self, code: Code, at: Nodes) -> Code:
        """Rows of an array whose nodes stand in rows."""
        if np.array_equal(at, np.arange(code.shape[0])):
            return code
        return Code(_item(code.tree, self.index(at)), (at.size, *code.shape[1:]))

    def index(self, at: Nodes) -> ast.expr:
        """``2:5``, ``0:9:3``, ``[0, 2, 5]``; rows are rows, one too."""
        first, steps = int(at[0]), np.unique(np.diff(at))
        if at.size == 1 or (steps.size == 1 and steps[0] > 0):
            step = int(steps[0]) if at.size > 1 else 1
            start, stop = (ast.Constant(k) for k in (first, int(at[-1]) + 1))
            return ast.Slice(start, stop, ast.Constant(step) if step > 1 else None)
        places = ast.List([ast.Constant(k) for k in at.tolist()], ast.Load())
        return self.fill("jnp.array(places)", places=places) if self.library.alias == "jnp" else places

    def array(self, rows: Sequence[ast.expr]) -> ast.expr:
        """An array that is written out."""
        return self.fill(f"xp.{self.library.array}(rows)", rows=ast.List(list(rows), ast.Load()))

    def constant(self, number: ast.expr) -> ast.expr:
        """A plain number, as an array of none but itself."""
        return self.fill(f"xp.{self.library.array}(number)", number=number)

    def stacked(self, codes: Sequence[Code]) -> Code:
        """Arrays of one shape, one behind the other along a new first axis."""
        stack = self.fill("xp.stack(codes)", codes=ast.List([code.tree for code in codes], ast.Load()))
        return Code(stack, (len(codes), *codes[0].shape))

    def call(self, tree: ast.expr, method: str, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
        """A method of an array."""
        words = [ast.keyword(name, x) for name, x in keywords.items()]
        return ast.Call(ast.Attribute(tree, method, ast.Load()), list(arguments), words)

    def _part(self, nodes: Nodes, d: str, every: bool) -> Code:
        """Nodes of one variable, or constants."""
        owner = self.names.owner[nodes[0]]
        if owner < 0:
            column = [ast.List([ast.Constant(x)], ast.Load()) for x in self.names.values(nodes)]
            return Code(self.array(column), (nodes.size, 1))
        variable = self.names.variables[owner]
        at = self.names.index[nodes]
        if not variable.shape and nodes.size == 1:
            code = self.whole(variable, d)
            return self.fitted(code, (1, 1)) if every else code
        if len(variable.shape) == 2 and variable.varying:
            place, inside = np.divmod(at, variable.shape[1])
            if (place == place[0]).all():
                one = Code(_item(self.whole(variable, d).tree, ast.Constant(int(place[0]))), (variable.shape[1], "m"))
                return self.chosen(one, inside)
        return self.chosen(self.flat(variable, d), at)

    def joined(self, parts: Sequence[Code]) -> Code:
        """One below the other."""
        if len(parts) == 1:
            return parts[0]
        parts = [self.fitted(part, (1, 1)) if not part.shape else part for part in parts]
        last = "m" if any(part.varying for part in parts) else 1
        trees = [self.widened(part, (part.shape[0], last)).tree for part in parts]
        joined = self.fill(f"xp.{self.library.concatenate}(parts)", parts=ast.List(trees, ast.Load()))
        return Code(joined, (sum(part.size for part in parts), last))


def shape_note(shape: Shape) -> str:
    """``(16, m)``, ``number``."""
    return f"({', '.join(map(str, shape))})" if shape else "number"


def sizes(shape: Shape) -> ast.expr:
    """A shape, as a tuple."""
    return ast.Tuple([_size(n) for n in shape], ast.Load())


def _size(n: int | str) -> ast.expr:
    return variable(n) if isinstance(n, str) else ast.Constant(n)


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _item(tree: ast.expr, index: ast.expr) -> ast.expr:
    return ast.Subscript(tree, index, ast.Load())


def identifier(name: str, used: set[str]) -> str:
    """A name like this one that Python reads; neither it nor its gradient's is one of those used, to which they go."""
    letters = [x if f"_{x}".isidentifier() else "_" for x in unicodedata.normalize("NFKC", name)]
    name = "".join(letters).strip("_") or "v"
    name = name if name.isidentifier() else f"v{name}"
    name += "_" if keyword.iskeyword(name) else ""
    result = next(x for x in _numbered(name) if used.isdisjoint({x, f"d{x}"}))
    used |= {result, f"d{result}"}
    return result


def _numbered(name: str) -> Iterator[str]:
    """The name, and with 2, 3, … behind it."""
    yield name
    for n in count(2):
        yield f"{name}_{n}"
