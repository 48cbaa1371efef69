"""Docstrings are plain text, which is read in the code; here it becomes what Sphinx reads.

Lines in two columns become a list of terms; any other indented block stays as it stands; a star or a bar in a sentence
is no markup.
"""

from __future__ import annotations

import re
from textwrap import dedent

from sphinx.application import Sphinx

CODE = re.compile(r"(``.+?``)", re.DOTALL)
MARKUP = re.compile(r"([*|_`\\])")
COLUMNS = re.compile(r"(?P<term>``[^`]+``) +(?P<text>\S.*)|(?P<plain>\S+(?: \S+)*) {2,}(?P<more>\S.*)")


def converted(text: str) -> str:
    """The reStructuredText of a docstring.

    >>> print(converted("Write x_1 * 2, or ``a*b``.\\n\\n.html   the page\\n.svg    a picture\\n        of it"))
    Write x\\_1 \\* 2, or ``a*b``.
    <BLANKLINE>
    ``.html``
        the page
    ``.svg``
        a picture of it
    """
    return "\n\n".join(map(_paragraph, re.split(r"\n\s*\n", text.strip("\n"))))


def _paragraph(text: str) -> str:
    if text.lstrip().startswith(">>>"):
        return text
    lines = text.split("\n")
    begins = next((number for number, line in enumerate(lines) if _is_set(line)), len(lines))
    return "\n\n".join(filter(None, [_prose("\n".join(lines[:begins])), _set(lines[begins:])]))


def _prose(text: str) -> str:
    return "".join(part if part.startswith("``") else MARKUP.sub(r"\\\1", part) for part in CODE.split(text))


def _is_set(line: str) -> bool:
    """Whether a line is indented, or has columns."""
    return line.startswith(" ") or re.search(r"\S {2,}\S", line) is not None


def _set(lines: list[str]) -> str:
    """A block: its terms, each with its text, if these are two columns; else as it stands."""
    if not lines:
        return ""
    block = dedent("\n".join(lines)).split("\n")
    terms: list[tuple[str, list[str]]] = []
    for line in block:
        found = COLUMNS.fullmatch(line)
        if line.startswith(" ") and terms:
            terms[-1][1].append(line.strip())
        elif found:
            terms.append((found["term"] or f"``{found['plain'].replace('``', '')}``", [found["text"] or found["more"]]))
        else:
            return "::\n\n" + "\n".join(f"    {each}" for each in block)
    return "\n".join(f"{term}\n    {_prose(' '.join(words))}" for term, words in terms)


def process(app: Sphinx, what: str, name: str, found: object, options: object, lines: list[str]) -> None:  # noqa: ARG001
    lines[:] = converted("\n".join(lines)).split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
