"""A label is a name, no identity: wherever nodes are shown together, distinct nodes have distinct names."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Constant, Value, differentiate, explain, graph, parse, to_latex, to_mathml
from autograd.formulas.naming import Names, numbered
from autograd.formulas.text import definitions, head, name, to_text
from autograd.steps.trace import trace


def product_and_more():
    """a·b + a with both labelled x: 2·3 + 2 = 8, ∂/∂a = b + 1 = 4, ∂/∂b = a = 2."""
    a, b = Value(2, "x"), Value(3, "x")
    J = a * b + a
    J.label = "J"
    return a, b, J


def node(root, label, number):
    return [v for v in graph.topological(root) if v.label == label][number]


def named(*labels):
    nodes = [Value(i, label) for i, label in enumerate(labels)]
    names = Names(nodes)
    return [names[node] for node in nodes], [names.identifier(node) for node in nodes]


# --- names ----------------------------------------------------------------------------------------------------


def test_a_label_that_one_node_has_is_its_name():
    assert named("x", "y", "my label", "z[1]_2") == (["x", "y", "my label", "z[1]_2"],) * 2
    assert Value(1, "") not in Names([Value(1, "")])


def test_shared_labels_are_numbered_in_the_order_of_the_nodes():
    assert named("x", "y", "x", "x") == (["x⁽¹⁾", "y", "x⁽²⁾", "x⁽³⁾"], ["x_1", "y", "x_2", "x_3"])
    shown, typed = named(*["z"] * 120)
    assert (shown[-1], typed[-1]) == ("z⁽¹²⁰⁾", "z_120")


def test_labels_that_are_no_identifiers_are_numbered_in_one_way():
    assert named("a[1]_2", "a[1]_2") == (["a[1]_2⁽¹⁾", "a[1]_2⁽²⁾"],) * 2


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (("x", "x", "x_1"), ["x⁽²⁾", "x⁽³⁾", "x_1"]),  # formulas would write x_1 for both
        (("x", "x_2", "x", "x"), ["x⁽¹⁾", "x_2", "x⁽³⁾", "x⁽⁴⁾"]),
        (("x", "x", "x(1)"), ["x⁽²⁾", "x⁽³⁾", "x(1)"]),  # LaTeX would
        (("x", "x", "x⁽¹⁾"), ["x⁽²⁾", "x⁽³⁾", "x⁽¹⁾"]),
        (("x", "x", "x_1", "x_1"), ["x⁽²⁾", "x⁽³⁾", "x_1⁽¹⁾", "x_1⁽²⁾"]),
    ],
)
def test_numbers_that_would_make_another_label_are_left_out(labels, shown):
    assert named(*labels)[0] == shown


def test_labels_that_look_alike_share_a_name():
    """Python's parser, and so ours, reads the micro sign as the Greek letter; control characters all look the same."""
    assert named("µ", "μ")[1] == ["μ_1", "μ_2"]
    assert named("a\0", "a\1", "b")[0] == ["a\0⁽¹⁾", "a\1⁽²⁾", "b"]


@pytest.mark.parametrize("most", [None, 24])
def test_long_labels_keep_their_numbers(most):
    a, b, c = (Value(1, "w" * 10**5 + end) for end in ("a", "a", "b"))
    names = Names([a, b, c], most)
    assert len({names[a], names[b], names[c]}) == 3
    assert re.fullmatch("w+…⁽¹⁾", names[a])
    assert re.fullmatch("w+…⁽²⁾", names[b])
    assert most is None or len(names[c]) <= most + 3


def test_long_labels_that_are_cut_alike_keep_apart():
    nodes = [Value(1, "w" * 99 + end) for end in "abba"]
    assert [Names(nodes)[node][-4:] for node in nodes] == ["…⁽¹⁾", "…⁽³⁾", "…⁽⁴⁾", "…⁽²⁾"]


def test_labelled_constants_have_names_too():
    k, m, x = Constant(2, "k"), Constant(3, "k"), Value(5, "x")
    J = k * x + m
    assert to_text(J) == "k_1*x + k_2"
    assert parse(to_text(J), k_1=2, k_2=3, x=5).data == J.data == 13
    assert to_text(k * x + k) == "k*x + k"
    assert to_text(Constant(2, "x") * x) == "x_2*x_1"  # in the order of the nodes


def test_numbers_are_told_from_stems():
    assert [numbered(text) for text in ("z⁽¹²⁾", "z⁽⁾", "z⁽a⁾", "⁽¹⁾", "z⁾")] == [
        ("z", "(12)"),
        ("z⁽⁾", ""),
        ("z⁽a⁾", ""),
        ("", "(1)"),
        ("z⁾", ""),
    ]


LABELS = st.sampled_from(
    [
        "x",
        "x_1",
        "x_2",
        "x(1)",
        "x⁽¹⁾",
        "x_1_1",
        "x_1(1)",
        "a[1]_2",
        "v1",
        "µ",
        "μ",
        "x\0",
        "",
        "x" * 99 + "a",
        "x" * 99 + "b",
    ]
)


@settings(max_examples=300)
@given(st.lists(LABELS, max_size=12))
def test_names_are_distinct_in_both_spellings(labels):
    nodes = [Value(0, label) for label in labels]
    names = Names(nodes)
    for node in nodes:
        if node not in names:
            names.invent(node)
    assert len({names[node] for node in nodes}) == len(nodes)
    assert len({names.identifier(node) for node in nodes}) == len(nodes)


# --- formulas -------------------------------------------------------------------------------------------------


def test_text_that_is_read_back():
    a, b, J = product_and_more()
    assert to_text(J) == "J = x_1*x_2 + x_1"
    x_1, x_2 = Value(2), Value(3)
    again = parse(to_text(J), x_1=x_1, x_2=x_2)
    again.backward()
    J.backward()
    assert (again.data, x_1.grad, x_2.grad) == (J.data, a.grad, b.grad) == (8, 4, 2)


def test_an_inner_node_and_the_root_may_share_the_label():
    x = Value(2, "x")
    inner = x * x
    root = inner + x
    inner.label = root.label = "x"
    assert to_text(root) == "x_2 = x_1*x_1; x_3 = x_2 + x_1"
    assert parse(to_text(root), x_1=2).data == 6
    assert to_latex(root) == (
        r"\begin{aligned} x^{(2)} &= x^{(1)} \cdot x^{(1)} \\ x^{(3)} &= x^{(2)} + x^{(1)} \end{aligned}"
    )


def test_invented_numbers_and_names_stay_apart():
    v = [Value(i, "v") for i in range(1, 4)]
    u = v[0] * v[1]
    text = to_text(u / u + v[2] * Value(7, "v_1"))
    assert text == "v1 = v_2*v_3; v1/v1 + v_4*v_1"
    assert parse(text, v_1=7, v_2=1, v_3=2, v_4=3).data == 22


def test_latex_and_mathml():
    _, _, J = product_and_more()
    assert to_latex(J) == r"J = x^{(1)} \cdot x^{(2)} + x^{(1)}"
    assert to_mathml(J).count("<msup><mi>x</mi><mi>(1)</mi></msup>") == 2
    assert to_mathml(J).count("<msup><mi>x</mi><mi>(2)</mi></msup>") == 1


@pytest.mark.parametrize(
    ("label", "latex"),
    [
        ("a[1]_2", "a^{[1](1)}_{2}"),
        ("w12", "w^{(1)}_{12}"),
        ("theta", r"\theta^{(1)}"),
        ("yhat", r"\hat{y}^{(1)}"),
        ("my label", r"\mathrm{my\ label}^{(1)}"),
    ],
)
def test_a_number_is_a_superscript_of_any_label(label, latex):
    a, b = Value(1, label), Value(2, label)
    assert to_latex(a - b).split(" - ")[0] == latex
    assert "<mi>(1)</mi>" in to_mathml(a - b) or "[1](1)</mi>" in to_mathml(a - b)


def test_a_power_of_a_numbered_name_has_parentheses():
    """Two superscripts behind each other are an error in LaTeX, and 2 behind the number is read as a part of it."""
    a, b = Value(3, "x"), Value(2, "x")
    J = a**2 * b
    assert to_latex(J) == r"(x^{(1)})^{2} \cdot x^{(2)}"
    assert "<mo>(</mo><msup><mi>x</mi><mi>(1)</mi></msup><mo>)</mo>" in to_mathml(J)
    assert to_text(J) == "x_1**2*x_2"
    assert "(x⁽¹⁾)² = 3² = 9\n" in trace(J).text()
    assert str(explain(J, b)).endswith("= (x⁽¹⁾)² = 9")
    assert to_latex(Value(3, "a[1]_2") ** 2) == "(a^{[1]}_{2})^{2}"
    assert to_latex(Value(3, "my label") ** 2 + Value(1, "my label")).startswith(r"(\mathrm{my\ label}^{(1)})^{2}")
    assert to_latex(a**b).count("(x") == 1


def test_the_head_of_an_explanation_has_the_same_names():
    a, b = Value(3, "x"), Value(2, "x")
    assert "∂f/∂x⁽¹⁾ of f = x⁽¹⁾**x⁽¹⁾*x⁽²⁾: 2 paths" in str(explain(a**a * b, a))


def test_distinct_labels_are_not_typeset_alike():
    """LaTeX would show w1 and w_1 as the same letter with the same index."""
    J = Value(1, "w1") - Value(2, "w_1")
    assert to_latex(J) == r"\mathrm{w1} - \mathrm{w\_1}"
    assert "<mi>w1</mi>" in to_mathml(J)
    assert "<mi>w_1</mi>" in to_mathml(J)
    assert to_latex(J * Value(1, "w2")).endswith(r"w_{2}")
    assert r"\partial \mathrm{w1}" in explain(J * J, J.inputs[0]).latex


def test_names_of_single_nodes():
    a, b, J = product_and_more()
    assert (name(a), head(J)) == ("x", "x⁽¹⁾*x⁽²⁾ + x⁽¹⁾")
    names = Names(graph.topological(J))
    assert (name(a, names), name(b, names)) == ("x⁽¹⁾", "x⁽²⁾")
    assert head(J.inputs[0], names) == "x⁽¹⁾*x⁽²⁾"


# --- derivatives ----------------------------------------------------------------------------------------------


def test_derivatives_are_labelled_apart():
    a, b = Value(2, "x"), Value(3, "x")
    J = a * a * b * b
    J.label = "J"
    da, db = differentiate(J, [a, b])
    assert [da.label, db.label] == ["dJ_dx_1", "dJ_dx_2"]
    assert [v.label for v in differentiate(J + a, [Value(1, "q")])] == ["dq"]
    assert differentiate(Value(3, "k") * Value(2, "x"), Value(1, "y")).label == "dy"
    assert differentiate(a + b, a).label == "dx_1"


def test_a_derivative_is_written_beside_its_graph():
    a, b, J = product_and_more()
    da, db = differentiate(J, [a, b])
    assert to_text(da, beside=J) == "dJ_dx_1 = x_2 + 1"
    assert to_text(db, beside=J) == "x_1"
    assert to_latex(da, beside=J).endswith("= x^{(2)} + 1")
    assert "<mi>(2)</mi>" in to_mathml(da, beside=J)


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["x", "x_1", "y"]), min_size=3, max_size=3))
def test_a_derivative_reads_back_as_its_number(labels):
    leaves = [Value(x, label) for x, label in zip((2.0, 3.0, 5.0), labels, strict=True)]
    a, b, c = leaves
    J = a * b * c + a * a + autograd.exp(b / c)
    given = {Names(graph.topological(J)).identifier(leaf): leaf.data for leaf in leaves}
    for leaf in leaves:
        derivative = differentiate(J, leaf)
        text = to_text(derivative, beside=J)
        used = {name: x for name, x in given.items() if name in re.findall(r"\w+", text.partition(" = ")[2] or text)}
        assert parse(text, **used).data == pytest.approx(derivative.data, rel=1e-12)


# --- steps ----------------------------------------------------------------------------------------------------


def test_steps_tell_the_nodes_apart():
    _, _, J = product_and_more()
    record = trace(J).record
    assert [(node["label"], node["name"]) for node in record["nodes"] if node["op"] is None] == [
        ("x", "x⁽¹⁾"),
        ("x", "x⁽²⁾"),
    ]
    rules = [event["rule"] for event in record["events"] if event["type"] == "edge"]
    assert rules == [
        "∂J/∂(x⁽¹⁾·x⁽²⁾) = 1",
        "∂J/∂x⁽¹⁾ = 1",
        "∂(x⁽¹⁾·x⁽²⁾)/∂x⁽¹⁾ = x⁽²⁾",
        "∂(x⁽¹⁾·x⁽²⁾)/∂x⁽²⁾ = x⁽¹⁾",
    ]
    text = trace(J).text()
    assert "x⁽¹⁾·x⁽²⁾ = 2 × 3 = 6" in text
    assert "x⁽¹⁾.grad = 1 (via J) + 3 (via x⁽¹⁾·x⁽²⁾) = 4" in text


def test_users_of_a_node_are_all_named():
    """Three users with one label are three users."""
    x, y = Value(2, "x"), Value(3, "y")
    u = x * y
    users = [autograd.tanh(u), autograd.exp(u), autograd.sin(u)]
    u.label = "u"
    for user in users:
        user.label = "a"
    assert re.search(r"u is used by a⁽¹⁾, a⁽²⁾, a⁽³⁾;", trace(autograd.sum(users)).text())


def test_labels_that_are_cut_alike_are_told_apart():
    long = "a_label_that_is_longer_than_steps_show_"
    a, b = Value(2, long + "1"), Value(3, long + "2")
    names = [node["name"] for node in trace(a * b).record["nodes"]]
    assert names == ["a_label_that_is_longer_…⁽¹⁾", "a_label_that_is_longer_…⁽²⁾", "f"]


def test_definitions_have_distinct_names():
    _, _, J = product_and_more()
    ((_, tree),) = definitions(J * J)[1:]
    assert to_text(tree) == "J*J"
