"""Where rows and their adjoints stand: what nobody reads any more is written over, a copy is a second name."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ....table.arrays import forward, may_write_over, passes_on, reads
from ...blocks import Operand
from ...tape import AFFINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ....table.op import Kernel, Op
    from ...blocks import Block, Blocks
    from ...types import Array, Calls, Places

    Pullback = Callable[[Op, str], Kernel | None]
    Write = Callable[[Array], Calls]


def places_of_rows(blocks: Blocks, pullback: Pullback) -> Places:
    """Where the numbers of each row stand: those of relu(z) in the place of z, if nobody else reads z, ever."""
    at = np.arange(blocks.n_rows)
    varying = blocks.varying
    reads_of = np.zeros(blocks.n_rows, int)
    wanted = np.zeros(blocks.n_rows, bool)  # inputs, outputs, and what a backward pass reads
    wanted[: varying[0].start if varying else None] = True
    wanted[[blocks.at[i] for i in blocks.tape.outputs if blocks.is_varying[i]]] = True
    for block in varying:
        names = _read_by_pullbacks(block, pullback)
        wanted[block.start : block.stop] |= "y" in names
        for name, operand in _named(block):
            if operand.varying:
                np.add.at(reads_of, operand.at, 1)
                wanted[operand.at] |= name in names
    for block in varying:
        for _, operand in _named(block):
            run = operand.run
            if (
                block.op.n_lists
                or block.op is AFFINE
                or not may_write_over(forward(block.op))
                or not operand.varying
                or run is None
                or operand.size != block.size
            ):
                continue
            if not wanted[run].any() and (reads_of[run] == 1).all() and Operand(at[run], True).run is not None:
                at[block.start : block.stop] = at[run]
                break
    return at


def _named(block: Block) -> list[tuple[str, Operand]]:
    names = ("w", "x", "b") if block.op is AFFINE else block.op.inputs
    return list(zip(names, block.operands, strict=True))


def _read_by_pullbacks(block: Block, pullback: Pullback) -> set[str]:
    """The names of what a block's backward pass reads: ``y`` the result, the others operands."""
    if block.op is AFFINE:
        return {"w", "x"}
    kernels = [pullback(block.op, name) for name in block.op.inputs if not passes_on(block.op, name)]
    return {name for kernel in kernels if kernel is not None for name in reads(kernel)}


class Adjoints:
    """The adjoints of numbers of one kind, during the planning of one backward pass.

    What flows on as it arrives, as through a +, is not copied: both names stand for one place, which is *lent*, and
    nobody writes there any more. What is computed from an adjoint that nobody reads afterwards is written over it.

    ``array``    has an own place for the adjoint of each number
    ``reached``  flags of those to which something has flowed: what comes then is added
    ``first``    the place of the first that is no leaf; leaves keep their places
    ``nothing``  what changes no sum
    ``seed``     the place of the adjoint that the pass begins with, which has been written before; −1 if elsewhere
    """

    def __init__(self, array: Array, reached: bytearray, first: int, nothing: float, seed: int) -> None:
        self.array, self.reached, self.first, self.nothing, self.seed = array, reached, first, nothing, seed
        self.at = np.arange(len(array))
        self.lent = np.zeros(len(array), bool)
        if seed >= 0:
            self.lent[seed] = True
            reached[seed] = 1

    def is_seed(self, result: Operand) -> bool:
        """Whether what has arrived at a block's results is the 1 that the pass begins with."""
        return bool((self.at[result.at] == self.seed).all())

    def read(self, result: Operand, in_one_piece: bool, calls: Calls) -> Array:
        """What has arrived at a block's results (k, width)."""
        self._fill(result, calls)
        here = self._here(result)
        if here.run is None if in_one_piece else here.strides is None:
            self._settle(result.at, calls)
            here = self._here(result)
        found = view(self.array, here)
        assert found is not None  # its own places, if no others, are a run
        return found

    def add(self, write: Write, operand: Operand, flow: Array, calls: Calls, add_to: Write | None = None) -> None:
        """Add what ``write`` writes into an array; ``flow`` is such an array, to be used where something is there.

        ``add_to``  what adds the same to an array, if there is a quicker way to do it
        """
        target = view(self.array, operand) if operand.distinct else None
        if target is not None and self._is_new(operand):
            calls += write(target)
            self._reach(operand)
            return
        self._fill(operand, calls)
        here = self._here(operand)
        if target is not None and here.strides is not None:
            if self.lent[here.at].any():  # the sum gets places of its own
                self.at[operand.at] = operand.at
            else:
                target = view(self.array, here)
                assert target is not None
                if add_to is not None:
                    calls += add_to(target)
                    return
            calls += write(flow)
            calls.append((np.add, (view(self.array, here), flow, target)))
            return
        self._settle(operand.at[self.lent[here.at]], calls)
        calls += write(flow)
        calls += scatter(self.array, self.at[operand.at.ravel()], flow.reshape(operand.at.size, -1))

    def pass_on(self, source: Operand, operand: Operand, last: bool) -> bool:
        """Let an operand's adjoints be those of the results ``source``, unless they have places already.

        ``last``  whether nobody reads these afterwards
        """
        if not self._may_move(operand):
            return False
        places = self._here(source).at
        if not (last and places.size == operand.at.size):
            self.lent[places] = True
        self.at[operand.at] = places
        self._reach(operand)
        return True

    def written_over(self, source: Operand, operand: Operand) -> Array | None:
        """The place of the results ``source``, which nobody reads any more, for an operand of that shape; or None."""
        here = self._here(source)
        if operand.at.shape != here.at.shape or not self._may_move(operand):
            return None
        if here.run is None or self.lent[here.at].any():
            return None
        self.at[operand.at] = here.at
        self._reach(operand)
        return view(self.array, here)

    def _here(self, operand: Operand) -> Operand:
        """The places where an operand's adjoints stand."""
        return Operand(self.at[operand.at], operand.varying)

    def _may_move(self, operand: Operand) -> bool:
        return operand.run is not None and operand.run.start >= self.first and self._is_new(operand)

    def _is_new(self, operand: Operand) -> bool:
        return 1 not in flags_at(self.reached, operand)

    def _reach(self, operand: Operand) -> None:
        if operand.run is not None:
            self.reached[operand.run] = b"\1" * operand.at.size
        else:
            for place in operand.at.ravel().tolist():
                self.reached[place] = 1

    def _fill(self, operand: Operand, calls: Calls) -> None:
        """Where nothing has arrived yet, put what changes no sum."""
        if 0 not in flags_at(self.reached, operand):
            return
        missing = np.array(sorted({place for place in operand.at.ravel().tolist() if not self.reached[place]}))
        self._reach(operand)
        target = view(self.array, Operand(missing, operand.varying))
        if target is not None:
            calls.append((target.fill, (self.nothing,)))
        else:
            calls.append((self.array.__setitem__, (missing, self.nothing)))

    def _settle(self, numbers: Places, calls: Calls) -> None:
        """Give those that stand in the places of others a copy, in their own."""
        away = np.unique(numbers)
        away = away[self.at[away] != away]
        for place in away.tolist():
            calls.append((np.copyto, (self.array[place], self.array[self.at[place]])))
        self.at[away] = away


def flags_at(flags: bytearray, operand: Operand) -> bytearray:
    """The flags at an operand's places."""
    if operand.run is not None:
        return flags[operand.run]
    return bytearray([flags[place] for place in operand.at.ravel().tolist()])


def view(rows: Array, operand: Operand) -> Array | None:
    """The rows at an operand's places without a copy, if the places are regular."""
    if operand.strides is None:
        return None
    step, inner = rows.strides
    shape = (*operand.at.shape, rows.shape[1])
    offset = int(operand.at.flat[0]) * step
    return np.ndarray(shape, float, rows, offset, (*(s * step for s in operand.strides), inner))


FEW = 8
"""Up to so many runs of rows are added one by one."""


def scatter(adjoints: Array, at: Places, flow: Array) -> Calls:
    """The calls that add the rows of ``flow`` to the adjoints at some places, where a place may come several times."""
    starts = [0, *(np.flatnonzero(np.diff(at) != 1) + 1).tolist(), at.size]
    if len(starts) - 1 <= FEW:
        runs = [(adjoints[at[start] : at[start] + stop - start], flow[start:stop]) for start, stop in pairwise(starts)]
        return [(np.add, (rows, some, rows)) for rows, some in runs]
    order = np.argsort(at, kind="stable")
    places, firsts = np.unique(at[order], return_index=True)
    if places.size == at.size:

        def add() -> None:
            adjoints[at] += flow

    else:

        def add() -> None:
            adjoints[places] += np.add.reduceat(flow[order], firsts, 0)

    return [(add, ())]
