"""``Recording``: the tape of one form of the arguments, and the executors that replay it."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..contexts.collector import paused_gc
from ..number import quoted, shown
from .blocks import Blocks
from .executors.numpy_executor import NumpyExecutor
from .lower import EXACT_PASSES, lowered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .tape import Tape
    from .types import Array, Executor, Shape


class Recording:
    """The tape of one form of the arguments.

    ``shape``   of the result for one example: () of a number, (k,) of a list
    ``places``  which of the program's parameters are its own, as an index
    """

    def __init__(self, tape: Tape, shape: Shape, places: list[int]) -> None:
        self.tape, self.shape = tape, shape
        self.places = slice(len(places)) if places == list(range(len(places))) else places
        self._executors: dict[str | tuple[int, ...], Executor] = {}

    def outputs(self, executor: str, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m) for m examples; ``columns`` are their inputs, in arrays (m, some)."""
        return self.executor(executor).outputs(theta, columns, m)

    def gradient(self, executor: str, theta: Array, columns: Sequence[Array], m: int) -> tuple[Array, float, Array]:
        """The outputs, the mean of the first one, and its gradient (P,).

        If an executor found inf or nan in it, it is computed once more, example by example, by the exact one.
        """
        self._require_number()
        outputs, mean, grads = self.executor(executor).gradient(theta, columns, m)
        if grads is None:
            _, each = self.each(theta, columns, m)
            with np.errstate(all="ignore"):
                grads = np.add.reduce(each, 1) / m
        return outputs, mean, grads

    def each(self, theta: Array, columns: Sequence[Array], m: int) -> tuple[Array, Array]:
        """The outputs; and the gradient (P, m) of the first one, for each example by itself."""
        self._require_number()
        return self.exact.each([*columns, np.broadcast_to(theta, (m, len(theta)))], m)

    def read(self, labels: Sequence[str], theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The numbers (k, m) of k nodes that have labels."""
        nodes = tuple([self._labelled(label) for label in labels])
        return self.executor(nodes).outputs(theta, columns, m)

    def _require_number(self) -> None:
        if self.shape:
            raise TypeError("the result is a list, only a number has a gradient: return the rest besides, aux=True")

    def executor(self, which: str | tuple[int, ...]) -> Executor:
        """What runs this tape, by its name, or what computes some nodes of it: made when it is first asked for."""
        if which not in self._executors:
            with paused_gc():
                self._executors[which] = self._made(which)
        return self._executors[which]

    def _made(self, which: str | tuple[int, ...]) -> Executor:
        if isinstance(which, tuple):
            return NumpyExecutor(Blocks(lowered(self.tape.computing(which))))
        if which == "numpy":
            return NumpyExecutor(Blocks(lowered(self.tape)))
        from .executors.numba_executor import NumbaExecutor

        return NumbaExecutor(Blocks(NumbaExecutor.prepare(lowered(self.tape))))

    @cached_property
    def exact(self) -> NumpyExecutor:
        """What computes gradients example by example, and keeps apart what is zero and where nothing flows."""
        with paused_gc():
            return NumpyExecutor(Blocks(lowered(self.tape, EXACT_PASSES)), exact=True)

    def _labelled(self, label: str) -> int:
        nodes = [i for i, name in self.tape.labels.items() if name == label]
        if len(nodes) != 1:
            some = ", ".join(map(shown, list(dict.fromkeys(self.tape.labels.values()))[:12]))
            count = f"{len(nodes)} nodes have" if nodes else "no node has"
            raise ValueError(f"{count} the label {quoted(label)}; labels are {some}, …")
        return nodes[0]
