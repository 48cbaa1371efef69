"""A real TeX for tests of what is written in LaTeX: Debian's pdfTeX, without a network.

Tests skip where it is missing; with REQUIRE_TEX set they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

PACKAGES = "texlive-latex-recommended texlive-pictures texlive-latex-extra"


def compiled(source, folder):
    """What TeX says of a document; it has become one page, and no character of it was missing."""
    if shutil.which("pdflatex") is None:
        missing = f"needs TeX: apt-get install --no-install-recommends {PACKAGES}"
        if "REQUIRE_TEX" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    (folder / "x.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "x.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    said = run.stdout.decode(errors="replace")
    assert run.returncode == 0, said[-2000:]
    log = (folder / "x.log").read_text(encoding="utf-8", errors="replace")
    assert "Missing character" not in log
    assert "Font Warning" not in log
    assert "Output written on x.pdf (1 page" in said
    return log
