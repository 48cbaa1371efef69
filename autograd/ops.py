"""The table of operations: the one place where an operation exists.

A row is what a textbook tabulates: a name, the inputs, the value, one partial derivative per input
(``y`` is the result; the partial of a list input ``*x`` is the one with respect to ``x[i]``). Where the
textbook's form loses digits, ``computed`` says how the numbers are really made, and a test shows that
both agree. From its row an operation gets its function and method, its backward rule, its vectorised
form, its place in formulas, drawings and explanations, and its tests. Adding an operation is adding a row.

Where derivative graphs (``adjoints.py``) need another form than the textbook's, to stay exact in the tails at
every order or to compute once what all elements of a list share, ``graph`` gives it in functions of the table.

How to read the formulas, and what a literal 0 means in a partial: see ``row.py``.
Derivatives: Abramowitz & Stegun, Handbook of Mathematical Functions, §3.3, §4 and §7; at kinks the
conventions are those of PyTorch and JAX: relu'(0) = 0, |x|'(0) = 0, ties share.
"""

from __future__ import annotations

from .errors import OpRowError
from .row import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OPS: dict[str, Op] = {}


def op(*row: Any, **more: Any) -> Op:
    """Declare one row (see ``Op`` for its columns); raises ``OpRowError`` for one that cannot be right."""
    declared = Op(*row, **more)
    if declared.name in OPS:
        raise OpRowError(f"row {declared.name!r} stands in the table twice")
    OPS[declared.name] = declared
    return declared


def named(name: str) -> Op:
    """The row of that name."""
    return OPS[name]


# --- arithmetic -----------------------------------------------------------------------------------

ADD = op("+", "a, b", "a + b", ["1", "1"], infix=1)
SUB = op("-", "a, b", "a - b", ["1", "-1"], symbol="−", infix=1)
MUL = op("*", "a, b", "a*b", ["b", "a"], symbol="×", latex=r"a \cdot b", infix=2)
# -(a/b)/b, not -a/b²: b² overflows where the derivative does not.
DIV = op("/", "a, b", "a/b", ["1/b", "-y/b"], symbol="÷", latex=r"\frac{a}{b}", infix=2)
POW = op("**", "a, b", "a**b", ["0 if b == 0 else b*a**(b - 1)", "0 if a == 0 and b >= 0 else y*log(a)"],
         symbol="^", latex="a^{b}", infix=4)  # fmt: skip
NEG = op("neg", "x", "-x", ["-1"], symbol="−", infix=3)
ABS = op("abs", "x", "abs(x)", ["sign(x)"], symbol="|x|", latex=r"\left|x\right|")

# --- exponentials, logarithms, roots, circles -----------------------------------------------------

op("exp", "x", "exp(x)", ["y"], latex="e^{x}")
op("expm1", "x", "expm1(x)", ["exp(x)"])
op("log", "x", "log(x)", ["1/x"], symbol="log")
op("log1p", "x", "log1p(x)", ["1/(1 + x)"])
op("sqrt", "x", "sqrt(x)", ["1/(2*y)"], computed="dx = 0.5/abs(y)",  # sqrt(-0.0) is -0.0
   symbol="√", latex=r"\sqrt{x}")  # fmt: skip
op("sin", "x", "sin(x)", ["cos(x)"])
op("cos", "x", "cos(x)", ["-sin(x)"])
op("tan", "x", "tan(x)", ["1 + y*y"])
op("erf", "x", "erf(x)", ["2/sqrt(pi)*exp(-x*x)"])

# --- activations (LECTURES §3); e = exp(-|x|) never overflows, and keeps the digits of the tails -----

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
op("step", "x", "0 if x <= 0 else 1", ["0"], computed="y = 0 if x <= 0 else 1 if x > 0 else x")  # nan stays nan
op("sign", "x", "sign(x)", ["0"])

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

op("sum", "*x", "sum(x)", ["1"], symbol="Σ")
op("mean", "*x", "sum(x)/len(x)", ["1/len(x)"])
op("dot", "*a, *b", "sum(u*v for u, v in zip(a, b))", ["b[i]", "a[i]"], computed="da = b; db = a",
   symbol="·", latex=r"a \cdot b")  # fmt: skip
op("amax", "*x", "max(x)", ["1/sum(1 if u == y else 0 for u in x) if x[i] == y else 0"], symbol="max",
   computed="n = sum(1 if u == y else 0 for u in x)"
            "; dx = [1/n if u == y else 0 if u < y else y for u in x]",
   graph="n = sum(1 if u == y else 0 for u in x); dx = [1/n if u == y else 0 for u in x]")  # fmt: skip
op("logsumexp", "*x", "log(sum(exp(u) for u in x))", ["exp(x[i] - y)"], symbol="log Σ exp",
   computed="m = max(x); e = [exp(u - m) for u in x]; s = sum(e)"
            "; y = m + log1p(all_but_largest(e)) if isfinite(m) else m; dx = [v/s for v in e]",
   graph="dx = [p for p in softmax(x)]")  # fmt: skip
# softmax and log_softmax return a list: one node per k. rest is s - e[k], without the cancellation.
op("softmax", "*x, k", "exp(x[k])/sum(exp(u) for u in x)",
   ["y*((1 if i == k else 0) - exp(x[i])/sum(exp(u) for u in x))", "0"],
   computed="m = max(x); e = [exp(u - m) for u in x]; s = sum(e); y = e[k]/s"
            "; rest = sum(0 if j == k else e[j] for j in range(len(e)))"
            "; dx = [y*(rest/s) if j == k else -y*(e[j]/s) for j in range(len(e))]",
   graph="p = softmax(x); n = range(len(x)); rest = sum(0 if j == k else p[j] for j in n)"
         "; dx = [y*rest if j == k else -y*p[j] for j in n]")  # fmt: skip
op("log_softmax", "*x, k", "x[k] - log(sum(exp(u) for u in x))",
   ["(1 if i == k else 0) - exp(x[i])/sum(exp(u) for u in x)", "0"],
   symbol="log softmax",
   computed="m = max(x); e = [exp(u - m) for u in x]; s = sum(e); y = (x[k] - m) - log1p(all_but_largest(e))"
            "; rest = sum(0 if j == k else e[j] for j in range(len(e)))"
            "; dx = [rest/s if j == k else -e[j]/s for j in range(len(e))]",
   graph="p = softmax(x); n = range(len(x)); rest = sum(0 if j == k else p[j] for j in n)"
         "; dx = [rest if j == k else -p[j] for j in n]")  # fmt: skip

for _row in OPS.values():  # now, because a row may name rows below it
    if _row.graph:
        _row.check_graph(OPS)
