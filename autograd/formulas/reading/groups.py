"""Words in their parentheses: what stands between two of a pair is one thing, whatever is in it."""

from __future__ import annotations

import re

from ...errors import FormulaError
from .vocabulary import calls
from .words import Group, Word, at

MAX_PARENTHESES = 100
PAIRS = {"(": ")", "[": "]", "{": "}"}

MISPLACED = "something is missing here, or too much"


class Grouped:
    """The words of a text in groups: ``items`` of the text itself, and ``closed``, the groups, the innermost first.

    In ``|a|b|c|`` the second bar may close the first or open another: ``nested`` says which. ``is_open`` is set
    where there is such a choice. Raises FormulaError for parentheses that do not match.
    """

    def __init__(self, words: list[Word], text: str, nested: bool = False) -> None:
        self.text = text
        self.nested = nested
        self.is_open = False
        self.closed: list[Group] = []
        self._whole = Group("group", "", 0, len(text))
        self._opened = [self._whole]
        for at_word, word in enumerate(words):
            self._add(word, words[at_word + 1] if at_word + 1 < len(words) else None)
        if len(self._opened) > 1:
            left = self._opened[-1]
            raise at(f"this {left.text} is never closed", text, left.start)
        self.items = self._whole.items

    def _add(self, word: Word, following: Word | None) -> None:
        top = self._opened[-1]
        sign = word.text if word.kind == "sign" else ""
        if word.kind == "end" and len(self._opened) > 1:
            if word.text == ";":
                raise at(f"this {top.text} is never closed", self.text, top.start)
        elif sign == "|":
            self._bar(word, following)
        elif sign in PAIRS:
            self._open(word)
        elif sign in PAIRS.values():
            if len(self._opened) == 1:
                raise at(f"this {sign} closes nothing", self.text, word.start)
            if top.text == "|":
                raise at("this | is never closed", self.text, top.start)
            if PAIRS[top.text] != sign:
                raise at(MISPLACED, self.text, word.start)
            self._close(word)
        else:
            top.items.append(word)

    def _bar(self, word: Word, following: Word | None) -> None:
        top = self._opened[-1]
        is_inside = top.text == "|"
        after_operand = bool(top.items) and ends_operand(top.items[-1])
        before_operand = following is not None and begins_operand(following)
        if is_inside and after_operand:
            if before_operand:
                self.is_open = True
            if not (self.nested and before_operand):
                self._close(word)
                return
            self.nested = False
        self._open(word)

    def _open(self, word: Word) -> None:
        if len(self._opened) > MAX_PARENTHESES:
            raise FormulaError(f"more than {MAX_PARENTHESES} parentheses inside each other: give parts a name")
        self._opened.append(Group("group", word.text, word.start, word.end, word.spaced))

    def _close(self, word: Word) -> None:
        group = self._opened.pop()
        group.end = word.end
        items = self._opened[-1].items
        if items and items[-1].kind == "style" and group.text == "{" and _is_word(group):
            start = items.pop()
            items.append(Word("name", raw(group.items), start.start, group.end, start.spaced))
            return
        items.append(group)
        self.closed.append(group)


def ends_operand(word: Word) -> bool:
    """Whether a product may go on behind the word."""
    if word.kind in ("group", "raised", "lowered", "fraction", "number", "known"):
        return True
    return word.text == "'" if word.kind == "sign" else word.kind == "name" and not calls(word.text)


def begins_operand(word: Word) -> bool:
    """Whether a factor may begin with the word."""
    if word.kind == "sign":
        return word.text in "({|∂√∛ΣΠ"
    return word.kind in ("number", "name", "known", "fraction", "command", "accent", "style") or (
        word.kind == "group" and word.text != "["
    )


def raw(items: list[Word]) -> str:
    """What stands in a group that is no expression, as one word: the indices of a name."""
    parts: list[str] = []
    stack: list[Word | str] = list(reversed(items))
    while stack:
        word = stack.pop()
        if isinstance(word, Group):
            opening, closing = ("", "") if word.text == "{" else (word.text, PAIRS.get(word.text, "|"))
            stack += [closing, *reversed(word.items), opening]
        elif isinstance(word, str):
            parts.append(word)
        else:
            parts.append(f"_{word.text}" if word.kind == "lowered" else word.text)
    return "".join(parts)


def _is_word(group: Group) -> bool:
    """Whether this is a word in braces: \\mathrm{x_1}."""
    return re.fullmatch(r"[^\W\d_][\w,]*", raw(group.items)) is not None and all(
        word.kind in ("name", "number", "lowered", "group") or word.text in "_," for word in group.items
    )


def symbol_before(items: list[Word], index: Word) -> list[Word]:
    """The words before an index, at the end of others, that make a name with it: w, [1] and _."""
    if index.kind == "name":
        return []
    start = len(items)
    if index.kind == "number":
        if not start or items[-1].text != "_":
            return []
        start -= 1
    if start and items[start - 1].kind == "group" and items[start - 1].text == "[":
        start -= 1
    if start and items[start - 1].kind == "name":
        start -= 1
    return items[start:]


def at_commas(group: Group, words: list[Word]) -> list[tuple[list[Word], int]]:
    """The words between the commas of a group, each with where they end; a comma before the closing one is none."""
    if not words:
        return []
    found: list[tuple[list[Word], int]] = []
    items: list[Word] = []
    for word in words:
        if word.kind == "sign" and word.text == ",":
            found.append((items, word.start))
            items = []
        else:
            items.append(word)
    return [*found, (items, group.end - 1)] if items else found
