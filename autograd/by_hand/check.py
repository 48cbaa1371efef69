"""Checking hand-derived gradients: ``check(L, {"w1": "x1*(a - y)", "b": "a - y"})``.

Three opinions on each claim: the claim itself; backpropagation; and a numerical derivative, which knows nothing of
either. They are compared at the graph's own point and at random values of its leaves, because a wrong formula can be
right by chance at one point. The Values of the graph are only read.
"""

from __future__ import annotations

from dataclasses import replace

from ..number import quoted
from ..value import Value
from .book import Book
from .examples import Examples
from .lines import claimed_lines
from .marking import Mark, explained, mark
from .point import Point, given_point, some_points
from .report import RIGHT, Answer, Report
from .sets import better, cause_of, per_example_is_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .lines import Claims


def check(
    root: Value,
    claims: Claims,
    names: Mapping[str, object] | None = None,
    *,
    want: str = "",
    points: int = 8,
    seed: int = 0,
) -> Report:
    """Compare claims about the derivatives of ``root`` with backpropagation and with numerics; say what is wrong.

    ``claims`` is a derivation as text, line by line (``"dz = a - y; dw1 = x1*dz"``), of which each ``=`` of a chain is
    checked; or it maps what the derivative is with respect to (a Value, or ``"w1"``, ``"dw1"``, ``"dL/dw1"``,
    ``"∂L/∂w1"``; inner nodes as well) to a formula in the labels of the graph, to a function whose arguments are such
    names, or to a number (which is checked at the given point only, to the digits it is written with). In formulas
    ``dz`` is the derivative of the root with respect to ``z``, ``da/dz`` that of ``a``.

    ``names`` gives further names: for Values without a label, and for lists and matrices of Values or numbers:
    ``check(J, {"dW1": "dZ1 @ A0.T / m"}, names={"W1": layer.W, "Z1": ..., "A0": ..., "m": 4})``. There ``*`` is
    element by element, ``sum(A)``, ``mean(A)`` run over all, ``sum(A, axis=1)`` over each row. Where the root is a mean
    over m examples, ``dZ`` may be ∂J/∂Z or ∂L/∂Z of each example's loss, as long as all lines keep to one of them.
    Data given there as arrays of numbers are not moved. ``points`` is the number of random points. With
    ``want="formula"`` a number is right at this point only, which is not enough.

    A line that cannot be read is one answer, of the verdict "unreadable"; so is one with a label that several nodes
    have, unless it is a vector, as the z of all examples is (each is called ``z_1``, ``z_2``, ... too). A line that is
    wrong, but follows rightly from another line that is wrong, or a rounded number, says so (``Answer.follows``) and
    earns its points.
    Raises TypeError for claims that are neither text nor pairs, and FormulaError for ``names`` that are no names.

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
    if want not in ("", "formula"):
        raise ValueError(f'want is "formula" or nothing, not {quoted(want)}')
    lines = claimed_lines(claims)
    book = Book(root, names)
    given = given_point(root, book.beside)
    others = some_points(given, seed, book.fixed, points)

    def marks(book: Book) -> list[Mark]:
        return [mark(book, line, given, others, want) for line in lines]

    found = marks(book)
    examples = Examples(given)
    if any(made.answer.verdict != RIGHT for made in found) and per_example_is_open(lines, found, book, examples):
        found = better(found, marks(book.per_example(examples)), examples)
    return Report([_answer(made, found, book, given, others) for made in found], root)


def _answer(made: Mark, marks: Sequence[Mark], book: Book, given: Point, others: Sequence[Point]) -> Answer:
    """The answer to a line beside the others: what went wrong, here or in an earlier line."""
    if (cause := cause_of(made, marks, given, others)) is not None:
        source, mistake = cause.answer.name, "follow-on"
        sentence = f"This follows rightly from your d{source}, which is wrong: mend that, and this is right too."
        if cause.answer.verdict == RIGHT:
            mistake = "rounded"
            sentence = (
                f"This follows from your d{source} = {cause.answer.claim}, which is rounded: carry more digits on."
            )
        made = replace(made, answer=replace(made.answer, diagnosis=sentence, mistake=mistake, follows=source))
    return explained(made, book, given, others)
