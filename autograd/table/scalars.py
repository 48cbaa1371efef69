"""The back end for scalars: a row's formulas as a Python function of floats.

>>> from autograd.table.ops import OPS
>>> print(scalar_kernel(OPS["hypot"], ("a",)).source)
def kernel(a, b):
    y = hypot(a, b)
    da = None if y == 0.0 else a / y if y else div(a, y)
    return y, da
"""

from __future__ import annotations

import ast

from .arithmetic import SCALARS
from .language import Rewriter, call, function, needed, rewritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .op import Kernel, Op


def scalar_kernel(op: Op, wanted: Sequence[str]) -> Kernel:
    """``kernel(*inputs) -> (y, dy/dinput of each wanted input)`` for floats and lists; a structural zero is None."""
    results = ["y", *(f"d{x}" for x in wanted)]
    lines = rewritten(op, needed(op.lines(), *results), _Scalars())
    return function(op, op.inputs, lines, f"return {', '.join(results)}", SCALARS)


class _Scalars(Rewriter):
    """Divisions and powers follow IEEE 754, where Python would raise."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(a, ast.Pow(), b):
                return call("power", a, b)
            case ast.BinOp(a, ast.Div(), ast.Name() as b):  # a/b if b else div(a, b): the call is rarely needed
                return ast.IfExp(b, node, call("div", a, b))
            case ast.BinOp(a, ast.Div(), b):
                return call("div", a, b)
        return node
