"""A drawing in a cell of a notebook: a page in a frame that zooms and pans, and says the details of its nodes."""

from __future__ import annotations

import math
from html import escape

from .picture.boxes import Picture
from .picture.layout import Layout
from .picture.svg import MARGIN, part_of_page, svg
from .steps.bundle import drawn_script
from .steps.framed import framed
from .steps.page import page

BODY = '<main class="chainrule-stepper whole-page drawn" aria-label="{title}">{svg}</main>'
START = '\nshowDrawn(document.querySelector("main"));'
WIDE = 900  # pixels: what most cells have
SCALES = 0.9, 1.4  # of a drawing when it opens
AROUND = 80  # pixels, for the words above and the padding
LEAST, MOST = 180, 640  # pixels high


def in_a_cell(picture: Picture, layout: Layout) -> str:
    """The HTML of the cell; where frames are not allowed it shows the SVG."""
    title = picture.title or picture.summary
    body = BODY.format(title=escape(title), svg=part_of_page(picture, layout))
    return framed(page(title, body, drawn_script() + START), svg(picture, layout), title, height(layout))


def height(layout: Layout) -> int:
    """Of the frame, in pixels: the whole drawing finds room, if it is not too large for that."""
    scale = min(max(WIDE / (layout.width + 2 * MARGIN), SCALES[0]), SCALES[1])
    high = scale * (layout.height + layout.header + 2 * MARGIN) + AROUND
    return math.ceil(min(max(high, LEAST), MOST))
