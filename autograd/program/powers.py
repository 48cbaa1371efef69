"""Powers with a constant exponent as products, quotients and roots, with IEEE 754's answers for the power.

``**`` is a call of libm's ``pow`` for each number, forward, and once more backward. Each exponent that people write has
a row here instead. They are no rows of the public table: to readers x³ stays x³. What the tests hold them to:

- Nothing overflows or is lost on the way. The powers of x between x and xⁿ lie between them in size, and those of 1/x
  between 1/x and x⁻ⁿ: so x⁻² is (1/x)·(1/x), for 1/(x·x) would be 0 at x = 1e160, where the answer is 1e-320.
- √x is what x**0.5 is, but for the two numbers where ``pow`` says otherwise: it makes +0 of −0, and inf of −inf.
"""

from __future__ import annotations

from ..table.op import Op
from ..table.ops import OPS, POW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tape import Tape

LARGEST, SMALLEST = 8, -4
"""Between them every whole exponent has a row. The last bit of a product is wrong more often with each factor."""


def _chain(x: str, n: int) -> str:
    """The lines that multiply x up to xⁿ, each power of two halves: ``x2 = x*x; x3 = x*x2; y = x2*x2``."""
    names = [x if k < 2 else f"{x}{k}" for k in range(n)] + ["y"]
    return "; ".join([f"{names[k]} = {names[k // 2]}*{names[k - k // 2]}" for k in range(2, n + 1)])


def _product(n: int) -> Op:
    """xⁿ for n > 2; its derivative is n·xⁿ⁻¹, of the same products."""
    return Op(f"x**{n}", "x", f"x**{n}", [f"{n}*x**{n - 1}"], computed=f"{_chain('x', n)}; dx = {n}*x{n - 1}")


def _quotient(n: int) -> Op:
    """x⁻ⁿ for n > 1. Its derivative is −n·(y/x): where y is so small that it has lost digits, that is 0."""
    lines = f"r = 1/x; {_chain('r', n)}; dx = -{n}*(y/x)"
    return Op(f"x**-{n}", "x", f"x**-{n}", [f"-{n}*x**-{n + 1}"], computed=lines)


ROOT = Op("x**0.5", "x", "x**0.5", ["0.5*x**-0.5"], computed="y = inf if x == -inf else abs(sqrt(x)); dx = 0.5/y")
ROOT_OF_RECIPROCAL = Op("x**-0.5", "x", "x**-0.5", ["-0.5*x**-1.5"],
    computed="y = 0 if x == -inf else 1/abs(sqrt(x)); dx = -0.5*(y/abs(x))")  # fmt: skip

ROWS: dict[float, Op] = {
    2.0: OPS["square"],
    **{float(n): _product(n) for n in range(3, LARGEST + 1)},
    -1.0: OPS["reciprocal"],
    **{float(-n): _quotient(n) for n in range(2, -SMALLEST + 1)},
    0.5: ROOT,
    -0.5: ROOT_OF_RECIPROCAL,
}
"""The operation that takes the place of ``x**exponent``, by the exponent."""


def multiply_powers(tape: Tape) -> Tape:
    """A power whose exponent is a number becomes the operation of that exponent; x¹ is x, and x⁰ is 1, even of nan."""
    if POW not in tape.ops:
        return tape
    exponents = {
        i: tape.constants[args[1]]
        for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True))
        if op is POW and ((b := tape.constants.get(args[1])) in ROWS or b in (0, 1))
    }
    if not exponents:
        return tape

    def multiplied(i: int, new: Tape, moved: list[int]) -> int:
        exponent, x = exponents[i], moved[tape.args[i][0]]
        if exponent in ROWS:
            return new.node(ROWS[exponent], (x,))
        return x if exponent == 1 else new.constant(1.0)

    return tape.rewritten(exponents, multiplied)
