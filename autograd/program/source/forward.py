"""What the blocks of a program compute, line by line, in one library."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import numpy as np

from ...formulas.algebra import total
from ...table.ops import MOD, OPS, POW
from ..listing.formulas import Formulas, distinct_lists
from ..lower import TAKE
from ..tape import AFFINE
from .arrays import Code
from .rows import Axis, called, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...table.op import Op
    from ..blocks import Block, Blocks
    from ..listing.names import Nodes
    from .arrays import Expressions, Shape


@dataclass(frozen=True)
class Lists:
    """The lists of a block, as arrays: their elements stand along an axis, and i is the number of an element.

    ``shape``  of what there is for each element
    """

    arrays: dict[str, Code]
    axis: Axis
    shape: Shape


class Forward(Formulas):
    """Writes blocks as the listing does, but so that Python runs it."""

    def __init__(self, blocks: Blocks, code: Expressions) -> None:
        super().__init__(blocks, code.names)
        self.code, self.library = code, code.library
        self.called: dict[str, Op] = {}  # rows that the library does not have

    def computed(self, block: Block) -> ast.expr:
        """The value of a block's variable, in the variable's shape; an array, also where it is of numbers only."""
        tree = self._computed(block)
        is_array = any(isinstance(node, ast.Name) for node in ast.walk(tree))
        return tree if is_array else self.code.constant(tree)

    def _computed(self, block: Block) -> ast.expr:
        shape = self.code.shape(self.names.of[block])
        reads = [self.names.nodes(operand) for operand in block.operands]
        if block.op is AFFINE:
            return self.neurons(*reads)
        if not any(block.op.lists):
            operands = self.code.operands(reads, shape)
            if not self.has(block.op, reads):
                return self.own(block.op, operands, [shape] * len(operands))
            return self.value(block.op, [code.tree for code in operands])
        if self._by_slots(block.op, reads) and block.op is OPS["sum"]:
            return total([self.code.shaped(slot, shape, every=True).tree for slot in reads[0]])
        if block.op is TAKE:
            result = self.taken(reads[0], reads[1], shape)
        elif block.op.per_element and self.library.has(block.op.name):
            result = self.of_elements(block.op, reads)
        else:
            result = self.of_lists(block.op, reads, shape)
        return self.code.fitted(result, shape).tree

    def value(self, op: Op, operands: Sequence[ast.expr], axis: Axis = Axis()) -> ast.expr:  # noqa: B008  frozen
        """A row on its operands, as the library has it."""
        if self.library.alias == "torch" and (not op.infix or op is MOD):  # 2.5 % b is not differentiated
            first, *others = operands
            if op.name in ("atan2", "hypot", "logaddexp", "maximum", "minimum"):
                others = list(map(self.tensor, others))
            operands = [self.tensor(first), *others]
        return value(self.library, op, dict(zip(op.inputs, operands, strict=True)), axis)

    def own(self, op: Op, operands: Sequence[Code], shapes: Sequence[Shape]) -> ast.expr:
        """A function of our own; that of JAX takes its operands in the shapes that they have gradients in."""
        self.called[op.name] = op
        if self.library.alias == "jnp":
            operands = [self.code.widened(code, shape) for code, shape in zip(operands, shapes, strict=True)]
        trees = [code.tree for code in operands]
        if self.library.alias == "torch":
            trees = list(map(self.tensor, trees))
        return called(self.library, op, trees)

    def tensor(self, tree: ast.expr) -> ast.expr:
        """PyTorch's functions take no plain numbers."""
        return self.code.constant(tree) if isinstance(tree, ast.Constant) else tree

    def has(self, op: Op, reads: Sequence[Nodes]) -> bool:
        """Whether the library has the row on such operands; a power of a fixed exponent all have."""
        return self.library.has(op.name) or (op is POW and bool(self.names.values(reads[1])))

    def neurons(self, w: Nodes, x: Nodes, b: Nodes) -> ast.expr:
        """``W1 @ A0 + b1``; of several places all at once, with the places along the first axis."""
        product = ast.BinOp(self.code.matrix(w).tree, ast.MatMult(), self.read(x).tree)
        if set(self.names.values(b)) == {0.0}:
            return product
        return ast.BinOp(product, ast.Add(), self.code.shaped(b, (b.size, 1)).tree)

    def read(self, x: Nodes) -> Code:
        """What neurons read at p places: (n, m), of more than one place (p, n, m)."""
        if len(x) == 1:
            return self.code.rows(x, every=True)
        shape: Shape = (*x.shape, "m")
        return self.code.named(x, shape) or self.code.fitted(self.code.rows(x, every=True), shape)

    # -- lists ---------------------------------------------------------------------------------------------------

    def lists(self, op: Op, reads: Sequence[Nodes], shape: Shape) -> Lists:
        """The lists as arrays; ``shape`` is that of the block's variable.

        One list of n is (n, m), or (n,) if all examples share it and its result is a number; of k lists, one in each
        row, (k, n, m); lists whose elements are variables of their own are these, one behind the other.
        """
        given = [(name, nodes) for name, nodes, is_list in zip(op.inputs, reads, op.lists, strict=True) if is_list]
        n, k = given[0][1].shape
        code = self.code
        if not shape:
            flat = {x: code.fitted(code.rows(nodes, every=True), (n,)) for x, nodes in given}
            return Lists(flat, Axis(0, stays=False), (n,))
        if k == 1:
            return Lists({x: code.rows(nodes, every=True) for x, nodes in given}, Axis(), (n, shape[-1]))
        if self._by_slots(op, reads) and self.library.has(op.name):
            slots = {x: [code.spread(slot, shape) for slot in nodes] for x, nodes in given}
            return Lists({x: code.stacked(some) for x, some in slots.items()}, Axis(0, stays=False), (n, *shape))
        arrays = {x: self.in_rows(nodes) for x, nodes in given}
        return Lists(arrays, Axis(1, stays=True), (k, n, shape[-1]))

    def in_rows(self, nodes: Nodes) -> Code:
        """Lists (k, n, m), or (1, n, m) if all are the same one."""
        lists = nodes.T if len(np.unique(nodes, axis=1).T) > 1 else nodes.T[:1]
        if named := self.code.named(lists, (*lists.shape, "m")):
            return named
        rows = self.code.rows(lists, every=True)
        return self.code.fitted(rows, (*lists.shape, rows.shape[-1]))

    def of_lists(self, op: Op, reads: Sequence[Nodes], shape: Shape) -> Code:
        """A row on lists, a number of each."""
        lists, code = self.lists(op, reads, shape), self.code
        if not shape and op.name in ("sum", "mean"):
            return Code(code.call(code.rows(reads[0], every=True).tree, op.name), shape)
        if not self.library.has(op.name):
            return self.own_of_lists(op, reads, lists, shape)
        operands = [
            lists.arrays[x].tree if is_list else code.shaped(nodes, shape).tree
            for x, nodes, is_list in zip(op.inputs, reads, op.lists, strict=True)
        ]
        return Code(self.value(op, operands, Axis(lists.axis.at, lists.axis.stays and lists.axis.at == 0)), shape)

    def own_of_lists(self, op: Op, reads: Sequence[Nodes], lists: Lists, shape: Shape) -> Code:
        """The same by a function of our own, of lists (n, k, m)."""
        code = self.code
        n, k = reads[0].shape
        each: Shape = (k, shape[-1] if shape else 1)
        operands = []
        for x, nodes, is_list in zip(op.inputs, reads, op.lists, strict=True):
            if not is_list:
                operands.append(code.spread(nodes, each))
                continue
            array = lists.arrays[x]
            if lists.axis.at == 1:
                a, b, last = array.shape
                swapped = code.call(array.tree, "swapaxes", ast.Constant(0), ast.Constant(1))
                operands.append(Code(swapped, (b, a, last)))
            else:
                operands.append(code.fitted(array, (n, 1, *(array.shape[1:] or (1,)))))
        shapes = [(n, *each) if is_list else each for is_list in op.lists]
        return Code(self.own(op, operands, shapes), each)

    def taken(self, x: Nodes, k: Nodes, shape: Shape) -> Code:
        """An element of each list."""
        code = self.code
        if values := self.names.values(k):
            return code.spread(x[np.array(values, np.intp), np.arange(k.size)], shape)
        lists = self.lists(TAKE, [x, k], shape)
        index = code.shaped(k, shape, every=True).tree
        if not shape:
            return Code(code.fill("a[0]", a=self.value(TAKE, [lists.arrays["values"].tree, self.as_list(index)])), ())
        if lists.axis.at == 0:
            return Code(self.value(TAKE, [lists.arrays["values"].tree, index]), shape)
        taken = self.value(TAKE, [lists.arrays["values"].tree, code.fill("a[:, None]", a=index)], Axis(1))
        return Code(code.fill("a[:, 0]", a=taken), (k.size, "m"))

    def as_list(self, number: ast.expr) -> ast.expr:
        return self.code.call(number, "reshape", ast.Constant(1))

    def of_elements(self, op: Op, reads: Sequence[Nodes]) -> Code:
        """softmax(…), whose results are all elements of its lists, or some."""
        x, k = reads
        lists = distinct_lists(op, x)
        arrays = self.code.rows(lists, every=True)
        if len(lists) > 1:
            shape = (*lists.shape, arrays.shape[-1])
            arrays = self.code.named(lists, shape) or self.code.fitted(arrays, shape)
        axis = Axis(len(arrays.shape) - 2)
        every = Code(self.value(op, [arrays.tree, ast.Constant(0)], axis), arrays.shape)
        if not self._element(op, reads):
            return every
        flat = self.code.fitted(every, (lists.size, arrays.shape[-1]))
        which = {tuple(some): at for at, some in enumerate(lists.tolist())}
        start = np.array([which[tuple(some)] for some in x.T.tolist()], np.intp) * len(x)
        if values := self.names.values(k):
            return self.code.chosen(flat, start + np.array(values, np.intp))
        index = self.code.rows(k, every=True)
        offset = self.code.array([ast.List([ast.Constant(int(i))], ast.Load()) for i in start])
        at = ast.BinOp(index.tree, ast.Add(), offset) if len(lists) > 1 else index.tree
        return Code(self.value(TAKE, [flat.tree, at]), (k.size, index.shape[-1]))
