"""What a picture of a graph says, before anything has a place: boxes, arrows, notes.

A ``Picture`` holds plain numbers and texts, no nodes: what happens to the graph later does not change it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograd.formulas.naming import Names
from autograd.graph import operands, stale, topological
from autograd.value import Value

from .fold import MAX_FRAMES, fold
from .text import clean, fit, format_number
from .theme import EDGE_SIZE, KINDS, LABEL_SIZE, NEGATIVE, NEUTRAL, POSITIVE

MAX_LABEL = 150.0  # points
MAX_CHECKED = 200_000  # nodes that are computed once more to see whether they are stale
STALE = "dashed: a leaf changed after the forward pass, these numbers are old; call refresh()"
UNCHECKED = f"more than {MAX_CHECKED:,} nodes: not checked whether a leaf changed after the forward pass"


@dataclass(slots=True)
class Box:
    """One node, or a group of folded ones. The first row is a name if ``named``."""

    kind: str  # "input", "parameter", "constant", "result", "group"
    rows: list[str]
    named: bool
    tooltip: str
    frame: tuple[str, ...] = ()  # the scopes around it, outermost first
    symbol: str = ""
    is_root: bool = False
    is_stale: bool = False


@dataclass(slots=True)
class Arrow:
    """One operand of one node; between groups, all of them."""

    tail: int
    head: int
    label: str
    tooltip: str
    style: str  # "flows", "masked" (nothing flows), "constant", "merged"
    contribution: float | None = None  # to the gradient of the tail; None where not known


@dataclass(slots=True)
class Picture:
    boxes: list[Box]
    arrows: list[Arrow]
    title: str  # "" for none
    notes: list[str]
    summary: str  # one line
    description: str  # for screen readers
    rankdir: str
    numbers: dict[int, int] = field(default_factory=dict)  # the id() of a node with a box of its own -> which box


def picture(roots: list[Value], depth: int | None, max_nodes: int | None, title: str, rankdir: str) -> Picture:
    """The picture of everything that the roots depend on."""
    order = list(dict.fromkeys(node for root in roots for node in topological(root)))
    names = Names(order)
    folded, level, note = fold(order, roots, depth, max_nodes)
    notes = [note] if note else []
    old: set[Value] = set()
    if len(order) <= MAX_CHECKED:
        old = {node for root in roots for node in stale(root)}
    else:
        notes.append(UNCHECKED)
    if old:
        notes.append(STALE)

    boxes: list[Box] = []
    place: dict[Value | str, int] = {}  # a node, or the name of a group -> its box

    def frame(node: Value) -> tuple[str, ...]:
        """The scopes drawn around a node; a root stays outside of a group that is collapsed."""
        return path(node.scope)[: None if level is None else level - 1]

    def add(key: Value | str, box: Box) -> None:
        place[key] = len(boxes)
        boxes.append(box)

    members: dict[str, list[Value]] = {}
    for node, name in folded.items():
        members.setdefault(name, []).append(node)
    for node in order:
        group = folded.get(node)
        if group is None:
            for operand in node.inputs:
                if operand.kind == "constant" and operand not in place:
                    add(operand, node_box(operand, names, frame(node)))
            add(node, node_box(node, names, frame(node), node in roots, node in old))
        elif group not in place:
            add(group, group_box(group, members[group], old))

    arrows: list[Arrow] = []
    merged: Counter[tuple[int, int]] = Counter()
    for node in order:
        group = folded.get(node)
        head = place[node if group is None else group]
        for operand, local in edges(node, group is None):
            tail = place[folded.get(operand, operand)]
            if boxes[tail].kind == "group" or group is not None:
                merged[tail, head] += tail != head
            else:
                arrows.append(arrow(tail, head, node, operand, local, names))
    for (tail, head), count in merged.items():
        if count:
            what = f"{count:,} edges from {boxes[tail].rows[0]} to {boxes[head].rows[0]}"
            arrows.append(Arrow(tail, head, f"×{count:,}" if count > 1 else "", what, "merged"))
    what = summary(order, roots, notes, names)
    return Picture(
        boxes,
        arrows,
        clean(title),
        notes,
        what,
        description(order, what, names),
        rankdir,
        {id(node): number for node, number in place.items() if isinstance(node, Value)},
    )


def edges(node: Value, is_drawn: bool) -> Iterable[tuple[Value, float | None]]:
    """The operands with their local derivatives; of a folded node without its constants."""
    if is_drawn:
        return zip(node.inputs, node.local_derivatives, strict=True)
    return ((operand, None) for operand in operands(node))


# --- boxes ----------------------------------------------------------------------------------------


def node_box(node: Value, names: Names, frame: tuple[str, ...], is_root: bool = False, is_stale: bool = False) -> Box:
    data = format_number(node.data)
    name = fit(names.get(node, ""), LABEL_SIZE, MAX_LABEL)
    if node.kind == "constant":
        rows = [f"{name} = {data}" if name else data]
    else:
        rows = [name] * bool(name) + [f"data {data}", f"grad {format_number(node.grad) if node.has_grad else '—'}"]
    facts = [f"data {node.data!r}"]
    if node.kind != "constant":
        facts.append(f"grad {node.grad!r}" if node.has_grad else "no gradient yet")
    if node.scope:
        facts.append(f"in {clean(node.scope)}")
    if is_stale:
        facts.append("computed before a leaf changed")
    what = f"{node.op.symbol} ({node.op.name})" if node.op is not None else node.kind
    return Box(
        kind=node.kind,
        rows=rows,
        named=bool(name) and node.kind != "constant",
        tooltip=", ".join([f"{clean(names[node])}: {what}" if node.label else what, *facts]),
        frame=frame,
        symbol=node.op.symbol if node.op is not None else "",
        is_root=is_root,
        is_stale=is_stale,
    )


def group_box(name: str, nodes: list[Value], old: set[Value]) -> Box:
    *outer, last = path(name) or (name,)
    kinds = Counter(node.kind for node in nodes if node.op is None)
    ops = Counter(node.op.symbol for node in nodes if node.op is not None)
    rows = [fit(last, LABEL_SIZE, MAX_LABEL), plural(len(nodes), "node")]
    if ops:
        most = [f"{count:,} {symbol}" for symbol, count in ops.most_common(4)]
        rows.append(", ".join(most) + (", …" if len(ops) > 4 else ""))
    if kinds:
        rows.append(", ".join(plural(count, kind) for kind, count in kinds.items()))
    return Box(
        kind="group",
        rows=rows,
        named=True,
        tooltip=f"{clean(name)}: " + "; ".join(rows[1:]),
        frame=tuple(outer),
        is_stale=not old.isdisjoint(nodes),
    )


def path(scope: str) -> tuple[str, ...]:
    return tuple(part for part in scope.split("/", MAX_FRAMES)[:MAX_FRAMES] if part)


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)


# --- arrows ---------------------------------------------------------------------------------------


def arrow(tail: int, head: int, node: Value, operand: Value, local: float | None, names: Names) -> Arrow:
    of, by = called(node, names), called(operand, names)
    if operand.kind == "constant":
        return Arrow(tail, head, "", f"{by} is a constant: no gradient", "constant")
    if local is None:
        return Arrow(tail, head, "0", f"∂{of}/∂{by} = 0: nothing flows back here", "masked")
    number = format_number(local)
    short = max(len(node.label), len(operand.label)) <= 3 and node.label and operand.label
    label = f"∂{of}/∂{by} = {number}" if short else f"∂ {number}"
    tooltip = f"∂{of}/∂{by} = {local!r}"
    if not node.has_grad:
        return Arrow(tail, head, label, tooltip, "flows")
    contribution = local * node.grad
    tooltip += f"; {local!r} × {node.grad!r} = {contribution!r} flows back to {by}"
    return Arrow(tail, head, label, tooltip, "flows", contribution)


def called(node: Value, names: Names) -> str:
    """A short name: the label's, or the operation, or the number."""
    if node in names:
        return fit(names[node], EDGE_SIZE, MAX_LABEL)
    return f"({node.op.symbol})" if node.op is not None else format_number(node.data)


def stroke_widths(arrows: list[Arrow]) -> list[float]:
    """Points, 1 to 3: by the size of what flows, relative to the largest, on a log scale of three decades."""
    sizes = [abs(a.contribution) if a.contribution is not None else 0.0 for a in arrows]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0)

    def points(size: float) -> float:
        if size == 0 or math.isnan(size):
            return 1.0
        if math.isinf(size):
            return 3.0
        return round(1 + 2 * max(0.0, 1 + (math.log10(size) - math.log10(largest)) / 3), 2)

    return [points(size) for size in sizes]


def colour_of(arrow: Arrow) -> str:
    """Blue where a positive gradient flows back, orange where a negative one does."""
    if arrow.style == "constant":
        return KINDS["constant"][1]
    flow = arrow.contribution or 0.0
    return POSITIVE if flow > 0 else NEGATIVE if flow < 0 else NEUTRAL


# --- the same in words ----------------------------------------------------------------------------


def summary(order: list[Value], roots: list[Value], notes: list[str], names: Names) -> str:
    kinds = Counter(node.kind for node in order)
    counts = ", ".join(plural(count, kind) for kind, count in kinds.items())
    results = [
        f"{called(root, names)} = {format_number(root.data)}" if root.label or root.op else called(root, names)
        for root in roots[:3]
    ]
    listed = ", ".join([*results, "…"] if len(roots) > 3 else results)
    return "; ".join([f"Computation graph of {listed}: {counts}", *notes])


def description(order: list[Value], what: str, names: Names) -> str:
    """The labelled nodes with data and gradient, as a screen reader reads them, after the summary ``what``."""
    named = [node for node in order if node.label]
    sentences = [what]
    for node in named[:30]:
        gradient = f", gradient {format_number(node.grad)}" if node.has_grad else ""
        sentences.append(f"{node.kind} {clean(names[node], 60)}: {format_number(node.data)}{gradient}")
    if len(named) > 30:
        sentences.append(f"and {len(named) - 30:,} more")
    sentences.append(
        "Arrows show the local derivative; blue with a solid head where the gradient that flows back is "
        "positive, orange with a hollow head where it is negative"
    )
    return ". ".join(sentences) + "."
