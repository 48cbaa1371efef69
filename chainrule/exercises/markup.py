"""HTML for Jupyter: all text in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from autograd.number import shown

MOST = 10_000  # characters of a text that is shown
LEFT = 'style="text-align:left"'


def code(text: str) -> str:
    """Text as it is typed."""
    return f"<code>{escape(text)}</code>"


def paragraphs(text: str) -> str:
    """Text in paragraphs, as blank lines part it."""
    parts = (" ".join(part.split()) for part in text.split("\n\n"))
    return "".join(f"<p>{escape(shown(part, MOST))}</p>" for part in parts if part)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    lines = ["".join(f"<th {LEFT}>{cell}</th>" for cell in head)]
    lines += ["".join(f"<td {LEFT}>{cell}</td>" for cell in row) for row in rows]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
