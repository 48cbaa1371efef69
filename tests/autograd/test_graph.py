"""Walking a graph, and graphs too deep for recursion."""

import copy
import gc
import random
import sys
import weakref

import pytest

import autograd
from autograd import Value, detect_anomaly, graph, parameter, paused_gc


def diamonds(levels):
    """2**levels paths from root to leaf."""
    x = Value(1.0)
    y = x
    for _ in range(levels):
        y = (y + y) * 0.5
    return x, y


def test_topological_order_has_every_node_once_and_after_its_inputs():
    rng = random.Random(0)
    nodes = [Value(rng.random()) for _ in range(5)]
    for _ in range(300):
        nodes.append(autograd.sum(rng.choices(nodes, k=3)) * rng.choice(nodes))
    root = autograd.sum(nodes)
    order = graph.topological(root)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert set(nodes) <= set(order)
    assert order[-1] is root
    assert all(place[v] < place[node] for node in order for v in node.inputs)


def test_constants_are_left_out_unless_asked_for():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    root = 3 * (a + b) - 1
    assert [n.kind for n in graph.topological(root)] == ["input", "input", "result", "result", "result"]
    assert sum(n.kind == "constant" for n in graph.topological(root, constants=True)) == 2
    assert [n.kind for n in graph.topological(root)] == ["input", "input", "result", "result", "result"]


def test_statistics():
    w, x = parameter(0.5, "w"), Value(2.0, "x")
    root = (w * x + w).tanh() * w + 1
    assert graph.leaves(root) == [w, x]
    assert graph.parameters(root) == [w]
    assert graph.count_ops(root) == {"*": 2, "+": 2, "tanh": 1}
    assert graph.depth(root) == 5
    assert graph.depth(w) == 0
    assert graph.users(root)[w] == 3
    assert graph.users(x + x)[x] == 2


def test_operations_are_counted_most_frequent_first_and_equals_in_order_of_use():
    x = Value(2.0, "x")
    root = (x.tanh() * x + x * x - x.exp()) * 3.0 - x.sin()
    assert list(graph.count_ops(root).items()) == [("*", 3), ("-", 2), ("tanh", 1), ("+", 1), ("exp", 1), ("sin", 1)]
    assert list(graph.count_ops(x.exp() - x * x - x)) == ["-", "exp", "*"]  # not in order of use


def test_diamonds_are_walked_once():
    x, y = diamonds(1000)
    y.backward()
    assert x.grad == 1.0
    assert len(graph.topological(y)) == 2001
    assert graph.depth(y) == 2000


@pytest.fixture(scope="module")
def chain():
    """A million operations deep, many times what recursion could do."""
    x = Value(1.0, "x")
    y = x
    with paused_gc():
        for _ in range(500_000):
            y = y * 0.5 + 1.0
    return x, y


def test_paused_gc_ends_with_the_block_and_leaves_a_disabled_collector_alone():
    assert gc.isenabled()
    with paused_gc(), paused_gc():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), paused_gc():
        1 / 0  # noqa: B018
    assert gc.isenabled()
    gc.disable()
    try:
        with paused_gc():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_graph_is_freed_without_the_collector():
    x = Value(2.0)
    with paused_gc():
        y = autograd.sum([x * x, x.exp(), x]) ** 2 / 3.0
        y.backward()
        assert y.inputs
        gone = weakref.ref(x)
        del x, y
        assert gone() is None


def test_a_million_node_chain(chain):
    x, y = chain
    assert len(graph.topological(y)) == 1_000_001
    assert graph.depth(y) == 1_000_000 > sys.getrecursionlimit()
    assert graph.count_ops(y) == {"+": 500_000, "*": 500_000}
    assert y.data == pytest.approx(2.0, rel=1e-15)
    y.backward()
    assert x.grad == 0.0  # 0.5**500000
    assert y.inputs[0].inputs[0].grad == 0.5


def test_a_long_chain_refreshes_copies_and_is_freed():
    x = Value(0.0)
    y = x
    for _ in range(20_000):
        y = y + 1.0
    x.data = 1.0
    assert len(graph.stale(y)) == 1
    y.refresh()
    assert y.data == 20_001.0
    twin = copy.deepcopy(y)
    assert twin.data == 20_001.0
    with detect_anomaly():
        y.backward()
    assert x.grad == 1.0
    del twin, y  # freeing recurses in no Python frame and in no C stack


def test_a_chain_of_list_operations_is_freed_too():
    y = Value(0.0)
    for _ in range(20_000):
        y = autograd.sum([y, 1.0, 2.0])
    y.backward()
    assert y.data == 60_000.0
    del y
