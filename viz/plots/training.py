"""The plots of training: cost per epoch, parameters, decision boundary, histograms per layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autograd import Value
from autograd.formulas.naming import Names, numbered
from autograd.guards import plain
from autograd.number import quoted
from nn.losses import cost
from nn.module import evaluating, keeping_gradients

from ..picture.text import clean, format_number
from ..picture.theme import FRAME_LINE, INK, MUTED, NEGATIVE, NEUTRAL, PAPER, POSITIVE
from .figures import (
    DASHES,
    MARKS,
    SERIES,
    SIGNED,
    Looks,
    Panels,
    dress,
    figure_of,
    legend,
    place,
    whole_numbers,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from autograd.leaves import Array
    from nn.history import History
    from nn.neuron import MLP
    from nn.types import Examples, Loss, Model, Outputs, Scalar, Target


# --- training ---------------------------------------------------------------------------------------


def loss(
    history: History | Mapping[str, History], ax: Axes | None = None, *, log: bool = False, title: str = ""
) -> Figure:
    """The cost J per epoch, in training and validation, from a History; of a perceptron, its mistakes.

    A dict of Histories by name is compared in one plot. ``log`` for a logarithmic axis.
    """
    histories: Mapping[str, History] = history if isinstance(history, Mapping) else {"": history}
    if not histories:
        raise ValueError("there is no history to plot")
    (ax,) = place(ax, width=5.2, height=3.2)
    mistakes = all(h.errors for h in histories.values())
    dress(ax, title or ("mistakes per epoch" if mistakes else "cost per epoch"), "epoch", "" if mistakes else "J")
    for i, (name, h) in enumerate(histories.items()):
        if not (h.errors or h.loss):
            raise ValueError(f"the history {quoted(name)} has no epochs" if name else "the history has no epochs")
        colour, dash = SERIES[i % len(SERIES)], DASHES[i % len(DASHES)]
        epochs = range(1, len(h.errors or h.loss) + 1)
        mark: Looks = {"marker": "o", "markersize": 3.5} if len(epochs) <= 40 else {}
        label = clean(name, 40) or ("examples that were wrong" if h.errors else "training")
        ax.plot(epochs, h.errors or h.loss, color=colour, linestyle=dash, linewidth=2, label=label, **mark)
        if h.validation_loss:
            held_out = f"{clean(name, 40)}, validation" if name else "validation"
            colour = SERIES[(i + 1) % len(SERIES)] if not name else colour
            ax.plot(epochs, h.validation_loss, color=colour, linestyle=":", linewidth=2, label=held_out, **mark)
    if log:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    whole_numbers(ax.xaxis)
    if mistakes:
        whole_numbers(ax.yaxis)
    if len(ax.lines) > 1:
        legend(ax)
    return figure_of(ax)


class Trajectory:
    """The parameters of a model from now on, epoch by epoch: a callback of ``nn.fit``.

    path = Trajectory(model)
    fit(model, X, y, loss="bce", lr=1.0, callbacks=[path])
    plots.parameters(path)
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        names = Names(model.parameters())
        self.names = [names.get(p, f"parameter {i}") for i, p in enumerate(model.parameters(), 1)]
        self.rows: list[list[float]] = []
        self()

    def __call__(self, *_: object) -> None:
        self.rows.append([p.data for p in self.model.parameters()])

    def columns(self) -> dict[str, list[float]]:
        """The numbers that each parameter went through, by its name."""
        return dict(zip(self.names, map(list, zip(*self.rows, strict=True)), strict=True))


def parameters(
    path: Trajectory | Mapping[str, Sequence[float]],
    ax: Axes | None = None,
    *,
    x: str = "epoch",
    y: str = "value",
    log: bool = False,
    title: str = "",
) -> Figure:
    """Parameters over time: of a ``Trajectory``, or of a dict of numbers by name; many are named by layer."""
    columns = path.columns() if isinstance(path, Trajectory) else path
    if not columns:
        raise ValueError("there are no parameters to plot")
    (ax,) = place(ax, width=5.2, height=3.2)
    dress(ax, title or "parameters over time", x, y)
    few = len(columns) <= len(SERIES)
    group_of = {name: name if few else numbered(name)[0].partition("_")[0] for name in columns}
    groups = list(dict.fromkeys(group_of.values()))
    looks: Looks = {"linewidth": 2} if few else {"linewidth": 1.2, "alpha": 0.6}
    for i, group in enumerate(groups):
        lines = [numbers for name, numbers in columns.items() if group_of[name] == group]
        drawn = ax.plot(
            np.transpose(lines), color=SERIES[i % len(SERIES)], linestyle=DASHES[i] if few else "-", **looks
        )
        drawn[0].set_label(clean(group, 40))
    whole_numbers(ax.xaxis)
    if log:
        ax.set_yscale("log")
    if len(groups) <= len(SERIES):
        legend(ax)
    return figure_of(ax)


def descent(
    J: Callable[..., Scalar],
    paths: Mapping[str, Sequence[float | Sequence[float]] | Array],
    ax: Axes | None = None,
    *,
    names: Sequence[str] = ("w₁", "w₂"),
    margin: float = 0.3,
    title: str = "",
) -> Figure:
    """The steps of gradient descent on the cost J of one parameter (its curve) or of two (its contours).

    ``paths`` holds by name the points that were visited: numbers for J(w), pairs for J(w₁, w₂); the first is ringed.
    """
    (ax,) = place(ax, width=5.2, height=3.6)
    points = {name: np.array([np.ravel(point) for point in path], dtype=float) for name, path in paths.items()}
    everything = np.concatenate(list(points.values()))
    low, high = everything.min(axis=0), everything.max(axis=0)
    pad = margin * np.where(high > low, high - low, 1.0)
    grid = [np.linspace(a, b, 121) for a, b in zip(low - pad, high + pad, strict=True)]
    if len(grid) == 1:
        dress(ax, title or "descent", names[0] if len(names) == 1 else "w", "J")
        ax.plot(grid[0], [plain(J(w)) for w in grid[0]], color=MUTED, linewidth=2)
    else:
        dress(ax, title or "descent", *names[:2])
        heights = np.array([[plain(J(w1, w2)) for w1 in grid[0]] for w2 in grid[1]])
        # Even steps of √J: valleys show as well as walls.
        bottom = heights.min()
        levels = bottom + (heights.max() - bottom) * np.linspace(0, 1, 16)[1:] ** 2
        ax.contour(*grid, heights, levels=levels, colors=NEUTRAL, linewidths=0.8, alpha=0.8)
    for i, (name, path) in enumerate(points.items()):
        where = path.T if path.shape[1] == 2 else (path[:, 0], [plain(J(w)) for w in path[:, 0]])
        looks: Looks = {
            "color": SERIES[i % len(SERIES)],
            "marker": MARKS[i % len(MARKS)],
            "markersize": 4,
            "linewidth": 1.4,
        }
        ax.plot(*where, label=clean(name, 40), **looks)
        ax.plot(where[0][0], where[1][0], "o", markersize=10, markerfacecolor="none", color=INK)
    legend(ax)
    return figure_of(ax)


# --- models -----------------------------------------------------------------------------------------


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
    shades = ax.contourf(x1, x2, heights, levels=levels, cmap=SIGNED, alpha=0.75)
    if not steps:
        bar = figure_of(ax).colorbar(shades, ax=ax, ticks=[levels[0], threshold, levels[-1]])
        bar.ax.set_yticklabels([_short(x if abs(x) > 0.01 * reach else 0) for x in bar.get_ticks()])
        bar.ax.tick_params(colors=MUTED, labelcolor=MUTED, labelsize=8)
        bar.ax.set_title("ŷ", color=INK, fontsize=10)
        bar.outline.set_edgecolor(FRAME_LINE)
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
        one.text(0.5, 0.97, f"std {_short(float(np.std(numbers)))}",
                 transform=one.transAxes, ha="center", va="top", color=INK, fontsize=9,
                 bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1})  # fmt: skip
    return figure_of(axes[0])
