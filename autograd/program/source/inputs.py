"""The arguments of a program, one example a row, as the variables of the listing, one example a column."""

from __future__ import annotations

import ast
import math

import numpy as np

from ...table.language import variable
from .arrays import Code, identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..listing.names import Variable
    from ..types import Structure
    from .arrays import Expressions


class Arguments:
    """What the arguments are called, and the shape of each for one example; ``names`` are identifiers for that."""

    def __init__(self, called: Sequence[str], structure: Structure, reserved: Iterable[str]) -> None:
        used = set(reserved)
        self.called, self.structure = called, structure
        self.names = [identifier(name, used) for name in called]
        ends = np.cumsum([math.prod(shape) for shape in structure], dtype=int).tolist()
        self.spans = list(zip([0, *ends], ends, strict=False))

    def shape(self, k: int, m: object = "m") -> str:
        """``(m, 2)``, ``(m,)``."""
        inner = self.structure[k]
        return f"({', '.join(map(str, [m, *inner]))}{'' if inner else ','})"

    def replaced(self, variables: Sequence[Variable]) -> set[str]:
        """The arguments that are one variable each, which may have the same name."""
        starts = np.cumsum([0, *(one.nodes.size for one in variables)]).tolist()
        sizes = {(start, start + one.nodes.size): one.names for start, one in zip(starts, variables, strict=False)}
        arguments = zip(self.names, self.called, self.spans, strict=True)
        return {name for name, called, span in arguments if sizes.get(span) == (called,)}

    def assigned(self, to: Variable, start: int, code: Expressions) -> Code:
        """A variable of inputs from number ``start`` on: rows (n, m)."""
        stop = start + to.nodes.size
        some = [k for k, (first, last) in enumerate(self.spans) if first < stop and start < last]
        if len(some) > 1 and not any(self.structure[k] for k in some):
            alone = ast.List([variable(self.names[k]) for k in some], ast.Load())
            return Code(code.fill("xp.stack(xs)", xs=alone), code.shape(to))
        pieces = []
        for k in some:
            first, last = self.spans[k]
            low, high = max(first, start), min(last, stop)
            pieces.append(Code(self._piece(k, low - first, high - first, code), (high - low, "m")))
        return code.joined(pieces)

    def _piece(self, k: int, low: int, high: int, code: Expressions) -> ast.expr:
        """Some entries of an argument: the rows of its transpose."""
        x, shape = variable(self.names[k]), self.structure[k]
        places = {"x": x, "low": ast.Constant(low), "high": ast.Constant(high), "m": variable("m")}
        inner = math.prod(shape[1:])
        if not shape:
            return code.fill("x.reshape(1, -1)", **places)
        if len(shape) == 2 and (low, high) == (low // inner * inner, low + inner) and high - low < math.prod(shape):
            return code.fill("x[:, k].T", x=x, k=ast.Constant(low // inner))
        flat = "x" if len(shape) == 1 else "x.reshape(m, -1)"
        some = "" if high - low == math.prod(shape) else "[:, low:high]"
        return code.fill(f"{flat}{some}.T", **places)
