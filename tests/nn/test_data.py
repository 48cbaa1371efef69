"""Examples and targets as they come."""

import pytest

from nn.data import examples, targets
from nn.datasets import moons


def test_arrays_and_lists_are_the_same():
    np = pytest.importorskip("numpy")
    X, y = moons(10)
    assert examples(np.array(X)) == examples([np.array(x) for x in X]) == examples(X) == X
    assert examples(tuple(map(tuple, X))) == X
    assert targets(np.array(y), 10) == y
    assert targets(np.array([[1.0, 0.0]] * 10), 10) == [[1.0, 0.0]] * 10
    assert {type(t) for t in targets(np.array(y), 10)} == {int}
    assert {type(c) for x in examples([[1, np.float32(2), True]]) for c in x} == {float}
