import math

import pytest

from nn import L1, L2, MLP, SGD, Dropout, EarlyStopping, Layer, Neuron


def test_l2():
    model = MLP(2, [2, 1], "prelu", "prelu", init="normal", bias=0.5, seed=1)
    weights = [w for layer in model.layers for row in layer.W for w in row]
    term = L2(0.3)(model, m=10)
    assert term.data == pytest.approx(0.3 / 20 * sum(w.data**2 for w in weights), rel=1e-12)
    term.backward()
    assert [w.grad for w in weights] == pytest.approx([0.3 / 10 * w.data for w in weights], rel=1e-12)
    assert {b.grad for layer in model.layers for b in [*layer.b, layer.slope]} == {0.0}


def test_l1():
    model = MLP(2, [2, 1], init="normal", bias=0.5, seed=1)
    model.layers[1].W[0][0].data = 0.0
    weights = [w for layer in model.layers for row in layer.W for w in row]
    term = L1(0.3)(model, m=10)
    assert term.data == pytest.approx(0.03 * sum(abs(w.data) for w in weights), rel=1e-12)
    term.backward()
    signs = [math.copysign(1, w.data) if w.data else 0 for w in weights]
    assert {-1, 0, 1} == set(signs)
    assert [w.grad for w in weights] == pytest.approx([0.03 * s for s in signs], rel=1e-12)
    assert {b.grad for layer in model.layers for b in layer.b} == {0.0}


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: L2(-0.1), ValueError, r"the strength λ of L2 must be in \[0, inf\), got -0\.1"),
        (lambda: L1(math.nan), ValueError, "the strength λ of L1 must be in .*, got nan"),
        (lambda: L2(0.1)(Neuron(2), m=0), ValueError, "the number m of examples must be at least 1, got 0"),
        (lambda: Dropout(1.0), ValueError, r"the dropout probability p must be in \[0, 1\), got 1"),
        (lambda: Dropout("0.5"), TypeError, "the dropout probability p must be a number"),
        (lambda: EarlyStopping(0), ValueError, "patience must be at least 1, got 0"),
        (lambda: EarlyStopping(3, -1), ValueError, r"min_delta must be in \[0, inf\), got -1"),
    ],
)
def test_wrong_settings(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_dropout_keeps_the_mean():
    dropout = Dropout(0.25, seed=1)
    out = [a for _ in range(200) for a in dropout([1.0] * 50)]
    assert set(out) == {0.0, 1 / 0.75}
    assert out.count(0.0) / len(out) == pytest.approx(0.25, rel=0.06)
    assert sum(out) / len(out) == pytest.approx(1, rel=0.02)


def test_dropout_in_a_network():
    layer = Layer(1, 400, "linear", init="ones", dropout=0.5, seed=1)
    out = layer([3.0])
    assert {a.data for a in out} == {0.0, 6.0}
    sum(out).backward()
    for a, row in zip(out, layer.W, strict=True):
        assert row[0].grad == (6.0 if a.data else 0.0)
    assert [a.data for a in layer([3.0])] != [a.data for a in out]
    layer.eval()
    assert {a.data for a in layer([3.0])} == {3.0}
    assert layer.dropout.calls == 2


def test_dropout_is_for_hidden_units():
    model = MLP(2, [3, 3, 1], dropout=0.5, seed=1)
    assert [layer.dropout is not None for layer in model.layers] == [True, True, False]
    assert model.layers[0].dropout.seed != model.layers[1].dropout.seed


def test_dropout_is_seeded():
    def outputs(seed):
        model = MLP(1, [20, 1], "linear", init="ones", dropout=0.5, seed=seed)
        return [model([1.0]).data for _ in range(5)]

    assert outputs(1) == outputs(1) != outputs(2)
    masks = Dropout(0.5, seed=1)([1.0] * 8)
    assert masks == [2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0, 0.0]  # the same on every machine


def test_early_stopping():
    model = Neuron(1, "linear", init="ones")
    optimizer = SGD(model, lr=0.1)
    stopping = EarlyStopping(patience=3)
    decisions, states = [], []
    for validation_cost in [5.0, 4.0, 4.0, 3.0, math.nan, 3.0, 3.5, 1.0]:
        model([1.0]).backward()
        optimizer.step()
        states.append(model.state_dict())
        decisions.append(stopping.update(validation_cost, model))
    assert decisions[:7] == [False] * 6 + [True]
    stopping = EarlyStopping(patience=3)
    for validation_cost, state in zip([5.0, 4.0, 4.0, 3.0, 3.1], states, strict=False):
        model.load_state_dict(state)
        stopping.update(validation_cost, model)
    stopping.restore(model)
    assert model.state_dict() == states[3]
    assert (stopping.best, stopping.best_epoch) == (3.0, 4)


def test_early_stopping_wants_min_delta():
    model = Neuron(1)
    stopping = EarlyStopping(patience=2, min_delta=0.5)
    assert [stopping.update(c, model) for c in (3.0, 2.6, 2.5)] == [False, False, True]
    stopping = EarlyStopping(patience=2, min_delta=0.5)
    assert [stopping.update(c, model) for c in (3.0, 2.4, 2.0, 1.95)] == [False, False, False, True]


def test_early_stopping_without_any_good_epoch():
    model = Neuron(1, seed=1)
    before = model.state_dict()
    stopping = EarlyStopping(patience=2)
    assert [stopping.update(math.nan, model) for _ in range(2)] == [False, True]
    stopping.restore(model)
    assert model.state_dict() == before
