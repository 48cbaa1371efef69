"""The offline page in a real browser. Every test also holds that nothing was asked of the network (``page``)."""

import pytest
from steppers import fan_out, g1, g2, hostile, network

from autograd import Value, parse, scope
from autograd.steps.derivation import align
from autograd.steps.frames import frames
from nn import MLP, bce
from viz.picture.theme import NEGATIVE
from viz.steps.stepper import stepper

G1_TITLES = [
    "start",
    "forward: u",
    "forward: v",
    "forward: J",
    "seed",
    "backward: J → v",
    "backward: v → a",
    "backward: v → u",
    "backward: u → b",
    "backward: u → c",
]


def texts(p, selector):
    """What typeset elements stand for, as text."""
    return [each.get_attribute("data-text") for each in p.query_selector_all(selector)]


def title(p):
    (text,) = texts(p, ".title")
    return text


def lines(p):
    return texts(p, ".lines > div")


def notes(p):
    return texts(p, ".notes li")


def box(p, name):
    """What a box of the graph says to a screen reader."""
    return p.get_attribute(f'svg [aria-label^="{name},"]', "aria-label")


def go(p, step):
    """To a step, counted from 1."""
    p.locator("[type=range]").evaluate("(s, n) => { s.value = n - 1; s.dispatchEvent(new Event('input')); }", step)


def panel(p):
    """The mathematics of the panel, as text."""
    return [each.get_attribute("aria-label") for each in p.query_selector_all(".panel [role=math]")]


def button(p, name):
    return p.get_by_role("button", name=name, exact=True)


def show_table(p):
    p.click("summary")


def type_leaf(p, name, number):
    p.fill(f'input[aria-label="{name}, value"]', str(number))
    p.keyboard.press("Enter")


def table(p):
    rows = p.query_selector_all("tbody tr")
    return {
        row.query_selector("th [role=math]").get_attribute("aria-label"): row.query_selector_all("td")[2].inner_text()
        for row in rows
    }


# --- the steps ------------------------------------------------------------------------------------------------


def test_g1_has_exactly_ten_frames(open_page):
    shown = g1()
    p = open_page(shown)
    for i, frame in enumerate(shown.trace.frames()):
        assert title(p) == frame.title == G1_TITLES[i]
        assert lines(p) == frame.lines
        assert texts(p, ".sentence") == [frame.sentence]
        assert p.inner_text(".counter") == f"{i + 1} / 10"
        p.keyboard.press("ArrowRight")
    assert title(p) == "backward: u → c"


def test_the_boxes_fill_as_the_steps_go(open_page):
    p = open_page(g1())
    assert box(p, "u") == "u, data —, gradient —"
    assert box(p, "b") == "b, data 3, gradient —"
    go(p, 2)
    assert box(p, "u") == "u, data 6, gradient —"
    go(p, 5)
    assert box(p, "J") == "J, data 33, gradient 1"
    go(p, 9)
    assert box(p, "b") == "b, data 3, gradient 6"
    assert box(p, "c") == "c, data 2, gradient —"
    p.keyboard.press("End")
    assert box(p, "c") == "c, data 2, gradient 9"


def test_nothing_moves(open_page):
    p = open_page(g2())
    places = (
        "[...document.querySelectorAll('svg [role=button] > :is(rect, ellipse, polygon)')].map((s) => s.getBBox().x)"
    )
    controls = "document.querySelector('.controls').getBoundingClientRect().y"
    first = p.evaluate(places), p.evaluate(controls)
    for _ in range(34):
        p.keyboard.press("ArrowRight")
        assert (p.evaluate(places), p.evaluate(controls)) == first


def test_logistic_regression_says_a_minus_y(open_page):
    p = open_page(g2())
    go(p, 27)
    assert notes(p)[-1] == "∂L/∂z = a − y = 0.5622 − 1 = −0.4378: what a sigmoid and cross-entropy come to."


# --- controls ---------------------------------------------------------------------------------------------------


def test_buttons(open_page):
    p = open_page(g1())
    assert button(p, "back").is_disabled()
    button(p, "forward").click()
    assert title(p) == "forward: u"
    button(p, "last").click()
    assert title(p) == "backward: u → c"
    assert button(p, "forward").is_disabled()
    button(p, "back").click()
    assert title(p) == "backward: u → b"
    button(p, "first").click()
    assert title(p) == "start"


def test_keys(open_page):
    p = open_page(g1())
    p.keyboard.press("End")
    assert title(p) == "backward: u → c"
    p.keyboard.press("ArrowLeft")
    assert title(p) == "backward: u → b"
    p.keyboard.press("Home")
    assert title(p) == "start"
    p.focus("[type=range]")
    p.keyboard.press("ArrowRight")
    assert p.inner_text(".counter") == "2 / 10"


def test_play_and_pause(open_page):
    p = open_page(g1())
    p.select_option("select >> nth=0", "600")
    p.keyboard.press("Space")
    assert button(p, "pause").is_visible()
    p.wait_for_selector(".counter:has-text('3 /')")
    button(p, "pause").click()
    assert button(p, "play").is_visible()
    button(p, "last").click()
    button(p, "play").click()
    assert title(p) == "start"
    p.keyboard.press("End")
    assert button(p, "play").is_visible()


def test_the_divider_stands_between_forward_and_backward(open_page):
    p = open_page(g1())
    assert p.evaluate("document.querySelector('.divider').style.left").startswith("38.8")


def test_by_operation_and_notations(open_page):
    p = open_page(g1())
    go(p, 9)
    p.select_option("select >> nth=1", "d")
    assert lines(p)[0] == "db = du · ∂u/∂b"
    p.select_option("select >> nth=1", ".grad")
    assert lines(p)[0] == "b.grad = u.grad · ∂u/∂b"
    p.select_option("select >> nth=2", "op")
    assert (title(p), p.inner_text(".counter")) == ("backward: u", "8 / 8")
    p.select_option("select >> nth=2", "edge")
    assert title(p) == "backward: u → b"


def test_keyboard_alone_reaches_everything(open_page):
    p = open_page(g1())
    reached = set()
    for _ in range(40):
        p.keyboard.press("Tab")
        reached.add(p.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName"))
    assert {"play", "last", "step", "SUMMARY", "SELECT", "b, data 3, gradient —"} <= reached


# --- nodes ------------------------------------------------------------------------------------------------------


def test_a_click_on_a_node_lists_its_steps_and_paths(open_page):
    p = open_page(fan_out())
    p.click('svg [aria-label^="a,"]')
    assert panel(p) == ["a", "J", "a → d → J: 3 × 1 = 3", "a → e → J: 1 × (−6) = −6"]
    p.get_by_role("button", name="backward: e → a").click()
    assert title(p) == "backward: e → a"
    button(p, "close").click()
    assert not p.is_visible(".panel")
    p.focus('svg [aria-label^="b,"]')
    p.keyboard.press("Enter")
    assert panel(p)[0] == "b"


def test_fan_out_waits_for_all(open_page):
    p = open_page(fan_out())
    go(p, 8)
    assert title(p) == "backward: d → a"
    assert box(p, "a") == "a, data −2, gradient 3, 1 of 2 arrived"
    assert p.text_content(".badge.partial") == "1 of 2 arrived"
    assert "partial" in p.get_attribute('svg [aria-label^="a,"]', "class")
    go(p, 10)
    assert lines(p)[-1] == "a.grad = 3 (via d) + (−6) (via e) = −3"
    assert box(p, "a") == "a, data −2, gradient −3"


def test_an_operand_used_twice_has_two_arrows(open_page):
    p = open_page(stepper(parse("a + a", a=3)))
    p.keyboard.press("End")
    assert len(p.query_selector_all("svg g[id^=e].current, svg g[id^=e].done")) == 2
    assert lines(p)[-1] == "a.grad = 1 (via f) + 1 (via f) = 2"


def test_sign_is_told_by_colour_and_by_the_head(open_page):
    p = open_page(fan_out())
    p.keyboard.press("End")
    heads = p.locator("svg g[id^=e] polygon").evaluate_all(
        "(heads) => heads.map((head) => [head.getAttribute('stroke'), head.getAttribute('fill')])"
    )
    assert ["#d55e00", "#ffffff"] in heads
    assert ["#0072b2", "#0072b2"] in heads


# --- editing ----------------------------------------------------------------------------------------------------


def test_editing_a_leaf_runs_both_passes_again(open_page):
    p = open_page(g1())
    p.keyboard.press("End")
    show_table(p)
    assert table(p) == {"a": "3", "b": "6", "c": "9", "u": "3", "v": "3", "J": "1"}
    type_leaf(p, "c", -4)
    assert table(p) == {"a": "3", "b": "−12", "c": "9", "u": "3", "v": "3", "J": "1"}
    assert box(p, "J") == "J, data −21, gradient 1"
    go(p, 9)
    assert lines(p)[1:3] == ["u = b·c  ⇒  ∂u/∂b = c = −4", "3 × (−4) = −12"]
    button(p, "original numbers").click()
    p.keyboard.press("End")
    assert table(p)["b"] == "6"


def test_a_word_is_no_number(open_page):
    p = open_page(g1())
    show_table(p)
    type_leaf(p, "c", "two")
    assert p.get_attribute('input[aria-label="c, value"]', "aria-invalid") == "true"
    assert box(p, "c") == "c, data 2, gradient —"


def test_an_edit_may_cut_a_path_off(open_page):
    p = open_page(stepper(parse("r = relu(z); J = r*w", z=1, w=2)))
    show_table(p)
    type_leaf(p, "z", -1)
    button(p, "last").click()
    assert table(p)["z"] == "—"
    assert box(p, "z") == "z, data −1, gradient —"


def test_numbers_that_become_long_stay_in_their_box(open_page):
    p = open_page(g1())
    show_table(p)
    type_leaf(p, "c", "-1.2345e-88")
    button(p, "last").click()
    too_wide = """() => [...document.querySelectorAll('svg [role=button]')].filter((g) => {
      const outline = [...g.querySelectorAll('ellipse, polygon, rect')].at(-1).getBBox();
      return [...g.querySelectorAll('text')].some((t) => t.getBBox().x + t.getBBox().width > outline.x + outline.width);
    }).length"""
    assert p.evaluate(too_wide) == 0


# --- collapsing, size -------------------------------------------------------------------------------------------


def test_scopes_open_on_a_click(open_page):
    p = open_page(stepper(network(2, 16, 16, 1)))
    groups = p.locator("svg [role=button] > rect + text:text-matches('^layer')").all_text_contents()
    assert sorted(groups) == ["layer1", "layer2"]
    assert box(p, "z[3]_1").startswith("z[3]_1, data")  # layer3 has one result
    p.click("svg [role=button]:has-text('layer2')")
    assert p.locator("svg [role=button]:has-text('neuron16')").count() == 1
    p.click("svg [role=button]:has-text('neuron16')")
    assert box(p, "a[2]_16").startswith("a[2]_16, data")
    button(p, "all closed").click()
    assert p.locator("svg [role=button]:has-text('neuron16')").count() == 0
    go(p, 200)
    assert p.locator("svg .current").count() >= 1


def test_a_loss_opens_on_a_click(open_page):
    L = bce(MLP(2, [2, 1], "tanh", "sigmoid", seed=1)([1.0, -2.0]), 0.3)
    p = open_page(stepper(L))
    closed = p.locator("svg [role=button]").count()
    p.keyboard.press("End")
    assert box(p, "f").endswith("gradient 1")
    p.click("svg [role=button]:has-text('bce')")
    assert p.inner_text(".trail [aria-current]") == "all open"
    assert p.locator("svg [role=button]").count() > closed
    button(p, "all closed").click()
    assert p.locator("svg [role=button]").count() < closed
    button(p, "all but the loss").click()
    assert p.locator("svg [role=button]").count() == closed


def test_an_arrow_of_several_edges_has_the_colour_of_their_sum(open_page):
    x = Value(2.0, "x")
    with scope("inside"):
        y = x * 3.0 - x * 5.0
    p = open_page(stepper(y))
    button(p, "all closed").click()
    p.keyboard.press("End")
    assert p.locator("#e0 path").get_attribute("stroke") == NEGATIVE


def test_a_300_node_graph_steps(open_page):
    x = Value(0.5, "x")
    y = x
    for i in range(150):
        y = y * 1.01 + x if i % 2 else (y + x).tanh()
    shown = stepper(y)
    p = open_page(shown)
    steps = len(shown.trace.frames())
    p.evaluate("() => { for (let i = 0; i < 100; i++) document.querySelector('.forward').click(); }")
    assert p.inner_text(".counter") == f"101 / {steps}"


def test_a_trace_of_20_000_events_scrubs(open_page):
    x = Value(1.0, "x")
    y = x
    for _ in range(5000):
        y = y * 0.999 + x
    shown = stepper(y)
    events = len(shown.trace.record["events"])
    assert events > 20_000
    p = open_page(shown)
    for step in (12_345, 2, 20_000):
        go(p, step)
        assert p.inner_text(".counter").startswith(f"{step} /")
    p.keyboard.press("End")
    assert box(p, "f").endswith("gradient 1")


# --- every reader -----------------------------------------------------------------------------------------------


def test_hostile_labels_stay_text(open_page):
    shown = stepper(hostile())
    p = open_page(shown)
    assert p.evaluate("document.querySelectorAll('script').length") == 2
    assert p.evaluate("document.images.length") == 0
    show_table(p)
    assert sorted(table(p)) == sorted(n["name"] for n in shown.trace.record["nodes"])
    typeset = [row.text_content().replace("\xa0", " ") for row in p.query_selector_all("tbody th")]
    assert {"</script><script>alert(…(1)", "__proto__", "{x} {0} ‹{1}› $& ${y}"} <= set(typeset)
    for frame in shown.trace.frames():
        assert (title(p), lines(p)) == (frame.title, frame.lines)
        p.keyboard.press("ArrowRight")


def colour(p, selector, property="color"):
    return p.evaluate(f"getComputedStyle(document.querySelector({selector!r})).{property}")


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(13, 17, 23)")])
def test_light_and_dark(open_page, scheme, paper):
    p = open_page(g1(), color_scheme=scheme)
    assert colour(p, ".chainrule-stepper", "backgroundColor") == paper
    assert colour(p, "svg > rect", "fill") == paper
    p.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    p.wait_for_selector(f".chainrule-stepper:not([data-theme={scheme}])")
    assert colour(p, ".chainrule-stepper", "backgroundColor") != paper


def test_a_narrow_page_is_stacked(open_page):
    p = open_page(stepper(parse("a*b", a=2, b=3)))
    place = "(s) => { const r = document.querySelector(s).getBoundingClientRect(); return [r.left, r.top, r.bottom]; }"
    graph, ledger = p.evaluate(place, ".graph"), p.evaluate(place, ".ledger")
    assert ledger[0] > graph[0]
    p.set_viewport_size({"width": 420, "height": 800})
    p.wait_for_selector(".stage.stacked")
    graph, ledger = p.evaluate(place, ".graph"), p.evaluate(place, ".ledger")
    assert ledger[1] >= graph[2]
    assert p.evaluate("document.documentElement.scrollWidth") <= 420


def test_reduced_motion(open_page):
    p = open_page(g1(), reduced_motion="reduce")
    assert colour(p, "svg g[id^=e] path", "transitionDuration") == "0s"


def test_a_screen_reader_hears_each_step(open_page):
    p = open_page(g1())
    assert p.get_attribute(".aloud", "aria-live") == "polite"
    go(p, 9)
    assert p.text_content(".aloud") == (
        "backward: u → b. ∂J/∂b = ∂J/∂u · ∂u/∂b. u = b·c  ⇒  ∂u/∂b = c = 2. 3 × 2 = 6. b.grad: 0 + 6 → 6. "
        "When b grows by a small ε, u changes by 2·ε, and J by 3 times that: 6·ε."
    )
    assert p.get_attribute("[type=range]", "aria-valuetext") == "step 9 of 10: backward: u → b"
    assert p.get_attribute(".chainrule-stepper", "aria-label").startswith("Steps of backprop through the graph of J")


def test_a_function_is_stepped_offline_too(open_page):
    p = open_page(stepper(lambda a, b, c: 3 * (a + b * c), a=5, b=3, c=2))
    p.keyboard.press("End")
    show_table(p)
    type_leaf(p, "c", 1)
    assert table(p)["b"] == "3"


# --- mathematics ------------------------------------------------------------------------------------------------


def test_a_derivative_is_a_fraction_and_indices_stand_low(open_page):
    p = open_page(stepper(parse("w1*x + w[2]_3", **{"w1": 2, "x": 3, "w[2]_3": -1})))
    p.keyboard.press("End")
    first = p.query_selector(".line math")
    bar = first.query_selector("mfrac").bounding_box()
    above, below = (part.bounding_box() for part in first.query_selector_all("mfrac > mrow"))
    assert above["y"] + above["height"] <= below["y"] + 1
    assert bar["height"] > 1.5 * above["height"]


def test_long_lines_are_broken(open_page):
    p = open_page(stepper(network(2, 2, 1)), viewport={"width": 390, "height": 800})
    for _ in range(60):
        p.keyboard.press("ArrowRight")
        assert p.evaluate("document.documentElement.scrollWidth") <= 390
    go(p, 29)
    maths = p.query_selector_all(".line:nth-child(2) math")
    assert maths[-1].bounding_box()["y"] > maths[0].bounding_box()["y"] + 20


def clipboard(p):
    return p.evaluate("navigator.clipboard.readText()")


def test_a_line_and_all_steps_are_copied_as_latex(open_page):
    shown = g1()
    p = open_page(shown, permissions=["clipboard-read", "clipboard-write"])
    p.keyboard.press("End")
    p.hover(".line >> nth=0")
    p.click(".line .copy >> nth=0")
    p.wait_for_selector(".copy.done")
    assert clipboard(p) == frames(shown.trace.record, form="latex")[-1].lines[0]
    button(p, "copy all steps as LaTeX").click()
    p.wait_for_selector(".settings .copy.done")
    assert clipboard(p) == align(shown.trace.record)


def test_what_is_selected_is_copied_as_text(open_page):
    shown = g1()
    p = open_page(shown, permissions=["clipboard-read", "clipboard-write"])
    p.keyboard.press("End")
    p.evaluate("getSelection().selectAllChildren(document.querySelector('.lines'))")
    p.keyboard.press("Control+c")
    assert clipboard(p).splitlines() == shown.trace.frames()[-1].lines
