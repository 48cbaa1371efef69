"""When Python asks a node for its number: showing it and comparing it are allowed, computing with it is refused.

``"%.3f" % v`` calls ``float(v)`` to show the number. ``math.exp(v)`` calls it to compute with the number alone: the
graph would end there, and the derivative be lost without a word. In the same way ``a >= b`` compares two numbers, and
``np.maximum(A, B)`` compares them to choose one. The bytecode instruction that the caller executes tells these apart.
"""

from __future__ import annotations

import sys

from .contexts.watching import OPEN, recording
from .errors import RecordingError
from .node import Node
from .number import is_array, is_number, number, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Self


class Guarded(Node):
    """What Python and NumPy ask of a number, asked of a node."""

    __slots__ = ()

    # -- comparisons --------------------------------------------------------------------------------------

    def __lt__(self, other: object) -> bool:
        return compared(self, "<", other) < plain(other)

    def __le__(self, other: object) -> bool:
        return compared(self, "<=", other) <= plain(other)

    def __gt__(self, other: object) -> bool:
        return compared(self, ">", other) > plain(other)

    def __ge__(self, other: object) -> bool:
        return compared(self, ">=", other) >= plain(other)

    def __eq__(self, other: object) -> bool:
        return self is other if isinstance(other, Node) else self._other("==", other)

    def __ne__(self, other: object) -> bool:
        return self is not other if isinstance(other, Node) else self._other("!=", other)

    __hash__ = object.__hash__

    def _other(self, sign: str, other: object) -> Any:
        """``==`` and ``!=`` with what is no node: TypeError for a number, which no node equals; else Python decides."""
        if is_number(other):
            compared(self, sign, other)
            raise TypeError(
                f"{quoted(self)} {sign} {quoted(other)}: a node equals itself only, so this would never be true; "
                f"to compare the numbers write v.data {sign} {quoted(other)}"
            )
        return NotImplemented

    def __bool__(self) -> bool:
        raise TypeError("a Value is neither true nor false: write v.data != 0, or v is not None")

    # -- as a number ---------------------------------------------------------------------------------------
    # What is shown to people is the number. What would go on computing with the number alone is refused: the
    # derivative would get lost without a word.

    def __format__(self, how: str) -> str:
        return format(self.data, how) if how else str(self)

    def __round__(self, digits: int | None = None) -> float:
        return round(self.data, digits)

    def __float__(self) -> float:
        if formats(sys._getframe(1)):  # "%.3f" % v asks for a float, too
            return self.data
        raise no_number(self, "float")

    def __int__(self) -> int:
        if formats(sys._getframe(1)):
            return int(self.data)
        raise no_number(self, "int")

    def __complex__(self) -> complex:
        raise no_number(self, "complex")

    def item(self) -> float:
        """Refused, as ``float`` is: the number is ``data``."""
        raise no_number(self, "item")

    @property
    def _mask(self) -> None:
        """Refused: NumPy's masked arrays take ``_data`` of what they meet for its numbers, and ask for this next."""
        raise TypeError(
            "a masked array would compute with the number of a Value alone: write A.filled(0) or A.compressed() for it"
        )

    def conjugate(self) -> Self:
        """Itself, as for every real number: NumPy's var and vdot ask for it."""
        return self


REMAINDERS = (6, 19)
"""The arguments of the instruction BINARY_OP that say % and %=, from Python 3.11 on."""


def formats(frame: FrameType) -> bool:
    """Whether the frame executes ``text % values``, or ``text %= values``."""
    from opcode import opmap

    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at] == opmap["BINARY_OP"] and code[at + 1] in REMAINDERS


def compares(frame: FrameType) -> bool:
    """Whether the frame executes a comparison, ``x >= y``; if a function written in C compares, it executes a call."""
    from opcode import opmap

    return frame.f_code.co_code[frame.f_lasti] == opmap["COMPARE_OP"]


def compared(x: Node, sign: str, other: object) -> float:
    """The number to compare; RecordingError inside a recording, whose other examples may compare otherwise."""
    if OPEN and recording():
        a, b = (v.label or f"{v._data:g}" if isinstance(v, Node) else repr(v) for v in (x, other))
        difference = f"{a} - {b}" if sign in ("==", "!=") else f"step({a} - {b})"
        says = "differs from" if sign in ("==", "!=") else "is greater than"
        raise RecordingError(
            f"{a} {sign} {b}: while a function is recorded, a comparison would decide for all examples at once. "
            f"Choose with a node: where({difference}, u, v) is u where {a} {says} {b}, else v; "
            "or use maximum, minimum, clip, relu, abs, take"
        )
    # np.maximum, np.clip and np.max ask with >= and <=; np.sign and max(v, 0) compare with 0. What sorts, or looks for
    # the place of the largest, asks with < and > of two Values, and loses nothing.
    by_zero = sign in ("<", ">") and type(other) is int and other == 0
    if (sign in ("<=", ">=") or by_zero) and not compares(sys._getframe(2)):
        raise TypeError(
            f"{quoted(x)} {sign} {quoted(other)}, asked by a function (np.maximum, np.clip, np.max, np.sign, max, …): "
            "the numbers of now would choose, and the operation be missing in the graph. Write autograd.maximum, "
            "minimum, clip, sign or relu, which take arrays too, amax(list) for the largest; to compare, the operator: "
            "A > 0"
        )
    return x._data


def plain(x: Any) -> float:
    """The number in a Value, or the number itself; an array, to be compared element by element, stays one."""
    if isinstance(x, Node):
        return x._data
    return x if is_array(x) else number(x)


def no_number(x: Node, what: str) -> TypeError:
    """Why a node is not converted to a float, an int, ..."""
    return TypeError(
        f"{what} of {quoted(x)} would leave the graph: write v.data for the number, or a function of autograd, "
        "autograd.exp(v) in place of math.exp(v), to go on with the node"
    )


OWN_OPERATION = (
    'an operation of your own is declared once, as in cube = autograd.operation("cube", "x", "x**3", ["3*x**2"]), '
    "and called, cube(v); it gets its backward pass from there"
)


def require_label(label: object, result_of: object) -> None:
    """Raise TypeError for what is no label: micrograd's constructor has the children of a node in its place."""
    if result_of or isinstance(label, tuple | set | list):
        raise TypeError(f"Value(data, label) makes a leaf, not the result of {quoted(result_of)}: {OWN_OPERATION}")
    if not isinstance(label, str):
        raise TypeError(f"a label is text, not {quoted(label)} ({type(label).__name__})")
