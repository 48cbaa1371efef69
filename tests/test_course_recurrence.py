"""Notebook 13: what its text says of sequences is so."""

import contextlib
from pathlib import Path

import mpmath
import nbformat
import pytest

from chainrule.exercises import desk

FOLDER = Path(__file__).parent.parent / "notebooks"
CELLS = nbformat.read(FOLDER / "13_recurrence.ipynb", as_version=4).cells
CODE = [cell.source for cell in CELLS if cell.cell_type == "code"]


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


def test_a_forgotten_path_is_wrong():
    reply = desk.answer("13-two-steps", {"dw": "(h2 - y)*(1 - h2**2)*x2"})
    assert not reply.ok


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
