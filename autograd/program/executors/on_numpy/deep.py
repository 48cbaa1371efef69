"""The NumPy executor of very deep graphs: node by node, as Values are computed, but for a tile of examples at once.

In a graph that is as deep as it is large no two nodes are computed at once. To plan the calls for a million blocks, and
to keep them, would take longer than many replays, and gigabytes. So here nothing is planned. But once all values are
there, the local derivatives of many nodes can be computed at once: on the way back little is left to do for each.
"""

from __future__ import annotations

import math
from functools import cached_property, partial

import numpy as np

from ....table.arithmetic import nothing
from ....table.arrays import exact_pullback, forward, passes_on, pullback, reads, room_to_keep
from .kernels import is_one_call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from ....table.op import Kernel, Op
    from ...tape import Tape
    from ...types import Args, Array, Gradient, Places

    Flow = tuple[int, dict[int, Array] | None]

WIDTH = 32
"""How many examples a tile has, at most: all numbers of a tile are kept until its way back."""
BATCH = 512
"""The local derivatives of so many nodes are computed at once: all that this takes is to stay in the second cache."""


class DeepExecutor:
    """Runs a tape; ``NumpyExecutor`` says what its methods return.

    ``exact``  keep apart what is zero and where nothing flows, see ``exact_pullback``
    """

    def __init__(self, tape: Tape, exact: bool = False) -> None:
        self.tape = tape
        self.varying, self.learning = tape.varying(), tape.learning()
        self.pullback = exact_pullback if exact else pullback
        self.times: Callable[[Array, Array], Array] = exact_times if exact else np.multiply

    @cached_property
    def alike(self) -> dict[tuple[Op, int], tuple[Places, Places]]:
        """The nodes of each operation, see ``Tape.alike``: a forward pass does without."""
        return self.tape.alike(self.varying)

    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array:
        outputs = np.empty((len(self.tape.outputs), m))
        with np.errstate(all="ignore"):
            for _ in self._tiles(theta, columns, m, outputs):
                pass
        return outputs

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient:
        outputs, grads = np.empty((len(self.tape.outputs), m)), np.zeros(theta.size)
        with np.errstate(all="ignore"):
            for tile, _, _ in self._tiles(theta, columns, m, outputs):
                adjoints = tile.backward()
                for k, i in enumerate(self.tape.parameters):
                    if i in adjoints:
                        grads[k] += adjoints[i].item()
            grads /= m
            mean = float(np.add.reduce(outputs[0])) / m
        return outputs, mean, grads if np.isfinite(grads).all() else None

    def each(self, columns: Sequence[Array], m: int) -> tuple[Array, Array]:
        outputs, grads = np.empty((len(self.tape.outputs), m)), np.zeros((len(self.tape.parameters), m))
        with np.errstate(all="ignore"):
            for tile, start, stop in self._tiles(np.empty(0), columns, m, outputs):
                adjoints = tile.backward()
                for k, i in enumerate(self.tape.parameters):
                    if i in adjoints:
                        grads[k, start:stop] = adjoints[i]
        return outputs, grads + 0.0

    def _tiles(
        self, theta: Array, columns: Sequence[Array], m: int, outputs: Array
    ) -> Iterator[tuple[_Tile, int, int]]:
        """The forward pass, tile after tile: each with the values of its nodes, and which examples they are of."""
        tape = self.tape
        given: dict[int, Any] = tape.constants | {i: leaf.data for i, leaf in tape.leaves.items()}
        given |= dict(zip(tape.parameters, theta.tolist(), strict=False))
        rows = [row for column in columns for row in column.T]
        width = math.ceil(m / math.ceil(m / WIDTH))
        numbers = np.empty((len(tape), width))  # of one tile after another: they take hundreds of megabytes
        for start in range(0, m, width):
            stop = min(start + width, m)
            given |= {i: row[start:stop] for i, row in zip(tape.inputs, rows, strict=True)}
            tile = _Tile(self, given, numbers[:, : stop - start])
            for k, i in enumerate(tape.outputs):
                outputs[k, start:stop] = tile.value(i)
            yield tile, start, stop


class _Tile:
    """The numbers of some examples.

    ``numbers``  (nodes, width); of a node that all examples share the first one is its value
    """

    def __init__(self, executor: DeepExecutor, given: dict[int, Any], numbers: Array) -> None:
        self.executor, self.numbers, self.width = executor, numbers, numbers.shape[1]
        for i, x in given.items():
            numbers[i] = x
        self._forward()

    def value(self, i: int) -> Array:
        """The value of a node: (width,) or, if all examples share it, (1,)."""
        value: Array = self.numbers[i, : self.width if self.executor.varying[i] else 1]
        return value

    def values(self, nodes: Places) -> Array:
        """The values of nodes, (k, width), or (k, 1) if all examples share them all."""
        varying = np.frombuffer(self.executor.varying, bool)[nodes]
        found: Array = self.numbers[nodes] if varying.any() else self.numbers[nodes, :1]
        return found if varying.all() or not varying.any() else np.where(varying[:, None], found, found[:, :1])

    def _forward(self) -> None:
        tape = self.executor.tape
        values = list(self.numbers)
        plain = values.copy()  # the same, but what all examples share as arrays (), for which NumPy is quicker
        calls: dict[Op | None, tuple[Callable[..., object], Callable[[int], Array]]] = {
            op: (_computing(op), (plain if is_one_call(forward(op)) else values).__getitem__)
            for op in set(tape.ops)
            if op is not None and not op.n_lists
        }
        for i, (op, args, varies, out) in enumerate(
            zip(tape.ops, tape.args, self.executor.varying, values, strict=True)
        ):
            if not varies:
                out = values[i] = out[:1]
                plain[i] = out.reshape(())
            if op in calls:
                compute, operand = calls[op]
                compute(out, *map(operand, args))
            elif op is not None:
                _computing(op)(out[None], *self._operands(op, args))

    def _operands(self, op: Op, args: Args) -> list[Array]:
        """What kernels of an operation on lists read: an array (1, width) of each input, of a list (n, 1, width)."""
        split = op.split(args)
        return [
            self.values(np.array(one))[:, None] if isinstance(one, list) else self.value(one)[None] for one in split
        ]

    def backward(self) -> dict[int, Array]:
        """The adjoints of what has no operation; those of the others are dropped on the way."""
        tape, varying, learning = self.executor.tape, self.executor.varying, self.executor.learning
        root, times, flows = tape.outputs[0], self.executor.times, self._flows()
        adjoints: list[Array | None] = [None] * (root + 1)
        adjoints[root] = np.ones(self.width) if varying[root] else np.array([float(self.width)])
        leaves: dict[int, Array] = {}
        for i in range(root, -1, -1):
            g = adjoints.pop()
            if g is None:
                continue
            op, args, varies = tape.ops[i], tape.args[i], varying[i]
            if op is None:
                leaves[i] = g
                continue
            if op.n_lists:
                parts = self._of_lists(i, op, g)
            else:
                parts = []
                for place, slopes in flows[op, varies]:
                    a = args[place]
                    if not learning[a]:
                        continue
                    if slopes is None:
                        parts.append((a, g if varying[a] == varies else np.add.reduce(g)))
                    else:
                        parts.append((a, times(g, slopes[i]) if varying[a] == varies else g.dot(slopes[i])))
            for a, part in parts:
                before = adjoints[a]
                adjoints[a] = part if before is None else before + part
        return leaves

    def _flows(self) -> dict[tuple[Op, int], list[Flow]]:
        """For each operation without lists: the inputs to which anything may flow, and the local derivatives there.

        None where what arrives flows on as it is.
        """
        return {
            (op, varies): [
                (place, None if passes_on(op, name) else _Slopes(self, op, kernel, nodes, operands))
                for place, name in enumerate(op.inputs)
                if (kernel := self.executor.pullback(op, name)) is not None
            ]
            for (op, varies), (nodes, operands) in self.executor.alike.items()
        }

    def _of_lists(self, i: int, op: Op, g: Array) -> list[tuple[int, Array]]:
        """What flows to the inputs of an operation on lists, node by node."""
        args, learning = self.executor.tape.args[i], self.executor.learning
        operands, kept, y = self._operands(op, args), room_to_keep(op), self.value(i)[None]
        if kept:
            forward(op)(y, *operands, *kept)
        parts: list[tuple[int, Array]] = []
        for name, one in zip(op.inputs, op.split(args), strict=True):
            nodes = one if isinstance(one, list) else [one]
            kernel = self.executor.pullback(op, name)
            if kernel is not None and any(map(learning.__getitem__, nodes)):
                flow = np.empty((len(nodes), 1, y.size))
                kernel(flow if one is nodes else flow[0], g.reshape(1, -1), y, *operands, *kept)
                summed = y.size > self.value(nodes[0]).size
                parts += zip(nodes, np.add.reduce(flow, -1) if summed else flow[:, 0], strict=True)
        return parts


def exact_times(g: Array, slope: Array) -> Array:
    """What flows on of g, where ``slope`` is what flows on of 1: as ``exact_pullback`` has it."""
    flow: Array = np.where(nothing(g) | nothing(slope), -0.0, g * slope + 0.0)
    return flow


def _computing(op: Op) -> Callable[..., object]:
    """``forward``, which keeps nothing for the way back: there it is computed again."""
    kernel = forward(op)
    return partial(_forgetting, kernel, op) if room_to_keep(op) else kernel


def _forgetting(kernel: Kernel, op: Op, *arguments: object) -> None:
    kernel(*arguments, *room_to_keep(op))


class _Slopes(dict[int, "Array"]):
    """The local derivatives of nodes of an operation by one of its inputs: what flows there where 1 arrives.

    They are computed when the last of some nodes is asked for, for all of them.
    """

    def __init__(self, tile: _Tile, op: Op, kernel: Kernel, nodes: Places, operands: Places) -> None:
        self.tile, self.op, self.kernel, self.nodes, self.operands = tile, op, kernel, nodes, operands

    def __missing__(self, i: int) -> Array:
        stop = int(self.nodes.searchsorted(i)) + 1
        some = slice(max(0, stop - BATCH), stop)
        nodes, op, tile, kept = self.nodes[some], self.op, self.tile, room_to_keep(self.op)
        slopes = np.empty((len(nodes), tile.value(i).size))
        read = reads(self.kernel) | (reads(forward(op)) if kept else frozenset())
        y = tile.values(nodes) if "y" in read else None
        places = zip(op.inputs, self.operands[some].T, strict=True)
        operands = [tile.values(at) if name in read else None for name, at in places]
        if kept:
            forward(op)(np.empty_like(slopes), *operands, *kept)
        self.kernel(slopes, np.ones_like(slopes), y, *operands, *kept)
        self.clear()
        self.update(zip(nodes.tolist(), slopes, strict=True))
        return self[i]
