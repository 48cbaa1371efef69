"""The files of ``viz/static``: their imports hold, and together they are one script."""

import re

import pytest

from viz.steps import bundle

FILES = sorted(path.stem for path in bundle.STATIC.glob("*.js"))
PYTHON = {"OPS", *bundle.CONSTANTS}
PAGES = [bundle.MAIN, "host", "drawn", "playground", "drawing", "element", "formula"]  # the main files
TOP_LEVEL = re.compile(r"^(?:export )?(?:const|class|function) (\w+)", re.MULTILINE)


def exported(name):
    return PYTHON if name == "python" else set(bundle.EXPORT.findall(bundle.source(name)))


def code(name):
    """A file without its imports, comments and texts."""
    text = bundle.IMPORT.sub("", bundle.source(name))
    return re.sub(r"//.*|\"[^\"\n]*\"", "", text)


@pytest.mark.parametrize("name", FILES)
def test_what_is_imported_is_exported_and_used(name):
    for file, names in bundle.imports(name).items():
        assert set(names) <= exported(file), file
        for each in names:
            assert re.search(rf"\b{each}\b", code(name)), each


@pytest.mark.parametrize("name", FILES)
def test_what_is_used_of_another_file_is_imported(name):
    of_others = {each for file in [*FILES, "python"] if file != name for each in exported(file)}
    imported = {each for names in bundle.imports(name).values() for each in names}
    used = {each for each in of_others if re.search(rf"(?<![.\w]){each}(?=[.(\[])", code(name))}
    own = set(re.findall(r"^  (\w+)\(", code(name), re.MULTILINE)) | set(
        re.findall(r"\b(?:const|let) (\w+)", code(name))
    )
    assert used - own <= imported


def test_nothing_is_left_over():
    assert {file for main in PAGES for file in bundle.order(main)} == set(FILES)
    for name in FILES:
        assert "import" not in bundle.IMPORT.sub("", bundle.source(name)).replace("importNode", "")


def test_a_file_stands_after_those_that_it_imports():
    order = bundle.order()
    for at, name in enumerate(order):
        assert set(bundle.imports(name)) - {"python"} <= set(order[:at])


def test_all_files_share_one_scope():
    names = [each for name in FILES for each in TOP_LEVEL.findall(bundle.source(name))] + sorted(PYTHON)
    assert sorted(set(names)) == sorted(names)
