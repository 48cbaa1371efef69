"""The engine node by node: micrograd's README expression, one step of its moons demo, a chain of a million."""

from __future__ import annotations

import math
import random
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import xad.math
from micrograd.engine import Value as MicrogradValue
from xad.adj_1st import Real, Tape

import autograd
from autograd import Value
from nn import MLP, cost

from .timing import report, seconds, side_by_side

# --- the expression of micrograd's README ---------------------------------------------------------------


def readme(a: Any, b: Any, relu: Callable[[Any], Any]) -> Any:
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def with_nodes(kind: Any) -> tuple[float, float]:
    a, b = kind(-4.0), kind(2.0)
    readme(a, b, kind.relu).backward()
    return a.grad, b.grad


def with_torch() -> tuple[float, float]:
    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (-4.0, 2.0))
    readme(a, b, torch.relu).backward()
    return a.grad.item(), b.grad.item()


tape = Tape()


def with_xad() -> tuple[float, float]:
    with tape:
        tape.clearAll()
        a, b = Real(-4.0), Real(2.0)
        tape.registerInput(a)
        tape.registerInput(b)
        tape.newRecording()
        g = readme(a, b, lambda x: xad.math.max(x, 0.0))
        tape.registerOutput(g)
        g.setAdjoint(1.0)
        tape.computeAdjoints()
        return a.getDerivative(), b.getDerivative()


def expression() -> None:
    peers = {
        "chainrule": lambda: with_nodes(Value),
        "micrograd": lambda: with_nodes(MicrogradValue),
        "xad (C++ core)": with_xad,
        "PyTorch": with_torch,
    }
    for name, f in peers.items():
        a, b = f()
        assert math.isclose(a, 138.83381924198252, rel_tol=1e-12), name
        assert math.isclose(b, 645.5772594752186, rel_tol=1e-12), name
    report("micrograd's README expression, build + backward", side_by_side(peers))


# --- one training step of micrograd's moons demo ----------------------------------------------------------

SIZES = [(2, 16), (16, 16), (16, 1)]


def moons(m: int = 100) -> tuple[list[tuple[float, float]], list[int]]:
    """Two interleaving half circles with noise, labels ±1."""
    rng = random.Random(1337)
    X, y = [], []
    for i in range(m):
        t = math.pi * rng.random()
        x1, x2 = (math.cos(t), math.sin(t)) if i % 2 else (1 - math.cos(t), 0.5 - math.sin(t))
        X.append((x1 + rng.gauss(0, 0.1), x2 + rng.gauss(0, 0.1)))
        y.append(1 if i % 2 else -1)
    return X, y


def weights() -> list[list[tuple[list[float], float]]]:
    """Per layer, per unit: its weights and bias."""
    rng = random.Random(42)
    return [[([rng.uniform(-1, 1) for _ in range(n_in)], 0.0) for _ in range(n_out)] for n_in, n_out in SIZES]


def moons_step(kind: Any, add: Callable[..., Any], neuron: Callable[[Any, Any, Any], Any]) -> Callable[[], list[float]]:
    """Forward over 100 points with hinge loss and L2, backward, gradients: what micrograd's demo does in a step."""
    X, y = moons()
    layers = [[([kind(w) for w in ws], kind(b)) for ws, b in layer] for layer in weights()]
    parameters = [p for layer in layers for ws, b in layer for p in (*ws, b)]

    def step() -> list[float]:
        losses = []
        for point, label in zip(X, y, strict=True):
            a: Sequence[Any] = [kind(x) for x in point]
            for number, layer in enumerate(layers):
                z = [neuron(ws, a, b) for ws, b in layer]
                a = [v.relu() for v in z] if number < len(layers) - 1 else z
            losses.append((1 + -label * a[0]).relu())
        cost = add(losses) * (1.0 / len(losses)) + 1e-4 * add([p * p for p in parameters])
        for p in parameters:
            p.grad = 0
        cost.backward()
        return [p.grad for p in parameters]

    return step


def moons_model() -> MLP:
    """The network of the moons demo as ``nn`` builds it, with the same weights."""
    model = MLP(2, [n_out for _, n_out in SIZES])
    for layer, numbers in zip(model.layers, weights(), strict=True):
        for neuron, (ws, b) in zip(layer.neurons, numbers, strict=True):
            for w, x in zip([*neuron.w, neuron.b], [*ws, b], strict=True):
                w.data = x
    return model


def nn_moons_step() -> Callable[[], list[float]]:
    """The same step as ``nn`` makes it: labelled nodes in scopes, inputs checked."""
    X, y = moons()
    model = moons_model()
    parameters = [p for layer in model.layers for neuron in layer.neurons for p in (*neuron.w, neuron.b)]

    def step() -> list[float]:
        J = cost("hinge", [model(x) for x in X], y) + 1e-4 * autograd.sum([p * p for p in parameters])
        model.zero_grad()
        J.backward()
        return [p.grad for p in parameters]

    return step


def torch_moons_step() -> Callable[[], tuple[float, list[torch.Tensor]]]:
    """The same step in matrices: the cost, and the gradients of W and b, layer by layer."""
    X, y = (torch.tensor(x, dtype=torch.float64) for x in moons())
    parameters = []
    for layer in weights():
        parameters += [torch.tensor([ws for ws, _ in layer], dtype=torch.float64, requires_grad=True)]
        parameters += [torch.tensor([b for _, b in layer], dtype=torch.float64, requires_grad=True)]
    w1, b1, w2, b2, w3, b3 = parameters
    linear = torch.nn.functional.linear

    def step() -> tuple[float, list[torch.Tensor]]:
        for p in parameters:
            p.grad = None
        s = linear(linear(linear(X, w1, b1).relu(), w2, b2).relu(), w3, b3)
        cost = (1 - y * s[:, 0]).relu().mean() + 1e-4 * sum((p * p).sum() for p in parameters)
        cost.backward()
        return cost.item(), [p.grad for p in parameters]

    return step


def by_unit(gradients: list[torch.Tensor]) -> list[float]:
    """The gradients of W and b, layer by layer, in the order of ``weights``: per unit its weights and its bias."""
    layers = zip(gradients[::2], gradients[1::2], strict=True)
    return [x for W, b in layers for x in torch.column_stack((W, b)).flatten().tolist()]


def verbatim(ws: Any, a: Any, b: Any) -> Any:
    """micrograd's neuron: a node for each product and each sum."""
    return sum((w * x for w, x in zip(ws, a, strict=True)), b)


def one_example() -> Value:
    """The network of the moons demo on one point, node by node: some 1,000 of them."""
    a = [Value(0.3, "x1"), Value(-0.7, "x2")]
    for number, layer in enumerate(weights()):
        z = [verbatim([Value(w) for w in ws], a, Value(b)) for ws, b in layer]
        a = [v.relu() for v in z] if number < len(SIZES) - 1 else z
    return (1 - a[0]).relu()


def training_step() -> None:
    sys.setrecursionlimit(10_000)  # micrograd walks its graph recursively
    torch_step = torch_moons_step()
    peers: dict[str, Callable[[], Any]] = {
        "chainrule": moons_step(Value, autograd.sum, lambda ws, a, b: autograd.dot(ws, a) + b),
        "chainrule, nn.MLP": nn_moons_step(),
        "chainrule, micrograd's own code": moons_step(Value, sum, verbatim),
        "micrograd": moons_step(MicrogradValue, sum, verbatim),
    }
    want = by_unit(torch_step()[1])
    for name, f in peers.items():
        assert all(math.isclose(g, w, rel_tol=1e-9, abs_tol=1e-15) for g, w in zip(f(), want, strict=True)), name
    peers["PyTorch, in matrices"] = torch_step
    report("one step of micrograd's moons demo (2-16-16-1, 100 points), node by node", side_by_side(peers))


# --- a long chain -----------------------------------------------------------------------------------------


def chain(kind: Any, length: int) -> Any:
    """``length`` operations, one after the other; built and run backward."""
    x = kind(1.0)
    y = x
    for _ in range(length // 2):
        y = y * 0.999 + 1.0
    y.backward()
    return y


def long_chain() -> None:
    def paused(length: int) -> None:
        with autograd.paused_gc():
            chain(Value, length)

    for how, run in (("", lambda n: chain(Value, n)), (", with paused_gc()", paused)):
        peers = {f"{n:,} nodes": partial(run, n) for n in (10**5, 10**6)}
        report(f"a chain: build + backward + free{how}", side_by_side(peers, 6.0, 5), against="100,000 nodes")
    try:
        print(f"  micrograd, 100,000 nodes: {seconds(lambda: chain(MicrogradValue, 10**5), 1):.2f} s")
    except RecursionError:
        print("  micrograd, 100,000 nodes: RecursionError")
    tracemalloc.start()
    y = chain(Value, 10**5)
    print(f"  memory after backward: {tracemalloc.get_traced_memory()[0] / 10**5:.0f} bytes per node ({y.op.name})")
    tracemalloc.stop()


def main() -> None:
    expression()
    training_step()
    long_chain()
