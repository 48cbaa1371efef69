"""axe-core, which looks for faults of accessibility in a page: ``npm ci`` in site/ installs it.

Tests skip where it is missing; with REQUIRE_BROWSER set they fail.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "site" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async (within) => {
    const rules = { "target-size": { enabled: true } };
    const options = { resultTypes: ["violations"], elementRef: true, rules };
    const { violations } = await axe.run(within ?? document, options);
    // In a box of a graph, axe takes the tooltip for words that are seen, and numbers for a part of the name;
    // mathematics is called as it is read aloud.
    const isNamed = ({ element }) => element instanceof SVGElement || element.querySelector("math") !== null;
    const isMeant = (id, node) => id !== "label-content-name-mismatch" || !isNamed(node);
    return violations.map(({ id, impact, help, nodes }) => {
        const meant = nodes.filter((node) => isMeant(id, node));
        const told = meant.map(({ target, failureSummary }) => `${target.flat().join(" ")}: ${failureSummary}`);
        return { id, impact, help, nodes: told.slice(0, 5) };
    });
}"""


def faults(page, *, within: str | None = None, impacts: tuple[str, ...] = ("serious", "critical")) -> list[str]:
    """What axe finds in a page that is open, in shadow trees and frames of the same origin also, a line each.

    ``within`` is a CSS selector: the part of the page that is looked at.
    """
    if not SCRIPT.exists():
        missing = "needs axe-core: npm ci in site/"
        if "REQUIRE_BROWSER" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))  # not a script element: policies of pages forbid it
    found = page.evaluate(RUN, within)
    return [
        f"{fault['impact']}: {fault['id']}: {fault['help']}\n    " + "\n    ".join(fault["nodes"])
        for fault in found
        if fault["impact"] in impacts and fault["nodes"]
    ]
