"""Neurons, losses and networks."""

from .calculus import CS231N
from .entry import Entry, Page

KARPATHY = (
    "A. Karpathy, “The spelled-out intro to neural networks and backpropagation: building micrograd”, lecture, 2022."
)
MAZUR = "M. Mazur, “A Step by Step Backpropagation Example”, 2015."

NEURONS = Page(
    "neurons",
    "Neurons",
    "One unit: a weighted sum and a function that bends it.",
    (
        Entry(
            "sigmoid",
            "A sigmoid neuron",
            "All gradients share one factor, a(1 − a) = 0.73 · 0.27 ≈ 0.2; then each weight gets its input, "
            "and each input its weight.",
            "s = w0*x0 + w1*x1 + w2; a = sigmoid(s)",
            {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
            0.7311,
            {"w0": -0.1966, "x0": 0.3932, "w1": -0.3932, "x1": -0.5898, "w2": 0.1966},
            {"s": "a*(1 - a)", "w0": "x0*a*(1 - a)", "x0": "w0*a*(1 - a)"},
            source=CS231N + ": a neuron with two inputs.",
        ),
        Entry(
            "gates",
            "The sigmoid, gate by gate",
            "The same derivative without knowing it: four small steps multiply to a(1 − a) = 0.1966.",
            "k = exp(-z); s = 1 + k; a = 1/s",
            {"z": 1},
            0.7311,
            {"z": 0.1966},
            {"z": "a*(1 - a)", "s": "-1/s**2", "k": "-a**2"},
        ),
        Entry(
            "tanh",
            "A neuron with tanh",
            "x₂ is 0, so w₂ gets no gradient: moving it changes nothing here. tanh′ is 1 − o² = 0.5, which "
            "is what b was chosen for.",
            "n = x1*w1 + x2*w2 + b; o = tanh(n)",
            {"x1": 2, "w1": -3, "x2": 0, "w2": 1, "b": 6.8813735870195432},
            0.7071,
            {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5},
            {"n": "1 - o**2", "x1": "w1*(1 - o**2)", "w1": "x1*(1 - o**2)"},
            source=KARPATHY,
        ),
        Entry(
            "vanishing",
            "A gradient that vanishes",
            "Five sigmoids in a row. No arrow carries more than 1/4, so at most 1/1024 of the gradient "
            "arrives; here it is 0.000676.",
            "a1 = sigmoid(x); a2 = sigmoid(a1); a3 = sigmoid(a2); a4 = sigmoid(a3); a5 = sigmoid(a4)",
            {"x": 0},
            0.658628,
            {"x": 0.000676},
            {"a4": "a5*(1 - a5)", "x": "a1*(1 - a1)*a2*(1 - a2)*a3*(1 - a3)*a4*(1 - a4)*a5*(1 - a5)"},
            digits=6,
        ),
    ),
)

LOSSES = Page(
    "losses",
    "Losses",
    "What is made small, and what it asks of the outputs.",
    (
        Entry(
            "mse",
            "Mean squared error of a line",
            "w and b are used by every example: their gradients are sums over the three points.",
            "r1 = w*x1 + b - y1; r2 = w*x2 + b - y2; r3 = w*x3 + b - y3; J = mean([r1**2, r2**2, r3**2])",
            {"w": 0.64, "b": 0, "x1": 0.5, "x2": 2.3, "x3": 2.9, "y1": 1.4, "y2": 1.9, "y3": 3.2},
            1.0520,
            {
                "w": -3.6147,
                "x1": -0.4608,
                "b": -1.9013,
                "y1": 0.72,
                "x2": -0.1826,
                "y2": 0.2853,
                "x3": -0.5734,
                "y3": 0.896,
            },
            {"w": "2/3*(r1*x1 + r2*x2 + r3*x3)", "b": "2/3*(r1 + r2 + r3)"},
        ),
        Entry(
            "logistic",
            "Logistic regression",
            "The long way over the two logarithms ends at z with a − y: the denominators cancel.",
            "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1 - y)*log(1 - a))",
            {"w1": 0.5, "w2": -1, "b": 0.25, "x1": 2, "x2": 1, "y": 1},
            0.5759,
            {"y": -0.25, "w1": -0.8756, "x1": -0.2189, "w2": -0.4378, "x2": 0.4378, "b": -0.4378},
            {"a": "-y/a + (1 - y)/(1 - a)", "z": "a - y", "w1": "x1*(a - y)", "w2": "x2*(a - y)", "b": "a - y"},
        ),
        Entry(
            "stable",
            "The same loss, in a form that does not overflow",
            "For z = −800 the sigmoid is 0 to the last digit, and −log(0) is infinite. softplus(z) − yz is "
            "the same loss, and right: 800, with the slope −1.",
            "z = w*x + b; L = softplus(z) - y*z",
            {"w": -20, "x": 40, "b": 0, "y": 1},
            800.0,
            {"w": -40.0, "x": 20.0, "b": -1.0, "y": 800.0},
            {"z": "sigmoid(z) - y", "w": "x*(sigmoid(z) - y)"},
            session='>>> parse("-log(sigmoid(z))", z=-800).data\ninf',
        ),
        Entry(
            "softmax",
            "Cross-entropy of a softmax",
            "Class 1 is right. The gradients are p − y: −0.341 pulls z₁ up, the others are pushed down, and "
            "their sum is 0.",
            "p1 = softmax([z1, z2, z3])[0]; L = -log(p1)",
            {"z1": 2, "z2": 1, "z3": 0.1},
            0.4170,
            {"z1": -0.341, "z2": 0.2424, "z3": 0.0986},
            {"z1": "p1 - 1", "z2": "exp(z2)/(exp(z1) + exp(z2) + exp(z3))"},
        ),
        Entry(
            "logsumexp",
            "The logarithm of a sum of exponentials",
            "Its gradients are the softmax: they are positive and their sum is 1. It is a maximum with soft edges.",
            "f = logsumexp([x1, x2, x3])",
            {"x1": 1, "x2": 2, "x3": 3},
            3.4076,
            {"x1": 0.09, "x2": 0.2447, "x3": 0.6652},
            {"x1": "exp(x1)/(exp(x1) + exp(x2) + exp(x3))"},
        ),
        Entry(
            "penalty",
            "An L2 penalty",
            "w has two users: the error pulls at it with x(wx − y) = 1.5, the penalty with λw = 0.2, always towards 0.",
            "E = 0.5*(w*x - y)**2; R = 0.5*λ*w**2; J = E + R",
            {"w": 2, "x": 1.5, "y": 2, "λ": 0.1},
            0.7,
            {"w": 1.7, "x": 2.0, "y": -1.0, "λ": 2.0},
            {"w": "x*(w*x - y) + λ*w"},
        ),
    ),
)

NETWORKS = Page(
    "networks",
    "Networks",
    "Units in layers, numbers that are normalised, weights that are shared.",
    (
        Entry(
            "two_one",
            "Two hidden units, one output",
            "The error a − y = −0.811 is handed back over v₁ and v₂, and on the way each unit multiplies it "
            "by its own a(1 − a): little is left for the first layer.",
            "z1 = w11*x1 + w12*x2; z2 = w21*x1 + w22*x2; a1 = sigmoid(z1); a2 = sigmoid(z2); "
            "a = v1*a1 + v2*a2; J = 0.5*(a - y)**2",
            {"w11": 0.11, "w12": 0.12, "w21": 0.21, "w22": 0.08, "v1": 0.14, "v2": 0.15, "x1": 2, "x2": 3, "y": 1},
            0.329154,
            {
                "v1": -0.520137,
                "w11": -0.052274,
                "x1": -0.008616,
                "w12": -0.078412,
                "x2": -0.005324,
                "v2": -0.534899,
                "w21": -0.054678,
                "w22": -0.082017,
                "y": 0.811362,
            },
            {"a": "a - y", "v1": "(a - y)*a1", "z1": "(a - y)*v1*a1*(1 - a1)", "w11": "(a - y)*v1*a1*(1 - a1)*x1"},
            digits=6,
        ),
        Entry(
            "two_layers",
            "Two layers, step by step",
            "w₁ reaches both errors: its gradient has two paths, over o₁ and over o₂. The session takes one "
            "step with the learning rate 0.5; what is published for the error after it is one of the "
            "[mistakes that were found](../mistakes.md).",
            "E = 0.5*(t1 - o1)**2 + 0.5*(t2 - o2)**2; o1 = sigmoid(z3); z3 = w5*h1 + w6*h2 + b2; "
            "o2 = sigmoid(z4); z4 = w7*h1 + w8*h2 + b2; h1 = sigmoid(z1); z1 = w1*i1 + w2*i2 + b1; "
            "h2 = sigmoid(z2); z2 = w3*i1 + w4*i2 + b1",
            {
                "w1": 0.15,
                "w2": 0.2,
                "w3": 0.25,
                "w4": 0.3,
                "w5": 0.4,
                "w6": 0.45,
                "w7": 0.5,
                "w8": 0.55,
                "i1": 0.05,
                "i2": 0.1,
                "b1": 0.35,
                "b2": 0.6,
                "t1": 0.01,
                "t2": 0.99,
            },
            0.298371,
            {
                "t1": -0.741365,
                "w5": 0.082167,
                "w1": 0.000439,
                "i1": 0.003804,
                "w2": 0.000877,
                "i2": 0.004741,
                "b1": 0.018726,
                "w6": 0.082668,
                "w3": 0.000498,
                "w4": 0.000995,
                "b2": 0.1004,
                "t2": 0.217072,
                "w7": -0.022603,
                "w8": -0.02274,
            },
            {"z3": "(o1 - t1)*o1*(1 - o1)", "w5": "(o1 - t1)*o1*(1 - o1)*h1"},
            source=MAZUR,
            session='>>> w5, w1 = (v for v in graph.leaves(f) if v.label in ("w1", "w5"))\n'
            ">>> round(w1.data - 0.5*w1.grad, 9), round(w5.data - 0.5*w5.grad, 8)   # as published\n"
            "(0.149780716, 0.35891648)",
            digits=6,
            rankdir="TB",
        ),
        Entry(
            "batchnorm",
            "Batch normalisation of three numbers",
            "y₁ depends on all three x: over μ, over v and directly. The three gradients add up to 0: adding "
            "the same number to all x changes nothing.",
            "mu = mean([x1, x2, x3]); v = mean([(x1 - mu)**2, (x2 - mu)**2, (x3 - mu)**2]); "
            "n1 = (x1 - mu)/sqrt(v + 0.00001); y1 = gamma*n1 + beta",
            {"x1": 1, "x2": 2, "x3": 6, "gamma": 1.5, "beta": 0.5},
            -0.8887,
            {"gamma": -0.9258, "x1": 0.2645, "x2": -0.3306, "x3": 0.0661, "beta": 1.0},
            {"gamma": "n1", "beta": "1", "x1": "gamma/sqrt(v + 0.00001)*(2/3 - n1**2/3)"},
            source="S. Ioffe, C. Szegedy, “Batch normalization: accelerating deep network training by reducing "
            "internal covariate shift”, ICML 2015.",
        ),
        Entry(
            "convolution",
            "A convolution in one dimension",
            "Two weights slide over four numbers. Each weight has three users, and its gradient is the sum "
            "over the places: a convolution, again.",
            "y1 = w1*x1 + w2*x2; y2 = w1*x2 + w2*x3; y3 = w1*x3 + w2*x4; L = y1**2 + y2**2 + y3**2",
            {"w1": 1, "w2": -0.5, "x1": 1, "x2": 2, "x3": 0, "x4": -1},
            4.25,
            {"w1": 8.0, "x1": 0.0, "w2": -1.0, "x2": 4.0, "x3": -1.0, "x4": -0.5},
            {"w1": "2*(y1*x1 + y2*x2 + y3*x3)", "x2": "2*(y1*w2 + y2*w1)"},
        ),
    ),
)

SEQUENCES = Page(
    "sequences",
    "Sequences",
    "Weights that are the same at every time, gates that remember, keys that are looked up.",
    (
        Entry(
            "rnn",
            "A recurrent network, three steps",
            "w, u and b are the same at every time step: each collects three contributions (u two), and the "
            "earliest ones have come through the most factors u(1 − h²).",
            "h1 = tanh(w*x1 + b); h2 = tanh(w*x2 + u*h1 + b); h3 = tanh(w*x3 + u*h2 + b); L = 0.5*(h3 - y)**2",
            {"w": 0.5, "u": 0.8, "b": 0.1, "x1": 1, "x2": -1, "x3": 0.5, "y": 1},
            0.2066,
            {"w": -0.0873, "x3": -0.2804, "u": -0.2573, "x2": -0.2241, "x1": -0.1276, "b": -1.2641, "y": 0.6428},
            {"h3": "h3 - y", "h2": "(h3 - y)*(1 - h3**2)*u", "h1": "(h3 - y)*(1 - h3**2)*u*(1 - h2**2)*u"},
        ),
        Entry(
            "lstm",
            "The gates of an LSTM cell",
            "On the way from c₁ back to c₀ stands a single factor, f = σ(z_f) = 0.88: no tanh and no weight. A "
            "gradient lives long while f is near 1.",
            "f = sigmoid(z_f); i = sigmoid(z_i); g = tanh(z_g); o = sigmoid(z_o); c1 = f*c0 + i*g; h1 = o*tanh(c1)",
            {"z_f": 2, "z_i": -1, "z_g": 0.5, "z_o": 1, "c0": 0.8},
            0.4970,
            {"z_o": 0.1337, "z_f": 0.033, "c0": 0.3463, "z_i": 0.0357, "z_g": 0.0831},
            {"c1": "o*(1 - tanh(c1)**2)", "c0": "f*o*(1 - tanh(c1)**2)", "z_f": "c0*f*(1 - f)*o*(1 - tanh(c1)**2)"},
            source="S. Hochreiter, J. Schmidhuber, “Long short-term memory”, *Neural Computation* 9, 1997; the gate "
            "f is of F. A. Gers, J. Schmidhuber, F. Cummins, “Learning to forget”, *Neural Computation* 12, "
            "2000.",
        ),
        Entry(
            "attention",
            "Attention over two keys",
            "What flows to the scores is p₁(v₁ − o): a score is raised if its value lies above the mean o, "
            "and both gradients add up to 0.",
            "s1 = (q1*k11 + q2*k12)/sqrt(2); s2 = (q1*k21 + q2*k22)/sqrt(2); p1 = softmax([s1, s2])[0]; "
            "p2 = softmax([s1, s2])[1]; o = p1*v1 + p2*v2",
            {"q1": 1, "q2": 0.5, "k11": 1, "k12": -1, "k21": 0.5, "k22": 2, "v1": 3, "v2": -1},
            0.3210,
            {
                "q1": 0.3128,
                "k11": 0.6256,
                "q2": -1.8768,
                "k12": 0.3128,
                "k21": -0.6256,
                "k22": -0.3128,
                "v1": 0.3302,
                "v2": 0.6698,
            },
            {"s1": "p1*(v1 - o)", "s2": "p2*(v2 - o)", "v1": "p1", "k11": "p1*(v1 - o)*q1/sqrt(2)"},
            source="A. Vaswani et al., “Attention is all you need”, NeurIPS 2017.",
        ),
    ),
)
