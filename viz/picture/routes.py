"""Arrows between boxes that have their places: straight where nothing is in the way, else on a lane of their own.

A lane is a level piece of an arrow, past everything that stands between its ends: between two boxes where there is
room, or above or below all. No two lanes share a place, and none runs over the title of a frame.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .boxes import Box, Picture
from .skeleton import Point, Size, line, shape

NEAR = 5.0  # points that an arrow keeps away from what it passes
WITH_LABEL = 9.0  # half the height of a lane that has its label
SHORT = 300.0  # points; a longer lane has its label before or behind it
LONG, LEVEL = 600.0, 60.0  # an arrow that goes further, and rises more, would lie across all: it takes a lane
FURTHER = 7.0  # how much more a long lane keeps away: it does not run between things that belong together
FIRST, LAST = 1 / 6, 5 / 6  # parts of an arrow: the middle of what is before its lane, and behind it
OUTLINE = 8.0  # how much larger the second outline of a root is
APART = 26.0  # points: of the bends of arrows between the same boxes
TURN = 30.0  # points: the least room for an arrow to go from its box to its lane
FAR = 1e6  # points: no picture is as high
SPREAD = 0.25  # of the height of a box: how far from its middle an arrow arrives
BEND = 45.0  # how far an arrow that turns back swings out
PARTS = [k / 40 for k in range(4, 37)]  # of an arrow, where its label may stand
PIECES = 12  # of an arrow: where it is
AWAY = 4.0  # how much worse a label stands at the other end of its arrow; on another arrow it is worse by 1
CELL = 100.0  # points: the side of the squares by which rooms are found

Room = tuple[float, float, float, float]  # left, bottom, right, top


def room_of(centre: Point, size: Size, gap: float = 0.0) -> Room:
    half = size[0] / 2 + gap, size[1] / 2 + gap
    return centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]


@dataclass(slots=True)
class Detour:
    """An arrow that cannot be straight: it leaves its way at ``left`` and comes back to it at ``right``; one that leads
    back goes from right to left."""

    number: int
    tail: int
    head: int
    is_inside: bool  # both ends in the same scope
    start: Point
    stop: Point
    left: float
    right: float
    between: list[Room]  # what it has to pass; if there is nothing, it needs no lane
    shares: str = ""  # a lane: with others "from" its tail, with others "to" its head, as wires share a line
    half: float = WITH_LABEL  # of the height of the lane
    label_at: float = 0.5  # the part of the arrow where its label is best

    def taken_by(self, room: Room, apart: float) -> tuple[float, float]:
        """The heights at which a lane would meet a room that it has to pass; where the room is beside one of the
        turns, also those from which the turn would."""
        low, high = room[1] - apart, room[3] + apart
        for is_beside, y in ((room[0] < self.left, self.start[1]), (room[2] > self.right, self.stop[1])):
            if is_beside and self.left < self.right:
                low, high = (low, max(high, FAR)) if (low + high) / 2 > y else (min(low, -FAR), high)
        return low, high

    @property
    def span(self) -> float:
        return abs(self.right - self.left)


class Router:
    """Finds the curves of the arrows of a picture whose boxes have places."""

    def __init__(
        self, picture: Picture, centres: Sequence[Point], sizes: Sequence[Size], titles: Sequence[Room]
    ) -> None:
        self.picture, self.centres, self.titles = picture, centres, titles
        outlines = [OUTLINE if box.is_root else 0.0 for box in picture.boxes]
        self.sizes = [(wide + more, high + more) for (wide, high), more in zip(sizes, outlines, strict=True)]
        self.rooms = [room_of(centre, size) for centre, size in zip(centres, self.sizes, strict=True)]
        self.heads = [
            10 * float(line(stroke)["arrowsize"]) * arrow.has_head
            for stroke, arrow in zip(picture.strokes, picture.arrows, strict=True)
        ]
        self.between: dict[tuple[int, int], list[int]] = {}  # two boxes, the numbers of the arrows
        for number, arrow in enumerate(picture.arrows):
            self.between.setdefault((arrow.tail, arrow.head), []).append(number)
        self.lanes: dict[int, Room] = {}  # by the number of the arrow
        self.label_at: dict[int, float] = {}  # the part of an arrow where its label is best; without one, the middle

    def curves(self) -> list[list[Point]]:
        """The points of the Bézier curves of each arrow; the last is its tip, the one before where the head begins."""
        found: dict[int, list[Point]] = {}
        detours: list[Detour] = []
        for i, arrow in enumerate(self.picture.arrows):
            direct = self.direct(i)
            ways = [self.centres[arrow.tail], *direct[1:3], self.centres[arrow.head]]
            wide, high = (abs(ways[0][k] - ways[-1][k]) for k in (0, 1))
            if (wide < LONG or high < LEVEL) and self.is_clear(arrow.tail, arrow.head, ways):
                found[i] = direct
                continue
            detour = self.detour(i)
            if detour.between:
                detours.append(detour)
            else:
                found[i] = self.bent(detour)
        for group in self.grouped(detours):
            for detour, y in zip(group, self.levels(group), strict=True):
                left, right = sorted((detour.left, detour.right))
                self.lanes[detour.number] = left, y - detour.half, right, y + detour.half
                self.label_at[detour.number] = detour.label_at
                found[detour.number] = self.on_lane(detour, y)
        return [found[i] for i in range(len(self.picture.arrows))]

    def direct(self, number: int) -> list[Point]:
        """A straight arrow; one of several between the same boxes, as of a + a, is bent, each by as much more."""
        arrow = self.picture.arrows[number]
        tail, head = self.centres[arrow.tail], self.centres[arrow.head]
        several = self.between[arrow.tail, arrow.head]
        bend = APART * (several.index(number) - (len(several) - 1) / 2) / (math.dist(tail, head) or 1.0)
        across = bend * (head[1] - tail[1]), bend * (tail[0] - head[0])
        ways = [(x + across[0], y + across[1]) for x, y in (part(tail, head, 1 / 3), part(tail, head, 2 / 3))]
        start = self.edge(arrow.tail, ways[0] if bend else head)
        stop = self.edge(arrow.head, ways[1] if bend else tail)
        long = min(0.9, self.heads[number] / (math.dist(start, stop) or 1.0))
        base = part(stop, ways[1], long) if bend else part(stop, start, long)
        return [start, *(ways if bend else (part(start, base, 1 / 3), part(start, base, 2 / 3))), base, stop]

    def grouped(self, detours: Sequence[Detour]) -> list[list[Detour]]:
        """Those that get their lanes together, short ones first: the arrows of one colour that share a lane, or those
        that pass the same things to the same head, from above."""
        arrows = self.picture.arrows
        leaving, arriving = (Counter(ends) for ends in ([d.tail for d in detours], [d.head for d in detours]))
        ending = Counter((d.tail, d.right) for d in detours)
        groups: dict[tuple[object, ...], list[Detour]] = {}
        for d in detours:
            colour = arrows[d.number].colour
            key: tuple[object, ...] = (d.head, d.left, d.right)
            if d.left < d.right and d.is_inside and arriving[d.head] > leaving[d.tail]:  # of many leaves in rows
                key = "to", d.head, colour, d.start[1]
                d.half, d.label_at, d.shares = NEAR, FIRST, "to"
            elif d.left < d.right and d.span >= SHORT:
                d.half, d.label_at = NEAR, LAST
                if ending[d.tail, d.right] == 1:  # to one column after the other
                    key = "from", d.tail, colour
                    d.shares = "from"
            groups.setdefault(key, []).append(d)
        for group in groups.values():
            group.sort(key=lambda d: (-d.start[1], d.number))
        return sorted(groups.values(), key=lambda group: (max(d.span for d in group), group[0].number))

    def edge(self, number: int, to: Point) -> Point:
        return edge_point(self.picture.boxes[number], self.centres[number], self.sizes[number], to)

    def is_clear(self, tail: int, head: int, ways: Sequence[Point]) -> bool:
        """Whether an arrow between these boxes by these ways passes all others, and all titles."""
        (left, right), (bottom, top) = ((min(side) - NEAR, max(side) + NEAR) for side in zip(*ways, strict=True))
        around = left, bottom, right, top
        rooms = [room for k, room in enumerate(self.rooms) if overlap(room, around) and k not in (tail, head)]
        rooms += [room for room in self.titles if overlap(room, around)]
        lines = [(ways[0], ways[-1])] if len(self.between[tail, head]) == 1 else [*pairwise(ways)]
        return not any(meets(start, stop, room) for start, stop in lines for room in rooms)

    def detour(self, number: int) -> Detour:
        """Where an arrow has to leave its way, and where it can come back to it."""
        arrow = self.picture.arrows[number]
        ends = arrow.tail, arrow.head
        is_inside = self.picture.boxes[arrow.tail].scopes == self.picture.boxes[arrow.head].scopes
        start = self.rooms[arrow.tail][2], self.centres[arrow.tail][1]
        stop = self.rooms[arrow.head][0], self.centres[arrow.head][1]
        if stop[0] <= start[0]:  # back, to the row below
            across = [room for room in self.rooms if room[0] < start[0] and room[2] > stop[0]]
            return Detour(number, *ends, is_inside, start, stop, start[0], stop[0], across)
        between = [room for room in self.rooms if start[0] < (room[0] + room[2]) / 2 < stop[0]]
        between += [room for room in self.titles if start[0] < (room[0] + room[2]) / 2 and room[2] < stop[0]]
        turn = min(TURN, (stop[0] - start[0]) / 3)
        left = max(start[0] + turn, min((room[0] for room in between), default=0.0) - NEAR)
        right = min(stop[0] - turn, max((room[2] for room in between), default=0.0) + NEAR)
        return Detour(number, *ends, is_inside, start, stop, left, right, between)

    def levels(self, group: Sequence[Detour]) -> list[float]:
        """The heights of free lanes for arrows that pass the same, from above, or the one that they share."""
        longest = max(group, key=lambda d: d.span)
        half, shared = longest.half, longest.shares
        apart = FURTHER if shared else 0.0
        low, high = sorted((min(d.left for d in group), max(d.right for d in group)))
        lanes = [(lane[1], lane[3]) for lane in self.lanes.values() if lane[0] < high and lane[2] > low]
        taken = [*lanes, *(longest.taken_by(room, apart) for room in longest.between)]
        tails, heads = (sum(ys) / len(group) for ys in ([d.start[1] for d in group], [d.stop[1] for d in group]))
        if longest.left > longest.right:
            heads = (tails + heads) / 2
        elif shared == "to":
            tails, heads = heads, tails

        def cost(y: float) -> float:
            return abs(y - heads) + 0.3 * abs(y - tails)

        found: list[float] = []
        for _ in group[:1] if shared else group:
            y = nearest_free(taken, half, cost, heads)
            if abs(y) > FAR / 2:  # one of its turns will run over something
                y = nearest_free([*lanes, *((room[1], room[3]) for room in longest.between)], half, cost, heads)
            found.append(y)
            taken.append((y - half, y + half))
        return found * len(group) if shared else sorted(found, reverse=True)

    def bent(self, detour: Detour) -> list[Point]:
        """The curve of an arrow that leaves and arrives level."""
        return [detour.start, *self.arrival(detour, detour.start)]

    def on_lane(self, detour: Detour, y: float) -> list[Point]:
        """The curves of an arrow on its lane."""
        start, stop, head = detour.start, detour.stop, self.heads[detour.number]
        a, b = (detour.left, y), (detour.right, y)
        lane = [a, part(a, b, 1 / 3), part(a, b, 2 / 3), b]
        if detour.right < detour.left:
            out = [start, (start[0] + BEND, start[1]), (start[0] + BEND, y)]
            return [*out, *lane, (stop[0] - BEND, y), (stop[0] - BEND, stop[1]), (stop[0] - head, stop[1]), stop]
        half = (start[0] + a[0]) / 2
        return [start, (half, start[1]), (half, y), *lane, *self.arrival(detour, b)]

    def arrival(self, detour: Detour, start: Point) -> list[Point]:
        """The rest of a curve that is level at its start and at its end, left on the head: the higher it comes from,
        the higher."""
        x, y = detour.stop
        most = SPREAD * self.sizes[detour.head][1]
        y += max(-most, min(SPREAD * (start[1] - y), most))
        x, _ = self.edge(detour.head, (2 * x - self.centres[detour.head][0], y))
        base = x - min(self.heads[detour.number], 0.9 * (x - start[0]))
        half = (start[0] + base) / 2
        return [(half, start[1]), (half, y), (base, y), (x, y)]


def nearest_free(taken: Iterable[tuple[float, float]], half: float, cost: Callable[[float], float], at: float) -> float:
    """The height for which a lane of twice ``half`` meets nothing that is taken, with the least cost; ``at`` is where
    it is if nothing is in its way. In a narrow gap, the middle of it."""
    blocks: list[list[float]] = []
    for bottom, top in sorted(taken):
        if blocks and bottom - half < blocks[-1][1]:
            blocks[-1][1] = max(blocks[-1][1], top + half)
        else:
            blocks.append([bottom - half, top + half])
    if not any(bottom < at < top for bottom, top in blocks):
        return at
    free = [blocks[0][0], blocks[-1][1]]
    for (_, low), (high, _) in pairwise(blocks):
        free += [(low + high) / 2] if high - low < half else [low, high]
    return min(free, key=cost)


def curve(pos: str) -> list[Point]:
    """The points of an edge's "pos", as Graphviz writes it, the tip last."""
    tip, *points = [point(pair) for pair in pos.removeprefix("e,").split()]
    return [*points, tip]


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def point(text: str) -> Point:
    x, y = numbers(text)
    return x, y


def part(a: Point, b: Point, t: float) -> Point:
    """This part of the way from a to b."""
    return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])


def meets(start: Point, stop: Point, room: Room) -> bool:
    """Whether a straight line comes nearer to a room than ``NEAR``: cut to the room, something of it is left."""
    enters, leaves = 0.0, 1.0
    for k in (0, 1):
        low, high, way = room[k] - NEAR - start[k], room[k + 2] + NEAR - start[k], stop[k] - start[k]
        if way == 0:
            if low >= 0 or high <= 0:
                return False
        else:
            ends = low / way, high / way
            enters, leaves = max(enters, min(ends)), min(leaves, max(ends))
            if enters >= leaves:
                return False
    return True


def edge_point(box: Box, centre: Point, size: Size, to: Point) -> Point:
    """Where the line from the centre of a box leaves its outline."""
    x, y = (2 * abs(to[k] - centre[k]) / size[k] for k in (0, 1))  # in halves of its width and height
    outline = shape(box)["shape"]
    if outline == "ellipse":
        reach = math.hypot(x, y)
    elif outline == "hexagon":  # its upper and lower sides are half as long as the box is wide
        reach = max(y, x + y / 2)
    else:
        reach = max(x, y)
    return part(centre, to, 1 / max(reach, 1.0))


# --- labels -----------------------------------------------------------------------------------------


class Taken:
    """Rooms that are taken, each with the number of the arrow that runs there; None for boxes and labels."""

    def __init__(self) -> None:
        self.cells: defaultdict[tuple[int, int], list[tuple[Room, int | None]]] = defaultdict(list)

    def add(self, room: Room, by: int | None = None) -> None:
        for cell in self.cells_of(room):
            self.cells[cell].append((room, by))

    def cells_of(self, room: Room) -> list[tuple[int, int]]:
        left, bottom, right, top = (int(side // CELL) for side in room)
        return [(x, y) for x in range(left, right + 1) for y in range(bottom, top + 1)]

    def badness(self, room: Room, number: int) -> int:
        """How bad it is for a label of this arrow to stand here: on a box or a label is worse than on another arrow."""
        met = {entry for cell in self.cells_of(room) for entry in self.cells.get(cell, ()) if overlap(entry[0], room)}
        is_on_others = any(by not in (None, number) for _, by in met)
        return 10 * sum(by is None for _, by in met) + is_on_others


def overlap(a: Room, b: Room) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def label_places(
    found: Sequence[list[Point]],
    label_sizes: Sequence[Size],
    rooms: Iterable[Room],
    lanes: Mapping[int, Room],
    preferred: Mapping[int, float],
) -> list[Point]:
    """Where the label of each curve stands: on it, as near to its middle, or to the part of it that is preferred, as
    these rooms, other labels and the lanes of other arrows allow."""
    taken = Taken()
    for room in rooms:
        taken.add(room)
    for number, points in enumerate(found):
        for k in range(PIECES + 1):
            taken.add(room_of(on_curve(points[:-1], k / PIECES), (2.0, 2.0)), number)
    for number, lane in lanes.items():
        taken.add(lane, number)
    places = []
    for number, (points, size) in enumerate(zip(found, label_sizes, strict=True)):
        best = preferred.get(number, 0.5)
        least, place = math.inf, middle(points[:-1])
        for t in sorted(PARTS, key=lambda t: abs(t - best)):
            away = AWAY * abs(t - best)
            if away >= least:
                break
            at = on_curve(points[:-1], t)
            bad = away + taken.badness(room_of(at, size), number)
            if bad < least:
                least, place = bad, at
        if size[0]:
            taken.add(room_of(place, size))
        places.append(place)
    return places


def middle(points: list[Point]) -> Point:
    """Half way along a chain of Bézier curves."""
    return on_curve(points, 0.5)


def on_curve(points: list[Point], t: float) -> Point:
    """The point after this part of a chain of Bézier curves.

    >>> on_curve([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], 0.5)
    (1.5, 0.0)
    """
    count = (len(points) - 1) // 3
    at = min(int(t * count), count - 1)
    u = t * count - at
    a, b, c, d = points[3 * at : 3 * at + 4]
    ab, bc, cd = part(a, b, u), part(b, c, u), part(c, d, u)
    return part(part(ab, bc, u), part(bc, cd, u), u)
