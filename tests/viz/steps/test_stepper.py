"""The stepper without a browser: its page as text, its pictures, what a notebook's cell carries."""

import io
import json
import re
import sys
from xml.etree import ElementTree as ET

import pytest
from steppers import g1, g2, hostile, network

from autograd import StaleGraphError, Value, paused_gc, scope
from autograd.steps.trace import trace
from viz.steps.bundle import css, script
from viz.steps.stepper import stepper
from viz.steps.views import EARLIER, view, views

SVG = "{http://www.w3.org/2000/svg}"


def payload(shown):
    """The data that stands in the page."""
    return json.loads(re.search(r'id="payload">(.*?)</script>', shown.html, re.S)[1])


def texts(svg):
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]


# --- the page as text -----------------------------------------------------------------------------------------


def test_the_page_is_one_file_that_asks_for_nothing():
    html = g1().html
    assert "default-src 'none'" in html
    assert set(re.findall(r"https?://[\w./]+", html)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML",
    }
    assert not re.search(r"<link|<img|\bsrc=|@import|url\(|\bfetch\(|\bimport\(|\beval\(|new Function|innerHTML", html)


def test_the_page_carries_the_record():
    shown = g2()
    assert payload(shown)["trace"] == shown.trace.record


def test_hostile_labels_stay_text():
    html = stepper(hostile()).html
    assert html.count("</script>") == 2
    assert "<img" not in html
    block = re.search(r'id="payload">(.*?)</script>', html, re.S)[1]
    assert block.isascii()
    assert "<" not in block


def test_the_script_can_stand_in_a_page():
    assert "</script" not in script()
    assert "</style" not in css()
    assert script().count("export ") == 1


def test_saving(tmp_path):
    path = g1().save(tmp_path / "g1.html")
    assert path.read_text(encoding="utf-8") == g1().html
    with pytest.raises(ValueError, match=r"'g1.pdf': the endings are .html and .gif"):
        g1().save(tmp_path / "g1.pdf")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        g1().save(tmp_path / "no" / "g1.html")


def test_what_can_be_stepped_through():
    f = stepper(lambda a, b: a * b, a=5, b=3)
    assert payload(f)["runs"] is True
    assert stepper(trace(Value(1.0, "a") * 2)).text().startswith("[1/4] start")
    a = Value(2, "a")
    J = a * 3
    a.data = 5
    with pytest.raises(StaleGraphError, match="refresh"):
        stepper(J)


def test_a_function_runs_again_with_the_new_number():
    f = stepper(lambda a, b: a * b if a > 0 else a + b, a=5, b=3)
    other = f.edited(0, -5.0)
    assert "f = a + b = −5 + 3 = −2" in other.text()
    assert "f = a·b = 2 × 3 = 6" in other.edited(0, 2.0).text()


# --- pictures -------------------------------------------------------------------------------------------------


def test_the_svg_shows_the_end():
    shown = texts(g1().svg)
    assert [t for t in shown if t.startswith("∂")] == [
        "∂u/∂b = 2",
        "∂u/∂c = 3",
        "∂v/∂a = 1",
        "∂v/∂u = 1",
        "∂J/∂v = 3",
    ]
    assert shown.count("grad 3") == 3
    assert {"data 33", "grad 1", "grad 6", "grad 9"} <= set(shown)


def test_places_are_those_of_every_step():
    one = view(g1().trace.record, set())
    start, end = one.at({}, {}, {}), g1().svg
    places = [
        [(t.get("x"), t.get("y")) for t in ET.fromstring(svg).iter(f"{SVG}text") if t.text[0] != "∂"]
        for svg in (start, end)
    ]
    assert places[0] == places[1]
    assert {"data —", "grad —"} <= set(texts(start))


def test_small_networks_are_open_and_large_ones_collapsed():
    first, made = views(trace(network(2, 2, 1)).record)
    assert first == "*"
    first, made = views(trace(network(2, 16, 16, 1)).record)
    assert first == ""
    assert {key for key in made[""].boxes if isinstance(key, str)} == {"layer1", "layer2", "layer3"}
    opened = made["layer2"].boxes
    assert {f"layer2/neuron{i}" for i in range(1, 17)} | {"layer1", "layer3"} == {
        k for k in opened if isinstance(k, str)
    }
    assert sum(isinstance(key, int) for key in made["layer2/neuron3"].boxes) > 20


def test_every_node_has_a_box_in_every_view():
    record = trace(network(2, 16, 16, 1)).record
    for one in views(record)[1].values():
        inside = [i for key in one.boxes for i in ([key] if isinstance(key, int) else one.members[key])]
        assert sorted(inside) == list(range(len(record["nodes"])))


def test_a_root_in_a_scope_is_outside_of_its_group():
    with scope("loss"):
        J = Value(1.0, "a") * Value(2.0, "b") + 1
    record = trace(J).record
    assert view(record, set()).boxes == ["loss", 3, record["root"]]  # 3: the constant that it adds


def test_large_graphs_without_scopes_are_cut():
    x = Value(1.0, "x")
    for _ in range(1000):
        x = x + 1.0
    (one,) = views(trace(x).record)[1].values()
    assert EARLIER in one.boxes
    assert len(one.boxes) < 100
    assert "the earlier ones are one box" in one.for_page()["note"]


def test_a_graph_that_nobody_can_step_through_says_so():
    x = Value(1.0, "x")
    with paused_gc():
        for _ in range(30_000):
            x = x + 1.0
    match = r"this graph has 30,001 nodes, too many .* \(30,000 at most\): take a part of it, stepper\(node\)"
    with pytest.raises(ValueError, match=match):
        stepper(x)
    with pytest.raises(ValueError, match=r"draw\(root\) shows all, collapsed"):
        stepper(lambda a: a * x, a=1)


def test_of_a_large_graph_fewer_scopes_can_be_opened(monkeypatch):
    record = trace(network(2, 8, 8, 1)).record
    _, made = views(record)
    assert len(made) == 1 + 3 + 17 + 1
    monkeypatch.setattr(sys.modules["viz.steps.views"], "MAX_WORK", 4 * len(record["nodes"]) + 1)
    assert list(views(record)[1]) == ["", "layer1", "layer1/neuron1", "layer1/neuron2", "layer1/neuron3", "*"]


# --- GIF and notebooks ------------------------------------------------------------------------------------------


def test_gif(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    path = g1().save(tmp_path / "g1.gif", seconds=0.5)
    with image_module.open(path) as image:
        assert image.n_frames == 10
        assert image.info["duration"] == 500
    with pytest.raises(ValueError, match=r"a GIF of \d+ steps would be too large"):
        stepper(network(2, 16, 16, 1)).save(tmp_path / "net.gif")


def test_gif_without_pillow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pillow"):
        g1().save(tmp_path / "g1.gif")


def test_a_cell_carries_svg_and_text(monkeypatch):
    monkeypatch.setattr(sys.modules["viz.steps.stepper"], "find_spec", lambda _: None)
    bundle = g1()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml"}
    assert bundle["text/plain"] == "<stepper of J: 10 steps>"


def test_a_cell_carries_the_widget():
    pytest.importorskip("anywidget")
    shown = stepper(lambda a, b: a * b, a=5, b=3)
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"}
    assert json.loads(shown.widget.payload)["runs"]
    shown.widget._receive(None, {"node": 0, "number": 7}, None)
    assert 7.0 in {node["data"] for node in json.loads(shown.widget.payload)["trace"]["nodes"]}


def test_text():
    assert g1().text().count("\n\n") == 9
    assert g1().text("op").startswith("[1/8] start")
    assert repr(g1()) == "<stepper of J: 10 steps>"
    assert io.StringIO(g1().text()).readline() == "[1/10] start\n"
