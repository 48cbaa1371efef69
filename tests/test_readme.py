"""README and how-to pages show what is so: their sessions run (as doctests), their other blocks too, and their pictures
are current."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import pictures

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOW_TO = sorted((ROOT / "docs" / "how-to").glob("*.md"))


def run(page: str) -> None:
    """The Python blocks in order, sessions and plain ones, in one namespace; those for JAX where it is installed."""
    namespace: dict = {}
    for kind, block in re.findall(r"```(pycon|python)\n(.*?)```", page, re.DOTALL):
        if kind == "python" and "jax" in block and importlib.util.find_spec("jax") is None:
            continue
        if kind == "pycon":
            block = "\n".join(line[4:] for line in block.splitlines() if line.startswith((">>> ", "... ")))
        exec(compile(block, "page", "exec"), namespace)


def test_its_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(README)
    assert (tmp_path / "worked.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("path", HOW_TO, ids=lambda path: path.stem)
def test_the_python_of_a_page_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(path.read_text(encoding="utf-8"))


def test_it_is_short():
    assert len(README.splitlines()) <= 70


def test_its_command_runs(tmp_path):
    command = re.search(r'chainrule (".*?" .*)$', README, re.MULTILINE)[1]
    result = subprocess.run(
        f'"{sys.executable}" -m chainrule {command}',
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "wrote worked.svg" in result.stdout
    assert (tmp_path / "worked.svg").exists()


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_its_pictures_are_what_draw_draws(name):
    """Byte for byte, on every machine: the same graph, the same SVG."""
    assert pictures.larger(pictures.PICTURES[name]()) == (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "pixels"), [("stepper.svg", 10), ("worked.svg", 11), ("logistic.svg", 11)])
def test_its_pictures_can_be_read_in_a_column_of_850_pixels(name, pixels):
    svg = ET.parse(ROOT / "docs" / name).getroot()
    scale = min(850.0, float(svg.get("width"))) / float(svg.get("viewBox").split()[2])
    sizes = [float(text.get("font-size")) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert len(sizes) > 10
    assert scale * min(sizes) >= pixels


def test_the_files_it_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target
