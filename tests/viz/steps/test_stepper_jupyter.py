"""The stepper in JupyterLab: a real server, a real notebook, the widget."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from chromium import browser

CELLS = [
    "from autograd import parse\nfrom viz import stepper",
    'stepper(parse("u = b*c; v = a + u; J = 3*v", a=5, b=3, c=2))',
    "stepper(lambda a, b: a*b if a > 0 else a + b, a=5, b=3)",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a JupyterLab with one notebook, stepper.ipynb, in its folder."""
    if not all(map(importlib.util.find_spec, ("jupyterlab", "anywidget", "ipykernel"))):
        if "REQUIRE_BROWSER" in os.environ:
            pytest.fail("needs the notebook extra")
        pytest.skip("needs the notebook extra: pip install 'chainrule[notebook]'")
    folder = tmp_path_factory.mktemp("jupyter")
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
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    command = [sys.executable, "-m", "jupyterlab", *options]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(300):
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
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def lab(server, chromium):
    """The notebook, open, all cells run."""
    page = chromium.new_page(viewport={"width": 1500, "height": 1400})
    page.goto(f"{server}/lab/tree/stepper.ipynb")
    page.set_default_timeout(60_000)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    run_all(page)
    page.wait_for_selector(".chainrule-stepper >> nth=1")
    yield page
    page.context.close()


def run_all(page):
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells")


def title(page, i):
    return page.locator(".chainrule-stepper .title").nth(i).get_attribute("data-text")


def press(page, i, name):
    page.locator(f".chainrule-stepper button.{name}").nth(i).click()


def test_two_steppers_in_one_notebook_are_apart(lab):
    press(lab, 0, "last")
    assert title(lab, 0) == "backward: u → c"
    assert title(lab, 1) == "start"
    press(lab, 0, "first")


def test_keys_go_to_the_stepper_and_not_to_the_notebook(lab):
    cells = lab.locator(".jp-Cell").count()
    lab.locator(".chainrule-stepper").nth(0).focus()
    for _ in range(3):
        lab.keyboard.press("ArrowRight")
    assert title(lab, 0) == "forward: J"
    lab.keyboard.press("Home")
    assert title(lab, 0) == "start"
    assert lab.locator(".jp-Cell").count() == cells


def test_an_edit_runs_the_function_again(lab):
    lab.locator(".chainrule-stepper summary").nth(1).click()
    field = lab.locator('.chainrule-stepper input[aria-label="a, value"]').nth(1)
    field.fill("-5")
    field.press("Enter")
    lab.wait_for_selector("td [aria-label='= a + b']")
    press(lab, 1, "forward")
    lines = lab.locator(".chainrule-stepper .lines").nth(1).locator("> div")
    assert lines.first.get_attribute("data-text") == "f = a + b = −5 + 3 = −2"


def test_it_follows_the_theme_of_the_lab(lab):
    paper = "(e) => getComputedStyle(e).backgroundColor"
    first = lab.locator(".chainrule-stepper").nth(0)
    assert first.evaluate(paper) == "rgb(255, 255, 255)"
    lab.evaluate("document.body.dataset.jpThemeLight = 'false'")
    lab.wait_for_selector(".chainrule-stepper[data-theme=dark]")
    assert first.evaluate(paper) == "rgb(13, 17, 23)"
    lab.evaluate("document.body.dataset.jpThemeLight = 'true'")
    lab.wait_for_selector(".chainrule-stepper[data-theme=light]")


def test_running_the_cells_again(lab):
    press(lab, 0, "last")
    run_all(lab)
    lab.wait_for_function(
        "[...document.querySelectorAll('.jp-Cell .title')].map((t) => t.textContent).join() === 'start,start'"
    )
    assert lab.locator(".chainrule-stepper").count() == 2
    press(lab, 0, "forward")
    assert title(lab, 0) == "forward: u"


def test_saved_and_opened_again(lab, server):
    lab.locator(".jp-Cell .jp-InputPrompt").first.click()  # in the stepper, keys are the stepper's
    lab.keyboard.press("Control+s")
    saved: dict = {}
    for _ in range(100):
        with urllib.request.urlopen(f"{server}/api/contents/stepper.ipynb") as answer:
            saved = json.load(answer)["content"]
        if saved["cells"][1]["outputs"]:
            break
        time.sleep(0.2)
    data = saved["cells"][1]["outputs"][0]["data"]
    assert data["text/plain"] == "<stepper of J: 10 steps>"
    assert "".join(data["image/svg+xml"]).startswith("<svg")
    lab.reload()  # the kernel still runs
    lab.wait_for_selector(".chainrule-stepper >> nth=1")
    press(lab, 0, "last")
    assert title(lab, 0) == "backward: u → c"
