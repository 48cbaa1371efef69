"""Sums of products, recognised: from single ``+`` and ``*`` to one w·x + b per neuron."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain

from ..table.ops import ADD, MUL, NEG, OPS, SUB
from .tape import AFFINE, Tape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..table.op import Op
    from .types import Args

SUM, DOT = OPS["sum"], OPS["dot"]
SUMS = {ADD, SUB, NEG, SUM, DOT}


def fuse_products(tape: Tape) -> Tape:
    """A sum with terms uniform · varying becomes one ``affine`` node, w·x + b; a chain of ``+`` becomes one ``sum``.

    A sum reaches down through sums and products that nobody else uses. Terms that are no such product stay outside,
    as the x of a residual connection x + W·h does: neurons that read the same inputs are to look alike. A factor that
    is a plain number makes no neuron.
    """
    fusion = _Fusion(tape)
    sums = fusion.found()
    if not sums:
        return tape

    def fused(i: int, new: Tape, moved: list[int]) -> int:
        if i in sums:
            return sums[i].build(new, moved)
        return -1 if fusion.absorbed[i] else tape.carry(i, new, moved)

    return tape.rewritten(fused)


@dataclass
class _Sum:
    """A sum, flattened; a sign is +1 or −1."""

    products: list[tuple[int, Args, Args]] = field(default_factory=list)  # sign, uniform nodes, as many that vary
    plain: list[tuple[int, int]] = field(default_factory=list)  # sign, varying
    bias: list[tuple[int, Args]] = field(default_factory=list)  # sign, the uniform nodes to multiply
    inner: list[int] = field(default_factory=list)  # the nodes that it replaces

    def build(self, new: Tape, moved: Sequence[int]) -> int:
        """The sum's node, and those that it needs, in the new tape."""

        def signed(sign: int, node: int) -> int:
            return node if sign > 0 else new.node(NEG, (node,))

        def added(terms: list[int]) -> int:
            if not terms:
                return new.constant(0.0)
            return terms[0] if len(terms) == 1 else new.node(ADD if len(terms) == 2 else SUM, tuple(terms))

        bias = []
        for sign, factors in self.bias:
            nodes = tuple([moved[u] for u in factors])
            bias.append(signed(sign, nodes[0] if len(nodes) == 1 else new.node(MUL, nodes)))
        if not self.products:
            return added([signed(sign, moved[x]) for sign, x in self.plain] + bias)
        w = [signed(sign, moved[u]) for sign, uniform, _ in self.products for u in uniform]
        x = [moved[v] for _, _, varying in self.products for v in varying]
        affine = new.node(AFFINE, (*w, *x, added(bias)))
        if len(self.plain) == 1:
            ((sign, other),) = self.plain
            return new.node(ADD if sign > 0 else SUB, (affine, moved[other]))
        return added([affine, *(signed(sign, moved[x]) for sign, x in self.plain)])


class _Fusion:
    """The search for sums, from the last node to the first."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.varying = tape.varying()
        self.uses = Counter(chain.from_iterable(tape.args))
        for i in tape.outputs:
            self.uses[i] += 2  # it has to exist, whoever else uses it
        self.absorbed = bytearray(len(tape))

    def found(self) -> dict[int, _Sum]:
        """The sums that are worth it, by the node that they replace."""
        tape = self.tape
        seen = bytearray(len(tape))
        sums: dict[int, _Sum] = {}
        for i in range(len(tape) - 1, -1, -1):
            if tape.ops[i] in SUMS and self.varying[i] and not seen[i]:
                candidate = self.flatten(i)
                for inner in candidate.inner:
                    seen[inner] = 1
                learned = any(u not in tape.constants for _, uniform, _ in candidate.products for u in uniform)
                adding = len(candidate.inner) > 1 and all(tape.ops[node] in (ADD, SUM) for node in candidate.inner)
                if learned or (adding and not candidate.products):
                    sums[i] = candidate
                    for inner in candidate.inner[1:]:
                        self.absorbed[inner] = 1
        return sums

    def flatten(self, root: int) -> _Sum:
        """The terms of the sum at a node, through all sums and products below that only it uses."""
        ops, varying, uses = self.tape.ops, self.varying, self.uses
        result = _Sum()
        stack = [(1, root)]
        while stack:
            sign, i = stack.pop()
            op, args = ops[i], self.tape.args[i]
            if not varying[i]:
                result.bias.append((sign, (i,)))
            elif (op not in SUMS and op is not MUL) or (uses[i] > 1 and i != root):
                result.plain.append((sign, i))
            elif op is MUL or op is DOT:
                if not self.multiply(result, sign, op, args):
                    result.plain.append((sign, i))
                    continue
                result.inner.append(i)
            else:
                if op is SUB:
                    stack += [(-sign, args[1]), (sign, args[0])]
                else:
                    stack += [(-sign if op is NEG else sign, a) for a in reversed(args)]
                result.inner.append(i)
        return result

    def multiply(self, result: _Sum, sign: int, op: Op, args: Args) -> bool:
        """Take a product, or a sum of them, apart; False if it is no neuron's."""
        half = len(args) // 2
        a, b = args[:half], args[half:]
        varies = self.varying.__getitem__
        if op is MUL and (a[0] in self.tape.constants or b[0] in self.tape.constants):
            return False
        for uniform, varying in ((a, b), (b, a)):
            if all(map(varies, varying)) and not any(map(varies, uniform)):
                result.products.append((sign, uniform, varying))
                return True
        if any(varies(x) and varies(y) for x, y in zip(a, b, strict=True)):
            return False
        for x, y in zip(a, b, strict=True):  # in every combination
            if varies(x) or varies(y):
                result.products.append((sign, (x,), (y,)) if varies(y) else (sign, (y,), (x,)))
            else:
                result.bias.append((sign, (x, y)))
        return True
