"""Wrong local derivatives that students write, as a table beside the table of operations.

A row: the operation, which of its inputs, what is written instead of the partial (in the names of the row of
``ops.py``; ``y`` is the result), and what to say. ``{u}`` is the node, ``{v}`` its input, ``{right}`` the right
local derivative in the names of the graph.
"""

from __future__ import annotations

from ..table.op import Op
from ..table.ops import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_RULE = "∂{u}/∂{v} is {right}"

_ROWS = [
    ("sigmoid", "x", "y*(1 + y)", _RULE + ": σ′ = σ(1 − σ), with a minus"),
    ("sigmoid", "x", "y - 1", _RULE + ": σ′ = σ(1 − σ)"),
    ("sigmoid", "x", "1 - y", _RULE + ": σ′ = σ(1 − σ), the factor σ is missing"),
    ("sigmoid", "x", "y", _RULE + ": σ′ = σ(1 − σ), the factor 1 − σ is missing"),
    ("sigmoid", "x", "1 - y*y", _RULE + "; 1 − a² is the derivative of tanh, and this is a sigmoid"),
    ("sigmoid", "x", "x*(1 - x)", _RULE + ": σ′ = a(1 − a) takes the activation a = σ(z), not z"),
    ("sigmoid", "x", "y*y", _RULE + ": σ′ = σ(1 − σ), not σ²"),
    ("tanh", "x", "1 - y", _RULE + ": tanh′ = 1 − tanh², the square is missing"),
    ("tanh", "x", "1 + y*y", _RULE + ": tanh′ = 1 − tanh², with a minus"),
    ("tanh", "x", "y*(1 - y)", _RULE + "; a(1 − a) is the derivative of the sigmoid, and this is a tanh"),
    ("tanh", "x", "1 - x*x", _RULE + ": tanh′ = 1 − a² takes the activation a = tanh(z), not z"),
    ("tanh", "x", "y", _RULE + ": tanh′ = 1 − tanh², not tanh itself"),
    ("relu", "x", "y", _RULE + " here: the slope of ReLU is 1 where z > 0 and 0 elsewhere, not its value"),
    ("relu", "x", "x", _RULE + " here: the slope of ReLU is 1 where z > 0 and 0 elsewhere, not z"),
    ("relu", "x", "0 if x > 0 else 1", _RULE + " here: the slope of ReLU is 1 where z > 0; the sides are swapped"),
    ("leaky_relu", "x", "0 if x <= 0 else 1", _RULE + " here: a leaky ReLU has its slope, not 0, where z < 0"),
    ("leaky_relu", "x", "slope", _RULE + " here: the slope is that for z < 0 only; for z > 0 it is 1"),
    ("leaky_relu", "x", "1 if x <= 0 else slope", _RULE + " here: the two sides of the leaky ReLU are swapped"),
    ("prelu", "x", "0 if x <= 0 else 1", _RULE + " here: a PReLU has its slope, not 0, where z < 0"),
    ("prelu", "x", "slope", _RULE + " here: the slope is that for z < 0 only; for z > 0 it is 1"),
    ("prelu", "x", "1 if x <= 0 else slope", _RULE + " here: the two sides of the PReLU are swapped"),
    ("prelu", "slope", "x", _RULE + " here: for z > 0 the slope plays no part, its derivative is 0 there"),
    ("prelu", "slope", "1 if x <= 0 else 0", _RULE + " here: where z < 0 the output is slope·z, so z stays"),
    ("softplus", "x", "y", _RULE + ": the derivative of softplus is σ(z), not softplus itself"),
    ("softplus", "x", "1/(1 + exp(-x))*(1 - 1/(1 + exp(-x)))", _RULE + ": softplus′ is σ(z) itself, not σ′(z)"),
    ("softplus", "x", "exp(x)", _RULE + ": the inner derivative eᶻ is there, the outer 1/(1 + eᶻ) is missing"),
    ("softplus", "x", "1/(1 + exp(x))", _RULE + ": the outer derivative is there, the inner eᶻ is missing"),
    ("log_sigmoid", "x", "exp(y)", _RULE + ": (log σ)′ = 1 − σ, not σ"),
    ("log_sigmoid", "x", "exp(y)*(1 - exp(y))", _RULE + ": (log σ)′ = σ′/σ = 1 − σ; the 1/σ of the log is missing"),
    ("log", "x", "x", _RULE + ": log′ is 1/x, not x"),
    ("log", "x", "y", _RULE + ": log′ is 1/x, not the log itself"),
    ("log", "x", "1/(x*x)", _RULE + ": log′ is 1/x, not 1/x²"),
    ("exp", "x", "x*exp(x - 1)", _RULE + ": the exponential is its own derivative; n·xⁿ⁻¹ is the rule for powers"),
    ("sqrt", "x", "1/y", _RULE + ": the derivative of √x is 1/(2√x), the 2 is missing"),
    ("sqrt", "x", "y/2", _RULE + ": the derivative of √x is 1/(2√x): the root goes below the line"),
    ("sqrt", "x", "1/(2*x)", _RULE + ": the derivative of √x is 1/(2√x), with the root"),
    ("sin", "x", "y", _RULE + ": sin′ is cos, not sin"),
    ("cos", "x", "y", _RULE + ": cos′ is −sin, not cos"),
    ("tan", "x", "1 - y*y", _RULE + ": tan′ = 1 + tan², with a plus"),
    ("**", "a", "a**(b - 1)", _RULE + ": the exponent comes down as a factor, n·xⁿ⁻¹"),
    ("**", "a", "b*a**b", _RULE + ": the exponent goes down by one, n·xⁿ⁻¹"),
    ("**", "a", "b", _RULE + ": the power itself is missing, n·xⁿ⁻¹"),
    ("**", "b", "b*a**(b - 1)", _RULE + ": the variable is in the exponent, so it is aᵇ·log(a)"),
    ("**", "b", "y", _RULE + ": the factor log(a) is missing, (aᵇ)′ = aᵇ·log(a)"),
    ("/", "a", "b", _RULE + ": to divide by b is to multiply by 1/b, not b"),
    ("/", "b", "1/b", _RULE + ": the quotient rule gives −a/b², the derivative of 1/b is −1/b²"),
    ("/", "b", "-1/(b*b)", _RULE + ": the numerator is missing, −a/b²"),
    ("/", "b", "a", _RULE + ": the quotient rule gives −a/b², not a"),
    ("/", "b", "y/(b*b)", _RULE + ": the quotient rule gives −a/b², not a/b³"),
    ("*", "a", "a", "∂{u}/∂{v} is {right}, the other factor, not {v} itself: the operands are swapped"),
    ("*", "b", "b", "∂{u}/∂{v} is {right}, the other factor, not {v} itself: the operands are swapped"),
    ("mean", "x", "1", "This is the derivative of the sum; {u} is a mean, so 1/{size} is missing"),
    ("sum", "x", "1/len(x)", "This is the derivative of the mean; {u} is a sum, so there is no 1/{size}"),
    ("softmax", "x", "y*(1 - y) if i == k else 0", _RULE + ": every output of a softmax depends on every z, "
     "so for i ≠ k there is −p_k·p_i"),
    ("softmax", "x", "y*(1 - y)", _RULE + ": p(1 − p) is for i = k only; for i ≠ k it is −p_k·p_i"),
]  # fmt: skip


class WrongRule:
    """One row, with the wrong local derivative as a function of the node's flat inputs."""

    def __init__(self, op: Op, of: str, wrong: str, sentence: str) -> None:
        self.op = op
        self.of = op.inputs.index(of)
        self.sentence = sentence
        self.wrong = Op(f"wrong {op.name}", f"{op.signature}, i, y", wrong, ["0"] * (len(op.inputs) + 2))

    def __call__(self, flat: Sequence[float], result: float, index: int) -> float:
        """The wrong derivative with respect to element ``index`` of the input."""
        value, *_ = self.wrong.kernel(*self.op.split(flat), float(index), result)
        return float(value)


def wrong_rules() -> dict[str, list[WrongRule]]:
    """The rows by operation."""
    rules: dict[str, list[WrongRule]] = {}
    for name, of, wrong, sentence in _ROWS:
        rules.setdefault(name, []).append(WrongRule(OPS[name], of, wrong, sentence))
    return rules
