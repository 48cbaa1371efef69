"""A slip of the pen: with one name, one number or one sign of its formula changed, the claim is right."""

from __future__ import annotations

import ast
import math
from collections import Counter
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from ..errors import FormulaError
from ..formulas.evaluate import CONSTANTS, evaluate
from ..formulas.grammar import copied, names, postorder
from ..formulas.matrix import ShapeError, elements, nodes, shape
from ..formulas.notes import noted
from ..guards import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from ..formulas.matrix import Quantity
    from .book import Book, Found
    from .claim import Claim
    from .point import Point

    Edit: TypeAlias = tuple[ast.expr, ast.expr]  # what stands somewhere in a formula, and what belongs there

MOST_WORK = 200_000  # elements that are computed in search of a slip, at one point
_OPPOSITE = {ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Div(), ast.Div: ast.Mult()}
_FAMILIES = [
    ["sin", "cos", "tan"],
    ["sigmoid", "tanh", "relu", "softplus"],
    ["exp", "log"],
    ["sinh", "cosh"],
    ["sum", "mean"],
]


@dataclass(frozen=True)
class Slip:
    """Its kind; ``edits``, what each place of the formula should be instead; ``inside`` which part of it that is in."""

    mistake: str
    edits: tuple[Edit, ...]
    inside: ast.AST | None = None


class Slips:
    """The slips that a claim may have; and what to say of each, and the claim without it."""

    def __init__(self, book: Book, claim: Claim) -> None:
        assert claim.tree is not None
        self.book, self.about = book, set(claim.targets)
        self.tree = copied(claim.tree)
        self.order = postorder(self.tree)
        self._parents = {id(part): node for node in self.order for part in ast.iter_child_nodes(node)}
        self._references: dict[str, Found] = {}
        self._values: dict[tuple[str, Point], Quantity] = {}
        self.used = [node for node in self.order if isinstance(node, ast.Name) and node.id not in CONSTANTS]
        self.work = len(self.order) * max(len(claim.targets), *(len(elements(x)) for x in self._known()), 1)

    def _known(self) -> list[Quantity]:
        return [self.book.known[node.id] for node in self.used if node.id in self.book.known]

    def all(self) -> Iterator[Slip]:
        """The most plausible first: names, everywhere or in one place; then signs; numbers; functions."""
        count = Counter(name.id for name in self.used)
        for wrong in count:
            for other in self._instead_of(wrong):
                places = [name for name in self.used if name.id == wrong]
                yield Slip("another name", tuple((name, _name(other)) for name in places))
                if len(places) > 1:
                    for name in places:
                        yield Slip("another name", ((name, _name(other)),), self._inside(name))
        for pair in combinations(sorted(count, key=lambda name: name not in self.book.known), 2):
            swap = dict(zip(pair, reversed(pair), strict=True))
            yield Slip("swapped names", tuple((name, _name(swap[name.id])) for name in self.used if name.id in swap))
        for node in self.order:
            if isinstance(node, ast.BinOp) and type(node.op) in _OPPOSITE:
                right = ast.BinOp(node.left, _OPPOSITE[type(node.op)], node.right)
                yield Slip("another operation", ((node, right),))
        for node in self.order:
            yield from self._of_other_nodes(node)
        yield from self._of_functions()

    def _of_other_nodes(self, node: ast.expr) -> Iterator[Slip]:
        match node:
            case ast.UnaryOp(ast.USub(), operand):
                yield Slip("sign", ((node, operand),))
            case ast.Name():
                yield Slip("sign", ((node, ast.UnaryOp(ast.USub(), node)),), self._inside(node))
            case ast.Constant(int() | float() as x):
                for number in dict.fromkeys([x + 1, x - 1, 2 * x, x / 2, *([1 / x] if x else [])]):
                    if number != x and number >= 0:
                        yield Slip("another number", ((node, ast.Constant(number)),), self._inside(node))

    def _of_functions(self) -> Iterator[Slip]:
        calls = [node for node in self.order if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        edits: dict[tuple[str, str], list[Edit]] = {}
        for call in calls:
            for family in _FAMILIES:
                called = noted(call.func)
                for f in family if called in family else []:
                    edit = call, ast.Call(_name(f), call.args, call.keywords)
                    edits.setdefault((called, f), []).append(edit)
        for (called, f), alike in edits.items():
            if f != called:
                yield Slip("another function", tuple(alike))
                if len(alike) > 1:
                    yield from (Slip("another function", (edit,)) for edit in alike)

    def _inside(self, node: ast.expr) -> ast.AST | None:
        """The part of the formula that something stands in; a minus is none."""
        part: ast.AST | None = self._parents.get(id(node))
        while isinstance(part, ast.UnaryOp):
            part = self._parents.get(id(part))
        return part

    def _instead_of(self, name: str) -> Iterator[str]:
        """The names that may belong where this one stands: what has its shape; first its kind, and x2 for x1."""
        d = "" if name in self.book.known else "d"
        wrt = name.removeprefix(d)
        if wrt not in self.book.known:  # a quotient, da/dz
            return
        size = shape(self.book.known[wrt])
        alike = [(other, nodes(what)) for other, what in self.book.known.items() if shape(what) == size]
        alike.sort(key=lambda pair: _stem(pair[0]) != _stem(wrt))
        gradients = [f"d{other}" for other, found in alike if found and self.about.isdisjoint(found)]
        values = [other for other, _ in alike]
        yield from (other for other in ([*gradients, *values] if d else [*values, *gradients]) if other != name)

    def sentence(self, slip: Slip) -> str:
        wrong, right = slip.edits[0]
        if slip.mistake == "swapped names":
            return f"{noted(wrong)} and {noted(right)} are swapped: each stands where the other belongs."
        if isinstance(wrong, ast.Call) and isinstance(right, ast.Call) and len(slip.edits) > 1:
            wrong, right = wrong.func, right.func
        inside = f", in {noted(slip.inside)}" if isinstance(slip.inside, ast.expr) else ""
        return f"{noted(wrong)} stands where {noted(right)} belongs{inside}."

    def without(self, slip: Slip, point: Point) -> list[float]:
        """The claim without this slip, at a point; nan where it is no number."""
        tree = _with(self.order, slip.edits)
        try:
            result = evaluate(tree, {**CONSTANTS, **{name: self._value(name, point) for name in names(tree)}})
        except (FormulaError, ShapeError):
            return [math.nan]
        return [plain(x) for x in elements(result)]

    def _value(self, name: str, point: Point) -> Quantity:
        if (name, point) not in self._values:
            if name not in self._references:
                self._references[name] = self.book.reference(name, self.about)
            self._values[name, point] = self._references[name](point)
        return self._values[name, point]


def _with(order: Sequence[ast.expr], edits: Sequence[Edit]) -> ast.expr:
    """The tree of these nodes (each after those inside it) with others in place of some."""
    new = {id(wrong): right for wrong, right in edits}
    for node in order:
        if id(node) not in new:
            changed = copy(node)
            for field, part in ast.iter_fields(node):
                setattr(changed, field, _changed(part, new))
            if any(getattr(changed, field) is not part for field, part in ast.iter_fields(node)):
                new[id(node)] = changed
    return new.get(id(order[-1]), order[-1])


def _changed(part: object, new: dict[int, ast.expr]) -> object:
    if isinstance(part, list):
        changed = [new.get(id(each), each) for each in part]
        return changed if any(x is not y for x, y in zip(changed, part, strict=True)) else part
    return new.get(id(part), part)


def _stem(name: str) -> str:
    return name.strip("0123456789_")


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def slips(book: Book, claim: Claim) -> Iterator[tuple[str, partial[str], partial[list[float]]]]:
    """For each slip that a formula may have its kind, what to say, and how far the claim is off then, at a point."""
    if claim.tree is None or not claim.everywhere:
        return
    found = Slips(book, claim)
    left = MOST_WORK
    for slip in found.all():
        left -= found.work
        if left < 0:
            return
        yield slip.mistake, partial(found.sentence, slip), partial(_off, found, claim, slip)


def _off(found: Slips, claim: Claim, slip: Slip, point: Point) -> list[float]:
    without = found.without(slip, point)
    claimed, _ = claim.at(point)
    if len(without) != len(claimed):
        return [math.nan for _ in claimed]
    return [x - y / claim.scale for x, y in zip(claimed, without, strict=True)]
