"""Claims of numbers: right to the digits that they are written with, at this point; wrong one unit beside."""

import math
from decimal import Decimal

import numpy as np
import pytest
from derivations import g2, g5, two_layers
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.by_hand.check import check
from autograd.by_hand.written import in_text


def answer(true, claimed):
    """What is said of a claim about w, of which the derivative is ``true`` here, and another one elsewhere."""
    f = Value(true, "a") * Value(1.0, "w")
    return check(f, {"w": claimed})["w"]


def rounded(true, digits):
    """The text of a number with so many significant digits, and those of both its neighbours."""
    number = Decimal(f"{true:.{digits - 1}e}")
    unit = Decimal(1).scaleb(number.adjusted() - digits + 1)
    numbers = [number.quantize(unit) + k * unit for k in (0, -1, 1)]
    return [f"{x:f}" if unit <= 1 else f"{x:e}" for x in numbers]  # 1.2e+3: 1200 has four digits


TRUE = [1 / 3, -0.4378234991142019, 0.5621765008857981, 1234.56789, 6.02214076e-5, 2 / 3, 99.4949494, -7.07106781e-12]


@pytest.mark.parametrize("digits", range(2, 8))
@pytest.mark.parametrize("true", TRUE)
@pytest.mark.parametrize("written", [str, float])
def test_rounded_is_right_and_its_neighbours_are_wrong(true, digits, written):
    right, *neighbours = rounded(true, digits)
    if written is float:  # a float has no zeros at its end
        neighbours = [text for text in neighbours if not text.endswith("0")]
        right, neighbours = (right, neighbours) if "e" not in right else ("1234.56789", [])
    found = answer(true, written(right))
    assert found.verdict == "right"
    if written is str:
        assert found.note == f"right at this point, to {digits} digits"
    for neighbour in neighbours:
        beside = answer(true, written(neighbour))
        assert beside.verdict == "wrong"
        yours, right_one = str(beside).split("yours ")[1].split(", autograd ")
        assert not right_one.startswith(f"{yours},")


@pytest.mark.parametrize(
    ("true", "claimed", "note"),
    [
        (1 / 3, "0.3", "to 1 digit"),
        (1 / 3, 0.33, "to 2 digits"),
        (1 / 3, "0.3334", None),
        (1 / 3, "1/3", ""),
        (0.33, "1/3", None),
        (-0.4378234991, "−0.44", "to 2 digits"),
        (-0.4378234991, "- 0.438", "to 3 digits"),
        (-0.4378234991, "-4.4e-1", "to 2 digits"),
        (0.4378234991, "--0.44", "to 2 digits"),
        (0.4378234991, "(0.44)", "to 2 digits"),
        (0.4378234991, "+.438", "to 3 digits"),
        (-0.4378234991, "-0.43", None),
        (-0.4378234991, "0.44", None),
        (0.96, "1", "to 1 digit"),
        (0.6, "1", None),
        (0.6, 1, None),
        (9.97, "10.0", "to 3 digits"),
        (9.97, 10, "to 2 digits"),
        (0.3, "0.30", ""),
        (0.304, "0.30", "to 2 digits"),
        (0.304, "0.300", None),
        (0.004, "0", None),
        (0.004, "0.00", None),
        (0.0, "0", ""),
        (0.0, "0.00", ""),
        (0.0, 1e-9, None),
        (0.25, "0.2", "to 1 digit"),  # a tie: either way
        (0.25, "0.3", "to 1 digit"),
        (3e-7, "3e-7", ""),
        (2.96e-7, 3e-7, "to 1 digit"),
        (2e7, "2e7", ""),
        (12345678.4, 12345678, "to 8 digits"),
        (0.4378234991142019, 0.4378234991142, ""),
        (0.4378234991142019, 0.43782349, None),
        (0.4378234991142019, 0.437823499, ""),
        (0.43782350, "0.43782350", ""),
        (123456.5, 123456.504, None),
        (5.0, "5", ""),
        (5.0, "1*2 + 1*3", ""),
        (5.0, "1*2 + 1*4", None),
    ],
)
def test_digits(true, claimed, note):
    found = answer(true, claimed)
    assert found.verdict == ("wrong" if note is None else "right")
    assert found.note == ("" if note is None else ", ".join(filter(None, ["right at this point", note])))


@pytest.mark.parametrize(
    ("claimed", "note"),
    [
        ("2*0.56*(1-0.56)", "to 2 digits"),  # 2a(1 − a), a = 0.5621765
        ("2*0.5622*(1 - 0.5622)", "to 4 digits"),
        ("2*0.5612*(1 - 0.5622)", None),
        ("2*0.562*0.438", "to 3 digits"),
        ("0.2 + 0.3", "to 1 digit"),
        ("0.2 + 0.2", None),
        ("0.5 - 0.01", "to 1 digit"),
        ("1/2", None),
        ("2*0.56*0.56", None),
        ("2*0.57*(1 - 0.57)", None),
        ("0.5621765008857981*(1 - 0.5621765008857981)*2", ""),
    ],
)
def test_numbers_still_to_be_computed(claimed, note):
    """Each decimal fraction may be off by half a unit, unless it is a number of the graph."""
    a = 0.5621765008857981
    f = autograd.square(Value(math.log(a / (1 - a)), "z").sigmoid())
    root = Value(2 * a * (1 - a), "g") * Value(1.0, "w") + 0 * f
    found = check(root, {"w": claimed})["w"]
    assert found.verdict == ("wrong" if note is None else "right"), found
    assert note is None or found.note == ", ".join(filter(None, ["right at this point", note]))


def test_data_of_the_graph_are_exact():
    """0.3 is y, and 0.25 is b: neither is rounded, so neither may be off."""
    L, _ = g2()
    found = check(L, {"b": "0.56218 - 0.3"})["b"]
    assert (found.verdict, found.note) == ("right", "right at this point, to 5 digits")
    assert check(L, {"b": "0.5621765 - 0.31"})["b"].verdict == "wrong"
    assert check(L, {"w1": "2*(0.56 - 0.3)"})["w1"].verdict == "right"
    assert check(L, {"w1": "2*(0.56 - 0.25)"})["w1"].verdict == "wrong"


# --- single precision ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("true", TRUE)
def test_single_precision(true):
    x = np.float32(true)
    for claimed in (x, float(x), str(x), np.array(x), Value(float(x))):
        assert answer(true, claimed).verdict == "right", claimed
    assert answer(true, float(x)).note in (
        "right at this point, to 7 digits (float32)",
        f"right at this point, to {in_text(str(x), float(str(x))).digits} digits",
    )
    for _ in (1, 2):  # as after some operations
        for up in (math.inf, -math.inf):
            x = np.nextafter(x, np.float32(up))
            assert answer(true, x).verdict == "right"
    assert answer(true, np.float32(true * (1 + 2e-6))).verdict == "wrong"
    assert answer(true, float(np.float32(true * (1 - 2e-6)))).verdict == "wrong"
    for neighbour in rounded(true, 6)[1:]:
        assert neighbour.endswith("0") or answer(true, np.float32(neighbour)).verdict == "wrong"


def test_single_precision_where_terms_cancel():
    """Of 1000.1 − 1000 four digits are left."""
    f = Value(1000.1, "a") * Value(1.0, "w")
    J = f - 1000 * f.inputs[1]
    x = np.float32(1000.1) - np.float32(1000)
    found = check(J, {"w": x})["w"]
    assert (found.verdict, found.note) == ("right", "right at this point, to 4 digits (float32)")
    assert check(J, {"w": np.float32(0.101)})["w"].verdict == "wrong"


def test_digits_of_single_precision_count_too():
    assert answer(-0.4378, np.float32(-0.44)).note == "right at this point, to 2 digits"
    assert answer(-0.4378, float(np.float32(-0.44))).verdict == "right"
    assert answer(-0.4378, np.float32(-0.45)).verdict == "wrong"


def test_a_matrix_of_single_precision():
    J, names = two_layers()
    J.backward()
    gradient = np.array([[w.grad for w in row] for row in names["W1"]])
    for claimed in (gradient, gradient.astype(np.float32), gradient.astype(np.float32).astype(float)):
        assert check(J, {"W1": claimed}, names)["W1"].verdict == "right"
    assert "float32" in check(J, {"W1": gradient.astype(np.float32)}, names)["W1"].note
    to_three = [[float(f"{x:.2e}") for x in row] for row in gradient]
    found = check(J, {"W1": to_three}, names)["W1"]
    assert (found.verdict, found.note) == ("right", "right at this point, to 2 digits")  # one is -0.42
    to_three[1][0] *= 1.02
    found = check(J, {"W1": to_three}, names)["W1"]
    assert found.verdict == "wrong"
    assert found.claimed == to_three[1][0]


def test_numbers_of_a_set():
    """dZ of each example, m times as large, in digits."""
    J, names = two_layers()
    J.backward()
    claims = {
        "dZ2": [[float(f"{4 * z.grad:.3g}") for z in row] for row in names["Z2"]],
        "dW2": [[float(f"{w.grad:.4g}") for w in row] for row in names["W2"]],
    }
    assert check(J, claims, names).ok


# --- what a number is ----------------------------------------------------------------------------------------


def test_a_number_that_holds_everywhere_is_no_number_of_this_point():
    J = 3 * Value(2.0, "w") + Value(1.0, "b")
    assert check(J, {"w": "3"})["w"].note == ""
    assert check(J, {"w": 3}, want="formula")["w"].verdict == "right"
    J = J / 9
    assert check(J, {"w": "0.33"})["w"].note == "to 2 digits"


def test_a_formula_may_be_wanted():
    L, _ = g2()
    assert check(L, {"b": "0.26"})["b"].verdict == "right"
    for claimed in ("0.26", 0.2621765, "0.5621765 - 0.3"):
        assert check(L, {"b": claimed}, want="formula")["b"].verdict == "right here only"
    assert check(L, {"b": "a - y"}, want="formula")["b"].verdict == "right"


def test_a_wrong_number_of_one_digit_is_no_mistake_by_chance():
    """1.06 is ∂L/∂a, and one digit of it is 1; but 1 is ∂z/∂b."""
    assert "∂L/∂z = a − y" not in check(g2()[0], {"b": "0.3"})["b"].note
    found = check(g5()[0], {"a": "0.81136"})["a"]
    assert found.mistake == "sign"


@given(
    st.floats(1e-6, 1e6) | st.floats(-1e6, -1e-6),
    st.integers(2, 7),
)
def test_any_number_to_any_digits(true, digits):
    right, *neighbours = rounded(true, digits)
    unit = Decimal(1).scaleb(Decimal(right).adjusted() - digits + 1)
    off = abs(Decimal(true) - Decimal(right)) / unit
    assume(off < Decimal("0.4999"))
    agreed = [in_text(text, float(text)).agrees(true, 1e-14 * abs(true)) for text in (right, *neighbours)]
    assert agreed[0] is not None
    assert agreed[1:] == [None, None]
