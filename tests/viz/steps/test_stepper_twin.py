"""The page's script computes and says what Python does: every row of the table, every frame, every number."""

import ast
import itertools
import math
import random
import re

import pytest
from chromium import browser, page
from random_graphs import INDICES, corpus, recipe
from steppers import g1, g2, hostile, network

from autograd import Value, parse
from autograd.formulas.digits import digits
from autograd.steps.derivation import align
from autograd.steps.frames import NOTATIONS, frames
from autograd.steps.trace import trace
from autograd.steps.wording import LINES, MATHEMATICS, WORDS
from autograd.table.javascript import _written
from autograd.table.mathml import mathml
from autograd.table.ops import OPS
from viz.steps.bundle import script

POINTS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -3.0,
    0.5,
    -0.7,
    1e-9,
    5.5,
    38.0,
    -38.0,
    710.0,
    -745.0,
    math.inf,
    -math.inf,
    math.nan,
]


@pytest.fixture(scope="module")
def js():
    """Calls into the script, in a page; what is not finite goes as text."""
    with browser() as chromium, page(chromium) as shown:
        shown.add_script_tag(
            content=script() + "window.api = { OPS, A, digits, forward, revalued, Frames, mathml, align };",
            type="module",
        )
        shown.wait_for_function("window.api")
        yield shown.evaluate


def coded(x):
    return x if x is None or math.isfinite(x) else str(x).replace("inf", "Infinity").replace("nan", "NaN")


def decoded(x):
    return None if x is None else float(x)


FORWARD = """([op, kernel, points]) => {
  const coded = (x) => (x === null || Number.isFinite(x) ? x : String(x));
  return points.map((flat) => {
    const [y, partials] = api.forward(op, kernel, flat.map(Number));
    return [coded(y), partials.map(coded)];
  });
}"""


def same(a, b):
    if a is None or b is None:
        return a is b
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=2e-13, abs_tol=1e-300)


@pytest.mark.parametrize("name", OPS)
def test_every_row_computes_the_same(js, name):
    op = OPS[name]
    rng = random.Random(name)
    if any(op.lists):
        sizes = [rng.randint(1, 6) for _ in range(150)]
        points = [
            [rng.choice([*POINTS, rng.gauss(0, 3)]) for is_list in op.lists for _ in range(n if is_list else 1)]
            for n in sizes
        ]
        if op.inputs[-1] in INDICES:
            points = [[*flat[:-1], float(rng.randrange(len(flat) - 1))] for flat in points]
    elif len(op.inputs) < 3:
        points = [list(flat) for flat in itertools.product(POINTS, repeat=len(op.inputs))]
        points += [[rng.gauss(0, 3) for _ in op.inputs] for _ in range(300)]
    else:
        points = [[rng.choice(POINTS) for _ in op.inputs] for _ in range(500)]
    got = js(FORWARD, [name, "computed", [[coded(x) for x in flat] for flat in points]])
    for flat, (y, partials) in zip(points, got, strict=True):
        want, derivatives = op.forward(flat)
        assert same(decoded(y), want), (name, flat, y, want)
        assert len(partials) == len(derivatives)
        for mine, theirs in zip(partials, derivatives, strict=True):
            assert same(decoded(mine), theirs), (name, flat, partials, derivatives)


def test_digits(js):
    rng = random.Random(1)
    numbers = [
        *POINTS,
        12345.0,
        0.15625,
        1.00005,
        9999.5,
        99995.0,
        0.00012345,
        0.000099995,
        1e300,
        5e-324,
        100.0,
        1000.0,
        30.0,
        12.5,
    ]
    numbers += [rng.gauss(0, 1) * 10 ** rng.uniform(-12, 12) for _ in range(3000)]
    numbers += [rng.randint(-(10**6), 10**6) / 64 for _ in range(3000)]
    got = js("(numbers) => numbers.map((x) => api.digits(Number(x)))", [coded(x) for x in numbers])
    assert got == [digits(x) for x in numbers]


FRAMES = """([record, by, notation, leaves, form]) => {
  const replayed = leaves && api.revalued(record, new Map(leaves));
  const frames = new api.Frames(replayed ?? record, by, notation);
  return Array.from({ length: frames.length }, (_, i) => frames.frame(i, form));
}"""


def assert_same_frames(js, record, leaves=None, notations=NOTATIONS):
    want = trace_of(record).revalued(dict(leaves)).record if leaves else record
    for by, notation, form in itertools.product(("edge", "op"), notations, LINES):
        got = js(FRAMES, [record, by, notation, leaves, form])
        assert got == [vars(frame) for frame in frames(want, by, notation, form)]


def trace_of(record):
    from autograd.steps.trace import Trace

    return Trace(record)


GRAPHS = {
    "g1": lambda: g1().trace,
    "g2": lambda: g2().trace,
    "fan-out": lambda: trace(parse("d = a*b; e = a + b; J = d*e", a=-2, b=3)),
    "twice": lambda: trace(parse("a*a + a", a=-2)),
    "saturated": lambda: trace(parse("sigmoid(z) + tanh(z)", z=60)),
    "cut": lambda: trace(parse("relu(z)*w + step(w)", z=-1, w=2)),
    "cut above a result": lambda: trace(parse("relu(2*z)*w + z", z=-1, w=2)),
    "not finite": lambda: trace(parse("log(x)*y + y/x", x=0, y=-1)),
    "lists": lambda: trace(parse("softmax([a, b, c])[1] + amax([a, b, a]) + logsumexp([a, c])", a=1, b=2, c=-3)),
    "hostile": lambda: trace(hostile()),
    "network": lambda: trace(network(2, 2, 1)),
    "leaf": lambda: trace(Value(2.0, "a")),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_every_frame_says_the_same(js, name):
    assert_same_frames(js, GRAPHS[name]().record)


@pytest.mark.parametrize("seed", corpus(20))
def test_random_graphs_say_the_same(js, seed):
    assert_same_frames(js, trace(recipe(seed).build()[1]).record, notations=("∂",))


@pytest.mark.parametrize("name", [name for name in GRAPHS if name != "leaf"])
def test_edited_leaves_say_the_same(js, name):
    record = GRAPHS[name]().record
    leaves = [i for i, node in enumerate(record["nodes"]) if node["kind"] in ("input", "parameter")]
    for numbers in ([0.5, -1.25, 3.0], [-2.0, 0.0, 1.0]):
        assert_same_frames(js, record, [[i, numbers[i % 3]] for i in leaves], notations=("∂",))


MATHML = """(lines) => lines.map((latex) => {
  const math = document.createElementNS("http://www.w3.org/1998/Math/MathML", "math");
  math.append(...api.mathml(latex));
  return math.innerHTML;
})"""


@pytest.mark.parametrize("name", GRAPHS)
def test_every_line_is_typeset_the_same(js, name):
    lines = []
    for by, notation in itertools.product(("edge", "op"), NOTATIONS):
        for frame in frames(GRAPHS[name]().record, by, notation, "latex"):
            sentences = [frame.title, frame.sentence, *frame.notes]
            inside = "{}([^{}]*){}".format(MATHEMATICS[0], *reversed(MATHEMATICS), MATHEMATICS[1])
            lines += [*frame.lines, *(latex for text in sentences for latex in re.findall(inside, text))]
    assert js(MATHML, lines) == [mathml(line).replace("\xa0", "&nbsp;") for line in lines]


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_whole_derivation_is_the_same(js, name, notation):
    record = GRAPHS[name]().record
    assert js("([record, notation]) => api.align(record, notation)", [record, notation]) == align(record, notation)


def test_every_sentence_and_line_is_used():
    used = script().split("const OPS", 1)[1]
    for key in [*WORDS, *LINES["text"]]:
        first = key.split()[0] if key.startswith(("gradient", "term")) else key
        assert first in used
    assert LINES["text"].keys() == LINES["latex"].keys()


def test_a_formula_that_javascript_lacks_is_refused():
    with pytest.raises(TypeError, match="no JavaScript for lambda: 1"):
        _written(ast.parse("lambda: 1", mode="eval").body)
