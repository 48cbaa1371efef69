"""Programs on several cores: the same numbers as on one, and nothing left behind."""

import math
import signal
import threading

import numpy as np
import pytest
from random_graphs import corpus, recipe

from autograd import log, parameter, record, relu, take
from autograd.program.executors import threaded

SIZES = (1, 2, 7, 100, 1000)


@pytest.fixture(params=["numpy", "numba"])
def executor(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch):
    """Two examples go to two threads."""
    monkeypatch.setattr(threaded, "LEAST_NUMBERS", 1)


@pytest.mark.parametrize("threads", [2, 3, 8])
@pytest.mark.parametrize("seed", corpus(10))
def test_random_graphs_as_one_thread_computes_them(seed, threads, executor):
    made = recipe(seed)
    nodes, root = made.build()
    half = len(nodes) // 2
    program = record(root, inputs=nodes[half:], parameters=nodes[:half])
    one, some = program.using(executor), program.using(executor, threads=threads)
    x = np.random.default_rng(seed).normal(made.leaves[half:], 1e-4, (1000, len(nodes) - half))
    for m in SIZES:
        columns = x[:m].T
        np.testing.assert_allclose(some(*columns), one(*columns), rtol=1e-12)
        (value, grads), (want, want_grads) = some.value_and_grad(*columns), one.value_and_grad(*columns)
        np.testing.assert_allclose(value, want, rtol=1e-12)
        np.testing.assert_allclose(grads, want_grads, rtol=1e-12, atol=1e-14 * abs(want_grads).max())


@pytest.fixture
def line():
    w = parameter(2.0, "w")
    return record(lambda x: w * x, 1.0)


def test_each_time_the_same_bits(line, executor):
    program = line.using(executor, threads=3)
    x = np.random.default_rng(0).normal(size=1001)
    first = program.value_and_grad(x)
    for _ in range(20):
        again = program.value_and_grad(x)
        assert (again[0], again[1].tolist()) == (first[0], first[1].tolist())


def test_every_thread_has_its_part(line, executor):
    """The k-th executor gets the k-th part of the examples, in sizes that differ by one at most."""
    program = line.using(executor, threads=4)
    program([1.0])
    [recording] = program.recordings.values()
    run = recording.executor(program.engine)
    parts = run._each(
        lambda executor, columns, m: (executor, columns[0][:, 0].tolist(), m), [np.arange(10.0)[:, None]], 10
    )
    assert [part[1:] for part in parts] == [([0, 1], 2), ([2, 3, 4], 3), ([5, 6], 2), ([7, 8, 9], 3)]
    assert [part[0] for part in parts] == list(run.executors)


def test_few_examples_stay_in_one_thread(line, executor, monkeypatch):
    monkeypatch.undo()
    program = line.using(executor, threads=2)
    monkeypatch.setattr(threaded, "pairwise", lambda bounds: pytest.fail("parts") if len(bounds) > 2 else [bounds])
    assert program(np.ones(100)).tolist() == [2.0] * 100


def test_lists_and_extras(executor):
    w = parameter(3.0)
    program = record(lambda x: (w * x, [x, x * x]), 1.0, aux=True).using(executor, threads=2)
    (value, extras), grads = program.value_and_grad([1.0, 2.0, 3.0, 4.0])
    assert (value, extras.tolist()) == (7.5, [[1.0, 1.0], [2.0, 4.0], [3.0, 9.0], [4.0, 16.0]])
    assert grads.tolist() == [2.5]


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_an_index_that_is_none_in_any_part(wrong, executor):
    w = parameter(1.0)
    program = record(lambda x, k: w * take(x, k), [0.0] * 3, 0.0).using(executor, threads=3)
    k = np.ones(3)
    k[wrong] = 7.0
    for run in (program, program.value_and_grad):
        with pytest.raises(IndexError, match="whole number from 0 to 2, got 7"):
            run(np.ones((3, 3)), k)
    assert program(np.ones((3, 3)), np.ones(3)).tolist() == [1.0] * 3


@pytest.mark.parametrize("at", [0, 2])
def test_what_is_not_finite_in_any_part(at, executor):
    """What a mask cuts off is nothing; what flows through is inf."""
    w = parameter(0.0)
    x = np.ones(3)
    x[at] = -1.0
    masked = record(lambda x: relu(log(x + w)), 1.0).using(executor, threads=3)
    plain = record(lambda x: log(x * x + w), 1.0).using(executor, threads=3)
    value, grads = masked.value_and_grad(x + 1)
    np.testing.assert_allclose((value, *grads), (2 * math.log(2) / 3, 1 / 3), rtol=1e-12)
    value, grads = plain.value_and_grad(x + 1)
    assert (value, grads.tolist()) == (-math.inf, [math.inf])


def test_no_thread_is_left(line, executor):
    before = threading.active_count()
    line.using(executor, threads=4).value_and_grad(np.ones(100))
    assert threading.active_count() == before


def test_an_interrupt_waits_for_the_other_threads(line, executor, monkeypatch):
    """Then the program goes on as if nothing had been."""
    program = line.using(executor, threads=2)
    program([1.0])
    [recording] = program.recordings.values()
    first, second = recording.executor(program.engine).executors
    ended = []

    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    def slow(*_: object) -> None:
        threading.Event().wait(0.05)
        ended.append(True)

    with monkeypatch.context() as patch:
        patch.setattr(first, "outputs", interrupted)
        patch.setattr(second, "outputs", slow)
        with pytest.raises(KeyboardInterrupt):
            program([1.0, 2.0])
    assert ended == [True]
    assert program([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_several_threads_may_call(line, executor):
    program = line.using(executor, threads=2)
    wrong = []

    def replay(k: int) -> None:
        x = np.arange(50.0) + k
        for _ in range(50):
            if not np.array_equal(program(x), 2 * x) or program.value_and_grad(x)[1][0] != x.mean():
                wrong.append(k)

    callers = [threading.Thread(target=replay, args=(k,)) for k in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert wrong == []


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2", None])
def test_threads_are_counted(threads, line):
    with pytest.raises(ValueError, match="threads are counted 1, 2, …, not"):
        line.using("numpy", threads=threads)
