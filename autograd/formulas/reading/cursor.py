"""The words of one expression, read from left to right."""

from __future__ import annotations

from ...errors import FormulaError
from .groups import MISPLACED
from .words import Word, two_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from .spelling import Spellings
    from .trees import Trees


class Cursor:
    """Stands before a word: ``place`` is its number among ``items``; ``end`` is where the text of them ends.

    ``spellings`` are the known names, None where every name is known.
    """

    def __init__(self, trees: Trees, spellings: Spellings | None, matrices: bool, items: list[Word], end: int) -> None:
        self.trees = trees
        self.spellings = spellings
        self.matrices = matrices
        self.items = items
        self.end = end
        self.place = 0
        self.nested = 0
        self.is_statement = False  # whether these are all words of a statement

    def peek(self, ahead: int = 0) -> Word | None:
        """A word further on; None behind the last."""
        place = self.place + ahead
        return self.items[place] if place < len(self.items) else None

    def sign(self, ahead: int = 0) -> str:
        """The same if it is a sign; else ""."""
        word = self.peek(ahead)
        return word.text if word is not None and word.kind == "sign" else ""

    def take(self) -> Word:
        """The next word, which is read then. Raises FormulaError behind the last."""
        word = self.peek()
        if word is None:
            text = self.trees.text
            if not text[self.end :].strip(" ;\n"):
                raise self.trees.at("something is missing at the end", len(text.rstrip(" ;\n")))
            raise self.trees.at(MISPLACED, self.end)
        self.place += 1
        return word

    def last_end(self) -> int:
        """Where the word before this place ends."""
        return self.items[self.place - 1].end if self.place else self.end

    def either(self, start: int, *readings: str) -> FormulaError:
        """What has these readings is refused."""
        return two_readings(" ".join(self.trees.text[start : self.last_end()].split()), *readings)

    def parts(self, word: Word) -> list[ast.expr]:
        """The trees in a group. Raises FormulaError if it holds no expressions."""
        raise NotImplementedError

    def operand(self) -> ast.expr:
        """What stands between two signs."""
        raise NotImplementedError

    def power(self) -> ast.expr:
        """An operand with its exponents."""
        raise NotImplementedError

    def product(self) -> ast.expr:
        """All up to the next + or -."""
        raise NotImplementedError
