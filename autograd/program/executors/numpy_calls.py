"""What to call for blocks: a plan is a list of (function, arguments), and to run it is to call them in order.

The buffers that the functions read and write are made once, beforehand.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from ...table.arrays import exact_pullback, forward, pullback
from ..blocks import Operand
from ..tape import AFFINE
from .numpy_products import SPARE, continues, heightened, matrix_product, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...table.op import Kernel
    from ..blocks import Block, Blocks
    from ..types import Array, Calls, Places, Shape

    Write = Callable[[Array], Calls]
    Touched = tuple[bytearray, bytearray]  # flags of the shared numbers, and of the rows


class Shared:
    """The numbers that all examples share, their adjoints, and what blocks of rows read of them.

    ``gathers``  the calls that put together, before every run, what stands irregularly
    """

    def __init__(self, blocks: Blocks) -> None:
        self.values = np.zeros((blocks.n_shared, 1))
        self.adjoints = np.zeros((blocks.n_shared, 1))
        self.constant = np.zeros(blocks.n_shared, bool)
        for i, x in blocks.tape.constants.items():
            self.values[blocks.at[i]] = x
            self.constant[blocks.at[i]] = True
        self.gathers: Calls = []
        self.gathered: dict[Operand, Array] = {}

    def operand(self, operand: Operand, of_list: bool) -> Array:
        """Shared numbers that blocks of rows read: a view, or gathered once for all tiles and plans; or a constant."""
        if operand not in self.gathered:
            if not of_list and self.constant[operand.at].all() and len(set(operand.at.tolist())) == 1:
                array: Array | None = self.values[operand.at[0], 0]  # a number: NumPy is quicker than with a column
            else:
                array = view(self.values, operand)
            self.gathered[operand] = self.gather(operand.at) if array is None else array
        return self.gathered[operand]

    def weights(self, operand: Operand, learning: bool) -> Array:
        """W (k, n) of neurons, in ``whole(k)`` rows; if what they read is ``learning``, in ``whole(n)`` columns."""
        k, n = operand.at.shape
        rows, columns = whole(k), whole(n) if learning else n
        if (rows, columns) == (k, n):
            return self.operand(operand, of_list=True)[..., 0]
        if operand not in self.gathered:
            at = np.pad(operand.at, ((0, rows - k), (0, columns - n)), "edge")
            self.gathered[operand] = self.gather(at)
        return self.gathered[operand][..., 0]

    def gather(self, at: Places) -> Array:
        """The shared numbers at some places, (..., 1), gathered now and before every run."""
        array: Array = self.values[at]
        self.gathers.append((self.values.take, (at, 0, array, "clip")))
        return array


class Planner:
    """Works out the calls for blocks whose numbers stand in ``values``, and the adjoints in ``adjoints``.

    ``varying``  whether these are rows, one number for each example of a tile; or the shared numbers
    ``exact``    keep apart what is zero and where nothing flows, see ``exact_pullback``
    """

    def __init__(self, blocks: Blocks, shared: Shared, exact: bool, values: Array, adjoints: Array) -> None:
        self.flags = blocks.flags
        self.shared = shared
        self.nothing = -0.0 if exact else 0.0
        self.pullback = exact_pullback if exact else pullback
        self.values, self.adjoints = values, adjoints
        self.varying = values is not shared.values
        self.width = values.shape[1]
        self.read: dict[Operand, Array] = {}  # the operands' numbers
        self.pool: dict[tuple[int, ...], Array] = {}
        self.ones = np.ones((self.width, 1))

    # -- forward ---------------------------------------------------------------------------------------

    def forward(self, blocks: Sequence[Block]) -> Calls:
        """The calls that compute the blocks' values."""
        calls: Calls = []
        for block in blocks:
            out = self.values[block.start : block.stop]
            if block.op is AFFINE:
                self.affine(out, block, calls)
            else:
                arrays = [self.operand(operand, block, calls) for operand in block.operands]
                calls.append((forward(block.op), (out, *arrays)))
        return calls

    def operand(self, operand: Operand, block: Block, calls: Calls) -> Array:
        """An operand's numbers: a view, where its places are regular, else gathered. Shared ones are (..., 1)."""
        if operand.varying != block.varying:
            array = self.shared.operand(operand, any(block.op.lists))
        else:
            regular = None if block.op is AFFINE and not continues(operand) else view(self.values, operand)
            array = self.rows(operand.at.shape) if regular is None else regular
            if regular is None:
                calls.append((self.values.take, (operand.at, 0, array, "clip")))
        self.read[operand] = array
        return array

    def rows(self, shape: Shape) -> Array:
        """A new array (*shape, width) with rows to spare behind it."""
        count = math.prod(shape)
        return np.zeros((count + SPARE, self.width))[:count].reshape(*shape, self.width)

    def affine(self, out: Array, block: Block, calls: Calls) -> None:
        """Z = W·A + b, at each place."""
        w_operand, x_operand, b_operand = block.operands
        self.read[w_operand] = self.shared.weights(w_operand, self.learns(x_operand))
        x, b = self.operand(x_operand, block, calls), self.operand(b_operand, block, calls)
        p, n, width = x.shape
        w = self.read[w_operand][:, :n]
        if p == 1:
            z = self.multiply(w, x[0], out, calls)
        elif width == 1:
            out = out.reshape(p, -1)
            z = self.multiply(x[..., 0], w.T, out, calls)
            b = b[:, 0]
        else:
            out = out.reshape(p, -1, width)
            z = self.multiply(w, x, out, calls)
        calls.append((np.add, (z, b, out)))

    def multiply(self, a: Array, b: Array, out: Array, calls: Calls) -> Array:
        """a·b: in ``out``, or if it has more rows or columns, in scratch; returns the part that belongs to ``out``."""
        if a.shape[-1] == 1:  # nothing to add up
            a, b = a[..., : out.shape[-2], :], b[..., : out.shape[-1]]
        shape = (*b.shape[:-2], a.shape[-2], b.shape[-1])
        target = out if shape == out.shape else self.scratch(shape, 2)
        calls += matrix_product(a, b, target)
        return target if target is out else target[..., : out.shape[-2], : out.shape[-1]]

    def multiply_into(self, a: Array, b: Array, out: Array) -> Calls:
        """The calls for ``out`` = a·b, where a·b may have more rows or columns."""
        calls: Calls = []
        part = self.multiply(a, b, out, calls)
        return calls if part is out else [*calls, (np.copyto, (out, part))]

    # -- backward --------------------------------------------------------------------------------------

    def backward(self, blocks: Sequence[Block], touched: Touched) -> Calls:
        """The calls that hand adjoints from the blocks to their operands.

        ``touched`` which of the shared numbers, and of the rows, have got one before: what has is added to.
        """
        calls: Calls = []
        for block in reversed(blocks):
            here = slice(block.start, block.stop)
            if 1 not in touched[block.varying][here]:
                continue
            self.fill(self.adjoints, touched[block.varying], block.result, calls)
            if block.op is AFFINE:
                self.affine_back(block, touched, calls)
            else:
                self.elementwise_back(block, touched, calls)
        return calls

    def elementwise_back(self, block: Block, touched: Touched, calls: Calls) -> None:
        """By the row's partial derivatives; what flows to numbers that the examples share is summed over them."""
        here = slice(block.start, block.stop)
        arrays = [self.read[operand] for operand in block.operands]
        given = (self.adjoints[here], self.values[here], *arrays)
        for name, operand in zip(block.op.inputs, block.operands, strict=True):
            kernel = self.pullback(block.op, name)
            if kernel is None or not self.learns(operand):
                continue
            if operand.varying == block.varying:
                write = partial(self.flow, kernel, given)
                self.hand(write, operand, (*operand.at.shape, self.width), touched, calls)
            else:
                write = partial(self.summed_flow, kernel, given)
                self.hand(write, operand, (*operand.at.shape, 1), touched, calls)

    def flow(self, kernel: Kernel, given: Sequence[Array], out: Array) -> Calls:
        """The call for what flows to an operand."""
        return [(kernel, (out, *given))]

    def summed_flow(self, kernel: Kernel, given: Sequence[Array], out: Array) -> Calls:
        """The calls for what flows to numbers (..., 1) that all examples share: the sum over these."""
        flow = self.scratch((*out.shape[:-1], self.width), 0)
        return [*self.flow(kernel, given, flow), (np.add.reduce, (flow, -1, None, out, True, self.nothing))]

    def affine_back(self, block: Block, touched: Touched, calls: Calls) -> None:
        """dW = dZ·Aᵀ, db = the row sums of dZ, dA = Wᵀ·dZ; of several places dW and db are the sums over them."""
        w_operand, x_operand, b_operand = block.operands
        w, x = self.read[w_operand], self.read[x_operand]
        p, n, width = x.shape
        k = len(b_operand.at)
        w = w[:k]
        z = self.adjoints[block.start : block.stop].reshape(p, k, width)

        def to_w(out: Array) -> Calls:
            out, high_z, high_x = out[..., 0], heightened(z), heightened(x)
            if p == 1:
                return self.multiply_into(high_z[0], high_x[0].T, out)
            if width == 1:
                return self.multiply_into(high_z[..., 0].T, high_x[..., 0], out)
            each = self.scratch((p, high_z.shape[1], high_x.shape[1]), 0)
            return [
                *matrix_product(high_z, high_x.swapaxes(1, 2), each),
                (np.add.reduce, (each[:, :k, :n], 0, None, out)),
            ]

        def to_b(out: Array) -> Calls:
            if p == 1:  # NumPy would take twice as long for its own sum
                return self.multiply_into(heightened(z)[0], self.ones, out)
            return [(np.add.reduce, (z, (0, 2), None, out[:, 0]))]

        def to_x(out: Array) -> Calls:
            if p == 1:
                return self.multiply_into(w.T, z[0], out[0])
            if width == 1:
                return self.multiply_into(z[..., 0], w, out[..., 0])
            return self.multiply_into(w.T, z, out)

        for write, operand, shape in (
            (to_w, w_operand, (k, n, 1)),
            (to_b, b_operand, (k, 1)),
            (to_x, x_operand, x.shape),
        ):
            if self.learns(operand):
                self.hand(write, operand, shape, touched, calls)

    def learns(self, operand: Operand) -> bool:
        """Whether a gradient flows through one of its nodes."""
        return 1 in _at(self.flags[operand.varying], operand)

    def hand(self, write: Write, operand: Operand, shape: Shape, touched: Touched, calls: Calls) -> None:
        """Hand what ``write`` writes into an array of some shape to the adjoints of an operand."""
        adjoints = self.adjoints if operand.varying == self.varying else self.shared.adjoints
        reached = touched[operand.varying]
        target = view(adjoints, operand) if operand.distinct else None
        if target is not None and 1 not in _at(reached, operand):
            calls += write(target)
            _touch(reached, operand)
            return
        self.fill(adjoints, reached, operand, calls)
        flow = self.scratch(shape, 1)
        calls += write(flow)
        if target is not None:
            calls.append((np.add, (target, flow, target)))
        else:
            calls.append((scatter(adjoints, operand.at.ravel()), (flow.reshape(operand.at.size, -1),)))

    def fill(self, adjoints: Array, reached: bytearray, operand: Operand, calls: Calls) -> None:
        """Where nothing has arrived yet, put what changes no sum."""
        if 0 not in _at(reached, operand):
            return
        missing = np.array(sorted({place for place in operand.at.ravel().tolist() if not reached[place]}))
        _touch(reached, operand)
        target = view(adjoints, Operand(missing, operand.varying))
        if target is not None:
            calls.append((target.fill, (self.nothing,)))
        else:
            calls.append((adjoints.__setitem__, (missing, self.nothing)))

    def scratch(self, shape: Shape, use: int) -> Array:
        """An array to write to and read from at once; there is one for each shape and use."""
        return self.pool.setdefault((use, *shape), np.empty(shape))


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


def view(rows: Array, operand: Operand) -> Array | None:
    """The rows at an operand's places without a copy, if the places are regular."""
    if operand.strides is None:
        return None
    step, inner = rows.strides
    shape = (*operand.at.shape, rows.shape[1])
    offset = int(operand.at.flat[0]) * step
    return np.ndarray(shape, float, rows, offset, (*(s * step for s in operand.strides), inner))


def scatter(adjoints: Array, at: Places) -> Callable[[Array], None]:
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
