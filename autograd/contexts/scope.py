"""Groups of nodes."""

from __future__ import annotations

from ..number import quoted
from .watching import Entered


class scope(Entered):
    """``with scope("layer1"):`` puts the Values made inside into a group; scopes nest, "layer1/neuron3".

    Pictures draw a group as a frame, or collapse it to one box. A scope holds for the task or thread that entered it,
    until its block ends. Raises TypeError for what is no name.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"a scope's name is a text, not {quoted(name)}")
        self.name = name
