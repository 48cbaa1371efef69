"""Programs on JAX beside JAX written by hand, NumPy and Numba: the first call, which compiles, and those after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import jax
import numpy as np

from . import eager
from .program import L2, Step, jax_hinge, jax_steps, moons_program
from .timing import duration, report, side_by_side

BY_HAND = "JAX, parameters in an array"


def first_call(f: Callable[[], object]) -> float:
    """Seconds of a call for which nothing is compiled yet."""
    jax.clear_caches()
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def moons_on_jax(m: int) -> None:
    """The moons step on m points."""
    program, X, y = moons_program(m)
    theta = np.array([p.data for p in program.parameters])

    def on(executor: str) -> Step:
        return partial(program.using(executor).value_and_grad, X, y, at=theta)

    by_hand = jax_steps(jax_hinge, theta, eager.SIZES, X, y, L2)[BY_HAND]
    steps = {"chainrule, JAX": on("jax"), "JAX by hand": by_hand}
    cold = {name: first_call(step) for name, step in steps.items()}
    steps |= {"chainrule, NumPy": on("numpy"), "chainrule, Numba": on("numba")}
    want, gradients = steps["chainrule, NumPy"]()
    for name, step in steps.items():
        got = step()
        assert np.isclose(got[0], want, rtol=1e-12), name
        assert np.allclose(got[1], gradients, rtol=1e-9, atol=1e-15), name
    report(f"the moons step on {m:,} points", side_by_side(steps, budget=1.0), against="chainrule, JAX")
    ratio = cold["chainrule, JAX"] / cold["JAX by hand"]
    print(f"  the first call: chainrule {duration(cold['chainrule, JAX'])}, {ratio:.2f} × JAX by hand")


def main() -> None:
    for m in (10**2, 10**4, 10**6):
        moons_on_jax(m)
