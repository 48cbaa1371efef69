"""The compiled modules of kernels: each is made once, and kept in a folder, from where the next process loads it.

To compile takes half a minute. A process of its own does it, which runs this module with the path of the kernels' one.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import RLock

from ....number import quoted
from .kernels import module_text
from .process import Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from numba.core.dispatcher import Dispatcher

    from ....table.op import Op

    Replay = Dispatcher[Callable[..., float]]

COMPILING = "compiling the Numba kernels, once; they are kept in"


def require_numba() -> ModuleType:
    """The package; ImportError, with what to install, if it is not there."""
    try:
        import numba
    except ImportError:
        raise ImportError('the executor "numba" needs Numba: pip install "chainrule[fast]"') from None
    return numba


def kernels(*ops: Op) -> Kernels:
    """The kernels of these operations. ImportError without Numba."""
    require_numba()
    return _kernels(*ops)


@cache
def _kernels(*ops: Op) -> Kernels:
    return Kernels(module_text(*ops))


class Kernels:
    """``loops.replay`` of a module with this text: loaded if it is kept, or else compiled.

    ``path``     of the module: in the folder of the cache, or in one that lives as long as this process
    ``folder``   where what is compiled is kept
    """

    def __init__(self, text: str) -> None:
        self.path, self.lasting, self.replay = _written(text)
        where = self.replay.stats.cache_path
        assert where is not None  # it was decorated with cache=True
        self.folder = Path(where)
        self.loaded = self.failed = False
        self.process: Process | None = None
        self.lock = RLock()

    def ready(self) -> bool:
        """Whether the function can be called. If it is not kept, a process of its own begins to compile it.

        When that has finished it is loaded. If it failed a message says so, once.
        """
        with self.lock:
            if self.process is not None and not self.process.ours:
                self.process = None
            if self.loaded or self.failed or (self.process is not None and self.process.running()) or self.load():
                return self.loaded
            if self.process is None:
                self.begin()
            else:
                self.failed = True
                say(f"cannot compile the Numba kernels: {self.process.error()}; NumPy goes on computing\n")
            return self.loaded

    def begin(self) -> None:
        """Let a process of its own compile it; or if there can be none, compile it here."""
        try:
            self.process = Process(__name__, str(self.path), self.lasting)
        except OSError:
            self.compile()
        else:
            say(f"{COMPILING} {self.folder}; until it is done NumPy computes\n")

    def compiled(self) -> Replay:
        """The function, compiled here and now if it has to be."""
        with self.lock:
            if self.process is not None and self.process.ours:
                self.process.wait()
            if not self.loaded and not self.load():
                self.compile()
            return self.replay

    def load(self) -> bool:
        """Load it, if it is kept. What cannot be read, as after a full disk, is removed."""
        kept = f"{self.path.stem}.*.nb"  # Numba's index, nbi; and the code, nbc, which is written last
        if not self.loaded and any(self.folder.glob(f"{kept}c")):
            try:
                compile_or_load(self.replay)
            except Exception as error:  # a pickle that is cut off raises whatever its bytes say
                say(f"cannot read the Numba kernels kept in {self.folder}: {quoted(error)}\n")
                for file in self.folder.glob(f"{kept}[ic]"):
                    file.unlink(missing_ok=True)  # another process may be doing the same
            else:
                self.loaded = True
        return self.loaded

    def compile(self) -> None:
        """Compile it in this process; and keep it, if it can be kept."""
        start = time.perf_counter()
        say(f"{COMPILING} {self.folder} … ")
        try:
            with alone(self.path):
                compile_or_load(self.replay)
        except OSError as error:
            print(f"(they could not be kept: {quoted(error)})", end=" ", file=sys.stderr)
            compile_or_load(self.replay)  # it is compiled, only to keep it failed
        print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
        self.loaded = True


def say(message: str) -> None:
    print(f"chainrule: {message}", end="", file=sys.stderr, flush=True)


def compile_or_load(replay: Replay) -> None:
    """For no other types than those that the executor has. What is compiled is kept, or else OSError."""
    from numba import float64, int64, uint64

    row, table = float64[::1], float64[:, ::1]
    replay.compile((uint64[::1], row, row, table, table, row, int64))
    replay.disable_compile()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time: of several that start together one compiles, and the others find what it has made.

    Where the file cannot be locked each compiles for itself; Numba puts what is finished in its place in one step.
    """
    with open(path) as file:
        try:
            import fcntl  # not on Windows

            fcntl.flock(file, fcntl.LOCK_EX)
        except (ImportError, OSError):
            pass
        yield


def _written(text: str) -> tuple[Path, bool, Replay]:
    """The module with that text, in a folder that can be written to: its path, whether that lasts, its ``replay``.

    The name is of all that what is compiled depends on. OSError if there is no such folder.
    """
    from numba import __version__
    from numba.core.registry import cpu_target

    python = sys.implementation.cache_tag, getattr(sys, "abiflags", "")
    processor = cpu_target.target_context.codegen().magic_tuple()
    key = repr((text, __version__, python, processor))
    name = f"kernels_{hashlib.sha256(key.encode()).hexdigest()[:16]}.py"
    for folder, lasting in _folders():
        try:
            _put(folder / name, text)
            return folder / name, lasting, imported(folder / name)
        except (OSError, RuntimeError):  # Numba's, if it finds no place for what it compiles
            continue
    raise OSError("there is no folder that Numba can keep its kernels in: set NUMBA_CACHE_DIR to one")


def _put(path: Path, text: str) -> None:
    """Write a file, in one step, unless it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == text.encode():
        return
    handle, written = tempfile.mkstemp(dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.utime(written, (0, 0))  # Numba's cache goes by the time: the same, whichever process writes it
        os.replace(written, path)
    except OSError:
        os.unlink(written)
        raise


def imported(path: Path) -> Replay:
    """The function ``replay`` of a module of kernels, not yet compiled."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # where Numba looks for it
    spec.loader.exec_module(module)
    replay: Replay = module.replay
    return replay


def _folders() -> Iterator[tuple[Path, bool]]:
    """Where the cache may be, and whether that lasts.

    The last is a new folder that only this process uses, and nobody else can write to; OSError if there can be none.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        yield Path(os.environ["NUMBA_CACHE_DIR"]) / "chainrule", True
    elif os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"]) / "chainrule", True
    else:
        with suppress(RuntimeError):  # nobody is at home
            yield Path.home() / ".cache" / "chainrule", True
    folder = tempfile.mkdtemp(prefix="chainrule-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    yield Path(folder), False


if __name__ == "__main__":
    module = Path(sys.argv[1])
    with alone(module):
        compile_or_load(imported(module))
