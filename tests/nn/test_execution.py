"""``fit`` by a recorded program: the same numbers as with a graph per example; and when it must not be one."""

import re
import sys

import pytest
from models import Formula

import autograd
from autograd import Value, parameter
from nn import L2, MLP, Adam, Neuron, Perceptron
from nn.datasets import blobs, gate, moons, three_points
from nn.regularize import Dropout
from nn.train import DivergenceError, fit

TWO = moons(25, seed=1)
SIGNS = moons(25, seed=1, labels=(-1, 1))
THREE = blobs(24, seed=1)
ONE_HOT = THREE[0], [[float(k == label) for k in range(3)] for label in THREE[1]]
SOFT = THREE[0], [[0.5, 0.25, 0.25]] * 24


def trained(make, data, engine, **options):
    """The history of a training, and the parameters afterwards."""
    model = make()
    history = fit(model, *data, engine=engine, **({"epochs": 5, "lr": 0.1, "progress": False} | options))
    return history, [p.data for p in model.parameters()]


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize(
    ("loss", "output", "data"),
    [
        ("squared_error", [1, "linear"], SIGNS),
        ("mse", [3, "tanh"], ONE_HOT),
        ("bce", [1, "sigmoid"], TWO),
        ("bce", [3, "sigmoid"], ONE_HOT),
        ("bce_with_logits", [1, "linear"], TWO),
        ("hinge", [1, "linear"], SIGNS),
        ("cross_entropy", [3, "softmax"], THREE),
        ("cross_entropy", [3, "softmax"], SOFT),
        ("cross_entropy_with_logits", [3, "linear"], THREE),
        ("cross_entropy_with_logits", [3, "linear"], ONE_HOT),
    ],
)
def test_a_program_trains_as_graphs_do(loss, output, data, batch_size):
    def make():
        return MLP(2, [4, output[0]], "tanh", output[1], seed=1)

    options = {"loss": loss, "batch_size": batch_size, "validation": (data[0][:9], data[1][:9]), "regularizer": L2(0.1)}
    by_program, learned = trained(make, data, "program", **options)
    by_graphs, wanted = trained(make, data, "eager", **options)
    assert (by_program.engine, by_graphs.engine) == ("program", "eager")
    assert learned == pytest.approx(wanted, rel=1e-9, abs=0)
    assert by_program.columns().keys() == by_graphs.columns().keys()
    for name, column in by_graphs.columns().items():
        assert getattr(by_program, name) == pytest.approx(column, rel=1e-9, abs=0)


@pytest.mark.oracle
@pytest.mark.parametrize(("loss", "output", "data"), [("bce", "sigmoid", TWO), ("hinge", "linear", SIGNS)])
def test_jax_trains_as_programs_do(loss, output, data):
    pytest.importorskip("jax")

    def make():
        return MLP(2, [4, 1], "tanh", output, seed=1)

    options = {"loss": loss, "batch_size": 7, "validation": (data[0][:9], data[1][:9]), "regularizer": L2(0.1)}
    by_jax, learned = trained(make, data, "jax", **options)
    by_program, wanted = trained(make, data, "program", **options)
    assert by_jax.engine == "jax"
    assert learned == pytest.approx(wanted, rel=20 * 1e-12, abs=0)  # 20 steps
    for name, column in by_program.columns().items():
        assert getattr(by_jax, name) == pytest.approx(column, rel=1e-9, abs=0)


def test_without_jax(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    model = Neuron(2, "sigmoid", seed=1)
    before = model.state_dict()
    with pytest.raises(ImportError, match=r'needs JAX: pip install "chainrule\[jax\]"'):
        fit(model, *TWO, loss="bce", lr=0.1, engine="jax", progress=False)
    assert model.state_dict() == before


def test_a_program_of_any_model_and_loss():
    class Line:
        def __init__(self):
            self.w = parameter(0.1, "w")

        def parameters(self):
            return [self.w]

        def __call__(self, x):
            return self.w * x[0]

    def absolute(p, y):
        return abs(p - y)

    by_program, learned = trained(Line, three_points(), "program", loss=absolute, optimizer="rmsprop")
    by_graphs, wanted = trained(Line, three_points(), "eager", loss=absolute, optimizer="rmsprop")
    assert by_program.engine == "program"
    assert learned == pytest.approx(wanted, rel=1e-9, abs=0)
    assert by_program.loss == pytest.approx(by_graphs.loss, rel=1e-9, abs=0)


def test_the_model_is_called_for_few_examples_however_many_epochs():
    class Counting(Neuron):
        calls = 0

        def __call__(self, x):
            self.calls += 1
            return super().__call__(x)

    few, many = Counting(2, "sigmoid", seed=1), Counting(2, "sigmoid", seed=1)
    fit(few, *TWO, loss="bce", lr=0.1, epochs=1, progress=False)
    fit(many, *TWO, loss="bce", lr=0.1, epochs=50, progress=False)
    assert few.calls == many.calls < len(TWO[0])


def test_resumed_with_programs_bit_for_bit(tmp_path):
    def train(model, optimizer, epochs):
        fit(model, *TWO, loss="bce", optimizer=optimizer, epochs=epochs, batch_size=5, progress=False)

    whole, half, other = (MLP(2, [4, 1], "tanh", "sigmoid", seed=1) for _ in range(3))
    train(whole, Adam(whole), 6)
    optimizer, resumed = Adam(half), Adam(other)
    train(half, optimizer, 2)
    half.save(tmp_path / "half.json", optimizer)
    other.load(tmp_path / "half.json", resumed)
    train(other, resumed, 4)
    assert other.state_dict() == whole.state_dict()


# --- when something is wrong ----------------------------------------------------------------------------


def test_a_program_diverges_with_the_same_words():
    model = Formula(lambda z: z.log(), w=2.0)
    with pytest.raises(DivergenceError, match=r"the loss is nan\. forward: 'yhat' = log\(z=-.*\) is nan") as caught:
        fit(model, [[3.0], [1.0]], [0.0, 0.0], loss="mse", lr=10.0, epochs=5, progress=False)
    assert model.w.data == 2.0
    assert caught.value.history.engine == "program"


def test_a_program_still_wants_probabilities():
    stopped_at = []
    for engine in ("program", "eager"):
        model = Formula(lambda z: z + 0.0, w=0.9)
        with pytest.raises(ValueError, match=r"a probability must be in \[0, 1\], got .*_with_logits"):
            fit(model, [[1.0], [0.5]], [1, 1], loss="bce", lr=0.01, epochs=99, progress=False, engine=engine)
        stopped_at.append(model.w.data)
    assert stopped_at[0] == pytest.approx(stopped_at[1], rel=1e-9)


# --- what no program can be made of -------------------------------------------------------------------


class Kinked(Neuron):
    def __call__(self, x):
        return super().__call__(x) if x[0] > 0 else super().__call__(x) * 0.5


class Peeking(Neuron):
    """Decides by a number that a program cannot see."""

    def __call__(self, x):
        return super().__call__(x) * (1.0 if x[0].data > 0 else 0.5)


class Annealed(Neuron):
    counters = ("calls",)

    def __init__(self):
        super().__init__(2, "sigmoid", seed=1)
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return super().__call__(x) ** (1 + 1 / self.calls)


class Counting(Annealed):
    def __call__(self, x):
        self.calls += 1
        return Neuron.__call__(self, x)


class Hidden:
    """Dropout where nobody finds it."""

    def __init__(self):
        self.net, self.dropout = MLP(2, [1], output="linear", seed=1), Dropout(0.5, seed=1)
        self.parameters = self.net.parameters

    def __call__(self, x):
        return self.net(self.dropout(x))


def by_table(p, y):
    return {0: -autograd.log(1 - p), 1: -autograd.log(p)}[y]


def by_label(p, y):
    return -autograd.log(p if y == 1 else 1 - p)


def by_type(p, y):
    return -autograd.log(p if not isinstance(y, Value) and y == 1 else 1 - p)


def sigmoid_neuron():
    return Neuron(2, "sigmoid", seed=1)


@pytest.mark.parametrize(
    ("make", "loss", "why"),
    [
        (lambda: MLP(2, [4, 1], output="sigmoid", dropout=0.25, seed=1), "bce", "dropout draws a new mask"),
        (lambda: Kinked(2, "sigmoid", seed=1), "bce", "the model or its loss cannot be recorded: .*where"),
        (
            lambda: Peeking(2, "sigmoid", seed=1),
            "bce",
            "(cannot be recorded: .*\\.data|decides in Python what to compute)",
        ),
        (Annealed, "bce", "(cannot be recorded: .*|counts its calls)"),
        (Counting, "bce", "the model counts its calls"),
        (Hidden, "mse", "(cannot be recorded: .*random|decides in Python what to compute)"),
        (sigmoid_neuron, by_table, "the model or its loss cannot be recorded: "),
        (sigmoid_neuron, by_label, "the model or its loss cannot be recorded: y == 1: "),
        (sigmoid_neuron, by_type, "decides in Python what to compute: example . has the loss"),
    ],
)
def test_fit_falls_back_and_says_why(make, loss, why):
    by_program, learned = trained(make, TWO, "program", loss=loss)
    by_graphs, wanted = trained(make, TWO, "eager", loss=loss)
    assert by_graphs.engine == "eager"
    assert "eager" not in repr(by_graphs)
    assert re.match(f"eager: .*{why}", by_program.engine), by_program.engine
    assert repr(by_program).endswith(f"; {by_program.engine})")
    if make is not Hidden:  # its masks depend on the number of calls, which nothing takes back
        assert learned == wanted
        assert by_program.columns() == by_graphs.columns()


def test_a_perceptron_needs_no_engine():
    history = fit(Perceptron(2), *gate("or"), epochs=20, progress=False)
    assert history.engine == "eager: a perceptron learns by its own rule"
