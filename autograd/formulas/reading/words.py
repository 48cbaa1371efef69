"""A text cut into words: typeset signs, LaTeX and ASCII become words of the same kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from unicodedata import decomposition, normalize

from ...errors import FormulaError
from ...number import shortened, shown
from ...table.mathml import GREEK
from .lines import FRAME, narrow
from .vocabulary import COMMANDS, INSTEAD, SIGNS, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast


@dataclass(slots=True)
class Word:
    """One word of a text, from ``start`` to ``end``; ``spaced`` if white space stands before it.

    ``kind`` "number", "name", "sign"; "raised" and "lowered", what small digits and letters say; "fraction", ½;
    "end" of a statement; "command", \\frac; "style" and "accent" of what comes next; "known", a name found already
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False


@dataclass(slots=True)
class Group(Word):
    """What stands between two parentheses, brackets, braces or bars: its ``text`` is the opening one.

    ``parts`` are the trees between its commas, ``keywords`` what stands there as ``axis=1``; ``fault`` says why it is
    no expression, which may be no fault: ``_{1,i}``.
    """

    items: list[Word] = field(default_factory=list)
    parts: list[ast.expr] = field(default_factory=list)
    keywords: list[ast.keyword] = field(default_factory=list)
    fault: FormulaError | None = None


def at(problem: str, text: str, place: int) -> FormulaError:
    """The problem and its place, with no more of a long text than is around it."""
    start, end = max(0, place - 25), place + 25
    around = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return FormulaError(f"{problem} (character {place + 1} of {around!r})")


def two_readings(source: str, *readings: str) -> FormulaError:
    """What has these readings is refused, with all of them side by side."""
    listed = " or ".join(shortened(reading, 80) for reading in readings)
    return FormulaError(f"{shown(source)} is {listed}? write one of them")


def clean(text: str) -> str:
    """The text with composed letters and narrow signs, each line without its margin; LaTeX's frames are blank."""
    text = normalize("NFC", narrow(text))
    text = FRAME.sub(lambda frame: " " * len(frame[0]), text)
    return "\n".join(re.sub(r"\s", " ", line).strip() for line in text.split("\n"))


def words(text: str) -> list[Word]:
    """The words of a clean text. Raises FormulaError for a sign that formulas do not have."""
    found: list[Word] = []
    spaced = False
    for match in _pattern().finditer(text):
        kind, word, start = match.lastgroup or "", match[0], match.start()
        if kind == "space":
            spaced = True
            continue
        for read in _read(kind, word, text, start):
            if read[0] == "space":
                spaced = True
            elif read[0] == "name" and read[1][0] == "_" and _takes_index(found, start):
                found += _index(read[1], start, match.end())
            else:
                found.append(Word(*read, start, match.end(), spaced))
                spaced = False
    return found


def _takes_index(found: list[Word], start: int) -> bool:
    """Whether an underscore there belongs to what stands before it: \\hat{y}_1, Σ_i."""
    return bool(found) and found[-1].end == start and (found[-1].kind != "sign" or found[-1].text in "}])ΣΠ")


def _index(word: str, start: int, end: int) -> list[Word]:
    """The underscore, and the number or name behind it."""
    digits = re.match(r"_([0-9]*)", word)
    assert digits is not None
    found = [Word("sign", "_", start, start + 1)]
    if digits[1]:
        found.append(Word("number", digits[1], start + 1, start + digits.end()))
    if word[digits.end() :]:
        found.append(Word("name", word[digits.end() :], start + digits.end(), end))
    return found


def _read(kind: str, word: str, text: str, start: int) -> list[tuple[str, str]]:
    """The kinds and texts of the words that a match is."""
    match kind:
        case "name":
            return [("name", normalize("NFKC", word))]
        case "raised" | "lowered":
            return [(kind, "".join(small_letters()[c][1] for c in word))]
        case "fraction":
            return [("fraction", normalize("NFKC", word).replace("⁄", "/"))]
        case "command":
            return [_command(word, text, start)]
        case "primes":
            return [("sign", "'")] * (2 * word.count("″") + len(word.replace("″", "")))
        case "other":
            if word not in SIGNS:
                raise at(INSTEAD.get(word, f"the character {word!r} has no place in a formula"), text, start)
            return [("raised", "T") if SIGNS[word] == "ᵀ" else ("sign", SIGNS[word])]
    if word in INSTEAD and word != ".":
        raise at(INSTEAD[word], text, start)
    return [(kind, word)]


def _command(word: str, text: str, start: int) -> tuple[str, str]:
    name = word[1:]
    if word in INSTEAD:
        raise at(INSTEAD[word], text, start)
    if name in COMMANDS:
        kind, read = COMMANDS[name]
        return ("raised", "T") if read == "ᵀ" else (kind, read)
    if name.isalpha() and function(name):
        return "name", name
    raise at(f"there is no {shown(word)} here", text, start)


@cache
def small_letters() -> dict[str, tuple[str, str]]:
    """Raised and lowered letters, digits and signs: which of both, and what they say."""
    found: dict[str, tuple[str, str]] = {}
    for code in [*range(0xAA, 0xBB), *range(0x2B0, 0x2FF), *range(0x1D2C, 0x1DC0), *range(0x2070, 0x20A0), 0x2C7C]:
        kind, _, letter = decomposition(chr(code)).partition(" ")
        if kind in ("<super>", "<sub>"):
            said = "".join(chr(int(part, 16)) for part in letter.split())
            found[chr(code)] = "raised" if kind == "<super>" else "lowered", said.replace("−", "-")
    return found


@cache
def _pattern() -> re.Pattern[str]:
    small = small_letters()
    raised = "".join(re.escape(c) for c, (kind, _) in small.items() if kind == "raised")
    lowered = "".join(re.escape(c) for c, (kind, _) in small.items() if kind == "lowered")
    letter = rf"(?![{raised}{lowered}½⅓¼⅔¾⅛⅕ΣΠ])[^\W\d]"
    return re.compile(
        rf"""
            (?P<number> (?: [0-9]+ \.? [0-9]* | \. [0-9]+ ) (?: [eE] [+-]? [0-9]+ )? )
          | (?P<raised> [{raised}]+ )
          | (?P<lowered> [{lowered}]+ )
          | (?P<fraction> [½⅓¼⅔¾⅛⅕] )
          | (?P<name> (?:(?!_[{{\\]){letter}) (?: (?![{raised}{lowered}½⅓¼⅔¾⅛⅕ΣΠ]|_[{{\\]) [\w\u0300-\u036f] )* | [ΣΠ] )
          | (?P<command> \\ (?: [A-Za-z]+ | . ) )
          | (?P<end> [\n;] )
          | (?P<space> [\s~]+ )
          | (?P<primes> ['’′″‵ʹ`´]+ )
          | (?P<sign> \*\* | // | == | := | [-+*/%(),=\[\]{{}}|^_@.:] )
          | (?P<other> . )
        """,
        re.VERBOSE | re.DOTALL,
    )


def greek(word: str) -> str:
    """The letter that a word is the name of: σ for sigma; else the word."""
    return GREEK.get(word, word)
