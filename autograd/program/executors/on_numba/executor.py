"""The Numba executor: blocks as the code of an interpreter that was compiled once; its loops are ``kernels``."""

from __future__ import annotations

from functools import cached_property
from threading import Lock

import numpy as np

from ....table.arithmetic import pick
from ...blocks import Blocks, Layout
from ...lower import spread_operands
from .cache import kernels
from .code import FEW, Instructions
from .deep import DeepInstructions
from .kernels import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...tape import Tape
    from ...types import Array, Gradient

    Inputs = tuple[Array, list[Array]]


def prepared(tape: Tape) -> Layout:
    """A lowered tape, as the executor takes it: in blocks, or if it is very deep, as it is."""
    tape = spread_operands(tape)
    return Layout(tape) if tape.is_deep() else Blocks(tape)


class NumbaExecutor:
    """Runs a tape; one run at a time. Its gradients are plain products, but for masks: 0 · inf is nan."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.replay = kernels(*table(layout.tape.ops)).compiled()
        self.n_outputs = len(layout.tape.outputs)
        self.inputs: dict[int, Inputs] = {}
        self.no_gradients = np.empty(0)
        self.lock = Lock()

    @cached_property
    def few(self) -> Instructions:
        return self._instructions(wide=False)

    @cached_property
    def many(self) -> Instructions:
        return self._instructions(wide=True)

    def _instructions(self, wide: bool) -> Instructions:
        return (Instructions if isinstance(self.layout, Blocks) else DeepInstructions)(self.layout, wide)

    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array:
        """The outputs (number of them, m); ``theta`` the parameters' numbers, ``columns`` the inputs, arrays (m, some).

        Raises IndexError where a list has no element of some index.
        """
        return self._run(theta, columns, m, self.no_gradients)

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient:
        """The outputs, the mean of the first one, and its gradient (P,); None instead of one with an inf or nan."""
        gradients = np.empty(theta.size + 2)
        outputs = self._run(theta, columns, m, gradients)
        return outputs, gradients.item(-2), None if gradients.item(-1) else gradients[:-2]

    def _run(self, theta: Array, columns: Sequence[Array], m: int, gradients: Array) -> Array:
        """A replay; fills ``gradients``, if there is room, as ``loops.replay`` says."""
        outputs = np.empty((self.n_outputs, m))
        code = self.few if m <= FEW else self.many
        with self.lock:
            code.parameters[...] = theta
            for place, leaf in self.layout.leaves:
                code.v[place] = leaf.data
            for start in range(0, m, code.most):
                width = min(code.most, m - start)
                x, parts = self.inputs.get(width) or self.room(columns, width)
                for part, column in zip(parts, columns, strict=True):
                    part[...] = column if width == m else column[start : start + width]
                n = self.replay(code.code, code.v, code.a, x, outputs, gradients, start)
                if n:
                    pick(range(int(n)), code.v[-1])
        return outputs

    def room(self, columns: Sequence[Array], width: int) -> Inputs:
        """An array for the inputs, a row each, and the parts (m, some) that the columns fill; the last two are kept."""
        if len(self.inputs) > 1:
            self.inputs.clear()
        x = np.empty((len(self.layout.tape.inputs), width))
        ends = np.cumsum([column.shape[1] for column in columns], dtype=int).tolist()
        self.inputs[width] = x, [x[end - column.shape[1] : end].T for column, end in zip(columns, ends, strict=True)]
        return self.inputs[width]
