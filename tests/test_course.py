"""The course: its exercises can be solved, its cells tell no answer, its numbers are those that its text speaks of."""

import importlib.util
import re
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest
from course_solutions import SOLUTIONS

import chainrule
from chainrule.exercises import desk
from chainrule.exercises.compare import agree, number_in, reason_of
from chainrule.exercises.questions import Number, Questions
from nn.datasets import gate

FOLDER = Path(__file__).parent.parent / "notebooks"
EVERY = sorted(FOLDER.glob("*.ipynb"))
NOTEBOOKS = sorted(FOLDER.glob("0*_*.ipynb"))
ASKING = [path for path in EVERY if 'exercise(\\"' in path.read_text(encoding="utf-8")]
EXERCISES = sorted(path.stem for path in FOLDER.glob("exercises/*.toml"))
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
    run(path.stem.partition("_")[0])
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


def test_activations():
    names = run("05")
    slopes = list(names["slopes"].values())
    assert slopes[0] == 0.25
    assert slopes[2:] == [1, 0, 1, 0.01]
    assert names["chains"]["sigmoid"][10] < 0.25**10
    assert names["chains"]["relu"][-1] == 1
    assert list(names["found"].values()) == ["no", "yes"]
    assert names["b"].grad == 0
    assert names["leaky"].layers[0].b[1].grad > 0
    assert [f"{v:.4f}" for v in (names["down"], names["middle"], names["up"])] == ["0.1269", "0.6931", "2.1269"]
    assert [f"{p:.4f}" for p in names["probabilities"]] == ["0.6590", "0.2424", "0.0986"]
    assert names["flat"][0] == pytest.approx(names["deep"]([0.3, -0.8]).data, rel=1e-12)


def test_inputs_above_zero_move_both_weights_one_way():
    ways = run("05")["ways"]
    steps = {name: np.diff(path, axis=0) for name, path in ways.items()}
    assert (steps["sigmoid"].prod(axis=1) > 0).all()
    assert (steps["tanh"].prod(axis=1) < 0).any()
    goal = np.array([1.0, -1.0])
    far = {name: np.linalg.norm(path[20] - goal) for name, path in ways.items()}
    assert far["sigmoid"] > 3 * far["tanh"]


def test_the_mlp():
    names = run("06")
    assert [f"{v:.6g}" for v in names["gradients"].values()] == ["-0.811362", "-0.520137", "-0.0261372", "-0.0784116"]
    assert names["dW1"] == pytest.approx(np.array([[-0.0522744, -0.0784116], [-0.0546784, -0.0820175]]), rel=1e-5)
    assert f"{names['nodes']['J'].data:.7f}" == "0.0954493"
    assert [f"{v:.6f}" for v in names["path"].rows[0]] == [
        "0.136137", "0.159206", "0.237339", "0.121009", "0.400069", "0.417449",
    ]  # fmt: skip
    assert names["history"].loss == sorted(names["history"].loss, reverse=True)
    assert len(names["bigger"].parameters()) == 26


def test_initialisation():
    names = run("07")
    assert len(names["units"]) == 1
    assert [p.grad for p in names["twins"].layers[0].neurons[0].w] == [
        p.grad for p in names["twins"].layers[0].neurons[1].w
    ]
    assert all(after < 0.1 * before for before, after in pairwise(names["stds"]))
    assert names["terms"].sum(axis=1).var() == pytest.approx(40 * names["one_term"], rel=0.02)
    assert names["kept"]["he_normal"] > 2 * names["kept"]["xavier_normal"]
    assert list(names["factors"].values()) == pytest.approx([1.5**10, 0.5**10], rel=1e-12)
    last = {name: history.loss[-1] for name, history in names["histories"].items()}
    assert last["small_normal"] > 0.6
    assert last["xavier_uniform"] < 0.5 * last["normal"]


def test_optimisers():
    names = run("08")
    assert names["slopes"][:3] == pytest.approx([-5.704, -2.2816, -0.91264], rel=1e-9)
    assert names["b"][1:4] == pytest.approx([0.5704, 0.79856, 0.889824], rel=1e-9)
    assert names["least_squares"] == pytest.approx(2.852 / 3, rel=1e-12)
    assert list(names["words"].values()) == ["creeps", "one step", "jumps for ever", "diverges"]
    assert names["first"]["Adam"] == pytest.approx([0.3, 0.3], rel=1e-6)
    assert names["first"]["momentum"][0] == pytest.approx(0.036, rel=1e-9)
    assert names["steps"] == {"batch 60": 15, "batch 10": 90, "batch 1": 900}


def test_vectorisation():
    names = run("09")
    assert names["counts"]["parameters"] == 337
    assert names["J_program"] == pytest.approx(names["J"], rel=1e-12)
    assert np.allclose(names["gradient"], names["gradient_program"], rtol=1e-9, atol=1e-15)
    names["model"].zero_grad()
    names["program"].backward(names["X"], names["y"])
    layer = names["model"].layers[1]
    assert np.allclose(names["dW2"], [[w.grad for w in row] for row in layer.W], rtol=1e-9, atol=1e-15)
    assert np.allclose(names["db2"], [[b.grad] for b in layer.b], rtol=1e-9, atol=1e-15)


def test_looking_inside():
    names = run("09b")
    assert names["J_batches"] == pytest.approx(names["J"], rel=1e-12)
    assert names["optimizer"].steps == 300
    assert names["costs"][-1] < 0.5 * names["costs"][0]
    assert [names[name].grad for name in "uvc"] == [0, 1, 0]
    assert np.array_equal(names["pull"] == 0, names["Y"] * names["z"] > 1)
    mean = names["program"].value_and_grad(names["X"], names["y"])[1]
    assert np.allclose(names["gradients"].mean(axis=0), mean, rtol=1e-9, atol=1e-15)
