"""A session in a page ends with the blank line that doctest needs; readers do without it."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx


def strip(app: Sphinx, document: nodes.document) -> None:  # noqa: ARG001
    for block in document.findall(nodes.literal_block):
        text = block.astext().rstrip("\n")
        block.rawsource = text
        block[:] = [nodes.Text(text)]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", strip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
