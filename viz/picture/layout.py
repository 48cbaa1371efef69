"""Where everything of a picture stands: in columns (``columns.py``, ``routes.py``), or where Graphviz puts it.

Graphviz places boxes of given sizes and never sees a text: no layout depends on the fonts of a machine. Sizes are
those of ``sizes.py``.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace

from .boxes import Picture
from .columns import arrange
from .graphviz_engine import run
from .routes import Router, curve, label_places, middle, numbers, point, room_of
from .scripts import Names, quotient
from .sizes import ROW, box_size, label_size, row_sizes, symbol_size, symbol_width
from .skeleton import Point as Point
from .skeleton import Scopes, Size, skeleton
from .text import clean, width
from .theme import FRAME, PAPER, TEXT_SIZE

MANY = 200  # arrows; with more, their labels stand on the lines: giving each a place of its own takes long
MOST_IN_COLUMNS = 500  # boxes; to route the arrows around more takes long
FAR = 3_000  # ranks that all arrows cross together; with more, placing takes minutes unless it is cut short
HALF_HEAD = 0.37  # how wide an arrow's head is to each side, as a part of its length


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

    def ground(self, at: Point) -> str:
        """The colour behind a label: of a frame, or of the paper."""
        corners = (cluster.corners for cluster in self.clusters)
        is_framed = any(left < at[0] < right and bottom < at[1] < top for left, bottom, right, top in corners)
        return FRAME if is_framed else PAPER

    def moved(self, x: float, y: float) -> Layout:
        """The same, everything moved; what was right and top of it still is."""

        def move(at: Point) -> Point:
            return at[0] + x, at[1] + y

        places = [replace(place, centre=move(place.centre)) for place in self.places]
        routes = [replace(r, curve=[*map(move, r.curve)], label_at=move(r.label_at)) for r in self.routes]
        clusters = [
            replace(c, corners=(*move(c.corners[:2]), *move(c.corners[2:])), label_at=move(c.label_at))
            for c in self.clusters
        ]
        width, height = move((self.width, self.height))
        return replace(self, width=width, height=height, places=places, routes=routes, clusters=clusters)

    def under(self, header: list[tuple[str, float]], gap: float = 6.0) -> Layout:
        """The same with room above for lines of words, (words, size of the font), and a gap between."""
        wide = max([self.width, *(width(line, size) for line, size in header)])
        high = sum(size + 7 for _, size in header) + gap * bool(header)
        return replace(self, width=wide, header=high)


def lay_out(picture: Picture) -> Layout:
    """The layout of a picture. Raises RenderError where it takes Graphviz and there is none."""
    names = Names(picture)
    sizes = [box_size(box, names.rows(box)) for box in picture.boxes]
    label_sizes = [label_size(arrow.label, quotient(arrow, picture, names)) for arrow in picture.arrows]
    framed = framed_scopes(picture)
    room = {scopes: (width(frame_label(scopes), TEXT_SIZE) + 8, ROW) for scopes in framed}
    made = in_columns(picture, sizes, label_sizes, room) or by_graphviz(picture, sizes, label_sizes, room)
    return made.under(picture.header)


def by_graphviz(picture: Picture, sizes: list[Size], label_sizes: list[Size], room: dict[Scopes, Size]) -> Layout:
    """Everything where Graphviz's dot puts it."""
    is_far = ranks_crossed(picture) > FAR
    on_line = len(picture.arrows) > MANY or is_far
    placed = json.loads(run(skeleton(picture, sizes, label_sizes, room, on_line, is_far), "json0"))
    objects = {thing["name"]: thing for thing in placed.get("objects", ())}
    by_id = {edge["id"]: edge for edge in placed.get("edges", ())}
    places = places_at(picture, [point(objects[f"n{i}"]["pos"]) for i in range(len(sizes))], sizes)
    routes = []
    for i, size in enumerate(label_sizes):
        edge = by_id[f"e{i}"]
        points = curve(edge["pos"])
        routes.append(Route(points, point(edge["lp"]) if "lp" in edge else middle(points[:-1]), size))
    clusters = []
    for i, scopes in enumerate(room):
        thing = objects[f"cluster_{i}"]
        left, bottom, right, top = numbers(thing["bb"])
        clusters.append(Cluster(scopes, frame_label(scopes), (left, bottom, right, top), point(thing["lp"])))
    _, _, x1, y1 = numbers(placed["bb"])
    return Layout(x1, y1, 0.0, places, routes, on_line, clusters)


def in_columns(picture: Picture, sizes: list[Size], label_sizes: list[Size], room: dict[Scopes, Size]) -> Layout | None:
    """The layout in columns, where one suits the picture: it is read from left to right, is not too large, and its
    frames can stand behind each other."""
    if picture.rankdir != "LR" or len(sizes) > MOST_IN_COLUMNS or len(label_sizes) > 3 * MOST_IN_COLUMNS:
        return None
    block = arrange(picture, sizes, label_sizes, room)
    if block is None:
        return None
    centres = [(x, y + block.down) for x, y in (block.centres[i] for i in range(len(sizes)))]
    clusters, titles = [], []
    for scopes, (wide, high) in room.items():
        left, bottom, right, top = block.frames[scopes]
        corners = left, bottom + block.down, right, top + block.down
        at = left + wide / 2 + 4, corners[3] - high / 2 - 4
        clusters.append(Cluster(scopes, frame_label(scopes), corners, at))
        titles.append(room_of(at, (wide, high)))
    router = Router(picture, centres, sizes, titles)
    found = router.curves()
    labels = label_places(found, label_sizes, [*router.rooms, *titles], router.lanes, router.label_at)
    routes = [Route(*route) for route in zip(found, labels, label_sizes, strict=True)]
    outlines = [[room[:2], room[2:]] for room in router.rooms]
    left, bottom, right, top = extent(block.width, block.up + block.down, [*found, *outlines])
    made = Layout(right, top, 0.0, places_at(picture, centres, sizes), routes, True, clusters)
    return made.moved(-left, -bottom)


def extent(width: float, height: float, points: list[list[Point]]) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of what is in (0, 0) to (width, height), and of these points; whole points."""
    xs, ys = zip((0.0, 0.0), (width, height), *(at for several in points for at in several), strict=True)
    return math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))


def places_at(picture: Picture, centres: list[Point], sizes: list[Size]) -> list[Place]:
    return [
        Place(centre, size, row_sizes(box), symbol_width(box), symbol_size(box))
        for box, centre, size in zip(picture.boxes, centres, sizes, strict=True)
    ]


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
