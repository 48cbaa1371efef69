"""From the formulas of a row to NumPy code for whole blocks: k nodes on T examples at once.

An input of k nodes is an array (k, T), or (k, 1) where all examples share it; a list of n inputs is (n, k, T). A
comprehension over a list becomes one expression over the whole array, a condition a choice element by element. The
result is written into an array that is given.
"""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import cache

from .arithmetic import arrays
from .op import Op
from .scalars import needed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

UFUNCS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}


@cache
def forward(op: Op) -> Callable[..., None]:
    """``kernel(out, *inputs)`` writes the operation's value into ``out``."""
    *lines, (_, y) = needed(op.lines(), "y")
    return _compiled(op, ["out", *op.inputs], lines, _into(_Arrays().visit(y)))


@cache
def pullback(op: Op, name: str) -> Callable[..., None] | None:
    """``kernel(out, g, y, *inputs)`` writes what flows to an input, g · dy/dinput; None where nothing ever does.

    What a mask cuts off is a factor 0 here: so inf · 0 is nan where nothing should flow. ``exact_pullback`` does not
    make that mistake.
    """
    *lines, (_, partial) = needed(op.lines(), f"d{name}", given="y")
    match partial:
        case ast.Constant(0):
            return None
        case ast.Constant(1) | ast.ListComp(ast.Constant(1)):
            flow = _call("copyto", "out", "g")
        case ast.Constant(-1) | ast.UnaryOp(ast.USub(), ast.Constant(1)):
            flow = _call("negative", "g", "out")
        case ast.IfExp(test, ast.Constant(0), ast.Constant(1)) if _is_cut_at_zero(op, test):
            flow = _call("multiply", "g", _call("sign", "y"), "out")  # NumPy is twice as fast as with a condition
        case _:
            flow = _call("multiply", "g", _Arrays().factor(partial), "out")
    return _compiled(op, ["out", "g", "y", *op.inputs], lines, flow)


def _is_cut_at_zero(op: Op, test: ast.expr) -> bool:
    """Whether the value is 0 where x <= 0 and else x: then its slope, 0 or 1, is its sign."""
    match test, needed(op.lines(), "y"):
        case ast.Compare(ast.Name(x), [ast.LtE()], [ast.Constant(0)]), [(_, value)]:
            return ast.unparse(value) == f"0 if {x} <= 0 else {x}"
    return False


@cache
def exact_pullback(op: Op, name: str) -> Callable[..., None] | None:
    """The same, where −0.0 stands for nothing at all: nothing flows from it, and to where a mask cuts off.

    IEEE's −0.0 is the number that changes no sum; what does flow is made +0.0 where it is zero.
    """
    *lines, (_, partial) = needed(op.lines(), f"d{name}", given="y")
    if isinstance(partial, ast.Constant) and partial.value == 0:
        return None
    flow = _call("copyto", "out", _call("where", _call("nothing", "g"), ast.Constant(-0.0), _Exact().factor(partial)))
    return _compiled(op, ["out", "g", "y", *op.inputs], lines, flow)


def _compiled(
    op: Op, parameters: Sequence[str], lines: Sequence[tuple[str, ast.expr]], last: ast.expr
) -> Callable[..., None]:
    """The function of these lines."""
    body: list[ast.stmt] = [
        ast.Assign(
            [ast.Name(name, ast.Store())], _Arrays().factor(formula) if name[0] == "d" else _Arrays().visit(formula)
        )
        for name, formula in lines
    ]
    arguments = ast.arguments([], [ast.arg(name) for name in parameters], None, [], [], None, [])
    function = ast.FunctionDef("kernel", arguments, [*body, ast.Expr(last)], [])
    namespace = _namespace()
    module = ast.fix_missing_locations(ast.Module([function], []))
    exec(compile(module, f"<row {op.name!r}>", "exec"), namespace)  # our table, no user's text
    kernel: Callable[..., None] = namespace["kernel"]
    return kernel


@cache
def _namespace() -> dict[str, Any]:
    import numpy as np

    def nothing(g: Any) -> Any:
        return (g == 0) & np.signbit(g)

    names = ["copyto", "negative", "maximum", *UFUNCS.values()]
    return arrays() | {name: getattr(np, name) for name in names} | {"add_up": np.add.reduce, "nothing": nothing}


def _call(function: str, *arguments: ast.expr | str) -> ast.expr:
    names = [ast.Name(x, ast.Load()) if isinstance(x, str) else x for x in arguments]
    return ast.Call(ast.Name(function, ast.Load()), names, [])


def _into(value: ast.expr) -> ast.expr:
    """``out[...] = value``, where it can be done by writing the last operation's result there."""
    match value:
        case ast.BinOp(left, operator, right) if type(operator) in UFUNCS:
            return _call(UFUNCS[type(operator)], left, right, "out")
        case ast.UnaryOp(ast.USub(), operand):
            return _call("negative", operand, "out")
        case ast.Call(ast.Name("where"), [ast.Compare(x, [ast.LtE()], [bound]), low, high]) if ast.dump(x) == ast.dump(
            high
        ) and ast.dump(bound) == ast.dump(low):
            out = ast.keyword("out", ast.Name("out", ast.Load()))
            return ast.Call(ast.Name("maximum", ast.Load()), [high, low], [out])
        case ast.Call(ast.Name("sum"), [ast.Name() as xs]):
            return _call("add_up", xs, ast.Constant(0), ast.Constant(None), "out")
    return _call("copyto", "out", value)


class _Arrays(ast.NodeTransformer):
    """Rewrites a formula for whole arrays."""

    def factor(self, partial: ast.expr) -> Any:
        """A partial derivative, as a factor: a choice between 0 and 1 is the condition itself."""
        match partial:
            case ast.ListComp():
                return self.factor(self.over_lists(partial))
            case ast.IfExp(test, ast.Constant(1), ast.Constant(0)):
                return self.visit(test)
            case ast.IfExp(test, ast.Constant(0), ast.Constant(1)):
                return ast.UnaryOp(ast.Invert(), self.visit(test))
        return self.visit(partial)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return _call("where", self.visit(node.test), self.visit(node.body), self.visit(node.orelse))

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        bit = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        result, *others = (self.visit(value) for value in node.values)
        for other in others:
            result = ast.BinOp(result, bit, other)
        return result

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return _call("pick", self.visit(node.value), self.visit(node.slice))

    def visit_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        return self.visit(self.over_lists(node))

    visit_GeneratorExp = visit_ListComp  # noqa: N815

    def over_lists(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        """The element of a comprehension, with whole lists in place of their elements."""
        (loop,) = node.generators
        target, lists = loop.target, loop.iter
        match lists:
            case ast.Call(ast.Name("zip"), several):
                pass
            case ast.Call(ast.Name("range"), [length]):
                several = [_call("indices", length)]
            case _:
                several = [lists]
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        wholes = {name.id: whole for name, whole in zip(names, several, strict=True) if isinstance(name, ast.Name)}
        return _Substitute(wholes).visit(deepcopy(node.elt))


class _Substitute(ast.NodeTransformer):
    """Puts a list in the place of the name of its element, and for ``x[i]`` the whole x where i runs over it."""

    def __init__(self, wholes: dict[str, ast.expr]) -> None:
        self.wholes = wholes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.wholes.get(node.id, node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Name) and node.slice.id in self.wholes:
            return node.value
        self.generic_visit(node)
        return node


class _Exact(_Arrays):
    """Rewrites a partial derivative for ``exact_pullback``."""

    def factor(self, partial: ast.expr) -> Any:
        match partial:
            case ast.Constant(0):
                return ast.Constant(-0.0)
            case ast.ListComp():
                return self.factor(self.over_lists(partial))
            case ast.IfExp(test, a, b):
                return _call("where", self.visit(test), self.factor(a), self.factor(b))
        product = ast.BinOp(ast.Name("g", ast.Load()), ast.Mult(), self.visit(partial))
        return ast.BinOp(product, ast.Add(), ast.Constant(0.0))
