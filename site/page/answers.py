"""What the page asks of Python, and the answers, as JSON. It runs in the page's worker; in tests, by any Python.

A request is ``{"kind": "formula", "text": "3(a + bc)", "at": "a=5, b=3, c=2"}``, ``{"kind": "python", "code": ...}``,
``{"kind": "check", "lines": ...}``, ``{"kind": "pane", "name": "table"}`` or ``{"kind": "page"}``; the last three ask
about what the last formula or program made. An answer has what is to be shown, or an ``error`` in words.
"""

from __future__ import annotations

import ast
import io
import json
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from html import escape

from autograd import FormulaError, Value, check, explain, graph, parse, to_latex
from autograd.formulas.mathml import to_mathml
from chainrule.arguments import CommandError, values
from viz import Drawing, Stepper, draw, stepper

Answer = dict[str, object]
FILE = "your code"
MOST_LEAVES = 12  # whose derivations are written out: of a network one reads a few
MOST_TEXT = 100_000  # characters of what a program prints


class Desk:
    """One after the other, formulas and programs; and what is asked about the last one."""

    def __init__(self) -> None:
        self.root: Value | None = None
        self.steps: Stepper | None = None

    def answer(self, request: dict[str, str]) -> Answer:
        """What is to be shown; mistakes of the reader are an ``error``."""
        kinds: dict[str, Callable[..., Answer]] = {
            "formula": self.formula,
            "python": self.python,
            "check": self.check,
            "pane": self.pane,
            "page": self.page,
        }
        asked = dict(request)
        try:
            return kinds[asked.pop("kind")](**asked)
        except (FormulaError, CommandError, ValueError, TypeError, ArithmeticError, RuntimeError) as error:
            return {"error": str(error)}

    def formula(self, text: str, at: str) -> Answer:
        """The steps of a formula at these values of its names."""
        given = [part for part in re.split(r"[,;\n]|\s+(?=\w+\s*=)", at) if part.strip()]
        root = parse(text, **values(given))
        root.backward()
        return self.show(root)

    def python(self, code: str) -> Answer:
        """What a program prints and ends with; the steps of its last Value."""
        out = io.StringIO()
        namespace: dict[str, object] = {"__name__": "__main__"}
        last: object = None
        try:
            with redirect_stdout(out), redirect_stderr(out):
                tree = ast.parse(code, FILE)
                ending = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
                exec(compile(tree, FILE, "exec"), namespace)
                if isinstance(ending, ast.Expr):
                    last = eval(compile(ast.Expression(ending.value), FILE, "eval"), namespace)
        except BaseException:  # whatever the program raises, SystemExit too, is its own
            return {"out": printed(out), "error": of_the_reader(traceback.format_exc())}
        try:
            answer = self.show(last if isinstance(last, Value | Stepper) else last_value(code, namespace, last))
        except ValueError as error:  # a graph too large to be stepped through
            answer = {"error": str(error)}
        answer["out"] = printed(out)
        if last is not None and not isinstance(last, Value | Stepper):
            answer |= {"html": html} if (html := html_of(last)) else {"out": f"{printed(out)}{last!r}\n"}
        return answer

    def show(self, what: Value | Stepper | None) -> Answer:
        self.root = what if isinstance(what, Value) else None
        self.steps = stepper(what) if isinstance(what, Value) else what
        return {} if self.steps is None else {"payload": json.loads(self.steps.payload())}

    def check(self, lines: str) -> Answer:
        """The marks of a derivation, line by line."""
        report = check(self._asked(), lines)
        return {"html": report._repr_html_(), "ok": report.ok}

    def pane(self, name: str) -> Answer:
        """A picture, a table, ...: HTML."""
        panes: dict[str, Callable[[], Answer]] = {
            "picture": self.picture,
            "table": lambda: {"html": explain(self._asked())._repr_html_()},
            "latex": self.latex,
            "derivation": self.derivation,
        }
        return panes[name]()

    def picture(self) -> Answer:
        drawing: Drawing | Stepper = draw(self.root) if self.root is not None else self._steps()
        return {"svg": drawing.svg}

    def latex(self) -> Answer:
        return {"latex": to_latex(self._asked()), "html": to_mathml(self._asked())}

    def derivation(self) -> Answer:
        """The chain rule of each leaf, written out."""
        return {"html": "".join(self._derivations())}

    def _derivations(self) -> Iterator[str]:
        root = self._asked()
        leaves = [leaf for leaf in graph.leaves(root) if leaf.kind != "constant"]
        for i, leaf in enumerate(leaves[:MOST_LEAVES]):
            title = escape(f"∂{root.label or 'f'}/∂{leaf.label or 'a leaf'}")
            written = explain(root, leaf)._repr_html_()
            yield f"<details{' open' * (i == 0)}><summary>{title}</summary>{written}</details>"
        if len(leaves) > MOST_LEAVES:
            yield f"<p>These are {MOST_LEAVES} of {len(leaves)} leaves.</p>"

    def page(self) -> Answer:
        """The stepper as one file."""
        return {"page": self._steps().html}

    def _asked(self) -> Value:
        if self.root is None:
            raise ValueError("there is no Value yet: write a formula, or a program that ends with a Value")
        return self.root

    def _steps(self) -> Stepper:
        if self.steps is None:
            raise ValueError("there are no steps yet: write a formula, or a program that ends with a Value")
        return self.steps


def last_value(code: str, namespace: dict[str, object], last: object) -> Value | Stepper | None:
    """The Value, or stepper, that the program assigned last, at its top level."""
    if isinstance(last, Drawing):
        return None
    for statement in reversed(ast.parse(code).body):
        names = [
            node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        for name in reversed(names):
            if isinstance(found := namespace.get(name), Value | Stepper):
                return found
    return None


def html_of(what: object) -> str:
    """How a notebook would show it, if it can."""
    if isinstance(what, Drawing):
        return what.svg
    shown = getattr(what, "_repr_html_", None)
    return str(shown()) if callable(shown) else ""


def printed(out: io.StringIO) -> str:
    text = out.getvalue()
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}\n… and {len(text) - MOST_TEXT:,} characters more\n"


def of_the_reader(report: str) -> str:
    """A traceback from the reader's own code on: what is above it is this file."""
    lines = report.splitlines()
    begins = next((i for i, line in enumerate(lines) if f'File "{FILE}"' in line), len(lines) - 1)
    return "\n".join(lines[begins:])


desk = Desk()


def answer(request: str) -> str:
    """JSON to JSON: what the worker calls."""
    return json.dumps(desk.answer(json.loads(request)))
