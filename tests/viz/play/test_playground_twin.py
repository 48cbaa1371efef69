"""The page's script draws, trains and differentiates what Python does: from the same seed the same numbers."""

import hashlib
import json
import math
import random

import pytest
from chromium import browser, page

from autograd import Value
from autograd.steps.frames import frames
from autograd.steps.trace import Trace, trace
from nn.losses import bce
from nn.random_numbers import gauss, permutation
from viz.play.pieces import initial
from viz.play.playground import MAIN, playground
from viz.play.settings import ACTIVATIONS, DATA, FEATURES, Settings, feature
from viz.steps.bundle import script

API = "window.api = { Twister, gauss, permutation, sha512, sixDecimals, examplesOf, featureOf, Run, traceOf };"


@pytest.fixture(scope="module")
def js():
    """Calls into the script, in a page."""
    with browser() as chromium, page(chromium) as shown:
        shown.add_script_tag(content=script(MAIN) + API, type="module")
        shown.wait_for_function("window.api")
        yield shown.evaluate


def payload(settings):
    return json.loads(playground(**settings).payload())


RUN = """([payload, epochs]) => {
  const { settings, pieces, initial } = payload;
  window.run = new api.Run(settings, { features: pieces.features, initial });
  const weights = () => run.model.layers.flatMap(({ W, b }) => W.flatMap((w, j) => [...w, b[j]]));
  const before = weights();
  for (let i = 0; i < epochs; i++) run.epoch();
  return { before, after: weights(), losses: run.losses, now: run.now, train: run.train, test: run.test };
}"""


def weights(model):
    """As the page lists them: unit by unit, w and then b."""
    return [p.data for layer in model.layers for neuron in layer.neurons for p in (*neuron.w, neuron.b)]


# --- random numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "0 0", "12 345", "a" * 111, "a" * 112, "ü" * 100])
def test_the_hash_is_that_of_hashlib(js, text):
    assert js("(text) => [...api.sha512(new TextEncoder().encode(text))]", text) == list(
        hashlib.sha512(text.encode()).digest()
    )


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**53 - 1, "0 0", "7 1234", "a seed"])
def test_a_seed_gives_the_numbers_of_python(js, seed):
    got = js(
        "(seed) => { const r = new api.Twister(seed); return Array.from({length: 1500}, () => r.random()); }", seed
    )
    rng = random.Random(seed)
    assert got == [rng.random() for _ in range(1500)]


def test_normal_numbers_and_orders_are_those_of_python(js):
    draw = "Array.from({ length: 500 }, () => api.gauss(r))"
    code = f"(seed) => {{ const r = new api.Twister(seed); return [{draw}, api.permutation(99, r)]; }}"
    rng = random.Random(5)
    assert js(code, 5) == [[gauss(rng) for _ in range(500)], permutation(99, rng)]


def test_numbers_are_rounded_as_python_rounds(js):
    rng = random.Random(0)
    points = [rng.uniform(-2, 2) for _ in range(500)]
    points += [k / 128 for k in range(-9, 10)]  # some lie in the middle between two
    points += [1e-9, -1e-9, 0.0, 1.0000005, 2.5e-7]
    got = js("(points) => points.map((x) => api.sixDecimals(x))", points)
    assert got == [round(x, 6) for x in points]


# --- data and features ----------------------------------------------------------------------------------


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(("noise", "test", "seed"), [(0.0, 0.1, 0), (0.05, 0.3, 1), (0.5, 0.5, 2**31)])
def test_the_page_draws_the_data_of_python(js, data, noise, test, seed):
    settings = Settings(data=data, noise=noise, test=test, seed=seed)
    X, kept, y, y_kept = settings.examples()
    assert js("(settings) => api.examplesOf(settings)", settings.plain()) == {
        "train": {"X": X, "y": y},
        "test": {"X": kept, "y": y_kept},
    }


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_is_what_its_formula_says(js, name):
    points = [[0.3, -0.7], [-1.2, 0.0], [0.0, 1.5]]
    recipe = payload({})["pieces"]["features"][name]
    got = js("([recipe, points]) => points.map((x) => api.featureOf(recipe, x))", [recipe, points])
    formula = {"x1^2": "x1**2", "x2^2": "x2**2"}.get(name, name)
    want = [eval(formula, {"x1": a, "x2": b, "sin": math.sin, "pi": math.pi}) for a, b in points]
    assert got == pytest.approx(want, rel=1e-15, abs=1e-300)
    assert [feature(name, {"x1": a, "x2": b}).data for a, b in points] == pytest.approx(want, rel=1e-15, abs=1e-300)


# --- training -----------------------------------------------------------------------------------------

RUNS = [
    {},
    {"data": "circle", "hidden": (3,), "activation": "relu", "batch": 1, "rate": 0.03},
    {"data": "xor", "hidden": (8, 1, 5), "activation": "sigmoid", "batch": 1000, "rate": 1.0, "regulariser": "L2"},
    {"data": "blobs", "hidden": (), "features": ("x2",), "regulariser": "L1", "strength": 0.3, "seed": 3},
    {
        "data": "circle",
        "features": tuple(FEATURES),
        "hidden": (2, 2),
        "activation": "linear",
        "rate": 0.01,
        "batch": 30,
    },
    {"data": "spiral", "features": tuple(FEATURES), "hidden": (4, 4), "seed": 12, "regulariser": "L2", "noise": 0.2},
]


@pytest.mark.parametrize("settings", RUNS, ids=lambda settings: settings.get("data", "as it opens"))
def test_fifty_epochs_are_those_of_fit(js, settings):
    got = js(RUN, [payload(settings), 50])
    settings = Settings(**settings)
    assert got["before"] == weights(settings.model())
    model, history = settings.fit(50)
    assert got["after"] == pytest.approx(weights(model), rel=1e-9, abs=0)
    assert got["losses"]["test"][1:] == pytest.approx(history.validation_loss, rel=1e-9, abs=0)
    assert got["now"]["test"]["right"] == history.validation_accuracy[-1]


def test_another_order_of_the_examples_would_be_noticed(js):
    """The batches matter: with those of another seed the weights differ."""
    (first, second) = (js(RUN, [payload({}) | {"settings": Settings(seed=0).plain() | changed}, 50])["after"]
                       for changed in ({}, {"batch": 20}))  # fmt: skip
    assert first != pytest.approx(second, rel=1e-3)


def test_the_sizes_of_the_first_weights_are_those_of_the_table():
    sizes = initial()
    assert sizes.keys() == set(ACTIVATIONS)
    assert sizes["tanh"]["sizes"][1][3] == 1.0  # √(6/(2 + 4))
    assert sizes["linear"]["distribution"] == "normal"


# --- the trace of an example -------------------------------------------------------------------------------

TRACE = """([point, y, pieces]) => {
  const { record, units, inputs } = api.traceOf(run, point, y, pieces);
  const coded = (x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x);
  return { record: JSON.parse(JSON.stringify(record, (_, x) => coded(x))), units, inputs };
}"""


def graph_of(settings, after, point, y):
    """The same loss as a graph of Values."""
    model = settings.model()
    for p, number in zip([p for layer in model.layers for n in layer.neurons for p in (*n.w, n.b)], after, strict=True):
        p.data = number
    leaves = {"x1": Value(point[0], "x1"), "x2": Value(point[1], "x2")}
    x = []
    for k, name in enumerate([name for name in FEATURES if name in settings.features], 1):
        made = feature(name, leaves)
        made.label = f"a[0]_{k}" if made.op else name
        x.append(leaves[name] if made.op is None else made)
    p = model(x).sigmoid()
    p.label = "p"
    loss = bce(p, Value(y, "y"))
    loss.label = "L"
    return model, loss


@pytest.mark.parametrize("settings", RUNS, ids=lambda settings: settings.get("data", "as it opens"))
@pytest.mark.parametrize(("point", "y"), [([0.3, -0.7], 1), ([-1.1, 0.2], 0)])
def test_the_trace_of_the_page_has_the_gradients_of_backward(js, settings, point, y):
    after = js(RUN, [payload(settings), 20])["after"]
    found = js(TRACE, [point, y, payload({})["pieces"]])
    record = found["record"]
    model, loss = graph_of(Settings(**settings), after, point, y)
    loss.backward()
    gradients = Trace(record).gradients()
    units = [unit for layer in found["units"] for unit in layer]
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    assert len(units) == len(neurons)
    for unit, neuron in zip(units, neurons, strict=True):
        for at, p in zip([*unit["w"], unit["b"]], [*neuron.w, neuron.b], strict=True):
            assert record["nodes"][at]["name"] == p.label
            assert record["nodes"][at]["data"] == p.data
            assert gradients.get(at, 0.0) == pytest.approx(p.grad, rel=1e-11, abs=0)


def test_the_trace_is_written_as_python_writes_it(js):
    settings = {"features": ("x1", "x1*x2", "sin(pi*x2)"), "hidden": (2, 1)}
    after = js(RUN, [payload(settings), 3])["after"]
    record = js(TRACE, [[0.3, -0.7], 1, payload({})["pieces"]])["record"]
    _, loss = graph_of(Settings(**settings), after, [0.3, -0.7], 1)
    want = trace(loss).record
    theirs = {node["name"]: node for node in want["nodes"] if node["label"] and node["label"] != "L"}
    ours = {node["name"]: node for node in record["nodes"]}
    assert theirs.keys() <= ours.keys()
    for name, node in theirs.items():
        for key in ("kind", "op", "latex", "numbers"):
            assert ours[name].get(key) == node.get(key), (name, key)
        if node["op"]:
            assert record["forms"][ours[name]["form"]] == want["forms"][node["form"]]
    assert ours["a[1]_2"]["formula"] == theirs["a[1]_2"]["formula"] == "tanh(z[1]_2)"
    z = ours["z[3]_1"]
    assert [record["nodes"][at]["name"] for at in z["residual"][:2]] == ["p", "y"]


def test_all_marks_have_become_names(js):
    js(RUN, [payload(RUNS[5]), 1])
    for y in (0, 1):
        record = js(TRACE, [[0.3, -0.7], y, payload({})["pieces"]])["record"]
        assert "Q" not in json.dumps(record, ensure_ascii=False)
        names = [node["name"] for node in record["nodes"] if node["kind"] != "constant"]
        assert len(set(names)) == len(names)


def test_a_saturated_output_has_a_loss_too(js):
    js(RUN, [payload({}), 0])
    js("() => { run.model.layers.at(-1).b[0] = 60; }")
    record = js(TRACE, [[0.3, -0.7], 0, payload({})["pieces"]])["record"]
    root = record["nodes"][record["root"]]
    assert root["name"] == "L"
    assert root["data"] == pytest.approx(60, abs=5)
    assert all(isinstance(node["data"], int | float) for node in record["nodes"])


def test_the_frames_of_the_trace_can_be_read_in_python(js):
    """With the rules that a page leaves out: they are only shown by Python."""
    js(RUN, [payload({}), 2])
    record = js(TRACE, [[0.3, -0.7], 1, payload({})["pieces"]])["record"]
    for event in record["events"]:
        event.setdefault("rule", "")
    shown = frames(record, "edge")
    assert len(shown) == 1 + sum(n["op"] is not None for n in record["nodes"]) + 1 + sum(
        e["type"] == "edge" for e in record["events"]
    )
