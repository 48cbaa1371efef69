"""In the place of ``viz.plots`` in a browser without matplotlib: each plot is a sentence, and the notebook goes on."""

from __future__ import annotations

from collections.abc import Iterator

SENTENCE = "Here is a plot, if matplotlib is there: this browser's Python does not have it."


class LeftOut:
    """Stands for a figure, for axes, or for what is done with them: it takes all calls, and says what is missing."""

    def __getattr__(self, name: str) -> LeftOut:
        if name.startswith("_"):  # Jupyter asks whether it can show itself as this or that
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> LeftOut:
        return self

    def __getitem__(self, _: object) -> LeftOut:
        return self

    def __iter__(self) -> Iterator[LeftOut]:
        return iter([self])

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return SENTENCE


def panels(columns: int = 1, rows: int = 1, **_: object) -> tuple[LeftOut, list[LeftOut]]:
    """As ``plots.panels``."""
    return LeftOut(), [LeftOut() for _ in range(columns * rows)]


def __getattr__(name: str) -> LeftOut:
    if name.startswith(("_", "pytest")):  # who collects doctests asks for what there never is
        raise AttributeError(name)
    return LeftOut()
