"""The back end for JAX: a row's formulas as functions of JAX arrays, with the row's own derivative.

Arrays have the shapes of ``arrays.py``. JAX differentiates what is made of these functions, but of each it takes the
derivative from the table: so kinks, masks and stable forms are the table's. What a mask cuts off gets 0, whatever
arrives. An element that a list does not have is nan, since a compiled function cannot raise: ``operation`` returns
the indices beside the value.

XLA does algebra that IEEE's arithmetic does not know: log(exp(x)) becomes x, (a/b)/b becomes a/(b·b), which overflows.
It stops at a barrier, and there is one behind each exponential, quotient and power, and around each row.

>>> from autograd.table.ops import OPS
>>> print(ast.unparse(_Jax().partial(ast.parse(OPS["hypot"].partials[0], mode="eval").body)))
where(y == 0.0, 0.0, g * div(a, y))
"""

from __future__ import annotations

import ast
from functools import cache, partial

from .arithmetic import EVERYWHERE, SCALARS, nan
from .arrays import Arrays
from .language import Rewriter, call, function, needed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from jax import Array

    from .language import Line
    from .op import Kernel, Op

    Found = list[Array]
    """Of each list that an index is read from: its length, and an index, a wrong one if there is one."""


@cache
def operation(op: Op) -> Callable[..., tuple[Array, Found]]:
    """``f(*inputs) -> (value, found)``, which JAX can differentiate in reverse; see ``Found``."""
    import jax

    barrier = jax.lax.optimization_barrier
    value = forward(op)
    flows = [pullback(op, name) for name in op.inputs]

    def f(*inputs: Array) -> tuple[Array, Found]:
        found: Found = []
        return barrier(value(partial(_pick, found), *inputs)), found

    def f_forward(*inputs: Array) -> tuple[tuple[Array, Found], tuple[Array, ...]]:
        y, found = f(*inputs)
        return (y, found), (y, *inputs)

    def f_backward(known: tuple[Array, ...], arrived: tuple[Array, Found]) -> tuple[Array | None, ...]:
        _, *inputs = known
        return tuple(
            None if flow is None else _to_shape(barrier(flow(arrived[0], *known)), x.shape)
            for flow, x in zip(flows, inputs, strict=True)
        )

    differentiable = jax.custom_vjp(f)
    differentiable.defvjp(f_forward, f_backward)
    made: Callable[..., tuple[Array, Found]] = differentiable
    return made


@cache
def forward(op: Op) -> Kernel:
    """``kernel(pick, *inputs)`` returns the operation's value; ``pick(list, index)`` reads an element."""
    *lines, (_, y) = needed(op.lines(), "y")
    return _kernel(op, ["pick", *op.inputs], lines, _Jax().value(y))


@cache
def pullback(op: Op, wrt: str) -> Kernel | None:
    """``kernel(g, y, *inputs)`` returns what flows to an input, g · dy/dinput; None where nothing ever does."""
    *lines, (_, partial) = needed(op.lines(), f"d{wrt}", given="y")
    if isinstance(partial, ast.Constant) and partial.value == 0:
        return None
    return _kernel(op, ["g", "y", *op.inputs], lines, _Jax().partial(partial))


def _kernel(op: Op, parameters: Sequence[str], lines: Iterable[Line], result: ast.expr) -> Kernel:
    """The function of these lines that returns the result."""
    lines = [(x, _Jax().value(formula)) for x, formula in lines]
    return function(op, parameters, lines, f"return {ast.unparse(result)}", _namespace())


class _Jax(Arrays):
    """Whole arrays; a partial derivative becomes what flows."""

    nothing = ast.Constant(0.0)
    partial = Rewriter.partial

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(a, ast.Div(), b):
                return call("div", a, b)
            case ast.BinOp(a, ast.Pow(), b):
                return call("power", a, b)
        return node

    def flow(self, tree: ast.expr) -> ast.expr:
        return self.times("g", tree)


def _to_shape(flow: Any, shape: tuple[int, ...]) -> Array:
    """What flows to an input: the sum over the examples that share it; the same to all of a list if it is one array."""
    import jax.numpy as jnp

    if shape[-1] == 1 and jnp.shape(flow)[-1:] != (1,):
        flow = jnp.sum(flow, -1, keepdims=True)
    return jnp.broadcast_to(flow, shape)


def _pick(found: Found, xs: Array, k: Array) -> Array:
    """``xs[k]`` for a list (n, nodes, examples); nan where there is no such element. Appends to what is ``found``."""
    import jax.numpy as jnp

    n, *shape = xs.shape
    k = jnp.asarray(k)
    at = k.astype(int)
    wrong = (at != k) | (at < 0) | (at >= n)
    found.append(jnp.stack([jnp.asarray(float(n)), k.ravel()[jnp.argmax(wrong)]]))
    nodes, examples = (jnp.arange(size) if size != 1 else jnp.zeros(1, int) for size in shape)
    return jnp.where(wrong, nan, xs[jnp.clip(at, 0, n - 1), nodes[:, None], examples])


@cache
def _namespace() -> dict[str, object]:
    """The arithmetic of JAX arrays, under the names of ``arithmetic.SCALARS``."""
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import erf, erfc

    def behind_barrier(f: Callable[..., Array]) -> Callable[..., Array]:
        return lambda *x: jax.lax.optimization_barrier(f(*x))

    def products_of_others(xs: Array) -> Array:
        one = jnp.ones_like(xs[:1])
        before, after = (jnp.cumprod(jnp.concatenate([one, some]), 0) for some in (xs[:-1], xs[:0:-1]))
        return before * after[::-1]

    return (
        EVERYWHERE
        | {name: getattr(jnp, name) for name in SCALARS.keys() & set(dir(jnp))}
        | {
            "div": behind_barrier(jnp.divide),
            "erf": erf,
            "erfc": erfc,
            "exp": behind_barrier(jnp.exp),
            "exp2": behind_barrier(jnp.exp2),
            "indices": lambda n: jnp.arange(n).reshape(-1, 1, 1),
            "max": lambda xs: xs.max(0),
            "mean": lambda xs: xs.mean(0),
            "power": behind_barrier(jnp.power),
            "pick": lambda xs, k: _pick([], xs, k),
            "prod": lambda xs: xs.prod(0),
            "products_of_others": products_of_others,
            "round": jnp.rint,
            "sum": lambda xs: xs.sum(0),
            "where": jnp.where,
        }
    )
