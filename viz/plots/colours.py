"""Colours of the plots: one picture for light and for dark pages.

The ground is transparent, so a plot follows the theme of the notebook, of the page, of the slide it lies on. Text and
axes are of the grey that stands out from white as much as from the #111 of a dark notebook, 4.3 to 1 (the contrast of
WCAG 2.2); the hues of Okabe and Ito stand out from both by more than 3 to 1, what WCAG asks of lines and marks.
"""

from __future__ import annotations

from matplotlib.colors import LinearSegmentedColormap, to_rgba

from ..picture.theme import INK as DARK_INK
from ..picture.theme import KINDS, NEGATIVE, PAPER, POSITIVE

GROUND = "none"
INK = MUTED = "#787b80"
GRID = "#787b8040"
SHADE = "#787b8026"
PALE = 0.25  # the share of a hue in the palest shade of a count

# Told apart by lightness and by dashes or marks as well as by hue.
SERIES = [POSITIVE, NEGATIVE, KINDS["input"][1], KINDS["parameter"][1], INK, "#a37f00"]

# From orange over the ground to blue: the output of a model with one output.
OVER_GROUND = LinearSegmentedColormap.from_list(
    "over ground", [to_rgba(NEGATIVE, 0.85), to_rgba(NEGATIVE, 0.0), to_rgba(POSITIVE, 0.0), to_rgba(POSITIVE, 0.85)]
)

# Opaque, where a picture is looked at as one, with white in it: from orange over paper to blue, and from paper to ink.
SIGNED = LinearSegmentedColormap.from_list("signed", [NEGATIVE, PAPER, POSITIVE])
INKED = LinearSegmentedColormap.from_list("inked", [PAPER, DARK_INK])


def shades(hue: str) -> LinearSegmentedColormap:
    """Opaque, from a pale shade of a hue to the hue: the first is for dark letters, the last for white ones."""
    red, green, blue, _ = (1 - PALE * (1 - part) for part in to_rgba(hue))
    return LinearSegmentedColormap.from_list("shades", [(red, green, blue, 1.0), to_rgba(hue)])
