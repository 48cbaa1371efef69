"""Numbers as they are written: a claim of numbers is right to the digits that it has.

``-0.44`` says that the derivative, rounded to two decimals, is −0.44. So it is right for −0.4378, and ``-0.45`` is
wrong. Zeros at the end of a text count (``0.30`` has two decimals); a float of Python has the digits of its ``repr``,
without the ``.0`` of whole numbers.

What is computed in single precision is right if it agrees to seven digits: |x − d| ≤ 5e-7·|d| (Higham, Accuracy and
Stability of Numerical Algorithms, §1.2), or to as many as terms that cancel leave of them. Such are NumPy's float32,
a float that one of them has been made of, and what NumPy prints of one, with eight or nine digits.

Numbers that are still to be computed, ``2*0.56*(1-0.56)``, have no digits of their own. There each decimal fraction
may be off by half a unit of its last digit, unless it is a number of the graph, and the result by what that makes
of it, as long as its first digit is right. Whole numbers are exact, and so is 0.5.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral

from ..number import number
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

EXACT = 1e-8  # the relative difference that is none: of formulas, and of numbers with more digits than MOST
MOST = 8  # digits that are counted
SINGLE = 5e-7  # the relative difference of numbers that agree to seven digits
_SINGLE_NOISE = (
    2.0**23
)  # how many times the noise of double precision (``Point.rounding``) a unit of single precision is
_NUMBER = re.compile(r"(?<![\w.])(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class Written:
    """A number, and what it says: that the derivative is so much, to half a ``unit``.

    ``digits``    how many significant ones it is written with; if it is computed, the least of what it is made of
    ``single``    whether it is a number of single precision
    ``computed``  whether it is the result of others
    """

    value: float
    unit: float
    digits: int
    single: bool = False
    computed: bool = False

    def agrees(self, right: float, noise: float) -> str | None:
        """How far it is the right value: "" for all digits, "to 2 digits"; None if it is not.

        Rounding may have moved the right value by ``noise``.
        """
        off, size = abs(self.value - right), max(abs(self.value), abs(right))
        close = EXACT if self.digits > MOST or self.computed else 1e-12
        if off <= close * size or (self.value == 0 and off <= noise):
            return ""
        half = self.unit / 2
        if self.computed and right and math.isfinite(right):  # at least one digit must be right
            half = min(half, 0.5 * 10.0 ** math.floor(math.log10(abs(right))))
        single = self._agrees_singly(right, noise)
        if single and self.digits < 8:
            return single
        if off <= half * (1 + 1e-9) + min(noise, half) and self._reaches(abs(right) + noise):
            digits = self.digits
            if self.computed:
                digits = min(digits, 1 + math.floor(math.log10(max(abs(right) / self.unit, 1.0))))
            return _to_digits(digits)
        return single

    def _agrees_singly(self, right: float, noise: float) -> str | None:
        off = abs(self.value - right)
        if not self.single or off > max(SINGLE * abs(right), _SINGLE_NOISE * noise):
            return None
        relative = off / (5 * abs(right)) if right else 1.0
        return f"{_to_digits(max(1, math.floor(-math.log10(max(relative, 1e-7)))))} (float32)"

    def _reaches(self, size: float) -> bool:
        """Whether a number of this size, rounded to one digit, reaches a unit: 0.96 is 1, and 0.6 is not."""
        return self.value != 0 and size >= 0.95 * self.unit * (1 - 1e-9)

    @property
    def tolerance(self) -> float:
        """The largest relative difference of a number that is written so."""
        if not self.value or not math.isfinite(self.value):
            return EXACT
        return max(EXACT, 0.5 * self.unit / abs(self.value), SINGLE if self.single else 0.0)


def _to_digits(count: int) -> str:
    return f"to {count} {'digit' if count == 1 else 'digits'}"


def written(what: object) -> list[Written]:
    """The numbers of a claim in order of rows: of a number, or of lists and arrays of them."""
    return [_of(x) for x in _flat(what)]


def in_text(text: str, value: float) -> Written | None:
    """A number as the text has it that comes to this value; None if it is made of others."""
    digits = _NUMBER.findall(text)
    is_alone = len(digits) == 1 and float(digits[0]) == abs(value)
    return _from_digits(digits[0], -1 if value < 0 else 1) if is_alone else None


def fractions(text: str) -> dict[float, Written]:
    """The decimal fractions of a text but 0.5; of 0.3 and 0.30 the one with fewer digits."""
    found: dict[float, Written] = {}
    for digits in _NUMBER.findall(text):
        if _split(digits)[0].partition(".")[2] and float(digits) != 0.5:
            one = _from_digits(digits)
            found[one.value] = min(one, found.get(one.value, one), key=lambda each: each.digits)
    return found


def _split(digits: str) -> tuple[str, int]:
    mantissa, _, exponent = digits.lower().partition("e")
    return mantissa, int(exponent or 0)


def _unit(digits: str) -> float:
    """A unit of the last digit."""
    mantissa, exponent = _split(digits)
    return float(f"1e{exponent - len(mantissa.partition('.')[2])}")


def _from_digits(digits: str, sign: int = 1, single: bool = False) -> Written:
    count = len(_split(digits)[0].replace(".", "").lstrip("0")) or 1
    x = sign * float(digits)
    is_single = single or (count in (8, 9) and float(_in_single(x)) == x)
    return Written(x, _unit(digits), count, is_single)


def _of(x: object) -> Written:
    value = x.data if isinstance(x, Value) else number(x)
    if isinstance(x, Integral) and abs(value) < 10**MOST:
        return _from_digits(str(abs(int(x))), -1 if value < 0 else 1)
    if not math.isfinite(value):
        return Written(value, 0.0, MOST + 1)
    digits = repr(abs(value)).removesuffix(".0")  # which Python adds to every whole number
    single = getattr(getattr(x, "dtype", None), "name", "") == "float32"
    if single or (len(digits) > MOST and float(_single(value)) == value and _from_digits(digits).digits >= MOST):
        digits, single = _in_single(abs(value)), True
    return _from_digits(digits, -1 if value < 0 else 1, single)


def _single(x: float) -> float:
    """The number of single precision next to x; x itself beyond them."""
    try:
        nearest: float = struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return x
    return nearest


def _in_single(x: float) -> str:
    """The fewest digits that tell a number of single precision from its neighbours, as NumPy prints it."""
    single = _single(x)
    return next(text for n in range(1, 10) if _single(float(text := f"{single:.{n}g}")) == single)


def _flat(what: object) -> Iterator[object]:
    """What stands in lists and arrays, row by row; NumPy's numbers as they are."""
    if isinstance(what, Iterable) and getattr(what, "shape", None) != ():
        for row in what:
            yield from _flat(row)
    else:
        yield what
