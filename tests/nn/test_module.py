import json
import math
import pickle
import zipfile
from abc import ABC, abstractmethod

import numpy as np
import pytest

import autograd
from autograd import Value, parameter, record
from autograd.value import Constant
from nn import (
    ACTIVATIONS,
    MLP,
    SGD,
    Adam,
    CosineSchedule,
    Layer,
    LinearSchedule,
    Module,
    Neuron,
    RMSprop,
    StepSchedule,
    cost,
)

X, y = [[0.5, -1.0], [1.5, 0.2], [-0.3, 0.8]], [1, 0, 1]


class Twice(Module):
    """A module of somebody's own: a matrix, a list, a shared parameter, things that are none."""

    def __init__(self):
        self.theta = [[parameter(1.0), parameter(2.0)], [parameter(3.0), parameter(4.0)]]
        self.rate = 0.1
        self.inner = [Neuron(1, seed=1), Neuron(1, seed=2)]
        self.bias = parameter(5.0)
        self.again = self.bias
        self.half = Constant(0.5)
        self.sum = self.bias + 1.0
        self.ragged = [[parameter(6.0)], [parameter(7.0), parameter(8.0)]]


def test_names_are_paths():
    model = MLP(2, [3, 1], "prelu", "sigmoid", seed=1)
    for name, p in model.named_parameters():
        assert eval(f"model.{name}") is p
    names = [name for name, _ in model.named_parameters()]
    assert names[:2] == ["layers[0].W[0][0]", "layers[0].W[0][1]"]
    assert names[6:10] == ["layers[0].b[0]", "layers[0].b[1]", "layers[0].b[2]", "layers[0].slope"]
    assert [p for _, p in model.named_parameters()] == model.parameters() == model.parameters()


def test_parameters_of_a_module_of_your_own():
    model = Twice()
    assert [name for name, _ in model.named_parameters()] == [
        *["theta[0][0]", "theta[0][1]", "theta[1][0]", "theta[1][1]", "bias"],
        *["ragged[0][0]", "ragged[1][0]", "ragged[1][1]", "inner[0].w[0]", "inner[0].b", "inner[1].w[0]", "inner[1].b"],
    ]
    assert model.bias not in model.weights()
    assert model.inner[0].b not in model.weights()
    assert len(model.weights()) == 4 + 3 + 2
    assert model.summary().splitlines()[1].split() == ["theta", "(2,", "2)", "4"]
    assert model.summary().splitlines()[-1].split() == ["total", "12"]
    state = model.state_dict()
    assert state["theta"] == [[1.0, 2.0], [3.0, 4.0]]
    model.theta[1][0].data = 9.0
    assert state["theta"][1][0] == 3.0
    model.load_state_dict(state)
    assert model.theta[1][0].data == 3.0


def test_zero_grad():
    model = MLP(2, [2, 1], seed=1)
    model(X[0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert {p.grad for p in model.parameters()} == {0.0}


def test_train_and_eval_reach_all():
    model = MLP(2, [2, 2, 1], dropout=0.5)
    modules = [module for _, module in model.named_modules()]
    assert len(modules) == 1 + 3 + 2
    assert all(module.training for module in modules)
    assert model.eval() is model
    assert not any(module.training for module in modules)
    model.train()
    assert all(module.training for module in modules)


def test_state_dict_is_matrices():
    model = MLP(2, [3, 1], seed=1)
    state = model.state_dict()
    assert list(state) == ["layers[0].W", "layers[0].b", "layers[1].W", "layers[1].b"]
    assert np.shape(state["layers[0].W"]) == (3, 2)
    other = MLP(2, [3, 1], seed=2)
    other.load_state_dict({name: np.array(x) for name, x in state.items()})
    assert other.state_dict() == state


def unchanged(model, load, error, match):
    before = model.state_dict()
    with pytest.raises(error, match=match):
        load()
    assert model.state_dict() == before


def test_a_state_that_does_not_fit():
    model = MLP(2, [3, 1], seed=1)
    for other, match in [
        (MLP(3, [3, 1]), r"layers\[0\]\.W has shape \(3, 3\), the model's is \(3, 2\)$"),
        (MLP(2, [4, 1]), r"layers\[0\]\.W has shape \(4, 2\).*; layers\[1\]\.W has shape \(1, 4\)"),
        (MLP(2, [3, 1, 1]), r"unexpected layers\[2\]\.W; unexpected layers\[2\]\.b$"),
        (MLP(2, [1]), r"missing layers\[1\]\.W; missing layers\[1\]\.b; .*"),
        (MLP(2, [3, 1], bias=None), r"missing layers\[0\]\.b; missing layers\[1\]\.b$"),
        (MLP(2, [3, 1], "prelu"), r"unexpected layers\[0\]\.slope$"),
        (MLP(2, [3] * 9), r".*; and 12 more$"),
    ]:
        unchanged(
            model,
            lambda: model.load_state_dict(other.state_dict()),  # noqa: B023
            ValueError,
            r"the state is not one of MLP\(2-3-1, relu, linear\): " + match,
        )
    broken = model.state_dict()
    for x, match in [
        ("0.5", "W holds '0.5', which is no number"),
        ([0.5], r"W has shape \(3, 'ragged'\), the model's is"),
    ]:
        broken["layers[0].W"][1][1] = x
        unchanged(model, lambda: model.load_state_dict(broken), ValueError, match)


class Plain(Module):
    """As one writes it in micrograd: plain Values; and it keeps what it saw last."""

    def __init__(self):
        self.w, self.b = [Value(1.0), Value(2.0)], Value(0)
        self.half = 0.5

    def __call__(self, x):
        self.x = x
        return sum((w * x_k for w, x_k in zip(self.w, x, strict=True)), self.b) * self.half


class WithParameters(Plain):
    """With a parameters() of its own too, as micrograd's classes have."""

    def parameters(self):
        return [*self.w, self.b]


@pytest.mark.parametrize("kind", [Plain, WithParameters])
def test_plain_values_are_parameters(kind, tmp_path):
    model = kind()
    model([Value(3.0), Value(4.0)]).backward()
    assert model.parameters() == [*model.w, model.b]  # the input that it keeps is none
    assert [p.grad for p in model.parameters()] == [1.5, 2.0, 0.5]
    assert {p.kind for p in model.parameters()} == {"parameter"}
    assert {x.kind for x in model.x} == {"input"}
    SGD(model, lr=0.5).step()
    model.save(tmp_path / "plain.json")
    other = kind()
    other.load(tmp_path / "plain.json")
    assert other.state_dict() == model.state_dict() == {"w": [0.25, 1.0], "b": -0.25}
    assert len(record(model, [3.0, 4.0]).parameters) == 3  # found by their kind


def test_values_that_would_not_be_saved():
    class Hidden(Module):
        def __init__(self):
            self.by_name = {"w": Value(1.0), "b": Value(2.0)}

        def parameters(self):
            return list(self.by_name.values())

    model = Hidden()
    model.zero_grad()
    with pytest.raises(
        TypeError,
        match=r"Hidden\.parameters\(\) has 2 Values that would not be saved: keep them in attributes, from __init__ on",
    ):
        model.state_dict()


def test_forward_is_called_by_brackets():
    class Doubled(Module):
        def __init__(self):
            self.inner = Neuron(2, "linear", init="ones")

        def forward(self, x, times=2):
            return times * self.inner(x)

    assert Doubled()([1.0, 2.0]).data == 6.0
    assert Doubled()([1.0, 2.0], times=3).data == 9.0


def test_a_module_that_computes_nothing():
    class Empty(Module):
        pass

    with pytest.raises(TypeError, match=r"^Empty says nowhere what it computes: write def forward\(self, x\)"):
        Empty()([1.0])


def test_an_abstract_module():
    class Abstract(Module, ABC):
        @abstractmethod
        def forward(self, x): ...

    with pytest.raises(TypeError, match="abstract"):
        Abstract()


# --- files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["json", "npz"])
def test_floats_return_bit_for_bit(tmp_path, ending):
    numbers = [0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan, 2**0.5, -1e-17]
    layer = Layer(3, 3, "linear")
    for p, x in zip(layer.parameters(), numbers, strict=False):
        p.data = x
    path = tmp_path / f"model.{ending}"
    layer.save(path)
    other = Layer(3, 3, "linear")
    other.load(str(path))
    assert [p.data.hex() for p in other.parameters()] == [p.data.hex() for p in layer.parameters()]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_files_are_what_they_are_called(tmp_path):
    model = MLP(2, [3, 1], seed=1)
    model.save(tmp_path / "m.json")
    model.save(tmp_path / "m.npz")
    assert json.loads((tmp_path / "m.json").read_text())["model"] == model.state_dict()
    with np.load(tmp_path / "m.npz", allow_pickle=False) as arrays:
        assert arrays["model/layers[0].W"].tolist() == model.state_dict()["layers[0].W"]
    assert zipfile.is_zipfile(tmp_path / "m.npz")


@pytest.mark.parametrize("ending", ["json", "npz"])
def test_a_file_from_another_architecture(tmp_path, ending):
    path = tmp_path / f"model.{ending}"
    MLP(2, [4, 1], "tanh").save(path)
    model = MLP(2, [3, 1], seed=1)
    match = r"holds MLP\(2-4-1, tanh, linear\): the state is not one of MLP\(2-3-1, relu, linear\): layers\[0\]\.W has"
    unchanged(model, lambda: model.load(path), ValueError, match)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.json", b"{", "a.json is not a saved model"),
        ("a.json", b"\xff\xfe", "a.json is not a saved model"),
        ("a.json", b"[1, 2]", "a.json is not a saved model: it holds a list"),
        ("a.json", b'{"weights": 1}', "a.json holds no model state"),
        ("a.npz", b"PK", "a.npz is not a saved model"),
        ("a.pkl", b"", r"a\.pkl: a model is saved as \.json or \.npz, not as \.pkl"),
        ("model", b"", r"not as a name without ending"),
    ],
)
def test_files_that_are_no_models(tmp_path, name, content, match):
    path = tmp_path / name
    path.write_bytes(content)
    model = Neuron(2)
    unchanged(model, lambda: model.load(path), ValueError, match)


def test_a_pickle_inside_is_not_opened(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, model=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match=r"is not a saved model: model\.npy holds object, neither numbers nor text"):
        Neuron(2).load(path)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Neuron(2).load(tmp_path / "none.json")


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m.npz"
    model = Neuron(2, seed=1)
    model.save(path)

    def fails(file, **_):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", fails)
    with pytest.raises(KeyboardInterrupt):
        Neuron(2, seed=2).save(path)
    monkeypatch.undo()
    other = Neuron(2)
    other.load(path)
    assert other.state_dict() == model.state_dict()
    assert len(list(tmp_path.iterdir())) == 1


# --- resuming ---------------------------------------------------------------------------------------

MAKERS = {
    "momentum": lambda m: SGD(m, lr=0.3, momentum=0.9, schedule=StepSchedule(5, 0.5)),
    "rmsprop": lambda m: RMSprop(m, schedule=LinearSchedule(30, end=0.1)),
    "adam": lambda m: Adam(m, lr=0.05, schedule=CosineSchedule(25)),
}


def new_model(seed):
    return MLP(2, [6, 4, 1], "prelu", "sigmoid", dropout=0.3, seed=seed)


def train(model, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        cost("bce", [model(x) for x in X], y).backward()
        optimizer.step()


@pytest.mark.parametrize("ending", ["json", "npz"])
@pytest.mark.parametrize("name", MAKERS)
def test_resumed_is_uninterrupted(tmp_path, name, ending):
    model = new_model(1)
    optimizer = MAKERS[name](model)
    train(model, optimizer, 10)
    model.save(tmp_path / f"m.{ending}", optimizer)
    train(model, optimizer, 10)

    again = new_model(2)  # another seed: everything comes from the file
    resumed = {"momentum": SGD(again, lr=1.0), "rmsprop": RMSprop(again), "adam": Adam(again)}[name]
    again.load(tmp_path / f"m.{ending}", resumed)
    train(again, resumed, 10)
    assert again.state_dict() == model.state_dict()
    assert resumed.state_dict() == optimizer.state_dict()


def test_optimizer_state_that_does_not_fit_leaves_the_model(tmp_path):
    model = new_model(1)
    model.save(tmp_path / "with.json", Adam(model))
    model.save(tmp_path / "without.json")
    other = new_model(2)
    sgd = SGD(other, lr=0.1)
    before = sgd.state_dict()
    unchanged(
        other, lambda: other.load(tmp_path / "with.json", sgd), ValueError, "the state is one of Adam, this is SGD"
    )
    unchanged(other, lambda: other.load(tmp_path / "without.json", sgd), ValueError, "holds no optimizer state")
    assert sgd.state_dict() == before
    other.load(tmp_path / "with.json")
    assert other.state_dict() == model.state_dict()


@pytest.mark.parametrize("name", [*ACTIVATIONS, "your own"])
def test_models_pickle(name):
    hidden = autograd.operation("half", "x", "x/2", ["1/2"]) if name == "your own" else name
    model = (
        MLP(2, [3, 2], hidden, dropout=0.5, seed=1)
        if name not in ("softmax", "log_softmax")
        else MLP(2, [3, 2], output=name)
    )
    model.eval()
    optimizer = Adam(model)
    loss = autograd.sum(model([0.5, -1.0]))
    loss.backward()
    optimizer.step()
    twin, twin_optimizer, twin_loss = pickle.loads(pickle.dumps((model, optimizer, loss)))
    assert [y.data for y in twin([0.5, -1.0])] == [y.data for y in model([0.5, -1.0])]
    assert twin_optimizer.parameters == twin.parameters()
    assert twin_loss.data == loss.data
    assert set(autograd.graph.parameters(twin_loss)) <= set(twin.parameters())
