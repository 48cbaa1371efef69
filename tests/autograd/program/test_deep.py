"""Graphs as deep as they are large: node by node by NumPy and by Numba, with the answers of the executor of blocks."""

import numpy as np
import pytest
from random_graphs import SEEDS, recipe

import autograd
import nn
from autograd import (
    Value,
    amax,
    dot,
    log,
    logsumexp,
    parameter,
    record,
    relu,
    sigmoid,
    silu,
    softmax,
    sqrt,
    take,
    tanh,
    where,
)
from autograd.program import tape as tapes
from autograd.program.blocks import Blocks, Layout
from autograd.program.executors.on_numpy import deep as numpy_deep
from autograd.program.executors.on_numpy.deep import WIDTH, DeepExecutor
from autograd.program.executors.on_numpy.executor import NumpyExecutor
from autograd.program.lower import EXACT_PASSES, lowered
from autograd.table.ops import ADD, OPS
from autograd.value import apply

w, b, v = parameter(0.7, "w"), parameter(-0.3, "b"), parameter(1.6, "v")


network = nn.MLP(3, [4, 4, 1], seed=1)

FUNCTIONS = {
    "a network": (lambda x, y: nn.squared_error(network(x), y), [[0.1, 0.2, 0.3], 0.5]),
    "powers and quotients": (lambda x, y: (w * x - y) ** 2 / (v + x**2) + w**3, [0.1, 0.2]),
    "lists": (lambda x: amax([w * x[0], x[1], v]) + dot(softmax([x[0] * w, b, x[1]]), [w, v, x[2]]), [[0.1, 0.2, 0.3]]),
    "a table": (lambda x, k: take([w, b * v, w * b], k) * x, [0.1, 1]),
    "masks": (lambda x: where(x, sqrt(relu(w * x)), log(w * x)) + sqrt(relu(-w * x)), [0.1]),
    "several outputs": (lambda x: [tanh(w * x), tanh(w * x) * b, x, v * b, log(v)], [0.1]),
    "what keeps something": (lambda x: sigmoid(w * x) * silu(x - b) + logsumexp([w * x, x, sigmoid(b)]), [0.1]),
    "what all examples share": (lambda x: w * b + tanh(v) ** 2 + 0 * x, [0.1]),
    "nothing that varies": (lambda x: w * b + v, [0.1]),  # noqa: ARG005
    "nothing that learns": (lambda x: tanh(x) + 1, [0.1]),
}


def examples(forms, m):
    rng = np.random.default_rng(m)
    columns = [rng.integers(0, 3, m) if isinstance(x, int) else rng.normal(size=(m, *np.shape(x))) for x in forms]
    return [column.reshape(m, -1).astype(float) for column in columns]


def both(tape, passes=None, **exact):
    """A tape's executors: node by node, and planned."""
    tape = lowered(tape) if passes is None else lowered(tape, passes)
    return DeepExecutor(tape, **exact), NumpyExecutor(Blocks(tape), **exact)


def assert_alike(got, want):
    for a, b in zip(got, want, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("m", [1, 7, 2 * WIDTH + 5])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_node_by_node_is_what_blocks_compute(name, m):
    f, forms = FUNCTIONS[name]
    program = record(f, *forms)
    (recording,) = program.recordings.values()
    theta, columns = np.array([p.data for p in program.parameters]), examples(forms, m)
    deep, planned = both(recording.tape)
    assert_alike([deep.outputs(theta, columns, m)], [planned.outputs(theta, columns, m)])
    assert_alike(deep.gradient(theta, columns, m), planned.gradient(theta, columns, m))
    deep, planned = both(recording.tape, EXACT_PASSES, exact=True)
    columns = [*columns, np.broadcast_to(theta, (m, theta.size))]
    assert_alike(deep.each(columns, m), planned.each(columns, m))


@pytest.mark.parametrize("m", [1, 7, 69])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_numba_has_an_instruction_for_each_node(name, m, monkeypatch):
    pytest.importorskip("numba")
    from autograd.program.executors.on_numba.executor import NumbaExecutor, prepared

    f, forms = FUNCTIONS[name]
    program = record(f, *forms)
    (recording,) = program.recordings.values()
    tape = lowered(recording.tape)
    planned = NumbaExecutor(prepared(tape))
    monkeypatch.setattr(tapes, "DEEP", 0)
    deep = NumbaExecutor(prepared(tape))
    assert (type(deep.layout), type(planned.layout)) == (Layout, Blocks)
    theta, columns = np.array([p.data for p in program.parameters]), examples(forms, m)
    for _ in range(2):  # the second run finds what the first one has left
        assert_alike([deep.outputs(theta, columns, m)], [planned.outputs(theta, columns, m)])
        assert_alike(deep.gradient(theta, columns, m), planned.gradient(theta, columns, m))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("seed", SEEDS[::10])
def test_random_graphs_agree_with_values(seed, engine, monkeypatch):
    if engine == "numba":
        pytest.importorskip("numba")
    monkeypatch.setattr(tapes, "DEEP", 0)
    leaves, root = recipe(seed).build()
    root.backward()
    program = record(root, inputs=leaves[:1], parameters=leaves[1:]).using(engine, wait=True)
    value, grads = program.value_and_grad([leaves[0].data])
    (recording,) = program.recordings.values()
    executor = recording.executor(program.engine)
    assert isinstance(executor, DeepExecutor) or type(executor.layout) is Layout
    assert value == pytest.approx(root.data, rel=1e-11)
    assert list(grads) == pytest.approx([leaf.grad for leaf in leaves[1:]], rel=1e-9)


def test_where_a_gradient_is_no_number_each_example_is_computed_by_itself(monkeypatch):
    monkeypatch.setattr(tapes, "DEEP", 0)
    program = record(lambda x: sqrt(relu(w * x)), 0.5)
    value, (grad,) = program.value_and_grad([-1.0, 4.0])
    assert value == pytest.approx(np.sqrt(4.0 * w.data) / 2, rel=1e-12)
    assert grad == pytest.approx(4.0 / 2 / np.sqrt(4.0 * w.data) / 2, rel=1e-12)


def test_a_graph_of_that_depth_is_computed_node_by_node():
    x, a = Value(0.5, "x"), parameter(0.999, "a")
    y = x
    with autograd.paused_gc():
        for _ in range(tapes.DEEP // 2 + 1):
            y = (a * y).sin()
    y.backward()
    program = record(y, inputs=[x])
    value, (grad,) = program.value_and_grad([0.5, 0.5])
    (recording,) = program.recordings.values()
    assert isinstance(recording.executor(program.engine), DeepExecutor)
    assert value == pytest.approx(y.data, rel=1e-12)
    assert grad == pytest.approx(a.grad, rel=1e-12)


def links(op, sign):
    """A chain of an operation without lists: its inputs have a sign, and come from examples and parameters."""

    def f(x):
        y, others = x, [v, 0.1 * x, b][: len(op.inputs) - 1]
        for _ in range(4):
            y = w * apply(op, sign * (0.3 + 0.2 * tanh(y)), *[sign * other for other in others]) + x
        return y

    return f


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("op", [op for op in OPS.values() if not op.n_lists], ids=lambda op: op.name)
def test_every_row_agrees_with_values_in_a_chain(op, sign, monkeypatch):
    monkeypatch.setattr(tapes, "DEEP", 0)
    monkeypatch.setattr(numpy_deep, "BATCH", 3)
    f, xs, leaves = links(op, sign), [-0.8, -0.3, 0.2, 0.4, 0.9], [w, v, b]
    program = record(f, 0.1, parameters=leaves)
    values, grads = program.per_example(xs)
    mean, gradient = program.value_and_grad(xs)
    (recording,) = program.recordings.values()
    assert isinstance(recording.executor(program.engine), DeepExecutor)
    for x, value, grad in zip(xs, values, grads, strict=True):
        for leaf in leaves:
            leaf.grad = None
        y = f(Value(x))
        y.backward()
        np.testing.assert_allclose([value, *grad], [y.data, *(leaf.grad for leaf in leaves)], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose([mean, *gradient], [np.mean(values), *np.mean(grads, 0)], rtol=1e-12, atol=1e-15)


def test_in_a_deep_graph_neurons_of_one_product_stay_what_they_are(monkeypatch):
    def f(x, y):
        for _ in range(3):
            x, y = tanh(v * x + y), tanh(w * x + b * y + 1)
        return x + y

    (recording,) = record(f, 0.1, 0.2).recordings.values()
    assert str(lowered(recording.tape)).count("affine") == 6
    monkeypatch.setattr(tapes, "DEEP", 5)
    assert str(lowered(recording.tape)).count("affine") == 3


def test_a_long_sum_is_not_deep(monkeypatch):
    monkeypatch.setattr(tapes, "DEEP", 10)
    (recording,) = record(lambda x: sum((p * x for p in [w, b, v] * 5), tanh(x)), 0.1).recordings.values()
    assert recording.tape.is_deep()
    assert not recording.tape.is_deep(free={ADD})
    assert not lowered(recording.tape).is_deep()
