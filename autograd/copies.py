"""Copies of graphs, of any depth, without recursion; ``pickling.py`` does the same for pickle."""

from __future__ import annotations

from .graph import topological
from .node import Node, fields, set_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .value import Value

    Memo = dict[int, Any]  # what ``copy.deepcopy`` has copied, by the id of the original


def copy_into(memo: Memo, root: Value) -> None:
    """Copy every node of the graph that is not in ``memo`` yet."""
    for node in topological(root):
        if id(node) not in memo:
            _copy(node, memo)


def stored_on(node: Node) -> dict[str, object] | None:
    """What somebody has stored on a node, if anything. (To ask for ``vars(node)`` would make a dict for it.)"""
    state: Any = object.__getstate__(node)
    extras: dict[str, object] | None = state[0]
    return extras


def _copy(node: Node, memo: Memo) -> None:
    """Copy a node whose inputs have been copied already; its constants are copied with it."""
    op, data, grad, tags, a, da, b, db = fields(node)
    memo[id(node)] = twin = object.__new__(type(node))
    set_fields(twin, (op, data, grad, tags, _copied(a, memo), da, _copied(b, memo), db))
    if stored_on(node):
        from copy import deepcopy  # here: it takes as long to import as a part of autograd

        vars(twin).update(deepcopy(vars(node), memo))


def _copied(field: object, memo: Memo) -> object:
    """The copy of an operand, or of a tuple of operands; what is neither is returned as it is."""
    if isinstance(field, Node):
        if field.is_constant and id(field) not in memo:
            _copy(field, memo)
        return memo[id(field)]
    return tuple([_copied(v, memo) for v in field]) if isinstance(field, tuple) else field
