"""What a teaching assistant says of a mistake in one place of a backward pass."""

from __future__ import annotations

from .. import graph
from ..formulas.naming import Names
from ..formulas.notes import bracketed, noted, partial_name
from ..formulas.text import name
from ..value import Value
from .links import Link
from .partials import Symbols
from .point import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .links import Step
    from .wrong_rules import WrongRule


class Writer:
    """Writes nodes and derivatives as the sentences need them, at one point; and the sentences.

    ``targets`` are the nodes that the wrong claim is about.
    """

    def __init__(self, names: Names, point: Point, targets: Sequence[Value]) -> None:
        self.names, self.point, self.targets = names, point, targets
        self.root = names[point.root]
        self.symbols = Symbols(names, point)
        self.uses = graph.users(point.root)

    # -- nodes and derivatives -------------------------------------------------------------------------------

    def node(self, node: Value) -> str:
        return self.names.get(node) or noted(self.symbols.node(node))

    def partial(self, of: str, wrt: str) -> str:
        return noted(partial_name(of, wrt))

    def edge(self, step: Step) -> str:
        """∂u/∂v of one edge."""
        node, slot = step
        return _spaced(self.partial(self.node(node), name(graph.stored(node)[slot], self.names)))

    def step(self, step: Step) -> str:
        """The local derivative along one edge."""
        return noted(self.symbols.local(step))

    def link(self, link: Link) -> str:
        """∂a/∂z = a·(1 − a); where that is not all of the root's derivative, it says so."""
        partial = self.partial(self.names[link.upper], self.names[link.lower])
        along = ""
        if link.upper is self.point.root and self.uses[link.lower] > len({route[-1] for route in link.routes}):
            along = " (the direct path)"
        return f"{partial} = {noted(self.symbols.link(link))}{along}"

    # -- a factor --------------------------------------------------------------------------------------------

    def missing(self, link: Link) -> str:
        stopped = ""
        below = self.point.gradients(link.lower)
        if any(below[target] == 1 for target in self.targets):
            stopped = f": you stopped at {self.partial(self.root, self.names[link.upper])}"
        if link.upper is self.point.root:
            stopped = ": the chain begins there"
        return f"{self.link(link)} is missing{stopped}."

    def missing_step(self, step: Step) -> str:
        return f"The inner derivative {self.edge(step)} = {self.step(step)} is missing."

    def extra(self, link: Link) -> str:
        return f"{self.link(link)} is there once too often: the chain has this factor only once."

    def extra_step(self, step: Step) -> str:
        return f"The factor {self.step(step)} is there once too often."

    def upside_down(self, link: Link) -> str:
        return f"{self.link(link)} is divided by, not multiplied with."

    def wrong_sign(self, link: Link) -> str:
        return f"The sign of {self.link(link)} is wrong."

    def lost_minus(self, step: Step) -> str:
        local = self.step(step)
        return f"{self.edge(step)} = {local}: " + ("its minus is lost." if local == "−1" else "its sign is wrong.")

    def wrong_rule(self, rule: WrongRule, step: Step) -> str:
        node, slot = step
        operands = graph.stored(node)
        u, v = (_spaced(bracketed(self.node(node))) for node in (node, operands[slot]))
        return rule.sentence.format(u=u, v=v, right=self.step(step), size=len(operands)) + "."

    def wrong_name(self, link: Link, right: Value, wrong: Value) -> str:
        return f"In {self.link(link)}, {self.names[wrong]} stands where {self.names[right]} belongs."

    # -- a path ----------------------------------------------------------------------------------------------

    def missing_path(self, link: Link) -> str:
        upper, lower = self.names[link.upper], self.names[link.lower]
        return (
            f"The path through {upper} is missing: {lower} acts through {upper} too ({self.link(link)}), "
            "and the contributions of all paths add up."
        )

    def overwritten(self, lower: Value, kept: Link, uses: int) -> str:
        return (
            f"{self.names[lower]} is used {uses} times, and only the contribution through {self.names[kept.upper]} "
            "is left: add contributions up (+=), do not overwrite (=)."
        )

    def all_overwritten(self, nodes: Sequence[Value]) -> str:
        return (
            f"{', '.join(self.names[v] for v in nodes[:4])} are used several times, and only the last "
            "contribution to each is left: add them up (+=), do not overwrite (=)."
        )

    def wrong_sign_of_term(self, link: Link, term: Link) -> str:
        return f"The sign of the term {noted(self.symbols.link(term))} in {self.link(link)} is wrong."

    def missing_term(self, link: Link, term: Link) -> str:
        upper, lower = self.names[link.upper], self.names[link.lower]
        return (
            f"A path is missing: {lower} is used {len(link.routes)} times in {upper}, and the term "
            f"{noted(self.symbols.link(term))} of {self.partial(upper, lower)} is not there; "
            "contributions add up (+=), they do not overwrite each other (=)."
        )

    # -- the wrong weights -----------------------------------------------------------------------------------

    def updated_too_early(self, rate: float, weights: Collection[Value]) -> str:
        called = [word for node, word in self.names.items() if node in weights]
        listed = ", ".join(called[:4]) + (", …" if len(called) > 4 else "")
        return (
            "These are the numbers with weights that are updated already, by "
            f"w − {rate:g}·{self.partial(self.root, 'w')} ({listed}): the way back takes the "
            "weights that the forward pass took; update when it is done."
        )


def _spaced(partial: str) -> str:
    """A name that was written as text, in the notes' signs."""
    return partial.replace("*", "·").replace(" - ", " − ").replace("(-", "(−")
