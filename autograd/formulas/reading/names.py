"""Names in a formula, with their indices; and the derivatives that are written as names: dz, ∂L/∂z, δ."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from unicodedata import normalize

from ...errors import FormulaError
from .cursor import Cursor
from .groups import raw
from .spelling import LONGEST
from .vocabulary import INDICES, calls
from .words import Group, Word, greek, two_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from typing import TypeGuard

_ABOVE = re.compile(r"(?P<above>(?:\[\w+\]|\(\w+\))*)(?P<turned>T?)(?P<primes>'*)")
_ACCENTED = re.compile(r"(?![ΣΠ])([^\W\d_])(.*)", re.DOTALL)


@dataclass
class Symbol:
    """A name as it is typed, in one spelling: ``w[1]_2`` for ``w^{[1]}_2``; what it is ``found`` to be, "" if unknown.

    ``turned`` where a T stands above it among its indices, ``primes`` where these do.
    """

    typed: str
    start: int
    found: str = ""
    turned: bool = False
    primes: int = 0


class Named(Cursor):
    """Reads names."""

    def symbol(self, word: Word) -> Symbol:
        """A name with its indices; ``word`` is its first one, and read already."""
        start = word.start
        if word.kind == "accent":
            word = self._accented(word)
        best = Symbol(word.text, start)
        if word.kind == "known":
            best.found = word.text
            return best
        below: list[str] = []
        above = ""
        known = self._found(best)
        place, ways = self.place, [(self.place, known)]
        while (taken := self._index(place)) is not None:
            place, raised, lowered, is_sure = taken
            match = _ABOVE.fullmatch(raised)
            assert match is not None
            above, below = above + match["above"], [*below, *filter(None, [lowered])]
            subscript = f"_{','.join(below)}" if below else ""
            typed = f"{word.text}{above}{subscript}" if above else f"{word.text}{subscript}"
            if above and "_" in word.text[1:]:  # w1_2^{[1]}: the field writes what is above first
                stem, _, indices = word.text.partition("_")
                typed = f"{stem}{above}_{','.join([indices, *below])}"
            symbol = self._found(Symbol(typed, start, "", bool(match["turned"]), len(match["primes"])))
            if is_sure:
                ways = []
            ways.append((place, symbol))
        resolved = [way for way in ways if way[1].found]
        self.place, best = resolved[-1] if resolved else ways[0]
        self._require_no_example(best)
        return best

    def _require_no_example(self, symbol: Symbol) -> None:
        """Raise FormulaError for ``a(2)`` where there is an a of example 2: it may be that, or a times 2."""
        word = self.peek()
        if not isinstance(word, Group) or word.text != "(" or word.spaced or self.spellings is None or not symbol.found:
            return
        number = raw(word.items)
        other = self.spellings.find(f"{symbol.typed}({number})", literally=False) if number.isdecimal() else None
        if other is not None and other != symbol.found:
            raise two_readings(f"{symbol.typed}({number})", f"{symbol.found}*{number}", other)

    def _found(self, symbol: Symbol) -> Symbol:
        if self.spellings is None:
            symbol.found = "" if keyword.iskeyword(symbol.typed) else symbol.typed
        else:
            literally = self.trees.text[symbol.start : symbol.start + len(symbol.typed)] == symbol.typed
            symbol.found = self.spellings.stands_for(symbol.typed, literally) or ""
        return symbol

    def _accented(self, accent: Word) -> Word:
        """The letter under a hat, with the name of the hat behind it: yhat."""
        word = self.take()
        while word.kind in ("style", "accent"):
            word = self.take()
        text = raw(word.items) if isinstance(word, Group) else word.text
        match = _ACCENTED.fullmatch(text)
        if match is None or word.kind not in ("name", "group", "known"):
            raise self.trees.at(f"a {accent.text} stands over a letter", accent.start)
        self.trees.changed = True
        letter, rest = match.groups()
        if isinstance(word, Group):
            letters = re.match(r"[^\W\d_]*", text)
            assert letters is not None
            letter, rest = letters[0], text[letters.end() :]
        elif rest[:1].isalpha():  # \hat yx is ŷ·x
            self.items.insert(self.place, Word("name", rest, word.start + 1, word.end))
            rest = ""
        return Word("name", f"{letter}{accent.text}{rest}", accent.start, word.end, accent.spaced)

    def _index(self, place: int) -> tuple[int, str, str, bool] | None:
        """One index behind a name: the place behind it, what is above, what is below, whether it can be no power."""
        word = self.items[place] if place < len(self.items) else None
        after = self.items[place + 1] if place + 1 < len(self.items) else None
        if word is None:
            return None
        if word.kind == "lowered":
            return place + 1, "", word.text, True
        if self._is_example(word):
            return place + 1, f"({raw(word.items)})", "", True
        if word.kind == "raised" and re.fullmatch(r"(?:\(\w+\))+T?", word.text):
            return place + 1, word.text, "", True
        if isinstance(word, Group) and word.text == "[" and not word.spaced and re.fullmatch(r"\w+", raw(word.items)):
            return place + 1, f"[{raw(word.items)}]", "", False
        if word.kind != "sign" or after is None or word.text not in "_^":
            return None
        if word.text == "_":
            index = raw([after]).removeprefix("_")
            is_index = isinstance(after, Group) or after.kind in ("name", "number", "known")
            return (place + 2, "", index, True) if is_index and re.fullmatch(r"[\w,]+", index) else None
        if isinstance(after, Group):
            text = raw([after])
            match = _ABOVE.fullmatch(text if after.text != "(" else f"({raw(after.items)})")
            if match is not None and match["above"]:
                return place + 2, match[0], "", after.text == "{"
        following = self.items[place + 2] if place + 2 < len(self.items) else None
        is_lowered = following is not None and (following.kind == "lowered" or following.text == "_")
        if is_lowered and after.kind != "sign":  # x^2_1 is x_1 to the power of 2
            size = 1 if following is not None and following.kind == "lowered" else 2
            moved = self.items[place + 2 : place + 2 + size]
            self.items[place + 2 : place + 2 + size] = []
            self.items[place:place] = moved
            return self._index(place)
        return None

    def _is_example(self, word: Word) -> TypeGuard[Group]:
        """Whether this is an index that lost its place above: a(i) for a⁽ⁱ⁾."""
        if not isinstance(word, Group) or word.text != "(" or word.spaced or self.spellings is None:
            return False
        return (
            self.spellings.derivatives and raw(word.items) in INDICES and self.spellings.find(raw(word.items)) is None
        )

    # --- derivatives ----------------------------------------------------------------------------------------

    def differential(self) -> Symbol | None:
        """What ``dz``, ``∂z`` or ``d z`` is the differential of; None, and nothing read, where none stands."""
        if self.spellings is None or not self.spellings.derivatives:
            return None
        before = self.place
        word = self.peek()
        if word is None:
            return None
        if word.text == "∂" or (word.kind == "name" and word.text == "d" and not self.spellings.find("d")):
            self.place += 1
            inner = self.peek()
            while inner is not None and inner.kind == "style":
                self.place += 1
                inner = self.peek()
            if inner is not None and (inner.kind in ("accent", "known") or (inner.kind == "name")):
                self.place += 1
                return self.symbol(inner)
            if isinstance(inner, Group) and inner.text in "({" and len(inner.items) == 1:
                self.place += 1
                return self.symbol(inner.items[0])
        elif word.kind == "name" and word.text[0] == "d" and len(word.text) > 1:
            self.place += 1
            whole = self.symbol(word)
            if whole.typed not in self.spellings.names and whole.found not in self.spellings.names:
                self.place = before + 1
                return self.symbol(Word("name", word.text[1:], word.start, word.end, word.spaced))
        self.place = before
        return None

    def derivative_name(self) -> ast.expr | None:
        """``∂L/∂z``, ``dL/dz`` and ``dz`` as one name; None, and nothing read, where there is none."""
        before = self.place
        upper = self.differential()
        if upper is None:
            return None
        assert self.spellings is not None
        behind = self.place
        if self.sign() == "/":
            self.place += 1
            lower = self.differential()
            is_root = upper.found or len(upper.typed) == 1 or upper.typed.lower() in ("loss", "cost")
            if lower is not None and is_root:
                return self._quotient(upper, lower, self.items[before].start)
        self.place = behind
        if not upper.found and self.items[before].text != "∂":
            self.place = before
            return None
        return self._variable(f"d{upper.found or upper.typed}", self.items[before].start)

    def _quotient(self, upper: Symbol, lower: Symbol, start: int) -> ast.expr:
        return self._variable(f"d{upper.found or upper.typed}/d{lower.found or lower.typed}", start)

    def fraction_of_differentials(self, above: Word, below: Word, start: int) -> ast.expr | None:
        r"""``\frac{\partial L}{\partial z}``; None for another fraction."""
        symbols: list[Symbol] = []
        for group in (above, below):
            if not isinstance(group, Group):
                return None
            inner = type(self)(self.trees, self.spellings, self.matrices, list(group.items), group.end - 1)
            symbol = inner.differential()
            if symbol is None or inner.peek() is not None:
                return None
            symbols.append(symbol)
        upper, lower = symbols
        return self._quotient(upper, lower, start)

    def delta(self, symbol: Symbol) -> str:
        """δ, the derivative with respect to the z of a unit: ``dz``; "" if there is no such z. Raises FormulaError."""
        if self.spellings is None or not self.spellings.derivatives or greek(symbol.typed[:5])[:1] != "δ":
            return ""
        indices = symbol.typed.removeprefix("delta").removeprefix("δ")
        found = [name for letter in "zZ" if (name := self.spellings.find(letter + indices))]
        if not found and not indices:
            found = [*self.spellings.like("z"), *self.spellings.like("Z")]
            shape = self.spellings.shape
            found.sort(key=lambda name: -len(shape(name)))  # matrices first
        if len(found) > 1:
            raise two_readings(symbol.typed, *[f"d{name}" for name in found[:3]], *["…"] * (len(found) > 3))
        return f"d{found[0]}" if found else ""

    def _variable(self, name: str, start: int) -> ast.expr:
        """A name as a tree, with its shape."""
        typed = "".join(self.trees.text[start : self.last_end()].split()).replace("∂", "d")
        if name not in (typed, normalize("NFKC", typed)):
            self.trees.changed = True
        shape = self.spellings.shape(name) if self.spellings is not None else ()
        return self.trees.name(name, start, self.last_end(), shape)

    # --- what a name turns out to be ------------------------------------------------------------------------

    def variable(self, word: Word) -> ast.expr:
        """A name that is no function's: of a value, of a derivative, of several values side by side; or unknown."""
        before = self.place - 1
        exact = self.spellings is None or word.text in self.spellings.names
        if not exact:
            self.place = before
            if (found := self.derivative_name()) is not None:
                return found
            self.place = before + 1
        symbol = self.symbol(word)
        name = symbol.found or self.delta(symbol)
        if not name and (split := self._side_by_side(word, symbol, before)) is not None:
            return split
        if not name and keyword.iskeyword(word.text):
            raise self.reserved(word)
        tree = self._variable(name or symbol.typed, word.start)
        return self.trees.transposed(tree, self.last_end()) if symbol.turned else tree

    def reserved(self, word: Word) -> FormulaError:
        """What an error says of a word that no name of Python's can be."""
        problem = f"{word.text} is a reserved word of Python, choose another name, such as {word.text}_"
        return self.trees.at(problem, word.start)

    def _side_by_side(self, word: Word, symbol: Symbol, before: int) -> ast.expr | None:
        """``bc`` as b and then c; None if it does not fall into names."""
        if self.spellings is None or word.kind != "name":
            return None
        following = self.peek()
        before_power = following is not None and (following.text in ("^", "**") or following.kind == "raised")
        ways, behind = self.spellings.split(symbol.typed, self.group_follows(), before_power), self.place
        if not ways and symbol.typed != word.text:
            ways, behind = self.spellings.split(word.text), before + 1
        if not ways and self._cut_before_indices(word, before):
            return self.operand()
        if not ways:
            return None
        if len(ways) > 1:
            raise two_readings(symbol.typed, *map("*".join, ways))
        self.trees.changed = True
        self.items[before:behind] = self._pieces(word, ways[0])
        self.place = before
        return self.operand()

    def _cut_before_indices(self, word: Word, before: int) -> bool:
        """Cuts ``x1w`` before ``^{[1]}_2`` into x1 and the w that has these indices; whether there is one."""
        assert self.spellings is not None
        for at in range(1, min(len(word.text), LONGEST)):
            head, tail = word.text[:at], word.text[at:]
            if not tail[0].isalpha() or not (self.spellings.find(head) or self.spellings.split(head)):
                continue
            self.place = before + 1
            last = Word("name", tail, word.start + at, word.end)
            if self.symbol(last).found and self.place > before + 1:
                self.items[before : before + 1] = [Word("name", head, word.start, word.start + at, word.spaced), last]
                self.place = before
                self.trees.changed = True
                return True
        return False

    def group_follows(self) -> bool:
        """Whether parentheses come next, behind the primes of a function."""
        ahead = 0
        while self.sign(ahead) == "'":
            ahead += 1
        word = self.peek(ahead)
        return word is not None and word.kind == "group" and word.text in "({"

    def _pieces(self, word: Word, way: list[str]) -> list[Word]:
        pieces: list[Word] = []
        start = word.start
        for text in way:
            assert self.spellings is not None
            has_indices = text == way[-1] and len("".join(way)) == len(word.text) and self._index(self.place)
            found = None if calls(text) or has_indices else self.spellings.find(text)
            end = min(start + len(text), word.end)
            pieces.append(Word("known" if found else "name", found or text, start, end))
            start = end
        return pieces
