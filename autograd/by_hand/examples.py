"""Which nodes of a cost belong to one example each: for them the notes have two conventions.

The cost J is the mean of the losses L of m examples. With ``dZ`` short for ∂J/∂Z the 1/m stands in dZ. With ``dZ``
short for ∂L/∂Z, of each example its own loss, dZ is m times as large, and the 1/m stands in ``dW = 1/m · dZ @ A.T``
(docs/lectures.md, "Vectorisation"). Both are right, as long as all lines keep to one of them.
"""

from __future__ import annotations

from .. import graph
from ..formulas.matrix import elements, shape
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formulas.matrix import Quantity
    from .point import Point


class Examples:
    """The examples that a cost is the mean of: ``size`` is m (1 if there is no mean), ``owner`` each node's example."""

    def __init__(self, point: Point) -> None:
        self.size = 1
        self.owner: dict[Value, int] = {}
        gradients = point.gradients()
        order = graph.topological(point.root)
        used_by_plus = {v for node in order if _name(node) == "+" for v in graph.operands(node)}
        for node in order:
            if _name(node) in ("mean", "sum") or (_name(node) == "+" and node not in used_by_plus):
                terms = _terms(node)
                if len(terms) > self.size and len({gradients[term] for term in terms}) == 1:
                    self.size, self.owner = len(terms), _owners(terms)

    def have(self, what: Quantity) -> bool:
        """Whether this is a list or matrix with a column (or a row) for each example, made of that example alone."""
        if self.size == 1 or self.size not in shape(what):
            return False
        owners = [self.owner.get(v, -1) if isinstance(v, Value) else -1 for v in elements(what)]
        columns = shape(what)[-1]
        in_columns = {owners[at] == owners[at % columns] != -1 for at in range(len(owners))}
        in_rows = {owners[at] == owners[at - at % columns] != -1 for at in range(len(owners))}
        return len(set(owners)) == self.size and {True} in (in_columns, in_rows)


def _name(node: Value) -> str:
    return "" if node.op is None else node.op.name


def _terms(node: Value) -> Sequence[Value]:
    """What a mean or a sum adds up; of ``a + b + c`` all three."""
    if _name(node) != "+":
        return graph.operands(node)
    terms: list[Value] = []
    stack = [node]
    while stack:
        top = stack.pop()
        if _name(top) == "+":
            stack += reversed(graph.operands(top))
        else:
            terms.append(top)
    return terms


def _owners(terms: Sequence[Value]) -> dict[Value, int]:
    """The one term that each node is a part of; -1 for what several have, as the weights."""
    owner: dict[Value, int] = {}
    for number, term in enumerate(terms):
        for node in graph.topological(term):
            owner[node] = number if owner.setdefault(node, number) == number else -1
    return owner
