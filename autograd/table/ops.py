"""The table of operations: the one place where an operation exists.

A row is what a textbook tabulates: a name, the inputs, the value, one partial derivative per input
(``y`` is the result; the partial of a list input ``*x`` is the one with respect to ``x[i]``). Where the
textbook's form loses digits, ``computed`` says how the numbers are really made, and a test shows that
both agree. From its row an operation gets its function and method, its backward rule, its vectorised
form, its place in formulas, drawings and explanations, and its tests. Adding an operation is adding a row.

Where derivative graphs (``adjoints.py``) need another form than the textbook's, to stay exact in the tails at
every order or to compute once what all elements of a list share, ``graph`` gives it in functions of the table.

From the columns ``value``, ``partials`` and ``computed`` a Python function is written, and compiled. For tanh they say
``"tanh(x)", ["1 - y*y"], computed="e = exp(-2*abs(x)); dx = 4*e/((1 + e)*(1 + e))"``, and this is what it becomes:

>>> print(OPS["tanh"].kernel.source)
def kernel(x):
    y = tanh(x)
    e = exp(-2.0 * abs(x))
    dx = div(4.0 * e, (1.0 + e) * (1.0 + e))
    return y, dx
>>> y, dx = OPS["tanh"].kernel(0.5)
>>> round(y, 4), round(dx, 4), round(1 - y*y, 4)
(0.4621, 0.7864, 0.7864)

``x`` is the number of the input, ``y`` the value, and ``dx`` the local derivative ∂y/∂x: it equals 1 − y², and keeps
the digits that 1 − y² loses where y is near 1. (``exp`` and ``div`` are those of ``arithmetic.py``: they never raise.)
``Value.tanh`` calls the kernel, and the new node keeps both numbers; backward multiplies ``dx`` by the gradient that
arrives at the node, and adds the product to the gradient of the input.

How to read the formulas, and what a literal 0 means in a partial: see ``op.py``.
Derivatives: Abramowitz & Stegun, Handbook of Mathematical Functions, §3.3, §4 and §7; at kinks the
conventions are those of PyTorch and JAX: relu'(0) = 0, |x|'(0) = 0, ties share.
"""

from __future__ import annotations

import copyreg

from ..errors import OpRowError
from .op import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from .op import Columns

OPS: dict[str, Op] = {}


def op(name: str, inputs: str, value: str, partials: Sequence[str], **columns: Unpack[Columns]) -> Op:
    """Declare one row (see ``Op`` for its columns); raises ``OpRowError`` for one that cannot be right."""
    declared = Op(name, inputs, value, partials, **columns)
    if name in OPS:
        raise OpRowError(f"row {name!r} stands in the table twice")
    OPS[name] = declared
    return declared


def named(name: str) -> Op:
    """The row of that name, as pickle asks for it; OpRowError where it was declared in another session."""
    if name not in OPS:
        raise OpRowError(f"there is no operation {name!r} here: declare it first, with autograd.operation")
    return OPS[name]


def _reduced(op: Op) -> tuple[Callable[[str], Op], tuple[str]]:
    """Pickle and ``copy`` keep an op as its name, so that the same row comes back."""
    return named, (op.name,)


copyreg.pickle(Op, _reduced)

# Klambauer, Unterthiner, Mayr & Hochreiter 2017, Self-Normalizing Neural Networks (arXiv 1706.02515), appendix A1.
SELU_SCALE = 1.0507009873554805
SELU_SCALED_ALPHA = 1.7580993408473766
# d/dx sin(πx)/(πx) near 0, where its formula cancels: Taylor's series in s = (πx)², long enough for three orders more.
SINC_SERIES = "-pi*pi*x/3*(1 - s/10*(1 - s/28*(1 - s/54*(1 - s/88*(1 - s/130*(1 - s/180*(1 - s/238*(1 - s/304))))))))"

# --- arithmetic -----------------------------------------------------------------------------------

ADD = op("+", "a, b", "a + b", ["1", "1"], infix=1)
SUB = op("-", "a, b", "a - b", ["1", "-1"], symbol="−", infix=1)
MUL = op("*", "a, b", "a*b", ["b", "a"], symbol="×", latex=r"a \cdot b", infix=2)
# -(a/b)/b, not -a/b²: b² overflows where the derivative does not.
DIV = op("/", "a, b", "a/b", ["1/b", "-y/b"], by_hand=["1/b", "-a/b**2"], symbol="÷", latex=r"\frac{a}{b}", infix=2)
POW = op("**", "a, b", "a**b", ["0 if b == 0 else b*a**(b - 1)", "0 if a == 0 and b >= 0 else y*log(a)"],
         symbol="^", latex="a^{b}", infix=4)  # fmt: skip
# The real quotient lies just beside a whole number where a is near a multiple of b: a - y is that multiple.
MOD = op("%", "a, b", "a - b*floor(a/b)", ["1", "-floor(a/b)"], computed="y = mod(a, b); db = -round((a - y)/b)",
         symbol="mod", latex=r"a \bmod b", infix=2)  # fmt: skip
NEG = op("neg", "x", "-x", ["-1"], symbol="−", infix=3)
ABS = op("abs", "x", "abs(x)", ["sign(x)"], symbol="|x|", latex=r"\left|x\right|")
op("square", "x", "x*x", ["2*x"], latex="x^{2}")
op("reciprocal", "x", "1/x", ["-y*y"], latex=r"\frac{1}{x}")

# --- exponentials, logarithms, roots, circles -----------------------------------------------------

op("exp", "x", "exp(x)", ["y"], latex="e^{x}")
op("expm1", "x", "expm1(x)", ["exp(x)"])
op("log", "x", "log(x)", ["1/x"], symbol="log")
op("log1p", "x", "log1p(x)", ["1/(1 + x)"])
op("exp2", "x", "2**x", ["log(2)*y"], computed="y = exp2(x)", latex="2^{x}")
op("log2", "x", "log2(x)", ["1/(x*log(2))"], symbol="log₂", latex=r"\log_{2}\left(x\right)")
op("log10", "x", "log10(x)", ["1/(x*log(10))"], symbol="log₁₀", latex=r"\log_{10}\left(x\right)")
# 0·log(0) is 0, a term without weight (scipy.special.xlogy): nothing flows to b then, nor to a if log(b) is not finite.
op("xlogy", "a, b", "0 if a == 0 else a*log(b)", ["0 if a == 0 and b <= 0 else log(b)", "0 if a == 0 else a/b"],
   computed="y = 0 if a == 0 and b == b else a*log(b)")  # fmt: skip
op("logaddexp", "a, b", "log(exp(a) + exp(b))", ["exp(a - y)", "exp(b - y)"],
   computed="d = a - b if a != b else 0; e = exp(-abs(d)); y = (b if d < 0 else a) + log1p(e)"
            "; da = (e if d < 0 else 1)/(1 + e); db = (1 if d < 0 else e)/(1 + e)",
   graph="da = sigmoid(a - b); db = sigmoid(b - a)")  # fmt: skip
op("sqrt", "x", "sqrt(x)", ["1/(2*y)"], computed="dx = 0.5/abs(y)",  # sqrt(-0.0) is -0.0
   symbol="√", latex=r"\sqrt{x}")  # fmt: skip
op("cbrt", "x", "cbrt(x)", ["1/(3*y*y)"], symbol="∛", latex=r"\sqrt[3]{x}")
# At the origin the slope of a distance is 0, one of its subgradients, as PyTorch has it for norms.
op("hypot", "a, b", "sqrt(a*a + b*b)", ["0 if y == 0 else a/y", "0 if y == 0 else b/y"], computed="y = hypot(a, b)")
op("sin", "x", "sin(x)", ["cos(x)"])
op("cos", "x", "cos(x)", ["-sin(x)"])
op("tan", "x", "tan(x)", ["1 + y*y"])
op("asin", "x", "asin(x)", ["1/sqrt(1 - x*x)"], computed="dx = 1/sqrt((1 - x)*(1 + x))", symbol="arcsin")
op("acos", "x", "acos(x)", ["-1/sqrt(1 - x*x)"], computed="dx = -1/sqrt((1 - x)*(1 + x))", symbol="arccos")
op("atan", "x", "atan(x)", ["1/(1 + x*x)"], symbol="arctan")
op("atan2", "a, b", "atan2(a, b)",  # the angle of the point (b, a); at the origin there is none, and nothing flows
   ["0 if a == 0 and b == 0 else b/(a*a + b*b)", "0 if a == 0 and b == 0 else -a/(a*a + b*b)"],
   computed="h = hypot(a, b); da = 0 if h == 0 else b/h/h; db = 0 if h == 0 else -a/h/h",
   graph="h = hypot(a, b); da = 0 if h == 0 else b/h/h; db = 0 if h == 0 else -a/h/h")  # fmt: skip
op("sinc", "x", "1 if x == 0 else sin(pi*x)/(pi*x)", ["0 if x == 0 else (cos(pi*x) - y)/x"],
   computed="n = round(x); sign_of_n = 1 - 2*(n - 2*floor(n/2)); r = pi*(x - n); s = pi*x*(pi*x)"
            "; y = 1 if x == 0 else sign_of_n*sin(r)/(pi*x)"
            f"; dx = {SINC_SERIES} if abs(x) < 0.3 else (sign_of_n*cos(r) - y)/x",
   graph=f"s = pi*x*(pi*x); dx = {SINC_SERIES} if abs(x) < 0.3 else (cos(pi*x) - y)/x")  # fmt: skip
op("sinh", "x", "sinh(x)", ["cosh(x)"])
op("cosh", "x", "cosh(x)", ["sinh(x)"])
op("asinh", "x", "asinh(x)", ["1/sqrt(1 + x*x)"], computed="dx = 1/hypot(1, x)", graph="dx = 1/hypot(1, x)",
   symbol="arsinh")  # fmt: skip
op("acosh", "x", "acosh(x)", ["1/sqrt(x*x - 1)"], computed="dx = 1/(sqrt(x - 1)*sqrt(x + 1))",
   graph="dx = 1/(sqrt(x - 1)*sqrt(x + 1))", symbol="arcosh")  # fmt: skip
op("atanh", "x", "atanh(x)", ["1/(1 - x*x)"], computed="s = sqrt((1 - x)*(1 + x)); dx = 1/(s*s)",
   symbol="artanh")  # fmt: skip
op("erf", "x", "erf(x)", ["2/sqrt(pi)*exp(-x*x)"])
op("erfc", "x", "1 - erf(x)", ["-2/sqrt(pi)*exp(-x*x)"], computed="y = erfc(x)")

# --- activations; e = exp(-|x|) never overflows, and keeps the digits of the tails ------------------

op("tanh", "x", "tanh(x)", ["1 - y*y"], computed="e = exp(-2*abs(x)); dx = 4*e/((1 + e)*(1 + e))",
   graph="t = 2*x; dx = 4*sigmoid(t)*sigmoid(-t)")  # fmt: skip
op("sigmoid", "x", "1/(1 + exp(-x))", ["y*(1 - y)"], symbol="σ",
   computed="e = exp(-abs(x)); y = (1 if x >= 0 else e)/(1 + e); dx = e/((1 + e)*(1 + e))",
   graph="dx = y*sigmoid(-x)")  # fmt: skip
op("log_sigmoid", "x", "log(1/(1 + exp(-x)))", ["1 - exp(y)"], symbol="log σ",
   computed="e = exp(-abs(x)); y = (0 if x >= 0 else x) - log1p(e); dx = (e if x >= 0 else 1)/(1 + e)",
   graph="dx = sigmoid(-x)")  # fmt: skip
op("softplus", "x", "log(1 + exp(x))", ["1/(1 + exp(-x))"],
   computed="e = exp(-abs(x)); y = (x if x >= 0 else 0) + log1p(e); dx = (1 if x >= 0 else e)/(1 + e)",
   graph="dx = sigmoid(x)")  # fmt: skip
op("relu", "x", "0 if x <= 0 else x", ["0 if x <= 0 else 1"], symbol="ReLU")
op("leaky_relu", "x, slope", "slope*x if x <= 0 else x", ["slope if x <= 0 else 1", "x if x <= 0 else 0"],
   symbol="leaky ReLU", defaults=[0.01])  # fmt: skip
op("prelu", "x, slope", "slope*x if x <= 0 else x", ["slope if x <= 0 else 1", "x if x <= 0 else 0"],
   symbol="PReLU")  # fmt: skip
op("silu", "x", "x/(1 + exp(-x))", ["(1 + x/(1 + exp(x)))/(1 + exp(-x))"], symbol="SiLU",
   computed="e = exp(-abs(x)); s = (1 if x >= 0 else e)/(1 + e); y = x*s"
            "; dx = s*(1 + x*((e if x >= 0 else 1)/(1 + e)))",
   graph="dx = sigmoid(x)*(1 + x*sigmoid(-x))")  # fmt: skip
# x·Φ(x), Φ the normal distribution: Hendrycks & Gimpel 2016 (arXiv 1606.08415), not their approximation by tanh.
op("gelu", "x", "x*(1 + erf(x/sqrt(2)))/2", ["(1 + erf(x/sqrt(2)))/2 + x*exp(-x*x/2)/sqrt(2*pi)"], symbol="GELU",
   computed="p = erfc(-x/sqrt(2))/2; y = x*p; dx = p + x*exp(-x*x/2)/sqrt(2*pi)",
   graph="dx = erfc(-x/sqrt(2))/2 + x*exp(-x*x/2)/sqrt(2*pi)")  # fmt: skip
op("elu", "x, alpha", "alpha*(exp(x) - 1) if x <= 0 else x",
   ["alpha*exp(x) if x <= 0 else 1", "exp(x) - 1 if x <= 0 else 0"],
   computed="y = alpha*expm1(x) if x <= 0 else x; dalpha = expm1(x) if x <= 0 else 0",
   graph="dalpha = expm1(x) if x <= 0 else 0", symbol="ELU", defaults=[1.0])  # fmt: skip
op("selu", "x", f"{SELU_SCALED_ALPHA}*(exp(x) - 1) if x <= 0 else {SELU_SCALE}*x",
   [f"{SELU_SCALED_ALPHA}*exp(x) if x <= 0 else {SELU_SCALE}"],
   computed=f"y = {SELU_SCALED_ALPHA}*expm1(x) if x <= 0 else {SELU_SCALE}*x", symbol="SELU")  # fmt: skip
op("step", "x", "0 if x <= 0 else 1", ["0"], computed="y = 0 if x <= 0 else 1 if x > 0 else x")  # nan stays nan
op("sign", "x", "sign(x)", ["0"])
op("floor", "x", "floor(x)", ["0"], latex=r"\left\lfloor x\right\rfloor")
op("round", "x", "round(x)", ["0"])  # to the nearest whole number, of two the even one

# --- choosing ---------------------------------------------------------------------------------------

op("maximum", "a, b", "a if a >= b else b",
   ["0 if a < b else 1/2 if a == b else 1", "0 if b < a else 1/2 if a == b else 1"],
   symbol="max", computed="y = b if a < b or b != b else a")  # fmt: skip
op("minimum", "a, b", "a if a <= b else b",
   ["0 if a > b else 1/2 if a == b else 1", "0 if b > a else 1/2 if a == b else 1"],
   symbol="min", computed="y = b if a > b or b != b else a")  # fmt: skip
op("clip", "x, low, high", "high if x > high or low > high else low if x < low else x",
   ["0 if x < low or x > high else 1", "1 if x < low and low <= high else 0",
    "1 if x > high or low > high else 0"])  # fmt: skip
op("where", "condition, a, b", "a if condition != 0 else b",
   ["0", "1 if condition != 0 else 0", "0 if condition != 0 else 1"])  # fmt: skip
op("take", "*values, index", "values[index]", ["1 if i == index else 0", "0"])

# --- lists ------------------------------------------------------------------------------------------

op("sum", "*x", "sum(x)", ["1"], symbol="Σ", written_out=True, may_be_empty=True)
op("mean", "*x", "sum(x)/len(x)", ["1/len(x)"], written_out=True)
op("dot", "*a, *b", "sum(u*v for u, v in zip(a, b))", ["b[i]", "a[i]"], computed="da = b; db = a",
   symbol="·", latex=r"a \cdot b", written_out=True, may_be_empty=True)  # fmt: skip
op("prod", "*x", "prod(x)", ["prod(1 if j == i else x[j] for j in range(len(x)))"], symbol="Π", may_be_empty=True,
   computed="others = products_of_others(x); dx = [p for p in others]",
   graph="n = range(len(x)); dx = [prod([1 if j == i else x[j] for j in n]) for i in n]")  # fmt: skip
# Divided by the largest first, no square overflows, or is lost. Variance and standard deviation are those of a whole
# population (divided by n: NumPy's ddof=0), of the distances from the largest: these are exactly 0 where all are equal.
op("norm", "*x", "sqrt(sum(u*u for u in x))", ["0 if y == 0 else x[i]/y"], latex=r"\left\|x\right\|",
   computed="m = max(abs(u) for u in x); s = sum(u/m*(u/m) for u in x); y = m*sqrt(s) if m > 0 and isfinite(m) else m"
            "; dx = [0 if y == 0 else u/y for u in x]")  # fmt: skip
op("var", "*x", "sum((u - mean(x))**2 for u in x)/len(x)", ["2*(x[i] - mean(x))/len(x)"],
   computed="m = max(x); d = [u - m for u in x]; c = sum(d)/len(x); y = sum((v - c)*(v - c) for v in d)/len(x)"
            "; dx = [2*(v - c)/len(x) for v in d]",
   graph="m = mean(x); dx = [2/len(x)*(u - m) for u in x]")  # fmt: skip
op("std", "*x", "sqrt(sum((u - mean(x))**2 for u in x)/len(x))", ["0 if y == 0 else (x[i] - mean(x))/(len(x)*y)"],
   computed="m = max(x); d = [u - m for u in x]; c = sum(d)/len(x); w = max(abs(v - c) for v in d)"
            "; s = sum((v - c)/w*((v - c)/w) for v in d)/len(x); y = w*sqrt(s) if w > 0 and isfinite(w) else w"
            "; dx = [0 if y == 0 else (v - c)/(len(x)*y) for v in d]",
   graph="m = mean(x); dx = [0 if y == 0 else (u - m)/(len(x)*y) for u in x]")  # fmt: skip
op("amax", "*x", "max(x)", ["1/sum(1 if u == y else 0 for u in x) if x[i] == y else 0"], symbol="max",
   computed="n = sum(1 if u == y else 0 for u in x)"
            "; dx = [1/n if u == y else 0 if u < y else y for u in x]",
   graph="n = sum(1 if u == y else 0 for u in x); dx = [1/n if u == y else 0 for u in x]")  # fmt: skip
# In others, the sum of e without one of the largest, which are 1, what is small is not lost beside the 1.
op("logsumexp", "*x", "log(sum(exp(u) for u in x))", ["exp(x[i] - y)"], symbol="log Σ exp",
   computed="m = max(x); e = [exp(u - m) for u in x]; s = sum(e)"
            "; ones = [floor(v) for v in e]; others = sum(u - v for u, v in zip(e, ones)) + (sum(ones) - 1)"
            "; y = m + log1p(others) if isfinite(m) else m; dx = [v/s for v in e]",
   graph="dx = [p for p in softmax(x)]")  # fmt: skip
# softmax and log_softmax return a list: one node per k (of a long list, see every_output in functions.py).
# rest is s - e[k], without the cancellation.
op("softmax", "*x, k", "exp(x[k])/sum(exp(u) for u in x)",
   ["y*((1 if i == k else 0) - exp(x[i])/sum(exp(u) for u in x))", "0"],
   computed="m = max(x); e = [exp(u - m) for u in x]; s = sum(e); y = e[k]/s"
            "; rest = sum(0 if j == k else e[j] for j in range(len(e)))"
            "; dx = [y*(rest/s) if j == k else -y*(e[j]/s) for j in range(len(e))]",
   graph="p = softmax(x); n = range(len(x)); rest = sum(0 if j == k else p[j] for j in n)"
         "; dx = [y*rest if j == k else -y*p[j] for j in n]",
   many="s = logsumexp(x); logarithms = [u - s for u in x]; y = [exp(v) for v in logarithms]")  # fmt: skip
op("log_softmax", "*x, k", "x[k] - log(sum(exp(u) for u in x))",
   ["(1 if i == k else 0) - exp(x[i])/sum(exp(u) for u in x)", "0"],
   symbol="log softmax",
   computed="m = max(x); e = [exp(u - m) for u in x]; s = sum(e)"
            "; ones = [floor(v) for v in e]; others = sum(u - v for u, v in zip(e, ones)) + (sum(ones) - 1)"
            "; y = (x[k] - m) - log1p(others)"
            "; rest = sum(0 if j == k else e[j] for j in range(len(e)))"
            "; dx = [rest/s if j == k else -e[j]/s for j in range(len(e))]",
   graph="p = softmax(x); n = range(len(x)); rest = sum(0 if j == k else p[j] for j in n)"
         "; dx = [rest if j == k else -p[j] for j in n]",
   many="s = logsumexp(x); y = [u - s for u in x]")  # fmt: skip

# NumPy's names of the rows that it calls otherwise. Of an array of Values, np.exp(A) calls v.exp() of each.
NUMPY_NAMES = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "power": "**",
    "negative": "neg",
    "absolute": "abs",
    "fabs": "abs",
    "float_power": "**",
    "remainder": "%",
    "rint": "round",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
}

for _row in OPS.values():  # now, because a row may name rows below it
    if _row.graph or _row.many:
        _row.check_graph(OPS)
