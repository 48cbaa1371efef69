"""What a formula comes to: Values, numbers, or arrays of them, made by the table's operations from those of its names.

One walk over the tree for all of them: where a name stands for an array, operations go element by element.
"""

from __future__ import annotations

import ast
import math

from ..errors import FormulaError
from ..functions import FUNCTIONS, apply_lists
from ..number import shortened
from ..table.ops import NEG, OPS
from ..value import apply
from .grammar import postorder
from .matrix import ShapeError, elementwise, matrix_product, reduced, transposed
from .symbols import OPERATORS
from .text import Text, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    from ..table.op import Op
    from .matrix import Element, Quantity

    T = TypeVar("T")

CONSTANTS = {"pi": math.pi, "π": math.pi}


def evaluate(tree: ast.expr, values: Mapping[str, T]) -> T:
    """The Value or array that the expression makes of the values of its names; of numbers alone the float.

    Raises FormulaError where numbers alone have no finite result or an index is out of its list, ShapeError where
    shapes do not fit.
    """
    done: dict[ast.expr, Any] = {}
    for node in postorder(tree):
        try:
            result = _result(node, done, values)
        except IndexError as error:
            raise FormulaError(f"{_shown(node)}: {error}") from None
        except ShapeError as error:
            raise ShapeError(f"in {_shown(node)} {error}") from None
        if isinstance(result, float) and not math.isfinite(result):
            why = "is not a number" if math.isnan(result) else "is infinite: too large, or a division by 0"
            raise FormulaError(f"{_shown(node)} {why}")
        done[node] = result
    value: T = done[tree]
    return value


def _result(node: ast.expr, done: Mapping[ast.expr, Quantity], values: Mapping[str, Any]) -> Quantity | None:
    """One node of the tree; None for what its user computes: a list, and a softmax, which waits for its index."""
    match node:
        case ast.Constant(int() | float() as number):
            return float(number)
        case ast.Name(name):
            named: Quantity = values[name]
            return named
        case ast.UnaryOp(ast.UAdd(), operand):
            return done[operand]
        case ast.UnaryOp(_, operand):
            return _operation(NEG, done[operand])
        case ast.Attribute(matrix):
            return transposed(done[matrix])
        case ast.BinOp(left, ast.MatMult(), right):
            return matrix_product(done[left], done[right])
        case ast.BinOp(left, operator, right):
            return _operation(OPS[OPERATORS[type(operator)]], done[left], done[right])
        case ast.Call(ast.Name("sum" | "mean" as name), [argument], keywords) if not isinstance(argument, ast.List):
            return reduced(FUNCTIONS[name], done[argument], **_axis(keywords))
        case ast.Call(ast.Name(name)) if not OPS[name].per_element:
            return _called(node, done)
        case ast.Subscript(ast.Call() as call, ast.Constant(int() | float() as k)):
            return _called(call, done, int(k))
    return None


def _operation(op: Op, *operands: Quantity) -> Quantity:
    return elementwise(lambda *elements: apply(op, *elements), *operands)


def _axis(keywords: list[ast.keyword]) -> dict[str, int]:
    """Along which axis a sum goes, and whether its dimension stays: NumPy's axis and keepdims."""
    given: dict[str, int] = {}
    for word in keywords:
        if word.arg is not None and isinstance(word.value, ast.Constant) and isinstance(word.value.value, int):
            given[word.arg] = word.value.value
    return given


def _called(call: ast.Call, done: Mapping[ast.expr, Quantity], k: int | None = None) -> Quantity:
    """A function of the table; with a ``k`` only the node of that output of a softmax."""
    assert isinstance(call.func, ast.Name)
    name = call.func.id
    groups = [(x.elts, True) if isinstance(x, ast.List) else ([x], False) for x in call.args]

    def f(*operands: Element) -> Element:
        left = iter(operands)
        arguments = [[next(left) for _ in group] if is_list else next(left) for group, is_list in groups]
        result: Element = FUNCTIONS[name](*arguments) if k is None else apply_lists(OPS[name], *arguments, k)
        return result

    return elementwise(f, *[done[element] for group, _ in groups for element in group])


# --- what an error says ---------------------------------------------------------------------------------


def _shown(tree: ast.expr) -> str:
    """The formula as it may be typed again, cut if it is long."""
    return shortened(write(tree, Text()))
