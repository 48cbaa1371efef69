"""Exercises in a notebook: ``exercise``, ``answer`` and ``progress``."""

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from xml.dom.minidom import parseString

import pytest
from derivations import GRAPHS, WRONG

from autograd import graph, to_text
from autograd.by_hand.book import Book
from autograd.formulas.digits import short
from chainrule import answer, exercise, progress
from chainrule.exercises import desk
from chainrule.grading.exercise import ExerciseError
from chainrule.grading.marks import AnswersError

LOGISTIC = """
title = "Logistic regression"
task = "Derive the gradients of L."
graph = "z = w1*x1 + b; a = sigmoid(z); L = -(y*log(a) + (1 - y)*log(1 - a))"
want = "formula"

[at]
w1 = 0.5
x1 = 2
b = 0.25
y = 1

[points]
dz = 2
dw1 = 1
db = 1
"""
RIGHT = {"dz": "a - y", "dw1": "x1*(a - y)", "db": "a - y"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of a notebook, where ``logistic`` is an exercise and nothing was answered yet."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "logistic.toml").write_text(LOGISTIC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(desk, "_DESK", desk.Desk())
    return tmp_path


def define(**more):
    given = {"graph": "J = (w*x)**2", "at": {"w": 3, "x": 2}, "points": {"dw": 2}}
    return exercise("square", **given | more)


# --- the task ---------------------------------------------------------------------------------------


def test_a_task_as_text():
    assert repr(exercise("logistic")) == (
        "Logistic regression\n\n"
        "Derive the gradients of L.\n\n"
        "    z = w1*x1 + b\n    a = sigmoid(z)\n    L = -(y*log(a) + (1 - y)*log(1 - a))\n\n"
        "at w1 = 0.5, x1 = 2, b = 0.25, y = 1\n\n"
        "Derive dz (2 points), dw1 (1 point), db (1 point). "
        "A formula is wanted: a number is right at this point only.\n\n"
        'answer("logistic", dz="…", dw1="…", db="…")'
    )


def page(shown):
    """A shown thing's HTML, as a tree; malformed HTML is an error here."""
    return parseString(f"<body>{shown._repr_html_()}</body>")


def test_a_task_in_jupyter():
    tree = page(exercise("logistic"))
    assert [node.tagName for node in tree.documentElement.firstChild.childNodes] == [
        *("h4", "p", "p", "pre", "p", "p", "p", "pre")
    ]
    assert len(tree.getElementsByTagName("math")) == 1
    (image,) = tree.getElementsByTagName("img")
    head, _, data = image.getAttribute("src").partition(",")
    assert head == "data:image/svg+xml;base64"
    svg = b64decode(data).decode()
    assert "grad —" in svg
    assert "1.25" in svg  # z
    assert "∂" not in svg  # the picture gives no derivative away, also no local one
    assert "0.1731" not in svg


def test_a_picture_does_not_show_where_nothing_flows():
    def arrows(z):
        (image,) = page(define(graph="J = relu(z)", at={"z": z}, points={"dz": 1})).getElementsByTagName("img")
        svg = b64decode(image.getAttribute("src").partition(",")[2]).decode()
        return svg.count("stroke-dasharray"), svg.count("<path")

    assert arrows(-1) == arrows(1)


def test_texts_of_an_exercise_are_data():
    hostile = '<script>alert("1")</script>'
    task = define(title=hostile, task=f"{hostile}\n\nand\x1b[2J more", points={"dw": 1})
    tree = page(task)
    assert not tree.getElementsByTagName("script")
    assert [node.firstChild.data for node in tree.getElementsByTagName("h4")] == [hostile]
    assert "\x1b" not in repr(task)
    assert "\x1b" not in task._repr_html_()
    reply = answer("square", dw='"<b>"')
    assert not page(reply).getElementsByTagName("script")


def test_vectors_are_not_drawn_but_shown():
    task = exercise("mean", graph="J = mean(w*x)", at={"w": 2, "x": [1, 2, 3]}, points={"dw": 1})
    assert "at w = 2, x = [1, 2, 3]" in repr(task)
    assert not page(task).getElementsByTagName("img")
    assert answer("mean", dw="mean(x)").ok


def test_names_that_are_no_words_are_asked_for_as_text():
    task = define(points={"∂J/∂w": 2})
    assert repr(task).endswith('answer("square", "∂J/∂w = …")')
    assert answer("square", dw="2*w*x**2").score() == 2.0


# --- answers ----------------------------------------------------------------------------------------


def test_a_right_answer():
    reply = answer("logistic", **RIGHT)
    assert reply.ok
    assert reply.score() == 4.0
    assert type(reply.score()) is float
    reply.require()
    assert str(reply).splitlines()[-1] == "logistic: 4 of 4 points so far."


def test_a_wrong_answer_gets_the_reason_not_the_solution():
    reply = answer("logistic", dz="y - a")
    assert str(reply) == (
        "✗ dz = y - a: wrong\n"
        "  Only the sign is wrong: this is −∂L/∂z. Look for a lost minus, such as the one in front of L.\n"
        "  0 of 2 points\n"
        "Not answered yet: dw1, db.\n"
        "logistic: 0 of 4 points so far."
    )
    with pytest.raises(AssertionError, match="Only the sign is wrong"):
        reply.require()
    cells = [cell.toxml() for cell in page(reply).getElementsByTagName("td")]
    assert [cells[0][-6], cells[1].count("<code>dz = y - a</code>"), cells[3][-12:]] == ["✗", 1, ">0 of 2</td>"]


def test_what_is_revealed():
    nothing, reason, numbers = "✗ dw = w: wrong\n  0 of 2 points\n", "yours 3", "yours 3, autograd 24, numerical 24"
    define(reveal="nothing")
    assert str(answer("square", dw="w")).startswith(nothing)
    define()
    assert reason not in str(answer("square", dw="w"))
    assert "  " in str(answer("square", dw="w")).replace(nothing, "")
    define(reveal="numbers")
    assert numbers in str(answer("square", dw="w"))


def given(node):
    return {leaf.label: leaf.data for leaf in graph.topological(node) if leaf.op is None and leaf.label}


@pytest.mark.parametrize("name", ["g1", "g2", "g5", "g6"])
def test_no_reason_holds_the_right_number(name, monkeypatch):
    root, _ = GRAPHS[name]()
    root.backward()
    book = Book(root)
    wrong = [(wrt, claim) for case, wrt, claim, *_ in WRONG if case == name]
    wanted = {f"d{wrt}": 1 for wrt, _ in wrong}
    shown = []
    for wrt, claim in [*wrong, *((wrt[1:], "sin(123)") for wrt in wanted)]:
        monkeypatch.setattr(desk, "_DESK", desk.Desk())
        exercise("corpus", graph=to_text(root), at=given(root), points=wanted)
        number = short(book.known[wrt].grad).lstrip("−")
        reply = answer("corpus", f"d{wrt} = {claim}")
        if len(number) > 4:  # shorter ones may stand in the graph
            assert number not in str(reply) + reply._repr_html_(), f"{wrt} = {claim}"
            shown.append(reply)
    assert len(shown) > 15 or name == "g1"


def test_the_last_readable_line_counts():
    assert answer("logistic", dz="a - y").score() == 2.0
    assert answer("logistic", "∂L/∂z = y - a").score() == 0.0  # of the same derivative, written otherwise
    assert progress("logistic").score() == 0.0
    assert answer("logistic", "dL/dz = a - y").score() == 2.0
    for unreadable in ("a - ", "a - q", "((("):
        reply = answer("logistic", dz=unreadable, db="a - y")
        assert not reply.ok
        assert "unreadable: " in str(reply)
        assert "Your earlier line for dz stands.\nNot answered yet: dw1.\n" in str(reply)
        assert progress("logistic").score() == 3.0
    assert answer("logistic", dw1="x1*(a - y)").score() == 1.0
    assert progress("logistic").score() == 4.0


@pytest.mark.parametrize("blank", ["", "  ", ..., None])
def test_what_is_left_blank_replaces_nothing(blank):
    answer("logistic", **RIGHT)
    reply = answer("logistic", dz=blank)
    assert (reply.rows, reply.ok) == ((), False)
    assert str(answer("logistic", blank if isinstance(blank, str) else "")) == "logistic: 4 of 4 points so far."
    assert progress().data[0]["attempts"] == 1


def test_what_cannot_be_an_answer_changes_nothing():
    answer("logistic", **RIGHT)
    for raised, bad in ((TypeError, object()), (TypeError, 1j), (ZeroDivisionError, lambda z: z / 0)):
        with pytest.raises(raised):
            answer("logistic", dz="y - a", db=bad)
    with pytest.raises(AnswersError, match="at most 200 are read"):
        answer("logistic", "dz = y - a\n" * 300)
    with pytest.raises(AnswersError, match="there is no line to mark"):
        answer("logistic", "# dz = a - y")
    for unread in ("a - y", "= a", "dz =", "dq = 1", "dL/dL/dz = 1"):
        assert not answer("logistic", unread).ok
    assert progress("logistic").score() == 4.0


def test_a_text_has_chains_comments_and_lines_not_asked_for():
    reply = answer("logistic", "da = -y/a + (1 - y)/(1 - a)  # first\ndz = da*a*(1 - a) = a - y; dw1 = x1*dz = dz")
    assert [row.name for row in reply.rows] == ["da", "dz", "dw1"]
    assert [row.answer.verdict for row in reply.rows] == ["right", "right", "wrong"]
    assert reply.score() == 2.0


def test_a_mistake_costs_once_also_over_several_calls():
    answer("logistic", dz="y - a")
    reply = answer("logistic", dw1="x1*(y - a)")
    assert reply.score() == 1.0
    assert "follows rightly from your dz" in str(reply)
    answer("logistic", dz="a - y")
    assert progress("logistic").data[0]["lines"]["dw1"]["earned"] == 0.0  # now it follows from nothing


def test_a_mapping_of_lines():
    assert answer("logistic", {"∂L/∂z": "a - y", "dw1": ""}, db="a - y").score() == 3.0
    for wrong in (5, {5: "a - y"}, ["dz = a - y"]):
        with pytest.raises(TypeError, match="an answer has lines, "):
            answer("logistic", wrong)


def test_matrices(folder):
    root = Path(__file__).parent.parent.parent
    shutil.copy(root / "examples" / "exercises" / "three_layers.toml", folder / "exercises")
    assert not page(exercise("three_layers")).getElementsByTagName("img")
    derived = (root / "examples" / "exercises" / "three_layers.answers.txt").read_text(encoding="utf-8")
    assert answer("three_layers", derived).ok
    progress("three_layers").require()
    one = exercise("row", graph="J = mean((w*x - 1)**2)", at={"w": [1, 2], "x": [3, 4]}, points={"dw": 1})
    numbers = [2 * 2 * 3 / 2, 2 * 7 * 4 / 2]
    assert answer("row", dw=numbers).score() == 1.0
    assert answer("row", dw=[6, 27]).score() == 0.0
    assert one.exercise.root.label == "J"


def test_a_number_is_no_formula():
    assert "right here only" in str(answer("logistic", dz=-0.22270014))
    define()
    assert answer("square", dw=24).ok


# --- exercises, and their names ---------------------------------------------------------------------


def test_an_unknown_exercise_lists_the_known():
    define()
    for call in (exercise, answer, progress):
        with pytest.raises(KeyError) as raised:
            call("logistc")
        assert str(raised.value) == "there is no exercise 'logistc': the exercises are logistic, square"


def test_no_exercise_at_all(folder):
    (folder / "exercises" / "logistic.toml").unlink()
    assert repr(progress()) == "There is no exercise yet."
    with pytest.raises(KeyError, match=r"none is known: put ex1\.toml into a folder exercises beside the notebook, or"):
        exercise("ex1")


def test_no_file_outside_the_folder_is_read(folder):
    (folder / "secret.toml").write_text(LOGISTIC, encoding="utf-8")
    for name in ("../secret", str(folder / "secret"), "..", "", "logistic.toml", "logistic\0"):
        with pytest.raises(KeyError, match="there is no exercise"):
            exercise(name)
    os.symlink(folder / "secret.toml", folder / "exercises" / "link.toml")
    with pytest.raises(ExerciseError, match=r"exercises/link\.toml: .*a link has no place here"):
        exercise("link")


def test_the_exercise_of_a_file_cannot_be_defined_anew():
    with pytest.raises(ExerciseError, match=r"exercises/logistic\.toml defines logistic"):
        exercise("logistic", graph="J = 1*q", at={"q": 1}, points={"dq": 9})
    assert progress().points == 4.0


def test_a_file_is_read_anew_and_answers_are_kept(folder):
    answer("logistic", **RIGHT)
    (folder / "exercises" / "logistic.toml").write_text(LOGISTIC.replace("dz = 2", "dz = 5"), encoding="utf-8")
    assert progress().score() == 7.0
    (folder / "exercises" / "logistic.toml").write_text("graph = 3", encoding="utf-8")
    assert "exercises/logistic.toml: graph is a text, not 3" in repr(progress())
    with pytest.raises(ExerciseError):
        answer("logistic", dz="y - a")
    (folder / "exercises" / "logistic.toml").write_text(LOGISTIC, encoding="utf-8")
    assert progress().score() == 4.0


def test_an_exercise_defined_anew_keeps_the_answers():
    define()
    answer("square", dw="2*w*x**2")
    define(points={"dw": 3, "dx": 1})
    assert (progress().score(), progress("square").points) == (3.0, 4.0)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"graph": ""}, "the graph is missing"),
        ({"graph": "J = (w*"}, "the graph: "),
        ({"at": {"w": 3}}, "the graph: no value for x"),
        ({"points": {"dq": 1}}, "points: the graph has no q"),
        ({"points": {}}, "points say what is wanted"),
        ({"want": "poem"}, 'want is "formula"'),
    ],
)
def test_an_exercise_that_cannot_be_used(more, why):
    with pytest.raises(ExerciseError, match=why.replace("(", r"\(")):
        define(**more)
    assert "square" not in repr(progress())


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, 7])
def test_what_is_no_name(name):
    with pytest.raises(ExerciseError, match="the name of an exercise is a word such as ex1"):
        exercise(name, graph="J = 2*w", at={"w": 1}, points={"dw": 1})


# --- progress ---------------------------------------------------------------------------------------


def test_progress():
    define(title="A square")
    answer("logistic", dz="a - y", dw1="a - y")
    shown = progress()
    assert repr(shown) == "logistic  dz ✓, dw1 ✗, db –  2 of 4\nsquare    dw –               0 of 2\n2 of 6 points"
    assert (shown.score(), shown.points, type(shown.score())) == (2.0, 6.0, float)
    assert json.loads(json.dumps(shown.data))[0] == {
        "exercise": "logistic",
        "title": "Logistic regression",
        "earned": 2.0,
        "points": 4.0,
        "attempts": 1,
        "lines": {
            "dz": {"verdict": "right", "earned": 2.0, "points": 2.0},
            "dw1": {"verdict": "wrong", "earned": 0.0, "points": 1.0},
            "db": {"verdict": "missing", "earned": 0.0, "points": 1.0},
        },
        "problem": "",
    }
    rows = [[cell.toxml() for cell in row.childNodes] for row in page(shown).getElementsByTagName("tr")]
    assert len(rows) == 4
    assert "<b>2 of 6 points</b>" in rows[-1][-1]


def test_progress_requires():
    answer("logistic", dz="a - y", dw1="a - y")
    shown = progress("logistic")
    shown.require("dz")
    with pytest.raises(AssertionError, match=r"\n✗ dw1 = a - y: wrong\n  .*\n✗ db: missing$"):
        shown.require()
    with pytest.raises(AssertionError, match=r"\n✗ db: missing$"):
        shown.require("dz", "db")
    with pytest.raises(KeyError, match="'dw2' is not asked for; dz, dw1, db are"):
        shown.require("dw2")
    answer("logistic", **RIGHT)
    progress("logistic").require()
    progress().require()


def test_nothing_is_written(folder, capfd):
    before = sorted(folder.rglob("*"))
    exercise("logistic")._repr_html_()
    answer("logistic", dz="y - a", dq="1")._repr_html_()
    progress()._repr_html_()
    assert sorted(folder.rglob("*")) == before
    assert capfd.readouterr() == ("", "")  # nbgrader scores 0 what writes to stderr


def test_importing_chainrule_loads_nothing():
    code = (
        "import sys; before = set(sys.modules); import chainrule; new = set(sys.modules) - before; "
        "from chainrule import answer, exercise, progress; print(*sorted(new), callable(progress))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["chainrule", "True"]
    import chainrule

    with pytest.raises(AttributeError, match="has no attribute 'grade'"):
        _ = chainrule.grade


def test_the_page_on_notebooks(folder):
    root = Path(__file__).parent.parent.parent
    shutil.copy(root / "examples" / "exercises" / "logistic.toml", folder / "exercises")
    page = root / "docs" / "grading-notebooks.md"
    (folder / "exercises" / "nand.toml").write_text(
        re.search("```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)[1], "utf-8"
    )
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert (failed, tried > 4) == (0, True)
