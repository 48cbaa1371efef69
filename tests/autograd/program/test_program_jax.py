"""What is JAX's own: tiles and shapes, a mesh of devices, exported files, and what a compiled function cannot raise."""

import importlib.util
import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, log, parameter, record, relu, sqrt, take, tanh
from autograd.program.blocks import Operand

pytestmark = pytest.mark.oracle
HERE = os.path.dirname(os.path.dirname(autograd.__file__))


@pytest.fixture(autouse=True)
def jax():
    return pytest.importorskip("jax")


def network(n_in=3):
    """A network and its loss, recorded; with kinks, shared numbers, and a regulariser."""
    model = nn.MLP(n_in, [5, 4, 1], "relu", "linear", seed=1)

    def loss(x, y):
        return nn.losses.squared_error(tanh(model(x)), y) + 0.01 * autograd.sum([p * p for p in model.parameters()])

    return record(loss, [0.0] * n_in, 0.0, parameters=model.parameters())


def examples(m, n_in=3):
    rng = np.random.default_rng(m)
    return rng.normal(size=(m, n_in)), rng.normal(size=m)


def assert_same(got, want):
    """Values and gradients to 1e-12, relative to the largest."""
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12 * np.max(np.abs(other)))


# --- tiles ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 15, 1000, 1024, 1025, 9000])
def test_tiles_of_which_the_last_is_not_full(m):
    program, data = network(), examples(m)
    assert_same(program.using("jax").value_and_grad(*data), program.value_and_grad(*data))
    assert_same([program.using("jax")(*data)], [program(*data)])


def test_few_shapes_are_compiled():
    from autograd.program.executors.on_jax.executor import JaxExecutor, roomy

    program = network().using("jax")
    (recording,) = program.recordings.values()
    executor = recording.executor(program.engine)
    assert isinstance(executor, JaxExecutor)
    layouts = {m: executor.layout(m) for m in range(1, 100_000)}
    assert all(m <= tiles * width for m, (tiles, width) in layouts.items())
    assert len(set(layouts.values())) < 60
    assert all(n <= roomy(n) <= max(n, 1.25 * n) for n in range(1, 5000))


def test_an_example_that_is_repeated_to_fill_a_tile_is_in_no_sum():
    """The last of 9 examples, which is repeated, is nan; and what it spoils stays what it spoils without JAX."""
    w = parameter(2.0, "w")
    program = record(lambda x: relu(w * x), 0.0)
    x = np.array([1.0] * 8 + [np.nan])
    for using in ("numpy", "jax"):
        value, grads = program.using(using).value_and_grad(x)
        assert np.isnan(value)
        assert np.isnan(grads).all()
        np.testing.assert_array_equal(program.using(using)(x), [2.0] * 8 + [np.nan])
    x[-1] = -np.inf  # the mask cuts it off
    value, grads = program.using("jax").value_and_grad(x)
    assert (value, grads.tolist()) == (pytest.approx(16 / 9, rel=1e-15), [pytest.approx(8 / 9, rel=1e-15)])


def test_a_leaf_that_is_no_parameter_is_read_at_each_call():
    w, scale = parameter(2.0), Value(3.0)
    program = record(lambda x: scale * w * x + scale, 0.0, parameters=[w]).using("jax")
    assert program.value_and_grad([1.0, 2.0]) == (12.0, np.array([4.5]))
    scale.data = 5.0
    assert program.value_and_grad([1.0, 2.0]) == (20.0, np.array([7.5]))


def test_a_program_without_inputs_or_whose_value_all_examples_share():
    w = parameter(2.0)
    assert record(lambda: w * w).using("jax").value_and_grad() == (4.0, np.array([4.0]))
    value, grads = record(lambda _: tanh(w), 0.0).using("jax").value_and_grad(np.zeros(11))
    assert (value, grads[0]) == (pytest.approx(np.tanh(2), rel=1e-15), pytest.approx(1 / np.cosh(2) ** 2, rel=1e-14))


def test_results_are_the_callers_own():
    program, data = network().using("jax"), examples(16)
    first, (_, grads) = program(*data), program.value_and_grad(*data)
    first += 1.0
    grads += 1.0
    assert not np.shares_memory(first, program(*data))
    np.testing.assert_array_equal(first, program(*data) + 1.0)


# --- operands ---------------------------------------------------------------------------------------------


def some_places(rng, size):
    """Places in equal steps, in steps that overlap, turned, doubled, and anywhere."""
    start, outer, inner = rng.randrange(size // 4), rng.randrange(1, 8), rng.randrange(1, 4)
    grid = start + outer * np.arange(rng.randrange(1, 5))[:, None] + inner * np.arange(rng.randrange(1, 5))
    anywhere = np.array([[rng.randrange(size) for _ in range(4)] for _ in range(3)])
    return [grid, grid.T, grid[0], grid[:, 0], np.sort(anywhere[0]), anywhere, np.arange(size), np.array([start])]


def test_operands_are_cut_out_of_the_pieces(jax):
    from autograd.program.executors.on_jax.function import _cut

    rng = random.Random(0)
    for _ in range(8):
        starts = np.array([0, *sorted(rng.sample(range(40), 3))])
        numbers = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
        pieces = [jax.numpy.asarray(piece) for piece in np.split(numbers, starts[1:])]
        for places in some_places(rng, 40):
            got = _cut(pieces, starts, Operand(places, True))
            np.testing.assert_array_equal(got, numbers[places])


# --- what XLA would do otherwise ----------------------------------------------------------------------------


def test_algebra_stops_where_it_would_change_an_answer():
    w = parameter(1.0)
    x = np.array([1000.0, -1000.0, 3.0])
    for f in (
        lambda x: log(autograd.exp(w * x)),
        lambda x: autograd.exp(w * x) * autograd.exp(-w * x),
        lambda x: (w * x / (1e200 * x)) / (1e-200 * x) - w * x,
        lambda x: (w * x + 1e18) - 1e18,
    ):
        program = record(f, 0.5)
        np.testing.assert_array_equal(program.using("jax")(x), program(x))


def test_the_users_precision_stays_as_it_is(jax):
    before = jax.numpy.ones(1).dtype
    _, grads = network().using("jax").value_and_grad(*examples(3))
    assert grads.dtype == np.float64
    assert jax.numpy.ones(1).dtype == before


# --- what is wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [6.0, -1.0, 1.5, np.nan, np.inf])
def test_an_index_that_a_list_does_not_have(index):
    w = [parameter(0.1 * k) for k in range(6)]
    program = record(lambda k: take(w, k), 1.0).using("jax")
    k = np.arange(3000.0) % 6
    np.testing.assert_allclose(program(k), 0.1 * k, rtol=1e-15)
    for place in (0, 1500, 2999):
        wrong = k.copy()
        wrong[place] = index
        with pytest.raises(IndexError, match=f"from 0 to 5, got {index:g}"):
            program.value_and_grad(wrong)


def test_without_jax(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "jax", None)
    for attempt in (lambda: network().using("jax"), lambda: network().export(tmp_path / "x")):
        with pytest.raises(ImportError, match=r'needs JAX: pip install "chainrule\[jax\]"'):
            attempt()


def test_what_is_not_for_jax_or_only_for_jax(jax):
    mesh = jax.sharding.Mesh(jax.devices()[:1], ("examples",))
    with pytest.raises(ValueError, match='a mesh of devices is for the executor "jax"'):
        network().using("numpy", mesh=mesh)
    with pytest.raises(ValueError, match="JAX chooses by itself"):
        network().using("jax", threads=2)


# --- many devices -------------------------------------------------------------------------------------------

ON_EIGHT_DEVICES = """
import jax, json, sys
import numpy as np
from test_program_jax import examples, network

program = network()
result = []
for mesh in (jax.make_mesh((8,), ("examples",)), jax.sharding.Mesh(np.array(jax.devices()).reshape(4, 2), ("a", "b"))):
    run = program.using("jax", mesh=mesh)
    for m in (1, 7, 100, 10_000):
        value, grads = run.value_and_grad(*examples(m))
        result.append([m, value, grads.tolist(), run(*examples(m)).tolist()])
(recording,) = program.recordings.values()
executor = recording.executor(run.engine)
tiles, width = executor.layout(20_000)
columns = executor._placed([np.zeros((4 * tiles * width, n)) for n in (3, 1)])
with jax.enable_x64(True):
    compiled = executor.compiled(True, tiles, width).lower(grads, executor.function.leaves(), columns, 20_000).compile()
print(json.dumps([len(jax.devices()), tiles, compiled.as_text().count(" all-reduce("), result]))
"""


def run_alone(code, folder, **environment):
    """What a process of its own prints, as JSON."""
    path = os.pathsep.join([HERE, os.path.dirname(__file__)])
    environment = os.environ | {"PYTHONPATH": path, "JAX_PLATFORMS": "cpu"} | environment
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_mesh_of_eight_devices(tmp_path):
    """The same numbers; and the gradients are added up once, not for each tile."""
    flags = "--xla_force_host_platform_device_count=8"
    count, tiles, reductions, result = run_alone(ON_EIGHT_DEVICES, tmp_path, XLA_FLAGS=flags)
    assert (count, reductions) == (8, 1)
    assert tiles > 1
    program = network()
    for m, value, grads, outputs in result:
        assert_same([value, np.array(grads)], program.value_and_grad(*examples(m)))
        assert_same([np.array(outputs)], [program(*examples(m))])


# --- exported -----------------------------------------------------------------------------------------------

LOADED = """
import json, sys
import jax
import numpy as np
from jax import export

jax.config.update("jax_enable_x64", True)
program = export.deserialize(bytearray(open("program.stablehlo", "rb").read()))
data = np.load("data.npz")
result = []
for m in (1, 7, 100):
    value, grads = program.call(data["theta"], data["X"][:m], data["y"][:m])
    result.append([float(value), np.asarray(grads).tolist()])
assert not {"autograd", "nn"} & sys.modules.keys()
print(json.dumps([program.platforms, result]))
"""

needs_flatbuffers = pytest.mark.skipif(importlib.util.find_spec("flatbuffers") is None, reason="JAX exports with it")


@needs_flatbuffers
def test_an_exported_program_runs_without_chainrule(tmp_path):
    program, (X, y) = network(), examples(100)
    theta = np.array([p.data for p in program.parameters])
    program.export(tmp_path / "program.stablehlo")
    np.savez(tmp_path / "data.npz", theta=theta, X=X, y=y)
    platforms, result = run_alone(LOADED, tmp_path)
    assert platforms == ["cpu", "cuda", "tpu"]
    for m, (value, grads) in zip((1, 7, 100), result, strict=True):
        assert_same([value, np.array(grads)], program.value_and_grad(X[:m], y[:m]))


@needs_flatbuffers
def test_exported_with_others_besides_and_for_another_form(jax, tmp_path):
    from jax import export

    w = [parameter(0.5 + k) for k in range(3)]

    def f(x, k):
        return sqrt(relu(autograd.dot(w[: len(x)], x))) + take(w, k), [x[0] * w[0], w[1]]

    program = record(f, [1.0, 2.0], 0.0, parameters=w, aux=True)
    program.export(tmp_path / "two")
    program.export(str(tmp_path / "three"), [1.0, 2.0, 3.0], 0.0)
    theta = np.array([p.data for p in w])
    k = np.array([0.0, 2.0, 1.0, 2.0])
    for name, n in (("two", 2), ("three", 3)):
        X = np.random.default_rng(n).uniform(0.1, 1.0, size=(4, n))
        with jax.enable_x64(True):
            exported = export.deserialize(bytearray((tmp_path / name).read_bytes()))
            (value, others), grads = exported.call(theta, X, k)
            (missing, _), _ = exported.call(theta, X, k + 1)
        (want, others_wanted), grads_wanted = program.value_and_grad(X, k)
        assert_same([value, others, grads], [want, others_wanted, grads_wanted])
        assert np.isnan(missing)


def test_a_list_is_not_exported(tmp_path):
    with pytest.raises(TypeError, match="only a number has a gradient"):
        record(lambda x: [x, x], 0.0).export(tmp_path / "x")
