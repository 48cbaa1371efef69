"""The command line: ``chainrule "3*(a + b*c)" a=5 b=3 c=2 --svg graph.svg``, or ``python -m chainrule ...``.

Prints the values and the gradients of a formula's graph, and draws it. ``chainrule check`` marks hand-derived
gradients, with exit code 0 if all are right, else 1. What cannot be read or written is one line on standard error
and exit code 2.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

import autograd
from autograd import FormulaError, Value, graph
from autograd.formulas.evaluate import CONSTANTS, evaluate
from autograd.formulas.grammar import names, parse_expression
from autograd.formulas.naming import Names
from autograd.formulas.parse import parse
from autograd.formulas.text import name, to_text
from autograd.number import quoted, shown
from autograd.steps.trace import trace

FILES = {"svg": "draw the graph as SVG", "png": "as PNG", "pdf": "as PDF", "dot": "as DOT"}
FILES |= {"html": "write the steps of backprop as a page to click through, offline"}
_ASCII = str.maketrans({"∂": "d", "…": "...", "→": "->", "−": "-", "×": "*", "·": "*", "⇒": "=>", "—": "--"})


class CommandError(Exception):
    """The one line that says what is wrong with the command."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{shown(message, 500)} (chainrule --help says more)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns 0, 1 for a wrong claim, 2 for what cannot be read or written. Raises for none."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    code = 0
    try:
        if not arguments:
            _say(_parser().format_usage().strip(), sys.stderr)
            return 2
        if _means_check(arguments):
            code = _check(_check_parser().parse_args(_formulas_last(arguments[1:])))
        else:
            _evaluate(_parser().parse_args(_formulas_last(arguments)))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (| head) has seen enough; the exit flush must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # of the output: a full disk, say
        _say(f"chainrule: cannot write the output: {error.strerror}", sys.stderr)
        return 2
    except (FormulaError, CommandError) as error:
        _say(f"chainrule: {error}", sys.stderr)
        return 2
    return code


def _parser() -> _Parser:
    parser = _Parser(
        prog="chainrule",
        allow_abbrev=False,
        description="The values and gradients of a formula, and a picture of its computation graph.",
        epilog='example: chainrule "u = b*c; v = a + u; J = 3*v" a=5 b=3 c=2 --svg graph.svg; '
        "chainrule check --help says how to check hand-derived gradients",
    )
    parser.add_argument("formula", help="an expression, or definitions separated by ';'; * is written, a power is **")
    parser.add_argument("values", nargs="*", metavar="name=number", help="one for each name of the formula")
    parser.add_argument("--steps", action="store_true", help="print every step of forward and backward")
    for kind, what in FILES.items():
        parser.add_argument(f"--{kind}", metavar="FILE", help=what)
    parser.add_argument("--version", action="version", version=f"chainrule {autograd.__version__}")
    return parser


def _check_parser() -> _Parser:
    parser = _Parser(
        prog="chainrule check",
        allow_abbrev=False,
        description="Check hand-derived gradients of a formula, and say what is wrong with them.",
        epilog='example: chainrule check "u = b*c; J = 3*(a + u)" --at a=5,b=3,c=2 --claim "db = 3*c" --claim "du = 3"',
    )
    parser.add_argument("formula", help="an expression, or definitions separated by ';'")
    parser.add_argument("--at", metavar="NAME=NUMBER,...", action="append", default=[], help="a value for each name")
    parser.add_argument("--claim", metavar="dNAME=FORMULA", action="append", default=[], help="one for each gradient")
    return parser


def _means_check(arguments: list[str]) -> bool:
    """Whether this is the command ``check``, not a formula of that name: then ``check=...`` gives it a value."""
    return arguments[0] == "check" and not any(word.replace(" ", "").startswith("check=") for word in arguments)


def _check(options: argparse.Namespace) -> int:
    """Print the report; 0 if every claim is right, else 1."""
    from autograd.by_hand.check import check

    if not options.claim:
        raise CommandError('nothing is claimed: add --claim "dw1 = x1*(a - y)"')
    claims: dict[str, str] = {}
    for text in options.claim:
        name, equals, formula = (part.strip() for part in text.partition("="))
        if not equals or not formula:
            raise CommandError(f"a claim is name = formula, such as dw1 = x1*(a - y), not {quoted(text)}")
        if name in claims:
            raise CommandError(f"{shown(name)} is claimed twice")
        claims[name] = formula
    root = parse(options.formula, **_values([word for at in options.at for word in at.split(",")]))
    report = check(root, claims)
    _say(str(report))
    if any(answer.verdict == "unreadable" for answer in report):
        return 2
    return 0 if report.ok else 1


def _formulas_last(arguments: list[str]) -> list[str]:
    """The options, ``--``, and then the rest, so that a formula may begin with a minus: ``-a*b``."""
    options: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += left
        elif argument == "-h" or argument.startswith("--"):
            options.append(argument)
            if argument[2:] in (*FILES, "at", "claim"):
                options += [value for value in [next(left, None)] if value is not None]
        else:
            rest.append(argument)
    return [*options, "--", *rest]


def _evaluate(options: argparse.Namespace) -> None:
    files = {kind: path for kind in FILES if (path := getattr(options, kind)) is not None}
    for kind, path in files.items():
        if os.path.splitext(path)[1].lower() != f".{kind}":
            raise CommandError(f"--{kind} writes a file whose name ends in .{kind}, not {quoted(path)}")
    root = parse(options.formula, **_values(options.values))
    root.backward()
    _say(f"{to_text(root)}\n\n{_table(root)}")
    if options.steps:
        _say(f"\n{trace(root).text()}")
    for kind, path in files.items():
        _write(root, kind, path)
        _say(f"wrote {shown(path, 200)}")


def _values(assignments: list[str]) -> dict[str, float]:
    """The numbers of ``a=5 b=1/3``."""
    values: dict[str, float] = {}
    for assignment in assignments:
        label, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals or not text or not label.isidentifier():
            raise CommandError(f"expected name=number, such as a=1.5, not {quoted(assignment)}")
        if label in values:
            raise CommandError(f"{shown(label)} is given twice")
        try:
            tree = parse_expression(text)
        except FormulaError as error:
            raise CommandError(f"{shown(assignment)}: {error}") from None
        if not set(names(tree)) <= CONSTANTS.keys():
            raise CommandError(f"a value is a number, such as {shown(label)}=1.5, not {quoted(assignment)}")
        values[label] = evaluate(tree, CONSTANTS)
    return values


def _table(root: Value) -> str:
    """A row for each node, the leaves first: its name, its value, its gradient; to seven significant digits."""
    nodes = graph.topological(root)
    called = Names.of(root)
    nodes.sort(key=lambda node: node.op is not None)  # stable: results stay in order of computation
    rows = [("name", "value", f"∂{called[root]}/∂name")]
    rows += [(name(node, called), f"{node.data + 0.0:.7g}", f"{node.grad + 0.0:.7g}") for node in nodes]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}" for row in rows)


def _write(root: Value, kind: str, path: str) -> None:
    from viz import RenderError, draw, stepper

    try:
        picture = stepper(root) if kind == "html" else draw(root)
        picture.save(path)
    except (OSError, RenderError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise CommandError(f"cannot write {shown(path, 200)}: {shown(reason, 200)}") from None


def _say(text: str, stream: TextIO | None = None) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
