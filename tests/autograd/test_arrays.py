"""NumPy's arrays of Values: element by element, as a graph; what would lose the graph is refused."""

import functools
import math
import operator
import statistics
import subprocess
import sys

import numpy as np
import pytest

import autograd
from autograd import Constant, RecordingError, Value, graph, record
from autograd.table.ops import OPS

NUMBERS = {
    "A": np.array([0.7, 1.9, 1.2]),
    "B": np.array([[-0.4, 0.8, 0.3], [1.1, -1.6, 0.5]]),
    "v": 1.3,
    "W": np.array([[2.0, -1.0, 0.5], [0.25, 3.0, -2.0]]),  # numbers, also where the others are Values
}


def values(numbers):
    """The array, or the number, as one of Values."""
    leaves = np.vectorize(Value, otypes=[object])(numbers)
    return leaves if leaves.shape else leaves.item()


def leaves_of(given):
    return [leaf for name in "ABv" for leaf in np.ravel(np.array(given[name], dtype=object))]


def total(results):
    """One number of all results, with a weight of its own for each."""
    return sum(math.sqrt(2 + i) * y for i, y in enumerate(np.ravel(np.asarray(results))))


def slope(f, x):
    """f'(x), by central differences of order 6."""
    h = 2.0**-9
    weights = {1: 45, 2: -9, 3: 1}
    return sum(w * (f(x + i * h) - f(x - i * h)) for i, w in weights.items()) / (60 * h)


def slopes(f, given):
    """The derivatives of ``total(f(...))`` by the elements of A, B and v, in NumPy's numbers."""

    def along(name, place):
        def at(x):
            changed = {k: np.array(a) for k, a in given.items()}
            changed[name][place] = x
            return total(f(**changed))

        return slope(at, given[name][place])

    given = {name: np.array(numbers) for name, numbers in given.items()}
    return [along(name, place) for name in "ABv" for place in np.ndindex(given[name].shape)]


EXPRESSIONS = [
    *(
        "A*v",
        "v*A",
        "A + v",
        "v + A",
        "A - v",
        "v - A",
        "A/v",
        "v/A",
        "A**v",
        "v**A",
        "2**A",
        "A**2",
        "A**0.5",
        "A**-1",
    ),
    *("-A", "+A", "abs(B)", "A*B", "B/A", "A - B", "B + W", "W*B", "W - A", "1 - A", "3*A", "A/3", "A[::-1]*B.T[0, 0]"),
    *(
        "np.ones(2)*v",
        "np.array([1., 2.])*v",
        "v*np.array([1, 2])",
        "np.float64(2)*v",
        "v - np.array(3.0)",
        "v**W[0]**2",
    ),
    *(
        "A.sum()",
        "A.mean()",
        "A.var()",
        "A.std()",
        "A.prod()",
        "A.cumsum()",
        "A.cumprod()",
        "A.dot(A)",
        "B.sum(axis=0)",
    ),
    *("B.mean(axis=1, keepdims=True)", "B.var(axis=0)", "B.std(axis=1)", "B.var(ddof=1)", "(B.T - B.mean(1))/B.std(1)"),
    *("A/A.sum()", "np.exp(A)/np.exp(A).sum()", "W@A + v", "W@A", "A@W.T", "B@A", "B@B.T", "B.T@W", "np.dot(W, A)"),
    *("np.square(v)", "np.square(A)", "np.exp(A)", "np.exp(v)", "np.log(A)", "np.sqrt(A)", "np.tanh(B)", "np.sin(B)"),
    *("np.cos(B)", "np.tan(A)", "np.expm1(B)", "np.log1p(A)", "np.abs(B)", "np.negative(A)", "np.reciprocal(A)"),
    *(
        "np.add(A, v)",
        "np.subtract(v, A)",
        "np.multiply(W, v)",
        "np.divide(v, B)",
        "np.power(A, v)",
        "np.power(v, 2.5)",
    ),
    *(
        "np.maximum(B, v)",
        "np.maximum(v, B)",
        "np.minimum(v, A)",
        "np.clip(B, -0.5, v)",
        "np.sign(v)*A",
        "np.positive(v)",
    ),
    *(
        "np.add.reduce(B)",
        "np.multiply.reduce(A)",
        "np.add.accumulate(A)",
        "np.add.outer(A, A)",
        "np.multiply.outer(A, v)",
    ),
    *(
        "np.subtract.outer(v, B)",
        "np.outer(A, A)",
        "np.inner(A, A)",
        "np.vdot(A, A)",
        "np.kron(A, B)",
        "np.trace(B@B.T)",
    ),
    *(
        "np.einsum('ij,j->i', B, A)",
        "np.tensordot(B, W, 2)",
        "np.convolve(A, [1.0, 2.0])",
        "np.diff(A)",
        "np.cross(A, W[0])",
    ),
    *("np.sum(B)", "np.mean([v, v*v])", "np.prod(B, axis=1)", "np.average(A, weights=[1, 2, 3])", "np.linalg.norm(A)"),
    *(
        "np.cumsum(B)",
        "np.cumsum(B, axis=1)",
        "np.stack([A, A*v])",
        "np.concatenate([A, B[0]])",
        "np.where(A > 1, A, v*A)",
    ),
    *("np.polyval(A, v)", "np.sort(A)[0]*A", "A[np.argmax(A)]*v", "np.median(A)", "np.array([v, 2*v])**2", "sum(A)"),
    *(
        "math.prod(list(A))",
        "functools.reduce(operator.mul, A)",
        "statistics.median([v, v*v])",
        "sorted(A)[1]",
        "max(A)*v",
    ),
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values_compute_as_numbers_do_and_have_their_gradients(expression):
    def f(A, B, v, W):  # noqa: N803
        names = {"A": A, "B": B, "v": v, "W": W, "math": math, "functools": functools, "operator": operator}
        return eval(expression, globals() | names)

    want = f(**NUMBERS)
    given = {name: numbers if name == "W" else values(numbers) for name, numbers in NUMBERS.items()}
    got = f(**given)
    assert np.shape(got) == np.shape(want)
    assert all(isinstance(y, Value) for y in np.ravel(np.array(got, dtype=object)))
    assert [y.data for y in np.ravel(np.array(got, dtype=object))] == pytest.approx(np.ravel(want), rel=1e-14, abs=0)
    total(got).backward()
    assert [leaf.grad for leaf in leaves_of(given)] == pytest.approx(slopes(f, NUMBERS), rel=1e-9, abs=1e-13)


ELEMENTWISE = [op for op in OPS.values() if op.name.isidentifier() and not any(op.lists)]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_the_functions_of_the_table_take_arrays(op):
    """Of Values, of numbers, of both, broadcast; each element is the row's node or number."""
    f = getattr(autograd, op.name)
    count = len(op.inputs)
    numbers = [np.array([[0.3], [0.8]]), np.array([-0.2, 0.4, 0.6]), 0.5][:count]
    want = [f(*map(float, row)) for row in zip(*map(np.ravel, np.broadcast_arrays(*numbers)), strict=True)]
    plain = f(*numbers)
    assert plain.dtype == np.float64
    assert [repr(y) for y in np.ravel(plain).tolist()] == [repr(y) for y in want]  # nan is nan
    for chosen in range(count):
        given = [values(x) if i == chosen else x for i, x in enumerate(numbers)]
        got = f(*given)
        assert got.shape == np.broadcast_shapes(*map(np.shape, numbers))
        assert [(type(y), y.op, repr(y.data)) for y in np.ravel(got)] == [(Value, op, repr(y)) for y in want]


def test_an_operation_is_its_row_of_the_table():
    A, v = values([1.0, 2.0]), Value(2.0)
    for array in (A * v, v * A, np.multiply(A, v), np.array([1.0, 2.0]) * v, A * 3, A * np.float64(3)):
        assert [y.op.name for y in array] == ["*", "*"]
    for array in (np.maximum(A, v), autograd.maximum(A, v), autograd.maximum(v, A), v.maximum(A)):
        assert [y.op.name for y in array] == ["maximum", "maximum"]
    assert [y.op.name for y in np.clip(A, v, 3)] == ["clip", "clip"]
    number = (np.array([5]) * v)[0].inputs[0]
    assert (type(number), number.data, number.grad) == (Constant, 5.0, 0.0)
    tie = np.maximum(values([2.0]), v)[0]
    assert tie.local_derivatives == (0.5, 0.5)


def test_arrays_of_values_and_numbers_mixed():
    v = Value(0.5)
    mixed = np.array([v, 2.0])
    assert [y.data for y in mixed * v] == [0.25, 1.0]
    result = autograd.exp(mixed)
    assert (result[0].op.name, result[1]) == ("exp", math.exp(2.0))
    with pytest.raises(TypeError, match="type float which has no callable exp method"):
        np.exp(mixed)


def test_arrays_without_dimensions_and_without_elements():
    v = Value(2.0)
    box = np.array(v, dtype=object)
    for y in (v * box, box * v, v * np.array(2), np.array(2.0) * v, np.multiply(box, v), autograd.maximum(v, box)):
        assert type(y) is Value
    assert (v * box).data == 4.0
    assert [y.data for y in np.add([1, 2], v)] == [3.0, 4.0]
    assert (np.zeros((0, 3)) * v).shape == (0, 3)
    assert autograd.exp(np.zeros((0, 3))).dtype == np.float64


def test_in_place():
    A, v = values([1.0, 2.0]), Value(3.0)
    before = list(A)
    A += v
    A *= 2
    A[0] -= v
    assert [y.data for y in A] == [5.0, 10.0]
    np.add.at(A, [1], v)
    np.multiply(A, v, out=A)
    assert [y.data for y in A] == [15.0, 39.0]
    A.sum().backward()
    assert ([x.grad for x in before], v.grad) == ([6.0, 6.0], 3 + 9 + 5 + 13)  # 3(2(a + v) - v), 3(2(b + v) + v)
    floats = np.ones(2)
    with pytest.raises(TypeError, match=r"np.add cannot write a Value into an array of float64: write A = A \+ v"):
        floats += v


def test_comparisons_of_arrays_compare_data():
    A, v = values([1.0, 2.0, 3.0]), Value(2.0)
    for answer, want in [
        (A > 1, [False, True, True]),
        (A >= 2, [False, True, True]),
        (v < A, [False, False, True]),
        (v <= np.array([1.0, 2.0, 3.0]), [False, True, True]),
        (np.array([1.0, 2.0, 3.0]) < v, [True, False, False]),
        (np.less(v, A), [False, False, True]),
    ]:
        assert answer.dtype == bool
        assert answer.tolist() == want
    assert np.greater.outer(A, v).tolist() == [False, False, True]
    assert np.argmax(A) == 2
    assert np.argsort(-A).tolist() == [2, 1, 0]
    assert type(np.float64(2) < v) is bool


def test_equality_is_identity():
    xs, v = values([1.0, 2.0]), Value(1.0)
    other = np.array([xs[0], v])
    assert (xs == other).tolist() == (other == xs).tolist() == [True, False]
    assert (xs != other).tolist() == [False, True]
    for answer in (xs == xs[1], np.equal(xs[1], xs)):
        assert answer.tolist() == [False, True]
    assert xs[1] in list(xs)
    assert v not in list(xs)
    assert list(xs).index(xs[1]) == 1
    assert np.array_equal(xs, xs)


def outcome(f):
    try:
        return f()
    except TypeError as error:
        return str(error)


def test_a_number_of_numpy_equals_a_node_as_one_of_python_does():
    v, two = Value(2.0), np.float64(2)
    assert outcome(lambda: two == v) == outcome(lambda: v == 2.0)
    assert outcome(lambda: two != v) == outcome(lambda: v != 2.0)
    assert outcome(lambda: v in [two]) == outcome(lambda: v in [2.0])


def test_comparisons_in_a_recording_are_refused():
    with pytest.raises(RecordingError, match="would decide for all examples"):
        record(lambda x: np.where(np.array(x) > 1, 1.0, 0.0).sum() * x[0], [1.0, 2.0])


A = values([1.0, -2.0])
REFUSED = [
    *(("np.maximum(A, 0)", "Write autograd.maximum"), ("np.minimum(A, 1.5)", "Write autograd.maximum, minimum")),
    *(("np.clip(A, 0, 1)", "minimum, clip, sign"), ("A.clip(0, 1)", "clip"), ("np.clip(A[0], 0, 1)", "clip")),
    *(("np.fmax(A, 0)", "maximum"), ("np.max(A)", r"amax\(list\)"), ("A.min()", "amax"), ("np.ptp(A)", "amax")),
    *(
        ("np.sign(A)", "sign or relu, which take arrays too"),
        ("np.sign(-A)", "sign or relu"),
        ("np.maximum.reduce(A)", "maximum"),
    ),
    *(("max(A[0], 0)", "maximum"), ("min(0, A[0])", "minimum"), ("np.greater_equal(A, 1)", "the operator: A > 0")),
    *(("np.isnan(A[0])", r"no operation of autograd.OPS; .* write np.isnan\(v.data\)"), ("np.isnan(A)", "'isnan'")),
    *(
        ("np.fmin(A[0], 0)", r"np.fmin cannot compute with a Value here"),
        ("np.heaviside(A[0], 0)", "np.heaviside cannot"),
    ),
    *(
        ("np.asarray(A[0], dtype=float)", "Value|float"),
        ("A.astype(float)", "Value|float"),
        ("np.float64(A[0])", "Value"),
    ),
    *(
        ("np.array(A, dtype=float)", "Value|float"),
        ("np.zeros(2) + A.astype('f4')", "Value|float"),
        ("math.fsum(A)", "Value|float"),
    ),
    *(
        ("bool(A.any())", "neither true nor false"),
        ("np.logical_not(A[0])", "np.logical_not cannot"),
        ("A.all()", "neither"),
    ),
    *(("np.ma.array([1.0])*A[0]", "masked array .* number of a Value alone"), ("np.ma.exp(A[0])", "masked array")),
    *(("np.array(['a'])*A[0]", r"expected a real number, got 'a' \(str\)"), ("A*np.array([1j, 1])", r"1j \(complex\)")),
    *(
        (
            "autograd.sum(A.reshape(2, 1))",
            r"sum: expected a list, got an array of shape \(2, 1\): write sum\(A.ravel\(\)\)",
        ),
    ),
    *(("autograd.dot(np.ones((1, 2)), A)", r"write dot\(A.ravel\(\)\)"), ("statistics.fmean(A)", "Value|float")),
    *(("A[0] + [1, 2]", "for many write"), ("Value(A)", r"\(ndarray\); a Value is a scalar"), ("A > 'a'", "'a'")),
]


@pytest.mark.parametrize(("expression", "message"), REFUSED, ids=[expression for expression, _ in REFUSED])
def test_what_would_lose_the_graph_is_refused(expression, message):
    with pytest.raises(TypeError, match=message):
        eval(expression)


def test_no_numpy_where_none_is_needed():
    code = (
        "import sys, autograd; v = autograd.Value(2.0); autograd.maximum(v*2, 1) > 0; assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pythons_own_functions_make_graphs():
    a, b = Value(2.0), Value(3.0)
    total = sum([a, b, 1]) + math.prod([a, b]) + statistics.median([a, b]) + functools.reduce(operator.sub, [a, b])
    total.backward()
    assert (total.data, a.grad, b.grad) == (13.5, 1 + 3 + 0.5 + 1, 1 + 2 + 0.5 - 1)
    assert graph.leaves(total) == [a, b]
