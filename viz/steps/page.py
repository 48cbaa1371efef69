"""The frame of every page that we write: one file, which asks nothing of a network."""

from __future__ import annotations

import json
from html import escape

from ..picture.theme import DARK, PAPER
from .bundle import css

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
{body}
<script type="module">
{script}
</script>
</body>
</html>
"""

BODY = """<main id="{place}"></main>
<script type="application/json" id="payload">{payload}</script>"""


def embedded(payload: object) -> str:
    """What a page's script needs, as JSON in ASCII; with no "<", so that it may stand inside a page's script."""
    return json.dumps(payload, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def page(title: str, body: str, script: str, sheets: str = "") -> str:
    """The HTML of a page; ``body`` is HTML, ``script`` a module's text, ``sheets`` instead of the stepper's."""
    return PAGE.format(title=escape(title), css=sheets or css(), dark=DARK[PAPER], body=body, script=script)
