"""Plots for lectures and notebooks, by matplotlib (the extra ``notebook``).

    from viz import plots
    plots.loss(history)

Every function draws into ``ax`` if it is given (a list of Axes where the plot has several panels), else into
a figure of its own, and returns the Figure, which shows itself as the last line of a cell. Values and slopes come
from the engine.
"""

try:
    import matplotlib  # noqa: F401
    import numpy  # noqa: F401
except ImportError:
    raise ModuleNotFoundError('plots are drawn by matplotlib: pip install "chainrule[notebook]"') from None

from .curves import activations, cost_curves
from .figures import Plot, dress, panels
from .matrices import confusion, images, weights
from .models import activation_histograms, decision_boundary, gradient_histograms
from .surfaces import surface
from .training import Trajectory, descent, loss, parameters

__all__ = [
    "Plot",
    "Trajectory",
    "activation_histograms",
    "activations",
    "confusion",
    "cost_curves",
    "decision_boundary",
    "descent",
    "dress",
    "gradient_histograms",
    "images",
    "loss",
    "panels",
    "parameters",
    "surface",
    "weights",
]
