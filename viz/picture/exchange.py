"""A picture and its layout as JSON, for other programs; docs/pictures.md says what its fields are."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from .boxes import Picture
from .layout import Layout, Point

FORMAT, VERSION = "chainrule picture", 1  # the version is counted up when a field changes its meaning or goes

Fields = dict[str, Any]
Down = Callable[[Point], list[float]]  # turns a layout's places, y upwards, to those of the JSON


def as_json(picture: Picture, layout: Layout) -> str:
    """The text of a ``.json`` file. Lengths are in points, places from the upper left corner."""
    return json.dumps(fields(picture, layout), allow_nan=False, ensure_ascii=False, indent=1) + "\n"


def fields(picture: Picture, layout: Layout) -> Fields:
    """What the JSON holds."""
    high = layout.height + layout.header

    def down(point: Point) -> list[float]:
        return [round(point[0], 2), round(high - point[1], 2)]

    return {
        "format": FORMAT,
        "version": VERSION,
        "title": picture.title,
        "notes": picture.notes,
        "summary": picture.summary,
        "description": picture.description,
        "direction": picture.rankdir,
        "size": [round(layout.width, 2), round(high, 2)],
        "boxes": boxes(picture, layout, down),
        "arrows": arrows(picture, layout, down),
        "frames": [
            {
                "scopes": list(cluster.scopes),
                "label": cluster.label,
                "corners": [*down((left, top)), *down((right, bottom))],
                "label_at": down(cluster.label_at),
            }
            for cluster in layout.clusters
            for left, bottom, right, top in [cluster.corners]
        ],
        "captions": [
            {"name": caption.name, "text": caption.text, "at": down(caption.at), "anchor": caption.anchor}
            for caption in layout.captions
        ],
    }


def boxes(picture: Picture, layout: Layout, down: Down) -> list[Fields]:
    return [
        {
            "id": f"n{i}",
            "kind": box.kind,
            "name": box.rows[0] if box.named else "",
            "lines": box.rows[box.named :],
            "symbol": box.symbol,
            "details": box.tooltip,
            "scopes": list(box.scopes),
            "is_root": box.is_root,
            "is_stale": box.is_stale,
            "centre": down(place.centre),
            "size": list(place.size),
        }
        for i, (box, place) in enumerate(zip(picture.boxes, layout.places, strict=True))
    ]


def arrows(picture: Picture, layout: Layout, down: Down) -> list[Fields]:
    return [
        {
            "id": f"e{i}",
            "from": f"n{arrow.tail}",
            "to": f"n{arrow.head}",
            "kind": arrow.style,
            "label": arrow.label,
            "details": arrow.tooltip,
            "contribution": plain(arrow.contribution),
            "colour": arrow.colour,
            "width": stroke,
            "is_dashed": arrow.is_dashed,
            "has_head": arrow.has_head,
            "curve": [*map(down, route.curve)],
            "label_at": down(route.label_at),
        }
        for i, (arrow, route, stroke) in enumerate(zip(picture.arrows, layout.routes, picture.strokes, strict=True))
    ]


def plain(x: float | None) -> float | str | None:
    """A number; JSON has none for what is infinite."""
    return x if x is None or math.isfinite(x) else str(x)
