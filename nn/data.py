"""Data as a user hands them in, checked: examples and targets, and whether they fit the model and its loss."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from autograd.number import quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .types import Inputs, Loss, Model, Rows, Targets


def examples(X: object, name: str = "X") -> Rows:
    """X as a list of m lists of n floats; TypeError or ValueError that shows the row, for what cannot be that."""
    rows = as_list(X, name, "a list of m examples, each a list of n numbers")
    if not rows:
        raise ValueError(f"{name} is empty: there are no examples")
    checked = []
    for i, row in enumerate(rows):
        numbers = as_list(row, f"{name}[{i}]", "a list of numbers; for one feature write [[x] for x in X]")
        checked.append([finite(x, f"{name}[{i}][{k}]") for k, x in enumerate(numbers)])
        if len(numbers) != len(checked[0]):
            raise ValueError(f"{name}[{i}] has {len(numbers)} numbers, but {name}[0] has {len(checked[0])}")
    if not checked[0]:
        raise ValueError(f"the examples in {name} are empty lists")
    return checked


def targets(y: object, m: int, name: str = "y") -> Targets:
    """y as a list of m numbers, or of m lists of numbers for several outputs; the loss decides what they mean.

    Whole numbers stay whole: the name of a class is 3, not 3.0.
    """
    rows = as_list(y, name, f"a list of {m} targets")
    if len(rows) != m:
        raise ValueError(f"{name} has {len(rows)} targets, but there are {m} examples")
    checked: Targets = []
    for i, row in enumerate(rows):
        if isinstance(row, list | tuple):
            checked.append([finite(t, f"{name}[{i}][{k}]") for k, t in enumerate(row)])
        else:
            checked.append(row if type(row) is int else finite(row, f"{name}[{i}]"))
    return checked


def leaves(X: Rows) -> Inputs:
    """The inputs as Values, made once: a model uses them as they are, epoch after epoch."""
    return [[Value(x_k, f"x{k}") for k, x_k in enumerate(x, 1)] for x in X]


def check_targets(model: Model, loss: Loss, X: Inputs, y: Targets, name: str) -> None:
    """Raise, and say at which example, if the loss refuses a target or it does not fit the model's outputs."""
    prediction = model(X[0])
    for i, target in enumerate(y):
        try:
            L = loss(prediction, target)
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{name} {i}, target {shown(target)}: {error}") from None
        if not isinstance(L, Value):
            raise TypeError(f"the loss made {quoted(L)} of a Value: write it with autograd's functions")


def as_list(items: object, name: str, wanted: str) -> list[Any]:
    items = items.tolist() if hasattr(items, "tolist") else items  # an array of NumPy
    if isinstance(items, str | dict | Value) or not isinstance(items, Iterable):
        raise TypeError(f"{name} must be {wanted}; got {quoted(items)} ({type(items).__name__})")
    return list(items)


def finite(x: float, name: str) -> float:
    """A number as a float, if it is finite."""
    try:
        data = Value(x).data
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    if not math.isfinite(data):
        raise ValueError(f"{name} is {data}, but must be finite")
    return data
