"""The lecture material (shared by many courses): each numbered example with its numbers."""

import math

import pytest

import autograd
from autograd import Value, log, parameter, sigmoid

POINT = {"w1": 0.5, "w2": -1.0, "b": 0.25}


def logistic_regression(x1, x2, y, w1=0.5, w2=-1.0, b=0.25):
    """One example; all nodes by name."""
    x1, x2, y = Value(x1, "x1"), Value(x2, "x2"), Value(y, "y")
    w1, w2, b = parameter(w1, "w1"), parameter(w2, "w2"), parameter(b, "b")
    z = w1 * x1 + w2 * x2 + b
    a = sigmoid(z)
    L = -(y * log(a) + (1 - y) * log(1 - a))
    return locals()


def test_g1_three_times_a_plus_b_c():
    a, b, c = Value(5), Value(3), Value(2)
    u = b * c
    v = a + u
    J = 3 * v
    assert (u.data, v.data, J.data) == (6, 11, 33)
    J.backward()
    assert (v.grad, a.grad, u.grad, b.grad, c.grad) == (3, 3, 3, 6, 9)
    b.data = 3.001
    J.refresh()
    assert J.data == pytest.approx(33.006, rel=1e-15)


def test_g2_logistic_regression():
    n = logistic_regression(2, 1, 1)
    assert n["z"].data == 0.25
    assert n["a"].data == pytest.approx(0.5621765, abs=5e-8)
    assert n["L"].data == pytest.approx(0.5759394, abs=5e-8)
    n["L"].backward()
    dz = n["a"].data - 1
    assert dz == pytest.approx(-0.4378235, abs=5e-8)
    want = {"z": dz, "w1": 2 * dz, "w2": dz, "b": dz, "a": -1 / n["a"].data}
    for name, gradient in want.items():
        assert n[name].grad == pytest.approx(gradient, rel=1e-14, abs=0), name
    assert n["w1"].grad == pytest.approx(-0.875647, abs=5e-7)


@pytest.mark.parametrize("y", [0, 1, 0.3])
def test_g2_by_hand_for_any_label(y):
    n = logistic_regression(-1.5, 0.7, y)
    n["L"].backward()
    a = n["a"].data
    assert n["a"].grad == pytest.approx(-y / a + (1 - y) / (1 - a), rel=1e-13, abs=0)
    assert n["w1"].grad == pytest.approx(-1.5 * (a - y), rel=1e-13, abs=0)
    assert n["w2"].grad == pytest.approx(0.7 * (a - y), rel=1e-13, abs=0)


def test_g3_over_m_examples_and_one_update():
    examples = [(2.0, 1.0, 1.0), (-1.0, 0.5, 0.0), (0.3, -2.0, 1.0), (1.0, 1.0, 0.0)]
    w1, w2, b = (parameter(x) for x in POINT.values())
    losses, errors = [], []
    for x1, x2, y in examples:
        z = w1 * x1 + w2 * x2 + b
        a = sigmoid(z)
        losses.append(-(y * log(a) + (1 - y) * log(1 - a)))
        errors.append(1 / (1 + math.exp(-(0.5 * x1 - x2 + 0.25))) - y)
    J = autograd.mean(losses)
    J.backward()
    m = len(examples)
    by_hand = [sum(e * x[i] for e, x in zip(errors, examples, strict=True)) / m for i in (0, 1)] + [sum(errors) / m]
    assert [w1.grad, w2.grad, b.grad] == pytest.approx(by_hand, rel=1e-13, abs=0)
    before = J.data
    for p in (w1, w2, b):
        p.data -= 0.1 * p.grad
    J.refresh()
    assert J.data < before


ACTIVATIONS = [
    ("sigmoid", lambda z: 1 / (1 + math.exp(-z)), lambda _, a: a * (1 - a)),
    ("tanh", math.tanh, lambda _, a: 1 - a * a),
    ("relu", lambda z: max(0.0, z), lambda z, _: 1.0 if z > 0 else 0.0),
    ("leaky_relu", lambda z: z if z > 0 else 0.01 * z, lambda z, _: 1.0 if z > 0 else 0.01),
    ("softplus", lambda z: math.log(1 + math.exp(z)), lambda z, _: 1 / (1 + math.exp(-z))),
    ("step", lambda z: 1.0 if z > 0 else 0.0, lambda *_: 0.0),
]


@pytest.mark.parametrize(("name", "value", "slope"), ACTIVATIONS, ids=[row[0] for row in ACTIVATIONS])
@pytest.mark.parametrize("z", [-2.0, -0.4, 0.0, 0.7, 3.0])
def test_section_3_activations_with_derivatives(name, value, slope, z):
    leaf = Value(z)
    a = getattr(autograd, name)(leaf)
    a.backward()
    assert a.data == pytest.approx(value(z), rel=1e-14, abs=0)
    assert leaf.grad == pytest.approx(slope(z, a.data), rel=1e-13, abs=0)


def test_section_3_numbers():
    values = [autograd.softplus(z) for z in (-2, 0, 2)]
    assert values == pytest.approx([0.1269, 0.6931, 2.1269], abs=5e-5)
    assert autograd.softmax([2, 1, 0.1]) == pytest.approx([0.6590, 0.2424, 0.0986], abs=5e-5)
    z, slope = Value(-3.0), parameter(0.25)
    a = autograd.prelu(z, slope)
    a.backward()
    assert (a.data, z.grad, slope.grad) == (-0.75, 0.25, -3.0)
    assert autograd.sigmoid(-1000) == 0.0
    assert autograd.exp(710) == math.inf


def test_section_8_central_differences():
    """(J(θ+ε) − J(θ−ε))/2ε for every parameter."""
    epsilon = 1e-6
    n = logistic_regression(2, 1, 1)
    n["L"].backward()
    for name, theta in POINT.items():
        up = logistic_regression(2, 1, 1, **{**POINT, name: theta + epsilon})["L"].data
        down = logistic_regression(2, 1, 1, **{**POINT, name: theta - epsilon})["L"].data
        assert n[name].grad == pytest.approx((up - down) / (2 * epsilon), rel=1e-8, abs=0)
