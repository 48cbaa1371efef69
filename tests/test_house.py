"""The house: imports go one way between its rooms, nothing in it is long, and its documents name what is there."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent

# A room imports from the floors before its own only: nothing from a later one, nothing from its neighbours.
FLOORS = [
    ["autograd.errors", "autograd.number", "autograd.interrupts"],
    ["autograd.contexts", "autograd.table"],
    ["autograd.node"],
    ["autograd.arrays", "autograd.graph", "autograd.guards"],
    ["autograd.copies", "autograd.backward"],
    ["autograd.pickling"],
    ["autograd.value"],
    ["autograd.functions"],
    ["autograd.leaves"],
    ["autograd.formulas"],
    ["autograd.derivatives", "autograd.steps"],
    ["autograd.by_hand", "autograd.program"],
    ["autograd"],  # autograd/__init__.py
    ["nn", "viz.picture"],
    ["viz.steps", "viz.plots", "viz.network"],
    ["viz.play"],
    ["viz"],
    ["chainrule"],
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

MOST_LINES = 400  # of a file
MOST_LINES_OF_A_BODY = 50  # of a function, without its docstring


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


HOUSE = ("autograd", "nn", "viz", "chainrule")
FILES = [path for package in HOUSE for path in sorted((ROOT / package).rglob("*.py"))]
SOURCES = {module_name(path): path.read_text(encoding="utf-8") for path in FILES}
TREES = {module: ast.parse(source) for module, source in SOURCES.items()}
PACKAGES = {module_name(path.parent) for path in FILES}


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All of a tree, also inside functions, but for what stands under ``if TYPE_CHECKING``: it never runs."""
    yield tree
    for_types = isinstance(tree, ast.If) and isinstance(tree.test, ast.Name) and tree.test.id == "TYPE_CHECKING"
    for child in tree.orelse if for_types else ast.iter_child_nodes(tree):
        yield from statements(child)


def imported(module: str, tree: ast.AST) -> set[str]:
    """The modules of the house that a module imports: ``from a import b`` is an arrow to a.b, and if none is, to a."""
    package = module.split(".") if module in PACKAGES else module.split(".")[:-1]
    names: list[str] = []
    for node in statements(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            start = ".".join([*above, *filter(None, [node.module])])
            names += [f"{start}.{alias.name}" for alias in node.names]
    found = {name if name in SOURCES else name.rpartition(".")[0] for name in names}
    return (found & SOURCES.keys()) - {module}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Some way that leads back to where it began, or []."""
    finished: set[str] = set()

    def search(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        for target in sorted(graph[module] - finished):
            if found := search(target, [*way, module]):
                return found
        finished.add(module)
        return []

    return next(filter(None, (search(module, []) for module in graph)), [])


def room(module: str) -> str:
    """The longest name of a room that the module's name begins with."""
    return max((name for name in FLOOR if f"{module}.".startswith(f"{name}.")), key=len)


def backwards(graph: dict[str, set[str]]) -> list[str]:
    """The arrows that lead to a neighbour of their room, or to a later floor."""
    pairs = [(module, target) for module in graph for target in sorted(graph[module])]
    return [
        f"{module} imports {target}"
        for module, target in pairs
        if room(module) != room(target) and FLOOR[room(target)] >= FLOOR[room(module)]
    ]


ARROWS = {module: imported(module, tree) for module, tree in TREES.items()}


def test_no_import_circle():
    assert not (found := circle(ARROWS)), "a circle of imports: " + " → ".join(found)


def test_rooms_import_one_way():
    assert backwards(ARROWS) == []


def test_each_file_of_the_engine_has_a_room():
    assert {module for module in SOURCES if room(module) == "autograd"} == {"autograd"}
    assert set(map(room, SOURCES)) == set(FLOOR)  # none is empty


@pytest.mark.parametrize(
    ("module", "source", "target"),
    [
        ("autograd.value", "from . import graph", "autograd.graph"),
        ("autograd.value", "from .graph import leaves", "autograd.graph"),
        ("autograd.steps.trace", "def f():\n    from ..by_hand.check import check", "autograd.by_hand.check"),
        ("autograd.steps.trace", "from ..by_hand import check", "autograd.by_hand.check"),
        ("autograd.program", "from .lower import lowered", "autograd.program.lower"),
        ("nn.train", "import viz.plots", "viz.plots"),
        ("nn.train", "from autograd import Value, graph", "autograd autograd.graph"),
        ("nn.train", "if TYPE_CHECKING:\n    import viz", ""),
        ("nn.train", "if not TYPE_CHECKING:\n    import viz", "viz"),
        ("nn.train", "import numpy as np, nn.train", ""),
    ],
)
def test_what_an_arrow_is(module, source, target):
    assert imported(module, ast.parse(source)) == set(target.split())


def test_a_planted_import_is_found():
    def planted(module: str, source: str) -> dict[str, set[str]]:
        return ARROWS | {module: ARROWS[module] | imported(module, ast.parse(source))}

    inner = planted("autograd.graph", "def f():\n    from .value import Value")
    assert {"autograd.graph", "autograd.value"} <= set(circle(inner))
    assert backwards(inner) == ["autograd.graph imports autograd.value"]
    for module, source, target in (
        ("nn.losses", "import viz", "viz"),
        ("autograd.leaves", "from nn import init", "nn.init"),
        ("autograd.steps.trace", "from ..derivatives import folding", "autograd.derivatives.folding"),
    ):
        assert backwards(planted(module, source)) == [f"{module} imports {target}"]


# --- files and functions ----------------------------------------------------------------------------


def functions(module: str) -> Iterator[tuple[str, int]]:
    """The dotted name of each function, and the lines of its body without the docstring."""

    def inside(tree: ast.AST, name: str) -> Iterator[tuple[str, int]]:
        for node in ast.iter_child_nodes(tree):
            own = (
                f"{name}.{node.name}"
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                else name
            )
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[ast.get_docstring(node) is not None :] or node.body
                yield own, (node.end_lineno or 0) - body[0].lineno + 1
            yield from inside(node, own)

    return inside(TREES[module], module)


def test_no_function_is_long():
    lengths = {name: lines for module in SOURCES for name, lines in functions(module)}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_BODY} == {}


def test_no_file_is_long():
    lengths = {module: len(source.splitlines()) for module, source in SOURCES.items()}
    assert {module: lines for module, lines in lengths.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize("package", ["autograd", "nn", "viz", "viz.plots"])
def test_no_module_has_the_name_of_a_public_function(package):
    """Python binds a module to its name in the package when it is loaded, and the function would be gone."""
    loaded = importlib.import_module(package)
    public = {name for name in loaded.__all__ if not isinstance(getattr(loaded, name), ModuleType)}
    if package == "autograd":
        public |= loaded.FUNCTIONS.keys()
    assert len(public) > 5
    assert [name for name in sorted(public) if f"{package}.{name}" in SOURCES] == []


# --- documents --------------------------------------------------------------------------------------


def test_references_to_the_lectures_name_a_heading():
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8"), re.MULTILINE)
    tests = {str(path): path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    named = {
        name
        for source in (SOURCES | tests).values()
        for names in re.findall(r'docs/lectures\.md, ("[A-Z][a-z ]+"(?: and "[A-Z][a-z ]+")*)', source)
        for name in re.findall('"(.+?)"', names)
    }
    assert len(named) > 5
    assert named <= set(headings)


def folders(contributing: str) -> set[str]:
    """The folders in the map under "The rooms", by the indentation of their names: ``autograd/program/executors``."""
    (text,) = re.findall(r"^## The rooms\n.*?^```\n(.*?)^```$", contributing, re.MULTILINE | re.DOTALL)
    found, above = set(), []
    for line in text.splitlines():
        if match := re.match(r"((?:  ){0,3})(\w+)/ ", line):
            above[len(match[1]) // 2 :] = [match[2]]
            found.add("/".join(above))
    return found


def test_the_map_names_every_folder():
    files = [file for package in HOUSE for file in (ROOT / package).rglob("*.*") if "__pycache__" not in file.parts]
    mapped = folders((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert {folder for folder in mapped if folder.split("/")[0] in HOUSE} == {
        file.parent.relative_to(ROOT).as_posix() for file in files
    }
