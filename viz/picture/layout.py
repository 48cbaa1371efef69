"""Where everything of a picture stands. Graphviz places boxes of given sizes; it never sees a text.

So a layout does not depend on the fonts of a machine: sizes come from our own table of widths (``text.py``).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import graphviz  # type: ignore[import-untyped]

from .graphviz_engine import run
from .picture import Box, Picture, stroke_widths
from .text import clean, width
from .theme import EDGE_SIZE, LABEL_SIZE, SYMBOL_SIZE, TEXT_SIZE, TITLE_SIZE

ROW = 16.0  # height of a line in a box
EDGE_ROW = 18.0
MANY = 200  # arrows; with more, their labels stand on the lines: giving each a place of its own takes long
FAR = 3_000  # ranks that all arrows cross together; with more, placing takes minutes unless it is cut short
HURRIED = {"nslimit": "0.1", "nslimit1": "0.1", "mclimit": "0.05", "searchsize": "2", "splines": "line"}

Point = tuple[float, float]


@dataclass(slots=True)
class Frame:
    path: tuple[str, ...]
    label: str
    box: tuple[float, float, float, float]  # x0, y0, x1, y1
    label_at: Point


@dataclass(slots=True)
class Layout:
    """Coordinates in points, y upwards as Graphviz has it. Lists are parallel to those of the Picture."""

    width: float
    height: float
    header: float  # height of the title and the notes above
    sizes: list[Point]
    centres: list[Point]
    curves: list[list[Point]]  # the points of Bézier curves; the last is the tip of the arrow
    labels: list[Point]
    on_line: bool  # whether labels stand on their lines
    frames: list[Frame]


def lay_out(picture: Picture) -> Layout:
    sizes = [box_size(box) for box in picture.boxes]
    is_far = ranks_crossed(picture) > FAR
    on_line = len(picture.arrows) > MANY or is_far
    placed = json.loads(run(skeleton(picture, sizes, on_line, is_far), "json0"))
    objects = {thing["name"]: thing for thing in placed.get("objects", ())}
    by_id = {edge["id"]: edge for edge in placed.get("edges", ())}
    _, _, x1, y1 = numbers(placed["bb"])
    curves, labels = [], []
    for i in range(len(picture.arrows)):
        edge = by_id[f"e{i}"]
        tip, *points = [point(pair) for pair in edge["pos"].removeprefix("e,").split()]
        curves.append([*points, tip])
        labels.append(point(edge["lp"]) if "lp" in edge else middle(points))
    frames = []
    for i, path in enumerate(frame_paths(picture)):
        thing = objects[f"cluster_{i}"]
        left, bottom, right, top = numbers(thing["bb"])
        frames.append(Frame(path, frame_label(path), (left, bottom, right, top), point(thing["lp"])))
    header = header_lines(picture)
    return Layout(
        width=max([x1, *(width(line, size) for line, size in header)]),
        height=y1,
        header=sum(size + 7 for _, size in header) + 6 * bool(header),
        sizes=sizes,
        centres=[point(objects[f"n{i}"]["pos"]) for i in range(len(picture.boxes))],
        curves=curves,
        labels=labels,
        on_line=on_line,
        frames=frames,
    )


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


# --- sizes ----------------------------------------------------------------------------------------


def row_sizes(box: Box) -> list[float]:
    """The font size of each row."""
    return [LABEL_SIZE if box.named and i == 0 else TEXT_SIZE for i in range(len(box.rows))]


def symbol_size(box: Box) -> float:
    return SYMBOL_SIZE if len(box.symbol) <= 2 else LABEL_SIZE


def symbol_width(box: Box) -> float:
    """The width of the left column of a result."""
    return max(30.0, math.ceil(width(box.symbol, symbol_size(box)) + 14)) if box.symbol else 0.0


def box_size(box: Box) -> Point:
    """Width and height in which the rows find room, in the shape of the box's kind."""
    wide = max(width(row, size) for row, size in zip(box.rows, row_sizes(box), strict=True))
    high = ROW * len(box.rows)
    if box.kind == "result":
        return math.ceil(symbol_width(box) + wide + 16), high + 10
    if box.kind == "group":
        return math.ceil(wide + 24), high + 12
    # The corners of the outer rows, as a part of half the height, must lie inside the outline.
    height = high + (16 if len(box.rows) > 1 else 8)
    corner = (high - 8) / height
    inside = 0.96 - corner / 2 if box.kind == "parameter" else math.sqrt(1 - corner * corner)
    flat = 1.4 if len(box.rows) > 1 else 1.1
    return math.ceil(max(wide / inside + 8, flat * height)), height


def label_size(text: str) -> Point:
    """The room of an arrow's label, with a gap to its line."""
    return math.ceil(width(text, EDGE_SIZE) + 6), EDGE_ROW


def header_lines(picture: Picture) -> list[tuple[str, float]]:
    """The lines above the graph with their font sizes."""
    title = [(clean(picture.title, 80), TITLE_SIZE)] if picture.title else []
    return title + [(note, TEXT_SIZE) for note in picture.notes]


# --- what Graphviz gets to see ----------------------------------------------------------------------


def frame_paths(picture: Picture) -> list[tuple[str, ...]]:
    """Every frame, an outer one before those inside, in order of first use."""
    paths = (box.frame[:length] for box in picture.boxes for length in range(1, len(box.frame) + 1))
    return list(dict.fromkeys(paths))


def frame_label(path: tuple[str, ...]) -> str:
    return clean(path[-1], 40)


def skeleton(picture: Picture, sizes: list[Point], on_line: bool, is_far: bool) -> str:
    """The graph without its texts: boxes and labels of fixed size."""
    look = {"rankdir": picture.rankdir, "nodesep": "0.3", "ranksep": "0.9" if on_line else "0.3"}
    dot = graphviz.Digraph(
        graph_attr=look | (HURRIED if is_far else {}),
        node_attr={"fixedsize": "true", "label": ""},
    )
    paths = frame_paths(picture)
    inside: dict[tuple[str, ...], graphviz.Digraph] = {(): dot}
    for i, path in enumerate(paths):
        label = room(width(frame_label(path), TEXT_SIZE) + 8, ROW)
        inside[path] = graphviz.Digraph(
            name=f"cluster_{i}", graph_attr={"margin": "12", "labeljust": "l", "label": label}
        )
    for i, (box, (w, h)) in enumerate(zip(picture.boxes, sizes, strict=True)):
        inside[box.frame].node(f"n{i}", width=inches(w), height=inches(h), **outline(box))
    for path in sorted(paths, key=len, reverse=True):  # a subgraph is copied into its parent: inner ones first
        inside[path[:-1]].subgraph(inside[path])
    for i, (arrow, stroke) in enumerate(zip(picture.arrows, stroke_widths(picture.arrows), strict=True)):
        place = {} if on_line or not arrow.label else {"label": room(*label_size(arrow.label))}
        dot.edge(f"n{arrow.tail}", f"n{arrow.head}", id=f"e{i}", **line(stroke), **place)
    source: str = dot.source
    return source


def ranks_crossed(picture: Picture) -> int:
    """How far apart the ends of all arrows are: Graphviz's work grows with the square of it, or worse."""
    rank = [0] * len(picture.boxes)
    for arrow in sorted(picture.arrows, key=lambda a: a.head):  # boxes stand in topological order
        rank[arrow.head] = max(rank[arrow.head], rank[arrow.tail] + 1)
    return sum(abs(rank[arrow.head] - rank[arrow.tail]) for arrow in picture.arrows)


def outline(box: Box) -> dict[str, str]:
    shapes = {"input": "ellipse", "constant": "ellipse", "parameter": "hexagon", "result": "box", "group": "box"}
    return {"shape": shapes[box.kind], "peripheries": "2" if box.is_root else "1"}


def line(stroke: float) -> dict[str, str]:
    """Attributes of an arrow; a hollow head on a thick line must be large to be seen as hollow."""
    return {"penwidth": f"{stroke:g}", "arrowsize": f"{0.6 + stroke / 7:.2f}"}


def room(w: float, h: float) -> str:
    """An empty label of this size."""
    return f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="{w:g}" HEIGHT="{h:g}"><TR><TD></TD></TR></TABLE>>'


def inches(points: float) -> str:
    return f"{points / 72:.4f}"
