"""Random computation graphs, as recipes that any arithmetic can follow.

A recipe is a list of leaf values and a list of steps (operation, operands); an operand is the index of an
earlier node or a constant. Sharing and fan-out come from the choice of operands; the root joins all loose
ends. A step is kept only where it is smooth and tame (no kink near by, no overflow), so that a gradient is
defined and 1e-9 can be asked of it.
"""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograd.table.op import Op
from autograd.table.ops import OPS
from autograd.value import Value
from autograd.value import result as node


def corpus(count: int, start: int = 0) -> range:
    """The seeds of so many graphs, with pytest's option ``--all``; without it, of the first fifth of them."""
    return range(start, start + (count if "ALL_GRAPHS" in os.environ else count // 5))


def blocks(seeds: range, size: int = 50) -> list[range]:
    """The seeds in pieces: a test of each."""
    return [seeds[i : i + size] for i in range(0, len(seeds), size)]


SEEDS = corpus(500)
OF_ALL_ROWS = corpus(100, start=1000)

FIRST = """
    + - * / ** neg abs exp expm1 log log1p sqrt sin cos tan erf tanh sigmoid log_sigmoid softplus relu leaky_relu prelu
    step sign maximum minimum clip where take sum mean dot amax logsumexp softmax log_softmax
"""
"""The rows that the graphs of the published seeds are made of: with one more, each seed would be another graph."""

CHOICES = {"abs", "relu", "leaky_relu", "prelu", "step", "sign", "maximum", "minimum", "clip", "where", "amax"}
"""Rows with kinks or jumps."""

JUMPS = {"floor": lambda x: x[0], "round": lambda x: x[0] + 0.5, "%": lambda x: x[0] / x[1] if x[1] else 0.0}
"""Rows that jump where this is a whole number."""

INDICES = {"k", "index"}
"""Inputs that say which element of a list: whole numbers."""

POSITIVE = {"log", "log1p", "log2", "log10", "sqrt", "**"}
"""Rows that are real only for a first input > 0."""


def in_domain(op: Op, flat: list[float]) -> list[float]:
    """The inputs (of some units' size), moved to where the row is real."""
    first, *rest = flat
    if op.name in POSITIVE:
        first = abs(first)
    elif op.name in ("asin", "acos", "atanh"):
        first /= 3.2
    elif op.name == "acosh":
        first = 1 + abs(first)
    elif op.name == "xlogy":
        rest = [abs(rest[0])]
    return [first, *rest]


@dataclass
class Recipe:
    leaves: list[float]
    steps: list[tuple[Op, list[int | float]]] = field(default_factory=list)

    def follow(self, leaves: list, step, constant=float) -> list:
        """All nodes, the root last: ``step(op, flat operands)`` makes a node, ``constant`` a number."""
        nodes = list(leaves)
        for op, operands in self.steps:
            nodes.append(step(op, [nodes[x] if type(x) is int else constant(x) for x in operands]))
        return nodes

    def build(self) -> tuple[list[Value], Value]:
        """The graph in Values: its leaves, its root."""
        leaves = [Value(x, f"x{i}") for i, x in enumerate(self.leaves)]
        return leaves, self.follow(leaves, node)[-1]


def smooth(op: Op, x: list[float], y: float, partials: list[float | None]) -> bool:
    """Whether this step is far from kinks, and its numbers stay in a range where 1e-9 is a fair demand."""
    slopes = [abs(d) for d in partials if d is not None]
    if not abs(y) <= 30 or not all(1e-6 < d <= 30 or d == 0 for d in slopes):  # nan is neither
        return False
    if op.name in CHOICES:
        gaps = [abs(a - b) for i, a in enumerate(x) for b in x[:i]] + [abs(a) for a in x]
        return min(gaps) > 1e-3
    if op.name in JUMPS:
        at = JUMPS[op.name](x)
        return abs(at - round(at)) > 1e-3
    if op.name == "atan2":  # of (±0, b), b < 0, it is ±π
        return abs(x[0]) > 1e-3
    if op.name in ("norm", "hypot", "std"):  # a kink at 0; nearly straight elsewhere
        return y > 1e-3
    return True


@functools.cache
def recipe(seed: int, ops: Sequence[Op] = tuple(OPS[name] for name in FIRST.split())) -> Recipe:
    """A graph of 5 to 200 operations, of these rows, over 2 to 8 leaves."""
    rng = random.Random(seed)
    made = Recipe([rng.choice([-1, 1]) * rng.uniform(0.2, 2.0) for _ in range(rng.randint(2, 8))])
    values = list(made.leaves)
    size = rng.randint(5, 200) - 1
    while len(made.steps) < size:
        op = rng.choice(ops)
        operands: list[int | float] = []
        length = rng.randint(2, 5)
        for is_list in op.lists:
            for _ in range(length if is_list else 1):
                near = rng.random() < 0.5  # half of the operands are recent nodes: deep graphs; the rest: fan-out
                index = rng.randrange(max(0, len(values) - 5) if near else 0, len(values))
                operands.append(rng.uniform(-2, 2) if rng.random() < 0.1 else index)
        if op.inputs[-1] in INDICES:
            operands[-1] = float(rng.randrange(length))
        if all(type(x) is float for x in operands):
            continue
        x = [values[i] if type(i) is int else i for i in operands]
        y, partials = op.forward(x)
        if smooth(op, x, y, partials):
            made.steps.append((op, operands))
            values.append(y)
    used = {i for _, operands in made.steps for i in operands if type(i) is int}
    loose: list[int | float] = [i for i in range(len(values)) if i not in used]
    made.steps.append((OPS["sum"], loose))
    return made


def of_all_rows(seed: int) -> Recipe:
    """A graph of all rows that the table has by now."""
    return recipe(seed, tuple(OPS.values()))
