"""The stepper: every edge of backprop, one at a time.

``stepper(root)`` shows the graph of a trace and, step by step, how each gradient comes about. ``save("x.html")`` writes
one file that needs no network, no kernel and no server; a notebook shows the same page in a frame. Of a function it has
a widget, where ``anywidget`` is installed. All run the same JavaScript, ``static/*.js``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from autograd.number import quoted
from autograd.steps.frames import count, start
from autograd.steps.record import NetworkRecord, Payload
from autograd.steps.trace import Trace, trace
from autograd.value import Value

from ..picture.svg import svg
from ..picture.whole import in_a_folder, write_whole
from .bundle import script
from .framed import framed
from .page import BODY, embedded, page
from .saving import WRITERS, Steps
from .still import state, still
from .views import View, views
from .widget import is_shown, widget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anywidget import AnyWidget

NETWORK = "/"  # the name of its view; no scope is called so

START = """
const payload = JSON.parse(document.getElementById("payload").textContent);
mount(document.getElementById("stepper"), payload, {{ keys: document, step: {step} }});"""

Bundle = dict[str, object]


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
    """Shows itself in Jupyter; ``save`` writes files, ``text`` the frames for a terminal."""

    def __init__(
        self,
        trace: Trace,
        function: Callable[..., Value] | None = None,
        leaves: dict[str, Value | float] | None = None,
        network: NetworkRecord | None = None,
    ) -> None:
        self.trace = trace
        self.network = network  # where the trace is that of a network's loss: the view that is shown first
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
        first, made = self._views
        return made[first].at(*state(self.trace, len(self.trace.record["events"]) - 1))

    def payload(self) -> str:
        """What the script shows, as ``embedded`` writes it."""
        first, made = self._views
        payload: Payload = {
            "trace": self.trace.record,
            "views": {name: view.for_page() for name, view in made.items()},
            "first": first if self.network is None else NETWORK,
            "summary": made[first].picture.summary,
            "arguments": None if self._function is None else self.trace.arguments,
        }
        if self.network is not None:
            payload["views"][NETWORK] = self.network
        return embedded(payload)

    @property
    def html(self) -> str:
        """The page, whole."""
        return self._page(1)

    def _page(self, step: int) -> str:
        record = self.trace.record
        title = f"Backprop through {record['nodes'][record['root']]['name']}"
        return page(title, BODY.format(place="stepper", payload=self.payload()), script() + START.format(step=step))

    def save(
        self, path: str | os.PathLike[str], *, step: int | None = None, by: str = "edge", seconds: float = 1.5
    ) -> Path:
        """Write a file; its ending says what.

        .html    the page; it opens at ``step``
        .svg, .png    the graph at the end; or a step, with its words above
        .pdf    a step; or all, a page each (needs pypdf)
        .gif    all steps, ``seconds`` each (needs Pillow)
        .tex    the lines of a step, or of the whole derivation, as an ``align`` in a document

        Steps are counted from 1, as in the page; ``by`` as in ``text``. Raises ValueError for another ending, for a
        step that there is not and for seconds below 0.01 or above 600; FileNotFoundError where there is no such folder.
        """
        path = Path(path)
        ending = path.suffix.lower().removeprefix(".")
        if ending not in WRITERS:
            *names, last = WRITERS
            raise ValueError(
                f"cannot save a stepper as {quoted(path.name)}: the endings are .{', .'.join(names)} and .{last}"
            )
        in_a_folder(path)
        first, made = self._views
        steps = Steps(self.trace, made[first], step, by, seconds, self._page)
        if step is not None and (type(step) is not int or not 1 <= step <= len(steps.frames)):
            raise ValueError(f"there is no step {quoted(step)}: this stepper has 1 to {len(steps.frames):,}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0.01 <= seconds <= 600:
            raise ValueError(f"a step of a GIF takes 0.01 to 600 seconds, not {quoted(seconds)}")
        write_whole(path, WRITERS[ending](steps))
        return path

    # -- Jupyter -----------------------------------------------------------------------------------------

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Bundle, Bundle]:  # noqa: ARG002
        """The page in a frame, which needs no kernel; to run a function again, it reaches the kernel by a widget, or
        the widget is shown. For readers that show neither, an SVG and a text. The second dict is metadata, where Colab
        looks for the widget's script."""
        runs = self._function is not None and find_spec("anywidget") is not None
        channel = self.widget.channel if runs else ""
        bundle: Bundle = {"text/plain": repr(self), "image/svg+xml": self.svg, "text/html": self._framed(channel)}
        if not runs or not is_shown():
            return bundle, {}
        shown = self.widget._repr_mimebundle_()
        formats, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return bundle | {k: v for k, v in (formats or {}).items() if "widget" in k}, dict(metadata)

    def _framed(self, channel: str = "") -> str:
        """The page as a cell shows it; ``channel`` is the name of its way to the kernel."""
        name, made = self._views
        first = made[name]
        picture = svg(*still(self.trace, first, start(self.trace.record)))
        return framed(self.html, picture, first.picture.summary, channel=channel)

    @cached_property
    def widget(self) -> AnyWidget:
        """The Jupyter widget; ModuleNotFoundError without ``anywidget``."""
        return widget(self)

    def edited(self, argument: str, number: float) -> Stepper:
        """The stepper after an argument of the function has got another number: the function is run again."""
        assert self._function is not None
        leaves = {key: x.data if isinstance(x, Value) else x for key, x in self._leaves.items()}
        return stepper(self._function, **leaves | {argument: number})
