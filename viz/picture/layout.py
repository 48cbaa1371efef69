"""Where everything of a picture stands. Graphviz places boxes of given sizes; it never sees a text.

So a layout does not depend on the fonts of a machine: sizes are those of ``sizes.py``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from .boxes import Picture
from .graphviz_engine import run
from .scripts import Names, quotient
from .sizes import ROW, box_size, label_size, row_sizes, symbol_size, symbol_width
from .skeleton import Scopes, skeleton
from .text import clean, width
from .theme import TEXT_SIZE

MANY = 200  # arrows; with more, their labels stand on the lines: giving each a place of its own takes long
FAR = 3_000  # ranks that all arrows cross together; with more, placing takes minutes unless it is cut short
HALF_HEAD = 0.37  # how wide an arrow's head is to each side, as a part of its length

Point = tuple[float, float]


@dataclass(slots=True)
class Place:
    """Where a box stands, and how its texts do: rows, and left of them, in a column, the symbol of a result."""

    centre: Point
    size: Point
    row_sizes: list[float]  # the font size of each row
    column: float  # its width; 0 without a symbol
    symbol_size: float


@dataclass(slots=True)
class Route:
    """Where an arrow runs, and where its label stands."""

    curve: list[Point]  # the points of Bézier curves; the last is the tip of the arrow
    label_at: Point
    label_size: Point

    @property
    def head(self) -> list[Point]:
        """The corners of the arrow's head, the tip first."""
        (x0, y0), (x1, y1) = self.curve[-2:]
        dx, dy = -HALF_HEAD * (y1 - y0), HALF_HEAD * (x1 - x0)
        return [(x1, y1), (x0 - dx, y0 - dy), (x0 + dx, y0 + dy)]


@dataclass(slots=True)
class Cluster:
    """The frame around a scope."""

    scopes: Scopes
    label: str
    corners: tuple[float, float, float, float]  # x0, y0, x1, y1
    label_at: Point


@dataclass(slots=True)
class Caption:
    """Words that belong to no box, such as "W[1] (3, 2)" between two layers."""

    name: str  # "" for none
    text: str  # behind the name
    at: Point  # the middle of its height
    size: float  # of the font
    anchor: str = "middle"  # what stands at the point: its "start", "middle" or "end"

    @property
    def words(self) -> str:
        return " ".join(filter(None, (self.name, self.text)))


@dataclass(slots=True)
class Layout:
    """Coordinates in points, y upwards as Graphviz has it. Places and routes are parallel to boxes and arrows."""

    width: float
    height: float
    header: float  # height of the title and the notes above
    places: list[Place]
    routes: list[Route]
    on_line: bool  # whether labels stand on their lines
    clusters: list[Cluster]
    captions: list[Caption] = field(default_factory=list)

    def under(self, header: list[tuple[str, float]], gap: float = 6.0) -> Layout:
        """The same with room above for lines of words, (words, size of the font), and a gap between."""
        wide = max([self.width, *(width(line, size) for line, size in header)])
        high = sum(size + 7 for _, size in header) + gap * bool(header)
        return replace(self, width=wide, header=high)


def lay_out(picture: Picture) -> Layout:
    """The layout of a picture. Raises RenderError where there is no Graphviz to make it."""
    names = Names(picture)
    sizes = [box_size(box, names.rows(box)) for box in picture.boxes]
    label_sizes = [label_size(arrow.label, quotient(arrow, picture, names)) for arrow in picture.arrows]
    framed = framed_scopes(picture)
    room = {scopes: (width(frame_label(scopes), TEXT_SIZE) + 8, ROW) for scopes in framed}
    is_far = ranks_crossed(picture) > FAR
    on_line = len(picture.arrows) > MANY or is_far
    placed = json.loads(run(skeleton(picture, sizes, label_sizes, room, on_line, is_far), "json0"))

    objects = {thing["name"]: thing for thing in placed.get("objects", ())}
    by_id = {edge["id"]: edge for edge in placed.get("edges", ())}
    places = [
        Place(point(objects[f"n{i}"]["pos"]), size, row_sizes(box), symbol_width(box), symbol_size(box))
        for i, (box, size) in enumerate(zip(picture.boxes, sizes, strict=True))
    ]
    routes = []
    for i, size in enumerate(label_sizes):
        edge = by_id[f"e{i}"]
        tip, *points = [point(pair) for pair in edge["pos"].removeprefix("e,").split()]
        routes.append(Route([*points, tip], point(edge["lp"]) if "lp" in edge else middle(points), size))
    clusters = []
    for i, scopes in enumerate(framed):
        thing = objects[f"cluster_{i}"]
        left, bottom, right, top = numbers(thing["bb"])
        clusters.append(Cluster(scopes, frame_label(scopes), (left, bottom, right, top), point(thing["lp"])))
    _, _, x1, y1 = numbers(placed["bb"])
    return Layout(x1, y1, 0.0, places, routes, on_line, clusters).under(picture.header)


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def point(text: str) -> Point:
    x, y = numbers(text)
    return x, y


def middle(points: list[Point]) -> Point:
    """Half way along a chain of Bézier curves."""
    at = 3 * ((len(points) - 1) // 3 // 2)
    if (len(points) - 1) // 3 % 2 == 0:
        return points[at]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[at : at + 4]
    return (x0 + 3 * x1 + 3 * x2 + x3) / 8, (y0 + 3 * y1 + 3 * y2 + y3) / 8


def ranks_crossed(picture: Picture) -> int:
    """How far apart the ends of all arrows are: Graphviz's work grows with the square of it, or worse."""
    rank = [0] * len(picture.boxes)
    for arrow in sorted(picture.arrows, key=lambda a: a.head):  # boxes stand in topological order
        rank[arrow.head] = max(rank[arrow.head], rank[arrow.tail] + 1)
    return sum(abs(rank[arrow.head] - rank[arrow.tail]) for arrow in picture.arrows)


def framed_scopes(picture: Picture) -> list[Scopes]:
    """The scopes that get a frame, an outer one before those inside, in order of first use."""
    scopes = (box.scopes[:length] for box in picture.boxes for length in range(1, len(box.scopes) + 1))
    return list(dict.fromkeys(scopes))


def frame_label(scopes: Scopes) -> str:
    return clean(scopes[-1], 40)
