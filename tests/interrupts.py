"""Ctrl-C at every place where it could come: does it leave something half done?

``sys.settrace`` shows each call, line and return of our code, and may raise in its place. So an action is run
again and again, on something new each time, and interrupted one event later each time, until it comes through.
"""

import contextlib
import copy
import sys
from pathlib import Path

import autograd
import nn
import viz
from autograd.leaves.held import LOCK


def at_every_line(make, act, look, opcodes=False, every=1, packages=(autograd, nn, viz)):
    """Run ``act(make())`` with an interrupt at its 1st, 2nd, ... line; returns how often it was interrupted.

    Whatever ``look(thing)`` shows (something that can be compared) must afterwards be as it was before, or as it is
    when nothing interrupts. Where interrupts are seen does not depend on what ``act`` makes of them. ``opcodes``
    interrupts inside of lines as well, at every instruction. The time grows with the square of the number of lines:
    of an action that is long, ``every=7`` interrupts at each seventh only, or only in the files of some ``packages``.
    """
    thing = make()
    act(thing)
    whole = look(thing)
    at = 1
    while True:
        thing = make()
        before = copy.deepcopy(look(thing))
        interrupt = Interrupt(at, opcodes, packages)
        with interrupt, contextlib.suppress(KeyboardInterrupt):
            act(thing)
        after = look(thing)
        assert after in (before, whole), f"half done, interrupted at {interrupt.place}: {after}"
        if not interrupt.place:
            assert after == whole
            return at // every
        at += every


class Interrupt:
    """Inside of the block, KeyboardInterrupt at the event number ``at``; ``place`` says where it was, or nothing."""

    def __init__(self, at, opcodes=False, packages=(autograd, nn, viz)):
        self.left, self.opcodes, self.place = at, opcodes, ""
        self.folders = tuple(str(Path(package.__file__).parent) for package in packages)

    def __enter__(self):
        self.outer = sys.gettrace(), sys.unraisablehook
        sys.unraisablehook = lambda _: None  # where Python frees a generator an interrupt is lost, and reported so
        sys.settrace(self.event)
        return self

    def __exit__(self, *_):
        trace, sys.unraisablehook = self.outer
        sys.settrace(trace)
        while LOCK._is_owned():  # raised where no interrupt comes: between the end of a with block and __exit__
            LOCK.release()

    def event(self, frame, event, _):
        if event == "call" and not frame.f_code.co_filename.startswith(self.folders):
            return None
        frame.f_trace_opcodes = self.opcodes  # again at each event: Python 3.13 forgets what is said at a call
        self.left -= event != "exception"
        if self.left == 0:
            self.place = f"{frame.f_code.co_filename}:{frame.f_lineno} ({event} of {frame.f_code.co_name})"
            raise KeyboardInterrupt  # Python ends the tracing here: what cleans up is not interrupted
        return self.event
