"""How numbers are written, from all their digits to four."""

from __future__ import annotations

import math


def exact(x: float) -> str:
    """The shortest text that reads back as x: ``3``, ``0.1``, ``1e-07``, ``inf``."""
    return repr(x).removesuffix(".0")


def short(x: float, most: int = 7) -> str:
    """Up to so many significant digits and a real minus sign.

    >>> short(2 / 3), short(-1e-7), short(-0.0)
    ('0.6666667', '−1e−07', '0')
    """
    return f"{x + 0.0:.{most}g}".replace("-", "−")  # + 0.0: never -0


def told_apart(x: float, y: float) -> tuple[str, str]:
    """Two numbers beside each other: as ``short`` writes them, or with as many more digits as tell them apart.

    What rounding may have made, a relative difference of 1e-9, is none.

    >>> told_apart(0.5, 0.25), told_apart(1 / 3, 0.33333334), told_apart(0.1 + 0.2, 0.3)
    (('0.5', '0.25'), ('0.33333333', '0.33333334'), ('0.3', '0.3'))
    """
    for digits in range(7, 18):
        texts = short(x, digits), short(y, digits)
        if texts[0] != texts[1] or math.isclose(x, y, rel_tol=1e-9):
            break
    return texts


def digits(x: float) -> str:
    """Four significant digits and a real minus sign, never −0; ``digits`` in viz/static/arithmetic.js writes the same.

    >>> digits(6.0), digits(-0.125), digits(-123456.0), digits(1e-7), digits(-0.0)
    ('6', '−0.125', '−1.235e5', '1e−7', '0')
    """
    return format_number(x + 0.0)


def format_number(x: float) -> str:
    """A number as the pictures show it: four significant digits, and −0 where the number is that.

    >>> format_number(6.0), format_number(-0.1 - 0.2), format_number(123456789.0), format_number(1e-300)
    ('6', '−0.3', '1.235e8', '1e−300')
    """
    mantissa, e, exponent = f"{x:.4g}".partition("e")
    return f"{mantissa}{e}{int(exponent) if e else ''}".replace("-", "−")
