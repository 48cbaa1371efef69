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
from collections import Counter
from copy import deepcopy
from functools import cache

from .arithmetic import arrays, nothing
from .language import Rewriter, call, function, lists_of, needed, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from .language import Line
    from .op import Kernel, Op

UFUNCS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}

UNARY = set(
    "abs acos asin atan cbrt cos cosh exp exp2 expm1 log log10 log1p log2 sin sinh sqrt tan tanh".split()  # noqa: SIM905
)
"""NumPy's functions of one array, which take ``out`` after it."""


@cache
def keeps(op: Op) -> tuple[str, ...]:
    """The lines that the value and a partial derivative have in common, such as e = exp(-abs(x)).

    Where there are some, the kernels take a list besides, ``kept``: ``forward`` puts them there, the others read them.
    """
    *lines, _ = needed(op.lines(), "y")
    shared = {name for name, formula in lines if not isinstance(formula, ast.Name)}
    read = {
        name
        for x in op.inputs
        for line in needed(op.lines(), f"d{x}", given={"y", *shared})
        for name in _names(line[1])
    }
    return tuple([name for name, _ in lines if name in shared & read])


def room_to_keep(op: Op) -> list[list[object]]:
    """What the kernels take besides, for the same arrays always the same: an empty list, or one with the list kept."""
    names = keeps(op)
    return [[None] * len(names)] if names else []


@cache
def forward(op: Op) -> Kernel:
    """``kernel(out, *inputs)`` writes the operation's value into ``out``."""
    *lines, (_, y) = needed(op.lines(), "y")
    kept, large = keeps(op), _as_large_as_the_result(op)
    trees = [(x, _again(kept.index(x), tree, large) if x in kept else _frugal(tree)) for x, tree in _values(lines)]
    last = ast.unparse(_into(Arrays().value(y), large))
    if kept:
        last += f"\n    kept[:] = [{', '.join(kept)}]"
    return _kernel(op, ["out", *op.inputs], trees, last)


def _again(place: int, value: ast.expr, large: Container[str]) -> ast.expr:
    """A value that is kept, computed in the array where it was kept the last time; at first that is None."""
    array = ast.parse(f"kept[{place}]", mode="eval").body
    written: ast.expr = _Substitute({"out": array}).visit(_last(value, large) or value)
    return written


@cache
def pullback(op: Op, wrt: str, short: bool = False, unit: bool = False) -> Kernel | None:
    """``kernel(out, g, y, *inputs)`` writes what flows to an input, g · dy/dinput; None where nothing ever does.

    What a mask cuts off is a factor 0 here: so inf · 0 is nan where nothing should flow. ``exact_pullback`` does not
    make that mistake.

    ``short``  in the form that is quicker for few numbers
    ``unit``   where all of g is 1
    """

    def times_g(factor: ast.expr, written: ast.expr | None) -> ast.expr:
        """A factor times g, in ``out``; ``written`` computes the factor there already, if that can be done."""
        if unit:
            return written or call("copyto", "out", factor)
        return call("multiply", "g", written or factor, "out")

    *lines, (_, slope) = _lines_of_partial(op, wrt)
    flow: ast.expr
    match slope:
        case ast.Constant(0):
            return None
        case ast.Constant(1) | ast.ListComp(ast.Constant(1)):
            flow = call("copyto", "out", "g")
        case ast.Constant(-1) | ast.UnaryOp(ast.USub(), ast.Constant(1)):
            flow = call("negative", "g", "out")
        case ast.IfExp(test, ast.Constant(0), ast.Constant(1)) if _is_cut_at_zero(op, test):
            passed = ast.Compare(variable("y"), [ast.NotEq()], [ast.Constant(0.0)])
            flow = times_g(passed, call("sign", "y", "out") if short else None)
        case _ if (chosen := _chosen(slope)) is not None:
            flow = call("put", "out", chosen, "g")
        case _:
            factor = Arrays().partial(slope)
            flow = times_g(factor, _written(factor, {"y", *_as_large_as_the_result(op)}))
    trees = [(x, _frugal(tree)) for x, tree in _values(lines)]
    return _kernel(op, ["out", "g", "y", *op.inputs], trees, ast.unparse(flow))


@cache
def adds_to(op: Op, wrt: str) -> Kernel | None:
    """``kernel(out, g, y, *inputs)`` adds to ``out`` what flows to one element of a list; None for other inputs."""
    *lines, (_, slope) = _lines_of_partial(op, wrt)
    chosen = _chosen(slope)
    if chosen is None:
        return None
    return _kernel(op, ["out", "g", "y", *op.inputs], _values(lines), ast.unparse(call("add_to", "out", chosen, "g")))


def _chosen(slope: ast.expr) -> ast.expr | None:
    """The index of the element of a list that a partial derivative is 1 for, and for the others 0."""
    match slope:
        case ast.ListComp(
            ast.IfExp(ast.Compare(ast.Name("i"), [ast.Eq()], [chosen]), ast.Constant(1), ast.Constant(0))
        ):
            return chosen
    return None


def chooses(op: Op) -> bool:
    """Whether an operation reads one element of a list, so that on the way back its gradient is added there alone."""
    return any(adds_to(op, name) is not None for name in op.inputs)


def _lines_of_partial(op: Op, wrt: str) -> list[Line]:
    """What it takes to compute a partial derivative, after the value."""
    kept = keeps(op)
    lines = needed(op.lines(), f"d{wrt}", given={"y", *kept})
    return [(f"[{', '.join(kept)}]", variable("kept")), *lines] if kept else lines


@cache
def passes_on(op: Op, wrt: str) -> bool:
    """Whether what arrives flows on to an input as it is: where the partial derivative is 1."""
    *_, (_, slope) = _lines_of_partial(op, wrt)
    match slope:
        case ast.Constant(1) | ast.ListComp(ast.Constant(1)):
            return True
    return False


def reads(kernel: Kernel) -> frozenset[str]:
    """The names in the text of a kernel, among them the arguments that it reads."""
    return frozenset(_counted(kernel.source))


def may_write_over(kernel: Kernel) -> bool:
    """Whether a kernel writes its result when it has read everything, so that ``out`` may be one of its arguments."""
    return _counted(kernel.source)["out"] == 1


@cache
def _counted(source: str) -> Counter[str]:
    """How often the text of a kernel has each name."""
    return Counter(_names(ast.parse(source)))


def _names(tree: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _is_cut_at_zero(op: Op, test: ast.expr) -> bool:
    """Whether the value is 0 where x <= 0 and else x: then its slope is 0 where it is 0, and else 1."""
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
    *lines, (_, slope) = _lines_of_partial(op, wrt)
    if isinstance(slope, ast.Constant) and slope.value == 0:
        return None
    flow = call("copyto", "out", call("where", call("nothing", "g"), _Exact.nothing, _Exact().partial(slope)))
    trees = [(x, _frugal(tree)) for x, tree in _values(lines)]
    return _kernel(op, ["out", "g", "y", *op.inputs], trees, ast.unparse(flow))


def _values(lines: Iterable[Line]) -> list[Line]:
    """Lines, of whole arrays."""
    return [(x, Arrays().value(formula)) for x, formula in lines]


def _kernel(op: Op, parameters: Sequence[str], lines: Iterable[Line], last: str) -> Kernel:
    """The function of these lines."""
    return function(op, [*parameters, *(["kept"] if keeps(op) else [])], lines, last, _namespace())


@cache
def _namespace() -> dict[str, object]:
    import numpy as np

    names = ["copyto", "negative", "maximum", *UFUNCS.values()]
    return arrays() | {name: getattr(np, name) for name in names} | {"add_up": np.add.reduce, "nothing": nothing}


def _into(value: ast.expr, large: Container[str]) -> ast.expr:
    """``out[...] = value``, where it can be done by writing the last operation's result there."""
    match value:
        case ast.Call(ast.Name("where"), [ast.Compare(x, [ast.LtE()], [bound]), low, high]):
            if _are_equal(x, high) and _are_equal(bound, low):
                return ast.Call(variable("maximum"), [high, low], [ast.keyword("out", variable("out"))])
        case ast.Call(ast.Name("sum"), [ast.Name() as xs]):
            return call("add_up", xs, ast.Constant(0), ast.Constant(None), "out")
    return _last(value, large) or call("copyto", "out", value)


def _as_large_as_the_result(op: Op) -> set[str]:
    """Names that stand for arrays of the result's size, not of numbers that the examples share."""
    return {name for name, _ in op.lines()} | set(op.inputs) if len(op.inputs) == 1 else set()


def _written(value: ast.expr, large: Container[str]) -> ast.expr | None:
    """An expression that computes in ``out`` what is an array of the result's size; None if it is not, or has a name.

    Only one operand of each operation is computed there.
    """
    return _last(value, large) if _is_large(value, large) else None


def _is_large(value: ast.expr, large: Container[str]) -> bool:
    """Whether one of these names stands in an expression, but not as the list of which the length is taken."""
    match value:
        case ast.Name(name):
            return name in large
        case ast.Call(ast.Name("len")):
            return False
    return any(_is_large(part, large) for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr))


def _last(value: ast.expr, large: Container[str]) -> ast.expr | None:
    """The last operation, by which the value gets into ``out``; None if none can."""
    match value:
        case ast.BinOp(left, operator, right) if type(operator) in UFUNCS:
            inner = _written(left, large)
            operands = [inner, right] if inner is not None else [left, _written(right, large) or right]
            return call(UFUNCS[type(operator)], *operands, "out")
        case ast.UnaryOp(ast.USub(), operand):
            return call("negative", _written(operand, large) or operand, "out")
        case ast.Call(ast.Name(f), [operand]) if f in UNARY:
            return call(f, _written(operand, large) or operand, "out")
    return None


def _frugal(value: ast.expr) -> ast.expr:
    """The same value: a function of an intermediate result is written over that, which spares NumPy an array."""
    return _Frugal().visit(value)  # type: ignore[no-any-return]


class _Frugal(ast.NodeTransformer):
    """exp(x - m) becomes exp((_t := x - m), _t)."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name(f), [ast.BinOp() | ast.UnaryOp(ast.USub()) as operand]) if f in UNARY:
                return call(f, ast.NamedExpr(ast.Name("_t", ast.Store()), operand), "_t")
        return node


class Arrays(Rewriter):
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

    def each(self, element: ast.expr, loop: ast.comprehension) -> ast.expr:
        return self.partial(self.over_lists(ast.ListComp(element, [loop])))

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


class _Exact(Arrays):
    """A partial derivative times what arrives, for ``exact_pullback``."""

    nothing = ast.Constant(-0.0)
    partial = Rewriter.partial

    def flow(self, tree: ast.expr) -> ast.expr:
        product = ast.BinOp(variable("g"), ast.Mult(), self.value(tree))
        return ast.BinOp(product, ast.Add(), ast.Constant(0.0))
