"""The documentation, at the root of the site: Sphinx makes it of ``docs/`` and the course's first notebooks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
INCLUDED = "CONTRIBUTING.md"
BESIDE = ("autograd", "examples", "tests")  # what the pages link to
TUTORIAL = "0[0-4]*.ipynb"  # the notebooks of the tutorial, with their outputs


def build(output: Path, pyodide: Path | None) -> None:  # noqa: ARG001
    """Write the pages; a warning of Sphinx is an error."""
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary)
        shutil.copytree(ROOT / "docs", source / "docs", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / INCLUDED, source)
        for name in BESIDE:
            (source / name).symlink_to(ROOT / name)
        for notebook in sorted((ROOT / "notebooks").glob(TUTORIAL)):
            shutil.copy(notebook, source / "docs" / "tutorial")
        doctrees = source / "doctrees"
        options = ["--builder", "html", "--fail-on-warning", "--keep-going", "--quiet", "--fresh-env", "--write-all"]
        paths = ["--doctree-dir", str(doctrees), str(source / "docs"), str(output)]
        environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
        subprocess.run([sys.executable, "-m", "sphinx", *options, *paths], env=environment, check=True)
    shutil.rmtree(output / ".doctrees", ignore_errors=True)
    (output / ".buildinfo").unlink(missing_ok=True)
    (output / ".nojekyll").touch()  # GitHub Pages: folders whose name begins with _ are files like others
