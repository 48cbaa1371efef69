"""Where NumPy is not installed, as in a browser: what needs it says so, and everything else works."""

import random
import subprocess
import sys

import numpy as np
import pytest

from autograd.leaves.vector import Vector

WITHOUT = """
import sys
for name in ("numpy", "matplotlib"):
    sys.modules[name] = None
from autograd import parse
from nn import MLP, fit
from nn.datasets import gate
X, y = gate("xor")
"""


def run(code: str) -> str:
    process = subprocess.run([sys.executable, "-c", WITHOUT + code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout


TRAIN = """
for name in ("sgd", "rmsprop", "adam"):
    model = MLP(2, [4, 1], "tanh", "sigmoid", seed=1)
    history = fit(model, X, y, loss="bce", lr=0.1, epochs=20, optimizer=name, progress=False)
    print(history)
    print([p.data for p in model.parameters()])
"""


def test_fit_trains_eagerly_and_says_why():
    from nn import MLP, fit
    from nn.datasets import gate

    lines = run(TRAIN).splitlines()
    for name, told, learned in zip(("sgd", "rmsprop", "adam"), lines[::2], lines[1::2], strict=True):
        assert "eager: a program needs NumPy, which is not installed: pip install numpy" in told
        model = MLP(2, [4, 1], "tanh", "sigmoid", seed=1)
        fit(model, *gate("xor"), loss="bce", lr=0.1, epochs=20, optimizer=name, engine="eager", progress=False)
        assert [*map(float, learned[1:-1].split(","))] == pytest.approx([p.data for p in model.parameters()], rel=1e-12)


def test_training_goes_on_from_its_state():
    code = """
from nn import Adam
model = MLP(2, [3, 1], "tanh", "sigmoid", seed=1)
adam = Adam(model)
(model([1.0, 2.0]) * 3).backward()
adam.step()
other = Adam(model)
other.load_state_dict(adam.state_dict())
assert other.state_dict() == adam.state_dict()
assert adam.update([0.0] * 13, [1.0] * 13).tolist() == other.update([0.0] * 13, [1.0] * 13).tolist()
"""
    run(code)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "from autograd import *; record(abs, 1.0)",
            "a program computes with NumPy, which is not installed: pip install numpy",
        ),
        ("MLP(2, [1]).save('x.npz')", "an .npz is written by NumPy: pip install numpy, or save a .json"),
        ("import viz; viz.plots", 'plots are drawn by matplotlib: pip install "chainrule[notebook]"'),
    ],
)
def test_what_needs_numpy_says_so(code, message, tmp_path):
    (tmp_path / "code.py").write_text(WITHOUT + code)
    process = subprocess.run([sys.executable, tmp_path / "code.py"], capture_output=True, text=True, cwd=tmp_path)
    assert f"ModuleNotFoundError: {message}\n" in process.stderr


def test_pictures_steps_and_the_checker_need_none():
    code = """
import viz
from autograd import check, explain, hessian
L = parse("L = -(y log a + (1 - y) log(1 - a)); a = σ(z); z = w x + b", w=0.5, b=0.25, x=2, y=1)
print(check(L, "dz = a - y"))
print(explain(L))
print(viz.draw(L).svg, viz.stepper(L).html)
print(viz.draw(MLP(2, [3, 1]), x=[0.5, -1], y=1).svg, viz.playground())
print(hessian(lambda x: x[0]**2 * x[1])([1.0, 2.0]))
"""
    assert "✓ dz = a - y: right" in run(code)


def test_in_a_browser_a_plot_is_a_sentence_and_the_notebook_goes_on():
    code = """
sys.platform = "emscripten"
import importlib.util
importlib.util.find_spec = lambda name: None  # as where they are not installed
from viz import plots
path = plots.Trajectory(MLP(2, [1]))
fit(MLP(2, [1], output="sigmoid"), X, y, loss="bce", lr=1.0, epochs=2, callbacks=[path], progress=False)
figure, (left, right) = plots.panels(2, width=4)
plots.loss(path, ax=left)
(line,) = right.plot([1, 2], color="red")
figure.axes[0].set_xticks([1])
for ax in plots.panels(3)[1]:
    ax.set(xlabel="x")
print(figure, plots.decision_boundary(None, X, y))
"""
    sentence = "Here is a plot, if matplotlib is there: this browser's Python does not have it."
    assert run(code) == f"{sentence} {sentence}\n"


def test_lines_in_matrices_are_checked():
    code = """
from autograd import check
from nn import cost
model = MLP(2, [3, 1], "tanh", "sigmoid", seed=3)
A0, Y = [[0.5, -1.2, 0.8, 1.5], [1.0, 0.4, -0.7, 0.3]], [[1, 0, 1, 0]]
hidden = [model.layers[0](x) for x in zip(*A0)]
outputs = [model.layers[1](a) for a in hidden]
A1 = [list(row) for row in zip(*hidden)]
names = {"W1": model.layers[0].W, "A0": A0, "A1": A1, "A2": [outputs], "Y": Y, "W2": model.layers[1].W, "m": 4}
names |= {"Z1": [[a.inputs[0] for a in row] for row in A1], "Z2": [[a.inputs[0] for a in outputs]]}
lines = {"dZ2": "A2 - Y", "dZ1": "W2.T @ dZ2 * (1 - A1**2)", "dW1": "1/m * dZ1 @ A0.T", "dW2": "1/m * A1 @ dZ2.T"}
print([line.verdict for line in check(cost("bce", outputs, Y[0]), lines, names)])
"""
    assert run(code) == "['right', 'right', 'right', 'wrong']\n"


OPERATIONS = {
    "a + b": lambda a, b: a + b,
    "3 - a*b": lambda a, b: 3 - a * b,
    "2*a - b/0.5": lambda a, b: 2 * a - b / 0.5,
    "1/a": lambda a, _: 1 / a,
    "a/b": lambda a, b: a / b,
    "abs(a)**0.5 + 1": lambda a, _: abs(a) ** 0.5 + 1,
    "-a*b": lambda a, b: -a * b,
}


@pytest.mark.parametrize("apply", OPERATIONS.values(), ids=OPERATIONS)
def test_a_vector_computes_what_an_array_does(apply):
    generator = random.Random(0)
    a = [*(generator.gauss(0, 3) for _ in range(20)), 0.0, 1e300, -1e300, float("inf"), float("nan")]
    b = [*(generator.gauss(0, 3) for _ in range(20)), 0.0, 1e300, 0.0, 0.0, 1.0]
    with np.errstate(all="ignore"):
        wanted = apply(np.array(a), np.array(b))
    np.testing.assert_allclose(apply(Vector(a), Vector(b)).tolist(), wanted, rtol=1e-15)
