"""Neurons, layers of neurons, networks of layers: read from top to bottom.

Forward, for one example x:

    neuron   z = w·x + b,  a = g(z)
    layer    z[l]_j = Σ_k w[l]_j,k a[l−1]_k + b[l]_j,  a[l] = g(z[l]);  all neurons read the same input
    MLP      a[0] = x, each layer reads the one before

``model(x)`` checks x, a list of numbers or Values, and returns a Value, or a list for several outputs.
``model.forward(x)`` is the computation alone: a list of Values in, a list out (of a neuron: a Value).
Labels follow docs/lectures.md, "Notation", counted from 1, and scopes group the graph: "layer1/neuron2".
Sizes may be given by micrograd's names too: ``nin``, ``nout``, ``nouts``.
"""

from __future__ import annotations

import math
import random

from autograd import Value, dot, parameter, scope
from autograd.interrupts import all_or_none
from autograd.number import quoted

from .activations import Activation, activation
from .init import Initializer, initializer
from .module import Module, table
from .names import also_called
from .random_numbers import generator
from .regularize import Dropout
from .settings import whole, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .activations import Function
    from .types import Result, Scalar

    Activating = str | bool | Function | Activation
    Seed = int | random.Random | None


class Neuron(Module):
    """One neuron: z = w·x + b, a = g(z).

    ``activation`` a name of ``ACTIVATIONS`` or a function; as in micrograd, ``nonlin=False`` or False in its
                   place says "linear"
    ``init``       a name of ``INITIALIZERS`` or an Initializer; by default the activation's own
    ``bias``       its start value; None for a neuron without a bias
    ``seed``       for the weights; without one ``random.seed`` decides
    ``n_out``, ``name`` say which unit of how many it is in its layer; a layer sets them

    >>> n = Neuron(2, "sigmoid", init="ones")
    >>> n([2.0, -2.0])
    Value(data=0.5, grad=0.0, label='a')
    """

    @also_called(nin="n_in")
    def __init__(
        self,
        n_in: int,
        activation: Activating = "relu",
        *,
        nonlin: bool = True,
        init: str | Initializer | None = None,
        bias: float | None = 0.0,
        seed: Seed = None,
        n_out: int = 1,
        name: str = "",
    ) -> None:
        n_in = whole("n_in", n_in)
        self.activation = g = chosen(activation, nonlin)
        if g.over_layer:
            raise ValueError(f"{g.name} needs all outputs of a layer: Layer({n_in}, n_out, {g.name!r})")
        draw, rng = initializer(init or g.init), generator(seed)
        comma = "," if name else ""
        self.scope = scope(f"neuron{name.rpartition('_')[2]}")
        with self.scope:
            self.w = [parameter(draw(n_in, n_out, rng), f"w{name}{comma}{k}") for k in range(1, n_in + 1)]
            self.b = None if bias is None else parameter(within("bias", bias, "(-inf, inf)"), f"b{name}")
            self.slope = None if g.slope is None else parameter(g.slope, f"slope{name}")
        self.z_label, self.a_label = f"z{name}", f"a{name}"

    @property
    def nonlin(self) -> bool:
        """Whether a = g(z) is more than z itself."""
        return self.activation.name != "linear"

    def __call__(self, x: Iterable[Scalar]) -> Value:
        return self.forward(inputs(x, len(self.w), self))

    def forward(self, x: Sequence[Scalar]) -> Value:
        with self.scope:
            z: Value = dot(self.w, x)
            if self.b is not None:
                z = z + self.b
            z.label = self.z_label
            g = self.activation.function
            a: Value = g(z) if self.slope is None else g(z, self.slope)
            if a is not z:
                a.label = self.a_label
        return a

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.w)}, {self.activation.name})"


class Perceptron(Neuron):
    """Rosenblatt's perceptron: ŷ = 1 where w·x + b > 0, else 0; it learns by a rule of its own.

    The step's derivative is 0 everywhere, so there is no gradient to descend. Weights start at 0.

    >>> AND = [([0, 0], 0), ([0, 1], 0), ([1, 0], 0), ([1, 1], 1)]
    >>> p = Perceptron(2)
    >>> while any([p.learn(x, y) for x, y in AND]):
    ...     pass
    >>> [p(x).data for x, _ in AND]
    [0.0, 0.0, 0.0, 1.0]
    """

    @also_called(nin="n_in")
    def __init__(self, n_in: int, *, init: str | Initializer = "zeros", seed: Seed = None) -> None:
        super().__init__(n_in, "step", init=init, seed=seed)

    def learn(self, x: Iterable[Scalar], y: float, rate: float = 1.0) -> float:
        """One example: Δw = α(y − ŷ)x, Δb = α(y − ŷ), with α in [0, 1]; returns the error y − ŷ: 0, 1 or −1."""
        rate = within("the learning rate α of a perceptron", rate, "[0, 1]")
        if y not in (0, 1):
            raise ValueError(f"a perceptron's target is 0 or 1, not {quoted(y)}")
        x = inputs(x, len(self.w), self)
        error = y - self.forward(x).data
        changes = [(w, "data", w.data + rate * error * x_k.data) for w, x_k in zip(self.w, x, strict=True)]
        if self.b is not None:
            changes.append((self.b, "data", self.b.data + rate * error))
        all_or_none(changes)
        return error


class LogisticRegression(Neuron):
    """One sigmoid neuron, weights from 0: a = σ(w·x + b) is the probability of class 1. Its loss is ``bce``."""

    @also_called(nin="n_in")
    def __init__(self, n_in: int, *, init: str | Initializer = "zeros", seed: Seed = None) -> None:
        super().__init__(n_in, "sigmoid", init=init, seed=seed)


class Layer(Module):
    """``n_out`` neurons with the same ``n_in`` inputs; ``W`` is a matrix (n_out, n_in), ``b`` a list of n_out.

    Takes what a Neuron takes. One PReLU slope is learned for the whole layer; softmax runs over the layer's
    outputs; ``dropout`` is the probability of dropping an output while training. ``number`` is l in ``w[l]``, or the
    name of a gate.
    """

    @also_called(nin="n_in", nout="n_out")
    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: Activating = "relu",
        *,
        nonlin: bool = True,
        init: str | Initializer | None = None,
        bias: float | None = 0.0,
        dropout: float = 0.0,
        seed: Seed = None,
        number: int | str | None = None,
    ) -> None:
        n_out = whole("n_out", n_out)
        self.activation = g = chosen(activation, nonlin)
        rng = generator(seed)
        name = "" if number is None else f"[{number}]"
        self.scope = scope(number if isinstance(number, str) else f"layer{'' if number is None else number}")
        with self.scope:
            self.slope = None if g.slope is None else parameter(g.slope, f"slope{name}")
            self.neurons = [
                Neuron(
                    n_in,
                    "linear" if g.over_layer else g,
                    init=init or g.init,
                    bias=bias,
                    seed=rng,
                    n_out=n_out,
                    name=f"{name}_{j}",
                )
                for j in range(1, n_out + 1)
            ]
        for neuron in self.neurons:
            neuron.slope = self.slope
        self.dropout = Dropout(dropout, rng) if dropout else None
        self.a_labels = [f"a{name}_{j}" for j in range(1, n_out + 1)]

    @property
    def W(self) -> list[list[Value]]:
        """The weights as a matrix: W[j][k] leads from input k to unit j."""
        return [neuron.w for neuron in self.neurons]

    @property
    def b(self) -> list[Value] | None:
        """The biases; None for a layer without."""
        biases = [neuron.b for neuron in self.neurons if neuron.b is not None]
        return biases or None

    def fields(self) -> dict[str, object]:
        return {"W": self.W, "b": self.b, "slope": self.slope, "dropout": self.dropout}

    def __call__(self, x: Iterable[Scalar]) -> Result:
        return one_or_list(self.forward(inputs(x, len(self.W[0]), self)))

    def forward(self, x: Sequence[Scalar]) -> list[Value]:
        with self.scope:
            a = [neuron.forward(x) for neuron in self.neurons]
            if self.activation.over_layer:
                a = self.activation.function(a)
                for a_j, label in zip(a, self.a_labels, strict=True):
                    a_j.label = label
            return a if self.dropout is None else self.dropout(a)

    def __repr__(self) -> str:
        return f"Layer({len(self.W[0])}, {len(self.neurons)}, {self.activation.name})"


class MLP(Module):
    """A multilayer perceptron: ``MLP(4, [3, 2, 1])`` has 4 inputs, hidden layers of 3 and 2 units, 1 output.

    ``activation`` of the hidden layers, ``output`` of the last one; ``dropout`` acts on hidden units only;
    ``init``, ``bias`` (0.01 is one cure for dead ReLUs) and ``seed`` as for a Neuron.

    >>> print(MLP(4, [3, 2, 1], "tanh", "sigmoid").summary())
    layer  activation  W       b       parameters
    1      tanh        (3, 4)  (3, 1)          15
    2      tanh        (2, 3)  (2, 1)           8
    3      sigmoid     (1, 2)  (1, 1)           3
    total                                      26
    """

    @also_called(nin="n_in", nouts="sizes")
    def __init__(
        self,
        n_in: int,
        sizes: Iterable[int],
        activation: Activating = "relu",
        output: Activating = "linear",
        *,
        init: str | Initializer | None = None,
        bias: float | None = 0.0,
        dropout: float = 0.0,
        seed: Seed = None,
    ) -> None:
        if isinstance(sizes, str) or not hasattr(sizes, "__iter__"):
            raise TypeError(f"the sizes of the layers are a list, as in MLP(3, [4, 4, 1]), not {quoted(sizes)}")
        n = [whole("n_in", n_in), *(whole("the size of a layer", size) for size in sizes)]
        if len(n) == 1:
            raise ValueError("an MLP needs at least one layer: MLP(3, [4, 4, 1])")
        dropout = within("the dropout probability p", dropout, "[0, 1)")
        hidden, final = chosen(activation), chosen(output)
        rng = generator(seed)
        last = len(n) - 1
        self.layers = [
            Layer(
                n[number - 1],
                n[number],
                final if number == last else hidden,
                init=init,
                bias=bias,
                dropout=0.0 if number == last else dropout,
                seed=rng,
                number=number,
            )
            for number in range(1, last + 1)
        ]

    def __call__(self, x: Iterable[Scalar]) -> Result:
        return one_or_list(self.forward(inputs(x, len(self.layers[0].W[0]), self)))

    def forward(self, x: Sequence[Value]) -> list[Value]:
        a = list(x)
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def summary(self) -> str:
        """The layers as a table in text: activation, shapes of W and b, number of parameters."""
        rows = [("layer", "activation", "W", "b", "parameters")]
        for number, layer in enumerate(self.layers, 1):
            n_out, n_in = len(layer.W), len(layer.W[0])
            b = "none" if layer.b is None else f"({n_out}, 1)"
            rows.append((str(number), layer.activation.name, f"({n_out}, {n_in})", b, str(len(layer.parameters()))))
        return table([*rows, ("total", "", "", "", str(len(self.parameters())))])

    def __repr__(self) -> str:
        sizes = "-".join(str(n) for n in [len(self.layers[0].W[0]), *(len(layer.W) for layer in self.layers)])
        activations = ", ".join(dict.fromkeys(layer.activation.name for layer in self.layers))
        return f"MLP({sizes}, {activations})"


def chosen(which: Activating, nonlin: bool = True) -> Activation:
    """The activation, or with micrograd's ``nonlin=False`` none; a bool in the activation's place is ``nonlin``."""
    if isinstance(which, bool):
        return chosen("relu", nonlin and which)
    return activation(which if nonlin else "linear")


def one_or_list(outputs: Sequence[Scalar]) -> Result:
    """What calling a model returns: one output as a Value, several as a list."""
    return outputs[0] if len(outputs) == 1 else outputs


def inputs(x: Iterable[Scalar], n: int, model: Module) -> list[Value]:
    """One example as n Values: numbers become leaves, labelled x1, x2, ...; what cannot be an input raises."""
    if isinstance(x, str | Value | dict) or not hasattr(x, "__iter__"):
        raise TypeError(f"{model} takes a list of {n} numbers or Values, got {quoted(x)} ({type(x).__name__})")
    values = []
    for k, x_k in enumerate(x, 1):
        if hasattr(x_k, "__len__") and not isinstance(x_k, str):
            raise TypeError(f"{model} takes one example, a list of {n} numbers; for many write [model(x) for x in X]")
        try:
            value = x_k if isinstance(x_k, Value) else Value(x_k, f"x{k}")
        except TypeError as error:
            raise TypeError(f"{model}: input x{k}: {error}") from None
        if value.op is None and not math.isfinite(value.data):
            raise ValueError(f"{model}: input x{k} is {value.data}, but must be finite")
        values.append(value)
    if len(values) != n:
        raise ValueError(f"{model} takes {n} inputs, got {len(values)}")
    return values
