"""Worked examples that other courses publish, with their numbers, in our own words; and two published mistakes."""

import math
from itertools import pairwise

import pytest

import autograd
from autograd import Value, check, dot, graph, log, maximum, parameter, parse, sigmoid, sin, softmax
from nn import MLP


def gradients(root, *leaves):
    root.backward()
    return [leaf.grad for leaf in leaves]


def test_a_sum_times_z():
    x, y, z = Value(-2, "x"), Value(5, "y"), Value(-4, "z")
    f = (x + y) * z
    assert f.data == -12
    assert gradients(f, x, y, z) == [-4, -4, 3]


def test_the_sigmoid_circuit():
    """CS231n, "Backpropagation, intuitions": a neuron of two inputs, gate by gate."""
    w0, w1, w2, x0, x1 = (Value(v) for v in (2.0, -3.0, -3.0, -1.0, -2.0))
    s = w0 * x0 + w1 * x1 + w2
    by_gates = 1 / (1 + autograd.exp(-s))
    assert round(by_gates.data, 2) == 0.73
    found = gradients(by_gates, w0, w1, w2, x0, x1)
    assert [round(g, 2) for g in found] == [-0.20, -0.39, 0.20, 0.39, -0.59]
    slope = by_gates.data * (1 - by_gates.data)
    assert found == pytest.approx([-slope, -2 * slope, slope, 2 * slope, -3 * slope], rel=1e-14, abs=0)
    for leaf in (w0, w1, w2, x0, x1):
        leaf.grad = 0.0
    assert gradients(sigmoid(s), w0, w1, w2, x0, x1) == pytest.approx(found, rel=1e-14, abs=0)


def test_a_product_and_a_maximum_doubled():
    x, y, z, w = Value(3, "x"), Value(-4, "y"), Value(2, "z"), Value(-1, "w")
    f = 2 * (x * y + maximum(z, w))
    assert f.data == -20
    assert gradients(f, x, y, z, w) == [-8, 6, 2, 0]


def test_the_first_exercise_of_zero_to_hero():
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    f = -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5
    assert f.data == pytest.approx(6.336362190988558, rel=1e-15)
    assert gradients(f, a, b, c) == pytest.approx([-12.353553390593273, 10.25699027111255, 0.0625], rel=1e-15, abs=0)


# --- a network of 2, 2 and 2 units, one step --------------------------------------------------------

MAZUR = """E = 0.5*(t1 - o1)**2 + 0.5*(t2 - o2)**2;
    o1 = sigmoid(z3); z3 = w5*h1 + w6*h2 + b2; o2 = sigmoid(z4); z4 = w7*h1 + w8*h2 + b2;
    h1 = sigmoid(z1); z1 = w1*i1 + w2*i2 + b1; h2 = sigmoid(z2); z2 = w3*i1 + w4*i2 + b1"""
GIVEN = {"i1": 0.05, "i2": 0.10, "t1": 0.01, "t2": 0.99, "b1": 0.35, "b2": 0.60}
WEIGHTS = {f"w{k}": x for k, x in enumerate((0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55), 1)}
RATE = 0.5
HIDDEN = ["w1", "w2", "w3", "w4"]
OUTPUT = ["w5", "w6", "w7", "w8"]


def mazur(**weights):
    """E, and its gradients by the names of the weights (Mazur, "A step by step backpropagation example")."""
    J = parse(MAZUR, **GIVEN, **WEIGHTS | weights)
    J.backward()
    return J, {leaf.label: leaf.grad for leaf in graph.leaves(J)}


def stepped(names, gradients):
    return {name: WEIGHTS[name] - RATE * gradients[name] for name in names}


def updated_too_early():
    """The mistake: the error reaches the hidden layer through weights of the output layer that are new already."""
    J, right = mazur()
    node = {v.label: v for v in graph.topological(J)}
    new = stepped(OUTPUT, right)
    wrong = {}
    for hidden, (to_1, to_2), weights in (("1", ("w5", "w7"), ("w1", "w2")), ("2", ("w6", "w8"), ("w3", "w4"))):
        a = node[f"h{hidden}"].data
        dz = (node["z3"].grad * new[to_1] + node["z4"].grad * new[to_2]) * a * (1 - a)
        wrong |= {weights[0]: dz * GIVEN["i1"], weights[1]: dz * GIVEN["i2"]}
    return wrong


def test_mazurs_network():
    J, dw = mazur()
    assert round(J.data, 9) == 0.298371109
    new = stepped(HIDDEN + OUTPUT, dw)
    assert round(new["w5"], 8) == 0.35891648
    assert round(new["w1"], 9) == 0.149780716
    assert round(mazur(**new)[0].data, 9) == 0.291027774


def test_mazurs_error_after_one_step_comes_from_a_mistake():
    """0.291027924 is what is published; it follows from the gradients with weights updated too early."""
    _, right = mazur()
    after = mazur(**stepped(HIDDEN, updated_too_early()), **stepped(OUTPUT, right))[0]
    assert round(after.data, 9) == 0.291027924


def claims_of_the_mistake():
    wrong = updated_too_early()
    yield from ({name: wrong[name]} for name in HIDDEN)
    yield {"w1": round(wrong["w1"], 10)}
    yield {"w1": "((o1 - t1)*o1*(1 - o1)*(w5 - 0.5*dw5) + (o2 - t2)*o2*(1 - o2)*(w7 - 0.5*dw7))*h1*(1 - h1)*i1"}


@pytest.mark.parametrize("claim", list(claims_of_the_mistake()), ids=str)
def test_the_checker_names_mazurs_mistake(claim):
    report = check(mazur()[0], claim)
    (answer,) = report.answers
    used = "w5, w7" if answer.name in ("w1", "w2") else "w6, w8"
    assert answer.mistake == "updated too early"
    assert answer.diagnosis == (
        f"These are the numbers with weights that are updated already, by w − 0.5·∂E/∂w ({used}): the way back takes "
        "the weights that the forward pass took; update when it is done."
    )


def test_the_right_gradients_and_other_mistakes_are_not_called_so():
    J, dw = mazur()
    assert check(J, {name: dw[name] for name in HIDDEN}).ok
    for claim in (
        {"w1": 0.00037},
        {"w1": 0.000365},
        {"w1": round(dw["w1"], 9) + 1e-9},
        {"w1": -dw["w1"]},
        {"w5": dw["w5"] * 0.9},
    ):
        (answer,) = check(J, claim).answers
        assert answer.verdict == "wrong"
        assert answer.mistake != "updated too early"


def test_what_is_taken_for_a_weight():
    """The leaves that were made as parameters; where there are none, those called w."""
    found = []
    for make, letter in ((Value, "w"), (parameter, "u")):
        x, y, v1, v2 = Value(0.5, "x"), Value(2.0, "y"), make(0.7, f"{letter}1"), make(-1.5, f"{letter}2")
        J = y * (v2 * autograd.tanh(v1 * x))
        J.label = "J"
        J.backward()
        dv1 = y.data * (v2.data - 0.1 * v2.grad) * (1 - math.tanh(0.35) ** 2) * x.data
        found += check(J, {v1: dv1}).answers
    assert [answer.mistake for answer in found] == ["updated too early"] * 2
    assert ["(w2)" in found[0].diagnosis, "(u2)" in found[1].diagnosis] == [True, True]


def test_what_changes_nothing_explains_nothing():
    """A claim beside the right one: neither a tiny update nor a factor of 1 that is missing is the reason."""
    w1, w2 = parameter(0.7, "w1"), parameter(-1.5, "w2")
    J = 1e-6 * (w2 * autograd.tanh(w1))
    J.backward()
    answers = check(J, {w1: w1.grad * (1 + 5e-8)}).answers + check(mazur()[0], {"w5": 0.0821}).answers
    assert [answer.mistake for answer in answers] == ["no match"] * 2


@pytest.mark.parametrize("rate", [1.0, 0.05])
def test_the_same_mistake_in_a_network_of_layers(rate):
    """Its weights are parameters, so x and y are not taken for weights; biases carry nothing on."""
    model = MLP(2, [2, 1], "tanh", "sigmoid", seed=1)
    y = Value(1.0, "y")
    z = model([Value(0.5, "x1"), Value(-1.0, "x2")])
    J = -(y * log(z) + (1 - y) * log(1 - z))
    J.label = "J"
    J.backward()
    (out,), hidden = model.layers[1].neurons, model.layers[0].neurons[0]
    a = next(v for v in graph.topological(J) if v.label == "a[1]_1")
    dz = (z.data - 1) * (out.w[0].data - rate * out.w[0].grad) * (1 - a.data**2)
    (answer,) = check(J, {hidden.w[0]: dz * 0.5}).answers
    assert answer.mistake == "updated too early"
    assert f"by w − {rate:g}·∂J/∂w (w[2]_1,1)" in answer.diagnosis


# --- one graph, several roots -----------------------------------------------------------------------


def attention(tokens=(0, 2, 1, 3), size=3):
    """A GPT in small: a causal head over a sequence; one loss for each position, over one shared graph."""

    def matrix(rows, seed):
        numbers = [[math.sin(seed + 3 * i + j) for j in range(size)] for i in range(rows)]
        return [[parameter(x) for x in row] for row in numbers]

    embedding, queries, keys, values, head = (
        matrix(r, s) for r, s in ((4, 1), (size, 2), (size, 3), (size, 4), (4, 5))
    )

    def times(W, x):
        return [dot(row, x) for row in W]

    ks, vs, losses = [], [], []
    for token, target in pairwise(tokens):
        x = embedding[token]
        ks.append(times(keys, x))  # what earlier positions made is used again
        vs.append(times(values, x))
        shares = softmax([dot(times(queries, x), k) / size**0.5 for k in ks])
        mixed = [dot(shares, column) for column in zip(*vs, strict=True)]
        losses.append(-log(softmax(times(head, [u + v for u, v in zip(x, mixed, strict=True)]))[target]))
    return losses, [p for W in (embedding, queries, keys, values, head) for row in W for p in row]


def test_backward_at_each_position_is_backward_of_the_sum():
    losses, parameters = attention()
    want = gradients(autograd.sum(losses), *parameters)
    assert sum(map(abs, want)) > 1
    losses, parameters = attention()
    for loss in losses:
        loss.backward()
    assert [p.grad for p in parameters] == pytest.approx(want, rel=1e-13, abs=1e-15)
    for p in parameters:
        p.grad = 0.0
    for loss in reversed(losses):
        loss.backward()
    assert [p.grad for p in parameters] == pytest.approx(want, rel=1e-13, abs=1e-15)


def test_gradients_left_in_inner_nodes_would_be_counted_again():
    """What an engine does that never clears them: a public scalar GPT had 1144.09 for Σ|grad| where 0.9642 is right."""
    losses, parameters = attention()
    want = gradients(autograd.sum(losses), *parameters)
    losses, parameters = attention()
    for loss in losses:
        loss.grad = 1.0
        for node in reversed(graph.topological(loss)):
            node._backward()
    assert sum(abs(p.grad) for p in parameters) > 1.2 * sum(map(abs, want))
