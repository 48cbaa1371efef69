"""Training: ``fit`` runs the loop of LECTURES §6, forward · cost · backward · update, over batches and epochs.

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
from typing import Any

from autograd import AnomalyError, Value, detect_anomaly, graph
from autograd.contexts.anomaly import advice, describe
from autograd.interrupts import all_or_none, finished, undone
from autograd.leaves import Exchange
from autograd.number import quoted, shortened, shown

from .datasets import check_targets, examples, leaves, permutation, targets
from .execution import ENGINES, Eager, engine_for
from .losses import bce, bce_with_logits, cross_entropy, cross_entropy_with_logits, find_loss, hinge, is_list
from .module import Module
from .names import find
from .neuron import Perceptron
from .optim import OPTIMIZERS, SGD, Optimizer
from .settings import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from autograd.leaves import Array

    from .datasets import Inputs
    from .execution import Regularizer, Replayed
    from .losses import Loss
    from .regularize import EarlyStopping

    Callback = Callable[[Any, "History"], object]
    Right = Callable[[Any, Any], bool]
    State = tuple[Array, list[int], dict[str, Any]]


class DivergenceError(AnomalyError):
    """The loss, a gradient or a parameter became inf or nan; ``history`` holds the epochs before."""

    history: History


class History:
    """What ``fit`` returns: one number per epoch in each list; a list stays empty where there is no such number.

    ``loss``, ``validation_loss``          the cost J, without the regulariser's term
    ``accuracy``, ``validation_accuracy``  the share of examples that were right
    ``errors``                             of a perceptron: how many examples were wrong
    ``learning_rate``                      at the beginning of the epoch
    ``stopped``                            why it ended early: "early stopping", "callback", "interrupted",
                                           "no errors"; else ""
    ``engine``                             what made the steps: "program" or "eager"; "eager: ..." says why a
                                           program could not

    ``loss`` and ``accuracy`` come from the forward passes of the training: each batch as it was met, before
    its update. Those of the validation are taken at the end of the epoch.
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_accuracy: list[float] = []
        self.errors: list[int] = []
        self.learning_rate: list[float] = []
        self.stopped = ""
        self.engine = ""

    def __len__(self) -> int:
        return len(self.learning_rate)

    def columns(self) -> dict[str, list[Any]]:
        """The lists that are not empty, by name."""
        return {name: column for name, column in vars(self).items() if column and isinstance(column, list)}

    def record(self, **numbers: float | None) -> None:
        """Add the numbers of an epoch, all or, interrupted, none of them; None is none."""
        columns = [(getattr(self, name), x) for name, x in numbers.items() if x is not None]
        lengths = [len(column) for column, _ in columns]
        try:
            for column, x in columns:
                column.append(x)
        except BaseException:
            for (column, _), length in zip(columns, lengths, strict=True):
                del column[length:]
            raise

    def __repr__(self) -> str:
        parts = [f"{len(self)} epoch{'' if len(self) == 1 else 's'}"]
        for name, column in self.columns().items():
            if name != "learning_rate":
                parts.append(f"{name.replace('_', ' ')} {column[0]:.4g} → {column[-1]:.4g}")
        remarks = [remark for remark in (self.stopped, self.engine) if remark not in ("", *ENGINES)]
        return f"History({'; '.join([', '.join(parts), *remarks])})"


def fit(
    model: Any,
    X: Any,
    y: Any,
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer = "sgd",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    regularizer: Regularizer | None = None,
    validation: tuple[Any, Any] | None = None,
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
                        ``History.engine`` says which. Of what a callback changes a program sees the ``data`` of
                        parameters only

    Ctrl-C ends training and returns the history of the complete epochs. TypeError or ValueError, with the
    model unchanged, for data that do not fit; DivergenceError, with the parameters of the last good step, if
    the loss, a gradient or a parameter becomes inf or nan: it names the first node where that happened.
    """
    kind = find(ENGINES, engine, "engine")
    epochs, seed, callbacks = whole("epochs", epochs), whole("seed", seed, least=0), list(callbacks)
    if not callable(model) or not hasattr(model, "parameters"):
        raise TypeError(f"a model has parameters() and can be called, {quoted(model)} cannot")
    X, y = leaves(examples(X)), targets(y, len(X))
    history = History()
    if isinstance(model, Perceptron):
        others = [loss, batch_size, regularizer, validation, early_stopping, accuracy]
        if optimizer != "sgd" or any(other is not None for other in others):
            raise TypeError("a perceptron learns by its own rule: of it, fit takes lr, epochs, callbacks and progress")
        history.engine = "eager: a perceptron learns by its own rule"
        learn = perceptron_epoch(model, X, y, 1.0 if lr is None else lr, history)
        return run(learn, model, history, epochs, callbacks, progress)

    if loss is None:
        raise TypeError('fit needs a loss, as in fit(model, X, y, loss="bce")')
    loss = find_loss(loss)
    accuracy = accuracy or RIGHT.get(loss)
    m = len(X)
    size = m if batch_size is None else min(m, whole("batch_size", batch_size))
    batches = math.ceil(m / size)
    optimizer = optimizer_for(model, optimizer, lr)
    trainer = Trainer(Eager(model, loss, regularizer, X, y), optimizer)
    validator: Eager | Replayed | None = None
    before = [(module, "training", module.training) for module in trainer.modules]
    was_collecting = gc.isenabled()

    def one_epoch() -> str:
        rate = optimizer.lr * optimizer.schedule(optimizer.steps)
        epoch, first = divmod(optimizer.steps, batches)
        order = permutation(m, random.Random(f"{seed} {epoch}")) if batches > 1 else range(m)
        total, right, seen = 0.0, 0, 0
        trainer.switch(training=True)
        for start in range(first * size, m, size):
            batch = order[start : start + size]
            J, predictions = trainer.step(batch)
            total += J * len(batch)
            seen += len(batch)
            if accuracy:
                right += sum(accuracy(p, y[i]) for p, i in zip(predictions, batch, strict=True))
        trainer.switch(training=False)
        cost, share = (None, None) if validator is None else evaluated(validator, accuracy)
        history.record(
            loss=total / seen,
            accuracy=right / seen if accuracy else None,
            validation_loss=cost,
            validation_accuracy=share,
            learning_rate=rate,
        )
        if early_stopping is not None and cost is not None and early_stopping.update(cost, model):
            early_stopping.restore(model)
            return "early stopping"
        return ""

    def train() -> History:
        nonlocal validator
        trainer.switch(training=False)
        check_targets(model, loss, X, y, "example")
        held_out = validation_data(model, loss, validation, early_stopping)
        validator = held_out and engine_for(kind, Eager(model, loss, None, *held_out), trainer.parameters)
        trainer.switch(training=True)
        trainer.engine = engine_for(kind, trainer.eager, trainer.parameters)
        history.engine = trainer.engine.description
        return run(one_epoch, model, history, epochs, callbacks, progress)

    def as_it_was() -> None:
        all_or_none(before)
        if was_collecting:
            gc.enable()

    return undone(train, as_it_was)


def run(
    one_epoch: Callable[[], str], model: Any, history: History, epochs: int, callbacks: list[Callback], progress: bool
) -> History:
    """Epoch after epoch, until one says why to stop; Ctrl-C is one reason."""
    bar = progress_bar(epochs) if progress else None
    try:
        for _ in range(epochs):
            history.stopped = one_epoch()
            for callback in callbacks:
                if callback(model, history) is True:
                    history.stopped = history.stopped or "callback"
            if bar is not None:
                latest = {name.replace("_", " "): f"{column[-1]:.4g}" for name, column in history.columns().items()}
                bar.set_postfix(latest, refresh=False)
                bar.update()
            if history.stopped:
                break
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    except DivergenceError as error:
        error.history = history
        raise
    finally:
        if bar is not None:
            bar.close()
    return history


class Trainer:
    """Makes steps: forward · cost · backward · update, each whole or not at all."""

    def __init__(self, eager: Eager, optimizer: Optimizer) -> None:
        self.eager, self.optimizer = eager, optimizer
        self.engine: Eager | Replayed = eager
        self.parameters: list[Value] = list(eager.model.parameters())
        self.exchange = Exchange(self.parameters)
        self.modules = [module for _, module in eager.model.named_modules()] if isinstance(eager.model, Module) else []
        self.counters = [(module, name) for module in self.modules for name in module.counters]
        if bad := self.not_finite():
            raise ValueError(f"the model cannot be trained: its parameter {bad}")
        self.good = self.state()  # the last one known to give a finite loss

    def step(self, batch: Sequence[int]) -> tuple[float, list[Any]]:
        """One batch learned; returns its cost and predictions from before the update."""
        before = goal = self.state()
        try:
            try:
                J, total, predictions = self.engine.forward_backward(batch, self.exchange)
                if not math.isfinite(total):
                    raise self.divergence(f"the loss is {total}. {self.first_bad_node(batch, before)}")
                self.good = before
                if not all_finite(self.exchange.grads()):
                    raise self.divergence(f"a gradient is not finite. {self.first_bad_node(batch, before)}")
                self.optimizer.step()
                if bad := self.not_finite():
                    raise self.divergence(f"the update was too large: {bad}")
            except DivergenceError:
                goal = self.good
                self.restore(goal)
                raise
        except BaseException:  # also an interrupt of the restoring above
            self.restore(goal)
            raise
        return J, predictions

    def first_bad_node(self, batch: Sequence[int], before: State) -> str:
        """The batch once more: which node was the first to make inf or nan of finite numbers, and how.

        Forward it is looked for in the finished graph: by then the nodes have got their labels.
        """
        self.restore(before)  # so that dropout draws the same masks
        _, total, _ = self.eager.forward(batch)
        for node in graph.topological(total):
            if not math.isfinite(node.data) and all(math.isfinite(v.data) for v in node.inputs):
                where = f" in {shown(node.scope)}" if node.scope else ""
                origin = ", from finite inputs" if node.inputs else ""
                return f"forward: {shortened(describe(node), 150)} is {node.data}{where}{origin}{advice(node)}"
        try:
            with detect_anomaly():
                total.backward()
        except AnomalyError as error:
            return str(error)
        return "The same batch again showed no culprit: does the model draw random numbers of its own?"

    def divergence(self, what: str) -> DivergenceError:
        return DivergenceError(
            f"training diverged: {what}. The model has the parameters of the last good step; "
            f"a lower learning rate than {self.optimizer.lr:g} often helps"
        )

    def switch(self, training: bool) -> None:
        """Dropout on or off."""
        all_or_none([(module, "training", training) for module in self.modules])

    def not_finite(self) -> str:
        """The first parameter that is inf or nan, in words; else nothing."""
        if all_finite(self.exchange.data()):
            return ""
        i, p = next((i, p) for i, p in enumerate(self.parameters) if not math.isfinite(p.data))
        return f"{shown(p.label) or f'number {i}'} is {p.data}"

    def state(self) -> State:
        """Everything that a step changes."""
        counts = [getattr(module, name) for module, name in self.counters]
        return self.exchange.data(), counts, self.optimizer.checkpoint()

    def restore(self, state: State) -> None:
        data, counts, optimizer = state

        def put() -> None:
            self.exchange.set_data(data)
            for (module, name), count in zip(self.counters, counts, strict=True):
                setattr(module, name, count)
            self.optimizer.go_back(optimizer)

        finished(put)


def all_finite(array: Array) -> bool:
    from numpy import isfinite

    return bool(isfinite(array).all())


def perceptron_epoch(model: Perceptron, X: Inputs, y: list[Any], rate: float, history: History) -> Callable[[], str]:
    """An epoch of the perceptron's learning rule, example by example in the given order (LECTURES P1).

    An epoch without an error changes nothing, and so would all after it: it is the last.
    """
    model(X[0])  # raises for inputs that do not fit
    for i, target in enumerate(y):
        if target not in (0, 1):
            raise ValueError(f"example {i}: a perceptron's target is 0 or 1, not {quoted(target)}")

    def one_epoch() -> str:
        errors = 0
        for x, target in zip(X, y, strict=True):
            before = [(p, "data", p.data) for p in model.parameters()]
            try:
                errors += model.learn(x, target, rate) != 0
            except BaseException:
                all_or_none(before)
                raise
        history.record(errors=errors, accuracy=1 - errors / len(y), learning_rate=rate)
        return "" if errors else "no errors"

    return one_epoch


def evaluated(validator: Eager | Replayed, accuracy: Right | None) -> tuple[float, float | None]:
    """The cost over all examples, and the share that is right."""
    J, predictions = validator.evaluate()
    if accuracy is None:
        return J, None
    return J, sum(map(accuracy, predictions, validator.y)) / len(predictions)


# --- whether a prediction is right ------------------------------------------------------------------


def beyond(cut: float, label_cut: float) -> Right:
    """Right if prediction and target lie on the same side; of several outputs, all must."""

    def right(prediction: Any, target: Any) -> bool:
        pairs = zip(prediction, target, strict=True) if is_list(prediction) else [(prediction, target)]
        return all((p > cut) == (t > label_cut) for p, t in pairs)

    return right


def right_class(prediction: list[float], target: Any) -> bool:
    """Right if the largest output is that of the target's class."""
    k = target.index(max(target)) if is_list(target) else target
    return bool(prediction.index(max(prediction)) == k)


RIGHT: dict[Loss, Right] = {
    bce: beyond(0.5, 0.5),
    bce_with_logits: beyond(0.0, 0.5),
    hinge: beyond(0.0, 0.0),
    cross_entropy: right_class,
    cross_entropy_with_logits: right_class,
}


# --- what fit is given, made ready ------------------------------------------------------------------


def validation_data(
    model: Any, loss: Loss, validation: Any, early_stopping: EarlyStopping | None
) -> tuple[Inputs, list[Any]] | None:
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


def optimizer_for(model: Any, which: str | Optimizer, lr: float | None) -> Optimizer:
    """The optimiser of a name, or the given one, if it is of this model."""
    if isinstance(which, str):
        kind = find(OPTIMIZERS, which, "optimizer")
        if kind is SGD and lr is None:
            raise TypeError('optimizer="sgd" needs a learning rate, as in fit(..., lr=0.1)')
        settings: dict[str, Any] = {} if lr is None else {"lr": lr}
        return kind(list(model.parameters()), **settings)
    if not isinstance(which, Optimizer):
        raise TypeError(f"an optimizer is a name or an Optimizer, as in SGD(model, lr=0.1), not {quoted(which)}")
    if lr is not None:
        raise TypeError(f"{quoted(which)} has a learning rate already: leave out lr")
    if not set(which.parameters) <= set(model.parameters()):
        raise ValueError("the optimizer is for other parameters than this model's: make it with SGD(model, ...)")
    return which


def progress_bar(epochs: int) -> Any:
    """tqdm's bar, in a terminal or a notebook; None without tqdm."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=epochs, unit="epoch")
