"""Networks written for micrograd: its names of arguments, its initial weights, its demo with its published losses."""

import random

import pytest

import nn
from autograd import Value, paused_gc
from nn import MLP, Layer, LogisticRegression, Neuron, Perceptron, micrograd


@pytest.mark.parametrize("kind", [Neuron, micrograd.Neuron])
def test_a_linear_neuron(kind):
    for linear in (kind(2, False), kind(2, nonlin=False), kind(nin=2, nonlin=False)):
        assert linear.activation.name == "linear"
        assert not linear.nonlin
        assert len(linear.w) == 2
    for relu in (kind(2), kind(2, True), kind(nin=2, nonlin=True), kind(nin=2)):
        assert relu.activation.name == "relu"
        assert relu.nonlin
    assert kind(2, True, nonlin=False).activation.name == "linear"
    assert kind(2, "tanh").activation.name == "tanh"
    assert kind(2, "tanh").nonlin


def test_layers_and_networks():
    for layer in (Layer(nin=2, nout=3, nonlin=False), Layer(2, 3, nonlin=False), Layer(2, nout=3, activation=False)):
        assert [len(neuron.w) for neuron in layer.neurons] == [2, 2, 2]
        assert layer.activation.name == "linear"
    for model in (MLP(nin=3, nouts=[4, 4, 1]), MLP(3, nouts=(4, 4, 1)), micrograd.MLP(nin=3, nouts=[4, 4, 1])):
        assert repr(model) == "MLP(3-4-4-1, relu, linear)"
        assert len(model.parameters()) == 41
        assert len(model.layers[0].neurons) == 4
    for kind in (MLP, micrograd.MLP):
        assert repr(kind(3, [4, 4, 1], "tanh", "tanh")) == "MLP(3-4-4-1, tanh)"
    assert repr(micrograd.Layer(2, 3, "tanh")) == "Layer(2, 3, tanh)"
    assert len(Perceptron(nin=2).w) == len(LogisticRegression(nin=2).w) == 2


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (lambda: Neuron(2, nin=2), "^Neuron: nin is another name of n_in, which is given too; write one of them$"),
        (lambda: Neuron(n_in=2, nin=2), "^Neuron: nin is another name of n_in"),
        (lambda: MLP(3, [4, 1], nouts=[4, 1]), "^MLP: nouts is another name of sizes"),
        (lambda: Layer(nin=2), "missing 1 required positional argument: 'n_out'\nnin is another name of n_in$"),
        (lambda: Neuron(nin=2.5), r"^n_in must be a whole number, got 2\.5 \(float\)\nnin is another name of n_in$"),
        (lambda: Layer(2, nout="3"), r"^n_out must be a whole number, got '3' \(str\)\nnout is another name of n_out$"),
        (lambda: MLP(3, nouts=4), r"as in MLP\(3, \[4, 4, 1\]\), not 4\nnouts is another name of sizes$"),
    ],
)
def test_what_is_wrong_is_said_in_either_spelling(wrong, match):
    with pytest.raises(TypeError, match=match):
        wrong()


def test_weights_are_drawn_from_random_itself():
    """Per neuron its weights; a bias is 0 and draws nothing."""
    random.seed(1337)
    model = micrograd.MLP(2, [3, 1])
    drawn = [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    assert {b.data for layer in model.layers for b in layer.b} == {0.0}
    after = random.random()
    random.seed(1337)
    assert drawn == [random.uniform(-1, 1) for _ in range(9)]
    assert after == random.random()


def test_the_default_of_nn_stays():
    random.seed(1)
    free = [w.data for row in Layer(200, 20).W for w in row]
    assert sum(w * w for w in free) / len(free) == pytest.approx(2 / 200, rel=0.1)  # He, not U(−1, 1)
    for kind in (micrograd.Neuron, lambda n: micrograd.Layer(n, 1)):
        drawn = [w.data for w in kind(1000).parameters()[:-1]]
        assert sum(w * w for w in drawn) / 1000 == pytest.approx(1 / 3, rel=0.1)
        assert 0.98 < max(map(abs, drawn)) < 1
    assert micrograd.Layer(2, 3, init="ones").W[2][1].data == 1.0
    assert micrograd.Module is nn.Module


def test_relu_as_lectures_spell_it():
    x = Value(3.0)
    y = x.ReLu()
    y.backward()
    assert (y.data, x.grad, y.op.name) == (3.0, 1.0, "relu")


# The losses that the demo's notebook shows, as far as it shows them; the others are micrograd's own.
LOSSES = {
    0: 0.8958441028683222,
    1: 1.7235905336972022,
    10: 0.2450702385365803,
    25: 0.1604909778080168,
    50: 0.09875114765619622,
    75: 0.011845398205364371,
    99: 0.010978370135492717,
}


def test_the_demo_reproduces_its_losses():
    """The loop of micrograd's demo.ipynb: two moons, a max-margin loss, 100 steps. Only the imports differ."""
    np = pytest.importorskip("numpy")
    make_moons = pytest.importorskip("sklearn.datasets").make_moons
    random.seed(1337)
    np.random.seed(1337)
    X, y = make_moons(n_samples=100, noise=0.1)
    y = y * 2 - 1
    model = micrograd.MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    seen = []
    for k in range(100):
        with paused_gc():
            scores = [model(list(map(Value, row))) for row in X]
            losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
            total = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
            accuracy = sum((yi > 0) == (score.data > 0) for yi, score in zip(y, scores, strict=True)) / len(y)
            model.zero_grad()
            total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
        seen.append((total.data, accuracy))
    assert seen[0][0] == LOSSES[0]
    for k, loss in LOSSES.items():
        assert seen[k][0] == pytest.approx(loss, rel=1e-11), k
    assert (seen[0][1], seen[99][1]) == (0.5, 1.0)
