"""``Tape``: a recorded graph as a flat list of operations on numbered nodes. The passes of lowering work on it."""

from __future__ import annotations

from copy import copy
from itertools import chain

import numpy as np

from ..table.op import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from ..value import Value
    from .types import Args, Places

AFFINE = Op("affine", "*w, *x, b", "sum(u*v for u, v in zip(w, x)) + b", ["x[i]", "w[i]", "1"])
"""What ``fuse`` makes of a sum of products. No row of the table: nobody writes it."""

SPREAD = Op("spread", "x", "x", ["1"])
"""A number that all examples share, once for each of them."""

DEEP = 100_000
"""From this depth on a graph has more blocks than can be planned: it is computed node by node."""


class Tape:
    """Node i is ``ops[i]`` of the nodes ``args[i]``, which all come before it. Leaves and constants have no op.

    ``constants``   the numbers of the constants, by node
    ``leaves``      the Values of the leaves, by node
    ``inputs``      the leaves that vary from example to example, in the order of the arguments
    ``parameters``  the leaves that get a gradient, in order
    ``outputs``     what is computed for its own sake; the first one is what the gradient is of
    ``labels``      the names of nodes that have one
    """

    def __init__(self) -> None:
        self.ops: list[Op | None] = []
        self.args: list[Args] = []
        self.constants: dict[int, float] = {}
        self.leaves: dict[int, Value] = {}
        self.inputs: list[int] = []
        self.parameters: list[int] = []
        self.outputs: list[int] = []
        self.labels: dict[int, str] = {}
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.ops)

    def node(self, op: Op | None, args: Args = ()) -> int:
        """A new node; returns its number."""
        self.ops.append(op)
        self.args.append(args)
        return len(self.ops) - 1

    def leaf(self, value: Value) -> int:
        """The node of a leaf."""
        i = self.node(None)
        self.leaves[i] = value
        return i

    def constant(self, x: float) -> int:
        """The node of a number: one for each, 0.0 and −0.0 told apart."""
        key = x.hex()
        if key not in self._numbers:
            i = self._numbers[key] = self.node(None)
            self.constants[i] = x
        return self._numbers[key]

    def carry(self, i: int, into: Tape) -> int:
        """The node i, a leaf or a constant, in another tape."""
        return into.constant(self.constants[i]) if i in self.constants else into.leaf(self.leaves[i])

    def rewritten(self, changed: Container[int], rule: Callable[[int, Tape, list[int]], int]) -> Tape:
        """Another tape, made node by node: for those that change, ``rule(i, new, moved)`` puts the node i into it.

        It returns the node's number there, or −1 if the node is gone; ``moved`` are those of the nodes before it. The
        other nodes are carried.
        """
        new = Tape()
        moved: list[int] = []
        number, add_op, add_args = moved.__getitem__, new.ops.append, new.args.append
        for i, (op, args) in enumerate(zip(self.ops, self.args, strict=True)):
            if i in changed:
                moved.append(rule(i, new, moved))
            elif op is None:
                moved.append(self.carry(i, new))
            else:  # ``node``, written out: most nodes come here
                moved.append(len(new.ops))
                add_op(op)
                add_args(tuple(map(number, args)))
        new.inputs = [moved[i] for i in self.inputs]
        new.parameters = [moved[i] for i in self.parameters]
        new.outputs = [moved[i] for i in self.outputs]
        for i, label in self.labels.items():
            if moved[i] >= 0:
                new.labels.setdefault(moved[i], label)
        return new

    def computing(self, outputs: Sequence[int]) -> Tape:
        """The same tape for other outputs."""
        twin = copy(self)
        twin.outputs = list(outputs)
        return twin

    def varying(self) -> bytearray:
        """For each node, whether it depends on an input: 1 if it has one number per example, 0 if only one."""
        spread = [i for i, op in enumerate(self.ops) if op is SPREAD]
        return self._dependent([*self.inputs, *spread])

    def learning(self) -> bytearray:
        """For each node, whether it depends on a parameter, so that a gradient flows through it."""
        return self._dependent(self.parameters)

    def _dependent(self, sources: Sequence[int]) -> bytearray:
        found = bytearray(len(self))
        for i in sources:
            found[i] = 1
        for i, args in enumerate(self.args):
            for a in args:
                if found[a]:
                    found[i] = 1
                    break
        return found

    def uses(self) -> list[int]:
        """How often each node is read by others; an output counts as read twice more: it has to exist besides."""
        uses = np.bincount(np.fromiter(chain.from_iterable(self.args), np.intp), minlength=len(self))
        uses[self.outputs] += 2
        found: list[int] = uses.tolist()
        return found

    def is_deep(self, free: Container[Op | None] = ()) -> bool:
        """Whether more than ``DEEP`` operations stand one on another, where those that are ``free`` do not count."""
        if len(self) <= DEEP:
            return False
        level: list[int] = []
        for op, args in zip(self.ops, self.args, strict=True):
            height = 0
            for a in args:
                if level[a] > height:
                    height = level[a]
            if args and op not in free:
                height += 1
                if height > DEEP:
                    return True
            level.append(height)
        return False

    def alike(self, varying: bytearray) -> dict[tuple[Op, int], tuple[Places, Places]]:
        """Of each operation without lists, where it varies and where not, its nodes (k,) and operands (k, inputs)."""
        ids, varies = np.fromiter(map(id, self.ops), np.intp, len(self)), np.frombuffer(varying, np.uint8)
        found = {}
        for op in {op for op in self.ops if op is not None and not op.n_lists}:
            for kind in (0, 1):
                nodes = np.flatnonzero((ids == id(op)) & (varies == kind))
                if nodes.size:
                    numbers = chain.from_iterable(map(self.args.__getitem__, nodes.tolist()))
                    found[op, kind] = nodes, np.fromiter(numbers, np.intp).reshape(nodes.size, -1)
        return found

    def needed(self, sources: Iterable[int]) -> bytearray:
        """For each node, whether one of these depends on it, or it is one of these."""
        found = bytearray(len(self))
        for i in sources:
            found[i] = 1
        for i in range(found.rfind(1), -1, -1):
            if found[i]:
                for a in self.args[i]:
                    found[a] = 1
        return found

    def __str__(self) -> str:
        lines = []
        for i, (op, args) in enumerate(zip(self.ops, self.args, strict=True)):
            if op is not None:
                what = f"{op.name}({', '.join(f'%{a}' for a in args)})"
            elif i in self.constants:
                what = repr(self.constants[i])
            else:
                what = "input" if i in self.inputs else "parameter" if i in self.parameters else "leaf"
            lines.append(f"%{i} = {what}" + (f"  # {self.labels[i]}" if i in self.labels else ""))
        return "\n".join(lines)
