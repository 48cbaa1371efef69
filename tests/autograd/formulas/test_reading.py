"""Mathematics as it is written on paper, typed on a phone or pasted from LaTeX: how it is read, and what is refused."""

import math

import pytest
from derivations import g2, g3, two_layers, why_unreadable

import autograd
from autograd import FormulaError, Value, check, parse, read_as
from autograd.formulas.reading.lines import lines, sides
from autograd.formulas.reading.vocabulary import NONE_HERE, function

NAMES = ["a", "b", "c", "x", "y", "z", "m", "x1", "x2", "w1", "yhat", "θ", "w[1]_2"]


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        # products without a sign
        ("x1(a-y)", "x1*(a - y)"),
        ("(a-y)x1", "(a - y)*x1"),
        ("2x", "2*x"),
        ("3(a + bc)", "3*(a + b*c)"),
        ("2 x1 y", "2*x1*y"),
        ("(a)(b)", "a*b"),
        ("yx_1", "y*x1"),
        ("ylog(a)", "y*log(a)"),
        ("x_1w^{[1]}_2 + x1yw[1]_2", "x1*w[1]_2 + x1*y*w[1]_2"),
        ("bcσ(z)", "b*c*sigmoid(z)"),
        ("[(a - y)x1]", "(a - y)*x1"),
        # one name in several spellings
        ("x_1 + x₁ + x_{1}", "x1 + x1 + x1"),
        ("w[1]_2 + w^{[1]}_2 + w^{[1]}_{2} + w^{(1)}_2 + w_2^{[1]}", " + ".join(["w[1]_2"] * 5)),
        (r"ŷ + \hat{y} + \hat y + y_hat + \widehat{y}", " + ".join(["yhat"] * 5)),
        (r"theta + \theta + θ", "θ + θ + θ"),
        # powers, fractions, signs
        ("x^2 + x² + x**2 + x^{2}", " + ".join(["x**2"] * 4)),
        ("x_1^2 + x^2_1", "x1**2 + x1**2"),
        ("x^{-1}y", "x**-1*y"),
        ("½x² + ¼", "1/2*x**2 + 1/4"),
        ("a·b×c⊙x∙y ÷ z − 1", "a*b*c*x*y/z - 1"),
        ("|a||b| + ||a| − |b||", "abs(a)*abs(b) + abs(abs(a) - abs(b))"),
        (r"√x + √(x+1) + \sqrt{x y} + ∛x + \sqrt[3]{x}", "sqrt(x) + sqrt(x + 1) + sqrt(x*y) + cbrt(x) + cbrt(x)"),
        ("2x - +y + +x**2", "2*x - y + x**2"),
        ("1/2 (a - y)^2", "1/2*(a - y)**2"),
        ("1/m x", "1/m*x"),
        # functions
        ("ln(a) + log a + lg(a) + log10(a) + log_2(a)", "log(a) + log(a) + log10(a) + log10(a) + log2(a)"),
        ("e^{-z} + e^-z + e**x + exp -z + e⁻ᶻ", "exp(-z) + exp(-z) + exp(x) + exp(-z) + exp(-z)"),
        ("xe^{-x}", "x*exp(-x)"),
        ("sin x + sin²(x) + sin^2 x + sin 2x", "sin(x) + sin(x)**2 + sin(x)**2 + sin(2*x)"),
        ("sin x cos y", "sin(x)*cos(y)"),
        (r"σ(z) + sigma(z) + \sigma(z) + logistic(z)", " + ".join(["sigmoid(z)"] * 4)),
        ("sigmoid'(z)", "sigmoid(z)*(1 - sigmoid(z))"),
        ("σ'(z)", "sigmoid(z)*(1 - sigmoid(z))"),
        ("tanh'(z)", "1 - tanh(z)**2"),
        ("relu'(z) + leaky_relu'(z)", "step(z) + where(step(z), 1, 0.01)"),
        ("pow(a, 2) + arctanh(a) + mod(a, 2)", "a**2 + atanh(a) + a%2"),
        ("np.exp(-z) + math.log(a)", "exp(-z) + log(a)"),
        # LaTeX
        (r"\frac{y}{a} + \dfrac{1-y}{1-a} + \tfrac12 x", "y/a + (1 - y)/(1 - a) + 1/2*x"),
        (r"\frac{1}{2}\left( a - y \right)^2", "1/2*(a - y)**2"),
        (r"$-y \cdot \log a - (1-y) \log(1-a)$", "-y*log(a) - (1 - y)*log(1 - a)"),
        (r"\operatorname{sigmoid}(z)\,\mathrm{tanh}(z) \times \exp\left(x\right)", "sigmoid(z)*tanh(z)*exp(x)"),
        (r"\left|x\right| + \lvert x \rvert", "abs(x) + abs(x)"),
        # what is strict stays
        ("3*(a + b*c)", "3*(a + b*c)"),
        ("softmax([a, b])[1] - sum(a, b)", "softmax([a, b])[1] - sum([a, b])"),
    ],
)
def test_read(text, strict):
    assert read_as(text, NAMES) == strict
    assert read_as(strict, NAMES) == strict


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1/2x", ["(1/2)*x", "1/(2*x)"]),
        ("1/m(a-y)", ["(1/m)*(a - y)", "1/(m*(a - y))"]),
        ("a/bc", ["(a/b)*c", "a/(b*c)"]),
        ("y/a x", ["(y/a)*x", "y/(a*x)"]),
        ("a^bc", ["a**b*c", "a**(b*c)"]),
        ("a^1/2", ["(a**1)/2", "a**(1/2)"]),
        ("e^2x", ["exp(2)*x", "exp(2*x)"]),
        ("sin x y", ["sin(x*y)", "sin(x)*y"]),
        ("ln x/y", ["ln(x/y)", "ln(x)/y"]),
        ("log 1-a", ["log(1 - a)", "log(1) - a"]),
        ("sin^{-1}(x)", ["asin(x)", "1/sin(x)"]),
        ("√2x", ["sqrt(2*x)", "sqrt(2)*x"]),
        ("√x²", ["sqrt(x**2)", "sqrt(x)**2"]),
        ("|a|b|c|", ["abs(a)*b*abs(c)", "abs(a*abs(b)*c)"]),
        ("x 2", ["x*2", "x**2"]),
    ],
)
def test_two_readings_are_refused_with_both(text, readings):
    with pytest.raises(FormulaError, match="write one of them") as caught:
        read_as(text, NAMES)
    assert all(reading in str(caught.value) for reading in readings)
    for reading in readings:
        assert read_as(reading, NAMES)


def test_words_that_fall_apart_in_two_ways():
    with pytest.raises(FormulaError, match=r"abc is a\*bc or ab\*c\? write one of them"):
        read_as("abc", ["a", "ab", "bc", "c"])
    assert read_as("ab", ["a", "b", "ab"]) == "ab"


def test_two_names_that_are_typeset_alike():
    assert read_as("w1 + w_1", ["w1", "w_1"]) == "w1 + w_1"
    with pytest.raises(FormulaError, match="w_1 is w1 or w_1"):
        read_as("w₁", ["w1", "w_1"])


@pytest.mark.parametrize("word", NONE_HERE)
def test_what_is_not_here_is_said_and_what_to_write_is_a_formula(word):
    with pytest.raises(FormulaError, match="there is none here") as caught:
        parse(f"{word}(a)", a=0.5)
    assert "did you mean" not in str(caught.value)
    if NONE_HERE[word]:
        assert (
            read_as(NONE_HERE[word], ["a", "b", "x", "y", "z", "p", "y1", "y2", "p1", "p2", "alpha"]) == NONE_HERE[word]
        )


def test_a_plus_in_front_says_nothing_however_often():
    assert read_as("+" * 1900 + "2c", ["c"]) == "2*c"
    assert read_as("x_1(+a - y)", ["x1", "a", "y"]) == "x1*(a - y)"


@pytest.mark.parametrize("word", ["log10", "atan", "sinh", "cbrt", "log1p", "expm1", "arctan", "hypot"])
def test_what_is_here_is_read(word):
    assert function(word)
    assert read_as(f"{word}(a)" if word != "hypot" else "hypot(a, b)", NAMES)


def test_hints_lead_to_a_misspelt_name_only():
    for typed, meant in (("tahn", "tanh"), ("sigmiod", "sigmoid"), ("exo", "exp")):
        with pytest.raises(FormulaError, match=rf"did you mean {meant}\?"):
            parse(f"{typed}(a)", a=1)
    for typed in ("log7", "hard_sigmoid", "binary_crossentropy", "sec"):
        with pytest.raises(FormulaError) as caught:
            parse(f"{typed}(a)", a=1)
        assert "did you mean" not in str(caught.value)


MEANT = {
    "cot": lambda x: 1 / math.tan(x),
    "sec": lambda x: 1 / math.cos(x),
    "csc": lambda x: 1 / math.sin(x),
    "coth": lambda x: 1 / math.tanh(x),
    "sech": lambda x: 1 / math.cosh(x),
    "csch": lambda x: 1 / math.sinh(x),
    "log3": lambda x: math.log(x, 3) if x > 0 else None,
    "exp10": lambda x: 10**x,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "frac": lambda x: x - math.floor(x),
    "fmod": math.fmod,
    "remainder": lambda a, b: a % b,
    "hardtanh": lambda x: max(-1, min(1, x)),
    "relu6": lambda x: max(0, min(6, x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "mish": lambda x: x * math.tanh(math.log1p(math.exp(x))),
    "versin": lambda x: 1 - math.cos(x),
    "sinpi": lambda x: math.sin(math.pi * x),
    "cospi": lambda x: math.cos(math.pi * x),
    "erfcx": lambda x: math.exp(x * x) * math.erfc(x),
}


@pytest.mark.parametrize("word", MEANT)
def test_what_to_write_instead_has_the_same_meaning(word):
    assert not function(word)
    for x in (-7.3, -0.4, 0.3, 2.6):
        leaves = {"a": x, "b": 1.7} if word in ("fmod", "remainder") else {"x": x}
        if (value := MEANT[word](*leaves.values())) is not None:
            assert parse(NONE_HERE[word], **leaves).data == pytest.approx(value, rel=1e-9)


def test_a_known_name_goes_before_a_function():
    assert parse("sigma(x)", sigma=3, x=2).data == 6
    assert parse("e^2", e=3).data == 9
    assert parse("lambda*2", **{"lambda": 3}).data == 6


def test_definitions_in_any_spelling():
    J = parse(r"\hat{y} = w^{[1]}_2 x; J = ½(ŷ - y)²", x=2, y=1, **{"w[1]_2": 3})
    assert (J.data, J.label) == (12.5, "J")


# --- claims ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("graph", "left", "right", "strict"),
    [
        (g2, "∂L/∂w1", "x1(a-y)", "x1*(a - y)"),
        (g2, r"\frac{\partial L}{\partial w_1}", r"\frac{\partial L}{\partial z} x_1", "dL/dz*x1"),
        (g2, "dw_1", "δ x1", "dz*x1"),
        (g2, "δ", "(a-y)", ""),
        (g2, "dz", "da g'(z)", "da*(sigmoid(z)*(1 - sigmoid(z)))"),
        (g2, "w1", "∂L/∂a·∂a/∂z·∂z/∂w1", ""),
        (g2, "w1", "x1dz", "x1*dz"),
        (g3, "dw1", r"\frac{1}{m}\sum_{i=1}^{m} (a^{(i)} - y^{(i)}) x_1^{(i)}", "1/m*sum((a - y)*x1)"),
        (g3, "w1", "1/m Σ(a-y)x1", "1/m*sum((a - y)*x1)"),
        (g3, "w1", "1/m Σᵢ x1(i)(a(i) − y(i))", "1/m*sum(x1*(a - y))"),
        (g3, "z^{(3)}", "(a^{(3)} - y^{(3)})/m", "(a_3 - y_3)/m"),
        (two_layers, "dW2", "dZ2 A1ᵀ", "dZ2 @ A1.T"),
        (two_layers, r"dW^{[2]}", r"dZ^{[2]} A^{[1]T}", "dZ2 @ A1.T"),
        (two_layers, "dW1", "dZ1 A0^T", "dZ1 @ A0.T"),
        (two_layers, "dW1", "np.dot(dZ1, A0.T)", "dZ1 @ A0.T"),
        (two_layers, "dW2", "1/m (A2 - Y) A1ᵀ", "1/m*((A2 - Y) @ A1.T)"),
        (two_layers, "dW2", "(A2 - Y)/m A1ᵀ", "(A2 - Y)/m @ A1.T"),
        (two_layers, "dW2", "dZ2·A1ᵀ", "dZ2 @ A1.T"),
        (two_layers, "db2", "np.sum(dZ2, axis=1, keepdims=True)", "sum(dZ2, axis=1, keepdims=True)"),
        (two_layers, "dZ1", r"W^{[2]T} dZ^{[2]} \odot g'(Z^{[1]})", "W2.T @ dZ2*(1 - tanh(Z1)**2)"),
        (two_layers, "dZ1", "dA1 ⊙ (1 − A1²)", ""),
        (two_layers, "db1", r"\sum_i dZ^{[1](i)}", "sum(dZ1, axis=1)"),
    ],
)
def test_claims(graph, left, right, strict):
    root, names = graph()
    (answer,) = check(root, [(left, right)], names)
    assert (answer.verdict, answer.read_as) == ("right", strict)


@pytest.mark.parametrize(
    ("graph", "left", "right", "reason"),
    [
        (g3, "z_2", "(a(2) - y(2))/m", r"a(2) is a*2 or a_2? write one of them"),
        (g3, "w1", r"1/m \sum_i a^{(i)} - y^{(i)}", r"is sum(a - y) or sum(a) - y? write one of them"),
        (two_layers, "δ", "1", "δ is dZ1 or dZ2 or dz1_0 or …? write one of them"),
        (g2, "w1", "g'(L)", "no function is applied to L"),
        (g2, "w1", "∇a", "write ∂L/∂w for a derivative"),
        (g2, "dL/dq", "1", "the graph has no q"),
    ],
)
def test_claims_that_are_refused(graph, left, right, reason):
    root, names = graph()
    assert reason in why_unreadable(root, [(left, right)], names)


def test_labels_with_two_indices():
    w, x = Value(3, "w[2]_1,1"), Value(2, "a[1]_1")
    J = (w * x) ** 2
    for right in ("2 a[1]_1(w[2]_1,1 a[1]_1)", r"2a^{[1]}_1 w^{[2]}_{1,1}a_1^{[1]}", "2*a[1]_1**2*w[2]_1,1"):
        assert check(J, {"∂J/∂w[2]_1,1": right}).ok


def test_keepdims_keeps_a_row_beside_a_matrix():
    x = [[Value(1, "p"), Value(2, "q")], [Value(3, "r"), Value(4, "s")]]
    J = autograd.sum([v * v for row in x for v in row]) * 0.5
    names = {"X": x}
    assert check(J, {"X": "X - sum(X, axis=1, keepdims=True) + np.sum(X, 1, keepdims=True)"}, names).ok
    assert not check(J, {"X": "X - sum(X, axis=1) + sum(X, axis=1, keepdims=True)"}, names).ok


def test_lines_and_sides():
    assert lines(r"\begin{aligned} dz &= a\;- y \\ dw &= x\,dz \end{aligned}") == [r"dz  = a\;- y", r"dw  = x\,dz"]
    assert sides("ｄｚ ＝ sum(A, axis=1) := b") == ["dz", "sum(A, axis=1)", "b"]
    with pytest.raises(FormulaError, match=r"there is no \\begin here"):
        read_as(r"\begin{matrix} a & b \end{matrix}", NAMES)
