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
    from .types import Pass

TAKE = OPS["take"]


def fold_constants(tape: Tape) -> Tape:
    """What is computed from numbers alone becomes a number."""
    folded = dict(tape.constants)
    for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
        if op is not None and args[0] in folded and all(map(folded.__contains__, args)):
            folded[i] = op.forward([folded[a] for a in args])[0]
    if len(folded) == len(tape.constants):
        return tape
    new = Tape()
    moved: list[int] = []
    for i in range(len(tape)):
        moved.append(new.constant(folded[i]) if i in folded else tape.carry(i, new, moved))
    return tape.finish(new, moved)


def share(tape: Tape) -> Tape:
    """Common subexpressions: what is computed from the same nodes by the same operation is computed once."""
    results = [(op, args) for op, args in zip(tape.ops, tape.args, strict=True) if op is not None]
    if len(set(results)) == len(results):
        return tape
    new = Tape()
    moved: list[int] = []
    known: dict[tuple[Op, tuple[int, ...]], int] = {}
    for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
        if op is None:
            moved.append(tape.carry(i, new, moved))
            continue
        key = (op, tuple([moved[a] for a in args]))
        node = known.get(key)
        if node is None:
            node = known[key] = new.node(*key)
        moved.append(node)
    return tape.finish(new, moved)


def drop_dead(tape: Tape) -> Tape:
    """Only what an output depends on, the inputs and the parameters are left."""
    alive = bytearray(len(tape))
    for i in (*tape.outputs, *tape.inputs, *tape.parameters):
        alive[i] = 1
    for i in range(len(tape) - 1, -1, -1):
        if alive[i]:
            for a in tape.args[i]:
                alive[a] = 1
    if all(alive):
        return tape
    new = Tape()
    moved: list[int] = []
    for i in range(len(tape)):
        moved.append(tape.carry(i, new, moved) if alive[i] else -1)
    return tape.finish(new, moved)


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
    new = Tape()
    moved: list[int] = []
    copies: dict[int, int] = {}
    for i, (op, args) in enumerate(zip(tape.ops, tape.args, strict=True)):
        if i not in wanted:
            moved.append(tape.carry(i, new, moved))
            continue
        nodes = [moved[a] for a in args]
        for k in wanted[i]:
            if args[k] not in copies:
                copies[args[k]] = new.node(SPREAD, (moved[args[k]],))
            nodes[k] = copies[args[k]]
        moved.append(new.node(op, tuple(nodes)))
    return tape.finish(new, moved)


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
