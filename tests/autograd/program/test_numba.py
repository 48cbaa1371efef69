"""The Numba executor: its kernels of every row, its neurons, its tiles."""

import math
import os
import random
import subprocess
import sys
from itertools import product
from textwrap import dedent

import numpy as np
import pytest
from random_graphs import INDICES, corpus, in_domain, recipe

from autograd import OpRowError, Value
from autograd.program.blocks import Blocks
from autograd.program.executors.on_numba import code as numba_code
from autograd.program.executors.on_numba import functions as numba_functions
from autograd.program.executors.on_numba import kernels as numba_kernels
from autograd.program.executors.on_numba.code import FEW
from autograd.program.executors.on_numba.executor import NumbaExecutor, prepared
from autograd.program.executors.on_numpy.executor import NumpyExecutor
from autograd.program.lower import lowered
from autograd.program.powers import ROWS
from autograd.program.recording import record_graph
from autograd.program.tape import AFFINE, Tape
from autograd.table.arithmetic import pick
from autograd.table.op import Op
from autograd.table.ops import ADD, MUL, OPS

numba = pytest.importorskip("numba")

inf, nan = math.inf, math.nan
SIZES = [1, FEW, FEW + 1, 7, 100]
SIZE = 3  # of lists
EVERY_ROW = [*dict.fromkeys([*OPS.values(), *ROWS.values()])]


def executor(tape: Tape) -> NumbaExecutor:
    return NumbaExecutor(prepared(tape))


def leaves(tape: Tape, count: int) -> list[int]:
    return [tape.leaf(Value(0.0)) for _ in range(count)]


# --- the rows -------------------------------------------------------------------------------------------


def operands(op: Op) -> list[str]:
    """The names of a node's inputs, lists flat."""
    return [name for name, is_list in zip(op.inputs, op.lists, strict=True) for _ in range(SIZE if is_list else 1)]


def rows(op: Op, nodes: int) -> tuple[Tape, list[int]]:
    """Nodes of one operation, of inputs of their own: an output is the sum of them all, weighted; then come they."""
    tape = Tape()
    each = len(operands(op))
    tape.inputs = leaves(tape, nodes * (each + 1))
    tape.parameters = leaves(tape, nodes * each)
    x = [tape.node(ADD, pair) for pair in zip(tape.inputs, tape.parameters, strict=False)]
    made = [tape.node(op, tuple(x[k * each : (k + 1) * each])) for k in range(nodes)]
    weighted = [tape.node(MUL, pair) for pair in zip(tape.inputs[nodes * each :], made, strict=True)]
    tape.outputs = [tape.node(OPS["sum"], tuple(weighted)), *made]
    return tape, made


def generic(op: Op, rng: random.Random, positive: bool) -> list[float]:
    """The inputs of a node."""
    x = [rng.uniform(0.1, 2.5) * (1 if positive else rng.choice([-1, 1])) for _ in operands(op)]
    if positive:
        x = in_domain(op, x)
    if rng.random() < 0.3:
        x[-1] = x[0]  # a tie
    if op.inputs[-1] in INDICES:
        x[-1] = float(rng.randrange(SIZE))
    return x


@pytest.mark.usefixtures("shared_module")
@pytest.mark.parametrize("m", SIZES)
@pytest.mark.parametrize("op", EVERY_ROW, ids=lambda op: op.name)
def test_values_and_flows_of_every_row(op, m):
    nodes = 3
    rng = random.Random(f"{op.name} {m}")
    tape, _ = rows(op, nodes)
    run = executor(tape)
    for positive in (True, False):
        points = [[generic(op, rng, positive) for _ in range(m)] for _ in range(nodes)]
        scalar = [[op.forward(point) for point in examples] for examples in points]
        x = np.concatenate(points, axis=1)
        weights = np.array([[rng.uniform(0.5, 2.0) for _ in range(nodes)] for _ in range(m)])
        outputs, _, grads = run.gradient(np.zeros(x.shape[1]), [x, weights], m)
        np.testing.assert_allclose(outputs[1:], [[y for y, _ in row] for row in scalar], rtol=1e-13, atol=0)
        partials = np.array([[[d or 0.0 for d in local] for _, local in row] for row in scalar])  # (nodes, m, each)
        terms = partials * weights.T[:, :, None]
        if np.isfinite(terms).all():
            tolerance = 1e-13 * abs(terms).mean(axis=1)
            assert np.all(abs(grads.reshape(nodes, -1) - terms.mean(axis=1)) <= tolerance)
        else:
            assert not positive


SPECIAL = [nan, inf, -inf, 0.0, -0.0, 1.0, -2.5, 800.0, -800.0, 1e-310]


@pytest.mark.usefixtures("shared_module")
@pytest.mark.parametrize("m", [1, 9])
@pytest.mark.parametrize("op", [op for op in EVERY_ROW if not any(op.lists)], ids=lambda op: op.name)
def test_special_values(op, m):
    """As the row has them in floats, to the sign of a zero."""
    tape = Tape()
    tape.inputs = leaves(tape, len(op.inputs))
    tape.outputs = [tape.node(op, tuple(tape.inputs))]
    run = executor(tape)
    for point in product(SPECIAL, repeat=len(op.inputs)):
        got = run.outputs(np.empty(0), [np.array([point] * m)], m)[0]
        want = op.forward(point)[0]
        np.testing.assert_allclose(got, want, rtol=1e-15 if abs(want) > 1e-300 else 0, atol=1e-323)
        assert np.signbit(got).all() == (math.copysign(1.0, want) < 0) or want != 0


def test_what_a_mask_cuts_off():
    """Nothing flows to the side that is not chosen, not even inf · 0; through an edge that is there, that is nan."""
    tape = Tape()
    tape.inputs = leaves(tape, 1)
    tape.parameters = leaves(tape, 1)
    x = tape.node(ADD, (tape.inputs[0], tape.parameters[0]))
    masked = tape.node(OPS["relu"], (tape.node(OPS["/"], (tape.constant(-1.0), x)),))
    tape.outputs = [masked]
    outputs, mean, grads = executor(tape).gradient(np.zeros(1), [np.array([[2.0]])], 1)
    assert (outputs[0, 0], mean, grads.tolist()) == (0.0, 0.0, [0.0])
    assert executor(tape).gradient(np.zeros(1), [np.array([[0.0]])], 1)[2] is None


@pytest.mark.parametrize("m", SIZES)
@pytest.mark.parametrize("k", [3.0, -1.0, 0.5, nan, inf])
@pytest.mark.parametrize("name", ["take", "softmax", "log_softmax"])
def test_an_index_that_is_none(name, k, m):
    tape = Tape()
    tape.inputs = leaves(tape, SIZE + 1)
    tape.outputs = [tape.node(OPS[name], tuple(tape.inputs))]
    run = executor(tape)
    x = np.ones((m, SIZE + 1))
    x[m // 2, -1] = k
    with pytest.raises(IndexError) as ours:
        run.outputs(np.empty(0), [x], m)
    with pytest.raises(IndexError) as eager:
        pick([0.0] * SIZE, k)
    assert str(ours.value) == str(eager.value)
    x[:, -1] = 2.0
    assert np.isfinite(run.outputs(np.empty(0), [x], m)).all()


def test_exp_and_tanh():
    rng = random.Random(0)
    points = [rng.uniform(-709, 709) for _ in range(2000)] + [rng.uniform(-2, 2) for _ in range(2000)]
    for x in [*points, *(rng.choice([-1, 1]) * 10 ** rng.uniform(-300, -1) for _ in range(500))]:
        with np.errstate(over="ignore"):
            assert numba_functions.exp(x) == pytest.approx(math.exp(x), rel=3e-16, abs=0)
            assert numba_functions.tanh(x) == pytest.approx(math.tanh(x), rel=5e-16, abs=0)


def test_logarithms():
    """To 1 and to 1.5 ulp: also near 1, near the ends of a binade, and where there are no normal floats."""
    rng = random.Random(0)
    near = [rng.choice([-1, 1]) * 10 ** rng.uniform(-18, -0.1) for _ in range(2000)]
    far = [10 ** rng.uniform(-323, 308) for _ in range(2000)]
    ends = [c * 2.0**n for n in range(-1070, 1020, 10) for c in (1.0, math.sqrt(2), math.nextafter(math.sqrt(2), 0))]
    with np.errstate(all="ignore"):
        for x in [*far, *ends, *(1 + d for d in near)]:
            assert abs(numba_functions.log(x) - math.log(x)) <= 1.01 * math.ulp(math.log(x))
        for x in [*far, *near]:
            assert abs(numba_functions.log1p(x) - math.log1p(x)) <= 2 * math.ulp(math.log1p(x))


# --- neurons --------------------------------------------------------------------------------------------


def neurons(w_at: np.ndarray, x_at: np.ndarray, b_at: np.ndarray) -> Tape:
    """Neurons whose w (k, n) and b (k,) are among some parameters, and x (p, n) among some inputs and what follows."""
    tape = Tape()
    tape.inputs = leaves(tape, int(x_at.max()) + 1)
    tape.parameters = leaves(tape, int(max(w_at.max(), b_at.max())) + 1)
    hidden = [tape.node(MUL, (x, tape.parameters[0])) for x in tape.inputs]
    z = [
        tape.node(AFFINE, (*(tape.parameters[i] for i in w), *(hidden[i] for i in x), tape.parameters[b]))
        for x in x_at
        for w, b in zip(w_at, b_at, strict=True)
    ]
    tape.outputs = [tape.node(OPS["dot"], (*z, *z)), *z]
    return tape


def grid(rows: int, columns: int, row_step: int, step: int, start: int = 0) -> np.ndarray:
    return start + row_step * np.arange(rows)[:, None] + step * np.arange(columns)


def shuffled(rows: int, columns: int, seed: int) -> np.ndarray:
    """Any places, some of them several times."""
    return np.random.default_rng(seed).integers(0, rows * columns, (rows, columns))


LAYOUTS = {
    "in a row": lambda k, n, p: (grid(k, n, n, 1), grid(p, n, n, 1), k * n + np.arange(k)),
    "b behind w": lambda k, n, p: (grid(k, n, n + 1, 1), grid(p, n, n, 1), grid(1, k, 0, n + 1, n)[0]),
    "transposed": lambda k, n, p: (grid(k, n, 1, k), grid(p, n, 1, p), k * n + np.arange(k)),
    "overlapping": lambda k, n, p: (grid(k, n, n, 1), grid(p, n, 1, 1), np.arange(k)),
    "shuffled": lambda k, n, p: (shuffled(k, n, 1), shuffled(p, n, 2), shuffled(k, k, 3)[0]),
}


@pytest.mark.parametrize(("k", "n", "p"), [(1, 1, 1), (1, 5, 1), (5, 2, 1), (4, 3, 1), (3, 1, 3), (5, 9, 3), (6, 8, 3)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_neurons(layout, k, n, p):
    places = LAYOUTS[layout](k, n, p)
    rng = np.random.default_rng(0)
    blocks = Blocks(neurons(*places))
    ours, numpys = executor(neurons(*places)), NumpyExecutor(blocks)
    tape = blocks.tape
    theta = rng.uniform(0.5, 1.5, len(tape.parameters))
    for m in SIZES:
        x = rng.uniform(0.5, 1.5, (m, len(tape.inputs)))
        assert_agree(ours.gradient(theta, [x], m), numpys.gradient(theta, [x], m), rtol=1e-13)


def assert_agree(got, want, rtol=1e-12):
    for ours, numpys in zip(got, want, strict=True):
        np.testing.assert_allclose(ours, numpys, rtol=rtol, atol=0)


# --- programs -------------------------------------------------------------------------------------------


def program(seed: int) -> tuple[Tape, np.ndarray, np.ndarray]:
    """A random graph, half of its leaves parameters; their numbers, and those of 1000 examples near to them."""
    made = recipe(seed)
    nodes, root = made.build()
    half = len(nodes) // 2
    tape = lowered(record_graph(root, nodes[half:], nodes[:half])[0])
    x = np.random.default_rng(seed).normal(made.leaves[half:], 1e-4, (1000, len(nodes) - half))
    return tape, np.array(made.leaves[:half]), x


@pytest.mark.parametrize("seed", corpus(40))
def test_random_graphs_as_numpy_computes_them(seed, monkeypatch):
    """However wide the tiles are."""
    tape, theta, x = program(seed)
    numpys = NumpyExecutor(Blocks(tape))
    for tile in (numba_code.TILE_BYTES, 1):
        monkeypatch.setattr(numba_code, "TILE_BYTES", tile)
        ours = executor(tape)
        for m in (1, 2, 7, 100, 1000):
            got, want = ours.gradient(theta, [x[:m]], m), numpys.gradient(theta, [x[:m]], m)
            assert_agree(got[:2], want[:2])
            np.testing.assert_allclose(got[2], want[2], rtol=1e-12, atol=1e-14 * abs(want[2]).max())


@pytest.mark.parametrize("seed", corpus(10))
def test_what_was_left_of_another_run_does_not_matter(seed):
    """Adjoints are stored where they are the first, and elsewhere filled with 0 before: none is read that is old."""
    tape, theta, x = program(seed)
    run = executor(tape)
    for m in (2, 100):
        want = run.gradient(theta, [x[:m]], m)
        code = run.few if m <= FEW else run.many
        code.a[:] = nan
        assert_agree(run.gradient(theta, [x[:m]], m), want, rtol=0)


def test_columns_of_any_kind():
    """Of whole numbers, not in one piece, not to be written to."""
    tape = Tape()
    tape.inputs = leaves(tape, 3)
    tape.outputs = [tape.node(OPS["sum"], tuple(tape.inputs))]
    run = executor(tape)
    x = np.arange(12).reshape(6, 2)
    y = np.broadcast_to(0.5, (6, 1))
    assert run.outputs(np.empty(0), [x, y], 6)[0].tolist() == [1.5, 5.5, 9.5, 13.5, 17.5, 21.5]
    assert run.outputs(np.empty(0), [x[::2], y[::2]], 3)[0].tolist() == [1.5, 9.5, 17.5]


def test_no_inputs_and_no_parameters():
    tape = Tape()
    leaf = tape.leaf(Value(3.0))
    tape.outputs = [tape.node(MUL, (leaf, leaf))]
    run = executor(tape)
    outputs, mean, grads = run.gradient(np.empty(0), [], 5)
    assert (outputs.tolist(), mean, grads.tolist()) == ([[9.0] * 5], 9.0, [])
    tape.leaves[leaf].data = 2.0
    assert run.outputs(np.empty(0), [], 2).tolist() == [[4.0, 4.0]]


# --- compiling ------------------------------------------------------------------------------------------


def test_an_uncommon_row_is_compiled_for_the_programs_that_have_it():
    common = numba_kernels.table([])
    assert OPS["tanh"] in common
    assert OPS["atan2"] not in common
    with_it = numba_kernels.table([AFFINE, OPS["atan2"], None, OPS["tanh"]])
    assert set(with_it) == {*common, OPS["atan2"]}
    assert [op for op in EVERY_ROW if op in with_it] == list(with_it)


SMALL_TABLE = """
    import numpy as np
    from autograd.table.ops import OPS, op
    from autograd.program.executors.on_numba.executor import NumbaExecutor, prepared
    from autograd.program.tape import Tape
    from autograd.program.blocks import Blocks
    from autograd.value import Value

    new = op("energy", "*x, max", "max*sum(u*u for u in x)/sum(1 if u > 0 else 2 for u in x)",
             ["2*max*x[i]/sum(1 if u > 0 else 2 for u in x)", "y/max"])
    for name in OPS.keys() - {"+", "energy"}:
        del OPS[name]

    tape = Tape()
    tape.inputs = [tape.leaf(Value(0.0)) for _ in range(3)]
    tape.parameters = [tape.leaf(Value(0.0)) for _ in range(3)]
    tape.outputs = [tape.node(new, tuple(tape.node(OPS["+"], pair) for pair in zip(tape.inputs, tape.parameters)))]
    run = NumbaExecutor(prepared(tape))
    for m in (1, 9):
        outputs, mean, grads = run.gradient(np.zeros(3), [np.array([[3.0, -3.0, 2.0]] * m)], m)
        print(outputs[0, 0], mean, grads)
"""


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | environment)


def test_another_table_is_compiled_once(tmp_path):
    """With a row of one's own: a partial derivative has a sum in each element, an input is called like a function."""
    first = run_python(SMALL_TABLE, NUMBA_CACHE_DIR=str(tmp_path))
    assert first.stdout == "12.0 12.0 [ 4. -4.  6.]\n" * 2
    assert first.stderr.startswith(f"chainrule: compiling the Numba kernels, once; they are kept in {tmp_path}")
    assert first.stderr.endswith(" s\n")
    second = run_python(SMALL_TABLE, NUMBA_CACHE_DIR=str(tmp_path))
    assert (second.stdout, second.stderr) == (first.stdout, "")


def test_a_row_that_makes_no_loop():
    row = Op("odd", "*x", "sum(sum(x) for _ in [x])", ["1"])
    with pytest.raises(OpRowError, match="row 'odd': cannot make a loop over"):
        numba_kernels.module_text(row)


def test_a_row_that_computes_too_much():
    lines = "; ".join(f"y{k} = y{k - 1}*x[0]" for k in range(1, 20))
    row = Op("long", "*x", "x[0]", ["0"], computed=f"y0 = x[0]; {lines}; y = y19")
    with pytest.raises(OpRowError, match="row 'long' computes more than 16 numbers"):
        numba_kernels.module_text(row)
