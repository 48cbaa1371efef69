"""The frames of a trace: what a reader sees at each step, in words and numbers.

``viz/static/frames.js`` builds the same frames from the same record, so that a page can edit a leaf without
Python; the sentences of both are ``wording.WORDS``, and tests hold them together.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache

from ..formulas.digits import digits
from ..number import quoted
from ..table.op import Op
from ..table.ops import OPS
from .wording import WORDS, fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import EdgeEvent, TraceRecord

TERMS = 4  # of a sum over the users of a node, written out
LEAVES = 12  # named in the first frame
NOTATIONS = ("∂", "d", ".grad")


@dataclass
class Frame:
    """One step. ``first`` and ``last`` are its first and last event in the record."""

    kind: str  # "start", "forward", "seed", "edge", "op"
    title: str
    node: int  # what the step is about: the node computed, seeded, reached, or (by op) handing on
    first: int
    last: int
    lines: list[str]
    sentence: str
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The frame as lines of text, the title first."""
        return "\n    ".join([self.title, *self.lines, self.sentence, *self.notes])


def count(record: TraceRecord) -> int:
    """How many frames a record has by edge, without writing them."""
    return 1 + sum(event["type"] in ("forward", "seed", "edge") for event in record["events"])


def frames(record: TraceRecord, by: str = "edge", notation: str = "∂") -> list[Frame]:
    """The frames of a record by edge or by op, gradients written as ∂J/∂v, dv or v.grad."""
    if by not in ("edge", "op"):
        raise ValueError(f'frames are by="edge" or by="op", not {quoted(by)}')
    if notation not in NOTATIONS:
        raise ValueError(f"gradients are written {', '.join(NOTATIONS)}, not {quoted(notation)}")
    return _Frames(record, notation).all(by)


class _Frames:
    def __init__(self, record: TraceRecord, notation: str) -> None:
        self.nodes = record["nodes"]
        self.events = record["events"]
        self.edges = {at: event for at, event in enumerate(self.events) if event["type"] == "edge"}
        self.root = record["root"]
        self.data = [float(node["data"]) for node in self.nodes]
        self.notation = notation
        self.arrivals: dict[int, list[int]] = {}  # node -> the events that bring it a part of its gradient
        self.arrived: dict[int, int] = {}  # such an event -> how many there are for its node, up to it
        for at, event in self.edges.items():
            if event["product"] is not None:
                arrivals = self.arrivals.setdefault(event["to"], [])
                arrivals.append(at)
                self.arrived[at] = len(arrivals)
        # What all edges of a node need, and a wide node has many edges; they come one after the other.
        self.uses = lru_cache(maxsize=1)(self._uses)
        self.values = lru_cache(maxsize=1)(self._values)
        self.textbook = lru_cache(maxsize=1)(self._textbook)

    def all(self, by: str) -> list[Frame]:
        result = [self.start()]
        at = 0
        while at < len(self.events):
            event = self.events[at]
            last = at
            if event["type"] == "forward":
                result.append(self.forward(at, event["node"]))
            elif event["type"] == "seed":
                result.append(self.seed(at))
            elif event["type"] == "edge" and by == "edge":
                result.append(self.edge(at))
            elif event["type"] == "edge":
                while self.events[last + 1].get("from") == event["from"]:
                    last += 1
                result.append(self.op(at, last))
            at = last + 1
        result[-1].notes += self.unreached()
        return result

    # -- one frame each ------------------------------------------------------------------------------

    def start(self) -> Frame:
        leaves = [at for at, node in enumerate(self.nodes) if node["op"] is None and node["kind"] != "constant"]
        words = [f"{self.name(at)} = {digits(self.data[at])}" for at in leaves[:LEAVES]]
        line = ", ".join([*words, "…"] if len(leaves) > LEAVES else words)
        last = sum(event["type"] == "leaf" for event in self.events) - 1
        return Frame("start", "start", self.root, 0, last, [line], WORDS["start"])

    def forward(self, at: int, y: int) -> Frame:
        node = self.nodes[y]
        numbers = fill(node["numbers"], self.values(y))
        lines = [_chain(node["name"], node["formula"], numbers, digits(self.data[y]))]
        if node["definition"]:
            lines.append(f"{node['formula']} = {node['definition']}")
        sentence = WORDS["forward"].format(y=node["name"])
        return Frame("forward", f"forward: {node['name']}", y, at, at, lines, sentence)

    def seed(self, at: int) -> Frame:
        line = f"{self.gradient(self.root)} = 1"
        return Frame("seed", "seed", self.root, at, at, [line], WORDS["seed"].format(J=self.name(self.root)))

    def edge(self, at: int) -> Frame:
        event = self.edges[at]
        x, y = event["to"], event["from"]
        names = self.names(event)
        frame = Frame("edge", f"backward: {self.name(y)} → {self.name(x)}", x, at, at, [], "")
        if event["product"] is None:
            frame.lines = [WORDS["local"].format(**names)]
            frame.sentence = WORDS["cut"].format(**names)
        else:
            frame.lines = [self.rule(at), WORDS["local"].format(**names), _product(event), *self.update(at)]
            frame.sentence = WORDS["last edge" if y == self.root else "edge"].format(**names)
        frame.notes = self.order(at) + self.twice(event) + self.digits(event) + self.progress(at) + self.dz(at)
        return frame

    def op(self, first: int, last: int) -> Frame:
        y = self.edges[first]["from"]
        frame = Frame("op", f"backward: {self.name(y)}", y, first, last, [], WORDS["op"].format(y=self.name(y)))
        for at in range(first, last + 1):
            event = self.edges[at]
            if event["product"] is None:
                frame.lines.append(WORDS["local"].format(**self.names(event)))
            else:
                frame.lines += [f"{self.gradient(event['to'])}: {_product(event)}", *self.update(at)[1:]]
            frame.notes += self.twice(event) + self.digits(event) + self.progress(at) + self.dz(at)
        frame.notes = self.order(first) + frame.notes
        return frame

    # -- names ---------------------------------------------------------------------------------------

    def name(self, at: int) -> str:
        return self.nodes[at]["name"]

    def gradient(self, at: int) -> str:
        return WORDS[f"gradient {self.notation}"].format(x=self.name(at), J=self.name(self.root))

    def place(self, event: EdgeEvent) -> str:
        """The operand of an edge; with its number where it stands in the operation more than once."""
        inputs = self.nodes[event["from"]]["inputs"]
        x, slot = event["to"], event["slot"]
        if self.uses(event["from"])[x] == 1:
            return self.name(x)
        return self.name(x) + "".join(chr(0x2080 + int(d)) for d in str(inputs[: slot + 1].count(x)))

    def _uses(self, y: int) -> Counter[int]:
        """How often each input stands in a node."""
        return Counter(self.nodes[y]["inputs"])

    def _values(self, y: int) -> dict[str, float]:
        """The numbers of a node's templates."""
        return {str(i): self.data[v] for i, v in enumerate(self.nodes[y]["inputs"])} | {"y": self.data[y]}

    def _textbook(self, y: int) -> tuple[float | None, ...]:
        """The local derivatives as the textbook's formulas give them."""
        node = self.nodes[y]
        return _textbook(node["op"]).forward([self.data[i] for i in node["inputs"]])[1]

    def names(self, event: EdgeEvent) -> dict[str, str]:
        """What the sentences of an edge speak of."""
        y = self.nodes[event["from"]]
        written = y["partials"][event["slot"]]
        assert written is not None, "an edge to a constant"
        text, numbers = written
        local, upstream, product = (float(x or 0.0) for x in (event["local"], event["upstream"], event["product"]))
        partial = [text]
        if numbers and not self.digits(event):
            partial.append(fill(numbers, self.values(event["from"])))
        return {
            "x": self.name(event["to"]),
            "y": y["name"],
            "J": self.name(self.root),
            "formula": y["formula"],
            "place": self.place(event),
            "partial": _chain(*partial, digits(local)),
            "local": _bracketed(local),
            "upstream": _bracketed(upstream),
            "product": _bracketed(product),
        }

    # -- lines ---------------------------------------------------------------------------------------

    def rule(self, at: int) -> str:
        """The chain rule for the node that this edge leads to: a sum over all of its users."""
        arrivals = self.arrivals[self.edges[at]["to"]]
        terms = [self.term(i) for i in arrivals] if len(arrivals) <= TERMS else ["…", self.term(at), "…"]
        return f"{self.gradient(self.edges[at]['to'])} = {' + '.join(terms)}"

    def term(self, at: int) -> str:
        event = self.edges[at]
        names = {"J": self.name(self.root), "y": self.name(event["from"]), "place": self.place(event)}
        return WORDS[f"term {self.notation}"].format(**names)

    def update(self, at: int) -> list[str]:
        """``b.grad: 0 + 6 → 6``, and for several users ``a.grad = 3 (via d) + (−6) (via e) = −3``."""
        event = self.edges[at]
        x = event["to"]
        before, product, after = (float(x or 0.0) for x in (event["before"], event["product"], event["after"]))
        lines = [f"{self.name(x)}.grad: {digits(before)} + {_bracketed(product)} → {digits(after)}"]
        if 1 < self.arrived[at] <= TERMS:
            parts = [
                f"{_bracketed(float(e['product'] or 0.0))} (via {self.name(e['from'])})"
                for e in (self.edges[i] for i in self.arrivals[x][: self.arrived[at]])
            ]
            lines.append(f"{self.name(x)}.grad = {' + '.join(parts)} = {digits(after)}")
        return lines

    # -- notes ---------------------------------------------------------------------------------------

    def progress(self, at: int) -> list[str]:
        event = self.edges[at]
        arrivals = self.arrivals.get(event["to"], [])
        if event["product"] is None or len(arrivals) < 2:
            return []
        arrived = self.arrived[at]
        words = WORDS["complete" if arrived == len(arrivals) else "arrived"]
        return [words.format(x=self.name(event["to"]), arrived=arrived, expected=len(arrivals))]

    def order(self, at: int) -> list[str]:
        """Why a node with several users had to wait; said where it hands on its gradient first."""
        y = self.edges[at]["from"]
        arrivals = self.arrivals.get(y, [])
        if len(arrivals) < 2 or self.events[at - 1].get("from") == y:
            return []
        users = list(dict.fromkeys(self.name(self.edges[i]["from"]) for i in arrivals))
        if len(users) > TERMS:
            users = [*users[: TERMS - 1], f"{len(users) - TERMS + 1} more"]
        return [WORDS["order"].format(y=self.name(y), users=", ".join(users))]

    def twice(self, event: EdgeEvent) -> list[str]:
        node = self.nodes[event["from"]]
        if self.uses(event["from"])[event["to"]] == 1:
            return []
        return [WORDS["twice"].format(x=self.name(event["to"]), y=node["name"])]

    def digits(self, event: EdgeEvent) -> list[str]:
        """Where the textbook's form of the local derivative would lose the digits that are shown."""
        node = self.nodes[event["from"]]
        assert node["op"] is not None, "an edge from a leaf"
        if event["local"] is None or not OPS[node["op"]].computed:
            return []
        local = float(event["local"])
        textbook = self.textbook(event["from"])[event["slot"]] or 0.0
        if abs(textbook - local) <= 1e-3 * abs(local) or (math.isnan(textbook) and math.isnan(local)):
            return []
        return [WORDS["digits"].format(textbook=digits(textbook))]

    def dz(self, at: int) -> list[str]:
        """``dz = a − y``, said where the gradient of z is complete."""
        event = self.edges[at]
        z = self.nodes[event["to"]]
        if "residual" not in z or at != self.arrivals[event["to"]][-1]:
            return []
        a, y, share = z["residual"]
        expected, after = (self.data[a] - self.data[y]) / share, float(event["after"] or 0.0)
        if not abs(after - expected) <= 1e-3 * abs(expected):  # log(1 - a) of a saturated a: infinite, or nan
            return []
        numbers = f"{digits(self.data[a])} − {_bracketed(self.data[y])}"
        names = f"{self.name(a)} − {self.name(y)}"
        if share != 1:
            names, numbers = f"({names})/{share}", f"({numbers})/{share}"
        gradient = self.gradient(event["to"])
        return [WORDS["dz"].format(gradient=gradient, names=names, numbers=numbers, after=digits(after))]

    def unreached(self) -> list[str]:
        names = [
            node["name"]
            for at, node in enumerate(self.nodes)
            if node["kind"] in ("input", "parameter") and at not in self.arrivals and at != self.root
        ]
        if not names:
            return []
        listed = ", ".join(names[:LEAVES]) + ", …" * (len(names) > LEAVES)
        return [WORDS["unreached"].format(names=listed, J=self.name(self.root))]


def _product(event: EdgeEvent) -> str:
    upstream, local, product = (float(x or 0.0) for x in (event["upstream"], event["local"], event["product"]))
    return f"{digits(upstream)} × {_bracketed(local)} = {digits(product)}"


def _bracketed(x: float) -> str:
    text = digits(x)
    return f"({text})" if text[0] == "−" else text


def _chain(*sides: str) -> str:
    """``u = b·c = 3 × 2 = 6``; what two neighbours have in common is said once."""
    return " = ".join(side for i, side in enumerate(sides) if i == 0 or side != sides[i - 1])


@cache
def _textbook(name: str) -> Op:
    """The row without its ``computed`` lines: the numbers that the textbook's formulas give."""
    return OPS[name].textbook()
