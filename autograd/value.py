"""``Value``: one node of a computation graph.

Forward: an operation computes its result and, in the same step, one *local derivative* per input: an edge
of the graph is a pair (input, d result / d input). Backward: in reverse topological order each node hands
``gradient * local derivative`` to its inputs, where the contributions add up. That is the whole chain rule,
and all of the engine: what an operation *is* stands in the table, ``ops.py``.

Because an edge keeps its local derivative from the forward pass, ``backward()`` gives the gradient at the
recorded values even if a leaf's ``data`` was changed since (an optimiser's step, say).
"""

from __future__ import annotations

import sys

from .caller import compares, formats
from .contexts.watching import OPEN, made, read, recording, tagged, watched_flow
from .number import beyond_float64, is_array, is_number, number, quoted
from .table.ops import ABS, ADD, DIV, MOD, MUL, NEG, POW, SUB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .table.op import Op

    Operand = Any  # a Value or a real number


class Value:
    """A number that remembers how it was computed.

    ``data``   the number, float64
    ``grad``   d(root)/d(this), after ``root.backward()``; leaves accumulate over calls until set to 0
    ``op``     the operation that made it, a row of the table; ``None`` for a leaf
    ``inputs`` the operands, in order (``x*x`` has x twice); numbers appear as constants
    ``label``  a name to show; ``scope`` the group it was made in

    Numbers (int, float, bool, Fraction, NumPy scalars) that meet a Value become constants: they carry no
    gradient. NumPy's arrays, of numbers or Values, are taken element by element; anything else is a TypeError.
    Arithmetic follows IEEE 754: 1/0 is inf, log(-1) is nan.
    Two Values are equal only if they are the same node; ``<`` and ``>`` compare ``data``.

    >>> a, b, c = Value(5, "a"), Value(3, "b"), Value(2, "c")
    >>> J = 3 * (a + b * c)
    >>> J.backward()
    >>> J.data, a.grad, b.grad, c.grad
    (33.0, 3.0, 6.0, 9.0)
    """

    # Two edges stand in slots of their own, (_a, _da) and (_b, _db): nearly every node has at most two, and
    # objects that need no tuple are made and collected twice as fast. A node with more inputs keeps them
    # all as tuples in _b and _db. A local derivative of None means that nothing flows along this edge: the
    # input is a constant (then it may still be a plain float), or the operation cuts it off (a relu at
    # x < 0). A leaf has no edges; its _a tells its kind. A _grad of None means that none has arrived yet.
    # _tags is the pair (label, scope), or None where both are empty, as they mostly are. The __dict__, for what
    # anybody likes to store on a node, exists only once something is.
    __slots__ = ("__dict__", "__weakref__", "_a", "_b", "_da", "_data", "_db", "_grad", "_tags", "op")

    op: Op | None
    _data: float
    _grad: Any
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _tags: tuple[str, str] | None

    def __init__(self, data: float, label: str = "", _op: str = "", _children: Any = ()) -> None:
        if type(label) is not str or _op or _children:
            require_label(label, _op or _children)
        self._data = data if type(data) is float else number(data)
        self.op = self._b = self._da = self._db = self._grad = None
        self._a = "input"
        self._tags = tagged(label) if label or OPEN else None

    result_type: type[Value] | None = None  # of what class the results of operations are, if not of this one

    # -- reading a node ------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number; setting it converts to float64, or raises TypeError (RecordingError inside a recording)."""
        return read(self._data) if OPEN else self._data

    @data.setter
    def data(self, data: float) -> None:
        if OPEN and recording():
            from .errors import RecordingError

            raise RecordingError(
                f"{self.label or 'v'}.data is set inside a function that is recorded: a program would not do so again "
                "at each replay. Set it outside, before or after"
            )
        self._data = number(data)

    @property
    def grad(self) -> float:
        """d(root)/d(this); 0.0 until a backward pass reaches this node. Set it to None to forget it."""
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: float | None) -> None:
        self._grad = None if grad is None else number(grad)

    @property
    def label(self) -> str:
        """A name to show."""
        return "" if self._tags is None else self._tags[0]

    @label.setter
    def label(self, label: str) -> None:
        scope = self.scope
        self._tags = (label, scope) if label or scope else None

    @property
    def scope(self) -> str:
        """The group that it was made in, "layer1/neuron3"."""
        return "" if self._tags is None else self._tags[1]

    @scope.setter
    def scope(self, scope: str) -> None:
        label = self.label
        self._tags = (label, scope) if label or scope else None

    @property
    def has_grad(self) -> bool:
        """Whether a gradient has arrived (or was set): pictures show "—" before."""
        return self._grad is not None

    @property
    def kind(self) -> str:
        """``"input"``, ``"parameter"``, ``"constant"`` (all leaves), or ``"result"`` of an operation."""
        return self._a if self.op is None else "result"

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The operands in order; numbers appear as constants."""
        if self.op is None:
            return ()
        if self._b.__class__ is tuple:
            if any(not isinstance(v, Value) for v in self._b):
                self._b = tuple(v if isinstance(v, Value) else Constant(v) for v in self._b)
            return self._b
        if not isinstance(self._a, Value):
            self._a = Constant(self._a)
        if self._b is None:
            return (self._a,)
        if not isinstance(self._b, Value):
            self._b = Constant(self._b)
        return (self._a, self._b)

    @property
    def local_derivatives(self) -> tuple[float | None, ...]:
        """d(this)/d(input) per input, as recorded; ``None`` where nothing flows (constants, masks)."""
        if self.op is None:
            return ()
        if self._b.__class__ is tuple:
            return tuple(self._db)
        return (self._da,) if self._b is None else (self._da, self._db)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"{type(self).__name__}(data={self._data!r}, grad={self.grad!r}{label})"

    # -- forward ---------------------------------------------------------------------------------------
    # Addition and multiplication are most of every graph, so they are written out; a test holds them to
    # their rows. Everything else goes through unary, binary or nary.

    def __add__(self, other: Operand) -> Value:
        out = new(type(self))
        if type(other) is Value:
            out._data = self._data + other._data
            out._db = 1.0
        elif type(other) is float or type(other) is int:
            try:
                out._data = self._data + other
            except OverflowError:
                raise beyond_float64(other) from None
            out._db = None
        else:
            return binary(ADD, self, other)
        out._a = self
        out._da = 1.0
        out._b = other
        out._grad = None
        out.op = ADD
        out._tags = None
        if OPEN:
            made(out)
        return out

    def __mul__(self, other: Operand) -> Value:
        out = new(type(self))
        if type(other) is Value:
            out._data = self._data * other._data
            out._da = other._data
            out._db = self._data
        elif type(other) is float or type(other) is int:
            try:
                out._data = self._data * other
            except OverflowError:
                raise beyond_float64(other) from None
            out._da = other if type(other) is float else float(other)
            out._db = None
        else:
            return binary(MUL, self, other)
        out._a = self
        out._b = other
        out._grad = None
        out.op = MUL
        out._tags = None
        if OPEN:
            made(out)
        return out

    def __radd__(self, other: Operand) -> Value:
        return binary(ADD, other, self)

    def __rmul__(self, other: Operand) -> Value:
        return binary(MUL, other, self)

    def __sub__(self, other: Operand) -> Value:
        return binary(SUB, self, other)

    def __rsub__(self, other: Operand) -> Value:
        return binary(SUB, other, self)

    def __truediv__(self, other: Operand) -> Value:
        return binary(DIV, self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return binary(DIV, other, self)

    def __mod__(self, other: Operand) -> Value:
        return binary(MOD, self, other)

    def __rmod__(self, other: Operand) -> Value:
        return binary(MOD, other, self)

    def __pow__(self, other: Operand) -> Value:
        return binary(POW, self, other)

    def __rpow__(self, other: Operand) -> Value:
        return binary(POW, other, self)

    def __neg__(self) -> Value:
        return unary(NEG, self)

    def __pos__(self) -> Value:
        return self

    @property
    def _mask(self) -> None:
        """Refused: NumPy's masked arrays take ``_data`` of what they meet for its numbers, and ask for this next."""
        raise TypeError(
            "a masked array would compute with the number of a Value alone: write A.filled(0) or A.compressed() for it"
        )

    def conjugate(self) -> Value:
        """Itself, as for every real number: NumPy's var and vdot ask for it."""
        return self

    def __abs__(self) -> Value:
        return unary(ABS, self)

    def __lt__(self, other: Operand) -> bool:
        return compared(self, "<", other) < plain(other)

    def __le__(self, other: Operand) -> bool:
        return compared(self, "<=", other) <= plain(other)

    def __gt__(self, other: Operand) -> bool:
        return compared(self, ">", other) > plain(other)

    def __ge__(self, other: Operand) -> bool:
        return compared(self, ">=", other) >= plain(other)

    def __eq__(self, other: object) -> Any:
        return self is other if isinstance(other, Value) else self._other("==", other)

    def __ne__(self, other: object) -> Any:
        return self is not other if isinstance(other, Value) else self._other("!=", other)

    __hash__ = object.__hash__

    def _other(self, sign: str, other: object) -> Any:
        """A node is itself, and equals no text and no None; what is to be said of a number is not decided silently."""
        if is_number(other):
            compared(self, sign, other)
            raise TypeError(
                f"{quoted(self)} {sign} {quoted(other)}: a node equals itself only, so this would never be true; "
                f"to compare the numbers write v.data {sign} {quoted(other)}"
            )
        return NotImplemented

    def __bool__(self) -> bool:
        raise TypeError("a Value is neither true nor false: write v.data != 0, or v is not None")

    # -- as a number ---------------------------------------------------------------------------------------
    # What is shown to people is the number. What would go on computing with the number alone is refused: the
    # derivative would get lost without a word.

    def __format__(self, how: str) -> str:
        return format(self.data, how) if how else str(self)

    def __round__(self, digits: int | None = None) -> float:
        return round(self.data, digits)

    def __float__(self) -> float:
        if formats(sys._getframe(1)):  # "%.3f" % v asks for a float, too
            return self.data
        raise self._no_number("float")

    def __int__(self) -> int:
        if formats(sys._getframe(1)):
            return int(self.data)
        raise self._no_number("int")

    def __complex__(self) -> complex:
        raise self._no_number("complex")

    def item(self) -> float:
        """No: ``data`` is the number."""
        raise self._no_number("item")

    def _no_number(self, what: str) -> TypeError:
        return TypeError(
            f"{what} of {quoted(self)} would leave the graph: write v.data for the number, or a function of autograd, "
            "autograd.exp(v) in place of math.exp(v), to go on with the node"
        )

    if TYPE_CHECKING:  # exp, relu, tanh, ...: functions.py makes them from the table

        def __getattr__(self, name: str) -> Callable[..., Value]: ...

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        """What ``np.exp(v)`` and ``np.float64(2) * v`` call: the table's row of that name."""
        from .functions import from_ufunc

        return from_ufunc(ufunc, method, operands, options)

    # -- backward --------------------------------------------------------------------------------------

    def backward(self, seed: float = 1.0) -> None:
        """Add ``seed`` · d(self)/d(leaf) to every leaf's ``grad``; set the ``grad`` of every node in between.

        Leaves accumulate: calling twice exactly doubles them. Nodes in between start afresh at each call.
        Interrupted, or after an error, all leaves have what they had before, and the results no gradient.
        """
        # Every node found starts at one and the same zero, an object made for this call: "is zero" is
        # "found already", and no set of visited nodes is needed.
        zero = float("0.0")
        order: list[Value] = []
        before: list[tuple[Value, float | None]] = []
        try:  # calls only: CPython 3.12 lets an interrupt at the end of a loop's body pass by except
            collect(self, zero, order, before)
            self._grad = seed if type(seed) is float else number(seed)
            order.reverse()
            if OPEN:
                watched_flow(order, flow)
            else:
                flow(order)
            accumulate(before)
        except BaseException:
            undo(self, before)
            raise

    def refresh(self) -> None:
        """Recompute the graph below in place, from the ``data`` of its leaves; leaves keep their ``grad``."""
        from .graph import refresh

        refresh(self)

    # -- as in micrograd ---------------------------------------------------------------------------------

    @property
    def _backward(self) -> Callable[[], None]:
        """``v._backward()`` is one manual step: add ``grad * local derivative`` to each input's ``grad``."""
        return lambda: step_back(self)

    @_backward.setter
    def _backward(self, _: object) -> None:
        raise AttributeError(f"a node keeps local derivatives, no function to run backward: {OWN_OPERATION}")

    @property
    def _prev(self) -> set[Value]:
        return set(self.inputs)

    @property
    def _op(self) -> str:
        return "" if self.op is None else self.op.name

    # -- copies --------------------------------------------------------------------------------------------

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        """A copy of the whole graph below, without recursion."""
        from .graph import copy_into

        copy_into(memo, self)
        result: Value = memo[id(self)]
        return result

    def __reduce_ex__(self, _: Any) -> tuple[Any, ...]:
        """For pickle: the whole graph below, without recursion."""
        from .pickling import reduced

        return reduced(self)


class Constant(Value):
    """A number that met a Value: a leaf that never gets a gradient."""

    __slots__ = ()

    def __init__(self, data: float, label: str = "") -> None:
        super().__init__(data, label)
        self._a = "constant"

    result_type = Value

    def __add__(self, other: Operand) -> Value:
        return binary(ADD, self, other)

    def __mul__(self, other: Operand) -> Value:
        return binary(MUL, self, other)


def parameter(data: float, label: str = "") -> Value:
    """A leaf that is to be learned: a Value that pictures and programs tell apart from an input."""
    value = Value(data, label)
    value._a = "parameter"
    return value


new = object.__new__

# CPython gives the first thirty instances of a class room for attributes; and if they are used, all later ones, too.
for _ in range(32):
    new(Value)


# --- making a node from a row of the table --------------------------------------------------------


def result(op: Op, operands: Sequence[Any]) -> Value:
    """The node of any operation, from operands one after another, lists too; at least one is a Value."""
    if op.n_lists or len(operands) > 2:
        return nary(op, operands)
    return unary(op, operands[0]) if len(operands) == 1 else binary(op, *operands)


def unary(op: Op, x: Value) -> Value:
    """The node op(x)."""
    if type(x) is Value:
        out = new(Value)
        out._data, out._da = op.kernel(x._data)
    else:
        out = new(common_type((x,)))
        out._data, local = op.kernel(x._data)
        out._da = local if carries_gradient(x) else None
    out._a = x
    out._b = out._db = out._grad = None
    out.op = op
    out._tags = None
    if OPEN:
        made(out)
    return out


def binary(op: Op, a: Operand, b: Operand) -> Value:
    """The node op(a, b); one of them may be a number."""
    out = new(Value)
    if type(a) is Value and type(b) is Value:
        out._data, out._da, out._db = op.kernel(a._data, b._data)
    elif type(a) is Value and (type(b) is float or type(b) is int):
        try:
            b = float(b)
        except OverflowError:
            raise beyond_float64(b) from None
        out._data, out._da = op.first(a._data, b)
        out._db = None
    elif type(b) is Value and (type(a) is float or type(a) is int):
        try:
            a = float(a)
        except OverflowError:
            raise beyond_float64(a) from None
        out._data, out._db = op.second(a, b._data)
        out._da = None
    elif is_array(a) or is_array(b):
        from .functions import elementwise

        return elementwise(op, a, b)  # type: ignore[no-any-return]
    else:
        (a, x), (b, y) = operand(op, a), operand(op, b)
        out = new(common_type((a, b)))
        out._data, *local_derivatives = op.kernel(x, y)
        out._da, out._db = flowing((a, b), local_derivatives)
    out._a = a
    out._b = b
    out._grad = None
    out.op = op
    out._tags = None
    if OPEN:
        made(out)
    return out


def nary(op: Op, flat: Sequence[Operand]) -> Value:
    """The node op(...) of three inputs or more, or of lists, one after another; numbers may stand among them."""
    if set(map(type, flat)) == {Value}:
        out = new(Value)
        out._data, out._db = op.forward([v._data for v in flat])
    else:
        pairs = [operand(op, v) for v in flat]
        flat = [v for v, _ in pairs]
        out = new(common_type(flat))
        out._data, local_derivatives = op.forward([x for _, x in pairs])
        out._db = flowing(flat, local_derivatives)
    out._a = out._da = out._grad = None
    out._b = tuple(flat)
    out.op = op
    out._tags = None
    if OPEN:
        made(out)
    return out


def common_type(operands: Iterable[Any]) -> type[Value]:
    """Of what class a result is: of that of the first operand of a subclass of Value."""
    for v in operands:
        if isinstance(v, Value) and (kind := type(v).result_type or type(v)) is not Value:
            return kind
    return Value


def flowing(operands: Sequence[Any], local_derivatives: Sequence[float | None]) -> tuple[float | None, ...]:
    """The local derivatives, with None at the operands that carry no gradient."""
    edges = zip(operands, local_derivatives, strict=True)
    return tuple([d if carries_gradient(v) else None for v, d in edges])


def carries_gradient(operand: Any) -> bool:
    return isinstance(operand, Value) and not isinstance(operand, Constant)


def operand(op: Op, x: Operand) -> tuple[Any, float]:
    """What a node keeps of an operand, a Value or a float; and its number."""
    if type(x) is float:
        return x, x
    if isinstance(x, Value):
        return x, x._data
    try:
        data = number(x)
    except TypeError as error:
        raise TypeError(f"{op.name}: {error}") from None
    return data, data


def compared(x: Value, sign: str, other: Operand) -> float:
    """The number to compare; RecordingError inside a recording, which other examples than this one are to replay."""
    if OPEN and recording():
        from .errors import RecordingError

        a, b = (v.label or f"{v._data:g}" if isinstance(v, Value) else repr(v) for v in (x, other))
        difference = f"{a} - {b}" if sign in ("==", "!=") else f"step({a} - {b})"
        says = "differs from" if sign in ("==", "!=") else "is greater than"
        raise RecordingError(
            f"{a} {sign} {b}: while a function is recorded, a comparison would decide for all examples at once. "
            f"Choose with a node: where({difference}, u, v) is u where {a} {says} {b}, else v; "
            "or use maximum, minimum, clip, relu, abs, take"
        )
    # np.maximum, np.clip and np.max ask with >= and <=; np.sign and max(v, 0) compare with 0. What sorts, or looks for
    # the place of the largest, asks with < and > of two Values, and loses nothing.
    by_zero = sign in ("<", ">") and type(other) is int and other == 0
    if (sign in ("<=", ">=") or by_zero) and not compares(sys._getframe(2)):
        raise TypeError(
            f"{quoted(x)} {sign} {quoted(other)}, asked by a function (np.maximum, np.clip, np.max, np.sign, max, …): "
            "the numbers of now would choose, and the operation be missing in the graph. Write autograd.maximum, "
            "minimum, clip, sign or relu, which take arrays too, amax(list) for the largest; to compare, the operator: "
            "A > 0"
        )
    return x._data


def plain(x: Operand) -> float:
    """The number in a Value, or the number itself; an array, to be compared element by element, stays one."""
    if isinstance(x, Value):
        return x._data
    return x if is_array(x) else number(x)


OWN_OPERATION = (
    'an operation of your own is declared once, as in cube = autograd.operation("cube", "x", "x**3", ["3*x**2"]), '
    "and called, cube(v); it gets its backward pass from there"
)


def require_label(label: Any, result_of: Any) -> None:
    """Raise TypeError for what is no label: micrograd's constructor has the children of a node in its place."""
    if result_of or isinstance(label, tuple | set | list):
        raise TypeError(f"Value(data, label) makes a leaf, not the result of {quoted(result_of)}: {OWN_OPERATION}")
    if not isinstance(label, str):
        raise TypeError(f"a label is text, not {quoted(label)} ({type(label).__name__})")


# --- backward: one step, and all; which nodes, in which order --------------------------------------------


def step_back(node: Value) -> None:
    """Hand a node's ``grad``, times the local derivatives, to its inputs."""
    for operand, local in zip(node.inputs, node.local_derivatives, strict=True):
        if local is not None:
            operand.grad += local * node.grad


def flow(order: Iterable[Value]) -> None:
    """The same for nodes in order, each before its inputs, whose gradients have been started by ``collect``."""
    for node in order:
        gradient = node._grad
        local = node._da
        if local is not None:
            node._a._grad += local * gradient
        local = node._db
        if local is not None:
            if local.__class__ is tuple:
                for operand, one in zip(node._b, local, strict=True):
                    if one is not None:
                        operand._grad += one * gradient
            else:
                node._b._grad += local * gradient


def accumulate(before: Iterable[tuple[Value, float | None]]) -> None:
    """Add to the gradients of leaves what they had before."""
    for leaf, grad in before:
        if grad is not None:
            leaf._grad += grad


def undo(root: Value, before: Sequence[tuple[Value, float | None]]) -> None:
    """After a backward pass that was broken off: leaves get back what they had, results forget what they got."""
    from .graph import topological

    for leaf, grad in before:
        leaf._grad = grad
    for node in topological(root):
        if node.op is not None:
            node._grad = None


def collect(root: Value, zero: float, order: list[Value], before: list[tuple[Value, float | None]]) -> None:
    """Set the gradient of all nodes that one can flow to, to ``zero``; of those behind a mask to 0.0.

    Appends to ``order`` the results that one can flow to, each after its inputs, and to ``before`` the leaves
    with the gradient they had. A depth-first walk with a stack of its own: a None says that the node below it
    on the stack is complete.
    """
    behind: list[Any] = []  # operands that this edge cuts off; another may still reach them
    stack: list[Any] = [root]
    push, pop = stack.append, stack.pop
    while stack:
        node = pop()
        if node is None:
            order.append(pop())
            continue
        if node._grad is zero:
            continue
        if node.op is None:
            before.append((node, node._grad))
            node._grad = zero
            continue
        node._grad = zero
        push(node)
        push(None)
        operand = node._a
        if node._da is not None:
            if operand._grad is not zero:
                push(operand)
        elif operand.__class__ is not float and isinstance(operand, Value):
            behind.append(operand)
        operand = node._b
        if node._db is None:
            if operand is not None and operand.__class__ is not float and isinstance(operand, Value):
                behind.append(operand)
        elif operand.__class__ is tuple:
            for one, local in zip(operand, node._db, strict=True):
                if local is None:
                    behind.append(one)
                elif one._grad is not zero:
                    push(one)
        elif operand._grad is not zero:
            push(operand)
    while behind:
        node = behind.pop()
        if node.__class__ is tuple:
            behind += node
        elif carries_gradient(node) and node._grad is not zero:
            if node.op is None:
                before.append((node, node._grad))
            else:
                behind += (node._a, node._b)
            node._grad = zero
