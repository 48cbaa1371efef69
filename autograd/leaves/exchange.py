"""Between the leaves of graphs, one Python object each, and NumPy arrays: the one place where numbers change hands.

``struct`` writes Python's floats into an array's memory several times faster than ``np.array`` reads a list.
Without NumPy, as in a browser, a ``Vector`` stands for the array.
"""

from __future__ import annotations

from functools import cache, cached_property
from itertools import repeat
from struct import pack_into

from ..interrupts import finished
from ..number import number, quoted
from .held import LOCK, Store, each, owner, with_zeros
from .vector import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any

    import numpy as np

    from ..value import Value

    Array = np.ndarray[Any, np.dtype[np.float64]]


class Exchange:
    """The data and the gradients of P leaves as float64 arrays (P,), in the order of ``leaves``.

    Every array that comes out is new and the caller's own, and one that goes in is copied, if nothing else is said.
    ValueError, with nothing changed, for one that is not of P numbers. An interrupt finds all leaves set, or none.

    After ``hold`` a store has the numbers, until somebody looks at one of the leaves. It is shared by all exchanges
    whose leaves are among its own: a program's and an optimiser's.

    >>> from autograd import parameter
    >>> a, b = parameter(1.0), parameter(2.0)
    >>> both = Exchange([a, b])
    >>> both.set_data(both.data() * 10)
    >>> a.data, b.data
    (10.0, 20.0)
    """

    def __init__(self, leaves: Sequence[Value]) -> None:
        self.leaves = list(leaves)
        self.shape = (len(self.leaves),)
        self._store = Store(self.leaves)
        self._places: list[int] | None = None  # of the leaves in the store, if it has others, too

    def __reduce__(self) -> tuple[type[Exchange], tuple[list[Value]]]:
        """For copies and pickles: a store holds the leaves, not their copies."""
        return Exchange, (self.leaves,)

    def hold(self) -> Array:
        """Have the leaves' numbers in an array from now on, so that to read and to write them costs no loop.

        Returns it; it is not the caller's own, and not to be written to.
        """
        with LOCK:
            store = self._held()
            if store is None and self._store.take(packed):
                store = self._store
            return self.data() if store is None else self._mine(store.data)

    def data(self) -> Array:
        """The leaves' numbers."""
        with LOCK:
            store = self._held()
            if store is None:
                return packed([leaf._data for leaf in self.leaves])
            return self._mine(store.data).copy()

    def grads(self) -> Array:
        """The leaves' gradients; 0 where none has arrived yet."""
        with LOCK:
            store = self._held()
            if store is None:
                return packed(with_zeros([leaf._grad for leaf in self.leaves]))
            return self._mine(store.read_grads(packed)).copy()

    def both(self) -> tuple[Array, Array]:
        """The leaves' numbers, in an array that is not to be written to, and their gradients."""
        with LOCK:
            store = self._held()
            return self.data() if store is None else self._mine(store.data), self.grads()

    def set_data(self, data: Array, copy: bool = True) -> None:
        """``copy``: whether the caller may write to the array again."""
        data = self.checked(data)
        with LOCK:
            store = self._held()
            if store is not None:
                store.changed = True
                store.data = self._replaced(store.data, data, copy)
            else:
                self._put("_data", data)

    def set_grads(self, grads: Array) -> None:
        grads = self.checked(grads)
        with LOCK:
            store = self._held()
            if store is not None:
                store.put_grads(self._replaced(store.read_grads(packed), grads), self._places)
            else:
                self._put("_grad", grads)

    def add_grads(self, grads: Array) -> None:
        """Add to the gradients that are there, as ``backward()`` does."""
        with LOCK:
            store = self._held()
            if store is not None and self._places is None:  # the usual case, quickly
                store.put_grads(store.read_grads(packed) + self.checked(grads), None)
            else:
                self.set_grads(self.grads() + self.checked(grads))

    def zeros(self) -> Array:
        """An array of P zeros."""
        np = numpy()
        return cast([0.0] * len(self.leaves)) if np is None else np.zeros(len(self.leaves))

    @cached_property
    def _zeros(self) -> Array:
        """For stores, into whose arrays nobody writes."""
        return self.zeros()

    def zero_grads(self) -> None:
        with LOCK:
            store = self._held()
            if store is not None and self._places is None:
                store.put_grads(self._zeros, None)
            else:
                self.set_grads(self.zeros())

    def checked(self, array: object) -> Array:
        """The array (a list will do), if it is one number per leaf."""
        numbers = floats(array)
        if numbers.shape != self.shape:
            raise ValueError(f"there are {len(self.leaves)} leaves, but the array has the shape {numbers.shape}")
        return numbers

    def _held(self) -> Store | None:
        """The store that has the numbers of all the leaves, if one has; of two that have some of them, neither."""
        if self._store.holds:
            return self._store
        other = owner(self.leaves[0]) if self.leaves else None
        if other is None or not other.holds:
            return None
        if other.leaves == self.leaves:
            self._store, self._places = other, None
        else:
            places = other.places(self.leaves)
            if places is None:
                return self._store if self._store.take(packed) else None
            self._store, self._places = other, places
        return other

    def _put(self, slot: str, array: Array) -> None:
        """Write the numbers into the leaves themselves, into one of their slots."""
        numbers = array.tolist()
        finished(lambda: each(setattr, self.leaves, repeat(slot), numbers))

    def _mine(self, array: Array) -> Array:
        """The numbers of the leaves in a store's array."""
        return array if self._places is None else array[self._places]

    def _replaced(self, array: Array, numbers: Array, copy: bool = True) -> Array:
        """A copy of a store's array, with other numbers in the places of the leaves: these themselves, if it may be."""
        if self._places is None:
            return numbers.copy() if copy else numbers
        array = array.copy()
        array[self._places] = numbers
        return array


def packed(numbers: list[float]) -> Array:
    """The numbers in an array."""
    np = numpy()
    if np is None:
        return cast(numbers)
    array: Array = np.empty(len(numbers))
    pack_into(f"{len(numbers)}d", array.data, 0, *numbers)
    return array


@cache
def numpy() -> ModuleType | None:
    """NumPy, here and not at the top: autograd itself runs without it; None where it is not installed."""
    try:
        import numpy
    except ImportError:
        return None
    return numpy


@cache
def unwarned() -> Callable[..., Any]:
    """``f(compute, *arguments)`` is ``compute(*arguments)``, where NumPy gives no warning: arithmetic is IEEE's."""

    def run(compute: Callable[..., object], *arguments: object) -> object:
        return compute(*arguments)

    np = numpy()
    return run if np is None else np.errstate(all="ignore")(run)


def cast(numbers: list[float]) -> Array:
    """A Vector of them, typed as the array that it stands for."""
    array: Any = Vector(numbers)
    return array  # type: ignore[no-any-return]


def flat(x: object) -> list[float]:
    """A Vector, or a list of numbers; TypeError for what is neither."""
    if isinstance(x, Vector):
        return x.numbers
    if isinstance(x, list | tuple):
        return [number(each) for each in x]
    raise TypeError(f"expected a list of numbers, got {quoted(x)}; arrays need NumPy, which is not installed")


def floats(x: object) -> Array:
    """Numbers, in an array or lists, as float64; TypeError for others, ValueError for lists of uneven lengths."""
    np = numpy()
    if np is None:
        return cast(flat(x))
    array: Array = np.asarray(x)
    if array.dtype.char == "d" and array.dtype.isnative:
        return array
    if array.dtype.kind not in "fiub":
        raise TypeError(f"expected real numbers, got {quoted(x)} ({array.dtype})")
    return array.astype(np.float64)
