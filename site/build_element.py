"""``element/`` in the site: ``<chainrule-stepper>`` as one file, which stands there as a package of npm."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

from viz.steps import bundle

ROOT = Path(__file__).parent.parent
PACKAGE = Path(__file__).parent / "element"
FOLDER = "element"  # in the site
FILE = "chainrule-stepper.js"

# As a module or as a classic script: its names are its own, and a page that loads it twice has it once.
SCRIPT = """/* chainrule-stepper {version}, MIT license */
"use strict";
if (globalThis.customElements && !customElements.get("chainrule-stepper")) {{
{code}}}
"""


def build(output: Path, pyodide: Path | None) -> None:  # noqa: ARG001
    """Write ``element/``: the file, and what ``npm pack`` puts beside it."""
    folder = output / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    (folder / FILE).write_text(SCRIPT.format(version=version, code=bundle.script("element")), encoding="utf-8")
    shutil.copy(PACKAGE / "README.md", folder)
    shutil.copy(ROOT / "LICENSE", folder)
    package = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    (folder / "package.json").write_text(json.dumps(package | {"version": version}, indent=2) + "\n", encoding="utf-8")
