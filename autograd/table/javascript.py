"""The table of operations in JavaScript, written from its rows: what lets an offline page edit a leaf.

The formulas are a small part of Python's expressions (``table/op.py``). Each becomes a JavaScript expression
over ``A``, the arithmetic of ``static/arithmetic.js``; tests compare both languages over many points.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from functools import cache

from autograd.table.arithmetic import EVERYWHERE, SCALARS
from autograd.table.op import Op
from autograd.table.ops import OPS

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
_NAMES = SCALARS.keys() | EVERYWHERE.keys()


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
    body = []
    for name, text in lines:
        formula = ast.parse(text, mode="eval").body
        body.append(f"const {name} = {_partial(formula) if name in partials else _written(formula)};")
    return f"({', '.join(op.inputs)}) => {{ {' '.join(body)} return [y, [{', '.join(partials)}]]; }}"


def _partial(tree: ast.expr) -> str:
    """A partial derivative, its structural zeros written ``null``: an edge that does not exist."""
    match tree:
        case ast.IfExp(test, body, orelse):
            return f"({_written(test)} ? {_partial(body)} : {_partial(orelse)})"
        case ast.Constant(0):
            return "null"
        case ast.ListComp(element, [loop]):
            return _mapped(_partial(element), loop)
    return _written(tree)


def _written(tree: ast.expr) -> str:
    match tree:
        case ast.Constant(value):
            return repr(value)
        case ast.Name(name):
            return f"A.{name}" if name in _NAMES else name
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
        case ast.Subscript(xs, index):
            return f"A.pick({_written(xs)}, {_written(index)})"
        case ast.ListComp(element, [loop]) | ast.GeneratorExp(element, [loop]):
            return _mapped(_written(element), loop)
    raise TypeError(f"no JavaScript for {ast.unparse(tree)}")


def _mapped(element: str, loop: ast.comprehension) -> str:
    target = loop.target
    variable = f"[{', '.join(map(_written, target.elts))}]" if isinstance(target, ast.Tuple) else _written(target)
    return f"{_written(loop.iter)}.map(({variable}) => {element})"
