"""What the commands share: how their arguments are read, and how they speak."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Container
from typing import NoReturn, TextIO

from autograd import FormulaError
from autograd.formulas.evaluate import CONSTANTS, evaluate
from autograd.formulas.grammar import names, parse_expression
from autograd.number import quoted, shown

_ASCII = str.maketrans({"∂": "d", "…": "...", "→": "->", "−": "-", "×": "*", "·": "*", "⇒": "=>", "—": "--"})


class CommandError(Exception):
    """The one line that says what is wrong with the command."""


class Parser(argparse.ArgumentParser):
    """An argparse parser that raises CommandError instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{shown(message, 500)} (chainrule --help says more)")


def formulas_last(arguments: list[str], with_value: Container[str]) -> list[str]:
    """The options, ``--``, and then the rest, so that a formula may begin with a minus: ``-a*b``."""
    options: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += left
        elif argument == "-h" or argument.startswith("--"):
            options.append(argument)
            if argument[2:] in with_value:
                options += [value for value in [next(left, None)] if value is not None]
        else:
            rest.append(argument)
    return [*options, "--", *rest]


def assigned(assignments: list[str], example: str = "a=1.5") -> dict[str, str]:
    """What stands right of each ``a=5``. Raises CommandError, also for a name that is given twice."""
    found: dict[str, str] = {}
    for assignment in assignments:
        name, _, text = (part.strip() for part in assignment.partition("="))
        if not name or not text:
            raise CommandError(f"expected name=number, such as {example}, not {quoted(assignment)}")
        if name in found:
            raise CommandError(f"{shown(name)} is given twice")
        found[name] = text
    return found


def values(assignments: list[str]) -> dict[str, float]:
    """The numbers of ``a=5 b=1/3``. Raises CommandError."""
    numbers: dict[str, float] = {}
    for name, text in assigned(assignments).items():
        if not name.isidentifier():
            raise CommandError(f"expected name=number, such as a=1.5, not {quoted(f'{name}={text}')}")
        numbers[name] = constant(name, text)
    return numbers


def constant(name: str, text: str) -> float:
    """The number that a text such as ``1/3`` comes to, for this name. Raises CommandError."""
    try:
        tree = parse_expression(text)
    except FormulaError as error:
        raise CommandError(f"{shown(f'{name}={text}')}: {error}") from None
    if not set(names(tree)) <= CONSTANTS.keys():
        raise CommandError(f"a value is a number, such as {shown(name)}=1.5, not {quoted(f'{name}={text}')}")
    return evaluate(tree, CONSTANTS)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print, also where the terminal's encoding lacks a sign."""
    stream = stream or sys.stdout
    if stream is None:  # closed
        return
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    print(text, file=stream)
