"""The derivative of a function by differences alone: a number, and how far to trust it.

The engine's derivatives come from the table; what is here knows nothing of it, and so can be a witness.
"""

from __future__ import annotations

import math
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEVELS = 19  # steps: from a quarter of the scale of x down to some millionths of it
SHRINK = 1.77  # from step to step; not 2, so that what looks smooth at one step by chance does not at the next ones
ORDERS = 6  # beyond these, extrapolating gains less than it amplifies
FIRST_STEP = 0.2371  # of the scale; no round number, as the periods of functions are


def derivative(f: Callable[[float], float], x: float, side: int = 0) -> tuple[float, float]:
    """``(df/dx at x, its estimated error)`` for a function of floats; ``side`` -1 from the left, 1 from the right.

    Difference quotients for ever smaller steps, extrapolated to step 0 (Richardson), and of all extrapolations the one
    with the least error (Ridders, Advances in Engineering Software 4 (1982), 75): the disagreement with its
    neighbours in the table, and what rounding x and f to 53 bits makes of the quotient. Steps that lead to inf or nan
    count for nothing; where no others are left (f is not defined at x, around it, or on this side) the answer is
    ``(nan, inf)``. At a kink the central derivative is some number between the one-sided ones, with an error
    that may be small: ask for both sides.

    >>> value, error = derivative(math.exp, 0.0)
    >>> abs(value - 1) < error < 1e-12
    True
    >>> derivative(abs, 0.0, side=-1)[0]
    -1.0
    """
    best = math.nan, math.inf
    scales = {1.0, abs(x)} if x and not 0.1 < abs(x) < 10 else {abs(x) or 1.0}
    for scale in sorted(scales):
        for value, error in _extrapolations(f, x, FIRST_STEP * scale, side):
            if error < best[1]:
                best = value, error
    return best


def _extrapolations(f: Callable[[float], float], x: float, step: float, side: int) -> Iterator[tuple[float, float]]:
    """The entries of Neville's table, each with its error, for the steps ``step``, ``step/SHRINK``, ..."""
    ratio = SHRINK if side else SHRINK**2  # by which the leading error falls: a one-sided one is linear in the step
    above: list[float] = []
    f_x = f(x)
    for level in range(LEVELS):
        h = step / SHRINK**level
        low, high = (x if side > 0 else x - h), (x if side < 0 else x + h)
        f_low, f_high = f(low), f(high)
        values = f_low, f_x, f_high
        if low == high or not all(map(math.isfinite, values)):
            above = []
            continue
        noise = 4 * sys.float_info.epsilon * (max(map(abs, values)) + abs(x) * (max(values) - min(values)) / h)
        row = [(f_high - f_low) / (high - low)]
        for order in range(1, min(len(above), ORDERS) + 1):
            row.append(row[-1] + (row[-1] - above[order - 1]) / (ratio**order - 1))
        for order in range(2, min(len(row), len(above))):
            neighbours = row[order - 1], above[order - 1], above[order]
            error = max(abs(row[order] - value) for value in neighbours) + noise / (high - low)
            if math.isfinite(error):
                yield row[order], error
        above = row
