"""Marks as JUnit's XML, which CI shows: a test case for each line, and the score among the suite's properties."""

from __future__ import annotations

from xml.etree import ElementTree

from autograd.by_hand.report import RIGHT, UNREADABLE

from ..marks import Marks, Row, earned_of


def written(marks: Marks) -> str:
    """A line that is not right is a failure; one that cannot be read, and a problem with them all, an error."""
    counts = {
        "tests": len(marks.rows) + bool(marks.problem),
        "failures": len(marks.rows) - len(marks.unreadable) - sum(row.answer.verdict == RIGHT for row in marks.rows),
        "errors": len(marks.unreadable) + bool(marks.problem),
    }
    numbers = {name: str(count) for name, count in counts.items()}
    suites = ElementTree.Element("testsuites", numbers)
    name = marks.title or "derivation"
    suite = ElementTree.SubElement(suites, "testsuite", {"name": name, **numbers, "skipped": "0"})
    properties = ElementTree.SubElement(suite, "properties")
    for key, number in (("earned", marks.earned), ("points", marks.points)):
        ElementTree.SubElement(properties, "property", {"name": key, "value": f"{number:g}"})
    if marks.problem:
        case = ElementTree.SubElement(suite, "testcase", {"classname": name, "name": "all lines"})
        ElementTree.SubElement(case, "error", {"type": "problem", "message": marks.problem})
    for row in marks.rows:
        _add(suite, name, row)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode")


def _add(suite: ElementTree.Element, suite_name: str, row: Row) -> None:
    answer = row.answer
    case = ElementTree.SubElement(suite, "testcase", {"classname": suite_name, "name": row.line})
    if answer.verdict != RIGHT:
        kind = "error" if answer.verdict == UNREADABLE else "failure"
        found = ElementTree.SubElement(
            case, kind, {"type": answer.verdict, "message": answer.diagnosis or answer.verdict}
        )
        found.text = row.text
    ElementTree.SubElement(case, "system-out").text = f"{earned_of(row.earned, row.points)} points"
