"""The playground as a page: a network that is trained where it is seen."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from autograd.number import quoted

from ..network.diagram import diagram
from ..picture.svg import svg
from ..picture.theme import DARK, INK, NEGATIVE, PAPER, POSITIVE
from ..picture.whole import in_a_folder, write_whole
from ..steps.bundle import css, script
from ..steps.framed import framed
from ..steps.page import BODY, embedded, page
from .pieces import initial, pictures, pieces
from .settings import ACTIVATIONS, DATA, MOST_LAYERS, MOST_NEURONS, REGULARISERS, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAIN = "playground"
TITLE = "Playground: a network that is trained where it is seen"
START = """
mountPlayground(document.getElementById("playground"), JSON.parse(document.getElementById("payload").textContent));"""
HIGH = 720  # pixels of the frame
COLOURS = {"negative": NEGATIVE, "paper": PAPER, "positive": POSITIVE, "ink": INK}


def playground(**settings: Any) -> Playground:
    """A network that is trained in the page: its data, its layers, and what each neuron has learned.

    In a notebook it shows itself, with or without a kernel; ``save("playground.html")`` writes one page that needs no
    network. A click on a weight opens the stepper on its gradient for one example.

    ``settings`` are those of ``Settings``, what the page begins with: ``playground(data="xor", hidden=(3,), seed=2)``;
    ``fit(epochs)`` trains the same in Python. TypeError or ValueError for what is no setting.

    >>> playground(data="xor", hidden=(3,))
    <playground: xor, 2-3-1, tanh>
    """
    return Playground(Settings(**settings))


class Playground:
    """Shows itself in Jupyter; ``save`` writes the page, ``fit`` trains the same network in Python."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __repr__(self) -> str:
        sizes = "-".join(map(str, [len(set(self.settings.features)), *self.settings.hidden, 1]))
        return f"<playground: {self.settings.data}, {sizes}, {self.settings.activation}>"

    def fit(self, epochs: int) -> Any:
        """The network after so many epochs, and its history: see ``Settings.fit``."""
        return self.settings.fit(epochs)

    def payload(self) -> str:
        """What the script needs, as ``embedded`` writes it."""
        payload = {
            "settings": self.settings.plain(),
            "pieces": pieces(),
            "pictures": pictures(),
            "initial": initial(),
            "data": list(DATA),
            "activations": list(ACTIVATIONS),
            "regularisers": list(REGULARISERS),
            "most": {"layers": MOST_LAYERS, "neurons": MOST_NEURONS},
            "colours": {
                "light": COLOURS,
                "dark": {name: DARK[colour] for name, colour in COLOURS.items()},
            },
        }
        return embedded(payload)

    @cached_property
    def html(self) -> str:
        """The page, whole."""
        return page(TITLE, BODY.format(place=MAIN, payload=self.payload()), script(MAIN) + START, css(MAIN))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; ValueError for another ending than .html, FileNotFoundError where there is no such folder."""
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f'a playground is a page: save it as "playground.html", not {quoted(path.name)}')
        in_a_folder(path)
        write_whole(path, self.html.encode())
        return path

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002
        """The page in a frame; the network at the start where frames are not allowed."""
        drawn = diagram(self.settings.model())
        picture = svg(drawn.picture, drawn.layout)
        return {"text/plain": repr(self), "text/html": framed(self.html, picture, TITLE, HIGH)}
