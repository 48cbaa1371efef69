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
from programs import (
    EPSILON,
    MODELS,
    RELATIVE,
    MicrogradMLP,
    assert_close,
    batch,
    bit,
    followed,
    network,
    pair,
    points,
    probability,
    recorded,
    roles,
    rounding,
    several_places,
    sign,
)
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
    where,
)
from autograd.table.ops import OPS
from nn.losses import LOSSES

inf, nan = math.inf, math.nan

SIZES = (1, 2, 7, 100)


JAX = pytest.param("jax", marks=pytest.mark.oracle)


@pytest.fixture(params=["numpy", "numba", JAX])
def executor(request):
    if request.param != "numpy":
        pytest.importorskip(request.param)
    return request.param


def some_for_jax(cases, one_of=5):
    """One of so many cases: JAX compiles each, and again for each size."""
    return list(cases)[::one_of]


def by_each_executor(name, cases, **ids):
    """A mark: the test gets each case, as ``name``, with each executor, but not all with JAX."""
    for_jax = [pytest.param(case, "jax", marks=pytest.mark.oracle) for case in some_for_jax(cases)]
    runs = [*itertools.product(cases, ["numpy", "numba"]), *for_jax]
    return pytest.mark.parametrize((name, "executor"), runs, indirect=["executor"], **ids)


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


@pytest.mark.parametrize("seeds", blocks(SEEDS), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_random_graphs(seeds, executor):
    seeds = seeds if executor != "jax" else some_for_jax(seeds, 25)
    ill_conditioned = [seed for seed in seeds if not well_conditioned(recipe, seed, executor)]
    assert len(ill_conditioned) <= ILL_CONDITIONED, ill_conditioned


def test_random_graphs_of_all_rows():
    """By NumPy; for Numba each of them would be another module to compile."""
    seeds = corpus(50, start=1000)
    ill_conditioned = [seed for seed in seeds if not well_conditioned(of_all_rows, seed, "numpy")]
    assert len(ill_conditioned) <= ILL_CONDITIONED, ill_conditioned


@functools.cache  # for all executors
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
    sizes = (7,) if executor == "jax" else (*SIZES, 10_000) if seed % 25 == 0 else SIZES
    try:
        assert_agrees(program, examples, want, sizes=sizes)
    except AssertionError:
        slack = [rounding(made, inputs, parameters, *pair) for pair in zip(examples, want, strict=True)]
        tolerance = np.maximum(RELATIVE * abs(want), 4 * np.array(slack))
        assert_agrees(program, examples, want, tolerance, sizes)
        return False
    return True


# --- all of nn ----------------------------------------------------------------------------------------


def test_no_loss_is_forgotten():
    assert {loss for _, loss, _ in MODELS.values()} == set(LOSSES)


@by_each_executor("name", MODELS)
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


@pytest.mark.parametrize(("name", "f"), several_places().items())
def test_the_same_neurons_at_several_places(name, f, executor):  # noqa: ARG001
    examples = batch(6, probability)
    program = record(f, *examples[0]).using(executor)
    want = eager(lambda x, y: f(values(x), Value(y)), program.parameters, examples)
    assert np.count_nonzero(want) > want.size / 2
    assert_agrees(program, examples, want)


def test_micrograds_moons_demo(executor):
    """Its max-margin loss with its L2 term."""
    model = MicrogradMLP([2, 16, 16, 1], random.Random(1337))

    def loss(score, y):
        return (1 + -y * score).relu() + 1e-4 * sum(p * p for p in model.parameters())

    assert_model_agrees(model, loss, batch(2, sign), executor)


# --- nan, inf, zeros, and where nothing flows ----------------------------------------------------------

SUBNORMAL = 1e-310
"""XLA takes such a number for 0."""
SPECIAL = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 2.5, -3.0, 800.0, SUBNORMAL]
FEWER = {3: [nan, inf, -inf, 0.0, 1.0, -2.0], 4: [nan, inf, -inf, 0.0, 1.5], 5: [nan, inf, 0.0, 1.5]}


def assert_special_agrees(f, parameters, examples, executor):
    """Each example by itself, all as one batch, and each beside one that is harmless.

    XLA rounds a·b + c once, not twice: what cancels need not be 0.
    """
    program = record(f, *[0.5 for _ in examples[0]], parameters=parameters).using(executor)
    want = eager(lambda *x: f(*values(x)), parameters, examples)
    tolerance = RELATIVE * abs(want) + (EPSILON if executor == "jax" else 0.0)
    assert_agrees(program, examples, want, tolerance, sizes=[len(examples)])
    harmless = next(i for i, row in enumerate(want) if np.isfinite(row).all())
    columns = [np.array(column) for column in zip(*examples, strict=True)]
    for i in range(len(want)):
        for chosen in ([i], [harmless, i], [i, harmless, i]):
            assert_batch_agrees(program, columns, want, tolerance, np.array(chosen))


@pytest.mark.usefixtures("shared_module")
@by_each_executor("op", OPS.values(), ids=lambda of: getattr(of, "name", of))
def test_every_row_at_special_points(op, executor):
    """Of w·x for each input x, so that a gradient is asked of it; and the result as a factor, which gets it."""
    lists_of = 2
    count = sum(lists_of if is_list else 1 for is_list in op.lists) - (op.inputs[-1] in INDICES)
    factor, *w = parameters = [parameter(1.0) for _ in range(count + 1)]
    points = [x for x in FEWER.get(count, SPECIAL) if executor != "jax" or x != SUBNORMAL]
    examples = [list(x) for x in itertools.product(points, repeat=count)]
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


@by_each_executor("name", MASKS)
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
    seeds = corpus(100)
    for seed in seeds if executor != "jax" else some_for_jax(seeds, 25):
        made = recipe(seed)
        inputs, parameters = roles(made, seed)
        rng = random.Random(seed)
        examples = [[made.leaves[i] for i in inputs] for _ in range(6)]
        for example, x in zip(examples, [nan, inf, -inf, 0.0, -0.0, 1.0], strict=True):
            example[rng.randrange(len(example))] = x
        want = np.array([followed(made, inputs, parameters, example) for example in examples])
        program = recorded(made, inputs, parameters).using(executor)
        assert_agrees(program, examples, want, sizes=[6])
