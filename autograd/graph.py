"""Walking a graph. Nothing here recurses: a chain of a million nodes is as good as one of ten."""

from __future__ import annotations

import math

from .contexts.watching import OPEN, show
from .errors import StaleGraphError
from .node import Node, carries_gradient, flowing
from .number import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .node import Local
    from .value import Value


def topological(root: Value, constants: bool = False) -> list[Value]:
    """Every node that ``root`` depends on, itself last, each after all of its inputs.

    Numbers that met a Value are left out unless ``constants`` is true.
    """
    order: list[Value] = []
    found: set[Value] = set()
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if node is None:  # all inputs of the node below are in order
            order.append(stack.pop())
            continue
        if node in found:
            continue
        found.add(node)
        if node.op is None:
            order.append(node)
            continue
        stack += (node, None)
        # From the last input to the first, so that the first is the first to be popped.
        for operand in reversed(node.inputs if constants else operands(node)):
            if operand not in found:
                stack.append(operand)
    return order


def operands(node: Value) -> list[Value]:
    """The inputs that are not constants (``node.inputs`` has those too, and makes nodes of plain numbers)."""
    kind = node.__class__  # of no result is it that of constants, and most operands are of the same
    return [v for v in stored(node) if v.__class__ is kind or carries_gradient(v)]


def stored(node: Value) -> tuple[Any, ...]:
    """The operands as the node keeps them: a number that nobody has asked for as a node is a plain float."""
    if node.op is None:
        return ()
    if node._b.__class__ is tuple:
        return tuple(node._b)
    return (node._a,) if node._b is None else (node._a, node._b)


def set_edges(node: Value, operands: Sequence[object], local_derivatives: Sequence[Local]) -> None:
    """Give a result other operands, as many as it has, or other local derivatives."""
    if node._b.__class__ is tuple:
        node._b, node._db = tuple(operands), tuple(local_derivatives)
    else:
        node._a, node._b = (*operands, None)[:2]
        node._da, node._db = (*local_derivatives, None)[:2]


def forward(node: Value) -> tuple[float, tuple[Local, ...]]:
    """The value and the local derivatives that a result has at its inputs' ``data`` of now."""
    assert node.op is not None
    numbers = [v._data if isinstance(v, Node) else v for v in stored(node)]
    if node.op.n_lists:
        return node.op.forward(numbers)
    y, *local_derivatives = node.op.kernel(*numbers)  # no lists to take apart
    return y, tuple(local_derivatives)


def leaves(root: Value) -> list[Value]:
    """The inputs and parameters that ``root`` depends on, in order of first use."""
    return [node for node in topological(root) if node.op is None]


def parameters(root: Value) -> list[Value]:
    """The leaves that were made by ``parameter``, in order of first use."""
    return [leaf for leaf in leaves(root) if leaf.kind == "parameter"]


def users(root: Value) -> dict[Value, int]:
    """How often each node of the graph is used in it: its fan-out (``a + a`` uses a twice)."""
    count = dict.fromkeys(topological(root), 0)
    for node in count:
        for operand in operands(node):
            count[operand] += 1
    return count


def count_ops(root: Value) -> dict[str, int]:
    """How many nodes each operation has in the graph, most frequent first: ``{"*": 3, "+": 2}``."""
    count: dict[str, int] = {}
    for node in topological(root):
        if node.op is not None:
            count[node.op.name] = count.get(node.op.name, 0) + 1
    return dict(sorted(count.items(), key=lambda item: -item[1]))


def depth(root: Value) -> int:
    """The number of operations on the longest path from a leaf to ``root``."""
    level: dict[Value, int] = {}
    for node in topological(root):
        level[node] = 0 if node.op is None else 1 + max((level[v] for v in operands(node)), default=0)
    return level[root]


def stale(root: Value) -> list[Value]:
    """The nodes whose recorded value is no longer what their inputs' ``data`` gives, in topological order."""
    changed = []
    for node in topological(root):
        if node.op is not None:
            now, _ = forward(node)
            if now != node.data and not (math.isnan(now) and math.isnan(node.data)):
                changed.append(node)
    return changed


def require_fresh(root: Value) -> None:
    """Raise ``StaleGraphError`` if a leaf's ``data`` was changed after the forward pass."""
    changed = stale(root)
    if changed:
        name = shown(changed[0].label) or repr(changed[0].op)
        raise StaleGraphError(
            f"{name} was computed from other data than its inputs have now ({len(changed)} such nodes): "
            "a leaf changed after the forward pass. Call root.refresh(), or build the graph again."
        )


def refresh(root: Value) -> None:
    """Recompute the graph in place, from the ``data`` of its leaves; leaves keep their ``grad``."""
    for node in topological(root):
        if node.op is None:
            continue
        node._data, local_derivatives = forward(node)
        operands = stored(node)
        set_edges(node, operands, flowing(operands, local_derivatives))
        node._grad = None
        if OPEN:
            show(node)
