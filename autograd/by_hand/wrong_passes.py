"""Mistakes in one place of a backward pass: a factor left out, a path forgotten, a wrong rule."""

from __future__ import annotations

from functools import partial

from .. import graph
from ..value import Value
from .changes import MOST_ALONE, Change, Changes, op_of, place_of
from .links import Link
from .point import Point, inputs
from .sentences import Writer
from .wrong_rules import WrongRule, wrong_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .links import Step

MOST_USES = 8  # of a node, of which each is also left out by itself
RULES = wrong_rules()
RATES = (1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.002, 0.001)  # of learning, as people choose


def changed_passes(path: Sequence[Link], writer: Writer) -> Iterator[Change]:
    """All changes, the most plausible first."""
    make = Changes(path, writer.names)
    over_examples = [group for group in make.steps if op_of(group[0]).name in ("mean", "sum")]
    inside = [group for group in make.steps if op_of(group[0]).name not in ("mean", "sum")]
    minuses = [group for group in make.steps if writer.step(group[-1]) == "−1"]
    others = [group for group in make.steps if group not in minuses]

    for steps in over_examples:
        yield from _wrong_rules(steps, writer, make)
    for links in make.links:
        yield make.of_links("missing factor", links, partial(writer.missing, links[-1]), _one)
    for steps in inside:
        yield from _wrong_rules(steps, writer, make)
    for steps in others:
        yield make.of_steps("missing factor", steps, partial(writer.missing_step, steps[-1]), _one)
    for links in make.links:
        yield make.of_links("extra factor", links, partial(writer.extra, links[-1]), _squared)
    for steps in minuses:
        yield make.of_steps("sign", steps, partial(writer.lost_minus, steps[-1]), _negated_step)
    for links in make.links:
        yield from _terms(links, writer, make)
    for links in reversed(make.links):
        yield make.of_links("sign", links, partial(writer.wrong_sign, links[-1]), _negated)
    for steps in others:
        yield make.of_steps("sign", steps, partial(writer.lost_minus, steps[-1]), _negated_step)
    yield from _forgotten(path, writer, make)
    for links in make.links:
        yield make.of_links("missing path", links, partial(writer.missing_path, links[-1]), _zero)
    yield from _overwritten(path, writer, make)
    for steps in make.steps:
        yield make.of_steps("extra factor", steps, partial(writer.extra_step, steps[-1]), _squared_step)
    for links in make.links:
        yield make.of_links("upside down", links, partial(writer.upside_down, links[-1]), _reciprocal)


# --- one factor of the chain --------------------------------------------------------------------------------


def _one(*_: object) -> float:
    return 1.0


def _zero(*_: object) -> float:
    return 0.0


def _negated(link: Link, point: Point) -> float:
    return -link.derivative(point)


def _squared(link: Link, point: Point) -> float:
    return link.derivative(point) ** 2


def _reciprocal(link: Link, point: Point) -> float:
    derivative = link.derivative(point)
    return 1 / derivative if derivative else float("inf")


def _negated_step(step: Step, point: Point) -> float:
    return -_local(step, point)


def _squared_step(step: Step, point: Point) -> float:
    return _local(step, point) ** 2


def _local(step: Step, point: Point) -> float:
    node, slot = step
    return point.local[node][slot] or 0.0


def _wrong_rules(group: Sequence[Step], writer: Writer, make: Changes) -> Iterator[Change]:
    """The local derivatives of these edges by each wrong rule for their operation."""
    for rule in RULES.get(op_of(group[-1]).name, []):
        if rule.of == place_of(group[-1])[0]:
            sentence = partial(writer.wrong_rule, rule, group[-1])
            yield make.of_steps("wrong rule", group, sentence, partial(_by_rule, rule))


def _by_rule(rule: WrongRule, step: Step, point: Point) -> float:
    node, _ = step
    return rule(inputs(node, point.data), point.data[node], place_of(step)[1])


# --- paths that do not all count ----------------------------------------------------------------------------


def _uses(path: Sequence[Link]) -> dict[Value, list[Link]]:
    """The links through which each node acts that acts through several."""
    above: dict[Value, list[Link]] = {}
    for link in path:
        above.setdefault(link.lower, []).append(link)
    return {lower: uses for lower, uses in above.items() if len(uses) > 1}


def _forgotten(path: Sequence[Link], writer: Writer, make: Changes) -> Iterator[Change]:
    """Of several uses of a node one is left out."""
    for uses in _uses(path).values():
        if len(uses) <= MOST_USES:
            for link in uses:
                yield make.of_links("missing path", [link], partial(writer.missing_path, link), _zero)


def _overwritten(path: Sequence[Link], writer: Writer, make: Changes) -> Iterator[Change]:
    """Of several uses of a node only one is kept; or of all nodes in a row, which each example has, the same one."""
    shared = _uses(path)
    for lower, uses in shared.items():
        if 2 < len(uses) <= MOST_ALONE:
            for kept in reversed(uses):
                lost = [link for link in uses if link is not kept]
                yield make.of_links("overwritten", lost, partial(writer.overwritten, lower, kept, len(uses)), _zero)
    for group in make.links:
        lowers = dict.fromkeys(link.lower for link in group)
        lost = [link for lower in lowers for link in shared.get(lower, []) if link not in group]
        if 1 < len(lowers) == len(group) < len(lost):
            kept = group[-1]
            sentence = partial(writer.overwritten, kept.lower, kept, len(shared[kept.lower]))
            yield make.of_links("overwritten", lost, sentence, _zero)
    if len(shared) > 1:
        lost = [link for uses in shared.values() for link in uses[:-1]]
        yield make.of_links("overwritten", lost, partial(writer.all_overwritten, list(shared)), _zero)


def _terms(group: Sequence[Link], writer: Writer, make: Changes) -> Iterator[Change]:
    """A node that is used several times inside one link: a term of its derivative with a wrong sign, or left out."""
    link = group[-1]
    uses = len(link.routes)
    if not 1 < uses <= MOST_USES or any(len(other.routes) != uses for other in group):
        return
    for at in range(uses):
        sign = partial(writer.wrong_sign_of_term, link, link.term(at))
        yield make.of_links("sign", group, sign, partial(_less_term, at, 2.0))
        path = partial(writer.missing_term, link, link.term(at))
        yield make.of_links("missing path", group, path, partial(_less_term, at, 1.0))


def _less_term(at: int, times: float, link: Link, point: Point) -> float:
    return link.derivative(point) - times * link.term(at).derivative(point)


# --- weights that are updated too early ---------------------------------------------------------------------


def updated_too_early(path: Sequence[Link], writer: Writer) -> Iterator[Change]:
    """The weights on the way back have the values of the next step: for each learning rate, w − α·∂J/∂w for w.

    A published worked example does so (Mazur's network of two layers): the output layer is updated first, and its
    new weights carry the error on to the hidden layer. What the forward pass computed stays.
    """
    root = writer.point.root
    weights = set(graph.parameters(root))
    if not weights:  # a formula's leaves are all inputs; the notes call weights w
        weights = {leaf for leaf in graph.leaves(root) if leaf.label.startswith("w")}
    used: dict[Link, dict[Step, list[Value]]] = {}
    for link in path:
        read = {step: [v for v in graph.stored(step[0]) if v in weights] for step in set(link.steps())}
        if any(read.values()):
            used[link] = read
    for rate in RATES if used else ():

        def sentence(rate: float = rate) -> str:
            return writer.updated_too_early(rate, _acting(used.values(), writer.point))

        yield Change("updated too early", sentence, 0, frozenset(used), partial(_after_update, used, rate))


def _after_update(used: Mapping[Link, Mapping[Step, Sequence[Value]]], rate: float, link: Link, point: Point) -> float:
    """The derivative of a link whose local derivatives are computed from the new weights."""
    gradients = point.gradients()
    changed = {
        step: _local_with(step, point, {w: point.data[w] - rate * gradients[w] for w in read})
        for step, read in used[link].items()
    }
    return link.derivative(point, changed)


def _local_with(step: Step, point: Point, moved: Mapping[Value, float]) -> float:
    """The local derivative of an edge, where some leaves have other values."""
    node, slot = step
    return op_of(step).forward(inputs(node, point.data, moved))[1][slot] or 0.0


def _acting(used: Iterable[Mapping[Step, Sequence[Value]]], point: Point) -> set[Value]:
    """The weights that the local derivatives on the way depend on."""
    return {
        w
        for edges in used
        for step, read in edges.items()
        for w in read
        if _local_with(step, point, {w: point.data[w] + 1}) != point.local[step[0]][step[1]]
    }
