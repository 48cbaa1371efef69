"""What students type is read as they mean it; what may mean two things is refused, with both."""

import ast
import re
from functools import cache
from unicodedata import normalize

import pytest
from spelling_graphs import SPELLING_GRAPHS
from spellings import FORMS, GRAPHS_TYPED, SPELLINGS
from spellings_refused import AMBIGUOUS, HINTS, MEANT, UNREADABLE

from autograd import to_text
from autograd.by_hand.check import check
from autograd.formulas.parse import parse
from autograd.functions import FUNCTION_NAMES

# the signs that formulas always had: a text that has no others is not said to be read as something else
SIGNS = str.maketrans("×·⋅∙⊙−–－÷∕₁₂₃", "*****---//123") | {ord("²"): "**2", ord("ᵀ"): ".T"}
LINES = [(form, *line) for form, lines in SPELLINGS.items() for line in lines]


@cache
def graph_of(name):
    return SPELLING_GRAPHS[name]()


@cache
def marked(graph, line):
    root, names = graph_of(graph)
    (answer,) = check(root, line, names, points=3)
    return answer


def tree(text):
    """The tree of strict text by Python's own parser; a label such as w[1]_2,1 and a quotient da/dz are one name."""
    text = re.sub(
        r"(\w)\[(\w)\](?:_(\d+(?:,\d+)*)|⁽(.)⁾)?", lambda m: "ǀ".join(re.findall(r"\w", normalize("NFKC", m[0]))), text
    )
    text = re.sub(r"[d∂]([^\W_]\w*)\s*/\s*[d∂](\w+)", r"\1ǀǀ\2", text.translate(SIGNS))
    found = ast.parse(text.rstrip(".,"), mode="eval").body
    for node in ast.walk(found):
        if isinstance(node, ast.Constant):
            node.value = float(node.value)
        if isinstance(node, ast.Call):
            node.func.id = FUNCTION_NAMES[node.func.id]
    return ast.dump(found)


def test_every_form_occurs_on_several_graphs():
    assert len(LINES) >= 220
    for form, lines in FORMS.items():
        assert len({graph for graph, _, _ in lines}) >= 5, form


@pytest.mark.parametrize(("form", "graph", "typed", "strict"), LINES)
def test_a_line_is_read_as_it_is_meant(form, graph, typed, strict):  # noqa: ARG001
    left, right = strict.split(" = ")
    answer = marked(graph, typed)
    assert answer.verdict == "right", answer
    assert f"d{answer.name}" == left
    assert tree(answer.read_as or answer.claim) == tree(right)


@pytest.mark.parametrize(("form", "graph", "typed", "strict"), LINES)
def test_strict_text_reads_as_before(form, graph, typed, strict):  # noqa: ARG001
    answer = marked(graph, strict)
    assert answer.verdict == "right"
    assert answer.read_as in ("", strict.split(" = ")[1])


@pytest.mark.parametrize(("typed", "names", "strict"), GRAPHS_TYPED)
def test_parse_reads_what_is_typed(typed, names, strict):
    leaves = {name: 0.5 + at / 8 for at, name in enumerate(names.split())}
    assert to_text(parse(typed, **leaves)) == to_text(parse(strict, **leaves))


@pytest.mark.parametrize(("typed", "strict"), MEANT)
def test_a_function_by_another_name_has_the_same_meaning(typed, strict):
    answer = marked("g2", f"dz = {typed}")
    assert answer.verdict != "unreadable", answer
    assert tree(answer.read_as or answer.claim) == tree(strict)


@pytest.mark.parametrize(("graph", "line", "readings"), AMBIGUOUS)
def test_what_may_mean_two_things_is_refused_with_both(graph, line, readings):
    answer = marked(graph, line)
    assert answer.verdict == "unreadable", answer
    for reading in readings:
        assert reading in answer.diagnosis


@pytest.mark.parametrize(("graph", "line", "said"), UNREADABLE)
def test_what_cannot_be_read_is_one_row_that_says_why(graph, line, said):
    answer = marked(graph, line)
    assert answer.verdict == "unreadable", answer
    assert said in answer.diagnosis
    assert answer.diagnosis.isprintable()


@pytest.mark.parametrize(("graph", "line", "said", "unsaid"), HINTS)
def test_a_hint_never_leads_to_another_meaning(graph, line, said, unsaid):
    answer = marked(graph, line)
    assert answer.verdict == "unreadable", answer
    assert any(words in answer.diagnosis for words in said.split("|"))
    assert unsaid not in answer.diagnosis
