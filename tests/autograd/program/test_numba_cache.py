"""The folder where Numba's kernels are kept, and the process that compiles them in the background."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from autograd import parameter, record
from autograd.program.executors.on_numba import cache as numba_cache
from autograd.program.executors.on_numba import process as numba_process
from autograd.program.executors.on_numba.cache import Kernels

numba = pytest.importorskip("numba")

SMALL = """
from numba import njit

@njit(cache=True)
def replay(code, v, a, x, outputs, gradients, first):
    return {value}
"""
SEVEN = SMALL.format(value="7.0")
NONE = SMALL.format(value="there_is_no_such_name")
ASK = Kernels.ready  # tests/conftest.py puts another one in its place


def called(kernels: Kernels) -> float:
    row, table = np.zeros(1), np.zeros((1, 1))
    return kernels.replay(np.zeros(1, np.uint64), row, row, table, table, row, 0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the cache is."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))  # it looks at the environment later
    return tmp_path


def kept(folder: Path) -> list[str]:
    """How the names of all files in a folder end."""
    return sorted(file.suffix for file in folder.rglob("*.*") if file.is_file())


EVERYTHING = [".nbc", ".nbi", ".py"]


# --- in the background ----------------------------------------------------------------------------------


def test_a_process_of_its_own_compiles(folder, capsys):
    kernels = Kernels(SEVEN)
    assert not ASK(kernels)
    said = f"chainrule: compiling the Numba kernels, once; they are kept in {kernels.folder}; until it is done NumPy"
    assert capsys.readouterr().err == f"{said} computes\n"
    assert not kernels.process.running() or not ASK(kernels)  # asked again, no other one begins
    kernels.process.wait()
    assert ASK(kernels)
    assert called(kernels) == 7.0
    assert kept(folder) == EVERYTHING
    assert ASK(Kernels(SEVEN))
    assert capsys.readouterr().err == ""


def test_who_waits_gets_what_the_other_process_compiles(folder, capsys, monkeypatch):
    kernels = Kernels(SEVEN)
    assert not ASK(kernels)
    monkeypatch.setattr(Kernels, "compile", None)
    assert kernels.compiled() is kernels.replay
    assert called(kernels) == 7.0
    assert kept(folder) == EVERYTHING
    assert capsys.readouterr().err.count("compiling") == 1


def test_a_folder_beside_a_file_named_like_a_module(tmp_path, monkeypatch):
    """The folder is given relative to where we are, and there is a file that would hide one of Python's modules."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "cache")
    monkeypatch.setattr(numba.config, "CACHE_DIR", "cache")
    (tmp_path / "hashlib.py").write_text("raise SystemExit(1)")
    kernels = Kernels(SEVEN)
    assert not ASK(kernels)
    kernels.process.wait()
    assert ASK(kernels)
    assert called(kernels) == 7.0


@pytest.mark.usefixtures("folder")
def test_why_it_failed_is_said_once(capsys):
    kernels = Kernels(NONE)
    assert not ASK(kernels)
    kernels.process.wait()
    capsys.readouterr()
    assert not ASK(kernels)
    message = capsys.readouterr().err
    assert message.startswith("chainrule: cannot compile the Numba kernels: ")
    assert message.endswith("; NumPy goes on computing\n")
    assert not ASK(kernels)
    assert capsys.readouterr().err == ""
    with pytest.raises(numba.TypingError, match="there_is_no_such_name"):
        kernels.compiled()


@pytest.mark.usefixtures("folder")
def test_a_process_that_is_killed_has_failed(capsys):
    kernels = Kernels(SEVEN)
    assert not ASK(kernels)
    kernels.process.popen.kill()
    kernels.process.wait()
    capsys.readouterr()
    if not ASK(kernels):  # it may have been quicker
        assert "cannot compile the Numba kernels: it ended with -9;" in capsys.readouterr().err
    kernels.compiled()
    assert called(kernels) == 7.0


@pytest.mark.parametrize("executable", [None, "", "/no/such/file"])
@pytest.mark.usefixtures("folder")
def test_where_no_process_can_be_started_it_is_compiled_here(executable, monkeypatch, capsys):
    monkeypatch.setattr(sys, "executable", executable)
    kernels = Kernels(SEVEN)
    assert ASK(kernels)
    assert called(kernels) == 7.0
    assert capsys.readouterr().err.endswith(" s\n")


@pytest.mark.usefixtures("folder")
def test_an_application_does_not_start_itself(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(OSError, match="interpreter is not a file"):
        numba_process.Process("this", "", lasting=True)


@pytest.mark.skipif(not hasattr(os, "getsid"), reason="POSIX")
@pytest.mark.usefixtures("folder")
def test_an_interrupt_does_not_reach_it():
    kernels = Kernels(SEVEN)
    assert not ASK(kernels)
    assert os.getsid(kernels.process.popen.pid) != os.getsid(0)
    kernels.process.wait()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.usefixtures("folder")
def test_after_a_fork_there_is_another_process():
    """What a parent's process does a forked one cannot know."""
    kernels = Kernels(SEVEN)
    assert not ASK(kernels)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if not ASK(kernels):
                kernels.process.wait()
            status = int(not ASK(kernels) or called(kernels) != 7.0)
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    kernels.process.wait()
    assert ASK(kernels)


def run_python(code: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", dedent(code)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=os.environ | environment)


def soon(happens: Callable[[], bool]) -> bool:
    """Whether something happens; a slow machine may take some minutes."""
    for _ in range(6000):
        if happens():
            return True
        time.sleep(0.05)
    return False


def lives(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return True


BEGIN = f"""
    from autograd.program.executors.on_numba.cache import Kernels
    kernels = Kernels({SEVEN!r})
    print(kernels.ready(), kernels.path, kernels.process.popen.pid)
"""


def test_when_this_process_ends_it_goes_on(tmp_path):
    out, err = run_python(BEGIN, NUMBA_CACHE_DIR=str(tmp_path)).communicate()
    assert out.startswith("False ")
    assert err.endswith("NumPy computes\n")
    assert soon(lambda: ".nbc" in kept(tmp_path))
    assert kept(tmp_path) == EVERYTHING


def test_in_a_folder_that_does_not_last_it_ends_with_this_process(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    out, _ = run_python(BEGIN, NUMBA_CACHE_DIR=str(in_the_way), TMPDIR=str(tmp_path)).communicate()
    ready, path, pid = out.split()
    assert ready == "False"
    assert Path(path).parent.parent == tmp_path
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    assert soon(lambda: not lives(int(pid)))


# --- programs -------------------------------------------------------------------------------------------


@pytest.fixture
def line():
    w = parameter(2.0, "w")
    return record(lambda x: w * x, 1.0)


def test_numpy_computes_until_the_kernels_are_ready(line, monkeypatch):
    for ready in (False, True):
        monkeypatch.setattr(Kernels, "ready", lambda _, ready=ready: ready)
        program = line.using("numba")
        assert program.executor == ("numba" if ready else "numpy")
        assert f"run by {program.executor}>" in repr(program)
        assert program([1.0, 3.0]).tolist() == [2.0, 6.0]
        assert program.value_and_grad([1.0, 3.0])[1].tolist() == [2.0]
    assert line.executor == "numpy"


def test_who_waits_gets_numba_at_once(line, monkeypatch):
    monkeypatch.setattr(Kernels, "ready", None)
    program = line.using("numba", wait=True)
    assert program.executor == "numba"
    assert program([1.0, 3.0]).tolist() == [2.0, 6.0]


SMALL_TABLE = """
    import time
    import numpy as np
    from autograd import parameter, record
    from autograd.table.ops import OPS

    for name in OPS.keys() - {"+", "sum"}:
        del OPS[name]

    w = parameter(0.1)
    x = np.array([0.1, 0.2, 0.3])
    program = record(lambda x: x + w, 0.0).using("numba")
    first, executor = program.value_and_grad(x), program.executor
    while program.executor == "numpy":
        time.sleep(0.1)
    np.testing.assert_allclose(program(x), x + 0.1, rtol=1e-15)
    np.testing.assert_allclose(program.value_and_grad(x)[0], first[0], rtol=1e-15)
    print(executor, program.executor)
"""


def test_the_first_result_does_not_wait(tmp_path):
    """Two processes begin with an empty folder; then there is a third."""
    for expected, processes in (("numpy numba\n", 2), ("numba numba\n", 1)):
        started = [run_python(SMALL_TABLE, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(processes)]
        for process in started:
            out, err = process.communicate()
            assert (out, process.returncode) == (expected, 0), err
            assert ("until it is done NumPy computes" in err) == (processes == 2)
    assert kept(tmp_path) == EVERYTHING


def test_two_processes_that_wait(tmp_path):
    """One of them compiles, and both have it."""
    code = f"""
        from autograd.program.executors.on_numba.cache import Kernels
        import numpy as np
        kernels = Kernels({SEVEN!r})
        print("begun", flush=True)
        input()
        kernels.compiled()
        row, table = np.zeros(1), np.zeros((1, 1))
        print(kernels.replay(np.zeros(1, np.uint64), row, row, table, table, row, 0))
    """
    command = [sys.executable, "-c", dedent(code)]
    pipe, environment = subprocess.PIPE, os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) for _ in range(2)]
    for process in started:
        assert process.stdout.readline() == "begun\n"
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[0] for process in started] == ["7.0\n"] * 2
    assert kept(tmp_path) == EVERYTHING


# --- the folder -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 1, 40, -1, None], ids=lambda left: f"{left} bytes")
@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_a_cache_that_cannot_be_read_is_made_again(kind, left, folder, capsys):
    """The index or the code is cut off, or is something else."""

    def compiled():
        kernels = Kernels(SEVEN)
        kernels.compiled()
        assert called(kernels) == 7.0
        return capsys.readouterr().err

    assert compiled().startswith("chainrule: compiling")
    assert compiled() == ""
    [file] = folder.rglob(f"*.{kind}")
    file.write_bytes(b"something else" if left is None else file.read_bytes()[:left])
    message, compiling = compiled().splitlines()
    assert message.startswith(f"chainrule: cannot read the Numba kernels kept in {file.parent}: ")
    assert compiling.startswith("chainrule: compiling the Numba kernels, once")
    assert compiled() == ""


def test_a_text_that_was_cut_off_is_written_again(folder):
    path = Kernels(SEVEN).path
    assert path.parent == folder / "chainrule"
    path.write_text(SEVEN[:10])
    assert Kernels(SEVEN).path == path
    assert path.read_text() == SEVEN


def test_what_is_compiled_for_another_processor_is_kept_apart(folder, monkeypatch):
    from numba.core.registry import cpu_target

    path = Kernels(SEVEN).path
    codegen = type(cpu_target.target_context.codegen())
    monkeypatch.setattr(codegen, "magic_tuple", lambda _: ("another",))
    assert Kernels(SEVEN).path != path
    assert len(list(folder.rglob("*.py"))) == 2


def test_without_numba(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError) as error:
        numba_cache.kernels()
    assert str(error.value) == 'the executor "numba" needs Numba: pip install "chainrule[fast]"'


def test_a_folder_that_cannot_be_written_to(monkeypatch, tmp_path):
    """Then the kernels are kept as long as the process lives."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(in_the_way))
    kernels = Kernels(SEVEN)
    assert kernels.path.read_text() == SEVEN
    assert not kernels.path.is_relative_to(tmp_path)
    assert not kernels.lasting


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_when_the_text_is_written(folder, monkeypatch):
    """What was begun is removed."""
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: full_disk() if folder in Path(b).parents else replace(a, b))
    kernels = Kernels(SEVEN)
    assert not kernels.path.is_relative_to(folder)
    assert kept(folder) == []


def test_a_disk_that_is_full_when_the_kernels_are_kept(folder, monkeypatch, capsys):
    kernels = Kernels(SEVEN)
    monkeypatch.setattr(os, "replace", full_disk)
    kernels.compiled()
    assert called(kernels) == 7.0
    assert "(they could not be kept: OSError(28, 'No space left on device'))" in capsys.readouterr().err
    assert kept(folder) == [".py"]


@pytest.mark.usefixtures("folder")
def test_where_nothing_can_be_kept(monkeypatch):
    monkeypatch.setattr(os, "makedirs", full_disk)  # Numba's folder, beside the text
    with pytest.raises(OSError, match="set NUMBA_CACHE_DIR to one"):
        Kernels(SEVEN)


def test_the_default_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = Kernels(SEVEN).path
    assert path.parent == tmp_path / "chainrule"
    made = path.stat().st_ino
    assert Kernels(SEVEN).path.stat().st_ino == made
    assert [file.name for file in path.parent.glob("*.py")] == [path.name]


def test_nobody_is_at_home(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    kernels = Kernels(SEVEN)
    assert not kernels.lasting
    assert kernels.path.read_text() == SEVEN
