"""How the NumPy executor saves copies: examples that BLAS reads where they are, adjoints that share a place."""

import gc
import sys
import weakref

import numpy as np
import pytest

import autograd
from autograd import Value, dot, logsumexp, maximum, parameter, record, relu, take, tanh
from autograd.program.executors.on_numpy.kernels import bound
from autograd.program.executors.on_numpy.one_thread import ONE_THREAD, OneThread
from autograd.table.arrays import exact_pullback, forward, pullback, room_to_keep
from autograd.table.ops import OPS

N, M = 8, 600  # N · M is more than what is copied


@pytest.fixture
def layer():
    """A hidden layer of 3 on N inputs, and its output, as a program."""
    rng = np.random.default_rng(0)
    w = [[parameter(x) for x in row] for row in rng.normal(size=(3, N)).tolist()]
    v = [parameter(x) for x in rng.normal(size=3).tolist()]
    return record(lambda x, y: (dot(v, [tanh(dot(row, x)) for row in w]) - y) ** 2, [0.0] * N, 0.0)


@pytest.fixture
def examples():
    rng = np.random.default_rng(1)
    return rng.normal(size=(M, N)), rng.normal(size=M)


def one_by_one(program, X, y):
    """Mean and gradient, from the examples by themselves: not by neurons, and without matrices."""
    outputs, grads = program.per_example(X, y)
    return outputs.mean(), grads.mean(axis=0)


@pytest.mark.parametrize(
    "form",
    [
        np.ascontiguousarray,
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=1)[:, ::2],
        lambda X: np.repeat(X, 3, axis=0)[::3],
        lambda X: X[::-1].copy()[::-1],
        lambda X: X.astype(">f8"),
        lambda X: X.tolist(),
    ],
    ids=["rows", "columns", "every other column", "every third row", "reversed", "of other bytes", "lists"],
)
def test_examples_may_stand_in_memory_in_any_way(layer, examples, form):
    X, y = examples
    mean, grads = layer.value_and_grad(form(X), y)
    want, want_grads = one_by_one(layer, X, y)
    assert mean == pytest.approx(want, rel=1e-12)
    np.testing.assert_allclose(grads, want_grads, rtol=1e-12)


def test_examples_are_read_anew_at_each_call(layer, examples):
    X, y = examples
    layer.value_and_grad(X, y)
    X *= 0.5
    want, want_grads = one_by_one(layer, X.copy(), y)
    mean, grads = layer.value_and_grad(X, y)
    assert mean == pytest.approx(want, rel=1e-12)
    np.testing.assert_allclose(grads, want_grads, rtol=1e-12)


def test_no_example_is_kept(layer, examples):
    X, y = examples
    X = X.copy()
    layer.value_and_grad(X, y)
    layer(X, y)
    seen = weakref.ref(X)
    del X
    gc.collect()
    assert seen() is None


def test_no_example_is_written_to(layer, examples):
    X, y = examples
    X.flags.writeable = y.flags.writeable = False
    layer.value_and_grad(X, y)


# What arrives is passed on by +, -, sum: to one or to two, and on to what adds to it, or multiplies in place.
GRAPHS = {
    "both terms": lambda a, b, x: (a * x + b * x * x) + tanh(a * x),
    "twice the same": lambda a, b, x: (lambda z: z + z)(tanh(a * x) * b),
    "a difference": lambda a, b, x: tanh(a * x) - tanh(b * x) * tanh(a * x),
    "a residual": lambda a, b, x: (lambda z: z + tanh(b * z))(tanh(a * x) + x),
    "two residuals": lambda a, b, x: (lambda z: (z + relu(z)) + (z - relu(-z)) * z)(a * x + b),
    "a sum whose terms are used again": lambda a, b, x: (lambda z: (z + b) * relu(z) + (z - x))(a * x),
    "squares": lambda a, b, x: (lambda z: z * z + z)((a * x + b) * (a * x + b)),
    "a mask after a sum": lambda a, b, x: relu(relu(a * x) + b) + maximum(a * x, b),
    "two terms that are computed in place": lambda a, b, x: tanh(tanh(a * x) * x + tanh(b * x) / x),
    "the seed itself": lambda a, b, x: relu(a * x) + b,
    "nothing but a sum": lambda a, b, x: a + b + x,
}


def by_values(f, parameters, *columns):
    """Mean and gradient, from one graph of Values for each example."""
    total, grads = 0.0, np.zeros(len(parameters))
    for example in zip(*columns, strict=True):
        for p in parameters:
            p.grad = 0.0
        y = f(*map(Value, example))
        y.backward()
        total += y.data
        grads += [p.grad for p in parameters]
    return total / len(columns[0]), grads / len(columns[0])


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("m", [1, 7, 300])
def test_adjoints_that_share_a_place(name, m):
    graph = GRAPHS[name]
    a, b = parameter(0.7, "a"), parameter(-0.4, "b")
    program = record(lambda x: graph(a, b, x), 0.3, parameters=[a, b])
    x = np.random.default_rng(m).normal(size=m)
    _, want = by_values(lambda x: graph(a, b, x), [a, b], x)
    for _ in range(2):
        _, grads = program.value_and_grad(x)
        np.testing.assert_allclose(grads, want, rtol=1e-12)


# An element of a list: what flows to it is added to what others have left there, in one piece or not.
CHOICES = {
    "of what others read, too": lambda z, k: logsumexp(z) - take(z, k),
    "and nobody else": lambda z, k: take(z, k) * z[3],
    "two of them": lambda z, k: take(z, k) * take(z, 1.0 - k) + logsumexp(z[1:]),
    "of lists that stand apart": lambda z, k: take(z[:2], k) * take(z[2:], k) + logsumexp(z),
    "of lists one in the other": lambda z, k: take(z[::2], k) * take(z[1::2], k) + logsumexp(z[:2]),
    "of the terms of a sum": lambda z, k: autograd.sum(z) - take(z, k),
    "of the terms of two sums": lambda z, k: autograd.sum(z) * take(z, k) + (z[0] + z[1]) * logsumexp(z),
    "of numbers that all share": lambda z, k: take(w, k) * z[0] - take([*w[:1], *w[3:]], k) * z[1],
}
w = [parameter(x) for x in (0.3, -0.7, 1.1, 0.2)]


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("m", [1, 7, 300])
def test_what_flows_to_one_element_of_a_list(name, m):
    def f(x, k):
        return CHOICES[name]([tanh(p * x) for p in w], k)

    program = record(f, 0.3, 0.0, parameters=w)
    rng = np.random.default_rng(m)
    x, k = rng.normal(size=m), rng.integers(0, 2, size=m).astype(float)
    want, want_grads = by_values(f, w, x, k)
    for _ in range(2):
        mean, grads = program.value_and_grad(x, k)
        assert mean == pytest.approx(want, rel=1e-12)
        np.testing.assert_allclose(grads, want_grads, rtol=1e-12)


def test_an_index_that_is_too_large_to_count_with():
    """2⁶² · 4 is 0 in 64 bits."""
    program = record(lambda x, k: take([p * x for p in w], k), 1.0, 0.0)
    with pytest.raises(IndexError, match=r"from 0 to 3, got 4\.61169e"):
        program([1.0, 2.0, 3.0, 4.0], [0.0, 2.0**62, 0.0, 0.0])


# --- sums -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 337, 10_000])
def test_a_sum_of_squares_is_one_product_of_blas(n):
    """However long: where BLAS would share it among threads, NumPy adds up."""
    p = [parameter(x) for x in np.random.default_rng(n).normal(size=n).tolist()]
    program = record(lambda x: x * autograd.sum([u * u for u in p]), 1.0, parameters=p)
    numbers = np.array([u.data for u in p])
    mean, grads = program.value_and_grad([1.0, 2.0, 6.0])
    assert mean == pytest.approx(3 * (numbers**2).sum(), rel=1e-12)
    np.testing.assert_allclose(grads, 6 * numbers, rtol=1e-12)


def test_a_sum_of_products_and_a_number():
    """Each factor gets the other, a square twice itself, whichever of them learn."""
    a, b, c = parameter(0.7, "a"), parameter(-1.3, "b"), Value(2.5, "c")
    program = record(lambda x: x * autograd.sum([a * a, a * b, c * b, 3.0 * a]), 1.0, parameters=[a, b])
    x = np.random.default_rng(0).normal(size=7)
    mean, grads = program.value_and_grad(x)
    assert mean == pytest.approx(x.mean() * (0.49 - 0.91 - 3.25 + 2.1), rel=1e-12)
    np.testing.assert_allclose(grads, x.mean() * np.array([1.4 - 1.3 + 3.0, 0.7 + 2.5]), rtol=1e-12)


@pytest.mark.parametrize("m", [1, 2, 9_000, 9_500, 50_000])
@pytest.mark.parametrize("shared", [False, True], ids=["that varies", "that all share"])
def test_the_mean_of_some_examples(m, shared):
    u = parameter(0.7)
    program = record(lambda x: u * (u if shared else x), 0.3, parameters=[u])
    x = np.random.default_rng(m).normal(size=m) + 1.0
    mean, (grad,) = program.value_and_grad(x)
    assert mean == pytest.approx(0.49 if shared else 0.7 * x.mean(), rel=1e-12)
    assert grad == pytest.approx(1.4 if shared else x.mean(), rel=1e-12)


# --- one thread ------------------------------------------------------------------------------------------


class Library:
    """What threadpoolctl has for a BLAS library."""

    def __init__(self, count):
        self.count = count

    def get_num_threads(self):
        return self.count

    def set_num_threads(self, count):
        self.count = count


def test_blas_has_one_thread_until_the_last_one_leaves():
    library, limit = Library(6), OneThread()
    limit.libraries = [library]
    with limit:
        assert library.count == 1
        with limit:
            assert library.count == 1
        assert library.count == 1
    assert library.count == 6


def test_large_products_are_computed_by_one_thread(layer, examples, monkeypatch):
    counts = []
    library = Library(6)
    monkeypatch.setattr(ONE_THREAD, "libraries", [library])
    monkeypatch.setattr(library, "set_num_threads", counts.append)
    X, y = examples
    layer.value_and_grad(X, y)
    assert counts == []
    layer.value_and_grad(np.tile(X, (40, 1)), np.tile(y, 40))
    assert counts == [1, 6]


def test_it_does_without_threadpoolctl(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with OneThread() as nothing:
        assert nothing is None


@pytest.mark.parametrize(
    ("kernel", "names"),
    [
        (forward(OPS["*"]), ["multiply"]),
        (pullback(OPS["relu"], "x", short=True), ["sign", "multiply"]),
        (pullback(OPS["square"], "x"), None),
        (exact_pullback(OPS["tanh"], "x"), ["kernel"]),
    ],
    ids=["one call", "one after another", "as it comes", "more than calls"],
)
def test_a_kernel_that_only_calls_is_its_calls(kernel, names):
    count = kernel.__code__.co_argcount - 1
    operands = list(np.random.default_rng(0).normal(size=(count, 2, 5)))
    want, got = np.zeros((2, 5)), np.zeros((2, 5))
    kernel(want, *operands)
    calls = bound(kernel, (got, *operands))
    for function, arguments in calls:
        function(*arguments)
    assert names is None or [function.__name__ for function, _ in calls] == names
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_where_1_arrives_nothing_is_multiplied_by_it(op, short):
    rng = np.random.default_rng(0)
    shape = (3, 2, 5)  # a list of 3
    inputs = [rng.uniform(-0.9, 0.9, shape if is_list else shape[1:]) for is_list in op.lists]
    if op.inputs[-1] in ("k", "index"):
        inputs[-1] = rng.integers(0, 3, inputs[-1].shape).astype(float)
    kept, y, ones = room_to_keep(op), np.empty(shape[1:]), np.ones(shape[1:])
    with np.errstate(all="ignore"):
        forward(op)(y, *inputs, *kept)
        for name, x in zip(op.inputs, inputs, strict=True):
            kernel, unit = pullback(op, name, short), pullback(op, name, short, unit=True)
            assert (kernel is None) == (unit is None)
            if kernel is not None:
                want, got = np.empty(x.shape), np.empty(x.shape)
                kernel(want, ones, y, *inputs, *kept)
                unit(got, ones, y, *inputs, *kept)
                np.testing.assert_array_equal(got, want)


def test_an_executor_is_gone_as_soon_as_nobody_has_it(layer, examples):
    layer.value_and_grad(*examples)
    layer(*examples)
    (recording,) = layer.recordings.values()
    executor = weakref.ref(recording.executor(layer.engine))
    gc.disable()
    try:
        recording._executors.clear()
        assert executor() is None
    finally:
        gc.enable()
