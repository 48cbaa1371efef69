"""A real browser for tests of pages: Debian's Chromium, driven by Playwright.

Tests skip where one of them is missing; with REQUIRE_BROWSER set they fail.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PATIENCE = 180_000
"""Milliseconds that a test waits for what is to appear: a slow machine is no fault of ours."""


@contextmanager
def browser():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        path = None
    if path is None:
        missing = "needs Chromium and Playwright: apt-get install chromium; pip install playwright"
        if "REQUIRE_BROWSER" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def page(chromium, local=("file:",), **options):
    """A new page; at the end, only ``local`` addresses were asked for, and nothing was wrong.

    ``page.context`` is a browser with no files kept yet. The options are the context's. ``page.problems`` are what was
    wrong so far.
    """
    context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    context.set_default_timeout(PATIENCE)
    problems = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    context.on("request", lambda asked: None if asked.url.startswith(local) else problems.append(asked.url))
    shown = context.new_page()
    shown.problems = problems
    yield shown
    context.close()
    assert problems == []
