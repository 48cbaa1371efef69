"""Small algebra on trees of formulas: what any reader would do in their head."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ZERO, ONE, MINUS_ONE = (ast.Constant(x) for x in (0.0, 1.0, -1.0))


def product(factors: Iterable[ast.expr]) -> ast.expr:
    """The product, without factors 1 and parentheses in it; a minus moves to the front."""
    result: ast.expr | None = None
    negative = False
    left = list(factors)[::-1]
    while left:
        factor = left.pop()
        if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Mult):
            left += [factor.right, factor.left]
            continue
        while isinstance(factor, ast.UnaryOp):
            factor, negative = factor.operand, not negative
        if isinstance(factor, ast.Constant) and isinstance(factor.value, int | float):
            if factor.value == 0:
                return ZERO
            if factor.value < 0:
                factor, negative = ast.Constant(-factor.value), not negative
            if factor.value == 1:
                continue
        match result, factor:
            case None, _:
                result = factor
            case ast.expr(), ast.BinOp(ast.Constant(1), ast.Div(), divisor):
                result = ast.BinOp(result, ast.Div(), divisor)
            case ast.Name(a), ast.Name(b) if a == b:
                result = ast.BinOp(result, ast.Pow(), ast.Constant(2.0))
            case ast.expr(), _:
                result = ast.BinOp(result, ast.Mult(), factor)
    result = ONE if result is None else result
    return negated(result) if negative else result


def negated(tree: ast.expr) -> ast.expr:
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float):
        return ast.Constant(-tree.value)
    return ast.UnaryOp(ast.USub(), tree)


def total(terms: Iterable[ast.expr]) -> ast.expr:
    """The sum, without terms 0; a term with a minus is subtracted."""
    result: ast.expr | None = None
    for term in terms:
        if isinstance(term, ast.Constant) and term.value == 0:
            continue
        if result is None:
            result = term
        elif isinstance(term, ast.UnaryOp):
            result = ast.BinOp(result, ast.Sub(), term.operand)
        else:
            result = ast.BinOp(result, ast.Add(), term)
    return ZERO if result is None else result


def simple(tree: ast.expr) -> ast.expr:
    """The tree without what substitution leaves behind: 1·x, x**1, 2 - 1."""
    match tree:
        case ast.BinOp(left, ast.Mult(), right):
            return product([simple(left), simple(right)])
        case ast.BinOp(left, ast.Sub(), right):
            left, right = simple(left), simple(right)
            if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
                return ast.Constant(left.value - right.value)  # type: ignore[operator]
            return ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left, ast.Div(), right):
            left, right = simple(left), simple(right)
            if isinstance(left, ast.UnaryOp):
                return negated(ast.BinOp(left.operand, ast.Div(), right))
            return ast.BinOp(left, ast.Div(), right)
        case ast.BinOp(left, ast.Pow(), right):
            left, right = simple(left), simple(right)
            if isinstance(right, ast.Constant) and right.value == 1:
                return left
            return ast.BinOp(left, ast.Pow(), right)
        case ast.UnaryOp(ast.USub(), operand):
            return negated(simple(operand))
    return tree
