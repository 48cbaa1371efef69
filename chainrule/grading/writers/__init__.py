"""Marks, written as each grader reads them: one file a format."""

from __future__ import annotations

from collections.abc import Callable

from ..marks import Marks
from . import classroom50, gradescope, junit, markdown, plain, prairielearn, text

WRITERS: dict[str, Callable[[Marks], str]] = {
    "text": text.written,
    "json": plain.written,
    "junit": junit.written,
    "markdown": markdown.written,
    "gradescope": gradescope.written,
    "prairielearn": prairielearn.written,
    "classroom50": classroom50.written,
}
