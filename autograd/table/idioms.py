"""The rows as people write them in NumPy, PyTorch and JAX: what each operation is called there.

A template is an expression over the row's inputs, as whole arrays; ``xp`` is the library. A list is an array with its
elements along one axis: ``**AXIS`` says which one, and ``**REDUCED`` besides whether the axis stays, with length 1.

A row without a template, such as all that ``autograd.operation`` makes, is written out from its own formulas. So is one
of ``ruled``: the library has its value, but takes the derivative otherwise at a kink. (At the origin hypot has 0/0,
which is nan; in JAX clip shares at a bound, and 0**b has no slope where b learns.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Library:
    """How one library writes the rows.

    ``rows``      by the name of a row, or of a function in the formulas of rows: its template
    ``ruled``     rows whose derivatives are written out all the same
    ``helpers``   what the library lacks, by the name that templates call it by
    ``partials``  where a person differentiates, in NumPy: templates in place of the textbook's partials, by the name
                  of a row and of an input
    ``graphs``    rows whose partials are those of derivative graphs: the textbook's would lose digits
    ``pullback``  what flows to the list of a row that has a result, ``y``, for each element of it; ``g`` arrives
    ``axis``, ``keep``, ``array``, ``concatenate``   what it calls these
    """

    title: str
    alias: str
    imports: tuple[str, ...]
    rows: Mapping[str, str]
    ruled: frozenset[str] = frozenset()
    helpers: Mapping[str, str] = field(default_factory=dict)
    partials: Mapping[tuple[str, str], str] = field(default_factory=dict)
    graphs: frozenset[str] = frozenset()
    pullback: Mapping[str, str] = field(default_factory=dict)
    axis: str = "axis"
    keep: str = "keepdims"
    array: str = "array"
    concatenate: str = "concatenate"

    def has(self, row: str) -> bool:
        """Whether it has the row, with the same derivative."""
        return row in self.rows and row not in self.ruled


_COMMON = {
    "+": "a + b",
    "-": "a - b",
    "*": "a*b",
    "/": "a/b",
    "**": "a**b",
    "%": "a % b",
    "neg": "-x",
    "abs": "xp.abs(x)",
    "square": "x**2",
    "reciprocal": "1/x",
    "exp": "xp.exp(x)",
    "expm1": "xp.expm1(x)",
    "log": "xp.log(x)",
    "log1p": "xp.log1p(x)",
    "exp2": "xp.exp2(x)",
    "log2": "xp.log2(x)",
    "log10": "xp.log10(x)",
    "logaddexp": "xp.logaddexp(a, b)",
    "sqrt": "xp.sqrt(x)",
    "cbrt": "xp.cbrt(x)",
    "hypot": "xp.hypot(a, b)",
    "sin": "xp.sin(x)",
    "cos": "xp.cos(x)",
    "tan": "xp.tan(x)",
    "asin": "xp.arcsin(x)",
    "acos": "xp.arccos(x)",
    "atan": "xp.arctan(x)",
    "atan2": "xp.arctan2(a, b)",
    "sinc": "xp.sinc(x)",
    "sinh": "xp.sinh(x)",
    "cosh": "xp.cosh(x)",
    "asinh": "xp.arcsinh(x)",
    "acosh": "xp.arccosh(x)",
    "atanh": "xp.arctanh(x)",
    "tanh": "xp.tanh(x)",
    "leaky_relu": "xp.where(x > 0, x, slope*x)",
    "prelu": "xp.where(x > 0, x, slope*x)",
    "sign": "xp.sign(x)",
    "floor": "xp.floor(x)",
    "round": "xp.round(x)",
    "maximum": "xp.maximum(a, b)",
    "minimum": "xp.minimum(a, b)",
    "clip": "xp.clip(x, low, high)",
    "where": "xp.where(condition != 0, a, b)",
    "sum": "x.sum(**REDUCED)",
    "mean": "x.mean(**REDUCED)",
    "dot": "(a*b).sum(**REDUCED)",
    "prod": "x.prod(**REDUCED)",
    "var": "x.var(**REDUCED)",
    "std": "x.std(**REDUCED)",
    "amax": "x.max(**REDUCED)",
    "isfinite": "xp.isfinite(x)",
}


def _library(title: str, alias: str, imports: tuple[str, ...], rows: Mapping[str, str], **columns: object) -> Library:
    """A library whose rows are the common ones, but for these."""
    named = {name: text.replace("xp.", f"{alias}.") for name, text in (_COMMON | dict(rows)).items()}
    return Library(title, alias, imports, named, **columns)  # type: ignore[arg-type]


NUMPY = _library(
    "NumPy",
    "np",
    ("import numpy as np",),
    {
        "xlogy": "np.where(a == 0, 0.0, a*np.log(b))",
        "erf": "erf(x)",
        "erfc": "erfc(x)",
        "sigmoid": "sigmoid(x)",
        "log_sigmoid": "-np.logaddexp(0.0, -x)",
        "softplus": "np.logaddexp(0.0, x)",
        "relu": "np.maximum(x, 0.0)",
        "silu": "x*sigmoid(x)",
        "gelu": "x*erfc(-x/math.sqrt(2))/2",
        "elu": "np.where(x > 0, x, alpha*np.expm1(np.minimum(x, 0.0)))",
        "step": "np.heaviside(x, 0.0)",
        "take": "np.take_along_axis(values, index.astype(int), **AXIS)",
        "norm": "np.linalg.norm(x, **REDUCED)",
        "logsumexp": "logsumexp(x, **REDUCED)",
        "softmax": "softmax(x, **AXIS)",
        "log_softmax": "log_softmax(x, **AXIS)",
        "products_of_others": "products_of_others(x, **AXIS)",
    },
    helpers={
        "sigmoid": """\
def sigmoid(x):
    return 1 / (1 + np.exp(-x))""",
        "erf": "erf = np.vectorize(math.erf, otypes=[float])",
        "erfc": "erfc = np.vectorize(math.erfc, otypes=[float])",
        "logsumexp": """\
def logsumexp(x, axis, keepdims=False):
    top = x.max(axis=axis, keepdims=True)
    total = top + np.log(np.exp(x - top).sum(axis=axis, keepdims=True))
    return total if keepdims else total.squeeze(axis)""",
        "softmax": """\
def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)""",
        "log_softmax": """\
def log_softmax(x, axis):
    return x - logsumexp(x, axis, keepdims=True)""",
        "products_of_others": """\
def products_of_others(x, axis):
    x = np.moveaxis(x, axis, 0)
    before, behind = np.ones_like(x), np.ones_like(x)
    np.cumprod(x[:-1], axis=0, out=before[1:])
    np.cumprod(x[:0:-1], axis=0, out=behind[-2::-1])
    return np.moveaxis(before * behind, 0, axis)""",
    },
    partials={
        ("log_sigmoid", "x"): "sigmoid(-x)",
        ("prod", "x"): "products_of_others(x, **AXIS)",
        ("softmax", "x"): "y*((i == k) - softmax(x, **AXIS))",
        ("log_softmax", "x"): "(i == k) - softmax(x, **AXIS)",
    },
    graphs=frozenset({"logaddexp", "acosh", "silu", "gelu", "elu"}),
    pullback={
        "softmax": "y*(g - (g*y).sum(**AXIS, keepdims=True))",
        "log_softmax": "g - np.exp(y)*g.sum(**AXIS, keepdims=True)",
    },
)

TORCH = _library(
    "PyTorch",
    "torch",
    ("import torch", "import torch.nn.functional as F"),
    {
        "cbrt": "torch.sign(x)*torch.abs(x)**(1/3)",
        "xlogy": "torch.xlogy(a, b)",
        "erf": "torch.erf(x)",
        "erfc": "torch.erfc(x)",
        "sigmoid": "torch.sigmoid(x)",
        "log_sigmoid": "F.logsigmoid(x)",
        "softplus": "F.softplus(x, threshold=700)",  # above 20, its default, it would be x
        "relu": "torch.relu(x)",
        "silu": "F.silu(x)",
        "gelu": "F.gelu(x)",
        "elu": "torch.where(x > 0, x, alpha*torch.expm1(torch.clamp(x, max=0)))",
        "selu": "F.selu(x)",
        "take": "torch.take_along_dim(values, index.long(), **AXIS)",
        "norm": "torch.linalg.vector_norm(x, **REDUCED)",
        "var": "x.var(correction=0, **REDUCED)",
        "std": "x.std(correction=0, **REDUCED)",
        "amax": "x.amax(**REDUCED)",
        "logsumexp": "torch.logsumexp(x, **REDUCED)",
        "softmax": "torch.softmax(x, **AXIS)",
        "log_softmax": "torch.log_softmax(x, **AXIS)",
        "products_of_others": "products_of_others(x, **AXIS)",
    },
    ruled=frozenset({"cbrt", "clip", "hypot", "xlogy"}),
    helpers={
        "products_of_others": """\
def products_of_others(x, dim):
    x = x.movedim(dim, 0)
    one = torch.ones_like(x[:1])
    before, behind = torch.cat([one, x[:-1]]).cumprod(0), torch.cat([one, x[1:].flip(0)]).cumprod(0).flip(0)
    return (before * behind).movedim(0, dim)""",
    },
    axis="dim",
    keep="keepdim",
    array="tensor",
    concatenate="cat",
)

JAX = _library(
    "JAX",
    "jnp",
    ("import jax", "import jax.numpy as jnp"),
    {
        "abs": "x*jnp.sign(x)",  # jnp.abs has the slope 1 at 0
        "xlogy": "jax.scipy.special.xlogy(a, b)",
        "erf": "jax.scipy.special.erf(x)",
        "erfc": "jax.scipy.special.erfc(x)",
        "sigmoid": "jax.nn.sigmoid(x)",
        "log_sigmoid": "jax.nn.log_sigmoid(x)",
        "softplus": "jax.nn.softplus(x)",
        "relu": "jax.nn.relu(x)",
        "silu": "jax.nn.silu(x)",
        "gelu": "jax.nn.gelu(x, approximate=False)",
        "elu": "jax.nn.elu(x, alpha)",
        "selu": "jax.nn.selu(x)",
        "step": "jnp.heaviside(x, 0.0)",
        "take": "jnp.take_along_axis(values, index.astype(int), **AXIS)",
        "norm": "jnp.linalg.norm(x, **REDUCED)",
        "logsumexp": "jax.nn.logsumexp(x, **REDUCED)",
        "softmax": "jax.nn.softmax(x, **AXIS)",
        "log_softmax": "jax.nn.log_softmax(x, **AXIS)",
        "products_of_others": "products_of_others(x, **AXIS)",
    },
    ruled=frozenset({"**", "atan2", "clip", "hypot", "norm", "std", "xlogy"}),
    helpers={
        "products_of_others": """\
def products_of_others(x, axis):
    x = jnp.moveaxis(x, axis, 0)
    one = jnp.ones_like(x[:1])
    before, behind = (jnp.cumprod(jnp.concatenate([one, some]), axis=0) for some in (x[:-1], x[:0:-1]))
    return jnp.moveaxis(before * behind[::-1], 0, axis)""",
    },
)

LIBRARIES = {"numpy": NUMPY, "torch": TORCH, "jax": JAX}
