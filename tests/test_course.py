"""The course: its exercises can be solved, its cells tell no answer, its numbers are those that its text speaks of."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from course_solutions import SOLUTIONS

import chainrule
from chainrule.exercises import desk
from chainrule.exercises.compare import agree, number_in, reason_of
from chainrule.exercises.questions import Number, Questions
from nn.datasets import gate

FOLDER = Path(__file__).parent.parent / "notebooks"
EVERY = sorted(FOLDER.glob("*.ipynb"))
NOTEBOOKS = sorted(FOLDER.glob("0[0-4]_*.ipynb"))
ASKING = [path for path in EVERY if 'exercise(\\"' in path.read_text(encoding="utf-8")]
EXERCISES = sorted(path.stem for path in FOLDER.glob("exercises/0[0-4]-*.toml"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
each_asking = pytest.mark.parametrize("path", ASKING, ids=[path.stem for path in ASKING])


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """In the notebooks' folder, with nothing answered."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(desk, "_DESK", desk.Desk())


def sources(path, kind="code"):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(number):
    """What the names of a notebook stand for after all of its cells."""
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    names = {}
    for source in sources(path):
        exec(source, names)
    return names


# --- exercises ---------------------------------------------------------------------------------------


def test_every_exercise_has_a_solution_here():
    assert list(SOLUTIONS) == sorted(SOLUTIONS, key=lambda name: name[:2])
    assert sorted(SOLUTIONS) == EXERCISES


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_can_be_solved(name):
    reply = desk.answer(name, SOLUTIONS[name])
    assert reply.ok, str(reply)
    assert desk.progress(name).score() == desk.progress(name).points


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_not_solved_by_what_it_knows_to_be_wrong(name):
    asked = desk._DESK.exercise(name)
    if isinstance(asked, Questions):
        for question in asked.asked.values():
            if isinstance(question, Number):
                assert all(question.judge(wrong) == ("wrong", why) for wrong, why in question.why.items())


@each_asking
def test_a_notebook_asks_for_its_exercises(path):
    code, number = "\n".join(sources(path)), path.stem.partition("_")[0]
    shown, answered = (re.findall(rf'^{call}\("([^"]+)"', code, flags=re.M) for call in ("exercise", "answer"))
    assert shown == answered
    assert sorted(shown) == sorted(known.stem for known in FOLDER.glob(f"exercises/{number}-*.toml"))
    assert 3 <= len(shown) <= 6
    assert "stepper(" in code


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_a_title_of_its_own(name):
    titles = [tomllib.loads(path.read_text(encoding="utf-8"))["title"] for path in FOLDER.glob("exercises/*.toml")]
    assert titles.count(desk._DESK.exercise(name).title) == 1


def test_the_readme_lists_every_notebook_and_the_exercises_with_their_points():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[\w+\]\((\w+\.ipynb)\)", text, flags=re.M) == [path.name for path in EVERY]
    assert all((FOLDER / link).exists() for link in re.findall(r"\]\(([^)#]+)\)", text))
    assert load("build").with_exercises(text) == text, "run python notebooks/build.py notebooks/README.md"
    assert all(standing["points"] for standing in desk.progress().data), "an exercise that cannot be read"


# --- cells -------------------------------------------------------------------------------------------


@each_asking
def test_a_cell_that_asks_does_not_answer(path):
    code = sources(path)
    asking = [source for source in code if re.search(r"^(yours|mine|my_\w+) = ", source, flags=re.M)]
    for source in asking:
        assert "..." in source
        assert "compare(" not in source
        assert "print(" not in source
    assert not any("assert " in source for source in code)


@each_asking
def test_of_an_open_prediction_nothing_is_told(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and re.search(r"^compare\(", cell.source, flags=re.M):
            said = "".join(output.text for output in cell.outputs if output.output_type == "stream")
            assert re.search(r"^ +yours +right$", said, flags=re.M)
            assert len(re.findall(r" … +… +write yours, then run this cell again$", said, flags=re.M)) >= 1
            assert not re.search("[✓✗]", said)


@each_notebook
def test_a_prediction_that_is_known_to_be_wrong_is_wrong(path, monkeypatch):
    compared = []
    monkeypatch.setattr(chainrule, "compare", lambda *arguments, **more: compared.append((*arguments, more)))
    run(path.stem[:2])
    assert compared
    for yours, right, more in compared:
        assert yours == dict.fromkeys(right, ...)
        for name, reasons in more.get("why", {}).items():
            if isinstance(reasons, dict):
                assert not any(agree(number_in(wrong), right[name]) for wrong in reasons), name
                assert all(reason_of(number_in(wrong), reasons) == reason for wrong, reason in reasons.items()), name


# --- numbers -----------------------------------------------------------------------------------------


def test_slopes():
    names = run("00")
    assert names["slope"](names["area"], 3) == pytest.approx(6, rel=1e-9)
    assert [round(names["slope"](names["area"], x), 6) for x in (1, 5, 0, -2)] == [2, 10, 0, -4]
    assert names["b_for_a"] * names["c_for_b"] == 6
    assert "numpy" not in "".join(sources(NOTEBOOKS[0]))


def test_the_sign_of_a_partial_derivative_is_explained_before_it_is_used():
    cells = nbformat.read(NOTEBOOKS[0], as_version=4).cells
    first = next(i for i, cell in enumerate(cells) if re.search(r"∂|\\partial|stepper\(", cell.source))
    assert "the sign ∂" in cells[first].source
    assert "hold the" in cells[first].source


def test_computation_graphs():
    names = run("01")
    assert names["growth"] == pytest.approx(0.006, rel=1e-9)
    assert (names["via_d"], names["via_e"]) == (3, -6)


def test_logistic_regression():
    names = run("02")
    assert names["z"] == 0.25
    assert [names["by_hand"](which) for which in range(3)] == pytest.approx(
        [-0.598234149526505409, -0.138706424350949191, -0.0585010991447974346], rel=1e-12
    )
    assert names["costs"] == sorted(names["costs"], reverse=True)
    assert names["first"] > names["second"] > 0


def test_check_your_derivation():
    names = run("03")
    assert [line.name for line in names["report"] if line.verdict != "right"] == ["Z1", "W1"]


def test_neurons_and_perceptrons():
    names = run("04")
    assert list(names["z"].values()) == [-30, -10, -10, 10]
    X, y = gate("xor")
    assert min(names["perceptron"](x).data == target for x, target in zip(X, y, strict=True)) is False
    assert names["history"].accuracy[-1] == 1
    assert [round(names["model"](x).data) for x in X] == y


def test_what_the_notebooks_import_is_installed_with_the_extra_notebook():
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["notebook"]]
    assert "chainrule[data,symbolic]" in wanted  # the digits; the closed form of explain
    installed = {re.match(r"\w+", name)[0] for name in wanted} | {"autograd", "nn", "viz"} | sys.stdlib_module_names
    for path in EVERY:
        imported = re.findall(r"^ *(?:from|import) (\w+)", "\n".join(sources(path)), flags=re.M)
        assert set(imported) <= installed, path.name
