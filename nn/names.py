"""What has a name: activations, initialisers, losses, optimisers in tables; and arguments that have two."""

import functools
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from autograd.number import quoted

T = TypeVar("T")
P = ParamSpec("P")


def find(table: Mapping[str, T], name: str, what: str) -> T:
    """``table[name]``, or a ValueError that says which name was probably meant."""
    if name in table:
        return table[name]
    from difflib import get_close_matches

    close = get_close_matches(name[:60].lower(), table, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(f"unknown {what} {quoted(name)}; {hint}known are {', '.join(table)}")


def also_called(**others: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Let a constructor take arguments by other names too: ``nin="n_in"`` says that ``nin=2`` is ``n_in=2``."""

    def decorate(init: Callable[P, None]) -> Callable[P, None]:
        positions = init.__code__.co_varnames

        @functools.wraps(init)
        def init_by_either(*args: P.args, **named: P.kwargs) -> None:
            used = [other for other in others if other in named]
            for other in used:
                name = others[other]
                if name in named or name in positions[: len(args)]:
                    kind = type(args[0]).__name__
                    raise TypeError(f"{kind}: {other} is another name of {name}, which is given too; write one of them")
                named[name] = named.pop(other)
            try:
                init(*args, **named)
            except (TypeError, ValueError) as error:
                for other in used:
                    error.add_note(f"{other} is another name of {others[other]}")
                raise

        return init_by_either

    return decorate
