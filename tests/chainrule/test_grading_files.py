"""Files for ``chainrule check`` from hands that are not trusted, and its options."""

import json
import os
import stat

import pytest

from chainrule.grading import child
from chainrule.grading.files import MOST_BYTES, FileError, read_text, write_text
from chainrule.grading.marks import MOST_CHARACTERS, MOST_LINES

EXERCISE = 'title = "One"\ngraph = "J = (w*x)**2"\n[at]\nw = 3\nx = 2\n[points]\ndw = 2\ndx = 1\n'
RIGHT = "dw = 2*w*x*x\ndx = 2*w*x*w\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to be in, with an exercise and right answers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.toml").write_text(EXERCISE)
    (tmp_path / "one.answers.txt").write_text(RIGHT)
    return tmp_path


def links_or_skip(link, target):
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("no links here")


# --- what is read -----------------------------------------------------------------------------------------


def test_the_answers_are_beside_the_exercise(folder, run, monkeypatch):
    assert run("check", "one.toml")[0] == 0
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert run("check", str(folder / "one.toml"))[0] == 0
    assert run("check", "../one.toml")[0] == 0


@pytest.mark.parametrize(
    "data",
    [
        RIGHT.encode(),
        RIGHT.replace("\n", "\r\n").encode(),
        RIGHT.replace("\n", "\r").encode(),
        RIGHT.encode("utf-8-sig"),
        RIGHT.encode("utf-16"),
        b"\xfe\xff" + RIGHT.encode("utf-16-be"),
        RIGHT.replace("*", "·").encode(),
        RIGHT.rstrip().encode(),
    ],
    ids=["utf-8", "crlf", "cr", "bom", "utf-16", "utf-16-be", "typeset", "no line end"],
)
def test_texts_of_every_editor(folder, run, data):
    (folder / "one.answers.txt").write_bytes(data)
    code, output, errors = run("check", "one.toml")
    assert (code, errors) == (0, "")
    assert output.endswith("3 of 3 points\n")


NO_TEXT = [
    (b"\xff\xfe\x00", r"it is no text in UTF-8 (see byte 3): save it as UTF-8"),
    (b"dw = \xe9", r"it is no text in UTF-8 (see byte 6): save it as UTF-8"),
    (b"\x89PNG\r\n\x1a\n\x00", r"it is no text in UTF-8 (see byte 1): save it as UTF-8"),
    (b"dw = 1\0", "it is no text: it holds a NUL character"),
    (RIGHT.encode("utf-16-le"), "it is no text: it holds a NUL character"),
    (b" " * (MOST_BYTES + 1), "it is larger than 100,000 bytes"),
]


@pytest.mark.parametrize(("data", "reason"), NO_TEXT)
def test_what_is_no_text(folder, run, data, reason):
    (folder / "one.answers.txt").write_bytes(data)
    code, output, errors = run("check", "one.toml")
    assert (code, output, errors) == (2, "", f"chainrule: cannot read one.answers.txt: {reason}\n")


@pytest.mark.parametrize(("data", "reason"), NO_TEXT)
def test_graders_get_a_report_of_what_is_no_text(folder, run, data, reason):
    (folder / "one.answers.txt").write_bytes(data)
    code, output, errors = run("check", "one.toml", "--format", "gradescope")
    assert (code, errors) == (2, "")
    results = json.loads(output)
    assert results["output"] == f"One\ncannot read one.answers.txt: {reason}"
    assert [(test["name"], test["score"], test["max_score"]) for test in results["tests"]] == [
        ("dw", 0, 2),
        ("dx", 0, 1),
    ]


@pytest.mark.parametrize(("data", "reason"), NO_TEXT)
def test_an_exercise_that_is_no_text_is_no_fault_of_a_students(folder, run, data, reason):
    (folder / "one.toml").write_bytes(data)
    code, output, errors = run("check", "one.toml", "--format", "gradescope")
    assert (code, output) == (2, "")
    assert errors.startswith(f"chainrule: cannot read one.toml: {reason}")
    assert errors.count("\n") == 1


def test_an_exercise_that_cannot_be_used_is_named(folder, run):
    (folder / "one.toml").write_text(EXERCISE + "dv = 1\n")
    code, output, errors = run("check", "one.toml", "--format", "json")
    assert (code, output) == (2, "")
    assert errors.startswith("chainrule: one.toml: points: the graph has no v")


@pytest.mark.parametrize("format", ["text", "json"])
def test_no_answers(folder, run, format):
    (folder / "one.answers.txt").unlink()
    code, output, errors = run("check", "one.toml", "--format", format)
    message = "cannot read one.answers.txt: No such file or directory"
    assert code == 2
    assert (output, errors) == ("", f"chainrule: {message}\n") if format == "text" else errors == ""
    assert format == "text" or json.loads(output)["problem"] == message


def test_links_are_not_followed(folder, run):
    """A submission must not have another file shown in its report."""
    secret = folder / "secret.txt"
    secret.write_text("dw = the secret\n")
    links_or_skip(folder / "linked.txt", secret)
    code, output, _ = run("check", "one.toml", "linked.txt", "--format", "json")
    assert code == 2
    assert json.loads(output)["problem"] == "cannot read linked.txt: a link has no place here: give the file itself"
    assert "secret" not in output


def test_links_among_the_folders_are_not_followed_either(folder, run, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "answers.txt").write_text("dw = the secret\n")
    links_or_skip(folder / "submission", outside)
    for path in ("submission/answers.txt", "./submission/answers.txt"):
        code, output, _ = run("check", "one.toml", path, "--format", "json")
        assert code == 2
        assert "a link has no place here" in output
        assert "secret" not in output
    assert run("check", "one.toml", "--format", "json", "--output", "submission/r.json")[0] == 2
    assert not (outside / "r.json").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_does_not_hold_the_reader_up(folder, run):
    os.mkfifo(folder / "fifo")
    assert run("check", "one.toml", "fifo") == (2, "", "chainrule: cannot read fifo: it is no regular file\n")


@pytest.mark.usefixtures("folder")
def test_devices_and_folders(run):
    assert run("check", "one.toml", ".") == (2, "", "chainrule: cannot read .: it is a folder\n")
    assert run("check", "one.toml", "a\0b")[::2] == (
        2,
        "chainrule: cannot read a\\x00b: no name of a file holds a NUL character\n",
    )
    if os.path.exists("/dev/zero"):
        assert run("check", "one.toml", "/dev/zero")[2] == "chainrule: cannot read /dev/zero: it is no regular file\n"


def test_too_many_lines(folder, run):
    (folder / "one.answers.txt").write_text("dw = 1\n" * (MOST_LINES + 1))
    assert run("check", "one.toml") == (2, "", "chainrule: there are 201 lines; at most 200 are read\n")
    (folder / "one.answers.txt").write_text("dw=1;" * 19_000)
    assert run("check", "one.toml") == (2, "", "chainrule: there are 19,000 lines; at most 200 are read\n")


def test_too_long_a_line(folder, run):
    (folder / "one.answers.txt").write_text(f"dw = 2*w*x*x{' + 0' * MOST_CHARACTERS}\n")
    assert run("check", "one.toml") == (2, "", "chainrule: a line has 40,012 characters; at most 10,000 are read\n")


@pytest.mark.parametrize(
    "line",
    [f"dw = {'(' * 9_000}", f"dw = {'-' * 9_000}w", f"dw = {'w*' * 4_000}w", f"dw = 9{'**9' * 3_000}", "=" * 9_000],
    ids=["parentheses", "signs", "factors", "powers", "equals"],
)
def test_lines_that_would_break_a_parser(folder, run, line):
    (folder / "one.answers.txt").write_text(f"{line}\ndx = 2*w*x*w\n")
    code, output, errors = run("check", "one.toml")
    assert code in (1, 2)
    assert errors == ""
    assert output.endswith("1 of 3 points\n")


# --- what is written --------------------------------------------------------------------------------------


def test_output(folder, run):
    assert run("check", "one.toml", "--format", "json", "--output", "r.json") == (0, "", "")
    assert json.loads((folder / "r.json").read_text(encoding="utf-8"))["earned"] == 3
    (folder / "one.answers.txt").write_text("dw = ∂J/∂w\n", encoding="utf-8")
    assert run("check", "one.toml", "--format", "json", "--output", "r.json") == (2, "", "")
    assert json.loads((folder / "r.json").read_text(encoding="utf-8"))["earned"] == 0
    assert sorted(path.name for path in folder.iterdir()) == ["one.answers.txt", "one.toml", "r.json"]


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
def test_others_may_read_the_output(folder, run):
    """As the file of any program: the grader may be another user."""
    mask = os.umask(0o022)
    try:
        assert run("check", "one.toml", "--output", "r.txt")[0] == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE((folder / "r.txt").stat().st_mode) == 0o644


def test_the_output_goes_through_no_link_and_over_none(folder, run):
    """A submission may bring a link of the report's name."""
    target = folder / "target"
    target.write_text("kept")
    links_or_skip(folder / "r.json", target)
    code, output, errors = run("check", "one.toml", "--output", "r.json")
    assert (code, output) == (2, "")
    assert errors == "chainrule: cannot write r.json: a link has no place here: give the file itself\n"
    assert target.read_text() == "kept"
    assert (folder / "r.json").is_symlink()


def test_the_output_replaces_nothing_but_a_file(folder, run):
    (folder / "r").mkdir()
    assert run("check", "one.toml", "--output", "r") == (2, "", "chainrule: cannot write r: it is a folder\n")
    assert (
        run("check", "one.toml", "--output", "no/r")[2] == "chainrule: cannot write no/r: No such file or directory\n"
    )
    if os.path.exists("/dev/null"):
        with pytest.raises(FileError, match=r"^cannot write /dev/null: it is no regular file$"):
            write_text("/dev/null", "")


def test_a_file_is_written_whole_or_not_at_all(folder, monkeypatch):
    (folder / "r").write_text("before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileError, match=r"^cannot write r: No space left on device$"):
        write_text("r", "after")
    assert read_text("r") == "before"
    assert not list(folder.glob(".r*"))


# --- options ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_points_in_place_of_the_exercises(run):
    code, output, _ = run("check", "one.toml", "--points", "dw=1/2, dx=0")
    assert code == 0
    assert output.endswith("0.5 of 0.5 points\n")
    assert output.count("points") == 2  # dx is worth none


def test_reveal_in_place_of_the_exercises(folder, run):
    (folder / "one.answers.txt").write_text("dw = 2*w*x\ndx = 1\n")
    assert "autograd" not in run("check", "one.toml")[1]
    assert "yours 12, autograd 24, numerical 24" in run("check", "one.toml", "--reveal", "numbers")[1]
    assert run("check", "one.toml", "--reveal", "nothing")[1] == (
        "One\n\n✗ dw = 2*w*x: wrong\n  0 of 2 points\n✗ dx = 1: wrong\n  0 of 1 points\n0 of 3 points\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--points", "dw"], "expected name=number, such as dw1=2, not 'dw'"),
        (["--points", "dw=x"], "a value is a number, such as dw=1.5, not 'dw=x'"),
        (["--points", "dw=1,dw=2"], "dw is given twice"),
        (["--points", "dw=-1"], "--points: dw = -1.0: points are numbers from 0 to 1,000,000"),
        (["--points", "dv=1"], "one.toml: points: the graph has no v"),
        (["--timeout", "0"], "--timeout is a number of seconds up to 3600, not '0'"),
        (["--timeout", "soon"], "a value is a number, such as timeout=1.5, not 'timeout=soon'"),
        (["--format", "pdf"], "argument --format: invalid choice: 'pdf'"),
        (["--reveal", "all"], "argument --reveal: invalid choice: 'all'"),
        (["--claim", "dw = 1"], "--claim belongs to a formula: an exercise has its own"),
        (["--want", "formula"], "--want belongs to a formula: an exercise has its own"),
        (["--at", "w=1"], "--at belongs to a formula: an exercise has its own"),
        (["three", "four"], "unrecognized arguments: "),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_that_cannot_be_used(run, options, message):
    code, output, errors = run("check", "one.toml", *options)
    assert (code, output) == (2, "")
    assert errors.startswith(f"chainrule: {message}")
    assert errors.count("\n") == 1


def test_an_exercise_of_another_name(folder, run):
    (folder / "one.txt").write_text(EXERCISE)
    errors = run("check", "one.txt", "one.answers.txt")[2]
    assert "belongs to an exercise, not to a formula: an exercise is a file that ends in .toml" in errors


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.usefixtures("folder")
def test_too_little_time(run, format, monkeypatch):
    """The limit is real for the first process, which computes; the second one only says so."""
    plain, calls = child.subprocess.run, []

    def slow(command, **options):
        calls.append(options["timeout"])
        if len(calls) == 1:
            command = [command[0], "-c", "import time; time.sleep(60)"]
        else:
            options["timeout"] = 60
        return plain(command, **options)

    monkeypatch.setattr(child.subprocess, "run", slow)
    code, output, errors = run("check", "one.toml", "--timeout", "0.5", "--format", format)
    message = "the marking took longer than 0.5 seconds"
    assert (code, calls) == (2, [0.5, 0.5])
    assert (output, errors) == ("", f"chainrule: {message}\n") if format == "text" else errors == ""
    assert format == "text" or json.loads(output)["problem"] == message


@pytest.mark.usefixtures("folder")
def test_a_marking_that_breaks_off_gives_no_marks(run, monkeypatch):
    """It is no fault of the student's: there is no report, and no 0."""
    monkeypatch.setattr(child, "_START", "import os; os._exit(7)")
    assert run("check", "one.toml", "--format", "json") == (2, "", "chainrule: the marking broke off: exit code 7\n")
    monkeypatch.setattr(child, "_START", "raise KeyError('x')")
    assert run("check", "one.toml", "--format", "json") == (2, "", "chainrule: the marking broke off: KeyError: 'x'\n")


@pytest.mark.skipif(os.name == "nt", reason="memory is not capped there")
def test_memory_is_capped():
    """As a program of its own, for the limit stays."""
    import subprocess
    import sys

    resource = pytest.importorskip("resource")
    code = (
        "from chainrule.grading.child import _cap_memory, MOST_BYTES; import resource; _cap_memory(); "
        "print(resource.getrlimit(resource.RLIMIT_AS)[0] <= MOST_BYTES)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    limited = resource.getrlimit(resource.RLIMIT_AS)[1] != resource.RLIM_INFINITY
    assert out.strip() == "True" or (limited and sys.platform == "darwin")
