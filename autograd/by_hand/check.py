"""Checking hand-derived gradients: ``check(L, {"w1": "x1*(a - y)", "b": "a - y"})``.

Three opinions on each claim: the claim itself; backpropagation; and a numerical derivative, which knows nothing of
either. They are compared at the graph's own point and at random values of its leaves, because a wrong formula can be
right by chance at one point. The Values of the graph are only read.
"""

from __future__ import annotations

from itertools import islice

from ..formulas.digits import short
from ..formulas.matrix import ShapeError, nodes
from ..number import quoted, shortened
from ..value import Value
from .book import Book
from .claim import Claim
from .hypotheses import Case, most_plausible
from .point import Point, given_point, random_points
from .report import ONLY_HERE, RIGHT, WRONG, Answer, Report
from .verdict import coincidence, compared, numerics_agree, verdict, witnessed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def check(
    root: Value,
    claims: Mapping[Any, object],
    names: Mapping[str, object] | None = None,
    *,
    points: int = 8,
    seed: int = 0,
) -> Report:
    """Compare claims about the derivatives of ``root`` with backpropagation and with numerics; say what is wrong.

    ``claims`` maps what the derivative is with respect to (a Value, or ``"w1"``, ``"dw1"``, ``"dL/dw1"``,
    ``"∂L/∂w1"``; inner nodes as well) to a formula in the labels of the graph, to a function whose arguments
    are such names, or to a number (which is checked at the given point only, to the digits it is written with).
    In formulas ``dz`` is the derivative of the root with respect to ``z``, ``da/dz`` that of ``a``.

    ``names`` gives further names: for Values without a label, and for lists and matrices of Values or numbers:
    ``check(J, {"dW1": "dZ1 @ A0.T / m"}, names={"W1": layer.W, "Z1": ..., "A0": ..., "m": 4})``. There ``*`` is
    element by element, ``sum(A)``, ``mean(A)`` run over all, ``sum(A, axis=1)`` over each row.
    Data given there as arrays of numbers are not moved. ``points`` is the number of random points.
    Raises FormulaError for what cannot be read, and for a label that several nodes have unless it is a vector, as the
    z of all examples is (each is called ``z_1``, ``z_2``, ... too).

    >>> from autograd import Value
    >>> w, x = Value(3, "w"), Value(2, "x")
    >>> J = (w * x) ** 2
    >>> print(check(J, {"w": "2*w*x"}))
    ✗ dw = 2*w*x: wrong
      yours 12, autograd 24, numerical 24
      The inner derivative ∂(w·x)/∂w = x is missing.
    """
    if not isinstance(root, Value):
        raise TypeError(f"check takes the root of a graph, a Value, not {quoted(root)} ({type(root).__name__})")
    if not hasattr(claims, "items"):
        raise TypeError(f"the claims are a dict such as {{'w1': 'x1*(a - y)'}}, not {quoted(claims)}")
    book = Book(root, names)
    given = given_point(root)
    others = list(islice(random_points(given, seed, book.fixed), points))
    return Report([_checked(book, key, right_side, given, others) for key, right_side in claims.items()], root)


def _checked(book: Book, key: object, right_side: object, given: Point, others: list[Point]) -> Answer:
    try:
        claim = Claim(book, key, right_side)
    except ShapeError as error:
        name, what = book.target(key)
        source = shortened(" ".join(str(right_side).split()))
        sentence = f"The shapes do not fit: {error}".removesuffix("?") + ("?" if str(error).endswith("?") else ".")
        return Answer(name, source, WRONG, sentence, "shape", targets=tuple(nodes(what)))
    others = [point for point in others if claim.everywhere and numerics_agree(point, claim)]
    here = compared(claim, given)
    there = [compared(claim, point) for point in others]
    worst, numerical, uncertainty = witnessed(claim, given)
    found, doubt = verdict(claim, given, here, there, worst, (numerical, uncertainty))
    mistake, sentence = ("", doubt) if doubt or found == RIGHT else _explained(book, claim, found, given, others)
    return Answer(
        name=claim.name,
        claim=shortened(claim.source, 100),
        verdict=found,
        diagnosis=sentence or None,
        mistake=mistake,
        claimed=claim.at(given)[0][worst],
        autograd=given.gradients()[claim.targets[worst]],
        numerical=numerical,
        numerical_error=uncertainty,
        targets=tuple(claim.targets),
    )


def _explained(book: Book, claim: Claim, found: str, given: Point, others: list[Point]) -> tuple[str, str]:
    points = [given, *others] if claim.everywhere else [given]
    usable = [point for point in points if compared(claim, point) in ("same", "different")]
    if not usable:
        value = short(claim.at(given)[0][0])
        return "no number", f"Yours is {value} where the derivative is finite: a division by 0, or a log of 0 or less?"
    if usable[0] is given and not numerics_agree(given, claim):
        usable = usable[1:]
    mistake, sentence = most_plausible(Case(book, claim, usable))
    if found != ONLY_HERE:
        return mistake, sentence
    by_chance = coincidence(claim, given, others, book.names)
    if mistake in ("no match", "two mistakes"):
        return "right here only", by_chance
    return mistake, f"{by_chance} {sentence}"
