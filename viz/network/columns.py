"""The picture of columns: layers from left to right, the units of each under each other."""

from __future__ import annotations

import math

from autograd.formulas.digits import format_number
from autograd.value import Value

from ..picture.boxes import Arrow, Box
from ..picture.layout import Point
from ..picture.sizes import label_size
from ..picture.text import clean, fit
from ..picture.theme import LABEL_SIZE
from .architecture import Column, Unit
from .canvas import Canvas, Numbers, diameter

MOST = 16  # units of a column that are shown
MANY = 8  # a network with more units in a column shows one line in each
FEW, FEW_THAT_CROSS = 12, 6  # lines to one unit, to several: with more, none says its number
APART = 14.0  # units of a column
BIAS = 26.0  # diameter
MAP, SHIFT, STACK = 110.0, 8.0, 4  # the side of the largest map; of how many in a stack each is moved by how much

Lines = dict[tuple[int, int], Value]  # the boxes of a line, and its weight


class Drawer:
    """Draws columns on a canvas, from left to right."""

    def __init__(self, columns: list[Column], known: set[Value], loss: str) -> None:
        self.columns = columns
        self.known = known  # the nodes that have a gradient to show
        self.loss = loss
        self.canvas = Canvas()
        self.most = MOST // 2 if any(column.maps for column in columns) else MOST  # of a column that is cut
        self.is_dense = any(len(column.units) > MANY for column in columns)
        rows = [self.rows(unit) for column in columns for unit in column.units]
        self.diameter = max([40.0, *map(diameter, rows)])

    def draw(self) -> tuple[list[int], float]:
        """The boxes of the last column, and where its right edge is."""
        high = max(map(self.height, self.columns))
        above = BIAS + APART if any(column.biases for column in self.columns) else 0.0
        x = 0.0
        before: list[int] = []
        for number, column in enumerate(self.columns):
            wide = self.width(column)
            if number:
                x += self.gap(column, high)
            centre = x + wide / 2
            boxes = self.maps(column, x) if column.maps else self.units(column, centre)
            if number:
                self.connect(column, before, boxes)
            self.canvas.caption("", column.heading, (centre, -high / 2 - above - 38), LABEL_SIZE)
            self.canvas.caption("", column.activation, (centre, -high / 2 - above - 20))
            self.canvas.caption("", count(column), (centre, high / 2 + 20))
            for line, (name, words) in enumerate(column.captions if number else []):
                middle = x - self.gap(column, high) / 2
                self.canvas.caption(name, words, (middle, high / 2 + 20 + 18 * line), LABEL_SIZE)
            x, before = x + wide, boxes
        return before, x

    # -- columns -------------------------------------------------------------------------------------

    def rows(self, unit: Unit) -> list[str]:
        name = self.name(unit)
        return [*name, *map(str, self.numbers(unit))] or [" "]

    def name(self, unit: Unit) -> list[str]:
        """The row of its name, where it has one and room for it."""
        has_room = not self.is_dense or unit.a is None
        return [fit(unit.name, LABEL_SIZE, 80)] if unit.name and has_room else []

    def numbers(self, unit: Unit) -> list[Numbers]:
        """The rows below the name."""
        z, a = unit.z, unit.a
        if a is None:
            return []
        if self.is_dense or z is None:
            return [Numbers("", [a])]
        before = [Numbers("z", [z])] if z is not a else []
        delta = [Numbers("δ", [z], "grad")] if z in self.known else []
        return [*before, Numbers("a", [a]), *delta]

    def tooltip(self, unit: Unit) -> str:
        """All that is known of a unit."""
        z, a = unit.z, unit.a
        if a is None:
            return clean(unit.name)
        shown = [f"{unit.name} = {format_number(a.data)}"]
        if z is not None:
            name = z.label or "z"
            shown.append(f"{name} = {format_number(z.data)}")
            if z in self.known:
                shown.append(f"δ = ∂{self.loss}/∂{name} = {format_number(z.grad)}")
        return clean(", ".join(shown))

    def shown(self, column: Column) -> list[Unit | None]:
        """The units of a column that are shown, None where it is cut."""
        if len(column.units) <= MOST:
            return [*column.units]
        return [*column.units[: self.most // 2], None, *column.units[-self.most // 2 :]]

    def height(self, column: Column) -> float:
        if column.maps:
            return MAP + SHIFT * STACK
        return len(self.shown(column)) * (self.diameter + APART) - APART

    def width(self, column: Column) -> float:
        if not column.maps:
            return self.diameter
        return self.side(column) + SHIFT * (min(STACK, column.maps[0]) - 1)

    def side(self, column: Column) -> float:
        """Of a map: by the square root of its size, so that small ones are still seen."""
        assert column.maps
        largest = max(max(other.maps[1:]) for other in self.columns if other.maps)
        return max(22.0, MAP * math.sqrt(max(column.maps[1:]) / largest))

    def gap(self, column: Column, high: float) -> float:
        """The room between a column and the one before: for captions, labels, and lines that are not too steep."""
        if column.maps or not column.weights:
            return 130.0
        return max(130.0, self.room_for_labels(column), min(0.4 * high, 420.0))

    def room_for_labels(self, column: Column) -> float:
        """The width of the widest label on a line to a column, and what lines that cross need to keep theirs apart."""
        if not self.has_labels(column):
            return 0.0
        weights = [weight for row in [*column.weights, column.biases] for weight in row]
        widest = max(label_size(self.label(weight))[0] for weight in weights)
        return widest + 80.0 if len(column.weights) == 1 else 1.8 * widest + 80.0

    def label(self, weight: Value) -> str:
        """What a line says: its weight, and the gradient of it where there is one."""
        grad = f" (∂ {format_number(weight.grad)})" if weight in self.known else ""
        return format_number(weight.data) + grad

    def has_labels(self, column: Column) -> bool:
        lines = sum(map(len, column.weights)) + len(column.biases)
        return lines <= (FEW if len(column.weights) == 1 else FEW_THAT_CROSS)

    def units(self, column: Column, x: float) -> list[int]:
        """Their boxes; -1 for one that is cut out."""
        shown = self.shown(column)
        pitch = self.diameter + APART
        y = -pitch * (len(shown) - 1) / 2
        boxes = []
        for unit in shown:
            if unit is None:
                left = len(column.units) - self.most
                cut = Box("cut", ["⋮", f"{left:,} more"], True, f"{left:,} more units")
                self.canvas.box(cut, (x, y), (self.diameter + 16, 36))
                boxes += [-1] * left
            else:
                rows = self.rows(unit)
                kind = "input" if column is self.columns[0] else "unit"
                names = len(self.name(unit))
                box = Box(kind, rows, names > 0, self.tooltip(unit))
                boxes.append(self.canvas.box(box, (x, y), (self.diameter, self.diameter)))
                node = unit.a if unit.z is None else unit.z
                if node is not None:
                    self.canvas.means(boxes[-1], node, dict(enumerate(self.numbers(unit), names)))
            y += pitch
        return boxes

    def maps(self, column: Column, x: float) -> list[int]:
        """The stack, the front map last."""
        assert column.maps
        many, side = min(STACK, column.maps[0]), self.side(column)
        shape = count(column)
        stack = []
        for i in range(many):
            move = SHIFT * (i - (many - 1) / 2)
            centre = x + side / 2 + SHIFT * i, move
            stack.append(self.canvas.box(Box("map", [""], False, shape), centre, (side, side)))
            pixels = column.pixels[i] if column.pixels else []
            if pixels:  # what the loss depends on comes first: of a map that is pooled not every pixel does
                self.canvas.means(stack[-1], min(pixels, key=lambda node: node not in self.known), {})
        return [stack[-1]]

    # -- gaps ----------------------------------------------------------------------------------------

    def connect(self, column: Column, before: list[int], boxes: list[int]) -> None:
        """The lines to a column."""
        canvas, first = self.canvas, len(self.canvas.arrows)
        for j, head in enumerate(boxes):
            for k, tail in enumerate(before):
                if head < 0 or tail < 0:
                    continue
                weight = column.weights[j][k] if column.weights else None
                self.line(tail, head, weight)
        if column.biases:
            centre = [canvas.centres[tail] for tail in before if tail >= 0]
            top = min(y for _, y in centre) - self.diameter / 2 - APART - BIAS / 2
            box = Box("bias", ["1"], False, "the bias: a unit that is always 1")
            bias = canvas.box(box, (centre[0][0] + self.diameter / 2, top), (BIAS, BIAS))
            for j, head in enumerate(boxes):
                if head >= 0:
                    self.line(bias, head, column.biases[j])
        if column.weights and self.has_labels(column):
            canvas.make_room_for_labels(first)
        else:
            for arrow in canvas.arrows[first:]:
                arrow.label = ""

    def line(self, tail: int, head: int, weight: Value | None) -> None:
        """From the right of one box to the left of another: a weight, or an arrow between maps."""
        canvas = self.canvas
        kinds = {canvas.boxes[tail].kind, canvas.boxes[head].kind}
        start, end = self.edge(tail, canvas.centres[head]), self.edge(head, canvas.centres[tail])
        if weight is None:
            style = "flows" if kinds == {"map"} else "weight"
            canvas.arrow(Arrow(tail, head, "", "", style), start, end)
            return
        name = weight.label or "w"
        tooltip = f"{name} = {format_number(weight.data)}"
        if weight in self.known:
            tooltip += f", ∂{self.loss}/∂{name} = {format_number(weight.grad)}"
        canvas.of[f"e{len(canvas.arrows)}"] = weight
        canvas.arrow(Arrow(tail, head, self.label(weight), clean(tooltip), "weight", weight.data), start, end)

    def edge(self, number: int, to: Point) -> Point:
        """Where a line from the middle of a box to a point leaves it."""
        (x, y), wide = self.canvas.centres[number], self.canvas.sizes[number][0]
        dx, dy = to[0] - x, to[1] - y
        if self.canvas.boxes[number].kind == "map":
            return x + math.copysign(wide / 2 + 4, dx), 0.0  # the middle of the stack
        steepest = 0.0 if self.is_dense else 0.5  # radians: a line must not run over the unit below
        angle = max(-steepest, min(math.atan2(dy, abs(dx)), steepest))
        return x + math.copysign(math.cos(angle), dx) * (wide / 2 + 1), y + math.sin(angle) * (wide / 2 + 1)


def count(column: Column) -> str:
    """How many units or maps, and how large."""
    if not column.maps:
        return f"{len(column.units):,} unit" + "s" * (len(column.units) != 1)
    many, high, wide = column.maps
    return f"{many:,} @ {high} × {wide}"
