"""Whether a claim is right: beside autograd and a numerical derivative, at the given point and at others."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..formulas.digits import short, told_apart
from .distributions import Distributions
from .kinks import Kink, kink_at, scale_of
from .report import INCONCLUSIVE, ONLY_HERE, RIGHT, WRONG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formulas.naming import Names
    from ..value import Value
    from .claim import Claim
    from .point import Point


@dataclass(frozen=True)
class Found:
    """A verdict; the ``diagnosis`` of what is no mistake to look for; the ``note`` on what is right.

    ``element`` is the one that shows it, if that is not the one that differs most.
    """

    verdict: str
    diagnosis: str = ""
    mistake: str = ""
    note: str = ""
    element: int | None = None


def verdict(claim: Claim, given: Point, others: Sequence[Point], worst: int, numerical: tuple[float, float]) -> Found:
    """The verdict at the given point and the others; ``worst`` is the element that differs most, beside numerics."""
    here = compared(claim, given)
    there = [compared(claim, point) for point in trusted(claim, others)]
    if here == "same" and not {"same", "different"} & set(there):  # outside of the claim's domain: nearer
        there += [compared(claim, point) for point in trusted(claim, [given.towards(other, 1e-3) for other in others])]
    kink = kink_at(claim.targets[worst], given)
    if kink and "different" not in there:
        return _at_a_kink(claim, given, here, there, kink)
    doubt = "" if kink else _doubt(claim, given, worst, numerical)
    if "different" in there and (here != "same" or doubt or kink):
        return Found(WRONG)
    if doubt:
        return Found(INCONCLUSIVE, doubt)
    if here == "different" or (here == "undefined" and set(there) <= {"undefined"}):
        return Found(WRONG)
    if here == "undefined":
        yours = short(claim.at(given)[0][worst])
        return Found(INCONCLUSIVE, f"Yours is {yours} here: choose a point where it is finite.")
    if not claim.everywhere:
        rounding = "Rounding leaves no digits to compare here."
        return Found(RIGHT, note=_digits(claim, given, others)) if here == "same" else Found(INCONCLUSIVE, rounding)
    if "different" in there:
        twins = [point.twin for point in trusted(claim, others) if point.twin]
        if "same" in (found := {compared(claim, twin) for twin in twins}) and "different" not in found:
            return Found(RIGHT, note=f"right where {Distributions(given).said()}")
        return Found(ONLY_HERE)
    return _right_everywhere(here, there, bool(others))


def _right_everywhere(here: str, there: Sequence[str], compared_elsewhere: bool) -> Found:
    if "same" in there:
        return Found(RIGHT)
    if here == "same" and not compared_elsewhere:
        return Found(RIGHT, note="right at this point, the only one at which it was compared")
    sentence = "Right here as far as digits go, but there is no other point at which it could be compared."
    return Found(INCONCLUSIVE, sentence)


def _at_a_kink(claim: Claim, given: Point, here: str, there: Sequence[str], kink: Kink) -> Found:
    """At a kink each value between the derivatives from the left and from the right is right, by convention."""
    if here == "different" and (outside := _outside(claim, given)) is not None:
        there_too = kink_at(claim.targets[outside], given)
        yours = short(claim.at(given)[0][outside] * claim.scale)
        sentence = f"{_kink(claim, there_too)}; yours, {yours}, is not between them." if there_too else ""
        return Found(WRONG, sentence, "kink" if there_too else "", element=outside)
    said = _kink(claim, kink)
    if here in ("same", "different") and (not claim.everywhere or "same" in there or not there):
        return Found(RIGHT, note=f"right by convention: {said}")
    return Found(INCONCLUSIVE, f"{said}.")


def _kink(claim: Claim, kink: Kink) -> str:
    return f"{claim.root_name} has a kink here: {kink.said}"


def _outside(claim: Claim, given: Point) -> int | None:
    """The first element that is neither autograd's nor, at a kink, between the derivatives from both sides."""
    elements = zip(claim.at(given)[0], claim.agrees(given), claim.targets, strict=True)
    for at, (x, agreed, node) in enumerate(elements):
        if agreed is None and not ((kink := kink_at(node, given)) and kink.has(x)):
            return at
    return None


def _digits(claim: Claim, given: Point, others: Sequence[Point]) -> str:
    """What a right claim of numbers is right to: the digits that it has; this point, if it holds at no other."""
    agreed = [how for how in claim.agrees(given) if how]
    digits = min(agreed, key=lambda how: int(how.split()[1]), default="")
    everywhere = len(others) > 0 and all(None not in claim.agrees(point) for point in others)
    return ", ".join(filter(None, [*["right at this point"][everywhere:], digits])) or ""


def trusted(claim: Claim, others: Sequence[Point]) -> list[Point]:
    """The points beside the given one at which the claim is to hold, and numerics confirm autograd."""
    return [point for point in others if claim.everywhere and numerics_agree(point, claim)]


def compared(claim: Claim, point: Point) -> str:
    """The claim beside autograd at one point: "same", "different", "unknown" (rounding), "undefined" (no number)."""
    gradients, noise = point.gradients(), point.rounding()
    values, errors = claim.at(point)
    found = set()
    for x, error, target, agreed in zip(values, errors, claim.targets, claim.agrees(point), strict=True):
        right = gradients[target]
        if not (math.isfinite(x) and math.isfinite(right)):
            return "undefined"
        if agreed is not None:
            found.add("same")
        else:
            found.add("unknown" if abs(x - right) <= error + noise[target] else "different")
    return next(word for word in ("different", "same", "unknown") if word in found)


def witnessed(claim: Claim, point: Point, element: int | None = None) -> tuple[int, float, float]:
    """The element that differs most from autograd, or this one; and its numerical derivative with its error."""
    worst = _worst(claim, point) if element is None else element
    node = claim.targets[worst]
    scale = scale_of(point, node)
    value, error = point.slope({node: scale})
    return worst, value / scale, error / scale


def _worst(claim: Claim, point: Point) -> int:
    """The element that differs most from autograd; of numbers that agree to the digits they have, none does."""
    gradients = point.gradients()
    off = [
        (
            agreed is None,
            abs(x - gradients[v]) / (max(abs(x), abs(gradients[v])) or 1.0) if math.isfinite(x) else math.inf,
        )
        for x, v, agreed in zip(claim.at(point)[0], claim.targets, claim.agrees(point), strict=True)
    ]
    return off.index(max(off)) if not any(math.isnan(x) for _, x in off) else 0


def numerics_agree(point: Point, claim: Claim) -> bool:
    """Whether numerics confirm autograd here, along one direction through all elements of the claim."""
    direction = {v: scale_of(point, v) * (1 + 0.37 * at % 1) for at, v in enumerate(claim.targets)}
    value, error = point.slope(direction)
    gradients = point.gradients()
    exact = sum(speed * gradients[v] for v, speed in direction.items())
    size = sum(abs(speed * gradients[v]) for v, speed in direction.items())
    return abs(value - exact) <= 10 * error + 1e-6 * size


def kinks(claim: Claim, point: Point) -> bool:
    """Whether there is a kink where the claim differs most from autograd."""
    return kink_at(claim.targets[_worst(claim, point)], point) is not None


def _doubt(claim: Claim, given: Point, worst: int, numerical: tuple[float, float]) -> str:
    """Why nothing can be said at the given point; "" if something can."""
    gradient = given.gradients()[claim.targets[worst]]
    value, error = numerical
    if not math.isfinite(given.data[given.root]) or not math.isfinite(gradient):
        return (
            f"Here {claim.root_name} is {short(given.data[given.root])} and autograd's derivative "
            f"{short(gradient)}: choose a point where both are finite."
        )
    if math.isfinite(value) and abs(value - gradient) > 10 * error + 1e-6 * max(abs(value), abs(gradient)):
        exact, numeric = told_apart(gradient, value)
        return (
            f"Autograd ({exact}) and the numerical derivative ({numeric} ± {error:.1g}) disagree: "
            "do not trust this point, or the rule of an operation is wrong (see gradcheck)."
        )
    if not claim.everywhere and not _has_slope(claim.targets[worst], given):
        return f"There is no numerical derivative here to hold a number against: {claim.root_name} has gaps around it."
    return ""


def _has_slope(node: Value, point: Point) -> bool:
    """Whether there is a numerical derivative, from one side at least; an index has none."""
    scale = scale_of(point, node)
    return any(math.isfinite(point.slope({node: scale}, side)[0]) for side in (0, -1, 1))


def coincidence(claim: Claim, given: Point, others: Sequence[Point], names: Names) -> str:
    """The sentence on a claim that is right at this point only: because of some leaves' values, or by chance."""
    kept = []
    for leaves in _moving_together(given):
        if "different" not in {compared(claim, point.moved(leaves)) for point in others}:
            kept += [f"{names[leaf]} = {short(x)}" for leaf, x in leaves.items()]
    if kept:
        return f"Right only because {' and '.join(kept)}; the formula must hold for every value."
    other = next(point for point in others if compared(claim, point) == "different")
    worst = _worst(claim, other)
    yours, right = told_apart(claim.at(other)[0][worst], other.gradients()[claim.targets[worst]])
    return (
        f"Right only by a coincidence of the numbers. At another point ({place(other, names)}) "
        f"it is {yours}, right is {right}."
    )


def place(point: Point, names: Names) -> str:
    """A point, told by its labelled leaves."""
    leaves = [f"{names[leaf]} = {short(x)}" for leaf, x in _labelled_leaves(point)]
    return ", ".join(leaves[:6]) + ("…" if len(leaves) > 6 else "")


def _moving_together(given: Point) -> list[dict[Value, float]]:
    """The labelled leaves, each by itself or with those of its distribution."""
    leaves = dict(_labelled_leaves(given))
    groups = [list(group) for group in Distributions(given).groups if leaves.keys() >= set(group)]
    alone = leaves.keys() - {leaf for group in groups for leaf in group}
    return [{leaf: leaves[leaf] for leaf in group} for group in [*([v] for v in leaves if v in alone), *groups]]


def _labelled_leaves(point: Point) -> list[tuple[Value, float]]:
    return [(node, x) for node, x in point.data.items() if node.op is None and node.label]
