"""The expression of micrograd's README over m examples: elementwise work only, forward and backward.

g(a + p, b + q) for m pairs (a, b); what is computed is the mean of g and its derivatives with respect to the two
parameters p and q, so that all edges are walked back. JAX jits the same function of arrays.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import autograd
from autograd import Value, parameter

from .eager import readme
from .timing import EXECUTORS, report, side_by_side

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)


def program() -> Any:
    """The expression, recorded."""
    p, q = parameter(0.0, "p"), parameter(0.0, "q")
    return autograd.record(lambda a, b: readme(a + p, b + q, Value.relu), -4.0, 2.0, parameters=[p, q])


def in_jax(a: Any, b: Any, theta: Any) -> Callable[[], Any]:
    def mean(theta: Any, a: Any, b: Any) -> Any:
        return readme(a + theta[0], b + theta[1], jax.nn.relu).mean()

    compiled = jax.jit(jax.value_and_grad(mean))
    arguments = jnp.asarray(theta), jnp.asarray(a), jnp.asarray(b)
    return lambda: jax.block_until_ready(compiled(*arguments))


def compare(m: int) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.uniform(-4.5, -3.5, m), rng.uniform(1.5, 2.5, m)
    theta = np.array([0.1, -0.2])
    recorded = program()
    peers: dict[str, Callable[[], Any]] = {}
    for name, executor in EXECUTORS.items():
        peers[f"chainrule, {name}"] = partial(recorded.using(executor, wait=True).value_and_grad, a, b, at=theta)
        if m >= 10**5:
            threaded = recorded.using(executor, threads=os.cpu_count(), wait=True)
            peers[f"chainrule, {name}, all cores"] = partial(threaded.value_and_grad, a, b, at=theta)
    peers["JAX, all cores"] = in_jax(a, b, theta)
    value, gradient = peers["JAX, all cores"]()
    for name, f in peers.items():
        got = f()
        assert np.isclose(got[0], value, rtol=1e-9), name
        assert np.allclose(got[1], gradient, rtol=1e-9), name
    times = side_by_side(peers, budget=2.0)
    title = f"micrograd's README expression, forward and backward: {m:,} example{'s' * (m > 1)}, the time for each"
    report(title, times, against="chainrule, Numba", per=m)


def main() -> None:
    for m in (1, 10**4, 10**6):
        compare(m)
