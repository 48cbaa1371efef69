"""What ``fit`` learns, and what it reports."""

import math
import sys

import pytest

import nn
from autograd import Value, parameter
from nn import (
    L2,
    MLP,
    SGD,
    Adam,
    EarlyStopping,
    LinearSchedule,
    LogisticRegression,
    Module,
    Neuron,
    Perceptron,
)
from nn.datasets import blobs, gate, moons, three_points
from nn.train import History, fit


class Line(Module):
    """ŷ = intercept + 0.64 x: docs/lectures.md, "Optimisation"."""

    def __init__(self, intercept=0.0):
        self.intercept = parameter(intercept, "intercept")

    def __call__(self, x):
        return self.intercept + 0.64 * x[0]


def printed(xs, decimals):
    return [f"{x:.{decimals}f}" for x in xs]


# --- the lectures -----------------------------------------------------------------------------------


def test_o1_eight_intercepts():
    model, intercepts = Line(), []
    history = fit(
        model,
        *three_points(),
        loss="mse",
        lr=0.3,  # of the mean of 3 squares; 0.1 of their sum
        epochs=8,
        callbacks=[lambda model, _: intercepts.append(model.intercept.data)],
        progress=False,
    )
    assert printed(intercepts, 4) == ["0.5704", "0.7986", "0.8898", "0.9263", "0.9409", "0.9468", "0.9491", "0.9500"]
    assert history.loss == sorted(history.loss, reverse=True)
    assert history.loss[0] == pytest.approx((1.08**2 + 0.428**2 + 1.344**2) / 3, rel=1e-12)
    assert history.learning_rate == [0.3] * 8
    assert history.accuracy == history.validation_loss == history.errors == []


def test_g5_error_falls_over_epochs():
    model = MLP(2, [2, 1], "sigmoid", "linear", bias=None)
    for p, x in zip(model.parameters(), [0.11, 0.12, 0.21, 0.08, 0.14, 0.15], strict=True):
        p.data = x
    history = fit(model, [[2, 3]], [1], loss="squared_error", lr=0.5, epochs=20, progress=False)
    assert printed(history.loss[:1], 6) == ["0.329154"]
    assert printed(history.loss[1:2], 7) == ["0.0954493"]
    assert history.loss == sorted(history.loss, reverse=True)
    assert history.loss[-1] < 1e-6


@pytest.mark.parametrize("rate", [0.1, 1.0])
@pytest.mark.parametrize("name", ["and", "or"])
def test_p1_the_perceptron_settles(name, rate):
    X, y = gate(name)
    model, by_hand = Perceptron(2), Perceptron(2)
    history = fit(model, X, y, lr=rate, epochs=100, progress=False)
    assert history.stopped == "no errors"
    assert history.errors[-1] == 0
    assert 0 not in history.errors[:-1]
    assert history.errors == [
        sum(by_hand.learn(x, t, rate) != 0 for x, t in zip(X, y, strict=True)) for _ in history.errors
    ]
    assert model.state_dict() == by_hand.state_dict()
    assert history.accuracy == [1 - errors / 4 for errors in history.errors]
    assert history.loss == []
    assert [model(x).data for x in X] == y


def test_p1_the_perceptron_never_settles_on_xor():
    history = fit(Perceptron(2), *gate("xor"), lr=0.5, epochs=400, progress=False)
    assert len(history) == 400
    assert min(history.errors) > 0
    assert history.stopped == ""


@pytest.mark.parametrize("batch_size", [None, 1, 3])
@pytest.mark.parametrize("seed", [1, 2, 4])
def test_p3_an_mlp_learns_xor(seed, batch_size):
    X, y = gate("xor")
    model = MLP(2, [4, 1], "tanh", "sigmoid", seed=seed)
    history = fit(model, X, y, loss="bce", lr=0.5, epochs=500, batch_size=batch_size, progress=False)
    assert [round(model(x).data) for x in X] == y
    assert history.accuracy[-1] == 1
    assert history.loss[-1] < history.loss[0] / 5


def test_micrograds_moons_demo():
    X, y = moons(100, noise=0.1, seed=0, labels=(-1, 1))
    model = MLP(2, [16, 16, 1], seed=1)
    optimizer = SGD(model, lr=1.0, schedule=LinearSchedule(100, end=0.1))
    # λ/2m = 1e-4, micrograd's alpha
    history = fit(model, X, y, loss="hinge", optimizer=optimizer, regularizer=L2(0.02), epochs=100, progress=False)
    assert history.learning_rate == pytest.approx([1.0 - 0.9 * k / 100 for k in range(100)], rel=1e-12)
    assert history.accuracy[-1] == 1
    assert all((model(x).data > 0) == (label > 0) for x, label in zip(X, y, strict=True))


# --- the loop is the loop ---------------------------------------------------------------------------


def test_full_batch_is_the_loop_written_out():
    X, y = moons(30, seed=2)
    model, by_hand = (MLP(2, [4, 1], "tanh", "sigmoid", seed=1) for _ in range(2))
    history = fit(
        model, X, y, loss="bce", optimizer=Adam(model, lr=0.02), regularizer=L2(0.5), epochs=5, progress=False,
        engine="eager",
    )  # fmt: skip
    optimizer, costs = Adam(by_hand, lr=0.02), []
    for _ in range(5):
        J = nn.cost("bce", [by_hand(x) for x in X], y)
        optimizer.zero_grad()
        (J + L2(0.5)(by_hand, 30)).backward()
        optimizer.step()
        costs.append(J.data)
    assert history.loss == costs  # without the regulariser's term
    assert model.state_dict() == by_hand.state_dict()


class Recording(Neuron):
    """Writes down which examples it sees."""

    def __init__(self):
        super().__init__(1, "sigmoid", seed=1)
        self.seen = []

    def __call__(self, x):
        if self.training:
            self.seen.append(int(x[0].data))
        return super().__call__(x)


def batches_seen(seed, epochs=3):
    model = Recording()
    fit(model, [[i] for i in range(10)], [0] * 10, loss="bce", lr=0.01, epochs=epochs, batch_size=4, seed=seed,
        progress=False, engine="eager")  # fmt: skip
    return [model.seen[10 * k : 10 * k + 10] for k in range(epochs)]


def test_batches_are_shuffled_anew_in_each_epoch():
    epochs = batches_seen(seed=1)
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 3
    assert len(set(map(tuple, epochs))) == 3
    assert epochs == batches_seen(seed=1) != batches_seen(seed=2)
    assert epochs[0] == [3, 1, 7, 2, 8, 5, 4, 6, 9, 0]  # the same on every machine


def test_a_batch_is_a_step_and_the_loss_is_the_mean_over_examples():
    X, y = [[1.0], [2.0], [3.0]], [1, 0, 1]
    model = LogisticRegression(1)
    optimizer = SGD(model, lr=0.1)
    history = fit(model, X, y, loss="bce", optimizer=optimizer, epochs=2, batch_size=2, progress=False)
    assert optimizer.steps == 4
    whole = LogisticRegression(1)
    fit(whole, X, y, loss="bce", lr=1e-300, epochs=1, progress=False)
    still = fit(LogisticRegression(1), X, y, loss="bce", lr=1e-300, epochs=1, batch_size=2, progress=False)
    assert still.loss == pytest.approx([math.log(2)], rel=1e-12)  # a batch of two and one of one weigh 2 : 1
    assert history.loss[1] < history.loss[0]


def test_regularizer_knows_all_examples():
    asked = []

    def penalty(model, m):
        asked.append(m)
        return L2(0.1)(model, m)

    fit(Neuron(1, "linear", seed=1), [[1], [2], [3]], [1, 2, 3], loss="mse", lr=0.01, epochs=1, batch_size=2,
        regularizer=penalty, progress=False, engine="eager")  # fmt: skip
    assert asked == [3, 3]


def test_any_model_with_parameters_and_call():
    class Scale:
        def __init__(self):
            self.w = parameter(0.0, "w")

        def parameters(self):
            return [self.w]

        def __call__(self, x):
            return [self.w * v for v in x]

    def squares(p, y):
        return sum((a - b) ** 2 for a, b in zip(p, y, strict=True))

    model = Scale()
    fit(model, [[1, 2], [3, 4]], [[3, 6], [9, 12]], loss=squares, lr=0.02, epochs=60, progress=False)
    assert model.w.data == pytest.approx(3, rel=1e-6)


def test_arrays_give_the_same_numbers():
    np = pytest.importorskip("numpy")
    X, y = moons(20, seed=2)
    histories = []
    for data in ((X, y), (np.array(X), np.array(y)), (tuple(map(tuple, X)), tuple(y))):
        model = MLP(2, [3, 1], "tanh", "sigmoid", seed=1)
        histories.append(vars(fit(model, *data, loss="bce", optimizer="adam", epochs=3, batch_size=6, progress=False)))
    assert histories[0] == histories[1] == histories[2]


# --- what is reported -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "output", "labels"),
    [
        ("bce", "sigmoid", (0, 1)),
        (nn.bce, "sigmoid", (0, 1)),
        ("bce_with_logits", "linear", (0, 1)),
        ("hinge", "linear", (-1, 1)),
    ],
)
def test_accuracy_of_two_classes(loss, output, labels):
    X, y = moons(40, seed=1, labels=labels)
    model = MLP(2, [1], output=output, seed=3)
    cut = 0.5 if output == "sigmoid" else 0.0
    right = sum((model(x).data > cut) == (label == 1) for x, label in zip(X, y, strict=True))
    history = fit(model, X, y, loss=loss, lr=0.1, epochs=1, progress=False)
    assert 0 < right < 40
    assert history.accuracy == [right / 40]


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize(("loss", "output"), [("cross_entropy", "softmax"), ("cross_entropy_with_logits", "linear")])
def test_accuracy_of_many_classes(loss, output, one_hot):
    X, y = blobs(45, noise=0.15, classes=3, seed=1)
    targets = [[float(k == label) for k in range(3)] for label in y] if one_hot else y
    model = MLP(2, [3], output=output, seed=1)
    history = fit(model, X, targets, loss=loss, lr=1.0, epochs=30, validation=(X, targets), progress=False)
    right = 0
    for x, label in zip(X, y, strict=True):
        outputs = [v.data for v in model(x)]
        right += outputs.index(max(outputs)) == label
    assert history.validation_accuracy[-1] == right / 45 == 1
    assert history.accuracy[1:] == history.validation_accuracy[:-1]  # full batch: the same models looked at
    assert history.loss[1:] == pytest.approx(history.validation_loss[:-1], rel=1e-12)


def test_accuracy_of_independent_outputs_wants_all_right():
    model = MLP(1, [2], output="sigmoid", init="ones")
    history = fit(model, [[1.0], [2.0]], [[1, 1], [1, 0]], loss="bce", lr=0.1, epochs=1, progress=False)
    assert history.accuracy == [0.5]


def test_accuracy_of_ones_own():
    X, y = gate("xor")
    model = MLP(2, [4, 1], "tanh", "sigmoid", seed=1)
    history = fit(model, X, y, loss="mse", lr=1.0, epochs=300, accuracy=lambda p, t: round(p) == t, progress=False)
    assert history.accuracy[-1] == 1
    assert fit(model, X, y, loss="mse", lr=1.0, epochs=1, progress=False).accuracy == []


def test_validation_is_without_dropout():
    model = MLP(2, [8, 1], "tanh", "sigmoid", dropout=0.5, seed=1)
    X, y = moons(20, seed=1)
    others, labels = moons(10, seed=2)
    model.eval()
    history = fit(model, X, y, loss="bce", lr=0.1, epochs=2, validation=(others, labels), progress=False)
    assert model.layers[0].dropout.calls == 40  # of the training only
    assert not model.layers[0].dropout.training  # as it was before
    assert history.validation_loss[-1] == pytest.approx(
        nn.cost("bce", [model(x).data for x in others], labels), rel=1e-12
    )
    model.train()
    fit(model, X, y, loss="bce", lr=0.1, epochs=1, progress=False)
    assert all(module.training for _, module in model.named_modules())


def test_early_stopping_brings_the_best_parameters_back():
    X = [[1.0], [2.0]]
    model, states = Neuron(1, "linear", init="zeros"), []
    stopping = EarlyStopping(patience=3)
    history = fit(
        model, X, [1.0, 2.0], loss="mse", lr=0.05, epochs=50, validation=(X, [0.3, 0.6]), early_stopping=stopping,
        callbacks=[lambda model, history: states.append((model.state_dict(), history.stopped))], progress=False,
    )  # fmt: skip
    best = history.validation_loss.index(min(history.validation_loss))
    assert history.stopped == "early stopping"
    assert len(history) == best + 1 + 3 == len(states) < 50
    assert stopping.best_epoch == best + 1
    assert model.state_dict() == states[best][0] == states[-1][0]
    assert "early stopping" in repr(history)


def test_early_stopping_that_does_not_stop():
    X, y = gate("or")
    model = LogisticRegression(2)
    history = fit(model, X, y, loss="bce", lr=0.5, epochs=5, validation=(X, y), early_stopping=EarlyStopping(3),
                  progress=False)  # fmt: skip
    assert (len(history), history.stopped) == (5, "")


def test_callbacks():
    calls = []

    def stop(_model, history):
        calls.append(len(history))
        return len(history) == 3

    history = fit(Line(), *three_points(), loss="mse", lr=0.1, epochs=9, progress=False,
                  callbacks=[stop, lambda _model, _history: calls.append("all are called") or "not True"])  # fmt: skip
    assert calls == [1, "all are called", 2, "all are called", 3, "all are called"]
    assert history.stopped == "callback"
    assert len(history) == 3


def test_history():
    history = History()
    assert repr(history) == "History(0 epochs)"
    history.record(loss=0.5, accuracy=None, learning_rate=0.1)
    assert repr(history) == "History(1 epoch, loss 0.5 → 0.5)"
    history.record(loss=0.25, validation_accuracy=0.75, learning_rate=0.1)
    history.stopped = "interrupted"
    assert repr(history) == "History(2 epochs, loss 0.5 → 0.25, validation accuracy 0.75 → 0.75; interrupted)"
    history.engine = "eager: dropout draws a new mask for every example"
    assert repr(history).endswith("→ 0.75; interrupted; eager: dropout draws a new mask for every example)")
    history.engine = "program"
    assert repr(history).endswith("→ 0.75; interrupted)")
    assert history.columns() == {"loss": [0.5, 0.25], "validation_accuracy": [0.75], "learning_rate": [0.1, 0.1]}


def test_progress_bar(capsys):
    pytest.importorskip("tqdm")
    fit(Line(), *three_points(), loss="mse", lr=0.1, epochs=3)
    out, err = capsys.readouterr()
    assert out == ""
    assert "3/3" in err
    assert "loss=" in err
    fit(Line(), *three_points(), loss="mse", lr=0.1, epochs=3, progress=False)
    assert capsys.readouterr() == ("", "")


def test_without_tqdm_it_is_quiet(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert len(fit(Line(), *three_points(), loss="mse", lr=0.1, epochs=3)) == 3
    assert capsys.readouterr() == ("", "")


def test_inputs_are_made_once():
    made = []

    class Counting(Neuron):
        def __call__(self, x):
            made.append(tuple(map(id, x)))
            assert all(type(v) is Value for v in x)
            return super().__call__(x)

    model = Counting(2, seed=1)
    fit(model, [[1, 2], [3, 4]], [1, 2], loss="mse", lr=0.01, epochs=4, progress=False, engine="eager")
    assert len(set(made)) == 2


def test_dropout_acts_while_training():
    net = MLP(1, [4, 1], "linear", dropout=0.5, seed=1)
    before = net.layers[0].dropout.calls
    fit(net, [[1.0]], [1.0], loss="mse", lr=0.01, epochs=3, progress=False)
    assert net.layers[0].dropout.calls == before + 3
