"""Pictures of a trace: the graph of its record, as ``draw`` draws graphs, but with the numbers of one moment.

A view says which boxes stand for which nodes. Its places are those of the widest texts that its boxes will hold,
so nothing moves from step to step. Scopes that are not opened are one box each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from autograd.formulas.digits import format_number
from autograd.steps.called import atom
from autograd.steps.record import NodeRecord, TraceRecord, ViewRecord
from autograd.table.ops import OPS

from ..picture.boxes import Arrow, Box, Drawable, Picture, Sheet, edge_label, group_box, path, plural
from ..picture.fold import EARLIER
from ..picture.layout import Layout, lay_out
from ..picture.svg import part_of_page, svg
from ..picture.text import clean, width
from ..picture.theme import TEXT_SIZE

COMFORTABLE = 60  # boxes; a graph with more opens with its scopes collapsed
MOST = 400  # boxes of one view; beyond, what is far from the root is one box
MAX_VIEWS = 64  # scopes that a page can open; the layouts of all are made at once
MAX_WORK = 500_000  # nodes in all of these views together: of a large graph fewer scopes can be opened
ROOM = "−0.0000"  # every number has at least this room

Key = int | str  # a node, or the name of a group
Edge = tuple[int, int]  # a node, and which of its inputs
Flows = Mapping[Edge, float | None]


@dataclass
class View:
    """Some scopes opened, the others collapsed. Boxes and arrows are parallel to those of the picture."""

    record: TraceRecord
    picture: Picture
    boxes: list[Key]
    arrows: list[list[Edge]]  # the edges (user, slot) that an arrow stands for
    members: dict[str, list[int]]
    locals: dict[Edge, float]  # the local derivatives of the edges that a gradient reaches

    @cached_property
    def layout(self) -> Layout:
        return lay_out(self.picture)

    def at(self, data: Mapping[int, float], grads: Mapping[int, float], flows: Flows) -> str:
        """The SVG with these numbers of nodes, and what flows back along edges; "—" where there is none."""
        return svg(self.picture_at(data, grads, flows), self.layout)

    def picture_at(self, data: Mapping[int, float], grads: Mapping[int, float], flows: Flows) -> Picture:
        """The same as a picture. ``flows`` has None where an edge is cut off; only its edges show what they are."""
        boxes = [
            replace(box, rows=drawable(self.record["nodes"][key], data.get(key), grads.get(key)).rows())
            if isinstance(key, int)
            else box
            for box, key in zip(self.picture.boxes, self.boxes, strict=True)
        ]
        arrows = [
            replace(
                arrow, contribution=flows.get(edges[0]), label=self.label(arrow, edges[0]) if edges[0] in flows else ""
            )
            if len(edges) == 1
            else arrow
            for arrow, edges in zip(self.picture.arrows, self.arrows, strict=True)
        ]
        return replace(self.picture, boxes=boxes, arrows=arrows)

    def label(self, arrow: Arrow, edge: Edge) -> str:
        """The label with its number; "" where no gradient comes to."""
        number = f" {format_number(self.locals[edge] + 0.0)}" if edge in self.locals else ""
        return arrow.label.replace(f" {ROOM}", number) if number else ""

    def for_page(self) -> ViewRecord:
        """What the page's script needs; it writes the numbers and colours of a step into the SVG."""
        return {
            "svg": part_of_page(self.picture_at({}, {}, dict.fromkeys(self.locals)), self.layout),
            "boxes": self.boxes,
            "arrows": self.arrows,
            "members": self.members,
            "note": "; ".join(self.picture.notes),
        }


def views(record: TraceRecord) -> tuple[str, dict[str, View]]:
    """The views of a record by name, and the name of the first: "" all scopes collapsed, "*" all open,
    "layer1" this one opened, "layer1/neuron2" it and the one around it."""
    scopes = sorted({outer for scope in {node["scope"] for node in record["nodes"]} for outer in prefixes(scope)})
    is_small = len(record["nodes"]) <= COMFORTABLE
    if not scopes or is_small:
        return "*", {"*": view(record, set(scopes))}
    locals_ = local_derivatives(record)
    made = {"": view(record, set(), locals_)}
    for scope in scopes[: min(MAX_VIEWS, MAX_WORK // len(record["nodes"]))]:
        made[scope] = view(record, {scope, *prefixes(scope)}, locals_)
    if len(record["nodes"]) <= MOST:
        made["*"] = view(record, set(scopes), locals_)
    return "", made


def local_derivatives(record: TraceRecord) -> dict[Edge, float]:
    """Edge (user, slot) to its local derivative; edges that no gradient reaches are missing."""
    return {
        (event["from"], event["slot"]): float(event["local"] or 0.0)
        for event in record["events"]
        if event["type"] == "edge"
    }


def view(record: TraceRecord, opened: set[str], locals_: dict[Edge, float] | None = None) -> View:
    """The view with these scopes opened; ``locals_`` are the record's, if they are there already."""
    nodes, root = record["nodes"], record["root"]
    key = groups(nodes, root, opened)
    members: dict[str, list[int]] = {}
    for at, name in enumerate(key):
        if isinstance(name, str):
            members.setdefault(name, []).append(at)
    sheet: Sheet[Key, Edge] = Sheet()
    for at, node in enumerate(nodes):
        name = key[at]
        if isinstance(name, int):
            sheet.add(name, node_box(node, at == root))
        elif name not in sheet.place:
            sheet.add(name, group_box(name, [nodes[i]["kind"] for i in members[name]], Counter()))
    for at, node in enumerate(nodes):
        for slot, to in enumerate(node["inputs"]):
            sheet.join(key[to], key[at], (at, slot))
    found = sheet.arrows()
    arrows = [arrow(record, tail, head, edges) for tail, head, edges in found]
    notes = [f"{plural(len(nodes), 'node')}: the earlier ones are one box"] if EARLIER in members else []
    name = nodes[root]["name"]
    summary = f"Steps of backprop through the graph of {name}: {plural(len(nodes), 'node')}"
    picture = Picture(sheet.boxes, arrows, "", notes, summary, f"{summary}.", "LR")
    stand_for = [edges for _, _, edges in found]
    return View(record, picture, list(sheet.place), stand_for, members, locals_ or local_derivatives(record))


def groups(nodes: list[NodeRecord], root: int, opened: set[str]) -> list[Key]:
    """The box of each node: itself, or its outermost scope that is not opened. Constants go where they are used."""
    closed = {
        scope: next((outer for outer in prefixes(scope) if outer not in opened), None)
        for scope in {node["scope"] for node in nodes}
    }
    key: list[Key] = [at if at == root else closed[node["scope"]] or at for at, node in enumerate(nodes)]
    for at, node in enumerate(nodes):
        for to in node["inputs"]:
            if nodes[to]["kind"] == "constant":
                key[to] = key[at] if isinstance(key[at], str) else to
    if len(set(key)) > MOST:
        earlier = len(nodes) - COMFORTABLE
        key = [name if at >= earlier else EARLIER for at, name in enumerate(key)]
    return key


def prefixes(scope: str) -> list[str]:
    """``layer1``, ``layer1/neuron2``, ...: a scope and those around it, outermost first."""
    parts = path(scope)
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def node_box(node: NodeRecord, is_root: bool) -> Box:
    """The box with the widest texts that it will hold."""
    data, grad = (f"{word} {ROOM}" for word in ("data", "grad"))
    now = f"data {format_number(float(node['data']))}"
    box = drawable(node, None, None).box(path(node["scope"]) if node["kind"] != "constant" else (), is_root)
    if node["kind"] != "constant":
        box.rows[1:] = max(now, data, key=lambda text: width(text, TEXT_SIZE)), grad
    return box


def drawable(node: NodeRecord, data: float | None, grad: float | None) -> Drawable:
    """What is to be seen of a node with these numbers; "—" where there is none. The page's script writes the same."""
    is_constant = node["kind"] == "constant"
    shown, arrived = (
        "—" if x is None else format_number(x + 0.0) for x in (float(node["data"]) if is_constant else data, grad)
    )
    what = f"{node['name']} = {node['formula']}" if node["op"] else f"{node['kind']} {node['name']}"
    name = node["label"] if is_constant else node["name"]
    return Drawable(node["kind"], name, shown, arrived, clean(what), OPS[node["op"]].symbol if node["op"] else "")


def arrow(record: TraceRecord, tail: int, head: int, edges: list[Edge]) -> Arrow:
    """An arrow without numbers: its label is how it begins."""
    if len(edges) > 1:
        return Arrow(tail, head, f"×{len(edges):,}", f"{len(edges):,} edges", "merged")
    (at, slot), nodes = edges[0], record["nodes"]
    y, x = nodes[at], nodes[nodes[at]["inputs"][slot]]
    partial = y["partials"][slot]
    if partial is None:
        return Arrow(tail, head, "", f"{x['name']} is a constant: no gradient", "constant")
    label = edge_label(atom(y), atom(x), (y["label"], x["label"]), ROOM)
    return Arrow(tail, head, label, clean(f"∂{atom(y)}/∂{atom(x)} = {partial[0]}"), "flows")
