"""Names as mathematics has them: w1 with a subscript, a[1]_2 with both, yhat with its hat.

A ``Line`` is text in pieces, each with what stands raised and lowered behind it. The writers of SVG and DOT draw it;
how labels are read, and which would look alike and so stay as they are, says ``autograd/formulas/typeset.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from unicodedata import normalize

from autograd.formulas.typeset import Typeset
from autograd.table.ops import OPS

from .boxes import Arrow, Box, Picture
from .text import width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.formulas.typeset import Fields

SCRIPT = 0.7  # the size of a script, as a part of that of its line
FUNCTIONS = {word for name, op in OPS.items() for word in (name, op.symbol)}
_ACCENTS = {"": "", "hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Text, and behind it, one above the other, its scripts."""

    text: str
    superscript: str = ""
    subscript: str = ""

    @property
    def scripts(self) -> str:
        return self.superscript + self.subscript


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """The label of an arrow as a fraction, and behind it what it is: "= 3"."""

    above: Line
    below: Line
    rest: str


class Names:
    """Typesets the names of the nodes of a picture."""

    def __init__(self, picture: Picture) -> None:
        names = [box.rows[0] for box in picture.boxes if is_typeset(box)]
        names += [box.rows[0].rpartition(" = ")[0] for box in picture.boxes if box.kind == "constant"]
        self._form = Typeset(dict.fromkeys(names))
        known = sorted((name for name in set(names) if self._whole(name) != Piece(name)), key=len, reverse=True)
        self._known = re.compile(rf"(?<![\w\])⁾])({'|'.join(map(re.escape, known))})(?![\w\[⁽])") if known else None

    def name(self, name: str) -> Line:
        """A name; of one that is not written as names are, b·w1, the names of other nodes that stand in it."""
        if self._fields(name) is not None or self._known is None:
            return (self._whole(name),)
        pieces: list[Piece] = []
        before = ""
        for at, text in enumerate(self._known.split(name)):
            if at % 2 == 0:
                before += text
                continue
            piece = self._whole(text)
            if piece.scripts:
                pieces.append(Piece(before + piece.text, piece.superscript, piece.subscript))
                before = ""
            else:
                before += piece.text
        return (*pieces, Piece(before)) if before or not pieces else tuple(pieces)

    def _fields(self, name: str) -> Fields:
        """What a name consists of; None for a function of a node."""
        return None if is_function(name) else self._form.fields(name)

    def _whole(self, name: str) -> Piece:
        fields = self._fields(name)
        if fields is None:
            return Piece(name)
        base, accent, superscript, subscript = fields
        return Piece(normalize("NFC", base + _ACCENTS[accent]), superscript, subscript)

    def caption(self, name: str, text: str) -> Line:
        """A name, or none, and what is behind it: W[1] (16, 2)."""
        if not name:
            return (Piece(text),)
        return (*self.name(name), Piece(" " + text)) if text else self.name(name)

    def rows(self, box: Box) -> list[Line]:
        """The lines of a box."""
        first, *others = box.rows
        name, equals, number = first.rpartition(" = ")
        if is_typeset(box):
            typeset = self.name(first)
        elif box.kind == "constant" and equals:
            typeset = (*self.name(name), Piece(equals + number))
        else:
            typeset = (Piece(first),)
        return [typeset, *((Piece(row),) for row in others)]


def quotient(arrow: Arrow, picture: Picture, names: Names) -> Quotient | None:
    """The label ∂J/∂a = 3 of an arrow; None where it has another form."""
    parts = derivative_of(arrow, picture)
    if parts is None:
        return None
    of, by, number = parts
    return Quotient(derivative(names.name(of)), derivative(names.name(by)), f"= {number}")


def derivative_of(arrow: Arrow, picture: Picture) -> tuple[str, str, str] | None:
    """J, a and 3 of a label ∂J/∂a = 3; None where it has another form."""
    of, by = (picture.boxes[end].rows[0] for end in (arrow.head, arrow.tail))
    written = f"∂{of}/∂{by} = "
    return (of, by, arrow.label.removeprefix(written)) if arrow.label.startswith(written) else None


def is_function(name: str) -> bool:
    """Whether a name is that of a function of a node: log(a), which is no log with a superscript."""
    return "(" in name and name.partition("(")[0] in FUNCTIONS


def derivative(name: Line) -> Line:
    """∂a for a."""
    first, *others = name
    return (replace(first, text="∂" + first.text), *others)


def is_typeset(box: Box) -> bool:
    """Whether its first row is the name of a node, not of a scope."""
    return box.named and not box.is_folded


def line_width(line: Line, size: float) -> float:
    """An upper bound for its width, its scripts one behind the other as in DOT."""
    return sum(width(piece.text, size) + width(piece.scripts, SCRIPT * size) for piece in line)
