"""The back end for derivative graphs: a row's partials as a Python function that makes nodes.

``_nodes`` is what makes them, by the operations of the table (``folding.Nodes``), and ``_upstream`` what arrives at
the operation's result. A condition becomes a ``where`` around the product, so that a mask cuts off inf and nan, and a
structural zero None.

>>> print(graph_kernel(OPS["relu"], ("x",)).source)
def kernel(_nodes, _upstream, y, x):
    dx = _nodes.choose(_nodes.exceeds(x, 0.0), lambda: _nodes.make('*', _upstream, 1.0), lambda: None)
    return y, dx
"""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import cache

from ..errors import OpRowError
from .arithmetic import EVERYWHERE, pick
from .language import Rewriter, function, needed, rewritten, variable
from .ops import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .op import Kernel, Op

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.LtE: ast.Gt, ast.GtE: ast.Lt, ast.Eq: ast.NotEq}


@cache
def graph_kernel(op: Op, wanted: Sequence[str]) -> Kernel:
    """``kernel(nodes, upstream, y, *inputs) -> (y, upstream * dy/dinput of each wanted input)`` in nodes of a graph.

    ``y`` and the inputs are Values and floats. Raises OpRowError for a row that uses what is no row of the table.
    """
    op.check_graph(OPS)
    results = ["y", *(f"d{x}" for x in wanted)]
    lines = rewritten(op, needed(op.graph_lines(), *results, given=["y"]), _Graphs(op))
    parameters = ["_nodes", "_upstream", "y", *op.inputs]
    return function(op, parameters, lines, f"return {', '.join(results)}", EVERYWHERE | {"pick": pick})


@cache
def many_kernel(op: Op) -> Kernel:
    """``kernel(nodes, *inputs but k) -> [y, ...]``: all results of a row that has one for each element.

    >>> print(many_kernel(OPS["log_softmax"]).source)
    def kernel(_nodes, x):
        s = _nodes.make('logsumexp', x)
        y = [_nodes.make('-', u, s) for u in x]
        return y
    """
    lines = rewritten(op, needed(op.many_lines(), "y"), _Graphs(op))
    return function(op, ["_nodes", *op.inputs[:-1]], lines, "return y", EVERYWHERE)


class _Graphs(Rewriter):
    """Operations and conditions become calls of ``folding.Nodes``."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if type(node.op) not in _OPERATORS:
            raise OpRowError(f"row {self.op.name!r}: no operation of the table makes a graph of {ast.unparse(node)}")
        return _make(_OPERATORS[type(node.op)], self.value(node.left), self.value(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return self.visit_test(node)
        operand = self.value(node.operand)
        return _make("neg", operand) if isinstance(node.op, ast.USub) else operand

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        arguments = [self.value(argument) for argument in node.args]
        return _make(node.func.id, *arguments) if node.func.id in OPS else ast.Call(node.func, arguments, [])

    def visit_test(self, node: ast.expr) -> ast.expr:
        return self.choice(node, ast.Constant(1), ast.Constant(0), self.value)

    visit_Compare = visit_BoolOp = visit_test

    def flow(self, tree: ast.expr) -> ast.expr:
        return _make("*", variable("_upstream"), self.value(tree))

    def choice(
        self, test: ast.expr, body: ast.expr, orelse: ast.expr, branch: Callable[[ast.expr], ast.expr]
    ) -> ast.expr:
        """By tests that a graph can make of differences: ``>`` and ``!=``."""
        match test:
            case ast.BoolOp(operator, [first, *rest]):
                more = ast.BoolOp(operator, rest) if len(rest) > 1 else rest[0]
                if isinstance(operator, ast.Or):
                    return self.choice(first, deepcopy(body), ast.IfExp(more, body, orelse), branch)
                return self.choice(first, ast.IfExp(more, body, deepcopy(orelse)), orelse, branch)
            case ast.UnaryOp(ast.Not(), negated):
                return self.choice(negated, orelse, body, branch)
            case ast.Compare(left, [first, *more], [middle, *rest]) if more:  # a < b < c
                links: list[ast.expr] = [
                    ast.Compare(left, [first], [middle]),
                    ast.Compare(deepcopy(middle), more, rest),
                ]
                return self.choice(ast.BoolOp(ast.And(), links), body, orelse, branch)
            case ast.Compare(left, [sign], [right]) if type(sign) in _OPPOSITES:
                return self.choice(ast.Compare(left, [_OPPOSITES[type(sign)]()], [right]), orelse, body, branch)
            case ast.Compare(left, [ast.Gt()], [right]) | ast.Compare(right, [ast.Lt()], [left]):
                difference = _nodes("exceeds", self.value(left), self.value(right))
            case ast.Compare(left, [ast.NotEq()], [right]):
                difference = _nodes("differ", self.value(left), self.value(right))
            case _:
                difference = _nodes("differ", self.value(test), ast.Constant(0.0))
        return _nodes("choose", difference, _later(branch(body)), _later(branch(orelse)))


def _nodes(method: str, *arguments: ast.expr) -> ast.expr:
    """A call of a method of ``_nodes``, the parameter of a graph kernel."""
    return ast.Call(ast.Attribute(variable("_nodes"), method, ast.Load()), list(arguments), [])


def _make(operation: str, *arguments: ast.expr) -> ast.expr:
    """``_nodes.make(operation, …)``, a node of the operation of that name."""
    return _nodes("make", ast.Constant(operation), *arguments)


def _later(value: ast.expr) -> ast.expr:
    """``lambda: value``"""
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), value)
