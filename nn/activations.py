"""Activation functions, by name. Their formulas and derivatives stand in ``autograd/table/ops.py``."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import autograd
from autograd import Value
from autograd.number import quoted

from .names import find

T = TypeVar("T")
Function = Callable[..., Any]  # of a Value, or over a layer: of a list of them


class Activation(NamedTuple):
    """A row of the table: ``a = function(z)``, and what a layer must know to use it."""

    name: str
    function: Function
    init: str  # the initialiser that keeps its units alive, see init.py
    over_layer: bool = False  # takes the list of all z of a layer, returns as many a
    slope: float | None = None  # the start value of a slope that is learned: a = function(z, slope)


def linear(z: T) -> T:
    """z itself."""
    return z


# PReLU starts at 0.25 as in He et al. 2015, "Delving deep into rectifiers" (arXiv 1502.01852), §2.1.
ACTIVATIONS: dict[str, Activation] = {
    row.name: row
    for row in (
        Activation("linear", linear, "lecun_normal"),
        Activation("sigmoid", autograd.sigmoid, "sigmoid_uniform"),
        Activation("tanh", autograd.tanh, "xavier_uniform"),
        Activation("relu", autograd.relu, "he_normal"),
        Activation("leaky_relu", autograd.leaky_relu, "he_normal"),
        Activation("prelu", autograd.prelu, "he_normal", slope=0.25),
        Activation("softplus", autograd.softplus, "he_normal"),
        Activation("step", autograd.step, "lecun_normal"),
        Activation("softmax", autograd.softmax, "xavier_uniform", over_layer=True),
        Activation("log_softmax", autograd.log_softmax, "xavier_uniform", over_layer=True),
    )
}


def activation(which: str | Function | Activation) -> Activation:
    """The row of a name, of a function of the table, or of your own function of one Value.

    >>> activation("tanh").function(0.0)
    0.0
    >>> activation(lambda z: z * z.sigmoid()).init
    'lecun_normal'
    """
    if isinstance(which, Activation):
        return which
    if isinstance(which, str):
        return find(ACTIVATIONS, which, "activation")
    for row in ACTIVATIONS.values():
        if row.function is which:
            return row
    if not callable(which):
        raise TypeError(f"an activation is a name or a function of z, not {quoted(which)} ({type(which).__name__})")
    name = getattr(which, "__name__", repr(which))
    a = which(Value(0.5))
    if not isinstance(a, Value):  # max(z.data, 0): the graph would end here, and with it the gradient
        raise TypeError(f"the activation {name} made {quoted(a)} of a Value: write it with autograd's functions")
    return Activation(name, which, "lecun_normal")
