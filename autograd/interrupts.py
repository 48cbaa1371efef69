"""Steps that Ctrl-C must not leave half done. It may come between any two lines; only the first one is provided for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    T = TypeVar("T")


def finished(step: Callable[[], None]) -> None:
    """Do a step that may be done twice: if it is interrupted, it is done again, and then the interrupt goes on.

    This costs nothing where no interrupt comes, and needs no copy of the state before.
    """
    try:
        step()
    except BaseException:
        step()
        raise


def all_or_none(changes: Sequence[tuple[object, str, object]]) -> None:
    """Set all of these attributes, each ``(object, name, value)``; if that fails or is interrupted, none is set."""
    before = [(thing, name, getattr(thing, name)) for thing, name, _ in changes]
    try:
        for thing, name, x in changes:
            setattr(thing, name, x)
    except BaseException:
        for thing, name, x in before:
            setattr(thing, name, x)
        raise


def undone(action: Callable[[], T], undo: Callable[[], None]) -> T:
    """The result of ``action``. ``undo`` is called afterwards, twice: an interrupt may stop one of the calls."""
    try:
        try:
            return action()
        finally:
            undo()
    finally:
        undo()
