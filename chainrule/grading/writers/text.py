"""Marks for people, in a terminal."""

from __future__ import annotations

from ..marks import Marks, Row


def written(marks: Marks) -> str:
    """The report, as Python prints it, with the points of each line; the score last."""
    parts = [marks.title and f"{marks.title}\n", marks.problem, *map(_row, marks.rows), marks.advice]
    if marks.points:
        parts.append(f"{marks.earned:g} of {marks.points:g} points")
    return "\n".join(filter(None, parts))


def _row(row: Row) -> str:
    return row.text + (f"\n  {row.earned:g} of {row.points:g} points" if row.points else "")
