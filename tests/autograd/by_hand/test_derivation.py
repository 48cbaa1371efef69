"""A derivation as a set of lines: chains of =, lines that cannot be read, conventions, and mistakes that go on."""

import numpy as np
import pytest
from derivations import g1, g2, g3, two_layers

import autograd
from autograd import Value, check, parameter


def verdicts(report):
    return [answer.verdict for answer in report]


# --- lines ----------------------------------------------------------------------------------------------------


def test_a_whole_derivation():
    text = """
        da = -y/a + (1 - y)/(1 - a)
        dz = da*a*(1 - a) = a - y
        dw1 = dz*x1;  dw2 = dz*x2
        db = dz
    """
    report = check(g2()[0], text)
    assert report.ok
    assert [answer.name for answer in report] == ["a", "z", "w1", "w2", "b"]
    assert str(report["dz"]) == "✓ dz = da*a*(1 - a) = a - y: right"


def test_the_first_false_equals_sign_is_named():
    chain = check(g2()[0], "dw1 = x1*dz = x1*(a - y) = x1*(y - a) = x1*y")["dw1"]
    assert (chain.verdict, chain.claim) == ("wrong", "x1*(y - a)")
    assert chain.diagnosis.startswith(
        "The first = that does not hold is x1*(a - y) = x1*(y - a). Only the sign is wrong: this is −∂L/∂w1."
    )
    first = check(g2()[0], {"z": "y - a = a - y"})["z"]
    assert first.claim == "y - a"
    assert first.diagnosis.startswith("Only the sign is wrong")


def test_pairs_may_repeat():
    report = check(g2()[0], [("dz", "y - a"), ("dz", "a - y")])
    assert verdicts(report) == ["wrong", "right"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("dw1 = x1*(a - y", "a parenthesis is never closed"),
        ("dw1 = x1)*a", "this ) closes nothing"),
        ("x1*(a - y)", "a line is what is derived = its formula, such as dw1 = x1*(a - y), not 'x1*(a - y)'"),
        ("= a - y", "a line is what is derived = its formula"),
        ("dw1 =", "a line is what is derived = its formula"),
        ("dw1 = a - y =", "a line is what is derived = its formula"),
        ("dw1 = a +* y", "something is missing here"),
        ("dq = a", "the graph has no q"),
    ],
)
def test_one_unreadable_line_is_one_row(line, reason):
    report = check(g2()[0], f"dz = a - y; {line}\ndb = y - a")
    assert verdicts(report) == ["right", "unreadable", "wrong"]
    row = str(report).splitlines()[1]
    assert row.startswith("? ")
    assert f": unreadable: {reason}" in row
    assert not report.ok
    assert report.score() == 1
    assert report.first_wrong.name == "b"
    assert "unreadable" in report._repr_html_()


def test_an_unreadable_line_is_found_by_what_it_is_about():
    L, _ = g2()
    b = next(v for v in autograd.graph.leaves(L) if v.label == "b")
    report = check(L, {b: "a -", "dw1": "x1*(y - a)"})
    assert report[b].verdict == report["b"].verdict == report["db"].verdict == "unreadable"
    assert report.first_wrong.name == "w1"


def test_shapes_that_do_not_fit_say_how_the_line_was_read():
    J, names = two_layers()
    (answer,) = check(J, {"dW2": "1/m dZ2 A1"}, names)
    assert (answer.mistake, answer.read_as) == ("shape", "1/m*(dZ2 @ A1)")
    (answer,) = check(J, {"dW2": lambda m: np.ones((int(m), 2))}, names)
    assert (answer.mistake, answer.read_as) == ("shape", "")


def test_only_unreadable_lines():
    report = check(g2()[0], "q; r")
    assert verdicts(report) == ["unreadable", "unreadable"]
    assert report.first_wrong is None
    assert str(report).count("\n") == 1


def test_nothing_claimed():
    assert list(check(g2()[0], " ; \n")) == []


@pytest.mark.parametrize("claims", [3, ["dz = a"], [("dz",)], None])
def test_claims_that_are_none(claims):
    with pytest.raises(TypeError, match="the claims are a dict"):
        check(g2()[0], claims)


def test_a_formula_is_wanted():
    L, _ = g2()
    value = autograd.graph.topological(L)
    z = next(v for v in value if v.label == "z")
    L.backward()
    number = check(L, {"z": z.grad}, want="formula")["z"]
    assert (number.verdict, number.note) == ("right here only", "")
    assert number.diagnosis == "A number holds at this point only: write a formula, which holds at every one."
    assert check(L, {"z": "a - y", "b": "dz"}, want="formula").ok
    assert check(g1()[0], {"v": "3"}, want="formula").ok  # the derivative is a number
    with pytest.raises(ValueError, match="want is"):
        check(L, {}, want="number")


def test_a_number_may_be_a_wrong_formula():
    """3 is 3·b without the b, at every point; that b is 3 here, too, is no reason to miss the outer 3."""
    J = autograd.parse("3*(a + b*c)", a=5, b=3, c=2)
    for claim in ("3", 3):
        assert check(J, {"c": claim})["c"].diagnosis == "The inner derivative ∂(b·c)/∂c = b is missing."


# --- the conventions of the matrix form -----------------------------------------------------------------------

PER_EXAMPLE = """
    dZ2 = A2 - Y
    dW2 = 1/m*dZ2 @ A1.T
    db2 = 1/m*sum(dZ2, axis=1)
    dA1 = W2.T @ dZ2
    dZ1 = dA1*(1 - A1**2)
    dW1 = 1/m*dZ1 @ A0.T
    db1 = 1/m*sum(dZ1, axis=1)
"""
OF_THE_COST = PER_EXAMPLE.replace("1/m*", "").replace("A2 - Y", "(A2 - Y)/m")


@pytest.mark.parametrize("text", [PER_EXAMPLE, OF_THE_COST])
def test_both_conventions_are_right_as_a_set(text):
    J, names = two_layers()
    report = check(J, text, names)
    assert report.ok, str(report)
    noted = {answer.name for answer in report if "right as ∂L/∂" in answer.note}
    assert noted == ({"Z2", "A1", "Z1"} if text is PER_EXAMPLE else set())
    assert check(J, dict(line.strip().split(" = ") for line in text.strip().split("\n")), names).ok


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (PER_EXAMPLE, "W2"),
        (PER_EXAMPLE, "b1"),
    ],
)
def test_the_line_that_breaks_the_set_is_named(text, name):
    """Without its 1/m the line belongs to the other convention."""
    J, names = two_layers()
    broken = "\n".join(line.replace("1/m*", "") if f"d{name} =" in line else line for line in text.split("\n"))
    report = check(J, broken, names)
    assert [answer.name for answer in report if answer.verdict != "right"] == [name]
    assert "1/4 is missing" in report[name].diagnosis


def test_of_two_lines_the_first_sets_the_convention():
    J, names = two_layers()
    mixed = check(J, "dZ2 = A2 - Y; dW2 = dZ2 @ A1.T", names)
    assert verdicts(mixed) == ["right", "wrong"]
    mixed = check(J, "dZ2 = (A2 - Y)/m; dW2 = dZ2 @ A1.T/m", names)
    assert verdicts(mixed) == ["right", "wrong"]


def test_one_line_alone():
    """∂J/∂Z2 is the derivative of the root; dZ2 alone may be short for ∂L/∂Z2 of each example."""
    J, names = two_layers()
    assert check(J, {"dZ2": "A2 - Y"}, names).ok
    assert check(J, {"dZ2": "(A2 - Y)/m"}, names).ok
    for key in ("Z2", "∂J/∂Z2", "dJ/dZ2"):
        assert check(J, {key: "A2 - Y"}, names)[key].verdict == "wrong"
    assert not check(J, {"dZ2": "2*(A2 - Y)"}, names).ok
    assert not check(J, {"dW2": "(A2 - Y) @ A1.T"}, names).ok


@pytest.mark.parametrize("left", ["dW1", "∂J/∂W1", r"\frac{\partial J}{\partial W_1}"])
def test_one_line_about_a_parameter(left):
    """dZ1 may be that of each example, which no other line says."""
    J, names = two_layers()
    (answer,) = check(J, {left: "1/m*dZ1 @ A0.T"}, names)
    assert (answer.verdict, answer.note) == (
        "right",
        "right where dZ is short for ∂L/∂Z of each example, without the 1/m",
    )
    (answer,) = check(J, {left: "dZ1 @ A0.T"}, names)
    assert (answer.verdict, answer.note) == ("right", "")
    assert not check(J, {left: "2*dZ1 @ A0.T"}, names).ok
    assert not check(J, {left: "1/m*∂J/∂Z1 @ A0.T"}, names).ok
    assert not check(J, {"W1": "1/m*dZ1 @ A0.T"}, names).ok


def test_the_derivative_of_what_is_not_there():
    reason = check(g2()[0], "dz = dQ/da*da/dz")["z"].diagnosis
    assert reason.startswith("the graph has no Q: ")


def test_what_is_written_as_a_quotient_is_meant_so():
    J, names = two_layers()
    explicit = "∂J/∂Z2 = (A2 - Y)/m; dZ2 = A2 - Y; dW2 = ∂J/∂Z2 @ A1.T = 1/m*dZ2 @ A1.T"
    assert check(J, explicit, names).ok


def test_examples_by_their_labels():
    J, _ = g3()
    for text in ("dz = a - y; dw1 = mean(x1*dz); db = sum(dz)/m", "dz = (a - y)/m; dw1 = sum(x1*dz); db = sum(dz)"):
        assert check(J, text).ok, text
    assert verdicts(check(J, "dz = a - y; dw1 = sum(x1*dz); db = sum(dz)/m")) == ["right", "wrong", "right"]


@pytest.mark.parametrize(
    "mean", [lambda xs: sum(xs) / len(xs), autograd.mean, lambda xs: autograd.sum(xs) * (1 / len(xs))]
)
def test_means_in_any_form(mean):
    """Rows of examples as well as columns; with a penalty of the weights beside the mean."""
    w = [parameter(x, f"w_{k}") for k, x in enumerate((0.5, -0.8))]
    X = np.array([[0.3, -1.2], [0.7, 0.4], [-0.5, 0.9]])
    y = [1.0, 0.0, 1.0]
    z = [autograd.dot(w, [Value(x) for x in row]) for row in X]
    a = [autograd.sigmoid(v) for v in z]
    losses = [-(t * autograd.log(p) + (1 - t) * autograd.log(1 - p)) for t, p in zip(y, a, strict=True)]
    J = mean(losses) + 0.05 * (w[0] ** 2 + w[1] ** 2)
    names = {"W": w, "X": X, "A": [[v] for v in a], "Z": [[v] for v in z], "Y": [[t] for t in y], "m": 3}
    assert check(J, "dZ = A - Y; dW = X.T @ dZ/m + 0.1*W", names).score() >= 1
    right = check(J, "dZ = (A - Y); dW = sum(X*dZ, axis=0)/m + 0.1*W", names)
    assert right.ok, str(right)
    assert check(J, "dZ = (A - Y)/m; dW = sum(X*dZ, axis=0) + 0.1*W", names).ok


def test_no_convention_without_examples():
    """The mean of two named nodes is no mean over examples."""
    p, q = Value(0.5, "p"), Value(-0.4, "q")
    J = (autograd.sin(p) + autograd.exp(q)) / 2
    assert check(J, "dp = cos(p)/2; dq = exp(q)/2").ok
    assert verdicts(check(J, "dp = cos(p); dq = exp(q)")) == ["wrong", "wrong"]


# --- mistakes that go on --------------------------------------------------------------------------------------


def test_a_mistake_costs_once():
    report = check(g2()[0], "dz = y - a; dw1 = x1*(y - a); dw2 = x2*dz; db = 1")
    assert [(answer.verdict, answer.follows) for answer in report] == [
        ("wrong", ""), ("wrong", "z"), ("right", ""), ("wrong", "")
    ]  # fmt: skip
    assert report["w1"].diagnosis == (
        "This follows rightly from your dz, which is wrong: mend that, and this is right too."
    )
    assert report["w1"].mistake == "follow-on"
    assert report.score({"dz": 1, "dw1": 2, "dw2": 2, "db": 1}) == 4


def test_a_mistake_goes_on_from_line_to_line():
    report = check(g1()[0], "dv = 2; du = 2; db = 2*c; dc = 3*b")
    assert [answer.follows for answer in report] == ["", "v", "u", ""]
    assert verdicts(report) == ["wrong", "wrong", "wrong", "right"]


def test_numbers_go_on_too():
    report = check(g2()[0], {"dz": 0.44, "dw1": 0.88})
    assert [(answer.verdict, answer.follows) for answer in report] == [("wrong", ""), ("wrong", "z")]


def test_numbers_that_are_carried_on_with_more_digits_than_are_written():
    """dz has the wrong sign, −0.2621765. Of it −0.26 is written, and x1·dz is −0.524353."""
    for dw1 in (-0.524, "-0.5244", -0.52, "-0.5"):
        report = check(g2()[0], {"dz": -0.26, "dw1": dw1})
        assert (report["w1"].verdict, report["w1"].follows) == ("wrong", "z"), dw1
    for dw1 in (-0.56, "-0.50", "-0.4", 0.6):
        assert check(g2()[0], {"dz": -0.26, "dw1": dw1})["w1"].follows == "", dw1


def test_a_rounded_number_that_is_carried_on():
    report = check(g2()[0], {"dz": "0.3", "dw1": "0.6", "dw2": 0.3, "db": 0.4})
    assert verdicts(report) == ["right", "wrong", "right", "wrong"]
    assert (report["w1"].follows, report["w1"].mistake) == ("z", "rounded")
    assert report["w1"].diagnosis == "This follows from your dz = 0.3, which is rounded: carry more digits on."
    assert report["b"].follows == ""
    assert report.score() == 3
    assert check(g2()[0], {"dz": "0.3", "dw1": "0.55"})["w1"].follows == ""


def test_several_mistakes_go_on_together():
    x = Value(0.7, "x")
    p, q = autograd.sin(x), autograd.exp(x)
    p.label, q.label = "p", "q"
    J = p * q
    report = check(J, "dp = -q; dq = 2*p; dx = -q*cos(x) + 2*p*q")
    assert verdicts(report) == ["wrong", "wrong", "wrong"]
    assert report["x"].follows == "p"


def test_nothing_follows_from_a_line_below():
    report = check(g2()[0], "dw1 = y - a; dz = y - a")
    assert [answer.follows for answer in report] == ["", ""]
