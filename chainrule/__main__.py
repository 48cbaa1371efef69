"""The command line: ``chainrule "3*(a + b*c)" a=5 b=3 c=2 --svg graph.svg``, or ``python -m chainrule ...``.

Prints the values and the gradients of a formula's graph, and draws it. ``chainrule check`` marks hand-derived
gradients (``grading/command.py``), ``chainrule course`` copies the notebooks (``course.py``). What cannot be read or
written is one line on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import autograd
from autograd import FormulaError, Value, graph
from autograd.formulas.naming import Names
from autograd.formulas.parse import parse
from autograd.formulas.text import name, to_text
from autograd.number import quoted, shown
from autograd.steps.trace import trace
from chainrule.arguments import CommandError, Parser, formulas_last, say, values

FILES = {"svg": "draw the graph as SVG", "png": "as PNG", "pdf": "as PDF", "dot": "as DOT"}
FILES |= {"html": "write the steps of backprop as a page to click through, offline"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns 0, 1 for a wrong claim, 2 for what cannot be read or written. Raises for none."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    code = 0
    try:
        if not arguments:
            say(_parser().format_usage().strip(), sys.stderr)
            return 2
        if _means(arguments, "check"):
            from chainrule.grading import command

            code = command.run(arguments[1:])
        elif _means(arguments, "course"):
            from chainrule import course

            code = course.run(arguments[1:])
        else:
            _evaluate(_parser().parse_args(formulas_last(arguments, FILES)))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (| head) has seen enough; the exit flush must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # of the output: a full disk, say
        say(f"chainrule: cannot write the output: {error.strerror}", sys.stderr)
        return 2
    except (FormulaError, CommandError) as error:
        say(f"chainrule: {error}", sys.stderr)
        return 2
    return code


def _parser() -> Parser:
    parser = Parser(
        prog="chainrule",
        allow_abbrev=False,
        description="The values and gradients of a formula, and a picture of its computation graph.",
        epilog='example: chainrule "u = b*c; v = a + u; J = 3*v" a=5 b=3 c=2 --svg graph.svg; '
        "chainrule check --help says how to check hand-derived gradients, chainrule course copies the notebooks",
    )
    parser.add_argument("formula", help="an expression, or definitions separated by ';': 3(a + bc), x**2, \\frac{y}{a}")
    parser.add_argument("values", nargs="*", metavar="name=number", help="one for each name of the formula")
    parser.add_argument("--steps", action="store_true", help="print every step of forward and backward")
    for kind, what in FILES.items():
        parser.add_argument(f"--{kind}", metavar="FILE", help=what)
    parser.add_argument("--version", action="version", version=f"chainrule {autograd.__version__}")
    return parser


def _means(arguments: list[str], command: str) -> bool:
    """Whether this is the command, not a formula of that name: then ``check=...`` gives it a value."""
    given = any(word.replace(" ", "").startswith(f"{command}=") for word in arguments)
    return arguments[0] == command and not given


def _evaluate(options: argparse.Namespace) -> None:
    files = {kind: path for kind in FILES if (path := getattr(options, kind)) is not None}
    for kind, path in files.items():
        if os.path.splitext(path)[1].lower() != f".{kind}":
            raise CommandError(f"--{kind} writes a file whose name ends in .{kind}, not {quoted(path)}")
    root = parse(options.formula, **values(options.values))
    root.backward()
    say(f"{to_text(root)}\n\n{_table(root)}")
    if options.steps:
        say(f"\n{trace(root).text()}")
    for kind, path in files.items():
        _write(root, kind, path)
        say(f"wrote {shown(path, 200)}")


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


if __name__ == "__main__":
    sys.exit(main())
