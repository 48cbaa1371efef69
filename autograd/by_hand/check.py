"""Checking hand-derived gradients: ``check(L, {"w1": "x1*(a - y)", "b": "a - y"})``.

Three opinions on each claim: the claim itself; backpropagation; and a numerical derivative, which knows nothing of
either. They are compared at the graph's own point and at random values of its leaves, because a wrong formula can be
right by chance at one point. The Values of the graph are only read.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from .. import graph
from ..formulas.digits import short
from ..formulas.matrix import ShapeError, nodes
from ..formulas.naming import Names
from ..number import quoted, shortened
from ..value import Value
from .claim import Book, Claim
from .hypotheses import Case, most_plausible
from .point import Point, given_point, random_points

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

RIGHT, ONLY_HERE, WRONG, INCONCLUSIVE = "right", "right here only", "wrong", "inconclusive"
_MARKS = {RIGHT: "✓", ONLY_HERE: "✗", WRONG: "✗", INCONCLUSIVE: "?"}


def check(
    root: Value,
    claims: Mapping[Any, object],
    names: Mapping[str, object] | None = None,
    *,
    points: int = 8,
    seed: int = 0,
) -> Report:
    """Compare claims about the derivatives of ``root`` with backpropagation and with numerics; say what is wrong.

    ``claims`` maps what the derivative is with respect to (a Value, or ``"w1"``, ``"dw1"``, ``"dL/dw1"``,
    ``"∂L/∂w1"``; inner nodes as well) to a formula in the labels of the graph, to a function whose arguments
    are such names, or to a number (which is checked at the given point only, to the digits it is written with).
    In formulas ``dz`` is the derivative of the root with respect to ``z``, ``da/dz`` that of ``a``.

    ``names`` gives further names: for Values without a label, and for lists and matrices of Values or numbers:
    ``check(J, {"dW1": "dZ1 @ A0.T / m"}, names={"W1": layer.W, "Z1": ..., "A0": ..., "m": 4})``. There ``*`` is
    element by element, ``sum(A)``, ``mean(A)`` run over all, ``sum(A, axis=1)`` over each row.
    Data given there as arrays of numbers are not moved. ``points`` is the number of random points.
    Raises FormulaError for what cannot be read, and for a label that several nodes have unless it is a vector, as the
    z of all examples is (each is called ``z_1``, ``z_2``, ... too).

    >>> from autograd import Value
    >>> w, x = Value(3, "w"), Value(2, "x")
    >>> J = (w * x) ** 2
    >>> print(check(J, {"w": "2*w*x"}))
    ✗ dw = 2*w*x: wrong
      yours 12, autograd 24, numerical 24
      The inner derivative ∂(w·x)/∂w = x is missing.
    """
    if not isinstance(root, Value):
        raise TypeError(f"check takes the root of a graph, a Value, not {quoted(root)} ({type(root).__name__})")
    if not hasattr(claims, "items"):
        raise TypeError(f"the claims are a dict such as {{'w1': 'x1*(a - y)'}}, not {quoted(claims)}")
    book = Book(root, names)
    given = given_point(root)
    others = list(islice(random_points(given, seed, book.fixed), points))
    return Report([_checked(book, key, right_side, given, others) for key, right_side in claims.items()], root)


@dataclass(frozen=True)
class Answer:
    """What came out for one claim; for a matrix, ``claimed``, ``autograd`` and ``numerical`` are its worst element.

    ``verdict``   "right", "right here only", "wrong" or "inconclusive"
    ``diagnosis`` the sentence that says what went wrong; None for what is right
    ``mistake``   its kind in two words ("missing factor"), for statistics over a class; "" for what is right
    """

    name: str
    claim: str
    verdict: str
    diagnosis: str | None = None
    mistake: str = ""
    claimed: float = math.nan
    autograd: float = math.nan
    numerical: float = math.nan
    numerical_error: float = math.inf
    targets: tuple[Value, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        lines = [f"{_MARKS[self.verdict]} d{self.name} = {self.claim}: {self.verdict}"]
        if self.verdict != RIGHT:
            if not math.isnan(self.autograd):
                lines.append(f"  yours {short(self.claimed)}, autograd {short(self.autograd)}, {self._witness()}")
            lines.append(f"  {self.diagnosis}")
        return "\n".join(lines)

    def _witness(self) -> str:
        return f"numerical {short(self.numerical)}" if math.isfinite(self.numerical) else "numerical —"


class Report:
    """The answers, by Value or name: ``report[w1].verdict``; ``report.ok`` if every claim is right."""

    def __init__(self, answers: list[Answer], root: Value) -> None:
        self.answers = answers
        self._book = Book(root)

    @property
    def ok(self) -> bool:
        """Whether every claim is right."""
        return not self._wrong()

    @property
    def first_wrong(self) -> Answer | None:
        """The claim to look at first: of those that are not right, the one nearest to the root."""
        order = {node: at for at, node in enumerate(graph.topological(self._book.root))}
        return max(self._wrong(), key=lambda answer: max(order[v] for v in answer.targets), default=None)

    def _wrong(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.verdict != RIGHT]

    def __getitem__(self, key: object) -> Answer:
        for answer in self.answers:
            if (key in answer.targets and len(answer.targets) == 1) if isinstance(key, Value) else key == answer.name:
                return answer
        if isinstance(key, str):
            name = key.rpartition("/")[2]
            for answer in self.answers:
                if name in (f"d{answer.name}", f"∂{answer.name}"):
                    return answer
            for label in (key, name.removeprefix("d").removeprefix("∂")):
                if label in self._book.ambiguous:
                    raise KeyError(self._book.names.ambiguous(label, self._book.ambiguous[label]))
        raise KeyError(key)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    def __str__(self) -> str:
        lines = [str(answer) for answer in self.answers]
        first = self.first_wrong
        if first is not None and len(self._wrong()) > 1 and any(target.op is not None for target in first.targets):
            lines.append(f"Start with d{first.name}: on the way back it comes first.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        counts = Counter(answer.verdict for answer in self.answers)
        return f"<Report: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}>"

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{word}</th>" for word in ("", "claim", "yours", "autograd", "numerical", "verdict"))
        rows = [f"<tr>{head}</tr>"]
        for answer in self.answers:
            numbers = [short(x) if math.isfinite(x) else "—" for x in _opinions(answer)]
            verdict = f"<b>{answer.verdict}</b>" + (f"<br>{escape(answer.diagnosis)}" if answer.diagnosis else "")
            claim = escape(f"d{answer.name} = {answer.claim}")
            cells = [_MARKS[answer.verdict], f"<code>{claim}</code>", *numbers]
            row = "".join(f"<td>{cell}</td>" for cell in cells)
            rows.append(f'<tr>{row}<td style="text-align:left">{verdict}</td></tr>')
        return f"<table>{''.join(rows)}</table>"


def _opinions(answer: Answer) -> tuple[float, float, float]:
    return answer.claimed, answer.autograd, answer.numerical


# --- one claim ----------------------------------------------------------------------------------------------


def _checked(book: Book, key: object, right_side: object, given: Point, others: list[Point]) -> Answer:
    try:
        claim = Claim(book, key, right_side)
    except ShapeError as error:
        name, what = book.target(key)
        source = shortened(" ".join(str(right_side).split()))
        sentence = f"The shapes do not fit: {error}".removesuffix("?") + ("?" if str(error).endswith("?") else ".")
        return Answer(name, source, WRONG, sentence, "shape", targets=tuple(nodes(what)))
    others = [point for point in others if claim.everywhere and _numerics_agree(point, claim)]
    here = _compared(claim, given)
    there = [_compared(claim, point) for point in others]
    worst, numerical, uncertainty = _witnessed(claim, given)
    verdict, doubt = _verdict(claim, given, here, there, worst, (numerical, uncertainty))
    mistake, sentence = ("", doubt) if doubt or verdict == RIGHT else _explained(book, claim, verdict, given, others)
    return Answer(
        name=claim.name,
        claim=shortened(claim.source, 100),
        verdict=verdict,
        diagnosis=sentence or None,
        mistake=mistake,
        claimed=claim.at(given)[0][worst],
        autograd=given.gradients()[claim.targets[worst]],
        numerical=numerical,
        numerical_error=uncertainty,
        targets=tuple(claim.targets),
    )


def _verdict(
    claim: Claim, given: Point, here: str, there: list[str], worst: int, numerical: tuple[float, float]
) -> tuple[str, str]:
    """The verdict, and for an inconclusive one why."""
    doubt = _doubt(claim, given, worst, numerical)
    if "different" in there and (here != "same" or doubt):
        return WRONG, ""
    if doubt:
        return INCONCLUSIVE, doubt
    if here == "different" or (here == "undefined" and set(there) <= {"undefined"}):
        return WRONG, ""
    if here == "undefined":
        return INCONCLUSIVE, f"Yours is {short(claim.at(given)[0][worst])} here: choose a point where it is finite."
    if not claim.everywhere:
        return (RIGHT, "") if here == "same" else (INCONCLUSIVE, "Rounding leaves no digits to compare here.")
    if "different" in there:
        return ONLY_HERE, ""
    if there.count("same") >= 2:
        return RIGHT, ""
    return INCONCLUSIVE, "Right here as far as digits go, but there is no other point at which it could be compared."


def _compared(claim: Claim, point: Point) -> str:
    """The claim beside autograd at one point: "same", "different", "unknown" (rounding), "undefined" (no number)."""
    gradients, noise = point.gradients(), point.rounding()
    values, errors = claim.at(point)
    found = set()
    for x, error, target, tolerance in zip(values, errors, claim.targets, claim.tolerance, strict=True):
        right = gradients[target]
        if not (math.isfinite(x) and math.isfinite(right)):
            return "undefined"
        if abs(x - right) <= tolerance * max(abs(x), abs(right)):
            found.add("same")
        else:
            found.add("unknown" if abs(x - right) <= error + noise[target] else "different")
    return next(word for word in ("different", "same", "unknown") if word in found)


def _witnessed(claim: Claim, point: Point) -> tuple[int, float, float]:
    """The element that differs most from autograd, and its numerical derivative with its error."""
    gradients = point.gradients()
    off = [
        abs(x - gradients[v]) / (max(abs(x), abs(gradients[v])) or 1.0) if math.isfinite(x) else math.inf
        for x, v in zip(claim.at(point)[0], claim.targets, strict=True)
    ]
    worst = off.index(max(off)) if not any(map(math.isnan, off)) else 0
    node = claim.targets[worst]
    scale = _scale(point, node)
    value, error = point.slope({node: scale})
    return worst, value / scale, error / scale


def _scale(point: Point, node: Value) -> float:
    """How far to move a node: in proportion to its value, but not by nothing."""
    size = abs(point.data[node])
    return max(size, 0.1) if math.isfinite(size) else 1.0


def _numerics_agree(point: Point, claim: Claim) -> bool:
    """Whether numerics confirm autograd here, along one direction through all elements of the claim."""
    direction = {v: _scale(point, v) * (1 + 0.37 * at % 1) for at, v in enumerate(claim.targets)}
    value, error = point.slope(direction)
    gradients = point.gradients()
    exact = sum(speed * gradients[v] for v, speed in direction.items())
    size = sum(abs(speed * gradients[v]) for v, speed in direction.items())
    return abs(value - exact) <= 10 * error + 1e-6 * size


def _doubt(claim: Claim, given: Point, worst: int, numerical: tuple[float, float]) -> str:
    """Why nothing can be said at the given point; "" if something can."""
    node = claim.targets[worst]
    gradient = given.gradients()[node]
    value, error = numerical
    if not math.isfinite(given.data[given.root]) or not math.isfinite(gradient):
        return (
            f"Here {claim.root_name} is {short(given.data[given.root])} and autograd's derivative "
            f"{short(gradient)}: choose a point where both are finite."
        )
    scale = _scale(given, node)
    left, right = (given.slope({node: scale}, side) for side in (-1, 1))
    gap = abs(left[0] - right[0])
    if gap > 10 * (left[1] + right[1]) + 1e-5 * max(abs(left[0]), abs(right[0])):
        return (
            f"{claim.root_name} has a kink here: the derivative is {short(left[0] / scale)} from the left and "
            f"{short(right[0] / scale)} from the right; autograd takes {short(gradient)} by convention."
        )
    if math.isfinite(value) and abs(value - gradient) > 10 * error + 1e-6 * max(abs(value), abs(gradient)):
        return (
            f"Autograd ({short(gradient)}) and the numerical derivative ({short(value)} ± {error:.1g}) disagree: "
            "do not trust this point, or the rule of an operation is wrong (see gradcheck)."
        )
    return ""


def _explained(book: Book, claim: Claim, verdict: str, given: Point, others: list[Point]) -> tuple[str, str]:
    points = [given, *others] if claim.everywhere else [given]
    usable = [point for point in points if _compared(claim, point) in ("same", "different")]
    if not usable:
        value = short(claim.at(given)[0][0])
        return "no number", f"Yours is {value} where the derivative is finite: a division by 0, or a log of 0 or less?"
    if usable[0] is given and not _numerics_agree(given, claim):
        usable = usable[1:]
    mistake, sentence = most_plausible(Case(book, claim, usable))
    if verdict != ONLY_HERE:
        return mistake, sentence
    coincidence = _coincidence(claim, given, others, book.names)
    if mistake in ("no match", "two mistakes"):
        return "right here only", coincidence
    return mistake, f"{coincidence} {sentence}"


def _coincidence(claim: Claim, given: Point, others: list[Point], names: Names) -> str:
    """The sentence on a claim that is right at this point only: because of some leaves' values, or by chance."""
    kept = []
    for leaf, x in _labelled_leaves(given):
        moved = [Point(given.order, {v: p.data[v] for v in given.order if v.op is None} | {leaf: x}) for p in others]
        if "different" not in {_compared(claim, point) for point in moved}:
            kept.append(f"{names[leaf]} = {short(x)}")
    if kept:
        return f"Right only because {' and '.join(kept)}; the formula must hold for every value."
    other = next(point for point in others if _compared(claim, point) == "different")
    return (
        f"Right only by a coincidence of the numbers. At another point ({_place(other, names)}) "
        f"it is {short(claim.at(other)[0][0])}, right is {short(other.gradients()[claim.targets[0]])}."
    )


def _place(point: Point, names: Names) -> str:
    leaves = [f"{names[leaf]} = {short(x)}" for leaf, x in _labelled_leaves(point)]
    return ", ".join(leaves[:6]) + ("…" if len(leaves) > 6 else "")


def _labelled_leaves(point: Point) -> list[tuple[Value, float]]:
    return [(node, x) for node, x in point.data.items() if node.op is None and node.label]
