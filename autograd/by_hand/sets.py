"""The lines of one derivation as a set: the convention that they keep to, and mistakes that only go on."""

from __future__ import annotations

from dataclasses import replace

from .book import is_quotient
from .report import RIGHT, WRONG
from .verdict import compared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..value import Value
    from .claim import Claim
    from .examples import Examples
    from .lines import Line
    from .marking import Mark
    from .point import Point


# --- the convention: dZ is ∂J/∂Z, or ∂L/∂Z of each example ---------------------------------------------------


def per_example_is_open(lines: Sequence[Line], marks: Sequence[Mark], examples: Examples) -> bool:
    """Whether ``dZ`` may be meant as ∂L/∂Z of each example: some line is about such a Z, and in its short form.

    One line alone must have the d: ``{"Z": ...}`` asks for the derivative of the root.
    """
    if len(lines) == 1 and not (isinstance(lines[0].key, str) and lines[0].key.strip().startswith(("d", "δ"))):
        return False
    return any(
        made.claim is not None and not _is_explicit(line) and examples.have(made.claim.what)
        for line, made in zip(lines, marks, strict=True)
    )


def _is_explicit(line: Line) -> bool:
    return isinstance(line.key, str) and is_quotient(line.key)


def better(of_root: Sequence[Mark], per_example: Sequence[Mark], examples: Examples) -> list[Mark]:
    """The marks by the convention that more lines keep to; of equally many, that of the first line that tells."""
    if _agreement(per_example, examples) <= _agreement(of_root, examples):
        return list(of_root)
    note = f"right as ∂L/∂{{}} of each example; the 1/m, m = {examples.size}, belongs in the parameters' lines"
    return [
        replace(made, answer=replace(made.answer, note=note.format(made.answer.name)))
        if made.claim is not None and made.claim.scale != 1 and made.answer.verdict == RIGHT
        else made
        for made in per_example
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
