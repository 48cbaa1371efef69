"""The gallery in the built site: a card leads to each graph; each is live, and opens in the editor with its lines."""

import pytest
from website import visited

from graphs import PAGES

expect = pytest.importorskip("playwright.sync_api").expect
ENTRIES = [entry for page in PAGES for entry in page.entries]


@pytest.fixture(scope="module")
def browsing(chromium, site):
    """A page of a browser that stays open for all tests."""
    with visited(chromium, site) as page:
        yield page


def test_each_card_leads_to_its_graph(browsing, site):
    browsing.goto(f"{site}gallery.html")
    targets = browsing.locator(".sd-card a").evaluate_all("links => links.map((link) => link.href)")
    assert len(targets) == len(ENTRIES)
    for target in targets:
        browsing.goto(target)
        place = target.partition("#")[2]
        assert browsing.evaluate("place => document.getElementById(place) !== null", place)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_each_graph_of_a_page_is_live(browsing, site, page):
    browsing.goto(f"{site}gallery/{page.name}.html")
    steppers = browsing.locator("figure.stepper")
    expect(steppers).to_have_count(len(page.entries))
    for k in range(len(page.entries)):
        steppers.nth(k).scroll_into_view_if_needed()
        expect(steppers.nth(k).get_by_label("Steps of backprop through the graph of")).to_be_visible()


def test_a_graph_opens_in_the_editor_and_its_lines_are_right(browsing, site):
    browsing.goto(f"{site}gallery/rules.html")
    entry = next(entry for entry in ENTRIES if entry.name == "quotient")
    browsing.locator("section", has_text=entry.title).get_by_role("link", name="Open it in the editor").nth(1).click()
    expect(browsing.locator("#formula")).to_have_value(entry.formula)
    expect(browsing.locator("#state")).to_have_text("Python: ready")
    browsing.click("#check")
    pane = browsing.frame_locator("#view").locator("#pane-check")
    expect(pane.get_by_text("right", exact=True)).to_have_count(len(entry.by_hand))
