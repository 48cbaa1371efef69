import math

import pytest

import autograd
from autograd import Value
from nn import ACTIVATIONS, MLP, Layer, Neuron
from nn.activations import activation


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if not row.over_layer])
@pytest.mark.parametrize("z", [-1000.0, -2.0, -0.0, 0.0, 0.7, 1000.0])
def test_a_neuron_computes_the_row_of_the_table(name, z):
    n = Neuron(1, name, init="ones")
    a = n([z])
    row = ACTIVATIONS[name]
    expected = row.function(z) if row.slope is None else row.function(z, row.slope)
    assert a.data == expected
    x = Value(z)
    (row.function(x) if row.slope is None else row.function(x, row.slope)).backward()
    a.backward()
    assert n.b.grad == x.grad


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_over_the_outputs_of_a_layer(name):
    layer = Layer(1, 3, name, init="zeros")
    for b, z in zip(layer.b, (2, 1, 0.1), strict=True):
        b.data = z
    a = layer([5.0])
    expected = getattr(autograd, name)([2, 1, 0.1])
    assert [v.data for v in a] == expected
    assert [v.label for v in a] == ["a_1", "a_2", "a_3"]
    with pytest.raises(ValueError, match=f"{name} needs all outputs of a layer: Layer"):
        Neuron(2, name)


def test_prelu_learns_one_slope_per_layer():
    model = MLP(2, [3, 1], "prelu", "prelu", seed=1)
    slopes = [layer.slope for layer in model.layers]
    assert [s.label for s in slopes] == ["slope[1]", "slope[2]"]
    assert [s.data for s in slopes] == [0.25, 0.25]
    assert {id(n.slope) for n in model.layers[0].neurons} == {id(slopes[0])}
    assert len(model.parameters()) == 9 + 1 + 4 + 1
    assert not set(slopes) & set(model.weights())
    n = Neuron(1, "prelu", init="ones")
    n([-3.0]).backward()
    assert n.slope.grad == -3
    assert n.b.grad == 0.25


def test_by_function():
    assert activation(autograd.softmax) is ACTIVATIONS["softmax"]
    assert activation(ACTIVATIONS["relu"]) is ACTIVATIONS["relu"]
    n = Neuron(1, autograd.sin, init="ones")
    assert n([2.0]).data == math.sin(2)
    assert repr(n) == "Neuron(1, sin)"

    def swish(z):
        return z * z.sigmoid()

    a = Neuron(1, swish, init="ones")([2.0])
    assert a.data == pytest.approx(2 / (1 + math.exp(-2)), rel=1e-15)
    assert a.label == "a"


def test_unknown():
    with pytest.raises(ValueError, match=r"unknown activation 'Sigmoid'; did you mean 'sigmoid'\? known are linear, "):
        MLP(2, [1], "Sigmoid")
    with pytest.raises(ValueError, match="unknown activation 'quark'; known are"):
        Neuron(2, "quark")
    with pytest.raises(TypeError, match=r"an activation is a name or a function of z, not 3 \(int\)"):
        Layer(2, 2, 3)
    with pytest.raises(
        TypeError, match=r"the activation hard made 0\.5 of a Value: write it with autograd's functions"
    ):
        Neuron(2, hard)


def hard(z):
    return max(z.data, 0.0)
