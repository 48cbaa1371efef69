"""Matrices as pictures: images, the weights of units that look at images, a confusion matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autograd.number import quoted
from nn.data import examples
from nn.entries import numbers_of

from ..picture.text import clean
from ..picture.theme import INK as DARK_INK
from ..picture.theme import NEGATIVE, PAPER, POSITIVE
from .colours import GRID, INK, INKED, MUTED, SIGNED, shades
from .figures import Panels, dress, figure_of, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nn.convolution import Conv2d
    from nn.metrics import ConfusionMatrix
    from nn.neuron import Layer, Neuron
    from nn.types import Examples

    Shape = tuple[int, int]

DARK = 0.6  # from here on a number is written in the colour of paper

LARGE = 0.25  # a weight, as a share of the largest


def images(
    X: Examples,
    shape: Shape | None = None,
    ax: Panels | None = None,
    *,
    titles: Sequence[object] = (),
    columns: int = 8,
    size: float = 0.95,
) -> Figure:
    """Each example as a picture: its n numbers row by row, the smallest of all as paper, the largest as ink.

    ``shape`` is (rows, columns), by default a square; ``size`` is that of one picture, in inches.
    """
    pixels = np.array(examples(X))
    shape = shape_of(pixels.shape[1], shape)
    axes = place(ax, len(pixels), columns=columns, width=size, height=size + 0.25 * bool(titles))
    if titles and len(titles) != len(pixels):
        raise ValueError(f"there are {len(pixels)} images, but {len(titles)} titles")
    low, high = pixels.min(), pixels.max()
    for i, one in enumerate(axes):
        bare(one, str(titles[i]) if titles else "")
        one.imshow(pixels[i].reshape(shape), cmap=INKED, vmin=low, vmax=high if high > low else low + 1)
    return figure_of(axes[0])


def weights(
    layer: Layer | Neuron | Conv2d,
    shape: Shape | None = None,
    ax: Panels | None = None,
    *,
    columns: int = 5,
    size: float = 1.25,
) -> Figure:
    """The weights of each unit as a picture, in the places of the inputs that they weigh: what it looks for.

    Blue is positive, orange negative; large negative ones wear a minus. All pictures share the scale, which is drawn
    beside them. ``shape`` is that of the input image, (rows, columns), by default a square; of a Conv2d over one map
    the kernels are drawn. The first layer of a model is ``model.layers[0]``.
    """
    rows = getattr(layer, "W", None) or [getattr(layer, "w", None)]
    if rows == [None]:
        raise TypeError(f"weights are drawn of a Layer or a Neuron, as model.layers[0] is; {quoted(layer)} has no W")
    W = np.array(numbers_of(rows)).reshape(len(rows), -1)
    shape = shape_of(W.shape[1], shape)
    axes = place(ax, len(W), columns=columns, width=size, height=size + 0.25)
    reach = abs(W).max() or 1.0
    for j, (one, row) in enumerate(zip(axes, W, strict=True)):
        bare(one, f"unit {j}" if len(W) > 1 else "w")
        picture = row.reshape(shape)
        drawn = one.imshow(picture, cmap=SIGNED, vmin=-reach, vmax=reach)
        down, along = np.nonzero(picture < -LARGE * reach)
        one.scatter(along, down, marker="_", s=100 * size / shape[1], color=DARK_INK, linewidth=1)
    bar = figure_of(axes[0]).colorbar(drawn, ax=axes, shrink=0.8, aspect=25, pad=0.02)
    bar.ax.tick_params(colors=MUTED, labelcolor=MUTED, labelsize=8)
    bar.ax.set_title("w", color=INK, fontsize=10)
    bar.outline.set_edgecolor(GRID)
    return figure_of(axes[0])


def confusion(matrix: ConfusionMatrix, ax: Axes | None = None, *, title: str = "") -> Figure:
    """A ConfusionMatrix of ``nn.metrics``: rows are the true classes, columns the predicted ones.

    What is right is blue, mistakes are orange, each darker the larger its share of the row is (its square root, so that
    rare mistakes show as well); every count stands in its cell.
    """
    counts, names = np.array(matrix.counts), [clean(str(k), 12) for k in matrix.classes]
    side = max(3.2, 1.4 + 0.36 * len(names))
    (ax,) = place(ax, width=side, height=side)
    dress(ax, title or f"confusion matrix: {matrix.accuracy:.1%} right", "predicted", "true")
    ax.grid(visible=False)
    right = np.eye(len(names), dtype=bool)
    depth = np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    for colour, here in ((POSITIVE, right), (NEGATIVE, ~right)):
        ax.imshow(np.ma.array(depth, mask=~here | (counts == 0)), cmap=shades(colour), vmin=0, vmax=1)
        for i, j in zip(*np.nonzero(here & (counts > 0)), strict=True):
            ink = PAPER if depth[i, j] > DARK else DARK_INK
            ax.text(j, i, f"{counts[i, j]}", ha="center", va="center", color=ink, fontsize=9)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    return figure_of(ax)


def shape_of(n: int, shape: Shape | None) -> Shape:
    """(rows, columns) of an image of n pixels; ValueError where that cannot be."""
    side = math.isqrt(n)
    if shape is None and side * side != n:
        raise ValueError(f"{n} numbers fill no square: say which shape the image has, as in shape=(2, {n // 2})")
    rows, columns = shape or (side, side)
    if rows * columns != n:
        raise ValueError(f"shape {shape} has {rows * columns} pixels, but there are {n} numbers")
    return rows, columns


def bare(ax: Axes, title: str) -> None:
    """A panel for an image: no axes, a thin frame."""
    dress(ax, "", "", "")
    ax.set_title(clean(title, 40), color=INK, fontsize=9)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(GRID)
