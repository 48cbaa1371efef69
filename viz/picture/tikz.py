"""A picture and its layout as TikZ, for papers and slides: the places and marks of the SVG, the texts in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .boxes import Arrow, Box, Picture
from .latex_words import OTHER, LatexWords, mixed, words
from .layout import Caption, Cluster, Layout, Place, Point, Route
from .sizes import ROW
from .skeleton import SHAPES
from .theme import EDGE_SIZE, FRAME, FRAME_LINE, INK, KINDS, MUTED, NEGATIVE, NEUTRAL, PAPER, POSITIVE, TEXT_SIZE

LARGEST = 16_000  # points: TeX's longest length
SIZES = (5, 6, 7, 8, 9, 10, 10.95, 12, 14.4, 17.28, 20.74, 24.88)  # points, of TeX's own fonts

DOCUMENT = r"""\documentclass[border=8bp]{standalone}
\usepackage{tikz}
\begin{document}
%s\end{document}
"""

COLOURS = {
    "ink": INK,
    "paper": PAPER,
    "muted": MUTED,
    "frame": FRAME,
    "frameline": FRAME_LINE,
    "positive": POSITIVE,
    "negative": NEGATIVE,
    "neutral": NEUTRAL,
}
COLOURS |= {f"{kind}fill": fill for kind, (fill, _) in KINDS.items()}
COLOURS |= {f"{kind}line": line for kind, (_, line) in KINDS.items()}
NAMES = {colour: name for name, colour in reversed(COLOURS.items())}  # of two names the first


def document(picture: Picture, layout: Layout) -> str:
    """A document of its own, for ``pdflatex`` with the class standalone. ValueError as ``tikz`` says."""
    return DOCUMENT % tikz(picture, layout)


def tikz(picture: Picture, layout: Layout) -> str:
    r"""The picture alone, for ``\input`` in a document with the package tikz.

    ValueError for a picture that is larger than TeX can set.
    """
    wide, high = layout.width, layout.height + layout.header
    if max(wide, high) > LARGEST:
        raise ValueError(
            f"draw: a picture of {wide:,.0f} × {high:,.0f} points is larger than TeX can set ({LARGEST:,}); "
            "draw less of the graph: max_nodes=100, or depth=1"
        )
    kinds = dict.fromkeys(box.kind for box in picture.boxes)
    opening = [
        r"\begin{tikzpicture}[",
        "  x=1bp, y=1bp, every node/.style={inner sep=0pt, outer sep=0pt, anchor=base, text=ink},",
        *(f"  {kind} box/.style={{{looks(kind)}}}," for kind in kinds),
        "]",
    ]
    body = [rf"\useasboundingbox (0,0) rectangle {at((wide, high))};", *Pen(picture, layout).drawn()]
    source = "\n".join(opening + body)
    colours = [
        rf"\definecolor{{{name}}}{{HTML}}{{{colour[1:].upper()}}}"
        for colour, name in NAMES.items()
        if re.search(rf"\b{name}\b", source)
    ]
    others = OTHER.splitlines() if r"\other" in source else []
    return "\n".join([*opening, *others, *colours, *body, r"\end{tikzpicture}", ""])


def looks(kind: str) -> str:
    """The options of a kind of box."""
    fill, line = (NAMES[colour] for colour in KINDS[kind])
    corners = ", rounded corners=9bp" if kind == "result" else ""
    return f"draw={line}, fill={fill}, line width={2 if kind == 'group' else 1.2}bp{corners}"


class Pen:
    """Writes the parts of a picture, in the order in which the SVG has them."""

    def __init__(self, picture: Picture, layout: Layout) -> None:
        self.picture = picture
        self.layout = layout
        self.words = LatexWords(picture)

    def drawn(self) -> Iterator[str]:
        picture, layout = self.picture, self.layout
        baseline = layout.height + layout.header
        for line, size in picture.header:
            baseline -= size + 7
            colour = "muted" if size == TEXT_SIZE else "ink"
            yield text(words(line), (0.0, baseline + 5), size, f"anchor=base west, text={colour}")
        yield from map(self.cluster, layout.clusters)
        routes = [*zip(picture.arrows, layout.routes, strict=True)]
        for (arrow, route), stroke in zip(routes, picture.strokes, strict=True):
            yield from self.arrow(arrow, route, stroke)
        for box, place in zip(picture.boxes, layout.places, strict=True):
            yield from self.box(box, place)
        for arrow, route in routes:
            if arrow.label:
                yield self.label(arrow, route)
        yield from map(self.caption, layout.captions)

    def cluster(self, cluster: Cluster) -> str:
        left, bottom, right, top = cluster.corners
        frame = rf"\filldraw[draw=frameline, fill=frame, rounded corners=10bp] {at((left, bottom))}"
        label = text(words(cluster.label), below(cluster.label_at, TEXT_SIZE), TEXT_SIZE, "text=muted")
        return f"{frame} rectangle {at((right, top))};\n{label}"

    def arrow(self, arrow: Arrow, route: Route, stroke: float) -> Iterator[str]:
        start, *rest = map(at, route.curve[:-1])
        curves = (f" .. controls {rest[i]} and {rest[i + 1]} .. {rest[i + 2]}" for i in range(0, len(rest), 3))
        colour = NAMES[arrow.colour]
        dashes = ", dash pattern=on 5bp off 4bp" if arrow.is_dashed else ""
        yield rf"\draw[{colour}, line width={stroke:g}bp{dashes}] {start}{''.join(curves)};"
        if arrow.has_head:
            fill = "paper" if arrow.colour == NEGATIVE else colour
            corners = " -- ".join(map(at, route.head))
            yield rf"\filldraw[draw={colour}, fill={fill}, line width=1bp, line join=round] {corners} -- cycle;"

    def box(self, box: Box, place: Place) -> Iterator[str]:
        (x, y), (w, h), column = place.centre, place.size, place.column
        line, stroke = box.line
        options = f"{box.kind} box" + ", dash pattern=on 5bp off 3bp" * box.is_stale
        if box.is_current:
            options += f", draw={NAMES[line]}, line width={stroke:g}bp"
        for more in (8, 0) if box.is_root else (0,):
            yield rf"\path[{options}] {outline(box.kind, place.centre, (w + more, h + more))};"
        if column:
            bar = x - w / 2 + column
            yield rf"\draw[{NAMES[line]}, line width=1bp] {at((bar, y - h / 2))} -- {at((bar, y + h / 2))};"
            middle = below((x - w / 2 + column / 2, y), place.symbol_size)
            yield text(words(box.symbol), middle, place.symbol_size)
        y += ROW * (len(box.rows) - 1) / 2
        for line, size in zip(self.words.rows(box), place.row_sizes, strict=True):
            yield text(line, below((x + column / 2, y), size), size)
            y -= ROW

    def label(self, arrow: Arrow, route: Route) -> str:
        ground = NAMES[self.layout.ground(route.label_at)]
        options = f"fill={ground}, rounded corners=2bp, inner sep=2bp" if self.layout.on_line else ""
        return text(self.words.arrow(arrow, self.picture), below(route.label_at, EDGE_SIZE), EDGE_SIZE, options)

    def caption(self, caption: Caption) -> str:
        name = f"${self.words.name(caption.name)}$" if caption.name else ""
        line = " ".join(filter(None, (name, mixed(caption.text))))
        anchor = {"start": "base west", "middle": "base", "end": "base east"}[caption.anchor]
        return text(line, below(caption.at, caption.size), caption.size, f"anchor={anchor}")


def outline(kind: str, centre: Point, size: Point) -> str:
    """The shape of a kind, as in the SVG."""
    (x, y), (w, h) = centre, size
    if SHAPES[kind] == "ellipse":
        return f"{at(centre)} ellipse [x radius={n(w / 2)}, y radius={n(h / 2)}]"
    if SHAPES[kind] == "hexagon":
        corners = [(-w / 2, 0.0), (-w / 4, -h / 2), (w / 4, -h / 2), (w / 2, 0.0), (w / 4, h / 2), (-w / 4, h / 2)]
        return " -- ".join(at((x + dx, y + dy)) for dx, dy in corners) + " -- cycle"
    return f"{at((x - w / 2, y - h / 2))} rectangle {at((x + w / 2, y + h / 2))}"


def text(line: str, base: Point, size: float, options: str = "") -> str:
    """A line of LaTeX on this baseline, in the largest of TeX's fonts that is not larger than ``size``."""
    points = max(known for known in SIZES if known <= size)
    font = rf"font=\fontsize{{{points:g}}}{{{1.2 * points:g}}}\selectfont"
    return rf"\node[{', '.join(filter(None, (font, options)))}] at {at(base)} {{{line}}};"


def below(middle: Point, size: float) -> Point:
    """Where the baseline is of a line around this height."""
    return middle[0], middle[1] - 0.34 * size


def at(point: Point) -> str:
    return f"({n(point[0])},{n(point[1])})"


def n(x: float) -> str:
    """A coordinate, to a hundredth of a point."""
    return f"{round(x, 2) + 0.0:g}" if abs(x) < 1000 else f"{x:.2f}"
