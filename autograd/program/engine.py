"""``Engine``: what replays a program, and how; an executor is made for each, see ``executors``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..number import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jax.sharding import Mesh

NAMES = ("numpy", "numba", "jax")


@dataclass(frozen=True)
class Engine:
    """What replays a program; see ``Program.using``."""

    name: str = "numpy"
    threads: int = 1
    wait: bool = False
    mesh: Mesh | None = None

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"an executor is one of {', '.join(NAMES)}, not {quoted(self.name)}")
        if type(self.threads) is not int or self.threads < 1:
            raise ValueError(f"threads are counted 1, 2, …, not {quoted(self.threads)}")
        if self.name == "jax" and self.threads > 1:
            raise ValueError("JAX chooses by itself how many threads it uses")
        if self.mesh is not None and self.name != "jax":
            raise ValueError(f'a mesh of devices is for the executor "jax", not for {quoted(self.name)}')

    @cached_property
    def key(self) -> tuple[str, int, Mesh | None]:
        """What its executors are kept by: to wait makes no other one. (To hash a dataclass takes ten times as long.)"""
        return self.name, self.threads, self.mesh
