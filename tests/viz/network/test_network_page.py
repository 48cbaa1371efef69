"""draw(model, x=..., y=...) as a page: the network is the first view of the stepper, and leads to others."""

import base64
import gzip
import re

import pytest
from chromium import page
from models import Classifier, Recurrent

import autograd
from autograd import Value
from autograd.errors import StaleGraphError
from autograd.formulas.digits import format_number
from nn import MLP, Neuron
from viz import draw


def drawn(*sizes):
    return draw(MLP(sizes[0], list(sizes[1:]), "tanh", seed=1), x=[0.5, -1.0, 2.0][: sizes[0]], y=1.0)


def unit(p, name):
    """The box that has this name, whose index is a subscript."""
    return p.locator("svg.network g[id^=n]", has_text=name.replace("_", "").replace("yhat", "ŷ"))


def rows(p, name):
    """The rows of the box that has this name."""
    return [name, *unit(p, name).locator(".row").all_text_contents()[1:]]


def line(p, name):
    return p.locator(f'svg.network g[id^=e][aria-label^="{name} ="]')


def shown(p):
    """The step that is shown, the title of it, and what is opened."""
    return p.get_attribute(".title", "data-text"), p.inner_text(".trail [aria-current]")


def test_the_numbers_are_those_of_the_step(open_page):
    drawing = drawn(2, 2, 1)
    p = open_page(drawing)
    assert rows(p, "a[1]_1") == ["a[1]_1", "z —", "a —", "δ —"]
    assert "∂" not in p.locator("svg.network > text").all_text_contents()[-1]
    p.keyboard.press("End")
    at_end = [box.rows for box in drawing.picture.boxes if box.kind == "unit"]
    assert [rows(p, name) for name in ("a[1]_1", "a[1]_2", "a[2]_1")] == at_end
    words = [arrow.tooltip for arrow in drawing.picture.arrows if arrow.label]
    told = [each.get_attribute("aria-label") for each in p.query_selector_all("svg.network g[id^=e][role]")]
    assert told == words
    labels = [arrow.label for arrow in drawing.picture.arrows if arrow.label]
    assert p.locator("svg.network > text[id^=l]").all_text_contents() == labels


def test_a_click_on_a_unit_opens_its_neuron_at_its_z(open_page):
    p = open_page(drawn(3, 4, 4, 1))
    assert p.inner_text(".trail [aria-current]") == "network"
    unit(p, "a[1]_2").click()
    assert shown(p) == ("forward: z[1]_2", "neuron2")
    assert p.locator(".trail button").all_inner_texts() == ["network", "all closed", "layer1", "neuron2", "all open"]
    assert p.locator('svg g.current[aria-label^="z[1]_2,"]').count() == 1
    p.get_by_role("button", name="network").click()
    assert rows(p, "a[1]_1")[1] != "z —"  # the step is still the same
    assert rows(p, "a[1]_3")[1] == "z —"
    assert p.locator("svg.network g.current .row").first.text_content() == "a[1]2"


def test_a_click_on_a_line_opens_the_step_of_its_weight(open_page):
    p = open_page(drawn(3, 4, 4, 1))
    weight = line(p, "w[2]_3,1")
    weight.locator(".near").dispatch_event("click")
    title, opened = shown(p)
    assert title.startswith("backward: ")
    assert title.endswith(" → w[2]_3,1")
    assert opened == "neuron3"
    p.get_by_role("button", name="network").click()
    assert "current" in weight.get_attribute("class")


def test_a_thin_line_is_hit_beside_it(open_page):
    model = MLP(1, [1], seed=1)
    model.parameters()[0].data = 0.01
    p = open_page(draw(model, x=[2.0], y=1.0))
    label = p.locator("svg.network > text[id^=l]").first.bounding_box()
    p.mouse.click(label["x"] + label["width"] / 2, label["y"] + label["height"] / 2)
    assert shown(p)[0].startswith("backward: ")


def test_the_keyboard_opens_a_unit(open_page):
    p = open_page(drawn(2, 2, 1))
    unit(p, "a[2]_1").focus()
    p.keyboard.press("Enter")
    assert shown(p) == ("forward: z[2]_1", "neuron1")
    p.keyboard.press("ArrowRight")  # the keys are still the stepper's
    assert shown(p)[0] == "forward: z[2]_1 − 1"


def test_an_edited_leaf_is_seen(open_page):
    drawing = drawn(2, 2, 1)
    p = open_page(drawing)
    p.keyboard.press("End")
    p.click("summary")
    p.fill('input[aria-label="w[1]_1,1, value"]', "-2.5")
    p.keyboard.press("Enter")
    w = line(p, "w[1]_1,1")
    assert w.get_attribute("aria-label").startswith("w[1]_1,1 = −2.5, ")
    assert w.locator("path").first.get_attribute("stroke-dasharray") == "5 4"
    assert w.locator("path").first.get_attribute("stroke") == "#d55e00"


def test_every_step_can_be_taken_in_the_network(open_page):
    drawing = drawn(2, 2, 1)
    p = open_page(drawing)
    for _ in range(len(drawing.stepper.trace.frames()) - 1):
        p.keyboard.press("ArrowRight")
    assert p.inner_text(".counter") == "38 / 38"
    assert rows(p, "a[1]_1") == drawing.picture.boxes[2].rows


def test_an_input_of_the_network_is_nudged(open_page):
    p = open_page(drawn(2, 2, 1))
    p.keyboard.press("End")
    before = rows(p, "a[2]_1")
    x, y, wide, high = unit(p, "x1").bounding_box().values()
    p.mouse.move(x + wide / 2, y + high / 2)
    p.mouse.down()
    p.wait_for_selector(".nudge:not([hidden])")
    assert rows(p, "x1") == ["x1", "Δ 0.01"]
    assert rows(p, "a[2]_1")[1].startswith("Δ ")
    p.mouse.up()
    assert rows(p, "x1") == ["x1", "0.5"]
    assert rows(p, "a[2]_1") == before


def test_a_network_over_time(open_page):
    p = open_page(draw(Recurrent(), x=[1, 2, -1], y=0.5))
    assert rows(p, "h_2") == ["h_2", "—"]
    p.keyboard.press("End")
    h = 0.0
    for x in (1, 2):
        h = autograd.tanh(0.5 * x - 0.3 * Value(h)).data
    assert rows(p, "h_2") == ["h_2", format_number(h)]
    unit(p, "yhat_3").click()
    assert shown(p)[0] == "forward: a"


def test_a_click_on_a_feature_map_opens_its_part(open_page):
    drawing = draw(Classifier(), x=[[0.1 * i * j for j in range(5)] for i in range(5)], y=[1, 0])
    p = open_page(drawing)
    maps = [f"n{i}" for i, box in enumerate(drawing.picture.boxes) if box.kind == "map"]
    units = drawing.stepper.network["units"]
    assert maps[0] not in units  # the image is plain numbers
    assert [name in units for name in maps[1:]] == [True] * 6
    nodes = drawing.stepper.trace.record["nodes"]
    p.locator(f"svg.network #{maps[2]}").dispatch_event("click")
    assert shown(p)[0] == f"forward: {nodes[units[maps[2]]['node']]['name']}"
    assert [nodes[units[name]["node"]]["op"] for name in maps[1:]] == ["sum"] * 3 + ["maximum"] * 3


def test_what_is_to_be_predicted_is_not_told_by_the_network(open_page):
    drawing = drawn(2, 2, 1)
    p = open_page(drawing)
    p.get_by_role("checkbox", name="predict").check()
    unit(p, "a[1]_1").click()
    assert shown(p)[0] == "forward: z[1]_1"
    p.get_by_role("button", name="network").click()
    opened = unit(p, "a[1]_1")
    (z,) = (box.rows[1].removeprefix("z ") for box in drawing.picture.boxes if box.rows[0] == "a[1]_1")
    assert rows(p, "a[1]_1")[1] == "z ?"
    assert z not in opened.get_attribute("aria-label")
    assert z not in opened.locator("title").text_content()
    line(p, "w[1]_1,1").locator(".near").dispatch_event("click")
    p.get_by_role("button", name="network").click()
    w = drawing.stepper.trace.record["nodes"][drawing.stepper.network["lines"]["e0"]]["data"]
    assert line(p, "w[1]_1,1").get_attribute("aria-label") == f"w[1]_1,1 = {format_number(w)}, ∂J/∂w[1]_1,1 = ?"


def test_a_cell_of_a_notebook_shows_it(chromium, tmp_path):
    path = tmp_path / "cell.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{drawn(2, 2, 1)._repr_mimebundle_()['text/html']}")
    with page(chromium) as p:
        p.goto(path.as_uri())
        frame = p.frame_locator("iframe")
        unit(frame, "a[1]_2").click()
        assert frame.locator(".title").get_attribute("data-text") == "forward: z[1]_2"


def test_widths_of_lines_are_those_of_the_picture(open_page):
    drawing = drawn(2, 2, 1)
    p = open_page(drawing)
    widths = p.eval_on_selector_all(
        "svg.network g[id^=e][role] > path:not(.near)",
        "paths => paths.map((path) => getComputedStyle(path).strokeWidth)",
    )
    weights = [
        width for width, arrow in zip(drawing.picture.strokes, drawing.picture.arrows, strict=True) if arrow.label
    ]
    assert [float(width.removesuffix("px")) for width in widths] == pytest.approx(weights, abs=0.051)


def test_hostile_labels_stay_text(open_page):
    model = Neuron(2, seed=1)
    model.w[0].label = "</script><img src=x onerror=alert(1)>"
    p = open_page(draw(model, x=[Value(1.0, "<b>x</b>"), Value(2.0, "]]>")], y=1.0))
    assert p.locator("img, svg.network b").count() == 0
    assert rows(p, "<b>x</b>")[0] == "<b>x</b>"


# --- notebooks, errors --------------------------------------------------------------------------------------------


def test_a_notebook_gets_the_page_and_the_picture():
    drawing = drawn(2, 2, 1)
    bundle = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"] == drawing.svg
    assert page_in(bundle) == drawing.stepper.html
    assert "payload" not in page_in(draw(MLP(2, [1], seed=1), x=[1, 2])._repr_mimebundle_())
    assert "payload" not in page_in(drawn(3, 30, 30, 1)._repr_mimebundle_())  # it would take long to open


def page_in(bundle):
    """The page in the frame of a cell."""
    (packed,) = re.findall(r"atob\(&quot;([^&]+)&quot;\)", bundle["text/html"])
    return gzip.decompress(base64.b64decode(packed)).decode()


def test_a_drawing_is_shown_after_its_model_has_learned_on():
    model = MLP(2, [1], seed=1)
    drawing = draw(model, x=[1, 2], y=1)
    model.parameters()[0].data += 1
    assert "payload" not in page_in(drawing._repr_mimebundle_())
    with pytest.raises(StaleGraphError):
        drawing.save("net.html")


def test_without_a_target_there_are_no_steps(tmp_path):
    with pytest.raises(TypeError, match=r"without a target: draw\(model, x=\[\.\.\.\], y=\.\.\.\)"):
        draw(MLP(2, [1], seed=1), x=[1, 2]).save(tmp_path / "net.html")


def test_what_does_not_lead_to_the_loss_is_drawn_and_opens_nothing():
    model = MLP(2, [2], seed=1)

    def first(a, y):
        return (a[0] - y) ** 2

    drawing = draw(model, x=[1.0, 2.0], y=1.0, loss=first)
    network = drawing.stepper.network
    drawn_units = [f"n{i}" for i, box in enumerate(drawing.picture.boxes) if box.kind == "unit"]
    assert drawn_units[0] in network["units"]
    assert drawn_units[1] not in network["units"]
    assert len(network["lines"]) == 3
