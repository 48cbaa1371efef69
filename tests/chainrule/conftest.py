"""What the tests of the command line share."""

import pytest

from chainrule.__main__ import main


@pytest.fixture
def run(capsys):
    """Run the command; its exit code, its output, its errors."""

    def run(*arguments):
        code = main(list(arguments))
        return code, *capsys.readouterr()

    return run
