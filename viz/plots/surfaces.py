"""The cost over two parameters as a surface in space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from autograd.guards import plain

from ..picture.text import clean
from ..picture.theme import MUTED as EDGE
from .colours import GROUND, INK, MUTED, SIGNED
from .figures import Plot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from matplotlib.figure import Figure

    from autograd.leaves.exchange import Array
    from nn.types import Scalar

    Range = tuple[float, float]
    Space = Any  # an Axes3D: mpl_toolkits says no types


def surface(
    J: Callable[..., Scalar] | Mapping[str, Callable[..., Scalar]],
    w1: Range = (-5.0, 5.0),
    w2: Range = (-5.0, 5.0),
    ax: Sequence[Space] | Space | None = None,
    *,
    names: Sequence[str] = ("w₁", "w₂"),
    height: str = "J",
    resolution: int = 21,
    view: tuple[float, float] = (28.0, -60.0),
) -> Figure:
    """A function J(w₁, w₂) as a surface, at resolution² points, with its contours on the floor.

    A dict of functions by name gives one panel each, with heights of their own. ``view`` is where you look from:
    degrees above the floor, and around. ``ax`` are panels in space, ``figure.add_subplot(projection="3d")``.
    """
    functions = J if isinstance(J, Mapping) else {"": J}
    if not functions:
        raise ValueError("there is no function to plot")
    x, y = np.linspace(*w1, resolution), np.linspace(*w2, resolution)
    axes = _in_space(len(functions)) if ax is None else list(np.ravel(np.asarray(ax, dtype=object)))
    if len(axes) != len(functions) or any(not hasattr(one, "plot_surface") for one in axes):
        raise ValueError(f'ax is {len(functions)} panels in space: figure.add_subplot(projection="3d")')
    for one, (name, function) in zip(axes, functions.items(), strict=True):
        heights = np.array([[plain(function(float(u), float(v))) for u in x] for v in y])
        if not np.isfinite(heights).all():
            raise ValueError(f"{clean(name, 40) or 'the function'} is not finite everywhere from {w1} to {w2}")
        _dress(one, clean(name, 40), (*names[:2], height))
        _draw(one, x, y, heights)
        one.view_init(*view)
    return axes[0].get_figure(root=True)  # type: ignore[no-any-return]


def _in_space(count: int) -> list[Space]:
    figure = Plot(figsize=(3.7 * count, 3.3), dpi=100, facecolor=GROUND)
    axes = [figure.add_subplot(1, count, i, projection="3d") for i in range(1, count + 1)]
    figure.subplots_adjust(left=0.0, right=0.94, bottom=0.04, top=0.9, wspace=0.1)
    return axes


def _draw(ax: Space, x: Array, y: Array, heights: Array) -> None:
    """From orange (low) to blue (high), in a net of lines: the form shows without the colours."""
    low, high = heights.min(), heights.max()
    floor = low - 0.35 * ((high - low) or 1.0)
    grid = np.meshgrid(x, y)
    ax.plot_surface(*grid, heights, cmap=SIGNED, edgecolor=EDGE, linewidth=0.25, rcount=len(y), ccount=len(x))
    if high > low:
        ax.contour(*grid, heights, levels=np.linspace(low, high, 10), offset=floor, colors=MUTED, linewidths=0.7)
    ax.grid(visible=False)
    ticks = [z for z in ax.get_zticks() if z >= low]  # none below the surface: what is there is its floor
    ax.set_zlim(floor, high if high > low else low + 1)
    ax.set_zticks([z for z in ticks if z <= ax.get_zlim()[1]])


def _dress(ax: Space, title: str, names: Sequence[str]) -> None:
    ax.set_facecolor(GROUND)
    ax.set_title(title, color=INK, fontsize=11, fontweight="bold")
    for axis, name in zip((ax.xaxis, ax.yaxis, ax.zaxis), names, strict=True):
        axis.set_label_text(name, color=INK)
        axis.pane.set_alpha(0)
        axis.line.set_color(MUTED)
    ax.tick_params(colors=MUTED, labelcolor=MUTED, labelsize=8)
    ax.zaxis.labelpad = 0
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_major_locator(MaxNLocator(5))
