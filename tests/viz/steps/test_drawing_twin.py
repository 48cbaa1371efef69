"""The page's own drawing of a record is Python's, byte for byte; so nothing moves when Python comes."""

import json
import random

import pytest
from chromium import browser, page

from autograd import Value, logsumexp, parameter, parse
from autograd.formulas.grammar import names, parse_expression
from autograd.steps.trace import trace
from viz.steps.bundle import script
from viz.steps.stepper import Stepper


@pytest.fixture(scope="module")
def drawn():
    """The views of records, made in a page."""
    with browser() as chromium, page(chromium) as shown:
        shown.add_script_tag(content=f"{script('drawing')} window.api = {{ viewsOfRecord }};", type="module")
        shown.wait_for_function("window.api")
        yield lambda records: shown.evaluate("(records) => records.map(api.viewsOfRecord)", records)


FORMULAS = """
3*(a + b*c)
u = b*c; v = a + u; J = 3*v
x
-x
a*a + a
(a + a) + (a + a)
a*a*a*a - a/a
L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w1*x1 + w2*x2 + b
L = -(y*log(yhat) + (1 - y)*log(1 - yhat)); yhat = sigmoid(theta*x)
f = (x + y)*z
J = (w*x + b - y)**2/2 + lambda_*w**2
a_long_name_of_a_leaf*another_long_name + a_long_name_of_a_leaf
averyveryverylongnamethatdoesnotfitintoaboxatallandiscut*2
a + b + c + d + e + f + g + h + i + j + k + l + m + n
x1*w1 + x2*w2 + x3*w3 + x4*w4 + x5*w5 + x6*w6
(((((((x + 1)*2 + x)*3 + x)*4 + x)*5 + x)*6 + x)*7 + x)*8
tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(x))))))))))))))
sum([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
mean([a*b, b*c, c*d, d*e])
amax([a, b, c]) + amax([a, b])
x**2 + x**3 + x**-1 + x**0.5 + 2**x + x**y
1e6*x + 1e-7*x - 123456789*y + 0.1
floor(x) + round(x)*y
where(x, x, y) + clip(x, -1, 1)
a*b + a*c + a*d + a*e + b*c + b*d + b*e + c*d
w_11*x_1 + w_12*x_2 + α*β_2 + w1
""".strip().splitlines()


def of_formula(text):
    """The formula's graph; its leaves, what it does not define itself, get some number."""
    trees = [parse_expression(part.rpartition(" = ")[2]) for part in text.split("; ")]
    defined = {part.partition(" = ")[0] for part in text.split("; ") if " = " in part}
    found = dict.fromkeys(name for tree in trees for name in names(tree))
    return parse(text, **{name: round(0.5 + 0.25 * i, 2) for i, name in enumerate(found) if name not in defined})


def of_random(seed):
    """A graph with nodes that are used often, in no layers."""
    generator = random.Random(seed)
    labels = iter(generator.sample([*"abcdwxyz", "w1", "x_2", "alpha", "W[1]_2,3", "ŷ", "long_name", "z⁽¹⁾"], 8))
    makers = generator.choices([Value, parameter], k=generator.randrange(2, 8))
    nodes = [make(generator.choice([1.5, -2.0, 0.25]), next(labels)) for make in makers]
    for _ in range(generator.randrange(2, 25)):
        near = nodes[-8:]
        x, y = generator.choice(near), generator.choice(near)
        made = generator.choice([x + y, x * y, x - 1.5, 2 * x, x.tanh(), x.relu(), logsumexp([x, y, *near[:2]]), -x])
        if generator.random() < 0.3:
            made.label = generator.choice(["u", "v", "h1", "h_2", "J", "z"])
        nodes.append(made)
    root = nodes[-1]
    for loose in generator.sample(nodes, min(len(nodes), 4)):
        root = root + loose
    return root


def compared(drawn, roots):
    steppers = [Stepper(trace(root)) for root in roots]
    wanted = [json.loads(stepper.payload()) for stepper in steppers]
    for stepper, expected, found in zip(steppers, wanted, drawn([each["trace"] for each in wanted]), strict=True):
        what = stepper.trace.text()[:300]
        assert found["summary"] == expected["summary"], what
        assert found["first"] == expected["first"], what
        assert found["views"]["*"]["svg"] == expected["views"]["*"]["svg"], what
        assert found["views"] == expected["views"], what


def test_formulas(drawn):
    compared(drawn, [of_formula(text) for text in FORMULAS])


def test_random_graphs(drawn):
    compared(drawn, [of_random(seed) for seed in range(150)])
