"""First graphs, the rules of calculus, gates and kinks."""

from .entry import Entry, Page

NG = "A. Ng, *Neural Networks and Deep Learning*, deeplearning.ai, 2017: “Computation graph”."
OLAH = "C. Olah, “Calculus on Computational Graphs: Backpropagation”, 2015."
CS231N = "Stanford’s CS231n, course notes “Backpropagation, Intuitions”"

FIRST = Page(
    "first",
    "First graphs",
    "Sums and products, and what happens where a node is used twice.",
    (
        Entry(
            "worked",
            "3(a + bc)",
            "A product passes the gradient on times the *other* factor: b gets 3 · c = 6, and c gets 3 · b = 9.",
            "u = b*c; v = a + u; J = 3*v",
            {"a": 5, "b": 3, "c": 2},
            33.0,
            {"a": 3.0, "b": 6.0, "c": 9.0},
            {"a": "3", "b": "3*c", "c": "3*b"},
            source=NG,
        ),
        Entry(
            "sums",
            "A sum times a sum",
            "Two paths lead from b to f, over c and over d. They add up: ∂f/∂b = d + c = 2 + 3 = 5.",
            "c = a + b; d = b + 1; f = c*d",
            {"a": 2, "b": 1},
            6.0,
            {"a": 2.0, "b": 5.0},
            {"a": "d", "b": "d + c"},
            source=OLAH,
        ),
        Entry(
            "circuit",
            "(x + y)z",
            "The sum hands the same gradient, −4, to both of its inputs.",
            "q = x + y; f = q*z",
            {"x": -2, "y": 5, "z": -4},
            -12.0,
            {"x": -4.0, "y": -4.0, "z": 3.0},
            {"x": "z", "y": "z", "z": "q"},
            source=CS231N + ", its first circuit.",
        ),
        Entry(
            "square",
            "x times x",
            "Both arrows start at the same node: each brings x, and the second is added to the first. That "
            "is where the 2 in 2x comes from.",
            "f = x*x",
            {"x": 3},
            9.0,
            {"x": 6.0},
            {"x": "2*x"},
        ),
        Entry(
            "shared",
            "ab + c, with a used again",
            "a has two users. Its gradient starts at 0 and gets two contributions, s and a · b; an engine "
            "that writes “=” for “+=” loses the first.",
            "s = a*b + c; f = s*a",
            {"a": 2, "b": -3, "c": 10},
            8.0,
            {"a": -2.0, "b": 4.0, "c": 2.0},
            {"a": "s + a*b", "b": "a*a", "c": "a"},
        ),
        Entry(
            "diamond",
            "A diamond",
            "Two paths part at u and meet again at f. The step back from u to x is taken once, when both "
            "contributions have come: that is why the order is the reverse topological one.",
            "u = x**2; p = 3*u; q = sin(u); f = p*q",
            {"x": 1.5},
            5.2520,
            {"x": -5.7179},
            {"u": "3*q + p*cos(u)", "x": "2*x*(3*sin(x**2) + 3*x**2*cos(x**2))"},
        ),
    ),
)

RULES = Page(
    "rules",
    "Rules of calculus",
    "The rules that one learns by heart are what a graph does by itself.",
    (
        Entry(
            "product",
            "The product rule",
            "(uv)′ = u′v + uv′: one term for each path from x to f.",
            "u = x**2; v = sin(x); f = u*v",
            {"x": 2},
            3.6372,
            {"x": 1.9726},
            {"x": "2*x*sin(x) + x**2*cos(x)"},
        ),
        Entry(
            "quotient",
            "The quotient rule",
            "The arrow from the denominator carries −u/v²: the minus of (u′v − uv′)/v² stands there, in orange.",
            "u = x**2 + 1; v = 3*x - 1; f = u/v",
            {"x": 2},
            1.0,
            {"x": 0.2},
            {"u": "1/v", "v": "-u/v**2", "x": "(2*x*v - 3*u)/v**2"},
        ),
        Entry(
            "chain",
            "A chain of five",
            "One path, so no sums: the gradient of x is the product of the five numbers on the arrows.",
            "u1 = 2*x; u2 = u1 + 1; u3 = u2**2; u4 = log(u3); f = sqrt(u4)",
            {"x": 1},
            1.4823,
            {"x": 0.4498},
            {"x": "2/((2*x + 1)*sqrt(log((2*x + 1)**2)))"},
        ),
        Entry(
            "gaussian",
            "The normal density",
            "x and μ get the same gradient with opposite signs: only their difference counts. σ is used "
            "twice, in the exponent and in front.",
            "z = (x - mu)/sigma; k = exp(-z**2/2); p = k/(sigma*sqrt(2*pi))",
            {"x": 2, "mu": 0.5, "sigma": 1.2},
            0.1522,
            {"x": -0.1585, "mu": 0.1585, "sigma": 0.0713},
            {"x": "-p*z/sigma", "mu": "p*z/sigma", "sigma": "p*(z**2 - 1)/sigma"},
            source="The density N(μ, σ²), as in C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, "
            "section 1.2.4.",
        ),
        Entry(
            "rosenbrock",
            "Rosenbrock’s valley",
            "At the point where optimisers are tried out, (−1.2, 1), almost all of the gradient comes over "
            "the steep term, 100(y − x²)².",
            "f = (1 - x)**2 + 100*(y - x**2)**2",
            {"x": -1.2, "y": 1},
            24.2,
            {"x": -215.6, "y": -88.0},
            {"x": "-2*(1 - x) - 400*x*(y - x**2)", "y": "200*(y - x**2)"},
            source="H. H. Rosenbrock, “An automatic method for finding the greatest or least value of a function”, "
            "*The Computer Journal* 3, 1960.",
        ),
        Entry(
            "newton",
            "A step of Newton’s method",
            "For √2. Three paths lead from x to the new x: directly, 1; over g, −1; over the slope s, 0.0556. The "
            "first two cancel, so an error in x is nearly gone after one step.",
            "g = x**2 - 2; s = 2*x; x_new = x - g/s",
            {"x": 1.5},
            1.4167,
            {"x": 0.0556},
            {"x": "(x**2 - 2)/(2*x**2)"},
            session=">>> round(abs(f.data - 2**0.5), 4)       # the old x was 0.0858 off\n0.0025",
        ),
        Entry(
            "double",
            "A derivative of a derivative",
            "This is the graph of g = f′ for f = x sin x, as `differentiate` writes it; backward through it gives f″.",
            "g = sin(x) + x*cos(x)",
            {"x": 2},
            0.0770,
            {"x": -2.6509},
            {"x": "2*cos(x) - x*sin(x)"},
            session=">>> from autograd import differentiate, to_text\n"
            '>>> first = parse("f = x*sin(x)", x=2)\n'
            ">>> to_text(differentiate(first, graph.leaves(first)[0]))\n"
            "'df_dx = sin(x) + x*cos(x)'",
        ),
    ),
)

GATES = Page(
    "gates",
    "Gates and kinks",
    "Where a gate is closed, or a function has a corner.",
    (
        Entry(
            "patterns",
            "Sum, product, maximum",
            "A sum hands its gradient to both inputs, a product multiplies it by the other input, a maximum "
            "sends all of it to the larger one: nothing reaches w.",
            "p = x*y; q = max(z, w); f = 2*(p + q)",
            {"x": 3, "y": -4, "z": 2, "w": -1},
            -20.0,
            {"x": -8.0, "y": 6.0, "z": 2.0, "w": 0.0},
            {"x": "2*y", "y": "2*x"},
            source=CS231N + ": “Patterns in backward flow”.",
        ),
        Entry(
            "tie",
            "A maximum with a tie",
            "x and y are equal, so there is no derivative. By convention both get half, and the sum is that "
            "of a maximum without a tie.",
            "f = max(x, y)",
            {"x": 2, "y": 2},
            2.0,
            {"x": 0.5, "y": 0.5},
        ),
        Entry(
            "relu",
            "ReLU: one unit alive, one dead",
            "z₂ is negative: its ReLU lets nothing through, the arrow is dashed, and w₂ does not learn from "
            "this example.",
            "z1 = w1*x; z2 = w2*x; y = relu(z1) + relu(z2)",
            {"w1": 2, "w2": -1, "x": 1.5},
            3.0,
            {"w1": 1.5, "x": 2.0, "w2": 0.0},
            {"w1": "x*step(z1)", "w2": "x*step(z2)", "x": "w1*step(z1) + w2*step(z2)"},
        ),
        Entry(
            "leaky",
            "Leaky ReLU",
            "The same two units: now a hundredth of the gradient comes through, and w₂ can recover.",
            "z1 = w1*x; z2 = w2*x; y = leaky_relu(z1) + leaky_relu(z2)",
            {"w1": 2, "w2": -1, "x": 1.5},
            2.985,
            {"w1": 1.5, "x": 1.99, "w2": 0.015},
            {"w1": "x*(0.01 + 0.99*step(z1))", "w2": "x*(0.01 + 0.99*step(z2))"},
            source="A. L. Maas, A. Y. Hannun, A. Y. Ng, “Rectifier nonlinearities improve neural network acoustic "
            "models”, ICML 2013.",
        ),
        Entry(
            "kink",
            "The kink of |x|",
            "At 0 the slope is −1 from the left and 1 from the right. The engine takes 0, as PyTorch and JAX "
            "do; the checker calls each value between −1 and 1 right, and says that it is a convention.",
            "u = abs(x); f = u + 2*x",
            {"x": 0},
            0.0,
            {"x": 2.0},
            session='>>> check(f, "dx = 3").ok, check(f, "dx = 3.5").ok       # from the right it is 3\n(True, False)',
        ),
    ),
)
