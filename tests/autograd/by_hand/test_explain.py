"""``explain``: paths, chains, closed forms, tables; with and without SymPy."""

import re
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from derivations import GRAPHS, g1, g2

import autograd
from autograd import FormulaError, Value, graph, parse, to_text
from autograd.by_hand.explain import explain
from autograd.formulas.grammar import parse_expression
from autograd.formulas.simplify import simplified

G2_TEXT = """\
∂L/∂w1: 2 paths
L ← a ← z ← w1
  ∂L/∂w1 = ∂L/∂a·∂a/∂z·∂z/∂w1
  ∂L/∂a = −y/a + (1 − y)/(1 − a) = 1.065178
  ∂a/∂z = a·(1 − a) = 0.2461341
  ∂z/∂w1 = x1 = 2
∂L/∂w1 = (−y/a + (1 − y)/(1 − a))·a·(1 − a)·x1 = x1·(a − y) = 0.524353"""


@pytest.fixture
def no_sympy(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)


def test_g2():
    pytest.importorskip("sympy")
    explanation = explain(g2()[0], "w1")
    assert str(explanation) == G2_TEXT
    assert explanation.simplified == "x1*(a - y)"
    assert explanation.paths == 2
    assert explanation.value == pytest.approx(0.524353, rel=1e-6)


@pytest.mark.usefixtures("no_sympy")
def test_g2_without_sympy():
    explanation = explain(g2()[0], "w1")
    assert str(explanation) == G2_TEXT.replace(" = x1·(a − y)", "")
    assert len(explain(g2()[0])) == len(graph.topological(g2()[0]))


@pytest.mark.usefixtures("no_sympy")
def test_check_needs_no_sympy():
    from autograd.by_hand.check import check

    assert check(g2()[0], {"w1": "x1*(a - y)"}).ok


def test_closed_forms_of_the_lectures():
    pytest.importorskip("sympy")
    for name, wrt, form in [
        ("g1", "b", "3*c"),
        ("g2", "z", "a - y"),
        ("g2", "b", "a - y"),
        ("g5", "t1", "h1*(a - y)"),
        ("g6", "w3", "a2*(a3 - y)"),
        ("sqrt", "z", "(a - y)/a"),
        ("fan", "a", "u + v*b"),
    ]:
        simplified = explain(GRAPHS[name]()[0], wrt).simplified
        assert sorted(re.findall(r"\w+", simplified)) == sorted(re.findall(r"\w+", form)), (name, simplified)


@pytest.mark.parametrize("name", ["g1", "g2", "g5", "g6", "tanh", "prelu", "sqrt", "fan", "three"])
def test_closed_forms_are_right(name):
    """Both forms, read back, give the gradient of every leaf."""
    root, _ = GRAPHS[name]()
    values = {v.label: v.data for v in graph.topological(root)}
    for leaf in graph.leaves(root):
        explanation = explain(root, leaf)
        used = {label: x for label, x in values.items() if label in re.findall(r"\w+", explanation.simplified)}
        assert parse(explanation.simplified, **used).data == pytest.approx(explanation.value, rel=1e-12)


def test_several_paths_are_a_sum():
    J = parse("J = u*v; u = a*b; v = a + b", a=3, b=2)
    text = str(explain(J, "a")).splitlines()
    assert text[:4] == ["∂J/∂a: 2 paths", "J ← u ← a", "J ← v ← a", "  ∂J/∂a = ∂J/∂u·∂u/∂a + ∂J/∂v·∂v/∂a"]
    assert text[-1].endswith("= 16")


def test_a_choice_says_where_it_holds():
    text = str(explain(parse("J = 2*relu(z)", z=3), "z"))
    assert "where z > 0" in text
    assert "z ≤ 0" in str(explain(parse("J = 2*relu(z)", z=-3), "z"))


def test_a_root_without_a_name_is_f():
    text = str(explain(parse("sin(x)*tanh(3*x)", x=0.5), "x"))
    assert text.startswith("∂f/∂x of f = sin(x)*tanh(3*x): 2 paths")


@pytest.mark.parametrize("labels", [True, False])
def test_a_diamond_of_40_levels(labels):
    x = v = Value(0.9, "x")
    for level in range(40):
        p, q = autograd.sin(v), autograd.tanh(v)
        v = p + q
        if labels:
            p.label, q.label, v.label = f"p{level}", f"q{level}", f"v{level}"
    explanation = explain(v, x)  # in 2^40 steps it would not end
    assert explanation.paths == 2**40
    assert "1,099,511,627,776 paths" in str(explanation)
    assert len(str(explanation)) < 20_000
    explanation._repr_html_()
    v.backward()
    assert explanation.value == pytest.approx(x.grad, rel=1e-12)


def test_a_long_chain_and_a_wide_sum():
    x = v = Value(0.5, "x")
    for _ in range(5_000):
        v = v * 1.0001
    assert explain(v, x).paths == 1
    J = autograd.mean([x * float(i) for i in range(3_000)])
    explanation = explain(J, x)
    assert explanation.paths == 3_000
    assert len(str(explanation)) < 200_000


def test_latex_and_mathml():
    explanation = explain(g2()[0], "w1")
    assert r"\frac{\partial L}{\partial w_{1}} &= \frac{\partial L}{\partial a} \cdot" in explanation.latex
    assert explanation._repr_latex_() == f"${explanation.latex}$"
    root = ElementTree.fromstring(explanation.mathml)
    assert root.tag.endswith("math")
    assert explanation._repr_html_().startswith("<div>")


def test_labels_are_escaped():
    x = Value(2.0, "<script>")
    u = x * x
    u.label = "$\\evil$"
    for what in (explain(3 * u, x), explain(3 * u)):
        assert "<script>" not in what._repr_html_()
    assert "\\evil" not in explain(3 * u, x).latex


def test_the_table_of_g1():
    table = explain(g1()[0])
    rows = {row.name: row for row in table}
    assert next(iter(rows)) == "J"
    assert (rows["u"].value, rows["u"].formula, rows["u"].gradient) == (6, "b·c", 3)
    assert rows["u"].local_derivatives == "∂/∂b = c, ∂/∂c = b"
    assert rows["b"].symbolic in ("3·c", "c·3")
    assert rows["b"].local_derivatives == ""
    assert {row.gradient for row in table if row.name in ("b", "c")} == {6.0, 9.0}
    assert str(table).splitlines()[0].split()[:2] == ["node", "value"]
    assert table._repr_html_().count("<tr>") == len(table) + 1
    assert repr(table) == "<Table of 6 nodes: print it, or let Jupyter show it>"


def test_nothing_is_touched():
    root, _ = g2()
    root.backward()
    before = [(v.data, v.grad) for v in graph.topological(root)]
    str(explain(root, "w1"))
    str(explain(root))
    assert [(v.data, v.grad) for v in graph.topological(root)] == before


def test_every_operation_can_be_explained():
    for name, op in autograd.OPS.items():
        if name.isidentifier():
            inputs = [(f"x{i}", is_list) for i, is_list in enumerate(op.lists) if op.inputs[i] != "k"]
            lists = any(op.lists)
            text = f"{name}({', '.join(f'[{x}, {x}*y]' if is_list else x for x, is_list in inputs)})"
            text += "[0]" * ("k" in op.inputs)
            leaves = {x: 0.4 if is_list or not lists else 0.0 for x, is_list in inputs} | ({"y": 0.7} if lists else {})
            root = parse(text, **leaves)
            assert str(explain(root, "x0"))
            assert str(explain(root))


def test_a_product_is_told_by_its_other_factors():
    J = parse("J = prod([a, b, c, d])", a=2, b=3, c=5, d=7)
    assert "∂J/∂b = a·c·d = 70" in str(explain(J, "b"))
    assert "∂J/∂a = b·c·d = 105" in str(explain(J, "a"))


@pytest.mark.parametrize(
    ("text", "shortest"),
    [
        ("square(a)/a", "a"),
        ("reciprocal(a)*a", "1"),
        ("asin(a) + asin(a)", "2*asin(a)"),
        ("sinh(a)*cosh(a)/cosh(a)", "sinh(a)"),
        ("a%b + a%b", "2*(a%b)"),
        ("gelu(a)*b/gelu(a)", "b"),
    ],
)
def test_functions_are_simplified_or_stay_as_they_are(text, shortest):
    pytest.importorskip("sympy")
    assert to_text(simplified(parse_expression(text))) == shortest


def test_refusals():
    L, _ = g2()
    with pytest.raises(TypeError, match="the root of a graph, a Value, not 3"):
        explain(3)
    with pytest.raises(FormulaError, match="no node is called q"):
        explain(L, "q")
    with pytest.raises(ValueError, match=r"L does not depend on '?q"):
        explain(L, Value(1.0, "q"))
    with pytest.raises(TypeError, match="a Value or a label, not 3"):
        explain(L, 3)
