"""What the nodes of a graph are called, in every text and every picture of it.

A label is a name to show, not an identity: the z of each example may be labelled z. Where nodes are shown together
each needs a name of its own, so those that share a label are numbered, as the lectures number examples: z⁽¹⁾,
z⁽²⁾, ... in the order of the nodes; and z_1, z_2, ... where a formula is to be read back. A label that one node has
for itself is its name, as it is.

A root without a label is f, and the results without one that are used more than once are v1, v2, ... in order of
computation. What is used once is written out where it is used; ``spare`` has a name for it where one is needed.
"""

from __future__ import annotations

from unicodedata import normalize

from .. import graph
from ..number import shortened
from ..value import Constant, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

ROOT = "f"  # what a root without a label is called
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONGEST = 40  # characters of a label that stand before a number


class Names(dict[Value, str]):
    """The names of these nodes, as far as they have labels; and of the labelled constants that they are made of.

    ``identifiers`` says how a formula that is to be read back spells the numbered ones: ``{"z⁽¹⁾": "z_1"}``.
    With ``most``, labels are cut to so many characters before they are told apart. Linear in the number of nodes.

    >>> a, b = Value(2, "x"), Value(3, "x")
    >>> names = Names([a, b])
    >>> names[a], names.identifier(b)
    ('x⁽¹⁾', 'x_2')
    """

    def __init__(self, nodes: Iterable[Value], most: int | None = None) -> None:
        super().__init__()
        self.identifiers: dict[str, str] = {}
        self._labelled: dict[str, list[Value]] = {}  # those that look alike
        self._last = 0  # number of an invented name
        self._order: Sequence[Value] = ()
        self._spare: dict[Value, str] = {}
        for node in _labelled(nodes):
            label = printable(node.label)
            self._labelled.setdefault(_look(label if most is None else shortened(label, most)), []).append(node)
            self[node] = str(node.label) if most is None else shortened(label, most)
        self._taken = {*self._labelled, *self.values()}
        for alike in self._labelled.values():
            if len(alike) > 1:
                self._number(alike)

    def _number(self, alike: list[Value]) -> None:
        """Numbers nodes that look alike; a number is left out if another's label looks like that name."""
        number = 0
        for node in alike:
            label, stem = printable(node.label), shortened(self[node], _LONGEST)
            number += 1
            while not self._taken.isdisjoint(found := _spellings(stem, label, number)):
                number += 1
            self._taken.update(found)
            self[node], identifier, _ = found
            if label.isidentifier():
                self.identifiers[self[node]] = identifier

    @classmethod
    def of(cls, *roots: Value, most: int | None = None) -> Self:
        """The names in the graph of a root, or of several roots: those of labels, f, and v1, v2, ... of what is shared.

        >>> a, b = Value(2, "a"), Value(3, "b")
        >>> u = a * b
        >>> f = (u + 1) / u
        >>> Names.of(f)[u], Names.of(f)[f], Names.of(f).spare(f.inputs[0])
        ('v1', 'f', 'v2')
        """
        order = dict.fromkeys(node for root in roots for node in graph.topological(root))
        return cls.in_order(list(order), roots, most)

    @classmethod
    def in_order(cls, order: Sequence[Value], roots: Sequence[Value], most: int | None = None) -> Self:
        """The same where the nodes of the graph are there already, in topological order."""
        names = cls(order, most)
        names.invent_for_shared(order)
        names._order = order
        if len(roots) == 1 and not roots[0].label:
            names[roots[0]] = ROOT if names.is_free(ROOT) else names.spare(roots[0])
        return names

    def invent_for_shared(self, nodes: Iterable[Value]) -> None:
        """Invents a name for each result without one that two of the nodes use, or one of them twice."""
        found: set[Value] = set()
        shared: set[Value] = set()
        order = list(nodes)
        for node in order:
            for operand in graph.operands(node):
                (shared if operand in found else found).add(operand)
        for node in order:
            if node in shared and node not in self and node.op is not None:
                self.invent(node)

    def invent(self, node: Value) -> str:
        """Calls a node that has no label v1, v2, ..., as no label does."""
        self[node] = self._invented()
        return self[node]

    def spare(self, node: Value) -> str:
        """What a node of the graph without a name is called where it must have one: the next of v1, v2, ...

        The number depends on the graph alone: it is the same wherever the graph is shown.
        """
        if not self._spare:
            self._spare = {nameless: self._invented() for nameless in self._order if nameless not in self}
        return self._spare[node]

    def _invented(self) -> str:
        self._last += 1
        while f"v{self._last}" in self._taken:
            self._last += 1
        return f"v{self._last}"

    def is_free(self, name: str) -> bool:
        """Whether no node is called so."""
        return name not in self._taken

    def identifier(self, node: Value) -> str:
        """The name of the node, as a formula that is to be read back spells it."""
        return self.identifiers.get(self[node], self[node])

    def called(self, name: str) -> list[Value]:
        """The nodes that have this label; or the one that has this name, in either spelling."""
        return self._labelled.get(_look(name)) or [v for v in self if name in (self[v], self.identifier(v))]

    def ambiguous(self, name: str, nodes: list[Value]) -> str:
        """What an error says of a name that several of the nodes have."""
        count = "two" if len(nodes) == 2 else f"{len(nodes):,}"
        listed = [f"{self.identifier(node)} (= {node.data:g})" for node in nodes[:3]] + ["…"] * (len(nodes) > 3)
        return (
            f"{name} names {count} Values: write {', '.join(listed[:-1])} or {listed[-1]}, pass the Value itself, "
            "or give them different labels"
        )


def printable(label: str) -> str:
    """The label in one line: white space as spaces, control and other invisible characters as �."""
    label = str(label)  # it may have been set to anything
    if label.isprintable():
        return label
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in label)


def _labelled(nodes: Iterable[Value]) -> Iterator[Value]:
    """Those with a label, each constant before the first node that is made of it."""
    constants: set[Value] = set()
    for node in nodes:
        for v in graph.stored(node):
            if v.__class__ is Constant and v.label and v not in constants:
                constants.add(v)
                yield v
        if node.label and node not in constants:
            yield node


def _look(label: str) -> str:
    """Labels with the same look are one name to Python's parser, and so to ours: µ (micro) and μ (mu)."""
    return label if label.isascii() or not label.isidentifier() else normalize("NFKC", label)


def _spellings(stem: str, label: str, number: int) -> tuple[str, str, str]:
    """A numbered name; the same as an identifier; and the label that would be typeset like it."""
    return f"{stem}⁽{str(number).translate(SUPERSCRIPTS)}⁾", _look(f"{label}_{number}"), f"{stem}({number})"


def numbered(name: str) -> tuple[str, str]:
    """A name without its number, and the number in parentheses; "" if it has none.

    >>> numbered("z⁽¹²⁾"), numbered("z")
    (('z', '(12)'), ('z', ''))
    """
    stem, opening, number = name.rpartition("⁽")
    digits = normalize("NFKC", number.removesuffix("⁾"))
    if opening and number.endswith("⁾") and digits.isdecimal():
        return stem, f"({digits})"
    return name, ""
