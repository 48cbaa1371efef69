"""The NumPy executor: blocks as calls of NumPy's functions on buffers that are made once.

What is to be called, and on which arrays, is worked out beforehand: a plan is lists of (function, arguments), and to
run it is to call them in order. The examples come in tiles, so that the rows of all blocks stay small.

Equal rows in give equal rows out: units of a layer that begin alike have the same bits after every step. BLAS does not
see to that: what is left of a matrix after its blocks of rows it computes by other loops, which round otherwise. So
products have a number of rows that is ``whole``.
"""

from __future__ import annotations

import math
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from ...contexts.collector import paused_gc
from ...table.arrays import exact_pullback, forward, pullback
from ..blocks import Block, Blocks, Operand
from ..tape import AFFINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..blocks import Places

    Array = np.ndarray[Any, Any]
    Steps = list[tuple[Callable[..., Any], tuple[Any, ...]]]
    Write = Callable[[Array], Steps]
    Touched = tuple[bytearray, bytearray]  # flags of the shared numbers, and of the rows

TILE_BYTES = 1 << 21
"""What the rows of a tile may take, and their adjoints again."""
LEAST = 32
"""How wide a tile may be in any case: below, a call costs many times what it does."""
LARGE = 1 << 18
"""From so many multiplications on OpenBLAS may share a product among threads."""
BLOCK = 8
"""Examples that are left over of so many are a product of their own, in a large one."""
MOST = 16
"""Of how many rows OpenBLAS' blocks are, at most."""
SPARE = MOST - 1
"""How many rows stand behind the last one, so that every block of rows can be made whole."""
KEPT_PLANS = 4
"""Of how many widths the plans are kept: a data set needs two, one for its last tile."""


class NumpyExecutor:
    """Runs blocks; one run at a time.

    ``exact``  keep apart what is zero and where nothing flows, see ``exact_pullback``
    """

    def __init__(self, blocks: Blocks, exact: bool = False) -> None:
        tape = blocks.tape
        self.blocks = blocks
        self.nothing = -0.0 if exact else 0.0
        self.pullback = exact_pullback if exact else pullback
        self.values = np.zeros((blocks.n_shared, 1))
        self.adjoints = np.zeros((blocks.n_shared, 1))
        n_parameters = 0 if tape.inputs[-1:] == tape.parameters[-1:] else len(tape.parameters)
        self.theta, self.grads = self.values[:n_parameters, 0], self.adjoints[:n_parameters, 0]
        self.constant = np.zeros(blocks.n_shared, bool)
        for i, x in tape.constants.items():
            self.values[blocks.at[i]] = x
            self.constant[blocks.at[i]] = True
        self.places = [(bool(blocks.is_varying[i]), blocks.at[i]) for i in tape.outputs]
        self.gathers: Steps = []
        self.gathered: dict[Operand, Array] = {}
        self.steps = _Steps(self, False, 1, self.values, self.adjoints)
        self.shared_forward = self.steps.forward(blocks.shared)
        self.shared_backward: Steps | None = None
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

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> tuple[Array, float, Array | None]:
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
                self.adjoints[root] = m
            if self.shared_backward is None:
                self.shared_backward = self.steps.backward(self.blocks.shared, (plan.touched[0][:], plan.touched[1]))
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
            self.values[place] = leaf.data
        _call(self.shared_forward)
        _call(self.gathers)
        even = math.ceil(m / math.ceil(m / self.widest))
        width = min(m, self.widest, math.ceil(even / BLOCK) * BLOCK)
        for start in range(0, m, width):
            stop = min(start + width, m)
            plan = self._plan(stop - start)
            plan.load(columns, start, stop)
            _call(plan.forward)
            for k, (varying, at) in enumerate(self.places):
                outputs[k, start:stop] = plan.values[at] if varying else self.values[at, 0]
            yield plan, start, stop

    def shared_operand(self, operand: Operand, of_list: bool) -> Any:
        """Shared numbers that blocks of rows read: a view, or gathered once for all tiles and plans; or a constant."""
        if operand not in self.gathered:
            array: Any = view(self.values, operand)
            if not of_list and self.constant[operand.at].all() and len(set(operand.at.tolist())) == 1:
                array = self.values[operand.at[0], 0]  # NumPy is quicker with a number than with a column
            elif array is None:
                array = self.gather(operand.at)
            self.gathered[operand] = array
        return self.gathered[operand]

    def weights(self, operand: Operand, learning: bool) -> Array:
        """W (k, n) of neurons, in ``whole(k)`` rows; if what they read is ``learning``, in ``whole(n)`` columns."""
        k, n = operand.at.shape
        rows, columns = whole(k), whole(n) if learning else n
        if (rows, columns) == (k, n):
            given: Array = self.shared_operand(operand, of_list=True)
            return given[..., 0]
        if operand not in self.gathered:
            at = np.pad(operand.at, ((0, rows - k), (0, columns - n)), "edge")
            self.gathered[operand] = self.gather(at)
        return self.gathered[operand][..., 0]

    def gather(self, at: Places) -> Array:
        """The shared numbers at some places, (..., 1), gathered now and before every run."""
        array: Array = self.values[at]
        self.gathers.append((self.values.take, (at, 0, array, "clip")))
        return array

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
        self.executor = executor
        self.values, self.adjoints = (np.zeros((executor.blocks.n_rows + SPARE, width)) for _ in range(2))
        self.steps = _Steps(executor, True, width, self.values, self.adjoints)
        self.inputs = self.values[: len(executor.blocks.tape.inputs)]
        with paused_gc():
            self.forward = self.steps.forward(executor.blocks.varying)

    def load(self, columns: Sequence[Array], start: int, stop: int) -> None:
        """Put the inputs of some examples into the first rows."""
        row = 0
        for column in columns:
            below = row + column.shape[1]
            np.copyto(self.inputs[row:below], column[start:stop].T)
            row = below

    @cached_property
    def first(self) -> Steps:
        varying, root = self.executor.places[0]
        self.touched = bytearray(self.executor.blocks.n_shared), bytearray(self.executor.blocks.n_rows)
        self.touched[varying][root] = 1
        return self._backward()

    @cached_property
    def more(self) -> Steps:
        assert self.first is not None  # it finds out which shared numbers have been reached
        varying, root = self.executor.places[0]
        self.touched = self.touched[0], bytearray(self.executor.blocks.n_rows)
        self.touched[1][root : root + 1] = bytes([varying])
        return self._backward()

    def _backward(self) -> Steps:
        varying, root = self.executor.places[0]
        seed: Steps = [(self.adjoints[root].fill, (1.0,))] if varying else []
        with paused_gc():
            return seed + self.steps.backward(self.executor.blocks.varying, self.touched)


class _Steps:
    """Works out the calls for blocks, whose rows have some width."""

    def __init__(self, executor: NumpyExecutor, varying: bool, width: int, values: Array, adjoints: Array) -> None:
        self.executor = executor
        self.varying = varying
        self.width = width
        self.values, self.adjoints = values, adjoints
        self.read: dict[Operand, Array] = {}  # the operands' numbers
        self.pool: dict[tuple[int, ...], Array] = {}
        self.ones = np.ones((width, 1))

    # -- forward ---------------------------------------------------------------------------------------

    def forward(self, blocks: Sequence[Block]) -> Steps:
        """The calls that compute the blocks' values."""
        steps: Steps = []
        for block in blocks:
            out = self.values[block.start : block.stop]
            if block.op is AFFINE:
                self.affine(out, block, steps)
            else:
                arrays = [self.operand(operand, block, steps) for operand in block.operands]
                steps.append((forward(block.op), (out, *arrays)))
        return steps

    def operand(self, operand: Operand, block: Block, steps: Steps) -> Array:
        """An operand's numbers: a view, where its places are regular, else gathered. Shared ones are (..., 1)."""
        if operand.varying != block.varying:
            array: Array = self.executor.shared_operand(operand, any(block.op.lists))
        else:
            regular = None if block.op is AFFINE and not continues(operand) else view(self.values, operand)
            array = self.rows(operand.at.shape) if regular is None else regular
            if regular is None:
                steps.append((self.values.take, (operand.at, 0, array, "clip")))
        self.read[operand] = array
        return array

    def rows(self, shape: tuple[int, ...]) -> Array:
        """A new array (*shape, width) with rows to spare behind it."""
        count = math.prod(shape)
        return np.zeros((count + SPARE, self.width))[:count].reshape(*shape, self.width)

    def affine(self, out: Array, block: Block, steps: Steps) -> None:
        """Z = W·A + b, at each place."""
        w_operand, x_operand, b_operand = block.operands
        self.read[w_operand] = self.executor.weights(w_operand, self.learns(x_operand))
        x, b = self.operand(x_operand, block, steps), self.operand(b_operand, block, steps)
        p, n, width = x.shape
        w = self.read[w_operand][:, :n]
        if p == 1:
            z = self.product(w, x[0], out, steps)
        elif width == 1:
            out = out.reshape(p, -1)
            z = self.product(x[..., 0], w.T, out, steps)
            b = b[:, 0]
        else:
            out = out.reshape(p, -1, width)
            z = self.product(w, x, out, steps)
        steps.append((np.add, (z, b, out)))

    def product(self, a: Array, b: Array, out: Array, steps: Steps) -> Array:
        """a·b: in ``out``, or if it has more rows or columns, in scratch; returns the part that belongs to ``out``."""
        if a.shape[-1] == 1:  # nothing to add up
            a, b = a[..., : out.shape[-2], :], b[..., : out.shape[-1]]
        shape = (*b.shape[:-2], a.shape[-2], b.shape[-1])
        target = out if shape == out.shape else self.scratch(shape, 2)
        steps += product(a, b, target)
        return target if target is out else target[..., : out.shape[-2], : out.shape[-1]]

    def product_into(self, a: Array, b: Array, out: Array) -> Steps:
        """The calls for ``out`` = a·b, where a·b may have more rows or columns."""
        steps: Steps = []
        part = self.product(a, b, out, steps)
        return steps if part is out else [*steps, (np.copyto, (out, part))]

    # -- backward --------------------------------------------------------------------------------------

    def backward(self, blocks: Sequence[Block], touched: Touched) -> Steps:
        """The calls that hand adjoints from the blocks to their operands.

        ``touched`` which of the shared numbers, and of the rows, have got one before: what has is added to.
        """
        steps: Steps = []
        for block in reversed(blocks):
            here = slice(block.start, block.stop)
            if 1 not in touched[block.varying][here]:
                continue
            self.fill(self.adjoints, touched[block.varying], block.result, steps)
            if block.op is AFFINE:
                self.affine_back(block, touched, steps)
            else:
                self.elementwise_back(block, touched, steps)
        return steps

    def elementwise_back(self, block: Block, touched: Touched, steps: Steps) -> None:
        """By the row's partial derivatives; what flows to numbers that the examples share is summed over them."""
        here = slice(block.start, block.stop)
        arrays = [self.read[operand] for operand in block.operands]
        given = (self.adjoints[here], self.values[here], *arrays)
        for name, operand in zip(block.op.inputs, block.operands, strict=True):
            kernel = self.executor.pullback(block.op, name)
            if kernel is None or not self.learns(operand):
                continue

            def write(out: Array, kernel: Any = kernel) -> Steps:
                return [(kernel, (out, *given))]

            def write_sum(out: Array, write: Write = write, shape: tuple[int, ...] = operand.at.shape) -> Steps:
                flow = self.scratch((*shape, self.width), 0)
                return [*write(flow), (np.add.reduce, (flow, -1, None, out, True, self.executor.nothing))]

            if operand.varying == block.varying:
                self.hand(write, operand, (*operand.at.shape, self.width), touched, steps)
            else:
                self.hand(write_sum, operand, (*operand.at.shape, 1), touched, steps)

    def affine_back(self, block: Block, touched: Touched, steps: Steps) -> None:
        """dW = dZ·Aᵀ, db = the row sums of dZ, dA = Wᵀ·dZ; of several places dW and db are the sums over them."""
        w_operand, x_operand, b_operand = block.operands
        w, x = self.read[w_operand], self.read[x_operand]
        p, n, width = x.shape
        k = len(b_operand.at)
        w = w[:k]
        z = self.adjoints[block.start : block.stop].reshape(p, k, width)

        def to_w(out: Array) -> Steps:
            out, high_z, high_x = out[..., 0], heightened(z), heightened(x)
            if p == 1:
                return self.product_into(high_z[0], high_x[0].T, out)
            if width == 1:
                return self.product_into(high_z[..., 0].T, high_x[..., 0], out)
            each = self.scratch((p, high_z.shape[1], high_x.shape[1]), 0)
            return [*product(high_z, high_x.swapaxes(1, 2), each), (np.add.reduce, (each[:, :k, :n], 0, None, out))]

        def to_b(out: Array) -> Steps:
            if p == 1:  # NumPy would take twice as long for its own sum
                return self.product_into(heightened(z)[0], self.ones, out)
            return [(np.add.reduce, (z, (0, 2), None, out[:, 0]))]

        def to_x(out: Array) -> Steps:
            if p == 1:
                return self.product_into(w.T, z[0], out[0])
            if width == 1:
                return self.product_into(z[..., 0], w, out[..., 0])
            return self.product_into(w.T, z, out)

        for write, operand, shape in (
            (to_w, w_operand, (k, n, 1)),
            (to_b, b_operand, (k, 1)),
            (to_x, x_operand, x.shape),
        ):
            if self.learns(operand):
                self.hand(write, operand, shape, touched, steps)

    def learns(self, operand: Operand) -> bool:
        """Whether a gradient flows through one of its nodes."""
        return 1 in _at(self.executor.blocks.flags[operand.varying], operand)

    def hand(self, write: Write, operand: Operand, shape: tuple[int, ...], touched: Touched, steps: Steps) -> None:
        """Hand what ``write`` writes into an array of some shape to the adjoints of an operand."""
        adjoints = self.adjoints if operand.varying == self.varying else self.executor.adjoints
        reached = touched[operand.varying]
        target = view(adjoints, operand) if operand.distinct else None
        if target is not None and 1 not in _at(reached, operand):
            steps += write(target)
            _touch(reached, operand)
            return
        self.fill(adjoints, reached, operand, steps)
        flow = self.scratch(shape, 1)
        steps += write(flow)
        if target is not None:
            steps.append((np.add, (target, flow, target)))
        else:
            steps.append((scatter(adjoints, operand.at.ravel()), (flow.reshape(operand.at.size, -1),)))

    def fill(self, adjoints: Array, reached: bytearray, operand: Operand, steps: Steps) -> None:
        """Where nothing has arrived yet, put what changes no sum."""
        if 0 not in _at(reached, operand):
            return
        missing = np.array(sorted({place for place in operand.at.ravel().tolist() if not reached[place]}))
        _touch(reached, operand)
        target = view(adjoints, Operand(missing, operand.varying))
        if target is not None:
            steps.append((target.fill, (self.executor.nothing,)))
        else:
            steps.append((adjoints.__setitem__, (missing, self.executor.nothing)))

    def scratch(self, shape: tuple[int, ...], use: int) -> Array:
        """An array to write to and read from at once; there is one for each shape and use."""
        return self.pool.setdefault((use, *shape), np.empty(shape))


def _call(steps: Steps) -> None:
    for function, arguments in steps:
        function(*arguments)


def _at(flags: bytearray, operand: Operand) -> bytearray:
    """The flags at an operand's places."""
    if operand.run is not None:
        return flags[operand.run]
    return bytearray([flags[place] for place in operand.at.ravel().tolist()])


def _touch(flags: bytearray, operand: Operand) -> None:
    if operand.run is not None:
        flags[operand.run] = b"\1" * operand.at.size
    else:
        for place in operand.at.ravel().tolist():
            flags[place] = 1


def product(a: Array, b: Array, out: Array) -> Steps:
    """The calls for a·b into ``out``; ``dot`` is the quicker one, but writes only into arrays that stand in one piece.

    Where there is nothing to add up, neither will do: for them 0 · inf is 0. In a large product OpenBLAS treats the
    columns that are left over of whole blocks, rows of different blocks by different loops: they are a product of their
    own.
    """
    rows, terms, columns = a.shape[-2], a.shape[-1], b.shape[-1]
    if terms == 1:
        return [(np.multiply, (a, b, out))]
    rest = columns % BLOCK
    if rest and rows > BLOCK and rows * terms * columns > LARGE:
        parts = slice(columns - rest), slice(columns - rest, columns)
        return [(np.matmul, (a, b[..., part], out[..., part])) for part in parts]
    return [(np.dot if b.ndim == 2 and out.flags.c_contiguous else np.matmul, (a, b, out))]


def whole(rows: int) -> int:
    """How many rows a product is to have where some are wanted: 1, 2, 4, 8, 16, 32, 48, …

    Of so many rows OpenBLAS rounds all alike, whichever of its kernels it takes and with two threads, too.
    """
    return 1 << (rows - 1).bit_length() if rows <= MOST else math.ceil(rows / MOST) * MOST


def continues(operand: Operand) -> bool:
    """Whether inputs (p, n) of neurons can be made whole by the rows that stand behind them: see ``heightened``."""
    n = operand.at.shape[1]
    return n == whole(n) or (operand.strides is not None and operand.strides[1] == 1)


def heightened(rows: Array) -> Array:
    """Rows (p, n, width) of a larger array, with those behind them (p, whole(n), width). Nobody reads their results."""
    p, n, width = rows.shape
    owner: Any = rows if rows.base is None else rows.base
    offset = rows.ctypes.data - owner.ctypes.data
    return np.ndarray((p, whole(n), width), float, owner, offset, rows.strides)


def view(rows: Array, operand: Operand) -> Array | None:
    """The rows at an operand's places without a copy, if the places are regular."""
    if operand.strides is None:
        return None
    step, inner = rows.strides
    shape = (*operand.at.shape, rows.shape[1])
    offset = int(operand.at.flat[0]) * step
    return np.ndarray(shape, float, rows, offset, (*(s * step for s in operand.strides), inner))


def scatter(adjoints: Array, at: Array) -> Callable[[Array], None]:
    """The function that adds rows to the adjoints at some places, where a place may come several times."""
    order = np.argsort(at, kind="stable")
    places, starts = np.unique(at[order], return_index=True)
    if places.size == at.size:

        def add(flow: Array) -> None:
            adjoints[at] += flow

    else:

        def add(flow: Array) -> None:
            adjoints[places] += np.add.reduceat(flow[order], starts, 0)

    return add
