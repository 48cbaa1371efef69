"""Where a student works in a notebook: ``exercise`` shows a task, ``answer`` marks lines, ``progress`` sums up.

An exercise ``ex1`` is the file ``exercises/ex1.toml`` beside the notebook (``docs/grading.md`` says how it is written),
or is defined by ``exercise("ex1", graph=…, at=…, points=…)``. All answers stay in this process; they
are written only where there is a file that keeps them (``kept.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from autograd.by_hand.lines import claimed_lines
from autograd.by_hand.report import UNREADABLE
from autograd.number import quoted, shown

from ..grading.exercise import Exercise, ExerciseError, read_toml
from ..grading.exercise import exercise as checked
from ..grading.files import FileError, read_text
from ..grading.marks import MISSING, AnswersError, Marks, Row, claimed, earned_of, mark, unmarked
from . import kept
from .questions import Questions, questions
from .reply import Reply
from .summary import Progress, Standing
from .task import QuestionTask, Task

FOLDER = "exercises"
MOST_FILES = 1000


class Desk:
    """The exercises that are known, and for each the last readable line about each derivative."""

    def __init__(self) -> None:
        self.defined: dict[str, Exercise] = {}  # by a call, not by a file
        self.files: dict[str, Path] = {}  # of the folder in which they were first looked for
        self.folder: Path | None = None  # of those files
        self.kept: dict[str, kept.Kept] = {}  # ex1: what was answered
        self.marked: dict[str, tuple[Exercise, dict[str, object], Marks]] = {}  # what was marked last

    def known(self) -> list[str]:
        """The names of all exercises: those of the folder first."""
        folder = Path(FOLDER).absolute()
        found = sorted(folder.glob("*.toml"))[:MOST_FILES] if folder.is_dir() else []
        for path in found:
            self.files.setdefault(path.stem, path)
        if found and self.folder is None:
            self.folder, self.kept = folder, kept.read(folder) | self.kept
        return list(dict.fromkeys([*sorted(self.files), *self.defined]))

    def define(self, name: str, definition: Mapping[str, object]) -> None:
        """Define an exercise anew; what was answered stays, and is marked by the new definition."""
        if not isinstance(name, str) or not name.strip() or len(name) > 100:
            raise ExerciseError(f"the name of an exercise is a word such as ex1, not {quoted(name)}")
        self.known()
        if name in self.files:
            raise ExerciseError(f"{FOLDER}/{name}.toml defines {name}: show it by exercise({quoted(name)})")
        self.defined[name] = checked(definition)

    def exercise(self, name: str) -> Exercise | Questions:
        """The exercise of that name; a file is read anew each time. Raises UnknownExerciseError, ExerciseError."""
        known = self.known()
        if name in self.defined:
            return self.defined[name]
        if name not in self.files:
            listed = f"the exercises are {', '.join(map(shown, known[:20]))}" if known else _how_to_begin()
            raise UnknownExerciseError(f"there is no exercise {quoted(name)}: {listed}")
        try:
            table = read_toml(read_text(str(self.files[name])))
            return questions(table) if "questions" in table else checked(table)
        except (ExerciseError, FileError) as error:
            raise ExerciseError(f"{FOLDER}/{name}.toml: {error}") from None

    def answer(self, name: str, text: str, lines: Mapping[str, object]) -> Reply:
        """Mark lines together with those that stand; they replace what they are about, if they can be read."""
        asked = self.exercise(name)
        if isinstance(asked, Questions):
            return self._answer_questions(name, asked, text, lines)
        claims = {left: right for left, right in lines.items() if not _is_blank(right)}
        tried = [*(_tried(asked, text) if text.strip() else []), *(_tried(asked, claims) if claims else [])]
        readable = {row.name: line for row, line in tried if row.answer.verdict != UNREADABLE}
        self._keep(name, bool(tried)).lines.update(readable)
        self._write(name)
        marks = self.marks(name, asked)
        rows = [row for row, _ in tried if row.answer.verdict == UNREADABLE]
        rows += [row for row in marks.rows if row.name in readable]
        return Reply(tuple(rows), tuple(self._notes(name, marks, rows)))

    def _answer_questions(self, name: str, asked: Questions, text: str, lines: Mapping[str, object]) -> Reply:
        if text.strip():
            raise AnswersError(f"{name} has questions; answer them by name: {QuestionTask(name, asked).call}")
        rows = {question: asked.mark(question, answer) for question, answer in lines.items() if not _is_blank(answer)}
        readable = {question: row for question, row in rows.items() if row.answer.verdict != UNREADABLE}
        self._keep(name, bool(rows)).answered.update(readable)
        self._write(name)
        return Reply(tuple(rows.values()), tuple(self._notes(name, self.marks(name, asked), list(rows.values()))))

    def _keep(self, name: str, attempts: int = 0) -> kept.Kept:
        """What was answered of an exercise, after so many more attempts."""
        found = self.kept.setdefault(name, kept.Kept())
        found.attempts += attempts
        return found

    def _write(self, name: str) -> None:
        if self.folder is not None and self.kept[name].attempts:
            kept.write(self.folder, name, self.kept[name])

    def _notes(self, name: str, marks: Marks, rows: list[Row]) -> list[str]:
        unreadable = {row.name for row in rows if row.answer.verdict == UNREADABLE}
        kept = [line for line in (*self._keep(name).lines, *self._keep(name).answered) if line in unreadable]
        missing = [row.name for row in marks.rows if row.answer.verdict == MISSING and row.name not in unreadable]
        return [
            *([f"Your earlier line for {', '.join(kept)} stands."] if kept else []),
            *([f"Not answered yet: {', '.join(missing)}."] if missing else []),
            f"{name}: {earned_of(marks.earned, marks.points)} points so far.",
        ]

    def marks(self, name: str, asked: Exercise | Questions) -> Marks:
        """The marks of the lines that stand, as far as the exercise reveals them."""
        if isinstance(asked, Questions):
            return asked.marks(self._keep(name).answered)
        lines = dict(self._keep(name).lines.values())
        if name in self.marked:
            exercise, before, marks = self.marked[name]
            if exercise == asked and list(before) == list(lines) and all(before[left] is lines[left] for left in lines):
                return marks
        marks = (mark(asked, lines) if lines else unmarked(asked, "")).revealing(asked.reveal)
        self.marked[name] = asked, lines, marks
        return marks

    def standing(self, name: str) -> Standing:
        """How an exercise stands; one whose file cannot be used has the reason in its marks."""
        try:
            asked = self.exercise(name)
            return Standing(name, self.marks(name, asked), tuple(asked.points), self._keep(name).attempts)
        except ExerciseError as error:
            return Standing(name, Marks(name, (), problem=str(error)))


class UnknownExerciseError(KeyError):
    """There is no exercise of that name."""

    def __str__(self) -> str:  # a KeyError shows its text in quotes
        return str(self.args[0])


_DESK = Desk()


def exercise(
    name: str,
    /,
    *,
    graph: str = "",
    at: Mapping[str, object] | None = None,
    points: Mapping[str, float] | None = None,
    title: str = "",
    task: str = "",
    want: str = "",
    reveal: str = "reason",
) -> Task | QuestionTask:
    """Show an exercise: its graph, the point, and which derivatives are to be derived by hand, for how many points.

    It is the file ``exercises/NAME.toml``, or with ``graph``, ``at``, ``points`` it is defined here; ``title`` and
    ``task`` are texts, ``want="formula"`` takes no numbers for an answer, ``reveal`` says what is told of a wrong line:
    "nothing" but that it is wrong, the "reason", or autograd's "numbers" as well. Defining it again keeps the answers.
    Raises KeyError for a name that is not known, ExerciseError (a ValueError) for an exercise that cannot be used.

    >>> exercise("square", graph="J = (w*x)**2", at={"w": 3, "x": 2}, points={"dw": 2}, title="A square")
    A square
    <BLANKLINE>
        J = (w*x)**2
    <BLANKLINE>
    at w = 3, x = 2
    <BLANKLINE>
    Derive dw (2 points).
    <BLANKLINE>
    answer("square", dw="…")
    >>> answer("square", dw="2*w*x")
    ✗ dw = 2*w*x: wrong
      The inner derivative ∂(w·x)/∂w = x is missing.
      0 of 2 points
    square: 0 of 2 points so far.
    >>> answer("square", dw="2w x²").score()
    2.0
    """
    texts = {"title": title, "task": task, "graph": graph, "want": want}
    if any(texts.values()) or at or points:
        _DESK.define(name, {**texts, "reveal": reveal, "at": at or {}, "points": points or {}})
    found = _DESK.exercise(name)
    return QuestionTask(name, found) if isinstance(found, Questions) else Task(name, found)


def answer(name: str, claims: str | Mapping[str, object] = "", /, **lines: object) -> Reply:
    """Mark lines of a derivation, ``answer("ex1", dz="a - y", dw1="x1(a - y)")``: says what is wrong, and why.

    ``claims`` is a text, or a mapping, as in ``check``: ``answer("ex1", "∂L/∂z = a - y; dw1 = x1 dz")``. Of each
    derivative the last line counts, also over several calls; one that is empty, or cannot be read, replaces none. A
    line that goes on from an earlier wrong one rightly earns its points. Raises KeyError for an exercise that is not
    known, TypeError for what is no line, AnswersError (a ValueError) for a text that is too long, or has no line.
    """
    if isinstance(claims, Mapping) and all(isinstance(left, str) for left in claims):
        return _DESK.answer(name, "", {**claims, **lines})
    if not isinstance(claims, str):
        raise TypeError(
            f'an answer has lines, dw1="x1*(a - y)", or is a text of them, "dw1 = x1*(a - y)", not {quoted(claims)}'
        )
    return _DESK.answer(name, claims, lines)


def progress(name: str | None = None, /) -> Progress:
    """Sum up what the answers so far earn: of one exercise, or of all, those of the folder that were not begun too.

    ``progress("03-*")`` is of all whose names begin with 03-. ``progress("ex1").score()`` is a plain number,
    ``progress("ex1").require("dz")`` raises AssertionError unless the line earns its points. Raises KeyError for an
    exercise that is not known.
    """
    meant = [one for one in _DESK.known() if name is None or one == name or fnmatchcase(one, name)]
    if name is not None and not meant:
        _DESK.exercise(name)  # says which there are
    return Progress(tuple(map(_DESK.standing, meant)))


def _tried(asked: Exercise, claims: str | Mapping[str, object]) -> list[tuple[Row, tuple[str, object]]]:
    """Each line of an answer by itself: its row, and its two sides. Raises AnswersError for a text that is too long."""
    if isinstance(claims, str):
        claims = "\n".join(claimed(claims))
    rows = [row for row in mark(asked, claims).rows if row.answer.verdict != MISSING]
    sides = [(str(line.key), _right_side(line.parts)) for line in claimed_lines(claims)]
    return list(zip(rows, sides, strict=True))


def _right_side(parts: tuple[object, ...]) -> object:
    return " = ".join(map(str, parts)) if len(parts) > 1 else parts[0]


def _is_blank(right_side: object) -> bool:
    return right_side is ... or right_side is None or (isinstance(right_side, str) and not right_side.strip())


def _how_to_begin() -> str:
    return "none is known: put ex1.toml into a folder exercises beside the notebook, or give graph=, at= and points="
