"""From words to trees: sums, products and powers, with the products that have no sign.

The precedence is Python's, and text that ``to_text`` writes is read as Python reads it. A product without a sign goes
before no division: ``1/2x`` is refused with both of its readings, and ``1/m dZ`` is (1/m)·dZ.
"""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass

from ...errors import FormulaError
from ...number import shortened
from ..symbols import ATOM, LOOSE, POWER
from .groups import MISPLACED, Grouped, at_commas, begins_operand, raw, symbol_before
from .lines import narrow
from .operands import Operands
from .spelling import Spellings
from .trees import Trees, factors, piece
from .vocabulary import DOTS, SIZES, UNUSUAL
from .words import Group, Word, clean, two_readings, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Statement = tuple[str, ast.expr]  # a definition's name, "" for a bare expression; and its tree


@dataclass
class Factor:
    """One factor of a product without signs, and whether a space stands before it, or a Σ."""

    tree: ast.expr
    spaced: bool = False
    is_total: bool = False


class Expression(Operands):
    """Reads one expression."""

    def whole(self) -> ast.expr:
        """All of the words as one expression."""
        tree = self.sum()
        if (word := self.peek()) is not None:
            if word.text == "=":
                raise self.trees.at("an = has no place in a formula", word.start)
            raise self.trees.at(MISPLACED, word.start)
        return tree

    def sum(self) -> ast.expr:
        tree = self.product()
        while self.sign() in ("+", "-"):
            tree = self.trees.binary(tree, self.take().text, self.product())
        return tree

    # --- products -------------------------------------------------------------------------------------------

    def product(self) -> ast.expr:
        start = self.place
        first, *rest = self._joined(self._factors())
        tree = first.tree
        for factor in rest:
            tree = self._times(tree, factor.tree)
        while self.sign() in ("*", "/", "%", "@"):
            sign = self.take()
            if sign.text == "@" and not self.matrices:
                raise self.trees.at("the character '@' has no place in a formula", sign.start)
            first, *rest = self._joined(self._factors())
            if sign.text in "/%" and rest and not self._goes_before(tree, first, rest):
                place = self.items[start].start
                run = factors([factor.tree for factor in rest])
                left, below = piece(tree), piece(first.tree, POWER)
                inside = factors([first.tree, *[factor.tree for factor in rest]])
                raise self.either(place, f"({left}{sign.text}{below})*{run}", f"{left}{sign.text}({inside})")
            tree = self._joined_by(sign, tree, first.tree)
            for factor in rest:
                tree = self._times(tree, factor.tree)
        return tree

    def _goes_before(self, left: ast.expr, below: Factor, rest: list[Factor]) -> bool:
        """Whether a division goes before the product without signs below it: 1/m dZ is (1/m)·dZ."""
        if any(len(self.trees.shape(factor.tree)) == 2 for factor in rest):
            return True
        is_size = isinstance(below.tree, ast.Constant) or (isinstance(below.tree, ast.Name) and below.tree.id in SIZES)
        return (is_size and rest[0].spaced) or (_is_number(left) and rest[0].is_total)

    def _factors(self) -> list[Factor]:
        """One factor and those that follow it without a sign."""
        start = self.peek()
        found = [Factor(self._signed())]
        while (word := self.peek()) is not None and begins_operand(word):
            if word.kind in ("number", "fraction") and start is not None:
                before = self.items[self.place - 1]
                if before.kind == "number":
                    source = self.trees.text[before.start : word.end]
                    problem = (
                        f"write {shortened(before.text)}*{shortened(word.text)} for a product, not {shortened(source)}"
                    )
                    raise self.trees.at(problem, word.start)
                read = factors([factor.tree for factor in found])
                self.place += 1
                raise self.either(start.start, f"{read}*{word.text}", f"{read}**{word.text}")
            self.trees.changed = True
            found.append(Factor(self.power(), word.spaced, word.text in ("Σ", "Π")))
        return found

    def _joined(self, found: list[Factor]) -> list[Factor]:
        """The factors, those that make a product of matrices as one: it goes before * and /."""
        joined = found[:1]
        for factor in found[1:]:
            last = joined[-1]
            if self.trees.beside(last.tree, factor.tree) == "@":
                joined[-1] = Factor(self.trees.binary(last.tree, "@", factor.tree), last.spaced)
            else:
                joined.append(factor)
        return joined

    def _times(self, left: ast.expr, right: ast.expr) -> ast.expr:
        return self.trees.binary(left, self.trees.beside(left, right), right)

    def _joined_by(self, sign: Word, left: ast.expr, right: ast.expr) -> ast.expr:
        """Two factors with a sign; a dot between matrices that fit in no other way is their product, as in notes."""
        a, b = self.trees.shape(left), self.trees.shape(right)
        is_dot = self.trees.text[sign.start : sign.end] in DOTS
        if is_dot and len(a) + len(b) > 2 and a and b and a[-1] == b[0] and not _fit(a, b):
            self.trees.changed = True
            return self.trees.binary(left, "@", right)
        return self.trees.binary(left, sign.text, right)

    # --- signs and powers -----------------------------------------------------------------------------------

    def _signed(self) -> ast.expr:
        signs: list[Word] = []
        while self.sign() in ("+", "-"):
            signs.append(self.take())
        return self._with_signs(signs, self.power())

    def _with_signs(self, signs: list[Word], tree: ast.expr) -> ast.expr:
        for sign in reversed(signs):
            tree = self.trees.unary(sign.text, tree, sign.start)
        return tree

    def power(self) -> ast.expr:
        start = self.peek()
        chain: list[tuple[list[Word], ast.expr]] = [([], self._raised(self.operand()))]
        while self.sign() in ("^", "**"):
            caret = self.take()
            signs: list[Word] = []
            while self.sign() in ("+", "-"):
                signs.append(self.take())
            exponent = self.peek()
            chain.append((signs, self._raised(self.operand())))
            if caret.text == "^" and start is not None and exponent is not None:
                self.trees.changed = True
                self._require_clear(chain, exponent, start.start)
        return self._folded(chain)

    def _folded(self, chain: list[tuple[list[Word], ast.expr]]) -> ast.expr:
        """a**b**c, which is a**(b**c)."""
        signs, tree = chain[-1]
        for signs_before, base in reversed(chain[:-1]):
            tree = self._to_the(base, self._with_signs(signs, tree))
            signs = signs_before
        return tree

    def _to_the(self, base: ast.expr, exponent: ast.expr) -> ast.expr:
        if self._is_euler(base):
            self.trees.changed = True
            return self.trees.call("exp", [exponent], [], base.col_offset, exponent.end_col_offset or 0)
        return self.trees.binary(base, "**", exponent)

    def _is_euler(self, base: ast.expr) -> bool:
        return (
            isinstance(base, ast.Name)
            and base.id == "e"
            and self.spellings is not None
            and self.spellings.find("e") is None
        )

    def _require_clear(self, chain: list[tuple[list[Word], ast.expr]], exponent: Word, start: int) -> None:
        """Raise FormulaError where it is open how far an exponent goes: a^bc, e^2x."""
        following = self.peek()
        (_, base), (signs, above) = chain[-2:]
        below = self.peek(1)
        if exponent.text == "1" and self.sign() == "/" and below is not None and below.kind == "number":
            self.place += 2
            powers = piece(base, ATOM), below.text
            raise self.either(start, "({}**1)/{}".format(*powers), "{}**(1/{})".format(*powers))
        if exponent.kind == "group" or following is None or following.spaced or not begins_operand(following):
            return
        if following.kind == "known" or (self._is_euler(base) and exponent.kind == "number"):
            rest = self.power()
            longer = [*chain[:-1], (signs, self.trees.binary(above, "*", rest))]
            raise self.either(start, f"{piece(self._folded(chain))}*{piece(rest)}", piece(self._folded(longer)))

    def _raised(self, tree: ast.expr) -> ast.expr:
        """The operand with the exponent of small digits and letters behind it: x², e⁻ᶻ."""
        word = self.peek()
        if word is None or word.kind != "raised":
            return tree
        self.place += 1
        small = [Word(w.kind, w.text, word.start, word.end, w.spaced) for w in words(word.text)]
        inner = type(self)(self.trees, self.spellings, self.matrices, small, word.end)
        exponent = inner.whole()
        if self.sign() in ("^", "**"):
            base, power = piece(tree, ATOM), piece(exponent, ATOM)
            self.place += 1
            raise self.either(tree.col_offset, f"({base}**{power})**…", f"{base}**({power}**…)")
        return self._to_the(tree, exponent)


def _fit(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether arrays of these shapes can be multiplied element by element."""
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


def _is_number(tree: ast.expr) -> bool:
    while isinstance(tree, ast.UnaryOp):
        tree = tree.operand
    return isinstance(tree, ast.Constant)


class Reader:
    """Reads a text: ``statements`` are its definitions and expressions, ``changed`` whether it is not typed strictly.

    ``known(definitions)`` gives the names that it may speak of, its own among them; without it every name is known.
    Raises FormulaError.
    """

    def __init__(
        self, text: str, known: Callable[[list[str]], Spellings] | None = None, matrices: bool = False
    ) -> None:
        self.matrices = matrices
        self.text = clean(text)
        self._is_typeset = not UNUSUAL.isdisjoint(self.text) or narrow(text) != text
        self.statements, self.trees = self._read(known, nested=False)
        if self._is_open:
            self._require_one_reading(known)

    def _read(self, known: Callable[[list[str]], Spellings] | None, nested: bool) -> tuple[list[Statement], Trees]:
        self.trees = Trees(self.text)
        self.trees.changed = self._is_typeset
        grouped = Grouped(words(self.text), self.text, nested)
        self._is_open = grouped.is_open
        self.spellings: Spellings | None = None
        sides = [self._sides(items) for items in self._statements(grouped.items)]
        if not sides:
            raise FormulaError("the formula is empty: write an expression such as 3*(a + b*c)")
        lefts = [self._defined(left, items) for left, items in sides]
        if known is not None:
            self.spellings = known([left for left in lefts if left])
        for group in grouped.closed:
            self._fill(group)
        found = [(left, self._expression(items)) for left, (_, items) in zip(lefts, sides, strict=True)]
        return found, self.trees

    def _require_one_reading(self, known: Callable[[list[str]], Spellings] | None) -> None:
        """Raise FormulaError where bars can be paired in two ways."""
        statements, trees = self.statements, self.trees
        try:
            others, _ = self._read(known, nested=True)
        except FormulaError:
            self.trees = trees
            return
        self.trees = trees
        for (name, tree), (_, other) in zip(statements, others, strict=True):
            if piece(tree) != piece(other):
                source = f"{name} = {self.text}" if name else self.text
                raise two_readings(source, piece(tree, LOOSE), piece(other, LOOSE))

    # --- statements -----------------------------------------------------------------------------------------

    def _statements(self, items: list[Word]) -> list[list[Word]]:
        """The words of each statement."""
        found: list[list[Word]] = [[]]
        for word in items:
            if word.kind != "end":
                found[-1].append(word)
            elif found[-1]:
                found.append([])
            elif word.text == ";":
                raise self.trees.at(MISPLACED, word.start)
        return [items for items in found if items]

    def _sides(self, items: list[Word]) -> tuple[list[Word], list[Word]]:
        """What stands before the = of a statement, and what behind it."""
        places = [place for place, word in enumerate(items) if word.kind == "sign" and word.text == "="]
        if len(places) > 1:
            raise self._no_definition(items)
        if not places:
            return [], items
        left, right = items[: places[0]], items[places[0] + 1 :]
        if not left:
            raise self.trees.at(MISPLACED, items[0].start)
        if not right:
            self._cursor([], items[-1].end).take()
        return left, right

    def _defined(self, left: list[Word], right: list[Word]) -> str:
        """The name that a statement defines; "" if none."""
        if not left:
            return ""
        cursor = self._cursor(left, right[0].start)
        word = cursor.take()
        symbol = cursor.symbol(word) if word.kind in ("name", "accent") else None
        if symbol is None or cursor.peek() is not None or symbol.turned or symbol.primes:
            raise self._no_definition([*left, *right])
        if keyword.iskeyword(symbol.typed):
            raise cursor.reserved(word)
        return symbol.typed

    def _no_definition(self, items: list[Word]) -> FormulaError:
        source = " ".join(self.text[items[0].start : items[-1].end].split())
        return FormulaError(f"a definition is one name = one expression, not {shortened(source)}")

    # --- expressions ----------------------------------------------------------------------------------------

    def _cursor(self, items: list[Word], end: int) -> Expression:
        return Expression(self.trees, self.spellings, self.matrices, items, end)

    def _expression(self, items: list[Word]) -> ast.expr:
        while len(items) > 1 and items[-1].kind == "sign" and items[-1].text in (".", ","):  # of the sentence
            items = items[:-1]
        items = self._with_pairs(items)
        for place, word in enumerate(items):
            if word.kind != "sign" or word.text != ",":
                continue
            before, after = items[place - 1 : place], items[place + 1 : place + 2]
            if before and after and before[0].text.isdecimal() and after[0].text.isdecimal() and not after[0].spaced:
                decimals = f"{shortened(before[0].text)}.{shortened(after[0].text)}"
                raise self.trees.at(f"write {decimals} for a decimal fraction, with a point", word.start)
            source = " ".join(self.text[items[0].start : items[-1].end].split())
            raise FormulaError(f"{shortened(source)} has no place in a formula")
        cursor = self._cursor(items, items[-1].end)
        cursor.is_statement = True
        return cursor.whole()

    def _with_pairs(self, items: list[Word]) -> list[Word]:
        """The words in which the indices of a known name, 1,2 in ``w[1]_1,2``, are one."""
        if self.spellings is None or not self.spellings.has_pairs:
            return items
        joined: list[Word] = []
        for word in items:
            if len(joined) > 1 and joined[-1].text == "," and not word.spaced and not joined[-1].spaced:
                longer = Word(joined[-2].kind, f"{joined[-2].text},{word.text}", joined[-2].start, word.end)
                typed = raw([*symbol_before(joined[:-2], longer), longer])
                if word.kind in ("number", "lowered") and self.spellings.stands_for(typed) is not None:
                    joined[-2:] = [longer]
                    continue
            joined.append(word)
        return joined

    def _fill(self, group: Group) -> None:
        """Read what stands in a group; what is wrong there is said where the group is no index of a name."""
        try:
            for items, end in at_commas(group, self._with_pairs(group.items)):
                match items:
                    case [Word("name", name), Word("sign", "="), *value] if value:
                        group.keywords.append(ast.keyword(name, self._keyword_value(value)))
                    case _:
                        if group.keywords:
                            raise self.trees.at(MISPLACED, items[0].start if items else end)
                        group.parts.append(self._cursor(items, end).whole())
        except FormulaError as error:
            group.fault = error

    def _keyword_value(self, value: list[Word]) -> ast.expr:
        if len(value) == 1 and value[0].text in ("True", "False"):
            return ast.Constant(value[0].text == "True")
        return self._cursor(value, value[-1].end).whole()
