"""``trace``: everything that happens in one forward and one backward pass, as a record that can be replayed.

The stepper, its offline page, text frames, GIFs and tests all show this one record. Tracing reads a graph and
never changes anybody's ``data`` or ``grad``; its gradients are exactly those of ``backward()``, because they are
added up in the same order.

The record (``Trace.record``) is plain JSON: dicts, lists, text and numbers; what is not finite is written "NaN",
"Infinity" or "-Infinity". Version 2:

    format, version   "chainrule-trace", 2
    root              the id of the result
    nodes             in order of computation; a node's id is its place in this list
        kind          "input", "parameter", "constant" or "result"
        op, inputs    the operation's name in the table, and the ids of the operands; null and [] for leaves
        data          the number (of a result: as recorded in the forward pass)
        label, scope  as the user gave them;  name: what steps call the node, see ``called``: b·c or v1, v2, ... if it
                      has no label (the root f), x⁽¹⁾, x⁽²⁾, ... if others have the same
        latex         the name in LaTeX;  compound: true where the name is a formula that needs parentheses
        formula, numbers, definition, partials    how it is written, see ``written.Written``; of results only
        form          the same in LaTeX is forms[form]
        residual      [a, y, m] of a z whose gradient is (a − y)/m: ids of its sigmoid and its target; see ``residual``
    forms             what nodes are written as in LaTeX: formula, numbers, definition, partials, with ⟦0⟧ for the name
                      of input 0, ⟦y⟧ for the result's, and ⟨0⟩, ⟨y⟩ for their numbers
    events            in order
        {"type": "leaf", "node"}
        {"type": "forward", "node"}
        {"type": "seed", "node", "grad"}
        {"type": "edge", "from", "to", "slot", "rule", "local", "upstream", "product", "before", "after"}
                      ``to`` is input number ``slot`` of ``from``; product = local · upstream; before is null for
                      a gradient that has not arrived. Where the operation cuts the edge off (a relu at x < 0)
                      local and product are null, and after = before.
        {"type": "done"}
"""

from __future__ import annotations

import json
import math

from .. import graph
from ..errors import StaleGraphError
from ..node import flowing
from ..number import quoted, shown
from ..table.ops import OPS
from ..value import Value
from .called import atom, called, operands
from .frames import Frame, frames
from .residual import residuals
from .written import Phrasebook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from .called import Called
    from .record import EdgeEvent, Event, NodeRecord, Number, TraceRecord

    Local = float | None

FORMAT, VERSION = "chainrule-trace", 2
MOST = 30_000  # nodes, constants not counted: a stepper of so many opens in some 5 s, and each step is for a reader


def trace(what: Value | Callable[..., Value], /, **leaves: Value | float) -> Trace:
    """The trace of a graph, ``trace(J)``, or of a function of Values, ``trace(f, a=5, b=3, c=2)``.

    The function is called with its leaves as Values, named as the arguments are.
    Raises StaleGraphError if a leaf's ``data`` changed after the forward pass; TypeError for what is neither;
    ValueError for a graph of more than 30,000 nodes.

    >>> a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    >>> J = 3 * (a + b * c)
    >>> t = trace(J)
    >>> [t.record["nodes"][e["to"]]["name"] for e in t.record["events"] if e["type"] == "edge"]
    ['a + b·c', 'a', 'b·c', 'b', 'c']
    >>> a.grad
    0.0
    """
    values: dict[str, Value] = {}
    if isinstance(what, Value):
        if leaves:
            raise TypeError("trace(root) takes no more than the root: for new numbers write trace(f, a=5, b=3)")
        root = what
    elif callable(what):
        values = {name: x if isinstance(x, Value) else Value(x, name) for name, x in leaves.items()}
        root = what(**values)
    else:
        root = what
    if not isinstance(root, Value):
        raise TypeError(f"trace: expected a Value, or a function that returns one, got {quoted(root)}")
    return Trace.of(root, values)


class Trace:
    """One forward and one backward pass. ``record`` is all of it; see the module for what stands in it.

    ``arguments`` names the leaves, by id, that a traced function got; a trace read from JSON has none.
    """

    def __init__(self, record: TraceRecord) -> None:
        if record.get("format") != FORMAT or record.get("version") != VERSION:
            found = f"{quoted(record.get('format'))} {quoted(record.get('version'))}"
            raise ValueError(f"this is no trace that can be read here: {found}, not {FORMAT!r} {VERSION}")
        self.record = record
        self.arguments: dict[int, str] = {}

    @classmethod
    def of(cls, root: Value, arguments: Mapping[str, Value] | None = None) -> Self:
        """The trace of a recorded graph; ``arguments`` are what the function got that made it."""
        order = graph.topological(root)
        if len(order) > MOST:
            raise ValueError(
                f"this graph has {len(order):,} nodes, too many to be stepped through ({MOST:,} at most): take a part "
                "of it, stepper(node) of a node inside, or the graph of fewer examples; draw(root) shows all, collapsed"
            )
        graph.require_fresh(root)
        ids: dict[Value, int] = {}
        for value in order:
            for each in (*value.inputs, value):
                ids.setdefault(each, len(ids))
        book = Phrasebook()
        names = called(list(ids), root, book)
        nodes: list[NodeRecord] = []
        locals_: list[Sequence[Local]] = []
        for value in ids:
            _, partials = graph.forward(value) if value.op else (0.0, ())
            partials = flowing(value.inputs, partials)
            if not all(map(_same, partials, value.local_derivatives)):
                raise StaleGraphError(
                    f"{names[value].text} was computed from other data than its inputs have now: a leaf changed after "
                    "the forward pass. Call root.refresh(), or build the graph again."
                )
            nodes.append(_node(value, ids, names, book))
            locals_.append(value.local_derivatives)
        events = _events(nodes, locals_, ids[root])
        traced = cls(
            {
                "format": FORMAT,
                "version": VERSION,
                "root": ids[root],
                "nodes": nodes,
                "forms": book.latex,
                "events": events,
            }
        )
        for z, found in residuals(traced).items():
            nodes[z]["residual"] = list(found)
        traced.arguments = {ids[v]: name for name, v in (arguments or {}).items() if v in ids}
        return traced

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The trace that ``to_json`` wrote; ValueError for anything else."""
        record: TraceRecord = json.loads(text)
        if not isinstance(record, dict):
            raise ValueError(f"this is no trace: {shown(text)}")
        return cls(record)

    def to_json(self) -> str:
        """The record as one line of JSON in ASCII."""
        return json.dumps(self.record, allow_nan=False, separators=(",", ":"))

    def __repr__(self) -> str:
        nodes, root = self.record["nodes"], self.record["root"]
        edges = sum(event["type"] == "edge" for event in self.record["events"])
        return f"<trace of {nodes[root]['name']}: {len(nodes)} nodes, {edges} backward steps>"

    def gradients(self) -> dict[int, float]:
        """Node id to its gradient at the end; nodes that none reached are missing."""
        found: dict[int, float] = {}
        for event in self.record["events"]:
            if event["type"] == "seed":
                found[event["node"]] = event["grad"]
            elif event["type"] == "edge" and event["after"] is not None:
                found[event["to"]] = float(event["after"])
        return found

    def revalued(self, data: Mapping[int, float]) -> Trace:
        """The trace of the same graph with other numbers in these leaves (by id); no Value is made or changed."""
        nodes = [node.copy() for node in self.record["nodes"]]
        values: list[float] = []
        locals_: list[Sequence[Local]] = []
        for at, node in enumerate(nodes):
            if node["op"] is None:
                values.append(data.get(at, float(node["data"])))
                locals_.append(())
            else:
                y, partials = OPS[node["op"]].forward([values[i] for i in node["inputs"]])
                constant = [nodes[i]["kind"] == "constant" for i in node["inputs"]]
                values.append(y)
                locals_.append([None if c else d for c, d in zip(constant, partials, strict=True)])
            node["data"] = _plain(values[at])
        root = self.record["root"]
        return Trace(self.record | {"nodes": nodes, "events": _events(nodes, locals_, root)})

    def frames(self, by: str = "edge") -> list[Frame]:
        """The steps that a reader goes through: start, each operation, seed, and then each edge.

        With ``by="op"``, one step for all edges of a node. ValueError for another word.
        """
        return frames(self.record, by)

    def text(self, by: str = "edge") -> str:
        """All frames as text, for a terminal."""
        steps = self.frames(by)
        return "\n\n".join(f"[{i}/{len(steps)}] {frame.text()}" for i, frame in enumerate(steps, 1)) + "\n"


# --- nodes ------------------------------------------------------------------------------------------------


def _node(value: Value, ids: Mapping[Value, int], names: Mapping[Value, Called], book: Phrasebook) -> NodeRecord:
    name = names[value]
    node: NodeRecord = {
        "kind": value.kind,
        "op": None,
        "inputs": [ids[v] for v in value.inputs],
        "data": _plain(value.data),
        "label": value.label,
        "name": name.text,
        "latex": name.latex,
        "scope": value.scope,
    }
    if name.is_compound:
        node["compound"] = True
    if value.op is not None:
        flows = [v.kind != "constant" for v in value.inputs]
        node = {**node, "op": value.op.name, **book.written(value.op, name, operands(value, names), flows)}
    return node


# --- events -----------------------------------------------------------------------------------------------


def _events(nodes: Sequence[NodeRecord], locals_: Sequence[Sequence[Local]], root: int) -> list[Event]:
    """What happens, in order: ``nodes`` forward, then backward from the root along ``locals_``."""
    leaves: list[Event] = [{"type": "leaf", "node": at} for at, node in enumerate(nodes) if node["op"] is None]
    results: list[Event] = [{"type": "forward", "node": at} for at, node in enumerate(nodes) if node["op"] is not None]
    events: list[Event] = [*leaves, *results, {"type": "seed", "node": root, "grad": 1.0}]
    grads: dict[int, float] = {root: 1.0}
    for at in _handing_on(nodes, locals_, root):
        node, upstream = nodes[at], grads[at]
        for slot, (to, local) in enumerate(zip(node["inputs"], locals_[at], strict=True)):
            partial = node["partials"][slot]
            if partial is None:  # of a constant
                continue
            before = _plain(grads[to]) if to in grads else None
            event: EdgeEvent = {
                "type": "edge",
                "from": at,
                "to": to,
                "slot": slot,
                "rule": f"∂{atom(node)}/∂{atom(nodes[to])} = {partial[0]}",
                "local": None,
                "upstream": _plain(upstream),
                "product": None,
                "before": before,
                "after": before,
            }
            if local is not None:
                product = local * upstream
                grads[to] = (grads.get(to) or 0.0) + product
                event |= {"local": _plain(local), "product": _plain(product), "after": _plain(grads[to])}
            events.append(event)
    return [*events, {"type": "done"}]


def _handing_on(nodes: Sequence[NodeRecord], locals_: Sequence[Sequence[Local]], root: int) -> list[int]:
    """The results that a gradient reaches, each after all of its users: ``backward()``'s own order.

    The walk of ``backward.collect``, on ids; ``~at`` on the stack says that all after ``at`` are found.
    """
    order: list[int] = []
    found: set[int] = set()
    stack = [root]
    while stack:
        at = stack.pop()
        if at < 0:
            order.append(~at)
        elif at not in found and nodes[at]["op"] is not None:
            found.add(at)
            flowing_to = [to for to, d in zip(nodes[at]["inputs"], locals_[at], strict=True) if d is not None]
            stack += (~at, *flowing_to)
    order.reverse()
    return order


def _plain(x: float) -> Number:
    """A number as JSON has it: what is not finite as text that both ``float`` and JavaScript's ``Number`` read."""
    if math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


def _same(a: Local, b: Local) -> bool:
    return a == b or (a is not None and b is not None and math.isnan(a) and math.isnan(b))
