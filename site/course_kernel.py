"""The kernel of the course: ``course/kernel/`` has what Pyodide loads to run notebooks, and a lock file that lists it.

JupyterLite would install some twenty wheels at every start and compile what is imported. Here they are one archive,
compiled ahead; SymPy is another, loaded when it is first imported.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import sklearn.datasets
from compiled import compiled

HERE = Path(__file__).parent / "course"
EXTENSIONS = Path(sys.prefix, "share", "jupyter", "labextensions")
KERNEL = EXTENSIONS / "@jupyterlite" / "pyodide-kernel-extension"
OF_WHEELS = "data/share/jupyter/labextensions"
PLACE = "/lib/python3.14/site-packages"
SYMBOLIC = ("sympy-", "mpmath-")
LEFT_OUT = ("/tests/", ".pyi")
# What the kernel would install at its start, were it not loaded: all of it is in the first.
PARTS = ("ipython", "micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi")
DIGITS = Path(sklearn.datasets.__file__).with_name("data") / "digits.csv.gz"  # nn.datasets.digits reads it
ARRAYS = ("numpy", "matplotlib", "scikit-learn")  # of a full distribution of Pyodide
ONLINE = "https://cdn.jsdelivr.net/pyodide/v{}/full/"


def build_kernel(pyodide: Path, folder: Path, pinned: Path, arrays: Path | str | None) -> None:
    """Write the archives and ``lock.json`` into ``folder``, from the site's ``python/`` and the wheels in ``pinned``.

    ``arrays`` is where NumPy, matplotlib and scikit-learn are taken from: a full distribution of Pyodide, whose wheels
    are copied, the address of one, which browsers then ask, or nothing.
    """
    folder.mkdir(parents=True)
    wheels = [*sorted(pinned.glob("*.whl")), *sorted((KERNEL / "static" / "pypi").glob("*.whl"))]
    symbolic = [wheel for wheel in wheels if wheel.name.startswith(SYMBOLIC)]
    kernel, symbols, empty = folder / "kernel.zip", folder / "sympy.zip", folder / "empty.zip"
    archive(pyodide, kernel, [wheel for wheel in wheels if wheel not in symbolic], [HERE / "startup.py"])
    archive(pyodide, symbols, symbolic)
    zipfile.ZipFile(empty, "w").close()
    packages = [listed(PARTS[0], kernel), *(listed(name, empty) for name in PARTS[1:])]
    packages += [listed("sympy", symbols, "sympy", "mpmath"), listed("chainrule", pyodide / "chainrule.zip")]
    packages[0]["depends"] = ["chainrule"]
    packages[-1]["file_name"] = "../../python/chainrule.zip"  # the page loads the same
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    if arrays is not None:
        packages += of_distribution(lock["packages"], arrays, folder)
    lock["packages"] = {package["name"]: package for package in packages}
    (folder / "lock.json").write_text(json.dumps(lock), encoding="utf-8")


def downloaded(folder: Path) -> None:
    """Put the wheels that wheels.txt pins into a folder."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pure = ["--only-binary=:all:", "--python-version=3.14", "--implementation=py", "--platform=any", "--abi=none"]
    pins = HERE / "wheels.txt"
    subprocess.run([*pip, *pure, "--require-hashes", "--dest", folder, "--requirement", pins], check=True)


def archive(pyodide: Path, path: Path, wheels: Sequence[Path], startup: Sequence[Path] = ()) -> None:
    """Write an archive of the modules of all ``wheels``, compiled, and what IPython runs at its start."""
    with tempfile.TemporaryDirectory() as temporary:
        modules = Path(temporary)
        for wheel in wheels:
            unpack(wheel, modules)
        if startup:
            (modules / "nn").mkdir()
            shutil.copy(DIGITS, modules / "nn")
            profile = modules / "chainrule_course" / "profile_default" / "startup"
            profile.mkdir(parents=True)
            for script in startup:
                shutil.copy(script, profile)
        compiled(pyodide, modules, path, PLACE, ("chainrule_course",))


def listed(name: str, path: Path, *imports: str) -> dict[str, object]:
    """What a lock file says of a package in an archive: its name, and what a cell that needs it imports."""
    return {
        "name": name,
        "version": "1",
        "file_name": path.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": imports,
        "depends": [],
        "unvendored_tests": False,
    }


def unpack(wheel: Path, modules: Path) -> None:
    """The modules of a wheel and their licences; not its tests, nor what is for other programs."""
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if ".data/" not in name and not any(part in f"/{name}" for part in LEFT_OUT):
                packed.extract(name, modules)


def of_distribution(known: dict[str, dict[str, object]], source: Path | str, folder: Path) -> list[dict[str, object]]:
    """NumPy, matplotlib, scikit-learn and what they depend on, as Pyodide's lock file lists them."""
    names = list(ARRAYS)
    for name in names:  # grows
        depends = known[name]["depends"]
        assert isinstance(depends, list)
        names += [needed for needed in depends if needed not in names]
    packages = [known[name] for name in names]
    for package in packages:
        file = str(package["file_name"])
        if isinstance(source, Path):
            shutil.copy(source / file, folder)
        else:
            package["file_name"] = source + file
    return packages


def extensions(wheels: Path, folder: Path) -> list[Path]:
    """JupyterLab's extensions that the course needs: the kernel, and those that show anywidget's widgets."""
    found = [KERNEL]
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(folder, [name for name in packed.namelist() if OF_WHEELS in name])
    return [*found, *(path.parent for path in folder.rglob("package.json") if path.parent.parent.name != "schemas")]
