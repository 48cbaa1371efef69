"""The example assignments, graded by the real tools, as far as they are installed: ``nox -s grading`` installs them."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples" / "grading"


@pytest.mark.parametrize("tool", ["nbgrader", "otter"])
def test_a_tool_gives_each_student_the_right_score(tool):
    if importlib.util.find_spec(tool) is None and "REQUIRE_GRADING" not in os.environ:
        pytest.skip(f"{tool} is not installed")
    graded = subprocess.run([sys.executable, FOLDER / "grade.py", tool], capture_output=True, text=True)
    assert graded.returncode == 0, graded.stdout + graded.stderr
    assert graded.stdout.count(f"{tool}: ") >= 3


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.ipynb")), ids=lambda path: path.parts[-2])
def test_an_instructors_notebook_has_no_outputs(path):
    """They would hold the replies to the solutions."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
