"""What ``check`` answers: one ``Answer`` for each claim, and the ``Report`` of them all."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from .. import graph
from ..formulas.digits import short, told_apart
from ..number import shortened
from ..value import Value
from .book import Book

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RIGHT, ONLY_HERE, WRONG, INCONCLUSIVE = "right", "right here only", "wrong", "inconclusive"
UNREADABLE = "unreadable"
MOST_SHOWN = 300  # characters of how a line was read; all of them are in ``read_as``
_MARKS = {RIGHT: "✓", ONLY_HERE: "✗", WRONG: "✗", INCONCLUSIVE: "?", UNREADABLE: "?"}


@dataclass(frozen=True)
class Answer:
    """What came out for one claim; for a matrix, ``claimed``, ``autograd`` and ``numerical`` are its worst element.

    ``verdict``   "right", "right here only", "wrong", "inconclusive" or "unreadable"
    ``diagnosis`` the sentence that says what went wrong; None for what is right
    ``mistake``   its kind in two words ("missing factor"), for statistics over a class; "" for what is right
    ``read_as``   how the claim was read, if it is not typed so: ``x1*(a - y)`` for ``x1(a-y)``
    ``note``      what a right claim is right by: "to 2 digits", a convention; "" if there is nothing to say
    ``follows``   the line, wrong or rounded, that this one, wrong by itself, follows from rightly; "" if there is none
    """

    name: str
    claim: str
    verdict: str
    diagnosis: str | None = None
    mistake: str = ""
    claimed: float = math.nan
    autograd: float = math.nan
    numerical: float = math.nan
    numerical_error: float = math.inf
    targets: tuple[Value, ...] = field(default=(), repr=False)
    read_as: str = ""
    note: str = ""
    follows: str = ""

    @property
    def earns(self) -> bool:
        """Whether the line earns its points: it is right, or follows rightly from an earlier one."""
        return self.verdict == RIGHT or bool(self.follows)

    def __str__(self) -> str:
        if self.verdict == UNREADABLE:
            return f"{_MARKS[self.verdict]} {self.line}: unreadable: {self.diagnosis}"
        lines = [f"{_MARKS[self.verdict]} {self.line}: {self.verdict}"]
        if self.read_as:
            lines.append(f"  read as {shortened(self.read_as, MOST_SHOWN)}")
        if self.note:
            lines.append(f"  {self.note}")
        if self.verdict != RIGHT:
            if not math.isnan(self.autograd):
                yours, autograd = told_apart(self.claimed, self.autograd)
                lines.append(f"  yours {yours}, autograd {autograd}, {self._witness()}")
            if self.diagnosis:
                lines.append(f"  {self.diagnosis}")
        return "\n".join(lines)

    @property
    def line(self) -> str:
        """The whole line, as it was claimed."""
        typed = self.verdict == UNREADABLE and (self.name[:1] == "δ" or not self.name[:1].isalpha())  # ∂L/∂q, \\frac…
        return f"{'' if typed else 'd'}{self.name} = {self.claim}" if self.name else self.claim

    def _witness(self) -> str:
        return f"numerical {short(self.numerical)}" if math.isfinite(self.numerical) else "numerical —"


class Report:
    """The answers, by Value or name: ``report[w1].verdict``; ``report.ok`` if every claim is right."""

    def __init__(self, answers: list[Answer], root: Value) -> None:
        self.answers = answers
        self._book = Book(root)

    @property
    def ok(self) -> bool:
        """Whether every claim is right."""
        return not self._wrong()

    def require(self, *names: str) -> None:
        """Raise AssertionError, with the reasons, unless every claim is right: for graders that run cells.

        There must be a claim for each of the names, such as ``"dw1"``; where none is given, one at least.
        """
        lacking = [f"✗ {name}: nothing is claimed" for name in names if self._claimed(name) is None]
        if not self.answers and not names:
            lacking = ["nothing is claimed: write a line for each derivative, such as dw1 = x1*(a - y)"]
        if faults := [*map(str, self._wrong()), *lacking]:
            raise AssertionError("\n".join(["", *faults]))

    def score(self, points: Mapping[str, float] | float = 1.0) -> float:
        """The points that the claims earn: so many for each, or by name, ``{"dw1": 2, "dz": 1}``.

        What is not claimed earns 0. A line that is wrong only because it goes on from an earlier wrong one earns its
        points: a mistake costs once.
        """
        if isinstance(points, int | float):
            return float(points * sum(answer.earns for answer in self.answers))
        lost = {answer.name for answer in self.answers if not answer.earns}
        claimed = {asked: self._claimed(asked) for asked in points}
        return float(sum(points[asked] for asked, name in claimed.items() if name is not None and name not in lost))

    def _claimed(self, asked: str) -> str | None:
        """The name of the claim that is asked for as w1, dw1 or ∂L/∂w1; None if there is none."""
        try:
            return self[asked].name
        except KeyError:
            return None

    @property
    def first_wrong(self) -> Answer | None:
        """The claim to look at first: of those that can be read and are not right, the one nearest to the root."""
        order = {node: at for at, node in enumerate(graph.topological(self._book.root))}
        read = [answer for answer in self._wrong() if answer.verdict != UNREADABLE]
        return max(read, key=lambda answer: max(order[v] for v in answer.targets), default=None)

    def _wrong(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.verdict != RIGHT]

    def __getitem__(self, key: object) -> Answer:
        for answer in self.answers:
            if (key in answer.targets and len(answer.targets) == 1) if isinstance(key, Value) else key == answer.name:
                return answer
        if isinstance(key, str):
            name = key.rpartition("/")[2]
            for answer in self.answers:
                if name in (f"d{answer.name}", f"∂{answer.name}"):
                    return answer
            for label in (key, name.removeprefix("d").removeprefix("∂")):
                if alike := self._book.ambiguous.get(label) or self._book.shared.get(label):
                    raise KeyError(self._book.names.ambiguous(label, alike))
        raise KeyError(key)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def advice(self) -> str:
        """Which of several wrong claims to look at first; "" if there is nothing to say."""
        first = self.first_wrong
        if first is not None and len(self._wrong()) > 1 and any(target.op is not None for target in first.targets):
            return f"Start with d{first.name}: on the way back it comes first."
        return ""

    def __str__(self) -> str:
        return "\n".join(filter(None, [*map(str, self.answers), self.advice]))

    def __repr__(self) -> str:
        counts = Counter(answer.verdict for answer in self.answers)
        return f"<Report: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}>"

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{word}</th>" for word in ("", "claim", "yours", "autograd", "numerical", "verdict"))
        rows = [f"<tr>{head}</tr>"]
        for answer in self.answers:
            numbers = [*told_apart(answer.claimed, answer.autograd), short(answer.numerical)]
            numbers = [text if math.isfinite(x) else "—" for text, x in zip(numbers, _opinions(answer), strict=True)]
            said = [f"<b>{answer.verdict}</b>", *(escape(text) for text in (answer.note, answer.diagnosis) if text)]
            claim = f"<code>{escape(answer.line)}</code>"
            if answer.read_as:
                claim += f"<br>read as <code>{escape(shortened(answer.read_as, MOST_SHOWN))}</code>"
            cells = [_MARKS[answer.verdict], claim, *numbers]
            row = "".join(f"<td>{cell}</td>" for cell in cells)
            rows.append(f'<tr>{row}<td style="text-align:left">{"<br>".join(said)}</td></tr>')
        return f"<table>{''.join(rows)}</table>"


def _opinions(answer: Answer) -> tuple[float, float, float]:
    return answer.claimed, answer.autograd, answer.numerical
