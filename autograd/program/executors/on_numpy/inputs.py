"""The rows of a tile; its examples are copied into the first of them, or read where they are."""

from __future__ import annotations

import numpy as np

from ...blocks import Operand
from ...tape import AFFINE
from .products import SPARE, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...blocks import Blocks
    from ...types import Array, Calls, Places, Shape

LARGE = 1 << 12
"""Of so many numbers a copy costs more than to hand them over."""


class Rows:
    """The numbers of each row for a tile of examples (n_rows, width), and their adjoints.

    ``at``  where in ``values`` those of each row stand, see ``places_of_rows``
    """

    def __init__(self, blocks: Blocks, at: Places, width: int, columns: Sequence[Array]) -> None:
        self.values, self.adjoints = (np.zeros((blocks.n_rows + SPARE, width)) for _ in range(2))
        self.at = at
        self.inputs = Inputs(blocks, columns, self.values)


class Inputs:
    """The examples of tiles of one width. What only neurons read is not copied: BLAS takes it as it was given, (m, n).

    While calls are planned, an array that nobody reads stands for what will be given.
    """

    def __init__(self, blocks: Blocks, columns: Sequence[Array], values: Array) -> None:
        self.copied: list[tuple[int, Array]] = []  # which argument, and its rows (width, some)
        self.given: list[_Given] = []
        start = 0
        for place, column in enumerate(columns):
            stop = start + column.shape[1]
            if values.shape[1] * (stop - start) >= LARGE and _is_given(blocks, start, stop):
                self.given.append(_Given(place, start, (values.shape[1], stop - start)))
            else:
                self.copied.append((place, values[start:stop].T))
            start = stop

    def stand_in(self, operand: Operand) -> Array | None:
        """What stands for the inputs (1, n, width) of neurons, if they are given; else None."""
        for given in self.given:
            if operand.at.flat[0] == given.start:
                return given.stand_in.T[None]
        return None

    def bind(self, calls: Calls) -> Calls:
        """The calls, with what is given in the place of what stands for it."""
        for given in self.given:
            calls = [(function, given.bound(arguments)) for function, arguments in calls]
        return calls

    def load(self, columns: Sequence[Array], start: int, stop: int) -> None:
        """Bring some of the examples to the calls."""
        for place, rows in self.copied:
            column = columns[place]
            rows[...] = column if stop - start == len(column) else column[start:stop]
        for given in self.given:
            column = columns[given.place]
            tile = column[start:stop]
            given.put(tile if column.flags.forc else np.ascontiguousarray(tile))

    def release(self) -> None:
        """Let go of what was given."""
        for given in self.given:
            given.put(given.stand_in)


class _Given:
    """An argument that is given to products as it is.

    ``slots``  where to: a call's arguments, the place among them, which examples if not all, and whether as (n, m)
    """

    def __init__(self, place: int, start: int, shape: Shape) -> None:
        self.place, self.start = place, start
        self.tile = self.stand_in = np.empty(shape)
        self.slots: list[tuple[list[object], int, slice | None, bool]] = []

    def bound(self, arguments: Sequence[object]) -> Sequence[object]:
        """A call's arguments; a list, if what is given has to be put there."""
        for k, x in enumerate(arguments):
            if isinstance(x, np.ndarray) and x.base is self.stand_in:
                examples, transposed = (x.T, True) if x.strides[0] < x.strides[1] else (x, False)
                first = (x.ctypes.data - self.stand_in.ctypes.data) // self.stand_in.strides[0]
                bound = list(arguments)
                part = None if len(examples) == len(self.stand_in) else slice(first, first + len(examples))
                self.slots.append((bound, k, part, transposed))
                self.put(self.tile)
                return bound
        return arguments

    def put(self, tile: Array) -> None:
        """Give these examples."""
        self.tile = tile
        for arguments, k, part, transposed in self.slots:
            some = tile if part is None else tile[part]
            arguments[k] = some.T if transposed else some


def _is_given(blocks: Blocks, start: int, stop: int) -> bool:
    """Whether an argument, in the rows start … stop, is read by neurons alone, by each of them as a whole.

    Of a number of columns that is no ``whole`` one, products with them would need more than there are.
    """
    n = stop - start
    if n < 2 or n != whole(n):
        return False
    if any(blocks.is_varying[i] and start <= blocks.at[i] < stop for i in blocks.tape.outputs):
        return False
    reading = [
        (block.op is AFFINE, operand)
        for block in blocks.varying
        for operand in block.operands
        if operand.varying and ((start <= operand.at) & (operand.at < stop)).any()
    ]
    return all(neurons and len(x.at) == 1 and x.run == slice(start, stop) for neurons, x in reading)
