"""Timing side by side: what is compared runs in turn, round by round, so that a machine that slows down slows all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

EXECUTORS = {"NumPy": "numpy", "Numba": "numba"}  # of a program: the name to show, the name to choose it by


def seconds(f: Callable[[], object], calls: int) -> float:
    """Seconds per call, over ``calls`` calls."""
    start = time.perf_counter()
    for _ in range(calls):
        f()
    return (time.perf_counter() - start) / calls


class Time(float):
    """Seconds: the median of some rounds; ``low`` and ``high`` are their quartiles."""

    low: float
    high: float

    @classmethod
    def of(cls, rounds: Sequence[float]) -> Time:
        time = cls(statistics.median(rounds))
        time.low, _, time.high = statistics.quantiles(rounds, n=4) if len(rounds) > 1 else [*rounds] * 3
        return time

    @property
    def spread(self) -> float:
        """How far the quartiles are apart, as a part of the median."""
        return (self.high - self.low) / self


def side_by_side(peers: dict[str, Callable[[], object]], budget: float = 4.0, rounds: int = 9) -> dict[str, Time]:
    """Seconds per call of each, in turn; about ``budget`` seconds for each of them."""
    calls = {}
    for name, f in peers.items():
        once = seconds(f, 1)
        calls[name] = max(1, int(budget / rounds / max(once, 1e-6)))
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, f in peers.items():
            gc.collect()
            times[name].append(seconds(f, calls[name]))
    return {name: Time.of(t) for name, t in times.items()}


def duration(t: float) -> str:
    """Seconds as people say them: 12.3 µs, 45.6 ms, 1.23 s."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if t >= scale:
            return f"{t / scale:.3g} {unit}"
    return f"{t / 1e-9:.3g} ns"


RESULTS: list[dict[str, Any]] = []
"""What has been reported, for the files in ``results``."""


def report(title: str, times: Mapping[str, float], against: str = "chainrule", per: int = 1) -> None:
    """One line per peer: the median, the spread, and how many times slower (> 1) than ``against`` it is.

    ``per``  of how many things a time is, such as examples: what is shown is that of one
    """
    print(f"\n{title}")
    for name, t in times.items():
        ratio = "" if name == against else f"{t / times[against]:8.2f} × {against}"
        spread = f" ±{t.spread / 2:4.0%}" if isinstance(t, Time) else ""
        print(f"  {name:<34}{duration(t / per):>10}{spread}{ratio}")
    keep(title, times, against, per)


def keep(title: str, times: Mapping[str, float], against: str, per: int = 1) -> None:
    """Add it to the results, without a word."""
    rows = {}
    for name, t in times.items():
        rows[name] = {"seconds": t / per, "ratio": t / times[against]}
        if isinstance(t, Time):
            rows[name] |= {"low": t.low / per, "high": t.high / per}
    RESULTS.append({"title": title, "against": against, "times": rows})
