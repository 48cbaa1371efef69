"""The site that ``make site`` has built, served on loopback, for tests by a real browser.

SITE names its folder: ``make site; SITE=build/site make test``. Without it these tests skip; with REQUIRE_SITE they
fail.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from website import served, visited


@pytest.fixture(scope="session")
def site_folder():
    """The folder with the site."""
    if "SITE" not in os.environ:
        missing = "needs the site: make site; SITE=build/site make test"
        if "REQUIRE_SITE" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    return Path(os.environ["SITE"]).resolve(strict=True)


@pytest.fixture(scope="module")
def site(site_folder):
    """The address of the site, with a slash at its end."""
    with served(site_folder) as address:
        yield address


@pytest.fixture
def visit(chromium, site):
    """``visit(path, **options)``: opens a page of the site."""
    with ExitStack() as closing:

        def visit(path, **options):
            page = closing.enter_context(visited(chromium, site, **options))
            page.goto(site + path)
            return page

        yield visit
