"""Predict, then run: what you wrote down beside what is so."""

import math


def compare(yours, right, digits=4):
    """Print both, line by line, and a ✓ where they agree to 5 %; ``...`` is a prediction left open.

    ``yours`` and ``right`` are dicts with the same names; of numbers, or of words.
    """
    width = max(map(len, right))
    print(f"{'':{width}}  {'yours':>10}  {'right':>10}")
    for name, answer in right.items():
        guess = yours.get(name, ...)
        verdict = "" if guess is ... else "✓" if agree(guess, answer) else "✗"
        print(f"{name:{width}}  {shown(guess, digits):>10}  {shown(answer, digits):>10}  {verdict}".rstrip())


def agree(guess, answer):
    if isinstance(answer, str) or isinstance(guess, str):
        return str(guess).strip().lower() == str(answer).lower()
    return math.isclose(guess, answer, rel_tol=0.05, abs_tol=1e-12)


def shown(x, digits):
    if x is ...:
        return "…"
    return x if isinstance(x, str) else f"{x:.{digits}g}".replace("-", "−")
