"""The edge conventions: what happens at kinks, at 0, at infinity, and behind a mask."""

import math
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import OPS, FormulaError, Value
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
    ("floor' = 0, at a jump too", F["floor"], [2.0], 2.0, [0.0]),
    ("floor(-0.5)", F["floor"], [-0.5], -1.0, [0.0]),
    ("round: half to even, down", F["round"], [2.5], 2.0, [0.0]),
    ("round: half to even, up", F["round"], [-3.5], -4.0, [0.0]),
    ("round just below a half", F["round"], [0.49999999999999994], 0.0, [0.0]),
    ("% has the sign of the divisor", lambda a, b: a % b, [-7.0, 3.0], 2.0, [1.0, 3.0]),
    ("% of a negative divisor", lambda a, b: a % b, [7.0, -3.0], -2.0, [1.0, 3.0]),
    ("% with a number on the left", lambda b: 7 % b, [3.0], 1.0, [-2.0]),
    ("1 % 0.1: 0.1 is a little more than a tenth", lambda a, b: a % b, [1.0, 0.1], 1.0 % 0.1, [1.0, -9.0]),
    ("% at a jump", lambda a, b: a % b, [6.0, 3.0], 0.0, [1.0, -2.0]),
    ("% 0", lambda a, b: a % b, [1.0, 0.0], nan, [1.0, nan]),
    ("inf % 2", lambda a: a % 2, [inf], nan, [1.0]),
    ("elu'(0) = alpha", F["elu"], [0.0, 0.5], 0.0, [0.5, 0.0]),
    ("elu(-0)", lambda x: F["elu"](x), [-0.0], 0.0, [1.0]),
    ("selu'(0) is that of its left side", F["selu"], [0.0], 0.0, [1.7580993408473766]),
    ("silu(0)", F["silu"], [0.0], 0.0, [0.5]),
    ("gelu(0)", F["gelu"], [0.0], 0.0, [0.5]),
    # distances: at the origin 0 is one of the subgradients
    ("hypot at 0", F["hypot"], [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("hypot of ±0", F["hypot"], [-0.0, 0.0], 0.0, [0.0, 0.0]),
    ("hypot beside 0", F["hypot"], [-2.0, 0.0], 2.0, [-1.0, 0.0]),
    ("hypot does not overflow", F["hypot"], [3e200, 4e200], 5e200, [0.6, 0.8]),
    ("hypot does not underflow", F["hypot"], [3e-300, 4e-300], 5e-300, [0.6, 0.8]),
    ("norm at 0", lambda a, b: F["norm"]([a, b]), [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("norm of one", lambda a: F["norm"]([a]), [-3.0], 3.0, [-1.0]),
    ("norm does not overflow", lambda a, b: F["norm"]([a, b]), [3e200, 4e200], 5e200, [0.6, 0.8]),
    ("norm does not underflow", lambda a, b: F["norm"]([a, b]), [3e-300, 4e-300], 5e-300, [0.6, 0.8]),
    ("norm with inf", lambda a, b: F["norm"]([a, b]), [inf, 1.0], inf, [nan, 0.0]),
    ("norm with nan", lambda a, b: F["norm"]([a, b]), [nan, 1.0], nan, [nan, nan]),
    ("atan2 at 0", F["atan2"], [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("atan2(0, -1)", F["atan2"], [0.0, -1.0], math.pi, [-1.0, 0.0]),
    ("atan2 far out", F["atan2"], [1e200, 1e200], math.pi / 4, [5e-201, -5e-201]),
    ("std of equal numbers", lambda a, b, c: F["std"]([a, b, c]), [0.1, 0.1, 0.1], 0.0, [0.0, 0.0, 0.0]),
    ("std of one number", lambda a: F["std"]([a]), [3.0], 0.0, [0.0]),
    ("std is that of the population", lambda a, b: F["std"]([a, b]), [1.0, 5.0], 2.0, [-0.5, 0.5]),
    ("std of large numbers", lambda a, b: F["std"]([a, b]), [1e9, 1e9 + 2], 1.0, [-0.5, 0.5]),
    ("std does not overflow", lambda a, b: F["std"]([a, b]), [1e200, 3e200], 1e200, [-0.5, 0.5]),
    ("var is that of the population", lambda a, b: F["var"]([a, b]), [1.0, 5.0], 4.0, [-2.0, 2.0]),
    ("var of equal numbers", lambda a, b, c: F["var"]([a, b, c]), [0.1, 0.1, 0.1], 0.0, [0.0, 0.0, 0.0]),
    (
        "prod: a 0 gets the product of the others",
        lambda a, b, c: F["prod"]([a, b, c]),
        [0, 2, 5],
        0.0,
        [10.0, 0.0, 0.0],
    ),
    ("prod with two 0", lambda a, b, c: F["prod"]([a, b, c]), [0, 0, 5], 0.0, [0.0, 0.0, 0.0]),
    ("prod(x, x)", lambda x: F["prod"]([x, x]), [3.0], 9.0, [6.0]),
    ("prod of one", lambda x: F["prod"]([x]), [3.0], 3.0, [1.0]),
    ("clip' at the lower bound is 1", lambda x: F["clip"](x, -1, 1), [-1.0], -1.0, [1.0]),
    ("clip' at the upper bound is 1", lambda x: F["clip"](x, -1, 1), [1.0], 1.0, [1.0]),
    ("clip' outside is 0", lambda x: F["clip"](x, -1, 1), [1.5], 1.0, [0.0]),
    ("a bound that clips gets the gradient", F["clip"], [-3.0, -1.0, 1.0], -1.0, [0.0, 1.0, 0.0]),
    ("where picks", F["where"], [1.0, 3.0, 4.0], 3.0, [0.0, 1.0, 0.0]),
    ("where skips", F["where"], [0.0, 3.0, 4.0], 4.0, [0.0, 0.0, 1.0]),
    ("take picks", lambda a, b, k: F["take"]([a, b], k), [3.0, 4.0, 1.0], 4.0, [0.0, 1.0, 0.0]),
    ("take of the first, -0", lambda a, b, k: F["take"]([a, b], k), [3.0, 4.0, -0.0], 3.0, [1.0, 0.0, 0.0]),
    ("one leaf at two places of a take", lambda a, k: F["take"]([a, a * a], k), [3.0, 1.0], 9.0, [6.0, 0.0]),
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
    ("cbrt'(0) = inf", F["cbrt"], [0.0], 0.0, [inf]),
    ("cbrt(-8)", F["cbrt"], [-8.0], -2.0, [1 / 12]),
    ("asin'(1) = inf", F["asin"], [1.0], math.pi / 2, [inf]),
    ("asin'(-1) = inf", F["asin"], [-1.0], -math.pi / 2, [inf]),
    ("acos'(1) = -inf", F["acos"], [1.0], 0.0, [-inf]),
    ("acosh'(1) = inf", F["acosh"], [1.0], 0.0, [inf]),
    ("atanh'(1) = inf", F["atanh"], [1.0], inf, [inf]),
    ("atanh'(-1) = inf", F["atanh"], [-1.0], -inf, [inf]),
    ("exp2(10) is exact", F["exp2"], [10.0], 1024.0, [1024 * math.log(2)]),
    ("log2(8) is exact", F["log2"], [8.0], 3.0, [1 / (8 * math.log(2))]),
    ("log10(1000) is exact", F["log10"], [1000.0], 3.0, [1 / (1000 * math.log(10))]),
    ("square", F["square"], [-3.0], 9.0, [-6.0]),
    ("reciprocal", F["reciprocal"], [-2.0], -0.5, [-0.25]),
    # a term without weight
    ("xlogy(0, 0) = 0, and nothing flows", F["xlogy"], [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("xlogy(0, 2)", F["xlogy"], [0.0, 2.0], 0.0, [math.log(2), 0.0]),
    ("xlogy(0, -1)", F["xlogy"], [0.0, -1.0], 0.0, [0.0, 0.0]),
    ("xlogy(2, 0)", F["xlogy"], [2.0, 0.0], -inf, [-inf, inf]),
    ("xlogy(0, nan)", F["xlogy"], [0.0, nan], nan, [nan, 0.0]),
    # IEEE 754 instead of exceptions
    ("log(0)", F["log"], [0.0], -inf, [inf]),
    ("log(-1)", F["log"], [-1.0], nan, [-1.0]),
    ("log1p(-1)", F["log1p"], [-1.0], -inf, [inf]),
    ("log1p(-2)", F["log1p"], [-2.0], nan, [-1.0]),
    ("log2(0)", F["log2"], [0.0], -inf, [inf]),
    ("log10(-1)", F["log10"], [-1.0], nan, [-1 / math.log(10)]),
    ("sqrt(-1)", F["sqrt"], [-1.0], nan, [nan]),
    ("asin(2)", F["asin"], [2.0], nan, [nan]),
    ("acos(-2)", F["acos"], [-2.0], nan, [nan]),
    ("acosh(0.5)", F["acosh"], [0.5], nan, [nan]),
    ("acosh(-2)", F["acosh"], [-2.0], nan, [nan]),
    ("atanh(2)", F["atanh"], [2.0], nan, [nan]),
    ("exp2(1024)", F["exp2"], [1024.0], inf, [inf]),
    ("sinh(-711)", F["sinh"], [-711.0], -inf, [inf]),
    ("cosh(711)", F["cosh"], [-711.0], inf, [-inf]),
    ("floor(inf)", F["floor"], [-inf], -inf, [0.0]),
    ("round(inf)", F["round"], [inf], inf, [0.0]),
    ("reciprocal(0)", F["reciprocal"], [0.0], inf, [-inf]),
    ("reciprocal(-0)", F["reciprocal"], [-0.0], -inf, [-inf]),
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
    ("floor(nan)", F["floor"], [nan], nan, [0.0]),
    ("round(nan)", F["round"], [nan], nan, [0.0]),
    ("elu(nan)", lambda x: F["elu"](x), [nan], nan, [1.0]),
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
    ("take guards log", lambda x: F["take"]([x.log(), x], 1), [0.0], 0.0, [1.0]),
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
    ("asinh(1e200)", F["asinh"], [1e200], math.asinh(1e200), [1e-200]),
    ("acosh(1e200)", F["acosh"], [1e200], math.acosh(1e200), [1e-200]),
    ("asin next to 1", F["asin"], [1 - 2**-53], math.asin(1 - 2**-53), [2.0**26]),
    ("acos next to 1", F["acos"], [1 - 2**-53], math.acos(1 - 2**-53), [-(2.0**26)]),
    ("atanh next to -1", F["atanh"], [-1 + 2**-53], math.atanh(-1 + 2**-53), [2.0**52]),
    ("sinc(0)", F["sinc"], [0.0], 1.0, [0.0]),
    ("sinc(7) is exactly 0", F["sinc"], [7.0], 0.0, [-1 / 7]),
    ("sinc' near 0 keeps its digits", F["sinc"], [1e-9], 1.0, [-(math.pi**2) / 3 * 1e-9]),
    ("silu(-1000)", F["silu"], [-1000.0], 0.0, [0.0]),
    ("silu(1000)", F["silu"], [1000.0], 1000.0, [1.0]),
    ("gelu(-1000)", F["gelu"], [-1000.0], 0.0, [0.0]),
    ("gelu(1000)", F["gelu"], [1000.0], 1000.0, [1.0]),
    ("erfc(1000)", F["erfc"], [1000.0], 0.0, [0.0]),
    ("logaddexp of ±1000", F["logaddexp"], [1000.0, -1000.0], 1000.0, [1.0, 0.0]),
    ("logaddexp of -1000 twice", F["logaddexp"], [-1000.0, -1000.0], -1000 + math.log(2), [0.5, 0.5]),
    ("logaddexp(-inf, 3)", F["logaddexp"], [-inf, 3.0], 3.0, [0.0, 1.0]),
    ("logaddexp(-inf, -inf)", F["logaddexp"], [-inf, -inf], -inf, [0.5, 0.5]),
    ("logaddexp(inf, inf)", F["logaddexp"], [inf, inf], inf, [0.5, 0.5]),
    ("logaddexp(inf, -inf)", F["logaddexp"], [inf, -inf], inf, [1.0, 0.0]),
    ("logaddexp(nan, 0)", F["logaddexp"], [nan, 0.0], nan, [nan, nan]),
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


def test_a_zero_that_was_rounded_keeps_its_sign():
    for name in ("floor", "round"):
        assert math.copysign(1, FUNCTIONS[name](-0.0)) == -1
        assert math.copysign(1, FUNCTIONS[name](0.25)) == 1
    assert math.copysign(1, autograd.round(-0.25)) == -1
    assert math.copysign(1, (Value(-6) % 3).data) == 1
    assert math.copysign(1, (Value(6) % -3).data) == -1


def test_empty_lists():
    assert autograd.sum([]) == 0.0
    assert autograd.dot([], []) == 0.0
    assert autograd.prod([]) == 1.0
    assert type(autograd.prod([])) is float
    for name in ("mean", "amax", "logsumexp", "norm", "var", "std"):
        with pytest.raises(ValueError, match=f"{name}: the list is empty"):
            FUNCTIONS[name]([])
    with pytest.raises(ValueError, match="take: the list is empty"):
        autograd.take([], 0)
    assert autograd.softmax([]) == []


# --- take: the index ------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0, 0.0, True, np.int64(1), Fraction(1), 2.0])
def test_take_of_plain_numbers_is_a_float(k):
    assert autograd.take([1, 2.5, 4], k) == [1.0, 2.5, 4.0][int(k)]
    assert type(autograd.take([1, 2, 4], k)) is float


def test_take_makes_a_node_of_one_value_wherever_it_stands():
    k, a = Value(1.0, "k"), Value(3.0, "a")
    by_index, of_mixed = autograd.take([5, 7], k), autograd.take((2, a), 1)
    assert [v.data for v in by_index.inputs] == [5.0, 7.0, 1.0]
    assert by_index.inputs[2] is k
    assert by_index.local_derivatives == (None, None, None)
    assert of_mixed.inputs[1] is a
    assert of_mixed.local_derivatives == (None, 1.0, None)
    assert (by_index.data, of_mixed.data) == (7.0, 3.0)


def test_take_follows_its_index_when_refreshed():
    a, b, k = Value(3.0), Value(4.0), Value(0.0)
    y = autograd.take([a * a, b], k) * 2
    k.data = 1
    y.refresh()
    y.backward()
    assert (y.data, a.grad, b.grad, k.grad) == (8.0, 0.0, 2.0, 0.0)


@pytest.mark.parametrize(
    ("k", "shown"), [(2.5, "2.5"), (-1, "-1"), (3, "3"), (nan, "nan"), (inf, "inf"), (1e300, "1e.300")]
)
def test_an_index_must_be_the_place_of_an_element(k, shown):
    message = f"the index must be a whole number from 0 to 2, got {shown}$"
    for values, index in (([1, 2, 3], k), ([Value(1), 2, 3], k), ([1, 2, 3], Value(k))):
        with pytest.raises(IndexError, match=message):
            autograd.take(values, index)
    with pytest.raises(FormulaError, match=r"take\(\[a, 2, 3\], k\): " + message):
        autograd.parse("1 + take([a, 2, 3], k)", a=1, k=Value(k))


def test_take_refuses_what_is_no_index_and_no_list():
    for index in ("0", None, [0]):
        with pytest.raises(TypeError, match="take: expected a real number, got"):
            autograd.take([1, 2], index)
    with pytest.raises(TypeError, match="take: expected a list of Values and numbers, got 3"):
        autograd.take(3, 0)


def test_take_in_derivatives_of_both_orders():
    def f(a, b, k):
        return autograd.take([a**3, a * b * b, b], k) * a

    for k, value, slopes, rows in [
        (0.0, 16.0, [32.0, 0.0, 0.0], [[48.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
        (1.0, 36.0, [36.0, 24.0, 0.0], [[18.0, 24.0, 0.0], [24.0, 8.0, 0.0], [0.0, 0.0, 0.0]]),
    ]:
        got, gradient = autograd.value_and_grad(f, (0, 1, 2))(2.0, 3.0, k)
        assert (got, list(gradient)) == (value, slopes)
        assert [list(row) for row in autograd.hessian(f, (0, 1, 2))(2.0, 3.0, k)] == rows


def test_a_derivative_graph_of_take_follows_the_index():
    a, b, k = Value(2.0, "a"), Value(3.0, "b"), Value(0.0, "k")
    da = autograd.differentiate(autograd.take([a**3, b], k), a)
    assert da.data == 12.0
    k.data = 1.0
    da.refresh()
    assert da.data == 0.0


def test_an_index_stays_where_it_is_when_derivatives_are_checked():
    J = autograd.parse("J = take([a*a, b], k)*2", a=3, b=2, k=0)
    report = autograd.check(J, {"a": "4*a", "b": "take([0, 2], k)", "k": "0"})
    verdicts = {answer.name: answer.verdict for answer in report.answers}
    assert verdicts == {"a": "right", "b": "right", "k": "inconclusive"}
    assert not autograd.check(J, {"a": "2*a"}).ok
    (unreadable,) = autograd.check(J, {"a": "take([a, 0], 2)"})
    assert unreadable.diagnosis == "take([a, 0], 2): the index must be a whole number from 0 to 1, got 2"

    def f(a, b, k):
        return autograd.take([a**3, a * b], k)

    report = autograd.gradcheck(f, (3.0, 2.0, 1.0))
    assert [one.verdict for one in report.comparisons] == ["right", "right", "inconclusive"]
    assert autograd.gradcheck(lambda a, b: f(a, b, 1), (3.0, 2.0), order=2).ok
