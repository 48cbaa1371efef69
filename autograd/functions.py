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
from .table.ops import NUMPY_NAMES, OPS
from .value import Value, apply, nary, operand, unary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from .operations import Operand

    Function: TypeAlias = Callable[..., Any]  # of Values, numbers, arrays and lists of them


def __getattr__(name: str) -> Function:
    """A function of the table, also of an operation that was declared later: pickle looks for it here."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def apply_lists(op: Op, *arguments: Any) -> Any:
    """The same for an operation with inputs that are lists (of equal lengths, not empty)."""
    flat: list[Operand] = []
    sizes: list[int] = []
    for x, is_list in zip(arguments, op.lists, strict=True):
        if is_list:
            flat += x
            sizes.append(len(x))
        else:
            flat.append(x)
    if sizes[0] != sizes[-1]:
        raise ValueError(f"{op.name}: the lists have {' and '.join(map(str, sizes))} elements; they must be as long")
    if sizes[0] == 0 and not op.may_be_empty:
        raise ValueError(f"{op.name}: the list is empty")
    for x in flat:
        if isinstance(x, Value):
            return nary(op, flat)
    return op.forward([operand(op, x)[1] for x in flat])[0]


MANY = 100
"""Up to so many elements each output of a softmax is a node of its own row, exact to the last digits: n² edges."""


def every_output(op: Op, xs: Sequence[object], make: Function) -> list[Any]:
    """softmax or log_softmax of a list, an output for each element; ``make(name, *arguments)`` is an operation.

    Of more than ``MANY`` elements it is made of logsumexp, x − logsumexp(x) and the exp of it, with 3n edges at most.
    That costs digits where the numbers are large: the error of a logarithm is some 1e-16 times the largest |x|, so
    1e-13 at ±1000, and so is the relative error of a probability.
    """
    if len(xs) <= MANY or not op.many:
        return [make(op.name, xs, float(k)) for k in range(len(xs))]
    from types import SimpleNamespace

    from .table.graphs import many_kernel

    results: list[Any] = many_kernel(op)(SimpleNamespace(make=make), xs)
    return results


def by_name(name: str, *arguments: Operand) -> Any:
    """The operation of that name, on Values (a node) or on numbers only (a float)."""
    op = OPS[name]
    return apply_lists(op, *arguments) if op.n_lists else apply(op, *arguments)


def listed(op: Op, xs: Any) -> list[Operand]:
    """A function's list argument, only to be read: any iterable of Values and numbers."""
    if type(xs) is list:
        return xs
    if isinstance(xs, Value | str) or not hasattr(xs, "__iter__"):
        raise TypeError(f"{op.name}: expected a list of Values and numbers, got {quoted(xs)} ({type(xs).__name__})")
    if is_array(xs) and xs.ndim > 1:
        raise TypeError(f"{op.name}: expected a list, got an array of shape {xs.shape}: write {op.name}(A.ravel())")
    return list(xs)


def _function(op: Op) -> Function:
    """The function of a row, with the row's own argument names and defaults; softmax's place k is not among them."""
    names = op.inputs[:-1] if op.per_element else op.inputs
    f = _of_x(op) if names == ("x",) and not op.defaults else _defined(op, names)
    f.__name__ = f.__qualname__ = op.name
    f.__module__ = __name__
    partials = ", ".join(f"dy/d{name} = {p}" for name, p in zip(op.inputs, op.partials, strict=True))
    f.__doc__ = f"y = {op.value}; {partials}."
    return f


def _defined(op: Op, names: Sequence[str]) -> Function:
    """The function, written in Python and compiled, as kernels are: ``def clip(x, low, high): ...``."""
    namespace: dict[str, Any]
    required = len(names) - len(op.defaults)
    parameters = [*names[:required], *(f"{n}={d}" for n, d in zip(names[required:], op.defaults, strict=True))]
    if len(names) == 1:
        call, namespace = f"_of_x({names[0]})", {"_of_x": _of_x(op)}
    else:
        pairs = zip(names, op.lists, strict=True)
        arguments = [f"_listed(_op, {name})" if is_list else name for name, is_list in pairs]
        call = f"_apply(_op, {', '.join(arguments)})"
        namespace = {"_op": op, "_apply": apply_lists if op.n_lists else apply, "_listed": listed}
    exec(f"def {op.name}({', '.join(parameters)}):\n    return {call}", namespace)  # names of a row, no user's text
    f: Function = namespace[op.name]
    return f


def _of_x(op: Op) -> Function:
    """The same of one argument x: most of them are."""
    if op.per_element:
        return lambda x: every_output(op, listed(op, x), by_name)
    if op.n_lists:
        return lambda x: apply_lists(op, listed(op, x))
    return lambda x: unary(op, x) if type(x) is Value else apply(op, x)


FUNCTIONS: dict[str, Function] = {}
"""The functions, by the names of their rows."""

FUNCTION_NAMES: dict[str, str] = {}
"""What a formula may call them, each with the name of its row: their names, and their symbols, as in σ(z)."""


def _declare(op: Op) -> Function:
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
) -> Function:
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
    from .table.language import check_language
    from .table.latex import check_latex

    check_language(op)
    check_latex(op)
    if name in OPS:
        _forget(name)
    f = _declare(op)
    OPS[name] = op
    return f


for _ufunc, _name in NUMPY_NAMES.items():
    if _name in FUNCTIONS:
        setattr(Value, _ufunc, FUNCTIONS[_name])
