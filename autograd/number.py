"""What counts as a number, and how to refuse what does not."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def number(x: Any) -> float:
    """``x`` as float64: int, float, bool, Fraction, NumPy's scalars.

    Raises TypeError for all else, OverflowError for what is beyond float64, naming what came.
    """
    if isinstance(x, (int, float)) or _is_a(x, "Real"):
        try:
            return float(x)
        except OverflowError:
            raise beyond_float64(x) from None
    if type(x).__module__ == "numpy" and getattr(x, "shape", None) == ():  # bool_ is no Real; an array of one number
        return number(x.item())
    raise TypeError(f"expected a real number, got {quoted(x)} ({type(x).__name__}){_hint(x)}")


def _is_a(x: object, kind: str) -> bool:
    """Whether x is one of Python's ``numbers``: Real, or Number, which is any."""
    import numbers  # here: it takes as long to import as a part of autograd

    return isinstance(x, getattr(numbers, kind))


def _hint(x: object) -> str:
    """What to write in place of what is no number."""
    if hasattr(x, "local_derivatives"):
        return "; it is a Value already: for a new leaf with its number write Value(v.data)"
    if isinstance(x, str):
        return "; for text write float(text), for a formula autograd.parse(text)"
    if hasattr(x, "item") and getattr(x, "shape", None) == ():  # of PyTorch, of JAX
        return "; an array of another library knows nothing of graphs: for its number write x.item()"
    if hasattr(x, "__len__") or hasattr(x, "shape"):
        return "; a Value is a scalar: for many write [Value(x) for x in numbers]"
    if hasattr(x, "__float__"):  # a Decimal
        return "; Values compute in float64: write float(x)"
    return ""


def beyond_float64(x: Any) -> OverflowError:
    """Why an int or a Fraction has no float64. (Its digits may be too many to be written.)"""
    size = (int(x.numerator).bit_length() - int(x.denominator).bit_length()) * 0.30103
    return OverflowError(
        f"a number of type {type(x).__name__}, about {'-' * (x < 0)}1e{size:.0f}, is beyond float64, which ends at "
        "1.8e308: divide it first, or write math.inf"
    )


def is_number(x: object) -> bool:
    """Whether x is meant as a number, also one that ``number`` refuses: a complex one, a Decimal."""
    return _is_a(x, "Number") or (type(x).__module__ == "numpy" and getattr(x, "shape", None) == ())


def is_array(x: object) -> bool:
    """Whether x is a NumPy array: there can be one only where NumPy has been imported."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def shortened(text: str, length: int = 60) -> str:
    """The text, cut where it is too long to show in one line."""
    return text if len(text) <= length else text[: length - 1] + "…"


def shown(text: object, length: int = 60) -> str:
    """A user's text in a message: in one line, cut, and what a terminal would hide or obey written as an escape."""
    return shortened("".join(c if c.isprintable() else repr(c)[1:-1] for c in shortened(str(text), length)), length)


def quoted(x: object, length: int = 60) -> str:
    """The repr of what came, for a message: in one line, and cut (see ``shown``)."""
    try:
        return shown(repr(x), length)
    except ValueError:  # an int of thousands of digits
        return f"a {type(x).__name__} too long to show"
