"""Saving and loading numbers by name: JSON to read with the eyes, .npz for NumPy. Never pickle.

What is saved is a dict of names; a value is a number, a text, a list (of lists) of floats, or again such a
dict. Floats come back bit for bit: Python writes the shortest text that reads back as the same float64.
"""

import json
import math
import os
from pathlib import Path
from typing import Any

Tree = dict[str, Any]

# JSON knows no inf and no nan; a diverged model is saved all the same, and these texts stand for them.
_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def save(path: str | os.PathLike[str], tree: Tree) -> None:
    """Write the file, as its ending says: ``.json`` or ``.npz``; an old file stays whole until the new one is."""
    path = Path(path)
    ending = checked_ending(path)
    part = path.with_name(f"{path.stem}.part{ending}")
    try:
        if ending == ".json":
            text = json.dumps(_encode(tree), indent=1, ensure_ascii=False, allow_nan=False)
            part.write_text(text + "\n", encoding="utf-8")
        else:
            import numpy as np

            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **_flat(tree))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> Tree:
    """What ``save`` wrote; ValueError for a file that it cannot have written."""
    path = Path(path)
    ending = checked_ending(path)
    try:
        if ending == ".json":
            tree = _decode(json.loads(path.read_text(encoding="utf-8")))
        else:
            import numpy as np

            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                tree = _nested({name: arrays[name].tolist() for name in arrays})
    except FileNotFoundError:
        raise
    except Exception as error:  # truncated, not a zip, a pickle, not UTF-8: all the same to the reader
        raise ValueError(f"{path} is not a saved model: {error}") from None
    if not isinstance(tree, dict):
        raise ValueError(f"{path} is not a saved model: it holds a {type(tree).__name__}, not names with numbers")
    return tree


def checked_ending(path: Path) -> str:
    if path.suffix not in (".json", ".npz"):
        raise ValueError(f"{path}: a model is saved as .json or .npz, not as {path.suffix or 'a name without ending'}")
    return path.suffix


def _encode(item: Any) -> Any:
    if isinstance(item, dict):
        return {name: _encode(value) for name, value in item.items()}
    if isinstance(item, list):
        return [_encode(value) for value in item]
    if isinstance(item, float) and not math.isfinite(item):
        return repr(item)
    return item


def _decode(item: Any) -> Any:
    if isinstance(item, dict):
        return {name: _decode(value) for name, value in item.items()}
    if isinstance(item, list):
        return [_decode(value) for value in item]
    return _NOT_FINITE.get(item, item) if isinstance(item, str) else item


def _flat(tree: Tree, prefix: str = "") -> Tree:
    """``{"model": {"W": 1.0}}`` as ``{"model/W": 1.0}``: an .npz has no folders."""
    flat: Tree = {}
    for name, value in tree.items():
        flat |= _flat(value, f"{prefix}{name}/") if isinstance(value, dict) else {prefix + name: value}
    return flat


def _nested(flat: Tree) -> Tree:
    tree: Tree = {}
    for path, value in flat.items():
        *folders, name = path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return tree
