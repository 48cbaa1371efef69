"""The graphs that the spellings of ``spellings.py`` are about: those of the derivations, and some with other labels."""

# ruff: noqa: N806
from __future__ import annotations

from derivations import BCE, GRAPHS, two_layers

import autograd
from autograd import Value, parameter, parse
from nn import MLP, bce


def greek():
    """A line through the origin of the field's letters: a prediction with a hat, weight decay."""
    return parse("J = 1/2*(ŷ - y)**2 + λ/2*θ**2; ŷ = θ*x + b", θ=0.4, x=1.5, b=-0.2, y=0.3, λ=0.1), None


def spelled():
    """The same with its letters written as words."""
    text = "J = 1/2*(y_hat - y)**2 + alpha/2*theta**2; y_hat = theta*x + beta"
    return parse(text, theta=0.4, x=1.5, beta=-0.2, y=0.3, alpha=0.1), None


def mlp():
    """A network of ``nn``, whose labels are no identifiers: ``w[1]_2,1``, ``b[1]_2``, ``z[1]_2``, ``a[2]_1``."""
    net = MLP(2, [2, 1], "tanh", "sigmoid", seed=1)
    L = bce(net([Value(0.5, "x1"), Value(-1.2, "x2")]), Value(1.0, "y"))
    L.label = "L"
    return L, None


def examples(text, parameters, rows, over=autograd.mean):
    """The mean (or the sum) of a loss over examples, each of which has a label of its own for every name."""
    shared = {name: parameter(x, name) for name, x in parameters.items()}
    losses = [parse(text, **shared, **{name: Value(x, name) for name, x in row.items()}) for row in rows]
    J = over(losses)
    J.label = "J"
    return J, None


def layers():
    """Two layers of one unit each, three examples; the layer stands in brackets: ``w[1]``, ``a[2]``."""
    J, _ = examples(
        f"L = {BCE.replace('a)', 'A2)')}; A2 = sigmoid(Z2); Z2 = W2*A1 + B2; A1 = tanh(Z1); Z1 = W1*x + B1",
        {"W1": 0.5, "B1": -0.2, "W2": 0.8, "B2": 0.1},
        [{"x": 0.6, "y": 1.0}, {"x": -1.1, "y": 0.0}, {"x": 1.7, "y": 1.0}],
    )
    for node in autograd.graph.topological(J):
        if node.label[1:].isdecimal():
            node.label = f"{node.label[0].lower()}[{node.label[1:]}]"
    return J, None


def regression():
    """A line through four points, mean squared error."""
    rows = [{"x": x, "y": y} for x, y in [(0.5, 1.4), (2.3, 1.9), (2.9, 3.2), (-1.0, 0.3)]]
    return examples("L = (ŷ - y)**2; ŷ = w*x + b", {"w": 0.6, "b": 0.2}, rows)


def residuals():
    """Regression by hand in the lectures: the sum of the squares of what is left, with a slope that is given."""
    rows = [{"x": x, "y": y} for x, y in [(0.5, 1.4), (2.3, 1.9), (2.9, 3.2)]]
    return examples("L = r**2; r = y - a; a = c + 0.64*x", {"c": 0.1}, rows, autograd.sum)


def counts():
    """Poisson regression of three examples."""
    rows = [{"x": 0.5, "y": 1.0}, {"x": 1.2, "y": 2.0}, {"x": -0.7, "y": 0.5}]
    return examples("L = exp(z) - y*z; z = w*x + b", {"w": 0.6, "b": 0.2}, rows)


def one_layer():
    """Logistic regression in matrices: two features, three examples."""
    W = [[parameter(0.5, "w_1"), parameter(-1.0, "w_2")]]
    b = [parameter(0.25, "b_1")]
    X = [[2.0, -1.0, 0.3], [1.0, 0.5, -2.0]]
    Y = [[1.0, 0.0, 1.0]]
    Z = [[autograd.dot(W[0], [row[i] for row in X]) + b[0] for i in range(3)]]
    A = [[autograd.sigmoid(z) for z in Z[0]]]
    J = autograd.mean([-(y * autograd.log(a) + (1 - y) * autograd.log(1 - a)) for y, a in zip(Y[0], A[0], strict=True)])
    J.label = "J"
    return J, {"W": W, "b": b, "X": X, "Y": Y, "Z": Z, "A": A, "m": 3}


SPELLING_GRAPHS = {
    **GRAPHS,
    "greek": greek,
    "spelled": spelled,
    "mlp": mlp,
    "layers": layers,
    "regression": regression,
    "residuals": residuals,
    "counts": counts,
    "one layer": one_layer,
    "sigmoid layers": lambda: two_layers("sigmoid"),
    "softplus layers": lambda: two_layers("softplus"),
    "atan layers": lambda: two_layers("atan"),
    "wave": lambda: (parse("J = w*sin(u)**2; u = k*x", w=0.7, k=1.1, x=0.8), None),
    "angle": lambda: (parse("J = c*cos(t) + s*sin(t)", c=0.7, s=1.1, t=0.8), None),
    "bell": lambda: (parse("J = exp(-u); u = x**2/2", x=0.8), None),
    "distance": lambda: (parse("J = sqrt(u); u = x**2 + y**2", x=0.8, y=1.3), None),
    "absolute": lambda: (parse("J = w*abs(x) + v*abs(w)", w=0.8, x=-1.3, v=0.4), None),
    "logs": lambda: (parse("J = y*log(x) + w*log10(x) + v*x*log(x)", x=0.8, y=1.3, w=-0.6, v=0.5), None),
    "hat": lambda: (parse("L = 1/2*(ŷ - y)**2; ŷ = sigmoid(z); z = w*x", w=0.7, x=1.2, y=0.3), None),
    "hats": lambda: (
        parse(
            "L = 1/2*((yhat_1 - y_1)**2 + (yhat_2 - y_2)**2); yhat_1 = w*x; yhat_2 = v*x",
            w=0.7, v=-0.4, x=1.2, y_1=0.3, y_2=0.9,
        ),
        None,
    ),
    "deltas": lambda: (parse("J = γ*ω1*φ", γ=0.5, ω1=1.5, φ=0.8), None),
    "rates": lambda: (parse("J = rho/2*(mu - nu)**2", rho=0.5, mu=1.5, nu=0.8), None),
    "alike": lambda: (parse("J = w1*x + w_1*y", w1=0.8, w_1=1.3, x=2, y=3), None),
    "overlap": lambda: (parse("J = a*bc + ab*c", a=0.8, bc=1.3, ab=2, c=3), None),
    "two hats": lambda: (parse("J = yhat*x + y_hat*x**2", yhat=0.8, y_hat=1.3, x=2), None),
}  # fmt: skip
