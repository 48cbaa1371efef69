"""A row's LaTeX, and the MathML that follows from it."""

from xml.etree import ElementTree as ET

import pytest

import autograd
from autograd import OpRowError, Value, to_latex, to_mathml
from autograd.table.latex import latex_template, mathml_template
from autograd.table.mathml import MARKS
from autograd.table.op import Op
from autograd.table.ops import OPS

X = "<mrow>x</mrow>"
OPENING, CLOSING = (f'<mo stretchy="false">{sign}</mo>' for sign in "()")


def row(latex, inputs="x"):
    return Op("f", inputs, inputs.split(",")[0], ["1"] * len(inputs.split(",")), latex=latex)


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        ("x", "x"),
        ("{x}^{3}", f"<msup>{X}<mn>3</mn></msup>"),
        ("x_1^2", f"<msubsup>{X}<mn>1</mn><mn>2</mn></msubsup>"),
        (r"\frac{1}{2} x", "<mrow><mfrac><mn>1</mn><mn>2</mn></mfrac>x</mrow>"),
        (r"\sqrt[4]{x}", f"<mroot>{X}<mn>4</mn></mroot>"),
        (r"\sin x", '<mrow><mi>sin</mi><mspace width="0.17em"></mspace>x</mrow>'),
        (r"\Phi\left(x\right)", "<mrow><mi>Φ</mi><mrow><mo>(</mo>x<mo>)</mo></mrow></mrow>"),
        (r"\left(x\right)^{2}", "<msup><mrow><mo>(</mo>x<mo>)</mo></mrow><mn>2</mn></msup>"),
        (r"2 \cdot -x - 1", '<mrow><mn>2</mn><mo>·</mo><mo form="prefix">−</mo>x<mo>−</mo><mn>1</mn></mrow>'),
        (r"(-x)", f'<mrow>{OPENING}<mo form="prefix">−</mo>x{CLOSING}</mrow>'),
        (r"e^{-x^{2}}", f"<msup><mi>e</mi><mrow><mo>−</mo><msup>{X}<mn>2</mn></msup></mrow></msup>"),
        (r"\operatorname{erf}(2x)", f"<mrow><mi>erf</mi>{OPENING}<mn>2</mn>x{CLOSING}</mrow>"),
        (r"\left\lceil x \right\rceil", "<mrow><mo>⌈</mo>x<mo>⌉</mo></mrow>"),
    ],
)
def test_latex_as_mathml(latex, mathml):
    found = mathml_template(row(latex))
    assert MARKS.sub("x", found) == mathml
    ET.fromstring(f"<math>{found}</math>")


def test_inputs_are_whole_words():
    assert MARKS.sub("•", latex_template(row(r"\max\left(slope, x\right)", "x, slope"))) == r"\max\left(•, •\right)"
    assert MARKS.sub("•", latex_template(row(r"\frac{a}{b} + ab", "a, b"))) == r"\frac{•}{•} + ab"


def test_operands_stand_in_parentheses_where_they_must():
    cube = autograd.operation("cube", "x", "x**3", ["3*x**2"], latex="{x}^{3}")
    y = cube(Value(1.0, "a") + Value(2.0, "b"))
    assert to_latex(y) == r"{(a + b)}^{3}"
    assert "<mo>(</mo><mi>a</mi><mo>+</mo><mi>b</mi><mo>)</mo>" in to_mathml(y)
    twice = autograd.operation("twice", "x", "2*x", ["2"], latex="2 x")
    assert to_latex(twice(Value(1.0, "a") + 1)) == "2 (a + 1)"
    half = autograd.operation("half", "x", "x/2", ["1/2"], latex=r"\frac{x}{2}")
    assert to_latex(half(Value(1.0, "a") + 1)) == r"\frac{a + 1}{2}"


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.latex], ids=lambda op: op.name)
def test_every_row_has_mathml(op):
    ET.fromstring(f"<math>{mathml_template(op)}</math>")
    marks = set(MARKS.findall(mathml_template(op)))
    assert marks == set(MARKS.findall(latex_template(op)))
    assert len(marks) == len(op.inputs)


@pytest.mark.parametrize(
    ("latex", "what"),
    [
        (r"\unknown{x}", r"\\unknown is unknown"),
        (r"\frac{x}", "an argument is missing"),
        (r"\left(x", r"\\right is missing"),
        ("x^", "an argument is missing"),
        ("{x", "} is missing"),
        (r"\left<x\right>", "< is no parenthesis"),
        (r"\mathrm{a b", "a word in braces is missing"),
        ("x@2", "@ is unknown"),
    ],
)
def test_other_latex_is_refused_when_it_is_declared(latex, what):
    with pytest.raises(OpRowError, match=f"row 'mine': {what} in latex="):
        autograd.operation("mine", "x", "x", ["1"], latex=latex)
    assert "mine" not in OPS
