"""The stepper as a Jupyter widget. Needs ``anywidget``, from the notebook extra."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .stepper import Stepper


def widget(shown: Stepper) -> Any:
    """The widget that shows this stepper; ModuleNotFoundError without ``anywidget``."""
    return _class()(shown)


@cache
def _class() -> Any:
    """The class, made at first use: its base is in an extra."""
    import anywidget
    import traitlets

    from .stepper import css, script

    class StepperWidget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        """Shows a payload. An edit of a leaf comes back as a message, where a function can be run again."""

        _esm = script()
        _css = css()
        payload = traitlets.Unicode().tag(sync=True)

        def __init__(self, shown: Stepper) -> None:
            super().__init__(payload=shown.payload())
            self.shown = shown
            self.on_msg(self._receive)

        def _receive(self, _: Any, message: dict[str, Any], __: Any) -> None:
            self.shown = self.shown.edited(int(message["node"]), float(message["number"]))
            self.payload = self.shown.payload()

    return StepperWidget
