"""Questions in a notebook: numbers, choices, and what computes; and predictions beside what came out."""

import json
import pickle

import pytest

import chainrule
from autograd import Value
from chainrule import answer, compare, exercise, progress
from chainrule.exercises import desk
from chainrule.grading.exercise import ExerciseError, from_toml
from chainrule.grading.marks import AnswersError
from nn import Neuron, constant

NAND = """
title = "NAND"
task = "One neuron."

[questions.neuron]
ask = "A neuron with this truth table."
inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]
outputs = [1, 1, 1, 0]
within = "rounded"
why = "Both weights have to be negative."
points = 2

[questions.bias]
ask = "Which bias is in the middle?"
right = "3*10"
why = { "-30" = "That is the bias of AND.", "2*10" = "Then one input is on the line." }

[questions.sign]
ask = "Which sign have its weights?"
options = ["positive", "negative"]
right = "negative"
why.positive = "Then each input pushes towards 1."
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of a notebook, where ``nand`` is an exercise and nothing was answered yet."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "nand.toml").write_text(NAND, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(desk, "_DESK", desk.Desk())
    return tmp_path


def write(folder, text):
    (folder / "exercises" / "other.toml").write_text(text, encoding="utf-8")
    return "other"


def nand():
    return Neuron(2, "sigmoid", init=constant(-20), bias=30)


def test_all_right():
    reply = answer("nand", neuron=nand(), bias=30, sign="Negative ")
    assert reply.ok
    assert reply.score() == 4
    assert str(reply).count("✓") == 3
    assert progress("nand").score() == 4
    assert str(progress()) == "nand  neuron ✓, bias ✓, sign ✓  4 of 4\n4 of 4 points"


@pytest.mark.parametrize("bias", [30, 30.0, "30", "60/2", "3·10", Value(30), 30.2])
def test_a_number_is_taken_in_many_forms(bias):
    assert answer("nand", bias=bias).ok


def test_wrong_answers_hear_why():
    reply = answer("nand", neuron=Neuron(2, "sigmoid", init=constant(20), bias=-30), bias=-30, sign="positive")
    assert "At [0, 0] it gives 9.358e-14. Both weights have to be negative." in str(reply)
    assert "That is the bias of AND." in str(reply)
    assert "Then each input pushes towards 1." in str(reply)
    assert reply.score() == 0
    assert "Then one input is on the line." in str(answer("nand", bias="20"))
    assert str(answer("nand", bias=7)).splitlines()[0] == "✗ bias = 7: wrong"


def test_an_empty_answer_is_none():
    reply = answer("nand", bias=..., sign="", neuron=None)
    assert not reply.rows
    assert str(reply) == "Not answered yet: neuron, bias, sign.\nnand: 0 of 4 points so far."


def test_what_cannot_be_read_replaces_nothing():
    answer("nand", bias=30, sign="negative")
    reply = answer("nand", bias="thirty (", sign="minus", neuron=3)
    assert [row.answer.verdict for row in reply.rows] == ["unreadable"] * 3
    assert 'The answer is "positive" or "negative".' in str(reply)
    assert "It is to be called" in str(reply)
    assert "Your earlier line for bias, sign stands." in str(reply)
    assert progress("nand").score() == 2


def test_the_last_answer_counts():
    answer("nand", bias=7)
    assert progress("nand").score() == 0
    answer("nand", bias=30)
    assert progress("nand").score() == 1
    answer("nand", bias=8)
    assert progress("nand").score() == 0


def test_a_function_that_fails_is_wrong_and_says_so():
    def broken(_):
        raise RuntimeError("no\nway")

    reply = answer("nand", neuron=broken)
    assert "At [0, 0] it raises RuntimeError: no\\nway" in str(reply)
    assert "gives" in str(answer("nand", neuron=lambda _: [1, 2]))
    assert not answer("nand", neuron=lambda _: float("nan")).ok


def test_outputs_may_be_lists_and_close(folder):
    name = write(folder, "[questions.f]\nask = 'f'\ninputs = [1, 2]\noutputs = [[1, 2], [2, 4]]\nwithin = 0.1")
    assert answer(name, f=lambda x: [Value(x), 2.05 * x]).ok
    assert not answer(name, f=lambda x: [x, 2.5 * x]).ok


def test_of_zero_only_zero_is_right(folder):
    name = write(folder, "[questions.g]\nright = 0")
    assert answer(name, g=0).ok
    assert not answer(name, g=1e-6).ok


def test_nothing_that_is_shown_says_what_is_right(folder):
    name = write(folder, "[questions.n]\nask = 'How many?'\nright = 81273\n[questions.m]\nright = '81274 + 1'")
    task, reply = exercise(name), answer(name, n=4, m=5)
    summed = progress()
    for shown in (str(task), task._repr_html_(), str(reply), reply._repr_html_(), str(summed), json.dumps(summed.data)):
        assert "8127" not in shown
    assert b"8127" not in pickle.dumps(reply)


def test_progress_of_some(folder):
    write(folder, "[questions.n]\nright = 1")
    assert [standing.name for standing in progress("o*").standings] == ["other"]
    assert len(progress("*").standings) == 2
    with pytest.raises(KeyError, match="the exercises are nand, other"):
        progress("x*")


def test_a_task_may_have_several_lines(folder):
    name = write(folder, "task = '''\nOne.\nTwo.\n'''\n[questions.n]\nright = 1")
    assert "\n\nOne.\nTwo.\n\n" in str(exercise(name))


def test_html_is_escaped(folder):
    name = write(folder, "title = '<b>'\n[questions.n]\nask = '<script>'\nright = 1\nwhy = { '2' = '<i>' }")
    pages = exercise(name)._repr_html_() + answer(name, n="<u>")._repr_html_() + answer(name, n=2)._repr_html_()
    assert not any(tag in pages for tag in ("<script>", "<i>", "<u>"))
    assert "&lt;b&gt;" in pages


def test_a_reveal_of_nothing(folder):
    name = write(folder, "reveal = 'nothing'\n[questions.n]\nright = 1\nwhy = { '2' = 'because' }")
    assert "because" not in str(answer(name, n=2))


def test_what_is_asked_wrongly():
    with pytest.raises(KeyError, match="no question 'b'; there are neuron, bias, sign"):
        answer("nand", b=3)
    with pytest.raises(AnswersError, match=r'by name: answer\("nand", neuron=\.\.\., bias=\.\.\., sign=\.\.\.\)'):
        answer("nand", "bias = 30")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("questions = 3", "questions are 1 to 100 tables"),
        ("[questions]", "questions are 1 to 100 tables"),
        ("[questions.n]\nask = 'x'", r"questions\.n: it has no answer"),
        ("[questions.n]\nright = 'x*'", r"questions\.n: "),
        ("[questions.n]\nright = 1\nwithin = 2", "within is how far off"),
        ("[questions.n]\nright = 1\nwhy = 'no'", "why says the reason of a wrong answer"),
        ("[questions.n]\nright = 1\nfoo = 2", "there is no use for foo: beside right stand"),
        ("[questions.n]\nright = 'a'\noptions = ['b', 'c']", "'a' is none of the options 'b', 'c'"),
        ("[questions.n]\nright = 100\nwhy = { '100.5' = 'no' }", "100.5 counts as right, within 0.01 of 100"),
        ("[questions.n]\nright = 'b'\noptions = ['b', 'B ']", "'b', 'B ' are the same"),
        ("[questions.n]\nright = 'b'\noptions = ['b', 'c']\nwhy.d = 'x'", "'d' is none of the options"),
        ("[questions.n]\ninputs = [1]\noutputs = [1, 2]", "lists of the same length"),
        ("[questions.n]\nright = 1\npoints = -1", "points: n = -1"),
        ("[questions.'n m']\nright = 1", "the name of a question is a word"),
        ("graph = 'a*b'\n[questions.n]\nright = 1", "there is no use for graph beside questions"),
        ("reveal = 'numbers'\n[questions.n]\nright = 1", 'reveal is "nothing" or "reason" here'),
    ],
)
def test_a_file_that_cannot_be_used(folder, text, message):
    name = write(folder, text)
    with pytest.raises(ExerciseError, match=message):
        exercise(name)
    assert "exercises/other.toml" in progress().standings[1].marks.problem


def test_the_marker_of_derivations_refuses_questions():
    with pytest.raises(ExerciseError, match="its questions are answered in a notebook"):
        from_toml(NAND)


# --- predictions ------------------------------------------------------------------------------------


def printed(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_predictions_are_compared(capsys):
    chainrule.compare({"a": 0.6411, "b": "-5/2", "c": "No", "d": -1}, {"a": 0.641067, "b": -2.5, "c": "no", "d": 1})
    assert printed(capsys) == [
        ["yours", "right"],
        ["a", "0.6411", "0.6411", "✓"],
        ["b", "-5/2", "−2.5", "✓"],
        ["c", "No", "no", "✓"],
        ["d", "−1", "1", "✗"],
    ]


def test_of_an_open_prediction_nothing_is_told(capsys):
    compare({"a": ...}, {"a": 81273, "b": "yes"})
    shown = capsys.readouterr().out
    assert "8127" not in shown
    assert "yes" not in shown
    assert shown.count("write yours") == 2


def test_reasons_have_the_names_of_what_is_predicted(capsys):
    with pytest.raises(TypeError, match="why gives reasons for a, not for b"):
        compare({"a": ...}, {"a": 1}, why={"b": "because"})
    compare({"a": 2, "c": 3}, {"a": 1, "c": 3}, why="because")
    assert [line[4:] for line in printed(capsys)[1:]] == [["because"], []]


def test_a_wrong_prediction_hears_why(capsys):
    why = {"a": {"3": "Three is a crowd."}, "b": "Look again.", "c": {"no": "It is."}}
    compare({"a": 3.0, "b": 1, "c": "No"}, {"a": 2, "b": 2, "c": "yes"}, why)
    assert [" ".join(line[4:]) for line in printed(capsys)[1:]] == ["Three is a crowd.", "Look again.", "It is."]
    compare({"a": 4, "b": 2, "c": [1]}, {"a": 2, "b": 2, "c": 3}, why)
    assert [line[3:] for line in printed(capsys)[1:]] == [["✗"], ["✓"], ["✗"]]
