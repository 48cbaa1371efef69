"""The stepper without a browser: its page as text, its pictures, what a notebook's cell carries."""

import base64
import gzip
import html
import io
import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from steppers import g1, g2, hostile, network

from autograd import StaleGraphError, Value, parse, paused_gc, scope
from autograd.steps.derivation import align
from autograd.steps.trace import trace
from nn import MLP, bce, cost
from viz import draw
from viz.picture.dot import MARGIN
from viz.picture.text import width
from viz.steps.bundle import css, script
from viz.steps.player import SCALE, WIDEST, drawn, followed
from viz.steps.stepper import stepper
from viz.steps.still import picture_at, room, state
from viz.steps.views import EARLIER, views

SVG = "{http://www.w3.org/2000/svg}"


def payload(shown):
    """The data that stands in the page."""
    return json.loads(re.search(r'id="payload">(.*?)</script>', shown.html, re.S)[1])


def texts(svg):
    return texts_of(ET.fromstring(svg))


def texts_of(element):
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


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
    with pytest.raises(ValueError, match=r"'g1.jpg': the endings are .html, .svg, .png, .pdf, .gif and .tex"):
        g1().save(tmp_path / "g1.jpg")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        g1().save(tmp_path / "no" / "g1.html")


def test_what_can_be_stepped_through():
    f = stepper(lambda a, b: a * b, a=5, b=3)
    assert payload(f)["arguments"] == {"0": "a", "1": "b"}
    assert stepper(trace(Value(1.0, "a") * 2)).text().startswith("[1/4] start")
    a = Value(2, "a")
    J = a * 3
    a.data = 5
    with pytest.raises(StaleGraphError, match="refresh"):
        stepper(J)


def test_a_function_runs_again_with_the_new_number():
    f = stepper(lambda a, b: a * b if a > 0 else a + b, a=5, b=3)
    other = f.edited("a", -5.0)
    assert "f = a + b = −5 + 3 = −2" in other.text()
    assert "f = a·b = 2 × 3 = 6" in other.edited("a", 2.0).text()


# --- pictures -------------------------------------------------------------------------------------------------


def test_the_svg_shows_the_end():
    shown = texts(g1().svg)
    labels = [texts_of(group) for group in ET.fromstring(g1().svg).iterfind(f"{SVG}g[@class='fraction']")]
    assert labels == [
        ["∂u", "∂b", "= 2"],
        ["∂u", "∂c", "= 3"],
        ["∂v", "∂a", "= 1"],
        ["∂v", "∂u", "= 1"],
        ["∂J", "∂v", "= 3"],
    ]
    assert shown.count("grad 3") == 3
    assert {"data 33", "grad 1", "grad 6", "grad 9"} <= set(shown)


def test_places_are_those_of_every_step():
    one = views(g1().trace.record)[1]["*"]
    start, end = one.at({}, {}, {}), g1().svg
    places = [
        [(t.get("x"), t.get("y")) for t in ET.fromstring(svg).iterfind(f"{SVG}g[@id]/{SVG}text")]
        for svg in (start, end)
    ]
    assert places[0] == places[1]
    assert {"data —", "grad —"} <= set(texts(start))


def test_small_networks_are_open_and_large_ones_collapsed():
    first, made = views(trace(network(2, 2, 1)).record)
    assert first == "*"
    assert {"", "layer1", "layer1/neuron1", "*"} <= set(made)
    first, made = views(trace(network(2, 16, 16, 1)).record)
    assert first == ""
    assert {key for key in made[""].boxes if isinstance(key, str)} == {"layer1", "layer2"}
    assert set(made[""].opens.values()) == {"layer3"}
    opened = made["layer2"].boxes
    assert {k for k in opened if isinstance(k, str)} == {"layer1"}
    assert set(made["layer2"].opens.values()) == {f"layer2/neuron{i}" for i in range(1, 17)} | {"layer3"}
    assert sum(isinstance(key, int) for key in made["layer2/neuron3"].boxes) > 20


def test_every_node_has_a_box_in_every_view():
    record = trace(network(2, 16, 16, 1)).record
    for one in views(record)[1].values():
        inside = [i for key in one.boxes for i in one.members.get(str(key), [key])]
        assert sorted(inside) == list(range(len(record["nodes"])))


def closed(root):
    return views(trace(root).record)[1][""]


def test_a_closed_scope_with_one_result_is_drawn_as_that_result():
    """A root always has its numbers in view; so has what a neuron gives."""
    with scope("loss"):
        J = Value(1.0, "a") * Value(2.0, "b") + 1
    one = closed(J)
    (root,) = one.boxes
    assert one.members == {str(root): [0, 1, 2, 3, 4]}
    assert one.opens == {root: "loss"}
    (box,) = one.picture.boxes
    assert (box.kind, box.symbol, box.is_root) == ("group", "loss", True)
    assert [row.split()[0] for row in box.rows] == ["f", "data", "grad"]


def test_a_closed_scope_with_several_results_is_named_as_the_scope():
    with scope("both"):
        a, b = Value(1.0, "a") * 2, Value(2.0, "b") * 3
    one = closed(a * b)
    assert one.boxes[0] == "both"
    assert not one.opens
    with scope("loss"):
        u = Value(1.0, "a") * 2
        J = u * 3
    one = closed(J + 0 * u)
    assert one.boxes[0] == "loss"


def test_a_scope_of_one_node_is_that_node():
    with scope("alone"):
        a = Value(1.0, "a")
    one = closed(a * 2)
    assert not one.opens
    assert [box.kind for box in one.picture.boxes] == ["input", "constant", "result"]


def test_losses_of_nn_are_one_node_at_first():
    model = MLP(2, [2, 1], "tanh", "sigmoid", seed=1)
    loss = bce(model([1.0, -2.0]), 0.3)
    first, made = views(trace(loss).record)
    boxes = dict(zip(made[first].boxes, made[first].picture.boxes, strict=True))
    (root,) = made[first].opens
    assert boxes[root].symbol == "bce"
    assert boxes[root].is_root
    assert made[first].opens[root] == "*"  # what is open stays open
    assert not made["*"].opens
    assert len(made["*"].boxes) > len(made[first].boxes)
    first, made = views(trace(cost("mse", [model(x) for x in ([1.0, 2.0], [2.0, 1.0])], [0, 1])).record)
    assert "mse" in made[first].boxes  # of two examples: two results


def test_an_arrow_into_a_closed_scope_shows_what_flows_to_one_node():
    model = MLP(2, [1], output="sigmoid", seed=1)
    steps = stepper(bce(model([1.0, -2.0]), 0.3))
    name, made = steps._views
    view = made[name]
    end = view.picture_at(*state(steps.trace, len(steps.trace.record["events"]) - 1))
    (arrow,) = [arrow for arrow in end.arrows if end.boxes[arrow.head].symbol == "bce"]
    a = next(node for node in steps.trace.record["nodes"] if node["label"] == "a[1]_1")
    grad = (float(a["data"]) - 0.3) / (float(a["data"]) * (1 - float(a["data"])))
    assert arrow.label == "×2"
    assert arrow.contribution == pytest.approx(grad, rel=1e-12)


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


def test_a_gif_is_readable_and_shows_what_happens(tmp_path):
    """Text has 16 pixels, and only what changes is drawn anew: each step is as if all of it were drawn."""
    image_module, chops = pytest.importorskip("PIL.Image"), pytest.importorskip("PIL.ImageChops")
    shown = g2()
    view = shown._views[1]["*"]
    pictures = [picture_at(shown.trace, view, frame) for frame in shown.trace.frames()]
    lefts = followed(pictures, view.layout, WIDEST / SCALE)
    assert view.layout.width * SCALE > WIDEST
    assert len(set(lefts)) > 2
    with image_module.open(shown.save(tmp_path / "g2.gif")) as image:
        assert image.width == WIDEST
        for at, frame in enumerate(shown.trace.frames()):
            image.seek(at)
            step = image.convert("RGB")
            left, high = lefts[at], drawn(pictures[at], view.layout).height
            whole = drawn(pictures[at], view.layout, (left, 0.0, left + WIDEST / SCALE, high / SCALE))
            below = step.crop((0, step.height - whole.height, *step.size))
            for place, box in zip(view.layout.places, pictures[at].boxes, strict=True):
                x, half = place.centre[0] + MARGIN - left, place.size[0] / 2
                assert not box.is_current or half < x < WIDEST / SCALE - half
            far = chops.difference(below, whole).convert("L").histogram()[60:]
            assert sum(far) < 20, frame.title
            assert step.getpixel((2, step.height - 2)) == (255, 255, 255)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("No space left on device")])
def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path, monkeypatch, error):
    path = tmp_path / "g1.svg"
    path.write_text("old")
    path.chmod(0o640)
    write = Path.write_bytes

    def interrupted(self, data):
        write(self, data[:100])
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(Path, "write_bytes", interrupted)
        for shown in (g1(), draw(parse("a*b", a=1, b=2))):
            with pytest.raises((KeyboardInterrupt, OSError)):
                shown.save(path)
    assert path.read_text() == "old"
    link = tmp_path / "link.svg"
    link.symlink_to(path)
    g1().save(link)
    assert path.read_text().startswith("<svg")
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(tmp_path.iterdir()) == [path, link]
    assert link.is_symlink()


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "tex", "html"])
def test_one_step(tmp_path, ending):
    path = g1().save(tmp_path / f"g1.{ending}", step=9)
    start = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "tex": b"\\documentclass", "html": b"<!doctype"}
    assert path.read_bytes().startswith(start[ending])


def test_a_step_as_svg_has_its_words_and_the_numbers_of_its_moment(tmp_path):
    words = [e.text for e in ET.parse(g1().save(tmp_path / "g1.svg", step=9)).iter(f"{SVG}text")]
    assert {"backward: u → b", "∂J/∂b = ∂J/∂u · ∂u/∂b", "3 × 2 = 6", "b.grad: 0 + 6 → 6"} <= set(words)
    assert words.count("grad —") == 1  # of c, which is next
    end = g1().save(tmp_path / "end.svg").read_text()
    assert "backward" not in end
    assert "grad —" not in end


def test_long_words_are_broken(tmp_path):
    a, b, c, d = (Value(1.0, f"a_rather_long_name_for_a_value_{letter}") for letter in "abcd")
    shown = stepper(a * b + c * d)
    lines = texts(shown.save(tmp_path / "x.svg", step=1).read_text())
    sentence = shown.trace.frames()[0].lines[0]
    assert sentence not in lines
    assert sentence in " ".join(line.strip() for line in lines if line)
    assert all(width(line, 11) <= room(shown._views[1]["*"]) for line in lines if line)


def test_a_pdf_has_a_page_for_each_step(tmp_path):
    pypdf = pytest.importorskip("pypdf")
    assert len(pypdf.PdfReader(g1().save(tmp_path / "g1.pdf")).pages) == 10
    assert len(pypdf.PdfReader(g1().save(tmp_path / "one.pdf", step=3)).pages) == 1
    assert len(pypdf.PdfReader(g1().save(tmp_path / "op.pdf", by="op")).pages) == 8


def test_a_pdf_of_all_steps_without_pypdf(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pypdf"):
        g1().save(tmp_path / "g1.pdf")


def test_the_derivation_as_a_document(tmp_path):
    shown = g1()
    text = shown.save(tmp_path / "g1.tex").read_text()
    assert align(shown.trace.record) in text
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") == 1
    one = shown.save(tmp_path / "one.tex", step=9).read_text()
    assert r"1 \times 3" not in one
    assert r"&= 6" in one


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), 1e9, "1", True])
def test_seconds_that_no_step_takes(tmp_path, seconds):
    with pytest.raises(ValueError, match=r"a step of a GIF takes 0\.01 to 600 seconds, not "):
        g1().save(tmp_path / "g1.gif", seconds=seconds)


@pytest.mark.parametrize("step", [0, 11, -1, 2.5, "7", True])
def test_a_step_that_there_is_not(tmp_path, step):
    with pytest.raises(ValueError, match=f"there is no step {step!r}: this stepper has 1 to 10"):
        g1().save(tmp_path / "g1.svg", step=step)
    with pytest.raises(ValueError, match="a GIF shows all steps"):
        g1().save(tmp_path / "g1.gif", step=3)
    assert not list(tmp_path.iterdir())


def test_a_cell_carries_the_page_in_a_frame_a_picture_and_text():
    bundle, metadata = g1()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", "text/html"}
    assert bundle["text/plain"] == "<stepper of J: 10 steps>"
    assert metadata == {}
    frame, script = re.fullmatch(r"(<iframe .*</iframe>)<script>(.*)</script>", bundle["text/html"], re.DOTALL).groups()
    boot = html.unescape(re.search('srcdoc="([^"]*)"', frame)[1])
    assert gzip.decompress(base64.b64decode(re.search(r'atob\("([^"]*)"\)', boot)[1])).decode() == g1().html
    assert len(bundle["text/html"]) < 90_000
    assert 'sandbox="allow-scripts"' in frame
    assert re.search(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="[^"]+"[^>]*></iframe>$', frame)
    assert "import" not in script


def test_hostile_labels_stay_text_in_a_cell():
    bundle, _ = stepper(hostile())._repr_mimebundle_()
    assert bundle["text/html"].count("<script>") == 1
    assert bundle["text/html"].count("<img") == 1


def test_a_function_reaches_the_kernel_from_its_frame():
    pytest.importorskip("anywidget")
    shown = stepper(lambda a, b: a * b, a=5, b=3)
    bundle, _ = shown._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", "text/html"}
    assert f'data-channel="{shown.widget.channel}"' in bundle["text/html"]
    assert stepper(lambda a, b: a * b, a=5, b=3).widget.channel != shown.widget.channel


def test_an_edit_reaches_the_function_by_the_name_of_its_argument(monkeypatch):
    """Two edits may come in a row, the second before its page knows the ids of another branch's nodes."""
    pytest.importorskip("anywidget")

    def f(a, b):
        if a > 12:
            raise ValueError("a is at most 12")
        return a * b if a > 0 else a + b

    def numbers():
        return {node["name"]: node["data"] for node in json.loads(widget.payload)["trace"]["nodes"]}

    widget = stepper(f, a=5, b=3).widget
    assert json.loads(widget.payload)["arguments"] == {"0": "a", "1": "b"}
    widget._receive(None, {"argument": "a", "number": "-7"}, None)
    assert numbers() == {"a": -7, "b": 3, "f": -4}
    widget._receive(None, {"argument": "b", "number": "Infinity"}, None)
    assert numbers() == {"a": -7, "b": "Infinity", "f": "Infinity"}
    said = []
    monkeypatch.setattr(widget, "send", said.append)
    widget._receive(None, {"argument": "a", "number": "13"}, None)
    assert said == [{"error": "ValueError: a is at most 12"}]
    assert numbers()["a"] == -7


@pytest.mark.parametrize("where", ["google.colab", "marimo", "VS Code"])
def test_where_frames_reach_no_kernel_the_widget_is_shown(monkeypatch, where):
    """Colab looks into the metadata for the address of the script that shows widgets of anywidget."""
    pytest.importorskip("anywidget")
    if where == "VS Code":
        monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", "/x.ipynb", raising=False)
    else:
        monkeypatch.setitem(sys.modules, where, sys)
    shown = stepper(lambda a, b: a * b, a=5, b=3)
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "7"}}
    colab = {"application/vnd.jupyter.widget-view+json": {"colab": {"custom_widget_manager": {"url": "https://x"}}}}
    monkeypatch.setattr(type(shown.widget), "_repr_mimebundle_", lambda _: (view, colab))
    bundle, metadata = shown._repr_mimebundle_()
    assert bundle.items() >= view.items()
    assert "text/html" in bundle
    assert metadata == colab
    assert stepper(Value(1.0) * 2)._repr_mimebundle_()[1] == {}


def test_without_anywidget_a_function_has_its_page(monkeypatch):
    monkeypatch.setattr(sys.modules["viz.steps.stepper"], "find_spec", lambda _: None)
    bundle, metadata = stepper(lambda a, b: a * b, a=5, b=3)._repr_mimebundle_()
    assert (set(bundle), metadata) == ({"text/plain", "image/svg+xml", "text/html"}, {})


def test_text():
    assert g1().text().count("\n\n") == 9
    assert g1().text("op").startswith("[1/8] start")
    assert repr(g1()) == "<stepper of J: 10 steps>"
    assert io.StringIO(g1().text()).readline() == "[1/10] start\n"
