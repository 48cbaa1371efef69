"""What CI runs besides ``make test``: other processors, other Pythons, the oldest versions of what is needed.

nox                  all sessions but ``pythons``
nox -s processors    the tests of programs, with OpenBLAS' kernels for other processors
nox -s newest        the suite, by the newest other version of Python that is installed
nox -s pythons       the suite, by every other version
nox -s lowest        the suite, with the oldest versions that pyproject.toml claims
nox -s grading       submissions of the example assignments, graded by nbgrader and by Otter
"""

import itertools
import os
import platform
import shutil
import subprocess
import tomllib
from pathlib import Path

import nox

PROJECT = tomllib.loads((Path(__file__).parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if "Python :: 3." in name]
PARALLEL = ("--numprocesses", "auto", "--dist", "worksteal")
WITHOUT_NOTEBOOKS = ("--ignore", "tests/test_notebooks.py")

KERNELS = ("Haswell", "Nehalem", "Katmai", "Sandybridge")
OF_PROGRAMS = [
    *map(str, Path("tests/autograd/program").glob("test_program*.py")),
    "tests/autograd/program/test_lowering.py",
    "tests/nn/test_execution.py",
    "tests/nn/test_diagnose.py",
]


def interpreter(version: str) -> str | None:
    """A Python of that version that runs: of the PATH, or of pyenv, whose shims stand there for versions not chosen."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [shutil.which(f"python{version}"), *sorted(map(str, pyenv.glob(f"{version}.*/bin/python{version}")))]
    for candidate in filter(None, candidates):
        run = subprocess.run([candidate, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True)
        if run.returncode == 0:
            return run.stdout.strip()
    return None


FOUND = {version: path for version in PYTHONS if (path := interpreter(version))}
os.environ["PATH"] = os.pathsep.join([*(str(Path(path).parent) for path in FOUND.values()), os.environ["PATH"]])
OTHERS = [version for version in FOUND if version != platform.python_version().rpartition(".")[0]]
nox.options.sessions = ["processors", "newest", "lowest", "grading"]


def oldest() -> list[str]:
    """The oldest versions that pyproject claims, of what the package and its tests need: ``a>=1`` as ``a==1``."""
    extras = PROJECT["optional-dependencies"]
    wanted = [
        PROJECT["dependencies"],
        *(extras[extra] for extra in ("data", "fast", "gif", "networkx", "notebook", "pdf", "symbolic", "test")),
    ]
    claims = {claim for some in wanted for claim in some if not claim.startswith(PROJECT["name"])}
    return sorted(claim.replace(">=", "==") for claim in claims)


@nox.session(python=PYTHONS[0])
def processors(session: nox.Session) -> None:
    """The tests of programs by NumPy, with OpenBLAS' kernels for other processors; Numba does without BLAS."""
    if platform.machine() not in ("x86_64", "AMD64"):
        session.skip(f"these kernels are for x86-64, this is {platform.machine()}")
    session.install("--editable", ".[test]")
    for kernel, threads in itertools.product(KERNELS, (1, 2)):
        environment = {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": str(threads)}
        product = "import numpy; a = numpy.ones((64, 64)); a @ a"
        if subprocess.run([f"{session.bin}/python", "-c", product], env=os.environ | environment).returncode:
            session.warn(f"this processor cannot run OpenBLAS' kernels for {kernel}: left out")
            continue
        session.run("pytest", *PARALLEL, "-k", "not numba", *OF_PROGRAMS, env=environment)


def suite(session: nox.Session) -> None:
    """The suite without the notebooks: `make test` has them."""
    session.install("--editable", ".[test]")
    session.run("pytest", *PARALLEL, *WITHOUT_NOTEBOOKS)


@nox.session(python=OTHERS[-1:])
def newest(session: nox.Session) -> None:
    """The suite, by the newest other version of Python that is installed: `make test` has this one."""
    suite(session)


@nox.session(python=OTHERS)
def pythons(session: nox.Session) -> None:
    """The suite, by each other version of Python that is installed."""
    suite(session)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """The suite with the oldest versions of what is needed, without the notebooks: they show what the newest print."""
    session.install(*oldest())
    session.install("--no-deps", "--editable", ".")
    session.run("pytest", *PARALLEL, *WITHOUT_NOTEBOOKS)


@nox.session(python=PYTHONS[0])
def grading(session: nox.Session) -> None:
    """The example assignments: the real tools release them, and grade submissions of several students."""
    session.install("--editable", ".[grading]", "hypothesis", "pytest")  # conftest.py needs both
    session.run("pytest", "tests/test_grading_tools.py", env={"REQUIRE_GRADING": "1"})
