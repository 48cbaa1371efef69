"""Networks for images: convolution, pooling, and what leads from maps to lists and back.

An image is a list of maps (channels), each a list of rows. An 8 × 8 image in grey is one map, or just its rows.

    Conv2d     z_j[r][c] = Σ_i Σ_u Σ_v W[j][i][u][v] · x_i[s·r + u][s·c + v] + b_j,  a_j = g(z_j)
    MaxPool2d  the largest number of each window;  MeanPool2d  their mean

W is (n_out, n_in, k, k), as PyTorch has it: it is this cross-correlation that the field calls convolution. One kernel
looks at all places, so the gradient of a weight is a sum over places.

Source: Y. LeCun et al. 1998, Proceedings of the IEEE 86, 2278.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import autograd
from autograd import Value, dot, parameter, scope
from autograd.number import quoted

from .init import initializer
from .module import Module
from .neuron import chosen, inputs, one_or_list
from .random_numbers import generator
from .settings import whole, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .init import Initializer
    from .neuron import Activating, Seed
    from .types import Result, Scalar

    Map = list[list[Value]]
    Patch = list[Scalar]


class Conv2d(Module):
    """``n_out`` kernels of ``kernel`` × ``kernel`` over ``n_in`` maps: gives n_out maps.

    ``activation``, ``init``, ``bias``, ``seed`` as for a Layer; a unit reads n_in·k² numbers
    ``stride``      how far a kernel moves from place to place
    ``padding``     how many rows and columns of zeros are put around each map
    ``number``      l in ``w[l]``

    >>> edge = Conv2d(1, 1, 2, "linear")
    >>> edge.load_state_dict({"W": [[[[1, -1], [1, -1]]]], "b": [0]})
    >>> [[[a.data for a in row] for row in one] for one in edge([[1, 1, 0], [1, 1, 0], [1, 1, 0]])]
    [[[0.0, 2.0], [0.0, 2.0]]]
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel: int,
        activation: Activating = "relu",
        *,
        stride: int = 1,
        padding: int = 0,
        init: str | Initializer | None = None,
        bias: float | None = 0.0,
        seed: Seed = None,
        number: int | None = None,
    ) -> None:
        self.n_in, self.n_out, self.kernel = whole("n_in", n_in), whole("n_out", n_out), whole("kernel", kernel)
        self.stride, self.padding = whole("stride", stride), whole("padding", padding, least=0)
        self.activation = g = chosen(activation)
        if g.over_layer or g.slope is not None:
            raise ValueError(f"Conv2d takes an activation of one number, not {g.name}")
        draw, rng = initializer(init or g.init), generator(seed)
        self.name = "" if number is None else f"[{number}]"
        self.scope = scope(f"conv{'' if number is None else number}")
        side, area = range(1, self.kernel + 1), self.kernel**2
        with self.scope:
            self.W = [
                [
                    [
                        [
                            parameter(draw(n_in * area, n_out * area, rng), f"w{self.name}_{self.index(j, i)}{u},{v}")
                            for v in side
                        ]
                        for u in side
                    ]
                    for i in range(1, n_in + 1)
                ]
                for j in range(1, n_out + 1)
            ]
            bias = None if bias is None else within("bias", bias, "(-inf, inf)")
            self.b = None if bias is None else [parameter(bias, f"b{self.name}_{j}") for j in range(1, n_out + 1)]

    def index(self, j: int, i: int | None = None) -> str:
        """Which kernel, and which of its maps, in a name; of a single kernel over one map nothing: ``w_1,2``."""
        return f"{j}," * (self.n_out > 1 or self.n_in > 1) + f"{i}," * (i is not None and self.n_in > 1)

    def __call__(self, image: Sequence[object]) -> list[Map]:
        return self.forward(maps(image, self.n_in, self))

    def forward(self, image: Sequence[Map]) -> list[Map]:
        with self.scope:
            places = self.patches(image)
            return [self.map_of(j, places) for j in range(self.n_out)]

    def patches(self, image: Sequence[Map]) -> list[list[Patch]]:
        """For each place the numbers that a kernel reads there, in the order of its weights."""
        padded = [with_zeros(one, self.padding) for one in image]
        return [
            [[number for one in padded for number in window(one, top, left, self.kernel)] for left in lefts]
            for top, lefts in corners(padded[0], self.kernel, self.stride, self)
        ]

    def map_of(self, j: int, places: list[list[Patch]]) -> Map:
        """What kernel j makes of all places."""
        weights = [w for one in self.W[j] for row in one for w in row]
        with scope(f"map{j + 1}"):
            return [
                [
                    self.unit(j, weights, patch, f"{self.name}_{self.index(j + 1)}{r},{c}")
                    for c, patch in enumerate(row, 1)
                ]
                for r, row in enumerate(places, 1)
            ]

    def unit(self, j: int, weights: list[Value], patch: Patch, name: str) -> Value:
        z: Value = dot(weights, patch)
        if self.b is not None:
            z = z + self.b[j]
        z.label = f"z{name}"
        a: Value = self.activation.function(z)
        if a is not z:
            a.label = f"a{name}"
        return a

    def __repr__(self) -> str:
        return f"Conv2d({self.n_in}, {self.n_out}, {self.kernel}, {self.activation.name})"


class Pool2d(Module):
    """One number for each window of ``kernel`` × ``kernel``; windows stand side by side, or ``stride`` apart."""

    def __init__(self, kernel: int, stride: int | None = None) -> None:
        self.kernel = whole("kernel", kernel)
        self.stride = self.kernel if stride is None else whole("stride", stride)
        self.scope = scope("pool")

    def __call__(self, image: Sequence[object]) -> list[Map]:
        return self.forward(maps(image, None, self))

    def forward(self, image: Sequence[Map]) -> list[Map]:
        with self.scope:
            return [
                [
                    [self.pooled(window(one, top, left, self.kernel)) for left in lefts]
                    for top, lefts in corners(one, self.kernel, self.stride, self)
                ]
                for one in image
            ]

    @staticmethod
    @abstractmethod
    def pooled(numbers: list[Scalar]) -> Value:
        """What a window becomes."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kernel})"


class MaxPool2d(Pool2d):
    """The largest number of each window. All of the gradient goes to it; numbers that tie share it equally (``amax``).

    >>> [[[a.data for a in row] for row in one] for one in MaxPool2d(2)([[1, 2, 0, 0], [3, 4, 0, 9]])]
    [[[4.0, 9.0]]]
    """

    @staticmethod
    def pooled(numbers: list[Scalar]) -> Value:
        largest: Value = autograd.amax(numbers)
        return largest


class MeanPool2d(Pool2d):
    """The mean of each window; each of its k² numbers gets 1/k² of the gradient."""

    @staticmethod
    def pooled(numbers: list[Scalar]) -> Value:
        average: Value = autograd.mean(numbers)
        return average


class Flatten(Module):
    """All numbers of the maps as one list, map by map and row by row: the input of a Layer."""

    def __call__(self, image: Sequence[object]) -> list[Value]:
        return self.forward(maps(image, None, self))

    def forward(self, image: Sequence[Map]) -> list[Value]:
        return [number for one in image for row in one for number in row]

    def __repr__(self) -> str:
        return "Flatten()"


class Unflatten(Module):
    """A list of numbers as ``n`` maps of ``height`` × ``width``: what ``Flatten`` undoes, for data in flat rows."""

    def __init__(self, n: int, height: int, width: int) -> None:
        self.n, self.height, self.width = whole("n", n), whole("height", height), whole("width", width)

    def __call__(self, x: Sequence[Scalar]) -> list[Map]:
        return self.forward(inputs(x, self.n * self.height * self.width, self))

    def forward(self, x: Sequence[Value]) -> list[Map]:
        rows = [list(x[at : at + self.width]) for at in range(0, len(x), self.width)]
        return [rows[at : at + self.height] for at in range(0, len(rows), self.height)]

    def __repr__(self) -> str:
        return f"Unflatten({self.n}, {self.height}, {self.width})"


class Softmax(Module):
    """Probabilities of a list of scores: an output layer without weights. Its loss is ``cross_entropy``."""

    def __call__(self, z: Sequence[Scalar]) -> list[Value]:
        return self.forward(inputs(z, len(z), self))

    def forward(self, z: Sequence[Value]) -> list[Value]:
        with scope("softmax"):
            p: list[Value] = autograd.softmax(z)
        for k, p_k in enumerate(p, 1):
            p_k.label = f"p_{k}"
        return p

    def __repr__(self) -> str:
        return "Softmax()"


class Sequential(Module):
    """Modules one after the other: each reads what the one before gives.

    >>> model = Sequential(Unflatten(1, 8, 8), Conv2d(1, 4, 3), MaxPool2d(2), Flatten())
    >>> len(model([0.0] * 64))
    36
    """

    def __init__(self, *modules: Module) -> None:
        for module in modules:
            if not isinstance(module, Module):
                raise TypeError(f"Sequential is made of modules, {quoted(module)} is none")
        self.modules = list(modules)

    def __call__(self, x: Sequence[object]) -> Result:
        return self.forward(x)

    def forward(self, x: Sequence[object]) -> Result:
        given: Result = x
        for module in self.modules:
            given = module(given if isinstance(given, list | tuple) or given is x else [given])
        return one_or_list(given) if isinstance(given, list) else given

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.modules))})"


# --- images ------------------------------------------------------------------------------------------


def maps(image: Any, n: int | None, module: Module) -> list[Map]:
    """The maps of an image, as Values; the rows of one map alone will do. TypeError, ValueError for what is none."""
    levels = depth(image)
    if levels not in (2, 3):
        raise TypeError(f"{module} takes a list of maps, each a list of rows, or one such map; got {quoted(image)}")
    listed = [image] if levels == 2 else list(image)
    if n is not None and len(listed) != n:
        raise ValueError(f"{module} takes {n} maps, got {len(listed)}")
    sizes = {(len(one), len(row)) for one in listed for row in one}
    if len(sizes) != 1:
        raise ValueError(f"{module}: the maps, or their rows, have different sizes: {sorted(sizes)}")
    return [[inputs(row, len(row), module) for row in one] for one in listed]


def depth(image: Any) -> int:
    """How many lists are inside each other, as far as their first items tell."""
    levels = 0
    while hasattr(image, "__len__") and not isinstance(image, str | dict):
        if len(image) == 0:
            return 0
        image, levels = image[0], levels + 1
    return levels


def with_zeros(one: Map, padding: int) -> list[Patch]:
    """A map with a frame of zeros around it."""
    beside: Patch = [0.0] * padding
    beyond: list[Patch] = [[0.0] * (len(one[0]) + 2 * padding) for _ in range(padding)]
    return [*beyond, *([*beside, *row, *beside] for row in one), *beyond]


def corners(one: Sequence[Sequence[Scalar]], kernel: int, stride: int, module: Module) -> list[tuple[int, range]]:
    """The upper left corners of all windows: the row, and the columns."""
    high, wide = len(one), len(one[0])
    if kernel > min(high, wide):
        raise ValueError(f"{module}: a window of {kernel} × {kernel} does not fit into a map of {high} × {wide}")
    return [(top, range(0, wide - kernel + 1, stride)) for top in range(0, high - kernel + 1, stride)]


def window(one: Sequence[Sequence[Scalar]], top: int, left: int, kernel: int) -> Patch:
    """The numbers of a window, row by row."""
    return [number for row in one[top : top + kernel] for number in row[left : left + kernel]]
