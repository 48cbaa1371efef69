"""Notebook 13: its exercises can be solved, its cells tell no answer, and what its text says of sequences is so."""

import contextlib
import re
import tomllib
from pathlib import Path

import mpmath
import nbformat
import pytest

from chainrule.exercises import desk
from chainrule.exercises.questions import Number, questions

FOLDER = Path(__file__).parent.parent / "notebooks"
CELLS = nbformat.read(FOLDER / "13_recurrence.ipynb", as_version=4).cells
CODE = [cell.source for cell in CELLS if cell.cell_type == "code"]


def last_state(w, u):
    def read(xs):
        h = 0.0
        for x in xs:
            h = w * x + u * h
        return h

    return read


SOLUTIONS = {
    "13-two-steps": {
        "dh1": "(h2 - y)*(1 - h2**2)*u",
        "dw": "(h2 - y)*(1 - h2**2)*(x2 + u*(1 - h1**2)*x1)",
        "du": "(h2 - y)*(1 - h2**2)*h1",
    },
    "13-factors": {"half": 0.5625, "double": 1024, "flat": "vanishes", "first": "0.999"},
    "13-gates": {"keep": "f = 1, i = 0", "overwrite": "f = 0, i = 1", "rnn": 32, "lstm": 128},
    "13-counting": {"total": last_state(1, 1), "fading": last_state(1, 0.5), "alternating": last_state(2, -1)},
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """In the notebooks' folder, with nothing answered."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(desk, "_DESK", desk.Desk())


@pytest.fixture(scope="module")
def names():
    """What the names of the notebook stand for before it trains."""
    found = {}
    with contextlib.chdir(FOLDER):
        for source in CODE:
            if "fit(" in source:
                return found
            exec(source, found)
    raise AssertionError("the notebook trains nothing")


def test_its_exercises_are_these():
    assert sorted(path.stem for path in FOLDER.glob("exercises/13-*.toml")) == sorted(SOLUTIONS)
    code = "\n".join(CODE)
    shown, answered = (re.findall(rf'^{call}\("([^"]+)"', code, flags=re.M) for call in ("exercise", "answer"))
    assert shown == answered == list(SOLUTIONS)
    assert "stepper(" in code


@pytest.mark.parametrize("name", SOLUTIONS)
def test_an_exercise_can_be_solved(name):
    reply = desk.answer(name, SOLUTIONS[name])
    assert reply.ok, str(reply)
    assert desk.progress(name).score() == desk.progress(name).points


def test_a_forgotten_path_is_wrong():
    reply = desk.answer("13-two-steps", {"dw": "(h2 - y)*(1 - h2**2)*x2"})
    assert not reply.ok


@pytest.mark.parametrize("name", ["13-factors", "13-gates"])
def test_an_exercise_is_not_solved_by_what_it_knows_to_be_wrong(name):
    asked = questions(tomllib.loads((FOLDER / "exercises" / f"{name}.toml").read_text(encoding="utf-8"))).asked
    for question in asked.values():
        wrong = question.why.items()
        assert wrong
        assert all(question.judge(answer) == ("wrong", why) for answer, why in wrong)
        if isinstance(question, Number):
            assert question.judge(question.right)[0] == "right"


def test_a_cell_that_asks_does_not_answer():
    asking = [source for source in CODE if source.startswith("mine = ")]
    assert len(asking) == 4
    assert all("..." in source and "\n" not in source for source in asking)
    assert not any("assert " in source for source in CODE)
    for cell in CELLS:
        if cell.cell_type == "code" and "compare(\n" in cell.source:
            said = "".join(output.text for output in cell.outputs if output.output_type == "stream").splitlines()
            assert said[0].split() == ["yours", "right"]
            assert all(re.search(r" … +… +write yours, then run this cell again$", line) for line in said[1:])


def test_what_the_steps_bring_is_the_gradient(names):
    assert sum(names["parts"]) == pytest.approx(names["w"].grad, rel=1e-12)

    def h3(w):
        h = mpmath.mpf(0)
        for x in (1.0, 0.5, -0.5):
            h = mpmath.tanh(w * x + h / 2)
        return h

    with mpmath.workdps(40):
        assert names["w"].grad == pytest.approx(float(mpmath.diff(h3, 1)), rel=1e-12)


def test_what_vanishes_and_what_explodes(names):
    slopes, linear = names["slopes"], names["linear"]
    assert all(line[-1] < 0.05 for line in slopes.values())
    assert slopes["u = 2"][-1] < slopes["u = 0.5"][-1]
    assert linear["u = 1.1, no tanh"][-1] == pytest.approx(1.1**29, rel=1e-12)
    assert linear["u = 0.9, no tanh"][-1] == pytest.approx(0.9**29, rel=1e-12)


def test_the_local_derivative_of_the_cell_is_the_forget_gate(names):
    assert names["old"].grad == names["gates"]["f"]
    for bias in (0, 3, 5):
        f = 1 / (1 + mpmath.exp(-bias))
        left = names["remembered"][f"LSTM, bias of f = {bias}"]
        assert left == pytest.approx([float(f**steps) for steps in range(30)], rel=1e-12)


def test_the_lstm_remembers_and_the_rnn_does_not(names):
    everything = dict(names)
    for source in CODE:
        if "fit(" in source:
            exec(source, everything)
    assert everything["errors"]["RNN"][0] < 0.1
    assert everything["good"] == ["LSTM"]
