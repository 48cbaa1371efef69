"""The JAX executor: blocks compiled by JAX, on the devices that it finds, or split over a mesh of them.

The examples come in tiles of one width, in a loop of the compiled function. Since that is compiled for each shape of
its arguments, examples are repeated at the end, up to one of few shapes; they are left out of all sums.
"""

from __future__ import annotations

import math
from functools import cache, partial

import numpy as np

from ....table.arithmetic import pick
from .function import Function, float64, require_jax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any

    import jax

    from ...blocks import Blocks
    from ...types import Array, Gradient
    from .function import Pieces

    Compiled = Callable[..., tuple[jax.Array, jax.Array, jax.Array]]

TILES = {"cpu": 1 << 10}
"""How wide a tile is, by platform: on a processor it is to stay in the cache."""
WIDE = 1 << 16
"""The same where no cache has to be thought of."""


class JaxExecutor:
    """Runs blocks; ``mesh``: the devices that share the examples, along its first axis."""

    def __init__(self, blocks: Blocks, mesh: jax.sharding.Mesh | None = None) -> None:
        require_jax()
        import jax

        self.function = Function(blocks)
        self.compiled = cache(self._compiled)
        platform = jax.default_backend() if mesh is None else mesh.devices.flat[0].platform
        self.tile = TILES.get(platform, WIDE)
        self.mesh, self.axis, self.devices = mesh, "", 1
        if mesh is not None:
            self.axis = mesh.axis_names[0]
            self.devices = mesh.shape[self.axis]

    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m); ``theta`` the parameters' numbers, ``columns`` the inputs, arrays (m, some).

        Raises IndexError where a list has no element of some index.
        """
        outputs, _ = self._run(theta, columns, m, learning=False)
        return outputs

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient:
        """The outputs, the mean of the first one, and its gradient (P,); None instead of one with an inf or nan."""
        outputs, total = self._run(theta, columns, m, learning=True)
        with np.errstate(all="ignore"):
            grads = total * (1.0 / m)
            mean = float(np.add.reduce(outputs[0])) / m
            return outputs, mean, grads if math.isfinite(np.dot(grads, grads)) else None

    def _run(self, theta: Array, columns: Sequence[Array], m: int, learning: bool) -> tuple[Array, Array]:
        """The outputs, and the gradient of the sum of the first one, or zeros."""
        tiles, width = self.layout(m)
        count = self.devices * tiles * width
        padded = [column if count == m else _filled(column, count) for column in columns]
        with float64():
            compiled = self.compiled(learning, tiles, width)
            outputs, total, found = map(np.asarray, compiled(theta, self.function.leaves(), self._placed(padded), m))
        for n, k in found[_wrong(np, found)].tolist():
            pick(range(int(n)), k)  # raises
        return outputs[:, :m].copy(), total  # the caller's own, which JAX's memory is not

    def layout(self, m: int) -> tuple[int, int]:
        """For each device the number of tiles and their width."""
        each = math.ceil(m / self.devices)
        return (1, roomy(each)) if each <= self.tile else (roomy(math.ceil(each / self.tile)), self.tile)

    def _placed(self, columns: Sequence[Array]) -> Sequence[Array | jax.Array]:
        """The inputs on the devices of the mesh, if there is one."""
        import jax

        if self.mesh is None:
            return columns
        return [jax.device_put(column, self._sharding(self.axis)) for column in columns]

    def _sharding(self, *axes: str) -> jax.sharding.NamedSharding:
        import jax

        assert self.mesh is not None
        return jax.sharding.NamedSharding(self.mesh, jax.sharding.PartitionSpec(*axes))

    def _compiled(self, learning: bool, tiles: int, width: int) -> Compiled:
        """``f(theta, leaves, columns, m)``: the outputs, the gradient of the sum of the first one, what was found."""
        import jax

        sweep = partial(self._sweep, learning, tiles, width)
        compiled: Compiled
        if self.mesh is None:
            compiled = jax.jit(sweep)
            return compiled
        of_all, of_each = jax.sharding.PartitionSpec(), jax.sharding.PartitionSpec(self.axis)
        by_columns = jax.sharding.PartitionSpec(None, self.axis)
        split = jax.shard_map(
            sweep,
            mesh=self.mesh,
            in_specs=(of_all, of_all, of_each, of_all),
            out_specs=(by_columns, of_all, of_each),
            check_vma=False,
        )
        compiled = jax.jit(split, out_shardings=self._sharding())  # so that each process has all of the results
        return compiled

    def _sweep(
        self, learning: bool, tiles: int, width: int, theta: jax.Array, leaves: jax.Array, columns: Pieces, m: jax.Array
    ) -> tuple[jax.Array, jax.Array, jax.Array]:
        """What one device computes: its examples tile by tile, those that are repeated at the end left out."""
        import jax
        import jax.numpy as jnp

        first = 0 if self.mesh is None else jax.lax.axis_index(self.axis) * tiles * width
        shared, back, at_once = jax.vjp(partial(self.function.shared, leaves=leaves), theta, has_aux=True)

        def of_tile(i: jax.Array | int) -> tuple[Pieces, tuple[jax.Array, jax.Array]]:
            """The gradient by the shared numbers; the outputs, and what was found."""
            part = [jax.lax.dynamic_slice_in_dim(column, i * width, width) for column in columns]
            counts = first + i * width + jnp.arange(width) < m

            def total(shared: Pieces) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
                outputs, found = self.function.rows(shared, part, width)
                return jnp.where(counts, outputs[0], 0.0).sum(), (outputs, _stacked(found))

            return jax.grad(total, has_aux=True)(shared) if learning else ([], total(shared)[1])

        def add_tile(i: jax.Array, before: tuple[Pieces, jax.Array, jax.Array]) -> tuple[Pieces, jax.Array, jax.Array]:
            flows, outputs, found = before
            more, (here, found_here) = of_tile(i)
            outputs = jax.lax.dynamic_update_slice_in_dim(outputs, here, i * width, 1)
            found = jnp.where(_wrong(jnp, found)[:, None], found, found_here)
            return jax.tree.map(jnp.add, flows, more), outputs, found

        flows, (outputs, found) = of_tile(0)
        if tiles > 1:
            live = jnp.clip((m - first + width - 1) // width, 1, tiles)
            room = jnp.zeros((len(outputs), tiles * width)).at[:, :width].set(outputs)
            flows, outputs, found = jax.lax.fori_loop(1, live, add_tile, (flows, room, found))
        flows = flows if self.mesh is None else jax.lax.psum(flows, self.axis)
        (total,) = back(flows) if learning else (jnp.zeros(0),)
        return outputs, total, jnp.concatenate([found, _stacked(at_once)])


def roomy(n: int) -> int:
    """A number of examples, or of tiles, rounded up to one of few: at most a quarter more."""
    step = 1 << max(0, n.bit_length() - 3)
    return math.ceil(n / step) * step


def _filled(column: Array, count: int) -> Array:
    """As many examples, the last one repeated."""
    filled = np.empty((count, column.shape[1]))
    filled[: len(column)] = column
    filled[len(column) :] = column[-1]
    return filled


def _stacked(found: Sequence[jax.Array]) -> jax.Array:
    """What was found, (number of picks, 2)."""
    import jax.numpy as jnp

    return jnp.stack(found) if found else jnp.zeros((0, 2))


def _wrong(xp: ModuleType, found: Any) -> Any:
    """Whether an index that was found, (length, index), is none of the list; by NumPy, or by JAX's."""
    n, k = found[:, 0], found[:, 1]
    return (k < 0) | ~(k < n) | (xp.floor(k) != k)
