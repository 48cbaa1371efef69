"""What LaTeX and MathML have in common: how labels are read, and how operations look.

How an operation looks follows from its row: ``latex`` gives it as LaTeX in the names of the row's inputs
(``\\frac{a}{b}``), ``infix`` where it needs parentheses; else it is a function, by its ``symbol``. Labels are
read as the field writes them: ``w1``, ``w[1]_2,3``, ``alpha`` or ``α``, ``yhat`` or ``ŷ``.
"""

from __future__ import annotations

import ast
import re
from unicodedata import normalize

from ..table.latex import bare_inputs, latex_template, mark
from ..table.mathml import GREEK, MARKS
from ..table.ops import OPS
from .digits import exact
from .naming import numbered
from .symbols import ATOM, COMPARISONS, LOOSE, POWER, PRODUCT, SUM, UNARY
from .text import Text, enclosed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..table.op import Op
    from .text import Piece

    Fields = tuple[str, str, str, str] | None

_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}
_LABEL = re.compile(
    r"(?P<base>[^\W\d_]+)(?P<digits>\d*)(?P<superscript>(?:\[[^\W_,]+\]|\([^\W_]+\))*)(?:_(?P<subscript>[\w,]+))?_?"
)


# --- labels ---------------------------------------------------------------------------------------------


def label_fields(label: str) -> Fields:
    """A name's base, accent, superscript and subscript; None if it is not written as the field writes names."""
    label, number = numbered(label)
    decomposed = normalize("NFD", label)
    accent = next((_ACCENTS[c] for c in decomposed if c in _ACCENTS), "")
    match = _LABEL.fullmatch("".join(c for c in decomposed if c not in _ACCENTS))
    if match is None:
        return None
    base, digits, superscript, subscript = match.group("base", "digits", "superscript", "subscript")
    for word in _ACCENTS.values():
        stem = base.removesuffix(word)
        if stem != base and (len(stem) == 1 or stem in GREEK):
            base, accent = stem, word
    subscript = ",".join(filter(None, [digits, *(subscript or "").replace("_", ",").split(",")]))
    return GREEK.get(base, base), accent, superscript + number, subscript


# --- forms ----------------------------------------------------------------------------------------------


class Typeset(Text):
    """What LaTeX and MathML have in common. In their templates a □ stands for a part."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Of these names those that would be typeset alike (w1 and w_1) are written as they are."""
        alike: dict[Fields, list[str]] = {}
        for name in names:
            alike.setdefault(label_fields(name), []).append(name)
        self._verbatim = {name for group in alike.values() if len(group) > 1 for name in group}

    def is_raised(self, label: str) -> bool:
        fields = self.fields(label)
        return bool(numbered(label)[1] if fields is None else fields[2])

    def fields(self, name: str) -> Fields:
        """A name's base, accent, superscript and subscript; None if it is written as it is."""
        return None if name in self._verbatim else label_fields(name)

    comma: str
    case: str
    otherwise: str
    cases: str
    conjunction: str
    total: str
    product: str
    index: str

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        match tree:
            case ast.List(elements):
                opening, closing = self.parentheses(*elements)
                return ATOM, self.listed(opening, elements, closing, self.comma)
            case ast.Subscript():
                return ATOM, fill(self.index, (tree.value, ATOM, True), enclosed(tree.slice))
            case ast.IfExp():
                opening, closing = self.cases.split("□")
                lines: list[Piece] = []
                rest: ast.expr = tree
                while isinstance(rest, ast.IfExp):
                    lines += fill(self.case, enclosed(rest.body), enclosed(rest.test))
                    rest = rest.orelse
                return LOOSE, [opening, *lines, *fill(self.otherwise, enclosed(rest)), closing]
            case ast.Compare(left, [comparison], [right]):
                return LOOSE, [(left, SUM, True), self.sign(COMPARISONS[type(comparison)]), (right, SUM, True)]
            case ast.BoolOp():
                word = "and" if isinstance(tree.op, ast.And) else "or"
                return LOOSE, self.listed("", tree.values, "", self.conjunction.replace("□", word))
            case ast.Call(ast.Name("sum"), [ast.GeneratorExp(term)]):
                return SUM, fill(self.total, (term, PRODUCT, False))
            case ast.Call(ast.Name("prod"), [ast.GeneratorExp(factor)]):
                return PRODUCT, fill(self.product, (factor, POWER, False))
        return super().pieces(tree)

    def number(self, x: float) -> tuple[int, list[Piece]]:
        """Powers of ten where Python has an exponent: 1e-07 is 10 to the -7."""
        mantissa, _, exponent = exact(abs(x)).partition("e")
        digits = {"inf": "∞", "nan": "nan"}.get(mantissa, mantissa)
        minus = [self.minus] if exact(x).startswith("-") else []
        if not exponent:
            return UNARY if minus else ATOM, [*minus, self.digits(digits)]
        power = ast.BinOp(ast.Constant(10), ast.Pow(), ast.Constant(int(exponent)))
        if mantissa == "1":
            return UNARY if minus else POWER, [*minus, (power, POWER, True)]
        return SUM if minus else PRODUCT, [*minus, self.digits(digits), self.sign("·"), (power, POWER, True)]

    def operation(self, op: Op, operands: list[ast.expr]) -> tuple[int, list[Piece]]:
        """An operation as its row's ``latex`` says, in which the names of the inputs stand for the operands."""
        bare = bare_inputs(op)
        trees = {mark(at): tree for at, tree in enumerate(operands)}
        parts: dict[str, Piece] = {m: (tree, ATOM, True) if m in bare else enclosed(tree) for m, tree in trees.items()}
        precedence = POWER
        begins, *_, ends = MARKS.split(latex_template(op))
        if begins + ends == "":  # an infix sign
            precedence = op.infix or PRODUCT
            parts[mark(0)] = operands[0], precedence, True
            parts[mark(1)] = operands[1], precedence + 1, False
        return precedence, [parts.get(text, text) for text in MARKS.split(self.template(op)) if text]

    def call(self, name: str, arguments: list[ast.expr]) -> tuple[int, list[Piece]]:
        op = OPS.get(name)
        if op is not None and op.latex:
            return self.operation(op, arguments)
        if len(arguments) == 1 and isinstance(arguments[0], ast.List):
            arguments = arguments[0].elts
        opening, closing = self.around(*arguments)
        head = "".join(self.function(word) for word in (op.symbol if op else name).split())
        return ATOM, self.listed(head + opening, arguments, closing, self.comma)

    def around(self, *arguments: ast.expr) -> tuple[str, str]:
        """What encloses the arguments of a function; ``parentheses`` may leave a number bare."""
        return self.parentheses(*arguments)

    def template(self, op: Op) -> str:
        """How this form writes what a row gives as LaTeX, with marks for the inputs."""
        raise NotImplementedError

    def function(self, word: str) -> str:
        """A word of the name of a function."""
        raise NotImplementedError

    def digits(self, text: str) -> str:
        raise NotImplementedError

    def sign(self, sign: str) -> str:
        """An infix sign, with its spaces."""
        raise NotImplementedError


def fill(template: str, *parts: Piece) -> list[Piece]:
    """The template with the parts in the places of its □."""
    texts = template.split("□")
    pieces: list[Piece] = [texts[0]]
    for part, text in zip(parts, texts[1:], strict=True):
        pieces += [part, text]
    return pieces
