"""Value: what it is made of, what it takes, what it refuses, and what accumulates."""

import copy
import math
import operator
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Constant, StaleGraphError, Value, graph, parameter, scope
from autograd.table.ops import OPS


def worked_example():
    """J = 3(a + bc) at a=5, b=3, c=2: docs/lectures.md, "Computation graphs"."""
    a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    return a, b, c, 3 * (a + b * c)


# --- a node -------------------------------------------------------------------------------------------


def test_a_leaf():
    v = Value(2, "v")
    assert (v.data, v.grad, v.op, v.inputs, v.local_derivatives, v.label) == (2.0, 0.0, None, (), (), "v")
    assert type(v.data) is float
    assert type(v.grad) is float
    assert not v.has_grad
    assert v.kind == "input"
    assert parameter(0.5, "w").kind == "parameter"


def test_a_result_keeps_its_inputs_in_order():
    a, b = Value(2), Value(3)
    assert (a - b).inputs == (a, b)
    assert (a * a).inputs == (a, a)
    assert autograd.where(1, a, b).inputs[1:] == (a, b)
    assert autograd.dot([a, b], [b, a]).inputs == (a, b, b, a)
    assert (a - b).kind == "result"
    assert (a - b).op is OPS["-"]
    assert a.tanh().op is OPS["tanh"]


def test_numbers_become_constants_that_carry_no_gradient():
    x = Value(4.0)
    y = 3 * x - 1.0
    (product, one) = y.inputs
    (three, same) = product.inputs
    assert same is x
    assert isinstance(three, Constant)
    assert (three.data, three.kind, one.data) == (3.0, "constant", 1.0)
    assert y.inputs[1] is one  # asked twice, the same node
    assert y.local_derivatives == (1.0, None)
    assert type((x * 3).local_derivatives[0]) is float
    y.backward()
    assert (x.grad, three.grad, three.has_grad) == (3.0, 0.0, False)


def test_a_constant_stays_one_in_another_expression():
    x = Value(4.0)
    three = (3 * x).inputs[0]
    for y in (three * x, x * three, three + x, autograd.dot([three], [x]), autograd.maximum(three, x)):
        y.backward()
        assert not three.has_grad
    z = three.exp() + three * three
    z.backward()
    assert not three.has_grad
    z.refresh()
    z.backward()
    assert not three.has_grad


def test_a_subclass_of_value_takes_part():
    class Named(Value):
        pass

    x, y = Named(3.0), Value(2.0)
    for z in (x * y, y * x, x + y, x.exp(), autograd.sum([x, y])):
        x.grad = 0
        z.backward()
        assert x.grad != 0


@pytest.mark.parametrize(
    "number",
    [2, 2.0, True, Fraction(1, 3), np.float64(2), np.float32(0.1), np.int64(-3), np.bool_(True), np.float16(0.5)],
    ids=lambda n: type(n).__name__,
)
def test_numbers_convert(number):
    want = float(number)
    x = Value(1.5)
    assert Value(number).data == want
    results = [x + number, number + x, x * number, number * x, x - number, number - x, x / number, number / x]
    wants = [1.5 + want, want + 1.5, 1.5 * want, want * 1.5, 1.5 - want, want - 1.5, 1.5 / want, want / 1.5]
    results += [x**number, number**x, autograd.maximum(x, number), autograd.where(number, x, number)]
    wants += [1.5**want, want**1.5, max(1.5, want), 1.5] if want > 0 else [1.5**want, math.nan, max(1.5, want), 1.5]
    for result, value in zip(results, wants, strict=True):
        assert type(result) is Value
        assert type(result.data) is float
        assert result.data == pytest.approx(value, rel=1e-15, abs=0, nan_ok=True)
    assert (x < number) == (want > 1.5)
    assert (number < x) == (want < 1.5)
    assert (x >= number) == (want <= 1.5)
    assert (x <= number) == (want >= 1.5)
    assert (x > number) == (want < 1.5)
    x.data = number
    assert type(x.data) is float


@pytest.mark.parametrize(
    ("thing", "named"),
    [
        ("3", r"'3' \(str\); for text write float\(text\), for a formula autograd.parse"),
        (1j, r"1j \(complex\)$"),
        (None, r"None \(NoneType\)"),
        ([1.0], r"\[1.0\] \(list\); a Value is a scalar: for many write \[Value\(x\) for x in numbers\]"),
        ("x" * 1000, r"'x{58}… \(str\)"),
    ],
    ids=["str", "complex", "None", "list", "long"],
)
def test_other_things_are_a_type_error_that_names_them(thing, named):
    x = Value(1.0)
    attempts = [
        lambda: Value(thing),
        lambda: x + thing,
        lambda: thing + x,
        lambda: x * thing,
        lambda: thing - x,
        lambda: x / thing,
        lambda: x**thing,
        lambda: thing**x,
        lambda: x < thing,
        lambda: autograd.exp(thing),
        lambda: autograd.maximum(x, thing),
        lambda: autograd.where(x, thing, x),
        lambda: autograd.dot([x], [thing]),
        lambda: setattr(x, "data", thing),
    ]
    if thing is not None:  # "no gradient yet"
        attempts.append(lambda: setattr(x, "grad", thing))
    for attempt in attempts:
        with pytest.raises(TypeError, match=named):
            attempt()
    assert (x.data, x.grad) == (1.0, 0.0)


def test_refusals_say_what_to_write():
    x = Value(1.0, "x")
    with pytest.raises(TypeError, match=r"it is a Value already: .* write Value\(v.data\)"):
        Value(x)
    with pytest.raises(TypeError, match=r"a label is text, not 3 \(int\)"):
        Value(1, 3)
    with pytest.raises(TypeError, match=r"write v.data != 0, or v is not None"):
        bool(x)
    with pytest.raises(TypeError, match=r"sum: expected a list of Values and numbers, got Value\("):
        autograd.sum(x)
    with pytest.raises(TypeError, match="mean: expected a list of Values and numbers, got 'abc'"):
        autograd.mean("abc")
    with pytest.raises(ValueError, match="dot: the lists have 2 and 1 elements; they must be as long"):
        autograd.dot([x, x], [x])
    with pytest.raises(OverflowError, match="a number of type int, about 1e400, is beyond float64"):
        Value(10**400)


def test_a_node_is_itself():
    a, b = Value(1.0), Value(1.0)
    assert a != b
    assert a == a
    assert len({a, b, a}) == 2


def test_numpy_functions_give_values():
    x = Value(0.5, "x")
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "expm1", "log1p", "sign"):
        y = getattr(np, name)(x)
        assert (y.op.name, y.inputs) == (name, (x,))
    for name in ("exp2", "log2", "log10", "cbrt", "square", "reciprocal", "sinh", "cosh", "floor"):
        assert getattr(np, name)(x).op.name == name
    for name, row in {
        "arcsin": "asin",
        "arccos": "acos",
        "arctan": "atan",
        "arcsinh": "asinh",
        "arctanh": "atanh",
        "rint": "round",
        "fabs": "abs",
    }.items():
        y = getattr(np, name)(x)
        assert (y.op.name, y.data) == (row, pytest.approx(getattr(np, name)(0.5), rel=1e-15))
    assert np.arccosh(x + 1).data == np.arccosh(1.5)
    for name, row in {"arctan2": "atan2", "hypot": "hypot", "logaddexp": "logaddexp", "float_power": "**"}.items():
        y = getattr(np, name)(x, 3.0)
        assert (y.op.name, y.data) == (row, pytest.approx(getattr(np, name)(0.5, 3.0), rel=1e-15))
    assert np.remainder(x, 0.2).data == np.mod(x, 0.2).data == 0.5 % 0.2
    assert np.abs(x).op is OPS["abs"]
    assert np.negative(x).op is OPS["neg"]
    assert np.maximum(2.0, x).data == 2.0
    assert (np.float64(2) * x).inputs[1] is x
    assert type(np.float64(2) < x) is bool
    with pytest.raises(TypeError, match=r"np.deg2rad cannot compute with a Value here"):
        np.deg2rad(x)
    with pytest.raises(TypeError, match=r"np.add cannot write a Value into an array of float64"):
        np.add(x, 1.0, out=np.zeros(1))


def test_methods_and_functions_are_the_same_operation():
    x = Value(0.3)
    for name in ("exp", "relu", "tanh", "sigmoid", "softplus", "erf", "abs"):
        assert getattr(x, name)().data == getattr(autograd, name)(x).data == getattr(autograd, name)(0.3)
    assert x.clip(-1, high=0.1).data == autograd.clip(0.3, -1, 0.1) == 0.1
    assert x.leaky_relu().data == 0.3
    assert autograd.leaky_relu(-2.0) == -0.02
    assert autograd.leaky_relu(-2.0, slope=0.5) == -1.0
    assert abs(Value(-2.0)).data == 2.0
    assert Value(-1.0).elu(0.5).data == autograd.elu(-1.0, alpha=0.5) == 0.5 * math.expm1(-1)
    assert Value(2.5).round().data == autograd.round(2.5) == 2.0
    assert (Value(-7) % 3).data == (-7 % Value(3)).data == (np.float64(-7) % Value(3)).data == 2.0
    assert (Value(-7) % 3).op is OPS["%"]
    assert autograd.norm([3, 4]) == 5.0
    assert +x is x
    assert autograd.sum(v for v in [x, 1, 2.5]).data == 3.8
    assert sum([x, x]).data == 0.6
    assert "dy/dx = 1 - y*y" in autograd.tanh.__doc__
    with pytest.raises(TypeError, match="tanh"):
        autograd.tanh(x, x)


def test_repr():
    a, _, _, J = worked_example()
    assert repr(a) == "Value(data=5.0, grad=0.0, label='a')"
    assert repr(J) == "Value(data=33.0, grad=0.0)"


# --- backward -------------------------------------------------------------------------------------------


def test_worked_example():
    a, b, c, J = worked_example()
    J.backward()
    v = J.inputs[1]
    u = v.inputs[1]
    assert (u.data, v.data, J.data) == (6.0, 11.0, 33.0)
    assert (J.grad, v.grad, a.grad, u.grad, b.grad, c.grad) == (1.0, 3.0, 3.0, 3.0, 6.0, 9.0)


def test_calling_twice_exactly_doubles_the_leaves():
    rng = np.random.default_rng(0)
    xs = [Value(x) for x in rng.normal(size=5)]
    y = autograd.sum([(a * b).tanh() / (1.1 + c * c) for a in xs for b in xs for c in xs])
    y.backward()
    once = [x.grad for x in xs]
    inner = [n.grad for n in graph.topological(y) if n.op]
    y.backward()
    assert [x.grad for x in xs] == [2 * g for g in once]
    assert [n.grad for n in graph.topological(y) if n.op] == inner


def test_leaves_accumulate_over_roots_and_zero_again():
    x = Value(3.0)
    (x * 2).backward()
    (x * x).backward()
    assert x.grad == 8.0
    x.grad = 0
    assert x.has_grad
    (x * 5).backward()
    assert x.grad == 5.0
    x.grad = None
    assert (x.grad, x.has_grad) == (0.0, False)


def test_backward_of_a_leaf():
    x = Value(3.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_a_shared_node_under_two_roots_starts_afresh():
    x = Value(3.0)
    shared = x * 2
    p, q = shared * 5, shared + 1
    p.backward()
    q.backward()
    assert (shared.grad, x.grad) == (1.0, 12.0)


def test_an_interrupted_backward_leaves_the_leaves_as_they_were():
    x = Value(3.0)
    (2 * x).backward()
    y = (x * x).exp()
    good = OPS["exp"]
    y._da = "not a number"  # what an interrupt does at a random place, at a known one
    with pytest.raises(TypeError):
        y.backward()
    assert x.grad == 2.0
    assert y.op is good


def test_manual_steps_as_in_the_lecture():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    e = a * b
    e.label = "e"
    o = e + b
    o.grad = 1.0
    o._backward()
    assert (e.grad, b.grad) == (1.0, 1.0)
    e._backward()
    assert (a.grad, b.grad) == (-3.0, 3.0)
    assert o._prev == {e, b}
    assert (o._op, e._op, a._op) == ("+", "*", "")


# --- changed leaves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [100.0, -100.0, math.nan])
def test_a_leaf_changed_after_forward_is_never_silently_wrong(changed):
    a, b, c, J = worked_example()
    b.data = changed
    J.backward()  # of the recorded values
    assert (a.grad, b.grad, c.grad) == (3.0, 6.0, 9.0)
    assert [node.op.name for node in graph.stale(J)] == ["*"]
    with pytest.raises(StaleGraphError, match=r"a leaf changed after the forward pass. Call root.refresh\(\)"):
        graph.require_fresh(J)


def test_refresh_recomputes_in_place_from_the_leaves():
    a, b, c, J = worked_example()
    J.backward()
    b.data = 4.0
    J.refresh()
    graph.require_fresh(J)
    assert J.data == 39.0
    assert (J.has_grad, b.grad) == (False, 6.0)
    b.grad = a.grad = c.grad = 0
    J.backward()
    assert (a.grad, b.grad, c.grad) == (3.0, 6.0, 12.0)


def test_refresh_follows_every_kind_of_node():
    x, y = Value(0.5), Value(-0.3)

    def f():
        lists = autograd.softmax([x, y, 1.0])[1] + autograd.dot([x, y], [2.0, x]) + autograd.logsumexp([x, y])
        return lists * autograd.where(x > 0, x.exp(), y) - autograd.clip(x, -1, 1) ** 2 / (3 - y.relu())

    z = f()
    x.data, y.data = 0.7, 0.9
    z.refresh()
    z.backward()
    refreshed = (z.data, x.grad, y.grad)
    x.grad = y.grad = 0
    again = f()
    again.backward()
    assert refreshed == (again.data, x.grad, y.grad)


def test_nan_is_not_stale():
    y = Value(-1.0).sqrt() * 2
    assert graph.stale(y) == []


# --- copies and groups ------------------------------------------------------------------------------------


def test_deepcopy_copies_the_graph_and_keeps_the_operations():
    a, b, c, J = worked_example()
    J.backward()
    twin = copy.deepcopy(J)
    assert twin is not J
    assert (twin.data, twin.grad, twin.op) == (33.0, 1.0, OPS["*"])
    leaves = graph.leaves(twin)
    assert [leaf.label for leaf in leaves] == ["a", "b", "c"]
    twin.backward()
    assert [leaf.grad for leaf in leaves] == [6.0, 12.0, 18.0]
    assert (a.grad, b.grad, c.grad) == (3.0, 6.0, 9.0)
    copied = copy.deepcopy([a, J, autograd.sum([a, b, 2])])
    assert copied[0] in graph.leaves(copied[1])
    assert copied[0] in graph.leaves(copied[2])


def test_pickle_round_trip():
    w = parameter(0.5, "w")
    y = autograd.sum([w * 2, w.exp()])
    twin = pickle.loads(pickle.dumps(y))
    twin.backward()
    assert twin.data == y.data
    assert twin.op is OPS["sum"]
    assert graph.parameters(twin)[0].grad == 2 + math.exp(0.5)


def test_scopes_nest_and_end():
    x = Value(1.0)
    with scope("layer1"):
        y = x * 2
        with scope("neuron3"):
            z = y.tanh()
            w = parameter(1.0)
        q = autograd.sum([z, w])
    after = q + 1
    assert [n.scope for n in (x, y, z, w, q, after)] == ["", "layer1", "layer1/neuron3", "layer1/neuron3", "layer1", ""]
    with pytest.raises(ZeroDivisionError), scope("broken"):
        1 / 0  # noqa: B018
    assert Value(1.0).scope == ""
    with pytest.raises(TypeError, match="a scope's name is a text, not ''"):
        scope("")


# --- what a review found ---------------------------------------------------------------------------------


def test_a_node_behind_a_mask_starts_afresh_too():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    u = a * b
    (u * 3).backward()
    assert (u.grad, a.grad) == (3.0, 9.0)
    (u - 100).relu().backward()
    assert (u.grad, a.grad) == (0.0, 9.0)
    dead = Value(-1.0)
    dead.relu().backward()
    assert (dead.grad, dead.has_grad) == (0.0, True)  # none flows, which is not "no backward yet"
    picked, cut_off = Value(1.0), Value(0.0)
    autograd.where(1.0, picked * 2, cut_off.log() * 3).backward()
    assert (picked.grad, cut_off.grad, cut_off.has_grad) == (2.0, 0.0, True)


def test_a_node_that_one_edge_cuts_off_and_another_reaches():
    x = Value(-2.0)
    y = x * 3
    (y.relu() + y).backward()
    assert (y.grad, x.grad) == (1.0, 3.0)
    (y + y.relu()).backward()
    assert (y.grad, x.grad) == (1.0, 6.0)


def test_an_array_of_one_number_is_a_number_on_either_side():
    v = Value(2.0)
    assert (np.array(3.0) * v).data == (v * np.array(3.0)).data == 6.0


def test_import_star_leaves_pythons_own_functions_alone():
    assert not {"sum", "abs"} & set(autograd.__all__)
    assert "exp" in autograd.__all__


def test_one_block_may_be_entered_twice():
    block, watch = scope("a"), autograd.detect_anomaly()
    with block, block:
        assert Value(1.0).scope == "a/a"
    assert Value(1.0).scope == ""
    with watch, watch:
        pass
    assert Value(0.0).log().data == -math.inf


def test_deepcopy_keeps_what_a_subclass_adds():
    class Measured(Value):
        pass

    x = Measured(2.0, "x")
    x.unit = ["m"]
    with scope("inner"):
        y = x * 3
        assert y.inputs[1].scope == "inner"
    twin = copy.deepcopy(y)
    assert twin.inputs[0].unit == ["m"]
    assert twin.inputs[0].unit is not x.unit
    assert twin.inputs[1].scope == "inner"


# --- numbers of other libraries, and beyond float64 ---------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "size"),
    [
        (10**400, "about 1e400"),
        (-(10**400), "about -1e400"),
        (10**6000, "about 1e6000"),
        (Fraction(10**400, 3), "about 1e399"),
    ],
    ids=["int", "negative", "huge", "Fraction"],
)
def test_what_is_beyond_float64_says_so(number, size):
    v = Value(2.0)
    message = f"a number of type {type(number).__name__}, {size}.*beyond float64, which ends at 1.8e308: .* math.inf"
    for attempt in (
        lambda: Value(number),
        lambda: v * number,
        lambda: v + number,
        lambda: number + v,
        lambda: v - number,
        lambda: number / v,
        lambda: v**number,
        lambda: v < number,
        lambda: autograd.maximum(v, number),
        lambda: autograd.exp(number),
        lambda: setattr(v, "data", number),
    ):
        with pytest.raises(OverflowError, match=message):
            attempt()
    assert Value(Fraction(10**400, 10**399)).data == 10.0


def test_decimals():
    v = Value(2.0)
    for attempt in (lambda: Value(Decimal("1.5")), lambda: v * Decimal("1.5"), lambda: Decimal("1.5") * v):
        with pytest.raises(
            TypeError, match=r"got Decimal\('1.5'\) \(Decimal\); Values compute in float64: write float"
        ):
            attempt()


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "lt"])
def test_scalars_of_pytorch(name):
    torch = pytest.importorskip("torch")
    v, f = Value(2.0), getattr(operator, name)
    for attempt in (lambda: f(v, torch.tensor(1.5)), lambda: f(torch.tensor(1.5), v), lambda: Value(torch.tensor(1.5))):
        with pytest.raises(TypeError, match=r"got tensor\(1.5000\) \(Tensor\); .* for its number write x.item\(\)"):
            attempt()
    with pytest.raises(TypeError, match=r"\(Tensor\); a Value is a scalar: for many write"):
        f(torch.tensor([1.0, 2.0]), v)
