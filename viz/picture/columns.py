"""Places in columns: what comes first stands left, layers are columns, their neurons stand in their order.

A scope is laid out by itself and is then one thing in the scope around it. Long rows of columns are wrapped as lines
of a text are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .boxes import Picture
from .sizes import ROW
from .skeleton import Scopes, Size

STACK = 20.0  # points between things of one column
GAP = 34.0  # between columns, besides the room of labels
ROW_GAP = 60.0  # between wrapped rows
MARGIN = 12.0  # inside a frame
PER_ROW = 12  # columns; more are wrapped
PER_COLUMN = 12  # leaves; more stand in several columns side by side

Item = int | Scopes  # a box, or the scope of a block
Corners = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(slots=True)
class Block:
    """Something with a place inside: x from its left edge, y upwards from the line that its main chain runs on."""

    width: float
    up: float
    down: float
    centres: dict[int, tuple[float, float]] = field(default_factory=dict)
    frames: dict[Scopes, Corners] = field(default_factory=dict)

    def add(self, part: Block, x: float, y: float) -> None:
        """Put a part here; the block grows in height only."""
        self.centres |= {i: (x + a, y + b) for i, (a, b) in part.centres.items()}
        self.frames |= {s: (x + a, y + b, x + c, y + d) for s, (a, b, c, d) in part.frames.items()}
        self.up, self.down = max(self.up, y + part.up), max(self.down, part.down - y)


@dataclass(slots=True)
class Columns:
    """The columns of the things in one scope; ``main`` are those on a longest path."""

    columns: list[list[Item]]
    main: set[Item]
    sources: set[Item]


def arrange(
    picture: Picture, sizes: Sequence[Size], labels: Sequence[Size], frame_labels: Mapping[Scopes, Size]
) -> Block | None:
    """The places of all boxes and frames.

    None where a scope comes before and behind something else, and for a graph without scopes that is no long chain.
    """
    edges: dict[Scopes, dict[tuple[Item, Item], float]] = {}
    for arrow, label in zip(picture.arrows, labels, strict=True):
        tail, head = (picture.boxes[i].scopes for i in (arrow.tail, arrow.head))
        shared = common(tail, head)
        ends = item(arrow.tail, tail, len(shared)), item(arrow.head, head, len(shared))
        between = edges.setdefault(shared, {})
        between[ends] = max(between.get(ends, 0.0), label[0])
    inside: dict[Scopes, dict[Item, None]] = {(): {}}
    for i, box in enumerate(picture.boxes):
        for depth in range(len(box.scopes) + 1):
            inside.setdefault(box.scopes[:depth], {})[item(i, box.scopes, depth)] = None
    blocks: dict[Item, Block] = {i: box_block(i, size) for i, size in enumerate(sizes)}
    for scopes in sorted(inside, key=len, reverse=True):
        found = columns(list(inside[scopes]), edges.get(scopes, {}))
        if found is None:
            return None
        if not scopes and len(inside) == 1 and not wraps(found, edges.get((), {})):
            return None
        block = rows(found, blocks, edges.get(scopes, {}), PER_ROW if not scopes else len(found.columns))
        blocks[scopes] = framed(block, scopes, frame_labels[scopes]) if scopes else block
    return blocks[()]


def common(a: Scopes, b: Scopes) -> Scopes:
    """The scopes around both.

    >>> common(("layer1", "neuron1"), ("layer1", "neuron2"))
    ('layer1',)
    """
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    return a[:same]


def item(box: int, scopes: Scopes, depth: int) -> Item:
    """What a box belongs to in its outer ``depth`` scopes: itself, or the next scope."""
    return box if len(scopes) == depth else scopes[: depth + 1]


def columns(items: list[Item], edges: Mapping[tuple[Item, Item], float]) -> Columns | None:
    """Each thing just before the first that uses it; None if the edges make a circle."""
    before: dict[Item, list[Item]] = {thing: [] for thing in items}
    after: dict[Item, list[Item]] = {thing: [] for thing in items}
    for tail, head in edges:
        before[head].append(tail)
        after[tail].append(head)
    order: list[Item] = [thing for thing in items if not before[thing]]
    waits = {thing: len(before[thing]) for thing in items}
    for thing in order:  # grows
        for user in after[thing]:
            waits[user] -= 1
            if waits[user] == 0:
                order.append(user)
    if len(order) < len(items):
        return None
    first: dict[Item, int] = {}
    for thing in order:
        first[thing] = max((first[operand] + 1 for operand in before[thing]), default=0)
    last: dict[Item, int] = {}
    for thing in reversed(order):
        last[thing] = min((last[user] - 1 for user in after[thing]), default=first[thing])
    found: list[list[Item]] = [[] for _ in range(max(last.values()) + 1)]
    for thing in items:
        found[last[thing]].append(thing)
    sources = {thing for thing in items if not before[thing]}
    return Columns(found, {thing for thing in items if first[thing] == last[thing]}, sources)


def wraps(found: Columns, edges: Mapping[tuple[Item, Item], float]) -> bool:
    """Whether there is more than a row or a column holds, in a tree: what is used twice would need long arrows."""
    is_long = len(found.columns) > PER_ROW or any(
        len(column) > PER_COLUMN and found.sources.issuperset(column) for column in found.columns
    )
    return is_long and len({tail for tail, _ in edges}) == len(edges)


# --- from columns to places --------------------------------------------------------------------------


def box_block(i: int, size: Size) -> Block:
    return Block(size[0], size[1] / 2, size[1] / 2, {i: (size[0] / 2, 0.0)})


def rows(found: Columns, blocks: Mapping[Item, Block], edges: Mapping[tuple[Item, Item], float], per_row: int) -> Block:
    """The columns side by side, in rows as long as each other."""
    label_room: dict[Item, float] = {}
    for (_, head), wide in edges.items():
        label_room[head] = max(label_room.get(head, 0.0), wide)
    count = -(-len(found.columns) // per_row)
    length = -(-len(found.columns) // count)
    made = []
    for start in range(0, len(found.columns), length):
        row = Block(0.0, 0.0, 0.0)
        for column in found.columns[start : start + length]:
            gap = GAP + max(label_room.get(thing, 0.0) for thing in column) if row.width else 0.0
            part = stack(column, found, blocks)
            row.add(part, row.width + gap, 0.0)
            row.width += gap + part.width
        made.append(row)
    whole = Block(max(row.width for row in made), made[0].up, made[0].down)
    y = 0.0
    for row, above in zip(made, [None, *made], strict=False):
        y -= above.down + ROW_GAP + row.up if above else 0.0
        whole.add(row, 0.0, y)
    return whole


def stack(column: list[Item], found: Columns, blocks: Mapping[Item, Block]) -> Block:
    """One column, its only thing of the main chain on the line, or else the middle of all."""
    parts = [blocks[thing] for thing in column]
    if len(parts) > PER_COLUMN and found.sources.issuperset(column):
        return grid(parts)
    chain = [k for k, thing in enumerate(column) if thing in found.main and thing not in found.sources]
    tops = list(descent(parts))
    middle = (tops[0] + tops[-1] - parts[-1].up - parts[-1].down) / 2
    if len(chain) == 1:
        middle = tops[chain[0]] - parts[chain[0]].up
    made = Block(max(part.width for part in parts), 0.0, 0.0)
    for part, top in zip(parts, tops, strict=True):
        made.add(part, (made.width - part.width) / 2, top - part.up - middle)
    return made


def descent(parts: Sequence[Block]) -> Iterator[float]:
    """The upper edges of things below each other, from 0 down."""
    top = 0.0
    for part in parts:
        yield top
        top -= part.up + part.down + STACK


def grid(parts: Sequence[Block]) -> Block:
    """Many leaves of one column, row by row in several columns of the same width."""
    side = -(-len(parts) // PER_COLUMN)
    wide, high = max(part.width for part in parts), max(part.up + part.down for part in parts) + STACK
    made = Block(side * wide + (side - 1) * GAP, 0.0, 0.0)
    lines = -(-len(parts) // side)
    for k, part in enumerate(parts):
        y = ((lines - 1) / 2 - k // side) * high
        made.add(part, (k % side) * (wide + GAP) + (wide - part.width) / 2, y)
    return made


def framed(inner: Block, scopes: Scopes, label: Size) -> Block:
    """With a frame around it, its label above."""
    wide = max(inner.width, label[0]) + 2 * MARGIN
    made = Block(wide, inner.up + MARGIN + ROW, inner.down + MARGIN)
    made.frames[scopes] = (0.0, -made.down, wide, made.up)
    made.add(inner, (wide - inner.width) / 2, 0.0)
    return made
