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


def source_of(made: Mark, marks: Sequence[Mark], given: Point, others: Sequence[Point]) -> str:
    """The name of the wrong line, nearer to the root, that a wrong line follows from rightly; "" if there is none.

    Where it takes several together, the name of the first.
    """
    if made.claim is None or made.answer.verdict != WRONG:
        return ""
    targets = set(made.claim.targets)
    wrong = [other for other in marks if other.claim is not None and other.answer.verdict == WRONG]
    earlier = [other for other in wrong if other.claim is not None and targets.isdisjoint(other.claim.targets)]
    for causes in [*([other] for other in reversed(earlier)), earlier]:
        claims = [cause.claim for cause in causes if cause.claim is not None]
        if claims and _follows(made.claim, claims, given, others):
            return causes[0].answer.name
    return ""


def _follows(claim: Claim, causes: Sequence[Claim], given: Point, others: Sequence[Point]) -> bool:
    """Whether a wrong claim is what the chain rule makes of these wrong ones."""
    if compared(claim, _assuming(given, causes)) != "same":  # of most lines: no other point is asked
        return False
    everywhere = claim.everywhere and all(cause.everywhere for cause in causes)
    return all(compared(claim, _assuming(point, causes)) != "different" for point in others if everywhere)


def _assuming(point: Point, causes: Sequence[Claim]) -> Point:
    known: dict[Value, float] = {}
    for cause in causes:
        known |= zip(cause.targets, cause.at(point)[0], strict=True)
    return point.assuming(known)
