"""A graph at several points: at its own values, and at random ones.

A ``Point`` computes the graph for one valuation of its leaves beside the graph: the Values, their ``data`` and
their ``grad``, are only read.
"""

from __future__ import annotations

import math
import random
import re
import sys
from copy import copy
from functools import cache
from itertools import islice
from types import MappingProxyType

from .. import graph
from ..table.ops import OPS
from ..value import Value
from .distributions import Distributions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from ..table.op import Op

    Local = tuple[float | None, ...]

_COMPARISON = re.compile(r"(\w+) ([<>]=?|[!=]=) (\w+)")
EPSILON = sys.float_info.epsilon
MOST_WORK = 40_000  # nodes that are computed to see the other side of a kink, at more than 4 points


class Point:
    """The graph of ``order`` (topological), where its leaves have these values.

    ``root``   what is derived: the last of them, if not said otherwise; others may be there that it does not depend on
    ``data``   the value of each node
    ``local``  the local derivatives of each result, ``None`` where nothing flows
    """

    def __init__(self, order: Sequence[Value], leaves: Mapping[Value, float], root: Value | None = None) -> None:
        self.order, self.root = order, order[-1] if root is None else root
        self.twin: Point | None = None  # the same point, but labels of 0 and 1 are 0 or 1 (``distributions.py``)
        self.data: dict[Value, float] = {}
        self.local: dict[Value, Local] = {}
        self._gradients: dict[Value, dict[Value, float]] = {}
        self._rounding: dict[Value, float] = {}
        self._slopes: dict[object, tuple[float, float]] = {}  # each takes some twenty forward passes
        for node in order:
            if node.op is None:
                self.data[node] = leaves[node]
            else:
                self.data[node], partials = node.op.forward(inputs(node, self.data))
                operands = graph.stored(node)
                self.local[node] = tuple(d if v in self.data else None for v, d in zip(operands, partials, strict=True))

    def leaves(self) -> dict[Value, float]:
        """The values of the leaves."""
        return {node: x for node, x in self.data.items() if node.op is None}

    def moved(self, leaves: Mapping[Value, float]) -> Point:
        """The same graph where these leaves have other values."""
        return Point(self.order, {**self.leaves(), **leaves}, self.root)

    def towards(self, other: Point, part: float) -> Point:
        """A point between this and another one: the other is at 1, this at 0."""
        there = other.leaves()
        return self.moved({leaf: x + part * (there[leaf] - x) for leaf, x in self.leaves().items() if there[leaf] != x})

    def gradients(self, of: Value | None = None) -> dict[Value, float]:
        """d of/d node for every node of the graph; 0 where nothing flows. Of the root, if not said otherwise."""
        root = self.root if of is None else of
        if root not in self._gradients:
            self._gradients[root] = self._backward(root, magnitudes=False)
        return self._gradients[root]

    def is_finite(self) -> bool:
        """Whether the root and all gradients are numbers."""
        return math.isfinite(self.data[self.root]) and all(map(math.isfinite, self.gradients().values()))

    def rounding(self) -> dict[Value, float]:
        """How far rounding may have moved each gradient: in proportion to its paths, without their signs."""
        if not self._rounding:
            sizes = self._backward(self.root, magnitudes=True)
            self._rounding = {node: 64 * EPSILON * size for node, size in sizes.items()}
        return self._rounding

    def assuming(self, known: Mapping[Value, float]) -> Point:
        """The same point where the way back finds these gradients, right or wrong, and goes on with them."""
        other = copy(self)
        other._gradients = {self.root: self._backward(self.root, magnitudes=False, known=known)}
        return other

    def _backward(
        self, root: Value, magnitudes: bool, known: Mapping[Value, float] = MappingProxyType({})
    ) -> dict[Value, float]:
        gradients = dict.fromkeys(self.order, 0.0)
        gradients[root] = 1.0
        reached = {root}
        for node in reversed(self.order):
            gradients[node] = known.get(node, gradients[node])
            if node not in reached or node.op is None:
                continue
            for operand, local in zip(graph.stored(node), self.local[node], strict=True):
                if local is not None:
                    gradients[operand] += (abs(local) if magnitudes else local) * gradients[node]
                    reached.add(operand)
        return gradients

    def slope(self, direction: Mapping[Value, float], side: int = 0) -> tuple[float, float]:
        """The numerical derivative of the root as these nodes, cut loose, move at these speeds; and its error.

        ``side`` is 1 for the derivative from the right, -1 from the left.
        """
        key = (*direction.items(), side)
        if key not in self._slopes:
            self._slopes[key] = self._slope(direction, side)
        return self._slopes[key]

    def _slope(self, direction: Mapping[Value, float], side: int) -> tuple[float, float]:
        from ..derivatives.numeric import derivative

        moved = self._depending_on(direction)

        def f(t: float) -> float:
            now = {node: self.data[node] + t * speed for node, speed in direction.items()}
            for node in moved:
                assert node.op is not None
                try:
                    now[node] = node.op.forward(inputs(node, self.data, now))[0]
                except IndexError:  # between two places of a list
                    return math.nan
            return now.get(self.root, self.data[self.root])

        value, error = derivative(f, 0.0, side)
        return value, error + 1e3 * self._noise()  # f may have lost digits inside that its value does not show

    def _noise(self) -> float:
        """How far rounding may have moved the root's value (running error analysis: Wilkinson)."""
        noise: dict[Value, float] = {}
        for node in self.order:
            noise[node] = EPSILON * abs(self.data[node])
            for operand, local in zip(graph.stored(node), self.local.get(node, ()), strict=True):
                if local is not None:
                    noise[node] += abs(local) * noise[operand]
        return noise[self.root] if math.isfinite(noise[self.root]) else 0.0

    def _depending_on(self, nodes: Iterable[Value]) -> list[Value]:
        """The nodes that change with these, in order."""
        changing = set(nodes)
        moved = []
        for node in self.order:
            if node not in changing and not changing.isdisjoint(graph.operands(node)):
                changing.add(node)
                moved.append(node)
        return moved


def inputs(
    node: Value, known: Mapping[Value, float], moved: Mapping[Value, float] = MappingProxyType({})
) -> list[float]:
    """The numbers of a node's inputs; those that are moved come first, and what is not known either is a constant."""
    return [
        moved[v] if v in moved else known[v] if v in known else v.data if isinstance(v, Value) else v
        for v in graph.stored(node)
    ]


def given_point(root: Value, also: Iterable[Value] = ()) -> Point:
    """The graph, and nodes that the root does not depend on, at the values that the leaves have now."""
    order = graph.topological(root)
    found = set(order)
    for node in also:
        if node not in found:
            new = [v for v in graph.topological(node) if v not in found]
            order += new
            found.update(new)
    return Point(order, {node: node.data for node in order if node.op is None}, root)


def random_points(given: Point, seed: int, fixed: Container[Value] = ()) -> Iterator[Point]:
    """The graph at random values of its leaves but the fixed ones, without end; where root and gradients are finite.

    The draws go far (to forget the given point), stay near it (to keep to the domain of a log), or keep its
    signs. Leaves that an index is made of stay as they are, and so do those that the root does not depend on; weights
    that add up to 1 still do so (``distributions.py``). After fifty draws in a row outside of the domain the next ones
    are nearer to the given point; it ends where even those beside it are outside.
    """
    rng, of_data = random.Random(seed), random.Random(seed)
    draws = (
        lambda _: rng.choice([-1, 1]) * rng.uniform(0.2, 2.0),
        lambda x: x + rng.gauss(0, 0.5) * max(abs(x), 0.5),
        lambda x: x * rng.uniform(0.5, 1.5) + rng.uniform(-0.1, 0.1),
        lambda _: rng.uniform(0.1, 0.9),
    )
    order = graph.topological(given.root)
    indices = [graph.stored(node)[-1] for node in order if node.op is OPS["take"]]
    held = {leaf for index in indices if isinstance(index, Value) for leaf in graph.leaves(index)}
    free = [leaf for leaf in order if leaf.op is None and leaf not in fixed and leaf not in held]
    distributions = Distributions(given)
    failures = number = 0
    nearness = 1.0
    while nearness > 1e-6:
        draw = draws[number % len(draws)]
        number += 1
        leaves = {leaf: draw(x if math.isfinite(x := given.data[leaf]) else 0.0) for leaf in free}
        leaves |= {leaf: x for leaf, x in distributions.draw(of_data).items() if leaf in leaves}
        point = given.moved(leaves)
        if nearness < 1:
            point = given.towards(point, nearness)
        if point.is_finite():
            failures = 0
            labels = {leaf: x for leaf, x in distributions.draw_labels(of_data).items() if leaf in leaves}
            point.twin = point.moved(labels) if labels else None
            yield point
        else:
            failures += 1
            if failures == 50:
                failures, nearness = 0, nearness / 10


def some_points(given: Point, seed: int, fixed: Container[Value], count: int) -> list[Point]:
    """So many of the random points; and a few more if they, and the given one, lie on one side of a kink only.

    At a relu of which only one side is seen a formula that forgets the other side would be right.
    """
    candidates = random_points(given, seed, fixed)
    chosen = list(islice(candidates, count))
    choices = [node for node in given.order if node.op is not None and (_choice(node.op) or node.op.name == "amax")]
    seen = {node: {_side(node, point) for point in (given, *chosen)} for node in choices}
    further = islice(candidates, min(40, max(4, MOST_WORK // len(given.order))) if count else 0)
    while (one_sided := [node for node in choices if len(seen[node]) == 1]) and (point := next(further, None)):
        sides = {node: _side(node, point) for node in one_sided}
        if any(side not in seen[node] for node, side in sides.items()):
            chosen.append(point)
            for node, side in sides.items():
                seen[node].add(side)
    return chosen


@cache
def _choice(op: Op) -> list[tuple[str, str, str]]:
    """The comparisons that decide on which piece of an operation one is: of relu ``x <= 0``."""
    if op.name in ("abs", "sign"):
        return [("x", "<=", "0")]
    return [(u, sign, v) for u, sign, v in _COMPARISON.findall(op.value)]


def _side(node: Value, point: Point) -> tuple[object, ...]:
    """On which piece of its operation a node is."""
    assert node.op is not None
    x = inputs(node, point.data)
    if node.op.n_lists:
        return (x.index(max(x)),)
    known = dict(zip(node.op.inputs, x, strict=True))
    pairs = [(sign, known.get(u, 0.0), known.get(v, 0.0)) for u, sign, v in _choice(node.op)]
    return tuple(u != v if sign in ("==", "!=") else u > v for sign, u, v in pairs)
