"""``grad`` and its relatives: from a Python function to the function of its derivatives.

A function is called with Values in place of its arguments, which stand in for them; of the graph that it makes
``adjoints.py`` makes derivative graphs; and these are moved from the stand-ins to the arguments: to the Values that
came, or to constants where numbers came. Because every call has stand-ins of its own, derivatives of functions that
take derivatives do not mix up who varies ("perturbation confusion": Siskind & Pearlmutter, 2005); and because none
of them outlives its call, what is left in a result are Values from outside: if there is none, it is a number.
"""

from __future__ import annotations

from functools import wraps

from .. import graph
from ..functions import FUNCTIONS
from ..node import flowing
from ..number import is_array, number, quoted
from ..table.ops import OPS
from ..value import Constant, Value, nary
from .adjoints import adjoints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeAlias

    Form: TypeAlias = Any  # a number or Value; or lists, tuples, dicts and arrays of forms
    Function = Callable[..., Form]
    Places = int | Sequence[int]

dot = FUNCTIONS["dot"]


def grad(f: Function, argnums: Places = 0, *, argnum: Places | None = None) -> Function:
    """The function that computes df/d(argument) at its arguments: ``grad(f)(x)``.

    ``f`` returns one number, which may stand in an array of one. Arguments are numbers, NumPy's arrays, or lists,
    tuples and dicts of these, nested at will; the gradient has the form of the argument. Of an array ``f`` gets an
    array of Values of the same shape (so that ``W @ x`` works), and the gradient is an array of that shape.
    ``argnums`` (or ``argnum``) says which argument, a sequence of them gives a tuple; a named argument counts as the
    parameter of ``f`` that it is. Numbers in, numbers out. Values come out where one went in, and where ``f`` uses
    Values from outside: such a derivative is a graph over them. May be nested to any order, over the same or another
    argument. An ``if`` in ``f`` is followed as it falls at this point.

    Raises TypeError where ``f`` returns what is no number, or an argument is none; ValueError for ``argnums`` that
    the call does not have. What ``f`` returns without the use of its argument has the gradient 0.

    >>> def f(x):
    ...     return x**3
    >>> grad(f)(2.0), grad(grad(f))(2.0), grad(grad(grad(f)))(2.0)
    (12.0, 12.0, 6.0)
    >>> grad(lambda w, x: w[0] * x + w[1])([3.0, 4.0], 5.0)
    [5.0, 1.0]
    >>> grad(grad(lambda x, y: x**2 * y**3), 1)(2.0, 3.0)
    108.0
    """
    return _function(f, argnums, argnum, lambda call: call.gradient(call.one_result()))


def value_and_grad(f: Function, argnums: Places = 0, *, argnum: Places | None = None) -> Function:
    """The function that computes ``(f(...), grad(f)(...))`` in one pass; takes and raises what ``grad`` does.

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return _function(f, argnums, argnum, lambda call: (call.one_result(), call.gradient(call.one_result())))


def jacobian(f: Function, argnums: Places = 0, *, argnum: Places | None = None) -> Function:
    """The function that computes all derivatives of all results: ``J[i][j]`` is d(result i)/d(argument j).

    Results and arguments are numbers, arrays, or lists, tuples and dicts of these; a matrix in the form of the result,
    with the form of the argument in each place: an array of shape ``result.shape + argument.shape`` where both are
    arrays, nested lists where the argument is none. One backward pass per result. Raises as ``grad`` does.

    >>> jacobian(lambda x: [x[0] * x[1], 2 * x[1]])([3.0, 4.0])
    [[4.0, 3.0], [0.0, 2.0]]
    """
    return _function(f, argnums, argnum, lambda call: rebuilt(call.result, map(call.gradient, call.results)))


def hessian(f: Function, argnums: Places = 0, *, argnum: Places | None = None) -> Function:
    """The function that computes the second derivatives: ``H[i][j]`` is d²f/d(x[i])d(x[j]), the Jacobian of ``grad``.

    Of an array, one of shape ``x.shape + x.shape``. Raises as ``grad`` does.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 4.0])
    [[8.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums, argnum=argnum), argnums, argnum=argnum)


def jvp(f: Function, x: Form, v: Form) -> Form:
    """J·v: how the results of ``f(x)`` change as x moves along v, without the whole Jacobian.

    ``v`` has the form of ``x``, J·v that of the result; for several arguments x and v are tuples. Two backward passes:
    Jᵀu is linear in u, and its derivative along v with respect to u is J·v (Townsend, "A new trick for calculating
    Jacobian vector products", 2017). Raises ValueError if the forms differ, and as ``grad`` does.

    >>> jvp(lambda x: [x[0] * x[1], 2 * x[1]], [3.0, 4.0], [1.0, 10.0])
    [34.0, 20.0]
    """
    call, along = _along("jvp", f, x, v)
    weights = [Value(1.0) for _ in call.results]
    transposed = adjoints(_value(dot(call.results, weights)), call.stand_ins)
    moves = adjoints(_value(dot(transposed, along)), weights)
    return call.out(rebuilt(call.result, iter(moves)))


def hvp(f: Function, x: Form, v: Form) -> Form:
    """H·v: how the gradient of ``f(x)``, one number, changes as x moves along v, without the whole Hessian.

    ``v`` and the result have the form of ``x``; for several arguments all are tuples. Two backward passes: the
    gradient of grad f · v (Pearlmutter, Neural Computation 6 (1994), 147). Raises as ``jvp`` and ``grad`` do.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [3.0, 4.0], [1.0, 10.0])
    [68.0, 6.0]
    """
    call, along = _along("hvp", f, x, v)
    slope = dot(adjoints(call.one_result(), call.stand_ins), along)
    return call.out(call.gradient(_value(slope)))


def _function(f: Function, argnums: Places, argnum: Places | None, compute: Callable[[_Call], Form]) -> Function:
    """What ``compute`` makes of a call of f, as a function of f's arguments."""
    if not callable(f):
        raise TypeError(
            f"expected a function, got {quoted(f)} ({type(f).__name__}); "
            "for a graph there is autograd.differentiate(root, wrt)"
        )
    if argnum is not None:
        if argnums != 0:
            raise TypeError(f"argnum={argnum!r} and argnums={argnums!r} are two spellings of one: write one of them")
        argnums = argnum

    @wraps(f)
    def derivative(*arguments: Form, **options: Form) -> Form:
        call = _Call(f, argnums, arguments, options)
        return call.out(compute(call))

    return derivative


def _along(name: str, f: Function, x: Form, v: Form) -> tuple[_Call, list[Form]]:
    """The call f(x), and the direction v as a flat list."""
    several = isinstance(x, tuple)
    try:
        along = [_argument(d) for d in _in_form(v, x)]
    except ValueError:
        text = f"{name}: the direction {quoted(v)} has not the form of {quoted(x)}"
        raise ValueError(text) from None
    call = _Call(f, range(len(x)) if several else 0, x if several else (x,), {})
    call.values_in |= _has_values(along)
    return call, along


class _Call:
    """One call of a function with stand-ins for its arguments, and the way back to the arguments."""

    def __init__(self, f: Function, argnums: Places, arguments: Sequence[Form], options: dict[str, Form]) -> None:
        given = dict(enumerate(arguments)) | options
        places = _places(f, argnums, len(arguments), options)
        self.several = not isinstance(argnums, int)
        self.chosen = tuple(given[place] for place in places)
        self.given = [_argument(x) for x in flattened(self.chosen)]
        self.stand_ins = [Value(x.data, x.label) if isinstance(x, Value) else Value(x) for x in self.given]
        stood_in = given | dict(zip(places, rebuilt(self.chosen, iter(self.stand_ins)), strict=True))
        named = {name: stood_in.pop(name) for name in options}
        self.result = f(*stood_in.values(), **named)
        self.results = [_result(y) for y in flattened(self.result)]
        self.values_in = _has_values((arguments, options))

    def one_result(self) -> Value:
        """The result, where it has to be one number."""
        return _result(one_number(self.result))

    def gradient(self, root: Value) -> Form:
        """The derivatives of a node, in the form of the arguments."""
        forms = rebuilt(self.chosen, iter(adjoints(root, self.stand_ins)))
        return forms if self.several else forms[0]

    def out(self, results: Form) -> Form:
        """Numbers; or Values, over the arguments, if one of these is a Value or a result uses one from outside."""
        flat = list(flattened(results))
        values = [x for x in flat if isinstance(x, Value)]
        everything = nary(OPS["sum"], values)  # one root, to walk all graphs at once
        if not self.values_in and set(self.stand_ins).issuperset(graph.leaves(everything)):
            return rebuilt(results, (x.data if isinstance(x, Value) else x for x in flat))
        moved = {old: _value(new) for old, new in zip(self.stand_ins, self.given, strict=True)}
        _move(everything, moved)
        return rebuilt(results, (moved.get(x, x) if isinstance(x, Value) else Constant(x) for x in flat))


def _move(root: Value, moved: dict[Value, Value]) -> None:
    """Put other Values, of the same data, in the place of leaves."""
    for node in graph.topological(root):
        if moved.keys().isdisjoint(graph.operands(node)):
            continue
        stored = tuple(moved.get(v, v) if isinstance(v, Value) else v for v in graph.stored(node))
        local_derivatives = flowing(stored, node.local_derivatives)
        graph.set_edges(node, stored, local_derivatives)


# --- forms: numbers, and lists, tuples, dicts and arrays of forms ------------------------------------------


def flattened(form: Form) -> Iterator[Form]:
    """What is no list, tuple, dict or array, in order."""
    if isinstance(form, list | tuple):
        for part in form:
            yield from flattened(part)
    elif isinstance(form, dict):
        yield from flattened(list(form.values()))
    elif is_array(form):
        yield from form.flat
    else:
        yield form


def rebuilt(form: Form, flat: Iterator[Form]) -> Form:
    """The same form, of other elements."""
    if isinstance(form, dict):
        return {key: rebuilt(part, flat) for key, part in form.items()}
    if isinstance(form, list | tuple):
        parts = [rebuilt(part, flat) for part in form]
        if hasattr(form, "_fields"):
            return type(form)(*parts)  # a namedtuple
        return parts if isinstance(form, list) else tuple(parts)
    if is_array(form) and form.shape:  # one without dimensions is a number
        return _array([next(flat) for _ in range(form.size)], form.shape)
    return next(flat)


def _array(elements: list[Form], shape: Sequence[int]) -> Form:
    """The array of these numbers, Values or arrays; nested lists of other forms, which no array can hold."""
    import numpy as np

    if any(isinstance(element, list | tuple | dict) for element in elements):
        return _nested(iter(elements), shape)
    array = np.array(elements)
    return array.reshape(*shape, *array.shape[1:])


def _nested(elements: Iterator[Form], shape: Sequence[int]) -> Form:
    return [_nested(elements, shape[1:]) for _ in range(shape[0])] if shape else next(elements)


def _has_values(form: Form) -> bool:
    """Whether a form has Values in it. (A large array of numbers is not searched.)"""
    if is_array(form):
        return form.dtype == object and any(map(_has_values, form.flat))
    if isinstance(form, dict):
        return any(map(_has_values, form.values()))
    return any(map(_has_values, form)) if isinstance(form, list | tuple) else isinstance(form, Value)


def one_number(y: Form) -> Form:
    """What a function returned, where it has to be one number, which may stand in an array; else TypeError."""
    if is_array(y) and y.size == 1:
        return y.item()
    if is_array(y) or isinstance(y, list | tuple | dict):
        what = f"an array of shape {y.shape}" if is_array(y) else f"a {type(y).__name__} of {len(y)}"
        raise TypeError(f"the function has to return one number, not {what}; for lists there is autograd.jacobian(f)")
    return y


def _in_form(form: Form, like: Form) -> Iterator[Form]:
    """The elements of a form in the order of another of the same form; ValueError where they differ."""
    if isinstance(like, dict):
        if not isinstance(form, dict) or form.keys() != like.keys():
            raise ValueError("other keys")
        form, like = [form[key] for key in like], list(like.values())
    form, like = (x.tolist() if is_array(x) else x for x in (form, like))
    if not isinstance(like, list | tuple):
        if isinstance(form, list | tuple | dict):
            raise ValueError("a form in the place of a number")
        yield form
    elif not isinstance(form, list | tuple) or len(form) != len(like):
        raise ValueError("another length")
    else:
        for part, part_like in zip(form, like, strict=True):
            yield from _in_form(part, part_like)


def _places(f: Function, argnums: Places, count: int, options: dict[str, Form]) -> list[int | str]:
    """Which arguments: numbers of those that stand in order, names of those in ``options``."""
    places = [argnums] if isinstance(argnums, int) else list(argnums)
    for place in places:
        if not isinstance(place, int) or isinstance(place, bool):
            raise TypeError(f"argnums is the number of an argument, or several, not {quoted(argnums)}")
    names = _names(f) if options else []
    found: list[int | str] = []
    for place in places:
        name = names[place] if 0 <= place < len(names) else None
        if 0 <= place < count:
            found.append(place)
        elif name in options:
            found.append(name)
        else:
            raise ValueError(f"argnums has {place}, but the call has {count} arguments, numbered from 0")
    return found


def _names(f: Function) -> list[str]:
    """The parameters of a function that can be given by name or place; none if it does not show them."""
    import inspect

    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # a builtin
        return []
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]


def _argument(x: Form) -> Form:
    return x if isinstance(x, Value) else number(x)


def _value(x: Form) -> Value:
    return x if isinstance(x, Value) else Constant(x)


def _result(y: Form) -> Value:
    try:
        return _value(y)
    except TypeError as error:
        raise TypeError(f"the function returned what is no number: {error}") from None
