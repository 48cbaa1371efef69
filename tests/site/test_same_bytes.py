"""Pictures and pages made in the browser are those of this Python, byte for byte.

The graphs are of operations that every machine rounds alike; exp, log, tanh, ... come from a mathematical library,
whose last digit may be another one, there as on another machine.
"""

import subprocess
import sys

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


PROGRAM = '''
import hashlib
import random
from autograd import parse
from nn import MLP
from viz import draw, playground, stepper

FORMULAS = """
3*(a + b*c)
(a + b)*(b - c)
a/b - c/a
sqrt(a**2 + b**2)
abs(a) - abs(c)
relu(a - b) + relu(b - a)
maximum(a, b)*minimum(b, c)
a*(b + a*(b + a*(b + a)))
u = a*b; v = u*u; w = v*u; w + v + u
w[1]_1 = a*b; θ = w[1]_1 + c; J = θ**2/2
""".strip().splitlines()
AT = {"a": 1.5, "b": -0.75, "c": 2.25}

def random_formula(seed):
    generator = random.Random(seed)
    parts = list("abc")
    for _ in range(generator.randrange(3, 14)):
        x, y = generator.choice(parts), generator.choice(parts)
        parts.append(generator.choice(["(x + y)", "(x - y)", "x*y", "-x", "x/3", "relu(x)", "abs(x)", "x**2"]).replace("x", f"({x})").replace("y", f"({y})"))
    return f"a + 0*b + c - {parts[-1]}"

def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:20]

for formula in [*FORMULAS, *map(random_formula, range(29))]:
    names = AT if "a + 0*b" in formula else {name: AT[name] for name in AT if name in formula.replace("abs", "").replace("relu", "").replace("maximum", "")}
    J = parse(formula, **names)
    J.backward()
    for rankdir in ("LR", "TB"):
        print(formula, rankdir, digest(draw(J, rankdir=rankdir).svg))
    print(formula, "page", digest(stepper(J).html))
J = MLP(2, [3, 1], "relu", seed=1)([0.5, -1.0])
print("network", digest(draw(J).svg), digest(stepper(J).html), digest(draw(MLP(2, [3, 1], "relu", seed=1)).svg))
'''  # noqa: E501


def test_forty_graphs_are_drawn_alike(visit):
    page = visit("try/")
    frame = page.frame_locator("#view")
    page.check("input[value=python]")
    page.fill("#code", PROGRAM)
    page.click("#run")
    expect(frame.locator("#out")).to_contain_text("network")
    made = frame.locator("#out").text_content()
    wanted = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert made.splitlines() == wanted.splitlines()
    assert len(wanted.splitlines()) == 3 * 39 + 1
