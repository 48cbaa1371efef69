"""``draw_dot``: what micrograd's notebooks do with a ``graphviz.Digraph``, where no Graphviz is on the PATH."""

import json
import re

import graphviz
import pytest

from autograd import Value
from viz import DotGraph, RenderError, draw, draw_dot


@pytest.fixture(autouse=True)
def _no_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)


def lecture():
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    L = a * b + c
    L.label = "L"
    L.backward()
    return L, a


def test_it_is_a_digraph_and_shows_what_draw_shows():
    L, _ = lecture()
    dot = draw_dot(L, format="png", rankdir="TB")
    assert isinstance(dot, graphviz.Digraph)
    assert dot.format == "png"
    assert "rankdir=TB" in dot.source
    assert dot.source == draw(L, rankdir="TB").dot
    assert dot.pipe().startswith(b"\x89PNG")
    assert dot.pipe("svg").decode() == dot.pipe("svg", encoding="utf-8") == draw(L, rankdir="TB").svg
    assert dot._repr_mimebundle_()["image/svg+xml"] == draw(L, rankdir="TB").svg
    drawn = re.findall(r'n\d+ \[.* pos="([\d.]+),([\d.]+)"', dot.source)
    places = [node["pos"].split(",") for node in nodes(dot)]  # any format of Graphviz, and nothing moves
    assert [float(x) for pair in places for x in pair] == pytest.approx([float(x) for p in drawn for x in p], abs=0.01)


def nodes(dot):
    return json.loads(dot.pipe("json0"))["objects"]


def test_render_writes_a_picture_and_its_source(tmp_path):
    dot = draw_dot(lecture()[0])
    assert dot.render("g", directory="out", cleanup=True) == "out/g.svg"
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["g.svg"]
    assert (tmp_path / "out" / "g.svg").read_bytes() == dot.pipe()
    assert dot.render(tmp_path / "gout", format="pdf") == str(tmp_path / "gout.pdf")
    assert (tmp_path / "gout").read_text(encoding="utf-8") == dot.source
    assert (tmp_path / "gout.pdf").read_bytes().startswith(b"%PDF")
    assert draw_dot(lecture()[0]).render() == "Digraph.gv.svg"


def test_render_to_a_file_of_a_name(tmp_path):
    dot = draw_dot(lecture()[0])
    assert dot.render(outfile="new/picture.png", cleanup=True) == "new/picture.png"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["picture.png"]
    assert (tmp_path / "new" / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_render_in_the_directory_of_the_graph(tmp_path):
    dot = draw_dot(lecture()[0])
    dot.directory = "pictures"
    assert dot.render(outfile="g.svg") == "pictures/g.svg"
    assert sorted(file.name for file in (tmp_path / "pictures").iterdir()) == ["g.gv", "g.svg"]
    assert dot.render(outfile="g.svg", directory=tmp_path) == "g.svg"


def test_view_opens_it_as_graphviz_opens_it(monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr("graphviz.view", lambda path, quiet: opened.append((str(path), quiet)))
    dot = draw_dot(lecture()[0])
    assert dot.view("seen", cleanup=True) == "seen.svg"
    assert dot.render("seen", format="png", quiet_view=True) == "seen.png"
    assert opened == [("seen.svg", False), ("seen.png", True)]
    assert (tmp_path / "seen.svg").exists()
    dot.render("unseen")
    assert len(opened) == 2


@pytest.mark.parametrize("format", ["svg", "json"])
def test_what_is_added_is_in_the_picture(format):
    L, a = lecture()
    dot = draw_dot(L)
    dot.node("note", "a note of mine")
    dot.edge("note", str(id(a)), label="about a")
    dot.node(str(id(L)), color="red")
    dot.edges([("note", "other")])
    picture = dot.pipe(format, encoding="utf-8")
    for text in ("a note of mine", "about a", "other", "red"):
        assert text in picture
    assert str(id(a)) not in dot.source  # it is the node that was there
    assert dot.source.startswith(draw(L).dot.removesuffix("}\n"))
    sizes = {node["name"]: (node["width"], node["height"]) for node in nodes(draw_dot(L))}
    assert {node["name"]: (node["width"], node["height"]) for node in nodes(dot)}.items() > sizes.items()


def test_attributes_and_subgraphs():
    L, _ = lecture()
    dot = draw_dot(L)
    dot.attr(label="what is added", labelloc="t")
    with dot.subgraph(name="cluster_mine") as mine:
        mine.node("inside")
    assert isinstance(mine, DotGraph)
    svg = dot.pipe(encoding="utf-8")
    assert "what is added" in svg
    assert "inside" in svg
    assert dot.copy().pipe() == dot.pipe()
    dot = draw_dot(L)
    dot.format = "png"
    assert dot.pipe().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="unknown format"):
        dot.format = "nonsense"


def test_what_only_graphviz_itself_can():
    dot = draw_dot(lecture()[0])
    with pytest.raises(graphviz.ExecutableNotFound):
        dot.pipe(engine="neato")
    with pytest.raises(graphviz.ExecutableNotFound):
        dot.render("g", renderer="cairo")
    dot.engine = "circo"
    with pytest.raises(graphviz.ExecutableNotFound):
        dot.pipe()


def test_without_any_graphviz(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pygraphviz", None)
    with pytest.raises(RenderError, match="no Graphviz to draw with"):
        draw_dot(lecture()[0], rankdir="TB")


def test_only_values_are_drawn():
    with pytest.raises(TypeError, match=r"a list of Values, or a model \(a Module of nn\), got 3"):
        draw_dot(3)
