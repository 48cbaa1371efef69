"""Figures for the plots: what they are drawn into, and the looks that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image  # comes with matplotlib

from .colours import GRID, GROUND, INK, MUTED

DASHES: list[str | tuple[int, tuple[int, ...]]] = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1))]
MARKS = ["o", "s", "^", "D", "v", "P"]

Panels = Axes | Sequence[Axes]
Looks = dict[str, Any]  # the options of a line, an area, a mark; matplotlib knows them


class Plot(Figure):
    """A matplotlib figure that shows itself in Jupyter, sharp on every screen; ``savefig`` writes files."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Twice the pixels for its size, and 128 colours: a third of the bytes, and no difference to see.

        The ground is transparent: the theme of the notebook shines through.
        """
        drawn, small = BytesIO(), BytesIO()
        self.savefig(drawn, format="png", dpi=2 * self.dpi)
        Image.open(drawn).quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            small, "png", optimize=True
        )
        wide, high = self.get_size_inches() * self.dpi
        return small.getvalue(), {"width": round(wide), "height": round(high)}


def panels(columns: int = 1, rows: int = 1, *, width: float = 3.6, height: float = 2.8) -> tuple[Plot, list[Axes]]:
    """An empty figure and its Axes row by row, to draw several plots into; inches per panel.

    >>> figure, (left, right) = panels(2)
    """
    figure = Plot(figsize=(columns * width, rows * height), dpi=100, facecolor=GROUND, layout="constrained")
    return figure, list(np.ravel(figure.subplots(rows, columns)))


def place(ax: Panels | None, count: int = 1, columns: int = 4, **size: float) -> list[Axes]:
    """The Axes to draw ``count`` panels into: the given ones, or new ones; ValueError if they are too few."""
    if ax is None:
        columns = min(columns, count)
        _, axes = panels(columns, -(-count // columns), **size)
        for unused in axes[count:]:
            unused.remove()
        return axes[:count]
    axes = [ax] if isinstance(ax, Axes) else list(np.ravel(np.asarray(ax, dtype=object)))
    if len(axes) != count:
        raise ValueError(f"this plot has {count} panels, but ax holds {len(axes)}")
    return axes


def dress(ax: Axes, title: str, x: str, y: str) -> Axes:
    """Title, names of the axes, and the looks that all plots share, whatever style matplotlib is set to."""
    ax.set_facecolor(GROUND)
    ax.set_title(title, color=INK, fontsize=11, fontweight="bold")
    ax.set_xlabel(x, color=INK)
    ax.set_ylabel(y, color=INK)
    ax.tick_params(colors=MUTED, labelcolor=MUTED, labelsize=9)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(MUTED)
    ax.set_axisbelow(True)
    ax.grid(color=GRID, linewidth=0.6)
    return ax


def legend(ax: Axes, **more: object) -> None:
    box: Looks = {"facecolor": GROUND, "edgecolor": GRID, "labelcolor": INK, "fontsize": 9, "framealpha": None}
    ax.legend(**{**box, **more})


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def whole_numbers(axis: Axis) -> None:
    """Ticks at whole numbers only, as of epochs."""
    axis.set_major_locator(MaxNLocator(integer=True))
