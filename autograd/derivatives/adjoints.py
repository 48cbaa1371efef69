"""Derivatives as graphs: ``differentiate(J, w)`` is a Value, made of the nodes of J and of new ones.

Backward multiplies and adds *numbers* along the edges; here the same walk multiplies and adds *nodes*. The
gradient that arrives at a node (its adjoint) is a node itself, and an edge multiplies it by the table's partial
derivative, written in nodes. So a derivative can be drawn, stepped through, written as a formula, refreshed, and
differentiated again.
"""

from __future__ import annotations

from .. import graph
from ..formulas.naming import Names
from ..number import quoted
from ..table.graphs import graph_kernel
from ..value import Constant, Value
from .folding import Nodes, folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from .folding import Node


def differentiate(root: Value, wrt: Value | Sequence[Value]) -> Any:
    """The graph of d(root)/d(wrt), or the list of them for a list; ``wrt`` may be leaves and nodes in between.

    Each order takes time and space linear in the edges of the graph (a logsumexp of up to 100 elements, like a softmax
    of these, counts n²; so does a prod). Constants are folded, 0·x, 1·x and x + 0 left out, and no node is made twice.
    What has no influence has the derivative 0, a constant. New nodes are labelled dJ_dw where J and w have labels;
    dJ_dx_1, dJ_dx_2 where two nodes are called x: ``to_text(dJ, beside=J)`` writes the derivative in the names that
    J's nodes have.

    The graph is right at other data of the leaves, too (``refresh()``): a branch of the table becomes a ``where``,
    a kink has the derivative that the table gives it, and all higher ones are 0 there. Raises StaleGraphError
    if a leaf's ``data`` was changed after the forward pass, TypeError for what is no Value.

    >>> a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    >>> J = 3 * (a + b * c)
    >>> db = differentiate(J, b)
    >>> db.data, [v.data for v in db.inputs]
    (6.0, [3.0, 2.0])
    >>> differentiate(db, c).data
    3.0
    """
    targets = [wrt] if isinstance(wrt, Value) else list(wrt)
    for value in (root, *targets):
        if not isinstance(value, Value):
            raise TypeError(
                f"differentiate: expected a Value, got {quoted(value)} ({type(value).__name__}); "
                "for a Python function there is autograd.grad(f)"
            )
    graph.require_fresh(root)
    found = adjoints(root, targets)
    names = Names(graph.topological(root)) if any(not isinstance(d, Value) for d in found) else Names([])
    derivatives = [
        d if isinstance(d, Value) else Constant(d, _label(names, root, v)) for d, v in zip(found, targets, strict=True)
    ]
    return derivatives[0] if isinstance(wrt, Value) else derivatives


def adjoints(root: Value, targets: Iterable[Value]) -> list[Node]:
    """d(root)/d(each target): a Value, or a number where it is constant."""
    targets = list(targets)
    order = graph.topological(root)
    leading = set(targets)  # the nodes that depend on a target: to no others need a gradient go
    for node in order:
        if not leading.isdisjoint(graph.operands(node)):
            leading.add(node)
    nodes = Nodes(order)
    arriving: dict[Value, list[Node]] = {root: [1.0]}
    adjoint: dict[Value, Node] = {}
    for node in reversed(order):
        if node not in leading or node not in arriving:
            continue
        products = arriving.pop(node)
        upstream = adjoint[node] = products[0] if len(products) == 1 else nodes.one("sum", products)
        if isinstance(upstream, Value) or upstream != 0:
            for operand, product in _edges(nodes, node, upstream, leading):
                arriving.setdefault(operand, []).append(product)
    names = Names(order)
    for node in (*targets, *adjoint):
        derivative = adjoint.get(node)
        if isinstance(derivative, Value) and derivative in nodes.made and not derivative.label:
            derivative.label = _label(names, root, node)
    return [adjoint.get(target, 0.0) for target in targets]


def _edges(nodes: Nodes, node: Value, upstream: Node, leading: set[Value]) -> list[tuple[Value, Node]]:
    """The inputs of a node that lead to a target, each with upstream × local derivative."""
    op = node.op
    if op is None:
        return []
    stored = graph.stored(node)
    groups = [group if is_list else [group] for is_list, group in zip(op.lists, op.split(stored), strict=True)]
    wanted = [not leading.isdisjoint(v for v in group if isinstance(v, Value)) for group in groups]
    if not any(wanted):
        return []
    kernel = graph_kernel(op, tuple(name for name, want in zip(op.inputs, wanted, strict=True) if want))
    _, *products = kernel(nodes, upstream, node, *op.split([folded(v) for v in stored]))
    edges: list[tuple[Value, Node]] = []
    for is_list, want, group in zip(op.lists, wanted, groups, strict=True):
        if want:
            product = products.pop(0)
            pairs = zip(group, product if is_list else [product], strict=True)
            edges += [(v, p) for v, p in pairs if p is not None and v in leading]
    return edges


def _label(names: Names, root: Value, node: Value) -> str:
    """``dJ_db``: a name that a formula can hold, also for derivatives of derivatives."""
    if not node.label:
        return ""
    of, wrt = (names.identifier(v) if v in names else v.label for v in (root, node))
    return f"d{of}_d{wrt}" if of else f"d{wrt}"
