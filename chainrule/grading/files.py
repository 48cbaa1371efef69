"""Files from hands that are not trusted: read with care, written with care.

Only regular files are read, through no link; what is written takes the place of a regular file, or of none. So a
submission cannot have another file shown in a report, or overwritten by one.
"""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from autograd.number import shown

MOST_BYTES = 100_000


class FileError(Exception):
    """A file cannot be read, or written; one line says which, and why."""


def read_text(path: str) -> str:
    """The text of a file, its lines ended by ``\\n``: UTF-8, or UTF-16 with its mark. Raises FileError."""
    try:
        before = _regular(path)
        # Without NONBLOCK, a FIFO put in its place meanwhile would hold the reader up for ever.
        flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC")]
        with open(os.open(path, os.O_RDONLY | sum(flags)), "rb") as file:
            opened = os.fstat(file.fileno())
            if before is None or (opened.st_dev, opened.st_ino) != (before.st_dev, before.st_ino):
                raise FileError("it was changed while it was read")
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise FileError(f"it is larger than {MOST_BYTES:,} bytes")
        return _decoded(data)
    except (OSError, ValueError, FileError) as error:
        raise _error("read", path, error) from None


def write_text(path: str, text: str) -> None:
    """Write a file whole, or leave what was there. Raises FileError."""
    folder, name = os.path.split(path)
    unfinished = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        _regular(path)
        try:
            with open(unfinished, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.replace(unfinished, path)
        finally:
            Path(unfinished).unlink(missing_ok=True)
    except (OSError, ValueError, FileError) as error:
        raise _error("write", path, error) from None


def _regular(path: str) -> os.stat_result | None:
    """What is at the path, if it is a regular file; None if nothing is. Raises FileError for anything else."""
    if "\0" in path:  # Python has other words for it in each version
        raise FileError("no name of a file holds a NUL character")
    folder = os.path.realpath(os.path.dirname(path) or os.curdir)
    here = os.path.realpath(os.curdir)
    leads_out = not os.path.isabs(path) and ".." not in Path(path).parts and not Path(folder).is_relative_to(here)
    if leads_out or os.path.islink(path):
        raise FileError("a link has no place here: give the file itself")
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise FileError("it is a folder" if stat.S_ISDIR(found.st_mode) else "it is no regular file")
    return found


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileError(f"it is no text in UTF-8 (see byte {error.start + 1}): save it as UTF-8") from None
    if "\0" in text:
        raise FileError("it is no text: it holds a NUL character")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _error(verb: str, path: str, error: Exception) -> FileError:
    reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return FileError(f"cannot {verb} {shown(path, 200)}: {shown(reason, 200)}")
