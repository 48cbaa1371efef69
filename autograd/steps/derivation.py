"""All steps of a trace as one ``align`` of LaTeX, for notes and papers.

``viz/static/derivation.js`` writes the same; tests hold the two together.
"""

from __future__ import annotations

from ..table.mathml import TOKEN
from .frames import frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import TraceRecord


def align(record: TraceRecord, notation: str = "∂", by: str = "op", step: int | None = None) -> str:
    """The lines of all steps, or of one, counted from 1: an ``align*``, which needs the package amsmath."""
    steps = frames(record, by, notation, "latex")
    lines = [aligned(line) for frame in steps[slice(step and step - 1, step)] for line in frame.lines]
    return "\\begin{align*}\n" + " \\\\\n".join(f"  {line}" for line in lines) + "\n\\end{align*}\n"


DOCUMENT = r"""\documentclass{article}
\usepackage{amsmath}
\allowdisplaybreaks
\begin{document}
%s\end{document}
"""


def document(align: str) -> str:
    """A document of LaTeX with an ``align``. Labels in letters that pdfLaTeX lacks need LuaLaTeX or XeLaTeX."""
    return DOCUMENT % align


def aligned(line: str) -> str:
    r"""A line with the mark of its place before its first "=" that nothing encloses, or else at its end.

    >>> aligned(r"\frac{\partial J}{\partial x} = 3 = 2 + 1"), aligned(r"\mathrm{a=b} \to 3")
    ('\\frac{\\partial J}{\\partial x} &= 3 = 2 + 1', '\\mathrm{a=b} \\to 3 &')
    """
    depth = at = 0
    for token in TOKEN.findall(line):
        if token == "=" and depth == 0:
            return f"{line[:at]}&{line[at:]}"
        depth += {"{": 1, "}": -1}.get(token, 0)
        at += len(token)
    return f"{line} &"
