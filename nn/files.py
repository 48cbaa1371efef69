"""Saving and loading numbers by name: JSON to read with the eyes, .npz for NumPy. Never pickle.

What is saved is a dict of names; a value is a number, a text, a list (of lists) of floats, or again such a
dict. Floats come back bit for bit: Python writes the shortest text that reads back as the same float64.
"""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile, ZipInfo

from autograd.number import quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from .types import State

# JSON knows no inf and no nan; a diverged model is saved all the same, and these texts stand for them.
_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def save(path: str | os.PathLike[str], tree: State) -> None:
    """Write the file, as its ending says: ``.json`` or ``.npz``; an old file stays whole until the new one is.

    A link is followed, and the permissions of an old file are kept. OSError where the file cannot be written.
    """
    path = Path(path)
    ending = checked_ending(path)
    try:
        target = Path(os.path.realpath(path))
        mode = writable_mode(target)
        # A name that nobody else has, in the same folder: only there a file takes another's place in one step.
        part = target.with_name(f".{uuid4().hex}.part")
        try:
            with part.open("xb") as file:
                write(file, ending, tree)
            if mode is not None:
                part.chmod(mode)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise type(error)(f"cannot save {shown(path, 200)}: {why}; nothing there was changed") from None


def writable_mode(target: Path) -> int | None:
    """The permissions of the file that is there, None where there is none; OSError if it is not to be replaced."""
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {shown(target.parent, 200)}")
    if not target.exists() and not target.is_symlink():  # a link that is still one leads in a circle
        return None
    if not target.is_file():
        raise OSError("it is no regular file")
    mode = stat.S_IMODE(target.stat().st_mode)
    if not mode & 0o222 or not os.access(target, os.W_OK):
        raise PermissionError("it is write-protected")
    return mode


def write(file: BinaryIO, ending: str, tree: State) -> None:
    if ending == ".json":
        text = json.dumps(_encode(tree), indent=1, ensure_ascii=False, allow_nan=False)
        file.write(f"{text}\n".encode())
    else:
        try:
            import numpy as np
        except ImportError:
            raise ModuleNotFoundError("an .npz is written by NumPy: pip install numpy, or save a .json") from None
        arrays = {name: np.asarray(value) for name, value in _flat(tree).items()}
        for name, array in arrays.items():
            if array.dtype == object:  # savez would pickle it; only NumPy 2 can be told not to
                raise ValueError(f"{shown(name)} holds neither numbers nor text, but objects: {quoted(array)}")
        savez: Callable[..., None] = np.savez  # whose own type fears that an array is called allow_pickle
        savez(file, **arrays)


def load(path: str | os.PathLike[str], most: int) -> State:
    """What ``save`` wrote; ValueError for a file that it cannot have written, or of more than ``most`` bytes.

    Of an .npz the bytes are counted as they would be unpacked, before they are.
    """
    path = Path(path)
    ending = checked_ending(path)
    with path.open("rb") as file:
        try:
            return read_json(file, most) if ending == ".json" else read_npz(file, most)
        except Exception as error:  # truncated, not a zip, a pickle, not UTF-8, too deep: all the same to the reader
            raise ValueError(f"{shown(path, 200)} is not a saved model: {shown(error, 200)}") from None


def read_json(file: BinaryIO, most: int) -> State:
    text = file.read(most + 1)
    if len(text) > most:
        raise ValueError(f"it has more than {most:,} bytes, the most that one of this model can have")
    tree = _decode(json.loads(text.decode()))
    if not isinstance(tree, dict):
        raise ValueError(f"it holds a {type(tree).__name__}, not names with numbers")
    return tree


def read_npz(file: BinaryIO, most: int) -> State:
    with ZipFile(file) as archive:
        # NumPy 1 took the option of its savez for an array; such files are read all the same
        entries = [entry for entry in archive.infolist() if entry.filename != "allow_pickle.npy"]
        size = sum(entry.file_size for entry in entries)
        if size > most:
            raise ValueError(f"unpacked it has {size:,} bytes; one of this model has {most:,} at most")
        return _nested({entry.filename.removesuffix(".npy"): read_array(archive, entry) for entry in entries})


def read_array(archive: ZipFile, entry: ZipInfo) -> object:
    """One array as lists, once its header says that it holds as many numbers, or texts, as the file has bytes for."""
    try:
        import numpy as np
        from numpy.lib import format
    except ImportError:
        raise ModuleNotFoundError("an .npz is read by NumPy: pip install numpy") from None
    readers = {(1, 0): format.read_array_header_1_0, (2, 0): format.read_array_header_2_0}
    with archive.open(entry) as member:
        version = format.read_magic(member)
        if version not in readers:
            raise ValueError(f"{shown(entry.filename)} is of a version of the format that is not written here")
        shape, is_fortran, dtype = readers[version](member)
        if dtype.kind not in "fiuU":
            raise ValueError(f"{shown(entry.filename)} holds {shown(dtype)}, neither numbers nor text")
        size = math.prod(shape) * dtype.itemsize
        if size != entry.file_size - member.tell():
            raise ValueError(f"{shown(entry.filename)} has not the {size:,} bytes that its header speaks of")
        # read(size), never read(): a directory may lie, and what is unpacked then has no end
        array = np.frombuffer(member.read(size), dtype)
        return array.reshape(shape, order="F" if is_fortran else "C").tolist()


def checked_ending(path: Path) -> str:
    if path.suffix not in (".json", ".npz"):
        ending = shown(path.suffix) or "a name without ending"
        raise ValueError(f"{shown(path, 200)}: a model is saved as .json or .npz, not as {ending}")
    return path.suffix


def _encode(item: object) -> object:
    if isinstance(item, dict):
        return {name: _encode(value) for name, value in item.items()}
    if isinstance(item, list):
        return [_encode(value) for value in item]
    if isinstance(item, float) and not math.isfinite(item):
        return repr(item)
    return item


def _decode(item: object) -> object:
    if isinstance(item, dict):
        return {name: _decode(value) for name, value in item.items()}
    if isinstance(item, list):
        return [_decode(value) for value in item]
    return _NOT_FINITE.get(item, item) if isinstance(item, str) else item


def _flat(tree: State, prefix: str = "") -> State:
    """``{"model": {"W": 1.0}}`` as ``{"model/W": 1.0}``: an .npz has no folders."""
    flat: State = {}
    for name, value in tree.items():
        flat |= _flat(value, f"{prefix}{name}/") if isinstance(value, dict) else {prefix + name: value}
    return flat


def _nested(flat: State) -> State:
    tree: State = {}
    for path, value in flat.items():
        *folders, name = path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return tree
