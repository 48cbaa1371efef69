"""How good a classifier is (docs/lectures.md, "Performance metrics"): accuracy, precision, recall, F1, confusions.

    from nn import metrics
    matrix = metrics.ConfusionMatrix.of(model, X_test, y_test)
    matrix                                     # shows itself: rows are the true classes, columns the predicted ones
    matrix.accuracy, matrix.precision(of=3), matrix.recall(of=3), matrix.f1()

Of a class k, with TP right ones, FP that were taken for k but are not, and FN that are k but were not found:
precision = TP/(TP + FP), recall = TP/(TP + FN), F1 = 2·precision·recall/(precision + recall) = 2TP/(2TP + FP + FN).
Without a class these are the means over all classes, each counted the same ("macro"). 0/0, the precision of a class
that was never predicted, is 0 here, as in scikit-learn; the table says so.
"""

from __future__ import annotations

import math

from autograd.guards import plain
from autograd.number import is_number, quoted, shown

from .data import as_list
from .losses import bce, bce_with_logits, cross_entropy, cross_entropy_with_logits, hinge, is_list, per_unit
from .module import evaluating, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .types import Examples, Loss, Outputs, Prediction, Target

    Class = int | str
    Right = Callable[..., bool]  # of a prediction, in numbers, and its target

RATIOS = ("precision", "recall", "F1")
MARK = "background:rgba(62,124,195,0.25)"  # behind what is right, on a light page and a dark one


class ConfusionMatrix:
    """How often each true class (row) was predicted as each class (column); what is right stands on the diagonal.

    ``predicted`` and ``true`` are m classes each: whole numbers or names; a list of numbers, outputs or one-hot,
    stands for the index of the largest. ``classes`` gives their order, and classes that do not occur; by default
    those that occur, sorted. ``counts`` is the matrix, a list of rows.

    >>> matrix = ConfusionMatrix([1, 0, 1, 1], [1, 0, 0, 1])
    >>> matrix.counts, matrix.accuracy, matrix.precision(of=1), matrix.recall(of=1)
    ([[1, 1], [0, 2]], 0.75, 0.6666666666666666, 1.0)
    >>> print(matrix)
    true \\ predicted  0  1  precision  recall      F1
    0                 1  1  1          0.5     0.6667
    1                 0  2  0.6667     1          0.8
    4 examples, 3 right: accuracy 0.75; means over the classes: precision 0.8333, recall 0.75, F1 0.7333
    """

    def __init__(
        self, predicted: Iterable[object], true: Iterable[object], classes: Iterable[Class] | None = None
    ) -> None:
        guesses, truth = all_classes(predicted, "predicted"), all_classes(true, "true")
        if len(guesses) != len(truth):
            raise ValueError(f"{len(guesses)} predicted classes, but {len(truth)} true ones")
        if not truth:
            raise ValueError("there are no examples to count")
        found = {*guesses, *truth}
        self.classes = in_order(found) if classes is None else all_classes(classes, "classes")
        index = {k: i for i, k in enumerate(self.classes)}
        if len(index) < len(self.classes):
            raise ValueError(f"classes names one twice: {shown(self.classes)}")
        if unknown := in_order(found - index.keys()):
            raise ValueError(f"class {quoted(unknown[0])} occurs, but is none of classes = {shown(self.classes)}")
        self.counts = [[0] * len(index) for _ in index]
        for guess, right in zip(guesses, truth, strict=True):
            self.counts[index[right]][index[guess]] += 1

    @classmethod
    def of(
        cls,
        model: Callable[..., Outputs],
        X: Examples,
        y: Iterable[object],
        *,
        threshold: float = 0.5,
        classes: Sequence[Class] | None = None,
    ) -> ConfusionMatrix:
        """What a model makes of the examples X, with the true classes y; ``threshold`` as for ``decisions``."""
        true = all_classes(y, "y")
        predicted = decisions(model, X, threshold=threshold, classes=classes)
        return cls(predicted, true, classes)

    @property
    def m(self) -> int:
        """The number of examples."""
        return sum(map(sum, self.counts))

    @property
    def accuracy(self) -> float:
        """The share of examples that are right: the diagonal over all."""
        return self._right() / self.m

    def precision(self, of: Class | None = None) -> float:
        """Of what was taken for this class, the share that is: TP/(TP + FP); without a class the mean over all."""
        return self._ratio(lambda tp, fp, _fn: (tp, tp + fp), of)

    def recall(self, of: Class | None = None) -> float:
        """Of what is this class, the share that was found: TP/(TP + FN); without a class the mean over all."""
        return self._ratio(lambda tp, _fp, fn: (tp, tp + fn), of)

    def f1(self, of: Class | None = None) -> float:
        """2TP/(2TP + FP + FN), the harmonic mean of precision and recall; without a class the mean over all."""
        return self._ratio(lambda tp, fp, fn: (2 * tp, 2 * tp + fp + fn), of)

    def confusions(self) -> list[tuple[Class, Class, int]]:
        """What was mistaken: (true, predicted, how often), the most frequent first."""
        pairs = [
            (true, guess, self.counts[i][j])
            for i, true in enumerate(self.classes)
            for j, guess in enumerate(self.classes)
            if i != j and self.counts[i][j]
        ]
        return sorted(pairs, key=lambda pair: -pair[2])

    def _ratio(self, parts: Callable[[int, int, int], tuple[int, int]], of: Class | None) -> float:
        if of is None:
            return math.fsum(self._ratio(parts, k) for k in self.classes) / len(self.classes)
        over, under = parts(*self._outcomes(of))
        return over / under if under else 0.0

    def _outcomes(self, of: Class) -> tuple[int, int, int]:
        """TP, FP, FN of a class."""
        if of not in self.classes:
            raise ValueError(f"there is no class {quoted(of)}; there are {shown(self.classes)}")
        k = self.classes.index(of)
        right = self.counts[k][k]
        return right, sum(row[k] for row in self.counts) - right, sum(self.counts[k]) - right

    def _right(self) -> int:
        return sum(row[k] for k, row in enumerate(self.counts))

    # -- shown -------------------------------------------------------------------------------------------

    def _ratios(self, k: Class) -> list[str]:
        """Precision, recall and F1 of a class as they are shown: 0/0 is said."""
        right, wrongly, missed = self._outcomes(k)
        none = {"precision": right + wrongly == 0, "recall": right + missed == 0}
        numbers = dict(zip(RATIOS, (self.precision(k), self.recall(k), self.f1(k)), strict=True))
        return [f"{x:.4g}" + (" (0/0)" if none.get(name) else "") for name, x in numbers.items()]

    def _summary(self) -> str:
        means = zip(RATIOS, (self.precision(), self.recall(), self.f1()), strict=True)
        return (
            f"{self.m:,} examples, {self._right():,} right: accuracy {self.accuracy:.4g}; "
            f"means over the classes: {', '.join(f'{name} {x:.4g}' for name, x in means)}"
        )

    def __str__(self) -> str:
        head = ("true \\ predicted", *map(shown, self.classes), *RATIOS)
        rows = [(shown(k), *map(str, row), *self._ratios(k)) for k, row in zip(self.classes, self.counts, strict=True)]
        lines = table([head, *rows]).splitlines()
        return "\n".join([*(line.rstrip() for line in lines), self._summary()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The table for Jupyter."""
        from html import escape

        names = [escape(shown(k)) for k in self.classes]
        head = "".join(f'<th scope="col">{name}</th>' for name in [*names, *RATIOS])
        rows = []
        for i, (name, k) in enumerate(zip(names, self.classes, strict=True)):
            cells = [
                f'<td style="{MARK}"><b>{n}</b></td>' if i == j else f"<td>{n or '·'}</td>"
                for j, n in enumerate(self.counts[i])
            ]
            ratios = "".join(f"<td>{ratio}</td>" for ratio in self._ratios(k))
            rows.append(f'<tr><th scope="row">{name}</th>{"".join(cells)}{ratios}</tr>')
        return (
            f"<table><caption>rows: the true class, columns: the predicted class</caption>"
            f"<tr><th>true ↓ predicted →</th>{head}</tr>{''.join(rows)}</table><p>{escape(self._summary())}</p>"
        )


# --- one number ---------------------------------------------------------------------------------------


def accuracy(predicted: Iterable[object], true: Iterable[object]) -> float:
    """The share of examples whose predicted class is the true one.

    >>> accuracy([1, 0, 1, 1], [1, 0, 0, 1])
    0.75
    """
    return ConfusionMatrix(predicted, true).accuracy


def precision(predicted: Iterable[object], true: Iterable[object], of: Class | None = None) -> float:
    """As ``ConfusionMatrix.precision``: of the class ``of``, or the mean over the classes that occur."""
    return ConfusionMatrix(predicted, true).precision(of)


def recall(predicted: Iterable[object], true: Iterable[object], of: Class | None = None) -> float:
    """As ``ConfusionMatrix.recall``: of the class ``of``, or the mean over the classes that occur."""
    return ConfusionMatrix(predicted, true).recall(of)


def f1(predicted: Iterable[object], true: Iterable[object], of: Class | None = None) -> float:
    """As ``ConfusionMatrix.f1``: of the class ``of``, or the mean over the classes that occur."""
    return ConfusionMatrix(predicted, true).f1(of)


# --- from outputs to classes --------------------------------------------------------------------------


def decisions(
    model: Callable[..., Outputs], X: Examples, *, threshold: float = 0.5, classes: Sequence[Class] | None = None
) -> list[Class]:
    """The classes that a model (or any function of x) decides for, in eval mode, one per example.

    One output: class 1 if it is > ``threshold``, else class 0; 0.5 is for probabilities, write 0 for logits. Several:
    the class of the largest, the first of equals. ``classes`` names them, in the order of the outputs.
    """
    with evaluating(model):
        return [decision(model(x), i, threshold, classes) for i, x in enumerate(X)]


def decision(outputs: Outputs, i: int, threshold: float, classes: Sequence[Class] | None) -> Class:
    """The class of one example, number i."""
    numbers = [plain(output) for output in per_unit(outputs)]
    if any(math.isnan(x) for x in numbers):
        raise ValueError(f"example {i}: the model's output is {shown(numbers)}, which decides for no class")
    names: Sequence[Class] = range(max(len(numbers), 2)) if classes is None else classes
    if len(names) != max(len(numbers), 2):
        outputs_are = "1 output stands for 2 classes" if len(numbers) == 1 else f"there are {len(numbers)} outputs"
        raise ValueError(f"{outputs_are}, but classes names {len(names)}: {shown(list(names))}")
    return names[largest(numbers) if is_list(outputs) and len(numbers) > 1 else int(numbers[0] > threshold)]


def largest(numbers: Sequence[float]) -> int:
    """The index of the largest number, the first of equals."""
    return max(range(len(numbers)), key=numbers.__getitem__)


def all_classes(items: object, name: str) -> list[Class]:
    """What stands for classes, checked, as a list of them."""
    return [as_class(x, f"{name}[{i}]") for i, x in enumerate(as_list(items, name, "a list of classes"))]


def as_class(x: object, name: str) -> Class:
    """A whole number, a name, or of several numbers the index of the largest."""
    if isinstance(x, str):
        return x
    if is_list(x) and len(x) > 1:
        return largest([plain(number) for number in x])
    data = plain(x) if is_number(x) else math.nan
    if data != data or data % 1:
        raise ValueError(
            f"{name} is {quoted(x)}, but a class is a whole number or a name; "
            "decisions(model, X) makes classes of a model's outputs"
        )
    return int(data)


def in_order(classes: Iterable[Class]) -> list[Class]:
    """Numbers first, then names."""
    return sorted(classes, key=lambda k: (isinstance(k, str), k))


# --- whether a prediction is right, as the loss of a classifier understands it: fit's accuracy --------


def beyond(cut: float, label_cut: float) -> Right:
    """Right if prediction and target lie on the same side; of several outputs, all must."""

    def right(prediction: Prediction, target: Target) -> bool:
        if not is_list(prediction) and not is_list(target):
            return (prediction > cut) == (target > label_cut)
        return all(right(p, t) for p, t in zip(per_unit(prediction), per_unit(target), strict=True))

    return right


def right_class(prediction: list[float], target: int | Sequence[float]) -> bool:
    """Right if the largest output is that of the target's class."""
    return largest(prediction) == (largest(target) if is_list(target) else target)


RIGHT: dict[Loss, Right] = {
    bce: beyond(0.5, 0.5),
    bce_with_logits: beyond(0.0, 0.5),
    hinge: beyond(0.0, 0.0),
    cross_entropy: right_class,
    cross_entropy_with_logits: right_class,
}
