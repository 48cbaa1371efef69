"""chainrule: a scalar autograd engine that you can see into.

>>> import autograd
>>> a, b, c = autograd.Value(5, "a"), autograd.Value(3, "b"), autograd.Value(2, "c")
>>> J = 3 * (a + b * c)
>>> J.backward()
>>> a.grad, b.grad, c.grad
(3.0, 6.0, 9.0)
"""

import sys

from . import graph
from .contexts.anomaly import detect_anomaly
from .contexts.collector import paused_gc
from .contexts.scope import scope
from .errors import AnomalyError, FormulaError, OpRowError, RecordingError, StaleGraphError
from .functions import FUNCTIONS, operation
from .table import ops
from .table.ops import OPS
from .value import Constant, Value, parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .by_hand.check import check
    from .by_hand.explain import explain
    from .by_hand.report import Report
    from .derivatives.adjoints import differentiate
    from .derivatives.gradcheck import gradcheck
    from .derivatives.transform import grad, hessian, hvp, jacobian, jvp, value_and_grad
    from .formulas.latex import to_latex
    from .formulas.mathml import to_mathml
    from .formulas.parse import parse, read_as
    from .formulas.text import to_text
    from .operations import *  # noqa: F403 - the functions of the table
    from .program.program import Program, record
    from .steps.trace import Trace, trace

globals().update(FUNCTIONS)
sys.modules[f"{__name__}.ops"] = ops  # where the rows were, and graphs in older pickles look for them

# Loaded at first use: formulas alone take as long to import as all the rest.
_LATER = {
    "parse": "formulas.parse",
    "read_as": "formulas.parse",
    "to_text": "formulas.text",
    "to_latex": "formulas.latex",
    "to_mathml": "formulas.mathml",
    "check": "by_hand.check",
    "Report": "by_hand.report",
    "explain": "by_hand.explain",
    "differentiate": "derivatives.adjoints",
    "grad": "derivatives.transform",
    "value_and_grad": "derivatives.transform",
    "jacobian": "derivatives.transform",
    "hessian": "derivatives.transform",
    "jvp": "derivatives.transform",
    "hvp": "derivatives.transform",
    "gradcheck": "derivatives.gradcheck",
    "record": "program.program",
    "Program": "program.program",
    "trace": "steps.trace",
    "Trace": "steps.trace",
}


if not TYPE_CHECKING:

    def __getattr__(name):
        if name in FUNCTIONS:  # an operation of the user's own
            return FUNCTIONS[name]
        if name not in _LATER:
            raise AttributeError(f"module 'autograd' has no attribute {name!r}")
        from importlib import import_module

        try:
            loaded = getattr(import_module(f".{_LATER[name]}", __name__), name)
        except ModuleNotFoundError as error:  # no NumPy: ``from autograd import *`` has to work all the same
            loaded = _absent(str(error))
        globals()[name] = loaded
        return loaded

    def _absent(message):
        """What stands for a function that needs a package which is not installed: called, it says so."""

        def absent(*_, **__):
            raise ModuleNotFoundError(message)

        return absent


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
    "read_as",
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
