"""Orders 1 to 3 against mpmath at 60 digits and PyTorch: of every row, in the tails, of random graphs."""

import functools
import math
import random

import mpmath as mp
import pytest
from oracles import DIGITS, assert_close, textbook_value, torch_functions
from random_graphs import INDICES, blocks, corpus, in_domain, node, recipe

from autograd import Value
from autograd.derivatives.transform import grad, hessian
from autograd.functions import FUNCTIONS
from autograd.table.ops import OPS

STENCILS = {  # central differences of order 1 to 3, at multiples of the step
    1: {1: mp.mpf(1) / 2, -1: -mp.mpf(1) / 2},
    2: {1: 1, 0: -2, -1: 1},
    3: {2: mp.mpf(1) / 2, 1: -1, -1: 1, -2: -mp.mpf(1) / 2},
}


def exact(f, order, step, noise):
    """The derivative of f at 0 by central differences in the arithmetic of mpmath."""
    total = mp.fsum(weight * f(at * step) for at, weight in STENCILS[order].items())
    slope = total / step**order
    return slope if abs(slope) > noise else mp.mpf(0)


def derivatives_along(f, order):
    """f, f', f'', ... as functions."""
    made = [f]
    for _ in range(order):
        made.append(grad(made[-1]))
    return made[1:]


# --- every row ----------------------------------------------------------------------------------------------

DISTANCES = {"hypot", "norm", "std"}


def lines_through(op):
    """Points of both signs with directions: along each input, and across."""
    rng = random.Random(op.name)
    for turn, length in enumerate([1, 2, 3, 4]):
        sizes = [length if is_list else 1 for is_list in op.lists]
        point = [rng.choice([-1, 1]) * rng.uniform(0.2, 2.5) for _ in range(sum(sizes))]
        point[0] = abs(point[0]) if turn % 2 else -abs(point[0])
        places = len(point)
        if op.inputs[-1] in INDICES:
            places -= 1
            point[-1] = float(rng.randrange(length))
        point = in_domain(op, point)
        across = [rng.uniform(0.3, 1.0) if i < places else 0.0 for i in range(len(point))]
        for i in range(places):
            yield point, [float(i == j) for j in range(len(point))]
        yield point, across


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_row_to_third_order(op):
    for point, direction in lines_through(op):

        def along(t):
            return node(op, [x + t * d if d else x for x, d in zip(point, direction, strict=True)])  # noqa: B023

        with mp.workdps(100):

            def reference(t):
                return textbook_value(op, [mp.mpf(x) + t * d for x, d in zip(point, direction, strict=True)])  # noqa: B023

            for order, derivative in enumerate(derivatives_along(along, 3), 1):
                want = exact(reference, order, mp.mpf(10) ** -20, mp.mpf(10) ** -30)
                scale = 1e-11 if op.inputs[-1] == "k" or op.name in ("logsumexp", "**") else 1e-12
                if op.name in DISTANCES and abs(want) < 1e-4:  # nearly away from the origin, where it is straight
                    assert abs(derivative(0.0) - want) <= 1e-16
                    continue
                assert_close(derivative(0.0), want, scale, f"order {order} at {point} along {direction}")


# --- the tails -----------------------------------------------------------------------------------------------

TAILS = ["tanh", "sigmoid", "log_sigmoid", "softplus", "erf", "exp", "expm1", "log1p"]
TAILS += ["erfc", "silu", "gelu", "selu", "sinh", "cosh", "exp2", "asinh"]


@pytest.mark.parametrize("x", [-1000.0, -700.0, -40.0, -19.0, 19.0, 40.0, 700.0, 1000.0])
@pytest.mark.parametrize("name", TAILS)
def test_three_orders_are_exact_in_the_tails(name, x):
    if name == "log1p" and x <= -1:
        return
    with mp.workdps(1000):

        @functools.cache  # the stencils share points
        def reference(t):
            return textbook_value(OPS[name], [mp.mpf(x) + t])

        for order, derivative in enumerate(derivatives_along(FUNCTIONS[name], 3), 1):
            want = exact(reference, order, mp.mpf(10) ** -140, mp.mpf(10) ** -600)
            got = derivative(x)
            if abs(want) > mp.mpf(1.7e308):
                assert got == math.copysign(math.inf, want)
            elif abs(want) < mp.mpf(1e-303):  # at the edge of the normal numbers
                assert abs(got) < 1e-303
            else:
                assert_close(got, want, 1e-14, f"order {order}")


@pytest.mark.parametrize("x", [0.0, 1e-9, -1e-3, 0.1, -0.299, 0.301, 0.5, 2.75])
def test_four_orders_of_sinc_near_0(x):
    with mp.workdps(200):
        z = mp.pi * mp.mpf(x)

        def term(k, order):  # of the order-th derivative of sin(πx)/(πx), as a power series in z
            return (-1) ** k * mp.ff(2 * k, order) * z ** (2 * k - order) / mp.factorial(2 * k + 1) * mp.pi**order

        for order, derivative in enumerate(derivatives_along(FUNCTIONS["sinc"], 4), 1):
            want = mp.fsum(term(k, order) for k in range((order + 1) // 2, 60))
            assert_close(derivative(x), want, 1e-12, f"order {order}")


@pytest.mark.parametrize("xs", [[1000.0, 999.0, -1000.0], [40.0, 0.0], [-1000.0, -1001.0], [0.0, 50.0, 49.0]])
@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_hessians_of_lists_are_exact_in_the_tails(name, xs):
    for k in range(1 if name == "logsumexp" else len(xs)):

        def f(x):
            y = FUNCTIONS[name](x)
            return y[k] if isinstance(y, list) else y  # noqa: B023

        got = hessian(f)(xs)
        assert [list(column) for column in zip(*got, strict=True)] == [pytest.approx(row, rel=1e-12) for row in got]
        with mp.workdps(1000):
            p = [mp.exp(x) for x in map(mp.mpf, xs)]
            p = [one / mp.fsum(p) for one in p]
            for i in range(len(xs)):
                for j in range(len(xs)):
                    h = -(p[i] * (int(i == j) - p[j]))  # of log_softmax; by the textbook
                    if name == "logsumexp":
                        h = -h
                    if name == "softmax":
                        h = p[k] * ((int(i == k) - p[i]) * (int(j == k) - p[j]) + h)
                    largest = max(max(map(abs, row)) for row in got)  # beside which others may be lost to rounding
                    assert got[i][j] == pytest.approx(float(h), rel=1e-11, abs=1e-16 * largest + 1e-300)


# --- random graphs ------------------------------------------------------------------------------------------


def value_of(made):
    """The recipe as a function of its list of leaves, in Values."""
    return lambda leaves: made.follow(leaves, node)[-1]


def direction_of(made):
    rng = random.Random(len(made.steps))
    return [rng.uniform(0.3, 1.0) * rng.choice([-1, 1]) for _ in made.leaves]


@pytest.mark.parametrize("seed", corpus(60))
def test_random_graphs_equal_mpmath(seed):
    """The Hessian is symmetric; one of its rows, and the third derivative along a line, are right."""
    made = recipe(seed)
    f, x, v = value_of(made), made.leaves, direction_of(made)
    h = hessian(f)(x)
    scale = max(max(map(abs, row)) for row in h)
    for i, row in enumerate(h):
        for j, one in enumerate(row):
            assert one == pytest.approx(h[j][i], rel=1e-9, abs=1e-14 * scale)

    def exactly(point):
        return made.follow(point, textbook_value, mp.mpf)[-1]

    def third(t):
        return f([a + t * d for a, d in zip(x, v, strict=True)])

    with mp.workdps(DIGITS):
        step = mp.mpf(10) ** -10
        for j in range(len(x)):  # row 0, from the slopes along j on both sides of x[0]

            def slope_along_j(t):
                def moved(s):
                    return exactly([mp.mpf(a) + (t if i == 0 else 0) + (s if i == j else 0) for i, a in enumerate(x)])  # noqa: B023

                return exact(moved, 1, step, 0)

            want = exact(slope_along_j, 1, step, mp.mpf(10) ** -16)
            assert_close(h[0][j], want, 1e-7, f"d²f/dx0dx{j}")
        line = exact(
            lambda t: exactly([mp.mpf(a) + t * d for a, d in zip(x, v, strict=True)]), 3, step, mp.mpf(10) ** -16
        )
        assert_close(grad(grad(grad(third)))(0.0), line, 1e-7, "third derivative along a line")


@pytest.mark.oracle
@pytest.mark.parametrize("seeds", blocks(corpus(100), 10), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_random_graphs_equal_pytorch(seeds):
    functions = torch_functions()
    import torch

    def constant(x):
        return torch.tensor(x, dtype=torch.float64)

    compared = 0
    for seed in seeds:
        made = recipe(seed)
        x, v = made.leaves, direction_of(made)

        def theirs(leaves):
            return made.follow(list(leaves), lambda op, flat: functions[op.name](*op.split(flat)), constant)[-1]  # noqa: B023

        def same(got, want, scale):
            assert got == pytest.approx(want, rel=1e-7, abs=1e-13 * scale), f"graph {seed}"  # noqa: B023

        want = torch.autograd.functional.hessian(theirs, constant(x))
        got = hessian(value_of(made))(x)
        if not want.isfinite().all():  # where it multiplies a mask's 0 with inf
            continue
        compared += 1
        scale = float(want.abs().max())  # PyTorch's own rounding of what cancels; mpmath, above, is strict there
        for i, row in enumerate(got):
            for j, one in enumerate(row):
                same(one, want[i, j].item(), scale)

        t = torch.zeros((), dtype=torch.float64, requires_grad=True)
        slope, slopes = theirs(constant(x) + t * constant(v)), []
        for _ in range(3):
            if slope.requires_grad:
                (slope,) = torch.autograd.grad(slope, t, create_graph=True, materialize_grads=True)
            else:
                slope = torch.zeros(())
            slopes.append(slope.item())
        ours = derivatives_along(lambda t: value_of(made)([a + t * d for a, d in zip(x, v, strict=True)]), 3)  # noqa: B023
        for one, other in zip(ours, slopes, strict=True):
            if not math.isfinite(other):
                continue
            same(one(0.0), other, abs(slopes[0]) + abs(slopes[1]))
    assert compared >= 0.8 * len(seeds)


def test_the_derivative_graph_has_the_gradients_of_backward():
    from autograd.derivatives.adjoints import differentiate

    for seed in corpus(200):
        leaves, root = recipe(seed).build()
        root.backward()
        for derivative, leaf in zip(differentiate(root, leaves), leaves, strict=True):
            assert isinstance(derivative, Value)
            assert derivative.data == pytest.approx(leaf.grad, rel=1e-10, abs=0)
