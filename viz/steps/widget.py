"""The stepper as a Jupyter widget, shown or as the way from a frame to the kernel. Needs ``anywidget``, from the
notebook extra."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Protocol
from uuid import uuid4

from .bundle import css, script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anywidget import AnyWidget


class Shown(Protocol):
    """A stepper, which can be run again with another number in a leaf."""

    def payload(self) -> str: ...

    def edited(self, argument: str, number: float) -> Shown: ...


def is_shown() -> bool:
    """Whether this notebook shows the widget itself: Colab, VS Code and marimo have nothing that joins a frame to it.

    JupyterLab and Notebook 7 do; and there the frame is still alive when the notebook is opened without its kernel.
    """
    is_code = hasattr(sys.modules["__main__"], "__vsc_ipynb_file__")  # VS Code tells a notebook its path so
    return is_code or "google.colab" in sys.modules or "marimo" in sys.modules


def widget(shown: Shown) -> AnyWidget:
    """The widget that shows this stepper; ModuleNotFoundError without ``anywidget``."""
    return _class(script())(shown)


@cache
def _class(script: str) -> Callable[[Shown], AnyWidget]:
    """The class, made at first use: its base is in an extra. Another one where the table has other operations."""
    import anywidget
    import traitlets

    class StepperWidget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        """Shows a payload. An edit of a leaf comes back as a message, where a function can be run again."""

        _esm = script
        _css = css()
        payload = traitlets.Unicode().tag(sync=True)
        channel = traitlets.Unicode().tag(sync=True)

        def __init__(self, shown: Shown) -> None:
            super().__init__(payload=shown.payload(), channel=uuid4().hex)
            self.shown = shown
            self.on_msg(self._receive)

        def _receive(self, _: object, message: dict[str, str], __: object) -> None:
            try:
                self.shown = self.shown.edited(message["argument"], float(message["number"]))
            except Exception as error:  # of the user's function: the page says it
                self.send({"error": f"{type(error).__name__}: {error}"})
            else:
                self.payload = self.shown.payload()

    return StepperWidget
