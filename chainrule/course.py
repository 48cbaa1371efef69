"""The command ``chainrule course [FOLDER]``: the course's notebooks, copied into a folder of the student's.

Outputs stay behind, so that there is something to predict. What is in the folder already is never written over.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shlex
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from autograd.number import quoted, shown

from .arguments import CommandError, Parser, say

_HERE = Path(__file__).parent
SOURCES = (_HERE / "notebooks", _HERE.parent / "notebooks")  # of an installed wheel; of a clone
KINDS = ("*.ipynb", "README.md", "exercises/*.toml")
EXTRA = "jupyterlab"  # what the extra "notebook" brings


def run(arguments: list[str]) -> int:
    """Copy the course and say what to do next; always 0. Raises CommandError for what cannot be written."""
    options = _parser().parse_args(arguments)
    source, folder = course(), Path(options.folder)
    typed = shlex.quote(shown(folder, 200))
    if options.again is not None:
        new = again(source, folder, options.again)
        say(f"wrote {shown(new, 200)}")
        first = new.name
    else:
        kept = copied(source, folder, KINDS)
        first, *others = sorted(path.name for path in source.glob("*.ipynb"))
        say(f"The course is in {shown(folder, 200)}: {1 + len(others)} notebooks and their exercises.")
        if kept:
            say(f"Yours differ, and are left as they are: {', '.join(kept)}.")
        if kept and kept[0].endswith(".ipynb"):
            say(f"A fresh copy beside yours: chainrule course {typed} --again {_number(kept[0])}")
    say("\nNext:")
    if importlib.util.find_spec(EXTRA) is None:
        say('    pip install "chainrule[notebook]"')
    say(f"    cd {typed}\n    jupyter lab {first}")
    return 0


def course() -> Path:
    """The folder that the notebooks are copied from. Raises CommandError where the installation has none."""
    for folder in SOURCES:
        if any(folder.glob("*.ipynb")):
            return folder
    raise CommandError(f"this installation has no notebooks: {shown(SOURCES[0], 200)} is not there")


def copied(source: Path, folder: Path, kinds: Sequence[str]) -> list[str]:
    """Copy what the folder does not have; the files that it has already, as the student has made them."""
    kept = []
    for path in (path for kind in kinds for path in sorted(source.glob(kind))):
        name, text = path.relative_to(source), _fresh(path)
        if not _written(folder / name, text) and _differs(folder / name, text):
            kept.append(name.as_posix())
    return kept


def again(source: Path, folder: Path, name: str) -> Path:
    """Copy one notebook anew, beside the student's: ``04_neurons_and_perceptrons_2.ipynb``. ``name`` may be "04"."""
    begins = [path for path in sorted(source.glob("*.ipynb")) if path.name.startswith(name)] if name else []
    found = [path for path in begins if _number(path.name) == name] or begins  # 09 is not 09b
    if len(found) != 1:
        known = ", ".join(path.stem for path in sorted(source.glob("*.ipynb")))
        raise CommandError(f"--again takes the name or the number of one notebook, not {quoted(name)}: {known}")
    copied(source, folder, KINDS[1:])  # its exercises
    (path,) = found
    names = (path.stem if number == 1 else f"{path.stem}_{number}" for number in count(1))
    return next(new for stem in names if _written(new := folder / f"{stem}.ipynb", _fresh(path)))


def _number(name: str) -> str:
    """The number that a notebook's name begins with: 04, or 09b."""
    return name.partition("_")[0]


def _fresh(path: Path) -> str:
    """A file as a student gets it: a notebook without its outputs."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _written(path: Path, text: str) -> bool:
    """Write a new file, whole or not at all; False if something of that name is there. Raises CommandError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            try:
                file.write(text)
                file.flush()
            except BaseException:
                path.unlink()
                raise
    except FileExistsError:
        if path.parent.is_dir():
            return False
        raise CommandError(f"cannot write {shown(path, 200)}: {shown(path.parent, 200)} is no folder") from None
    except OSError as error:
        raise CommandError(f"cannot write {shown(path, 200)}: {shown(error.strerror, 200)}") from None
    return True


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != text
    except (OSError, ValueError):  # a folder, or no text
        return True


def _parser() -> Parser:
    parser = Parser(
        prog="chainrule course",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Copy the course, notebooks with exercises, into a folder.\n"
        "Outputs are left out: you predict, then run. Files that are there already are left as they are.",
    )
    parser.add_argument("folder", nargs="?", default="chainrule-course", help="where to; chainrule-course if not said")
    parser.add_argument("--again", metavar="NAME", help="only this notebook, beside yours if you have it: 04")
    return parser
