"""The functions of the table: ``exp``, ``relu``, ``dot``, ..., made from its rows.

Each takes Values and plain numbers. Plain in, plain out: without a Value among its arguments a function
returns a float (the number that the graph would have computed). What is neither raises a TypeError that
names it. All are methods of ``Value`` too, but for ``where`` and the functions of lists.

What takes scalars takes NumPy's arrays of them too, element by element and broadcast as NumPy does; the result is
an array of Values (dtype object), or of floats where no Value came.
"""

from __future__ import annotations

import keyword

from .errors import OpRowError
from .number import is_array, quoted, shown
from .table.op import Op
from .table.ops import OPS
from .value import Value, nary, operand, result, unary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


def __getattr__(name: str) -> Any:
    """A function of the table, also of an operation that was declared later: pickle looks for it here."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def apply(op: Op, *arguments: Any) -> Any:
    """The operation on Values (a node), on numbers only (a float), or on the elements of arrays (an array)."""
    if len(arguments) > 2 and any(map(is_array, arguments)):
        return elementwise(op, *arguments)
    for x in arguments:
        if isinstance(x, Value):
            return result(op, arguments)
    if any(map(is_array, arguments)):
        return elementwise(op, *arguments)
    return op.kernel(*[operand(op, x)[1] for x in arguments])[0]


def elementwise(op: Op, *arguments: Any) -> Any:
    """The operation on each element of arrays: an array of Values; of floats, if no Value came."""
    results = on_arrays(op, "__call__", arguments)
    if is_array(results) and not any(isinstance(y, Value) for y in results.flat):
        return results.astype(float)
    return results


def on_arrays(op: Op, method: str, arguments: Sequence[Any], **options: Any) -> Any:
    """What a method of a NumPy function of objects makes of the operation: broadcast, reduced, written into ``out``."""
    import numpy as np

    function = np.frompyfunc(lambda *elements: apply(op, *elements), len(op.inputs), 1)
    with np.errstate(all="ignore"):  # arithmetic is IEEE's, on arrays too
        return getattr(function, method)(*map(boxed, arguments), **options)


def boxed(x: Any) -> Any:
    """A Value in an array of its own, which NumPy does not hand back to ``Value.__array_ufunc__``."""
    if not isinstance(x, Value):
        return x
    import numpy as np

    box = np.empty((), dtype=object)
    box[()] = x
    return box


def apply_lists(op: Op, *arguments: Any) -> Any:
    """The same for an operation with inputs that are lists (of equal lengths, not empty)."""
    flat: list[Any] = []
    sizes: list[int] = []
    for x, is_list in zip(arguments, op.lists, strict=True):
        if is_list:
            flat += x
            sizes.append(len(x))
        else:
            flat.append(x)
    if sizes[0] != sizes[-1]:
        raise ValueError(f"{op.name}: the lists have {' and '.join(map(str, sizes))} elements; they must be as long")
    if sizes[0] == 0 and op.name not in ("sum", "prod", "dot"):
        raise ValueError(f"{op.name}: the list is empty")
    for x in flat:
        if isinstance(x, Value):
            return nary(op, flat)
    return op.forward([operand(op, x)[1] for x in flat])[0]


MANY = 100
"""Up to so many elements each output of a softmax is a node of its own row, exact to the last digits: n² edges."""


def every_output(op: Op, xs: list[Any], make: Callable[..., Any]) -> list[Any]:
    """softmax or log_softmax of a list, an output for each element; ``make(name, *arguments)`` is an operation.

    Of more than ``MANY`` elements it is made of logsumexp, x − logsumexp(x) and the exp of it, with 3n edges at most.
    That costs digits where the numbers are large: the error of a logarithm is some 1e-16 times the largest |x|, so
    1e-13 at ±1000, and so is the relative error of a probability.
    """
    if len(xs) <= MANY or op.name not in ("softmax", "log_softmax"):  # of an operation of your own
        return [make(op.name, xs, float(k)) for k in range(len(xs))]
    total = make("logsumexp", xs)
    logarithms = [make("-", x, total) for x in xs]
    return logarithms if op.name == "log_softmax" else [make("exp", x) for x in logarithms]


def by_name(name: str, *arguments: Any) -> Any:
    """The operation of that name, on Values (a node) or on numbers only (a float)."""
    op = OPS[name]
    return apply_lists(op, *arguments) if op.n_lists else apply(op, *arguments)


def listed(op: Op, xs: Any) -> list[Any]:
    """A function's list argument, only to be read: any iterable of Values and numbers."""
    if type(xs) is list:
        return xs
    if isinstance(xs, Value | str) or not hasattr(xs, "__iter__"):
        raise TypeError(f"{op.name}: expected a list of Values and numbers, got {quoted(xs)} ({type(xs).__name__})")
    if is_array(xs) and xs.ndim > 1:
        raise TypeError(f"{op.name}: expected a list, got an array of shape {xs.shape}: write {op.name}(A.ravel())")
    return list(xs)


def _function(op: Op) -> Callable[..., Any]:
    """The function of a row, with the row's own argument names and defaults."""
    names = [name for name in op.inputs if name != "k"]
    required = len(names) - len(op.defaults)
    parameters = names[:required] + [f"{n}={d}" for n, d in zip(names[required:], op.defaults, strict=True)]
    f: Callable[..., Any]
    if parameters == ["x"]:
        f = _of_x(op)
    elif len(names) == 1:
        f = eval(f"lambda {parameters[0]}: _of_x({names[0]})", {"_of_x": _of_x(op)})
    else:
        pairs = zip(names, op.lists, strict=True)
        arguments = ", ".join(f"_listed(_op, {name})" if is_list else name for name, is_list in pairs)
        namespace = {"_op": op, "_apply": apply_lists if op.n_lists else apply, "_listed": listed}
        f = eval(f"lambda {', '.join(parameters)}: _apply(_op, {arguments})", namespace)
    f.__name__ = f.__qualname__ = op.name
    f.__module__ = __name__
    partials = ", ".join(f"dy/d{name} = {p}" for name, p in zip(op.inputs, op.partials, strict=True))
    f.__doc__ = f"y = {op.value}; {partials}."
    return f


def _of_x(op: Op) -> Callable[..., Any]:
    """The same of one argument x: most of them are."""
    if "k" in op.inputs:  # one node for each k
        return lambda x: every_output(op, listed(op, x), by_name)
    if op.n_lists:
        return lambda x: apply_lists(op, listed(op, x))
    return lambda x: unary(op, x) if type(x) is Value else apply(op, x)


FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""The functions, by the names of their rows."""

FUNCTION_NAMES: dict[str, str] = {}
"""What a formula may call them, each with the name of its row: their names, and their symbols, as in σ(z)."""


def _declare(op: Op) -> Callable[..., Any]:
    """Make the function of a row, and the method."""
    f = FUNCTIONS[op.name] = _function(op)
    FUNCTION_NAMES.setdefault(op.symbol, op.name)
    FUNCTION_NAMES[op.name] = op.name
    if not op.n_lists and op.name != "where":
        setattr(Value, op.name, f)  # the first argument is self
    return f


def _forget(name: str) -> None:
    """Take an operation of the user's own out of the table; graphs that have it keep it."""
    del OPS[name], FUNCTIONS[name]
    for word in [word for word, row in FUNCTION_NAMES.items() if row == name]:
        del FUNCTION_NAMES[word]
    if name in vars(Value):
        delattr(Value, name)


for _row in list(OPS.values()):
    if _row.name.isidentifier():
        _declare(_row)
Value.ReLu = FUNCTIONS["relu"]  # type: ignore[attr-defined]  # as lectures on micrograd spell it

BUILT_IN = frozenset(OPS)


def operation(
    name: str,
    inputs: str,
    value: str,
    partials: Sequence[str],
    *,
    computed: str = "",
    graph: str = "",
    symbol: str = "",
    latex: str = "",
    defaults: Sequence[float] = (),
) -> Callable[..., Any]:
    """Declare an operation of your own by its formula and its partial derivatives; returns its function.

    The columns are those of the table, see ``autograd.table.ops``: ``value`` in the names of the inputs, a partial for
    each input, in which ``y`` is the result and a literal ``0`` lets nothing flow; ``*x`` is a list. The operation is
    then one like all others: also a method of Value, with a backward pass, in formulas (``parse("cube(x)", x=2)``),
    pictures, steps, LaTeX, derivative graphs, the checker and programs. ``gradcheck`` compares it with numbers.

    Declared once more, as when a cell of a notebook runs again, it is replaced; graphs of before keep what they were.
    Raises OpRowError for formulas that cannot be read, and for a name that is taken.

    >>> cube = operation("cube", "x", "x**3", ["3*x**2"])
    >>> x = Value(2.0, "x")
    >>> y = cube(x)
    >>> y.backward()
    >>> y.data, x.grad
    (8.0, 12.0)
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise OpRowError(f"an operation is called by its name: {quoted(name)} can be none, write one like my_tanh")
    if name in BUILT_IN or (name not in FUNCTIONS and hasattr(Value, name)):
        what = "an operation of the table" if name in BUILT_IN else f"Value.{name}"
        raise OpRowError(f"the name {quoted(name)} is taken by {what}: choose another, such as my_{shown(name)}")
    op = Op(
        name, inputs, value, partials, computed=computed, graph=graph, symbol=symbol, latex=latex, defaults=defaults
    )
    if name in OPS and vars(op).items() <= vars(OPS[name]).items():
        return FUNCTIONS[name]  # the same once more
    from .table.scalars import check_language

    check_language(op)
    if name in OPS:
        _forget(name)
    f = _declare(op)
    OPS[name] = op
    return f


# NumPy's names of the rows that it calls otherwise. Of an array of Values, np.exp(A) calls v.exp() of each.
_UFUNCS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "power": "**",
    "negative": "neg",
    "absolute": "abs",
    "fabs": "abs",
    "float_power": "**",
    "remainder": "%",
    "rint": "round",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
}
for _ufunc, _name in _UFUNCS.items():
    if _name in FUNCTIONS:
        setattr(Value, _ufunc, FUNCTIONS[_name])

# Written out: operator.ge would look like a function that chooses by comparing, see ``caller``.
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}


def from_ufunc(ufunc: Any, method: str, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
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
    op = OPS.get(_UFUNCS.get(name, name))
    if op is not None and len(op.inputs) == ufunc.nin:
        if method == "__call__" and not options and all(map(_is_scalar, operands)):
            return apply(op, *[x.item() if hasattr(x, "shape") else x for x in operands])
        return on_arrays(op, method, operands, **options)
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
