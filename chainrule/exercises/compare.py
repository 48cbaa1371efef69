"""Predict, then run: what you wrote down beside what is so."""

from __future__ import annotations

from collections.abc import Mapping

from autograd import FormulaError

from .questions import is_close, numeric, short

CLOSE = 0.05  # a prediction is not a measurement
OPEN = "write yours, then run this cell again"


def compare(
    yours: Mapping[str, object],
    right: Mapping[str, object],
    why: str | Mapping[str, str | Mapping[str, str]] | None = None,
    digits: int = 4,
) -> None:
    """Print predictions beside what is right, with a ✓ where they agree (to 5 %, of numbers), else a ✗ and why.

    ``yours`` and ``right`` have the same names; what they name are numbers, or words. Of a prediction that is still
    ``...`` nothing is told. ``why`` is the reason, or gives reasons by name: one for whatever is wrong, or one for each
    wrong answer. Raises TypeError for reasons of other names.

    >>> compare({"z": 40, "sign": ..., "a": 0.5}, {"z": 10, "sign": "no", "a": 0.5}, why={"z": {"40": "b is missing."}})
          yours  right
    z        40     10  ✗  b is missing.
    sign      …      …     write yours, then run this cell again
    a       0.5    0.5  ✓
    """
    reasons = dict.fromkeys(right, why) if isinstance(why, str) else why or {}
    if not reasons.keys() <= right.keys():
        raise TypeError(f"why gives reasons for {', '.join(right)}, not for {', '.join(reasons.keys() - right.keys())}")
    rows = [("", "yours", "right", "", "")]
    for name, answer in right.items():
        guess = yours.get(name, ...)
        if guess is ...:
            rows.append((name, "…", "…", "", OPEN))
        else:
            agrees = agree(guess, answer)
            reason = "" if agrees else reason_of(guess, reasons.get(name, ""))
            rows.append((name, said(guess, digits), said(answer, digits), "✓" if agrees else "✗", reason))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, guess, answer, mark, reason in rows:
        line = f"{name:{widths[0]}}  {guess:>{widths[1]}}  {answer:>{widths[2]}}  {mark:{widths[3]}}  {reason}"
        print(line.rstrip())


def agree(guess: object, right: object, within: float = CLOSE) -> bool:
    """Whether they are the same word, or numbers that are close to each other."""
    if isinstance(right, str):
        return str(guess).strip().lower() == right.lower()
    try:
        return is_close(numeric(guess), numeric(right), within)
    except (TypeError, FormulaError):
        return False


def reason_of(guess: object, why: str | Mapping[str, str]) -> str:
    """Why a guess is wrong, if that is known."""
    if isinstance(why, str):
        return why
    return next((reason for wrong, reason in why.items() if str(guess) == wrong or agree(guess, number_in(wrong))), "")


def number_in(text: str) -> object:
    """The number that a text is, else the text."""
    try:
        return numeric(text)
    except FormulaError:
        return text


def said(x: object, digits: int) -> str:
    try:
        return short(x) if isinstance(x, str) else f"{numeric(x):.{digits}g}".replace("-", "−")
    except TypeError:
        return short(x)
