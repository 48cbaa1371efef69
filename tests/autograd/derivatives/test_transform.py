"""Derivative graphs (``differentiate``) and derivatives of functions (``grad`` and its relatives)."""

import math
import subprocess
import sys

import pytest

import autograd
from autograd import Constant, OpRowError, StaleGraphError, Value, graph, parameter, parse, to_text
from autograd.derivatives.adjoints import differentiate
from autograd.derivatives.transform import grad, hessian, hvp, jacobian, jvp, value_and_grad
from autograd.table.graphs import graph_kernel
from autograd.table.op import Op
from autograd.table.ops import OPS
from autograd.value import unary

inf = math.inf


def close(x, relative=1e-12):
    return pytest.approx(x, rel=relative, abs=0)


# --- graphs ---------------------------------------------------------------------------------------------


def g1():
    a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    J = 3 * (a + b * c)
    J.label = "J"
    return a, b, c, J


def g2(w1=0.5, w2=-1.0, b=0.25):
    n = {"w1": parameter(w1, "w1"), "w2": parameter(w2, "w2"), "b": parameter(b, "b")}
    return n, parse("L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w1*x1 + w2*x2 + b", x1=2, x2=1, y=1, **n)


def test_g1_draws_as_3_c():
    a, b, c, J = g1()
    da, db, dc = differentiate(J, [a, b, c])
    assert (da.data, db.data, dc.data) == (3, 6, 9)
    assert [to_text(d) for d in (da, db, dc)] == ["dJ_da", "dJ_db = 3*c", "dJ_dc = 3*b"]
    assert isinstance(da, Constant)
    assert to_text(differentiate(db, c)) == "ddJ_db_dc"
    assert differentiate(db, c).data == 3
    assert differentiate(J, a).data == 3  # one Value in, one out


def test_g2_gradients_and_hessian():
    n, L = g2()
    gradients = differentiate(L, list(n.values()))
    L.backward()
    assert [d.data for d in gradients] == close([v.grad for v in n.values()])
    assert gradients[0].data == pytest.approx(-0.875647, abs=5e-7)
    s = 0.5621765008857981 * (1 - 0.5621765008857981)  # H = σ'(z) x xᵀ, x = (2, 1, 1)
    want = [[4 * s, 2 * s, 2 * s], [2 * s, s, s], [2 * s, s, s]]
    got = [[h.data for h in differentiate(d, list(n.values()))] for d in gradients]
    assert got == [close(row) for row in want]


def test_a_derivative_can_be_read_back_and_has_the_names_of_the_notes():
    n, L = g2()
    d = differentiate(L, n["w1"])
    assert d.label == "dL_dw1"
    text = to_text(d)
    assert "dL_dz" in text
    again = parse(text, x1=2, x2=1, y=1, w1=0.5, w2=-1, b=0.25)
    assert again.data == close(d.data)


def test_an_inner_node_as_the_variable():
    x = Value(0.7, "x")
    u = x * x
    y = u.sin() + x
    assert differentiate(y, u).data == close(math.cos(0.49))
    assert [d.data for d in differentiate(y, [u, x, y])] == close([math.cos(0.49), 1.4 * math.cos(0.49) + 1, 1.0])


def test_the_graph_that_is_differentiated_is_left_as_it_was():
    a, b, c, J = g1()
    u = J.inputs[1].inputs[1]
    J.backward()
    before = [(v.data, v.grad, v.label) for v in graph.topological(J, constants=True)]
    assert differentiate(a * u, a) is u  # an old node gets no name
    differentiate(differentiate(J * J, b), c)
    assert [(v.data, v.grad, v.label) for v in graph.topological(J, constants=True)] == before


@pytest.mark.parametrize(
    ("formula", "derivatives"),
    [
        ("x**3", ["3*x**2", "6*x", "6"]),
        ("x*x", ["2*x", "2"]),
        ("2*x + 1", ["2", "0"]),
        ("sin(x)", ["cos(x)", "-sin(x)", "-cos(x)", "sin(x)"]),
        ("exp(2*x)", ["2*exp(2*x)", "2*dx"]),
        ("log(x)", ["1/x"]),
        ("5*x**4", ["20*x**3", "60*x**2", "120*x"]),
        ("sigmoid(x)", ["sigmoid(x)*sigmoid(-x)"]),
        ("softplus(x)", ["sigmoid(x)", "dx*sigmoid(-x)"]),
        ("abs(x)", ["sign(x)", "0"]),
        ("relu(x)", ["where(step(x), 1, 0)", "0"]),
        ("maximum(x, 0)", ["where(step(-x), 0, where(x, 1, 0.5))", "0"]),
        ("1/x", ["-(1/x/x)"]),
        ("x - 3", ["1"]),
        ("3 - x", ["-1"]),
        ("x/4", ["0.25"]),
        ("sum([x, x, 1])", ["2"]),
        ("mean([x, 2*x, 0, 1])", ["0.75"]),
        ("step(x) + sign(x)", ["0"]),
    ],
)
def test_derivatives_are_as_short_as_by_hand(formula, derivatives):
    x = Value(1.3, "x")
    d = parse(formula, x=x)
    for want in derivatives:
        d = differentiate(d, x)
        got = repr(d.data).removesuffix(".0") if isinstance(d, Constant) else to_text(d).split(" = ")[-1]
        assert got == want


def test_no_node_is_made_twice():
    x = Value(0.3, "x")
    y = autograd.sum([p * p for p in autograd.softmax([x, 2 * x, 3 * x, 1.0])])
    d = differentiate(y, x)
    keys = [(v.op, *(repr(w.data) if isinstance(w, Constant) else w for w in v.inputs)) for v in graph.topological(d)]
    made = [key for key in keys if key[0] is not None]
    assert len(made) == len(set(made))


def test_what_has_no_influence_has_the_derivative_0():
    x, other = Value(2.0, "x"), Value(3.0, "other")
    y = x * 2
    assert [d.data for d in differentiate(y, [other, x])] == [0.0, 2.0]
    assert differentiate(x, other).data == 0.0
    assert differentiate(x, x).data == 1.0
    assert differentiate(Constant(3.0), x).data == 0.0
    assert differentiate(y, []) == []


def test_a_stale_graph_is_refused_and_a_derivative_can_be_refreshed():
    x = Value(2.0, "x")
    y = x.relu() ** 2 + autograd.maximum(x, -1.0) + abs(x) + autograd.amax([x, 0.5])
    d = differentiate(y, x)
    assert d.data == 7.0
    x.data = -3.0
    with pytest.raises(StaleGraphError, match="changed after the forward pass"):
        differentiate(y, x)
    d.refresh()  # over the branches that x took and did not take
    assert d.data == -1.0
    x.data = 3.0
    d.refresh()
    assert d.data == 9.0


def test_not_a_value():
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"expected a Value, got 3.0 \(float\).*autograd.grad"):
        differentiate(3.0, x)
    with pytest.raises(TypeError, match="expected a Value, got 'x'"):
        differentiate(x * x, ["x"])


def test_a_chain_of_20_000_nodes():
    x = Value(0.5, "x")
    y = x
    for _ in range(10_000):
        y = y.sin() + x
    d = differentiate(y, x)
    y.backward()
    assert d.data == close(x.grad)
    assert len(graph.topological(d)) <= 4 * 20_000
    z = Value(0.5)
    y = z
    for _ in range(20_000):  # rules that strip a minus do not go down a chain of them
        y = -y
    assert differentiate(y * y, z).data == 1.0


def test_a_deep_network_of_relus_stays_linear_in_size():
    w, x = Value(0.999, "w"), Value(2.0, "x")

    def size(depth):
        y = x
        for _ in range(depth):
            y = (w * y).relu()
        return len(graph.topological(differentiate(y, w)))

    assert size(2000) <= 10.1 * size(200)


def test_many_uses_of_one_node_make_one_sum():
    x = Value(0.5, "x")
    y = autograd.sum([x.sin() * k for k in range(1, 5_000)])
    d = differentiate(y, x)
    assert d.data == close(math.cos(0.5) * 4_999 * 2_500)


# --- kinks and masks: what the table says -----------------------------------------------------------------

F = autograd
KINKS = [  # name, f, point, gradient; the second derivatives are 0
    ("relu", F.relu, [0.0], [0.0]),
    ("abs", F.abs, [0.0], [0.0]),
    ("leaky_relu", lambda x: F.leaky_relu(x, 0.2), [0.0], [0.2]),
    ("maximum", F.maximum, [2.0, 2.0], [0.5, 0.5]),
    ("minimum", F.minimum, [2.0, 2.0], [0.5, 0.5]),
    ("amax", lambda a, b, c: F.amax([a, b, c]), [3.0, 3.0, 1.0], [0.5, 0.5, 0.0]),
    ("clip low", lambda x: F.clip(x, -1, 1), [-1.0], [1.0]),
    ("clip high", lambda x: F.clip(x, -1, 1), [1.0], [1.0]),
    ("clip bounds", F.clip, [-3.0, -1.0, 1.0], [0.0, 1.0, 0.0]),
    ("step", F.step, [0.0], [0.0]),
    ("sign", F.sign, [0.0], [0.0]),
    ("where", F.where, [0.0, 3.0, 4.0], [0.0, 0.0, 1.0]),
    ("inner kink", lambda x: F.relu(3 * x) - F.relu(-3 * x), [0.0], [0.0]),
]


@pytest.mark.parametrize(("f", "x", "slopes"), [pytest.param(*row[1:], id=row[0]) for row in KINKS])
def test_at_kinks_the_table_decides(f, x, slopes):
    places = tuple(range(len(x)))
    assert grad(f, places)(*x) == tuple(slopes)
    assert hessian(f, places)(*x) == tuple((0.0,) * len(x) for _ in x)


def test_prelu_at_its_kink():
    assert grad(F.prelu, (0, 1))(0.0, 0.25) == (0.25, 0.0)
    assert hessian(F.prelu, (0, 1))(-2.0, 0.25) == ((0.0, 1.0), (1.0, 0.0))


MASKS = [
    ("sqrt(relu)", lambda x: x.relu().sqrt(), -1.0, 0.0),
    ("sqrt(relu) at 0", lambda x: x.relu().sqrt(), 0.0, 0.0),
    ("log(relu)", lambda x: x.relu().log(), -1.0, 0.0),
    ("sqrt(maximum)", lambda x: F.maximum(x, 0).sqrt(), -1.0, 0.0),
    ("sqrt(clip)", lambda x: F.clip(x, 0, 1).sqrt(), -1.0, 0.0),
    ("sqrt(amax)", lambda x: F.amax([x, 0]).sqrt(), -1.0, 0.0),
    ("where guards a division", lambda x: F.where(x, 1 / x, 7.0), 0.0, 0.0),
    ("where guards a product", lambda x: F.where(x, x * x * (1 / x), 7.0), 0.0, 0.0),
    ("the other arm", lambda x: F.where(1 - F.step(x), 2.0, x.log()), -1.0, 0.0),
    ("a mask behind a mask", lambda x: F.where(x, (1 / x).relu() * 3, 7.0), 0.0, 0.0),
    ("a choice behind a mask", lambda x: F.where(x, F.leaky_relu(1 / x) * 3, 7.0), 0.0, 0.0),
    ("masks that add up", lambda x: F.where(x, (1 / x).relu() + 1 / x + abs(1 / x), 7.0), 0.0, 0.0),
    ("log of a positive", lambda x: F.where(F.step(x), F.log(x) * F.sqrt(x), 0.0), -2.0, 0.0),
]


@pytest.mark.parametrize(("f", "x", "slope"), [pytest.param(*row[1:], id=row[0]) for row in MASKS])
def test_what_a_mask_cuts_off_contributes_nothing_at_any_order(f, x, slope):
    for _ in range(3):
        f = grad(f)
        assert f(x) == slope
        slope = 0.0


# --- functions --------------------------------------------------------------------------------------------


def test_nested_with_known_answers():
    def cube(x):
        return x**3

    assert grad(cube)(2) == 12.0
    assert grad(grad(cube))(2.0) == 12.0
    assert grad(grad(grad(cube)))(2.0) == 6.0
    assert grad(grad(grad(grad(cube))))(2.0) == 0.0
    f = math.e**0.5
    g = F.exp
    for _ in range(6):
        g = grad(g)
        assert g(0.5) == close(f)


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0  # Siskind & Pearlmutter's example
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0) == 54.0  # (2x³)'
    assert grad(lambda x: grad(lambda y: x**2 * y**3)(x))(2.0) == close(96.0)  # (3x⁴)'
    assert grad(lambda x: value_and_grad(lambda y: x * y * y)(x)[0])(2.0) == 12.0
    assert grad(lambda x: grad(lambda _: x)(5.0) + x)(2.0) == 1.0
    assert grad(lambda x: jvp(lambda y: y * y * x, x, x))(2.0) == 24.0  # (2x³)'
    assert grad(lambda x: hvp(lambda y: y**3 * x, x, 1.0))(2.0) == 24.0  # (6x²)'


def test_a_descent_can_be_differentiated():
    def after_descent(rate):
        w = 1.0
        for _ in range(3):
            w = w - rate * grad(lambda w: 0.5 * w**2)(w)
        return w

    assert after_descent(0.1) == close(0.9**3)
    assert grad(after_descent)(0.1) == close(-3 * 0.9**2)


def test_numbers_in_numbers_out_and_the_form_of_the_argument():
    def f(w, x):
        return w[0][0] * x + w[0][1] ** 2 + w[1]

    assert grad(f)([(1.0, 2.0), 3], 5) == [(5.0, 4.0), 1.0]
    assert grad(f, 1)([(1.0, 2.0), 3.0], 5.0) == 1.0
    assert grad(f, [1, 0])([[1.0, 2.0], 3.0], 5.0) == (1.0, [[5.0, 4.0], 1.0])
    assert value_and_grad(f)([[1.0, 2.0], 3.0], 5.0) == (12.0, [[5.0, 4.0], 1.0])
    assert all(type(x) is float for x in grad(lambda x: x[0] * 2 + 0 * x[1])([1, 2]))
    assert grad(lambda x, power=2: x**power)(3.0, power=3) == 27.0


def test_values_in_values_out():
    x = Value(3.0, "x")
    d = grad(lambda t: t**3)(x)
    assert to_text(d) == "dx = 3*x**2"
    assert graph.leaves(d) == [x]
    d.backward()
    assert x.grad == 18.0
    value, slope = value_and_grad(lambda t: t)(x)
    assert value is x
    assert (type(slope), slope.data) == (Constant, 1.0)
    k = Value(2.0, "k")
    outside = grad(lambda t: k * t)(5.0)  # a number in, but it depends on k
    assert outside is k
    assert grad(lambda t: k + t)(5.0) == 1.0
    assert grad(lambda t, s: t * s)(4.0, k) is k
    assert isinstance(grad(lambda t: t * 2)(Constant(4.0)), Value)


def test_constants_and_branches():
    assert grad(lambda x: 5)(1.0) == 0.0  # noqa: ARG005
    assert grad(lambda x: [x][0])(1.0) == 1.0
    assert jacobian(lambda x: [x, 3, x * x])(4.0) == [1.0, 0.0, 8.0]

    def f(x):
        if x > 0:
            return x**2
        return -x

    assert [grad(f)(x) for x in (3.0, -3.0)] == [6.0, -1.0]


def test_jacobian_and_products_with_it():
    def f(x):
        return [x[0] * x[1], [F.sin(x[1]), x[0]], 7.0]

    x, v = [3.0, 4.0], [0.5, -2.0]
    J = [[4.0, 3.0], [[0.0, math.cos(4)], [1.0, 0.0]], [0.0, 0.0]]
    got = jacobian(f)(x)
    assert got[0] == J[0]
    assert got[1][0] == close(J[1][0])
    assert got[2] == J[2]
    (first, (second, third), last) = jvp(f, x, v)
    assert [first, second, third, last] == close([-4.0, -2 * math.cos(4), 0.5, 0.0])
    assert jacobian(lambda a, b: [a * b, a], (0, 1))(2.0, 5.0) == [(5.0, 2.0), (1.0, 0.0)]
    assert jvp(lambda a, b: a * b[0], (2.0, [5.0]), (1.0, [10.0])) == 25.0
    assert jvp(lambda x: [], 1.0, 1.0) == []  # noqa: ARG005


def test_hessian_and_products_with_it():
    def f(x):
        return F.sigmoid(x[0] * x[1]) * x[2] ** 2 + F.logsumexp(x)

    x, v = [0.3, -1.2, 2.0], [1.0, 0.5, -0.25]
    h = hessian(f)(x)
    want = [sum(one * d for one, d in zip(row, v, strict=True)) for row in h]
    assert hvp(f, x, v) == close(want)
    assert [list(column) for column in zip(*h, strict=True)] == [close(row) for row in h]
    assert hvp(lambda a, b: a**2 * b, (3.0, 4.0), (1.0, 10.0)) == (68.0, 6.0)
    assert hvp(lambda x: 3 * x, 1.0, 1.0) == 0.0
    assert hessian(lambda x, y: x * x * y, (0, 1))(3.0, 4.0) == ((8.0, 6.0), (6.0, 0.0))
    direction = Value(2.0, "v")
    along = hvp(lambda x: x**3, 5.0, direction)
    assert along.data == 60.0
    assert direction in graph.leaves(along)


def test_squared_error_on_a_sigmoid_is_not_convex_while_cross_entropy_is():
    def squared(w):
        return 0.5 * (F.sigmoid(w) - 1) ** 2

    assert hessian(squared)(-4.0) < 0 < hessian(squared)(1.0)
    assert all(hessian(lambda w: -F.log_sigmoid(w))(w) > 0 for w in (-40.0, -4.0, 0.0, 4.0, 40.0))


def test_o1_descent_on_one_parameter():
    def residuals(intercept):
        points = [(0.5, 1.4), (2.3, 1.9), (2.9, 3.2)]
        return F.sum([(y - (intercept + 0.64 * x)) ** 2 for x, y in points])

    assert [grad(residuals)(b) for b in (0.0, 0.5704)] == pytest.approx([-5.704, -2.2816], rel=1e-9, abs=0)
    assert hessian(residuals)(0.0) == close(6.0)


def test_g5_worked_training_step():
    def cost(theta1, theta2):
        hidden = [F.sigmoid(F.dot(row, [2, 3])) for row in theta1]
        return 0.5 * (F.dot(theta2, hidden) - 1) ** 2

    theta1, theta2 = [[0.11, 0.12], [0.21, 0.08]], [0.14, 0.15]
    value, (d1, d2) = value_and_grad(cost, (0, 1))(theta1, theta2)
    assert value == pytest.approx(0.329154, abs=5e-7)
    assert d2 == pytest.approx([-0.520137, -0.534899], abs=5e-7)
    assert d1[0] == pytest.approx([-0.0522744, -0.07841159], abs=5e-8)
    assert d1[1] == pytest.approx([-0.05467833, -0.0820175], abs=5e-8)


def test_detect_anomaly_sees_nothing_where_nothing_is():
    with autograd.detect_anomaly():
        assert grad(lambda x: x**2)(-3.0) == -6.0  # the row's other partial has log(-3)
        assert grad(lambda x: x**0)(0.0) == 0.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: grad(lambda x: [x, x])(1.0), TypeError, r"not a list of 2; for lists there is autograd.jacobian"),
        (lambda: hvp(lambda x: (x,), 1.0, 1.0), TypeError, "one number, not a tuple of 1"),
        (lambda: grad(lambda _: None)(1.0), TypeError, r"returned what is no number: .* None \(NoneType\)"),
        (lambda: jacobian(lambda _: ["a"])(1.0), TypeError, "returned what is no number.*'a'"),
        (lambda: grad(lambda x: x)("a"), TypeError, r"expected a real number, got 'a' \(str\)"),
        (lambda: grad(lambda x: x, 1)(1.0), ValueError, "argnums has 1, but the call has 1 arguments"),
        (lambda: grad(lambda x: x, -1)(1.0), ValueError, "argnums has -1"),
        (lambda: grad(lambda x: x, "x")(1.0), TypeError, "argnums is the number of an argument, .*not 'x'"),
        (lambda: grad(lambda x: x, True)(1.0), TypeError, "argnums is the number of an argument"),
        (lambda: grad(Value(2.0)), TypeError, r"expected a function, got .*autograd.differentiate\(root, wrt\)"),
        (lambda: jvp(lambda x: x, [1.0, 2.0], [1.0]), ValueError, "direction .* has not the form of"),
        (lambda: hvp(lambda x: x, 1.0, [1.0]), ValueError, "hvp: the direction"),
    ],
)
def test_clear_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


# --- rows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_row_has_its_graph_form(op):
    graph_kernel(op, op.inputs)


@pytest.mark.parametrize(
    ("factors", "derivative"),
    [
        ("a, b", "b"),
        ("a, b, c", "b*c"),
        ("a, b, c, b", "prod([b, c, b])"),
        ("a, 2, b", "2*b"),
        ("a, 2, b, 3, c", "prod([6, b, c])"),
    ],
)
def test_a_derivative_of_prod_is_no_larger_than_it_must_be(factors, derivative):
    a = Value(3.0, "a")
    others = {name: x for name, x in {"b": 5.0, "c": 7.0}.items() if name in factors}
    J = parse(f"prod({factors})", a=a, **others)
    assert to_text(differentiate(J, a)).removeprefix("da = ") == derivative


def test_a_derivative_of_prod_may_be_constant():
    a, b = Value(3.0), Value(5.0)
    for factors, derivative in (([a, 2], 2.0), ([a], 1.0), ([a, b, 0], 0.0), ([a, b, b, 0], 0.0), ([b, 0, a / 0], 0.0)):
        da = differentiate(autograd.prod(factors), a)
        assert isinstance(da, Constant)
        assert da.data == derivative


def test_a_row_that_no_graph_can_be_made_of_says_so():
    rough = Op("rough", "x", "x if isfinite(x) else 0", ["1 if isfinite(x) else 0"])
    with pytest.raises(OpRowError, match="row 'rough': unknown name 'isfinite'"):
        graph_kernel(rough, ("x",))
    odd = Op("odd", "x", "x % 2", ["x % 2"])
    with pytest.raises(OpRowError, match="row 'odd': no operation of the table makes a graph of x % 2"):
        graph_kernel(odd, ("x",))
    with pytest.raises(OpRowError, match="row 'typo': unknown name 'sigmiod'"):
        Op("typo", "x", "exp(x)", ["y"], graph="dx = sigmiod(x)").check_graph(OPS)


CONDITIONS = [  # of a slope of 1 or 2, and where it is 2 among -2, -1, 0, 1, 2
    ("x < 1", [-2, -1, 0]),
    ("x <= 1", [-2, -1, 0, 1]),
    ("x > 1", [2]),
    ("x >= 1", [1, 2]),
    ("x == 1", [1]),
    ("x != 1", [-2, -1, 0, 2]),
    ("x", [-2, -1, 1, 2]),
    ("not x > 1", [-2, -1, 0, 1]),
    ("-1 < x <= 1", [0, 1]),
    ("x < -1 or x == 0 or x > 1", [-2, 0, 2]),
    ("x > -2 and x < 2 and x != 0", [-1, 1]),
    ("not (x > 0 or x < -1)", [-1, 0]),
]


@pytest.mark.parametrize(("condition", "true_at"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_every_kind_of_condition_becomes_a_graph(condition, true_at):
    for partial in (f"2 if {condition} else 1", f"1 + +(not not ({condition}))"):
        f = Op("f", "x", "x", [partial])
        x = Value(0.0)
        d = differentiate(unary(f, x), x)
        for x.data in (-2.0, -1.0, 0.0, 1.0, 2.0):
            d.refresh()
            assert d.data == (2.0 if x.data in true_at else 1.0)


def test_a_new_row_has_all_derivatives():
    """In a process of its own: the table is global."""
    code = "import autograd, autograd.table.ops; from autograd.value import unary; from autograd import grad; "
    code += "op = autograd.table.ops.op('gaussian', 'x', 'exp(-x*x)', ['-2*x*y']); f = lambda x: unary(op, x); "
    code += "print(grad(grad(f))(0.5), grad(grad(grad(f)))(0.5))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    second, third = map(float, result.stdout.split())
    assert second == close((4 * 0.25 - 2) * math.exp(-0.25))
    assert third == close((12 * 0.5 - 8 * 0.125) * math.exp(-0.25))
