"""How large everything of a picture is: by our own table of widths (``text.py``), never by the fonts of a machine."""

from __future__ import annotations

import math

from .boxes import Box
from .scripts import Line, Quotient, line_width
from .text import width
from .theme import EDGE_SIZE, LABEL_SIZE, SYMBOL_SIZE, TEXT_SIZE

ROW = 16.0  # height of a line in a box
EDGE_ROW = 18.0
PART, PART_WITH_SCRIPTS = 12.5, 15.0  # height of a numerator or a denominator
BEFORE_REST = 4.0  # between a fraction and what is behind it

Size = tuple[float, float]


def row_sizes(box: Box) -> list[float]:
    """The font size of each row."""
    return [LABEL_SIZE if box.named and i == 0 else TEXT_SIZE for i in range(len(box.rows))]


def symbol_size(box: Box) -> float:
    return SYMBOL_SIZE if len(box.symbol) <= 2 else LABEL_SIZE


def symbol_width(box: Box) -> float:
    """The width of the left column of a result."""
    return max(30.0, math.ceil(width(box.symbol, symbol_size(box)) + 14)) if box.symbol else 0.0


def box_size(box: Box, rows: list[Line]) -> Size:
    """Width and height in which its rows, typeset, find room, in the shape of the box's kind."""
    wide = max(line_width(row, size) for row, size in zip(rows, row_sizes(box), strict=True))
    high = ROW * len(box.rows)
    if box.kind == "result":
        return math.ceil(symbol_width(box) + wide + 16), high + 10
    if box.kind == "group":
        return math.ceil(symbol_width(box) + wide + 24), high + 12
    # The corners of the outer rows, as a part of half the height, must lie inside the outline.
    height = high + (16 if len(box.rows) > 1 else 8)
    corner = (high - 8) / height
    inside = 0.96 - corner / 2 if box.kind == "parameter" else math.sqrt(1 - corner * corner)
    flat = 1.4 if len(box.rows) > 1 else 1.1
    return math.ceil(max(wide / inside + 8, flat * height)), height


def label_size(label: str, quotient: Quotient | None = None) -> Size:
    """The room of an arrow's label, with a gap to the line; of one that is a fraction, if it is given."""
    if quotient is None:
        return math.ceil(width(label, EDGE_SIZE) + 6), EDGE_ROW
    return math.ceil(bar_width(quotient) + BEFORE_REST + width(quotient.rest, EDGE_SIZE) + 6), 2 * part_height(
        quotient
    ) + 3


def part_height(quotient: Quotient) -> float:
    """The height of its numerator, and of its denominator."""
    has_scripts = any(piece.scripts for piece in quotient.above + quotient.below)
    return PART_WITH_SCRIPTS if has_scripts else PART


def bar_width(quotient: Quotient) -> float:
    """The length of a fraction's bar."""
    return max(line_width(part, EDGE_SIZE) for part in (quotient.above, quotient.below)) + 2
