"""Data that is not free: the weights of classes add up to 1, and a label of two classes is 0 or 1.

``dz = p − y`` holds for −Σ_k y_k·log p_k because the y_k of an example add up to 1 (docs/lectures.md, "Losses"). At
random y_k that do not, the line is not wrong; the point is none of the exercise. So leaves that are such weights stay
what they are: one-hot, or a distribution. They are known by their place: they weigh logarithms in one sum, and add up
to 1. What is a number of an input, 0 and 1 in a table of truth, stays free.
"""

from __future__ import annotations

import math

from .. import graph
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from .point import Point

LOGS = {"log", "log2", "log10", "log1p", "log_sigmoid", "log_softmax", "logsumexp", "xlogy"}
_ADDING = {"+", "-", "sum", "neg", "where"}


class Distributions:
    """The leaves of a graph that are no free numbers.

    ``groups``  weights that add up to 1
    ``two``     labels, with the two values that each may have; none if it is a probability
    """

    def __init__(self, point: Point) -> None:
        self.data = point.data
        self.order = [node for node in graph.topological(point.root) if node.op is not None]
        weights = self._weights()
        self.groups: list[Sequence[Value]] = self._groups(weights)
        grouped = {leaf for group in self.groups for leaf in group}
        self.two = {leaf: kind for leaf, kind in self._labels(weights).items() if leaf not in grouped}

    def draw(self, rng: random.Random) -> dict[Value, float]:
        """Other weights for each group: one-hot ones where they are, else positive ones that add up to 1."""
        drawn: dict[Value, float] = {}
        for group in self.groups:
            now = [self.data[leaf] for leaf in group]
            if set(now) == {0.0, 1.0}:
                hot = rng.choice([k for k, x in enumerate(now) if x == 0])
                new = [float(k == hot) for k in range(len(group))]
            else:
                sizes = [rng.uniform(0.1, 1.0) for _ in group]
                new = [x / math.fsum(sizes) for x in sizes]
            drawn.update(zip(group, new, strict=True))
        return drawn

    def draw_labels(self, rng: random.Random) -> dict[Value, float]:
        """Other labels of their kind: of 0 and 1, of −1 and 1, or a probability."""
        drawn = {leaf: rng.choice(kind) if kind else rng.uniform(0.1, 0.9) for leaf, kind in self.two.items()}
        if drawn and all(drawn[leaf] == self.data[leaf] for leaf in drawn):
            leaf = rng.choice(list(drawn))
            drawn[leaf] = next((x for x in self.two[leaf] if x != self.data[leaf]), drawn[leaf])
        return drawn

    def said(self) -> str:
        """What the labels are: "y is 0 or 1"."""
        labels = ", ".join(dict.fromkeys(leaf.label or "a label" for leaf in self.two))
        kinds = {" or ".join(f"{x:g}".replace("-", "−") for x in kind) or "a probability" for kind in self.two.values()}
        return f"{labels} is {', or '.join(sorted(kinds))}"

    # --- how they are found ---------------------------------------------------------------------------------

    def _weights(self) -> dict[Value, tuple[Value, object]]:
        """Each leaf that a logarithm is multiplied by: the product, and what the logarithm shares with its group."""
        found: dict[Value, tuple[Value, object]] = {}
        for node in self.order:
            for weight, factor in _products(node):
                leaf = _unsigned(weight)
                if leaf.op is None and leaf in self.data and (log := _log_in(factor)) is not None:
                    found[leaf] = node, _shared(log)
        return found

    def _groups(self, weights: Mapping[Value, tuple[Value, object]]) -> list[Sequence[Value]]:
        tops = self._tops()
        by_key: dict[object, list[Value]] = {}
        for leaf, (product, shared) in weights.items():
            by_key.setdefault(tops[product] if shared is None else shared, []).append(leaf)
        return [part for group in by_key.values() for part in self._split(group)]

    def _split(self, group: Sequence[Value]) -> list[Sequence[Value]]:
        """The group, or as many parts of equal size as its weights add up to, if those of each part add up to 1."""
        total = math.fsum(self.data[leaf] for leaf in group)
        count = round(total) if math.isfinite(total) else 0
        if count < 1 or len(group) % count or len(group) == count:
            return []
        size = len(group) // count
        parts = [group[at : at + size] for at in range(0, len(group), size)]
        return parts if all(map(self._adds_up, parts)) else []

    def _adds_up(self, group: Sequence[Value]) -> bool:
        numbers = [self.data[leaf] for leaf in group]
        return all(0 <= x <= 1 for x in numbers) and math.isclose(math.fsum(numbers), 1, rel_tol=1e-6)

    def _tops(self) -> dict[Value, Value]:
        """The sum that each node is a term of, at any depth; itself if it is none. A label begins a sum of its own."""
        tops: dict[Value, Value] = {}
        for node in reversed(self.order):
            top = tops.setdefault(node, node)
            for operand in graph.operands(node):
                is_term = _name(node) in _ADDING and not operand.label
                whole = _name(node) == "neg" and _name(operand) in _ADDING  # −(… + …): the loss of an example
                tops[operand] = top if is_term and not whole else operand
        return tops

    def _labels(self, weights: Mapping[Value, object]) -> dict[Value, tuple[float, ...]]:
        """The labels of binary cross-entropies, which weigh one logarithm as y and one as 1 − y; those of hinges."""
        rest: dict[Value, Value] = {}  # 1 − u, and u
        for node in self.order:
            if _name(node) == "-":
                first, second = graph.stored(node)
                if isinstance(second, Value) and getattr(first, "data", first) == 1:
                    rest[node] = second
        found: dict[Value, tuple[float, ...]] = {}
        for node in self.order:
            for weight, factor in _products(node):
                y = rest.get(weight)
                if y is not None and y in weights and _log_in(factor) is not None and 0 <= self.data[y] <= 1:
                    found[y] = (0.0, 1.0) if self.data[y] in (0.0, 1.0) else ()
            if _name(node) in ("relu", "maximum"):
                for u in graph.operands(node):
                    signs = [v for v, _ in _products(rest.get(u)) if v.op is None and self.data.get(v) in (-1, 1)]
                    found.update((leaf, (-1.0, 1.0)) for leaf in signs)
        return found


def _name(node: object) -> str:
    return node.op.name if isinstance(node, Value) and node.op is not None else ""


def _products(node: Value | None) -> Iterator[tuple[Value, object]]:
    """The pairs that a product multiplies, or the terms of a dot product, each Value first."""
    if node is None:
        return
    stored = graph.stored(node)
    half = len(stored) // 2
    if _name(node) == "xlogy" and isinstance(stored[0], Value):
        yield stored[0], node
    elif _name(node) in ("*", "dot"):
        for a, b in zip(stored[:half], stored[half:], strict=True):
            if isinstance(a, Value):
                yield a, b
            if isinstance(b, Value):
                yield b, a


def _unsigned(node: Value) -> Value:
    """What stands behind a minus."""
    return graph.operands(node)[0] if _name(node) == "neg" else node


def _log_in(node: object) -> Value | None:
    """The logarithm that this is, but for a minus, or what is subtracted from it: log(p), −log(p), log(p) − log(q)."""
    while _name(node) in ("neg", "-"):
        assert isinstance(node, Value)
        first, *second = graph.stored(node)
        node = first if _name(first) in LOGS or not second else second[0]
    return node if isinstance(node, Value) and _name(node) in LOGS else None


def _shared(log: Value) -> object:
    """What the logarithms of an example have in common: the list of their softmax, or what they divide by; or None."""
    if _name(log) == "log_softmax":
        return _ids(log)
    if _name(log) == "logsumexp":
        return log
    p = graph.stored(log)[-1]
    if _name(p) == "+":  # log(p + 1e-12)
        p = next((v for v in graph.stored(p) if isinstance(v, Value) and v.op is not None), p)
    if _name(p) == "softmax":
        return _ids(p)
    return _ids(p, 1) if _name(p) == "/" else None


def _ids(node: Value, first: int = 0) -> tuple[object, ...]:
    """What a softmax, or a division, is made of: nodes as such, numbers by their value."""
    stored = graph.stored(node)
    operands = stored[first:] if first else stored[:-1]
    return tuple(id(v) if isinstance(v, Value) else f"{v}" for v in operands)
