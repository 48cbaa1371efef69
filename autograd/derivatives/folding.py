"""Making the nodes of derivative graphs: by the table, none twice, none that is trivial."""

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


class Nodes:
    """The nodes that are there already (``order``), and those made since.

    The methods are what the formulas of the rows become (``graphs.graph_kernel``); their arguments are Values,
    numbers, and lists of these.
    """

    def __init__(self, order: Iterable[Value]) -> None:
        self.known = {self._key(v.op, map(folded, graph.stored(v))): v for v in order if v.op is not None}
        self.made: set[Value] = set()
        self.masks: dict[Node, tuple[Node, bool, Node]] = {}  # what where(test, inner, 0) is made of, and its side

    def make(self, name: str, *arguments: Any) -> Any:
        """The operation of that name: a node, or a number; a list of them where ``k`` is left out (softmax)."""
        op = OPS[name]
        arguments = tuple(float(x) if isinstance(x, int) else x for x in arguments)
        if op.per_element and len(arguments) == 1:
            return every_output(op, *arguments, self.make)
        arguments += op.defaults[len(op.defaults) - (len(op.inputs) - len(arguments)) :]
        flat = [v for argument in arguments for v in (argument if isinstance(argument, list) else [argument])]
        if not any(isinstance(v, Value) for v in flat):
            return op.forward(flat)[0]
        if name in ("sum", "prod"):
            simpler = self._sum(*arguments) if name == "sum" else self._product(*arguments)
        else:
            simpler = self._behind_mask(name, *arguments)
        if simpler is None:
            simpler = self._simpler(name, *arguments)
        return self._node(op, flat) if simpler is None else simpler

    def exceeds(self, a: Node, b: Node) -> Any:
        """Not 0 where a > b; of numbers alone a bool."""
        return self.make("step", self.make("-", a, b)) if isinstance(a, Value) or isinstance(b, Value) else a > b

    def differ(self, a: Node, b: Node) -> Any:
        """Not 0 where a ≠ b; of numbers alone a bool."""
        return self.make("-", a, b) if isinstance(a, Value) or isinstance(b, Value) else a != b

    def choose(self, test: Any, body: Callable[[], Node | None], orelse: Callable[[], Node | None]) -> Node | None:
        """One of the arms, or a ``where``; an arm may be None: nothing flows there."""
        if not isinstance(test, Value):
            return body() if test else orelse()
        first, second = body(), orelse()
        if first is second:
            return first
        if first is None or second is None:
            return self._mask(test, second is None, first if second is None else second)
        if self.masks.get(first, (None,))[:2] == self.masks.get(second, (...,))[:2]:  # the mask first, then the choice
            mask, side, inner = self.masks[first]
            return self._mask(mask, side, self.make("where", test, inner, self.masks[second][2]))
        chosen: Node = self.make("where", test, first, second)
        return chosen

    def _node(self, op: Op, flat: Sequence[Node]) -> Value:
        key = self._key(op, flat)
        if key not in self.known:
            self.known[key] = node = result(op, flat)
            self.made.add(node)
        return self.known[key]

    @staticmethod
    def _key(op: Op | None, flat: Iterable[Node]) -> tuple[Any, ...]:
        operands = [v if isinstance(v, Value) else repr(v) for v in flat]  # 0.0 and -0.0 are equal, not the same
        return (op, frozenset(operands)) if op in (ADD, MUL) else (op, *operands)

    # -- masks -------------------------------------------------------------------------------------------
    # Behind a mask, where(test, a, 0), anything may be inf or nan. So no product is made with the mask's 0: it is
    # made with a, and masked; and a sum of nothing but masked terms is masked where all of them are.

    def _mask(self, test: Node, side: bool, inner: Any) -> Node:
        """``where(test, inner, 0)``, or ``where(test, 0, inner)`` for the other side; one mask for two."""
        if inner in self.masks:
            also, also_side, inner = self.masks[inner]
            also = self._holds(also, also_side)
            test, side = self.make("where", test, *((also, 0.0) if side else (0.0, also))), True
        arguments = (test, inner, 0.0) if side else (test, 0.0, inner)
        node = self._node(OPS["where"], arguments)
        self.masks[node] = test, side, inner
        return node

    def _holds(self, test: Node, side: bool) -> Node:
        """Not 0 where the mask lets pass."""
        holds: Node = test if side else self.make("where", test, 0.0, 1.0)
        return holds

    def _behind_mask(self, name: str, x: Any, *y: Any) -> Node | None:
        """A product, quotient or negative with what is masked, masked itself."""
        if name in ("*", "/", "neg") and x in self.masks:
            test, side, inner = self.masks[x]
            return self._mask(test, side, self.make(name, inner, *y))
        if name == "*" and y[0] in self.masks:
            test, side, inner = self.masks[y[0]]
            return self._mask(test, side, self.make(name, x, inner))
        return None

    def _masked_sum(self, terms: list[Any]) -> Node:
        """The sum of masked terms, masked where all of them are."""
        tests = list(dict.fromkeys(self.masks[term][:2] for term in terms))
        if len(tests) == 1:
            return self._mask(*tests[0], self.make("sum", [self.masks[term][2] for term in terms]))
        some = self._holds(*tests[0])
        for test, side in tests[1:]:
            some = self.make("where", some, 1.0, self._holds(test, side))
        return self._mask(some, True, self._plain_sum(terms))

    # -- what is trivial ---------------------------------------------------------------------------------
    # All rules but those of 0 give the same number to the last bit; 0 is structural, as in the table: 0·inf is 0.

    def _sum(self, xs: list[Node]) -> Node | None:
        terms: list[Node] = [x for x in xs if isinstance(x, Value)]
        number: float = self.make("sum", [x for x in xs if not isinstance(x, Value)])
        if number:
            terms.append(number)
        masked = all(term in self.masks for term in terms)
        return self._masked_sum(terms) if masked else self._plain_sum(terms)

    def _plain_sum(self, terms: list[Node]) -> Node:
        if len(terms) > 2:
            return self._node(OPS["sum"], terms)
        total: Node = self.make("+", *terms) if len(terms) == 2 else terms[0]
        return total

    def _product(self, xs: list[Node]) -> Node:
        factors: list[Node] = [x for x in xs if isinstance(x, Value)]
        number: float = self.make("prod", [x for x in xs if not isinstance(x, Value)])
        if number == 0:
            return 0.0
        if number != 1:
            factors.insert(0, number)
        if len(factors) > 2:
            return self._node(OPS["prod"], factors)
        product: Node = self.make("*", *factors) if len(factors) == 2 else factors[0]
        return product

    def _simpler(self, name: str, x: Any, y: Any = None, *_: Any) -> Any:
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
                return self.make("*", 2.0, x)
            case ("-", float(0.0), _) | ("*", float(-1.0), _):
                return self.make("neg", y)
            case ("*", _, float()):  # numbers first: 2*x
                return self.make("*", y, x)
            case ("*", float(c), ("*", float(d), v)) if c.is_integer() and d.is_integer() and abs(c * d) < 2**53:
                return self.make("*", c * d, v)
            case ("*", float(c), ("neg", v)):
                return self.make("*", -c, v)
            case ("neg", ("neg", v), _):
                return v
            case ("neg", ("-", a, b), _) if x in self.made:
                return self.make("-", b, a)
            case ("neg", ("*", float(c), v), _):
                return self.make("*", -c, v)
            case ("*" | "/", ("neg", v), _):  # the minus outside
                return self.make("neg", self.make(name, v, y))
            case ("*" | "/", _, ("neg", v)):
                return self.make("neg", self.make(name, x, v))
            case ("+", _, ("neg", v)):
                return self.make("-", x, v)
            case ("+", ("neg", v), _):
                return self.make("-", y, v)
            case ("-", _, ("neg", v)):
                return self.make("+", x, v)
            case ("*", _, ("/", float(1.0), v)):
                return self.make("/", x, v)
        return None

    def _opened(self, x: Any, also_known: bool = False) -> Any:
        """A number as it is; a node as its operation and operands, but one of before only if it may be bypassed.

        (The rules would go as deep as a chain of such nodes; and what has a label is to be seen.)
        """
        if isinstance(x, Value) and x.op is not None and (x in self.made or (also_known and not x.label)):
            return (x.op.name, *map(folded, graph.stored(x)))
        return x


def folded(operand: Any) -> Any:
    """A constant as the number that it is."""
    return operand._data if isinstance(operand, Constant) else operand
