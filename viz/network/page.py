"""A drawn network as a view of the stepper: each of its boxes and lines leads to the steps of a node."""

from __future__ import annotations

from autograd.steps.record import NetworkRecord, RowRecord
from autograd.steps.trace import Trace
from autograd.value import Value

from ..picture.svg import part_of_page
from .canvas import Numbers
from .diagram import Diagram


def traced(diagram: Diagram) -> tuple[Trace, NetworkRecord]:
    """The trace of the network's loss, and the network as a view of it.

    StaleGraphError where a parameter has got another number since; ValueError for a graph too large for a trace.
    """
    assert diagram.J is not None
    rows = [row for rows in diagram.numbers.values() for row in rows.values()]
    nodes = dict.fromkeys([*diagram.of.values(), *(node for row in rows for node in row.nodes)])
    trace = Trace.of(diagram.J, {str(i): node for i, node in enumerate(nodes)})
    by_name = {name: at for at, name in trace.arguments.items()}
    place = {node: by_name[str(i)] for i, node in enumerate(nodes) if str(i) in by_name}  # not all lead to the loss
    return trace, view(diagram, place)


def view(diagram: Diagram, place: dict[Value, int]) -> NetworkRecord:
    """The view, given the place of each node in the trace."""

    def record(row: int, numbers: Numbers) -> RowRecord:
        nodes = [place[node] for node in numbers.nodes]
        return {"row": row, "word": numbers.word, "nodes": nodes, "of": numbers.of}

    def rows(name: str) -> list[RowRecord]:
        found = diagram.numbers[name].items()
        return [record(row, numbers) for row, numbers in found if all(node in place for node in numbers.nodes)]

    known = {name: place[node] for name, node in diagram.of.items() if node in place}
    return {
        "svg": part_of_page(diagram.picture, diagram.layout),
        "units": {name: {"node": at, "rows": rows(name)} for name, at in known.items() if name in diagram.numbers},
        "lines": {name: at for name, at in known.items() if name not in diagram.numbers},
    }
