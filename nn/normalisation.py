"""Batch normalisation: each feature of a batch gets mean 0 and variance 1, then a mean and a scale that are learned.

    x̂ = (x − μ)/√(σ² + ε),  y = γ x̂ + β,  with μ and σ² of the feature over the batch

A cure for inputs of a layer that are not centred at zero, or drift (docs/lectures.md, "Activations").
Source: S. Ioffe & C. Szegedy 2015, arXiv:1502.03167.
"""

from __future__ import annotations

import autograd
from autograd import parameter, scope, sqrt
from autograd.interrupts import all_or_none

from .module import Module
from .neuron import inputs
from .settings import whole, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd import Value

    from .types import Result


class BatchNorm(Module):
    """Normalises n features. ``norm(batch)`` of a list of examples is a list of examples.

    While training, μ and σ² are those of the batch, gradients flow through them, and running averages are kept:
    new = (1 − momentum)·old + momentum·batch's, of the variance with m − 1 in place of m, as PyTorch's BatchNorm1d
    has it. After ``eval()`` the running averages are used, and one example is enough: ``norm(x)``.
    ``fit`` calls a model with one example at a time, so it cannot train one that has a BatchNorm; nor can ``record``
    record one while it trains, for the averages are kept outside of the graph.

    >>> norm = BatchNorm(1)
    >>> [[round(y.data, 3) for y in x] for x in norm([[1.0], [3.0]])]
    [[-1.0], [1.0]]
    >>> norm.mean, norm.variance
    ([0.2], [1.1])
    """

    counters = ("mean", "variance")

    def __init__(self, n: int, *, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        n = whole("n, the number of features,", n)
        self.momentum = within("momentum", momentum, "(0, 1]")
        self.epsilon = within("epsilon", epsilon, "(0, inf)")
        self.scope = scope("batchnorm")
        with self.scope:
            self.gamma = [parameter(1.0, f"gamma_{k}") for k in range(1, n + 1)]
            self.beta = [parameter(0.0, f"beta_{k}") for k in range(1, n + 1)]
        self.mean, self.variance = [0.0] * n, [1.0] * n

    def __call__(self, batch: Sequence[object]) -> Result:
        n = len(self.gamma)
        if hasattr(batch, "__len__") and len(batch) and hasattr(batch[0], "__len__"):
            return self.forward([inputs(x, n, self) for x in batch])  # type: ignore[arg-type]
        if self.training:
            raise TypeError(
                f"{self} takes a whole batch while training, a list of examples, for their mean and variance; after "
                "eval() it takes one. fit has one at a time: write the loop yourself, with model(batch)"
            )
        return self.forward([inputs(batch, n, self)])[0]  # type: ignore[arg-type]

    def forward(self, batch: list[list[Value]]) -> list[list[Value]]:
        with self.scope:
            columns = [self.column(k, list(column)) for k, column in enumerate(zip(*batch, strict=True))]
        return [list(row) for row in zip(*columns, strict=True)]

    def column(self, k: int, x: list[Value]) -> list[Value]:
        """One feature of all examples."""
        mean, variance = self.of_batch(k, x) if self.training else (self.mean[k], self.variance[k])
        scale = self.gamma[k] / sqrt(variance + self.epsilon)
        return [scale * (x_i - mean) + self.beta[k] for x_i in x]

    def of_batch(self, k: int, x: list[Value]) -> tuple[Value, Value]:
        """Mean and variance over the batch; the running ones take note of them."""
        m = len(x)
        if m < 2:
            raise ValueError(f"{self} needs at least 2 examples while training: one has no variance")
        mean, variance = autograd.mean(x), autograd.var(x)
        seen = {"mean": mean.data, "variance": variance.data * m / (m - 1)}
        changes = []
        for name, now in seen.items():
            running = list(getattr(self, name))
            running[k] += self.momentum * (now - running[k])
            changes.append((self, name, running))
        all_or_none(changes)
        return mean, variance

    def __repr__(self) -> str:
        return f"BatchNorm({len(self.gamma)})"
