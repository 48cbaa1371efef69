"""Colours, sizes and fonts of the pictures; every colour with its counterpart on a dark page.

The hues are those of Okabe and Ito (Color Universal Design, 2008), told apart by colour-blind readers too.
"""

from __future__ import annotations

FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
LABEL_SIZE, TEXT_SIZE, EDGE_SIZE, SYMBOL_SIZE, TITLE_SIZE = 13.0, 11.0, 10.0, 20.0, 16.0

PAPER, INK, MUTED = "#ffffff", "#1f2328", "#59636e"
FRAME, FRAME_LINE = "#f6f8fa", "#d1d9e0"
POSITIVE, NEGATIVE, NEUTRAL = "#0072b2", "#d55e00", "#8c959f"

# kind -> fill, outline
KINDS = {
    "input": ("#e6f4ef", "#009e73"),
    "parameter": ("#f9ecf4", "#b5608f"),
    "constant": ("#eff1f3", "#b1bac4"),
    "result": ("#fefefe", "#424a53"),
    "group": ("#eaeef2", "#57606a"),
    "unit": ("#fefefe", "#424a53"),
    "bias": ("#f9ecf4", "#b5608f"),
    "map": ("#e6f4ef", "#009e73"),
    "cut": (PAPER, PAPER),
}

# light -> dark
DARK = {
    PAPER: "#0d1117",
    INK: "#e6edf3",
    MUTED: "#9198a1",
    FRAME: "#151b23",
    FRAME_LINE: "#3d444d",
    POSITIVE: "#56b4e9",
    NEGATIVE: "#f0883e",
    NEUTRAL: "#768390",
    "#e6f4ef": "#0f2f27",
    "#009e73": "#2fbf93",
    "#f9ecf4": "#3a2032",
    "#b5608f": "#cc79a7",
    "#eff1f3": "#21262d",
    "#b1bac4": "#57606b",
    "#fefefe": "#1c2128",
    "#424a53": "#adbac7",
    "#eaeef2": "#2d333b",
    "#57606a": "#9da7b1",
}


def stylesheet() -> str:
    """CSS that turns every colour of an SVG into its dark counterpart where the reader prefers that."""
    rules = [
        f'.chainrule [{attribute}="{light}"]{{{attribute}:{dark}}}'
        for light, dark in DARK.items()
        for attribute in ("fill", "stroke")
    ]
    return "@media (prefers-color-scheme: dark){" + "".join(rules) + "}"
