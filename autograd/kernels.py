"""From the formulas of a row to functions that compute them.

A row's formulas are text in a small part of Python (see ``row.py``). For each arithmetic the text is parsed,
rewritten where that arithmetic differs from Python's, and compiled, at the first use of the operation.
"""

from __future__ import annotations

import ast

from .arithmetic import SCALARS, arrays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .row import Op


def scalar_kernel(op: Op, wanted: Sequence[str]) -> Callable[..., Any]:
    """``kernel(*inputs) -> (y, dy/dinput of each wanted input)`` for floats and lists; a structural zero is None."""
    return _compile(op, wanted, _Scalars(), SCALARS)


def array_kernel(op: Op) -> Callable[..., Any]:
    """The same, of all inputs, for NumPy arrays, each a row of m examples; a structural zero is 0."""
    return _compile(op, op.inputs, _Arrays(), arrays())


def _compile(op: Op, wanted: Sequence[str], rewrite: _Scalars, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The row's lines as the body of a function of its inputs, returning ``y`` and the wanted partials."""
    partials = [f"d{name}" for name in op.inputs]
    results = ["y", *(f"d{name}" for name in wanted)]
    lines = "".join(f"    {name} = {text}\n" for name, text in op.lines() if name in results or name not in partials)
    module = ast.parse(f"def kernel({', '.join(op.inputs)}):\n{lines}    return {', '.join(results)}")
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


class _Arrays(_Scalars):
    """Rewrites a formula for whole rows: a condition picks element by element."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("where", ast.Load()), [node.test, node.body, node.orelse], [])

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        bit = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        result = node.values[0]
        for value in node.values[1:]:
            result = ast.BinOp(result, bit, value)
        return result

    def partial(self, node: ast.expr) -> ast.expr:
        result: ast.expr = self.visit(node)
        return result
