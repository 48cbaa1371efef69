"""Numbers with the arithmetic of a one-dimensional array, for optimisers where NumPy is not installed."""

from __future__ import annotations

import operator

from ..table.arithmetic import div, power

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Vector:
    """Floats, element by element; a plain number counts for each of them. Arithmetic is IEEE, as NumPy's.

    >>> 2 * Vector([1.0, 2.0]) + Vector([0.5, 0.25])
    Vector([2.5, 4.25])
    """

    __slots__ = ("numbers",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, numbers: Iterable[float]) -> None:
        self.numbers = [*map(float, numbers)]

    @property
    def shape(self) -> tuple[int]:
        return (len(self.numbers),)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[float]:
        return iter(self.numbers)

    def __repr__(self) -> str:
        return f"Vector({self.numbers})"

    def __eq__(self, other: object) -> bool:
        return self.numbers == other.numbers if isinstance(other, Vector) else NotImplemented

    def tolist(self) -> list[float]:
        return [*self.numbers]

    def copy(self) -> Vector:
        return Vector(self.numbers)

    def _with(self, other: Vector | float, apply: Callable[[float, float], float], swapped: bool = False) -> Vector:
        others = other.numbers if isinstance(other, Vector) else [float(other)] * len(self.numbers)
        pairs = zip(others, self.numbers, strict=True) if swapped else zip(self.numbers, others, strict=True)
        return Vector(apply(x, y) for x, y in pairs)

    def __add__(self, other: Vector | float) -> Vector:
        return self._with(other, operator.add)

    def __sub__(self, other: Vector | float) -> Vector:
        return self._with(other, operator.sub)

    def __rsub__(self, other: float) -> Vector:
        return self._with(other, operator.sub, swapped=True)

    def __mul__(self, other: Vector | float) -> Vector:
        return self._with(other, operator.mul)

    def __truediv__(self, other: Vector | float) -> Vector:
        return self._with(other, div)

    def __rtruediv__(self, other: float) -> Vector:
        return self._with(other, div, swapped=True)

    def __pow__(self, other: float) -> Vector:
        return self._with(other, power)

    def __neg__(self) -> Vector:
        return Vector(-x for x in self.numbers)

    def __abs__(self) -> Vector:
        return Vector(map(abs, self.numbers))

    __radd__, __rmul__ = __add__, __mul__
