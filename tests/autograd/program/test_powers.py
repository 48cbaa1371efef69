"""Powers with a constant exponent: what takes their place is held to what ``**`` gives, forward and backward."""

import math
import random

import numpy as np
import pytest

from autograd import Value, parameter, record, relu
from autograd.program.blocks import Blocks
from autograd.program.lower import READABLE_PASSES, lowered
from autograd.program.powers import LARGEST, ROWS, SMALLEST, multiply_powers
from autograd.program.recording import record_function
from autograd.table.arrays import exact_pullback, forward, pullback, room_to_keep
from autograd.table.ops import OPS, POW

inf, nan = math.inf, math.nan

LEAST, MOST = math.ulp(0.0), math.nextafter(inf, 0)
SPECIAL = [
    0.0,
    LEAST,
    1e-310,
    2.0**-1022,
    1e-155,
    1e-77,
    1e-39,
    0.5,
    1.0,
    3.0,
    1e39,
    1e77,
    1e155,
    1e160,
    MOST,
    inf,
    nan,
]
"""Where a factor, or a product on the way, is 0, denormal, too large, or no number at all."""
ULP = 2.0**-52


def points(count):
    """Special numbers, ordinary ones, and some of every size, of both signs."""
    rng = random.Random(0)
    ordinary = [math.exp(rng.uniform(-3, 3)) for _ in range(count // 2)]
    sizes = [10 ** rng.uniform(-323, 308) for _ in range(count // 2)]
    return np.array([sign * x for x in [*SPECIAL, *ordinary, *sizes] for sign in (1, -1)])


of_each_row = pytest.mark.parametrize(("exponent", "op"), ROWS.items(), ids=map(str, ROWS))


def assert_same(got, want, ulps):
    """To some units in the last place; what is nan, inf or 0 exactly, and with its sign, but that a number may be lost.

    Lost is what is smaller than the least number: of two roundings one may make it 0.
    """
    special = ~np.isfinite(want) | ((want == 0) & (abs(got) > LEAST))
    exact = (got == want) | (np.isnan(got) & np.isnan(want))
    assert exact[special].all(), (got[special & ~exact], want[special & ~exact])
    assert (np.signbit(got) == np.signbit(want))[~np.isnan(want)].all()
    rest = ~special
    close = abs(got[rest] - want[rest]) <= ulps * (ULP * abs(want[rest]) + LEAST)
    assert close.all(), (got[rest][~close], want[rest][~close])


def power(exponent, x):
    """What ``**`` gives for floats: values and derivatives."""
    both = [POW.kernel(float(a), exponent)[:2] for a in x]
    return np.array(both).T


@of_each_row
def test_each_row_is_the_power(exponent, op):
    x = points(10_000)
    value, slope = power(exponent, x)
    ulps = 1 + abs(exponent)
    with np.errstate(all="ignore"):
        out, kept = np.empty((1, x.size)), room_to_keep(op)
        forward(op)(out, x[None], *kept)
        assert_same(out[0], value, ulps)
        y = out.copy()
        for kernel in (pullback(op, "x"), exact_pullback(op, "x")):
            kernel(out, np.ones_like(y), y, x[None], *kept)
            flow = np.where(slope == 0, out[0] * 0, slope) if kernel is exact_pullback(op, "x") else slope
            assert_same(out[0], flow, ulps + 1)
    each = np.array([op.kernel(float(a)) for a in x]).T
    assert_same(each[0], value, ulps)
    assert_same(each[1], slope, ulps + 1)


@of_each_row
def test_a_row_shows_what_a_textbook_has(exponent, op):
    """Value and derivative as they are shown are those that are computed."""
    for x in [0.03, 0.7, 1.0, 2.5, 44.0]:
        assert op.kernel(x) == pytest.approx(op.textbook().kernel(x), rel=1e-14)
        assert op.textbook().kernel(x)[0] == x**exponent


def test_there_is_a_row_for_every_exponent_that_people_write():
    whole = [float(n) for n in range(SMALLEST, LARGEST + 1) if n not in (0, 1)]
    assert sorted(ROWS) == sorted([*whole, 0.5, -0.5])
    assert len({op.name for op in ROWS.values()}) == len(ROWS)


# --- the pass ---------------------------------------------------------------------------------------------


def tape(f, *examples):
    return record_function(f, examples, None, False)[0]


def test_powers_with_a_constant_exponent_become_operations():
    w = parameter(2.0, "w")
    made = lowered(tape(lambda x: [x**2, x**-1, x**3 * x**0.5, x**w, 2**x, x**2.5, x**9], 0.5))
    names = [op.name for op in made.ops if op is not None]
    assert names == ["square", "reciprocal", "x**3", "x**0.5", "*", "**", "**", "**", "**"]
    assert sorted(made.constants.values()) == [2.0, 2.5, 9.0]


def test_an_exponent_may_be_computed_from_numbers():
    made = lowered(tape(lambda x: x ** (Value(1.0) / 2), 0.5))
    assert made.ops[-1] is ROWS[0.5]


def test_the_first_power_is_the_number_itself_and_the_power_of_zero_is_one():
    w = parameter(2.0, "w")
    made = lowered(tape(lambda x: [w * x**1, w * x**0], 0.5))
    assert [op for op in made.ops if op is not None] == [OPS["*"], OPS["*"]]
    program = record(lambda x: w * x**1 + 3 * w**0 + x**0, 0.0)
    assert program([5.0, -inf]).tolist() == [14.0, -inf]
    value, grads = program.value_and_grad([5.0, 3.0])
    assert (value, grads.tolist()) == (12.0, [4.0])
    assert record(lambda x: x**0, 0.0)([nan, 2.0]).tolist() == [1.0, 1.0]


def test_a_tape_without_such_powers_is_left_alone():
    w = parameter(2.0, "w")
    made = tape(lambda x: x**w + x**2.5, 0.5)
    assert multiply_powers(made) is made


def test_who_reads_a_program_sees_powers():
    assert "v1 = x³" in str(record(lambda x: (x**3 - 1) ** 2, 0.5))
    assert multiply_powers not in READABLE_PASSES


# --- in programs ------------------------------------------------------------------------------------------


@pytest.fixture(params=["numpy", "numba"])
def executor(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def eager(exponent, x, factor):
    """Of ``factor · (w·x)**exponent`` at w = 1: the value, and ∂/∂w."""
    w = Value(1.0)
    y = factor * (w * x) ** exponent
    y.backward()
    return y.data, w.grad


@pytest.mark.parametrize("exponent", [*ROWS, 0.0, 1.0, 9.0, 2.5], ids=str)
def test_programs_agree_with_values_at_every_kind_of_number(exponent, executor):
    w = parameter(1.0, "w")
    program = record(lambda x, factor: factor * (w * x) ** exponent, 0.5, 1.0).using(executor)
    x = points(20)
    factor = np.where(np.arange(x.size) % 3 == 0, -0.5, 1.5)
    want = np.array([eager(exponent, float(a), float(b)) for a, b in zip(x, factor, strict=True)])
    values, grads = program.per_example(x, factor)
    ulps = 4 + 2 * abs(exponent)
    assert_same(program(x, factor), want[:, 0], ulps)
    assert_same(values, want[:, 0], ulps)
    assert_close(grads[:, 0], want[:, 1], ulps)
    for i in range(x.size):
        for some in ([i], [i] * 9):
            if len(some) > 1 and not (abs(want[i]) < MOST / 16).all():  # the sum overflows, or is of inf
                continue
            value, (grad,) = program.value_and_grad(x[some], factor[some])
            assert_close(np.array([value, grad]), want[i], ulps + 9)


def assert_close(got, want, ulps):
    """As ``assert_same``, whatever the sign of a zero."""
    assert_same(np.where(got == 0, 0.0, got), np.where(want == 0, 0.0, want), ulps)


@pytest.mark.parametrize("exponent", ROWS, ids=str)
def test_nothing_flows_through_a_mask_to_an_infinite_slope(exponent, executor):
    """relu(−|x|ⁿ) is off where xⁿ has an infinite slope: nothing flows there, not 0·inf."""
    w = parameter(1.0, "w")
    program = record(lambda x: relu(-((w * x) ** exponent)), 0.5).using(executor)
    for x in (0.0, inf, 1e-320, 4.0):
        value, (grad,) = program.value_and_grad([x, x])
        assert (value, grad) == (0.0, 0.0)
        assert program.per_example([x])[1].tolist() == [[0.0]]


def test_the_squares_of_many_parameters_are_one_block():
    ps = [parameter(0.1 * k, f"p{k}") for k in range(1, 31)]
    program = record(lambda x: x + sum(p**2 for p in ps), 0.5)
    (recording,) = program.recordings.values()
    blocks = Blocks(lowered(recording.tape))
    assert [(block.op.name, block.size) for block in blocks.shared] == [("square", 30), ("sum", 1)]
    value, grads = program.value_and_grad([1.0, 3.0])
    assert value == pytest.approx(2.0 + math.fsum(p.data**2 for p in ps), rel=1e-14)
    assert grads.tolist() == pytest.approx([2 * p.data for p in ps], rel=1e-15)
