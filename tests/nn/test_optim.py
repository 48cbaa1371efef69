import math

import numpy as np
import pytest
from interrupts import at_every_line

import autograd
from autograd import Value, parameter, record
from nn import (
    MLP,
    OPTIMIZERS,
    SCHEDULES,
    SGD,
    Adam,
    ConstantSchedule,
    CosineSchedule,
    LinearSchedule,
    Optimizer,
    RMSprop,
    StepSchedule,
)


def trajectory(optimizer, gradients):
    """What one parameter does under the given gradients."""
    (w,) = optimizer.parameters
    path = []
    for g in gradients:
        w.grad = g
        optimizer.step()
        path.append(w.data)
    return path


GRADIENTS = [math.sin(3 * t) + 0.3 for t in range(50)]


def test_gradient_descent():
    w = -2.0
    expected = [w := w - 0.1 * g for g in GRADIENTS]
    assert trajectory(SGD([parameter(-2.0)], lr=0.1), GRADIENTS) == pytest.approx(expected, rel=1e-12, abs=0)


def test_momentum_in_the_lectures_form():
    w, v, expected = -2.0, 0.0, []
    for g in GRADIENTS:
        v = 0.9 * v + (1 - 0.9) * g
        w -= 0.1 * v
        expected.append(w)
    assert trajectory(SGD([parameter(-2.0)], 0.1, momentum=0.9), GRADIENTS) == pytest.approx(expected, rel=1e-12, abs=0)


def test_rmsprop_and_adam_by_hand():
    (w,) = trajectory(RMSprop([parameter(1.0)], lr=0.1, beta=0.75, eps=0.5), [2.0])
    assert w == pytest.approx(1 - 0.1 * 2 / (math.sqrt(0.25 * 4) + 0.5), rel=1e-15)
    # Adam's first step is lr in the direction of the sign, whatever the size of the gradient.
    for g in (1e-3, -5.0, 1e8):
        (w,) = trajectory(Adam([parameter(1.0)], lr=0.1, eps=1e-300), [g])
        assert w == pytest.approx(1 - math.copysign(0.1, g), rel=1e-12)
    m, s = 0.9 * 0.1 * 2 + 0.1 * -1, 0.999 * 0.001 * 4 + 0.001 * 1
    expected = 0.9 - 0.1 * (m / (1 - 0.9**2)) / (math.sqrt(s / (1 - 0.999**2)) + 1e-8)
    assert trajectory(Adam([parameter(1.0)], lr=0.1), [2.0, -1.0])[1] == pytest.approx(expected, rel=1e-7)


def test_parameters_are_independent():
    model = MLP(2, [2, 1], seed=1)
    for kind in OPTIMIZERS.values():
        optimizer = kind(model, lr=0.1)
        model.zero_grad()
        before = [p.data for p in model.parameters()]
        model.parameters()[3].grad = 2.0
        optimizer.step()
        changed = [i for i, p in enumerate(model.parameters()) if p.data != before[i]]
        assert changed == [3]
        optimizer.zero_grad()
        assert {p.grad for p in model.parameters()} == {0.0}


@pytest.mark.parametrize("kind", OPTIMIZERS.values())
def test_a_loop_on_arrays_goes_the_same_way(kind):
    """``update`` of arrays is ``step`` of Values, to the last bit, and touches no Value."""
    by_step, by_update = (MLP(2, [3, 1], seed=1) for _ in range(2))
    first, second = (kind(model, lr=0.1, schedule=StepSchedule(3)) for model in (by_step, by_update))
    start = [p.data for p in by_update.parameters()]
    theta = np.array(start)
    for t in range(10):
        g = np.sin(np.arange(len(theta)) + t)
        for p, g_p in zip(by_step.parameters(), g.tolist(), strict=True):
            p.grad = g_p
        first.step()
        theta = second.update(theta, g)
        assert theta.tolist() == [p.data for p in by_step.parameters()]
    assert [p.data for p in by_update.parameters()] == start
    assert not any(p.has_grad for p in by_update.parameters())
    assert first.state_dict() == second.state_dict()
    for wrong in (theta[:-1], theta[None], 0.5):
        with pytest.raises(ValueError, match="there are 13 leaves, but the array has the shape"):
            second.update(theta, wrong)
    assert first.state_dict() == second.state_dict()


def test_all_parameters_at_once_are_each_on_its_own():
    def alone(w, gradients):
        return trajectory(Adam([parameter(w)], lr=0.1), gradients)

    ws = [parameter(w) for w in (1.0, -2.0, 1e-300)]
    optimizer = Adam(ws, lr=0.1)
    for t in range(20):
        for i, w in enumerate(ws):
            w.grad = GRADIENTS[t] * 10.0 ** (5 * i)
        optimizer.step()
    for i, (w, start) in enumerate(zip(ws, (1.0, -2.0, 1e-300), strict=True)):
        assert w.data == alone(start, [g * 10.0 ** (5 * i) for g in GRADIENTS[:20]])[-1]


def test_an_optimizer_of_ones_own():
    class Heavy(Optimizer):
        memories = ("speed",)

        def direction(self, g):
            self.speed *= 0.5
            self.speed += g
            return self.speed

    optimizer = Heavy([parameter(1.0), parameter(2.0)], lr=0.1)
    before = optimizer.checkpoint()
    path = [optimizer.update([0.0, 0.0], [1.0, -1.0]).tolist() for _ in range(2)]
    assert path == [[-0.1, 0.1], pytest.approx([-0.15, 0.15], rel=1e-15)]
    assert optimizer.state_dict() == {
        "optimizer": "Heavy", "steps": 2, "schedule": {"name": "constant"}, "lr": 0.1, "speed": [1.5, -1.5]
    }  # fmt: skip
    for _ in range(2):  # the rule wrote into its memory: the checkpoint is a copy, and stays one
        optimizer.go_back(before)
        assert [optimizer.update([0.0, 0.0], [1.0, -1.0]).tolist() for _ in range(2)] == path


def test_a_rule_may_write_into_the_gradient():
    """It gets a copy: of the caller's array, and of what the Values have, be they held in an array or not."""

    class Clipped(Optimizer):
        def direction(self, g):
            g.clip(-1.0, 1.0, out=g)
            return g

    g = np.array([-3.0, 0.5])
    for kind in (Clipped, SGD):
        optimizer = kind([parameter(1.0), parameter(2.0)], lr=1.0)
        optimizer.update([0.0, 0.0], g)
        optimizer.update([0.0, 0.0], g)
        assert g.tolist() == [-3.0, 0.5]

    w = [parameter(1.0), parameter(2.0)]
    program = record(lambda x: -3 * w[0] * x + 0.5 * w[1] * x, 1.0)
    optimizer = Clipped(w, lr=1.0)
    for want in ([2.0, 1.5], [3.0, 1.0]):
        optimizer.zero_grad()
        program.backward([1.0])
        optimizer.step()
        assert optimizer.exchange.grads().tolist() == [-3.0, 0.5]
        assert program.value_and_grad([1.0])[0] == -3 * want[0] + 0.5 * want[1]
    assert [p.data for p in w] == [3.0, 1.0]


def test_what_overflows_is_inf_without_a_warning():
    for kind in OPTIMIZERS.values():
        optimizer = kind([parameter(1e308), parameter(1.0)], lr=1e10)
        theta = optimizer.update([1e308, 1.0], [-1e308, 0.0])
        assert theta[1] == 1.0
        assert kind is not SGD or theta[0] == math.inf


def test_plain_values_can_be_learned():
    w = Value(3.0)
    optimizer = SGD([w], lr=0.25)
    for _ in range(60):
        optimizer.zero_grad()
        ((w - 1) ** 2).backward()
        optimizer.step()
    assert w.data == pytest.approx(1, rel=1e-12)


# --- schedules --------------------------------------------------------------------------------------


def test_schedules():
    assert [ConstantSchedule()(t) for t in (0, 9)] == [1, 1]
    assert [StepSchedule(3, 0.5)(t) for t in range(8)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert [LinearSchedule(100, end=0.1)(k) for k in range(100)] == pytest.approx(
        [1.0 - 0.9 * k / 100 for k in range(100)], rel=1e-12
    )  # micrograd's
    assert [CosineSchedule(4)(t) for t in (0, 1, 2, 3)] == pytest.approx(
        [1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2], rel=1e-12
    )
    assert CosineSchedule(4, end=0.5)(99) == 0.5
    assert repr(StepSchedule(3)) == "StepSchedule(every=3, factor=0.1)"
    assert set(SCHEDULES) == {"constant", "step", "linear", "cosine"}


def test_a_schedule_scales_each_step():
    w = 1.0
    schedule = LinearSchedule(10, end=0.2)
    expected = [w := w - 0.5 * schedule(t) * g for t, g in enumerate(GRADIENTS[:20])]
    path = trajectory(SGD([parameter(1.0)], 0.5, schedule=schedule), GRADIENTS[:20])
    assert path == pytest.approx(expected, rel=1e-12, abs=0)


# --- state ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OPTIMIZERS.values())
@pytest.mark.parametrize("schedule", [StepSchedule(3, 0.5), LinearSchedule(20), CosineSchedule(30, 0.1), None])
def test_going_on_from_a_state(kind, schedule):
    first = kind([parameter(1.0)], lr=0.1, schedule=schedule)
    trajectory(first, GRADIENTS[:10])
    state, w = first.state_dict(), first.parameters[0].data
    rest = trajectory(first, GRADIENTS[10:])
    second = kind([parameter(w)], lr=99.0)
    second.load_state_dict(state)
    assert trajectory(second, GRADIENTS[10:]) == rest
    assert state["steps"] == 10  # a copy


def test_a_schedule_of_your_own_stays():
    def mine(t):
        return 1 / (1 + t)

    first = SGD([parameter(1.0)], lr=0.1, schedule=mine)
    assert "schedule" not in first.state_dict()
    second = SGD([parameter(1.0)], lr=0.1, schedule=mine)
    second.load_state_dict(first.state_dict())
    assert second.schedule is mine


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"optimizer": "SGD"}, "the state is one of SGD, this is Adam"),
        ({"m": [0.0]}, "the state of Adam does not fit: its m is for 1, here are 2 parameters"),
        ({"m": "12"}, "does not fit: its m is '12', here are 2 parameters"),
        ({"m": 0.0}, "does not fit: its m is 0.0, here are 2 parameters"),
        ({"m": [0.0, [0.0]]}, r"expected a real number, got \[0\.0\]"),
        ({"s": [0.0, "1"]}, "expected a real number, got '1'"),
        ({"s": [0.0, 10**400]}, "the state of Adam does not fit: "),
        ({"s": np.array([0j, 1j])}, "expected a real number, got 0j"),
        ({"lr": -1.0}, "the learning rate must be in"),
        ({"lr": 10**400}, r"the learning rate must be in \(0, inf\), got 10000.*…"),
        ({"lr": "0.1"}, "the learning rate must be a number, got '0.1'"),
        ({"steps": -1}, "steps must be at least 0"),
        ({"steps": 1.5}, "steps must be a whole number"),
        ({"steps": math.nan}, "steps must be a whole number"),
        ({"steps": 10**400}, r"steps are counted to 2\^53, not to 1000.*…"),
        ({"schedule": {"name": "cosin", "steps": 3}}, "unknown schedule 'cosin'; did you mean 'cosine'"),
        ({"schedule": {"name": "cosine", "steps": 10**400}}, "the state of Adam does not fit: "),
        ({"schedule": {"name": "cosine", "step": 3}}, "unexpected keyword argument 'step'"),
        ({"schedule": {"name": ["cosine"]}}, "a schedule is written"),
        ({"schedule": "cosine"}, r"a schedule is written \{.*\}, not 'cosine'"),
    ],
)
def test_a_state_that_does_not_fit(change, match):
    optimizer = Adam([parameter(1.0), parameter(2.0)], schedule=StepSchedule(3))
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=match):
        optimizer.load_state_dict(before | change)
    assert optimizer.state_dict() == before
    del before["m"]
    with pytest.raises(ValueError, match="the state of Adam lacks m"):
        optimizer.load_state_dict(before)


def test_what_is_no_state():
    with pytest.raises(TypeError, match=r"a state is a dict of names, as state_dict\(\) makes it, not \[1\]"):
        SGD([parameter(1.0)], lr=0.1).load_state_dict([1])


# --- interrupted, nothing is half done --------------------------------------------------------------


def pair(kind):
    """An optimiser, with the gradients of a step to be made."""
    ws = [parameter(1.0), parameter(-2.0)]
    optimizer = kind(ws, lr=0.1)
    for _ in range(2):
        ws[0].grad, ws[1].grad = 0.5, 3.0
        optimizer.step()
    return optimizer


def everything(optimizer):
    return [w.data for w in optimizer.parameters], optimizer.state_dict()


class Inplace(Optimizer):
    memories = ("speed",)

    def direction(self, g):
        self.speed *= 0.5
        self.speed += g
        return self.speed


@pytest.mark.parametrize("kind", [*OPTIMIZERS.values(), Inplace])
def test_a_step_is_whole_or_not_made(kind):
    assert at_every_line(lambda: pair(kind), lambda optimizer: optimizer.step(), everything) > 20


def test_loading_a_state_is_whole_or_not_done():
    state = Adam([parameter(1.0), parameter(2.0)], lr=0.5, schedule=StepSchedule(3)).state_dict()
    at_every_line(lambda: pair(Adam), lambda optimizer: optimizer.load_state_dict(state), everything)


# --- wrong settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda w: SGD([w], lr=0), ValueError, r"the learning rate must be in \(0, inf\), got 0"),
        (lambda w: SGD([w], lr=-0.1), ValueError, r"the learning rate must be in \(0, inf\), got -0\.1"),
        (lambda w: Adam([w], lr=math.nan), ValueError, "the learning rate must be in .*, got nan"),
        (lambda w: Adam([w], lr=math.inf), ValueError, "the learning rate must be in .*, got inf"),
        (lambda w: SGD([w], lr="0.1"), TypeError, "the learning rate must be a number, got '0.1'"),
        (lambda w: SGD([w], 0.1, momentum=1.0), ValueError, r"momentum β must be in \[0, 1\), got 1"),
        (lambda w: SGD([w], 0.1, momentum=-0.1), ValueError, r"momentum β must be in \[0, 1\), got -0\.1"),
        (lambda w: RMSprop([w], beta=1.5), ValueError, r"β must be in \[0, 1\), got 1\.5"),
        (lambda w: RMSprop([w], eps=0), ValueError, r"ε must be in \(0, inf\), got 0"),
        (lambda w: Adam([w], beta1=math.nan), ValueError, "β₁ must be in .*, got nan"),
        (lambda w: Adam([w], beta2=1), ValueError, r"β₂ must be in \[0, 1\), got 1"),
        (
            lambda w: SGD([w], 0.1, schedule=0.5),
            TypeError,
            r"a schedule is a function of the number of steps, not 0\.5",
        ),
        (lambda _: SGD([], 0.1), ValueError, "there are no parameters to learn"),
        (lambda w: SGD([w, w], 0.1), ValueError, "a parameter is in the list twice"),
        (lambda w: SGD([w * 2], 0.1), ValueError, "only leaves can be learned, .* is a result"),
        (lambda _: SGD([autograd.Constant(1.0)], 0.1), ValueError, "only leaves can be learned, .* is a constant"),
        (lambda _: SGD([1.0], 0.1), TypeError, r"a parameter is a Value, not 1\.0 \(float\)"),
        (lambda _: StepSchedule(0), ValueError, "every must be at least 1, got 0"),
        (lambda _: StepSchedule(3, 0.0), ValueError, r"factor must be in \(0, inf\), got 0"),
        (lambda _: LinearSchedule(1.5), TypeError, "steps must be a whole number, got 1.5"),
        (lambda _: CosineSchedule(3, end=-1), ValueError, r"end must be in \[0, inf\), got -1"),
    ],
)
def test_wrong_settings(call, error, match):
    with pytest.raises(error, match=match):
        call(parameter(1.0))
