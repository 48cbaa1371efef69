"""Running Graphviz: the one inside pygraphviz's wheels, or a ``dot`` on the PATH, or in a browser WebAssembly."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

import graphviz

from .errors import RenderError
from .graphviz_wasm import draw

# DejaVu Sans 2.37, only its Latin, Greek, Cyrillic and mathematical characters (by fonttools' pyftsubset).
FONTS = Path(__file__).parent.parent / "fonts"
# A machine may have no fonts, or no configuration of them. Ours come first; the others have what ours lack.
FONTCONFIG = """<?xml version="1.0"?>
<fontconfig>
  <dir>{ours}</dir>
  <dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><dir prefix="xdg">fonts</dir>
  <dir>/System/Library/Fonts</dir><dir>/Library/Fonts</dir><dir>WINDOWSFONTDIR</dir>
  <include ignore_missing="yes">{users}</include>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <rescan><int>0</int></rescan>
</fontconfig>
"""


NOWHERE = (
    "no Graphviz to draw with: pygraphviz cannot be imported ({missing}) and {dot}. "
    "Install one of them: pip install 'pygraphviz>=2.0' (brings its own Graphviz), or Graphviz itself."
)

LOCK = threading.Lock()  # the environment is one for all threads


def run(dot: str, format: str, positioned: bool = False) -> bytes:
    """Lay out and draw a DOT text; with ``positioned``, draw it where it says.

    Raises RenderError where no Graphviz is found, or where it cannot draw this.
    """
    if sys.platform == "emscripten":
        return draw(dot, format, positioned)
    with fonts():
        try:
            import pygraphviz
        except ImportError as error:
            return run_program(dot, format, positioned, error)
        drawn: bytes = pygraphviz.AGraph(string=dot).draw(format=format, prog="nop2" if positioned else "dot")
        return drawn


def run_program(dot: str, format: str, positioned: bool, missing: ImportError) -> bytes:
    try:
        program, no_layout = ("neato", 2) if positioned else ("dot", None)
        drawn: bytes = graphviz.pipe(program, format, dot.encode(), neato_no_op=no_layout, quiet=True)
    except graphviz.ExecutableNotFound:
        raise RenderError(NOWHERE.format(missing=missing, dot="there is no dot on the PATH")) from None
    except subprocess.CalledProcessError as error:
        raise RenderError(f"Graphviz could not draw this: {error.stderr or error}") from None
    except OSError as error:
        raise RenderError(NOWHERE.format(missing=missing, dot=f"dot does not start ({error})")) from None
    return drawn


@contextmanager
def fonts() -> Iterator[None]:
    """Let Graphviz find the font of this package beside those of the machine."""
    with LOCK, tempfile.TemporaryDirectory() as folder:
        users = os.environ.get("FONTCONFIG_FILE")
        file = Path(folder) / "fonts.conf"
        file.write_text(FONTCONFIG.format(ours=escape(str(FONTS)), users=escape(users or "")), encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(file)  # read once, when the first text is drawn
        try:
            yield
        finally:
            if users is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = users
