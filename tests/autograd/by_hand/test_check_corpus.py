"""The derivations of the lectures: every right one is accepted, every wrong one refused, and its mistake named."""

from functools import cache

import pytest
from derivations import GRAPHS, RIGHT, WRONG

from autograd.by_hand.check import check

RIGHT_CASES = [
    (g, key, formula) for g, claims in RIGHT.items() for key, formulas in claims.items() for formula in formulas
]


@pytest.mark.parametrize(("graph", "key", "formula"), RIGHT_CASES)
def test_right_derivations_are_accepted(graph, key, formula):
    root, names = GRAPHS[graph]()
    answer = check(root, {key: formula}, names)[key]
    assert (answer.verdict, answer.diagnosis, answer.mistake) == ("right", None, ""), answer


@cache
def marked(graph, key, formula):
    root, names = GRAPHS[graph]()
    return check(root, {key: formula}, names)[key]


@pytest.mark.parametrize(("graph", "key", "formula", "mistake", "said"), WRONG)
def test_wrong_derivations_are_never_right(graph, key, formula, mistake, said):  # noqa: ARG001
    answer = marked(graph, key, formula)
    assert answer.verdict in ("wrong", "right here only")
    assert answer.diagnosis
    assert "\n" not in answer.diagnosis


def test_mistakes_are_named():
    """The right kind of mistake and the words that name the place, in at least 95 of 100."""
    assert len(WRONG) >= 120
    missed = []
    for graph, key, formula, mistake, said in WRONG:
        answer = marked(graph, key, formula)
        if answer.mistake not in mistake.split("|") or not any(word in answer.diagnosis for word in said.split("|")):
            missed.append(f"{graph}: d{key} = {formula}: {answer.mistake}: {answer.diagnosis}")
    assert len(missed) <= 0.05 * len(WRONG), "\n".join(missed)
