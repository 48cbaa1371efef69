"""Whatever is handed in: marks, or the one line that says why there are none."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainrule.grading.exercise import ExerciseError, from_toml
from chainrule.grading.files import FileError, read_text
from chainrule.grading.marks import AnswersError, from_json, mark
from chainrule.grading.writers import WRITERS

TEXT = (Path(__file__).parents[2] / "examples" / "exercises" / "logistic.toml").read_text(encoding="utf-8")
LOGISTIC = from_toml(TEXT)
FORMULAS = (
    "dz dw1 dw2 db da dx1 = a y x1 x2 w1 z b 1 2 0.5 1e999 ( ) [ ] { } + - * / ** ^ ; # , . @ .T | || ∂ L / ∂L/∂z "
    "dL/dz sigmoid( log( exp( e^ x² ½ √ · ÷ − Σ σ sum( mean( axis=1 \\frac \\\\ \\begin{align} & $ lambda import"
)
OTHERS = ["\n", "\x00", "\x1b", "\u202e", "\ud7ff", "\uffff", "\U0001f600", "<b>", "]]>", "'", '"', "`", "nan", "inf"]
WORDS = [*FORMULAS.split(), *OTHERS]
LINES = st.lists(st.sampled_from([*WORDS, " "]), max_size=25).map("".join) | st.text(max_size=60)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))


def one_line(error):
    assert str(error).isprintable()


@settings(max_examples=EXAMPLES)
@given(st.lists(LINES, max_size=4))
def test_answers(lines):
    text = "\n".join(["dz = a - y", *lines])
    try:
        marks = mark(LOGISTIC, text)
    except AnswersError:
        return
    assert 0 <= marks.earned <= marks.points == 5
    assert marks.rows[0].answer.verdict == "right"
    assert str(from_json(json.loads(json.dumps(marks.to_json())))) == str(marks)
    for reveal in ("nothing", "reason", "numbers"):
        seen = marks.revealing(reveal)
        assert (seen.earned, seen.code) == (marks.earned, marks.code)
        for format in ("json", "gradescope", "prairielearn"):
            json.loads(WRITERS[format](seen), parse_constant=pytest.fail)
        ElementTree.fromstring(WRITERS["junit"](seen).encode())
        assert all(line.isprintable() for line in WRITERS["text"](seen).splitlines())
        rows = [line for line in WRITERS["markdown"](seen).splitlines() if line.startswith("|")][2:]
        assert [row.count("|") for row in rows] == [5] * len(seen.rows)


@settings(max_examples=EXAMPLES)
@given(st.integers(0, len(TEXT)), st.integers(0, 30), LINES)
def test_exercises(at, cut, put):
    """An exercise with a piece cut out, and another put in its place."""
    try:
        exercise = from_toml(TEXT[:at] + put + TEXT[at + cut :])
    except ExerciseError as error:
        one_line(error)
        return
    assert mark(exercise, "dz = a - y").points == sum(exercise.points.values())


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_files(tmp_path, data):
    path = tmp_path / "answers.txt"
    path.write_bytes(data)
    try:
        text = read_text(str(path))
    except FileError as error:
        one_line(error)
        return
    assert "\0" not in text
    assert "\r" not in text
