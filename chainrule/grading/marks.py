"""What a derivation earns: one record, from which every format is written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from autograd import FormulaError, check
from autograd.by_hand.book import Book
from autograd.by_hand.report import RIGHT, UNREADABLE, Answer, Report
from autograd.formulas.matrix import shape
from autograd.formulas.reading.lines import lines
from autograd.number import shown

from .exercise import Exercise

MISSING = "missing"
MOST_LINES = 200
MOST_CHARACTERS = 10_000  # of a line
_COMMENT = re.compile(r"#.*")
_EXPONENT = r"(?:e[+−-]?\d+)?"
_RIGHT_IS = re.compile(rf",? right is [−-]?(?:inf|nan|\d+(?:\.\d+)?{_EXPONENT})")
_DECIMAL = re.compile(rf"[−-]?\d+\.\d+{_EXPONENT}")


class AnswersError(ValueError):
    """A student's answers cannot be marked at all; one line says why."""


def earned_of(earned: float, points: float) -> str:
    """What was earned, in words: 2 of 3."""
    return f"{earned:g} of {points:g}"


@dataclass(frozen=True)
class Row:
    """One line, and what it earns. ``name`` is what it is about, as the exercise writes it: dw1.

    A wanted line that is not there has a row too, with the verdict "missing".
    """

    name: str
    answer: Answer
    points: float = 0.0
    earned: float = 0.0

    @property
    def line(self) -> str:
        """What the student wrote, in one line; for a missing one, what is missing."""
        return self.name if self.answer.verdict == MISSING else self.answer.line

    @property
    def text(self) -> str:
        """The line and what is said of it, as Python prints it."""
        return f"✗ {self.name}: missing" if self.answer.verdict == MISSING else str(self.answer)

    @property
    def text_with_points(self) -> str:
        """The same, and what the line earns of its points, if it has any."""
        return f"{self.text}\n  {earned_of(self.earned, self.points)} points" if self.points else self.text


@dataclass(frozen=True)
class Marks:
    """The rows in the student's order, missing ones last. ``problem`` says why nothing could be marked, if so."""

    title: str
    rows: tuple[Row, ...]
    advice: str = ""
    problem: str = ""

    @property
    def points(self) -> float:
        """All that there was to earn."""
        return round(sum(row.points for row in self.rows), 2)

    @property
    def earned(self) -> float:
        """What was earned."""
        return round(sum(row.earned for row in self.rows), 2)

    @property
    def unreadable(self) -> tuple[Row, ...]:
        """The lines that could not be read."""
        return tuple(row for row in self.rows if row.answer.verdict == UNREADABLE)

    @property
    def code(self) -> int:
        """What the command exits with: 0 if all is right, 1 if something is not, 2 if something cannot be read."""
        if self.problem or self.unreadable:
            return 2
        return int(any(row.answer.verdict != RIGHT for row in self.rows))

    def revealing(self, what: str) -> Marks:
        """The marks as a student may see them: with "nothing" but verdicts, the "reason", or the "numbers" as well."""
        if what == "numbers":
            return self
        rows = tuple(replace(row, answer=_covered(row.answer, what)) for row in self.rows)
        return replace(self, rows=rows, advice=self.advice if what == "reason" else "")

    def to_json(self) -> dict[str, object]:
        """All of it as plain data, to be read by ``from_json``; nan and inf are floats there."""
        return {"title": self.title, "advice": self.advice, "problem": self.problem, "rows": [*map(_packed, self.rows)]}


def mark(exercise: Exercise, answers: str | Mapping[str, object]) -> Marks:
    """The marks of a student's answers: a text with a line for each derivative, or a mapping of its kind.

    ``# …`` in a text is a comment. Raises AnswersError for a text that is too long, and for one without a line.
    """
    claims = answers if isinstance(answers, Mapping) else "\n".join(claimed(answers))
    names = {name: what for name, what in exercise.names.items() if shape(what)}
    report = check(exercise.root, claims, names, want=exercise.want)
    return marked(report, exercise.wanted, exercise.points, Book(exercise.root, names), exercise.title)


def claimed(text: str) -> list[str]:
    """The lines of a student's text, without comments. Raises AnswersError."""
    found = lines("\n".join(_COMMENT.sub("", line) for line in text.split("\n")))
    if not found:
        raise AnswersError("there is no line to mark: write one for each derivative, such as dw1 = x1*(a - y)")
    if len(found) > MOST_LINES:
        raise AnswersError(f"there are {len(found):,} lines; at most {MOST_LINES} are read")
    longest = max(map(len, found))
    if longest > MOST_CHARACTERS:
        raise AnswersError(f"a line has {longest:,} characters; at most {MOST_CHARACTERS:,} are read")
    return found


def marked(
    report: Report, wanted: Mapping[str, str], points: Mapping[str, float], book: Book, title: str = ""
) -> Marks:
    """The marks for a report. ``wanted`` is how each node's derivative is written in ``points``: ``{"w1": "dw1"}``.

    A derivative earns its points if all lines about it earn them: who writes two must be right in both.
    """
    about = [_about(answer, book) for answer in report]
    rows = []
    for at, (answer, name) in enumerate(zip(report, about, strict=True)):
        worth = points[wanted[name]] if name in wanted and at == _counts(name, report, about) else 0.0
        rows.append(Row(wanted.get(name) or shown(_left(answer)), _in_one_line(answer), worth, worth * answer.earns))
    rows += [_missing(name, asked, points[asked]) for name, asked in wanted.items() if name not in about]
    return Marks(shown(title, 200), tuple(rows), report.advice)


def unmarked(exercise: Exercise, problem: str) -> Marks:
    """The marks where nothing could be marked: nothing is earned, and this is why."""
    rows = [_missing(name, asked, exercise.points[asked]) for name, asked in exercise.wanted.items()]
    return Marks(shown(exercise.title, 200), tuple(rows), problem=shown(problem, 500))


def from_json(data: Mapping[str, object]) -> Marks:
    """The marks that ``to_json`` made plain."""
    rows = data["rows"]
    assert isinstance(rows, Sequence)
    return Marks(
        str(data["title"]),
        tuple(
            Row(row["name"], Answer(**row["answer"] | {"targets": ()}), row["points"], row["earned"]) for row in rows
        ),
        str(data["advice"]),
        str(data["problem"]),
    )


def _about(answer: Answer, book: Book) -> str:
    """The name of what a line is about, also of one that cannot be read; "" if its left side is not to be read."""
    if answer.targets:
        return answer.name
    left = answer.name or answer.claim.partition("=")[0]
    for name in (f"d{left}", left):
        try:
            return book.target(name)[0]
        except FormulaError:
            pass
    return ""


def _counts(name: str, report: Report, about: Sequence[str]) -> int:
    """Which of the lines about one name counts: the first that earns nothing, or else the last."""
    alike = [at for at, other in enumerate(about) if other == name]
    return next((at for at in alike if not report.answers[at].earns), alike[-1])


def _covered(answer: Answer, what: str) -> Answer:
    """An answer without what the engine knows. Why a line cannot be read is no secret."""
    diagnosis = answer.diagnosis and _without(answer.autograd, answer.diagnosis, answer.claimed)
    answer = replace(answer, claimed=math.nan, autograd=math.nan, numerical=math.nan, numerical_error=math.inf)
    if what == "nothing" and answer.verdict not in (UNREADABLE, MISSING):
        return replace(answer, diagnosis=None, mistake="", note="", follows="")
    return replace(answer, diagnosis=diagnosis)


def _without(truth: float, sentence: str, claimed: float) -> str:
    """A sentence without the number that is right: where it says so, and wherever else it stands."""

    def covered(found: re.Match[str]) -> str:
        number = float(found[0].replace("−", "-"))
        is_claimed = math.isclose(number, claimed, rel_tol=1e-6)
        return "…" if math.isclose(number, truth, rel_tol=1e-3) and not is_claimed else found[0]

    return _DECIMAL.sub(covered, _RIGHT_IS.sub("", sentence))


def _packed(row: Row) -> dict[str, object]:
    return asdict(replace(row, answer=replace(row.answer, targets=())))


def _missing(name: str, asked: str, points: float) -> Row:
    return Row(asked, Answer(name, "", MISSING, f"There is no line for {shown(asked)}.", MISSING), points)


def _left(answer: Answer) -> str:
    """The left side of a line that is about nothing that is known."""
    return f"d{answer.name}" if answer.name else answer.claim


def _in_one_line(answer: Answer) -> Answer:
    """An answer with the student's text as it may be shown: what a terminal or a reader of XML would obey, escaped."""
    return replace(
        answer,
        name=shown(answer.name, 100),
        claim=shown(answer.claim, 200),
        read_as=shown(answer.read_as, 200),
        note=shown(answer.note, 1000),
        follows=shown(answer.follows, 100),
        diagnosis=answer.diagnosis and shown(answer.diagnosis, 2000),
    )
