"""The README shows what is so: its sessions run (as doctests), its other blocks too, its pictures are current, as are
those of the gallery."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parent.parent
SPEC = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
pictures = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(pictures)
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_python_runs(tmp_path, monkeypatch):
    """The blocks in order, sessions and plain ones, in one namespace."""
    monkeypatch.chdir(tmp_path)
    namespace: dict = {}
    for kind, block in re.findall(r"```(pycon|python)\n(.*?)```", README, re.DOTALL):
        if kind == "pycon":
            block = "\n".join(line[4:] for line in block.splitlines() if line.startswith((">>> ", "... ")))
        exec(compile(block, "README.md", "exec"), namespace)
    assert (tmp_path / "logistic.svg").read_text(encoding="utf-8").startswith("<svg")


def test_its_command_runs(tmp_path):
    command = re.search(r'^chainrule (".*?" .*)$', README, re.MULTILINE)[1]
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


@pytest.mark.parametrize("name", pictures.names())
def test_its_pictures_are_what_draw_draws(name):
    """Byte for byte, on every machine: the same graph, the same SVG."""
    assert pictures.svg(name) == (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["worked.svg", "logistic.svg"])
def test_its_pictures_can_be_read_in_a_column_of_850_pixels(name):
    svg = ET.parse(ROOT / "docs" / name).getroot()
    scale = min(850.0, float(svg.get("width"))) / float(svg.get("viewBox").split()[2])
    sizes = [float(text.get("font-size")) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert len(sizes) > 10
    assert scale * min(sizes) >= 11


def test_the_files_it_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target
