"""The pictures of the README and of the gallery: ``python docs/pictures.py`` writes them anew; tests say which are out
of date. A picture of the gallery is the ``picture`` of the session above it."""

import doctest
import re
from pathlib import Path

from autograd import Value, parameter, parse
from viz import Drawing, draw

FOLDER = Path(__file__).parent
LARGER = 1.2  # than the SVG says: its smallest text has 12 pixels instead of 10


def worked() -> Value:
    """3(a + bc)."""
    return parse("u = b*c; v = a + u; J = 3*v", a=5, b=3, c=2)


def logistic() -> Value:
    """Logistic regression, one example with two features."""
    w1, w2, b = parameter(0.5), parameter(-1.0), parameter(0.25)
    formula = "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1 - y)*log(1 - a))"
    return parse(formula, w1=w1, w2=w2, b=b, x1=2, x2=1, y=1)


PICTURES = {"worked.svg": (worked, "LR"), "logistic.svg": (logistic, "TB")}


def of_readme(name: str) -> Drawing:
    graph, rankdir = PICTURES[name]
    root = graph()
    root.backward()
    return draw(root, rankdir=rankdir)


def of_gallery() -> dict[str, str]:
    """The sessions of the gallery by the names of the pictures below them."""
    sections = (FOLDER / "gallery.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {re.search(r"\((gallery/\w+\.svg)\)", section)[1]: section for section in sections}


def drawn(name: str) -> Drawing:
    if name in PICTURES:
        return of_readme(name)
    namespace: dict[str, Drawing] = {}
    exec(doctest.script_from_examples(of_gallery()[name]), namespace)
    return namespace["picture"]


def names() -> list[str]:
    return [*PICTURES, *of_gallery()]


def svg(name: str) -> str:
    """A picture as it is shown, somewhat larger."""
    tag, rest = drawn(name).svg.split(">", 1)
    return (
        re.sub(r'(?<= )(width|height)="(.*?)"', lambda side: f'{side[1]}="{LARGER * float(side[2]):.0f}"', tag)
        + ">"
        + rest
    )


if __name__ == "__main__":
    for name in names():
        path = FOLDER / name
        path.write_text(svg(name), encoding="utf-8")
        print(path)
