"""Leaves whose numbers an array has: a program and an optimiser pass it on, and touch no leaf.

While a ``Store`` holds leaves, they are of the class ``Held``, and what their slots say does not count. Whoever looks
at one of them, or writes to it, finds out by its class, and all get their numbers back: so nobody else has to know.
The engine's own code, which is made for ``Value`` itself, pays nothing for that.
"""

from __future__ import annotations

from collections import deque
from itertools import repeat
from threading import RLock

from ..interrupts import finished
from ..node import Node
from ..table.ops import ADD, MUL
from ..value import Value, binary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ..operations import Operand
    from .exchange import Array

LOCK = RLock()
"""Of all stores: leaves go from one to another, and a thread that looks at a leaf is not to find it half way."""

NOWHERE: frozenset[int] = frozenset()

SLOTS: dict[str, Any] = {name: vars(Node)[name] for name in ("_data", "_grad", "_db")}
"""Where a node keeps its numbers, whatever its class has under these names."""


class Store:
    """The numbers of P leaves, in their order, while it holds them; the caller has ``LOCK``.

    ``holds``  whether it has them: else the leaves do
    ``data``   (P,); ``changed`` says whether the leaves' slots have other numbers
    ``grads``  (P,), and at which of them none has arrived; or None: then the slots have them
    """

    def __init__(self, leaves: Sequence[Value]) -> None:
        self.leaves = leaves
        self.holds = self.changed = False
        self.data: Array
        self.grads: tuple[Array, frozenset[int]] | None = None  # one attribute: no interrupt comes in between
        self._place: dict[Value, int] = {}

    def take(self, array: Callable[[list[float]], Array]) -> bool:
        """Hold the leaves from now on; False if one is of a class of somebody's own, which may count on its slots.

        Interrupted, it holds none: those that are of the class ``Held`` by then still have their numbers.
        """
        data = [leaf._data for leaf in self.leaves]  # from here on no other store has them
        if any(leaf.__class__ is not Value for leaf in self.leaves):
            return False
        self.data = array(data)
        self.grads, self.changed = None, False
        each(SLOTS["_db"].__set__, self.leaves, repeat(self))
        each(setattr, self.leaves, repeat("__class__"), repeat(Held))
        self.holds = True
        return True

    def release(self) -> None:
        """Give the leaves their numbers back; an interrupt waits until all have them."""

        def put() -> None:
            self.holds = False
            if self.changed:
                each(SLOTS["_data"].__set__, self.leaves, self.data.tolist())
            if self.grads is not None:
                array, missing = self.grads
                grads: list[float | None] = array.tolist()
                for k in missing:
                    grads[k] = None
                each(SLOTS["_grad"].__set__, self.leaves, grads)
            each(setattr, self.leaves, repeat("__class__"), repeat(Value))
            each(SLOTS["_db"].__set__, self.leaves, repeat(None))

        finished(put)

    def read_grads(self, array: Callable[[list[float]], Array]) -> Array:
        """The gradients (P,), from the slots if they have them; not to be written to."""
        if self.grads is None:
            grads = list(map(SLOTS["_grad"].__get__, self.leaves))
            self.grads = array(with_zeros(grads)), frozenset([k for k, g in enumerate(grads) if g is None])
        return self.grads[0]

    def put_grads(self, grads: Array, places: Sequence[int] | None) -> None:
        """Other gradients (P,), which have arrived at some places (None: at all)."""
        self.grads = grads, NOWHERE if not places or self.grads is None else self.grads[1].difference(places)

    def places(self, leaves: Sequence[Value]) -> list[int] | None:
        """Where these leaves stand in the arrays; None if it does not hold them all."""
        if not self._place:
            self._place = {leaf: k for k, leaf in enumerate(self.leaves)}
        try:
            return [self._place[leaf] for leaf in leaves]
        except KeyError:
            return None


def each(function: Callable[..., object], *arguments: Iterable[object]) -> None:
    """Call it for each of the arguments. (No line of Python in between: no interrupt comes there, and it is quick.)"""
    deque(map(function, *arguments), maxlen=0)


def with_zeros(grads: Iterable[float | None]) -> list[float]:
    """Gradients, 0 where none has arrived."""
    return [0.0 if g is None else g for g in grads]


def owner(leaf: Value) -> Store | None:
    """The store that holds a leaf."""
    return SLOTS["_db"].__get__(leaf) if leaf.__class__ is Held else None


def _touched(leaf: Held) -> None:
    """Have the numbers of a leaf, and of all that are held with it, in the slots again."""
    with LOCK:
        store = owner(leaf)
        if store is not None:  # no other thread has touched it in the meantime
            store.release()


def _in_slot(name: str) -> Any:
    """The attribute of a ``Held``: whoever reads or writes it finds the leaf a ``Value`` again."""
    slot = SLOTS[name]

    def get(leaf: Held) -> Any:
        _touched(leaf)
        return slot.__get__(leaf)

    def put(leaf: Held, x: object) -> None:
        _touched(leaf)
        slot.__set__(leaf, x)

    return property(get, put)


class Held(Value):
    """A leaf while a store has its numbers: see there."""

    __slots__ = ()

    _data: float = _in_slot("_data")
    _grad: float | None = _in_slot("_grad")
    result_type = Value

    def __add__(self, other: Operand) -> Value:
        return binary(ADD, self, other)

    def __mul__(self, other: Operand) -> Value:
        return binary(MUL, self, other)


Held.__name__ = Held.__qualname__ = Value.__qualname__  # what is shown of a leaf, repr's too, begins so
Held.__module__ = Value.__module__
