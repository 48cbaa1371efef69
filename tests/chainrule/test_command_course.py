"""chainrule course: the notebooks without their outputs, in a folder of the student's."""

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from chainrule import course
from chainrule.__main__ import main

SOURCE = Path(__file__).parent.parent.parent / "notebooks"
NAMES = sorted(path.name for path in SOURCE.glob("*.ipynb"))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_course_is_copied_without_outputs(capsys):
    assert main(["course"]) == 0
    folder = Path("chainrule-course")
    assert sorted(path.name for path in folder.glob("*.ipynb")) == NAMES
    assert (folder / "README.md").is_file()
    assert {path.name for path in folder.glob("exercises/*")} == {path.name for path in SOURCE.glob("exercises/*.toml")}
    assert not list(folder.rglob("*.py"))
    for name in NAMES:
        copy, original = (json.loads((place / name).read_text(encoding="utf-8")) for place in (folder, SOURCE))
        assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in copy["cells"])
        assert [cell["source"] for cell in copy["cells"]] == [cell["source"] for cell in original["cells"]]
        assert copy["metadata"] == original["metadata"]
    assert capsys.readouterr().out.splitlines()[-2:] == ["    cd chainrule-course", f"    jupyter lab {NAMES[0]}"]


def test_a_students_work_stays(capsys):
    mine = Path("work/04_neurons_and_perceptrons.ipynb")
    mine.parent.mkdir()
    mine.write_text("mine")
    assert main(["course", "work"]) == 0
    assert mine.read_text() == "mine"
    assert len(list(mine.parent.glob("*.ipynb"))) == len(NAMES)
    said = capsys.readouterr().out
    assert "Yours differ, and are left as they are: 04_neurons_and_perceptrons.ipynb.\n" in said
    assert "chainrule course work --again 04" in said


def test_what_is_as_it_was_is_not_spoken_of(capsys):
    assert main(["course", "work"]) == main(["course", "work"]) == 0
    assert "Yours" not in capsys.readouterr().out
    Path("work/exercises/03-penalty.toml").write_text("title = 'mine'")
    Path("work/README.md").write_bytes(b"\xff")
    assert main(["course", "work"]) == 0
    said = capsys.readouterr().out
    assert "left as they are: README.md, exercises/03-penalty.toml.\n" in said
    assert "--again" not in said  # that is for notebooks


def test_a_name_with_a_space_is_quoted(capsys):
    assert main(["course", "my work"]) == 0
    assert "    cd 'my work'\n" in capsys.readouterr().out


def test_a_fresh_copy_stands_beside(capsys):
    for expected in ("02_logistic_regression", "02_logistic_regression_2", "02_logistic_regression_3"):
        assert main(["course", "work", "--again", "02"]) == 0
        assert f"jupyter lab {expected}.ipynb" in capsys.readouterr().out
    copies = [path.read_bytes() for path in Path("work").glob("*.ipynb")]
    assert len(copies) == 3
    assert len(set(copies)) == 1
    assert Path("work/exercises/02-batch.toml").is_file()


@pytest.mark.parametrize(("number", "name"), [("09", "09_vectorisation"), ("09b", "09b_looking_inside"), ("11", "11_")])
def test_a_number_is_whole(number, name, capsys):
    """09 is not the beginning of 09b; and what is said to be typed can be typed."""
    assert main(["course", "work", "--again", number]) == 0
    (copy,) = Path("work").glob("*.ipynb")
    assert copy.name.startswith(name)
    capsys.readouterr()
    assert main(["course", "work"]) == 0
    copy.write_text("mine")
    assert main(["course", "work"]) == 0
    assert f"chainrule course work --again {number}\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "0", "99", "../02"])
def test_again_wants_one_notebook(name, capsys):
    assert main(["course", "--again", name]) == 2
    assert "--again takes the name or the number of one notebook" in capsys.readouterr().err
    assert not list(Path().iterdir())


def test_a_folder_that_is_a_file(capsys):
    Path("work").write_text("mine")
    assert main(["course", "work"]) == 2
    assert capsys.readouterr().err.endswith("work is no folder\n")
    assert Path("work").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(capsys):
    Path("work").mkdir(mode=0o500)
    assert main(["course", "work"]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_link_is_not_followed():
    Path("work").mkdir()
    Path("work/README.md").symlink_to("../elsewhere")
    assert main(["course", "work"]) == 0
    assert not Path("elsewhere").exists()


def test_what_is_missing_is_said(monkeypatch, capsys):
    monkeypatch.setattr(course, "EXTRA", "no_such_module")
    assert main(["course"]) == 0
    assert '    pip install "chainrule[notebook]"\n' in capsys.readouterr().out
    monkeypatch.setattr(course, "SOURCES", (Path("nowhere"),))
    assert main(["course"]) == 2
    assert "this installation has no notebooks: nowhere is not there" in capsys.readouterr().err


def test_course_is_a_name_too(capsys):
    assert main(["course", "course=3"]) == 0
    assert "course" in capsys.readouterr().out
    assert not list(Path().iterdir())


def test_a_file_is_written_whole_or_not_at_all():
    Path("work").mkdir()
    with pytest.raises(UnicodeEncodeError):
        course._written(Path("work/a.md"), "\ud800")
    assert not list(Path("work").iterdir())


def test_a_wheel_holds_the_course(tmp_path):
    """It is built as pip builds it; in it the notebooks are where ``chainrule course`` looks."""
    builder = pytest.importorskip("hatchling.build", reason="hatchling builds the wheel")
    os.chdir(SOURCE.parent)
    name = builder.build_wheel(str(tmp_path))
    held = {name.removeprefix("chainrule/") for name in zipfile.ZipFile(tmp_path / name).namelist()}
    assert {f"notebooks/{notebook}" for notebook in NAMES} <= held
    assert "notebooks/README.md" in held
    assert not {name for name in held if name.startswith("notebooks/") and name.endswith(".py")}
    assert {"course.py", "autograd/value.py"} <= held
    (tmp_path / "editable").mkdir()
    builder.build_editable(str(tmp_path / "editable"))
