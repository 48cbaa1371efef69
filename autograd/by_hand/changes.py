"""A backward pass with mistakes in it: some links get another derivative.

The same mistake is usually made everywhere at once (in every example, in every unit of a layer), so links that look
the same are also changed together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import graph
from .links import Link
from .partials import place
from .point import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias, TypeVar

    from ..table.op import Op
    from ..value import Value
    from .links import Step

    T = TypeVar("T")
    Sentence: TypeAlias = Callable[[], str]
    WrongLink: TypeAlias = Callable[[Link, Point], float]
    WrongStep: TypeAlias = Callable[[Step, Point], float]

MOST_ALONE = 60  # links (or edges) that are also changed one by one
MOST_GROUPS = 150  # of links (or edges) that are changed together


@dataclass(frozen=True, eq=False)
class Change:
    """``position`` is the first changed link on the way back; ``factors(point)`` their wrong derivatives."""

    mistake: str
    sentence: Sentence
    position: int
    links: frozenset[Link]
    wrong: WrongLink = field(repr=False)

    def factors(self, point: Point) -> dict[Link, float]:
        return {link: self.wrong(link, point) for link in self.links}


class Changes:
    """Makes changes of a backward pass along these links.

    ``links``  groups of links, and
    ``steps``  groups of edges inside them, that are changed together
    """

    def __init__(self, path: Sequence[Link], names: Mapping[Value, str]) -> None:
        self.path = path
        self._position = {link: at for at, link in enumerate(path)}
        self._links_of: dict[Step, list[Link]] = {}
        for link in path:
            for step in link.steps():
                self._links_of.setdefault(step, []).append(link)
        self.links = list(_groups(path, lambda link: _look(link, names)))
        self.steps = list(_groups(list(self._links_of), _look_of_step))

    def of_links(self, mistake: str, group: Sequence[Link], sentence: Sentence, wrong: WrongLink) -> Change:
        """These links have a wrong derivative."""
        return Change(mistake, sentence, min(self._position[link] for link in group), frozenset(group), wrong)

    def of_steps(self, mistake: str, group: Sequence[Step], sentence: Sentence, wrong: WrongStep) -> Change:
        """These edges have a wrong local derivative, in all links that they are a part of."""

        def derivative(link: Link, point: Point) -> float:
            inside = set(link.steps())
            return link.derivative(point, {step: wrong(step, point) for step in group if step in inside})

        touched = list(dict.fromkeys(link for step in group for link in self._links_of[step]))
        return self.of_links(mistake, touched, sentence, derivative)


def op_of(step: Step) -> Op:
    """The operation whose input an edge is."""
    op = step[0].op
    assert op is not None
    return op


def place_of(step: Step) -> tuple[int, int]:
    """Which of the inputs of its row an edge is, and its index if that is a list."""
    node, slot = step
    return place(op_of(step), slot, len(graph.stored(node)))


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
    if len(candidates) > MOST_GROUPS:  # those that are larger are made more often
        candidates.sort(key=len, reverse=True)
    for group in candidates[:MOST_GROUPS]:
        if frozenset(group) not in seen:
            seen.add(frozenset(group))
            yield group


def _look(link: Link, names: Mapping[Value, str]) -> str:
    ops = [op_of(step).name for step in link.steps()]
    labels = [v.label or ("leaf" if v.op is None else "") for v in (link.upper, link.lower)]
    return f"{labels} {ops}" if any(labels) else f"{names[link.upper]} {names[link.lower]} {ops}"


def _look_of_step(step: Step) -> str:
    node, slot = step
    return f"{node.label} {op_of(step).name} {place_of(step)[0]} {graph.stored(node)[slot].label}"
