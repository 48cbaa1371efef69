"""The stepper in JupyterLab and Notebook 7: a real server, a real notebook, frames, and a function that runs again."""

import copy
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import nbformat
import pytest
from chromium import PATIENCE

CELLS = [
    "from autograd import parse\nfrom viz import stepper",
    'stepper(parse("u = b*c; v = a + u; J = 3*v", a=5, b=3, c=2))',
    "def f(a, b):\n    assert a < 13, 'a is too large'\n    return a*b if a > 0 else a + b\nstepper(f, a=5, b=3)",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def server(folder):
    """The address of a JupyterLab with one notebook, stepper.ipynb, in its folder."""
    if not all(map(importlib.util.find_spec, ("jupyterlab", "notebook", "anywidget", "ipykernel"))):
        if "REQUIRE_BROWSER" in os.environ:
            pytest.fail("needs the extras notebook and browser")
        pytest.skip("needs the extras notebook and browser: pip install 'chainrule[notebook,browser]'")
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": cell, "outputs": [], "execution_count": None}
        for i, cell in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "stepper.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        name: str(folder) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    options = [
        f"--ServerApp.port={port}",
        "--ServerApp.token=",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
        "--ServerApp.disable_check_xsrf=True",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    command = [sys.executable, "-m", "jupyterlab", *options]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(PATIENCE // 200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api").close()
                    break
                except OSError:
                    assert process.poll() is None, (folder / "log").read_text()
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def lab(server, chromium):
    """The notebook, open, all cells run."""
    page = chromium.new_page(viewport={"width": 1500, "height": 1400})
    page.goto(f"{server}/lab/tree/stepper.ipynb")
    page.set_default_timeout(PATIENCE)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    run_all(page)
    framed(page, 1).locator(".chainrule-stepper").wait_for()
    page.wait_for_function("!document.querySelector('.jp-Notebook').textContent.includes('[*]')")  # all cells have run:
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")  # no output is rendered once more
    yield page
    page.context.close()


def run_all(page):
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.evaluate("jupyterapp.commands.execute('runmenu:run-all')")


def framed(page, i=0):
    """What is in the frame of a stepper; frames that stand in a window outside of view are not counted."""
    return page.frame_locator(".jp-OutputArea-output iframe.chainrule-frame").nth(i)


def title(place):
    return place.locator(".title").first.get_attribute("data-text")


def press(place, name):
    place.locator(f".chainrule-stepper button.{name}").first.click()


def shut_down_kernels(server):
    with urllib.request.urlopen(f"{server}/api/kernels") as answer:
        kernels = json.load(answer)
    for kernel in kernels:
        address = f"{server}/api/kernels/{kernel['id']}"
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()


@pytest.fixture(scope="module")
def saved(lab, folder):
    """The notebook with its outputs, saved."""
    lab.evaluate("jupyterapp.commands.execute('docmanager:save')")
    for _ in range(PATIENCE // 200):
        with suppress(nbformat.reader.NotJSONError):  # while it is written
            found = nbformat.read(folder / "stepper.ipynb", 4)
            if found["cells"][2]["outputs"]:
                return found
        time.sleep(0.2)
    pytest.fail("the notebook was not saved")


@pytest.mark.parametrize(("cell", "last"), [(0, "backward: u → c"), (1, "backward: f → b")])
def test_a_graph_and_a_function_step_in_a_frame(lab, cell, last):
    press(framed(lab, cell), "last")
    assert title(framed(lab, cell)) == last
    assert title(framed(lab, 1 - cell)) == "start"
    assert not lab.locator(".jp-OutputArea-output img").first.is_visible()
    press(framed(lab, cell), "first")


def test_keys_go_to_the_stepper_and_not_to_the_notebook(lab):
    place = framed(lab)
    cells = lab.locator(".jp-Cell").count()
    place.locator(".chainrule-stepper").first.focus()
    for _ in range(2):
        lab.keyboard.press("ArrowRight")
    assert title(place).startswith("forward: v")
    lab.keyboard.press("Home")
    assert title(place) == "start"
    assert lab.locator(".jp-Cell").count() == cells


def test_an_edit_in_a_frame_computes_in_the_page(lab):
    place = framed(lab)
    place.locator("summary").click()
    field = place.locator('input[aria-label="a, value"]')
    field.fill("-5")
    field.press("Enter")
    press(place, "last")
    place.locator('[aria-label="J, data 3, gradient 1"]').wait_for()
    press(place, "first")


def test_predicting_by_keys(lab):
    cells = lab.locator(".jp-Cell").count()
    place = framed(lab, 1)
    stepper = place.locator(".chainrule-stepper").first
    stepper.focus()
    lab.keyboard.press("Home")
    lab.keyboard.press("p")
    lab.keyboard.press("Enter")
    assert title(place) == "forward: f"
    for guess, said in [("-15", "✗ The sign is wrong."), ("5*3", "✓ Right: f = 15.")]:
        lab.keyboard.press("Control+a")
        lab.keyboard.type(guess)
        lab.keyboard.press("Enter")
        assert stepper.locator(".verdict").inner_text() == said
    lab.keyboard.press("Enter")
    assert title(place) == "seed"
    lab.keyboard.press("ArrowRight")
    assert title(place) == "backward: f → a"
    lab.keyboard.press("?")
    assert stepper.locator(".help").is_visible()
    for hidden in (".help", ".quiz"):
        lab.keyboard.press("Escape")
        assert not stepper.locator(hidden).is_visible()
    lab.keyboard.press("Home")
    assert title(place) == "start"
    assert lab.locator(".jp-Cell").count() == cells


def edit(place, name, number):
    """Another number in the table of a stepper."""
    if not place.locator("details.values[open], details[open]").count():
        place.locator("summary").first.click()
    field = place.locator(f'input[aria-label="{name}, value"]')
    field.fill(number)
    field.press("Enter")


def test_an_edit_runs_the_function_again(lab):
    """It takes another branch, which no page can know of."""
    place = framed(lab, 1)
    edit(place, "a", "-5")
    place.locator("td [aria-label='= a + b']").wait_for()
    press(place, "forward")
    lines = place.locator(".chainrule-stepper .lines > div")
    assert lines.first.get_attribute("data-text") == "f = a + b = −5 + 3 = −2"
    edit(place, "a", "5")
    place.locator("td [aria-label='= a·b']").wait_for()


def test_an_edit_that_the_function_refuses_is_taken_back(lab):
    place = framed(lab, 1)
    warning = place.locator("text=AssertionError: a is too large")
    edit(place, "a", "13")
    warning.wait_for()
    assert place.locator('input[aria-label="a, value"]').input_value() == "5"
    edit(place, "a", "6")
    place.locator('[aria-label="a, data 6, gradient —"]').wait_for()
    assert not warning.is_visible()
    edit(place, "a", "5")
    place.locator('[aria-label="a, data 5, gradient —"]').wait_for()


def test_it_follows_the_theme_of_the_lab(lab):
    lab.evaluate("jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })")
    for place in (framed(lab), framed(lab, 1)):
        place.locator(".chainrule-stepper[data-theme=dark]").first.wait_for()
        paper = place.locator(".chainrule-stepper").first.evaluate("(e) => getComputedStyle(e).backgroundColor")
        assert paper == "rgb(13, 17, 23)"
    lab.evaluate("jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })")
    for place in (framed(lab), framed(lab, 1)):
        place.locator(".chainrule-stepper[data-theme=light]").first.wait_for()


def test_what_is_saved(saved):
    data = saved["cells"][1]["outputs"][0]["data"]
    assert data["text/plain"] == "<stepper of J: 10 steps>"
    assert "".join(data["image/svg+xml"]).startswith("<svg")
    assert set(data) == {"text/plain", "image/svg+xml", "text/html"}


@pytest.mark.usefixtures("saved")
def test_running_the_cells_again(lab):
    press(framed(lab), "last")
    run_all(lab)
    for cell in (0, 1):
        framed(lab, cell).locator(".title[data-text='start']").wait_for()
    press(framed(lab), "forward")
    assert title(framed(lab)) == "forward: u"


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("address", ["lab/tree", "notebooks"])
def test_it_steps_after_reopening_without_a_kernel(server, chromium, address):
    shut_down_kernels(server)
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server}/{address}/stepper.ipynb")
    for cell, last in enumerate(("backward: u → c", "backward: f → b")):
        press(framed(page, cell), "last")
        assert title(framed(page, cell)) == last
    assert page.get_by_text("Error displaying widget").count() == 0
    page.close()


def test_without_a_kernel_an_edit_computes_in_the_page(lab, server):
    shut_down_kernels(server)
    place = framed(lab, 1)
    edit(place, "b", "4")
    press(place, "last")
    place.locator('[aria-label="f, data 20, gradient 1"]').wait_for()


@pytest.mark.parametrize("address", ["lab/tree", "notebooks"])
def test_an_untrusted_notebook_shows_a_picture(server, folder, chromium, saved, address):
    """What is trusted is known by its contents: with another word in it, it is another notebook."""
    foreign = copy.deepcopy(saved)
    foreign["cells"][0]["source"] += f"  # from {address}"
    nbformat.write(foreign, folder / "foreign.ipynb")
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server}/{address}/foreign.ipynb")
    panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")  # the lab opens what was open before, too
    picture = panel.locator(".jp-OutputArea-output img").first
    picture.wait_for()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 500
    assert panel.locator("iframe").count() == 0
    page.close()


def test_a_notebook_as_a_page_steps(tmp_path, chromium, saved):
    """``jupyter nbconvert --to html``, and what nbviewer shows."""
    nbconvert = pytest.importorskip("nbconvert")
    html, _ = nbconvert.HTMLExporter(template_name="classic").from_notebook_node(saved)
    path = tmp_path / "notebook.html"
    path.write_text(html, encoding="utf-8")
    page = chromium.new_page()
    page.route("http*://**", lambda route: route.abort())
    page.goto(path.as_uri(), wait_until="commit")
    place = page.frame_locator("iframe.chainrule-frame").first
    press(place, "last")
    assert title(place) == "backward: u → c"
    page.close()
