"""Text as pictures show it: cleaned, measured, cut."""

from __future__ import annotations

import unicodedata

from autograd.formulas.naming import numbered

# What XML cannot hold, and what has no look of its own: control characters, lone surrogates, noncharacters.
# Bidirectional overrides too: they would turn around the text behind them.
_UNSHOWABLE = [*range(32), *range(0x7F, 0xA0), *range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0)]
_UNSHOWABLE += [0x10000 * plane + last for plane in range(17) for last in (0xFFFE, 0xFFFF)]
_OVERRIDES = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_SHOWN = dict.fromkeys(_UNSHOWABLE + _OVERRIDES, "\ufffd") | {ord("\n"): "↵", ord("\t"): " "}

# Advance widths in hundredths of an em, no less than those of DejaVu Sans, Verdana, Helvetica and Arial. Boxes are
# sized by this table and never by the fonts of a machine, so a graph has the same picture everywhere. They are whole
# numbers, so that their sum is exact.
_CHARACTERS = {
    37: " '.,ijl",
    46: '!"()-/:;I[\\]|frt·',
    56: "?Jcsz",
    64: "$*_`{}0123456789FLabdeghknopquvxy",
    70: "ABEKPSTVXYZαβγδεζηθικλμνξοπρςστυχφψΓΔΛΞΣ∂√₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾",
    84: "&CDGHNOQRUΘΠΦΨ#+<=>^~wω−×÷",
    98: "Mm",
    108: "%@W…—↵\ufffd",
}
WIDTHS = {character: width for width, characters in _CHARACTERS.items() for character in characters}
UNKNOWN, _WIDE = 110, 140  # a letter that is not in the table; East Asian, emoji


def clean(text: str, limit: int = 200) -> str:
    """The text with everything replaced that cannot be shown, and cut to ``limit`` characters with "…".

    >>> clean("a\\0b"), clean("w" * 1000, limit=4)
    ('a�b', 'www…')
    """
    text = str(text)  # a label may have been set to anything
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    shown: list[str] = []
    marks = 0
    for character in text.translate(_SHOWN):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= 2:  # a tower of accents would leave its box
            shown.append(character)
    return "".join(shown)


def width(text: str, size: float) -> float:
    """An upper bound for the width of ``text``, in the unit of the font's ``size``."""
    return size * sum(map(_hundredths, text)) / 100


def is_measured(text: str) -> bool:
    """Whether all characters are in the table, so that no usual font can make the text wider than ``width``."""
    return all(_without_accent(character) in WIDTHS for character in text)


def fit(text: str, size: float, room: float) -> str:
    """The text, cleaned, and cut with "…" to at most ``room``; the number of a name, z⁽¹⁾, stays behind it."""
    text = clean(text)
    stem, _ = numbered(text)
    if width(stem, size) <= room:
        return text
    number = text[len(stem) :]
    while stem and width(stem + "…", size) > room:
        stem = stem[:-1]
    return f"{stem}…{number}"


def _hundredths(character: str) -> int:
    known = WIDTHS.get(_without_accent(character))
    if known is not None:
        return known
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else UNKNOWN


def _without_accent(character: str) -> str:
    """The letter without its accents, which do not make it wider."""
    return unicodedata.normalize("NFD", character)[0]
