"""What earns all points in the exercises of the course."""

import math

from autograd import sigmoid, step, where


def neuron(*w, b):
    return lambda x: sigmoid(sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b)


def stable_sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def last_state(w, u):
    """A linear recurrence, from h = 0."""

    def read(xs):
        h = 0.0
        for x in xs:
            h = w * x + u * h
        return h

    return read


SOLUTIONS = {
    "00-derivative": {"cube": lambda x: 3 * x**2, "level": lambda _: 0, "falling": lambda _: -4},
    "00-gears": {"second": 10, "both": 60, "three": 60},
    "00-signs": {"falls": "falls by 0.03", "level": "f is level at 2", "held": "they are held"},
    "00-rectangle": {"dp": "q + r", "dq": "p", "dr": "p"},
    "01-change": {"zero": "∂J/∂b", "double": 6, "bump": 0.09},
    "01-square": {"arrows": 2, "each": 3, "total": 6},
    "01-two-users": {"dv": "u", "du": "v + u", "da": "du*b"},
    "01-order": {"users": "a", "first": "a", "last": -2},
    "02-batch": {"each": -0.3, "mean": -0.35, "bias": 0.15},
    "02-squared-error": {"da": "a - y", "dz": "(a - y)*a*(1 - a)", "dw1": "x1*dz"},
    "02-saturated": {"slope": "exp(-20)", "squared": "hardly at all", "entropy": -1, "way": "up"},
    "02-sigmoid": {"sigmoid": stable_sigmoid},
    "03-warm-up": {"db": "3*c", "dc": "3*b"},
    "03-logistic": {
        "da": "-y/a + (1 - y)/(1 - a)",
        "dz": "a - y",
        "dw1": "x1*(a - y)",
        "dw2": "x2*(-(y/a)*a*(1 - a) + (1 - y)/(1 - a)*a*(1 - a))",
        "db": "1/(1 + exp(-z)) - y",
    },
    "03-three-layers": {
        "dw1": "(a3 - y)*w3*a2*(1 - a2)*w2*a1*(1 - a1)*x",
        "db1": "(a3 - y)*w3*a2*(1 - a2)*w2*a1*(1 - a1)",
    },
    "03-factors": {"factors": 6, "small": "1/64"},
    "03-matrices": {"dZ1": "W2.T @ dZ2 * (1 - A1**2)", "dW1": "dZ1 @ A0.T"},
    "03-penalty": {"dz": "a - y", "dw1": "x1*(a - y) + lam*w1", "db": "a - y"},
    "04-nand": {
        "nand": neuron(-20, -20, b=30),
        "nor": neuron(-20, -20, b=10),
        "sign": "both become their opposites",
    },
    "04-rule": {
        "dw": -1,
        "db": -2,
        "right": "yes",
        "rate": "all its numbers are half as large, its answers the same",
    },
    "04-but-not": {"neuron": neuron(20, -20, b=-10), "never": "it is never computed"},
    "04-majority": {"neuron": neuron(20, 20, 20, b=-30), "bias": -30},
    "05-slopes": {"tanh": 1, "tenth": 3.637, "leaky": 0.01},
    "05-zigzag": {"dw1": -1, "dw2": -1.6, "way": "both up", "cure": "inputs with mean 0"},
    "05-dead": {"relu": 0, "leaky": 0.1, "cure": "a larger bias"},
    "05-softmax": {"two": lambda z: [sigmoid(z[0]), 1 - sigmoid(z[0])]},
    "05-tanh": {"da": "a - y", "ds": "2*da", "dz": "(a - y)*(1 - a**2)"},
    "06-paths": {"dv1": "(p - y)*a1", "dw1": "(p - y)*v1*a1*(1 - a1)*x1", "dw2": "(p - y)*v1*a1*(1 - a1)*x2"},
    "06-biases": {"output": -0.8114, "hidden": -0.0261, "shape": "(2, 1)"},
    "06-step": {"w": 0.54, "done": "all 0", "twice": 2},
    "06-count": {"weights": 25, "parameters": 32, "shape": "(2, 5)"},
    "07-symmetry": {"zeros": "all 0", "biases": "no", "paths": 6},
    "07-variance": {"z": 4, "keep": 0.0025, "xavier": 0.005, "std": lambda n: math.sqrt(2 / (n[0] + n[1]))},
    "07-depth": {"grow": 117.39, "shrink": 0.00515, "per_layer": 1.096},
    "08-step": {"first": 0.6, "second": 1.08, "once": 0.5, "largest": 1},
    "08-ravine": {"largest": 0.1, "slow": 0.95, "size": "nothing, or hardly anything"},
    "08-momentum": {"one": 0.1, "two": 0.19, "limit": 1, "pytorch": 0.05},
    "08-adam": {"first": lambda x: -math.copysign(x[1], x[0])},
    "08-batches": {"steps": 160, "last": 8, "noise": "of 1"},
    "09-layer": {"layer": lambda x: [x[0] + 2 * x[1] + 1, 3 * x[0] + 4 * x[1], 5 * x[0] + 6 * x[1] - 1]},
    "09-broadcast": {"column": "(16, 1)", "row": 16, "db1": 4, "axis": "1"},
    "09-shapes": {"W2": "(4, 5)", "dZ1": "(5, 50)", "db3": "(2, 1)", "product": "dZ[2] A[1]ᵀ"},
    "09b-where": {
        "clipped": lambda x: where(step(x[0] - 1), 1, where(step(-1 - x[0]), -1, x[0])),
        "speed": "yes",
        "grad": -4,
    },
    "09b-batches": {"per_epoch": 7, "last": 8, "mean": 0.02},
    "09b-hinge": {"sure": 0, "unsure": 0.5, "slope": -1, "pull": "all the same"},
    "10-f1": {"f1": lambda counts: 2 * counts[0] / (2 * counts[0] + counts[1] + counts[2]) if any(counts) else 0},
    "10-metrics": {
        "accuracy": 0.965,
        "precision": "1/3",
        "recall": 0.75,
        "f1": "6/13",
        "raise_which": "recall",
    },
    "10-pixels": {"grey": 784, "rgb": 12288, "index": 33, "parameters": 2410},
    "10-softmax": {"L": "2*log(2)", "right": -0.75, "other": 0.5, "total": 0, "sure": "hardly"},
    "11-dropout": {"kept": 0.75, "gradient": 0.625, "predict": 0.6, "masks": 16},
    "11-fit": {"first": "overfits", "second": "underfits", "remedy": "more hidden units", "more_data": "the first"},
    "11-penalty": {"dz": "z - y", "dw": "x*(z - y) + lam1*sign(w) + lam2*w", "db": "z - y"},
    "11-stopping": {"stops": 8, "best": 5, "third": "it flatters"},
    "11b-convex": {"parabola": "convex", "sine": "not convex", "neuron": "not convex", "sum": "convex"},
    "11b-saddle": {"along": 0, "across": 0, "mixed": -1, "form": "a saddle"},
    "11b-second": {"slope": -1, "bend": 1, "most": "at w = 0"},
    "12-sharing": {"dw11": 5, "dw22": 4, "dx22": 8},
    "12-sizes": {"maps": 16, "side": 28, "parameters": 1216},
    "12-pooling": {"max_at_7": 5, "max_at_3": 0, "mean_at_3": 1.25},
    "12-edge": {"edge": lambda x: x[0] + x[1] - x[2] - x[3]},
    "13-two-steps": {
        "dh1": "(h2 - y)*(1 - h2**2)*u",
        "dw": "(h2 - y)*(1 - h2**2)*(x2 + u*(1 - h1**2)*x1)",
        "du": "(h2 - y)*(1 - h2**2)*h1",
    },
    "13-factors": {"half": 0.5625, "double": 1024, "flat": "vanishes", "first": "0.999"},
    "13-gates": {"keep": "f = 1, i = 0", "overwrite": "f = 0, i = 1", "rnn": 32, "lstm": 128},
    "13-counting": {"total": last_state(1, 1), "fading": last_state(1, 0.5), "alternating": last_state(2, -1)},
    "14-parameters": {"weights": 18, "parameters": 25, "updates": 14},
    "14-gradient": {"dz": 0.8, "dw1": -0.4, "line": "wider"},
    "14-xor": {"model": lambda x: x[0] * x[1] < 0, "neurons": 2, "feature": "x1*x2"},
    "14-regularisation": {"training": "none", "lines": "none", "share": 0.015},
}
