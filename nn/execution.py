"""How the numbers of a training step are made: by a program, recorded once, or with a graph of Values per example.

A program is the faster way, and what it computes is fixed: the operations that the model, the loss and the
regulariser made of one example. What is decided in Python at each call is not in it: a mask that is drawn, an ``if``
on numbers. So an engine records only what it can, and checks at some examples that the program computes what the
model does; else it is eager, and ``description`` says why.
"""

from __future__ import annotations

import autograd
from autograd import Value, paused_gc
from autograd.guards import plain
from autograd.interrupts import all_or_none, undone
from autograd.leaves.exchange import Exchange, numpy
from autograd.number import shown

from .losses import bce, cost, cross_entropy, is_list, per_unit
from .module import modules_of
from .names import find
from .regularize import Dropout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.leaves.exchange import Array

    from .types import Inputs, Loss, Model, Outputs, Prediction, Regularizer, Scalar, Targets

    Step = tuple[float, float, list[Prediction]]  # J, J with the regulariser's term, the predictions


class Eager:
    """A graph of Values for each example, built anew at every step.

    ``X, y`` are all m examples; a batch is some of their numbers, 0 … m−1. ``regularizer(model, m)`` is added to J.
    """

    description = "eager"

    def __init__(self, model: Model, loss: Loss, regularizer: Regularizer | None, X: Inputs, y: Targets) -> None:
        self.model, self.loss, self.regularizer, self.X, self.y = model, loss, regularizer, X, y

    def forward(self, batch: Sequence[int]) -> tuple[Value, Value, list[Value | Sequence[Value]]]:
        """The cost J of a batch, J with the regulariser's term, and the predictions."""
        predictions = [self.model(self.X[i]) for i in batch]
        J = cost(self.loss, predictions, [self.y[i] for i in batch])
        return J, J if self.regularizer is None else J + self.regularizer(self.model, len(self.X)), predictions

    def forward_backward(self, batch: Sequence[int], exchange: Exchange) -> Step:
        """The same in numbers, and backward: leaves the gradients in the ``grad`` of the leaves of ``exchange``."""
        with paused_gc():  # a graph is freed without it
            J, total, predictions = self.forward(batch)
            exchange.zero_grads()
            total.backward()
        return J.data, total.data, [numbers(p) for p in predictions]

    def evaluate(self) -> tuple[float, list[Prediction]]:
        """J over all examples, without the regulariser, and the predictions; one graph at a time."""
        results = [self.example(i) for i in range(len(self.X))]
        return sum(L for L, _ in results) / len(results), [prediction for _, prediction in results]

    def example(self, i: int) -> tuple[float, Prediction]:
        """The loss and the prediction of example i."""
        prediction = self.model(self.X[i])
        return plain(self.loss(prediction, self.y[i])), numbers(prediction)


class Replayed:
    """A program for the same: recorded from the first example, replayed for whole batches."""

    description = "program"
    executor = "numpy"

    def __init__(self, eager: Eager, parameters: list[Value]) -> None:
        import numpy as np

        self.eager, self.y = eager, eager.y
        self.inputs = np.array([[v.data for v in x] for x in eager.X])
        self.targets = np.array(eager.y, dtype=float)
        self.several = False

        def example(x: list[Value], y: Outputs) -> tuple[Scalar, list[Scalar]]:
            """What is learned from; and what is reported: L, and the outputs."""
            prediction = eager.model(x)
            L = eager.loss(prediction, y)
            self.several = is_list(prediction)
            total = L if eager.regularizer is None else L + eager.regularizer(eager.model, len(eager.X))
            return total, [L, *per_unit(prediction)]

        first = self.inputs[0].tolist(), self.targets[0].tolist()
        self.program = autograd.record(example, *first, parameters=parameters, aux=True).using(self.executor)

    def forward_backward(self, batch: Sequence[int], exchange: Exchange) -> Step:
        """As ``Eager.forward_backward``."""
        X, y = self.inputs, self.targets
        if len(batch) < len(X):  # all come in their own order
            X, y = X[batch], y[batch]
        (total, columns), grads = self.program.value_and_grad(X, y)
        exchange.set_grads(grads)
        J, predictions = self._read(columns, batch)
        return J, total, predictions

    def evaluate(self) -> tuple[float, list[Prediction]]:
        """As ``Eager.evaluate``."""
        _, columns = self.program(self.inputs, self.targets)
        return self._read(columns, range(len(self.inputs)))

    def _read(self, columns: Array, batch: Sequence[int]) -> tuple[float, list[Prediction]]:
        """J and the predictions, from the losses and outputs (m, 1 + k) of a batch."""
        outputs = columns[:, 1:]
        if self.eager.loss in (bce, cross_entropy) and ((outputs < 0) | (outputs > 1)).any():
            self.eager.forward(batch)  # raises: a program does not ask whether that is a probability
        return float(columns[:, 0].mean()), (outputs if self.several else outputs[:, 0]).tolist()

    def difference(self) -> str:
        """Where the program computes something else than the model, in words; at some examples, of each target one."""
        import numpy as np

        of_each = {repr(target): i for i, target in enumerate(self.y)}
        chosen = sorted({*range(min(4, len(self.y))), *list(of_each.values())[:16]})
        _, columns = self.program(self.inputs[chosen], self.targets[chosen])
        for i, got in zip(chosen, columns, strict=True):
            L, prediction = self.eager.example(i)
            want = np.array([L, *per_unit(prediction)])
            if len(want) != len(got) or not np.allclose(got, want, rtol=0, atol=1e-6 * abs(want).max(), equal_nan=True):
                return f"example {i} has the loss {got[0]:.6g} in the program, {want[0]:.6g} in Python"
        return ""


class ReplayedByJax(Replayed):
    """The program compiled by JAX, for the devices that it finds."""

    description = executor = "jax"


Engine = Eager | Replayed
ENGINES: dict[str, type[Engine]] = {"program": Replayed, "eager": Eager, "jax": ReplayedByJax}


def engine_named(name: str) -> type[Engine]:
    """The kind of engine; ValueError for a name that none has, ImportError where what it needs is missing."""
    kind = find(ENGINES, name, "engine")
    if kind is ReplayedByJax:
        from autograd.program.executors.on_jax.function import require_jax

        require_jax()
    return kind


def engine_for(kind: type[Engine], eager: Eager, parameters: list[Value]) -> Engine:
    """A program of the model as it is now (training, or not), if that is wanted and can be; else ``eager``.

    ``eager`` then says why. Leaves the counters of the model's modules as they are.
    """
    if not issubclass(kind, Replayed):
        return eager
    if numpy() is None:
        return declined(eager, "a program needs NumPy, which is not installed: pip install numpy")
    modules = modules_of(eager.model)
    counters = [(module, name, getattr(module, name)) for module in modules for name in module.counters]
    if any(isinstance(module, Dropout) and module.training and module.p > 0 for module in modules):
        return declined(eager, "dropout draws a new mask for every example")

    def attempt() -> Engine:
        try:
            recorded = kind(eager, parameters)
            different = recorded.difference()
        except Exception as error:  # whatever the model and the loss, anybody's code, make of an unusual call
            return declined(eager, f"the model or its loss cannot be recorded: {error}")
        if any(getattr(module, name) != count for module, name, count in counters):
            return declined(eager, "the model counts its calls, so each may be another")
        if different:
            return declined(eager, f"the model or its loss decides in Python what to compute: {different}")
        return recorded

    return undone(attempt, lambda: all_or_none(counters))


def declined(eager: Eager, why: str) -> Eager:
    eager.description = f"eager: {shown(' '.join(why.split()), 200)}"
    return eager


def numbers(prediction: Outputs) -> Prediction:
    """What a model returned, in numbers."""
    return [plain(p) for p in prediction] if is_list(prediction) else plain(prediction)
