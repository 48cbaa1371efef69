"""``python -m autograd.table.stub``: the types of the table's functions and methods, for editors and type checkers.

The functions exist at run time only. So their types stand in a stub, ``autograd/operations.pyi``, which is written from
the rows; a test says when it has to be written anew.
"""

from __future__ import annotations

from pathlib import Path

from .ops import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .op import Op

FILE = Path(__file__).parent.parent / "operations.pyi"

HEAD = """\
# Written from the table of operations by `python -m autograd.table.stub`; a test keeps it.
from collections.abc import Iterable
from typing import Any, SupportsFloat, overload

from .guards import Guarded
from .value import Value

Scalar = Value | float
Operand = SupportsFloat  # a Value, a real number, or an array of them

class Methods(Guarded):
"""


def text() -> str:
    """The stub: the methods of Value, and the functions."""
    rows = [op for op in OPS.values() if op.name.isidentifier()]
    lines = []
    for op in rows:
        if not op.n_lists and op.name != "where":
            lines.append(f"    def {op.name}(self{_more(op)}) -> Value: ...\n")
    lines.append("\n")
    for op in rows:
        for parameters, result in _forms(op):
            lines.append(f"@overload\ndef {op.name}({', '.join(parameters)}) -> {result}: ...\n")
    return HEAD + "".join(lines)


def _more(op: Op) -> str:
    """The parameters of a method behind self."""
    return "".join(f", {name}: Operand{_default(op, at)}" for at, name in enumerate(op.inputs) if at)


def _default(op: Op, at: int) -> str:
    return "" if at < len(op.inputs) - len(op.defaults) else " = ..."


def _forms(op: Op) -> Iterator[tuple[list[str], str]]:
    """The parameters and the result: of numbers alone, with a Value in each place, and of arrays or mixed lists."""
    names = op.inputs[:-1] if op.per_element else op.inputs
    result = "list[{}]" if op.per_element else "{}"

    def parameters(kinds: Sequence[str]) -> list[str]:
        typed = [f"Iterable[{kind}]" if is_list else kind for kind, is_list in zip(kinds, op.lists, strict=False)]
        return [f"{name}: {kind}{_default(op, at)}" for at, (name, kind) in enumerate(zip(names, typed, strict=True))]

    n = len(names)
    yield parameters(["float"] * n), result.format("float")
    for at in range(n):
        yield parameters(["float"] * at + ["Value"] + ["Scalar"] * (n - at - 1)), result.format("Value")
    yield parameters(["Scalar" if is_list else "Operand" for is_list in op.lists[:n]]), result.format("Any")


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
