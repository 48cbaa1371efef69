"""One line marked: its verdict, its numbers, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import FormulaError
from ..formulas.digits import short
from ..formulas.matrix import ShapeError, nodes
from ..number import shortened
from .book import Book
from .case import Case
from .claim import Claim, how_read
from .hypotheses import most_plausible
from .lines import Line
from .point import Point
from .report import ONLY_HERE, RIGHT, UNREADABLE, WRONG, Answer
from .verdict import coincidence, compared, kinks, numerics_agree, place, trusted, verdict, witnessed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..value import Value


@dataclass(frozen=True)
class Mark:
    """The verdict on a line; the claim that it is about, None if it could not be read; the ``false`` = of a chain.

    ``answer`` has no diagnosis yet where a mistake is still to be looked for, which takes longest: ``explained``.
    """

    answer: Answer
    claim: Claim | None = None
    false: str = ""


def mark(book: Book, line: Line, given: Point, others: Sequence[Point], want: str = "") -> Mark:
    """The verdict on one line; of a chain of = on the first part that does not hold."""
    marks: list[Mark] = []
    for part in line.parts:
        made = _mark(book, line, part, given, others)
        if want == "formula" and made.answer.verdict == RIGHT and _holds_here_only(made, others):
            sentence = "A number holds at this point only: write a formula, which holds at every one."
            made = replace(made, answer=replace(made.answer, verdict=ONLY_HERE, diagnosis=sentence, note=""))
        if made.answer.verdict != RIGHT:
            before, wrong = (shortened(each.answer.claim, 40) for each in ([*marks, made][-2:] * 2)[:2])
            return replace(made, false=f"{before} = {wrong}" if marks else "")
        marks.append(made)
    return replace(marks[-1], answer=_whole(line, [made.answer for made in marks]))


def _whole(line: Line, parts: Sequence[Answer]) -> Answer:
    """The answer to a line of which all parts are right."""
    if len(parts) == 1:
        return parts[0]
    read_as = " = ".join(part.read_as or part.claim for part in parts)
    return replace(parts[-1], claim=line.source, read_as=read_as if any(part.read_as for part in parts) else "")


def explained(made: Mark, book: Book, given: Point, others: Sequence[Point]) -> Answer:
    """The answer to a line with the mistake that explains it, and the = of a chain that does not hold."""
    answer = made.answer
    if made.claim is not None and answer.verdict in (WRONG, ONLY_HERE) and not answer.diagnosis:
        mistake, sentence = _explained(book, made.claim, answer.verdict, given, others)
        answer = replace(answer, mistake=mistake, diagnosis=sentence)
    if made.false:
        sentence = f"The first = that does not hold is {made.false}. {answer.diagnosis}"
        answer = replace(answer, diagnosis=sentence)
    return answer


def _holds_here_only(made: Mark, others: Sequence[Point]) -> bool:
    """Whether a claim is a number where the derivative is none: it differs at another point."""
    claim = made.claim
    return claim is not None and not claim.everywhere and any(compared(claim, point) == "different" for point in others)


def _mark(book: Book, line: Line, part: object, given: Point, others: Sequence[Point]) -> Mark:
    source = shortened(" ".join(str(part).split()), 100)
    if line.fault:
        return Mark(Answer("", source, UNREADABLE, line.fault))
    try:
        claim = Claim(book, line.key, part)
    except FormulaError as error:
        name, targets = _target(book, line.key)
        return Mark(Answer(name, source, UNREADABLE, str(error), targets=targets))
    except ShapeError as error:
        name, targets = _target(book, line.key)
        sentence = f"The shapes do not fit: {error}".removesuffix("?") + ("?" if str(error).endswith("?") else ".")
        read_as = how_read(book, part)[1] if isinstance(part, str) else ""
        return Mark(Answer(name, source, WRONG, sentence, "shape", targets=targets, read_as=read_as))
    return Mark(_answered(claim, given, others), claim)


def _target(book: Book, key: object) -> tuple[str, tuple[Value, ...]]:
    """What a left side is about; if it cannot be read, as it was typed, without the d in front, and no nodes."""
    try:
        name, what = book.target(key)
    except FormulaError:
        text = key if isinstance(key, str) else getattr(key, "label", "")
        return shortened(" ".join(text.split()).removeprefix("d")), ()
    return name, tuple(nodes(what))


def _answered(claim: Claim, given: Point, others: Sequence[Point]) -> Answer:
    worst, numerical, uncertainty = witnessed(claim, given)
    found = verdict(claim, given, others, worst, (numerical, uncertainty))
    shown, note = given, found.note
    if found.element is not None:
        worst, numerical, uncertainty = witnessed(claim, given, found.element)
    if found.verdict == WRONG and compared(claim, given) == "same":  # at a kink: the numbers must show what is wrong
        shown = next(point for point in trusted(claim, others) if compared(claim, point) == "different")
        worst, numerical, uncertainty = witnessed(claim, shown)
        note = f"right here, but not at another point ({place(shown, claim.names)}):"
    return Answer(
        name=claim.name,
        claim=shortened(claim.source, 100),
        verdict=found.verdict,
        diagnosis=found.diagnosis or None,
        mistake=found.mistake,
        note=note,
        claimed=claim.at(shown)[0][worst] * claim.scale,
        autograd=shown.gradients()[claim.targets[worst]] * claim.scale,
        numerical=numerical * claim.scale,
        numerical_error=uncertainty * claim.scale,
        targets=tuple(claim.targets),
        read_as=claim.read_as,
    )


def _explained(book: Book, claim: Claim, found: str, given: Point, others: Sequence[Point]) -> tuple[str, str]:
    """The kind of the mistake, and the sentence about it."""
    elsewhere = [point for point in others if numerics_agree(point, claim)]
    others = trusted(claim, others)
    points = [given, *others] if claim.everywhere else [given]
    usable = [point for point in points if compared(claim, point) in ("same", "different")]
    if not usable:
        value = short(claim.at(given)[0][0])
        return "no number", f"Yours is {value} where the derivative is finite: a division by 0, or a log of 0 or less?"
    if usable[0] is given and (kinks(claim, given) or not numerics_agree(given, claim)):
        usable = usable[1:] or usable
    mistake, sentence = "no match", ""
    if not claim.everywhere:  # it may be the formula of a wrong derivation, and then it is so at every point
        mistake, sentence = most_plausible(Case(book, claim, [*usable, *elsewhere]))
    if mistake == "no match":
        mistake, sentence = most_plausible(Case(book, claim, usable, () if claim.everywhere else elsewhere))
    if found != ONLY_HERE:
        return mistake, sentence
    by_chance = coincidence(claim, given, others, book.names)
    if mistake in ("no match", "two mistakes"):
        return "right here only", by_chance
    return mistake, f"{by_chance} {sentence}"
