"""``check``: verdicts, numbers, functions, names, shapes, kinks, refusals; and what it must not touch."""

import math
import random
import re
import subprocess
import sys

import pytest
from derivations import g1, g2, g3, g5, two_layers, why_unreadable

import autograd
from autograd import FormulaError, Value, parameter, parse
from autograd.by_hand.check import check


def node(root, label):
    return next(v for v in autograd.graph.topological(root) if v.label == label)


# --- asking ---------------------------------------------------------------------------------------------------


def test_the_design():
    L, _ = g2()
    w1, b = node(L, "w1"), node(L, "b")
    report = check(L, {w1: "x1*(a - y)", b: "y - a"})
    assert not report.ok
    assert report[w1].verdict == "right"
    assert report[w1].diagnosis is None
    assert report[b].verdict == "wrong"
    assert report[b].diagnosis.startswith("Only the sign is wrong: this is −∂L/∂b.")
    assert [answer.name for answer in report] == ["w1", "b"]
    assert check(L, {w1: "x1*(a - y)"}).ok


@pytest.mark.parametrize("key", ["w1", "dw1", "dL/dw1", "∂L/∂w1", " dL / dw1 "])
def test_left_sides(key):
    report = check(g2()[0], {key: "x1*(a - y)"})
    assert report.ok
    assert report["w1"] is report["dw1"] is report["∂L/∂w1"]


def test_claims_about_inner_nodes_without_a_label():
    x = Value(2.0, "x")
    u = x * x
    root = autograd.sin(u)
    assert check(root, {u: "cos(u)", x: "2*x*cos(u)"}, names={"u": u}).ok
    assert check(root, {u: "cos(x**2)"})[u].verdict == "right"


def test_a_label_that_begins_with_d():
    J = parse("J = dz*d", dz=2, d=3)
    assert check(J, {"dz": "d", "d": "dz"}).ok


def test_claims_as_functions():
    L, _ = g2()
    assert check(L, {"w1": lambda x1, a, y: x1 * (a - y), "z": lambda z, y: 1 / (1 + math.exp(-z)) - y}).ok
    assert check(L, {"w1": lambda x1, a: x1 * a})["w1"].verdict == "wrong"
    J, _ = g3()
    assert check(J, {"w1": lambda x1, a, y, m: (x1 * (a - y)).sum() / m}).ok


def test_numbers_count_to_the_digits_they_are_written_with():
    L = parse(
        "L = -(y*log(a) + (1-y)*log(1-a)); a = sigmoid(z); z = w1*x1 + w2*x2 + b",
        w1=0.5, w2=-1, x1=2, x2=1, b=0.25, y=1,
    )  # fmt: skip
    assert check(L, {"z": -0.4378235, "w1": -0.875647, "w2": -0.4378, "b": -0.438}).ok
    for wrong in (-0.43791, 0.4378235, -0.4378245, -0.45, 0, math.nan, math.inf):
        assert check(L, {"z": wrong})["z"].verdict != "right", wrong


def test_g1_and_g5_with_the_numbers_of_the_lectures():
    J, _ = g1()
    assert check(J, {"v": 3, "a": 3, "u": 3, "b": 6, "c": 9}).ok
    J, _ = g5()
    by_hand = {"a": -0.811362, "z1": -0.0261372, "z2": -0.0273392, "t1": -0.520137, "t2": -0.534899}
    thetas = {"t11": -0.0522744, "t12": -0.07841159, "t21": -0.05467833, "t22": -0.0820175}
    assert check(J, by_hand | thetas).ok
    assert not check(J, {"t12": -0.0784416}).ok


def test_matrices_of_a_layer_as_numbers_and_as_a_function():
    J, names = two_layers()
    J.backward()
    gradient = [[w.grad for w in row] for row in names["W1"]]
    assert check(J, {"W1": gradient}, names).ok
    gradient[2][1] *= 1.01
    answer = check(J, {"W1": gradient}, names)["W1"]
    assert answer.verdict == "wrong"
    assert answer.autograd == pytest.approx(names["W1"][2][1].grad, rel=1e-12)
    assert check(J, {"W1": lambda dZ1, A0: dZ1 @ A0.T}, names).ok  # noqa: N803


def test_a_layer_of_nn():
    nn = pytest.importorskip("nn")
    layer = nn.Layer(2, 3, "tanh", seed=1)
    X = [[0.5, -1.0, 2.0], [1.0, 0.3, -0.4]]
    A = [layer([row[i] for row in X]) for i in range(3)]
    J = autograd.mean([autograd.sum([a * a for a in column]) for column in A])
    columns = [[A[i][j] for i in range(3)] for j in range(3)]
    names = {
        "W1": layer.W,
        "b1": layer.b,
        "A0": X,
        "A1": columns,
        "Z1": [[a.inputs[0] for a in row] for row in columns],
    }
    claims = {"A1": "2*A1/m", "Z1": "dA1*(1 - A1**2)", "W1": "dZ1 @ A0.T", "b1": "sum(dZ1, axis=1)"}
    report = check(J, claims, names | {"m": 3})
    assert report.ok, report
    assert check(J, {"W1": "A0 @ dZ1.T"}, names)["W1"].mistake == "shape"


# --- verdicts -------------------------------------------------------------------------------------------------


def test_right_here_only():
    answer = check(g1()[0], {"b": "c + 4"})["b"]
    assert answer.verdict == "right here only"
    assert answer.diagnosis == "Right only because c = 2; the formula must hold for every value."


def test_an_absolute_tolerance_passes_nothing():
    f = 1e-6 * Value(1.0, "x")
    assert check(f, {"x": "0"})["x"].verdict == "wrong"
    assert check(f, {"x": 0})["x"].verdict == "wrong"
    assert check(f, {"x": "1.0001e-6"})["x"].verdict == "wrong"
    assert check(f, {"x": "1e-6"}).ok
    tiny = 1e-200 * Value(1.0, "x")
    assert not check(tiny, {"x": "2e-200"}).ok
    assert check(tiny, {"x": "1e-200"}).ok


def test_nan_is_no_agreement():
    f = autograd.log(Value(-1.0, "x")) * Value(1.0, "w")
    for claim in ("log(x)", lambda x: math.nan, math.nan):  # noqa: ARG005
        assert check(f, {"w": claim})["w"].verdict == "inconclusive"
    assert check(Value(1.0, "x") * 2, {"x": "0*log(-1*x*x)"})["x"].verdict != "right"
    assert check(autograd.sqrt(Value(0.0, "x")), {"x": "1/(2*sqrt(x))"})["x"].verdict == "inconclusive"


def test_a_kink_is_reported_from_both_sides():
    x = Value(0.0, "x")
    for claim in ("3*step(x)", 0, 1, 3):
        answer = check(3 * autograd.relu(x), {x: claim})[x]
        assert answer.verdict == "right"
        assert answer.note == (
            "right by convention: f has a kink here: the derivative is 0 from the left and 3 from the right; "
            "autograd takes 0 by convention"
        )
    for claim in ("2*step(x)", "0 + x*0", "step(x)", 4, -1):
        assert check(3 * autograd.relu(x), {x: claim})[x].verdict == "wrong"


def test_rounding_is_no_mistake():
    """At the least-squares solution the derivative is 0 but for rounding."""
    intercept = parameter(0.95, "i")
    data = [(0.5, 1.4), (2.3, 1.9), (2.9, 3.2)]
    J = autograd.sum([(y - (intercept + 0.64 * x)) ** 2 for x, y in data])
    assert check(J, {"i": "-2*((1.4 - i - 0.64*0.5) + (1.9 - i - 0.64*2.3) + (3.2 - i - 0.64*2.9))"}).ok
    intercept.data = 0.0
    J.refresh()
    assert check(J, {"i": -5.704}).ok


def test_a_gradient_in_a_saturated_tail():
    L = parse("L = -log(a); a = sigmoid(z); z = 20*x - 30", x=3)
    assert check(L, {"z": "a - 1"})["z"].verdict == "right"
    assert check(L, {"z": "1 - a"})["z"].verdict == "wrong"


def test_a_wrong_rule_in_the_engine_is_not_trusted(monkeypatch):
    monkeypatch.setattr(autograd.OPS["sin"], "kernel", lambda x: (math.sin(x), -math.cos(x)))
    answer = check(autograd.sin(Value(0.3, "x")), {"x": "-cos(x)"})["x"]
    assert answer.verdict == "inconclusive"
    assert "disagree" in answer.diagnosis


def test_three_opinions():
    answer = check(g2()[0], {"w1": "x1*da"})["w1"]
    assert answer.autograd == pytest.approx(0.524353, rel=1e-6)
    assert answer.numerical == pytest.approx(answer.autograd, rel=1e-9)
    assert answer.numerical_error < 1e-9
    assert answer.claimed != pytest.approx(answer.autograd)


def test_the_first_wrong_claim_in_backward_order():
    report = check(g2()[0], {"w1": "a - y", "z": "y - a", "b": "dz"})
    assert report.first_wrong.name == "z"
    assert str(report).endswith("Start with dz: on the way back it comes first.")
    assert check(g2()[0], {"b": "dz"}).first_wrong is None


# --- what is left alone ---------------------------------------------------------------------------------------


def test_data_grad_and_the_random_state_are_untouched():
    L, _ = g2()
    L.backward()
    before = [(v, v.data, v.grad, v.local_derivatives) for v in autograd.graph.topological(L)]
    state = random.getstate()
    first = str(check(L, {"w1": "a - y", "z": "da"}))
    assert [(v, v.data, v.grad, v.local_derivatives) for v, *_ in before] == before
    assert random.getstate() == state
    assert str(check(L, {"w1": "a - y", "z": "da"})) == first
    fresh, _ = g2()
    check(fresh, {"w1": "a - y"})
    assert not any(v.has_grad for v in autograd.graph.topological(fresh))


# --- what is refused ------------------------------------------------------------------------------------------

HOSTILE = [
    "__import__('os')", "().__class__", "a.b", "a[0]", "lambda: 0", "(" * 100_000, "-" * 100_000 + "a", "9**9**9",
    "a.T.__class__", "a @", "[a for a in a]", "f'{a}'", "sum(a, axis=a)", "a if a else a", "", "a; b", "q = a",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:20] for text in HOSTILE])
def test_hostile_text_is_refused(text):
    reason = why_unreadable(g2()[0], {"w1": text})
    assert "\n" not in reason
    assert len(reason) < 300


@pytest.mark.parametrize(
    ("claims", "names", "message"),
    [
        ({"w1": "dw1"}, None, "dw1 is what is to be derived"),
        ({"w1": "dL/dw1 + 0"}, None, "dL/dw1 is what is to be derived"),
        ({"w3": "a"}, None, "the graph has no w3: the names are y, w1"),
        ({"w1": "x1*(a - t)"}, None, "the graph has no t"),
        ({"w1": "1/2x1"}, None, r"1/2x1 is \(1/2\)\*x1 or 1/\(2\*x1\)\? write one of them"),
        ({"w1": "sigmoid"}, None, r"sigmoid is a function, write sigmoid\(x\)"),
        ({"J/w1": "a"}, None, "a claim is about one name"),
        ({"dJ/dw1": "a"}, None, "the derivatives are those of L, not of J"),
        ({"w": "a"}, {"w": Value(1.0)}, "w is not in the graph"),
        ({"w1": lambda q: q}, None, "the graph has no q"),
        ({"w1": "x1*(1/0)"}, None, r"^1/0 is infinite: too large, or a division by 0$"),
        ({"w1": "A + 0/0"}, {"A": [1, 2]}, r"^0/0 is not a number$"),
    ],
)
def test_refusals(claims, names, message):
    assert re.search(message, why_unreadable(g2()[0], claims, names))


def test_a_name_that_is_none():
    with pytest.raises(FormulaError, match="a name in names= is a word"):
        check(g2()[0], {"w1": "a"}, {"a b": 1})


def test_wrong_types():
    with pytest.raises(TypeError, match="the root of a graph, a Value, not 3"):
        check(3, {})
    with pytest.raises(TypeError, match="the claims are a dict"):
        check(Value(1.0), ["a"])
    with pytest.raises(TypeError, match="a claim is about a Value or its label, not 3"):
        check(Value(1.0, "x") * 2, {3: "x"})
    with pytest.raises(TypeError, match="the rows have different lengths"):
        check(Value(1.0, "x") * 2, {"x": "A"}, names={"A": [[1, 2], [3]]})
    with pytest.raises(KeyError):
        check(g1()[0], {"a": "3"})["b"]


# --- how it shows -----------------------------------------------------------------------------------------------


def test_html_is_escaped():
    x = Value(2.0, "<b>x</b>")
    html = check(x * x, {x: "2"}, names={})._repr_html_()
    assert "<b>x" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert html.count("<tr>") == 2


def test_repr_counts():
    assert repr(check(g1()[0], {"a": "3", "b": "c", "c": "b**2"})) == "<Report: 1 right, 1 wrong, 1 right here only>"


def test_import_autograd_stays_light():
    code = "import sys, autograd; print([m for m in ('numpy', 'ast', 'autograd.by_hand.check') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_large_graph():
    """m = 300 examples, and a chain of 2,000 nodes: neither recursion nor an explosion."""
    w = parameter(0.5, "w")
    xs = [Value(i / 100, "x") for i in range(300)]
    J = autograd.mean([autograd.tanh(w * x) for x in xs])
    assert check(J, {"w": "mean(x*(1 - tanh(w*x)**2))"}, points=3).ok
    assert check(J, {"w": "sum(x*(1 - tanh(w*x)**2))"}, points=3)["w"].mistake == "wrong rule"
    v = w
    for _ in range(2_000):
        v = v + 0.001
    assert check(v, {"w": "1"}, points=2).ok
    assert check(v, {"w": "2"}, points=2)["w"].mistake == "factor"


@pytest.mark.parametrize("at", [0.0, 1e-6, -1.0, 3e7])
@pytest.mark.parametrize("size", [1e-150, 1.0, 1e150])
def test_what_counts_as_a_kink_is_relative(at, size):
    """Slopes that differ in the fifth digit are a kink, in the sixth they are one slope, in any units of x and J."""

    def doubt(bend):
        x = Value(at, "x")
        report = check(size * (x + bend * abs(x - at)), {x: lambda: size}, points=0)
        return report[x].note

    assert "has a kink here" in doubt(2e-5)
    left, right = (f"{size * (1 + side * 2e-5):.7g}".replace("-", "−") for side in (-1, 1))
    assert f"the derivative is {left} from the left and {right} from the right" in doubt(2e-5)
    assert "kink" not in doubt(2e-6)


@pytest.mark.parametrize("size", [1e-150, 1.0, 1e150])
def test_rounding_is_no_kink(size):
    """Of 2**30 + x three digits of x are lost at most: slopes that differ by no more than that are one slope."""
    x = Value(1.0, "x")
    J = size * ((x * 2.0**30 + 1) ** 2 - (x * 2.0**30) ** 2) / 2.0**31
    assert "kink" not in str(check(J, {x: size}, points=0))


def test_a_kink_that_rounding_blurs_is_still_one():
    """Of |x| some seven digits are left beside 2**30: enough to tell −1 from 1."""
    x = Value(0.0, "x")
    sentence = check(2.0**30 + abs(x), {x: 0})[x].note
    left, right = re.search(
        r"has a kink here: the derivative is −(\S+) from the left and (\S+) from the right", sentence
    ).groups()
    assert float(left) == float(right) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("size", [1e-150, 1.0, 1e150])
def test_how_far_numerics_and_autograd_may_disagree_is_relative(monkeypatch, size):
    """In the sixth digit, in any units: then the point counts for nothing, be it the given one or another."""

    def answer(claim, slope):
        monkeypatch.setattr(autograd.OPS["sin"], "kernel", lambda x: (math.sin(x), slope(x) * math.cos(x)))
        return check(size * autograd.sin(Value(0.3, "x")), {"x": claim}, names={"s": size})["x"]

    assert "disagree" in answer(size * math.cos(0.3), lambda _: 1 + 3e-6).diagnosis
    assert answer(size * math.cos(0.3) * (1 + 3e-7), lambda _: 1 + 3e-7).verdict == "right"
    assert answer(lambda s, x: s * math.cos(x) * (1 + 3e-7), lambda _: 1 + 3e-7).verdict == "right"
    elsewhere = answer("s*cos(x)", lambda x: 1 + 3e-6 * (x != 0.3))
    assert elsewhere.verdict == "inconclusive"
    assert "there is no other point at which it could be compared" in elsewhere.diagnosis


def test_rounding_is_no_disagreement():
    x = Value(1.0, "x")
    assert check((x + 1e11) - 1e11, {x: "1"}).ok
