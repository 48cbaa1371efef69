"""``Node``: what a node of a computation graph keeps, and how it is read.

An edge of the graph is a pair: an operand, and the *local derivative* d result / d operand, which the forward pass
computes together with the result. Walking the graph (``graph.py``) and the backward pass (``backward.py``) need no
more. What one computes with is ``Value``, in ``value.py``.
"""

from __future__ import annotations

from .contexts.watching import OPEN, read, recording
from .errors import RecordingError
from .number import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .table.op import Op

    Local = float | None  # a local derivative; None: nothing flows along this edge
    Fields = tuple[Op | None, float, float | None, tuple[str, str] | None, object, object, object, object]


class Node:
    """One number of a graph: where it comes from, and the gradient that has arrived."""

    # Two edges stand in slots of their own, (_a, _da) and (_b, _db): nearly every node has at most two, and
    # objects that need no tuple are made and collected twice as fast. A node with more inputs keeps them
    # all as tuples in _b and _db. A local derivative of None means that nothing flows along this edge: the
    # input is a constant (then it may still be a plain number), or the operation cuts it off (a relu at
    # x < 0). A leaf has no edges; its _a tells its kind. A _grad of None means that none has arrived yet.
    # _tags is the pair (label, scope), or None where both are empty, as they mostly are. The __dict__, for what
    # anybody likes to store on a node, exists only once something is.
    # Those who make nodes (value.py), walk the graph (graph.py) and go back over it (backward.py) know these slots.
    # All others use what stands below, graph.stored and graph.set_edges.
    __slots__ = ("__dict__", "__weakref__", "_a", "_b", "_da", "_data", "_db", "_grad", "_tags", "op")

    op: Op | None
    _data: float
    _grad: Any  # float | None
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _tags: tuple[str, str] | None

    is_constant = False  # a number that met a Value; a class of its own, which says so

    @property
    def data(self) -> float:
        """The number; setting it converts to float64, or raises TypeError (RecordingError inside a recording)."""
        return read(self._data) if OPEN else self._data

    @data.setter
    def data(self, data: float) -> None:
        if OPEN and recording():
            raise RecordingError(
                f"{self.label or 'v'}.data is set inside a function that is recorded: a program would not do so again "
                "at each replay. Set it outside, before or after"
            )
        self._data = number(data)

    @property
    def grad(self) -> float:
        """d(root)/d(this); 0.0 until a backward pass reaches this node. Set it to None to forget it."""
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: float | None) -> None:
        self._grad = None if grad is None else number(grad)

    @property
    def has_grad(self) -> bool:
        """Whether a gradient has arrived (or was set): pictures show "—" before."""
        return self._grad is not None

    @property
    def label(self) -> str:
        """A name to show."""
        return "" if self._tags is None else self._tags[0]

    @label.setter
    def label(self, label: str) -> None:
        scope = self.scope
        self._tags = (label, scope) if label or scope else None

    @property
    def scope(self) -> str:
        """The group that it was made in, "layer1/neuron3"."""
        return "" if self._tags is None else self._tags[1]

    @scope.setter
    def scope(self, scope: str) -> None:
        label = self.label
        self._tags = (label, scope) if label or scope else None

    @property
    def kind(self) -> str:
        """``"input"``, ``"parameter"``, ``"constant"`` (all leaves), or ``"result"`` of an operation."""
        return self._a if self.op is None else "result"

    @property
    def local_derivatives(self) -> tuple[Local, ...]:
        """d(this)/d(input) per input, as recorded; ``None`` where nothing flows (constants, masks)."""
        if self.op is None:
            return ()
        if self._b.__class__ is tuple:
            return tuple(self._db)
        return (self._da,) if self._b is None else (self._da, self._db)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"{type(self).__name__}(data={self._data!r}, grad={self.grad!r}{label})"


def carries_gradient(operand: object) -> bool:
    """Whether a gradient can flow to an operand: no number, and no constant."""
    return isinstance(operand, Node) and not operand.is_constant


def flowing(operands: Sequence[object], local_derivatives: Sequence[Local]) -> tuple[Local, ...]:
    """The local derivatives, with None at the operands that carry no gradient."""
    edges = zip(operands, local_derivatives, strict=True)
    return tuple([d if carries_gradient(v) else None for v, d in edges])


def fields(node: Node) -> Fields:
    """All that a node keeps, for copies and pickles. (Its type may be another before: see ``held``.)"""
    return node.op, node._data, node._grad, node._tags, node._a, node._da, node._b, node._db


def set_fields(node: Node, fields: Fields) -> None:
    node.op, node._data, node._grad, node._tags, node._a, node._da, node._b, node._db = fields
