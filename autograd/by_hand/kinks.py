"""Kinks: where the derivative from the left is another than that from the right, as of |x| at 0."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..formulas.digits import short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..value import Value
    from .point import Point


@dataclass(frozen=True)
class Kink:
    """The derivatives from the left and from the right, and what autograd takes by convention."""

    left: float
    right: float
    autograd: float
    error: float

    @property
    def said(self) -> str:
        """Both of them, and the convention, in words."""
        return (
            f"the derivative is {short(self.left)} from the left and {short(self.right)} from the right; "
            f"autograd takes {short(self.autograd)} by convention"
        )

    def has(self, x: float) -> bool:
        """Whether a value is one of both, or between them."""
        return min(self.left, self.right) - self.error <= x <= max(self.left, self.right) + self.error


def kink_at(node: Value, point: Point) -> Kink | None:
    """The kink of the root as this node moves; None if there is none, or no number."""
    gradient = point.gradients()[node]
    if not math.isfinite(point.data[point.root]) or not math.isfinite(gradient):
        return None
    scale = scale_of(point, node)
    left, right = (point.slope({node: scale}, side) for side in (-1, 1))
    gap = abs(left[0] - right[0])
    noise = left[1] + right[1]
    if gap > 10 * noise + 1e-5 * max(abs(left[0]), abs(right[0])):
        return Kink(left[0] / scale, right[0] / scale, gradient, (10 * noise + 1e-8 * gap) / scale)
    return None


def scale_of(point: Point, node: Value) -> float:
    """How far to move a node: in proportion to its value, but not by nothing."""
    size = abs(point.data[node])
    return max(size, 0.1) if math.isfinite(size) else 1.0
