"""Pictures for other programs: Mermaid, JSON, NetworkX. All that a user typed is text there, too."""

from __future__ import annotations

import json
import math
import re
import sys
from html import unescape
from pathlib import Path

import networkx as nx
import pytest
from steppers import HOSTILE, hostile, network

import nn
from autograd import Value, parameter, parse, scope
from viz import draw, to_networkx
from viz.picture.exchange import as_json
from viz.picture.mermaid import mermaid

G1 = "u = b*c; v = a + u; J = 3*v"
DOCS = Path(__file__).parents[3] / "docs" / "pictures.md"


def g1():
    J = parse(G1, a=5, b=3, c=2)
    J.backward()
    return J


def flowchart(root, **options):
    return mermaid(draw(root, **options).picture)


def parsed(root, **options):
    drawing = draw(root, **options)
    return json.loads(as_json(drawing.picture, drawing.layout))


@pytest.mark.parametrize(
    ("ending", "begin"),
    [("mmd", b"flowchart LR"), ("json", b"{"), ("tikz", b"\\begin{tikzpicture}"), ("tex", b"\\documentclass")],
)
def test_the_ending_of_a_file_says_what_is_written(ending, begin, tmp_path):
    drawing = draw(g1())
    path = drawing.save(tmp_path / f"x.{ending.upper()}")
    assert path.read_bytes() == drawing.render_bytes(ending)
    assert path.read_bytes().startswith(begin)


# --- Mermaid --------------------------------------------------------------------------------------------

NODE = re.compile(r' *n(\d+)(\W+)"([^"]*)"(\W+):::(\w+)')
ARROW = re.compile(r'  n(\d+) (\S+?)(?:\|"([^"]*)"\|)? n(\d+)')


def read(text):
    """A text between quotation marks, as Mermaid shows it."""
    return unescape(re.sub(r"#(\d+);", r"&#\1;", text)).replace("\u2060", "")


def test_a_flowchart_has_the_boxes_and_arrows():
    lines = flowchart(g1()).splitlines()
    assert lines[0] == "flowchart LR"
    nodes = [NODE.fullmatch(line) for line in lines[1:8]]
    assert [read(node[3]) for node in nodes][-2:] == ["3", "×<br/>J<br/>data 33<br/>grad 1"]
    assert {node[5]: node[2] + node[4] for node in nodes} == {"input": "([])", "constant": "(())", "result": "()"}
    arrows = [ARROW.fullmatch(line) for line in lines[8:14]]
    assert ("1", "-->", "∂u/∂b = 2", "3") in [arrow.groups() for arrow in arrows]
    assert "  style n6 stroke-width:4px" in lines
    assert "  classDef input fill:#e6f4ef,stroke:#009e73,color:#1f2328" in lines


def test_marks_of_arrows_in_a_flowchart():
    x, w = Value(-2.0, "x"), parameter(3.0, "w")
    y = x.relu() - w
    y.backward()
    x.data = 1.0
    text = flowchart(y)
    assert re.search(r'n0 -\.->\|"0"\| n1', text)
    assert re.search(r'n2 --o\|"∂ #?', text)
    assert "stroke:#d55e00,stroke-width:3px" in text
    assert "stroke-dasharray:5 3" in text
    assert text.startswith('---\ntitle: "dashed')
    assert "{{" in text


def test_styles_name_every_arrow_once():
    text = flowchart(network(2, 3, 1))
    numbers = [int(i) for some in re.findall(r"linkStyle ([\d,]+) ", text) for i in some.split(",")]
    assert sorted(numbers) == list(range(len(draw(network(2, 3, 1)).picture.arrows)))


def test_frames_in_a_flowchart_are_nested():
    with scope("layer1"), scope("neuron1"):
        y = Value(2.0, "x") * 3
    y.label = "y"
    lines = [line.split("[")[0] for line in flowchart(y, rankdir="TB").splitlines()]
    assert lines[0] == "flowchart TB"
    begin, inner = lines.index("  subgraph f0"), lines.index("    subgraph f1")
    assert begin < inner < lines.index("    end") < lines.index("  end")


def test_a_network_is_a_flowchart():
    text = mermaid(draw(nn.MLP(2, [3, 1], "tanh", seed=1), x=[0.5, -1], y=1).picture)
    assert " --- n" in text
    assert "stroke-dasharray:5 4" in text


@pytest.mark.parametrize("label", [*HOSTILE, "$$x^2$$", "fa:fa-car", "`code`", "%%{init: {}}%%", "1. a", "#35;"])
def test_labels_are_text_in_a_flowchart(label):
    text = flowchart(Value(1.0, label) * 2, title=label)
    for quoted in re.findall(r'"([^"\n]*)"', text):
        plain = re.sub(r"#\d+;|\\U[0-9A-F]{8}|<br/>", "", quoted)
        assert all(c.isalnum() or c in " =,()/∂−×·÷√—" for c in plain)
    assert not re.search(r"#(36|58);(?!#8288;)", text)
    first = re.search(r'n0\(\["(.*?)<br/>', text)[1]
    assert read(first) == draw(Value(1.0, label) * 2).picture.boxes[0].rows[0]


# --- JSON -----------------------------------------------------------------------------------------------


def test_json_says_what_is_drawn_and_where():
    drawing = draw(g1(), title="3(a + bc)")
    got = json.loads(as_json(drawing.picture, drawing.layout))
    assert (got["format"], got["version"], got["title"]) == ("chainrule picture", 1, "3(a + bc)")
    root = got["boxes"][-1]
    assert (root["name"], root["lines"], root["symbol"]) == ("J", ["data 33", "grad 1"], "×")
    assert root["is_root"]
    arrow = next(arrow for arrow in got["arrows"] if arrow["label"] == "∂u/∂b = 2")
    assert (arrow["from"], arrow["to"], arrow["contribution"]) == ("n1", "n3", 6.0)


def test_places_are_those_of_the_svg():
    drawing = draw(g1(), title="3(a + bc)")
    ellipse = re.search(r'<ellipse [^>]*cx="(\S+)" cy="(\S+)"', drawing.svg)
    (x, y), margin = parsed(g1(), title="3(a + bc)")["boxes"][0]["centre"], 8
    assert (float(ellipse[1]), float(ellipse[2])) == pytest.approx((x + margin, y + margin), abs=0.06)


def test_the_document_lists_the_fields():
    with scope("layer1"):
        y = Value(2.0, "x") * 3
    got = parsed(y + 1)
    captions = json.loads(as_json(*picture_and_layout(nn.MLP(2, [3, 1], seed=1))))["captions"]
    tables = re.findall(r"\| field(?: of an? (\w+))? .*\n\|---\|---\|\n((?:\|.*\n)+)", DOCS.read_text(encoding="utf-8"))
    listed = {of: re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE) for of, rows in tables}
    assert listed == {
        "": list(got),
        "box": list(got["boxes"][0]),
        "arrow": list(got["arrows"][0]),
        "frame": list(got["frames"][0]),
        "caption": list(captions[0]),
    }


def picture_and_layout(model):
    drawing = draw(model)
    return drawing.picture, drawing.layout


@pytest.mark.parametrize(("bad", "said"), [(math.inf, "inf"), (-math.inf, "-inf"), (math.nan, "nan")])
def test_json_has_what_is_no_number_as_text(bad, said):
    y = Value(1.0, "x") * Value(bad, "bad")
    y.backward()
    assert parsed(y)["arrows"][0]["contribution"] == said


def test_labels_are_text_in_json():
    names = [box["name"] for box in parsed(hostile())["boxes"]]
    assert names == [box.rows[0] if box.named else "" for box in draw(hostile()).picture.boxes]


# --- NetworkX -------------------------------------------------------------------------------------------


def test_a_multigraph_has_every_node_and_edge():
    graph = to_networkx(g1())
    assert isinstance(graph, nx.MultiDiGraph)
    by_name = {data["name"] or data["kind"]: (i, data) for i, data in graph.nodes(data=True)}
    assert set(by_name) == {*"abcuvJ", "constant"}
    (b, _), (u, of_u), (root, of_root) = by_name["b"], by_name["u"], by_name["J"]
    assert of_u == {
        "kind": "result",
        "label": "u",
        "name": "u",
        "data": 6.0,
        "scope": "",
        "op": "*",
        "symbol": "×",
        "grad": 3.0,
        "is_root": False,
    }
    assert of_root["is_root"]
    assert graph.edges[b, u, 0] == {"local": 2.0, "contribution": 6.0}
    assert graph.edges[by_name["constant"][0], root, 0] == {}
    assert all(tail < head for tail, head, _ in graph.edges)


def test_gradients_are_sums_of_the_contributions():
    loss = network(2, 3, 1)
    loss.backward()
    graph = to_networkx(loss)
    for i, node in graph.nodes(data=True):
        flows = [edge["contribution"] for *_, edge in graph.out_edges(i, data=True) if edge]
        if flows:
            assert node["grad"] == pytest.approx(sum(flows))


def test_both_edges_of_a_square_and_two_nodes_of_one_name():
    a = Value(3.0, "a")
    graph = to_networkx(a * a)
    assert dict(graph[0][1]) == {0: {"local": 3.0}, 1: {"local": 3.0}}
    graph = to_networkx([Value(1.0, "z") * 2, Value(2.0, "z") * 2])
    assert [data["name"] for _, data in graph.nodes(data=True) if data["label"] == "z"] == ["z⁽¹⁾", "z⁽²⁾"]
    assert sum(data["is_root"] for _, data in graph.nodes(data=True)) == 2


def test_networkx_writes_it(tmp_path):
    graph = to_networkx(hostile_in_xml())
    nx.write_graphml(graph, tmp_path / "x.graphml")
    read = nx.read_graphml(tmp_path / "x.graphml", node_type=int)
    labels = {data.get("label", "") for _, data in read.nodes(data=True)}  # networkx 3.0 reads no empty text
    assert labels == {data["label"] for _, data in graph.nodes(data=True)}


def hostile_in_xml():
    total = Value(1.0, "start")
    for label in ("<b>", "&amp;", '"', "]]>", "ŷ"):
        total = total * Value(2.0, label)
    return total


def test_to_networkx_says_what_it_needs(monkeypatch):
    with pytest.raises(TypeError, match=r"to_networkx: expected a Value or a list of Values, got 3 \(int\)"):
        to_networkx(3)
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ModuleNotFoundError, match="pip install networkx"):
        to_networkx(Value(1.0))
