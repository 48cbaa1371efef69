"""What is claimed, line by line: ``da = …; dz = da*a*(1 - a) = a - y; dw1 = x1*dz``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..errors import FormulaError
from ..formulas.reading.lines import lines, sides
from ..number import quoted, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Claims: TypeAlias = str | Mapping[Any, object] | Iterable[tuple[object, object]]


@dataclass(frozen=True)
class Line:
    """One line: what it is about, and what that is said to equal: one right side, or the parts of a chain of =.

    ``fault`` says why a line cannot be split so; then ``source`` is all there is.
    """

    key: object
    parts: tuple[object, ...]
    fault: str = ""

    @property
    def source(self) -> str:
        """The right side as it was typed, in one line."""
        return shortened(" = ".join(" ".join(str(part).split()) for part in self.parts), 100)


def claimed_lines(claims: Claims) -> list[Line]:
    """The lines of a text, of a mapping, or of pairs of left and right side. Raises TypeError for anything else."""
    if isinstance(claims, str):
        return [_line(text) for text in lines(claims)]
    if isinstance(claims, Mapping):
        return [Line(key, _parts(right_side)) for key, right_side in claims.items()]
    pairs = list(claims) if isinstance(claims, Iterable) else [None]
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise TypeError(
            "the claims are a dict such as {'w1': 'x1*(a - y)'}, pairs of its kind, or a text such as "
            f"'dz = a - y; dw1 = x1*dz', not {quoted(claims)}"
        )
    return [Line(key, _parts(right_side)) for key, right_side in pairs]


def _line(text: str) -> Line:
    try:
        left, *parts = sides(text)
    except FormulaError as error:
        return Line("", (text,), str(error))
    if not left or not parts or not all(parts):
        return Line(
            "", (text,), f"a line is what is derived = its formula, such as dw1 = x1*(a - y), not {quoted(text)}"
        )
    return Line(left, tuple(parts))


def _parts(right_side: object) -> tuple[object, ...]:
    """The parts of a chain of =; what is no text, or cannot be split, is one."""
    if isinstance(right_side, str):
        try:
            return tuple(sides(right_side))
        except FormulaError:
            pass
    return (right_side,)
