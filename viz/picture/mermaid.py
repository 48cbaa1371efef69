"""A picture as a flowchart of Mermaid, which lays it out itself: for Markdown on GitHub, in GitLab, in notes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .boxes import Arrow, Picture
from .layout import frame_label, framed_scopes
from .skeleton import Scopes
from .theme import FRAME, FRAME_LINE, INK, KINDS, MUTED, NEGATIVE

SHAPES = {
    "input": ("([", "])"),
    "parameter": ("{{", "}}"),
    "constant": ("((", "))"),
    "result": ("(", ")"),
    "group": ("[[", "]]"),
    "unit": ("([", "])"),
    "bias": ("((", "))"),
    "map": ("[", "]"),
    "cut": ("[", "]"),
}
# All but letters, digits, decimal points and what neither Mermaid nor Markdown nor HTML reads as a sign.
SIGN = re.compile(r"(?!(?<=\d)\.(?=\d))[^\w =,()/∂−×·÷√—]|_")


def mermaid(picture: Picture) -> str:
    """The text of a ``.mmd`` file, or of a block ``mermaid`` in Markdown. GitHub shows at most 500 arrows of it.

    A negative gradient has a circle for its head: Mermaid has no hollow ones.
    """
    header = "; ".join(line for line, _ in picture.header)
    title = ["---", f'title: "{quoted(header)}"', "---"] if header else []
    kinds = dict.fromkeys(box.kind for box in picture.boxes)
    return "\n".join(
        [
            *title,
            f"flowchart {picture.rankdir}",
            *boxes(picture, ()),
            *map(arrow, picture.arrows),
            *(f"  classDef {kind} {look(kind)}" for kind in kinds),
            *(
                f"  style f{i} fill:{FRAME},stroke:{FRAME_LINE},color:{MUTED}"
                for i, _ in enumerate(framed_scopes(picture))
            ),
            *marks(picture),
            *line_styles(picture),
            "",
        ]
    )


def boxes(picture: Picture, around: Scopes) -> Iterator[str]:
    """The boxes inside of a frame, then the frames in it, each with what it holds."""
    indent = "  " * (len(around) + 1)
    for i, box in enumerate(picture.boxes):
        if box.scopes == around:
            opening, closing = SHAPES[box.kind]
            lines = [box.symbol] * bool(box.symbol) + box.rows
            yield f'{indent}n{i}{opening}"{"<br/>".join(map(escaped, lines))}"{closing}:::{box.kind}'
    for i, scopes in enumerate(framed_scopes(picture)):
        if scopes[:-1] == around:
            yield f'{indent}subgraph f{i}["{escaped(frame_label(scopes))}"]'
            yield from boxes(picture, scopes)
            yield f"{indent}end"


def arrow(arrow: Arrow) -> str:
    line = "---" if not arrow.has_head else "-.->" if arrow.is_dashed else "--o" if arrow.colour == NEGATIVE else "-->"
    label = f'|"{escaped(arrow.label)}"|' if arrow.label else ""
    return f"  n{arrow.tail} {line}{label} n{arrow.head}"


def look(kind: str) -> str:
    fill, line = KINDS[kind]
    return f"fill:{fill},stroke:{line},color:{INK}"


def marks(picture: Picture) -> Iterator[str]:
    """The root has a thick outline, what is stale a dashed one."""
    for i, box in enumerate(picture.boxes):
        looks = ["stroke-width:4px"] * box.is_root + ["stroke-dasharray:5 3"] * box.is_stale
        if looks:
            yield f"  style n{i} {','.join(looks)}"


def line_styles(picture: Picture) -> Iterator[str]:
    """The colours and widths of the arrows; those that look alike in one line."""
    alike: dict[str, list[int]] = {}
    for i, (arrow, stroke) in enumerate(zip(picture.arrows, picture.strokes, strict=True)):
        dashes = ",stroke-dasharray:5 4" if arrow.is_dashed and not arrow.has_head else ""
        alike.setdefault(f"stroke:{arrow.colour},stroke-width:{stroke:g}px{dashes}", []).append(i)
    for style, numbers in alike.items():
        yield f"  linkStyle {','.join(map(str, numbers))} {style}"


def escaped(text: str) -> str:
    """A text between quotation marks: what could be a sign, as its number.

    A word joiner, which has no look, keeps $$x$$ from being mathematics and fa:fa-car from being an icon.
    """
    return SIGN.sub(lambda sign: f"#{ord(sign[0])};" + "#8288;" * (sign[0] in "$:"), text)


def quoted(text: str) -> str:
    """A text between quotation marks in YAML, of which Mermaid makes HTML that it shows as text: not of these."""
    return SIGN.sub(lambda sign: rf"\U{ord(sign[0]):08X}", text.translate(str.maketrans("&<>", "＆‹›")))
