"""Losses (docs/lectures.md, "Losses"): how wrong one prediction is; ``cost`` is their mean over m examples.

Each is a function of one prediction ŷ and its target y: a Value or number each, or two lists of the same
length, one element per output unit. Predictions may be inf or nan (arithmetic is IEEE), targets may not. Numbers
in, number out.

The nodes of a loss are in a scope of its name, so pictures can show it as one: ``bce``.

Inside a recorded program targets may be Values. A Value is not checked: its number is an example's, and another
one at each replay. So whoever replays a program checks the targets before, with the loss of plain numbers.
"""

from __future__ import annotations

import math
from functools import wraps

import autograd
from autograd import Value, scope
from autograd.number import quoted

from .names import P, T, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import TypeIs

    from .types import Loss, Outputs, Result, S, Scalar


def in_scope(loss: Callable[P, T]) -> Callable[P, T]:
    """The loss, with its nodes in a scope of its name."""

    @wraps(loss)
    def scoped(*args: P.args, **kwargs: P.kwargs) -> T:
        with scope(loss.__name__):
            return loss(*args, **kwargs)

    return scoped


@in_scope
def squared_error(prediction: Outputs, target: Outputs) -> Result:
    """½(ŷ − y)², for a list ½ Σ_k (ŷ_k − y_k)².

    >>> squared_error(3.0, 1.0)
    2.0
    """
    return summed([0.5 * (p - y) ** 2 for p, y in pairs(prediction, target)])


@in_scope
def mse(prediction: Outputs, target: Outputs) -> Result:
    """(ŷ − y)², for a list the mean over its elements; as a cost, the mean squared error."""
    errors = [(p - y) ** 2 for p, y in pairs(prediction, target)]
    return summed(errors) / len(errors) if len(errors) > 1 else errors[0]


@in_scope
def bce(prediction: Outputs, target: Outputs) -> Result:
    """Binary cross-entropy −(y·log p + (1−y)·log(1−p)); for a list the sum over independent sigmoid units.

    p must be in [0, 1] (ValueError). A term without weight is left out: p = 1 costs 0 where y = 1, and inf
    where y < 1.

    >>> round(bce(0.5621765, 1), 6)
    0.575939
    """
    terms = []
    for p, y in pairs(prediction, target):
        check_probability(p)
        terms.append(weighted(checked_label(y), autograd.log, p, 1 - p))
    return summed(terms)


@in_scope
def bce_with_logits(prediction: Outputs, target: Outputs) -> Result:
    """``bce(sigmoid(z), y)`` from z: right to the last digits however large z is.

    >>> bce_with_logits(-1000.0, 1)
    1000.0
    """
    return summed([weighted(checked_label(y), autograd.log_sigmoid, z, -z) for z, y in pairs(prediction, target)])


@in_scope
def cross_entropy(prediction: Sequence[Scalar], target: Outputs) -> Result:
    """−Σ_k y_k·log p_k, for the probabilities of a softmax; the target is one-hot, or the class, from 0.

    Each p_k must be in [0, 1] (ValueError); a term without weight is left out.
    """
    y = distribution(prediction, target)
    for p_k in prediction:
        check_probability(p_k)
    if isinstance(y, Value):
        return -autograd.log(autograd.take(prediction, y))
    return -summed([term(y_k, autograd.log, p_k) for p_k, y_k in zip(prediction, y, strict=True) if has_weight(y_k)])


@in_scope
def cross_entropy_with_logits(prediction: Sequence[Scalar], target: Outputs) -> Result:
    """``cross_entropy(softmax(z), y)`` from the list z, through log_softmax: stable for every z.

    >>> round(cross_entropy_with_logits([2.0, 1.0, 0.1], 0), 6)
    0.41703
    """
    y = distribution(prediction, target)
    log_p = autograd.log_softmax(prediction)
    if isinstance(y, Value):
        return -autograd.take(log_p, y)
    return -summed([y_k * log_p_k for log_p_k, y_k in zip(log_p, y, strict=True) if has_weight(y_k)])


@in_scope
def hinge(prediction: Outputs, target: Outputs) -> Result:
    """max(0, 1 − y·s), for a score s and a label y of −1 or 1; for a list the sum."""
    terms = []
    for s, y in pairs(prediction, target):
        if not isinstance(y, Value) and y not in (-1, 1):
            raise ValueError(f"the hinge loss needs labels −1 and 1, got {y:g}")
        terms.append(autograd.relu(1 - y * s))
    return summed(terms)


LOSSES: dict[str, Loss] = {
    loss.__name__: loss
    for loss in (squared_error, mse, bce, bce_with_logits, cross_entropy, cross_entropy_with_logits, hinge)
}


def find_loss(which: str | Loss) -> Loss:
    """The loss of a name, or your own function of (prediction, target)."""
    if isinstance(which, str):
        return find(LOSSES, which, "loss")
    if not callable(which):
        raise TypeError(f"a loss is a name or a function of prediction and target, not {quoted(which)}")
    return which


def cost(loss: str | Loss, predictions: Sequence[Outputs], targets: Sequence[Outputs]) -> Result:
    """J = (1/m) Σ L(ŷ(i), y(i)) over m examples; ValueError if there are none, or not as many of both.

    >>> cost("mse", [1.0, 4.0], [0.0, 2.0])
    2.5
    """
    loss = find_loss(loss)
    if len(predictions) != len(targets):
        raise ValueError(f"{len(predictions)} predictions, but {len(targets)} targets")
    if len(predictions) == 0:
        raise ValueError("the cost is a mean over examples, and there are none")
    J = autograd.mean([loss(p, y) for p, y in zip(predictions, targets, strict=True)])
    if isinstance(J, Value):
        J.label = "J"
    return J


# --- predictions and targets, checked ---------------------------------------------------------------


def pairs(prediction: Outputs, target: Outputs) -> list[tuple[Scalar, Scalar]]:
    """(ŷ_k, y_k) per output unit."""
    if not is_list(prediction) and not is_list(target):
        return [(prediction, finite_target(target))]
    sizes = [f"a list of {len(x)}" if is_list(x) else "one number" for x in (prediction, target)]
    if sizes[0] != sizes[1]:
        raise ValueError(f"the prediction is {sizes[0]}, the target {sizes[1]}")
    predictions, targets = per_unit(prediction), per_unit(target)
    if len(predictions) == 0:
        raise ValueError("the prediction is an empty list")
    return list(zip(predictions, map(finite_target, targets), strict=True))


def distribution(prediction: Sequence[Scalar], target: Outputs) -> Value | list[Scalar]:
    """The target of a classifier as one weight per class, checked; one-hot from a class, if that is a plain number."""
    if not is_list(prediction):
        raise TypeError(
            f"a cross-entropy over classes needs a list of outputs, got {quoted(prediction)}; for one, use bce"
        )
    n = len(prediction)
    if not is_list(target):
        k = finite_target(target)
        if isinstance(k, Value):
            return k
        if k not in range(n):
            raise ValueError(f"the class must be one of 0 … {n - 1}, got {quoted(target)}")
        return [1.0 if i == k else 0.0 for i in range(n)]
    y = [checked_label(y_k) for _, y_k in pairs(prediction, target)]
    plain = not any(isinstance(y_k, Value) for y_k in y)
    if plain and not math.isclose(total := math.fsum(y), 1, rel_tol=1e-6):
        raise ValueError(f"the weights of the classes must add up to 1, they make {total:g}")
    return y


def is_list(x: object) -> TypeIs[Sequence[object]]:
    """Whether x is several numbers: a list, a tuple, an array."""
    return hasattr(x, "__len__") and not isinstance(x, str)


def per_unit(x: S | Sequence[S]) -> Sequence[S]:
    """One number per output unit: of a single one a list."""
    return x if is_list(x) else [x]


def finite_target(x: Scalar) -> Scalar:
    """A target as a float, which must be finite; a Value as it is."""
    if isinstance(x, Value):
        return x
    try:
        data = Value(x).data
    except TypeError as error:
        raise TypeError(f"target: {error}") from None
    if not math.isfinite(data):
        raise ValueError(f"a target is {data}, but must be finite")
    return data


def checked_label(y: Scalar) -> Scalar:
    """What ``finite_target`` gave, in [0, 1] if it is plain."""
    if not isinstance(y, Value) and not 0 <= y <= 1:
        raise ValueError(f"a label must be in [0, 1], got {y:g}")
    return y


def check_probability(p: Scalar) -> None:
    data = p.data if isinstance(p, Value) else Value(p).data
    if data < 0 or data > 1:
        raise ValueError(f"a probability must be in [0, 1], got {data:g}; for logits use the loss ..._with_logits")


# --- sums that leave out what has no weight: 0·log 0 is 0, where IEEE says nan ----------------------


def has_weight(y: Scalar) -> bool:
    return isinstance(y, Value) or y != 0


def term(y: Scalar, log: Callable[..., Scalar], p: Scalar) -> Result:
    """y·log p. A Value y may be 0 in one replay of a program, and not in the next: a ``where`` in the graph decides."""
    if isinstance(y, Value):
        return autograd.where(y, y * log(p), 0.0)
    return log(p) if y == 1 else y * log(p)


def weighted(y: Scalar, log: Callable[..., Scalar], yes: Scalar, no: Scalar) -> Result:
    """−(y·log(yes) + (1 − y)·log(no))."""
    terms = [(y, yes), (1 - y, no)]
    return -summed([term(weight, log, p) for weight, p in terms if has_weight(weight)])


def summed(terms: Sequence[Scalar]) -> Result:
    """The sum, without a node for a sum of one."""
    return terms[0] if len(terms) == 1 else autograd.sum(terms)
