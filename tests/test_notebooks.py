"""The notebooks run as they are committed, and show what they show."""

import base64
import gzip
import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load("build")


def unpacked(text):
    """Pages in frames are packed, and zlib's versions pack differently; their numbers have all digits, and processors
    round differently."""
    page = re.sub(r"H4sI[\w+/=]+", lambda packed: gzip.decompress(base64.b64decode(packed[0])).decode(), text)
    return re.sub(r"\d+\.\d{7,}(?:e[-+]?\d+)?", lambda number: f"{float(number[0]):.6g}", page)


def words(cell):
    """What a cell put out, but for what may differ between machines: the pixels of plots, packed bytes, last digits."""
    shown = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            shown.append((output.name, output.text))
        else:
            texts = {kind: unpacked(text) for kind, text in output.data.items() if kind != "image/png"}
            shown.append((sorted(output.data), texts))
    return shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_runs_and_shows_what_is_committed(path):
    committed = nbformat.read(path, as_version=4)
    executed, _ = build.execute(path, warnings_are_errors=True)
    for before, after in zip(committed.cells, executed.cells, strict=True):
        assert all(output.get("name") != "stderr" for output in after.get("outputs", []))
        assert words(before) == words(after), f"run python notebooks/build.py {path.name}\n{before.source}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_is_committed_with_outputs_and_nothing_else(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size < 400_000
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert kinds & {"image/png", "image/svg+xml"}
    assert not any("javascript" in kind or "widget" in kind for kind in kinds)  # GitHub shows neither
    ids = [cell.id for cell in notebook.cells]
    build.clean(notebook)
    assert nbformat.writes(notebook) + "\n" == path.read_text(encoding="utf-8")
    assert len(set(ids)) == len(ids)


def test_a_notebook_that_fails_is_noticed(tmp_path):
    path = tmp_path / "broken.ipynb"
    cell = nbformat.v4.new_code_cell("import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=1)")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    with pytest.raises(Exception, match=r"DeprecationWarning\S*: old"):
        build.execute(path, warnings_are_errors=True)
