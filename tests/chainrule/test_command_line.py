"""The command line: tables, files, and refusals of one line."""

import io
import os
import subprocess
import sys

import pytest

import autograd
from chainrule.__main__ import main

G1 = ["3*(a + b*c)", "a=5", "b=3", "c=2"]
G2 = [
    "L = -(y*log(a)+(1-y)*log(1-a)); a = sigmoid(z); z = w1*x1+w2*x2+b",
    "w1=.5",
    "w2=-1",
    "x1=2",
    "x2=1",
    "b=1/4",
    "y=1",
]


G1_OUTPUT = """\
3*(a + b*c)

name     value  ∂f/∂name
a            5         3
b            3         6
c            2         9
b*c          6         3
a + b*c     11         3
f           33         1
"""


def rows(output):
    """The table's rows: name to (value, gradient), as printed."""
    table = output.split("\n\n")[1].splitlines()
    return {line.rsplit(maxsplit=2)[0].strip(): tuple(line.rsplit(maxsplit=2)[1:]) for line in table}


# --- what is printed ----------------------------------------------------------------------------------------


def test_g1(run):
    assert run(*G1) == (0, G1_OUTPUT, "")


def test_g1_with_names(run):
    code, output, _ = run("u = b*c; v = a + u; J = 3*v", "a=5", "b=3", "c=2")
    assert code == 0
    assert output.startswith("u = b*c; v = a + u; J = 3*v\n")
    assert rows(output) == {
        "name": ("value", "∂J/∂name"),
        "a": ("5", "3"),
        "b": ("3", "6"),
        "c": ("2", "9"),
        "u": ("6", "3"),
        "v": ("11", "3"),
        "J": ("33", "1"),
    }


def test_g2(run):
    code, output, _ = run(*G2)
    table = rows(output)
    assert code == 0
    assert table["z"] == ("0.25", "-0.4378235")
    assert table["a"][0] == "0.5621765"
    assert table["L"] == ("0.5759394", "1")
    assert table["w1"][1] == "-0.875647"
    assert table["w2"][1] == table["b"][1] == "-0.4378235"
    assert list(table)[-1] == "L"


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("a=.5", "0.5"),
        ("a=-1e3", "-1000"),
        ("a=1/3", "0.3333333"),
        (" a = 2 ", "2"),
        ("a=2*pi", "6.283185"),
        ("a=-0.0", "0"),
    ],
)
def test_values_are_arithmetic(run, assignment, value):
    code, output, _ = run("a + 1", assignment)
    assert code == 0
    assert rows(output)["a"][0] == value


@pytest.mark.parametrize("arguments", [["-a*b", "a=1", "b=2"], ["--", "-a*b", "a=1", "b=2"]])
def test_a_formula_may_begin_with_a_minus(run, arguments):
    code, output, errors = run(*arguments)
    assert (code, errors) == (0, "")
    assert rows(output)["a"] == ("1", "-2")


# --- files --------------------------------------------------------------------------------------------------


def test_pictures(run, tmp_path):
    starts = {"svg": b"<", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b""}
    options = [word for kind in starts for word in (f"--{kind}", str(tmp_path / f"graph.{kind}"))]
    code, output, errors = run(*options, *G1)
    assert (code, errors) == (0, "")
    for kind, start in starts.items():
        path = tmp_path / f"graph.{kind}"
        assert f"wrote {path}\n" in output
        assert path.read_bytes().startswith(start)
    assert "digraph" in (tmp_path / "graph.dot").read_text()


def test_options_stand_anywhere(run, tmp_path):
    path = tmp_path / "graph.svg"
    assert run("-a", f"--svg={path}", "a=1")[0] == 0
    assert path.exists()


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["1/2a", "a=1"], "1/2a is (1/2)*a or 1/(2*a)? write one of them"),
        (["3*a"], "no value for a: add a=…"),
        (["3*a", "a=1", "b=2"], "the formula has no b"),
        (["3*q", "a=1"], "no value for q, and no use for a: add q=…"),
        (["3*a", "a="], "expected name=number, such as a=1.5, not 'a='"),
        (["3*a", "a"], "expected name=number, such as a=1.5, not 'a'"),
        (["3*a", "=1"], "expected name=number, such as a=1.5, not '=1'"),
        (["3*a", "2=1"], "expected name=number, such as a=1.5, not '2=1'"),
        (["3*a", "a=b"], "a value is a number, such as a=1.5, not 'a=b'"),
        (["3*a", "a=1..2"], "a=1..2: write 1.*.2 for a product, not 1..2 (character 3 of '1..2')"),
        (["3*a", "a=9**9**9"], "9**9**9 is infinite: too large, or a division by 0"),
        (["3*a", "a=1", "a=2"], "a is given twice"),
        (["3*a", "a=1", "--svg", "a.png"], "--svg writes a file whose name ends in .svg, not 'a.png'"),
        (["3*a", "a=1", "--gif", "a.gif"], "unrecognized arguments: --gif (chainrule --help says more)"),
        (["3*a", "a=1", "--svg"], "argument --svg: expected one argument (chainrule --help says more)"),
        (["--svg", "a.svg"], "the following arguments are required: formula"),
        (["__import__('os').system('true')"], 'the character "\'" has no place in a formula'),
        (["a\ud800", "a=1"], "the character '\\ud800' has no place in a formula"),
    ],
)
def test_refusals_are_one_line(run, arguments, message):
    code, output, errors = run(*arguments)
    assert (code, output) == (2, "")
    assert errors.startswith(f"chainrule: {message}")
    assert errors.count("\n") == 1


def test_files_that_cannot_be_written(run, tmp_path):
    nowhere = tmp_path / "missing" / "graph.svg"
    a_folder = tmp_path / "folder.svg"
    a_folder.mkdir()
    for path in (nowhere, a_folder):
        code, _, errors = run(*G1, "--svg", str(path))
        assert code == 2
        assert errors.startswith(f"chainrule: cannot write {path}: ")
        assert errors.count("\n") == 1


def test_without_arguments(run):
    code, output, errors = run()
    assert (code, output) == (2, "")
    assert errors.startswith("usage: chainrule ")


# --- help, terminals, processes -------------------------------------------------------------------------------


def test_help_and_version(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--help"])
    assert "name=number" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--version"])
    assert capsys.readouterr().out == f"chainrule {autograd.__version__}\n"


def test_a_terminal_without_greek_letters(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["J = θ*a", "θ=1", "a=2"]) == 0
    printed = out.buffer.getvalue().decode("ascii")
    assert "dJ/dname" in printed
    assert "J = \\u03b8*a" in printed


def test_as_a_module():
    command = [sys.executable, "-m", "chainrule"]
    done = subprocess.run([*command, *G1], capture_output=True, check=True, env=os.environ | {"PYTHONUTF8": "1"})
    assert done.stdout.decode().splitlines()[-1].split() == ["f", "33", "1"]
    refused = subprocess.run([*command, "3*a"], capture_output=True, check=False, env=os.environ | {"PYTHONUTF8": "1"})
    assert refused.returncode == 2
    assert refused.stderr.decode() == "chainrule: no value for a: add a=…\n"


def test_a_reader_that_goes_away_is_no_error():
    process = subprocess.Popen([sys.executable, "-m", "chainrule", *G1], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait() == 0
