"""The passes that make a tape smaller. Each takes a tape and returns another that computes the same outputs.

None of them does algebra that IEEE 754 does not allow: 0·x is not 0 where x is inf. What is left computes what was
recorded, to the last bits: those may differ where a power has become a product, or terms are added in another order.
"""

from __future__ import annotations

from copy import copy

from ..table.ops import ADD, MUL, OPS
from .fuse import DOT, SUM, fuse_products
from .powers import multiply_powers
from .tape import AFFINE, SPREAD, Tape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..table.op import Op
    from .types import Args, Pass

TAKE = OPS["take"]
COMMUTING = {ADD, MUL}


def fold_constants(tape: Tape) -> Tape:
    """What is computed from numbers alone becomes a number."""
    folded = dict(tape.constants)
    for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
        if op is not None and args[0] in folded and all(map(folded.__contains__, args)):
            folded[i] = op.forward([folded[a] for a in args])[0]
    if len(folded) == len(tape.constants):
        return tape
    return tape.rewritten(folded, lambda i, new, _: new.constant(folded[i]))


def order_operands(tape: Tape) -> Tape:
    """a + b and b + a are the same number, and so are products: what all share comes first, then the older one.

    So ``share`` finds both, and more nodes are alike, and get into one block.
    """
    varying = tape.varying()
    swapped: dict[int, Args] = {}
    for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
        if op in COMMUTING:
            a, b = args
            if varying[a] > varying[b] or (a > b and varying[a] == varying[b]):
                swapped[i] = b, a
    if not swapped:
        return tape
    twin = copy(tape)  # the nodes stay where they are
    twin.args = [swapped.get(i, args) for i, args in enumerate(tape.args)]
    return twin


def share(tape: Tape) -> Tape:
    """Common subexpressions: what is computed from the same nodes by the same operation is computed once."""
    results = [(op, args) for op, args in zip(tape.ops, tape.args, strict=True) if op is not None]
    if len(set(results)) == len(results):
        return tape
    known: dict[tuple[Op, Args], int] = {}

    def first_of_its_kind(i: int, new: Tape, moved: list[int]) -> int:
        op = tape.ops[i]
        if op is None:
            return tape.carry(i, new)
        key = (op, tuple([moved[a] for a in tape.args[i]]))
        node = known.get(key)
        if node is None:
            node = known[key] = new.node(*key)
        return node

    return tape.rewritten(range(len(tape)), first_of_its_kind)


def drop_dead(tape: Tape) -> Tape:
    """Only what an output depends on, the inputs and the parameters are left."""
    alive = tape.needed((*tape.outputs, *tape.inputs, *tape.parameters))
    if all(alive):
        return tape
    return tape.rewritten({i for i, lives in enumerate(alive) if not lives}, lambda *_: -1)


def sum_products(tape: Tape) -> Tape:
    """A sum of products that all examples share, as Σ p² is, becomes one ``dot``, if nobody else reads these."""
    candidates = [i for i, op in enumerate(tape.ops) if op is SUM]
    if not candidates:
        return tape
    varying, uses = tape.varying(), tape.uses()
    sums: dict[int, Args] = {}
    for i in candidates:
        args = tape.args[i]
        if not varying[i] and all(tape.ops[a] is MUL and uses[a] == 1 for a in args):
            sums[i] = tuple([tape.args[a][k] for k in (0, 1) for a in args])
    if not sums:
        return tape

    def summed(i: int, new: Tape, moved: list[int]) -> int:
        return new.node(DOT, tuple([moved[a] for a in sums[i]])) if i in sums else -1

    return tape.rewritten(sums.keys() | {a for i in sums for a in tape.args[i]}, summed)


def spread_lists(tape: Tape) -> Tape:
    """Numbers that all examples share, in a list with others that vary, are made to vary: a list is all of one kind."""

    def mixed(op: Op, args: Sequence[int], varying: Sequence[int]) -> list[int]:
        places: list[int] = []
        if not op.n_lists:
            return places
        for group in op.split(range(len(args))):
            if isinstance(group, list) and any(varying[args[k]] for k in group):
                places += group
        return places

    has_lists = any(op.n_lists for op in set(tape.ops) if op is not None)
    return _spread(tape, mixed) if has_lists else tape


def spread_operands(tape: Tape) -> Tape:
    """All operands of what varies are made to vary, but for the list of a ``take`` and the w and b of neurons."""

    def all_but_tables(op: Op, args: Sequence[int], _: Sequence[int]) -> Sequence[int]:
        return range(len(args) - 1, len(args)) if op is TAKE else range(len(args))

    return _spread(tape, all_but_tables)


def _spread(tape: Tape, places: Callable[[Op, Sequence[int], Sequence[int]], Sequence[int]]) -> Tape:
    """Put SPREAD between nodes that vary and inputs that do not, at the places of each node's inputs."""
    varying = tape.varying()
    wanted: dict[int, list[int]] = {}
    for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
        if varying[i] and op is not None and op not in (AFFINE, SPREAD) and not all(map(varying.__getitem__, args)):
            some = [k for k in places(op, args, varying) if not varying[args[k]]]
            if some:
                wanted[i] = some
    if not wanted:
        return tape
    copies: dict[int, int] = {}

    def spread(i: int, new: Tape, moved: list[int]) -> int:
        args = tape.args[i]
        nodes = [moved[a] for a in args]
        for k in wanted[i]:
            if args[k] not in copies:
                copies[args[k]] = new.node(SPREAD, (moved[args[k]],))
            nodes[k] = copies[args[k]]
        return new.node(tape.ops[i], tuple(nodes))

    return tape.rewritten(wanted, spread)


def fuse_all(tape: Tape) -> Tape:
    """``fuse_products`` of all sums, also where they are no faster for it."""
    return fuse_products(tape, many=2)


def separate_parameters(tape: Tape) -> Tape:
    """The parameters vary, too: each example has its own, and so a gradient of its own."""
    twin = copy(tape)
    twin.inputs = [*tape.inputs, *tape.parameters]
    return twin


PASSES: tuple[Pass, ...] = (
    fold_constants,
    multiply_powers,
    order_operands,
    share,
    drop_dead,
    fuse_products,
    sum_products,
    spread_lists,
)
"""What lowering does to a tape, in this order, before its nodes are put into blocks."""
READABLE_PASSES: tuple[Pass, ...] = (fold_constants, share, drop_dead, fuse_all, spread_lists)
"""The same, where it is to be read: x³ stays x³, b + a stays what it is, and a sum is one, however short."""
EXACT_PASSES: tuple[Pass, ...] = (separate_parameters, fold_constants, multiply_powers, drop_dead, spread_lists)
"""The same, where each example has parameters and gradients of its own, and nothing is added up before its time."""


def lowered(tape: Tape, passes: Sequence[Pass] = PASSES) -> Tape:
    """The tape after all passes."""
    for one in passes:
        tape = one(tape)
    return tape
