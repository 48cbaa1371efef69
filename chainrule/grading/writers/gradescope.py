"""Marks as Gradescope's ``results.json``, which is Otter's too.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ has its fields.
"""

from __future__ import annotations

import json

from autograd.by_hand.report import RIGHT

from ..marks import Marks, Row


def written(marks: Marks) -> str:
    """A test for each line that is worth points, or is not right; the score of all."""
    results = {
        "score": marks.earned,
        "output": "\n".join(filter(None, [marks.title, marks.problem, marks.advice])),
        "output_format": "text",
        "tests": [_test(row) for row in marks.rows],
    }
    return json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False)


def _test(row: Row) -> dict[str, object]:
    return {
        "name": row.line,
        "name_format": "text",
        "score": row.earned,
        "max_score": row.points,
        "status": "passed" if row.answer.verdict == RIGHT else "failed",
        "output": row.text,
        "output_format": "text",
    }
