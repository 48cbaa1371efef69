"""From a graph to a formula: as text here, in LaTeX and MathML in ``latex.py`` and ``mathml.py``.

A graph becomes definitions, ``u = b*c; v = a + u; J = 3*v``: one for each node with a label and for each that
is used more than once, so that the formula is as long as the graph is large, however many paths it has. The
right side of a definition is a tree of the language that ``grammar.py`` reads, and a ``Form`` writes trees.
"""

from __future__ import annotations

import ast
import math

from .. import graph
from ..number import shortened
from ..table.ops import NEG, OPS
from ..value import Value
from .digits import exact
from .naming import Names, printable
from .symbols import ATOM, LOOSE, OPERATORS, POWER, PRODUCT, SUM, SYNTAX, UNARY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from ..table.op import Op

    # What a tree is written as, in order: text, and trees inside it, each with the least precedence that needs
    # no parentheses there, and whether a minus may begin it (a + -b reads badly).
    Piece = str | tuple[ast.expr, int, bool]

_LEVELS = 4  # of unlabelled nodes inside each other that a short expression shows
_ELEMENTS = 8  # of a list


def to_text(what: Value | ast.expr, beside: Value | None = None) -> str:
    """The formula of a graph, or of a tree of one, as text that ``parse`` reads.

    Labels stand for the nodes that have one; where several have the same, it is numbered, x_1, x_2. Nodes without one
    that are used more than once are called v1, v2, and so on; leaves without one are numbers. Linear in the size of
    the graph. What is shown ``beside`` another graph, as its derivative is, has the names that its nodes have there.

    >>> a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    >>> to_text(3 * (a + b * c))
    '3*(a + b*c)'
    >>> u = b * c
    >>> to_text((a + u) / u)
    'v1 = b*c; (a + v1)/v1'
    >>> to_text(Value(2, "x") * Value(3, "x"))
    'x_1*x_2'
    >>> J = Value(2, "x") * Value(3, "x")
    >>> to_text(J.inputs[1] + 1, beside=J)
    'x_2 + 1'
    """
    if not isinstance(what, Value):
        return write(what, Text())
    names, statements = defined(what, beside)
    return joined(statements, Typed(names))


def joined(statements: Iterable[tuple[str, ast.expr]], form: Text) -> str:
    """Definitions in one line."""
    lines = [(form.name(name), write(tree, form)) for name, tree in statements]
    return "; ".join(f"{name} = {formula}" if name else formula for name, formula in lines)


def name(node: Value, names: Names | None = None) -> str:
    """What to call a node: its label, its number (of a leaf), or its expression, cut if it is long.

    ``names`` are those of a graph that it is shown in; without them it is shown as the root of its own.
    """
    return shortened(write(_short(node, _LEVELS, _names(node, names)), Text()))


def head(node: Value, names: Names | None = None) -> str:
    """The formula of one node over the names of its inputs: ``b*c``, ``tanh(z)``; a leaf's is its name."""
    return write(head_tree(node, names), Text())


def head_tree(node: Value, names: Names | None = None) -> ast.expr:
    """The same as a tree, which ``to_latex`` and ``to_mathml`` write too."""
    names = _names(node, names)
    if node.op is None:
        return _leaf(node, names)
    return operation(node.op, [_short(operand, _LEVELS - 1, names) for operand in node.inputs], _ELEMENTS)


def _names(node: Value, names: Names | None) -> Names:
    return Names(graph.topological(node)) if names is None else names


# --- from a graph to trees ------------------------------------------------------------------------------


def definitions(root: Value) -> list[tuple[str, ast.expr]]:
    """The definitions that make up a graph, in order of computation, the root's last (its name may be "")."""
    return defined(root)[1]


def defined(root: Value, beside: Value | None = None) -> tuple[Names, list[tuple[str, ast.expr]]]:
    """The same after the names of all nodes: of those of the graph ``beside`` it, and then of its own."""
    uses = graph.users(root)
    there = [] if beside is None else graph.topological(beside)
    names = Names(dict.fromkeys([*there, *uses]))
    names.invent_for_shared(there)
    names.invent_for_shared(uses)
    trees: dict[Value, ast.expr] = {}
    statements: list[tuple[str, ast.expr]] = []
    for node in uses:  # in topological order
        if node.op is None:
            trees[node] = _leaf(node, names)
            continue
        tree = operation(node.op, [trees[v] if v in trees else _leaf(v, names) for v in node.inputs])
        if (node.label or uses[node] > 1) and node is not root:
            statements.append((names[node], tree))
            tree = ast.Name(names[node], ast.Load())
        trees[node] = tree
    statements.append((names[root] if root.label and root.op is not None else "", trees[root]))
    return names, statements


def operation(op: Op, inputs: Sequence[ast.expr], most: int | None = None) -> ast.expr:
    """The tree of an operation on its (flat) inputs; of lists no more than ``most`` elements."""
    if op is NEG:
        return ast.UnaryOp(ast.USub(), inputs[0])
    if op.name in SYNTAX:
        return ast.BinOp(inputs[0], SYNTAX[op.name](), inputs[1])
    arguments: list[Any] = op.split(inputs)
    for at, is_list in enumerate(op.lists):
        if is_list:
            elements = arguments[at]
            if most is not None and len(elements) > most:
                elements = [*elements[: most - 2], ast.Name("…", ast.Load()), elements[-1]]
            arguments[at] = ast.List(elements, ast.Load())
    function = ast.Name(op.name, ast.Load())
    if op.per_element:
        return ast.Subscript(ast.Call(function, arguments[:-1], []), arguments[-1], ast.Load())
    return ast.Call(function, arguments, [])


def _leaf(node: Value, names: Names) -> ast.expr:
    return ast.Name(names[node], ast.Load()) if node.label else ast.Constant(node.data)


def _short(node: Value, levels: int, names: Names) -> ast.expr:
    """The tree of a node, in which what lies more than ``levels`` unnamed operations below is cut off."""
    if node.op is None:
        return _leaf(node, names)
    if node in names:
        return ast.Name(names[node], ast.Load())
    if levels == 0:
        return ast.Name("…", ast.Load())
    return operation(node.op, [_short(operand, levels - 1, names) for operand in node.inputs], _ELEMENTS)


# --- from trees to text ---------------------------------------------------------------------------------


def write(tree: ast.expr, form: Text) -> str:
    """The tree in this form, with no more parentheses than its structure needs."""
    written: list[str] = []
    stack: list[Piece] = [(tree, LOOSE, True)]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            written.append(piece)
            continue
        tree, least, leads = piece
        precedence, pieces = form.pieces(tree)
        if enclosing := form.enclosing(tree, precedence, least, leads):
            opening, closing = enclosing
            pieces = [opening, *pieces, closing]
        elif not isinstance(pieces[0], str):  # it begins where the whole begins
            tree, least, may_lead = pieces[0]
            pieces = [(tree, least, leads and may_lead), *pieces[1:]]
        stack += reversed(pieces)
    return "".join(written)


class Text:
    """How formulas are written as text; LaTeX and MathML (``typeset.py``) differ in what they override."""

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        """The precedence of a tree, and what it consists of."""
        match tree:
            case ast.Constant(value):
                return self.number(float(value))  # type: ignore[arg-type]
            case ast.Name(name):
                return POWER if self.is_raised(name) else ATOM, [self.name(name)]
            case ast.UnaryOp(ast.UAdd()):
                return self.pieces(_without_plus(tree))
            case ast.UnaryOp():
                return UNARY, [self.minus, (tree.operand, POWER, False)]
            case ast.BinOp(left, ast.MatMult(), right):
                return PRODUCT, [(left, PRODUCT, True), " @ ", (right, PRODUCT + 1, False)]
            case ast.BinOp():
                return self.operation(OPS[OPERATORS[type(tree.op)]], [tree.left, tree.right])
            case ast.Attribute(value):
                value = _without_plus(value)
                least = ATOM + isinstance(value, ast.Constant)  # 2.T begins with the number 2.
                return ATOM, [(value, least, True), ".T"]
            case ast.Call(ast.Name(name), [argument], [_, *_] as keywords):
                written = [
                    f", {word.arg}={word.value.value!r}" for word in keywords if isinstance(word.value, ast.Constant)
                ]
                return ATOM, [f"{name}(", enclosed(argument), *written, ")"]
            case ast.Call(ast.Name(name), arguments):
                return self.call(name, arguments)
            case ast.List(elements):
                return ATOM, self.listed("[", elements, "]")
            case ast.Subscript():
                return ATOM, [(tree.value, ATOM, True), "[", enclosed(tree.slice), "]"]
        raise TypeError(f"no notation for {type(tree).__name__}")

    minus = "-"

    def parentheses(self, *_: ast.expr) -> tuple[str, str]:
        """What encloses these trees."""
        return "(", ")"

    def enclosing(self, tree: ast.expr, precedence: int, least: int, leads: bool) -> tuple[str, str] | None:
        """What encloses a tree where nothing looser than ``least`` may stand, and a minus only if it ``leads``."""
        return self.parentheses(tree) if precedence < least or (precedence == UNARY and not leads) else None

    def number(self, x: float) -> tuple[int, list[Piece]]:
        return UNARY if math.copysign(1, x) < 0 else ATOM, [exact(x)]

    def name(self, label: str) -> str:
        return printable(label)

    def is_raised(self, label: str) -> bool:  # noqa: ARG002
        """Whether the name ends in a superscript, so that another one, of a power, needs parentheses."""
        return False

    def operation(self, op: Op, operands: list[ast.expr]) -> tuple[int, list[Piece]]:
        a, b = operands
        if op.infix == POWER:  # a**b**c is a**(b**c), and 2**-x needs no parentheses
            return POWER, [(a, ATOM, True), op.name, (b, UNARY, True)]
        sign = f" {op.name} " if op.infix == SUM else op.name
        return op.infix, [(a, op.infix, True), sign, (b, op.infix + 1, False)]

    def call(self, name: str, arguments: list[ast.expr]) -> tuple[int, list[Piece]]:
        return ATOM, self.listed(f"{name}(", arguments, ")")

    def listed(self, opening: str, elements: Iterable[ast.expr], closing: str, comma: str = ", ") -> list[Piece]:
        pieces: list[Piece] = [opening]
        for element in elements:
            pieces += [enclosed(element), comma]
        return [*pieces[: max(1, len(pieces) - 1)], closing]


class Typed(Text):
    """Text that ``parse`` reads: the numbered ones of these names are identifiers."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def name(self, label: str) -> str:
        return super().name(self.names.identifiers.get(label, label))


def _without_plus(tree: ast.expr) -> ast.expr:
    """The tree without the plus in front of it, which says nothing."""
    while isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.UAdd):
        tree = tree.operand
    return tree


def enclosed(tree: ast.expr) -> Piece:
    """A tree where it needs no parentheses, because something else encloses it."""
    return tree, LOOSE, True
