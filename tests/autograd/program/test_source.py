"""What ``to_source`` writes is run, without chainrule, and agrees with the program: value and gradients, at 1e-12."""

from __future__ import annotations

import itertools
import math
import random
import re
import subprocess
import sys

import numpy as np
import pytest
from programs import (
    MODELS,
    RELATIVE,
    MicrogradMLP,
    assert_close,
    batch,
    followed,
    network,
    points,
    recorded,
    roles,
    rounding,
    several_places,
    sign,
)
from random_graphs import INDICES, SEEDS, blocks, corpus, node, of_all_rows, recipe

import autograd
import nn
from autograd import Value, parameter, record
from autograd.program.source.source import source
from autograd.table.op import Op
from autograd.table.ops import OPS
from nn.losses import LOSSES

LIBRARIES = ["numpy", *(pytest.param(name, marks=pytest.mark.oracle) for name in ("torch", "jax"))]
SIZES = (1, 7, 100)


@pytest.fixture(params=LIBRARIES)
def library(request):
    if request.param != "numpy":
        pytest.importorskip(request.param, reason="the oracle extra is not installed")
    return request.param


class Run:
    """The source of a program's first recording, run in a namespace of its own."""

    def __init__(self, program, library):
        self.library, self.count = library, len(program.parameters)
        made = source(program._all, library, ())
        self.text = made.text()  # as of ``to_source``
        assert not re.search(r"(import|from) (autograd|nn|chainrule)", self.text)
        self.namespace = {"__name__": "source"}
        exec(compile(self.text, "<source>", "exec"), self.namespace)
        self.parameters = self.namespace.get("parameters", {})
        place = {leaf: k for k, leaf in enumerate(program.parameters)}
        self.places = {
            made.code.identifiers[variable]: [place[made.tape.leaves[i]] for i in variable.nodes.tolist()]
            for variable in made.trained
        }
        assert self.places.keys() == self.parameters.keys()

    def value_and_grad(self, *columns):
        """As of the program; what is left out has the gradient 0."""
        value, grads = self._torch(columns) if self.library == "torch" else self._run(columns)
        gradient = np.zeros(self.count)
        for name, grad in grads.items():
            gradient[self.places[name]] = np.asarray(grad).ravel()
        return value, gradient

    def flat(self, parameters):
        """The numbers of parameters, in the order of the program's."""
        result = np.zeros(self.count)
        for name, p in parameters.items():
            result[self.places[name]] = np.asarray(p.detach() if self.library == "torch" else p).ravel()
        return result

    def call(self, *columns):
        """What ``forward`` returns; with results besides, as by hand, without the gradients."""
        if self.library == "torch":
            import torch

            with torch.no_grad():
                return self.namespace["forward"](*self._arguments(map(torch.tensor, columns)))
        result = self.namespace.get("forward", self.namespace.get("value_and_grad"))(*self._arguments(columns))
        return result[0] if "forward" not in self.namespace else result

    def _arguments(self, columns):
        return [*[self.parameters][: len(self.parameters)], *columns]

    def _run(self, columns):
        if "value_and_grad" in self.namespace:
            value, grads = self.namespace["value_and_grad"](*self._arguments(columns))
        else:
            value, grads = self.namespace["forward"](*self._arguments(columns)), {}
        return value[0] if isinstance(value, tuple) else value, grads

    def _torch(self, columns):
        import torch

        for p in self.parameters.values():
            p.requires_grad_().grad = None
        result = self.namespace["forward"](*self._arguments(map(torch.tensor, columns)))
        if "train" not in self.namespace:
            return float(getattr(result, "data", result)), {}
        value = result[0] if isinstance(result, tuple) else result
        value.backward()
        return value.item(), {name: p.grad for name, p in self.parameters.items() if p.grad is not None}


def assert_agrees(program, library, examples, tolerance=None, sizes=SIZES):
    """The mean and its gradient, of batches of the examples; ``tolerance`` is absolute, one row for each example."""
    run = Run(program, library)
    columns = [np.array(column, float) for column in zip(*examples, strict=True)]
    values, grads = program.per_example(*columns)
    want = np.column_stack([values, grads])
    tolerance = RELATIVE * abs(want) if tolerance is None else tolerance
    for m in sizes:
        chosen = np.arange(m) % len(examples)
        with np.errstate(all="ignore"):
            value, gradient = run.value_and_grad(*[column[chosen] for column in columns])
        got = np.array([float(value), *gradient])
        assert_close(got, want[chosen].mean(0), tolerance[chosen].mean(0), f"{library}, {m} examples")


# --- models -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_models_with_their_losses(name, library):
    model, loss, target = MODELS[name]
    examples = batch(3, target)
    program = record(lambda x, y: LOSSES[loss](model(x), y), *examples[0], parameters=model.parameters())
    assert_agrees(program, library, examples, sizes=(*SIZES, 10_000))


@pytest.mark.parametrize(("name", "f"), several_places().items())
def test_the_same_neurons_at_several_places(name, f, library):  # noqa: ARG001
    examples = batch(6, lambda rng: rng.uniform(0.1, 0.9))
    assert_agrees(record(f, *examples[0]), library, examples)


@pytest.mark.parametrize("regularizer", [nn.L2(0.1), nn.L1(0.1)], ids=repr)
def test_regularised(regularizer, library):
    model = network(3, 4, 1, activation="tanh", output="sigmoid")
    examples = batch(3, lambda rng: float(rng.randrange(2)))
    f = lambda x, y: nn.bce(model(x), y) + regularizer(model, 7)  # noqa: E731
    assert_agrees(record(f, *examples[0], parameters=model.parameters()), library, examples)


def test_micrograds_moons_demo(library):
    model = MicrogradMLP([2, 16, 16, 1], random.Random(1337))

    def loss(x, y):
        return (1 + -y * model(x)).relu() + 1e-4 * sum(p * p for p in model.parameters())

    examples = batch(2, sign)
    assert_agrees(record(loss, *examples[0], parameters=model.parameters()), library, examples)


# --- every row ----------------------------------------------------------------------------------------------------

POINTS = {1: [-2.5, -0.5, 0.0, 0.3, 0.5, 1.0, 2.5], 2: [-2.5, -0.5, 0.0, 0.25, 1.0], 3: [-1.5, 0.0, 0.5, 2.0]}
"""Of both signs, at kinks and ties, by the number of inputs."""


def of_row(op, parameters, k=0.0):
    """factor · op(w + x, …): the gradient of each w, which is 0, is the partial derivative, at kinks too."""
    factor, *w = parameters
    index = [k] if op.inputs[-1] in INDICES else []
    return lambda *x: factor * node(op, [w_i + x_i for w_i, x_i in zip(w, x, strict=True)] + index)


def assert_row_agrees(op, library, k=0.0):
    count = sum(2 if is_list else 1 for is_list in op.lists) - (op.inputs[-1] in INDICES)
    parameters = [parameter(1.5), *(parameter(0.0) for _ in range(count))]
    program = record(of_row(op, parameters, k), *[0.5] * count, parameters=parameters)
    run = Run(program, library)
    for example in itertools.product(POINTS.get(count, [-1.0, 0.0, 1.5]), repeat=count):
        columns = [np.array([x]) for x in example]
        value, grads = program.per_example(*columns)
        with np.errstate(all="ignore"):
            got, gradient = run.value_and_grad(*columns)
        got, want = np.array([float(got), *gradient]), np.array([*value, *grads[0]])
        if not np.isfinite(value):  # then only the value is the same
            got, want = got[:1], want[:1]
        rounding_of_pi = 1e-16 if op.name == "sinc" else 0.0  # sin(1.0*pi) is no 0 in any library
        assert_close(got, want, RELATIVE * abs(want) + rounding_of_pi, f"{op.name} at {example}")


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_row(op, library):
    for k in (0.0, 1.0) if op.inputs[-1] in INDICES else (0.0,):
        assert_row_agrees(op, library, k)


def with_a_number(op, parameters, place, number):
    """factor · op(w + x, …, number, …): the number is written as one."""
    factor, *w = parameters

    def f(*x):
        inputs = [w_i + x_i for w_i, x_i in zip(w, x, strict=True)]
        return factor * node(op, [*inputs[:place], Value(number), *inputs[place:]])

    return f


@pytest.mark.parametrize("number", [2.5, -2.5, 3.0])
@pytest.mark.parametrize("op", [op for op in OPS.values() if len(op.inputs) > 1 and not any(op.lists)], ids=str)
def test_rows_with_a_number(op, number, library):
    """At each place, beside what has a gradient."""
    count = len(op.inputs) - 1
    columns = [np.array([1.25, 0.75]) for _ in range(count)]
    for place in range(count + 1):
        parameters = [parameter(1.5), *(parameter(0.0) for _ in range(count))]
        f = with_a_number(op, parameters, place, number)
        program = record(f, *[0.5] * count, parameters=parameters)
        want = program.value_and_grad(*columns)
        with np.errstate(all="ignore"):
            got = Run(program, library).value_and_grad(*columns)
        assert_close(np.hstack(got), np.hstack(want), RELATIVE * abs(np.hstack(want)), f"{op.name}, number at {place}")


# --- random graphs ------------------------------------------------------------------------------------------------


def is_finite(made, inputs, example):
    """Whether all nodes are: 0·∞ is nan, where a mask cuts off the one or the other, in all libraries."""
    numbers = list(made.leaves)
    for i, x in zip(inputs, example, strict=True):
        numbers[i] = x
    return all(math.isfinite(v.data) for v in made.follow(list(map(Value, numbers)), node))


def assert_graph_agrees(make, seed, library, sizes=SIZES):
    """To 1e-12; or else to what the graph makes of rounding."""
    made = make(seed)
    inputs, parameters = roles(made, seed)
    examples = [example for example in points(made, inputs, seed) if is_finite(made, inputs, example)]
    program = recorded(made, inputs, parameters)
    try:
        assert_agrees(program, library, examples, sizes=sizes)
    except AssertionError:
        want = [followed(made, inputs, parameters, example) for example in examples]
        slack = [rounding(made, inputs, parameters, *pair) for pair in zip(examples, want, strict=True)]
        tolerance = np.maximum(RELATIVE * abs(np.array(want)), 4 * np.array(slack))
        assert_agrees(program, library, examples, tolerance, sizes)


def of_many(seed):
    return (*SIZES, 10_000) if seed % 25 == 0 else SIZES


@pytest.mark.parametrize("seeds", blocks(SEEDS), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_random_graphs(seeds):
    for seed in seeds:
        assert_graph_agrees(recipe, seed, "numpy", of_many(seed))


@pytest.mark.parametrize("seeds", blocks(corpus(50, start=1000)), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_random_graphs_of_all_rows(seeds):
    for seed in seeds:
        assert_graph_agrees(of_all_rows, seed, "numpy")


@pytest.mark.oracle
@pytest.mark.parametrize("seeds", blocks(SEEDS), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_random_graphs_in_torch(seeds):
    pytest.importorskip("torch", reason="the oracle extra is not installed")
    for seed in seeds:
        assert_graph_agrees(recipe, seed, "torch", of_many(seed))


@pytest.mark.oracle
@pytest.mark.parametrize("seed", corpus(50, start=1000))
def test_random_graphs_of_all_rows_in_torch(seed):
    pytest.importorskip("torch", reason="the oracle extra is not installed")
    assert_graph_agrees(of_all_rows, seed, "torch")


@pytest.mark.oracle
@pytest.mark.parametrize("seed", [*corpus(10), *corpus(5, start=1000)])
def test_random_graphs_in_jax(seed):
    """Few of them, and of one size: each is compiled, which takes seconds."""
    pytest.importorskip("jax", reason="the oracle extra is not installed")
    assert_graph_agrees(of_all_rows if seed >= 1000 else recipe, seed, "jax", sizes=(7,))


# --- lectures' models ---------------------------------------------------------------------------------------------


def matrix(rng, rows, columns):
    return [[parameter(rng.uniform(-1, 1)) for _ in range(columns)] for _ in range(rows)]


def lectures():
    """Models written out, by the name of what they are."""
    rng = random.Random(7)
    w1, w2, b = parameter(0.5, "w1"), parameter(-1.0, "w2"), parameter(0.25, "b")
    W, rows = matrix(rng, 3, 3), matrix(rng, 3, 3)
    gain, shift = [parameter(rng.uniform(0.5, 1.5)) for _ in range(3)], [parameter(0.1 * k) for k in range(3)]
    kernel = matrix(rng, 2, 2)
    table = matrix(rng, 4, 2)

    def logistic_regression(x1, x2, y):
        a = autograd.sigmoid(w1 * x1 + w2 * x2 + b)
        return -(y * autograd.log(a) + (1 - y) * autograd.log(1 - a))

    def residual(x, y):
        h = [u + autograd.relu(autograd.dot(row, x)) for u, row in zip(x, W, strict=True)]
        return (
            autograd.sum([u + autograd.tanh(autograd.dot(row, h)) for u, row in zip(h, rows, strict=True)]) - y
        ) ** 2

    def layer_normalisation(x, y):
        h = [autograd.dot(row, x) for row in W]
        mean, deviation = autograd.mean(h), autograd.std(h)
        normed = [g * (u - mean) / (deviation + 1e-5) + c for u, g, c in zip(h, gain, shift, strict=True)]
        return (autograd.dot(normed, [1.0, -2.0, 0.5]) - y) ** 2

    def image(x, y):
        maps = [
            autograd.relu(autograd.sum(kernel[r][c] * x[i + r][j + c] for r in range(2) for c in range(2)))
            for i in range(3)
            for j in range(3)
        ]
        return (autograd.amax(maps) - y) ** 2 + autograd.mean(maps)

    def embedding(word, y):
        row = [autograd.take(column, word) for column in zip(*table, strict=True)]
        return autograd.softplus(-y * autograd.dot(row, row))

    def tied_weights(x, y):
        h = [autograd.tanh(autograd.dot(row, x)) for row in W]
        decoded = [autograd.dot(column, h) for column in zip(*W, strict=True)]
        return autograd.sum([(d - u) ** 2 for d, u in zip(decoded, x, strict=True)]) + y

    def of(*parts):
        return lambda rng: tuple(part(rng) for part in parts)

    def number(rng):
        return rng.uniform(0.1, 0.9)

    def three(rng):
        return [rng.uniform(-1, 1) for _ in range(3)]

    return {
        logistic_regression: of(number, number, number),
        residual: of(three, number),
        layer_normalisation: of(three, number),
        image: of(lambda rng: [[rng.uniform(-1, 1) for _ in range(4)] for _ in range(4)], number),
        embedding: of(lambda rng: float(rng.randrange(4)), number),
        tied_weights: of(three, number),
    }


@pytest.mark.parametrize(("f", "example"), lectures().items(), ids=lambda f: f.__name__)
def test_models_of_the_lectures(f, example, library):
    rng = random.Random(1)
    examples = [example(rng) for _ in range(7)]
    assert_agrees(record(f, *examples[0]), library, examples)


def test_a_graph(library):
    x, y, w = Value(1.0, "x"), Value(2.0, "lambda"), parameter(3.0, "w")
    root = autograd.tanh(w * x - y)
    program = record(root, inputs=[x, y])
    assert "def forward(parameters, x, lambda_" in program.to_source("torch") if library == "torch" else True
    assert_agrees(program, library, [(0.5, 0.25), (-1.0, 0.75)])


# --- own operations -----------------------------------------------------------------------------------------------

OWN = [
    Op("cube", "x", "x**3", ["3*x**2"]),
    Op("straight_through", "x", "sign(x)", ["1"]),
    Op("gated", "a, b", "a if b > 0 else 2*a", ["1 if b > 0 else 2", "0"]),
    Op("passed", "a, b", "a - b", ["1", "-1"]),
    Op("weighted", "*x, p", "p*sum(u*u for u in x)/len(x)", ["2*p*x[i]/len(x)", "y/p"]),
    Op("same_for_all", "*x", "2*sum(x)", ["2"]),
    Op("scaled", "x", "x/sqrt(2*pi)", ["1/sqrt(2*pi)"]),
    Op("in_lines", "a, b", "a*a + a*b", ["2*a + b", "a"], computed="s = a + b; y = a*s; da = s + a"),
    Op("every_product", "*x", "prod(x)", ["y/x[i]"], computed="p = products_of_others(x); dx = [q for q in p]"),
    Op("share", "*x, k", "x[k]/sum(x)", ["((1 if i == k else 0) - y)/sum(x)", "0"]),
]
"""As ``autograd.operation`` makes them: derivatives may be what no library would take them for."""


@pytest.mark.parametrize("op", OWN, ids=lambda op: op.name)
def test_own_operations(op, library):
    for k in (0.0, 1.0) if op.inputs[-1] in INDICES else (0.0,):
        assert_row_agrees(op, library, k)


@pytest.mark.parametrize("op", [op for op in OWN if any(op.lists)], ids=lambda op: op.name)
def test_own_operations_of_several_lists(op, library):
    W, p = matrix(random.Random(2), 3, 2), parameter(0.5)
    other = [p] if op.inputs[-1] == "p" else [1.0] if op.per_element else []

    def f(x, y):
        z = [[w * u for w, u in zip(row, x, strict=True)] for row in W]
        return autograd.sum([autograd.sigmoid(node(op, [*row, *other])) for row in z]) * y

    assert_agrees(record(f, [0.0, 0.0], 0.0), library, batch(2, sign))


# --- what the result is -------------------------------------------------------------------------------------------


def test_several_results_and_results_besides(library):
    model = nn.MLP(2, [5], output="tanh", seed=1)

    def besides(x):
        a = model(x)
        return a[0] * a[2] * a[4], [a[1], x[0], 3.0]

    X = np.random.default_rng(0).normal(size=(7, 2))
    program = record(besides, [0.0, 0.0], aux=True)
    assert_agrees(program, library, [(x,) for x in X.tolist()])
    for one in (program, record(lambda x: model(x)[1:4], [0.0, 0.0]), record(lambda x: [x[0], 2.0], [0.0, 0.0])):
        run = Run(one, library)
        got, want = run.call(X), one(X)
        if isinstance(want, tuple):
            got, want = got[1], want[1]
        np.testing.assert_allclose(got, want, rtol=RELATIVE)


def test_programs_without_gradients_or_without_operations(library):
    w, unused = parameter(2.0, "w"), parameter(3.0, "unused")
    X = np.array([1.5, -2.0])
    for f, value, gradient in [
        (lambda x: x * x, 3.125, []),
        (lambda x: x, -0.25, []),
        (lambda _: 3.0, 3.0, []),
        (lambda _: w, 2.0, [1.0]),
        (lambda x: autograd.step(w * x), 0.5, [0.0]),
    ]:
        run = Run(record(f, 1.0), library)
        got, grads = run.value_and_grad(X)
        assert (float(got), grads.tolist()) == (value, gradient)
    run = Run(record(lambda x: w * x, 1.0, parameters=[w, unused]), library)
    assert run.value_and_grad(X)[1].tolist() == [-0.25, 0.0]
    assert "Parameters that the result does not depend on are left out: unused." in run.text


def test_leaves_that_are_not_trained(library):
    scale, w = Value(2.0, "scale"), parameter(3.0, "w")
    run = Run(record(lambda x: autograd.tanh(scale * w * x), 1.0), library)
    assert run.parameters.keys() == {"w"}
    assert "# number, not trained" in run.text


def test_numbers_are_the_same(library):
    numbers = [0.1, -1e-300, 1 / 3, 12345678.9, math.pi, 5e-324, -0.0, math.inf]
    W = [[parameter(x) for x in numbers], [parameter(-x) for x in numbers]]
    run = Run(record(lambda x: autograd.sum([autograd.dot(row, x) for row in W]), [0.0] * len(numbers)), library)
    ((_, w),) = run.parameters.items()
    assert [x.hex() for x in np.asarray(w).ravel().tolist()] == [p.data.hex() for row in W for p in row]


# --- errors -------------------------------------------------------------------------------------------------------


def test_other_libraries():
    with pytest.raises(ValueError, match="a program is written for one of numpy, torch, jax, not 'tensorflow'"):
        record(lambda x: x, 1.0).to_source("tensorflow")


def test_a_matrix_of_parameters_and_other_leaves():
    W = [[parameter(0.1), Value(0.2)], [parameter(0.3), parameter(0.4)]]
    program = record(lambda x: autograd.sum([autograd.dot(row, x) for row in W]), [0.0, 0.0])
    with pytest.raises(ValueError, match="W1 has parameters and leaves that are none"):
        program.to_source("numpy")


def test_labels_are_text(library):
    w = parameter(1.0, 'x"""\n\\')
    v = parameter(2.0, "np")

    def jax(x, m, torch):
        y = w * x + v * m * torch
        y.label = "class"
        return autograd.sum([y, autograd.exp(y)])

    assert_agrees(record(jax, 1.0, 1.0, 1.0), library, [(0.1, 0.2, 0.3), (0.4, 0.5, -0.6)])


# --- as a file ----------------------------------------------------------------------------------------------------


def moons():
    model = nn.MLP(2, [16, 16, 1], seed=1)
    return model, record(lambda x, y: nn.hinge(model(x), y), [0.0, 0.0], 1.0, parameters=model.parameters())


def test_it_trains_as_sgd_does(library):
    model, program = moons()
    run = Run(program, library)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 2)), rng.choice([-1.0, 1.0], size=50)
    data = map(__import__("torch").tensor, (X, y)) if library == "torch" else (X, y)
    trained = run.flat(run.namespace["train"](run.parameters, *data, steps=20, learning_rate=0.1))
    optimizer = nn.SGD(model.parameters(), 0.1)
    for _ in range(20):
        optimizer.zero_grad()
        program.backward(X, y)
        optimizer.step()
    want = np.array([p.data for p in model.parameters()])
    np.testing.assert_allclose(trained, want, rtol=1e-11)


def test_it_runs_by_itself(library, tmp_path):
    """In a process that knows no chainrule: the loss goes down."""
    _, program = moons()
    (tmp_path / "moons.py").write_text(program.to_source(library), encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", "moons.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300)
    losses = [float(line.rpartition("=")[2]) for line in done.stdout.splitlines()]
    assert len(losses) == 20
    assert losses[-1] < losses[0]


def test_a_classifiers_made_up_classes_are_whole(library):
    model, loss, _ = MODELS["cross_entropy_with_logits of a class"]
    program = record(lambda x, y: LOSSES[loss](model(x), y), [0.0] * 3, 1, parameters=model.parameters())
    run = Run(program, library)
    assert re.search(r"y = .*(integers|randint)\(", run.text)
    exec(run.text, {"__name__": "__main__"})
