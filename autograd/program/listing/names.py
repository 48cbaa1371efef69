"""What the nodes of a program are called: vectors and matrices of them, as docs/lectures.md names these.

Labels decide where they say it: nodes z[1]_1, z[1]_2, … are Z1, weights w[1]_2,3 are W1; a node alone keeps its label,
and a few with labels of their own are [u, t]. Else the l-th neurons are Z = W·A + b with l behind each letter, other
blocks v1, v2, …, other leaves θ1, θ2, …. No two have the same name, nor one that is d and the name of another.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import count, groupby

import numpy as np

from ...formulas.digits import short
from ...formulas.naming import printable
from ...formulas.notes import bracketed
from ...number import shortened
from ..tape import AFFINE, SPREAD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from ..blocks import Block, Blocks, Operand
    from ..types import Places

    Nodes = Places
    T = TypeVar("T")

FEW = 4  # that are shown one by one

_NUMBERED = re.compile(r"(?P<stem>.+?)(?:_?\d+(?:,\d+)*|(?:\[\d+\])+)")
_LAYERED = re.compile(r"(?P<letters>[^\W\d_]+)\[(?P<layer>\w+)\]")
_UNIT = re.compile(r".+\[\w+\]_[\d,]+")


@dataclass(eq=False)
class Variable:
    """Nodes with one name, or a few with a name each; ``shape`` is without the m examples, if it is ``varying``."""

    names: tuple[str, ...]
    nodes: Nodes
    shape: tuple[int, ...]
    varying: bool
    other_name: str = ""  # x, of what the first layer reads as A0

    def name(self, d: str = "") -> str:
        """The name; behind a ``d`` that of its gradient."""
        return bracket([d + name for name in self.names])

    def shape_text(self) -> str:
        return shape_text(self.shape, self.varying)


def shape_text(shape: Sequence[int], varying: bool) -> str:
    """``(2, m)``, ``(16, 2)``, ``(16,)``, ``number``."""
    if varying:
        return f"({', '.join([*map(str, shape), 'm'])})"
    return str(tuple(shape)) if shape else "number"


class Names:
    """The names of the nodes of some blocks.

    ``variables``  every node but the constants belongs to one
    ``of``         the variable of a block
    ``owner``, ``index``  for each node, which variable it belongs to (a constant to none: −1), and its place in it
    ``scalars``    the texts so far that stand for one number, which all examples share
    """

    def __init__(self, blocks: Blocks) -> None:
        tape = self.tape = blocks.tape
        self.variables: list[Variable] = []
        self.of: dict[Block, Variable] = {}
        self.owner = np.full(len(tape), -1)
        self.index = np.zeros(len(tape), np.intp)
        self.scalars = {"pi"}
        self.used = {"place", "pi"}
        self.counters: defaultdict[str, count[int]] = defaultdict(lambda: count(1))
        self.labels = {i: bracketed(shortened(printable(label))) for i, label in tape.labels.items()}
        self.labelled = Counter(self.labels.values())
        self.layers: dict[Variable, str] = {}
        self.free = np.zeros(len(tape), bool)  # leaves that belong to no variable yet
        self.free[[i for i in tape.leaves if not blocks.is_varying[i]]] = True
        self.node_at = {True: np.zeros(blocks.n_rows, np.intp), False: np.zeros(blocks.n_shared, np.intp)}
        for i, (place, varying) in enumerate(zip(blocks.at, blocks.is_varying, strict=True)):
            self.node_at[bool(varying)][place] = i
        self._name_inputs()
        neurons = [block for block in blocks.varying if block.op is AFFINE]  # first: they know a matrix from a list
        layers = [self._name_neurons(block) for block in neurons]
        for block, layer in sorted(zip(neurons, layers, strict=True), key=lambda pair: -pair[0].operands[0].at.size):
            self._name_weights(block, layer)
        for block in (*blocks.shared, *blocks.varying):
            self._name_block(block)
        self._name_leaves(np.array(tape.parameters, np.intp))

    def nodes(self, operand: Operand) -> Nodes:
        """The nodes of an operand, in its shape; a number that was spread stands for itself again."""
        return self.node_at[operand.varying][operand.at]

    def whole(self, nodes: Nodes) -> Variable | None:
        """The variable that these nodes are, in this order, if there is one."""
        owner = self.owner[nodes[0]]
        return self.variables[owner] if owner >= 0 and np.array_equal(nodes, self.variables[owner].nodes) else None

    def varying(self, nodes: Nodes) -> bool:
        """Whether one of the nodes has a number for each example."""
        return any(self.variables[k].varying for k in np.unique(self.owner[nodes]).tolist() if k >= 0)

    def is_number(self, nodes: Nodes) -> bool:
        """Whether they are one number that all examples share, and no matrix of one."""
        return nodes.size == 1 and not self.varying(nodes) and not self.variables[self.owner[nodes[0]]].shape

    # -- texts -------------------------------------------------------------------------------------------

    def tree(self, nodes: Nodes, d: str = "", length: int = 1) -> ast.expr:
        """As ``text``, to stand in a formula: a number, or a name."""
        values = self.values(nodes)
        if len(set(values)) == 1:
            return ast.Constant(values[0])
        return ast.Name(self.text(nodes, d, length), ast.Load())

    def values(self, nodes: Nodes) -> list[float]:
        """The numbers, if all are constants; else none."""
        if (self.owner[nodes] >= 0).any():
            return []
        return [self.tape.constants[i] for i in nodes.ravel().tolist()]

    def text(self, nodes: Nodes, d: str = "", length: int = 1) -> str:
        """Some nodes: ``A1``, ``A1[0, 2, 5]``, ``[A1, v3[2], 0.5]``, cut if it is long; with a ``d`` their gradient.

        One node, or some lists of ``length`` nodes, that come again and again are written once.
        """
        flat, _ = period(nodes.ravel(), length)
        if flat.size == 1:
            return self._one(int(flat[0]), d)
        cuts = (np.flatnonzero(np.diff(self.owner[flat])) + 1).tolist()
        runs = list(zip([0, *cuts], [*cuts, flat.size], strict=True))
        return bracket([text for run in shown(runs) for text in (self._run(flat[slice(*run)], d) if run else ["…"])])

    def _one(self, node: int, d: str) -> str:
        """A single node."""
        if self.owner[node] < 0:
            return short(self.tape.constants[node])
        variable = self.variables[self.owner[node]]
        at = int(self.index[node])
        label = self.labels.get(node, "")
        text: str
        if len(variable.names) > 1:
            text = d + variable.names[at]
        elif variable.nodes.size == 1:
            text = variable.name(d)
        elif self.labelled[label] == 1 and not self.taken(label, own=True):
            text = d + label
        else:
            text = variable.name(d) + indexed(np.array([at]), variable.shape)
        if not variable.varying:
            self.scalars.add(text)
        return text

    def _run(self, nodes: Nodes, d: str) -> list[str]:
        """Nodes of one variable, or constants: the texts for a list."""
        if self.owner[nodes[0]] < 0:
            return [short(self.tape.constants[i]) if i is not None else "…" for i in shown(nodes.tolist())]
        variable = self.variables[self.owner[nodes[0]]]
        at = self.index[nodes]
        if np.array_equal(at, np.arange(variable.nodes.size)):
            return [variable.name(d)]
        if at.size == 1 or variable.nodes.size == 1 or len(variable.names) > 1:
            return ["…" if i is None else self._one(i, d) for i in shown(nodes.tolist())]
        return [variable.name(d) + indexed(at, variable.shape)]

    # -- naming ------------------------------------------------------------------------------------------

    def _name_inputs(self) -> None:
        """Inputs in a row that are numbered are a vector: x1, x2 are x."""
        for _, run in groupby(self.tape.inputs, self._alike):
            nodes = np.array(list(run), np.intp)
            self._add(self._said(nodes) or ("x",), nodes, nodes.shape, True)

    def _name_neurons(self, block: Block) -> str:
        """Of Z = W·A + b the Z; returns l, if there is one."""
        z = block.nodes
        reads = [self.nodes(operand) for operand in block.operands]
        names = self._said(z, capital=True)
        layer = next(filter(None, map(self._layer, (z, reads[0], reads[2]))), "")
        if not layer and not (names and self._said(reads[0])):
            layer = self._number("Z", "W", "b", "A")
        of = self.of[block] = self._add(names or (f"Z{layer}",), z, z.shape if len(z) > 1 else z.shape[1:], True)
        if not names:
            self.layers[of] = layer
        return layer

    def _name_weights(self, block: Block, layer: str) -> None:
        """Of Z = W·A + b the W and the b, and the input, if that is A0."""
        w, x, b = (self.nodes(operand) for operand in block.operands)
        if self.free[w].all() and np.unique(w).size == w.size:
            matrix = self._add(self._said(w, capital=True) or (f"W{layer}",), w, w.shape, False)
            read = self.whole(x.ravel())
            before = f"A{int(layer) - 1}" if layer.isdecimal() and matrix.names == (f"W{layer}",) else "A"
            if read and read.nodes[0] in self.tape.inputs and before[1:].isdecimal() and not self.taken(before):
                read.names, read.other_name = (self._unused(before, own=False),), read.name()
        if self.free[b].all() and np.unique(b).size == b.size:
            self._add(self._said(b) or (f"b{layer}",), b, (b.size, 1), False)

    def _name_block(self, block: Block) -> None:
        """Of a block, if it is no neurons, and of the leaves that it is the first to read."""
        op, nodes = block.op, block.nodes
        operands = [self.nodes(operand) for operand in block.operands]
        if op is SPREAD:
            self.node_at[True][block.start : block.stop] = operands[0]
            return
        for read in operands:
            self._name_leaves(read if op is AFFINE else read.T)
        if op is AFFINE:
            return
        whole = self.whole(np.unique(operands[0]) if any(op.lists) else operands[0])
        names = self._said(nodes, capital=True)
        layer = self.layers.get(whole, "") if whole and op.inputs[0] == "x" and not op.infix else ""
        if not names and nodes.tolist() == self.tape.outputs[:1]:
            names = self._if_free("L")
        if not names and layer and whole and nodes.size == whole.nodes.size:
            names = self._if_free(f"A{layer}")
        shape = nodes.shape if nodes.size > 1 or block.varying else ()
        if whole and whole.varying == block.varying and whole.nodes.size == nodes.size > 1:
            shape = whole.shape
        self.of[block] = self._add(names or ("v" + self._number("v"),), nodes, shape, block.varying)

    def _name_leaves(self, nodes: Nodes) -> None:
        """Of leaves that have no name yet: those together that are numbered, or have no labels."""
        free = nodes[self.free[nodes]]
        alike: dict[str | int, list[int]] = {}
        for i in dict.fromkeys(free.tolist()):
            alike.setdefault(self._alike(i), []).append(i)
        for some in alike.values():
            leaves = np.array(some, np.intp)
            lists = nodes.ndim > 1 and np.unique(nodes, axis=0).size == leaves.size > nodes.shape[1]
            shape = (-1, nodes.shape[1]) if lists else () if leaves.size == 1 else (leaves.size,)
            self._add(self._said(leaves) or ("θ" + self._number("θ"),), leaves, leaves.reshape(shape).shape, False)

    def _add(self, names: tuple[str, ...], nodes: Nodes, shape: tuple[int, ...], varying: bool) -> Variable:
        """A new variable."""
        flat = nodes.ravel()
        labels = [self.labels.get(i) for i in flat[:FEW].tolist()]
        names = tuple([self._unused(name, own=name in labels) for name in names])
        variable = Variable(names, flat, shape, varying)
        self.owner[flat] = len(self.variables)
        self.index[flat] = np.arange(flat.size)
        self.free[flat] = False
        self.variables.append(variable)
        return variable

    def _said(self, nodes: Nodes, capital: bool = False) -> tuple[str, ...]:
        """What their labels call some nodes: one name for all, or one each for few; () if they do not say."""
        labels = [self.labels.get(i, "") for i in nodes.ravel().tolist()]
        stems = set(map(stem, labels))
        if len(stems) == 1 and (len(labels) > 1 or _UNIT.fullmatch(labels[0])) and (common := stems.pop()):
            return (common_name(common, capital),)
        if len(set(labels)) == 1 and labels[0]:
            return (labels[0],)
        return tuple(labels) if all(labels) and len(set(labels)) == len(labels) <= FEW else ()

    def _layer(self, nodes: Nodes) -> str:
        """The l of nodes that are all labelled z[l]_…"""
        layered = {stem(self.labels.get(i, "")) for i in nodes.ravel().tolist()}
        match = _LAYERED.fullmatch(layered.pop()) if len(layered) == 1 else None
        return match["layer"] if match else ""

    def _alike(self, i: int) -> str | int:
        """The same for leaves that belong together: by the stem of their labels, or for want of any."""
        return (stem(self.labels[i]) or i) if i in self.labels else ""

    def _number(self, *letters: str) -> str:
        """The next number that is free behind all of these letters."""
        return next(n for n in map(str, self.counters[letters[0]]) if not any(self.taken(x + n) for x in letters))

    def _if_free(self, name: str) -> tuple[str, ...]:
        return () if self.taken(name) else (name,)

    def _unused(self, name: str, own: bool) -> str:
        """The name, changed if something else has it; ``own`` if it is the label of what gets it."""
        result = name
        for n in count(2):
            if not self.taken(result, own and result == name):
                break
            result = f"{name}_{n}"
        self.used |= {result, "d" + result}
        return result

    def taken(self, name: str, own: bool = False) -> bool:
        """Whether a name, or its gradient's, is another's, or a label."""
        both = {name, "d" + name}
        return not both.isdisjoint(self.used) or not (own or both.isdisjoint(self.labelled))


def period(nodes: Nodes, length: int = 1) -> tuple[Nodes, int]:
    """What comes again and again, one node, or some lists of ``length`` nodes; and how often.

    >>> period(np.array([5, 6, 5, 6, 5, 6]), 2)
    (array([5, 6]), 3)
    """
    first = nodes[::length] == nodes[0]
    size = int(np.argmax(first[1:]) + 1) * length if first[1:].any() else nodes.size
    if nodes.size % size or (length == 1 < size) or (nodes.reshape(-1, size) != nodes[:size]).any():
        return nodes, 1
    return nodes[:size], nodes.size // size


def stem(label: str) -> str:
    """What is left of a label without the number behind it; "" if there is none.

    >>> stem("w[1]_2,3"), stem("x2"), stem("W[0][1]"), stem("loss")
    ('w[1]', 'x', 'W', '')
    """
    match = _NUMBERED.fullmatch(label)
    return match["stem"] if match else ""


def common_name(stem: str, capital: bool) -> str:
    """The name of many from the stem of their labels: z[1] is Z1, a matrix; b[1] is b1, a vector."""
    match = _LAYERED.fullmatch(stem)
    letters, number = (match["letters"], match["layer"]) if match else (stem, "")
    one_letter = len(letters.rstrip("0123456789")) == 1
    return (letters.upper() if capital and one_letter else letters) + number


def shown(items: Sequence[T]) -> list[T | None]:
    """The items, if there are few; else some, with a None where others are left out."""
    return [*items] if len(items) <= FEW else [*items[: FEW - 1], None, items[-1]]


def bracket(texts: Sequence[str]) -> str:
    """A list of texts, or the only one."""
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def indexed(at: Nodes, shape: tuple[int, ...]) -> str:
    """``[2]``, ``[0:3]``, ``[0, 2, 5]``: these rows; of a matrix ``[:, 1]``, ``[1, 2]``, else ``.flat[…]``."""
    inner = int(np.prod(shape[1:]))
    columns = at[at < inner] if inner > 1 else at
    if (
        0 < columns.size < inner
        and at.size > 1
        and np.array_equal(at, np.add.outer(np.arange(0, np.prod(shape), inner), columns).ravel())
    ):
        return f"[:, {indexed(columns, (inner,))[1:-1]}]"
    first, size = int(at[0]), at.size
    run = size > 1 and np.array_equal(at, np.arange(first, first + size))
    if inner > 1 and run and first % inner == size % inner == 0:
        first, size, inner = first // inner, size // inner, 1
    if inner > 1 and size == 1:
        return str([int(k) for k in np.unravel_index(first, shape)])
    if size == 1:
        text = str(first)
    elif run and inner == 1:
        text = f"{first}:{first + size}"
    else:
        text = ", ".join("…" if k is None else str(k) for k in shown(at.tolist()))
    return f"[{text}]" if inner == 1 else f".flat[{text}]"
