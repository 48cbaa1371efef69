"""The helper that interrupts sees what is half done, and stops where all is seen."""

import sys

import pytest
from interrupts import Interrupt, at_every_line

from autograd import Value, parameter
from autograd.leaves.exchange import Exchange


def pair():
    return [parameter(1.0), parameter(2.0)]


def data(leaves):
    return [leaf.data for leaf in leaves]


def one_after_the_other(leaves):
    for leaf in leaves:
        leaf.data = 5.0  # the setter is our code: an interrupt comes between the two


def test_what_is_half_done_is_found_and_its_place_named():
    with pytest.raises(
        AssertionError, match=r"half done, interrupted at .*node\.py:\d+ \(.* of data\): \[5\.0, 2\.0\]"
    ):
        at_every_line(pair, one_after_the_other, data)


@pytest.mark.parametrize("opcodes", [False, True])
def test_what_is_whole_passes_and_was_interrupted(opcodes):
    n = at_every_line(pair, lambda leaves: Exchange(leaves).data(), data, opcodes)
    assert n > (30 if opcodes else 5)


def test_what_catches_the_interrupt_is_seen_too():
    def swallow(leaves):
        try:
            one_after_the_other(leaves)
        except KeyboardInterrupt:
            leaves[0].data = leaves[1].data = 5.0

    assert at_every_line(pair, swallow, data) > 2


def test_tracing_is_as_it_was_before():
    before = sys.gettrace()
    interrupt = Interrupt(1)
    with pytest.raises(KeyboardInterrupt), interrupt:
        Value(1.0)
    assert sys.gettrace() is before
    assert "__init__" in interrupt.place
