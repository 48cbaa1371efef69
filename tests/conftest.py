"""Where the oracle extra is installed, no oracle test may skip."""

import importlib.util
import os
import sys
from contextlib import ExitStack

import pytest

ORACLE = all(map(importlib.util.find_spec, ("torch", "jax"))) or "REQUIRE_ORACLE" in os.environ


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):  # noqa: ARG001
    report = yield
    if report.skipped and ORACLE and item.get_closest_marker("oracle"):
        report.outcome = "failed"
        report.longrepr = f"skipped although the oracle extra is there: {report.longrepr}"
    return report


@pytest.fixture(scope="module")
def chromium():
    """A real browser; see tests/chromium.py."""
    from chromium import browser

    with browser() as started:
        yield started


@pytest.fixture
def open_page(chromium, tmp_path):
    """Saves a stepper or a drawing as a page and opens it; the options are of the browser's context."""
    from chromium import page

    with ExitStack() as closing:

        def open_page(shown, **options):
            path = shown.save(tmp_path / f"{len(list(tmp_path.iterdir()))}.html")
            opened = closing.enter_context(page(chromium, **options))
            opened.goto(path.as_uri())
            return opened

        yield open_page


@pytest.fixture
def shared_module(request, monkeypatch):
    """One Numba module for the tests of all uncommon rows; in life each is compiled together with the common ones."""
    from autograd.program.executors.on_numba import kernels as numba_kernels
    from autograd.table.ops import OPS

    common = numba_kernels.COMMON.split()
    if request.node.callspec.params["op"].name not in common:
        uncommon = [name for name in OPS if name not in common]
        monkeypatch.setattr(numba_kernels, "COMMON", " ".join(["+", "*", "sum", *uncommon]))


@pytest.fixture(autouse=True, scope="module")
def jax_forgets_what_it_compiled():
    """Hundreds of compiled programs in one process are more pieces of memory than a system maps, and XLA crashes."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


@pytest.fixture(autouse=True, scope="session")
def kernels_are_compiled_first():
    """``wait=True`` for all: a program that NumPy computes until Numba is ready would test nothing of Numba."""
    if importlib.util.find_spec("numba") is None or importlib.util.find_spec("numpy") is None:
        yield
        return
    from autograd.program.executors.on_numba.cache import Kernels

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Kernels, "ready", lambda self: bool(self.compiled()))
        yield
