"""Groups of nodes."""

from __future__ import annotations

from . import value


class scope:
    """``with scope("layer1"):`` puts the Values made inside into a group; scopes nest, "layer1/neuron3".

    Pictures draw a group as a frame, or collapse it to one box. One scope holds for all threads. Raises
    TypeError for what is no name.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"a scope's name is a text, not {name!r}")
        self.name = name
        self.outer: list[str] = []

    def __enter__(self) -> None:
        outer = value._scope
        self.outer.append(outer)
        value._scope = f"{outer}/{self.name}" if outer else self.name

    def __exit__(self, *_: object) -> None:
        value._scope = self.outer.pop()
