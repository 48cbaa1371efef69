"""A Value among Python's own habits: equality, formats, conversions, attributes, subclasses, pickle."""

import copy
import decimal
import gc
import math
import pickle
import sys
import tracemalloc
import weakref

import pytest

import autograd
from autograd import Constant, Value, dot, graph, parameter, scope
from autograd.table.ops import OPS

# --- equality ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [33, 33.0, True, math.nan, 1j, decimal.Decimal(33)], ids=repr)
def test_equality_with_a_number_is_refused_with_what_to_write(number):
    c = Value(33.0, "c")
    attempts = {
        "==": [lambda: c == number, lambda: number == c, lambda: c in [number], lambda: [number].index(c)],
        "!=": [lambda: c != number, lambda: number != c],
    }
    for sign, several in attempts.items():
        for attempt in several:
            with pytest.raises(TypeError, match=rf"{sign} .*to compare the numbers write v\.data {sign} "):
                attempt()


def test_a_guard_that_was_silently_false():
    c = Value(33.0)
    assert c <= 33 <= c
    with pytest.raises(TypeError, match=r"equals itself only, so this would never be true"):
        1 / (c - 33.0) if c == 33 else 0.0


def test_a_node_equals_itself_and_nothing_that_is_no_number():
    a, b = Value(1.0), Value(1.0)
    assert a == a
    assert a != b
    assert a in [b, a]
    assert [b, a].index(a) == 1
    assert len({a, b}) == 2
    for other in (None, "1.0", [1.0], object()):
        assert not (a == other)  # noqa: SIM201 (both operators are meant)
        assert a != other


# --- as a number --------------------------------------------------------------------------------------------


def test_formats_show_the_number():
    v = Value(2.0, "v") / 3.0
    assert f"{v:.3f} {v:>8.2g}|" == "0.667     0.67|"
    assert "%.3f" % v == "0.667"  # noqa: UP031
    assert "%s has %5.1f and %d" % ("v", v, v * 6.0) == "v has   0.7 and 4"  # noqa: UP031
    text = "%.1e"
    text %= v
    assert text == "6.7e-01"
    assert format(v) == f"{v}" == str(v) == "Value(data=0.6666666666666666, grad=0.0)"
    assert (round(v, 2), round(v), type(round(v))) == (0.67, 1, int)
    with pytest.raises(ValueError, match="Unknown format code"):
        f"{v:d}"


@pytest.mark.parametrize(
    "convert",
    [
        float,
        int,
        complex,
        math.exp,
        math.floor,
        math.isnan,
        lambda v: v.item(),
        lambda v: [1, 2][v],
        lambda v: 3 + float(v),
    ],
)
def test_what_would_drop_the_graph_is_refused_with_what_to_write(convert):
    with pytest.raises(TypeError, match=r"write v\.data for the number, or a function of autograd|must be integers"):
        convert(Value(2.0, "v"))


def test_float_is_refused_beside_a_remainder_too():
    v = Value(2.0)
    with pytest.raises(TypeError, match=r"float of Value\(data=2.0, grad=0.0\) would leave the graph"):
        7.0 % float(v)


def test_a_number_as_gradient_of_the_root():
    x, y = Value(3.0), Value(2.0)
    z = x * y
    z.backward(0.5)
    z.backward(seed=2)
    assert (x.grad, y.grad, z.grad) == (5.0, 7.5, 2.0)
    with pytest.raises(TypeError, match="expected a real number, got 'x'"):
        z.backward("x")
    assert (x.grad, y.grad) == (5.0, 7.5)


# --- attributes, weak references, subclasses -----------------------------------------------------------------


def test_anything_may_be_stored_on_a_node():
    p = parameter(0.5, "p")
    z = p * 2.0
    p.m = p.velocity = 0.0
    z._vis_color = "red"
    assert (p.m, p.velocity, z._vis_color) == (0.0, 0.0, "red")
    twin = copy.deepcopy(z)
    assert twin._vis_color == "red"
    assert twin.inputs[0].m == 0.0
    assert weakref.ref(z)() is z
    with pytest.raises(AttributeError, match="momentum"):
        p.momentum  # noqa: B018


def test_a_node_without_extras_takes_no_more_memory():
    def nodes(count):
        y = Value(1.0)
        for _ in range(count):
            y = y * 0.999
        return y

    nodes(10).extra = 1
    gc.collect()
    tracemalloc.start()
    try:
        keep = nodes(20_000)
        assert round(tracemalloc.get_traced_memory()[0] / 20_000) <= 160
    finally:
        tracemalloc.stop()
    assert keep.op is OPS["*"]


class Measured(Value):
    """A Value with a unit."""

    def in_metres(self):
        return f"{self.data:g} m"


def test_a_subclass_is_kept_through_operations():
    x, y = Measured(3.0, "x"), Value(2.0)
    results = [x + y, y + x, x * y, y * x, x - 1, 1 - x, x / y, 2**x, -x, abs(x), x.tanh(), autograd.maximum(y, x)]
    results += [x + 1, 1 + x, 2.0 * x, autograd.sum([y, x]), dot([y, 1.0], [2.0, x]), autograd.where(1, y, x), x + x]
    for z in results:
        assert type(z) is Measured
        x.grad = 0.0
        z.backward()
    assert (x * y).in_metres() == "6 m"
    assert type(y * y) is type(Constant(1.0) * y) is type(Constant(2.0) + Constant(1.0)) is Value
    assert type(Constant(2.0) * x) is Measured


def test_a_subclass_may_build_upon_an_operator():
    class Counting(Value):
        count = 0

        def __mul__(self, other):
            Counting.count += 1
            return super().__mul__(other)

    x = Counting(3.0)
    assert type(x * x * 2.0) is Counting
    assert Counting.count == 2


def test_a_masked_node_of_a_subclass_starts_afresh_too():
    x = Measured(-2.0)
    y = x * 3.0
    y.backward()
    autograd.sum([y.relu(), Value(1.0)]).backward()
    assert (y.grad, x.grad) == (0.0, 3.0)


# --- micrograd's own way to make a node ------------------------------------------------------------------------


def test_a_node_made_by_hand_says_how_an_operation_is_declared():
    x = Value(0.5)
    for attempt in (
        lambda: Value(math.tanh(0.5), (x,), "tanh"),
        lambda: Value(1.0, (x, x)),
        lambda: Value(1.0, "", "tanh"),
        lambda: Value(1.0, _children=(x,), _op="tanh", label="o"),
    ):
        with pytest.raises(
            TypeError, match=r'makes a leaf, .*autograd\.operation\("cube", "x", "x\*\*3", \["3\*x\*\*2"\]\)'
        ):
            attempt()
    y = x.tanh()
    with pytest.raises(AttributeError, match=r"no function to run backward: an operation of your own is declared once"):
        y._backward = lambda: None


# --- pickle ------------------------------------------------------------------------------------------------------


def test_pickle_keeps_what_is_shared():
    w = parameter(0.5, "w")
    w.m = 1.5
    with scope("layer"):
        u = w * 2.0 + 1.0
        u.label = "u"
        y = autograd.sum([u.tanh(), u * u, 3.0, w])
    y.backward()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for order in ([w, u, y], [y, u, w], [u, y, w]):
            twins = pickle.loads(pickle.dumps(order, protocol))
            twin_w, twin_u, twin_y = (twins[order.index(v)] for v in (w, u, y))
            assert len(graph.topological(twin_y)) == len(graph.topological(y))
            assert graph.leaves(twin_y) == [twin_w]
            assert twin_u in graph.topological(twin_y)
            assert (twin_w.m, twin_w.kind, twin_w.label) == (1.5, "parameter", "w")
            assert (twin_u.label, twin_u.scope, twin_u.grad) == ("u", "layer", u.grad)
            twin_y.backward()
            assert twin_w.grad == 2 * w.grad


def test_pickle_does_not_recurse():
    x = Value(0.5, "x")
    y = x
    for _ in range(20_000):
        y = y * 1.0001 + x
    assert sys.getrecursionlimit() < 20_000
    twin = pickle.loads(pickle.dumps(y))
    assert twin.data == y.data
    twin.backward()
    y.backward()
    assert graph.leaves(twin)[0].grad == x.grad


def test_what_is_stored_on_nodes_may_lead_anywhere():
    x = Value(2.0)
    y = (x * 3.0).exp()
    x.root, y.self = y, y
    twin = pickle.loads(pickle.dumps(y))
    assert twin.self is twin
    assert graph.leaves(twin)[0].root is twin


def test_a_dump_that_breaks_off_leaves_the_next_one_whole():
    x = Value(2.0)
    y = x
    for _ in range(3_000):
        y = y + 1.0
    x.unpicklable = lambda: None
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(y)
    del x.unpicklable
    assert pickle.loads(pickle.dumps(y.inputs[0])).data == y.data - 1.0


def test_a_shallow_copy_has_the_same_inputs():
    x = Value(2.0, "x")
    y = x * 3.0
    twin = copy.copy(y)
    assert twin is not y
    assert (twin.inputs[0], twin.data, twin.op) == (x, 6.0, OPS["*"])


def test_copies_and_pickles_make_no_room_for_attributes_that_nobody_stored():
    y = Value(1.0)
    for _ in range(5_000):
        y = y * 0.999
    pickle.dumps(copy.deepcopy(Value(1.0)))  # imports what it needs
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        pickle.dumps(copy.deepcopy(y))
        assert tracemalloc.get_traced_memory()[0] - before < 5_000 * 60
    finally:
        tracemalloc.stop()


PRODUCT = (  # of Value(2.0, "a") and parameter(3.0, "b"), after backward(), by protocol 0
    b"cautograd.pickling\n_made\np0\n(cautograd.pickling\n_nothing\np1\n(tRp2\ncautograd.value\nValue\np3\n"
    b"cautograd.ops\nnamed\np4\n(V*\np5\ntp6\nRp7\nF6.0\nF1.0\nNg0\n(Ng3\nNF2.0\nF3.0\n(Va\np8\nV\np9\ntp10\n"
    b"Vinput\np11\nNNNtp12\nRp13\nF3.0\ng0\n(Ng3\nNF3.0\nF2.0\n(Vb\np14\ng9\ntp15\nVparameter\np16\nNNNtp17\n"
    b"Rp18\nF2.0\ntp19\nRp20\n."
)


def test_a_pickle_of_when_the_table_was_autograd_ops():
    y = pickle.loads(PRODUCT)
    assert (y.op, y.data, y.grad, y.local_derivatives) == (OPS["*"], 6.0, 1.0, (3.0, 2.0))
    assert [(v.label, v.kind, v.data, v.grad) for v in y.inputs] == [
        ("a", "input", 2.0, 3.0),
        ("b", "parameter", 3.0, 2.0),
    ]
