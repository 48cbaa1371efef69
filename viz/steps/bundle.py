"""The script of a page: the files of ``viz/static`` as one ES module, and what Python gives them.

The files import from each other, as modules do. In a page there is one script only, so they stand in it one after the
other, each after those that it imports, without the lines ``import`` and the words ``export``: all share one scope.
``python.js`` is no file: what is imported from it, the table and some constants, is written here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from autograd.steps.wording import LINES, MATHEMATICS, WORDS
from autograd.table.javascript import twin
from autograd.table.mathml import SYMBOLS

from ..picture.measures import drawing
from ..picture.theme import DARK, INK, KINDS, NEGATIVE, NEUTRAL, PAPER, POSITIVE
from .formula_pieces import formulas

STATIC = Path(__file__).parent.parent / "static"
MAIN = "widget"
FIRST_SHEET = "stepper"
OWN_SHEETS = ("element", "playground")  # each for the page or the element that is called so
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|function) (\w+))", re.MULTILINE)

COLOURS = {"positive": POSITIVE, "negative": NEGATIVE, "neutral": NEUTRAL, "paper": PAPER, "ink": INK, "kinds": KINDS}


def script(main: str = MAIN) -> str:
    """The ES module, with the table as it is now. Its one export is what anywidget calls; ``mount`` is for pages.

    ``main`` is another file for another page."""
    needed = {name for file in order(main) for name in imports(file).get("python", ())}
    constants = {name: value() for name, value in CONSTANTS.items() if name in needed}
    python = [f"const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in constants.items()]
    return "\n".join([*python, twin(), _files(main)])


def source(name: str) -> str:
    """The text of ``static/name.js``."""
    return (STATIC / f"{name}.js").read_text(encoding="utf-8")


def imports(name: str) -> dict[str, list[str]]:
    """What a file imports: names by file."""
    return {file: names.split(", ") for names, file in IMPORT.findall(source(name))}


@cache
def order(main: str = MAIN) -> tuple[str, ...]:
    """The files that the main one needs, each after those that it imports."""
    needed = [file for name in imports(main) if name != "python" for file in order(name)]
    return (*dict.fromkeys(needed), main)


def host_script() -> str:
    """What a notebook's page runs beside the frames of its steppers."""
    return f"{{\n{_files('host')}}}\n"


def drawn_script() -> str:
    """What a drawn graph in a frame runs: it has the function ``showDrawn``."""
    return _files("drawn")


@cache
def _files(main: str = MAIN) -> str:
    """The code of some files, without the comments and the room at the beginning of lines: pages carry it."""
    code = "\n".join(EXPORT.sub("", IMPORT.sub("", source(name))) for name in order(main))
    return "".join(f"{line}\n" for line in map(str.strip, code.splitlines()) if line and not line.startswith("//"))


@cache
def css(main: str = MAIN) -> str:
    """The style sheets, that of the stepper first, and the dark counterpart of every colour of a picture."""
    dark = "".join(
        f'.chainrule-stepper[data-theme="dark"] svg [{attribute}="{light}"]{{{attribute}:{colour}}}\n'
        for light, colour in DARK.items()
        for attribute in ("fill", "stroke")
    )
    needed = [sheet for sheet in STATIC.glob("*.css") if sheet.stem == main or sheet.stem not in OWN_SHEETS]
    sheets = sorted(needed, key=lambda sheet: (sheet.stem != FIRST_SHEET, sheet.stem))
    return "".join(sheet.read_text(encoding="utf-8") for sheet in sheets) + dark


# What ``python.js`` has, by name; in a script are those that its files import.
CONSTANTS: dict[str, Callable[[], object]] = {
    "WORDS": lambda: WORDS,
    "LINES": lambda: LINES,
    "MATHEMATICS": lambda: MATHEMATICS,
    "SYMBOLS": lambda: SYMBOLS,
    "COLOURS": lambda: COLOURS,
    "DRAWING": drawing,
    "SHEET": lambda: css("element"),
    "FORMULAS": formulas,
}
