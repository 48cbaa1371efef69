"""Verdicts that hold: softmax with cross-entropy, kinks, few points, names of two Values, numbers beside each other."""

import math
import re

import numpy as np
import pytest
from derivations import g1, g2
from random_graphs import node, recipe

import autograd
import nn
from autograd import Value, graph, parameter, parse
from autograd.by_hand.check import check
from autograd.by_hand.distributions import Distributions
from autograd.by_hand.point import given_point, some_points
from autograd.formulas.digits import told_apart


def verdicts(report):
    return [answer.verdict for answer in report]


# --- softmax with cross-entropy: dz = p − y -------------------------------------------------------------------


def outputs(numbers=(0.5, -1.0, 0.3)):
    """Logits z_1, z_2, ... and their softmax p_1, p_2, ..."""
    zs = [Value(x, f"z_{k}") for k, x in enumerate(numbers, 1)]
    ps = autograd.softmax(zs)
    for k, p in enumerate(ps, 1):
        p.label = f"p_{k}"
    return zs, ps


def log_sum(y, p):
    return -autograd.sum([y_k * autograd.log(p_k) for y_k, p_k in zip(y, p, strict=True)])


def by_hand(z, y):
    """Softmax made of exp, sum and division."""
    e = [autograd.exp(z_k) for z_k in z]
    s = e[0] + e[1] + e[2]
    return log_sum(y, [e_k / s for e_k in e])


LOSSES = {
    "nn.cross_entropy": lambda z, p, y: nn.cross_entropy(p, y),  # noqa: ARG005
    "with logits": lambda z, p, y: nn.cross_entropy_with_logits(z, y),  # noqa: ARG005
    "sum": lambda z, p, y: log_sum(y, p),  # noqa: ARG005
    "a + b + c": lambda z, p, y: -(y[0] * autograd.log(p[0]) + y[1] * autograd.log(p[1]) + y[2] * autograd.log(p[2])),  # noqa: ARG005
    "-a - b - c": lambda z, p, y: -y[0] * autograd.log(p[0]) - y[1] * autograd.log(p[1]) - y[2] * autograd.log(p[2]),  # noqa: ARG005
    "dot": lambda z, p, y: -autograd.dot(y, [autograd.log(p_k) for p_k in p]),  # noqa: ARG005
    "log_softmax": lambda z, p, y: log_sum_of_logs(z, y),  # noqa: ARG005
    "log(p + eps)": lambda z, p, y: log_sum(y, [p_k + 1e-300 for p_k in p]),  # noqa: ARG005
    "xlogy": lambda z, p, y: -autograd.sum([autograd.xlogy(y_k, p_k) for y_k, p_k in zip(y, p, strict=True)]),  # noqa: ARG005
    "by hand": lambda z, p, y: by_hand(z, y),  # noqa: ARG005
}
DATA = {"one-hot": [1.0, 0.0, 0.0], "another": [0.0, 0.0, 1.0], "soft": [0.2, 0.5, 0.3]}


def log_sum_of_logs(z, y):
    return -autograd.sum([y_k * log_p for y_k, log_p in zip(y, autograd.log_softmax(z), strict=True)])


CASES = [(loss, data, of) for loss in LOSSES for data in DATA for of in (Value, float)]


@pytest.mark.parametrize(("loss", "data", "of"), [("log(p[0])", "one-hot", float), *CASES])
def test_the_most_classic_derivation(loss, data, of):
    zs, ps = outputs()
    y = [of(x) for x in DATA[data]]
    L = LOSSES[loss](zs, ps, y) if loss in LOSSES else -autograd.log(ps[0])
    L.label = "L"
    names = {"z": zs, "p": ps, "y": y}
    assert check(L, {"dz": "p - y"}, names)["z"].verdict == "right"
    wrong = check(L, {"dz": "y - p"}, names)["z"]
    assert (wrong.verdict, wrong.mistake) == ("wrong", "sign")
    assert check(L, {"dz": "p*y"}, names)["z"].verdict == "wrong"
    assert check(L, {"dz": "p"}, names)["z"].verdict == "wrong"
    if of is Value and data == "one-hot":
        first = check(L, {"dz_1": "p_1 - 1"}, names)["z_1"]
        assert first.verdict == "right here only"


def test_why_a_class_is_right_here_only():
    _, ps = outputs()
    y = [Value(x, f"y_{k}") for k, x in enumerate([1.0, 0.0, 0.0], 1)]
    found = check(log_sum(y, ps), {"dz_1": "p_1 - 1"}, {"p": ps})["z_1"]
    assert (
        found.diagnosis == "Right only because y_1 = 1 and y_2 = 0 and y_3 = 0; the formula must hold for every value."
    )


def test_by_labels():
    """What names= has is named by its labels, too: L does not depend on p_2, and p_2 depends on the logits."""
    zs, ps = outputs()
    L = -autograd.log(ps[0])
    report = check(L, {"dz_1": "p_1 - 1", "dz_2": "p_2", "dz_3": "p_1"}, {"p": ps})
    assert verdicts(report) == ["right", "right", "wrong"]
    assert check(L, {"dp": "-y/p", "dz": "p - y"}, {"z": zs, "p": ps, "y": [1, 0, 0]}).ok
    assert check(L, {"dp": "-1/p"}, {"p": ps})["p"].verdict == "wrong"
    assert check(L, {"dp_2": "0"}, {"p": ps}).answers[0].verdict == "unreadable"
    before = [v.data for v in (*zs, *ps)]
    check(L, {"dz_2": "p_2"}, {"p": ps})
    assert [v.data for v in (*zs, *ps)] == before


@pytest.mark.parametrize("soft", [False, True])
def test_several_examples(soft):
    logits, outs, data, losses = [], [], [], []
    for i in range(4):
        zs, ps = outputs([0.3 * i, 0.5 - i, 0.2 * i * i])
        y = [Value(x, "y") for x in ([0.1, 0.6, 0.3] if soft else [float(k == i % 3) for k in range(3)])]
        logits.append(zs)
        outs.append(ps)
        data.append(y)
        losses.append(log_sum(y, ps))
    J = autograd.mean(losses)
    names = {"Z": logits, "P": outs, "Y": data, "m": 4}
    assert check(J, {"dJ/dZ": "(P - Y)/m"}, names).ok
    assert check(J, {"dJ/dZ": "(Y - P)/m"}, names)["Z"].mistake == "sign"
    flat = [Value(v.data, "y") for row in data for v in row]
    logs = [autograd.log(p) for row in outs for p in row]
    J = autograd.sum([y * log for y, log in zip(flat, logs, strict=True)]) / -4
    assert check(J, {"dJ/dZ": "(P - Y)/m"}, names | {"Y": [flat[at : at + 3] for at in (0, 3, 6, 9)]}).ok


def test_data_stay_data():
    _, ps = outputs()
    y = [Value(x, "y") for x in (0.0, 1.0, 0.0)]
    L = log_sum(y, ps)
    found = {tuple(point.data[v] for v in y) for point in some_points(given_point(L), 0, (), 20)}
    assert found == {(1.0, 0.0, 0.0), (0.0, 0.0, 1.0)}
    for v, x in zip(y, (0.2, 0.5, 0.3), strict=True):
        v.data = x
    for point in some_points(given_point(L.refresh() or L), 0, (), 20):
        weights = [point.data[v] for v in y]
        assert math.isclose(sum(weights), 1)
        assert min(weights) > 0


@pytest.mark.parametrize("x1", [0.0, 1.0])
def test_worked_numbers_of_inputs_stay_free(x1):
    """0 and 1 in a table of truth are numbers like any others: x1² is not x1."""
    text = "L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w1*x1 + w2*x2"
    L = parse(text, w1=1, w2=0, x1=x1, x2=1 - x1, y=1)
    report = check(L, {"w1": "x1**2*(a - y)", "w2": "x2*(a - y)"})
    assert verdicts(report) == ["right here only", "right"]
    assert not Distributions(given_point(L)).groups


def test_weights_of_logarithms_that_are_no_distribution():
    f = parse("f = u*log(x) + v*log(y)", u=0.5, v=0.6, x=2, y=3)
    assert not Distributions(given_point(f)).groups
    assert check(f, {"x": "(1.1 - v)/x"})["x"].verdict == "right here only"


@pytest.mark.parametrize("y", [0.0, 1.0])
def test_labels_of_two_values(y):
    """y² is y for a label of 0 or 1, and y² is 1 for one of −1 or 1."""
    L = parse("L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z)", z=0.7, y=y)
    found = check(L, {"z": "a - y**2"})["z"]
    assert (found.verdict, found.note) == ("right", "right where y is 0 or 1")
    assert check(L, {"z": "a - 1 + (1 - y)**2"})["z"].verdict == "right"
    assert check(L, {"z": f"a - {y}"})["z"].verdict == "right here only"
    hinge = parse("L = relu(1 - t*s); s = w*x", w=0.3, x=1.5, t=-1)
    assert check(hinge, {"w": "-t*x*step(1 - t*s)"})["w"].note == ""
    found = check(hinge, {"w": "-x/t*step(1 - s*t)*t**2"})["w"]
    assert found.verdict == "right"
    squared = parse("L = (a - y)**2", a=0.3, y=y)  # a number to be met, not a label
    assert check(squared, {"a": "2*(a - y**2)"})["a"].verdict == "right here only"


# --- kinks ----------------------------------------------------------------------------------------------------

KINKS = {
    "abs": (lambda x: abs(x), 0.0, -1, 1),
    "relu": (autograd.relu, 0.0, 0, 1),
    "leaky_relu": (autograd.leaky_relu, 0.0, 0.01, 1),
    "maximum": (lambda x: autograd.maximum(x, 2.0), 2.0, 0, 1),
    "minimum": (lambda x: autograd.minimum(x, 2.0), 2.0, 1, 0),
    "clip": (lambda x: autograd.clip(x, 0, 1), 1.0, 1, 0),
}


@pytest.mark.parametrize("size", [1.0, -3.0, 1e-6, 1e6])
@pytest.mark.parametrize("kink", KINKS)
def test_each_value_between_both_derivatives_is_right_by_convention(kink, size):
    f, at, left, right = KINKS[kink]
    x = Value(at, "x")
    root = size * f(x)
    root.label = "f"
    for claimed in (left, right, (left + right) / 2):
        answer = check(root, {x: size * claimed})[x]
        assert answer.verdict == "right", answer
        assert answer.note.startswith("right by convention: f has a kink here: the derivative is ")
    for claimed in (min(left, right) - 0.01, max(left, right) + 0.01):
        answer = check(root, {x: size * claimed})[x]
        assert (answer.verdict, answer.mistake) == ("wrong", "kink")
        assert "f has a kink here: the derivative is" in answer.diagnosis
        assert answer.diagnosis.endswith("is not between them.")


def test_the_derivative_of_abs_at_0():
    x = Value(0.0, "x")
    for claim in (1, "1", -1, "0.5", "sign(x)"):
        assert check(abs(x), {x: claim})[x].verdict == "right"
    assert check(abs(x), {x: "x/abs(x)"})[x].verdict == "inconclusive"
    wrong = check(abs(x), {x: "2*x"})[x]
    assert wrong.verdict == "wrong"
    assert wrong.claimed != wrong.autograd
    assert "right here, but not at another point (x = " in str(wrong)


def test_the_element_that_is_not_between_is_shown():
    w = [Value(0.0, f"w_{k}") for k in range(3)]
    f = autograd.sum([autograd.relu(v * x) for v, x in zip(w, [1.0, 2.0, -3.0], strict=True)])
    assert check(f, {"dw": [1.0, 0.0, -3.0]}, {"w": w}).ok
    wrong = check(f, {"dw": [1.0, 2.0, 3.0]}, {"w": w})["w"]
    assert (wrong.verdict, wrong.claimed) == ("wrong", 3.0)
    assert "−3 from the left and 0 from the right" in wrong.diagnosis


# --- points ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", range(4))
def test_few_points_refuse_nothing(points):
    report = check(g2()[0], {"z": "a - y", "w1": "x1*dz", "a": "(a-y)/(a*(1-a))"}, points=points)
    assert report.ok
    note = "" if points else "right at this point, the only one at which it was compared"
    assert [answer.note for answer in report] == [note] * 3


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("points", [1, 2, 8])
def test_both_sides_of_a_kink_are_seen(seed, points):
    relu = parse("L = (a - y)**2; a = relu(z)", z=0.7, y=0.4)
    assert check(relu, {"z": "2*(a - y)"}, seed=seed, points=points)["z"].verdict == "right here only"
    larger = parse("L = maximum(a, b)*c", a=2, b=1, c=3)
    assert check(larger, {"a": "c"}, seed=seed, points=points)["a"].verdict == "right here only"
    both = parse("L = where(c, a, b)", c=1, a=2, b=3)
    assert check(both, {"a": "where(c, 1, 0)"}, seed=seed, points=points).ok


@pytest.mark.parametrize("x", [1e-3, 1e-8, 50.0, 1e4])
def test_a_right_line_where_few_random_points_are_in_the_domain(x):
    f = parse("f = log(log(1 + x)*k) + sqrt(d - x)", x=x, k=1 / x, d=2 * x)
    assert check(f, {"x": "1/(log(1 + x)*(1 + x)) - 1/(2*sqrt(d - x))", "k": "1/k"}).ok
    narrow = parse("f = acos(1 - x)*asin(u)*atanh(v)", x=1e-9, u=0.999999, v=-0.9999)
    assert check(narrow, {"u": "acos(1 - x)*atanh(v)/sqrt(1 - u**2)"}).ok


def test_a_formula_that_has_a_value_only_near_the_given_point():
    f = parse("f = exp(x/2)", x=40)
    claim = "sqrt(exp(x))/2 + 0*sqrt(x - 39) + 0*sqrt(41 - x)"
    assert check(f, {"x": claim})["x"].verdict == "right"
    assert check(f, {"x": claim.replace("/2", "/3")})["x"].verdict == "wrong"


# --- names of two Values ----------------------------------------------------------------------------------------


def said(root, claims, names=None):
    (answer,) = check(root, claims, names)
    assert answer.verdict == "unreadable"
    return answer.diagnosis


def test_a_label_of_a_leaf_and_an_inner_node():
    x = Value(2.0, "x")
    h = x * 2
    h.label = "x"
    L = h**2
    for claim in ({"x": "2*x_2"}, {"dx": "8*x_1"}, {x: "8*x"}, {"dL/dx": 1}, {"x_1": "4*dx"}, {"x_1": "2*x"}):
        assert said(L, claim).startswith("x names two Values: write x_1 (= 2) or x_2 (= 4)")
    report = check(L, {"x_1": "4*x_2", "x_2": "2*x_2"})
    assert report.ok
    for key in ("x", "dx", "∂f/∂x"):
        with pytest.raises(KeyError, match="x names two Values"):
            report[key]


def test_a_vector_by_one_of_its_elements():
    zs = [Value(x, "z") for x in (1.0, 2.0)]
    report = check(autograd.sum([z * z for z in zs]), {zs[0]: "2*z_1"})
    assert report.ok
    with pytest.raises(KeyError, match="z names two Values"):
        report["z"]


def test_a_name_of_one_node_in_the_graph_and_another_in_names():
    x, other = Value(2.0, "x"), Value(5.0, "u")
    message = "x names two Values, one in the graph (= 2) and one in names= (= 5): give one of them another name"
    assert said(3 * x, {"x": 3}, {"x": other}) == message
    assert said(3 * x, {x: "3*x"}, {"x": other}) == message
    assert said(x * x, {x: "dx"}, {"x": other}) == message
    assert check(3 * x, {"x": 3}, {"x": x}).ok
    assert check(3 * x, {x: "3"}, {"x": other}).ok  # it is not spoken of


def test_a_label_in_the_graph_and_on_a_node_beside_it():
    w, beside = Value(3.0, "w"), Value(7.0, "w")
    L = Value(2.0, "x") * w
    message = "w names two Values, one in the graph (= 3) and one in names= (= 7)"
    assert said(L, {"x": "w"}, {"v": beside}).startswith(message)
    assert check(L, {"x": "w"}).ok
    assert check(L * w, {"x": "(v - 4)*w"}, {"v": beside})["x"].verdict != "right"


def test_names_tell_apart_what_labels_do_not():
    x = Value(2.0, "x")
    h = x * 2
    h.label = "x"
    assert check(h**2, {"x": "4*h", "h": "2*h"}, {"x": x, "h": h}).ok


# --- numbers beside each other --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y"), [(1 / 3, 0.33333334), (1.0, 1.0 + 2e-9), (-0.4458536, -0.44585361), (0.5, 0.25), (1e-300, 1.1e-300)]
)
def test_different_numbers_look_different(x, y):
    texts = told_apart(x, y)
    assert texts[0] != texts[1]


def test_equal_numbers_look_as_ever():
    assert told_apart(1 / 3, 1 / 3) == ("0.3333333", "0.3333333")
    assert told_apart(1.0, 1.0 + 2**-52) == ("1", "1")  # rounding, which depends on the processor
    assert told_apart(math.nan, 2.0) == ("nan", "2")
    assert told_apart(0.0, -0.0) == ("0", "0")


@pytest.mark.parametrize("claim", ["3*c*1.00000002", "6.00000012", 6.00000012, "c + 4.0000001", "3.0000001*c"])
def test_yours_and_autograd_never_look_the_same_where_they_differ(claim):
    answer = check(g1()[0], {"b": claim})["b"]
    yours, right = str(answer).split("yours ")[1].split(", numerical")[0].split(", autograd ")
    assert answer.verdict == "wrong"
    assert yours != right


def test_what_holds_by_chance_only_shows_two_numbers():
    f = parse("f = a*b", a=1.5, b=3)
    sentence = check(f, {"a": "2*a"})["a"].diagnosis
    yours, right = re.search(r"it is (\S+), right is (\S+)\.", sentence).groups()
    assert yours != right


# --- whatever the graph is made of ----------------------------------------------------------------------------


def test_a_number_that_weighs_a_logarithm():
    """It is a Constant as soon as somebody has asked for it as a node."""
    x = Value(2.0, "x")
    f = 0.5 * autograd.log(x) + 0.5 * autograd.log(x + 1)
    assert [v.kind for node in f.inputs for v in node.inputs if v.kind == "constant"]
    assert check(f, {"x": "1/(2*x) + 1/(2*(x + 1))"}).ok


def test_functions_without_arguments_are_numbers():
    answer = check(g1()[0], {"b": lambda: 6.0})["b"]
    assert (answer.verdict, answer.note) == ("right", "right at this point")
    assert check(g1()[0], {"b": lambda: 6.001})["b"].verdict == "wrong"


@pytest.mark.parametrize("seed", [2, 20, 29, 30, 37, 56, 58])
def test_derivatives_that_the_engine_writes_are_right(seed):
    """The text of a derivative graph, of random graphs with kinks in them, at whatever points."""
    made = recipe(seed)
    leaves = [Value(x, f"x{k}") for k, x in enumerate(made.leaves)]
    root = made.follow(leaves, node)[-1]
    found = set()
    for leaf in graph.leaves(root):
        derivative = autograd.differentiate(root, leaf)
        derivative.label = ""
        *definitions, formula = autograd.to_text(derivative).split("; ")
        if not definitions:
            found |= {answer.verdict for k in (0, 1, 8) for answer in check(root, {leaf: formula}, points=k)}
    assert found == {"right"}


@pytest.mark.parametrize("labels", ["", "p"])
@pytest.mark.parametrize("size", [3, 12])
def test_wrong_lines_about_a_softmax_get_an_answer(labels, size):
    """Its formulas have indices, and ends that are cut short."""
    w = [[parameter(0.1 * j - 0.2 * k) for j in range(2)] for k in range(size)]
    logits = [autograd.dot(row, [0.3, -1.2]) for row in w]
    ps = autograd.softmax(logits)
    for p in ps:
        p.label = labels
    L = -autograd.log(ps[0])
    names = {"z": logits, "p": ps, "W": w, "y": [1.0] + [0.0] * (size - 1), "x": [0.3, -1.2]}
    report = check(L, {"dz": "p*y", "dW": np.full((size, 2), 0.1)}, names)
    assert verdicts(report) == ["wrong", "wrong"]
    assert all(answer.diagnosis for answer in report)
