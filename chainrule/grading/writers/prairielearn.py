"""Marks as PrairieLearn's ``results.json``.

https://docs.prairielearn.com/externalGrading/ has its fields. Where a line cannot be read, the submission is not
gradable: it costs no attempt. Then nothing is said of the other lines, or an unreadable line would buy a free look.
"""

from __future__ import annotations

import json

from ..marks import Marks, Row


def written(marks: Marks) -> str:
    """A score from 0 to 1 and a test for each line; or why the submission is not gradable."""
    faults = [marks.problem] if marks.problem else [row.text for row in marks.unreadable]
    if faults:
        results: dict[str, object] = {"gradable": False, "format_errors": faults}
    else:
        results = {
            "gradable": True,
            "score": marks.earned / marks.points,
            "message": marks.advice,
            "tests": [_test(row) for row in marks.rows],
        }
    return json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False)


def _test(row: Row) -> dict[str, object]:
    return {"name": row.line, "points": row.earned, "max_points": row.points, "message": row.text}
