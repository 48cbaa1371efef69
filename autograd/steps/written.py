"""How a node and its edges are written in a step of a trace: ``b·c``, ``3 × 2``, ``∂u/∂b = c``; as text and in LaTeX.

A row of the table gives formulas in its own names (``a*b``, partials ``b`` and ``a``). Here they are written out
for one node: in the names of its operands, and once more as a *template* of numbers, ``{0} × {1}``, where
``{0}`` stands for the number of input 0 and ``{y}`` for the result's; ``‹{0}›`` is put in parentheses if the
number is negative. A template stays right when a leaf is edited, so the page of the stepper fills in its own.
In LaTeX, whose braces are its own, the places are ``⟨0⟩``.
"""

from __future__ import annotations

import ast
import re
from functools import cache, reduce

from ..formulas.digits import digits
from ..formulas.latex import Latex
from ..formulas.naming import SUPERSCRIPTS, numbered
from ..formulas.rows import WrittenOut, constants, parsed
from ..formulas.symbols import ATOM, COMPARISONS, LOOSE, POWER, PRODUCT, SUM, UNARY
from ..formulas.text import Text, enclosed, operation, write
from ..table.ops import OPS
from .called import Called
from .wording import latex_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from typing_extensions import TypeIs

    from ..formulas.text import Piece
    from ..table.op import Op
    from .record import Formulas

    Operands = Sequence[ast.Name | ast.Constant]
    Form = Callable[[ast.expr], Text]

ELEMENTS = 5  # of a list that is written out


class Written:
    """The formulas of one node: symbols, and templates of numbers; ``latex`` has the same in LaTeX.

    ``formula``     what it is, in the names of its operands; ``numbers`` the same as a template
    ``definition``  what its function is, ``1/(1 + exp(−z))``; "" where the formula says it all
    ``partials``    [text, template] per input, None for a constant; "" is the template of a text without names
    """

    def __init__(self, op: Op, name: str, operands: Operands, flows: Sequence[bool]) -> None:
        self.op, self.y, self.operands = op, ast.Name(name), operands
        self.numbered = [v if isinstance(v, ast.Constant) else ast.Name(f"{{{i}}}") for i, v in enumerate(operands)]
        self.places = self._places(flows)
        symbols, numbers, latex_symbols, latex_numbers = self.forms
        text = self._formulas(symbols, numbers, _has_definition(op, operands))
        self.latex = self._formulas(latex_symbols, latex_numbers, bool(text["definition"]))
        self.formula, self.numbers, self.definition = text["formula"], text["numbers"], text["definition"]
        self.partials = text["partials"]

    @property
    def forms(self) -> tuple[Form, Form, Form, Form]:
        """How it is written: symbols and numbers, as text and in LaTeX; each for the tree that is written."""
        return _symbols, _numbers, LatexSymbols, LatexNumbers

    def has_numbers(self, template: str) -> bool:
        """Whether a template has places for numbers."""
        return "{" in template or "⟨" in template

    def _places(self, flows: Sequence[bool]) -> list[tuple[int, int] | None]:
        """Per input which of the row's it is, and its index in a list; None for one that nothing flows to."""
        op = self.op
        size = (len(self.operands) - op.lists.count(False)) // max(1, op.lists.count(True))
        places = [(at, i) for at, is_list in enumerate(op.lists) for i in (range(size) if is_list else [0])]
        return [place if flowing else None for place, flowing in zip(places, flows, strict=True)]

    def _formulas(self, symbols: Form, numbers: Form, has_definition: bool) -> Formulas:
        """All of it in one form."""

        def written(tree: ast.expr, form: Form) -> str:
            return write(tree, form(tree))

        op = self.op
        partials: list[list[str] | None] = []
        for place in self.places:
            if place is None:
                partials.append(None)
                continue
            at, i = place
            text = written(_expanded(op, op.partials[at], self.operands, self.y, i, True), symbols)
            tree = _expanded(op, op.partials[at], self.numbered, ast.Name("{y}"), i)
            template = written(tree, numbers) if _has_one_branch(tree) else ""
            partials.append([text, template if self.has_numbers(template) else ""])
        definition = _expanded(op, op.value, self.operands, ast.Name("y"), 0)
        return {
            "formula": written(formula_tree(op, self.operands), symbols),
            "numbers": written(formula_tree(op, self.numbered), numbers),
            "definition": written(definition, symbols) if has_definition else "",
            "partials": partials,
        }


class Phrasebook:
    """The formulas of many nodes. Nodes of one form (``a·b``, ``3·c``) are written once, with places for the names.

    ``latex`` are those forms in LaTeX, where ``⟦0⟧`` is the place of the name of input 0 and ``⟦y⟧`` of the result's.
    """

    def __init__(self) -> None:
        self.latex: list[Formulas] = []
        self._forms: dict[tuple[object, ...], tuple[int, Written]] = {}
        self._names: dict[tuple[object, ...], Called] = {}

    def name(self, op: Op, operands: Sequence[Called | float]) -> Called:
        """The formula of a node as its name."""
        trees = _places(operands)
        key = (op, *_spelled(trees))
        if key not in self._names:
            tree = formula_tree(op, trees)
            forms = _SYMBOLS, LatexSymbols(tree)
            precedence = forms[0].pieces(tree)[0], forms[1].pieces(tree)[0]
            self._names[key] = Called(write(tree, forms[0]), write(tree, forms[1]), precedence)
        found = self._names[key]
        names = [(str(at), v) for at, v in enumerate(operands) if not isinstance(v, float)]
        text = named(found.text, {at: v.text for at, v in names})
        latex = named(found.latex, {at: v.latex for at, v in names})
        return Called(text, latex, found.precedence, is_formula=True)

    def form(
        self, op: Op, own: Called, operands: Sequence[Called | float], flows: Sequence[bool]
    ) -> tuple[int, Written]:
        """The form of a node, and its place in ``latex``; an operand is a name, or a number that stands for itself."""
        trees = _places(operands)
        y = _place("y", own)
        key = (op, y.id, *_spelled(trees), *flows)
        if key not in self._forms:
            made = Written(op, y.id, trees, flows)
            self._forms[key] = len(self.latex), made
            self.latex.append(made.latex)
        return self._forms[key]

    def written(self, op: Op, own: Called, operands: Sequence[Called | float], flows: Sequence[bool]) -> Formulas:
        """What ``Written`` says of a node, by name; what is too long for a line is cut."""
        at, form = self.form(op, own, operands, flows)
        names = {"y": own.text} | {str(at): v.text for at, v in enumerate(operands) if not isinstance(v, float)}
        return {
            "formula": _cut(named(form.formula, names)),
            "numbers": form.numbers,
            "definition": _cut(named(form.definition, names)),
            "partials": [partial and [_cut(named(partial[0], names)), partial[1]] for partial in form.partials],
            "form": at,
        }


def _places(operands: Sequence[Called | float]) -> list[ast.Name | ast.Constant]:
    """The operands as trees; what has one name has one place, its first."""
    first: dict[str, int] = {}
    return [
        ast.Constant(v) if isinstance(v, float) else _place(first.setdefault(v.text, at), v)
        for at, v in enumerate(operands)
    ]


def _spelled(trees: Operands) -> list[str]:
    return [tree.id if isinstance(tree, ast.Name) else repr(tree.value) for tree in trees]


def named(template: str, names: Mapping[str, str]) -> str:
    """A form with the names in their places."""
    return _PLACE.sub(lambda place: names[place[1]], template)


_PLACE = re.compile("⟦([0-9]+|y)⟧")
_PLACE_WITH_PRECEDENCE = re.compile("⟦([0-9]+|y):([0-9])([0-9])⟧")
"""The place of a name in a tree: how tightly the name holds together as text, and in LaTeX."""


def _place(at: int | str, name: Called) -> ast.Name:
    return ast.Name("⟦{}:{}{}⟧".format(at, *name.precedence))


def formula_tree(op: Op, operands: Operands) -> ast.expr:
    """The tree of what a reader sees of a node."""
    if op.written_out:
        return _expanded(op, op.value, operands, ast.Name("y"), 0)
    return operation(op, operands, ELEMENTS)


def _has_definition(op: Op, operands: Operands) -> bool:
    """Whether the row's formula says more of a node than its function's name."""
    if op.written_out or not op.name.isidentifier():
        return False
    text = write(_expanded(op, op.value, operands, ast.Name("y"), 0), _SYMBOLS)
    return text != write(operation(op, operands), _SYMBOLS)


def _cut(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def _has_one_branch(tree: ast.expr) -> bool:
    return not any(isinstance(node, ast.IfExp | ast.Compare) for node in ast.walk(tree))


def _expanded(op: Op, formula: str, operands: Operands, y: ast.expr, i: int, of_softmax: bool = False) -> ast.expr:
    return _Expand(op, operands, y, i, of_softmax).read(formula)


@cache
def _probability() -> str:
    """How a row writes element i of the softmax of x, as ``ast.dump`` has it."""
    return ast.dump(parsed("exp(x[i])/sum(exp(u) for u in x)"))


class _Expand(WrittenOut):
    """A row's formula for one node: operands for the row's names, constants decide branches, long lists are cut.

    An element of a softmax is one thing, p with an index, with a number of its own, ``{p}``; where ``of_softmax``,
    "1 if i == k else 0" is Kronecker's δ, as notes have it.
    """

    def __init__(self, op: Op, operands: Sequence[ast.expr], y: ast.expr, i: int, of_softmax: bool) -> None:
        self.i, self.of_softmax = i, of_softmax
        arguments = dict(zip(op.inputs, op.split(operands), strict=True))
        lists: dict[str, list[ast.expr]] = {k: v for k, v in arguments.items() if isinstance(v, list)}
        places: dict[str, ast.expr] = {k: v for k, v in arguments.items() if not isinstance(v, list)}
        places |= {"y": y, "i": ast.Constant(i), "pi": ast.Name("π")}
        super().__init__(places, constants(places), lists)
        self.trees = lists

    def element(self, x: str, at: int) -> ast.expr:
        return self.trees[x][at]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.Div) and ast.dump(node) == _probability():
            return ast.Name(f"⟦p:{self.i}⟧" if self.of_softmax else "{p}")
        return super().visit_BinOp(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        k = self.numbers.get("k")
        if self.of_softmax and isinstance(k, float) and ast.unparse(node) == "1 if i == k else 0":
            comma = "," if max(k, self.i) > 9 else ""
            return ast.Name(f"⟦δ:{k:g}{comma}{self.i}⟧")
        return super().visit_IfExp(node)

    def known(self, tree: ast.expr) -> float | None:
        match tree:
            case ast.Compare(_, [sign]) if not isinstance(sign, ast.Eq):
                return None  # "0 if x ≤ 0, else x" says what the function is, also of a constant
            case ast.BoolOp(junction, tests):  # one test that holds settles an "or", one that does not an "and"
                settling = isinstance(junction, ast.Or)
                known = [self.known(test) for test in tests]
                if any(holds is not None and bool(holds) == settling for holds in known):
                    return settling
                return None if None in known else not settling
        return super().known(tree)

    def sum_of(self, terms: Sequence[ast.expr]) -> ast.expr:
        return _joined(terms, ast.Add()) if terms else ast.Constant(0)

    def product_of(self, factors: Sequence[ast.expr]) -> ast.expr:
        factors = [x for x in factors if not (isinstance(x, ast.Constant) and x.value == 1)]
        return _joined(factors, ast.Mult()) if factors else ast.Constant(1)

    def tidy(self, tree: ast.expr) -> ast.expr:
        match tree:
            case ast.BinOp(a, ast.Mult(), b) if a is b is self.places["y"]:
                return ast.BinOp(a, ast.Pow(), ast.Constant(2))
            case ast.BinOp(ast.Constant(float(exponent)), ast.Sub(), ast.Constant(1)):  # of x**(3 - 1)
                return ast.Constant(exponent - 1)
            case ast.BinOp(a, ast.Pow(), ast.Constant(1)):
                return a
        return tree


def _joined(operands: Sequence[ast.expr], operator: ast.operator) -> ast.expr:
    if len(operands) > ELEMENTS:
        operands = [*operands[: ELEMENTS - 2], ast.Name("…"), operands[-1]]
    return reduce(lambda left, right: ast.BinOp(left, operator, right), operands)


class Symbols(Text):
    """Formulas as a board shows them: ``b·c``, ``x²``, ``σ(z)``, ``0 if z ≤ 0, else 1``."""

    minus = "−"
    times = "·"

    def is_raised(self, label: str) -> bool:
        return numbered(label)[1] != ""

    def number(self, x: float) -> tuple[int, list[Piece]]:
        text = digits(x)
        return UNARY if text[0] == "−" else ATOM, [text]

    def operation(self, op: Op, operands: list[ast.expr]) -> tuple[int, list[Piece]]:
        precedence, pieces = super().operation(op, operands)
        match op.name, operands:
            case "**", [_, ast.Constant(int() | float() as power)] if float(power).is_integer():
                return POWER, [pieces[0], f"{int(power)}".translate(SUPERSCRIPTS)]
        sign = {"*": self.times, "-": " − ", "%": " mod ", "**": "^"}.get(op.name, pieces[1])
        return precedence, [pieces[0], sign, pieces[2]]

    def call(self, name: str, arguments: list[ast.expr]) -> tuple[int, list[Piece]]:
        if len(arguments) == 1 and isinstance(arguments[0], ast.List):
            arguments = arguments[0].elts
        if name == "abs":
            return ATOM, self.listed("|", arguments, "|")
        return ATOM, self.listed(f"{OPS[name].symbol if name in OPS else name}(", arguments, ")")

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        match tree:
            case ast.Name(label) if place := _PLACE_WITH_PRECEDENCE.fullmatch(label):
                return int(place[2]), [f"⟦{place[1]}⟧"]
            case ast.Name(label) if place := _LETTER.fullmatch(label):
                return ATOM, [place[1] + place[2].translate(_SUBSCRIPTS)]
            case ast.IfExp(test, body, orelse):
                return LOOSE, [enclosed(body), " if ", enclosed(test), ", else ", enclosed(orelse)]
            case ast.Compare(left, [comparison], [right]):
                sign = f" {COMPARISONS[type(comparison)]} "
                return LOOSE, [(left, SUM, True), sign, (right, SUM, True)]
            case ast.BoolOp(op, values):
                return LOOSE, self.listed("", values, "", " and " if isinstance(op, ast.And) else " or ")
        return super().pieces(tree)


class Numbers(Symbols):
    """The same with places for numbers."""

    times = " × "

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        if _is_number(tree):
            return UNARY, [tree.id]  # it may turn out to be negative
        return super().pieces(tree)

    def parentheses(self, *trees: ast.expr) -> tuple[str, str]:
        return ("‹", "›") if _is_number(trees[0]) else ("(", ")")


class LatexSymbols(Latex):
    """The same in LaTeX."""

    def number(self, x: float) -> tuple[int, list[Piece]]:
        text = latex_number(x)
        return UNARY if text[0] == "-" else PRODUCT if "^" in text else ATOM, [text]

    def name(self, label: str) -> str:
        return {"π": r"\pi", "…": r"\dots"}.get(label) or super().name(label)

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        match tree:
            case ast.Name(label) if place := _PLACE_WITH_PRECEDENCE.fullmatch(label):
                return int(place[3]), [f"⟦{place[1]}⟧"]
            case ast.Name(label) if place := _LETTER.fullmatch(label):
                letter = {"δ": r"\delta"}.get(place[1], place[1])
                return ATOM, [f"{letter}_{{{place[2]}}}"]
        return super().pieces(tree)


class LatexNumbers(LatexSymbols):
    """The same with places for numbers."""

    def template(self, op: Op) -> str:
        return super().template(op).replace(r"\cdot", r"\times")

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        if _is_number(tree):
            return UNARY, [f"⟨{tree.id[1:-1]}⟩"]
        return super().pieces(tree)

    def parentheses(self, *trees: ast.expr) -> tuple[str, str]:
        return ("‹", "›") if trees and _is_number(trees[0]) else super().parentheses(*trees)

    def around(self, *arguments: ast.expr) -> tuple[str, str]:
        return super().parentheses(*arguments)


def _is_number(tree: ast.expr) -> TypeIs[ast.Name]:
    """Whether it is the place of a number, {0}."""
    return isinstance(tree, ast.Name) and tree.id[0] == "{"


_LETTER = re.compile("⟦([pδ]):([0-9,]+)⟧")
"""A letter with an index: an element of a softmax, or Kronecker's δ."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SYMBOLS, _NUMBERS = Symbols(), Numbers()


def _symbols(_: ast.expr) -> Text:
    return _SYMBOLS


def _numbers(_: ast.expr) -> Text:
    return _NUMBERS
