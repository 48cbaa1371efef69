"""chainrule: a scalar autograd engine that you can see into.

>>> import autograd
>>> a, b, c = autograd.Value(5, "a"), autograd.Value(3, "b"), autograd.Value(2, "c")
>>> J = 3 * (a + b * c)
>>> J.backward()
>>> a.grad, b.grad, c.grad
(3.0, 6.0, 9.0)
"""

from . import graph
from .anomaly import detect_anomaly
from .errors import AnomalyError, FormulaError, OpRowError, StaleGraphError
from .functions import FUNCTIONS
from .ops import OPS
from .scope import scope
from .value import Constant, Value, parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    def __getattr__(name: str) -> Callable[..., Any]: ...  # exp, relu, dot, ...: made from the table


globals().update(FUNCTIONS)

__all__ = [
    "OPS",
    "AnomalyError",
    "Constant",
    "FormulaError",
    "OpRowError",
    "StaleGraphError",
    "Value",
    "detect_anomaly",
    "graph",
    "parameter",
    "scope",
    *FUNCTIONS,
]
__version__ = "0.1.0"
