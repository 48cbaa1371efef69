"""``gradcheck``: the engine's derivatives of a function beside numerical ones, for those who add operations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product, zip_longest

from ..number import is_array, number, quoted
from ..value import Value
from .numeric import FIRST_STEP, derivative
from .transform import flattened, hessian, one_number, rebuilt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .transform import Form, Function

TRUST = 4  # estimated errors of a numerical derivative that are granted
DIGITS = 1e-3  # the relative error from which on a numerical derivative decides nothing


@dataclass(frozen=True)
class Comparison:
    """One derivative: the engine's value, the numerical value with its error, and the one-sided ones.

    ``verdict`` is "right", "wrong", "kink" (the one-sided derivatives differ, and the engine's lies between them)
    or "inconclusive" (nan or inf, or the function is too rough to tell).
    """

    name: str
    engine: float
    numerical: float
    error: float
    left: float
    right: float
    verdict: str

    def __str__(self) -> str:
        text = (
            f"{self.verdict}: {self.name} is {self.engine:.10g}, numerically {self.numerical:.10g} ± {self.error:.1g}"
        )
        if not (math.isclose(self.left, self.right, rel_tol=1e-6) or self.verdict == "right"):
            text += f" ({self.left:.6g} from the left, {self.right:.6g} from the right)"
        return text


@dataclass(frozen=True)
class GradcheckReport:
    """What ``gradcheck`` found, one ``Comparison`` per derivative; true if all are right; as text, what is not."""

    comparisons: tuple[Comparison, ...]

    @property
    def ok(self) -> bool:
        """Whether every derivative is right; what is inconclusive is not."""
        return all(one.verdict == "right" for one in self.comparisons)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        if self.ok:
            return f"all {len(self.comparisons)} derivatives are right"
        others = [str(one) for one in self.comparisons if one.verdict != "right"]
        return "\n".join([f"{len(others)} of {len(self.comparisons)} derivatives are not right:", *others])

    def require(self) -> None:
        """Raise AssertionError, with the text of the report, unless all is right."""
        if not self.ok:
            raise AssertionError(str(self))


def gradcheck(f: Function, *points: Form, order: int = 1) -> GradcheckReport:
    """Compare the engine's derivatives of ``f`` with numerical ones, at each point.

    ``f`` returns one number, and is called with Values. A point is its argument, in a form that ``grad`` takes (a
    number, an array, nested lists and dicts); or, for several arguments, the tuple of them. What stands there one for
    each argument is one point: ``gradcheck(f, 2.0, 3.0)``. ``order=2`` compares the Hessian too, as graphs give it,
    with numerical derivatives of the gradients of ``backward()``.

    A derivative is right if it is as close to the numerical one as that one's own error estimate allows; there is
    no other tolerance, so no small gradient passes for 0. Where the estimate decides nothing, and at kinks, it is
    not right either. Never raises for a wrong derivative (``report.require()`` does). Raises ValueError without points
    or for another order, TypeError if f does not return one number, or takes more arguments than a point has.

    >>> print(gradcheck(lambda x, w: x.tanh() * w, (0.5, 2.0), order=2))
    all 6 derivatives are right
    >>> print(gradcheck(abs, 0.0))
    1 of 1 derivatives are not right:
    kink: df/dx at x = 0.0 is 0, numerically 0 ± 4e-16 (-1 from the left, 1 from the right)
    """
    if order not in (1, 2):
        raise ValueError(f"gradcheck: order is 1 or 2, not {order!r}")
    if not points:
        raise ValueError("gradcheck: give at least one point, gradcheck(f, 0.5, -2.0)")
    points = _as_tuples(f, points)
    return GradcheckReport(tuple(one for point in points for one in _comparisons(f, point, order)))


def _as_tuples(f: Function, points: tuple[Form, ...]) -> tuple[Form, ...]:
    """The points, each a tuple if ``f`` needs several arguments; as many as it needs, and no tuple, are one point."""
    needed = _number_of_arguments(f)
    if needed > 1 and len(points) == needed and not any(isinstance(point, tuple) for point in points):
        return (points,)
    for point in points:
        found = len(point) if isinstance(point, tuple) else 1
        if found < needed:
            example = ", ".join(["0.5", "2.0", "-1.0"][:needed] + ["…"] * (needed > 3))
            raise TypeError(
                f"gradcheck: f takes {needed} arguments, and this point has {found}: {quoted(point)}; "
                f"a point is their tuple, gradcheck(f, ({example}))"
            )
    return points


def _number_of_arguments(f: Function) -> int:
    """How many positional arguments ``f`` needs at least; 1 if it does not say."""
    import inspect

    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # a builtin
        return 1
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in parameters)


def _comparisons(f: Function, point: Form, order: int) -> Iterator[Comparison]:
    """All derivatives at one point."""
    arguments = point if isinstance(point, tuple) else (point,)
    flat = [number(x) for x in flattened(arguments)]
    names = _names(f, arguments)
    where = " at " + ", ".join(f"{name} = {x!r}" for name, x in zip(names, flat, strict=True))

    def value(x: Sequence[float]) -> float:
        return _value_and_gradient(f, arguments, x)[0]

    def slopes(x: Sequence[float]) -> list[float]:
        return _value_and_gradient(f, arguments, x)[1]

    for i, engine in enumerate(slopes(flat)):
        yield _compare(f"df/d{names[i]}{where}", engine, value, flat, i)
    if order == 2:
        matrix = flattened(hessian(f, range(len(arguments)))(*arguments))
        for (i, j), engine in zip(product(range(len(flat)), repeat=2), matrix, strict=True):

            def slope(x: Sequence[float], i: int = i) -> float:
                return slopes(x)[i]

            yield _compare(f"d²f/d{names[i]}d{names[j]}{where}", engine, slope, flat, j)


def _compare(name: str, engine: float, f: Callable[[Sequence[float]], float], point: list[float], i: int) -> Comparison:
    def along(x: float) -> float:
        try:
            return f([*point[:i], x, *point[i + 1 :]])
        except IndexError:  # between two places of a list
            return math.nan

    x = point[i]
    numerical, error = derivative(along, x)
    (left, left_error), (right, right_error) = derivative(along, x, -1), derivative(along, x, 1)
    step = FIRST_STEP * max(abs(x), 1.0)
    slope = max(abs(along(x + step) - along(x)), abs(along(x - step) - along(x))) / step  # 0 also where f is flat
    sided = left_error + right_error
    verdict = "right"
    if not (math.isfinite(engine) and math.isfinite(numerical)):
        verdict = "inconclusive"
    elif abs(left - right) > TRUST * sided and sided < DIGITS * max(abs(left), abs(right)):
        inside = min(left, right) - TRUST * sided <= engine <= max(left, right) + TRUST * sided
        verdict = "kink" if inside else "wrong"
    elif slope and error > DIGITS * max(abs(numerical), slope):
        verdict = "inconclusive"
    elif abs(engine - numerical) > TRUST * error:
        verdict = "wrong"
    return Comparison(name, engine, numerical, error, left, right, verdict)


def _value_and_gradient(f: Function, form: tuple[Form, ...], flat: Sequence[float]) -> tuple[float, list[float]]:
    """f at the numbers ``flat`` in the form of its arguments, and its gradient by ``backward()``."""
    leaves = [Value(x) for x in flat]
    y = one_number(f(*rebuilt(form, iter(leaves))))
    if not isinstance(y, Value):
        return number(y), [0.0] * len(flat)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


def _names(f: Function, arguments: tuple[Form, ...]) -> list[str]:
    """``w[0]``, ``w[1]``, ``x``: the elements of the arguments, by the names of the parameters if f shows them."""
    import inspect

    try:
        parameters = [p.name for p in inspect.signature(f).parameters.values() if p.kind is not p.VAR_POSITIONAL]
    except (TypeError, ValueError):  # a builtin
        parameters = ["x"] if len(arguments) == 1 else []
    pairs = zip_longest(parameters[: len(arguments)], enumerate(arguments))
    return [element for name, (i, form) in pairs for element in _elements(name or f"x{i}", form)]


def _elements(name: str, form: Form) -> list[str]:
    form = form.tolist() if is_array(form) else form
    if not isinstance(form, list | tuple | dict):
        return [name]
    parts = form.items() if isinstance(form, dict) else enumerate(form)
    return [element for key, part in parts for element in _elements(f"{name}[{key!r}]", part)]
