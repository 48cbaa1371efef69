"""Python's modules compiled ahead, by site/compile.mjs: Pyodide starts in a fourth of the time."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

SCRIPT = Path(__file__).parent / "compile.mjs"
CACHE = SCRIPT.parent.parent / "build" / "compiled"


def compiled(pyodide: Path, folder: Path, archive: Path, place: str, keep: Sequence[str] = ()) -> None:
    """Write the zip archive of a folder of modules, compiled by the Pyodide in ``pyodide``.

    ``place`` is where the archive, or its contents, will stand in the browser: tracebacks name it. Packages in ``keep``
    keep their sources, too.
    """
    kept = CACHE / f"{digest(pyodide, folder, place, keep)}.zip"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        node = Path(sys.executable).with_name("node")
        with (
            tempfile.NamedTemporaryFile(suffix=".zip") as plain,
            tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as new,
        ):
            subprocess.run([node, SCRIPT, pyodide, folder, plain.name, place, *keep], check=True)
            with zipfile.ZipFile(plain.name) as source, zipfile.ZipFile(new, "w") as target:
                for one in source.infolist():
                    target.writestr(one, source.read(one), zipfile.ZIP_DEFLATED, 9)
        Path(new.name).replace(kept)
    shutil.copyfile(kept, archive)


def digest(pyodide: Path, folder: Path, place: str, keep: Sequence[str]) -> str:
    """What the archive depends on, as one number: the same folder is compiled once."""
    total = hashlib.sha256(repr((place, keep)).encode())
    for path in [SCRIPT, pyodide / "pyodide.asm.wasm", *sorted(folder.rglob("*"))]:
        if path.is_file():
            total.update(f"\n{path.relative_to(folder) if path.is_relative_to(folder) else path.name}\n".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def compile_standard_library(pyodide: Path) -> None:
    """Put the compiled modules into ``python_stdlib.zip`` in the place of their sources."""
    archive = pyodide / "python_stdlib.zip"
    with tempfile.TemporaryDirectory() as unpacked:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(unpacked)
        compiled(pyodide, Path(unpacked), archive, "/lib/python314.zip")
