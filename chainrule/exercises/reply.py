"""The reply to an answer: right or wrong with the reason, and what it earns; not the solution."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from autograd.by_hand.report import RIGHT

from ..grading.marks import MISSING, Row, earned_of
from .markup import code, table


@dataclass(frozen=True)
class Reply:
    """The lines of an answer, marked. Shows itself; ``ok``, ``score()`` and ``require()`` are for programs."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is a line, and all are right."""
        return bool(self.rows) and all(row.answer.verdict == RIGHT for row in self.rows)

    def score(self) -> float:
        """The points that these lines earn, a plain number."""
        return float(round(sum(row.earned for row in self.rows), 2))

    def require(self) -> None:
        """Raise AssertionError, with the reasons, unless all of it is right."""
        if not self.ok:
            wrong = [row.text for row in self.rows if row.answer.verdict != RIGHT]
            raise AssertionError("\n".join(["", *wrong, *self.notes]))

    def __repr__(self) -> str:
        return "\n".join([*(row.text_with_points for row in self.rows), *self.notes])

    def _repr_html_(self) -> str:
        rows = [[_mark(row), code(row.line), _said(row), _points(row)] for row in self.rows]
        shown = table(["", "line", "verdict", "points"], rows) if rows else ""
        return shown + "".join(f"<p>{escape(note)}</p>" for note in self.notes)


def _mark(row: Row) -> str:
    """The sign that the line's text begins with."""
    return row.text[:1]


def _points(row: Row) -> str:
    return earned_of(row.earned, row.points) if row.points else ""


def _said(row: Row) -> str:
    answer = row.answer
    read_as = f"read as {code(answer.read_as)}" if answer.read_as else ""
    reasons = [] if answer.verdict == MISSING else [answer.note, answer.diagnosis or ""]
    return "<br/>".join([f"<b>{answer.verdict}</b>", *filter(None, [read_as, *map(escape, reasons)])])
