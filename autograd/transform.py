"""``grad`` and its relatives: from a Python function to the function of its derivatives.

A function is called with Values in place of its arguments, which stand in for them; of the graph that it makes
``adjoints.py`` makes derivative graphs; and these are moved from the stand-ins to the arguments, where those are
Values themselves. Because every call has stand-ins of its own, derivatives of functions that take derivatives
do not mix up who varies ("perturbation confusion": Siskind & Pearlmutter, 2005).
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from . import graph
from .adjoints import adjoints
from .convert import number, shortened
from .functions import FUNCTIONS
from .ops import OPS
from .value import Constant, Value, flowing, nary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Function = Callable[..., Any]

dot = FUNCTIONS["dot"]


def grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that computes df/d(argument) at its arguments: ``grad(f)(x)``.

    ``f`` returns one number. Arguments are numbers, or lists of numbers, nested at will; the gradient has the form
    of the argument. ``argnums`` says which argument, a sequence of them gives a tuple. Numbers in, numbers out. Values
    come out where one went in, and where ``f`` uses Values from outside: such a derivative is a graph over them.
    May be nested to any order. An ``if`` in ``f`` is followed as it falls at this point.

    Raises TypeError where ``f`` returns what is no number, or an argument is none; ValueError for ``argnums`` that
    the call does not have. What ``f`` returns without the use of its argument has the gradient 0.

    >>> def f(x):
    ...     return x**3
    >>> grad(f)(2.0), grad(grad(f))(2.0), grad(grad(grad(f)))(2.0)
    (12.0, 12.0, 6.0)
    >>> grad(lambda w, x: w[0] * x + w[1])([3.0, 4.0], 5.0)
    [5.0, 1.0]
    """
    return _function(f, argnums, lambda call: call.gradient(call.one_result()))


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that computes ``(f(...), grad(f)(...))`` in one pass.

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return _function(f, argnums, lambda call: (call.one_result(), call.gradient(call.one_result())))


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that computes all derivatives of all results: ``J[i][j]`` is d(result i)/d(argument j).

    Results and arguments are numbers or (nested) lists; a matrix in the form of the result, with the form of the
    argument in each place. One backward pass per result. Raises as ``grad`` does.

    >>> jacobian(lambda x: [x[0] * x[1], 2 * x[1]])([3.0, 4.0])
    [[4.0, 3.0], [0.0, 2.0]]
    """
    return _function(f, argnums, lambda call: rebuilt(call.result, map(call.gradient, call.results)))


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that computes the second derivatives: ``H[i][j]`` is d²f/d(x[i])d(x[j]), the Jacobian of ``grad``.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 4.0])
    [[8.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def jvp(f: Function, x: Any, v: Any) -> Any:
    """J·v: how the results of ``f(x)`` change as x moves along v, without the whole Jacobian.

    ``v`` has the form of ``x``; for several arguments both are tuples. Two backward passes: Jᵀu is linear in u, and
    its derivative along v with respect to u is J·v (Townsend, "A new trick for calculating Jacobian vector
    products", 2017). Raises ValueError if the forms differ, and as ``grad`` does.

    >>> jvp(lambda x: [x[0] * x[1], 2 * x[1]], [3.0, 4.0], [1.0, 10.0])
    [34.0, 20.0]
    """
    call, along = _along("jvp", f, x, v)
    weights = [Value(1.0) for _ in call.results]
    transposed = adjoints(_value(dot(call.results, weights)), call.stand_ins)
    moves = adjoints(_value(dot(transposed, along)), weights)
    return call.out(rebuilt(call.result, iter(moves)))


def hvp(f: Function, x: Any, v: Any) -> Any:
    """H·v: how the gradient of ``f(x)``, one number, changes as x moves along v, without the whole Hessian.

    ``v`` and the result have the form of ``x``; for several arguments all are tuples. Two backward passes: the
    gradient of grad f · v (Pearlmutter, Neural Computation 6 (1994), 147). Raises as ``jvp`` and ``grad`` do.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [3.0, 4.0], [1.0, 10.0])
    [68.0, 6.0]
    """
    call, along = _along("hvp", f, x, v)
    slope = dot(adjoints(call.one_result(), call.stand_ins), along)
    return call.out(call.gradient(_value(slope)))


def _function(f: Function, argnums: int | Sequence[int], compute: Callable[[_Call], Any]) -> Function:
    """What ``compute`` makes of a call of f, as a function of f's arguments."""
    if not callable(f):
        raise TypeError(
            f"expected a function, got {shortened(repr(f))} ({type(f).__name__}); "
            "for a graph there is autograd.differentiate(root, wrt)"
        )

    @wraps(f)
    def derivative(*arguments: Any, **options: Any) -> Any:
        call = _Call(f, argnums, arguments, options)
        return call.out(compute(call))

    return derivative


def _along(name: str, f: Function, x: Any, v: Any) -> tuple[_Call, list[Any]]:
    """The call f(x), and the direction v as a flat list."""
    several = isinstance(x, tuple)
    if _form(x) != _form(v):
        raise ValueError(f"{name}: the direction {shortened(repr(v))} has not the form of {shortened(repr(x))}")
    call = _Call(f, range(len(x)) if several else 0, x if several else (x,), {})
    along = [_argument(d) for d in flattened(v)]
    call.values_in |= any(isinstance(d, Value) for d in along)
    return call, along


class _Call:
    """One call of a function with stand-ins for its arguments, and the way back to the arguments."""

    def __init__(self, f: Function, argnums: int | Sequence[int], arguments: Sequence[Any], options: Any) -> None:
        places = _places(argnums, len(arguments))
        self.several = not isinstance(argnums, int)
        self.chosen = tuple(arguments[i] for i in places)
        self.given = [_argument(x) for x in flattened(self.chosen)]
        self.stand_ins = [Value(x.data, x.label) if isinstance(x, Value) else Value(x) for x in self.given]
        stood_in = zip(places, rebuilt(self.chosen, iter(self.stand_ins)), strict=True)
        self.result = f(*(dict(enumerate(arguments)) | dict(stood_in)).values(), **options)
        self.results = [_result(y) for y in flattened(self.result)]
        self.values_in = any(isinstance(x, Value) for x in flattened(arguments))

    def one_result(self) -> Value:
        """The result, where it has to be one number."""
        if isinstance(self.result, list | tuple):
            raise TypeError(
                f"the function has to return one number, not a {type(self.result).__name__} of {len(self.result)}; "
                "for lists there is autograd.jacobian(f)"
            )
        return self.results[0]

    def gradient(self, root: Value) -> Any:
        """The derivatives of a node, in the form of the arguments."""
        forms = rebuilt(self.chosen, iter(adjoints(root, self.stand_ins)))
        return forms if self.several else forms[0]

    def out(self, results: Any) -> Any:
        """Numbers; or Values, over the arguments, if one of these is a Value or a result uses one from outside."""
        flat = list(flattened(results))
        values = [x for x in flat if isinstance(x, Value)]
        everything = nary(OPS["sum"], values)  # one root, to walk all graphs at once
        if not self.values_in and set(self.stand_ins).issuperset(graph.leaves(everything)):
            return rebuilt(results, (x.data if isinstance(x, Value) else x for x in flat))
        moved = {old: new for old, new in zip(self.stand_ins, self.given, strict=True) if isinstance(new, Value)}
        _move(everything, moved)
        return rebuilt(results, (moved.get(x, x) if isinstance(x, Value) else Constant(x) for x in flat))


def _move(root: Value, moved: dict[Value, Value]) -> None:
    """Put other Values, of the same data, in the place of leaves."""
    for node in graph.topological(root):
        if moved.keys().isdisjoint(graph.operands(node)):
            continue
        stored = tuple(moved.get(v, v) if isinstance(v, Value) else v for v in graph.stored(node))
        local_derivatives = flowing(stored, node.local_derivatives)
        if node._b.__class__ is tuple:
            node._b, node._db = stored, local_derivatives
        else:
            node._a, node._b = (*stored, None)[:2]
            node._da, node._db = (*local_derivatives, None)[:2]


# --- forms: numbers, and lists and tuples of forms ---------------------------------------------------------


def flattened(form: Any) -> Iterator[Any]:
    """What is no list or tuple, in order."""
    if isinstance(form, list | tuple):
        for part in form:
            yield from flattened(part)
    else:
        yield form


def rebuilt(form: Any, flat: Iterator[Any]) -> Any:
    """The same form, of other elements."""
    if isinstance(form, list | tuple):
        parts = [rebuilt(part, flat) for part in form]
        return parts if isinstance(form, list) else tuple(parts)
    return next(flat)


def _form(form: Any) -> Any:
    """What two of the same form have in common."""
    return [_form(part) for part in form] if isinstance(form, list | tuple) else None


def _places(argnums: int | Sequence[int], count: int) -> list[int]:
    """Which arguments; refused where the call has no such."""
    places = [argnums] if isinstance(argnums, int) else list(argnums)
    for place in places:
        if not isinstance(place, int) or isinstance(place, bool):
            raise TypeError(f"argnums is the number of an argument, or several, not {shortened(repr(argnums))}")
        if not 0 <= place < count:
            raise ValueError(f"argnums has {place}, but the call has {count} arguments, numbered from 0")
    return places


def _argument(x: Any) -> Any:
    return x if isinstance(x, Value) else number(x)


def _value(x: Any) -> Value:
    return x if isinstance(x, Value) else Constant(x)


def _result(y: Any) -> Value:
    try:
        return _value(y)
    except TypeError as error:
        raise TypeError(f"the function returned what is no number: {error}") from None
