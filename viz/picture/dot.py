"""A picture and its layout as DOT: readable by every Graphviz, and what PNG and PDF are drawn from.

Each thing carries its place, so that ``neato -n2`` draws exactly the picture of the SVG; ``dot`` lays it out anew.
"""

from __future__ import annotations

from html import escape

import graphviz  # type: ignore[import-untyped]

from .layout import (
    ROW,
    Frame,
    Layout,
    Point,
    header_lines,
    inches,
    label_size,
    line,
    outline,
    row_sizes,
    symbol_size,
    symbol_width,
)
from .picture import Arrow, Box, Picture, colour_of, stroke_widths
from .theme import EDGE_SIZE, FRAME, FRAME_LINE, INK, KINDS, MUTED, NEGATIVE, PAPER, TEXT_SIZE

FONT = "DejaVu Sans"


def dot(picture: Picture, layout: Layout, dpi: float | None = None) -> str:
    """The DOT text; ``dpi`` is for bitmaps only."""
    source: str = digraph(picture, layout, dpi).source
    return source


def digraph(picture: Picture, layout: Layout, dpi: float | None = None) -> graphviz.Digraph:
    """The same as an object; box number 3 is the node "n3"."""
    graph = graphviz.Digraph(
        graph_attr={
            "rankdir": picture.rankdir,
            "bb": f"0,0,{pair((layout.width, layout.height + layout.header))}",
            "bgcolor": PAPER,
            "fontname": FONT,
            "pad": "0.11",
        },
        node_attr={"fontname": FONT, "fontcolor": INK},
        edge_attr={"fontname": FONT, "fontcolor": INK, "fontsize": f"{EDGE_SIZE:g}"},
    )
    if dpi is not None:
        graph.attr(dpi=f"{dpi:g}")
    header = [row(words, size, layout.width, size + 7, more='ALIGN="LEFT"') for words, size in header_lines(picture)]
    if header:
        middle = layout.width / 2, layout.height + layout.header / 2
        graph.attr(label=table(header), labelloc="t", lp=pair(middle))
    inside: dict[tuple[str, ...], graphviz.Digraph] = {(): graph}
    for i, frame in enumerate(layout.frames):
        inside[frame.path] = graphviz.Digraph(name=f"cluster_{i}", graph_attr=frame_attributes(frame))
    for i, box in enumerate(picture.boxes):
        attributes = box_attributes(box, layout.sizes[i])
        inside[box.frame].node(f"n{i}", pos=pair(layout.centres[i]), **attributes)
    for path in sorted(inside, key=len, reverse=True)[:-1]:  # a subgraph is copied into its parent: inner ones first
        inside[path[:-1]].subgraph(inside[path])
    for i, (arrow, stroke) in enumerate(zip(picture.arrows, stroke_widths(picture.arrows), strict=True)):
        *points, tip = map(pair, layout.curves[i])
        places = {"pos": " ".join([f"e,{tip}", *points]), "lp": pair(layout.labels[i])}
        attributes = arrow_attributes(arrow, layout.on_line) | line(stroke) | places
        graph.edge(f"n{arrow.tail}", f"n{arrow.head}", id=f"e{i}", **attributes)
    return graph


def frame_attributes(frame: Frame) -> dict[str, str]:
    return {
        "label": table([row(frame.label, TEXT_SIZE, 0, ROW)]),
        "lp": pair(frame.label_at),
        "bb": ",".join(f"{x:.2f}" for x in frame.box),
        "style": "rounded,filled",
        "fillcolor": FRAME,
        "pencolor": FRAME_LINE,
        "fontcolor": MUTED,
    }


def box_attributes(box: Box, size: Point) -> dict[str, str]:
    fill, edge = KINDS[box.kind]
    style = ["filled"] + ["rounded"] * (box.kind == "result") + ["dashed"] * box.is_stale
    return outline(box) | {
        "label": box_label(box, size),
        "width": inches(size[0]),
        "height": inches(size[1]),
        "fixedsize": "true",
        "style": ",".join(style),
        "fillcolor": fill,
        "color": edge,
        "penwidth": "2" if box.kind == "group" else "1.2",
    }


def arrow_attributes(arrow: Arrow, on_line: bool) -> dict[str, str]:
    attributes = {"color": colour_of(arrow)}
    if arrow.label:
        attributes["label"] = table([row(arrow.label, EDGE_SIZE, *label_size(arrow.label))], filled=on_line)
    if arrow.style == "masked":
        attributes["style"] = "dashed"
    if colour_of(arrow) == NEGATIVE:
        attributes["arrowhead"] = "onormal"
    return attributes


def pair(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"


def box_label(box: Box, size: Point) -> str:
    column = symbol_width(box)
    rows = [row(words, font, size[0] - column - 4, ROW) for words, font in zip(box.rows, row_sizes(box), strict=True)]
    if column:
        symbol = cell(box.symbol, symbol_size(box), column, size[1] - 4, f'ROWSPAN="{len(rows)}"')
        rows[0] = rows[0].replace("<TR>", f"<TR>{symbol}<VR/>", 1)
    return table(rows)


def table(rows: list[str], filled: bool = False) -> str:
    background = f' BGCOLOR="{PAPER}"' if filled else ""
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"{background}>{"".join(rows)}</TABLE>>'


def row(text: str, size: float, width: float, height: float, more: str = "") -> str:
    return f"<TR>{cell(text, size, width, height, more)}</TR>"


def cell(text: str, size: float, width: float, height: float, more: str = "") -> str:
    """A cell at least as large as this."""
    # Graphviz replaces \N by the node's name, here too: an invisible word joiner keeps the two apart.
    words = escape(text).replace("\\", "&#92;&#8288;")
    content = f'<FONT POINT-SIZE="{size:g}">{words}</FONT>' if words else ""
    return f'<TD WIDTH="{width:.0f}" HEIGHT="{height:.0f}" {more}>{content}</TD>'
