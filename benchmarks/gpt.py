"""A small GPT that learns to write names, one name per step: node by node, and as a recorded program.

The architecture is the one of A. Karpathy's microgpt (2026): token and position embeddings; one layer, 16 wide:
causal attention with 4 heads, and two matrices with a ReLU between, 4 times as wide; RMSNorm before each, residual
connections around each, no biases; up to 16 positions. The loss is the mean cross-entropy of the next character,
the optimiser Adam with a learning rate that falls linearly to 0.

    python -m benchmarks.gpt                                  names made up here
    python -m benchmarks.gpt --names names.txt --steps 1000   a file with one name per line
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import statistics
import string
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

import autograd
import nn

from . import plain
from .timing import EXECUTORS, duration, keep, seconds, side_by_side

WIDTH, HEADS, POSITIONS = 16, 4, 16
LETTERS = string.ascii_lowercase
BOUNDARY = len(LETTERS)  # the token before the first letter and after the last
SHAPES = {
    "token": (len(LETTERS) + 1, WIDTH),
    "position": (POSITIONS, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "attended": (WIDTH, WIDTH),
    "up": (4 * WIDTH, WIDTH),
    "down": (WIDTH, 4 * WIDTH),
    "head": (len(LETTERS) + 1, WIDTH),
}
LEARNING_RATE, BETA1, BETA2, EPS = 0.01, 0.85, 0.99, 1e-8

Name = tuple[list[int], list[int]]  # the tokens, and for each the one that follows
Step = Callable[[Any, Any], float]  # tokens, targets -> loss; the parameters move

# --- names ------------------------------------------------------------------------------------------------


def made_up_names(count: int = 600, seed: int = 1) -> list[str]:
    """Different names of 3 to 12 letters, of syllables."""
    rng = random.Random(seed)
    onsets = [*"bcdfghjkllmmnnrrstvz", "br", "ch", "dr", "gr", "kh", "sh", "st", "th", "tr"]
    vowels = [*"aaaeeeiiouy", "ai", "ea", "ie"]
    endings = [*[""] * 12, *"hlnnrs", "ll", "nn", "th"]
    names: dict[str, None] = {}
    while len(names) < count:
        syllables = [rng.choice(onsets) + rng.choice(vowels) for _ in range(rng.choice([1, 2, 2, 2, 3, 3, 4]))]
        name = rng.choice(["", "", "", *"aei"]) + "".join(syllables) + rng.choice(endings)
        if 3 <= len(name) <= 12:
            names[name] = None
    return list(names)


def names_from(file: Path) -> list[str]:
    """The lines of a file, in random order; ValueError for one that is not of the letters a to z."""
    names = file.read_text(encoding="utf-8").lower().split()
    for name in names:
        if not set(name) <= set(LETTERS):
            raise ValueError(f"{file}: a name is written with the letters a to z, not {name!r}")
    random.Random(42).shuffle(names)
    return names


def encoded(name: str) -> Name:
    """The tokens of a name and their targets; what is longer than the model sees is cut off."""
    tokens = [BOUNDARY, *map(LETTERS.index, name), BOUNDARY][: POSITIONS + 1]
    return tokens[:-1], tokens[1:]


def batch(name: Name) -> tuple[Any, Any]:
    """The same for a program: arrays with one example, float64 (1, n)."""
    tokens, targets = name
    return np.array([tokens], float), np.array([targets], float)


# --- the model: ``engine`` is a module with the functions that it is written with, autograd or plain ---------


def initial_parameters(seed: int = 42) -> Any:
    """All parameters in one array, normal with standard deviation 0.08."""
    rng = random.Random(seed)
    return np.array([rng.gauss(0, 0.08) for rows, columns in SHAPES.values() for _ in range(rows * columns)])


def matrices(parameters: Sequence[Any]) -> dict[str, list[list[Any]]]:
    """The parameters as lists of rows, by the names of ``SHAPES``."""
    rest = iter(parameters)
    return {name: [list(islice(rest, columns)) for _ in range(rows)] for name, (rows, columns) in SHAPES.items()}


def linear(engine: Any, W: list[list[Any]], x: list[Any]) -> list[Any]:
    return [engine.dot(row, x) for row in W]


def norm(engine: Any, x: list[Any]) -> list[Any]:
    """RMSNorm: x / √(mean of x² + 10⁻⁵)."""
    scale = (engine.dot(x, x) * (1 / len(x)) + 1e-5) ** -0.5
    return [v * scale for v in x]


def plus(x: list[Any], y: list[Any]) -> list[Any]:
    return [u + v for u, v in zip(x, y, strict=True)]


def loss(engine: Any, w: dict[str, list[list[Any]]], tokens: Sequence[Any], targets: Sequence[Any]) -> Any:
    """The mean over the positions of −log P(target | the tokens up to there); w are ``matrices``."""
    size = WIDTH // HEADS
    embedding = [list(column) for column in zip(*w["token"], strict=True)]
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    losses = []
    for position, token, target in zip(w["position"], tokens, targets, strict=False):
        x = norm(engine, plus([engine.take(column, token) for column in embedding], position))

        z = norm(engine, x)
        query = linear(engine, w["query"], z)
        keys.append(linear(engine, w["key"], z))
        values.append(linear(engine, w["value"], z))
        attended = []
        for start in range(0, WIDTH, size):
            head = slice(start, start + size)
            attention = engine.softmax([engine.dot(query[head], key[head]) * size**-0.5 for key in keys])
            attended += [engine.dot(attention, column) for column in zip(*(v[head] for v in values), strict=True)]
        x = plus(x, linear(engine, w["attended"], attended))

        z = [engine.relu(v) for v in linear(engine, w["up"], norm(engine, x))]
        x = plus(x, linear(engine, w["down"], z))

        logits = linear(engine, w["head"], x)
        losses.append(engine.logsumexp(logits) - engine.take(logits, target))
    return engine.sum(losses) * (1 / len(losses))


# --- training -----------------------------------------------------------------------------------------------


class Adam:
    """Adam on an array (Kingma & Ba 2015, algorithm 1); the learning rate falls linearly to 0 over ``steps``."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.t = 0
        self.m = self.s = 0.0

    def __call__(self, theta: Any, g: Any) -> Any:
        """The next parameters, after the gradient g at theta."""
        rate = LEARNING_RATE * (1 - self.t / self.steps)
        self.t += 1
        self.m = BETA1 * self.m + (1 - BETA1) * g
        self.s = BETA2 * self.s + (1 - BETA2) * g * g
        m_hat = self.m / (1 - BETA1**self.t)
        s_hat = self.s / (1 - BETA2**self.t)
        return theta - rate * m_hat / (np.sqrt(s_hat) + EPS)


def node_by_node(engine: Any, steps: int) -> Step:
    """A training step that builds the graph anew for each name."""
    theta = initial_parameters()
    nodes = [engine.parameter(x) for x in theta.tolist()]
    w = matrices(nodes)
    adam = Adam(steps)

    def step(tokens: Any, targets: Any) -> float:
        nonlocal theta
        root = loss(engine, w, tokens, targets)
        root.backward()
        theta = adam(theta, np.array([p.grad for p in nodes]))
        for p, x in zip(nodes, theta.tolist(), strict=True):
            p.data, p.grad = x, 0.0
        return root.data

    return step


def recorded() -> Any:
    """The program: it records each length of a name when it first meets it; tokens and targets are its inputs."""
    parameters = [autograd.parameter(x) for x in initial_parameters().tolist()]
    return autograd.record(partial(loss, autograd, matrices(parameters)), [0.0], [0.0], parameters=parameters)


def on_an_array(program: Any, steps: int) -> Step:
    """A training step of the program, the parameters in an array."""
    theta = initial_parameters()
    adam = Adam(steps)

    def step(tokens: Any, targets: Any) -> float:
        nonlocal theta
        value, gradients = program.value_and_grad(tokens, targets, at=theta)
        theta = adam(theta, gradients)
        return value

    return step


def on_values(program: Any, steps: int) -> Step:
    """A training step of the program, the parameters in its Values: their ``data`` and ``grad``, and nn's Adam."""
    schedule = nn.LinearSchedule(steps)
    optimizer = nn.Adam(program.parameters, LEARNING_RATE, BETA1, BETA2, EPS, schedule)

    def step(tokens: Any, targets: Any) -> float:
        optimizer.zero_grad()
        value = program.backward(tokens, targets)
        optimizer.step()
        return value

    return step


# --- the figures ----------------------------------------------------------------------------------------------


def check(names: list[Name], steps: int) -> None:
    """Every way to train has the same losses, step by step."""
    want = list(map(node_by_node(plain, steps), *zip(*names, strict=True)))
    ways = {"eager": (node_by_node(autograd, steps), names)}
    for executor in EXECUTORS.values():
        for way in (on_an_array, on_values):
            step = way(recorded().using(executor, wait=True), steps)
            ways[f"{executor}, {way.__name__}"] = (step, [batch(name) for name in names])
    for name, (step, data) in ways.items():
        for example, expected in zip(data, want, strict=True):
            value = step(*example)
            assert math.isclose(value, expected, rel_tol=1e-9), f"{name}: {value}, plain: {expected}"


def node_by_node_times(examples: dict[int, Name], steps: int) -> dict[str, dict[int, float]]:
    """Seconds per training step, by engine and by the length of the name."""
    engines = {"plain": node_by_node(plain, steps), "eager": node_by_node(autograd, steps)}
    peers = {f"{way} {n}": partial(step, *examples[n]) for way, step in engines.items() for n in examples}
    medians = side_by_side(peers, budget=0.0, rounds=3)
    return {way: {n: medians[f"{way} {n}"] for n in examples} for way in engines}


def recording_times(program: Any, examples: dict[int, Name]) -> dict[int, float]:
    """Seconds that the first step of each length takes longer than the second."""
    theta = initial_parameters()
    times = {}
    for n, example in examples.items():
        run = partial(program.value_and_grad, *batch(example), at=theta)
        first = seconds(run, 1)
        times[n] = first - seconds(run, 1)
    return times


def train(ways: dict[str, Step], names: list[Name]) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Seconds per step, and the losses, of each way: all of them make a step with each name, in turn."""
    spent = dict.fromkeys(ways, 0.0)
    losses: dict[str, list[float]] = {way: [] for way in ways}
    for name in names:
        example = batch(name)
        for way, step in ways.items():
            start = time.perf_counter()
            value = step(*example)
            spent[way] += time.perf_counter() - start
            losses[way].append(value)
    return {way: t / len(names) for way, t in spent.items()}, losses


def main(made_of: list[str] | None = None, steps: int = 1000) -> None:
    """Train on the names, again and again until all steps are made."""
    names = [encoded(name) for name in islice(cycle(made_of or made_up_names()), steps)]
    lengths = Counter(len(tokens) for tokens, _ in names)
    examples = {n: next(name for name in names if len(name[0]) == n) for n in sorted(lengths)}
    count = len(initial_parameters())
    print(f"\na GPT of {count:,} parameters, one name per step, {min(lengths)} to {max(lengths)} positions")
    check(names[:3], steps)

    times = node_by_node_times(examples, steps)
    per_step = {way: sum(t[n] * lengths[n] for n in lengths) / steps for way, t in times.items()}
    programs = {name: recorded().using(executor, wait=True) for name, executor in EXECUTORS.items()}
    recording = {executor: recording_times(program, examples) for executor, program in programs.items()}
    ways = {}
    for executor, program in programs.items():
        ways[f"{executor}, parameters in an array"] = on_an_array(program, steps)
        ways[f"{executor}, parameters in Values"] = on_values(program, steps)
    trained, losses = train(ways, names)

    keep("a training step of a small GPT", {**per_step, **trained}, against="plain")
    few = min(100, steps)
    for way, t in {**per_step, **trained}.items():
        learned = ""
        if way in losses:
            first, last = statistics.mean(losses[way][:few]), statistics.mean(losses[way][-few:])
            learned = f"   loss {first:.3f} over the first {few} steps, {last:.3f} over the last"
        print(f"  {way:<34}{1 / t:8.1f} steps/s{per_step['plain'] / t:8.1f} × plain{learned}")
    for executor, once in recording.items():
        ratio = sum(once.values()) / sum(times["eager"].values())
        slowest = duration(max(once.values()))
        print(f"  {executor}: to record a length takes as long as {ratio:.1f} eager steps, at most {slowest}")


def command() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpt", description="A small GPT on names.")
    parser.add_argument("--names", type=Path, help="a file with one name per line, a to z; otherwise names made up")
    parser.add_argument("--steps", type=int, default=1000)
    arguments = parser.parse_args()
    gc.freeze()  # the modules are no garbage: their size must not slow the collections
    main(names_from(arguments.names) if arguments.names else None, arguments.steps)


if __name__ == "__main__":
    command()
