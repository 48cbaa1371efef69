"""A live stepper in a page: the directive ``stepper``.

    ```{stepper} 3*(a + b*c)
    :at: a=5, b=3, c=2
    :caption: The graph of 3(a + bc)
    ```

More definitions may stand in its body, a line each. The stepper is the element
``<chainrule-stepper>`` of the site with its graph inside; until its script runs, the picture stands there.
"""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

from autograd import parse
from autograd.errors import FormulaError
from chainrule.arguments import CommandError, values
from viz import stepper

FOLDER = "steppers"  # of the pictures, in the site
SCRIPTS = ("../element/chainrule-stepper.js", "steppers.js")  # as seen from _static
FIGURE = """<figure class="stepper">
<chainrule-stepper>
<img src="{picture}" alt="{alternative}">
<script type="application/json">{payload}</script>
</chainrule-stepper>
<figcaption>{caption}</figcaption>
</figure>
"""


class shown_stepper(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes so
    """A stepper: ``formula``, its ``leaves``, a ``caption``."""


class StepperDirective(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"at": directives.unchanged, "caption": directives.unchanged}  # noqa: RUF012 - docutils' name

    def run(self) -> list[nodes.Node]:
        formula = "\n".join([self.arguments[0], *self.content])
        try:
            leaves = values([part for part in self.options.get("at", "").split(",") if part.strip()])
            parse(formula, **leaves)
        except (CommandError, FormulaError) as error:
            raise self.error(f"no stepper of {formula!r}: {error}") from error
        caption = self.options.get("caption", "")
        return [shown_stepper("", formula=formula, leaves=leaves, caption=caption)]


def visit_html(translator: HTML5Translator, node: shown_stepper) -> None:
    builder = translator.builder
    formula, leaves = node["formula"], node["leaves"]
    made = hashlib.sha256(repr((formula, sorted(leaves.items()))).encode()).hexdigest()[:16]
    picture = Path(builder.outdir, FOLDER, f"{made}.svg")
    picture.parent.mkdir(exist_ok=True)
    shown = stepper(parse(formula, **leaves))
    shown.save(picture)
    at = relative_uri(builder.get_target_uri(builder.current_docname), f"{FOLDER}/{picture.name}")
    words = {"picture": at, "caption": node["caption"], "alternative": f"The graph of {formula}"}
    figure = {key: escape(text) for key, text in words.items()} | {"payload": shown.payload()}
    translator.body.append(FIGURE.format(**figure))
    raise nodes.SkipNode


def add_scripts(app: Sphinx, page: str, template: str, context: object, document: nodes.document | None) -> None:  # noqa: ARG001
    """The scripts of a page that has a stepper."""
    if document is not None and next(document.findall(shown_stepper), None) is not None:
        for script in SCRIPTS:
            app.add_js_file(script, defer="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(shown_stepper, html=(visit_html, None))
    app.add_directive("stepper", StepperDirective)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
