"""Texts of formulas with the numbers of their names: strict ones of all operations, and what is typed, right or wrong."""

# ruff: noqa: E501, SIM905
from __future__ import annotations

import random

from spellings import TYPED

from autograd.formulas.grammar import names, parse_statements
from autograd.formulas.parse import read_as
from autograd.functions import BUILT_IN
from autograd.table.op import Op
from autograd.table.ops import OPS

Case = tuple[str, dict[str, float]]

CHOSEN: list[Case] = [
    ("3*(a + b*c)", {"a": 5, "b": 3, "c": 2}),
    ("u = b*c; v = a + u; J = 3*v", {"a": 5, "b": 3, "c": 2}),
    ("J = 3*v\nv = a + u\n\nu = b*c;", {"a": 5, "b": 3, "c": 2}),
    ("-(a - b)/c - -a", {"a": 5, "b": 3, "c": 2}),
    ("L = (a - y)**2/2; a = sigmoid(z); z = w*x + b", {"w": 0.5, "x": 2, "b": -1, "y": 1}),
    ("-(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w*x + b", {"w": 0.5, "x": 2, "b": -1, "y": 1}),
    ("mean([l1, l2]); l1 = -log(p1); p1 = σ(z1); l2 = -log(1 - σ(z2))", {"z1": 0.3, "z2": -1}),
    (
        "L = -y*log(a) - (1 - y)*log(1 - a); a = σ(z); z = w1*x1 + w2*x2 + b; y = 1",
        dict.fromkeys("w1 x1 w2 x2 b".split(), 0.5),
    ),
    ("f + v1*v2*f*v1", {"f": 2, "v1": 3, "v2": -1}),  # names that others get
    ("(a + b)*(a + b)*(a - b*a)", {"a": 2, "b": -0.5}),  # one formula of two nodes
    ("x**2 + x**-1 + x**0.5 + x**1 + x**0 + x**3 + 2**x + (-1)**2*x + x**-0.5", {"x": 2.25}),
    ("-x**2 + (-x)**2 - 2**-x - -2*-x", {"x": 0.5}),
    ("1e-7*x + 12345678*x + 1e20*x + (-3)*x + 0*x + x*-0.5", {"x": 1}),
    ("x/0 + log(y)*0 - sqrt(y)", {"x": 1, "y": -1}),  # ∞ and nan
    ("relu(z)*w + relu(-z)", {"z": -1, "w": 2}),  # edges that are cut off
    (
        "w_1*alpha + yhat*θ2 + x_ + __y + w1_2 + dz + longer + hat + μ_k",
        dict.fromkeys("w_1 alpha yhat θ2 x_ __y w1_2 dz longer hat μ_k".split(), 0.5),
    ),
    ("w1*w_1", {"w1": 2, "w_1": 3}),  # typeset alike
    ("u = a; v = u; v*2", {"a": 2}),  # one value of three names
    ("m = 3; J = m*x", {"x": 2}),
    ("x", {"x": 2}),
    ("J = x", {"x": 2}),
    ("2*3", {}),
    ("J = 2*pi", {}),
    ("2*π*r + cos(pi)", {"r": 2}),
    ("pi*2", {"pi": 3}),
    ("+(a) - +2", {"a": 1}),
    ("sum([" + ", ".join("abcdef") + "])", dict.fromkeys("abcdef", 0.25)),
    (
        "(w1*x1 + w2*x2 + w3*x3 + w4*x4)*(w1 - x1*x2 + w3*x3 + w4/x4 + w2*w3*w4 + x2*x3*x4 + x1*w1)**2",
        {f"{c}{k}": k / 3 for c in "wx" for k in range(1, 5)},
    ),
    (
        "very_long_name_1*very_long_name_2*very_long_name_3*x + tanh(very_long_name_1 + very_long_name_2)",
        {f"very_long_name_{k}": k for k in (1, 2, 3)} | {"x": 2},
    ),
]
"""Strict formulas."""

AS_ON_PAPER = (
    """
3(a + bc) · 2x − 1 · x²y + ½x · √x·y · √(x + y)/2 · sin² x + cos²(x) · sin 2x · e^(-x) · e^-x + e^x · xe^(2y) · (a + b)(a − b)
x(a + 1) · ab + cd · ln x · log₂(x) · log_2(x) + lg(x) · |x| − |y − 2| · x₁ + x₂·w₁ · 2(x) · 1/m x · 1/2 x · x^2^y · x^-2 · 2^x
a·b × c ÷ d · σ(wx + b) · np.exp(x) + np.log(y) · pow(a, b) · max(a, b) + min(0, a) · Tanh(x) · sgn(x) + ReLU(x) · x⁻¹ · x**2y
[a + b]c · exp(x)y · xsin(y) · tanh x·y · softmax(a, b)[1] · 3x^2 + 2x + 1 · α + βγ · alpha beta_1 · (x)^(y) · x^(a). · J = a b c.
e^{-x} · x^{2} + sin^{2}(x) · {a}{b} · (a－b)∕c · （a + b）（a − b） · 1/(1 + e^{-(wx + b)}) · e⁻ˣ · xᵃᵇ · x²⁺¹ · 2⁻ˣy · |x|y · 2(a-y)|a||1-a| · |a| |b|
""".replace("\n", " · ")
    .strip(" ·")
    .split(" · ")
)

WRONG: list[Case] = [
    ("", {}),
    ("3*(a + b", {"a": 1, "b": 2}),
    ("u = 3*(a + b; v = u", {"a": 1, "b": 2}),
    ("3*a + b)", {"a": 1, "b": 2}),
    ("[a)", {"a": 1}),
    ("3*((a + b)*c + " + "a + " * 20 + "b", {"a": 1, "b": 2, "c": 3}),
    ("a + b*c", {"a": 1}),
    ("a", {}),
    ("u = a; v = 2*a", {"a": 1}),
    ("a*b; u = a", {"a": 1, "b": 2}),
    ("a = 3; b*a", {"a": 1, "b": 2}),
    ("3*(a + b*c)", {"a": 1, "b": 2, "c": 3, "d": 4}),
    ("alpha*x", {"alhpa": 1, "x": 2}),
    ("alpha*x + beta", {"lapha": 1, "betta": 3, "x": 2}),
    ("log₂ + x", {"x": 2}),
    ("x1*x2", {"x1": 1}),
    ("w1*x1", {"w1": 1, "x1": 2, "x2": 3, "b": 1}),
    ("e*x", {"x": 1}),
    ("sin + x", {"x": 1}),
    ("theta*thata", {"theta": 1, "thetta": 2}),
]
"""What is wrong, and said in Python's words."""

REFUSED: list[Case] = [
    (text.strip(), {name: 0.5 for name in "abxyz" if name in text})
    for text in """
        1/2x · a/bx · sin x y · ln x/y · e^2x · x^1/2 · log 1-a · a 2 · (a)2 · a == b · a // b · x.tanh() · [a, b]
        softmax(a, b) · softmax(a, b)[2] · sin^-1 x · sin⁻¹(x) · gamma(x) · sigmoid'(z) · clip(x, 1) · max(a, b, x) · sum([]) · a +
        a ± b · take([a, b], 5) · take([a, b], x) · prod(a, 1) · lambda · 012*a · 1e999*a · a = b = x · 3 = a · a,b · a(b, x)
        dot(a, b) · dot([a], [b, x]) · relu([a, b]) · 0/0*a · f'(x) · ∫x · x_{1} · x^{(1)} · \\frac{a}{b} · Σ a · x! · x**1e-49 · |a|b|x|
    """.replace("\n", " · ").split(" · ")
    if text.strip()
]
"""What only Python reads, or nobody."""


def of_operations() -> list[Case]:
    """Each operation of names, of numbers and names, and of formulas in a larger one."""
    return [case for op in OPS.values() if op.name in BUILT_IN for case in of_operation(op)]


def of_operation(op: Op) -> list[Case]:
    """The same of one operation."""
    texts = [
        call(op, ["a", "b", "c"], 1, 0),
        call(op, ["2", "b", "a", "0.5"], 3, 1),
        call(op, ["u", "-b", "b", "a*a"], 2, 0),
    ]
    further = [call(op, ["a", "0", "-1.5", "3"], 4, 2)] if len(op.inputs) > 1 else []
    cases = [texts[0], f"J = {texts[1]} + 1", f"u = a*b; J = w*{texts[2]}", *further]
    return [
        (
            text,
            {name: value for name, value in zip("abcw", (0.75, 0.5, 2.0, -1.0), strict=True) if name in names_in(text)},
        )
        for text in cases
    ]


def call(op: Op, operands: list[str], size: int, k: int) -> str:
    """The operation of these operands, over and over; of lists of this size, and element k of what is one."""
    left = (operands[i % len(operands)] for i in range(100))
    if not op.name.isidentifier():
        return f"({next(left)}){op.name}({next(left)})"
    inputs = op.inputs[:-1] if op.per_element else op.inputs
    arguments = [
        f"[{', '.join(next(left) for _ in range(size))}]" if is_list else str(k) if x == "index" else next(left)
        for x, is_list in zip(inputs, op.lists, strict=False)
    ]
    return f"{op.name}({', '.join(arguments)})" + (f"[{k}]" if op.per_element else "")


def names_in(text: str) -> set[str]:
    """The names of a strict text that it does not define."""
    statements = parse_statements(text)
    return {used for _, tree in statements for used in names(tree)} - {name for name, _ in statements}


NAMES = ["a", "b", "c", "x1", "x_2", "w", "yhat", "theta", "λ", "y", "v1", "f", "mu", "dz", "longer_name"]
NUMBERS = ["0", "1", "2", "3", "0.5", "1.5", "10", "-1", "-2", "1e-7", "7"]


def at_random(seed: int, count: int) -> list[Case]:
    """Strict formulas of random operations."""
    rng = random.Random(seed)
    cases = []
    for _ in range(count):
        text = _tree(rng, rng.randint(1, 3))
        if rng.random() < 0.4:
            text = f"q = {_tree(rng, 2)}; L = q*({text})"
        cases.append(
            (text, {name: rng.choice([0.5, -1.5, 2.0, 0.25, 1.0, 0.7]) for name in NAMES if name in names_in(text)})
        )
    return cases


def _tree(rng: random.Random, depth: int) -> str:
    if depth <= 0 or rng.random() < 0.15:
        return rng.choice(NAMES if rng.random() < 0.7 else NUMBERS)
    if rng.random() < 0.6:
        sign = rng.choice(["+", "-", "*", "/", "**", " + ", " - "])
        left, right = _tree(rng, depth - 1), _tree(rng, depth - 1)
        return rng.choice([f"{left}{sign}{right}", f"({left}){sign}({right})", f"-({left}){sign}{right}"])
    op = rng.choice([op for op in OPS.values() if op.name in BUILT_IN and op.name.isidentifier()])
    size = rng.randint(1, 4)
    return call(op, [_tree(rng, depth - 2 if op.n_lists else depth - 1) for _ in range(3)], size, rng.randrange(size))


KNOWN = [
    ["x", "x1", "x_1"],
    ["alpha", "β", "α1", "y_hat"],
    ["x1", "x_2", "x12"],
    ["a_i", "b", "w_1_2", "i"],
    ["a", "b", "c", "x", "e"],
    ["x1", "x_2", "w", "b"],
    ["a", "bc", "b", "c"],
    ["x", "n", "m", "sigma", "θ"],
    ["yhat", "y", "mu", "x", "x1"],
    ["s", "i", "n", "x"],
]
PIECES = "+ - * / ** ^ ( ) ( ) [ ] , = ; ² ³ ⁻¹ ˣ ᵃ⁺ ½ √ × · − 2 3 0.5 e exp sin ln log max relu sum [0] log_2 σ π | ' _ % sin² cos^2 e^ ₁ ₁₂ _1 _i x_12 ^(2) (2) (x) 1/m".split()
SHAPES = """{a}{b} · {a}₁ + {b} · {a}_i{b} · α_1{a} · x_{b} · x2 + {a} · {a} {b} · {a}({b}) · ({a}){b} · 2{a} · {a}² · {a}^{b} · {a}^({b}) · {a}/{b} · {a} + {b} · {a} − {b} · sin {a} · sin²{a} · σ({a})
e^{a} · e^(-{a}) · √{a} · √({a}){b} · ln {a} · log({a}){b} · {a}·{b} · -{a} · max({a}, {b}) · {a}**-{b} · {a}/{b} {a} · 1/2{a} · 1/m {a} · [{a} + {b}]{a}
softmax([{a}, {b}])[1] · {a}⁻¹ · |{a}| · |{a}|{b} · |{a}||{b}| · |{a}|{b}|{a}| · ({a})({b}) · {a}*e^{b} · sin {a}/{b} · cos {a} sin {b}""".replace(
    "\n", " · "
).split(" · ")


def typed(seed: int, count: int) -> list[Case]:
    """What may be typed, half of it nonsense."""
    rng = random.Random(seed)
    cases = []
    for at in range(count):
        known = rng.choice(KNOWN)
        if at % 2:
            text = "".join(
                rng.choice(known) if rng.random() < 0.45 else rng.choice([*PIECES, " ", " "])
                for _ in range(rng.randint(2, 9))
            )
        else:
            text = _shaped(rng, known, rng.randint(1, 3))
        cases.append((text, {name: round(rng.uniform(0.2, 2), 2) for name in known if name in text}))
    return cases


def _shaped(rng: random.Random, known: list[str], depth: int) -> str:
    if depth == 0 or rng.random() < 0.25:
        return rng.choice([*known, "2", "½", "0.5"])
    text = rng.choice(SHAPES)
    for place in ("{a}", "{b}"):
        text = text.replace(place, _shaped(rng, known, depth - 1))
    return text


def on_paper() -> list[Case]:
    """What is typed as on paper."""
    known = ["a", "b", "c", "d", "x", "y", "w", "m", "x1", "x2", "w1", "α", "β", "γ", "beta_1"]
    return [(text, {name: 0.5 for name in known if name in names_in(read_as(text, known))}) for text in AS_ON_PAPER]


def of_students() -> list[Case]:
    """The right sides of the lines of students."""
    cases = []
    for line, strict in [(line, strict) for lines in TYPED.values() for _, line, strict in lines]:
        right, strict_right = line.partition("=")[2].strip(), strict.partition("=")[2].strip()
        if right.isprintable() and not {"[", "@", "\\"}.intersection(strict_right + line):
            cases.append((right, dict.fromkeys(sorted(names_in(strict_right)), 0.5)))
    return cases
