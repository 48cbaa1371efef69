"""A page in a frame: how a notebook's cell shows it, with or without a kernel.

The frame is a sandbox: what runs in it can reach neither the notebook nor a network. The page is packed, since each
cell carries all of it. A notebook that is not trusted yet has its frames taken out; what stands between the tags of a
frame, which else nobody sees, stays: a picture. ``channel`` names the widget through which the frame reaches a kernel
(``static/kernel.js``).
"""

from __future__ import annotations

import base64
import gzip
from html import escape

from .bundle import host_script

FRAME = (
    '<iframe class="chainrule-frame"{channel} srcdoc="{boot}" sandbox="allow-scripts" '
    'allow="fullscreen; clipboard-write" title="{title}" style="width: 100%; height: {high}px; border: 0">'
    '<img src="data:image/svg+xml;base64,{picture}" alt="{title}" style="max-width: 100%"></iframe>'
    "<script>{host}</script>"
)
BOOT = """<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<script>
const packed = Uint8Array.from(atob("{packed}"), (letter) => letter.charCodeAt(0));
const page = new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
page.then((text) => {{
  document.open();
  document.write(text);
  document.close();
}});
</script>
"""  # noqa: E501


def framed(page: str, picture: str, title: str, high: int = 640, channel: str = "") -> str:
    """The HTML that shows a page, so many pixels high; or where frames are not allowed an SVG."""
    boot = BOOT.format(packed=encoded(gzip.compress(page.encode(), mtime=0)))
    shown = {"boot": escape(boot), "picture": encoded(picture.encode()), "title": escape(title), "high": high}
    named = f' data-channel="{channel}"' if channel else ""
    return FRAME.format(host=host_script(), channel=named, **shown)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
