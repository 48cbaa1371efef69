"""Timing side by side: what is compared runs in turn, round by round, so that a machine that slows down slows all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

EXECUTORS = {"NumPy": "numpy", "Numba": "numba"}  # of a program: the name to show, the name to choose it by


def seconds(f: Callable[[], object], calls: int) -> float:
    """Seconds per call, over ``calls`` calls."""
    start = time.perf_counter()
    for _ in range(calls):
        f()
    return (time.perf_counter() - start) / calls


def side_by_side(peers: dict[str, Callable[[], object]], budget: float = 4.0, rounds: int = 9) -> dict[str, float]:
    """Median seconds per call of each; about ``budget`` seconds for each of them."""
    calls = {}
    for name, f in peers.items():
        once = seconds(f, 1)
        calls[name] = max(1, int(budget / rounds / max(once, 1e-6)))
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, f in peers.items():
            gc.collect()
            times[name].append(seconds(f, calls[name]))
    return {name: statistics.median(t) for name, t in times.items()}


def duration(t: float) -> str:
    """Seconds as people say them: 12.3 µs, 45.6 ms, 1.23 s."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if t >= scale:
            return f"{t / scale:.3g} {unit}"
    return f"{t / 1e-9:.3g} ns"


def report(title: str, times: dict[str, float], against: str = "chainrule") -> None:
    """One line per peer, with how many times slower (> 1) than ``against`` it is."""
    print(f"\n{title}")
    for name, t in times.items():
        ratio = "" if name == against else f"{t / times[against]:8.2f} × {against}"
        print(f"  {name:<34}{duration(t):>10}{ratio}")
