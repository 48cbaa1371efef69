"""Texts of a picture as LaTeX: names as mathematics, numbers with their powers of ten, all else as words.

pdfLaTeX reads all of it without a package. A character that it has no letter for is written by ``\\other``, which
``OTHER`` defines: itself with LuaLaTeX and XeLaTeX, its number in a small frame, as browsers have it, with pdfLaTeX.
"""

from __future__ import annotations

import re
from unicodedata import category, decomposition, normalize

from autograd.formulas.latex import Latex
from autograd.formulas.naming import numbered
from autograd.table.mathml import GREEK

from .boxes import Arrow, Box, Picture
from .scripts import derivative_of, is_function, is_typeset
from .text import clean

OTHER = r"""\ifdefined\Umathchar
  \newcommand*\other[3]{#1}
\else
  \newcommand*\other[3]{\ensuremath{\vcenter{\hbox{\fboxsep.5pt\tabcolsep0pt\fontsize{5}{5}\selectfont\ttfamily
    \fbox{\begin{tabular}{c}#2\\#3\end{tabular}}}}}}
\fi
"""

# The braces keep characters apart that TeX would join: -- to a dash, '' to a quotation mark.
_WORDS = {c: "\\" + c for c in "#$%&_{}"} | {c: f"{{{c}}}" for c in "-'`"}
_WORDS |= {"—": "{---}", "–": "{--}", "“": "{``}", "”": "{''}", "‘": "{`}", "’": "{'}", "ß": r"\ss{}", "ı": r"\i{}"}
_WORDS |= {
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
}

_SIGNS = {c: c for c in "<>|"} | {"\\": r"\backslash", "^": r"\wedge", "~": r"\sim", "−": "-", "°": r"{}^\circ"}
_SIGNS |= {"∂": r"\partial", "×": r"\times", "÷": r"\div", "·": r"\cdot", "√": r"\surd", "∛": r"\sqrt[3]{\;}"}
_SIGNS |= {"≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∞": r"\infty", "→": r"\to", "±": r"\pm", "∑": r"\sum"}
_SIGNS |= {"…": r"\dots", "⋮": r"\vdots", "↵": r"\hookleftarrow", "½": r"\frac12", "∘": r"\circ"}
_SIGNS |= {letter: "\\" + word for word, letter in GREEK.items()}

_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": "."}
_ACCENTS |= {"\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0331": "b"}
_RAISED = {"<super>": "^", "<sub>": "_"}

_NUMBER = re.compile(r"(\(?)([−-]?)(\d+(?:,\d{3})*(?:\.\d+)?|inf)(?:e([−-]?\d+))?([),;]*)")


class LatexWords:
    """Writes the texts of a picture. Names that would be typeset alike, w1 and w_1, are written as they are."""

    def __init__(self, picture: Picture) -> None:
        self._form = Latex(names=dict.fromkeys(box.rows[0] for box in picture.boxes if is_typeset(box)))

    def name(self, label: str) -> str:
        """A label as the field typesets it, for math mode; in words where it is not written as names are."""
        if not is_function(label) and self._form.fields(label) is not None:
            typeset = self._form.name(label)
            if typeset.isascii():
                return typeset
        stem, number = numbered(label)
        return rf"\mbox{{{words(stem)}}}" + (f"^{{{number}}}" if number else "")

    def rows(self, box: Box) -> list[str]:
        """The lines of a box."""
        if box.is_folded:
            return [words(box.rows[0]), *map(mixed, box.rows[1:])]
        if box.named:
            return [f"${self.name(box.rows[0])}$", *map(mixed, box.rows[1:])]
        if box.kind == "constant":
            label, equals, number = box.rows[0].rpartition(" = ")
            return [f"${self.name(label)} =$ {mixed(number)}" if equals else mixed(number)]
        return [*map(mixed, box.rows)]

    def arrow(self, arrow: Arrow, picture: Picture) -> str:
        """The label of an arrow: ∂J/∂a = 3 as a fraction."""
        parts = derivative_of(arrow, picture)
        if parts is None:
            return mixed(arrow.label)
        of, by, number = parts
        return rf"$\frac{{\partial {self.name(of)}}}{{\partial {self.name(by)}}} =$ {mixed(number)}"


def words(text: str) -> str:
    """Text that is to be read as it is, whatever a user typed."""
    return "".join(map(_character, normalize("NFC", clean(text))))


def mixed(text: str) -> str:
    """Our own words, with numbers and variables between them: "data −1.5e−7", "z 0.5"."""
    return " ".join(map(_token, text.split(" ")))


def _token(token: str) -> str:
    if match := _NUMBER.fullmatch(token):
        opening, sign, mantissa, exponent, closing = match.groups("")
        power = rf" \cdot 10^{{{exponent.replace('−', '-')}}}" if exponent else ""
        digits = mantissa.replace("inf", r"\infty").replace(",", "{,}")
        return f"{opening}${'-' * bool(sign)}{digits}{power}${closing}"
    if len(token) == 1 and token.isascii() and token.isalpha():
        return f"${token}$"
    return words(token)


def _character(character: str) -> str:
    if character in _WORDS:
        return _WORDS[character]
    if character in _SIGNS:
        return rf"\ensuremath{{{_SIGNS[character]}}}"
    if character.isascii():
        return character
    if category(character) in ("Mn", "Me", "Cf"):
        return ""  # without a width of its own
    if category(character) in ("Zs", "Zl", "Zp"):
        return "~"
    way, _, code = decomposition(character).partition(" ")
    if way in _RAISED and chr(int(code, 16)).isascii():
        return rf"\ensuremath{{{{}}{_RAISED[way]}{{{chr(int(code, 16))}}}}}"
    letter = normalize("NFD", character)
    base, mark = letter[0], letter[1:]
    if base.isascii() and mark in _ACCENTS:
        return rf"\{_ACCENTS[mark]}{{{base}}}"
    number = f"{ord(character):04X}"
    half = len(number) // 2
    return rf"\other{{{character}}}{{{number[:half]}}}{{{number[half:]}}}"
