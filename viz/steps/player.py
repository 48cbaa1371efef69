"""A trace as an animated GIF: one picture per step, its words above. Needs Pillow."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TypedDict

from autograd.steps.frames import Frame
from autograd.steps.trace import Trace

from ..picture.dot import dot
from ..picture.graphviz_engine import run
from ..picture.layout import lay_out
from ..picture.text import width
from ..picture.theme import NEGATIVE, TEXT_SIZE
from .views import View

DPI = 96.0
PAD = 8.0  # Graphviz's margin around a picture, in points: dot.py says 0.11 inches
LINES = 6  # above the picture: as many in each step, so that nothing moves
MOST = 200  # steps


class Options(TypedDict, total=False):
    """What may be chosen of a GIF; see ``gif``."""

    seconds: float
    by: str


def gif(trace: Trace, view: View, seconds: float = 1.5, by: str = "edge") -> bytes:
    """The steps of the trace as a GIF that repeats; ``seconds`` per step.

    Raises ModuleNotFoundError without Pillow, ValueError for more than 200 steps.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        raise ModuleNotFoundError("a GIF needs Pillow: pip install pillow (a page, .html, needs nothing)") from None
    frames = trace.frames(by)
    if len(frames) > MOST:
        raise ValueError(f"a GIF of {len(frames)} steps would be too large ({MOST} at most): save a page, .html")
    captions = [caption(frame) for frame in frames]
    layout = lay_out(replace(view.picture, title=" ", notes=captions[0]))
    layout.width = max(layout.width, *(width(line, TEXT_SIZE) for lines in captions for line in lines))
    images = []
    for frame, lines in zip(frames, captions, strict=True):
        picture = replace(view.picture_at(*state(trace, frame)), title=frame.title, notes=lines)
        image = Image.open(io.BytesIO(run(dot(picture, layout, DPI), "png", positioned=True))).convert("RGB")
        if frame.node in view.boxes:
            box = view.boxes.index(frame.node)
            (x, y), (w, h) = layout.places[box].centre, layout.places[box].size
            left, top = x - w / 2 + PAD - 5, image.height * 72 / DPI - PAD - y - h / 2 - 5
            corners = [edge * DPI / 72 for edge in (left, top, left + w + 10, top + h + 10)]
            ImageDraw.Draw(image).rounded_rectangle(corners, radius=12, outline=NEGATIVE, width=3)
        images.append(image.quantize(64))
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=round(seconds * 1000), loop=0)
    return out.getvalue()


def caption(frame: Frame) -> list[str]:
    """The lines of a step, filled up to as many as all have."""
    lines = [*frame.lines, frame.sentence][:LINES]
    return lines + [" "] * (LINES - len(lines))


def state(trace: Trace, frame: Frame) -> tuple[dict[int, float], dict[int, float], dict[tuple[int, int], float]]:
    """The numbers after a frame: what is computed, which gradients have arrived, what has flowed."""
    nodes, events = trace.record["nodes"], trace.record["events"][: frame.last + 1]
    data: dict[int, float] = {}
    grads: dict[int, float] = {}
    flows: dict[tuple[int, int], float] = {}
    for event in events:
        if event["type"] == "leaf" or event["type"] == "forward":
            data[event["node"]] = float(nodes[event["node"]]["data"])
        elif event["type"] == "seed":
            grads[event["node"]] = event["grad"]
        elif event["type"] == "edge" and event["product"] is not None and event["after"] is not None:
            grads[event["to"]] = float(event["after"])
            flows[event["from"], event["slot"]] = float(event["product"])
    return data, grads, flows
