"""Pictures of a trace: the graph of its record, as ``draw`` draws graphs, but with the numbers of one moment.

A view says which boxes stand for which nodes. Its places are those of the widest texts that its boxes will hold,
so nothing moves from step to step. Scopes that are not opened are one box each: where one node is all that others use
of a scope, or it is the root, as of a neuron and of a loss, the box is that node's and has its numbers.
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
from nn.losses import LOSSES

from ..picture.boxes import Arrow, Box, Drawable, Picture, Sheet, edge_label, group_box, path, plural
from ..picture.fold import EARLIER
from ..picture.layout import Layout, lay_out
from ..picture.svg import part_of_page, svg
from ..picture.text import clean, fit, width
from ..picture.theme import LABEL_SIZE, TEXT_SIZE

CLOSED, OPEN = "", "*"  # the names of the views with all scopes closed, and with all open
BUT_LOSSES = "*/"  # all are open but those of losses; no scope is called so: a path has no empty end
COMFORTABLE = 60  # boxes; a graph with more opens with its scopes collapsed
MOST = 400  # boxes of one view; beyond, what is far from the root is one box
MAX_VIEWS = 64  # scopes that a page can open; the layouts of all are made at once
MAX_WORK = 500_000  # nodes in all of these views together: of a large graph fewer scopes can be opened
ROOM = "−0.0000"  # every number has at least this room
MAX_SYMBOL = 60.0  # points; of the name of a scope beside the numbers of its one result

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
    members: dict[str, list[int]]  # the nodes inside a box: by the name of its scope, or by its one result
    opens: dict[int, str]  # the one result of a closed scope -> that scope
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
            replace(arrow, contribution=self.flow(edges, flows), label=self.label(arrow, edges, flows))
            for arrow, edges in zip(self.picture.arrows, self.arrows, strict=True)
        ]
        return replace(self.picture, boxes=boxes, arrows=arrows)

    def flow(self, edges: list[Edge], flows: Flows) -> float | None:
        """What has flowed back along an arrow; None where nothing has, or where it goes to several nodes."""
        nodes = self.record["nodes"]
        found = [flow for edge in edges if (flow := flows.get(edge)) is not None]
        to = {nodes[at]["inputs"][slot] for at, slot in edges}
        return sum(found) if found and len(to) == 1 else None

    def label(self, arrow: Arrow, edges: list[Edge], flows: Flows) -> str:
        """The label; of one edge with its number, and "" before something has flowed, or if no gradient comes to it."""
        if len(edges) > 1:
            return arrow.label
        if edges[0] not in flows or edges[0] not in self.locals:
            return ""
        return arrow.label.replace(f" {ROOM}", f" {format_number(self.locals[edges[0]] + 0.0)}")

    def for_page(self) -> ViewRecord:
        """What the page's script needs; it writes the numbers and colours of a step into the SVG."""
        return {
            "svg": part_of_page(self.picture_at({}, {}, dict.fromkeys(self.locals)), self.layout),
            "boxes": self.boxes,
            "arrows": self.arrows,
            "members": self.members,
            "opens": {str(node): scope for node, scope in self.opens.items()},
            "note": "; ".join(self.picture.notes),
        }


def views(record: TraceRecord) -> tuple[str, dict[str, View]]:
    """The views of a record by name, and the name of the first: CLOSED, OPEN, BUT_LOSSES,
    "layer1" this one opened, "layer1/neuron2" it and the one around it."""
    nodes = record["nodes"]
    scopes = sorted({outer for scope in {node["scope"] for node in nodes} for outer in prefixes(scope)})
    locals_ = local_derivatives(record)
    if not scopes:
        return OPEN, {OPEN: view(record, set(), locals_)}
    made = {CLOSED: view(record, set(), locals_)}
    for scope in scopes[: min(MAX_VIEWS, MAX_WORK // len(nodes))]:
        made[scope] = view(record, {scope, *prefixes(scope)}, locals_)
    is_small = len(nodes) <= COMFORTABLE
    others = {scope for scope in scopes if scope.rpartition("/")[2] not in LOSSES}
    if is_small and len(others) < len(scopes):
        made[BUT_LOSSES] = view(record, others, locals_)
        made[BUT_LOSSES].opens = dict.fromkeys(made[BUT_LOSSES].opens, OPEN)
    if len(nodes) <= MOST:
        made[OPEN] = view(record, set(scopes), locals_)
    first = CLOSED if not is_small else BUT_LOSSES if BUT_LOSSES in made else OPEN
    return first, made


def local_derivatives(record: TraceRecord) -> dict[Edge, float]:
    """Edge (user, slot) to its local derivative; edges that no gradient reaches are missing."""
    return {
        (event["from"], event["slot"]): float(event["local"] or 0.0)
        for event in record["events"]
        if event["type"] == "edge"
    }


def view(record: TraceRecord, opened: set[str], locals_: dict[Edge, float]) -> View:
    """The view with these scopes opened; ``locals_`` are the record's local derivatives."""
    nodes, root = record["nodes"], record["root"]
    key, opens = groups(nodes, root, opened)
    members: dict[str, list[int]] = {}
    for at, name in enumerate(key):
        if isinstance(name, str) or name in opens:
            members.setdefault(str(name), []).append(at)
    sheet: Sheet[Key, Edge] = Sheet()
    for name in dict.fromkeys(key):
        if isinstance(name, str):
            sheet.add(name, group_box(name, [nodes[i]["kind"] for i in members[name]], Counter()))
        else:
            box = node_box(nodes[name], name == root)
            sheet.add(name, closed_box(box, opens[name], len(members[str(name)])) if name in opens else box)
    for at, node in enumerate(nodes):
        for slot, to in enumerate(node["inputs"]):
            sheet.join(key[to], key[at], (at, slot))
    found = sheet.arrows()
    arrows = [arrow(record, tail, head, edges, key) for tail, head, edges in found]
    notes = [f"{plural(len(nodes), 'node')}: the earlier ones are one box"] if EARLIER in members else []
    name = nodes[root]["name"]
    summary = f"Steps of backprop through the graph of {name}: {plural(len(nodes), 'node')}"
    picture = Picture(sheet.boxes, arrows, "", notes, summary, f"{summary}.", "LR")
    stand_for = [edges for _, _, edges in found]
    return View(record, picture, list(sheet.place), stand_for, members, opens, locals_)


def groups(nodes: list[NodeRecord], root: int, opened: set[str]) -> tuple[list[Key], dict[int, str]]:
    """The box of each node: itself, or its outermost scope that is not opened, as the scope's one result if it has
    only one; and the scopes of those. Constants go where they are used."""
    closed = {
        scope: next((outer for outer in prefixes(scope) if outer not in opened), None)
        for scope in {node["scope"] for node in nodes}
    }
    around = [None if node["kind"] == "constant" else closed[node["scope"]] for node in nodes]
    results: dict[str, set[int]] = {}  # of a closed scope: what is used outside
    for to, outside in [(root, None), *((to, around[at]) for at, node in enumerate(nodes) for to in node["inputs"])]:
        scope = around[to]
        if scope is not None and scope != outside:
            results.setdefault(scope, set()).add(to)
    size = Counter(around)
    one = {scope: to for scope, found in results.items() if len(found) == 1 for to in found}
    key: list[Key] = [at if scope is None else one.get(scope, scope) for at, scope in enumerate(around)]
    if root not in one.values():
        key[root] = root
    opens = {at: scope for scope, at in one.items() if size[scope] > 1}
    for at, node in enumerate(nodes):
        for to in node["inputs"]:
            if nodes[to]["kind"] == "constant":
                key[to] = key[at] if isinstance(key[at], str) or key[at] in opens else to
    if len(set(key)) > MOST:
        earlier = len(nodes) - COMFORTABLE
        key = [name if at >= earlier else EARLIER for at, name in enumerate(key)]
    return key, opens


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


def closed_box(box: Box, scope: str, count: int) -> Box:
    """The box of a closed scope's one result: it is called by the scope, too, and drawn as a group."""
    *outer, last = path(scope)
    tooltip = f"{clean(scope)}: {plural(count, 'node')}; {box.tooltip}"
    return replace(box, kind="group", scopes=tuple(outer), symbol=fit(last, LABEL_SIZE, MAX_SYMBOL), tooltip=tooltip)


def drawable(node: NodeRecord, data: float | None, grad: float | None) -> Drawable:
    """What is to be seen of a node with these numbers; "—" where there is none. The page's script writes the same."""
    is_constant = node["kind"] == "constant"
    shown, arrived = (
        "—" if x is None else format_number(x + 0.0) for x in (float(node["data"]) if is_constant else data, grad)
    )
    what = f"{node['name']} = {node['formula']}" if node["op"] else f"{node['kind']} {node['name']}"
    name = node["label"] if is_constant else node["name"]
    return Drawable(node["kind"], name, shown, arrived, clean(what), OPS[node["op"]].symbol if node["op"] else "")


def arrow(record: TraceRecord, tail: int, head: int, edges: list[Edge], key: list[Key]) -> Arrow:
    """An arrow without numbers: its label is how it begins. One into a closed scope has none: what it stands for is
    the derivative of something inside."""
    if len(edges) > 1:
        return Arrow(tail, head, f"×{len(edges):,}", f"{len(edges):,} edges", "merged")
    (at, slot), nodes = edges[0], record["nodes"]
    y, x = nodes[at], nodes[nodes[at]["inputs"][slot]]
    partial = y["partials"][slot]
    if partial is None:
        return Arrow(tail, head, "", f"{x['name']} is a constant: no gradient", "constant")
    label = edge_label(atom(y), atom(x), (y["label"], x["label"]), ROOM) if key[at] == at else ""
    return Arrow(tail, head, label, clean(f"∂{atom(y)}/∂{atom(x)} = {partial[0]}"), "flows")
