"""Writes the gallery: ``gallery.md``, and in ``gallery/`` a page for each group of graphs, their SVGs and their TikZ.

All of it comes from the table in ``graphs/``; ``python docs/pictures.py`` writes the files, tests hold them against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from textwrap import wrap
from urllib.parse import urlencode

from autograd import Value, parse, to_latex
from autograd.formulas.grammar import parse_statements
from graphs import PAGES, Entry, Page
from viz import draw

WIDE = 88  # characters of a line of a session, as wide as a page is; a longer list has a line for each element

INDEX = """# Gallery

{count} graphs that courses draw. Each can be stepped through, and has its formula, its gradients, the derivatives as
one writes them on paper, its source where somebody published it, and its picture as SVG and as TikZ. Every session
runs in the tests.

```{{toctree}}
:hidden:

{pages}
```
"""
GROUP = """
## [{title}](gallery/{name}.md)

{words}

````{{grid}} 1 2 2 3
:gutter: 2

{cards}
````
"""
CARD = """```{{grid-item-card}} {title}
:img-top: gallery/{name}.svg
:img-alt: {alt}
:class-img-top: gallery-picture
:link: gallery-{name}
:link-type: ref
```"""
SECTION = """
(gallery-{name})=
## {title}

{look}

```{{math}}
{latex}
```

```{{stepper}} {formula}
:at: {at}
:caption: {title}, at {at}
```

{links}

```python
{session}

```

````{{dropdown}} Picture, and TikZ for LaTeX
![{alt}]({name}.svg)

`draw(f{direction}).save("{name}.svg")` writes this picture, and `draw(f{direction}).save("{name}.tikz")` this text, for
`\\input` in a document with `\\usepackage{{tikz}}`:

```{{literalinclude}} {name}.tikz
:language: latex
```
````
"""


def numbers(at: Mapping[str, float]) -> str:
    """Numbers of leaves as one types them: a=5, b=3."""
    return ", ".join(f"{name}={x!r}" for name, x in at.items())


def address(entry: Entry) -> str:
    """Where the site's page opens with a graph, and with its derivatives on paper; seen from a page of the gallery."""
    lines = "\n".join(f"d{name} = {formula}" for name, formula in entry.by_hand.items())
    fields = {"f": entry.formula, "at": numbers(entry.at)} | ({"check": lines} if lines else {})
    return f"../try/#{urlencode(fields)}"


def graph_of(entry: Entry) -> Value:
    """The graph of an entry, after ``backward``."""
    root = parse(entry.formula, **entry.at)
    root.backward()
    return root


def typeset(formula: str) -> str:
    """The formula in LaTeX, as it is written: √(2π), where the graph has its number."""
    lines = [(name, to_latex(tree)) for name, tree in parse_statements(formula)]
    if len(lines) == 1:
        return " = ".join(filter(None, lines[0]))
    aligned = r" \\ ".join(rf"{to_latex(Value(0, name))} &= {latex}" for name, latex in lines)
    return rf"\begin{{aligned}} {aligned} \end{{aligned}}"


def listed(name: str, items: Mapping[str, object]) -> str:
    """A dict as an assignment of a session."""
    line = f">>> {name} = {dict(items)}"
    if len(line) <= WIDE:
        return line
    return "\n".join([f">>> {name} = {{", *(f"...     {key!r}: {value!r}," for key, value in items.items()), "... }"])


def gradients(entry: Entry) -> list[str]:
    """The gradients of the leaves, as a dict or, if that is too long, a line for each."""
    rounded = f"round(v.grad, {entry.digits})"
    shown = repr(dict(entry.gradients))
    if len(shown) <= WIDE:
        return [f">>> {{v.label: {rounded} for v in graph.leaves(f)}}", shown]
    loop = [">>> for v in graph.leaves(f):", f"...     print(v.label, {rounded})"]
    return loop + [f"{name} {gradient}" for name, gradient in entry.gradients.items()]


def session(entry: Entry) -> str:
    """What one types, and the numbers of the table as its answers."""
    statements = entry.formula.split("; ")
    arguments = numbers(entry.at)
    lines = [">>> from autograd import check, graph, parse"]
    if len(entry.formula) + len(arguments) + len('>>> f = parse("", )') <= WIDE:
        lines.append(f'>>> f = parse("{entry.formula}", {arguments})')
    else:
        lines += [f'>>> formula = """{statements[0]}', *(f"... {line}" for line in statements[1:])]
        lines[-1] += '"""'
        lines += wrap(f">>> f = parse(formula, {arguments})", WIDE, subsequent_indent="...           ")
    lines += [">>> f.backward()", f">>> round(f.data, {entry.digits})", f"{entry.value!r}", *gradients(entry)]
    if entry.by_hand:
        lines += [listed("by_hand", entry.by_hand), ">>> check(f, by_hand).ok", "True"]
    return "\n".join([*lines, entry.session.rstrip()]).rstrip()


def section(entry: Entry) -> str:
    """An entry as a section of its page."""
    links = f'<a href="{escape(address(entry))}">Open it in the editor</a>'  # in Markdown's links no line can end
    if entry.source:
        links += f" · Source: {entry.source}"
    return SECTION.format(
        name=entry.name,
        title=entry.title,
        look=entry.look,
        latex=typeset(entry.formula),
        formula=entry.formula,
        at=numbers(entry.at),
        session=session(entry),
        alt=f"Graph: {entry.title}",
        direction="" if entry.rankdir == "LR" else f', rankdir="{entry.rankdir}"',
        links=links,
    )


def page(of: Page) -> str:
    return f"# {of.title}\n\n{of.words} All groups: [gallery](../gallery.md).\n" + "".join(map(section, of.entries))


def index() -> str:
    """``gallery.md``: a card for each graph."""
    head = INDEX.format(
        count=sum(len(of.entries) for of in PAGES), pages="\n".join(f"gallery/{of.name}" for of in PAGES)
    )
    groups = [
        GROUP.format(
            title=of.title,
            name=of.name,
            words=of.words,
            cards="\n\n".join(CARD.format(title=e.title, name=e.name, alt=f"Graph: {e.title}") for e in of.entries),
        )
        for of in PAGES
    ]
    return head + "".join(groups)


def pictures(entry: Entry) -> dict[Path, str]:
    """The SVG and the TikZ text of a graph, by their paths below ``docs``."""
    drawing = draw(graph_of(entry), rankdir=entry.rankdir)
    at = Path("gallery", entry.name)
    return {at.with_suffix(".svg"): drawing.svg, at.with_suffix(".tikz"): drawing.render_bytes("tikz").decode()}


def pages() -> dict[Path, str]:
    """``gallery.md`` and the pages of the groups."""
    return {Path("gallery.md"): index()} | {Path("gallery", f"{of.name}.md"): page(of) for of in PAGES}


def files() -> dict[Path, str]:
    """All files of the gallery by their paths below ``docs``."""
    written = pages()
    for of in PAGES:
        for entry in of.entries:
            written |= pictures(entry)
    return written
