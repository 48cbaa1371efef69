"""The plots of a model: where on the plane it decides what, and histograms per layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograd import Value
from autograd.formulas.digits import format_number
from autograd.guards import plain
from nn.losses import cost
from nn.module import evaluating, keeping_gradients

from ..picture.theme import NEGATIVE, PAPER, POSITIVE
from .colours import GRID, GROUND, INK, MUTED, OVER_GROUND, SERIES
from .figures import MARKS, Looks, Panels, dress, figure_of, legend, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from autograd.leaves.exchange import Array
    from nn.neuron import MLP
    from nn.types import Examples, Loss, Outputs, Target


def decision_boundary(
    model: Callable[..., Outputs],
    X: Examples | None = None,
    y: Sequence[float] | None = None,
    ax: Axes | None = None,
    *,
    threshold: float | None = None,
    resolution: int = 60,
    margin: float = 0.25,
    title: str = "",
) -> Figure:
    """What a model (or any function of [x1, x2]) answers on the plane, and where its answer changes.

    One output is coloured from orange (low) to blue (high), with a line where it crosses ``threshold``: by
    default 0.5 if all outputs lie in [0, 1], else 0. Of several outputs each region has the colour of the
    largest. The points X wear their label's mark and colour; those on the wrong side are ringed.
    The model is asked at resolution² points, in eval mode; ``margin`` is what is shown around X, relative
    to its extent (without X: −1 … 1). ValueError for examples that have not two features.
    """
    points = np.array([[-1.0, -1.0], [1.0, 1.0]] if X is None else [[plain(x_k) for x_k in x] for x in X])
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"a decision boundary is drawn for 2 inputs, X has the shape {points.shape}")
    low, high = points.min(axis=0), points.max(axis=0)
    pad = margin * np.where(high > low, high - low, 1.0) if X is not None else 0.0
    x1, x2 = (np.linspace(a, b, resolution) for a, b in zip(low - pad, high + pad, strict=True))
    (ax,) = place(ax, width=4.4, height=3.6)
    dress(ax, title or "decision boundary", "x₁", "x₂")
    ax.grid(visible=False)
    with evaluating(model):
        outputs = np.array([[_outputs(model, u, v) for u in x1] for v in x2])
        answers = np.array([_outputs(model, *point) for point in points])
        steps = _steps(model(list(points[0])))
    if outputs.shape[2] > 1:
        _regions(ax, x1, x2, outputs)
        decided = answers.argmax(axis=1)
    else:
        heights = outputs[:, :, 0]
        if threshold is None or steps:
            threshold = 0.5 if not steps and heights.min() >= 0 and heights.max() <= 1 else 0.0
        _shades(ax, x1, x2, heights, threshold, steps)
        decided = answers[:, 0] > threshold
    if y is not None:
        _points(ax, points, list(y), decided)
    return figure_of(ax)


def _outputs(model: Callable[..., Outputs], x1: float, x2: float) -> list[float]:
    """A model's outputs at a point, as numbers; of a step its z, which crosses 0 in a line and not in stairs."""
    out = model([float(x1), float(x2)])
    if _steps(out):
        out = out.inputs[0]
    return [plain(one) for one in out] if isinstance(out, list | tuple) else [plain(out)]


def _steps(out: object) -> TypeGuard[Value]:
    """Whether an output is that of a perceptron: 0 or 1."""
    return isinstance(out, Value) and out.op is not None and out.op.name == "step"


def _shades(ax: Axes, x1: Array, x2: Array, heights: Array, threshold: float, steps: bool) -> None:
    """One output: its height as a colour, a line at the threshold. Of a perceptron two colours, without a scale."""
    reach = max(abs(heights - threshold).max(), 1e-9)
    levels = np.linspace(threshold - reach, threshold + reach, 3 if steps else 21)
    shades = ax.contourf(x1, x2, heights, levels=levels, cmap=OVER_GROUND)
    if not steps:
        bar = figure_of(ax).colorbar(shades, ax=ax, ticks=[levels[0], threshold, levels[-1]])
        bar.ax.set_facecolor(GROUND)
        bar.ax.set_yticklabels([_short(x if abs(x) > 0.01 * reach else 0) for x in bar.get_ticks()])
        bar.ax.tick_params(colors=MUTED, labelcolor=MUTED, labelsize=8)
        bar.ax.set_title("ŷ", color=INK, fontsize=10)
        bar.outline.set_edgecolor(GRID)
    if heights.min() < threshold < heights.max():
        ax.contour(x1, x2, heights, levels=[threshold], colors=INK, linewidths=1.8)


def _regions(ax: Axes, x1: Array, x2: Array, outputs: Array) -> None:
    """Several outputs: the region of each is where it is ahead of all others."""
    for k in range(outputs.shape[2]):
        lead = outputs[:, :, k] - np.delete(outputs, k, axis=2).max(axis=2)
        if lead.max() > 0:
            ax.contourf(x1, x2, lead, levels=[0, lead.max()], colors=[SERIES[k % len(SERIES)]], alpha=0.3)
            if lead.min() < 0:
                ax.contour(x1, x2, lead, levels=[0], colors=INK, linewidths=1.2)


def _short(x: float) -> str:
    return format_number(float(f"{x:.2g}"))


def _points(ax: Axes, points: Array, y: list[float], decided: NDArray[np.bool_ | np.int_]) -> None:
    """The examples, by class; ringed where the model decides otherwise."""
    if len(y) != len(points):
        raise ValueError(f"{len(points)} examples in X, but {len(y)} labels in y")
    classes = sorted(set(y))
    order = [NEGATIVE, POSITIVE] if len(classes) <= 2 else SERIES
    wrong = np.zeros(len(y), dtype=bool)
    for k, name in enumerate(classes):
        of_class = np.array([label == name for label in y])
        here = points[of_class]
        wrong |= of_class & (decided != k)
        looks: Looks = {"color": order[k % len(order)], "marker": MARKS[k % len(MARKS)], "edgecolor": PAPER}
        ax.scatter(here[:, 0], here[:, 1], s=42, linewidth=0.8, label=f"y = {_short(name)}", zorder=3, **looks)
    if wrong.any():
        look: Looks = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.4}
        ax.scatter(points[wrong, 0], points[wrong, 1], s=120, label=f"{wrong.sum()} wrong", zorder=4, **look)
    legend(ax, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=3, frameon=False)


def activation_histograms(model: MLP, X: Examples, ax: Panels | None = None, *, bins: int = 30) -> Figure:
    """The activations a[l] of every layer, over its units and the examples X: one panel per layer."""
    layers: list[list[float]] = [[] for _ in model.layers]
    with evaluating(model):
        for x in X:
            a = [Value(x_k) for x_k in x]
            for numbers, layer in zip(layers, model.layers, strict=True):
                a = layer.forward(a)
                numbers += [one.data for one in a]
    return _histograms(layers, ax, bins, "a[{}]", "a")


def gradient_histograms(
    model: MLP, X: Examples, y: Sequence[Target], loss: str | Loss, ax: Panels | None = None, *, bins: int = 30
) -> Figure:
    """The gradients dW[l] = ∂J/∂W[l] of every layer, for the cost J over (X, y): one panel per layer."""
    with keeping_gradients(model), evaluating(model):
        for p in model.parameters():
            p.grad = None
        cost(loss, [model(x) for x in X], y).backward()
        layers = [[w.grad for row in layer.W for w in row] for layer in model.layers]
    return _histograms(layers, ax, bins, "dW[{}]", "∂J/∂w")


def _histograms(layers: list[list[float]], ax: Panels | None, bins: int, name: str, x: str) -> Figure:
    axes = place(ax, len(layers), columns=len(layers), width=2.1, height=2.1)
    everything = np.concatenate(layers)
    low, high = everything.min(), everything.max()
    edges = np.linspace(low, high, bins + 1) if high > low else np.linspace(low - 0.5, low + 0.5, bins + 1)
    for number, (one, numbers) in enumerate(zip(axes, layers, strict=True), 1):
        dress(one, name.format(number), x, "share of all" if number == 1 else "")
        one.hist(numbers, bins=list(edges), weights=np.full(len(numbers), 1 / len(numbers)), color=POSITIVE)
        one.set_ylim(top=1.25 * one.get_ylim()[1])
        one.text(
            0.5,
            0.97,
            f"std {_short(float(np.std(numbers)))}",
            transform=one.transAxes,
            ha="center",
            va="top",
            color=INK,
            fontsize=9,
        )
    return figure_of(axes[0])
