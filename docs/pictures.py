"""The pictures of the README: ``python docs/pictures.py`` writes them anew; a test says when they are out of date."""

import re
from pathlib import Path

from autograd import Value, parameter, parse
from viz import draw

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


def svg(name: str) -> str:
    """A picture as the README shows it."""
    graph, rankdir = PICTURES[name]
    root = graph()
    root.backward()
    tag, rest = draw(root, rankdir=rankdir).svg.split(">", 1)
    return (
        re.sub(r'(?<= )(width|height)="(.*?)"', lambda side: f'{side[1]}="{LARGER * float(side[2]):.0f}"', tag)
        + ">"
        + rest
    )


if __name__ == "__main__":
    for name in PICTURES:
        path = Path(__file__).parent / name
        path.write_text(svg(name), encoding="utf-8")
        print(path)
