"""Making the nodes of derivative graphs: no node is made twice, and none that is trivial, such as x·1."""

from __future__ import annotations

from .. import graph
from ..functions import every_output
from ..table.ops import ADD, MUL, OPS
from ..value import Constant, Value, result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ..table.op import Op

    Node = Value | float  # a constant is a number, to be folded
    Mask = tuple[Node, bool, Node]  # what where(test, inner, 0) is made of, and its side


class Nodes:
    """The nodes that are there already (``order``), and those made since.

    The methods are what the formulas of the rows become (``graphs.graph_kernel``); their arguments are Values,
    numbers, and lists of these.
    """

    def __init__(self, order: Iterable[Value]) -> None:
        self.known = {self._key(v.op, map(folded, graph.stored(v))): v for v in order if v.op is not None}
        self.made: set[Value] = set()
        self.masks: dict[Node, Mask] = {}

    def make(self, name: str, *arguments: Node | list[Node]) -> Node | list[Node]:
        """The operation of that name: a node, or a number; a list of them where ``k`` is left out (softmax)."""
        op = OPS[name]
        if op.per_element and len(arguments) == 1:
            (xs,) = arguments
            assert isinstance(xs, list)
            return every_output(op, xs, self.make)
        return self.one(name, *arguments)

    def one(self, name: str, *arguments: Node | list[Node]) -> Node:
        """The operation of that name on all of its inputs, but for defaults."""
        op = OPS[name]
        arguments += op.defaults[len(op.defaults) - (len(op.inputs) - len(arguments)) :]
        flat: list[Node] = []
        for argument in arguments:
            if isinstance(argument, list):
                flat += argument
            else:
                flat.append(float(argument) if isinstance(argument, int) else argument)
        numbers = [v for v in flat if not isinstance(v, Value)]
        if len(numbers) == len(flat):
            return op.forward(numbers)[0]
        match name:
            case "sum":
                simpler = self._sum(flat)
            case "prod":
                simpler = self._product(flat)
            case _:
                simpler = self._behind_mask(name, *flat)
        if simpler is None:
            simpler = self._simpler(name, *flat)
        return self._node(op, flat) if simpler is None else simpler

    def exceeds(self, a: Node, b: Node) -> Node:
        """Not 0 where a > b; of numbers alone a bool."""
        return self.one("step", self.one("-", a, b)) if isinstance(a, Value) or isinstance(b, Value) else a > b

    def differ(self, a: Node, b: Node) -> Node:
        """Not 0 where a ≠ b; of numbers alone a bool."""
        return self.one("-", a, b) if isinstance(a, Value) or isinstance(b, Value) else a != b

    def choose(self, test: Node, body: Callable[[], Node | None], orelse: Callable[[], Node | None]) -> Node | None:
        """One of the arms, or a ``where``; an arm may be None: nothing flows there."""
        if not isinstance(test, Value):
            return body() if test else orelse()
        first, second = body(), orelse()
        if first is second:
            return first
        if first is None or second is None:
            inner = second if first is None else first
            assert inner is not None  # or first is second
            return self._mask(test, second is None, inner)
        if self.masks.get(first, (None,))[:2] == self.masks.get(second, (...,))[:2]:  # the mask first, then the choice
            mask, side, inner = self.masks[first]
            return self._mask(mask, side, self.one("where", test, inner, self.masks[second][2]))
        return self.one("where", test, first, second)

    def _node(self, op: Op, flat: Sequence[Node]) -> Value:
        key = self._key(op, flat)
        if key not in self.known:
            self.known[key] = node = result(op, flat)
            self.made.add(node)
        return self.known[key]

    @staticmethod
    def _key(op: Op | None, flat: Iterable[Node]) -> tuple[object, ...]:
        operands = [v if isinstance(v, Value) else repr(v) for v in flat]  # 0.0 and -0.0 are equal, not the same
        return (op, frozenset(operands)) if op in (ADD, MUL) else (op, *operands)

    # -- masks -------------------------------------------------------------------------------------------
    # Behind a mask, where(test, a, 0), anything may be inf or nan. So no product is made with the mask's 0: it is
    # made with a, and masked; and a sum of nothing but masked terms is masked where all of them are.

    def _mask(self, test: Node, side: bool, inner: Node) -> Node:
        """``where(test, inner, 0)``, or ``where(test, 0, inner)`` for the other side; one mask for two."""
        if inner in self.masks:
            also, also_side, inner = self.masks[inner]
            also = self._holds(also, also_side)
            test, side = self.one("where", test, *((also, 0.0) if side else (0.0, also))), True
        arguments = (test, inner, 0.0) if side else (test, 0.0, inner)
        node = self._node(OPS["where"], arguments)
        self.masks[node] = test, side, inner
        return node

    def _holds(self, test: Node, side: bool) -> Node:
        """A number or node that is not 0 where the mask lets its inner part pass."""
        return test if side else self.one("where", test, 0.0, 1.0)

    def _behind_mask(self, name: str, x: Node, *y: Node) -> Node | None:
        """A product, quotient or negative with what is masked, masked itself."""
        if name in ("*", "/", "neg") and x in self.masks:
            test, side, inner = self.masks[x]
            return self._mask(test, side, self.one(name, inner, *y))
        if name == "*" and y[0] in self.masks:
            test, side, inner = self.masks[y[0]]
            return self._mask(test, side, self.one(name, x, inner))
        return None

    def _masked_sum(self, terms: list[Node]) -> Node:
        """The sum of masked terms, masked where all of them are."""
        tests = list(dict.fromkeys(self.masks[term][:2] for term in terms))
        if len(tests) == 1:
            return self._mask(*tests[0], self.one("sum", [self.masks[term][2] for term in terms]))
        some = self._holds(*tests[0])
        for test, side in tests[1:]:
            some = self.one("where", some, 1.0, self._holds(test, side))
        return self._mask(some, True, self._plain_sum(terms))

    # -- what is trivial ---------------------------------------------------------------------------------
    # All rules but those of 0 give the same number to the last bit; 0 is structural, as in the table: 0·inf is 0.

    def _sum(self, xs: list[Node]) -> Node | None:
        terms: list[Node] = [x for x in xs if isinstance(x, Value)]
        number, _ = OPS["sum"].forward([x for x in xs if not isinstance(x, Value)])
        if number:
            terms.append(number)
        masked = all(term in self.masks for term in terms)
        return self._masked_sum(terms) if masked else self._plain_sum(terms)

    def _plain_sum(self, terms: list[Node]) -> Node:
        if len(terms) > 2:
            return self._node(OPS["sum"], terms)
        return self.one("+", *terms) if len(terms) == 2 else terms[0]

    def _product(self, xs: list[Node]) -> Node:
        factors: list[Node] = [x for x in xs if isinstance(x, Value)]
        number, _ = OPS["prod"].forward([x for x in xs if not isinstance(x, Value)])
        if number == 0:
            return 0.0
        if number != 1:
            factors.insert(0, number)
        if len(factors) > 2:
            return self._node(OPS["prod"], factors)
        return self.one("*", *factors) if len(factors) == 2 else factors[0]

    def _simpler(self, name: str, x: Node, y: Node = 0.0, *_: Node) -> Node | None:
        """An operation of one or two operands made simpler, or None where it cannot be."""
        match name, self._opened(x, name == "neg"), self._opened(y):
            case ("+", float(0.0), _) | ("*", float(1.0), _):
                return y
            case ("+" | "-", _, float(0.0)) | ("*" | "/" | "**", _, float(1.0)):
                return x
            case ("*", float(0.0), _) | ("*", _, float(0.0)) | ("/", float(0.0), _):
                return 0.0
            case ("**", _, float(0.0)):
                return 1.0
            case ("+", _, _) if x is y:
                return self.one("*", 2.0, x)
            case ("-", float(0.0), _) | ("*", float(-1.0), _):
                return self.one("neg", y)
            case ("*", _, float()):  # numbers first: 2*x
                return self.one("*", y, x)
            case ("*", float(c), ("*", float(d), v)) if c.is_integer() and d.is_integer() and abs(c * d) < 2**53:
                return self.one("*", c * d, v)
            case ("*", float(c), ("neg", v)):
                return self.one("*", -c, v)
            case ("neg", ("neg", v), _):
                inner: Node = v
                return inner
            case ("neg", ("-", a, b), _) if x in self.made:
                return self.one("-", b, a)
            case ("neg", ("*", float(c), v), _):
                return self.one("*", -c, v)
            case ("*" | "/", ("neg", v), _):  # the minus outside
                return self.one("neg", self.one(name, v, y))
            case ("*" | "/", _, ("neg", v)):
                return self.one("neg", self.one(name, x, v))
            case ("+", _, ("neg", v)):
                return self.one("-", x, v)
            case ("+", ("neg", v), _):
                return self.one("-", y, v)
            case ("-", _, ("neg", v)):
                return self.one("+", x, v)
            case ("*", _, ("/", float(1.0), v)):
                return self.one("/", x, v)
        return None

    def _opened(self, x: Node, also_known: bool = False) -> Node | tuple[Any, ...]:
        """A node as its operation and operands, for the rules to look into; what they must not look into is left.

        They look into nodes made here, and with ``also_known`` into older ones without a label: a node that somebody
        named stays in the graph, and along older nodes the rules would go as deep as a chain of them is long.
        """
        if isinstance(x, Value) and x.op is not None and (x in self.made or (also_known and not x.label)):
            return (x.op.name, *map(folded, graph.stored(x)))
        return x


def folded(operand: Node) -> Node:
    """A constant as the number that it is."""
    return operand._data if isinstance(operand, Constant) else operand
