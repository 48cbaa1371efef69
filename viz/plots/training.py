"""The plots of training: the cost per epoch, parameters over time, the way down to a minimum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autograd.formulas.naming import Names, numbered
from autograd.guards import plain
from autograd.number import quoted

from ..picture.text import clean
from .colours import INK, MUTED, SERIES
from .figures import DASHES, MARKS, Looks, dress, figure_of, legend, place, whole_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from autograd.leaves.exchange import Array
    from nn.history import History
    from nn.types import Model, Scalar


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
        ax.contour(*grid, heights, levels=levels, colors=MUTED, linewidths=0.8, alpha=0.8)
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
