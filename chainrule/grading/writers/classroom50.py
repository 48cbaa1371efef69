"""Marks as Classroom 50's ``result.json``.

https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json has its fields. Its runner says in
the environment whose submission it is; it adds the owner, and the kind of the assignment, by itself.
"""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from fractions import Fraction

from autograd.by_hand.report import RIGHT

from ..marks import Marks, Row

_FROM_RUNNER = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}


class RunnerError(Exception):
    """The environment lacks what the runner sets."""


def written(marks: Marks) -> str:
    """A test for each line. Scores are whole numbers there: halves of points count double. Raises RunnerError."""
    lacking = [name for name in _FROM_RUNNER.values() if not os.environ.get(name)]
    if lacking:
        raise RunnerError(f"classroom50 needs {', '.join(lacking)} in the environment, where its runner sets them")
    unit = math.lcm(*(Fraction(str(row.points)).denominator for row in marks.rows))
    result = {
        "schema": "classroom50/result/v1",
        **{key: os.environ[name] for key, name in _FROM_RUNNER.items()},
        "review": os.environ.get("REVIEW_URL") or os.environ["COMMIT_URL"],
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": round(marks.earned * unit),
        "max-score": round(marks.points * unit),
        "tests": [_test(row, unit, marks.problem) for row in marks.rows],
    }
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)


def _test(row: Row, unit: int, problem: str) -> dict[str, object]:
    return {
        "test-name": row.line,
        "passed": row.answer.verdict == RIGHT,
        "score": round(row.earned * unit),
        "max-score": round(row.points * unit),
        "message": problem or row.text,
    }
