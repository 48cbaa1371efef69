"""The picture of a model: its structure, or a pass of an example through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograd.formulas.digits import format_number
from autograd.graph import topological
from autograd.value import Value
from nn.entries import values_in
from nn.losses import cost
from nn.module import Module, evaluating, keeping_gradients
from nn.neuron import Layer, Neuron

from ..picture.boxes import Arrow, Box, Picture
from ..picture.layout import Layout
from .architecture import from_pass, from_structure
from .canvas import LEGEND, Canvas, Numbers
from .columns import Drawer
from .unrolled import Unrolling, recurrence
from .watching import watched

LOSSES = {"sigmoid": "bce", "softmax": "cross_entropy"}  # of an output's activation; else squared error
WIDE, HIGH, APART = 120.0, 56.0, 70.0  # the box of the loss, and the room before it


@dataclass(slots=True)
class Diagram:
    """A drawn network: ``of`` and ``numbers`` as a Canvas has them; ``J`` the loss, None without a target."""

    picture: Picture
    layout: Layout
    of: dict[str, Value]
    numbers: dict[str, dict[int, Numbers]]
    J: Value | None


def diagram(model: Module, x: Any = None, y: Any = None, loss: Any = None, title: str = "") -> Diagram:
    """The diagram of a model; with x of a pass, in eval mode, and with y of a backward pass too.

    The model's gradients stay what they are. TypeError and ValueError as ``draw`` says.
    """
    if x is None:
        if y is not None or loss is not None:
            raise TypeError("draw: a target needs an example: draw(model, x=[...], y=...)")
        known = {p for p in model.parameters() if p.has_grad}
        drawer = Drawer(from_structure(model), known, "J")
        drawer.draw()
        return finished(drawer, model, title, None)
    if loss is not None and y is None:
        raise TypeError("draw: a loss needs a target: draw(model, x=[...], y=..., loss=...)")
    x = x.tolist() if hasattr(x, "tolist") else x
    with evaluating(model), keeping_gradients(model), unmarked(values_in([x, y])):
        prediction, calls = watched(model, x)
        if not calls:
            raise TypeError(f"draw: {model} has no forward to watch; write def forward(self, x): ... in it")
        J, known, name = None, set[Value](), ""
        if y is not None:
            name = loss if isinstance(loss, str) else getattr(loss, "__name__", "") or usual_loss(model)
            J = cost(loss or name, [prediction], [y])
            J.label = J.label or "J"
            for parameter in model.parameters():
                parameter.grad = 0.0
            J.backward()
            known = set(topological(J))
        pen = Unrolling(calls, known, "J") if recurrence(calls) else Drawer(from_pass(calls), known, "J")
        outputs, right = pen.draw()
        if J is not None:
            add_loss(pen.canvas, outputs, right, J, f"{name}, y = {said(y)}")
        return finished(pen, model, title, J)


@contextmanager
def unmarked(leaves: Iterable[Value]) -> Iterator[None]:
    """The Values of an example have the gradients afterwards that they have now."""
    before = [(v, v.grad if v.has_grad else None) for v in leaves]
    yield
    for v, grad in before:
        v.grad = grad


def usual_loss(model: Module) -> str:
    """The loss that goes with the activation of the last layer."""
    layers = [module for _, module in model.named_modules() if isinstance(module, Layer | Neuron)]
    return LOSSES.get(layers[-1].activation.name if layers else "", "squared_error")


def said(y: Any) -> str:
    if hasattr(y, "__iter__"):
        return f"({', '.join(map(said, y))})"
    return format_number(y.data if isinstance(y, Value) else float(y))


def add_loss(canvas: Canvas, outputs: list[int], right: float, J: Value, words: str) -> None:
    """The loss, right of the predictions."""
    drawn = [number for number in outputs if number >= 0]
    middle = sum(canvas.centres[number][1] for number in drawn) / len(drawn)
    box = Box("group", ["J", format_number(J.data)], True, f"J = {format_number(J.data)}: {words}", is_root=True)
    centre = right + APART + WIDE / 2, middle
    head = canvas.box(box, centre, (WIDE, HIGH))
    canvas.means(head, J, {1: Numbers("", [J])})
    canvas.caption("", words, (centre[0], middle + HIGH / 2 + 18))
    for tail in drawn:
        (x, y), (wide, _) = canvas.centres[tail], canvas.sizes[tail]
        canvas.arrow(Arrow(tail, head, "", "", "flows"), (x + wide / 2, y), (centre[0] - WIDE / 2 - 4, middle))


def finished(drawer: Drawer | Unrolling, model: Module, title: str, J: Value | None) -> Diagram:
    count = len(model.parameters())
    summary = f"Network {model}: {count:,} parameter" + "s" * (count != 1)
    notes = [LEGEND] if any(arrow.style == "weight" for arrow in drawer.canvas.arrows) else []
    described = [f"{caption.words}" for caption in drawer.canvas.captions if caption.words]
    picture, layout = drawer.canvas.finished(title, notes, summary, f"{summary}. {'; '.join(described)}.")
    return Diagram(picture, layout, drawer.canvas.of, drawer.canvas.numbers, J)
