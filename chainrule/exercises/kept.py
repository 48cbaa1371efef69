"""Answers that outlive their process: in the file ``exercises/progress.json``, where there is one.

A notebook in a browser has one, since its process ends with the page; elsewhere an empty object, ``{}``, begins it.
Nothing is written where there is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from autograd.by_hand.report import Answer

from ..grading.exercise import ExerciseError
from ..grading.marks import Row

NAME = "progress.json"


@dataclass
class Kept:
    """What is kept of one exercise: the lines that stand, or the marks of the questions that are answered."""

    attempts: int = 0
    lines: dict[str, tuple[str, object]] = field(default_factory=dict)  # {dw1: (its left side, its right side)}
    answered: dict[str, Row] = field(default_factory=dict)

    def plain(self) -> dict[str, object]:
        """As plain data: a line whose right side is no text or number stays out."""
        lines = {name: line for name, line in self.lines.items() if isinstance(line[1], str | int | float)}
        answered = {
            name: [row.answer.claim, row.answer.verdict, row.answer.diagnosis, row.points, row.earned]
            for name, row in self.answered.items()
        }
        return {"attempts": self.attempts, "lines": lines, "answered": answered}


def read(folder: Path) -> dict[str, Kept]:
    """What the file of this folder keeps, by exercise; nothing where there is none. Raises ExerciseError."""
    try:
        return {name: _read(one) for name, one in _load(folder).items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ExerciseError(
            f"{folder.name}/{NAME} is not as answer() wrote it ({error}): write {{}} into it to begin anew"
        ) from None


def write(folder: Path, name: str, kept: Kept) -> None:
    """Keep what was answered of one exercise, where there is a file; other notebooks have written theirs."""
    if (folder / NAME).is_file():
        text = json.dumps(_load(folder) | {name: kept.plain()}, ensure_ascii=False, indent=1)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")


def _load(folder: Path) -> dict[str, dict[str, object]]:
    path = folder / NAME
    loaded: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return loaded


def _read(one: dict[str, object]) -> Kept:
    attempts, lines, answered = one["attempts"], one["lines"], one["answered"]
    if not isinstance(attempts, int) or not isinstance(lines, dict) or not isinstance(answered, dict):
        raise ValueError("attempts is a number; lines and answered are tables")
    rows = {
        name: Row(name, Answer("", str(claim), str(verdict), diagnosis), float(points), float(earned))
        for name, (claim, verdict, diagnosis, points, earned) in answered.items()
    }
    return Kept(attempts, {name: (str(left), right) for name, (left, right) in lines.items()}, rows)
