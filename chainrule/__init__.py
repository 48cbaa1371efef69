"""The command line, ``chainrule`` or ``python -m chainrule``; the library is ``autograd``, ``nn`` and ``viz``.

For notebooks: ``from chainrule import answer, compare, exercise, progress``.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .exercises.compare import compare
    from .exercises.desk import answer, exercise, progress

__all__ = ["answer", "compare", "exercise", "progress"]

if not TYPE_CHECKING:

    def __getattr__(name):  # at first use: the command line needs none of it
        if name not in __all__:
            raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
        from .exercises import compare, desk

        globals()[name] = loaded = getattr(compare if name == "compare" else desk, name)
        return loaded
