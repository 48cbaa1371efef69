"""Pictures of computation graphs."""

from .draw import Drawing, draw, draw_dot
from .graphviz_engine import RenderError

__all__ = ["Drawing", "RenderError", "draw", "draw_dot"]
