"""Whether a claim is right: beside autograd and a numerical derivative, at the given point and at others."""

from __future__ import annotations

import math

from ..formulas.digits import short
from .point import Point
from .report import INCONCLUSIVE, ONLY_HERE, RIGHT, WRONG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formulas.naming import Names
    from ..value import Value
    from .claim import Claim


def verdict(
    claim: Claim, given: Point, here: str, there: list[str], worst: int, numerical: tuple[float, float]
) -> tuple[str, str]:
    """The verdict, and for an inconclusive one why."""
    doubt = _doubt(claim, given, worst, numerical)
    if "different" in there and (here != "same" or doubt):
        return WRONG, ""
    if doubt:
        return INCONCLUSIVE, doubt
    if here == "different" or (here == "undefined" and set(there) <= {"undefined"}):
        return WRONG, ""
    if here == "undefined":
        return INCONCLUSIVE, f"Yours is {short(claim.at(given)[0][worst])} here: choose a point where it is finite."
    if not claim.everywhere:
        return (RIGHT, "") if here == "same" else (INCONCLUSIVE, "Rounding leaves no digits to compare here.")
    if "different" in there:
        return ONLY_HERE, ""
    if there.count("same") >= 2:
        return RIGHT, ""
    return INCONCLUSIVE, "Right here as far as digits go, but there is no other point at which it could be compared."


def compared(claim: Claim, point: Point) -> str:
    """The claim beside autograd at one point: "same", "different", "unknown" (rounding), "undefined" (no number)."""
    gradients, noise = point.gradients(), point.rounding()
    values, errors = claim.at(point)
    found = set()
    for x, error, target, tolerance in zip(values, errors, claim.targets, claim.tolerance, strict=True):
        right = gradients[target]
        if not (math.isfinite(x) and math.isfinite(right)):
            return "undefined"
        if abs(x - right) <= tolerance * max(abs(x), abs(right)):
            found.add("same")
        else:
            found.add("unknown" if abs(x - right) <= error + noise[target] else "different")
    return next(word for word in ("different", "same", "unknown") if word in found)


def witnessed(claim: Claim, point: Point) -> tuple[int, float, float]:
    """The element that differs most from autograd, and its numerical derivative with its error."""
    gradients = point.gradients()
    off = [
        abs(x - gradients[v]) / (max(abs(x), abs(gradients[v])) or 1.0) if math.isfinite(x) else math.inf
        for x, v in zip(claim.at(point)[0], claim.targets, strict=True)
    ]
    worst = off.index(max(off)) if not any(map(math.isnan, off)) else 0
    node = claim.targets[worst]
    scale = _scale(point, node)
    value, error = point.slope({node: scale})
    return worst, value / scale, error / scale


def _scale(point: Point, node: Value) -> float:
    """How far to move a node: in proportion to its value, but not by nothing."""
    size = abs(point.data[node])
    return max(size, 0.1) if math.isfinite(size) else 1.0


def numerics_agree(point: Point, claim: Claim) -> bool:
    """Whether numerics confirm autograd here, along one direction through all elements of the claim."""
    direction = {v: _scale(point, v) * (1 + 0.37 * at % 1) for at, v in enumerate(claim.targets)}
    value, error = point.slope(direction)
    gradients = point.gradients()
    exact = sum(speed * gradients[v] for v, speed in direction.items())
    size = sum(abs(speed * gradients[v]) for v, speed in direction.items())
    return abs(value - exact) <= 10 * error + 1e-6 * size


def _doubt(claim: Claim, given: Point, worst: int, numerical: tuple[float, float]) -> str:
    """Why nothing can be said at the given point; "" if something can."""
    node = claim.targets[worst]
    gradient = given.gradients()[node]
    value, error = numerical
    if not math.isfinite(given.data[given.root]) or not math.isfinite(gradient):
        return (
            f"Here {claim.root_name} is {short(given.data[given.root])} and autograd's derivative "
            f"{short(gradient)}: choose a point where both are finite."
        )
    scale = _scale(given, node)
    left, right = (given.slope({node: scale}, side) for side in (-1, 1))
    gap = abs(left[0] - right[0])
    if gap > 10 * (left[1] + right[1]) + 1e-5 * max(abs(left[0]), abs(right[0])):
        return (
            f"{claim.root_name} has a kink here: the derivative is {short(left[0] / scale)} from the left and "
            f"{short(right[0] / scale)} from the right; autograd takes {short(gradient)} by convention."
        )
    if math.isfinite(value) and abs(value - gradient) > 10 * error + 1e-6 * max(abs(value), abs(gradient)):
        return (
            f"Autograd ({short(gradient)}) and the numerical derivative ({short(value)} ± {error:.1g}) disagree: "
            "do not trust this point, or the rule of an operation is wrong (see gradcheck)."
        )
    return ""


def coincidence(claim: Claim, given: Point, others: Sequence[Point], names: Names) -> str:
    """The sentence on a claim that is right at this point only: because of some leaves' values, or by chance."""
    kept = []
    for leaf, x in _labelled_leaves(given):
        moved = [Point(given.order, {v: p.data[v] for v in given.order if v.op is None} | {leaf: x}) for p in others]
        if "different" not in {compared(claim, point) for point in moved}:
            kept.append(f"{names[leaf]} = {short(x)}")
    if kept:
        return f"Right only because {' and '.join(kept)}; the formula must hold for every value."
    other = next(point for point in others if compared(claim, point) == "different")
    return (
        f"Right only by a coincidence of the numbers. At another point ({_place(other, names)}) "
        f"it is {short(claim.at(other)[0][0])}, right is {short(other.gradients()[claim.targets[0]])}."
    )


def _place(point: Point, names: Names) -> str:
    leaves = [f"{names[leaf]} = {short(x)}" for leaf, x in _labelled_leaves(point)]
    return ", ".join(leaves[:6]) + ("…" if len(leaves) > 6 else "")


def _labelled_leaves(point: Point) -> list[tuple[Value, float]]:
    return [(node, x) for node, x in point.data.items() if node.op is None and node.label]
