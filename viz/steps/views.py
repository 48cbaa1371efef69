"""Pictures of a trace: the graph of its record, as ``draw`` draws graphs, but with the numbers of one moment.

A view says which boxes stand for which nodes. Its places are those of the widest texts that its boxes will hold,
so nothing moves from step to step. Scopes that are not opened are one box each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from xml.etree import ElementTree as ET

from autograd.table.ops import OPS

from ..picture.fold import EARLIER
from ..picture.layout import Layout, lay_out
from ..picture.picture import MAX_LABEL, Arrow, Box, Picture, path, plural
from ..picture.svg import svg
from ..picture.text import clean, fit, format_number, width
from ..picture.theme import LABEL_SIZE, TEXT_SIZE

COMFORTABLE = 60  # boxes; a graph with more opens with its scopes collapsed
MOST = 400  # boxes of one view; beyond, what is far from the root is one box
MAX_VIEWS = 64  # scopes that a page can open; the layouts of all are made at once
MAX_WORK = 500_000  # nodes in all of these views together: of a large graph fewer scopes can be opened
ROOM = "−0.0000"  # every number has at least this room

Record = dict[str, Any]
Key = int | str  # a node, or the name of a group


@dataclass
class View:
    """Some scopes opened, the others collapsed. Boxes and arrows are parallel to those of the picture."""

    record: Record
    picture: Picture
    boxes: list[Key]
    arrows: list[list[tuple[int, int]]]  # the edges (user, slot) that an arrow stands for
    members: dict[str, list[int]]
    locals: dict[tuple[int, int], float]  # the local derivatives of the edges that a gradient reaches

    @cached_property
    def layout(self) -> Layout:
        return lay_out(self.picture)

    def at(self, data: Mapping[int, float], grads: Mapping[int, float], flows: Mapping[tuple[int, int], float]) -> str:
        """The SVG with these numbers of nodes, and what flows back along edges; "—" where there is none."""
        return svg(self.picture_at(data, grads, flows), self.layout)

    def picture_at(
        self, data: Mapping[int, float], grads: Mapping[int, float], flows: Mapping[tuple[int, int], float]
    ) -> Picture:
        boxes = [
            replace(box, rows=rows(self.record["nodes"][key], data.get(key), grads.get(key)))
            if isinstance(key, int)
            else box
            for box, key in zip(self.picture.boxes, self.boxes, strict=True)
        ]
        arrows = [
            replace(arrow, contribution=flows.get(edges[0]), label=self.label(arrow, edges[0]))
            if len(edges) == 1
            else arrow
            for arrow, edges in zip(self.picture.arrows, self.arrows, strict=True)
        ]
        return replace(self.picture, boxes=boxes, arrows=arrows)

    def label(self, arrow: Arrow, edge: tuple[int, int]) -> str:
        """The label with its number; "" where no gradient comes to."""
        number = f" {format_number(self.locals[edge] + 0.0)}" if edge in self.locals else ""
        return arrow.label.replace(f" {ROOM}", number) if number else ""

    def for_page(self) -> dict[str, Any]:
        """What the page's script needs; it writes the numbers and colours of a step into the SVG."""
        drawn = ET.fromstring(self.at({}, {}, {}))
        for name in ("title", "desc", "style"):  # the page has its own, and there may be two steppers in it
            drawn.remove(drawn.find(f"{{http://www.w3.org/2000/svg}}{name}"))  # type: ignore[arg-type]
        ET.register_namespace("", "http://www.w3.org/2000/svg")
        return {
            "svg": ET.tostring(drawn, encoding="unicode"),
            "boxes": self.boxes,
            "arrows": self.arrows,
            "labels": [arrow.label.removesuffix(ROOM) for arrow in self.picture.arrows],
            "members": self.members,
            "note": "; ".join(self.picture.notes),
        }


def rows(node: Record, data: float | None, grad: float | None) -> list[str]:
    """The lines of a node's box; the page's script writes the same."""
    if node["kind"] == "constant":
        number = format_number(float(node["data"]))
        return [f"{fit(node['label'], LABEL_SIZE, MAX_LABEL)} = {number}" if node["label"] else number]
    shown = ["—" if x is None else format_number(x + 0.0) for x in (data, grad)]
    return [fit(node["name"], LABEL_SIZE, MAX_LABEL), f"data {shown[0]}", f"grad {shown[1]}"]


def views(record: Record) -> tuple[str, dict[str, View]]:
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


def local_derivatives(record: Record) -> dict[tuple[int, int], float]:
    """Edge (user, slot) to its local derivative; edges that no gradient reaches are missing."""
    edges = [event for event in record["events"] if event["type"] == "edge"]
    return {(event["from"], event["slot"]): float(event["local"] or 0.0) for event in edges}


def view(record: Record, opened: set[str], locals_: dict[tuple[int, int], float] | None = None) -> View:
    """The view with these scopes opened; ``locals_`` are the record's, if they are there already."""
    nodes, root = record["nodes"], record["root"]
    key = groups(nodes, root, opened)
    boxes: dict[Key, Box] = {}
    members: dict[str, list[int]] = {}
    for at in range(len(nodes)):
        name = key[at]
        if isinstance(name, str):
            members.setdefault(name, []).append(at)
    for at, node in enumerate(nodes):
        name = key[at]
        if isinstance(name, int):
            boxes[name] = node_box(node, at == root)
        elif name not in boxes:
            boxes[name] = group_box(name, [nodes[i] for i in members[name]])

    place = {name: i for i, name in enumerate(boxes)}
    edges: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for at, node in enumerate(nodes):
        for slot, to in enumerate(node["inputs"]):
            tail, head = place[key[to]], place[key[at]]
            if tail != head:
                single = isinstance(key[to], int) and isinstance(key[at], int)
                edges.setdefault((tail, head, len(edges) if single else -1), []).append((at, slot))
    arrows = [arrow(record, tail, head, which) for (tail, head, _), which in edges.items()]
    notes = [f"{plural(len(nodes), 'node')}: the earlier ones are one box"] if EARLIER in members else []
    name = nodes[root]["name"]
    summary = f"Steps of backprop through the graph of {name}: {plural(len(nodes), 'node')}"
    picture = Picture(list(boxes.values()), arrows, "", notes, summary, f"{summary}.", "LR")
    return View(record, picture, list(boxes), list(edges.values()), members, locals_ or local_derivatives(record))


def groups(nodes: list[Record], root: int, opened: set[str]) -> list[Key]:
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


def node_box(node: Record, is_root: bool) -> Box:
    """The box with the widest texts that it will hold."""
    data, grad = (f"{word} {ROOM}" for word in ("data", "grad"))
    now = f"data {format_number(float(node['data']))}"
    texts = rows(node, None, None)
    if node["kind"] != "constant":
        texts = [texts[0], max(now, data, key=lambda text: width(text, TEXT_SIZE)), grad]
    what = f"{node['name']} = {node['formula']}" if node["op"] else f"{node['kind']} {node['name']}"
    return Box(
        kind=node["kind"],
        rows=texts,
        named=node["kind"] != "constant",
        tooltip=clean(what),
        frame=path(node["scope"]) if node["kind"] != "constant" else (),
        symbol=OPS[node["op"]].symbol if node["op"] else "",
        is_root=is_root,
    )


def group_box(name: str, nodes: list[Record]) -> Box:
    *outer, last = path(name) or (name,)
    kinds = Counter(node["kind"] for node in nodes if node["kind"] in ("input", "parameter"))
    rows = [fit(last, LABEL_SIZE, MAX_LABEL), plural(len(nodes), "node")]
    if kinds:
        rows.append(", ".join(plural(count, kind) for kind, count in kinds.items()))
    return Box("group", rows, True, clean(f"{name}: {'; '.join(rows[1:])}"), tuple(outer))


def arrow(record: Record, tail: int, head: int, edges: list[tuple[int, int]]) -> Arrow:
    """An arrow without numbers: its label is how it begins."""
    if len(edges) > 1:
        return Arrow(tail, head, f"×{len(edges):,}", f"{len(edges):,} edges", "merged")
    (at, slot), nodes = edges[0], record["nodes"]
    y, x = nodes[at], nodes[nodes[at]["inputs"][slot]]
    if x["kind"] == "constant":
        return Arrow(tail, head, "", f"{x['name']} is a constant: no gradient", "constant")
    short = max(len(y["label"]), len(x["label"])) <= 3 and y["label"] and x["label"]
    label = f"∂{y['name']}/∂{x['name']} = {ROOM}" if short else f"∂ {ROOM}"
    return Arrow(tail, head, label, clean(f"∂{y['name']}/∂{x['name']} = {y['partials'][slot][0]}"), "flows")
