"""``detect_anomaly``: stop at the first node that turns finite numbers into inf or nan, and name it."""

from __future__ import annotations

import math

from ..errors import AnomalyError
from ..number import shortened
from .watching import Entered, Watcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..value import Value
    from .watching import Flow


class detect_anomaly(Entered):
    """``with detect_anomaly():`` inside, the first inf or nan out of finite numbers raises ``AnomalyError``.

    Both passes are watched: a node whose result is not finite although its inputs are, and the first edge
    along which a gradient becomes so. After an error all leaves have the gradient that they had before. It holds for
    the task or thread that entered it, until its block ends.
    """

    def __init__(self) -> None:
        self.watcher = Anomalies()


class Anomalies(Watcher):
    """Looks at each node that is made, and on the way back at each product and each sum."""

    def made(self, node: Value) -> None:
        if not math.isfinite(node._data) and all(math.isfinite(v._data) for v in node.inputs):
            raise AnomalyError(f"forward: {describe(node)} is {node._data}, from finite inputs{advice(node)}")

    def flow(self, order: Iterable[Value], _: Flow) -> None:
        for node in order:
            for operand, local in zip(node.inputs, node.local_derivatives, strict=True):
                if local is None:
                    continue
                total = operand.grad + local * node.grad
                if not math.isfinite(total):
                    raise AnomalyError(
                        f"backward: at {describe(node)} the gradient of {describe(operand)} becomes "
                        f"{operand.grad:g} + {local:g} × {node.grad:g} = {total}{advice(node)}"
                    )
                operand._grad = total


def describe(node: Value) -> str:
    """A node in one phrase: ``'p' = log(x=0.0)``."""
    label = repr(node.label) if node.label else ""
    if node.op is None:
        return label or f"the {node.kind} {node.data:g}"
    arguments = ", ".join(f"{v.label}={v.data:g}" if v.label else f"{v.data:g}" for v in node.inputs)
    call = shortened(repr(f"{node.op.name}({arguments})")[1:-1], 150)  # a label may hold anything
    return f"{label} = {call}" if label else call


# --- what to write instead of an operation at the edge where it becomes inf: forms that are exact there ------------

_LOG = (
    "of a sigmoid write log_sigmoid(z), of a softmax log_softmax(z), or take the loss of z itself, bce_with_logits or "
    "cross_entropy_with_logits; a term y*log(a) that is to be 0 where y is 0 is xlogy(y, a)"
)
_EXP = "exp(z)/(exp(z) + …) is sigmoid or softmax, a log of such a sum logsumexp: they do not overflow"
_ROOT = "the slope of a square root at 0 is infinite; norm(xs) and hypot(x, y) have the gradient 0 there"


def advice(node: Value) -> str:
    """A sentence to put behind the name of a node that fails, `` (…)``; nothing where there is none to give."""
    name = "" if node.op is None else node.op.name
    if name in ("log", "log1p") and node._data == -math.inf:
        return f" ({_LOG})"
    if name == "exp" and node._data == math.inf:
        return f" ({_EXP})"
    if name in ("sqrt", "**") and node._data == 0 and node.local_derivatives[0] == math.inf:
        return f" ({_ROOT})"
    return ""
