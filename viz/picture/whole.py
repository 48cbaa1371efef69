"""Files are written whole: who is interrupted, or runs out of disk, still has the file that was there."""

from __future__ import annotations

import os
from pathlib import Path

from autograd.number import shown


def in_a_folder(path: Path) -> None:
    """Raise FileNotFoundError where the folder of a file that is to be written does not exist."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot save {shown(path.name)}: there is no folder {shown(path.parent, 200)}")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there. A link stays, and so does who may read the file."""
    place = path.resolve()
    unfinished = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(data)
        if place.exists():
            unfinished.chmod(place.stat().st_mode)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
