"""A picture and its layout as DOT: readable by every Graphviz, and what PNG and PDF are drawn from.

Each thing carries its place, so that ``neato -n2`` draws exactly the picture of the SVG; ``dot`` lays it out anew.
"""

from __future__ import annotations

from html import escape

import graphviz

from .boxes import Arrow, Box, Picture
from .layout import Caption, Cluster, Layout, Place, Point, Route
from .scripts import SCRIPT, Line, Names, Piece, Quotient, line_width, quotient
from .sizes import BEFORE_REST, ROW, bar_width, label_size, part_height
from .skeleton import line, put_into_frames, shape, size_in_inches
from .text import width
from .theme import EDGE_SIZE, FRAME, FRAME_LINE, INK, KINDS, MUTED, NEGATIVE, PAPER, TEXT_SIZE

FONT = "DejaVu Sans"
MARGIN = 7.92  # points

Window = tuple[float, float, float, float]


def dot(picture: Picture, layout: Layout, dpi: float | None = None, window: Window | None = None) -> str:
    """The DOT text; ``dpi`` is for bitmaps only. ``window`` is the part to be seen: left, top, right and bottom in
    points from the upper left corner, the margin included."""
    graph = digraph(picture, layout, dpi)
    if window is not None:
        left, top, right, bottom = window
        centre = (left + right) / 2 - MARGIN, layout.height + layout.header + MARGIN - (top + bottom) / 2
        graph.attr(
            notranslate="true", viewport=f"{right - left:.4f},{bottom - top:.4f},1,{centre[0]:.4f},{centre[1]:.4f}"
        )
    source: str = graph.source
    return source


def digraph(picture: Picture, layout: Layout, dpi: float | None = None) -> graphviz.Digraph:
    """The same as an object; box number 3 is the node "n3"."""
    graph = graphviz.Digraph(
        graph_attr={
            "rankdir": picture.rankdir,
            "bb": f"0,0,{pair((layout.width, layout.height + layout.header))}",
            "bgcolor": PAPER,
            "fontname": FONT,
            "pad": f"{MARGIN / 72:g}",
        },
        node_attr={"fontname": FONT, "fontcolor": INK},
        edge_attr={"fontname": FONT, "fontcolor": INK, "fontsize": f"{EDGE_SIZE:g}"},
    )
    if layout.captions:
        graph.attr(outputorder="edgesfirst")
    if dpi is not None:
        graph.attr(dpi=f"{dpi:g}")
    header = [row(words, size, layout.width, size + 7, more='ALIGN="LEFT"') for words, size in picture.header]
    if header:
        middle = layout.width / 2, layout.height + layout.header / 2
        graph.attr(label=table(header), labelloc="t", lp=pair(middle))
    frames = {cluster.scopes: frame_attributes(cluster) for cluster in layout.clusters}
    names = Names(picture)
    boxes = [
        box_attributes(box, names.rows(box), place) for box, place in zip(picture.boxes, layout.places, strict=True)
    ]
    put_into_frames(graph, picture, frames, boxes)
    strokes = picture.strokes
    for i, (arrow, route) in enumerate(zip(picture.arrows, layout.routes, strict=True)):
        ground = layout.ground(route.label_at) if layout.on_line else ""
        attributes = arrow_attributes(arrow, quotient(arrow, picture, names), route, ground) | line(strokes[i])
        graph.edge(f"n{arrow.tail}", f"n{arrow.head}", id=f"e{i}", **attributes)
    for i, (arrow, route) in enumerate(zip(picture.arrows, layout.routes, strict=True)):
        if arrow.label and not arrow.has_head:  # beside other lines: a node of its own is drawn above all of them
            label = table([row(arrow.label, EDGE_SIZE, *label_size(arrow.label))], PAPER)
            graph.node(f"l{i}", shape="plaintext", fontsize=f"{EDGE_SIZE:g}", label=label, pos=pair(route.label_at))
    for i, caption in enumerate(layout.captions):
        graph.node(f"c{i}", **caption_attributes(caption, names.caption(caption.name, caption.text)))
    return graph


def frame_attributes(cluster: Cluster) -> dict[str, str]:
    return {
        "label": table([row(cluster.label, TEXT_SIZE, 0, ROW)]),
        "lp": pair(cluster.label_at),
        "bb": ",".join(f"{x:.2f}" for x in cluster.corners),
        "style": "rounded,filled",
        "fillcolor": FRAME,
        "pencolor": FRAME_LINE,
        "fontcolor": MUTED,
    }


def box_attributes(box: Box, rows: list[Line], place: Place) -> dict[str, str]:
    colour, stroke = box.line
    style = ["filled"] + ["rounded"] * (box.kind == "result") + ["dashed"] * box.is_stale
    looks = {
        "label": box_label(box, rows, place),
        "fixedsize": "true",
        "style": ",".join(style),
        "fillcolor": KINDS[box.kind][0],
        "color": colour,
        "penwidth": f"{stroke:g}",
    }
    return shape(box) | size_in_inches(place.size) | looks | {"pos": pair(place.centre)}


def caption_attributes(caption: Caption, line: Line) -> dict[str, str]:
    wide = line_width(line, caption.size)
    (x, y), align = caption.at, {"start": "LEFT", "middle": "CENTER", "end": "RIGHT"}[caption.anchor]
    x += {"start": wide / 2, "middle": 0.0, "end": -wide / 2}[caption.anchor]
    label = table([row(line, caption.size, wide, ROW, f'ALIGN="{align}"')])
    return {"shape": "plaintext", "label": label, "pos": pair((x, y))}


def arrow_attributes(arrow: Arrow, fraction: Quotient | None, route: Route, ground: str) -> dict[str, str]:
    *points, tip = map(pair, route.curve)
    head = [f"e,{tip}"] if arrow.has_head else []
    attributes = {"color": arrow.colour, "pos": " ".join([*head, *points]), "lp": pair(route.label_at)}
    if arrow.label and arrow.has_head:
        label = row(arrow.label, EDGE_SIZE, *label_size(arrow.label)) if fraction is None else fraction_row(fraction)
        attributes["label"] = table([label], ground)
    if arrow.is_dashed:
        attributes["style"] = "dashed"
    if not arrow.has_head:
        attributes["dir"] = "none"
    elif arrow.colour == NEGATIVE:
        attributes["arrowhead"] = "onormal"
    return attributes


def fraction_row(fraction: Quotient) -> str:
    size = bar_width(fraction), part_height(fraction)
    above = row(fraction.above, EDGE_SIZE, *size, 'VALIGN="TOP"')
    below = row(fraction.below, EDGE_SIZE, *size)
    bar = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
    rest = cell(fraction.rest, EDGE_SIZE, width(fraction.rest, EDGE_SIZE) + BEFORE_REST, 2 * size[1])
    return f'<TR><TD>{bar} COLOR="{INK}">{above}<HR/>{below}</TABLE></TD>{rest}</TR>'


def pair(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"


def box_label(box: Box, lines: list[Line], place: Place) -> str:
    wide, high = place.size
    fonts = zip(lines, place.row_sizes, strict=True)
    rows = [row(line, font, wide - place.column - 4, ROW) for line, font in fonts]
    if place.column:
        symbol = cell(box.symbol, place.symbol_size, place.column, high - 4, f'ROWSPAN="{len(rows)}"')
        rows[0] = rows[0].replace("<TR>", f"<TR>{symbol}<VR/>", 1)
    return table(rows)


def table(rows: list[str], ground: str = "") -> str:
    background = f' BGCOLOR="{ground}"' if ground else ""
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"{background}>{"".join(rows)}</TABLE>>'


def row(text: str | Line, size: float, width: float, height: float, more: str = "") -> str:
    return f"<TR>{cell(text, size, width, height, more)}</TR>"


def cell(text: str | Line, size: float, width: float, height: float, more: str = "") -> str:
    """A cell at least as large as this.

    A superscript stands before the subscript, not above it as in SVG: Graphviz gives each line of text 1.2 times the
    size of its font, so two of them are higher than a row.
    """
    pieces = (Piece(text),) if isinstance(text, str) else text
    content = "".join(
        font(piece.text, size)
        + "".join(
            f"<{tag}>{font(script, SCRIPT * size)}</{tag}>"
            for tag, script in (("SUP", piece.superscript), ("SUB", piece.subscript))
            if script
        )
        for piece in pieces
    )
    return f'<TD WIDTH="{width:.0f}" HEIGHT="{height:.0f}" {more}>{content}</TD>'


def font(text: str, size: float) -> str:
    # Graphviz replaces \N by the node's name, here too: an invisible word joiner keeps the two apart.
    words = escape(text).replace("\\", "&#92;&#8288;")
    return f'<FONT POINT-SIZE="{size:g}">{words}</FONT>' if words else ""
