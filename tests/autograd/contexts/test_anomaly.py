"""detect_anomaly names the first node that turns finite numbers into inf or nan."""

import pytest

import autograd
from autograd import AnomalyError, Value, detect_anomaly


def test_forward_names_the_node_its_operation_and_its_inputs():
    p = Value(0.0, "p")
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"forward: log\(p=0\) is -inf, from finite inputs"):
        p.log()
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"/\(1, p=0\) is inf"):
        1 / p
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"\*\*\(p=-2, 0.5\) is nan"):
        Value(-2.0, "p") ** 0.5
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"\+\(1e\+308, 1e\+308\) is inf"):
        Value(1e308) + Value(1e308)
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"\*\(1e\+200, 1e\+200\) is inf"):
        Value(1e200) * 1e200
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"sum\(1e\+308, 1e\+308, 1e\+308\) is inf"):
        autograd.sum([Value(1e308)] * 3)


def test_what_comes_after_the_first_is_not_blamed():
    x = Value(float("inf"))
    with detect_anomaly():
        assert (x - x).data != 0


def test_backward_names_the_edge_and_keeps_the_leaves():
    x = Value(0.0, "x")
    y = x.sqrt()
    y.label = "y"
    (3 * x).backward()
    with (
        detect_anomaly(),
        pytest.raises(
            AnomalyError, match=r"backward: at 'y' = sqrt\(x=0\) the gradient of 'x' becomes 0 \+ inf × 1 = inf"
        ),
    ):
        y.backward()
    assert x.grad == 3.0


def test_backward_names_the_node_where_a_sum_overflows():
    x = Value(1.0, "x")
    y = x * 1.7e308 + x * 1.7e308 * 0.0 + x * 1.7e308 * -0.5
    with detect_anomaly():
        y.backward()
    assert x.grad == pytest.approx(0.85e308, rel=1e-9)
    z = autograd.dot([x, x], [1.7e308, 1.7e308])
    with (
        detect_anomaly(),
        pytest.raises(AnomalyError, match=r"the gradient of 'x' becomes 1.7e\+308 \+ 1.7e\+308 × 1 = inf"),
    ):
        z.backward()


def test_a_watched_backward_gives_the_same_gradients():
    x, y = Value(0.5), Value(-0.3)
    z = (x * y).tanh() + autograd.softmax([x, y, x])[0] + x.relu() * y.relu() + (x + x) / y
    z.backward()
    plain = (x.grad, y.grad)
    with detect_anomaly():
        z.backward()
    assert (x.grad, y.grad) == (2 * plain[0], 2 * plain[1])


def test_it_ends_with_the_block_and_nests():
    with detect_anomaly():
        with detect_anomaly():
            pass
        with pytest.raises(AnomalyError):
            Value(0.0).log()
    assert Value(0.0).log().data == -float("inf")


def test_refresh_is_watched_too():
    x = Value(2.0, "x")
    y = x.log()
    x.data = 0.0
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"log\(x=0\) is -inf"):
        y.refresh()


def test_a_long_or_hostile_description_is_cut_and_escaped():
    xs = [Value(1e308, "a\n\x1b") for _ in range(2000)]
    with detect_anomaly(), pytest.raises(AnomalyError) as raised:
        autograd.sum(xs)
    assert len(str(raised.value)) < 250
    assert str(raised.value).isprintable()


# --- what to write instead ------------------------------------------------------------------------------


def test_a_logarithm_of_0_points_to_the_forms_that_are_exact():
    z, y = Value(-800.0, "z"), Value(1.0, "y")
    a = z.sigmoid()
    a.label = "a"
    match = r"forward: log\(a=0\) is -inf, from finite inputs \(of a sigmoid write log_sigmoid\(z\), .*bce_with_logits"
    with detect_anomaly(), pytest.raises(AnomalyError, match=match):
        -(y * a.log() + (1 - y) * (1 - a).log())
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"log1p\(-1\) is -inf, .*xlogy\(y, a\)\)$"):
        Value(-1.0).log1p()
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"log\(-1\) is nan, from finite inputs$"):
        Value(-1.0).log()
    with detect_anomaly():
        assert z.log_sigmoid().data == -800.0


def test_an_exponential_that_overflows_points_to_the_forms_that_do_not():
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"exp\(z=710\) is inf, .*softmax, .*logsumexp"):
        Value(710.0, "z").exp()


@pytest.mark.parametrize("root", [Value.sqrt, lambda x: x**0.5, lambda x: x ** Value(0.5)])
def test_a_square_root_at_0_points_to_norm_and_hypot(root):
    x = Value(0.0, "x")
    match = r"= inf \(the slope of a square root at 0 is infinite; norm\(xs\) and hypot\(x, y\) have the gradient 0"
    with detect_anomaly(), pytest.raises(AnomalyError, match=match):
        root(x * x).backward()


def test_no_advice_where_there_is_none():
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"/\(1, p=0\) is inf, from finite inputs$"):
        1 / Value(0.0, "p")
