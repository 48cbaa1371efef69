"""``record`` and ``Program``: what goes in, what comes out, what is refused, and what is left as it was."""

import itertools
import math
import random
import subprocess
import sys
import threading
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import (
    AnomalyError,
    Constant,
    RecordingError,
    Value,
    detect_anomaly,
    dot,
    exp,
    log,
    parameter,
    record,
    softmax,
    take,
    tanh,
    where,
)
from autograd.program.executors.on_numpy import executor as numpy_executor

nan, inf = math.nan, math.inf


@pytest.fixture(params=["numpy", "numba"])
def executor(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


@pytest.fixture
def w():
    return parameter(2.0, "w")


@pytest.fixture
def b():
    return parameter(1.0, "b")


@pytest.fixture
def line(w, b):
    """The squared error of w·x + b at y; for x = 1, 2, 3 and y = 3, 3, 5 the errors are 0, 2, 2."""
    return record(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0)


X, Y = [1.0, 2.0, 3.0], [3.0, 3.0, 5.0]
SQUARES = [0.0, 4.0, 4.0]
GRADS = [[0.0, 0.0], [8.0, 4.0], [12.0, 4.0]]
MEAN, MEAN_GRADS = 8 / 3, [20 / 3, 8 / 3]


def equal(got, want):
    """Numbers and shapes."""
    assert (np.shape(got), np.asarray(got).dtype) == (want.shape, want.dtype)
    np.testing.assert_allclose(got, want, rtol=1e-14, atol=0)


def network(rng, *sizes):
    """Layers of parameters, (w, b) for each neuron; and a function of a list that computes their outputs."""
    layers = [
        [([parameter(rng.uniform(-1, 1)) for _ in range(n)], parameter(rng.uniform(-1, 1))) for _ in range(size)]
        for n, size in itertools.pairwise(sizes)
    ]

    def forward(x):
        for layer in layers:
            x = [tanh(dot(weights, x) + bias) for weights, bias in layer]
        return x

    return forward


# --- what comes out -------------------------------------------------------------------------------------


def test_the_output_of_each_example(line, executor):
    equal(line.using(executor)(X, Y), np.array(SQUARES))


def test_the_mean_and_its_gradient(line, executor):
    value, grads = line.using(executor).value_and_grad(X, Y)
    assert type(value) is float
    equal(value, np.float64(MEAN))
    equal(grads, np.array(MEAN_GRADS))


def test_values_and_gradients_of_each_example(line, executor):
    values, grads = line.using(executor).per_example(X, Y)
    equal(values, np.array(SQUARES))
    equal(grads, np.array(GRADS))


def test_a_list_of_outputs_is_a_column_each(w, executor):
    program = record(lambda x: [w * x, x, Value(7.0)], 0.0).using(executor)
    equal(program(X), np.array([[2.0, 1.0, 7.0], [4.0, 2.0, 7.0], [6.0, 3.0, 7.0]]))
    equal(record(lambda x: [w * x], 0.0).using(executor)(X), np.array([[2.0], [4.0], [6.0]]))
    equal(record(lambda x: ([w * x], [[x]]), 0.0).using(executor)(X), np.array([[2.0, 1.0], [4.0, 2.0], [6.0, 3.0]]))


def test_whole_numbers_in_a_function_are_numbers(w, executor):
    program = record(lambda x, y: (w * x) * 2 + 1 - 3 * y + (y + True) ** 2, 0.0, 0.0).using(executor)
    equal(program(X, Y), np.array([12.0, 16.0, 34.0]))


def test_a_result_that_does_not_depend_on_the_example(w, b, executor):
    program = record(lambda x: w * b * 3.0, 0.0).using(executor)  # noqa: ARG005
    equal(program(X), np.array([6.0, 6.0, 6.0]))
    value, grads = program.value_and_grad(X)
    assert value == 6.0
    equal(grads, np.array([3.0, 6.0]))
    equal(program.per_example(X)[1], np.array([[3.0, 6.0]] * 3))


@pytest.mark.parametrize("result", [3, 3.0, Value(3.0), Constant(3.0)], ids=repr)
def test_a_result_that_is_a_number(result, executor):
    program = record(lambda x: result, 0.0).using(executor)  # noqa: ARG005
    equal(program(X), np.array([3.0, 3.0, 3.0]))
    value, grads = program.value_and_grad(X)
    assert value == 3.0
    equal(grads, np.empty(0))


def test_a_result_that_is_a_parameter_or_an_input(w, executor):
    value, grads = record(lambda x: w, 0.0).using(executor).value_and_grad(X)  # noqa: ARG005
    assert value == 2.0
    equal(grads, np.array([1.0]))
    value, grads = record(lambda x: x, 0.0, parameters=[w]).using(executor).value_and_grad(X)
    assert value == 2.0
    equal(grads, np.array([0.0]))


def test_a_function_of_nothing(w):
    program = record(lambda: w * w)
    equal(program(), np.array([4.0]))
    assert program.value_and_grad()[0] == 4.0


def test_what_comes_out_is_the_callers_own(line):
    first, grads = line(X, Y), line.value_and_grad(X, Y)[1]
    first[:] = grads[:] = -1
    equal(line(X, Y), np.array(SQUARES))
    equal(line.value_and_grad(X, Y)[1], np.array(MEAN_GRADS))
    kept, kept_grads = line(X, Y), line.value_and_grad(X, Y)[1]
    line([9.0, 9.0, 9.0], Y)
    line.value_and_grad([9.0, 9.0, 9.0], Y)
    equal(kept, np.array(SQUARES))
    equal(kept_grads, np.array(MEAN_GRADS))


def test_a_program_says_what_it_is(line):
    assert repr(line) == "<program of <lambda>: 2 parameters, recorded for [(), ()], run by numpy>"


# --- arguments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X, Y),
        (tuple(X), tuple(Y)),
        (np.array(X), np.array(Y)),
        (np.array(X, np.float32), np.array(Y, np.int8)),
        (np.array([X, X]).T[:, 0], np.array(Y[::-1])[::-1]),
        ([1, True + True, Fraction(3)], [np.float64(3), 3, 5]),
        ([Value(1.0), 2, 3], [Value(3.0), Constant(3.0), 5]),
        (range(1, 4), Y),
    ],
    ids=["lists", "tuples", "arrays", "narrow", "strided", "numbers", "Values", "range"],
)
def test_arguments_are_whatever_is_numbers(line, x, y, executor):
    equal(line.using(executor)(x, y), np.array(SQUARES))


def test_arguments_are_not_changed(line):
    x, y = np.array(X), np.array(Y)
    line.value_and_grad(x, y)
    assert x.tolist() == X
    assert y.tolist() == Y


@pytest.mark.parametrize("make", [np.array, list, lambda X: [tuple(x) for x in X], lambda X: [np.array(x) for x in X]])
def test_a_list_of_numbers_for_each_example(make, w, b, executor):
    program = record(lambda x, y: w * x[0] + b * x[1] * x[1] - y, [0.0, 0.0], 0.0).using(executor)
    equal(program(make([[1.0, 2.0], [3.0, 4.0]]), [0.0, 1.0]), np.array([6.0, 21.0]))
    assert list(program.recordings) == [((2,), ())]


def test_nested_lists_for_each_example(w):
    program = record(lambda x: x[0][0] + w * x[1][2] - x[0][1], [[0.0] * 3] * 2)
    examples = np.arange(12.0).reshape(2, 2, 3)
    equal(program(examples), examples[:, 0, 0] + 2 * examples[:, 1, 2] - examples[:, 0, 1])


def test_a_generator_of_batches(line, executor):
    program = line.using(executor)

    def batches():
        yield X[:2], Y[:2]
        yield np.array(X[2:]), Y[2:]

    equal(program(batches()), np.array(SQUARES))
    value, grads = program.value_and_grad(batches())
    equal(value, np.float64(MEAN))
    equal(grads, np.array(MEAN_GRADS))
    values, each = program.per_example(batches())
    equal(values, np.array(SQUARES))
    equal(each, np.array(GRADS))
    equal(program.read("x", batches()), np.array(X))


def test_a_generator_of_batches_of_one_argument(w):
    program = record(lambda x: w * x, 0.0)
    equal(program(iter([[1.0, 2.0], (np.array([3.0]),), [4.0]])), np.array([2.0, 4.0, 6.0, 8.0]))


def test_batches_are_read_one_at_a_time(w):
    """So that all of them need not fit into memory."""
    alive = []

    class Batch(list):
        def __del__(self):
            alive.pop()

    def batches():
        for k in range(5):
            alive.append(k)
            most.append(len(alive))
            yield Batch([float(k)] * 3)

    most = []
    assert record(lambda x: w * x, 0.0).value_and_grad(batches())[0] == 4.0
    assert max(most) <= 2


@pytest.mark.parametrize("tile_bytes", [1, 300, 3_000])
def test_more_examples_than_a_tile_holds(monkeypatch, tile_bytes):
    """Gradients are added over tiles, the last of which may be narrower."""
    forward = network(random.Random(0), 3, 4, 3)
    scale, unused = parameter(0.5), parameter(1.0)
    embedding = [parameter(0.1 * k) for k in range(4)]

    def f(x, k):
        z = forward(x[:3]) + forward(x[1:]) + softmax([*x, scale])[:2]
        return autograd.sum(z) * take(embedding, k) + scale * scale, [z[0], scale]

    rng = np.random.default_rng(0)
    parameters = [*embedding, unused, *record(f, [0.0] * 4, 0, aux=True).parameters[4:]]
    whole, tiled = (record(f, [0.0] * 4, 0, aux=True, parameters=list(dict.fromkeys(parameters))) for _ in range(2))
    for m in (1, 2, 3, 7, 50, 7, 49, 200):
        data = rng.normal(size=(m, 4)), rng.integers(0, 4, m)
        want = whole(*data), whole.value_and_grad(*data), whole.per_example(*data), whole.read("x2", *data)
        with monkeypatch.context() as patch:
            patch.setattr(numpy_executor, "TILE_BYTES", tile_bytes)
            patch.setattr(numpy_executor, "LEAST", 1)
            got = tiled(*data), tiled.value_and_grad(*data), tiled.per_example(*data), tiled.read("x2", *data)
        for a, b in zip(flat(got), flat(want), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)


def flat(parts):
    return [y for part in parts for y in flat(part)] if isinstance(parts, tuple) else [parts]


def test_memory_is_that_of_a_tile(w):
    """Not of all nodes times all examples: that would be 160 MB, and again for the adjoints."""
    y = x = Value(0.5, "x")
    for _ in range(100):
        y = tanh(w * y)
    program = record(y, inputs=[x])
    data = np.linspace(0, 1, 100_000)
    tracemalloc.start()
    try:
        program.value_and_grad(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30e6


# --- arguments of another form --------------------------------------------------------------------------


def linear(w, b):
    return lambda x, y: w * x[0] + b * x[1] - y


@pytest.mark.parametrize(
    ("x", "y", "given", "error"),
    [
        (np.ones((3, 1)), np.ones(3), r"\(m, 1\), \(m,\)", IndexError),
        (np.ones(3), np.ones(3), r"\(m,\), \(m,\)", TypeError),
        ([[1.0, 2.0], [1.0]], [1.0, 2.0], r"\(m, 1\), \(m,\)", IndexError),
        (np.ones((3, 2)), np.ones((3, 2)), r"\(m, 2\), \(m, 2\)", TypeError),
    ],
)
def test_a_form_that_the_function_does_not_take(x, y, given, error, w, b):
    program = record(linear(w, b), [0.0, 0.0], 0.0)
    recorded = r"<lambda> was recorded for arguments of the shapes \(m, 2\), \(m,\)"
    with pytest.raises(ValueError, match=f"{recorded}, and does not take {given}: {error.__name__}: ") as raised:
        program(x, y)
    assert type(raised.value.__cause__) is error
    assert list(program.recordings) == [((2,), ())]
    program([[1.0, 2.0, 3.0]], [1.0])  # an element more than it reads is no harm
    with pytest.raises(ValueError, match=r"shapes \(m, 2\), \(m,\) or \(m, 3\), \(m,\), and does not take"):
        program.value_and_grad(x, y)


def test_what_was_never_recorded_fails_as_the_function_does(w):
    with pytest.raises(IndexError, match="list index out of range"):
        record(lambda x: w * x[1], [0.0])


def test_another_form_that_cannot_be_recorded_says_what_to_write_instead(w):
    program = record(lambda x: w * x[0] if len(x) < 2 else max(x), [0.0])
    with pytest.raises(RecordingError, match="use maximum"):
        program([[1.0, 2.0]])


def test_a_column_is_taken_for_numbers(w, b, executor):
    calls = []

    def f(x, y):
        calls.append(y)
        return linear(w, b)(x, y)

    program = record(f, [0.0, 0.0], 0.0).using(executor)
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 7.0])
    for column in (y[:, None], [[5.0], [7.0]]):
        equal(program(x, column), program(x, y))
        equal(program.value_and_grad(x, column)[1], program.value_and_grad(x, y)[1])
    assert list(program.recordings) == [((2,), ())]
    made = len(calls)
    program(x, y[:, None])
    assert len(calls) == made


def test_a_function_may_take_lists_of_one_number(w):
    program = record(lambda x: w * autograd.sum(x) if isinstance(x, list) else x, 0.0)
    equal(program([[1.0], [2.0]]), np.array([2.0, 4.0]))
    equal(program([1.0, 2.0]), np.array([1.0, 2.0]))


# --- sequences of many lengths --------------------------------------------------------------------------


@pytest.fixture
def polynomial():
    """c1·x1 + c2·x2 + …, as long as x is."""
    c = [parameter(float(10**k), f"c{k + 1}") for k in range(4)]
    return c, lambda x: sum((c_k * x_k for c_k, x_k in zip(c, x, strict=False)), Value(0.0))


def test_another_length_is_recorded_when_it_comes(polynomial):
    c, f = polynomial
    calls = []

    def counted(x):
        calls.append(len(x))
        return f(x)

    program = record(counted, [1.0, 1.0])
    assert list(program.recordings) == [((2,),)]
    assert program.parameters == c[:2]
    equal(program([[1.0, 2.0, 3.0]]), np.array([321.0]))
    assert list(program.recordings) == [((2,),), ((3,),)]
    assert program.parameters == c[:3]
    made = list(calls)
    equal(program([[3.0, 2.0, 1.0]]), np.array([123.0]))
    equal(program([[3.0, 2.0]]), np.array([23.0]))
    assert calls == made  # nothing is recorded twice


def test_lengths_may_be_mixed_and_the_order_stays(polynomial, executor):
    _, f = polynomial
    program = record(f, [1.0]).using(executor)
    examples = [[1.0], [1.0, 2.0], [3.0], [1.0, 2.0, 3.0], [4.0, 5.0], [6.0]]
    equal(program(examples), np.array([1.0, 21.0, 3.0, 321.0, 54.0, 6.0]))
    value, grads = program.value_and_grad(examples)
    equal(value, np.float64(406 / 6))
    equal(grads, np.array([16 / 6, 9 / 6, 3 / 6]))
    values, each = program.per_example(examples)
    equal(values, np.array([1.0, 21.0, 3.0, 321.0, 54.0, 6.0]))
    equal(each, np.array([[*x, *[0.0] * (3 - len(x))] for x in examples]))
    equal(program(iter([examples[:3], examples[3:]])), np.array([1.0, 21.0, 3.0, 321.0, 54.0, 6.0]))


def test_a_new_length_may_bring_new_parameters_in_the_middle_of_a_call(polynomial, executor):
    _, f = polynomial
    examples = [[1.0], [1.0, 2.0]]
    equal(record(f, [1.0]).using(executor).per_example(examples)[1], np.array([[1.0, 0.0], [1.0, 2.0]]))
    equal(record(f, [1.0]).using(executor).value_and_grad(examples)[1], np.array([1.0, 1.0]))
    equal(record(f, [1.0]).using(executor)(examples, at=[1.0, 100.0]), np.array([1.0, 201.0]))


def test_each_length_may_use_parameters_of_its_own(executor):
    a, b, c = (parameter(x, name) for x, name in [(1.0, "a"), (10.0, "b"), (100.0, "c")])
    program = record(lambda x: b * x[0] + a if len(x) == 1 else c * x[0] + b * x[1] + 0.0, [0.0]).using(executor)
    equal(program([[1.0], [2.0, 3.0], [5.0]]), np.array([11.0, 230.0, 51.0]))
    assert program.parameters == [b, a, c]
    equal(program.per_example([[1.0], [2.0, 3.0]])[1], np.array([[1.0, 1.0, 0.0], [3.0, 0.0, 2.0]]))
    equal(program.value_and_grad([[2.0, 3.0]])[1], np.array([3.0, 0.0, 2.0]))
    equal(program.value_and_grad([[1.0], [2.0, 3.0]])[1], np.array([2.0, 0.5, 1.0]))
    equal(program([[1.0, 1.0]], at=[1.0, 2.0, 3.0]), np.array([4.0]))


def test_parameters_that_are_given_stay_as_they_are(polynomial):
    c, f = polynomial
    program = record(f, [1.0], parameters=c[::-1])
    assert program.parameters == c[::-1]
    equal(program.value_and_grad([[2.0], [4.0]])[1], np.array([0.0, 0.0, 0.0, 3.0]))
    equal(program.value_and_grad([[2.0, 1.0], [4.0, 2.0]])[1], np.array([0.0, 0.0, 1.5, 3.0]))
    assert program.parameters == c[::-1]


def test_the_list_that_is_returned_may_be_as_long_as_the_sequence(w, executor):
    program = record(lambda x: [w * x_k for x_k in x], [1.0]).using(executor)
    equal(program([[1.0, 2.0]]), np.array([[2.0, 4.0]]))
    equal(program([[1.0], [2.0]]), np.array([[2.0], [4.0]]))
    program = record(lambda x: softmax(x) if len(x) > 1 else x[0], [1.0]).using(executor)
    equal(program([[1.0, 1.0]]), np.array([[0.5, 0.5]]))
    equal(program([[1.0]]), np.array([1.0]))


def test_lists_of_several_lengths_are_no_matrix(w):
    for program in (
        record(lambda x: [w * x_k for x_k in x], [1.0]),
        record(lambda x: (autograd.sum(x), [w * x_k for x_k in x]), [1.0], aux=True),
    ):
        with pytest.raises(ValueError, match="results of different lengths"):
            program([[1.0], [1.0, 2.0]])


def test_an_empty_sequence(polynomial):
    _, f = polynomial
    program = record(f, [1.0])
    equal(program([[1.0], []]), np.array([1.0, 0.0]))
    assert list(program.recordings) == [((1,),), ((0,),)]


# --- parameters, and other leaves -----------------------------------------------------------------------


def test_the_numbers_of_now_are_used(line, w, b, executor):
    program = line.using(executor)
    program.value_and_grad(X, Y)
    w.data, b.data = 0.0, 5.0
    equal(program(X, Y), np.array([4.0, 4.0, 0.0]))
    equal(program.value_and_grad(X, Y)[1], np.array([4.0, 8 / 3]))


def test_other_leaves_are_read_at_each_replay_but_get_no_gradient(w, executor):
    shift = Value(1.0, "shift")
    program = record(lambda x: w * x + shift * shift, 0.0).using(executor)
    assert program.parameters == [w]
    equal(program(X), np.array([3.0, 5.0, 7.0]))
    shift.data = 2.0
    equal(program(X), np.array([6.0, 8.0, 10.0]))
    equal(program.per_example(X)[0], np.array([6.0, 8.0, 10.0]))
    program.backward(X)
    assert not shift.has_grad


def test_what_was_computed_before_belongs_to_the_program(w, executor):
    square = w * w
    program = record(lambda x: square * x, 0.0).using(executor)
    w.data = 3.0
    value, grads = program.value_and_grad([1.0, 3.0])
    assert value == 18.0
    equal(grads, np.array([12.0]))


def test_any_leaf_can_be_a_parameter_and_a_parameter_can_be_none(w, b, executor):
    shift = Value(1.0)
    program = record(lambda x: w * x + b + shift, 0.0, parameters=[shift, w]).using(executor)
    assert program.parameters == [shift, w]
    equal(program.value_and_grad(X)[1], np.array([1.0, 2.0]))


def test_a_parameter_without_influence_has_a_gradient_of_zero(w, b, executor):
    program = record(lambda x: w * x, 0.0, parameters=[b, w]).using(executor)
    equal(program.value_and_grad(X)[1], np.array([0.0, 2.0]))
    equal(program.per_example(X)[1], np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]]))


def test_backward_adds_to_the_gradients_as_a_graph_does(line, w, b, executor):
    program = line.using(executor)
    w.grad = 100.0
    equal(program.backward(X, Y), np.float64(MEAN))
    equal([w.grad, b.grad], np.array([100 + MEAN_GRADS[0], MEAN_GRADS[1]]))
    program.backward(X, Y)
    equal([w.grad, b.grad], np.array([100 + 2 * MEAN_GRADS[0], 2 * MEAN_GRADS[1]]))


@pytest.mark.parametrize("theta", [[0.0, 5.0], np.array([0, 5]), (0.0, 5.0)], ids=repr)
def test_at_other_numbers_than_the_parameters_have(line, w, b, theta, executor):
    program = line.using(executor)
    equal(program(X, Y, at=theta), np.array([4.0, 4.0, 0.0]))
    value, grads = program.value_and_grad(X, Y, at=theta)
    equal(value, np.float64(8 / 3))
    equal(grads, np.array([4.0, 8 / 3]))
    values, each = program.per_example(X, Y, at=theta)
    equal(values, np.array([4.0, 4.0, 0.0]))
    equal(each, np.array([[4.0, 4.0], [8.0, 4.0], [0.0, 0.0]]))
    equal(program.read("b", X, Y, at=theta), np.array([5.0, 5.0, 5.0]))
    assert (w.data, b.data, w.has_grad, b.has_grad) == (2.0, 1.0, False, False)
    equal(program(X, Y), np.array(SQUARES))


# --- graphs, aux, labels --------------------------------------------------------------------------------


def test_a_graph_with_leaves_is_recorded(w, b, executor):
    x1, x2, y = Value(1.0, "x1"), Value(2.0, "x2"), Value(0.0, "y")
    root = (w * x1 + b * x2 - y) ** 2
    program = record(root, inputs=[x2, x1, y]).using(executor)
    columns = [1.0, 2.0], [3.0, 4.0], [7.0, 5.0]
    equal(program(*columns), np.array([0.0, 25.0]))
    equal(program(np.transpose(columns)), np.array([0.0, 25.0]))
    equal(program.value_and_grad(*columns)[1], np.array([20.0, 10.0]))
    assert program.parameters == [w, b]
    assert (x1.data, root.data) == (1.0, 16.0)


def test_the_parameters_of_a_graph_may_be_any_leaves(w):
    x, y = Value(1.0, "x"), Value(2.0, "y")
    program = record(w * x * y, inputs=[x], parameters=[y])
    assert program.parameters == [y]
    equal(program.value_and_grad([3.0])[1], np.array([6.0]))


def test_aux_brings_other_results_along(w, executor):
    program = record(lambda x: (w * x * x, [x, exp(x)]), 0.0, aux=True).using(executor)
    extras = np.array([[1.0, math.e], [2.0, math.exp(2)], [3.0, math.exp(3)]])
    values, more = program(X)
    equal(values, np.array([2.0, 8.0, 18.0]))
    equal(more, extras)
    (value, more), grads = program.value_and_grad(X)
    equal(value, np.float64(28 / 3))
    equal(more, extras)
    equal(grads, np.array([14 / 3]))
    value, more = program.backward(X)
    assert (value, w.grad) == (pytest.approx(28 / 3), pytest.approx(14 / 3))
    equal(more, extras)
    values, grads = program.per_example(X)
    equal(values, np.array([2.0, 8.0, 18.0]))
    equal(grads, np.array([[1.0], [4.0], [9.0]]))


def test_any_node_can_be_read_by_its_label(w, b):
    def f(x, y):
        z = w * x + b
        z.label = "z"
        a = exp(z)
        a.label = "a"
        unused = z * z
        unused.label = "unused"
        return (z - y) ** 2

    program = record(f, 0.0, 0.0)
    z = 2 * np.array(X) + 1
    equal(program.read("z", X, Y), z)
    equal(program.read("a", X, Y), np.exp(z))
    equal(program.read("unused", X, Y), z * z)
    equal(program.read("y", X, Y), np.array(Y))
    equal(program.read("w", X, Y), np.array([2.0, 2.0, 2.0]))
    equal(program.read(["z", "y", "b"], X, Y), np.column_stack([z, Y, [1.0] * 3]))
    equal(program.read(["z"], X, Y), z[:, None])
    equal(program.read("z", iter([(X, Y), (X, Y)])), np.tile(z, 2))


def test_arguments_are_labelled_as_the_function_names_them(w):
    program = record(lambda pixels, target: w * pixels[1][0] - target, [[1.0, 2.0], [3.0, 4.0]], 1.0)
    equal(program.read("pixels2_1", [[[1.0, 2.0], [3.0, 4.0]]], [9.0]), np.array([3.0]))
    equal(program.read("target", [[[1.0, 2.0], [3.0, 4.0]]], [9.0]), np.array([9.0]))
    equal(record(lambda *x: x[0] - x[1], 0.0, 0.0).read("x2", [1.0], [5.0]), np.array([5.0]))


def test_a_label_that_is_none_or_several(w):
    def f(x):
        y, z = exp(x), w * x
        y.label = z.label = "twin"
        return y + z

    program = record(f, 0.0)
    with pytest.raises(ValueError, match="no node has the label 'z'; labels are x, "):
        program.read("z", X)
    with pytest.raises(ValueError, match="2 nodes have the label 'twin'"):
        program.read("twin", X)


# --- what cannot be recorded ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x, w: x if x > 0 else w, r"x > 0: .*Choose with a node: where\(step\(x - 0\), u, v\) is u where x is"),
        (lambda x, w: x if x * w <= 1 else w, r"1 <= 1: while a function is recorded, a comparison would decide"),
        (lambda x, w: max(x, w), r"w > x: .* or use maximum, minimum, clip, relu, abs"),
        (lambda x, w: sorted([x, w])[0], r"w < x: .*where\(step\(w - x\), u, v\)"),
        (lambda x, w: w if w - x <= 3 else x, "1.5 <= 3: "),
        (lambda x, w: w if w >= 2 else x, "w >= 2: "),
        (lambda x, w: w if x == 0 else x, "x == 0: "),
    ],
)
def test_a_comparison_names_what_to_write_instead(f, message, w):
    with pytest.raises(RecordingError, match=message):
        record(lambda x: f(x, w), 0.5)
    assert w > 1  # outside of a recording numbers are compared


@pytest.mark.parametrize("x", [0.0, 0.25, 0.5, 1.0, -3.0, 1e300])
def test_a_function_that_reads_a_number_is_refused(x, w):
    with pytest.raises(RecordingError, match="does it read the number of a Value"):
        record(lambda x: w * x.data, x)
    with pytest.raises(RecordingError, match="does it read the number of a Value"):
        record(lambda x: w * math.sin(x.data), x)


@pytest.mark.parametrize("x", [0.0, 0.3, 0.7, -0.2])
def test_a_graph_that_depends_on_a_sign_is_refused(x, w):
    with pytest.raises(RecordingError, match="makes another graph for other numbers"):
        record(lambda x: w * x if x.data > 0 else w + x, x)


def test_the_number_of_a_parameter_is_no_constant_either(w):
    with pytest.raises(RecordingError, match="does it read the number of a Value"):
        record(lambda x: w.data * x + w, 1.0)


def test_random_numbers_are_refused(w):
    rng = random.Random(0)
    with pytest.raises(RecordingError, match="draw random numbers"):
        record(lambda x: w * x * rng.random(), 1.0)
    with pytest.raises(RecordingError, match=r"made a Value of .*, and then one of"):
        record(lambda x: w * x + Value(rng.random()), 1.0)
    with pytest.raises(RecordingError, match="makes another graph"):
        record(lambda x: [w * x, x][next(counter) % 2], 1.0)


counter = itertools.count()


def test_leaves_that_a_function_makes_each_time_are_constants(w, executor):
    def f(x):
        return w * x + Value(0.0) + Value(nan, "filler") * where(x, 0.0, 1.0)

    assert np.isnan(record(f, 1.0).using(executor)(X)).all()
    program = record(lambda x: Value(0.0) + w * x + Value(2.0), 1.0).using(executor)
    equal(program(X), np.array([4.0, 6.0, 8.0]))
    assert program.parameters == [w]


def test_a_parameter_that_a_function_makes_each_time_is_refused(w):
    with pytest.raises(RecordingError, match="makes the parameter q itself: make it outside, once"):
        record(lambda x: parameter(0.0, "q") * x + w, 1.0)


def test_a_leaf_that_is_no_parameter_may_be_an_index(w, b, executor):
    which = Value(1.0, "which")
    program = record(lambda x: x * take([w, b], which), 1.0).using(executor)
    equal(program(X), np.array(X))
    which.data = 0.0
    equal(program(X), 2 * np.array(X))


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("text", "the function returned what is no number: expected a real number, got 'text'"),
        (None, r"the function returned what is no number: expected a real number, got None \(NoneType\)"),
        ([1.0, [None]], "the function returned what is no number"),
        ([], "the function returned an empty list"),
        ([[], []], "the function returned an empty list"),
    ],
)
def test_a_result_that_is_no_number(result, message):
    with pytest.raises(TypeError, match=message):
        record(lambda x: result, 1.0)  # noqa: ARG005


@pytest.mark.parametrize("result", [Value(1.0), [Value(1.0)], (Value(1.0),), (1, 2, 3)], ids=repr)
def test_aux_wants_a_pair(result):
    with pytest.raises(TypeError, match=r"with aux=True the function returns a pair \(number, list\), not "):
        record(lambda x: result, 1.0, aux=True)  # noqa: ARG005


def test_what_is_no_way_to_call_record(w):
    x = Value(1.0, "x")
    cases = [
        (lambda: record(3), r"record takes a function or a Value, not 3 \(int\)"),
        (lambda: record("w*x"), r"record takes a function or a Value, not 'w\*x' \(str\)"),
        (lambda: record(w * x), r"a graph is recorded with its inputs, as in record\(root, inputs=\[x1, x2\]\)"),
        (lambda: record(w * x, 1.0, inputs=[x]), "a graph is recorded with its inputs"),
        (lambda: record(w * x, inputs=[x], aux=True), "a graph is recorded with its inputs"),
        (lambda: record(lambda x: x, inputs=[x]), "a function gets examples, as in record"),
        (lambda: record(w * x, inputs=[w * x]), "an input of a program is a leaf, not Value"),
        (lambda: record(w * x, inputs=["x"]), "an input of a program is a leaf, not 'x'"),
        (lambda: record(w * x, inputs=[x], parameters=[2.0]), "a parameter of a program is a leaf, not 2.0"),
        (lambda: record(lambda x: w * x, 1.0, parameters=[w * 2]), "a parameter of a program is a leaf, not Value"),
        (lambda: record(lambda x: w * x, 1.0, parameters=[Constant(2)]), "a parameter of a program is a leaf, not Con"),
        (lambda: record(lambda x: w * x, "a"), "expected a real number, got 'a'"),
        (lambda: record(lambda x: w * x, None), "expected a real number, got None"),
        (lambda: record(lambda x: w * x, 1.0, 2.0), "takes 1 positional argument but 2 were given"),
    ]
    for call, message in cases:
        with pytest.raises(TypeError, match=message):
            call()


def test_a_leaf_has_one_role(w):
    x = Value(1.0, "x")
    with pytest.raises(ValueError, match="an input is in the list twice"):
        record(w * x, inputs=[x, x])
    with pytest.raises(ValueError, match="the parameter w is in the list twice"):
        record(lambda x: w * x, 1.0, parameters=[w, w])
    with pytest.raises(ValueError, match="the parameter x is an input, too"):
        record(w * x, inputs=[x], parameters=[w, x])


def test_what_the_function_raises_comes_through_and_leaves_all_as_it_was(w):
    calls = itertools.count()

    def f(x):
        if next(calls) == failing:
            raise KeyError("mine")
        return w * x

    for failing in (0, 1):  # noqa: B007
        calls = itertools.count()
        with pytest.raises(KeyError, match="mine"):
            record(f, 1.0)
        assert (w.data, w.has_grad) == (2.0, False)
        assert w > 1
        log(Value(0.0))  # nobody watches any more


# --- arguments that are refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1.0], [1.0, 2.0]), ValueError, r"different numbers of examples: their shapes are \(1,\), \(2,\)"),
        (([[1.0]], [[1.0, 2.0], [3.0]]), ValueError, "different numbers of examples: 1, 2"),
        (([], []), ValueError, "there are no examples"),
        ((np.empty((0, 3)), np.empty(0)), ValueError, "there are no examples"),
        ((iter([]),), ValueError, "there are no examples"),
        ((1.0, [1.0]), ValueError, r"hold one entry per example: for one example \[x\], not x"),
        (([1.0], None), (TypeError, ValueError), None),
        (([1.0],), TypeError, "missing 1 required positional argument: 'y'"),
        (([1.0], [1.0], [1.0]), TypeError, "takes 2 positional arguments but 3 were given"),
        (([[1.0, 2.0]], [1.0]), ValueError, r"does not take \(m, 2\), \(m,\): TypeError: .*a Value is a scalar"),
        ((["1", "2"], [1.0, 2.0]), TypeError, "expected a real number, got '1'"),
        ((np.array(["1"]), [1.0]), TypeError, "expected (a )?real number"),
        (([None, 1.0], [1.0, 2.0]), TypeError, "expected a real number, got None"),
        ((np.array([None, 1.0]), [1.0, 2.0]), TypeError, "expected a real number, got None"),
        (([1j, 1.0], [1.0, 2.0]), TypeError, "expected a real number, got 1j"),
        ((np.array([1j, 1.0]), [1.0, 2.0]), TypeError, "expected (a )?real number"),
        (([{}], [1.0]), TypeError, r"expected a real number, got {}"),
        (("12", [1.0, 2.0]), (TypeError, ValueError), None),
    ],
)
def test_arguments_that_do_not_fit(line, w, b, arguments, error, message):
    for call in (line, line.value_and_grad, line.backward, line.per_example):
        with pytest.raises(error, match=message):
            call(*arguments)
    assert (w.data, b.data, w.has_grad, b.has_grad) == (2.0, 1.0, False, False)
    equal(line(X, Y), np.array(SQUARES))


def test_a_graph_has_one_form_of_arguments(w):
    x1, x2 = Value(1.0, "x1"), Value(2.0, "x2")
    program = record(w * x1 + x2, inputs=[x1, x2])
    message = r"the graph has 2 inputs \(x1, x2\): give 2 arguments \(m,\), or one \(m, 2\)"
    with pytest.raises(ValueError, match=message):
        program([1.0])
    with pytest.raises(ValueError, match=message + r"; for one example these have the shapes \(3,\)"):
        program([[1.0, 2.0, 3.0]])
    assert list(program.recordings) == [((), ())]
    x2.label = "x1"
    with pytest.raises(ValueError, match=r"2 inputs \(x1⁽¹⁾, x1⁽²⁾\)"):
        program([1.0])


@pytest.mark.parametrize(
    ("theta", "error", "message"),
    [
        ([1.0], ValueError, r"there are 2 leaves, but the array has the shape \(1,\)"),
        ([[1.0, 2.0]], ValueError, r"there are 2 leaves, but the array has the shape \(1, 2\)"),
        (1.0, ValueError, r"there are 2 leaves, but the array has the shape \(\)"),
        (["a", "b"], (TypeError, ValueError), None),
        ([None, 1.0], TypeError, None),
    ],
)
def test_numbers_that_are_not_those_of_all_parameters(line, theta, error, message):
    for call in (line, line.value_and_grad, line.per_example):
        with pytest.raises(error, match=message):
            call(X, Y, at=theta)


@pytest.mark.parametrize("k", [nan, inf, -inf, -1.0, 2.0, 0.5, 1e300])
def test_an_index_that_no_element_has(w, b, k, executor):
    program = record(lambda x, k: x * take([w, b], k), 1.0, 0).using(executor)
    for call in (program, program.value_and_grad, program.per_example):
        with pytest.raises(IndexError, match="the index must be a whole number from 0 to 1, got "):
            call([1.0, 2.0, 3.0], [0, k, 1])
    equal(program([1.0, 2.0, 3.0], [0, 1, -0.0]), np.array([2.0, 2.0, 6.0]))


def test_a_list_has_no_gradient(w):
    program = record(lambda x: [w * x, x], 1.0)
    for call in (program.value_and_grad, program.backward, program.per_example):
        with pytest.raises(TypeError, match="only a number has a gradient: return the rest besides, aux=True"):
            call(X)
    assert not w.has_grad


# --- what is left as it was -----------------------------------------------------------------------------


def test_recording_and_replaying_leave_leaves_alone(w, b):
    b.grad, shift = 7.0, Value(3.0)
    program = record(lambda x: (w * x + b + shift) ** 2, 1.0)
    program(X)
    program.value_and_grad(X)
    program.per_example(X)
    assert (w.data, b.data, shift.data) == (2.0, 1.0, 3.0)
    assert (w.has_grad, b.grad, shift.has_grad) == (False, 7.0, False)


def test_recording_inside_detect_anomaly(w):
    """What is recorded is watched by the recording alone; after it, the other goes on."""
    with detect_anomaly():
        program = record(lambda x: w * log(x), 0.0)
        equal(program([1.0, 0.0]), np.array([0.0, -inf]))
        with pytest.raises(AnomalyError, match="log"):
            log(Value(0.0))
    assert log(Value(0.0)).data == -inf


def test_recording_inside_a_recording(w, b, executor):
    inner = []

    def f(x):
        y = w * x
        inner.append(record(lambda u: b * u + w, 1.0).using(executor)([3.0]))
        return y + b

    program = record(f, 1.0).using(executor)
    equal(program(X), np.array([3.0, 5.0, 7.0]))
    equal(inner[0], np.array([5.0]))
    with pytest.raises(RecordingError, match="x > 0"):
        record(lambda x: record(lambda u: u + w, 1.0) and x > 0, 1.0)


def test_two_threads_may_replay_one_program(executor):
    forward = network(random.Random(1), 4, 8, 1)
    program = record(lambda x: forward(x)[0], [0.0] * 4).using(executor)
    rng = np.random.default_rng(1)
    batches = [rng.normal(size=(size, 4)) for size in (30, 30, 31, 1)]
    want = [(program(batch), program.value_and_grad(batch)) for batch in batches]
    wrong = []

    def replay(k):
        for _ in range(100):
            values, (mean, grads) = program(batches[k]), program.value_and_grad(batches[k])
            if not (np.array_equal(values, want[k][0]) and mean == want[k][1][0]):
                wrong.append(k)
            if not np.array_equal(grads, want[k][1][1]):
                wrong.append(k)

    threads = [threading.Thread(target=replay, args=(k,)) for k in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("x", [1e200, inf, -inf, nan])
def test_large_numbers_are_no_warning(line, x, executor):
    """Warnings are errors here: NumPy's about overflow and invalid values are not to be seen."""
    program = line.using(executor)
    program([x, 1.0, -x], Y)
    program.value_and_grad([x, 1.0, -x], Y)
    program.per_example([x, 1.0, -x], Y)
    program.backward([x, 1.0, -x], Y)


# --- executors ------------------------------------------------------------------------------------------


def test_an_executor_is_chosen_by_name(line):
    assert line.executor == "numpy"
    assert line.using("numpy").executor == "numpy"
    assert line.using("numpy").parameters == line.parameters
    with pytest.raises(ValueError, match="an executor is one of numpy, numba, jax, not 'torch'"):
        line.using("torch")


def test_a_program_by_another_executor_shares_the_recordings(polynomial, executor):
    _, f = polynomial
    program = record(f, [1.0])
    program.using(executor)([[1.0, 2.0]])
    assert list(program.recordings) == [((1,),), ((2,),)]


def test_without_numba_it_says_what_to_install(line, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r'pip install "chainrule\[fast\]"'):
        line.using("numba")
    equal(line(X, Y), np.array(SQUARES))


def test_numba_is_not_needed():
    code = "import sys; sys.modules['numba'] = None; import autograd; w = autograd.parameter(2.0); "
    code += "p = autograd.record(lambda x: w * x, 1.0); print(p.value_and_grad([1.0, 3.0])[0])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(result.stdout) == 4.0


def test_any_number_of_examples_one_after_another(monkeypatch):
    """Of few shapes of arguments is remembered which recording takes them."""
    monkeypatch.setattr("autograd.program.arguments.MOST", 3)
    w = parameter(2.0, "w")
    program = record(lambda x, y: w * x + y, 1.0, 1.0)
    for m in [1, 2, 3, 4, 5, 2, 1, 5]:
        x = np.arange(m, dtype=float)
        assert program(x, x).tolist() == (3 * x).tolist()
        assert program(x, x[:, None]).tolist() == (3 * x).tolist()
        with pytest.raises(ValueError, match="different numbers of examples"):
            program(x, np.ones(m + 1))
    assert len(program._all.fitting) <= 3
