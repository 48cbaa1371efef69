"""Marks as Markdown: a table for a summary in GitHub's CI, or a comment."""

from __future__ import annotations

import re

from autograd.by_hand.report import RIGHT

from ..marks import Marks, Row, earned_of

_SIGNS = re.compile(r"[&<>\\`*_~\[\]|$#@!]|:(?=[\w/+-])")


def written(marks: Marks) -> str:
    """A heading, a table with a row for each line, and the score."""
    parts = [
        marks.title and f"## {_text(marks.title)}",
        _text(marks.problem),
        "| | line | verdict | points |\n|---|---|---|---|\n" + "\n".join(map(_row, marks.rows)),
        _text(marks.advice),
        f"**{earned_of(marks.earned, marks.points)} points**" if marks.points else "",
    ]
    return "\n\n".join(filter(None, parts))


def _row(row: Row) -> str:
    answer = row.answer
    said = [
        f"read as {_code(answer.read_as)}" if answer.read_as else "",
        _text(answer.note),
        _text(answer.diagnosis or ""),
    ]
    verdict = "<br>".join([answer.verdict, *filter(None, said)])
    points = earned_of(row.earned, row.points) if row.points else ""
    return f"| {'✓' if answer.verdict == RIGHT else '✗'} | {_code(row.line)} | {verdict} | {points} |"


def _code(text: str) -> str:
    """The text as code. (In backquotes, a stroke would still end the table's cell, and a backslash cannot save it.)"""
    return f"<code>{_entities(text)}</code>"


def _text(text: str) -> str:
    """The text as it is; GitHub takes an @ for the mention of a person unless a comment stands behind it."""
    return _entities(text).replace("&#64;", "&#64;<!-- -->")


def _entities(text: str) -> str:
    """The text, with each sign that means something to Markdown or HTML as an entity, which means nothing to either."""
    return _SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", text)
