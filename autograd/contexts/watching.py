"""What holds inside a ``with`` block, for the task or thread that entered it, and for nobody else.

``scope``, ``detect_anomaly`` and ``record`` open an ``OpenBlock`` each. The innermost one is kept in a context
variable, so that every asyncio task and every thread has its own. A block that has ended holds nowhere, whoever
inherited it, and in whatever order blocks end: a suspended generator's too.

Nearly always no block is open at all. So those who make nodes look at ``OPEN`` first, and ask only if it is not empty.
"""

from __future__ import annotations

from _weakref import ref  # what weakref has it from, which takes longer to import
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..value import Value

    Flow = Callable[[Iterable[Value]], None]


class Watcher:
    """Whoever is shown what is made inside a block. ``records``: comparisons are refused, and others not shown it."""

    records = False

    def made(self, node: Value) -> None:
        """An operation has made this node."""

    def read(self, data: float) -> float:
        """What a node of that number shows as its ``data``."""
        return data

    def flow(self, order: Iterable[Value], flow: Flow) -> None:
        """Walk back over nodes in order, as ``flow`` does."""
        flow(order)


class OpenBlock:
    """An open block: the group that nodes made inside belong to, and who watches.

    ``owner``     who opened it, if he is still there: the block is not to keep him alive
    ``outer``     the block around it
    ``tags``      the label and scope of a node made inside, ("", "layer1/neuron3"); None if there is no scope
    ``watcher``   its own, or None
    ``watched``   the next block outwards that has one
    """

    __slots__ = ("outer", "owner", "tags", "watched", "watcher")

    def __init__(self, owner: ref[Entered], outer: OpenBlock | None, name: str, watcher: Watcher | None) -> None:
        self.owner, self.outer, self.watcher = owner, outer, watcher
        self.tags: tuple[str, str] | None = None
        self.watched: OpenBlock | None = None
        if outer is not None:
            self.tags = outer.tags
            self.watched = outer if outer.watcher is not None else outer.watched
        if name:
            self.tags = "", f"{self.tags[1]}/{name}" if self.tags else name

    def holds(self) -> bool:
        """Whether it has not ended: an interrupt may have cut off its end, and then it ends with its owner."""
        return self in OPEN and self.owner() is not None


OPEN: set[OpenBlock] = set()
"""The blocks that are open, in whatever task or thread."""

_innermost: ContextVar[OpenBlock | None] = ContextVar("innermost block", default=None)


class Entered:
    """A context manager that opens a block with a name or a watcher; it may be entered several times.

    A block whose end was cut off by an interrupt ends when this object does.
    """

    name = ""
    watcher: Watcher | None = None

    def __enter__(self) -> None:
        block = OpenBlock(ref(self), here(), self.name, self.watcher)
        _innermost.set(block)
        OPEN.add(block)

    def __exit__(self, *_: object) -> None:
        block = _innermost.get()
        while block is not None and (block not in OPEN or block.owner() is not self):  # inside it one has not ended
            block = block.outer
        if block is None:  # entered in another context: a generator, closed elsewhere
            block = next(block for block in list(OPEN) if block.owner() is self)
        OPEN.discard(block)  # with this it has ended
        if _innermost.get() is block:
            _innermost.set(block.outer)


def here() -> OpenBlock | None:
    """The innermost open block of this task or thread."""
    block = _innermost.get()
    while block is not None and not (block in OPEN and block.owner() is not None):  # ``holds``, for every node made
        OPEN.discard(block)
        block = block.outer
    return block


def watchers() -> list[Watcher]:
    """Who watches here, from the inside out. Of what is recorded only the recording is told."""
    found: list[Watcher] = []
    block = here()
    while block is not None:
        if block.watcher is not None and block.holds():
            found.append(block.watcher)
            if block.watcher.records:
                break
        block = block.watched
    return found


def made(node: Value) -> None:
    """Put a new node into its group, and show it to those who watch."""
    block = here()
    if block is None:
        return
    node._tags = block.tags
    watcher = block.watcher
    if watcher is not None and watcher.records:
        watcher.made(node)  # the others are not shown it, and a recording makes millions of nodes
    elif watcher is not None or block.watched is not None:
        show(node)


def show(node: Value) -> None:
    """Show a node to those who watch."""
    for watcher in watchers():
        watcher.made(node)


def tagged(label: str) -> tuple[str, str] | None:
    """The label and scope of a leaf that is made here."""
    block = here()
    scope = "" if block is None or block.tags is None else block.tags[1]
    return (label, scope) if label or scope else None


def recording() -> bool:
    """Whether a function is being recorded here, so that a comparison would hold for this one example only."""
    return any(watcher.records for watcher in watchers())


def read(data: float) -> float:
    """The number of a node, as those who watch let it be seen."""
    for watcher in watchers():
        data = watcher.read(data)
    return data


def watched_flow(order: Iterable[Value], flow: Flow) -> None:
    """``flow(order)``, in the way of the innermost of those who watch."""
    first = next(iter(watchers()), None)
    if first is None:
        flow(order)
    else:
        first.flow(order, flow)
