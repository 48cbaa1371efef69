"""softmax and log_softmax of many elements: made with linearly many edges, and exact to about 1e-12."""

import random

import mpmath as mp
import numpy as np
import pytest
from oracles import assert_close

import autograd
import nn
from autograd import Value, differentiate, dot, graph, log_softmax, logsumexp, parse, record, softmax, to_text
from autograd.functions import MANY


def numbers(n, scale=3.0):
    rng = random.Random(n)
    return [rng.gauss(0, scale) for _ in range(n)]


def probabilities(xs):
    powers = [mp.exp(x) for x in xs]
    total = mp.fsum(powers)
    return [power / total for power in powers]


def edges(*roots):
    root = autograd.sum(list(roots))
    return sum(len(node.inputs) for node in graph.topological(root)) - len(roots)


@pytest.mark.parametrize("n", [MANY + 1, 3000])
def test_the_edges_are_linear_in_the_number_of_elements(n):
    x = [Value(v) for v in numbers(n)]
    assert edges(*softmax(x)) == 4 * n
    assert edges(*log_softmax(x)) == 3 * n
    assert edges(logsumexp(x)) == n
    assert edges(nn.cross_entropy_with_logits(x, 1)) <= 5 * n
    assert edges(nn.cross_entropy_with_logits(x, Value(1.0))) <= 5 * n
    assert edges(nn.cross_entropy(softmax(x), 1)) <= 5 * n
    assert edges(differentiate(logsumexp(x), x[0]), *differentiate(dot(x, softmax(x)), x)) < 20 * n


def test_up_to_some_number_each_output_is_one_node():
    x = [Value(v) for v in numbers(MANY)]
    assert {y.op.name for y in softmax(x)} == {"softmax"}
    assert {y.op.name for y in log_softmax(x)} == {"log_softmax"}


@pytest.mark.parametrize("largest", [3.0, 1000.0])
@pytest.mark.parametrize("n", [MANY, MANY + 1, 300])
def test_values_against_mpmath(n, largest):
    xs = numbers(n)
    xs[:3] = [largest, -largest, largest - 1]
    with mp.workdps(600):
        exact = probabilities(map(mp.mpf, xs))
        for got, want in zip(softmax(xs), exact, strict=True):
            if want > 1e-300:
                assert_close(got, want, 1e-12)
            else:
                assert abs(got - want) < 1e-300
        for got, want in zip(log_softmax(xs), exact, strict=True):
            assert abs(got - mp.log(want)) <= 1e-12
    assert [y.data for y in softmax(map(Value, xs))] == softmax(xs)
    assert [y.data for y in log_softmax(map(Value, xs))] == log_softmax(xs)


@pytest.mark.parametrize("n", [MANY, 300])
def test_gradients_against_mpmath(n):
    xs, w = numbers(n), numbers(n + 7)[:n]
    x = [Value(v) for v in xs]
    with mp.workdps(60):
        p = probabilities(map(mp.mpf, xs))
        average = mp.fsum(u * v for u, v in zip(w, p, strict=True))
        dot(w, softmax(x)).backward()
        for leaf, w_i, p_i in zip(x, w, p, strict=True):
            assert_close(leaf.grad, p_i * (w_i - average), 1e-9)
            leaf.grad = 0
        dot(w, log_softmax(x)).backward()
        for leaf, w_i, p_i in zip(x, w, p, strict=True):
            assert_close(leaf.grad, w_i - p_i * mp.fsum(w), 1e-9)


def test_second_derivatives_against_mpmath():
    n = 300
    xs = numbers(n, 1.0)
    x = [Value(v, f"x{i}") for i, v in enumerate(xs)]
    with mp.workdps(60):
        p = probabilities(map(mp.mpf, xs))
        first = differentiate(logsumexp(x), x[0])
        for i, second in enumerate(differentiate(first, x)):
            assert_close(second.data, p[0] * ((i == 0) - p[i]), 1e-12)
        first = differentiate(softmax(x)[1], x[0])
        assert_close(first.data, -p[0] * p[1], 1e-12)
        for i, second in enumerate(differentiate(first, x)):
            assert_close(second.data, -p[0] * p[1] * ((i == 0) + (i == 1) - 2 * p[i]), 1e-11)


def test_a_program_of_many_elements():
    n = MANY + 1
    scale, rng = autograd.parameter(0.7, "s"), np.random.default_rng(0)

    def f(x):
        return softmax([scale * v for v in x])[0] + log_softmax(x)[1] * scale

    program = record(f, [0.0] * n)
    X = rng.normal(size=(5, n))
    mean, (gradient,) = program.value_and_grad(X)
    losses = []
    scale.grad = 0
    for row in X:
        loss = f([*map(Value, row)])
        loss.backward()
        losses.append(loss.data)
    assert mean == pytest.approx(np.mean(losses), rel=1e-12)
    assert gradient == pytest.approx(scale.grad / 5, rel=1e-12)


def test_formulas_of_many_elements():
    xs = {f"x{i}": v for i, v in enumerate(numbers(300))}
    root = parse(f"softmax([{', '.join(xs)}])[2]", **xs)
    assert root.data == pytest.approx(softmax([*xs.values()])[2], rel=1e-13)
    made = softmax([Value(v, name) for name, v in xs.items()])[2]
    assert to_text(made).startswith("exp(x2 - logsumexp([x0, x1, x2, ")
    assert parse(to_text(made), **xs).data == made.data


def test_numbers_among_many_values():
    xs = [Value(1.0), *numbers(MANY)]
    first, second, *_ = log_softmax(xs)
    assert isinstance(first, Value)
    assert isinstance(second, Value)
    assert (first + second).data == pytest.approx(sum(log_softmax([1.0, *xs[1:]])[:2]), rel=1e-15)
