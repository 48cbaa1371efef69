"""The gradients of a program, line by line, in NumPy: as the listing has them, so that Python runs it."""

from __future__ import annotations

import ast

import numpy as np

from ...formulas.algebra import product, total
from ...table.language import needed, variable
from ..listing.formulas import distinct_lists
from ..listing.listing import Backward
from .arrays import Code, Line, identifier
from .forward import Forward
from .rows import Axis, flow, placed, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from ...table.op import Op
    from ..blocks import Block, Blocks
    from ..listing.formulas import Flow
    from ..listing.names import Nodes, Variable
    from .arrays import Expressions, Shape

M = variable("m")
OVER_SLOTS = Axis(0, stays=False)


class Flows(Forward):
    """What arrives from a block at the nodes that it reads, variable by variable; ``Formulas.flows`` calls its methods.

    ``before``  what is computed once for several variables, by the variable that it comes from
    """

    def __init__(self, blocks: Blocks, code: Expressions) -> None:
        super().__init__(blocks, code)
        self.before: dict[Variable, list[Line]] = {}

    def _entry_by_entry(self, block: Block, reads: Sequence[Nodes], at: int, slot: int) -> Iterator[Flow]:
        op, code = block.op, self.code
        entries = [nodes[slot] if is_list else nodes for nodes, is_list in zip(reads, op.lists, strict=True)]
        for some in self._split(entries[at]):
            shape = code.shape(self.names.of[block])
            if not isinstance(some, slice):
                shape = (some.size, shape[-1])
            places = {x: code.shaped(nodes[some], shape).tree for x, nodes in zip(op.inputs, entries, strict=True)}
            places |= self._arrived(block.nodes[some], shape)
            places |= {"n": ast.Constant(len(reads[at])), "i": ast.Constant(slot)}
            tree = self._flow(op, op.inputs[at], places)
            if op.lists[at] and _reduces(tree):
                for x, nodes, is_list in zip(op.inputs, reads, op.lists, strict=True):
                    if is_list:
                        places[x] = code.stacked([code.spread(row[some], shape) for row in nodes]).tree
                places["i"] = self._places(len(reads[at]), len(shape) + 1)
                tree = self._flow(op, op.inputs[at], places)
                if _is_elements(op, op.inputs[at]):
                    tree = ast.Subscript(tree, ast.Constant(slot), ast.Load())
            if not isinstance(tree, ast.Constant):
                yield self._collected(entries[at][some], Code(tree, shape), block.varying)

    def _from_lists(self, block: Block, reads: Sequence[Nodes], at: int) -> Iterator[Flow]:
        op, code = block.op, self.code
        shape = code.shape(self.names.of[block])
        lists = self.lists(op, reads, shape)
        n, k = reads[at].shape
        flat: Shape = (k, shape[-1]) if shape else ()
        places = {x: array.tree for x, array in lists.arrays.items()}
        for x, nodes, is_list in zip(op.inputs, reads, op.lists, strict=True):
            if not is_list:
                places[x] = code.shaped(nodes, flat, every=True).tree
        places |= self._arrived(block.nodes, flat)
        if lists.axis.at == 1:
            for x in (*(x for x in op.inputs if x not in lists.arrays), "y", "g"):
                places[x] = code.fill("a[:, None]", a=places[x])
        places |= {"n": ast.Constant(n), "i": self._places(n, min(2, len(lists.shape)))}
        tree = self._flow(op, op.inputs[at], places, lists.axis)
        if isinstance(tree, ast.Constant):
            return
        if not _is_elements(op, op.inputs[at]):
            tree = code.widened(Code(tree, ()), lists.shape).tree
        yield from self._distributed(block, reads[at].T.ravel(), Code(tree, lists.shape))

    def _from_elements(self, block: Block, reads: Sequence[Nodes]) -> Iterator[Flow]:
        op, code = block.op, self.code
        if op.name not in self.library.pullback or self._element(op, reads):
            yield from self._from_lists(block, reads, 0)
            return
        lists = distinct_lists(op, reads[0])
        last = code.shape(self.names.of[block])[-1]
        shape: Shape = (*lists.shape, last) if len(lists) > 1 else (lists.size, last)
        places = {x: code.fitted(code.rows(block.nodes, d, every=True), shape).tree for x, d in (("y", ""), ("g", "d"))}
        tree = placed(self.library, self.library.pullback[op.name], places, Axis(len(shape) - 2))
        yield from self._distributed(block, lists.ravel(), Code(tree, shape))

    def _from_neurons(self, block: Block, w: Nodes, x: Nodes, b: Nodes) -> Iterator[Flow]:
        code, places = self.code, len(x)
        dZ = code.whole(self.names.of[block], "d").tree
        mean = {"a": dZ, "m": M}
        if self.learning[w].any():
            product = "a @ b.T / m" if places == 1 else "(a @ b.swapaxes(1, 2)).sum(axis=0) / m"
            to_w = Code(code.fill(product, b=self.read(x).tree, **mean), w.shape)
            if places == 1 and min(w.shape) > 1 and code.named(w.T, w.T.shape):
                yield w.T.ravel(), code.fill("b @ a.T / m", b=self.read(x).tree, **mean)
            else:
                yield from self._distributed(block, w.ravel(), to_w, summed=True)
        if self.learning[b].any():
            rows = "a.sum(axis=1, keepdims=True) / m" if places == 1 else "a.sum(axis=(0, 2))[:, None] / m"
            yield from self._distributed(block, b, Code(code.fill(rows, **mean), (b.size, 1)), summed=True)
        if self.learning[x].any():
            W = code.matrix(w)
            for some in self._split(x.ravel()) if places == 1 else ():
                columns = Code(code.fill("a.T", a=W.tree), W.shape[::-1])
                if not isinstance(some, slice):
                    columns = code.chosen(columns, some)
                to_x = Code(ast.BinOp(columns.tree, ast.MatMult(), dZ), (columns.shape[0], "m"))
                yield self._collected(x[0, some], to_x, varying=True)
            if places > 1:
                to_x = Code(code.fill("a.T @ b", a=W.tree, b=dZ), (*x.shape, "m"))
                yield from self._distributed(block, x.ravel(), to_x)

    def _distributed(self, block: Block, nodes: Nodes, code: Code, summed: bool = False) -> Iterator[Flow]:
        """To nodes of several variables what an array has for each; ``summed`` over the examples already."""
        varying = block.varying and not summed
        parts = list(self._split(nodes))
        if len(parts) == 1 and isinstance(parts[0], slice):
            yield self._collected(nodes, code, varying)
            return
        name = identifier("flow", self.code.used)
        self.before.setdefault(self.names.of[block], []).append(Line(name, code.tree))
        rows = self.code.fitted(
            Code(variable(name), code.shape), (nodes.size, *code.shape[-1:]) if varying else (nodes.size, 1)
        )
        for some in parts:
            yield self._collected(nodes[some], self.code.chosen(rows, some), varying)

    def _collected(self, nodes: Nodes, flow: Code, varying: bool) -> Flow:
        """What flows to nodes, summed over the examples that share them, and over the places where one comes again."""
        code = self.code
        to = self.names.variables[self.names.owner[nodes[0]]]
        shared = varying and not self.names.varying(nodes[:1])
        again = nodes.size > 1 and bool((nodes == nodes[0]).all())
        tree, shape = flow.tree, flow.shape
        nodes = nodes[:1] if again else nodes
        if not code.shape(to):  # a number
            tree = code.call(tree, "sum") if shape else tree
            return nodes, code.fill("a / m", a=tree, m=M) if shared else tree
        if again:
            axes = {1: "a.sum()", 2: "a.sum(axis=0, keepdims=True)", 3: "a.sum(axis=(0, 1))[None]"}[len(shape)]
            tree, shape = code.fill(axes, a=tree), shape[:0] if len(shape) == 1 else (1, shape[-1])
        if shared:
            axis = ast.Constant(len(shape) - 1)
            tree = code.fill("a.sum(axis=k, keepdims=True) / m", a=tree, k=axis, m=M)
            shape = (*shape[:-1], 1)
        same = np.array_equal(nodes, to.nodes)
        wanted = code.shape(to) if same else (nodes.size, "m" if to.varying else 1)
        return nodes, code.fitted(Code(tree, shape), wanted).tree

    def _arrived(self, nodes: Nodes, shape: Shape) -> dict[str, ast.expr]:
        """The results of a block, and what arrived there."""
        return {"y": self.code.shaped(nodes, shape).tree, "g": self.code.shaped(nodes, shape, "d").tree}

    def _flow(self, op: Op, wrt: str, places: Mapping[str, ast.expr], axis: Axis = OVER_SLOTS) -> ast.expr:
        if not self.library.has(op.name):
            self.called[op.name] = op
        return flow(self.library, op, wrt, places, axis)

    def _places(self, n: int, dimensions: int) -> ast.expr:
        """0, 1, …, n − 1 along the first of some dimensions, or along the last but one of lists in rows."""
        count = self.code.fill("xp.arange(n)", n=ast.Constant(n))
        if dimensions == 1:
            return count
        return self.code.call(count, "reshape", ast.Constant(n), *[ast.Constant(1)] * (dimensions - 1))


def _reduces(tree: ast.expr) -> bool:
    """Whether something is summed, or the like, over an axis."""
    return any(isinstance(node, ast.keyword) and node.arg == "axis" for node in ast.walk(tree))


def _is_elements(op: Op, wrt: str) -> bool:
    """Whether the partials with respect to the elements of a list depend on the element."""
    *_, (_, partials) = needed(op.lines(), f"d{wrt}", given="y")
    if not isinstance(partials, ast.ListComp):
        return True
    (loop,) = partials.generators
    running = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    return any(isinstance(node, ast.Name) and node.id in running for node in ast.walk(partials.elt))


def _sum(terms: Sequence[ast.expr]) -> ast.expr:
    """The sum, with equal terms counted, as in the listing."""
    alike: dict[str, list[ast.expr]] = {}
    for term in terms:
        alike.setdefault(written(term), []).append(term)
    return total(product([ast.Constant(float(len(same))), same[0]]) for same in alike.values())


class Gradients(Backward):
    """The statements that compute the gradients, in order."""

    formulas: Flows

    def statements(self, read: Container[str]) -> Iterator[Line]:
        """A line for each gradient of what is read; where parts of it arrive by themselves, lines that add them."""
        code = self.formulas.code
        for to in self.order:
            if code.identifiers[to] not in read:
                continue
            parts = self.flows.get(to, {}).copy()
            _, whole = parts.pop(to.nodes.tobytes(), (None, []))
            value = code.whole(to).tree
            if whole and isinstance(whole[0], ast.Constant):  # of the result itself
                whole = [code.fill("np.ones_like(a)", a=value), *whole[1:]]
            if parts or not whole:
                yield code.line(to, code.fill("np.zeros(a.shape)", a=value), "d")
                if whole:
                    yield Line(written(code.whole(to, "d").tree), _sum(whole), adds=True)
            else:
                yield code.line(to, _sum(whole), "d")
            for nodes, terms in parts.values():
                yield self._added(nodes, _sum(terms), code.flat(to, "d"))
            yield from self.formulas.before.get(to, [])

    def _added(self, nodes: Nodes, tree: ast.expr, rows: Code) -> Line:
        """What arrives at some of the rows; several times at one, perhaps."""
        code, at = self.formulas.code, self.names.index[nodes]
        if np.unique(at).size == at.size:
            return Line(written(code.chosen(rows, at).tree), tree, adds=True)
        places = ast.List([ast.Constant(k) for k in at.tolist()], ast.Load())
        return Line("", code.fill("np.add.at(a, i, b)", a=rows.tree, i=places, b=tree))
