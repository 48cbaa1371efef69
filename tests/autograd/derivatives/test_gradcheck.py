"""The numerical derivative, and ``gradcheck`` that holds the engine to it."""

import math
import random

import pytest
from random_graphs import in_domain, node

import autograd
from autograd import Value
from autograd.derivatives.gradcheck import TRUST, gradcheck
from autograd.derivatives.numeric import derivative
from autograd.table.op import Op
from autograd.table.ops import OPS
from autograd.value import unary

inf, nan = math.inf, math.nan

# --- the numerical derivative -----------------------------------------------------------------------------

SMOOTH = {
    "exp": (math.exp, math.exp),
    "sin": (math.sin, math.cos),
    "log": (lambda x: math.log(x) if x > 0 else nan, lambda x: 1 / x),
    "1/x": (lambda x: 1 / x if x else inf, lambda x: -1 / x**2),
    "x**5 - 3*x": (lambda x: x**5 - 3 * x, lambda x: 5 * x**4 - 3),
    "1e-6*x": (lambda x: 1e-6 * x, lambda _: 1e-6),
    "1 + 1e-6*x": (lambda x: 1 + 1e-6 * x, lambda _: 1e-6),
    "1e20*x": (lambda x: 1e20 * x, lambda _: 1e20),
    "(x - 1)**2": (lambda x: (x - 1) ** 2, lambda x: 2 * (x - 1)),
    "sin(8*pi*x)": (lambda x: math.sin(8 * math.pi * x), lambda x: 8 * math.pi * math.cos(8 * math.pi * x)),
    "steep": (lambda x: math.tanh(1000 * x), lambda x: 1000 / math.cosh(min(1000 * abs(x), 300)) ** 2),
}


@pytest.mark.parametrize("side", [-1, 0, 1])
@pytest.mark.parametrize("name", SMOOTH)
def test_the_error_is_within_its_estimate(name, side):
    f, exact = SMOOTH[name]
    rng = random.Random(name)
    for _ in range(200):
        x = 10 ** rng.uniform(-3, 1)
        value, error = derivative(f, x, side)
        if error < 1e-3 * abs(value) or name != "steep":
            assert abs(value - exact(x)) <= TRUST * error
        if name != "steep":
            assert error <= 1e-9 * abs(exact(x)) + 1e-10 * abs(f(x))


@pytest.mark.parametrize("x", [-1e8, -1000.0, -1e-6, 0.0, 1e-6, 1.0, 1000.0, 1e8])
def test_any_scale_of_x(x):
    value, error = derivative(lambda x: 3 * x, x)
    assert abs(value - 3) <= TRUST * error <= 1e-8


@pytest.mark.parametrize("x", [-1e-9, 1e-9])
def test_a_step_is_not_as_small_as_x(x):
    value, error = derivative(math.exp, x)
    assert abs(value - math.exp(x)) <= TRUST * error <= 1e-11


def test_one_sided_derivatives_at_a_kink():
    assert [round(derivative(lambda x: abs(x - 2), 2.0, side)[0], 9) for side in (-1, 0, 1)] == [-1, 0, 1]


def test_where_there_is_no_derivative():
    def root(x):
        return math.sqrt(x) if x >= 0 else nan

    for side in (-1, 0):
        value, error = derivative(root, 0.0, side)
        assert math.isnan(value)
        assert error == inf
    value, error = derivative(root, 0.0, 1)  # infinite
    assert error > 0.01 * abs(value)
    assert derivative(lambda _: inf, 1.0)[1] == inf
    value, error = derivative(lambda x: math.sin(1e9 * x), 0.3)  # too rough for it to see
    assert error > 1e-3 * abs(value)


# --- gradcheck ------------------------------------------------------------------------------------------------


def custom(*row, **more):
    """A user's operation of one input, as a function of a Value."""
    op = Op(*row, **more)
    return lambda x: unary(op, x)


def test_right_derivatives_pass():
    def loss(w, x, b):
        return -autograd.log_sigmoid(autograd.dot(w, x) + b)

    report = gradcheck(loss, ([0.5, -1.0], [2.0, 1.0], 0.25), ([-3.0, 0.1], [0.0, 5.0], 1.0), order=2)
    assert report
    assert report.ok
    assert len(report.comparisons) == 2 * (5 + 25)
    assert str(report) == "all 60 derivatives are right"
    assert report.comparisons[0].name == "df/dw[0] at w[0] = 0.5, w[1] = -1.0, x[0] = 2.0, x[1] = 1.0, b = 0.25"
    report.require()
    assert gradcheck(custom("gaussian", "x", "exp(-x*x)", ["-2*x*y"]), -1.5, 0.0, 0.7, order=2)


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if not any(op.lists)])
def test_every_row_passes(name):
    op = OPS[name]
    rng = random.Random(name)
    for _ in range(3):
        point = tuple(in_domain(op, [rng.uniform(0.3, 2.0) for _ in op.inputs]))
        report = gradcheck(lambda *x: node(op, list(x)), point, order=2)
        assert report, report


@pytest.mark.parametrize("x", [40.0, -40.0, 1000.0, -1000.0])
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "log_sigmoid", "erf"])
def test_nothing_is_wrong_in_the_tails(name, x):
    """What is below the last digit of f is inconclusive: sigmoid'(40) is 4e-18."""
    report = gradcheck(getattr(autograd, name), x, order=2)
    assert {one.verdict for one in report.comparisons} <= {"right", "inconclusive"}, report


WRONG = [
    ("sign", custom("square", "x", "x*x", ["-2*x"]), 1.5),
    ("factor", custom("square", "x", "x*x", ["x"]), 1.5),
    ("a little", custom("square", "x", "x*x", ["2.0000001*x"]), 1.5),
    ("zero", custom("square", "x", "x*x", ["0"]), 1.5),
    ("tanh", custom("tanh", "x", "tanh(x)", ["1 - y"]), 0.3),
    ("computed", custom("tanh", "x", "tanh(x)", ["1 - y*y"], computed="dx = 1 - y*y + 1e-9"), 0.3),
    ("a small zero", custom("small", "x", "1e-6*x", ["0"]), 1.0),
    ("a small zero beside 1", custom("small", "x", "1 + 1e-6*x", ["0"]), 1.0),
    ("a very small one", custom("small", "x", "1e-30*x", ["2e-30"]), 1.0),
    ("a kink outside of its slopes", custom("abs2", "x", "abs(x)", ["2"]), 0.0),
]


@pytest.mark.parametrize(("f", "x"), [pytest.param(*row[1:], id=row[0]) for row in WRONG])
def test_a_wrong_rule_is_caught(f, x):
    report = gradcheck(f, x)
    assert not report
    assert [one.verdict for one in report.comparisons] == ["wrong"]
    with pytest.raises(AssertionError, match="1 of 1 derivatives are not right:\nwrong: df/dx at x = "):
        report.require()


@pytest.mark.parametrize("name", ["tanh", "*", "/", "relu", "softplus"])
def test_a_wrong_rule_planted_in_the_engine_is_caught(name, monkeypatch):
    op = OPS[name]
    wrong = Op(
        name, ", ".join(op.inputs), op.value, ["x*x + 0.1", "b"][: len(op.inputs)] if name not in "*/" else ["a", "b"]
    )
    monkeypatch.setitem(OPS, name, wrong)
    report = gradcheck(lambda *x: node(wrong, list(x)), (0.7, 1.9)[: len(op.inputs)])
    assert "wrong" in [one.verdict for one in report.comparisons]


def test_a_wrong_rule_of_the_graph_is_caught_at_order_2():
    f = custom("tanh2", "x", "tanh(x)", ["1 - y*y"], graph="dx = 1 + y*y")
    assert gradcheck(f, 0.3)
    report = gradcheck(f, 0.3, order=2)
    assert [one.verdict for one in report.comparisons] == ["right", "wrong"]
    assert "wrong: d²f/dxdx at x = 0.3 is " in str(report)


def test_nan_never_passes():
    for f, x in [(autograd.log, -1.0), (autograd.sqrt, -1.0), (lambda x: x * nan, 1.0), (autograd.sqrt, 0.0)]:
        report = gradcheck(f, x)
        assert not report
        assert report.comparisons[0].verdict == "inconclusive"


def test_kinks_are_reported_with_both_sides():
    report = gradcheck(lambda x: autograd.relu(x - 1), 1.0)
    assert not report
    one = report.comparisons[0]
    assert (one.verdict, round(one.left, 9), round(one.right, 9)) == ("kink", 0, 1)
    assert "(0 from the left, 1 from the right)" in str(report)
    assert gradcheck(lambda x: autograd.relu(x - 1), 0.999, 1.001, order=2)


@pytest.mark.parametrize("size", [1e-150, 1.0, 1e150])
def test_how_many_digits_decide_does_not_depend_on_units(size):
    """Beside 1e10 a slope of 1 has some four digits left, enough to say what it is; beside 1e11 hardly three."""

    def verdict(f, x):
        return gradcheck(lambda v: size * f(v), x).comparisons[0].verdict

    assert verdict(lambda v: abs(v) + 1e10, 0.0) == "kink"
    assert verdict(lambda v: v + 1e10, 0.5) == "right"
    assert verdict(lambda v: abs(v) + 1e11, 0.0) == "inconclusive"
    assert verdict(lambda v: v + 1e11, 0.5) == "inconclusive"


def test_stationary_points_flat_functions_and_constants():
    assert gradcheck(lambda x: (x - 1) ** 2, 1.0, order=2)
    assert gradcheck(autograd.cos, 0.0, order=2)
    assert gradcheck(lambda x: autograd.relu(x), -2.0)
    assert gradcheck(lambda x: x * 0 + 3, 2.0)
    assert gradcheck(lambda _: 3, 2.0)


def test_a_function_too_rough_is_inconclusive():
    report = gradcheck(lambda x: autograd.sin(x * 1e9), 0.3)
    assert report.comparisons[0].verdict == "inconclusive"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gradcheck(abs), ValueError, "give at least one point"),
        (lambda: gradcheck(abs, 1.0, order=3), ValueError, "order is 1 or 2, not 3"),
        (lambda: gradcheck(lambda x: [x, x], 1.0), TypeError, "one number, not a list of 2"),
        (lambda: gradcheck(abs, "1"), TypeError, r"expected a real number, got '1' \(str\)"),
        (lambda: gradcheck(lambda _: None, 1.0), TypeError, r"expected a real number, got None"),
    ],
)
def test_clear_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_names_of_arguments():
    report = gradcheck(lambda *x: x[0] * x[1], (1.0, 2.0))
    assert [one.name.split(" at ")[0] for one in report.comparisons] == ["df/dx0", "df/dx1"]
    assert gradcheck(max, (Value(2.0).data, 1.0)).comparisons[1].name.startswith("df/dx1 at")


# --- functions of several numbers -----------------------------------------------------------------------------


def test_one_number_for_each_argument_is_one_point():
    def f(x, w):
        return x.tanh() * w**2

    assert [one.name for one in gradcheck(f, 2.0, 3.0).comparisons] == [
        "df/dx at x = 2.0, w = 3.0",
        "df/dw at x = 2.0, w = 3.0",
    ]
    assert gradcheck(f, 2.0, 3.0).ok
    assert gradcheck(f, (2.0, 3.0), (-1.0, 0.5)).ok
    assert len(gradcheck(f, (2.0, 3.0), (-1.0, 0.5)).comparisons) == 4
    assert gradcheck(lambda x, w: x[0] * w[1] + x[1] * w[0], [1.0, 2.0], [3.0, 4.0]).ok
    assert len(gradcheck(lambda x, k=2: x**k, 2.0, 3.0).comparisons) == 2  # two points of x
    assert gradcheck(lambda *xs: xs[0] * xs[1], (2.0, 3.0)).ok


@pytest.mark.parametrize("points", [(2.0,), (2.0, 3.0), ((2.0, 3.0),), (2.0, 3.0, 4.0, 5.0), ([1.0, 2.0, 3.0],)])
def test_a_point_lacks_arguments(points):
    with pytest.raises(
        TypeError, match=r"f takes 3 arguments, and this point has .*gradcheck\(f, \(0.5, 2.0, -1.0\)\)"
    ):
        gradcheck(lambda a, b, c: a * b * c, *points)
