"""``chainrule check EXERCISE.toml``: what the lines of a student's answers earn, and what is said of them."""

import math
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograd.by_hand.report import Answer
from chainrule.grading.child import marked_within
from chainrule.grading.exercise import ExerciseError, exercise, from_toml
from chainrule.grading.marks import AnswersError, Marks, Row, from_json, mark

ROOT = Path(__file__).parents[2]
EXERCISES = ROOT / "examples" / "exercises"
NAMES = sorted(path.stem for path in EXERCISES.glob("*.toml"))
LOGISTIC = (EXERCISES / "logistic.toml").read_text(encoding="utf-8")


def made(**changes):
    """The exercise of logistic regression, changed."""
    return exercise(tomllib.loads(LOGISTIC) | changes)


def verdicts(marks):
    return [(row.name, row.answer.verdict, row.earned, row.points) for row in marks.rows]


# --- the examples -----------------------------------------------------------------------------------------


def test_there_are_three_examples():
    assert NAMES == ["logistic", "three_layers", "worked_step"]


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_earn_all(run, name):
    code, output, errors = run("check", str(EXERCISES / f"{name}.toml"))
    assert (code, errors) == (0, "")
    points = sum(from_toml((EXERCISES / f"{name}.toml").read_text(encoding="utf-8")).points.values())
    assert output.endswith(f"\n{points:g} of {points:g} points\n")
    assert "✗" not in output


def test_wrong_matrices():
    """The sentences are the checker's; here it is what each line earns."""
    marks = mark(
        from_toml((EXERCISES / "three_layers.toml").read_text(encoding="utf-8")),
        (EXERCISES / "three_layers.wrong.txt").read_text(encoding="utf-8"),
    )
    assert verdicts(marks) == [
        ("dZ3", "right", 2, 2),
        ("dW3", "wrong", 0, 2),
        ("db3", "wrong", 0, 1),
        ("dZ2", "wrong", 0, 2),
        ("dW2", "right", 2, 2),
        ("db2", "right", 1, 1),
        ("dZ1", "right", 2, 2),
        ("dW1", "right", 2, 2),
        ("db1", "missing", 0, 1),
    ]
    assert (marks.earned, marks.points, marks.code) == (9, 15, 1)
    assert "(1, 4) and (2, 4)" in marks.rows[1].answer.diagnosis


def test_wrong_numbers():
    """To the digits that they are written with: four, three, and one that is off by one in its last digit."""
    marks = mark(
        from_toml((EXERCISES / "worked_step.toml").read_text(encoding="utf-8")),
        (EXERCISES / "worked_step.wrong.txt").read_text(encoding="utf-8"),
    )
    assert verdicts(marks) == [
        ("da", "wrong", 0, 1),
        ("dt1", "wrong", 1, 1),
        ("dt2", "right", 1, 1),
        ("dz1", "wrong", 0, 1),
        ("dz2", "wrong", 0, 1),
        ("dt11", "unreadable", 0, 0.5),
        ("dt12", "right", 0.5, 0.5),
        ("dt21", "right", 0.5, 0.5),
        ("dt22", "missing", 0, 0.5),
    ]
    assert marks.rows[1].answer.follows == "a"
    assert [row.answer.mistake for row in marks.rows[:4:3]] == ["sign", "missing factor"]
    assert (marks.earned, marks.points, marks.code) == (3, 7, 2)


# --- what a line earns ------------------------------------------------------------------------------------


def test_a_mistake_costs_once():
    marks = mark(made(), "dz = y - a\ndw1 = x1*dz\ndw2 = x2*(y - a)\ndb = y - a")
    assert verdicts(marks)[0] == ("dz", "wrong", 0, 2)
    assert [row.earned for row in marks.rows[1:]] == [1, 1, 1]
    assert (marks.earned, marks.code) == (3, 1)


def test_a_missing_line():
    marks = mark(made(), "dz = a - y")
    assert verdicts(marks)[1:] == [(name, "missing", 0, 1) for name in ("dw1", "dw2", "db")]
    assert marks.rows[1].answer.diagnosis == "There is no line for dw1."
    assert marks.code == 1


def test_an_unreadable_line_is_the_wanted_one():
    marks = mark(made(), "dz = a - y; dw1 = x1*__import__('os'); dw2 = x2*(a - y); db = a - y; dw9 = 1")
    assert verdicts(marks) == [
        ("dz", "right", 2, 2),
        ("dw1", "unreadable", 0, 1),
        ("dw2", "right", 1, 1),
        ("db", "right", 1, 1),
        ("dw9", "unreadable", 0, 0),
    ]
    assert marks.code == 2


@pytest.mark.parametrize("left", ["dz", "dL/dz", "∂L/∂z", "z"])
def test_left_sides_name_what_is_wanted(left):
    assert verdicts(mark(made(points={"∂L/∂z": 3}), f"{left} = a - y")) == [("∂L/∂z", "right", 3, 3)]


@pytest.mark.parametrize(
    ("text", "earned"),
    [
        ("dz = a - y\ndz = da*a*(1 - a)", [0, 2]),
        ("dz = a - y\ndz = y - a", [0, 0]),
        ("dz = y - a\ndz = a - y", [0, 0]),
        ("dz = y - a\ndz = da", [0, 0]),
    ],
)
def test_of_two_lines_about_one_both_must_be_right(text, earned):
    marks = mark(made(points={"dz": 2}), text)
    assert [row.earned for row in marks.rows] == earned
    assert marks.points == 2


def test_a_chain_is_one_line():
    marks = mark(made(points={"dz": 2}), "dz = da*a*(1 - a) = a + y")
    assert verdicts(marks) == [("dz", "wrong", 0, 2)]
    assert "The first = that does not hold is da*a*(1 - a) = a + y" in marks.rows[0].answer.diagnosis


def test_answers_may_be_a_mapping():
    marks = mark(made(points={"dz": 1, "dw1": 1}), {"dz": "a - y", "dw1": "x1*(y - a)"})
    assert [row.earned for row in marks.rows] == [1, 0]


def test_comments_and_blank_lines():
    marks = mark(made(points={"dz": 1}), "\n# dz = y - a\n\n  dz = a - y  # = y - a\n")
    assert verdicts(marks) == [("dz", "right", 1, 1)]


def test_a_formula_may_be_wanted():
    assert verdicts(mark(made(), "dx1 = 1\ndz = -0.4378235"))[1] == ("dz", "right here only", 0, 2)


@pytest.mark.parametrize("text", ["", "\n\n", "# dz = a - y", " ; ; "])
def test_answers_without_a_line(text):
    with pytest.raises(AnswersError, match=r"^there is no line to mark: write one for each derivative"):
        mark(made(), text)


def test_points_with_decimals_add_up():
    marks = mark(made(points={"dz": 0.1, "dw1": 0.2, "dw2": 0.3}), "dz = a - y; dw1 = x1*dz; dw2 = x2*dz")
    assert (marks.earned, marks.points) == (0.6, 0.6)


# --- as on paper --------------------------------------------------------------------------------------------


def test_exercises_and_answers_may_be_written_as_on_paper():
    made = exercise(
        {
            "graph": "z = w_1x_1 + w_2x_2 + b\na = σ(z)\nL = -(y log a + (1-y)log(1-a))",
            "at": {"w_1": 0.5, "w_2": -1, "b": 0.25, "x_1": 2, "x_2": 1, "y": 1},
            "points": {"dz": 1, "dw_1": 1, "dw_2": 1},
        }
    )
    marks = mark(made, "\\frac{\\partial L}{\\partial z} = a - y\ndw1 = x1(a-y)\n∂L/∂w₂ = x₂ dz")
    assert verdicts(marks) == [("dz", "right", 1, 1), ("dw_1", "right", 1, 1), ("dw_2", "right", 1, 1)]
    assert [row.answer.read_as for row in marks.rows] == ["", "x_1*(a - y)", "x_2*dz"]


def test_matrices_as_in_the_notes():
    lines = [
        "dZ3 = A3 − Y",
        "dW3 = 1/m dZ3 A2ᵀ",
        "db3 = np.sum(dZ3, axis=1, keepdims=True)/m",
        "dZ2 = W3ᵀ dZ3 ⊙ σ'(Z2)",
    ]
    marks = mark(from_toml((EXERCISES / "three_layers.toml").read_text(encoding="utf-8")), "\n".join(lines))
    assert [row.answer.verdict for row in marks.rows[:4]] == ["right"] * 4
    assert marks.earned == 7


# --- vectors, matrices, examples --------------------------------------------------------------------------


def test_lists_are_examples():
    marks = mark(
        exercise(
            {
                "graph": "z = w1*x1 + b; a = sigmoid(z); J = mean(-(y*log(a) + (1 - y)*log(1 - a)))",
                "at": {"w1": 0.5, "b": 0.25, "x1": [2, -1, 0.3], "y": [1, 0, 1]},
                "points": {"dz": 1, "dw1": 1, "db": 1},
            }
        ),
        "dz = (a - y)/m\ndw1 = sum(x1*(a - y))/m\ndb = mean(a - y)",
    )
    assert marks.code == 0


def test_elements_have_names():
    made = exercise({"graph": "z = W @ x; J = sum(z)", "at": {"W": [[1, 2], [3, 4]], "x": [1, 2]}, "points": {"dW": 1}})
    assert [v.label for v in made.names["W"].flat] == ["W_1,1", "W_1,2", "W_2,1", "W_2,2"]
    assert [v.label for v in made.names["z"].flat] == ["z_1", "z_2"]


# --- exercises that cannot be used ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"solution": "a - y"}, "there is no use for solution: the keys are title, task, graph, at, points, want"),
        ({"graph": ""}, 'the graph is missing: graph = "L = (a - y)**2; a = w*x"'),
        ({"graph": 3}, "graph is a text, not 3"),
        ({"graph": "L = __import__('os')"}, "the graph: the character \"'\" has no place"),
        ({"graph": "L = z; z = w1*x1"}, "the graph: the formula has no w2, b, x2 and y"),
        ({"graph": "L = q; z = w1"}, "the graph: no value for q"),
        ({"at": {"w1": [[1, 2], [3]]}}, "at: w1: the rows have different lengths"),
        ({"at": {"w1": "0.5"}}, "at: w1: expected a Value, a number, or an array of them, got '0.5'"),
        ({"at": {"w1": math.nan}}, "at: w1: every number is to be finite"),
        ({"at": {"w1": 10**400}}, "at: a number of type int, about 1e400, is beyond float64"),
        ({"at": {"w1": [[[1]]]}}, "at: w1 has the shape (1, 1, 1): write a number, a list, or rows"),
        ({"at": {"w1": [1] * 10_001}}, "at: w1 has 10,001 numbers; at most 10,000 are read"),
        ({"at": 3}, "at is a table: at = { w1 = 0.5 }, not 3"),
        ({"points": {}}, "points say what is wanted: add points, such as dw1 = 2"),
        ({"points": {"dw9": 1}}, "points: the graph has no w9"),
        ({"points": {"dw1": 1, "w1": 2}}, "points: dw1 and w1 are the same"),
        ({"points": {"dw1": -1}}, "points: dw1 = -1: points are numbers from 0 to 1,000,000, with two decimals"),
        ({"points": {"dw1": 0.001}}, "points: dw1 = 0.001: points are numbers"),
        ({"points": {"dw1": math.nan}}, "points: dw1 = nan: points are numbers"),
        ({"points": {"dw1": True}}, "points: dw1 = True: points are numbers"),
        ({"points": {"dw1": "1"}}, "points: dw1 = '1': points are numbers"),
        ({"points": {"dw1": 0}}, "points: all are 0, so there is nothing to earn"),
        ({"want": "number"}, "want is \"formula\", not 'number'"),
        ({"reveal": "all"}, 'reveal is "nothing" or "reason" or "numbers", not \'all\''),
    ],
)  # fmt: skip
def test_exercises_that_cannot_be_used(changes, message):
    with pytest.raises(ExerciseError, match=f"^{re.escape(message)}") as caught:
        made(**changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("graph", "at", "message"),
    [
        ("J = A @ x", {"A": [[1, 2]], "x": [1, 2, 3]}, "the graph's shapes do not fit: in A @ x the shapes are (1, 2)"),
        ("J = 2*x", {"x": [1, 2]}, "the graph's result has the shape (2,), but what is derived is one number"),
        ("J = log(x)", {"x": 0}, "the graph's result is -inf at this point"),
    ],
)
def test_graphs_that_cannot_be_used(graph, at, message):
    with pytest.raises(ExerciseError, match=f"^{re.escape(message)}"):
        exercise({"graph": graph, "at": at, "points": {"dx": 1}})


def test_what_is_toml_but_no_exercise():
    with pytest.raises(ExerciseError, match=r"^there is no use for x"):
        from_toml("x = 1")


@pytest.mark.parametrize("text", ["graph = ", "x = " + "[" * 5000, "w = 1" + "0" * 5000, "\0", "a = 1\na = 2"])
def test_what_is_not_toml(text):
    with pytest.raises(ExerciseError, match=r"^it is not TOML: "):
        from_toml(text)


# --- what is revealed -------------------------------------------------------------------------------------


def test_the_reason_is_revealed_and_the_numbers_are_not():
    plain = mark(made(want=""), "dz = 0.3\ndw1 = x1*(y - a)")
    seen = plain.revealing("reason")
    assert math.isfinite(plain.rows[0].answer.autograd)
    assert "right is −0.4378235" in plain.rows[0].answer.diagnosis
    for row in seen.rows:
        assert math.isnan(row.answer.autograd)
        assert math.isnan(row.answer.numerical)
        assert not re.search(r"0\.43\d|0\.87\d", row.text), row.text
    assert "Yours is 0.3 here." in seen.rows[0].text
    assert "Only the sign is wrong" in seen.rows[1].text
    assert plain.revealing("numbers") == plain


def test_nothing_is_revealed_but_that_it_is_wrong():
    marks = mark(made(), "dz = a - y\ndw1 = x1*(y - a)\ndw2 = x2*(y - a)\ndb = (a - y").revealing("nothing")
    texts = [row.text for row in marks.rows]
    assert texts[:3] == [
        "✓ dz = a - y: right",
        "✗ dw1 = x1*(y - a): wrong",
        "✗ dw2 = x2*(y - a): wrong",
    ]
    assert "is never closed" in texts[3]  # why a line cannot be read is no secret
    assert (marks.earned, marks.advice) == (2, "")


def test_a_right_number_in_a_sentence_is_covered_wherever_it_stands():
    def seen(diagnosis, truth, claimed=0.3):
        answer = Answer("w", "0.3", "wrong", diagnosis, claimed=claimed, autograd=truth)
        return Marks("", (Row("dw", answer),)).revealing("reason").rows[0].answer.diagnosis

    assert seen("Here right is 3.", 3.0) == "Here."
    assert seen("Yours is 0.3 here, right is −1.2e−05. Go on.", -1.2e-5) == "Yours is 0.3 here. Go on."
    assert seen("Autograd says −0.4378235 ± 1e-9.", -0.4378235) == "Autograd says … ± 1e-9."
    assert seen("This is 2 times ∂J/∂w.", 2.0) == "This is 2 times ∂J/∂w."
    assert seen("Yours is 0.3000 here.", 0.30001) == "Yours is 0.3000 here."


# --- the process of its own -------------------------------------------------------------------------------


def test_marks_survive_the_way_between_processes():
    marks = mark(made(), "dz = y - a; dw1 = x1*dz; dw2 = 1/0; db = |")
    assert str(from_json(marks.to_json())) == str(marks)


def test_a_marking_that_takes_too_long():
    marks, _ = marked_within(20, LOGISTIC, "", None, "the marking took longer than 3 seconds")
    assert (marks.earned, marks.points, marks.code) == (0, 5, 2)
    assert [row.answer.verdict for row in marks.rows] == ["missing"] * 4


def test_time_is_capped(monkeypatch):
    """The first call is given no time at all, as if it had taken too long; the second says so."""
    plain_run = subprocess.run
    limits = []

    def run(*arguments, timeout, **options):
        limits.append(timeout)
        if len(limits) == 1:
            raise subprocess.TimeoutExpired(arguments, timeout)
        return plain_run(*arguments, timeout=60, **options)

    monkeypatch.setattr(subprocess, "run", run)
    marks, _ = marked_within(7, LOGISTIC, "dz = a - y")
    assert (marks.problem, limits) == ("the marking took longer than 7 seconds", [7, 7])


def test_a_process_is_really_ended():
    """A limit too short for Python itself to start."""
    from chainrule.grading.child import MarkingError

    with pytest.raises(MarkingError, match=r"^the exercise took longer than 0\.001 seconds to read$"):
        marked_within(0.001, LOGISTIC, "dz = a - y")


def test_modules_in_the_current_folder_are_not_imported(tmp_path, monkeypatch):
    for name in ("json", "autograd", "numpy", "chainrule"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    marks, _ = marked_within(60, LOGISTIC, "dz = a - y")
    assert marks.earned == 2


@pytest.mark.parametrize(("answers", "code"), [("answers", 0), ("wrong", 1), ("nonsense", 2)])
def test_exit_codes_of_the_real_command(tmp_path, answers, code):
    path = EXERCISES / f"logistic.{answers}.txt"
    if answers == "nonsense":
        path = tmp_path / "answers.txt"
        path.write_text("dz = a - y; dw1 = )(", encoding="utf-8")
    command = [sys.executable, "-m", "chainrule", "check", str(EXERCISES / "logistic.toml"), str(path)]
    result = subprocess.run(command, capture_output=True, cwd=ROOT)
    assert (result.returncode, result.stderr) == (code, b"")
    assert b"points" in result.stdout
