"""Which modules a model asks on its way from an example to its prediction, with what goes in and comes out.

For as long as a pass is watched, the modules' ``forward`` is wrapped; so a module that has only a ``__call__`` of its
own is not seen, but those that it asks are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograd.value import Value
from nn.entries import values_in
from nn.module import Module
from nn.neuron import Layer, Neuron
from nn.recurrence import Cell


@dataclass(slots=True, eq=False)
class Call:
    """One call of one module."""

    module: Module
    inputs: tuple[Any, ...]
    output: Any
    is_whole: bool  # nothing inside it is a step of its own: it asks no other module, or is a layer, a neuron or a cell

    @property
    def given(self) -> set[Value]:
        """All Values that go in."""
        return set(values_in(self.inputs))

    @property
    def made(self) -> set[Value]:
        """All Values that come out."""
        return set(values_in(self.output))


def watched(model: Module, x: Any) -> tuple[Any, list[Call]]:
    """The model's prediction of x, and the calls that it is made of, in their order."""
    calls: list[Call] = []
    with _wrapped(model, calls):
        prediction = model(x)
    return prediction, [call for call in calls if call.is_whole]


@contextmanager
def _wrapped(model: Module, calls: list[Call]) -> Iterator[None]:
    modules = [module for _, module in model.named_modules() if hasattr(module, "forward")]
    kept = [(module, vars(module).get("forward")) for module in modules]

    def call(module: Module, forward: Any, *inputs: Any, **named: Any) -> Any:
        before = len(calls)
        output = forward(*inputs, **named)
        is_layer = isinstance(module, Layer | Neuron | Cell)
        if is_layer:
            del calls[before:]
        calls.append(Call(module, inputs, output, is_layer or len(calls) == before))
        return output

    try:
        for module in modules:
            vars(module)["forward"] = partial(call, module, module.forward)
        yield
    finally:
        for module, own in kept:
            if own is None:
                vars(module).pop("forward", None)
            else:
                vars(module)["forward"] = own
