"""The course in the browser: ``course/`` in the site, by JupyterLite.

Its landing page lists the notebooks and opens each in the app *notebooks*: one document, which leaves the screen to the
notebook; *lab* is beside it for those who want several.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from build_python import FOLDER as PYTHON
from course_kernel import ONLINE, build_kernel, downloaded, extensions
from course_pages import HERE, landing, write_notebooks

APPS = ("lab", "notebooks", "tree", "repl")


def build(output: Path, pyodide: Path | None) -> None:
    """Write ``course/``. NumPy and matplotlib come from ``pyodide``; or, with ONLINE=1, from Pyodide's own address."""
    folder = output / "course"
    shutil.rmtree(folder, ignore_errors=True)
    arrays: Path | str | None = pyodide
    if pyodide is None and os.environ.get("ONLINE"):
        arrays = ONLINE.format(version_of_pyodide())
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        write_notebooks(work / "contents", arrays is not None)
        wheels = work / "wheels"
        wheels.mkdir()
        downloaded(wheels)
        run_jupyterlite(work, folder, extensions(wheels, work / "unpacked"))
        build_kernel(output / PYTHON, folder / "kernel", wheels, arrays)
    for app in APPS:  # before JupyterLite names its icon the browser asks for another, which is not there
        page = folder / app / "index.html"
        text = page.read_text(encoding="utf-8").replace(
            "<title>", '<link rel="icon" href="../notebooks/favicon.ico"><title>', 1
        )
        page.write_text(text, encoding="utf-8")
    (folder / "index.html").write_text(landing(arrays is not None), encoding="utf-8")


def version_of_pyodide() -> str:
    packages = json.loads((HERE.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return str(packages["pyodide"])


def run_jupyterlite(work: Path, folder: Path, labextensions: list[Path]) -> None:
    """The static files of JupyterLite with the contents of ``work``; of its extensions only these."""
    for name in ("jupyter-lite.json", "overrides.json"):
        shutil.copy(HERE / name, work)
    settings = {
        "apps": APPS,
        "contents": ["contents"],
        "federated_extensions": [str(path) for path in labextensions],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(folder.resolve()),
        "settings_overrides": ["overrides.json"],
    }
    (work / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": settings}), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("jupyter-lite")), "build", "--lite-dir", str(work)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=work, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"JupyterLite was not built:\n{done.stdout}\n{done.stderr}")
