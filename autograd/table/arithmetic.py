"""The two arithmetics that the table's formulas are computed in: Python floats, and NumPy rows of m examples.

Scalars follow IEEE 754 where Python would raise: 1/0 is inf, log(-1) is nan, exp(710) is inf.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]
    """Of floats, of truth values, or of places."""

inf, nan = math.inf, math.nan


def div(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0 or math.isnan(a) else math.copysign(inf, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0 and b % 2 == 1 else inf
    except ValueError:  # a negative base with a broken exponent, or 0 to a negative one
        return nan if a != 0 else math.copysign(inf, a) if b % 2 == 1 else inf


def mod(a: float, b: float) -> float:
    """The remainder with the sign of the divisor, as Python and NumPy have it."""
    try:
        return a % b
    except ZeroDivisionError:
        return nan


def _inf_beyond(f: Callable[[float], float]) -> Callable[[float], float]:
    """``f``, with inf where Python's ``math`` raises: ``exp(710)``."""

    def safe(x: float) -> float:
        try:
            return f(x)
        except OverflowError:
            return inf

    return safe


def sinh(x: float) -> float:
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(inf, x)


def _logarithm(f: Callable[[float], float]) -> Callable[[float], float]:
    """``f``, with -inf at 0 and nan below."""

    def safe(x: float) -> float:
        try:
            return f(x)
        except ValueError:
            return -inf if x == 0 else nan

    return safe


def log1p(x: float) -> float:
    try:
        return math.log1p(x)
    except ValueError:
        return -inf if x == -1 else nan


def atanh(x: float) -> float:
    try:
        return math.atanh(x)
    except ValueError:
        return math.copysign(inf, x) if abs(x) == 1 else nan


def floor(x: float) -> float:
    return float(math.floor(x)) if math.isfinite(x) and x else x


def rounded(x: float) -> float:
    """The nearest whole number, of two the even one; 0 keeps the sign of x."""
    return math.copysign(round(x), x) if abs(x) < 2**52 else x


def _nan_outside(f: Callable[[float], float]) -> Callable[[float], float]:
    """``f``, with nan where Python's ``math`` raises: ``sqrt(-1)``, ``sin(inf)``."""

    def safe(x: float) -> float:
        try:
            return f(x)
        except ValueError:
            return nan

    return safe


def sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else x + 0.0 if x == 0 else nan


def exact_sum(xs: Sequence[float]) -> float:
    """The sum, correctly rounded (Shewchuk; ``math.fsum``), with IEEE's rules for inf and nan."""
    try:
        return math.fsum(xs)
    except (OverflowError, ValueError):
        result = 0.0
        for x in xs:
            result += x
        return result


def mean(xs: Sequence[float]) -> float:
    return exact_sum(xs) / len(xs)


def prod(xs: Sequence[float]) -> float:
    return math.prod(xs, start=1.0)


def products_of_others(xs: Sequence[float]) -> list[float]:
    """For each element the product of all others: what came before it times what comes after, 0 or not."""
    before, after = ([*accumulate(some, mul, initial=1.0)] for some in (xs[:-1], xs[:0:-1]))
    return [a * b for a, b in zip(before, reversed(after), strict=True)]


def largest(xs: Sequence[float]) -> float:
    """The largest, or nan if one of them is nan (Python's ``max`` depends on their order)."""
    return nan if any(map(math.isnan, xs)) else max(xs)


def pick(xs: Sequence[float], k: float) -> float:
    """``xs[k]``, for an index that went through the graph as a float; IndexError if it is not one of 0 … n − 1."""
    if 0 <= k < len(xs) and (at := int(k)) == k:
        return xs[at]
    raise IndexError(f"the index must be a whole number from 0 to {len(xs) - 1}, got {k:g}")


EVERYWHERE: dict[str, object] = {"inf": inf, "nan": nan, "pi": math.pi, "len": len, "range": range, "zip": zip}

SCALARS = EVERYWHERE | {
    "abs": abs,
    "acos": _nan_outside(math.acos),
    "acosh": _nan_outside(math.acosh),
    "asin": _nan_outside(math.asin),
    "asinh": math.asinh,
    "atan": math.atan,
    "atan2": math.atan2,
    "atanh": atanh,
    "cbrt": math.cbrt,
    "cos": _nan_outside(math.cos),
    "cosh": _inf_beyond(math.cosh),
    "div": div,
    "erf": math.erf,
    "erfc": math.erfc,
    "exp": _inf_beyond(math.exp),
    "exp2": _inf_beyond(math.exp2),
    "expm1": _inf_beyond(math.expm1),
    "floor": floor,
    "hypot": math.hypot,
    "isfinite": math.isfinite,
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
    "log1p": log1p,
    "log2": _logarithm(math.log2),
    "max": largest,
    "mean": mean,
    "mod": mod,
    "pick": pick,
    "power": power,
    "prod": prod,
    "products_of_others": products_of_others,
    "round": rounded,
    "sign": sign,
    "sin": _nan_outside(math.sin),
    "sinh": sinh,
    "sqrt": _nan_outside(math.sqrt),
    "sum": exact_sum,
    "tan": _nan_outside(math.tan),
    "tanh": math.tanh,
}


def _of_lists() -> dict[str, object]:
    """What NumPy has no function for, of lists as arrays (n, k, T)."""
    import numpy as np

    @lru_cache(maxsize=8)
    def numbered(nodes: int, examples: int) -> Array:
        return np.arange(nodes * examples).reshape(nodes, examples)

    def elements(xs: Array, at: Array) -> tuple[Array, Array | tuple[Array, ...]]:
        """The array in which the element ``at`` of each list stands, and its index there; flat ones are quicker."""
        _, nodes, examples = xs.shape
        if xs.flags.c_contiguous:
            return xs.reshape(-1), at * (nodes * examples) + numbered(nodes, examples)
        return xs, (at, np.arange(nodes)[:, None], np.arange(examples))

    def pick(xs: Array, k: Array | float) -> Array:
        k = np.asarray(k)  # a number where a row's formula says which element
        at = k.astype(np.intp)
        if (at != abs(k)).any() or at.max() >= len(xs):
            wrong = k[(at != k) | (at < 0) | (at >= len(xs))]
            raise IndexError(f"the index must be a whole number from 0 to {len(xs) - 1}, got {wrong[0]:g}")
        array, index = elements(xs, at)
        picked: Array = array[index]
        return picked

    def put(out: Array, k: Array, x: Array) -> None:
        array, index = elements(out, k.astype(np.intp))
        array.fill(0.0)
        array[index] = x

    def add_to(out: Array, k: Array, x: Array) -> None:
        array, index = elements(out, k.astype(np.intp))
        array[index] += x

    def products_of_others(xs: Array) -> Array:
        before, after = np.ones_like(xs), np.ones_like(xs)
        np.cumprod(xs[:-1], axis=0, out=before[1:])
        np.cumprod(xs[:0:-1], axis=0, out=after[-2::-1])
        return before * after

    return {"pick": pick, "products_of_others": products_of_others, "put": put, "add_to": add_to}


def nothing(g: Array) -> Array:
    """Where −0.0 stands, which says that nothing flows: see ``arrays.exact_pullback``."""
    import numpy as np

    negative_zero: Array = (g == 0) & np.signbit(g)
    return negative_zero


def arrays() -> dict[str, object]:
    """The arithmetic of arrays: the same names; a list of n numbers is an array (n, ...)."""
    import numpy as np

    return (
        EVERYWHERE
        | {name: getattr(np, name) for name in SCALARS.keys() & set(dir(np))}
        | _of_lists()
        | {
            "acos": np.arccos,  # NumPy has had the names of the standard since 2.0
            "acosh": np.arccosh,
            "asin": np.arcsin,
            "asinh": np.arcsinh,
            "atan": np.arctan,
            "atan2": np.arctan2,
            "atanh": np.arctanh,
            "erf": np.vectorize(math.erf, otypes=[float]),
            "erfc": np.vectorize(math.erfc, otypes=[float]),
            "indices": lambda n: np.arange(float(n)).reshape(-1, 1, 1),
            "max": lambda xs: xs.max(axis=0),
            "mean": lambda xs: xs.mean(axis=0),
            "prod": lambda xs: xs.prod(axis=0),
            "round": np.rint,
            "sum": lambda xs: xs.sum(axis=0),
            "where": np.where,
        }
    )
