"""Arrows between boxes that have their places: straight where nothing is in the way, else around by Graphviz."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import graphviz

from .boxes import Box, Picture
from .graphviz_engine import run
from .skeleton import Point, Size, line, shape, size_in_inches

NEAR = 5.0  # points that an arrow keeps away from a box that it passes
STEPS = 24  # of a line or a curve that is looked at
LABEL_AT = sorted((k / 40 for k in range(4, 37)), key=lambda t: abs(t - 0.5))  # parts of the way, the middle first


def curves(picture: Picture, centres: Sequence[Point], sizes: Sequence[Size]) -> list[list[Point]]:
    """The points of the Bézier curves of each arrow; the last is its tip, the one before where the head begins."""
    found: dict[int, list[Point]] = {}
    for i, (arrow, stroke) in enumerate(zip(picture.arrows, picture.strokes, strict=True)):
        ends = arrow.tail, arrow.head
        start, stop = centres[arrow.tail], centres[arrow.head]
        between = [(c, s) for k, (c, s) in enumerate(zip(centres, sizes, strict=True)) if k not in ends]
        if is_clear(start, stop, between):
            start, stop = (
                edge_point(picture.boxes[a], centres[a], sizes[a], centres[b]) for a, b in (ends, ends[::-1])
            )
            found[i] = straight(start, stop, 10 * float(line(stroke)["arrowsize"]) * arrow.has_head)
    if len(found) < len(picture.arrows):
        found |= around(picture, centres, sizes, set(range(len(picture.arrows))) - set(found))
    return [found[i] for i in range(len(picture.arrows))]


def around(
    picture: Picture, centres: Sequence[Point], sizes: Sequence[Size], wanted: set[int]
) -> dict[int, list[Point]]:
    """The curves of these arrows, which have to go around boxes."""
    dot = graphviz.Digraph(
        graph_attr={"splines": "true", "notranslate": "true", "esep": "+4"},
        node_attr={"fixedsize": "true", "label": ""},
    )
    for i, ((x, y), size) in enumerate(zip(centres, sizes, strict=True)):
        dot.node(f"n{i}", pos=f"{x:.2f},{y:.2f}", shape="box", **size_in_inches(size))  # few corners: fast
    strokes = picture.strokes
    for i in sorted(wanted):
        arrow = picture.arrows[i]
        dot.edge(f"n{arrow.tail}", f"n{arrow.head}", id=f"e{i}", **line(strokes[i]))
    placed = json.loads(run(dot.source, "json0", positioned=True))
    found = {int(edge["id"][1:]): curve(edge["pos"]) for edge in placed["edges"]}
    for i, points in found.items():
        tail = picture.arrows[i].tail
        points[0] = edge_point(picture.boxes[tail], centres[tail], sizes[tail], points[0])
    return found


def curve(pos: str) -> list[Point]:
    """The points of an edge's "pos", as Graphviz writes it, the tip last."""
    tip, *points = [point(pair) for pair in pos.removeprefix("e,").split()]
    return [*points, tip]


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def point(text: str) -> Point:
    x, y = numbers(text)
    return x, y


def part(a: Point, b: Point, t: float) -> Point:
    """This part of the way from a to b."""
    return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])


def straight(start: Point, stop: Point, head: float) -> list[Point]:
    base = part(stop, start, min(0.9, head / (math.dist(start, stop) or 1.0)))
    return [start, part(start, base, 1 / 3), part(start, base, 2 / 3), base, stop]


def is_clear(start: Point, stop: Point, boxes: Sequence[tuple[Point, Size]]) -> bool:
    """Whether the line between them passes all of these boxes."""
    low = [min(start[k], stop[k]) - NEAR for k in (0, 1)]
    high = [max(start[k], stop[k]) + NEAR for k in (0, 1)]
    for (x, y), (wide, tall) in boxes:
        half = wide / 2 + NEAR, tall / 2 + NEAR
        if x + half[0] < low[0] or x - half[0] > high[0] or y + half[1] < low[1] or y - half[1] > high[1]:
            continue
        for k in range(STEPS + 1):
            at = part(start, stop, k / STEPS)
            if abs(at[0] - x) < half[0] and abs(at[1] - y) < half[1]:
                return False
    return True


def edge_point(box: Box, centre: Point, size: Size, to: Point) -> Point:
    """Where the line from the centre of a box leaves its outline."""
    x, y = (2 * abs(to[k] - centre[k]) / size[k] for k in (0, 1))  # in halves of its width and height
    outline = shape(box)["shape"]
    if outline == "ellipse":
        reach = math.hypot(x, y)
    elif outline == "hexagon":  # its upper and lower sides are half as long as the box is wide
        reach = max(y, x + y / 2)
    else:
        reach = max(x, y)
    return part(centre, to, 1 / max(reach, 1.0))


def label_places(
    found: Sequence[list[Point]], label_sizes: Sequence[Size], taken: list[tuple[Point, Size]]
) -> list[Point]:
    """Where the label of each curve stands: on it, as near to its middle as what is taken and other labels allow."""
    places = []
    for points, size in zip(found, label_sizes, strict=True):
        free = (at for at in (on_curve(points[:-1], t) for t in LABEL_AT) if is_free(at, size, taken))
        at = next(free, middle(points[:-1]))
        if size[0]:
            taken.append((at, size))
        places.append(at)
    return places


def is_free(at: Point, size: Size, taken: Sequence[tuple[Point, Size]]) -> bool:
    return all(
        abs(at[0] - x) >= (size[0] + wide) / 2 or abs(at[1] - y) >= (size[1] + tall) / 2
        for (x, y), (wide, tall) in taken
    )


def middle(points: list[Point]) -> Point:
    """Half way along a chain of Bézier curves."""
    return on_curve(points, 0.5)


def on_curve(points: list[Point], t: float) -> Point:
    """The point after this part of a chain of Bézier curves.

    >>> on_curve([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], 0.5)
    (1.5, 0.0)
    """
    count = (len(points) - 1) // 3
    at = min(int(t * count), count - 1)
    u = t * count - at
    a, b, c, d = points[3 * at : 3 * at + 4]
    ab, bc, cd = part(a, b, u), part(b, c, u), part(c, d, u)
    return part(part(ab, bc, u), part(bc, cd, u), u)
