"""Where the oracle extra is installed, no oracle test may skip."""

import importlib.util
import os

import pytest

ORACLE = importlib.util.find_spec("torch") is not None or "REQUIRE_ORACLE" in os.environ


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):  # noqa: ARG001
    report = yield
    if report.skipped and ORACLE and item.get_closest_marker("oracle"):
        report.outcome = "failed"
        report.longrepr = f"skipped although the oracle extra is there: {report.longrepr}"
    return report


@pytest.fixture
def shared_module(request, monkeypatch):
    """One Numba module for the tests of all uncommon rows; in life each is compiled together with the common ones."""
    from autograd.program.executors import numba_kernels
    from autograd.table.ops import OPS

    common = numba_kernels.COMMON.split()
    if request.node.callspec.params["op"].name not in common:
        uncommon = [name for name in OPS if name not in common]
        monkeypatch.setattr(numba_kernels, "COMMON", " ".join(["+", "*", "sum", *uncommon]))
