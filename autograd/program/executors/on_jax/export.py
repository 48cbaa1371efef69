"""A program as StableHLO, the portable form of JAX and XLA, for use where neither Python nor chainrule need be."""

from __future__ import annotations

import math

from .function import Function, float64, require_jax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import jax

    from ...blocks import Blocks
    from ...types import Structure

PLATFORMS = ("cpu", "cuda", "tpu")


def exported(blocks: Blocks, structure: Structure, aux: bool, name: str) -> bytes:
    """What ``jax.export.deserialize`` reads: ``name(theta, *arguments)``, as ``value_and_grad``, for any m.

    ``structure``  the shape of each argument, for one example
    ``aux``        whether the function has a list of others besides the number
    """
    require_jax()
    import jax
    from jax import export

    function = Function(blocks)

    def value_and_grad(theta: jax.Array, *arguments: jax.Array) -> Any:
        m = arguments[0].shape[0] if arguments else 1
        columns = [x.reshape(m, math.prod(shape)) for x, shape in zip(arguments, structure, strict=True)]

        def mean(theta: jax.Array) -> tuple[jax.Array, jax.Array]:
            shared, _ = function.shared(theta, function.leaves())
            outputs, _ = function.rows(shared, columns, m)
            return outputs[0].mean(), outputs[1:].T

        (value, others), grads = jax.value_and_grad(mean, has_aux=True)(theta)
        return ((value, others) if aux else value), grads

    value_and_grad.__name__ = name
    with float64():
        (m,) = export.symbolic_shape("m")
        theta = jax.ShapeDtypeStruct((len(blocks.tape.parameters),), float)
        arguments = [jax.ShapeDtypeStruct((m, *shape), float) for shape in structure]
        return bytes(export.export(jax.jit(value_and_grad), platforms=PLATFORMS)(theta, *arguments).serialize())
