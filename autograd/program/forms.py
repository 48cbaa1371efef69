"""The forms of arguments, and what has been recorded for each: lists of another length make another graph."""

from __future__ import annotations

import numpy as np

from ..errors import RecordingError
from ..leaves.exchange import Exchange, floats
from ..number import number, quoted
from ..value import Value
from .recording import Graph
from .replay import Recording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .recording import Function
    from .types import Numbers, Shape, Structure


class Recordings:
    """The recordings of a function by the form of its arguments, and the parameters of them all.

    A new form may use parameters that none before it did: those are added at the end.
    ``fitting``  by the shapes of some arrays: the recording that takes them, how many examples they are, and which of
                 the arrays are to be made matrices
    """

    def __init__(self, source: Function | Graph) -> None:
        self.source = source
        self.parameters: list[Value] = []
        self.made: dict[Structure, Recording] = {}
        self.exchange = Exchange([])
        self.fitting: dict[tuple[Shape, ...], tuple[Recording, int, list[int]]] = {}
        self._taken_as: dict[Structure, Recording] = {}

    def find(self, structure: Structure, examples: Sequence[object]) -> Recording:
        """The recording of a form, made at the examples if there is none yet.

        Where the function takes no list of one number, as of y (m, 1), but was recorded with a number in its place,
        that recording. ValueError if a form cannot be recorded although another one, of as many arguments, could.
        """
        found = self.made.get(structure) or self._taken_as.get(structure)
        if found is not None:
            return found
        try:
            tape, shape = self.source.record(structure, examples, not self.made)
        except Exception as error:
            for recorded, recording in self.made.items():
                if with_numbers(structure, recorded):
                    self._taken_as[structure] = recording
                    return recording
            as_many = len(structure) in map(len, self.made)
            if not as_many or isinstance(error, RecordingError) or isinstance(self.source, Graph):
                raise
            forms = " or ".join([in_words(recorded) for recorded in list(self.made)[:3]])
            raise ValueError(
                f"{self.source.name} was recorded for arguments of the shapes {forms}, and does not take "
                f"{in_words(structure)}: {type(error).__name__}: {error}"
            ) from error
        leaves = [tape.leaves[i] for i in tape.parameters]
        known = set(self.parameters)
        self.parameters += [leaf for leaf in leaves if leaf not in known]
        self.exchange = Exchange(self.parameters)
        place = {leaf: k for k, leaf in enumerate(self.parameters)}
        self.made[structure] = Recording(tape, shape, [place[leaf] for leaf in leaves])
        return self.made[structure]


def form(examples: Sequence[object]) -> Structure:
    """The shape of each argument, given for one example."""
    try:
        return tuple([np.asarray(in_numbers(example)).shape for example in examples])
    except ValueError:
        raise ValueError(
            "an argument is a number, or a list (of lists) of equal lengths, for one example; "
            f"not {', '.join(quoted(example) for example in examples)}"
        ) from None


def in_numbers(example: object) -> Numbers:
    """An example in numbers, each Value replaced by its number."""
    if isinstance(example, Value):
        return example.data
    if isinstance(example, list | tuple):
        return [in_numbers(part) for part in example]
    return floats(example) if hasattr(example, "tolist") else number(example)


def with_numbers(structure: Structure, recorded: Structure) -> bool:
    """Whether a form is the recorded one, but for lists of one number in the place of numbers."""
    return len(structure) == len(recorded) and all(
        given == wanted or (given == (1,) and wanted == ()) for given, wanted in zip(structure, recorded, strict=True)
    )


def in_words(structure: Structure) -> str:
    """A form, as the shapes of arguments for m examples: (m, 2), (m,)."""
    return ", ".join([f"({', '.join(['m', *map(str, shape)])}{'' if shape else ','})" for shape in structure])
