"""Writing graphs as formulas: text, LaTeX, MathML."""

import ast
import math
import re
import xml.etree.ElementTree as ET
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import INDICES, corpus, recipe
from random_graphs import node as make

import autograd
from autograd import Constant, Value, graph, to_latex, to_mathml
from autograd.formulas.grammar import parse_expression
from autograd.formulas.naming import Names
from autograd.formulas.parse import parse
from autograd.formulas.rows import textbook
from autograd.formulas.text import definitions, head, head_tree, name, to_text
from autograd.table.ops import OPS

HOSTILE = [
    "<script>alert(1)</script>",
    "a|b{c}<d>",
    "\\",
    '"',
    "]]>",
    "a\0b",
    "\x1b[31m",
    "\ud800",
    "x" * 10**5,
    "🙂",
    "\u202eabc",
    "a_b^c#%&$~",
    "my label",
    "line\nend",
    "&amp;",
    "\\input{x}",
]


def graph_of(text):
    names = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    return parse(text, **{label: 2.0 for label in ("a", "b", "c", "x1", "w1", "y") if label in names})


def elements(root):
    """The MathML of a graph, as a tree of XML."""
    tree = ET.fromstring(to_mathml(root))
    assert tree.tag == "{http://www.w3.org/1998/Math/MathML}math"
    return tree


def assert_balanced(latex):
    bare = re.sub(r"\\.", "", latex)
    depth = 0
    for c in bare:
        depth += (c == "{") - (c == "}")
        assert depth >= 0, latex
    assert depth == 0, latex
    assert latex.count(r"\left") == latex.count(r"\right"), latex


# --- text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "3*(a + b*c)",
        "a - (b - c)",
        "a - b - c",
        "a + (b + c)",
        "(a*b)**2",
        "a*b**2",
        "-(a + b)",
        "-a + b",
        "-(a*b)",
        "-a*b",
        "-a**2",
        "(-a)**2",
        "-(-a)",
        "a*(-b)",
        "a + (-b)*c",
        "a - (-b)",
        "2**-a",
        "2**-a**b",
        "(a**b)**c",
        "a**b**c",
        "(-2)**a",
        "a**-2",
        "a*(-2)",
        "a/(b*c)",
        "a/b*c",
        "a*(b/c)",
        "1/(a/b)",
        "1e-07*a",
        "tanh(a + b)/(1 - sigmoid(-a))",
        "sum([a, b*c, 3])",
        "softmax([a, b])[1]**2",
        "dot([a, b], [b, -2])",
        "u = b*c; v = a + u; J = 3*v",
        "u = b*c; 3*(a + u)",
        "J = 3*a",
    ],
)
def test_text_has_no_parentheses_that_it_does_not_need(text):
    assert to_text(graph_of(text)) == text


def test_leaves():
    assert to_text(Value(5, "a")) == "a"
    assert to_text(Value(5)) == "5"
    assert to_text(Constant(2, "k") * Value(3, "x")) == "k*x"
    assert to_text(Value(1.5) * Value(-2)) == "1.5*(-2)"


@pytest.mark.parametrize(
    ("x", "text"),
    [(3.0, "3"), (0.1, "0.1"), (1e-7, "1e-07"), (1e22, "1e+22"), (-0.5, "-0.5"), (math.inf, "inf"), (math.nan, "nan")],
)
def test_numbers_are_short(x, text):
    assert to_text(Value(x)) == text


def test_what_is_used_twice_is_written_once():
    a = Value(2.0, "a")
    u = a * a
    assert to_text((u + 1) / u) == "v1 = a*a; (v1 + 1)/v1"
    u.label = "u"
    assert to_text((u + 1) / u) == "u = a*a; (u + 1)/u"


def test_made_up_names_do_not_collide():
    v1, v2 = Value(1.0, "v1"), Value(2.0, "v2")
    u = v1 * v2
    assert to_text(u + u) == "v3 = v1*v2; v3 + v3"


def test_a_diamond_chain_is_as_long_as_its_graph():
    node = Value(1.0, "a")
    for _ in range(40):
        node = node + node
    text = to_text(node)
    assert text.startswith("v1 = a + a; v2 = v1 + v1; ")
    assert text.endswith("; v39 + v39")
    assert parse(text, a=1).data == 2.0**40
    assert len(to_latex(node)) < 2000
    assert len(name(node)) <= 60


@pytest.mark.parametrize("write", [to_text, to_latex, to_mathml])
def test_long_chains(write):
    x = Value(1.0, "x")
    sums = nested = x
    for _ in range(20_000):
        sums = sums + x
        nested = 1 / nested.tanh()
    assert write(sums).count("+") == 20_000
    assert write(nested).count("tanh") == 20_000


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_labels_are_text(label):
    x = Value(1.0, label)
    u = x * 2
    u.label = label + "2"
    root = u + x
    assert to_text(root).isprintable()
    if label.isprintable():
        assert to_text(root) == f"{label}2 = {label}*2; {label}2 + {label}"
    latex = to_latex(root)
    assert_balanced(latex)
    assert latex.isprintable()
    assert "<s" not in latex
    assert "\\input" not in latex
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in label)
    if label != "x" * 10**5:
        assert shown in ["".join(e.itertext()) for e in elements(root).iter() if e.tag.endswith("mi")]


# --- there and back -----------------------------------------------------------------------------------------


def assert_same_graph(one, two, names):
    """The same operations on the same leaves, shared in the same way; the names in one are the labels in two."""
    pairs: dict[Value, Value] = {}
    stack = [(one, two)]
    while stack:
        a, b = stack.pop()
        if a.kind == "constant":
            assert (b.kind, b.data) == ("constant", a.data)
            continue
        if a in pairs:
            assert pairs[a] is b
            continue
        pairs[a] = b
        assert a.op is b.op
        assert a.data == b.data or (math.isnan(a.data) and math.isnan(b.data))
        assert a not in names or normalize("NFKC", names.identifier(a)) == b.label
        stack += zip(a.inputs, b.inputs, strict=True)
    assert len(set(pairs.values())) == len(pairs)


def assert_round_trip(root):
    names = Names(graph.topological(root))
    leaves = {names.identifier(leaf): leaf.data for leaf in graph.leaves(root)}
    assert_same_graph(root, parse(to_text(root), **leaves), names)


EVERY_OP = list(OPS.values())
ARITHMETIC = [OPS[op] for op in ("+", "-", "*", "/", "**", "neg")]


@st.composite
def graphs(draw, ops, labels=()):
    """Graphs over these rows, with sharing, constants and labels; those out of ``labels`` may be of several nodes."""
    nodes = [Value(draw(st.floats(-3, 3)), draw(st.sampled_from(labels or [label]))) for label in ("a", "b", "x1")]
    for step in range(draw(st.integers(1, 12))):
        op = draw(st.sampled_from(ops))
        length = draw(st.integers(1, 3))
        number = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float)
        flat = []
        for is_list in op.lists:
            flat += [draw(st.sampled_from(nodes) | number) for _ in range(length if is_list else 1)]
        if op.inputs[-1] in INDICES:
            flat[-1] = float(draw(st.integers(0, length - 1)))
        if not any(isinstance(x, Value) for x in flat):
            flat[0] = nodes[-1]
        nodes.append(make(op, flat))
        nodes[-1].label = draw(st.sampled_from(["", "", "", *(labels or (f"u{step}", f"v{step}"))]))
    return nodes[-1]


@settings(max_examples=300)
@given(graphs(EVERY_OP))
def test_a_graph_comes_back_from_its_text(root):
    assert_round_trip(root)


@settings(max_examples=300)
@given(graphs(EVERY_OP, labels=("x", "x_1", "x_2", "x_1_1", "v1", "µ", "μ", "π")))
def test_a_graph_whose_nodes_share_labels_comes_back(root):
    assert_round_trip(root)


@pytest.mark.parametrize("seed", corpus(25))
def test_large_graphs_come_back(seed):
    assert_round_trip(recipe(seed).build()[1])


@settings(max_examples=300)
@given(graphs(ARITHMETIC))
def test_python_reads_the_text_as_the_same_expression(root):
    """Python itself as the oracle: its tree of the text has the operations of the graph, in its order."""
    tree = ast.parse(to_text(root).replace("; ", "\n"))
    written = [type(n.op).__name__ for n in ast.walk(tree) if isinstance(n, ast.BinOp)]
    operators = {"+": "Add", "-": "Sub", "*": "Mult", "/": "Div", "**": "Pow"}
    made = [operators[v.op.name] for v in graph.topological(root) if v.op is not None and v.op.name != "neg"]
    assert sorted(written) == sorted(made)


@settings(max_examples=200)
@given(graphs(ARITHMETIC))
def test_no_pair_of_parentheses_is_superfluous(root):
    """Without a pair, the tree is another one; but a minus inside a sum or a product keeps its pair."""
    for _, tree in definitions(root):
        text = to_text(tree)
        read = ast.dump(ast.parse(text))
        opened = []
        for at, c in enumerate(text):
            if c == "(":
                opened.append(at)
            elif c == ")":
                start = opened.pop()
                without = text[:start] + " " + text[start + 1 : at] + " " + text[at + 1 :]
                if text[start + 1] != "-":
                    assert ast.dump(ast.parse(without.strip())) != read, text


@settings(max_examples=150)
@given(graphs(EVERY_OP))
def test_every_graph_is_well_formed_latex_and_mathml(root):
    assert_balanced(to_latex(root))
    elements(root)
    for node in graph.topological(root):
        assert_balanced(to_latex(head_tree(node)))


# --- one level ----------------------------------------------------------------------------------------------


def test_heads_and_names():
    J = graph_of("z = w1*x1 + b; h = tanh(z); J = h/(1 + h)")
    nodes = {node.label: node for node in graph.topological(J)}
    assert head(nodes["z"]) == "w1*x1 + b"
    assert head(nodes["h"]) == "tanh(z)"
    assert head(nodes["J"]) == "h/(1 + h)"
    assert head(nodes["w1"]) == name(nodes["w1"]) == "w1"
    assert name(nodes["z"]) == "z"
    assert name(J.inputs[1]) == "1 + h"
    assert name(Value(0.5)) == "0.5"
    assert to_latex(head_tree(J)) == r"\frac{h}{1 + h}"


def test_heads_are_short():
    deep = Value(1.0, "a")
    for _ in range(1000):
        deep = deep.tanh()
    assert head(deep) == "tanh(tanh(tanh(tanh(…))))"
    wide = autograd.sum([Value(i, f"a{i}") for i in range(1000)])
    assert head(wide) == "sum([a0, a1, a2, a3, a4, a5, …, a999])"
    assert to_text(wide).count(",") == 999


# --- LaTeX --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("3*(a + b*c)", r"3 \cdot (a + b \cdot c)"),
        ("a - (b - c)", "a - (b - c)"),
        ("a/(b*c)", r"\frac{a}{b \cdot c}"),
        ("a*(b/c)", r"a \cdot \frac{b}{c}"),
        ("(a/b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("(a + b)**2", "(a + b)^{2}"),
        ("a**b**c", "a^{b^{c}}"),
        ("(a**b)**c", "(a^{b})^{c}"),
        ("2**(a + b)", "2^{a + b}"),
        ("2**-a", "2^{-a}"),
        ("(-a)**2", "(-a)^{2}"),
        ("-(a + b)", "-(a + b)"),
        ("a*(-b)", r"a \cdot (-b)"),
        ("1/(1 + exp(-a))", r"\frac{1}{1 + e^{-a}}"),
        ("exp(a)**2", "(e^{a})^{2}"),
        ("sigmoid(a)", r"\sigma(a)"),
        ("log(a/b)", r"\log\left(\frac{a}{b}\right)"),
        ("log_sigmoid(a)", r"\log\sigma(a)"),
        ("sqrt(a)*abs(b - c)", r"\sqrt{a} \cdot \left|b - c\right|"),
        ("relu(w1*x1)", r"\operatorname{ReLU}(w_{1} \cdot x_{1})"),
        ("maximum(a, 0)", r"\max(a, 0)"),
        ("sum([a, b])*c", r"\sum(a, b) \cdot c"),
        ("dot([a, b], [b, c])", r"(a, b) \cdot (b, c)"),
        ("softmax([a, b])[1]", r"\operatorname{softmax}(a, b)_{1}"),
        ("square(a + b)*cbrt(c)", r"(a + b)^{2} \cdot \sqrt[3]{c}"),
        ("a*reciprocal(b)", r"a \cdot \frac{1}{b}"),
        ("exp2(a)**b", "(2^{a})^{b}"),
        ("log2(a) + log10(b)", r"\log_{2}\left(a\right) + \log_{10}\left(b\right)"),
        ("floor(a/b)", r"\left\lfloor \frac{a}{b}\right\rfloor"),
        ("norm([a, b])/2", r"\frac{\left\|(a, b)\right\|}{2}"),
        ("prod([a, b])*c", r"\prod(a, b) \cdot c"),
        ("asin(a) + arctan(b)", r"\arcsin(a) + \arctan(b)"),
        ("sinh(a)*asinh(b)", r"\sinh(a) \cdot \operatorname{arsinh}(b)"),
        ("a % b % c", r"a \bmod b \bmod c"),
        ("a % (b*c)", r"a \bmod (b \cdot c)"),
        ("(a + b) % c", r"(a + b) \bmod c"),
        ("-a % b", r"-a \bmod b"),
        ("1e-7*a", r"10^{-7} \cdot a"),
        ("2.5e-9*a", r"2.5 \cdot 10^{-9} \cdot a"),
        ("J = 3*a", r"J = 3 \cdot a"),
        (
            "u = b*c; v = a + u; J = 3*v",
            r"\begin{aligned} u &= b \cdot c \\ v &= a + u \\ J &= 3 \cdot v \end{aligned}",
        ),
        ("u = b*c; u/2", r"\begin{aligned} u &= b \cdot c \\ & \frac{u}{2} \end{aligned}"),
    ],
)
def test_latex(text, latex):
    assert to_latex(graph_of(text)) == latex


@pytest.mark.parametrize(
    ("label", "latex"),
    [
        ("w", "w"),
        ("w1", "w_{1}"),
        ("x_1", "x_{1}"),
        ("w[1]_2,3", "w^{[1]}_{2,3}"),
        ("W[2]", "W^{[2]}"),
        ("a[1](i)", "a^{[1](i)}"),
        ("alpha", r"\alpha"),
        ("θ1", r"\theta_{1}"),
        ("lambda_", r"\lambda"),
        ("yhat", r"\hat{y}"),
        ("ŷ", r"\hat{y}"),
        ("x̄", r"\bar{x}"),
        ("loss", r"\mathrm{loss}"),
        ("w_out", r"w_{\mathrm{out}}"),
        ("dw1", "dw_{1}"),
        ("my label", r"\mathrm{my\ label}"),
        ("<b>", r"\mathrm{{<}b{>}}"),
        ("a^b", r"\mathrm{a{\wedge}b}"),
        ("50%", r"\mathrm{50\%}"),
        ("\\", r"\mathrm{\backslash }"),
    ],
)
def test_latex_labels(label, latex):
    assert to_latex(Value(1.0, label)) == latex


def test_latex_infinity():
    assert to_latex(Value(1.0, "x") - math.inf) == r"x - \infty"
    assert to_latex(Value(-math.inf)) == r"-\infty"


@pytest.mark.parametrize(
    ("op", "formula", "latex"),
    [
        ("tanh", "partials", "1 - y^{2}"),
        ("sigmoid", "value", r"\frac{1}{1 + e^{-x}}"),
        ("erf", "partials", r"\frac{2}{\sqrt{\pi}} \cdot e^{-x^{2}}"),
        ("relu", "value", r"\begin{cases} 0 & \text{if } x \le 0 \\ x & \text{otherwise} \end{cases}"),
        ("sum", "value", r"\sum_{j} x_{j}"),
        ("mean", "value", r"\frac{\sum_{j} x_{j}}{n}"),
        ("dot", "value", r"\sum_{j} a_{j} \cdot b_{j}"),
        ("prod", "value", r"\prod_{j} x_{j}"),
        ("norm", "value", r"\sqrt{\sum_{j} x_{j}^{2}}"),
        ("hypot", "value", r"\sqrt{a^{2} + b^{2}}"),
        ("asin", "partials", r"\frac{1}{\sqrt{1 - x^{2}}}"),
        ("softmax", "value", r"\frac{e^{x_{k}}}{\sum_{j} e^{x_{j}}}"),
        ("logsumexp", "value", r"\log\left(\sum_{j} e^{x_{j}}\right)"),
        (
            "maximum",
            "partials",
            r"\begin{cases} 0 & \text{if } a < b \\ \frac{1}{2} & \text{if } a = b \\ 1 & \text{otherwise} \end{cases}",
        ),
        (
            "**",
            "partials",
            r"\begin{cases} 0 & \text{if } b = 0 \\ b \cdot a^{b - 1} & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_the_formulas_of_rows(op, formula, latex):
    text = getattr(OPS[op], formula)
    assert to_latex(textbook(text if isinstance(text, str) else text[0])) == latex


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_row_can_be_typeset(op):
    for text in (op.value, *op.partials):
        latex = to_latex(textbook(text))
        assert_balanced(latex)
        assert "□" not in latex
        mathml = to_mathml(textbook(text))
        ET.fromstring(mathml)
        assert "□" not in mathml
        assert "\\" not in mathml


def test_what_has_no_notation():
    with pytest.raises(TypeError, match="no notation for Lambda"):
        to_latex(ast.parse("lambda: 0", mode="eval").body)


# --- MathML -------------------------------------------------------------------------------------------------


def test_mathml():
    opening = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
    assert to_mathml(graph_of("3*(a - w1)")) == (
        opening + "<mn>3</mn><mo>·</mo><mo>(</mo><mi>a</mi><mo>−</mo><msub><mi>w</mi><mi>1</mi></msub><mo>)</mo></math>"
    )
    assert to_mathml(graph_of("a/2")) == (
        opening + "<mfrac><mrow><mi>a</mi></mrow><mrow><mn>2</mn></mrow></mfrac></math>"
    )
    assert to_mathml(parse_expression("-sqrt(x)")) == (
        opening + "<mo>−</mo><msqrt><mrow><mi>x</mi></mrow></msqrt></math>"
    )
    assert "<mover><mi>y</mi><mo>^</mo></mover>" in to_mathml(Value(1, "yhat"))
    assert "<msubsup><mi>w</mi><mi>2,3</mi><mi>[1]</mi></msubsup>" in to_mathml(Value(1, "w[1]_2,3"))
    assert "<mo>|</mo><mi>x</mi><mo>|</mo>" in to_mathml(parse_expression("abs(x)"))
    assert "<msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup>" in to_mathml(parse_expression("x**2"))


def test_mathml_of_definitions_is_a_table():
    rows = [e for e in elements(graph_of("u = b*c; v = a + u; J = 3*v")).iter() if e.tag.endswith("mtr")]
    assert ["".join(row.itertext()) for row in rows] == ["u=b·c", "v=a+u", "J=3·v"]


def test_mathml_of_cases():
    text = "".join(ET.fromstring(to_mathml(textbook(OPS["relu"].value))).itertext())
    assert text == "{0if x≤0xotherwise"
