"""What the page asks of Python (site/page/answers.py), asked here without a page."""

import importlib.util
import json
from pathlib import Path

import pytest

ANSWERS = Path(__file__).parents[2] / "site" / "page" / "answers.py"
LOGISTIC = "L = -(y log a + (1 - y) log(1 - a)); a = σ(z); z = w x + b"


@pytest.fixture
def ask():
    """``ask(kind, ...)``: one desk, one request after the other."""
    spec = importlib.util.spec_from_file_location("answers", ANSWERS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda kind, **more: json.loads(module.answer(json.dumps({"kind": kind, **more})))


def nodes(answer):
    return {node["name"]: node["data"] for node in answer["payload"]["trace"]["nodes"]}


@pytest.mark.parametrize("at", ["a=5, b=3, c=2", "a=5 b=3 c=2", "a = 5; b=3\nc=4/2", " a=5,b=3,c=2, "])
def test_a_formula_at_values(ask, at):
    assert nodes(ask("formula", text="J = 3(a + bc)", at=at))["J"] == 33


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("3(a + bc", "a=5, b=3, c=2", "("),
        ("3(a + bc)", "a=5, b=3", "c"),
        ("3a", "a", "expected name=number, such as a=1.5, not 'a'"),
        ("3a", "a=x", "a value is a number"),
        ("", "", "empty"),
    ],
)
def test_a_mistake_in_a_formula_is_an_error(ask, text, at, message):
    assert message in ask("formula", text=text, at=at)["error"]


def test_a_program_ends_with_a_value_or_makes_one(ask):
    code = "from autograd import Value\na = Value(2.0, 'a')\nb = a * 3\nprint('hello')\n"
    for ending in ("b", "b.data", "", "_ = [1]"):
        answer = ask("python", code=code + ending)
        assert nodes(answer)["f"] == 6.0
        assert answer["out"].startswith("hello\n")
    assert ask("python", code=code + "b.data")["out"] == "hello\n6.0\n"
    assert "<table" in ask("python", code=code + "from autograd import check\ncheck(b, 'da = 3')")["html"]
    assert "<svg" in ask("python", code=code + "import viz\nviz.draw(b)")["html"]
    assert nodes(ask("python", code=code + "import viz\nviz.stepper(a * a)"))["f"] == 4.0


def test_a_program_that_fails_shows_the_readers_lines(ask):
    answer = ask("python", code="print(1)\ndef f():\n    return 1/0\nf()")
    assert answer["out"] == "1\n"
    assert answer["error"].splitlines()[0].startswith('  File "your code", line 4')
    assert "ZeroDivisionError" in answer["error"].splitlines()[-1]
    assert "line 1" in ask("python", code="1 +")["error"]
    assert "SystemExit" in ask("python", code="import sys; sys.exit()")["error"]


def test_a_graph_too_large_for_steps_is_an_error_beside_what_was_printed(ask):
    answer = ask(
        "python", code="from autograd import Value\nx = Value(1.0)\nfor _ in range(40_000): x = x + 1\nprint(x.data)\nx"
    )
    assert answer["out"] == "40001.0\n"
    assert "30,000" in answer["error"]


def test_what_is_printed_without_end_is_cut(ask):
    assert "and 100,002 characters more" in ask("python", code="print('x' * 200_001)")["out"]


def test_the_panes_are_about_the_last_formula(ask):
    for name in ("picture", "table", "latex", "derivation"):
        assert "there is no Value yet" in ask("pane", name=name)["error"] or name == "picture"
    ask("formula", text=LOGISTIC, at="w=0.5, b=0.25, x=2, y=1")
    assert ask("pane", name="picture")["svg"].startswith("<svg")
    assert "∂L/∂node" in ask("pane", name="table")["html"]
    assert r"\sigma(z)" in ask("pane", name="latex")["latex"]
    assert ask("pane", name="derivation")["html"].count("<details") == 4
    assert ask("page")["page"].startswith("<!doctype html>")
    marks = ask("check", lines="dz = a - y\ndw = x(y - a)")
    assert not marks["ok"]
    assert "Only the sign is wrong" in marks["html"]
    assert ask("check", lines="dz = a - y")["ok"]


def test_of_many_leaves_the_first_are_derived(ask):
    code = "from autograd import Value\nsum(Value(i, f'x{i}') for i in range(20))"
    ask("python", code=code)
    html = ask("pane", name="derivation")["html"]
    assert html.count("<details") == 12
    assert "These are 12 of 20 leaves." in html
