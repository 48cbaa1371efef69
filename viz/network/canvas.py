"""Boxes, lines and captions put where they shall stand, y downwards; at the end a Picture and its Layout."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from autograd.formulas.digits import format_number
from autograd.value import Value

from ..picture.boxes import Arrow, Box, Picture
from ..picture.layout import Caption, Layout, Place, Point, Route
from ..picture.routes import Room, overlap, part, room_of
from ..picture.sizes import ROW, label_size, row_sizes
from ..picture.text import clean, width
from ..picture.theme import LABEL_SIZE, TEXT_SIZE

LEGEND = "a line is a weight: blue where it is positive, orange and dashed where negative, the wider the larger"
PARTS = [0.5, *(0.5 + sign * 0.04 * k for k in range(1, 9) for sign in (-1, 1))]  # of a line, where its label may stand
APART = 8.0  # between a text and what is beside it

Size = tuple[float, float]


@dataclass(slots=True)
class Numbers:
    """A row of a box: a word, and the data or the gradients of some nodes."""

    word: str
    nodes: list[Value]
    of: Literal["data", "grad"] = "data"

    def __str__(self) -> str:
        numbers = ", ".join(format_number(getattr(node, self.of)) for node in self.nodes)
        return f"{self.word} {numbers}".strip()


@dataclass
class Canvas:
    """What is drawn so far.

    ``of`` says which node a box or a line stands for, by its id in the SVG ("n3", "e5"): a page opens it. ``numbers``
    says which rows of a box are numbers: a page writes those of a step.
    """

    boxes: list[Box] = field(default_factory=list)
    centres: list[Point] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    ends: list[tuple[Point, Point]] = field(default_factory=list)
    labels_at: list[Point] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)
    of: dict[str, Value] = field(default_factory=dict)
    numbers: dict[str, dict[int, Numbers]] = field(default_factory=dict)

    def box(self, box: Box, centre: Point, size: Size) -> int:
        """Its number."""
        self.boxes.append(box)
        self.centres.append(centre)
        self.sizes.append(size)
        return len(self.boxes) - 1

    def means(self, box: int, node: Value, rows: dict[int, Numbers]) -> None:
        """Which node a box stands for, and which of its rows are numbers."""
        self.of[f"n{box}"] = node
        self.numbers[f"n{box}"] = rows

    def arrow(self, arrow: Arrow, start: Point, end: Point) -> None:
        self.arrows.append(arrow)
        self.ends.append((start, end))
        self.labels_at.append(part(start, end, 0.5))

    def caption(self, name: str, text: str, at: Point, size: float = TEXT_SIZE, anchor: str = "middle") -> None:
        self.captions.append(Caption(name, text, at, size, anchor))

    def make_room_for_labels(self, first: int) -> None:
        """Each label of the arrows from ``first`` on where it covers no other; if there is no such place, none."""
        taken = [room_of(centre, size) for centre, size in zip(self.centres, self.sizes, strict=True)]
        for i in range(first, len(self.arrows)):
            size = label_size(self.arrows[i].label)
            for way in PARTS:
                at = part(*self.ends[i], way)
                room = room_of(at, size)
                if not any(overlap(room, other) for other in taken):
                    taken.append(room)
                    self.labels_at[i] = at
                    break
            else:
                for arrow in self.arrows[first:]:
                    arrow.label = ""
                return

    def finished(self, title: str, notes: list[str], summary: str, description: str) -> tuple[Picture, Layout]:
        picture = Picture(self.boxes, self.arrows, clean(title), notes, summary, description, "LR")
        rooms = [room_of(centre, size) for centre, size in zip(self.centres, self.sizes, strict=True)]
        rooms += [room_of_caption(caption) for caption in self.captions]
        left, top = min(room[0] for room in rooms), min(room[1] for room in rooms)
        wide, high = max(room[2] for room in rooms) - left, max(room[3] for room in rooms) - top

        def up(point: Point) -> Point:
            return point[0] - left, high - (point[1] - top)

        places = [
            Place(up(centre), size, row_sizes(box), 0.0, TEXT_SIZE)
            for box, centre, size in zip(self.boxes, self.centres, self.sizes, strict=True)
        ]
        routes = []
        for arrow, (start, end), at in zip(self.arrows, self.ends, self.labels_at, strict=True):
            last = part(start, end, 1 - HEAD / max(math.dist(start, end), HEAD)) if arrow.has_head else end
            curve = [start, part(start, last, 1 / 3), part(start, last, 2 / 3), last, end]
            routes.append(Route([*map(up, curve)], up(at), label_size(arrow.label)))
        for caption in self.captions:
            caption.at = up(caption.at)
        layout = Layout(wide, high, 0.0, places, routes, True, [], self.captions)
        return picture, layout.under(picture.header, gap=14)


HEAD = 9.0  # the length of an arrow's head


def room_of_caption(caption: Caption) -> Room:
    wide, (x, y) = width(caption.words, caption.size), caption.at
    left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[caption.anchor]
    return left, y - ROW / 2, left + wide, y + ROW / 2


def diameter(rows: list[str]) -> float:
    """Of the circle in which rows, the first of them a name, find room."""
    sizes = [LABEL_SIZE] + [TEXT_SIZE] * (len(rows) - 1)
    edge = [max(abs(i - len(rows) / 2), abs(i + 1 - len(rows) / 2)) * ROW - 4 for i in range(len(rows))]
    radii = [math.hypot(width(row, size) / 2, y) for row, size, y in zip(rows, sizes, edge, strict=True)]
    return 2 * math.ceil(max(radii)) + 6
