"""The trace: its frames, its record, and that its gradients are those of ``backward()`` to the last bit."""

import ast
import json
import math

import pytest
from random_graphs import INDICES, corpus, node, recipe

import autograd
from autograd import StaleGraphError, Value, exp, graph, log, maximum, parse, sigmoid
from autograd.formulas.digits import digits
from autograd.steps.frames import count, frames
from autograd.steps.trace import Trace, trace
from autograd.steps.wording import mathematics
from autograd.steps.written import Written
from autograd.table.ops import OPS

G1 = "u = b*c; v = a + u; J = 3*v"
G2 = "L = -(y*log(a) + (1 - y)*log(1 - a)); a = sigmoid(z); z = w1*x1 + w2*x2 + b"
G2_LEAVES = {"w1": 0.5, "w2": -1, "x1": 2, "x2": 1, "b": 0.25, "y": 1}


def edges(t):
    return [event for event in t.record["events"] if event["type"] == "edge"]


def frame(t, title, by="edge"):
    """The frame of that title, the last if there are several."""
    return [f for f in t.frames(by) if f.title == title][-1]


# --- frames -----------------------------------------------------------------------------------------------


def test_g1_has_exactly_ten_frames():
    assert trace(parse(G1, a=5, b=3, c=2)).text() == (
        """\
[1/10] start
    a = 5, b = 3, c = 2
    Every input and parameter has its number. Each result is computed as soon as its inputs are known.

[2/10] forward: u
    u = b·c = 3 × 2 = 6
    All inputs of u are known, so u is computed.

[3/10] forward: v
    v = a + u = 5 + 6 = 11
    All inputs of v are known, so v is computed.

[4/10] forward: J
    J = 3·v = 3 × 11 = 33
    All inputs of J are known, so J is computed.

[5/10] seed
    ∂J/∂J = 1
    Backward begins at the result: J changes exactly as fast as itself, so its gradient is 1.

[6/10] backward: J → v
    ∂J/∂v = ∂J/∂J · ∂J/∂v
    J = 3·v  ⇒  ∂J/∂v = 3
    1 × 3 = 3
    v.grad: 0 + 3 → 3
    When v grows by a small ε, J changes by 3·ε.

[7/10] backward: v → a
    ∂J/∂a = ∂J/∂v · ∂v/∂a
    v = a + u  ⇒  ∂v/∂a = 1
    3 × 1 = 3
    a.grad: 0 + 3 → 3
    When a grows by a small ε, v changes by 1·ε, and J by 3 times that: 3·ε.

[8/10] backward: v → u
    ∂J/∂u = ∂J/∂v · ∂v/∂u
    v = a + u  ⇒  ∂v/∂u = 1
    3 × 1 = 3
    u.grad: 0 + 3 → 3
    When u grows by a small ε, v changes by 1·ε, and J by 3 times that: 3·ε.

[9/10] backward: u → b
    ∂J/∂b = ∂J/∂u · ∂u/∂b
    u = b·c  ⇒  ∂u/∂b = c = 2
    3 × 2 = 6
    b.grad: 0 + 6 → 6
    When b grows by a small ε, u changes by 2·ε, and J by 3 times that: 6·ε.

[10/10] backward: u → c
    ∂J/∂c = ∂J/∂u · ∂u/∂c
    u = b·c  ⇒  ∂u/∂c = b = 3
    3 × 3 = 9
    c.grad: 0 + 9 → 9
    When c grows by a small ε, u changes by 3·ε, and J by 3 times that: 9·ε.
"""
    )


def test_by_op_takes_the_edges_of_a_node_as_one_step():
    t = trace(parse(G1, a=5, b=3, c=2))
    titles = [f.title for f in t.frames("op")]
    assert titles == [*[f.title for f in t.frames()[:5]], "backward: J", "backward: v", "backward: u"]
    assert frame(t, "backward: u", "op").lines == [
        "u = b·c  ⇒  ∂u/∂b = c = 2",
        "∂J/∂b = ∂J/∂u · ∂u/∂b = 3 × 2 = 6",
        "u = b·c  ⇒  ∂u/∂c = b = 3",
        "∂J/∂c = ∂J/∂u · ∂u/∂c = 3 × 3 = 9",
    ]


def test_logistic_regression_comes_to_a_minus_y():
    t = trace(parse(G2, **G2_LEAVES))
    z = frame(t, "backward: a → z")
    assert z.lines[1:3] == [
        "a = σ(z)  ⇒  ∂a/∂z = a·(1 − a) = 0.5622 × (1 − 0.5622) = 0.2461",
        "−1.779 × 0.2461 = −0.4378",
    ]
    assert z.notes[-1] == "∂L/∂z = a − y = 0.5622 − 1 = −0.4378: what a sigmoid and cross-entropy come to."
    assert "σ(z) = 1/(1 + exp(−z))" in frame(t, "forward: a").lines


def test_an_opened_sigmoid_shows_its_parts():
    t = trace(parse("a = 1/(1 + exp(-z))", z=0.25))
    assert [f.title for f in t.frames() if f.kind == "edge"] == [
        "backward: a → 1 + exp(−z)",
        "backward: 1 + exp(−z) → exp(−z)",
        "backward: exp(−z) → −z",
        "backward: −z → z",
    ]
    assert frame(t, "backward: −z → z").lines[-1] == "z.grad: 0 + 0.2461 → 0.2461"


def logistic_mean(m):
    w, b = autograd.parameter(0.3, "w"), autograd.parameter(-0.1, "b")
    losses = []
    for i in range(1, m + 1):
        z = w * Value(i / m, f"x({i})") + b
        z.label = f"z({i})"
        a, y = sigmoid(z), Value(i % 2, f"y({i})")
        a.label = f"a({i})"
        losses.append(-(y * a.log() + (1 - y) * (1 - a).log()))
    return autograd.mean(losses)


def test_the_mean_over_m_examples_has_residuals_over_m():
    notes = [note for f in trace(logistic_mean(3)).frames() for note in f.notes if "entropy" in note]
    assert len(notes) == 3
    assert all(f"∂f/∂z({i}) = (a({i}) − y({i}))/3 = " in "".join(notes) for i in (1, 2, 3))


@pytest.mark.parametrize("formula", ["(sigmoid(z) - y)**2/2", "sigmoid(z)*y", "log(sigmoid(z))/y"])
def test_other_losses_are_no_residuals(formula):
    assert "entropy" not in trace(parse(formula, z=0.5, y=0.7)).text()


def test_no_residual_is_claimed_where_the_numbers_differ():
    t = trace(parse(G2, **G2_LEAVES | {"b": 800}))  # log(1 - a) of a = 1
    assert math.isnan(t.gradients()[next(i for i, n in enumerate(t.record["nodes"]) if n["name"] == "z")])
    assert "entropy" not in t.text()


def test_fan_out_is_stacked_and_waits():
    t = trace(parse("d = a*b; e = a + b; J = d*e", a=-2, b=3))
    first, second = (f for f in t.frames() if f.title in ("backward: d → a", "backward: e → a"))
    assert first.lines[0] == "∂J/∂a = ∂J/∂d · ∂d/∂a + ∂J/∂e · ∂e/∂a"
    assert first.notes == ["1 of 2 contributions to a arrived."]
    assert second.lines[-2:] == ["a.grad: 3 + (−6) → −3", "a.grad = 3 (via d) + (−6) (via e) = −3"]
    assert second.notes == ["2 of 2 contributions to a arrived: its gradient is their sum."]


def test_why_this_order_is_said_where_a_node_had_to_wait():
    t = trace(parse("u = a*b; d = u*u; e = u + d", a=2, b=3))
    said = [f.title for f in t.frames() for note in f.notes if note.startswith("Why only now? u is used by e, d")]
    assert said == ["backward: u → a"]
    assert sum("Why only now? u" in note for f in t.frames("op") for note in f.notes) == 1


@pytest.mark.parametrize(("formula", "gradient"), [("a + a", 2), ("a*a", 6)])
def test_an_operand_used_twice_has_two_edges(formula, gradient):
    t = trace(parse(formula, a=3))
    one, two = (f for f in t.frames() if f.kind == "edge")
    assert one.lines[0] == two.lines[0] == "∂f/∂a = ∂f/∂f · ∂f/∂a₁ + ∂f/∂f · ∂f/∂a₂"
    assert two.lines[-1] == f"a.grad = {gradient / 2:g} (via f) + {gradient / 2:g} (via f) = {gradient}"
    assert any(note.startswith("a stands in f more than once") for note in one.notes)


def test_sums_over_many_users_are_cut():
    t = trace(autograd.sum([Value(2.0, "x")] * 6))
    assert frame(t, "backward: f → x").lines == [
        "∂f/∂x = … + ∂f/∂f · ∂f/∂x₆ + …",
        "f = x + x + x + … + x  ⇒  ∂f/∂x₆ = 1",
        "1 × 1 = 1",
        "x.grad: 5 + 1 → 6",
    ]


def test_a_saturated_sigmoid_keeps_its_digits():
    f = frame(trace(parse("a = sigmoid(z)", z=80)), "backward: a → z")
    assert f.lines[1] == "a = σ(z)  ⇒  ∂a/∂z = a·(1 − a) = 1.805e−35"
    assert f.notes == ["Rounding would make 0 of the textbook's form: it is computed in one that keeps its digits."]


def test_edges_of_a_node_that_are_cut_off_one_after_the_other_are_one_step():
    t = trace(parse("m = amax([a, b, d]); J = m*a", a=3, b=4, d=1))
    assert [f.title for f in t.frames() if f.kind == "edge"][2:] == [
        "backward: m → a",
        "backward: m → b",
        "backward: m → d",
    ]
    t = trace(parse("m = amax([b, a, d]); J = m*c", a=3, b=4, c=2, d=1))
    cut = t.frames()[-1]
    assert (cut.title, len(cut.lines), cut.last - cut.first) == ("backward: m → a", 2, 1)
    assert cut.sentence == "Here m does not change with a, d, so nothing flows back along these edges."
    assert len(t.frames()) == count(t.record)


def test_the_softmaxs_rule_reads_as_in_the_notes():
    t = trace(parse("softmax([a, b, c])[1]", a=1, b=2, c=-3))
    to_a, to_b = frame(t, "backward: f → a"), frame(t, "backward: f → b")
    assert to_a.lines[1].endswith("∂f/∂a = f·(δ₁₀ − p₀) = 0.7275 × (0 − 0.2676) = −0.1947")
    assert to_b.lines[1].endswith("∂f/∂b = f·(δ₁₁ − p₁) = 0.7275 × (1 − 0.7275) = 0.1983")
    assert to_a.notes[0].startswith("p is the softmax of all inputs; δ is 1 where its two indices are the same")


def fraction(y, x):
    return rf"\frac{{\partial {y}}}{{\partial {x}}}"


def test_frames_in_latex():
    J = Value(5, "w[1]_2") * Value(-2, "yhat") + Value(1e-7, "alpha") ** 2
    J.label = "J"
    edges = {f.title: f.lines for f in frames(trace(J).record, form="latex") if f.kind == "edge"}
    w, u = "w^{[1]}_{2}", r"\left(w^{[1]}_{2} \cdot \hat{y}\right)"
    product = mathematics(r"w^{[1]}_{2} \cdot \hat{y}")
    assert edges[f"backward: {product} → {mathematics(w)}"] == [
        f"{fraction('J', w)} = {fraction('J', u)} \\cdot {fraction(u, w)}",
        r"\frac{\partial \left(w^{[1]}_{2} \cdot \hat{y}\right)}{\partial w^{[1]}_{2}} = \hat{y} = -2",
        r"1 \times (-2) = -2",
        r"w^{[1]}_{2}\mathrm{.grad}: 0 + (-2) \to -2",
    ]
    power = edges["backward: {} → {}".format(*map(mathematics, (r"\alpha^{2}", r"\alpha")))]
    assert power[1].endswith(r"= 2 \cdot \alpha = 2 \times 1 \cdot 10^{-7} = 2 \cdot 10^{-7}")


def test_what_a_mask_cuts_off_is_said():
    t = trace(parse("r = relu(z); J = w + r", z=-1, w=2))
    cut = frame(t, "backward: r → z")
    assert cut.lines == ["r = ReLU(z)  ⇒  ∂r/∂z = 0 if z ≤ 0, else 1 = 0"]
    assert cut.sentence == "Here r does not change with z, so nothing flows back along this edge."
    assert t.frames()[-1].notes == ["No gradient reaches z: a small change there leaves J as it is."]
    assert [t.record["nodes"][i]["name"] for i in t.gradients()] == ["J", "w", "r"]


@pytest.mark.parametrize(
    ("notation", "rule"),
    [("∂", "∂J/∂b = ∂J/∂u · ∂u/∂b"), ("d", "db = du · ∂u/∂b"), (".grad", "b.grad = u.grad · ∂u/∂b")],
)
def test_notations(notation, rule):
    record = trace(parse(G1, a=5, b=3, c=2)).record
    assert frames(record, notation=notation)[8].lines[0] == rule


def test_unknown_words_are_refused():
    t = trace(Value(1.0))
    with pytest.raises(ValueError, match='by="edge" or by="op", not \'node\''):
        t.frames("node")
    with pytest.raises(ValueError, match=r"∂, d, .grad, not 'D'"):
        frames(t.record, notation="D")


def test_numbers_in_formulas():
    t = trace(parse("x**3 - x/y + abs(x)*dot([x, 2], [y, x])", x=-2, y=0.5))
    lines = [f.lines[0] for f in t.frames() if f.kind == "forward"]
    assert lines == [
        "x³ = (−2)³ = −8",
        "x/y = −2/0.5 = −4",
        "x³ − x/y = −8 − (−4) = −4",
        "|x| = |−2| = 2",
        "x·y + 2·x = −2 × 0.5 + 2 × (−2) = −5",
        "v6 = |x|·(x·y + 2·x) = 2 × (−5) = −10",
        "f = x³ − x/y + v6 = −4 + (−10) = −14",
    ]
    assert frame(t, "backward: x³ → x").lines[1] == "∂(x³)/∂x = 3·x² = 3 × (−2)² = 12"


@pytest.mark.parametrize("name", OPS)
def test_every_row_can_be_told(name):
    op = OPS[name]
    flat = [Value(0.3 + 0.2 * i, f"x{i}") for i in range(sum(3 if is_list else 1 for is_list in op.lists))]
    if op.inputs[-1] in INDICES:
        flat[-1] = 1.0
    made = node(op, flat)
    text = trace(made).text()
    assert not set(text) & set("{}‹›")
    assert f" = {digits(made.data)}\n" in text


def test_a_product_is_told_by_its_other_factors():
    text = trace(parse("J = prod([a, b, c]) + a % c", a=2, b=3, c=5)).text()
    assert "Π(a, b, c) = Π(2, 3, 5) = 30" in text
    assert "∂Π(a, b, c)/∂b = a·c = 2 × 5 = 10" in text
    assert "a mod c = 2 mod 5 = 2" in text


def test_a_result_without_a_label_is_called_by_its_formula_where_it_is_short():
    def names(root):
        return [node["name"] for node in trace(root).record["nodes"] if node["op"]]

    a, b, c = Value(5, "a"), Value(3, "b"), Value(-2)
    assert names(3 * sigmoid(a - b) ** 2) == ["a − b", "σ(a − b)", "σ(a − b)²", "f"]
    assert names(sigmoid(a * b * a * b - a) * 2) == ["a·b", "a·b·a", "a·b·a·b", "a·b·a·b − a", "σ(a·b·a·b − a)", "f"]
    assert names(a * b + exp(a * b)) == ["v1", "v2", "v3", "f"]  # two nodes of one formula
    assert names((a + 1) * c) == ["a + 1", "f"]
    assert names(a * c + 1) == ["v2", "f"]  # v1 is the leaf without a name
    u = a * b
    assert names(u + exp(u)) == ["v1", "exp(v1)", "f"]  # what has many users has a name of its own


# --- the record ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", corpus(100))
def test_gradients_are_those_of_backward_exactly(seed):
    _, root = recipe(seed).build()
    t = trace(root)
    values: dict[Value, int] = {}
    for value in graph.topological(root):
        for each in (*value.inputs, value):
            values.setdefault(each, len(values))
    assert not any(value.has_grad for value in values)
    root.backward()
    assert {i: v.grad for v, i in values.items() if v.has_grad and v.grad} == {
        k: g for k, g in t.gradients().items() if g
    }
    assert t.revalued({}).record["events"] == t.record["events"]
    for event in edges(t):
        if event["product"] is not None:
            assert event["product"] == event["local"] * event["upstream"]
            assert event["after"] == (event["before"] or 0.0) + event["product"]


def test_the_users_numbers_are_not_touched():
    J = parse(G1, a=5, b=3, c=2)
    nodes = graph.topological(J)
    for i, v in enumerate(nodes):
        v.grad = float(i)
    before = [(v.data, v.grad, v.label) for v in nodes]
    trace(J).text()
    assert [(v.data, v.grad, v.label) for v in nodes] == before


def test_record_is_plain_json_and_comes_back():
    t = trace(parse(G2, **G2_LEAVES | {"b": 800}))
    record = json.loads(t.to_json(), parse_constant=pytest.fail)
    assert record == t.record
    assert "-Infinity" in {n["data"] for n in record["nodes"]}
    assert "NaN" in {event.get("after") for event in record["events"]}
    again = Trace.from_json(t.to_json())
    assert again.text() == t.text()
    assert t.to_json().isascii()


def test_schema():
    t = trace(parse(G1, a=5, b=3, c=2))
    assert (t.record["format"], t.record["version"], t.record["root"]) == ("chainrule-trace", 2, 6)
    leaf = {"kind", "op", "inputs", "data", "label", "name", "latex", "scope"}
    result = leaf | {"formula", "numbers", "definition", "partials", "form"}
    assert [set(node) for node in t.record["nodes"]] == [result if n["op"] else leaf for n in t.record["nodes"]]
    kinds = [event["type"] for event in t.record["events"]]
    assert kinds == ["leaf"] * 4 + ["forward"] * 3 + ["seed"] + ["edge"] * 5 + ["done"]
    assert edges(t)[3] == {
        "type": "edge",
        "from": 3,
        "to": 1,
        "slot": 0,
        "rule": "∂u/∂b = c",
        "local": 2.0,
        "upstream": 3.0,
        "product": 6.0,
        "before": None,
        "after": 6.0,
    }


@pytest.mark.parametrize("text", ["[]", '{"format": "chainrule-trace", "version": 1}', "{}"])
def test_other_json_is_refused(text):
    with pytest.raises(ValueError, match="this is no trace"):
        Trace.from_json(text)


def test_a_stale_graph_is_refused():
    J = parse(G1, a=5, b=3, c=2)
    next(v for v in graph.leaves(J) if v.label == "a").data = 1
    with pytest.raises(StaleGraphError, match="v was computed from other data than its inputs have now"):
        trace(J)


def test_a_stale_graph_with_the_same_values_is_refused():
    a, b = Value(2, "a"), Value(3, "b")
    J = a * b
    J.label = "J"
    a.data, b.data = 3, 2
    with pytest.raises(StaleGraphError, match=r"J was computed from other data .* Call root.refresh"):
        trace(J)


def test_a_function_is_called_with_named_leaves():
    c = Value(2, "mine")
    t = trace(lambda a, b, c: 3 * (a + b * c), a=5, b=3, c=c)
    assert {n["name"]: n["kind"] for n in t.record["nodes"]}["mine"] == "input"
    assert [f.title for f in t.frames()][5:] == [
        "backward: f → a + b·mine",
        "backward: a + b·mine → a",
        "backward: a + b·mine → b·mine",
        "backward: b·mine → b",
        "backward: b·mine → mine",
    ]


def test_what_is_no_graph_is_refused():
    with pytest.raises(TypeError, match="a Value, or a function that returns one, got 3"):
        trace(3)
    with pytest.raises(TypeError, match=r"a Value, or a function that returns one, got 5\.0"):
        trace(lambda a: a.data + 4, a=1)
    with pytest.raises(TypeError, match="for new numbers write trace"):
        trace(Value(1), a=2)


def test_a_leaf_alone():
    t = trace(Value(2, "a"))
    assert [f.title for f in t.frames()] == ["start", "seed"]
    assert t.gradients() == {0: 1.0}


def test_names():
    x = Value(1.0)
    v1 = Value(2.0, "v1")
    t = trace(x * v1 + 3)
    assert [n["name"] for n in t.record["nodes"]] == ["v2", "v1", "v3", "3", "f"]
    long = trace(Value(1.0, "w" * 1000) * Value(2.0, "a\nb\0") * Value(3.0, "f"))
    assert [n["name"] for n in long.record["nodes"]] == ["w" * 23 + "…", "a b\ufffd", "v1", "f", "v2"]


def test_other_numbers_in_the_leaves():
    t = trace(parse("relu(a)*b", a=2, b=3))
    ids = {n["name"]: i for i, n in enumerate(t.record["nodes"])}
    other = t.revalued({ids["a"]: -2.0})
    assert ids["a"] not in other.gradients()
    assert other.gradients()[ids["b"]] == 0.0
    assert t.gradients()[ids["a"]] == 3.0


def test_deep_graphs():
    x = Value(1.0, "x")
    y = x
    for _ in range(5000):
        y = y + x
    t = trace(y)
    assert t.gradients()[0] == 5001.0
    assert repr(t) == "<trace of f: 5001 nodes, 10000 backward steps>"


def test_constants_decide_branches_that_ask_whether_they_are_equal():
    a, b = ast.Name("a"), ast.Name("b")
    power = Written(OPS["**"], "y", [ast.Constant(2.0), b], [False, True])
    assert power.partials == [None, ["y·log(2)", "{y} × log(2)"]]  # 2 is not 0, whatever b is
    assert Written(OPS["**"], "y", [a, b], [False, True]).partials[1] == ["0 if a = 0 and b ≥ 0, else y·log(a)", ""]
    relu = Written(OPS["leaky_relu"], "y", [ast.Constant(3.0), a], [False, True])
    assert relu.definition == "a·3 if 3 ≤ 0, else 3"  # it says what the function is


def test_a_form_is_written_once_and_filled_with_names():
    """Nodes of one form have the formulas that each would have on its own; names are text, whatever is in them."""
    hostile = ["⟦0⟧", "⟦1⟧", "{0}", "‹{1}›", "\\1", "a·b", "pi", "y", "x" * 24]
    values = [Value(0.5 + i, label) for i, label in enumerate(hostile)]
    root = autograd.sum([a * b + a**3.0 + a**b + 2.0 * b for a, b in zip(values, reversed(values), strict=True)])
    root = root + autograd.dot(values, values[::-1]) + autograd.softmax(values[:3])[1] + autograd.maximum(*values[:2])
    root = root + values[0] * values[0] + values[1] * values[1] + values[0] * -2.0 + values[0].sigmoid().log()
    for at, v in enumerate(graph.topological(root)):
        v.label = f"u{at}"
    record = trace(root).record
    for written in record["nodes"]:
        if written["op"] is not None:
            inputs = [record["nodes"][i] for i in written["inputs"]]
            operands = [ast.Constant(v["data"]) if v["kind"] == "constant" else ast.Name(v["name"]) for v in inputs]
            flows = [v["kind"] != "constant" for v in inputs]
            alone = Written(OPS[written["op"]], written["name"], operands, flows)
            assert written["numbers"] == alone.numbers
            assert written["formula"] == in_a_line(alone.formula)
            assert written["definition"] == in_a_line(alone.definition)
            assert written["partials"] == [one and [in_a_line(one[0]), one[1]] for one in alone.partials]


def in_a_line(text):
    return text if len(text) <= 120 else text[:119] + "…"


def test_frames_of_a_wide_node():
    """What the edges of a node have in common is found once: each edge has its own place, number and count."""
    x = Value(2.0, "x")
    J = autograd.dot([x, x, Value(3.0, "b")], [x, 5.0, Value(-1.0, "d")])
    J.label = "J"
    text = trace(J).text()
    assert "x.grad = 2 (via J) + 5 (via J) = 7" in text
    assert "x.grad = 2 (via J) + 5 (via J) + 2 (via J) = 9" in text
    assert "1 of 3 contributions to x arrived" in text
    assert "3 of 3 contributions to x arrived: its gradient is their sum." in text
    assert [place in text for place in ("∂J/∂x₁", "∂J/∂x₂", "∂J/∂x₃")] == [True] * 3
    assert count(trace(J).record) == len(trace(J).frames())


@pytest.mark.parametrize(
    ("y", "line"),
    [
        (lambda a, _: log(a), r"f = \log(a) = \log(0.5) = -0.6931"),
        (lambda _, b: sigmoid(b), r"f = \sigma(b) = \sigma(-2) = 0.1192"),
        (lambda a, b: maximum(a, b), r"f = \max(a, b) = \max(0.5, -2) = 0.5"),
        (lambda _, b: b**2, r"f = b^{2} = (-2)^{2} = 4"),
    ],
)
def test_a_function_keeps_its_parentheses_around_a_number(y, line):
    """Without them, \\sigma 0.5 reads as a product."""
    record = trace(y(Value(0.5, "a"), Value(-2.0, "b"))).record
    assert frames(record, "edge", "∂", "latex")[1].lines[0] == line
