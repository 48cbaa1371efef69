"""Pictures: what they say, that every text is text, and that they are the same on every machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pygraphviz
import pytest

import autograd
from autograd import Value, parameter, scope
from viz import RenderError, draw
from viz.picture.graphviz_engine import run
from viz.picture.theme import DARK, NEGATIVE, NEUTRAL, POSITIVE

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = {
    "script": ("<script>alert(1)</script>", "<script>alert(1)</"),
    "record": ("a|b{c}<d>", "a|b{c}<d>"),
    "backslash": ("\\", "\\"),
    "quote": ('"', '"'),
    "backslash quote": ('\\"', '\\"'),
    "cdata": ("]]>", "]]>"),
    "control": ("a\0b\x1f\x85", "a\ufffdb\ufffd\ufffd"),
    "surrogate": ("\ud800x", "\ufffdx"),
    "noncharacter": ("x\ufffe", "x\ufffd"),
    "long": ("w" * 10**5, "www"),
    "emoji": ("😀🎉", "😀🎉"),
    "override": ("\u202ertl\u202c", "\ufffdrtl\ufffd"),
    "marks": ("אב\u200f", "אב\u200f"),
    "escapes": ("\\N \\G &amp; %s", "\\N \\G &amp; %s"),
    "newline": ("a\nb\tc", "a↵b c"),
    "accents": ("a" + "\u0301" * 50, "a\u0301\u0301"),
    "blank": (" ", " "),
}


def lecture():
    """J = 3(a + bc)."""
    a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    u = b * c
    u.label = "u"
    v = a + u
    v.label = "v"
    J = 3 * v
    J.label = "J"
    return J


def network(inputs=2, hidden=3):
    xs = [Value(0.5 + i, f"x{i}") for i in range(inputs)]
    hs = []
    for j in range(hidden):
        with scope("layer1"), scope(f"neuron{j}"):
            hs.append(autograd.tanh(autograd.dot([parameter(0.1, "w") for _ in xs], xs) + parameter(0.2, "b")))
    with scope("layer2"):
        return autograd.dot(hs, [parameter(1.0, "v") for _ in hs])


def chain(length):
    x = Value(1.0, "x")
    for _ in range(length):
        x = x + 1.0
    return x


def texts(element):
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def fractions(svg):
    """The labels of arrows that are fractions, each as numerator, denominator and what is behind."""
    return [texts(group) for group in ET.fromstring(svg).iterfind(f"{SVG}g[@class='fraction']")]


def elements(drawing, letter):
    """The groups of nodes ("n") or arrows ("e") of the SVG, in the order of their ids."""
    return [g for g in ET.fromstring(drawing.svg).iter(f"{SVG}g") if re.fullmatch(letter + r"\d+", g.get("id", ""))]


def node(drawing, label):
    return next(g for g in elements(drawing, "n") if label in texts(g))


def arrow(drawing, tooltip):
    return next(g for g in elements(drawing, "e") if g.find(f"{SVG}title").text.startswith(tooltip))


def shape(group):
    return next(child for child in group if child.tag != f"{SVG}title").tag.removeprefix(SVG)


# --- what a picture says --------------------------------------------------------------------------


def test_nodes_show_symbol_label_data_and_grad():
    J = lecture()
    J.backward()
    drawing = draw(J)
    assert texts(node(drawing, "J")) == ["×", "J", "data 33", "grad 1"]
    assert texts(node(drawing, "u")) == ["×", "u", "data 6", "grad 3"]
    assert texts(node(drawing, "a")) == ["a", "data 5", "grad 3"]
    assert texts(node(drawing, "c")) == ["c", "data 2", "grad 9"]
    assert texts(node(drawing, "3")) == ["3"]
    assert len(elements(drawing, "n")) == 7


def test_every_arrow_shows_its_local_derivative():
    drawing = draw(lecture())
    assert sorted(fractions(drawing.svg)) == [
        ["∂J", "∂v", "= 3"],
        ["∂u", "∂b", "= 2"],
        ["∂u", "∂c", "= 3"],
        ["∂v", "∂a", "= 1"],
        ["∂v", "∂u", "= 1"],
    ]
    assert len(elements(drawing, "e")) == 6


def test_dashes_before_backward():
    assert texts(node(draw(lecture()), "a")) == ["a", "data 5", "grad —"]


def test_ids_are_stable_and_topological():
    drawing = draw(lecture())
    assert [g.get("id") for g in elements(drawing, "n")] == [f"n{i}" for i in range(7)]
    assert [texts(g)[0] for g in elements(drawing, "n")] == ["a", "b", "c", "×", "+", "3", "×"]


@pytest.mark.parametrize("make", [lambda a: a + a, lambda a: a * a])
def test_parallel_arrows(make):
    c = make(Value(3.0, "a"))
    c.label = "c"
    drawing = draw(c)
    assert len(elements(drawing, "e")) == 2
    assert [label[:2] for label in fractions(drawing.svg)] == [["∂c", "∂a"]] * 2
    paths = [g.find(f"{SVG}path").get("d") for g in elements(drawing, "e")]
    assert paths[0] != paths[1]


def test_kinds_have_shapes_of_their_own():
    x, w = Value(1, "x"), parameter(2, "w")
    out = x * w + 7
    out.label = "out"
    drawing = draw(out)
    assert shape(node(drawing, "x")) == "ellipse"
    assert shape(node(drawing, "w")) == "polygon"
    assert shape(node(drawing, "7")) == "ellipse"
    assert shape(node(drawing, "out")) == "rect"
    big, small = (float(node(drawing, name).find(f"{SVG}ellipse").get("ry")) for name in ("x", "7"))
    assert small < big / 2
    outlines = [len(node(drawing, name).findall(f"{SVG}rect")) for name in ("out", "×")]
    assert outlines == [2, 1]  # the root has a double outline


def test_sign_of_the_gradient_is_a_colour_and_an_arrowhead():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    d = a - b
    d.label = "d"
    assert {arrow(draw(d), f"∂d/∂{x}").find(f"{SVG}path").get("stroke") for x in "ab"} == {NEUTRAL}
    d.backward()
    plus, minus = (arrow(draw(d), f"∂d/∂{x}") for x in "ab")
    assert plus.find(f"{SVG}path").get("stroke") == plus.find(f"{SVG}polygon").get("fill") == POSITIVE
    assert minus.find(f"{SVG}path").get("stroke") == NEGATIVE
    assert minus.find(f"{SVG}polygon").get("fill") == "#ffffff"
    assert draw(d).dot.count("onormal") == 1


def test_width_grows_with_the_gradient():
    a, b = Value(1.0, "a"), Value(1.0, "b")
    s = a * 100 + b * 0.5
    s.backward()
    drawing = draw(s)
    large, small = (float(arrow(drawing, f"∂(×)/∂{x}").find(f"{SVG}path").get("stroke-width")) for x in "ab")
    assert large == 3 > small > 1


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.0])
def test_gradients_that_are_no_usual_numbers(bad):
    y = Value(1.0, "x") * Value(bad, "bad")
    y.backward()
    assert ET.fromstring(draw(y).svg) is not None


def test_what_a_mask_cuts_off_is_dashed_and_zero_and_a_constant_has_no_number():
    x = Value(-2.0, "x")
    h = x.relu()
    h.label = "h"
    out = h + 7
    out.backward()
    drawing = draw(out)
    masked, constant = arrow(drawing, "∂h/∂x = 0"), arrow(drawing, "7 is a constant")
    assert masked.find(f"{SVG}path").get("stroke-dasharray") is not None
    assert constant.find(f"{SVG}path").get("stroke-dasharray") is None
    assert sorted(text.text for text in ET.fromstring(drawing.svg).findall(f"{SVG}text")) == ["0", "∂ 1"]


def test_tooltips_have_all_digits():
    x = Value(0.1 + 0.2, "x")
    y = x * 2
    y.backward()
    drawing = draw(y)
    assert node(drawing, "x").find(f"{SVG}title").text == "x: input, data 0.30000000000000004, grad 2.0"
    assert texts(node(drawing, "x"))[1] == "data 0.3"


def test_title_and_several_roots():
    a = Value(1.0, "a")
    p, q = a * 2, a + 1
    drawing = draw([p, q], title="Two <results>")
    root = ET.fromstring(drawing.svg)
    assert texts(root)[0] == root.find(f"{SVG}title").text == "Two <results>"
    assert [len(g.findall(f"{SVG}rect")) for g in elements(drawing, "n") if g.find(f"{SVG}rect") is not None] == [2, 2]


def test_a_picture_keeps_the_numbers_of_its_time():
    J = lecture()
    J.backward()
    drawing = draw(J)
    autograd.graph.leaves(J)[0].grad = 7777.0
    assert "7777" not in drawing.svg


def test_a_stale_graph_is_marked():
    J = lecture()
    assert "refresh" not in draw(J).svg
    leaf = next(v for v in autograd.graph.leaves(J) if v.label == "b")
    leaf.data = 4.0
    drawing = draw(J)
    assert node(drawing, "u").find(f"{SVG}rect").get("stroke-dasharray") is not None
    assert node(drawing, "v").find(f"{SVG}rect").get("stroke-dasharray") is None
    assert "call refresh()" in texts(ET.fromstring(drawing.svg))[0]
    assert "call refresh()" in repr(drawing)
    assert "dashed" in drawing.dot
    J.refresh()
    assert "refresh" not in draw(J).svg


# --- groups and large graphs ------------------------------------------------------------------------


def test_scopes_are_frames():
    root = ET.fromstring(draw(network()).svg)
    frames = [g for g in root.iter(f"{SVG}g") if g.get("id", "").startswith("g")]
    assert [texts(g)[0] for g in frames] == ["layer1", "neuron0", "neuron1", "neuron2", "layer2"]
    outer, inner = ({k: float(g.find(f"{SVG}rect").get(k)) for k in ("x", "width")} for g in frames[:2])
    assert outer["x"] < inner["x"]
    assert inner["x"] + inner["width"] < outer["x"] + outer["width"]


def test_depth_collapses_scopes_and_merges_arrows():
    drawing = draw(network(), depth=1)
    assert texts(node(drawing, "layer1")) == ["layer1", "18 nodes", "3 ·, 3 +, 3 tanh", "9 parameters"]
    assert texts(node(drawing, "layer2")) == ["layer2", "3 nodes", "3 parameters"]
    assert texts(ET.fromstring(drawing.svg)).count("×3") == 4  # from x0 and x1, and from both layers to the root
    assert len(elements(drawing, "n")) == 5

    drawing = draw(network(), depth=2)
    assert texts(node(drawing, "neuron1")) == ["neuron1", "6 nodes", "1 ·, 1 +, 1 tanh", "3 parameters"]
    assert len([g for g in elements(drawing, "n") if texts(g)[0].startswith("neuron")]) == 3
    weights = [g for g in elements(drawing, "n") if texts(g)[0].startswith("v(")]
    assert len(weights) == 3  # layer2 has nodes of depth 1 only


def test_a_large_graph_collapses_by_itself_and_says_so():
    net = network(inputs=4, hidden=10)
    assert "collapsed" not in repr(draw(net))
    drawing = draw(net, max_nodes=30)
    note = f"{len(autograd.graph.topological(net))} nodes: scopes are collapsed at depth 2"
    assert note in repr(drawing)
    assert note in texts(ET.fromstring(drawing.svg))
    assert len(elements(drawing, "n")) == 4 + 10 + 10 + 1
    assert "collapsed at depth 1" in repr(draw(net, max_nodes=10))
    assert len(elements(draw(net, max_nodes=None), "n")) == len(autograd.graph.topological(net))


def test_few_boxes_with_too_many_arrows_collapse_too():
    xs = [Value(1.0) for _ in range(40)]
    with scope("dense"):
        hs = [autograd.sum(xs) for _ in range(40)]
    assert "collapsed at depth 1" in repr(draw(autograd.sum(hs), max_nodes=100))


def test_a_long_chain_without_scopes():
    root = chain(20_000)
    root.label = "end"
    drawing = draw(root, max_nodes=20)
    boxes = [texts(g) for g in elements(drawing, "n")]
    assert ["earlier nodes", "19,991 nodes", "19,991 +"] in boxes
    assert ["x", "data 1", "grad —"] in boxes  # a labelled leaf stays
    assert texts(node(drawing, "end"))[:2] == ["+", "end"]
    assert len([b for b in boxes if b[0] == "+"]) == 9  # each beside its constant
    assert "only those nearest" in repr(drawing)


def test_folding_makes_no_cycle():
    a = Value(1.0)
    b = a * 2
    long = b
    for _ in range(50):
        long = long.tanh()
    root = long + b  # b is near the root by one path and far by the other
    drawing = draw(root, max_nodes=10)
    graph = pygraphviz.AGraph(string=drawing.dot)
    x = {n: float(graph.get_node(n).attr["pos"].split(",")[0]) for n in graph.nodes()}
    assert all(x[tail] < x[head] for tail, head in graph.edges())


def test_deep_scopes_do_not_recurse():
    with scope("/".join(["deep"] * 5000)):
        x = Value(1.0, "x") * 2
    assert ET.fromstring(draw(x).svg) is not None


# --- hostile texts --------------------------------------------------------------------------------


@pytest.mark.parametrize(("label", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_a_label_is_text(label, shown):
    with scope(label if label.strip("/") else "s"):
        y = Value(1.0, label) * 2
        y.label = label
    drawing = draw(y, title=label)
    root = ET.fromstring(drawing.svg)
    assert texts(elements(drawing, "n")[0])[0].startswith(shown)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "text", "tspan", "path", "polygon", "ellipse")
    }
    assert drawing._repr_mimebundle_()["image/svg+xml"] == drawing.svg
    drawing.dot.encode()  # no lone surrogates
    repr(drawing).encode()
    assert len(drawing.svg) < 30_000
    assert drawing.render_bytes("png").startswith(b"\x89PNG")
    assert drawing.render_bytes("pdf").startswith(b"%PDF")
    # Graphviz reads the DOT text and sees the same words.
    seen = ET.fromstring(run(drawing.dot, "svg", positioned=True))
    words = [t.text.replace("\u2060", "") for t in seen.iter(f"{SVG}text") if t.text]
    assert any(word.startswith(shown.strip()) for word in words) or not shown.strip()


def test_an_svg_stands_alone():
    text = draw(network()).svg
    assert text.count("http") == 1
    assert "xmlns=" in text
    for forbidden in ("<!", "<?", "script", "href", "url(", "@import", "font-face"):
        assert forbidden not in text


def test_an_svg_speaks_to_screen_readers():
    J = lecture()
    J.backward()
    root = ET.fromstring(draw(J).svg)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Computation graph of J = 33: 3 inputs, 3 results"
    assert "input b: 3, gradient 6. " in desc.text


def test_every_colour_has_a_dark_one():
    J = network()
    J.backward()
    autograd.graph.leaves(J)[0].data = 9.0
    for drawing in (draw(J), draw(J, depth=1)):
        root = ET.fromstring(drawing.svg)
        used = {element.get(name) for element in root.iter() for name in ("fill", "stroke")} - {None, "none"}
        assert used <= DARK.keys()
        style = root.find(f"{SVG}style").text
        assert style.startswith("@media (prefers-color-scheme: dark){")
        assert all(f'[fill="{colour}"]' in style for colour in used)
    assert len(set(DARK.values())) == len(DARK)


# --- the same on every machine ----------------------------------------------------------------------

SCRIPT = """
import sys; sys.path.insert(0, {folder!r})
from test_draw import *
import viz.picture.graphviz_engine as engine
{more}
J = network(); J.backward()
K = lecture(); K.label = "日本 <é> W"; K.backward()
sys.stdout.buffer.write(b"".join(draw(root).render_bytes({format!r}) for root in (J, K)))
"""


def in_subprocess(format, more="", **environment):
    script = SCRIPT.format(folder=os.path.dirname(__file__), more=more, format=format)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env=os.environ | environment, check=True, timeout=120
    )
    return done.stdout


@pytest.fixture
def no_fonts(tmp_path):
    file = tmp_path / "fonts.conf"
    file.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    return str(file)


def test_same_svg_without_fonts_and_with_other_hashes(no_fonts):
    blind = f"engine.FONTCONFIG = open({no_fonts!r}).read()"
    first = in_subprocess("svg", PYTHONHASHSEED="1")
    assert b"</svg>" in first
    assert in_subprocess("svg", PYTHONHASHSEED="2") == first
    assert in_subprocess("svg", blind, PYTHONHASHSEED="3", FONTCONFIG_FILE=no_fonts) == first
    assert in_subprocess("dot", blind) == in_subprocess("dot")


def test_a_machine_without_fonts_draws_text_with_ours(no_fonts):
    ours = "engine.FONTCONFIG = '<fontconfig><dir>{ours}</dir></fontconfig>'"
    none = "engine.FONTCONFIG = '<fontconfig></fontconfig>'"
    assert b"DejaVuSans" in in_subprocess("pdf", ours)
    assert b"DejaVuSans" not in in_subprocess("pdf", none)
    assert b"DejaVuSans" in in_subprocess("pdf", FONTCONFIG_FILE=no_fonts)


def test_the_environment_stays_as_it_was(monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", "/of/the/user")
    draw(lecture()).render_bytes("png")
    assert os.environ["FONTCONFIG_FILE"] == "/of/the/user"
    monkeypatch.delenv("FONTCONFIG_FILE")
    draw(lecture()).render_bytes("png")
    assert "FONTCONFIG_FILE" not in os.environ


# --- the interface --------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["svg", "pdf", "png", "dot"])
def test_save(tmp_path, ending):
    path = draw(lecture()).save(tmp_path / f"graph.{ending}")
    start = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG", "dot": b"digraph"}[ending]
    assert path == tmp_path / f"graph.{ending}"
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["graph.jpg", "graph", ".svg"])
def test_an_unknown_ending(tmp_path, name):
    with pytest.raises(ValueError, match="the formats are svg, pdf, png, tex, tikz, mmd, json and dot"):
        draw(lecture()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        draw(lecture()).save(tmp_path / "missing" / "graph.svg")


@pytest.mark.parametrize(("root", "message"), [(3, "got 3"), ([], r"got \[\]"), ([1.0], "list"), ("x", "str")])
def test_only_values_are_drawn(root, message):
    with pytest.raises(TypeError, match=message):
        draw(root)


@pytest.mark.parametrize("options", [{"depth": 0}, {"max_nodes": 0}, {"rankdir": "XY"}])
def test_options_that_make_no_sense(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        draw(lecture(), **options)


def test_without_pygraphviz_a_dot_on_the_path_is_used(monkeypatch):
    calls = []

    def pipe(engine, format, data, **options):
        calls.append((engine, format, options["neato_no_op"]))
        prog = "nop2" if engine == "neato" else "dot"
        return graph(string=data.decode()).draw(format=format, prog=prog)

    graph = pygraphviz.AGraph
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr("graphviz.pipe", pipe)
    assert draw(lecture(), rankdir="TB").render_bytes("png").startswith(b"\x89PNG")
    assert calls == [("dot", "json0", None), ("neato", "png", 2)]


def test_without_any_graphviz(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="pip install 'pygraphviz"):
        draw(lecture(), rankdir="TB").svg  # noqa: B018
    with pytest.raises(RenderError, match="pip install 'pygraphviz"):
        draw(lecture()).render_bytes("png")
    assert draw(lecture()).svg.startswith("<svg")
    assert repr(draw(lecture())) == "<Computation graph of J = 33: 3 inputs, 3 results>"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("no program", "dot does not start"),
        ("#!/bin/sh\necho 'not today' >&2; exit 1\n", "could not draw this: .*not today"),
    ],
)
def test_a_dot_that_fails(monkeypatch, tmp_path, program, message):
    (tmp_path / "dot").write_text(program)
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match=message):
        draw(lecture(), rankdir="TB").svg  # noqa: B018


def test_long_arrows_do_not_stop_the_layout():
    """Operands from far back: Graphviz, left alone, takes minutes for 500 nodes like this, and hours for more."""
    nodes = [Value(0.5, "x")]
    for i in range(450):
        nodes.append(nodes[-1].tanh() if i % 3 else nodes[-1] * nodes[i // 2])
    assert draw(nodes[-1]).svg.count('<g id="n') == 451


def test_constants_count_as_nodes():
    y = Value(1.0, "x")
    for i in range(490):
        y = y * 1.5 + float(i)
    assert draw(y).svg.count('<g id="n') <= 500


def test_a_label_that_is_no_text_is_shown_as_one():
    v = Value(1.0)
    v.label = 3
    assert ">3</text>" in draw(v).svg
