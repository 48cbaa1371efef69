"""A picture and its layout as SVG: no script, nothing from elsewhere, for screen readers, light and dark."""

from __future__ import annotations

from hashlib import sha256
from xml.etree import ElementTree as ET

from .boxes import Arrow, Box, Picture
from .layout import Cluster, Layout, Place, Point, Route
from .scripts import SCRIPT, Line, Names, Piece, Quotient, quotient
from .sizes import BEFORE_REST, ROW, bar_width, label_size, part_height
from .skeleton import SHAPES
from .text import is_measured, width
from .theme import EDGE_SIZE, FONT, FRAME, FRAME_LINE, INK, KINDS, MUTED, NEGATIVE, PAPER, TEXT_SIZE, stylesheet

MARGIN = 8.0
HALO = {"stroke-width": "7", "stroke-linejoin": "round", "paint-order": "stroke"}  # as wide as the words of a step
RAISED, LOWERED = 0.42, 0.2  # how far scripts are from the line, in em


def svg(picture: Picture, layout: Layout) -> str:
    """The picture, whole."""
    name = sha256(picture.description.encode()).hexdigest()[:8]  # several pictures may stand on one page
    root = canvas(layout)
    root.set("style", "max-width: 100%; height: auto")
    root.attrib |= {"role": "img", "aria-labelledby": f"title-{name} desc-{name}", "font-family": FONT}
    ET.SubElement(root, "title", id=f"title-{name}").text = picture.title or picture.summary
    ET.SubElement(root, "desc", id=f"desc-{name}").text = picture.description
    ET.SubElement(root, "style").text = stylesheet()
    Drawer(root, layout).draw(picture)
    return ET.tostring(root, encoding="unicode") + "\n"


def part_of_page(picture: Picture, layout: Layout) -> str:
    """The picture without title, description and styles, for a page that has its own.

    What the page's script writes anew is marked: the rows of box 3 are ``#n3 .row``; the label of
    arrow 3 is ``#l3``, and in it a derivative's number ``.number``.
    """
    root = canvas(layout)
    root.set("font-family", FONT)
    Drawer(root, layout, named=True).draw(picture)
    return ET.tostring(root, encoding="unicode")


def canvas(layout: Layout) -> ET.Element:
    wide, high = layout.width + 2 * MARGIN, layout.height + layout.header + 2 * MARGIN
    return ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "chainrule",
            "viewBox": f"0 0 {n(wide)} {n(high)}",
            "width": n(wide),
            "height": n(high),
        },
    )


class Drawer:
    """Adds the parts of a picture to an SVG element; turns Graphviz's coordinates, y upwards, to SVG's.

    ``named`` marks the texts that a script may write anew.
    """

    def __init__(self, root: ET.Element, layout: Layout, named: bool = False) -> None:
        self.root = root
        self.layout = layout
        self.named = named

    def draw(self, picture: Picture) -> None:
        ET.SubElement(self.root, "rect", width=self.root.attrib["width"], height=self.root.attrib["height"], fill=PAPER)
        baseline = MARGIN
        for words, size in picture.header:
            baseline += size + 7
            colour = MUTED if size == TEXT_SIZE else INK
            text(self.root, words, MARGIN, baseline - 5, size, colour, {"text-anchor": "start"})
        for i, cluster in enumerate(self.layout.clusters):
            self.cluster(i, cluster)
        names = Names(picture)
        routes = [*zip(picture.arrows, self.layout.routes, strict=True)]
        for i, ((arrow, route), stroke) in enumerate(zip(routes, picture.strokes, strict=True)):
            self.arrow(i, arrow, route, stroke)
        for i, (box, place) in enumerate(zip(picture.boxes, self.layout.places, strict=True)):
            self.box(i, box, names.rows(box), place)
        for i, (arrow, route) in enumerate(routes):
            if arrow.label:
                self.label(i, arrow, quotient(arrow, picture, names), route)
        for caption in self.layout.captions:
            x, y = self.at(caption.at)
            line = names.caption(caption.name, caption.text)
            typeset(self.root, line, x, y + 0.36 * caption.size, caption.size, INK, anchor=caption.anchor)

    def at(self, point: Point) -> Point:
        return point[0] + MARGIN, self.layout.height - point[1] + self.layout.header + MARGIN

    def cluster(self, i: int, cluster: Cluster) -> None:
        left, bottom, right, top = cluster.corners
        x, y = self.at((left, top))
        group = ET.SubElement(self.root, "g", id=f"g{i}")
        look = {"fill": FRAME, "stroke": FRAME_LINE, "rx": "10"}
        ET.SubElement(group, "rect", x=n(x), y=n(y), width=n(right - left), height=n(top - bottom), attrib=look)
        x, y = self.at(cluster.label_at)
        text(group, cluster.label, x, y + 0.36 * TEXT_SIZE, TEXT_SIZE, MUTED)

    def arrow(self, i: int, arrow: Arrow, route: Route, stroke: float) -> None:
        *points, _ = map(self.at, route.curve)
        group = ET.SubElement(self.root, "g", id=f"e{i}")
        ET.SubElement(group, "title").text = arrow.tooltip
        colour = arrow.colour
        start, *rest = [f"{n(x)},{n(y)}" for x, y in points]
        look = {"fill": "none", "stroke": colour, "stroke-width": n(stroke)}
        if arrow.is_dashed:
            look["stroke-dasharray"] = "5 4"
        ET.SubElement(group, "path", d=f"M{start} C{' '.join(rest)}", attrib=look)
        if not arrow.has_head:
            return
        look = {"fill": PAPER if colour == NEGATIVE else colour, "stroke": colour, "stroke-linejoin": "round"}
        ET.SubElement(
            group, "polygon", points=" ".join(f"{n(x)},{n(y)}" for x, y in map(self.at, route.head)), attrib=look
        )

    def label(self, i: int, arrow: Arrow, fraction: Quotient | None, route: Route) -> None:
        """On its line it has paper behind it. Where a script takes a label away, its paper goes with it."""
        x, y = self.at(route.label_at)
        w, h = label_size(arrow.label, fraction)
        place = {"x": n(x - w / 2), "y": n(y - h / 2), "width": n(w), "height": n(h)}
        ground = self.layout.ground(route.label_at)
        paper = {"rx": "4", "fill": ground if self.layout.on_line else "none"}
        if self.layout.on_line and not self.named:
            ET.SubElement(self.root, "rect", place | paper)
        mark = {"id": f"l{i}"} if self.named else {}
        if fraction is not None:
            group = ET.SubElement(self.root, "g", mark | {"class": "fraction"})
            if self.named:  # a pointer between its texts is on the label too
                ET.SubElement(group, "rect", place | paper | {"pointer-events": "all"})
            self.fraction(group, fraction, x, y)
            return
        halo = {"stroke": ground, **HALO} if self.layout.on_line and self.named else {}
        label = text(self.root, arrow.label, x, y + 0.36 * EDGE_SIZE, EDGE_SIZE, INK, mark | halo)
        self.mark_number(label)

    def fraction(self, group: ET.Element, fraction: Quotient, x: float, y: float) -> None:
        """A fraction with what is behind it, around (x, y)."""
        bar, rest = bar_width(fraction), width(fraction.rest, EDGE_SIZE)
        left = x - (bar + BEFORE_REST + rest) / 2
        half = part_height(fraction) / 2
        for part, middle in ((fraction.above, y - half - 0.5), (fraction.below, y + half + 0.5)):
            typeset(group, part, left + bar / 2, middle + 0.36 * EDGE_SIZE, EDGE_SIZE, INK)
        ET.SubElement(group, "path", {"d": f"M{n(left)},{n(y)} h{n(bar)}", "stroke": INK, "stroke-width": "0.8"})
        start = {"text-anchor": "start"}
        at = left + bar + BEFORE_REST
        self.mark_number(text(group, fraction.rest, at, y + 0.36 * EDGE_SIZE, EDGE_SIZE, INK, start))

    def mark_number(self, label: ET.Element) -> None:
        """Makes the number of "∂ 3" and of "= 3" a part of its own."""
        before, gap, number = (label.text or "").partition(" ")
        if self.named and before in ("∂", "="):
            label.text = before + gap
            ET.SubElement(label, "tspan", {"class": "number"}).text = number

    def box(self, i: int, box: Box, rows: list[Line], place: Place) -> None:
        x, y = self.at(place.centre)
        w, h = place.size
        group = ET.SubElement(self.root, "g", id=f"n{i}")
        ET.SubElement(group, "title").text = box.tooltip
        line, stroke = box.line
        look = {"fill": KINDS[box.kind][0], "stroke": line, "stroke-width": n(stroke)}
        if box.is_stale:
            look["stroke-dasharray"] = "5 3"
        if box.is_root:
            outline(group, box.kind, x, y, w + 8, h + 8, look)
        outline(group, box.kind, x, y, w, h, look)
        column, size = place.column, place.symbol_size
        if column:
            bar = n(x - w / 2 + column)
            ET.SubElement(group, "path", d=f"M{bar},{n(y - h / 2)} V{n(y + h / 2)}", stroke=line, fill="none")
            text(group, box.symbol, x - w / 2 + column / 2, y + 0.36 * size, size, INK)
        top = y - ROW * len(rows) / 2
        mark = {"class": "row"} if self.named else {}
        for row, (words, size) in enumerate(zip(rows, place.row_sizes, strict=True)):
            typeset(group, words, x + column / 2, top + ROW * (row + 0.5) + 0.36 * size, size, INK, mark)


def outline(parent: ET.Element, kind: str, x: float, y: float, w: float, h: float, look: dict[str, str]) -> None:
    """The shape of a kind in a box of w times h around (x, y); as Graphviz has it."""
    if SHAPES[kind] == "ellipse":
        ET.SubElement(parent, "ellipse", cx=n(x), cy=n(y), rx=n(w / 2), ry=n(h / 2), attrib=look)
    elif kind == "parameter":
        corners = [(-w / 2, 0.0), (-w / 4, -h / 2), (w / 4, -h / 2), (w / 2, 0.0), (w / 4, h / 2), (-w / 4, h / 2)]
        points = " ".join(f"{n(x + dx)},{n(y + dy)}" for dx, dy in corners)
        ET.SubElement(parent, "polygon", points=points, attrib=look)
    else:
        rounded = {"rx": "9"} if kind == "result" else {}
        place = {"x": n(x - w / 2), "y": n(y - h / 2), "width": n(w), "height": n(h)}
        ET.SubElement(parent, "rect", place | rounded | look)


def text(
    parent: ET.Element, words: str, x: float, y: float, size: float, colour: str, more: dict[str, str] | None = None
) -> ET.Element:
    look = {"x": n(x), "y": n(y), "font-size": n(size), "fill": colour, "text-anchor": "middle"} | (more or {})
    element = ET.SubElement(parent, "text", look | fitted(words, size))
    element.text = words
    return element


def typeset(
    parent: ET.Element,
    line: Line,
    x: float,
    y: float,
    size: float,
    colour: str,
    more: dict[str, str] | None = None,
    anchor: str = "middle",
) -> None:
    """A line with its scripts; at x is its "start", "middle" or "end".

    By the table of widths each text ends where its scripts begin, so that no font parts a name from its scripts.
    """
    if not any(piece.scripts for piece in line):
        words = "".join(piece.text for piece in line)
        text(parent, words, x, y, size, colour, {"text-anchor": anchor} | (more or {}))
        return
    whole = ET.SubElement(parent, "text", {"fill": colour, "font-size": n(size)} | (more or {}))
    wide = sum(width(piece.text, size) + scripts_width(piece, size) for piece in line)
    at = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    for piece in line:
        end = at + width(piece.text, size)
        side = {"x": n(end), "text-anchor": "end"} if piece.scripts else {"x": n(at), "text-anchor": "start"}
        ET.SubElement(whole, "tspan", {"y": n(y)} | side | fitted(piece.text, size)).text = piece.text
        for script, rise in ((piece.superscript, RAISED), (piece.subscript, -LOWERED)):
            if script:
                look = {"x": n(end), "y": n(y - rise * size), "font-size": n(SCRIPT * size), "text-anchor": "start"}
                ET.SubElement(whole, "tspan", look | fitted(script, SCRIPT * size)).text = script
        at = end + scripts_width(piece, size)


def scripts_width(piece: Piece, size: float) -> float:
    """The room of scripts that stand above each other."""
    return max(width(script, SCRIPT * size) for script in (piece.superscript, piece.subscript))


def fitted(words: str, size: float) -> dict[str, str]:
    """A font of unknown width: make it fit."""
    return {} if is_measured(words) else {"textLength": n(width(words, size)), "lengthAdjust": "spacingAndGlyphs"}


def n(x: float) -> str:
    """A coordinate, to a tenth of a point."""
    return f"{round(x, 1) + 0.0:.1f}".removesuffix(".0")  # + 0.0: never -0
