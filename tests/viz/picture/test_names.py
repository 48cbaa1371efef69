"""Pictures, steps and plots show distinct nodes by distinct names, also where their labels are the same."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from autograd import Value
from autograd.formulas.naming import Names
from viz import draw
from viz.picture.text import fit, width
from viz.steps.stepper import stepper

SVG = "{http://www.w3.org/2000/svg}"


def product_and_more():
    """a·b + a with both labelled x: 2·3 + 2 = 8, ∂/∂a = 4, ∂/∂b = 2."""
    a, b = Value(2, "x"), Value(3, "x")
    J = a * b + a
    J.label = "J"
    J.backward()
    return a, b, J


def texts(svg):
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_picture_has_a_name_for_each_box():
    drawing = draw(product_and_more()[2])
    words = texts(drawing.svg)
    assert (words.count("x(1)"), words.count("x(2)"), words.count("x")) == (1, 1, 0)
    at = words.index("∂x(1)")
    assert words[at - 1 : at + 2] == ["∂J", "∂x(1)", "= 1"]
    description = ET.fromstring(drawing.svg).find(f"{SVG}desc").text
    assert "input x⁽¹⁾: 2, gradient 4. input x⁽²⁾: 3, gradient 2." in description
    titles = [title.text for title in ET.fromstring(drawing.svg).iter(f"{SVG}title")]
    assert "∂(×)/∂x⁽²⁾ = 2.0; 2.0 × 1.0 = 2.0 flows back to x⁽²⁾" in titles
    assert "x⁽²⁾: input, data 3.0, grad 2.0" in titles


def test_several_roots_and_inner_nodes():
    x = Value(2.0, "x")
    p, q = x * 2, x + 1
    p.label = q.label = "x"
    drawing = draw([p, q])
    assert {"x(1)", "x(2)", "x(3)"} <= set(texts(drawing.svg))
    assert "graph of x⁽²⁾ = 4, x⁽³⁾ = 3" in repr(drawing)


def test_the_stepper_calls_a_node_as_the_picture_does():
    _, _, J = product_and_more()
    shown = stepper(J)
    assert {"x(1)", "x(2)"} <= set(texts(shown.svg)) & set(texts(draw(J).svg))
    record = json.loads(shown.payload())["trace"]
    assert record["version"] == 2
    assert [(node["label"], node["name"]) for node in record["nodes"]][:2] == [("x", "x⁽¹⁾"), ("x", "x⁽²⁾")]
    assert "∂J/∂x⁽¹⁾ = ∂J/∂J · ∂J/∂x⁽¹⁾ + ∂J/∂(x⁽¹⁾·x⁽²⁾) · ∂(x⁽¹⁾·x⁽²⁾)/∂x⁽¹⁾" in shown.text()


def test_an_edit_reaches_the_argument_and_not_another_of_its_name():
    shown = stepper(lambda p, q: p * q + p, p=Value(2, "x"), q=Value(3, "x"))
    assert "f = x⁽¹⁾·x⁽²⁾ + x⁽¹⁾ = 6 + 2 = 8" in shown.text()
    assert "f = p·q + p = 10 + 2 = 12" in shown.edited("q", 5.0).text()
    assert "f = p·q + p = 15 + 5 = 20" in shown.edited("p", 5.0).text()


def test_a_long_name_is_cut_before_its_number():
    name = Names(nodes := [Value(0, "w" * 300) for _ in range(12)])[nodes[-1]]
    assert re.fullmatch("w+…⁽¹²⁾", fit(name, 13, 150))
    assert width(fit(name, 13, 150).removesuffix("⁽¹²⁾"), 13) <= 150
    assert fit("short⁽¹²⁾", 13, 150) == "short⁽¹²⁾"
    assert {"w…⁽¹⁾", "w…⁽²⁾"} <= {re.sub("w+", "w", text) for text in texts(draw(nodes[0] * nodes[1]).svg)}


def test_parameters_of_the_same_name_are_plotted_one_by_one():
    plots = pytest.importorskip("viz.plots")

    class Model:
        def __init__(self):
            self.weights = [Value(1.0, "w"), Value(2.0, "w"), Value(3.0)]

        def parameters(self):
            return self.weights

    path = plots.Trajectory(Model())
    assert path.columns() == {"w⁽¹⁾": [1.0], "w⁽²⁾": [2.0], "parameter 3": [3.0]}
    many = {f"w_{i}": [0.0, 1.0] for i in range(20)} | {f"b⁽{i}⁾": [0.0, 1.0] for i in "¹²"}
    legend = plots.parameters(many).axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["w", "b"]
