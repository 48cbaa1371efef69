"""How handwritten notes write a formula: a·(1 − a), x², σ(z)."""

from __future__ import annotations

import ast
import math
import re

from ..table.ops import OPS
from .digits import short
from .naming import SUPERSCRIPTS, numbered
from .symbols import ATOM, POWER, PRODUCT, SUM, UNARY
from .text import Text, enclosed, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..table.op import Op
    from .text import Piece


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


def noted(tree: ast.expr) -> str:
    """The tree as in handwritten notes."""
    return write(tree, Notes())


def partial_name(of: str, wrt: str) -> ast.Name:
    """The name ∂L/∂w, in a tree."""
    return ast.Name(f"∂{bracketed(of)}/∂{bracketed(wrt)}", ast.Load())


def bracketed(name: str) -> str:
    """A name behind a ∂: in parentheses if it is a formula."""
    return name if re.fullmatch(r"[^\W\d][\w\[\],()⁽⁾]*", name) else f"({name})"
