"""``detect_anomaly``: stop at the first node that turns finite numbers into inf or nan, and name it."""

from __future__ import annotations

import math

from . import value
from .convert import shortened
from .errors import AnomalyError
from .value import Value, collect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class detect_anomaly:
    """``with detect_anomaly():`` inside, the first inf or nan out of finite numbers raises ``AnomalyError``.

    Both passes are watched: a node whose result is not finite although its inputs are, and the first edge
    along which a gradient becomes so. After an error all leaves have the gradient that they had before.
    """

    def __init__(self) -> None:
        self.outer: list[Callable[[Value], None] | None] = []

    def __enter__(self) -> None:
        self.outer.append(value._watch)
        value._watch = check_forward

    def __exit__(self, *_: object) -> None:
        value._watch = self.outer.pop()


def check_forward(node: Value) -> None:
    if not math.isfinite(node.data) and all(math.isfinite(v.data) for v in node.inputs):
        raise AnomalyError(f"forward: {describe(node)} is {node.data}, from finite inputs")


def backward_watched(root: Value) -> None:
    """``root.backward()``, each product and each sum looked at."""
    zero = float("0.0")
    order: list[Value] = []
    before: list[tuple[Value, float | None]] = []
    try:
        collect(root, zero, order, before)
        root._grad = 1.0
        for node in reversed(order):
            for operand, local in zip(node.inputs, node.local_derivatives, strict=True):
                if local is None:
                    continue
                product = local * node.grad
                total = operand.grad + product
                if not math.isfinite(total):
                    raise AnomalyError(
                        f"backward: at {describe(node)} the gradient of {describe(operand)} becomes "
                        f"{operand.grad:g} + {local:g} × {node.grad:g} = {total}"
                    )
                operand._grad = total
    except BaseException:
        for leaf, grad in before:
            leaf._grad = grad
        raise
    for leaf, grad in before:
        if grad is not None:
            leaf._grad += grad


def describe(node: Value) -> str:
    """A node in one phrase: ``'p' = log(x=0.0)``."""
    label = repr(node.label) if node.label else ""
    if node.op is None:
        return label or f"the {node.kind} {node.data:g}"
    arguments = ", ".join(f"{v.label}={v.data:g}" if v.label else f"{v.data:g}" for v in node.inputs)
    call = shortened(repr(f"{node.op.name}({arguments})")[1:-1], 150)  # a label may hold anything
    return f"{label} = {call}" if label else call
