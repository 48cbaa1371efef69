"""Explanations and checks tell nodes of the same label apart, and call them as formulas and pictures do."""

import operator
import re

import pytest
from derivations import g3, why_unreadable

import autograd
from autograd import FormulaError, Value, check, explain, graph, parse


def product_and_more():
    """a·b + a with both labelled x: 2·3 + 2 = 8, ∂/∂a = b + 1 = 4, ∂/∂b = a = 2."""
    a, b = Value(2, "x"), Value(3, "x")
    J = a * b + a
    J.label = "J"
    return a, b, J


def node(root, label, number):
    return [v for v in graph.topological(root) if v.label == label][number]


# --- explanations ---------------------------------------------------------------------------------------------


def test_explain_tells_the_nodes_apart():
    a, b, J = product_and_more()
    assert str(explain(J, a)) == "∂J/∂x⁽¹⁾: 2 paths\nJ ← x⁽¹⁾\n∂J/∂x⁽¹⁾ = x⁽²⁾ + 1 = 4"
    assert (explain(J, a).simplified, explain(J, b).simplified) == ("x_2 + 1", "x_1")
    assert r"\frac{\partial J}{\partial x^{(1)}} &= x^{(2)} + 1" in explain(J, a).latex
    assert "<msup><mi>x</mi><mi>(2)</mi></msup>" in explain(J, a).mathml
    rows = {row.name: row.gradient for row in explain(J)}
    assert (rows["x⁽¹⁾"], rows["x⁽²⁾"]) == (4, 2)


def test_simplified_formulas_are_right():
    pytest.importorskip("sympy")
    a, b = Value(0.7, "x"), Value(1.9, "x")
    J = a * b / (a + b)
    for leaf in (a, b):
        found = explain(J, leaf)
        assert parse(found.simplified, x_1=0.7, x_2=1.9).data == pytest.approx(found.value, rel=1e-12)


def test_a_node_called_pi_is_not_the_number():
    x = Value(0.5, "pi")
    assert str(explain(autograd.erf(x), x)).count("3.141593") == 1


def test_explain_refuses_a_name_of_two_nodes():
    _, b, J = product_and_more()
    message = r"x names two Values: write x_1 \(= 2\) or x_2 \(= 3\), pass the Value itself, or give them different"
    with pytest.raises(FormulaError, match=message):
        explain(J, "x")
    assert str(explain(J, "x_2")) == str(explain(J, "x⁽²⁾")) == str(explain(J, b))
    many = autograd.sum([Value(i, "x") for i in range(1000)])
    with pytest.raises(
        FormulaError, match=r"^x names 1,000 Values: write x_1 \(= 0\), x_2 \(= 1\), x_3 \(= 2\) or …, pass"
    ):
        explain(many, "x")


# --- checks ---------------------------------------------------------------------------------------------------


def test_a_claim_about_an_ambiguous_name_is_refused():
    a, _, J = product_and_more()
    for claims in (
        {"x": "x + 1"},
        {"dx": 4},
        {"dJ/dx": "1"},
        {a: "x + 1"},
        {a: "dx + 1"},
        {a: lambda x: x},
        {"J": "dJ/dx"},
    ):
        assert re.search(r"x names two Values: write x_1 \(= 2\) or x_2 \(= 3\)", why_unreadable(J, claims))
    assert re.search("x names two Values", why_unreadable(J, {"J": "dx/dJ"}))


def test_claims_by_value_and_by_the_names_of_formulas():
    a, b, J = product_and_more()
    report = check(J, {a: "x_2 + 1", b: "x_1"})
    assert report.ok
    assert str(report) == "✓ dx_1 = x_2 + 1: right\n✓ dx_2 = x_1: right"
    assert report["x_1"] is report["dx_1"] is report[a]
    assert check(J, {"dJ/dx_2": "x_1", "x_1": lambda x_2: x_2 + 1}).ok
    assert check(J, {a: "x + 1"}, names={"x": b}).ok
    assert check(J, {"x": "x_1"}, names={"x": b}).ok
    with pytest.raises(KeyError, match="x names two Values"):
        report["dx"]


@pytest.mark.parametrize("join", [operator.mul, operator.sub, operator.truediv, operator.pow])
def test_the_two_sides_of_an_operation_are_no_vector(join):
    assert re.search("x names two Values", why_unreadable(join(Value(2, "x"), Value(3, "x")), {"x": "x"}))


def test_the_derivatives_of_an_ambiguous_root():
    x = Value(2, "x")
    root = x * x
    root.label = "x"
    assert re.search("x names two Values", why_unreadable(root, {"dx/dx_1": "2*x_1"}))
    assert check(root, {"dx_2/dx_1": "2*x_1"}).ok
    assert "∂x⁽²⁾/∂node" in str(explain(root))


def test_mistakes_are_told_in_the_names_of_pictures():
    a, _, J = product_and_more()
    assert "∂J/∂x⁽²⁾, not ∂J/∂x⁽¹⁾" in check(J, {a: "x_1"})[a].diagnosis
    here_only = check(J, {a: "7 - x_2"})[a]
    assert here_only.verdict == "right here only"
    assert here_only.diagnosis == "Right only because x⁽²⁾ = 3; the formula must hold for every value."
    by_chance = check(a * Value(3, "x"), {a: "x_1 + 1"})[a].diagnosis
    assert re.search(r"coincidence of the numbers. At another point \(x⁽¹⁾ = \S+, x⁽²⁾ = \S+\) it is", by_chance)
    inner = check((a * Value(3, "x")) ** 2, {a: "2*x_1*x_2"})[a].diagnosis
    assert inner == "The inner derivative ∂(x⁽¹⁾·x⁽²⁾)/∂x⁽¹⁾ = x⁽²⁾ is missing."


def test_the_examples_of_a_batch_are_a_vector():
    """z, a, x1 and y of four examples: each made and used as the others are."""
    J, _ = g3()
    assert check(J, {"w1": "mean(x1*(a - y))", "z": "(a - y)/m"}).ok
    assert check(J, {"z_3": "(a_3 - y_3)/m", node(J, "z", 2): "dL_3*(a_3 - y_3)", "w1": "dz @ x1"}).ok
    for claim in ("a_1", lambda a_1: a_1, 0.5):
        assert re.search(r"z names 4 Values: write z_1 \(= 0.25\), z_2 \(= -0.75\)", why_unreadable(J, {"z": claim}))
    assert check(J.inputs[0] + J.inputs[1], {"z": "dL*(a - y)"}).ok
    total = sum(J.inputs)  # Python's sum: a chain of +
    assert check(total, {"w1": "sum(x1*(a - y))", "L": lambda a: a * 0 + 1}).ok


def test_a_vector_is_joined_and_used_in_any_order():
    a, b, c = (Value(x, "x") for x in (0.5, -0.3, 0.8))
    J = autograd.tanh(a) + autograd.exp(a) + (autograd.exp(b) + autograd.tanh(b)) + (autograd.tanh(c) + autograd.exp(c))
    assert check(J, {"x": "exp(x) + 1 - tanh(x)**2"}).ok


def test_two_layers_with_the_same_labels_are_no_vector():
    w1, w2, x = Value(0.5, "w1"), Value(-0.3, "w2"), Value(2, "x")
    a = autograd.sigmoid(w1 * x)
    second = autograd.sigmoid(w2 * a)
    a.label = second.label = "a"
    J = (second - 1) ** 2
    assert re.search(r"a names two Values: write a_1 .* or a_2", why_unreadable(J, {"w2": "2*(a - 1)*a*(1 - a)*a"}))
    assert check(J, {"w2": "2*(a_2 - 1)*a_2*(1 - a_2)*a_1"}).ok
    leaf_and_result = Value(0.5, "q")
    made = autograd.tanh(Value(1, "u"))
    made.label = "q"
    assert re.search("q names two Values", why_unreadable(leaf_and_result + made, {"u": "1 - q**2"}))
