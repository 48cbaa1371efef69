"""Functions of ``table/arithmetic.py``, in steps that SIMD registers can take.

What becomes of this text says ``loops``.
"""

import math

import numpy as np


def sign(x: float) -> float:
    """−1, 1, or the zero or nan itself."""
    return 1.0 if x > 0 else -1.0 if x < 0 else x + 0.0 if x == 0 else math.nan


def exp(x: float) -> float:
    """2ⁿ·eʳ with |r| ≤ ½ log 2, and Taylor's series for eʳ; what is subtracted from x is n·log 2, in two parts."""
    n = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10
    y = 1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r / 6227020800))
    y = 1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * y)))
    y = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * y)))))
    half = np.floor(0.5 * n)  # 2ⁿ may be no normal float where the result is one
    return y * power_of_two(half) * power_of_two(n - half) if abs(x) < 1000 else 0.0 if x < 0 else x * math.inf


def power_of_two(n: float) -> float:
    """2ⁿ for whole n: the last bits of 2⁵² + n + 1023 go to where a float has its exponent."""
    return np.int64(np.float64(n + 4503599627371519.0).view(np.int64) << 52).view(np.float64)


def log(x: float) -> float:
    """n·log 2 + log(1 + f), with 1 + f from √½ to √2, for which fdlibm (Sun, 1993) has a series in f/(2 + f)."""
    tiny = abs(x) < 2.2250738585072014e-308  # no normal float: its exponent is not to be read
    bits = np.float64(x * 18014398509481984.0 if tiny else x).view(np.int64)
    exponent = (bits - 0x3FE6A09E667F3BCD) >> 52  # beside that of √½
    n = np.int64(exponent + 0x4338000000000000).view(np.float64) - 6755399441055744.0  # the last bits of 1.5·2⁵² + n
    n = n - 54 if tiny else n
    f = np.int64(bits - (exponent << 52)).view(np.float64) - 1
    s = f / (2 + f)
    z = s * s
    w = z * z
    p = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
    q = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
    h = 0.5 * f * f
    y = n * 0.6931471803691238 - ((h - (s * (h + (p + q)) + n * 1.9082149292705877e-10)) - f)
    return y if 0 < x < math.inf else x if x == math.inf else -math.inf if x == 0 else math.nan


def log1p(x: float) -> float:
    """log u + log((1 + x)/u) for u = 1 + x, as it is rounded: the second is (1 + x − u)/u."""
    u = 1 + x
    return x if u == 1 else log(u) + (x - (u - 1)) / u if 0 < u < math.inf else log(u)


def tanh(x: float) -> float:
    """Near 0 the quotient of polynomials of Cephes (S. L. Moshier), elsewhere 1 − 2/(exp(2|x|) + 1)."""
    s = x * x
    p = (-0.9643991794250523 * s - 99.28772310019185) * s - 1614.6876844170845
    q = ((s + 112.81167849163293) * s + 2235.4883906010045) * s + 4844.063053251255
    far = 1 - 2 / (exp(2 * abs(x)) + 1)
    return x * (1 + s * p / q) if s < 0.390625 else -far if x < 0 else far


def cbrt(x: float) -> float:
    """A power, which is right to some digits, and one step of Newton's method."""
    y = math.copysign(abs(x) ** (1 / 3), x)
    return y - (y - x / (y * y)) / 3 if 0 < abs(x) < math.inf else y


def mod(a: float, b: float) -> float:
    """The remainder with the sign of the divisor."""
    rest = np.fmod(a, b)
    return math.copysign(0.0, b) if rest == 0 else rest + b if (rest < 0) != (b < 0) else rest
