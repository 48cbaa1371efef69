"""The lines of one derivation as a set: the convention that they keep to, and mistakes that only go on."""

from __future__ import annotations

from dataclasses import replace

from ..formulas.grammar import names
from .book import is_quotient
from .report import RIGHT, WRONG
from .verdict import compared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..formulas.matrix import Quantity
    from ..value import Value
    from .book import Book
    from .claim import Claim
    from .examples import Examples
    from .lines import Line
    from .marking import Mark
    from .point import Point


# --- the convention: dZ is ∂J/∂Z, or ∂L/∂Z of each example ---------------------------------------------------


def per_example_is_open(lines: Sequence[Line], marks: Sequence[Mark], book: Book, examples: Examples) -> bool:
    """Whether ``dZ`` may be meant as ∂L/∂Z of each example: some line speaks of such a Z, and in its short form.

    One line alone must have its d: ``{"Z": ...}`` asks for the derivative of the root.
    """
    if len(lines) == 1 and not (
        isinstance(lines[0].key, str) and lines[0].key.strip().startswith(("d", "δ", "∂", "\\"))
    ):
        return False
    return any(
        examples.have(what)
        for line, made in zip(lines, marks, strict=True)
        if made.claim is not None
        for what in _short_forms(line, made.claim, book)
    )


def _short_forms(line: Line, claim: Claim, book: Book) -> Iterator[Quantity]:
    """What a line speaks of in the short form, ``dZ``, left and right of its =."""
    if not (isinstance(line.key, str) and is_quotient(line.key)):
        yield claim.what
    for name in names(claim.tree) if claim.tree is not None else ():
        if name not in book.known and name.removeprefix("d") in book.known:
            yield book.known[name.removeprefix("d")]


def better(of_root: Sequence[Mark], per_example: Sequence[Mark], examples: Examples) -> list[Mark]:
    """The marks by the convention that more lines keep to; of equally many, that of the first line that tells."""
    if _agreement(per_example, examples) <= _agreement(of_root, examples):
        return list(of_root)
    about_examples = [made.claim is not None and made.claim.scale != 1 for made in per_example]
    notes = []
    for made, before, has_examples in zip(per_example, of_root, about_examples, strict=True):
        note = ""
        if has_examples:
            name = made.answer.name
            note = (
                f"right as ∂L/∂{name} of each example; the 1/m, m = {examples.size}, belongs in the parameters' lines"
            )
        elif not any(about_examples) and before.answer.verdict != RIGHT:
            note = "right where dZ is short for ∂L/∂Z of each example, without the 1/m"
        notes.append(note if made.answer.verdict == RIGHT else "")
    return [
        replace(made, answer=replace(made.answer, note=note or made.answer.note))
        for made, note in zip(per_example, notes, strict=True)
    ]


def _agreement(marks: Sequence[Mark], examples: Examples) -> tuple[int, bool]:
    right = [made.answer.verdict == RIGHT for made in marks]
    tells = [made.claim is not None and examples.have(made.claim.what) for made in marks]
    return sum(right), next((found for found, telling in zip(right, tells, strict=True) if telling), False)


# --- mistakes that go on -------------------------------------------------------------------------------------


def cause_of(made: Mark, marks: Sequence[Mark], given: Point, others: Sequence[Point]) -> Mark | None:
    """The line nearer to the root that a wrong line follows from rightly: a wrong one, or a number that is rounded.

    Where it takes several together, the first of them; None if it follows from none.
    """
    if made.claim is None or made.answer.verdict != WRONG:
        return None
    targets = set(made.claim.targets)
    earlier = [
        other
        for other in marks
        if other.claim is not None and (other.answer.verdict == WRONG or other.claim.written)
        if targets.isdisjoint(other.claim.targets)
    ]
    for causes in [*([other] for other in reversed(earlier)), earlier]:
        if causes and _follows(made.claim, causes, given, others):
            return causes[0]
    return None


def _follows(claim: Claim, causes: Sequence[Mark], given: Point, others: Sequence[Point]) -> bool:
    """Whether a wrong claim is what the chain rule makes of these lines, right or wrong."""
    claims = [cause.claim for cause in causes if cause.claim is not None]
    if compared(claim, _assuming(given, claims)) != "same":  # of most lines: no other point is asked
        all_wrong = all(cause.answer.verdict == WRONG for cause in causes)
        return all_wrong and _follows_unrounded(claim, claims, given)
    everywhere = claim.everywhere and all(cause.everywhere for cause in claims)
    return all(compared(claim, _assuming(point, claims)) != "different" for point in others if everywhere)


def _follows_unrounded(claim: Claim, causes: Sequence[Claim], given: Point) -> bool:
    """Whether numbers follow from wrong numbers that were carried on with more digits than they are written with."""
    if not claim.written or not all(cause.written for cause in causes):
        return False
    low, high = (_assuming(given, causes, units).gradients() for units in (-0.5, 0.5))
    for one, node in zip(claim.written, claim.targets, strict=True):
        half = (0.5 + 1e-9) * one.unit
        least, most = sorted((low[node] * claim.scale, high[node] * claim.scale))
        if not least - half <= one.value <= most + half:
            return False
    return True


def _assuming(point: Point, causes: Sequence[Claim], units: float = 0.0) -> Point:
    """The point with the gradients that these lines say; numbers moved by so many units of their last digits."""
    known: dict[Value, float] = {}
    for cause in causes:
        moves = [units * one.unit / cause.scale for one in cause.written] or [0.0 for _ in cause.targets]
        values = [x + move for x, move in zip(cause.at(point)[0], moves, strict=True)]
        known |= zip(cause.targets, values, strict=True)
    return point.assuming(known)
