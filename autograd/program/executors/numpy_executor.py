"""The NumPy executor: blocks as calls of NumPy's functions on buffers that are made once.

The examples come in tiles, so that the rows of all blocks stay small.
"""

from __future__ import annotations

import math
from functools import cached_property
from threading import Lock

import numpy as np

from ...contexts.collector import paused_gc
from .numpy_calls import Planner, Shared
from .numpy_products import BLOCK, SPARE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..blocks import Blocks
    from ..types import Array, Calls, Gradient

TILE_BYTES = 1 << 21
"""What the rows of a tile may take, and their adjoints again."""
LEAST = 32
"""How wide a tile may be in any case: below, a call costs many times what it does."""
KEPT_PLANS = 4
"""Of how many widths the plans are kept: a data set needs two, one for its last tile."""


class NumpyExecutor:
    """Runs blocks; one run at a time.

    ``exact``  keep apart what is zero and where nothing flows, see ``exact_pullback``
    """

    def __init__(self, blocks: Blocks, exact: bool = False) -> None:
        tape = blocks.tape
        self.blocks, self.exact = blocks, exact
        shared = self.shared = Shared(blocks)
        n_parameters = 0 if tape.inputs[-1:] == tape.parameters[-1:] else len(tape.parameters)
        self.theta, self.grads = shared.values[:n_parameters, 0], shared.adjoints[:n_parameters, 0]
        self.places = [(bool(blocks.is_varying[i]), blocks.at[i]) for i in tape.outputs]
        self.planner = Planner(blocks, shared, exact, shared.values, shared.adjoints)
        self.shared_forward = self.planner.forward(blocks.shared)
        self.shared_backward: Calls | None = None
        self.plans: dict[int, _Plan] = {}
        operands = [operand for block in blocks.varying for operand in block.operands]
        gathered = sum(operand.at.size for operand in operands if operand.varying and operand.strides is None)
        self.widest = max(LEAST, TILE_BYTES // (8 * max(1, blocks.n_rows + gathered)) // BLOCK * BLOCK)
        self.lock = Lock()

    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m); ``theta`` the parameters' numbers, ``columns`` the inputs, arrays (m, some).

        Raises IndexError where a list has no element of some index.
        """
        outputs = np.empty((len(self.places), m))
        with self.lock, np.errstate(all="ignore"):
            self.theta[:] = theta
            for _ in self._tiles(columns, m, outputs):
                pass
        return outputs

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient:
        """The outputs, the mean of the first one, and its gradient (P,).

        Instead of a gradient with an inf or nan there is None: what a mask cuts off is a factor 0 here, and 0 · inf
        should be nothing.
        """
        outputs = np.empty((len(self.places), m))
        with self.lock, np.errstate(all="ignore"):
            self.theta[:] = theta
            for plan, start, _ in self._tiles(columns, m, outputs):
                _call(plan.more if start else plan.first)
            varying, root = self.places[0]
            if not varying:
                self.shared.adjoints[root] = m
            if self.shared_backward is None:
                self.shared_backward = self.planner.backward(self.blocks.shared, (plan.touched[0][:], plan.touched[1]))
            _call(self.shared_backward)
            grads = self.grads * (1.0 / m)
            mean = float(np.add.reduce(outputs[0])) / m
            return outputs, mean, grads if math.isfinite(np.dot(grads, grads)) else None

    def each(self, columns: Sequence[Array], m: int) -> tuple[Array, Array]:
        """The outputs; and the gradients (P, m) of the first one, where the parameters are the last inputs."""
        outputs = np.empty((len(self.places), m))
        places = [self.blocks.at[i] for i in self.blocks.tape.parameters]
        grads = np.zeros((len(places), m))
        with self.lock, np.errstate(all="ignore"):
            for plan, start, stop in self._tiles(columns, m, outputs):
                _call(plan.first)
                for grad, place in zip(grads, places, strict=True):
                    if plan.touched[1][place]:
                        grad[start:stop] = plan.adjoints[place]
        return outputs, grads + 0.0

    def _tiles(self, columns: Sequence[Array], m: int, outputs: Array) -> Iterator[tuple[_Plan, int, int]]:
        """The forward pass, tile after tile: the plan, with its values in place, and which examples they are of."""
        for place, leaf in self.blocks.leaves:
            self.shared.values[place] = leaf.data
        _call(self.shared_forward)
        _call(self.shared.gathers)
        even = math.ceil(m / math.ceil(m / self.widest))
        width = min(m, self.widest, math.ceil(even / BLOCK) * BLOCK)
        for start in range(0, m, width):
            stop = min(start + width, m)
            plan = self._plan(stop - start)
            plan.load(columns, start, stop)
            _call(plan.forward)
            for k, (varying, at) in enumerate(self.places):
                outputs[k, start:stop] = plan.values[at] if varying else self.shared.values[at, 0]
            yield plan, start, stop

    def _plan(self, width: int) -> _Plan:
        """The plan of a width; the one used last stays longest."""
        plan = self.plans.pop(width, None) or _Plan(self, width)
        self.plans[width] = plan
        if len(self.plans) > KEPT_PLANS:
            del self.plans[next(iter(self.plans))]
        return plan


class _Plan:
    """What to call for a tile of some width.

    ``first`` and ``more`` are its backward passes, of the first tile and of those that add to what is there;
    ``touched`` says to which shared numbers, and to which rows, an adjoint flows.
    """

    def __init__(self, executor: NumpyExecutor, width: int) -> None:
        blocks = self.blocks = executor.blocks
        self.root = executor.places[0]
        self.values, self.adjoints = (np.zeros((blocks.n_rows + SPARE, width)) for _ in range(2))
        self.planner = Planner(blocks, executor.shared, executor.exact, self.values, self.adjoints)
        self.inputs = self.values[: len(blocks.tape.inputs)]
        with paused_gc():
            self.forward = self.planner.forward(blocks.varying)

    def load(self, columns: Sequence[Array], start: int, stop: int) -> None:
        """Put the inputs of some examples into the first rows."""
        row = 0
        for column in columns:
            below = row + column.shape[1]
            np.copyto(self.inputs[row:below], column[start:stop].T)
            row = below

    @cached_property
    def first(self) -> Calls:
        varying, root = self.root
        self.touched = bytearray(self.blocks.n_shared), bytearray(self.blocks.n_rows)
        self.touched[varying][root] = 1
        return self._backward()

    @cached_property
    def more(self) -> Calls:
        assert self.first is not None  # it finds out which shared numbers have been reached
        varying, root = self.root
        self.touched = self.touched[0], bytearray(self.blocks.n_rows)
        self.touched[1][root : root + 1] = bytes([varying])
        return self._backward()

    def _backward(self) -> Calls:
        varying, root = self.root
        seed: Calls = [(self.adjoints[root].fill, (1.0,))] if varying else []
        with paused_gc():
            return seed + self.planner.backward(self.blocks.varying, self.touched)


def _call(calls: Calls) -> None:
    for function, arguments in calls:
        function(*arguments)
