"""Graphs through ``pickle``, of any depth, shared nodes kept shared.

Pickle asks an object what it is made of, and then goes into each part: along a chain of nodes it would go as deep as
the chain is long. So a node comes after a ``_Below``, which goes through all nodes below it, each after its inputs:
wherever pickle looks from there, it has been already.
"""

from __future__ import annotations

from threading import local
from weakref import WeakSet

from . import graph
from .copies import stored_on
from .node import fields, set_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .node import Fields
    from .value import Value


class _Below:
    """The results below a node, each after its inputs. Only pickle keeps the object, and only until it has finished."""

    def __init__(self, root: Value) -> None:
        self.nodes = [node for node in graph.topological(root)[:-1] if node.op is not None]
        self.found = set(map(id, self.nodes))

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Value, ...]]:
        return _nothing, tuple(self.nodes)


class _Pickling(local):
    """The lists of nodes that pickle is going through at the moment, for each thread."""

    def __init__(self) -> None:
        self.below: WeakSet[_Below] = WeakSet()


_now = _Pickling()


def reduced(node: Value) -> tuple[object, ...]:
    """What ``Value.__reduce_ex__`` returns: a function, its arguments, and what is to be set afterwards."""
    below = None
    if node.op is not None and not any(id(node) in others.found for others in _now.below):
        below = _Below(node)
        _now.below.add(below)
    kept = fields(node)
    return _made, (below, type(node), *kept), stored_on(node)


def _nothing(*_: Value) -> None:
    """What a ``_Below`` is loaded as: nothing, because its nodes, the arguments, have been loaded by then."""


def _made(_: None, kind: type[Value], *kept: *Fields) -> Value:
    node = object.__new__(kind)
    set_fields(node, kept)
    return node
