"""The pictures of README and pages, and the gallery: ``python docs/pictures.py`` writes them anew; tests say which are
out of date."""

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import gallery
from autograd import Value, parameter, parse
from viz import draw, stepper

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


def of_graph(root: Value, rankdir: str) -> str:
    """The picture of a graph and its gradients."""
    root.backward()
    return draw(root, rankdir=rankdir).svg


def of_a_step(root: Value, step: int) -> str:
    """What the stepper shows at a step."""
    with TemporaryDirectory() as folder:
        return stepper(root).save(Path(folder, "step.svg"), step=step).read_text(encoding="utf-8")


PICTURES: dict[str, Callable[[], str]] = {
    "stepper.svg": lambda: of_a_step(worked(), 9),
    "worked.svg": lambda: of_graph(worked(), "LR"),
    "logistic.svg": lambda: of_graph(logistic(), "TB"),
}


def larger(svg: str) -> str:
    """A picture as it is shown, somewhat larger."""
    tag, rest = svg.split(">", 1)
    return (
        re.sub(r'(?<= )(width|height)="(.*?)"', lambda side: f'{side[1]}="{LARGER * float(side[2]):.0f}"', tag)
        + ">"
        + rest
    )


def files() -> dict[Path, str]:
    """The text of every file that is written here, by its path below ``docs``."""
    written = {Path(name): made() for name, made in PICTURES.items()} | gallery.files()
    return {path: larger(text) if path.suffix == ".svg" else text for path, text in written.items()}


if __name__ == "__main__":
    for path, text in files().items():
        (FOLDER / path).write_text(text, encoding="utf-8")
        print(path)
