"""What a kernel of the course does when it starts; IPython runs it, since it lies in its profile's folder startup."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import pyodide_js
from IPython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from pyodide.ffi import can_run_sync, run_sync

ARRAYS = ("numpy", "matplotlib", "sklearn")
PACKAGES = {
    module: name for name, package in pyodide_js.lockfile.packages.to_py().items() for module in package["imports"]
}


class AtFirstImport:
    """Finds a module whose package is loaded when it is first imported, by whatever module.

    The kernel itself loads what a cell imports; what chainrule imports in its functions it cannot see. Where the
    browser cannot wait in Python (it has no JSPI), only the kernel does.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        package = PACKAGES.get(name)
        if package is None or package in pyodide_js.loadedPackages.to_py() or not can_run_sync():
            return None
        run_sync(pyodide_js.loadPackage(package))
        return PathFinder.find_spec(name, path, target)


async def prepare() -> None:
    """Import what the first cell imports, and start Graphviz, while the student reads."""
    for name in ("chainrule", "nn", "viz"):
        import_module(name)
        await asyncio.sleep(0)  # a cell may run in between
    await import_module("viz.picture.graphviz_wasm").start().started


def say_what_is_missing(
    shell: InteractiveShell,
    kind: type[BaseException],
    error: BaseException,
    trace: object,
    tb_offset: int | None = None,
) -> None:
    """A cell that needs NumPy says so in a line, and the cells after it run; other errors are shown as ever."""
    if getattr(error, "name", None) in ARRAYS or any(name in str(error) for name in ("NumPy", "scikit-learn")):
        print("This cell needs NumPy, which this browser's Python does not have: the cells after it run without it.")
    else:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


get_ipython().set_custom_exc((ModuleNotFoundError,), say_what_is_missing)
sys.meta_path.append(AtFirstImport)
PREPARED = asyncio.ensure_future(prepare())  # noqa: RUF006  (kept: else it may be collected before it is done)
