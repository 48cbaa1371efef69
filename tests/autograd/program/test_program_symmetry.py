"""Units that begin with the same numbers stay the same for ever, to the bit, whatever runs the program.

How matrix code adds up must not depend on where in a matrix a row stands. How OpenBLAS does depends on the processor:
``nox -s kernels`` runs these tests with its other kernels.
"""

import itertools

import numpy as np
import pytest

from autograd import Value, dot, parameter, record, tanh
from nn.losses import squared_error

WIDTHS = range(2, 13)
N_IN = 3


@pytest.fixture(params=["numpy", "numba", pytest.param("jax", marks=pytest.mark.oracle)])
def executor(request):
    if request.param != "numpy":
        pytest.importorskip(request.param)
    return request.param


FEW_WIDTHS = (2, 5, 9)
"""For JAX, which compiles each. Eigen computes the rows left over of 5 and of 9 by other loops."""
by_width = pytest.mark.parametrize(
    ("width", "executor"),
    [
        *itertools.product(WIDTHS, ["numpy", "numba"]),
        *[pytest.param(width, "jax", marks=pytest.mark.oracle) for width in FEW_WIDTHS],
    ],
    indirect=["executor"],
)


class Network:
    """Two hidden layers and an output; ``kinds[j]`` is what the units j of both hidden layers have in common.

    Units of one kind have the same weights in and out.
    """

    def __init__(self, n_in, kinds):
        self.kinds = kinds
        rng = np.random.default_rng(0)
        alike = [range(n_in), kinds, kinds, [0]]
        numbers = [{(i, j): rng.normal() for j in set(to) for i in (-1, *of)} for of, to in itertools.pairwise(alike)]
        self.layers = [
            [([parameter(of_kind[i, j] / 2) for i in of], parameter(of_kind[-1, j])) for j in to]
            for of_kind, (of, to) in zip(numbers, itertools.pairwise(alike), strict=True)
        ]

    def __call__(self, x):
        *_, [(w, b)] = self.layers
        return dot(w, self.hidden(x)[-1]) + b

    def hidden(self, x):
        """The outputs of both hidden layers."""
        outputs = [x]
        for layer in self.layers[:-1]:
            outputs.append([tanh(dot(weights, outputs[-1]) + bias) for weights, bias in layer])
        return outputs[1:]

    def assert_alike(self, program, theta):
        """Both hidden layers, by the numbers of all parameters: units of one kind have the same, in and out."""
        number = dict(zip(program.parameters, theta.tolist(), strict=True))
        for layer, following in itertools.pairwise(self.layers):
            units = {}
            for j, (kind, (w, b)) in enumerate(zip(self.kinds, layer, strict=True)):
                seen = tuple(number[p] for p in (*w, b, *(after[j] for after, _ in following)))
                assert units.setdefault(kind, seen) == seen, f"unit {j} of {self.kinds}"


def train(network, program, data, steps=4):
    theta = np.array([p.data for p in program.parameters])
    for _ in range(steps):
        _, grads = program.value_and_grad(*data, at=theta)
        assert grads.all()
        theta -= 0.02 * grads
        network.assert_alike(program, theta)


def examples(m, n_in):
    rng = np.random.default_rng(m)
    return rng.normal(size=(m, n_in)), rng.normal(size=m)


@pytest.mark.parametrize("kinds", ["one", "two"])
@by_width
def test_units_that_are_alike_stay_alike(width, kinds, executor):
    network = Network(N_IN, [0] * width if kinds == "one" else [j % 2 for j in range(width)])
    program = record(lambda x, y: squared_error(network(x), y), [0.0] * N_IN, 0.0).using(executor)
    for m in (1, 2, 4, 5, 8, 31, 100, 333) if executor != "jax" else (1, 5, 333):
        train(network, program, examples(m, N_IN))


@by_width
def test_units_that_are_alike_stay_alike_where_they_are_used_several_times(width, executor):
    network = Network(N_IN, [0] * width)

    def loss(x, y):
        return squared_error(sum((k * network(x[k : k + N_IN]) for k in range(3)), Value(0.0)), y)

    program = record(loss, [0.0] * (N_IN + 2), 0.0).using(executor)
    for m in (1, 5, 33, 100) if executor != "jax" else (1, 100):
        train(network, program, examples(m, N_IN + 2))


@pytest.mark.parametrize("width", [16, 20, 24, 40])
def test_many_units_and_examples(width, executor):
    """Then OpenBLAS uses several threads, and the loops that are meant for large matrices."""
    network = Network(64, [0] * width)
    program = record(lambda x, y: squared_error(network(x), y), [0.0] * 64, 0.0).using(executor)
    train(network, program, examples(1797, 64), steps=1)
    outputs = record(lambda x: network.hidden(x), [0.0] * 64).using(executor)(examples(1797, 64)[0])
    for layer in np.split(outputs, 2, axis=1):  # in a gradient, what rounds otherwise in one example may round away
        assert (layer == layer[:, :1]).all()


def test_a_neuron_that_reads_here_and_there(executor):
    """Also close to the last of what there is."""
    w, b = [parameter(0.1 * k) for k in range(9)], parameter(0.5)
    program = record(lambda x: dot(w, x[1::10]) + b, [0.0] * 82).using(executor)
    for m in (1, 5):
        x = np.random.default_rng(m).normal(size=(m, 82))
        _, grads = program.value_and_grad(x)
        np.testing.assert_allclose(grads, [*x[:, 1::10].mean(axis=0), 1.0], rtol=1e-12)
