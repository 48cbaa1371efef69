"""For all tests, the examples in docstrings and README among them."""

import os

import pytest
from hypothesis import HealthCheck, settings

from autograd.functions import BUILT_IN, _forget
from autograd.table.ops import OPS

collect_ignore_glob = [
    "docs/*.py",  # scripts, and what Sphinx loads
    "docs/_ext/*",
    "docs/grading-notebooks.md",  # tests/chainrule runs it, in a folder with its exercises
]

# A suite that passed passes again, also on a slow machine. To look for more: pytest --hypothesis-profile=search
NO_HASTE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("suite", derandomize=True, **NO_HASTE)
settings.register_profile("search", **NO_HASTE)
settings.load_profile("suite")


def pytest_addoption(parser):
    parser.addoption(
        "--all", action="store_true", help="test all random graphs and steps, not a fifth of them; CI does"
    )


def pytest_configure(config):
    if config.getoption("--all"):
        os.environ["ALL_GRAPHS"] = "1"  # tests read it, in each worker


@pytest.fixture(autouse=True)
def _the_table_as_it_was():
    """An operation that a test declares is gone after it."""
    yield
    for name in OPS.keys() - BUILT_IN:
        _forget(name)
