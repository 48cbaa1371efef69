"""Run the notebooks and keep their outputs: ``python notebooks/build.py [notebook ...]``, or all of them.

It lists the exercises and their points in README.md, too; with ``notebooks/README.md`` for a notebook it does no more.

What is kept does not depend on the day or the machine: no times, no versions, counts from 1. So running one
again changes its file only where its results changed. Needs the extra ``test``.
"""

import contextlib
import sys
import time
from itertools import groupby
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from chainrule import progress

FOLDER = Path(__file__).parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# The kernel's own warnings (it shuts down in a deprecated way) are not ours.
STRICT = "import warnings; warnings.simplefilter('error'); warnings.filterwarnings('ignore', module='ipykernel')"


def execute(path, warnings_are_errors=False):
    """The notebook as it is after running all its cells in a fresh kernel, and the seconds of each cell.

    Raises nbclient's CellExecutionError where a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    settings = {"timeout": 120, "extra_arguments": ["--log-level=ERROR"]}
    client = NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}, **settings)
    seconds = []
    with client.setup_kernel():
        if warnings_are_errors:
            client.kc.execute(STRICT, silent=True)
        for index, cell in enumerate(notebook.cells):
            start = time.perf_counter()
            client.execute_cell(cell, index)
            seconds.append(time.perf_counter() - start)
    clean(notebook)
    return notebook, seconds


def clean(notebook):
    """Leave nothing in the notebook that differs from run to run."""
    notebook.metadata = nbformat.from_dict(METADATA)
    count = 0
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type == "code":
            count += bool(cell.source.strip())
            cell.execution_count = count
            cell.outputs = joined(cell.outputs)
            for output in cell.outputs:
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)  # needs a kernel
                if output.output_type == "execute_result":
                    output.execution_count = count


def joined(outputs):
    """The outputs, with what was printed in one piece: where the kernel cuts it depends on its speed."""
    whole = []
    for output in outputs:
        if whole and output.output_type == "stream" and whole[-1].get("name") == output.name:
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


def with_exercises(readme):
    """The text of README.md with the exercises of the folder, notebook by notebook."""
    with contextlib.chdir(FOLDER):
        known = [(one["exercise"], one["title"], one["points"]) for one in progress().data]
    rows = ["| notebook | exercises (points) | points |", "|---|---|---|"]
    for number, group in groupby(known, key=lambda one: one[0].partition("-")[0]):
        listed = list(group)
        titles = ", ".join(f"{title} ({points:g})" for _, title, points in listed)
        rows.append(f"| {number} | {titles} | {sum(points for *_, points in listed):g} |")
    rows.append(f"| all | {len(known)} exercises | {sum(points for *_, points in known):g} |")
    before, _, after = readme.partition("<!-- exercises -->")
    return f"{before}<!-- exercises -->\n{chr(10).join(rows)}\n<!-- end -->{after.partition('<!-- end -->')[2]}"


def main(paths):
    readme = FOLDER / "README.md"
    for path in (path for path in paths or sorted(FOLDER.glob("*.ipynb")) if path != readme):
        notebook, seconds = execute(path)
        nbformat.write(notebook, path)
        size = path.stat().st_size / 1000
        print(f"{path.name}: {sum(seconds):.1f} s, slowest cell {max(seconds):.1f} s, {size:.0f} kB")
    readme.write_text(with_exercises(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
