"""Functions in a formula, with their arguments, in parentheses or without; and the functions of units, g'(z)."""

from __future__ import annotations

import ast
import re

from ...errors import FormulaError
from ...functions import FUNCTION_NAMES
from ...number import shortened
from .calls import called, derivative
from .groups import begins_operand, raw
from .names import Named, Symbol
from .trees import factors, piece
from .vocabulary import ACTIVATIONS, INSTEAD, LIBRARIES, calls, function, none_here
from .words import Group, Word


class Functions(Named):
    """Reads functions."""

    def parts(self, word: Word) -> list[ast.expr]:
        assert isinstance(word, Group)
        if word.fault is not None:
            raise word.fault
        return word.parts

    def single(self, word: Word) -> ast.expr:
        """The one expression in a group."""
        parts = self.parts(word)
        if len(parts) != 1 or (isinstance(word, Group) and word.keywords):
            source = " ".join(self.trees.text[word.start : word.end].split())
            raise FormulaError(f"{shortened(source)} has no place in a formula")
        return parts[0]

    def is_known(self, name: str) -> bool:
        return self.spellings is not None and name in self.spellings.names

    # --- functions ------------------------------------------------------------------------------------------

    def named(self, word: Word) -> ast.expr:
        """A name: a function's, if arguments follow, or one of values."""
        start = word.start
        while word.text in LIBRARIES and self.sign() == "." and not self.is_known(word.text):
            self.trees.changed = True
            self.place += 1
            word = self.take()
            if word.kind != "name":
                raise self.trees.at(INSTEAD["."], word.start)
        if word.text in ("Σ", "Π") and not self.is_known(word.text):
            return self.total(word)
        before = self.place
        name = self._function_name(word)
        following = self.peek()
        has_arguments = following is not None and following.kind == "group" and following.text in "({"
        if calls(name) and (not self.is_known(name) or (has_arguments and name in FUNCTION_NAMES)):
            return self._function(word, name, start)
        self.place = before
        if has_arguments and self.is_known(word.text):
            return self.variable(word)
        return self._activation(word, start) or self._unknown_function(word, start) or self.variable(word)

    def _function_name(self, word: Word) -> str:
        """The word with the index that belongs to a function's name: log_2, log₁₀."""
        below = self.peek()
        if below is not None and below.kind == "lowered":
            index, size = below.text, 1
        elif below is not None and below.text == "_" and (after := self.peek(1)) is not None:
            index, size = raw([after]), 2
        else:
            return word.text
        name = f"{word.text}_{index}"
        if not calls(name):
            return word.text if not calls(word.text) else name
        self.trees.changed = True
        self.place += size
        return name

    def _function(self, word: Word, name: str, start: int) -> ast.expr:
        """A function with its primes, its exponent and its arguments; the name alone where none follow."""
        primes, exponent = self._primes(), self._exponent(name, start)
        group = self.peek()
        if isinstance(group, Group) and group.text in ("(", "{"):
            self.place += 1
            arguments, keywords = self.parts(group), group.keywords
            self.trees.changed |= group.text == "{"
        else:
            argument = self._bare_argument(name, start) if not isinstance(group, Group) or group.text == "|" else None
            if argument is None:
                return self.trees.name(word.text, word.start, word.end)
            arguments, keywords = [argument], []
            self.trees.changed = True
        if name != function(name) and name != FUNCTION_NAMES.get(name) and name not in FUNCTION_NAMES:
            self.trees.changed = True
        tree = self._applied(name, primes, arguments, keywords, start)
        return tree if exponent is None else self.trees.binary(tree, "**", exponent)

    def _applied(
        self, name: str, primes: int, arguments: list[ast.expr], keywords: list[ast.keyword], start: int
    ) -> ast.expr:
        end = self.last_end()
        if not primes:
            return called(self.trees, name, arguments, keywords, start, end)
        if primes > 1 or not function(name) or keywords:
            raise FormulaError(f"write the derivative of {name} out: only {name}' of a function is known")
        return derivative(self.trees, function(name), arguments, start, end)

    def _primes(self) -> int:
        primes = 0
        while self.sign() == "'":
            self.place += 1
            primes += 1
        if self.sign() == "^" and (above := self.peek(1)) is not None and re.fullmatch("'+", raw([above])):
            self.place += 2
            primes += len(raw([above]))
        return primes

    def _exponent(self, name: str, start: int) -> ast.expr | None:
        """The exponent between a function and its argument: sin² x."""
        word = self.peek()
        if word is None:
            return None
        if word.kind == "raised":
            self.place += 1
            text = word.text
        elif word.text == "^" and word.kind == "sign":
            self.place += 1
            above = self.take()
            text = raw([above]) if above.text != "-" else f"-{self.take().text}"
        else:
            return None
        self.trees.changed = True
        if text == "-1":
            inverse = f"a{name}" if f"a{name}" in FUNCTION_NAMES else f"the inverse of {name}"
            raise self.either(start, f"{inverse}(x)", f"1/{name}(x)")
        if not text.isdecimal():
            raise self.trees.at(f"write {name}(x)**{text} for a power", word.start)
        return self.trees.number(int(text), word.start, word.end)

    def _bare_argument(self, name: str, start: int) -> ast.expr | None:
        """The argument of a function without parentheses: one factor, or a number and what it multiplies."""
        signs: list[Word] = []
        word, following = self.peek(), self.peek(1)
        if word is not None and self.sign() in ("+", "-") and word.spaced and following and not following.spaced:
            signs.append(self.take())  # sin -x
            word = following
        if word is None or not begins_operand(word):
            self.place -= len(signs)
            return None
        number = word.kind in ("number", "fraction")
        read = [self.power()]
        while (word := self.peek()) is not None and begins_operand(word) and not self._is_function(word):
            if not (number or (word.kind == "known" and not word.spaced)) or isinstance(word, Group):
                inside = factors([*read, rest := self.power()])
                raise self.either(start, f"{name}({inside})", f"{name}({factors(read)})*{piece(rest)}")
            read.append(self.power())
        following = self.peek(1)
        if number and len(read) == 1 and self.sign() in ("+", "-"):  # log 1-a
            plus, rest = self.take().text, self.product()
            argument, more = piece(read[0]), piece(rest)
            raise self.either(start, f"{name}({argument} {plus} {more})", f"{name}({argument}) {plus} {more}")
        if self.sign() == "/" and not (following is not None and following.spaced and self._is_function(following)):
            self.place += 1
            rest = self.power()
            raise self.either(
                start, f"{name}({factors(read)}/{piece(rest, 5)})", f"{name}({factors(read)})/{piece(rest, 5)}"
            )
        tree = read[0]
        for factor in read[1:]:
            tree = self.trees.binary(tree, "*", factor)
        for sign in reversed(signs):
            tree = self.trees.unary(sign.text, tree, sign.start)
        return tree

    def _is_function(self, word: Word) -> bool:
        return word.text in ("Σ", "√", "∛") or (
            word.kind == "name" and calls(word.text) and not self.is_known(word.text)
        )

    def _activation(self, word: Word, start: int) -> ast.expr | None:
        """``g'(z)`` and ``g(z)``: the function that the graph applies to z; None if this is nothing of that kind."""
        if word.text not in ACTIVATIONS or self.is_known(word.text) or self.spellings is None:
            return None
        before = self.place
        symbol = self.symbol(word)
        primes = self._primes() + symbol.primes
        group = self.peek()
        if symbol.found or not isinstance(group, Group) or group.text != "(" or not (primes or self.spellings.unit):
            self.place = before
            return None
        self.place += 1
        argument = self.single(group)
        if self.spellings.unit is None:
            raise FormulaError(f"there is no {word.text} here: write which function it is, such as sigmoid'(z)")
        if not isinstance(argument, ast.Name):
            raise FormulaError(f"{self.trees.source(argument)} is no name: {word.text}'(z) is about a z of the graph")
        name, further = self.spellings.unit(argument.id)
        self.trees.changed = True
        numbers = [self.trees.number(x, start, group.end) for x in further]
        return self._applied(name, primes, [argument, *numbers], [], start)

    def _unknown_function(self, word: Word, start: int) -> ast.expr | None:
        """The call of a function that is not here, for ``grammar.py`` to refuse; None for what is a value's name."""
        group = self.peek()
        if not isinstance(group, Group) or group.text != "(":
            return None
        if self.spellings is not None and not none_here(word.text):
            symbol = Symbol(word.text, start)
            if self.spellings.stands_for(word.text) or self.delta(symbol) or self.spellings.split(word.text, True):
                return None
        self.place += 1
        return called(self.trees, word.text, self.parts(group), group.keywords, start, group.end)

    def total(self, word: Word) -> ast.expr:
        """Σ, and what is summed."""
        raise NotImplementedError
