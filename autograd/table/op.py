"""What a row of the table of operations holds.

A row gives formulas the way a textbook does, as text: a value and one partial derivative per input. The
language is a small part of Python's expressions: the inputs by name, ``y`` for the result, numbers,
``+ - * / **``, comparisons, ``a if condition else b``, sums over lists, and the functions that
``arithmetic.py`` names. A literal ``0`` that is a whole partial, or a whole branch of one, is a *structural
zero*: through such an edge nothing flows, not even ``0 * inf``. An input written ``*x`` is a list; its
partial is the one with respect to ``x[i]``.
"""

from __future__ import annotations

from ..errors import OpRowError
from .arithmetic import EVERYWHERE, SCALARS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import CodeType
    from typing import Any, Protocol, TypedDict, TypeVar

    T = TypeVar("T")

    class Kernel(Protocol):
        """A function made from a row, the Python text that it was made from, and what its names stand for."""

        source: str
        __globals__: dict[str, Any]

        def __call__(self, *arguments: Any) -> Any: ...

    class Columns(TypedDict, total=False):
        """The columns that a row may leave out, see ``Op``."""

        computed: str
        graph: str
        many: str
        symbol: str
        latex: str
        infix: int
        defaults: Sequence[float]
        by_hand: Sequence[str]
        written_out: bool
        may_be_empty: bool


class _AtFirstUse:
    """A kernel for some of the inputs: made when it is asked for, and from then on an attribute of the op."""

    def __init__(self, inputs: slice) -> None:
        self.inputs = inputs

    def __set_name__(self, _: type[Op], name: str) -> None:
        self.name = name

    def __get__(self, op: Op, _: type[Op]) -> Kernel:
        from .scalars import scalar_kernel

        kernel = scalar_kernel(op, op.inputs[self.inputs])
        setattr(op, self.name, kernel)
        return kernel


class Op:
    """An operation: what one row of the table declares, and what follows from it.

    ``name``      as in a graph's statistics; the name of its function, or an operator
    ``inputs``    their names, ``"a, b"``; ``"*x"`` is a list (the text is kept as ``signature``)
    ``value``     the result as a textbook has it; ``partials`` d result / d input, one per input
    ``computed``  lines ``"e = ...; y = ...; dx = ..."`` that replace a formula which would lose digits
    ``graph``     such lines for the partials in derivative *graphs*: of functions of the table, each of which is
                  exact (where ``computed`` picks among branches, whose derivatives need not join)
    ``many``      such lines for all results of a long list, ``y = [...]``, in fewer edges than one node for each has
    ``symbol``    how pictures show it; ``infix`` the precedence of an operator
    ``latex``     how LaTeX writes it, in the names of the inputs (``e^{x}``); without, as a function
    ``defaults``  of the last inputs
    ``by_hand``   the partials as they are derived by hand, where ``partials`` are written for the digits
    ``written_out``   whether a reader sees the formula in place of the name: a·x + b·y for dot
    ``may_be_empty``  whether the value of an empty list is what it is taken to be: 0 for a sum

    A row on a list whose last input is ``k`` has a result for each element: its function returns them all
    (``per_element``).

    ``kernel(*inputs)`` returns ``(y, dy/dinput, ...)`` for Python floats, a list where an input is a list,
    and ``None`` for a structural zero; ``first`` and ``second`` leave out the partials of the other inputs.
    All are compiled at first use; ``kernel.source`` is the Python text. A formula that cannot be read, or names what
    does not exist, raises ``OpRowError`` at once.
    """

    kernel = _AtFirstUse(slice(None))
    first = _AtFirstUse(slice(1))
    second = _AtFirstUse(slice(1, 2))

    def __init__(
        self,
        name: str,
        inputs: str,
        value: str,
        partials: Sequence[str],
        *,
        computed: str = "",
        graph: str = "",
        many: str = "",
        symbol: str = "",
        latex: str = "",
        infix: int = 0,
        defaults: Sequence[float] = (),
        by_hand: Sequence[str] = (),
        written_out: bool = False,
        may_be_empty: bool = False,
    ) -> None:
        words = [word.strip() for word in inputs.split(",")]
        self.name = name
        self.signature = inputs
        self.inputs = tuple(word.lstrip("*") for word in words)
        self.lists = tuple(word.startswith("*") for word in words)
        self.n_lists = sum(self.lists)
        self.value = value
        self.partials = tuple(partials)
        self.computed = computed
        self.graph = graph
        self.many = many
        self.symbol = symbol or name
        self.latex = latex
        self.infix = infix
        self.defaults = tuple(defaults)
        self.by_hand = tuple(by_hand) or self.partials
        self.written_out = written_out
        self.may_be_empty = may_be_empty
        self.per_element = self.n_lists > 0 and self.inputs[-1] == "k"
        for given in (self.partials, self.by_hand):
            if len(given) != len(self.inputs):
                raise OpRowError(f"row {name!r}: {len(self.inputs)} inputs ({inputs}) but {len(given)} partials")
        known = {*self.inputs, "y", "i", *SCALARS}
        self._check_textbook(known)
        self._check_lines(_assignments(computed).items(), known)

    def __repr__(self) -> str:
        return f"<op {self.name}: y = {self.value}>"

    def textbook(self) -> Op:
        """The row without its ``computed`` lines: its numbers are those of the formulas that are shown."""
        return Op(self.name, self.signature, self.value, self.partials)

    def lines(self) -> Iterator[tuple[str, str]]:
        """What is computed, in order: names and formulas, ``y`` and ``d<input>`` of every input among them."""
        if "y" not in _assignments(self.computed):
            yield "y", self.value
        yield from self._with_partials(self.computed)

    def graph_lines(self) -> Iterator[tuple[str, str]]:
        """What a derivative graph is made by: ``d<input>`` of every input, from ``graph`` or as the textbook has it."""
        return self._with_partials(self.graph)

    def many_lines(self) -> Iterable[tuple[str, str]]:
        """What all results of a long list are made by: ``y``, a list."""
        return _assignments(self.many).items()

    def _with_partials(self, lines: str) -> Iterator[tuple[str, str]]:
        """The lines, and the textbook's partials of the inputs that they leave out."""
        given = _assignments(lines)
        yield from given.items()
        for name, is_list, text in zip(self.inputs, self.lists, self.partials, strict=True):
            if f"d{name}" not in given:
                yield f"d{name}", f"[{text} for i in range(len({name}))]" if is_list else text

    def split(self, flat: Sequence[T]) -> list[T | list[T]]:
        """The arguments of ``kernel`` from a node's flat inputs: ``a0 a1 b0 b1`` becomes ``[a0, a1], [b0, b1]``."""
        if self.n_lists == 0:
            return list(flat)
        size = (len(flat) - len(self.lists) + self.n_lists) // self.n_lists
        arguments: list[T | list[T]] = []
        start = 0
        for is_list in self.lists:
            arguments.append(list(flat[start : start + size]) if is_list else flat[start])
            start += size if is_list else 1
        return arguments

    def forward(self, flat: Sequence[float]) -> tuple[float, tuple[float | None, ...]]:
        """The value and the local derivatives at a node's flat inputs."""
        y, *partials = self.kernel(*self.split(flat))
        flat_partials: list[float | None] = []
        for partial, is_list in zip(partials, self.lists, strict=True):
            flat_partials += partial if is_list else [partial]
        return y, tuple(flat_partials)

    def check_graph(self, functions: Iterable[str]) -> None:
        """Raise ``OpRowError`` where a derivative graph would need what is none of these functions of the table."""
        known = {*self.inputs, *EVERYWHERE, *functions}
        self._check_lines(self.graph_lines(), {*known, "y", "i"})
        self._check_lines(self.many_lines(), known)

    def _check_textbook(self, known: set[str]) -> None:
        """The value and the partials: all at once, which takes a third of the time; one by one if that fails."""
        texts = (self.value, *self.partials)
        if self.by_hand is not self.partials:
            texts += self.by_hand
        try:
            code = compile(f"({'), ('.join(texts)})", f"<row {self.name!r}>", "eval")
            if known.issuperset(_names(code)):
                return
        except SyntaxError:
            pass
        for text in texts:
            self._check(text, known)

    def _check_lines(self, lines: Iterable[tuple[str, str]], known: set[str]) -> None:
        for assigned, text in lines:
            self._check(text, known)
            known = {*known, assigned}

    def _check(self, text: str, known: set[str]) -> None:
        """Raise ``OpRowError`` for a formula that is no expression, or has a name that is not known."""
        try:
            code = compile(text, f"<row {self.name!r}>", "eval")
        except SyntaxError as error:
            raise OpRowError(f"row {self.name!r}: cannot read {text!r}: {error.msg}") from None
        for name in _names(code):
            if name not in known:
                hint = f"its inputs are {', '.join(self.inputs)}, its result is y"
                raise OpRowError(f"row {self.name!r}: unknown name {name!r} in {text!r}; {hint}")


def _assignments(lines: str) -> dict[str, str]:
    """Names and formulas, in order, of ``"e = ...; y = ..."``."""
    return dict(line.split(" = ", 1) for line in lines.split("; ") if line)


def _names(code: CodeType) -> Iterator[str]:
    """The free names of a compiled expression, the loops in it included."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, type(code)):
            yield from _names(inner)
