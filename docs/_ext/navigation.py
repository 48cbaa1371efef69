"""What screen readers need and furo leaves out: the level of the headings in the list of pages."""

from __future__ import annotations

from sphinx.application import Sphinx

TREE = "furo_navigation_tree"


def add_levels(app: Sphinx, page: str, template: str, context: dict[str, str], document: object) -> None:  # noqa: ARG001
    context[TREE] = context.get(TREE, "").replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", add_levels, priority=900)  # after furo
    return {"parallel_read_safe": True, "parallel_write_safe": True}
