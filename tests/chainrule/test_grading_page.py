"""docs/grading.md shows what is so: commands print what it says, files are the examples, tables are whole."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.grading import exercise
from chainrule.grading.child import MOST_SECONDS
from chainrule.grading.command import _parser
from chainrule.grading.files import MOST_BYTES
from chainrule.grading.marks import MOST_CHARACTERS, MOST_LINES
from chainrule.grading.writers import WRITERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXERCISES = ROOT / "examples" / "exercises"
SESSIONS = [block for kind, block in BLOCKS if kind == "console"]


@pytest.fixture
def program(tmp_path):
    """An environment in which ``chainrule`` is this one."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "chainrule"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m chainrule "$@"\n')
    command.chmod(0o755)
    return os.environ | {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("session", SESSIONS, ids=lambda text: text.partition("\n")[0])
def test_its_commands_print_what_it_says(run, monkeypatch, session):
    monkeypatch.chdir(ROOT)
    command, _, shown = session.partition("\n")
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert program == "chainrule"
    code, output, errors = run(*arguments)
    assert (output, errors) == (shown, "")
    assert code == int("✗" in shown or '"wrong"' in shown)


def test_its_files_are_the_examples():
    examples = {path.read_text(encoding="utf-8") for path in EXERCISES.iterdir()}
    files = [block for kind, block in BLOCKS if kind in ("toml", "")]
    assert len(files) == 2
    assert set(files) <= examples


def test_it_names_all_keys_options_formats_and_fields(run):
    for key in exercise._KEYS:
        assert re.search(rf"`\[?{key}\]?`", PAGE), key
    for option in re.findall(r"--(\w+)", _parser().format_help()):
        assert option in ("help", "at", "claim", "want") or f"`--{option} " in PAGE, option
    for format in WRITERS:
        assert f"`{format}`" in PAGE or f"--format {format}" in PAGE, format
    output = run("check", "a*b", "--at", "a=1,b=2", "--claim", "da=b", "--format", "json")[1]
    record = json.loads(output)
    assert all(f'"{field}"' in PAGE for field in [*record, *record["lines"][0]])


def test_its_limits_are_the_programs():
    assert f"{MOST_BYTES:,} bytes" in PAGE
    assert f"{MOST_LINES}\nlines and {MOST_CHARACTERS:,} characters" in PAGE
    assert f"seconds for the marking; {MOST_SECONDS:g} if you" in PAGE


def test_the_files_it_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert "://" in target or (ROOT / "docs" / target).exists(), target


def script(kind, word):
    (found,) = [block for other, block in BLOCKS if other == kind and word in block]
    return found


@pytest.mark.skipif(not shutil.which("bash"), reason="a script for bash")
@pytest.mark.parametrize(
    ("format", "folder", "results"),
    [("gradescope", "/autograder", "results/results.json"), ("prairielearn", "/grade", "results/results.json")],
)
def test_its_entry_points_run(tmp_path, program, format, folder, results):
    """In a folder of ours, which stands for the grader's."""
    for name in ("source", "tests", "submission", "student"):
        (tmp_path / name).mkdir()
    if format == "gradescope":
        (tmp_path / "results").mkdir()  # PrairieLearn's is made by the script
    for name in ("source", "tests"):
        shutil.copy(EXERCISES / "logistic.toml", tmp_path / name)
    for name in ("submission", "student"):
        shutil.copy(EXERCISES / "logistic.wrong.txt", tmp_path / name / "answers.txt")
    text = script("sh", f"--format {format}").replace(f"{folder}/", f"{tmp_path}/")
    run = subprocess.run(["bash", "-c", text], env=program, capture_output=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    found = json.loads((tmp_path / results).read_text(encoding="utf-8"))
    assert found["score"] == (2 if format == "gradescope" else 0.4)


@pytest.mark.skipif(not shutil.which("bash"), reason="a script for bash")
def test_its_scripts_for_a_class_run(tmp_path, program, monkeypatch, capsys):
    for name in ("submissions", "marks"):
        (tmp_path / name).mkdir()
    shutil.copy(EXERCISES / "logistic.toml", tmp_path)
    shutil.copy(EXERCISES / "logistic.answers.txt", tmp_path / "submissions" / "ada b.txt")
    shutil.copy(EXERCISES / "logistic.wrong.txt", tmp_path / "submissions" / "carl.txt")
    (tmp_path / "submissions" / "dora.txt").write_bytes(b"\xff")
    run = subprocess.run(["bash", "-c", script("sh", "submissions/*")], env=program, cwd=tmp_path, capture_output=True)
    assert (run.stdout, run.stderr) == (b"", b"")
    monkeypatch.chdir(tmp_path)
    exec(compile(script("python", "Counter"), "docs/grading.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["ada b 5.0 of 5.0 ", "carl 2.0 of 5.0 "]
    assert lines[2].startswith("dora 0.0 of 5.0 cannot read submissions/dora.txt: it is no text in UTF-8")
    assert "1 × dz: sign" in lines


def test_its_autograder_for_classroom50(tmp_path):
    """It needs a wheel beside it: here, its own command without the installation."""
    text = script("python", "classroom50")
    install = next(line for line in text.splitlines() if '"install"' in line)
    shutil.copy(EXERCISES / "logistic.toml", tmp_path)
    (tmp_path / "autograder.py").write_text(text.replace(install, ""), encoding="utf-8")
    (tmp_path / "checkout").mkdir()
    shutil.copy(EXERCISES / "logistic.wrong.txt", tmp_path / "checkout" / "answers.txt")
    names = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
    environment = os.environ | dict.fromkeys(names, "x") | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, tmp_path / "autograder.py"], env=environment, cwd=tmp_path / "checkout", capture_output=True
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    result = json.loads((tmp_path / "checkout" / "result.json").read_text(encoding="utf-8"))
    assert (result["score"], result["max-score"]) == (2, 5)
