"""What the code that called is doing, where Python asks a Value the same question for different reasons.

``"%.3f" % v`` asks for ``float(v)`` to show it, ``math.exp(v)`` to compute with it; ``a >= b`` compares two numbers,
``np.maximum(A, B)`` does so to choose. The instruction that the caller is at tells them apart.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

REMAINDERS = (6, 19)
"""The arguments of the instruction BINARY_OP that say % and %=, from Python 3.11 on."""


def formats(frame: FrameType) -> bool:
    """Whether that code is at ``text % values``, or ``text %= values``."""
    from opcode import opmap

    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at] == opmap["BINARY_OP"] and code[at + 1] in REMAINDERS


def compares(frame: FrameType) -> bool:
    """Whether that code compares itself, ``x >= y``, and did not call a function compiled from C that does."""
    from opcode import opmap

    return frame.f_code.co_code[frame.f_lasti] == opmap["COMPARE_OP"]
