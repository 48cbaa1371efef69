"""Derivations that are longer: an LSTM cell, batch normalisation, a penalty; and mistakes in one name or one term."""

from functools import cache

import pytest
from longer_derivations import LONGER, RIGHT_LINES, WRONG_LINES

from autograd import check, parse


@pytest.mark.parametrize("graph", RIGHT_LINES)
def test_longer_derivations_by_hand(graph):
    root, names = LONGER[graph]()
    report = check(root, RIGHT_LINES[graph], names)
    assert report.ok, str(report)


@cache
def marked(graph, line):
    root, names = LONGER[graph]()
    (answer,) = check(root, line, names)
    return answer


@pytest.mark.parametrize(("graph", "line"), [wrong[:2] for wrong in WRONG_LINES])
def test_wrong_lines_are_never_right(graph, line):
    assert marked(graph, line).verdict in ("wrong", "right here only")


def test_mistakes_are_named():
    """The right kind of mistake and the words that name the place, in at least 95 of 100."""
    missed = []
    for graph, line, mistake, said in WRONG_LINES:
        answer = marked(graph, line)
        if answer.mistake not in mistake.split("|") or not any(word in answer.diagnosis for word in said.split("|")):
            missed.append(f"{graph}: {line}: {answer.mistake}: {answer.diagnosis}")
    assert len(missed) <= 0.05 * len(WRONG_LINES), "\n".join(missed)


def lstm():
    return LONGER["lstm"]()[0]


@pytest.mark.parametrize(
    ("line", "mistake", "said"),
    [
        ("df = dc*c", "another name", "In ∂c/∂f = c0, c stands where c0 belongs."),
        ("dc0 = dc*i", "another gradient", "This is ∂J/∂g, not ∂J/∂c0."),
        ("dc0 = dc*o", "another name", "o stands where f belongs"),
        ("dc = dq*(1 - h**2)", "another name", "h stands where q belongs"),
        ("dzi = di*g*(1 - g)", "another name", "In ∂i/∂zi = i·(1 − i), g stands where i belongs."),
        ("dzg = dg*g*(1 - g)", "wrong rule", "derivative of the sigmoid"),
        ("dzg = dg*(1 - g)", "wrong rule", "the square is missing"),
        ("do = dh*c", "another name|wrong rule", "c stands where q belongs|operands"),
        ("dh0 = dzf*uf + dzi*ui + dzo*uo", "missing path", "zg"),
        ("dx = dzf*wf + dzi*wi + dzo*wo + 2*dzg*wg", "one term", "The last term, 2·dzg·wg, is 2 times too large."),
        ("dx = dzf*wf + dzi*wi - dzo*wo + dzg*wg", "sign", "∂zo/∂x"),
        ("dx = dzf*wf + dzi*wi + dzo*wo + dzg*ug", "another name", "In ∂zg/∂x = wg, ug stands where wg belongs."),
        ("dwf = dzf*h0", "another gradient", "This is ∂J/∂uf, not ∂J/∂wf."),
    ],
)
def test_mistakes_in_an_lstm_cell(line, mistake, said):
    (answer,) = check(lstm(), line)
    assert answer.verdict == "wrong"
    assert answer.mistake in mistake.split("|"), answer
    assert any(words in answer.diagnosis for words in said.split("|")), answer


@pytest.mark.parametrize(
    ("line", "mistakes"),
    [
        ("dgamma = sum(dy*x)", "another name|wrong rule"),
        ("dgamma = sum(xhat)", "missing factor"),
        ("dbeta = mean(dy)", "factor|extra factor|wrong rule"),
        ("dxhat = dy", "missing factor"),
        ("dvar = sum(dxhat*(x - mu))*(-1/2)*(var + eps)**(-1/2)", "wrong rule"),
        ("dvar = sum(dxhat*(x - mu))*(1/2)*(var + eps)**(-3/2)", "sign"),
        ("dx = dxhat/sqrt(var + eps) + dvar*2*(x - mu)/m", "missing path"),
        ("dx = dxhat/sqrt(var + eps) + dmu/m", "missing path"),
        ("dx = dxhat/sqrt(var + eps)", "overwritten|missing path"),
        ("dx = dxhat/sqrt(var + eps) + dvar*(x - mu)/m + dmu/m", "one term|factor|wrong rule|missing factor"),
        ("dx = dxhat/sqrt(var + eps) + dvar*2*(x - mu) + dmu/m", "one term|wrong rule|missing factor"),
    ],
)
def test_mistakes_in_batch_normalisation(line, mistakes):
    answer = marked("batchnorm", line)
    assert answer.verdict == "wrong"
    assert answer.mistake in mistakes.split("|"), answer


def test_a_direct_path_is_not_the_whole_derivative():
    (answer,) = check(penalised(), "dw1 = x1*(a - y) - lam*w1/2")
    assert answer.diagnosis == "The sign of ∂J/∂w1 = lam/4·2·w1 (the direct path) is wrong."


# --- one term -------------------------------------------------------------------------------------------------


def penalised():
    text = "J = -(y*log(a) + (1 - y)*log(1 - a)) + lam/4*(w1**2 + w2**2); a = sigmoid(z); z = w1*x1 + w2*x2 + b"
    return parse(text, y=1, x1=0.5, x2=-0.7, w1=0.3, w2=0.8, b=0.1, lam=0.2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dw1 = x1*(a - y) + 1.5*lam*w1", "The second term, 1.5·lam·w1, is 3 times too large."),
        ("dw1 = x1*(a - y)/5 + lam*w1/2", "The first term, x1·(a − y)/5, is 5 times too small."),
        (
            "dw1 = lam*w1/2 + 3*x1*(y - a)",
            "The second term, 3·x1·(y − a), is 3 times too large, and its sign is wrong.",
        ),
        ("db = a - y + lam*b", "The last term, lam·b, does not belong there."),
    ],
)
def test_a_factor_is_wrong_in_one_term(line, said):
    (answer,) = check(penalised(), line)
    assert (answer.verdict, answer.mistake, answer.diagnosis) == ("wrong", "one term", said)


# --- a mistake is named only if it explains the claim ----------------------------------------------------------


def logistic(**numbers):
    text = "L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w1*x1 + w2*x2 + b"
    return parse(text, **{"w1": 0.5, "w2": -1, "x1": 2, "x2": 1, "b": 0.25, "y": 0.1} | numbers)


@pytest.mark.parametrize("factor", ["1.00000003", "1.0000001", "0.9999995", "1.00001"])
def test_a_claim_that_is_hardly_off_has_a_rounded_number(factor):
    """No missing factor of 1, no lost sign of 0: those give the right answer, not the claim."""
    (answer,) = check(logistic(w1=1, x2=1), f"dw1 = {factor}*x1*(a - y)")
    assert (answer.verdict, answer.mistake) == ("wrong", "factor")
    assert answer.diagnosis.startswith(f"This is {factor} times ∂L/∂w1, everywhere: a number in it is rounded.")


def test_what_explains_half_of_it_does_not_explain_it():
    """A forgotten path gives y: that is right but for 8e-9, and the claim but for 4e-9."""
    (answer,) = check(parse("J = x*y + 8e-9*x*y", x=2, y=3), "dx = y*(1 - 4e-9)")
    assert (answer.verdict, answer.mistake) == ("wrong", "factor")
    assert "a number in it is rounded" in answer.diagnosis


def test_what_differs_is_never_shown_as_equal():
    (answer,) = check(logistic(), "dz = (a - y)*(1 + 1e-7*sin(w2))")
    assert answer.mistake == "no match"
    yours, right = (answer.diagnosis.split(words)[1].split()[0] for words in ("Yours is ", "right is "))
    assert yours != right.rstrip(".")


def test_a_number_of_few_digits_has_several_explanations():
    (answer,) = check(logistic(), {"w1": "1.8"})
    assert answer.mistake == "several"
    assert "∂z/∂w1 = x1 is there once too often" in answer.diagnosis
    assert "twice too large" in answer.diagnosis
    (answer,) = check(logistic(), {"w1": 1.8487060035})
    assert answer.mistake == "extra factor"
    assert "Or: This is twice too large" in answer.diagnosis


def test_a_number_is_explained_by_what_is_nearer_than_the_truth():
    """Without the path through v it is 0.4352, which is written 0.44, too; but the truth is as near: 0.4348."""
    root = parse("J = u + v; u = a*x; v = -b*x", x=0.7, a=0.4352, b=0.0004)
    (answer,) = check(root, {"x": "0.44"})
    assert (answer.verdict, answer.mistake) == ("wrong", "no match")


@pytest.mark.parametrize(("claim", "mistake"), [("-0.92", "sign"), ("0", "zero"), ("-0.9", "no match")])
def test_the_most_usual_mistakes_need_few_digits(claim, mistake):
    (answer,) = check(logistic(), {"w1": claim})
    assert (answer.verdict, answer.mistake) == ("wrong", mistake)


def test_a_large_graph_is_given_up_in_words(monkeypatch):
    """No common mistake was found; not all of them were tried, and the sentence does not say that they were."""
    monkeypatch.setattr("autograd.by_hand.case.MOST_WORK", 20)
    (answer,) = check(logistic(), "dw1 = sin(a)")
    assert answer.mistake == "no match"
    assert answer.diagnosis.startswith("The graph is large, and no mistake that was tried gives this.")
    (answer,) = check(logistic(), "dw1 = x1*(y - a)")
    assert answer.mistake == "sign"
