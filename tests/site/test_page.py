"""The page, driven in a real browser: type, step, check, share, run Python, stop it, go offline."""

import gzip
import re
from urllib.parse import urlencode

import pytest
from website import visited

expect = pytest.importorskip("playwright.sync_api").expect

LOGISTIC = "L = -(y log a + (1 - y) log(1 - a)); a = σ(z); z = w x + b"
AT = "w=0.5, b=0.25, x=2, y=1"


def opened(visit, **parts):
    """The page at an address with these parts, and its frame."""
    options = parts.pop("options", {})
    page = visit(f"try/#{urlencode(parts)}" if parts else "try/", **options)
    return page, page.frame_locator("#view")


def ready(page):
    expect(page.locator("#state")).to_have_text("Python: ready")


@pytest.fixture(scope="module")
def desk(chromium, site):
    """A page with Python started, for all tests that leave it so, and its frame."""
    with visited(chromium, site) as page:
        page.goto(f"{site}try/")
        ready(page)
        yield page, page.frame_locator("#view")


def written(desk, formula, at):
    page, frame = desk
    page.check("input[value=formula]")
    page.fill("#formula", formula)
    page.fill("#at", at)
    return page, frame


def run(desk, code):
    page, frame = desk
    page.check("input[value=python]")
    page.fill("#code", code)
    page.click("#run")
    return page, frame


def test_a_formula_steps_before_python_is_there(visit):
    page, frame = opened(visit, options={"service_workers": "block"})
    page.route("**/pyodide.asm.wasm", lambda route: route.abort())
    page.reload()
    expect(frame.get_by_label("Steps of backprop through the graph of f: 7 nodes")).to_be_visible()
    expect(page.locator("#state")).to_contain_text("formulas can be stepped through without it")
    page.problems.clear()  # the browser has said that a file did not come


def test_without_python_the_page_is_small(visit, site, site_folder):
    page, _ = opened(visit, f=LOGISTIC, at=AT, options={"service_workers": "block"})
    asked = set()
    page.on("request", lambda request: asked.add(request.url.partition("#")[0]))
    page.reload()
    ready(page)
    paths = {url.removeprefix(site) for url in asked if url.startswith(site)}
    own = {"try/index.html" if path == "try/" else path for path in paths if not path.startswith("python/")}
    assert {"try/index.html", "try/page.js", "try/view.html"} <= own
    assert sum(len(gzip.compress((site_folder / path).read_bytes())) for path in own) < 300_000
    page.problems.clear()  # the blocked service worker


def test_what_is_typed_is_shown(desk):
    page, frame = written(desk, LOGISTIC, AT)
    expect(frame.get_by_label(re.compile("Steps of backprop through the graph of L"))).to_be_visible()
    assert page.evaluate("new URLSearchParams(location.hash.slice(1)).get('f')") == LOGISTIC


def test_a_mistake_is_said_and_the_last_steps_stay(desk):
    page, frame = written(desk, "3(a + bc)", "a=5, b=3, c=2")
    expect(frame.get_by_label("Steps of backprop through the graph of f: 7 nodes")).to_be_visible()
    page.fill("#formula", "3(a + bd)")
    expect(frame.locator("#error")).to_contain_text("d")
    expect(frame.get_by_label("Steps of backprop through the graph of f: 7 nodes")).to_be_visible()


def test_a_derivation_is_checked(desk):
    page, frame = written(desk, LOGISTIC, AT)
    page.fill("#lines", "dz = a - y\ndw = x(y - a)")
    page.click("#check")
    pane = frame.locator("#pane-check")
    expect(pane).to_contain_text("Only the sign is wrong")
    expect(pane.get_by_text("right", exact=True)).to_have_count(1)


def test_a_link_opens_the_same_at_the_same_step(visit):
    page, frame = opened(visit, f=LOGISTIC, at=AT, check="dz = a - y")
    frame.locator(".chainrule-stepper").press("ArrowRight")
    frame.locator(".chainrule-stepper").press("ArrowRight")
    expect(page).to_have_url(re.compile("step=3$"))
    address = page.url.partition("#")[2]
    other = visit(f"try/#{address}")
    expect(other.locator("#formula")).to_have_value(LOGISTIC)
    expect(other.locator("#lines")).to_have_value("dz = a - y")
    expect(other.frame_locator("#view").get_by_text(re.compile(r"^3 / \d+$"))).to_be_visible()
    ready(other)  # Python has read it, too: the step is still the third
    expect(other.frame_locator("#view").get_by_text(re.compile(r"^3 / \d+$"))).to_be_visible()


PANES = {"picture": "svg", "table": "table", "derivation": "math", "latex": "math"}


def test_each_pane_shows_what_its_name_says(desk):
    _, frame = written(desk, LOGISTIC, AT)
    for name, what in PANES.items():
        frame.locator(f"#tab-{name}").click()
        expect(frame.locator(f"#pane-{name} {what}").first).to_be_visible()
    expect(frame.locator("#pane-latex pre")).to_contain_text(r"\sigma(z)")
    frame.locator("#tab-latex").press("ArrowLeft")
    expect(frame.locator("#tab-derivation")).to_be_focused()


PROGRAM = """\
from autograd import *
import viz
a, b = Value(2.0, "a"), Value(-3.0, "b")
for _ in range(3):
    a = (a * b).tanh()
print("done", a.data)
"""


def test_a_program_runs_and_its_last_value_is_shown(desk):
    _, frame = run(desk, PROGRAM)
    expect(frame.locator("#out")).to_contain_text("done -0.9")
    frame.locator("#tab-steps").click()
    expect(frame.get_by_label(re.compile("Steps of backprop through the graph of"))).to_be_visible()
    run(desk, "1/0")
    expect(frame.locator("#error")).to_contain_text('File "your code", line 1')
    expect(frame.locator("#error")).to_contain_text("ZeroDivisionError")


def test_graphviz_draws_from_top_to_bottom(desk):
    _, frame = run(desk, f"{PROGRAM}viz.draw(a, rankdir='TB')")
    expect(frame.locator("#pane-output svg")).to_be_visible()
    run(desk, f"{PROGRAM}viz.draw(a).save('x.png')")
    expect(frame.locator("#error")).to_contain_text("the Graphviz of a browser cannot write .png: save .svg")


def test_a_browser_in_which_python_cannot_wait(chromium, site, site_folder):
    worker = (site_folder / "try" / "worker.js").read_text(encoding="utf-8")
    older = f"delete WebAssembly.promising; delete WebAssembly.Suspending; {worker}"
    with visited(chromium, site, service_workers="block") as page:
        page.route("**/worker.js", lambda route: route.fulfill(body=older, content_type="text/javascript"))
        page.goto(f"{site}try/")
        ready(page)
        _, frame = run((page, page.frame_locator("#view")), f"{PROGRAM}viz.draw(a, rankdir='TB')")
        expect(frame.locator("#error")).to_contain_text("Graphviz is starting in this browser: run this once more")
        page.click("#run")
        expect(frame.locator("#pane-output svg")).to_be_visible()
        page.problems.clear()  # the blocked service worker


def test_an_endless_loop_is_stopped(desk):
    page, frame = run(desk, "while True:\n    pass")
    expect(page.locator("#state")).to_have_text("Python: working")
    page.fill("#lines", "typing goes on")
    page.click("#stop")
    expect(frame.locator("#error")).to_have_text("Stopped: the program had not come to its end.")
    ready(page)
    run(desk, "print(6 * 7)")
    expect(frame.locator("#out")).to_have_text("42\n")


BREAK_OUT = """\
import js
from pyodide.ffi import run_sync
from pyodide.http import pyfetch

def tried(what, act):
    try:
        act()
        print(what, "reached")
    except BaseException as error:
        print(what, "kept out")

def asks():
    request = js.XMLHttpRequest.new()
    request.open("GET", ADDRESS, False)
    request.send()

tried("network", asks)
tried("module", lambda: run_sync(js.eval("(url) => import(url)")(ADDRESS)))
tried("storage", lambda: js.indexedDB.open("x"))
tried("caches", lambda: run_sync(js.caches.keys()))
tried("page", lambda: js.document)
"""


def test_a_program_reaches_neither_the_network_nor_the_page(visit, site):
    page, frame = run(opened(visit), BREAK_OUT.replace("ADDRESS", repr(f"{site}index.html")))
    expect(frame.locator("#out")).to_contain_text("page")
    said = frame.locator("#out").inner_text()
    assert "reached" not in said
    for what in ("network", "module", "storage", "caches", "page"):
        assert f"{what} kept out" in said
    assert all("Content Security Policy" in problem for problem in page.problems)
    page.problems.clear()  # the browser has said what it refused


def test_the_page_works_offline_after_the_first_visit(visit):
    page, frame = opened(visit, f=LOGISTIC, at=AT)
    ready(page)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.keys().then((keys) => keys.length === 1)")
    page.context.set_offline(True)
    page.reload()
    ready(page)
    expect(frame.get_by_label(re.compile("Steps of backprop through the graph of L"))).to_be_visible()


def test_the_stepper_is_downloaded_as_one_file(visit):
    page, _ = opened(visit, f=LOGISTIC, at=AT)
    ready(page)
    with page.expect_download() as downloading:
        page.click("#save")
    text = downloading.value.path().read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "Backprop through L" in text


def test_what_is_written_opens_in_a_notebook(visit):
    page, _ = opened(visit, f=LOGISTIC, at=AT)
    page.click("#notebook")
    frame = page.frame_locator("iframe.chainrule-frame")
    expect(frame.get_by_label(re.compile("Steps of backprop through the graph of L"))).to_be_visible()
    known = "Plugin '@jupyterlab/codemirror-extension:commands' failed to activate"  # in JupyterLite's own console
    assert all(known in problem for problem in page.problems)
    page.problems.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_shows_all(visit, scheme):
    page, frame = opened(
        visit, f=LOGISTIC, at=AT, options={"viewport": {"width": 390, "height": 800}, "color_scheme": scheme}
    )
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert frame.locator("html").evaluate("(html) => html.scrollWidth") <= 390
