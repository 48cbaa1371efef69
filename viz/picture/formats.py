"""The formats of a picture, by the ending of its file."""

from __future__ import annotations

from collections.abc import Callable

from autograd.number import quoted

from .boxes import Picture
from .dot import dot
from .exchange import as_json
from .graphviz_engine import run
from .layout import Layout
from .mermaid import mermaid
from .svg import svg
from .tikz import document, tikz

DPI = 192.0
MAX_SIDE, MAX_PIXELS = 30_000, 60_000_000  # of a PNG


def as_svg(picture: Picture, layout: Layout) -> bytes:
    return svg(picture, layout).encode()


def as_dot(picture: Picture, layout: Layout) -> bytes:
    return dot(picture, layout).encode()


def as_pdf(picture: Picture, layout: Layout) -> bytes:
    return run(dot(picture, layout), "pdf", positioned=True)


def as_png(picture: Picture, layout: Layout) -> bytes:
    """In 192 dots per inch, or fewer where the picture would become too large."""
    w, h = layout.width + 16, layout.height + layout.header + 16
    dpi = 72 * min(DPI / 72, MAX_SIDE / max(w, h), (MAX_PIXELS / (w * h)) ** 0.5)
    return run(dot(picture, layout, dpi), "png", positioned=True)


FORMATS: dict[str, Callable[[Picture, Layout], bytes]] = {
    "svg": as_svg,
    "pdf": as_pdf,
    "png": as_png,
    "tex": lambda picture, layout: document(picture, layout).encode(),
    "tikz": lambda picture, layout: tikz(picture, layout).encode(),
    "mmd": lambda picture, layout: mermaid(picture).encode(),  # noqa: ARG005
    "json": lambda picture, layout: as_json(picture, layout).encode(),
    "dot": as_dot,
}


def render(picture: Picture, layout: Layout, format: str) -> bytes:
    """The picture in one of ``FORMATS``; ValueError for another."""
    if format not in FORMATS:
        *names, last = FORMATS
        raise ValueError(f"cannot draw as {quoted(format)}: the formats are {', '.join(names)} and {last}")
    return FORMATS[format](picture, layout)
