"""The marking, in a process of its own: one that takes too long is ended, on every system, and its memory is capped.

A student's line may be short and yet take long. The text comes in by standard input, the marks go out by standard
output, both as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .exercise import ExerciseError, from_toml, worth
from .marks import AnswersError, Marks, from_json, mark, unmarked

MOST_SECONDS = 20.0  # PrairieLearn ends a grader after 30, unless told otherwise
MOST_BYTES = 4 << 30
_START = "import sys; sys.path.insert(0, sys.argv[1]); from chainrule.grading.child import main; main()"


class MarkingError(Exception):
    """The marking broke off, for no reason of the student's; one line says how."""


def marked_within(
    seconds: float, exercise: str, answers: str, points: dict[str, float] | None = None, problem: str = ""
) -> tuple[Marks, str]:
    """The marks for the text of an exercise and of a student's answers; and what the exercise reveals of them.

    ``points`` stand in place of the exercise's. With a ``problem``, nothing is marked: that is what the marks say.
    Raises ExerciseError, MarkingError.
    """
    task = {"exercise": exercise, "answers": answers, "points": points, "problem": problem}
    # -P, and a path of ours: Python would look for modules in the current folder, which may be the student's.
    command = [sys.executable, "-P", "-c", _START, str(Path(__file__).resolve().parents[2])]
    try:
        child = subprocess.run(command, input=json.dumps(task).encode(), capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        if problem:
            raise MarkingError(f"the exercise took longer than {seconds:g} seconds to read") from None
        return marked_within(seconds, exercise, "", points, f"the marking took longer than {seconds:g} seconds")
    if child.returncode:
        last = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise MarkingError(f"the marking broke off: {last[:200] or f'exit code {child.returncode}'}")
    reply = json.loads(child.stdout)
    if "error" in reply:
        raise ExerciseError(reply["error"])
    return from_json(reply["marks"]), reply["reveal"]


def main() -> None:
    """The child's side."""
    _cap_memory()
    task = json.load(sys.stdin)
    try:
        exercise = from_toml(task["exercise"])
        if task["points"] is not None:
            exercise = replace(exercise, points=worth(task["points"]))
        marks, problem = None, task["problem"]
        try:
            marks = None if problem else mark(exercise, task["answers"])
        except AnswersError as error:
            problem = str(error)
        except MemoryError:
            problem = f"the marking took more than {MOST_BYTES >> 30} GiB of memory"
        reply = {"marks": (marks or unmarked(exercise, problem)).to_json(), "reveal": exercise.reveal}
    except ExerciseError as error:
        reply = {"error": str(error)}
    json.dump(reply, sys.stdout)


def _cap_memory() -> None:
    """What goes beyond is a MemoryError, not the end of the machine; where the system can say so."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_BYTES if hard == resource.RLIM_INFINITY else min(MOST_BYTES, hard)
    with suppress(ValueError, OSError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
