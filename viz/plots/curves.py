"""The curves of one neuron: its activation function, and its cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from autograd import OPS, Value
from autograd.formulas.digits import format_number
from nn.activations import ACTIVATIONS, Activation, Function, activation
from nn.diagnosis import FLAT
from nn.losses import cost

from ..picture.theme import NEGATIVE, POSITIVE
from .colours import GRID, INK, MUTED, SERIES, SHADE
from .figures import Looks, Panels, dress, figure_of, legend, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from autograd.leaves.exchange import Array

SHADED: Looks = {"facecolor": SHADE, "hatch": "///", "edgecolor": GRID, "linewidth": 0}

# --- activations (docs/lectures.md, "Activations") --------------------------------------------------


def activations(
    which: Sequence[str | Function] | None = None,
    ax: Panels | None = None,
    *,
    z: tuple[float, float] = (-7, 7),
) -> Figure:
    """Every activation with its derivative, or those of a list; shaded where it saturates.

    The curves are what the engine computes: a = g(z), and da/dz by ``backward()``. Of softmax the panel
    shows one layer's outputs over its z₁, with z₂ = 1 and z₃ = 0.1.
    """
    if which is None:
        which = [name for name in ACTIVATIONS if name != "log_softmax"]
    rows = [activation(one) for one in which]
    axes = place(ax, len(rows), columns=3, width=3.5, height=2.6)
    for one, row in zip(axes, rows, strict=True):
        (_layer_activation if row.over_layer else _activation)(one, row, np.linspace(*z, 241))
    return figure_of(axes[0])


def _activation(ax: Axes, row: Activation, zs: Array) -> None:
    more = () if row.slope is None else (row.slope,)
    # + 0 makes a node of its own also of the linear activation, which returns z itself
    values, slopes = _with_slopes(lambda z: row.function(z, *more) + 0, zs)
    dress(ax, _title(row), "z", "")
    _shade_flat(ax, zs, np.array(slopes))
    formula, derivative = _formulas(row)
    _curve(ax, zs, values, {"color": POSITIVE, "linewidth": 2.2, "label": f"a = {formula}"})
    _curve(ax, zs, slopes, {"color": NEGATIVE, "linewidth": 1.8, "linestyle": "--", "label": f"a′ = {derivative}"})
    low, high = min(*values, *slopes), max(*values, *slopes)
    low, high = max(low, -1.6), min(high, 2.4)
    ax.set_ylim(low - 0.2 * (high - low), high + 0.4 * (high - low))  # room for the word and the legend
    legend(ax, loc="upper left", fontsize=8)


def _layer_activation(ax: Axes, row: Activation, zs: Array) -> None:
    rest = [1.0, 0.1]  # of the lectures' example, z = (2, 1, 0.1)

    def output(k: int) -> Callable[[Value], Value]:
        return lambda z: row.function([z, *rest])[k]

    dress(ax, f"{_title(row)} of (z₁, 1, 0.1)", "z₁", "")
    for k, colour in enumerate(SERIES[:3]):
        values, slopes = _with_slopes(output(k), zs)
        ax.plot(zs, values, color=colour, linewidth=2.2, label=f"a{'₁₂₃'[k]}")
        ax.plot(zs, slopes, color=colour, linewidth=1.4, linestyle="--")
    ax.plot([], [], color=MUTED, linewidth=1.4, linestyle="--", label="∂aₖ/∂z₁")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.45 * (high - low))
    legend(ax, loc="upper left", fontsize=8, ncols=2)


def _with_slopes(f: Callable[[Value], Value], xs: Array) -> tuple[list[float], list[float]]:
    """The values of f, and its slopes by ``backward()``."""
    values, slopes = [], []
    for x in map(Value, xs):
        y = f(x)
        y.backward()
        values.append(y.data)
        slopes.append(x.grad)
    return values, slopes


def _title(row: Activation) -> str:
    symbol = OPS[row.name].symbol if row.name in OPS else ""
    return symbol if "ReLU" in symbol else row.name.replace("_", " ")


def _curve(ax: Axes, zs: Array, values: Sequence[float], looks: Looks) -> None:
    """A line that is broken where the function jumps, as the step does."""
    xs, ys = list(zs), list(values)
    steepest = 8 * (zs[1] - zs[0])
    for i in range(len(xs) - 1, 0, -1):
        if abs(ys[i] - ys[i - 1]) > steepest:
            xs.insert(i, xs[i])
            ys.insert(i, np.nan)
    ax.plot(xs, ys, **looks)


def _shade_flat(ax: Axes, zs: Array, slopes: Array) -> None:
    """Mark where a unit learns nothing: the slope is 0, or tails off below 5 % of its largest, as ``diagnose`` says."""
    flat = np.abs(slopes) <= FLAT * np.abs(slopes).max()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [0]])))
    for start, end in zip(edges[::2], edges[1::2] - 1, strict=True):
        here = slopes[start : end + 1]
        if here.any() and np.ptp(here) == 0:  # a leaky ReLU's small slope is no tail: it does not go to 0
            continue
        ax.axvspan(zs[start], zs[end], **SHADED)
        word = "saturated" if here.any() else "slope 0"
        ax.text((zs[start] + zs[end]) / 2, 0.03, word, transform=ax.get_xaxis_transform(), ha="center",
                color=INK, fontsize=8)  # fmt: skip


def _formulas(row: Activation) -> tuple[str, str]:
    """An activation and its derivative as the table of operations has them, in the notes' letters."""
    if row.name == "linear":
        return "z", "1"
    op = OPS.get(row.name)
    if op is None:
        return "g(z)", "da/dz"

    def noted(formula: str) -> str:
        for pattern, letter in ((r"\bx\b", "z"), (r"\by\b", "a"), (r"\*", "·"), ("<=", "≤"), ("-", "−")):
            formula = re.sub(pattern, letter, formula)
        return formula.replace("slope", format_number(row.slope or (*op.defaults, 0.0)[0]))

    return noted(op.value), noted(op.partials[0])


# --- cost curves (docs/lectures.md, "Losses") -------------------------------------------------------


def cost_curves(
    X: Sequence[float] = (0.5, 1, 1, 1, 10),
    y: Sequence[float] = (1, 0, 0, 0, 1),
    ax: Panels | None = None,
    *,
    w: tuple[float, float] = (-5, 3),
) -> Figure:
    """J(w) of one sigmoid neuron ŷ = σ(w·x): with squared error it is not convex, with cross-entropy it is.

    Shaded where the curve bends downwards: there its slope, from the engine, falls.
    """
    ws = np.linspace(*w, 301)
    axes = place(ax, 2, width=3.8, height=3.0)
    J: dict[str, Callable[[Value], Value]] = {
        "squared error": lambda w: cost("squared_error", [(w * x).sigmoid() for x in X], y),
        "cross-entropy": lambda w: cost("bce_with_logits", [w * x for x in X], y),
    }
    for one, (loss, of_w) in zip(axes, J.items(), strict=True):
        heights, slopes = _with_slopes(of_w, ws)
        bends_down = np.diff(slopes) < 0
        verdict = "not convex" if bends_down.any() else "convex"
        dress(one, f"{loss}: {verdict}", "w", "J(w)")
        low = one.get_xaxis_transform()
        one.fill_between(ws[1:], 0, 1, where=bends_down.tolist(), transform=low, label="bends down", **SHADED)
        one.plot(ws, heights, color=POSITIVE, linewidth=2.4)
        one.set_ylim(bottom=0)
        if bends_down.any():
            legend(one, loc="lower left")
    return figure_of(axes[0])
