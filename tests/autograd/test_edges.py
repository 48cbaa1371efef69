"""The edge conventions: what happens at kinks, at 0, at infinity, and behind a mask."""

import math

import pytest

import autograd
from autograd import OPS, Value
from autograd.functions import FUNCTIONS

inf, nan = math.inf, math.nan


def gradients(f, *x):
    """The value of f and its gradients; f takes Values."""
    leaves = [Value(v) for v in x]
    y = f(*leaves)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


F = FUNCTIONS
CONVENTIONS = [
    # at kinks
    ("relu'(0) = 0", F["relu"], [0.0], 0.0, [0.0]),
    ("relu'(-0) = 0", F["relu"], [-0.0], 0.0, [0.0]),
    ("relu'(tiny) = 1", F["relu"], [5e-324], 5e-324, [1.0]),
    ("abs'(0) = 0", F["abs"], [0.0], 0.0, [0.0]),
    ("abs'(-0) = 0", F["abs"], [-0.0], 0.0, [0.0]),
    ("leaky_relu'(0) = slope", lambda x: F["leaky_relu"](x, 0.2), [0.0], 0.0, [0.2]),
    ("leaky_relu'(-0) = slope", lambda x: F["leaky_relu"](x, 0.2), [-0.0], 0.0, [0.2]),
    ("prelu at 0: slope, 0", F["prelu"], [0.0, 0.25], 0.0, [0.25, 0.0]),
    ("step' = 0 at 0", F["step"], [0.0], 0.0, [0.0]),
    ("step' = 0", F["step"], [2.0], 1.0, [0.0]),
    ("sign' = 0 at 0", F["sign"], [0.0], 0.0, [0.0]),
    ("sign' = 0", F["sign"], [-2.0], -1.0, [0.0]),
    ("a tie in maximum shares", F["maximum"], [2.0, 2.0], 2.0, [0.5, 0.5]),
    ("a tie in minimum shares", F["minimum"], [2.0, 2.0], 2.0, [0.5, 0.5]),
    ("maximum(x, x) is x", lambda x: F["maximum"](x, x), [2.0], 2.0, [1.0]),
    ("minimum(x, x) is x", lambda x: F["minimum"](x, x), [2.0], 2.0, [1.0]),
    (
        "a tie of three shares",
        lambda a, b, c, d: F["amax"]([a, b, c, d]),
        [1, 3, 3, 3],
        3.0,
        [0.0, 1 / 3, 1 / 3, 1 / 3],
    ),
    ("clip' at the lower bound is 1", lambda x: F["clip"](x, -1, 1), [-1.0], -1.0, [1.0]),
    ("clip' at the upper bound is 1", lambda x: F["clip"](x, -1, 1), [1.0], 1.0, [1.0]),
    ("clip' outside is 0", lambda x: F["clip"](x, -1, 1), [1.5], 1.0, [0.0]),
    ("a bound that clips gets the gradient", F["clip"], [-3.0, -1.0, 1.0], -1.0, [0.0, 1.0, 0.0]),
    ("where picks", F["where"], [1.0, 3.0, 4.0], 3.0, [0.0, 1.0, 0.0]),
    ("where skips", F["where"], [0.0, 3.0, 4.0], 4.0, [0.0, 0.0, 1.0]),
    # powers and roots
    ("sqrt'(0) = inf", F["sqrt"], [0.0], 0.0, [inf]),
    ("sqrt'(-0) = inf", F["sqrt"], [-0.0], 0.0, [inf]),
    ("x**0.5 at 0", lambda x: x**0.5, [0.0], 0.0, [inf]),
    ("x**0 = 1, derivative 0", lambda x: x**0, [3.0], 1.0, [0.0]),
    ("0**0 = 1, derivative 0", lambda x: x**0, [0.0], 1.0, [0.0]),
    ("0**0, both Values", lambda a, b: a**b, [0.0, 0.0], 1.0, [0.0, 0.0]),
    ("0**2, both Values", lambda a, b: a**b, [0.0, 2.0], 0.0, [0.0, 0.0]),
    ("0**1", lambda x: x**1, [0.0], 0.0, [1.0]),
    ("(-2)**3", lambda x: x**3, [-2.0], -8.0, [12.0]),
    ("(-2)**-1", lambda x: x**-1, [-2.0], -0.5, [-0.25]),
    ("0**-1", lambda x: x**-1, [0.0], inf, [-inf]),
    ("(-2)**0.5 is nan, never complex", lambda x: x**0.5, [-2.0], nan, [nan]),
    ("(-0)**-1", lambda x: x**-1, [-0.0], -inf, [-inf]),
    ("(-0)**-2", lambda x: x**-2, [-0.0], inf, [inf]),
    ("2**x", lambda x: 2**x, [3.0], 8.0, [8 * math.log(2)]),
    ("0**x", lambda x: 0**x, [3.0], 0.0, [0.0]),
    ("overflow of a power", lambda x: x**2, [1e200], inf, [2e200]),
    ("overflow of an odd power", lambda x: x**3, [-1e200], -inf, [inf]),
    # IEEE 754 instead of exceptions
    ("log(0)", F["log"], [0.0], -inf, [inf]),
    ("log(-1)", F["log"], [-1.0], nan, [-1.0]),
    ("log1p(-1)", F["log1p"], [-1.0], -inf, [inf]),
    ("log1p(-2)", F["log1p"], [-2.0], nan, [-1.0]),
    ("sqrt(-1)", F["sqrt"], [-1.0], nan, [nan]),
    ("exp(710)", F["exp"], [710.0], inf, [inf]),
    ("expm1(710)", F["expm1"], [710.0], inf, [inf]),
    ("sin(inf)", F["sin"], [inf], nan, [nan]),
    ("1/0", lambda x: 1 / x, [0.0], inf, [-inf]),
    ("1/-0", lambda x: 1 / x, [-0.0], -inf, [-inf]),
    ("-1/0", lambda x: -1 / x, [0.0], -inf, [inf]),
    ("0/0", lambda a, b: a / b, [0.0, 0.0], nan, [inf, nan]),
    ("x/x", lambda x: x / x, [3.0], 1.0, [0.0]),
    ("no y² that overflows", lambda a, b: a / b, [1e300, 1e200], 1e100, [1e-200, -1e-100]),
    ("overflow of a product", lambda a, b: a * b, [1e200, 1e200], inf, [1e200, 1e200]),
    ("overflow of a sum of a list", lambda a, b: F["sum"]([a, b]), [1.7e308, 1.7e308], inf, [1.0, 1.0]),
    ("inf - inf in a list", lambda a, b: F["sum"]([a, b]), [inf, -inf], nan, [1.0, 1.0]),
    # nan stays nan
    ("relu(nan)", F["relu"], [nan], nan, [1.0]),
    ("step(nan)", F["step"], [nan], nan, [0.0]),
    ("sign(nan)", F["sign"], [nan], nan, [0.0]),
    ("abs(nan)", F["abs"], [nan], nan, [nan]),
    ("maximum(nan, 1)", F["maximum"], [nan, 1.0], nan, [1.0, 1.0]),
    ("maximum(1, nan)", F["maximum"], [1.0, nan], nan, [1.0, 1.0]),
    ("minimum(nan, 1)", F["minimum"], [nan, 1.0], nan, [1.0, 1.0]),
    ("minimum(1, nan)", F["minimum"], [1.0, nan], nan, [1.0, 1.0]),
    ("clip(nan)", lambda x: F["clip"](x, -1, 1), [nan], nan, [1.0]),
    ("amax with nan", lambda a, b: F["amax"]([a, b]), [1.0, nan], nan, [nan, nan]),
    # behind a mask nothing flows, not even 0 * inf
    ("sqrt(relu(-1))", lambda x: x.relu().sqrt(), [-1.0], 0.0, [0.0]),
    ("log(relu(-1))", lambda x: x.relu().log(), [-1.0], -inf, [0.0]),
    ("sqrt(relu(0))", lambda x: x.relu().sqrt(), [0.0], 0.0, [0.0]),
    ("sqrt(maximum(x, 0))", lambda x: F["maximum"](x, 0).sqrt(), [-1.0], 0.0, [0.0]),
    ("sqrt(minimum(-x, 0))", lambda x: (-F["minimum"](-x, 0)).sqrt(), [-1.0], 0.0, [0.0]),
    ("sqrt(clip(x, 0, 1))", lambda x: F["clip"](x, 0, 1).sqrt(), [-1.0], 0.0, [0.0]),
    ("sqrt(step(x))", lambda x: x.step().sqrt(), [-1.0], 0.0, [0.0]),
    ("sqrt(amax([x, 0]))", lambda x: F["amax"]([x, 0]).sqrt(), [-1.0], 0.0, [0.0]),
    ("where guards log", lambda x: F["where"](x > 0, x.log(), 0.0), [-1.0], 0.0, [0.0]),
    ("where guards a division", lambda x: F["where"](x, 1 / x, 7.0), [0.0], 7.0, [0.0]),
    # one leaf, several edges
    ("x*x", lambda x: x * x, [3.0], 9.0, [6.0]),
    ("x + x", lambda x: x + x, [3.0], 6.0, [2.0]),
    ("x - x", lambda x: x - x, [3.0], 0.0, [0.0]),
    ("diamond", lambda x: (x * 2) * (x + 1), [3.0], 24.0, [14.0]),
    ("sum([x, x, 5])", lambda x: F["sum"]([x, x, 5]), [3.0], 11.0, [2.0]),
    ("dot(xs, xs)", lambda a, b: F["dot"]([a, b], [a, b]), [3.0, 4.0], 25.0, [6.0, 8.0]),
    # far away
    ("sigmoid(1000)", F["sigmoid"], [1000.0], 1.0, [0.0]),
    ("sigmoid(-1000)", F["sigmoid"], [-1000.0], 0.0, [0.0]),
    ("sigmoid(inf)", F["sigmoid"], [inf], 1.0, [0.0]),
    ("tanh(1000)", F["tanh"], [1000.0], 1.0, [0.0]),
    ("softplus(1000)", F["softplus"], [1000.0], 1000.0, [1.0]),
    ("softplus(-1000)", F["softplus"], [-1000.0], 0.0, [0.0]),
    ("log_sigmoid(-1000)", F["log_sigmoid"], [-1000.0], -1000.0, [1.0]),
    ("logsumexp of ±1000", lambda a, b: F["logsumexp"]([a, b]), [1000.0, -1000.0], 1000.0, [1.0, 0.0]),
    ("logsumexp of nothing but -inf", lambda a: F["logsumexp"]([a]), [-inf], -inf, [nan]),
    ("softmax of ±1000", lambda a, b: F["softmax"]([a, b])[0], [1000.0, -1000.0], 1.0, [0.0, 0.0]),
    ("log_softmax of ±1000", lambda a, b: F["log_softmax"]([a, b])[1], [1000.0, -1000.0], -2000.0, [-1.0, 1.0]),
]


@pytest.mark.parametrize(("f", "x", "value", "slopes"), [pytest.param(*row[1:], id=row[0]) for row in CONVENTIONS])
def test_convention(f, x, value, slopes):
    got, got_slopes = gradients(f, *x)
    assert got == pytest.approx(value, rel=1e-15, abs=0, nan_ok=True)
    assert got_slopes == pytest.approx(slopes, rel=1e-15, abs=0, nan_ok=True)


def test_every_value_is_a_float_also_where_a_formula_has_whole_numbers():
    for name in ("relu", "step", "sign", "abs"):
        for x in (-1, 0, 1):
            assert type(FUNCTIONS[name](Value(x)).data) is float
            assert type(FUNCTIONS[name](x)) is float


@pytest.mark.parametrize(("row", "zero_at"), [("relu", -1.0), ("relu", 0.0), ("step", 3.0), ("sign", 3.0)])
def test_a_literal_zero_in_a_row_is_no_edge(row, zero_at):
    assert OPS[row].forward([zero_at])[1] == (None,)


def test_empty_lists():
    assert autograd.sum([]) == 0.0
    assert autograd.dot([], []) == 0.0
    for name in ("mean", "amax", "logsumexp"):
        with pytest.raises(ValueError, match=f"{name}: the list is empty"):
            FUNCTIONS[name]([])
    assert autograd.softmax([]) == []
