"""The recorded program beside matrix code: the moons step, a classifier of digits, and how the cost grows.

All compute the mean cost over the examples and its gradients, in float64, from the same numbers; they are checked
against each other before they are timed. What runs:

    chainrule                value_and_grad(X, y, at=theta): the parameters in an array, as the peers have theirs
    chainrule, …, Values     value_and_grad(X, y), which reads them from Values
    chainrule, …, backward   backward(X, y), which also adds the gradients to the Values'
    NumPy by hand            what a careful programmer writes for this one network: see ``moons_by_hand``
    NumPy, as in the notes   the matrix form of the lectures, written down: see ``moons_by_the_notes``
    JAX                      jax.jit(jax.value_and_grad(...)), compiled before, with synchronous dispatch
    PyTorch                  the same matrices, its graph built and run backward
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import autograd
from autograd import Value, parameter
from nn import MLP, losses
from nn.datasets import digits

from . import eager
from .timing import EXECUTORS, duration, keep, report, side_by_side

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)  # no other thread to wait for: steps this small take half

Sizes = list[tuple[int, int]]  # (n_in, n_out) of each layer
Step = Callable[[], tuple[Any, Any]]  # the cost, and its gradients: arrays, in lists or not, in the parameters' order
L2 = 1e-4
DIGITS = [(64, 32), (32, 10)]

# --- NumPy, written by hand ---------------------------------------------------------------------------------


def views(theta: Any, sizes: Sizes) -> list[tuple[Any, Any]]:
    """W (n_out, n_in) and b (n_out, 1) of each layer, as views of one array: per layer W row by row, then b."""
    layers, start = [], 0
    for n_in, n_out in sizes:
        W, b = theta[start : start + n_out * n_in], theta[start + n_out * n_in : start + n_out * (n_in + 1)]
        layers.append((W.reshape(n_out, n_in), b.reshape(n_out, 1)))
        start += n_out * (n_in + 1)
    return layers


def moons_by_hand(theta: Any, X: Any, y: Any) -> Step:
    """Hinge loss and L2 for a network with two hidden layers and one output, without needless work.

    Examples are columns, so that a layer is w @ a + b. Parameters and gradients lie in one array each, of which w, b,
    dw and db are views: L2 and its gradient take one operation each for all of them, and the products write their
    results where they belong. Activations are made in place, 1/m is multiplied into y once, and bias gradients are
    products with a vector of ones, which NumPy computes faster than a sum over rows.
    """
    sizes = eager.SIZES
    gradients = np.empty_like(theta)
    (w1, b1), (w2, b2), (w3, b3) = views(theta, sizes)
    (dw1, db1), (dw2, db2), (dw3, db3) = views(gradients, sizes)
    a0 = np.ascontiguousarray(X.T)
    m = len(y)
    minus_y, slope = -y, -y / m
    ones = np.ones((m, 1))

    def step() -> tuple[Any, Any]:
        a1 = w1 @ a0
        a1 += b1
        np.maximum(a1, 0, out=a1)
        a2 = w2 @ a1
        a2 += b2
        np.maximum(a2, 0, out=a2)
        margin = w3 @ a2
        margin += b3
        margin *= minus_y
        margin += 1
        active = margin > 0
        cost = np.vdot(margin, active) / m + L2 * np.vdot(theta, theta)

        dz3 = slope * active
        np.matmul(dz3, a2.T, out=dw3)
        np.matmul(dz3, ones, out=db3)
        dz2 = w3.T * dz3
        dz2 *= a2 > 0
        np.matmul(dz2, a1.T, out=dw2)
        np.matmul(dz2, ones, out=db2)
        dz1 = w2.T @ dz2
        dz1 *= a1 > 0
        np.matmul(dz1, a0.T, out=dw1)
        np.matmul(dz1, ones, out=db1)
        np.add(gradients, 2 * L2 * theta, out=gradients)
        return cost, gradients

    return step


def moons_by_the_notes(theta: Any, X: Any, y: Any) -> Step:
    """The same, written down as the lectures have it, layer by layer: dW = (1/m) dZ·Aᵀ, and so on."""
    layers = views(theta, eager.SIZES)
    m = len(y)

    def step() -> tuple[Any, Any]:
        zs, activations = [], [X.T]
        for w, b in layers:
            zs.append(w @ activations[-1] + b)
            activations.append(np.maximum(0, zs[-1]))
        margin = 1 - y * zs[-1]
        cost = np.maximum(0, margin).mean() + L2 * sum((p * p).sum() for layer in layers for p in layer)

        gradients = []
        dz = -y * (margin > 0)
        for number in reversed(range(len(layers))):
            w, b = layers[number]
            dw = dz @ activations[number].T / m + 2 * L2 * w
            db = dz.sum(axis=1, keepdims=True) / m + 2 * L2 * b
            gradients = [dw, db, *gradients]
            if number:
                dz = (w.T @ dz) * (zs[number - 1] > 0)
        return cost, gradients

    return step


def digits_by_hand(theta: Any, X: Any, y: Any) -> Step:
    """Softmax cross-entropy for a network with one hidden layer, in the manner of ``moons_by_hand``."""
    gradients = np.empty_like(theta)
    (w1, b1), (w2, b2) = views(theta, DIGITS)
    (dw1, db1), (dw2, db2) = views(gradients, DIGITS)
    a0 = np.ascontiguousarray(X.T)
    m = len(y)
    right = y, np.arange(m)
    ones = np.ones((m, 1))

    def step() -> tuple[Any, Any]:
        a1 = w1 @ a0
        a1 += b1
        np.maximum(a1, 0, out=a1)
        z2 = w2 @ a1
        z2 += b2
        z2 -= z2.max(axis=0)
        of_target = z2[right].sum()
        dz2 = np.exp(z2, out=z2)
        sums = dz2.sum(axis=0)
        cost = (np.log(sums).sum() - of_target) / m

        dz2 /= m * sums
        dz2[right] -= 1 / m
        np.matmul(dz2, a1.T, out=dw2)
        np.matmul(dz2, ones, out=db2)
        dz1 = w2.T @ dz2
        dz1 *= a1 > 0
        np.matmul(dz1, a0.T, out=dw1)
        np.matmul(dz1, ones, out=db1)
        return cost, gradients

    return step


# --- JAX and PyTorch ------------------------------------------------------------------------------------------


def jax_cost(loss: Callable[[Any, Any], Any], sizes: Sizes, l2: float) -> Callable[[Any, Any, Any], Any]:
    """The mean of ``loss(outputs, y)`` for a network with ReLU in its hidden layers, plus l2 · Σ p²; outputs (k, m)."""

    def cost(parameters: Any, X: Any, y: Any) -> Any:
        layers = parameters if isinstance(parameters, list) else views(parameters, sizes)
        A = X.T
        for W, b in layers[:-1]:
            A = jax.nn.relu(W @ A + b)
        W, b = layers[-1]
        J = loss(W @ A + b, y).mean()
        return J + l2 * sum((p * p).sum() for p in jax.tree.leaves(parameters)) if l2 else J

    return cost


def jax_steps(loss: Callable[[Any, Any], Any], theta: Any, sizes: Sizes, X: Any, y: Any, l2: float) -> dict[str, Step]:
    """``jax_cost`` and its gradients, with the parameters as a list of (W, b), and in one array: less to hand over."""
    compiled = jax.jit(jax.value_and_grad(jax_cost(loss, sizes, l2)))

    def step(parameters: Any) -> Step:
        arguments = jax.tree.map(jnp.asarray, (parameters, X, y))
        return lambda: jax.block_until_ready(compiled(*arguments))

    return {"JAX": step(views(theta, sizes)), "JAX, parameters in an array": step(theta)}


def jax_hinge(outputs: Any, y: Any) -> Any:
    return jax.nn.relu(1 - y * outputs[0])


def jax_cross_entropy(outputs: Any, y: Any) -> Any:
    return jax.nn.logsumexp(outputs, axis=0) - outputs[y, jnp.arange(len(y))]


def torch_digits_step(theta: Any, X: Any, y: Any) -> Step:
    X, y = torch.tensor(X), torch.tensor(y)
    parameters = [torch.tensor(p, requires_grad=True) for W, b in views(theta, DIGITS) for p in (W, b[:, 0])]
    w1, b1, w2, b2 = parameters
    linear, cross_entropy = torch.nn.functional.linear, torch.nn.functional.cross_entropy

    def step() -> tuple[Any, Any]:
        for p in parameters:
            p.grad = None
        cost = cross_entropy(linear(linear(X, w1, b1).relu(), w2, b2), y)
        cost.backward()
        return cost.item(), [p.grad for p in parameters]

    return step


# --- the comparison -------------------------------------------------------------------------------------------


def flat(gradients: Any) -> Any:
    """All gradients in one array."""
    return np.concatenate([np.ravel(g) for g in jax.tree.leaves(gradients)])


def left_in_values(program: Any, X: Any, y: Any) -> tuple[float, list[float]]:
    """What ``backward`` returns, and what it leaves in parameters that had no gradient."""
    for p in program.parameters:
        p.grad = 0.0
    value = program.backward(X, y)
    return value, [p.grad for p in program.parameters]


def compare(title: str, program: Any, X: Any, y: Any, others: dict[str, Step], by_hand: Step) -> None:
    """Time the program with both executors beside the others, once all are seen to compute the same."""
    theta = np.array([p.data for p in program.parameters])
    want, gradients = by_hand()
    gradients = gradients.copy()

    def check(name: str, got: tuple[Any, Any]) -> None:
        assert math.isclose(got[0], want, rel_tol=1e-9), name
        assert np.allclose(flat(got[1]), gradients, rtol=1e-9, atol=1e-15), name

    programs = {f"chainrule, {name}": program.using(executor, wait=True) for name, executor in EXECUTORS.items()}
    steps: dict[str, Step] = {}
    for name, run in programs.items():
        steps[name] = partial(run.value_and_grad, X, y, at=theta)
        steps[f"{name}, Values"] = partial(run.value_and_grad, X, y)
    steps |= {"NumPy by hand": by_hand, **others}
    for name, step in steps.items():
        check(name, step())
    for name, run in programs.items():
        check(f"{name}, backward", left_in_values(run, X, y))
    backward = {f"{name}, backward": partial(run.backward, X, y) for name, run in programs.items()}
    times = side_by_side({**backward, **steps}, budget=2.0, rounds=20)
    report(title, times, against="chainrule, Numba")
    print(f"  chainrule, NumPy: {times['chainrule, NumPy'] / times['NumPy by hand']:.2f} × NumPy by hand")


def moons_program(m: int = 100) -> tuple[Any, Any, Any]:
    """The moons step as a program, and its data: X (m, 2), y (m,)."""
    X, y = (np.array(data, float) for data in eager.moons(m))
    model = eager.moons_model()
    parameters = model.parameters()

    def loss(x: list[Value], target: Value) -> Any:
        return losses.hinge(model(x), target) + L2 * autograd.sum([p * p for p in parameters])

    return autograd.record(loss, X[0].tolist(), float(y[0]), parameters=parameters), X, y


def moons_step() -> None:
    program, X, y = moons_program()
    theta = np.array([p.data for p in program.parameters])
    others = {
        "NumPy, as in the notes": moons_by_the_notes(theta, X, y),
        **jax_steps(jax_hinge, theta, eager.SIZES, X, y, L2),
        "PyTorch": eager.torch_moons_step(),
    }
    title = "one step of micrograd's moons demo (2-16-16-1, 100 points), replayed"
    compare(title, program, X, y, others, moons_by_hand(theta, X, y))


def digits_step() -> None:
    X, y = (np.array(data) for data in digits())
    model = MLP(64, [n_out for _, n_out in DIGITS], seed=1)

    def loss(x: list[Value], target: Value) -> Any:
        z = model(x)
        return autograd.logsumexp(z) - autograd.take(z, target)

    program = autograd.record(loss, X[0].tolist(), float(y[0]), parameters=model.parameters())
    theta = np.array([p.data for p in program.parameters])
    others = {**jax_steps(jax_cross_entropy, theta, DIGITS, X, y, 0.0), "PyTorch": torch_digits_step(theta, X, y)}
    title = f"one step of a classifier of digits (64-32-10, all {len(y):,} images)"
    compare(title, program, X, y, others, digits_by_hand(theta, X, y))


# --- how the cost grows -----------------------------------------------------------------------------------------


def chain(links: int) -> Any:
    """y := tanh(w·y + x), again and again: three operations per link, none of which can run beside another."""
    w, start = parameter(0.5, "w"), parameter(0.1, "y0")

    def last(x: Value) -> Value:
        y = start
        for _ in range(links):
            y = (w * y + x).tanh()
        return y

    return autograd.record(last, 0.3, parameters=[w, start])


def growth(title: str, runs: dict[int, dict[str, Callable[[], object]]]) -> None:
    """Time runs of each size with both executors, and print it with the time per thing."""
    print(f"\n{title}")
    for size, peers in runs.items():
        times = side_by_side(peers, budget=1.0, rounds=3)
        keep(f"{title}: {size:,}", times, against=next(iter(times)))
        columns = [f"{name} {duration(t):>8}, {duration(t / size):>8} each" for name, t in times.items()]
        print(f"  {size:>9,}   {'   '.join(columns)}")


def scaling() -> None:
    """Three decades of nodes, three decades of examples."""
    runs: dict[int, dict[str, Callable[[], object]]] = {}
    x = np.linspace(-1, 1, 32)
    for count in (10**2, 10**3, 10**4, 10**5):
        program = chain(count // 3)
        runs[count] = {
            name: partial(program.using(executor, wait=True).value_and_grad, x) for name, executor in EXECUTORS.items()
        }
    growth("value and gradients of a chain over 32 examples, by the number of nodes", runs)
    runs = {}
    for m in (10**2, 10**3, 10**4, 10**5):
        program, X, y = moons_program(m)
        runs[m] = {
            name: partial(program.using(executor, wait=True).value_and_grad, X, y)
            for name, executor in EXECUTORS.items()
        }
    growth("the moons step, by the number m of points", runs)


def main() -> None:
    moons_step()
    digits_step()
    scaling()
