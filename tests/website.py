"""The built site as a browser meets it: served on loopback, with every request to another host a fault."""

from __future__ import annotations

import functools
import http.server
import threading
from contextlib import contextmanager

from chromium import page


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


def visited(chromium, site, **options):
    """A new page of a browser for the site; see ``chromium.page``."""
    return page(chromium, (site, "blob:", "data:", "about:"), **options)
