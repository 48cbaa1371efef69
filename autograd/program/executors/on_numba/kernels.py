"""The text of the module that Numba compiles.

What is compiled, once for the whole table, is an interpreter. Its code has an instruction per block: an operation, and
where the numbers of its k nodes stand. The loops of each operation are written from its row by ``table/compiled.py``.
"""

from __future__ import annotations

import inspect
from functools import cache

from ....table.compiled import Text, kernel, something_flows
from ....table.op import Op
from ....table.ops import OPS
from ...powers import ROWS
from ...tape import AFFINE, SPREAD
from . import functions, loops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

COPY = Op("copy", "x", "x", ["1"])
"""Numbers that stand here and there, once more in a row: the loops want regular places."""

COMMON = """
    + - * / ** neg abs exp expm1 log log1p sqrt sin cos tan erf tanh sigmoid log_sigmoid softplus relu leaky_relu prelu
    step sign maximum minimum clip where take sum mean dot amax logsumexp softmax log_softmax
"""
"""The rows that every module has, besides those of powers, so that nearly all programs share one.

Each takes its time to compile.
"""

HEAD = """

# --- from here on made by kernels -------------------------------------------------------------------------------------

from math import acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, erf, erfc, expm1, hypot, inf, isfinite
from math import log10, log2, nan, pi, sin, sinh, sqrt, tan

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
    "inlined": ["sign", "power_of_two", "exp", "log", "log1p", "tanh"],
    "plain": ["position", "cbrt", "mod", "fill_inputs", "fill_outputs", "fill_adjoints", "fill_gradients"],
    "spliced": ["rounded", "instructions", "forward", "backward"],
    "summing": ["add_product", "add_product_transposed", "spread", "spread_back", "affine", "affine_back"],
    "entry": ["replay"],
}
"""How these functions are compiled; the others of ``loops`` get other bodies here."""


def table(ops: Iterable[Op | None]) -> tuple[Op, ...]:
    """The rows of the module for a program of these operations: the common ones and its own, in the table's order."""
    chosen = {*ops, *map(OPS.get, COMMON.split()), *ROWS.values()}
    return tuple(op for op in dict.fromkeys([*OPS.values(), *ROWS.values()]) if op in chosen)


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
    text.add(inspect.getsource(loops), inspect.getsource(functions), HEAD, f"FIRST_VALUE = U({numbers[COPY]})")
    for decorator, decorated in DECORATED.items():
        text.add(*[f"{function} = {decorator}({function})" for function in decorated])
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
    row; as bits which operands get adjoints, and which of these are the first that their rows get; of each operand the
    first place and the step from node to node, of a list from element to element.
    """
    text.depth += 1
    for i, name in enumerate(["op", "_", "records", "size", "n", "shared"]):
        text.add(f"_{name} = _code[_at + U({i})]")
    text.add("_each0, _count, _end = U(1), float(_n), U(_v.size) - U(2)")
    with text.block("for _ in range(_records):"):
        text.add("_nodes, _out = _code[_at + U(6)], _base + _code[_at + U(7)] * _width")
        text.add("_wanted, _first = _code[_at + U(8)], _code[_at + U(9)]")
        for i in range(most_inputs(kernels)):
            place, step = f"_code[_at + U({10 + 2 * i})]", f"_code[_at + U({11 + 2 * i})]"
            text.add(f"_at{i}, _step{i}, _next{i} = _base + {place} * _width, {step}, {step} * _width")
        with text.block("if _shared:"):
            text.add("_at0, _next0, _each0 = _code[_at + U(10)], _step0, U(0)")
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
