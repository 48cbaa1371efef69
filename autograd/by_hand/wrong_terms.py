"""A claim that is a sum, of which one term is wrong: too large, too small, of the wrong sign, or not to be there."""

from __future__ import annotations

import ast
import math
from functools import partial

from ..errors import FormulaError
from ..formulas.digits import short
from ..formulas.matrix import ShapeError
from ..formulas.notes import noted
from ..formulas.text import Text, write
from .claim import Claim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .book import Book
    from .point import Point

MOST_TERMS = 12
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")


def wrong_terms(
    book: Book, claim: Claim, point: Point, right: Sequence[float]
) -> Iterator[tuple[str, Callable[[Point], Sequence[float]]]]:
    """For each term what to say if a factor of it is all that is wrong; and how far the claim is off then, at a point.

    The factor is what makes the claim ``right`` at the ``point``.
    """
    terms = _terms(claim.tree) if claim.tree is not None else []
    if not 1 < len(terms) <= MOST_TERMS:
        return
    claimed, _ = claim.at(point)
    for at, (sign, tree) in enumerate(terms):
        try:
            term = Claim(book, claim.key, write(tree, Text()))
        except (FormulaError, ShapeError):  # a number beside an array, say
            continue
        values, _ = term.at(point)
        shares = [(x - y) / (sign * t) for x, y, t in zip(claimed, right, values, strict=True) if t]
        if shares and math.isfinite(shares[0]) and shares[0]:
            sentence = f"The {_place(at, len(terms))} term, {noted(tree)}, {_fault(shares[0])}."
            yield sentence, partial(_share, term, sign * shares[0])


def _share(term: Claim, factor: float, point: Point) -> Sequence[float]:
    return [factor * x for x in term.at(point)[0]]


def _terms(tree: ast.expr) -> list[tuple[int, ast.expr]]:
    """The terms of a sum, each with its sign."""
    found: list[tuple[int, ast.expr]] = []
    stack = [(1, tree)]
    while stack:
        sign, top = stack.pop()
        match top:
            case ast.BinOp(left, ast.Add(), right):
                stack += [(sign, right), (sign, left)]
            case ast.BinOp(left, ast.Sub(), right):
                stack += [(-sign, right), (sign, left)]
            case ast.UnaryOp(ast.USub(), operand):
                stack.append((-sign, operand))
            case _:
                found.append((sign, top))
    return found


def _place(at: int, size: int) -> str:
    return "last" if at == size - 1 and size > 2 else _PLACES[at] if at < len(_PLACES) else f"{at + 1}th"


def _fault(share: float) -> str:
    """What is wrong with a term of which this share is too much."""
    if math.isclose(share, 1, rel_tol=1e-6):
        return "does not belong there"
    if math.isclose(share, 2, rel_tol=1e-6):
        return "has the wrong sign"
    factor = 1 / (1 - share)
    times = f"{short(abs(factor))} times too large" if abs(factor) > 1 else f"{short(abs(1 / factor))} times too small"
    return f"is {times}" + (", and its sign is wrong" if factor < 0 else "")
