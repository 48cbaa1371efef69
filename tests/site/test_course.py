"""The course in a real browser: notebooks run in JupyterLite, and what a student does is kept."""

import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

CELL = ".jp-Notebook .jp-CodeCell"
ERROR = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
DONE = """() => {
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")];
  const asked = cells.filter((cell) => cell.querySelector(".cm-content").textContent.trim());
  return asked.every((cell) => /\\[\\d+\\]/.test(cell.querySelector(".jp-InputPrompt").textContent));
}"""


@pytest.fixture
def notebook(visit):
    """``notebook(name, **options)``: opens a notebook, and waits until its kernel is there."""

    def notebook(name, **options):
        page = visit(f"course/notebooks/index.html?path={name}", **options)
        page.locator(CELL).first.wait_for()
        return page

    return notebook


def menu(page, *names):
    """Choose from the menu bar: ``menu(page, "Run", "Run All Cells")``."""
    page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{names[0]}$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{re.escape(names[1])}$")).click()


def clear(page):
    """Take the outputs and the numbers of all cells away."""
    menu(page, "Edit", "Clear Outputs of All Cells")
    page.wait_for_function("!document.querySelector('.jp-CodeCell .jp-OutputArea-output')")


def run_all(page):
    """All cells anew, from nothing."""
    clear(page)
    menu(page, "Run", "Run All Cells")
    page.wait_for_function(DONE)


def write(page, place, text):
    """Put a text into a cell and run it to its end: where its output stands."""
    cell = page.locator(CELL).nth(place)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    before = cell.locator(".jp-InputPrompt").inner_text()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "([cell, before]) => /\\d/.test(cell.textContent) && cell.textContent !== before",
        arg=[cell.locator(".jp-InputPrompt").element_handle(), before],
    )
    return cell.locator(".jp-OutputArea")


def place_of(page, text):
    """The number of the first code cell that begins so; cells further down are drawn later."""
    page.locator(f"{CELL} .cm-content", has_text=re.compile(f"^{re.escape(text)}")).first.wait_for(state="attached")
    cells = page.locator(f"{CELL} .cm-content").all_inner_texts()
    return next(i for i, cell in enumerate(cells) if cell.startswith(text))


def step_to_the_end(page):
    """Have the first stepper in a notebook's cells show its last step."""
    frame = page.locator(CELL).nth(place_of(page, "stepper(")).frame_locator("iframe.chainrule-frame")
    frame.locator(".chainrule-stepper button.last").first.click()
    expect(frame.locator(".title").first).to_have_attribute("data-text", re.compile("^backward: u → "))


def test_the_landing_page_lists_the_notebooks_and_opens_one(visit):
    page = visit("course/index.html")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(17)
    expect(rows.nth(4)).to_contain_text("all but the plots")
    expect(rows.nth(5)).to_contain_text("to read and step")
    page.get_by_role("link", name="01 Computation graphs").click()
    page.get_by_role("heading", name="01 · Computation graphs").wait_for()


def test_steppers_step_before_there_is_a_kernel(notebook):
    page = notebook("01_computation_graphs.ipynb")
    step_to_the_end(page)


def test_a_notebook_runs_to_its_end_and_its_steppers_step(notebook):
    page = notebook("01_computation_graphs.ipynb")
    run_all(page)
    expect(page.locator(ERROR)).to_have_count(0)
    step_to_the_end(page)


def test_where_there_is_no_numpy_a_cell_says_so_and_the_notebook_goes_on(notebook):
    page = notebook("06_the_mlp.ipynb")
    run_all(page)
    expect(page.locator(ERROR)).to_have_count(0)
    expect(page.locator(".jp-Notebook").get_by_text("This cell needs NumPy, which")).to_have_count(1)
    expect(page.locator(".jp-Notebook").get_by_text("Here is a plot, if matplotlib is there")).to_have_count(1)
    expect(page.locator("iframe.chainrule-frame")).to_have_count(3)


def test_a_function_is_run_again_by_the_kernel(notebook):
    page = notebook("01_computation_graphs.ipynb")
    code = "from viz import stepper\ndef f(a, b):\n    return a*b if a > 0 else a + b\n\nstepper(f, a=5, b=3)"
    clear(page)
    write(page, 0, code)
    frame = page.locator(CELL).first.frame_locator("iframe.chainrule-frame")
    frame.locator("summary").first.click()
    field = frame.locator('input[aria-label="a, value"]')
    field.fill("-5")
    field.press("Enter")
    frame.locator("td [aria-label='= a + b']").wait_for()


def test_an_exercise_answers_and_its_points_are_there_after_a_reload(notebook):
    page = notebook("04_neurons_and_perceptrons.ipynb")
    clear(page)
    write(page, 0, "from chainrule import answer, exercise, progress")
    expect(write(page, 1, 'answer("04-rule", dw="nonsense(", db=7, right=0, rate=3)')).to_contain_text("0 of")
    expect(write(page, 1, 'answer("04-but-not", neuron=lambda x: 1.0)')).to_contain_text("✗")
    right = 'answer("04-but-not", neuron=lambda x: 1.0 if x[0] and not x[1] else 0.0)'
    expect(write(page, 1, right)).to_contain_text("✓")
    progress = write(page, 2, 'print(repr(progress("04-but-not")))')
    expect(progress).not_to_be_empty()
    before = progress.inner_text()
    page.reload()
    page.locator(CELL).first.wait_for()
    clear(page)
    write(page, 0, "from chainrule import answer, exercise, progress")
    expect(write(page, 2, 'print(repr(progress("04-but-not")))')).to_have_text(before, use_inner_text=True)


def test_symbols_are_loaded_when_they_are_needed(notebook):
    page = notebook("01_computation_graphs.ipynb")
    clear(page)
    loaded = []
    page.context.on("request", lambda asked: loaded.append(asked.url))
    write(page, 0, "1 + 1")
    assert not any(url.endswith("sympy.zip") for url in loaded)
    expect(write(page, 0, "import sympy\nprint(sympy.simplify('x + x'))")).to_have_text(re.compile(r"2\*x\s*$"))


def test_dark_and_narrow(notebook):
    page = notebook("01_computation_graphs.ipynb", color_scheme="dark", viewport={"width": 390, "height": 800})
    frame = page.locator(CELL).nth(place_of(page, "stepper(")).frame_locator("iframe.chainrule-frame")
    frame.locator(".chainrule-stepper[data-theme=dark]").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
