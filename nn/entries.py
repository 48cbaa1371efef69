"""The entries of a model's state, each a number, a list or a matrix: found in a Module's attributes, written, read."""

from __future__ import annotations

from autograd import Value
from autograd.number import number, quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeGuard

    Entry = Value | Sequence["Entry"]
    Numbers = float | list["Numbers"]


# --- Values: what is learned ------------------------------------------------------------------------


def entries_in(field: object, path: str) -> Iterator[tuple[str, Entry]]:
    """The parameters in an attribute, each list, matrix, ... as a whole, with the path to it."""
    if is_regular(field):
        yield path, field
    elif isinstance(field, list | tuple):
        for i, item in enumerate(field):
            yield from entries_in(item, f"{path}[{i}]")


def is_regular(item: object) -> TypeGuard[Entry]:
    """Whether this is a parameter, or a list of such that have the same shape."""
    if not isinstance(item, list | tuple):
        return is_parameter(item)
    return bool(item) and all(map(is_regular, item)) and len(set(map(shape, item))) == 1


def is_parameter(item: object) -> TypeGuard[Value]:
    return isinstance(item, Value) and item.kind == "parameter"


def values_in(item: object) -> Iterator[Value]:
    """The Values in lists, lists of lists, ..."""
    if isinstance(item, Value):
        yield item
    elif isinstance(item, list | tuple):
        for part in item:
            yield from values_in(part)


def indexed(entry: Entry) -> list[tuple[str, Value]]:
    """The Values of an entry, with their indices as text: ``[1][2]``."""
    if isinstance(entry, Value):
        return [("", entry)]
    return [(f"[{i}]{index}", value) for i, part in enumerate(entry) for index, value in indexed(part)]


def numbers_of(entry: Entry) -> Numbers:
    """The numbers of an entry, in lists like its own."""
    return entry.data if isinstance(entry, Value) else [numbers_of(part) for part in entry]


def shape(item: object, levels: int = 4) -> tuple[int | str, ...]:
    """``()`` of a number, ``(3,)`` of a list, ``(2, 3)`` of a matrix; says so where rows differ in length.

    Lists in lists are followed down to ``levels``, more than any parameter has: a file may hold a thousand.
    """
    if not isinstance(item, list | tuple):
        return ()
    if levels == 0:
        return ("…",)
    inner = {shape(part, levels - 1) for part in item}
    return (len(item), *(inner.pop() if len(inner) == 1 else ("ragged",)))


# --- numbers from outside; what is wrong is said in words that follow the name of the entry -----------


def floats_like(entry: Entry, x: object) -> list[float]:
    """The numbers of x, in lists or an array, one for each Value of the entry; ValueError if they do not fit."""
    return [_float(y) for y in _flat_of_shape(shape(entry), x)]


def counted(x: object) -> int:
    """``x`` as an int, which a whole float may stand for; ValueError if it is none."""
    (n,) = _flat_of_shape((), x)
    if isinstance(n, int) and not isinstance(n, bool):
        return n
    if not (count := _float(n)).is_integer():
        raise ValueError(f"holds {quoted(n)}, which is no whole number")
    return int(count)


def _flat_of_shape(wanted: tuple[int | str, ...], x: object) -> list[object]:
    dtype = getattr(x, "dtype", None)
    if getattr(dtype, "kind", "f") not in "fiuO":
        raise ValueError(f"is an array of {shown(dtype)}, not of numbers")
    numbers = x.tolist() if hasattr(x, "tolist") else x
    if (found := shape(numbers)) != wanted:
        raise ValueError(f"has shape {found}, the model's is {wanted}")
    return _flat(numbers)


def _flat(item: object) -> list[object]:
    return [x for part in item for x in _flat(part)] if isinstance(item, list | tuple) else [item]


def _float(x: object) -> float:
    if isinstance(x, bool):
        raise ValueError(f"holds {x}, which is no number")
    try:
        return number(x)
    except TypeError:
        raise ValueError(f"holds {quoted(x)}, which is no number") from None
    except (OverflowError, ValueError):
        raise ValueError(f"holds {quoted(x)}, which is too large for a float64") from None
