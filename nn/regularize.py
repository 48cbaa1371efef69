"""Against overfitting (docs/lectures.md, "Regularisation"): L1, L2, dropout, early stopping."""

from __future__ import annotations

import math
import random

import autograd
from autograd import Value

from .module import Module
from .random_numbers import generator
from .settings import whole, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .types import S, State


class L2:
    """(λ/2m) Σ θ² over the weights, biases left out: a term to add to the cost of m examples.

    >>> from nn import Neuron
    >>> n = Neuron(2, init="ones")
    >>> L2(0.1)(n, m=4).data
    0.025
    """

    def __init__(self, strength: float) -> None:
        self.strength = within("the strength λ of L2", strength, "[0, inf)")

    def __call__(self, model: Module, m: int = 1) -> Value:
        m = whole("the number m of examples", m)
        term: Value = self.strength / (2 * m) * autograd.sum([w * w for w in model.weights()])
        return term

    def __repr__(self) -> str:
        return f"L2({self.strength:g})"


class L1:
    """(λ/m) Σ |θ| over the weights, biases left out; unlike L2 it pulls small weights all the way to 0."""

    def __init__(self, strength: float) -> None:
        self.strength = within("the strength λ of L1", strength, "[0, inf)")

    def __call__(self, model: Module, m: int = 1) -> Value:
        m = whole("the number m of examples", m)
        term: Value = self.strength / m * autograd.sum([abs(w) for w in model.weights()])
        return term

    def __repr__(self) -> str:
        return f"L1({self.strength:g})"


class Dropout(Module):
    """While training, each activation is 0 with probability p, else divided by 1 − p; otherwise it passes.

    The division ("inverted dropout") keeps the mean, so that nothing has to be rescaled to predict.
    The masks depend on ``seed`` and ``calls`` only, which are saved with the model: resumed training draws
    the masks that training without interruption would have drawn.
    Source: Srivastava et al. 2014, JMLR 15, 1929.
    """

    counters = ("seed", "calls")

    def __init__(self, p: float = 0.5, seed: int | random.Random | None = None) -> None:
        self.p = within("the dropout probability p", p, "[0, 1)")
        self.seed = int(generator(seed).random() * 2**53)
        self.calls = 0

    def __call__(self, activations: list[S]) -> list[S]:
        if not self.training or self.p == 0:
            return activations
        rng = random.Random(f"{self.seed} {self.calls}")
        self.calls += 1
        kept = 1 / (1 - self.p)
        return [a * (0.0 if rng.random() < self.p else kept) for a in activations]

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"


class EarlyStopping:
    """Stops when the validation cost has not fallen by more than ``min_delta`` for ``patience`` epochs.

    ``update(cost, model)`` after each epoch; it remembers the parameters of the best one, and returns
    whether to stop. ``restore(model)`` puts them back.
    """

    def __init__(self, patience: int = 10, min_delta: float = 0.0) -> None:
        self.patience = whole("patience", patience)
        self.min_delta = within("min_delta", min_delta, "[0, inf)")
        self.best = math.inf
        self.best_epoch = 0  # counted from 1; 0 while there is none
        self.epoch = 0
        self._state: State | None = None

    def update(self, cost: float, model: Module) -> bool:
        """Take note of an epoch; True if it is time to stop. A cost of nan is no improvement."""
        found: dict[str, object] = {"epoch": self.epoch + 1}
        if cost < self.best - self.min_delta:
            found |= {"best": float(cost), "best_epoch": found["epoch"], "_state": model.state_dict()}
        vars(self).update(found)  # in one step, which no interrupt divides
        return self.epoch - self.best_epoch >= self.patience

    def restore(self, model: Module) -> None:
        """Give the model the parameters of the best epoch, if there was one."""
        if self._state is not None:
            model.load_state_dict(self._state)
