"""The module of kernels that Numba compiles, and where it is kept.

What is compiled, once for the whole table, is an interpreter. Its code has an instruction per block: an operation, and
where the numbers of its k nodes stand. The loops of each operation are written from its row by ``table/compiled.py``.

The text is a module in a folder, where Numba keeps what it compiles: the next process loads it from there.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import inspect
import os
import shutil
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from ...number import quoted
from ...table.compiled import Text, kernel, something_flows
from ...table.op import Op
from ...table.ops import OPS
from ..tape import AFFINE, SPREAD
from . import numba_loops as loops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from numba.core.dispatcher import Dispatcher

COPY = Op("copy", "x", "x", ["1"])
"""Numbers that stand here and there, once more in a row: the loops want regular places."""

COMMON = """
    + - * / ** neg abs exp expm1 log log1p sqrt sin cos tan erf tanh sigmoid log_sigmoid softplus relu leaky_relu prelu
    step sign maximum minimum clip where take sum mean dot amax logsumexp softmax log_softmax
"""
"""The rows that every module has, so that nearly all programs share one: each takes its time to compile."""

HEAD = """

# --- from here on made by numba_kernels -------------------------------------------------------------------------------

from math import acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, erf, erfc, expm1, hypot, inf, isfinite
from math import log, log10, log1p, log2, nan, pi, sin, sinh, sqrt, tan

from numba import njit
from numpy import exp2, floor, rint as round

plain = njit(error_model="numpy", fastmath=False)
inlined = njit(error_model="numpy", fastmath=False, forceinline=True)
spliced = njit(inline="always")
# Terms may be added in another order, and a product and a sum be rounded once; inf and nan stay what they are.
summing = njit(error_model="numpy", fastmath={"contract", "reassoc"})
entry = njit(error_model="numpy", fastmath=False, nogil=True, cache=True)
"""
DECORATED = {
    "inlined": ["sign", "power_of_two", "exp", "tanh"],
    "plain": ["position", "cbrt", "mod", "fill_inputs", "fill_outputs", "fill_adjoints", "fill_gradients"],
    "spliced": ["rounded", "instructions", "forward", "backward"],
    "summing": ["add_product", "add_product_transposed", "spread", "spread_back", "affine", "affine_back"],
    "entry": ["replay"],
}
"""How the functions of ``numba_loops`` are compiled; the others get other bodies here."""


def table(ops: Iterable[Op | None]) -> tuple[Op, ...]:
    """The rows of the module for a program of these operations: the common ones and its own, in the table's order."""
    chosen = {*ops, *map(OPS.get, COMMON.split())}
    return tuple(op for op in OPS.values() if op in chosen)


@cache
def opcodes(*ops: Op) -> dict[Op, int]:
    """The numbers of the operations, for a table with these: those written by hand come first, then those on lists."""
    lists = [op for op in ops if any(op.lists)]
    return {op: i for i, op in enumerate([SPREAD, AFFINE, *lists, COPY, *[op for op in ops if op not in lists]])}


def most_inputs(ops: Iterable[Op]) -> int:
    """How many inputs an operation has, at most."""
    return max([len(op.inputs) for op in ops], default=0)


# --- the module ---------------------------------------------------------------------------------------------


def module_text(*ops: Op) -> str:
    """The module for these operations."""
    numbers = opcodes(*ops)
    text = Text()
    text.add(inspect.getsource(loops), HEAD, f"FIRST_VALUE = U({numbers[COPY]})")
    for decorator, functions in DECORATED.items():
        text.add(*[f"{function} = {decorator}({function})" for function in functions])
    rows = [op for op in numbers if op not in (SPREAD, AFFINE)]
    for on_lists in (True, False):
        some = [op for op in rows if any(op.lists) == on_lists]
        flows = {op: [name for name in op.inputs if something_flows(op, name)] for op in some}
        decorator, name = ("@summing", "list_") if on_lists else ("@plain", "")
        text.add("", "", decorator, f"def {name}values(_v, _code, _at, _base, _width):")
        _interpreter(text, numbers, {op: [""] for op in some})
        text.add("", "", decorator, f"def {name}flows(_v, _a, _code, _at, _base, _width):")
        _interpreter(text, numbers, {op: names for op, names in flows.items() if names})
    return "\n".join([*text.lines, ""])


def _interpreter(text: Text, numbers: dict[Op, int], kernels: dict[Op, list[str]]) -> None:
    """The body of a function that does an instruction: operations, and the inputs to which they flow; "" is the value.

    An instruction: opcode, which operands get adjoints, how many records, length of a record, length of the lists,
    whether all examples share the first operand. A record is of nodes that stand in a row: how many, the first one's
    row; of each operand the first place and the step from node to node, of a list from element to element.
    """
    text.depth += 1
    for i, name in enumerate(["op", "wanted", "records", "size", "n", "shared"]):
        text.add(f"_{name} = _code[_at + U({i})]")
    text.add("_each0, _count, _end = U(1), float(_n), U(_v.size) - U(2)")
    with text.block("for _ in range(_records):"):
        text.add("_nodes, _out = _code[_at + U(6)], _base + _code[_at + U(7)] * _width")
        for i in range(most_inputs(kernels)):
            place, step = f"_code[_at + U({8 + 2 * i})]", f"_code[_at + U({9 + 2 * i})]"
            text.add(f"_at{i}, _step{i}, _next{i} = _base + {place} * _width, {step}, {step} * _width")
        with text.block("if _shared:"):
            text.add("_at0, _next0, _each0 = _code[_at + U(8)], _step0, U(0)")
        word = "if"
        for op, names in kernels.items():
            with text.block(f"{word} _op == U({numbers[op]}):  # {op.name}"):
                for name in names:
                    if name:
                        with text.block(f"if _wanted & U({1 << op.inputs.index(name)}):"):
                            kernel(op, text, name)
                    else:
                        kernel(op, text, name)
            word = "elif"
        text.add("_at += _size")
    text.depth -= 1


# --- the compiled function ----------------------------------------------------------------------------------


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
    replay: Dispatcher[Callable[..., float]] = module.replay
    _compile(replay)
    return replay


def _compile(replay: Dispatcher[Callable[..., float]]) -> None:
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


def _load(replay: Dispatcher[Callable[..., float]]) -> None:
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
