"""``draw_dot(root)``, as in micrograd's notebooks: a ``graphviz.Digraph`` that needs no Graphviz on the machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import overload

import graphviz

from autograd.value import Value

from .drawing import Drawing, draw
from .picture import dot as dot_format
from .picture.graphviz_engine import run
from .picture.whole import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    StrPath = str | os.PathLike[str]


def draw_dot(root: Value, format: str = "svg", rankdir: str = "LR") -> DotGraph:
    """``draw(root)`` under the name, with the arguments and with the methods that it has in micrograd's notebooks.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> dot = draw_dot(a * b)
    >>> dot.node("note", "a note")
    >>> dot.edge("note", str(id(a)))
    >>> "a note" in dot.source and "a note" in dot.pipe(encoding="utf-8")
    True
    """
    drawing = draw(root, rankdir=rankdir)
    drawn = dot_format.digraph(drawing.picture, drawing.layout)
    attributes = {"graph_attr": drawn.graph_attr, "node_attr": drawn.node_attr, "edge_attr": drawn.edge_attr}
    graph = DotGraph(filename="Digraph.gv", format=format, body=drawn.body, **attributes)
    graph.drawing = drawing
    return graph


class DotGraph(graphviz.Digraph):  # type: ignore[misc]
    """A drawn graph with all that a ``graphviz.Digraph`` has: node, edge, attr, source, pipe, render, view, ...

    As long as nothing is added or changed, the pictures are those of ``draw(root)``; after that Graphviz lays the
    whole graph out afresh. In ``node`` and ``edge`` a Value goes by the name that it has in micrograd's notebooks,
    ``str(id(v))``. What asks for more than a format (``engine=``, ``renderer=``, ...) needs a ``dot`` on the PATH.
    """

    drawing: Drawing | None = None  # None of a copy or a subgraph

    def node(self, name: str, label: str | None = None, **attributes: object) -> None:
        """Add a node; or, by the name of one that is there, set attributes of it."""
        super().node(self._name(name), label, **attributes)

    def edge(self, tail_name: str, head_name: str, label: str | None = None, **attributes: object) -> None:
        """Add an arrow."""
        super().edge(self._name(tail_name), self._name(head_name), label, **attributes)

    def _name(self, name: str) -> str:
        numbers = {} if self.drawing is None else self.drawing.picture.numbers
        number = numbers.get(int(name)) if name.isdecimal() else None
        return name if number is None else f"n{number}"

    @overload
    def pipe(self, format: str | None = ..., *, encoding: None = ..., quiet: bool = ..., **more: object) -> bytes: ...

    @overload
    def pipe(self, format: str | None = ..., *, encoding: str, quiet: bool = ..., **more: object) -> str: ...

    def pipe(
        self, format: str | None = None, *, encoding: str | None = None, quiet: bool = False, **more: object
    ) -> bytes | str:
        """The picture in a format, as bytes; with an encoding as text. Raises RenderError without any Graphviz."""
        if more or self.engine != "dot":
            piped: bytes | str = super().pipe(format, encoding=encoding, quiet=quiet, **more)
            return piped
        picture = self._picture(format or self.format)
        return picture if encoding is None else picture.decode(encoding)

    def _picture(self, format: str) -> bytes:
        as_drawn = self.drawing is not None and self.source == self.drawing.dot
        if self.drawing is not None and as_drawn and format in ("svg", "pdf", "png"):
            return self.drawing.render_bytes(format)
        return run(self.source, format, positioned=as_drawn)

    def render(
        self,
        filename: StrPath | None = None,
        directory: StrPath | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: StrPath | None = None,
        quiet: bool = False,
        quiet_view: bool = False,
        **more: object,
    ) -> str:
        """Write the source to ``filename`` and the picture to ``filename.format``, or to ``outfile``; returns its path.

        ``cleanup`` removes the source afterwards, ``view`` opens the picture.
        """
        if more or self.engine != "dot":
            options = {
                "cleanup": cleanup,
                "format": format,
                "outfile": outfile,
                "quiet": quiet,
                "quiet_view": quiet_view,
            }
            rendered: str = super().render(filename, directory=directory, view=view, **options, **more)
            return rendered
        if outfile is not None:
            format = format or Path(outfile).suffix.removeprefix(".")
            filename = filename or Path(outfile).with_suffix(".gv")
            outfile = Path(self.directory if directory is None else "", outfile)
        source = self.save(filename, directory=directory)
        path = Path(outfile or f"{source}.{format or self.format}")
        write_whole(path, self.pipe(format))
        if cleanup:
            Path(source).unlink()
        if view or quiet_view:
            graphviz.view(path, quiet=quiet_view)
        return str(path)
