"""What went wrong in a hand-derived gradient: hypotheses, tested one by one.

A hypothesis is a mistake with its consequence: what the claim would be at any point, had it been made. Most are
backward passes with one factor changed (``wrong_passes.py``); the rest compare the whole claim with the right one.
The first that gives the claim's own values at *every* point is the diagnosis. They stand in the order of
plausibility: a lost sign before a wrong rule, one mistake before two.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import combinations

from .. import graph
from ..formulas.digits import short, told_apart
from ..formulas.matrix import elements, nodes, shape
from ..value import Value
from .case import Case, Hypothesis
from .slips import slips
from .verdict import place
from .wrong_names import other_names
from .wrong_passes import changed_passes, updated_too_early
from .wrong_terms import wrong_terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..formulas.matrix import Quantity
    from .case import Expected
    from .changes import Change, Sentence

SIX_DIGITS = 5e-6  # the relative error of a number that is written with six
ROUNDED = 2e-3  # the relative error of a number that is rounded to three digits
MOST_PAIRS = 300_000  # of changes, times their links; beyond these, two mistakes at once are not searched for


def said(sentence: str) -> Sentence:
    """A sentence that costs nothing to write."""
    return lambda: sentence


def most_plausible(case: Case) -> tuple[str, str]:
    """The mistake and the sentence of the first hypothesis that fits; a sentence that says so where none does.

    A number may be what several mistakes give: then the sentence has two of them; of few digits, so is the mistake.
    """
    fitting = (hypothesis for hypothesis in hypotheses(case) if case.explains(hypothesis.expected))
    first = next(fitting, None)
    if first is None:
        return "no match", _no_match(case)
    if case.claim.everywhere or first.usual:
        return first.mistake, first.sentence()
    other = next((each for each in fitting if case.tells_apart(first.expected, each.expected)), None)
    if other is None:
        return first.mistake, first.sentence()
    if max(case.claim.tolerance) <= SIX_DIGITS:
        return first.mistake, f"{first.sentence()} Or: {other.sentence()}"
    return "several", (
        f"More than one mistake gives this number, such as: {first.sentence()} Or: {other.sentence()} "
        "More digits, or a formula, tell which it is."
    )


def _no_match(case: Case) -> str:
    (claimed, _), truth = case.claim.at(case.points[0]), case.truth(case.points[0])
    at = max(range(len(truth)), key=lambda i: abs(claimed[i] - truth[i]) if math.isfinite(claimed[i]) else 0.0)
    upper = case.path[-1].upper if case.path else case.root
    yours, right = told_apart(claimed[at], truth[at])
    is_given = all(x == leaf.data for leaf, x in case.points[0].leaves().items())
    where = "here" if is_given else f"where {place(case.points[0], case.names)}"
    tried = "No common mistake" if not case.is_given_up() else "The graph is large, and no mistake that was tried"
    return (
        f"{tried} gives this. Yours is {yours} {where}, right is {right}. Go back one step and check "
        f"{case.writer.partial(case.names[upper], case.target)}; explain() writes the whole chain out."
    )


def hypotheses(case: Case) -> Iterator[Hypothesis]:
    """All of them, the most plausible first."""
    made = list(changed_passes(case.path, case.writer))
    if case.is_literally_zero():
        yield _zero(case, "")
    elif case.explains(_zero(case, "").expected):  # its terms cancel: many changes of factors give that
        yield from _slips(case)
    yield from _whole(case)
    yield from _from_each(case, made)
    yield from _constant_factors(case)
    yield from _without_upstream(case)
    yield from _mistaken_for_another(case)
    yield from _times_a_value(case)
    yield from _updated_too_early(case)
    yield from _wrong_in_one_place(case)
    yield _zero(case, "This is 0: its terms cancel each other out. But ")
    if not case.claim.everywhere:  # one number fits some pair by chance
        return
    for change in made:
        if case.is_given_up():
            break
        if case.may_follow(change, sign=-1.0):
            yield _with_sign(case, change)
    if len(made) ** 2 * len(case.path) <= MOST_PAIRS:
        for pair in combinations(made, 2):
            if pair[0].links.isdisjoint(pair[1].links) and case.may_follow(*pair):
                yield _from_changes(case, *sorted(pair, key=lambda change: change.position))
    yield from _any_constant(case)


# --- the claim as a whole -----------------------------------------------------------------------------------


def _zero(case: Case, cancelled: str) -> Hypothesis:
    sentence = f"{cancelled}{case.derivative} is not 0: {case.names[case.root]} depends on {case.target}."
    return Hypothesis("zero", said(sentence), lambda _: [0.0 for _ in case.claim.targets], usual=True)


def _whole(case: Case) -> Iterator[Hypothesis]:
    d = case.derivative
    lost = ""
    if case.root.op is not None and case.root.op.name == "neg":
        lost = f", such as the one in front of {case.names[case.root]}"
    yield Hypothesis(
        "sign",
        said(f"Only the sign is wrong: this is −{d}. Look for a lost minus{lost}."),
        case.right_times(-1.0),
        usual=True,
    )
    if len(shape(case.claim.what)) == 2:
        yield Hypothesis(
            "transposed",
            said(f"This is the transpose of {d}: the factors of @ are the wrong way round."),
            lambda point: _transposed(case, case.truth(point)),
        )


def _transposed(case: Case, values: Sequence[float]) -> list[float]:
    rows, columns = shape(case.claim.what)
    if rows != columns:
        return [math.nan for _ in values]
    return [values[j * columns + i] for i in range(rows) for j in range(columns)]


def _constant_factors(case: Case) -> Iterator[Hypothesis]:
    sizes = _sizes(case)
    factors = [(float(m), f"{m} times too large: the 1/m of the mean over m = {m} is missing") for m in sizes]
    factors += [
        (1 / m, f"too small by 1/{m}: the mean over m = {m} is divided by m twice, or not summed") for m in sizes
    ]
    factors += [
        (2.0, "twice too large: a ½ is missing, or a square's 2 is there twice"),
        (0.5, "half of the right one: a 2 is missing (d(u²)/du = 2u), or there is a ½ too many"),
    ]
    for factor, sentence in factors:
        yield Hypothesis("factor", said(f"This is {sentence}."), case.right_times(factor))
        yield Hypothesis("factor", said(f"This is {sentence}, and the sign is wrong."), case.right_times(-factor))


def _sizes(case: Case) -> list[int]:
    """How many examples there may be: what means run over, and how long the vectors are."""
    sizes = case.book.sizes()
    for node in case.book.nodes:
        if node.op is not None and node.op.name == "/":
            divisor = graph.stored(node)[1]
            x = divisor.data if isinstance(divisor, Value) and divisor.kind == "constant" else divisor
            if isinstance(x, float | int) and float(x).is_integer() and x > 1:
                sizes.add(int(x))
    for what in case.book.named.values():
        sizes.update(shape(what)[-1:])
    return sorted(sizes - {0, 1})


def _without_upstream(case: Case) -> Iterator[Hypothesis]:
    """The chain below some node only: ∂z/∂w1 where ∂L/∂w1 is asked for."""
    uppers = dict.fromkeys(link.upper for link in reversed(case.path))
    if len(uppers) * len(case.points[0].order) > MOST_PAIRS:  # each takes a whole way back
        return
    for node in uppers:
        if node is not case.root:
            here = case.writer.partial(case.names[node], case.target)
            upstream = case.writer.partial(case.names[case.root], case.names[node])
            yield Hypothesis(
                "upstream missing",
                said(f"This is {here}: what comes from above, {upstream}, is missing."),
                _gradients(case.claim.targets, of=node),
            )


def _mistaken_for_another(case: Case) -> Iterator[Hypothesis]:
    """The claim is right, but for something else: another node's gradient, a value, the reciprocal."""
    alike = [(case.book.shown(name), found) for name, what in case.book.named.items() if (found := _like(case, what))]
    for name, found in alike:
        if found in (case.claim.targets, [case.root]):
            continue
        other = case.writer.partial(case.names[case.root], name)
        yield Hypothesis("another gradient", said(f"This is {other}, not {case.derivative}."), _gradients(found))
        yield Hypothesis(
            "another gradient",
            said(f"This is −{other}: the gradient of another node, and its sign is lost."),
            _gradients(found, sign=-1.0),
        )
    for name, found in alike:
        yield Hypothesis(
            "value, not gradient",
            said(f"This is the value of {name}, not the derivative {case.derivative}."),
            _values(found),
        )
    yield Hypothesis(
        "upside down",
        said(f"This is 1/({case.derivative}): numerator and denominator are swapped."),
        lambda point: [1 / x if x else math.nan for x in case.truth(point)],
    )


def _like(case: Case, what: Quantity) -> list[Value]:
    """The nodes of the graph that something stands for, if they are as many as the claim is about; else none."""
    found = elements(what)
    is_like = len(found) == len(case.claim.targets) and all(v in case.book.nodes for v in found)
    return nodes(what) if is_like else []


def _gradients(of_nodes: Sequence[Value], sign: float = 1.0, of: Value | None = None) -> Expected:
    return lambda point: [sign * point.gradients(of)[v] for v in of_nodes]


def _values(of_nodes: Sequence[Value]) -> Expected:
    return lambda point: [point.data[v] for v in of_nodes]


def _times_a_value(case: Case) -> Iterator[Hypothesis]:
    """A node's value is a factor too many, or a factor that is missing."""
    for typed, what in case.book.named.items():
        if isinstance(what, Value) and what in case.book.nodes:
            name = case.book.shown(typed)
            too_many = f"This is {case.derivative} times {name}: that factor does not belong there."
            yield Hypothesis("extra factor", said(too_many), _times(case, what))
            lost = f"The factor {name} of {case.derivative} is missing."
            yield Hypothesis("missing factor", said(lost), _over(case, what))


def _times(case: Case, node: Value) -> Expected:
    return lambda point: [x * point.data[node] for x in case.truth(point)]


def _over(case: Case, node: Value) -> Expected:
    return lambda point: [x / y if (y := point.data[node]) else math.nan for x in case.truth(point)]


def _updated_too_early(case: Case) -> Iterator[Hypothesis]:
    """The weights were updated before the way back. A number of few digits would fit some learning rate by chance."""
    if max(case.claim.tolerance) <= SIX_DIGITS:
        yield from _from_each(case, updated_too_early(case.path, case.writer))


def _wrong_in_one_place(case: Case) -> Iterator[Hypothesis]:
    """One name, or one term, of a formula is wrong. A number of few digits would fit some of these by chance."""
    if max(case.claim.tolerance) <= SIX_DIGITS:
        yield from _from_each(case, other_names(case.path, case.writer))
        for sentence, off in wrong_terms(case.book, case.claim, case.points[0], case.truth(case.points[0])):
            yield Hypothesis("one term", said(sentence), partial(case.right_and, off))
    yield from _slips(case)


def _slips(case: Case) -> Iterator[Hypothesis]:
    for mistake, sentence, off in slips(case.book, case.claim):
        yield Hypothesis(mistake, sentence, partial(case.right_and, off))


# --- changed backward passes ----------------------------------------------------------------------------------


def _from_each(case: Case, changes: Iterable[Change]) -> Iterator[Hypothesis]:
    """The changes that may explain the claim, as long as there is time."""
    for change in changes:
        if case.is_given_up():
            return
        if case.may_follow(change):
            yield _from_changes(case, change)


def _from_changes(case: Case, *made: Change) -> Hypothesis:
    if len(made) == 1:
        return Hypothesis(made[0].mistake, made[0].sentence, case.with_changes(*made))
    first, second = made
    return Hypothesis(
        "two mistakes",
        lambda: (
            f"Two mistakes. The first on the way back from {case.names[case.root]}: {first.sentence()} "
            f"And then: {second.sentence()}"
        ),
        case.with_changes(*made),
    )


def _with_sign(case: Case, change: Change) -> Hypothesis:
    expected = case.with_changes(change)
    return Hypothesis(
        "two mistakes",
        lambda: f"Two mistakes: {change.sentence()} And the sign is wrong.",
        lambda point: [-x for x in expected(point)],
    )


def _any_constant(case: Case) -> Iterator[Hypothesis]:
    """The claim is the right one times a constant that is none of the usual mistakes."""
    (claimed, _), truth = case.claim.at(case.points[0]), case.truth(case.points[0])
    ratios = [x / y for x, y in zip(claimed, truth, strict=True) if y]
    if not ratios:
        return
    ratio = ratios[0]
    times = told_apart(ratio, 1.0)[0] if abs(ratio - 1) < ROUNDED else short(ratio)
    sentence = f"This is {times} times {case.derivative}, everywhere: look for a number that is lost or too many."
    if abs(ratio - 1) < ROUNDED:
        sentence = (
            f"This is {times} times {case.derivative}, everywhere: a number in it is rounded. "
            "Write it exactly, such as 1/3, not 0.333."
        )
    yield Hypothesis("factor", said(sentence), case.right_times(ratio))
