"""Nodes without a label have one name, wherever they are shown: the shared results, and the root."""

import xml.etree.ElementTree as ET

import pytest

import autograd
from autograd import Value, check, explain, parse, to_text, trace
from autograd.formulas.naming import Names
from chainrule.__main__ import main
from viz import draw
from viz.steps.stepper import stepper


@pytest.fixture
def shared():
    """(sin(u) + p·a)/(u + b + p) of u = b·c and p = exp(a·c): two shared results, one below the other's user."""
    a, b, c = Value(0.5, "a"), Value(3, "b"), Value(2, "c")
    u = b * c
    p = autograd.exp(a * c)
    f = (autograd.sin(u) + p * a) / (u + b + p)
    f.backward()
    return b, u, p, f


def test_invented_names_are_no_label():
    a, b, c = Value(1, "v1"), Value(1, "v2"), Value(1)
    assert Names([a, b, c]).invent(c) == "v3"


def test_a_name_is_invented_for_what_is_used_twice_and_for_the_root(shared):
    b, u, p, f = shared
    names = Names.of(f)
    assert [names[node] for node in (b, u, p, f)] == ["b", "v1", "v2", "f"]
    assert [node for node in names if not node.label] == [u, p, f]


def test_formulas(shared):
    *_, f = shared
    assert to_text(f) == "v1 = b*c; v2 = exp(a*c); (sin(v1) + v2*a)/(v1 + b + v2)"


def test_explanations(shared):
    b, u, p, f = shared
    text = str(explain(f, b))
    defined = "v1 = b*c; v2 = exp(a*c); f = (sin(v1) + v2*a)/(v1 + b + v2)"
    assert text.startswith(f"∂f/∂b of {defined}: 3 paths\nf ← v1 ← b\n")
    rows = {row.node: row.name for row in explain(f)}
    assert [rows[node] for node in (u, p, f)] == ["v1", "v2", "f"]
    assert "∂f/∂node" in str(explain(f))
    assert str(explain(f, "v1")) == str(explain(f, u))
    with pytest.raises(ValueError, match="f does not depend on 'q'"):
        explain(f, Value(1, "q"))


def test_checks(shared):
    b, u, _, f = shared
    report = check(f, {b: "a", u: "cos(u)/(u + b + p)"}, names={"u": u, "p": shared[2]})
    assert report[b].diagnosis == "This is the value of a, not the derivative ∂f/∂b."
    assert "∂f/∂v1" in report[u].diagnosis
    assert str(report[u]).startswith("✗ dv1 = ")
    (answer,) = check(f, {"da/db": "1"})
    assert answer.diagnosis == "the derivatives are those of f, not of a"


def test_steps(shared):
    _, u, p, f = shared
    nodes = trace(f).record["nodes"]
    assert [node["name"] for node in nodes if node["op"]] == [
        "v1",
        "sin(v1)",
        "a·c",
        "v2",
        "v2·a",
        "sin(v1) + v2·a",
        "v1 + b",
        "v1 + b + v2",
        "f",
    ]  # what has more than one user is no part of a formula
    by_name = {node["name"]: node["data"] for node in nodes}
    assert (by_name["v1"], by_name["v2"], by_name["f"]) == (u.data, p.data, f.data)
    drawn = {
        "".join(text.itertext()) for text in ET.fromstring(stepper(f).svg).iter("{http://www.w3.org/2000/svg}text")
    }
    assert {"v1", "v2", "f"} <= drawn


def test_pictures(shared):
    b, u, p, f = shared
    drawing = draw(f)
    titles = [title.text for title in ET.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}title")]
    assert f"v1: × (*), data {u.data!r}, grad {u.grad!r}" in titles
    assert f"v2: exp (exp), data {p.data!r}, grad {p.grad!r}" in titles
    assert f"∂v1/∂b = 2.0; 2.0 × {u.grad!r} = {2 * u.grad!r} flows back to b" in titles
    assert sum(title.startswith("∂f/∂(+) = ") for title in titles) == 2
    assert repr(drawing).startswith("<Computation graph of f = ")
    assert b.label == "b"
    assert "graph of (×) = 6, (exp) = " in repr(draw([u, p]))  # of several roots none is f


def test_the_command_line(capsys):
    main(["x*y + 1", "x=3", "y=2"])
    rows = [line.split("  ")[0] for line in capsys.readouterr().out.split("\n\n")[1].splitlines()]
    assert rows == ["name", "x", "y", "x*y", "f"]


def test_a_root_is_not_called_as_a_leaf_is():
    f = Value(2, "f") * 3
    assert [node["name"] for node in trace(f).record["nodes"]] == ["f", "3", Names.of(f)[f]] == ["f", "3", "v1"]
    assert str(explain(f, "f")).startswith("∂v1/∂f of v1 = f*3: 1 path")


def test_a_long_chain_has_the_same_names_in_steps_and_explanations():
    x = v = Value(0.5, "x")
    for _ in range(100):
        v = v * 1.01
    assert str(explain(v, x)).splitlines()[1] == "f ← v82 ← v41 ← x"
    names = [node["name"] for node in trace(v).record["nodes"] if node["op"]]
    assert names == ["x·1.01", "x·1.01·1.01", *(f"v{i}" for i in range(3, 100)), "f"]


def test_a_derivative_has_the_names_of_the_graph_beside_it():
    a, b = Value(2, "a"), Value(3, "b")
    u = a * b
    f = u * autograd.sin(u)
    derivative = autograd.differentiate(f, a)
    assert to_text(f) == "v1 = a*b; v1*sin(v1)"
    text = to_text(derivative, beside=f)
    assert text.startswith("v1 = a*b; ")
    assert parse(text, a=2, b=3).data == derivative.data


def test_a_shared_node_that_a_derivative_uses_once_is_written_out():
    a, b = Value(2, "a"), Value(3, "b")
    u = a * b
    f = u + autograd.exp(u)
    assert to_text(u + 1, beside=f) == "a*b + 1"
