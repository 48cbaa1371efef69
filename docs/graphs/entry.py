"""What the gallery holds of a graph.

A number under ``gradients`` is not computed here: it stands in the page, where the test suite runs the session, and a
test holds it against a numerical derivative. ``by_hand`` holds what one writes on paper; the page has it checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """One graph: what the page says of it, and what it is."""

    name: str  # of its files, and of its place in the page
    title: str
    look: str  # what to look at
    formula: str  # as ``parse`` reads it; its result is the last definition
    at: Mapping[str, float]
    value: float  # of the result, rounded
    gradients: Mapping[str, float]  # of the leaves, in the order of the graph, rounded
    by_hand: Mapping[str, str] = field(default_factory=dict)  # derivatives on paper, of leaves and of what is between
    source: str = ""
    session: str = ""  # more lines of the session
    digits: int = 4
    rankdir: str = "LR"


@dataclass(frozen=True)
class Page:
    """A page of the gallery."""

    name: str
    title: str
    words: str
    entries: tuple[Entry, ...]
