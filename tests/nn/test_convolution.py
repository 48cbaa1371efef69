"""Convolution and pooling: their numbers and gradients, eager and recorded, by matrix form, differences and PyTorch."""

import itertools
import math

import mpmath
import numpy as np
import pytest

from autograd import Value, graph, record
from autograd import sum as total
from nn import (
    Conv2d,
    Flatten,
    Layer,
    MaxPool2d,
    MeanPool2d,
    Sequential,
    Softmax,
    Unflatten,
    cost,
    cross_entropy,
    fit,
)

RNG = np.random.default_rng(1)
IMAGE = RNG.normal(size=(2, 5, 4)).tolist()
SETTINGS = [{}, {"stride": 2}, {"padding": 1}, {"stride": 2, "padding": 2}, {"kernel": 2}, {"kernel": 1}]


def conv(kernel=3, activation="tanh", **more):
    layer = Conv2d(2, 3, kernel, activation, seed=1, **more)
    for j, b in enumerate(layer.b):
        b.data = 0.1 * j - 0.15
    return layer


def numbers(maps):
    return np.array([[[a.data for a in row] for row in one] for one in maps])


def grads(entry):
    return entry.grad if isinstance(entry, Value) else [grads(part) for part in entry]


def weights_of_outputs(shape):
    return np.cos(np.arange(math.prod(shape))).reshape(shape)


def weighted(maps):
    """One number of all outputs, in which each counts differently."""
    scale = weights_of_outputs(np.shape(maps)[:3]).ravel()
    return total([c * a for c, a in zip(scale, Flatten()(maps), strict=True)])


def columns(image, kernel, stride, padding):
    """The matrix form: each column holds what a kernel reads at one place (im2col)."""
    x = np.pad(np.array(image), [(0, 0), (padding, padding), (padding, padding)])
    places = [
        (r, c) for r in range(0, x.shape[1] - kernel + 1, stride) for c in range(0, x.shape[2] - kernel + 1, stride)
    ]
    return np.array([x[:, r : r + kernel, c : c + kernel].ravel() for r, c in places]).T


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_it_is_the_matrix_form(settings):
    """Z = W @ X and dW = dZ @ X.T, where X has a column for each place."""
    layer = conv(**settings)
    maps = layer(IMAGE)
    X = columns(IMAGE, layer.kernel, layer.stride, layer.padding)
    W = np.array([w.data for w in layer.parameters()[: -layer.n_out]]).reshape(3, -1)
    A = np.tanh(W @ X + np.array([[b.data] for b in layer.b]))
    assert numbers(maps).reshape(3, -1) == pytest.approx(A, rel=1e-13, abs=1e-15)
    weighted(maps).backward()
    dZ = weights_of_outputs(numbers(maps).shape).reshape(3, -1) * (1 - A**2)
    assert np.array(grads(layer.W)).reshape(3, -1) == pytest.approx(dZ @ X.T, rel=1e-11, abs=1e-15)
    assert grads(layer.b) == pytest.approx(dZ.sum(axis=1), rel=1e-11)


def test_gradients_by_differences_of_many_digits():
    """Of all weights and inputs, through pooling too: mpmath at 50 digits, from the definition."""
    layer, pool = conv(kernel=2), MeanPool2d(2)
    image = [[[Value(x) for x in row] for row in one] for one in IMAGE]
    leaves = [*layer.parameters(), *(x for one in image for row in one for x in row)]
    L = weighted(pool(layer(image)))
    L.backward()

    def exact(theta):
        W = np.array(theta[:24], dtype=object).reshape(3, 2, 2, 2)
        b, x = theta[24:27], np.array(theta[27:], dtype=object).reshape(2, 5, 4)
        a = [
            [[mpmath.tanh((W[j] * x[:, r : r + 2, c : c + 2]).sum() + b[j]) for c in range(3)] for r in range(4)]
            for j in range(3)
        ]
        pooled = [
            [sum(a[j][r + u][v] for u in (0, 1) for v in (0, 1)) / mpmath.mpf(4) for r in (0, 2)] for j in range(3)
        ]
        scale = [mpmath.mpf(float(s)) for s in weights_of_outputs((3, 2, 1)).ravel()]
        return mpmath.fsum(s * p for s, p in zip(scale, itertools.chain(*pooled), strict=True))

    with mpmath.workdps(50):
        theta, e = [mpmath.mpf(leaf.data) for leaf in leaves], mpmath.mpf(10) ** -18
        assert L.data == pytest.approx(float(exact(theta)), rel=1e-13)
        slopes = []
        for i in range(len(theta)):
            up, down = ([*theta[:i], theta[i] + by, *theta[i + 1 :]] for by in (e, -e))
            slopes.append(float((exact(up) - exact(down)) / (2 * e)))
    assert [leaf.grad for leaf in leaves] == pytest.approx(slopes, rel=1e-10, abs=0)


@pytest.mark.oracle
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("pool", [MaxPool2d, MeanPool2d])
def test_pytorch_computes_the_same(settings, pool):
    torch = pytest.importorskip("torch")
    layer = conv(**settings)
    image = [[[Value(x) for x in row] for row in one] for one in IMAGE]
    size = 1 if settings == {"stride": 2} else 2
    L = weighted(pool(size, 1)(layer(image)))
    L.backward()
    x = torch.tensor(IMAGE, dtype=torch.float64, requires_grad=True)
    W = torch.tensor(layer.state_dict()["W"], dtype=torch.float64, requires_grad=True)
    b = torch.tensor(layer.state_dict()["b"], dtype=torch.float64, requires_grad=True)
    f = torch.nn.functional
    a = torch.tanh(f.conv2d(x[None], W, b, stride=layer.stride, padding=layer.padding))
    p = (f.max_pool2d if pool is MaxPool2d else f.avg_pool2d)(a, size, 1)[0]
    theirs = (p * torch.tensor(weights_of_outputs(tuple(p.shape)))).sum()
    theirs.backward()
    assert L.data == pytest.approx(theirs.item(), rel=1e-12)
    for ours, other in ((layer.W, W), (layer.b, b), (image, x)):
        assert np.array(grads(ours)) == pytest.approx(other.grad.numpy(), rel=1e-9, abs=1e-15)


def test_a_weight_gets_a_part_from_each_place():
    """A 2×2 kernel over a 3×3 image by hand: ∂L/∂w is the sum of what it read, place by place."""
    layer = Conv2d(1, 1, 2, "linear", init="ones")
    image = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
    total(Flatten()(layer(image))).backward()
    assert grads(layer.W) == [[[[1 + 2 + 4 + 5, 2 + 3 + 5 + 6], [4 + 5 + 7 + 8, 5 + 6 + 8 + 9]]]]
    assert grads(layer.b) == [4.0]
    assert [w.label for w in layer.parameters()] == ["w_1,1", "w_1,2", "w_2,1", "w_2,2", "b_1"]


def test_pooling_sends_the_gradient_to_the_largest():
    image = [[[Value(x) for x in row] for row in ((1.0, 2.0), (4.0, 3.0))]]
    MaxPool2d(2)(image)[0][0][0].backward()
    assert grads(image) == [[[0, 0], [1, 0]]]
    tied = [[[Value(x) for x in row] for row in ((4.0, 2.0), (4.0, 3.0))]]
    MaxPool2d(2)(tied)[0][0][0].backward()
    assert grads(tied) == [[[0.5, 0], [0.5, 0]]]
    image = [[[Value(x) for x in row] for row in ((1.0, -2.0), (4.0, 3.0))]]
    MeanPool2d(2)(image)[0][0][0].backward()
    assert grads(image) == [[[0.25, 0.25], [0.25, 0.25]]]


def test_windows():
    image = [[float(4 * r + c) for c in range(4)] for r in range(4)]
    assert numbers(MaxPool2d(2)(image)).tolist() == [[[5, 7], [13, 15]]]
    assert numbers(MaxPool2d(2, 1)(image)).shape == (1, 3, 3)
    assert numbers(MaxPool2d(3)(image)).tolist() == [[[10]]]  # what is left over is not read
    assert numbers(MeanPool2d(4)(image)).tolist() == [[[7.5]]]


# --- recorded -----------------------------------------------------------------------------------------


def classifier(pool=MaxPool2d):
    modules = [Unflatten(1, 6, 6), Conv2d(1, 2, 3, seed=1, number=1), pool(2), Flatten(), Layer(8, 3, "linear", seed=2)]
    return Sequential(*modules, Softmax())


X = RNG.normal(size=(7, 36))
Y = [0, 1, 2, 0, 1, 2, 0]


@pytest.mark.parametrize("pool", [MaxPool2d, MeanPool2d])
def test_a_program_computes_the_same_with_one_matrix_product(pool):
    model = classifier(pool)
    program = record(lambda x, y: cross_entropy(model(x), y), X[0], 0.0, parameters=model.parameters())
    value, found = program.value_and_grad(X, np.array(Y, float))
    J = cost("cross_entropy", [model(x) for x in X.tolist()], Y)
    J.backward()
    assert value == pytest.approx(J.data, rel=1e-12)
    assert found == pytest.approx([p.grad for p in model.parameters()], rel=1e-11, abs=1e-16)
    assert "at 16 places" in str(program)
    assert str(program).count("sum over 16 places") == 1  # the gradient of all weights of all kernels


def test_fit_learns_bars():
    """A horizontal or a vertical bar, anywhere: what a convolution is for."""
    images, y = [], []
    for k in range(6):
        for is_vertical in (0, 1):
            image = np.zeros((6, 6))
            image[(slice(None), k) if is_vertical else (k, slice(None))] = 1
            images.append(image.ravel().tolist())
            y.append(is_vertical)
    model = Sequential(
        Unflatten(1, 6, 6), Conv2d(1, 3, 3, padding=1, seed=1), MaxPool2d(6), Flatten(), Layer(3, 1, "sigmoid", seed=1)
    )
    history = fit(model, images, y, loss="bce", optimizer="adam", lr=0.1, epochs=100, progress=False)
    assert history.engine == "program"
    assert history.accuracy[-1] == 1


# --- how it is used -----------------------------------------------------------------------------------


def test_labels_scopes_and_state(tmp_path):
    layer = Conv2d(2, 3, 2, number=1, seed=1)
    a = layer(IMAGE)[2][0][1]
    assert a.label == "a[1]_3,1,2"
    assert a.scope == "conv1/map3"
    assert layer.W[2][1][0][1].label == "w[1]_3,2,1,2"
    assert "W (3, 2, 2, 2) 24" in " ".join(layer.summary().split())
    layer.save(tmp_path / "conv.json")
    other = Conv2d(2, 3, 2, number=1, seed=2)
    other.load(tmp_path / "conv.json")
    assert numbers(other(IMAGE)).tolist() == numbers(layer(IMAGE)).tolist()
    assert Conv2d(1, 2, 3, bias=None).parameters()[-1].label == "w_2,3,3"


def test_the_fan_of_the_initialiser():
    layer = Conv2d(4, 8, 3, "relu", seed=1)  # He: variance 2/n_in, of 4·3·3 inputs
    weights = [w.data for w in layer.parameters()[:-8]]
    assert np.std(weights) == pytest.approx(math.sqrt(2 / 36), rel=0.1)


def test_an_image_may_be_rows_alone_an_array_and_have_gradients():
    rows = [[1.0, 2.0], [3.0, 4.0]]
    layer = Conv2d(1, 1, 2, "linear", init="ones")
    assert layer(rows)[0][0][0].data == layer([rows])[0][0][0].data == layer(np.array(rows))[0][0][0].data == 10
    assert len(graph.leaves(layer(rows)[0][0][0])) == 9


def test_flatten_and_back():
    flat = [float(i) for i in range(12)]
    assert [v.data for v in Flatten()(Unflatten(2, 2, 3)(flat))] == flat
    assert numbers(Unflatten(2, 2, 3)(flat)).tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]


def test_softmax_is_a_layer():
    p = Softmax()([2.0, 1.0, 0.1])
    assert [round(p_k.data, 4) for p_k in p] == [0.659, 0.2424, 0.0986]
    assert [p_k.label for p_k in p] == ["p_1", "p_2", "p_3"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Conv2d(1, 1, 3)([1.0, 2.0]), TypeError, r"Conv2d\(1, 1, 3, relu\) takes a list of maps"),
        (lambda: Conv2d(2, 1, 3)([[[1.0]]]), ValueError, "takes 2 maps, got 1"),
        (lambda: Conv2d(1, 1, 3)([[1.0, 2.0], [3.0]]), ValueError, "different sizes"),
        (lambda: Conv2d(1, 1, 3)([[1.0, 2.0], [3.0, 4.0]]), ValueError, "3 × 3 does not fit into a map of 2 × 2"),
        (lambda: Conv2d(1, 1, 3, "softmax"), ValueError, "an activation of one number, not softmax"),
        (lambda: Conv2d(1, 1, 3, "prelu"), ValueError, "an activation of one number, not prelu"),
        (lambda: Conv2d(1, 1, 3, padding=-1), ValueError, "padding"),
        (lambda: MaxPool2d(0), ValueError, "kernel"),
        (lambda: MaxPool2d(2)([]), TypeError, "takes a list of maps"),
        (lambda: Unflatten(1, 2, 2)([1.0]), ValueError, r"Unflatten\(1, 2, 2\) takes 4 inputs, got 1"),
        (lambda: Sequential(len), TypeError, "Sequential is made of modules"),
    ],
)
def test_what_does_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call()
