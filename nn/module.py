"""``Module``: what holds parameters. Everything that learns is one."""

from __future__ import annotations

from abc import ABCMeta
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from autograd import Value
from autograd.interrupts import all_or_none
from autograd.leaves.exchange import Exchange
from autograd.number import quoted, shown
from autograd.value import as_parameter

from .entries import counted, entries_in, floats_like, indexed, numbers_of, shape, values_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from .entries import Entry
    from .optim import Optimizer
    from .types import Model, State

# How large a saved model may be: some 30 bytes a number as JSON, ten times that where each has a name of its own, and
# what the memories of another optimiser take.
SPARE_BYTES, BYTES_OF_A_NUMBER = 4 * 2**20, 2**10


class ModuleType(ABCMeta):
    """The class of Modules: it makes parameters of the plain Values that a new Module holds."""

    def __call__(cls, *args: object, **kwargs: object) -> Any:
        module = super().__call__(*args, **kwargs)
        for value in values_in(list(vars(module).values())):
            if value.kind == "input":
                as_parameter(value)
        return module


class Module(metaclass=ModuleType):
    """Holds parameters, and other Modules that do.

    A subclass stores its parameters, lists or matrices of them, and other Modules as attributes; they are found
    there, in the order in which they were assigned. A parameter's name is the path to it: ``layers[0].W[1][2]`` is
    ``model.layers[0].W[1][2]``. Parameters are made by ``autograd.parameter``; or, as in micrograd, they are plain
    Values in attributes when ``__init__`` ends: these become parameters, in pictures and programs too. What
    ``forward`` stores later, an input say, does not; a number that is not to be learned is stored as a number.

    ``model(x)`` is ``model.forward(x)`` where a subclass defines no ``__call__`` of its own.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.intercept = Value(2.0), Value(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.intercept
    >>> line = Line()
    >>> line(3.0).data, line.state_dict()
    (7.0, {'slope': 2.0, 'intercept': 1.0})
    """

    training = True  # dropout asks; see train() and eval()
    counters: tuple[str, ...] = ()  # attributes that are saved beside the parameters: whole numbers, lists of numbers

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """``self.forward(...)``; TypeError where a subclass defines neither that nor ``__call__``."""
        forward = getattr(self, "forward", None)
        if forward is None:
            raise TypeError(
                f"{type(self).__name__} says nowhere what it computes: write def forward(self, x): ... in it"
            )
        return forward(*args, **kwargs)

    def fields(self) -> dict[str, object]:
        """The attributes to look for parameters and Modules in."""
        return vars(self)

    def named_modules(self, path: str = "") -> Iterator[tuple[str, Module]]:
        """This Module and all below it, each with its path (this one's is empty)."""
        yield path, self
        for name, field in self.fields().items():
            yield from _modules_in(field, f"{path}.{name}" if path else name)

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """The names of ``state_dict`` with their parameters: a Value, a list of Values, or a matrix of them."""
        for path, module in self.named_modules():
            for name, field in module.fields().items():
                yield from entries_in(field, f"{path}.{name}" if path else name)

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with their names, in the order of ``parameters()``."""
        named: dict[Value, str] = {}
        for path, entry in self.entries():
            for index, value in indexed(entry):
                named.setdefault(value, path + index)  # one that is used twice is one parameter
        return [(name, value) for value, name in named.items()]

    def parameters(self) -> list[Value]:
        """What is learned: always in the same order, for a layer W row by row and then b."""
        return [value for _, value in self.named_parameters()]

    def weights(self) -> list[Value]:
        """The parameters that a regulariser shrinks: not those in attributes called b, bias, slope, gamma or beta."""
        kept_out = ("b", "bias", "slope", "gamma", "beta")
        named = self.named_parameters()
        return [value for name, value in named if name.rpartition(".")[2].partition("[")[0] not in kept_out]

    def zero_grad(self) -> None:
        """Set every parameter's gradient to 0: ``backward()`` adds to what is there."""
        Exchange(self.parameters()).zero_grads()

    def train(self, mode: bool = True) -> Module:
        """Switch dropout on, here and below."""
        all_or_none([(module, "training", mode) for _, module in self.named_modules()])
        return self

    def eval(self) -> Module:
        """Switch dropout off: the model as it predicts."""
        return self.train(False)

    def summary(self) -> str:
        """What is learned, as a table in text: name, shape, number of parameters."""
        rows = [("name", "shape", "parameters")]
        rows += [(path, str(shape(entry)), str(len(indexed(entry)))) for path, entry in self.entries()]
        return table([*rows, ("total", "", str(len(self.parameters())))])

    # -- saving and loading --------------------------------------------------------------------------

    def state_dict(self) -> State:
        """The numbers that make up the model, by name; a copy: ``{"layers[0].W": [[0.1, 0.2]], ...}``."""
        entries = dict(self.entries())
        named = set(values_in(list(entries.values())))
        if unnamed := [p for p in self.parameters() if p not in named]:
            raise TypeError(
                f"{type(self).__name__}.parameters() has {len(unnamed)} Values that would not be saved: "
                "keep them in attributes, from __init__ on or made with autograd.parameter(...)"
            )
        state = {path: numbers_of(entry) for path, entry in entries.items()}
        return state | {path: deepcopy(getattr(module, name)) for path, module, name in self._counters()}

    def load_state_dict(self, state: State) -> None:
        """Take over the numbers of ``state_dict()``; ValueError, with the model unchanged, if they do not fit.

        An interrupt finds all of them taken over, or none.
        """
        if not isinstance(state, dict):
            raise TypeError(f"a state is a dict of names, as state_dict() makes it, not {quoted(state)}")
        entries = dict(self.entries())
        counters = {path: (module, name) for path, module, name in self._counters()}
        problems = [f"missing {name}" for name in [*entries, *counters] if name not in state]
        changes: list[tuple[object, str, object]] = []
        for name, x in state.items():
            try:
                if name in counters:
                    module, attribute = counters[name]
                    before = getattr(module, attribute)
                    changes.append(
                        (module, attribute, counted(x) if isinstance(before, int) else floats_like(before, x))
                    )
                elif name in entries:
                    floats = floats_like(entries[name], x)
                    changes += [(v, "data", y) for v, y in zip(values_in(entries[name]), floats, strict=True)]
                else:
                    problems.append(f"unexpected {shown(name)}")
            except ValueError as error:
                problems.append(f"{name} {error}")
        if problems:
            more = f"; and {len(problems) - 4} more" if len(problems) > 4 else ""
            raise ValueError(f"the state is not one of {self!r}: {'; '.join(problems[:4])}{more}")
        all_or_none(changes)

    def save(self, path: str | os.PathLike[str], optimizer: Optimizer | None = None) -> None:
        """Write the state, and the optimiser's, to a ``.json`` or ``.npz`` file; floats return bit for bit."""
        from . import files  # here: reading JSON and paths is a third of the import time of nn

        tree = {"module": repr(self), "model": self.state_dict()}
        files.save(path, tree if optimizer is None else tree | {"optimizer": optimizer.state_dict()})

    def load(self, path: str | os.PathLike[str], optimizer: Optimizer | None = None) -> None:
        """Take over what ``save`` wrote; ValueError, with model and optimiser unchanged, if it does not fit.

        An interrupt finds both loaded, or none. A file of more than 4 MiB and 1 KiB for each number of the model
        (and of the optimiser's memories) is not read: it is of something else.
        """
        from . import files

        parameters, counters = self.parameters(), self._counters()
        memories = 0 if optimizer is None else len(optimizer.memories)
        count = len(parameters) * (1 + memories) + len(counters)
        tree = files.load(path, most=SPARE_BYTES + BYTES_OF_A_NUMBER * count)
        wanted = ["model"] if optimizer is None else ["model", "optimizer"]
        for name in wanted:
            if not isinstance(tree.get(name), dict):
                raise ValueError(f"{shown(path, 200)} holds no {name} state")
        before: list[tuple[object, str, object]] = [(p, "data", p.data) for p in parameters]
        before += [(module, name, getattr(module, name)) for _, module, name in counters]
        kept = {} if optimizer is None else dict(vars(optimizer))
        try:
            self.load_state_dict(tree["model"])
            if optimizer is not None:
                optimizer.load_state_dict(tree["optimizer"])
        except BaseException as error:
            all_or_none(before)
            if optimizer is not None:
                vars(optimizer).update(kept)
            if not isinstance(error, TypeError | ValueError):
                raise
            of = shown(tree.get("module", "another model"), 200)
            raise ValueError(f"{shown(path, 200)} holds {of}: {error}") from None

    def _counters(self) -> list[tuple[str, Module, str]]:
        return [
            (f"{path}.{name}" if path else name, module, name)
            for path, module in self.named_modules()
            for name in module.counters
        ]


def _modules_in(field: object, path: str) -> Iterator[tuple[str, Module]]:
    if isinstance(field, Module):
        yield from field.named_modules(path)
    elif isinstance(field, list | tuple):
        for i, item in enumerate(field):
            yield from _modules_in(item, f"{path}[{i}]")


def modules_of(model: object) -> list[Module]:
    """A Module and all below it; of a model that is none, nothing."""
    return [module for _, module in model.named_modules()] if isinstance(model, Module) else []


@contextmanager
def evaluating(model: object) -> Iterator[None]:
    """Dropout off for as long as this lasts; afterwards every part of the model is as it was."""
    modules = modules_of(model)
    before = [(module, "training", module.training) for module in modules]
    try:
        all_or_none([(module, "training", False) for module in modules])
        yield
    finally:
        all_or_none(before)


@contextmanager
def keeping_gradients(model: Model) -> Iterator[None]:
    """A ``backward()`` in here leaves no trace: afterwards the parameters have the gradients that they had."""
    before = [(p, p.grad if p.has_grad else None) for p in model.parameters()]
    try:
        yield
    finally:
        for p, grad in before:
            p.grad = grad


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows of text under each other, the last column to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        *left, last = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([*left, last.strip().rjust(widths[-1])]))
    return "\n".join(lines)
