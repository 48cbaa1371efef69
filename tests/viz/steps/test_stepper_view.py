"""What is in view: the graph is readable, whatever it is; graph, words and controls stand on one screen."""

import os

import pytest
from chromium import PATIENCE
from steppers import g1, g2, network

import nn
from autograd import Value
from viz import draw
from viz.steps.stepper import stepper


def classifier():
    return stepper(nn.bce(nn.MLP(2, [2, 1], "sigmoid", seed=1)([Value(0.5, "x1"), Value(-1.0, "x2")]), Value(1.0, "y")))


def chain():
    y = Value(0.5, "x")
    for _ in range(25):
        y = (y * 1.01).tanh()
    return stepper(y)


def fan_out_20():
    x = Value(0.5, "x")
    return stepper(sum((x * Value(i + 1.0, f"w{i + 1}") for i in range(20)), Value(0.0, "b")))


def sum_of_60():
    return stepper(sum((Value(float(i), f"x{i + 1}") for i in range(1, 60)), Value(0.0, "x1")))


def softmax():
    scores = [Value(number, f"z{i + 1}") for i, number in enumerate([1.0, 2.0, 0.5])]
    return stepper(nn.cross_entropy_with_logits(scores, 1))


def large():
    return stepper(network(2, 16, 16, 1))


GRAPHS = {
    "3(a+bc)": g1,
    "logistic regression": g2,
    "2-2-1 with bce": classifier,
    "2-16-16-1 at a neuron": large,
    "chain of 50": chain,
    "fan-out 20": fan_out_20,
    "sum of 60": sum_of_60,
    "softmax": softmax,
}
SCREENS = [(1280, 720), (1366, 768)]


@pytest.fixture
def on_screen(open_page):
    """Opens a stepper's page on a screen of this size."""

    def on_screen(shown, size=(1280, 720), **options):
        width, height = size
        return open_page(
            shown, **{"reduced_motion": "reduce", "viewport": {"width": width, "height": height}} | options
        )

    return on_screen


def open_graph(on_screen, name, size=(1280, 720)):
    p = on_screen(GRAPHS[name](), size)
    if name == "2-16-16-1 at a neuron":
        p.click("svg [role=button]:has-text('layer2')")
        p.click("svg [role=button]:has-text('neuron3')")
    return p


def smallest_text(p):
    """CSS pixels of the smallest text in the graph."""
    return p.evaluate("""() => Math.min(...[...document.querySelectorAll('.graph text')].map((text) =>
        parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))""")


def outside(p):
    """What is not whole on the screen, of what has to be."""
    return p.evaluate("""() => ['graph', 'ledger', 'head', 'controls', 'words', 'buttons', 'counter'].filter((name) => {
        const { left, top, right, bottom, width, height } = document.querySelector(`.${name}`).getBoundingClientRect();
        return !(width > 0 && height > 0 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight);
    })""")


def scrolls(p):
    return p.evaluate("""() => { const { scrollWidth, scrollHeight } = document.scrollingElement;
        return scrollWidth > innerWidth || scrollHeight > innerHeight }""")


def scroll(p):
    return p.evaluate("(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop])(document.querySelector('.graph'))")


def scale(p):
    return p.evaluate("""() => { const svg = document.querySelector('.graph > svg');
        return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width }""")


def in_frame(p, selector=".graph .current:not([id^=e])"):
    """Whether a box is in the frame, whole."""
    return p.evaluate(
        """(selector) => { const frame = document.querySelector('.graph').getBoundingClientRect();
        return [...document.querySelectorAll(selector)].every((box) => { const r = box.getBoundingClientRect();
            return r.left >= frame.left && r.right <= frame.right &&
                r.top >= frame.top && r.bottom <= frame.bottom; }) }""",
        selector,
    )


def visible(p, name):
    return p.get_by_role("button", name=name, exact=True).is_visible()


def press(p, name):
    p.get_by_role("button", name=name, exact=True).click()


FOLLOW = "follow"


# --- readable, and in view --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SCREENS, ids=str)
@pytest.mark.parametrize("name", GRAPHS)
def test_all_is_in_view_and_readable(on_screen, name, size):
    p = open_graph(on_screen, name, size)
    assert smallest_text(p) >= 14
    assert scale(p) <= 2.01  # sizes are rounded up
    for key in ("ArrowRight", "End", "ArrowLeft"):
        p.keyboard.press(key)
        assert in_frame(p)
        assert smallest_text(p) >= 14  # badges, too
        assert outside(p) == []
        assert not scrolls(p)


def test_in_a_cell_a_small_graph_is_seen_whole(on_screen):
    p = open_graph(on_screen, "3(a+bc)", (960, 640))
    assert 10 <= smallest_text(p) < 14
    frame = p.locator(".graph")
    assert frame.evaluate("(e) => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")
    p.set_viewport_size({"width": 700, "height": 640})  # too narrow: it is readable, and pans
    p.wait_for_function("document.querySelector('.graph').scrollWidth > document.querySelector('.graph').clientWidth")
    for _ in range(PATIENCE // 100):  # it is arranged anew some frames after the window has another size
        if smallest_text(p) >= 14:
            break
        p.wait_for_timeout(100)
    assert smallest_text(p) >= 14


MANY = 100  # steps; of a longer walk every fifth is looked at, with pytest's option --all every one


def steps_that_scroll(p):
    """The steps, by number, whose words are not in the ledger as a whole."""
    return p.evaluate(
        """([most, stride]) => {
        const ledger = document.querySelector('.ledger');
        const slider = document.querySelector('[type=range]');
        const count = Number(document.querySelector('.counter').textContent.split('/')[1]);
        const cut = [];
        for (let i = 0; i < count; i += count > most ? stride : 1) {
            slider.value = i;
            slider.dispatchEvent(new Event('input'));
            const isWide = (line) => line.scrollWidth > line.clientWidth;
            const lines = [...ledger.querySelectorAll('[role=math]')];
            if (ledger.scrollHeight > ledger.clientHeight || lines.some(isWide)) cut.push(i + 1);
        }
        return cut; }""",
        [MANY, 1 if "ALL_GRAPHS" in os.environ else 5],
    )


SMALL = ["3(a+bc)", "logistic regression", "2-2-1 with bce", "softmax"]


@pytest.mark.parametrize(
    ("name", "size"), [(name, SCREENS[0]) for name in GRAPHS] + [(name, SCREENS[1]) for name in SMALL], ids=str
)
def test_the_words_of_each_step_are_in_view(on_screen, name, size):
    p = open_graph(on_screen, name, size)
    assert steps_that_scroll(p) == []
    p.keyboard.press("End")
    assert p.inner_text(".counter").split(" / ")[0] == p.inner_text(".counter").split(" / ")[1]
    p.keyboard.press("f")
    p.wait_for_function("document.fullscreenElement !== null")
    assert steps_that_scroll(p) == []
    assert p.locator(".trial").count() == 0


@pytest.mark.parametrize("name", GRAPHS)
def test_lecture_mode(on_screen, name):
    p = open_graph(on_screen, name)
    p.keyboard.press("f")
    p.wait_for_selector(".lecture")
    p.wait_for_function("document.fullscreenElement !== null")
    p.keyboard.press("End")
    assert smallest_text(p) >= 18
    assert p.locator(".lines > div").first.evaluate("(line) => parseFloat(getComputedStyle(line).fontSize)") >= 22
    assert in_frame(p)
    assert outside(p) == []
    assert not p.locator(".settings").is_visible()
    press(p, "settings")
    assert p.locator(".settings").is_visible()
    assert outside(p) == []
    p.keyboard.press("f")
    p.wait_for_function("document.fullscreenElement === null")
    assert p.locator(".lecture:not(button)").count() == 0
    assert p.locator(".settings").is_visible()


def test_lecture_mode_where_full_screen_is_not_allowed(on_screen):
    p = on_screen(g1())
    p.evaluate("() => { Element.prototype.requestFullscreen = () => Promise.reject(new Error()) }")
    press(p, "lecture")
    assert p.locator("section.lecture").bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
    p.keyboard.press("Escape")
    assert p.locator("section.lecture").count() == 0


@pytest.mark.parametrize("name", ["3(a+bc)", "2-2-1 with bce"])
def test_panel_table_and_legend_push_nothing_away(on_screen, name):
    p = open_graph(on_screen, name)
    graph = p.locator(".graph").bounding_box()
    controls = p.locator(".controls").bounding_box()
    p.click("summary")
    p.locator(".graph [role=button]").first.click()
    press(p, "legend")
    assert "arrived" in p.locator(".legend").inner_text()
    assert p.locator(".panel").is_visible()
    assert outside(p) == []
    assert not scrolls(p)
    assert p.locator(".graph").bounding_box()["height"] == graph["height"]
    assert p.locator(".controls").bounding_box() == controls
    press(p, "legend")
    assert not p.locator(".legend").is_visible()


def test_a_graph_stands_where_more_of_it_is_in_view(on_screen):
    p = on_screen(g1())
    assert p.locator(".ledger").bounding_box()["y"] > p.locator(".graph").bounding_box()["y"]
    q = on_screen(fan_out_20())
    assert q.locator(".ledger").bounding_box()["y"] == q.locator(".graph").bounding_box()["y"]


# --- zoom and pan -----------------------------------------------------------------------------------------------


def test_zoom(on_screen):
    p = on_screen(g1())
    fitted = scale(p)
    assert not visible(p, FOLLOW)
    p.keyboard.press("+")
    assert scale(p) == pytest.approx(1.25 * fitted, rel=1e-3)
    p.keyboard.press("-")
    press(p, "smaller")
    assert scale(p) == pytest.approx(fitted / 1.25, rel=1e-3)
    press(p, "larger")
    press(p, "larger")
    assert p.locator(".percent").inner_text() == f"{round(125 * fitted)}%"
    p.keyboard.press("0")
    assert scale(p) == pytest.approx(fitted)
    assert p.inner_text(".counter").startswith("1 /")


def test_a_wheel_with_ctrl_zooms_where_it_points(on_screen):
    p = on_screen(chain())
    p.mouse.move(400, 200)
    under = """() => { const { x, y } = new DOMPoint(400, 200).matrixTransform(
        document.querySelector('.graph > svg').getScreenCTM().inverse()); return [x, y] }"""
    before, size = p.evaluate(under), scale(p)
    p.keyboard.down("Control")
    p.mouse.wheel(0, -100)
    p.keyboard.up("Control")
    p.wait_for_function(
        "(size) => document.querySelector('.percent').textContent !== size", arg=f"{round(100 * size)}%"
    )
    assert scale(p) > size
    assert p.evaluate(under) == pytest.approx(before, abs=1.5)


def test_a_wheel_pans_and_a_graph_that_is_only_wide_goes_sidewards(on_screen):
    p = on_screen(g1())
    for _ in range(2):
        p.keyboard.press("+")
    assert scroll(p)[0] > 0
    p.mouse.move(400, 200)
    q = on_screen(fan_out_20())
    start = scroll(q)
    q.mouse.move(400, 300)
    q.mouse.wheel(150, 100)
    q.wait_for_function("document.querySelector('.graph').scrollLeft > 0")
    assert scroll(q)[1] >= start[1]
    strip = on_screen(stepper(Value(2.0, "x").tanh().tanh().tanh().tanh().tanh().tanh().tanh().tanh()))
    assert strip.evaluate("((g) => g.scrollHeight <= g.clientHeight)(document.querySelector('.graph'))")
    strip.mouse.move(400, 200)
    strip.mouse.wheel(0, 100)
    strip.wait_for_function("document.querySelector('.graph').scrollLeft > 0")


def test_keys_and_dragging_pan_and_follow_brings_it_back(on_screen):
    p = on_screen(chain())
    p.keyboard.press("End")
    assert in_frame(p)
    start = scroll(p)
    p.keyboard.press("Shift+ArrowRight")
    assert scroll(p)[0] == start[0] + 80
    assert p.inner_text(".counter").split(" / ")[0] == p.inner_text(".counter").split(" / ")[1]
    p.mouse.move(500, 200)
    p.mouse.down()
    p.mouse.move(200, 190, steps=4)
    p.mouse.up()
    assert scroll(p)[0] == start[0] + 380
    assert p.locator(".panel").is_hidden()
    follow = p.get_by_role("button", name=FOLLOW)
    assert follow.get_attribute("aria-pressed") == "false"
    for _ in range(20):
        p.keyboard.press("ArrowLeft")
    assert scroll(p)[0] == start[0] + 380
    follow.click()
    assert in_frame(p)
    assert follow.get_attribute("aria-pressed") == "true"
    for _ in range(20):
        p.keyboard.press("ArrowLeft")
        assert in_frame(p)


def test_following_is_smooth_and_arrives(on_screen):
    p = on_screen(chain(), reduced_motion="no-preference")
    p.keyboard.press("End")
    p.keyboard.press("Home")
    for _ in range(12):
        p.keyboard.press("ArrowRight")
    p.wait_for_function("""() => { const frame = document.querySelector('.graph').getBoundingClientRect();
        const box = document.querySelector('.graph [id^=n].current').getBoundingClientRect();
        return box.left >= frame.left && box.right <= frame.right &&
            box.top >= frame.top && box.bottom <= frame.bottom }""")


def test_two_fingers_pinch(on_screen):
    p = on_screen(g1())
    before = scale(p)
    p.evaluate("""() => {
        const graph = document.querySelector('.graph');
        graph.setPointerCapture = () => {}; // of pointers that a script invents there is none
        const touch = (type, pointerId, clientX) =>
            graph.dispatchEvent(new PointerEvent(
                type, { pointerId, pointerType: 'touch', clientX, clientY: 200, bubbles: true }));
        touch('pointerdown', 1, 300); touch('pointerdown', 2, 400);
        touch('pointermove', 2, 500); touch('pointerup', 1, 300); touch('pointerup', 2, 500);
    }""")
    assert scale(p) == pytest.approx(2 * before, rel=1e-3)


def test_a_click_that_is_no_drag_picks(on_screen):
    p = on_screen(chain())
    p.locator(".graph [role=button]").first.click()
    assert p.locator(".panel").is_visible()


# --- the map, groups --------------------------------------------------------------------------------------------


def test_the_map(on_screen):
    p = on_screen(g1())
    assert not p.locator(".minimap").is_visible()
    p = on_screen(fan_out_20())
    boxes = p.locator(".graph [id^=n]").count()
    assert p.locator(".minimap g rect").count() == boxes
    p.keyboard.press("End")
    assert p.locator(".minimap .current").count() == 1
    place = p.locator(".minimap").bounding_box()
    p.mouse.move(place["x"] + place["width"] - 5, place["y"] + place["height"] / 2)
    p.mouse.down()
    right = scroll(p)[0]
    p.mouse.move(place["x"] + 5, place["y"] + place["height"] / 2, steps=3)
    p.mouse.up()
    assert right > 1000
    assert scroll(p)[0] == 0
    shown = p.locator(".minimap .window").evaluate(
        "(r) => [Number(r.getAttribute('x')), Number(r.getAttribute('width'))]"
    )
    assert shown[0] <= 0
    assert shown[1] == pytest.approx(p.locator(".graph").evaluate("(g) => g.clientWidth") / scale(p), rel=1e-3)


def test_the_map_covers_no_box_of_the_step(on_screen):
    p = on_screen(g2())
    covered = """() => { const map = document.querySelector('.minimap').getBoundingClientRect();
        return [...document.querySelectorAll('.graph [id^=n]:is(.current, .source)')].some((box) => {
            const r = box.getBoundingClientRect();
            return r.left < map.right && r.right > map.left && r.top < map.bottom && r.bottom > map.top }) }"""
    for _ in range(34):
        p.keyboard.press("ArrowRight")
        assert not p.evaluate(covered)


def test_the_map_covers_no_unit_of_the_step_and_no_heading(on_screen):
    model = nn.MLP(2, [16, 16, 1], "tanh", seed=1)
    p = on_screen(draw(model, x=[0.5, -1.0], y=1.0).stepper, (900, 560))
    assert p.locator(".minimap.shown").count() == 1
    covered = """() => { const map = document.querySelector('.minimap').getBoundingClientRect();
        const headings = [...document.querySelectorAll('.graph text')].filter((text) => !text.closest('[id]:not(svg)'));
        return [...document.querySelectorAll('.graph [id^=n].current'), ...headings].filter((box) => {
            const r = box.getBoundingClientRect();
            return r.left < map.right && r.right > map.left && r.top < map.bottom && r.bottom > map.top;
        }).map((box) => box.textContent) }"""
    for _ in range(60):
        p.keyboard.press("ArrowRight")
        assert p.evaluate(covered) == []


def test_a_group_that_opens_comes_into_view(on_screen):
    p = on_screen(large())
    p.keyboard.press("End")
    p.click("svg [role=button]:has-text('layer2')")
    p.click("svg [role=button]:has-text('neuron16')")
    assert p.evaluate("document.activeElement.className").startswith("chainrule-stepper")
    assert p.evaluate("""() => { const frame = document.querySelector('.graph').getBoundingClientRect();
        const box = document.querySelector('.graph [aria-label^="a[2]_16,"]').getBoundingClientRect();
        return box.top >= frame.top && box.bottom <= frame.bottom }""")
    assert not scrolls(p)
    press(p, "all closed")
    assert p.locator(".graph [role=button]:has-text('neuron16')").count() == 0


def test_all_open(on_screen):
    p = on_screen(stepper(network(2, 4, 4, 1)))
    press(p, "all open")
    assert p.locator(".graph rect[stroke-width='2']").count() == 0  # no group is left
    assert smallest_text(p) >= 14
    press(p, "all closed")
    assert p.locator(".graph [role=button]:has-text('layer1')").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_legend_shows_the_colours_of_the_graph(on_screen, scheme):
    p = on_screen(g1(), color_scheme=scheme)
    press(p, "legend")
    fill = "(selector) => getComputedStyle(document.querySelector(selector)).fill"
    assert p.evaluate(fill, ".legend ellipse") == p.evaluate(fill, ".graph ellipse")
