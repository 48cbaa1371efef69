"""``Tape``: a recorded graph as a flat list of operations on numbered nodes. The passes of lowering work on it."""

from __future__ import annotations

from copy import copy

from ..table.op import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..value import Value
    from .types import Args

AFFINE = Op("affine", "*w, *x, b", "sum(u*v for u, v in zip(w, x)) + b", ["x[i]", "w[i]", "1"])
"""What ``fuse`` makes of a sum of products. No row of the table: nobody writes it."""

SPREAD = Op("spread", "x", "x", ["1"])
"""A number that all examples share, once for each of them."""


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

    def carry(self, i: int, into: Tape, moved: Sequence[int]) -> int:
        """The node i in another tape, where its inputs are already, under the numbers ``moved``."""
        op = self.ops[i]
        if op is not None:
            return into.node(op, tuple([moved[a] for a in self.args[i]]))
        return into.constant(self.constants[i]) if i in self.constants else into.leaf(self.leaves[i])

    def rewritten(self, rule: Callable[[int, Tape, list[int]], int]) -> Tape:
        """Another tape, made node by node: ``rule(i, new, moved)`` puts the node i into it, as ``carry`` does.

        It returns the node's number there, or −1 if the node is gone; ``moved`` are those of the nodes before it.
        """
        new = Tape()
        moved: list[int] = []
        for i in range(len(self)):
            moved.append(rule(i, new, moved))
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

    def needed(self, sources: Iterable[int]) -> bytearray:
        """For each node, whether one of these depends on it, or it is one of these."""
        found = bytearray(len(self))
        for i in sources:
            found[i] = 1
        for i in range(len(self) - 1, -1, -1):
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
