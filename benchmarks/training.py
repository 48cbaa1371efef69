"""A whole training step: gradients set to 0, forward, backward, update; parameters as Values beside arrays.

The moons step of ``program``, with plain gradient descent. What runs:

    chainrule, …, Values    optimizer.zero_grad(); program.backward(X, y); optimizer.step(): what users write
    chainrule, …, array     value_and_grad(X, y, at=theta); theta = optimizer.update(theta, gradient)
    JAX                     one jitted function, from parameters to the next ones, its update written by hand
    PyTorch                 zero_grad, the graph built and run backward, torch.optim.SGD
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import nn

from . import eager
from .program import L2, jax_cost, jax_hinge, moons_program, views
from .timing import EXECUTORS, report, side_by_side

RATE = 0.01


def on_values(program: Any, X: Any, y: Any) -> Callable[[], float]:
    optimizer = nn.SGD(program.parameters, lr=RATE)

    def step() -> float:
        optimizer.zero_grad()
        value: float = program.backward(X, y)
        optimizer.step()
        return value

    return step


def on_an_array(program: Any, theta: Any, X: Any, y: Any) -> Callable[[], float]:
    optimizer = nn.SGD(program.parameters, lr=RATE)

    def step() -> float:
        nonlocal theta
        value, gradient = program.value_and_grad(X, y, at=theta)
        theta = optimizer.update(theta, gradient)
        return float(value)

    return step


def in_jax(theta: Any, X: Any, y: Any) -> Callable[[], float]:
    cost = jax_cost(jax_hinge, eager.SIZES, L2)

    @jax.jit
    def updated(theta: Any, X: Any, y: Any) -> Any:
        value, gradient = jax.value_and_grad(cost)(theta, X, y)
        return value, jax.tree.map(lambda p, g: p - RATE * g, theta, gradient)

    X, y = jnp.asarray(X), jnp.asarray(y)
    layers = jax.tree.map(jnp.asarray, views(theta, eager.SIZES))

    def step() -> float:
        nonlocal layers
        value, layers = jax.block_until_ready(updated(layers, X, y))
        return float(value)

    return step


def in_torch(theta: Any, X: Any, y: Any) -> Callable[[], float]:
    X, y = torch.tensor(X), torch.tensor(y)
    parameters = [torch.tensor(p, requires_grad=True) for W, b in views(theta, eager.SIZES) for p in (W, b[:, 0])]
    w1, b1, w2, b2, w3, b3 = parameters
    optimizer = torch.optim.SGD(parameters, lr=RATE)
    linear = torch.nn.functional.linear

    def step() -> float:
        optimizer.zero_grad()
        s = linear(linear(linear(X, w1, b1).relu(), w2, b2).relu(), w3, b3)
        cost = (1 - y * s[:, 0]).relu().mean() + L2 * sum((p * p).sum() for p in parameters)
        cost.backward()
        optimizer.step()
        return cost.item()

    return step


def main() -> None:
    steps: dict[str, Callable[[], float]] = {}
    theta = None
    for name, executor in EXECUTORS.items():
        for way in ("Values", "array"):
            program, X, y = moons_program()  # its own Values: they are all trained
            theta = np.array([p.data for p in program.parameters])
            run = program.using(executor, wait=True)
            steps[f"chainrule, {name}, {way}"] = (
                on_values(run, X, y) if way == "Values" else on_an_array(run, theta, X, y)
            )
    steps |= {"JAX": in_jax(theta, X, y), "PyTorch": in_torch(theta, X, y)}
    for number in range(3):
        costs = {name: step() for name, step in steps.items()}
        for name, cost in costs.items():
            assert np.isclose(cost, costs["JAX"], rtol=1e-9), f"step {number}: {name}"
    times = side_by_side(steps, budget=2.0)
    report("a training step of micrograd's moons demo, with its update", times, against="chainrule, Numba, Values")
    for name in EXECUTORS:
        ratio = times[f"chainrule, {name}, Values"] / times[f"chainrule, {name}, array"]
        print(f"  chainrule, {name}: Values {ratio:.2f} × array")
