"""What all answers so far earn."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from autograd.number import quoted

from ..grading.marks import MISSING, Marks, Row, earned_of
from .markup import code, table


@dataclass(frozen=True)
class Standing:
    """How one exercise stands: the marks of its answers so far, and how often it was answered."""

    name: str
    marks: Marks
    asked: tuple[str, ...] = ()
    attempts: int = 0

    @property
    def rows(self) -> list[Row]:
        """The lines that are asked for, in the exercise's order."""
        rows = {row.name: row for row in self.marks.rows if row.points}
        return [rows[name] for name in self.asked if name in rows]

    def plain(self) -> dict[str, object]:
        """The standing as plain data."""
        lines = {
            row.name: {"verdict": row.answer.verdict, "earned": row.earned, "points": row.points} for row in self.rows
        }
        return {
            "exercise": self.name,
            "title": self.marks.title,
            "earned": self.marks.earned,
            "points": self.marks.points,
            "attempts": self.attempts,
            "lines": lines,
            "problem": self.marks.problem,
        }


@dataclass(frozen=True)
class Progress:
    """The points of some exercises, or of all. Shows itself as a table; ``data`` is the same as plain data."""

    standings: tuple[Standing, ...]

    @property
    def data(self) -> list[dict[str, object]]:
        """For each exercise its name, title, points, and how each of its lines stands."""
        return [standing.plain() for standing in self.standings]

    @property
    def points(self) -> float:
        """All that there is to earn."""
        return float(round(sum(standing.marks.points for standing in self.standings), 2))

    def score(self) -> float:
        """What is earned, a plain number: as the last line of a cell, nbgrader's partial credit."""
        return float(round(sum(standing.marks.earned for standing in self.standings), 2))

    def require(self, *lines: str) -> None:
        """Raise AssertionError, with the reasons, unless these lines (all, if none is named) earn their points.

        Raises KeyError for a line that no exercise asks for.
        """
        rows = [row for standing in self.standings for row in standing.rows]
        for line in lines:
            if line not in {row.name for row in rows}:
                raise KeyError(f"{quoted(line)} is not asked for; {', '.join(row.name for row in rows)} are")
        lost = [row for row in rows if row.earned < row.points and (not lines or row.name in lines)]
        if lost:
            raise AssertionError("\n".join(["", *(row.text for row in lost)]))

    def __repr__(self) -> str:
        if not self.standings:
            return "There is no exercise yet."
        rows = [[s.name, _lines(s), _points(s)] for s in self.standings]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*(line.rstrip() for line in lines), self._total()])

    def _total(self) -> str:
        return f"{earned_of(self.score(), self.points)} points"

    def _repr_html_(self) -> str:
        rows = [[code(s.name), escape(s.marks.title), escape(_lines(s)), _points(s)] for s in self.standings]
        total = ["<b>all</b>", "", "", f"<b>{self._total()}</b>"]
        return table(["exercise", "title", "lines", "points"], [*rows, total])


def _points(standing: Standing) -> str:
    return earned_of(standing.marks.earned, standing.marks.points)


def _lines(standing: Standing) -> str:
    """How each line that is asked for stands: dz ✓, dw1 ✗, db –."""
    return standing.marks.problem or ", ".join(f"{row.name} {_sign(row)}" for row in standing.rows)


def _sign(row: Row) -> str:
    if row.answer.verdict == MISSING:
        return "–"
    return "✓" if row.earned == row.points else "✗"
