"""The types in nn's signatures, named once; no module loads this file, only a type checker does.

What comes from outside is described by what nn does with it: a user's function may say of its arguments what it
likes, so the parameters of callables stay open, ``Callable[..., Scalar]``.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from autograd import Value

Scalar = Value | float
S = TypeVar("S", Value, float, Value | float)

Outputs = Scalar | Sequence[Scalar]
"""What one example has on the way out, a prediction or a target: one number, or one per output unit."""

Target = float | Sequence[float]
Prediction = float | list[float]
"""The same in plain numbers."""

Rows = list[list[float]]
"""m examples of n numbers, checked."""

Inputs = list[list[Value]]
"""The same as leaves of graphs."""

Result = Any
"""A Value, or a list of them, where Values went in; else a float. The caller knows, and is not made to prove it."""

Targets = list[Any]
"""One target per example, a number or a list of numbers: as above, its owner knows which."""

Data = tuple[Rows, Targets]
"""A data set, (X, y)."""

Examples = Iterable[Iterable[float]]
"""m examples of n numbers as they come: lists, tuples, an array."""

Loss = Callable[..., Scalar]
"""L(prediction, target) of one example."""

Regularizer = Callable[..., Value]
"""A term to add to J, of (model, m)."""

State = dict[str, Any]
"""What a file can hold, by name: numbers, lists of them, lists of lists, texts, and again such dicts."""


class Model(Protocol):
    """What can be trained, a Module or not: it has parameters, and makes a prediction of one example."""

    def parameters(self) -> Iterable[Value]: ...

    def __call__(self, x: list[Value], /) -> Value | Sequence[Value]: ...
