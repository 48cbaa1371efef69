"""A wrong claim, and what would explain it: a mistake with its consequence, at every point."""

from __future__ import annotations

import math
from collections import ChainMap
from dataclasses import dataclass

from .links import chain, links, named_nodes
from .sentences import Writer
from .written import EXACT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from ..value import Value
    from .book import Book
    from .changes import Change, Sentence
    from .claim import Claim
    from .links import Link
    from .point import Point

    Expected: TypeAlias = Callable[[Point], Sequence[float]]

MOST_WORK = 3_000_000  # links that are gone through in search of a mistake, a few seconds; beyond these it is left
CLEARLY = 10  # times as far from the truth as from what a mistake gives: then the mistake explains it


@dataclass(frozen=True)
class Hypothesis:
    """A mistake, and what the claim would be at a point if it had been made.

    ``mistake`` is its kind, in two words; ``sentence`` what a teaching assistant would say. What is ``usual`` is so
    usual that a number of few digits, which fits other mistakes as well, is enough to name it.
    """

    mistake: str
    sentence: Sentence
    expected: Expected
    usual: bool = False


class Case:
    """A wrong claim, and the points at which it was computed; the first is the one to write numbers of.

    The points ``beside`` tell mistakes apart that give the same numbers where the claim was computed.
    """

    def __init__(self, book: Book, claim: Claim, points: Sequence[Point], beside: Sequence[Point] = ()) -> None:
        self.book, self.claim, self.points, self.beside = book, claim, points, beside
        self.root = book.root
        self.names = named_nodes(self.root, claim.targets)
        self.path = links(self.root, self.names, claim.targets)
        self.writer = Writer(self.names, points[0], claim.targets)
        self.target = book.shown(claim.name) or self.names[claim.targets[0]]
        self.derivative = self.writer.partial(self.names[self.root], self.target)
        self._claimed = [claim.at(point) for point in points]
        self._factors = {point: {link: link.derivative(point) for link in self.path} for point in [*points, *beside]}
        self._noise = [point.rounding() for point in points]
        self.work = 0
        self._probe = self._most_different()
        self._probed = _down_to(claim.targets[self._probe], self.path)

    def truth(self, point: Point) -> list[float]:
        gradients = point.gradients()
        return [gradients[v] for v in self.claim.targets]

    def right_times(self, factor: float) -> Expected:
        """The right derivatives times a number."""
        return lambda point: [factor * x for x in self.truth(point)]

    def right_and(self, off: Expected, point: Point) -> list[float]:
        """The right derivatives, and how far a claim is off."""
        return [x + y for x, y in zip(self.truth(point), off(point), strict=True)]

    def with_changes(self, *made: Change) -> Expected:
        """The claim that follows from a backward pass with these changes."""

        def expected(point: Point) -> list[float]:
            factors = dict(self._factors[point])
            for change in made:
                factors.update(change.factors(point))
            gradients = chain(self.path, factors, self.root)
            return [gradients.get(v, 0.0) for v in self.claim.targets]

        return expected

    def is_given_up(self) -> bool:
        """Whether the graph is too large for all mistakes to be tried."""
        return self.work > MOST_WORK

    def may_follow(self, *made: Change, sign: float = 1.0) -> bool:
        """Whether these changes give one element of the claim, at the first point: most do not, and are done with."""
        if self.claim.written:
            return True
        self.work += len(self._probed) + sum(len(change.links) for change in made)
        point, at = self.points[0], self._probe
        factors = self._factors[point]
        changed = {link: change.wrong(link, point) for change in made for link in change.links if link in self._probed}
        target = self.claim.targets[at]
        wrong = sign * chain(list(self._probed), ChainMap(changed, factors), self.root).get(target, 0.0)
        (values, errors), noise = self._claimed[0], self._noise[0]
        return _is_near(values[at], wrong, errors[at] + noise[target])

    def _most_different(self) -> int:
        """The element that the first point tells most about."""
        (values, _), right = self._claimed[0], self.truth(self.points[0])
        off = [abs(x - y) if math.isfinite(x) else 0.0 for x, y in zip(values, right, strict=True)]
        return off.index(max(off))

    def is_literally_zero(self) -> bool:
        """Whether the claim is 0, and not a sum that cancels out."""
        return all(not any(values) and not any(errors) for values, errors in self._claimed)

    def explains(self, expected: Expected) -> bool:
        """Whether this explains the claim, and the right answer does not.

        It gives the claim's values at every point and in every element, and where the claim is wrong it moves the
        value away from the truth and onto the claim.
        """
        if self.claim.written:
            return self._is_written(expected)
        for point, (values, errors), noise in zip(self.points, self._claimed, self._noise, strict=True):
            elements = zip(values, expected(point), self.truth(point), errors, self.claim.targets, strict=True)
            for x, wrong, right, error, target in elements:
                rounding = error + noise[target]
                left, off = abs(x - wrong), abs(x - right)
                if not _is_near(x, wrong, rounding):
                    return False
                if not _is_near(x, right, rounding) and CLEARLY * left > off:
                    return False
        return True

    def _is_written(self, expected: Expected) -> bool:
        """Whether one writes the wrong numbers as the claim does, and they are at least twice as near as the truth."""
        near = False
        for point, (values, _) in zip(self.points, self._claimed, strict=True):
            wrong = expected(point)
            if not self.claim.is_written_for(point, wrong):
                return False
            triples = zip(values, wrong, self.truth(point), strict=True)
            near = near or any(2 * abs(x - y) <= abs(x - right) > 0 for x, y, right in triples)
        return near

    def tells_apart(self, first: Expected, second: Expected) -> bool:
        """Whether two mistakes differ at any point: else they are two words for one."""
        return any(
            not math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-12)
            for point in [*self.points, *self.beside]
            for x, y in zip(first(point), second(point), strict=True)
        )


def _down_to(target: Value, path: Sequence[Link]) -> dict[Link, None]:
    """The links of a path that lead to this target, in their order."""
    leading = {target}
    found = []
    for link in reversed(path):
        if link.lower in leading:
            leading.add(link.upper)
            found.append(link)
    return dict.fromkeys(reversed(found))


def _is_near(x: float, y: float, rounding: float) -> bool:
    """Whether two numbers are the same, as far as digits tell; nan is none."""
    return abs(x - y) <= max(EXACT * max(abs(x), abs(y)), rounding)
