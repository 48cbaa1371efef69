"""Models, losses and random graphs that programs are made of, for the tests of all that runs or writes them."""

import itertools
import math
import random

import numpy as np
from random_graphs import node

import autograd
import nn
from autograd import Value, dot, parameter, record, relu, softmax, tanh
from nn.activations import ACTIVATIONS

RELATIVE = 1e-12
EPSILON = math.ulp(1.0)


def assert_close(got, want, tolerance, what):
    with np.errstate(all="ignore"):
        close = np.isfinite(want) & (abs(got - want) <= tolerance)
    wrong = ~(close | (got == want) | (np.isnan(got) & np.isnan(want)))
    places = np.argwhere(wrong)[:3].tolist()
    assert not wrong.any(), f"{what}: got {got[wrong][:3]}, want {want[wrong][:3]}, at {places}"


# --- random graphs: which leaves are inputs, their examples, what is to be expected -----------------------------


def roles(made, seed):
    """Which leaves of a recipe are inputs, and which parameters: in some graphs most are the one, in some the other."""
    rng = random.Random(f"roles {seed}")
    leaves = rng.sample(range(len(made.leaves)), len(made.leaves))
    count = rng.randint(1, len(leaves) - 1)
    return leaves[:count], leaves[count:]


def points(made, inputs, seed):
    """Seven examples: where the recipe was made, three near by, and three anywhere, across kinks and out of domains."""
    rng = random.Random(f"points {seed}")
    x = [made.leaves[i] for i in inputs]
    near = [[v * rng.uniform(0.9, 1.1) for v in x] for _ in range(3)]
    far = [[rng.choice([-1, 1]) * rng.uniform(0.2, 2.0) for _ in x] for _ in range(3)]
    return [x, *near, *far]


def followed(made, inputs, parameters, example, step=node):
    """Value and gradients of one example."""
    numbers = list(made.leaves)
    for i, x in zip(inputs, example, strict=True):
        numbers[i] = x
    leaves = [Value(x) for x in numbers]
    root = made.follow(leaves, step)[-1]
    root.backward()
    return np.array([root.data, *(leaves[i].grad for i in parameters)])


def rounding(made, inputs, parameters, example, want):
    """How far value and gradients move, when what goes along an edge, forward and backward, is changed in its last bit.

    NumPy's exp and libm's, or a sum in another order, differ by so much. No other program can do better.
    """
    rng = random.Random(0)

    def shaken(op, flat):
        return node(op, [x * (1 + rng.choice([-EPSILON, EPSILON])) if isinstance(x, Value) else x for x in flat])

    moved = [followed(made, inputs, parameters, example, shaken) for _ in range(8)]
    with np.errstate(all="ignore"):
        return np.nanmax(abs(np.array(moved) - want), axis=0, initial=0.0)


def recorded(made, inputs, parameters):
    leaves, root = made.build()
    return record(root, inputs=[leaves[i] for i in inputs], parameters=[leaves[i] for i in parameters])


# --- models -----------------------------------------------------------------------------------------------------


def batch(n, target, seed=0):
    """Seven examples (x, y) with n inputs."""
    rng = random.Random(seed)
    return [([rng.uniform(-2, 2) for _ in range(n)], target(rng)) for _ in range(7)]


def sign(rng):
    return rng.choice([-1.0, 1.0])


def bit(rng):
    return float(rng.randrange(2))


def probability(rng):
    return rng.uniform(0.1, 0.9)


def pair(of):
    return lambda rng: [of(rng), of(rng)]


def a_class(rng):
    return rng.randrange(3)


def one_hot(rng):
    k = rng.randrange(3)
    return [float(i == k) for i in range(3)]


def distribution(rng):
    weights = [rng.random() for _ in range(3)]
    return [w / math.fsum(weights) for w in weights]


def network(*sizes, activation="relu", output="linear", **options):
    """An MLP with biases that are not all the same."""
    model = nn.MLP(sizes[0], sizes[1:], activation, output, seed=1, **options)
    rng = random.Random(2)
    for layer in model.layers:
        for b in layer.b or ():
            b.data = rng.uniform(-0.5, 0.5)
    return model


def neuron(kind, *options):
    model = kind(*options, seed=1)
    model.b.data = 0.3
    for w in model.w:
        w.data += 0.2
    return model


MODELS = {
    "Neuron": (neuron(nn.Neuron, 3, "tanh"), "squared_error", probability),
    "LogisticRegression": (neuron(nn.LogisticRegression, 3), "bce", bit),
    "LogisticRegression, soft labels": (neuron(nn.LogisticRegression, 3), "bce", probability),
    "Perceptron": (neuron(nn.Perceptron, 3), "mse", bit),
    "a neuron without bias": (nn.Neuron(3, "sigmoid", bias=None, seed=1), "mse", bit),
    "Layer": (nn.Layer(3, 2, "tanh", seed=1), "mse", pair(probability)),
    "PReLU layer": (nn.Layer(3, 2, "prelu", seed=1), "squared_error", pair(probability)),
    "hinge": (network(3, 4, 1, activation="relu"), "hinge", sign),
    "hinge of two": (network(3, 4, 2, activation="tanh"), "hinge", pair(sign)),
    "bce": (network(3, 4, 1, activation="tanh", output="sigmoid"), "bce", bit),
    "bce of two": (network(3, 4, 2, activation="tanh", output="sigmoid"), "bce", pair(probability)),
    "bce_with_logits": (network(3, 4, 1), "bce_with_logits", bit),
    "bce_with_logits of two": (network(3, 4, 2), "bce_with_logits", pair(probability)),
    "cross_entropy of a class": (network(3, 4, 3, output="softmax"), "cross_entropy", a_class),
    "cross_entropy one-hot": (network(3, 4, 3, output="softmax"), "cross_entropy", one_hot),
    "cross_entropy of weights": (network(3, 4, 3, output="softmax"), "cross_entropy", distribution),
    "cross_entropy_with_logits of a class": (network(3, 4, 3), "cross_entropy_with_logits", a_class),
    "cross_entropy_with_logits one-hot": (network(3, 4, 3), "cross_entropy_with_logits", one_hot),
    "cross_entropy_with_logits of weights": (network(3, 4, 3), "cross_entropy_with_logits", distribution),
    "squared_error of a list": (network(3, 4, 2, activation="softplus"), "squared_error", pair(probability)),
    "mse of a list": (network(3, 5, 4, 2, activation="sigmoid"), "mse", pair(probability)),
    "a wide one": (network(3, 16, 16, 1), "hinge", sign),
    **{
        f"hidden {name}": (network(3, 4, 3, 2, activation=name), "squared_error", pair(probability))
        for name in ACTIVATIONS
    },
}


def several_places():
    """Neurons that are used again and again, on other inputs: a convolution, a recurrent network, attention."""
    rng = random.Random(3)

    def matrix(rows, columns):
        return [[parameter(rng.uniform(-1, 1)) for _ in range(columns)] for _ in range(rows)]

    def layer(W, b, x):
        return [dot(w, x) + b_j for w, b_j in zip(W, b, strict=True)]

    W, inward = matrix(3, 3), matrix(3, 2)
    heads = [matrix(2, 2) for _ in range(3)]
    b, c = matrix(2, 3)

    def convolution(x, y):
        maps = [layer(W, b, x[k : k + 3]) for k in range(4)]
        return autograd.sum([tanh(z) * (z - k) for k, row in enumerate(maps) for z in row]) - y

    def recurrent(x, y):
        h = b
        for k in range(0, 6, 2):
            h = [tanh(z + u) for z, u in zip(layer(W, c, h), layer(inward, b, x[k : k + 2]), strict=True)]
        return (dot(h, c) - y) ** 2

    def attention(x, y):
        tokens = [x[k : k + 2] for k in range(0, 6, 2)]
        queries, keys, values = ([[dot(w, token) for w in head] for token in tokens] for head in heads)
        mixed = []
        for query in queries:
            weights = softmax([dot(query, key) for key in keys])
            mixed.append([dot(weights, column) for column in zip(*values, strict=True)])
        return autograd.sum([relu(z) * (k + 0.5) for k, row in enumerate(mixed) for z in layer(W, b, [*row, y])])

    return {"convolution": convolution, "recurrent": recurrent, "attention": attention}


class MicrogradNeuron:
    """As the reader may have it in a notebook."""

    def __init__(self, n, nonlin, rng):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(n)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self):
        return [*self.w, self.b]


class MicrogradMLP:
    def __init__(self, sizes, rng):
        self.layers = [
            [MicrogradNeuron(n, k < len(sizes) - 1, rng) for _ in range(size)]
            for k, (n, size) in enumerate(itertools.pairwise(sizes), 1)
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]
