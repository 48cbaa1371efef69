"""RNN, LSTM, GRU and embeddings: their numbers and gradients, eager and recorded, by mpmath and by PyTorch."""

import math

import mpmath
import numpy as np
import pytest

from autograd import Value, check, graph, record
from autograd import sum as total
from nn import GRU, LSTM, RNN, Adam, Embedding, GRUCell, Layer, LSTMCell, Module, RNNCell, cost, fit

XS = [[0.5, -1.2], [0.8, 0.3], [-0.4, 1.1]]
KINDS = [RNN, LSTM, GRU]


def weighted(hs):
    """One number of all outputs, in which each counts differently."""
    return total([(0.3 + 0.7 * t - 0.4 * j) * h for t, step in enumerate(hs) for j, h in enumerate(step)])


def loss_of(model, xs=XS):
    return weighted(model(xs))


# --- the equations once more, in mpmath ---------------------------------------------------------------


def sigmoid(z):
    return [1 / (1 + mpmath.exp(-z_j)) for z_j in z]


def tanh(z):
    return [mpmath.tanh(z_j) for z_j in z]


class Exact:
    """The model's loss as a function of its parameters, by mpmath, from the equations at the head of the module."""

    def __init__(self, model):
        self.cell, self.names = model.cell, [name for name, _ in model.named_parameters()]

    def affine(self, gate, x):
        layer = getattr(self.cell, gate)
        path = f"cell.{gate}"
        return [
            mpmath.fsum(self.at[f"{path}.W[{j}][{k}]"] * x_k for k, x_k in enumerate(x)) + self.at[f"{path}.b[{j}]"]
            for j in range(len(layer.W))
        ]

    def step(self, x, state):
        h = state[0]
        xh = [*x, *h]
        if isinstance(self.cell, RNNCell):
            return (tanh(self.affine("layer", xh)),)
        if isinstance(self.cell, LSTMCell):
            i, f, o = (sigmoid(self.affine(gate, xh)) for gate in "ifo")
            g = tanh(self.affine("g", xh))
            c = [f_j * c_j + i_j * g_j for f_j, c_j, i_j, g_j in zip(f, state[1], i, g, strict=True)]
            return [o_j * mpmath.tanh(c_j) for o_j, c_j in zip(o, c, strict=True)], c
        r, z = (sigmoid(self.affine(gate, xh)) for gate in "rz")
        n = tanh([a + r_j * u for a, r_j, u in zip(self.affine("n", x), r, self.affine("u", h), strict=True)])
        return ([(1 - z_j) * n_j + z_j * h_j for z_j, n_j, h_j in zip(z, n, h, strict=True)],)

    def __call__(self, parameters, xs=XS):
        self.at = dict(zip(self.names, parameters, strict=True))
        state = tuple([mpmath.mpf(0)] * self.cell.n_hidden for _ in self.cell.parts)
        outputs = []
        for x in xs:
            state = self.step([mpmath.mpf(x_k) for x_k in x], state)
            outputs.append(state[0])
        return weighted_exactly(outputs)

    def gradient(self, parameters):
        """Central differences with 60 digits: right to far more than a float has."""
        with mpmath.workdps(60):
            theta, e = [mpmath.mpf(p) for p in parameters], mpmath.mpf(10) ** -20
            moved = lambda i, by: [x + by * (k == i) for k, x in enumerate(theta)]  # noqa: E731
            return [float((self(moved(i, e)) - self(moved(i, -e))) / (2 * e)) for i in range(len(theta))]


def weighted_exactly(hs):
    return mpmath.fsum(
        (mpmath.mpf(0.3 + 0.7 * t - 0.4 * j)) * h for t, step in enumerate(hs) for j, h in enumerate(step)
    )


def varied(model):
    """Biases that are not 0, so that each is seen."""
    for k, p in enumerate(model.parameters()):
        p.data += 0.1 * math.sin(k)
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_and_gradients(kind):
    model = varied(kind(2, 3, seed=1))
    exact = Exact(model)
    theta = [p.data for p in model.parameters()]
    L = loss_of(model)
    L.backward()
    assert L.data == pytest.approx(float(exact(theta)), rel=1e-13)
    assert [p.grad for p in model.parameters()] == pytest.approx(exact.gradient(theta), rel=1e-10, abs=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_for_each_length(kind):
    model = varied(kind(2, 3, seed=2))
    program = record(lambda xs: loss_of(model, xs), XS, parameters=model.parameters())
    for xs in (XS, XS[:2], [*XS, *XS]):
        model.zero_grad()
        L = loss_of(model, xs)
        L.backward()
        value, grads = program.value_and_grad(np.array([xs]))
        assert value == pytest.approx(L.data, rel=1e-12)
        assert list(grads) == pytest.approx([p.grad for p in model.parameters()], rel=1e-11, abs=1e-16)
    assert len(program.recordings) == 3


@pytest.mark.oracle
@pytest.mark.parametrize("kind", KINDS)
def test_pytorch_computes_the_same(kind):
    torch = pytest.importorskip("torch")
    model = varied(kind(2, 3, seed=3))
    theirs = getattr(torch.nn, kind.__name__)(2, 3, dtype=torch.float64)
    gates = {RNN: ["layer"], LSTM: ["i", "f", "g", "o"], GRU: ["r", "z", "n"]}[kind]
    cell = model.cell

    def data(rows):
        return [[w.data for w in row] for row in rows]

    with torch.no_grad():
        for at, gate in enumerate(gates):
            rows = slice(3 * at, 3 * at + 3)
            layer = getattr(cell, gate)
            W = torch.tensor(data(layer.W), dtype=torch.float64)
            theirs.weight_ih_l0[rows] = W[:, :2]
            theirs.bias_ih_l0[rows] = torch.tensor([b.data for b in layer.b], dtype=torch.float64)
            memory = cell.u if gate == "n" else None
            theirs.weight_hh_l0[rows] = (
                W[:, 2:] if memory is None else torch.tensor(data(memory.W), dtype=torch.float64)
            )
            beside = [0.0] * 3 if memory is None else [b.data for b in memory.b]
            theirs.bias_hh_l0[rows] = torch.tensor(beside, dtype=torch.float64)
    outputs, _ = theirs(torch.tensor(XS, dtype=torch.float64))
    L = loss_of(model)
    L.backward()
    their_loss = weighted(outputs.tolist())
    assert L.data == pytest.approx(their_loss, rel=1e-12)
    scale = torch.tensor([[0.3 + 0.7 * t - 0.4 * j for j in range(3)] for t in range(3)], dtype=torch.float64)
    (outputs * scale).sum().backward()
    for at, gate in enumerate(gates):
        rows = slice(3 * at, 3 * at + 3)
        layer = getattr(cell, gate)
        ours = np.array([[w.grad for w in row] for row in layer.W])
        assert ours[:, :2] == pytest.approx(theirs.weight_ih_l0.grad[rows].numpy(), rel=1e-9, abs=0)
        hidden = ours[:, 2:] if gate != "n" else np.array([[w.grad for w in row] for row in cell.u.W])
        assert hidden == pytest.approx(theirs.weight_hh_l0.grad[rows].numpy(), rel=1e-9, abs=0)
        assert [b.grad for b in layer.b] == pytest.approx(theirs.bias_ih_l0.grad[rows].tolist(), rel=1e-9, abs=0)


def test_a_hand_derivation_of_two_steps_is_right():
    """∂h₂/∂w is a sum over two paths, by w in the last step, and by h₁."""
    model = RNN(1, 1, seed=1)
    x1, x2 = Value(0.5, "x1"), Value(-0.3, "x2")
    (h1, h2) = model([x1, x2])
    (w, u), b = model.cell.layer.W[0], model.cell.layer.b[0]
    names = {"x1": x1, "x2": x2, "h1": h1, "h2": h2, "w": w, "u": u, "b": b}
    claims = {
        "dw": "(1 - h2**2)*(x2 + u*(1 - h1**2)*x1)",
        "du": "(1 - h2**2)*h1",
        "db": "(1 - h2**2)*(1 + u*(1 - h1**2))",
    }
    report = check(h2, claims, names)
    assert report.ok, report
    assert not check(h2, {"dw": "(1 - h2**2)*x2"}, names).ok  # the path through h1 is missing


# --- how it is used -----------------------------------------------------------------------------------


def test_a_sequence_goes_on_from_a_state():
    model = LSTM(1, 2, seed=1)
    whole = model([0.1, 0.2, 0.3, 0.4])
    first, state = model.run([0.1, 0.2])
    rest, _ = model.run([0.3, 0.4], state)
    assert [[h.data for h in step] for step in [*first, *rest]] == [[h.data for h in step] for step in whole]


def test_one_unit_gives_numbers():
    hs = RNN(1, 1, init="ones")([1.0, 0.0])
    assert [type(h) for h in hs] == [Value, Value]
    assert hs[1].data == pytest.approx(math.tanh(math.tanh(1)), rel=1e-15)


def test_steps_are_scopes_and_states_are_labelled():
    h, c = LSTM(1, 2, seed=1).run([0.5, 1.0])[1]
    assert [v.label for v in (*h, *c)] == ["h_1", "h_2", "c_1", "c_2"]
    assert {v.scope for v in graph.topological(h[0]) if v.label == "h_1"} == {"step1", "step2"}
    assert "step2/f/neuron1" in {v.scope for v in graph.topological(h[0])}


def test_an_input_has_the_number_of_its_step():
    xs = [0.5, Value(1.0, "mine"), -0.5]
    (h,) = RNN(1, 1, seed=1).run(xs)[1][0]
    scopes = {
        v.label: user.scope for user in graph.topological(h) for v in user.inputs if v.label.startswith(("x", "m"))
    }
    assert scopes == {"x1⁽¹⁾": "step1/layer/neuron1", "mine": "step2/layer/neuron1", "x1⁽³⁾": "step3/layer/neuron1"}


def test_what_is_learned_is_found_and_saved(tmp_path):
    model = GRU(2, 3, seed=1)
    assert "cell.r.W  (3, 5)" in " ".join(model.summary().split()).replace("W (3", "W  (3")
    other = GRU(2, 3, seed=2)
    model.save(tmp_path / "gru.json")
    other.load(tmp_path / "gru.json")
    assert [h.data for h in other(XS)[-1]] == [h.data for h in model(XS)[-1]]
    assert (len(model.parameters()), len(LSTM(2, 3).parameters()), len(RNN(2, 3).parameters())) == (57, 72, 18)
    assert repr(model) == "GRU(2, 3)"
    assert repr(model.cell) == "GRUCell(2, 3)"


def test_the_forget_gate_begins_open():
    assert [b.data for b in LSTM(1, 2).cell.f.b] == [1.0, 1.0]
    assert [b.data for b in LSTM(1, 2, forget_bias=-2).cell.f.b] == [-2.0, -2.0]


def test_cells_alone():
    for cell in (RNNCell(2, 3, "relu", seed=1), LSTMCell(2, 3, seed=1), GRUCell(2, 3, seed=1)):
        state = cell(XS[0])
        state = cell(XS[1], state)
        assert [len(part) for part in state] == [3] * len(cell.parts)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: RNN(2, 3)(0.5), TypeError, r"a sequence is a list of inputs, one for each step of RNNCell\(2, 3\)"),
        (lambda: RNN(2, 3)([]), ValueError, "the sequence is empty"),
        (lambda: RNN(2, 3)([[1, 2], [3]]), ValueError, r"RNNCell\(2, 3\) takes 2 inputs, got 1"),
        (lambda: RNN(2, 3)([1, 2]), ValueError, r"RNNCell\(2, 3\) takes 2 inputs, got 1"),
        (lambda: LSTM(1, 2).run([1], ([0, 0],)), TypeError, r"a tuple \(h, c,\) of lists of 2"),
        (lambda: LSTM(1, 2).run([1], ([0, 0], [1])), ValueError, "of lists of 2"),
        (lambda: GRU(0, 2), ValueError, "n_in"),
        (lambda: RNN(1, 1)([["a"]]), TypeError, "input x1"),
        (lambda: Embedding(3, 2)(3), ValueError, r"Embedding\(3, 2\) has the words 0 … 2, not 3"),
        (lambda: Embedding(3, 2)(0.5), TypeError, "takes the number of a word, not 0.5"),
    ],
)
def test_what_does_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_200_steps():
    model = LSTM(1, 2, seed=1)
    hs = model([0.1] * 200)
    hs[-1][0].backward()
    assert all(p.has_grad for p in model.parameters())


class Reader(Module):
    """Reads a sequence of numbers, and says at its end what it was."""

    def __init__(self, rnn):
        self.rnn, self.read = rnn, Layer(rnn.cell.n_hidden, 1, "sigmoid", seed=9)

    def forward(self, xs):
        return self.read(self.rnn(xs)[-1])


@pytest.mark.parametrize("kind", KINDS)
def test_fit_learns_what_came_first(kind):
    sequences = [[first, *([0.5, -0.5, 0.25][(i + k) % 3] for k in range(3))] for i in range(6) for first in (-1, 1)]
    y = [int(xs[0] > 0) for xs in sequences]
    model = Reader(kind(1, 3, seed=4))
    history = fit(model, sequences, y, loss="bce", optimizer="adam", lr=0.05, epochs=80, progress=False)
    assert history.engine == "program"
    assert history.accuracy[-1] == 1


def test_sequences_of_several_lengths_are_learned_length_by_length():
    model, total = Reader(RNN(1, 3, seed=4)), 0
    optimizer = Adam(model, lr=0.05)
    with pytest.raises(ValueError, match=r"X\[1\] has 3 numbers, but X\[0\] has 2"):
        fit(model, [[1, 0.5], [-1, 0.5, 0.2]], [1, 0], loss="bce", optimizer=optimizer, progress=False)
    buckets = [([[first, *noise] for first in (-1, 1)], [0, 1]) for noise in ([0.3], [-0.2, 0.4], [0.1, 0.2, -0.5])]
    for _ in range(40):
        for X, y in buckets:
            total += fit(model, X, y, loss="bce", optimizer=optimizer, epochs=1, progress=False).engine == "program"
    assert (total, optimizer.steps) == (120, 120)
    assert all(round(model(xs).data) == first for X, y in buckets for xs, first in zip(X, y, strict=True))


# --- embeddings ---------------------------------------------------------------------------------------


class Words(Module):
    def __init__(self):
        self.embedding, self.read = Embedding(4, 2, seed=1), Layer(2, 1, "linear", seed=2)

    def forward(self, i):
        return self.read(self.embedding(i))


def test_only_the_row_of_a_word_learns():
    model = Words()
    J = cost("squared_error", [model(2), model(2)], [1.0, 0.0])
    J.backward()
    grads = [[w.grad for w in row] for row in model.embedding.W]
    assert [any(row) for row in grads] == [False, False, True, False]
    w = [w.data for w in model.read.W[0]]
    error = model(2).data - 0.5
    assert grads[2] == pytest.approx([error * w_k for w_k in w], rel=1e-12)


def test_a_program_chooses_the_row():
    model = Words()
    program = record(lambda i, y: (model(i) - y) ** 2, 0.0, 0.0, parameters=model.parameters())
    words, targets = [0, 3, 3], [1.0, -1.0, 0.5]
    value, grads = program.value_and_grad(np.array(words), np.array(targets))
    J = cost("mse", [model(i) for i in words], targets)
    J.backward()
    assert value == pytest.approx(J.data, rel=1e-13)
    assert list(grads) == pytest.approx([p.grad for p in model.parameters()], rel=1e-12, abs=1e-300)
