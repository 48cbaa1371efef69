"""What a picture of a graph says, before anything has a place: boxes, arrows, notes.

A ``Picture`` holds plain numbers and texts, no nodes: what happens to the graph later does not change it. Pictures are
made of Values (``of_values.py``) and of the record of a trace (``viz/steps/views.py``). Both say what is to be seen of
a node as a ``Drawable``, and put their boxes and edges together in a ``Sheet``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from autograd.formulas.typeset import label_fields

from .fold import MAX_FRAMES
from .text import clean, fit
from .theme import KINDS, LABEL_SIZE, NEGATIVE, NEUTRAL, POSITIVE, TEXT_SIZE, TITLE_SIZE

MAX_LABEL = 150.0  # points
MANY = 60  # arrows

Key = TypeVar("Key")  # what a box stands for: a node, or the name of a group
Edge = TypeVar("Edge")


@dataclass(slots=True)
class Box:
    """One node, or a group of folded ones. The first row is a name if ``named``."""

    kind: str  # "input", "parameter", "constant", "result", "group"; of a network "unit", "bias", "map", "cut"
    rows: list[str]
    named: bool
    tooltip: str
    scopes: tuple[str, ...] = ()  # around it, outermost first
    symbol: str = ""
    is_root: bool = False
    is_stale: bool = False
    is_folded: bool = False  # the nodes of a scope, named as the scope
    is_current: bool = False  # what a step is about

    @property
    def line(self) -> tuple[str, float]:
        """The colour and the width of its outline."""
        if self.is_current:
            return NEGATIVE, 3.0
        return KINDS[self.kind][1], 2.0 if self.kind == "group" else 1.2


@dataclass(slots=True)
class Arrow:
    """One operand of one node; between groups, all of them."""

    tail: int
    head: int
    label: str
    tooltip: str
    style: str  # "flows", "masked" (nothing flows), "constant", "merged"; of a network "weight" (a line without a head)
    contribution: float | None = None  # to the gradient of the tail, or the weight; None where not known

    @property
    def has_head(self) -> bool:
        return self.style != "weight"

    @property
    def is_dashed(self) -> bool:
        """A mask cuts it off; or it is a negative weight, which has no head to be hollow."""
        return self.style == "masked" or (not self.has_head and self.colour == NEGATIVE)

    @property
    def colour(self) -> str:
        """Blue where a positive gradient flows back, orange where a negative one does; or by the sign of the weight."""
        if self.style == "constant":
            return KINDS["constant"][1]
        flow = self.contribution or 0.0
        return POSITIVE if flow > 0 else NEGATIVE if flow < 0 else NEUTRAL


@dataclass(slots=True)
class Picture:
    boxes: list[Box]
    arrows: list[Arrow]
    title: str  # "" for none
    notes: list[str]
    summary: str  # one line
    description: str  # for screen readers
    rankdir: str
    numbers: dict[int, int] = field(default_factory=dict)  # the id() of a node with a box of its own -> which box

    @property
    def header(self) -> list[tuple[str, float]]:
        """The lines above the graph with their font sizes."""
        title = [(clean(self.title, 80), TITLE_SIZE)] if self.title else []
        return title + [(note, TEXT_SIZE) for note in self.notes]

    @property
    def strokes(self) -> list[float]:
        """The width of each arrow, 1 to 3 points: by the size of what flows, relative to the largest, on a log scale
        of three decades. Weights are on a plain scale, and thinner where there are many."""
        sizes = [abs(a.contribution) if a.contribution is not None else 0.0 for a in self.arrows]
        largest = max((size for size in sizes if math.isfinite(size)), default=0.0)

        thickest = 3.0 if len(sizes) <= MANY else 1.5

        def points(size: float, is_weight: bool) -> float:
            if is_weight:
                part = 1.0 if math.isinf(size) else size / largest if largest and not math.isnan(size) else 0.0
                return round(0.5 + (thickest - 0.5) * part, 2)
            if size == 0 or math.isnan(size):
                return 1.0
            if math.isinf(size):
                return 3.0
            return round(1 + 2 * max(0.0, 1 + (math.log10(size) - math.log10(largest)) / 3), 2)

        return [points(size, not arrow.has_head) for size, arrow in zip(sizes, self.arrows, strict=True)]


# --- one builder ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Drawable:
    """What is to be seen of one node, as texts."""

    kind: str
    name: str  # "" if it has none
    data: str
    grad: str
    tooltip: str
    symbol: str = ""

    def rows(self) -> list[str]:
        """The lines of its box."""
        name = fit(self.name, LABEL_SIZE, MAX_LABEL)
        if self.kind == "constant":
            return [f"{name} = {self.data}" if name else self.data]
        return [name] * bool(name) + [f"data {self.data}", f"grad {self.grad}"]

    def box(self, scopes: tuple[str, ...], is_root: bool = False, is_stale: bool = False) -> Box:
        """Its box, inside the frames of these scopes."""
        named = bool(self.name) and self.kind != "constant"
        return Box(self.kind, self.rows(), named, self.tooltip, scopes, self.symbol, is_root, is_stale)


def group_box(name: str, kinds: Iterable[str], symbols: Counter[str], is_stale: bool = False) -> Box:
    """The box of nodes of one scope: how many, of what kinds, and the most frequent operations."""
    *outer, last = path(name) or (name,)
    count = Counter(kinds)
    rows = [fit(last, LABEL_SIZE, MAX_LABEL), plural(count.total(), "node")]
    if symbols:
        most = [f"{n:,} {symbol}" for symbol, n in symbols.most_common(4)]
        rows.append(", ".join(most) + (", …" if len(symbols) > 4 else ""))
    leaves = [plural(n, kind) for kind, n in count.items() if kind in ("input", "parameter")]
    if leaves:
        rows.append(", ".join(leaves))
    tooltip = f"{clean(name)}: " + "; ".join(rows[1:])
    return Box("group", rows, True, tooltip, tuple(outer), is_stale=is_stale, is_folded=True)


def edge_label(of: str, by: str, labels: tuple[str, str], number: str) -> str:
    """``∂J/∂a = 3``, where both have short labels of their own, else ``∂ 3``."""
    is_short = all(labels) and max(map(letters, labels)) <= 3
    return f"∂{of}/∂{by} = {number}" if is_short else f"∂ {number}"


def letters(label: str) -> float:
    """How many letters wide a label is; those of its scripts, which stand above each other, are half as wide."""
    fields = label_fields(label)
    if fields is None:
        return len(label)
    base, _, superscript, subscript = fields
    return len(base) + max(len(superscript), len(subscript)) / 2


class Sheet(Generic[Key, Edge]):
    """Boxes, and the edges between them, as they are found. All edges from or to a group are one arrow."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.place: dict[Key, int] = {}  # which box stands for a key
        self._single: list[tuple[int, int, list[Edge]]] = []
        self._merged: dict[tuple[int, int], list[Edge]] = {}

    def add(self, key: Key, box: Box) -> None:
        """The box of a key."""
        self.place[key] = len(self.boxes)
        self.boxes.append(box)

    def join(self, tail: Key, head: Key, edge: Edge) -> None:
        """An edge between the boxes of these keys; inside a group it is not drawn."""
        ends = self.place[tail], self.place[head]
        if all(self.boxes[end].kind != "group" for end in ends):
            self._single.append((*ends, [edge]))
        elif ends[0] != ends[1]:
            self._merged.setdefault(ends, []).append(edge)

    def arrows(self) -> list[tuple[int, int, list[Edge]]]:
        """Tail, head, and the edges of each arrow."""
        return [*self._single, *((tail, head, edges) for (tail, head), edges in self._merged.items())]


def path(scope: str) -> tuple[str, ...]:
    """The scopes around each other in "layer1/neuron3", outermost first."""
    return tuple(part for part in scope.split("/", MAX_FRAMES)[:MAX_FRAMES] if part)


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)
