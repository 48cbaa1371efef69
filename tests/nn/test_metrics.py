"""Metrics: scikit-learn's numbers, and what is said where there is none."""

import random

import numpy as np
import pytest
from sklearn import metrics as oracle

from autograd import Value
from nn import MLP, LogisticRegression, constant, metrics
from nn.metrics import ConfusionMatrix, decisions

# Some classes are more frequent than others, 5 is never predicted, 6 does not occur; guesses are better than chance.
RNG = random.Random(3)
TRUE = [RNG.choice([0, 0, 0, 1, 2, 3, 4, 5]) for _ in range(400)]
PREDICTED = [k if k < 5 and RNG.random() < 0.7 else RNG.choice([0, 1, 2, 3, 4, 6]) for k in TRUE]
MATRIX = ConfusionMatrix(PREDICTED, TRUE)


def test_the_matrix_is_scikit_learns():
    assert MATRIX.classes == [0, 1, 2, 3, 4, 5, 6]
    assert oracle.confusion_matrix(TRUE, PREDICTED).tolist() == MATRIX.counts  # rows: true
    assert MATRIX.accuracy == pytest.approx(oracle.accuracy_score(TRUE, PREDICTED), rel=1e-14)
    assert MATRIX.m == 400


@pytest.mark.parametrize(
    ("name", "score"), [("precision", oracle.precision_score), ("recall", oracle.recall_score), ("f1", oracle.f1_score)]
)
def test_the_ratios_are_scikit_learns(name, score):
    ours, function = getattr(MATRIX, name), getattr(metrics, name)
    of_each = score(TRUE, PREDICTED, average=None, zero_division=0)
    assert [ours(of=k) for k in MATRIX.classes] == pytest.approx(of_each, rel=1e-14, abs=0)
    assert ours() == pytest.approx(score(TRUE, PREDICTED, average="macro", zero_division=0), rel=1e-14)
    assert function(PREDICTED, TRUE, of=3) == ours(of=3)
    assert function(PREDICTED, TRUE) == ours()
    assert 0.1 < ours() < ours(of=0) < 1  # not a trivial case


def test_accuracy_alone_misleads():
    matrix = ConfusionMatrix([0] * 10, [1, *[0] * 9])
    assert (matrix.accuracy, matrix.recall(of=1), matrix.f1(of=1)) == (0.9, 0, 0)
    assert metrics.accuracy([0] * 10, [1, *[0] * 9]) == 0.9


def test_nothing_divided_by_nothing_is_0_and_is_said():
    never_predicted = ConfusionMatrix([0, 0], [0, 1])
    assert never_predicted.precision(of=1) == never_predicted.f1(of=1) == 0
    assert str(never_predicted).splitlines()[2].split() == ["1", "1", "0", "0", "(0/0)", "0", "0"]
    assert str(never_predicted).splitlines()[1].split() == ["0", "1", "0", "0.5", "1", "0.6667"]
    never_there = ConfusionMatrix([0, 1], [0, 0])
    assert never_there.recall(of=1) == 0
    assert str(never_there).count("(0/0)") == never_there._repr_html_().count("(0/0)") == 1
    assert ConfusionMatrix([0], [0], classes=[0, 1]).f1() == 0.5  # a class without examples counts as the others do


def test_the_table_says_which_way_round_it_is():
    text = str(ConfusionMatrix(["cat", "dog", "cat", "cat"], ["cat", "cat", "dog", "cat"]))
    head, cat, dog, summary = text.splitlines()
    assert head.split() == ["true", "\\", "predicted", "cat", "dog", "precision", "recall", "F1"]
    assert cat.split()[:3] == ["cat", "2", "1"]
    assert dog.split()[:3] == ["dog", "1", "0"]
    assert summary.startswith("4 examples, 2 right: accuracy 0.5; means over the classes: precision 0.3333,")
    html = ConfusionMatrix([0, 1], [0, 1])._repr_html_()
    assert "rows: the true class, columns: the predicted class" in html
    assert "precision 1, recall 1, F1 1" in html


def test_names_are_text_in_html():
    html = ConfusionMatrix(["<script>"], ["<script>"])._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_most_frequent_mistakes_come_first():
    mistakes = ConfusionMatrix([1, 1, 2, 0, 1], [0, 0, 1, 0, 1]).confusions()
    assert mistakes == [(0, 1, 2), (1, 2, 1)]
    assert sum(n for *_, n in MATRIX.confusions()) == 400 - round(400 * MATRIX.accuracy)


def test_what_stands_for_a_class():
    one_hot = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    outputs = [[0.2, 0.5, 0.3], [0.1, 0.8, 0.1], (0.3, 0.3, 0.4)]
    assert ConfusionMatrix(outputs, one_hot).counts == [[0, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert ConfusionMatrix(np.array([1.0, 0.0]), np.array([True, False])).classes == [0, 1]
    assert ConfusionMatrix([np.int64(2)], [2.0], classes=(2, 1, 0)).classes == [2, 1, 0]
    assert ConfusionMatrix(["b", 2], [10, "a"]).classes == [2, 10, "a", "b"]


@pytest.mark.parametrize(
    ("predicted", "true", "message"),
    [
        ([1, 0], [1], "2 predicted classes, but 1 true ones"),
        ([], [], "there are no examples to count"),
        ([0.9, 1], [1, 1], r"predicted\[0\] is 0.9, but a class is a whole number or a name; decisions\(model, X\)"),
        ([1, 1], [1, float("nan")], r"true\[1\] is nan"),
        ([1], [float("inf")], r"true\[0\] is inf"),
        ([1], [None], r"true\[0\] is None"),
        ([[0.9]], [1], r"predicted\[0\] is \[0.9\]"),
        ([Value(0.9, "a")], [1], r"predicted\[0\] is Value\("),
    ],
)
def test_what_is_no_class_is_shown(predicted, true, message):
    with pytest.raises(ValueError, match=message):
        ConfusionMatrix(predicted, true)


def test_other_errors_show_what_is_wrong():
    with pytest.raises(TypeError, match="predicted must be a list of classes; got 3"):
        ConfusionMatrix(3, [1])
    with pytest.raises(ValueError, match=r"class 7 occurs, but is none of classes = \[0, 1\]"):
        ConfusionMatrix([0, 7], [0, 1], classes=[0, 1])
    with pytest.raises(ValueError, match=r"classes names one twice: \[0, 0\]"):
        ConfusionMatrix([0], [0], classes=[0, 0])
    with pytest.raises(ValueError, match=r"there is no class 9; there are \[0, 1, 2, 3, 4, 5, 6\]"):
        MATRIX.precision(of=9)


# --- from a model -------------------------------------------------------------------------------------


def test_one_output_is_cut_at_the_threshold():
    neuron = LogisticRegression(1, init=constant(1.0))
    X = [[-2.0], [0.0], [0.1], [3.0]]
    assert decisions(neuron, X) == [0, 0, 1, 1]  # 0.5 is not beyond 0.5
    assert decisions(neuron, X, threshold=0.1) == [1, 1, 1, 1]
    assert decisions(lambda x: x[0], X, threshold=0, classes=["no", "yes"]) == ["no", "no", "yes", "yes"]
    matrix = ConfusionMatrix.of(neuron, X, [0, 1, 1, 1])
    assert matrix.counts == [[1, 0], [1, 2]]
    assert matrix.recall(of=1) == 2 / 3


def test_of_several_outputs_the_largest_decides():
    X = [[1.0, 2.0, 0.0], [5.0, 5.0, 1.0], [0.0, 0.0, 9.0]]
    assert decisions(lambda x: x, X) == [1, 0, 2]
    assert decisions(lambda x: [Value(x_k) for x_k in x], X, classes="abc") == ["b", "a", "c"]
    assert ConfusionMatrix.of(lambda x: x, X, [1, 1, 2], classes=[2, 1, 0]).classes == [2, 1, 0]


def test_a_model_is_asked_in_eval_mode_and_left_as_it_was():
    model = MLP(2, [8, 1], "tanh", "sigmoid", dropout=0.5, seed=1)
    X = [[0.3, -1.0]] * 20
    assert len(set(decisions(model, X, threshold=model.eval()([0.3, -1.0]).data - 1e-12))) == 1
    model.train()
    calls = model.layers[0].dropout.calls
    decisions(model, X)
    assert model.training
    assert model.layers[0].dropout.calls == calls


@pytest.mark.parametrize(
    ("outputs", "classes", "message"),
    [
        (0.4, ["a"], "1 output stands for 2 classes, but classes names 1"),
        ([1.0, 2.0, 3.0], ["a", "b"], "there are 3 outputs, but classes names 2"),
        (float("nan"), None, "example 0: the model's output is .nan., which decides for no class"),
    ],
)
def test_outputs_that_decide_nothing(outputs, classes, message):
    with pytest.raises(ValueError, match=message):
        decisions(lambda _: outputs, [[1.0]], classes=classes)
