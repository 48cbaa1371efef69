"""The formats of ``chainrule check``: each has the fields that its reader's documentation asks for, and is escaped."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd.by_hand.report import Answer
from chainrule.grading.exercise import from_toml
from chainrule.grading.marks import Marks, Row, mark, unmarked
from chainrule.grading.writers import WRITERS

EXERCISES = Path(__file__).parents[2] / "examples" / "exercises"
LOGISTIC = from_toml((EXERCISES / "logistic.toml").read_text(encoding="utf-8"))
MIXED = "dz = a - y\ndw1 = x1*(y - a)\ndw2 = x2*(a - y"  # right, wrong, unreadable; db is missing
HOSTILE = [
    "dz = a - y]]></failure></testcase>",
    'dz = "><script>alert(1)</script>',
    "dz = a | y || \\| ` `` ``` | <b>",
    "dz = \x1b[31m a \x07\x00 - y",
    "dz = \u202ea\u2066 - \ufffe\U000e0001",
    "dz = ![x](javascript:alert(1)) [y](http://z) www.z.de @someone #1 :smile: $x$ ~~s~~ **b**",
    "dz = ${{ github.token }} {{ x }} %(s)s",
    "| dz = y | | |",
]
RUNNER = {
    "CLASSROOM": "c",
    "ASSIGNMENT": "backprop",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://github.com/o/r/commit/1",
    "RELEASE_URL": "https://github.com/o/r/releases/tag/1",
}


@pytest.fixture(autouse=True)
def _as_the_runner_does(monkeypatch):
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REVIEW_URL", raising=False)


def marks(text=MIXED, reveal="reason", exercise=LOGISTIC):
    return mark(exercise, text).revealing(reveal)


def written(format, found):
    text = WRITERS[format](found)
    text.encode("utf-8")
    return json.loads(text, parse_constant=pytest.fail) if format not in ("text", "junit", "markdown") else text


# --- a small checker of schemas: the fields, their types, and which must be there ----------------------------

NUMBER, TEXT, BOOL = (int, float), (str,), (bool,)


def conforms(data, schema):
    """Whether all of data is in the schema, and all that it requires (a name without ?) is there."""
    if isinstance(schema, dict):
        known = {name.removesuffix("?"): part for name, part in schema.items()}
        required = {name for name in schema if not name.endswith("?")}
        assert isinstance(data, dict), data
        assert required <= data.keys() <= known.keys(), (required - data.keys(), data.keys() - known.keys())
        for name, value in data.items():
            conforms(value, known[name])
    elif isinstance(schema, list):
        assert isinstance(data, list)
        for item in data:
            conforms(item, schema[0])
    elif callable(schema):
        assert schema(data), data
    else:
        assert isinstance(data, schema), data
        assert isinstance(data, bool) == (schema is BOOL), data


def one_of(*values):
    return lambda x: x in values


def matches(pattern):
    return lambda x: isinstance(x, str) and re.fullmatch(pattern, x) is not None


def whole(x):
    return type(x) is int and x >= 0


VISIBILITY = one_of("hidden", "after_due_date", "after_published", "visible")
FORMAT = one_of("text", "html", "simple_format", "md", "ansi")
GRADESCOPE = {  # https://gradescope-autograders.readthedocs.io/en/latest/specs/
    "score?": NUMBER, "execution_time?": NUMBER, "output?": TEXT, "output_format?": FORMAT,
    "test_output_format?": FORMAT, "test_name_format?": FORMAT, "visibility?": VISIBILITY,
    "stdout_visibility?": VISIBILITY, "extra_data?": lambda x: isinstance(x, dict),
    "tests?": [{
        "score?": NUMBER, "max_score?": NUMBER, "status?": one_of("passed", "failed"), "name?": TEXT,
        "name_format?": FORMAT, "number?": TEXT, "output?": TEXT, "output_format?": FORMAT, "tags?": [TEXT],
        "visibility?": VISIBILITY, "extra_data?": lambda x: isinstance(x, dict),
    }],
}  # fmt: skip
PRAIRIELEARN = {  # https://docs.prairielearn.com/externalGrading/
    "gradable": one_of(True), "score": lambda x: type(x) is float and 0 <= x <= 1, "message?": TEXT, "output?": TEXT,
    "tests?": [{
        "name?": TEXT, "description?": TEXT, "points": NUMBER, "max_points": NUMBER, "message?": TEXT, "output?": TEXT,
    }],
}  # fmt: skip
NOT_GRADABLE = {"gradable": one_of(False), "format_errors": [TEXT]}
MOMENT = matches(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CLASSROOM50 = {  # https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json
    "schema": one_of("classroom50/result/v1"), "classroom": matches(".+"), "assignment": matches(".+"),
    "assignment_type?": one_of("individual", "group"), "owner?": matches(".+"),  # its runner adds these two
    "submission": matches("submit/.*"), "commit": matches(".+"), "release": matches(".+"), "review": matches(".+"),
    "datetime": MOMENT, "graded_at?": MOMENT, "score": whole, "max-score": whole,
    "tests": [{"test-name": matches(".+"), "passed": BOOL, "score": whole, "max-score": whole, "message?": TEXT}],
}  # fmt: skip
OWN = {
    "schema": one_of("chainrule/marks/v1"), "title": TEXT, "earned": NUMBER, "points": NUMBER, "all_right": BOOL,
    "problem": TEXT, "advice": TEXT,
    "lines": [{
        "name": TEXT, "line": TEXT, "read_as": TEXT, "mistake": TEXT, "reason": TEXT, "note": TEXT, "follows": TEXT,
        "verdict": one_of("right", "right here only", "wrong", "inconclusive", "unreadable", "missing"),
        "earned": NUMBER, "points": NUMBER,
        **{name: lambda x: x is None or type(x) is float for name in ("yours", "autograd", "numerical")},
    }],
}  # fmt: skip
SCHEMAS = {"json": OWN, "gradescope": GRADESCOPE, "classroom50": CLASSROOM50}


@pytest.mark.parametrize("format", SCHEMAS)
@pytest.mark.parametrize("reveal", ["nothing", "reason", "numbers"])
def test_json_conforms(format, reveal):
    conforms(written(format, marks(reveal=reveal)), SCHEMAS[format])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("format", SCHEMAS)
def test_json_of_hostile_lines_conforms(format, text):
    found = marks(text)
    assert found.rows[0].answer.verdict in ("unreadable", "wrong", "right")
    conforms(written(format, found), SCHEMAS[format])


# --- what each says ---------------------------------------------------------------------------------------


def test_gradescope():
    results = written("gradescope", marks())
    assert results["score"] == 2
    assert [(t["name"], t["score"], t["max_score"], t["status"]) for t in results["tests"]] == [
        ("dz = a - y", 2, 2, "passed"),
        ("dw1 = x1*(y - a)", 0, 1, "failed"),
        ("dw2 = x2*(a - y", 0, 1, "failed"),
        ("db", 0, 1, "failed"),
    ]
    assert results["tests"][1]["output"] == (
        "✗ dw1 = x1*(y - a): wrong\n"
        "  Only the sign is wrong: this is −∂L/∂w1. Look for a lost minus, such as the one in front of L."
    )


def test_prairielearn_of_what_can_be_read():
    results = written("prairielearn", marks("dz = a - y\ndw1 = x1*(y - a)\ndw2 = x2*(a - y)"))
    conforms(results, PRAIRIELEARN)
    assert results["score"] == 0.6
    assert [(t["points"], t["max_points"]) for t in results["tests"]] == [(2, 2), (0, 1), (1, 1), (0, 1)]


def test_prairielearn_of_what_cannot():
    """No points, no attempt, and no word on the other lines."""
    results = written("prairielearn", marks())
    conforms(results, NOT_GRADABLE)
    (error,) = results["format_errors"]
    assert error.startswith("? dw2 = x2*(a - y: unreadable: ")
    assert written("prairielearn", unmarked(LOGISTIC, "cannot read it")) == {
        "gradable": False,
        "format_errors": ["cannot read it"],
    }


def test_classroom50(monkeypatch):
    results = written("classroom50", marks())
    assert {key: results[key] for key in ("classroom", "assignment", "submission", "commit", "review", "release")} == {
        "classroom": RUNNER["CLASSROOM"],
        "assignment": RUNNER["ASSIGNMENT"],
        "submission": RUNNER["SUBMISSION_TAG"],
        "commit": RUNNER["COMMIT_URL"],
        "review": RUNNER["COMMIT_URL"],
        "release": RUNNER["RELEASE_URL"],
    }
    assert (results["score"], results["max-score"]) == (2, 5)
    assert [t["passed"] for t in results["tests"]] == [True, False, False, False]
    monkeypatch.setenv("REVIEW_URL", "https://github.com/o/r/compare/0...1")
    assert written("classroom50", marks())["review"].endswith("0...1")


@pytest.mark.parametrize(
    ("points", "scores"),
    [({"dz": 0.5, "dw1": 1}, [(1, 1), (0, 2)]), ({"dz": 0.25, "dw1": 1.1}, [(5, 5), (0, 22)])],
)
def test_classroom50_counts_in_whole_numbers(points, scores):
    results = written("classroom50", marks("dz = a - y; dw1 = 2*x1*dz", exercise=replace(LOGISTIC, points=points)))
    assert [(t["score"], t["max-score"]) for t in results["tests"]] == scores
    assert results["score"] == sum(score for score, _ in scores)
    assert results["max-score"] == sum(most for _, most in scores)


def test_classroom50_without_its_runner(run, monkeypatch):
    monkeypatch.delenv("COMMIT_URL")
    monkeypatch.delenv("CLASSROOM")
    code, output, errors = run("check", str(EXERCISES / "logistic.toml"), "--format", "classroom50")
    assert (code, output) == (2, "")
    assert (
        errors == "chainrule: classroom50 needs CLASSROOM, COMMIT_URL in the environment, where its runner sets them\n"
    )


@pytest.mark.parametrize("format", WRITERS)
def test_it_is_said_how_a_line_was_read(format):
    found = marks("dw1 = x1(y-a)")
    assert found.rows[0].answer.read_as == "x1*(y - a)"
    assert re.search(r"read as (<code>)?x1(\*|&#42;)\(y - a\)|\"read_as\": \"x1\*\(y - a\)\"", WRITERS[format](found))


def test_json_has_null_for_what_is_not_there():
    plain, seen = (written("json", marks(reveal=reveal)) for reveal in ("numbers", "reason"))
    assert [line["autograd"] is None for line in plain["lines"]] == [False, False, True, True]
    assert [line["autograd"] for line in seen["lines"]] == [None] * 4
    infinite = Marks("", (Row("dw", Answer("w", "1/x", "wrong", "…", claimed=float("inf")), 1),))
    assert written("json", infinite)["lines"][0]["yours"] is None


def test_junit():
    suites = ElementTree.fromstring(written("junit", marks()))
    (suite,) = suites
    assert suite.attrib == {
        "name": "Logistic regression by hand", "tests": "4", "failures": "2", "errors": "1", "skipped": "0",
    }  # fmt: skip
    assert {p.get("name"): p.get("value") for p in suite.iter("property")} == {"earned": "2", "points": "5"}
    cases = list(suite.iter("testcase"))
    assert [case.get("name") for case in cases] == ["dz = a - y", "dw1 = x1*(y - a)", "dw2 = x2*(a - y", "db"]
    assert [[part.tag for part in case if part.tag != "system-out"] for case in cases] == [
        [], ["failure"], ["error"], ["failure"],
    ]  # fmt: skip
    assert [case.find("failure").get("type") for case in (cases[1], cases[3])] == ["wrong", "missing"]
    assert cases[1].find("failure").get("message").startswith("Only the sign is wrong")


def test_junit_of_a_problem():
    (suite,) = ElementTree.fromstring(written("junit", unmarked(LOGISTIC, "cannot read it")))
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("5", "1", "4")
    assert suite.find("testcase/error").get("message") == "cannot read it"


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_of_hostile_lines_is_well_formed(text):
    suites = ElementTree.fromstring(written("junit", marks(text)))
    assert suites.find("testsuite/testcase").get("name").isprintable()
    assert {part.tag for part in suites.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "system-out",
    }  # fmt: skip


def test_markdown():
    found = marks("dz = a - y\ndw1 = x1*(y - a)")
    text = written("markdown", found)
    assert text.splitlines()[:6] == [
        "## Logistic regression by hand",
        "",
        "| | line | verdict | points |",
        "|---|---|---|---|",
        "| ✓ | <code>dz = a - y</code> | right | 2 of 2 |",
        "| ✗ | <code>dw1 = x1&#42;(y - a)</code> | wrong<br>" + found.rows[1].answer.diagnosis + " | 0 of 1 |",
    ]
    assert text.endswith("**2 of 5 points**")


class _Html(HTMLParser):
    """What of a text is markup, and what it shows."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.shown = set(), ""
        self.feed(text)

    def handle_starttag(self, tag, _):
        self.tags.add(tag)

    def handle_data(self, data):
        self.shown += data


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_of_hostile_lines(text):
    """Four cells a row; no sign of Markdown or HTML in them but ours; and the line is shown as it was typed."""
    found = marks(text)
    table = [line for line in written("markdown", found).splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(found.rows)
    for row, line in zip(found.rows, table[2:], strict=True):
        assert line.count("|") == 5
        assert not set("\\`*_~[]$") & set(line)
        assert not re.search(r"@\w|#\d+(?!;)|https?:|:\w+:", re.sub("&#[0-9]+;", "", line))
        html = _Html(line)
        assert html.tags <= {"code", "br"}
        assert row.line in html.shown


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_hostile_lines_cannot_move_the_cursor(text):
    assert all(line.isprintable() for line in written("text", marks(text)).splitlines())


def test_titles_are_data_too():
    exercise = replace(LOGISTIC, title="<script>| `x` \x1b[31m\nnew line")
    for format in ("text", "junit", "markdown", "gradescope", "json"):
        text = WRITERS[format](marks(exercise=exercise))
        assert "\x1b" not in text
        assert format in ("text", "json", "gradescope") or "<script" not in text
    ElementTree.fromstring(written("junit", marks(exercise=exercise)))


@pytest.mark.parametrize("format", [format for format in WRITERS if format != "text"])
def test_programs_get_utf8_where_people_get_ascii(format):
    """What says of itself that it is UTF-8 must be, in every terminal."""
    arguments = [sys.executable, "-m", "chainrule", "check", "J = a·b", "--at", "a=1,b=2", "--claim", "da = −b"]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    run = subprocess.run(
        [*arguments, "--format", format], capture_output=True, env=environment, cwd=EXERCISES.parents[1]
    )
    assert (run.returncode, run.stderr) == (1, b"")
    assert "da = −b" in run.stdout.decode("utf-8")
    assert b"\r" not in run.stdout


@pytest.mark.parametrize("format", WRITERS)
def test_every_format_of_marks_without_a_mark(format):
    found = written(format, unmarked(LOGISTIC, "there is no line to mark"))
    assert "there is no line to mark" in (found if isinstance(found, str) else json.dumps(found))


@pytest.mark.parametrize("format", WRITERS)
def test_every_format_is_written_by_the_command(run, format):
    exercise = str(EXERCISES / "logistic.toml")
    code, output, errors = run("check", exercise, str(EXERCISES / "logistic.wrong.txt"), "--format", format)
    assert (code, errors) == (1, "")
    assert "x1*(y - a)" in output or format == "markdown"
    assert "0.43782" not in output
