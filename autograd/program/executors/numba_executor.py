"""The Numba executor: blocks as the code of an interpreter that was compiled once; its loops are ``numba_kernels``.

A tape has to be prepared by ``NumbaExecutor.prepare`` before it is made into blocks.
"""

from __future__ import annotations

from functools import cached_property
from threading import Lock

import numpy as np

from ...table.arithmetic import pick
from ...table.compiled import LISTS, SCRATCH_ROWS
from ..blocks import Block, Blocks, Operand
from ..lower import spread_operands
from ..tape import AFFINE, SPREAD
from . import numba_loops as loops
from .numba_cache import compiled
from .numba_kernels import COPY, most_inputs, opcodes, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ...table.op import Op
    from ..types import Array, Code, Gradient, Places, Shape

    Inputs = tuple[Array, list[Array]]
    Words = list[int]

TILE_BYTES = 1 << 19
"""What the rows of a tile and their adjoints may take: they are to stay in the second cache."""
FEW = 4
"""Up to how many examples are computed one by one."""
LEAST = 32
"""How wide a tile is in any case, if there are so many examples: below, a loop costs more than what it does."""
LANES = 8
"""The rows of a tile have a multiple of so many numbers: what fills a SIMD register, and a line of the cache."""
FORWARD, BACKWARD = (loops.SHARED, loops.VARYING), (loops.SHARED_BACK, loops.BACK)


class NumbaExecutor:
    """Runs blocks; one run at a time. Its gradients are plain products, but for masks: 0 · inf is nan."""

    prepare = staticmethod(spread_operands)

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.replay = compiled(*_table(blocks))
        self.n_outputs = len(blocks.tape.outputs)
        self.inputs: Inputs = np.empty((0, 0)), []
        self.no_gradients = np.empty(0)
        self.lock = Lock()

    @cached_property
    def few(self) -> _Code:
        return _Code(self.blocks, wide=False)

    @cached_property
    def many(self) -> _Code:
        return _Code(self.blocks, wide=True)

    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m); ``theta`` the parameters' numbers, ``columns`` the inputs, arrays (m, some).

        Raises IndexError where a list has no element of some index.
        """
        return self._run(theta, columns, m, self.no_gradients)

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient:
        """The outputs, the mean of the first one, and its gradient (P,); None instead of one with an inf or nan."""
        gradients = np.empty(theta.size + 2)
        outputs = self._run(theta, columns, m, gradients)
        return outputs, float(gradients[-2]), None if gradients[-1] else gradients[:-2]

    def _run(self, theta: Array, columns: Sequence[Array], m: int, gradients: Array) -> Array:
        """A replay; fills ``gradients``, if there is room, as ``numba_loops.replay`` says."""
        outputs = np.empty((self.n_outputs, m))
        code = self.few if m <= FEW else self.many
        with self.lock:
            x, parts = self.inputs if self.inputs[0].shape[1] == m else self.room(columns, m)
            for part, column in zip(parts, columns, strict=True):
                part[...] = column.T
            code.parameters[...] = theta
            for place, leaf in self.blocks.leaves:
                code.v[place] = leaf.data
            n = self.replay(code.words, code.v, code.a, x, outputs, gradients)
            if n:
                pick(range(int(n)), code.v[-1])
        return outputs

    def room(self, columns: Sequence[Array], m: int) -> Inputs:
        """An array for the inputs, a row for each, and the part of it that each column fills. A small one is kept."""
        x = np.empty((len(self.blocks.tape.inputs), m))
        ends = np.cumsum([column.shape[1] for column in columns], dtype=int).tolist()
        inputs = x, [x[end - column.shape[1] : end] for column, end in zip(columns, ends, strict=True)]
        if x.nbytes <= TILE_BYTES:
            self.inputs = inputs
        return inputs


def _table(blocks: Blocks) -> tuple[Op, ...]:
    """The rows of the module that runs these blocks."""
    return table(block.op for block in (*blocks.shared, *blocks.varying))


class _Code:
    """The code of blocks, and the arrays it works on: see ``numba_loops`` and ``numba_kernels``.

    ``wide``  whether for tiles of examples; or for one by one: there nodes in equal steps of places are one loop
    """

    def __init__(self, blocks: Blocks, wide: bool) -> None:
        self.blocks = blocks
        self.wide = wide
        self.opcodes = opcodes(*_table(blocks))
        self.size = [blocks.n_shared, blocks.n_rows]  # and with the copies; of what is shared, and of rows
        self.learning = [np.frombuffer(flags, bool) for flags in blocks.flags]
        self.copies: dict[tuple[bool, Shape, bytes], Operand] = {}
        self.instructions: tuple[list[Words], list[Words]] = [], []
        self.scratch = SCRATCH_ROWS
        self.most_inputs = 0  # of a neuron
        for block in (*blocks.shared, *blocks.varying):
            if block.op is AFFINE:
                self.affine(block)
            else:
                self.block(block)
        self.words = self.assembled()

        base, width = int(self.words[loops.BASE]), int(self.words[loops.TILE])
        self.v = aligned(base + (self.size[True] + self.scratch) * width + 2)
        self.a = aligned(base + self.size[True] * width + max(width, self.most_inputs))
        self.parameters = self.v[: len(blocks.tape.parameters)]
        for i, x in blocks.tape.constants.items():
            self.v[blocks.at[i]] = x

    def block(self, block: Block) -> None:
        """The block's instruction, and before it those that copy what stands irregularly."""
        n = 0
        operands = []
        for operand, is_list in zip(block.operands, block.op.lists, strict=True):
            assert is_list or operand.varying == block.varying or block.op is SPREAD, "the tape has to be prepared"
            if is_list:
                n = len(operand.at)
                if n > 2 and np.diff(operand.at, 2, axis=0).any():
                    copy = self.copied(Operand(operand.at.T, operand.varying))
                    operand = Operand(copy.at.T, operand.varying)
            operands.append(operand)
        lists = [text for _, text in block.op.lines() if text.startswith(LISTS)]
        self.scratch = max(self.scratch, SCRATCH_ROWS + n * len(lists))
        self.records(block.op, block.varying, block.start, operands, n)

    def records(self, op: Op, varying: bool, start: int, operands: Sequence[Operand], n: int = 0) -> None:
        """The instruction for nodes from ``start`` on, whose lists have n elements."""
        inputs = [(operand.at, is_list) for operand, is_list in zip(operands, op.lists, strict=True)]
        steps = [np.diff(at) for at, is_list in inputs if not is_list]
        joined = np.ones(inputs[0][0].shape[-1] - 1, bool)
        for at, is_list in inputs:
            if is_list:
                joined &= ~np.diff(at).any(axis=0)
        if self.wide and varying and not n and op is not SPREAD:
            for step in steps:
                joined &= step == 1
        first, lengths = runs(joined, steps)
        words = [lengths, start + first]
        for at, is_list in inputs:
            if is_list:
                words += [at[0, first], at[min(1, n - 1), first] - at[0, first]]
            else:
                words += [at[first], np.where(lengths > 1, at[np.minimum(first + 1, len(at) - 1)] - at[first], 1)]
        head = [self.opcodes[op], self.wanted(operands), len(first), len(words), n, int(operands[0].varying != varying)]
        self.instructions[varying].append([*head, *np.stack(words, 1).ravel().tolist()])

    def affine(self, block: Block) -> None:
        """The instruction of neurons, and before it those that copy what stands irregularly."""
        w, x, b = operands = block.operands
        k, n = w.at.shape
        if w.strides is None or (n > 1 and w.strides[1] != 1):
            w = self.copied(w)
        if x.strides is None or (n > 1 and x.strides[1] != 1 and not self.wide):
            x = self.copied(x)
        if b.strides is None:
            b = self.copied(b)
        assert w.strides is not None
        assert x.strides is not None
        assert b.strides is not None
        places = [len(x.at), k, n, block.start, int(x.at[0, 0]), *x.strides]
        neurons = [int(w.at[0, 0]), w.strides[0], int(b.at[0]), *b.strides]
        self.instructions[True].append([self.opcodes[AFFINE], self.wanted(operands), *places, *neurons])
        self.scratch = max(self.scratch, k * (n + 1))
        self.most_inputs = max(self.most_inputs, n)

    def wanted(self, operands: Sequence[Operand]) -> int:
        """Which operands get adjoints, as bits."""
        return sum([1 << i for i, operand in enumerate(operands) if self.learning[operand.varying][operand.at].any()])

    def copied(self, operand: Operand) -> Operand:
        """The numbers of an operand once more, in places one after another."""
        at, varying = operand.at, operand.varying
        key = (varying, at.shape, at.tobytes())
        if key not in self.copies:
            start, flat = self.size[varying], at.ravel()
            self.size[varying] += flat.size
            self.learning[varying] = np.append(self.learning[varying], self.learning[varying][flat])
            self.records(COPY, varying, start, [Operand(flat, varying)])
            self.copies[key] = Operand(np.arange(start, start + flat.size).reshape(at.shape), varying)
        return self.copies[key]

    def assembled(self) -> Code:
        """The instructions, after a head that says where they are."""
        words = [0] * int(loops.HEADER)
        forward: tuple[Words, Words] = [], []
        for places, instructions in zip(forward, self.instructions, strict=True):
            for instruction in instructions:
                places.append(len(words))
                words += instruction

        def put(where: int, numbers: Words, each: int = 1) -> None:
            words[where] = len(words)
            words.extend([len(numbers) // each, *numbers])

        blocks, (n_shared, n_rows) = self.blocks, self.size
        words[loops.TILE] = max(LEAST, TILE_BYTES // (16 * max(1, n_rows)) // LANES * LANES) if self.wide else 1
        words[loops.BASE] = -(-n_shared // LANES) * LANES
        words[loops.ROWS] = n_rows
        words[loops.INPUTS] = len(blocks.tape.inputs)
        put(loops.OUTPUTS, [word for i in blocks.tape.outputs for word in (blocks.is_varying[i], blocks.at[i])], 2)
        for where, back, places in zip(FORWARD, BACKWARD, forward, strict=True):
            put(where, places)
            put(back, [at for at in reversed(places) if words[at + 1]])
        words += [0] * 2 * most_inputs(self.opcodes)  # what a short record lacks, the kernels read all the same
        return np.array(words, np.int64).view(np.uint64)


def runs(joined: NDArray[np.bool_], steps: Sequence[Places]) -> tuple[Places, Places]:
    """The longest runs of nodes in which each step is the same: their first nodes and lengths.

    ``joined`` (nodes − 1,) whether a node and the next may be in one run; ``steps`` the same for places of operands.
    """
    first = [0]
    together = joined.tolist()
    each = list(zip(*[step.tolist() for step in steps], strict=True)) or [()] * len(together)
    for i, may in enumerate(together):
        if not may or (i > first[-1] and each[i] != each[i - 1]):
            first.append(i + 1)
    return np.array(first), np.diff([*first, len(together) + 1])


def aligned(n: int) -> Array:
    """n zeros, the first at the start of a line of the cache."""
    memory = np.zeros(n + LANES)
    start = -(memory.ctypes.data // memory.itemsize) % LANES
    return memory[start : start + n]
