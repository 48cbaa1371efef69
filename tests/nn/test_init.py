import math
import random
from itertools import pairwise

import pytest

from nn import ACTIVATIONS, INITIALIZERS, Layer, Neuron, constant, normal, uniform
from nn.init import initializer
from nn.random_numbers import gauss, generator

VARIANCES = {  # docs/lectures.md, "Initialisation"
    "zeros": lambda _in, _out: 0,
    "ones": lambda _in, _out: 0,
    "normal": lambda _in, _out: 1,
    "small_normal": lambda _in, _out: 1e-4,
    "lecun_normal": lambda n_in, _out: 1 / n_in,
    "xavier_normal": lambda n_in, n_out: 2 / (n_in + n_out),
    "xavier_uniform": lambda n_in, n_out: 2 / (n_in + n_out),
    "sigmoid_normal": lambda n_in, n_out: 16 * 2 / (n_in + n_out),
    "sigmoid_uniform": lambda n_in, n_out: 16 * 2 / (n_in + n_out),
    "relu_normal": lambda n_in, n_out: 2 * 2 / (n_in + n_out),
    "relu_uniform": lambda n_in, n_out: 2 * 2 / (n_in + n_out),
    "he_normal": lambda n_in, _out: 2 / n_in,
    "he_uniform": lambda n_in, _out: 2 / n_in,
    "micrograd": lambda _in, _out: 1 / 3,
}


@pytest.mark.parametrize(("n_in", "n_out"), [(100, 50), (30, 120)])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_variance(name, n_in, n_out):
    row = INITIALIZERS[name]
    variance = VARIANCES[name](n_in, n_out)
    assert row.std(n_in, n_out) ** 2 == pytest.approx(variance, rel=1e-12)
    rng = random.Random(7)
    weights = [row(n_in, n_out, rng) for _ in range(20_000)]
    if variance == 0:
        assert len(set(weights)) == 1
        return
    # The sample variance of 20,000 numbers is off by 1% (normal) or 0.6% (uniform): 5% never happens by chance.
    assert sum(w * w for w in weights) / len(weights) == pytest.approx(variance, rel=0.05)
    assert abs(sum(weights) / len(weights)) < 5 * math.sqrt(variance / len(weights))
    inside = sum(w * w < variance for w in weights) / len(weights)
    assert inside == pytest.approx(0.6827 if row.distribution == "normal" else 1 / math.sqrt(3), rel=0.03)


@pytest.mark.parametrize(("bound", "name"), [(6, "xavier_uniform"), (12, "relu_uniform"), (96, "sigmoid_uniform")])
def test_bound(bound, name):
    rng = random.Random(0)
    bound = math.sqrt(bound / (4 + 8))
    weights = [INITIALIZERS[name](4, 8, rng) for _ in range(5000)]
    assert max(map(abs, weights)) < bound
    assert max(weights) > 0.99 * bound
    assert min(weights) < -0.99 * bound


def test_own_initialisers():
    rng = random.Random(0)
    assert [constant(0.5)(3, 4, rng) for _ in range(3)] == [0.5] * 3
    assert normal(0.1).std(3, 4) == 0.1
    assert uniform(1.0).std(3, 4) == pytest.approx(1 / math.sqrt(3), rel=1e-15)
    assert normal(0.1).formula == "N(0, 0.1²)"


def test_the_layer_hands_on_its_shape():
    weights = [w.data for row in Layer(200, 20, "tanh", init="xavier_normal", seed=1).W for w in row]
    assert sum(w * w for w in weights) / len(weights) == pytest.approx(2 / 220, rel=0.15)


def test_the_same_on_every_machine():
    rng = random.Random(42)
    assert [gauss(rng) for _ in range(3)] == [-0.6549777489671081, 1.1502837408947981, -1.3953924486634033]
    assert [w.data for w in Neuron(2, init=uniform(1), seed=42).w] == [0.2788535969157675, -0.9499784895546661]


def test_seeds():
    assert weights_of(1) == weights_of(1) != weights_of(2)
    random.seed(3)
    first = weights_of(None)
    random.seed(3)
    assert weights_of(None) == first  # as in micrograd's notebooks
    assert weights_of(None) != first
    random.seed(3)
    assert [w.data for w in Neuron(3, init="micrograd").w] == first_draws(3)


def first_draws(n):
    random.seed(3)
    return [random.uniform(-1, 1) for _ in range(n)]


def test_errors_of_seeds():
    with pytest.raises(TypeError, match=r"a seed is a whole number, not 1\.5 \(float\)"):
        generator(1.5)


def weights_of(seed):
    return [w.data for row in Layer(3, 2, seed=seed).W for w in row]


def test_the_default_is_the_activations_own():
    for row in ACTIVATIONS.values():
        assert row.init in INITIALIZERS
    tanh = [w.data for w in Layer(3, 2, "tanh", seed=1).W[0]]
    assert tanh == [w.data for w in Layer(3, 2, "tanh", init="xavier_uniform", seed=1).W[0]]


def test_unknown():
    with pytest.raises(ValueError, match="unknown initialiser 'he_norml'; did you mean 'he_normal'"):
        initializer("he_norml")
    with pytest.raises(TypeError, match=r"an initialiser is a name or an nn\.Initializer, not 0\.1"):
        Neuron(2, init=0.1)


# --- the variance of activations, layer by layer (5 layers of 100 units, 200 examples) --------------


def spread(init, activation):
    """The standard deviation of a[1] … a[5] for standard normal inputs."""
    np = pytest.importorskip("numpy")
    g = {
        "linear": lambda z: z,
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }
    rng = random.Random(1)
    A = np.random.default_rng(1).normal(size=(100, 200))
    result = []
    for _ in range(5):
        W = np.array([[init(100, 100, rng) for _ in range(100)] for _ in range(100)])
        A = g[activation](W @ A)
        result.append(A)
    return result


@pytest.mark.parametrize("name", [name for name, row in INITIALIZERS.items() if row.distribution != "constant"])
def test_variance_per_layer(name):
    row = INITIALIZERS[name]
    factor = 100 * VARIANCES[name](100, 100)  # var z[l] = n_in · var w · mean a², with a linear activation
    for number, A in enumerate(spread(row, "linear"), 1):
        assert A.var() == pytest.approx(factor**number, rel=0.35)


def test_what_the_lectures_say_of_each():
    saturated = spread(INITIALIZERS["normal"], "tanh")[-1]
    assert (abs(saturated) > 0.99).mean() > 0.7
    sigmoids = spread(INITIALIZERS["normal"], "sigmoid")[-1]
    assert ((sigmoids < 0.01) | (sigmoids > 0.99)).mean() > 0.3
    small = [A.std() for A in spread(INITIALIZERS["small_normal"], "tanh")]
    assert all(after < 0.2 * before for before, after in pairwise(small))
    for name, activation in (("xavier_normal", "tanh"), ("xavier_uniform", "tanh"), ("lecun_normal", "tanh")):
        stds = [A.std() for A in spread(INITIALIZERS[name], activation)]
        assert 0.25 < stds[-1] < stds[0]
    for name in ("he_normal", "he_uniform", "relu_normal", "relu_uniform"):
        squares = [(A**2).mean() for A in spread(INITIALIZERS[name], "relu")]
        assert all(0.5 < s < 2 for s in squares)  # level: half of the units are 0, twice the variance
