"""Answers that outlive their process, where a file keeps them."""

import json

import pytest

from autograd import Value
from chainrule import answer, exercise, progress
from chainrule.exercises import desk
from chainrule.grading.exercise import ExerciseError

SQUARE = """
title = "A square"
task = "Derive."
graph = "J = (w*x)**2"
at = { w = 3, x = 2 }
points = { dw = 2, dx = 1 }
"""
SIGNS = """
title = "Signs"
task = "Say."
[questions.sign]
ask = "Which sign?"
options = ["positive", "negative"]
right = "negative"
why.positive = "Look at the minus."
points = 3
[questions.size]
ask = "How large?"
right = 8
[questions.double]
ask = "A function that doubles."
inputs = [1, 2]
outputs = [2, 4]
why = "2x, that is."
"""


def begin_anew(monkeypatch):
    """As in a new process."""
    monkeypatch.setattr(desk, "_DESK", desk.Desk())


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of exercises, with a file that keeps the answers."""
    exercises = tmp_path / "exercises"
    exercises.mkdir()
    (exercises / "square.toml").write_text(SQUARE, encoding="utf-8")
    (exercises / "signs.toml").write_text(SIGNS, encoding="utf-8")
    (exercises / "progress.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    begin_anew(monkeypatch)
    return exercises


def test_what_was_answered_stands_in_the_next_process(monkeypatch):
    answer("square", dw="2*w*x", dx="2*(w*x)*w")
    answer("square", dw="2*w*x**2")
    answer("signs", sign="positive", size=8, double=lambda x: 2 * x)
    before = progress().data, repr(progress())
    begin_anew(monkeypatch)
    assert (progress().data, repr(progress())) == before
    assert progress().score() == 2 + 1 + 0 + 1 + 1
    assert "Not answered yet" not in repr(answer("signs", sign="negative"))
    begin_anew(monkeypatch)
    assert progress("signs").score() == 5


def test_two_processes_write_one_file(monkeypatch):
    first = desk.Desk()
    first.known()
    answer("signs", size=8)
    first.answer("square", "", {"dw": "2*w*x**2"})
    begin_anew(monkeypatch)
    assert progress().score() == 1 + 2


def test_a_line_that_is_no_text_is_not_kept(monkeypatch):
    answer("square", dw=Value(24.0), dx=36)
    assert progress("square").score() == 3
    begin_anew(monkeypatch)
    assert progress("square").score() == 1


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"square": {}}', '{"square": {"attempts": 1, "lines": 1, "answered": 1}}']
)
def test_a_file_that_cannot_be_used_says_what_to_do(folder, text):
    (folder / "progress.json").write_text(text, encoding="utf-8")
    with pytest.raises(ExerciseError, match=r"exercises/progress.json is not as answer.* write {} into it"):
        exercise("square")


def test_where_there_is_no_file_nothing_is_written(folder):
    (folder / "progress.json").unlink()
    answer("square", dw="2*w*x**2")
    assert sorted(path.name for path in folder.iterdir()) == ["signs.toml", "square.toml"]


def test_the_file_is_plain(folder):
    answer("square", "dw = 2 w x²")
    answer("signs", sign="positive")
    assert json.loads((folder / "progress.json").read_text(encoding="utf-8")) == {
        "square": {"attempts": 1, "lines": {"dw": ["dw", "2 w x²"]}, "answered": {}},
        "signs": {
            "attempts": 1,
            "lines": {},
            "answered": {"sign": ["sign = positive", "wrong", "Look at the minus.", 3.0, 0.0]},
        },
    }
