"""Checks of settings: whole numbers, and numbers in an interval."""

import math
from typing import SupportsFloat, SupportsIndex

from autograd.number import quoted, shown


def whole(name: str, n: SupportsIndex, least: int = 1) -> int:
    """``n`` as an int; TypeError for what is no whole number, ValueError below ``least``."""
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError(f"{name} must be a whole number, got {quoted(n)} ({type(n).__name__})")
    number = int(n)
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {quoted(n)}")
    return number


def within(name: str, x: SupportsFloat, interval: str) -> float:
    """``x`` as a float in the interval, written as on paper: ``"[0, 1)"``; nan is in none of them."""
    if isinstance(x, bool | str) or not hasattr(x, "__float__"):
        raise TypeError(f"{name} must be a number, got {quoted(x)} ({type(x).__name__})")
    try:
        number = float(x)
    except OverflowError:  # an int that is larger than every float
        number = math.inf
    low, high = (float(end) for end in interval[1:-1].split(","))
    above = number >= low if interval[0] == "[" else number > low
    below = number <= high if interval[-1] == "]" else number < high
    if not (above and below and math.isfinite(number)):
        raise ValueError(f"{name} must be in {interval}, got {shown(x)}")
    return number
