"""What a row's LaTeX may hold, and the same as MathML: both from the one column ``latex``.

The column is LaTeX in the names of the row's inputs: ``\\frac{a}{b}``, ``e^{x}``. In a template a mark, one character,
stands for each input.

>>> from autograd.table.ops import OPS
>>> mathml_template(OPS["exp"]) == f"<msup><mi>e</mi><mrow>{mark(0)}</mrow></msup>"
True
"""

from __future__ import annotations

import re
from functools import cache

from ..errors import OpRowError
from .mathml import MARKS, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .op import Op

_FIRST_MARK = 0xE000  # a private character: see MARKS


def mark(at: int) -> str:
    """What stands in a template for an input, by its place among the row's."""
    return chr(_FIRST_MARK + at)


def latex_template(op: Op) -> str:
    """The row's LaTeX, or ``a op b`` for an operator without, with marks for its inputs."""
    latex = op.latex or f"a {op.name} b"
    names = sorted(op.inputs, key=len, reverse=True)
    inputs = re.compile(rf"(?<![\\A-Za-z])({'|'.join(names)})(?![A-Za-z])")
    return inputs.sub(lambda found: mark(op.inputs.index(found[1])), latex)


def mathml_template(op: Op) -> str:
    """The same as MathML. Raises OpRowError for LaTeX that is not among what rows are written in."""
    return _read(op)[0]


def bare_inputs(op: Op) -> frozenset[str]:
    """The marks of inputs that nothing encloses, no fraction, root, exponent or parentheses: 2 x, x^{2}."""
    return _read(op)[1]


@cache
def _read(op: Op) -> tuple[str, frozenset[str]]:
    def refused(what: str) -> OpRowError:
        return OpRowError(
            f"row {op.name!r}: {what} in latex={op.latex!r}; a row's LaTeX is made of its inputs, numbers, letters, "
            r"+ - \cdot \times \bmod < \le, \frac{}{}, \sqrt{}, ^{}, _{}, \left( \right), \sin … and \mathrm{}"
        )

    template = latex_template(op)
    reader = Reader(template, refused)
    items = reader.items()
    is_infix = bool(MARKS.match(template[0]) and MARKS.match(template[-1]))
    mathml = "".join(items) if is_infix or len(items) == 1 else f"<mrow>{''.join(items)}</mrow>"
    return mathml, frozenset(reader.bare)


def check_latex(op: Op) -> None:
    """Raise OpRowError for a row with LaTeX that cannot be shown as MathML, too."""
    if op.latex:
        mathml_template(op)
