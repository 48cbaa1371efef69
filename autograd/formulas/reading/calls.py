"""What a function and its arguments become: a call of the table, an operator, or the derivative of a function."""

from __future__ import annotations

import ast

from ...errors import FormulaError
from ...table.language import call
from ...table.ops import OPS
from ..rows import RowFormula, textbook
from .trees import Trees
from .vocabulary import OPERATORS, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_COPIES = 10_000
"""Operations that the derivatives of functions in a text may come to: each has its argument in several places."""


def called(
    trees: Trees, word: str, arguments: list[ast.expr], keywords: list[ast.keyword], start: int, end: int
) -> ast.expr:
    """The call of a word, which may be no function: what is accepted is ``grammar.py``'s."""
    if word in OPERATORS and len(arguments) == 2 and not keywords and not function(word):
        trees.changed = True
        return trees.placed(trees.binary(arguments[0], OPERATORS[word], arguments[1]), start, end)
    if word == "transpose" and len(arguments) == 1 and not keywords:
        trees.changed = True
        return trees.transposed(arguments[0], end)
    name = function(word)
    if name == "dot" and len(arguments) == 2 and any(map(trees.shape, arguments)):
        trees.changed = True
        return trees.binary(arguments[0], "@", arguments[1])
    if name in ("sum", "mean") and len(arguments) == 2 and trees.shape(arguments[0]):
        arguments, keywords = _with_axis(arguments, keywords)
    return trees.call(name or word, arguments, keywords, start, end)


def _with_axis(arguments: list[ast.expr], keywords: list[ast.keyword]) -> tuple[list[ast.expr], list[ast.keyword]]:
    """``np.sum(A, 1)`` is ``sum(A, axis=1)``."""
    what, axis = arguments
    if isinstance(axis, ast.Constant) and axis.value in (0, 1) and not any(word.arg == "axis" for word in keywords):
        return [what], [ast.keyword("axis", axis), *keywords]
    return arguments, keywords


def derivative(trees: Trees, name: str, arguments: Sequence[ast.expr], start: int, end: int) -> ast.expr:
    """The derivative of a function of the table by its first input, as its row has it. Raises FormulaError."""
    op = OPS[name]
    given = [*arguments, *[ast.Constant(x) for x in op.defaults[len(arguments) - len(op.inputs) :]]]
    if op.n_lists or len(given) != len(op.inputs):
        raise FormulaError(f"write the derivative of {name} out: {name}' is known for functions of one number only")
    trees.changed = True
    places = dict(zip(op.inputs, given, strict=True))
    places["y"] = trees.call(name, list(arguments), [], start, end)
    tree = _Filled(places, name).rewritten(textbook(op.by_hand[0]))
    if sum(1 for _ in ast.walk(tree)) > MOST_COPIES:
        raise FormulaError(f"{name}' of this is too long: give parts a name")
    shape = trees.shape(places["y"])
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and not hasattr(node, "col_offset"):
            trees.placed(node, start, end)
    return trees.placed(tree, start, end, shape)


class _Filled(RowFormula):
    """A row's formula with trees in the places of its names, of parts of its own; a branch at 0 is a ``step``."""

    def __init__(self, places: Mapping[str, ast.expr], name: str) -> None:
        super().__init__(places, {})
        self.name = name

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(node.value)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        return call(node.func.id, *map(self.rewritten, node.args))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        match node:
            case ast.IfExp(ast.Compare(ast.Name(name), [ast.LtE()], [ast.Constant(0)]), below, above):
                step = call("step", self.places[name])
                if (ast.dump(below), ast.dump(above)) == (ast.dump(ast.Constant(0)), ast.dump(ast.Constant(1))):
                    return step
                return call("where", step, self.rewritten(above), self.rewritten(below))
        raise FormulaError(f"write the derivative of {self.name} out: it has several cases")
