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
from ..formulas.text import operation
from ..table.arithmetic import SCALARS
from ..value import Value
from .point import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
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
            tree = simple(_Substituted(self, node, slot).visit(_partial(node.op, slot, len(graph.stored(node)))))
        except _TooLongError:
            tree = ast.Constant(value or 0.0)
        return ZERO if value is None else tree

    def link(self, link: Link) -> ast.expr:
        """∂upper/∂lower, a sum over the routes of products over the edges."""
        return total(product(self.local(step) for step in route) for route in link.routes)


# --- from a row's partial to a tree ---------------------------------------------------------------------

_SIGNS = {ast.LtE: "≤>", ast.Lt: "<≥", ast.Gt: ">≤", ast.GtE: "≥<", ast.Eq: "=≠", ast.NotEq: "≠="}


class _TooLongError(Exception):
    """The partial is better given as a number."""


def _partial(op: Op, slot: int, size: int) -> ast.expr:
    """The partial of a row for a flat input, parsed afresh."""
    at, _ = place(op, slot, size)
    return ast.parse(op.by_hand[at], mode="eval").body


def place(op: Op, slot: int, size: int) -> tuple[int, int]:
    """Which of the row's inputs a flat input is, and its index if that is a list."""
    sizes = [len(part) if isinstance(part, list) else 1 for part in op.split(range(size))]
    for at, length in enumerate(sizes):
        if slot < length:
            return at, slot
        slot -= length
    raise IndexError(f"{op.name} has no input {slot}")


class _Substituted(ast.NodeTransformer):
    """Puts a node's inputs in the places of the row's; ``y`` is the node itself."""

    def __init__(self, symbols: Symbols, node: Value, slot: int) -> None:
        assert node.op is not None
        operands = graph.stored(node)
        data = symbols.point.data
        numbers = [data[v] if v in data else v.data if isinstance(v, Value) else v for v in operands]
        self.trees: dict[str, Any] = dict(zip(node.op.inputs, node.op.split(operands), strict=True))
        self.numbers: dict[str, Any] = dict(zip(node.op.inputs, node.op.split(numbers), strict=True))
        self.trees["y"] = node
        self.numbers |= {"y": data[node], "i": place(node.op, slot, len(operands))[1]}
        self.symbols = symbols

    def number(self, tree: ast.expr) -> Any:
        """What a piece of the row is at this point; the row is ours, no user's text is in it."""
        code = compile(ast.fix_missing_locations(ast.Expression(tree)), "<row>", "eval")
        return eval(code, SCALARS | self.numbers | {"__builtins__": {}})

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "pi":
            return self.symbols.pi
        if isinstance(self.trees.get(node.id), Value | float | int):
            return self.symbols.node(self.trees[node.id])
        raise _TooLongError

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        holds = bool(self.number(node.test))
        match node.test:
            case ast.Compare(ast.Name(name), [comparison], [ast.Name() | ast.Constant() as other]):
                if self._moves(name):
                    sign = _SIGNS[type(comparison)][not holds]
                    self.symbols.conditions[
                        f"{noted(self.visit(node.test.left))} {sign} {noted(self.visit(other))}"
                    ] = None
        chosen: ast.expr = self.visit(node.body if holds else node.orelse)
        return chosen

    def _moves(self, name: str) -> bool:
        """Whether an input is no constant."""
        return isinstance(self.trees.get(name), Value) and self.trees[name] in self.symbols.point.data

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        assert isinstance(node.value, ast.Name)
        return self.symbols.node(self.trees[node.value.id][int(self.number(node.slice))])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(ast.Name("len"), _):
                return ast.Constant(float(self.number(node)))
            case ast.Call(ast.Name("sign"), _):
                return ast.Constant(float(self.number(node)))
            case ast.Call(ast.Name("sum"), [ast.GeneratorExp(ast.Call(ast.Name("exp")))]):
                terms = [ast.Call(ast.Name("exp", ast.Load()), [self.symbols.node(v)], []) for v in self.trees["x"]]
                if len(terms) > 8:
                    raise _TooLongError
                return total(terms)
            case ast.Call(ast.Name("prod"), [ast.GeneratorExp()]):
                factors = [v for at, v in enumerate(self.trees["x"]) if at != self.numbers["i"]]
                if len(factors) > 8:
                    raise _TooLongError
                return product([self.symbols.node(v) for v in factors])
            case ast.Call(ast.Name("sum" | "mean")):
                return ast.Constant(float(self.number(node)))
        node.args = [self.visit(argument) for argument in node.args]
        return node
