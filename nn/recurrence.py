"""Networks that read a sequence step by step, and remember: RNN, LSTM, GRU; and embeddings, for words.

A cell is one step: it takes an input x and its state, and gives the next state. All steps share its weights.

    RNN    h' = tanh(W[x, h] + b)
    LSTM   i, f, o = σ(W_i[x, h] + b_i), …;  g = tanh(W_g[x, h] + b_g);  c' = f ⊙ c + i ⊙ g;  h' = o ⊙ tanh(c')
    GRU    r, z = σ(W_r[x, h] + b_r), …;  n = tanh(W_n x + b_n + r ⊙ (U h + b_u));  h' = (1 − z) ⊙ n + z ⊙ h

[x, h] are the inputs and the state in one list, so each W has a row for each unit, first what it makes of x, then of
h. These are the equations of PyTorch's cells; its two biases of a gate are one here, but for the GRU's n, where r
stands between them. A state is a tuple of lists: (h,), of an LSTM (h, c). Each step is a scope, "step2". Its inputs are
labelled x1⁽²⁾; states of different steps have the same label, and pictures count them in the same way, h_1⁽¹⁾, h_1⁽²⁾.

Sources: J. Elman 1990, Cognitive Science 14, 179; S. Hochreiter & J. Schmidhuber 1997, Neural Computation 9, 1735, with
the forget gate of F. Gers et al. 2000; K. Cho et al. 2014, arXiv:1406.1078.
"""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

import autograd
from autograd import Value, parameter, scope, tanh
from autograd.formulas.naming import SUPERSCRIPTS
from autograd.number import quoted

from .init import initializer
from .module import Module
from .neuron import Layer, inputs, one_or_list
from .random_numbers import generator
from .settings import whole, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Concatenate

    from .init import Initializer
    from .names import P
    from .neuron import Seed
    from .types import Result, Scalar

    State = tuple[Sequence[Scalar], ...]
    Init = str | Initializer | None


class Cell(Module):
    """One step of a recurrent network: ``cell(x, state)`` is the next state. ``parts`` are what a state consists of."""

    parts: tuple[str, ...] = ("h",)

    def __init__(self, n_in: int, n_hidden: int) -> None:
        self.n_in, self.n_hidden = whole("n_in", n_in), whole("n_hidden", n_hidden)

    def start(self) -> State:
        """The state before the first step: zeros."""
        return tuple([0.0] * self.n_hidden for _ in self.parts)

    def __call__(self, x: Scalar | Iterable[Scalar], state: State | None = None) -> State:
        return self.forward(step_inputs(x, self), self.start() if state is None else checked_state(state, self))

    def forward(self, x: Sequence[Value], state: State) -> State:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.n_in}, {self.n_hidden})"


class RNNCell(Cell):
    """h' = g(W[x, h] + b)."""

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        activation: str = "tanh",
        *,
        init: Init = None,
        bias: float | None = 0.0,
        seed: Seed = None,
    ) -> None:
        super().__init__(n_in, n_hidden)
        self.layer = Layer(n_in + n_hidden, n_hidden, activation, init=init, bias=bias, seed=seed)

    def forward(self, x: Sequence[Value], state: State) -> State:
        (h,) = state
        return (labelled("h", self.layer.forward([*x, *h])),)


class LSTMCell(Cell):
    """c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c'), with the gates i, f, o and the candidate g.

    ``forget_bias`` is where b_f starts; 1 lets a new cell remember (R. Jozefowicz et al. 2015, ICML).
    """

    parts = ("h", "c")

    def __init__(
        self, n_in: int, n_hidden: int, *, init: Init = None, forget_bias: float = 1.0, seed: Seed = None
    ) -> None:
        super().__init__(n_in, n_hidden)
        rng = generator(seed)
        forget_bias = within("forget_bias", forget_bias, "(-inf, inf)")
        self.i, self.f, self.g, self.o = (
            Layer(n_in + n_hidden, n_hidden, activation, init=init, bias=bias, seed=rng, number=name)
            for name, activation, bias in (
                ("i", "sigmoid", 0.0),
                ("f", "sigmoid", forget_bias),
                ("g", "tanh", 0.0),
                ("o", "sigmoid", 0.0),
            )
        )

    def forward(self, x: Sequence[Value], state: State) -> State:
        h, c = state
        i, f, g, o = (gate.forward([*x, *h]) for gate in (self.i, self.f, self.g, self.o))
        c = labelled("c", [f_j * c_j + i_j * g_j for f_j, c_j, i_j, g_j in zip(f, c, i, g, strict=True)])
        h = labelled("h", [o_j * tanh(c_j) for o_j, c_j in zip(o, c, strict=True)])
        return h, c


class GRUCell(Cell):
    """h' = (1 − z) ⊙ n + z ⊙ h, with the gates r, z and the candidate n."""

    def __init__(self, n_in: int, n_hidden: int, *, init: Init = None, seed: Seed = None) -> None:
        super().__init__(n_in, n_hidden)
        rng = generator(seed)
        self.r = Layer(n_in + n_hidden, n_hidden, "sigmoid", init=init, seed=rng, number="r")
        self.z = Layer(n_in + n_hidden, n_hidden, "sigmoid", init=init, seed=rng, number="z")
        self.n = Layer(n_in, n_hidden, "linear", init=init, seed=rng, number="n")
        self.u = Layer(n_hidden, n_hidden, "linear", init=init, seed=rng, number="u")

    def forward(self, x: Sequence[Value], state: State) -> State:
        (h,) = state
        r, z, n, u = self.r.forward([*x, *h]), self.z.forward([*x, *h]), self.n.forward(x), self.u.forward(h)
        n = labelled("n", [tanh(n_j + r_j * u_j) for n_j, r_j, u_j in zip(n, r, u, strict=True)])
        return (labelled("h", [(1 - z_j) * n_j + z_j * h_j for z_j, n_j, h_j in zip(z, n, h, strict=True)]),)


class Recurrent(Module):
    """Runs a cell over a sequence; ``RNN``, ``LSTM`` and ``GRU`` are made of their cells.

    ``model(xs)`` of a list of inputs, a number or a list of n_in each, is the list of h after every step: Values, or
    lists of them where n_hidden > 1. ``run(xs, state)`` gives the last state, too, from which ``run`` goes on.

    ``fit`` takes sequences of numbers, all of one length. Those of several lengths are learned length by length, with
    one optimizer: ``for X, y in buckets: fit(model, X, y, loss="bce", optimizer=optimizer, epochs=1)``.

    >>> model = RNN(1, 1, init="ones")
    >>> [round(h.data, 4) for h in model([1.0, 0.0])]
    [0.7616, 0.642]
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    def __call__(self, xs: Iterable[Scalar | Iterable[Scalar]], state: State | None = None) -> Result:
        outputs, _ = self.run(xs, state)
        return [one_or_list(h) for h in outputs]

    def run(
        self, xs: Iterable[Scalar | Iterable[Scalar]], state: State | None = None
    ) -> tuple[list[Sequence[Scalar]], State]:
        """The h after every step, always as lists, and the last state. TypeError, ValueError for what does not fit."""
        state = self.cell.start() if state is None else checked_state(state, self.cell)
        steps = enumerate(sequence(xs, self.cell), 1)
        return self.forward(
            [step_inputs(x, self.cell, f"⁽{step}⁾".translate(SUPERSCRIPTS)) for step, x in steps], state
        )

    def forward(self, xs: Sequence[Sequence[Value]], state: State) -> tuple[list[Sequence[Scalar]], State]:
        outputs = []
        for step, x in enumerate(xs, 1):
            with scope(f"step{step}"):
                state = self.cell.forward(x, state)
            outputs.append(state[0])
        return outputs, state

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.cell.n_in}, {self.cell.n_hidden})"


def running(cell: Callable[P, Cell]) -> Callable[Concatenate[Recurrent, P], None]:
    """The constructor of a network that runs such a cell: it takes what the cell's takes."""

    def init(self: Recurrent, /, *args: P.args, **kwargs: P.kwargs) -> None:
        Recurrent.__init__(self, cell(*args, **kwargs))

    update_wrapper(init, cell.__init__)
    return init


class RNN(Recurrent):
    """A simple recurrent network. Takes what ``RNNCell`` takes."""

    __init__ = running(RNNCell)


class LSTM(Recurrent):
    """A long short-term memory. Takes what ``LSTMCell`` takes."""

    __init__ = running(LSTMCell)


class GRU(Recurrent):
    """A gated recurrent unit. Takes what ``GRUCell`` takes."""

    __init__ = running(GRUCell)


class Embedding(Module):
    """A vector for each of n words: ``embedding(i)`` is row i of ``W`` (n, dim), counted from 0.

    In a recorded program i may be a Value, which chooses the row anew at each replay.

    >>> [v.label for v in Embedding(3, 2)(1)]
    ['w_2,1', 'w_2,2']
    """

    def __init__(self, n: int, dim: int, *, init: str | Initializer = "normal", seed: Seed = None) -> None:
        n, dim = whole("n, the number of words,", n), whole("dim", dim)
        draw, rng = initializer(init), generator(seed)
        self.W = [
            [parameter(draw(n, dim, rng), f"w_{word},{k}") for k in range(1, dim + 1)] for word in range(1, n + 1)
        ]

    def __call__(self, i: int | Value) -> list[Value]:
        return self.forward(i)

    def forward(self, i: int | Value) -> list[Value]:
        if isinstance(i, Value):
            return [autograd.take([row[k] for row in self.W], i) for k in range(len(self.W[0]))]
        if isinstance(i, bool) or not hasattr(i, "__index__"):
            raise TypeError(f"{self} takes the number of a word, not {quoted(i)}")
        if i not in range(len(self.W)):
            raise ValueError(f"{self} has the words 0 … {len(self.W) - 1}, not {quoted(i)}")
        return list(self.W[i])

    def __repr__(self) -> str:
        return f"Embedding({len(self.W)}, {len(self.W[0])})"


# --- what comes in, checked; and names ---------------------------------------------------------------


def sequence(xs: object, cell: Cell) -> list[object]:
    """The inputs of all steps."""
    if isinstance(xs, str | Value | dict) or not hasattr(xs, "__iter__"):
        raise TypeError(f"a sequence is a list of inputs, one for each step of {cell}, not {quoted(xs)}")
    if not (steps := list(xs)):
        raise ValueError(f"the sequence is empty: {cell} has nothing to read")
    return steps


def step_inputs(x: object, cell: Cell, mark: str = "") -> list[Value]:
    """The inputs of one step; a number alone is a list of one. ``mark`` goes behind the labels of numbers."""
    given: list[Any] = list(x) if hasattr(x, "__iter__") and not isinstance(x, str | Value | dict) else [x]
    values = inputs(given, cell.n_in, cell)
    for value, x_k in zip(values, given, strict=True):
        if value is not x_k:
            value.label += mark
    return values


def checked_state(state: State, cell: Cell) -> State:
    """A state of as many lists, of as many numbers, as the cell has."""
    wanted = f"a state of {cell} is a tuple ({', '.join(cell.parts)},) of lists of {cell.n_hidden}"
    if not isinstance(state, tuple | list) or len(state) != len(cell.parts):
        raise TypeError(f"{wanted}, not {quoted(state)}")
    for part in state:
        if not hasattr(part, "__len__") or len(part) != cell.n_hidden:
            raise ValueError(f"{wanted}, not {quoted(state)}")
    return tuple(state)


def labelled(name: str, values: list[Value]) -> list[Value]:
    for j, value in enumerate(values, 1):
        value.label = f"{name}_{j}"
    return values
