"""``chainrule check``: exit codes that can grade homework, and one line for what cannot be read."""

import pytest

from chainrule.__main__ import main

FORMULA = "L = -(y*log(a)+(1-y)*log(1-a)); a = sigmoid(z); z = w1*x1+w2*x2+b"
G2 = ["check", FORMULA, "--at", "w1=.5,w2=-1,x1=2,x2=1,b=.25,y=1"]


def test_a_right_claim(run):
    assert run(*G2, "--claim", "dw1 = x1*(a-y)") == (0, "✓ dw1 = x1*(a-y): right\n", "")


@pytest.mark.parametrize("left", ["dw1", "dL/dw1", "∂L/∂w1", "w1"])
def test_left_sides(run, left):
    assert run(*G2, "--claim", f"{left}=x1*(a-y)")[0] == 0


def test_a_wrong_claim(run):
    code, output, errors = run(*G2, "--claim", "dw1 = x1*(a-y)", "--claim", "db = da", "--claim=dz = y - a")
    assert (code, errors) == (1, "")
    assert "✓ dw1 = x1*(a-y): right\n" in output
    assert "✗ db = da: wrong\n  yours −1.778801, autograd −0.4378235, numerical −0.4378235\n" in output
    assert "Start with dz" in output


def test_formulas_may_begin_with_a_minus(run):
    assert run("check", "-a*b", "--at", "a=1", "--at", "b=2", "--claim", "a = -b")[0] == 0


def test_a_formula_may_be_called_check(run):
    code, output, _ = run("check", "check=3")
    assert code == 0
    assert output.startswith("check\n")
    assert run("--", "check", "check=3")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (G2, 'nothing is claimed: add --claim "dw1 = x1*(a - y)"'),
        ([*G2, "--claim", "x1*(a-y)"], "a claim is name = formula"),
        ([*G2, "--claim", "dw1 = a", "--claim", "dw1 = b"], "dw1 is claimed twice"),
        (["check", "3*a", "--claim", "a = 3"], "no value for a: add a=…"),
        (["check"], "the following arguments are required: formula"),
    ],
)
def test_refusals_are_one_line(run, arguments, message):
    code, output, errors = run(*arguments)
    assert (code, output) == (2, "")
    assert errors.startswith(f"chainrule: {message}")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("dw1 = __import__('os')", 'the character "\'" has no place'),
        ("dw1 = a.b", "a dot has no place in a formula"),
        ("dw9 = a", "the graph has no w9"),
    ],
)
def test_an_unreadable_claim_is_a_row(run, claim, reason):
    code, output, errors = run(*G2, "--claim", claim, "--claim", "db = y - a")
    assert (code, errors) == (2, "")
    unreadable, wrong, *_ = output.splitlines()
    assert unreadable.startswith(f"? {claim}: unreadable: {reason}")
    assert wrong == "✗ db = y - a: wrong"


@pytest.mark.parametrize("left", ["∂L/∂q", r"\frac{\partial L}{\partial q}", "dL/dq", "dq", "δ_7"])
def test_an_unreadable_line_is_shown_as_it_was_typed(run, left):
    code, output, _ = run(*G2, "--claim", f"{left} = a")
    assert code == 2
    assert output.startswith(f"? {left} = a: unreadable: ")


def test_help(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["check", "--help"])
    assert "--claim" in capsys.readouterr().out
