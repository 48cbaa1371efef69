"""Mathematics as MathML, which browsers set by themselves: no script, no fonts from elsewhere."""

from __future__ import annotations

from html import escape

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
SIGNS = {"∂": r"\partial ", "−": "-", "·": r"\cdot "}  # signs that our formulas have, and LaTeX has not


def written(node: nodes.Element, *, as_block: bool = False) -> str:
    """The MathML of a formula; what cannot be read is a warning, and stays as it stands."""
    latex = node.astext()
    for sign, command in SIGNS.items():
        latex = latex.replace(sign, command)
    try:
        return tex2mathml(latex, as_block=as_block)
    except MathError as error:
        LOGGER.warning("%s in the formula %s", error, latex, location=node)
        return f"<code>{escape(latex)}</code>"


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(written(node))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{written(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", inline_renderers=(visit_math, None), block_renderers=(visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
