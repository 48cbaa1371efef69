"""The references of ``benchmarks`` compute what they are to be measured by."""

import math

import numpy as np
import pytest

import autograd
from autograd import Value
from benchmarks import gpt, plain
from benchmarks.plain import Plain

EXPRESSIONS = {
    "sums, products, powers": lambda _, a, b: a + b * a - 3 * b**2 + (a * b) ** -1.5 + 2,
    "a node used twice": lambda _, a, b: (a + a) * (a * b) + b * b,
    "functions": lambda _, a, b: (a * b).exp() + (a + b).log() + a.relu() + (b * -1).relu(),
    "dot": lambda engine, a, b: engine.dot([a, b, a], [b, b, a]),
    "softmax": lambda engine, a, b: engine.softmax([a, a * b, b])[1],
    "logsumexp": lambda engine, a, b: engine.logsumexp([a + 1000, a * b + 1000, b + 1000]),
    "take": lambda engine, a, b: engine.take([a, a * b, b], 1) * a,
    "sum": lambda engine, a, b: engine.sum([a, a * b, b, a]),
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_plain_computes_what_value_computes(expression):
    nodes = [[kind(0.7), kind(1.3)] for kind in (Plain, Value)]
    roots = [expression(engine, *leaves) for engine, leaves in zip((plain, autograd), nodes, strict=True)]
    assert roots[0].data == pytest.approx(roots[1].data, rel=1e-12, abs=0)
    for root in roots:
        root.backward()
    for p, v in zip(*nodes, strict=True):
        assert v.grad != 0
        assert p.grad == pytest.approx(v.grad, rel=1e-12, abs=0)


def loss_and_gradients(engine, name):
    parameters = [engine.parameter(x) for x in gpt.initial_parameters().tolist()]
    root = gpt.loss(engine, gpt.matrices(parameters), *gpt.encoded(name))
    root.backward()
    return root.data, np.array([p.grad for p in parameters])


def assert_same(got, want):
    assert got[0] == pytest.approx(want[0], rel=1e-9, abs=0)
    np.testing.assert_allclose(got[1], want[1], rtol=1e-9, atol=1e-16)


def test_the_gpt_is_the_same_with_plain_nodes_and_with_values():
    loss, gradients = want = loss_and_gradients(autograd, "ada")
    assert loss == pytest.approx(math.log(27), rel=0.1)  # it knows nothing yet
    rows = len(gpt.LETTERS) + 1
    embedding = gradients[: rows * gpt.WIDTH].reshape(rows, gpt.WIDTH)
    assert set(np.flatnonzero(embedding.any(axis=1))) == {0, 3, gpt.BOUNDARY}  # a, d
    assert_same(loss_and_gradients(plain, "ada"), want)


def test_the_gpt_learns_a_name():
    step = gpt.node_by_node(autograd, 20)
    losses = [step(*gpt.encoded("ada")) for _ in range(10)]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("way", [gpt.on_an_array, gpt.on_values])
def test_the_recorded_gpt_trains_as_the_one_built_node_by_node(way):
    program = gpt.recorded()
    recorded, eager = way(program, 10), gpt.node_by_node(autograd, 10)
    for name in ("ada", "bo", "ida"):
        tokens, targets = gpt.encoded(name)
        assert recorded([tokens], [targets]) == pytest.approx(eager(tokens, targets), rel=1e-9, abs=0)
    assert len(program.recordings) == 3  # of one token, when it was made; of "ada" and "ida", of "bo"


def test_the_recorded_gpt_has_the_gradients_of_the_one_built_node_by_node():
    example = gpt.batch(gpt.encoded("ada"))
    assert_same(gpt.recorded().value_and_grad(*example), loss_and_gradients(autograd, "ada"))


def test_a_name_longer_than_the_model_sees_is_cut_off():
    tokens, targets = gpt.encoded("abcdefghijklmnopqrst")
    assert tokens == [gpt.BOUNDARY, *range(15)]
    assert targets == list(range(16))


def test_names_from_a_file(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("Ada\nbo\n", encoding="utf-8")
    assert sorted(gpt.names_from(file)) == ["ada", "bo"]
    file.write_text("ada\nzoë\n", encoding="utf-8")
    with pytest.raises(ValueError, match="written with the letters a to z, not 'zoë'"):
        gpt.names_from(file)


def test_made_up_names():
    names = gpt.made_up_names()
    assert names == gpt.made_up_names()
    assert len(set(names)) == len(names) == 600
    assert {len(name) for name in names} == set(range(3, 13))
    assert all(set(name) <= set(gpt.LETTERS) for name in names)
