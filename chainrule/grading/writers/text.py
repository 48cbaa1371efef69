"""Marks for people, in a terminal."""

from __future__ import annotations

from ..marks import Marks, earned_of


def written(marks: Marks) -> str:
    """The report, as Python prints it, with the points of each line; the score last."""
    parts = [
        marks.title and f"{marks.title}\n",
        marks.problem,
        *(row.text_with_points for row in marks.rows),
        marks.advice,
    ]
    if marks.points:
        parts.append(f"{earned_of(marks.earned, marks.points)} points")
    return "\n".join(filter(None, parts))
