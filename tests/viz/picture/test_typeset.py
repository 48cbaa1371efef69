"""Names in pictures stand as mathematics writes them: with subscripts, superscripts and accents."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from autograd import Value, log, parameter, scope, sigmoid
from autograd.value import Constant
from tests.steppers import HOSTILE
from viz import draw
from viz.picture.graphviz_engine import run
from viz.picture.latex_words import LatexWords
from viz.picture.scripts import Names, Piece, line_width, quotient
from viz.picture.svg import part_of_page
from viz.picture.text import width
from viz.picture.theme import PAPER
from viz.steps.stepper import stepper
from viz.steps.views import views

SVG = "{http://www.w3.org/2000/svg}"
LABELS = {
    "w1": [("w", "", "1")],
    "a[1]_2": [("a", "[1]", "2")],
    "w[2]_1,1": [("w", "[2]", "1,1")],
    "yhat": [("ŷ", "", "")],
    "ŷ": [("ŷ", "", "")],
    "alpha": [("α", "", "")],
    "x(2)": [("x", "(2)", "")],
    "b": [("b", "", "")],
    "my label": [("my label", "", "")],
    "<b>1": [("<b>1", "", "")],
}


def product(*labels):
    """The product of values with these labels, after backward()."""
    result = Value(2.0, "start")
    for label in labels:
        result = result * Value(1.5, label)
    result.label = "J"
    result.backward()
    return result


def names(drawing):
    """The first row of each box, as pieces (text, superscript, subscript)."""
    typeset = Names(drawing.picture)
    rows = [typeset.rows(box)[0] for box in drawing.picture.boxes]
    return [[(piece.text, piece.superscript, piece.subscript) for piece in row] for row in rows]


def typeset(drawing, words):
    """The elements of SVG and their texts, of the text that reads like this."""
    whole = [text for text in ET.fromstring(drawing.svg).iter(f"{SVG}text") if "".join(text.itertext()) == words]
    assert len(whole) == 1, words
    return whole[0]


@pytest.mark.parametrize(("label", "pieces"), LABELS.items())
def test_a_name_is_typeset(label, pieces):
    assert names(draw(product(label)))[1] == pieces


def test_names_that_would_look_alike_stay_as_they_are():
    shown = names(draw(product("w1", "w_1", "w2")))
    assert [("w1", "", "")] in shown
    assert [("w_1", "", "")] in shown
    assert [("w", "", "2")] in shown


def test_a_labelled_constant_and_a_group():
    c = Constant(3.0)
    c.label = "c1"
    with scope("layer1"):
        inner = Value(2.0, "x1") * c
    assert [("c", "", "1"), (" = 3", "", "")] in names(draw(inner))
    assert [("layer1", "", "")] in names(draw(inner + 1.0, depth=1))


def test_scripts_stand_above_and_below_the_line_and_begin_where_the_name_ends():
    text = typeset(draw(product("a[1]_2")), "a[1]2")
    base, raised, lowered = text.findall(f"{SVG}tspan")
    assert [base.text, raised.text, lowered.text] == ["a", "[1]", "2"]
    assert base.get("x") == raised.get("x") == lowered.get("x")
    assert (base.get("text-anchor"), raised.get("text-anchor"), lowered.get("text-anchor")) == ("end", "start", "start")
    assert float(raised.get("y")) < float(base.get("y")) < float(lowered.get("y"))
    assert float(raised.get("font-size")) < float(text.get("font-size"))


def test_the_stepper_typesets_the_names_in_the_name_of_a_result():
    w, x = parameter(0.5, "w[1]_1"), Value(2.0, "x1")
    record = stepper(w * x + 1.0).trace.record
    name, found = views(record)
    view = found[name]
    box = next(box for box in view.picture.boxes if box.rows[0] == "w[1]_1·x1")
    (row, *_) = Names(view.picture).rows(box)
    assert [(piece.text, piece.superscript, piece.subscript) for piece in row] == [("w", "[1]", "1"), ("·x", "", "1")]


def test_a_function_of_a_name_has_no_superscript():
    record = stepper(sigmoid(log(Value(2.0, "x1"))) * 2.0).trace.record
    name, found = views(record)
    typeset = Names(found[name].picture)
    assert typeset.name("log(x1)") == (Piece("log(x", "", "1"), Piece(")"))
    assert typeset.name("σ(a)") == (Piece("σ(a)"),)
    rows = [typeset.rows(box)[0] for box in found[name].picture.boxes]
    assert not any(piece.superscript for row in rows for piece in row)
    latex = LatexWords(found[name].picture)
    assert (latex.name("log(x1)"), latex.name("x1")) == (r"\mbox{log(x1)}", "x_{1}")


def test_dot_has_the_same_scripts():
    drawing = draw(product("a[1]_2"))
    seen = ET.fromstring(run(drawing.dot, "svg", positioned=True))
    words = [text.text for text in seen.iter(f"{SVG}text")]
    at = words.index("a")
    assert words[at : at + 3] == ["a", "[1]", "2"]
    assert "<SUP>" in drawing.dot
    assert "<SUB>" in drawing.dot


def fractions(svg):
    return ET.fromstring(svg).findall(f"{SVG}g[@class='fraction']")


def test_a_label_is_a_fraction_with_its_bar_between():
    drawing = draw(product("a[1]_2"))
    (group,) = fractions(drawing.svg)
    above, below, rest = group.findall(f"{SVG}text")
    assert ["".join(text.itertext()) for text in (above, below, rest)] == ["∂J", "∂a[1]2", "= 2"]
    left, bar, _ = re.fullmatch(r"M(\S+),(\S+) h(\S+)", group.find(f"{SVG}path").get("d")).groups()
    assert float(above.get("y")) < float(bar) < float(below.find(f"{SVG}tspan").get("y"))
    assert float(left) < float(above.get("x")) < float(rest.get("x"))
    assert "<HR/>" in drawing.dot


def test_in_a_page_the_paper_behind_a_label_is_part_of_it():
    """Where a step takes the label away, no hole is left in the line."""
    drawing = draw(product("a[1]_2"))
    root = ET.fromstring(part_of_page(drawing.picture, drawing.layout))
    assert len(root.findall(f"{SVG}rect")) == 1  # of the whole picture
    (fraction,) = root.findall(f"{SVG}g[@class='fraction']")
    assert fraction.find(f"{SVG}rect").get("fill") == PAPER
    (other,) = (text for text in root.findall(f"{SVG}text") if text.get("id"))
    assert (other.get("stroke"), other.get("paint-order")) == (PAPER, "stroke")


def test_a_fraction_stays_in_the_room_of_its_label():
    drawing = draw(product("w[2]_1,1"))
    typeset = Names(drawing.picture)
    found = 0
    for arrow, route in zip(drawing.picture.arrows, drawing.layout.routes, strict=True):
        fraction = quotient(arrow, drawing.picture, typeset)
        if fraction is not None:
            found += 1
            wide = max(line_width(part, 10) for part in (fraction.above, fraction.below))
            assert wide + width(fraction.rest, 10) < route.label_size[0]
    assert found == 1


@pytest.mark.parametrize(
    ("label", "is_fraction"), {"abc": True, "w[1]_12": True, "loss": False, "a b c": False}.items()
)
def test_only_short_names_are_in_fractions(label, is_fraction):
    assert bool(fractions(draw(product(label)).svg)) == is_fraction


def test_readers_of_words_get_the_name_as_it_is():
    drawing = draw(product("a[1]_2"))
    tree = ET.fromstring(drawing.svg)
    assert "input a[1]_2: 1.5" in tree.find(f"{SVG}desc").text
    assert any(title.text.startswith("a[1]_2: input") for title in tree.iter(f"{SVG}title"))


def test_a_name_with_long_scripts_stays_in_its_box():
    drawing = draw(product("w[123456789]_" + "1,2,3,4,5,6,7"))
    typeset = Names(drawing.picture)
    for box, place in zip(drawing.picture.boxes, drawing.layout.places, strict=True):
        for row, size in zip(typeset.rows(box), place.row_sizes, strict=True):
            assert line_width(row, size) <= place.size[0] - place.column


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_stay_text_beside_scripts(label):
    drawing = draw(Value(3.0, label) * Value(2.0, "x1") + Value(1.0, f"{label}1"))
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(drawing.svg).iter()}
    assert tags <= {*("svg", "title", "desc", "style", "rect", "g", "text", "tspan", "path", "polygon", "ellipse")}
    assert drawing.render_bytes("png").startswith(b"\x89PNG")
