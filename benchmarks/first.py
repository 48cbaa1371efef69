"""The time to a first result: whole processes that record the moons step, and compute its gradient once.

With Numba's cache empty and filled: where it is empty, NumPy serves until the kernels are compiled, and ``wait=True``
shows how long that takes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from .timing import Time, report

PROGRAM = """
import autograd
from nn import MLP, losses
model = MLP(2, [16, 16, 1], seed=1)
program = autograd.record(lambda x, y: losses.hinge(model(x), y), [0.0, 0.0], 1.0, parameters=model.parameters())
print(program.using({arguments}).value_and_grad([[0.5, -1.0], [2.0, 1.0]], [1.0, -1.0])[0])
"""
JAX = """
import jax, jax.numpy as jnp
jax.config.update("jax_enable_x64", True)
def cost(layers, X, y):
    A = X.T
    for W, b in layers[:-1]:
        A = jax.nn.relu(W @ A + b)
    W, b = layers[-1]
    return jax.nn.relu(1 - y * (W @ A + b)[0]).mean()
layers = [(jnp.ones((k, n)), jnp.ones((k, 1))) for n, k in ((2, 16), (16, 16), (16, 1))]
X, y = jnp.array([[0.5, -1.0], [2.0, 1.0]]), jnp.array([1.0, -1.0])
print(jax.block_until_ready(jax.jit(jax.value_and_grad(cost))(layers, X, y))[0])
"""


def seconds(source: str, cache: str) -> float:
    """Of a process that runs the source."""
    start = time.perf_counter()
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    subprocess.run([sys.executable, "-c", source], env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    times = {}
    with tempfile.TemporaryDirectory() as filled:
        runs = {"NumPy": '"numpy"', "Numba, nothing cached": '"numba"', "Numba, compiled first": '"numba", wait=True'}
        for name, arguments in runs.items():
            source = PROGRAM.format(arguments=arguments)
            if name == "Numba, compiled first":
                times[name] = Time.of([seconds(source, filled)])
                continue
            rounds = []
            for _ in range(3):
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as empty:
                    rounds.append(seconds(source, empty))
            times[name] = Time.of(rounds)
        source = PROGRAM.format(arguments='"numba"')
        times["Numba, from the cache"] = Time.of([seconds(source, filled) for _ in range(3)])
        times["JAX, jitted"] = Time.of([seconds(JAX, filled) for _ in range(3)])
    report("from nothing to a first gradient, a whole process", times, against="NumPy")
