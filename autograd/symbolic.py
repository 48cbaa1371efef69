"""Local derivatives as formulas, in the names of the graph: ∂a/∂z = a·(1 − a).

They are read off the table: the row's partial, with the names of the node's inputs for the row's own. A choice
(``0 if x <= 0 else 1``) is made by the numbers of the graph; what cannot be written short becomes its number.
"""

from __future__ import annotations

import ast
import math
import re

from . import graph
from .arithmetic import SCALARS
from .naming import SUPERSCRIPTS, Names, numbered
from .notation import ATOM, POWER, PRODUCT, SUM, UNARY, Text, enclosed, operation, write
from .ops import OPS
from .points import Point
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .blocks import Block, Step
    from .notation import Piece
    from .row import Op

ZERO, ONE, MINUS_ONE = (ast.Constant(x) for x in (0.0, 1.0, -1.0))


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

    def block(self, block: Block) -> ast.expr:
        """∂upper/∂lower, a sum over the routes of products over the edges."""
        return total(product(self.local(step) for step in route) for route in block.routes)


def partial_name(of: str, wrt: str) -> ast.Name:
    """The name ∂L/∂w, in a tree."""
    return ast.Name(f"∂{bracketed(of)}/∂{bracketed(wrt)}", ast.Load())


def bracketed(name: str) -> str:
    """A name behind a ∂: in parentheses if it is a formula."""
    return name if re.fullmatch(r"[^\W\d][\w\[\],()⁽⁾]*", name) else f"({name})"


# --- small algebra: what any reader would do in their head ----------------------------------------------


def product(factors: Iterable[ast.expr]) -> ast.expr:
    """The product, without factors 1 and parentheses in it; a minus moves to the front."""
    result: ast.expr | None = None
    negative = False
    left = list(factors)[::-1]
    while left:
        factor = left.pop()
        if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Mult):
            left += [factor.right, factor.left]
            continue
        while isinstance(factor, ast.UnaryOp):
            factor, negative = factor.operand, not negative
        if isinstance(factor, ast.Constant) and isinstance(factor.value, int | float):
            if factor.value == 0:
                return ZERO
            if factor.value < 0:
                factor, negative = ast.Constant(-factor.value), not negative
            if factor.value == 1:
                continue
        match result, factor:
            case None, _:
                result = factor
            case ast.expr(), ast.BinOp(ast.Constant(1), ast.Div(), divisor):
                result = ast.BinOp(result, ast.Div(), divisor)
            case ast.Name(a), ast.Name(b) if a == b:
                result = ast.BinOp(result, ast.Pow(), ast.Constant(2.0))
            case ast.expr(), _:
                result = ast.BinOp(result, ast.Mult(), factor)
    result = ONE if result is None else result
    return negated(result) if negative else result


def negated(tree: ast.expr) -> ast.expr:
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float):
        return ast.Constant(-tree.value)
    return ast.UnaryOp(ast.USub(), tree)


def total(terms: Iterable[ast.expr]) -> ast.expr:
    """The sum, without terms 0; a term with a minus is subtracted."""
    result: ast.expr | None = None
    for term in terms:
        if isinstance(term, ast.Constant) and term.value == 0:
            continue
        if result is None:
            result = term
        elif isinstance(term, ast.UnaryOp):
            result = ast.BinOp(result, ast.Sub(), term.operand)
        else:
            result = ast.BinOp(result, ast.Add(), term)
    return ZERO if result is None else result


def simple(tree: ast.expr) -> ast.expr:
    """The tree without what substitution leaves behind: 1·x, x**1, 2 - 1."""
    match tree:
        case ast.BinOp(left, ast.Mult(), right):
            return product([simple(left), simple(right)])
        case ast.BinOp(left, ast.Sub(), right):
            left, right = simple(left), simple(right)
            if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
                return ast.Constant(left.value - right.value)  # type: ignore[operator]
            return ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left, ast.Div(), right):
            left, right = simple(left), simple(right)
            if isinstance(left, ast.UnaryOp):
                return negated(ast.BinOp(left.operand, ast.Div(), right))
            return ast.BinOp(left, ast.Div(), right)
        case ast.BinOp(left, ast.Pow(), right):
            left, right = simple(left), simple(right)
            if isinstance(right, ast.Constant) and right.value == 1:
                return left
            return ast.BinOp(left, ast.Pow(), right)
        case ast.UnaryOp(ast.USub(), operand):
            return negated(simple(operand))
    return tree


# --- from a row's partial to a tree ---------------------------------------------------------------------

# Where the row is written for the digits, a reader wants the textbook's form.
_TEXTBOOK = {("/", 1): "-a/b**2", ("sqrt", 0): "1/(2*y)"}


_SIGNS = {ast.LtE: "≤>", ast.Lt: "<≥", ast.Gt: ">≤", ast.GtE: "≥<", ast.Eq: "=≠", ast.NotEq: "≠="}


class _TooLongError(Exception):
    """The partial is better given as a number."""


def _partial(op: Op, slot: int, size: int) -> ast.expr:
    """The partial of a row for a flat input, parsed afresh."""
    at, _ = place(op, slot, size)
    return ast.parse(_TEXTBOOK.get((op.name, at), op.partials[at]), mode="eval").body


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


# --- how the notes write ----------------------------------------------------------------------------------


class Notes(Text):
    """Formulas as in handwritten notes: a·(1 − a), x², σ(z). For reading; ``to_text`` writes what is read back."""

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        if isinstance(tree, ast.UnaryOp):
            return UNARY, ["−", (tree.operand, PRODUCT, False)]
        return super().pieces(tree)

    def is_raised(self, label: str) -> bool:
        return numbered(label)[1] != ""

    def number(self, x: float) -> tuple[int, list[Piece]]:
        if math.copysign(1, x) < 0 and x != 0:
            return UNARY, [short(x)]
        return ATOM, [short(abs(x))]

    def operation(self, op: Op, operands: list[ast.expr]) -> tuple[int, list[Piece]]:
        a, b = operands
        if op.infix == POWER:
            if isinstance(b, ast.Constant) and isinstance(b.value, int | float) and float(b.value).is_integer():
                return POWER, [(a, ATOM, True), f"{b.value:.0f}".translate(SUPERSCRIPTS)]
            return POWER, [(a, ATOM, True), "^", (b, ATOM, True)]
        sign = {"+": " + ", "-": " − ", "*": "·", "/": "/", "%": " mod "}[op.name]
        level = SUM if op.infix == SUM else PRODUCT
        return level, [(a, level, True), sign, (b, level + 1, False)]

    def call(self, name: str, arguments: list[ast.expr]) -> tuple[int, list[Piece]]:
        op = OPS.get(name)
        if op is not None and op.name == "abs":
            return ATOM, ["|", enclosed(arguments[0]), "|"]
        return super().call(op.symbol.replace(" ", "_") if op and op.symbol != "Σ" else name, arguments)


def short(x: float) -> str:
    """Up to seven significant digits."""
    return f"{x + 0.0:.7g}".replace("-", "−")


def noted(tree: ast.expr) -> str:
    """The tree as in handwritten notes."""
    return write(tree, Notes())
