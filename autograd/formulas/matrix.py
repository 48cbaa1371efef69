"""Arrays of Values: lists, matrices and the arithmetic of their shapes, for formulas such as ``dZ1 @ A0.T / m``.

Arrays are NumPy's, of objects; NumPy is needed only here, for shapes. A shape that does not fit is a ShapeError,
whose text goes on from "in dZ1 @ A0.T": the formula is known to ``evaluate.py`` only.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..functions import FUNCTIONS
from ..number import number, quoted
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Element: TypeAlias = Value | float
    Array: TypeAlias = NDArray[np.object_]
    Quantity: TypeAlias = Element | Array  # what a name of a formula may stand for


_SCALAR = (Value, float)


class ShapeError(ValueError):
    """Two shapes that do not fit together; the text says which, and where."""


def array(what: object, name: str) -> Quantity:
    """A Value or number as it is; a list, a list of lists or a NumPy array of them as an array of objects.

    Raises TypeError for anything else, and for rows of different lengths; ``name`` is what to call it there.
    """
    if isinstance(what, Value):
        return what
    if getattr(what, "shape", None) == () or not (hasattr(what, "__len__") or hasattr(what, "shape")):
        return number(what)
    if isinstance(what, str | dict) or not isinstance(what, Iterable):
        raise TypeError(f"{name}: expected a Value, a number, or an array of them, got {quoted(what)}")
    import numpy as np

    rows = [array(row, name) for row in what]
    shapes = set(map(shape, rows))
    if len(shapes) != 1:
        raise TypeError(f"{name}: the rows have different lengths, or there are none")
    result = np.empty((len(rows), *shapes.pop()), dtype=object)
    for at, row in enumerate(rows):
        result[at] = row
    return result


def shape(what: Quantity) -> tuple[int, ...]:
    """() for a Value or number."""
    return () if isinstance(what, _SCALAR) else what.shape


def elements(what: Quantity) -> list[Element]:
    """The elements in order of rows; one for a Value or number."""
    if isinstance(what, _SCALAR):
        return [what]
    listed: list[Element] = what.ravel().tolist()
    return listed


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
    import numpy as np

    try:
        together = np.broadcast_arrays(*[np.asarray(x, dtype=object) for x in operands])
    except ValueError:
        shapes = " and ".join(str(shape(x)) for x in operands)
        raise ShapeError(f"the shapes are {shapes}: they must be the same") from None
    result = np.empty(together[0].shape, dtype=object)
    for at in np.ndindex(*result.shape):
        result[at] = f(*[x[at] for x in together])
    return result


def transposed(a: Quantity) -> Quantity:
    """The transpose; a Value or number is its own."""
    return a if isinstance(a, _SCALAR) else a.T


def matrix_product(a: Quantity, b: Quantity) -> Quantity:
    """``a @ b``; a vector on the left is a row, on the right a column."""
    if isinstance(a, _SCALAR) or isinstance(b, _SCALAR) or a.shape[-1] != b.shape[0] or b.ndim > 2:
        raise ShapeError(
            f"the shapes are {shape(a)} and {shape(b)}: "
            "for @ the columns of the first must be as many as the rows of the second"
        )
    import numpy as np

    rows, columns = np.atleast_2d(a), b if b.ndim == 2 else b[:, None]
    result = np.empty((len(rows), columns.shape[1]), dtype=object)
    for i, j in np.ndindex(*result.shape):
        result[i, j] = FUNCTIONS["dot"](rows[i], columns[:, j])
    return _unpacked(result.reshape(a.shape[:-1] + b.shape[1:]))


def reduced(
    f: Callable[[list[Element]], Element], xs: Quantity, axis: int | None = None, keepdims: int = False
) -> Quantity:
    """f of all elements; with an axis f of those along it, for each of the others; NumPy's ``keepdims``."""
    if axis is None:
        return f(elements(xs))
    if isinstance(xs, _SCALAR) or axis >= xs.ndim:
        raise ShapeError(f"there is no axis {axis}: the shape is {shape(xs)}")
    import numpy as np

    rows = np.moveaxis(xs, axis, -1)
    result = np.empty(rows.shape[:-1], dtype=object)
    for at in np.ndindex(*result.shape):
        result[at] = f(list(rows[at]))
    return np.expand_dims(result, axis) if keepdims else _unpacked(result)


def _unpacked(result: Array) -> Quantity:
    """The element of an array without a dimension."""
    if result.ndim:
        return result
    element: Element = result.item()
    return element
