"""``Value``: one node of a computation graph.

Forward: an operation computes its result and, in the same step, one *local derivative* per input: an edge
of the graph is a pair (input, d result / d input). Backward (``backward.py``): in reverse topological order each node
hands ``gradient * local derivative`` to its inputs, where the contributions add up. That is the whole chain rule,
and all of the engine: what an operation *is* stands in the table, ``table/ops.py``.
"""

from __future__ import annotations

from .backward import backward, step_back
from .contexts.watching import OPEN, made, tagged
from .graph import refresh
from .guards import OWN_OPERATION, Guarded, require_label
from .node import carries_gradient, flowing
from .number import beyond_float64, is_array, number
from .table.ops import ABS, ADD, DIV, MOD, MUL, NEG, POW, SUB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    import numpy as np

    from .copies import Memo
    from .operations import Methods, Operand
    from .table.op import Op
else:
    Methods = Guarded  # exp, relu, tanh, ...: functions.py makes them from the table, operations.pyi has their types


class Value(Methods):
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

    __slots__ = ()

    def __init__(self, data: float, label: str = "", _op: str = "", _children: object = ()) -> None:
        if type(label) is not str or _op or _children:
            require_label(label, _op or _children)
        self._data = data if type(data) is float else number(data)
        self.op = self._b = self._da = self._db = self._grad = None
        self._a = "input"
        self._tags = tagged(label) if label or OPEN else None

    result_type: type[Value] | None = None  # of what class the results of operations are, if not of this one

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

    def __abs__(self) -> Value:
        return unary(ABS, self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: object, **options: object) -> Any:
        """What ``np.exp(v)`` and ``np.float64(2) * v`` call: the table's row of that name."""
        from .arrays import from_ufunc

        return from_ufunc(apply, ufunc, method, operands, options)

    # -- backward --------------------------------------------------------------------------------------

    def backward(self, seed: float = 1.0) -> None:
        """Add ``seed`` · d(self)/d(leaf) to every leaf's ``grad``; set the ``grad`` of every node in between.

        Leaves accumulate: calling twice exactly doubles them. Nodes in between start afresh at each call.
        Interrupted, or after an error, all leaves have what they had before, and the results no gradient.
        """
        backward(self, seed)

    def refresh(self) -> None:
        """Recompute the graph below in place, from the ``data`` of its leaves; leaves keep their ``grad``."""
        refresh(self)

    # -- as in micrograd ---------------------------------------------------------------------------------

    @property
    def _backward(self) -> Callable[[], None]:
        """``v._backward()`` is one manual step: add ``grad * local derivative`` to each input's ``grad``."""
        return lambda: step_back(self)

    @_backward.setter
    def _backward(self, _: object) -> None:
        raise AttributeError(f"a node keeps local derivatives, no function to run backward: {OWN_OPERATION}")

    def ReLu(self) -> Value:  # noqa: N802
        """relu, as lectures on micrograd spell it."""
        return self.relu()

    @property
    def _prev(self) -> set[Value]:
        return set(self.inputs)

    @property
    def _op(self) -> str:
        return "" if self.op is None else self.op.name

    # -- copies --------------------------------------------------------------------------------------------

    def __deepcopy__(self, memo: Memo) -> Value:
        """A copy of the whole graph below, without recursion."""
        from .copies import copy_into

        copy_into(memo, self)
        result: Value = memo[id(self)]
        return result

    def __reduce_ex__(self, _: object) -> tuple[object, ...]:
        """For pickle: the whole graph below, without recursion."""
        from .pickling import reduced  # here: it needs weakref and threading, which take as long to import as the table

        return reduced(self)


class Constant(Value):
    """A number that met a Value: a leaf that never gets a gradient."""

    __slots__ = ()

    is_constant = True

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
    return as_parameter(Value(data, label))


def as_parameter(leaf: Value) -> Value:
    """The leaf, which is to be learned from now on."""
    leaf._a = "parameter"
    return leaf


new = object.__new__

# CPython gives the first thirty instances of a class room for attributes; and if they are used, all later ones, too.
for _ in range(32):
    new(Value)


# --- making a node from a row of the table --------------------------------------------------------


def apply(op: Op, *arguments: Operand) -> Any:
    """The operation on Values (a node), on numbers only (a float), or on the elements of arrays (an array)."""
    if len(arguments) > 2 and any(map(is_array, arguments)):
        return _elementwise(op, *arguments)
    for x in arguments:
        if isinstance(x, Value):
            return result(op, arguments)
    if any(map(is_array, arguments)):
        return _elementwise(op, *arguments)
    return op.kernel(*[operand(op, x)[1] for x in arguments])[0]


def _elementwise(op: Op, *arguments: Operand) -> Any:
    from .arrays import elementwise

    return elementwise(apply, op, *arguments)


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
        return _elementwise(op, a, b)  # type: ignore[no-any-return]
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


def nary(op: Op, flat: Sequence[Any]) -> Value:
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


def common_type(operands: Iterable[object]) -> type[Value]:
    """Of what class a result is: of that of the first operand of a subclass of Value."""
    for v in operands:
        if isinstance(v, Value) and (kind := type(v).result_type or type(v)) is not Value:
            return kind
    return Value


def operand(op: Op, x: Operand) -> tuple[Value | float, float]:
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
