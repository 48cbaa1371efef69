"""What has been recorded, a tape for each form of the arguments, and the executors that run it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contexts.collector import paused_gc
from ..errors import RecordingError
from ..formulas.naming import Names
from ..leaves import Exchange
from ..number import quoted, shown
from ..value import Value
from .blocks import Blocks
from .executors.numpy_executor import NumpyExecutor
from .fuse import fuse_products
from .lower import drop_dead, fold_constants, separate_parameters, share, spread_lists
from .recording import record_function, record_graph
from .tape import Tape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .recording import Recorded, Structure

    Array = np.ndarray[Any, np.dtype[np.float64]]

PASSES = (fold_constants, share, drop_dead, fuse_products, spread_lists)
"""What lowering does to a tape, in this order, before its nodes are put into blocks."""
EXACT_PASSES = (separate_parameters, fold_constants, drop_dead, spread_lists)
"""The same, where each example has parameters and gradients of its own, and nothing is added up before its time."""


def lowered(tape: Tape, passes: Sequence[Callable[[Tape], Tape]] = PASSES) -> Tape:
    """The tape after all passes."""
    for one in passes:
        tape = one(tape)
    return tape


class Recording:
    """The tape of one form of the arguments.

    ``shape``   of the result for one example: () of a number, (k,) of a list
    ``places``  which of the program's parameters are its own, as an index
    """

    def __init__(self, tape: Tape, shape: tuple[int, ...], places: list[int]) -> None:
        self.tape, self.shape = tape, shape
        self.places = slice(len(places)) if places == list(range(len(places))) else places
        self._executors: dict[str | tuple[int, ...], Any] = {}

    def outputs(self, executor: str, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m) for m examples; ``columns`` are their inputs, in arrays (m, some)."""
        outputs: Array = self.executor(executor).outputs(theta, columns, m)
        return outputs

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
        outputs, grads = self.executor("exact").each([*columns, np.broadcast_to(theta, (m, len(theta)))], m)
        return outputs, grads

    def read(self, labels: Sequence[str], theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The numbers (k, m) of k nodes that have labels."""
        nodes = tuple([self._labelled(label) for label in labels])
        outputs: Array = self.executor(nodes).outputs(theta, columns, m)
        return outputs

    def _require_number(self) -> None:
        if self.shape:
            raise TypeError("the result is a list, only a number has a gradient: return the rest besides, aux=True")

    def executor(self, which: str | tuple[int, ...]) -> Any:
        """What runs this tape, by its name, or what computes some nodes of it: made when it is first asked for."""
        if which not in self._executors:
            with paused_gc():
                self._executors[which] = self._made(which)
        return self._executors[which]

    def _made(self, which: str | tuple[int, ...]) -> Any:
        if isinstance(which, tuple):
            return NumpyExecutor(Blocks(lowered(self.tape.computing(which))))
        if which == "exact":
            return NumpyExecutor(Blocks(lowered(self.tape, EXACT_PASSES)), exact=True)
        if which == "numpy":
            return NumpyExecutor(Blocks(lowered(self.tape)))
        from .executors.numba_executor import NumbaExecutor

        return NumbaExecutor(Blocks(NumbaExecutor.prepare(lowered(self.tape))))

    def _labelled(self, label: str) -> int:
        nodes = [i for i, name in self.tape.labels.items() if name == label]
        if len(nodes) != 1:
            some = ", ".join(map(shown, list(dict.fromkeys(self.tape.labels.values()))[:12]))
            count = f"{len(nodes)} nodes have" if nodes else "no node has"
            raise ValueError(f"{count} the label {quoted(label)}; labels are {some}, …")
        return nodes[0]


class Function:
    """A function of one example, to be recorded for each form of its arguments."""

    def __init__(self, f: Callable[..., Any], parameters: Sequence[Value] | None, aux: bool) -> None:
        self.f, self.parameters, self.aux = f, parameters, aux
        self.name = getattr(f, "__name__", type(f).__name__)

    def record(self, _: Structure, examples: Sequence[Any], first: bool) -> Recorded:
        return record_function(self.f, examples, self.parameters, self.aux, verify=first)


class Graph:
    """A graph, which has one form: n numbers, in n arguments or in one."""

    aux = False

    def __init__(self, root: Value, inputs: Sequence[Value], parameters: Sequence[Value] | None) -> None:
        self.name = root.label or "a graph"
        self.inputs = inputs
        self.recorded = record_graph(root, inputs, parameters)

    def record(self, structure: Structure, _: Sequence[Any], first: bool) -> Recorded:  # noqa: ARG002
        n = len(self.inputs)
        if structure not in (((),) * n, ((n,),)):
            names = Names(self.inputs)
            listed = ", ".join(names.get(leaf, "?") for leaf in self.inputs)
            raise ValueError(
                f"the graph has {n} inputs ({listed}): give {n} arguments (m,), or one (m, {n}); "
                f"for one example these have the shapes {', '.join(map(str, structure))}"
            )
        return self.recorded


class Recordings:
    """The recordings of a function by the form of its arguments, and the parameters of them all.

    A new form may use parameters that none before it did: those are added at the end.
    """

    def __init__(self, source: Function | Graph) -> None:
        self.source = source
        self.parameters: list[Value] = []
        self.made: dict[Structure, Recording] = {}
        self.exchange = Exchange([])
        self._taken_as: dict[Structure, Recording] = {}

    def find(self, structure: Structure, examples: Sequence[Any]) -> Recording:
        """The recording of a form, made at the examples if there is none yet.

        Where the function takes no list of one number, as of y (m, 1), but was recorded with a number in its place,
        that recording. ValueError if a form cannot be recorded although another one, of as many arguments, could.
        """
        found = self.made.get(structure) or self._taken_as.get(structure)
        if found is not None:
            return found
        try:
            tape, shape = self.source.record(structure, examples, not self.made)
        except Exception as error:
            for recorded, recording in self.made.items():
                if with_numbers(structure, recorded):
                    self._taken_as[structure] = recording
                    return recording
            as_many = len(structure) in map(len, self.made)
            if not as_many or isinstance(error, RecordingError) or isinstance(self.source, Graph):
                raise
            forms = " or ".join([in_words(recorded) for recorded in list(self.made)[:3]])
            raise ValueError(
                f"{self.source.name} was recorded for arguments of the shapes {forms}, and does not take "
                f"{in_words(structure)}: {type(error).__name__}: {error}"
            ) from error
        leaves = [tape.leaves[i] for i in tape.parameters]
        known = set(self.parameters)
        self.parameters += [leaf for leaf in leaves if leaf not in known]
        self.exchange = Exchange(self.parameters)
        place = {leaf: k for k, leaf in enumerate(self.parameters)}
        self.made[structure] = Recording(tape, shape, [place[leaf] for leaf in leaves])
        return self.made[structure]


def with_numbers(structure: Structure, recorded: Structure) -> bool:
    """Whether a form is the recorded one, but for lists of one number in the place of numbers."""
    return len(structure) == len(recorded) and all(
        given == wanted or (given == (1,) and wanted == ()) for given, wanted in zip(structure, recorded, strict=True)
    )


def in_words(structure: Structure) -> str:
    """A form, as the shapes of arguments for m examples: (m, 2), (m,)."""
    return ", ".join([f"({', '.join(['m', *map(str, shape)])}{'' if shape else ','})" for shape in structure])
