"""The compiled module of kernels: made once, and kept in a folder, from where the next process loads it."""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from ...number import quoted
from .numba_kernels import module_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from numba.core.dispatcher import Dispatcher

    from ...table.op import Op

    Replay = Dispatcher[Callable[..., float]]


def require_numba() -> ModuleType:
    """The package; ImportError, with what to install, if it is not there."""
    try:
        import numba
    except ImportError:
        raise ImportError('the executor "numba" needs Numba: pip install "chainrule[fast]"') from None
    return numba


@cache
def compiled(*ops: Op) -> Callable[..., float]:
    """``numba_loops.replay`` with the kernels of these operations.

    It is compiled if it is not found in the folder of the cache; a message on stderr says so.
    """
    numba = require_numba()
    text = module_text(*ops)
    name = f"kernels_{hashlib.sha256((numba.__version__ + text).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, _written(f"{name}.py", text))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where Numba looks for it
    spec.loader.exec_module(module)
    replay: Replay = module.replay
    _compile(replay)
    return replay


def _compile(replay: Replay) -> None:
    """Compile, or load what was compiled before: for no other types than those that the executor has.

    What was kept and cannot be read, as after a full disk, is compiled again.
    """
    where = replay.stats.cache_path
    assert where is not None  # it was decorated with cache=True
    folder = Path(where)
    kept = f"{replay.__module__}.*.nb[ic]"  # Numba's index, and the code
    if any(folder.glob(kept)):
        try:
            _load(replay)
            return
        except Exception as error:  # a pickle that is cut off raises whatever its bytes say
            print(f"chainrule: cannot read the Numba kernels kept in {folder}: {quoted(error)}", file=sys.stderr)
            for file in folder.glob(kept):
                file.unlink(missing_ok=True)  # another process may be doing the same
    start = time.perf_counter()
    message = f"chainrule: compiling the Numba kernels, once; they are kept in {folder} …"
    print(message, end=" ", file=sys.stderr, flush=True)
    _load(replay)
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)


def _load(replay: Replay) -> None:
    """From the folder of the cache, or if there is nothing compile and keep it."""
    from numba import float64, uint64

    row, table = float64[::1], float64[:, ::1]
    replay.compile((uint64[::1], row, row, table, table, row))
    replay.disable_compile()


def _written(name: str, text: str) -> Path:
    """The file with the text, in the folder of the cache."""
    for folder in _folders():
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != text.encode():
                handle, written = tempfile.mkstemp(dir=folder)
                with open(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                os.utime(written, (0, 0))  # Numba's cache goes by the time: the same, whichever process writes it
                os.replace(written, path)
            return path
        except OSError:
            continue
    raise AssertionError("there is always a temporary folder")


def _folders() -> Iterator[Path]:
    """Where the cache may be; the last is a new folder that only this process uses, and nobody else can write to."""
    if "NUMBA_CACHE_DIR" in os.environ:
        yield Path(os.environ["NUMBA_CACHE_DIR"]) / "chainrule"
    else:
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chainrule"
    folder = tempfile.mkdtemp(prefix="chainrule-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    yield Path(folder)
