"""What counts as a number, and how to refuse what does not."""

from __future__ import annotations

import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def number(x: Any) -> float:
    """``x`` as float64: int, float, bool, Fraction, NumPy's scalars; TypeError, naming what came, for all else."""
    if isinstance(x, (int, float, numbers.Real)):
        return float(x)
    if type(x).__module__ == "numpy" and getattr(x, "shape", None) == ():  # bool_ is no Real; an array of one number
        return number(x.item())
    hint = ""
    if hasattr(x, "local_derivatives"):
        hint = "; it is a Value already: for a new leaf with its number write Value(v.data)"
    elif isinstance(x, str):
        hint = "; for text write float(text), for a formula autograd.parse(text)"
    elif hasattr(x, "__len__") or hasattr(x, "shape"):
        hint = "; a Value is a scalar: for many write [Value(x) for x in numbers]"
    raise TypeError(f"expected a real number, got {shortened(repr(x))} ({type(x).__name__}){hint}")


def is_number(x: Any) -> bool:
    """Whether x is meant as a number, also one that ``number`` refuses: a complex one, a Decimal."""
    return isinstance(x, numbers.Number) or (type(x).__module__ == "numpy" and getattr(x, "shape", None) == ())


def shortened(text: str, length: int = 60) -> str:
    """The text, cut where it is too long to show in one line."""
    return text if len(text) <= length else text[: length - 1] + "…"
