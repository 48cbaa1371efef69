"""What notebook 14 promises is so, and its exercises know the right answers and the reasons of wrong ones."""

import tomllib
from pathlib import Path

import pytest

from autograd import sigmoid
from chainrule.exercises.questions import numeric, questions
from nn import bce
from viz import playground

FOLDER = Path(__file__).parents[3] / "notebooks" / "exercises"


def loaded(name):
    return questions(tomllib.loads((FOLDER / f"14-{name}.toml").read_text(encoding="utf-8")))


def right(made, **answers):
    return {name: made.mark(name, answer).earned == made.points[name] for name, answer in answers.items()}


def separates(data, neurons, **more):
    trained = [
        playground(data=data, hidden=(neurons,) if neurons else (), rate=1, seed=seed, **more).fit(100)
        for seed in (0, 1)
    ]
    return [history.validation_accuracy[-1] >= 0.95 for _, history in trained]


@pytest.mark.parametrize(("data", "few"), [("blobs", 0), ("xor", 2), ("circle", 3), ("spiral", 3)])
def test_so_many_neurons_are_enough_and_one_less_is_not(data, few):
    assert any(separates(data, few))
    if few:
        assert not any(separates(data, few - 1))


def test_the_right_features_need_no_hidden_neuron():
    assert all(separates("circle", 0, features=["x1^2", "x2^2"]))
    assert all(separates("xor", 0, features=["x1*x2"]))


def test_l2_makes_weights_small_and_the_training_loss_larger():
    noisy = {"noise": 0.2, "hidden": (8, 8), "rate": 0.3}
    (free, free_history), (held, held_history) = (
        playground(**noisy, **penalty).fit(150) for penalty in ({}, {"regulariser": "L2", "strength": 0.3})
    )
    assert held_history.loss[-1] > free_history.loss[-1]
    assert held_history.validation_loss[-1] < free_history.validation_loss[-1]
    assert sum(abs(w.data) for w in held.weights()) < 0.7 * sum(abs(w.data) for w in free.weights())


# --- exercises ------------------------------------------------------------------------------------------


def test_the_parameters_are_counted():
    model = playground().settings.model()
    examples = len(playground().settings.examples()[0])
    answers = {"weights": len(model.weights()), "parameters": len(model.parameters()), "updates": examples / 10}
    assert all(right(loaded("parameters"), **answers).values())


def test_the_gradient_is_that_of_backward():
    from autograd import Value

    a, w = [Value(-0.5), Value(0.9)], [Value(0.7), Value(0.4)]
    rest = Value(float(numeric("log 4")) - 0.7 * -0.5 - 0.4 * 0.9)  # so that σ(z) = 0.8
    z = w[0] * a[0] + w[1] * a[1] + rest
    bce(sigmoid(z), 0).backward()
    line = "wider" if w[0].grad < 0 else "thinner"
    assert all(right(loaded("gradient"), dz=z.grad, dw1=w[0].grad, line=line).values())


def test_a_trained_network_is_exclusive_or():
    made = loaded("xor")
    model, _ = playground(data="xor", hidden=(2,), rate=1).fit(100)
    too_small, _ = playground(data="xor", hidden=(1,), rate=1).fit(100)
    assert all(right(made, model=lambda x: sigmoid(model(x)), neurons=2, feature="x1*x2").values())
    assert not any(right(made, model=lambda x: sigmoid(too_small(x)), neurons=1, feature="x1^2").values())
    assert "the probability is σ(z)" in made.asked["model"].judge(model)[1]


def test_what_l2_does():
    assert all(right(loaded("regularisation"), training="none", lines="none", share=0.015).values())
