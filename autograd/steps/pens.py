"""The two pens that write frames: names, numbers and formulas of a record as text, or in LaTeX."""

from __future__ import annotations

from ..formulas.digits import digits
from .wording import LINES, WORDS, fill, filled, latex_number, mathematics
from .written import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from .record import EdgeEvent, Number, TraceRecord

    Formula = Literal["formula", "definition"]


class Pen:
    """Writes as text; ``LatexPen`` differs in how it writes names, numbers and formulas."""

    form: Literal["text", "latex"] = "text"

    def __init__(self, record: TraceRecord) -> None:
        self.nodes, self.forms = record["nodes"], record["forms"]

    # -- templates ------------------------------------------------------------------------------------

    def line(self, key: str, **parts: object) -> str:
        return filled(LINES[self.form][key], parts)

    def say(self, key: str, **parts: int | str | Sequence[int | str]) -> str:
        """A sentence; of its parts, a list is names, and after them how many more there are."""
        return filled(WORDS[key], {name: self._inline(part) for name, part in parts.items()})

    def _inline(self, part: int | str | Sequence[int | str]) -> str:
        if isinstance(part, int):
            return str(part)
        if isinstance(part, str):
            return self.mathematics(part)
        return ", ".join(self.say("more", n=x) if isinstance(x, int) else self.mathematics(x) for x in part)

    def fill(self, template: str, numbers: Mapping[str, float]) -> str:
        return fill(template, numbers, self.form)

    def equal(self, *sides: str) -> str:
        """``u = b·c = 3 × 2 = 6``; what two neighbours have in common is said once."""
        kept = (side for i, side in enumerate(sides) if i == 0 or side != sides[i - 1])
        return self.line("equals").join(kept)

    # -- names and numbers ------------------------------------------------------------------------------

    def atom(self, at: int) -> str:
        """The name of a node where something stands in front of it or behind it."""
        return self.line("atom", x=self.name(at)) if self.nodes[at].get("compound") else self.name(at)

    def bracketed(self, x: Number | None) -> str:
        text = self.number(x)
        return f"({text})" if text[0] in "−-" else text

    def mathematics(self, written: str) -> str:
        """A name or a number inside a sentence."""
        return written

    def name(self, at: int) -> str:
        return self.nodes[at]["name"]

    def number(self, x: Number | None) -> str:
        return digits(float(x or 0.0))

    def subscript(self, n: int) -> str:
        return "".join(chr(0x2080 + int(d)) for d in str(n))

    # -- formulas -------------------------------------------------------------------------------------

    def formula(self, y: int, key: Formula = "formula") -> str:
        return self.nodes[y][key]

    def numbers(self, y: int) -> str:
        """The formula as a template of numbers."""
        return self.nodes[y]["numbers"]

    def partial(self, event: EdgeEvent) -> list[str]:
        """The local derivative as a formula, and as a template of numbers."""
        written = self.nodes[event["from"]]["partials"][event["slot"]]
        assert written is not None, "an edge to a constant"
        return written


class LatexPen(Pen):
    """Writes in LaTeX."""

    form = "latex"

    def mathematics(self, written: str) -> str:
        return mathematics(written)

    def name(self, at: int) -> str:
        return self.nodes[at]["latex"]

    def number(self, x: Number | None) -> str:
        return latex_number(float(x or 0.0))

    def subscript(self, n: int) -> str:
        return str(n)

    def formula(self, y: int, key: Formula = "formula") -> str:
        return self._named(y, self.forms[self.nodes[y]["form"]][key])

    def numbers(self, y: int) -> str:
        return self.forms[self.nodes[y]["form"]]["numbers"]

    def partial(self, event: EdgeEvent) -> list[str]:
        written = self.forms[self.nodes[event["from"]]["form"]]["partials"][event["slot"]]
        assert written is not None, "an edge to a constant"
        return [self._named(event["from"], written[0]), written[1]]

    def _named(self, y: int, template: str) -> str:
        names = {str(at): self.name(v) for at, v in enumerate(self.nodes[y]["inputs"])}
        return named(template, names | {"y": self.name(y)})


PENS = {pen.form: pen for pen in (Pen, LatexPen)}
