"""The documentation as readers meet it: live steppers, a search without a network, no dead link, no serious fault."""

import importlib
import re
from html.parser import HTMLParser
from types import ModuleType
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from axe import faults
from website import visited

expect = pytest.importorskip("playwright.sync_api").expect

OTHER_PARTS = ("try/", "course/", "element/", "python/")
HERE = "https://here/"
SAMPLE = [
    "index.html",
    "gallery.html",
    "gallery/first.html",
    "how-to/check.html",
    "tutorial/01_computation_graphs.html",
    "reference/autograd.html",
    "reference/operations.html",
    "exactness.html",
    "from/micrograd.html",
    "mistakes.html",
    "search.html",
]


class Page(HTMLParser):
    """What a page is made of: the addresses that it names, those that it loads, and the ids that a link may name."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.ids = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.ids |= {named[key] for key in ("id", "name") if named.get(key)}
        address = named.get("src") or named.get("href")
        if address and tag in {"script", "img", "link", "iframe", "source", "image"}:
            self.loaded.append(address)
        elif tag == "a" and address:
            self.links.append(address)


@pytest.fixture(scope="module")
def pages(site_folder):
    """All pages of the documentation, by their path."""
    files = {path.relative_to(site_folder).as_posix(): path for path in site_folder.rglob("*.html")}
    own = {name: path for name, path in files.items() if not name.startswith((*OTHER_PARTS, "_"))}
    return {name: Page(path.read_text(encoding="utf-8")) for name, path in own.items()}


def target(page, address):
    """The path and the fragment that an address in a page leads to; the path is None in another host."""
    parts = urlsplit(urljoin(HERE + page, address))
    if f"{parts.scheme}://{parts.netloc}/" != HERE:
        return None, ""
    path = unquote(parts.path.removeprefix("/"))
    return f"{path}index.html" if path == "" or path.endswith("/") else path, unquote(parts.fragment)


def dead(pages, folder):
    """The links that lead nowhere."""
    for name, page in pages.items():
        for address in page.links + page.loaded:
            path, fragment = target(name, address)
            if address.startswith(("data:", "mailto:")) or path is None:
                continue
            if not (folder / path).is_file():
                yield f"{name}: {address}"
            elif path in pages and fragment and fragment not in pages[path].ids:
                yield f"{name}: {address} names no part of the page"


def test_no_link_is_dead(pages, site_folder):
    assert len(pages) > 30
    assert list(dead(pages, site_folder)) == []


def test_the_page_leads_to_the_documentation(pages, site_folder):
    page = Page((site_folder / "try" / "index.html").read_text(encoding="utf-8"))
    assert any(target("try/index.html", address)[0] in pages for address in page.links)
    assert list(dead({"try/index.html": page}, site_folder)) == []


def test_a_dead_link_is_found(site_folder):
    planted = {"index.html": Page('<a href="gone.html"></a><a href="#gone"></a><img src="_static/gone.png"><p id="x">')}
    assert len(list(dead(planted, site_folder))) == 3


def test_nothing_is_loaded_from_another_host(pages):
    loaded = [(name, address) for name, page in pages.items() for address in page.loaded if address[:5] != "data:"]
    assert len(loaded) > 100
    assert [(name, address) for name, address in loaded if target(name, address)[0] is None] == []


def test_the_site_may_stand_in_a_folder_of_its_host(pages):
    addresses = [(name, address) for name, page in pages.items() for address in page.loaded + page.links]
    assert [(name, address) for name, address in addresses if address.startswith("/")] == []


def test_each_page_leads_to_the_page_of_formulas_and_to_the_course(pages):
    reached = {name: {target(name, address)[0] for address in page.links} for name, page in pages.items()}
    assert [name for name, paths in reached.items() if not {"try/index.html", "course/index.html"} <= paths] == []


def test_no_folder_is_hidden_from_readers(site_folder):
    assert (site_folder / ".nojekyll").exists()


@pytest.mark.parametrize("package", ["autograd", "nn", "viz", "chainrule"])
def test_the_reference_has_every_public_name(package, pages):
    module = importlib.import_module(package)
    own = {name for name in module.__all__ if not isinstance(getattr(module, name), ModuleType)}
    functions = set(getattr(module, "FUNCTIONS", {}))
    ids = pages[f"reference/{package}.html"].ids
    assert {name for name in own - functions if f"{package}.{name}" not in ids} == set()
    rows = pages["reference/operations.html"].ids
    assert {name for name in functions if f"operation-{name.replace('_', '-')}" not in rows} == set()


def test_home_has_a_stepper_that_steps(visit):
    page = visit("")
    stepper = page.locator("chainrule-stepper")
    counter = stepper.locator(".counter")
    expect(counter).to_have_text("1 / 10")
    stepper.locator("button.forward").click()
    expect(counter).to_have_text("2 / 10")
    page.keyboard.press("ArrowRight")
    expect(counter).to_have_text("3 / 10")
    expect(stepper).to_contain_text("All inputs of v are known")


def test_a_stepper_in_a_notebook_of_the_tutorial_steps(visit):
    page = visit("tutorial/01_computation_graphs.html")
    frame = page.frame_locator("iframe[title^=Steps]").first
    frame.locator("button.forward").click()
    expect(frame.locator(".counter")).to_have_text(re.compile("^2 / "))


def test_search_finds_offline(visit):
    page = visit("")
    page.fill("input[name=q]", "hessian")
    page.press("input[name=q]", "Enter")
    results = page.locator("#search-results li a")
    expect(results.first).to_be_visible()
    found = results.evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert any(address.startswith("reference/autograd.html") for address in found), found


def test_steppers_follow_the_choice_of_light_and_dark(visit):
    page = visit("", color_scheme="dark")
    root = page.locator("chainrule-stepper .chainrule-stepper")
    expect(root).to_have_attribute("data-theme", "dark")
    page.locator("button.theme-toggle:visible").first.click()
    page.evaluate("document.body.dataset.theme = 'light'")
    expect(root).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("width", [390, 1440, 1664])
def test_no_page_scrolls_sideways(chromium, site, pages, width):
    with visited(chromium, site, viewport={"width": width, "height": 800}) as page:
        wide = []
        for name in sorted(pages):
            page.goto(site + name)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(name)
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SAMPLE)
def test_axe_finds_nothing_serious(visit, name, scheme):
    page = visit(name, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    assert faults(page) == []
