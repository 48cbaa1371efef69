"""axe-core over all pages that we write: nothing serious, light and dark, on a phone and on a desk; keys are enough."""

import pytest
from axe import faults
from chromium import page
from steppers import fan_out, g1, g2, network

import nn
from autograd import parse
from viz import draw, playground
from viz.steps.stepper import stepper

LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (390, 1280)]


def opened_scopes(p):
    p.click("svg [role=button] >> nth=0")


def predicting(p):
    p.keyboard.press("p")
    p.keyboard.press("ArrowRight")
    p.keyboard.type("100")
    p.keyboard.press("Enter")


def a_choice(p):
    p.keyboard.press("p")
    for _ in range(60):
        if p.locator(".choices button").count():
            return
        reveal = p.get_by_role("button", name="show it")
        if reveal.is_visible():
            reveal.click()
        p.keyboard.press("Enter")
    pytest.fail("no question has choices")


def everything_open(p):
    p.keyboard.press("End")
    p.get_by_role("button", name="legend").click()
    p.click("summary")
    p.fill('input[aria-label="a, value"]', "two")
    p.keyboard.press("Enter")
    p.fill('input[aria-label="b, value"]', "2")
    p.keyboard.press("Enter")
    p.click('svg [aria-label^="a,"] >> nth=0')


def nudged(p):
    p.focus('svg [aria-label^="a,"]')
    p.keyboard.down("n")


STATES = {
    "start": (g1, lambda p: p.keyboard.press("Home")),
    "in the middle": (fan_out, lambda p: [p.keyboard.press("ArrowRight") for _ in range(7)]),
    "all done": (g2, lambda p: p.keyboard.press("End")),
    "large": (lambda: stepper(network(2, 16, 16, 1)), lambda p: p.keyboard.press("End")),
    "scopes": (lambda: stepper(network(2, 4, 1)), opened_scopes),
    "prediction": (g1, predicting),
    "choice": (g2, a_choice),
    "help": (g1, lambda p: p.keyboard.press("?")),
    "lecture": (g1, lambda p: p.keyboard.press("f")),
    "table, panel, legend": (fan_out, everything_open),
    "nudge": (fan_out, nudged),
    "network": (
        lambda: draw(nn.MLP(2, [2, 1], "tanh", seed=1), x=[0.5, -1.0], y=1.0),
        lambda p: p.keyboard.press("End"),
    ),
    "playground": (lambda: playground(hidden=(3,), seed=4), lambda p: p.get_by_label("one epoch").click()),
}


@pytest.mark.parametrize("state", STATES)
def test_no_serious_fault(open_page, state):
    make, act = STATES[state]
    shown = make()
    found = {}
    for scheme, width in LOOKS:
        p = open_page(shown, color_scheme=scheme, reduced_motion="reduce", viewport={"width": width, "height": 800})
        act(p)
        found[scheme, width] = "\n".join(faults(p))
    assert found == dict.fromkeys(LOOKS, ""), "\n".join(found.values())


@pytest.mark.parametrize("look", LOOKS)
def test_no_serious_fault_in_a_drawing(chromium, tmp_path, look):
    scheme, width = look
    path = tmp_path / "cell.html"
    html = draw(parse("d = a*b; e = a + b; J = d*e", a=-2, b=3))._repr_mimebundle_()["text/html"]
    path.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>A cell</title><main><h1>A cell</h1>{html}</main>",
        encoding="utf-8",
    )
    with page(chromium, color_scheme=scheme, viewport={"width": width, "height": 800}) as p:
        p.goto(path.as_uri())
        frame = p.frame_locator("iframe.chainrule-frame")
        frame.locator(".drawn .view").wait_for()
        assert faults(p.frames[1]) == []


# --- keys are enough ------------------------------------------------------------------------------------------

NAMES = (
    "(e) => e === document.body ? '' : (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent)"
)
FOCUSED = f"""() => {{
    const e = document.activeElement;
    const {{ outlineStyle, outlineWidth }} = getComputedStyle(e);
    const isSeen = outlineStyle !== 'none' && outlineWidth !== '0px';
    return [({NAMES})(e), isSeen];
}}"""


def title(p):
    return p.get_attribute(".title", "data-text")


def name_of_focused(p):
    """What has the focus, by its name; "" if nothing has it."""
    p.evaluate("() => new Promise(requestAnimationFrame)")  # a browser looks then whether it is still to be seen
    return p.evaluate(FOCUSED)[0]


def tab_to(p, name, most=60):
    """Press Tab until what is called so has the focus; on the way, what has it is to be seen."""
    for _ in range(most):
        p.keyboard.press("Tab")
        reached, is_seen = p.evaluate(FOCUSED)
        assert is_seen or reached == "", reached
        if reached.startswith(name):
            return
    pytest.fail(f"Tab does not come to {name}")


def test_keys_alone_step_predict_open_edit_and_close(open_page):
    p = open_page(g1())
    p.keyboard.press("ArrowRight")
    p.keyboard.press("ArrowRight")
    assert title(p) == "forward: v"
    p.keyboard.press("p")
    p.keyboard.type("11")
    p.keyboard.press("Enter")
    assert p.inner_text(".verdict").startswith("✓")
    p.keyboard.press("Enter")
    assert title(p) == "forward: J"
    p.keyboard.press("Escape")
    assert not p.is_visible(".quiz")
    tab_to(p, "a, data 5")
    p.keyboard.press("Enter")
    assert p.is_visible(".panel")
    tab_to(p, "7: backward: v → a")
    p.keyboard.press("Enter")
    assert title(p) == "backward: v → a"
    assert name_of_focused(p) == "7: backward: v → a"
    tab_to(p, "close")
    p.keyboard.press("Enter")
    assert not p.is_visible(".panel")
    assert name_of_focused(p).startswith("a, data 5")
    tab_to(p, "values and gradients")
    p.keyboard.press("Enter")
    tab_to(p, "a, value")
    p.keyboard.press("Control+a")
    p.keyboard.type("7")
    p.keyboard.press("Enter")
    assert p.locator('[aria-label^="a, data 7"]').count() == 1
    assert name_of_focused(p) == "a, value"
    tab_to(p, "original numbers")
    p.keyboard.press("Enter")
    assert p.locator('[aria-label^="a, data 5"]').count() == 1
    assert name_of_focused(p) == "values and gradients"


def test_keys_alone_open_and_close_what_stands_beside(open_page):
    p = open_page(g1())
    for name in ("play", "legend", "copy as LaTeX"):
        tab_to(p, name)
        p.keyboard.press("?")
        assert p.get_by_role("dialog").is_visible()
        p.keyboard.press("Escape")
        assert name_of_focused(p) == name
    tab_to(p, "keys")
    p.keyboard.press("Enter")
    assert name_of_focused(p) == "close"
    p.keyboard.press("Enter")
    assert name_of_focused(p) == "keys"
    tab_to(p, "legend")
    p.keyboard.press("Enter")
    assert p.is_visible("section.legend")
    tab_to(p, "lecture")
    p.keyboard.press("Enter")
    assert p.locator(".chainrule-stepper.lecture").count() == 1
    tab_to(p, "settings")
    p.keyboard.press("Enter")
    p.get_by_role("checkbox", name="predict").focus()
    p.keyboard.press("f")
    p.keyboard.press("f")
    assert p.get_by_role("checkbox", name="predict").is_visible()
    p.keyboard.press("Escape")
    assert p.locator(".chainrule-stepper.lecture").count() == 0
    assert name_of_focused(p) != ""


@pytest.mark.parametrize(("button", "back"), [("forward", "ArrowLeft"), ("last", "ArrowLeft"), ("back", "ArrowRight")])
def test_at_the_ends_a_button_hands_the_focus_on(open_page, button, back):
    p = open_page(g1())
    p.keyboard.press("End" if back == "ArrowLeft" else "Home")
    p.keyboard.press(back)
    before = title(p)
    p.get_by_role("button", name=button, exact=True).press("Enter")
    assert name_of_focused(p) == "step"
    p.keyboard.press(back)
    assert title(p) == before


def test_what_begins_anew_keeps_the_focus(open_page):
    p = open_page(g1())
    p.keyboard.press("p")
    p.keyboard.press("ArrowRight")
    p.keyboard.type("1")
    p.keyboard.press("Enter")
    tab_to(p, "reset")
    p.keyboard.press("Enter")
    assert name_of_focused(p) == "your prediction of u"


def test_a_group_is_opened_and_left_by_keys_and_the_focus_stays(open_page):
    p = open_page(stepper(network(2, 4, 1)))
    p.get_by_role("button", name="all closed").focus()
    p.keyboard.press("Enter")
    assert name_of_focused(p) != ""
    p.locator("svg [role=button]", has_text="layer1").first.focus()
    p.keyboard.press("Enter")
    assert p.inner_text(".trail [aria-current]") == "layer1"
    assert name_of_focused(p) != ""
    p.keyboard.press("ArrowRight")
    assert p.inner_text(".counter").startswith("2 /")


def test_nothing_moves_where_that_is_not_wanted(open_page):
    p = open_page(g1(), reduced_motion="reduce")
    for _ in range(9):
        p.keyboard.press("ArrowRight")
        assert p.locator(".traveller").count() == 0
    moving = "() => document.getAnimations().filter((each) => each.playState === 'running').length"
    assert p.evaluate(moving) == 0


# --- the site -------------------------------------------------------------------------------------------------

PANES = ["Steps", "Picture", "Table", "Derivation", "LaTeX", "Check"]


@pytest.mark.parametrize("look", LOOKS)
def test_no_serious_fault_in_the_page(visit, look):
    scheme, width = look
    p = visit("try/", color_scheme=scheme, reduced_motion="reduce", viewport={"width": width, "height": 800})
    p.get_by_text("Python: ready").wait_for()
    p.fill("#lines", "da = 3\ndb = 3b")
    p.locator("summary").first.click()
    frame = p.frame_locator("#view")
    for pane in PANES:
        frame.get_by_role("tab", name=pane, exact=True).click()
        frame.locator("[role=tabpanel]:not([hidden]) > *").first.wait_for()
        p.get_by_text("Python: ready").wait_for()
        assert (pane, faults(p), faults(p.frames[1])) == (pane, [], [])
    p.check("input[value=python]")
    p.fill("#code", "print(1)\nx")
    p.click("#run")
    frame.get_by_text("NameError").first.wait_for()
    assert (faults(p), faults(p.frames[1])) == ([], [])


@pytest.mark.parametrize("look", LOOKS)
def test_no_serious_fault_in_the_page_of_the_course(visit, look):
    scheme, width = look
    p = visit("course/", color_scheme=scheme, viewport={"width": width, "height": 800})
    assert faults(p) == []
