"""A row's formula for a reader: ``a*b`` of the table in the names, the numbers or the matrices of one node.

One visitor puts what a reader wants to see in the places of the row's own names. It has three policies:

- what stands for an input is a tree: a name, a formula, a number, a place in a template;
- a branch, ``a if condition else b``, is taken where the numbers that are known decide it: all numbers of a graph at
  one point, constants only, or none;
- a list is ``WrittenOut``, x1 + x2 + x3, or stays ``Whole``, a sum over x.
"""

from __future__ import annotations

import ast
from functools import cache

from ..table.arithmetic import SCALARS
from ..table.language import call, lists_of, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import CodeType

    Known = float | Sequence[float]

_LANGUAGE: dict[str, object] = {**SCALARS, "__builtins__": {}}


@cache
def parsed(formula: str) -> ast.expr:
    """The tree of a row's formula; it is the same for all that read it, and nobody changes it."""
    return ast.parse(formula, mode="eval").body


@cache
def _code(tree: ast.expr) -> CodeType:
    """What computes a piece of such a tree."""
    return compile(ast.Expression(tree), "<row>", "eval")


_lists_of = cache(lists_of)


class RowFormula(ast.NodeTransformer):
    """Rewrites formulas of a row.

    ``places``   what stands for the row's names: its inputs, ``y``, ``i``, ``pi``; a name without a place stays
    ``numbers``  the numbers that are known, by the row's names
    """

    def __init__(self, places: Mapping[str, ast.expr], numbers: Mapping[str, Known]) -> None:
        self.places = dict(places)
        self.numbers = {**_LANGUAGE, **numbers}
        self.running: Mapping[str, Known] = {}  # the numbers among the variables of the sum that is being written out

    def read(self, formula: str) -> ast.expr:
        """A formula of the row, rewritten."""
        return self.rewritten(parsed(formula))

    def rewritten(self, tree: ast.expr) -> ast.expr:
        result: ast.expr = self.visit(tree)
        return result

    def known(self, tree: ast.expr) -> float | None:
        """The number that a piece of the row is; None if the numbers that are known do not say."""
        try:
            number: float = eval(_code(tree), self.numbers, self.running)  # our table, no user's text
        except NameError:
            return None
        return number

    def decided(self, test: ast.expr, holds: bool) -> None:
        """Called where a branch is taken."""

    def tidy(self, tree: ast.expr) -> ast.expr:
        """An operation whose operands are rewritten, as the reader gets it."""
        return tree

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.places.get(node.id, node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self.tidy(ast.BinOp(self.rewritten(node.left), node.op, self.rewritten(node.right)))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        return self.tidy(ast.UnaryOp(node.op, self.rewritten(node.operand)))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        holds = self.known(node.test)
        if holds is None:
            return ast.IfExp(self.rewritten(node.test), self.rewritten(node.body), self.rewritten(node.orelse))
        self.decided(node.test, bool(holds))
        return self.rewritten(node.body if holds else node.orelse)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return ast.Compare(self.rewritten(node.left), node.ops, [self.rewritten(x) for x in node.comparators])

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return ast.BoolOp(node.op, [self.rewritten(x) for x in node.values])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return ast.GeneratorExp(self.rewritten(node.elt), node.generators)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(ast.Name("len"), [ast.Name(x)]):
                return self.length(x)
            case ast.Call(ast.Name(function), [ast.Name() | ast.GeneratorExp() as elements]):
                return self.over(function, elements)
        return ast.Call(node.func, [self.rewritten(argument) for argument in node.args], [])

    def length(self, x: str) -> ast.expr:
        """How many elements a list has."""
        raise NotImplementedError

    def over(self, function: str, elements: ast.Name | ast.GeneratorExp) -> ast.expr:
        """A function of a list, or of a term for each of its elements; or of an input that is none."""
        raise NotImplementedError


class WrittenOut(RowFormula):
    """Lists are written element by element."""

    def __init__(
        self, places: Mapping[str, ast.expr], numbers: Mapping[str, Known], lists: Mapping[str, Sequence[object]]
    ) -> None:
        super().__init__(places, numbers)
        self.lists = lists

    def element(self, x: str, at: int) -> ast.expr:
        """What stands for an element of a list."""
        raise NotImplementedError

    def elements(self, x: str) -> list[ast.expr]:
        return [self.element(x, at) for at in range(len(self.lists[x]))]

    def sum_of(self, terms: Sequence[ast.expr]) -> ast.expr:
        raise NotImplementedError

    def product_of(self, factors: Sequence[ast.expr]) -> ast.expr:
        raise NotImplementedError

    def length(self, x: str) -> ast.expr:
        return ast.Constant(len(self.lists[x]))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        assert isinstance(node.value, ast.Name)
        at = self.known(node.slice)
        if at is None:
            elements = ast.List(self.elements(node.value.id), ast.Load())
            return ast.Subscript(elements, self.rewritten(node.slice), ast.Load())
        return self.element(node.value.id, int(at))

    def over(self, function: str, elements: ast.Name | ast.GeneratorExp) -> ast.expr:
        match elements:
            case ast.GeneratorExp(term, [loop]):
                trees = self.terms(term, loop)
            case ast.Name(x) if x in self.lists:
                trees = self.elements(x)
            case _:
                return call(function, self.rewritten(elements))
        if function == "sum":
            return self.sum_of(trees)
        if function == "prod" and isinstance(elements, ast.GeneratorExp):
            return self.product_of(trees)
        return call(function, *trees)

    def terms(self, term: ast.expr, loop: ast.comprehension) -> list[ast.expr]:
        """``term`` for each element of ``x``, or of ``zip(a, b)``, or each index of ``range(len(x))``."""
        columns: dict[str, Sequence[ast.expr]] = {}
        for target, source in _lists_of(loop):
            match source:
                case ast.Call(ast.Name("range"), [ast.Call(ast.Name("len"), [ast.Name(x)])]):
                    columns[target] = [ast.Constant(at) for at in range(len(self.lists[x]))]
                case ast.Name(x):
                    columns[target] = self.elements(x)
        outer, running = self.places, self.running
        terms: list[ast.expr] = []
        for elements in zip(*columns.values(), strict=True):
            places = dict(zip(columns, elements, strict=True))
            self.places, self.running = outer | places, {**running, **constants(places)}
            terms.append(self.rewritten(term))
        self.places, self.running = outer, running
        return terms


class Whole(RowFormula):
    """A list stays one thing: what stands in a sum over ``x`` is the same tree for each of its elements."""

    place: ast.expr
    """What stands for an index that runs over a list."""

    indices: frozenset[str] = frozenset()
    """The variables that are such indices, where the visitor is now."""

    def element(self, x: str) -> ast.expr:
        """What stands for any element of a list, in a sum over it."""
        raise NotImplementedError

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        assert isinstance(node.value, ast.Name)
        if isinstance(node.slice, ast.Name) and node.slice.id in self.indices:
            return self.element(node.value.id)
        return self.places.get(node.value.id, node)

    def over(self, function: str, elements: ast.Name | ast.GeneratorExp) -> ast.expr:
        if isinstance(elements, ast.Name):
            return call(function, self.element(elements.id))
        (loop,) = elements.generators
        outer, indices = self.places, self.indices
        for target, source in _lists_of(loop):
            if isinstance(source, ast.Name):
                self.places = self.places | {target: self.element(source.id)}
            else:  # range(len(x))
                self.places, self.indices = self.places | {target: self.place}, self.indices | {target}
        term = self.rewritten(elements.elt)
        self.places, self.indices = outer, indices
        return call(function, term)


def constants(places: Mapping[str, ast.expr]) -> dict[str, Known]:
    """The numbers among what stands for the names of a row."""
    return {
        x: float(tree.value)
        for x, tree in places.items()
        if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float)
    }


# --- the textbook's notation ------------------------------------------------------------------------------------


def textbook(formula: str) -> ast.expr:
    """The tree of a row's ``value`` or partial, in a textbook's notation: y*y is y², a sum runs over an index j.

    >>> from autograd import OPS, to_latex
    >>> to_latex(textbook(OPS["tanh"].partials[0]))
    '1 - y^{2}'
    """
    return _Textbook({}, {}).read(formula)


class _Textbook(Whole):
    """Nothing is known, and nothing decided: all names are the row's own."""

    place = variable("j")

    def element(self, x: str) -> ast.expr:
        return ast.Subscript(variable(x), self.place, ast.Load())

    def length(self, x: str) -> ast.expr:  # noqa: ARG002
        return variable("n")

    def over(self, function: str, elements: ast.Name | ast.GeneratorExp) -> ast.expr:
        if function not in ("sum", "prod"):
            return call(function, self.rewritten(elements))
        whole = super().over(function, elements)
        assert isinstance(whole, ast.Call)
        return ast.Call(whole.func, [ast.GeneratorExp(whole.args[0], [])], [])

    def tidy(self, tree: ast.expr) -> ast.expr:
        match tree:
            case ast.BinOp(ast.Name() | ast.Subscript() as a, ast.Mult(), b) if ast.unparse(a) == ast.unparse(b):
                return ast.BinOp(a, ast.Pow(), ast.Constant(2))
            case ast.BinOp(ast.UnaryOp(ast.USub(), ast.Name(a)), ast.Mult(), ast.Name(b)) if a == b:
                return ast.UnaryOp(ast.USub(), ast.BinOp(variable(b), ast.Pow(), ast.Constant(2)))
        return tree
