"""Products by one thread: BLAS' own wait for each other, where others use the cores, up to a hundred times the product.

How a program uses several cores is ``threaded``'s affair: a part of the examples for each.
"""

from __future__ import annotations

from threading import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class OneThread:
    """``with ONE_THREAD:`` — BLAS computes by one thread; afterwards by as many as before, once the last has left.

    How many BLAS uses is a number of the process: in the meantime others' products are computed by one thread, too.
    Without ``threadpoolctl`` (in a browser) nothing is done.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.inside = 0
        self.libraries: list[Any] | None = None
        self.before: list[tuple[Any, int]] = []

    def __enter__(self) -> None:
        with self.lock:
            if self.libraries is None:
                self.libraries = _libraries()
            if self.inside == 0:
                self.before = [(library, n) for library in self.libraries if (n := library.get_num_threads()) != 1]
                for library, _ in self.before:
                    library.set_num_threads(1)
            self.inside += 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.inside -= 1
            if self.inside == 0:
                for library, count in self.before:
                    library.set_num_threads(count)


def _libraries() -> list[Any]:
    """The BLAS libraries of the process: NumPy's has been loaded before."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return []
    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found


ONE_THREAD = OneThread()
