import math
import random
import subprocess
import sys
from pathlib import Path

import pytest

from nn import datasets
from nn.datasets import blobs, circles, digits, gate, moons, spirals, standardize, three_points, train_test_split

GENERATORS = [moons, circles, spirals, blobs]


def test_gates():
    X, y = gate("AND")
    assert X == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y == [x1 and x2 for x1, x2 in X]
    assert gate("or")[1] == [0, 1, 1, 1]
    assert gate("xor")[1] == [0, 1, 1, 0]
    gate("xor")[1].append(7)
    assert gate("xor")[1] == [0, 1, 1, 0]  # a list of one's own


def test_three_points():
    assert three_points() == ([[0.5], [2.3], [2.9]], [1.4, 1.9, 3.2])


def test_the_same_on_every_machine():
    X = [[1.068855, -0.177875], [-0.070229, 0.568527], [-1.017173, 0.142165]]
    assert moons(3, noise=0.1, seed=1) == (X, [0, 1, 0])
    X, y = spirals(3, seed=2)
    assert [len(x) for x in X] == [2, 2, 2]
    assert sorted(y) == [0, 1, 2]


@pytest.mark.parametrize("make", GENERATORS)
def test_seeded(make):
    assert make(20, seed=3) == make(20, seed=3) != make(20, seed=4)
    state = random.getstate()
    make(20)
    assert random.getstate() == state  # others' random numbers are left alone
    X, y = make(101)
    assert len(X) == len(y) == 101
    assert all(type(c) is float for x in X for c in x)
    counts = [y.count(k) for k in sorted(set(y))]
    assert max(counts) - min(counts) <= 1
    assert y != sorted(y)  # in random order


@pytest.mark.parametrize("make", GENERATORS)
def test_labels(make):
    n = len(set(make(30)[1]))
    names = [-1, 1, 5][:n]
    X, y = make(30, labels=names)
    assert make(30)[0] == X
    assert y == [names[k] for k in make(30)[1]]
    with pytest.raises(ValueError, match=rf"there are {n} classes, but 1 labels: \[3\]"):
        make(30, labels=[3])


@pytest.mark.parametrize("make", GENERATORS)
def test_noise(make):
    (clean, y), (noisy, same_y) = make(300, noise=0.0, seed=5), make(300, noise=0.2, seed=5)
    assert y == same_y
    assert sorted(clean) == sorted(make(300, noise=0.0, seed=6)[0])  # without noise only the order is random
    added = [a - b for p, q in zip(noisy, clean, strict=True) for a, b in zip(p, q, strict=True)]
    assert abs(sum(added)) / 600 < 0.03
    assert math.sqrt(sum(x * x for x in added) / 600) == pytest.approx(0.2, rel=0.1)


def test_shapes():
    X, y = moons(50, noise=0)
    for (x1, x2), k in zip(X, y, strict=True):
        if k == 1:
            x1, x2 = 1 - x1, 0.5 - x2
        assert math.hypot(x1, x2) == pytest.approx(1, abs=2e-6)
        assert x2 >= 0
    X, y = circles(50, noise=0, factor=0.3)
    assert [math.hypot(*x) for x in X] == pytest.approx([(1, 0.3)[k] for k in y], abs=2e-6)
    assert len(set(map(tuple, X))) == 50
    X, y = spirals(80, noise=0, classes=4)
    assert {k for x, k in zip(X, y, strict=True) if math.hypot(*x) == pytest.approx(1, abs=2e-6)} == {0, 1, 2, 3}
    assert min(math.hypot(*x) for x in X) == pytest.approx(0.1, abs=2e-6)
    X, y = blobs(50, noise=0, classes=5)
    assert len(set(map(tuple, X))) == 5


def test_moons_are_those_of_scikit_learn():
    reference = pytest.importorskip("sklearn.datasets").make_moons(41, shuffle=False)
    ours = moons(41, noise=0)
    for k in (0, 1):
        mine = sorted(x for x, label in zip(*ours, strict=True) if label == k)
        theirs = sorted(x.tolist() for x, label in zip(*reference, strict=True) if label == k)
        # of an odd number, we give class 0 the odd one, scikit-learn class 1
        assert len(mine) == len(theirs) + (1 if k == 0 else -1)
    ours, reference = moons(40, noise=0), pytest.importorskip("sklearn.datasets").make_moons(40, shuffle=False)
    for k in (0, 1):
        mine = sorted(x for x, label in zip(*ours, strict=True) if label == k)
        theirs = sorted([round(c, 6) for c in x.tolist()] for x, label in zip(*reference, strict=True) if label == k)
        assert [c for x in mine for c in x] == pytest.approx([c for x in theirs for c in x], abs=2e-6)


def test_digits():
    pytest.importorskip("sklearn")
    X, y = digits()
    assert (len(X), len(X[0]), len(y)) == (1797, 64, 1797)
    assert min(map(min, X)) == 0.0
    assert max(map(max, X)) == 1.0
    assert sorted(set(y)) == list(range(10))
    assert {type(label) for label in y} == {int}


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "chainrule\[data\]"'):
        digits()


def test_digits_from_the_file_of_scikit_learn(monkeypatch):
    sklearn = pytest.importorskip("sklearn.datasets")
    known = digits()
    monkeypatch.setattr(datasets, "DIGITS", Path(sklearn.__file__).with_name("data") / "digits.csv.gz")
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert digits() == known


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: gate("nxor"), ValueError, "unknown gate 'nxor'; did you mean 'xor'"),
        (lambda: moons(1), ValueError, "the number m of examples must be at least 2, got 1"),
        (lambda: moons(10.0), TypeError, "the number m of examples must be a whole number"),
        (lambda: moons(10, noise=-1), ValueError, r"noise must be in \[0, inf\), got -1"),
        (lambda: circles(10, factor=1), ValueError, r"factor must be in \(0, 1\), got 1"),
        (lambda: spirals(10, classes=1), ValueError, "classes must be at least 2"),
        (lambda: spirals(10, turns=0), ValueError, "turns must be in"),
        (lambda: blobs(10, classes=1), ValueError, "classes must be at least 2"),
        (lambda: blobs(10, seed="1"), TypeError, "a seed is a whole number"),
    ],
)
def test_wrong_settings(call, error, match):
    with pytest.raises(error, match=match):
        call()


# --- preparing data ---------------------------------------------------------------------------------


def test_train_test_split():
    X, y = [[i, -i] for i in range(10)], list(range(10))
    train, kept, y_train, y_kept = train_test_split(X, y, test=0.3, seed=1)
    assert (len(train), len(kept)) == (7, 3)
    assert sorted(y_train + y_kept) == y
    assert [x[0] for x in train + kept] == y_train + y_kept
    assert train_test_split(X, y, test=0.3, seed=1)[3] == y_kept != train_test_split(X, y, test=0.3, seed=2)[3]
    with pytest.raises(ValueError, match=r"a share of 0\.04 of 10 examples leaves one side empty"):
        train_test_split(X, y, test=0.04)
    with pytest.raises(ValueError, match=r"test, the share kept apart, must be in \(0, 1\), got 1"):
        train_test_split(X, y, test=1)
    with pytest.raises(ValueError, match="y has 9 targets, but there are 10 examples"):
        train_test_split(X, y[1:])


def test_standardize():
    X = [[1.0, 0.1, 5.0], [2.0, 0.1, -5.0], [6.0, 0.1, 0.0]]
    columns = list(zip(*standardize(X), strict=True))
    for k in (0, 2):
        assert sum(columns[k]) == pytest.approx(0, abs=1e-12)
        assert sum(x * x for x in columns[k]) / 3 == pytest.approx(1, rel=1e-12)
    assert columns[1] == (0, 0, 0)  # constant: 0, although the mean of three times 0.1 is not 0.1 in floats
    assert standardize([[3.0, 0.2, 1.0]], like=X) == [[0.0, pytest.approx(0.1), pytest.approx(1 / math.sqrt(50 / 3))]]
    with pytest.raises(ValueError, match="X has 2 features, like has 3"):
        standardize([[1.0, 2.0]], like=X)
    with pytest.raises(ValueError, match=r"like\[1\] has 1 numbers"):
        standardize([[1.0, 2.0]], like=[[1.0, 2.0], [1.0]])


def test_import_is_light():
    code = "import sys, nn.datasets, nn.train, nn.diagnosis; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert "nn" in loaded
    assert not loaded & {"numpy", "sklearn", "tqdm", "dataclasses", "inspect"}
