"""Kernels as calls of NumPy's functions, which a plan then has in place of them: Python calls one function less."""

from __future__ import annotations

import ast
from functools import cache, partial
from typing import NamedTuple

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ....table.op import Kernel
    from ...types import Calls


class _Step(NamedTuple):
    """A call in a kernel: of its arguments each is one of the kernel's, by its place, or (a constant,)."""

    function: str
    places: list[int | tuple[object]]
    with_keyword: bool  # out=out


def is_one_call(kernel: Kernel) -> bool:
    """Whether a kernel does no more than to call one function of NumPy: then it also takes a number as an array ()."""
    return len(_steps(kernel.source) or ()) == 1


def bound(kernel: Kernel, arguments: Sequence[object]) -> Calls:
    """The call of a kernel; or those that it makes, if it does no more than to call functions one after another."""
    steps = _steps(kernel.source)
    if steps is None:
        return [(kernel, arguments)]
    calls: Calls = []
    for step in steps:
        called = kernel.__globals__[step.function]
        inner, out = [arguments[place] if isinstance(place, int) else place[0] for place in step.places], arguments[0]
        if isinstance(called, np.ufunc):
            inner, out = [_plain(x) for x in inner], _plain(out)
        calls.append((partial(called, out=out) if step.with_keyword else called, inner))
    return calls


@cache
def _steps(source: str) -> list[_Step] | None:
    """The calls that a kernel consists of, the last one last; None if it does more."""
    match ast.parse(source).body:
        case [ast.FunctionDef(args=parameters, body=[ast.Expr(ast.Call() as call)])]:
            return _calls(call, [parameter.arg for parameter in parameters.args])
    return None


def _calls(call: ast.Call, names: list[str]) -> list[_Step] | None:
    """A call, and before it that which writes one of its arguments into ``out``; None if others are computed."""
    before: list[_Step] = []
    places: list[int | tuple[object]] = []
    for x in call.args:
        match x:
            case ast.Name(name):
                places.append(names.index(name))
            case ast.Constant(float(number)):
                places.append((np.array(number),))  # made once, not at each call
            case ast.Constant(other):
                places.append((other,))
            case ast.Call(args=[*_, ast.Name("out")], keywords=[]) if not before:
                inner = _calls(x, names)
                if inner is None:
                    return None
                before = inner
                places.append(names.index("out"))
            case _:
                return None
    assert isinstance(call.func, ast.Name)
    return [*before, _Step(call.func.id, places, bool(call.keywords))]


def _plain(x: Any) -> Any:
    """The same numbers, as an array () where they are but one: NumPy is quicker then."""
    if getattr(x, "size", 0) == 0 or (x.size > 1 and 0 not in x.strides):
        return x
    if any(step and n > 1 for step, n in zip(x.strides, x.shape, strict=True)):
        return x
    return x[(0,) * x.ndim + (...,)]
