"""What a page needs from Python to build networks and their traces by itself: pieces of traces and of pictures, and
sizes of weights.

The trace of a network consists of few kinds of pieces: z = w·a + b, a = g(z), a feature, the loss. Python writes each
once, with marks for names, and draws it; the page puts the names of its own network there, and the pieces together.
"""

from __future__ import annotations

from functools import cache
from string import ascii_lowercase

from autograd import dot, parse
from autograd.steps.trace import trace
from autograd.table.ops import OPS
from autograd.value import Value, parameter
from nn.activations import ACTIVATIONS as ROWS
from nn.init import initializer

from ..steps.views import views
from .settings import ACTIVATIONS, FEATURES, MOST_NEURONS, feature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.steps.record import TraceRecord

INDEX = "[0]_0"  # of a mark whose name will have indices: they need room, and a square of it parentheses
MARKS = {name: f"Q{name}Q" for name in "pLy"} | {name: f"Q{name}Q{INDEX}" for name in "vzabfms"}
MOST_INPUTS = max(MOST_NEURONS, len(FEATURES))
COUNTS = range(1, MOST_INPUTS + 1)  # of a neuron's inputs

# The loss as a textbook has it; and for a p that is rounded to 0 or 1, whose logarithm would be lost.
LOSSES = {
    "loss": "{L} = -{s}; {s} = {y}*log({p}) + {m}; {m} = (1 - {y})*log(1 - {p}); {p} = sigmoid({z})",
    "stableLoss": "{L} = -{s}; {s} = {y}*log_sigmoid({z}) + {m}; {m} = (1 - {y})*log_sigmoid(-{z})",
}
FUNCTIONS = [name for name in ACTIVATIONS if name != "linear"]


@cache
def pieces() -> dict[str, object]:
    """The records: ``weighted[n − 1]`` has n inputs; ``activated`` is by activation, ``features`` by name."""
    return {
        "weighted": [record(weighted(n)) for n in COUNTS],
        "activated": {name: record(activated(name, Value(0.3, MARKS["z"]))) for name in FUNCTIONS},
        "features": {name: record(marked(name)) for name in FEATURES},
        **{name: record(loss(text)) for name, text in LOSSES.items()},
    }


@cache
def pictures() -> dict[str, object]:
    """The graphs of pieces as views of the stepper: ``neurons[n − 1]`` has n inputs and a tanh between z and a,
    ``outputs[n − 1]`` has no more than z. Their boxes are marks; those of the losses are places in their pieces."""
    return {
        "neurons": [picture(activated("tanh", weighted(n)), by_mark=True) for n in COUNTS],
        "outputs": [picture(weighted(n), by_mark=True) for n in COUNTS],
        **{name: picture(loss(text), by_mark=False) for name, text in LOSSES.items()},
        "symbols": {name: OPS[name].symbol for name in FUNCTIONS},
    }


def weighted(n: int) -> Value:
    """z = v + b, v = w·a. Its inputs are counted by letters: a name with a digit has other scripts."""
    w = [parameter(0.5, f"Qw{letter}Q{INDEX}") for letter in ascii_lowercase[:n]]
    a = [Value(0.25, f"Qa{letter}Q{INDEX}") for letter in ascii_lowercase[:n]]
    v: Value = dot(w, a)
    v.label = MARKS["v"]
    z = v + parameter(0.0, MARKS["b"])
    z.label = MARKS["z"]
    return z


def activated(name: str, z: Value) -> Value:
    """a = g(z)."""
    a: Value = ROWS[name].function(z)
    a.label = MARKS["a"]
    return a


def marked(name: str) -> Value:
    """A feature; x1 and x2 themselves are leaves, with names of their own."""
    root = feature(name, {"x1": 0.5, "x2": 0.25})
    if root.op is not None:
        root.label = MARKS["f"]
    return root


def loss(text: str) -> Value:
    """L of z and y."""
    return parse(text.format(**MARKS), **{MARKS["z"]: 0.3, MARKS["y"]: 1.0})


def record(root: Value) -> dict[str, object]:
    """What the page reads of the trace of a piece."""
    whole: TraceRecord = trace(root).record
    return {name: whole[name] for name in ("format", "version", "nodes", "forms", "root")}


def picture(root: Value, by_mark: bool) -> dict[str, object]:
    """What the page reads of the drawing of a piece; its boxes by their marks, if each has one."""
    whole = trace(root).record
    only, views_of_piece = views(whole)
    made = views_of_piece[only].for_page()
    if not by_mark:
        return dict(made)
    marks = [node["label"].removesuffix(INDEX) for node in whole["nodes"]]
    boxes = [marks[at] for at in made["boxes"] if isinstance(at, int)]
    arrows = [[(marks[at], slot) for at, slot in edges] for edges in made["arrows"]]
    return made | {"boxes": boxes, "arrows": arrows}


def initial() -> dict[str, object]:
    """How large the weights of a layer are at the start: ``sizes[n_in − 1][n_out − 1]``, by activation."""
    rows = {name: initializer(ROWS[name].init) for name in ACTIVATIONS}
    return {
        name: {"distribution": row.distribution, "sizes": [[row.size(n, k) for k in COUNTS] for n in COUNTS]}
        for name, row in rows.items()
    }
