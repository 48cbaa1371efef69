"""The picture of a graph of Values, with the numbers that they have now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from autograd.formulas.digits import format_number
from autograd.formulas.naming import Names
from autograd.graph import operands, stale, topological
from autograd.number import quoted
from autograd.value import Value

from .boxes import MAX_LABEL, Arrow, Box, Drawable, Picture, Sheet, edge_label, group_box, path, plural
from .fold import fold
from .text import clean, fit
from .theme import EDGE_SIZE

MAX_CHECKED = 200_000  # nodes that are computed once more to see whether they are stale
STALE = "dashed: a leaf changed after the forward pass, these numbers are old; call refresh()"
UNCHECKED = f"more than {MAX_CHECKED:,} nodes: not checked whether a leaf changed after the forward pass"

Link = tuple[Value, Value, float | None]
"""A node, one of its operands, and the local derivative."""


def roots_of(root: object, expected: str) -> list[Value]:
    """One Value or several as a list; TypeError, which begins with what was expected, for anything else."""
    roots = [root] if isinstance(root, Value) else list(root) if isinstance(root, (list, tuple)) else []
    if not roots or not all(isinstance(r, Value) for r in roots):
        raise TypeError(f"{expected}, got {quoted(root)} ({type(root).__name__})")
    return roots


def picture(roots: list[Value], depth: int | None, max_nodes: int | None, title: str, rankdir: str) -> Picture:
    """The picture of everything that the roots depend on."""
    order = list(dict.fromkeys(node for root in roots for node in topological(root)))
    names = Names.in_order(order, roots)
    folded, level, note = fold(order, roots, depth, max_nodes)
    notes = [note] if note else []
    old: set[Value] = set()
    if len(order) <= MAX_CHECKED:
        old = {node for root in roots for node in stale(root)}
    else:
        notes.append(UNCHECKED)
    if old:
        notes.append(STALE)
    sheet = _sheet(order, roots, names, folded, level, old)
    arrows = []
    for tail, head, links in sheet.arrows():
        if "group" in (sheet.boxes[tail].kind, sheet.boxes[head].kind):
            what = f"{len(links):,} edges from {sheet.boxes[tail].rows[0]} to {sheet.boxes[head].rows[0]}"
            arrows.append(Arrow(tail, head, f"×{len(links):,}" if len(links) > 1 else "", what, "merged"))
        else:
            arrows.append(arrow(tail, head, *links[0], names))
    what = summary(order, roots, notes, names)
    numbers = {id(node): number for node, number in sheet.place.items() if isinstance(node, Value)}
    says = description(order, what, names)
    return Picture(sheet.boxes, arrows, clean(title), notes, what, says, rankdir, numbers)


def _sheet(
    order: list[Value], roots: list[Value], names: Names, folded: dict[Value, str], level: int | None, old: set[Value]
) -> Sheet[Value | str, Link]:
    """The boxes of all nodes, of folded ones the box of their group, and the edges between them."""
    members: dict[str, list[Value]] = {}
    for node, name in folded.items():
        members.setdefault(name, []).append(node)

    def scopes(node: Value) -> tuple[str, ...]:
        """The scopes drawn around a node; a root stays outside of a group that is collapsed."""
        return path(node.scope)[: None if level is None else level - 1]

    sheet: Sheet[Value | str, Link] = Sheet()
    for node in order:
        group = folded.get(node)
        if group is None:
            for operand in node.inputs:
                if operand.kind == "constant" and operand not in sheet.place:
                    sheet.add(operand, drawable(operand, names).box(scopes(node)))
            sheet.add(node, drawable(node, names, node in old).box(scopes(node), node in roots, node in old))
        elif group not in sheet.place:
            sheet.add(group, _group(group, members[group], old))
    for node in order:
        group = folded.get(node)
        for operand, local in edges(node, group is None):
            if group is None or folded.get(operand) != group:
                sheet.join(folded.get(operand, operand), group or node, (node, operand, local))
    return sheet


def edges(node: Value, is_drawn: bool) -> Iterable[tuple[Value, float | None]]:
    """The operands with their local derivatives; of a folded node without its constants."""
    if is_drawn:
        return zip(node.inputs, node.local_derivatives, strict=True)
    return ((operand, None) for operand in operands(node))


# --- boxes and arrows ------------------------------------------------------------------------------


def drawable(node: Value, names: Names, is_stale: bool = False) -> Drawable:
    """What is to be seen of a node; its tooltip has all digits."""
    grad = format_number(node.grad) if node.has_grad else "—"
    facts = [f"data {node.data!r}"]
    if node.kind != "constant":
        facts.append(f"grad {node.grad!r}" if node.has_grad else "no gradient yet")
    if node.scope:
        facts.append(f"in {clean(node.scope)}")
    if is_stale:
        facts.append("computed before a leaf changed")
    symbol = node.op.symbol if node.op is not None else ""
    what = f"{symbol} ({node.op.name})" if node.op is not None else node.kind
    tooltip = ", ".join([f"{clean(names[node])}: {what}" if node in names else what, *facts])
    name = names[node] if node.label else ""
    return Drawable(node.kind, name, format_number(node.data), grad, tooltip, symbol)


def _group(name: str, nodes: list[Value], old: set[Value]) -> Box:
    symbols = Counter(node.op.symbol for node in nodes if node.op is not None)
    return group_box(name, [node.kind for node in nodes], symbols, not old.isdisjoint(nodes))


def arrow(tail: int, head: int, node: Value, operand: Value, local: float | None, names: Names) -> Arrow:
    of, by = called(node, names), called(operand, names)
    if operand.kind == "constant":
        return Arrow(tail, head, "", f"{by} is a constant: no gradient", "constant")
    if local is None:
        return Arrow(tail, head, "0", f"∂{of}/∂{by} = 0: nothing flows back here", "masked")
    label = edge_label(of, by, (node.label, operand.label), format_number(local))
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
