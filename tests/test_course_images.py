"""Notebooks 10, 11 and 11b: their numbers are those that their text speaks of."""

import numpy as np
import pytest
from test_course import FOLDER, sources

import chainrule
from chainrule.exercises import desk
from chainrule.exercises.compare import agree, number_in


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """In the notebooks' folder, with nothing answered."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(desk, "_DESK", desk.Desk())


def run(number, monkeypatch):
    """What the names of a notebook stand for after all of its cells, and what ``compare`` was asked."""
    compared = []
    monkeypatch.setattr(chainrule, "compare", lambda *arguments, **more: compared.append((*arguments, more)))
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    names = {}
    for source in sources(path):
        exec(source, names)
    for yours, right, more in compared:
        assert yours == dict.fromkeys(right, ...)
        why = more.get("why", {})
        for name, reasons in why.items() if isinstance(why, dict) else ():
            if isinstance(reasons, dict):
                assert not any(agree(number_in(wrong), right[name]) for wrong in reasons), name
    return names, {name: answer for _, right, _ in compared for name, answer in right.items()}


def test_images(monkeypatch):
    names, right = run(10, monkeypatch)
    assert (right["length"], right["index of green"]) == (27, 14)
    assert right["accuracy"] > 0.9
    assert right["share of the 3s"] == 0
    assert right["L"] == pytest.approx(np.log(10), rel=1e-12)
    assert (right["∂L/∂z3"], right["∂L/∂z8"]) == pytest.approx((-0.9, 0.1), rel=1e-12)
    z, L = names["z"], names["L"]
    L.backward()
    p = np.exp([z_k.data for z_k in z]) / np.exp([z_k.data for z_k in z]).sum()
    assert [z_k.grad for z_k in z] == pytest.approx(list(p - np.eye(10)[3]), rel=1e-12)
    assert names["result"].accuracy > 0.965  # a seventh of its mistakes away from 0.96
    assert len(names["history"].loss) == 20
    assert names["matrix"].recall(of=1) < 0.8 < names["matrix"].precision(of=1)
    W = np.array([[w.data for w in row] for row in names["ten"].layers[0].W])
    assert np.flatnonzero((W == 0).all(axis=0)).tolist() == [0, 32, 39, 56]  # the four pixels without ink


def test_regularisation(monkeypatch):
    names, right = run(11, monkeypatch)
    assert (right["on what it has seen"], right["on what it has not seen"]) == (24, 3)
    assert right["cost on the 400"] == "falls, then rises"
    assert [right[f"L{k} at {w}"] for k in (2, 1) for w in (3, 0.03)] == pytest.approx(
        [0.3, 0.003, 0.1, 0.1], rel=1e-12
    )
    assert right["it is"] == "L1"
    assert names["few"]["L1"] == 9
    assert names["few"]["L2"] == 0
    assert (right["kept"], right["dropped"]) == (1.6, 0)
    assert right["mean"] == pytest.approx(0.8, rel=0.05)
    kept, dropped = sorted(names["layer"].neurons, key=lambda neuron: neuron.w[0].grad == 0)
    assert kept.w[0].grad != 0
    assert dropped.w[0].grad == 0
    assert not any(model.training for model in names["cures"].values())


def test_convexity(monkeypatch):
    names, right = run("11b", monkeypatch)
    a = 1 / (1 + np.exp(5))
    assert right["slope of squared"] == pytest.approx((a - 1) * a * (1 - a), rel=1e-12)
    assert right["slope of cross"] == pytest.approx(a - 1, rel=1e-12)
    assert (right["squared"], right["cross"]) == ("−", "+")
    assert min(names["bends"]["cross"]) > 0 > min(names["bends"]["squared"])
    assert names["paths"]["squared error"][-1] < -4 < 3 < names["paths"]["cross-entropy"][-1]
