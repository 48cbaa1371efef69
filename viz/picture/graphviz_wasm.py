"""Graphviz as WebAssembly, for Python in a browser (Pyodide): viz.js, the npm package @viz-js/viz.

Python there starts no programs and has no pygraphviz. viz.js is one ES module; the site's build (site/build_python.py)
puts it into the wheel beside this file. It gives the same coordinates as other builds of the same Graphviz.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from .errors import RenderError

MODULE = Path(__file__).with_name("viz.js")
FORMATS = ("canon", "dot", "gv", "json", "json0", "plain", "svg", "xdot")  # that viz.js can write
START = """
(source) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const holder = { instance: null };
  const started = import(url).then(({ instance }) => instance()).then((made) => { holder.instance = made; });
  return Object.assign(holder, { started });
}
"""


def draw(dot: str, format: str, positioned: bool) -> bytes:
    """What ``graphviz_engine.run`` gives; raises RenderError."""
    if format not in FORMATS:
        raise RenderError(
            f"the Graphviz of a browser cannot write .{format}: save .svg, or .{format} where Python is installed"
        )
    engine = "nop2" if positioned else "dot"
    result = graphviz().render(dot, js_object(format=format, engine=engine))
    if result.status != "success":
        raise RenderError("; ".join(error.message for error in result.errors))
    drawn: str = result.output
    return drawn.encode()


def graphviz() -> Any:
    """The instance of viz.js, started at the first call; ready later if a call cannot wait (no JSPI)."""
    from pyodide.ffi import can_run_sync, run_sync

    holder = start()
    if not holder.instance and can_run_sync():
        run_sync(holder.started)
    if not holder.instance:  # JavaScript's null, which is no None
        raise RenderError("Graphviz is starting in this browser: run this once more")
    return holder.instance


@cache
def start() -> Any:
    """Begin to start viz.js: an object with its ``instance``, null so far, and the promise ``started``."""
    from pyodide.code import run_js

    if not MODULE.exists():
        raise RenderError(
            "in a browser, Graphviz comes with the wheel of chainrule's site, which this is not: install that one, or "
            'draw from left to right (rankdir="LR") and at most 500 boxes, as .svg, which needs no Graphviz'
        )
    return run_js(START)(MODULE.read_text(encoding="utf-8"))


def js_object(**members: str) -> Any:
    """A JavaScript object of these members."""
    from js import Object
    from pyodide.ffi import to_js

    return to_js(members, dict_converter=Object.fromEntries)
