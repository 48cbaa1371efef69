"""Which column of its scope each thing stands in, and which things are the main chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .skeleton import Scopes

Item = int | Scopes  # a box, or the scope of a block


@dataclass(slots=True)
class Columns:
    """The columns of the things in one scope; ``sources`` use nothing in it."""

    columns: list[list[Item]]
    sources: set[Item]


@dataclass(slots=True)
class Flow:
    """Things in an order in which each comes after what it uses; by thing, what it uses and what uses it."""

    order: list[Item]
    before: dict[Item, list[Item]]
    after: dict[Item, list[Item]]


def flow(items: Sequence[Item], links: Iterable[tuple[Item, Item]]) -> Flow | None:
    """None if the links make a circle."""
    before: dict[Item, list[Item]] = {thing: [] for thing in items}
    after: dict[Item, list[Item]] = {thing: [] for thing in items}
    for tail, head in dict.fromkeys(links):
        before[head].append(tail)
        after[tail].append(head)
    order: list[Item] = [thing for thing in items if not before[thing]]
    waits = {thing: len(before[thing]) for thing in items}
    for thing in order:  # grows
        for user in after[thing]:
            waits[user] -= 1
            if waits[user] == 0:
                order.append(user)
    return Flow(order, before, after) if len(order) == len(items) else None


def columns(items: Sequence[Item], links: Iterable[tuple[Item, Item]]) -> Columns | None:
    """Leaves just before what uses them first, results just behind what they use: so layers are columns.

    But what only feeds the chain much later, as U x_t does in a recurrence, stands where it is used: it could stand
    further to the right than it is deep, and uses nothing of the chain. None if the links make a circle.
    """
    found = flow(items, links)
    if found is None:
        return None
    first: dict[Item, int] = {}
    last: dict[Item, int] = {}
    for thing in found.order:
        first[thing] = max((first[operand] + 1 for operand in found.before[thing]), default=0)
    for thing in reversed(found.order):
        last[thing] = min((last[user] - 1 for user in found.after[thing]), default=first[thing])
    sources = {thing for thing in items if not found.before[thing]}
    on_chain: set[Item] = set()  # what has no choice of columns, and all that uses it
    for thing in found.order:
        if thing not in sources and (first[thing] == last[thing] or not on_chain.isdisjoint(found.before[thing])):
            on_chain.add(thing)
    column: dict[Item, int] = {}
    for thing in reversed(found.order):
        column[thing] = first[thing]
        feeds = thing not in on_chain and last[thing] > 2 * first[thing]
        if found.after[thing] and (thing in sources or feeds):
            column[thing] = min(column[user] for user in found.after[thing]) - 1
    made: list[list[Item]] = [[] for _ in range(max(column.values()) + 1)]
    for thing in items:
        made[column[thing]].append(thing)
    return Columns(made, sources)


def longest_through(found: Flow) -> dict[Item, int]:
    """The length of the longest path through each thing; 0 for leaves, which are on no chain."""
    depth: dict[Item, int] = {}
    height: dict[Item, int] = {}
    for thing in found.order:
        depth[thing] = max((depth[operand] + 1 for operand in found.before[thing]), default=0)
    for thing in reversed(found.order):
        height[thing] = max((height[user] + 1 for user in found.after[thing]), default=0)
    return {thing: depth[thing] and depth[thing] + height[thing] for thing in found.order}
