"""Places in columns: what comes first stands left, layers are columns, their neurons stand in their order.

A scope is laid out by itself and is then one thing in the scope around it. In a scope the main chain runs straight, on
a line; all else stands at the height of what uses it, as near as there is room. Long rows of columns are wrapped as
lines of a text are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise

from .boxes import Picture
from .ranks import Columns, Item, columns, flow, longest_through
from .sizes import EDGE_ROW, ROW
from .skeleton import Scopes, Size

STACK = 20.0  # points between things of one column: a line with its label fits in
GAP = 22.0  # between columns, besides the room of labels: an arrow is seen on both sides of its label
SLOPE, STEEPEST = 0.15, 160.0  # gaps are wider by this part of how far their arrows rise, up to this
LANE = 10.0  # for an arrow that passes others
ROW_GAP = 60.0  # between wrapped rows
MARGIN = 12.0  # inside a frame
PER_ROW = 12  # columns; more are wrapped
PER_COLUMN = 12  # leaves of one sum; more stand in several columns side by side

Links = dict[tuple[Item, Item], list[int]]  # the things of a scope and the numbers of the arrows between them
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


def arrange(
    picture: Picture, sizes: Sequence[Size], labels: Sequence[Size], frame_labels: Mapping[Scopes, Size]
) -> Block | None:
    """The places of all boxes and frames; None where a scope comes before and behind something else."""
    inside: dict[Scopes, dict[Item, None]] = {(): {}}
    for i, box in enumerate(picture.boxes):
        for depth in range(len(box.scopes) + 1):
            inside.setdefault(box.scopes[:depth], {})[item(i, box.scopes, depth)] = None
    links = links_in(picture)
    whole = flow(range(len(picture.boxes)), ((arrow.tail, arrow.head) for arrow in picture.arrows))
    if whole is None:
        return None
    paths = longest_through(whole)
    blocks: dict[Item, Block] = {i: box_block(i, size) for i, size in enumerate(sizes)}
    deepest_first = sorted(inside, key=lambda scopes: (-len(scopes), scopes[:-1]))
    for parent, siblings in groupby(deepest_first, key=lambda scopes: scopes[:-1] if scopes else None):
        made: dict[Scopes, Scope] = {}
        for scopes in siblings:
            between = links.get(scopes, {})
            found = columns(list(inside[scopes]), between)
            if found is None:
                return None
            made[scopes] = Scope(picture, labels, found, blocks, between, paths)
        if parent is None:
            return made[()].rows()
        align(list(made.values()))
        for scopes, scope in made.items():
            blocks[scopes] = framed(scope.row(range(len(scope.widths))), scopes, frame_labels[scopes], scope.lanes())
    raise AssertionError("the outermost scope is the last")


def links_in(picture: Picture) -> dict[Scopes, Links]:
    """The arrows of each scope: those whose ends are in it, but not both in one scope inside."""
    found: dict[Scopes, Links] = {}
    for number, arrow in enumerate(picture.arrows):
        tail, head = (picture.boxes[i].scopes for i in (arrow.tail, arrow.head))
        shared = common(tail, head)
        ends = item(arrow.tail, tail, len(shared)), item(arrow.head, head, len(shared))
        found.setdefault(shared, {}).setdefault(ends, []).append(number)
    return found


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


# --- from columns to places --------------------------------------------------------------------------


def box_block(i: int, size: Size) -> Block:
    return Block(size[0], size[1] / 2, size[1] / 2, {i: (size[0] / 2, 0.0)})


class Scope:
    """Gives the things of one scope, whose blocks are known, their places."""

    def __init__(
        self,
        picture: Picture,
        labels: Sequence[Size],
        found: Columns,
        blocks: Mapping[Item, Block],
        links: Links,
        paths: Mapping[Item, int],
    ) -> None:
        self.picture, self.found, self.blocks, self.links = picture, found, blocks, links
        self.is_tree = len({tail for tail, _ in links}) == len(links)  # each thing is used once
        self.users: dict[Item, dict[Item, float]] = {}  # a thing, those that use it, how much lower it would stand ...
        self.label_room: dict[Item, float] = {}  # before a thing
        self.own: dict[Item, list[Item]] = {}  # what a thing uses and nothing else does
        for (tail, head), numbers in links.items():
            ends = [(picture.arrows[number].tail, picture.arrows[number].head) for number in numbers]
            rises = [blocks[head].centres[b][1] - blocks[tail].centres[a][1] for a, b in ends]
            self.users.setdefault(tail, {})[head] = sum(rises) / len(rises)  # ... for the arrows to be level
            widest = max(labels[number][0] for number in numbers)
            self.label_room[head] = max(self.label_room.get(head, 0.0), widest)
        for tail, users in self.users.items():
            if len(users) == 1:
                self.own.setdefault(next(iter(users)), []).append(tail)

        self.path = {
            thing: max(paths[i] for i in blocks[thing].centres) for column in found.columns for thing in column
        }
        self.column = {thing: k for k, column in enumerate(found.columns) for thing in column}
        every = found.columns
        self.widths = [max(blocks[thing].width for thing in column) for column in every]
        self.gaps = [GAP + max(self.label_room.get(thing, 0.0) for thing in column) for column in every]

    def rows(self) -> Block:
        """The columns, in rows as long as each other if nothing but a tree is torn apart."""
        count = len(self.found.columns)
        length = -(-count // -(-count // PER_ROW)) if self.is_tree else count
        made = [self.row(range(start, min(start + length, count))) for start in range(0, count, length)]
        whole = Block(max(row.width for row in made), made[0].up, made[0].down)
        y = 0.0
        for row, above in zip(made, [None, *made], strict=False):
            y -= above.down + ROW_GAP + row.up if above else 0.0
            whole.add(row, 0.0, y)
        return whole

    def row(self, which: range) -> Block:
        """Columns side by side. Those on the right get their heights first, as all else stands by what uses it;
        then, in the order that this gave, results stand by what they alone use."""
        heights: dict[Item, float] = {}
        ordered = {k: self.by_users(self.found.columns[k], heights) for k in reversed(which)}
        for k in which:
            self.by_operands(ordered[k], heights)
        made = Block(0.0, 0.0, 0.0)
        for k in which:
            part = self.stack(ordered[k], heights, self.widths[k])
            gap = 0.0
            if k > which.start:
                gap = self.gaps[k] + min(SLOPE * self.rise(ordered[k - 1], ordered[k], heights), STEEPEST)
            made.add(part, made.width + math.ceil(gap), 0.0)
            made.width += math.ceil(gap) + part.width
        return made

    def rise(self, column: Sequence[Item], following: Sequence[Item], heights: Mapping[Item, float]) -> float:
        """How far the steepest arrow between two columns rises or falls."""
        pairs = ((thing, user) for thing in column for user in self.users.get(thing, {}) if user in following)
        return max((abs(heights[b] + self.users[a][b] - heights[a]) for a, b in pairs), default=0.0)

    def by_users(self, column: Sequence[Item], heights: dict[Item, float]) -> list[Item]:
        """The things of a column from above; adds their heights, given those of the columns behind.

        What is used in several columns stands by the first; what would stand at one height, in the order of operands.
        """
        wanted: dict[Item, float] = {}
        rank: dict[Item, int] = {}
        for thing in column:
            users = [user for user in self.users.get(thing, {}) if user in heights]
            first = min((self.column[user] for user in users), default=0)
            users = [user for user in users if self.column[user] == first]
            wanted[thing] = mean([heights[user] + self.users[thing][user] for user in users])
            rank[thing] = min((self.links[thing, user][0] for user in users), default=0)
        order = sorted(column, key=lambda thing: (-wanted[thing], rank[thing]))
        self.settle(order, wanted, heights)
        return order

    def by_operands(self, order: Sequence[Item], heights: dict[Item, float]) -> None:
        """Heights nearer to those of what is used here and nowhere else."""
        wanted = {
            thing: mean(
                [heights[a] - self.users[a][thing] for a in self.own.get(thing, ()) if a in heights], heights[thing]
            )
            for thing in order
        }
        self.settle(order, wanted, heights)

    def settle(self, order: Sequence[Item], wanted: Mapping[Item, float], heights: dict[Item, float]) -> None:
        """Adds the heights of the things of a column, as near as can be to what they want; those of a grid, too."""
        if self.is_grid(order):
            lines, high = self.lines(order), self.pitch(order)
            middle = round(mean([wanted[thing] for thing in order]))
            heights |= {
                thing: middle + ((lines - 1) / 2 - k // self.side(order)) * high for k, thing in enumerate(order)
            }
            return
        longest = max(self.path[thing] for thing in order)
        chain = [k for k, thing in enumerate(order) if self.path[thing] == longest]
        fixed = chain[0] if longest and len(chain) == 1 else None
        found = settled([self.blocks[thing] for thing in order], [wanted[thing] for thing in order], fixed)
        heights |= zip(order, found, strict=True)

    def stack(self, column: Sequence[Item], heights: Mapping[Item, float], wide: float) -> Block:
        """A column, given the heights of its things: under each other, or a grid."""
        parts = [self.blocks[thing] for thing in column]
        side, gap = 1, 0.0
        if self.is_grid(column):
            side = self.side(column)
            gap = GAP + max(self.label_room[user] for thing in column for user in self.users[thing])
        made = Block(side * wide + (side - 1) * gap, 0.0, 0.0)
        for k, (thing, part) in enumerate(zip(column, parts, strict=True)):
            x = (k % side) * (wide + gap)
            if thing in part.frames:  # a scope: all in this column begin and end together
                left, bottom, _, top = part.frames[thing]
                part.frames[thing] = left, bottom, wide, top
            else:
                x += (wide - part.width) / 2
            made.add(part, x, heights[thing])
        return made

    def side(self, column: Sequence[Item]) -> int:
        """How many things stand side by side in a grid."""
        return -(-len(column) // PER_COLUMN)

    def pitch(self, column: Sequence[Item]) -> float:
        """The height of a row of a grid, with its lanes."""
        lanes = 1 + -(-self.passing(column) // self.lines(column))
        return max(self.blocks[thing].up + self.blocks[thing].down for thing in column) + STACK + lanes * LANE

    def is_grid(self, column: Sequence[Item]) -> bool:
        """Whether these are many leaves of one sum."""
        users = {user for thing in column for user in self.users.get(thing, {})}
        return len(column) > PER_COLUMN and self.found.sources.issuperset(column) and len(users) == 1

    def lines(self, column: Sequence[Item]) -> int:
        """How many things of a column are under each other."""
        return -(-len(column) // self.side(column)) if self.is_grid(column) else len(column)

    def passing(self, column: Sequence[Item]) -> int:
        """How many arrows come from outside and have to pass a column."""
        here = {i for thing in column for i in self.blocks[thing].centres}
        inside = {i for several in self.found.columns for thing in several for i in self.blocks[thing].centres}
        return sum(a.head in inside and a.head not in here and a.tail not in inside for a in self.picture.arrows)

    def lanes(self) -> int:
        """How many arrows have to pass the first column above or below it."""
        first = self.found.columns[0]
        return 0 if self.is_grid(first) else max(0, self.passing(first) - len(first) + 1)


def align(scopes: Sequence[Scope]) -> None:
    """Scopes beside each other with as much in each column, as the neurons of a layer, have columns of one width."""
    alike: dict[tuple[int, ...], list[Scope]] = {}
    for scope in scopes:
        alike.setdefault(tuple(map(len, scope.found.columns)), []).append(scope)
    for group in alike.values():
        widths = [max(several) for several in zip(*(scope.widths for scope in group), strict=True)]
        gaps = [max(several) for several in zip(*(scope.gaps for scope in group), strict=True)]
        for scope in group:
            scope.widths, scope.gaps = widths, gaps


def settled(parts: Sequence[Block], wanted: Sequence[float], fixed: int | None) -> list[float]:
    """The heights of things below each other, in this order, as near as can be to those that they want, with
    ``STACK`` between; the one that is ``fixed`` stands on the line.

    "As near" is the sum of squares: the least of it is found by pooling adjacent violators. All is in whole points.
    """
    steps = (above.down + STACK + below.up for above, below in pairwise(parts))
    depths = [*accumulate(steps, initial=0.0)]
    targets = [y + depth for y, depth in zip(wanted, depths, strict=True)]
    if fixed is None:
        levels = falling(targets)
    else:
        line = depths[fixed]
        levels = [max(level, line) for level in falling(targets[:fixed])]
        levels += [line, *(min(level, line) for level in falling(targets[fixed + 1 :]))]
    return [float(round(level - depth)) for level, depth in zip(levels, depths, strict=True)]


def falling(targets: Sequence[float]) -> list[float]:
    """The numbers nearest to these of which none is above one before it.

    >>> falling([3.0, 0.0, 2.0, -1.0])
    [3.0, 1.0, 1.0, -1.0]
    """
    pools: list[tuple[float, int]] = []  # mean, how many
    for target in targets:
        mean, count = target, 1
        while pools and pools[-1][0] < mean:
            other, many = pools.pop()
            mean, count = (mean * count + other * many) / (count + many), count + many
        pools.append((mean, count))
    return [mean for mean, count in pools for _ in range(count)]


def mean(heights: Sequence[float], otherwise: float = 0.0) -> float:
    return sum(heights) / len(heights) if heights else otherwise


def framed(inner: Block, scopes: Scopes, label: Size, lanes: int) -> Block:
    """With a frame around it, its label above, and room for lanes above and below."""
    wide = max(inner.width, label[0]) + 2 * MARGIN
    above, below = lanes - lanes // 2, lanes // 2
    made = Block(wide, inner.up + MARGIN + ROW + above * EDGE_ROW, inner.down + MARGIN + below * EDGE_ROW)
    made.frames[scopes] = (0.0, -made.down, wide, made.up)
    made.add(inner, (wide - inner.width) / 2, 0.0)
    return made
