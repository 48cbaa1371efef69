"""The stepper: every edge of backprop, one at a time.

``stepper(root)`` shows the graph of a trace and, step by step, how each gradient comes about. In Jupyter it is a
widget, where ``anywidget`` is installed, and an SVG of the end otherwise; ``save("x.html")`` writes one
file that needs no network, no kernel and no server. Both run the same JavaScript, ``static/*.js``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cached_property
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Unpack

from autograd.number import quoted, shown
from autograd.steps.frames import count
from autograd.steps.record import Payload
from autograd.steps.trace import Trace, trace
from autograd.value import Value

from ..picture.theme import DARK, PAPER
from .bundle import css, script
from .player import Options, gif
from .views import View, views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anywidget import AnyWidget

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{css}
body {{ margin: 0; }}
@media (prefers-color-scheme: dark) {{ body {{ background: {dark}; }} }}
</style>
</head>
<body>
<main id="stepper"></main>
<script type="application/json" id="payload">{payload}</script>
<script type="module">
{script}
const payload = JSON.parse(document.getElementById("payload").textContent);
mount(document.getElementById("stepper"), payload, {{ keys: document }});
</script>
</body>
</html>
"""


def stepper(what: Value | Trace | Callable[..., Value], /, **leaves: Value | float) -> Stepper:
    """Step through forward and backward of a graph, ``stepper(J)``, or of ``stepper(f, a=5, b=3, c=2)``.

    Given a function, the widget runs it again when a leaf is edited, so that other branches may be taken;
    else, and in a saved page, the same operations are done with the new number.

    Large graphs open with their scopes collapsed. Raises ValueError for one of more than 30,000 nodes, which takes some
    5 s to open: step through a part of it; StaleGraphError if a leaf's ``data`` changed after the forward pass;
    TypeError for what is neither.

    >>> a, b = Value(2, "a"), Value(3, "b")
    >>> stepper(a * b)
    <stepper of f: 5 steps>
    """
    if isinstance(what, Trace):
        return Stepper(what)
    return Stepper(trace(what, **leaves), None if isinstance(what, Value) else what, leaves)


class Stepper:
    """Shows itself in Jupyter; ``save`` writes a page or a GIF, ``text`` the frames for a terminal."""

    def __init__(
        self, trace: Trace, function: Callable[..., Value] | None = None, leaves: dict[str, Value | float] | None = None
    ) -> None:
        self.trace = trace
        self._function = function
        self._leaves = dict(leaves or {})

    def __repr__(self) -> str:
        root = self.trace.record["nodes"][self.trace.record["root"]]
        return f"<stepper of {root['name']}: {count(self.trace.record):,} steps>"

    def text(self, by: str = "edge") -> str:
        """All steps as text; ``by="op"`` takes the edges of a node as one step."""
        return self.trace.text(by)

    @cached_property
    def _views(self) -> tuple[str, dict[str, View]]:
        return views(self.trace.record)

    @property
    def svg(self) -> str:
        """The graph at the end, as SVG."""
        record = self.trace.record
        first, made = self._views
        data = {at: float(node["data"]) for at, node in enumerate(record["nodes"])}
        flows = {
            (event["from"], event["slot"]): float(event["product"])
            for event in record["events"]
            if event["type"] == "edge" and event["product"] is not None
        }
        return made[first].at(data, self.trace.gradients(), flows)

    def payload(self) -> str:
        """What the script shows, as JSON in ASCII; with no "<", so that it may stand inside a page's script."""
        first, made = self._views
        payload: Payload = {
            "trace": self.trace.record,
            "views": {name: view.for_page() for name, view in made.items()},
            "first": first,
            "summary": made[first].picture.summary,
            "runs": self._function is not None,
        }
        return json.dumps(payload, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")

    @property
    def html(self) -> str:
        """The page, whole."""
        record = self.trace.record
        title = f"Backprop through {record['nodes'][record['root']]['name']}"
        return PAGE.format(title=escape(title), css=css(), dark=DARK[PAPER], payload=self.payload(), script=script())

    def save(self, path: str | os.PathLike[str], **options: Unpack[Options]) -> Path:
        """Write a page, ``x.html``, or an animation, ``x.gif`` (needs Pillow; ``seconds=1.5`` per step).

        Raises ValueError for another ending, FileNotFoundError where the folder does not exist.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending not in (".html", ".gif"):
            raise ValueError(f"cannot save a stepper as {quoted(path.name)}: the endings are .html and .gif")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"cannot save {shown(path.name)}: there is no folder {shown(path.parent, 200)}")
        if ending == ".gif":
            first, made = self._views
            path.write_bytes(gif(self.trace, made[first], **options))
        else:
            path.write_text(self.html, encoding="utf-8")
        return path

    # -- Jupyter -----------------------------------------------------------------------------------------

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002
        """The widget; and for readers without one (GitHub, nbviewer, terminals) an SVG and a text."""
        bundle: dict[str, object] = {"text/plain": repr(self), "image/svg+xml": self.svg}
        if find_spec("anywidget") is not None:
            shown = self.widget._repr_mimebundle_()
            formats = shown[0] if isinstance(shown, tuple) else shown
            bundle |= {k: v for k, v in (formats or {}).items() if "widget" in k}
        return bundle

    @cached_property
    def widget(self) -> AnyWidget:
        """The Jupyter widget; ModuleNotFoundError without ``anywidget``."""
        from .widget import widget

        return widget(self)

    def edited(self, node: int, number: float) -> Stepper:
        """The stepper after a leaf (by its id) has got another number: the function is run again."""
        assert self._function is not None
        leaves = {key: x.data if isinstance(x, Value) else x for key, x in self._leaves.items()}
        return stepper(self._function, **leaves | {self.trace.arguments[node]: number})
