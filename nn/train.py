"""Training: ``fit`` runs the loop forward · cost · backward · update, over batches and epochs.

>>> from nn import MLP
>>> from nn.datasets import gate
>>> model = MLP(2, [4, 1], "tanh", "sigmoid", seed=1)
>>> fit(model, *gate("xor"), loss="bce", lr=2.0, epochs=200, progress=False)
History(200 epochs, loss 0.7436 → 0.007039, accuracy 0.75 → 1)

A step is made whole or not at all: whatever interrupts it, the model and the optimiser are as they were
after the step before. Where training stands is ``optimizer.steps``, which is saved with the model; with the
``seed`` it says which batch comes next. So training goes on, bit for bit, as if it had never stopped:

    optimizer = Adam(model)
    fit(model, X, y, loss="bce", optimizer=optimizer, epochs=50, batch_size=10)
    model.save("half.json", optimizer)
    ...                                         # another day, another process: the same model and optimizer
    model.load("half.json", optimizer)
    fit(model, X, y, loss="bce", optimizer=optimizer, epochs=50, batch_size=10)
"""

from __future__ import annotations

import gc
import math
import random

from autograd.interrupts import all_or_none, undone
from autograd.number import quoted

from .data import check_targets, examples, leaves, targets
from .descent import Descent
from .execution import Eager, engine_for, engine_named
from .history import DivergenceError, History
from .losses import find_loss
from .metrics import RIGHT
from .module import Module
from .names import find
from .neuron import Perceptron
from .optim import OPTIMIZERS, SGD, Optimizer
from .random_numbers import permutation
from .settings import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .execution import Engine
    from .metrics import Right
    from .regularize import EarlyStopping
    from .types import Examples, Inputs, Loss, Model, Regularizer, Target, Targets

    Validation = tuple[Examples, Iterable[Target]]
    Callback = Callable[..., object]  # of (model, history)


def fit(
    model: Model,
    X: Examples,
    y: Iterable[Target],
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer = "sgd",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    regularizer: Regularizer | None = None,
    validation: Validation | None = None,
    early_stopping: EarlyStopping | None = None,
    accuracy: Right | None = None,
    callbacks: Iterable[Callback] = (),
    seed: int = 0,
    progress: bool = True,
    engine: str = "program",
) -> History:
    """Train ``model`` on m examples X (m, n) with the targets y, (m,) or (m, outputs).

    ``model``           has ``parameters()``, and ``model(x)`` of a list of n Values is a Value or a list of them.
                        A Perceptron learns by its own rule; it takes lr, epochs, callbacks and progress only
    ``loss``            a name of ``LOSSES``, or a function of one prediction and its target
    ``optimizer``       a name of ``OPTIMIZERS`` with the learning rate ``lr``, or an Optimizer, which goes on
                        from where it stands: after a broken epoch, the rest of that epoch counts as one
    ``batch_size``      examples per step; None for all. Batches are shuffled anew in each epoch
    ``regularizer``     L2(λ), L1(λ), or any function of (model, m) to add to the cost; m = len(X) also in a
                        batch, so that what is minimised does not depend on the size of the batches
    ``validation``      (X, y) to evaluate after each epoch
    ``early_stopping``  watches the validation loss; when it stops, the model gets its best parameters back
    ``accuracy``        a function of a prediction (in numbers) and its target: whether it is right. The losses
                        for classes know; squared errors do not
    ``callbacks``       functions of (model, history), called after each epoch; ``True`` from one stops
    ``seed``            of the shuffling: epoch k of a seed always has the same batches
    ``progress``        a bar, if tqdm is installed (the extra ``notebook``)
    ``engine``          "program": model, loss and regulariser are called for one example, and what they compute there
                        is recorded and replayed for all. Where that cannot be (dropout, an ``if`` on numbers, a loss of
                        plain targets), and with "eager", they are called for every example in every step;
                        ``History.engine`` says which. "jax" (extra ``jax``): the program is compiled by JAX, for a GPU
                        or TPU where there is one. Of what a callback changes a program sees the ``data`` of parameters
                        only

    Ctrl-C ends training and returns the history of the complete epochs. TypeError or ValueError, with the
    model unchanged, for data that do not fit; DivergenceError, with the parameters of the last good step, if
    the loss, a gradient or a parameter becomes inf or nan: it names the first node where that happened.
    """
    kind = engine_named(engine)
    epochs, seed, callbacks = whole("epochs", epochs), whole("seed", seed, least=0), list(callbacks)
    if not callable(model) or not hasattr(model, "parameters"):
        raise TypeError(f"a model has parameters() and can be called, {quoted(model)} cannot")
    inputs = leaves(examples(X))
    wanted = targets(y, len(inputs))
    if isinstance(model, Perceptron):
        others = [loss, batch_size, regularizer, validation, early_stopping, accuracy]
        if optimizer != "sgd" or any(other is not None for other in others):
            raise TypeError("a perceptron learns by its own rule: of it, fit takes lr, epochs, callbacks and progress")
        learning = PerceptronTraining(model, inputs, wanted, 1.0 if lr is None else lr)
        return learning.run(epochs, callbacks, progress)
    if loss is None:
        raise TypeError('fit needs a loss, as in fit(model, X, y, loss="bce")')
    loss = find_loss(loss)
    accuracy = accuracy or RIGHT.get(loss)
    batches = Batches(len(inputs), batch_size, seed)
    descent = Descent(Eager(model, loss, regularizer, inputs, wanted), optimizer_for(model, optimizer, lr))
    training = GradientTraining(descent, batches, kind, accuracy, validation, early_stopping)
    return training.run(epochs, callbacks, progress)


# --- epoch after epoch ------------------------------------------------------------------------------


class Training:
    """Training prepares, runs epoch after epoch until there is a reason to stop, and restores what it switched."""

    def __init__(self, model: Model) -> None:
        self.model, self.history = model, History()

    def run(self, epochs: int, callbacks: list[Callback], progress: bool) -> History:
        """Train for so many epochs, or until something stops it; whatever happens, ``restore`` comes last."""

        def train() -> History:
            self.prepare()
            self.repeat(epochs, callbacks, ProgressBar(epochs, progress))
            return self.history

        return undone(train, self.restore)

    def repeat(self, epochs: int, callbacks: list[Callback], bar: ProgressBar) -> None:
        """Epoch after epoch, until one says why to stop; Ctrl-C is one reason."""
        history = self.history
        try:
            for _ in range(epochs):
                history.stopped = self.epoch()
                for callback in callbacks:
                    if callback(self.model, history) is True:
                        history.stopped = history.stopped or "callback"
                bar.advance(history)
                if history.stopped:
                    break
        except KeyboardInterrupt:
            history.stopped = "interrupted"
        except DivergenceError as error:
            error.history = history
            raise
        finally:
            bar.close()

    def prepare(self) -> None:
        """Check that data and model fit, before anything changes."""
        raise NotImplementedError

    def epoch(self) -> str:
        """Learn of every example once, and record it; returns why to stop, or nothing."""
        raise NotImplementedError

    def restore(self) -> None:
        """Switch back what ``prepare`` switched; calling it twice does no harm."""


class GradientTraining(Training):
    """Gradient descent over batches of examples."""

    def __init__(
        self,
        descent: Descent,
        batches: Batches,
        kind: type[Engine],
        accuracy: Right | None,
        validation: Validation | None,
        early_stopping: EarlyStopping | None,
    ) -> None:
        super().__init__(descent.eager.model)
        self.descent, self.batches, self.kind = descent, batches, kind
        self.accuracy, self.validation, self.early_stopping = accuracy, validation, early_stopping
        self.validator: Engine | None = None
        self.switches = [(module, "training", module.training) for module in descent.modules]
        self.was_collecting = gc.isenabled()

    def prepare(self) -> None:
        """Check the targets, and record the programs: of the model as it predicts, and as it trains."""
        descent, eager = self.descent, self.descent.eager
        descent.switch(training=False)
        check_targets(eager.model, eager.loss, eager.X, eager.y, "example")
        if held_out := validation_data(eager.model, eager.loss, self.validation, self.early_stopping):
            predicting = Eager(eager.model, eager.loss, None, *held_out)
            self.validator = engine_for(self.kind, predicting, descent.parameters)
        descent.switch(training=True)
        descent.engine = engine_for(self.kind, eager, descent.parameters)
        self.history.engine = descent.engine.description

    def epoch(self) -> str:
        """Make the steps that are left of the epoch, one for each batch."""
        optimizer, y = self.descent.optimizer, self.descent.eager.y
        rate = optimizer.lr * optimizer.schedule(optimizer.steps)
        batches = self.batches.after(optimizer.steps)
        total, right, seen = 0.0, 0, 0
        self.descent.switch(training=True)
        for batch in batches:
            J, predictions = self.descent.step(batch)
            total += J * len(batch)
            seen += len(batch)
            if self.accuracy:
                right += sum(self.accuracy(p, y[i]) for p, i in zip(predictions, batch, strict=True))
        self.descent.switch(training=False)
        self.record(total / seen, right / seen if self.accuracy else None, rate)
        return self.stop()

    def record(self, loss: float, accuracy: float | None, rate: float) -> None:
        """Add the numbers of an epoch to the history, with those of the examples that are held out."""
        cost, share = (None, None) if self.validator is None else evaluated(self.validator, self.accuracy)
        self.history.record(
            loss=loss, accuracy=accuracy, validation_loss=cost, validation_accuracy=share, learning_rate=rate
        )

    def stop(self) -> str:
        """If it is time for early stopping, give the model its best parameters back, and say so."""
        early, model = self.early_stopping, self.model
        if early is None:
            return ""
        assert isinstance(model, Module)  # see validation_data
        if not early.update(self.history.validation_loss[-1], model):
            return ""
        early.restore(model)
        return "early stopping"

    def restore(self) -> None:
        all_or_none(self.switches)
        if self.was_collecting:
            gc.enable()


class PerceptronTraining(Training):
    """The perceptron's learning rule (docs/lectures.md, "Neurons and perceptrons"), by example, in the given order."""

    def __init__(self, model: Perceptron, X: Inputs, y: Targets, rate: float) -> None:
        super().__init__(model)
        self.perceptron, self.X, self.y, self.rate = model, X, y, rate
        self.history.engine = "eager: a perceptron learns by its own rule"

    def prepare(self) -> None:
        self.perceptron(self.X[0])  # raises for inputs that do not fit
        for i, target in enumerate(self.y):
            if target not in (0, 1):
                raise ValueError(f"example {i}: a perceptron's target is 0 or 1, not {quoted(target)}")

    def epoch(self) -> str:
        """An epoch without an error changes nothing, and so would all after it: it is the last."""
        errors = 0
        for x, target in zip(self.X, self.y, strict=True):
            before = [(p, "data", p.data) for p in self.perceptron.parameters()]
            try:
                errors += self.perceptron.learn(x, target, self.rate) != 0
            except BaseException:
                all_or_none(before)
                raise
        self.history.record(errors=errors, accuracy=1 - errors / len(self.y), learning_rate=self.rate)
        return "" if errors else "no errors"


class Batches:
    """m examples in batches of ``size`` (None: all in one), shuffled anew in each epoch."""

    def __init__(self, m: int, size: int | None, seed: int) -> None:
        self.m, self.seed = m, seed
        self.size = m if size is None else min(m, whole("batch_size", size))

    def after(self, steps: int) -> list[Sequence[int]]:
        """The batches that are left of an epoch, when so many steps have been made in all; numbers of examples."""
        epoch, first = divmod(steps, math.ceil(self.m / self.size))
        order: Sequence[int] = range(self.m)
        if self.size < self.m:
            order = permutation(self.m, random.Random(f"{self.seed} {epoch}"))
        return [order[start : start + self.size] for start in range(first * self.size, self.m, self.size)]


def evaluated(validator: Engine, accuracy: Right | None) -> tuple[float, float | None]:
    """The cost over all examples, and the share that is right."""
    J, predictions = validator.evaluate()
    if accuracy is None:
        return J, None
    return J, sum(map(accuracy, predictions, validator.y)) / len(predictions)


class ProgressBar:
    """tqdm's bar, in a terminal or a notebook; nothing where none is wanted, or tqdm is not installed."""

    def __init__(self, epochs: int, wanted: bool) -> None:
        self.bar = None
        if wanted:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            self.bar = tqdm(total=epochs, unit="epoch")

    def advance(self, history: History) -> None:
        """One epoch more, with its numbers."""
        if self.bar is not None:
            latest = {name.replace("_", " "): f"{column[-1]:.4g}" for name, column in history.columns().items()}
            self.bar.set_postfix(latest, refresh=False)
            self.bar.update()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


# --- what fit is given, made ready ------------------------------------------------------------------


def validation_data(
    model: Model, loss: Loss, validation: Validation | None, early_stopping: EarlyStopping | None
) -> tuple[Inputs, Targets] | None:
    """The pair (X, y) to evaluate after each epoch, checked; None if there is none."""
    if early_stopping is not None and validation is None:
        raise ValueError("early stopping watches the validation loss: give validation=(X, y)")
    if early_stopping is not None and not isinstance(model, Module):
        raise TypeError("early stopping keeps a model's best state_dict(): the model must be a Module")
    if validation is None:
        return None
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(f"validation is a pair (X, y), not {quoted(validation)}")
    X = leaves(examples(validation[0], "validation X"))
    y = targets(validation[1], len(X), "validation y")
    check_targets(model, loss, X, y, "validation example")
    return X, y


def optimizer_for(model: Model, which: str | Optimizer, lr: float | None) -> Optimizer:
    """The optimiser of a name, or the given one, if it is of this model."""
    if isinstance(which, str):
        kind: Callable[..., Optimizer] = find(OPTIMIZERS, which, "optimizer")
        if kind is SGD and lr is None:
            raise TypeError('optimizer="sgd" needs a learning rate, as in fit(..., lr=0.1)')
        settings = {} if lr is None else {"lr": lr}
        return kind(list(model.parameters()), **settings)
    if not isinstance(which, Optimizer):
        raise TypeError(f"an optimizer is a name or an Optimizer, as in SGD(model, lr=0.1), not {quoted(which)}")
    if lr is not None:
        raise TypeError(f"{quoted(which)} has a learning rate already: leave out lr")
    if not set(which.parameters) <= set(model.parameters()):
        raise ValueError("the optimizer is for other parameters than this model's: make it with SGD(model, ...)")
    return which
