"""A page's address has its step; printed, a page is a sheet of all steps."""

import pytest
from chromium import page
from steppers import g1, g2

from viz.steps.bundle import script


@pytest.fixture
def p(chromium):
    with page(chromium) as opened:
        yield opened


def title(p):
    return p.get_attribute(".title", "data-text")


def test_an_address_opens_at_its_step(p, tmp_path):
    address = g1().save(tmp_path / "g1.html").as_uri()
    p.goto(f"{address}#step=7")
    assert title(p) == "backward: v → a"
    p.evaluate("location.hash = '#step=9'")
    p.wait_for_selector(".title[data-text='backward: u → b']")
    p.evaluate("location.hash = '#step=999'")
    p.wait_for_selector(".title[data-text='backward: u → c']")
    p.evaluate("location.hash = '#somewhere'")
    p.keyboard.press("Home")
    assert title(p) == "start"


def test_the_address_follows_the_steps(p, tmp_path):
    address = g1().save(tmp_path / "g1.html").as_uri()
    p.goto(address)
    p.keyboard.press("ArrowRight")
    p.wait_for_url(f"{address}#step=2")  # the browser says so a moment later
    p.keyboard.press("End")
    p.wait_for_url(f"{address}#step=10")
    p.reload()
    assert title(p) == "backward: u → c"
    p.go_back()  # steps are no pages: back leaves
    p.wait_for_url("about:blank")


def test_a_page_that_was_saved_at_a_step_opens_there(p, tmp_path):
    p.goto(g1().save(tmp_path / "g1.html", step=4).as_uri())
    assert title(p) == "forward: J"


def test_a_printed_page_is_a_sheet_of_all_steps(p, tmp_path):
    shown = g2()
    p.goto(shown.save(tmp_path / "g2.html").as_uri())
    p.keyboard.press("End")
    p.emulate_media(media="print")
    p.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = p.query_selector_all(".sheet article")
    frames = shown.trace.frames()
    assert len(printed) == len(frames)
    for article, frame in zip(printed, frames, strict=True):
        said = [line.get_attribute("aria-label") for line in article.query_selector_all("[role=math]")]
        assert said == frame.lines
        assert article.is_visible()
    assert p.is_visible(".sheet > svg")
    for hidden in (".stage", ".bar", ".head"):
        assert not p.is_visible(hidden)
    assert p.evaluate("document.querySelectorAll('.sheet > svg').length") == 1
    p.evaluate("dispatchEvent(new Event('afterprint'))")
    assert p.query_selector(".sheet") is None


def test_a_printed_page_breaks_between_steps(p, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    p.goto(g2().save(tmp_path / "g2.html").as_uri())
    p.pdf(path=tmp_path / "g2.pdf", format="A4")
    pages = pypdf.PdfReader(tmp_path / "g2.pdf").pages
    assert 3 <= len(pages) <= 20
    text = "".join(sheet.extract_text() for sheet in pages)
    assert "35." in text


def test_a_frame_writes_no_address():
    assert 'location.protocol === "about:"' in script()
