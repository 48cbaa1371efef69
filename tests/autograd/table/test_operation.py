"""An operation declared at run time, as in a notebook, is one like those of the table."""

import copy
import math
import pickle

import numpy as np
import pytest
from mpmath import mp

import autograd
from autograd import (
    OpRowError,
    Trace,
    Value,
    check,
    detect_anomaly,
    differentiate,
    explain,
    gradcheck,
    operation,
    parse,
    record,
    to_latex,
    to_mathml,
    to_text,
    trace,
)
from autograd.functions import _forget
from autograd.table.javascript import twin
from autograd.table.ops import OPS
from viz import draw, stepper


@pytest.fixture
def cube():
    return operation("cube", "x", "x**3", ["3*x**2"], latex="{x}^{3}")


def test_it_computes_as_function_method_and_on_numbers(cube):
    x = Value(-1.5, "x")
    for y in (cube(x), x.cube(), autograd.cube(x)):
        x.grad = 0.0
        y.backward()
        assert (y.data, x.grad, y.op.name) == (-3.375, 6.75, "cube")
    assert (cube(2), cube.__name__, cube.__doc__) == (8.0, "cube", "y = x**3; dy/dx = 3*x**2.")
    assert gradcheck(cube, 0.7)
    with pytest.raises(TypeError, match="expected a real number, got 'x'"):
        cube("x")


def test_formulas_and_derivative_graphs(cube):
    y = parse("y = 2*cube(x) + 1", x=-1.5)
    assert to_text(y) == "y = 2*cube(x) + 1"
    assert r"{x}^{3}" in to_latex(y)
    assert "cube" in to_mathml(y) or "<msup>" in to_mathml(y)
    (x,) = autograd.graph.leaves(y)
    assert to_text(differentiate(y, x)) == "dy_dx = 6*x**2"
    assert differentiate(differentiate(y, x), x).data == pytest.approx(12 * -1.5, rel=1e-15)
    assert autograd.grad(autograd.grad(cube))(-1.5) == pytest.approx(-9.0, rel=1e-15)


def test_pictures_and_steps(cube):
    x = Value(2.0, "x")
    y = cube(x)
    y.label = "y"
    y.backward()
    assert "cube" in draw(y).svg
    assert "12" in draw(y).svg
    assert "3·x²" in stepper(y).text()
    assert '"cube": { lists: [false], computed: (x) =>' in twin()
    assert '"cube": { lists' in stepper(y).html
    assert "6.75" in Trace.from_json(trace(y).to_json()).revalued({0: -1.5}).text()


def test_the_checker(cube):
    y = cube(Value(2.0, "x")) * Value(3.0, "c")
    report = check(y, {"x": "c*3*x**2", "c": "cube(x)"})
    assert report.ok
    wrong = check(y, {"x": "c*3*x"})
    assert wrong["x"].verdict == "wrong"
    assert "x" in wrong["x"].diagnosis
    assert "3·x²" in str(explain(y, autograd.graph.leaves(y)[0]))
    with detect_anomaly(), pytest.raises(autograd.AnomalyError, match=r"cube\(1e\+200\) is inf"):
        cube(Value(1e200))


def test_a_page_made_before_it_was_declared_does_not_hold_for_later_ones():
    y = Value(2.0, "x") * 2
    assert '"late": { lists' not in stepper(y).html
    autograd.operation("late", "x", "x*x", ["2*x"])
    assert '"late": { lists' in stepper(y).html


def test_programs(cube):
    w = autograd.parameter(0.5, "w")
    program = record(lambda x: cube(w * x), 1.0)
    X = np.array([-1.0, 0.5, 2.0])
    J, grads = program.value_and_grad(X)
    assert pytest.approx(np.mean((0.5 * X) ** 3), rel=1e-14) == J
    assert grads[0] == pytest.approx(np.mean(3 * (0.5 * X) ** 2 * X), rel=1e-14)


def test_a_program_of_numba_made_before_goes_on():
    """Its kernels know the rows that there were."""
    pytest.importorskip("numba")
    w = autograd.parameter(0.5, "w")
    program = record(lambda x: (w * x).tanh(), 1.0).using("numba")
    first = program([1.0])
    operation("aaa", "*x", "sum(x)", ["1"])
    assert program([1.0] * 50).tolist() == [first[0]] * 50


def test_lists_defaults_masks_and_stable_forms():
    spread = operation("spread", "*x", "max(x) - sum(x)/len(x)", ["(1 if x[i] == max(x) else 0) - 1/len(x)"])
    xs = [Value(v) for v in (1.0, -2.0, 4.0)]
    y = spread(xs)
    y.backward()
    assert [x.grad for x in xs] == pytest.approx([-1 / 3, -1 / 3, 2 / 3], rel=1e-15)
    hard = operation("hard_tanh", "x, bound", "bound if x > bound else -bound if x < -bound else x",
                     ["1 if x >= -bound and x <= bound else 0", "1 if x > bound else -1 if x < -bound else 0"],
                     defaults=[1.0])  # fmt: skip
    x = Value(-3.0)
    z = hard(x) + x.hard_tanh(bound=5.0)
    z.backward()
    assert (z.data, x.grad) == (-4.0, 1.0)
    excess = operation("excess", "x", "exp(x) - 1", ["y + 1"], computed="y = expm1(x); dx = exp(x)", symbol="E")
    x = Value(1e-12)
    y = excess(x)
    y.backward()
    with mp.workdps(40):
        assert y.data == pytest.approx(float(mp.expm1(mp.mpf(1e-12))), rel=1e-15)
    assert x.grad == pytest.approx(math.exp(1e-12), rel=1e-15)
    assert parse("E(x)", x=0.5).data == math.expm1(0.5)


def test_declared_again_it_is_replaced_and_older_graphs_stay(cube):
    x = Value(2.0)
    old = cube(x)
    assert operation("cube", "x", "x**3", ["3*x**2"], latex="{x}^{3}") is cube  # the same cell once more
    quartic = operation("cube", "x", "x**4", ["4*x**3"])
    assert (quartic(x).data, x.cube().data, parse("cube(x)", x=2).data) == (16.0, 16.0, 16.0)
    old.refresh()
    old.backward()
    assert (old.data, x.grad) == (8.0, 12.0)
    assert copy.deepcopy(old).data == 8.0
    assert pickle.loads(pickle.dumps(quartic(x))).data == 16.0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            ("tanh", "x", "x", ["1"]),
            r"the name 'tanh' is taken by an operation of the table: choose .*my_tanh",
        ),
        (("data", "x", "x", ["1"]), r"the name 'data' is taken by Value\.data"),
        (("my op", "x", "x", ["1"]), r"'my op' can be none, write one like my_tanh"),
        (("lambda", "x", "x", ["1"]), r"'lambda' can be none"),
        (("cube", "x", "x**3", []), r"row 'cube': 1 inputs \(x\) but 0 partials"),
        (("cube", "x", "x**3", ["3*z"]), r"row 'cube': unknown name 'z' in '3\*z'; its inputs are x, its result is y"),
        (("cube", "x", "x**", ["3"]), r"row 'cube': cannot read 'x\*\*'"),
        (
            ("cube", "x", "x//3", ["1"]),
            r"row 'cube': FloorDiv in 'x//3' is not in the language of rows: \+ -",
        ),
        (("cube", "x", "x.real", ["1"]), r"row 'cube': unknown name 'real'"),
        (("cube", "x", "__import__('os')", ["1"]), r"row 'cube': unknown name '__import__'"),
        (("cube", "x", "(lambda: x)()", ["1"]), r"row 'cube': Lambda in .* is not in the language of rows"),
    ],
    ids=lambda row: str(row[:3]) if isinstance(row, tuple) else "",
)
def test_what_cannot_be_declared_changes_nothing(row, message):
    before = dict(OPS)
    with pytest.raises(OpRowError, match=message):
        operation(*row)
    assert before == OPS
    assert not hasattr(Value, "cube")


def test_symbols_of_your_own_in_formulas():
    operation("mine", "x", "2*x", ["2"], symbol="σ")
    assert parse("σ(x)", x=0.0).data == 0.5  # the table's has it
    assert parse("mine(x)", x=3.0).data == 6.0
    operation("mine", "x", "3*x", ["3"], symbol="M")
    assert parse("M(x)", x=3.0).data == 9.0
    operation("mine", "x", "4*x", ["4"], symbol="N")
    assert parse("N(x)", x=3.0).data == 12.0
    with pytest.raises(autograd.FormulaError, match="M"):
        parse("M(x)", x=3.0)


def test_one_output_for_each_element_of_a_long_list_too():
    share = operation("share", "*x, k", "x[k]/sum(x)", ["((1 if i == k else 0) - y)/sum(x)", "0"])
    xs = [Value(float(n)) for n in range(1, 202)]
    ys = share(xs)
    assert [y.data for y in ys] == [x.data / 20301.0 for x in xs]
    ys[-1].backward()
    assert xs[0].grad == pytest.approx(-201 / 20301**2, rel=1e-14)


def test_a_pickled_graph_says_which_operation_it_needs(cube):
    text = pickle.dumps(cube(Value(2.0)))
    _forget("cube")
    with pytest.raises(OpRowError, match=r"there is no operation 'cube' here: declare it first, with autograd\."):
        pickle.loads(text)


def test_inputs_may_have_any_name():
    double = operation("double", "u", "2*u", ["2"])
    assert (double(3), double(u=3), double(Value(3.0)).data) == (6.0, 6.0, 6.0)
    among = operation("among", "*x, k", "x[k] - sum(x)", ["(1 if i == k else 0) - 1", "0"])
    assert among([1.0, 2.0]) == [-2.0, -1.0]
    total = operation("total", "*values", "sum(values)", ["1"])
    assert total(values=[1, Value(2.0)]).data == 3.0
    scaled = operation("scaled", "x, k", "x*k", ["k", "x"])
    x = Value(2.0, "x")
    assert (scaled(x, 3.0).data, scaled(2.0, k=3.0), parse("scaled(x, 3)", x=2.0).data) == (6.0, 6.0, 6.0)
    assert to_text(differentiate(scaled(x, x), x)) == "dx = 2*x"
    first = operation("first", "*op, k", "op[k]", ["1 if i == k else 0", "0"])
    assert [y.data for y in first([Value(4.0), 5.0])] == [4.0, 5.0]


def test_a_formula_that_names_an_element_in_a_program():
    first = operation("first", "*x", "x[0]*x[0] - x[1]", ["2*x[0] if i == 0 else -1 if i == 1 else 0"])
    w, x = autograd.parameter(2.0, "w"), np.array([-1.5, 0.5, 2.0])
    program = record(lambda a: first([w * a, a, a * a]), 1.0, parameters=[w])
    J, grads = program.value_and_grad(x)
    assert pytest.approx(np.mean((2 * x) ** 2 - x), rel=1e-14) == J
    assert grads[0] == pytest.approx(np.mean(2 * 2 * x * x), rel=1e-14)
    assert program.per_example(x)[1][:, 0] == pytest.approx(4 * x * x, rel=1e-14)
