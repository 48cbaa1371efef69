"""The NumPy executor: blocks as calls of NumPy's functions on buffers that are made once.

The examples come in tiles, so that the rows of all blocks stay small.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from functools import cached_property
from threading import Lock

import numpy as np

from ....contexts.collector import paused_gc
from ....table.arrays import exact_pullback, pullback
from .calls import Planner, Shared
from .inputs import Rows
from .one_thread import ONE_THREAD
from .products import BLOCK, added, widest_alone
from .rows import places_of_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from ...blocks import Blocks
    from ...types import Array, Calls, Gradient

TILE_BYTES = 1 << 21
"""What the rows of a tile may take, and their adjoints again."""
LEAST = 32
"""How wide a tile may be in any case: below, a call costs many times what it does."""
KEPT_PLANS = 4
"""Of how many widths the plans are kept: a data set needs two, one for its last tile."""

ieee = np.errstate(all="ignore")
"""As a decorator: it takes half of what a with block does."""


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
        self.planner = Planner(blocks, shared, exact)
        self.at = places_of_rows(blocks, exact_pullback if exact else pullback)
        shared.before += self.planner.forward(blocks.shared)
        self.after: Calls | None = None
        self.plans: dict[int, _Plan] = {}
        operands = [operand for block in blocks.varying for operand in block.operands]
        gathered = sum(operand.at.size for operand in operands if operand.varying and operand.strides is None)
        self.widest = max(LEAST, TILE_BYTES // (8 * max(1, blocks.n_rows + gathered)) // BLOCK * BLOCK)
        self.widest_alone = widest_alone(blocks.varying)
        self.lock = Lock()

    @ieee
    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m); ``theta`` the parameters' numbers, ``columns`` the inputs, arrays (m, some).

        Raises IndexError where a list has no element of some index.
        """
        outputs = []
        with self._held(m):
            self._read(theta)
            for start, stop in self._tiles(m):
                plan = self._plan(stop - start, columns)
                outputs.append(plan.run(plan.forward if start else plan.values, columns, start, stop))
        return joined(outputs)

    @ieee
    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient:
        """The outputs, the mean of the first one, and its gradient (P,).

        Instead of a gradient with an inf or nan there is None: what a mask cuts off is a factor 0 here, and 0 · inf
        should be nothing.
        """
        varying, root = self.places[0]
        outputs, total = [], 0.0
        with self._held(m):
            self._read(theta)
            if not varying:
                self.shared.adjoints[root] = m
            for start, stop in self._tiles(m):
                plan = self._plan(stop - start, columns)
                outputs.append(plan.run(self._gradient(plan, start == 0, stop == m), columns, start, stop))
                total += float(plan.total())
            grads = self.grads * (1.0 / m)
        return joined(outputs), total / m, grads if math.isfinite(grads.dot(grads)) else None

    @ieee
    def each(self, columns: Sequence[Array], m: int) -> tuple[Array, Array]:
        """The outputs; and the gradients (P, m) of the first one, where the parameters are the last inputs."""
        outputs = []
        places = [self.blocks.at[i] for i in self.blocks.tape.parameters]
        grads = np.zeros((len(places), m))
        with self._held(m):
            self._read(self.theta)
            for start, stop in self._tiles(m):
                plan = self._plan(stop - start, columns)
                outputs.append(plan.run(self._gradient(plan, True, False), columns, start, stop))
                for grad, place in zip(grads, places, strict=True):
                    if plan.touched[1][place]:
                        grad[start:stop] = plan.rows.adjoints[place]
        return joined(outputs), grads + 0.0

    def _read(self, theta: Array) -> None:
        """Take the numbers of what is given to all examples."""
        self.theta[...] = theta
        for place, leaf in self.blocks.leaves:
            self.shared.values[place] = leaf.data

    def _gradient(self, plan: _Plan, first: bool, last: bool) -> Calls:
        """All that is to do for a tile; if it is the first or the last one, also for what all examples share."""
        calls = plan.gradients.get((first, last))
        if calls is None:
            calls = self.shared.before + plan.first if first else plan.more
            if last:
                if self.after is None:
                    self.after = self.planner.backward(self.blocks.shared, (plan.touched[0][:], plan.touched[1]))
                calls = calls + self.after
            plan.gradients[first, last] = calls
        return calls

    def _held(self, m: int) -> AbstractContextManager[object]:
        """What a run of m examples is done in: a lock, and where BLAS would share products, by one thread of it."""
        return self.lock if min(m, self.widest) <= self.widest_alone else self._by_one_thread()

    @contextmanager
    def _by_one_thread(self) -> Iterator[None]:
        with self.lock, ONE_THREAD:
            yield

    def _tiles(self, m: int) -> Sequence[tuple[int, int]]:
        """Which examples are computed at once, each (start, stop)."""
        if m <= self.widest:
            return [(0, m)]
        even = math.ceil(m / math.ceil(m / self.widest))
        width = min(self.widest, math.ceil(even / BLOCK) * BLOCK)
        return [(start, min(start + width, m)) for start in range(0, m, width)]

    def _plan(self, width: int, columns: Sequence[Array]) -> _Plan:
        """The plan of a width; the one used last stays longest."""
        plan = self.plans.pop(width, None) or _Plan(self, width, columns)
        self.plans[width] = plan
        if len(self.plans) > KEPT_PLANS:
            del self.plans[next(iter(self.plans))]
        return plan


class _Plan:
    """What to call for a tile of some width.

    ``forward``          for its values alone
    ``values``           the same of the first tile: what all examples share comes before
    ``gradients``        all for a gradient, by whether it is the first tile, and the last
    ``first``, ``more``  and back again; of the first tile, and of those that add to what is there
    ``total``            adds up the first output
    ``touched``          to which shared numbers, and to which rows, an adjoint flows
    """

    def __init__(self, executor: NumpyExecutor, width: int, columns: Sequence[Array]) -> None:
        blocks = self.blocks = executor.blocks
        self.root = executor.places[0]
        self.gradients: dict[tuple[bool, bool], Calls] = {}
        self.rows = Rows(blocks, executor.at, width, columns)
        self.planner = Planner(blocks, executor.shared, executor.exact, self.rows)
        with paused_gc():
            self.forward = self.rows.inputs.bind(self.planner.forward(blocks.varying))
            self.values = executor.shared.before + self.forward
        self.at = np.array([self.rows.at[at] if varying else 0 for varying, at in executor.places])
        varying, at = self.root
        self.total = added(self.rows.values[self.rows.at[at]] if varying else executor.shared.values[at], width)
        self.shared = [
            (k, executor.shared.values[at]) for k, (varying, at) in enumerate(executor.places) if not varying
        ]

    def run(self, calls: Calls, columns: Sequence[Array], start: int, stop: int) -> Array:
        """Have some examples computed; returns a copy of the outputs (number of them, width)."""
        inputs = self.rows.inputs
        try:
            inputs.load(columns, start, stop)
            for function, arguments in calls:
                function(*arguments)
        finally:
            inputs.release()
        outputs = self.rows.values.take(self.at, 0)
        for k, x in self.shared:
            outputs[k] = x
        return outputs

    @cached_property
    def first(self) -> Calls:
        self.touched = bytearray(self.blocks.n_shared), bytearray(self.blocks.n_rows)
        varying, root = self.root
        self.touched[varying][root] = 1
        return self.forward + self._backward()

    @cached_property
    def more(self) -> Calls:
        assert self.first is not None  # it finds out which shared numbers have been reached
        self.touched = self.touched[0], bytearray(self.blocks.n_rows)
        return self.forward + self._backward()

    def _backward(self) -> Calls:
        varying, root = self.root
        if varying:
            self.rows.adjoints[root] = 1.0
        with paused_gc():
            calls = self.planner.backward(self.blocks.varying, self.touched, seed=root if varying else -1)
        return self.rows.inputs.bind(calls)


def joined(tiles: Sequence[Array]) -> Array:
    """Results (some, width) of several tiles, side by side."""
    return tiles[0] if len(tiles) == 1 else np.concatenate(tiles, axis=1)
