"""How a node and its edges are written in a step of a trace: ``b·c``, ``3 × 2``, ``∂u/∂b = c``.

A row of the table gives formulas in its own names (``a*b``, partials ``b`` and ``a``). Here they are written out
for one node: in the names of its operands, and once more as a *template* of numbers, ``{0} × {1}``, where
``{0}`` stands for the number of input 0 and ``{y}`` for the result's; ``‹{0}›`` is put in parentheses if the
number is negative. A template stays right when a leaf is edited, so the page of the stepper fills in its own.
"""

from __future__ import annotations

import ast
import re
from functools import reduce

from ..formulas.digits import digits
from ..formulas.naming import SUPERSCRIPTS, numbered
from ..formulas.rows import WrittenOut, constants
from ..formulas.symbols import ATOM, COMPARISONS, LOOSE, POWER, SUM, UNARY
from ..formulas.text import Text, enclosed, operation, write
from ..table.ops import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..formulas.text import Piece
    from ..table.op import Op
    from .record import Formulas

    Operands = Sequence[ast.Name | ast.Constant]

ELEMENTS = 5  # of a list that is written out

# Every sentence of a step, in Python's text frames and in the page alike: {x} is the name of the node that a
# gradient flows to, {y} the one it comes from, {J} the root. A rule has a form for each notation.
WORDS = {
    "start": "Every input and parameter has its number. Each result is computed as soon as its inputs are known.",
    "forward": "All inputs of {y} are known, so {y} is computed.",
    "seed": "Backward begins at the result: {J} changes exactly as fast as itself, so its gradient is 1.",
    "edge": "When {x} grows by a small ε, {y} changes by {local}·ε, and {J} by {upstream} times that: {product}·ε.",
    "last edge": "When {x} grows by a small ε, {y} changes by {local}·ε.",
    "op": "{y} hands its gradient on to each of its inputs, times the local derivative of that edge.",
    "cut": "Here {y} does not change with {x}, so nothing flows back along this edge.",
    "arrived": "{arrived} of {expected} contributions to {x} arrived.",
    "complete": "{expected} of {expected} contributions to {x} arrived: its gradient is their sum.",
    "order": "Why only now? {y} is used by {users}; it hands its gradient on after all of them handed theirs to it.",
    "twice": "{x} stands in {y} more than once; each place is an edge of its own, numbered here.",
    "unreached": "No gradient reaches {names}: a small change there leaves {J} as it is.",
    "digits": "Rounding would make {textbook} of the textbook's form: it is computed in one that keeps its digits.",
    "dz": "{gradient} = {names} = {numbers} = {after}: what a sigmoid and cross-entropy come to.",
    "local": "{y} = {formula}  ⇒  ∂{y}/∂{place} = {partial}",
    "gradient ∂": "∂{J}/∂{x}",
    "gradient d": "d{x}",
    "gradient .grad": "{x}.grad",
    "term ∂": "∂{J}/∂{y} · ∂{y}/∂{place}",
    "term d": "d{y} · ∂{y}/∂{place}",
    "term .grad": "{y}.grad · ∂{y}/∂{place}",
}


def fill(template: str, numbers: Mapping[str, float]) -> str:
    """The template with its numbers.

    >>> fill("{0} × ‹{1}›", {"0": 3.0, "1": -2.0})
    '3 × (−2)'
    """
    parts = template.replace("‹{", "{‹").replace("}›", "}").split("{")
    filled = parts[0]
    for part in parts[1:]:
        key, _, rest = part.partition("}")
        number = digits(numbers[key.lstrip("‹")])
        filled += f"({number})" if key[0] == "‹" and number[0] == "−" else number
        filled += rest
    return filled


class Written:
    """The formulas of one node: symbols, and templates of numbers.

    ``formula``     what it is, in the names of its operands; ``numbers`` the same as a template
    ``definition``  what its function is, ``1/(1 + exp(−z))``; "" where the formula says it all
    ``partials``    [text, template] per input, None for a constant; "" is the template of a text without names
    """

    def __init__(self, op: Op, name: str, operands: Operands, flows: Sequence[bool]) -> None:
        numbers = [v if isinstance(v, ast.Constant) else ast.Name(f"{{{i}}}") for i, v in enumerate(operands)]
        self.formula = write(_formula(op, operands), _SYMBOLS)
        self.numbers = write(_formula(op, numbers), _NUMBERS)
        self.definition = _definition(op, operands)
        self.partials: list[list[str] | None] = []
        size = len(operands) - op.lists.count(False)
        size = size // max(1, op.lists.count(True))
        places = [(at, i) for at, is_list in enumerate(op.lists) for i in (range(size) if is_list else [0])]
        for (at, i), flowing in zip(places, flows, strict=True):
            if not flowing:
                self.partials.append(None)
                continue
            partial = op.partials[at]
            text = write(_expanded(op, partial, operands, ast.Name(name), i), _SYMBOLS)
            tree = _expanded(op, partial, numbers, ast.Name("{y}"), i)
            template = write(tree, _NUMBERS) if _has_one_branch(tree) else ""
            self.partials.append([text, template if "{" in template else ""])


class Phrasebook:
    """The formulas of many nodes. Nodes of one form (``a·b``, ``3·c``) are written once, with places for the names."""

    def __init__(self) -> None:
        self.forms: dict[tuple[object, ...], Written] = {}

    def written(self, op: Op, name: str, operands: Operands, flows: Sequence[bool]) -> Formulas:
        """What ``Written`` says of a node, by name; what is too long for a line is cut."""
        place: dict[str, int] = {}  # of a name; place 0 is the node's own
        form = [  # of each operand the place of its name, or the constant that it is
            place.setdefault(v.id, len(place) + 1) if isinstance(v, ast.Name) else repr(v.value) for v in operands
        ]
        names = [name, *place]
        spelled = [f"⟪{k}⟫" if numbered(word)[1] else f"⟦{k}⟧" for k, word in enumerate(names)]
        key = (op, *form, *flows, *spelled)
        if key not in self.forms:
            places = [ast.Name(spelled[k]) if isinstance(k, int) else v for k, v in zip(form, operands, strict=True)]
            self.forms[key] = Written(op, spelled[0], places, flows)
        found = self.forms[key]

        def named(text: str) -> str:
            return _cut(_PLACE.sub(lambda place: names[int(place[1])], text))

        return {
            "formula": named(found.formula),
            "numbers": found.numbers,
            "definition": named(found.definition),
            "partials": [partial and [named(partial[0]), partial[1]] for partial in found.partials],
        }


_PLACE = re.compile("[⟦⟪]([0-9]+)[⟧⟫]")
"""The place of a name; of one with a number behind it, x⁽¹⁾, the second form: a power of that has parentheses."""


def _formula(op: Op, operands: Operands) -> ast.expr:
    if op.written_out:
        return _expanded(op, op.value, operands, ast.Name("y"), 0)
    return operation(op, operands, ELEMENTS)


def _definition(op: Op, operands: Operands) -> str:
    if op.written_out or not op.name.isidentifier():
        return ""
    text = write(_expanded(op, op.value, operands, ast.Name("y"), 0), _SYMBOLS)
    return "" if text == write(operation(op, operands), _SYMBOLS) else text


def _cut(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def _has_one_branch(tree: ast.expr) -> bool:
    return not any(isinstance(node, ast.IfExp | ast.Compare) for node in ast.walk(tree))


def _expanded(op: Op, formula: str, operands: Operands, y: ast.expr, i: int) -> ast.expr:
    return _Expand(op, operands, y, i).read(formula)


class _Expand(WrittenOut):
    """A row's formula for one node: operands for the row's names, constants decide branches, long lists are cut."""

    def __init__(self, op: Op, operands: Sequence[ast.expr], y: ast.expr, i: int) -> None:
        arguments = dict(zip(op.inputs, op.split(operands), strict=True))
        lists: dict[str, list[ast.expr]] = {k: v for k, v in arguments.items() if isinstance(v, list)}
        places: dict[str, ast.expr] = {k: v for k, v in arguments.items() if not isinstance(v, list)}
        places |= {"y": y, "i": ast.Constant(i), "pi": ast.Name("π")}
        super().__init__(places, constants(places), lists)
        self.trees = lists

    def element(self, x: str, at: int) -> ast.expr:
        return self.trees[x][at]

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


class _Symbols(Text):
    """Formulas as a board shows them: ``b·c``, ``x²``, ``σ(z)``, ``0 if z ≤ 0, else 1``."""

    minus = "−"
    times = "·"

    def is_raised(self, label: str) -> bool:
        return label[:1] == "⟪" or numbered(label)[1] != ""

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
            case ast.IfExp(test, body, orelse):
                return LOOSE, [enclosed(body), " if ", enclosed(test), ", else ", enclosed(orelse)]
            case ast.Compare(left, [comparison], [right]):
                sign = f" {COMPARISONS[type(comparison)]} "
                return LOOSE, [(left, SUM, True), sign, (right, SUM, True)]
            case ast.BoolOp(op, values):
                return LOOSE, self.listed("", values, "", " and " if isinstance(op, ast.And) else " or ")
        return super().pieces(tree)


class _Numbers(_Symbols):
    """The same with places for numbers."""

    times = " × "

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        if isinstance(tree, ast.Name) and tree.id[0] == "{":
            return UNARY, [tree.id]  # it may turn out to be negative
        return super().pieces(tree)

    def name(self, label: str) -> str:
        return label

    def parentheses(self, *trees: ast.expr) -> tuple[str, str]:
        is_place = isinstance(trees[0], ast.Name) and trees[0].id[0] == "{"
        return ("‹", "›") if is_place else ("(", ")")


_SYMBOLS, _NUMBERS = _Symbols(), _Numbers()
