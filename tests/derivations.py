"""The graphs of the lectures, and derivations of their gradients: right ones, and wrong ones with their mistakes."""

# ruff: noqa: E501, N806
from __future__ import annotations

import autograd
from autograd import Value, check, parameter, parse

BCE = "-(y*log(a) + (1 - y)*log(1 - a))"


def why_unreadable(root, claims, names=None):
    """The reason that the only line of a derivation is unreadable for."""
    (answer,) = check(root, claims, names)
    assert answer.verdict == "unreadable"
    return answer.diagnosis


def g1():
    return parse("u = b*c; v = a + u; J = 3*v", a=5, b=3, c=2), None


def g2():
    text = f"L = {BCE}; a = sigmoid(z); z = w1*x1 + w2*x2 + b"
    return parse(text, w1=0.5, w2=-1, x1=2, x2=1, b=0.25, y=0.3), None


def g3():
    """Four examples; nodes of the same name in each example share its label."""
    w1, w2, b = parameter(0.5, "w1"), parameter(-1.0, "w2"), parameter(0.25, "b")
    losses = []
    for x1, x2, y in [(2.0, 1.0, 1.0), (-1.0, 0.5, 0.0), (0.3, -2.0, 1.0), (1.0, 1.0, 0.0)]:
        losses.append(
            parse(
                f"L = {BCE}; a = sigmoid(z); z = w1*x1 + w2*x2 + b",
                w1=w1, w2=w2, b=b, x1=Value(x1, "x1"), x2=Value(x2, "x2"), y=Value(y, "y"),
            )
        )  # fmt: skip
    J = autograd.mean(losses)
    J.label = "J"
    return J, None


def g5():
    """Two inputs, two sigmoid hidden units, one linear output, J = ½(a − y)²."""
    text = (
        "J = 1/2*(a - y)**2; a = t1*h1 + t2*h2; h1 = sigmoid(z1); h2 = sigmoid(z2); "
        "z1 = t11*x1 + t12*x2; z2 = t21*x1 + t22*x2"
    )
    numbers = {"t11": 0.11, "t12": 0.12, "t21": 0.21, "t22": 0.08, "t1": 0.14, "t2": 0.15, "x1": 2, "x2": 3, "y": 1}
    return parse(text, **numbers), None


def g6():
    """Three sigmoid layers of one unit, cross-entropy on the last."""
    text = (
        f"L = {BCE.replace('a', 'a3').replace('la3', 'la')}; a3 = sigmoid(z3); z3 = w3*a2 + b3; "
        "a2 = sigmoid(z2); z2 = w2*a1 + b2; a1 = sigmoid(z1); z1 = w1*x + b1"
    )
    return parse(text, w1=0.4, b1=-0.2, w2=-0.7, b2=0.1, w3=1.3, b3=0.3, x=1.5, y=0.2), None


def two_layers(hidden="tanh"):
    """§7: two inputs, three hidden units, one sigmoid output, cross-entropy, four examples; names for the matrices."""
    W1 = [
        [parameter(v, f"w1_{i}{k}") for k, v in enumerate(row)]
        for i, row in enumerate([[0.5, -0.3], [0.8, 0.2], [-0.6, 0.9]])
    ]
    b1 = [parameter(v, f"b1_{i}") for i, v in enumerate([0.1, -0.2, 0.3])]
    W2 = [[parameter(v, f"w2_{k}") for k, v in enumerate([0.7, -1.1, 0.4])]]
    b2 = [parameter(0.05, "b2_0")]
    X = [[0.5, -1.2, 0.8, 1.5], [1.0, 0.4, -0.7, 0.3]]
    Y = [[1.0, 0.0, 1.0, 0.0]]
    m = 4
    A0 = [[Value(x, f"x{k}") for x in row] for k, row in enumerate(X)]
    Z1, A1, Z2, A2 = ([[None] * m for _ in range(n)] for n in (3, 3, 1, 1))
    g = getattr(autograd, hidden)
    losses = []
    for i in range(m):
        for j in range(3):
            Z1[j][i] = autograd.dot(W1[j], [row[i] for row in A0]) + b1[j]
            Z1[j][i].label = f"z1_{j}"
            A1[j][i] = g(Z1[j][i])
            A1[j][i].label = f"a1_{j}"
        Z2[0][i] = autograd.dot(W2[0], [row[i] for row in A1]) + b2[0]
        A2[0][i] = autograd.sigmoid(Z2[0][i])
        Z2[0][i].label, A2[0][i].label = "z2", "a2"
        y, a = Y[0][i], A2[0][i]
        losses.append(-(y * autograd.log(a) + (1 - y) * autograd.log(1 - a)))
        losses[-1].label = "L"
    J = autograd.mean(losses)
    J.label = "J"
    return J, {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "A0": A0, "Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "Y": Y, "m": m}


def activation(name, z=0.7, **more):
    arguments = ", ".join(["z", *more])
    return lambda: (parse(f"L = (a - y)**2; a = {name}({arguments})", z=z, y=0.4, **more), None)


GRAPHS = {
    "g1": g1,
    "g2": g2,
    "g3": g3,
    "g5": g5,
    "g6": g6,
    "matrices": two_layers,
    **{name: activation(name) for name in ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "log", "exp", "sqrt")},
    "prelu": activation("prelu", z=-0.7, slope=0.2),
    "fan": lambda: (parse("J = u*v; u = a*b; v = a + b", a=3, b=2), None),
    "three": lambda: (parse("J = p + q + r; p = sin(a); q = a**3; r = exp(a)", a=0.7), None),
}

# graph, what is claimed, the claims that are right
RIGHT = {
    "g1": {"v": ["3"], "a": ["3", "dv"], "u": ["3", "dv*1"], "b": ["3*c", "du*c", "dJ/du*c"], "c": ["3*b", "∂J/∂v·∂v/∂u·∂u/∂c"]},
    "g2": {
        "a": ["-y/a + (1-y)/(1-a)", "(a - y)/(a*(1 - a))"],
        "z": ["a - y", "-(y/a)*a*(1-a) + (1-y)/(1-a)*a*(1-a)", "-(y - a)", "σ(z) − y", "da*a*(1-a)", "dL/da*da/dz"],
        "w1": ["x1*(a - y)", "x1*dz", "(a-y)*x1", "x1*a - x1*y", "dz*dz/dw1", "∂L/∂a·∂a/∂z·∂z/∂w1", "x1/(1 + exp(-z)) - x1*y"],
        "w2": ["x2*(a - y)", "x2*dz"],
        "b": ["a - y", "dz", "1/(1 + exp(-(w1*x1 + w2*x2 + b))) - y"],
    },
    "g3": {
        "w1": ["mean(x1*(a - y))", "1/m*sum(x1*(a - y))", "sum(x1*dz)", "x1 @ (a - y)/m", "(a - y) @ x1.T/4"],
        "b": ["mean(a - y)", "sum(a - y)/m", "sum(dz)"],
        "z": ["(a - y)/m", "dL*(a - y)"],
        "L": ["1/m + 0*a", "1/m + a - a"],
    },
    "g5": {
        "a": ["a - y"],
        "t1": ["(a - y)*h1", "da*h1"],
        "h1": ["(a - y)*t1"],
        "z1": ["(a - y)*t1*h1*(1 - h1)", "dh1*h1*(1-h1)"],
        "t11": ["(a - y)*t1*h1*(1 - h1)*x1", "dz1*x1", "h1*(t1*x1*(a-y)) - h1**2*(t1*x1*(a-y))"],
        "t22": ["(a - y)*t2*h2*(1 - h2)*x2"],
        "x1": ["dz1*t11 + dz2*t21"],
    },
    "g6": {
        "z3": ["a3 - y"],
        "w3": ["(a3 - y)*a2", "-(y - a3)*a2"],
        "w2": ["w3*a2*(1 - a2)*(a3 - y)*a1"],
        "w1": ["(a3 - y)*w3*a2*(1-a2)*w2*a1*(1-a1)*x"],
        "b1": ["(a3 - y)*w3*a2*(1-a2)*w2*a1*(1-a1)", "dz1"],
    },
    "matrices": {
        "Z2": ["(A2 - Y)/m"],
        "W2": ["(A2 - Y) @ A1.T / m", "dZ2 @ A1ᵀ", "1/m * (A2 - Y) @ A1.T", "-1/m*(Y - A2) @ A1.T"],
        "b2": ["sum(A2 - Y, axis=1)/m", "mean(A2 - Y)"],
        "A1": ["W2.T @ dZ2"],
        "Z1": ["W2.T @ dZ2 * (1 - A1**2)", "(W2ᵀ @ (A2 − Y)) ⊙ (1 − A1²)/m"],
        "W1": ["dZ1 @ A0.T", "(W2.T @ (A2 - Y)/m * (1 - A1*A1)) @ A0.T"],
        "b1": ["sum(dZ1, axis=1)"],
    },
    "sigmoid": {"z": ["2*(a - y)*a*(1 - a)", "2*(a-y)*sigmoid(z)*(1-sigmoid(z))", "2*(a-y)*exp(-z)/(1+exp(-z))**2"]},
    "tanh": {"z": ["2*(a - y)*(1 - a**2)", "2*(a-y)*(1-tanh(z)²)", "da*(1-a)*(1+a)"]},
    "relu": {"z": ["2*(a - y)*step(z)"]},
    "leaky_relu": {"z": ["2*(a - y)*where(step(z), 1, 0.01)", "2*(a-y)*(step(z) + 0.01*(1 - step(z)))"]},
    "prelu": {"z": ["da*where(step(z), 1, slope)"], "slope": ["2*(a - y)*z*(1 - step(z))", "da*minimum(0, z)"]},
    "softplus": {"z": ["2*(a - y)*sigmoid(z)", "2*(a - y)/(1 + exp(-z))"]},
    "log": {"z": ["2*(a - y)/z"]},
    "exp": {"z": ["2*(a - y)*a", "2*(exp(z) - y)*exp(z)"]},
    "sqrt": {"z": ["(a - y)/a", "(sqrt(z) - y)/sqrt(z)"]},
    "fan": {"a": ["v*b + u", "2*a*b + b**2"], "b": ["a**2 + 2*a*b"]},
    "three": {"a": ["cos(a) + 3*a**2 + exp(a)", "dp*cos(a) + dq*3*a² + r"]},
}  # fmt: skip

# graph, what is claimed, the wrong formula, its mistake (several, where they have the same value), what must be said
WRONG = [
    # 3(a + bc)
    ("g1", "v", "1", "missing factor", "∂J/∂v = 3 is missing"),
    ("g1", "v", "-3", "sign", "sign is wrong"),
    ("g1", "a", "1", "missing factor", "∂J/∂v = 3 is missing"),
    ("g1", "a", "9", "extra factor", "∂J/∂v = 3 is there once too often"),
    ("g1", "u", "c", "value, not gradient", "the value of c"),
    ("g1", "b", "c", "missing factor", "∂J/∂v = 3 is missing"),
    ("g1", "b", "3", "missing factor", "∂u/∂b = c is missing: you stopped at ∂J/∂u"),
    ("g1", "b", "3*b", "wrong rule", "the operands are swapped"),
    ("g1", "c", "3*c", "wrong rule", "the operands are swapped"),
    ("g1", "c", "-3*b", "sign", "sign"),
    ("g1", "b", "6*c", "factor", "twice"),
    ("g1", "c", "3*b/2", "factor", "half"),
    ("g1", "b", "4 + c", "right here only", "c = 2"),
    ("g1", "c", "b**2", "right here only", "b = 3"),
    ("g1", "b", "3*c**2", "extra factor", "∂u/∂b = c"),
    ("g1", "b", "0", "zero", "is not 0"),
    ("g1", "a", "v", "value, not gradient|wrong rule", "v"),
    ("g1", "b", "3/c", "upside down", "∂u/∂b = c"),
    # logistic regression, one example
    ("g2", "a", "y/a - (1-y)/(1-a)", "sign", "lost minus, such as the one in front of L"),
    ("g2", "a", "-y/a - (1-y)/(1-a)", "sign", "∂(1 − a)/∂a = −1: its minus is lost"),
    ("g2", "a", "-y/a", "missing path", "the term (1 − y)/(1 − a)"),
    ("g2", "a", "(1-y)/(1-a)", "missing path", "the term −y/a"),
    ("g2", "a", "-y*a + (1-y)/(1-a)", "wrong rule", "log′ is 1/x, not x"),
    ("g2", "a", "-1/a + (1-y)/(1-a)", "missing factor", "= y is missing"),
    ("g2", "a", "-y*log(a) + (1-y)/(1-a)", "wrong rule", "not the log itself"),
    ("g2", "a", "y/a + (1-y)/(1-a)", "sign", "the term −y/a"),
    ("g2", "z", "y - a", "sign", "Only the sign"),
    ("g2", "z", "da", "missing factor", "∂a/∂z = a·(1 − a) is missing: you stopped at ∂L/∂a"),
    ("g2", "z", "a*(1-a)", "missing factor", "∂L/∂a = −y/a + (1 − y)/(1 − a) is missing: the chain begins there"),
    ("g2", "z", "(a-y)*a*(1-a)", "extra factor", "∂a/∂z = a·(1 − a) is there once too often"),
    ("g2", "z", "da*a*(1+a)", "wrong rule", "with a minus"),
    ("g2", "z", "da*(1-a)", "wrong rule", "the factor σ is missing"),
    ("g2", "z", "da*a", "wrong rule", "the factor 1 − σ is missing"),
    ("g2", "z", "da*(1-a**2)", "wrong rule", "derivative of tanh"),
    ("g2", "z", "da*z*(1-z)", "wrong rule", "not z"),
    ("g2", "z", "da*a**2", "wrong rule", "not σ²"),
    ("g2", "z", "a", "value, not gradient", "value of a"),
    ("g2", "z", "2*(a-y)", "factor", "twice"),
    ("g2", "z", "(a-y)/2", "factor", "half"),
    ("g2", "z", "a - 0.3", "right here only", "y = 0.3"),
    ("g2", "z", "-y/a*a*(1-a)", "missing path", "A path is missing"),
    ("g2", "w1", "a - y", "missing factor", "∂z/∂w1 = x1 is missing: you stopped at ∂L/∂z"),
    ("g2", "w1", "x1*(y - a)", "sign", "Only the sign"),
    ("g2", "w1", "w1*(a - y)", "wrong rule", "operands are swapped"),
    ("g2", "w1", "x2*(a - y)", "another gradient", "This is ∂L/∂w2, not ∂L/∂w1"),
    ("g2", "w1", "x1*da", "missing factor", "∂a/∂z = a·(1 − a) is missing"),
    ("g2", "w1", "x1*a*(1-a)", "missing factor", "∂L/∂a"),
    ("g2", "w1", "x1*(a-y)*a*(1-a)", "extra factor", "∂a/∂z"),
    ("g2", "w1", "2*x1*(a-y)", "factor", "twice"),
    ("g2", "w1", "0.5*x1*(a-y)", "factor", "half"),
    ("g2", "w1", "2*(a-y)", "right here only", "x1 = 2"),
    ("g2", "w1", "x1**2*(a-y)", "extra factor", "∂z/∂w1 = x1"),
    ("g2", "w1", "x1*(a-y)*a", "extra factor", "times a"),
    ("g2", "w1", "-x1*da", "two mistakes", "And the sign is wrong"),
    ("g2", "w1", "da*a*(1+a)", "two mistakes", "The first on the way back from L"),
    ("g2", "w1", "(a-y)/x1", "upside down", "divided by"),
    ("g2", "w1", "sin(a)", "no match", "No common mistake"),
    ("g2", "w2", "a - y", "missing factor", "∂z/∂w2 = x2 is missing"),
    ("g2", "w2", "w2*(a - y)", "wrong rule", "swapped"),
    ("g2", "b", "b*(a - y)", "extra factor", "times b"),
    ("g2", "b", "da", "missing factor", "you stopped at ∂L/∂a|∂a/∂z"),
    ("g2", "b", "y - a", "sign", "Only the sign"),
    ("g2", "b", "1", "upstream missing", "This is ∂z/∂b: what comes from above, ∂L/∂z, is missing"),
    ("g2", "w1", "x1", "upstream missing", "∂L/∂z, is missing"),
    ("g6", "w1", "w2*a1*(1-a1)*x", "upstream missing", "∂L/∂z2, is missing"),
    # logistic regression, m examples
    ("g3", "w1", "sum(x1*(a-y))", "wrong rule", "This is the derivative of the sum; J is a mean, so 1/4 is missing"),
    ("g3", "w1", "mean(x1*(y-a))", "sign", "Only the sign"),
    ("g3", "w1", "mean(a-y)", "missing factor", "∂z/∂w1 = x1 is missing"),
    ("g3", "w1", "mean(x2*(a-y))", "another gradient", "∂J/∂w2"),
    ("g3", "w1", "mean(x1*(a-y)*a*(1-a))", "extra factor", "∂a/∂z"),
    ("g3", "w1", "mean(w1*(a-y))", "wrong rule", "swapped"),
    ("g3", "w1", "2*mean(x1*(a-y))", "factor", "twice"),
    ("g3", "w1", "mean(x1*(a-y))/m", "extra factor", "∂J/∂L = 1/4 is there once too often"),
    ("g3", "w1", "mean(x1*da)*m", "missing factor", "∂a/∂z = a·(1 − a) is missing"),
    ("g3", "w1", "mean(x1*a*(1-a))", "missing factor", "∂L/∂a"),
    ("g3", "w1", "sum(da*a*(1+a)*x1)", "wrong rule", "with a minus"),
    ("g3", "w1", "-sum(x1*(a-y))", "two mistakes|factor", "sign"),
    ("g3", "b", "sum(a-y)", "wrong rule", "1/4 is missing"),
    ("g3", "b", "mean(y-a)", "sign", "sign"),
    ("g3", "b", "m*mean(da)", "missing factor", "∂a/∂z"),
    ("g3", "z", "a - y", "wrong rule", "1/4 is missing"),
    ("g3", "z", "(y-a)/m", "sign", "sign"),
    ("g3", "z", "(a-y)/m*a*(1-a)", "extra factor", "∂a/∂z"),
    ("g3", "z", "da", "missing factor", "you stopped at ∂J/∂a"),
    ("g3", "a", "-y/a/m", "missing path", "A path is missing"),
    ("g3", "w1", "mean(x1*a)", "no match", "No common mistake"),
    # a training step
    ("g5", "a", "y - a", "sign", "sign"),
    ("g5", "a", "2*(a - y)", "factor|missing factor", "0.5|½"),
    ("g5", "a", "(a - y)/2", "factor|wrong rule", "exponent|half"),
    ("g5", "a", "(a-y)**2", "wrong rule|factor", "exponent|power"),
    ("g5", "t1", "a - y", "missing factor", "∂a/∂t1 = h1 is missing: you stopped at ∂J/∂a"),
    ("g5", "t1", "(a - y)*t1", "wrong rule", "swapped"),
    ("g5", "t1", "(y - a)*h1", "sign", "sign"),
    ("g5", "t1", "(a - y)*h2", "another gradient", "∂J/∂t2"),
    ("g5", "t1", "2*(a-y)*h1", "factor|missing factor", "0.5|½"),
    ("g5", "z1", "(a-y)*t1", "missing factor", "∂h1/∂z1 = h1·(1 − h1) is missing: you stopped at ∂J/∂h1"),
    ("g5", "z1", "(a-y)*t1*h1*(1+h1)", "wrong rule", "with a minus"),
    ("g5", "z1", "(a-y)*t1*(1-h1**2)", "wrong rule", "tanh"),
    ("g5", "z1", "(a-y)*t1*z1*(1-z1)", "wrong rule", "not z"),
    ("g5", "z1", "(a-y)*h1*(1-h1)", "missing factor", "∂a/∂h1 = t1 is missing"),
    ("g5", "t11", "(a-y)*t1*h1*(1-h1)", "missing factor", "∂z1/∂t11 = x1 is missing: you stopped at ∂J/∂z1"),
    ("g5", "t11", "(a-y)*t1*x1", "missing factor", "∂h1/∂z1"),
    ("g5", "t11", "(a-y)*h1*(1-h1)*x1", "missing factor", "∂a/∂h1 = t1"),
    ("g5", "t11", "t1*h1*(1-h1)*x1", "missing factor", "∂J/∂a"),
    ("g5", "t11", "(a-y)*t1*h1*(1-h1)*x2", "another gradient", "∂J/∂t12"),
    ("g5", "t11", "(a-y)*t2*h2*(1-h2)*x1", "another gradient", "∂J/∂t21"),
    ("g5", "t11", "(y-a)*t1*h1*(1-h1)*x1", "sign", "sign"),
    ("g5", "t11", "(a-y)*t1*h1*(1-h1)*2", "right here only", "x1 = 2"),
    ("g5", "t11", "(a-y)*t1*h1*(1-h1)*t11", "wrong rule", "swapped"),
    ("g5", "t11", "(a-y)*t1*x1*t1*h1*(1-h1)", "extra factor", "∂a/∂h1 = t1"),
    ("g5", "x1", "dz1*t11", "missing path", "through z2 is missing"),
    ("g5", "x1", "dz2*t21", "missing path", "through z1 is missing"),
    # three layers
    ("g6", "w3", "-(y - a3)", "missing factor", "∂z3/∂w3 = a2 is missing"),
    ("g6", "w3", "(y - a3)*a2", "sign", "sign"),
    ("g6", "w3", "(a3 - y)*a3*(1-a3)*a2", "extra factor", "∂a3/∂z3"),
    ("g6", "w2", "w3*(a3 - y)*a1", "missing factor", "∂a2/∂z2 = a2·(1 − a2) is missing"),
    ("g6", "w2", "a2*(1-a2)*(a3 - y)*a1", "missing factor", "∂z3/∂a2 = w3"),
    ("g6", "w2", "w3*a2*(1-a2)*(a3 - y)*a2", "another name", "a2 stands where a1 belongs"),
    ("g6", "w2", "w3*a2*(1+a2)*(a3 - y)*a1", "wrong rule", "with a minus"),
    ("g6", "w1", "(a3-y)*w3*a2*(1-a2)*w2*a1*(1-a1)", "missing factor", "you stopped at ∂L/∂z1"),
    ("g6", "w1", "(a3-y)*w3*w2*a1*(1-a1)*x", "missing factor", "∂a2/∂z2"),
    ("g6", "w1", "(a3-y)*w3*a2*(1-a2)*a1*(1-a1)*x", "missing factor", "∂z2/∂a1 = w2"),
    ("g6", "w1", "(a3-y)*w3*w2*x", "missing factor|two mistakes", "∂a2/∂z2"),
    ("g6", "w1", "(y-a3)*w3*a2*(1-a2)*w2*a1*(1-a1)*x", "sign", "sign"),
    ("g6", "w1", "(a3-y)*w3*a2*(1-a2)*w2*(1-a1**2)*x", "wrong rule", "tanh"),
    ("g6", "b1", "(a3-y)*w3*a2*(1-a2)*w2*a1*(1-a1)*x", "another gradient", "∂L/∂w1"),
    ("g6", "b1", "(a3-y)*w3*a2*(1-a2)*w2", "missing factor", "you stopped at ∂L/∂a1"),
    ("g6", "b1", "(a3-y)*w3*a2*(1-a2)*a1*(1-a1)", "missing factor", "∂z2/∂a1 = w2"),
    # vectorisation
    ("matrices", "Z2", "A2 - Y", "wrong rule", "1/4 is missing"),
    ("matrices", "Z2", "(Y - A2)/m", "sign", "sign"),
    ("matrices", "W2", "(A2 - Y) @ A1.T", "wrong rule", "1/4 is missing"),
    ("matrices", "W2", "(Y - A2) @ A1.T/m", "sign", "sign"),
    ("matrices", "W2", "(A2 - Y) @ A1/m", "shape", "for @ the columns of the first"),
    ("matrices", "W2", "A1 @ (A2 - Y).T/m", "shape", "is a .T missing"),
    ("matrices", "b2", "sum(A2 - Y, axis=1)", "wrong rule", "1/4 is missing"),
    ("matrices", "Z1", "W2.T @ dZ2", "missing factor", "= 1 − a1_0² is missing"),
    ("matrices", "Z1", "(W2.T @ dZ2)*(1 - A1)", "wrong rule", "the square is missing"),
    ("matrices", "Z1", "(W2.T @ dZ2)*A1*(1 - A1)", "wrong rule", "derivative of the sigmoid"),
    ("matrices", "Z1", "(W2.T @ dZ2)*(1 + A1**2)", "wrong rule", "with a minus"),
    ("matrices", "W1", "W2.T @ dZ2 @ A0.T", "missing factor", "is missing"),
    ("matrices", "W1", "m*dZ1 @ A0.T", "wrong rule", "1/4 is missing"),
    ("matrices", "W1", "dZ1 @ A0", "shape", "(3, 4) and (2, 4)"),
    ("matrices", "W1", "-dZ1 @ A0.T", "sign", "sign"),
    ("matrices", "b1", "mean(dZ1)", "shape", "has ()"),
    ("matrices", "b1", "sum(dZ1, axis=1)/m", "extra factor", "∂J/∂L = 1/4 is there once too often"),
    ("matrices", "b1", "sum(dZ1, axis=0)", "shape", "(4,)"),
    ("matrices", "W1", "dA1 @ A0.T", "missing factor", "is missing"),
    # §3
    ("sigmoid", "z", "2*(a-y)*a*(1+a)", "wrong rule", "minus"),
    ("sigmoid", "z", "2*(a-y)", "missing factor", "∂a/∂z = a·(1 − a) is missing"),
    ("sigmoid", "z", "a - y", "two mistakes|no match", ""),
    ("sigmoid", "z", "(a-y)*a*(1-a)", "wrong rule|factor", "exponent"),
    ("tanh", "z", "2*(a-y)*(1-a)", "wrong rule", "the square is missing"),
    ("tanh", "z", "2*(a-y)*(1+a**2)", "wrong rule", "minus"),
    ("tanh", "z", "2*(a-y)*a*(1-a)", "wrong rule", "derivative of the sigmoid"),
    ("tanh", "z", "2*(a-y)*(1-z**2)", "wrong rule", "not z"),
    ("tanh", "z", "2*a*(1-a**2)", "no match", ""),
    ("relu", "z", "2*(a-y)*a", "wrong rule", "not its value"),
    ("relu", "z", "2*(a-y)", "missing factor|right here only|zero", "z"),
    ("leaky_relu", "z", "2*(a-y)*step(z)", "wrong rule", "not 0, where z < 0"),
    ("prelu", "slope", "2*(a-y)*z", "wrong rule", "z > 0"),
    ("prelu", "slope", "2*(a-y)*(1-step(z))", "wrong rule", "z stays"),
    ("prelu", "z", "2*(a-y)*step(z)", "wrong rule", "where z < 0"),
    ("softplus", "z", "2*(a-y)*a", "wrong rule", "not softplus itself"),
    ("softplus", "z", "2*(a-y)*sigmoid(z)*(1-sigmoid(z))", "wrong rule", "σ(z) itself"),
    ("softplus", "z", "2*(a-y)*exp(z)", "wrong rule", "the outer 1/(1 + eᶻ) is missing"),
    ("log", "z", "2*(a-y)*z", "wrong rule", "not x"),
    ("log", "z", "2*(a-y)/z**2", "wrong rule|extra factor", ""),
    ("exp", "z", "2*(a-y)*z*exp(z-1)", "wrong rule", "rule for powers"),
    ("exp", "z", "2*(a-y)", "missing factor", "∂a/∂z"),
    ("sqrt", "z", "2*(a-y)/a", "wrong rule|factor", "2"),
    ("sqrt", "z", "(a-y)/z", "wrong rule", "with the root"),
    # several paths
    ("fan", "a", "v*b", "missing path", "The path through v is missing"),
    ("fan", "a", "u", "missing path", "The path through u is missing"),
    ("fan", "b", "u", "missing path", "through u"),
    ("fan", "a", "v*a + u", "wrong rule", "swapped"),
    ("fan", "a", "b + 1", "two mistakes|no match", ""),
    ("three", "a", "cos(a) + 3*a**2", "missing path", "through r"),
    ("three", "a", "exp(a)", "overwritten", "add contributions up"),
    ("three", "a", "cos(a)", "overwritten", "through p"),
    ("three", "a", "-cos(a) + 3*a**2 + exp(a)", "sign", "cos(a)"),
    ("three", "a", "cos(a) + a**2 + exp(a)", "wrong rule", "the exponent comes down"),
    ("three", "a", "cos(a) + 3*a**3 + exp(a)", "wrong rule", "goes down by one"),
    ("three", "a", "sin(a) + 3*a**2 + exp(a)", "wrong rule", "sin′ is cos"),
    ("three", "a", "cos(a) + 3*a**2 + a*exp(a-1)", "wrong rule", "rule for powers"),
]  # fmt: skip
