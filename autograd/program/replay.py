"""``Recording``: the tape of one form of the arguments, and the executors that replay it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from ..contexts.collector import paused_gc
from ..number import quoted, shown
from .blocks import Blocks
from .engine import Engine
from .executors.on_numpy.deep import DeepExecutor
from .executors.on_numpy.executor import NumpyExecutor
from .executors.threaded import on_cores
from .lower import EXACT_PASSES, lowered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .tape import Tape
    from .types import Array, Executor, Shape, Structure


class Recording:
    """The tape of one form of the arguments.

    ``shape``   of the result for one example: () of a number, (k,) of a list
    ``places``  which of the program's parameters are its own, as an index
    ``first``   how many they are, if these are the program's first ones; else −1
    """

    def __init__(self, tape: Tape, shape: Shape, places: list[int]) -> None:
        self.tape, self.shape = tape, shape
        self.first = len(places) if places == list(range(len(places))) else -1
        self.places = places if self.first < 0 else slice(self.first)
        self._executors: dict[object, Executor] = {}  # by an engine's key, or the nodes that are read

    def outputs(self, engine: Engine, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m) for m examples; ``columns`` are their inputs, in arrays (m, some)."""
        return self.executor(engine).outputs(theta, columns, m)

    def gradient(self, engine: Engine, theta: Array, columns: Sequence[Array], m: int) -> tuple[Array, float, Array]:
        """The outputs, the mean of the first one, and its gradient (P,).

        If an executor found inf or nan in it, it is computed once more, example by example, by the exact one.
        """
        self._require_number()
        outputs, mean, grads = self.executor(engine).gradient(theta, columns, m)
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
        executor = self._kept(nodes, lambda: _numpy(lowered(self.tape.computing(nodes))))
        return executor.outputs(theta, columns, m)

    def _require_number(self) -> None:
        if self.shape:
            raise TypeError("the result is a list, only a number has a gradient: return the rest besides, aux=True")

    def executor(self, engine: Engine) -> Executor:
        """What runs this tape on an engine: made when it is first asked for."""
        found = self._executors.get(engine.key)
        if found is None:
            served = self.served_by(engine)
            found = self._kept(served.key, lambda: self._made(served))
        return found

    def _kept(self, key: object, make: Callable[[], Executor]) -> Executor:
        if key not in self._executors:
            with paused_gc():
                self._executors[key] = make()
        return self._executors[key]

    def served_by(self, engine: Engine) -> Engine:
        """The engine that computes now: NumPy's in place of Numba's, as long as the kernels are being compiled."""
        if engine.name != "numba" or engine.key in self._executors:
            return engine
        from .executors.on_numba.cache import kernels
        from .executors.on_numba.kernels import table

        needed = kernels(*table(self.lowered.ops))
        ready = needed.ready() if not engine.wait else needed.compiled()
        return engine if ready else replace(engine, name="numpy")

    @cached_property
    def lowered(self) -> Tape:
        return lowered(self.tape)

    def _made(self, engine: Engine) -> Executor:
        if engine.name == "numpy":
            return _numpy(self.lowered, engine.threads)
        if engine.name == "jax":
            from .executors.on_jax.executor import JaxExecutor

            return JaxExecutor(Blocks(self.lowered), engine.mesh)
        from .executors.on_numba.executor import NumbaExecutor, prepared

        return on_cores(engine.threads, NumbaExecutor, prepared(self.lowered))

    def exported(self, structure: Structure, aux: bool, name: str) -> bytes:
        """``gradient`` as StableHLO, see ``Program.export``."""
        from .executors.on_jax.export import exported

        self._require_number()
        return exported(Blocks(self.lowered), structure, aux, name)

    @cached_property
    def exact(self) -> NumpyExecutor | DeepExecutor:
        """What computes gradients example by example, and keeps apart what is zero and where nothing flows."""
        with paused_gc():
            tape = lowered(self.tape, EXACT_PASSES)
            return DeepExecutor(tape, exact=True) if tape.is_deep() else NumpyExecutor(Blocks(tape), exact=True)

    def _labelled(self, label: str) -> int:
        nodes = [i for i, name in self.tape.labels.items() if name == label]
        if len(nodes) != 1:
            some = ", ".join(map(shown, list(dict.fromkeys(self.tape.labels.values()))[:12]))
            count = f"{len(nodes)} nodes have" if nodes else "no node has"
            raise ValueError(f"{count} the label {quoted(label)}; labels are {some}, …")
        return nodes[0]


def _numpy(tape: Tape, threads: int = 1) -> Executor:
    """What runs a lowered tape by NumPy; of a very deep one all is done by one thread."""
    return DeepExecutor(tape) if tape.is_deep() else on_cores(threads, NumpyExecutor, Blocks(tape))
