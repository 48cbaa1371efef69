"""Numbers between leaves and arrays."""

import copy
import math
import pickle

import numpy as np
import pytest
from interrupts import at_every_line

from autograd import Value, parameter
from autograd.leaves.exchange import Exchange


def leaves():
    return [parameter(1.0, "a"), Value(-0.0), parameter(math.inf), parameter(5e-324)]


def test_data_come_and_go_bit_for_bit():
    made = leaves()
    both = Exchange(made)
    data = both.data()
    assert data.dtype == np.float64
    assert data.tobytes() == np.array([1.0, -0.0, math.inf, 5e-324]).tobytes()
    data[:] = [0.1, math.nan, -0.0, 3.0]
    assert made[0].data == 1.0  # the array is a copy
    both.set_data(data)
    assert [repr(v.data) for v in made] == ["0.1", "nan", "-0.0", "3.0"]
    both.set_data([1, 2, 3, 4])
    assert [repr(v.data) for v in made] == ["1.0", "2.0", "3.0", "4.0"]  # floats, also from whole numbers
    assert both.zeros().tolist() == [0.0] * 4
    assert Exchange([]).data().shape == (0,)


def test_gradients_add_up_as_in_backward():
    made = leaves()
    both = Exchange(made)
    assert both.grads().tolist() == [0.0] * 4
    assert not any(v.has_grad for v in made)
    (made[0] * made[3]).backward()
    assert both.grads().tolist() == [5e-324, 0.0, 0.0, 1.0]
    both.add_grads(np.array([1.0, 2.0, math.nan, -1.0]))
    assert [v.grad for v in made[:2]] == [1.0, 2.0]
    assert math.isnan(made[2].grad)
    assert made[3].grad == 0.0
    both.set_grads(np.array([0.5, 0.25, -0.0, 8.0]))
    assert both.grads().tobytes() == np.array([0.5, 0.25, -0.0, 8.0]).tobytes()
    assert all(type(v.grad) is float for v in made)
    both.zero_grads()
    assert both.grads().tolist() == [0.0] * 4


@pytest.mark.parametrize("method", ["set_data", "set_grads", "add_grads"])
@pytest.mark.parametrize("array", [np.ones(3), np.ones((4, 1)), np.ones((1, 4)), np.float64(1.0)])
def test_an_array_of_another_shape_changes_nothing(method, array):
    made = leaves()
    both = Exchange(made)
    message = r"there are 4 leaves, but the array has the shape \("
    with pytest.raises(ValueError, match=message):
        getattr(both, method)(array)
    assert [v.data for v in made] == [1.0, -0.0, math.inf, 5e-324]
    assert not any(v.has_grad for v in made)


def test_it_can_be_copied_and_pickled():
    both = Exchange([parameter(2.0)])
    for twin in (copy.deepcopy(both), pickle.loads(pickle.dumps(both))):
        twin.set_data([3.0])
        assert (both.data().tolist(), twin.data().tolist()) == ([2.0], [3.0])


@pytest.mark.parametrize("opcodes", [False, True])
@pytest.mark.parametrize("method", ["set_data", "set_grads", "add_grads"])
def test_an_interrupt_finds_all_leaves_set_or_none(method, opcodes):
    def look(both):
        return [(v.data, v.grad) for v in both.leaves]

    def make():
        both = Exchange([parameter(1.0), parameter(2.0), parameter(3.0)])
        both.set_grads([4.0, 5.0, 6.0])
        return both

    n = at_every_line(make, lambda both: getattr(both, method)([7.0, 8.0, 9.0]), look, opcodes)
    assert n > 10
    at_every_line(make, Exchange.zero_grads, look, opcodes)
