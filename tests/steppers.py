"""Graphs that the tests of the stepper step through."""

import nn
from autograd import Value, parse
from viz.steps.stepper import stepper

G1 = "u = b*c; v = a + u; J = 3*v"
G2 = "L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w1*x1 + w2*x2 + b"

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\u2028\u2029",
    "{x} {0} ‹{1}› $& ${y}",
    "__proto__",
    "a|b{c}<d> &amp; \"quoted\" 'twice' \\",
    "]]> --> <!--",
    "\0\x1f\u202ertl",
    "😀 ŷ [1]_2,3",
]


def g1():
    return stepper(parse(G1, a=5, b=3, c=2))


def g2():
    return stepper(parse(G2, w1=0.5, w2=-1, x1=2, x2=1, b=0.25, y=1))


def fan_out():
    return stepper(parse("d = a*b; e = a + b; J = d*e", a=-2, b=3))


def network(*sizes):
    """The squared error of an MLP with two inputs."""
    model = nn.MLP(sizes[0], sizes[1:], "tanh", seed=1)
    loss = (model([Value(0.5, "x1"), Value(-1.0, "x2")]) - Value(1.0, "y")) ** 2
    loss.label = "L"
    return loss


def hostile():
    """A graph with all hostile labels."""
    total = Value(1.0, "start")
    for i, label in enumerate(HOSTILE):
        total = total * Value(1.0 + i, label) if i % 2 else total + Value(1.0 + i, label)
        total.label = f"{label}!"
    return total
