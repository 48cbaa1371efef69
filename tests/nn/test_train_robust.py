"""What ``fit`` does when something is wrong: interrupted, resumed, diverged, given bad data."""

import math
import os
import subprocess
import sys

import pytest
from models import Formula

from autograd import Value, parameter
from nn import (
    L2,
    MLP,
    OPTIMIZERS,
    SGD,
    Adam,
    CosineSchedule,
    EarlyStopping,
    LogisticRegression,
    Module,
    Neuron,
    Perceptron,
)
from nn.datasets import moons
from nn.train import DivergenceError, fit

X, Y = moons(14, seed=3)


def network(dropout=0.0, seed=1):
    return MLP(2, [4, 1], "tanh", "sigmoid", dropout=dropout, seed=seed)


def everything(model, optimizer):
    return model.state_dict(), optimizer.state_dict()


# --- resumed training is training never interrupted, bit for bit --------------------------------------


@pytest.mark.parametrize("ending", ["json", "npz"])
@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize("kind", OPTIMIZERS.values())
def test_resumed_from_a_file(kind, batch_size, ending, tmp_path):
    def train(model, optimizer, epochs):
        return fit(model, X, Y, loss="bce", optimizer=optimizer, epochs=epochs, batch_size=batch_size, seed=5,
                   regularizer=L2(0.1), validation=(X[:5], Y[:5]), progress=False)  # fmt: skip

    def make(seed):
        model = network(dropout=0.25, seed=seed)
        return model, kind(model, lr=0.05, schedule=CosineSchedule(20))

    whole, half, other = make(1), make(1), make(2)
    history = train(*whole, 6)
    first = train(*half, 2)
    half[0].save(tmp_path / f"half.{ending}", half[1])
    other[0].load(tmp_path / f"half.{ending}", other[1])
    second = train(*other, 4)
    assert everything(*other) == everything(*whole)
    for name, column in history.columns().items():
        assert getattr(first, name) + getattr(second, name) == column


def test_an_optimizer_by_name_starts_afresh():
    one, two = network(), network()
    fit(one, X, Y, loss="bce", optimizer="adam", lr=0.05, epochs=2, batch_size=4, progress=False)
    fit(two, X, Y, loss="bce", optimizer=Adam(two, lr=0.05), epochs=2, batch_size=4, progress=False)
    assert one.state_dict() == two.state_dict()


# --- Ctrl-C -------------------------------------------------------------------------------------------


class Bomb:
    """Raises at the n-th call of ``tick``."""

    def __init__(self, at, error=KeyboardInterrupt):
        self.at, self.error = at, error

    def tick(self):
        self.at -= 1
        if self.at == 0:
            raise self.error


def interrupted(place, at, error=KeyboardInterrupt):
    """A network of which one part has a bomb in it; the arguments to train it with."""
    bomb = Bomb(at, error)

    class Network(MLP):
        def __call__(self, x):
            if place == "forward" and self.training:
                bomb.tick()
            return super().__call__(x)

    class Momentum(SGD):
        def direction(self, g):
            if place == "update":
                bomb.tick()
            return super().direction(g)

        def step(self):
            super().step()
            if place == "updated":
                bomb.tick()

    def penalty(model, m):
        if place == "cost":
            bomb.tick()
        return L2(0.1)(model, m)

    model = Network(2, [4, 1], "tanh", "sigmoid", dropout=0.25, seed=1)
    optimizer = Momentum(model, lr=0.3, momentum=0.9)
    return (
        bomb,
        model,
        {"loss": "bce", "optimizer": optimizer, "regularizer": penalty, "batch_size": 4, "progress": False},
    )


@pytest.mark.parametrize(
    ("place", "at", "complete"),  # 14 examples: 4 steps an epoch
    [
        ("forward", 3, 0),
        ("forward", 14 + 4 + 3, 1),
        ("forward", 2 * 14 + 1, 2),
        ("update", 1, 0),
        ("update", 7, 1),
        ("updated", 8, 1),
        ("cost", 11, 2),
    ],
)
def test_ctrl_c_and_on(place, at, complete):
    bomb, model, options = interrupted(place, at)
    _, whole, whole_options = interrupted(place, at=10**9)
    full = fit(whole, X, Y, epochs=4, **whole_options)
    history = fit(model, X, Y, epochs=4, **options)
    assert history.stopped == "interrupted"
    assert len(history) == complete
    assert history.loss == full.loss[:complete]
    steps = options["optimizer"].steps
    stopped_there = interrupted(place, at=10**9)
    trained_so_far(stopped_there, steps)
    assert everything(model, options["optimizer"]) == everything(stopped_there[1], stopped_there[2]["optimizer"])
    assert bomb.at == 0
    rest = fit(model, X, Y, epochs=4 - complete, **options)
    assert len(rest) == 4 - complete
    assert everything(model, options["optimizer"]) == everything(whole, whole_options["optimizer"])
    assert rest.loss[1:] == full.loss[complete + 1 :]  # the first is of what was left of the broken epoch


def trained_so_far(made, steps):
    """Train until just so many steps are done: the state to be found after an interruption in the next one."""
    _, model, options = made

    class EnoughError(Exception):
        pass

    def penalty(model, m):
        if options["optimizer"].steps == steps:
            raise EnoughError
        return L2(0.1)(model, m)

    with pytest.raises(EnoughError):
        fit(model, X, Y, epochs=9, **(options | {"regularizer": penalty}))


def test_ctrl_c_in_a_callback_keeps_the_epoch():
    def callback(_model, history):
        if len(history) == 2:
            raise KeyboardInterrupt

    model = network()
    optimizer = SGD(model, lr=0.1)
    history = fit(model, X, Y, loss="bce", optimizer=optimizer, epochs=5, callbacks=[callback], progress=False)
    assert (len(history), history.stopped, optimizer.steps) == (2, "interrupted", 2)


def test_ctrl_c_while_a_perceptron_learns():
    class Interrupted(Perceptron):
        def learn(self, x, y, rate=1.0):
            if self.w[1].data > 0 and x[0].data == 0 and x[1].data == 1:
                self.w[0].data = 99.0
                raise KeyboardInterrupt
            return super().learn(x, y, rate)

    model = Interrupted(2)
    history = fit(model, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], epochs=20, progress=False)
    assert history.stopped == "interrupted"
    assert [p.data for p in model.parameters()] == [1.0, 1.0, 0.0]
    assert history.errors == [1]


@pytest.mark.parametrize("place", ["forward", "update", "updated", "cost"])
def test_other_errors_come_through_and_leave_the_last_step(place):
    class BrokenError(Exception):
        pass

    _, model, options = interrupted(place, 30, BrokenError)
    with pytest.raises(BrokenError):
        fit(model, X, Y, epochs=9, **options)
    stopped_there = interrupted(place, at=10**9)
    trained_so_far(stopped_there, options["optimizer"].steps)
    assert everything(model, options["optimizer"]) == everything(stopped_there[1], stopped_there[2]["optimizer"])
    assert model.training


# --- inf and nan ----------------------------------------------------------------------------------------


def test_nan_in_the_forward_pass():
    model = Formula(lambda z: z.log(), w=2.0)
    optimizer = SGD(model, lr=10.0, momentum=0.5)
    before = optimizer.state_dict()
    with pytest.raises(DivergenceError, match=r"the loss is nan\. forward: 'yhat' = log\(z=-.*\) is nan") as caught:
        fit(model, [[3.0], [1.0]], [0.0, 0.0], loss="mse", optimizer=optimizer, epochs=5, progress=False)
    assert "a lower learning rate than 10 often helps" in str(caught.value)
    assert model.w.data == 2.0  # the last parameters with a finite loss
    assert optimizer.state_dict() == before
    assert len(caught.value.history) == 1
    assert math.isfinite(caught.value.history.loss[0])


def test_the_last_good_step():
    model, seen = Formula(lambda z: z.log(), w=3.0), []
    optimizer = SGD(model, lr=0.3, momentum=0.5)
    with pytest.raises(DivergenceError, match="the loss is nan") as caught:
        fit(model, [[1.0]], [-3.0], loss="mse", optimizer=optimizer, epochs=99, progress=False,
            callbacks=[lambda model, _: seen.append((model.w.data, optimizer.state_dict()))])  # fmt: skip
    assert len(seen) == len(caught.value.history) > 2
    assert seen[-1][0] < 0 < seen[-2][0]
    assert (model.w.data, optimizer.state_dict()) == seen[-2]


def test_inf_at_the_first_step():
    model = Formula(lambda z: (z * 1000).exp())
    with pytest.raises(DivergenceError, match=r"the loss is inf\. forward: 'yhat' = exp\(1000\) is inf, .*softmax"):
        fit(model, [[1.0]], [0.0], loss="mse", lr=0.1, progress=False)
    assert model.w.data == 1.0


def test_a_gradient_that_is_not_finite():
    model = Formula(lambda z: z.sqrt(), w=0.0)
    with pytest.raises(DivergenceError, match=r"a gradient is not finite\. backward: at 'yhat' = sqrt\(z=0\)"):
        fit(model, [[1.0]], [1.0], loss="mse", lr=0.1, progress=False)
    assert model.w.data == 0.0


def test_the_node_of_a_network():
    model = MLP(2, [3, 2, 1], "linear", seed=1)
    model.layers[1].W[1][0].data = 1e308
    model.layers[0].b[0].data = 1e10
    before = model.state_dict()
    with pytest.raises(DivergenceError, match=r"forward: dot\(w\[2\]_2,1=1e\+308, .* is inf in layer2/neuron2, from"):
        fit(model, X, Y, loss="mse", lr=0.1, progress=False)
    assert model.state_dict() == before


def test_an_update_that_overflows():
    model = Formula(lambda z: z + 0.0)
    with pytest.raises(DivergenceError, match="the update was too large: w is inf"):
        fit(model, [[1.0]], [100.0], loss="mse", lr=1e308, progress=False)
    assert model.w.data == 1.0


def test_a_learning_rate_that_is_too_large():
    model = MLP(2, [4, 1], "linear", seed=1)
    with pytest.raises(DivergenceError, match=r"training diverged: .*the last good step") as caught:
        fit(model, X, Y, loss="mse", lr=100.0, epochs=1000, progress=False)
    assert all(math.isfinite(p.data) for p in model.parameters())
    assert math.isfinite(sum((model(x).data - y) ** 2 for x, y in zip(X, Y, strict=True)))
    assert all(map(math.isfinite, caught.value.history.loss))


def test_the_masks_of_dropout_come_again_when_the_bad_node_is_looked_for():
    class Chancy(Module):
        def __init__(self):
            self.net = MLP(1, [1, 1], "linear", init="ones", dropout=0.9, seed=1)

        def __call__(self, x):
            y = (1.5 - self.net(x)).log()  # nan if dropout, once in ten times, lets x pass
            y.label = "yhat"
            return y

    model = Chancy()
    with pytest.raises(DivergenceError, match="'yhat' = log"):
        fit(model, [[1.0]], [0.0], loss="mse", lr=1e-9, epochs=500, progress=False)
    assert model.net.layers[0].dropout.calls > 3


def test_a_leaf_that_is_nan():
    model = Formula(lambda z: z + Value(math.nan, "eps"))
    with pytest.raises(DivergenceError, match=r"the loss is nan\. forward: 'eps' is nan\. The model has"):
        fit(model, [[1.0]], [0.0], loss="mse", lr=0.1, progress=False)


def test_a_model_that_rolls_dice():
    class Dice(Module):
        def __init__(self):
            self.w, self.calls = parameter(1.0, "w"), 0

        def __call__(self, x):
            self.calls += 1
            return self.w * x[0] + Value(math.nan if self.calls == 3 else 0.0)

    with pytest.raises(
        DivergenceError, match="The same batch again showed no culprit: does the model draw random numbers"
    ):
        fit(Dice(), [[1.0]], [0.0], loss="mse", lr=0.1, progress=False, engine="eager")


# --- data that do not fit ---------------------------------------------------------------------------------

GOOD_X, GOOD_Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 1, 1]
NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("x", "y", "loss", "error", "match"),
    [
        ([], [], "bce", ValueError, "X is empty: there are no examples"),
        ([[], []], [0, 1], "bce", ValueError, "the examples in X are empty lists"),
        (3, [0], "bce", TypeError, "X must be a list of m examples, each a list of n numbers; got 3"),
        ("ab", [0, 1], "bce", TypeError, "X must be a list .* got 'ab'"),
        ([0.0, 1.0], [0, 1], "bce", TypeError, r"X\[0\] must be a list of numbers; .*write \[\[x\] for x in X\]"),
        ([[0, 0], [0]], [0, 1], "bce", ValueError, r"X\[1\] has 1 numbers, but X\[0\] has 2"),
        ([[0, 0], [0, "1"]], [0, 1], "bce", TypeError, r"X\[1\]\[1\]: expected a real number, got '1'"),
        ([[0, 0], [None, 1]], [0, 1], "bce", TypeError, r"X\[1\]\[0\]: expected a real number, got None"),
        ([[0, 0], [[1], 1]], [0, 1], "bce", TypeError, r"X\[1\]\[0\]: expected a real number, got \[1\]"),
        ([[0, 0], [0, NAN]], [0, 1], "bce", ValueError, r"X\[1\]\[1\] is nan, but must be finite"),
        ([[0, 0], [-INF, 0]], [0, 1], "bce", ValueError, r"X\[1\]\[0\] is -inf, but must be finite"),
        ([[0], [1]], [0, 1], "bce", ValueError, "takes 2 inputs, got 1"),
        (GOOD_X, [0, 1], "bce", ValueError, "y has 2 targets, but there are 3 examples"),
        (GOOD_X, 1, "bce", TypeError, "y must be a list of 3 targets; got 1"),
        (GOOD_X, [0, 1, NAN], "bce", ValueError, r"y\[2\] is nan, but must be finite"),
        (GOOD_X, [0, 1, [1, INF]], "bce", ValueError, r"y\[2\]\[1\] is inf, but must be finite"),
        (GOOD_X, [0, "1", 1], "bce", TypeError, r"y\[1\]: expected a real number"),
        (GOOD_X, [0, 1, 2], "bce", ValueError, r"example 2, target 2: a label must be in \[0, 1\], got 2"),
        (GOOD_X, [0, -1, 1], "bce_with_logits", ValueError, r"example 1, target -1: a label must be in \[0, 1\]"),
        (GOOD_X, [-1, 0, 1], "hinge", ValueError, "example 1, target 0: the hinge loss needs labels −1 and 1"),
        (GOOD_X, [[0], [1], [1]], "bce", ValueError, r"example 0, target \[0.*\]: the prediction is one"),
        (GOOD_X, GOOD_Y, "cross_entropy", TypeError, "example 0, target 0: a cross-entropy over classes needs a list"),
    ],
)  # fmt: skip
def test_bad_data(x, y, loss, error, match):
    model = network()
    before = model.state_dict()
    with pytest.raises(error, match=match):
        fit(model, x, y, loss=loss, lr=0.1, progress=False)
    assert model.state_dict() == before
    assert model.training
    model.eval()
    with pytest.raises(error):
        fit(model, x, y, loss=loss, lr=0.1, progress=False)
    assert not model.layers[0].training


def test_bad_classes():
    model = MLP(2, [3], output="softmax", seed=1)
    with pytest.raises(ValueError, match=r"example 2, target 3: the class must be one of 0 … 2, got 3"):
        fit(model, GOOD_X, [0, 1, 3], loss="cross_entropy", lr=0.1, progress=False)
    with pytest.raises(ValueError, match=r"example 1, target \[.*\]: the weights of the classes must add up to 1"):
        fit(model, GOOD_X, [[1, 0, 0], [1, 1, 0], [0, 0, 1]], loss="cross_entropy", lr=0.1, progress=False)


def test_bad_arrays():
    np = pytest.importorskip("numpy")
    model = network()
    with pytest.raises(TypeError, match=r"X\[0\] must be a list of numbers; for one feature"):
        fit(model, np.zeros(3), GOOD_Y, loss="bce", lr=0.1, progress=False)
    with pytest.raises(TypeError, match="X must be a list of m examples"):
        fit(model, np.array(3.0), GOOD_Y, loss="bce", lr=0.1, progress=False)
    with pytest.raises(TypeError, match=r"X\[0\]\[0\]: expected a real number, got \[0\.0"):
        fit(model, np.zeros((3, 2, 2)), GOOD_Y, loss="bce", lr=0.1, progress=False)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"loss": None}, TypeError, 'fit needs a loss, as in fit.*loss="bce"'),
        ({"loss": "cbe"}, ValueError, "unknown loss 'cbe'; did you mean 'bce'"),
        ({"loss": lambda p, _y: p.data}, TypeError, "the loss made .* of a Value: write it with autograd's functions"),
        ({"lr": None}, TypeError, 'optimizer="sgd" needs a learning rate'),
        ({"lr": 0}, ValueError, "the learning rate must be in"),
        ({"optimizer": "adm"}, ValueError, "unknown optimizer 'adm'; did you mean 'adam'"),
        ({"optimizer": SGD}, TypeError, "an optimizer is a name or an Optimizer, as in SGD"),
        ({"optimizer": SGD(Neuron(2), 0.1), "lr": 0.2}, TypeError, "has a learning rate already: leave out lr"),
        ({"optimizer": SGD(Neuron(2), 0.1), "lr": None}, ValueError, "for other parameters than this model's"),
        ({"engine": "programm"}, ValueError, "unknown engine 'programm'; did you mean 'program'"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1, got 0"),
        ({"epochs": 2.5}, TypeError, "epochs must be a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        ({"seed": 0.5}, TypeError, "seed must be a whole number"),
        ({"validation": GOOD_X}, TypeError, r"validation is a pair \(X, y\), not \[\["),
        ({"validation": ([], [])}, ValueError, "validation X is empty"),
        ({"validation": ([[0, NAN]], [0])}, ValueError, r"validation X\[0\]\[1\] is nan"),
        ({"validation": (GOOD_X, [0, 1])}, ValueError, "validation y has 2 targets, but there are 3 examples"),
        ({"validation": (GOOD_X, [0, 3, 1])}, ValueError, "validation example 1, target 3: a label must be in"),
        ({"early_stopping": EarlyStopping(3)}, ValueError, r"early stopping watches .*: give validation=\(X, y\)"),
    ],
)
def test_bad_options(options, error, match):
    model = network()
    before = model.state_dict()
    with pytest.raises(error, match=match):
        fit(model, GOOD_X, GOOD_Y, **({"loss": "bce", "lr": 0.1, "progress": False} | options))
    assert model.state_dict() == before


def test_bad_models():
    with pytest.raises(TypeError, match=r"a model has parameters\(\) and can be called, 3 cannot"):
        fit(3, GOOD_X, GOOD_Y, loss="bce", lr=0.1)
    model = LogisticRegression(2)
    model.b.data = NAN
    with pytest.raises(ValueError, match="the model cannot be trained: its parameter b is nan"):
        fit(model, GOOD_X, GOOD_Y, loss="bce", lr=0.1, progress=False)

    class Plain:
        def __init__(self):
            self.inner = LogisticRegression(2)
            self.parameters = self.inner.parameters

        def __call__(self, x):
            return self.inner(x)

    with pytest.raises(TypeError, match="early stopping keeps a model's best state_dict"):
        fit(Plain(), GOOD_X, GOOD_Y, loss="bce", lr=0.1, validation=(GOOD_X, GOOD_Y), early_stopping=EarlyStopping(3))
    with pytest.raises(ValueError, match=r"example 0, target 0: a probability must be in \[0, 1\], got -"):
        fit(Formula(lambda z: z - 1), [[0.5]], [0], loss="bce", lr=0.1, progress=False)


@pytest.mark.parametrize(
    ("y", "options", "error", "match"),
    [
        ([0, 1, 2], {}, ValueError, "example 2: a perceptron's target is 0 or 1, not 2"),
        (GOOD_Y, {"lr": 1.5}, ValueError, r"learning rate α of a perceptron must be in \[0, 1\], got 1\.5"),
        (GOOD_Y, {"loss": "mse"}, TypeError, "a perceptron learns by its own rule"),
        (GOOD_Y, {"optimizer": "adam"}, TypeError, "a perceptron learns by its own rule"),
        (GOOD_Y, {"batch_size": 2}, TypeError, "a perceptron learns by its own rule"),
        (GOOD_Y, {"epochs": 0}, ValueError, "epochs must be at least 1"),
    ],
)
def test_bad_perceptrons(y, options, error, match):
    model = Perceptron(2)
    with pytest.raises(error, match=match):
        fit(model, GOOD_X, y, progress=False, **options)
    assert {p.data for p in model.parameters()} == {0.0}


# --- the same seed, the same numbers ------------------------------------------------------------------------


def test_the_same_in_another_process():
    code = """
from nn import MLP, L2
from nn.datasets import moons
from nn.train import fit
model = MLP(2, [4, 1], "tanh", "sigmoid", dropout=0.25, seed=1)
X, y = moons(14, seed=3)
print(vars(fit(model, X, y, loss="bce", optimizer="adam", epochs=3, batch_size=4, regularizer=L2(0.1), progress=False)))
print(model.state_dict())
"""
    outputs = set()
    for hash_seed in ("0", "1", "12345"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        outputs.add(run.stdout)
    model = network(dropout=0.25)
    history = fit(
        model, X, Y, loss="bce", optimizer="adam", epochs=3, batch_size=4, regularizer=L2(0.1), progress=False
    )
    assert outputs == {f"{vars(history)}\n{model.state_dict()}\n"}
