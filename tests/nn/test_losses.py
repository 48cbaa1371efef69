import math

import mpmath
import numpy as np
import pytest

import autograd
from autograd import Value
from nn import LOSSES, bce, bce_with_logits, cost, cross_entropy, cross_entropy_with_logits, hinge, mse, squared_error
from nn.losses import find_loss


def gradient(loss, prediction, target):
    """The loss and its derivatives with respect to each element of the prediction."""
    values = [Value(p) for p in prediction] if isinstance(prediction, list) else Value(prediction)
    L = loss(values, target)
    L.backward()
    return L.data, [v.grad for v in values] if isinstance(values, list) else values.grad


@pytest.mark.parametrize(("p", "y"), [(3.0, 1.0), (-2.0, 0.5), (1.0, 1.0), (1e-8, -1e-8)])
def test_squared_errors(p, y):
    assert gradient(squared_error, p, y) == pytest.approx(((p - y) ** 2 / 2, p - y), rel=1e-12)
    assert gradient(mse, p, y) == pytest.approx(((p - y) ** 2, 2 * (p - y)), rel=1e-12)


def test_squared_errors_of_lists():
    p, y = [1.0, -2.0, 0.5], [0.0, 1.0, 0.25]
    loss, grads = gradient(squared_error, p, y)
    assert loss == pytest.approx((1 + 9 + 0.0625) / 2, rel=1e-15)
    assert grads == pytest.approx([1.0, -3.0, 0.25], rel=1e-15)
    loss, grads = gradient(mse, p, y)
    assert loss == pytest.approx((1 + 9 + 0.0625) / 3, rel=1e-15)
    assert grads == pytest.approx([2 / 3, -2.0, 0.5 / 3], rel=1e-15)


@pytest.mark.parametrize("y", [0, 1, 0.3])
@pytest.mark.parametrize("p", [1e-12, 0.25, 0.5621765, 0.999])
def test_bce(p, y):
    loss, grad = gradient(bce, p, y)
    assert loss == pytest.approx(-(y * math.log(p) + (1 - y) * math.log(1 - p)), rel=1e-12)
    assert grad == pytest.approx(-y / p + (1 - y) / (1 - p), rel=1e-12)


def test_bce_at_0_and_1():
    assert gradient(bce, 1.0, 1) == (0, -1)
    assert gradient(bce, 0.0, 0) == (0, 1)
    assert gradient(bce, 0.0, 1) == (math.inf, -math.inf)
    assert gradient(bce, 1.0, 0) == (math.inf, math.inf)
    assert gradient(bce, 1.0, 0.5) == (math.inf, math.inf)
    for y in (Value(1.0), Value(0.0)):  # inside a recorded program
        assert gradient(bce, y.data, y) == gradient(bce, y.data, y.data)
        assert gradient(bce, 1 - y.data, y) == gradient(bce, 1 - y.data, y.data)


@pytest.mark.parametrize("p", [-1e-12, 1 + 1e-12, 2.0, math.inf])
def test_bce_wants_probabilities(p):
    for loss, prediction, target in [(bce, p, 1), (bce, [0.5, p], [0, 1]), (cross_entropy, [0.5, p], 0)]:
        with pytest.raises(ValueError, match=r"a probability must be in \[0, 1\], got .*_with_logits"):
            loss(prediction, target)


@pytest.mark.parametrize("y", [0, 1, 0.3])
@pytest.mark.parametrize("z", [-1000.0, -40.0, -1.5, 0.0, 2.0, 40.0, 1000.0])
def test_bce_with_logits(z, y):
    with mpmath.workdps(600):
        a = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        y_exact = mpmath.mpf(y)
        expected = float(-(y_exact * mpmath.log(a) + (1 - y_exact) * mpmath.log(1 - a)))
        derivative = float(a - y_exact)
    loss, grad = gradient(bce_with_logits, z, y)
    assert loss == pytest.approx(expected, rel=1e-12, abs=0)
    assert grad == pytest.approx(derivative, rel=1e-12, abs=0)
    assert gradient(bce_with_logits, z, Value(y)) == pytest.approx((loss, grad), rel=1e-12, abs=0)


def test_lists_are_sums_over_independent_sigmoids():
    z, y = [0.5, -2.0, 3.0], [1, 0, 0.4]
    p = autograd.sigmoid
    assert bce([p(v) for v in z], y) == pytest.approx(sum(bce(p(v), t) for v, t in zip(z, y, strict=True)), rel=1e-12)
    assert bce_with_logits(z, y) == pytest.approx(bce([p(v) for v in z], y), rel=1e-12)
    assert gradient(bce_with_logits, z, y)[1] == pytest.approx([p(v) - t for v, t in zip(z, y, strict=True)], rel=1e-12)


@pytest.mark.parametrize("target", [1, 1.0, np.int64(1), [0, 1, 0], np.array([0.0, 1.0, 0.0]), (False, True, False)])
def test_cross_entropies(target):
    z = [2.0, 1.0, 0.1]
    p = autograd.softmax(z)
    loss, grads = gradient(cross_entropy_with_logits, z, target)
    assert loss == pytest.approx(-math.log(p[1]), rel=1e-12)
    assert grads == pytest.approx([p[0], p[1] - 1, p[2]], rel=1e-12)
    loss, grads = gradient(cross_entropy, p, target)
    assert loss == pytest.approx(-math.log(p[1]), rel=1e-12)
    assert grads == pytest.approx([0, -1 / p[1], 0], rel=1e-12)


def test_cross_entropies_of_weights():
    z, y = [0.3, -1.0, 2.0], [0.2, 0.5, 0.3]
    p = autograd.softmax(z)
    expected = -sum(t * math.log(v) for t, v in zip(y, p, strict=True))
    assert cross_entropy(p, y) == pytest.approx(expected, rel=1e-12)
    loss, grads = gradient(cross_entropy_with_logits, z, y)
    assert loss == pytest.approx(expected, rel=1e-12)
    assert grads == pytest.approx([v - t for t, v in zip(y, p, strict=True)], rel=1e-12)
    for loss, x in ((cross_entropy, p), (cross_entropy_with_logits, z)):
        assert loss(x, [Value(t) for t in y]).data == pytest.approx(expected, rel=1e-12)


def test_cross_entropies_far_out():
    loss, grads = gradient(cross_entropy_with_logits, [1000.0, -1000.0, 0.0], 0)
    assert (loss, grads) == (0, [0, 0, 0])
    loss, grads = gradient(cross_entropy_with_logits, [1000.0, -1000.0, 0.0], 1)
    assert (loss, grads) == (2000, [1, -1, 0])
    assert gradient(cross_entropy, [1.0, 0.0], 0) == (0, [-1, 0])
    assert gradient(cross_entropy, [1.0, 0.0], 1) == (math.inf, [0, -math.inf])


@pytest.mark.parametrize(
    ("s", "y", "loss", "grad"), [(0.3, 1, 0.7, -1), (0.3, -1, 1.3, 1), (2.0, 1, 0, 0), (1.0, 1, 0, 0)]
)
def test_hinge(s, y, loss, grad):
    assert gradient(hinge, s, y) == pytest.approx((loss, grad), rel=1e-15)


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("p", [[0.2, 0.3, 0.5], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [1e-300, 1e-12, 1.0]])
def test_a_recorded_class_is_the_one_hot_target(p, k):
    """The class as a Value, which a program sets at each replay; the others may be 0 without harm."""
    one_hot = [float(i == k) for i in range(3)]
    for loss, x in [(cross_entropy, p), (cross_entropy_with_logits, [700 * p_k - 350 for p_k in p])]:
        L, grads = gradient(loss, x, one_hot)
        got, got_grads = gradient(loss, x, Value(float(k)))
        assert got == pytest.approx(L, rel=1e-12, abs=0)
        assert got_grads == pytest.approx(grads, rel=1e-12, abs=0)


def test_a_recorded_class_is_what_it_is_at_each_replay():
    values, k = [Value(0.25), Value(0.5), Value(0.25)], Value(0.0)
    L = cross_entropy(values, k)
    k.data = 1
    L.refresh()
    L.backward()
    assert L.data == pytest.approx(math.log(2), rel=1e-15)
    assert [v.grad for v in values] == [0, -2, 0]


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "later"),
    [
        (hinge, 0.3, 0.0, -1.0),
        (hinge, [0.3, 2.0], [0.0, 0.5], [1.0, -1.0]),
        (bce, 0.3, 7.0, 1.0),
        (bce_with_logits, 0.3, math.nan, 0.25),
        (squared_error, 0.3, math.inf, 0.25),
        (cross_entropy, [0.2, 0.8], [0.0, 0.0], [0.5, 0.5]),
        (cross_entropy_with_logits, [0.2, 0.8], [3.0, -1.0], [0.0, 1.0]),
    ],
)
def test_the_number_of_a_recorded_target_is_a_stand_in(loss, prediction, target, later):
    """An example's number says nothing about those that a program will be replayed with."""
    targets = [Value(t) for t in target] if isinstance(target, list) else Value(target)
    x = [Value(p) for p in prediction] if isinstance(prediction, list) else Value(prediction)
    L = loss(x, targets)
    pairs = zip(targets, later, strict=True) if isinstance(targets, list) else [(targets, later)]
    for t, number in pairs:
        t.data = number
    L.refresh()
    L.backward()
    want, want_grads = gradient(loss, prediction, later)
    assert L.data == pytest.approx(want, rel=1e-15)
    assert ([v.grad for v in x] if isinstance(x, list) else x.grad) == pytest.approx(want_grads, rel=1e-15)


def test_squared_error_on_a_sigmoid_is_not_convex_but_cross_entropy_is():
    w = [i / 10 for i in range(-60, 61)]

    def second_differences(loss):
        J = [cost(loss, [autograd.sigmoid(v * x) for x in (1.0, -2.0)], [1, 0]) for v in w]
        return [a - 2 * b + c for a, b, c in zip(J, J[1:], J[2:], strict=False)]

    assert min(second_differences("squared_error")) < -1e-4
    assert min(second_differences("bce")) > 0


def test_cost_is_the_mean():
    predictions = [Value(1.0), Value(4.0)]
    J = cost("squared_error", predictions, [0.0, 2.0])
    assert J.data == 1.25
    assert J.label == "J"
    J.backward()
    assert [p.grad for p in predictions] == [0.5, 1.0]
    assert cost(lambda p, y: abs(p - y), predictions, np.array([0.0, 2.0])).data == 1.5
    assert find_loss("bce") is LOSSES["bce"] is bce


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: cost("mse", [], []), ValueError, "the cost is a mean over examples, and there are none"),
        (lambda: cost("mse", [1.0], [1.0, 2.0]), ValueError, "1 predictions, but 2 targets"),
        (lambda: cost("bcd", [1.0], [1.0]), ValueError, "unknown loss 'bcd'; did you mean 'bce'"),
        (lambda: cost(None, [1.0], [1.0]), TypeError, "a loss is a name or a function"),
        (lambda: mse([1.0, 2.0], [1.0]), ValueError, "the prediction is a list of 2, the target a list of 1"),
        (lambda: mse([1.0], 1.0), ValueError, "the prediction is a list of 1, the target one number"),
        (lambda: mse(1.0, [1.0]), ValueError, "the prediction is one number, the target a list of 1"),
        (lambda: mse([], []), ValueError, "the prediction is an empty list"),
        (lambda: mse(1.0, math.nan), ValueError, "a target is nan, but must be finite"),
        (lambda: mse([1.0, 2.0], [math.inf, 0]), ValueError, "a target is inf, but must be finite"),
        (lambda: mse(1.0, "1"), TypeError, r"target: expected a real number, got '1' \(str\)"),
        (lambda: bce(0.5, 2), ValueError, r"a label must be in \[0, 1\], got 2"),
        (lambda: bce(0.5, -1), ValueError, r"a label must be in \[0, 1\], got -1"),
        (lambda: bce("0.5", 1), TypeError, r"expected a real number, got '0\.5'"),
        (lambda: bce_with_logits(0.5, 1.1), ValueError, r"a label must be in \[0, 1\], got 1\.1"),
        (lambda: cross_entropy([0.5, 0.5], [2, -1]), ValueError, r"a label must be in \[0, 1\], got 2"),
        (
            lambda: cross_entropy([0.5, 0.5], [1, 1]),
            ValueError,
            "the weights of the classes must add up to 1, they make 2",
        ),
        (lambda: cross_entropy([0.5, 0.5], [1, 0, 0]), ValueError, "a list of 2, the target a list of 3"),
        (lambda: cross_entropy_with_logits([0.5, 0.5], 2), ValueError, "the class must be one of 0 … 1, got 2"),
        (lambda: cross_entropy_with_logits([0.5, 0.5], -1), ValueError, "the class must be one of 0 … 1, got -1"),
        (lambda: cross_entropy_with_logits([0.5, 0.5], 0.5), ValueError, r"the class must be one of 0 … 1, got 0\.5"),
        (lambda: cross_entropy(0.5, 1), TypeError, r"needs a list of outputs, got 0\.5; for one, use bce"),
        (lambda: cross_entropy(0.5, Value(1)), TypeError, r"needs a list of outputs, got 0\.5; for one, use bce"),
        (lambda: mse([1.0, 2.0], Value(1)), ValueError, "the prediction is a list of 2, the target one number"),
        (lambda: hinge(0.5, 0), ValueError, "the hinge loss needs labels −1 and 1, got 0"),
    ],
)
def test_wrong_data(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_predictions_may_be_inf_or_nan():
    assert mse(math.inf, 1.0) == math.inf
    assert math.isnan(bce(math.nan, 1))
    assert bce_with_logits(math.inf, 1) == 0
    assert bce_with_logits(-math.inf, 1) == math.inf
