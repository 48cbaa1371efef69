"""Mistakes in one place of a backward pass: a factor left out, a path forgotten, a wrong rule.

A ``Change`` says which links get another derivative. The same mistake is usually made everywhere at once (in
every example, in every unit of a layer), so links that look the same are also changed together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import graph
from ..formulas.naming import Names
from ..formulas.notes import bracketed, noted, partial_name, short
from ..formulas.text import name
from ..value import Value
from .links import Link
from .partials import Symbols, place
from .point import Point, inputs
from .wrong_rules import WrongRule, wrong_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeVar

    from .links import Step

    T = TypeVar("T")
    Sentence = Callable[[], str]
    Wrong = Callable[[Link, Point], float]
    WrongStep = Callable[[Step, Point], float]
    OfLinks = Callable[[str, Sequence[Link], Sentence, Wrong], "Change"]
    OfSteps = Callable[[str, Sequence[Step], Sentence, WrongStep], "Change"]

MOST_ALONE = 60  # links (or edges) that are also changed one by one
RULES = wrong_rules()
RATES = (
    1.0,
    0.5,
    0.3,
    0.2,
    0.1,
    0.05,
    0.03,
    0.02,
    0.01,
    0.005,
    0.003,
    0.002,
    0.001,
)  # learning rates, as people choose


@dataclass(frozen=True, eq=False)
class Change:
    """``position`` is the first changed link on the way back; ``factors(point)`` their wrong derivatives."""

    mistake: str
    sentence: Callable[[], str]
    position: int
    links: frozenset[Link]
    wrong: Callable[[Link, Point], float] = field(repr=False)

    def factors(self, point: Point) -> dict[Link, float]:
        return {link: self.wrong(link, point) for link in self.links}


class Writer:
    """Writes nodes and derivatives as the sentences need them."""

    def __init__(self, names: Names, point: Point, root: str) -> None:
        self.names, self.root = names, root
        self.symbols = Symbols(names, point)
        self.short = short

    def node(self, node: Value) -> str:
        return self.names.get(node) or noted(self.symbols.node(node))

    def partial(self, of: str, wrt: str) -> str:
        return noted(partial_name(of, wrt))

    def edge(self, step: Step) -> str:
        """∂u/∂v of one edge."""
        node, slot = step
        return _spaced(self.partial(self.node(node), name(graph.stored(node)[slot], self.names)))

    def link(self, link: Link) -> str:
        """∂a/∂z = a·(1 − a)"""
        partial = self.partial(self.names[link.upper], self.names[link.lower])
        return f"{partial} = {noted(self.symbols.link(link))}"

    def step(self, step: Step) -> str:
        """The local derivative along one edge."""
        return noted(self.symbols.local(step))


def changes(
    path: Sequence[Link], names: Mapping[Value, str], writer: Writer, root: Value, targets: Sequence[Value]
) -> Iterator[Change]:
    """All changes, the most plausible first."""
    position = {link: at for at, link in enumerate(path)}
    groups = list(_groups(path, lambda link: _look(link, names)))
    steps = [(node, slot) for link in path for route in link.routes for node, slot in route]
    of_step: dict[Step, list[Link]] = {}
    for link in path:
        for route in link.routes:
            for step in route:
                of_step.setdefault(step, []).append(link)
    alike = list(_groups(list(dict.fromkeys(steps)), _look_of_step))

    def of_links(mistake: str, group: Sequence[Link], sentence: Sentence, wrong: Wrong) -> Change:
        return Change(mistake, sentence, min(position[link] for link in group), frozenset(group), wrong)

    def of_steps(mistake: str, group: Sequence[Step], sentence: Sentence, wrong: WrongStep) -> Change:
        touched = frozenset(link for step in group for link in of_step[step])

        def derivative(link: Link, point: Point) -> float:
            inside = {step for route in link.routes for step in route}
            return link.derivative(point, {step: wrong(step, point) for step in group if step in inside})

        return Change(mistake, sentence, min(position[link] for link in touched), touched, derivative)

    for group in alike:
        if group[0][0].op is not None and group[0][0].op.name in ("mean", "sum"):
            yield from _wrong_rules(group, writer, of_steps)
    for together in groups:
        yield of_links("missing factor", together, _missing(together[-1], writer, root, targets), lambda *_: 1.0)
    for group in alike:
        if group[0][0].op is not None and group[0][0].op.name not in ("mean", "sum"):
            yield from _wrong_rules(group, writer, of_steps)
    minuses = [group for group in alike if writer.step(group[-1]) == "−1"]
    others = [group for group in alike if group not in minuses]
    for group in others:
        yield of_steps("missing factor", group, _missing_step(group[-1], writer), lambda *_: 1.0)
    for together in groups:
        yield of_links("extra factor", together, _extra(together[-1], writer), lambda b, p: b.derivative(p) ** 2)
    for group in minuses:
        yield of_steps("sign", group, _lost_minus(group[-1], writer), _negated)
    for together in groups:
        yield from _terms(together, writer, of_links)
    for together in reversed(groups):
        yield of_links("sign", together, _wrong_sign(together[-1], writer), lambda link, p: -link.derivative(p))
    for group in others:
        yield of_steps("sign", group, _lost_minus(group[-1], writer), _negated)
    yield from _forgotten(path, writer, of_links)
    for together in groups:
        yield of_links("missing path", together, _missing_path(together[-1], writer), lambda *_: 0.0)
    for group in alike:
        yield of_steps("extra factor", group, _extra_step(group[-1], writer), _squared)
    for together in groups:
        yield of_links("upside down", together, _upside_down(together[-1], writer), _reciprocal)


def _negated(step: Step, point: Point) -> float:
    return -(point.local[step[0]][step[1]] or 0.0)


def _squared(step: Step, point: Point) -> float:
    return (point.local[step[0]][step[1]] or 0.0) ** 2


def _reciprocal(link: Link, point: Point) -> float:
    derivative = link.derivative(point)
    return 1 / derivative if derivative else float("inf")


def updated_too_early(path: Sequence[Link], writer: Writer, root: Value) -> Iterator[Change]:
    """The weights on the way back have the values of the next step: for each learning rate, w − α·∂J/∂w for w.

    A published worked example does so (Mazur's network of two layers): the output layer is updated first, and its
    new weights carry the error on to the hidden layer. What the forward pass computed stays.
    """
    weights = set(graph.parameters(root))
    if not weights:  # a formula's leaves are all inputs; the notes call weights w
        weights = {leaf for leaf in graph.leaves(root) if leaf.label.startswith("w")}
    used: dict[Link, dict[Step, list[Value]]] = {}
    for link in path:
        edges = {step for route in link.routes for step in route}
        others = {(node, slot): [v for v in graph.stored(node) if v in weights] for node, slot in edges}
        if any(others.values()):
            used[link] = others
    for rate in RATES if used else ():

        def wrong(link: Link, point: Point, rate: float = rate) -> float:
            gradients = point.gradients()
            return link.derivative(
                point,
                {
                    step: _local_with(step, point, {w: point.data[w] - rate * gradients[w] for w in others})
                    for step, others in used[link].items()
                },
            )

        def sentence(rate: float = rate) -> str:
            return (
                "These are the numbers with weights that are updated already, by "
                f"w − {rate:g}·{writer.partial(writer.root, 'w')} ({_acting(used, writer)}): the way back takes the "
                "weights that the forward pass took; update when it is done."
            )

        yield Change("updated too early", sentence, 0, frozenset(used), wrong)


def _local_with(step: Step, point: Point, moved: Mapping[Value, float]) -> float:
    """The local derivative of an edge, where some leaves have other values."""
    node, slot = step
    assert node.op is not None
    return node.op.forward(inputs(node, point.data, moved))[1][slot] or 0.0


def _acting(used: Mapping[Link, Mapping[Step, Sequence[Value]]], writer: Writer) -> str:
    """The weights that the local derivatives on the way depend on, by name; of many the first."""
    point = writer.symbols.point
    acting = {
        w
        for edges in used.values()
        for step, others in edges.items()
        for w in others
        if _local_with(step, point, {w: point.data[w] + 1}) != point.local[step[0]][step[1]]
    }
    called = [word for node, word in writer.names.items() if node in acting]
    return ", ".join(called[:4]) + (", …" if len(called) > 4 else "")


# --- what is changed together -----------------------------------------------------------------------------------


def _groups(items: Sequence[T], look: Callable[[T], str]) -> Iterator[list[T]]:
    """Items that look the same: by their names, without the number of the example or unit, without any number."""
    seen: set[frozenset[T]] = set()
    candidates = [[item] for item in items] if len(items) <= MOST_ALONE else []
    for pattern in ("", r"\(\d+\)|_[\d,]+", r"\d+|\[\d+\]"):
        alike: dict[str, list[T]] = {}
        for item in items:
            text = look(item)
            alike.setdefault(re.sub(pattern, "", text) if pattern else text, []).append(item)
        candidates += alike.values()
    for group in candidates:
        if frozenset(group) not in seen:
            seen.add(frozenset(group))
            yield group


def _look(link: Link, names: Mapping[Value, str]) -> str:
    ops = [node.op.name for route in link.routes for node, _ in route if node.op is not None]
    labels = [v.label or ("leaf" if v.op is None else "") for v in (link.upper, link.lower)]
    return f"{labels} {ops}" if any(labels) else f"{names[link.upper]} {names[link.lower]} {ops}"


def _look_of_step(step: Step) -> str:
    node, slot = step
    assert node.op is not None
    at, _ = place(node.op, slot, len(graph.stored(node)))
    return f"{node.label} {node.op.name} {at} {graph.stored(node)[slot].label}"


# --- the sentences ------------------------------------------------------------------------------------------------


def _missing(link: Link, writer: Writer, root: Value, targets: Sequence[Value]) -> Sentence:
    def sentence() -> str:
        stopped = ""
        below = writer.symbols.point.gradients(link.lower)
        if any(below[target] == 1 for target in targets):
            stopped = f": you stopped at {writer.partial(writer.root, writer.names[link.upper])}"
        if link.upper is root:
            stopped = ": the chain begins there"
        return f"{writer.link(link)} is missing{stopped}."

    return sentence


def _missing_step(step: Step, writer: Writer) -> Sentence:
    def sentence() -> str:
        return f"The inner derivative {writer.edge(step)} = {writer.step(step)} is missing."

    return sentence


def _extra(link: Link, writer: Writer) -> Sentence:
    return lambda: f"{writer.link(link)} is there once too often: the chain has this factor only once."


def _extra_step(step: Step, writer: Writer) -> Sentence:
    return lambda: f"The factor {writer.step(step)} is there once too often."


def _upside_down(link: Link, writer: Writer) -> Sentence:
    return lambda: f"{writer.link(link)} is divided by, not multiplied with."


def _lost_minus(step: Step, writer: Writer) -> Sentence:
    def sentence() -> str:
        local = writer.step(step)
        return f"{writer.edge(step)} = {local}: " + ("its minus is lost." if local == "−1" else "its sign is wrong.")

    return sentence


def _wrong_sign(link: Link, writer: Writer) -> Sentence:
    return lambda: f"The sign of {writer.link(link)} is wrong."


def _spaced(partial: str) -> str:
    """A name that was written as text, in the notes' signs."""
    return partial.replace("*", "·").replace(" - ", " − ").replace("(-", "(−")


def _missing_path(link: Link, writer: Writer) -> Sentence:
    def sentence() -> str:
        upper, lower = writer.names[link.upper], writer.names[link.lower]
        return (
            f"The path through {upper} is missing: {lower} acts through {upper} too ({writer.link(link)}), "
            "and the contributions of all paths add up."
        )

    return sentence


def _forgotten(path: Sequence[Link], writer: Writer, of_links: OfLinks) -> Iterator[Change]:
    """Of several uses of a node not all counted: one left out, or only one kept."""
    above: dict[Value, list[Link]] = {}
    for link in path:
        above.setdefault(link.lower, []).append(link)
    shared = {lower: uses for lower, uses in above.items() if len(uses) > 1}
    for lower, uses in shared.items():
        if len(uses) <= 8:
            for link in uses:
                yield of_links("missing path", [link], _missing_path(link, writer), lambda *_: 0.0)
        if 2 < len(uses) <= MOST_ALONE:
            for kept in reversed(uses):
                lost = [link for link in uses if link is not kept]
                yield of_links("overwritten", lost, _overwritten(lower, kept, len(uses), writer), lambda *_: 0.0)
    if len(shared) > 1:
        lost = [link for uses in shared.values() for link in uses[:-1]]
        yield of_links(
            "overwritten",
            lost,
            lambda: (
                f"{', '.join(writer.names[v] for v in list(shared)[:4])} are used several times, and only the last "
                "contribution to each is left: add them up (+=), do not overwrite (=)."
            ),
            lambda *_: 0.0,
        )


def _terms(group: Sequence[Link], writer: Writer, of_links: OfLinks) -> Iterator[Change]:
    """A node that is used several times inside one link: a term of its derivative with a wrong sign, or left out."""
    link = group[-1]
    uses = len(link.routes)
    if not 1 < uses <= 8 or any(len(other.routes) != uses for other in group):
        return

    def term(link: Link, at: int) -> Link:
        return Link(link.upper, link.lower, (link.routes[at],))

    for at in range(uses):

        def flipped(link: Link, point: Point, at: int = at) -> float:
            return link.derivative(point) - 2 * term(link, at).derivative(point)

        def left_out(link: Link, point: Point, at: int = at) -> float:
            return link.derivative(point) - term(link, at).derivative(point)

        def sign(at: int = at) -> str:
            wrong = noted(writer.symbols.link(term(link, at)))
            return f"The sign of the term {wrong} in {writer.link(link)} is wrong."

        def path(at: int = at) -> str:
            upper, lower = writer.names[link.upper], writer.names[link.lower]
            return (
                f"A path is missing: {lower} is used {uses} times in {upper}, and the term "
                f"{noted(writer.symbols.link(term(link, at)))} of {writer.partial(upper, lower)} is not there; "
                "contributions add up (+=), they do not overwrite each other (=)."
            )

        yield of_links("sign", group, sign, flipped)
        yield of_links("missing path", group, path, left_out)


def _overwritten(lower: Value, kept: Link, uses: int, writer: Writer) -> Sentence:
    return lambda: (
        f"{writer.names[lower]} is used {uses} times, and only the contribution through {writer.names[kept.upper]} "
        "is left: add contributions up (+=), do not overwrite (=)."
    )


def _wrong_rules(group: Sequence[Step], writer: Writer, of_steps: OfSteps) -> Iterator[Change]:
    node, slot = group[-1]
    assert node.op is not None
    size = len(graph.stored(node))
    at, _ = place(node.op, slot, size)
    for rule in RULES.get(node.op.name, []):
        if rule.of != at:
            continue

        def sentence(template: str = rule.sentence) -> str:
            operand = graph.stored(node)[slot]
            return (
                template.format(
                    u=_spaced(bracketed(writer.node(node))),
                    v=_spaced(bracketed(writer.node(operand))),
                    right=writer.step(group[-1]),
                    size=size,
                )
                + "."
            )

        def wrong(step: Step, point: Point, rule: WrongRule = rule) -> float:
            node, slot = step
            assert node.op is not None
            _, index = place(node.op, slot, len(graph.stored(node)))
            return rule(inputs(node, point.data), point.data[node], index)

        yield of_steps("wrong rule", group, sentence, wrong)
