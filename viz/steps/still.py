"""A step as a picture: its words above, below them the graph with the numbers of that moment."""

from __future__ import annotations

from dataclasses import replace

from autograd.steps.frames import Frame
from autograd.steps.trace import Trace

from ..picture.boxes import Picture
from ..picture.layout import Layout
from ..picture.text import width
from ..picture.theme import TEXT_SIZE
from .views import View

NARROWEST = 480.0  # points: words have this room, even above a small graph
INDENT = "    "  # of a line that goes on

State = tuple[dict[int, float], dict[int, float], dict[tuple[int, int], float | None]]


def still(trace: Trace, view: View, frame: Frame) -> tuple[Picture, Layout]:
    """The picture of a step, and where everything is."""
    picture = replace(picture_at(trace, view, frame), title=frame.title, notes=words(frame, room(view)))
    return picture, view.layout.under(picture.header)


def picture_at(trace: Trace, view: View, frame: Frame) -> Picture:
    """The graph after a step, without its words; what the step is about is marked."""
    picture = view.picture_at(*state(trace, frame.last))
    marked = [
        replace(box, is_current=True) if frame.node == key or frame.node in view.members.get(str(key), ()) else box
        for box, key in zip(picture.boxes, view.boxes, strict=True)
    ]
    return replace(picture, boxes=marked if frame.kind != "start" else picture.boxes)


def room(view: View) -> float:
    return max(view.layout.width, NARROWEST)


def words(frame: Frame, wide: float) -> list[str]:
    """The lines of a step, its sentence and its notes, broken where they are wider than this."""
    return [line for text in (*frame.lines, frame.sentence, *frame.notes) for line in broken(text, wide)]


def broken(text: str, wide: float) -> list[str]:
    """A line as several, each no wider than this, as far as its words allow."""
    first, *rest = text.split(" ")
    lines = [first]
    for word in rest:
        longer = f"{lines[-1]} {word}"
        if width(longer, TEXT_SIZE) <= wide:
            lines[-1] = longer
        else:
            lines.append(INDENT + word)
    return lines


def state(trace: Trace, last: int) -> State:
    """The numbers after an event: what is computed, which gradients have arrived, what has flowed (None: cut off)."""
    nodes, events = trace.record["nodes"], trace.record["events"][: last + 1]
    data: dict[int, float] = {}
    grads: dict[int, float] = {}
    flows: dict[tuple[int, int], float | None] = {}
    for event in events:
        if event["type"] == "leaf" or event["type"] == "forward":
            data[event["node"]] = float(nodes[event["node"]]["data"])
        elif event["type"] == "seed":
            grads[event["node"]] = event["grad"]
        elif event["type"] == "edge":
            product, after = event["product"], event["after"]
            flows[event["from"], event["slot"]] = None if product is None else float(product)
            if after is not None:
                grads[event["to"]] = float(after)
    return data, grads, flows
