"""What Sphinx is given beside the pages: docstrings as markup, steppers, mathematics, links to other parts."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("myst_nb")
DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))
from docstrings import converted  # noqa: E402

CONF = """
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_nb", "mathematics", "sessions", "site_links", "steppers"]
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath"]
"""


@pytest.fixture
def build(tmp_path):
    """``build(text)``: the HTML of a page, and what Sphinx says."""

    def build(text):
        source = tmp_path / "docs"
        source.mkdir()
        (source / "conf.py").write_text(CONF.format(extensions=str(DOCS / "_ext")), encoding="utf-8")
        (source / "index.md").write_text(f"# A page\n\n{text}\n", encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(source), str(tmp_path / "html")]
        said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=DOCS.parent).stderr
        return (tmp_path / "html" / "index.html").read_text(encoding="utf-8"), said

    yield build
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("a * b_1 or ``a * b_1``", r"a \* b\_1 or ``a * b_1``"),
        ("Of |x|:\n\n>>> abs(x)_\n", "Of \\|x\\|:\n\n>>> abs(x)_"),
        ("``a``   one\n        line\n``b_``  two_", "``a``\n    one line\n``b_``\n    two\\_"),
        (
            "Formats.\n\n    .svg    a picture\n    .png    pixels",
            "Formats.\n\n``.svg``\n    a picture\n``.png``\n    pixels",
        ),
        ("As here:\n    J = a*b", "As here:\n\n::\n\n    J = a*b"),
    ],
)
def test_a_docstring_becomes_markup(text, markup):
    assert converted(text) == markup


def test_a_stepper_carries_its_graph(build):
    html, said = build("```{stepper} 3*(a + b*c)\n:at: a=5, b=3, c=1/2\n:caption: Of <three>\n```")
    assert said == ""
    assert html.count('<script type="application/json">{"trace":') == 1
    assert "Of &lt;three&gt;" in html
    assert 'element/chainrule-stepper.js"' in html


def test_a_page_without_steppers_has_not_their_script(build):
    html, _ = build("Nothing.")
    assert "chainrule-stepper" not in html


@pytest.mark.parametrize(
    ("formula", "at", "reason"),
    [("3*(a + b", "a=1, b=2", "no stepper of '3*(a + b'"), ("3*a", "a=x", "a=x"), ("3*a", "", "no stepper of '3*a'")],
)
def test_a_stepper_that_cannot_be_is_told(build, formula, at, reason):
    _, said = build(f"```{{stepper}} {formula}\n:at: {at}\n```")
    assert "index.md:3" in said
    assert reason in said


def test_mathematics_is_mathml_and_what_cannot_be_read_is_told(build):
    html, said = build(r"$\frac{∂L}{∂w}$ and $\nonsense{<b>}$")
    assert "<mfrac>" in html
    assert r"nonsense" in said
    assert "<code>\\nonsense{&lt;b&gt;}</code>" in html


def test_links_to_other_parts_of_the_site_stay_as_they_are(build):
    html, said = build("[try](try/#f=a&at=a=1) [code](autograd/table/ops.py) [gone](nothing/here)")
    assert 'href="try/#f=a&amp;at=a=1"' in html
    assert said.count("nothing/here") == 1
    assert "try/" not in said


def test_sessions_end_with_their_last_line(build):
    html, _ = build("```pycon\n>>> 1\n1\n\n```")
    assert "\n\n</pre>" not in html
