"""An exercise: a graph at a point, and the derivatives that a student is to derive by hand, with the points for each.

It is written in TOML; ``docs/grading.md`` says how. It holds no solution: the engine knows the derivatives.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from autograd import FormulaError, Value
from autograd.by_hand.book import Book
from autograd.formulas.matrix import ShapeError, array, elements, elementwise, shape
from autograd.formulas.parse import definitions
from autograd.number import quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.formulas.matrix import Quantity

WANT = ("", "formula")
REVEAL = ("nothing", "reason", "numbers")
MOST_NUMBERS = 10_000  # at the point
MOST_POINTS = 1_000_000
_KEYS = ("title", "task", "graph", "at", "points", "want", "reveal")


class ExerciseError(ValueError):
    """An exercise cannot be used; one line says what is wrong with it."""


@dataclass(frozen=True)
class Exercise:
    """``points`` says what is wanted, as ``{"dz": 1, "dw1": 2}``; ``at`` what each leaf is: a number, a list, or rows.

    ``want="formula"`` takes no numbers for an answer. ``reveal`` is what a student is told of a wrong line: "nothing"
    but that it is wrong, the "reason", or the "numbers" as well. Made by ``exercise``, which checks them.
    """

    title: str
    task: str
    graph: str
    at: dict[str, object]
    points: dict[str, float]
    want: str = ""
    reveal: str = "reason"

    @cached_property
    def names(self) -> dict[str, Quantity]:
        """What each name of the graph stands for, the root last: a Value, or an array of Values."""
        given = {name: _leaves(name, numbers) for name, numbers in self.at.items()}
        try:
            return given | definitions(self.graph, given, matrices=True)
        except ShapeError as error:
            raise ExerciseError(f"the graph's shapes do not fit: {error}") from None
        except FormulaError as error:
            raise ExerciseError(f"the graph: {error}") from None

    @cached_property
    def root(self) -> Value:
        """The cost: what is derived."""
        *_, root = self.names.values()
        if not isinstance(root, Value):
            raise ExerciseError(
                f"the graph's result has the shape {shape(root)}, but what is derived is one number: add mean(…)"
            )
        if not math.isfinite(root.data):
            raise ExerciseError(f"the graph's result is {root.data} at this point")
        return root

    @cached_property
    def wanted(self) -> dict[str, str]:
        """By the name of each node that is asked about, how the exercise writes its derivative: ``{"w1": "dw1"}``."""
        return wanted(self.points, Book(self.root, {name: what for name, what in self.names.items() if shape(what)}))


def wanted(points: Iterable[str], book: Book) -> dict[str, str]:
    """How the derivative by each node is written in ``points``: ``{"w1": "dw1"}``. Raises ExerciseError."""
    found: dict[str, str] = {}
    for asked in points:
        try:
            name, _ = book.target(asked)
        except FormulaError as error:
            raise ExerciseError(f"points: {error}") from None
        if name in found:
            raise ExerciseError(f"points: {found[name]} and {shown(asked)} are the same")
        found[name] = asked
    return found


def from_toml(text: str) -> Exercise:
    """The exercise of a file's text. Raises ExerciseError."""
    return exercise(read_toml(text))


def read_toml(text: str) -> dict[str, object]:
    """The table of a file's text. Raises ExerciseError."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError is one; so is what an int of thousands of digits raises
        raise ExerciseError(f"it is not TOML: {shown(error, 200)}") from None
    except RecursionError:
        raise ExerciseError("it is not TOML: its brackets are too deep") from None


def exercise(table: Mapping[str, object]) -> Exercise:
    """The exercise of a table with the keys of a file. Raises ExerciseError for one that cannot be used."""
    if "questions" in table:
        raise ExerciseError("its questions are answered in a notebook: exercise(…), answer(…); here graphs are marked")
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        raise ExerciseError(f"there is no use for {shown(unknown[0])}: the keys are {', '.join(_KEYS)}")
    if not table.get("graph"):
        raise ExerciseError('the graph is missing: graph = "L = (a - y)**2; a = w*x"')
    made = Exercise(
        title=text_of(table, "title"),
        task=text_of(table, "task"),
        graph=text_of(table, "graph"),
        at=_table(table, "at", "w1 = 0.5"),
        points=worth(_table(table, "points", "dw1 = 2")),
        want=_one_of(table, "want", WANT),
        reveal=_one_of(table, "reveal", REVEAL, "reason"),
    )
    assert made.wanted  # whatever is wrong with the graph is said now
    return made


def worth(points: Mapping[str, object]) -> dict[str, float]:
    """Points for each name. Raises ExerciseError unless they are numbers from 0, with two decimals at most."""
    if not points:
        raise ExerciseError("points say what is wanted: add points, such as dw1 = 2")
    for name, number in points.items():
        plain = isinstance(number, int | float) and 0 <= number <= MOST_POINTS and round(number, 2) == number
        if not plain or isinstance(number, bool):
            raise ExerciseError(
                f"points: {shown(name)} = {quoted(number)}: points are numbers from 0 to {MOST_POINTS:,}, "
                "with two decimals at most"
            )
    found = {name: float(number) for name, number in points.items() if isinstance(number, int | float)}
    if not sum(found.values()):
        raise ExerciseError("points: all are 0, so there is nothing to earn")
    return found


def _leaves(name: str, numbers: object) -> Quantity:
    """Values for the numbers of one name of the point."""
    try:
        plain = array(numbers, name)
    except (TypeError, ValueError, OverflowError) as error:
        raise ExerciseError(f"at: {shown(error, 200)}") from None
    if len(shape(plain)) > 2:
        raise ExerciseError(f"at: {shown(name)} has the shape {shape(plain)}: write a number, a list, or rows")
    if len(elements(plain)) > MOST_NUMBERS:
        raise ExerciseError(
            f"at: {shown(name)} has {len(elements(plain)):,} numbers; at most {MOST_NUMBERS:,} are read"
        )
    if not all(isinstance(x, float) and math.isfinite(x) for x in elements(plain)):
        raise ExerciseError(f"at: {shown(name)}: every number is to be finite")
    return elementwise(lambda x: Value(float(x)), plain)


def text_of(table: Mapping[str, object], key: str) -> str:
    """The text under a key of a file's table, "" where there is none. Raises ExerciseError for what is no text."""
    text = table.get(key, "")
    if not isinstance(text, str):
        raise ExerciseError(f"{key} is a text, not {quoted(text)}")
    return text.strip()


def _table(table: Mapping[str, object], key: str, example: str) -> dict[str, object]:
    found = table.get(key, {})
    if not isinstance(found, Mapping):
        raise ExerciseError(f"{key} is a table: {key} = {{ {example} }}, not {quoted(found)}")
    return {str(name): value for name, value in found.items()}


def _one_of(table: Mapping[str, object], key: str, known: tuple[str, ...], default: str = "") -> str:
    found = table.get(key, default)
    if not isinstance(found, str) or found not in known:
        listed = " or ".join(f'"{word}"' for word in known if word)
        raise ExerciseError(f"{key} is {listed}, not {quoted(found)}")
    return found
