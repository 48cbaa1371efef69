"""Recording: a function is run on Values that stand in for its arguments, and what it does is written on a tape."""

from __future__ import annotations

import inspect
import math

from .. import graph
from ..contexts.collector import paused_gc
from ..contexts.watching import Entered, Watcher
from ..derivatives.transform import flattened, rebuilt
from ..errors import RecordingError
from ..formulas.naming import Names
from ..number import number, quoted
from ..value import Constant, Value
from .lower import TAKE
from .tape import Tape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .types import Args, Result, Structure

    StandIn = Value | list["StandIn"]


class Function:
    """A function of one example, to be recorded for each form of its arguments."""

    def __init__(self, f: Callable[..., object], parameters: Sequence[Value] | None, aux: bool) -> None:
        self.f, self.parameters, self.aux = f, parameters, aux
        self.name = getattr(f, "__name__", type(f).__name__)

    def arguments(self, count: int) -> list[str]:
        """What the function calls its arguments."""
        return _argument_names(self.f, count)

    def record(self, _: Structure, examples: Sequence[object], first: bool) -> Result:
        return record_function(self.f, examples, self.parameters, self.aux, verify=first)


class Graph:
    """A graph, which has one form: n numbers, in n arguments or in one."""

    aux = False

    def __init__(self, root: Value, inputs: Sequence[Value], parameters: Sequence[Value] | None) -> None:
        self.name = root.label or "a graph"
        self.inputs = inputs
        self.recorded = record_graph(root, inputs, parameters)

    def arguments(self, count: int) -> list[str]:
        """The labels of the inputs; of one argument for all of them, x."""
        labels = [leaf.label or f"x{k}" for k, leaf in enumerate(self.inputs, 1)]
        return labels if count == len(labels) else ["x"]

    def record(self, structure: Structure, _: Sequence[object], first: bool) -> Result:  # noqa: ARG002
        n = len(self.inputs)
        if structure not in (((),) * n, ((n,),)):
            names = Names(self.inputs)
            listed = ", ".join(names.get(leaf, "?") for leaf in self.inputs)
            raise ValueError(
                f"the graph has {n} inputs ({listed}): give {n} arguments (m,), or one (m, {n}); "
                f"for one example these have the shapes {', '.join(map(str, structure))}"
            )
        return self.recorded


def record_graph(root: Value, inputs: Sequence[Value], parameters: Sequence[Value] | None) -> Result:
    """The tape of a graph that is there already; ``inputs`` are the leaves that vary from example to example."""
    if len(set(inputs)) < len(inputs):
        raise ValueError("an input is in the list twice")
    for leaf in inputs:
        _require_leaf(leaf, "an input")
    with paused_gc():
        return _Writer(inputs, parameters).tape([root]), ()


def record_function(
    f: Callable[..., object],
    examples: Sequence[object],
    parameters: Sequence[Value] | None,
    aux: bool,
    verify: bool = True,
) -> Result:
    """The tape of f.

    To verify it, f is run a second time, on other numbers: it has to make the same graph, else what was recorded would
    be true of one example only. RecordingError if it does not, or if f compares Values; TypeError if f returns what
    is no number.
    """
    names = _argument_names(f, len(examples))
    examples = [_lists(example) for example in examples]
    with paused_gc():  # until the graphs are gone: the collector would look through each of them
        tape, shape = _run(f, examples, names, parameters, aux)
        if verify:
            _verify(tape, lambda others: _run(f, others, names, parameters, aux, verifying=True)[0], examples, f)
    return tape, shape


def _verify(
    tape: Tape, run: Callable[[Sequence[object]], Tape], examples: Sequence[object], f: Callable[..., object]
) -> None:
    """Run f again on arguments of other numbers, of another sign, and let it read other numbers in all Values.

    The leaves that f uses belong to somebody, and are only read: what f sees as their ``data`` is shifted, here and in
    no other thread. What chooses an element, an index of ``take``, stays as it is.
    """
    choosing = tape.needed(args[-1] for op, args in zip(tape.ops, tape.args, strict=True) if op is TAKE)
    inputs = [(choosing[i], tape.leaves[i]._data) for i in tape.inputs]
    others = rebuilt(examples, iter([x if chooses else -1.5 * x or 1.0 for chooses, x in inputs]))
    try:
        again = run(others)
    except (ArithmeticError, ValueError):  # not every number is good for every function
        again = run(examples)
    _require_same(tape, again, f)


def _lists(example: object) -> object:
    """An example with lists in the place of arrays."""
    if isinstance(example, list | tuple):
        return [_lists(part) for part in example]
    return example.tolist() if hasattr(example, "tolist") else example


def _run(
    f: Callable[..., object],
    examples: Sequence[object],
    names: Sequence[str],
    parameters: Sequence[Value] | None,
    aux: bool,
    verifying: bool = False,
) -> Result:
    """One call of f, recorded; ``verifying`` says whether f is to see other numbers in Values than they have."""
    inputs: list[Value] = []
    stand_ins = [_stand_in(example, name, inputs) for example, name in zip(examples, names, strict=True)]
    writer = _Writer(inputs, parameters, verifying)
    with _RecordingBlock(writer):
        result = f(*stand_ins)
    extra: object = ()
    if aux:
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(f"with aux=True the function returns a pair (number, list), not {quoted(result)}")
        result, extra = result
    outputs = [_output(y) for y in (*flattened(result), *flattened(extra))]
    if not outputs:
        raise TypeError("the function returned an empty list")
    shape = (len(list(flattened(result))),) if isinstance(result, list | tuple) else ()
    return writer.tape(outputs), shape


def _stand_in(example: object, name: str, inputs: list[Value]) -> StandIn:
    """Values in the form of an example, labelled: x, or x1, x2, …; adds them to ``inputs``."""
    if isinstance(example, list):
        comma = "_" if name[-1:].isdigit() else ""
        return [_stand_in(part, f"{name}{comma}{k}", inputs) for k, part in enumerate(example, 1)]
    inputs.append(Value(example.data if isinstance(example, Value) else number(example), name))
    return inputs[-1]


def _argument_names(f: Callable[..., object], count: int) -> list[str]:
    """What f calls its arguments."""
    try:
        arguments = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # some built-in functions have no signature
        arguments = []
    names = [p.name for p in arguments if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names, *(f"x{k}" for k in range(len(names) + 1, count + 1))][:count]


def _output(y: object) -> Value:
    try:
        return y if isinstance(y, Value) else Constant(number(y))
    except TypeError as error:
        raise TypeError(f"the function returned what is no number: {error}") from None


def _require_leaf(leaf: object, what: str) -> None:
    if not isinstance(leaf, Value) or leaf.op is not None or isinstance(leaf, Constant):
        raise TypeError(f"{what} of a program is a leaf, not {quoted(leaf)}")


class _RecordingBlock(Entered):
    """The block inside which a function is recorded."""

    def __init__(self, writer: _Writer) -> None:
        self.watcher = writer


class _Writer(Watcher):
    """Writes nodes on a tape; those that f makes in the order in which they are made."""

    records = True

    def __init__(self, inputs: Sequence[Value], parameters: Sequence[Value] | None, verifying: bool = False) -> None:
        self.verifying = verifying
        self.written = tape = Tape()
        self.numbers = {leaf: tape.leaf(leaf) for leaf in inputs}
        tape.inputs = list(self.numbers.values())
        self.find_parameters = parameters is None
        for leaf in parameters or ():
            _require_leaf(leaf, "a parameter")
            if leaf in self.numbers:
                what = "an input, too" if self.numbers[leaf] in tape.inputs else "in the list twice"
                raise ValueError(f"the parameter {leaf.label or leaf.data} is {what}")
            self.numbers[leaf] = number = tape.leaf(leaf)
            tape.parameters.append(number)

    def read(self, data: float) -> float:
        """The number; when verifying another one, a little nearer to 0, so that a probability stays one."""
        if not self.verifying or not math.isfinite(data):
            return data
        return data - data / 1024 or 0.001

    def made(self, node: Value) -> None:
        """Write a result, whose inputs are there or were made before the recording."""
        numbers, operands = self.numbers, graph.stored(node)
        args: Args
        try:
            if len(operands) == 2:  # as most have: this takes half of what a comprehension does
                a, b = operands
                args = numbers[a], numbers[b]
            else:
                args = tuple([numbers[v] for v in operands])
        except KeyError:
            args = tuple([self.number(v) for v in operands])
        numbers[node] = self.written.node(node.op, args)

    def number(self, operand: Value | float) -> int:
        """The number of what a node has as its operand: a Value or a float."""
        if not isinstance(operand, Value):
            return self.written.constant(float(operand))
        if operand not in self.numbers:
            if isinstance(operand, Constant):
                self.numbers[operand] = self.written.constant(operand._data)
            elif operand.op is None:
                self.numbers[operand] = number = self.written.leaf(operand)
                if self.find_parameters and operand.kind == "parameter":
                    self.written.parameters.append(number)
            else:
                for node in graph.topological(operand):  # made before the recording
                    if node.op is not None and node not in self.numbers:
                        self.made(node)
        return self.numbers[operand]

    def tape(self, outputs: Sequence[Value]) -> Tape:
        """The finished tape."""
        self.written.outputs = [self.number(y) for y in outputs]
        named = [node for node in self.numbers if node._tags is not None and node.label]
        self.written.labels = {self.numbers[node]: node.label for node in named}
        return self.written


def _require_same(tape: Tape, again: Tape, f: Callable[..., object]) -> None:
    """RecordingError where two runs made different graphs; leaves that f makes anew each time become constants."""
    name = getattr(f, "__name__", "the function")
    advice = (
        "does it read the number of a Value (.data), or draw random numbers? A program replays one graph for all "
        "examples: compute with the Values themselves, and choose with where"
    )
    if tape.ops != again.ops or tape.args != again.args or tape.outputs != again.outputs:
        raise RecordingError(f"{name} makes another graph for other numbers: {advice}")
    for i, x in tape.constants.items():
        if again.constants[i].hex() != x.hex():
            raise RecordingError(
                f"{name} made the constant {x:g}, and for other numbers {again.constants[i]:g} in its place: {advice}"
            )
    varying = set(tape.inputs)
    for i, leaf in list(tape.leaves.items()):
        if i in varying or again.leaves[i] is leaf:
            continue
        if again.leaves[i]._data.hex() != leaf._data.hex():
            raise RecordingError(
                f"{name} made a Value of {leaf._data:g}, and then one of {again.leaves[i]._data:g}: {advice}"
            )
        if i in tape.parameters:
            raise RecordingError(f"{name} makes the parameter {leaf.label or leaf._data} itself: make it outside, once")
        del tape.leaves[i]
        tape.constants[i] = leaf._data
