"""The directive ``operations``: the table of operations, written from its rows."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograd.table.mathml import mathml
from autograd.table.op import Op
from autograd.table.ops import OPS

HEAD = ("name", "inputs", "value", "derivative by each input", "in LaTeX")


class OperationsDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        table = nodes.table(classes=["operations"])
        group = nodes.tgroup(cols=len(HEAD))
        group += [nodes.colspec(colwidth=width) for width in (12, 14, 24, 32, 18)]
        head, body = nodes.thead(), nodes.tbody()
        head += row([nodes.Text(text) for text in HEAD])
        for op in OPS.values():
            target = nodes.target(ids=[f"operation-{nodes.make_id(op.name) or op.symbol.encode().hex()}"])
            body += row([[target, code(op.name)], code(op.signature), code(op.value), derivatives(op), latex(op)])
        group += [head, body]
        table += group
        return [nodes.container("", table, classes=["table-wrapper"])]


def row(cells: list[nodes.Node | list[nodes.Node]]) -> nodes.row:
    made = nodes.row()
    for cell in cells:
        made += nodes.entry("", nodes.paragraph("", "", *(cell if isinstance(cell, list) else [cell])))
    return made


def code(text: str) -> nodes.literal:
    return nodes.literal("", text)


def derivatives(op: Op) -> list[nodes.Node]:
    """``∂/∂a  b*c``, a line for each input."""
    lines: list[nodes.Node] = []
    for name, is_list, partial in zip(op.inputs, op.lists, op.by_hand, strict=True):
        wrt = f"{name}[i]" if is_list else name
        lines += [nodes.line("", "", nodes.Text(f"∂/∂{wrt}: "), code(partial))]
    return [nodes.line_block("", *lines)]


def latex(op: Op) -> nodes.Node:
    if not op.latex:
        return nodes.Text("–")
    shown = op.latex.replace("{{", "{").replace("}}", "}")
    return nodes.raw("", f"<math>{mathml(shown)}</math>", format="html")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("operations", OperationsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
