"""What a block computes, and what it hands back, as formulas over the names of its operands."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...formulas.algebra import negated, product, simple, total
from ...formulas.notes import Notes
from ...formulas.rows import Whole, constants, parsed
from ...formulas.symbols import COMPARISONS, LOOSE, SUM
from ...formulas.text import Text, operation, write
from ...table.ops import MUL, OPS
from ..tape import AFFINE
from .names import FEW, indexed, period, shape_text, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...formulas.text import Piece
    from ...table.op import Op
    from ..blocks import Block, Blocks
    from .names import Names, Nodes

    Flow = tuple[Nodes, ast.expr]  # what arrives at some nodes

MEAN = ast.Name("1/m", ast.Load())
PLACE = ast.Name("place", ast.Load())  # in a list, from 0


@dataclass(frozen=True)
class Line:
    """A line of a listing, and what it says about shapes."""

    text: str
    note: str = ""


class Formulas:
    """Writes blocks in the names of their nodes.

    A partial derivative is the row's own text in these names: 1 − A1². Where it chooses, it is relu'(Z1), or of several
    inputs where(…); where each element of a list has a part in it, it is the matrix softmax'(Z2), for each list.
    """

    def __init__(self, blocks: Blocks, names: Names) -> None:
        self.names = names
        self.learning = np.frombuffer(blocks.learning, np.uint8).astype(bool)
        self.form = _Matrices(names.scalars)

    def write(self, tree: ast.expr) -> str:
        return write(tree, self.form)

    # -- forward -----------------------------------------------------------------------------------------

    def line(self, block: Block) -> Line:
        """``Z1 = W1 @ A0 + b1``, and ``W1 (16, 2)  A0 (2, m)  b1 (16, 1)``."""
        names, op, variable = self.names, block.op, self.names.of[block]
        reads = [names.nodes(operand) for operand in block.operands]
        if op is AFFINE:
            text, note = self._neurons(*reads)
            return Line(f"{variable.name()} = {text}", note)
        notes = {variable.shape_text(): None}
        for nodes, is_list in zip(reads, op.lists, strict=True):
            if is_list and nodes.shape[1] > 1 and not self._by_slots(op, reads):
                lists = distinct_lists(op, nodes)
                if len(lists) > 1:
                    shape = shape_text(lists.shape, names.varying(lists))
                    notes[f"{names.text(lists, length=len(nodes))} {shape}"] = None
        return Line(f"{variable.name()} = {self.write(self._value(op, reads))}", "  ".join(notes))

    def _neurons(self, w: Nodes, x: Nodes, b: Nodes) -> tuple[str, str]:
        p, n = x.shape
        W, A = self._matrix(w), self.names.text(x, length=n)
        text = f"{W} @ {A}"
        note = f"{W} {shape_text(w.shape, False)}  {A} {shape_text(x.shape if p > 1 else (n,), True)}"
        if set(self.names.values(b)) != {0.0}:
            bias = self.names.text(b)
            text = f"{text} + {bias}"
            if self.names.owner[b[0]] >= 0:
                note += f"  {bias} {shape_text((b.size, 1), False)}"
        return (f"{text} at {p} places" if p > 1 else text), note

    def _matrix(self, w: Nodes) -> str:
        """Weights; those of a matrix that another block has named may be its transpose."""
        transposed = min(w.shape) > 1 and self.names.whole(w.T.ravel())
        return f"{transposed.name()}.T" if transposed else self.names.text(w, length=w.size)

    def _value(self, op: Op, reads: Sequence[Nodes]) -> ast.expr:
        """The operation on its operands."""
        names = self.names
        trees: list[Any] = []
        for nodes, is_list in zip(reads, op.lists, strict=True):
            if not is_list:
                trees.append(names.tree(nodes))
            elif self._by_slots(op, reads):
                trees.append(ast.List([names.tree(slot) for slot in nodes], ast.Load()))
            else:
                trees.append(names.tree(distinct_lists(op, nodes), length=len(nodes)))
        if not any(op.lists):
            return operation(op, trees)
        if op is OPS["sum"] and isinstance(trees[0], ast.List):
            return total(trees[0].elts)
        if not op.per_element:
            return ast.Call(ast.Name(op.name, ast.Load()), trees, [])
        call = ast.Call(ast.Name(op.name, ast.Load()), trees[:-1], [])
        element = self._element(op, reads)
        return ast.Subscript(call, ast.Name(element, ast.Load()), ast.Load()) if element else call

    def _element(self, op: Op, reads: Sequence[Nodes]) -> str:
        """Which elements of softmax(…) a block has; "" if it has all, in order."""
        x, k = reads[0], reads[-1]
        lists, values = distinct_lists(op, x), self.names.values(k)
        if np.array_equal(np.repeat(lists, len(x), 0), x.T) and values == [*range(len(x))] * len(lists):
            return ""
        return ", ".join("…" if v is None else f"{v:g}" for v in shown(values)) or self.names.text(k)

    def _by_slots(self, op: Op, reads: Sequence[Nodes]) -> bool:
        """Whether lists are best written element by element: ``Z1 + A1``, each a variable of its own."""
        for nodes, is_list in zip(reads, op.lists, strict=True):
            if is_list:
                owners = self.names.owner[nodes]
                alike = 1 < len(owners) <= FEW and (owners == owners[:, :1]).all() and (owners >= 0).all()
                if op.per_element or not alike or len(set(owners[:, 0].tolist())) < len(owners):
                    return False
        return True

    # -- backward ----------------------------------------------------------------------------------------

    def flows(self, block: Block) -> Iterator[Flow]:
        """What arrives from a block at the nodes that it reads and that learn, variable by variable."""
        op = block.op
        reads = [self.names.nodes(operand) for operand in block.operands]
        if op is AFFINE:
            yield from self._from_neurons(block, *reads)
            return
        for at, (nodes, is_list, partial) in enumerate(zip(reads, op.lists, op.partials, strict=True)):
            if partial == "0" or not self.learning[nodes].any():
                continue
            if is_list and op.per_element:
                yield from self._from_elements(block, reads)
            elif is_list and not self._by_slots(op, reads):
                yield from self._from_lists(block, reads, at)
            else:
                for slot in range(len(nodes)) if is_list else [0]:
                    yield from self._entry_by_entry(block, reads, at, slot)

    def _entry_by_entry(self, block: Block, reads: Sequence[Nodes], at: int, slot: int) -> Iterator[Flow]:
        """To an input, or to one element of a list."""
        op, names = block.op, self.names
        entries = [nodes[slot] if is_list else nodes for nodes, is_list in zip(reads, op.lists, strict=True)]
        wholes = self._wholes(op, reads)
        for some in self._split(entries[at]):
            trees = [names.tree(nodes[some]) for nodes in (*entries, block.nodes)]
            local = self._local(op, at, [*trees, ast.Constant(slot)], wholes, len(reads[at]))
            flow = self._times(names.tree(block.nodes[some], "d"), local)
            if not isinstance(flow, ast.Constant):
                yield self._summed(entries[at][some], flow, block.varying)

    def _from_lists(self, block: Block, reads: Sequence[Nodes], at: int) -> Iterator[Flow]:
        """To the elements of lists, all at once."""
        op, names = block.op, self.names
        n = len(reads[at])
        flat = [nodes.T.ravel() for nodes in reads]
        wholes = self._wholes(op, reads)
        for some in self._split(flat[at]):
            if isinstance(some, slice):  # each node's numbers count for its whole list
                of, length = some, n
                place: ast.expr = PLACE
                trees = [names.tree(nodes, length=len(nodes) // block.size) for nodes in flat]
            else:
                of, length, place = some // n, some.size, _numbers(some % n)
                trees = [
                    names.tree(nodes[some if is_list else of]) for nodes, is_list in zip(flat, op.lists, strict=True)
                ]
            local = self._local(op, at, [*trees, names.tree(block.nodes[of]), place], wholes, n)
            flow = self._times(names.tree(block.nodes[of], "d"), local)
            if not isinstance(flow, ast.Constant):
                yield self._summed(flat[at][some], flow, block.varying, length)

    def _from_elements(self, block: Block, reads: Sequence[Nodes]) -> Iterator[Flow]:
        """From elements of softmax(…) to its lists: the transposed matrix of its derivatives times what arrived."""
        op, names = block.op, self.names
        lists, element = distinct_lists(op, reads[0]), self._element(op, reads)
        flat, n = lists.ravel(), lists.shape[1]
        matrix = f"{op.name}'({names.text(flat, length=n)})" + (f"[{element}]" if element else "")
        text = f"{matrix}.T @ {names.text(block.nodes, 'd')}"
        for some in self._split(flat):
            whole = isinstance(some, slice)
            shape = lists.shape if len(lists) > 1 else (n,)
            flow = ast.Name(text if whole else f"({text}){indexed(some, shape)}", ast.Load())
            yield self._summed(flat[some], flow, block.varying, n if whole else some.size)

    def _from_neurons(self, block: Block, w: Nodes, x: Nodes, b: Nodes) -> Iterator[Flow]:
        """dW = 1/m · dZ·Aᵀ, db = 1/m · row sums of dZ, dA = Wᵀ·dZ; of several places the sums over them."""
        names, z = self.names, block.nodes
        p = len(x)
        mean = "1/m · " + (f"sum over {p} places of " if p > 1 else "")
        for some in self._split(w.ravel()):
            rows, columns, rest = _submatrix(some, w.shape)
            dZ, A = names.text(z[:, rows], "d"), names.text(x[:, columns], length=x[0, columns].size)
            if isinstance(some, slice) and self._matrix(w).endswith(".T"):
                yield w.T.ravel(), ast.Name(f"{mean}{A} @ {dZ}.T", ast.Load())
            elif rest:
                yield w.ravel()[some], ast.Name(f"{mean}({dZ} @ {A}.T){rest}", ast.Load())
            else:
                yield w.ravel()[some], ast.Name(f"{mean}{dZ} @ {A}.T", ast.Load())
        for some in self._split(b):
            yield self._summed(np.tile(b[some], p), names.tree(z[:, some], "d"), True, period(b[some])[0].size)
        for some in self._split(x.ravel()):
            places, columns, rest = _submatrix(some, x.shape)
            flow = f"{self._transposed(w, columns)} {names.text(z[places], 'd')}"
            yield x.ravel()[some], ast.Name(f"({flow}){rest}" if rest else flow, ast.Load())

    def _transposed(self, w: Nodes, columns: Any) -> str:
        """``W1.T @``, of some columns of the weights; ``v1 ·`` where this is but a number."""
        W = self._matrix(w)
        if not isinstance(columns, slice):
            if len(w) == 1 and not self.names.whole(w[0]):
                W = self._matrix(w[:, columns])
                if columns.size == 1:
                    return f"{W} ·"
            else:
                W = f"{W}[:, {indexed(columns, w.shape[1:])[1:-1]}]"
        return f"{W.removesuffix('.T')} @" if W.endswith(".T") else f"{W}.T @"

    def _split(self, nodes: Nodes) -> Iterator[Any]:
        """Indices of the nodes that learn, by their variables; of all, if they are one variable's, as a slice."""
        owners = self.names.owner[nodes]
        order = np.argsort(owners, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(owners[order])) + 1)
        for some in sorted(parts, key=lambda part: int(part[0])):
            if self.learning[nodes[some]].any():
                yield slice(None) if some.size == nodes.size else some

    def _summed(self, nodes: Nodes, flow: ast.expr, varying: bool, length: int = 1) -> Flow:
        """What flows to nodes; summed over examples, if these share them, and over the places where one comes again."""
        base, times_used = period(nodes, length)
        to_shared = varying and not self.names.varying(base)
        over = f" over {times_used} places" if times_used > 1 else ""
        if to_shared:
            words = "sum of" if self.names.is_number(base) else f"row sums{over} of"
        elif times_used == 1:
            return base, flow
        elif base.size > 1:
            words = f"sum{over} of"
        else:
            words = "column sums of" if varying else "sum of"
        minus = isinstance(flow, ast.UnaryOp)
        inner = flow.operand if isinstance(flow, ast.UnaryOp) else flow
        text = self.write(inner)
        flow = ast.Name(f"{words} {text}" if isinstance(inner, ast.Name) else f"{words} ({text})", ast.Load())
        if to_shared:
            flow = ast.BinOp(MEAN, ast.Mult(), flow)
        return base, negated(flow) if minus else flow

    # -- partial derivatives -----------------------------------------------------------------------------

    def _wholes(self, op: Op, reads: Sequence[Nodes]) -> dict[str, ast.expr]:
        """The lists, for a sum over all their elements."""
        lists = zip(op.inputs, reads, op.lists, strict=True)
        return {name: self.names.tree(nodes.T, length=len(nodes)) for name, nodes, is_list in lists if is_list}

    def _local(self, op: Op, at: int, trees: Sequence[ast.expr], wholes: Mapping[str, ast.expr], n: int) -> ast.expr:
        """A partial derivative: the row's, with ``trees`` for its inputs, y, and i."""
        partial = parsed(op.partials[at])
        if len(op.inputs) == 1 and not wholes and any(isinstance(part, ast.IfExp) for part in ast.walk(partial)):
            return ast.Call(ast.Name(f"{op.name}'", ast.Load()), list(trees[:1]), [])
        elements = dict(zip((*op.inputs, "y", "i"), trees, strict=True))
        return _Filled(elements, wholes, n).rewritten(partial)

    def _times(self, g: ast.expr, local: ast.expr) -> ast.expr:
        """What arrived times a partial derivative: numbers in front, a choice between 1 and 0 around it."""
        match local:
            case ast.IfExp(test, ast.Constant(1), ast.Constant(0)):
                return ast.IfExp(test, g, ast.Constant(0))
            case ast.IfExp(test, ast.Constant(0), ast.Constant(1)):
                return ast.IfExp(test, ast.Constant(0), g)
            case ast.UnaryOp(ast.USub(), positive):
                return negated(self._times(g, positive))
        factors, left = [], [local]
        while left:
            factor = left.pop()
            if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Mult):
                left += [factor.right, factor.left]
            else:
                factors.append(factor)
        kinds = [2 * isinstance(factor, ast.Constant) + self.form.is_number(factor) for factor in (g, *factors)]
        order = sorted(range(len(kinds)), key=lambda k: -kinds[k])
        return product([(g, *factors)[k] for k in order])


def distinct_lists(op: Op, nodes: Nodes) -> Nodes:
    """The lists (some, n) that (n, k) nodes are; of softmax, which has a node for each element, each list once."""
    if op.per_element:
        return np.array(list(dict.fromkeys(map(tuple, nodes.T.tolist()))), np.intp)
    return period(nodes.T.ravel(), len(nodes))[0].reshape(-1, len(nodes))


def _submatrix(some: Any, shape: tuple[int, ...]) -> tuple[Any, Any, str]:
    """The rows and columns of some entries of a matrix; if these are no such product, all, and the entries as text."""
    everything = slice(None)
    if isinstance(some, slice):
        return everything, everything, ""
    rows, columns = np.unique(some // shape[1]), np.unique(some % shape[1])
    if rows.size * columns.size > some.size:
        return everything, everything, indexed(some, shape)
    return rows, columns if columns.size < shape[1] else everything, ""


def _numbers(values: Nodes) -> ast.expr:
    """Places in a list, to stand in a formula."""
    if (values == values[0]).all():
        return ast.Constant(int(values[0]))
    texts = ["…" if k is None else str(k) for k in shown(values.tolist())]
    return ast.Name(f"[{', '.join(texts)}]", ast.Load())


class _Filled(Whole):
    """A row's formula for a block: ``elements`` stand for its inputs, also for x[i], and ``wholes`` for the lists."""

    place = ast.Name("place", ast.Load())

    def __init__(self, elements: Mapping[str, ast.expr], wholes: Mapping[str, ast.expr], n: int) -> None:
        super().__init__(elements, constants(elements))
        self.wholes, self.n = wholes, n

    def element(self, x: str) -> ast.expr:
        return self.wholes.get(x) or self.rewritten(ast.Name(x, ast.Load()))

    def length(self, x: str) -> ast.expr:  # noqa: ARG002
        return ast.Constant(self.n)

    def tidy(self, tree: ast.expr) -> ast.expr:
        return simple(tree)


class _Matrices(Notes):
    """As the notes write, but ⊙ between matrices, and functions by the names that they are called by."""

    def __init__(self, scalars: set[str]) -> None:
        self.scalars = scalars

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        match tree:
            case ast.IfExp(test, body, orelse):
                return self.call("where", [test, body, orelse])
            case ast.Compare(left, [comparison], [right]):
                return LOOSE, [(left, SUM, True), f" {COMPARISONS[type(comparison)]} ", (right, SUM, True)]
            case ast.BoolOp(junction, values):
                return LOOSE, self.listed("", values, "", " and " if isinstance(junction, ast.And) else " or ")
        return super().pieces(tree)

    def operation(self, op: Op, operands: list[ast.expr]) -> tuple[int, list[Piece]]:
        precedence, pieces = super().operation(op, operands)
        if op is MUL:
            pieces[1] = " · " if any(map(self.is_number, operands)) else " ⊙ "
        return precedence, pieces

    def is_number(self, tree: ast.AST) -> bool:
        """Whether it is one number, for all rows and examples."""
        if isinstance(tree, ast.Name):
            return tree is MEAN or tree.id in self.scalars
        if isinstance(tree, ast.Call):
            return all(map(self.is_number, tree.args))
        return isinstance(tree, ast.Constant) or all(map(self.is_number, ast.iter_child_nodes(tree)))

    def call(self, name: str, arguments: list[ast.expr]) -> tuple[int, list[Piece]]:
        return Text.call(self, name, arguments)
