"""What Ctrl-C must not leave half done. It may come between any two lines, but seldom twice: once is provided for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    T = TypeVar("T")


def finished(step: Callable[[], None]) -> None:
    """Do a step that may as well be done twice; interrupted, it is done again before the interrupt goes on.

    Costs nothing where no interrupt comes, and needs no copy of what was before.
    """
    try:
        step()
    except BaseException:
        step()
        raise


def all_or_none(changes: Sequence[tuple[object, str, object]]) -> None:
    """Set all of these attributes, ``(of what, name, to what)``; whatever interrupts it, or fails, sets none."""
    before = [(thing, name, getattr(thing, name)) for thing, name, _ in changes]
    try:
        for thing, name, x in changes:
            setattr(thing, name, x)
    except BaseException:
        for thing, name, x in before:
            setattr(thing, name, x)
        raise


def undone(action: Callable[[], T], undo: Callable[[], None]) -> T:
    """The result of ``action``, and then ``undo``, whatever happened: twice, for an interrupt may stop one of them."""
    try:
        try:
            return action()
        finally:
            undo()
    finally:
        undo()
