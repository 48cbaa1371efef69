"""Marks as plain JSON: all that the record has, for programs. A number that is not there is null."""

from __future__ import annotations

import json
import math

from ..marks import Marks, Row

SCHEMA = "chainrule/marks/v1"


def written(marks: Marks) -> str:
    """The record; its fields are listed in docs/grading.md."""
    record = {
        "schema": SCHEMA,
        "title": marks.title,
        "earned": marks.earned,
        "points": marks.points,
        "all_right": marks.code == 0,
        "problem": marks.problem,
        "advice": marks.advice,
        "lines": [_line(row) for row in marks.rows],
    }
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)


def _line(row: Row) -> dict[str, object]:
    answer = row.answer
    numbers = {"yours": answer.claimed, "autograd": answer.autograd, "numerical": answer.numerical}
    return {
        "name": row.name,
        "line": row.line,
        "read_as": answer.read_as,
        "verdict": answer.verdict,
        "mistake": answer.mistake,
        "reason": answer.diagnosis or "",
        "note": answer.note,
        "follows": answer.follows,
        "earned": row.earned,
        "points": row.points,
        **{name: number if math.isfinite(number) else None for name, number in numbers.items()},
    }
