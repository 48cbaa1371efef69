"""The frames of a trace: what a reader sees at each step, in words and numbers.

``viz/static/frames.js`` builds the same frames from the same record, so that a page can edit a leaf without
Python; the sentences of both are those of ``wording.py``, and tests hold them together.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache

from ..number import quoted
from ..table.op import Op
from ..table.ops import OPS
from .pens import PENS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pens import Pen
    from .record import EdgeEvent, Event, TraceRecord

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
    events = record["events"]
    steps = sum(event["type"] in ("forward", "seed", "edge") for event in events)
    return 1 + steps - sum(_joins(events, at) for at in range(1, len(events)))


def frames(record: TraceRecord, by: str = "edge", notation: str = "∂", form: str = "text") -> list[Frame]:
    """The frames of a record by edge or by op, gradients written as ∂J/∂v, dv or v.grad.

    With ``form="latex"``, lines are LaTeX, and so are the names and numbers of a title, a sentence or a note, each
    between two marks, ``wording.MATHEMATICS``.
    """
    if by not in ("edge", "op"):
        raise ValueError(f'frames are by="edge" or by="op", not {quoted(by)}')
    if notation not in NOTATIONS:
        raise ValueError(f"gradients are written {', '.join(NOTATIONS)}, not {quoted(notation)}")
    if form not in PENS:
        raise ValueError(f"the forms of a frame are {', '.join(PENS)}, not {quoted(form)}")
    return _Frames(record, notation, PENS[form](record)).all(by)


def start(record: TraceRecord) -> Frame:
    """The first frame alone: a long record has many."""
    return _Frames(record, "∂", PENS["text"](record)).start()


class _Frames:
    """Writes the frames of a record with a pen."""

    def __init__(self, record: TraceRecord, notation: str, pen: Pen) -> None:
        self.nodes = record["nodes"]
        self.events = record["events"]
        self.edges = {at: event for at, event in enumerate(self.events) if event["type"] == "edge"}
        self.root = record["root"]
        self.data = [float(node["data"]) for node in self.nodes]
        self.notation = notation
        self.pen = pen
        self.name, self.number, self.line, self.say, self.equal = pen.name, pen.number, pen.line, pen.say, pen.equal
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
            elif event["type"] == "edge":
                while self.events[last + 1].get("from") == event["from"] and (
                    by == "op" or _joins(self.events, last + 1)
                ):
                    last += 1
                result.append(self.op(at, last) if by == "op" else self.edge(at, last))
            at = last + 1
        result[-1].notes += self.unreached()
        return result

    # -- one frame each ------------------------------------------------------------------------------

    def start(self) -> Frame:
        leaves = [at for at, node in enumerate(self.nodes) if node["op"] is None and node["kind"] != "constant"]
        words = [self.equal(self.name(at), self.number(self.data[at])) for at in leaves[:LEAVES]]
        line = self.line("comma").join([*words, self.line("dots")] if len(leaves) > LEAVES else words)
        last = sum(event["type"] == "leaf" for event in self.events) - 1
        return Frame("start", self.say("title start"), self.root, 0, last, [line], self.say("start"))

    def forward(self, at: int, y: int) -> Frame:
        name, formula = self.name(y), self.pen.formula(y)
        lines = [
            self.equal(name, formula, self.pen.fill(self.pen.numbers(y), self.values(y)), self.number(self.data[y]))
        ]
        if definition := self.pen.formula(y, "definition"):
            lines.append(self.equal(formula, definition))
        return Frame("forward", self.say("title forward", y=name), y, at, at, lines, self.say("forward", y=name))

    def seed(self, at: int) -> Frame:
        line = self.equal(self.gradient(self.root), "1")
        sentence = self.say("seed", J=self.name(self.root))
        return Frame("seed", self.say("title seed"), self.root, at, at, [line], sentence)

    def edge(self, at: int, last: int) -> Frame:
        event = self.edges[at]
        x, y = event["to"], event["from"]
        frame = Frame("edge", self.say("title edge", x=self.name(x), y=self.name(y)), x, at, last, [], "")
        frame.notes = self.order(at)
        if event["product"] is None:
            cut = range(at, last + 1)
            names = list(dict.fromkeys(self.name(self.edges[i]["to"]) for i in cut))
            frame.lines = [self.local(self.edges[i]) for i in cut]
            frame.sentence = self.say("cut" if len(names) == 1 else "cuts", y=self.name(y), names=names)
        else:
            frame.lines = [self.rule(at), self.local(event), self.product(event), *self.update(at)]
            frame.sentence = self.change(event)
        for i in range(at, last + 1):
            frame.notes += self.about(i)
        return frame

    def op(self, first: int, last: int) -> Frame:
        y = self.edges[first]["from"]
        name = self.name(y)
        frame = Frame("op", self.say("title op", y=name), y, first, last, [], self.say("op", y=name))
        frame.notes = self.order(first)
        for at in range(first, last + 1):
            event = self.edges[at]
            frame.lines.append(self.local(event))
            if event["product"] is not None:
                lines = [self.rule(at), self.product(event)]
                is_whole = len(self.arrivals[event["to"]]) == 1
                frame.lines += [self.equal(*lines)] if is_whole else [*lines, *self.update(at)[1:]]
            frame.notes += self.about(at)
        return frame

    def about(self, at: int) -> list[str]:
        """What is to be said of an edge."""
        event = self.edges[at]
        return self.twice(event) + self.softmax(event) + self.digits(event) + self.progress(at) + self.dz(at)

    # -- names ---------------------------------------------------------------------------------------

    def gradient(self, at: int) -> str:
        return self.line(f"gradient {self.notation}", x=self.pen.atom(at), J=self.pen.atom(self.root))

    def place(self, event: EdgeEvent) -> str:
        """The operand of an edge; with its number where it stands in the operation more than once."""
        inputs = self.nodes[event["from"]]["inputs"]
        x, slot = event["to"], event["slot"]
        if self.uses(event["from"])[x] == 1:
            return self.pen.atom(x)
        return self.line("place", x=self.pen.atom(x), subscript=self.pen.subscript(inputs[: slot + 1].count(x)))

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

    # -- lines ---------------------------------------------------------------------------------------

    def local(self, event: EdgeEvent) -> str:
        """``u = b·c  ⇒  ∂u/∂b = c = 2``; of a node that is called by its formula only what follows."""
        y = event["from"]
        text, template = self.pen.partial(event)
        sides = [self.line("local", y=self.pen.atom(y), place=self.place(event)), text]
        if template and not self.digits(event):
            sides.append(self.pen.fill(template, self.values(y) | self.probability(event)))
        derivative = self.equal(*sides, self.number(event["local"]))
        name, formula = self.name(y), self.pen.formula(y)
        return derivative if name == formula else self.line("implies", a=self.equal(name, formula), b=derivative)

    def probability(self, event: EdgeEvent) -> dict[str, float]:
        """The softmax at the operand of an edge, where its rule speaks of it."""
        if not self.is_of_softmax(event):
            return {}
        *xs, _ = (self.data[i] for i in self.nodes[event["from"]]["inputs"])
        return {"p": OPS["softmax"].forward([*xs, float(event["slot"])])[0]}

    def is_of_softmax(self, event: EdgeEvent) -> bool:
        written = self.nodes[event["from"]]["partials"][event["slot"]]
        return written is not None and "{p}" in written[1]

    def product(self, event: EdgeEvent) -> str:
        upstream, product = self.number(event["upstream"]), self.number(event["product"])
        return self.line("product", upstream=upstream, local=self.pen.bracketed(event["local"]), product=product)

    def rule(self, at: int) -> str:
        """The chain rule for the node that this edge leads to: a sum over all of its users."""
        arrivals = self.arrivals[self.edges[at]["to"]]
        dots = self.line("dots")
        terms = [self.term(i) for i in arrivals] if len(arrivals) <= TERMS else [dots, self.term(at), dots]
        return self.equal(self.gradient(self.edges[at]["to"]), self.line("plus").join(terms))

    def term(self, at: int) -> str:
        event = self.edges[at]
        names = {"J": self.pen.atom(self.root), "y": self.pen.atom(event["from"]), "place": self.place(event)}
        return self.line(f"term {self.notation}", **names)

    def update(self, at: int) -> list[str]:
        """``b.grad: 0 + 6 → 6``, and for several users ``a.grad = 3 (via d) + (−6) (via e) = −3``."""
        event = self.edges[at]
        x, after = self.pen.atom(event["to"]), self.number(event["after"])
        before, product = self.number(event["before"]), self.pen.bracketed(event["product"])
        lines = [self.line("update", x=x, before=before, product=product, after=after)]
        if 1 < self.arrived[at] <= TERMS:
            arrived = [self.edges[i] for i in self.arrivals[event["to"]][: self.arrived[at]]]
            parts = [
                self.line("via", product=self.pen.bracketed(e["product"]), y=self.name(e["from"])) for e in arrived
            ]
            lines.append(self.line("total", x=x, sum=self.line("plus").join(parts), after=after))
        return lines

    def change(self, event: EdgeEvent) -> str:
        """What a small change of the operand comes to."""
        numbers = {key: self.pen.bracketed(event[key]) for key in ("local", "upstream", "product")}
        names = {"x": self.name(event["to"]), "y": self.name(event["from"]), "J": self.name(self.root)}
        return self.say("last edge" if event["from"] == self.root else "edge", **numbers, **names)

    # -- notes ---------------------------------------------------------------------------------------

    def progress(self, at: int) -> list[str]:
        event = self.edges[at]
        arrivals = self.arrivals.get(event["to"], [])
        if event["product"] is None or len(arrivals) < 2:
            return []
        arrived = self.arrived[at]
        key = "complete" if arrived == len(arrivals) else "arrived"
        return [self.say(key, x=self.name(event["to"]), arrived=arrived, expected=len(arrivals))]

    def order(self, at: int) -> list[str]:
        """Why a node with several users had to wait; said where it hands on its gradient first."""
        y = self.edges[at]["from"]
        arrivals = self.arrivals.get(y, [])
        if len(arrivals) < 2 or self.events[at - 1].get("from") == y:
            return []
        users: list[int | str] = [*dict.fromkeys(self.name(self.edges[i]["from"]) for i in arrivals)]
        if len(users) > TERMS:
            users = [*users[: TERMS - 1], len(users) - TERMS + 1]
        return [self.say("order", y=self.name(y), users=users)]

    def twice(self, event: EdgeEvent) -> list[str]:
        if self.uses(event["from"])[event["to"]] == 1:
            return []
        return [self.say("twice", x=self.name(event["to"]), y=self.name(event["from"]))]

    def softmax(self, event: EdgeEvent) -> list[str]:
        """What the letters of the softmax's rule are."""
        if not self.is_of_softmax(event):
            return []
        return [self.say("softmax", p=self.line("p"), delta=self.line("delta"))]

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
        return [self.say("digits", textbook=self.number(textbook))]

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
        names = self.line("minus", a=self.name(a), b=self.name(y))
        numbers = self.line("minus", a=self.number(self.data[a]), b=self.pen.bracketed(self.data[y]))
        if share != 1:
            names, numbers = (self.line("share", a=difference, m=share) for difference in (names, numbers))
        return [self.say("dz", equation=self.equal(self.gradient(event["to"]), names, numbers, self.number(after)))]

    def unreached(self) -> list[str]:
        names = [
            self.name(at)
            for at, node in enumerate(self.nodes)
            if node["kind"] in ("input", "parameter") and at not in self.arrivals and at != self.root
        ]
        if not names:
            return []
        listed = names[:LEAVES] + [self.line("dots")] * (len(names) > LEAVES)
        return [self.say("unreached", names=listed, J=self.name(self.root))]


def _joins(events: Sequence[Event], at: int) -> bool:
    """Whether an edge that is cut off belongs to the step of the one before it: of the same node, cut off as well."""
    event, before = events[at], events[at - 1]
    if event["type"] != "edge" or before["type"] != "edge" or event["from"] != before["from"]:
        return False
    return event["product"] is None and before["product"] is None


@cache
def _textbook(name: str) -> Op:
    """The row without its ``computed`` lines: the numbers that the textbook's formulas give."""
    return OPS[name].textbook()
