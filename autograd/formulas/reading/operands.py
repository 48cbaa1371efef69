"""What stands between two signs: a number, a group, a fraction, a root, a sum; and what goes with it behind."""

from __future__ import annotations

import ast
import math
import re

from ...errors import FormulaError
from ...number import shortened
from ..symbols import ATOM, LOOSE
from .calls import called
from .functions import Functions
from .groups import MISPLACED, begins_operand, raw
from .trees import factors, piece
from .vocabulary import INSTEAD, calls
from .words import Group, Word, words

MOST_NESTED = 25
"""Functions without parentheses inside each other: sin cos tan x."""


class Operands(Functions):
    """Reads operands."""

    def operand(self) -> ast.expr:
        return self._behind(self._inner(self.take()))

    def _inner(self, word: Word) -> ast.expr:
        """An operand inside those that are being read. Raises FormulaError for too many."""
        self.nested += 1
        if self.nested > MOST_NESTED:
            raise FormulaError(f"more than {MOST_NESTED} functions inside each other without parentheses: write them")
        tree = self._operand(word)
        self.nested -= 1
        return tree

    def _operand(self, word: Word) -> ast.expr:
        while word.kind == "style":
            word = self.take()
        match word.kind:
            case "number":
                return self._number(word)
            case "fraction":
                self.trees.changed = True
                above, below = (self.trees.number(int(x), word.start, word.end) for x in word.text.split("/"))
                return self.trees.binary(above, "/", below)
            case "group":
                return self._group(word)
            case "known" | "accent":
                return self.variable(word)
            case "name":
                return self.named(word)
            case "command":
                return self._command(word)
        if word.text == "∂":
            self.place -= 1
            if (found := self.derivative_name()) is not None:
                return found
            raise self.trees.at("∂L/∂z stands in claims only: write its formula", word.start)
        if word.text in ("√", "∛"):
            return self._root(word)
        if word.text in ("Σ", "Π"):
            return self.total(word)
        problem = 'the character "\'" has no place in a formula' if word.text == "'" else MISPLACED
        raise self.trees.at(INSTEAD.get(word.text, problem), word.start)

    def _number(self, word: Word) -> ast.expr:
        if math.isinf(float(word.text)):
            raise FormulaError(f"{shortened(word.text)} is too large for a floating-point number")
        if re.fullmatch(r"0+[1-9][0-9]*", word.text):
            raise self.trees.at(MISPLACED, word.start)
        value = int(word.text) if word.text.isdecimal() else float(word.text)
        return self.trees.number(value, word.start, word.end)

    def _group(self, word: Word) -> ast.expr:
        if word.text == "[" and (len(self.items) > 1 or self.is_statement) and len(self.parts(word)) == 1:
            self.trees.changed = True
            return self.single(word)
        if word.text == "[":
            return self.trees.placed(ast.List(self.parts(word), ast.Load()), word.start, word.end)
        tree = self.single(word)
        if word.text == "{":
            self.trees.changed = True
        if word.text == "|":
            self.trees.changed = True
            return self.trees.call("abs", [tree], [], word.start, word.end)
        return tree

    # --- behind an operand ----------------------------------------------------------------------------------

    def _behind(self, tree: ast.expr) -> ast.expr:
        """The operand with its index, its transpose, its methods."""
        while (word := self.peek()) is not None:
            if word.text == "[" and word.kind == "group" and isinstance(tree, ast.Call | ast.Name):
                self.place += 1
                index = ast.Subscript(tree, self.single(word), ast.Load())
                tree = self.trees.placed(index, tree.col_offset, word.end, self.trees.shape(tree))
            elif word.text == "." and word.kind == "sign":
                tree = self._attribute(tree, word)
            elif self._transposes(word):
                tree = self.trees.transposed(tree, self.last_end())
            elif word.text == "'" and word.kind == "sign":
                self.place += 1
                if len(self.trees.shape(tree)) != 2:
                    source = self.trees.source(tree)
                    instead = f"dL/d{source}" if isinstance(tree, ast.Name) else "sigmoid'(z)"
                    problem = f"{source}' has no place in a formula: write {instead} for a derivative"
                    raise self.trees.at(problem, word.start)
                self.trees.changed = True
                tree = self.trees.transposed(tree, word.end)
            else:
                break
        return tree

    def _attribute(self, tree: ast.expr, dot: Word) -> ast.expr:
        name, arguments = self.peek(1), self.peek(2)
        if name is None and self.place == len(self.items) - 1:  # a full stop
            self.place += 1
            return tree
        if name is not None and name.text == "T" and self.matrices:
            self.place += 2
            return self.trees.transposed(tree, name.end)
        if name is None or not calls(name.text) or not isinstance(arguments, Group) or not self.matrices:
            raise self.trees.at(INSTEAD["."], dot.start)
        self.place += 3
        self.trees.changed = True
        given = [tree, *self.parts(arguments)]
        return called(self.trees, name.text, given, arguments.keywords, tree.col_offset, arguments.end)

    def _transposes(self, word: Word) -> bool:
        """Whether a raised T comes next, which is read then: Aᵀ, A^T, A^{T}, A^\\top."""
        if not self.matrices:
            return False
        if word.kind == "raised" and word.text == "T":
            self.place += 1
            return True
        above = self.peek(1)
        if word.text != "^" or word.kind != "sign" or above is None or self.is_known("T"):
            return False
        above_text = raw([above])
        if above.kind == "style" and (letter := self.peek(2)) is not None and letter.text == "T":
            self.place += 3
        elif above_text == "T" and (above.kind in ("name", "raised") or above.text == "{"):
            self.place += 2
        elif above.kind == "name" and above.text[0] == "T" and not self.is_known(above.text):
            self.place += 2
            rest = Word("name", above.text[1:], above.start + 1, above.end)
            self.items.insert(self.place, rest)
        else:
            return False
        self.trees.changed = True
        return True

    # --- commands and signs in front ------------------------------------------------------------------------

    def _command(self, word: Word) -> ast.expr:
        self.trees.changed = True
        if word.text == "frac":
            above, below = self._argument(), self._argument()
            if (found := self.fraction_of_differentials(above, below, word.start)) is not None:
                return found
            return self.trees.binary(self._content(above), "/", self._content(below))
        index = self.peek()
        if isinstance(index, Group) and index.text == "[":
            self.place += 1
            if raw(index.items) not in ("2", "3"):
                raise self.trees.at("write a power for this root: x**(1/4)", index.start)
            name = "cbrt" if raw(index.items) == "3" else "sqrt"
        else:
            name = "sqrt"
        argument = self._content(self._argument())
        return self.trees.call(name, [argument], [], word.start, self.last_end())

    def _argument(self) -> Word:
        """What a command of LaTeX takes: a group, or one digit or letter."""
        word = self.take()
        if (
            word.kind in ("number", "name")
            and len(word.text) > 1
            and not calls(word.text)
            and not self.is_known(word.text)
        ):
            first = Word(word.kind, word.text[0], word.start, word.start + 1, word.spaced)
            if word.text[0] != ".":
                moved = [Word(w.kind, w.text, word.start + 1, word.end) for w in words(word.text[1:])]
                self.items[self.place : self.place] = moved
                return first
        return word

    def _content(self, word: Word) -> ast.expr:
        """The tree of such an argument."""
        if isinstance(word, Group) and word.text != "|":
            return self.single(word)
        return self._inner(word)

    def _root(self, word: Word) -> ast.expr:
        """√x: of one factor."""
        self.trees.changed = True
        name = "sqrt" if word.text == "√" else "cbrt"
        first = self.peek()
        argument = self.operand()
        following = self.peek()
        if following is not None and not (isinstance(first, Group) and first.text != "|"):
            if following.text == "^" or following.text == "**" or following.kind == "raised":
                self.place += 1
                exponent = raw([following if following.kind == "raised" else self.take()])
                readings = f"{name}({piece(argument, ATOM)}**{exponent})", f"{name}({piece(argument)})**{exponent}"
                raise self.either(word.start, *readings)
            if begins_operand(following) and not following.spaced:
                rest = self.power()
                inside = factors([argument, rest])
                raise self.either(word.start, f"{name}({inside})", f"{name}({piece(argument)})*{piece(rest)}")
        return self.trees.call(name, [argument], [], word.start, self.last_end())

    def total(self, word: Word) -> ast.expr:
        """Σ: the sum over the examples, of the product that follows; or of a list in parentheses."""
        is_indexed = self._limits()
        name = "sum" if word.text == "Σ" else "prod"
        group = self.peek()
        if isinstance(group, Group) and group.text in ("(", "[") and (len(group.parts) > 1 or name == "prod"):
            self.place += 1
            return self.trees.call(name, self.parts(group), [], word.start, group.end)
        if name == "prod":
            raise self.trees.at("write prod([a, b]) for a product of a list", word.start)
        self.trees.changed = True
        term = self.product()
        if is_indexed and self.sign() in ("+", "-") and "(i)" in raw(self.items[self.place :]):
            sign, rest = self.take().text, self.product()
            readings = f"sum({piece(term)} {sign} {piece(rest)})", f"sum({piece(term)}) {sign} {piece(rest)}"
            raise self.either(word.start, *readings)
        keywords = []
        if is_indexed and len(self.trees.shape(term)) == 2:  # of columns, one for each example
            keywords = [ast.keyword("axis", ast.Constant(1))]
            if any(isinstance(node, ast.MatMult) for node in ast.walk(term)):
                product = piece(term, LOOSE)
                raise self.either(word.start, product, f"sum({product}, axis=1)")
        return self.trees.call(name, [term], keywords, word.start, self.last_end())

    def _limits(self) -> bool:
        """Reads what stands below and above a Σ; whether there is anything."""
        before = self.place
        while (limit := self.peek()) is not None:
            if limit.kind in ("lowered", "raised"):
                self.place += 1
            elif limit.text in ("_", "^") and limit.kind == "sign":
                self.place += 1
                self.take()
            else:
                break
        return self.place > before
