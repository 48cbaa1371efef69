"""The notebooks as the browser gets them, and the page that lists them."""

from __future__ import annotations

import json
import re
import shutil
from html import escape
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt

HERE = Path(__file__).parent / "course"
NOTEBOOKS = HERE.parent.parent / "notebooks"
KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
ROW = re.compile(
    r"^\| \[(?P<number>\w+)\]\((?P<file>[\w.]+)\) (?P<title>[^|]+) \| (?P<topics>[^|]+) \| (?P<minutes>\d+) \|"
)
WITHOUT_ARRAYS = ("00", "01", "02", "03", "04", "06", "12", "13", "14")  # these run to their end without NumPy
ONLY_READ = (
    "Much of this notebook computes with NumPy, which this page does not have. You see what its cells gave; "
    "to run them, install chainrule on your computer."
)
NO_PLOTS = "Plots need matplotlib, which this page does not have: you see what was plotted until you run their cells."
# Networks learn without NumPy, too, but slowly: what a cell would take many minutes for is made smaller, and said.
SMALLER = {
    "12": (
        "The networks learn from 300 of the 1797 digits here, for there is no NumPy: that takes a minute.",
        {"X, y = digits()": "X, y = (part[:300] for part in digits())  # fewer, in the browser"},
    ),
    "13": (
        "The networks learn from 20 sequences for 20 epochs from one start here, for there is no NumPy.",
        {
            "sequences(length, 40, seed=0)": "sequences(length, 20, seed=0)",
            "lr=0.03, epochs=100": "lr=0.03, epochs=20, batch_size=5",
            "for seed in range(3)), key=": "for seed in range(1)), key=",
            "pair: pair[0])[1]": "pair: pair[0])[0]",
        },
    ),
}


def write_notebooks(folder: Path, arrays: bool) -> None:
    """The notebooks with their outputs, the exercises, and a file that keeps what is answered.

    The outputs are trusted, so that every stepper steps before there is a kernel, and plots show where there is no
    matplotlib.
    """
    (folder / "exercises").mkdir(parents=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)  # its texts are whole: JupyterLite does not join their lines
        notebook["metadata"]["kernelspec"] = KERNEL
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["metadata"]["trusted"] = True
        if not arrays:
            without_arrays(notebook, path)
        (folder / path.name).write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    for path in sorted((NOTEBOOKS / "exercises").glob("*.toml")):
        shutil.copy(path, folder / "exercises")
    (folder / "exercises" / "progress.json").write_text("{}\n", encoding="utf-8")


def without_arrays(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Say at the top what does not run without NumPy and matplotlib; let no cell take more than a minute."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    notes = [] if runs(path) else [ONLY_READ]
    if runs(path) and any("plots." in cell["source"] for cell in code):
        notes.append(NO_PLOTS)
    said, changes = SMALLER.get(number(path), ("", {}))
    notes += [said] if said else []
    for old, new in changes.items():
        (cell,) = [cell for cell in code if old in cell["source"]]
        cell["source"] = cell["source"].replace(old, new)
    if notes:
        text = f"> **In the browser.** {' '.join(notes)}"
        notebook["cells"].insert(1, nbformat.v4.new_markdown_cell(text, id="in-the-browser"))


def number(path: Path) -> str:
    """04 of 04_neurons_and_perceptrons.ipynb."""
    return path.name.partition("_")[0]


def runs(path: Path) -> bool:
    """Whether a notebook runs to its end without NumPy and matplotlib."""
    return number(path) in WITHOUT_ARRAYS


def landing(arrays: bool) -> str:
    """The page of the course: the table of notebooks/README.md, each with the way to open it."""
    text = MarkdownIt()
    rows = []
    for row in filter(None, map(ROW.match, (NOTEBOOKS / "README.md").read_text(encoding="utf-8").splitlines())):
        address = f"notebooks/index.html?path={row['file']}"
        rows.append(
            f'<tr><td><a href="{escape(address)}">{row["number"]} {text.renderInline(row["title"])}</a></td>'
            f"<td>{text.renderInline(row['topics'])}</td><td>{row['minutes']}</td>"
            f"<td>{'all' if arrays else what_runs(NOTEBOOKS / row['file'])}</td></tr>"
        )
    return (HERE / "index.html").read_text(encoding="utf-8").replace("<!-- notebooks -->", "\n".join(rows))


def what_runs(path: Path) -> str:
    """What of a notebook runs without NumPy and matplotlib, in words."""
    if not runs(path):
        return "to read and step"
    return "all but the plots" if "plots." in path.read_text(encoding="utf-8") else "all"
