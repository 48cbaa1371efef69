"""Small data sets, made here: gates, moons, circles, spirals, blobs, the lectures' three points; and digits.

Each is a pair (X, y): X a list of m examples, each a list of n numbers; y a list of m labels or targets.

    X, y = moons(m=200, noise=0.2, seed=1)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test=0.3)

``noise`` is the standard deviation of what is added to each coordinate. ``labels`` names the classes, as in
``labels=(-1, 1)`` for the hinge loss; without it they are 0, 1, .... The same seed gives the same numbers on
every machine and Python (see ``random_numbers``): coordinates are rounded to six decimals, so that the last bit of a
machine's cosine does not show.
"""

from __future__ import annotations

import gzip
import math
from pathlib import Path

from .data import examples, targets
from .names import find
from .random_numbers import gauss, generator, permutation
from .settings import whole, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .types import Data, Examples, Rows, Target, Targets

DIGITS = Path(__file__).with_name("digits.csv.gz")  # of the site, where scikit-learn is not
GATES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}


def gate(name: str) -> Data:
    """A truth table: "and", "or" or "xor".

    >>> gate("xor")
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    return [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], list(find(GATES, name.lower(), "gate"))


def three_points() -> Data:
    """The regression done by hand in docs/lectures.md, "Optimisation": three points (x, y)."""
    return [[0.5], [2.3], [2.9]], [1.4, 1.9, 3.2]


def moons(m: int = 100, noise: float = 0.1, seed: int = 0, labels: Sequence[Target] | None = None) -> Data:
    """Two half circles that reach into each other: the shape of scikit-learn's ``make_moons``."""

    def point(k: int, t: float) -> tuple[float, float]:
        x1, x2 = math.cos(math.pi * t), math.sin(math.pi * t)
        return (x1, x2) if k == 0 else (1 - x1, 0.5 - x2)

    return curves(point, 2, m, noise, seed, labels)


def circles(
    m: int = 100, noise: float = 0.1, factor: float = 0.5, seed: int = 0, labels: Sequence[Target] | None = None
) -> Data:
    """A circle of radius 1 (class 0) around one of radius ``factor``."""
    radii = [1.0, within("factor", factor, "(0, 1)")]

    def point(k: int, t: float) -> tuple[float, float]:
        return radii[k] * math.cos(2 * math.pi * t), radii[k] * math.sin(2 * math.pi * t)

    return curves(point, 2, m, noise, seed, labels, closed=True)


def spirals(
    m: int = 150,
    noise: float = 0.03,
    classes: int = 3,
    turns: float = 0.75,
    seed: int = 0,
    labels: Sequence[Target] | None = None,
) -> Data:
    """``classes`` arms, each from radius 0.1 outwards to radius 1, ``turns`` times around."""
    classes = whole("classes", classes, least=2)
    turns = within("turns", turns, "(0, inf)")

    def point(k: int, t: float) -> tuple[float, float]:
        angle = 2 * math.pi * (k / classes + turns * t)
        r = 0.1 + 0.9 * t  # in the very middle all arms would meet
        return r * math.cos(angle), r * math.sin(angle)

    return curves(point, classes, m, noise, seed, labels)


def blobs(
    m: int = 100, noise: float = 0.25, classes: int = 3, seed: int = 0, labels: Sequence[Target] | None = None
) -> Data:
    """``classes`` round clouds, their centres evenly on the circle of radius 1."""
    classes = whole("classes", classes, least=2)

    def point(k: int, _t: float) -> tuple[float, float]:
        return math.cos(2 * math.pi * k / classes), math.sin(2 * math.pi * k / classes)

    return curves(point, classes, m, noise, seed, labels)


def digits() -> Data:
    """1797 handwritten digits: X the 8 × 8 pixels row by row, from 0 (paper) to 1 (ink); y the digit, 0 … 9.

    They come with scikit-learn, the extra ``data``; ModuleNotFoundError without it. In a browser, the site's course has
    scikit-learn's file of them.
    Source: E. Alpaydin & C. Kaynak 1998, Optical Recognition of Handwritten Digits, UCI repository.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        if not DIGITS.exists():
            raise ModuleNotFoundError('the digits come with scikit-learn: pip install "chainrule[data]"') from None
        lines = gzip.decompress(DIGITS.read_bytes()).decode().splitlines()
        rows = [[int(number) for number in line.split(",")] for line in lines]  # 64 pixels and the digit
        return [[pixel / 16 for pixel in row[:-1]] for row in rows], [row[-1] for row in rows]
    pixels, labels = load_digits(return_X_y=True)
    return [[pixel / 16 for pixel in row] for row in pixels.tolist()], labels.tolist()


def curves(
    point: Callable[[int, float], tuple[float, float]],
    classes: int,
    m: int,
    noise: float,
    seed: int,
    labels: Sequence[Target] | None,
    closed: bool = False,
) -> Data:
    """m points in random order: class k's evenly along its curve ``point(k, t)``, t from 0 to 1, plus noise."""
    m = whole("the number m of examples", m, least=classes)
    noise = within("noise", noise, "[0, inf)")
    names = list(range(classes)) if labels is None else list(labels)
    if len(names) != classes:
        raise ValueError(f"there are {classes} classes, but {len(names)} labels: {labels}")
    rng = generator(seed)
    X: Rows = []
    y: Targets = []
    for k, name in enumerate(names):
        n = m // classes + (k < m % classes)
        for i in range(n):
            t = i / n if closed else i / max(n - 1, 1)  # on a closed curve t = 1 is t = 0 again
            X.append([round(c + noise * gauss(rng), 6) for c in point(k, t)])
            y.append(name)
    order = permutation(m, rng)
    return [X[i] for i in order], [y[i] for i in order]


# --- preparing data ---------------------------------------------------------------------------------


def train_test_split(
    X: Examples, y: Iterable[Target], test: float = 0.25, seed: int = 0
) -> tuple[Rows, Rows, Targets, Targets]:
    """X_train, X_test, y_train, y_test: the examples in random order, the share ``test`` of them kept apart."""
    X, y = examples(X), targets(y, len(X))
    m_test = round(len(X) * within("test, the share kept apart,", test, "(0, 1)"))
    if not 0 < m_test < len(X):
        raise ValueError(f"a share of {test:g} of {len(X)} examples leaves one side empty")
    order = permutation(len(X), generator(seed))
    train, kept = order[m_test:], order[:m_test]
    return [X[i] for i in train], [X[i] for i in kept], [y[i] for i in train], [y[i] for i in kept]


def standardize(X: Examples, like: Examples | None = None) -> Rows:
    """Each feature minus its mean, divided by its standard deviation; a constant feature becomes 0.

    Test data take mean and deviation of the training data: ``standardize(X_test, like=X_train)``.

    >>> standardize([[1.0, 5.0], [3.0, 5.0]])
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    X = examples(X)
    like = X if like is None else examples(like, "like")
    if len(like[0]) != len(X[0]):
        raise ValueError(f"X has {len(X[0])} features, like has {len(like[0])}")
    means, stds = [], []
    for feature in zip(*like, strict=True):
        constant = min(feature) == max(feature)  # its mean, rounded, might not be itself
        mean = feature[0] if constant else math.fsum(feature) / len(feature)
        means.append(mean)
        stds.append(1.0 if constant else math.sqrt(math.fsum((x - mean) ** 2 for x in feature) / len(feature)))
    return [[(x - mean) / std for x, mean, std in zip(row, means, stds, strict=True)] for row in X]
