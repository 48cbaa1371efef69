"""Formulas in LaTeX: ``to_latex``, of graphs, of trees, and of the rows of the table."""

from __future__ import annotations

import ast

from ..table.latex import latex_template
from ..table.mathml import FUNCTIONS, GREEK
from ..value import Value
from .naming import numbered, printable
from .text import defined, write
from .typeset import Typeset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..table.op import Op

_LATEX_OF = {letter: "\\" + word for word, letter in GREEK.items()}
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

    def template(self, op: Op) -> str:
        return latex_template(op)

    def function(self, word: str) -> str:
        if word in FUNCTIONS:
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
