"""What a row's LaTeX may hold, and the same as MathML: both from the one column ``latex``.

The column is LaTeX in the names of the row's inputs: ``\\frac{a}{b}``, ``e^{x}``. In a template a mark, one character,
stands for each input. MathML Core: https://www.w3.org/TR/mathml-core.

>>> from autograd.table.ops import OPS
>>> mathml_template(OPS["exp"]) == f"<msup><mi>e</mi><mrow>{mark(0)}</mrow></msup>"
True
"""

from __future__ import annotations

import re
from functools import cache

from ..errors import OpRowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .op import Op

_GREEK = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
GREEK = dict(zip(_GREEK.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
_KNOWN = "arccos arcsin arctan cos cosh exp log max min sin sinh tan tanh"
FUNCTIONS = frozenset(_KNOWN.split())
"""The functions that LaTeX knows by a command of their own."""

_SIGNS = {"-": "−", "<": "&lt;", ">": "&gt;", "cdot": "·", "times": "×", "bmod": "mod", "le": "≤", "ge": "≥", "ne": "≠"}
_SIGNS |= {"pm": "±", "circ": "∘", "to": "→"}
_FENCES = {"\\|": "‖", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉", "\\{": "{", "\\}": "}"}
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.")
_FIRST_MARK = 0xE000  # a private character
MARKS = re.compile("([\ue000-\uf8ff])")


def mark(at: int) -> str:
    """What stands in a template for an input, by its place among the row's."""
    return chr(_FIRST_MARK + at)


def latex_template(op: Op) -> str:
    """The row's LaTeX, or ``a op b`` for an operator without, with marks for its inputs."""
    latex = op.latex or f"a {op.name} b"
    names = sorted(op.inputs, key=len, reverse=True)
    inputs = re.compile(rf"(?<![\\A-Za-z])({'|'.join(names)})(?![A-Za-z])")
    return inputs.sub(lambda found: mark(op.inputs.index(found[1])), latex)


def mathml_template(op: Op) -> str:
    """The same as MathML. Raises OpRowError for LaTeX that is not among what rows are written in."""
    return _read(op)[0]


def bare_inputs(op: Op) -> frozenset[str]:
    """The marks of inputs that nothing encloses, no fraction, root, exponent or parentheses: 2 x, x^{2}."""
    return _read(op)[1]


@cache
def _read(op: Op) -> tuple[str, frozenset[str]]:
    template = latex_template(op)
    reader = _Reader(op, template)
    items = reader.items()
    is_infix = bool(MARKS.match(template[0]) and MARKS.match(template[-1]))
    mathml = "".join(items) if is_infix or len(items) == 1 else f"<mrow>{''.join(items)}</mrow>"
    return mathml, frozenset(reader.bare)


def check_latex(op: Op) -> None:
    """Raise OpRowError for a row with LaTeX that cannot be shown as MathML, too."""
    if op.latex:
        mathml_template(op)


class _Reader:
    """Reads a template of LaTeX from left to right; each method returns what it has read as MathML."""

    def __init__(self, op: Op, template: str) -> None:
        self.op = op
        self.bare: set[str] = set()
        self._depth = 0  # of what encloses the place that is being read
        self.tokens = [token for token in _TOKEN.findall(template) if not token.isspace()][::-1]

    def refused(self, what: str) -> OpRowError:
        return OpRowError(
            f"row {self.op.name!r}: {what} in latex={self.op.latex!r}; a row's LaTeX is made of its inputs, numbers, "
            r"letters, + - \cdot \times \bmod < \le, \frac{}{}, \sqrt{}, ^{}, _{}, \left( \right), \sin … and \mathrm{}"
        )

    def items(self, end: str = "") -> list[str]:
        """All up to a token, which is taken too; or to the end of the text."""
        items: list[str] = []
        while self.tokens and self.tokens[-1] != end:
            items += self.item()
        if end and not self.tokens:
            raise self.refused(f"{end} is missing")
        if end:
            self.tokens.pop()
        return items

    def item(self) -> list[str]:
        """A thing, with what is raised and lowered behind it."""
        items = self.thing()
        scripts = {"^": "", "_": ""}
        while self.tokens and self.tokens[-1] in scripts:
            sign = self.tokens.pop()
            scripts[sign] = self.argument()
        if not any(scripts.values()):
            return items
        tag = "msub" * bool(scripts["_"]) + ("sup" if scripts["_"] else "msup") * bool(scripts["^"])
        return [f"<{tag}>{_element(items)}{scripts['_']}{scripts['^']}</{tag}>"]

    def argument(self) -> str:
        """What stands in braces, or one thing without, as one element."""
        if not self.tokens:
            raise self.refused("an argument is missing")
        return _element(self.inside(self.thing))

    def inside(self, read: Callable[[], list[str]]) -> list[str]:
        """What is read there is enclosed."""
        self._depth += 1
        items = read()
        self._depth -= 1
        return items

    def thing(self) -> list[str]:
        token = self.tokens.pop()
        match token:
            case "{":
                return [_element(self.items("}"))]
            case "\\frac":
                return [f"<mfrac>{self.argument()}{self.argument()}</mfrac>"]
            case "\\sqrt" if self.tokens and self.tokens[-1] == "[":
                self.tokens.pop()
                index = _element(self.items("]"))
                return [f"<mroot>{self.argument()}{index}</mroot>"]
            case "\\sqrt":
                return [f"<msqrt>{self.argument()}</msqrt>"]
            case "\\left":
                opening = self.fence()
                inside = self.inside(lambda: self.items("\\right"))
                return [opening, *inside, self.fence()]
            case "\\mathrm" | "\\operatorname" | "\\text":
                return [f"<mi>{self.word()}</mi>"]
        return [self.sign(token)]

    def fence(self) -> str:
        if not self.tokens:
            raise self.refused("a parenthesis is missing")
        token = self.tokens.pop()
        if token not in _FENCES and token not in "()[]|":
            raise self.refused(f"{token} is no parenthesis")
        return f"<mo>{_FENCES.get(token, token)}</mo>"

    def word(self) -> str:
        """The letters in braces."""
        letters: list[str] = []
        if self.tokens and self.tokens.pop() == "{":
            while self.tokens and self.tokens[-1].isalnum():
                letters.append(self.tokens.pop())
        if not letters or not self.tokens or self.tokens.pop() != "}":
            raise self.refused("a word in braces is missing")
        return "".join(letters)

    def sign(self, token: str) -> str:
        name = token.removeprefix("\\")
        if MARKS.match(token):
            if not self._depth:
                self.bare.add(token)
            return token
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if name in GREEK and name != token:
            return f"<mi>{GREEK[name]}</mi>"
        if (name in FUNCTIONS and name != token) or (token.isalpha() and token.isascii()):
            return f"<mi>{name}</mi>"
        if name in _SIGNS or token in "+=/!,()|":
            return f"<mo>{_SIGNS.get(name, name)}</mo>"
        raise self.refused(f"{token} is unknown")


def _element(items: list[str]) -> str:
    """Some items as one element: where MathML wants exactly one."""
    if len(items) == 1 and items[0].startswith("<"):
        return items[0]
    return f"<mrow>{''.join(items)}</mrow>"
