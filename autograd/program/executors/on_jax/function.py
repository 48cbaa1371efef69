"""A program's blocks as functions of JAX arrays, for JAX to differentiate, compile and export.

Numbers stand as in the other executors: rows (k, examples), shared numbers (k, 1). But there are no buffers: what each
block computes is a piece of its own, and an operand is cut out of the pieces, without a copy where it can be.
"""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np

from ....table.jax import operation
from ...blocks import Operand
from ...tape import AFFINE
from ..on_numpy.products import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import jax

    from ...blocks import Block, Blocks
    from ...types import Places

    Pieces = list[jax.Array]
    Found = list[jax.Array]


def require_jax() -> None:
    """ImportError, with what to install, if JAX is not there."""
    try:
        import jax  # noqa: F401
    except ImportError:
        raise ImportError('the executor "jax" needs JAX: pip install "chainrule[jax]"') from None


@contextmanager
def float64() -> Iterator[None]:
    """A context in which JAX computes in float64, in this thread; the user's own setting stays as it is."""
    import jax

    with jax.enable_x64(True):
        yield


class Function:
    """Blocks as two functions, of what is computed once and of what is computed for each tile of examples."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        tape = blocks.tape
        self.starts = [
            np.array([0, len(tape.parameters), *(block.start for block in blocks.shared)]),
            np.array([0, *(block.start for block in blocks.varying)]),
        ]
        self.constant = np.zeros(blocks.n_shared, bool)
        self.numbers = np.zeros(blocks.shared[0].start if blocks.shared else blocks.n_shared)  # before all blocks
        for i, x in tape.constants.items():
            self.constant[blocks.at[i]] = True
            self.numbers[blocks.at[i]] = x
        self.outputs = [Operand(np.array([blocks.at[i]]), bool(blocks.is_varying[i])) for i in tape.outputs]

    def leaves(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The numbers that leaves which are no parameters have now."""
        return np.array([leaf.data for _, leaf in self.blocks.leaves], float)

    def shared(self, theta: jax.Array, leaves: jax.Array) -> tuple[Pieces, Found]:
        """The shared numbers, in pieces; and what indices were ``found``, see ``table.jax``."""
        import jax.numpy as jnp

        n = len(self.blocks.tape.parameters)
        others = jnp.asarray(self.numbers[n:])
        if self.blocks.leaves:
            others = others.at[np.array([place for place, _ in self.blocks.leaves]) - n].set(leaves)
        pieces = [theta[:, None], others[:, None]]
        found: Found = []
        for block in self.blocks.shared:
            pieces.append(self._computed(block, pieces, [], 1, found))
        return pieces, found

    def rows(self, shared: Pieces, columns: Sequence[jax.Array], width: int) -> tuple[jax.Array, Found]:
        """The outputs (number of them, width) for as many examples, ``columns`` (width, some); and what was found."""
        import jax.numpy as jnp

        rows = [jnp.concatenate([jnp.zeros((0, width)), *(column.T for column in columns)])]
        found: Found = []
        for block in self.blocks.varying:
            rows.append(self._computed(block, shared, rows, width, found))
        outputs = [self._operand(operand, shared, rows) for operand in self.outputs]
        return jnp.concatenate([jnp.broadcast_to(y, (1, width)) for y in outputs]), found

    def _computed(self, block: Block, shared: Pieces, rows: Pieces, width: int, found: Found) -> jax.Array:
        """What a block computes: (its size, width)."""
        import jax.numpy as jnp

        operands = [self._operand(operand, shared, rows) for operand in block.operands]
        if block.op is AFFINE:
            return _affine(*operands).reshape(block.size, width)
        y, picked = operation(block.op)(*operands)
        found += picked
        return jnp.broadcast_to(y, (block.size, width))

    def _operand(self, operand: Operand, shared: Pieces, rows: Pieces) -> jax.Array:
        """An operand's numbers: (*its shape, width), or (*its shape, 1)."""
        import jax.numpy as jnp

        if not operand.varying and self.constant[operand.at].all():
            return jnp.asarray(self.numbers[operand.at][..., None])
        return _cut(rows if operand.varying else shared, self.starts[operand.varying], operand)


def _affine(w: jax.Array, x: jax.Array, b: jax.Array) -> jax.Array:
    """W·A + b at p places, (p, k, width): W (k, n, 1), A (p, n, width), b (k, 1).

    The products have a ``whole`` number of rows, there and on the way back: so Eigen, too, rounds all rows alike.
    """
    import jax.numpy as jnp

    k, n, _ = w.shape
    more = whole(n) - n
    w = jnp.pad(w[..., 0], ((0, whole(k) - k), (0, more)))
    x = jnp.pad(x, ((0, 0), (0, more), (0, 0)))
    return jnp.einsum("kn,pnt->pkt", w, x, precision="highest")[:, :k] + b


def _cut(pieces: Pieces, starts: Places, operand: Operand) -> jax.Array:
    """An operand out of the pieces, which begin at the places ``starts``."""
    import jax.numpy as jnp

    flat = operand.at.ravel()
    places, order = np.unique(flat, return_inverse=True)
    of = np.searchsorted(starts, places, "right") - 1
    if of[0] == of[-1]:
        grid = _grid(pieces[of[0]], int(flat[0] - starts[of[0]]), operand)
        if grid is not None:
            return grid
    parts = []
    for k in dict.fromkeys(of.tolist()):
        inside = places[of == k] - starts[k]
        first, last = int(inside[0]), int(inside[-1])
        together = last - first + 1 == len(inside)
        parts.append(pieces[k][first : last + 1] if together else pieces[k][inside])
    joined = jnp.concatenate(parts) if len(parts) > 1 else parts[0]
    if not np.array_equal(order, np.arange(len(joined))):
        joined = joined[order]
    return joined.reshape(*operand.at.shape, joined.shape[-1])


def _grid(piece: jax.Array, start: int, operand: Operand) -> jax.Array | None:
    """An operand whose places go up in equal steps, by slices and a reshape; None if it is not one.

    JAX transposes these to a sum and a reshape, but an index by places to a loop over them.
    """
    import jax
    import jax.numpy as jnp

    at, strides = operand.at, operand.strides
    if operand.run is not None:
        run = piece if at.size == len(piece) else jax.lax.slice_in_dim(piece, start, start + at.size)
        return run if at.ndim == 1 else run.reshape(*at.shape, -1)
    if strides is None:
        return None
    (k, n), (outer, inner) = ((1, *pair)[-2:] for pair in (at.shape, strides))
    turned = k > 1 and n > 1 and outer < inner
    if turned:
        (k, n), (outer, inner) = (n, k), (inner, outer)
    length = (n - 1) * inner + 1
    outer = outer if k > 1 else length
    if (n > 1 and inner < 1) or outer < length:
        return None
    run = piece[start : start + k * outer]
    run = jnp.pad(run, ((0, k * outer - len(run)), (0, 0)))  # the last step may lead past the end
    grid = run.reshape(k, outer, -1)[:, : length : max(1, inner)]
    return (grid.swapaxes(0, 1) if turned else grid).reshape(*at.shape, -1)
