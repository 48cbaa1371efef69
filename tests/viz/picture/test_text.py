"""Numbers in four digits; widths that no usual font exceeds."""

from __future__ import annotations

import json
import math
from xml.etree import ElementTree as ET

import pygraphviz
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.formulas.digits import format_number
from viz.picture.text import clean, fit, is_measured, width

NUMBERS = {
    0.0: "0",
    33.0: "33",
    -0.4378235: "−0.4378",
    0.1 + 0.2: "0.3",
    1e-300: "1e−300",
    123456789.0: "1.235e8",
    -1e-5: "−1e−5",
    math.inf: "inf",
    -math.inf: "−inf",
    math.nan: "nan",
}


@pytest.mark.parametrize(("x", "text"), NUMBERS.items())
def test_numbers(x, text):
    assert format_number(x) == text


def test_zero_keeps_its_sign():
    assert format_number(-0.0) == "−0"


@given(st.floats(-1e308, 1e308))
def test_numbers_keep_four_digits(x):
    assert float(format_number(x).replace("−", "-")) == pytest.approx(x, rel=5.1e-4, abs=1e-320)


@given(st.text(), st.floats(20, 300))
def test_a_fitted_text_fits(text, room):
    fitted = fit(text, 13, room)
    assert width(fitted, 13) <= room
    assert len(clean(text)) <= 200
    ET.fromstring(f"<a>{clean(text).replace('&', '&amp;').replace('<', '&lt;')}</a>")


def test_unknown_letters_are_not_measured():
    assert is_measured("ŷ = σ(w₁x + b) − 0.5 × é")
    assert not is_measured("日")
    assert width("日", 10) > width("W", 10) > width("i", 10)


# Adobe's font metrics of Helvetica, which Arial shares: the characters 32 to 126, in 1/1000 em.
HELVETICA = """
278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584
584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611
278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500
500 500 334 260 334 584
"""


def test_the_table_bounds_helvetica():
    metrics = [int(word) for word in HELVETICA.split()]
    assert len(metrics) == 95
    assert all(em <= width(chr(code), 1000) for code, em in enumerate(metrics, start=32))


@pytest.mark.parametrize("family", ["DejaVu Sans", "Arial", "Helvetica"])
def test_no_text_is_wider_than_the_table_says(family):
    """As Graphviz measures it, with what the machine has under this name."""
    samples = [
        *map(chr, range(33, 127)),
        "data −0.4378",
        "grad 1.235e8",
        "∂u/∂b = 2",
        "ReLU",
        "σ×+÷Σ√",
        "weight matrix W",
    ]
    graph = pygraphviz.AGraph(directed=True)
    for i, sample in enumerate(samples):
        # Of a large size, so that widths are not rounded to pixels.
        graph.add_node(i, label=sample.replace("\\", "\\\\"), shape="plain", fontname=family, fontsize=200)
    measured = json.loads(graph.draw(format="json0", prog="dot"))["objects"]
    assert len(measured) == len(samples)
    for node in measured:
        sample = samples[int(node["name"])]
        assert 0 < 72 * float(node["width"]) <= width(sample, 200) + 1, sample
