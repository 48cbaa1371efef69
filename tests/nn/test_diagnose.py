"""Networks built to be ill, and healthy ones."""

import math

import pytest

from autograd import parameter
from nn import MLP, Dropout, Layer, LogisticRegression, Module, Neuron
from nn.datasets import moons
from nn.diagnosis import REMEDIES, Diagnosis, Finding, diagnose, ranges
from nn.train import fit

X, Y = moons(60, noise=0.1, seed=0)


def found(diagnosis):
    return [(f.kind, f.layer, f.neurons) for f in diagnosis.findings]


def test_dead_relus_are_named():
    model = MLP(2, [8, 8, 1], "relu", "sigmoid", init="he_normal", bias=1.0, seed=1)
    assert diagnose(model, X, Y, "bce").ok
    for layer, j in ((0, 2), (0, 5), (1, 7)):
        model.layers[layer].b[j].data = -100.0
    diagnosis = diagnose(model, X, Y, "bce")
    assert found(diagnosis) == [("dead ReLU", 1, (3, 6)), ("dead ReLU", 2, (8,))]
    assert "z[1]_3, z[1]_6 ≤ 0 on all 60 examples" in str(diagnosis)
    assert "dead ReLU: layer 2, neuron 8\n" in str(diagnosis)
    assert "leaky ReLU, biases that start at 0.01, or a lower learning rate" in str(diagnosis)


def test_dead_means_what_it_says():
    model = MLP(2, [8, 1], "relu", "sigmoid", bias=1.0, seed=3)
    model.layers[0].b[4].data = -100.0
    [finding] = diagnose(model, X).findings
    before = [w.data for w in model.layers[0].W[finding.neurons[0] - 1]]
    fit(model, X, Y, loss="bce", lr=0.5, epochs=5, progress=False)
    assert [w.data for w in model.layers[0].W[finding.neurons[0] - 1]] == before
    others = [w for j, row in enumerate(model.layers[0].W, 1) if j not in finding.neurons for w in row]
    assert all(w.grad != 0 for w in others)


@pytest.mark.parametrize("z", [0.0, 1e-9])
def test_a_relu_at_0_is_dead(z):
    model = MLP(1, [2, 1], init="zeros", bias=0.0)
    model.layers[0].W[1][0].data = 1.0
    model.layers[0].b[0].data = z
    assert diagnose(model, [[1.0], [2.0]]).ok == (z > 0)
    model.layers[0].b[1].data = -1.5  # alive on one example only
    assert [f.neurons for f in diagnose(model, [[1.0], [2.0]]).findings] == ([(1,)] if z == 0 else [])


def test_a_leaky_relu_is_never_dead():
    assert diagnose(MLP(2, [4, 1], "leaky_relu", init="normal", bias=-100.0, seed=1), X).ok


@pytest.mark.parametrize(("activation", "z"), [("sigmoid", 4.4), ("sigmoid", -4.4), ("tanh", 2.2), ("tanh", -2.2)])
def test_saturated_units_are_named(activation, z):
    model = MLP(1, [3, 1], activation, "sigmoid", init="normal", seed=1)
    flat = model.layers[0].neurons[1]
    flat.w[0].data, flat.b.data = 0.0, z
    diagnosis = diagnose(model, [[0.1], [-0.2]])
    assert found(diagnosis) == [("saturated units", 1, (2,))]
    assert f"z[1]_2: {activation}′(z) is below 5% of its largest on 90% of the examples" in str(diagnosis)
    flat.b.data = z * 0.95
    assert diagnose(model, [[0.1], [-0.2]]).ok


def test_saturated_on_most_examples():
    model = MLP(1, [1, 1], "tanh", init="ones")
    assert not diagnose(model, [[5.0]] * 9 + [[0.0]]).ok
    assert diagnose(model, [[5.0]] * 8 + [[0.0]] * 2).ok


def test_a_confident_output_is_not_saturated():
    model = LogisticRegression(2)
    for p, x in zip(model.parameters(), [20, 20, -30], strict=True):
        p.data = x
    assert diagnose(model, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], "bce").ok


@pytest.mark.parametrize("init", ["zeros", "ones"])
def test_symmetric_units_are_named(init):
    model = MLP(2, [3, 2, 1], "tanh", "sigmoid", init=init)
    diagnosis = diagnose(model, X[:5])
    assert found(diagnosis) == [("symmetric units", 1, (1, 2, 3)), ("symmetric units", 2, (1, 2))]
    assert "symmetric units: layer 1, neurons 1–3\n  w[1]_1, w[1]_2, w[1]_3 have the same" in str(diagnosis)
    fit(model, X, Y, loss="bce", lr=0.5, epochs=5, progress=False)
    assert found(diagnose(model, X[:5])) == found(diagnosis)


def test_symmetric_in_groups():
    model = MLP(2, [5, 1], "tanh", seed=1)
    first, second = model.layers
    for a, b in ((0, 3), (1, 4)):
        for k in range(2):
            first.W[b][k].data = first.W[a][k].data
        second.W[0][b].data = second.W[0][a].data
    assert found(diagnose(model, X)) == [("symmetric units", 1, (1, 4)), ("symmetric units", 1, (2, 5))]
    second.W[0][4].data *= 2  # its gradient differs from now on, and so will the unit
    first.b[3].data += 0.1
    assert diagnose(model, X).ok


def test_symmetric_to_rounding():
    """Some matrix codes do not treat all rows alike."""
    model = MLP(2, [3, 1], "tanh", init="ones")
    model.layers[0].W[1][0].data = 1.0 + 2**-50
    [finding] = diagnose(model, X[:5]).findings
    assert finding.neurons == (1, 2, 3)
    assert finding.evidence == (
        "w[1]_1, w[1]_2, w[1]_3 have the same weights in and out, and the same bias, to rounding: they stay alike"
    )
    model.layers[0].W[1][0].data = 1.0 + 2**-38
    assert found(diagnose(model, X[:5])) == [("symmetric units", 1, (1, 3))]
    assert "bias: they stay identical" in str(diagnose(model, X[:5]))


@pytest.mark.parametrize("engine", ["program", "eager"])
@pytest.mark.parametrize("width", range(2, 13))
def test_symmetric_units_stay_identical_for_ever(width, engine):
    model = MLP(2, [width, width, 1], "tanh", "sigmoid", init="ones")
    fit(model, X, Y, loss="bce", lr=0.5, epochs=3, batch_size=25, engine=engine, progress=False)
    findings = [finding for finding in diagnose(model, X[:5]).findings if finding.kind == "symmetric units"]
    assert [finding.neurons for finding in findings] == [tuple(range(1, width + 1))] * 2
    assert all(finding.evidence.endswith("they stay identical") for finding in findings)


def test_what_is_not_symmetric():
    assert diagnose(MLP(2, [3], "tanh", init="ones"), X).ok  # outputs: their targets tell them apart
    assert diagnose(MLP(2, [3, 1], "tanh", init="ones", dropout=0.5, seed=1), X).ok  # dropout does


def test_vanishing_gradients():
    model = MLP(2, [8] * 5 + [1], "sigmoid", "sigmoid", init="small_normal", seed=1)
    diagnosis = diagnose(model, X, Y, "bce")
    assert found(diagnosis) == [("vanishing gradient", 1, ())]
    assert len(diagnosis.gradients) == 6
    assert diagnosis.gradients == sorted(diagnosis.gradients)
    assert diagnosis.gradients[0] < 1e-9 * diagnosis.gradients[-1]
    assert "the root mean square of ∂J/∂z, from layer 1 to 6, is" in str(diagnosis)
    assert "Xavier initialisation for tanh and sigmoid, He for ReLU" in str(diagnosis)
    diagnosis = diagnose(model, X)
    assert diagnosis.ok
    assert str(diagnosis).endswith("gradients were not looked at: give y and loss")


@pytest.mark.parametrize(
    ("scale", "kind"), [(1.5, "exploding gradient"), (0.5, "vanishing gradient"), (1.0, None)]
)  # docs/lectures.md, "Initialisation": 1.5^L, 0.5^L
def test_products_of_layers(scale, kind):
    model = MLP(2, [2] * 20, "linear", "linear", init="zeros")
    for layer in model.layers:
        layer.W[0][0].data = layer.W[1][1].data = scale
    diagnosis = diagnose(model, X, [[5.0, -5.0]] * 60, "mse")
    assert [f.kind for f in diagnosis.findings] == ([] if kind is None else [kind])
    assert diagnosis.gradients[0] / diagnosis.gradients[-1] == pytest.approx(scale**19, rel=1e-12)


def test_the_size_of_the_gradient():
    model = MLP(1, [2, 1], "linear", init="ones")
    diagnosis = diagnose(model, [[1.0], [2.0]], [0.0, 1.0], "squared_error")
    # z = (x, x), ŷ = 2x; ∂J/∂ŷ = (2x − y)/2 = 1, 1.5; the same at each hidden unit
    assert diagnosis.gradients == pytest.approx([math.sqrt((1 + 2.25) / 2)] * 2, rel=1e-12)


def test_gradients_that_are_not_finite():
    model = MLP(1, [2, 1], "linear", seed=1)
    model.layers[1].W[0][0].data = 1e308
    diagnosis = diagnose(model, [[1e9]], [0.0], "mse")
    assert found(diagnosis)[0][:2] == ("exploding gradient", 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "leaky_relu", "softplus", "prelu"])
def test_silent_on_a_healthy_network(activation, seed):
    model = MLP(2, [6, 6, 1], activation, "sigmoid", init="xavier_normal", seed=seed)
    assert diagnose(model, X, Y, "bce").findings == []
    fit(model, X, Y, loss="bce", lr=0.2, epochs=3, progress=False)
    diagnosis = diagnose(model, X, Y, "bce")
    assert diagnosis.ok
    assert str(diagnosis) == repr(diagnosis) == f"{model!r} on 60 examples: nothing found"


def test_many_outputs():
    model = MLP(2, [4, 3], "tanh", "softmax", seed=1)
    assert diagnose(model, X).ok
    diagnosis = diagnose(model, X, [k % 3 for k in range(60)], "cross_entropy")
    assert diagnosis.ok
    assert all(0 < size < 1 for size in diagnosis.gradients)


def test_layers_of_ones_own():
    class Net(Module):
        def __init__(self):
            self.scale = parameter(1.0)
            self.first, self.second = Layer(2, 3, "relu", bias=-50.0, seed=1), Neuron(3, "linear", seed=2)
            self.unused = Layer(7, 7)

        def __call__(self, x):
            return self.scale * self.second(self.first(x))

    diagnosis = diagnose(Net(), X)
    assert found(diagnosis) == [("dead ReLU", 1, (1, 2, 3))]
    assert "z_1, z_2, z_3 ≤ 0" in str(diagnosis)
    assert (
        diagnose(Neuron(2, "relu", bias=-50.0, seed=1), [[1, 1]])
        .findings[0]
        .evidence.startswith("z ≤ 0 on the one example")
    )
    assert diagnose(MLP(2, [3, 1], "relu", bias=None, init="he_normal", seed=2), X).subject.startswith("MLP(2-3-1")


def test_nothing_is_changed():
    model = MLP(2, [4, 4, 1], "tanh", "sigmoid", dropout=0.5, seed=1)
    model.layers[0].W[0][0].grad = 0.25
    model.layers[0].dropout.training = False
    before = model.state_dict()
    diagnose(model, X, Y, "bce")
    assert model.state_dict() == before  # the number of dropout's masks, too
    first, *others = model.parameters()
    assert first.grad == 0.25
    assert not any(p.has_grad for p in others)
    assert [module for _, module in model.named_modules() if not module.training] == [model.layers[0].dropout]


def test_html():
    diagnosis = Diagnosis("<b>", [Finding("dead ReLU", 1, (1,), "z < 0 & more")], [])
    html = diagnosis._repr_html_()
    assert "&lt;b&gt;: 1 finding" in html
    assert "z &lt; 0 &amp; more" in html
    assert "<b>" not in html
    assert "gradients were not looked at" in html
    assert "<table>" not in Diagnosis("fine", [], [1.0])._repr_html_()
    assert "not looked at" not in Diagnosis("fine", [], [1.0])._repr_html_()


def test_ranges():
    assert ranges((1, 2, 3, 7, 9, 10)) == "1–3, 7, 9–10"
    assert ranges((4,)) == "4"


def test_every_kind_has_a_remedy():
    assert all(Finding(kind, 1, (), "").remedy for kind in REMEDIES)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda _: diagnose(3, X), TypeError, r"diagnose looks at a Module, not at 3 \(int\)"),
        (lambda _: diagnose(Dropout(), [[1.0]]), TypeError, r"Dropout\(0\.5\) has no layers to look at"),
        (lambda m: diagnose(m, X, Y), TypeError, "diagnose needs both y and loss"),
        (lambda m: diagnose(m, X, loss="bce"), TypeError, "diagnose needs both y and loss"),
        (lambda m: diagnose(m, []), ValueError, "X is empty"),
        (lambda m: diagnose(m, [[1.0, math.nan]]), ValueError, r"X\[0\]\[1\] is nan"),
        (lambda m: diagnose(m, [[1.0]]), ValueError, "takes 2 inputs, got 1"),
        (lambda m: diagnose(m, X, Y[1:], "bce"), ValueError, "y has 59 targets, but there are 60 examples"),
        (lambda m: diagnose(m, X, [5] * 60, "bce"), ValueError, "example 0, target 5: a label must be in"),
        (lambda m: diagnose(m, X, Y, "bec"), ValueError, "unknown loss 'bec'"),
    ],
)
def test_wrong_calls(call, error, match):
    with pytest.raises(error, match=match):
        call(MLP(2, [3, 1], "tanh", "sigmoid", seed=1))


LESSON = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]], [1.0, -1.0, -1.0, 1.0]


def lesson(*activations, seed):
    """The last lesson of a lecture on micrograd: two hidden layers of 4, 20 steps; there every unit is a tanh."""
    X, y = LESSON
    model = MLP(3, [4, 4, 1], *activations, seed=seed)
    for _ in range(20):
        J = sum((model(x) - target) ** 2 for x, target in zip(X, y, strict=True))
        model.zero_grad()
        J.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
    return model, J.data


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5, 7, 8, 9])
def test_why_the_last_lesson_stays_at_loss_4(seed):
    """4 targets of size 1, and 0 predicted for all: the second layer of ReLUs is dead."""
    model, loss = lesson(seed=seed)
    assert loss == pytest.approx(4, rel=1e-4)
    report = diagnose(model, *LESSON, "mse")
    assert [(f.kind, f.layer) for f in report.findings] == [("dead ReLU", 1), ("dead ReLU", 2)]
    assert report.findings[1].neurons == (1, 2, 3, 4)
    assert ("whole layer" in report.findings[0].evidence) == (report.findings[0].neurons == (1, 2, 3, 4))
    assert "that is the whole layer: what follows sees no input" in report.findings[1].evidence
    assert "with tanh this cannot happen" in report.findings[1].evidence


@pytest.mark.parametrize("seed", range(3))
def test_with_tanh_everywhere_it_learns(seed):
    model, loss = lesson("tanh", "tanh", seed=seed)
    assert loss < 0.05
    assert diagnose(model, *LESSON, "mse").ok
