"""The chain rule written out: ``explain(L, w1)``; and for all nodes as a table: ``explain(L)``.

A derivative is shown from named node to named node (see ``links.py``): every path, its factors as symbols, as
formulas and as numbers, the sum over the paths, and the whole simplified. Where there are more paths than one
can read, the same sum is written node by node, as backpropagation computes it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from html import escape
from itertools import islice

from .. import graph
from ..errors import FormulaError
from ..formulas.algebra import ONE, product, total
from ..formulas.digits import short
from ..formulas.grammar import postorder
from ..formulas.latex import Latex
from ..formulas.mathml import MathML
from ..formulas.naming import Names
from ..formulas.notes import bracketed, noted, partial_name
from ..formulas.simplify import simplified
from ..formulas.text import Text, Typed, definitions, joined, operation, write
from ..number import quoted, shortened
from ..value import Value
from .links import Link, chain, count_paths, links, named_nodes
from .partials import Symbols
from .point import Point, given_point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_PATHS = 8  # that are written one by one
MOST_LINES = 60
LONGEST = 40  # nodes of a gradient's formula that others build on; a longer one stays a symbol, ∂L/∂z
MOST_SIMPLIFIED = 300  # nodes of formulas in all that SymPy gets; it takes its time


@dataclass(frozen=True)
class Equation:
    """``left = right[0] = right[1] = ...``; ``note`` is plain text before it."""

    left: ast.expr | None
    right: Sequence[ast.expr] = ()
    note: str = ""


def explain(root: Value, wrt: Value | str | None = None) -> Explanation | Table:
    """The derivative of ``root`` with respect to a node (a Value or its label); of all nodes, as a table, without one.

    Shows itself as text, and in Jupyter as formulas. Needs no ``backward()``, and does not touch ``grad``.
    Raises ValueError if the root does not depend on ``wrt``, FormulaError if no node has that label, or several have.

    >>> a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    >>> u = b * c; u.label = "u"
    >>> J = 3 * (a + u); J.label = "J"
    >>> print(explain(J, b))
    ∂J/∂b: 1 path
    J ← u ← b
      ∂J/∂b = ∂J/∂u·∂u/∂b
      ∂J/∂u = 3
      ∂u/∂b = c = 2
    ∂J/∂b = 3·c = 6
    """
    if not isinstance(root, Value):
        raise TypeError(f"explain takes the root of a graph, a Value, not {quoted(root)}")
    if wrt is None:
        return Table(root)
    return Explanation(root, _node(root, wrt))


def _node(root: Value, wrt: Value | str) -> Value:
    names = Names.of(root)
    if isinstance(wrt, str):
        found = names.called(wrt)
        if len(found) > 1:
            raise FormulaError(names.ambiguous(shortened(wrt), found))
        if not found:
            raise FormulaError(f"no node is called {shortened(wrt)}: give the Value itself")
        return found[0]
    if not isinstance(wrt, Value):
        raise TypeError(f"explain takes a Value or a label, not {quoted(wrt)} ({type(wrt).__name__})")
    if wrt not in graph.topological(root):
        raise ValueError(f"{names[root]} does not depend on {wrt.label or wrt!r}")
    return wrt


class Explanation:
    """One derivative, explained. ``paths`` is the number of paths through the graph, exact; ``value`` the number;
    ``simplified`` the closed form as text (the unsimplified one without SymPy).
    """

    def __init__(self, root: Value, wrt: Value) -> None:
        self.root, self.wrt = root, wrt
        self.names = named_nodes(root, [wrt])
        self.point = given_point(root)
        self.value = self.point.gradients()[wrt]
        self._path = links(root, self.names, [wrt])
        self.paths = count_paths(self._path, root)[wrt]
        self._symbols = Symbols(self.names, self.point)
        few = count_paths(self._path, root, routes=False)[wrt] <= MOST_PATHS
        self._chains = _chains(self._path, root, wrt) if few else None
        self._closed, self._simple = _closed_forms(self._path, self._symbols, root)[wrt]
        if self._chains is not None:
            whole = total(product(map(self._symbols.link, route)) for route in self._chains)
            self._closed = whole if len(postorder(whole)) <= 2 * LONGEST else self._closed
        self.simplified = write(self._simple, Typed(self.names))

    def _partial(self, of: Value, wrt: Value) -> ast.expr:
        return partial_name(self.names[of], self.names[wrt])

    def lines(self) -> Iterator[Equation]:
        """The explanation, line by line."""
        whole = self._partial(self.root, self.wrt)
        of = "" if self.root.label or self.root.op is None else f" of {self._defined()}"
        yield Equation(None, note=f"{noted(whole)}{of}: {self.paths:,} path{'s' * (self.paths != 1)}")
        yield from self._by_paths(whole) if self._chains is not None else self._by_nodes()
        if self._symbols.conditions:
            yield Equation(None, note=f"where {' and '.join(self._symbols.conditions)}")
        yield Equation(whole, _distinct(self._closed, self._simple, ast.Constant(self.value)))

    def _defined(self) -> str:
        """``f = sin(x)*tanh(3*x)``: what a root without a label is."""
        *before, (_, tree) = definitions(self.root)
        return shortened(joined([*before, (self.names[self.root], tree)], Text()))

    def _by_paths(self, whole: ast.expr) -> Iterator[Equation]:
        assert self._chains is not None
        products = []
        for route in reversed(self._chains):
            nodes = [self.root, *(link.lower for link in route)]
            yield Equation(None, note=" ← ".join(self.names[node] for node in nodes))
            products.append(product(self._partial(link.upper, link.lower) for link in route))
        if len(self._path) > 1:
            yield Equation(whole, [total(products)])
            for link in self._path:
                yield self._factor(link)

    def _factor(self, link: Link) -> Equation:
        formula = self._symbols.link(link)
        number = ast.Constant(link.derivative(self.point))
        return Equation(self._partial(link.upper, link.lower), _distinct(formula, number))

    def _by_nodes(self) -> Iterator[Equation]:
        """Each gradient from those before it: as many terms as there are links, not as there are paths."""
        yield Equation(None, note="too many to write one by one; node by node, as backpropagation adds them up:")
        gradients = chain(self._path, {b: b.derivative(self.point) for b in self._path}, self.root)
        above: dict[Value, list[Link]] = {}
        for link in self._path:
            above.setdefault(link.lower, []).append(link)
        for number, (node, users) in enumerate(above.items()):
            if number == MOST_LINES:
                yield Equation(None, note=f"… and {len(above) - MOST_LINES} nodes more")
                return
            terms = _sum(map(self._term, users), len(users))
            yield Equation(self._partial(self.root, node), _distinct(terms, ast.Constant(gradients[node])))

    def _term(self, link: Link) -> ast.expr:
        """What comes through a link: the gradient of its upper node, as a symbol, times its derivative."""
        upstream = ONE if link.upper is self.root else self._partial(self.root, link.upper)
        return product([upstream, self._symbols.link(link)])

    def __str__(self) -> str:
        text = []
        for line in self.lines():
            if line.left is None:
                text.append(line.note)
            else:
                text.append("  " + " = ".join(noted(tree) for tree in (line.left, *line.right)))
        text[-1] = text[-1].strip()
        return "\n".join(text)

    def __repr__(self) -> str:
        return f"<Explanation of {noted(self._partial(self.root, self.wrt))}: print it, or let Jupyter show it>"

    @property
    def latex(self) -> str:
        """The equations as one ``aligned`` block for math mode."""
        equations = [line for line in self.lines() if line.left is not None]
        form = _LatexPartials(*(tree for line in equations for tree in line.right), names=self.names.values())
        rows = [
            f"{write(line.left, form)} &= {' = '.join(write(tree, form) for tree in line.right)}"
            for line in equations
            if line.left is not None
        ]
        return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"

    @property
    def mathml(self) -> str:
        """The equations as MathML, one ``<math>`` element."""
        form = _MathMLPartials(names=self.names.values())
        rows = []
        for line in self.lines():
            if line.left is not None:
                right = "<mo>=</mo>".join(write(tree, form) for tree in line.right)
                rows.append(f"<mtr><mtd>{write(line.left, form)}</mtd><mtd><mo>=</mo>{right}</mtd></mtr>")
        table = f'<mtable columnalign="right left">{"".join(rows)}</mtable>'
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{table}</math>'

    def _repr_html_(self) -> str:
        notes = "<br>".join(escape(line.note) for line in self.lines() if line.left is None)
        return f"<div>{notes}{self.mathml}</div>"

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


def _distinct(*trees: ast.expr) -> list[ast.expr]:
    """The trees without those that read the same as one before."""
    return list({noted(tree): tree for tree in trees}.values())


def _chains(path: Sequence[Link], root: Value, wrt: Value) -> list[list[Link]]:
    """Every chain of links from the root to ``wrt``."""
    reaching: dict[Value, list[list[Link]]] = {root: [[]]}
    for link in path:
        longer = [[*route, link] for route in reaching[link.upper]]
        reaching.setdefault(link.lower, []).extend(longer)
    return reaching[wrt]


def _closed_forms(path: Sequence[Link], symbols: Symbols, root: Value) -> dict[Value, tuple[ast.expr, ast.expr]]:
    """Each node's gradient as one formula: as the chain rule gives it, and simplified.

    Each is built on the simplified ones before it; what has grown too long stays a symbol in those that follow.
    """
    forms: dict[Value, tuple[ast.expr, ast.expr]] = {root: (ONE, ONE)}
    terms: dict[Value, list[ast.expr]] = {}
    left = MOST_SIMPLIFIED

    def close(node: Value) -> None:  # all its terms are there
        nonlocal left
        whole = _sum(terms[node], len(terms[node]))
        left -= len(postorder(whole))
        forms[node] = whole, (simplified(whole) if left > 0 else None) or whole

    for link in path:
        if link.upper not in forms:
            close(link.upper)
        upstream: ast.expr = forms[link.upper][1]
        if len(postorder(upstream)) > LONGEST:
            upstream = partial_name(*(noted(symbols.node(node)) for node in (root, link.upper)))
        terms.setdefault(link.lower, []).append(product([upstream, symbols.link(link)]))
    for node in terms:
        if node not in forms:
            close(node)
    return forms


def _sum(terms: Iterable[ast.expr], count: int) -> ast.expr:
    """The first of so many terms, and how many more there are."""
    rest = [ast.Name(f"… ({count - MOST_PATHS} more)", ast.Load())] if count > MOST_PATHS else []
    return total([*islice(terms, MOST_PATHS), *rest])


# --- all nodes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One node of the table: everything but ``value`` and ``gradient`` is a formula, as text."""

    node: Value = field(repr=False)
    name: str
    value: float
    formula: str
    local_derivatives: str
    gradient: float
    symbolic: str


class Table:
    """The derivative table of a graph: one row for each node, the root first, in the order of backward."""

    def __init__(self, root: Value) -> None:
        self.root = root
        point = given_point(root)
        cutting = named_nodes(root)
        symbols = Symbols(cutting, point)
        self._root_name = cutting[root]
        names = {node: shortened(noted(symbols.node(node))) for node in point.order}
        path = links(root, names)
        forms = _closed_forms(path, symbols, root)
        below: dict[Value, list[Link]] = {}
        for link in path:
            below.setdefault(link.upper, []).append(link)
        self.rows = [_row(node, names, point, symbols, below.get(node, []), forms) for node in reversed(point.order)]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def _cells(self) -> list[tuple[str, ...]]:
        of = noted(partial_name(self._root_name, "node"))
        head = ("node", "value", "formula", "local derivatives", of, "as a formula")
        rows = [(r.name, short(r.value), r.formula, r.local_derivatives, short(r.gradient), r.symbolic) for r in self]
        return [head, *rows]

    def __str__(self) -> str:
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in cells]
        return "\n".join(line.rstrip() for line in lines)

    def __repr__(self) -> str:
        return f"<Table of {len(self)} nodes: print it, or let Jupyter show it>"

    def _repr_html_(self) -> str:
        head, *rows = self._cells()
        lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
        lines += ["".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row) for row in rows]
        return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _row(
    node: Value,
    names: dict[Value, str],
    point: Point,
    symbols: Symbols,
    below: Sequence[Link],
    forms: dict[Value, tuple[ast.expr, ast.expr]],
) -> Row:
    partials = [f"∂/∂{bracketed(names[b.lower])} = {noted(symbols.link(b))}" for b in below[:8]]
    if len(below) > 8:
        partials.append(f"… ({len(below) - 8} more)")
    return Row(
        node,
        names[node],
        point.data[node],
        "" if node.op is None else shortened(noted(_formula(node, symbols))),
        ", ".join(partials),
        point.gradients()[node],
        shortened(noted(forms[node][1])) if node in forms else "",
    )


def _formula(node: Value, symbols: Symbols) -> ast.expr:
    """What a node is, in the names of those it is made of."""
    assert node.op is not None
    return operation(node.op, [symbols.node(v) for v in graph.stored(node)], 8)


# --- ∂L/∂w1, typeset --------------------------------------------------------------------------------------------


class _Partials(Text):
    """Writes a name such as ∂L/∂w1 as a fraction, in the form that it is mixed into."""

    def name(self, label: str) -> str:
        upper, stroke, lower = label.partition("/∂")
        if not stroke:
            return super().name(label)
        return self.fraction(super().name(upper.removeprefix("∂")), super().name(lower))

    def fraction(self, of: str, wrt: str) -> str:
        raise NotImplementedError


class _LatexPartials(_Partials, Latex):
    def fraction(self, of: str, wrt: str) -> str:
        return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"


class _MathMLPartials(_Partials, MathML):
    def fraction(self, of: str, wrt: str) -> str:
        return f"<mfrac><mrow><mi>∂</mi>{of}</mrow><mrow><mi>∂</mi>{wrt}</mrow></mfrac>"
