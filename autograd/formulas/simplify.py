"""Formulas simplified by SymPy (the extra ``symbolic``): (−y/a + (1 − y)/(1 − a))·a·(1 − a)·x1 is x1·(a − y).

Trees go in and come out; SymPy never sees text. Functions that it need not understand (σ, tanh, ReLU) are one
symbol each. Without SymPy, or where an expression is too large to be worth it, there is no simplified form: None.
"""

from __future__ import annotations

import ast
from fractions import Fraction

from ..table.language import call
from .algebra import negated
from .grammar import postorder
from .text import to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST = 120  # nodes of a tree; SymPy takes seconds beyond
LARGEST_HARD = 40  # the same for ``sympy.simplify``, which tries everything
_FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh")


def available() -> bool:
    """Whether SymPy is installed."""
    from importlib.util import find_spec

    try:
        return find_spec("sympy") is not None
    except ValueError:  # hidden: sys.modules["sympy"] is None
        return False


def _sympy() -> Any:
    from importlib import import_module

    return import_module("sympy")  # it has no types


def simplified(tree: ast.expr) -> ast.expr | None:
    """The shortest form that SymPy finds; None without SymPy, and for what it would take too long for."""
    if not available() or len(postorder(tree)) > LARGEST:
        return None
    sympy = _sympy()

    opaque: dict[str, ast.expr] = {}
    expression = _to_sympy(tree, opaque)
    reader = _Reader(opaque)
    forms = []
    rewrites: list[Any] = [lambda e: sympy.factor(sympy.cancel(sympy.together(e))), lambda e: e]
    if len(postorder(tree)) <= LARGEST_HARD:
        rewrites.append(sympy.simplify)
    for rewrite in rewrites:
        try:
            forms.append(reader.tree(rewrite(expression)))
        except (sympy.PolynomialError, NotImplementedError, TypeError):
            continue
    return min([*forms, tree], key=_length)


def _length(tree: ast.expr) -> tuple[int, int]:
    """Fewer operations first, then less to read."""
    return sum(isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call) for node in postorder(tree)), len(to_text(tree))


def _to_sympy(tree: ast.expr, opaque: dict[str, ast.expr]) -> Any:
    sympy = _sympy()

    done: dict[ast.expr, Any] = {}
    for node in postorder(tree):
        match node:
            case ast.Constant(x) if isinstance(x, int | float):
                fraction = Fraction(x).limit_denominator(1000)
                exact = float(fraction) == x
                done[node] = sympy.Rational(fraction.numerator, fraction.denominator) if exact else sympy.Float(x)
            case ast.UnaryOp():
                done[node] = -done[node.operand]
            case ast.BinOp(left, operator, right) if not isinstance(operator, ast.Mod):
                a, b = done[left], done[right]
                match operator:
                    case ast.Add():
                        done[node] = a + b
                    case ast.Sub():
                        done[node] = a - b
                    case ast.Mult():
                        done[node] = a * b
                    case ast.Div():
                        done[node] = a / b
                    case _:
                        done[node] = a**b
            case ast.Call(ast.Name("square"), [argument]):
                done[node] = done[argument] ** 2
            case ast.Call(ast.Name("reciprocal"), [argument]):
                done[node] = 1 / done[argument]
            case ast.Call(ast.Name(name), [argument]) if name in _FUNCTIONS:
                done[node] = getattr(sympy, name)(done[argument])
            case _:  # a name, or a function that stays as it is
                text = to_text(node)
                opaque[text] = node
                done[node] = sympy.Symbol(text, real=True)
    return done[tree]


class _Reader:
    """Reads SymPy's expressions as trees; ``opaque`` has what SymPy took for a symbol."""

    def __init__(self, opaque: dict[str, ast.expr]) -> None:
        self.opaque = opaque
        self.sympy = _sympy()

    def tree(self, e: Any) -> ast.expr:
        if e.is_Symbol:
            return self.opaque[e.name]
        if e.is_Rational and e < 0:
            return negated(self.tree(-e))
        if e.is_Rational:
            numerator = ast.Constant(float(e.p))
            return numerator if e.q == 1 else ast.BinOp(numerator, ast.Div(), ast.Constant(float(e.q)))
        if e.is_Float:
            return ast.Constant(float(e))
        if e.is_Add:
            return self.sum(sorted(e.as_ordered_terms(), key=lambda term: term.could_extract_minus_sign()))
        if e.is_Mul:
            return self.product(_turned(e, self.sympy))
        if e.is_Pow and e.exp == self.sympy.Rational(1, 2):
            return call("sqrt", self.tree(e.base))
        if e.is_Pow and e.exp.could_extract_minus_sign():
            return ast.BinOp(ast.Constant(1.0), ast.Div(), self.tree(1 / e))
        if e.is_Pow:
            return ast.BinOp(self.tree(e.base), ast.Pow(), self.tree(e.exp))
        if e.func.__name__ in _FUNCTIONS:
            return call(e.func.__name__, self.tree(e.args[0]))
        raise NotImplementedError(e.func.__name__)

    def sum(self, terms: list[Any]) -> ast.expr:
        result = self.tree(terms[0])
        for term in terms[1:]:
            if term.could_extract_minus_sign():
                result = ast.BinOp(result, ast.Sub(), self.tree(-term))
            else:
                result = ast.BinOp(result, ast.Add(), self.tree(term))
        return result

    def product(self, e: Any) -> ast.expr:
        coefficient, _ = e.as_coeff_Mul()
        if coefficient.is_negative:
            return negated(self.tree(-e))
        above, below = e.as_numer_denom()
        if below != 1:
            return ast.BinOp(self.tree(above), ast.Div(), self.tree(below))
        first, *others = [self.tree(factor) for factor in sorted(e.as_ordered_factors(), key=lambda f: f.is_Add)]
        for factor in others:
            first = ast.BinOp(first, ast.Mult(), factor)
        return first


def _turned(e: Any, sympy: Any) -> Any:
    """The product with its differences the usual way round: 1 − a, not a − 1, and no minus that one can take up."""
    factors = []
    negative = False
    for factor in sympy.Mul.make_args(e):
        base, exponent = factor.as_base_exp()
        if base.is_Add and exponent.is_Integer and base.as_coeff_Add()[0].is_negative:
            factor, negative = (-base) ** exponent, negative ^ bool(exponent % 2)
        factors.append(factor)
    if negative ^ bool(sympy.Mul(*factors).as_coeff_Mul()[0].is_negative):
        for at, factor in enumerate(factors):
            if factor.is_Add and factor.as_coeff_Add()[0] == 0 and len(factor.args) == 2:
                factors[at], negative = -factor, not negative
                break
    return sympy.Mul(-1 if negative else 1, *factors)
