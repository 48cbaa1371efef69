"""A module that is run in the background, by a process of its own."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import warnings


class Process:
    """``python -m module argument``, with the same packages as here.

    Ctrl-C does not reach it. If this process ends first it goes on, for the next one to find what it makes; unless
    that does not last longer than this process.
    """

    def __init__(self, module: str, argument: str, lasting: bool) -> None:
        """OSError if there can be no other process."""
        if not sys.executable or getattr(sys, "frozen", False):  # frozen: an application, which would start once more
            raise OSError("Python's interpreter is not a file that can be run")
        self.started_by = os.getpid()
        self.lasting = lasting
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  not a pipe: that may fill up, and this may end first
        try:
            self.popen = subprocess.Popen(
                [sys.executable, "-P", "-m", module, argument],  # -P: not those of the folder that we happen to be in
                env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.said,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # what start_new_session is on Windows
            )
        except OSError:
            self.said.close()
            raise
        atexit.register(self._leave)

    @property
    def ours(self) -> bool:
        """Whether this process started it, and not the one from which this was forked."""
        return self.started_by == os.getpid()

    def running(self) -> bool:
        return self.popen.poll() is None

    def wait(self) -> None:
        self.popen.wait()

    def error(self) -> str:
        """Why it failed: the last line that it wrote to stderr."""
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), f"it ended with {self.popen.returncode}")

    def _leave(self) -> None:
        """This process ends."""
        self.said.close()
        if self.ours and self.running():
            if not self.lasting:
                self.popen.kill()
                self.popen.wait()
            with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # it may go on
                del self.popen
