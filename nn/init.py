"""Initialisers (docs/lectures.md, "Initialisation"): what a weight is drawn from before training.

A unit's z is a sum of n_in terms w·a, so var z = n_in · var w · mean a². Too small a variance and the
activations shrink from layer to layer, too large and they saturate or explode; the rows below that depend on
n_in (and n_out, for the way back) keep it level. A constant leaves all hidden units identical for ever.

The same seed gives the same weights on every machine and Python: see ``random_numbers``.
"""

import random
from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

from autograd.number import quoted

from .names import find
from .random_numbers import gauss


class Initializer(NamedTuple):
    """A row of the table: a distribution, and its size as a function of a layer's n_in and n_out.

    ``size`` is the value of a constant, the standard deviation of a normal, the bound of a uniform
    distribution U(−bound, bound).
    """

    name: str
    formula: str
    distribution: str  # "constant", "normal" or "uniform"
    size: Callable[[int, int], float]

    def __call__(self, n_in: int, n_out: int, rng: random.Random) -> float:
        """One weight of a layer of n_out units with n_in inputs each."""
        size = self.size(n_in, n_out)
        if self.distribution == "constant":
            return size
        if self.distribution == "normal":
            return size * gauss(rng)
        return size * (2 * rng.random() - 1)

    def std(self, n_in: int, n_out: int) -> float:
        """The standard deviation of the weights."""
        size = self.size(n_in, n_out)
        return {"constant": 0.0, "normal": size, "uniform": size / sqrt(3)}[self.distribution]


def constant(value: float) -> Initializer:
    """Every weight the same: to see what symmetry does."""
    return Initializer("constant", f"{value:g}", "constant", lambda _in, _out: value)


def normal(std: float) -> Initializer:
    """N(0, std²), whatever the layer."""
    return Initializer("normal", f"N(0, {std:g}²)", "normal", lambda _in, _out: std)


def uniform(bound: float) -> Initializer:
    """U(−bound, bound), whatever the layer."""
    return Initializer("uniform", f"U(−{bound:g}, {bound:g})", "uniform", lambda _in, _out: bound)


# "N(0, 0.01)" of the lectures is 0.01·randn: a standard deviation of 0.01 (Stanford CS231n). As a variance it
# would not show what it is there to show: with 100 inputs of size 1, std 0.1 keeps z at size 1.
# LeCun: LeCun et al. 1998, "Efficient BackProp", §4.6. Xavier: Glorot & Bengio 2010, eq. 12 and 16; ×4 for the
# sigmoid, whose slope at 0 is a quarter of tanh's: deeplearning.net, "Multilayer Perceptron". √12 for ReLU: the
# same with twice the variance, as half of the inputs are 0; so is He: He et al. 2015 (arXiv 1502.01852), eq. 10.
INITIALIZERS: dict[str, Initializer] = {
    name: Initializer(name, formula, distribution, size)
    for name, formula, distribution, size in (
        ("zeros", "0", "constant", lambda _in, _out: 0.0),
        ("ones", "1", "constant", lambda _in, _out: 1.0),
        ("normal", "N(0, 1)", "normal", lambda _in, _out: 1.0),
        ("small_normal", "N(0, 0.01²)", "normal", lambda _in, _out: 0.01),
        ("lecun_normal", "N(0, 1/n_in)", "normal", lambda n_in, _out: sqrt(1 / n_in)),
        ("xavier_normal", "N(0, 2/(n_in + n_out))", "normal", lambda n_in, n_out: sqrt(2 / (n_in + n_out))),
        ("xavier_uniform", "U(±√(6/(n_in + n_out)))", "uniform", lambda n_in, n_out: sqrt(6 / (n_in + n_out))),
        ("sigmoid_normal", "N(0, 32/(n_in + n_out))", "normal", lambda n_in, n_out: 4 * sqrt(2 / (n_in + n_out))),
        ("sigmoid_uniform", "U(±4√(6/(n_in + n_out)))", "uniform", lambda n_in, n_out: 4 * sqrt(6 / (n_in + n_out))),
        ("relu_normal", "N(0, 4/(n_in + n_out))", "normal", lambda n_in, n_out: sqrt(4 / (n_in + n_out))),
        ("relu_uniform", "U(±√(12/(n_in + n_out)))", "uniform", lambda n_in, n_out: sqrt(12 / (n_in + n_out))),
        ("he_normal", "N(0, 2/n_in)", "normal", lambda n_in, _out: sqrt(2 / n_in)),
        ("he_uniform", "U(±√(6/n_in))", "uniform", lambda n_in, _out: sqrt(6 / n_in)),
        ("micrograd", "U(−1, 1)", "uniform", lambda _in, _out: 1.0),
    )
}  # fmt: skip


def initializer(which: str | Initializer) -> Initializer:
    """The row of a name, or your own row.

    >>> initializer("xavier_normal").std(n_in=3, n_out=5)
    0.5
    """
    if isinstance(which, Initializer):
        return which
    if isinstance(which, str):
        return find(INITIALIZERS, which, "initialiser")
    raise TypeError(f"an initialiser is a name or an nn.Initializer, not {quoted(which)} ({type(which).__name__})")
