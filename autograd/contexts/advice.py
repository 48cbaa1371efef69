"""What to write instead of an operation at the edge where it becomes inf: the forms that are exact there."""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..value import Value

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
