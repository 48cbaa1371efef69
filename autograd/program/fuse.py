"""Sums of products, recognised: from single ``+`` and ``*`` to one w·x + b per neuron."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

from ..table.ops import ADD, MUL, NEG, OPS, SUB
from .tape import AFFINE, Tape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..table.op import Op
    from .types import Args

SUM, DOT = OPS["sum"], OPS["dot"]
SUMS = {ADD, SUB, NEG, SUM, DOT}
TERMS = {*SUMS, MUL}
ADDING = {ADD, SUB, SUM}
MANY = 10
"""From so many additions on a chain of rows is a ``sum``, which copies rows that stand here and there."""


def fuse_products(tape: Tape, many: int = MANY) -> Tape:
    """A sum with terms uniform · varying becomes one ``affine`` node, w·x + b; a chain of ``+`` becomes one ``sum``.

    A sum reaches down through sums and products that nobody else uses. Terms that are no such product stay outside,
    as the x of a residual connection x + W·h does: neurons that read the same inputs are to look alike. A factor that
    is a plain number makes no neuron. What all examples share is added up by itself, once for all of them.

    A chain that varies becomes a sum if it has ``many`` additions: fewer rows are added faster one by one. In a graph
    that stays deep a neuron has two products or more: there is no other beside it to be computed with.
    """
    fusion = _Fusion(tape, many, least=2 if tape.is_deep(free=SUMS) else 1)
    sums = fusion.found()
    if not sums:
        return tape

    def fused(i: int, new: Tape, moved: list[int]) -> int:
        if i in sums:
            return sums[i].build(new, moved, many if fusion.varying[i] else 2)
        return -1

    return tape.rewritten(sums.keys() | fusion.absorbed, fused)


@dataclass
class _Sum:
    """A sum, flattened; a sign is +1 or −1."""

    products: list[tuple[int, Args, Args]] = field(default_factory=list)  # sign, uniform nodes, as many that vary
    plain: list[tuple[int, int]] = field(default_factory=list)  # sign, a node that varies as the sum does
    bias: list[tuple[int, Args]] = field(default_factory=list)  # sign, the uniform nodes to multiply
    inner: list[int] = field(default_factory=list)  # the nodes that it replaces

    def build(self, new: Tape, moved: Sequence[int], many: int) -> int:
        """The sum's node, and those that it needs, in the new tape; of how ``many`` additions see ``fuse_products``."""

        def signed(sign: int, node: int) -> int:
            return node if sign > 0 else new.node(NEG, (node,))

        def added(terms: list[int], many: int = 2) -> int:
            if not terms:
                return new.constant(0.0)
            if len(terms) > many:
                return new.node(SUM, tuple(terms))
            return reduce(lambda total, term: new.node(ADD, (total, term)), terms)

        bias = []
        for sign, factors in self.bias:
            nodes = tuple([moved[u] for u in factors])
            bias.append(signed(sign, nodes[0] if len(nodes) == 1 else new.node(MUL, nodes)))
        if not self.products:
            plain = [signed(sign, moved[x]) for sign, x in self.plain]
            return added([*plain, added(bias)], many) if bias else added(plain, many)
        w = [signed(sign, moved[u]) for sign, uniform, _ in self.products for u in uniform]
        x = [moved[v] for _, _, varying in self.products for v in varying]
        affine = new.node(AFFINE, (*w, *x, added(bias)))
        if len(self.plain) == 1:
            ((sign, other),) = self.plain
            return new.node(ADD if sign > 0 else SUB, (affine, moved[other]))
        return added([affine, *(signed(sign, moved[x]) for sign, x in self.plain)], many)


class _Fusion:
    """The search for sums, from the last node to the first; a neuron has ``least`` products, 1 or 2, or more."""

    def __init__(self, tape: Tape, many: int, least: int) -> None:
        self.tape, self.many, self.least = tape, many, least
        self.varying = tape.varying()
        self.uses = tape.uses()
        self.absorbed: set[int] = set()

    def found(self) -> dict[int, _Sum]:
        """The sums that are worth it, by the node that they replace."""
        ops = self.tape.ops
        neurons = self.neurons()
        seen = bytearray(len(ops))
        sums: dict[int, _Sum] = {}
        for i in range(len(ops) - 1, -1, -1):
            if seen[i]:
                continue
            if neurons[i]:
                candidate = self.flatten(i)
            elif ops[i] in ADDING and self.reaches_down(i):
                candidate = self.added_up(i)
            else:
                continue
            for inner in candidate.inner:
                seen[inner] = 1
            if neurons[i] or self.worth_it(i, candidate):
                sums[i] = candidate
                self.absorbed.update(candidate.inner[1:])
        return sums

    def reaches_down(self, i: int) -> bool:
        """Whether a sum is of a list, or has another one among its terms: most additions do not."""
        ops, args = self.tape.ops, self.tape.args[i]
        return len(args) != 2 or ops[args[0]] in ADDING or ops[args[1]] in ADDING

    def worth_it(self, i: int, candidate: _Sum) -> bool:
        """Whether a sum without products is to replace what is there."""
        apart = self.varying[i] and len(candidate.bias) > 1  # what all examples share
        if apart and len(candidate.inner) == 1:
            return True
        negative = any(sign < 0 for sign, _ in (*candidate.plain, *candidate.bias))
        many = self.many if self.varying[i] and not apart else 2
        return len(candidate.inner) >= many + negative  # the signs are a node, or a block of them

    def neurons(self) -> bytearray:
        """For each node, whether it is a sum that has ``least`` terms parameter · varying, however deep below."""
        tape, products = self.tape, bytearray(len(self.tape))  # how many there are, up to ``least``
        varying, constants, uses, least = self.varying, tape.constants, self.uses, self.least
        for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
            if op not in TERMS or not varying[i]:
                continue
            count = 0
            if op is MUL:
                a, b = args
                count = varying[a] != varying[b] and a not in constants and b not in constants
            elif op is DOT:
                terms = _Sum()
                self.multiply(terms, 1, op, args)
                count = sum(u not in constants for _, uniform, _ in terms.products for u in uniform)
            else:
                for a in args:
                    if products[a] and uses[a] == 1:
                        count += products[a]
            products[i] = min(count, least)
        counted = zip(tape.ops, products, strict=True)
        return bytearray([count == least and op is not MUL for op, count in counted])  # a product is no sum by itself

    def added_up(self, root: int) -> _Sum:
        """The terms of a sum without products, in their order: as it is written, so that no digits are lost.

        A difference is taken apart only where a chain ends, as in (a + b − c) + d. Those in (a − b) + (c − d) stay what
        they are: to add up a and c, and subtract b and d, might cancel what was small from the start.
        """
        ops, varying, uses = self.tape.ops, self.varying, self.uses
        result = _Sum()
        stack = [(1, root, True)]
        while stack:
            sign, i, first = stack.pop()
            op, args = ops[i], self.tape.args[i]
            chained = op is ADD or op is SUM or (op is SUB and first and ops[args[0]] in ADDING)
            if varying[i] != varying[root]:
                result.bias.append((sign, (i,)))
            elif i != root and (not chained or uses[i] > 1 or sign < 0):
                result.plain.append((sign, i))
            else:
                result.inner.append(i)
                signs = (1, -1) if op is SUB else (1,) * len(args)
                stack += [(signs[k], args[k], first and k == 0) for k in reversed(range(len(args)))]
        return result

    def flatten(self, root: int) -> _Sum:
        """The terms of the neuron at a node, through all sums and products below that only it uses."""
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
