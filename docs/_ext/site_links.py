"""Links out of the documentation: to the other parts of the site, and to files of the repository, which are copied."""

from __future__ import annotations

import posixpath
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx

PARTS = ("try", "course", "element", "python")  # see site/build.py
ROOT = Path(__file__).parent.parent.parent


def resolve(app: Sphinx, document: nodes.document) -> None:
    """``[try it](try/#f=…)`` is a link as it stands; ``[the table](autograd/table/ops.py)`` a file to download."""
    folder = posixpath.dirname(app.env.docname)
    for link in list(document.findall(pending_xref)):
        target = link.get("reftarget", "")
        if link.get("reftype") != "myst":
            continue
        path = posixpath.normpath(posixpath.join(folder, target.partition("#")[0]))
        if path.split("/")[0] in PARTS:
            link.replace_self(nodes.reference("", "", *link.children, refuri=target, internal=False))
        elif (ROOT / path).is_dir() or (ROOT / "docs" / path).is_dir():
            link.replace_self(nodes.inline("", "", *link.children))  # a folder is named, not served
        elif (ROOT / target).is_file() and Path(target).suffix != ".md":
            at = posixpath.relpath(target, posixpath.join("docs", folder))
            children = [nodes.literal("", link.astext())]
            link.replace_self(download_reference("", "", *children, reftarget=at, refdoc=app.env.docname))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", resolve, priority=100)  # before Sphinx collects what is to be copied
    return {"parallel_read_safe": True, "parallel_write_safe": True}
