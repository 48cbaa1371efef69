"""The back end for arrays: a row's formulas as NumPy functions of whole blocks, k nodes on T examples at once.

An input of k nodes is an array (k, T), or (k, 1) where all examples share it; a list of n inputs is (n, k, T). A
comprehension over a list becomes one expression over the whole array, a condition a choice element by element. The
result is written into an array that is given.

>>> from autograd.table.ops import OPS
>>> print(forward(OPS["relu"]).source)
def kernel(out, x):
    maximum(x, 0.0, out=out)
>>> print(exact_pullback(OPS["relu"], "x").source)
def kernel(out, g, y, x):
    copyto(out, where(nothing(g), -0.0, where(x <= 0.0, -0.0, g * 1.0 + 0.0)))
"""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import cache

from .arithmetic import arrays
from .language import Rewriter, call, function, lists_of, needed, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .arithmetic import Array
    from .language import Line
    from .op import Kernel, Op

UFUNCS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}


@cache
def forward(op: Op) -> Kernel:
    """``kernel(out, *inputs)`` writes the operation's value into ``out``."""
    *lines, (_, y) = needed(op.lines(), "y")
    return _kernel(op, ["out", *op.inputs], lines, _into(_Arrays().value(y)))


@cache
def pullback(op: Op, wrt: str) -> Kernel | None:
    """``kernel(out, g, y, *inputs)`` writes what flows to an input, g · dy/dinput; None where nothing ever does.

    What a mask cuts off is a factor 0 here: so inf · 0 is nan where nothing should flow. ``exact_pullback`` does not
    make that mistake.
    """
    *lines, (_, partial) = needed(op.lines(), f"d{wrt}", given="y")
    match partial:
        case ast.Constant(0):
            return None
        case ast.Constant(1) | ast.ListComp(ast.Constant(1)):
            flow = call("copyto", "out", "g")
        case ast.Constant(-1) | ast.UnaryOp(ast.USub(), ast.Constant(1)):
            flow = call("negative", "g", "out")
        case ast.IfExp(test, ast.Constant(0), ast.Constant(1)) if _is_cut_at_zero(op, test):
            flow = call("multiply", "g", call("sign", "y"), "out")  # NumPy is twice as fast as with a condition
        case _:
            flow = call("multiply", "g", _Arrays().partial(partial), "out")
    return _kernel(op, ["out", "g", "y", *op.inputs], lines, flow)


def _is_cut_at_zero(op: Op, test: ast.expr) -> bool:
    """Whether the value is 0 where x <= 0 and else x: then its slope, 0 or 1, is its sign."""
    match test, needed(op.lines(), "y"):
        case ast.Compare(ast.Name(x), [ast.LtE()], [ast.Constant(0)]), [(_, ast.IfExp(same, low, high))]:
            return _are_equal(test, same) and _are_equal(low, ast.Constant(0)) and _are_equal(high, variable(x))
    return False


def _are_equal(a: ast.expr, b: ast.expr) -> bool:
    """Whether two formulas are the same."""
    return ast.dump(a) == ast.dump(b)


@cache
def exact_pullback(op: Op, wrt: str) -> Kernel | None:
    """The same, where −0.0 means that nothing flows: it is what a mask leaves, and nothing flows on from it.

    IEEE's −0.0 is the number that changes no sum; what does flow is made +0.0 where it is zero.
    """
    *lines, (_, partial) = needed(op.lines(), f"d{wrt}", given="y")
    if isinstance(partial, ast.Constant) and partial.value == 0:
        return None
    flow = call("copyto", "out", call("where", call("nothing", "g"), _Exact.nothing, _Exact().partial(partial)))
    return _kernel(op, ["out", "g", "y", *op.inputs], lines, flow)


def _kernel(op: Op, parameters: Sequence[str], lines: Iterable[Line], last: ast.expr) -> Kernel:
    """The function of these lines."""
    lines = [(x, _Arrays().value(formula)) for x, formula in lines]
    return function(op, parameters, lines, ast.unparse(last), _namespace())


@cache
def _namespace() -> dict[str, object]:
    import numpy as np

    def nothing(g: Array) -> Array:
        negative_zero: Array = (g == 0) & np.signbit(g)
        return negative_zero

    names = ["copyto", "negative", "maximum", *UFUNCS.values()]
    return arrays() | {name: getattr(np, name) for name in names} | {"add_up": np.add.reduce, "nothing": nothing}


def _into(value: ast.expr) -> ast.expr:
    """``out[...] = value``, where it can be done by writing the last operation's result there."""
    match value:
        case ast.BinOp(left, operator, right) if type(operator) in UFUNCS:
            return call(UFUNCS[type(operator)], left, right, "out")
        case ast.UnaryOp(ast.USub(), operand):
            return call("negative", operand, "out")
        case ast.Call(ast.Name("where"), [ast.Compare(x, [ast.LtE()], [bound]), low, high]):
            if _are_equal(x, high) and _are_equal(bound, low):
                return ast.Call(variable("maximum"), [high, low], [ast.keyword("out", variable("out"))])
        case ast.Call(ast.Name("sum"), [ast.Name() as xs]):
            return call("add_up", xs, ast.Constant(0), ast.Constant(None), "out")
    return call("copyto", "out", value)


class _Arrays(Rewriter):
    """Whole arrays in place of numbers; a partial derivative is a factor."""

    def partial(self, tree: ast.expr) -> ast.expr:
        """A choice between 0 and 1 is the condition itself."""
        match tree:
            case ast.ListComp():
                return self.partial(self.over_lists(tree))
            case ast.IfExp(test, ast.Constant(1), ast.Constant(0)):
                return self.value(test)
            case ast.IfExp(test, ast.Constant(0), ast.Constant(1)):
                return ast.UnaryOp(ast.Invert(), self.value(test))
        return self.value(tree)

    def choice(
        self, test: ast.expr, body: ast.expr, orelse: ast.expr, branch: Callable[[ast.expr], ast.expr]
    ) -> ast.expr:
        return call("where", self.value(test), branch(body), branch(orelse))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        bit = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        result, *others = map(self.value, node.values)
        for other in others:
            result = ast.BinOp(result, bit, other)
        return result

    def visit_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> ast.expr:
        return self.value(self.over_lists(node))

    visit_GeneratorExp = visit_ListComp

    def over_lists(self, node: ast.ListComp | ast.GeneratorExp) -> ast.expr:
        """The element of a comprehension, with whole lists in place of their elements."""
        (loop,) = node.generators
        wholes = dict(lists_of(loop))
        for element, whole in wholes.items():
            match whole:
                case ast.Call(ast.Name("range"), [length]):
                    wholes[element] = call("indices", length)
        result: ast.expr = _Substitute(wholes).visit(deepcopy(node.elt))
        return result


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
    """A partial derivative times what arrives, for ``exact_pullback``."""

    nothing = ast.Constant(-0.0)
    partial = Rewriter.partial

    def each(self, element: ast.expr, loop: ast.comprehension) -> ast.expr:
        return self.partial(self.over_lists(ast.ListComp(element, [loop])))

    def flow(self, tree: ast.expr) -> ast.expr:
        product = ast.BinOp(variable("g"), ast.Mult(), self.value(tree))
        return ast.BinOp(product, ast.Add(), ast.Constant(0.0))
