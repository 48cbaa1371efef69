"""Products of matrices by BLAS, so that equal rows in give equal rows out.

Units of a layer that begin alike have the same bits after every step. BLAS does not see to that: what is left of a
matrix after its blocks of rows it computes by other loops, which round otherwise. So products have a number of rows
that is ``whole``.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from ...tape import AFFINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...blocks import Block, Operand
    from ...types import Array, Calls

LARGE = 1 << 18
"""From so many multiplications on OpenBLAS may share a product among threads."""
LARGE_OF_VECTOR = 9 << 10
"""The same, of a matrix and a vector."""
BLOCK = 8
"""Examples that are left over of so many are a product of their own, in a large one."""
MOST = 16
"""Of how many rows OpenBLAS' blocks are, at most."""
SPARE = MOST - 1
"""How many rows stand behind the last one, so that every block of rows can be made whole."""


def matrix_product(a: Array, b: Array, out: Array) -> Calls:
    """The calls for a·b into ``out``; ``dot`` is the quicker one, but writes only into arrays that stand in one piece.

    Where there is nothing to add up, ``multiply`` takes their place: in both, 0 · inf would be 0. In a large product
    OpenBLAS computes the columns that are left over of whole blocks by other loops, which differ from one block of rows
    to the next: these columns are a product of their own.
    """
    rows, terms, columns = a.shape[-2], a.shape[-1], b.shape[-1]
    if terms == 1:
        return [(np.multiply, (a, b, out))]
    rest = columns % BLOCK
    if rest and rows > BLOCK and rows * terms * columns > LARGE:
        parts = slice(columns - rest), slice(columns - rest, columns)
        return [(np.matmul, (a, b[..., part], out[..., part])) for part in parts]
    return [(a.dot, (b, out)) if b.ndim == 2 and out.flags.c_contiguous else (np.matmul, (a, b, out))]


def widest_alone(blocks: Sequence[Block]) -> float:
    """How many examples a tile may have, so that BLAS shares no product among threads."""
    shapes = [block.operands[0].at.shape for block in blocks if block.op is AFFINE]
    return min([min(LARGE / (k * n), LARGE_OF_VECTOR / max(k, n)) for k, n in shapes], default=math.inf)


def added(row: Array, width: int) -> Callable[[], Array | float]:
    """What adds up the numbers of some examples, or one number so often; BLAS shares no short sum."""
    if width > LARGE_OF_VECTOR and row.size > 1:
        return partial(np.add.reduce, row)
    return partial(row.dot, np.full(row.size, width / row.size))


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
    owner = rows if rows.base is None else rows.base
    assert isinstance(owner, np.ndarray)
    offset = rows.ctypes.data - owner.ctypes.data
    return np.ndarray((p, whole(n), width), float, owner, offset, rows.strides)
