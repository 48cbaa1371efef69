"""Engine gradients equal the matrix formulas of docs/lectures.md, "Vectorisation", in NumPy; A is (n[l], m)."""

import numpy as np
import pytest

import nn
from nn import ACTIVATIONS, MLP, cost


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=0)


# name: g(Z); and dZ from Z, A and d = dA
G = {
    "linear": (lambda z: z, lambda _z, _a, d: d),
    "sigmoid": (sigmoid, lambda _z, a, d: d * a * (1 - a)),
    "tanh": (np.tanh, lambda _z, a, d: d * (1 - a**2)),
    "relu": (lambda z: np.maximum(z, 0), lambda z, _a, d: d * (z > 0)),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z, _a, d: d * np.where(z > 0, 1, 0.01)),
    "prelu": (lambda z: np.where(z > 0, z, 0.25 * z), lambda z, _a, d: d * np.where(z > 0, 1, 0.25)),
    "softplus": (lambda z: np.log(1 + np.exp(z)), lambda z, _a, d: d * sigmoid(z)),
    "step": (lambda z: (z > 0).astype(float), lambda _z, _a, d: 0 * d),
    "softmax": (softmax, lambda _z, a, d: a * (d - (d * a).sum(axis=0))),
    "log_softmax": (lambda z: np.log(softmax(z)), lambda z, _a, d: d - softmax(z) * d.sum(axis=0)),
}

# name: output activation; m·J(A, Y) and m·dJ/dA; Y is what the loss takes: values, labels, or one-hot
LOSSES = {
    "squared_error": ("linear", lambda a, y: ((a - y) ** 2).sum() / 2, lambda a, y: a - y),
    "mse": ("tanh", lambda a, y: ((a - y) ** 2).mean(axis=0).sum(), lambda a, y: 2 * (a - y) / len(a)),
    "bce": (
        "sigmoid",
        lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(),
        lambda a, y: -y / a + (1 - y) / (1 - a),
    ),
    "bce_with_logits": ("linear", lambda z, y: (np.log(1 + np.exp(z)) - y * z).sum(), lambda z, y: sigmoid(z) - y),
    "cross_entropy": ("softmax", lambda p, y: -(y * np.log(p)).sum(), lambda p, y: -y / p),
    "cross_entropy_with_logits": (
        "linear",
        lambda z, y: -(y * np.log(softmax(z))).sum(),
        lambda z, y: softmax(z) - y,
    ),
    "hinge": ("linear", lambda s, y: np.maximum(1 - y * s, 0).sum(), lambda s, y: -y * (y * s < 1)),
}


def targets(loss, n, m, rng):
    """Y (n, m) of the kind that the loss takes."""
    if "cross_entropy" in loss:
        return np.eye(n)[rng.integers(n, size=m)].T
    if loss == "hinge":
        return rng.choice([-1.0, 1.0], size=(n, m))
    if loss.startswith("bce"):
        return rng.choice([0.0, 1.0, 0.3], size=(n, m))
    return rng.normal(size=(n, m))


def numbers(matrix, what="data"):
    return np.array([[getattr(v, what) for v in row] for row in matrix])


def assert_same(engine, matrix):
    """Equal to 1e-12 of the largest entry: the engine's sums are correctly rounded, NumPy's are not."""
    assert engine.shape == matrix.shape
    assert np.abs(engine - matrix).max() <= 1e-12 * np.abs(matrix).max()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", G)
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_gradients_are_the_matrix_formulas(depth, activation, loss):
    rng = np.random.default_rng(depth)
    n, m = [[3, 3], [3, 4, 3], [3, 4, 2, 3], [3, 4, 2, 5, 3]][depth - 1], 5
    output, j, d_j = LOSSES[loss]
    # Small weights for bce: near 0 and 1 a probability has no digits left, hence bce_with_logits.
    init = nn.normal(0.3 if loss == "bce" else 1.0)
    model = MLP(n[0], n[1:], activation, output, init=init, bias=0.1, seed=10 * depth)
    X, y = rng.normal(size=(n[0], m)), targets(loss, n[-1], m, rng)
    J = cost(loss, [model(x) for x in X.T], list(y.T))
    J.backward()

    A, Z = [X], [X]
    for layer in model.layers:
        Z.append(numbers(layer.W) @ A[-1] + numbers([layer.b]).T)
        A.append(G[layer.activation.name][0](Z[-1]))
    assert J.data == pytest.approx(j(A[-1], y) / m, rel=1e-12)
    d_a = d_j(A[-1], y)
    for i, layer in reversed(list(enumerate(model.layers))):
        d_z = G[layer.activation.name][1](Z[i + 1], A[i + 1], d_a)
        assert_same(numbers(layer.W, "grad"), d_z @ A[i].T / m)
        assert_same(numbers([layer.b], "grad").T, d_z.sum(axis=1, keepdims=True) / m)
        if layer.slope is not None:
            assert_same(np.array(layer.slope.grad), (d_a * np.minimum(Z[i + 1], 0)).sum() / m)
        d_a = numbers(layer.W).T @ d_z


@pytest.mark.parametrize(("loss", "output"), [("bce", "sigmoid"), ("cross_entropy", "softmax")])
def test_dz_of_the_output_layer_is_a_minus_y(loss, output):
    rng = np.random.default_rng(0)
    model = MLP(2, [3, 4], "tanh", output, seed=0, init="xavier_uniform")
    X, y = rng.normal(size=(2, 6)), targets("cross_entropy", 4, 6, rng)
    predictions = [model(x) for x in X.T]
    cost(loss, predictions, list(y.T)).backward()
    if output == "softmax":
        outputs = [a[0].inputs[:4] for a in predictions]
    else:
        outputs = [[a_k.inputs[0] for a_k in a] for a in predictions]
    assert [z.label for z in outputs[0]] == ["z[2]_1", "z[2]_2", "z[2]_3", "z[2]_4"]
    assert_same(numbers(outputs, "grad"), (numbers(predictions) - y.T) / 6)


def test_every_activation_and_loss_is_compared():
    assert set(G) == set(ACTIVATIONS)
    assert set(LOSSES) == set(nn.LOSSES)
