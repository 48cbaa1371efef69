"""Random numbers that a seed fixes for every machine and Python.

Of ``random`` only ``Random.random()`` is drawn from, whose sequence Python promises to keep.
"""

import random
from math import log

from autograd.number import quoted


def generator(seed: int | random.Random | None) -> random.Random:
    """The random numbers of a seed, or the generator itself; without a seed those of ``random.random()``.

    So ``random.seed(1337)`` decides, and U(−1, 1) draws the very numbers of ``random.uniform(-1, 1)``.
    """
    if isinstance(seed, random.Random):
        return seed
    if seed is None:
        return random._inst  # the one behind the functions of the module
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise TypeError(f"a seed is a whole number, not {quoted(seed)} ({type(seed).__name__})")
    return random.Random(int(seed))


def gauss(rng: random.Random) -> float:
    """One number from N(0, 1): a ratio of uniforms (Kinderman & Monahan 1977, ACM TOMS 3, 257).

    The logarithm only decides which candidates to keep, so its last bit, which differs between machines,
    does not show in the result.
    """
    while True:
        u = 1 - rng.random()
        x = 1.7155277699214135 * (rng.random() - 0.5) / u  # √(8/e)
        if x * x <= -4 * log(u):
            return x


def permutation(m: int, rng: random.Random) -> list[int]:
    """0 … m−1 in random order, the same on every Python (``Random.shuffle`` does not promise that)."""
    keys = [rng.random() for _ in range(m)]
    return sorted(range(m), key=keys.__getitem__)
