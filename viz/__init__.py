"""Pictures of computation graphs; ``viz.plots`` has the plots of training, by matplotlib."""

from .drawing import Drawing, draw
from .micrograd import DotGraph, draw_dot
from .multigraph import to_networkx
from .picture.errors import RenderError
from .play.playground import Playground, playground
from .steps.stepper import Stepper, stepper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "DotGraph", "Drawing", "Playground", "RenderError", "Stepper", "draw", "draw_dot", "playground", "stepper",
    "to_networkx",
]  # fmt: skip


def __getattr__(name: str) -> "ModuleType":
    if name != "plots":
        raise AttributeError(f"module 'viz' has no attribute {name!r}")
    import sys  # at first use: matplotlib is an extra, and slow to load
    from importlib import import_module
    from importlib.util import find_spec

    in_a_browser_without = sys.platform == "emscripten" and not (find_spec("matplotlib") and find_spec("numpy"))
    return import_module(".no_plots" if in_a_browser_without else ".plots", __name__)
