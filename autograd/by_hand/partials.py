"""Local derivatives as formulas, in the names of the graph: ∂a/∂z = a·(1 − a).

They are read off the table: the row's partial, with the names of the node's inputs for the row's own. A choice
(``0 if x <= 0 else 1``) is made by the numbers of the graph; what cannot be written short becomes its number.
"""

from __future__ import annotations

import ast
import math

from .. import graph
from ..formulas.algebra import ZERO, product, simple, total
from ..formulas.naming import Names
from ..formulas.notes import noted
from ..formulas.rows import WrittenOut
from ..formulas.symbols import COMPARISONS, OPPOSITES
from ..formulas.text import operation
from ..value import Value
from .point import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..table.op import Op
    from .links import Link, Step


class Symbols:
    """Writes the nodes and the derivatives of one graph, in the names of its nodes, at one point."""

    def __init__(self, names: Names, point: Point) -> None:
        self.names = names
        self.pi: ast.expr = ast.Name("pi", ast.Load()) if names.is_free("pi") else ast.Constant(math.pi)
        self.point = point
        self.conditions: dict[str, None] = {}  # what the choices so far rest on: "z > 0"
        self._trees: dict[Value, ast.expr] = {}

    def node(self, node: Any) -> ast.expr:
        """A node by its name; one without a name by its formula; a number as itself."""
        if not isinstance(node, Value):
            return ast.Constant(node)
        if node.op is None and not node.label:
            return ast.Constant(self.point.data.get(node, node.data))
        if node in self.names or node.op is None:
            return ast.Name(self.names.get(node, node.label), ast.Load())
        if node not in self._trees:
            self._trees[node] = operation(node.op, [self.node(v) for v in graph.stored(node)], 8)
        return self._trees[node]

    def local(self, step: Step) -> ast.expr:
        """The local derivative along one edge."""
        node, slot = step
        value = self.point.local[node][slot]
        assert node.op is not None
        try:
            tree = simple(_AtPoint(self, node, slot).read(_partial(node.op, slot, len(graph.stored(node)))))
        except _TooLongError:
            tree = ast.Constant(value or 0.0)
        return ZERO if value is None else tree

    def link(self, link: Link) -> ast.expr:
        """∂upper/∂lower, a sum over the routes of products over the edges."""
        return total(product(self.local(step) for step in route) for route in link.routes)


# --- from a row's partial to a tree ---------------------------------------------------------------------


class _TooLongError(Exception):
    """The partial is better given as a number."""


def _partial(op: Op, slot: int, size: int) -> str:
    """The partial of a row for a flat input."""
    at, _ = place(op, slot, size)
    return op.by_hand[at]


def place(op: Op, slot: int, size: int) -> tuple[int, int]:
    """Which of the row's inputs a flat input is, and its index if that is a list."""
    sizes = [len(part) if isinstance(part, list) else 1 for part in op.split(range(size))]
    for at, length in enumerate(sizes):
        if slot < length:
            return at, slot
        slot -= length
    raise IndexError(f"{op.name} has no input {slot}")


class _AtPoint(WrittenOut):
    """The partial of a node for one of its inputs: the numbers of the graph decide every branch."""

    def __init__(self, symbols: Symbols, node: Value, slot: int) -> None:
        assert node.op is not None
        operands = graph.stored(node)
        data = symbols.point.data
        numbers = [data[v] if v in data else v.data if isinstance(v, Value) else v for v in operands]
        known = dict(zip(node.op.inputs, node.op.split(numbers), strict=True))
        self.operands = dict(zip(node.op.inputs, node.op.split(operands), strict=True)) | {"y": node}
        lists = {x: v for x, v in self.operands.items() if isinstance(v, list)}
        at = place(node.op, slot, len(operands))[1]
        super().__init__({"pi": symbols.pi}, known | {"y": data[node], "i": at}, lists)
        self.symbols = symbols

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.places:
            return self.places[node.id]
        if node.id not in self.operands or node.id in self.lists:
            raise _TooLongError
        return self.symbols.node(self.operands[node.id])

    def element(self, x: str, at: int) -> ast.expr:
        return self.symbols.node(self.operands[x][at])

    def decided(self, test: ast.expr, holds: bool) -> None:
        match test:
            case ast.Compare(ast.Name(name) as left, [comparison], [ast.Name() | ast.Constant() as right]):
                operand = self.operands.get(name)
                if isinstance(operand, Value) and operand in self.symbols.point.data:  # it is no constant
                    sign = COMPARISONS[type(comparison) if holds else OPPOSITES[type(comparison)]]
                    condition = f"{noted(self.rewritten(left))} {sign} {noted(self.rewritten(right))}"
                    self.symbols.conditions[condition] = None

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(ast.Name("sum"), [ast.GeneratorExp(ast.Call(ast.Name("exp")))]):
                pass
            case ast.Call(ast.Name("sum" | "mean" | "sign")):  # a number says more
                number = self.known(node)
                assert number is not None
                return ast.Constant(float(number))
        return super().visit_Call(node)

    def over(self, function: str, elements: ast.Name | ast.GeneratorExp) -> ast.expr:
        is_list = isinstance(elements, ast.GeneratorExp) or elements.id in self.lists
        if is_list and (function not in ("sum", "prod") or isinstance(elements, ast.Name)):
            raise _TooLongError
        if is_list and max(map(len, self.lists.values())) > 9:  # one may be left out: ∂/∂x1 of a product
            raise _TooLongError
        return super().over(function, elements)

    def sum_of(self, terms: Sequence[ast.expr]) -> ast.expr:
        return total(_short(terms))

    def product_of(self, factors: Sequence[ast.expr]) -> ast.expr:
        return product(_short([x for x in factors if not (isinstance(x, ast.Constant) and x.value == 1)]))


def _short(trees: Sequence[ast.expr]) -> Sequence[ast.expr]:
    if len(trees) > 8:
        raise _TooLongError
    return trees
