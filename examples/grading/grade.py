"""Grade submissions of the example assignments: ``python examples/grading/grade.py nbgrader otter``, or one of them.

Each tool makes the students' version of its assignment in a folder that is gone afterwards; the cells are filled in as
students might, and graded. Prints the scores; the exit code is 1 if they are not those expected. Needs the packages
nbgrader and otter-grader.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent

# What each student writes into the cells, and earns. The cells are found by their names in nbgrader; Otter's has one.
NBGRADER = {
    "all right": (
        8,
        {
            "neuron-answer": 'answer("neuron", da="a - y", dz="(a − y)(1 − a²)", dw="x·dz", db="dz")',
            "worked-answer": 'mine = "dv = 3; du = 3; db = 3c; dc = 3b"',
        },
    ),
    # dz lacks a square; dw goes on from it rightly; db cannot be read; and of the second exercise db lacks a factor
    "partly right": (
        4,
        {
            "neuron-answer": 'answer("neuron", da="a - y", dz="(a - y)*(1 - a)", dw="x*(a - y)*(1 - a)", db="dz*(")',
            "worked-answer": 'mine = "dv = 3; du = 3; db = 3; dc = 3*b"',
        },
    ),
    "all wrong": (
        0,
        {
            "neuron-answer": 'answer("neuron", da="y - a", dz="1 - a", dw="x", db="1")',
            "worked-answer": 'mine = "dv = 1; du = 2; db = b; dc = c"',
        },
    ),
    "not begun": (0, {}),
    # an exercise of one's own under the name of another
    "cheating": (
        0,
        {
            "neuron-answer": 'exercise("neuron", graph="L = 1*q", at={"q": 1}, points={"dq": 5})\n'
            'progress = lambda name: progress("neuron")\nanswer("neuron", dq="1")',
            "worked-answer": 'mine = ""',
        },
    ),
}
OTTER = {
    "all right": (5, 'answer("worked", dv="3", du="3", db="3c", dc="b × 3")'),
    "partly right": (3, 'answer("worked", dv="3", du="dv*(", db="c", dc="b*du")'),
    "cheating": (0, 'exercise("worked", graph="L = 1*q", at={"q": 1}, points={"dv": 5})\nprogress = None'),
}


def nbgrader(course: Path) -> dict[str, float]:
    """The score of each student, by nbgrader."""
    shutil.copytree(FOLDER / "nbgrader", course, dirs_exist_ok=True)
    _run(course, "nbgrader", "generate_assignment", "backprop")
    release = course / "release" / "backprop"
    _require_no_solution(FOLDER / "nbgrader" / "source" / "backprop" / "backprop.ipynb", release)
    for student, (_, cells) in NBGRADER.items():
        folder = course / "submitted" / student.replace(" ", "-") / "backprop"
        shutil.copytree(release, folder)
        notebook = json.loads((release / "backprop.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            source = cells.get(cell["metadata"].get("nbgrader", {}).get("grade_id"))
            cell["source"] = cell["source"] if source is None else source
        (folder / "backprop.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    _run(course, "nbgrader", "autograde", "backprop")

    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "chainrule") as book:
        names = {student: student.replace(" ", "-") for student in NBGRADER}
        return {student: book.find_submission("backprop", name).score for student, name in names.items()}


def otter(folder: Path) -> dict[str, float]:
    """The score of each student, by Otter."""
    shutil.copytree(FOLDER / "otter", folder, dirs_exist_ok=True)
    _run(folder, "otter", "assign", "--no-pdfs", "backprop.ipynb", "dist")
    _require_no_solution(FOLDER / "otter" / "backprop.ipynb", folder / "dist" / "student")
    (autograder,) = (folder / "dist" / "autograder").glob("*.zip")
    released = json.loads((folder / "dist" / "student" / "backprop.ipynb").read_text(encoding="utf-8"))
    scores = {}
    for student, (_, source) in OTTER.items():
        (place,) = (cell for cell in released["cells"] if "".join(cell["source"]).startswith("answer("))
        place["source"] = source
        submission = folder / student / "backprop.ipynb"
        submission.parent.mkdir()
        submission.write_text(json.dumps(released), encoding="utf-8")
        place["source"] = "answer("
        _run(folder, "otter", "run", "--no-logo", "-a", autograder, "-o", submission.parent, submission)
        results = json.loads((submission.parent / "results.json").read_text(encoding="utf-8"))
        scores[student] = sum(test.get("score", 0) for test in results["tests"])
    return scores


def _require_no_solution(source: Path, release: Path) -> None:
    """Exit if a line of a solution in the instructor's notebook stands in a file that students get."""
    solutions, inside = [], False
    for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]:
        for line in "".join(cell["source"]).splitlines() if cell["cell_type"] == "code" else []:
            inside = "BEGIN SOLUTION" in line or (inside and "END SOLUTION" not in line)
            solutions += [json.dumps(line)[1:-1]] * (inside and "BEGIN" not in line)
    texts = [file.read_text(encoding="utf-8") for file in release.rglob("*") if file.is_file()]
    if not solutions or any(line in text for line in solutions for text in texts):
        sys.exit(f"{release} has a solution in clear, or {source} has none")


def _run(folder: Path, tool: str, *arguments: object) -> None:
    """Run a command of a tool in a folder; its output is shown only if it fails."""
    command = [sys.executable, "-m", tool, *map(str, arguments)]
    ran = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode:
        sys.exit(f"{tool} {' '.join(map(str, arguments))} failed:\n{ran.stdout[-5000:]}")


def main(tools: list[str]) -> int:
    expected = {
        "nbgrader": {student: score for student, (score, _) in NBGRADER.items()},
        "otter": {student: score for student, (score, _) in OTTER.items()},
    }
    wrong = 0
    for tool in tools or expected:
        with tempfile.TemporaryDirectory() as folder:
            scores = globals()[tool](Path(folder).resolve())
        for student, score in expected[tool].items():
            right = scores[student] == score
            wrong += not right
            print(f"{tool}: {student}: {scores[student]:g}" + ("" if right else f", expected {score:g}"))
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
