"""From single nodes to blocks: what is computed alike is computed at once.

A block is one operation on k nodes. Where there is one number per example its result is k rows of a matrix with one
column per example; where all examples share the number, k numbers. Args get into one block if they have the
same operation and the same distance from the leaves, and if neurons, the same inputs or the same weights:

    affine   Z = W·A + b   k neurons that read the same n nodes; at p places, if the same neurons are used p times
    others   elementwise, or over lists of n nodes each
"""

from __future__ import annotations

import numpy as np

from ..table.arrays import chooses
from .tape import AFFINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..table.op import Op
    from .tape import Tape
    from .types import Args, Places


class Operand:
    """Where an input of a block's nodes stands: ``at`` has shape (k,), of lists (n, k).

    Of an affine block: w (k, n), x (p, n), b (k,).
    ``varying``  whether in the rows, or among the shared numbers
    ``alone``    the place, if it is one, of one node that has no lists; else None
    """

    # A graph as deep as it is large has one or two of these for each node: arrays are made when they are asked for.
    __slots__ = ("_at", "_run", "_strides", "alone", "varying")

    def __init__(self, at: Places | int, varying: bool) -> None:
        self.varying = varying
        self.alone: int | None = None
        if isinstance(at, int):
            self.alone = at
        else:
            self._at = at

    @property
    def at(self) -> Places:
        return self._at if self.alone is None else np.array([self.alone], np.intp)

    @property
    def size(self) -> int:
        """How many places there are."""
        return self._at.size if self.alone is None else 1

    @property
    def strides(self) -> tuple[int, ...] | None:
        """The equal steps, along each axis, in which the places go up; None if they do not."""
        if self.alone is not None:
            return (0,)
        try:
            return self._strides
        except AttributeError:
            self._strides: tuple[int, ...] | None = _steps(self._at)
            return self._strides

    @property
    def run(self) -> slice | None:
        """The places as a slice, if they are one run: 5, 6, 7, 8."""
        if self.alone is not None:
            return slice(self.alone, self.alone + 1)
        try:
            return self._run
        except AttributeError:
            self._run: slice | None = _run(self._at)
            return self._run

    @property
    def distinct(self) -> bool:
        """Whether no place comes twice."""
        return self.run is not None or len(set(self.at.ravel().tolist())) == self.at.size


def _steps(at: Places) -> tuple[int, ...] | None:
    if at.size == 1:
        return (0,) * at.ndim
    if at.size == 0:
        return None
    origin = int(at.flat[0])
    steps = []
    for axis, size in enumerate(at.shape):
        second = [0] * at.ndim
        second[axis] = min(1, size - 1)
        steps.append(int(at[tuple(second)]) - origin)
    expected: Places = np.array(origin)
    for axis, (step, size) in enumerate(zip(steps, at.shape, strict=True)):
        expected = expected + step * np.arange(size).reshape((size,) + (1,) * (at.ndim - 1 - axis))
    return tuple(steps) if min(steps) >= 0 and np.array_equal(expected, at) else None


def _run(at: Places) -> slice | None:
    start, size = at.item(0), at.size
    if size == 1 or (at.item(-1) - start == size - 1 and (np.diff(at.ravel()) == 1).all()):
        return slice(start, start + size)
    return None


class Block:
    """``op`` on k nodes: its results stand at ``start``, …, ``start + size - 1``.

    ``nodes``   their numbers on the tape, in that order; of an affine block of k neurons at p places (p, k)
    """

    __slots__ = ("_nodes", "op", "operands", "start", "varying")

    def __init__(self, op: Op, varying: bool, start: int, nodes: Places | int, operands: tuple[Operand, ...]) -> None:
        self.op, self.varying, self.start, self._nodes, self.operands = op, varying, start, nodes, operands

    @property
    def nodes(self) -> Places:
        return np.array([self._nodes], np.intp) if isinstance(self._nodes, int) else self._nodes

    @property
    def size(self) -> int:
        return 1 if isinstance(self._nodes, int) else self._nodes.size

    @property
    def stop(self) -> int:
        return self.start + self.size

    @property
    def result(self) -> Operand:
        """Its results, as somebody else's operand."""
        return Operand(self.start if self.size == 1 else np.arange(self.start, self.stop), self.varying)


class Layout:
    """Where each node of a tape stands: ``at[i]`` among the rows or among the shared numbers, in the tape's order.

    The rows begin with the inputs, the shared numbers with the parameters.
    ``n_shared``, ``n_rows`` how many numbers and rows there are
    ``learning``             for each node, whether a gradient flows through it
    ``flags``                the same for each shared number, and for each row
    ``leaves``               of the shared numbers that are read at each replay, but no parameters: place and Value
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.is_varying = tape.varying()
        self.learning = tape.learning()
        self.at = [-1] * len(tape)
        self.n_shared = self.n_rows = 0
        for i in (*tape.inputs, *tape.parameters, *sorted(tape.constants.keys() | tape.leaves.keys())):
            self._place([i])
        self._place_results()
        self.flags = bytearray(self.n_shared), bytearray(self.n_rows)
        for at, varying, learning in zip(self.at, self.is_varying, self.learning, strict=True):
            self.flags[varying][at] |= learning
        given = {*tape.inputs, *tape.parameters}
        self.leaves = [(self.at[i], leaf) for i, leaf in tape.leaves.items() if i not in given]

    def _place_results(self) -> None:
        """Give what is computed its places, too: what varies and what does not, each in the tape's order."""
        at, varying = np.array(self.at), np.frombuffer(self.is_varying, bool)
        for kind, start in ((False, self.n_shared), (True, self.n_rows)):
            computed = np.flatnonzero((at < 0) & (varying == kind))
            at[computed] = np.arange(start, start + computed.size)
        self.n_rows = int(varying.sum())
        self.n_shared = len(at) - self.n_rows
        self.at = at.tolist()

    def _place(self, nodes: Sequence[int]) -> int:
        """Give nodes of one kind the next places, unless they have theirs; returns the first."""
        if self.at[nodes[0]] >= 0:
            return self.at[nodes[0]]
        if self.is_varying[nodes[0]]:
            start = self.n_rows
            self.n_rows += len(nodes)
        else:
            start = self.n_shared
            self.n_shared += len(nodes)
        for place, i in enumerate(nodes, start):
            self.at[i] = place
        return start

    def block(self, nodes: list[int]) -> Block:
        """The block of some nodes, in an order in which what they read stands in a row, if there is one."""
        op = self.tape.ops[nodes[0]]
        assert op is not None
        if op is AFFINE:
            return self._affine(nodes)
        at, varying, args = self.at, self.is_varying, self.tape.args
        if len(nodes) == 1 and not op.n_lists:
            alone = [Operand(at[a], varying[a] == 1) for a in args[nodes[0]]]
            return Block(op, varying[nodes[0]] == 1, self._place(nodes), nodes[0], tuple(alone))
        kinds = [varying[a] for a in args[nodes[0]]]
        first = kinds.index(varying[nodes[0]]) if varying[nodes[0]] in kinds else 0
        nodes = sorted(nodes, key=lambda i: (at[args[i][first]], at[args[i][-1]]))
        places = np.array([[at[a] for a in args[i]] for i in nodes], np.intp)
        operands = []
        for group in op.split(range(len(kinds))):
            one = group[0] if isinstance(group, list) else group
            operands.append(Operand(places[:, group].T, bool(kinds[one])))
        return Block(op, bool(varying[nodes[0]]), self._place(nodes), np.array(nodes), tuple(operands))

    def _affine(self, nodes: list[int]) -> Block:
        """Neurons: ``nodes`` are, place by place, the same k neurons."""
        at, args = self.at, self.tape.args
        n = len(args[nodes[0]]) // 2
        reads = dict.fromkeys([args[i][n:-1] for i in nodes])
        k = len(nodes) // len(reads)
        if len(reads) > 1:
            placed = sorted(range(len(reads)), key=lambda p: [at[a] for a in args[nodes[p * k]][n:-1]])
            nodes = [i for p in placed for i in nodes[p * k : (p + 1) * k]]
        w = np.array([[at[a] for a in args[i][:n]] for i in nodes[:k]], np.intp)
        x = np.array([[at[a] for a in args[i][n:-1]] for i in nodes[::k]], np.intp)
        b = np.array([at[args[i][-1]] for i in nodes[:k]], np.intp)
        operands = (Operand(w, False), Operand(x, True), Operand(b, False))
        return Block(AFFINE, True, self._place(nodes), np.array(nodes).reshape(-1, k), operands)


class Blocks(Layout):
    """A tape in blocks: what is computed stands block by block.

    ``shared``, ``varying``  the blocks, each after those that it reads; the shared ones come first. Of several that
                             could be next, those come first that read one element of a list: their way back is the
                             last, and adds to what the others have left there
    """

    def _place_results(self) -> None:
        self.shared: list[Block] = []
        self.varying: list[Block] = []
        for nodes in self._groups():
            block = self.block(nodes)
            (self.varying if block.varying else self.shared).append(block)

    def _groups(self) -> list[list[int]]:
        """The nodes that are computed at once, in an order in which they can be."""
        ops, all_args, varying = self.tape.ops, self.tape.args, self.is_varying
        level = [0] * len(ops)
        below: dict[Args, int] = {}  # of what neurons read
        groups: dict[tuple[int, int, Op, tuple[int, ...]], list[int]] = {}
        for i, (op, args) in enumerate(zip(ops, all_args, strict=True)):
            if op is None:
                continue
            kind = varying[i]
            if op is AFFINE:
                key: tuple[int, ...] = args[len(args) // 2 : -1]
                if key not in below:
                    below[key] = max([level[a] for a in key])
                level[i] = 1 + below[key]
            else:
                level[i] = 1 + max([level[a] for a in args if varying[a] == kind], default=0)
                key = tuple(map(varying.__getitem__, args))
            groups.setdefault((kind, level[i], op, key), []).append(i)
        found = [nodes for (_, _, op, _), nodes in groups.items() if op is not AFFINE]
        alike: dict[tuple[int, int, object], list[int]] = {}  # the same neurons at several places are one group
        for (_, depth, op, key), nodes in groups.items():
            if op is AFFINE:
                weights = tuple([(all_args[i][: len(key)], all_args[i][-1]) for i in nodes])
                alike.setdefault((depth, len(key), weights), []).extend(nodes)
        found += alike.values()
        late = {op for op in set(ops) if op is not None and not chooses(op)}
        found.sort(key=lambda nodes: (varying[nodes[0]], level[nodes[0]], ops[nodes[0]] in late, nodes[0]))
        return found

    def __str__(self) -> str:
        lines = []
        for block in (*self.shared, *self.varying):
            form = "×".join(map(str, block.nodes.shape))
            kind = "rows" if block.varying else "shared"
            lines.append(f"{kind} {block.start}:{block.stop} = {block.op.name} ({form})")
        return "\n".join(lines)
