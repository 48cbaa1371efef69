"""What steps call the nodes of a graph: by their labels, by a short formula, ``b·c``, or v1, v2, ..."""

from __future__ import annotations

from collections import Counter

from ..formulas.digits import digits
from ..formulas.latex import Latex
from ..formulas.naming import Names, numbered
from ..formulas.symbols import ATOM, POWER, UNARY
from .wording import latex_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..value import Value
    from .record import NodeRecord
    from .written import Phrasebook

NAME = 24  # characters of a label that steps show
SHORT = 14  # characters of a formula that a node is called by


class Called:
    """A name as text and in LaTeX, and how tightly each holds together."""

    __slots__ = ("is_formula", "latex", "precedence", "text")

    def __init__(
        self, text: str, latex: str, precedence: tuple[int, int] = (ATOM, ATOM), is_formula: bool = False
    ) -> None:
        self.text, self.latex, self.precedence, self.is_formula = text, latex, precedence, is_formula

    @property
    def is_compound(self) -> bool:
        """Whether it is a formula that needs parentheses: ∂J/∂(b·c), and ∂J/∂(x³), which ∂x³ might not be."""
        return self.is_formula and self.precedence[0] < ATOM


def called(nodes: Sequence[Value], root: Value, book: Phrasebook) -> dict[Value, Called]:
    """The names of all nodes, which are in topological order.

    Constants without a label are their numbers. A result without one is called by its formula if that is short,
    consists of labels and numbers, and is no other node's; any other node has the number that the graph gives it.
    """
    names = Names.of(root, most=NAME)
    form = Latex(names=names.values())
    known: dict[Value, Called] = {}
    for node in nodes:
        if node in names:
            name = names[node]
            precedence = POWER if numbered(name)[1] else ATOM, POWER if form.is_raised(name) else ATOM
            known[node] = Called(name, form.name(name), precedence)
        elif node.kind == "constant":
            precedence = (UNARY, UNARY) if node.data < 0 else (ATOM, ATOM)
            known[node] = Called(digits(node.data), latex_number(node.data), precedence)
    by_formula = _formulas(nodes, known, frozenset(), book)
    taken = Counter([*names.values(), *(name.text for name in by_formula.values())])
    known |= _formulas(nodes, known, frozenset(text for text, n in taken.items() if n > 1), book)
    for node in nodes:
        if node not in known:
            name = names.spare(node)
            known[node] = Called(name, form.name(name))
    return {node: known[node] for node in nodes}


def atom(node: NodeRecord) -> str:
    """The name of a node of a record where something stands in front of it or behind it: ∂J/∂(b·c)."""
    return f"({node['name']})" if node.get("compound") else node["name"]


def operands(node: Value, names: Mapping[Value, Called]) -> list[Called | float]:
    """What stands for the inputs of a node in its formula: names, and numbers without a label."""
    return [v.data if v.kind == "constant" and not v.label else names[v] for v in node.inputs]


def _formulas(
    nodes: Sequence[Value], known: Mapping[Value, Called], taken: frozenset[str], book: Phrasebook
) -> dict[Value, Called]:
    """The results without a name that a short formula can name, none of those that are taken."""
    names = dict(known)
    found: dict[Value, Called] = {}
    for node in nodes:
        if node.op is None or node in known or not all(v in names for v in node.inputs):
            continue
        name = book.name(node.op, operands(node, names))
        if len(name.text) <= SHORT and name.text not in taken:
            names[node] = found[node] = name
    return found
