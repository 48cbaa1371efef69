"""``diagnose``: why a network does not learn. Dead, saturated and identical units, vanishing gradients.

>>> from nn import MLP
>>> model = MLP(2, [3, 1], "tanh", init="ones")
>>> print(diagnose(model, [[0.5, -1.0], [2.0, 1.0]]))
MLP(2-3-1, tanh, linear) on 2 examples: 1 finding
symmetric units: layer 1, neurons 1–3
  w[1]_1, w[1]_2, w[1]_3 have the same weights in and out, and the same bias: they stay identical
  Remedy: start from random weights, "xavier_uniform" for tanh and sigmoid, "he_normal" for ReLU
gradients were not looked at: give y and loss
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from autograd import Value, graph
from autograd.number import quoted

from .data import check_targets, examples, leaves, targets
from .losses import cost, find_loss, per_unit, summed
from .module import Module, evaluating, keeping_gradients
from .neuron import Layer, Neuron

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .types import Examples, Loss, Target

# A sigmoid or tanh is saturated where its derivative is below 5 % of its largest: |z| > 4.36 of a sigmoid,
# |z| > 2.18 of tanh. A unit is, if that is so on 90 % of the examples.
FLAT = 0.05
MOST = 0.9
STEEPEST = {"sigmoid": 0.25, "tanh": 1.0}
# Gradients vanish or explode if, between the output and another layer, ∂J/∂z shrinks or grows a thousandfold.
RATIO = 1000.0
# What the rounding of many steps may make of equal numbers, relative to them.
ROUNDING = 1e-12

REMEDIES = {  # docs/lectures.md, "Activations" and "Initialisation"
    "dead ReLU": "leaky ReLU, biases that start at 0.01, or a lower learning rate",
    "saturated units": "smaller weights at the start (Xavier), standardised inputs, a lower learning rate, or ReLU",
    "symmetric units": 'start from random weights, "xavier_uniform" for tanh and sigmoid, "he_normal" for ReLU',
    "vanishing gradient": "Xavier initialisation for tanh and sigmoid, He for ReLU; ReLU in place of sigmoid; "
    "fewer layers",
    "exploding gradient": "Xavier initialisation for tanh and sigmoid, He for ReLU; a lower learning rate",
}


class Finding(NamedTuple):
    """Something wrong in a layer. Layers and neurons are counted from 1, as in the labels ``w[1]_2,3``."""

    kind: str  # a key of REMEDIES
    layer: int
    neurons: tuple[int, ...]  # empty where it is the whole layer
    evidence: str

    @property
    def where(self) -> str:
        if not self.neurons:
            return f"layer {self.layer}"
        return f"layer {self.layer}, neuron{'s' * (len(self.neurons) > 1)} {ranges(self.neurons)}"

    @property
    def remedy(self) -> str:
        return REMEDIES[self.kind]

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}\n  {self.evidence}\n  Remedy: {self.remedy}"


class Diagnosis(NamedTuple):
    """What ``diagnose`` returns: ``findings``, and in ``gradients`` the size of ∂J/∂z per layer, if looked at."""

    subject: str
    findings: list[Finding]
    gradients: list[float]

    @property
    def ok(self) -> bool:
        """Nothing found."""
        return not self.findings

    def __str__(self) -> str:
        count = plural(len(self.findings), "finding") if self.findings else "nothing found"
        lines = [f"{self.subject}: {count}", *map(str, self.findings)]
        if not self.gradients:
            lines.append("gradients were not looked at: give y and loss")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The findings as a table, for Jupyter."""
        from html import escape

        rows = [("what", "where", "seen", "remedy")]
        rows += [(f.kind, f.where, f.evidence, f.remedy) for f in self.findings]
        cells = ["".join(f"<td style='text-align: left'>{escape(cell)}</td>" for cell in row) for row in rows]
        head, *body = str(self).splitlines()
        note = "" if self.gradients else f"<p>{escape(body[-1])}</p>"
        table = "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>" if self.findings else ""
        return f"<p>{escape(head)}</p>{table}{note}"


class Unit:
    """One neuron, and what was seen of it: z, and ∂J/∂z, per example."""

    def __init__(self, neuron: Neuron, number: int, dropped: bool = False) -> None:
        self.neuron, self.number, self.dropped = neuron, number, dropped
        self.name = neuron.z_label.removeprefix("z")
        self.z: list[float] = []
        self.gradients: list[float] = []

    def dead(self) -> bool:
        return self.neuron.activation.name == "relu" and max(self.z) <= 0

    def saturated(self) -> bool:
        g = self.neuron.activation
        if g.name not in STEEPEST:
            return False
        slopes: list[float] = [g.function(Value(z)).local_derivatives[0] for z in self.z]
        return sum(slope < FLAT * STEEPEST[g.name] for slope in slopes) >= MOST * len(slopes)


def diagnose(
    model: Module, X: Examples, y: Iterable[Target] | None = None, loss: str | Loss | None = None
) -> Diagnosis:
    """Look for what keeps ``model`` from learning on the examples X (m, n); with y and loss at gradients too.

    dead ReLU           z ≤ 0 on every example: its derivative is 0, its weights never change
    saturated units     hidden sigmoid or tanh units that are flat on 90 % of the examples: g′(z) below 5 % of
                        its largest. (In the output layer that is a confident answer.)
    symmetric units     hidden units of a layer with the same weights in and out, and the same bias
    vanishing gradient  the root mean square of ∂J/∂z, over units and examples, falls from the output to
                        another layer to a thousandth or less
    exploding gradient  it grows a thousandfold or more, or is not finite

    The model is a Module with Layers or Neurons in it, taken in the order of ``named_modules()``; it is not
    changed. Dropout is off. TypeError or ValueError for data that do not fit, as in ``fit``.
    """
    if not isinstance(model, Module):
        raise TypeError(f"diagnose looks at a Module, not at {quoted(model)} ({type(model).__name__})")
    layers = [units for _, module in model.named_modules() if (units := units_of(module))]
    if (y is None) != (loss is None):
        raise TypeError("to look at gradients, diagnose needs both y and loss")
    inputs = leaves(examples(X))
    with evaluating(model):
        if loss is None:
            note([summed(per_unit(model(x))) for x in inputs], layers)
        else:
            y = targets(y, len(inputs))
            check_targets(model, find_loss(loss), inputs, y, "example")
            with keeping_gradients(model):
                J = cost(loss, [model(x) for x in inputs], y)
                J.backward()
                note([J], layers)
    layers = [layer for layer in layers if all(unit.z for unit in layer)]  # those that the model used
    if not layers:
        raise TypeError(f"{model!r} has no layers to look at: it needs nn's Neuron, Layer or MLP in it")
    sizes = [] if loss is None else [rms([g for unit in layer for g in unit.gradients]) for layer in layers]
    found = dead_units(layers) + saturated_units(layers) + symmetric_units(layers) + bad_gradients(sizes, layers)
    subject = f"{model!r} on {plural(len(inputs), 'example')}"
    return Diagnosis(subject, sorted(found, key=lambda finding: finding.layer), sizes)


def units_of(module: Module) -> list[Unit]:
    """The units of a Layer, of a Neuron that is not in one, of anything else none."""
    if isinstance(module, Layer):
        return [Unit(neuron, j, module.dropout is not None) for j, neuron in enumerate(module.neurons, 1)]
    return [Unit(module, 1)] if isinstance(module, Neuron) else []


def note(outputs: list[Value], layers: list[list[Unit]]) -> None:
    """Walk the graph below the outputs, and note z and its gradient at every unit.

    A node is the z of a unit if it has its label, and stems from its weights: z = dot(w, x) + b.
    """
    units = {unit.neuron.w[0]: unit for layer in layers for unit in layer}
    labels = {unit.neuron.z_label for unit in units.values()}
    for output in outputs:
        for node in graph.topological(output):
            if node.label in labels and node.op is not None:
                product = node if node.op.name == "dot" else node.inputs[0]
                unit = units.get(product.inputs[0]) if product.inputs else None
                if unit is not None:
                    unit.z.append(node.data)
                    unit.gradients.append(node.grad)


# --- the findings -----------------------------------------------------------------------------------


def dead_units(layers: list[list[Unit]]) -> list[Finding]:
    found = []
    for number, layer in enumerate(layers, 1):
        if dead := [unit for unit in layer if unit.dead()]:
            m = len(dead[0].z)
            seen = "the one example" if m == 1 else f"all {m} examples"
            evidence = f"{names('z', dead)} ≤ 0 on {seen}: the derivative is 0, the weights never change"
            if cut_off(layer):
                evidence += (
                    "; that is the whole layer: what follows sees no input, and nothing before it learns "
                    "(with tanh this cannot happen)"
                )
            found.append(Finding("dead ReLU", number, unit_numbers(dead), evidence))
    return found


def cut_off(layer: list[Unit]) -> bool:
    """Whether the layer hands on 0 whatever the example, and no gradient back."""
    return all(unit.dead() for unit in layer)


def saturated_units(layers: list[list[Unit]]) -> list[Finding]:
    found = []
    for number, layer in enumerate(layers[:-1], 1):
        if flat := [unit for unit in layer if unit.saturated()]:
            g = flat[0].neuron.activation.name
            evidence = (
                f"{names('z', flat)}: {g}′(z) is below {FLAT:.0%} of its largest on {MOST:.0%} of the examples or more"
            )
            found.append(Finding("saturated units", number, unit_numbers(flat), evidence))
    return found


def symmetric_units(layers: list[list[Unit]]) -> list[Finding]:
    """Units that get the same gradient in every step. Dropout would tell them apart."""
    found = []
    for number, (layer, following) in enumerate(itertools.pairwise(layers), 1):
        if layer[0].dropped or len(following[0].neuron.w) != len(layer):
            continue
        alike: list[list[tuple[Unit, list[float]]]] = []
        for j, unit in enumerate(layer):
            parameters = [*unit.neuron.w, *[after.neuron.w[j] for after in following], unit.neuron.b]
            own = [p.data for p in parameters if p is not None]
            for group in alike:
                if all(map(same_to_rounding, own, group[0][1])):
                    group.append((unit, own))
                    break
            else:
                alike.append([(unit, own)])
        for group in alike:
            if len(group) > 1:
                units = [unit for unit, _ in group]
                equal = all(own == group[0][1] for _, own in group)
                same = f"{names('w', units)} have the same weights in and out, and the same bias"
                evidence = f"{same}: they stay identical" if equal else f"{same}, to rounding: they stay alike"
                found.append(Finding("symmetric units", number, unit_numbers(units), evidence))
    return found


def same_to_rounding(a: float, b: float) -> bool:
    """Whether numbers that began equal may have become these: not every engine rounds the sums of all units alike."""
    return math.isclose(a, b, rel_tol=ROUNDING)


def bad_gradients(sizes: list[float], layers: list[list[Unit]]) -> list[Finding]:
    """The layer where the gradient is smallest, and the one where it is largest, if they are out of bounds.

    Where a layer is dead nothing flows, but ``dead_units`` says so already, and its remedy is another.
    """
    if not sizes:
        return []
    found = []
    every = f"the root mean square of ∂J/∂z, from layer 1 to {len(sizes)}, is {', '.join(f'{s:.2g}' for s in sizes)}"
    if not all(map(math.isfinite, sizes)):
        first_bad = [math.isfinite(size) for size in sizes].index(False) + 1
        return [Finding("exploding gradient", first_bad, (), every)]
    smallest, largest, last = min(sizes), max(sizes), sizes[-1]
    if smallest * RATIO <= last > 0 and not any(map(cut_off, layers)):
        found.append(Finding("vanishing gradient", sizes.index(smallest) + 1, (), every))
    if largest >= last * RATIO and largest > 0:
        found.append(Finding("exploding gradient", sizes.index(largest) + 1, (), every))
    return found


def plural(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def rms(xs: list[float]) -> float:
    """The root of the mean of the squares, which do not overflow on the way."""
    return math.hypot(*xs) / math.sqrt(len(xs))


def unit_numbers(units: list[Unit]) -> tuple[int, ...]:
    return tuple(unit.number for unit in units)


def names(letter: str, units: list[Unit]) -> str:
    """The labels of some units, z[1]_2, z[1]_5; of many the first and the last."""
    labels = [letter + unit.name for unit in units]
    return ", ".join(labels) if len(labels) <= 4 else f"{labels[0]}, …, {labels[-1]}"


def ranges(ns: tuple[int, ...]) -> str:
    """Ascending numbers, in short: 1–3, 7."""
    runs: list[list[int]] = []
    for n in ns:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
