"""Every row of the table: its derivatives against mpmath, its computed form against the textbook's, its other forms."""

import math
import random
import subprocess
import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from oracles import DIGITS, assert_close, derivatives, textbook, textbook_value, torch_functions
from random_graphs import INDICES, in_domain, node

import autograd
from autograd import OpRowError, Value
from autograd.functions import FUNCTIONS
from autograd.table import arrays as array_kernels
from autograd.table.op import Op
from autograd.table.ops import ADD, MUL, OPS

LENGTHS = [1, 2, 3, 5]


def points(op: Op) -> list[list[float]]:
    """Generic points of both signs, away from kinks; flat, as a node has its inputs."""
    rng = random.Random(op.name)
    made = []
    for turn, length in enumerate(LENGTHS):
        sizes = [length if is_list else 1 for is_list in op.lists]
        flat = [rng.choice([-1, 1]) * rng.uniform(0.1, 3.0) for _ in range(sum(sizes))]
        flat[0] = abs(flat[0]) if turn % 2 else -abs(flat[0])
        if op.inputs[-1] in INDICES:
            flat[-1] = float(rng.randrange(length))
        made.append(in_domain(op, flat))
    if op.name == "clip":
        made += [[0.5, -1.0, 2.0], [-1.5, -1.0, 2.0], [2.5, -1.0, 2.0], [0.5, 2.0, -1.0]]
    if op.name == "where":
        made.append([0.0, 1.5, -2.5])
    return made


def check(op: Op, flat: list[float]) -> None:
    """The computed value and partials, and the partials that are shown, against the textbook's value and its slope."""
    y, computed = op.forward(flat)
    with mp.workdps(DIGITS):
        exact = textbook_value(op, flat)
        assert_close(y, exact, 1e-14, "value")
        arguments = op.split([mp.mpf(x) for x in flat])
        shown = []
        by_hand = []
        for argument, formula, derived in zip(arguments, op.partials, op.by_hand, strict=True):
            places = range(len(argument)) if isinstance(argument, list) else [None]
            shown += [textbook(op, formula, arguments, y=exact, i=i) for i in places]
            by_hand += [textbook(op, derived, arguments, y=exact, i=i) for i in places]
        for at, slope in enumerate(derivatives(op, flat)):
            assert_close(computed[at] or 0.0, slope, 1e-13, f"computed partial {at}")
            assert_close(shown[at], slope, 1e-30, f"shown partial {at}")
            assert_close(by_hand[at], slope, 1e-30, f"partial {at} by hand")


CASES = [
    pytest.param(op, flat, id=f"{op.name}{[round(x, 2) for x in flat]}") for op in OPS.values() for flat in points(op)
]


@pytest.mark.parametrize(("op", "flat"), CASES)
def test_value_and_derivatives_against_mpmath(op, flat):
    check(op, flat)


@pytest.mark.parametrize(("op", "flat"), CASES)
def test_numpy_form_equals_the_scalar_form(op, flat):
    """Two nodes on three examples: the point itself, moved, and mirrored (nan where that leaves the domain)."""
    examples = [
        [v if name in INDICES else v * scale for v, name in zip(flat, _names(op, flat), strict=True)]
        for scale in (1, 1.5, -1)
    ]
    nodes = [examples, examples[::-1]]
    y = np.empty((2, 3))
    inputs = [np.array(x) for x in op.split(np.moveaxis(nodes, 2, 0))]  # (2, 3), lists (n, 2, 3)
    scalar = [[op.forward(example) for example in node] for node in nodes]
    kept = array_kernels.room_to_keep(op)
    with np.errstate(all="ignore"):
        for _ in range(2):  # the second time it writes over what it kept
            array_kernels.forward(op)(y, *inputs, *kept)
        np.testing.assert_allclose(y, [[value for value, _ in node] for node in scalar], rtol=1e-12, atol=0)
        partials = np.moveaxis([[local for _, local in node] for node in scalar], 2, 0)  # None where nothing flows
        for name, x, local in zip(op.inputs, inputs, map(np.array, op.split(partials)), strict=True):
            nothing = local == None  # noqa: E711
            want = 2 * np.where(nothing, 0, local).astype(float)
            kernel, exact_kernel = array_kernels.pullback(op, name), array_kernels.exact_pullback(op, name)
            if kernel is None:
                assert exact_kernel is None
                assert nothing.all()
                continue
            flow, exact, none = np.empty(x.shape), np.empty(x.shape), np.empty(x.shape)
            exact_kernel(exact, np.full((2, 3), 2.0), y, *inputs, *kept)
            exact_kernel(none, np.full((2, 3), -0.0), y, *inputs, *kept)
            for form in (kernel, array_kernels.pullback(op, name, short=True)):
                form(flow, np.full((2, 3), 2.0), y, *inputs, *kept)
                np.testing.assert_allclose(flow, want, rtol=1e-12, atol=0)
            np.testing.assert_allclose(exact, want, rtol=1e-12, atol=0)
            np.testing.assert_array_equal((exact == 0) & np.signbit(exact), nothing)  # -0.0 says: nothing flows
            assert np.all((none == 0) & np.signbit(none))


@pytest.mark.oracle
@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_jax_form_equals_the_scalar_form(op):
    """Value and flow at all points, moved and mirrored; where nothing flows, also of inf."""
    jax = pytest.importorskip("jax")
    from autograd.table import jax as jax_kernels

    for flat in points(op):
        examples = [
            [v if name in INDICES else v * scale for v, name in zip(flat, _names(op, flat), strict=True)]
            for scale in (1, 1.5, -1)
        ]
        scalar = [op.forward(example) for example in examples]
        inputs = [np.array(x)[..., None, :] for x in op.split(np.moveaxis(examples, 1, 0))]  # (1, 3), lists (n, 1, 3)
        with jax.enable_x64(True):
            (y, found), back = jax.vjp(jax_kernels.operation(op), *map(jax.numpy.asarray, inputs))
            flows, of_inf = ([*map(np.asarray, back((np.full((1, 3), g), found)))] for g in (2.0, math.inf))
        np.testing.assert_allclose(y[0], [value for value, _ in scalar], rtol=1e-12, atol=0)
        partials = op.split(np.moveaxis([[local for _, local in scalar]], 2, 0))
        for flow, at_inf, local in zip(flows, of_inf, map(np.array, partials), strict=True):
            nothing = local == None  # noqa: E711
            np.testing.assert_allclose(flow, 2 * np.where(nothing, 0, local).astype(float), rtol=1e-12, atol=0)
            assert (at_inf[nothing] == 0).all()


def _names(op: Op, flat: list[float]) -> list[str]:
    length = (len(flat) - op.lists.count(False)) // max(1, op.lists.count(True))
    return [name for name, is_list in zip(op.inputs, op.lists, strict=True) for _ in range(length if is_list else 1)]


@pytest.mark.parametrize(("op", "flat"), CASES)
def test_the_node_and_the_function_follow_the_row(op, flat):
    """A node holds the row's numbers, also a + or * that value.py writes out; a function takes plain numbers."""
    y, partials = op.forward(flat)
    leaves = [Value(x) for x in flat]
    made = node(op, leaves)
    assert (made.data, made.local_derivatives, made.inputs, made.op) == (y, partials, tuple(leaves), op)
    if op in (ADD, MUL):
        written_out = leaves[0] + leaves[1] if op is ADD else leaves[0] * leaves[1]
        assert (written_out.data, written_out.local_derivatives, written_out.op) == (y, partials, op)
    if op.lists == (False, False):  # with a number on one side
        left, right = node(op, [leaves[0], flat[1]]), node(op, [flat[0], leaves[1]])
        assert (left.data, left.local_derivatives) == (y, (partials[0], None))
        assert (right.data, right.local_derivatives) == (y, (None, partials[1]))
    if op.name in FUNCTIONS:
        arguments = op.split(flat)
        if op.inputs[-1] == "k":
            assert FUNCTIONS[op.name](arguments[0])[int(arguments[1])] == y
        else:
            assert FUNCTIONS[op.name](*arguments) == y


@pytest.mark.oracle
@pytest.mark.parametrize(("op", "flat"), CASES)
def test_pytorch_agrees(op, flat):
    function = torch_functions()[op.name]
    if function is None:  # a row that PyTorch does not have: mpmath is its only oracle
        return
    import torch

    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in flat]
    y = function(*op.split(leaves))
    y.backward()
    want, partials = op.forward(flat)
    assert want == pytest.approx(y.item(), rel=1e-12, abs=0)
    for partial, leaf in zip(partials, leaves, strict=True):
        assert (partial or 0.0) == pytest.approx(0.0 if leaf.grad is None else leaf.grad.item(), rel=1e-9, abs=1e-17)


TAILS = ["tanh", "sigmoid", "log_sigmoid", "softplus", "exp", "expm1", "log1p", "erf"]
TAILS += ["erfc", "silu", "gelu", "selu", "sinh", "cosh", "exp2", "asinh", "atan", "cbrt", "reciprocal", "sinc"]


@pytest.mark.parametrize("x", [-1000.0, -700.0, -40.0, -19.0, -1e-9, 1e-9, 19.0, 40.0, 300.0, 1000.0])
@pytest.mark.parametrize("name", TAILS)
def test_stable_and_exact_in_the_tails(name, x):
    """The values and the slopes keep their digits where the textbook's form has lost them (tanh'(19) is 1.3e-16)."""
    if name == "log1p" and x <= -1:
        return
    y, (partial,) = OPS[name].forward([x])
    with mp.workdps(1000):
        exact = textbook_value(OPS[name], [x])
        slope = textbook(OPS[name], OPS[name].partials[0], [mp.mpf(x)], y=exact)
    for got, want in ((y, exact), (partial, slope)):
        if abs(want) > mp.mpf(1.7e308):
            assert got == math.copysign(math.inf, want)
        elif abs(want) < mp.mpf(2.3e-308):  # below the normal numbers: 0 or what is left of the digits
            assert got == pytest.approx(float(want), abs=5e-324)
        else:
            assert_close(got, want, 1e-13, f"{name} at {x}")


@pytest.mark.oracle
@pytest.mark.parametrize("name", TAILS)
def test_jax_is_stable_in_the_tails(name):
    """As the scalar form is; XLA takes numbers below the normal ones for 0."""
    jax = pytest.importorskip("jax")
    from autograd.table import jax as jax_kernels

    xs = [
        x for x in (-1000.0, -700.0, -40.0, -19.0, -1e-9, 1e-9, 19.0, 40.0, 300.0, 1000.0) if x > -1 or name != "log1p"
    ]
    want = np.array([[y, partial] for y, (partial,) in map(OPS[name].forward, [[x] for x in xs])]).T
    with jax.enable_x64(True):
        (y, found), back = jax.vjp(jax_kernels.operation(OPS[name]), jax.numpy.array([xs]))
        (slope,) = back((np.ones_like(y), found))
    np.testing.assert_allclose([y[0], slope[0]], want, rtol=1e-12, atol=2.3e-308)


@pytest.mark.parametrize(
    ("name", "flat"),
    [
        *[
            (name, [sign * (1 - d)])
            for name in ("asin", "acos", "atanh")
            for sign in (1, -1)
            for d in (1e-3, 1e-9, 1e-15)
        ],
        *[("acosh", [x]) for x in (1 + 1e-15, 1 + 1e-9, 1e9, 1e200)],
        *[("sinc", [x]) for x in (1e-300, 1e-5, 0.299, 0.301, -0.3, 41.5, 1e6 + 0.1)],
        *[("logaddexp", x) for x in ([1000.0, 999.0], [-1000.0, 1000.0], [-1000.0, -1040.0], [0.0, 50.0])],
        *[("hypot", x) for x in ([1e-300, 1e-300], [1e300, 1e290], [1e-9, 1.0])],
        *[("atan2", x) for x in ([1e-9, -1.0], [1e9, 1e-3], [1e200, 1e199])],
        *[("norm", x) for x in ([1e-300, -1e-300, 0.0], [1e300, 1e290], [1.0, 1e-9, 1e-9])],
        *[("var", x) for x in ([1e9, 1e9 + 1, 1e9 + 3], [-1e-9, 1e-9, 4e-9])],
        *[("std", x) for x in ([1e9, 1e9 + 1, 1e9 + 3], [-1e-200, 1e-200, 3e-200], [1e300, 1.1e300, 1.5e300])],
        *[("prod", x) for x in ([1e200, 1e-200, 3.0], [1e-150, 1e100, 1e-100], [2.0] * 40)],
        *[("%", x) for x in ([1e9, 0.3], [-1e-9, 0.7], [1.0, 0.1], [0.3, 0.1])],
    ],
)
def test_exact_near_the_edges_of_a_domain_and_far_out(name, flat):
    y, computed = OPS[name].forward(flat)
    with mp.workdps(1000):
        arguments = OPS[name].split([mp.mpf(x) for x in flat])
        exact = textbook_value(OPS[name], flat)
        shown = [
            textbook(OPS[name], formula, arguments, y=exact, i=i)
            for argument, formula in zip(arguments, OPS[name].partials, strict=True)
            for i in (range(len(argument)) if isinstance(argument, list) else [None])
        ]
        for got, want in zip((y, *computed), (exact, *shown), strict=True):
            if abs(want) < mp.mpf(2.3e-308):
                assert got == pytest.approx(float(want), abs=5e-324)
            else:
                assert_close(got, want, 1e-13, f"{name} at {flat}")


@pytest.mark.parametrize(
    "xs", [[1000.0, 999.0, -1000.0], [-1000.0, -1001.0], [0.0, 50.0], [800.0, 0.0], [3.0, 3.0, 3.0]]
)
@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_lists_are_stable_and_exact_in_the_tails(name, xs):
    for k in range(len(xs) if name != "logsumexp" else 1):
        flat = xs if name == "logsumexp" else [*xs, float(k)]
        y, computed = OPS[name].forward(flat)
        with mp.workdps(1000):
            arguments = OPS[name].split([mp.mpf(x) for x in flat])
            exact = textbook_value(OPS[name], flat)
            shown = [textbook(OPS[name], OPS[name].partials[0], arguments, y=exact, i=i) for i in range(len(xs))]
        for got, want in zip((y, *computed), (exact, *shown), strict=False):
            if abs(want) < mp.mpf(2.3e-308):
                assert got == pytest.approx(float(want), abs=5e-324)
            else:
                assert_close(got, want, 1e-13, f"{name} at {xs}, {k}")


# --- rows that are wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("swish", "x", "x*sigmiod(x)", ["1"]), r"row 'swish': unknown name 'sigmiod' in 'x\*sigmiod\(x\)'"),
        (
            ("square", "x", "x*x", ["2*z"]),
            r"row 'square': unknown name 'z' in '2\*z'; its inputs are x, its result is y",
        ),
        (("square", "x", "x*x", ["2*x)"]), r"row 'square': cannot read '2\*x\)'"),
        (("hypot", "a, b", "sqrt(a*a + b*b)", ["a/y"]), r"row 'hypot': 2 inputs \(a, b\) but 1 partials"),
        (("double", "x", "x+x+w", ["2"], {"computed": "y = 2*x"}), "unknown name 'w' in 'x.x.w'"),
        (("double", "x", "2*x", ["2"], {"computed": "y = w*x"}), r"unknown name 'w' in 'w\*x'"),
        (("double", "x", "2*x", ["2"], {"by_hand": ["w*x"]}), r"unknown name 'w' in 'w\*x'"),
        (
            ("hypot", "a, b", "sqrt(a*a + b*b)", ["a/y", "b/y"], {"by_hand": ["a/y"]}),
            r"2 inputs \(a, b\) but 1 partials",
        ),
        (("tanh", "x", "tanh(x)", ["1 - y*y"]), "row 'tanh' stands in the table twice"),
    ],
)
def test_a_misspelt_row_fails_at_import_and_names_row_and_formula(row, message):
    before = dict(OPS)
    columns = row[4] if len(row) > 4 else {}
    with pytest.raises(OpRowError, match=message):
        autograd.table.ops.op(*row[:4], **columns)
    assert before == OPS


@pytest.mark.parametrize(
    ("name", "partials", "columns"),
    [
        ("tanh", ["1 - y"], {}),
        ("sigmoid", ["y*(1 + y)"], {}),
        ("tanh", ["1 - y*y"], {"computed": "dx = 1 - y*y + 1e-12"}),
        ("*", ["a", "b"], {}),
        ("/", ["1/b", "y/b"], {}),
        ("/", ["1/b", "-y/b"], {"by_hand": ["1/b", "a/b**2"]}),
        ("relu", ["1"], {}),
        ("dot", ["a[i]", "b[i]"], {}),
        ("softmax", ["y*(1 - y) if i == k else 0", "0"], {}),
    ],
)
def test_a_planted_wrong_rule_is_caught(name, partials, columns):
    """The tests above are worth something: a wrong derivative, shown or computed, does not pass them."""
    good = OPS[name]
    wrong = Op(name, good.signature, good.value, partials, **columns)
    with pytest.raises(AssertionError, match="partial"):
        check_at_all_points(wrong)


def check_at_all_points(op: Op) -> None:
    for flat in points(op):
        check(op, flat)


def test_adding_an_operation_is_adding_one_row():
    """In a process of its own, because functions are made from the table when autograd is imported."""
    # The package's __init__ imports functions.py after ops.py; a row that comes between is all that it takes.
    code = "import sys, types; package = types.ModuleType('autograd'); package.__path__ = [sys.argv[1]]; "
    code += "sys.modules['autograd'] = package; import autograd.table.ops; "
    code += "autograd.table.ops.op('bell', 'x', 'exp(-x*x)', ['-2*x*y']); "
    code += "del sys.modules['autograd']; import autograd; "
    code += "x = autograd.Value(0.5); y = x.bell() * 2 - autograd.bell(0.5); y.backward(); print(y.data, x.grad)"
    folder = str(Path(autograd.__file__).parent)
    result = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    value, gradient = map(float, result.stdout.split())
    assert value == pytest.approx(math.exp(-0.25), rel=1e-15)
    assert gradient == pytest.approx(-2 * math.exp(-0.25), rel=1e-15)
