"""Drawing computation graphs: ``draw(root)`` shows itself in Jupyter, and saves files for papers and other programs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.errors import StaleGraphError
from autograd.graph import topological
from autograd.number import quoted
from autograd.value import Value
from nn.module import Module

from .cell import in_a_cell
from .network.diagram import Diagram, diagram
from .network.page import traced
from .picture import dot as dot_format
from .picture import svg as svg_format
from .picture.boxes import Picture
from .picture.formats import render
from .picture.layout import Layout, lay_out
from .picture.of_values import picture, roots_of
from .picture.whole import in_a_folder, write_whole
from .steps.framed import framed
from .steps.stepper import Stepper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nn.types import Loss

MOST_AT_ONCE = 300  # nodes of a network that Jupyter shows with its stepper: it opens in some 2 s


def draw(
    root: Value | Sequence[Value] | Module,
    *,
    x: Any = None,
    y: Any = None,
    loss: str | Loss | None = None,
    depth: int | None = None,
    title: str = "",
    max_nodes: int | None = 500,
    rankdir: str = "LR",
) -> Drawing:
    """Draw the graph that computed ``root`` (a Value, or several), or a network: ``draw(model)``.

    Every node shows its label, data and gradient ("—" before ``backward()``), every arrow its local
    derivative. Ellipses are inputs, hexagons parameters, small ellipses constants, boxes with a symbol
    results; the root has a double outline. An arrow is blue with a solid head where the gradient that flows
    back along it is positive, orange with a hollow head where it is negative, the wider the larger; dashed
    where a mask cuts it off. The numbers are those of now: a later change of the graph does not show.

    depth      collapse scopes to boxes at this level: 1 for ``scope("layer1")``, 2 for "layer1/neuron3"
    title      a heading above the graph
    max_nodes  where the graph has more, scopes collapse by themselves, and what is far from the root
               becomes one box; the picture says so. None draws everything. (A million nodes take some 5 s.)
    rankdir    direction of forward: "LR", "TB", "RL" or "BT"

    A model, a Module of nn, is drawn as in lectures: layers as columns, units as circles, weights as lines, blue where
    positive, orange and dashed where negative, the wider the larger; feature maps as stacks, a recurrent cell in a row
    over time. ``draw(model, x=[0.5, 2])`` shows z and a of a pass of one example (in eval mode), and with a target
    ``y=1`` of backward too: δ = ∂J/∂z in the units, ∂J/∂w at the lines. The model's own gradients stay as they are.

    loss       of J: a name of ``nn.LOSSES``, or a function of prediction and target; by default what goes with the
               output: bce with sigmoid, cross-entropy with softmax, else ½(ŷ − y)²

    Raises TypeError for what is no Value and no model, ValueError for a depth or max_nodes below 1, for an unknown
    rankdir, and for a model that can be understood by an example only.

    >>> from autograd import Value
    >>> a, b = Value(2, "a"), Value(3, "b")
    >>> J = a * b
    >>> J.backward()
    >>> draw(J)
    <Computation graph of f = 6: 2 inputs, 1 result>
    """
    if isinstance(root, Module):
        return NetworkDrawing(diagram(root, x, y, loss, title))
    if x is not None or y is not None or loss is not None:
        raise TypeError("draw: x, y and loss are for models: draw(model, x=[...], y=...)")
    roots = roots_of(root, "draw: expected a Value, a list of Values, or a model (a Module of nn)")
    for name, number in (("depth", depth), ("max_nodes", max_nodes)):
        if number is not None and number < 1:
            raise ValueError(f"draw: {name} must be at least 1, or None; got {number}")
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise ValueError(f"draw: rankdir is one of 'LR', 'TB', 'RL', 'BT'; got {quoted(rankdir)}")
    return Drawing(picture(roots, depth, max_nodes, title, rankdir))


class Drawing:
    """A drawn graph. Shows itself in Jupyter; ``svg`` and ``dot`` are its texts, ``save`` writes files.

    ``picture`` says what is drawn, ``layout`` where: all that a writer of another format needs.
    """

    def __init__(self, picture: Picture, layout: Layout | None = None) -> None:
        self.picture = picture
        if layout is not None:
            self.layout = layout

    def __repr__(self) -> str:
        return f"<{self.picture.summary}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002
        """A page in a frame; for readers that show none, as GitHub, an SVG and a text."""
        framed = in_a_cell(self.picture, self.layout)
        return {"text/html": framed, "image/svg+xml": self.svg, "text/plain": repr(self)}

    @cached_property
    def layout(self) -> Layout:
        """Where everything of ``picture`` goes. Raises RenderError where there is no Graphviz to lay it out."""
        return lay_out(self.picture)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG. Raises RenderError where there is no Graphviz to lay it out."""
        return svg_format.svg(self.picture, self.layout)

    @cached_property
    def dot(self) -> str:
        """The picture as a text in Graphviz's language, with all places."""
        return dot_format.dot(self.picture, self.layout)

    def render_bytes(self, format: str) -> bytes:
        """The picture in one of the formats that ``save`` knows by their endings; ValueError for another."""
        return render(self.picture, self.layout, format)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file in the format of its ending; returns the path.

        .svg, .pdf, .png    the picture
        .tex, .tikz         a document with it for ``pdflatex``; the ``tikzpicture`` alone, for a document of your own
        .mmd                a flowchart of Mermaid, for Markdown
        .json, .dot         all of it for other programs, see docs/pictures.md

        Raises ValueError for another ending, FileNotFoundError where the folder does not exist.
        """
        path = Path(path)
        in_a_folder(path)
        write_whole(path, self.render_bytes(path.suffix.lower().removeprefix(".")))
        return path


class NetworkDrawing(Drawing):
    """A drawn network. ``J`` is the loss of the pass, None where there was no target.

    With a target ``save`` writes a page too, "x.html", and Jupyter shows the same: the network with the stepper of its
    loss. A click on a unit or on a line opens its part of the graph, at its step.
    """

    def __init__(self, diagram: Diagram) -> None:
        super().__init__(diagram.picture, diagram.layout)
        self.diagram = diagram

    @property
    def J(self) -> Value | None:
        return self.diagram.J

    @cached_property
    def stepper(self) -> Stepper:
        """The stepper of the loss; its first view is the network.

        Raises TypeError where there was no target, StaleGraphError where a parameter has got another number since,
        ValueError for a network that is too large for a stepper.
        """
        if self.J is None:
            raise TypeError("there is no loss to step through without a target: draw(model, x=[...], y=...)")
        trace, network = traced(self.diagram)
        return Stepper(trace, network=network)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """The picture; and the page, where there is one and it opens at once."""
        bundle: dict[str, object] = {}
        if self.J is not None and len(topological(self.J)) <= MOST_AT_ONCE:
            with suppress(StaleGraphError):
                bundle = {"text/html": framed(self.stepper.html, self.svg, self.picture.summary)}
        return super()._repr_mimebundle_(include, exclude) | bundle

    def render_bytes(self, format: str) -> bytes:
        """As a Drawing's; also "html"."""
        return self.stepper.html.encode() if format == "html" else super().render_bytes(format)
