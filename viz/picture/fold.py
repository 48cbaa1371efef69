"""Which nodes of a large graph share one box of its picture."""

from __future__ import annotations

from collections import Counter

from autograd.graph import operands, stored
from autograd.value import Value

EARLIER = "earlier nodes"
MAX_FRAMES = 8  # frames within frames: deeper scopes are not told apart
ARROWS_PER_BOX = 3  # more (100 neurons that all see 100 others) is neither laid out quickly nor read


def fold(
    order: list[Value], roots: list[Value], depth: int | None, max_nodes: int | None
) -> tuple[dict[Value, str], int | None, str]:
    """Name the box of each node that has none of its own; the level that scopes are collapsed at; a note to show.

    ``order`` is topological. Scopes are collapsed at ``depth``, or at the deepest level that leaves at most
    ``max_nodes`` boxes. Where no level does, the nodes nearest to the roots stay, and everything before them
    is one box. Roots always stay.
    """
    scopes = Counter(node.scope for node in order)
    levels: list[int | None] = [depth]
    if max_nodes is not None:
        deepest = max(len(scope.split("/", MAX_FRAMES)) if scope else 0 for scope in scopes)
        levels += range(min(deepest, MAX_FRAMES) if depth is None else min(deepest, depth - 1), 0, -1)
    for level in levels:
        boxes = {scope: group_of(scope, level) for scope in scopes}
        if max_nodes is None or is_small(order, scopes, boxes, max_nodes):
            folded = {node: boxes[node.scope] for node in order if boxes[node.scope]}
            for root in roots:
                folded.pop(root, None)
            note = "" if level == depth else f"{len(order):,} nodes: scopes are collapsed at depth {level}"
            return folded, level, note
    assert max_nodes is not None
    kept = nearest(order, roots, max_nodes)
    folded = dict.fromkeys((node for node in order if node not in kept), EARLIER)
    note = f"{len(order):,} nodes: only those nearest to the result are drawn, all before them as one box"
    return folded, None, note if folded else ""


def group_of(scope: str, level: int | None) -> str:
    """The name of the box that a scope is collapsed into at this level; "" if it is above it.

    >>> group_of("layer1/neuron3", 1), group_of("layer1", 2)
    ('layer1', '')
    """
    if level is None or not scope:
        return ""
    parts = scope.split("/", level)
    return "/".join(parts[:level]) if len(parts) >= level else ""


def is_small(order: list[Value], scopes: Counter[str], boxes: dict[str, str], max_nodes: int) -> bool:
    """Whether a picture with these boxes for scopes has few enough boxes and arrows."""
    shown = sum(count for scope, count in scopes.items() if not boxes[scope]) + len(set(filter(None, boxes.values())))
    if shown > max_nodes or shown + sum(constants_of(node) for node in order if not boxes[node.scope]) > max_nodes:
        return False
    ends = ((boxes[a.scope] or a, boxes[b.scope] or b) for b in order for a in operands(b))
    return len(set(ends)) <= ARROWS_PER_BOX * max_nodes


def constants_of(node: Value) -> int:
    return len(stored(node)) - len(operands(node))


def nearest(order: list[Value], roots: list[Value], limit: int) -> set[Value]:
    """The roots, some labelled leaves, and the nodes with the shortest longest path to a root: ``limit`` in all.

    Whoever uses a kept node is nearer and so kept as well, unless it is a leaf: what is left out comes
    before all that is kept, and the picture with one box for it has no cycle.
    """
    distance = dict.fromkeys(roots, 0)
    for node in reversed(order):
        further = distance[node] + 1
        for operand in operands(node):
            if distance.get(operand, 0) < further:
                distance[operand] = further
    named = [node for node in order if node.op is None and node.label][: limit // 5]
    kept = {*roots, *named}
    room = limit - len(kept)
    for node in sorted(order, key=distance.__getitem__):
        room -= 1 + constants_of(node)
        if room < 0:
            break
        kept.add(node)
    return kept
