"""The files that a stepper can be saved as, by their endings."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from autograd.steps.derivation import align, document
from autograd.steps.frames import Frame
from autograd.steps.trace import Trace

from ..picture.formats import render
from .player import gif
from .still import picture_at, still
from .views import View


@dataclass
class Steps:
    """What is saved: one step, counted from 1, or all of them. ``page`` makes the page that opens at a step."""

    trace: Trace
    view: View
    step: int | None
    by: str
    seconds: float
    page: Callable[[int], str]

    @cached_property
    def frames(self) -> list[Frame]:
        return self.trace.frames(self.by)


def as_page(steps: Steps) -> bytes:
    return steps.page(steps.step or 1).encode()


def as_picture(steps: Steps, format: str) -> bytes:
    """A step with its words; or the graph at the end."""
    if steps.step is None:
        return render(picture_at(steps.trace, steps.view, steps.frames[-1]), steps.view.layout, format)
    return render(*still(steps.trace, steps.view, steps.frames[steps.step - 1]), format)


def as_pdf(steps: Steps) -> bytes:
    """A step; or all of them, a page each. ModuleNotFoundError for these without pypdf."""
    if steps.step is not None:
        return as_picture(steps, "pdf")
    try:
        from pypdf import PdfWriter
    except ImportError:
        raise ModuleNotFoundError(
            "a PDF of all steps needs pypdf: pip install pypdf (of one step, step=7, it needs nothing)"
        ) from None
    pages = PdfWriter()
    for frame in steps.frames:
        pages.append(io.BytesIO(render(*still(steps.trace, steps.view, frame), "pdf")))
    out = io.BytesIO()
    pages.write(out)
    return out.getvalue()


def as_gif(steps: Steps) -> bytes:
    if steps.step is not None:
        raise ValueError("a GIF shows all steps: save one as .svg, .png or .pdf")
    return gif(steps.trace, steps.view, steps.frames, steps.seconds)


def as_tex(steps: Steps) -> bytes:
    by = steps.by if steps.step else "op"
    return document(align(steps.trace.record, by=by, step=steps.step)).encode()


WRITERS: dict[str, Callable[[Steps], bytes]] = {
    "html": as_page,
    "svg": lambda steps: as_picture(steps, "svg"),
    "png": lambda steps: as_picture(steps, "png"),
    "pdf": as_pdf,
    "gif": as_gif,
    "tex": as_tex,
}
