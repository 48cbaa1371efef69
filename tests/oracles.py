"""Independent opinions on values and gradients: mpmath's arithmetic on the textbook's formulas, and PyTorch."""

from __future__ import annotations

import mpmath as mp
import pytest
from random_graphs import INDICES

from autograd.table.op import Op
from autograd.table.ops import OPS

DIGITS = 60
STEP = mp.mpf(10) ** -20  # central differences at 60 digits: truncation and rounding are some 1e-40
NOISE = mp.mpf(10) ** -35  # relative to the function's value: a slope below this is rounding, and 0


def _sign(x):
    return mp.mpf(mp.sign(x))


MP = {
    "abs": abs,
    "acos": mp.acos,
    "acosh": mp.acosh,
    "asin": mp.asin,
    "asinh": mp.asinh,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "atanh": mp.atanh,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "cos": mp.cos,
    "cosh": mp.cosh,
    "erf": mp.erf,
    "exp": mp.exp,
    "expm1": mp.expm1,
    "floor": mp.floor,
    "len": lambda xs: mp.mpf(len(xs)),
    "log": mp.log,
    "log10": mp.log10,
    "log1p": mp.log1p,
    "log2": lambda x: mp.log(x, 2),
    "max": max,
    "mean": lambda xs: mp.fsum(xs) / len(xs),
    "pi": mp.pi,
    "prod": lambda xs: mp.fprod(xs),
    "range": lambda n: range(int(n)),
    "round": mp.nint,
    "sign": _sign,
    "sin": mp.sin,
    "sinh": mp.sinh,
    "sqrt": mp.sqrt,
    "sum": lambda xs: mp.fsum(xs),
    "tan": mp.tan,
    "tanh": mp.tanh,
    "zip": zip,
    "__builtins__": {},
}


def textbook(op: Op, formula: str, arguments: list, **more) -> mp.mpf:
    """A row's formula at 60 digits; ``arguments`` are mpf, and lists of mpf."""
    names = {name: int(mp.nint(x)) if name in INDICES else x for name, x in zip(op.inputs, arguments, strict=True)}
    return mp.mpf(eval(formula, MP | names | more))


def textbook_value(op: Op, flat: list) -> mp.mpf:
    """The textbook's value of an operation at a node's flat inputs."""
    return textbook(op, op.value, op.split([mp.mpf(x) for x in flat]))


def derivatives(op: Op, flat: list[float]) -> list[mp.mpf]:
    """The operation's partial derivatives by central differences of the textbook's value."""
    result = []
    for i in range(len(flat)):
        result.append(central_difference(lambda x: textbook_value(op, x), flat, i))
    return result


def central_difference(f, x: list, i: int) -> mp.mpf:
    """df/dx[i] at the point x."""
    up, down = ([mp.mpf(v) + (h if j == i else 0) for j, v in enumerate(x)] for h in (STEP, -STEP))
    above, below = f(up), f(down)
    slope = (above - below) / (2 * STEP)
    return slope if abs(slope) > NOISE * max(1, abs(above)) else mp.mpf(0)


def assert_close(got: float, want, relative: float = 1e-9, what: str = "") -> None:
    """Relative closeness alone: 0 is only close to 0."""
    got, want = mp.mpf(got), mp.mpf(want)
    assert mp.isfinite(want), f"{what}: the oracle has {want}"
    assert abs(got - want) <= relative * abs(want), f"{what}: got {mp.nstr(got, 17)}, want {mp.nstr(want, 17)}"


def torch_functions():
    """Each row of the table as PyTorch has it, or None; skips where the oracle extra is not installed."""
    torch = pytest.importorskip("torch", reason="the oracle extra is not installed")
    functional = torch.nn.functional
    stack = torch.stack
    functions = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
        "neg": lambda x: -x,
        "leaky_relu": lambda x, slope: functional.prelu(x.reshape(1), slope.reshape(1))[0],
        "prelu": lambda x, slope: functional.prelu(x.reshape(1), slope.reshape(1))[0],
        "log_sigmoid": functional.logsigmoid,
        "softplus": functional.softplus,
        "step": lambda x: torch.heaviside(x.detach(), torch.zeros((), dtype=x.dtype)) + 0 * x,
        "clip": torch.clamp,
        "%": torch.remainder,
        "silu": functional.silu,
        "gelu": functional.gelu,
        "elu": lambda x, alpha: torch.where(x <= 0, alpha * torch.expm1(x), x),
        "selu": functional.selu,
        "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
        "where": lambda condition, a, b: torch.where(condition != 0, a, b),
        "take": lambda xs, index: stack(xs)[int(index)],
        "sum": lambda xs: stack(xs).sum(),
        "mean": lambda xs: stack(xs).mean(),
        "prod": lambda xs: stack(xs).prod(),
        "norm": lambda xs: torch.linalg.vector_norm(stack(xs)),
        "var": lambda xs: stack(xs).var(correction=0),
        "std": lambda xs: stack(xs).std(correction=0),
        "dot": lambda a, b: stack(a) @ stack(b),
        "amax": lambda xs: stack(xs).amax(),
        "logsumexp": lambda xs: stack(xs).logsumexp(0),
        "softmax": lambda xs, k: stack(xs).softmax(0)[int(k)],
        "log_softmax": lambda xs, k: stack(xs).log_softmax(0)[int(k)],
    }
    return {name: functions.get(name) or getattr(torch, name, None) for name in OPS}
