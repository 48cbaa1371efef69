"""Programs agree with the graph of Values that they were recorded from, whoever runs them, on 1 to 10,000 examples.

The graph is built and walked for each of a few examples; batches of any size repeat these. What is compared is the
value of each example, its gradient, and the means of both, at relative 1e-12; a mean relative to the mean of what it
adds up, without the signs. nan agrees with nan alone, inf with inf, and 0 with 0.
"""

import functools
import itertools
import math
import random

import numpy as np
import pytest
from random_graphs import INDICES, SEEDS, blocks, corpus, node, of_all_rows, recipe

import autograd
import nn
from autograd import (
    Value,
    amax,
    clip,
    dot,
    leaky_relu,
    log,
    logsumexp,
    maximum,
    minimum,
    parameter,
    prelu,
    record,
    relu,
    softmax,
    sqrt,
    step,
    take,
    tanh,
    where,
)
from autograd.table.ops import OPS
from nn.activations import ACTIVATIONS
from nn.losses import LOSSES

inf, nan = math.inf, math.nan

RELATIVE = 1e-12
EPSILON = math.ulp(1.0)
SIZES = (1, 2, 7, 100)


@pytest.fixture(params=["numpy", "numba"])
def executor(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def values(numbers):
    return [Value(x) for x in numbers]


def eager(f, parameters, examples):
    """What f makes of each example, and its gradients: (k, 1 + P)."""
    rows = []
    for example in examples:
        for p in parameters:
            p.grad = 0.0
        y = f(*example)
        y.backward()
        rows.append([y.data, *(p.grad for p in parameters)])
    return np.array(rows)


def means(rows):
    """Of each column; of finite numbers it is correctly rounded."""
    return np.array([autograd.mean(column) for column in rows.T])


def assert_close(got, want, tolerance, what):
    with np.errstate(all="ignore"):
        close = np.isfinite(want) & (abs(got - want) <= tolerance)
    wrong = ~(close | (got == want) | (np.isnan(got) & np.isnan(want)))
    places = np.argwhere(wrong)[:3].tolist()
    assert not wrong.any(), f"{what}: got {got[wrong][:3]}, want {want[wrong][:3]}, at {places}"


def assert_agrees(program, examples, want, tolerance=None, sizes=SIZES):
    """``want`` and ``tolerance`` are rows as of ``eager``, one for each of the k examples."""
    tolerance = RELATIVE * abs(want) if tolerance is None else tolerance
    columns = [np.array(column) for column in zip(*examples, strict=True)]
    if program.executor == "numpy":  # which gives the gradients of single examples, whoever runs the rest
        values, grads = program.per_example(*columns)
        assert_close(np.column_stack([values, grads]), want, tolerance, "of each example")
    for m in sizes:
        assert_batch_agrees(program, columns, want, tolerance, np.arange(m) % len(want))


def assert_batch_agrees(program, columns, want, tolerance, chosen):
    """The values, and the means, of a batch of the chosen examples."""
    batch = [column[chosen] for column in columns]
    assert_close(program(*batch), want[chosen, 0], tolerance[chosen, 0], f"values of {len(chosen)} examples")
    value, grads = program.value_and_grad(*batch)
    got = np.array([value, *grads])
    assert_close(got, means(want[chosen]), means(tolerance[chosen]), f"means of {len(chosen)} examples")


# --- random graphs ------------------------------------------------------------------------------------

ILL_CONDITIONED = 2
"""In a block of 50 so many graphs, at most, may magnify rounding so much that 1e-12 cannot be asked."""


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


@pytest.mark.parametrize("seeds", blocks(SEEDS), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_random_graphs(seeds, executor):
    ill_conditioned = [seed for seed in seeds if not well_conditioned(recipe, seed, executor)]
    assert len(ill_conditioned) <= ILL_CONDITIONED, ill_conditioned


def test_random_graphs_of_all_rows():
    """By NumPy; for Numba each of them would be another module to compile."""
    seeds = corpus(50, start=1000)
    ill_conditioned = [seed for seed in seeds if not well_conditioned(of_all_rows, seed, "numpy")]
    assert len(ill_conditioned) <= ILL_CONDITIONED, ill_conditioned


def recorded(made, inputs, parameters):
    leaves, root = made.build()
    return record(root, inputs=[leaves[i] for i in inputs], parameters=[leaves[i] for i in parameters])


@functools.cache  # for both executors
def expected(make, seed):
    """A random graph: the roles of its leaves, its examples, what it makes of them, and its program."""
    made = make(seed)
    inputs, parameters = roles(made, seed)
    examples = points(made, inputs, seed)
    want = np.array([followed(made, inputs, parameters, example) for example in examples])
    return made, inputs, parameters, examples, want, recorded(made, inputs, parameters)


def well_conditioned(make, seed, executor):
    """Whether the program agrees to 1e-12; if not, it must agree to what the graph makes of rounding."""
    made, inputs, parameters, examples, want, program = expected(make, seed)
    program = program.using(executor)
    sizes = (*SIZES, 10_000) if seed % 25 == 0 else SIZES
    try:
        assert_agrees(program, examples, want, sizes=sizes)
    except AssertionError:
        slack = [rounding(made, inputs, parameters, *pair) for pair in zip(examples, want, strict=True)]
        tolerance = np.maximum(RELATIVE * abs(want), 4 * np.array(slack))
        assert_agrees(program, examples, want, tolerance, sizes)
        return False
    return True


# --- all of nn ----------------------------------------------------------------------------------------


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


def test_no_loss_is_forgotten():
    assert {loss for _, loss, _ in MODELS.values()} == set(LOSSES)


@pytest.mark.parametrize("name", MODELS)
def test_models_with_their_losses(name, executor):
    model, loss, target = MODELS[name]
    assert_model_agrees(model, LOSSES[loss], batch(3, target), executor)


def assert_model_agrees(model, loss, examples, executor, sizes=SIZES, penalty=None):
    """The eager side has plain numbers as targets, as in ``nn.fit``; to the program they are inputs."""

    def f(x, y):
        L = loss(model(x), y)
        return L if penalty is None else L + penalty(model)

    parameters = model.parameters()
    program = record(f, *examples[0], parameters=parameters).using(executor)
    assert program.parameters == parameters
    assert_agrees(program, examples, eager(f, parameters, examples), sizes=sizes)


@pytest.mark.parametrize("regularizer", [nn.L2(0.1), nn.L1(0.1)], ids=repr)
def test_regularised(regularizer, executor):
    model = network(3, 4, 1, activation="tanh", output="sigmoid")
    assert_model_agrees(model, nn.bce, batch(3, bit), executor, penalty=lambda model: regularizer(model, 7))


def test_dropout_that_is_switched_off(executor):
    model = network(3, 4, 2, activation="tanh", dropout=0.5).eval()
    assert_model_agrees(model, nn.mse, batch(3, pair(bit)), executor)


@pytest.mark.parametrize("name", ["hinge", "cross_entropy_with_logits of a class", "Perceptron"])
def test_ten_thousand_examples(name, executor):
    model, loss, target = MODELS[name]
    assert_model_agrees(model, LOSSES[loss], batch(3, target), executor, sizes=[10_000])


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


@pytest.mark.parametrize(("name", "f"), several_places().items())
def test_the_same_neurons_at_several_places(name, f, executor):  # noqa: ARG001
    examples = batch(6, probability)
    program = record(f, *examples[0]).using(executor)
    want = eager(lambda x, y: f(values(x), Value(y)), program.parameters, examples)
    assert np.count_nonzero(want) > want.size / 2
    assert_agrees(program, examples, want)


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


def test_micrograds_moons_demo(executor):
    """Its max-margin loss with its L2 term."""
    model = MicrogradMLP([2, 16, 16, 1], random.Random(1337))

    def loss(score, y):
        return (1 + -y * score).relu() + 1e-4 * sum(p * p for p in model.parameters())

    assert_model_agrees(model, loss, batch(2, sign), executor)


# --- nan, inf, zeros, and where nothing flows ----------------------------------------------------------

SPECIAL = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 2.5, -3.0, 800.0, 1e-310]
FEWER = {3: [nan, inf, -inf, 0.0, 1.0, -2.0], 4: [nan, inf, -inf, 0.0, 1.5], 5: [nan, inf, 0.0, 1.5]}


def assert_special_agrees(f, parameters, examples, executor):
    """Each example by itself, all as one batch, and each beside one that is harmless."""
    program = record(f, *[0.5 for _ in examples[0]], parameters=parameters).using(executor)
    want = eager(lambda *x: f(*values(x)), parameters, examples)
    assert_agrees(program, examples, want, sizes=[len(examples)])
    harmless = next(i for i, row in enumerate(want) if np.isfinite(row).all())
    columns = [np.array(column) for column in zip(*examples, strict=True)]
    for i in range(len(want)):
        for chosen in ([i], [harmless, i], [i, harmless, i]):
            assert_batch_agrees(program, columns, want, RELATIVE * abs(want), np.array(chosen))


@pytest.mark.usefixtures("shared_module")
@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_row_at_special_points(op, executor):
    """Of w·x for each input x, so that a gradient is asked of it; and the result as a factor, which gets it."""
    lists_of = 2
    count = sum(lists_of if is_list else 1 for is_list in op.lists) - (op.inputs[-1] in INDICES)
    factor, *w = parameters = [parameter(1.0) for _ in range(count + 1)]
    examples = [list(x) for x in itertools.product(FEWER.get(count, SPECIAL), repeat=count)]
    for k in range(lists_of if op.inputs[-1] in INDICES else 1):

        def f(*x):
            index = [float(k)] if op.inputs[-1] in INDICES else []  # noqa: B023
            return factor * node(op, [w_i * x_i for w_i, x_i in zip(w, x, strict=True)] + index)

        assert_special_agrees(f, parameters, examples, executor)


v, w, b, zero = (parameter(x, name) for x, name in [(-0.5, "v"), (2.0, "w"), (1.0, "b"), (0.0, "zero")])

MASKS = {
    "a neuron": lambda x: w * x + b,
    "a neuron that is off": lambda x: zero * x + b,
    "two inputs": lambda x, y: w * x + zero * y + b,
    "two neurons that are off": lambda x, y: relu(w * x + zero * y - b) + v * relu(zero * x + v * y - b),
    "a dead neuron": lambda x, y: v * relu(w * x + v * y + b),
    "a product with 0": lambda x: 0.0 * log(w * x),
    "a product with an input": lambda x, y: y * log(w * x) + w,
    "sqrt(relu(x))": lambda x: sqrt(relu(w * x)),
    "relu(log(x))": lambda x: relu(log(w * x)),
    "relu(1/x)": lambda x: relu(1 / (w * x)),
    "where, log of the other branch": lambda x: where(step(x), log(w * x), v * x),
    "where, of inputs": lambda x, y: where(x, w * log(y), v * y),
    "where, one side constant": lambda x: where(step(w * x), sqrt(w * x), 0.0),
    "maximum of log": lambda x: maximum(log(w * x), v),
    "minimum of 1/x": lambda x: minimum(1 / (w * x), v),
    "a tie": lambda x: maximum(w * x, x * w) + minimum(log(w * x), log(w * x)),
    "clip of log": lambda x: clip(log(w * x), -1, 1),
    "clip with bounds": lambda x: clip(w * x, v, log(b)),
    "step of log": lambda x: v * step(log(w * x)),
    "sign of 1/x": lambda x: v * autograd.sign(1 / (w * x)),
    "abs": lambda x: abs(w * x) ** 0.5,
    "take": lambda x: take([log(w * x), v * x, w], where(step(x), 1, 0) + where(step(x - 1), 1, 0)),
    "take by an index that learns": lambda x: take([log(w * x), v * x], where(step(w * x), 1, 0)),
    "x**0": lambda x: (w * x) ** 0 + (w * x) ** -1,
    "0**y": lambda x, y: relu(w * x) ** relu(v * y),
    "amax": lambda x: amax([log(w * x), v, w * x]),
    "logsumexp": lambda x: logsumexp([log(w * x), v]),
    "softmax behind a mask": lambda x, y: dot(softmax([where(x, v, -inf), w * y]), [v, w]),
    "leaky relu": lambda x, y: leaky_relu(w * x, v * y),
    "prelu, at both its inputs": lambda x: prelu(log(w * x), v),
    "log of a sum": lambda x, y: log(w * x + v * y),
    "x/x": lambda x, y: (w * x) / (v * y),
    "two layers": lambda x, y: dot([v, w], [relu(w * x + v * y), relu(v * x + w * y + b)]) + b,
    "behind a mask, and not": lambda x: relu(log(w * x)) + log(w * x) * v,
    "0 that flows": lambda x: (w * x - w * x) * sqrt(w * x),
    "a gradient that is too small": lambda x: sqrt(w * x) * 1e-200 * -1e-200 + v,
}


@pytest.mark.parametrize("name", MASKS)
def test_where_nothing_flows(name, executor):
    f = MASKS[name]
    points = [-0.75, 0.25, nan, inf, -inf, 0.0, -0.0, 1.0, -2.0, 1e200]
    examples = [list(x) for x in itertools.product(points, repeat=f.__code__.co_argcount)]
    assert_special_agrees(f, [v, w, b, zero], examples, executor)


def test_one_bad_example_does_not_spoil_the_others(executor):
    """In a network, whose neurons are one matrix."""
    model, loss, target = MODELS["a wide one"]
    good, extra = batch(3, target), batch(3, target, seed=1)
    parameters = model.parameters()
    program = record(lambda x, y: LOSSES[loss](model(x), y), *good[0], parameters=parameters).using(executor)
    bad = [([nan, 1.0, 1.0], 1.0), ([1.0, inf, 1.0], 1.0), ([1.0, 1.0, -inf], -1.0), ([inf, -inf, 0.0], 1.0)]
    want = eager(lambda x, y: LOSSES[loss](model.forward(values(x))[0], y), parameters, [*good, *bad, *extra])
    assert_agrees(program, [*good, *bad, *extra], want, sizes=[18, 100])
    assert np.isfinite(want[[0, 6, 11, 17]]).all()


def test_the_random_graphs_at_special_points(executor):
    """Of each graph one input is nan, inf, 0."""
    for seed in corpus(100):
        made = recipe(seed)
        inputs, parameters = roles(made, seed)
        rng = random.Random(seed)
        examples = [[made.leaves[i] for i in inputs] for _ in range(6)]
        for example, x in zip(examples, [nan, inf, -inf, 0.0, -0.0, 1.0], strict=True):
            example[rng.randrange(len(example))] = x
        want = np.array([followed(made, inputs, parameters, example) for example in examples])
        program = recorded(made, inputs, parameters).using(executor)
        assert_agrees(program, examples, want, sizes=[6])
