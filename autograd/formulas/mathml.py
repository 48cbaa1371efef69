"""Formulas in MathML: ``to_mathml``, of graphs, of trees, and of the rows of the table."""

from __future__ import annotations

from ..table.latex import mathml_template
from ..value import Value
from .naming import numbered, printable
from .text import defined, write
from .typeset import Typeset

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from ..table.op import Op

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

    def template(self, op: Op) -> str:
        return mathml_template(op)

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
