"""The page, ``try/`` in the site: an editor, the stepper, the checker; Python runs in a sandboxed frame."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from pathlib import Path

from build_python import FOLDER as PYTHON
from build_python import PACKAGES, PYODIDE

from viz.steps import bundle

PAGE = Path(__file__).parent / "page"
COPIED = ("page.js", "page.css", "worker.js", "answers.py")
FRAME = ("python", "view")  # the frame's scripts, behind the element's
KEPT_OF_PYTHON = (*PYODIDE, PACKAGES)


def build(output: Path, pyodide: Path | None) -> None:  # noqa: ARG001
    """Write ``try/``; needs ``python/`` to be there, whose files the service worker keeps."""
    folder = output / "try"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        shutil.copy(PAGE / name, folder)
    script = frame_script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    view = (PAGE / "view.html").read_text(encoding="utf-8").replace("HASH", f"sha256-{digest}")
    view = view.replace("CSS\n", (PAGE / "view.css").read_text(encoding="utf-8")).replace("SCRIPT", script)
    (folder / "view.html").write_text(view, encoding="utf-8")
    page = (PAGE / "index.html").read_text(encoding="utf-8").replace("HASH", f"sha256-{digest}")
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "sw.js").write_text(service_worker(folder, output / PYTHON), encoding="utf-8")


def frame_script() -> str:
    """The element and the frame's own files as one module: an inline one, for a sandbox loads no files."""
    parts = [(PAGE / f"{name}.js").read_text(encoding="utf-8") for name in FRAME]
    code = "\n".join(bundle.EXPORT.sub("", bundle.IMPORT.sub("", part)) for part in parts)
    script = f"{bundle.script('element')}{{\n{code}}}\n"  # a scope of its own
    if "</script" in script:
        raise ValueError("the script of the frame would end the element that it stands in")
    return script


def service_worker(folder: Path, python: Path) -> str:
    """The text of ``sw.js``, which names the files that it keeps and changes with each of them."""
    own = ["./", *(path.name for path in sorted(folder.iterdir()))]
    kept = [python / name for name in KEPT_OF_PYTHON]
    version = hashlib.sha256()
    for path in [*sorted(folder.iterdir()), *kept]:
        version.update(path.read_bytes())
    files = [*own, *(f"../{PYTHON}/{path.name}" for path in kept)]
    built = json.dumps([version.hexdigest()[:16], files])
    return (PAGE / "sw.js").read_text(encoding="utf-8").replace("BUILD", built)
