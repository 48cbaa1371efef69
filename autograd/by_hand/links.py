"""A graph as its author sees it: from one named node to the next.

On paper ∂L/∂a = −y/a + (1−y)/(1−a) is one factor of the chain rule, though the graph has six operations there.
So the nodes that carry a name (a label; leaves; the root; what is used more than once) cut a graph into
*links*: a ``Link`` leads from a named node down to a named node that it is made of, along one or more routes
through nodes without a name. Links are the factors of the chain rule, and what they multiply adds up.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import graph
from ..formulas.naming import Names
from ..formulas.text import name
from ..value import Value
from .point import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Step = tuple[Value, int]  # an edge of the graph: a node, and which of its inputs

LARGEST = 40  # operations without a name inside each other; the next gets one


@dataclass(frozen=True, eq=False)
class Link:
    """From ``upper`` down to ``lower``: each route is the edges between them, from the top."""

    upper: Value
    lower: Value
    routes: tuple[tuple[Step, ...], ...]

    def steps(self) -> Iterator[Step]:
        """The edges of all routes; one that several have comes several times."""
        return (step for route in self.routes for step in route)

    def term(self, at: int) -> Link:
        """One route alone, a term of the derivative."""
        return Link(self.upper, self.lower, (self.routes[at],))

    def derivative(self, point: Point, changed: Mapping[Step, float] | None = None) -> float:
        """∂upper/∂lower at this point, by all routes; ``changed`` has other local derivatives for some edges."""
        derivative = 0.0
        for route in self.routes:
            along = 1.0
            for node, slot in route:
                local = point.local[node][slot]
                if changed and (node, slot) in changed:
                    local = changed[node, slot]
                along *= local or 0.0  # None: nothing flows here
            derivative += along
        return derivative


def named_nodes(root: Value, also: Iterable[Value] = ()) -> Names:
    """The nodes that cut the graph into links, with what to call each.

    What is too long to be written out gets a name as well, and so do the nodes ``also``: their formulas.
    """
    names = Names.of(root)
    needed = dict.fromkeys(also)
    size: dict[Value, int] = {}
    order = graph.topological(root)
    for node in dict.fromkeys([*order, *needed]):
        size[node] = 1 + sum(size.get(v, 0) for v in graph.operands(node))
        if node not in names and node.op is not None and size[node] > LARGEST:
            names[node] = names.spare(node)
        elif node not in names and (node.op is None or node in needed):
            names[node] = name(node, names)
        if node in names:
            size[node] = 0
    return names


def links(root: Value, names: Mapping[Value, str], down_to: Iterable[Value] | None = None) -> list[Link]:
    """The links of the graph, in the order of backward: each after all that lead to its upper node.

    With ``down_to`` only those on the way from the root to one of these nodes.
    """
    order = graph.topological(root)
    wanted = set(order)
    if down_to is not None:
        wanted = set(down_to)
        wanted.update(node for node in order if node in wanted or _touches(wanted, node))
    return [
        link for node in reversed(order) if node in names and node in wanted for link in _below(node, names, wanted)
    ]


def _touches(found: set[Value], node: Value) -> bool:
    """Whether an input of the node is among those found; then the node is one of them from now on."""
    if found.isdisjoint(graph.operands(node)):
        return False
    found.add(node)
    return True


def _below(upper: Value, names: Mapping[Value, str], wanted: set[Value]) -> list[Link]:
    routes: dict[Value, list[tuple[Step, ...]]] = {}
    stack: list[tuple[Value, tuple[Step, ...]]] = [(upper, ())]
    while stack:
        node, route = stack.pop()
        if route and node in names:
            routes.setdefault(node, []).append(route)
            continue
        for slot, operand in reversed(list(enumerate(graph.stored(node)))):
            if operand in wanted:
                stack.append((operand, (*route, (node, slot))))
    return [Link(upper, lower, tuple(found)) for lower, found in routes.items()]


def chain(path: Sequence[Link], derivatives: Mapping[Link, float], root: Value) -> dict[Value, float]:
    """The chain rule over links: d root/d node for every node that they reach."""
    gradients = {root: 1.0}
    for link in path:
        upstream = gradients.get(link.upper, 0.0)
        gradients[link.lower] = gradients.get(link.lower, 0.0) + derivatives[link] * upstream
    return gradients


def count_paths(path: Sequence[Link], root: Value, routes: bool = True) -> dict[Value, int]:
    """How many paths lead from the root to each node, exactly; without ``routes`` those of a link count as one."""
    paths = {root: 1}
    for link in path:
        paths[link.lower] = paths.get(link.lower, 0) + paths[link.upper] * (len(link.routes) if routes else 1)
    return paths
