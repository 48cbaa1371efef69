"""Builds the site, as static files: ``python site/build.py`` (``make site``).

    index.html ...   the documentation, by Sphinx
    try/             the page: an editor, the stepper, the checker
    course/          the notebooks, in JupyterLite
    element/         <chainrule-stepper>, one file
    python/          Python as WebAssembly and the wheel of this package, which page and course share

Everything comes from the package registries: of npm what package-lock.json pins, of Python what requirements.txt pins.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import build_course
import build_documentation
import build_element
import build_page
import build_python

ROOT = Path(__file__).parent.parent
PARTS: dict[str, Callable[[Path, Path | None], None]] = {
    "documentation": build_documentation.build,
    "python": build_python.build,
    "element": build_element.build,
    "try": build_page.build,
    "course": build_course.build,
}


def main() -> None:
    """Build all parts, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="parts to build again; all, if none is named")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--pyodide", type=Path, help="a full Pyodide distribution: NumPy and matplotlib come from it")
    arguments = parser.parse_args()
    if not arguments.parts:
        shutil.rmtree(arguments.output, ignore_errors=True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.parts or PARTS:
        begun = time.monotonic()
        PARTS[name](arguments.output, arguments.pyodide)
        print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    print(f"the site is in {arguments.output}; look at it: python -m http.server --directory {arguments.output}")


if __name__ == "__main__":
    main()
