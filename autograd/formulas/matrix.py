"""Formulas over matrices: ``dZ1 @ A0.T / m``, where a name stands for an array of Values.

Arrays are NumPy's, of objects; NumPy is needed only here, for shapes. What ``parse.evaluate`` does for
scalars this does element by element, with NumPy's broadcasting.
"""

from __future__ import annotations

import ast
import math

from ..errors import FormulaError
from ..functions import FUNCTIONS
from ..number import number, quoted, shortened
from ..table.ops import NEG, OPS
from ..value import Value, apply
from .grammar import OPERATORS, postorder
from .parse import CONSTANTS
from .text import Text, enclosed, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .text import Piece


class ShapeError(ValueError):
    """Two shapes that do not fit together; the text says which, and where."""


def array(what: Any, name: str) -> Any:
    """A Value or number as it is; a list, a list of lists or a NumPy array of them as an array of objects."""
    if isinstance(what, Value) or (not hasattr(what, "__len__") and getattr(what, "shape", ()) == ()):
        return what if isinstance(what, Value) else number(what)
    if isinstance(what, str | dict):
        raise TypeError(f"{name}: expected a Value, a number, or an array of them, got {quoted(what)}")
    import numpy as np

    rows = [array(row, name) for row in what]
    shapes = {np.shape(row) if isinstance(row, np.ndarray) else () for row in rows}
    if len(shapes) != 1:
        raise TypeError(f"{name}: the rows have different lengths, or there are none")
    result = np.empty((len(rows), *shapes.pop()), dtype=object)
    for at, row in enumerate(rows):
        result[at] = row
    return result


def shape(what: Any) -> tuple[int, ...]:
    """() for a Value or number."""
    return tuple(getattr(what, "shape", ()))


def elements(what: Any) -> list[Any]:
    """The elements in order of rows; one for a Value or number."""
    return list(what.flat) if hasattr(what, "flat") else [what]


def like(what: Any, f: Callable[[Any], Any]) -> Any:
    """f of each element, in the same shape."""
    if not hasattr(what, "flat"):
        return f(what)
    import numpy as np

    result = np.empty(what.shape, dtype=object)
    for at in np.ndindex(*what.shape):
        result[at] = f(what[at])
    return result


def evaluate(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """The Value, float, or array of them that the expression makes of the values of its names.

    Raises ShapeError where shapes do not fit, FormulaError where numbers alone are too large.
    """
    done: dict[ast.expr, Any] = {}
    for node in postorder(tree):
        result = _step(node, done, values)
        if isinstance(result, float) and not math.isfinite(result):
            why = "is not a number" if math.isnan(result) else "is too large for a floating-point number"
            raise FormulaError(f"{shortened(source(node))} {why}")
        done[node] = result
    return done[tree]


def _step(node: ast.expr, done: Mapping[ast.expr, Any], values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return float(node.value)  # type: ignore[arg-type]
        case ast.Name(name):
            return values[name] if name in values else CONSTANTS[name]
        case ast.UnaryOp(ast.UAdd()):
            return done[node.operand]
        case ast.UnaryOp():
            return like(done[node.operand], lambda x: apply(NEG, x))
        case ast.Attribute():
            return done[node.value].T if hasattr(done[node.value], "T") else done[node.value]
        case ast.BinOp(left, ast.MatMult(), right):
            return _product(done[left], done[right], node)
        case ast.BinOp(left, operator, right):
            op = OPS[OPERATORS[type(operator)]]
            return _elementwise(lambda a, b: apply(op, a, b), [done[left], done[right]], node)
        case ast.Call(ast.Name("sum" | "mean" as name), [argument]) if not isinstance(argument, ast.List):
            axis = node.keywords[0].value.value if node.keywords else None  # type: ignore[attr-defined]
            return _reduced(FUNCTIONS[name], done[argument], axis, node)
        case ast.Call() | ast.Subscript(ast.Call()):
            return _called(node, done)
    return None  # a list: its elements are what counts


def _called(node: ast.expr, done: Mapping[ast.expr, Any]) -> Any:
    """A function of the table, element by element; ``softmax([a, b])[0]`` with its subscript."""
    call = node.value if isinstance(node, ast.Subscript) else node
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    op = OPS[call.func.id]
    if op.per_element and not isinstance(node, ast.Subscript):
        return None
    flat = [
        done[e] for argument in call.args for e in (argument.elts if isinstance(argument, ast.List) else [argument])
    ]
    sizes = [len(argument.elts) if isinstance(argument, ast.List) else 0 for argument in call.args]

    def f(*values: Any) -> Any:
        left = iter(values)
        arguments = [[next(left) for _ in range(size)] if size else next(left) for size in sizes]
        try:
            result = FUNCTIONS[op.name](*arguments)
        except IndexError as error:
            raise FormulaError(f"{shortened(source(node))}: {error}") from None
        return result[node.slice.value] if isinstance(node, ast.Subscript) else result  # type: ignore[attr-defined]

    return _elementwise(f, flat, node)


def _elementwise(f: Callable[..., Any], operands: list[Any], node: ast.expr) -> Any:
    if not any(map(shape, operands)):
        return f(*operands)
    import numpy as np

    try:
        together = np.broadcast_arrays(*[np.asarray(x, dtype=object) for x in operands])
    except ValueError:
        shapes = " and ".join(str(shape(x)) for x in operands)
        raise ShapeError(f"in {shortened(source(node))} the shapes are {shapes}: they must be the same") from None
    result = np.empty(together[0].shape, dtype=object)
    for at in np.ndindex(*result.shape):
        result[at] = f(*[x[at] for x in together])
    return result


def _product(a: Any, b: Any, node: ast.expr) -> Any:
    """The matrix product; a vector on the left is a row, on the right a column."""
    if not shape(a) or not shape(b) or shape(a)[-1] != shape(b)[0] or len(shape(b)) > 2:
        raise ShapeError(
            f"in {shortened(source(node))} the shapes are {shape(a)} and {shape(b)}: "
            "for @ the columns of the first must be as many as the rows of the second"
        )
    import numpy as np

    rows, columns = np.atleast_2d(a), b if b.ndim == 2 else b[:, None]
    result = np.empty((len(rows), columns.shape[1]), dtype=object)
    for i, j in np.ndindex(*result.shape):
        result[i, j] = FUNCTIONS["dot"](rows[i], columns[:, j])
    result = result.reshape(a.shape[:-1] + b.shape[1:])
    return result[()] if result.shape == () else result


def _reduced(f: Callable[[Any], Any], xs: Any, axis: int | None, node: ast.expr) -> Any:
    if axis is None:
        return f(elements(xs))
    if axis >= len(shape(xs)):
        raise ShapeError(f"in {shortened(source(node))} there is no axis {axis}: the shape is {shape(xs)}")
    import numpy as np

    rows = np.moveaxis(xs, axis, -1)
    result = np.empty(rows.shape[:-1], dtype=object)
    for at in np.ndindex(*result.shape):
        result[at] = f(list(rows[at]))
    return result[()] if result.shape == () else result


class _Source(Text):
    """Formulas with matrices, as text."""

    def pieces(self, tree: ast.expr) -> tuple[int, list[Piece]]:
        match tree:
            case ast.BinOp(left, ast.MatMult(), right):
                return 2, [(left, 2, True), " @ ", (right, 3, False)]
            case ast.Attribute(value):
                return 5, [(value, 5, True), ".T"]
            case ast.Call(ast.Name(name), [argument], [keyword]):
                return 5, [f"{name}(", enclosed(argument), f", axis={keyword.value.value})"]  # type: ignore[attr-defined]
        return super().pieces(tree)


def source(tree: ast.expr) -> str:
    """The formula as text, as it may be typed again."""
    return write(tree, _Source())
