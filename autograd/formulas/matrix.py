"""Arrays of Values: lists, matrices and the arithmetic of their shapes, for formulas such as ``dZ1 @ A0.T / m``.

An ``Array`` is its shape and its elements, and broadcasts as NumPy's do; NumPy is not needed. A shape that does not fit
is a ShapeError, whose text goes on from "in dZ1 @ A0.T": the formula is known to ``evaluate.py`` only.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from ..functions import FUNCTIONS
from ..number import number, quoted
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Element: TypeAlias = Value | float
    Quantity: TypeAlias = "Element | Array"  # what a name of a formula may stand for
    Shape: TypeAlias = tuple[int, ...]


_SCALAR = (Value, float)


class ShapeError(ValueError):
    """Two shapes that do not fit together; the text says which, and where."""


class Array:
    """Elements, row by row, and the shape that they have."""

    def __init__(self, shape: Shape, flat: Sequence[Element]) -> None:
        self.shape, self.flat = shape, list(flat)

    def spread(self, shape: Shape) -> Array:
        """The same elements where NumPy broadcasts them to, in a shape that fits."""
        own = (1,) * (len(shape) - len(self.shape)) + self.shape
        at = [[i if n > 1 else 0 for i in range(wanted)] for n, wanted in zip(own, shape, strict=True)]
        return Array(shape, [self.flat[_place(index, own)] for index in product(*at)])

    def transposed(self) -> Array:
        shape = self.shape[::-1]
        return Array(shape, [self.flat[_place(at[::-1], self.shape)] for at in product(*map(range, shape))])

    def lines(self, axis: int) -> list[list[Element]]:
        """The elements along an axis, for each place of the other axes."""
        ranges = [range(1) if i == axis else range(n) for i, n in enumerate(self.shape)]
        along = range(self.shape[axis])
        return [
            [self.flat[_place((*at[:axis], i, *at[axis + 1 :]), self.shape)] for i in along] for at in product(*ranges)
        ]


def _place(index: Sequence[int], shape: Shape) -> int:
    """Where the element of this index stands among the elements."""
    place = 0
    for i, n in zip(index, shape, strict=True):
        place = place * n + i
    return place


def array(what: object, name: str) -> Quantity:
    """A Value or number as it is; a list, a list of lists or a NumPy array of them as an Array.

    Raises TypeError for anything else, and for rows of different lengths; ``name`` is what to call it there.
    """
    if isinstance(what, Value | Array):
        return what
    if getattr(what, "shape", None) == () or not (hasattr(what, "__len__") or hasattr(what, "shape")):
        return number(what)
    if isinstance(what, str | dict) or not isinstance(what, Iterable):
        raise TypeError(f"{name}: expected a Value, a number, or an array of them, got {quoted(what)}")
    rows = [array(row, name) for row in what]
    shapes = set(map(shape, rows))
    if len(shapes) != 1:
        raise TypeError(f"{name}: the rows have different lengths, or there are none")
    return Array((len(rows), *shapes.pop()), [x for row in rows for x in elements(row)])


def shape(what: Quantity) -> tuple[int, ...]:
    """() for a Value or number."""
    return () if isinstance(what, _SCALAR) else what.shape


def elements(what: Quantity) -> list[Element]:
    """The elements in order of rows; one for a Value or number."""
    return [what] if isinstance(what, _SCALAR) else [*what.flat]


def nodes(what: Quantity) -> list[Value]:
    """The elements that are Values, in order of rows."""
    return [x for x in elements(what) if isinstance(x, Value)]


def elementwise(f: Callable[..., Element], *operands: Quantity) -> Quantity:
    """f of the elements in each place, broadcast as NumPy does; of Values and numbers alone f of these."""
    for x in operands:
        if not isinstance(x, _SCALAR):
            break
    else:
        return f(*operands)
    together = _broadcast([shape(x) for x in operands])
    spread = [Array((), [x]) if isinstance(x, _SCALAR) else x for x in operands]
    return Array(together, [f(*places) for places in zip(*[x.spread(together).flat for x in spread], strict=True)])


def _broadcast(shapes: list[Shape]) -> Shape:
    """The shape that all of these fit into, as NumPy's rules have it. Raises ShapeError."""
    most = max(map(len, shapes))
    together = []
    for sizes in zip(*[(1,) * (most - len(one)) + one for one in shapes], strict=True):
        longer = {n for n in sizes if n != 1}
        if len(longer) > 1:
            raise ShapeError(f"the shapes are {' and '.join(map(str, shapes))}: they must be the same")
        together.append(longer.pop() if longer else 1)
    return tuple(together)


def transposed(a: Quantity) -> Quantity:
    """The transpose; a Value or number is its own."""
    return a if isinstance(a, _SCALAR) else a.transposed()


def matrix_product(a: Quantity, b: Quantity) -> Quantity:
    """``a @ b``; a vector on the left is a row, on the right a column."""
    if (
        isinstance(a, _SCALAR)
        or isinstance(b, _SCALAR)
        or a.shape[-1] != b.shape[0]
        or max(*map(len, (a.shape, b.shape))) > 2
    ):
        raise ShapeError(
            f"the shapes are {shape(a)} and {shape(b)}: "
            "for @ the columns of the first must be as many as the rows of the second"
        )
    rows, columns = a.lines(len(a.shape) - 1), b.lines(0)
    products = [FUNCTIONS["dot"](row, column) for row in rows for column in columns]
    return _unpacked(a.shape[:-1] + b.shape[1:], products)


def reduced(
    f: Callable[[list[Element]], Element], xs: Quantity, axis: int | None = None, keepdims: int = False
) -> Quantity:
    """f of all elements; with an axis f of those along it, for each of the others; NumPy's ``keepdims``."""
    if axis is None:
        return f(elements(xs))
    if isinstance(xs, _SCALAR) or axis >= len(xs.shape):
        raise ShapeError(f"there is no axis {axis}: the shape is {shape(xs)}")
    kept = (1,) if keepdims else ()
    return _unpacked(xs.shape[:axis] + kept + xs.shape[axis + 1 :], [f(line) for line in xs.lines(axis)])


def _unpacked(shape: Shape, flat: list[Element]) -> Quantity:
    """An Array; the element of one without a dimension."""
    return Array(shape, flat) if shape else flat[0]
