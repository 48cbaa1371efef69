"""Reading formulas: ``parse`` and the grammar under it."""

import math
import re
import warnings

import pytest

import autograd
from autograd import FormulaError, Value, graph
from autograd.formulas.grammar import MAX_DEPTH, MAX_LENGTH, names, parse_expression, parse_statements
from autograd.formulas.parse import parse
from autograd.formulas.reading.groups import MAX_PARENTHESES
from autograd.functions import FUNCTIONS
from autograd.table.ops import OPS

G2 = "L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w1*x1 + w2*x2 + b"


def labels(root):
    return [node.label for node in graph.topological(root)]


def refusal(text, **leaves):
    """The error's text, which must be one line."""
    with pytest.raises(FormulaError) as caught:
        parse(text, **leaves)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    return str(caught.value)


# --- graphs -------------------------------------------------------------------------------------------------


def test_g1():
    J = parse("3*(a + b*c)", a=5, b=3, c=2)
    J.backward()
    assert J.data == 33.0
    assert {leaf.label: leaf.grad for leaf in graph.leaves(J)} == {"a": 3.0, "b": 6.0, "c": 9.0}


def test_g2_with_definitions_in_any_order():
    L = parse(G2, w1=0.5, w2=-1, x1=2, x2=1, b=0.25, y=1)
    L.backward()
    node = {v.label: v for v in graph.topological(L)}
    assert L.label == "L"
    assert L.data == pytest.approx(0.5759394, abs=5e-8)
    assert node["a"].data == pytest.approx(0.5621765, abs=5e-8)
    assert node["z"].grad == pytest.approx(-0.4378235, abs=5e-8)
    assert node["w1"].grad == pytest.approx(-0.875647, abs=5e-7)


def test_inner_nodes_and_the_root_get_the_names_of_their_definitions():
    assert labels(parse("u = b*c; v = a + u; J = 3*v", a=5, b=3, c=2)) == ["a", "b", "c", "u", "v", "J"]
    assert parse("3*a", a=1).label == ""


@pytest.mark.parametrize(
    "text",
    ["u = b*c\nJ = a + u", "  u = b*c\n\n\t J = a + u;\n", "J = (a +\n u); u = b*c", "a + u; u = b*c", "J=a+u;u=b*c;"],
)
def test_statements_end_with_semicolons_or_lines(text):
    assert parse(text, a=1, b=2, c=3).data == 7.0


def test_the_users_own_values_are_used():
    w, x = autograd.parameter(0.5), Value(2.0, "feature")
    y = parse("w*x", w=w, x=x)
    assert y.inputs == (w, x)
    assert (w.label, x.label) == ("w", "feature")
    assert w.kind == "parameter"


def test_a_refused_formula_leaves_the_users_values_as_they_were():
    w = Value(1.0)
    refusal("w*x", w=w)
    assert w.label == ""


def test_numbers_alone_are_computed_at_once():
    assert labels(parse("2**3*a", a=1)) == ["a", ""]
    assert parse("2**3*a", a=1).inputs[0].data == 8.0
    assert parse("-3*a", a=1).inputs[0].data == -3.0
    assert parse("sqrt(4) + 1/4").kind == "constant"
    assert parse("sqrt(4) + 1/4").data == 2.25
    assert parse("softmax(0, 0)[1]*4").data == 2.0


def test_a_definition_of_a_number_is_a_leaf():
    J = parse("J = k*a; k = 1/2; a = 6")
    assert J.data == 3.0
    assert [leaf.label for leaf in graph.leaves(J)] == ["k", "a"]


def test_another_name_for_a_node_is_the_same_node():
    J = parse("J = u*u2; u2 = u; u = 2*a", a=3)
    assert J.inputs[0] is J.inputs[1]
    assert J.inputs[0].label == "u"


def test_pi_is_known_unless_given():
    assert parse("cos(pi)").data == -1.0
    assert parse("π*a", a=1).data == math.pi
    assert parse("2*pi", pi=3).data == 6.0
    assert parse("pi = a + 1; J = 2*pi", a=1).data == 4.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-a**2", -9.0),
        ("(-a)**2", 9.0),
        ("2**-a", 0.125),
        ("2**a**b", 512.0),
        ("a - b - 1", 0.0),
        ("a/b/2", 0.75),
        ("7 % a*b", 2.0),
        ("-a % b", 1.0),
        ("a - 5 % b", 2.0),
        ("-a*b", -6.0),
        ("+a - -b", 5.0),
        (".5*a + 1.*b + 1e1 + 1E-1", 13.6),
    ],
)
def test_precedence_is_pythons(text, value):
    leaves = {name: x for name, x in {"a": 3, "b": 2}.items() if name in text}
    assert parse(text, **leaves).data == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_the_table_can_be_called(name):
    op = OPS[name]
    if "k" in op.inputs:
        text = f"{name}([a, b])[1]"
        expected = FUNCTIONS[name]([0.3, 0.6])[1]
    else:
        numbers = [1 if word == "index" else (0.3, 0.6)[i % 2] for i, word in enumerate(op.inputs)]
        words = ["1" if word == "index" else "ab"[i % 2] for i, word in enumerate(op.inputs)]
        text = ", ".join("[a, b]" if is_list else word for is_list, word in zip(op.lists, words, strict=True))
        expected = FUNCTIONS[name](
            *[[0.3, 0.6] if is_list else x for is_list, x in zip(op.lists, numbers, strict=True)]
        )
        text = f"{name}({text})"
    leaves = {"a": 0.3, "b": 0.6} if "b" in text.removeprefix(name) else {"a": 0.3}
    root = parse(text, **leaves)
    assert root.op is op
    assert root.data == pytest.approx(expected, rel=0, nan_ok=True)  # acosh(0.3)


def test_functions_by_their_symbols():
    for text in ("log₂(a)", "log2(a)"):
        assert parse(text, a=8).data == 3.0
    assert parse("arctan(a)", a=1).data == math.pi / 4
    assert parse("Π(a, 2, 5)", a=3).data == 30.0
    assert parse("GELU(a) + SiLU(a)", a=0).data == 0.0


def test_lists_may_be_written_without_brackets():
    assert parse("sum(a, b, 3)", a=1, b=2).data == parse("sum([a, b, 3])", a=1, b=2).data == 6.0
    assert parse("softmax(a, a)[0]", a=1).data == 0.5


def test_a_function_may_be_called_by_its_symbol():
    assert parse("σ(z)", z=0).data == 0.5
    assert parse("max(0, z) + ReLU(z)", z=2).data == 4.0


def test_a_default_may_be_left_out():
    assert parse("leaky_relu(z)", z=-1).data == -0.01
    assert parse("leaky_relu(z, 1/2)", z=-1).data == -0.5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a × b", 6.0),
        ("a·b", 6.0),
        ("a − b", 1.0),
        ("a ÷ b", 1.5),
        ("a² + b⁻¹", 9.5),
        ("(a + b)²", 25.0),
        ("a\u00a0+\u2003b", 5.0),
    ],
)
def test_typeset_signs_are_understood(text, value):
    leaves = {name: x for name, x in {"a": 3, "b": 2}.items() if name in text}
    assert parse(text, **leaves).data == value


def test_subscripts_belong_to_names():
    assert parse("x₁ + x₂", x1=1, x2=2).data == 3.0


def test_a_raised_number_before_a_power_is_not_guessed_at():
    assert "²" in refusal("a²**3", a=2)


def test_names_in_other_alphabets():
    assert labels(parse("α*θ1", α=1, θ1=2)) == ["α", "θ1", ""]
    assert parse("ﬁ*2", fi=3).data == 6.0  # as Python reads identifiers: NFKC
    ligature = {"ﬁ": 3}
    assert parse("fi*2", **ligature).data == 6.0


def test_a_leaf_may_be_called_text():
    assert parse("text*self", text=2, self=3).data == 6.0


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "leaves", "message"),
    [
        # signs of other languages
        ("a//2", "a", r"write / for a division"),
        ("a == 2", "a", r"write = for a definition, not =="),
        ("u := 2*a", "a", r"write = for a definition, without a colon"),
        ("a < 2", "a", r"the character '<' has no place in a formula \(character 3"),
        ("a @ a", "a", r"the character '@' has no place"),
        ("“a”", "a", r"the character '“' has no place"),
        ("a # comment", "a", r"the character '#' has no place"),
        # products without a sign
        ("a 2", "a", r"a 2 is a\*2 or a\*\*2\? write one of them"),
        ("1/2a", "a", r"1/2a is \(1/2\)\*a or 1/\(2\*a\)\? write one of them"),
        ("2e*3", "", r"no value for e: for Euler's number write exp\(1\)"),
        ("0x10", "", r"no value for x10: add x10=…"),
        ("3j", "", r"no value for j"),
        # names and values
        ("a*d + e", "a", r"^no value for d and e: add d=…, e=…$"),
        ("a*x1", "ax", r"no value for x1, and no use for x: did you mean x\?"),
        ("a", "ab", r"^the formula has no b$"),
        ("a*alpha", {"a": 1, "alpha": 2, "alhpa": 3}, r"the formula has no alhpa: did you mean alpha\?"),
        ("lambda*2", "", r"lambda is a reserved word of Python, choose another name, such as lambda_"),
        ("lambda: 0", "", r"write = for a definition, without a colon"),
        ("1 if a else 2", "a", r"if is a reserved word"),
        ("True", "", r"True is a reserved word"),
        ("sigmoid*a", "a", r"no value for sigmoid: sigmoid is a function, write sigmoid\(x\)"),
        # functions
        ("tanhh(a)", "a", r"unknown function tanhh in tanhh\(a\): did you mean tanh\?"),
        ("log(a, 2)", "a", r"write log\(x\), not log\(a, 2\)"),
        ("clip(a)", "a", r"write clip\(x, low, high\), not clip\(a\)"),
        ("sum()", "", r"write sum\(\[x1, x2\]\), not sum\(\)"),
        ("sum([])", "", r"write sum\(\[x1, x2\]\)"),
        ("dot(a, a)", "a", r"write dot\(\[a1, a2\], \[b1, b2\]\), not dot\(a, a\)"),
        ("dot([a], [a, a])", "a", r"write dot\("),
        ("leaky_relu(a, slope=1)", "a", r"write leaky_relu\(x, slope\), not"),
        ("sum(*a)", "a", r"something is missing here, or too much"),
        ("tanh([a])", "a", r"a list stands only in a function of lists, sum\(\[a, b\]\), not \[a\]"),
        ("sum([a, [a]])", "a", r"a list stands only in"),
        ("[a, a]", "a", r"a list stands only in"),
        ("softmax(a, a)", "a", r"softmax\(a, a\) is a list: pick one of its numbers, softmax\(a, a\)\[0\]"),
        ("softmax(a, a)[2]", "a", r"softmax\(a, a\)\[2\]: the index runs from 0 to 1"),
        ("softmax(a, a)[-1]", "a", r"an index stands only behind softmax"),
        ("softmax(a, a)[a]", "a", r"an index stands only behind softmax"),
        ("tanh(a)[0]", "a", r"an index stands only behind softmax\(\[a, b\]\), not in tanh\(a\)\[0\]"),
        ("a[0]", "a", r"an index stands only behind"),
        ("a[0](2)", "a", r"an index stands only behind"),
        # structure
        ("", "", r"the formula is empty"),
        (" ;", "", r"something is missing here, or too much"),
        ("3*", "", r"something is missing at the end \(character 3 of '3\*'\)"),
        ("3* + *2", "", r"something is missing here, or too much"),
        ("(a", "a", r"this \( is never closed \(character 1 of '\(a'\)"),
        ("a)", "a", r"this \) closes nothing \(character 2 of 'a\)'\)"),
        ("(a]", "a", r"something is missing here, or too much"),
        ("()", "", r"\(\) has no place in a formula"),
        ("a, a", "a", r"a, a has no place in a formula"),
        ("007", "", r"something is missing here, or too much"),
        # definitions
        ("a += 2", "a", r"a definition is one name = one expression, not a \+= 2"),
        ("u = v = a", "a", r"a definition is one name = one expression"),
        ("u, v = a", "a", r"a definition is one name = one expression"),
        ("f(x) = 2*x", "x", r"a definition is one name = one expression, not f\(x\) = 2\*x"),
        ("u = a; u = 2*a", "a", r"u is defined twice"),
        ("a = 2*b", "ab", r"a is both defined in the formula and given a value"),
        ("u = v; v = 2*u", "", r"defined by itself: \w → \w → \w"),
        ("u = 2*u", "", r"defined by itself: u → u"),
        ("u = a; v = 2*a", "a", r"more than one result: nothing uses u and v"),
        ("u = a; 2*a", "a", r"more than one result: nothing uses u and the expression without a name"),
        ("a; 2*a", "a", r"two results"),
        # numbers
        ("9**9**9", "", r"^9\*\*9\*\*9 is infinite: too large, or a division by 0$"),
        ("a + 1e999", "a", r"1e999 is too large"),
        ("a + 1/0", "a", r"^1/0 is infinite"),
        ("a*(0/0)", "a", r"^0/0 is not a number$"),
        ("log(-1)", "", r"^log\(-1\) is not a number$"),
    ],
)
def test_refused_with_a_reason(text, leaves, message):
    given = dict.fromkeys(leaves, 2.0) if isinstance(leaves, str) else leaves
    assert re.search(message, refusal(text, **given)), refusal(text, **given)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "().__class__",
        "a.b",
        "a[0]",
        "lambda: 0",
        "(lambda: 0)()",
        "[x for x in a]",
        "f'{a}'",
        "a if a else a",
        "print(a)",
        "exec(a)",
        "import os",
        "del a",
        "yield",
        "await a",
        "a\\\nb",
        "a\0b",
        "\ud800",
        "\x1b[31m",
        "(" * 10**5 + "a" + ")" * 10**5,
        "(" * 150 + "a" + ")" * 150,
        "-" * 10**5 + "a",
        "-" * (MAX_LENGTH - 1) + "a",
        "-" * 5000 + "a",
        "a" * 10**6,
        "a" * MAX_LENGTH,
        "tanh(" * 10**4 + "a" + ")" * 10**4,
        "**".join(["a"] * 10**4),
        "+".join(["a"] * 40_000),
        "[" * 5000,
        "9**9**9**9",
        "9" * 5000,
        "9" * 90_000,
        ";" * 50_000,
        "a\n" * 30_000,
        ";".join(f"x{i} = x{i + 1}" for i in range(5000)),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_hostile_text_is_refused(text):
    refusal(text, a=1)


def test_a_caller_deep_in_recursion_gets_the_same_error():
    def deep(levels):
        return deep(levels - 1) if levels else refusal("+".join(["a"] * 2500), a=1)

    assert "operations inside each other" in deep(600)


def test_the_limits_leave_room():
    assert parse("+".join(["a"] * MAX_DEPTH), a=1).data == MAX_DEPTH
    assert parse(f"sum({', '.join(['a'] * 20_000)})", a=1).data == 20_000
    assert parse("(" * MAX_PARENTHESES + "a" + ")" * MAX_PARENTHESES, a=1).data == 1
    many = ";".join(["x0 = a", *(f"x{i + 1} = x{i} + 1" for i in range(3000))])
    assert parse(many, a=1).data == 3001


def test_no_warning_of_pythons_parser_gets_out():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ["3and 4", "0or 1", "1if a else 2", "'\\d'", "1 is 1"]:
            refusal(text)


def test_no_text_and_no_number():
    with pytest.raises(TypeError, match=r"a formula is text, not 3 \(int\)"):
        parse(3)
    with pytest.raises(TypeError, match="a: expected a real number, got 'x'"):
        parse("a", a="x")


# --- the grammar alone --------------------------------------------------------------------------------------


def test_expressions_and_their_names():
    assert names(parse_expression("x1*(a - y)/x1 + tanh(b)")) == ["x1", "a", "y", "b"]
    with pytest.raises(FormulaError, match="expected an expression, without a definition: 'dw = x'"):
        parse_expression("dw = x")
    with pytest.raises(FormulaError, match="expected an expression"):
        parse_expression("x; y")


def test_statements_keep_their_order():
    assert [name for name, _ in parse_statements("J = u; u = a; a + 1")] == ["J", "u", ""]
