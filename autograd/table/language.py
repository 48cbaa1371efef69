"""The language of rows, as the back ends read it: which lines they need, and what each of them writes otherwise.

A row's formulas are text in a small part of Python (see ``op.py``). A back end parses them, rewrites the trees where
its numbers differ from Python's, and makes a function of what comes out.
"""

from __future__ import annotations

import ast

from ..errors import OpRowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from typing import Any

    from .op import Kernel, Op

    Line = tuple[str, ast.expr]
    """A name, and the formula of what it stands for."""

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


def needed(lines: Iterable[tuple[str, str]], *wanted: str, given: Container[str] = ()) -> list[Line]:
    """Those of a row's lines that it takes to compute what is ``wanted``, parsed, where ``given`` is known."""
    result: list[Line] = []
    names = set(wanted)
    for name, text in reversed(list(lines)):
        if name in names and name not in given:
            formula = ast.parse(text, mode="eval").body
            names |= {node.id for node in ast.walk(formula) if isinstance(node, ast.Name)}
            result.append((name, formula))
    return result[::-1]


def lists_of(loop: ast.comprehension) -> list[tuple[str, ast.expr]]:
    """The variables of a comprehension, each with the list that it runs over; ``range(n)`` stays that."""
    targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    match loop.iter:
        case ast.Call(ast.Name("zip"), lists):
            pass
        case one:
            lists = [one]
    return [(ast.unparse(target), a_list) for target, a_list in zip(targets, lists, strict=True)]


def number(constant: ast.Constant) -> float:
    """A number that stands in a formula."""
    assert isinstance(constant.value, int | float)
    return float(constant.value)


def variable(name: str) -> ast.Name:
    """The tree of a name."""
    return ast.Name(name, ast.Load())


def call(function: str, *arguments: ast.expr | str) -> ast.Call:
    """The tree of a call of a function; an argument may be a name."""
    return ast.Call(variable(function), [variable(x) if isinstance(x, str) else x for x in arguments], [])


class Rewriter(ast.NodeTransformer):
    """Rewrites a row's formulas for one back end. As it stands here, Python computes them with floats.

    In a partial a literal 0, whole or a whole branch, is a structural zero: an edge that does not exist. It becomes
    ``nothing``, and what is not one ``flow``.
    """

    nothing: ast.expr = ast.Constant(None)

    def value(self, tree: ast.expr) -> ast.expr:
        """A formula that is no partial."""
        result: ast.expr = self.visit(tree)
        return result

    def partial(self, tree: ast.expr) -> ast.expr:
        """A partial derivative."""
        match tree:
            case ast.IfExp(test, body, orelse):
                return self.choice(test, body, orelse, self.partial)
            case ast.Constant(0):
                return self.nothing
            case ast.ListComp(element, [loop]):
                return self.each(element, loop)
        return self.flow(tree)

    def flow(self, tree: ast.expr) -> ast.expr:
        """A partial, or a branch of one, that is no structural zero."""
        return self.value(tree)

    def times(self, upstream: str, tree: ast.expr) -> ast.expr:
        """What arrives times a partial: nothing is multiplied where that is 1 or −1."""
        match tree:
            case ast.Constant(1):
                return variable(upstream)
            case ast.Constant(-1) | ast.UnaryOp(ast.USub(), ast.Constant(1)):
                return ast.UnaryOp(ast.USub(), variable(upstream))
        return ast.BinOp(variable(upstream), ast.Mult(), self.value(tree))

    def each(self, element: ast.expr, loop: ast.comprehension) -> ast.expr:
        """The partials with respect to the elements of a list."""
        return ast.ListComp(self.partial(element), [self.visit(loop)])

    def choice(
        self, test: ast.expr, body: ast.expr, orelse: ast.expr, branch: Callable[[ast.expr], ast.expr]
    ) -> ast.expr:
        """``body if test else orelse``; ``branch`` rewrites the two of them."""
        return ast.IfExp(self.value(test), branch(body), branch(orelse))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return self.choice(node.test, node.body, node.orelse, self.value)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(number(node))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return call("pick", self.value(node.value), self.value(node.slice))

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        self.generic_visit(node)
        return ast.ListComp(node.elt, node.generators)


def rewritten(op: Op, lines: Iterable[Line], rewriter: Rewriter) -> list[Line]:
    """The lines of a row for one back end."""
    partials = [f"d{x}" for x in op.inputs]
    return [(x, rewriter.partial(tree) if x in partials else rewriter.value(tree)) for x, tree in lines]


def function(
    op: Op, parameters: Iterable[str], lines: Iterable[Line], last: str, namespace: dict[str, object]
) -> Kernel:
    """The function ``kernel`` that computes the lines and then does the last thing; its text is its ``source``."""
    body = [f"{x} = {ast.unparse(tree)}" for x, tree in lines]
    source = "\n    ".join([f"def kernel({', '.join(parameters)}):", *body, last])
    scope: dict[str, Any] = dict(namespace)
    exec(compile(source, f"<row {op.name!r}>", "exec"), scope)  # our table, no user's text
    kernel: Kernel = scope["kernel"]
    kernel.source = source
    return kernel
