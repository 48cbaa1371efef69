"""LaTeX as rows and printers write it, as MathML Core (https://www.w3.org/TR/mathml-core), which browsers show.

``viz/static/mathematics.js`` reads the same, by the same ``SYMBOLS``; tests hold the two together.

>>> mathml(r"\\frac{\\partial J}{\\partial w_{1}}")
'<mfrac><mrow><mo>∂</mo><mi>J</mi></mrow><mrow><mo>∂</mo><msub><mi>w</mi><mn>1</mn></msub></mrow></mfrac>'
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_GREEK = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
GREEK = dict(zip(_GREEK.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
_KNOWN = "arccos arcsin arctan cos cosh exp log max min sin sinh tan tanh"
FUNCTIONS = tuple(_KNOWN.split())
"""The functions that LaTeX knows by a command of their own."""

_SIGNS = {"-": "−", r"\cdot": "·", r"\times": "×", r"\bmod": "mod", r"\le": "≤", r"\ge": "≥", r"\ne": "≠", r"\pm": "±"}
_SIGNS |= {r"\circ": "∘", r"\to": "→", r"\Rightarrow": "⇒", r"\partial": "∂", r"\sum": "∑", r"\prod": "∏"}
_SIGNS |= {sign: sign for sign in "+=<>/!,:?"}
_WORDS = {"\\" + word: letter for word, letter in GREEK.items()} | {"\\" + word: word for word in FUNCTIONS}
_WORDS |= {r"\infty": "∞", r"\dots": "…"}
_SPACES = {r"\,": "0.17em", r"\;": "0.28em", r"\ ": "0.25em", r"\quad": "1em"}

SYMBOLS: dict[str, dict[str, str]] = {
    "mo": _SIGNS,
    "mi": _WORDS,
    "mspace": _SPACES,
    "fence": {r"\|": "‖", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\{": "{", r"\}": "}"},
    "accent": {r"\hat": "^", r"\bar": "¯", r"\tilde": "~"},
    "text": {r"\backslash": "\\", r"\wedge": "^", r"\sim": "~", r"\dots": "…"},  # inside of \mathrm{} and \text{}
}
"""What stands for a command or a sign, by the element that it becomes; a fence also is each of ``( ) [ ] |``."""

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
MARKS = re.compile("([\ue000-\uf8ff])")
"""Private characters: what stands in a template for an input. They are not read, but kept."""

_SPACE = '<mspace width="0.17em"></mspace>'
_OPERATOR = re.compile(r"<mo[^>]*>[^)\]|‖⌋⌉}]+</mo>")
"""What a minus behind it is a sign after: any operator or parenthesis but one that closes."""

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def mathml(latex: str) -> str:
    """The elements that go into ``<math>``. Raises ValueError for LaTeX that no row and no printer writes."""
    return "".join(Reader(latex, ValueError).items())


def element(items: list[str]) -> str:
    """Some items as one element: where MathML wants exactly one."""
    if len(items) == 1 and items[0].startswith("<"):
        return items[0]
    return f"<mrow>{''.join(items)}</mrow>"


class Reader:
    """Reads LaTeX from left to right; each method returns what it has read as MathML.

    ``refused`` makes an error of what is wrong; ``bare`` are the marks that nothing encloses, no fraction, root,
    exponent or parentheses: 2 x, x^{2}.
    """

    def __init__(self, latex: str, refused: Callable[[str], Exception]) -> None:
        self.refused = refused
        self.bare: set[str] = set()
        self._depth = 0  # of what encloses the place that is being read
        self._tokens: list[str] = TOKEN.findall(latex)[::-1]

    def _next(self) -> str:
        """The next token that is no space, which is not taken; "" at the end."""
        while self._tokens and self._tokens[-1].isspace():
            self._tokens.pop()
        return self._tokens[-1] if self._tokens else ""

    def _take(self, missing: str) -> str:
        if not self._next():
            raise self.refused(f"{missing} is missing")
        return self._tokens.pop()

    def items(self, *ends: str) -> list[str]:
        """All up to one of these tokens, which is not taken; or to the end of the text."""
        items: list[str] = []
        while (token := self._next()) and token not in ends:
            is_unary = token == "-" and bool(items) and _OPERATOR.fullmatch(items[-1]) is not None
            items += ['<mo form="prefix">−</mo>'] if is_unary else self._item()
            if is_unary:
                self._tokens.pop()
            if token[1:] in FUNCTIONS and self._begins_operand(self._next(), ends):
                items.append(_SPACE)
        if ends and not token:
            raise self.refused(f"{ends[0]} is missing")
        return items

    def _begins_operand(self, token: str, ends: tuple[str, ...]) -> bool:
        """Whether a function needs room before it: tanh x, but not tanh(x)."""
        return token not in ("", *ends, "(", r"\left", *SYMBOLS["mo"])

    def _closed(self, end: str) -> list[str]:
        """All up to a token, which is taken."""
        items = self.items(end)
        self._tokens.pop()
        return items

    def _item(self) -> list[str]:
        """A thing, with what is raised and lowered behind it."""
        items = self._thing()
        scripts = {"^": "", "_": ""}
        while self._next() in scripts:
            sign = self._tokens.pop()
            scripts[sign] = self._argument()
        if not any(scripts.values()):
            return items
        tag = "msub" * bool(scripts["_"]) + ("sup" if scripts["_"] else "msup") * bool(scripts["^"])
        return [f"<{tag}>{element(items)}{scripts['_']}{scripts['^']}</{tag}>"]

    def _argument(self) -> str:
        """What stands in braces, or one thing without, as one element."""
        if not self._next():
            raise self.refused("an argument is missing")
        return element(self._inside(self._thing))

    def _inside(self, read: Callable[[], list[str]]) -> list[str]:
        """What is read there is enclosed."""
        self._depth += 1
        items = read()
        self._depth -= 1
        return items

    def _thing(self) -> list[str]:
        token = self._take("a formula")
        match token:
            case "{":
                return [element(self._closed("}"))]
            case r"\frac":
                return [f"<mfrac>{self._argument()}{self._argument()}</mfrac>"]
            case r"\sqrt" if self._next() == "[":
                self._tokens.pop()
                index = element(self._closed("]"))
                return [f"<mroot>{self._argument()}{index}</mroot>"]
            case r"\sqrt":
                return [f"<msqrt>{self._argument()}</msqrt>"]
            case r"\left":
                opening = self._fence()
                inside = self._inside(lambda: self._closed(r"\right"))
                return [element([opening, *inside, self._fence()])]
            case r"\begin":
                return [self._cases()]
            case r"\mathrm" | r"\operatorname":
                return [f"<mi>{self._text()}</mi>"]
            case r"\text":
                return [f"<mtext>{self._text()}</mtext>"]
        if token in SYMBOLS["accent"]:
            return [f"<mover>{self._argument()}<mo>{SYMBOLS['accent'][token]}</mo></mover>"]
        return [self._sign(token)]

    def _fence(self) -> str:
        token = self._take("a parenthesis")
        if token not in SYMBOLS["fence"] and token not in "()[]|":
            raise self.refused(f"{token} is no parenthesis")
        return f"<mo>{SYMBOLS['fence'].get(token, token)}</mo>"

    def _cases(self) -> str:
        r"""What is between ``\begin{cases}`` and ``\end{cases}``."""
        if self._text() != "cases":
            raise self.refused(r"\begin{cases}, the one environment that is known,")
        rows = ""
        while self._next() != r"\end":
            value, condition = self._closed("&"), self.items(r"\\", r"\end")
            rows += f"<mtr><mtd>{''.join(value)}</mtd><mtd>{''.join(condition)}</mtd></mtr>"
            if self._next() == r"\\":
                self._tokens.pop()
        self._tokens.pop()
        self._text()
        return f"<mrow><mo>{{</mo><mtable>{rows}</mtable></mrow>"

    def _text(self) -> str:
        """The text in braces, as it is; spaces at its ends stay spaces."""
        letters: list[str] = []
        depth = 0
        token = self._take("a word in braces") if self._next() == "{" else ""
        while token:
            depth += {"{": 1, "}": -1}.get(token, 0)
            if depth == 0:
                break
            if token not in "{}":
                letters.append(SYMBOLS["text"].get(token) or (token[1:] if token[0] == "\\" else token))
                if token in SYMBOLS["text"] and self._tokens and self._tokens[-1] == " ":
                    self._tokens.pop()  # it ended the command
            token = self._tokens.pop() if self._tokens else ""
        if not letters or not token:
            raise self.refused("a word in braces is missing")
        return "".join(letters).replace(" ", "\xa0").translate(_ESCAPES)

    def _sign(self, token: str) -> str:
        if MARKS.match(token):
            if not self._depth:
                self.bare.add(token)
            return token
        if token in SYMBOLS["mspace"]:
            return f'<mspace width="{SYMBOLS["mspace"][token]}"></mspace>'
        if token in "()[]|":
            return f'<mo stretchy="false">{token}</mo>'
        for tag in ("mi", "mo"):
            if token in SYMBOLS[tag]:
                return f"<{tag}>{SYMBOLS[tag][token].translate(_ESCAPES)}</{tag}>"
        if token[0].isdecimal():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        raise self.refused(f"{token} is unknown")
