"""``record`` and ``Program``: a graph recorded once, replayed on m examples."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from ..number import quoted
from ..value import Value
from .arguments import parts
from .engine import Engine
from .forms import Recordings, form
from .recording import Function, Graph

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    from jax.sharding import Mesh

    from .listing.listing import Listing, Shapes
    from .replay import Recording
    from .types import Array, Part, Structure, Theta


def record(
    f: Callable[..., object] | Value,
    *examples: object,
    inputs: Sequence[Value] | None = None,
    parameters: Sequence[Value] | None = None,
    aux: bool = False,
) -> Program:
    """Record a function, or a graph, of one example; the program replays it on m examples at once.

    ``f``           a function of Values and (nested) lists of Values that returns a Value, or a list of them; or the
                    root of a graph, then with ``inputs``, its leaves that vary from example to example
    ``examples``    arguments of f for one example: their form counts (a number, a list of 2), not their numbers
    ``parameters``  the leaves to differentiate by; by default those that f uses and ``autograd.parameter`` made
    ``aux``         f returns a pair: the number, and a list of others that are wanted besides

    Other leaves that f uses are read at each replay, but get no gradient. RecordingError, with the way to write it
    instead, where f compares Values, reads their numbers, or makes another graph each time it is called.

    >>> from autograd import parameter
    >>> w, b = parameter(2.0, "w"), parameter(1.0, "b")
    >>> program = record(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0)
    >>> program.value_and_grad([1.0, 2.0], [3.0, 3.0])
    (2.0, array([4., 2.]))
    """
    if isinstance(f, Value):
        if examples or inputs is None or aux:
            raise TypeError("a graph is recorded with its inputs, as in record(root, inputs=[x1, x2])")
        recordings = Recordings(Graph(f, list(inputs), parameters))
        recordings.find(((),) * len(inputs), ())
        return Program(recordings)
    if not callable(f):
        raise TypeError(f"record takes a function or a Value, not {quoted(f)} ({type(f).__name__})")
    if inputs is not None:
        raise TypeError("inputs are the leaves of a graph; a function gets examples, as in record(f, [0.0, 0.0], 1.0)")
    recordings = Recordings(Function(f, parameters, aux))
    recordings.find(form(examples), examples)
    return Program(recordings)


class Program:
    """What ``record`` returns: one graph, computed for m examples at once.

    Arguments are arrays with the examples along the first axis (X (m, 2), y (m,)), or lists; or, in place of all, an
    iterator over batches, each a tuple of such arguments, so that the data need not fit into memory. Sequences of
    another length are recorded when they come, and a list may mix lengths. The numbers of the parameters are read at
    each call; with ``at``, an array of P numbers, that one is used in their place.

    What replays it is chosen by ``using``; ``executor`` is its name.

    ValueError for arguments that do not fit together, or of a form that f does not take; TypeError for what are no
    numbers; IndexError for an index that ``take`` has no element for. Where f takes a number, a column (m, 1) is
    taken as (m,).
    """

    def __init__(self, recordings: Recordings, engine: Engine = Engine()) -> None:  # noqa: B008  it is frozen
        self.engine = engine
        self._all = recordings

    @property
    def executor(self) -> str:
        """The name of what replays the program now: of the one chosen by ``using``, or "numpy" until that is ready."""
        served = {recording.served_by(self.engine).name for recording in self._all.made.values()}
        return self.engine.name if served == {self.engine.name} else "numpy"

    @property
    def parameters(self) -> list[Value]:
        """The leaves to differentiate by, in the order of the gradients."""
        return list(self._all.parameters)

    @property
    def recordings(self) -> dict[Structure, Recording]:
        """What has been recorded, by the form of the arguments: ``((2,), ())`` is a list of 2 and a number."""
        return dict(self._all.made)

    def __call__(self, *arguments: object, at: Theta = None) -> Any:
        """The output for each example: (m,), or (m, k) of a list of k; with ``aux`` a pair, with the extras (m, k)."""
        shape: tuple[int, ...] = ()

        def run(recording: Recording, theta: Array, columns: Sequence[Array], m: int) -> Array:
            nonlocal shape
            shape = recording.shape
            return recording.outputs(self.engine, theta, columns, m)

        outputs = self._each(parts(self._all, arguments), at, run)
        size = math.prod(shape)
        result = outputs[:size].T if shape else outputs[0]
        return (result, outputs[size:].T) if self._all.source.aux else result

    def value_and_grad(self, *arguments: object, at: Theta = None) -> tuple[Any, Array]:
        """The mean of the output over the examples, and its gradient (P,); with ``aux`` ((mean, extras), gradient).

        ``scipy.optimize.minimize(lambda theta: program.value_and_grad(X, y, at=theta), start, jac=True)`` works.
        """
        recorded = self._all
        examples = parts(recorded, arguments)
        if type(examples) is list and len(examples) == 1 and examples[0][0].first == len(recorded.parameters):
            recording, columns, m, _ = examples[0]  # the usual case, quickly
            outputs, mean, total = recording.gradient(self.engine, self._theta(at), columns, m)
            return ((mean, outputs[1:].T) if recorded.source.aux else mean), total

        found: list[tuple[Recording, int, float, Array]] = []

        def run(recording: Recording, theta: Array, columns: Sequence[Array], m: int) -> Array:
            outputs, mean, grads = recording.gradient(self.engine, theta, columns, m)
            found.append((recording, m, mean, grads))
            return outputs

        outputs = self._each(examples, at, run)
        count = outputs.shape[1]
        total = np.zeros(len(self._all.parameters))
        with np.errstate(all="ignore"):
            mean = sum(part * m for _, m, part, _ in found) / count
            for recording, m, _, grads in found:
                total[recording.places] += grads * (m / count)
        return ((mean, outputs[1:].T) if self._all.source.aux else mean), total

    def backward(self, *arguments: object) -> Any:
        """Add the gradient of the mean to the ``grad`` of the parameters; returns the mean, as ``value_and_grad``."""
        value, grads = self.value_and_grad(*arguments)
        self._all.exchange.add_grads(grads)
        return value

    def per_example(self, *arguments: object, at: Theta = None) -> tuple[Array, Array]:
        """The output (m,), and its gradient (m, P), of each example by itself."""

        def run(recording: Recording, theta: Array, columns: Sequence[Array], m: int) -> Array:
            outputs, grads = recording.each(theta, columns, m)
            result = np.zeros((1 + len(self._all.parameters), m))
            result[0] = outputs[0]
            result[1:][recording.places] = grads
            return result

        both = self._each(parts(self._all, arguments), at, run)
        return both[0], both[1:].T

    def read(self, labels: str | Sequence[str], *arguments: object, at: Theta = None) -> Array:
        """The numbers (m,) of the node with a label, one for each example; of a list of k labels (m, k)."""
        wanted = [labels] if isinstance(labels, str) else list(labels)
        values = self._each(parts(self._all, arguments), at, lambda recording, *run: recording.read(wanted, *run))
        return values[0] if isinstance(labels, str) else values.T

    def using(self, executor: str, *, threads: int = 1, wait: bool = False, mesh: Mesh | None = None) -> Program:
        """The same program, run by "numpy", "numba" (extra ``fast``) or "jax" (extra ``jax``).

        ImportError where that is missing.

        Numba's kernels are compiled once for all programs (once more for those of an uncommon function, such as
        ``atan2``), and kept on disk. That takes half a minute, on one core, in the background; a message says so. Until
        it is done NumPy computes, with the same results to the last bits. JAX compiles each program by itself when it
        first gets so many examples, for the devices that it finds, and computes in float64.

        ``threads``  how many cores to use, where there are many examples; how sums are rounded depends on it
        ``wait``     return only when the kernels are compiled, so that all results are Numba's
        ``mesh``     for JAX, a ``jax.sharding.Mesh``: the examples are split over its first axis, each device adds up
                     the gradient of its own, and these are added up
        """
        engine = Engine(executor, threads, wait, mesh)
        if executor == "jax":
            from .executors.on_jax.function import require_jax

            require_jax()
        for recording in self._all.made.values():
            recording.served_by(engine)
        return Program(self._all, engine)

    def export(self, path: str | os.PathLike[str], *examples: object) -> None:
        """Write the program into a file as StableHLO, by JAX (extra ``jax``), for the CPU, CUDA GPUs and TPUs.

        ``jax.export.deserialize`` of its bytes has ``call(theta, *arguments)``, which computes in float64 what
        ``value_and_grad(*arguments, at=theta)`` does: theta (P,) in the order of ``parameters``, the arguments those of
        the function, (m,) or (m, n), for any m. JAX has to be told to compute in float64: ``jax_enable_x64``.

        ``examples``  for another form of the arguments than the one recorded first

        Other leaves have the numbers that they have now. Nothing raises: an element that a list does not have is nan;
        and a gradient is that of matrix code: where a number is inf or nan, 0 · inf may be nan in it.
        """
        recorded = self._all
        if examples:
            recorded.find(form(examples), examples)
        structure = form(examples) if examples else next(iter(recorded.made))
        Path(path).write_bytes(recorded.made[structure].exported(structure, recorded.source.aux, recorded.source.name))

    # -- looking at it -----------------------------------------------------------------------------------

    def listing(self, *examples: object) -> Listing:
        """What was found in the recording of such examples, or in the first one."""
        from .listing.listing import Listing  # here: replaying does without

        made = self._all.made
        return Listing(made[form(examples)] if examples else next(iter(made.values())))

    def to_source(self, library: str, *examples: object) -> str:
        """The listing as a file of "numpy", "torch" or "jax" that runs by itself, and trains on from today's numbers.

        It holds the parameters, as arrays; the forward pass in the names of the listing; the gradients, by hand in
        NumPy, by the library in PyTorch and JAX; gradient descent; and ``examples`` chooses the recording, as in
        ``listing``. All is float64. Kinks are as here: an operation whose derivative the library takes otherwise, or
        that it does not have, is defined with its own. What differs: where a mask cuts off an infinite slope, 0·inf is
        nan; an index is not checked; in far tails 1 − a² has fewer digits.

        ValueError for another library, and where a matrix is of parameters and of other leaves.
        """
        from .source.source import source  # here: replaying does without

        return source(self._all, library, examples).text()

    def shapes(self) -> Shapes:
        """The table of what there is, with its shape: W, b, Z, A of each layer, and their gradients."""
        return self.listing().shapes()

    def __str__(self) -> str:
        return str(self.listing())

    def __repr__(self) -> str:
        forms = " and ".join(str(list(structure)) for structure in self._all.made)
        name, count = self._all.source.name, len(self._all.parameters)
        return f"<program of {name}: {count} parameters, recorded for {forms}, run by {self.executor}>"

    def _repr_html_(self) -> str:
        return self.listing().html()

    # -- part by part ------------------------------------------------------------------------------------

    def _each(self, examples: Iterable[Part], at: Theta, run: Callable[..., Array]) -> Array:
        """What ``run(recording, theta, columns, m)`` returns for each part of the examples, (some, m), put in order."""
        results, order, forms = [], [], set()
        for recording, columns, m, positions in examples:
            results.append(run(recording, self._theta(at)[recording.places], columns, m))
            order += positions
            forms.add((recording.shape, len(results[-1])))
        if not results:
            raise ValueError("there are no examples")
        if len(forms) > 1:
            raise ValueError(
                "examples of different forms have results of different lengths: call the program once for each form"
            )
        if not order:
            return results[0]
        joined = np.concatenate(results, axis=1)
        joined[:, order] = joined.copy()
        return joined

    def _theta(self, at: Theta) -> Array:
        """The parameters' numbers."""
        exchange = self._all.exchange
        return exchange.hold() if at is None else exchange.checked(at)
