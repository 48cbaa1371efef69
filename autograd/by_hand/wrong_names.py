"""Another node's name in place of the right one: c where c0 belongs, in a factor that is right otherwise."""

from __future__ import annotations

import ast
import math
from functools import partial

from ..errors import FormulaError
from ..formulas.evaluate import CONSTANTS, evaluate
from ..formulas.grammar import names, postorder
from ..table.ops import OPS
from .changes import Changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..value import Value
    from .changes import Change
    from .links import Link
    from .point import Point
    from .sentences import Writer

MOST_SWAPS = 3_000  # of one name for another, counted in factors; beyond these, they are not searched for


def other_names(path: Sequence[Link], writer: Writer) -> Iterator[Change]:
    """Each factor of the chain with one name for another: in one link, or in those that look the same together."""
    make = Changes(path, writer.names)
    nodes = {name: node for node, name in writer.names.items() if node in writer.point.data}
    alike: dict[object, list[Value]] = {}
    for node in nodes.values():
        alike.setdefault(node.label or node, []).append(node)
    left = MOST_SWAPS
    for group in make.links:
        trees = {link: writer.symbols.link(link) for link in group}
        used = [[nodes[name] for name in names(tree) if name in nodes] for tree in trees.values()]
        if len(set(map(len, used))) > 1 or not all(_is_computable(tree, nodes) for tree in trees.values()):
            continue
        for right in zip(*used, strict=True):  # the node in one place of the factor, for each of the links
            for wrong in _candidates(alike, right):
                left -= len(group)
                if left < 0:
                    return
                if all(u is not w and w not in also for u, w, also in zip(right, wrong, used, strict=True)):
                    sentence = partial(writer.wrong_name, group[-1], right[-1], wrong[-1])
                    swap = dict(zip(group, zip(right, wrong, strict=True), strict=True))
                    yield make.of_links("another name", group, sentence, partial(_with_swap, trees, nodes, swap))


def _candidates(alike: Mapping[object, Sequence[Value]], right: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """What may stand in the place of these nodes: the same for all, or that of another label in the same example."""
    own = [alike[node.label or node] for node in right]
    places = [nodes.index(node) for nodes, node in zip(own, right, strict=True)]
    for nodes in alike.values():
        if len(nodes) == 1:
            yield [*nodes] * len(right)
        elif all(len(nodes) == len(others) for others in own):
            yield [nodes[place] for place in places]
        elif len(right) == 1:
            yield from ([node] for node in nodes)


def _is_computable(tree: ast.expr, known: Mapping[str, Value]) -> bool:
    """Whether nothing in a formula is cut short, such as the … in a long list."""
    calls = (node.func for node in postorder(tree) if isinstance(node, ast.Call))
    has_all = all(name in known or name in CONSTANTS for name in names(tree))
    return has_all and all(isinstance(f, ast.Name) and f.id in OPS for f in calls)


def _with_swap(
    trees: Mapping[Link, ast.expr],
    nodes: Mapping[str, Value],
    swap: Mapping[Link, tuple[Value, Value]],
    link: Link,
    point: Point,
) -> float:
    """The derivative of a link by its formula, in which one node stands for another."""
    right, wrong = swap[link]
    used = {name: nodes[name] for name in names(trees[link]) if name in nodes}
    data = {name: point.data[wrong if node is right else node] for name, node in used.items()}
    try:
        return evaluate(trees[link], {**CONSTANTS, **data})
    except FormulaError:  # no finite number
        return math.nan
