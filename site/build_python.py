"""Python as WebAssembly, Graphviz as WebAssembly, and this package: ``python/`` in the site."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from compiled import compile_standard_library, compiled

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
GRAPHVIZ = Path("viz", "picture", "viz.js")  # in the wheel: viz/picture/graphviz_wasm.py reads it
FOLDER = "python"  # in the site
PACKAGES = "chainrule.zip"  # in it


def build(output: Path, pyodide: Path | None) -> None:
    """Write ``python/``: Pyodide's core, the wheels of this package and of graphviz, and both for the page."""
    npm_packages()
    folder = output / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in PYODIDE:
        shutil.copy((pyodide or MODULES / "pyodide") / name, folder)
    compile_standard_library(folder)
    wheels(folder)
    packages(folder)


def npm_packages() -> None:
    """What package-lock.json pins, in ``node_modules``; with the Node.js of requirements.txt."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # of requirements.txt's Node.js
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=HERE, env=os.environ | {"PATH": path}, check=True)


def wheels(folder: Path) -> None:
    """Pure wheels: of this package, with viz.js inside, and of what it imports without fail."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(HERE.parent)], check=True)
    (wheel,) = folder.glob("chainrule-*.whl")
    with tempfile.TemporaryDirectory() as unpacked:
        subprocess.run([sys.executable, "-m", "wheel", "unpack", "--dest", unpacked, str(wheel)], check=True)
        (root,) = Path(unpacked).iterdir()
        shutil.copy(MODULES / "@viz-js" / "viz" / "dist" / "viz.js", root / GRAPHVIZ)
        subprocess.run([sys.executable, "-m", "wheel", "pack", "--dest-dir", str(folder), str(root)], check=True)
    subprocess.run([*pip, "download", "--no-deps", "--dest", str(folder), "graphviz==0.21"], check=True)


def packages(folder: Path) -> None:
    """The wheels' packages, compiled, without the notebooks: what the page unpacks at its start."""
    with tempfile.TemporaryDirectory() as unpacked:
        for wheel in folder.glob("*.whl"):
            shutil.unpack_archive(wheel, unpacked, "zip")
        shutil.rmtree(Path(unpacked, "chainrule", "notebooks"))
        keep = [path.name for path in Path(unpacked).iterdir()]
        compiled(folder, Path(unpacked), folder / PACKAGES, "/lib/chainrule", keep)
