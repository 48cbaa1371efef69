"""A drawing in a cell of a notebook: a page in a frame that zooms, pans, and says the details of what is pointed at."""

from __future__ import annotations

import base64
import re

import pytest
from chromium import page as new_page
from steppers import hostile, network

from autograd import Value, parse
from viz import draw


def g1():
    J = parse("u = b*c; v = a + u; J = 3*v", a=5, b=3, c=2)
    J.backward()
    return J


def html(root, **options):
    return draw(root, **options)._repr_mimebundle_()["text/html"]


@pytest.fixture
def shown(chromium, tmp_path):
    """A function that opens a page with a drawing, as a trusted notebook has it; what is in its frame, and the page."""
    opened = []

    def show(root, **options):
        path = tmp_path / "cell.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body style='width: 900px'>{html(root)}", encoding="utf-8")
        context = new_page(chromium, viewport={"width": 1000, "height": 800}, **options)
        page = context.__enter__()
        opened.append(context)
        page.goto(path.as_uri())
        frame = page.frame_locator("iframe.chainrule-frame")
        frame.locator(".drawn .view").wait_for()
        return frame, page

    yield show
    for context in opened:
        context.__exit__(None, None, None)


def size(frame):
    return frame.locator(".graph > svg").evaluate("svg => svg.getBoundingClientRect().width")


def scrolled(frame):
    return frame.locator(".graph").evaluate("graph => [graph.scrollLeft, graph.scrollTop]")


# --- what a cell gets -----------------------------------------------------------------------------------


def test_readers_without_frames_get_the_svg():
    drawing = draw(g1())
    bundle = drawing._repr_mimebundle_()
    assert list(bundle) == ["text/html", "image/svg+xml", "text/plain"]
    assert bundle["image/svg+xml"] == drawing.svg
    picture = re.search(
        r'<iframe [^>]*><img src="data:image/svg\+xml;base64,([^"]+)"[^>]*></iframe>', bundle["text/html"]
    )
    assert base64.b64decode(picture[1]).decode() == drawing.svg
    assert 'sandbox="allow-scripts"' in bundle["text/html"]


def test_saved_pictures_have_no_script(tmp_path):
    assert "<script" not in draw(g1()).save(tmp_path / "x.svg").read_text(encoding="utf-8")


def test_a_frame_is_as_high_as_its_graph_but_never_larger_than_a_screen():
    def height(root):
        return int(re.search(r"height: (\d+)px", html(root))[1])

    assert 150 < height(Value(1.0, "x")) < 220
    assert 250 < height(g1()) < 400
    assert height(network(2, 8, 8, 1)) == 640


# --- in a browser ---------------------------------------------------------------------------------------


def test_what_is_pointed_at_says_its_details(shown):
    frame, _ = shown(g1())
    details = frame.locator(".details")
    frame.locator("#n3").hover()
    assert details.inner_text() == "u: × (*), data 6.0, grad 3.0"
    frame.locator("#l0").hover()
    assert details.inner_text() == "∂u/∂b = 2.0; 2.0 × 3.0 = 6.0 flows back to b"
    assert frame.locator(".pointed").get_attribute("id") == "e0"
    assert frame.locator("svg title").count() == 0


def test_the_keyboard_reaches_every_node(shown):
    frame, page = shown(g1())
    frame.locator("#n0").focus()
    said = []
    for _ in range(7):
        said.append(frame.locator(".details").inner_text().split(",")[0])
        page.keyboard.press("Tab")
    assert said == ["a: input", "b: input", "c: input", "u: × (*)", "v: + (+)", "constant", "J: × (*)"]


def test_a_drawing_zooms(shown):
    frame, page = shown(g1())
    before = size(frame)
    frame.locator('button[aria-label="larger"]').click()
    assert size(frame) == pytest.approx(1.25 * before, rel=0.01)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert size(frame) < before
    page.keyboard.press("0")
    assert size(frame) == before
    frame.locator("#n3").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -25)
    page.keyboard.up("Control")
    frame.locator(f".graph > svg:not([width='{before:.0f}'])").wait_for()
    assert size(frame) > before


def test_a_large_drawing_is_readable_and_pans(shown):
    frame, page = shown(network(2, 8, 8, 1))
    scale = frame.locator(".graph > svg").evaluate(
        "svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"
    )
    assert 10 * scale >= 9
    assert frame.locator(".minimap.shown").count() == 1
    frame.locator(".graph").hover()
    page.mouse.down()
    page.mouse.move(300, 250, steps=4)
    page.mouse.up()
    assert max(scrolled(frame)) > 0
    left, top = scrolled(frame)
    page.keyboard.press("Shift+ArrowDown")
    assert scrolled(frame) == [left, top + 80]


def test_a_small_drawing_is_seen_whole(shown):
    frame, _ = shown(
        g1(),
    )
    assert frame.locator(".minimap.shown").count() == 0
    assert frame.locator(".graph").evaluate("g => g.scrollHeight <= g.clientHeight && g.scrollWidth <= g.clientWidth")


def test_arrows_are_as_wide_as_in_the_svg(shown):
    frame, _ = shown(g1())
    wide = frame.locator("g[id^=e] path").evaluate_all(
        "paths => paths.map((p) => parseFloat(getComputedStyle(p).strokeWidth))"
    )
    assert wide == pytest.approx(draw(g1()).picture.strokes, abs=0.06)


def test_it_is_dark_where_the_reader_wants_that(shown):
    frame, _ = shown(g1(), color_scheme="dark")
    paper = frame.locator(".graph > svg > rect").first.evaluate("rect => getComputedStyle(rect).fill")
    assert paper == "rgb(13, 17, 23)"


def test_labels_are_text(shown):
    frame, page = shown(hostile())
    page.on("dialog", lambda _: pytest.fail("a label ran"))
    drawing = draw(hostile())
    for number in (1, 3, 11):
        frame.locator(f"#n{number}").focus()
        assert frame.locator(".details").evaluate("each => each.textContent") == drawing.picture.boxes[number].tooltip
    assert frame.locator("img, script:not([type=module])").count() == 0


def test_the_title_is_text():
    (tag,) = re.findall("<iframe [^>]*>", html(Value(1.0, "x"), title="<b>&"))
    assert 'title="&lt;b&gt;&amp;"' in tag
