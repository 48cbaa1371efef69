"""What Graphviz gets to see of a picture: boxes and labels of fixed sizes, no text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import graphviz

from .boxes import Box, Picture

HURRIED = {"nslimit": "0.1", "nslimit1": "0.1", "mclimit": "0.05", "searchsize": "2", "splines": "line"}
SHAPES = {"input": "ellipse", "constant": "ellipse", "parameter": "hexagon", "result": "box", "group": "box"}
SHAPES |= {"unit": "ellipse", "bias": "ellipse", "map": "box", "cut": "box"}

Point = tuple[float, float]
Size = tuple[float, float]
Scopes = tuple[str, ...]


def skeleton(
    picture: Picture,
    sizes: Sequence[Size],
    label_sizes: Sequence[Size],
    frame_labels: Mapping[Scopes, Size],
    on_line: bool,
    is_far: bool,
) -> str:
    """The DOT of the picture without its texts. Box 3 is "n3", arrow 3 "e3", the fourth frame "cluster_3".

    ``frame_labels`` has the room of each frame's label, an outer frame before those inside; ``on_line`` leaves no room
    to the labels of arrows; ``is_far`` cuts the placing short.
    """
    look = {"rankdir": picture.rankdir, "nodesep": "0.3", "ranksep": "0.9" if on_line else "0.3"}
    dot = graphviz.Digraph(graph_attr=look | (HURRIED if is_far else {}), node_attr={"fixedsize": "true", "label": ""})
    frames = {scopes: {"margin": "12", "labeljust": "l", "label": room(size)} for scopes, size in frame_labels.items()}
    boxes = [size_in_inches(size) | shape(box) for box, size in zip(picture.boxes, sizes, strict=True)]
    put_into_frames(dot, picture, frames, boxes)
    for i, (arrow, stroke) in enumerate(zip(picture.arrows, picture.strokes, strict=True)):
        place = {} if on_line or not arrow.label else {"label": room(label_sizes[i])}
        dot.edge(f"n{arrow.tail}", f"n{arrow.head}", id=f"e{i}", **line(stroke), **place)
    source: str = dot.source
    return source


def put_into_frames(
    dot: graphviz.Digraph,
    picture: Picture,
    frames: Mapping[Scopes, dict[str, str]],
    boxes: Sequence[dict[str, str]],
) -> None:
    """Add the boxes, with these attributes, inside the frames of their scopes, an outer frame before those inside."""
    inside: dict[Scopes, graphviz.Digraph] = {(): dot}
    for i, (scopes, attributes) in enumerate(frames.items()):
        inside[scopes] = graphviz.Digraph(name=f"cluster_{i}", graph_attr=attributes)
    for i, (box, attributes) in enumerate(zip(picture.boxes, boxes, strict=True)):
        inside[box.scopes].node(f"n{i}", **attributes)
    for scopes in sorted(frames, key=len, reverse=True):  # a subgraph is copied into its parent: inner ones first
        inside[scopes[:-1]].subgraph(inside[scopes])


def shape(box: Box) -> dict[str, str]:
    return {"shape": SHAPES[box.kind], "peripheries": "2" if box.is_root else "1"}


def line(stroke: float) -> dict[str, str]:
    """Attributes of an arrow; a hollow head on a thick line must be large to be seen as hollow."""
    return {"penwidth": f"{stroke:g}", "arrowsize": f"{0.6 + stroke / 7:.2f}"}


def size_in_inches(size: Size) -> dict[str, str]:
    return {"width": f"{size[0] / 72:.4f}", "height": f"{size[1] / 72:.4f}"}


def room(size: Size) -> str:
    """An empty label of this size."""
    return f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="{size[0]:g}" HEIGHT="{size[1]:g}"><TR><TD></TD></TR></TABLE>>'
