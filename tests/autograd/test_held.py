"""Leaves whose numbers an array has: whoever looks at one, writes to it or computes with it sees no difference."""

import copy
import gc
import pickle
import random
import threading
import weakref

import numpy as np
import pytest
from interrupts import at_every_line

import nn
from autograd import Value, parameter, record
from autograd.leaves.exchange import Exchange
from autograd.leaves.held import Held

X, Y = np.array([0.5, -1.5, 2.0]), np.array([1.0, 0.0, -2.0])


def loss(w, b, c):
    return lambda x, y: (w * x + b * c - y) ** 2


def made(kind=parameter):
    return [kind(0.7, "w"), kind(-0.3, "b"), kind(1.1, "c")]


def held(leaves=None):
    """Leaves that have been through a program, and its gradients."""
    leaves = made() if leaves is None else leaves
    program = record(loss(*leaves), 0.0, 0.0, parameters=leaves)
    program.backward(X, Y)
    assert {type(leaf) for leaf in leaves} == {Held}
    return leaves, program


def eager_step(leaves):
    """What ``program.backward`` does, with a graph for each example."""
    w, b, c = leaves
    total = sum((loss(w, b, c)(Value(x), Value(y)) for x, y in zip(X, Y, strict=True)), Value(0.0)) / len(X)
    total.backward()
    return total.data


def numbers(leaves):
    return [(leaf.data, leaf.grad, leaf.has_grad, leaf.label) for leaf in leaves]


def close(got, want):
    for (data, grad, *rest), (data_, grad_, *rest_) in zip(got, want, strict=True):
        assert data == pytest.approx(data_, rel=1e-12)
        assert grad == pytest.approx(grad_, rel=1e-10, abs=1e-13)
        assert rest == rest_


def test_a_program_holds_its_parameters_until_somebody_looks():
    leaves, program = held()
    w, twins = leaves[0], made()
    eager_step(twins)
    assert w.grad == pytest.approx(twins[0].grad, rel=1e-12)
    assert {type(leaf) for leaf in leaves} == {Value}
    close(numbers(leaves), numbers(twins))
    program.value_and_grad(X, Y)
    assert {type(leaf) for leaf in leaves} == {Held}


def test_what_is_no_gradient_yet_stays_none():
    leaves = made()
    record(loss(*leaves), 0.0, 0.0, parameters=leaves).value_and_grad(X, Y)
    assert type(leaves[0]) is Held
    assert not any(leaf.has_grad for leaf in leaves)
    leaves[1].grad = None
    assert [leaf.grad for leaf in leaves] == [0.0] * 3


@pytest.mark.parametrize(
    "look",
    [
        lambda w: w.data,
        lambda w: w.grad,
        lambda w: w.has_grad,
        lambda w: repr(w) and str(w) and f"{w:.3f}",
        lambda w: w + 1.0,
        lambda w: 1.0 + w,
        lambda w: w * w,
        lambda w: Value(2.0) * w,
        lambda w: -w,
        lambda w: w**2,
        lambda w: w.tanh(),
        lambda w: w > 0,
        lambda w: np.exp(w),
        lambda w: np.array([1.0, 2.0]) * w,
        lambda w: copy.copy(w),
        lambda w: copy.deepcopy(w),
        lambda w: pickle.loads(pickle.dumps(w)),
        lambda w: setattr(w, "data", w.data),
        lambda w: setattr(w, "grad", w.grad),
    ],
)
def test_a_look_is_at_the_numbers_of_now(look):
    leaves, _ = held()
    optimizer = nn.SGD(leaves, lr=0.1)
    optimizer.step()
    assert type(leaves[0]) is Held
    twins = made()
    eager_step(twins)
    for leaf in twins:
        leaf.data -= 0.1 * leaf.grad
    seen = look(leaves[0])
    assert {type(leaf) for leaf in leaves} == {Value}, "whoever looks has them back"
    if isinstance(seen, Value):
        assert type(seen) is Value
        assert seen.data == pytest.approx(look(twins[0]).data, rel=1e-12)
    close(numbers(leaves), numbers(twins))


def test_it_is_shown_as_a_value():
    leaves, _ = held()
    assert type(leaves[0]).__name__ == "Value"
    assert repr(leaves[0]).startswith("Value(data=0.7, grad=")
    assert isinstance(held()[0][0], Value)


def test_a_graph_that_was_made_before_can_be_copied_and_walked_back():
    leaves, program = held()
    w, b, c = leaves
    root = w * b + c
    program.backward(X, Y)
    for twin in (copy.deepcopy(root), pickle.loads(pickle.dumps(root))):
        assert {type(node) for node in (twin, *twin.inputs)} == {Value}
    program.backward(X, Y)
    before = w.grad, b.grad, c.grad
    program.value_and_grad(X, Y)
    root.backward()
    assert [leaf.grad - g for leaf, g in zip(leaves, before, strict=True)] == pytest.approx([-0.3, 0.7, 1.0], rel=1e-9)


def test_what_is_stored_on_a_leaf_stays():
    leaves, program = held()
    leaves[0].note = "mine"
    program.backward(X, Y)
    assert leaves[0].note == "mine"
    assert copy.deepcopy(leaves[0]).note == "mine"


def test_leaves_of_a_class_of_somebodys_own_are_not_held():
    class Mine(Value):
        pass

    leaves = made(Mine)
    record(loss(*leaves), 0.0, 0.0, parameters=leaves).backward(X, Y)
    assert {type(leaf) for leaf in leaves} == {Mine}
    twins = made()
    eager_step(twins)
    close(numbers(leaves), numbers(twins))


def test_an_optimiser_steps_on_the_array_of_the_program():
    leaves, program = held()
    optimizer = nn.Adam(leaves, lr=0.01)
    twins = made()
    other = nn.Adam(twins, lr=0.01)
    for k in range(5):
        optimizer.zero_grad()
        program.backward(X, Y)
        optimizer.step()
        assert {type(leaf) for leaf in leaves} == {Held}, k
        other.zero_grad()
        eager_step(twins)
        other.step()
    close(numbers(leaves), numbers(twins))


@pytest.mark.parametrize("order", [[2, 0, 1], [0, 1], [2], [0, 1, 2, 3]])
def test_an_optimiser_of_other_leaves_shares_the_array(order):
    leaves = [*made(), parameter(5.0, "unused")]
    program = record(loss(*leaves[:3]), 0.0, 0.0, parameters=leaves[:3])
    chosen = [leaves[k] for k in order]
    optimizer = nn.SGD(chosen, lr=0.1)
    twins = [*made(), parameter(5.0, "unused")]
    other = nn.SGD([twins[k] for k in order], lr=0.1)
    for k in range(4):
        program.backward(X, Y)
        optimizer.step()
        assert k == 0 or {type(leaf) for leaf in chosen} == {Held}
        optimizer.zero_grad()
        eager_step(twins[:3])
        other.step()
        other.zero_grad()
    got, want = numbers(leaves), numbers(twins)
    close(got[:3], want[:3])
    assert got[3][:2] == want[3][:2]


def test_two_programs_with_some_leaves_in_common():
    (w, b, c), twins = made(), made()
    one = record(lambda x: w * x + b, 0.0, parameters=[w, b])
    two = record(lambda x: b * x * c, 0.0, parameters=[c, b])
    for _ in range(3):
        one.backward(X)
        two.backward(X)
        for leaf in (w, b, c):
            leaf.data -= 0.1 * leaf.grad
    v, a, d = twins
    for _ in range(3):
        for f in (lambda x: v * x + a, lambda x: a * x * d):
            (sum((f(Value(x)) for x in X), Value(0.0)) / 3).backward()
        for leaf in twins:
            leaf.data -= 0.1 * leaf.grad
    close(numbers((w, b, c)), numbers(twins))


def actions(leaves):
    """What one can do with three leaves, each by its name; two programs, with all of them and with some."""
    w, b, c = leaves
    program = record(loss(w, b, c), 0.0, 0.0, parameters=[w, b, c])
    line = record(lambda x: w * x + b, 0.0, parameters=[b, w])
    optimizer = nn.SGD(leaves, lr=0.05, momentum=0.5)
    some = nn.SGD([c, w], lr=0.05)

    def by_hand():
        for leaf in leaves:
            leaf.data -= 0.01 * leaf.grad

    def eager_line():
        (sum((w * Value(x) + b for x in X), Value(0.0)) / 3).backward()

    return {
        "step": optimizer.step,
        "zero": optimizer.zero_grad,
        "some": some.step,
        "some zero": some.zero_grad,
        "by hand": by_hand,
        "set": lambda: setattr(b, "data", b.data * 0.5),
        "forget": lambda: setattr(c, "grad", None),
        "look": lambda: (w.data, c.grad),
        "copy": lambda: copy.deepcopy(w * c),
        "program": (lambda: program.backward(X, Y), lambda: eager_step(leaves)),
        "line": (lambda: line.backward(X), eager_line),
        "value": (lambda: program.value_and_grad(X, Y), lambda: None),
        "eager": lambda: eager_step(leaves),
    }


@pytest.mark.parametrize("seed", range(40))
def test_eager_and_program_mixed_in_any_order(seed):
    """The twins do the same with graphs alone."""
    leaves, twins = made(), made()
    ours, theirs = actions(leaves), actions(twins)
    rng = random.Random(seed)
    for _ in range(60):
        name = rng.choice(list(ours))
        one, other = ours[name], theirs[name]
        (one[0] if isinstance(one, tuple) else one)()
        (other[1] if isinstance(other, tuple) else other)()
        if rng.random() < 0.2:
            close(numbers(leaves), numbers(twins))
    close(numbers(leaves), numbers(twins))


@pytest.mark.parametrize("opcodes", [False, True])
@pytest.mark.parametrize("method", ["set_data", "set_grads", "add_grads"])
def test_an_interrupt_finds_all_leaves_set_or_none(method, opcodes):
    def make():
        both = Exchange(made())
        both.hold()
        both.set_grads([4.0, 5.0, 6.0])
        return both

    def look(both):
        return [(v.data, v.grad) for v in both.leaves]

    def act(both):
        getattr(both, method)([7.0, 8.0, 9.0])

    assert at_every_line(make, act, look, opcodes) > 3
    at_every_line(make, Exchange.zero_grads, look, opcodes)


@pytest.mark.parametrize("opcodes", [False, True])
def test_an_interrupt_while_leaves_are_taken_or_given_back_loses_nothing(opcodes):
    def make():
        leaves = made()
        one, other = Exchange(leaves[:2]), Exchange(leaves[1:])
        one.set_grads([1.0, 2.0])
        one.hold()
        one.set_data([3.0, 4.0])
        return one, other

    def take(pair):
        pair[1].hold()

    def look(pair):
        return [(v.data, v.grad, v.has_grad) for v in (*pair[0].leaves, pair[1].leaves[1])]

    assert at_every_line(make, take, look, opcodes) > 10
    assert at_every_line(make, lambda pair: pair[0].leaves[0].data, look, opcodes) > 3


def test_threads_that_look_while_another_trains():
    leaves = [parameter(0.1 * k, f"w{k}") for k in range(200)]
    program = record(lambda x: sum(((w - x) ** 2 for w in leaves[1:]), leaves[0] * x), 0.0, parameters=leaves)
    optimizer = nn.SGD(leaves, lr=0.01)
    done = threading.Event()
    wrong = []

    def look():
        while not done.is_set():
            k = random.randrange(200)
            if not isinstance(leaves[k].data, float) or type(leaves[k].grad) is not float:
                wrong.append(k)

    watchers = [threading.Thread(target=look) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    for _ in range(100):
        optimizer.zero_grad()
        program.backward(X)
        optimizer.step()
    done.set()
    for watcher in watchers:
        watcher.join()
    assert not wrong
    theta = np.array([0.1 * k for k in range(200)])
    for _ in range(100):
        theta = theta - 0.01 * np.array([X.mean(), *(2 * (theta[1:] - X.mean()))])
    np.testing.assert_allclose([leaf.data for leaf in leaves], theta, rtol=1e-10)


def test_nothing_is_kept_alive():
    leaves, program = held()
    optimizer = nn.SGD(leaves, lr=0.1)
    optimizer.step()
    gone = [weakref.ref(thing) for thing in (leaves[0], program, optimizer)]
    del leaves, program, optimizer
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3
