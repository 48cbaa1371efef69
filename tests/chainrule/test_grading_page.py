"""docs/grading.md shows what is so: commands print what it says, files are the examples, tables are whole."""

import json
import re
import shlex
from pathlib import Path

import pytest

from chainrule.grading import exercise
from chainrule.grading.child import MOST_SECONDS
from chainrule.grading.command import _parser
from chainrule.grading.files import MOST_BYTES
from chainrule.grading.marks import MOST_CHARACTERS, MOST_LINES
from chainrule.grading.writers import WRITERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SESSIONS = [block for kind, block in BLOCKS if kind == "console"]


@pytest.mark.parametrize("session", SESSIONS, ids=lambda text: text.partition("\n")[0])
def test_its_commands_print_what_it_says(run, monkeypatch, session):
    monkeypatch.chdir(ROOT)
    command, _, shown = session.partition("\n")
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert program == "chainrule"
    code, output, errors = run(*arguments)
    assert (output, errors) == (shown, "")
    assert code == int("✗" in shown or '"wrong"' in shown)


def test_its_files_are_the_examples():
    examples = {path.read_text(encoding="utf-8") for path in (ROOT / "examples" / "exercises").iterdir()}
    files = [block for kind, block in BLOCKS if kind in ("toml", "")]
    assert len(files) == 2
    assert set(files) <= examples


def test_it_names_all_keys_options_formats_and_fields(run):
    for key in exercise._KEYS:
        assert re.search(rf"`\[?{key}\]?`", PAGE), key
    for option in re.findall(r"--(\w+)", _parser().format_help()):
        assert option in ("help", "at", "claim", "want") or f"`--{option} " in PAGE, option
    for format in WRITERS:
        assert f"`{format}`" in PAGE or f"--format {format}" in PAGE, format
    output = run("check", "a*b", "--at", "a=1,b=2", "--claim", "da=b", "--format", "json")[1]
    record = json.loads(output)
    assert all(f'"{field}"' in PAGE for field in [*record, *record["lines"][0]])


def test_its_limits_are_the_programs():
    assert f"{MOST_BYTES:,} bytes" in PAGE
    assert f"{MOST_LINES}\nlines and {MOST_CHARACTERS:,} characters" in PAGE
    assert f"seconds for the marking; {MOST_SECONDS:g} if you" in PAGE


def test_the_files_it_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert "://" in target or (ROOT / "docs" / target).exists(), target


def test_its_scripts_are_shell_and_python():
    """Each names an option and a format that there is."""
    scripts = [block for kind, block in BLOCKS if kind in ("sh", "python")]
    assert len(scripts) == 3
    for script in scripts:
        options = set(re.findall(r"--(?!quiet)(\w+)", script))
        assert options == {"format", "output"}
    for kind, block in BLOCKS:
        if kind == "python":
            compile(block, "docs/grading.md", "exec")
