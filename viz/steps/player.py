"""A trace as an animated GIF: one picture per step, its words above. Needs Pillow.

Graphviz draws the whole graph once; of each step only the part that changes.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from autograd.steps.frames import Frame
from autograd.steps.trace import Trace

from ..picture.boxes import Picture
from ..picture.dot import MARGIN, Window, dot
from ..picture.graphviz_engine import run
from ..picture.layout import Caption, Layout, Place, Point, Route
from ..picture.text import width
from ..picture.theme import EDGE_SIZE, TEXT_SIZE, TITLE_SIZE
from .still import picture_at, room, words
from .views import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = 16  # of the smallest text
SCALE = PIXELS / EDGE_SIZE  # pixels per point
AROUND = 10.0  # points around what changes: outlines and heads of arrows are wider than their places
COLOURS, CLOSE = 128, 8  # of the palette, and how far apart of 256
MOST = 200  # steps
WIDEST = 1600  # pixels: of a wider graph, the part around the step is in view
SLOW = 1.0  # seconds after which a bar shows how far it is


def gif(trace: Trace, view: View, frames: list[Frame], seconds: float) -> bytes:
    """These steps of the trace as a GIF that repeats; ``seconds`` per step.

    Raises ModuleNotFoundError without Pillow, ValueError for more than 200 steps.
    """
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise ModuleNotFoundError("a GIF needs Pillow: pip install pillow (a page, .html, needs nothing)") from None
    if len(frames) > MOST:
        raise ValueError(f"a GIF of {len(frames)} steps would be too large ({MOST} at most): save a page, .html")
    heads = headers(frames, min(room(view), WIDEST / SCALE - 2 * MARGIN))
    pictures = [picture_at(trace, view, frame) for frame in frames]
    images = indexed(pictures, view.layout, heads)
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=round(seconds * 1000), loop=0)
    return out.getvalue()


def indexed(pictures: list[Picture], layout: Layout, heads: list[Image]) -> list[Image]:
    """The images of all steps, with one palette: the words above, below them the part of the graph that is in view."""
    import PIL.Image

    end, top = drawn(pictures[-1], layout), heads[0].height
    seen = min(end.width, WIDEST)
    palette = usual_colours([heads[0], end])

    def reduced(image: Image) -> Image:
        return image.quantize(palette=palette, dither=PIL.Image.Dither.NONE)

    blank = PIL.Image.new("RGB", (max(seen, heads[0].width), top + end.height), "white")
    images: list[Image] = []
    before: tuple[Picture, float] | None = None
    for picture, left, head in progress(pictures, followed(pictures, layout, seen / SCALE), heads):
        whole = left, 0.0, left + seen / SCALE, end.height / SCALE
        is_still = before is not None and before[1] == left
        image = images[-1].copy() if is_still else reduced(blank)
        image.paste(reduced(head))
        window = inside(changed(before[0], picture, layout), whole) if before and is_still else whole
        if window:
            at = round((window[0] - left) * SCALE), top + round(window[1] * SCALE)
            image.paste(reduced(drawn(picture, layout, window)), at)
        images.append(image)
        before = picture, left
    return images


def followed(pictures: list[Picture], layout: Layout, seen: float) -> list[float]:
    """Where what is in view begins in each step, in points: it moves if what a step is about were outside."""
    lefts, left = [], 0.0
    most = max(0.0, layout.width + 2 * MARGIN - seen)
    for picture in pictures:
        current = [place for place, box in zip(layout.places, picture.boxes, strict=True) if box.is_current]
        xs = [x + MARGIN for place in current for x, _ in corners_of(place)]
        if xs and (min(xs) - AROUND < left or max(xs) + AROUND > left + seen):
            middle = (min(xs) + max(xs) - seen) / 2
            left = math.floor(min(max(0.0, middle), most) * SCALE) / SCALE  # a whole pixel
        lefts.append(left)
    return lefts


def inside(window: Window | None, whole: Window) -> Window | None:
    """The part of a window that is in view; None if there is none."""
    if window is None or window[2] <= whole[0] or window[0] >= whole[2]:
        return None
    return max(window[0], whole[0]), window[1], min(window[2], whole[2]), window[3]


def progress(pictures: list[Picture], lefts: list[float], heads: list[Image]) -> Iterable[tuple[Picture, float, Image]]:
    """All of a step together; with a bar where it takes long, if tqdm is installed."""
    steps = [*zip(pictures, lefts, heads, strict=True)]
    try:
        from tqdm import tqdm
    except ImportError:
        return steps
    bar: Iterable[tuple[Picture, float, Image]] = tqdm(steps, desc="GIF", unit="step", delay=SLOW)
    return bar


def headers(frames: list[Frame], wide: float) -> list[Image]:
    """The words of all steps, broken where they are wider than this, as images of one size."""
    captions = [words(frame, wide) for frame in frames]
    longest = max(width(line, TEXT_SIZE) for lines in captions for line in lines)
    longest = max(longest, *(width(frame.title, TITLE_SIZE) for frame in frames))
    most = max(map(len, captions))
    pairs = zip(frames, captions, strict=True)
    return [drawn(*header(frame, lines + [" "] * (most - len(lines)), longest)) for frame, lines in pairs]


def header(frame: Frame, lines: list[str], wide: float) -> tuple[Picture, Layout, Window]:
    """The words of a step as a picture of their own, as wide for each step."""
    picture = Picture([], [], frame.title, lines, "", "", "LR")
    layout = Layout(wide, 0.0, 0.0, [], [], False, [])
    captions, y = [], (high := layout.under(picture.header, gap=0).header)
    for line, size in picture.header:
        captions.append(Caption("", line, (0.0, y - size / 2), size, "start"))
        y -= size + 7
    layout = replace(layout, height=high, captions=captions)
    return replace(picture, title="", notes=[]), layout, (0.0, 0.0, wide + 2 * MARGIN, high + 2 * MARGIN)


def usual_colours(images: list[Image]) -> Image:
    """An image whose palette has the colours that most pixels of others have, exactly."""
    import PIL.Image

    counted = Counter[Any]()
    for image in images:
        counted.update({colour: many for many, colour in image.getcolors(image.width * image.height) or ()})
    usual: list[Any] = []
    for colour, _ in counted.most_common():  # Pillow rounds: of colours that are close the usual one stands for all
        if all(max(abs(a - b) for a, b in zip(colour, other, strict=True)) >= CLOSE for other in usual):
            usual.append(colour)
        if len(usual) == COLOURS:
            break
    palette = PIL.Image.new("P", (1, 1))
    palette.putpalette([part for colour in usual for part in colour])
    return palette


def drawn(picture: Picture, layout: Layout, window: Window | None = None) -> Image:
    import PIL.Image

    png = run(dot(picture, layout, 72 * SCALE, window), "png", positioned=True)
    return PIL.Image.open(io.BytesIO(png)).convert("RGB")


def changed(before: Picture, now: Picture, layout: Layout) -> Window | None:
    """The part of the picture in which two steps differ, in whole pixels; None where they do not."""
    points: list[Point] = []
    for place, *boxes in zip(layout.places, before.boxes, now.boxes, strict=True):
        if boxes[0] != boxes[1]:
            points += corners_of(place)
    arrows = zip(layout.routes, before.arrows, now.arrows, before.strokes, now.strokes, strict=True)
    for route, old, new, thin, thick in arrows:
        if (old, thin) != (new, thick):
            points += corners_along(route)
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    left, right = min(xs) + MARGIN - AROUND, max(xs) + MARGIN + AROUND
    top, bottom = (layout.height + MARGIN - y for y in (max(ys) + AROUND, min(ys) - AROUND))
    pixels = [math.floor(max(0.0, left) * SCALE), math.floor(max(0.0, top) * SCALE)]
    pixels += [math.ceil(right * SCALE), math.ceil(bottom * SCALE)]
    return pixels[0] / SCALE, pixels[1] / SCALE, pixels[2] / SCALE, pixels[3] / SCALE


def corners_of(place: Place) -> list[Point]:
    (x, y), (w, h) = place.centre, place.size
    return [(x - w / 2, y - h / 2), (x + w / 2, y + h / 2)]


def corners_along(route: Route) -> list[Point]:
    (x, y), (w, h) = route.label_at, route.label_size
    return [*route.curve, (x - w / 2, y - h / 2), (x + w / 2, y + h / 2)]
