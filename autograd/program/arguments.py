"""The arguments of a program's call, cut into parts of one form each, with the recording that each part takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..leaves.exchange import floats
from ..number import quoted
from .forms import form, in_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .forms import Recordings
    from .replay import Recording
    from .types import Array, Part, Shape, Structure

FLOAT64 = np.dtype(np.float64)
MOST = 64
"""How many shapes of arguments are remembered."""


def parts(recordings: Recordings, arguments: Sequence[object]) -> list[Part] | Iterator[Part]:
    """The examples in parts of one form each, with their places; one part that is all needs none."""
    if len(arguments) == 1 and isinstance(arguments[0], Iterator):
        return _batches(recordings, arguments[0])
    return _batch(recordings, arguments)


def _batches(recordings: Recordings, batches: Iterable[object]) -> Iterator[Part]:
    start = 0
    for batch in batches:
        here = start
        for recording, columns, m, places in _batch(recordings, batch if isinstance(batch, tuple) else (batch,)):
            yield recording, columns, m, [here + i for i in places or range(m)]
            start += m


def _batch(recordings: Recordings, arguments: Sequence[object]) -> list[Part]:
    """All examples as one part; as several if they differ in form."""
    arrays, shapes = [], []
    try:
        for x in arguments:
            array = x if type(x) is np.ndarray and x.dtype is FLOAT64 else floats(x)
            arrays.append(array)
            shapes.append(array.shape)
    except (TypeError, ValueError):
        return _mixed(recordings, arguments)
    found = recordings.fitting.get(tuple(shapes))
    if found is None:
        found = _fitting(recordings, arrays, shapes)
        if len(recordings.fitting) == MOST:
            recordings.fitting.clear()
        recordings.fitting[tuple(shapes)] = found
    recording, m, others = found
    for k in others:
        arrays[k] = arrays[k].reshape(m, -1)
    return [(recording, arrays, m, [])]


def _fitting(
    recordings: Recordings, arrays: Sequence[Array], shapes: Sequence[Shape]
) -> tuple[Recording, int, list[int]]:
    """The recording that takes arguments of these shapes, the number of examples, and which are no matrices yet."""
    if () in shapes:
        raise ValueError("the arguments of a program hold one entry per example: for one example [x], not x")
    m = shapes[0][0] if shapes else 1
    if m == 0:
        raise ValueError("there are no examples")
    if [shape[0] for shape in shapes].count(m) != len(shapes):
        raise ValueError(
            f"the arguments have different numbers of examples: their shapes are {', '.join(map(str, shapes))}"
        )
    recording = recordings.find(tuple([shape[1:] for shape in shapes]), [array[0] for array in arrays])
    return recording, m, [k for k, shape in enumerate(shapes) if len(shape) != 2]


def _mixed(recordings: Recordings, arguments: Sequence[object]) -> list[Part]:
    """Examples that differ in form: those of one form together, with their places in the batch."""
    lists = [_listed(argument) for argument in arguments]
    if len(set(map(len, lists))) > 1:
        raise ValueError(f"the arguments have different numbers of examples: {', '.join(str(len(x)) for x in lists)}")
    forms: dict[Structure, list[int]] = {}
    for i, example in enumerate(zip(*lists, strict=True)):
        forms.setdefault(form(example), []).append(i)
    made = []
    for positions in forms.values():
        alike = [np.array([in_numbers(argument[i]) for i in positions], float) for argument in lists]
        made += [(recording, columns, m, positions) for recording, columns, m, _ in _batch(recordings, alike)]
    return made  # now all are recorded, and their parameters known


def _listed(argument: object) -> list[object]:
    """The examples of an argument, one by one."""
    if isinstance(argument, Iterable) and (isinstance(argument, list | tuple) or hasattr(argument, "tolist")):
        return list(argument)
    raise TypeError(f"an argument of a program is an array or a list of examples, not {quoted(argument)}")
