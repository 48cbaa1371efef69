"""Training interrupted at every line: steps and epochs are whole, and what was switched is switched back."""

import gc

import pytest
from interrupts import at_every_line

import autograd
import nn
from autograd import Value
from nn import MLP, SGD, Adam, EarlyStopping, Neuron, Perceptron
from nn.execution import Eager
from nn.losses import find_loss
from nn.train import Descent, DivergenceError, History, fit

AND = [[0.0, 1.0], [1.0, 1.0]], [0, 1]


def trainer(lr=0.1, size=1.0):
    """One that has made a step; with a parameter of this size the next one diverges, or does not."""
    model = MLP(1, [1, 1], "linear", dropout=0.5, seed=1)
    made = Descent(Eager(model, find_loss("mse"), None, [[Value(2.0)]], [1.0]), Adam(model, lr=lr))
    made.step([0])
    model.layers[1].b[0].data = size
    return made


def everything(made):
    data, counts, _ = made.state()
    return data.tolist(), counts, made.optimizer.state_dict()


def test_a_step_is_whole_or_not_made():
    assert at_every_line(trainer, lambda made: made.step([0]), everything) > 200


def test_a_step_that_diverges_leaves_a_whole_one():
    def step(made):
        with pytest.raises((DivergenceError, KeyboardInterrupt)):
            made.step([0])

    def make():
        return trainer(size=1e200)

    assert at_every_line(make, step, everything) > 200


def test_going_back_is_whole_or_not_done():
    earlier = trainer()
    state = earlier.state()
    at_every_line(lambda: trainer(size=3.0), lambda made: made.restore(state), everything)


@pytest.mark.parametrize("engine", ["eager", "program"])
def test_fit_leaves_collector_and_dropout_as_they_were(engine):
    def make():
        gc.enable()
        return Neuron(1, "sigmoid", init="ones").eval()

    def train(model):
        fit(model, [[1.0]], [1.0], loss="mse", lr=0.1, epochs=1, progress=False, engine=engine)

    try:
        packages = (autograd, nn) if engine == "eager" else (nn,)  # recording has its own tests
        assert at_every_line(make, train, lambda model: (gc.isenabled(), model.training), packages=packages) > 200
        model = make()
        gc.disable()
        train(model)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_an_epoch_is_in_all_columns_or_in_none():
    def make():
        history = History()
        history.record(loss=1.0, accuracy=0.5, learning_rate=0.1)
        return history

    at_every_line(make, lambda history: history.record(loss=0.5, accuracy=1.0, learning_rate=0.1), History.columns)


def test_early_stopping_takes_note_and_goes_back_whole_or_not():
    def make():
        model, early = Neuron(2, seed=1), EarlyStopping()
        early.update(2.0, model)
        model.w[0].data = model.w[1].data = 7.0
        return model, early

    def look(made):
        model, early = made
        return model.state_dict(), vars(early)

    at_every_line(make, lambda made: made[1].update(1.0, made[0]), look)
    at_every_line(make, lambda made: made[1].restore(made[0]), look)


def test_a_perceptron_learns_an_example_or_does_not():
    def make():
        return Perceptron(2, init="ones")

    assert make().learn([1.0, 1.0], 0) == -1
    at_every_line(make, lambda model: model.learn([1.0, 1.0], 0), Perceptron.state_dict)
    after_each_example = []
    model = make()
    for x, y in zip(*AND, strict=True):
        after_each_example.append(model.state_dict())
        model.learn(x, y)
    after_each_example.append(model.state_dict())

    def look(model):
        return model.state_dict() in after_each_example

    at_every_line(make, lambda model: fit(model, *AND, epochs=1, progress=False), look)


def test_an_optimizer_that_fit_interrupted_goes_on():
    """Parameters and optimiser are those after one number of whole steps, which the optimiser knows."""

    def make():
        model = Neuron(1, "linear", init="ones")
        return model, SGD(model, lr=0.25, momentum=0.5)

    def train(made, epochs=2):
        model, optimizer = made
        return fit(
            model, [[1.0]], [3.0], loss="mse", optimizer=optimizer, epochs=epochs, progress=False, engine="eager"
        )

    after = []
    for epochs in range(3):
        made = make()
        if epochs:
            train(made, epochs)
        after.append((made[0].state_dict(), made[1].state_dict()))

    def look(made):
        return (made[0].state_dict(), made[1].state_dict()) == after[made[1].steps]

    at_every_line(make, train, look, every=3)
