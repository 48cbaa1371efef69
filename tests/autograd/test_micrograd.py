"""Drop-in for micrograd: its README's example and its two tests, written afresh, and the cells of a lecture.

Only the import is different: ``from micrograd.engine import Value`` became ``from autograd import Value``.
"""

import math

import pytest
from oracles import torch_functions

from autograd import Value


def test_the_readme_example():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def sanity(leaf, relu):
    x = leaf(-4.0)
    z = 2 * x + 2 + x
    q = relu(z) + z * x
    h = relu(z * z)
    y = h + q + q * x
    return y, (x,)


def more_ops(leaf, relu):
    a, b = leaf(-4.0), leaf(2.0)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + relu(b + a)
    d = d + 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    return g, (a, b)


@pytest.mark.parametrize(
    ("test", "value", "gradients"),
    [(sanity, -20.0, [46.0]), (more_ops, 24.70408163265306, [138.83381924198252, 645.5772594752186])],
)
def test_its_two_tests(test, value, gradients):
    """The numbers are PyTorch's."""
    y, leaves = test(Value, Value.relu)
    y.backward()
    assert y.data == pytest.approx(value, rel=1e-14)
    assert [x.grad for x in leaves] == pytest.approx(gradients, rel=1e-14)


@pytest.mark.oracle
@pytest.mark.parametrize("test", [sanity, more_ops])
def test_its_two_tests_beside_pytorch(test):
    relu = torch_functions()["relu"]
    import torch

    y, leaves = test(Value, Value.relu)
    y.backward()
    want, tensors = test(lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True), relu)
    want.backward()
    assert y.data == pytest.approx(want.item(), rel=1e-14)
    assert [x.grad for x in leaves] == pytest.approx([t.grad.item() for t in tensors], rel=1e-14)


def test_the_cells_of_a_lecture():
    """The neuron that is stepped through by hand, with a tanh whole and a tanh opened."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    n = x1w1 + x2w2 + b
    n.label = "n"
    o = n.tanh()
    o.grad = 1.0
    o._backward()
    n._backward()
    (x1w1x2w2,) = n._prev - {b}
    x1w1x2w2._backward()
    x1w1._backward()
    x2w2._backward()
    by_hand = [v.grad for v in (x1, x2, w1, w2, b)]
    assert by_hand == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5], rel=1e-9, abs=0)

    for v in (x1, x2, w1, w2, b):
        v.grad = 0.0
    o.backward()
    assert [v.grad for v in (x1, x2, w1, w2, b)] == by_hand

    for v in (x1, x2, w1, w2, b):
        v.grad = 0.0
    e = (2 * n).exp()
    o = (e - 1) / (e + 1)
    o.backward()
    assert o.data == pytest.approx(math.tanh(0.8813735870195432), rel=1e-14)
    assert [v.grad for v in (x1, x2, w1, w2, b)] == pytest.approx(by_hand, rel=1e-12, abs=0)


def test_the_bug_of_the_lecture_is_none_here():
    a = Value(3.0, label="a")
    b = a + a
    b.backward()
    assert a.grad == 2.0
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    (d * e).backward()
    assert (a.grad, b.grad) == (-3.0, -8.0)
