"""What a page needs from Python to write the nodes of a formula by itself: per operation its texts, with marks.

``autograd.steps.written`` writes a node in the names of its operands. Here it writes each operation once, with a mark
for each operand; ``viz/static/formula_phrases.js`` puts the names there, and parentheses where a name needs them. A
mark is ``⟦0⟧`` for input 0; ``⟦0:31⟧`` where nothing looser than a precedence of 3 may stand and a minus may lead
(``⟦0:30⟧``: may not); ``⟦y⟧`` the result. ``⟦m1⟧`` is the number of input 1 less 1; ``⟦s1⟧`` and ``⟦t1⟧`` are both in
small digits.

Numbers among the operands may decide a branch of a row. So a piece has a *case*, a letter per operand: ``x`` a name,
``0`` the number zero, ``c`` another number; of exponents also ``2`` and ``i``, another whole number. A case that reads
like the one of all names is left out.
"""

from __future__ import annotations

import ast
import keyword
import re
from functools import cache
from itertools import product

from autograd.formulas.naming import SUPERSCRIPTS
from autograd.formulas.reading.vocabulary import ALIASES, LIBRARIES, NONE_HERE, OPERATORS, function
from autograd.formulas.symbols import ATOM, LOOSE
from autograd.formulas.text import Text
from autograd.functions import BUILT_IN, FUNCTION_NAMES
from autograd.steps.written import LatexNumbers, LatexSymbols, Numbers, Symbols, Written, formula_tree
from autograd.table.ops import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.formulas.text import Piece
    from autograd.steps.record import Formulas
    from autograd.steps.written import Form
    from autograd.table.op import Op

MOST_ELEMENTS = 8  # of a list; Python writes the longer ones
MOST_INDEXED = 6  # of a list with an index, which has a piece for each
NUMBERS = {"0": 0.0, "2": 2.0, "c": 0.8125, "i": 8191.0}
"""What stands for the numbers of a case; the last ones stand nowhere in the table."""


def formulas() -> dict[str, object]:
    """All that a page reads: ``pieces`` by operation and case, and how functions are called."""
    own = [op for op in OPS.values() if op.name in BUILT_IN or not op.name.isidentifier()]
    return {
        "pieces": {op.name: pieces(op) for op in own},
        "functions": {word: row for word, row in FUNCTION_NAMES.items() if row in BUILT_IN and word.isidentifier()},
        "aliases": {word: function(word) for word in ALIASES},
        "operators": OPERATORS | {"transpose": ".T"},
        "libraries": sorted(LIBRARIES),
        "noneHere": [word.replace("_", "") for word in NONE_HERE],
        "keywords": keyword.kwlist,
        "defaults": {op.name: op.defaults for op in own if op.defaults},
        "perElement": [op.name for op in own if op.per_element],
    }


@cache
def pieces(op: Op) -> dict[str, object]:
    """The texts of an operation, by case."""
    found: dict[str, object] = {}
    if op.n_lists:
        most = MOST_INDEXED if len(op.inputs) > op.n_lists else MOST_ELEMENTS
        for n in range(1, most + 1):
            names = "x" * n * op.n_lists
            further = [str(k) for k in range(n)] if len(op.inputs) > op.n_lists else [""]
            for first, index in product("xc", further):
                case = first + names[1:] + index
                written = _written(op, case, n)
                if first == "x" or _without_numbers(found["x" + case[1:]], case) != written:
                    found[case] = written
        return found
    plain = "x" * len(op.inputs)
    found[plain] = _written(op, plain)
    letters = ["x0c"] * len(op.inputs)
    if op.name == "**":
        letters[1] = "x0c2i"
    for case in map("".join, product(*letters)):
        if "x" in case and case != plain:
            written = _written(op, case)
            if written != _without_numbers(found[plain], case):
                found[case] = written
    return found


def _without_numbers(piece: object, case: str) -> object:
    """The piece of names where some are numbers, to which nothing flows."""
    assert isinstance(piece, dict)

    def flowing(partials: list[object]) -> list[object]:
        return [partial if letter == "x" else None for partial, letter in zip(partials, case, strict=True)]

    latex = piece["latex"]
    return piece | {
        "partials": flowing(piece["partials"]),
        "latex": latex | {"partials": flowing(latex["partials"])},
    }


def _written(op: Op, case: str, n: int = 0) -> dict[str, object]:
    """What is written of a node; of lists the last letter of a case may be an index."""
    operands: list[ast.Name | ast.Constant] = []
    for at, letter in enumerate(case):
        is_index = n > 0 and at >= n * op.n_lists
        number = float(letter) if is_index else NUMBERS.get(letter)
        operands.append(ast.Name(f"⟦{at}⟧") if number is None else ast.Constant(_Marked(number, str(at))))
    made = _Piece(op, "⟦y⟧", operands, [isinstance(tree, ast.Name) for tree in operands])
    tree = formula_tree(op, operands)
    is_operand = isinstance(tree, ast.Name)  # the sum of one number is that number
    symbols, _, latex, _ = made.forms
    precedence = [-1 if is_operand else form(tree).pieces(tree)[0] for form in (symbols, latex)]
    text: Formulas = {
        "formula": made.formula,
        "numbers": made.numbers,
        "definition": made.definition,
        "partials": made.partials,
    }
    return {"precedence": precedence, **_with_small_digits(text), "latex": _with_small_digits(made.latex)}


def _with_small_digits(text: Formulas) -> dict[str, object]:
    """Marks in place of the whole number of a case, and of what is less by 1, in small digits."""
    whole = int(NUMBERS["i"])

    def marked(words: str) -> str:
        for number, mark in ((whole, "⟦s1⟧"), (whole - 1, "⟦t1⟧")):
            words = words.replace(str(number).translate(SUPERSCRIPTS), mark)
        return words

    partials = [partial and [marked(words) for words in partial] for partial in text["partials"]]
    return {
        "formula": marked(text["formula"]),
        "numbers": marked(text["numbers"]),
        "definition": marked(text["definition"]),
        "partials": partials,
    }


class _Marked(float):
    """A number that is written as the mark of its operand."""

    mark: str

    def __new__(cls, x: float, mark: str) -> _Marked:
        made = super().__new__(cls, x)
        made.mark = mark
        return made

    def __sub__(self, other: float) -> _Marked:
        return _Marked(float(self) - other, f"m{self.mark}")


_MARK = re.compile(r"⟦([0-9]+|y)⟧|\{([0-9]+)\}")


def _mark(tree: ast.expr) -> str:
    """The mark that stands for a tree; "" if none."""
    match tree:
        case ast.Constant(_Marked() as number):
            return number.mark
        case ast.Name(name) if place := _MARK.fullmatch(name):
            return place[1] or place[2]
    return ""


class _Marks(Text):
    """Operands are marks, which say how tightly a name must hold together there."""

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        if mark := _mark(tree):
            return ATOM, [f"⟦{mark}"]
        return super().pieces(tree)

    def enclosing(self, tree: ast.expr, precedence: int, least: int, leads: bool) -> tuple[str, str] | None:
        if _mark(tree):
            return "", "⟧" if least == LOOSE and leads else f":{least}{leads:d}⟧"
        return super().enclosing(tree, precedence, least, leads)


class _Symbols(_Marks, Symbols):
    pass


class _Numbers(_Marks, Numbers):
    pass


class _LatexSymbols(_Marks, LatexSymbols):
    pass


class _LatexNumbers(_Marks, LatexNumbers):
    pass


class _Piece(Written):
    """A node whose operands are marks."""

    @property
    def forms(self) -> tuple[Form, Form, Form, Form]:
        return lambda _: _Symbols(), lambda _: _Numbers(), _LatexSymbols, _LatexNumbers

    def has_numbers(self, template: str) -> bool:
        return "⟦" in template or super().has_numbers(template)
