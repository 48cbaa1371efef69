"""The numbers that pictures are drawn by, for the JavaScript that draws the same (viz/static/drawing*.js)."""

from __future__ import annotations

from types import ModuleType

from autograd.table.mathml import GREEK
from autograd.table.ops import OPS

from . import boxes, columns, layout, routes, scripts, sizes, skeleton, svg, text, theme


def drawing() -> dict[str, object]:
    """Widths of characters in hundredths of an em, sizes and gaps in points, shapes, colours, symbols."""
    head = 10 * float(skeleton.line(1.0)["arrowsize"])  # nothing flows yet: all strokes are 1
    return {
        "widths": text.WIDTHS,
        "unknown": text.UNKNOWN,
        "greek": GREEK,
        "functions": sorted(scripts.FUNCTIONS),
        "symbols": {name: op.symbol for name, op in OPS.items()},
        "shapes": skeleton.SHAPES,
        **constants(scripts, "SCRIPT"),
        **constants(theme, "LABEL_SIZE TEXT_SIZE EDGE_SIZE SYMBOL_SIZE"),
        **constants(boxes, "MAX_LABEL"),
        **constants(sizes, "ROW EDGE_ROW PART PART_WITH_SCRIPTS BEFORE_REST"),
        "columns": constants(columns, "STACK GAP SLOPE STEEPEST LANE ROW_GAP PER_ROW PER_COLUMN"),
        "routes": {
            **constants(routes, "NEAR WITH_LABEL SHORT LONG LEVEL FURTHER FIRST LAST OUTLINE APART TURN FAR SPREAD"),
            **constants(routes, "BEND PIECES AWAY CELL"),
            **constants(layout, "HALF_HEAD"),
            "head": head,
        },
        "svg": constants(svg, "MARGIN HALO RAISED LOWERED") | {"font": theme.FONT, "outlines": theme.KINDS},
    }


def constants(module: ModuleType, names: str) -> dict[str, object]:
    """These constants of a module, called as JavaScript calls its own: ROW_GAP is rowGap."""
    return {in_camel_case(name): getattr(module, name) for name in names.split()}


def in_camel_case(name: str) -> str:
    """
    >>> in_camel_case("ROW_GAP"), in_camel_case("ROW")
    ('rowGap', 'row')
    """
    first, *others = name.lower().split("_")
    return first + "".join(map(str.capitalize, others))
