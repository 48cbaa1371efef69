"""The back end for pages: the rows as JavaScript functions of numbers, so that a leaf can be edited without Python.

A formula becomes a JavaScript expression over ``A``, the arithmetic of ``viz/static/arithmetic.js``; tests compare
both languages over many points.

>>> print(_kernel(OPS["relu"], OPS["relu"].lines()))
(x) => { const y = ((x <= 0) ? 0 : x); const dx = ((x <= 0) ? null : 1); return [y, [dx]]; }
"""

from __future__ import annotations

import ast
import json
from functools import cache

from .arithmetic import SCALARS
from .language import Rewriter, needed, rewritten
from .ops import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .op import Op

_SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "===",
    ast.NotEq: "!==",
    ast.And: "&&",
    ast.Or: "||",
    ast.USub: "-",
}


def twin() -> str:
    """``const OPS = {...}``: per row its kernel, ``computed(...inputs) => [y, partials]``.

    A row with lines of its own for its numbers also has ``textbook``, the kernel of the formulas that are shown.
    """
    return "const OPS = {\n" + "".join(f"  {json.dumps(op.name)}: {_row(op)},\n" for op in OPS.values()) + "};\n"


@cache
def _row(op: Op) -> str:
    parts = [f"lists: {json.dumps(op.lists)}", f"computed: {_kernel(op, op.lines())}"]
    if op.computed:
        parts.append(f"textbook: {_kernel(op, op.textbook().lines())}")
    return "{ " + ", ".join(parts) + " }"


def _kernel(op: Op, lines: Iterable[tuple[str, str]]) -> str:
    partials = [f"d{name}" for name in op.inputs]
    trees = rewritten(op, needed(lines, "y", *partials), Rewriter())
    body = [f"const {name} = {_written(tree)};" for name, tree in trees]
    return f"({', '.join(op.inputs)}) => {{ {' '.join(body)} return [y, [{', '.join(partials)}]]; }}"


def _written(tree: ast.expr) -> str:
    """A formula; ``null`` is a structural zero, an edge that does not exist."""
    match tree:
        case ast.Constant(None):
            return "null"
        case ast.Constant(value):
            return repr(value).removesuffix(".0")
        case ast.Name(name):
            return f"A.{name}" if name in SCALARS else name
        case ast.BinOp(left, ast.Pow(), right):
            return f"A.power({_written(left)}, {_written(right)})"
        case ast.BinOp(left, op, right):
            return f"({_written(left)} {_SIGNS[type(op)]} {_written(right)})"
        case ast.UnaryOp(sign, operand):
            return f"({_SIGNS[type(sign)]}{_written(operand)})"
        case ast.Compare(left, [sign], [right]):
            return f"({_written(left)} {_SIGNS[type(sign)]} {_written(right)})"
        case ast.BoolOp(op, values):
            return "(" + f" {_SIGNS[type(op)]} ".join(map(_written, values)) + ")"
        case ast.IfExp(test, body, orelse):
            return f"({_written(test)} ? {_written(body)} : {_written(orelse)})"
        case ast.Call(function, arguments):
            return f"{_written(function)}({', '.join(map(_written, arguments))})"
        case ast.ListComp(element, [loop]):
            return f"{_written(loop.iter)}.map(({_written(loop.target)}) => {_written(element)})"
        case ast.Tuple(variables):
            return f"[{', '.join(map(_written, variables))}]"
    raise TypeError(f"no JavaScript for {ast.unparse(tree)}")
