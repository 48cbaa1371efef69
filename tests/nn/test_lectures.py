"""The numbers of docs/lectures.md and what else the course derives, to the digits they are printed with."""

import math

import pytest

import autograd
from autograd import Value
from nn import MLP, SGD, LogisticRegression, Neuron, Perceptron, cost, squared_error
from nn.losses import bce

AND = [([0, 0], 0), ([0, 1], 0), ([1, 0], 0), ([1, 1], 1)]
OR = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 1)]
XOR = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]


def assert_printed(x, printed):
    """``x``, rounded to as many digits as the notes print, is what they print."""
    decimals = len(printed.partition(".")[2])
    assert f"{x:.{decimals}f}" == printed


def set_to(parameters, numbers):
    for p, x in zip(parameters, numbers, strict=True):
        p.data = x


def sigma(z):
    return 1 / (1 + math.exp(-z))


# --- computation graphs -----------------------------------------------------------------------------


def test_g2_logistic_regression():
    model = LogisticRegression(2)
    set_to(model.parameters(), [0.5, -1, 0.25])
    x = [Value(2, "x1"), Value(1, "x2")]
    a = model(x)
    L = bce(a, 1)
    L.backward()
    z = a.inputs[0]
    assert z.data == 0.25
    assert_printed(a.data, "0.5621765")
    assert_printed(L.data, "0.5759394")
    assert_printed(z.grad, "-0.4378235")
    assert_printed(model.w[0].grad, "-0.875647")
    assert_printed(model.w[1].grad, "-0.4378235")
    assert_printed(model.b.grad, "-0.4378235")
    assert a.grad == pytest.approx(-1 / a.data, rel=1e-12)
    assert [node.label for node in (*model.w, model.b, z, a)] == ["w1", "w2", "b", "z", "a"]


def test_g3_over_m_examples():
    X, y = [[2, 1], [-1, 0.5], [0.3, -2]], [1, 0, 1]
    model = LogisticRegression(2)
    set_to(model.parameters(), [0.5, -1, 0.25])
    optimizer = SGD(model, lr=0.3)
    cost("bce", [model(x) for x in X], y).backward()
    a = [sigma(0.5 * x1 - x2 + 0.25) for x1, x2 in X]
    by_hand = [sum(x[k] * (a_i - y_i) for x, a_i, y_i in zip(X, a, y, strict=True)) / 3 for k in (0, 1)]
    by_hand.append(sum(a_i - y_i for a_i, y_i in zip(a, y, strict=True)) / 3)
    assert [p.grad for p in model.parameters()] == pytest.approx(by_hand, rel=1e-12)
    optimizer.step()
    updated = [w - 0.3 * dw for w, dw in zip([0.5, -1, 0.25], by_hand, strict=True)]
    assert [p.data for p in model.parameters()] == pytest.approx(updated, rel=1e-12)


def test_g4_local_gradients_compose_into_layer_deltas():
    model = MLP(2, [2, 2, 2], "sigmoid", "linear", seed=4)
    x, y = [0.7, -1.1], [0.2, 0.9]
    squared_error(model(x), y).backward()
    theta = [[[w.data for w in row] for row in layer.W] for layer in model.layers]
    b = [[v.data for v in layer.b] for layer in model.layers]
    a = [x]
    for layer in range(3):
        z = [
            sum(w * v for w, v in zip(row, a[-1], strict=True)) + c
            for row, c in zip(theta[layer], b[layer], strict=True)
        ]
        a.append(z if layer == 2 else [sigma(v) for v in z])
    delta = [z - t for z, t in zip(a[3], y, strict=True)]
    for layer in (2, 1, 0):
        for j in (0, 1):
            assert model.layers[layer].b[j].grad == pytest.approx(delta[j], rel=1e-12)
            expected = [delta[j] * a[layer][k] for k in (0, 1)]
            assert [w.grad for w in model.layers[layer].W[j]] == pytest.approx(expected, rel=1e-12)
        delta = [a[layer][k] * (1 - a[layer][k]) * sum(theta[layer][j][k] * delta[j] for j in (0, 1)) for k in (0, 1)]


def test_g5_worked_training_step():
    model = MLP(2, [2, 1], "sigmoid", "linear", bias=None)
    set_to(model.parameters(), [0.11, 0.12, 0.21, 0.08, 0.14, 0.15])
    optimizer = SGD(model, lr=0.5)
    hidden, out = model.layers
    x = [Value(2, "x1"), Value(3, "x2")]

    def forward():
        a = hidden(x)
        return [node.inputs[0] for node in a], a, out(a)

    z, a, output = forward()
    J = squared_error(output, 1)
    J.backward()
    assert [v.data for v in z] == pytest.approx([0.58, 0.66], rel=1e-15)
    for value, printed in zip(a, ("0.641067", "0.659260"), strict=True):
        assert_printed(value.data, printed)
    assert_printed(output.data, "0.188638")
    assert_printed(J.data, "0.329154")
    assert_printed(output.grad, "-0.811362")
    assert_printed(z[0].grad, "-0.0261372")
    assert_printed(z[1].grad, "-0.0273392")
    assert_printed(out.W[0][0].grad, "-0.520137")
    assert_printed(out.W[0][1].grad, "-0.534899")
    for w, printed in zip(
        [w for row in hidden.W for w in row], ("-0.0522744", "-0.07841159", "-0.05467833", "-0.0820175"), strict=True
    ):
        assert_printed(w.grad, printed)

    optimizer.step()
    for w, printed in zip(
        model.parameters(), ("0.136137", "0.159206", "0.237339", "0.121009", "0.400069", "0.417449"), strict=True
    ):
        assert_printed(w.data, printed)
    z, a, output = forward()
    for value, printed in zip(
        [*z, *a, output], ("0.749892", "0.837705", "0.679155", "0.697982", "0.563081"), strict=True
    ):
        assert_printed(value.data, printed)
    assert_printed(squared_error(output, 1).data, "0.0954493")

    costs = []
    for _ in range(20):  # the error falls over the epochs
        optimizer.zero_grad()
        J = squared_error(model(x), 1)
        J.backward()
        optimizer.step()
        costs.append(J.data)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 1e-6


def test_g6_three_layer_classifier():
    X, y = [[0.5, -1.2], [1.5, 0.3], [-0.4, 0.8]], [1, 0, 1]
    model = MLP(2, [3, 2, 1], "sigmoid", "sigmoid", seed=6)
    w2, w3 = [[[w.data for w in row] for row in layer.W] for layer in model.layers[1:]]
    cost("bce", [model(x) for x in X], y).backward()
    n = len(X)
    d_w1, d_w2, d_w3, d_b1 = [[0.0] * 2 for _ in range(3)], [[0.0] * 3 for _ in range(2)], [0.0] * 2, [0.0] * 3
    for x, target in zip(X, y, strict=True):
        a1 = [v.data for v in model.layers[0](x)]
        a2 = [v.data for v in model.layers[1](a1)]
        a3 = model.layers[2](a2).data
        dz2 = [w3[0][j] * a2[j] * (1 - a2[j]) * (a3 - target) for j in range(2)]
        dz1 = [a1[k] * (1 - a1[k]) * sum(w2[j][k] * dz2[j] for j in range(2)) for k in range(3)]
        for j in range(2):
            d_w3[j] -= (target - a3) * a2[j] / n
            for k in range(3):
                d_w2[j][k] += dz2[j] * a1[k] / n
        for k in range(3):  # what is left to the reader
            d_b1[k] += dz1[k] / n
            for i in range(2):
                d_w1[k][i] += dz1[k] * x[i] / n
    assert [w.grad for w in model.layers[2].W[0]] == pytest.approx(d_w3, rel=1e-12)
    for j in range(2):
        assert [w.grad for w in model.layers[1].W[j]] == pytest.approx(d_w2[j], rel=1e-12)
    for k in range(3):
        assert [w.grad for w in model.layers[0].W[k]] == pytest.approx(d_w1[k], rel=1e-12)
    assert [b.grad for b in model.layers[0].b] == pytest.approx(d_b1, rel=1e-12)


# --- neurons and perceptrons ------------------------------------------------------------------------


def mistakes(perceptron, examples, rate):
    return sum(perceptron.learn(x, y, rate) != 0 for x, y in examples)


@pytest.mark.parametrize("rate", [0.1, 1.0])
@pytest.mark.parametrize("gate", [AND, OR], ids=["AND", "OR"])
def test_p1_perceptron_separates_and_and_or(gate, rate):
    p = Perceptron(2, init="normal", seed=1)
    epochs = 0
    while mistakes(p, gate, rate):
        epochs += 1
        assert epochs < 200
    assert [p(x).data for x, _ in gate] == [y for _, y in gate]


def test_p1_perceptron_never_settles_on_xor():
    p = Perceptron(2)
    assert all(mistakes(p, XOR, 0.5) > 0 for _ in range(1000))


def test_p1_learning_rule():
    p = Perceptron(2)
    set_to(p.parameters(), [0.5, -1.0, -0.25])
    assert p.learn([2.0, 3.0], 1, rate=0.1) == 1  # z = −2.25: ŷ = 0
    assert [v.data for v in p.parameters()] == pytest.approx([0.7, -0.7, -0.15], rel=1e-15)
    assert p.learn([3.0, 1.0], 0, rate=0.5) == -1  # z = 1.25: ŷ = 1
    assert [v.data for v in p.parameters()] == pytest.approx([-0.8, -1.2, -0.65], rel=1e-15)
    assert p.learn([1.0, 1.0], 0, rate=0.5) == 0
    assert [v.data for v in p.parameters()] == pytest.approx([-0.8, -1.2, -0.65], rel=1e-15)


def test_p1_the_step_is_0_at_0():
    assert Perceptron(2)([1.0, 1.0]).data == 0


@pytest.mark.parametrize(
    ("bias", "z", "outputs"), [(-30, [-30, -10, -10, 10], [0, 0, 0, 1]), (-10, [-10, 10, 10, 30], [0, 1, 1, 1])]
)
def test_p2_gates_as_sigmoid_neurons(bias, z, outputs):
    n = Neuron(2, "sigmoid")
    set_to(n.parameters(), [20, 20, bias])
    a = [n(x).data for x, _ in AND]
    assert a == pytest.approx([sigma(v) for v in z], rel=1e-12)
    assert [round(v) for v in a] == outputs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p3_an_mlp_learns_xor(seed):
    model = MLP(2, [4, 1], "tanh", "sigmoid", seed=seed)
    optimizer = SGD(model, lr=1.0)
    for _ in range(600):
        optimizer.zero_grad()
        cost("bce", [model(x) for x, _ in XOR], [y for _, y in XOR]).backward()
        optimizer.step()
    assert [round(model(x).data) for x, _ in XOR] == [y for _, y in XOR]


def test_p4_linear_layers_collapse():
    model = MLP(3, [4, 2], "linear", "linear", init="normal", bias=0.7, seed=4)
    first, second = model.layers
    w1, w2 = ([[w.data for w in row] for row in layer.W] for layer in (first, second))
    x = [0.3, -1.4, 2.0]
    W = [[sum(w2[i][j] * w1[j][k] for j in range(4)) for k in range(3)] for i in range(2)]
    b = [sum(w2[i][j] * 0.7 for j in range(4)) + 0.7 for i in range(2)]
    collapsed = [sum(W[i][k] * x[k] for k in range(3)) + b[i] for i in range(2)]
    assert [v.data for v in model(x)] == pytest.approx(collapsed, rel=1e-12)


def test_p5_counting():
    model = MLP(4, [3, 2, 1])
    assert [sum(len(row) for row in layer.W) for layer in model.layers] == [12, 6, 2]
    assert [len(layer.b) for layer in model.layers] == [3, 2, 1]
    assert len(model.parameters()) == 26
    assert model.summary().splitlines()[-1].split() == ["total", "26"]


# --- activations ------------------------------------------------------------------------------------


def test_activation_values():
    for z, printed in ((-2, "0.1269"), (0, "0.6931"), (2, "2.1269")):
        assert_printed(autograd.softplus(z), printed)
    for a, printed in zip(autograd.softmax([2, 1, 0.1]), ("0.6590", "0.2424", "0.0986"), strict=True):
        assert_printed(a, printed)
    assert autograd.sigmoid(-1000.0) == 0
    assert autograd.exp(Value(710.0)).data == math.inf


# --- initialisation and optimisation ----------------------------------------------------------------


@pytest.mark.parametrize("init", ["zeros", "ones"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_symmetry_is_kept_for_ever(init, activation):
    model = MLP(2, [3, 3, 1], activation, "sigmoid", init=init, seed=0)
    optimizer = SGD(model, lr=0.5, momentum=0.9)
    for _ in range(60):
        optimizer.zero_grad()
        cost("bce", [model(x) for x, _ in AND], [y for _, y in AND]).backward()
        optimizer.step()
    assert model.layers[2].b[0].data != 0  # it did learn something
    for layer in model.layers[:2]:
        rows = {tuple(w.data for w in row) for row in layer.W}
        assert len(rows) == 1
        assert len({b.data for b in layer.b}) == 1


def test_products_of_layers_explode_and_vanish():
    for scale in (1.5, 0.5):
        model = MLP(2, [2] * 20, "linear", "linear", init="zeros")
        for layer in model.layers:
            layer.W[0][0].data = layer.W[1][1].data = scale
        assert [v.data for v in model([1.0, -1.0])] == pytest.approx([scale**20, -(scale**20)], rel=1e-12)


def test_o1_regression_by_hand():
    points = [(0.5, 1.4), (2.3, 1.9), (2.9, 3.2)]
    intercept = autograd.parameter(0.0, "intercept")
    optimizer = SGD([intercept], lr=0.1)
    derivatives, intercepts = [], []
    for _ in range(8):
        optimizer.zero_grad()
        autograd.sum([(y - (intercept + 0.64 * x)) ** 2 for x, y in points]).backward()
        derivatives.append(intercept.grad)
        optimizer.step()
        intercepts.append(intercept.data)
    for derivative, printed in zip(derivatives[:3], ("-5.704", "-2.2816", "-0.9126"), strict=True):
        assert_printed(derivative, printed)
    printed = ("0.5704", "0.7986", "0.8898", "0.9263", "0.9409", "0.9468", "0.9491", "0.95")
    for value, text in zip(intercepts, printed, strict=True):
        assert_printed(value, text)
    least_squares = sum(y - 0.64 * x for x, y in points) / 3
    assert_printed(least_squares, "0.95")


def test_biases_may_start_at_0_01():
    model = MLP(2, [3, 1], "relu", bias=0.01)
    assert [b.data for layer in model.layers for b in layer.b] == [0.01] * 4
