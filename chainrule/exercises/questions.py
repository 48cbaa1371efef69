"""Questions whose answer is a number, a choice, or something that computes: the second kind of exercise.

A file ``exercises/NAME.toml`` with a table ``[questions.NAME]`` for each; ``docs/grading-notebooks.md`` says how. What
is right stands in the file, and in nothing that a student is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograd import FormulaError, Value
from autograd.by_hand.report import RIGHT, UNREADABLE, WRONG, Answer
from autograd.formulas.parse import parse
from autograd.number import number, quoted, shown

from ..grading.exercise import ExerciseError, text_of, worth
from ..grading.marks import MISSING, Marks, Row

CLOSE = 0.01  # how far apart two numbers may be, relative, that are taken for the same, if the file does not say
ROUNDED = "rounded"  # outputs are rounded to whole numbers before they are looked at
MOST_QUESTIONS = 100
_KEYS = ("title", "task", "questions", "reveal")
_KINDS = {
    "right": ("ask", "points", "right", "within", "why"),
    "options": ("ask", "points", "options", "right", "why"),
    "outputs": ("ask", "points", "inputs", "outputs", "within", "why"),
}
Verdict = tuple[str, str]  # "right", "wrong" or "unreadable", and why


@dataclass(frozen=True)
class Number:
    """A number is asked for. ``why`` gives the reasons of numbers that are known to be wrong."""

    ask: str
    right: float
    within: float
    why: dict[float, str]
    hint = ""  # what may be answered

    def judge(self, answer: object) -> Verdict:
        try:
            given = numeric(answer)
        except (TypeError, FormulaError) as error:
            return UNREADABLE, str(error)
        if is_close(given, self.right, self.within):
            return RIGHT, ""
        reasons = (why for wrong, why in self.why.items() if is_close(given, wrong, self.within))
        return WRONG, next(reasons, "")


@dataclass(frozen=True)
class Choice:
    """One of some words. ``why`` gives the reasons of wrong ones."""

    ask: str
    options: tuple[str, ...]
    right: str
    why: dict[str, str]

    @property
    def hint(self) -> str:
        return " or ".join(f'"{option}"' for option in self.options)

    def judge(self, answer: object) -> Verdict:
        given = next((option for option in self.options if option.lower() == str(answer).strip().lower()), None)
        if given is None:
            return UNREADABLE, f"The answer is {self.hint}."
        return (RIGHT, "") if given == self.right else (WRONG, self.why.get(given, ""))


@dataclass(frozen=True)
class Table:
    """A function, or a model, that is to give these outputs for these inputs. ``why`` is said of one that does not."""

    ask: str
    inputs: tuple[object, ...]
    outputs: tuple[list[float], ...]
    within: float | str
    why: str
    hint = "(hand it in: a function of x, or a model)"

    def judge(self, answer: object) -> Verdict:
        if not callable(answer):
            return (
                UNREADABLE,
                f"It is to be called, answer(x), as a model or a function is; {quoted(answer)} cannot be.",
            )
        for x, wanted in zip(self.inputs, self.outputs, strict=True):
            try:
                given = flat(answer(x))
            except Exception as error:  # a student's own function may raise anything
                return WRONG, f"At {shown(x)} it raises {type(error).__name__}: {shown(error, 200)}"
            if len(given) != len(wanted) or not all(map(self.fits, given, wanted)):
                return WRONG, f"At {shown(x)} it gives {shown(listed(given))}. {self.why}".strip()
        return RIGHT, ""

    def fits(self, given: float, wanted: float) -> bool:
        if self.within == ROUNDED:
            return math.isfinite(given) and round(given) == wanted
        return is_close(given, wanted, float(self.within))


Question = Number | Choice | Table


@dataclass(frozen=True)
class Questions:
    """Some questions under a title; ``points`` says what each is worth. Made by ``questions``, which checks them."""

    title: str
    task: str
    asked: dict[str, Question]
    points: dict[str, float]
    reveal: str = "reason"

    def mark(self, name: str, answer: object) -> Row:
        """What an answer to one question earns; KeyError where there is no such question."""
        if name not in self.asked:
            raise KeyError(f"there is no question {quoted(name)}; there are {', '.join(map(shown, self.asked))}")
        verdict, reason = self.asked[name].judge(answer)
        if self.reveal == "nothing" and verdict == WRONG:
            reason = ""
        said = Answer("", f"{shown(name)} = {short(answer)}", verdict, shown(reason, 1000) or None)
        return Row(shown(name), said, self.points[name], self.points[name] * (verdict == RIGHT))

    def marks(self, answered: Mapping[str, Row]) -> Marks:
        """The marks of the answers so far; what is not answered is missing."""
        return Marks(shown(self.title, 200), tuple(answered.get(name) or self.missing(name) for name in self.asked))

    def missing(self, name: str) -> Row:
        return Row(shown(name), Answer("", shown(name), MISSING), self.points[name])


# --- read from a file -------------------------------------------------------------------------------


def questions(table: Mapping[str, object]) -> Questions:
    """The questions of a file's table. Raises ExerciseError for what cannot be used."""
    for key in table:
        if key not in _KEYS:
            raise ExerciseError(f"there is no use for {shown(key)} beside questions: the keys are {', '.join(_KEYS)}")
    found = table["questions"]
    if not isinstance(found, Mapping) or not found or len(found) > MOST_QUESTIONS:
        raise ExerciseError(f"questions are 1 to {MOST_QUESTIONS} tables: [questions.n_out]")
    asked, points = {}, {}
    for name, question in found.items():
        if not name.isidentifier():
            raise ExerciseError(f"the name of a question is a word, such as n_out, not {quoted(name)}")
        if not isinstance(question, Mapping):
            raise ExerciseError(f"questions.{name} is a table: [questions.{name}]")
        try:
            asked[name] = one(question)
        except (ExerciseError, FormulaError, TypeError, ValueError) as error:
            raise ExerciseError(f"questions.{name}: {error}") from None
        points[name] = question.get("points", 1)
    reveal = table.get("reveal", "reason")
    if reveal not in ("nothing", "reason"):
        raise ExerciseError(f'reveal is "nothing" or "reason" here, not {quoted(reveal)}')
    return Questions(text_of(table, "title"), text_of(table, "task"), asked, worth(points), str(reveal))


def one(table: Mapping[str, object]) -> Question:
    """One question; its keys say of which kind it is."""
    kind = next((key for key in ("options", "outputs", "right") if key in table), None)
    if kind is None:
        raise ExerciseError("it has no answer: right = 8, or options and right, or inputs and outputs")
    for key in table:
        if key not in _KINDS[kind]:
            raise ExerciseError(f"there is no use for {shown(key)}: beside {kind} stand {', '.join(_KINDS[kind])}")
    ask = text_of(table, "ask")
    if kind == "options":
        return choice(table, ask)
    if kind == "outputs":
        return computed(table, ask)
    why = {numeric(wrong): reason for wrong, reason in reasons(table).items()}
    made = Number(ask, numeric(table["right"]), closeness(table.get("within", CLOSE)), why)
    for wrong in why:
        if made.judge(wrong)[0] == RIGHT:
            raise ExerciseError(f"why: {wrong:g} counts as right, within {made.within:g} of {made.right:g}")
    return made


def choice(table: Mapping[str, object], ask: str) -> Choice:
    options, right, why = table["options"], table.get("right"), reasons(table)
    if not isinstance(options, list) or len(options) < 2 or not all(isinstance(option, str) for option in options):
        raise ExerciseError('options are words: options = ["yes", "no"]')
    if len({option.strip().lower() for option in options}) < len(options):
        raise ExerciseError(f"two of the options {', '.join(map(quoted, options))} are the same")
    for option in (right, *why):
        if option not in options:
            raise ExerciseError(f"{quoted(option)} is none of the options {', '.join(map(quoted, options))}")
    return Choice(ask, tuple(options), str(right), why)


def computed(table: Mapping[str, object], ask: str) -> Table:
    inputs, outputs, within = table.get("inputs"), table["outputs"], table.get("within", CLOSE)
    if not isinstance(inputs, list) or not isinstance(outputs, list) or not inputs or len(inputs) != len(outputs):
        raise ExerciseError(
            "inputs and outputs are lists of the same length: inputs = [[0, 1], [1, 1]], outputs = [0, 1]"
        )
    wanted = tuple(map(flat, outputs))
    return Table(ask, tuple(inputs), wanted, ROUNDED if within == ROUNDED else closeness(within), text_of(table, "why"))


def reasons(table: Mapping[str, object]) -> dict[str, str]:
    """What is said of wrong answers, by the answer."""
    found = table.get("why", {})
    if not isinstance(found, Mapping) or not all(isinstance(reason, str) for reason in found.values()):
        raise ExerciseError('why says the reason of a wrong answer: why = { "6" = "The bias is missing." }')
    return dict(found)


def closeness(within: object) -> float:
    if isinstance(within, bool) or not isinstance(within, int | float) or not 0 <= within < 1:
        raise ExerciseError(f"within is how far off a right number may be, relative, 0 to 1, not {quoted(within)}")
    return float(within)


# --- numbers ----------------------------------------------------------------------------------------


def numeric(answer: object) -> float:
    """A number as it may be given: a number, a Value, or a text such as "1/4" or "log 2".

    Raises TypeError for what is none, FormulaError for a text that cannot be read.
    """
    if isinstance(answer, Value):
        return answer.data
    return parse(answer).data if isinstance(answer, str) else number(answer)


def is_close(a: float, b: float, within: float) -> bool:
    """Whether two numbers are the same, relative to the second; of a 0 only a 0 is."""
    return math.isclose(a, b, rel_tol=0.0, abs_tol=within * abs(b)) or abs(a - b) <= 1e-12


def flat(outputs: object) -> list[float]:
    """What a model gives, a number, a Value, or lists of them, as a list of numbers."""
    if isinstance(outputs, Iterable) and not isinstance(outputs, str):
        return [x for output in outputs for x in flat(output)]
    return [numeric(outputs)]


def listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{x:.4g}" for x in numbers)


def short(answer: object) -> str:
    """An answer as it is shown again: a text as it was typed, a function by its name, all else as Python shows it."""
    return shown(answer if isinstance(answer, str) else getattr(answer, "__name__", None) or repr(answer))
