"""The picture of a recurrent network: its cell in a row over time, the state from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd.formulas.digits import format_number
from autograd.value import Value
from nn.entries import values_in
from nn.module import Module

from ..picture.boxes import Arrow, Box
from ..picture.layout import Point
from ..picture.text import clean, fit, width
from ..picture.theme import LABEL_SIZE, TEXT_SIZE
from .architecture import numbers_in, parameters_in
from .canvas import Canvas, Numbers
from .watching import Call

MOST = 10  # steps that are shown
SHORT = 2  # numbers of a vector that are written out
WIDE, HIGH, APART = 104.0, 58.0, 46.0  # a cell, and the room between two
ABOVE = 66.0  # between the cells and what they read or give


def recurrence(calls: list[Call]) -> list[Call]:
    """The calls of the module that is called again with what it gave before; [] where none is."""
    by_module: dict[int, list[Call]] = {}
    for call in calls:
        by_module.setdefault(id(call.module), []).append(call)
    for several in by_module.values():
        if len(several) > 1 and all(a.made & b.given for a, b in pairwise(several)):
            return several
    return []


class Unrolling:
    """Draws the steps of a cell on a canvas."""

    def __init__(self, calls: list[Call], known: set[Value], loss: str) -> None:
        self.calls, self.known, self.loss = calls, known, loss
        self.steps = recurrence(calls)
        self.canvas = Canvas()

    def draw(self) -> tuple[list[int], float]:
        """The boxes of the predictions, and where the right edge of the last step is."""
        shown = self.shown()
        pitch = WIDE + APART
        before = self.first_state(-pitch)
        outputs: list[int] = []
        for place, t in enumerate(shown):
            x = place * pitch
            if t is None:
                left = len(self.steps) - MOST
                words = ["⋯", f"{left:,} more"]
                now = self.canvas.box(Box("cut", words, True, f"{left:,} more steps"), (x, 0.0), (WIDE * 0.7, 36.0))
            else:
                now = self.cell(t, x)
                outputs += self.readouts(t, now)
            if before is not None:
                self.join(before, now, "the state")
            before = now
        names = [call.module for call in self.calls if call not in self.steps]
        modules = list({id(module): module for module in [self.steps[0].module, *names]}.values())
        self.parameters(modules, pitch * (len(shown) - 1) / 2)
        return outputs or [before or 0], pitch * (len(shown) - 1) + WIDE / 2

    def shown(self) -> list[int | None]:
        """The steps that are drawn, None where the row is cut."""
        steps: list[int | None] = [*range(len(self.steps))]
        return steps if len(steps) <= MOST else [*steps[: MOST // 2], None, *steps[-MOST // 2 :]]

    # -- one step ------------------------------------------------------------------------------------

    def first_state(self, x: float) -> int | None:
        """The state before the first step, where the cell is given one."""
        state = self.state_given(0)
        if not state:
            return None
        return self.vector("input", "h_0", state, (x, 0.0), 0.8)

    def state_given(self, t: int) -> list[Value | float]:
        """What the cell is given beside its first argument."""
        return numbers_in([read(part) for part in self.steps[t].inputs[1:]])

    def cell(self, t: int, x: float) -> int:
        """The cell of a step, with its input under it."""
        call = self.steps[t]
        made = [*values_in(read(call.output))]
        now = self.vector("group", f"h_{t + 1}", made, (x, 0.0), 1.0)
        given = numbers_in(list(call.inputs[:1]))
        if given:
            below = self.vector("input", f"x_{t + 1}", given, (x, ABOVE + HIGH), 0.86)
            self.join(below, now, "the input")
        return now

    def readouts(self, t: int, cell: int) -> list[int]:
        """What other modules make of the state of a step."""
        made = self.steps[t].made
        found: list[int] = []
        for call in self.calls:
            if call not in self.steps and made & call.given:
                output = [*values_in(call.output)]
                x, _ = self.canvas.centres[cell]
                y = -(ABOVE + HIGH) * (len(found) + 1)
                found.append(self.vector("unit", f"yhat_{t + 1}", output, (x, y), 0.86))
                self.join(found[-2] if len(found) > 1 else cell, found[-1], type(call.module).__name__)
                made = call.made
        return found[-1:]

    def vector(self, kind: str, name: str, values: Sequence[Value | float], centre: Point, part: float) -> int:
        """A box of some numbers, written out where they are few; ``part`` of the size of a cell."""
        nodes = [value for value in values if isinstance(value, Value)]
        numbers = [format_number(value.data if isinstance(value, Value) else float(value)) for value in values]
        row = ", ".join(numbers)
        if len(numbers) > SHORT or width(row, TEXT_SIZE) > WIDE * 0.72:
            row = f"{len(numbers)} numbers" if len(numbers) > 1 else row
        tooltip = f"{name} = {', '.join(numbers)}"
        if kind != "input" and all(node in self.known for node in nodes):
            tooltip += f"; ∂{self.loss}/∂{name} = {', '.join(format_number(node.grad) for node in nodes)}"
        box = Box(kind, [name, row], True, clean(tooltip))
        number = self.canvas.box(box, centre, (WIDE * part, HIGH * part))
        if nodes:
            is_written = row == ", ".join(numbers) and len(nodes) == len(values)
            self.canvas.means(number, nodes[0], {1: Numbers("", nodes)} if is_written else {})
        return number

    def join(self, tail: int, head: int, tooltip: str) -> None:
        """An arrow to the right, or upwards."""
        (x0, y0), (x1, y1) = self.canvas.centres[tail], self.canvas.centres[head]
        (wide, high), (wide_too, high_too) = self.canvas.sizes[tail], self.canvas.sizes[head]
        if y0 == y1:
            start, end = (x0 + wide / 2, y0), (x1 - wide_too / 2, y1)
        else:
            start, end = (x0, y0 - high / 2), (x1, y1 + high_too / 2)
        self.canvas.arrow(Arrow(tail, head, "", tooltip, "flows"), start, end)

    def parameters(self, modules: Sequence[Module], x: float) -> None:
        """Under the row, once: what the modules have learned, the cell's first."""
        y = ABOVE + HIGH * 2
        for module in modules:
            described = [" ".join(filter(None, pair)) for pair in parameters_in(module)]
            is_shared = sum(call.module is module for call in self.calls) > 1
            head = type(module).__name__ + ", the same in every step" * is_shared
            words = f"{head}: {', '.join(described)}"
            self.canvas.caption("", fit(words, LABEL_SIZE, 640), (x, y), LABEL_SIZE)
            y += 20


def read(state: Any) -> Any:
    """What others read of a state: of a tuple, (h, c), the h."""
    return state[0] if isinstance(state, tuple) else state
