"""Arrays of numbers as literals that read back as the same numbers."""

from __future__ import annotations

import textwrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..types import Array

WIDTH = 100


def literal(array: Array, alias: str, indent: str) -> str:
    """Of a number or a matrix, row by row, wrapped; ``alias`` is what inf and nan are called with.

    >>> import numpy as np
    >>> print(literal(np.array([[0.1, -2.0]]), "np", ""))
    [[0.1, -2.0]]
    """
    if array.ndim == 0:
        return _number(float(array), alias)
    rows = [f"[{', '.join([_number(x, alias) for x in row])}]" for row in array.tolist()]
    line = f"[{', '.join(rows)}]"
    if len(line) <= WIDTH - len(indent) - 30:
        return line
    inner = indent + "    "
    texts = rows if array.shape[1] > 1 else [", ".join(rows)]
    lines = [
        "\n".join(textwrap.wrap(text, WIDTH, initial_indent=inner, subsequent_indent=f"{inner} ")) for text in texts
    ]
    return "[\n" + ",\n".join(lines) + f",\n{indent}]"


def _number(x: float, alias: str) -> str:
    text = repr(x)
    return text.replace("inf", f"{alias}.inf").replace("nan", f"{alias}.nan") if x - x != 0 else text
