"""NumPy's arrays of Values: the operations of the table, element by element and broadcast as NumPy does.

``apply(op, *elements)`` makes the node of an operation, or its number: it is ``value.apply``.
"""

from __future__ import annotations

from .node import Node
from .number import is_array
from .table.ops import NUMPY_NAMES, OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .table.op import Op

    Apply = Callable[..., Any]


def elementwise(apply: Apply, op: Op, *arguments: Any) -> Any:
    """The operation on each element of arrays: an array of Values; of floats, if no Value came."""
    results = on_arrays(apply, op, "__call__", arguments)
    if is_array(results) and not any(isinstance(y, Node) for y in results.flat):
        return results.astype(float)
    return results


def on_arrays(apply: Apply, op: Op, method: str, arguments: Sequence[Any], **options: Any) -> Any:
    """Call a method of the operation as a NumPy function of objects: to broadcast, to reduce, to write into ``out``."""
    import numpy as np

    function = np.frompyfunc(lambda *elements: apply(op, *elements), len(op.inputs), 1)
    with np.errstate(all="ignore"):  # arithmetic is IEEE's, on arrays too
        return getattr(function, method)(*map(boxed, arguments), **options)


def boxed(x: Any) -> Any:
    """A Value in an array of its own, which NumPy does not hand back to ``Value.__array_ufunc__``."""
    if not isinstance(x, Node):
        return x
    import numpy as np

    box = np.empty((), dtype=object)
    box[()] = x
    return box


# Written out: operator.ge would look like a function that chooses by comparing, see ``guards.compared``.
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}


def from_ufunc(apply: Apply, ufunc: Any, method: str, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What NumPy asks for when one of its functions meets a Value, alone or beside arrays.

    The row of the table does it, and comparisons those of Python; what else NumPy makes of ``*`` and ``+``
    (``np.square``, ``np.matmul``) it makes itself. Raises TypeError where the graph would get lost.
    """
    name: str = ufunc.__name__
    if name in _COMPARISONS:
        import numpy as np

        answers = getattr(np.frompyfunc(_COMPARISONS[name], 2, 1), method)(*map(boxed, operands), **options)
        return answers.astype(bool) if is_array(answers) else answers
    for out in options.get("out", ()):
        if out.dtype != object:
            raise TypeError(
                f"np.{name} cannot write a Value into an array of {out.dtype}: write A = A + v in place of A += v, "
                "or make A an array of objects before, A.astype(object)"
            )
    op = OPS.get(NUMPY_NAMES.get(name, name))
    if op is not None and len(op.inputs) == ufunc.nin:
        if method == "__call__" and not options and all(map(_is_scalar, operands)):
            return apply(op, *[x.item() if hasattr(x, "shape") else x for x in operands])
        return on_arrays(apply, op, method, operands, **options)
    try:
        return getattr(ufunc, method)(*map(boxed, operands), **options)
    except TypeError as error:
        raise TypeError(
            f"np.{name} cannot compute with a Value here: it is no operation of autograd.OPS; for the number alone "
            f"write np.{name}(v.data)"
        ) from error


def _is_scalar(x: Any) -> bool:
    """Whether that is one number, or one Value: NumPy hands on its scalars as arrays."""
    return getattr(x, "shape", None) == () or not hasattr(x, "__len__")
