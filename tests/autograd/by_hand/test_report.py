"""``Report``: what a grader asks of it."""

import pytest
from derivations import g2

from autograd.by_hand.check import check

HALF = {"dz": "y - a", "dw1": "x1*(a - y)", "db": "a - y"}


def test_require_raises_with_the_reasons():
    with pytest.raises(AssertionError, match=r"✗ dz = y - a: wrong\n.*\n  Only the sign is wrong: this is −∂L/∂z"):
        check(g2()[0], HALF).require()
    check(g2()[0], {"dz": "a - y"}).require()


def test_require_is_not_content_with_nothing():
    for nothing in ({}, ""):
        with pytest.raises(AssertionError, match="nothing is claimed: write a line for each derivative"):
            check(g2()[0], nothing).require()
    report = check(g2()[0], {"dz": "a - y"})
    report.require("dz")
    report.require("∂L/∂z")
    with pytest.raises(AssertionError) as raised:
        report.require("dz", "dw1", "db")
    assert str(raised.value) == "\n✗ dw1: nothing is claimed\n✗ db: nothing is claimed"


def test_points():
    report = check(g2()[0], HALF)
    assert report.score() == 2.0
    assert report.score(3) == 6.0
    assert report.score({"dw1": 2, "z": 1, "∂L/∂b": 0.5, "dw2": 4}) == 2.5
    assert type(report.score({"dz": 1})) is float


def test_a_line_that_is_there_twice_earns_only_if_both_are_right():
    report = check(g2()[0], {"dz": "a - y", "dL/dz": "y - a"})
    assert report.score({"dz": 1}) == 0.0


def test_a_long_reading_is_whole_and_shown_in_part():
    (answer,) = check(g2()[0], "dz = " + " + ".join(["x1(a-y)/x1"] * 40) + " - 39(a-y)")
    assert answer.verdict == "right"
    assert check(g2()[0], {"dz": answer.read_as})["z"].read_as == ""
    assert len(str(answer).split("read as ")[1]) == 300
