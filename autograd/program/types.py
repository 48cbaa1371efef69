"""The types in the signatures of ``program``, named once; no module loads this file, only a type checker does."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .replay import Recording
from .tape import Tape

Array = NDArray[np.float64]
Places = NDArray[np.intp]
"""Where numbers stand, or which nodes of a tape."""

Theta = ArrayLike | None
"""The numbers of the parameters (P,); None for those that their Values have now."""

Numbers = float | Array | list["Numbers"]
"""An example in numbers, whatever came."""

Code = NDArray[np.uint64]
"""What Numba's interpreter runs."""

Shape = tuple[int, ...]
Structure = tuple[Shape, ...]
"""The form of the arguments: the shape of each, for one example."""

Result = tuple[Tape, Shape]
"""Of a recording: the tape, and the shape of the result for one example, () of a number, (k,) of a list."""

Args = tuple[int, ...]
"""The numbers of nodes on a tape, such as those that a node is computed from."""

Part = tuple[Recording, list[Array], int, list[int]]
"""Examples of one form: their recording, the inputs, arrays (m, some), m, and their places in the batch, [] for all."""

Pass = Callable[[Tape], Tape]

Calls = list[tuple[Callable[..., object], Sequence[object]]]
"""Functions, and the arguments to call them with."""

Gradient = tuple[Array, float, Array | None]
"""The outputs (number of them, m), the mean of the first one, and its gradient (P,); None if that has an inf or nan."""


class Executor(Protocol):
    """Runs a tape on m examples: ``theta`` are the parameters' numbers (P,), ``columns`` the inputs, arrays (m, some).

    Both methods raise IndexError where a list has no element of some index.
    """

    def outputs(self, theta: Array, columns: Sequence[Array], m: int) -> Array: ...

    def gradient(self, theta: Array, columns: Sequence[Array], m: int) -> Gradient: ...
