"""The trees of one text: each knows its place in the text, and the shape of what it stands for."""

from __future__ import annotations

import ast

from ...functions import FUNCTION_NAMES
from ...number import shortened
from ...table.ops import OPS
from ..symbols import POWER, PRODUCT, SYNTAX
from ..text import Text, write
from .words import at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...errors import FormulaError

    Shape = tuple[int, ...]

_SYNTAX = SYNTAX | {"@": ast.MatMult}


class Trees:
    """Makes the trees of a text. ``changed`` is whether anything was read that is not typed as it is written out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.changed = False
        self._shapes: dict[ast.expr, Shape] = {}

    def placed(self, tree: ast.expr, start: int, end: int, shape: Shape = ()) -> ast.expr:
        """The tree, which stands there in the text."""
        tree.lineno = tree.end_lineno = 1
        tree.col_offset, tree.end_col_offset = start, end
        if shape:
            self._shapes[tree] = shape
        return tree

    def shape(self, tree: ast.expr) -> Shape:
        return self._shapes.get(tree, ())

    def binary(self, left: ast.expr, sign: str, right: ast.expr) -> ast.expr:
        a, b = self.shape(left), self.shape(right)
        shape = a[:-1] + b[1:] if sign == "@" and a and b else _broadcast(a, b)
        tree = ast.BinOp(left, _SYNTAX[sign](), right)
        return self.placed(tree, left.col_offset, right.end_col_offset or 0, shape)

    def unary(self, sign: str, operand: ast.expr, start: int) -> ast.expr:
        tree = ast.UnaryOp(ast.USub() if sign == "-" else ast.UAdd(), operand)
        return self.placed(tree, start, operand.end_col_offset or 0, self.shape(operand))

    def transposed(self, tree: ast.expr, end: int) -> ast.expr:
        turned = ast.Attribute(tree, "T", ast.Load())
        return self.placed(turned, tree.col_offset, end, self.shape(tree)[::-1])

    def number(self, value: float, start: int, end: int) -> ast.expr:
        return self.placed(ast.Constant(value), start, end)

    def name(self, name: str, start: int, end: int, shape: Shape = ()) -> ast.expr:
        return self.placed(ast.Name(name, ast.Load()), start, end, shape)

    def call(self, name: str, arguments: list[ast.expr], keywords: list[ast.keyword], start: int, end: int) -> ast.expr:
        """A function of the table, element by element; or of a list, which is one number."""
        function = self.name(name, start, start)
        shape: Shape = ()
        op = OPS.get(FUNCTION_NAMES.get(name, ""))
        if op is not None and op.n_lists and keywords and arguments:
            shape = _reduced(self.shape(arguments[0]), keywords)
        elif op is None or not op.n_lists:
            for argument in arguments:
                shape = _broadcast(shape, self.shape(argument))
        return self.placed(ast.Call(function, arguments, keywords), start, end, shape)

    def beside(self, left: ast.expr, right: ast.expr) -> str:
        """The sign of the product of two factors without a sign: @ where the shapes say so."""
        a, b = self.shape(left), self.shape(right)
        if not a or not b:
            return "*"
        if len(a) == len(b) == 1:
            return "@" if isinstance(left, ast.Attribute) else "*"
        return "*" if a == b and a[-1] != b[0] else "@"

    def source(self, tree: ast.expr) -> str:
        """The piece of the text that a tree was read from, in one line."""
        return shortened(" ".join(self.text[tree.col_offset : tree.end_col_offset].split()))

    def at(self, problem: str, place: int) -> FormulaError:
        return at(problem, self.text, place)


def _broadcast(a: Shape, b: Shape) -> Shape:
    if len(a) != len(b):
        return max(a, b, key=len)
    return tuple(map(max, zip(a, b, strict=True)))


def _reduced(shape: Shape, keywords: list[ast.keyword]) -> Shape:
    """The shape of a sum over an axis."""
    values = {word.arg: word.value.value for word in keywords if isinstance(word.value, ast.Constant)}
    kept = values.get("keepdims") is True
    axis = values.get("axis")
    if axis not in range(len(shape)):
        return ()
    return tuple(1 if at_axis == axis else n for at_axis, n in enumerate(shape) if kept or at_axis != axis)


def piece(tree: ast.expr, least: int = PRODUCT) -> str:
    """The tree as text, in parentheses unless it holds together so tightly."""
    text = write(tree, Text())
    return text if Text().pieces(tree)[0] >= least else f"({text})"


def factors(trees: list[ast.expr]) -> str:
    """A product as text."""
    return "*".join(piece(tree, PRODUCT if at_tree == 0 else POWER) for at_tree, tree in enumerate(trees))
