"""What the record of a trace, and what a stepper's page gets, are made of; ``trace`` says what it means.

The types are for a reader and a type checker: every record is a plain dict at run time. They hold for what ``trace``
makes; of what is read from JSON only the format and the version are looked at.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Number = float | str
"""A number as JSON has it: what is not finite is "NaN", "Infinity" or "-Infinity", which ``float`` reads."""


class Formulas(TypedDict, total=False):
    """How a result is written; see ``written.Written``. A leaf has none of it; a form in LaTeX has no ``form``."""

    formula: str
    numbers: str
    definition: str
    partials: list[list[str] | None]
    form: int


class NodeRecord(Formulas):
    """A node."""

    kind: str
    op: str | None
    inputs: list[int]
    data: Number
    label: str
    name: str
    latex: str
    scope: str
    compound: NotRequired[bool]
    residual: NotRequired[list[int]]


class LeafEvent(TypedDict):
    """A leaf has its number."""

    type: Literal["leaf"]
    node: int


class ForwardEvent(TypedDict):
    """A result is computed."""

    type: Literal["forward"]
    node: int


class SeedEvent(TypedDict):
    """Backward begins at the root."""

    type: Literal["seed"]
    node: int
    grad: float


EdgeEvent = TypedDict(  # "from" is no name for a field of a class
    "EdgeEvent",
    {
        "type": Literal["edge"],
        "from": int,
        "to": int,
        "slot": int,
        "rule": str,
        "local": Number | None,
        "upstream": Number,
        "product": Number | None,
        "before": Number | None,
        "after": Number | None,
    },
)
"""A gradient goes from a result to one of its inputs; ``product`` and ``local`` are None where it is cut off."""


class DoneEvent(TypedDict):
    """Backward is done."""

    type: Literal["done"]


Event = LeafEvent | ForwardEvent | SeedEvent | EdgeEvent | DoneEvent


class TraceRecord(TypedDict):
    """All of a trace."""

    format: str
    version: int
    root: int
    nodes: list[NodeRecord]
    forms: list[Formulas]
    events: list[Event]


class ViewRecord(TypedDict):
    """A view as the page's script reads it; ``boxes`` and ``arrows`` in the order of its ``svg``."""

    svg: str
    boxes: list[int | str]  # a node, or the name of a group
    arrows: list[list[tuple[int, int]]]  # per arrow the edges that it stands for: a node, and which of its inputs
    members: dict[str, list[int]]  # of a group, and of a node that stands for more than itself
    opens: dict[str, str]  # such a node -> the view that a click on it opens
    note: str


class RowRecord(TypedDict):
    """A row of a unit: a word, and the data or the gradients of some nodes."""

    row: int  # which of its box
    word: str
    nodes: list[int]
    of: Literal["data", "grad"]


class UnitRecord(TypedDict):
    """A box of a network; a click opens the steps of its node."""

    node: int
    rows: list[RowRecord]


class NetworkRecord(TypedDict):
    """A view of the network whose loss is traced, as lectures draw it. Boxes and lines by their ids in the ``svg``."""

    svg: str
    units: dict[str, UnitRecord]
    lines: dict[str, int]  # the weight


class Payload(TypedDict):
    """All that a page shows: a trace, its views by name, the ``first`` of them; ``arguments``: what it calls the
    leaves, by id, if the graph is a function's."""

    trace: TraceRecord
    views: dict[str, ViewRecord | NetworkRecord]
    first: str
    summary: str
    arguments: dict[int, str] | None
