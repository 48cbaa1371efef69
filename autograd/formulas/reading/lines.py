"""A derivation cut into its lines, and a line into the sides of its equals signs."""

from __future__ import annotations

import re
from unicodedata import category, decomposition, normalize

from ...errors import FormulaError
from ...number import shortened

_DISPLAYS = "aligned|align|equation|gathered|gather|split|displaymath|math"
FRAME = re.compile(rf"\\(?:begin|end)\s*\{{(?:{_DISPLAYS})\*?\}}|\$+|(?<!\\)\\[()\[\]]|&")  # & aligns
_END = re.compile(r"\\\\|(?<!\\);|\n")
_OPENING, _CLOSING = "([{", ")]}"


def narrow(text: str) -> str:
    """The text with the wide signs of East Asian keyboards as others have them, and without invisible characters."""
    if text.isascii():
        return text
    kept = [c for c in text if category(c) != "Cf" or c == "\u2062"]  # which is a product
    return "".join(normalize("NFKC", c) if decomposition(c).startswith("<wide>") else c for c in kept)


def lines(text: str) -> list[str]:
    r"""The lines of a text that are not empty: they end at a line end, at ``;``, and at LaTeX's ``\\``.

    >>> lines("dz = a - y;  dw1 = x1*dz")
    ['dz = a - y', 'dw1 = x1*dz']
    """
    plain = FRAME.sub(" ", narrow(text))
    return [line.strip() for line in _END.split(plain) if line.strip()]


def sides(text: str) -> list[str]:
    """What stands between the equals signs of a line; those inside parentheses, as in ``sum(A, axis=1)``, are no such.

    Raises FormulaError for parentheses that do not match.

    >>> sides("dz = da*a*(1 - a) = a - y")
    ['dz', 'da*a*(1 - a)', 'a - y']
    """
    found = [""]
    depth = 0
    for character in narrow(text).replace(":=", "="):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0:
            raise FormulaError(f"this {character} closes nothing in {shortened(text)!r}")
        if character == "=" and not depth:
            found.append("")
        else:
            found[-1] += character
    if depth:
        raise FormulaError(f"a parenthesis is never closed in {shortened(text)!r}")
    return [side.strip() for side in found]
