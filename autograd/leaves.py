"""Between the leaves of graphs, one Python object each, and NumPy arrays: the one place where numbers change hands.

``struct`` writes Python's floats into an array's memory several times faster than ``np.array`` reads a list.
"""

from __future__ import annotations

from struct import error, pack_into

from .interrupts import finished
from .number import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np

    from .value import Value

    Array = np.ndarray[Any, np.dtype[np.float64]]


class Exchange:
    """The data and the gradients of P leaves as float64 arrays (P,), in the order of ``leaves``.

    Every array that comes out is new and the caller's own; an array that goes in is copied. ValueError, with
    nothing changed, for one that is not of P numbers. An interrupt finds all leaves set, or none.

    >>> from autograd import parameter
    >>> a, b = parameter(1.0), parameter(2.0)
    >>> both = Exchange([a, b])
    >>> both.set_data(both.data() * 10)
    >>> a.data, b.data
    (10.0, 20.0)
    """

    def __init__(self, leaves: Sequence[Value]) -> None:
        self.leaves = list(leaves)

    def data(self) -> Array:
        """The leaves' numbers."""
        return self._array([leaf._data for leaf in self.leaves])

    def grads(self) -> Array:
        """The leaves' gradients; 0 where none has arrived yet."""
        grads = [leaf._grad for leaf in self.leaves]
        try:
            return self._array(grads)
        except error:  # there is a None among them
            return self._array([g or 0.0 for g in grads])

    def set_data(self, data: Array) -> None:
        numbers = self.checked(data).tolist()

        def put() -> None:
            for leaf, x in zip(self.leaves, numbers, strict=True):
                leaf._data = x

        finished(put)

    def set_grads(self, grads: Array) -> None:
        numbers = self.checked(grads).tolist()

        def put() -> None:
            for leaf, g in zip(self.leaves, numbers, strict=True):
                leaf._grad = g

        finished(put)

    def add_grads(self, grads: Array) -> None:
        """Add to the gradients that are there, as ``backward()`` does."""
        self.set_grads(self.grads() + self.checked(grads))

    def zeros(self) -> Array:
        """An array of P zeros."""
        return self._array([0.0] * len(self.leaves))

    def zero_grads(self) -> None:
        def put() -> None:
            for leaf in self.leaves:
                leaf._grad = 0.0

        finished(put)

    def checked(self, array: object) -> Array:
        """The array (a list will do), if it is one number per leaf."""
        numbers = floats(array)
        if numbers.shape != (len(self.leaves),):
            raise ValueError(f"there are {len(self.leaves)} leaves, but the array has the shape {numbers.shape}")
        return numbers

    def _array(self, numbers: list[float]) -> Array:
        import numpy as np  # here: autograd itself runs without NumPy

        array = np.empty(len(numbers))
        pack_into(f"{len(numbers)}d", array.data, 0, *numbers)
        return array


def floats(x: object) -> Array:
    """Numbers, in an array or lists, as float64; TypeError for others, ValueError for lists of uneven lengths."""
    import numpy as np

    array = np.asarray(x)
    if array.dtype == np.float64:
        return array
    if array.dtype.kind not in "fiub":
        raise TypeError(f"expected real numbers, got {quoted(x)} ({array.dtype})")
    return array.astype(np.float64)
