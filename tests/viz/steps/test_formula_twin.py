"""A formula steps without Python: the script makes the record that Python makes, or says that it cannot."""

import gzip
import json
import math

import pytest
from chromium import browser, page
from formula_texts import (
    AS_ON_PAPER,
    CHOSEN,
    REFUSED,
    WRONG,
    at_random,
    of_operation,
    of_operations,
    of_students,
    on_paper,
    typed,
)

from autograd import parse
from autograd.errors import FormulaError
from autograd.steps.trace import trace
from autograd.table.ops import OPS
from viz.steps.bundle import script
from viz.steps.formula_pieces import formulas


@pytest.fixture(scope="module")
def js():
    with browser() as chromium, page(chromium) as shown:
        shown.add_script_tag(content=script("formula") + "window.api = { recordOf, Unreadable };", type="module")
        shown.wait_for_function("window.api")
        yield shown.evaluate


RECORDS = """(cases) => cases.map(([text, leaves]) => {
  try {
    return { record: JSON.stringify(api.recordOf(text, leaves)) };
  } catch (error) {
    if (!(error instanceof api.Unreadable)) return { crash: String(error.stack) };
    return { refused: error.message, sure: error.sure };
  }
})"""


def difference(a, b, path=""):
    """Where two records differ, also in the order of their parts; "" if nowhere. Numbers may by rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        if list(a) != list(b):
            return f"{path}: {list(a)} and {list(b)}"
        return next(filter(None, (difference(a[k], b[k], f"{path}.{k}") for k in a)), "")
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return f"{path}: {len(a)} and {len(b)}"
        return next(
            filter(None, (difference(x, y, f"{path}[{i}]") for i, (x, y) in enumerate(zip(a, b, strict=True)))), ""
        )
    if isinstance(a, int | float) and isinstance(b, int | float):
        return "" if math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-300) else f"{path}: {a!r} and {b!r}"
    return "" if a == b else f"{path}: {a!r} and {b!r}"


def wrong(js, cases):
    """(text, what is wrong) of each case, None for what is right; and the texts that are refused."""
    wrong, refused = [], []
    for (text, leaves), made in zip(cases, js(RECORDS, cases), strict=True):
        try:
            expected, error = json.loads(trace(parse(text, **leaves)).to_json()), None
        except FormulaError as raised:
            expected, error = None, str(raised)
        if "crash" in made:
            wrong.append((text, made["crash"]))
        elif "refused" in made:
            refused.append((text, made["refused"]))
            if made["sure"] and made["refused"] != error:
                wrong.append((text, f"{made['refused']!r}, Python: {error!r}"))
        elif expected is None:
            wrong.append((text, f"Python refuses it: {error}"))
        elif found := difference(json.loads(made["record"]), expected):
            wrong.append((text, found))
    return wrong, refused


# --- what is read ----------------------------------------------------------------------------------------------


def test_strict_formulas_have_pythons_record(js):
    cases = [*CHOSEN, *of_operations(), *at_random(1, 60)]
    assert len(cases) > 300
    errors, refused = wrong(js, cases)
    assert errors == []
    assert [text for text, why in refused if "finite" not in why and "factor 1" not in why] == []
    assert len(refused) < len(cases) // 20


def test_every_operation_is_read_twice(js):
    for op in OPS.values():
        errors, refused = wrong(js, of_operation(op))
        assert (errors, len(refused) <= 1) == ([], True), op.name


def test_what_is_written_on_paper_is_read_as_python_reads_it(js):
    assert len(AS_ON_PAPER) > 40
    assert wrong(js, on_paper()) == ([], [])


def test_lines_of_students_are_read_as_python_reads_them(js):
    cases = of_students()
    errors, refused = wrong(js, cases)
    assert errors == []
    assert len(refused) < len(cases) // 3


@pytest.mark.parametrize("seed", range(2))
def test_nothing_that_is_typed_is_read_otherwise(js, seed):
    cases = typed(seed, 800)
    errors, refused = wrong(js, cases)
    assert errors == []
    assert len(refused) < len(cases) * 0.75  # the half is nonsense


# --- what is not ------------------------------------------------------------------------------------------------


def test_what_is_wrong_is_said_in_pythons_words(js):
    for (text, _), made in zip(WRONG, js(RECORDS, WRONG), strict=True):
        assert made.get("sure"), (text, made)
    assert wrong(js, WRONG)[0] == []


def test_what_only_python_reads_is_refused(js):
    for (text, _), made in zip(REFUSED, js(RECORDS, REFUSED), strict=True):
        assert made.get("sure") is False, (text, made)
        assert made["refused"]


def test_a_long_formula_is_left_to_python(js):
    (made,) = js(RECORDS, [["+".join(["a"] * 2000), {"a": 1}]])
    assert "long" in made["refused"]
    assert wrong(js, [("+".join(["a"] * 1000), {"a": 1})]) == ([], [])


def test_names_of_objects_of_javascript_are_names(js):
    names = ["constructor", "toString", "hasOwnProperty", "valueOf"]
    assert wrong(js, [("*".join(names), dict.fromkeys(names, 0.5))]) == ([], [])
    assert wrong(js, [("constructor(x)", {"x": 1})])[0] == []


# --- its size ---------------------------------------------------------------------------------------------------


def test_the_pieces_are_small_and_only_where_they_are_needed():
    pieces = json.dumps(formulas(), ensure_ascii=False).encode()
    assert len(gzip.compress(pieces)) < 16_000
    assert "FORMULAS" not in script()
    assert len(gzip.compress(script("formula").encode())) < 40_000
