"""The names of a graph: what a claim may speak of.

In formulas a name is, in this order: one of ``names``; a label; ``dz``, the derivative of the root with respect to
``z``; ``da/dz`` (or ``∂a/∂z``), of one node with respect to another; ``pi``; ``m``.

A label of several nodes is their vector, in order of computation, if each is made and used as the others are: the z
of each example. Else it is refused as ambiguous. Each of the nodes is called ``z_1``, ``z_2``, ... as in ``to_text``.
"""

from __future__ import annotations

import ast
from collections import ChainMap
from copy import copy
from unicodedata import normalize

from .. import graph
from ..errors import FormulaError
from ..formulas.evaluate import CONSTANTS
from ..formulas.grammar import did_you_mean, other_than_a_name, parse_expression
from ..formulas.matrix import array, elements, elementwise, nodes, shape
from ..formulas.naming import Names
from ..formulas.reading.spelling import Spellings
from ..formulas.typeset import label_fields
from ..guards import plain
from ..number import quoted, shortened
from ..value import Constant, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from typing import TypeAlias

    from ..formulas.matrix import Quantity
    from .examples import Examples
    from .point import Point

    Found: TypeAlias = Callable[[Point], Quantity]  # what a name stands for, at a point


def is_quotient(left_side: str) -> bool:
    """Whether a left side is written as a quotient, ∂J/∂w; then it is no short form."""
    return "/" in left_side or "frac" in left_side


SIZES = ("m", "n")  # the number of examples, unless the graph has another node of this name


class Book:
    """The names of a graph: what a formula may speak of."""

    def __init__(self, root: Value, given: Mapping[str, object] | None = None) -> None:
        self.root = root
        order = graph.topological(root)
        self.nodes = set(order)
        self.names = Names.of(root)
        self.root_name = self.names[root]
        self.named: dict[str, Quantity] = {}
        self.ambiguous: dict[str, list[Value]] = {}
        self.shared: dict[str, list[Value]] = {}  # by the nodes of a vector
        self.clashes: dict[str, str] = {}  # names of one node here, and of another in names=: what to say of them
        by_label: dict[str, list[Value]] = {}
        for node in self.names:
            label = normalize("NFC", node.label)
            if label_fields(label) is not None or label.isidentifier():
                label = normalize("NFKC", label) if label.isidentifier() else label
                by_label.setdefault(label, []).append(node)
        uses = _uses(order, {node for alike in by_label.values() if len(alike) > 1 for node in alike})
        for label, alike in by_label.items():
            if len(alike) == 1:
                self.named[label] = alike[0]
            elif all((node.op, uses[node]) == (alike[0].op, uses[alike[0]]) for node in alike):
                self.named[label] = array(alike, label)
                self.shared[label] = alike
            else:
                self.ambiguous[label] = alike
                self.named |= {self.names.identifier(node): node for node in alike}
        for name, what in (given or {}).items():
            if not isinstance(name, str) or not normalize("NFKC", name).isidentifier():
                raise FormulaError(f"a name in names= is a word such as W1, not {quoted(name)}")
            name = normalize("NFKC", name)
            self.named[name] = array(what, name)
            for labels in (self.ambiguous, self.shared):
                labels.pop(name, None)
            others = nodes(self.named[name])
            if others and by_label.get(name) and set(by_label[name]).isdisjoint(others):
                self._clash(name, by_label[name], others)
        self.beside = self._beside(by_label, given or {})
        elements_of_vectors = {self.names.identifier(v): v for vector in self.shared.values() for v in vector}
        self.known: Mapping[str, Quantity] = ChainMap(self.named, {**elements_of_vectors})
        self.fixed = self._fixed(given or {})
        self.examples: Examples | None = None
        sizes = SIZES if len(self.sizes()) == 1 else ()
        self.spellings = Spellings(
            [*self.known, *self.ambiguous, *self.clashes, *CONSTANTS, *sizes],
            {name: identifier for name, identifier in self.names.identifiers.items() if identifier in self.known},
            self._shape,
            derivatives=True,
            unit=self._unit,
        )
        self._shown = {identifier: name for name, identifier in self.names.identifiers.items()}

    def _beside(self, by_label: Mapping[str, list[Value]], given: Container[str]) -> list[Value]:
        """The named nodes that the root does not depend on; what their labels name, if nothing else has that name."""
        beside = [v for what in self.named.values() for v in nodes(what) if v not in self.nodes]
        beside = [v for v in dict.fromkeys(beside) if not isinstance(v, Constant)]
        labels: dict[str, list[Value]] = {}
        for node in beside:
            labels.setdefault(normalize("NFKC", node.label), []).append(node)
        for label, alike in labels.items():
            if label in given or not label.isidentifier():
                continue
            if label in by_label:
                self._clash(label, by_label[label], alike)
            elif len(alike) == 1:
                self.named[label] = alike[0]
        return beside

    def _clash(self, name: str, of_graph: list[Value], others: list[Value]) -> None:
        """A name that one node of the graph has for its label, and another one, too, stands for none."""
        self.named.pop(name, None)
        both = f"one in the graph (= {of_graph[0].data:g}) and one in names= (= {others[0].data:g})"
        self.clashes[name] = f"{name} names two Values, {both}: give one of them another name"

    def per_example(self, examples: Examples) -> Book:
        """The same book where ``dZ`` is short for ∂L/∂Z, of each example its own loss (``examples.py``)."""
        other = copy(self)
        other.examples = examples
        return other

    def scale(self, what: Quantity) -> float:
        """How many times ∂root/∂what ``dwhat`` stands for: m for what each example has, by that convention; else 1."""
        return float(self.examples.size) if self.examples and self.examples.have(what) else 1.0

    def shown(self, name: str) -> str:
        """The name of a formula as pictures and explanations write it: x⁽¹⁾ for x_1."""
        return self._shown.get(name, name)

    def _shape(self, name: str) -> tuple[int, ...]:
        """The shape of what a name, or a derivative, stands for."""
        wrt = name.rpartition("/")[2]
        found = self.known.get(name, self.known.get(wrt.removeprefix("d")))
        return () if found is None else shape(found)

    def _unit(self, name: str) -> tuple[str, list[float]]:
        """The function that the graph applies to what a name stands for, and its further inputs."""
        what = set(nodes(self.known[name])) if name in self.known else set()
        found = {
            (node.op.name, tuple(v.data for v in graph.stored(node)[1:]))
            for node in self.nodes
            if node.op is not None and not node.op.infix and not node.op.n_lists and graph.stored(node)[0] in what
        }
        if len(found) != 1:
            many = "several functions are" if found else "no function is"
            raise FormulaError(f"{many} applied to {name} in the graph: write which you mean, such as sigmoid'({name})")
        ((function, further),) = found
        return function, list(further)

    def _fixed(self, given: Iterable[str]) -> set[Value]:
        """The leaves not to be moved: where data were given as arrays of numbers, all inputs without a Value there."""
        names = [name for typed in given if (name := normalize("NFKC", typed)) in self.named]
        arrays = [what for name in names if shape(what := self.named[name])]
        if all(isinstance(x, Value) for what in arrays for x in elements(what)):
            return set()
        free = {v for what in arrays for v in nodes(what)}
        return {node for node in self.nodes if node.kind == "input" and node not in free}

    def target(self, key: object) -> tuple[str, Quantity]:
        """What a claim's left side (``dw1``, ``dL/dw1``, ``∂L/∂w1``, ``w1``, or a Value) asks about, and its name."""
        if isinstance(key, Value):
            self._require_nodes(key, key.label or "this Value")
            return self.names.identifier(key) if key in self.names else "", key
        if not isinstance(key, str):
            raise TypeError(f"a claim is about a Value or its label, not {quoted(key)} ({type(key).__name__})")
        of, name = self._left_side(key)
        self._require_unambiguous(name, of)
        if name not in self.known:
            hint = did_you_mean(name, self.named) or self._listed()
            raise FormulaError(f"the graph has no {shortened(name)}: {hint}")
        is_another = of in self.known if not self.root.label else of != self.root.label
        if of and is_another and self.known.get(of) is not self.root:
            raise FormulaError(f"the derivatives are those of {self.root_name}, not of {of}")
        self._require_nodes(self.known[name], name)
        return name, self.known[name]

    def _left_side(self, key: str) -> tuple[str, str]:
        """What a left side says is derived, "" if it does not, and with respect to what. Raises FormulaError."""
        try:
            tree = parse_expression(key, matrices=True, known=lambda _: self.spellings)
        except FormulaError as error:
            if "write " in str(error):
                raise
            tree = None
        if not isinstance(tree, ast.Name):
            raise FormulaError(f"a claim is about one name, such as dw1 or dL/dw1, not {quoted(key)}")
        of, over, wrt = tree.id.rpartition("/")
        is_derivative = wrt.startswith("d") and (over or wrt not in self.spellings.names)
        return of[1:], wrt[1:] if is_derivative and len(wrt) > 1 else wrt

    def _require_unambiguous(self, *names: str) -> None:
        for name in names:
            if name in self.clashes:
                raise FormulaError(self.clashes[name])
            if name in self.ambiguous:
                raise FormulaError(self.names.ambiguous(name, self.ambiguous[name]))

    def _require_nodes(self, what: Quantity, name: str) -> None:
        if all(node not in self.nodes for node in elements(what)) or len(nodes(what)) < len(elements(what)):
            raise FormulaError(f"{name} is not in the graph: the root does not depend on it")

    def reference(self, name: str, about: set[Value]) -> Found:
        """How to find what a name in a formula stands for, at a point; ``about`` is what the claim is about."""
        if name in self.known:
            return lambda point: elementwise(lambda v: point.data.get(v, plain(v)), self.known[name])
        of: Quantity = self.root
        upper, over, lower = name.rpartition("/")
        wrt = lower.removeprefix("d")
        if over:
            upper = upper.removeprefix("d")
            self._require_unambiguous(upper)
            if self.root.label and upper not in self.known:
                raise self._unknown(upper)
            of = self.known.get(upper, self.root)
        self._require_unambiguous(name, wrt)
        if wrt != name and wrt in self.known and isinstance(of, Value):
            if of is self.root and not about.isdisjoint(nodes(self.known[wrt])):
                raise FormulaError(f"{name} is what is to be derived: it cannot stand in its own formula")
            self._require_nodes(self.known[wrt], wrt)
            scale = 1.0 if over else self.scale(self.known[wrt])
            return lambda point: elementwise(lambda v: scale * point.gradients(of)[v], self.known[wrt])
        if name in CONSTANTS:
            return lambda _: CONSTANTS[name]
        sizes = self.sizes()
        if name in SIZES and len(sizes) == 1:
            return lambda _: float(next(iter(sizes)))
        raise self._unknown(name)

    def sizes(self) -> set[int]:
        """How many examples the means of the graph run over."""
        return {len(graph.stored(node)) for node in self.nodes if node.op is not None and node.op.name == "mean"}

    def _unknown(self, name: str) -> FormulaError:
        known = [*self.named, *(f"d{known}" for known in self.named)]
        hint = other_than_a_name(name) or did_you_mean(name, known) or self._listed()
        return FormulaError(f"the graph has no {shortened(name)}: {hint}")

    def _listed(self) -> str:
        return f"the names are {', '.join(list(self.named)[:12])}"


def _uses(order: Iterable[Value], wanted: Iterable[Value]) -> dict[Value, list[tuple[str, int]]]:
    """By which operations, and as which of their inputs, each wanted node is used; the terms of a sum are alike."""
    uses: dict[Value, list[tuple[str, int]]] = {node: [] for node in wanted}
    for node in order:
        if node.op is not None:
            for at, part in enumerate(node.op.split(graph.stored(node))):
                for operand in part if isinstance(part, list) else [part]:
                    if operand in uses:
                        uses[operand].append((node.op.name, 0 if node.op.name == "+" else at))
    return {node: sorted(found) for node, found in uses.items()}
