"""What a playground is set to; and the same data, network and training in Python.

>>> settings = Settings(data="xor", hidden=(2,), seed=1)
>>> settings.model()
MLP(2-2-1, tanh, linear)
>>> model, history = settings.fit(epochs=50)
>>> history.validation_accuracy[-1]
1.0
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from autograd.formulas.parse import parse
from autograd.number import quoted
from autograd.value import Value
from nn.datasets import blobs, circles, curves, spirals, train_test_split
from nn.names import find
from nn.neuron import MLP
from nn.regularize import L1, L2
from nn.settings import whole, within
from nn.train import fit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nn.history import History
    from nn.types import Data, Rows, Targets

M = 200  # examples, those that are kept apart too
MOST_LAYERS, MOST_NEURONS = 6, 8

FEATURES = {
    "x1": "x1",
    "x2": "x2",
    "x1^2": "x1**2",
    "x2^2": "x2**2",
    "x1*x2": "x1*x2",
    "sin(pi*x1)": "sin(pi*x1)",  # one period across the data
    "sin(pi*x2)": "sin(pi*x2)",
}
"""What the network may read: a name, and its formula."""

ACTIVATIONS = "tanh", "relu", "sigmoid", "linear"
REGULARISERS = {"none": None, "L1": L1, "L2": L2}


def xor(m: int, noise: float, seed: int) -> Data:
    """Four clouds in the four corners; those across from each other are of one class, as the truth table has it."""

    def point(k: int, t: float) -> tuple[float, float]:
        side = -0.6 if t < 0.5 else 0.6
        return side, side if k == 0 else -side

    return curves(point, 2, m, noise, seed, None)


DATA: dict[str, Callable[[int, float, int], Data]] = {
    "circle": lambda m, noise, seed: circles(m, noise, seed=seed),
    "xor": xor,
    "blobs": lambda m, noise, seed: blobs(m, noise, classes=2, seed=seed),
    "spiral": lambda m, noise, seed: spirals(m, noise, classes=2, seed=seed),
}
"""The data sets; the page draws the same numbers."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A playground's settings; TypeError or ValueError for what is none.

    ``data`` "circle", "xor", "blobs" or "spiral", with ``noise``; the share ``test`` is kept apart
    ``features`` names of FEATURES;  ``hidden`` neurons per hidden layer, up to 6 layers of up to 8
    ``activation`` of the hidden layers: "tanh", "relu", "sigmoid" or "linear"; the output is p = σ(z)
    ``rate`` the learning rate;  ``batch`` examples per step;  ``regulariser`` "none", "L1" or "L2", with ``strength``
    ``seed`` of the data, the first weights and the order of the examples
    """

    data: str = "spiral"
    noise: float = 0.05
    test: float = 0.3
    features: Sequence[str] = ("x1", "x2")
    hidden: Sequence[int] = (4, 2)
    activation: str = "tanh"
    rate: float = 0.1
    batch: int = 10
    regulariser: str = "none"
    strength: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        find(DATA, self.data, "data set")
        find(REGULARISERS, self.regulariser, "regulariser")
        find(dict.fromkeys(ACTIVATIONS), self.activation, "activation")
        within("noise", self.noise, "[0, 0.5]")
        within("test, the share kept apart,", self.test, "[0.1, 0.5]")
        within("the learning rate", self.rate, "(0, inf)")
        within("the strength", self.strength, "[0, inf)")
        whole("batch", self.batch)
        whole("seed", self.seed, least=0)
        if isinstance(self.features, str) or not self.features:
            raise ValueError(f'features is a list of names, as in features=["x1", "x2"], not {quoted(self.features)}')
        for name in self.features:
            find(FEATURES, name, "feature")
        if len(self.hidden) > MOST_LAYERS or any(not 1 <= whole("hidden", n) <= MOST_NEURONS for n in self.hidden):
            raise ValueError(
                f"hidden has up to {MOST_LAYERS} layers of 1 to {MOST_NEURONS} neurons, as in hidden=(4, 2), "
                f"not {quoted(self.hidden)}"
            )

    def plain(self) -> dict[str, object]:
        """The settings as the page reads them; features stand in the order of FEATURES."""
        names = [name for name in FEATURES if name in self.features]
        return asdict(self) | {"features": names, "hidden": list(self.hidden), "m": M}

    # -- the same in Python ------------------------------------------------------------------------------

    def examples(self) -> tuple[Rows, Rows, Targets, Targets]:
        """X_train, X_test, y_train, y_test: X the chosen features, y 0 or 1."""
        points, labels = DATA[self.data](M, self.noise, self.seed)
        learned, kept, y, y_kept = train_test_split(points, labels, self.test, self.seed)
        return [*map(self.inputs, learned)], [*map(self.inputs, kept)], y, y_kept

    def inputs(self, point: Sequence[float]) -> list[float]:
        """The features of a point (x1, x2)."""
        x = dict(zip(("x1", "x2"), point, strict=True))
        return [feature(name, x).data for name in FEATURES if name in self.features]

    def model(self) -> MLP:
        """The network at the start. Its output is z: the probability of class 1 is σ(z)."""
        sizes = [*self.hidden, 1]
        return MLP(len(set(self.features)), sizes, self.activation, output="linear", seed=self.seed)

    def fit(self, epochs: int) -> tuple[MLP, History]:
        """The network after so many epochs, and its history; ``nn.fit`` says what else is raised."""
        X, kept, y, y_kept = self.examples()
        model, kind = self.model(), REGULARISERS[self.regulariser]
        history = fit(
            model,
            X,
            y,
            loss="bce_with_logits",
            epochs=epochs,
            lr=self.rate,
            batch_size=self.batch,
            regularizer=kind and kind(self.strength),
            validation=(kept, y_kept),
            seed=self.seed,
            progress=False,
        )
        return model, history


def feature(name: str, x: Mapping[str, Value | float]) -> Value:
    """A feature of a point, as a graph with leaves x1 and x2; of a Value that is given, with it."""
    formula = FEATURES[name]
    return parse(formula, **{leaf: number for leaf, number in x.items() if leaf in formula})
