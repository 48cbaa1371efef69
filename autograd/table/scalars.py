"""From the formulas of a row to functions that compute them.

A row's formulas are text in a small part of Python (see ``op.py``). For each arithmetic the text is parsed,
rewritten where that arithmetic differs from Python's, and compiled, at the first use of the operation.
"""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import cache

from ..errors import OpRowError
from .arithmetic import EVERYWHERE, SCALARS, pick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from typing import Any

    from .op import Op


def scalar_kernel(op: Op, wanted: Sequence[str]) -> Callable[..., Any]:
    """``kernel(*inputs) -> (y, dy/dinput of each wanted input)`` for floats and lists; a structural zero is None."""
    return _compile(op, op.inputs, op.lines(), wanted, _Scalars(), SCALARS)


@cache
def graph_kernel(op: Op, wanted: Sequence[str]) -> Callable[..., Any]:
    """``kernel(nodes, upstream, y, *inputs) -> (y, upstream * dy/dinput of each wanted input)`` in nodes of a graph.

    ``y`` and the inputs are Values and floats, ``nodes`` is what makes more of them (``folding.Nodes``). A
    condition becomes a ``where`` around the product, so that a mask cuts off inf and nan here, too; a structural
    zero is None. Raises OpRowError for a row that uses what is no row of the table.
    """
    from .ops import OPS

    op.check_graph(OPS)
    parameters = ["_nodes", "_upstream", "y", *op.inputs]
    return _compile(op, parameters, op.graph_lines(), wanted, _Graphs(op, OPS), EVERYWHERE | {"pick": pick})


_LANGUAGE = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Call, ast.IfExp, ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp),
    *(ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.Subscript, ast.Tuple, ast.expr_context),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.Not, ast.boolop),
    *(ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
)


def check_language(op: Op) -> None:
    """Raise OpRowError for a row with what is not in the language of rows."""
    for _, text in (*op.lines(), *op.graph_lines(), ("y", op.value)):
        for node in ast.walk(ast.parse(text, mode="eval")):
            if not isinstance(node, _LANGUAGE):
                raise OpRowError(
                    f"row {op.name!r}: {type(node).__name__} in {text!r} is not in the language of rows: + - * / **, "
                    "comparisons, a if b else c, functions, and sum(f(u) for u in x) over a list"
                )


def _compile(
    op: Op,
    parameters: Sequence[str],
    lines: Iterable[tuple[str, str]],
    wanted: Sequence[str],
    rewrite: _Scalars,
    namespace: dict[str, Any],
) -> Callable[..., Any]:
    """The row's lines as the body of a function that returns ``y`` and the wanted partials."""
    partials = [f"d{name}" for name in op.inputs]
    results = ["y", *(f"d{name}" for name in wanted)]
    body = "".join(f"    {name} = {text}\n" for name, text in lines if name in results or name not in partials)
    module = ast.parse(f"def kernel({', '.join(parameters)}):\n{body}    return {', '.join(results)}")
    for line in ast.walk(module):
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            line.value = rewrite.partial(line.value) if line.targets[0].id in partials else rewrite.visit(line.value)
    scope = dict(namespace)
    exec(compile(ast.fix_missing_locations(module), f"<row {op.name!r}>", "exec"), scope)  # our table, no user's text
    kernel: Callable[..., Any] = scope["kernel"]
    return kernel


class _Scalars(ast.NodeTransformer):
    """Rewrites a formula for scalars: what Python would raise at, or do in whole numbers."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        name = {ast.Div: "div", ast.Pow: "power"}.get(type(node.op))
        if name is None:
            return node
        total = ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], [])
        if name == "div" and isinstance(node.right, ast.Name):  # a/b if b else div(a, b): the call is rarely needed
            return ast.IfExp(node.right, node, total)
        return total

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        self.generic_visit(node)
        return ast.ListComp(node.elt, node.generators)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return ast.Call(ast.Name("pick", ast.Load()), [node.value, node.slice], [])

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]

    def partial(self, node: ast.expr) -> ast.expr:
        """A partial derivative, its structural zeros turned into ``None``: an edge that does not exist."""
        if isinstance(node, ast.IfExp):
            return ast.IfExp(self.visit(node.test), self.partial(node.body), self.partial(node.orelse))
        if isinstance(node, ast.Constant) and node.value == 0:
            return ast.Constant(None)
        if isinstance(node, ast.ListComp):
            return ast.ListComp(self.partial(node.elt), [self.visit(g) for g in node.generators])
        result: ast.expr = self.visit(node)
        return result


class _Graphs(_Scalars):
    """Rewrites a formula for graphs: its operations and conditions become calls of ``folding.Nodes``."""

    def __init__(self, op: Op, functions: Collection[str]) -> None:
        self.op = op
        self.functions = functions

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        name = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}.get(type(node.op))
        if name is None:
            raise OpRowError(f"row {self.op.name!r}: no operation of the table makes a graph of {ast.unparse(node)}")
        return _nodes("make", ast.Constant(name), self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if isinstance(node.op, ast.Not):
            return self.visit_test(node)
        operand: ast.expr = self.visit(node.operand)
        return _nodes("make", ast.Constant("neg"), operand) if isinstance(node.op, ast.USub) else operand

    def visit_Call(self, node: ast.Call) -> ast.AST:
        assert isinstance(node.func, ast.Name)
        arguments = [self.visit(argument) for argument in node.args]
        if node.func.id in self.functions:
            return _nodes("make", ast.Constant(node.func.id), *arguments)
        return ast.Call(node.func, arguments, [])

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self.choice(node.test, node.body, node.orelse, self.visit)

    def visit_test(self, node: ast.expr) -> ast.AST:
        return self.choice(node, ast.Constant(1), ast.Constant(0), self.visit)

    visit_Compare = visit_BoolOp = visit_test  # noqa: N815

    def partial(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.IfExp):
            return self.choice(node.test, node.body, node.orelse, self.partial)
        if isinstance(node, ast.ListComp) or (isinstance(node, ast.Constant) and node.value == 0):
            return super().partial(node)
        return _nodes("make", ast.Constant("*"), ast.Name("_upstream", ast.Load()), self.visit(node))

    def choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr, arm: Callable[[ast.expr], Any]) -> ast.expr:
        """``body if test else orelse``, by tests that a graph can make of differences: ``>`` and ``!=``."""
        match test:
            case ast.BoolOp(operator, [first, *rest]):
                more = ast.BoolOp(operator, rest) if len(rest) > 1 else rest[0]
                if isinstance(operator, ast.Or):
                    return self.choice(first, deepcopy(body), ast.IfExp(more, body, orelse), arm)
                return self.choice(first, ast.IfExp(more, body, deepcopy(orelse)), orelse, arm)
            case ast.UnaryOp(ast.Not(), negated):
                return self.choice(negated, orelse, body, arm)
            case ast.Compare(left, [first, *more], [middle, *rest]) if more:  # a < b < c
                links = [ast.Compare(left, [first], [middle]), ast.Compare(deepcopy(middle), more, rest)]
                return self.choice(ast.BoolOp(ast.And(), list[ast.expr](links)), body, orelse, arm)
            case ast.Compare(left, [ast.LtE() | ast.GtE() | ast.Eq() as sign], [right]):  # by the opposite
                opposite = {ast.LtE: ast.Gt, ast.GtE: ast.Lt, ast.Eq: ast.NotEq}[type(sign)]()
                return self.choice(ast.Compare(left, [opposite], [right]), orelse, body, arm)
            case ast.Compare(left, [ast.Gt()], [right]) | ast.Compare(right, [ast.Lt()], [left]):
                difference = _nodes("exceeds", self.visit(left), self.visit(right))
            case ast.Compare(left, [ast.NotEq()], [right]):
                difference = _nodes("differ", self.visit(left), self.visit(right))
            case _:
                difference = _nodes("differ", self.visit(test), ast.Constant(0.0))
        return _nodes("choose", difference, _later(arm(body)), _later(arm(orelse)))


def needed(lines: Iterable[tuple[str, str]], wanted: str, given: str = "") -> list[tuple[str, ast.expr]]:
    """Those of a row's lines that it takes to compute ``wanted``, which is the last, where ``given`` is known."""
    result: list[tuple[str, ast.expr]] = []
    names = {wanted}
    for name, text in reversed(list(lines)):
        if name in names and name != given:
            formula = ast.parse(text, mode="eval").body
            names |= {node.id for node in ast.walk(formula) if isinstance(node, ast.Name)}
            result.append((name, formula))
    return result[::-1]


def _nodes(method: str, *arguments: ast.expr) -> ast.expr:
    """A call of a method of ``_nodes``, the parameter of a graph kernel."""
    return ast.Call(ast.Attribute(ast.Name("_nodes", ast.Load()), method, ast.Load()), list(arguments), [])


def _later(value: ast.expr) -> ast.expr:
    """``lambda: value``"""
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), value)
