"""Strict text, as ``to_text`` writes it, is read as Python's own parser reads it."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import FormulaError
from autograd.formulas.grammar import parse_expression, parse_statements
from autograd.formulas.parse import read_as
from autograd.formulas.reading.parser import Reader
from autograd.formulas.text import to_text
from autograd.functions import FUNCTIONS

NAMES = ["a", "b", "x1", "x_2", "W", "dz", "θ", "e", "lambda_"]


def combined(inner):
    """Text of one operation more."""
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", " - ", "*", "/", " % ", "**", " @ "]), inner).map("".join),
        st.tuples(st.sampled_from(["-", "+", "- -"]), inner).map("".join),
        inner.map("({})".format),
        inner.map("({}).T".format),
        st.tuples(st.sampled_from(["exp", "tanh", "log10", "sigmoid", "sqrt"]), inner).map(
            lambda pair: f"{pair[0]}({pair[1]})"
        ),
        st.tuples(inner, inner).map(lambda pair: f"sum([{pair[0]}, {pair[1]}])"),
        st.tuples(inner, inner).map(lambda pair: f"softmax([{pair[0]}, {pair[1]}])[1]"),
        st.tuples(inner, st.sampled_from([0, 1])).map(lambda pair: f"sum({pair[0]}, axis={pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"hypot({pair[0]} , {pair[1]})"),
    )


NUMBERS = st.one_of(st.integers(0, 10**6).map(str), st.floats(0, 1e30, allow_nan=False).map(repr), st.just(".5"))
STRICT = st.recursive(st.one_of(st.sampled_from(NAMES), NUMBERS), combined, max_leaves=12)


@given(STRICT)
@settings(max_examples=300)
def test_strict_text_is_read_as_pythons_parser_reads_it(text):
    reader = Reader(text, matrices=True)
    assert ast.dump(reader.statements[0][1]) == ast.dump(ast.parse(text, mode="eval").body)
    assert not reader.trees.changed


@given(STRICT)
@settings(max_examples=300)
def test_what_is_written_is_read_back(text):
    written = to_text(parse_expression(text, matrices=True))
    assert to_text(parse_expression(written, matrices=True)) == written
    assert read_as(written, NAMES, matrices=True) == written


def test_statements_as_pythons_parser_has_them():
    text = "u = b*c\nv = a + u; J = 3*v;\n\nJ2 = (u +\n v)"
    found = [(name, ast.dump(tree)) for name, tree in parse_statements(text)]
    assert found == [(line.targets[0].id, ast.dump(line.value)) for line in ast.parse(text).body]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_keep_their_names(name):
    tree = ast.parse(f"{name}(a, b)", mode="eval").body
    assert ast.dump(Reader(f"{name}(a, b)").statements[0][1]) == ast.dump(tree)


@pytest.mark.parametrize("text", ["2**-a**b", "-a**-b**c", "a*-b", "a - -b", "a % b*c", "-a*b", "2.e3 + 1.", "a@b@c.T"])
def test_precedence(text):
    assert ast.dump(Reader(text, matrices=True).statements[0][1]) == ast.dump(ast.parse(text, mode="eval").body)


def test_more_than_python_is_refused_or_read():
    for text in [
        "a if b else c",
        "[x for x in a]",
        "a[1:2]",
        "a and b",
        "a < b",
        "{a: b}",
        "a := b",
        "'a'",
        "*a",
        "a!b",
    ]:
        with pytest.raises(FormulaError):
            parse_expression(text, matrices=True)
