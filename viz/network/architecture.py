"""What a network is made of: columns of units or of feature maps, and the weights between them.

Read from the modules themselves where they are nn's (``from_structure``); with an example, from a pass of it
(``from_pass``): then units have their numbers, and any Module is understood by the shapes of what it takes and gives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import Any

from autograd.value import Value
from nn.entries import is_parameter, shape, values_in
from nn.module import Module
from nn.neuron import Layer, Neuron
from nn.regularize import Dropout

from .watching import Call


@dataclass(slots=True)
class Unit:
    """A neuron, or an input. ``z`` and ``a`` are nodes of a pass; None where there was none."""

    name: str
    a: Value | None = None
    z: Value | None = None


@dataclass(slots=True)
class Column:
    """The units of a layer, or its feature maps; and what leads to them from the column before."""

    heading: str
    activation: str = ""
    units: list[Unit] = field(default_factory=list)
    maps: tuple[int, int, int] | None = None  # how many, their height, their width
    captions: list[tuple[str, str]] = field(default_factory=list)  # under the gap: a name, and what follows it
    weights: list[list[Value]] = field(default_factory=list)  # row j leads to unit j
    biases: list[Value] = field(default_factory=list)
    pixels: list[list[Value]] = field(default_factory=list)  # the nodes of each map, where it has any


def from_structure(model: Module) -> list[Column]:
    """The columns of nn's layers and neurons in a model, each reading the one before.

    ValueError where they do not follow each other, or there are none: then only a pass can tell.
    """
    layers = [module for _, module in model.named_modules() if isinstance(module, Layer | Neuron)]
    others = [module for _, module in model.named_modules() if not isinstance(module, Layer | Neuron | Dropout)]
    unknown = [module for module in others if len(list(module.named_modules())) == 1]
    if not layers or unknown:
        what = f"what {unknown[0]} does is not" if layers else "it has no layers of nn"
        raise ValueError(
            f"draw: of {model}, {what} to be seen from outside; with an example it can be drawn: draw(model, x=[...])"
        )
    sizes = [(len(neurons(layer)[0].w), len(neurons(layer))) for layer in layers]
    for number, ((_, given), (taken, _)) in enumerate(pairwise(sizes), 1):
        if given != taken:
            raise ValueError(
                f"draw: {layers[number]} takes {taken} inputs, but {layers[number - 1]} before it has {given} outputs; "
                "with an example is to be seen how they are connected: draw(model, x=[...])"
            )
    columns = [Column("input", units=[Unit(f"x{k}") for k in range(1, sizes[0][0] + 1)])]
    for layer in layers:
        units = [Unit(name) for name in unit_names(layer)]
        columns.append(of_layer(layer, units))
    return with_headings(columns)


def from_pass(calls: list[Call]) -> list[Column]:
    """The columns that the calls of a pass made, in their order. What happens between two calls, as pooling by a
    plain function, is a column of its own where it changes the shape."""
    columns: list[Column] = []
    for call in calls:
        before = column_of(call.inputs[0] if call.inputs else [])
        if not columns:
            before.heading = "input"
            name_inputs(before)
            columns.append(before)
        elif size(before) != size(columns[-1]):
            before.captions = [("", between(columns[-1], before))]
            columns.append(before)
        columns.append(of_call(call))
    return with_headings(columns)


# --- one column -------------------------------------------------------------------------------------


def neurons(layer: Layer | Neuron) -> list[Neuron]:
    return layer.neurons if isinstance(layer, Layer) else [layer]


def unit_names(layer: Layer | Neuron) -> list[str]:
    return layer.a_labels if isinstance(layer, Layer) else [layer.a_label]


def of_layer(layer: Layer | Neuron, units: list[Unit]) -> Column:
    """The column of a layer of nn, with the weights that lead to it."""
    rows = neurons(layer)
    weights, biases = [neuron.w for neuron in rows], [neuron.b for neuron in rows if neuron.b is not None]
    if isinstance(layer, Layer):
        number = layer.a_labels[0].removeprefix("a").rpartition("_")[0]
        captions = [(f"W{number}", f"({len(weights)}, {len(weights[0])})")]
        captions += [(f"b{number}", f"({len(biases)}, 1)")] * bool(biases)
    else:
        captions = [("w", f"({len(layer.w)})")] + [("b", "")] * bool(biases)
    return Column("", layer.activation.name, units, None, captions, weights, biases)


def of_call(call: Call) -> Column:
    """The column of what a module gave."""
    module = call.module
    if isinstance(module, Layer | Neuron):
        made = [*values_in(call.output)]
        rows = zip(unit_names(module), made, neurons(module), strict=True)
        return of_layer(module, [Unit(name, a, pre_activation(a, neuron.z_label)) for name, a, neuron in rows])
    column = column_of(call.output)
    column.heading = type(module).__name__
    column.captions = parameters_in(module)
    return column


def parameters_in(module: Module) -> list[tuple[str, str]]:
    """The names of a module's parameters with their shapes, ("W", "(6, 1, 5, 5)"), and the size of filters."""
    shapes = {
        f"{path}.{name}" if path else name: shape(field)
        for path, part in module.named_modules()
        for name, field in part.fields().items()
        if any(map(is_parameter, values_in(field)))
    }
    filters = [("", f"{sides[2]} × {sides[3]} filters") for sides in shapes.values() if len(sides) == 4]
    return filters + [(name, said(sides) if sides else "") for name, sides in shapes.items()]


def column_of(given: Any) -> Column:
    """A number or a list of them are units; a matrix is a feature map, and a list of matrices several."""
    values = [number if isinstance(number, Value) else None for number in numbers_in(given)]
    match shape(given):
        case (int(high), int(wide)):
            return Column("", maps=(1, high, wide), pixels=in_maps(values, high * wide))
        case (int(count), int(high), int(wide)):
            return Column("", maps=(count, high, wide), pixels=in_maps(values, high * wide))
        case _:
            names = [value.label if value is not None else "" for value in values]
            return Column("", units=[Unit(name, value) for name, value in zip(names, values, strict=True)])


def in_maps(values: list[Value | None], size: int) -> list[list[Value]]:
    """The nodes of each of the maps of this size."""
    return [[v for v in values[at : at + size] if v is not None] for at in range(0, len(values), size)]


def numbers_in(given: Any) -> list[Any]:
    """The numbers in lists, lists of lists, ...; arrays too."""
    if isinstance(given, Value) or not hasattr(given, "__len__"):
        return [given]
    return [number for part in given for number in numbers_in(part)]


def name_inputs(column: Column) -> None:
    """Inputs without a name are x1, x2, ...."""
    for k, unit in enumerate(column.units, 1):
        unit.name = unit.name or f"x{k}"


def pre_activation(a: Value, z_label: str) -> Value | None:
    """The z of an activation: the nearest node with this label that it was computed from."""
    seen, front = {a}, [a]
    while front:
        found = next((node for node in front if node.label == z_label), None)
        if found is not None:
            return found
        front = [node for node in dict.fromkeys(v for node in front for v in node.inputs) if node not in seen]
        seen.update(front)
    return None


def size(column: Column) -> tuple[int, ...]:
    return column.maps or (len(column.units),)


def between(before: Column, after: Column) -> str:
    """What lies between two columns, as far as their shapes tell."""
    old, new = size(before), size(after)
    if len(old) == len(new) == 3 and old[0] == new[0] and not (old[1] % new[1] or old[2] % new[2]):
        return f"{old[1] // new[1]} × {old[2] // new[2]} pooling"
    return "flatten" if prod(old) == prod(new) else ""


def with_headings(columns: list[Column]) -> list[Column]:
    """The layers counted, the last one called output."""
    layers = [column for column in columns[1:] if column.weights]
    for number, column in enumerate(layers, 1):
        column.heading = "output" if column is columns[-1] else f"layer {number}"
    if not columns[-1].heading:
        columns[-1].heading = "output"
    return columns


def said(lengths: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, lengths))})"
