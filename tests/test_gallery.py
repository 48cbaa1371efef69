"""The gallery is what its table writes, and what the table says is so. The sessions of its pages run as doctests."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest

import gallery
import pictures
from autograd import check, graph, parse
from graphs import PAGES

DOCS = Path(__file__).parent.parent / "docs"
ENTRIES = [entry for page in PAGES for entry in page.entries]
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])


@pytest.mark.parametrize("path", gallery.pages(), ids=str)
def test_a_page_is_what_the_table_writes(path):
    text = (DOCS / path).read_text(encoding="utf-8")
    assert gallery.pages()[path] == text, "run python docs/pictures.py"
    assert text.count("\n") <= 400


@each_entry
def test_pictures_are_what_draw_draws(entry):
    """Byte for byte, on every machine: the same graph, the same SVG and the same TikZ."""
    for path, text in gallery.pictures(entry).items():
        want = pictures.larger(text) if path.suffix == ".svg" else text
        assert (DOCS / path).read_text(encoding="utf-8") == want, "run python docs/pictures.py"


def test_no_file_is_left_over():
    of_pages = {path for path in gallery.pages() if path.parent.name == "gallery"}
    of_entries = {Path("gallery", entry.name + ending) for entry in ENTRIES for ending in (".svg", ".tikz")}
    assert {path.relative_to(DOCS) for path in (DOCS / "gallery").iterdir()} == of_pages | of_entries


def test_the_pictures_are_light():
    assert sum(path.stat().st_size for path in (DOCS / "gallery").glob("*.svg")) <= 600_000


def test_there_are_thirty_graphs_with_names_of_their_own():
    assert len(ENTRIES) >= 30
    assert len({entry.name for entry in ENTRIES}) == len({entry.title for entry in ENTRIES}) == len(ENTRIES)


@each_entry
def test_the_numbers_of_the_table_are_slopes(entry):
    """Without backward: the formula is computed at two points beside each number. At a kink that is the mean."""
    f = parse(entry.formula, **entry.at)
    assert round(f.data, entry.digits) == entry.value
    assert [leaf.label for leaf in graph.leaves(f)] == list(entry.gradients)
    step = 1e-6
    for name, gradient in entry.gradients.items():
        above, below = (parse(entry.formula, **{**entry.at, name: entry.at[name] + h}).data for h in (step, -step))
        assert (above - below) / (2 * step) == pytest.approx(gradient, abs=0.6 * 10**-entry.digits)


@each_entry
def test_a_link_opens_the_graph_with_its_lines(entry):
    """The page reads ``f``, ``at`` and ``check`` from its address."""
    address, _, query = gallery.address(entry).partition("#")
    assert address == "../try/"
    fields = {name: text for name, (text,) in parse_qs(query, strict_parsing=True).items()}
    at = dict(part.split("=") for part in fields["at"].split(", "))
    f = parse(fields["f"], **{name: float(number) for name, number in at.items()})
    assert round(f.data, entry.digits) == entry.value
    if entry.by_hand:
        assert check(f, fields["check"]).ok


def test_formulas_are_typeset_as_they_are_written():
    assert gallery.typeset("p = k/sqrt(2*pi)") == r"p = \frac{k}{\sqrt{2 \cdot \pi}}"
    assert gallery.typeset("u = b*c; J = 3*u") == r"\begin{aligned} u &= b \cdot c \\ J &= 3 \cdot u \end{aligned}"
