"""What people write: signs, LaTeX's commands, names of functions elsewhere; and what to write for what is not here."""

from __future__ import annotations

from ...functions import FUNCTION_NAMES
from ...table.mathml import GREEK

SIGNS = (
    dict.fromkeys("×·⋅∙∗⊙•∘∗\u2062", "*")
    | dict.fromkeys("−‐‑‒–—﹣", "-")
    | dict.fromkeys("÷∕⁄", "/")
    | dict.fromkeys("∑", "Σ")
    | dict.fromkeys("∏", "Π")
    | dict.fromkeys("’′‵ʹ`´", "'")
    | dict.fromkeys("∣❘ǀ", "|")
    | {"∂": "∂", "√": "√", "∛": "∛", "⊤": "ᵀ", "⊺": "ᵀ", "⟨": "(", "⟩": ")"}
)
"""Signs of type that stand for one of a keyboard, or for a word of ours."""

UNUSUAL = frozenset(SIGNS) - frozenset("×·⋅∙∗⊙−–÷∂") | {"\\"}
"""Signs of which it is said how they are read; the others are as good as a keyboard's."""

DOTS = frozenset(["·", "⋅", "∙", "•", "\\cdot", "\\bullet"])
"""Signs that are also the product of matrices."""

_FUNCTIONS = "arccos arcsin arctan cos cosh exp lg ln log max min sin sinh tan tanh"
_SIGN_COMMANDS = {
    "cdot": "*",
    "times": "*",
    "odot": "*",
    "ast": "*",
    "circ": "*",
    "bullet": "*",
    "div": "/",
    "bmod": "%",
    "partial": "∂",
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "mid": "|",
    "prime": "'",
    "lbrace": "(",
    "rbrace": ")",
    "lbrack": "[",
    "rbrack": "]",
    "top": "ᵀ",
    "intercal": "ᵀ",
    "sum": "Σ",
    "prod": "Π",
    "{": "(",
    "}": ")",
    "%": "%",
    "_": "_",
}
_SILENT = """
    left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle displaystyle textstyle scriptstyle
    limits nolimits quad qquad thinspace nonumber notag
"""
_STYLES = """
    mathrm operatorname text textrm textit textbf mathbf mathit mathsf mathcal mathbb boldsymbol bm vec underline
    mathtt mbox rm bf
"""
COMMANDS: dict[str, tuple[str, str]] = (
    {name: ("sign", sign) for name, sign in _SIGN_COMMANDS.items()}
    | dict.fromkeys([*_SILENT.split(), *",;:! >()[]"], ("space", ""))
    | dict.fromkeys(_STYLES.split(), ("style", ""))
    | dict.fromkeys(["frac", "dfrac", "tfrac", "cfrac"], ("command", "frac"))
    | {"sqrt": ("command", "sqrt"), "\\": ("end", "\\\\")}
    | {
        name: ("accent", accent)
        for accent, names in {"hat": "hat widehat", "bar": "bar overline", "tilde": "tilde widetilde"}.items()
        for name in names.split()
    }
    | {name: ("name", name) for name in _FUNCTIONS.split()}
    | {name: ("name", letter) for name, letter in GREEK.items()}
    | {f"var{name}": ("name", GREEK[name]) for name in ("epsilon", "theta", "phi", "sigma", "rho")}
    | {"ell": ("name", "l")}
)
"""LaTeX's commands: the kind of word that each is, and the word."""

ALIASES = {
    "ln": "log",
    "lg": "log10",
    "log_2": "log2",
    "log_10": "log10",
    "log_e": "log",
    "sigma": "sigmoid",
    "logistic": "sigmoid",
    "expit": "sigmoid",
    "sgn": "sign",
    "signum": "sign",
    "heaviside": "step",
    "swish": "silu",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arctan2": "atan2",
    "absolute": "abs",
    "fabs": "abs",
    "rint": "round",
    "logsigmoid": "log_sigmoid",
    "lrelu": "leaky_relu",
    "tg": "tan",
    "arctg": "atan",
    "lb": "log2",
    "average": "mean",
}
"""Functions by other names of the same meaning."""

OPERATORS = {
    "pow": "**",
    "power": "**",
    "float_power": "**",
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "true_divide": "/",
    "mod": "%",
    "matmul": "@",
}
"""Functions of two arguments that are an operator here."""

LIBRARIES = frozenset({"np", "numpy", "jnp", "math", "torch", "tf", "F", "nn", "scipy", "special"})
"""What stands before a dot: ``np.exp(x)`` is ``exp(x)``."""

ACTIVATIONS = frozenset({"g", "f", "h", "φ", "phi", "act", "activation"})
"""What notes call the function of a unit: ``g'(z)``."""

INDICES = frozenset("ijk")
"""Letters that run over the examples: ``a^{(i)}`` is one of ``a``."""

SIZES = frozenset({"m", "n", "N", "M"})
"""Numbers of things: ``1/m dZ`` is (1/m)·dZ."""

INSTEAD = {
    "//": "write / for a division, not //",
    "==": "write = for a definition, not ==",
    ":=": "write = for a definition, without a colon",
    ":": "write = for a definition, without a colon",
    ".": "a dot has no place in a formula: write tanh(x), not x.tanh()",
    "‖": "write norm([x1, x2]), not ‖x‖",
    "\\|": "write norm([x1, x2]), not ‖x‖",
    "∇": "write ∂L/∂w for a derivative, not ∇",
    "⊗": "write A @ B.T for an outer product, not ⊗",
    "±": "± is two numbers: write one of them",
    "∞": "there is no ∞ among the numbers of a formula",
    "∫": "there are no integrals here",
    "\\int": "there are no integrals here",
    "\\nabla": "write ∂L/∂w for a derivative, not ∇",
    "\\otimes": "write A @ B.T for an outer product, not ⊗",
}
"""What to write for a sign, a word or a command that formulas do not have."""

_CROSS_ENTROPY = "-(y*log(a) + (1 - y)*log(1 - a))"
NONE_HERE = {
    "cot": "cos(x)/sin(x)",
    "ctg": "cos(x)/sin(x)",
    "sec": "1/cos(x)",
    "csc": "1/sin(x)",
    "cosec": "1/sin(x)",
    "coth": "cosh(x)/sinh(x)",
    "sech": "1/cosh(x)",
    "csch": "1/sinh(x)",
    "acot": "atan(1/x)",
    "asec": "acos(1/x)",
    "acsc": "asin(1/x)",
    "logit": "log(p/(1 - p))",
    "log3": "log(x)/log(3)",
    "logb": "log(x)/log(b)",
    "exp10": "10**x",
    "ceil": "-floor(-x)",
    "trunc": "sign(x)*floor(abs(x))",
    "frac": "x - floor(x)",
    "softsign": "x/(1 + abs(x))",
    "mish": "x*tanh(softplus(x))",
    "hardtanh": "clip(x, -1, 1)",
    "relu6": "clip(x, 0, 6)",
    "hardsigmoid": "clip(x/6 + 1/2, 0, 1)",
    "celu": "maximum(0, x) + minimum(0, alpha*(exp(x/alpha) - 1))",
    "tanhshrink": "x - tanh(x)",
    "binary_crossentropy": _CROSS_ENTROPY,
    "bce": _CROSS_ENTROPY,
    "bceloss": _CROSS_ENTROPY,
    "log_loss": _CROSS_ENTROPY,
    "cross_entropy": "-sum([y1*log(p1), y2*log(p2)])",
    "categorical_crossentropy": "-sum([y1*log(p1), y2*log(p2)])",
    "nll_loss": "-log(p)",
    "mse": "(a - y)**2",
    "mse_loss": "(a - y)**2",
    "mae": "abs(a - y)",
    "l1_loss": "abs(a - y)",
    "hinge": "maximum(0, 1 - y*z)",
    "inv": "1/x",
    "arcsec": "acos(1/x)",
    "arccsc": "asin(1/x)",
    "arccot": "atan(1/x)",
    "versin": "1 - cos(x)",
    "fmod": "a - b*sign(a/b)*floor(abs(a/b))",
    "remainder": "a%b",
    "sinpi": "sin(pi*x)",
    "cospi": "cos(pi*x)",
    "erfcx": "exp(x**2)*erfc(x)",
    "erfi": "",
    "cis": "",
    "gamma": "",
    "lgamma": "",
    "beta": "",
    "zeta": "",
    "erfinv": "",
    "factorial": "",
    "argmax": "",
    "argmin": "",
    "det": "",
    "diff": "",
    "median": "",
    "int": "",
    "float": "",
    "random": "",
    "rand": "",
}
"""Functions that are not here, and how to write them; "" for those that cannot be."""


def _plain(word: str) -> str:
    return word.lower().replace("_", "")


_PLAIN_NONE_HERE = {_plain(word): formula for word, formula in NONE_HERE.items()}


def function(word: str) -> str:
    """The row that a word calls, by its name, its symbol or another name of the same meaning; "" if it calls none."""
    names = [word, ALIASES.get(word, "")]
    if word[:1].isupper() and len(word) > 1:  # Abs(x), Sigmoid(z)
        names += [word.lower(), ALIASES.get(word.lower(), "")]
    return next((FUNCTION_NAMES[name] for name in names if name in FUNCTION_NAMES), "")


def calls(word: str) -> bool:
    """Whether a word in front of parentheses is a function."""
    return bool(function(word)) or word in OPERATORS or word in ("transpose", "matmul")


def none_here(word: str) -> str:
    """What to say of a function that is not here; "" if nothing is known of it."""
    formula = _PLAIN_NONE_HERE.get(_plain(word))
    if formula is None:
        return ""
    return f"there is none here: write {formula}" if formula else "there is none here"
