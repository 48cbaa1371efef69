"""What ``grad`` and its relatives take and give: arrays, dicts, named arguments; and calls nested in any way."""

import functools
import itertools
import math
import random
from collections import namedtuple

import numpy as np
import pytest
import sympy

import autograd as F  # noqa: N812
from autograd import Constant, Value, gradcheck, graph, parameter
from autograd.derivatives.transform import grad, hessian, hvp, jacobian, jvp, value_and_grad


def close(x, relative=1e-12):
    return pytest.approx(x, rel=relative, abs=1e-15)


# --- nested: an outermost call on numbers gives numbers -----------------------------------------------------

X, Y = sympy.symbols("x y")
FUNCTIONS = [  # of Values, and of SymPy
    (lambda x, y: x**2 * y**3, X**2 * Y**3),
    (lambda x, y: F.exp(x * y) / (1 + x * x), sympy.exp(X * Y) / (1 + X**2)),
    (lambda x, y: F.sin(x + 2 * y) * F.log(y) + x, sympy.sin(X + 2 * Y) * sympy.log(Y) + X),
    (lambda x, y: F.tanh(x * y) ** 3 - F.sqrt(y), sympy.tanh(X * Y) ** 3 - sympy.sqrt(Y)),
    (lambda x, y: F.sum([x * y, 3.0, y * y]), X * Y + 3 + Y**2),  # soon constant
    (lambda x, y: F.dot(np.array([x, y]), np.array([[1.0, 2.0], [3.0, 4.0]]) @ np.array([x * y, x])),
     X * (X * Y + 2 * X) + Y * (3 * X * Y + 4 * X)),
]  # fmt: skip


def inside(f, place):
    """f with the other argument closed over."""
    return lambda x, y: (lambda t: f(t, y)) if place == 0 else (lambda t: f(x, t))


SPELLINGS = {  # of the derivative of f by an argument, as a function of x and y
    "grad": lambda f, place: grad(f, place),
    "jacobian": lambda f, place: jacobian(f, argnum=place),
    "value_and_grad": lambda f, place: lambda x, y: value_and_grad(f, place)(x, y)[1],
    "both": lambda f, place: lambda x, y: grad(f, (0, 1))(x, y)[place],
    "closure": lambda f, place: lambda x, y: grad(inside(f, place)(x, y))((x, y)[place]),
    "closure jvp": lambda f, place: lambda x, y: jvp(inside(f, place)(x, y), (x, y)[place], 1.0),
    "jvp": lambda f, place: lambda x, y: jvp(f, (x, y), (1.0 - place, float(place))),
    "list": lambda f, place: lambda x, y: grad(lambda p: f(p[0], p[1]))([x, y])[place],
    "array": lambda f, place: lambda x, y: grad(lambda p: f(p[0], p[1]))(np.array([x, y]))[place],
    "dict": lambda f, place: lambda x, y: grad(lambda p: f(p["x"], p["y"]))({"x": x, "y": y})["xy"[place]],
}


@pytest.mark.parametrize(("f", "expression"), FUNCTIONS, ids=[str(e) for _, e in FUNCTIONS])
@pytest.mark.parametrize("spelling", [*SPELLINGS, "mixed"])
def test_derivatives_nested_over_any_arguments_are_the_right_numbers(f, expression, spelling):
    rng, point = random.Random(spelling), (0.75, 1.5)
    for order in (1, 2, 3):
        for places in itertools.product((0, 1), repeat=order):
            derivative, want = f, expression
            for place in places:
                name = rng.choice(list(SPELLINGS)) if spelling == "mixed" else spelling
                derivative, want = SPELLINGS[name](derivative, place), sympy.diff(want, (X, Y)[place])
            got = derivative(*point)
            assert isinstance(got, float)
            assert got == close(float(want.subs({X: sympy.Rational(3, 4), Y: sympy.Rational(3, 2)}).evalf(30)))


@pytest.mark.parametrize(("f", "expression"), FUNCTIONS, ids=[str(e) for _, e in FUNCTIONS])
def test_hessians_inside_and_outside(f, expression):
    def number(*by):
        return float(sympy.diff(expression, *by).subs({X: sympy.Rational(3, 4), Y: sympy.Rational(3, 2)}).evalf(30))

    x, y = 0.75, 1.5
    third = close(number(X, X, Y))
    assert grad(hessian(f), 1)(x, y) == third
    assert hessian(lambda t: grad(lambda u: f(t, u))(y))(x) == third
    assert grad(lambda u: hessian(lambda t: f(t, u))(x))(y) == third
    assert grad(lambda u: hvp(lambda t: f(t, u), x, 1.0))(y) == third
    assert hvp(lambda t: grad(lambda u: f(t, u))(y), x, 1.0) == third
    assert jvp(lambda u: hessian(lambda t: f(t, u))(x), y, 1.0) == third
    assert hessian(lambda p: grad(f, 1)(p[0], y))([x])[0] == [third]
    assert jacobian(lambda u: [grad(grad(f))(x, u), x])(y) == [third, 0.0]
    matrix = hessian(f, (0, 1))(x, y)
    assert matrix == ((close(number(X, X)), close(number(X, Y))), (close(number(Y, X)), close(number(Y, Y))))
    assert all(type(one) is float for row in matrix for one in row)


def test_reports_of_nested_calls():
    def f(x, y):
        return x**2 * y**3

    assert grad(grad(f), 1)(2.0, 3.0) == 108.0
    assert type(grad(grad(f), 1)(2.0, 3.0)) is float
    assert jacobian(grad(f), 1)(2.0, 3.0) == 108.0
    assert grad(lambda y: grad(lambda x: f(x, y))(2.0))(3.0) == 108.0
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(3.0) == 1.0
    assert value_and_grad(lambda y: value_and_grad(lambda x: x * y)(2.0)[0])(3.0) == (6.0, 2.0)
    assert grad(lambda y: grad(lambda x: x * 3.0)(2.0) * y)(5.0) == 3.0  # the inner one depends on no outer one
    assert grad(grad(lambda x, y: 5.0), 1)(2.0, 3.0) == 0.0  # noqa: ARG005


def test_an_inner_call_is_a_graph_over_what_varies_outside_and_nothing_else():
    seen = []

    def outer(y):
        seen.append(grad(lambda x: x * x * y)(3.0))
        return seen[-1]

    assert grad(outer)(2.0) == 6.0
    k = Value(2.0, "k")
    d = grad(grad(lambda x, y: x * x * y * k), 1)(3.0, 4.0)
    assert (d.data, graph.leaves(d)) == (12.0, [k])
    d.backward()
    assert k.grad == 6.0
    w = parameter(0.5, "w")
    slope = grad(lambda x: F.tanh(w * x))(2.0)
    assert graph.leaves(slope) == [w]  # no leaf for x, which was a number
    two = grad(lambda x, other: other * x)(1.0, other=k)
    assert two is k
    assert isinstance(grad(lambda x, other: 3 * x)(1.0, other=k), Constant)  # noqa: ARG005


def test_values_come_out_where_the_direction_is_one():
    direction = Value(2.0, "v")
    for result in (jvp(lambda x: x * x, 3.0, direction), hvp(lambda x: x**3, 1.0, direction)):
        assert (result.data, graph.leaves(result)) == (12.0, [direction])
    assert isinstance(jvp(lambda x: 5.0, 3.0, direction), Constant)  # noqa: ARG005


def test_jvp_of_every_function_leaves_no_leaf_of_its_own():
    for name, f in F.FUNCTIONS.items():
        op = F.OPS[name]
        if not any(op.lists):
            x = tuple(0.3 + 0.1 * i for i in range(len(op.inputs)))
            for transform in (jvp, hvp):
                result = transform(f, x, tuple(1.0 for _ in x))
                assert all(type(y) is float for y in (result if isinstance(result, tuple) else [result]))


# --- arrays ---------------------------------------------------------------------------------------------------

W = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 4.0]])
x = np.array([0.5, -1.0, 2.0])


def cost(W, x):
    return (F.tanh(W @ x) ** 2).sum()


def exact_gradients():
    t = np.tanh(W @ x)
    inner = 2 * t * (1 - t * t)
    return np.outer(inner, x), W.T @ inner


def test_gradients_of_arrays_are_arrays_of_their_shape():
    by_w, by_x = exact_gradients()
    got = grad(cost)(W, x)
    assert (type(got), got.dtype, got.shape) == (np.ndarray, np.float64, W.shape)
    assert got == close(by_w)
    assert grad(cost, argnum=1)(W, x) == close(by_x)
    value, both = value_and_grad(cost, (0, 1))(W, x)
    assert value == close((np.tanh(W @ x) ** 2).sum())
    assert both[0] == close(by_w)
    assert both[1] == close(by_x)
    assert grad(lambda x: x.sum())(np.array([[1, 2], [3, 4]], dtype=np.int8)).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert grad(lambda x: (x * x).sum())(np.zeros((0, 3))).shape == (0, 3)
    assert grad(lambda x: x**3)(np.array(2.0)) == 12.0  # one without dimensions is a number
    assert type(grad(lambda x: x.exp())(np.array(2.0))) is float
    assert grad(lambda x: (x.T @ x)[0])(np.array([[1.0], [2.0]])).tolist() == [[2.0], [4.0]]  # an array of one number
    assert grad(lambda x: np.array(x[0] * x[1], dtype=object))(x).tolist() == [-1.0, 0.5, 0.0]


def test_jacobians_of_arrays():
    assert jacobian(lambda x: W @ x)(x).tolist() == W.tolist()
    assert jacobian(lambda x: W)(x).tolist() == np.zeros((2, 3, 3)).tolist()  # noqa: ARG005
    by_w = jacobian(lambda w: w @ x)(W)
    assert by_w.tolist() == np.einsum("ij,k->ijk", np.eye(2), x).tolist()
    assert jacobian(lambda x: [x.sum(), x * x])(x)[1].tolist() == np.diag(2 * x).tolist()
    assert jacobian(lambda s: x * s)(3.0).tolist() == x.tolist()
    of_list = jacobian(lambda p: x * p[0] + p[1])([3.0, 4.0])
    assert of_list == [[0.5, 1.0], [-1.0, 1.0], [2.0, 1.0]]
    of_two = jacobian(lambda a, b: W @ a * b, (0, 1))(x, 2.0)
    assert [(row.tolist(), last) for row, last in of_two] == [((2 * w).tolist(), w @ x) for w in W]
    square = jacobian(lambda x: np.outer(x, x))(x[:2])
    assert square.shape == (2, 2, 2)
    assert square[0, 1].tolist() == [-1.0, 0.5]


def test_hessians_and_products_of_arrays():
    q = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0], [4.0, 0.0, 1.0]])

    def f(x):
        return x @ q @ x * x[0]

    h = hessian(f)(x)
    e = np.array([1.0, 0.0, 0.0])
    want = (q + q.T) * x[0] + np.outer(e, (q + q.T) @ x) + np.outer((q + q.T) @ x, e)
    assert h.shape == (3, 3)
    assert h == close(want)
    v = np.array([1.0, -2.0, 0.25])
    assert hvp(f, x, v) == close(want @ v)
    assert hvp(f, x, [1.0, -2.0, 0.25]) == close(want @ v)
    assert jvp(lambda x: W @ x, x, v) == close(W @ v)
    assert jvp(lambda w, x: w @ x, (W, x), (W, x)) == close(2 * W @ x)
    of_w = hessian(cost)(W, x)
    assert of_w.shape == (2, 3, 2, 3)
    assert of_w[0, :, 1] == close(np.zeros((3, 3)))
    third = jacobian(hessian(f))(x)
    assert third.shape == (3, 3, 3)
    assert third == close(third.transpose(2, 1, 0))
    assert third[0, 0, 0] == close(6 * q[0, 0])


def test_arrays_of_values():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    d = grad(lambda x: (x**3).sum())(np.array([a, b, 4.0], dtype=object))
    assert d.dtype == object
    assert [one.data for one in d] == [12.0, 27.0, 48.0]
    assert isinstance(d[2], Value)
    d[0].backward()
    assert (a.grad, b.grad) == (12.0, 0.0)
    inner = grad(lambda s: grad(lambda x: (x**3).sum() * s)(np.array([1.0, 2.0])).sum())(5.0)
    assert inner == 15.0
    assert grad(lambda x, data: (data @ x).sum())(x, W).tolist() == W.sum(axis=0).tolist()


# --- dicts, tuples with names, named arguments ------------------------------------------------------------------

Model = namedtuple("Model", ["w", "b"])


def test_dicts_and_named_tuples():
    def f(p, x):
        return F.sum(p["w"] * x) * p["b"]["inner"][0] + p["b"]["inner"][1]

    p = {"w": np.array([1.0, 2.0]), "b": {"inner": (3.0, 4.0)}}
    got = grad(f)(p, 2.0)
    assert got["w"].tolist() == [6.0, 6.0]
    assert got["b"] == {"inner": (6.0, 1.0)}
    assert jacobian(lambda p: {"twice": 2 * p["a"], "both": [p["a"] * p["b"], 1.0]})({"a": 2.0, "b": 5.0}) == {
        "twice": {"a": 2.0, "b": 0.0},
        "both": [{"a": 5.0, "b": 2.0}, {"a": 0.0, "b": 0.0}],
    }
    assert hessian(lambda p: p["a"] ** 2 * p["b"])({"a": 3.0, "b": 4.0}) == {
        "a": {"a": 8.0, "b": 6.0},
        "b": {"a": 6.0, "b": 0.0},
    }
    assert jvp(lambda p: p["a"] ** 2 * p["b"], {"a": 3.0, "b": 4.0}, {"b": 10.0, "a": 1.0}) == 24.0 + 90.0
    assert hvp(lambda p: p["a"] ** 2 * p["b"], {"a": 3.0, "b": 4.0}, {"b": 10.0, "a": 1.0}) == {"a": 68.0, "b": 6.0}
    slopes = grad(lambda m: m.w * 3 + m.b)(Model(1.0, 2.0))
    assert (type(slopes), slopes) == (Model, (3.0, 1.0))


def test_named_arguments():
    def f(x, y, *, power=2, scale=1.0):
        return scale * x**power * y

    assert grad(f)(3.0, y=5.0) == 30.0
    assert grad(f)(x=3.0, y=5.0) == 30.0
    assert grad(f, 1)(y=5.0, x=3.0) == 9.0
    assert grad(f, (1, 0))(3.0, y=5.0, power=3) == (27.0, 135.0)
    assert grad(grad(f), 1)(x=3.0, y=5.0, scale=2.0) == 12.0
    assert grad(functools.partial(f, scale=2.0))(3.0, y=5.0) == 60.0
    assert value_and_grad(f, argnum=1)(x=np.array([3.0]), y=2.0) == (18.0, 9.0)
    with pytest.raises(ValueError, match="argnums has 1, but the call has 1 arguments, numbered from 0"):
        grad(f, 1)(3.0, power=2)
    with pytest.raises(ValueError, match="argnums has 2, but"):
        grad(f, 2)(3.0, 5.0, power=2)  # to be given by name alone


def test_argnum_is_another_spelling():
    def f(x, y):
        return x * y**2

    assert grad(f, argnum=1)(2.0, 3.0) == grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, argnum=(1, 0))(2.0, 3.0) == (12.0, 9.0)
    assert value_and_grad(f, argnum=1)(2.0, 3.0) == (18.0, 12.0)
    assert jacobian(f, argnum=1)(2.0, 3.0) == 12.0
    assert hessian(f, argnum=1)(2.0, 3.0) == 4.0
    for transform in (grad, value_and_grad, jacobian, hessian):
        with pytest.raises(TypeError, match=r"argnum=0 and argnums=1 are two spellings of one: write one of them"):
            transform(f, 1, argnum=0)


def test_gradcheck_takes_the_same_forms():
    assert gradcheck(lambda x, p: (x * x).sum() * p["w"], (np.array([[1.0, 2.0]]), {"w": 3.0}), order=2).ok
    report = gradcheck(lambda x, p: abs(x[0, 1]) * p["w"], (np.array([[1.0, 0.0]]), {"w": 3.0}))
    assert [one.name.split(" at ")[0] for one in report.comparisons] == ["df/dx[0][0]", "df/dx[0][1]", "df/dp['w']"]
    with pytest.raises(TypeError, match="one number, not a list of 2"):
        gradcheck(lambda x: [x, x], 1.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: grad(lambda x: x * x)(x),
            TypeError,
            r"one number, not an array of shape \(3,\); .* autograd.jacobian",
        ),
        (lambda: grad(lambda x: {"a": x})(1.0), TypeError, "one number, not a dict of 1"),
        (lambda: grad(lambda x: x[0])(np.array(["a"])), TypeError, r"expected a real number, got .*'a'"),
        (lambda: grad(lambda x: x[0])(np.array([1j])), TypeError, "1j"),
        (lambda: jvp(lambda x: x.sum(), x, x[:2]), ValueError, "the direction .* has not the form of"),
        (lambda: jvp(lambda x: x.sum(), x, 1.0), ValueError, "the direction"),
        (lambda: jvp(lambda x: x, 1.0, {"a": 1.0}), ValueError, "the direction"),
        (
            lambda: hvp(lambda p: p["a"], {"a": 1.0}, {"b": 1.0}),
            ValueError,
            "the direction {'b': 1.0} has not the form",
        ),
        (lambda: hvp(lambda p: p["a"], {"a": 1.0}, [1.0]), ValueError, "the direction"),
    ],
)
def test_clear_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_argument_that_is_not_varied_may_be_anything():
    big = np.zeros(10**6)
    assert grad(lambda x, data, name: x * data[0] + len(name))(2.0, big, name="cost") == 0.0
    assert grad(lambda x, things: x * len(things))(2.0, {"a": None, "b": [math.inf, "c"]}) == 2.0
