"""The built site as a browser meets it: served on loopback, with every request to another host a fault."""

from __future__ import annotations

import functools
import http.server
import threading
from contextlib import contextmanager

from chromium import PATIENCE


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """The address of a folder's server."""
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def visited(chromium, site, **options):
    """A new page of a browser; at the end, nothing was asked of another host, and nothing was wrong.

    ``page.context`` is a browser with no files kept yet. The options are the context's. ``page.problems`` are what was
    wrong so far.
    """
    context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    context.set_default_timeout(PATIENCE)
    problems = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    local = (site, "blob:", "data:", "about:")
    context.on("request", lambda asked: None if asked.url.startswith(local) else problems.append(asked.url))
    page = context.new_page()
    page.problems = problems
    yield page
    context.close()
    assert problems == []
