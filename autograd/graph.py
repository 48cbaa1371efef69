"""Walking a graph. Nothing here recurses: a chain of a million nodes is as good as one of ten."""

from __future__ import annotations

import math

from .contexts.watching import OPEN, show
from .errors import StaleGraphError
from .number import shown
from .value import Constant, Value, flowing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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
    return [v for v in stored(node) if v.__class__ is Value or (isinstance(v, Value) and not isinstance(v, Constant))]


def stored(node: Value) -> tuple[Any, ...]:
    """The operands as the node keeps them: a number that nobody has asked for as a node is a plain float."""
    if node.op is None:
        return ()
    if node._b.__class__ is tuple:
        return tuple(node._b)
    return (node._a,) if node._b is None else (node._a, node._b)


def forward(node: Value) -> tuple[float, tuple[float | None, ...]]:
    """The value and the local derivatives that a result has at its inputs' ``data`` of now."""
    assert node.op is not None
    numbers = [v._data if isinstance(v, Value) else v for v in stored(node)]
    if node._b.__class__ is tuple:
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
        local_derivatives = flowing(stored(node), local_derivatives)
        if node._b.__class__ is tuple:
            node._db = local_derivatives
        else:
            node._da, node._db = (*local_derivatives, None)[:2]
        node._grad = None
        if OPEN:
            show(node)


def stored_on(node: Value) -> dict[str, Any] | None:
    """What somebody has stored on a node, if anything. (To ask for ``vars(node)`` would make a dict for it.)"""
    state: Any = object.__getstate__(node)
    extras: dict[str, Any] | None = state[0]
    return extras


def copy_into(memo: dict[int, Any], root: Value) -> None:
    """Copy every node of the graph that is not in ``memo`` (by id) yet: ``copy.deepcopy`` without recursion."""
    for node in topological(root):
        if id(node) not in memo:
            _copy(node, memo)


def _copy(node: Value, memo: dict[int, Any]) -> None:
    """Copy a node whose inputs have been, but for constants."""
    memo[id(node)] = twin = object.__new__(type(node))
    twin.op, twin._data, twin._grad, twin._tags = node.op, node._data, node._grad, node._tags
    twin._a, twin._da, twin._b, twin._db = _copied(node._a, memo), node._da, _copied(node._b, memo), node._db
    if stored_on(node):
        from copy import deepcopy  # here: it takes as long to import as a part of autograd

        vars(twin).update(deepcopy(vars(node), memo))


def _copied(field: Any, memo: dict[int, Any]) -> Any:
    """The copy of an operand, or of several; of what is none, itself."""
    if field.__class__ is Value:
        return memo[id(field)]
    if field.__class__ is tuple:
        return tuple([_copied(v, memo) for v in field])
    if isinstance(field, Constant) and id(field) not in memo:
        _copy(field, memo)
    return memo[id(field)] if isinstance(field, Value) else field
