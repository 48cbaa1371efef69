"""Whatever is typed is a formula, or a FormulaError of one line; a text of any length is answered."""

import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograd import FormulaError
from autograd.by_hand.check import check
from autograd.formulas.grammar import MAX_LENGTH
from autograd.formulas.parse import parse

ALL = "ALL_GRAPHS" in os.environ
EXAMPLES = 2000 if ALL else 150
LEAVES = {"a": 0.6, "b": 2.0, "x1": 0.5, "y": 0.3, "w_1": 1.5, "θ": 0.4}

TYPED = r"""
    a b x1 x_1 x₁ x_{1} y w_1 θ \theta theta q ab x1a e pi m L 0 1 2 10 3. .5 1e3 ½ ² ⁻¹ ³ ₂ ᵀ
    + - * / ** ^ % = ; , . ( ) [ ] { } | || ' ′ ! ? : _ & $ \ \\ @ · × ⊙ ÷ − √ ∛ Σ Π ∞ ± ≤ == := //
    \frac \dfrac \tfrac12 \sqrt \sqrt[3] \left( \right) \left| \right| \cdot \times \, \; \! ~ \hat \hat{y}
    \partial ∂ \sum \sum_i \sum_{i=1}^{m} \mathrm \mathrm{d} \operatorname{ \text{ \sigma \log \ln \exp \sin
    sin cos tan log ln lg exp sigmoid σ sigma relu tanh softmax max sum mean where sin² sin^2 sin^{-1}
    σ' g' g'(a) sigmoid' ∂L/∂a dL/da da dx1 δ \delta \frac{\partial \frac12 \begin{aligned} \end{aligned}
    np.dot( np. .T ^T ^\top axis=1 keepdims=True None lambda if for import __class__ eval(
    (i) ^{(i)} ^{(2)} ^{[1]} [1] [0] ⁽²⁾
"""
STRANGE = " \n\t\u00a0\u200b\u202e\u0301\ufeff\0\ud800ａ（𝑎🙂"

word = st.sampled_from([*TYPED.split(), *STRANGE])
soup = st.lists(word, max_size=30).map("".join)
spaced = st.lists(word, max_size=30).map(" ".join)
anything = st.text(max_size=60)
twice = st.builds(lambda part, n: part * n, soup, st.integers(1, 40))
typed = st.one_of(soup, spaced, anything, twice)


def said(text, **leaves):
    """What is said against a formula; "" if it is one. Anything else than a FormulaError fails the test."""
    try:
        parse(text, **leaves)
    except FormulaError as error:
        return str(error)
    return ""


ROOT = parse("L = (c - y)**2; c = sigmoid(z); z = w_1*x1 + b", x1=0.5, y=0.3, w_1=1.5, b=0.1)


@given(typed)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_parse_raises_nothing_else(text):
    assert said(text, **LEAVES).isprintable()
    assert said(text).isprintable()


@given(typed)
@example("loglogb")  # nan: b is below 1
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_check_raises_nothing_and_answers_by_the_line(text):
    first, second = check(ROOT, {"z": text, "w_1": "2*(c - y)*c*(1 - c)*x1"}, points=1)
    assert first.verdict == "right" or first.diagnosis
    assert second.verdict == "right"
    if first.read_as and not first.read_as.endswith("…"):
        again = check(ROOT, {"z": first.read_as}, points=1)["z"]
        assert again.verdict == first.verdict
        assert repr(again.claimed) == repr(first.claimed)  # nan is the same claim as nan
    str(check(ROOT, {text: "c"}, points=1))
    str(check(ROOT, text, points=1))


LONG = {
    "braces": "{",
    "groups": "{a}",
    "nested braces": "{{a}",
    "fractions without braces": r"\frac",
    "fractions": r"\frac{a}",
    "nested fractions": r"\frac{1}{",
    "bars": "|",
    "bars with names": "|a",
    "roofs": "^",
    "roofs with names": "a^",
    "raised digits": "²",
    "lowered digits": "₁",
    "roots": "√",
    "names": "ab",
    "names with spaces": "a ",
    "names and numbers": "a1",
    "numbers": "7",
    "numbers with dots": "1.",
    "functions": "sin",
    "functions with spaces": "sin ",
    "minus": "-",
    "factors": "(a)",
    "opened": "(",
    "products": "a*",
    "primes": "'",
    "derivatives": "∂",
    "sums": r"\sum_i",
    "indices": "a_",
    "lefts": r"\left(",
    "backslashes": "\\",
    "hats": r"\hat",
    "hats with braces": r"\hat{",
    "invisible": "\u200b",
    "accents": "a\u0301",
    "right to left": "\u202e",
    "surrogates": "\ud800",
    "equals": "=",
    "lines": "a;",
    "definitions": "a=b\n",
    "environments": r"\begin{aligned}",
    "dollars": "$",
    "slashes": "a/",
    "commas": "a,",
    "brackets": "a[1]",
    "opened brackets": "[",
    "transposed": "ᵀ",
    "spaces": " ",
    "lines without words": "\n",
    "libraries": "np.",
}  # fmt: skip


@pytest.mark.parametrize("part", LONG.values(), ids=LONG.keys())
def test_long_texts_are_answered(part):
    for length in (5_000, MAX_LENGTH, MAX_LENGTH + 1) if ALL else (5_000,):
        text = (part * length)[:length]
        assert len(said(text, a=2, b=3)) < 1000
        assert len(said(f"a + {text}"[:length], a=2, b=3)) < 1000


@pytest.mark.parametrize("part", LONG.values(), ids=LONG.keys())
def test_long_lines_are_answered(part):
    text = part * ((20_000 if ALL else 1_500) // len(part))
    for claims in ({"z": text}, {text: "c"}, text):
        str(check(ROOT, claims, points=1))


DEEP = {
    "minus": ("-", "2c", ""),
    "plus": ("+", "2c", ""),
    "signs": ("-+", "2c", ""),
    "roots": ("√", "2c", ""),
    "functions": ("sin ", "c", ""),
    "called functions": ("sin(", "2c", ")"),
    "braces": ("{", "2c", "}"),
    "powers": ("c^", "2", ""),
    "raised powers": ("c^{", "2", "}"),
    "fractions": (r"\frac{1}{", "2c", "}"),
    "bars": ("|", "2c", "|"),
    "products": ("2c ", "c", ""),
    "quotients": ("2c/", "c", ""),
    "sums": ("2c + ", "c", ""),
    "sums of LaTeX": (r"\sum_i ", "c", ""),
    "transposed": ("", "2c", "ᵀ"),
    "raised": ("", "2c", "²"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "middle", "after"), DEEP.values(), ids=DEEP.keys())
@pytest.mark.parametrize("depth", [50, 900, 1_900, 2_100] if ALL else [50, 1_900])
def test_deep_formulas_are_answered(before, middle, after, depth):
    text = before * depth + middle + after * depth
    said(text, c=0.5)
    str(check(ROOT, {"z": text}, points=1))
