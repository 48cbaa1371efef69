"""What to call for blocks: a plan is a list of (function, arguments), and to run it is to call them in order.

The buffers that the functions read and write are made once, beforehand.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from ....table.arrays import adds_to, exact_pullback, forward, may_write_over, passes_on, pullback, room_to_keep
from ....table.ops import MUL
from ...blocks import Operand
from ...fuse import DOT
from ...tape import AFFINE
from .kernels import bound
from .products import LARGE_OF_VECTOR, SPARE, continues, heightened, matrix_product, whole
from .rows import Adjoints, flags_at, view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....table.op import Kernel
    from ...blocks import Block, Blocks
    from ...types import Array, Calls, Places, Shape
    from .inputs import Rows

    Touched = tuple[bytearray, bytearray]  # flags of the shared numbers, and of the rows


SHORT = 1 << 11
"""Up to so many numbers a block is short, see ``pullback``."""


class Shared:
    """The numbers that all examples share, their adjoints, and what blocks of rows read of them.

    ``before``  the calls before every run: to compute them, and to put together what stands irregularly
    """

    def __init__(self, blocks: Blocks) -> None:
        self.values = np.zeros((blocks.n_shared, 1))
        self.adjoints = np.zeros((blocks.n_shared, 1))
        self.constant = np.zeros(blocks.n_shared, bool)
        for i, x in blocks.tape.constants.items():
            self.values[blocks.at[i]] = x
            self.constant[blocks.at[i]] = True
        self.before: Calls = []
        self.gathered: dict[Operand, Array] = {}

    def operand(self, operand: Operand, of_list: bool) -> Array:
        """Shared numbers that blocks of rows read: a view, or gathered once for all tiles and plans; or a constant."""
        if operand not in self.gathered:
            if not of_list and self.constant[operand.at].all() and len(set(operand.at.tolist())) == 1:
                array: Array | None = self.values[operand.at[:1]]  # one number is quicker than a column
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
        self.before.append((self.values.take, (at, 0, array, "clip")))
        return array


class Planner:
    """Works out the calls for blocks of rows, one number for each example of a tile, or for those of shared numbers.

    ``rows``   of a tile; None for the shared numbers
    ``exact``  keep apart what is zero and where nothing flows, see ``exact_pullback``
    """

    def __init__(self, blocks: Blocks, shared: Shared, exact: bool, rows: Rows | None = None) -> None:
        self.flags = blocks.flags
        self.shared = shared
        self.nothing = -0.0 if exact else 0.0
        self.exact = exact
        self.varying = rows is not None
        self.inputs = None if rows is None else rows.inputs
        self.values, self.adjoints = (rows or shared).values, (rows or shared).adjoints
        self.at = np.arange(blocks.n_shared) if rows is None else rows.at
        self.width = self.values.shape[1]
        self.read: dict[Operand, Array] = {}  # the operands' numbers
        self.kept: dict[Block, list[list[object]]] = {}  # what forward kernels keep for those that go back
        self.pool: dict[tuple[int, ...], Array] = {}
        self.ones = np.ones((self.width, 1))

    # -- forward ---------------------------------------------------------------------------------------

    def forward(self, blocks: Sequence[Block]) -> Calls:
        """The calls that compute the blocks' values."""
        calls: Calls = []
        for block in blocks:
            out = self.results(block)
            if block.op is AFFINE:
                self.affine(out, block, calls)
                continue
            arrays = [self.operand(operand, block, calls) for operand in block.operands]
            if block.op is DOT and not self.varying and out.size == 1 and len(arrays[0]) <= LARGE_OF_VECTOR:
                a, b = arrays
                calls.append((a[:, 0, 0].dot, (b[:, 0, 0], out[0, 0, ...])))
            else:
                calls += bound(forward(block.op), (out, *self.arguments(block, arrays)))
        return calls

    def operand(self, operand: Operand, block: Block, calls: Calls) -> Array:
        """An operand's numbers: a view, where its places are regular, else gathered. Shared ones are (..., 1)."""
        if operand.varying != block.varying:
            array = self.shared.operand(operand, any(block.op.lists))
        elif self.inputs is not None and (given := self.inputs.stand_in(operand)) is not None:
            array = given
        else:
            here = self.here(operand)
            regular = None if block.op is AFFINE and not continues(here) else view(self.values, here)
            array = self.rows(operand.at.shape) if regular is None else regular
            if regular is None:
                calls.append((self.values.take, (here.at, 0, array, "clip")))
        self.read[operand] = array
        return array

    def arguments(self, block: Block, arrays: Sequence[Array]) -> list[object]:
        """The operands' numbers, as a kernel takes them; and what it keeps, if it does."""
        kept = self.kept.get(block) or room_to_keep(block.op)
        if kept:
            self.kept[block] = kept
        return [*arrays, *kept]

    def results(self, block: Block) -> Array:
        """A block's values."""
        start = int(self.at[block.start])
        return self.values[start : start + block.size]

    def here(self, operand: Operand) -> Operand:
        """The places where an operand's numbers stand."""
        return Operand(self.at[operand.at], operand.varying)

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

    def backward(self, blocks: Sequence[Block], touched: Touched, seed: int = -1) -> Calls:
        """The calls that hand adjoints from the blocks to their operands.

        ``touched``  which of the shared numbers, and of the rows, have got one before: what has is added to
        ``seed``     the row whose adjoints are 1
        """
        first = blocks[0].start if blocks else 0
        self.into = {
            varying: Adjoints(array, reached, first, self.nothing, seed if varying else -1)
            for varying, array, reached in (
                (False, self.shared.adjoints, touched[0]),
                (True, self.adjoints, touched[1]),
            )
            if varying <= self.varying
        }
        calls: Calls = []
        for block in reversed(blocks):
            if 1 not in touched[block.varying][block.start : block.stop]:
                continue
            if block.op is AFFINE:
                self.affine_back(block, calls)
            else:
                self.elementwise_back(block, calls)
        return calls

    def elementwise_back(self, block: Block, calls: Calls) -> None:
        """By the row's partial derivatives; what flows to numbers that the examples share is summed over them."""
        into = self.into[block.varying]
        arrays = [self.read[operand] for operand in block.operands]
        g = into.read(block.result, False, calls)
        given = (g, self.results(block), *self.arguments(block, arrays))
        flows = [
            (operand.varying == block.varying, passes_on(block.op, name), kernel, operand, name)
            for name, operand in zip(block.op.inputs, block.operands, strict=True)
            if (kernel := self.pullback(block, name)) is not None and self.learns(operand)
        ]
        if is_square(block):
            del flows[1:]  # ``flow`` doubles the first one
        flows.sort(key=lambda flow: flow[:2])  # sums first, then what is computed: the last one may have g's place
        for k, (of_same_kind, passing, kernel, operand, name) in enumerate(flows):
            last = k == len(flows) - 1
            if not of_same_kind:
                self.sum_up(block, kernel, given, operand, passing, calls)
            elif passing:
                if not into.pass_on(block.result, operand, last):
                    self.pass_copy(g, operand, calls)
            elif last and may_write_over(kernel) and (place := into.written_over(block.result, operand)) is not None:
                calls += self.flow(block, kernel, given, place)
            else:
                flow = self.scratch((*operand.at.shape, self.width), 1)
                to_add = None if self.exact else adds_to(block.op, name)
                add_to = to_add and partial(self.flow, block, to_add, given)
                into.add(partial(self.flow, block, kernel, given), operand, flow, calls, add_to)

    def pullback(self, block: Block, name: str) -> Kernel | None:
        """What computes the flow to an input of a block."""
        if self.exact:
            return exact_pullback(block.op, name)
        is_one = self.into[block.varying].is_seed(block.result)
        return pullback(block.op, name, short=block.size * self.width <= SHORT, unit=is_one)

    def flow(self, block: Block, kernel: Kernel, given: Sequence[object], out: Array) -> Calls:
        """The calls for what flows to an operand."""
        calls = bound(kernel, (out, *given))
        return [*calls, (np.add, (out, out, out))] if is_square(block) else calls

    def pass_copy(self, g: Array, operand: Operand, calls: Calls) -> None:
        """What arrives, added to an operand's adjoints."""
        flow = g if operand.at.ndim == 1 else self.scratch((*operand.at.shape, self.width), 1)
        self.into[self.varying].add(lambda out: [] if out is g else [(np.copyto, (out, g))], operand, flow, calls)

    def sum_up(
        self, block: Block, kernel: Kernel, given: Sequence[object], operand: Operand, passing: bool, calls: Calls
    ) -> None:
        """What flows to numbers that all examples share: the sum over these."""
        shape, into = operand.at.shape, self.into[block.varying]
        passed = passing and len(shape) == 1

        def write(out: Array) -> Calls:
            if passed and into.is_seed(block.result):
                return [(out.fill, (float(self.width),))]
            flow = into.read(block.result, False, calls) if passed else self.scratch((*shape, self.width), 0)
            summed = (np.add.reduce, (flow, -1, None, out, True, self.nothing))
            return [summed] if passed else [*bound(kernel, (flow, *given)), summed]

        self.into[operand.varying].add(write, operand, self.scratch((*shape, 1), 1), calls)

    def affine_back(self, block: Block, calls: Calls) -> None:
        """dW = dZ·Aᵀ, db = the row sums of dZ, dA = Wᵀ·dZ; of several places dW and db are the sums over them."""
        w_operand, x_operand, b_operand = block.operands
        w, x = self.read[w_operand], self.read[x_operand]
        p, n, width = x.shape
        k = len(b_operand.at)
        w = w[:k]
        z = self.into[True].read(block.result, True, calls).reshape(p, k, width)

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
                self.into[operand.varying].add(write, operand, self.scratch(shape, 1), calls)

    def learns(self, operand: Operand) -> bool:
        """Whether a gradient flows through one of its nodes."""
        return 1 in flags_at(self.flags[operand.varying], operand)

    def scratch(self, shape: Shape, use: int) -> Array:
        """An array to write to and read from at once; there is one for each shape and use."""
        return self.pool.setdefault((use, *shape), np.empty(shape))


def is_square(block: Block) -> bool:
    """Whether it is x·x, element by element, or the sum of these."""
    if block.op is not MUL and block.op is not DOT:
        return False
    a, b = block.operands
    return a.varying == b.varying == block.varying and np.array_equal(a.at, b.at)
