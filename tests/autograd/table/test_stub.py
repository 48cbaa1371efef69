"""The types of the table's functions and methods: ``autograd/operations.pyi``."""

import re
import subprocess
import sys

import pytest

from autograd.table import stub

TYPES = {
    "x.tanh()": "Value",
    "autograd.tanh(x)": "Value",
    "autograd.tanh(2.0)": "float",
    "autograd.maximum(1, x)": "Value",
    "autograd.softmax([x, x])": "list[Value]",
    "autograd.dot([1.0], [x])": "Value",
    "x + 1": "Value",
}
TYPOS = ["autograd.tahn(1.0)", "x.tahn()", "x.lable", "Value('1')", "x + 'a'"]


def test_it_is_what_the_table_says():
    assert stub.FILE.read_text(encoding="utf-8") == stub.text(), "write it anew: python -m autograd.table.stub"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What mypy says of each line."""
    file = tmp_path_factory.mktemp("typed") / "typed.py"
    lines = ["import autograd", "from autograd import Value", "x = Value(2.0)"]
    lines += [*(f"reveal_type({line})" for line in TYPES), *TYPOS]
    file.write_text("\n".join(lines))
    command = [sys.executable, "-m", "mypy", "--strict", "--no-color-output", str(file)]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    by_line = {int(n): text for n, text in re.findall(r"typed\.py:(\d+): (.*)", output)}
    return {line: by_line.get(at + 4, "") for at, line in enumerate([*TYPES, *TYPOS])}


@pytest.mark.parametrize(("line", "kind"), TYPES.items())
def test_functions_and_methods_have_types(line, kind, said):
    assert re.sub(r"\w+\.", "", said[line]) == f'note: Revealed type is "{kind}"'


@pytest.mark.parametrize("line", TYPOS)
def test_a_typo_is_found(line, said):
    assert said[line].startswith("error: ")
