"""The code of the Numba executor: an instruction for each block, which ``kernels`` interprets."""

from __future__ import annotations

import re
from array import array
from functools import cache

import numpy as np

from ....table.compiled import LISTS, SCRATCH_ROWS, is_stored
from ...blocks import Block, Blocks, Layout, Operand
from ...tape import AFFINE, SPREAD
from . import loops
from .kernels import COPY, most_inputs, opcodes, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ....table.op import Op
    from ...types import Array, Code, Places, Shape

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


class Instructions:
    """The code of blocks, and the arrays it works on: see ``loops`` and ``kernels``.

    ``wide``  whether for tiles of examples; or for one by one: there nodes in equal steps of places are one loop
    """

    least = LEAST

    def __init__(self, layout: Layout, wide: bool) -> None:
        self.layout = layout
        self.wide = wide
        self.opcodes = opcodes(*table(layout.tape.ops))
        self.size = [layout.n_shared, layout.n_rows]  # and with the copies; of what is shared, and of rows
        self.learning = [np.frombuffer(flags, bool) for flags in layout.flags]
        self.copies: dict[tuple[bool, Shape, bytes], Operand] = {}
        self.words = array("q"), array("q")  # of what is shared, and of rows, one instruction after another
        self.starts = array("q"), array("q")
        self.lists: dict[int, Sequence[Operand]] = {}  # of instructions on rows, their operands, if there are lists
        self.scratch = SCRATCH_ROWS
        self.most_inputs = 0  # of a neuron
        self.write()
        self.code = self.assembled(self.filled())
        del self.words, self.starts, self.lists

        base, width = int(self.code[loops.BASE]), int(self.code[loops.TILE])
        tiles = TILE_BYTES // (8 * width * max(1, len(layout.tape.inputs)))
        self.most = width * max(1, tiles) if wide else FEW  # examples whose inputs are copied at once
        self.v = aligned(base + (self.size[True] + self.scratch) * width + 2)
        self.a = aligned(base + self.size[True] * width + max(width, self.most_inputs))
        self.parameters = self.v[: len(layout.tape.parameters)]
        for i, x in layout.tape.constants.items():
            self.v[layout.at[i]] = x

    def write(self) -> None:
        """Write all instructions."""
        assert isinstance(self.layout, Blocks)
        for block in (*self.layout.shared, *self.layout.varying):
            self.block(block)

    def block(self, block: Block) -> None:
        """The block's instruction, and before it those that copy what stands irregularly."""
        if block.op is AFFINE:
            self.affine(block)
            return
        if not block.op.n_lists:
            kinds = {operand.varying for operand in block.operands}
            assert kinds == {block.varying} or block.op is SPREAD, "the tape has to be prepared"
            self.records(block.op, block.varying, block.start, block.operands)
            return
        n = 0
        operands = []
        for operand, is_list in zip(block.operands, block.op.lists, strict=True):
            assert is_list or operand.varying == block.varying, "the tape has to be prepared"
            if is_list:
                n = len(operand.at)
                if n > 2 and np.diff(operand.at, 2, axis=0).any():
                    copy = self.copied(Operand(operand.at.T, operand.varying))
                    operand = Operand(copy.at.T, operand.varying)
            operands.append(operand)
        self.scratch = max(self.scratch, SCRATCH_ROWS + n * lists_on_the_way(block.op))
        self.records(block.op, block.varying, block.start, operands, n)

    def records(self, op: Op, varying: bool, start: int, operands: Sequence[Operand], n: int = 0) -> None:
        """The instruction for nodes from ``start`` on, whose lists have n elements."""
        opcode, shared = self.opcodes[op], int(operands[0].varying != varying)
        wanted, alone = 0, list[int]()
        for bit, operand in enumerate(operands):
            if operand.alone is None:
                break
            wanted |= self.learning[operand.varying].item(operand.alone) << bit
            alone.append(operand.alone)
        else:
            self.instruct(varying, of_one_node(opcode, wanted, shared, start, alone))
            return
        inputs = [(operand.at, is_list) for operand, is_list in zip(operands, op.lists, strict=True)]
        steps = [np.diff(at) for at, is_list in inputs if not is_list]
        each = self.wanted_by_each(operands)
        joined = np.diff(each) == 0
        for at, is_list in inputs:
            if is_list:
                joined &= ~np.diff(at).any(axis=0)
        if self.wide and varying and not n and op is not SPREAD:
            for step in steps:
                joined &= step == 1
        first, lengths = runs(joined, steps)
        columns = [lengths, start + first, each[first], np.zeros_like(first)]
        for at, is_list in inputs:
            if is_list:
                columns += [at[0, first], at[min(1, n - 1), first] - at[0, first]]
            else:
                columns += [at[first], np.where(lengths > 1, at[np.minimum(first + 1, len(at) - 1)] - at[first], 1)]
        words = np.stack(columns, 1).ravel().tolist()
        if varying and any(op.lists):
            self.lists[len(self.words[True])] = operands
        self.instruct(varying, [opcode, int(np.bitwise_or.reduce(each)), len(first), len(columns), n, shared, *words])

    def instruct(self, varying: bool, words: Words) -> None:
        """One instruction more."""
        self.starts[varying].append(len(self.words[varying]))
        self.words[varying].extend(words)

    def affine(self, block: Block) -> None:
        """The instruction of neurons, and before it those that copy what stands irregularly."""
        w, x, b = block.operands
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
        self.lists[len(self.words[True])] = w, x, b
        self.instruct(True, [self.opcodes[AFFINE], self.wanted((w, x, b)), *places, *neurons])
        self.scratch = max(self.scratch, k * (n + 1))
        self.most_inputs = max(self.most_inputs, n)

    def wanted(self, operands: Sequence[Operand]) -> int:
        """Which operands get adjoints, as bits."""
        found = 0
        for i, operand in enumerate(operands):
            if self.learning[operand.varying][operand.at].any():
                found |= 1 << i
        return found

    def wanted_by_each(self, operands: Sequence[Operand]) -> Places:
        """The same for each node (k,)."""
        wanted: Places = np.zeros(operands[0].at.shape[-1], np.intp)
        for i, operand in enumerate(operands):
            learning = self.learning[operand.varying][operand.at]
            wanted |= (learning if learning.ndim == 1 else learning.any(axis=0)).astype(np.intp) << i
        return wanted

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

    def filled(self) -> Words:
        """Note in the records of rows which adjoints are stored, as the first ones; returns which are 0 before.

        As pairs: the first of some rows that follow each other, and how many. Where it is one by one, all of them.
        """
        if not self.wide:
            return [0, self.size[True]]
        got = bytearray(self.size[True])  # 1 for rows where the first adjoint is stored, 2 for those that are filled
        root = self.layout.tape.outputs[0]
        if self.layout.is_varying[root]:
            got[self.layout.at[root]] = 1
        elementwise = {code: op for op, code in self.opcodes.items() if op is not SPREAD and not any(op.lists)}
        affine, words = self.opcodes[AFFINE], self.words[True]
        for at in reversed(self.starts[True]):
            code, wanted, records, size = words[at : at + 4]
            if not wanted:
                continue
            if code == affine:
                fill(got, words[at + 5], records * size)  # so many places and neurons
            else:
                for record in range(at + 6, at + 6 + records * size, size):
                    if words[record + 2]:
                        fill(got, words[record + 1], words[record])
                        if code in elementwise:
                            words[record + 3] = first_ones(got, elementwise[code], words[record : record + size])
            for i, operand in enumerate(self.lists.get(at, ())):
                if operand.varying and wanted & 1 << i:
                    for row in operand.at.ravel().tolist():
                        fill(got, row)
        return [number for run in re.finditer(b"\2+", got) for number in (run.start(), run.end() - run.start())]

    def assembled(self, empty: Words) -> Code:
        """The instructions, after a head that says where they are; then the lists of their places."""
        layout, (n_shared, n_rows) = self.layout, self.size
        head = np.zeros(int(loops.HEADER), np.int64)
        head[loops.TILE] = max(self.least, TILE_BYTES // (16 * max(1, n_rows)) // LANES * LANES) if self.wide else 1
        head[loops.BASE] = -(-n_shared // LANES) * LANES
        head[loops.INPUTS] = len(layout.tape.inputs)
        instructions = [np.asarray(words) for words in self.words]
        parts = [head, *instructions]

        def put(where: int, numbers: Places, each: int = 1) -> None:
            head[where] = sum([part.size for part in parts])
            parts.extend([np.array([len(numbers) // each]), numbers])

        outputs = [word for i in layout.tape.outputs for word in (layout.is_varying[i], layout.at[i])]
        put(loops.OUTPUTS, np.array(outputs), 2)
        put(loops.EMPTY, np.array(empty, np.int64), 2)
        before = head.size
        for where, back, starts, words in zip(FORWARD, BACKWARD, self.starts, instructions, strict=True):
            places = np.asarray(starts)
            put(where, before + places)
            put(back, before + places[words[places + 1] != 0][::-1])
            before += words.size
        parts.append(np.zeros(2 * most_inputs(self.opcodes), np.int64))  # a short record lacks what all kernels read
        return np.concatenate(parts).view(np.uint64)


def of_one_node(opcode: int, wanted: Any, shared: int, start: Any, places: Sequence[Any]) -> list[Any]:
    """The instruction for a node without lists; or those for several, where arrays of theirs stand for the numbers."""
    operands = [word for place in places for word in (place, 1)]
    return [opcode, wanted, 1, 4 + len(operands), 0, shared, 1, start, wanted, 0, *operands]


def fill(got: bytearray, row: int, count: int = 1) -> None:
    """Rows that are read or added to: where nothing has arrived there is to be a 0."""
    for i in range(row, row + count):
        got[i] = got[i] or 2


def first_ones(got: bytearray, op: Op, record: array[int]) -> int:
    """Of a record's operands, as bits, those where what flows is stored, since nothing has arrived there before."""
    nodes, _, wanted, _, *places = record
    first, stored = 0, stored_inputs(op)
    for i, row in enumerate(places[::2]):
        if wanted & 1 << i:
            if stored & 1 << i and not any(got[row : row + nodes]):
                got[row : row + nodes] = b"\1" * nodes
                first |= 1 << i
            else:
                fill(got, row, nodes)
    return first


@cache
def stored_inputs(op: Op) -> int:
    """Of the inputs of an operation, as bits, those where what flows can be stored."""
    return sum([is_stored(op, name) << i for i, name in enumerate(op.inputs)])


@cache
def lists_on_the_way(op: Op) -> int:
    """How many lists a row computes before its results."""
    return sum([text.startswith(LISTS) for _, text in op.lines()])


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
