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
from .collector import paused_gc
from .errors import AnomalyError, FormulaError, OpRowError, RecordingError, StaleGraphError
from .functions import FUNCTIONS, operation
from .ops import OPS
from .scope import scope
from .value import Constant, Value, parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .adjoints import differentiate
    from .checking import Report, check
    from .explaining import explain
    from .formula import parse
    from .notation import to_text
    from .program.program import Program, record
    from .selfcheck import gradcheck
    from .tracing import Trace, trace
    from .transform import grad, hessian, hvp, jacobian, jvp, value_and_grad
    from .typeset import to_latex, to_mathml

globals().update(FUNCTIONS)

# Loaded at first use: formulas alone take as long to import as all the rest.
_LATER = {
    "parse": "formula",
    "to_text": "notation",
    "to_latex": "typeset",
    "to_mathml": "typeset",
    "check": "checking",
    "Report": "checking",
    "explain": "explaining",
    "differentiate": "adjoints",
    "grad": "transform",
    "value_and_grad": "transform",
    "jacobian": "transform",
    "hessian": "transform",
    "jvp": "transform",
    "hvp": "transform",
    "gradcheck": "selfcheck",
    "record": "program.program",
    "Program": "program.program",
    "trace": "tracing",
    "Trace": "tracing",
}


def __getattr__(name: str) -> "Any":
    if name in FUNCTIONS:  # an operation of the user's own
        return FUNCTIONS[name]
    if name not in _LATER:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = loaded = getattr(import_module(f".{_LATER[name]}", __name__), name)
    return loaded


__all__ = [
    "OPS",
    "AnomalyError",
    "Constant",
    "FormulaError",
    "OpRowError",
    "Program",
    "RecordingError",
    "Report",
    "StaleGraphError",
    "Trace",
    "Value",
    "check",
    "detect_anomaly",
    "differentiate",
    "explain",
    "grad",
    "gradcheck",
    "graph",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "operation",
    "parameter",
    "parse",
    "paused_gc",
    "record",
    "scope",
    "to_latex",
    "to_mathml",
    "to_text",
    "trace",
    "value_and_grad",
    *(FUNCTIONS.keys() - {"sum", "abs", "round"}),  # import * must not hide Python's own
]
__version__ = "0.1.0"
