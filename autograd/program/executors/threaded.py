"""Many examples on several cores: a part of them by each of several executors, and what they find put together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ...contexts.collector import paused_gc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from ..blocks import Layout
    from ..types import Array, Executor, Gradient

    T = TypeVar("T")
    L = TypeVar("L", bound=Layout)

LEAST_NUMBERS = 1 << 18
"""How many numbers each thread is to compute at least: to start it takes as long as some 10⁵ of them."""


def on_cores(threads: int, kind: Callable[[L], Executor], layout: L) -> Executor:
    """An executor of some kind; or for more threads than one, that which runs so many of them."""
    return kind(layout) if threads == 1 else ThreadedExecutor([kind(layout) for _ in range(threads)], layout)


class ThreadedExecutor:
    """Runs the k-th of some executors of the same tape on the k-th part of the examples, all at the same time.

    How many parts there are follows from the number of examples, and what is found is added up in their order: the
    results are the same every time.
    """

    def __init__(self, executors: Sequence[Executor], layout: Layout) -> None:
        self.executors = executors
        self.least = -(-LEAST_NUMBERS // max(1, layout.n_rows))  # examples of a part

    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m)."""
        parts = self._each(lambda executor, some, count: executor.outputs(theta, some, count), columns, m)
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient:
        """The outputs, the mean of the first one, and its gradient (P,): means of the parts' ones, by their sizes."""
        parts = self._each(lambda executor, some, count: executor.gradient(theta, some, count), columns, m)
        if len(parts) == 1:
            return parts[0]
        outputs = np.concatenate([part for part, _, _ in parts], axis=1)
        shares = [part.shape[1] / m for part, _, _ in parts]
        mean, total = 0.0, np.zeros(theta.size)
        with np.errstate(all="ignore"):
            for share, (_, part, grads) in zip(shares, parts, strict=True):
                if grads is None:
                    return outputs, float(outputs[0].mean()), None
                mean += share * part
                total += share * grads
        return outputs, mean, total

    def _each(self, run: Callable[[Executor, Sequence[Array], int], T], columns: Sequence[Array], m: int) -> list[T]:
        """What ``run(executor, columns, m)`` returns for each part; raises what the first of them raises.

        The threads end with it, also if it is interrupted.
        """
        count = max(1, min(len(self.executors), m // self.least))
        runs = [
            (executor, [column[start:stop] for column in columns], stop - start)
            for executor, (start, stop) in zip(
                self.executors, pairwise([m * k // count for k in range(count + 1)]), strict=False
            )
        ]
        if count == 1:
            return [run(*runs[0])]
        from concurrent.futures import ThreadPoolExecutor  # here: most programs do without

        with paused_gc(), ThreadPoolExecutor(count - 1) as pool:  # paused here: to do it is not for two threads at once
            others = [pool.submit(run, *other) for other in runs[1:]]
            return [run(*runs[0]), *[other.result() for other in others]]
