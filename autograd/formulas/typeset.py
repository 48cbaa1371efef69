"""Formulas typeset: ``to_latex`` and ``to_mathml``, of graphs, of trees, and of the rows of the table.

How an operation looks follows from its row: ``latex`` gives it as LaTeX in the names of the row's inputs
(``\\frac{a}{b}``), ``infix`` where it needs parentheses; else it is a function, by its ``symbol``. Labels are
read as the field writes them: ``w1``, ``w[1]_2,3``, ``alpha`` or ``α``, ``yhat`` or ``ŷ``.
"""

from __future__ import annotations

import ast
import re
from unicodedata import normalize

from ..table.ops import OPS
from ..value import Value
from .digits import exact
from .naming import numbered, printable
from .symbols import ATOM, COMPARISONS, LOOSE, POWER, PRODUCT, SUM, UNARY
from .text import Text, defined, enclosed, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..table.op import Op
    from .text import Piece

_GREEK_WORDS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
_GREEK = dict(zip(_GREEK_WORDS.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}
_LABEL = re.compile(
    r"(?P<base>[^\W\d_]+)(?P<digits>\d*)(?P<superscript>(?:\[[^\W_,]+\]|\([^\W_]+\))*)(?:_(?P<subscript>[\w,]+))?_?"
)


def to_latex(what: Value | ast.expr, beside: Value | None = None) -> str:
    """The formula of a graph (or of a tree: ``head_tree(node)``, ``textbook(row.value)``) in LaTeX, for math mode.

    Several definitions are lines of ``aligned``. Labels are escaped; a label of several nodes is numbered, x^{(1)},
    and ``beside`` another graph as it is there, see ``to_text``.

    >>> to_latex(Value(2, "w1") / (1 + Value(3, "theta")))
    '\\\\frac{w_{1}}{1 + \\\\theta}'
    """
    if not isinstance(what, Value):
        return write(what, Latex(what))
    names, statements = defined(what, beside)
    form = Latex(*(tree for _, tree in statements), names=names.values())
    lines = [(form.name(name) if name else "", write(tree, form)) for name, tree in statements]
    if len(lines) == 1:
        return " = ".join(filter(None, lines[0]))
    body = r" \\ ".join(f"{name} &= {formula}" if name else f"& {formula}" for name, formula in lines)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"


def to_mathml(what: Value | ast.expr, beside: Value | None = None) -> str:
    """The same as MathML, one ``<math>`` element, which browsers show without any script."""
    opening, closing = '<math xmlns="http://www.w3.org/1998/Math/MathML">', "</math>"
    if not isinstance(what, Value):
        return opening + write(what, MathML()) + closing
    names, statements = defined(what, beside)
    form = MathML(names=names.values())
    lines = [(form.name(name) + "<mo>=</mo>" if name else "", write(tree, form)) for name, tree in statements]
    if len(lines) == 1:
        return opening + "".join(lines[0]) + closing
    rows = "".join(f"<mtr><mtd>{name}</mtd><mtd>{formula}</mtd></mtr>" for name, formula in lines)
    return f'{opening}<mtable columnalign="right left">{rows}</mtable>{closing}'


# --- labels ---------------------------------------------------------------------------------------------


def _fields(label: str) -> tuple[str, str, str, str] | None:
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
        if stem != base and (len(stem) == 1 or stem in _GREEK):
            base, accent = stem, word
    subscript = ",".join(filter(None, [digits, *(subscript or "").replace("_", ",").split(",")]))
    return _GREEK.get(base, base), accent, superscript + number, subscript


# --- the two forms --------------------------------------------------------------------------------------


class Typeset(Text):
    """What LaTeX and MathML have in common. In their templates a □ stands for a part."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Of these names those that would be typeset alike (w1 and w_1) are written as they are."""
        alike: dict[Any, list[str]] = {}
        for name in names:
            alike.setdefault(_fields(name), []).append(name)
        self._verbatim = {name for group in alike.values() if len(group) > 1 for name in group}

    def is_raised(self, label: str) -> bool:
        fields = self.fields(label)
        return bool(numbered(label)[1] if fields is None else fields[2])

    def fields(self, name: str) -> tuple[str, str, str, str] | None:
        """A name's base, accent, superscript and subscript; None if it is written as it is."""
        return None if name in self._verbatim else _fields(name)

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
        latex = op.latex or f"a {op.name} b"
        input_names = re.compile(rf"(?<![\\\w])({'|'.join(op.inputs)})(?!\w)")
        begins, *_, ends = input_names.split(latex)
        trees = dict(zip(op.inputs, operands, strict=True))
        parts = {name: enclosed(tree) for name, tree in trees.items()}
        precedence = POWER
        if begins + ends == "":  # an infix sign
            precedence = op.infix or PRODUCT
            parts["a"] = trees["a"], precedence, True
            parts["b"] = trees["b"], precedence + 1, False
        elif not begins:  # the base of a power
            parts[op.inputs[0]] = operands[0], ATOM, True
        return precedence, [parts.get(text, text) for text in input_names.split(self.template(latex)) if text]

    def call(self, name: str, arguments: list[ast.expr]) -> tuple[int, list[Piece]]:
        op = OPS.get(name)
        if op is not None and op.latex and self.template(op.latex):
            return self.operation(op, arguments)
        if len(arguments) == 1 and isinstance(arguments[0], ast.List):
            arguments = arguments[0].elts
        opening, closing = self.parentheses(*arguments)
        head = "".join(self.function(word) for word in (op.symbol if op else name).split())
        return ATOM, self.listed(head + opening, arguments, closing, self.comma)

    def template(self, latex: str) -> str:
        """This form's way to write what a row gives as LaTeX; "" if there is none."""
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


_LATEX_OF = {letter: "\\" + word for word, letter in _GREEK.items()}
_LATEX_FUNCTIONS = {
    "arccos",
    "arcsin",
    "arctan",
    "cos",
    "cosh",
    "exp",
    "log",
    "max",
    "min",
    "sin",
    "sinh",
    "tan",
    "tanh",
}
_LATEX_BIG = {"Σ": r"\sum", "Π": r"\prod"}
_LATEX_SIGNS = {"≤": r"\le", "≥": r"\ge", "≠": r"\ne", "·": r"\cdot", "∞": r"\infty", "nan": r"\mathrm{nan}"}
_LATEX_ESCAPES = str.maketrans(
    {c: "\\" + c for c in " _#%&${}"}
    # a brace before the bracket: <script> in a page stays text there, too
    | {"\\": r"\backslash ", "^": r"{\wedge}", "~": r"{\sim}", "<": "{<}", ">": "{>}", "…": r"\dots "}
)


class Latex(Typeset):
    """LaTeX for math mode, of what plain LaTeX, MathJax and KaTeX all know."""

    comma = ", "
    case = r"□ & \text{if } □ \\ "
    otherwise = r"□ & \text{otherwise}"
    cases = r"\begin{cases} □ \end{cases}"
    conjunction = r" \text{ □ } "
    total = r"\sum_{j} □"
    product = r"\prod_{j} □"
    index = "□_{□}"

    def __init__(self, *trees: ast.expr, names: Iterable[str] = ()) -> None:
        """``trees`` are those to write."""
        super().__init__(names)
        self._tall: set[ast.AST] = set()  # what plain parentheses would be too small for
        for tree in trees:
            for node in reversed(list(ast.walk(tree))):  # what is inside comes first
                is_tall = isinstance(node, ast.Div | ast.IfExp | ast.GeneratorExp)
                if is_tall or any(child in self._tall for child in ast.iter_child_nodes(node)):
                    self._tall.add(node)

    def parentheses(self, *trees: ast.expr) -> tuple[str, str]:
        return ("(", ")") if self._tall.isdisjoint(trees) else (r"\left(", r"\right)")

    def template(self, latex: str) -> str:
        return latex

    def function(self, word: str) -> str:
        if word in _LATEX_FUNCTIONS:
            return "\\" + word
        if word in _LATEX_BIG:
            return _LATEX_BIG[word]
        return _LATEX_OF.get(word) or rf"\operatorname{{{word.translate(_LATEX_ESCAPES)}}}"

    def digits(self, text: str) -> str:
        return _LATEX_SIGNS.get(text, text)

    def sign(self, sign: str) -> str:
        return f" {_LATEX_SIGNS.get(sign, sign)} "

    def name(self, label: str) -> str:
        fields = self.fields(label)
        if fields is None:
            stem, number = numbered(label)
            verbatim = rf"\mathrm{{{printable(stem).translate(_LATEX_ESCAPES)}}}"
            return f"{verbatim}^{{{number}}}" if number else verbatim
        base, accent, superscript, subscript = fields
        is_differential = len(base) == 2 and base[0] == "d"  # dw, short for dJ/dw
        text = base if is_differential else self._word(base)
        if accent:
            text = rf"\{accent}{{{text}}}"
        if superscript:
            text += f"^{{{superscript}}}"
        if subscript:
            text += f"_{{{','.join(map(self._word, subscript.split(',')))}}}"
        return text

    def _word(self, word: str) -> str:
        return _LATEX_OF.get(word) or (word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{word}}}")


_MATHML = {
    "a + b": "a<mo>+</mo>b",
    "a - b": "a<mo>−</mo>b",
    r"a \cdot b": "a<mo>·</mo>b",
    r"\frac{a}{b}": "<mfrac><mrow>a</mrow><mrow>b</mrow></mfrac>",
    "a^{b}": "<msup><mrow>a</mrow><mrow>b</mrow></msup>",
    r"a \bmod b": "a<mo>mod</mo>b",
    "x^{2}": "<msup><mrow>x</mrow><mn>2</mn></msup>",
    "2^{x}": "<msup><mn>2</mn><mrow>x</mrow></msup>",
    r"\frac{1}{x}": "<mfrac><mn>1</mn><mrow>x</mrow></mfrac>",
    r"\sqrt[3]{x}": "<mroot><mrow>x</mrow><mn>3</mn></mroot>",
    r"\log_{2}\left(x\right)": "<mrow><msub><mi>log</mi><mn>2</mn></msub><mo>(</mo>x<mo>)</mo></mrow>",
    r"\log_{10}\left(x\right)": "<mrow><msub><mi>log</mi><mn>10</mn></msub><mo>(</mo>x<mo>)</mo></mrow>",
    r"\left\lfloor x\right\rfloor": "<mrow><mo>⌊</mo>x<mo>⌋</mo></mrow>",
    r"\left\|x\right\|": "<mrow><mo>‖</mo>x<mo>‖</mo></mrow>",
    "e^{x}": "<msup><mi>e</mi><mrow>x</mrow></msup>",
    r"\sqrt{x}": "<msqrt><mrow>x</mrow></msqrt>",
    r"\left|x\right|": "<mrow><mo>|</mo>x<mo>|</mo></mrow>",
}
_MATHML_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
_MATHML_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class MathML(Typeset):
    """MathML Core: the elements that all browsers show."""

    minus = "<mo>−</mo>"
    comma = "<mo>,</mo>"
    case = "<mtr><mtd>□</mtd><mtd><mtext>if </mtext>□</mtd></mtr>"
    otherwise = "<mtr><mtd>□</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
    cases = "<mrow><mo>{</mo><mtable>□</mtable></mrow>"
    conjunction = "<mtext> □ </mtext>"
    total = "<munder><mo>∑</mo><mi>j</mi></munder>□"
    product = "<munder><mo>∏</mo><mi>j</mi></munder>□"
    index = "<msub><mrow>□</mrow><mrow>□</mrow></msub>"

    def parentheses(self, *_: ast.expr) -> tuple[str, str]:
        return "<mo>(</mo>", "<mo>)</mo>"

    def template(self, latex: str) -> str:
        return _MATHML.get(latex, "")

    def function(self, word: str) -> str:
        return f"<mi>{word.translate(_MATHML_ESCAPES)}</mi>"

    def digits(self, text: str) -> str:
        return f"<mn>{text}</mn>"

    def sign(self, sign: str) -> str:
        return f"<mo>{sign.translate(_MATHML_ESCAPES)}</mo>"

    def name(self, label: str) -> str:
        fields = self.fields(label)
        if fields is None:
            stem, number = numbered(label)
            verbatim = f"<mi>{printable(stem).translate(_MATHML_ESCAPES)}</mi>"
            return f"<msup>{verbatim}<mi>{number}</mi></msup>" if number else verbatim
        base, accent, superscript, subscript = fields
        text = f"<mi>{base}</mi>"
        if accent:
            text = f"<mover>{text}<mo>{_MATHML_ACCENTS[accent]}</mo></mover>"
        if superscript and subscript:
            return f"<msubsup>{text}<mi>{subscript}</mi><mi>{superscript}</mi></msubsup>"
        if superscript or subscript:
            tag = "msup" if superscript else "msub"
            return f"<{tag}>{text}<mi>{superscript or subscript}</mi></{tag}>"
        return text
