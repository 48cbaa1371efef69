"""From a formula to a graph: ``parse("3*(a + b*c)", a=5, b=3, c=2)``.

``grammar.py`` reads the text, and says what a formula is; ``text.py`` writes a graph as a formula again.
"""

from __future__ import annotations

import ast
from itertools import product

from ..errors import FormulaError
from ..number import number, shortened, shown
from ..value import Constant, Value
from .evaluate import CONSTANTS, evaluate
from .grammar import did_you_mean, names, other_than_a_name, parse_statements, read
from .matrix import elements, shape
from .reading.spelling import Spellings
from .text import Text, joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .matrix import Quantity


def parse(text: str, /, **leaves: object) -> Value:
    """The graph of a formula, its leaves labelled by their names.

    Each name of the formula needs a number, or a Value of your own, which is used as it is (and gets the name
    as its label if it has none). Definitions stand in any order, separated by ``;`` or line ends; the result
    is the one that no other uses, and their names become labels. ``pi`` is known unless given. Arithmetic of
    numbers alone is done at once, by the rules of the table.

    Mathematics is read as it is written on paper, typed on a phone or pasted from LaTeX: ``3(a + bc)``, ``x²``, ``½x``,
    ``|x|``, ``sin² x``, ``σ'(z)``, ``e^{-z}``, ``\\frac{y}{a}``; ``read_as`` says how. ``x_1``, ``x₁`` and ``x1`` are
    one name.

    Raises FormulaError, in one line, for what is no formula or has two readings, for names without a value or values
    without a use; TypeError for a value that is no real number.

    >>> J = parse("3*(a + b*c)", a=5, b=3, c=2)
    >>> J.data
    33.0
    >>> parse("u = b*c; v = a + u; J = 3*v", a=5, b=3, c=2)
    Value(data=33.0, grad=0.0, label='J')
    >>> parse("3(a + bc)", a=5, b=3, c=2).data
    33.0
    >>> parse("1/2x", x=4)
    Traceback (most recent call last):
    autograd.errors.FormulaError: 1/2x is (1/2)*x or 1/(2*x)? write one of them
    """
    *_, root = definitions(text, _given(leaves)).values()
    assert isinstance(root, Value)
    return root


def definitions(text: str, given: Mapping[str, Quantity], matrices: bool = False) -> dict[str, Quantity]:
    """What each definition of a text comes to, each after those that it uses; the result last, "" if it has no name.

    ``given`` are the values of its other names; with ``matrices`` they may be arrays of Values, and ``@``, ``.T``
    and sums along an axis are read. A node gets the name as its label, an element of an array ``Z_1,2``. Raises
    FormulaError as ``parse`` does, ShapeError where shapes do not fit.
    """
    trees: dict[str, ast.expr] = {}
    for name, tree in parse_statements(text, matrices, lambda defined: _spellings([*given, *defined], given)):
        if name in trees:
            raise FormulaError(
                f"{shown(name)} is defined twice" if name else "two results: name them, and combine them"
            )
        trees[name] = tree
    for name in trees:
        if name in given:
            raise FormulaError(f"{shown(name)} is both defined in the formula and given a value")
    _require_values(trees, given)
    order = _order(trees)
    values: dict[str, Quantity] = {**CONSTANTS, **given}
    for name, value in given.items():
        _label(value, name)
    for name in order:
        result = evaluate(trees[name], values)
        # What is made of numbers alone, as m = 3, is a leaf, as if it had been given.
        values[name] = (Value(result) if name else Constant(result)) if isinstance(result, float) else result
        _label(values[name], name)
    return {name: values[name] for name in order}


def _label(what: Quantity, name: str) -> None:
    """Call what has no label yet by its name, and an element of an array by its place, counted from 1."""
    size = shape(what)
    for at, element in zip(product(*map(range, size)), elements(what), strict=True):
        if isinstance(element, Value) and not element.label:
            place = at[:1] if size[1:] == (1,) else at  # of a column, the row
            element.label = "_".join([name, *[",".join(str(k + 1) for k in place)] * bool(place)])


def read_as(text: str, /, names: Iterable[str] = (), matrices: bool = False) -> str:
    """How a formula is read, as text that says it strictly, of these names and those that it defines itself.

    ``matrices`` is whether ``A @ B``, ``A.T`` and ``sum(A, axis=1)`` may stand there. Raises FormulaError.

    >>> read_as("3(a + bc)", ["a", "b", "c"])
    '3*(a + b*c)'
    >>> read_as(r"\\frac{1}{2}(a - y)^2", ["a", "y"])
    '1/2*(a - y)**2'
    """
    reader = read(text, matrices, lambda defined: _spellings([*names, *defined]))
    return joined(reader.statements, Text())


def _spellings(known: Iterable[str], given: Mapping[str, Quantity] | None = None) -> Spellings:
    """The names that a text may speak of; matrices among those given."""
    values = given or {}
    return Spellings([*known, *CONSTANTS], shape=lambda name: shape(values[name]) if name in values else ())


def _given(leaves: Mapping[str, object]) -> dict[str, Value]:
    """The leaves as Values, under the names that Python's parser gives them (NFKC)."""
    from unicodedata import normalize

    given: dict[str, Value] = {}
    for name, data in leaves.items():
        if isinstance(data, Value):
            value = data
        else:
            try:
                value = Value(number(data))
            except TypeError as error:
                raise TypeError(f"{shown(name)}: {error}") from None
        given[normalize("NFKC", name)] = value
    return given


def _require_values(trees: Mapping[str, ast.expr], given: Mapping[str, Quantity]) -> None:
    """Every name has a value, and every value a use."""
    used = list(dict.fromkeys(name for tree in trees.values() for name in names(tree)))
    unused = [name for name in given if name not in used]
    missing = [name for name in used if name not in given and name not in trees and name not in CONSTANTS]
    if missing:
        problem = f"no value for {_listed(missing)}"
        if unused:
            problem += f", and no use for {_listed(unused)}"
        hint = did_you_mean(missing[0], unused) or f"add {', '.join(f'{shortened(name)}=…' for name in missing[:5])}"
        for name in missing:
            hint = ((name != "e" or len(missing) == 1) and other_than_a_name(name)) or hint
        raise FormulaError(f"{problem}: {hint}")
    if unused:
        hint = did_you_mean(unused[0], used)
        raise FormulaError(f"the formula has no {_listed(unused)}" + (f": {hint}" if hint else ""))


def _order(trees: Mapping[str, ast.expr]) -> list[str]:
    """The definitions, each after those that it uses; the result last."""
    from graphlib import CycleError, TopologicalSorter

    uses = {name: [used for used in names(tree) if used in trees] for name, tree in trees.items()}
    try:
        order = list(TopologicalSorter(uses).static_order())
    except CycleError as error:
        raise FormulaError(f"defined by itself: {' → '.join(reversed(error.args[1]))}") from None
    results = trees.keys() - {name for used in uses.values() for name in used}
    if len(results) > 1:
        results_in_order = [name or "the expression without a name" for name in trees if name in results]
        raise FormulaError(f"more than one result: nothing uses {_listed(results_in_order)}; keep one, or combine them")
    order.sort(key=lambda name: name in results)  # stable: the result goes last
    return order


def _listed(words: list[str]) -> str:
    """``a, b and c``; of more than ten the first ten."""
    words = [shown(word) for word in words[:10]] + [f"{len(words) - 10} more"] * (len(words) > 10)
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
