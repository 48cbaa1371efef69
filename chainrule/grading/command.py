"""The command ``chainrule check``: its arguments, and what it prints or writes."""

from __future__ import annotations

import argparse
import os
import sys

from autograd import parse
from autograd.by_hand.book import Book
from autograd.by_hand.check import check
from autograd.number import quoted, shown

from ..arguments import CommandError, Parser, assigned, constant, formulas_last, say, values
from .child import MOST_SECONDS, MarkingError, marked_within
from .exercise import REVEAL, WANT, ExerciseError, wanted, worth
from .files import FileError, read_text, write_text
from .marks import Marks, marked
from .writers import WRITERS
from .writers.classroom50 import RunnerError

_EXERCISE = ".toml"
_ANSWERS = ".answers.txt"
_OPTIONS = ("at", "claim", "points", "want", "reveal", "format", "output", "timeout")


def run(arguments: list[str]) -> int:
    """Print or write the report; 0 if all is right, 1 if not, 2 if something cannot be read. Raises CommandError."""
    options = _parser().parse_args(formulas_last(arguments, _OPTIONS))
    try:
        marks = _of_exercise(options) if options.formula.endswith(_EXERCISE) else _of_formula(options)
        written = WRITERS[options.format](marks)
        if options.output is None:
            _print(written, options.format)
        else:
            write_text(options.output, f"{written}\n")
    except (FileError, ExerciseError, MarkingError, RunnerError) as error:
        raise CommandError(str(error)) from None
    return marks.code


def _parser() -> Parser:
    parser = Parser(
        prog="chainrule check",
        usage="chainrule check FORMULA --at NAME=NUMBER,... --claim dNAME=FORMULA ... [options]\n"
        "       chainrule check EXERCISE.toml [ANSWERS] [options]",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Check hand-derived gradients of a formula, or a student's answers to an exercise, and say what is "
        "wrong with them.\nExit code: 0 if all is right, 1 if something is not, 2 if something cannot be read.",
        epilog='chainrule check "u = b*c; J = 3*(a + u)" --at a=5,b=3,c=2 --claim "db = 3*c" --claim "du = 3"\n'
        "chainrule check examples/exercises/logistic.toml --format markdown\n"
        "docs/grading.md says how to write an exercise, and how to use each format with its grader",
    )
    add = parser.add_argument
    add("formula", help="definitions separated by ';', or the file of an exercise, EXERCISE.toml")
    add("answers", nargs="?", help=f"a line for each derivative; else EXERCISE{_ANSWERS}")
    add("--at", metavar="NAME=NUMBER,...", action="append", default=[], help="a value for each name of a formula")
    add("--claim", metavar="dNAME=FORMULA", action="append", default=[], help="one for each gradient of a formula")
    add("--points", metavar="dNAME=NUMBER,...", help="what is wanted, and worth; in place of the exercise's points")
    add("--want", choices=WANT[1:], help="a formula is wanted: a number will not do")
    add("--reveal", choices=REVEAL, help="what is said of a wrong line; in place of what the exercise says")
    add("--format", choices=WRITERS, default="text", help="whom the report is for (text)")
    add("--output", metavar="FILE", help="where the report goes, in place of standard output")
    add("--timeout", metavar="SECONDS", help=f"for the marking of an exercise ({MOST_SECONDS:g})")
    return parser


def _print(written: str, format: str) -> None:
    """Programs are told that they get UTF-8, so they do, whatever the terminal's encoding is; people get the latter."""
    binary = getattr(sys.stdout, "buffer", None)
    if format == "text" or binary is None:
        say(written)
    else:
        sys.stdout.flush()
        binary.write(f"{written}\n".encode())


def _of_exercise(options: argparse.Namespace) -> Marks:
    for name in ("at", "claim", "want"):
        if getattr(options, name):
            raise CommandError(f"--{name} belongs to a formula: an exercise has its own")
    seconds = MOST_SECONDS if options.timeout is None else constant("timeout", options.timeout)
    if not 0 < seconds <= 3600:
        raise CommandError(f"--timeout is a number of seconds up to 3600, not {quoted(options.timeout)}")
    path = options.formula
    answers, problem = "", ""
    exercise = read_text(path)
    try:
        answers = read_text(options.answers or path.removesuffix(_EXERCISE) + _ANSWERS)
    except FileError as error:
        if options.format == "text":
            raise
        problem = str(error)  # a grader shows nothing unless it gets a report
    points = _points(options)
    try:
        marks, reveal = marked_within(seconds, exercise, answers, points, problem)
    except ExerciseError as error:
        raise ExerciseError(f"{shown(path, 200)}: {error}") from None
    if marks.problem and options.format == "text":
        raise CommandError(marks.problem)
    return marks.revealing(options.reveal or reveal)


def _of_formula(options: argparse.Namespace) -> Marks:
    for name in ("answers", "timeout"):
        if getattr(options, name):
            hint = f": an exercise is a file that ends in {_EXERCISE}" if os.path.isfile(options.formula) else ""
            raise CommandError(f"{quoted(getattr(options, name))} belongs to an exercise, not to a formula{hint}")
    if not options.claim:
        raise CommandError('nothing is claimed: add --claim "dw1 = x1*(a - y)"')
    claimed: set[str] = set()
    for text in options.claim:
        name, _, formula = (part.strip() for part in text.partition("="))
        if not name or not formula:
            raise CommandError(f"a claim is name = formula, such as dw1 = x1*(a - y), not {quoted(text)}")
        if name in claimed:
            raise CommandError(f"{shown(name)} is claimed twice")
        claimed.add(name)
    root = parse(options.formula, **values([word for at in options.at for word in at.split(",")]))
    report = check(root, "\n".join(options.claim), want=options.want or "")
    points = _points(options)
    if points is None:
        points = {} if options.format == "text" else {f"d{answer.name}": 1.0 for answer in report}
    book = Book(root)
    return marked(report, wanted(points, book), points, book).revealing(options.reveal or "numbers")


def _points(options: argparse.Namespace) -> dict[str, float] | None:
    """The points of the option; None without it."""
    if options.points is None:
        return None
    texts = assigned(options.points.split(","), "dw1=2")
    try:
        return worth({name: constant(name, text) for name, text in texts.items()})
    except ExerciseError as error:
        raise CommandError(f"--{error}") from None
