"""A program in the notation of docs/lectures.md, forward and backward, with the shapes."""

from __future__ import annotations

import ast
from functools import cached_property
from html import escape

import numpy as np

from ...formulas.algebra import negated, product, total
from ..blocks import Blocks
from ..lower import READABLE_PASSES, lowered
from ..tape import SPREAD
from .formulas import Formulas, Line
from .names import Names, shape_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..replay import Recording
    from .names import Nodes, Variable

MOST_LINES = 40  # of a section
MOST_TERMS = 8  # of a sum
WIDEST = 50  # characters, behind which the shapes stand


class Listing:
    """What a recording computes, a line for each block; and backward, a line for each gradient.

    ``@`` is the product of matrices. All else is done entry by entry, where a number, or a single row, counts for all
    rows, and what comes of a list for the whole list; ``place`` is the number of an element of a list. ``A1[0, 2]`` are
    rows of A1; ``+=`` adds to such rows, which are 0 at first.

    >>> from autograd import parameter, record
    >>> w, b = parameter(2.0, "w"), parameter(1.0, "b")
    >>> print(record(lambda x, y: (w * x + b - y) ** 2, 0.0, 0.0))
    forward, m examples at once
      x                            (1, m)
      y                            (1, m)
      Z1 = w @ x + b               w (1, 1)  x (1, m)  b (1, 1)
      v1 = Z1 − y                  (1, m)
      L = v1²                      (1, m)
      J = mean(L)
    backward, dV is ∂J/∂V; where V has m columns, ∂L/∂V of each example
      dL = 1                       (1, m)
      dv1 = 2 · dL ⊙ v1            (1, m)
      dZ1 = dv1                    (1, m)
      dw = 1/m · dZ1 @ x.T         (1, 1)
      db = 1/m · row sums of dZ1   (1, 1)
    """

    def __init__(self, recording: Recording) -> None:
        self.blocks = Blocks(lowered(recording.tape, READABLE_PASSES))
        self.names = Names(self.blocks)
        self.formulas = Formulas(self.blocks, self.names)
        outputs = np.array(self.blocks.tape.outputs, np.intp)
        size = int(np.prod(recording.shape))
        self.result, self.besides, self.one_number = outputs[:size], outputs[size:], not recording.shape

    @cached_property
    def sections(self) -> dict[str, list[Line]]:
        """The lines under their headings."""
        names, tape = self.names, self.blocks.tape
        sections: dict[str, list[Line]] = {}
        if self.blocks.shared:
            sections["shared by all examples"] = [self.formulas.line(block) for block in self.blocks.shared]
        forward = sections["forward, m examples at once"] = []
        for variable in self.inputs():
            other = f" = {variable.other_name}" if variable.other_name else ""
            forward.append(Line(variable.name() + other, variable.shape_text()))
        forward += [self.formulas.line(block) for block in self.blocks.varying if block.op is not SPREAD]
        L, J = names.text(self.result), "J"
        if not self.one_number:
            forward.append(Line(f"returns {L}", shape_text(self.result.shape, True)))
        elif names.taken("J"):
            J = f"mean({L})"
        else:
            forward.append(Line(f"J = mean({L})"))
        if self.besides.size:
            forward.append(Line(f"returns {names.text(self.besides)}, too", shape_text(self.besides.shape, True)))
        if self.one_number and tape.parameters:
            heading = f"backward, dV is ∂{J}/∂V; where V has m columns, ∂{L}/∂V of each example"
            sections[heading] = list(self.backward.lines())
        return sections

    @cached_property
    def backward(self) -> Backward:
        """The way of the gradients."""
        return Backward(self.blocks, self.formulas)

    def inputs(self) -> list[Variable]:
        """The variables of the arguments."""
        owners = self.names.owner[self.blocks.tape.inputs]
        return [self.names.variables[k] for k in dict.fromkeys(owners.tolist())]

    def shapes(self) -> Shapes:
        """Everything that has a name, and its shape."""
        variables = dict.fromkeys(self.inputs())
        for block in (*self.blocks.shared, *self.blocks.varying):
            for operand in block.operands:
                owners = dict.fromkeys(self.names.owner[self.names.nodes(operand)].ravel().tolist())
                variables |= dict.fromkeys([self.names.variables[k] for k in owners if k >= 0])
            if block in self.names.of:
                variables[self.names.of[block]] = None
        variables |= dict.fromkeys(self.names.variables)  # also a parameter that nothing reads
        order = self.backward.order if self.one_number else {}
        return Shapes([((v.name(), v.name("d")) if v in order else (v.name(),), v.shape_text()) for v in variables])

    def text(self, most: int | None = MOST_LINES) -> str:
        """The lines, as text; of a longer section than ``most`` the middle is left out, with None of none."""
        sections = {heading: _cut(lines, most) for heading, lines in self.sections.items()}
        widths = [len(line.text) for lines in sections.values() for line in lines if line.note]
        width = max([w for w in widths if w <= WIDEST], default=0)
        rows = []
        for heading, lines in sections.items():
            rows.append(heading)
            rows += [f"  {line.text:<{width}}   {line.note}".rstrip() for line in lines]
        return "\n".join(rows)

    def __str__(self) -> str:
        return self.text()

    def html(self, most: int | None = MOST_LINES) -> str:
        """The same as a table for Jupyter."""
        rows = []
        for heading, lines in self.sections.items():
            rows.append(f'<tr><th colspan="2" style="text-align:left">{escape(heading)}</th></tr>')
            rows += [_row(line.text, line.note) for line in _cut(lines, most)]
        return f"<table>{''.join(rows)}</table>"

    _repr_html_ = html


class Shapes(dict[str, str]):
    """Names and shapes; that of a gradient is its variable's, but all examples' gradients are dZ, dA, one in a column.

    Shows itself as a table, in Jupyter as well. ``shapes["dW2"]`` is a text, "(16, 16)".
    """

    def __init__(self, rows: Sequence[tuple[Sequence[str], str]]) -> None:
        self.rows = [(", ".join(names), shape) for names, shape in rows]
        super().__init__({name: shape for names, shape in rows for name in names})

    def __str__(self) -> str:
        width = max(len(names) for names, _ in self.rows)
        return "\n".join(f"{names:<{width}}   {shape}" for names, shape in self.rows)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<table>{''.join(_row(*row) for row in self.rows)}</table>"


class Backward:
    """The gradients of the first output, from the last block to the first.

    ``flows``  what arrives at variables, from all that read them: the terms of sums, by the nodes that they arrive at
    """

    def __init__(self, blocks: Blocks, formulas: Formulas) -> None:
        names = self.names = formulas.names
        self.formulas = formulas
        self.flows: dict[Variable, dict[bytes, tuple[Nodes, list[ast.expr]]]] = {}
        self.computed = set(names.of.values())
        self.order: dict[Variable, None] = {}  # each when all has arrived
        root = np.array(blocks.tape.outputs[:1], np.intp)
        if blocks.learning[root[0]]:
            self._arrive(root, ast.Constant(1))
        for block in reversed((*blocks.shared, *blocks.varying)):
            variable = names.of.get(block)
            if variable in self.flows:
                self.order[variable] = None
                for nodes, flow in formulas.flows(block):
                    self._arrive(nodes, flow)
        for k in dict.fromkeys(names.owner[blocks.tape.parameters].tolist()):
            self.order.setdefault(names.variables[k])

    def _arrive(self, nodes: Nodes, flow: ast.expr) -> None:
        """Note what arrives at nodes of one variable."""
        variable = self.names.variables[self.names.owner[nodes[0]]]
        _, terms = self.flows.setdefault(variable, {}).setdefault(nodes.tobytes(), (nodes, []))
        terms.append(flow)
        if variable not in self.computed:
            self.order.pop(variable, None)
            self.order[variable] = None

    def lines(self) -> Iterator[Line]:
        """A line for each gradient; where parts of it arrive by themselves, one for each part."""
        for variable in self.order:
            parts = self.flows.get(variable, {}).copy()
            _, whole = parts.pop(variable.nodes.tobytes(), (None, []))
            at = np.concatenate([[], *(self.names.index[nodes] for nodes, _ in parts.values())])
            adding = bool(whole) or np.unique(at).size < at.size
            if whole or not parts:
                yield Line(f"{variable.name('d')} = {self._sum(whole)}", variable.shape_text())
            for nodes, terms in parts.values():
                target = self.names.text(nodes, "d", length=nodes.size)
                shape = shape_text(nodes.shape if variable.varying or nodes.size > 1 else (), variable.varying)
                yield Line(f"{target} {'+=' if adding else '='} {self._sum(terms)}", shape)

    def _sum(self, terms: list[ast.expr]) -> str:
        """The sum, with equal terms counted."""
        write = self.formulas.write
        alike: dict[str, list[ast.expr]] = {}
        for term in terms:
            alike.setdefault(write(term), []).append(term)
        counted = [product([ast.Constant(len(same)), same[0]]) if len(same) > 1 else same[0] for same in alike.values()]
        if len(counted) > 1:
            counted = [_enclosed(term, write) for term in counted]
        if len(counted) > MOST_TERMS:
            counted[MOST_TERMS - 2 : -1] = [ast.Name("…", ast.Load())]
        return write(total(counted))


def _enclosed(term: ast.expr, write: Callable[[ast.expr], str]) -> ast.expr:
    """A term, in parentheses if it is the sum *of* something, which might be read to its end."""
    if isinstance(term, ast.UnaryOp):
        return negated(_enclosed(term.operand, write))
    text = write(term)
    return ast.Name(f"({text})", ast.Load()) if " of " in text else term


def _cut(lines: list[Line], most: int | None) -> list[Line]:
    if most is None or len(lines) <= most:
        return lines
    half = most // 2
    left_out = Line(f"… {len(lines) - 2 * half} lines left out: print(program.listing().text(None)) shows all …")
    return [*lines[:half], left_out, *lines[-half:]]


def _row(*cells: str) -> str:
    style = 'style="text-align:left; font-family:monospace"'
    return f"<tr>{''.join(f'<td {style}>{escape(cell)}</td>' for cell in cells)}</tr>"
