"""The playground's page: every control by its label, from the keyboard too; what it shows are the numbers of Python."""

import json
import re

import pytest
from chromium import PATIENCE, page

from autograd.formulas.digits import format_number
from nn.losses import bce_with_logits
from viz import playground
from viz.play.settings import FEATURES, Settings


def epochs(p):
    return int(p.inner_text(".epochs").replace(",", ""))


def wait_for_epochs(p, count):
    """The page's policy allows no code in text, so the page cannot wait by itself."""
    for _ in range(PATIENCE // 20):
        if epochs(p) >= count:
            return
        p.wait_for_timeout(20)
    pytest.fail(f"{epochs(p)} epochs after {PATIENCE} ms")


def feature(p, name):
    return p.locator(f'[data-feature="{name}"]')


def set_number(p, label, value):
    box = p.get_by_label(label)
    box.fill(str(value))
    box.press("Enter")


def weights(p):
    return dict(each.split(" = ") for each in labels(p, "g.weight"))


def labels(p, selector):
    return [each.get_attribute("aria-label") for each in p.query_selector_all(selector)]


def test_the_page_trains_as_fit_does(open_page):
    p = open_page(playground(hidden=(3,), seed=4))
    for _ in range(50):
        p.get_by_label("one epoch").click()
    model, history = Settings(hidden=(3,), seed=4).fit(50)
    assert epochs(p) == 50
    want = {w.label: format_number(w.data) for layer in model.layers for row in layer.W for w in row}
    assert weights(p) == want
    biases = dict(each.split(" = ") for each in labels(p, ".bias"))
    assert biases == {b.label: format_number(b.data) for layer in model.layers for b in layer.b}
    right = round(100 * history.validation_accuracy[-1])
    assert p.inner_text("p.test output") == f"J = {format_number(history.validation_loss[-1])}, {right} % right"


def test_play_goes_on_until_pause(open_page):
    p = open_page(playground())
    p.get_by_role("button", name="play", exact=True).click()
    wait_for_epochs(p, 10)
    p.get_by_role("button", name="pause", exact=True).click()
    at = epochs(p)
    p.wait_for_timeout(100)
    assert epochs(p) == at
    model, _ = Settings().fit(at)
    assert weights(p) == {w.label: format_number(w.data) for layer in model.layers for row in layer.W for w in row}
    p.get_by_label("reset").click()
    assert epochs(p) == 0


def test_the_keyboard_plays_and_steps(open_page):
    p = open_page(playground())
    p.focus(".playground")
    for _ in range(3):
        p.keyboard.press("ArrowRight")
    assert epochs(p) == 3
    p.keyboard.press("Space")
    wait_for_epochs(p, 5)
    p.keyboard.press("Space")
    at = epochs(p)
    p.wait_for_timeout(100)
    assert epochs(p) == at


@pytest.mark.parametrize(
    ("label", "value", "setting"),
    [
        ("data", "xor", {"data": "xor"}),
        ("activation", "relu", {"activation": "relu"}),
        ("learning rate", "0.3", {"rate": 0.3}),
        ("batch size", "all", {"batch": 1000}),
        ("regularisation", "L2", {"regulariser": "L2"}),
    ],
)
def test_a_choice_is_what_is_trained(open_page, label, value, setting):
    p = open_page(playground())
    p.get_by_label(label, exact=True).select_option(label=value)
    p.get_by_label("one epoch").click()
    model, _ = Settings(**setting).fit(1)
    assert weights(p) == {w.label: format_number(w.data) for layer in model.layers for row in layer.W for w in row}


def test_what_is_the_same_in_python_is_said(open_page):
    p = open_page(playground())
    p.get_by_label("data", exact=True).select_option("circle")
    p.get_by_role("slider", name="noise").fill("0.2")
    feature(p, "x1^2").click()
    p.get_by_label("regularisation").select_option("L1")
    set_number(p, "seed", 3)
    for _ in range(4):
        p.get_by_label("one epoch").click()
    code = p.inner_text(".python code")
    model, _ = eval(code, {"playground": playground})  # what a reader copies
    assert len(model.layers[0].W[0]) == 3
    assert weights(p) == {w.label: format_number(w.data) for layer in model.layers for row in layer.W for w in row}
    p.get_by_label("learning rate").select_option("1")
    assert "changed on the way" in p.inner_text(".python code")


def test_layers_neurons_and_features_come_and_go(open_page):
    p = open_page(playground())

    def sizes():
        found = [tuple(map(int, re.findall(r"\d+", name)[:2])) for name in labels(p, ".bias")]
        return [sum(layer == n for layer, _ in found) for n in range(1, max(found)[0] + 1)]

    assert sizes() == [4, 2, 1]
    p.get_by_label("a neuron more in layer 2").click()
    p.get_by_label("a neuron less in layer 1").click()
    assert sizes() == [3, 3, 1]
    p.get_by_label("a hidden layer more").click()
    assert sizes() == [3, 3, 3, 1]
    for _ in range(3):
        p.get_by_label("a hidden layer less").click()
    assert sizes() == [1]
    assert p.get_by_label("a hidden layer less").is_disabled()
    assert len(weights(p)) == 2
    feature(p, "x1*x2").press("Enter")
    assert len(weights(p)) == 3
    assert feature(p, "x1*x2").get_attribute("aria-pressed") == "true"
    for name in ("x1*x2", "x1", "x2"):
        feature(p, name).click()
    assert len(weights(p)) == 1  # the last one stays


def test_no_more_layers_and_neurons_than_there_is_room_for(open_page):
    p = open_page(playground(hidden=[8] * 6, features=list(FEATURES)))
    assert p.get_by_label("a hidden layer more").is_disabled()
    assert p.get_by_label("a neuron more in layer 6").is_disabled()
    p.get_by_label("one epoch").click()
    assert len(weights(p)) == 7 * 8 + 5 * 64 + 8


@pytest.mark.parametrize("by_key", [False, True])
def test_a_weight_opens_the_stepper_on_its_gradient(open_page, by_key):
    settings = {"hidden": (2,), "features": ("x1", "x2^2")}
    p = open_page(playground(**settings))
    set_number(p, "ringed example", 7)
    weight = p.locator('g.weight[aria-label^="w[1]_2,1 "]')
    if by_key:
        weight.press("Enter")
    else:
        weight.locator("path").last.click()
    assert p.inner_text("dialog h2") == "How ∂L/∂w[1]_2,1 comes about, for one example"
    assert p.get_attribute("dialog .title", "data-text").endswith("→ w[1]_2,1")
    made = Settings(**settings)
    X, _, y, _ = made.examples()
    model = made.model()
    bce_with_logits(model(X[6]), y[6]).backward()
    grad = format_number(model.layers[0].W[1][0].grad)
    assert grad.replace("−", "") in p.inner_text("dialog .ledger .line:last-child").replace("\n", "")
    p.keyboard.press("End")
    assert p.inner_text("dialog .trail [aria-current]") == "neuron 2 of layer 1"
    p.get_by_role("button", name="network", exact=True).click()
    assert p.text_content("dialog svg.network > text").endswith(f"(∂ {grad})")
    assert f"= {grad}" in p.locator('dialog g[aria-label^="w[1]_2,1 "]').get_attribute("aria-label")
    p.keyboard.press("Escape")
    assert not p.locator("dialog.steps").is_visible()
    assert epochs(p) == 0


def test_a_neuron_that_is_looked_at_is_shown_large(open_page):
    p = open_page(playground())
    assert p.inner_text(".output .shown") == "output p"
    p.locator(".unit:not(.feature)").nth(2).hover()
    assert p.inner_text(".output .shown") == "neuron a[1]_3"
    p.get_by_label("b[2]_1 = 0").focus()
    assert p.inner_text(".output .shown") == "neuron a[2]_1"
    p.get_by_label("reset").click()
    assert p.inner_text(".output .shown") == "output p"


def test_all_steps_can_be_gone_through(open_page):
    p = open_page(playground(hidden=(1,), activation="relu", features=["x1", "x1*x2", "sin(pi*x2)"]))
    p.get_by_label("one epoch").click()
    p.locator("g.weight").first.press("Enter")
    for notation, grain in (("∂", "edge"), (".grad", "op")):
        p.get_by_label("notation").select_option(notation)
        p.locator("dialog label", has_text="by operation").locator("select").select_option(grain)
        p.focus("dialog .chainrule-stepper")
        p.keyboard.press("Home")
        count = int(p.inner_text("dialog .counter").split("/")[1])
        for _ in range(count):
            words = p.inner_text("dialog .ledger")
            assert not re.search(r"undefined|NaN|null|Q\w+Q", words), words
            p.keyboard.press("ArrowRight")
    p.locator("dialog .settings input[type=checkbox]").check()
    p.keyboard.press("Escape")
    assert epochs(p) == 1


@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
def test_the_graphs_of_neurons_and_of_the_loss_have_this_networks_names(open_page, activation):
    settings = {"hidden": (3,), "activation": activation, "features": ("x1", "x1*x2"), "seed": 2}
    p = open_page(playground(**settings))
    p.locator('g.weight[aria-label^="w[1]_2,2 "]').press("Enter")
    p.keyboard.press("End")
    made = Settings(**settings)
    X, _, y, _ = made.examples()
    model = made.model()
    z = model(X[0])
    bce_with_logits(z, y[0]).backward()
    boxes = labels(p, "dialog svg g[id^=n][role]")
    neuron = model.layers[0].neurons[1]
    for value in [*neuron.w, neuron.b]:
        grad = format_number(value.grad) if value.grad else "—"  # a ReLU at z < 0 lets nothing through
        assert f"{value.label}, data {format_number(value.data)}, gradient {grad}" in boxes
    drawn = p.evaluate("document.querySelector('dialog svg[viewBox][aria-label=\"computation graph\"]').textContent")
    assert not re.search(r"Q\w+Q|\[0\]0", drawn), drawn
    assert ("tanh" in drawn, "ReLU" in drawn) == (activation == "tanh", activation == "relu")
    p.get_by_role("button", name="network", exact=True).click()
    p.locator("dialog svg.network g[id^=n]").last.click()
    assert p.inner_text("dialog .trail [aria-current]") == "loss"
    p.keyboard.press("End")
    output = f"z[2]_1, data {format_number(z.data)}, gradient {format_number(z.grad)}"
    assert output in labels(p, "dialog svg g[id^=n][role]")
    assert "Q" not in p.evaluate("document.querySelector('dialog svg[aria-label=\"computation graph\"]').textContent")


def test_a_bias_opens_its_steps_too(open_page):
    p = open_page(playground())
    p.get_by_label("b[2]_1 = 0").click()
    assert "b[2]_1" in p.inner_text("dialog h2")
    p.get_by_role("button", name="back to the playground").click()
    p.get_by_label("one epoch").click()
    assert epochs(p) == 1


def test_a_click_on_the_output_chooses_an_example(open_page):
    p = open_page(playground())
    before = p.get_by_label("ringed example").input_value()
    p.locator(".output canvas").last.click(position={"x": 10, "y": 10})
    assert p.get_by_label("ringed example").input_value() != before


def test_a_loss_that_is_no_number_is_said(open_page):
    p = open_page(playground(activation="linear", rate=1e9, hidden=(8, 8)))
    for _ in range(20):
        p.get_by_label("one epoch").click()
    assert "smaller learning rate" in p.inner_text(".alarm")
    assert "NaN" not in p.inner_text(".playground")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_is_seen_without_scrolling(open_page, scheme):
    p = open_page(playground(), viewport={"width": 1280, "height": 720}, color_scheme=scheme)
    assert p.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [1280, 720]
    assert p.get_attribute(".playground", "data-theme") == scheme
    paper = p.evaluate("getComputedStyle(document.querySelector('.playground')).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]


def test_each_control_has_a_label(open_page):
    p = open_page(playground())
    for control in p.query_selector_all(".playground > :not(dialog) :is(button, input, select)"):
        name = control.evaluate("(e) => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent")
        assert name.strip(), control.evaluate("(e) => e.outerHTML")


def test_the_map_is_blue_where_class_1_is(open_page):
    """After training, the colours of the map at the examples are those of their classes."""
    p = open_page(playground(data="blobs", noise=0.1))
    for _ in range(30):
        p.get_by_label("one epoch").click()
    left, right = p.evaluate(
        """() => {
          const map = document.querySelector(".output canvas");
          const at = (x) => [...map.getContext("2d").getImageData(map.width * x, map.height / 2, 1, 1).data];
          return [at(0.2), at(0.8)];
        }"""
    )
    assert left[2] > 2 * left[0]  # class 1 lies left, at (−1, 0)
    assert right[0] > 2 * right[2]


# --- files and notebooks --------------------------------------------------------------------------------


def test_it_runs_in_the_frame_of_a_notebook(chromium, tmp_path):
    shown = playground(hidden=(3,))._repr_mimebundle_()
    assert shown["text/plain"] == "<playground: spiral, 2-3-1, tanh>"
    assert len(shown["text/html"]) < 250_000
    path = tmp_path / "notebook.html"
    path.write_text(shown["text/html"], encoding="utf-8")
    with page(chromium) as p:
        p.goto(path.as_uri())
        inside = p.frame_locator("iframe")
        inside.get_by_label("one epoch").click()
        assert inside.locator(".epochs").inner_text() == "1"
        inside.locator("g.weight").first.press("Enter")
        assert inside.locator("dialog.steps").is_visible()


def test_the_page_may_ask_nothing_of_a_network():
    html = playground().html
    assert "default-src 'none'" in html
    assert not re.search(r"(?:src|href)=\"?https?:", html)
    assert "innerHTML" not in html
    assert "eval(" not in html


def test_other_pages_do_not_carry_it():
    from viz.steps.bundle import css, script

    assert "playground" not in script() + css()


def test_a_page_is_saved(tmp_path):
    path = playground().save(tmp_path / "p.html")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(ValueError, match=r'save it as "playground.html", not "?\'?p.png'):
        playground().save(tmp_path / "p.png")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        playground().save(tmp_path / "none" / "p.html")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"data": "moon"}, "moon"),
        ({"noise": 0.9}, "noise"),
        ({"test": 0.9}, "share kept apart"),
        ({"features": []}, r'features=\["x1", "x2"\]'),
        ({"features": "x1"}, r'features=\["x1", "x2"\]'),
        ({"features": ["x3"]}, "x3"),
        ({"hidden": (9,)}, "1 to 8 neurons"),
        ({"hidden": [1] * 7}, "up to 6 layers"),
        ({"activation": "softmax"}, "softmax"),
        ({"rate": 0}, "learning rate"),
        ({"regulariser": "L3"}, "L3"),
        ({"strength": -1}, "strength"),
        ({"batch": 0}, "batch"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_is_no_setting_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        playground(**wrong)


def test_an_unknown_setting_is_a_type_error():
    with pytest.raises(TypeError, match="layers"):
        playground(layers=3)


def test_the_payload_cannot_end_the_script():
    payload = playground().payload()
    assert "<" not in payload
    assert json.loads(payload)["settings"]["hidden"] == [4, 2]
