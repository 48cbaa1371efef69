"""What a page needs from Python to build networks and their traces by itself: pieces of traces, and sizes of weights.

The trace of a network consists of few kinds of pieces: z = w·a + b, a = g(z), a feature, the loss. Python writes each
once, with marks for names; the page puts the names of its own network there, and the pieces together.
"""

from __future__ import annotations

from functools import cache

from autograd import dot, parse
from autograd.steps.trace import trace
from autograd.value import Value, parameter
from nn.activations import ACTIVATIONS as ROWS
from nn.init import initializer

from .settings import ACTIVATIONS, FEATURES, MOST_NEURONS, feature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.steps.record import TraceRecord

INDEX = "[0]_0"  # of a mark whose name will have indices: LaTeX needs parentheses around such a name's square
MARKS = {name: f"Q{name}Q" for name in "vpmsLy"} | {name: f"Q{name}Q{INDEX}" for name in "zabf"}
MOST_INPUTS = max(MOST_NEURONS, len(FEATURES))

# The loss as a textbook has it; and for a p that is rounded to 0 or 1, whose logarithm would be lost.
LOSS = "{L} = -{s}; {s} = {y}*log({p}) + {m}; {m} = (1 - {y})*log(1 - {p}); {p} = sigmoid({z})"
STABLE_LOSS = "{L} = -{s}; {s} = {y}*log_sigmoid({z}) + {m}; {m} = (1 - {y})*log_sigmoid(-{z})"


@cache
def pieces() -> dict[str, object]:
    """The records: ``weighted[n − 1]`` has n inputs; ``activated`` is by activation, ``features`` by name."""
    leaves = {MARKS["z"]: 0.3, MARKS["y"]: 1.0}
    loss, stable = (record(parse(text.format(**MARKS), **leaves)) for text in (LOSS, STABLE_LOSS))
    return {
        "weighted": [record(weighted(n)) for n in range(1, MOST_INPUTS + 1)],
        "activated": {name: record(activated(name)) for name in ACTIVATIONS if name != "linear"},
        "features": {name: record(marked(name)) for name in FEATURES},
        "loss": loss,
        "stableLoss": stable,
    }


def weighted(n: int) -> Value:
    """z = v + b, v = w·a."""
    w = [parameter(0.5, f"Qw{k}Q{INDEX}") for k in range(n)]
    a = [Value(0.25, f"Qa{k}Q{INDEX}") for k in range(n)]
    v: Value = dot(w, a)
    v.label = MARKS["v"]
    z = v + parameter(0.0, MARKS["b"])
    z.label = MARKS["z"]
    return z


def marked(name: str) -> Value:
    """A feature; x1 and x2 themselves are leaves, with names of their own."""
    root = feature(name, {"x1": 0.5, "x2": 0.25})
    if root.op is not None:
        root.label = MARKS["f"]
    return root


def activated(name: str) -> Value:
    """a = g(z)."""
    a: Value = ROWS[name].function(Value(0.3, MARKS["z"]))
    a.label = MARKS["a"]
    return a


def record(root: Value) -> dict[str, object]:
    """What the page reads of the trace of a piece."""
    whole: TraceRecord = trace(root).record
    return {name: whole[name] for name in ("format", "version", "nodes", "forms", "root")}


def initial() -> dict[str, object]:
    """How large the weights of a layer are at the start: ``sizes[n_in − 1][n_out − 1]``, by activation."""
    counts = range(1, MOST_INPUTS + 1)
    rows = {name: initializer(ROWS[name].init) for name in ACTIVATIONS}
    return {
        name: {"distribution": row.distribution, "sizes": [[row.size(n, k) for k in counts] for n in counts]}
        for name, row in rows.items()
    }
