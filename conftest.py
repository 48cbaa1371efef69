"""For all tests, the examples in docstrings and README among them."""

import pytest

from autograd.functions import BUILT_IN, _forget
from autograd.table.ops import OPS


@pytest.fixture(autouse=True)
def _the_table_as_it_was():
    """An operation that a test declares is gone after it."""
    yield
    for name in OPS.keys() - BUILT_IN:
        _forget(name)
