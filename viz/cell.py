"""A drawing in a cell of a notebook: a page in a frame that zooms and pans, and says the details of its nodes."""

from __future__ import annotations

import math
from html import escape

from .picture.boxes import Picture
from .picture.layout import Layout
from .picture.svg import MARGIN, part_of_page, svg
from .picture.theme import DARK, PAPER
from .steps.bundle import css, drawn_script
from .steps.framed import framed

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{css}
body {{ margin: 0; }}
@media (prefers-color-scheme: dark) {{ body {{ background: {dark}; }} }}
</style>
</head>
<body>
<main class="chainrule-stepper whole-page drawn" aria-label="{title}">{svg}</main>
<script type="module">
{script}
showDrawn(document.querySelector("main"));
</script>
</body>
</html>
"""
WIDE = 900  # pixels: what most cells have
SCALES = 0.9, 1.4  # of a drawing when it opens
AROUND = 80  # pixels, for the words above and the padding
LEAST, MOST = 180, 640  # pixels high


def in_a_cell(picture: Picture, layout: Layout) -> str:
    """The HTML of the cell; where frames are not allowed it shows the SVG."""
    title = picture.title or picture.summary
    parts = {"title": escape(title), "dark": DARK[PAPER], "svg": part_of_page(picture, layout)}
    page = PAGE.format(css=css(), script=drawn_script(), **parts)
    return framed(page, svg(picture, layout), title, height(layout))


def height(layout: Layout) -> int:
    """Of the frame, in pixels: the whole drawing finds room, if it is not too large for that."""
    scale = min(max(WIDE / (layout.width + 2 * MARGIN), SCALES[0]), SCALES[1])
    high = scale * (layout.height + layout.header + 2 * MARGIN) + AROUND
    return math.ceil(min(max(high, LEAST), MOST))
