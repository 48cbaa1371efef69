"""The code of very deep graphs: an instruction for each node, written for all nodes of an operation at once.

In a graph that is as deep as it is large nothing is gained by blocks, and a million of them take a gigabyte.
"""

from __future__ import annotations

import numpy as np

from ...tape import SPREAD
from .code import LANES, Instructions, of_one_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...types import Places
    from .code import Words

    Columns = tuple[Places, list[Any]]
    Span = tuple[int, int]


class DeepInstructions(Instructions):
    """The code of a tape, node by node, in its order."""

    least = 2 * LANES  # the rows of a tile are all kept until its way back: of a million nodes 256 MB

    def write(self) -> None:
        columns = self.columns()
        spans = self.write_lists()
        for kind in (False, True):
            self.put_in_order(kind, columns[kind], spans[kind])

    def columns(self) -> tuple[list[Columns], ...]:
        """Of each operation without lists, its nodes and the words of their instructions, arrays of all nodes or alike.

        First of what is shared, then of rows.
        """
        layout = self.layout
        at, learning = np.array(layout.at), np.frombuffer(layout.learning, np.uint8).astype(np.intp)
        found: tuple[list[Columns], ...] = [], []
        for (op, varies), (nodes, operands) in layout.tape.alike(layout.is_varying).items():
            wanted = sum(learning[some] << bit for bit, some in enumerate(operands.T))
            words = of_one_node(
                self.opcodes[op], wanted, int(op is SPREAD), at[nodes], [at[some] for some in operands.T]
            )
            found[varies].append((nodes, words))
        return found

    def write_lists(self) -> tuple[dict[int, Span], dict[int, Span]]:
        """Write what has lists, node by node; returns where the words of each stand, of what is shared and of rows."""
        spans: tuple[dict[int, Span], dict[int, Span]] = {}, {}
        for i, op in enumerate(self.layout.tape.ops):
            if op is not None and op.n_lists:
                before = [len(words) for words in self.words]
                self.block(self.layout.block([i]))
                for of_kind, start, words in zip(spans, before, self.words, strict=True):
                    of_kind[i] = start, len(words)
        return spans

    def put_in_order(self, kind: bool, columns: list[Columns], spans: dict[int, Span]) -> None:
        """Put the instructions of a kind in the order of their nodes."""
        size = np.zeros(len(self.layout.tape), np.intp)
        for nodes, words in columns:
            size[nodes] = len(words)
        for i, (start, stop) in spans.items():
            size[i] = stop - start
        first = np.cumsum(size) - size
        ordered = np.zeros(size.sum(), np.int64)
        written, begun = np.array(self.words[kind], np.int64), np.array(self.starts[kind], np.int64)
        starts = [np.empty(0, np.int64)]
        for nodes, words in columns:
            at = first[nodes]
            starts.append(at.copy())
            for word in words:
                ordered[at] = word
                at += 1
        for i, (start, stop) in spans.items():
            ordered[first[i] : first[i] + stop - start] = written[start:stop]
            starts.append(begun[slice(*begun.searchsorted((start, stop)))] + (first[i] - start))
        for kept, numbers in ((self.words[kind], ordered), (self.starts[kind], np.sort(np.concatenate(starts)))):
            del kept[:]
            kept.frombytes(numbers.view(np.uint8).data)

    def filled(self) -> Words:
        return [0, self.size[True]]
