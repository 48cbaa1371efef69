import random

import numpy as np
import pytest

import autograd
from autograd import Value
from nn import MLP, Layer, LogisticRegression, Neuron, Perceptron


def test_micrograds_example():
    """The code of micrograd's README and of its demo, as it stands there."""
    random.seed(1337)
    n = MLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    losses = []
    for _ in range(20):
        ypred = [n(x) for x in xs]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred, strict=True))
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        for p in n.parameters():
            p.data += -0.01 * p.grad
        losses.append(loss.data)
    assert losses[-1] < losses[0]
    assert len(n.parameters()) == 41

    inputs = [list(map(Value, x)) for x in xs]
    scores = list(map(n, inputs))
    losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(ys, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    total_loss = data_loss + 1e-4 * sum(p * p for p in n.parameters())
    n.zero_grad()
    total_loss.backward()
    assert any(p.grad for p in n.parameters())


def test_as_in_micrograd():
    n = Neuron(2)
    assert len(n.w) == 2
    assert n.b.data == 0
    assert n([1.0, -2.0]).op.name == "relu"
    assert Neuron(2, nonlin=False)([1.0, 2.0]).op.name == "+"
    assert n.parameters() == [*n.w, n.b]
    layer = Layer(2, 3)
    out = layer([Value(1.0), Value(2.0)])
    assert [a.op.name for a in out] == ["relu"] * 3
    assert len(layer.neurons) == 3
    assert isinstance(Layer(2, 1)([1, 2]), Value)
    assert [a.op.name for a in Layer(2, 3, nonlin=False)([1, 2])] == ["+"] * 3
    mlp = MLP(3, [4, 4, 1])
    assert [layer.activation.name for layer in mlp.layers] == ["relu", "relu", "linear"]
    assert isinstance(mlp([1, 2, 3]), Value)
    assert len(MLP(3, [4, 2])([1, 2, 3])) == 2


def test_a_neuron_is_a_weighted_sum():
    n = Neuron(3, "tanh", bias=0.5, seed=1)
    x = [0.3, -2.0, 1.5]
    z = n(x).inputs[0]
    assert z.data == pytest.approx(sum(w.data * v for w, v in zip(n.w, x, strict=True)) + 0.5, rel=1e-15)
    assert Neuron(2, "linear", bias=None, init="ones")([3, 4]).data == 7
    assert Neuron(2, bias=None).b is None


# --- what a drawing shows ---------------------------------------------------------------------------


def test_labels_and_scopes():
    mlp = MLP(3, [2, 2], "tanh", "linear", seed=1)
    nodes = autograd.graph.topological(mlp([1, 2, 3])[1])
    named = {node.label: node for node in nodes if node.label}
    assert {"x1", "x2", "x3", "w[1]_2,3", "b[1]_2", "z[1]_2", "a[1]_2", "w[2]_2,1", "b[2]_2", "z[2]_2"} <= set(named)
    assert "a[2]_2" not in named  # linear: a is z
    assert named["w[1]_2,3"] is mlp.layers[0].W[1][2]
    assert named["w[1]_2,3"].kind == "parameter"
    assert named["x1"].kind == "input"
    assert {named[name].scope for name in ("w[1]_2,3", "b[1]_2", "z[1]_2", "a[1]_2")} == {"layer1/neuron2"}
    assert named["x1"].scope == ""
    assert all(node.scope for node in nodes if node.op is not None)
    with autograd.scope("model"):
        assert mlp([1, 2, 3])[0].scope == "model/layer2/neuron1"


def test_labels_of_a_neuron_and_of_a_layer_alone():
    n = Neuron(2, seed=1)
    assert [p.label for p in n.parameters()] == ["w1", "w2", "b"]
    assert (n([1, 2]).label, n([1, 2]).inputs[0].label) == ("a", "z")
    assert {p.scope for p in n.parameters()} == {"neuron"}
    layer = Layer(2, 2, seed=1)
    assert [p.label for p in layer.parameters()] == ["w_1,1", "w_1,2", "w_2,1", "w_2,2", "b_1", "b_2"]
    assert layer([1, 2])[1].scope == "layer/neuron2"


def test_inputs_that_are_values_stay_what_they_are():
    x = [Value(1.0, "height"), Value(2.0, "weight")]
    a = Neuron(2, init="ones")(x)
    a.backward()
    assert x[0].label == "height"
    assert x[0].grad == 1


def test_repr():
    assert repr(MLP(4, [3, 2, 1], "tanh", "sigmoid")) == "MLP(4-3-2-1, tanh, sigmoid)"
    assert repr(Layer(4, 3)) == "Layer(4, 3, relu)"
    assert repr(Perceptron(2)) == "Perceptron(2, step)"
    assert repr(LogisticRegression(2)) == "LogisticRegression(2, sigmoid)"


def test_summary():
    assert MLP(2, [3, 1], "prelu", bias=None).summary().splitlines() == [
        "layer  activation  W       b     parameters",
        "1      prelu       (3, 2)  none           7",
        "2      linear      (1, 3)  none           3",
        "total                                    10",
    ]
    assert Neuron(2).summary().splitlines() == [
        "name   shape  parameters",
        "w      (2,)            2",
        "b      ()              1",
        "total                  3",
    ]


# --- wrong input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", [Neuron(2, seed=1), Layer(2, 3, seed=1), MLP(2, [3, 1], seed=1), Perceptron(2)], ids=repr
)
@pytest.mark.parametrize(
    ("x", "error", "match"),
    [
        ([1.0], ValueError, "takes 2 inputs, got 1"),
        ([1.0, 2.0, 3.0], ValueError, "takes 2 inputs, got 3"),
        ([], ValueError, "takes 2 inputs, got 0"),
        ("ab", TypeError, r"takes a list of 2 numbers or Values, got 'ab' \(str\)"),
        (1.0, TypeError, r"takes a list of 2 numbers or Values, got 1\.0 \(float\)"),
        (Value(1.0), TypeError, "takes a list of 2 numbers or Values, got Value"),
        (None, TypeError, r"got None \(NoneType\)"),
        (["1", 2.0], TypeError, r"input x1: expected a real number, got '1' \(str\)"),
        ([1.0, None], TypeError, r"input x2: expected a real number, got None"),
        ([1.0, 2j], TypeError, r"input x2: expected a real number, got 2j"),
        ([[1.0, 2.0], [3.0, 4.0]], TypeError, r"takes one example.*write \[model\(x\) for x in X\]"),
        (np.zeros((5, 2)), TypeError, "takes one example"),
        ([1.0, float("nan")], ValueError, "input x2 is nan, but must be finite"),
        ([float("-inf"), 1.0], ValueError, "input x1 is -inf, but must be finite"),
        ([1.0, Value(float("inf"))], ValueError, "input x2 is inf, but must be finite"),
    ],
    ids=str,
)
def test_wrong_input(model, x, error, match):
    with pytest.raises(error, match=match) as raised:
        model(x)
    assert str(raised.value).startswith(repr(model))


def test_inputs_of_many_kinds():
    model = MLP(2, [2], "linear", init="ones")
    for x in [(1, 2), np.array([1, 2]), np.array([1.0, 2.0], dtype="float32"), [True, 2], iter([1, 2]), [Value(1), 2]]:
        assert [a.data for a in model(x)] == [3.0, 3.0]


def test_a_diverged_model_computes_on():
    model = MLP(1, [1, 1], "relu", init="ones")
    model.layers[0].b[0].data = float("inf")
    assert model([1.0]).data == float("inf")
    hidden = model.layers[0]([1.0])
    assert model.layers[1]([hidden]).data == float("inf")


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: Neuron(0), ValueError, "n_in must be at least 1, got 0"),
        (lambda: Neuron(2.0), TypeError, r"n_in must be a whole number, got 2\.0 \(float\)"),
        (lambda: Neuron("2"), TypeError, "n_in must be a whole number"),
        (lambda: Layer(2, -1), ValueError, "n_out must be at least 1, got -1"),
        (lambda: MLP(2, []), ValueError, "an MLP needs at least one layer"),
        (lambda: MLP(2, 1), TypeError, "the sizes of the layers are a list"),
        (lambda: MLP(2, [3, 0]), ValueError, "the size of a layer must be at least 1, got 0"),
        (lambda: MLP(2, [3, True]), TypeError, "the size of a layer must be a whole number, got True"),
        (lambda: MLP(2, [3, 1], bias=float("nan")), ValueError, r"bias must be in \(-inf, inf\), got nan"),
        (lambda: MLP(2, [1], dropout=1.0), ValueError, r"the dropout probability p must be in \[0, 1\), got 1"),
        (lambda: MLP(2, [1], bias="0"), TypeError, "bias must be a number, got '0'"),
    ],
)
def test_wrong_architecture(make, error, match):
    with pytest.raises(error, match=match):
        make()


def test_wrong_lessons_for_a_perceptron():
    p = Perceptron(2)
    for x, y, rate, match in [
        ([1, 2], 2, 1.0, "a perceptron's target is 0 or 1, not 2"),
        ([1, 2], -1, 1.0, "a perceptron's target is 0 or 1, not -1"),
        ([1, 2], 1, 1.5, r"the learning rate α of a perceptron must be in \[0, 1\], got 1\.5"),
        ([1, 2], 1, float("nan"), "must be in .*, got nan"),
        ([1], 1, 1.0, "takes 2 inputs, got 1"),
    ]:
        with pytest.raises(ValueError, match=match):
            p.learn(x, y, rate)
    assert [v.data for v in p.parameters()] == [0, 0, 0]
