"""Which of the known names is meant: ``x_1``, ``x₁`` and ``x1``, ``w^{[1]}_2`` and ``w[1]_2`` are one name each.

Names are compared by how they are typeset (``label_fields``), first all of it; then by their indices, wherever these
stand: ``W^{[1]}`` and ``W^{(1)}`` are ``W1``. What runs over the examples, ``a^{(i)}`` and ``a_i``, is the vector
of them.
"""

from __future__ import annotations

import re
from functools import cached_property

from ...table.mathml import GREEK
from ..typeset import label_fields
from .vocabulary import INDICES, calls
from .words import two_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Key = tuple[str, ...]

LONGEST = 60
"""Letters of a word that is looked through for names side by side."""

_EACH = re.compile(rf"\(([{''.join(INDICES)}])\)|\[([{''.join(INDICES)}])\]")


class Spellings:
    """The names that a formula may speak of.

    ``also``        further ways to write some of them, ``{"z⁽¹⁾": "z_1"}``
    ``shape``       that of what a name stands for, () for a number
    ``derivatives`` whether ``dz``, ``∂L/∂z`` and ``δ`` stand for derivatives
    ``unit``        the row, and its further inputs, of the one operation that is applied to what a name stands for
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        also: Mapping[str, str] | None = None,
        shape: Callable[[str], tuple[int, ...]] | None = None,
        derivatives: bool = False,
        unit: Callable[[str], tuple[str, list[float]]] | None = None,
    ) -> None:
        self.names = {name: name for name in names} | dict(also or {})
        self.shape = shape or (lambda _: ())
        self.derivatives = derivatives
        self.unit = unit

    def find(self, typed: str, literally: bool = True) -> str | None:
        """The known name that is meant; None if there is none. Raises FormulaError if it may be two.

        ``literally`` is whether it is typed so: ``w₁`` is not typed ``w_1``, and may be ``w1`` as well.
        """
        if literally and typed in self.names:
            return self.names[typed]
        fields = _fields(typed)
        if fields is None:
            return None
        base, accent, above, below = fields
        for key, table in self._keys(base, accent, above, below):
            found = table.get(key, [])
            if len(found) > 1 and set(found) != {"pi", "π"}:  # one number
                raise two_readings(typed, *found[:3])
            if found:
                return found[0]
        return None

    def _keys(self, base: str, accent: str, above: str, below: str) -> list[tuple[Key, Mapping[Key, list[str]]]]:
        """What to look for, in this order, and where."""
        exact, loose, joined = self._tables
        keys: list[tuple[Key, Mapping[Key, list[str]]]] = []
        whole = (base, accent, above, below)
        each = _EACH.sub("", above)
        rest = [index for index in below.split(",") if index not in INDICES]
        tries = [whole, (base, accent, each, below), (base, accent, each, ",".join(rest))]
        for name in dict.fromkeys(tries):
            keys.append((name, exact))
            keys.append((_loose(*name), loose))
        keys.append((_joined(*whole), joined))
        return keys

    @cached_property
    def has_pairs(self) -> bool:
        """Whether there are names with two indices, w[1]_1,2."""
        return any("," in name for name in self.names)

    def like(self, base: str) -> list[str]:
        """The known names with this letter, whatever their indices."""
        return list(dict.fromkeys(name for key, names in self._tables[0].items() if key[0] == base for name in names))

    @cached_property
    def _tables(self) -> tuple[dict[Key, list[str]], dict[Key, list[str]], dict[Key, list[str]]]:
        """The known names by all fields, by their indices in order, and by the indices joined."""
        tables: tuple[dict[Key, list[str]], ...] = ({}, {}, {})
        for written, name in self.names.items():
            if (fields := _fields(written)) is not None:
                keys = fields, _loose(*fields), _joined(*fields)
                for table, key in zip(tables, keys, strict=True):
                    if name not in table.setdefault(key, []):
                        table[key].append(name)
        exact, loose, joined = tables
        return exact, loose, joined

    def stands_for(self, typed: str, literally: bool = True) -> str | None:
        """The same, also for the derivative that ``dz`` is: ``dz`` with the known name."""
        found = self.find(typed, literally)
        if found is None and self.derivatives and typed[:1] in ("d", "∂") and len(typed) > 1:
            inner = self.find(typed[1:], literally)
            return inner and f"d{inner}"
        return found

    # --- names side by side ---------------------------------------------------------------------------------

    def split(self, typed: str, before_group: bool = False, before_power: bool = False) -> list[list[str]]:
        """How a word falls into known names side by side, and functions before them: two of the ways at most.

        ``before_group`` is whether parentheses follow, so that it may end in a function: ``ylog(a)``;
        ``before_power`` whether an exponent does, so that it may end in Euler's number: ``xe^{-x}``.
        """
        if not 1 < len(typed) <= LONGEST:
            return []
        ways: list[list[list[str]]] = [[] for _ in typed] + [[[]]]  # of the rest from each letter on
        for start in reversed(range(len(typed))):
            for end in range(start + 1, len(typed) + 1):
                if not ways[end] or (start, end) == (0, len(typed)):
                    continue
                piece, is_last = typed[start:end], end == len(typed)
                if self._is_piece(piece, before_group or not is_last) or (before_power and is_last and piece == "e"):
                    ways[start] += [[typed[start:end], *rest] for rest in ways[end]]
            del ways[start][2:]
        return ways[0]

    def _is_piece(self, piece: str, is_followed: bool) -> bool:
        if piece in self._pieces:
            return True
        if self.derivatives and (re.fullmatch(r"δ\d*", piece) or (piece[0] == "d" and piece[1:] in self._pieces)):
            return True
        return is_followed and (len(piece) > 1 or not piece.isascii()) and calls(piece)

    @cached_property
    def _pieces(self) -> set[str]:
        """The names in all the ways in which they are typed in a row with others."""
        found = set(self.names)
        for written in self.names:
            if match := re.fullmatch(r"([^\W\d_]+)_?(\d+)", written):
                found |= {f"{match[1]}{match[2]}", f"{match[1]}_{match[2]}"}
            if (match := re.match(r"[^\W\d_]+", written)) and match[0] in GREEK:
                found.add(GREEK[match[0]] + written[match.end() :])
        return found


def _fields(label: str) -> tuple[str, str, str, str] | None:
    """``label_fields``, where ``y_hat`` has its accent too."""
    fields = label_fields(label)
    if fields is None:
        return None
    base, accent, above, below = fields
    first, *rest = below.split(",")
    if first in ("hat", "bar", "tilde") and not accent:
        return base, first, above, ",".join(rest)
    return base, accent, above, ",".join(GREEK.get(index, index) for index in below.split(","))


def _loose(base: str, accent: str, above: str, below: str) -> Key:
    """The indices in order: those above, then those below."""
    raised = re.findall(r"[\[(](\w+)[\])]", above)
    return (base, accent, ",".join([*raised, *filter(None, below.split(","))]))


def _joined(base: str, accent: str, above: str, below: str) -> Key:
    *rest, indices = _loose(base, accent, above, below)
    return (*rest, indices.replace(",", ""))
