"""``to_networkx(root)``: a computation graph as a graph of NetworkX, for its algorithms and its file formats."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.formulas.naming import Names
from autograd.graph import topological
from autograd.value import Value

from .picture.of_values import roots_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import networkx as nx


def to_networkx(root: Value | Sequence[Value]) -> nx.MultiDiGraph[int]:
    """The graph that computed ``root`` (a Value, or several) as a ``networkx.MultiDiGraph``.

    Nodes are numbers in topological order. All attributes are texts, numbers and truth values, those that are not
    known are missing: so ``networkx.write_graphml`` writes the graph.

    of a node  kind ("input", "parameter", "constant", "result"), label, name (that of pictures, where two nodes of one
               label are z⁽¹⁾, z⁽²⁾; "" if it has none), data, scope, is_root; op and symbol of a result; grad after
               backward
    of an edge local, the local derivative, missing where a mask cuts it off; contribution, what flows back along it
               into grad, after backward; its key is the place of the operand, 0 or 1 in a*b

    Raises TypeError for what is no Value, ModuleNotFoundError where networkx is not installed.

    >>> a, b = Value(2, "a"), Value(3, "b")
    >>> G = to_networkx(a * b)
    >>> G.edges[0, 2, 0], [G.nodes[i]["label"] for i in G.predecessors(2)]
    ({'local': 3.0}, ['a', 'b'])
    """
    roots = roots_of(root, "to_networkx: expected a Value or a list of Values")
    try:
        import networkx as nx
    except ImportError:
        raise ModuleNotFoundError("to_networkx needs networkx: pip install networkx") from None
    order = list(dict.fromkeys(node for r in roots for node in topological(r, constants=True)))
    number = {node: i for i, node in enumerate(order)}
    names = Names.in_order(order, roots)
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    for node in order:
        graph.add_node(number[node], **attributes(node, names), is_root=node in roots)
        for slot, (operand, local) in enumerate(zip(node.inputs, node.local_derivatives, strict=True)):
            graph.add_edge(number[operand], number[node], key=slot, **of_edge(node, operand, local))
    return graph


def attributes(node: Value, names: Names) -> dict[str, str | float]:
    """What is known of a node."""
    known: dict[str, str | float] = {
        "kind": node.kind,
        "label": str(node.label),
        "name": names.get(node, ""),
        "data": node.data,
        "scope": node.scope,
    }
    if node.op is not None:
        known |= {"op": node.op.name, "symbol": node.op.symbol}
    if node.has_grad:
        known["grad"] = node.grad
    return known


def of_edge(node: Value, operand: Value, local: float | None) -> dict[str, float]:
    """What is known of an edge; nothing where no gradient flows."""
    if local is None or operand.kind == "constant":
        return {}
    return {"local": local} | ({"contribution": local * node.grad} if node.has_grad else {})
