"""The passes that make a tape smaller. Each takes a tape and returns another that computes the same outputs.

None of them does algebra: 0·x is not 0 where x is inf. What is left computes bit for bit what was recorded.
"""

from __future__ import annotations

from copy import copy

from ..table.ops import OPS
from .fuse import fuse_products
from .tape import AFFINE, SPREAD, Tape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..table.op import Op
    from .types import Args, Pass

TAKE = OPS["take"]


def fold_constants(tape: Tape) -> Tape:
    """What is computed from numbers alone becomes a number."""
    folded = dict(tape.constants)
    for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
        if op is not None and args[0] in folded and all(map(folded.__contains__, args)):
            folded[i] = op.forward([folded[a] for a in args])[0]
    if len(folded) == len(tape.constants):
        return tape
    return tape.rewritten(lambda i, new, moved: new.constant(folded[i]) if i in folded else tape.carry(i, new, moved))


def share(tape: Tape) -> Tape:
    """Common subexpressions: what is computed from the same nodes by the same operation is computed once."""
    results = [(op, args) for op, args in zip(tape.ops, tape.args, strict=True) if op is not None]
    if len(set(results)) == len(results):
        return tape
    known: dict[tuple[Op, Args], int] = {}

    def first_of_its_kind(i: int, new: Tape, moved: list[int]) -> int:
        op = tape.ops[i]
        if op is None:
            return tape.carry(i, new, moved)
        key = (op, tuple([moved[a] for a in tape.args[i]]))
        node = known.get(key)
        if node is None:
            node = known[key] = new.node(*key)
        return node

    return tape.rewritten(first_of_its_kind)


def drop_dead(tape: Tape) -> Tape:
    """Only what an output depends on, the inputs and the parameters are left."""
    alive = tape.needed((*tape.outputs, *tape.inputs, *tape.parameters))
    if all(alive):
        return tape
    return tape.rewritten(lambda i, new, moved: tape.carry(i, new, moved) if alive[i] else -1)


def spread_lists(tape: Tape) -> Tape:
    """Numbers that all examples share, in a list with others that vary, are made to vary: a list is all of one kind."""

    def mixed(op: Op, args: Sequence[int], varying: Sequence[int]) -> list[int]:
        places: list[int] = []
        for group in op.split(range(len(args))):
            if isinstance(group, list) and any(varying[args[k]] for k in group):
                places += group
        return places

    return _spread(tape, mixed)


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
        if i not in wanted:
            return tape.carry(i, new, moved)
        args = tape.args[i]
        nodes = [moved[a] for a in args]
        for k in wanted[i]:
            if args[k] not in copies:
                copies[args[k]] = new.node(SPREAD, (moved[args[k]],))
            nodes[k] = copies[args[k]]
        return new.node(tape.ops[i], tuple(nodes))

    return tape.rewritten(spread)


def separate_parameters(tape: Tape) -> Tape:
    """The parameters vary, too: each example has its own, and so a gradient of its own."""
    twin = copy(tape)
    twin.inputs = [*tape.inputs, *tape.parameters]
    return twin


PASSES: tuple[Pass, ...] = (fold_constants, share, drop_dead, fuse_products, spread_lists)
"""What lowering does to a tape, in this order, before its nodes are put into blocks."""
EXACT_PASSES: tuple[Pass, ...] = (separate_parameters, fold_constants, drop_dead, spread_lists)
"""The same, where each example has parameters and gradients of its own, and nothing is added up before its time."""


def lowered(tape: Tape, passes: Sequence[Pass] = PASSES) -> Tape:
    """The tape after all passes."""
    for one in passes:
        tape = one(tape)
    return tape
