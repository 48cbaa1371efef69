"""From the formulas of a row to Python loops that Numba compiles.

In them a condition in a partial derivative is a choice between what flows and 0, so that a mask cuts off inf and nan;
a list among the inputs is read where it stands. The functions around the loops, which read a program's code, are
written by ``program/executors/on_numba/kernels.py``; what a loop finds when it begins, see ``kernel``.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager

from ..errors import OpRowError
from .arithmetic import SCALARS
from .language import Rewriter, call, lists_of, needed, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .op import Op

FOR_SIMD = {"exp", "log", "log1p", "tanh"}
"""What is in ``on_numba/functions.py`` for SIMD loops. Where there is none, the functions of ``math`` are quicker."""
IN_SIMD = {"abs", "sign", "sqrt", *FOR_SIMD}
REDUCTIONS = {
    "sum": ("{t} = 0.0", "{t} = {t} + {u}"),
    "prod": ("{t} = 1.0", "{t} = {t} * {u}"),
    "max": ("{t} = -inf", "{t} = {u} if {u} > {t} or {u} != {u} else {t}"),
}
"""Functions of lists, as loops: how the result t begins, and what each element u, with index j, does to it."""
LISTS = ("[", "products_of_others(")
"""How lines begin whose result is a list."""
SCRATCH_ROWS = 16
"""How many numbers for each example the lines of a row may compute, besides lists."""


class Text:
    """Lines of code, indented."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0

    def add(self, *lines: str) -> None:
        self.lines += ["    " * self.depth + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.add(head)
        self.depth += 1
        yield
        self.depth -= 1


class _Loops(Rewriter):
    """Rewrites a row's formulas. The loops over lists that they contain go before the line they stand in.

    A row's own names get a ``_`` at the end here: an input may be called ``max``, and be none the worse for it.

    ``wide``     whether each line is a loop over all examples, and what it computes a row of scratch; or a variable
    ``elements`` by the name of a list, where its element ``{j}`` stands
    ``read``     by name, where a number stands that is to be read before it is used
    ``simd``     whether functions are to be those for SIMD loops
    """

    nothing = ast.Constant(0.0)

    def __init__(self, op: Op, text: Text, wide: bool, elements: dict[str, str], simd: bool) -> None:
        self.op = op
        self.text = text
        self.wide = wide
        self.elements = elements
        self.read: dict[str, str] = {}
        self.simd = simd
        self.indices: dict[str, str] = {}
        self.fresh = self.rows = self.lists = 0

    def do(self, *lines: str, aside: str = "") -> None:
        """Lines without loops, for all examples; ``aside`` is a variable that is of no use after them."""
        if not self.wide:
            self.text.add(*lines)
            return
        names = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.Name)]
        used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        kept = dict.fromkeys([node.id for node in names if isinstance(node.ctx, ast.Store) and node.id != aside])
        for name in kept:
            if name not in self.read:
                self.rows += 1
                if self.rows > SCRATCH_ROWS:
                    raise OpRowError(f"row {self.op.name!r} computes more than {SCRATCH_ROWS} numbers on its way")
                self.text.add(f"_row_{name} = _end - U({self.rows}) * _width")
        with self.text.block("for _e in range(_width):"):
            self.text.add(*[f"{name} = {place}" for name, place in self.read.items() if name in used], *lines)
            self.read |= {name: f"_v[_row_{name} + _e]" for name in kept}
            self.text.add(*[f"{self.read[name]} = {name}" for name in kept])

    def know(self, name: str, place: str) -> None:
        """Where the number of a name stands."""
        if self.wide:
            self.read[name] = place
        else:
            self.text.add(f"{name} = {place}")

    def line(self, name: str, formula: ast.expr) -> None:
        """``name = formula``; a list is kept in scratch."""
        match formula:
            case ast.ListComp():
                place = self.new_list(name)
                with self.loop(formula) as (element, j):
                    self.do(f"{place.format(j=j)} = {element}")
                self.elements[name] = place
            case ast.Call(ast.Name("products_of_others"), [xs]):
                self.elements[name] = self.products_of_others(self.new_list(name), xs)
            case _:
                self.do(f"{name}_ = {self.scalar(formula)}")

    def new_list(self, name: str) -> str:
        """Where the elements ``{j}`` of a list in scratch stand."""
        self.lists += 1
        before = f"(U({SCRATCH_ROWS}) + U({self.lists}) * _n) * _width" if self.wide else f"U({self.lists}) * _n"
        self.text.add(f"_list_{name} = _end - {before}")
        return f"_v[_list_{name} + {{j}}{' * _width + _e' if self.wide else ''}]"

    def products_of_others(self, place: str, xs: ast.expr) -> str:
        """In one loop what came before each element, in another, backwards, times what comes after it."""
        t = self.new("t")
        self.do(f"{t} = 1.0")
        with self.loop(xs) as (element, j):
            self.do(f"{place.format(j=j)} = {t}", f"{t} = {t} * {element}")
        self.do(f"{t} = 1.0")
        i, j = self.new("j"), self.new("j")
        with self.text.block(f"for {i} in range(_n):"):
            self.text.add(f"{j} = _n - U(1) - {i}")
            element = self.scalar(self.bound(xs, j))
            self.do(f"{place.format(j=j)} *= {t}", f"{t} = {t} * {element}")
        return place

    def scalar(self, formula: ast.expr) -> str:
        """A formula's text, after the loops that it needs."""
        return ast.unparse(self.value(formula))

    def flowing(self, partial: ast.expr) -> str:
        """The text of what flows to an input, g times its partial derivative, after the loops that it needs."""
        return ast.unparse(self.partial(partial))

    def flow(self, tree: ast.expr) -> ast.expr:
        return self.times("_g", tree)

    def flow_to_list(self, name: str, partial: ast.expr) -> None:
        """Add what flows to a list to the adjoints of its elements; to that of one, if all others get nothing."""
        adjoint = self.elements[name].replace("_v[", "_a[")
        match partial:
            case ast.ListComp(
                ast.IfExp(ast.Compare(ast.Name(i), [ast.Eq()], [k]), one, ast.Constant(0)),
                [ast.comprehension(ast.Name(over))],
            ) if i == over:
                j = self.indices[i] = self.new("j")
                index = f"{j} = position(_v, {self.scalar(k)}, _n)"
                self.do(index, f"{adjoint.format(j=j)} += {self.flowing(one)}", aside=j)
            case _:
                with self.loop(partial, self.flowing) as (flow, j):
                    self.do(f"{adjoint.format(j=j)} += {flow}")

    @contextmanager
    def loop(self, over: ast.expr, finish: Callable[[ast.expr], str] | None = None) -> Iterator[tuple[str, str]]:
        """A loop over a list, or the elements of a comprehension: the text of an element, and that of its index."""
        j = self.new("j")
        with self.text.block(f"for {j} in range(_n):"):
            yield (finish or self.scalar)(self.bound(over, j)), j

    def bound(self, over: ast.expr, j: str) -> ast.expr:
        """The formula of an element, once its variables have their values."""
        match over:
            case ast.Name(name):
                return variable(self.at(name, j))
            case ast.ListComp(element, [loop]) | ast.GeneratorExp(element, [loop]):
                for target, a_list in lists_of(loop):
                    match a_list:
                        case ast.Call(ast.Name("range")):
                            self.indices[target] = j
                        case _:
                            self.know(f"{target}_", self.at(ast.unparse(a_list), j))
                return element
        raise self.error(ast.unparse(over))

    def at(self, name: str, j: str) -> str:
        """The element of a list."""
        if name not in self.elements:
            raise self.error(name)
        return self.elements[name].format(j=j)

    def error(self, text: str) -> OpRowError:
        return OpRowError(f"row {self.op.name!r}: cannot make a loop over {text!r}")

    def new(self, letter: str) -> str:
        self.fresh += 1
        return f"_{letter}{self.fresh}"

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.indices:
            return variable(f"float({self.indices[node.id]})")
        done = node.id.startswith("_") or node.id in ("inf", "nan", "pi")
        return node if done else variable(f"{node.id}_")

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Name) and node.slice.id in self.indices:
            return variable(self.at(ast.unparse(node.value), self.indices[node.slice.id]))
        return variable(self.at(ast.unparse(node.value), f"position(_v, {self.scalar(node.slice)}, _n)"))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        function = node.func.id
        if function == "len":
            return variable("_count")
        if function not in REDUCTIONS:
            module = "" if self.simd or function not in FOR_SIMD else "math."
            return call(module + function, *map(self.value, node.args))
        t, u = self.new("t"), self.new("u")
        begin, step = REDUCTIONS[function]
        self.do(begin.format(t=t))
        with self.loop(node.args[0]) as (element, j):
            self.do(f"{u} = {element}", step.format(t=t, u=u, j=j), aside=u)
        return variable(t)


# --- the kernels of a row: its value, or with the name of an input what flows there ----------------------------------


def kernel(op: Op, text: Text, name: str) -> None:
    """The loops over a record: nodes of one operation that stand in a row, each with a number for every example.

    ``name`` is "" for the nodes' values, or the input that something flows to. The loops find ``_v``, the numbers of
    all nodes, and ``_a``, their adjoints; ``_width`` examples, ``_nodes`` nodes, ``_out`` where the first one stands;
    of input i ``_at{i}`` where it stands, the step from node to node ``_step{i}`` (of a list from element to element),
    and that times the width, ``_next{i}``; ``_n`` the length of the lists, ``_count`` the same as a float; ``_each0``,
    0 where all examples share the first input, or 1; ``_end``, below which they keep what they compute on their way.
    ``_first`` has a bit for each input whose adjoints have got nothing yet: so they are not read.
    """
    if not any(op.lists):
        _elementwise(op, text, name)
        return
    with text.block("if _width > U(1):"):
        _over_lists(op, text, name, wide=True)
    with text.block("else:"):
        _over_lists(op, text, name, wide=False)


def _elementwise(op: Op, text: Text, name: str) -> None:
    """All numbers of all nodes in one loop. What flows is added; or stored, if it ``is_stored`` and is the first."""
    if not (name and is_stored(op, name)):
        _loop(op, text, name, "+=" if name else "=")
        return
    with text.block(f"if _first & U({1 << op.inputs.index(name)}):"):
        _loop(op, text, name, "=")
    with text.block("else:"):
        _loop(op, text, name, "+=")


def _loop(op: Op, text: Text, name: str, assign: str) -> None:
    """The loop over all numbers of all nodes."""
    lines, result = _lines(op, name)
    row = _Loops(op, text, False, {}, _calls(op, name) <= IN_SIMD)
    places = {x: f"_v[_at{i} + _i * _step{i}]" for i, x in enumerate(op.inputs)}
    with text.block("for _i in range(_nodes * _width):"):
        for x, place in _needed(places, "_out + _i", [*lines, (name, result)]).items():
            row.know(x, place)
        for line in lines:
            row.line(*line)
        place = places[name].replace("_v[", "_a[") if name else "_v[_out + _i]"
        row.do(f"{place} {assign} {row.flowing(result) if name else row.scalar(result)}")


def _over_lists(op: Op, text: Text, name: str, wide: bool) -> None:
    """Line by line, for all examples or for one. Nodes that share lists share what follows from these alone."""
    lines, result = _lines(op, name)
    step, node = ("_next{i} + _e{each}", "_out + _r * _width + _e") if wide else ("_step{i}", "_out + _r")
    places: dict[str, str] = {}
    lists: dict[str, str] = {}
    for i, (x, is_list) in enumerate(zip(op.inputs, op.lists, strict=True)):
        each = "" if i else " * _each0"
        (lists if is_list else places)[x] = f"_v[_at{i} + {'{j}' if is_list else '_r'} * {step.format(i=i, each=each)}]"
    row = _Loops(op, text, wide, dict(lists), wide)
    of_node = _needed(places, node, [*lines, (name, result)])
    shared = {*lists, *SCALARS}
    for line in lines:
        if _names(line[1]) <= shared:
            shared.add(line[0])
            row.line(*line)
    with text.block("for _r in range(_nodes):"):
        for x, place in of_node.items():
            row.know(x, place)
        for line in lines:
            if line[0] not in shared:
                row.line(*line)
        if name in lists:
            row.flow_to_list(name, result)
        elif name:
            row.do(f"{places[name].replace('_v[', '_a[')} += {row.flowing(result)}")
        else:
            row.do(f"_v[{node}] = {row.scalar(result)}")


def _lines(op: Op, name: str) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
    """The lines that it takes, and the formula of the last one."""
    *lines, (_, result) = needed(op.lines(), f"d{name}", given=["y"]) if name else needed(op.lines(), "y")
    return lines, result


def _needed(places: dict[str, str], node: str, lines: list[tuple[str, ast.expr]]) -> dict[str, str]:
    """Of these places those that the lines read; and if the last is what flows, of the result's and its adjoint's."""
    name = lines[-1][0]
    if name:
        places = {**places, "y": f"_v[{node}]"}
    used = set().union(*[_names(formula) for _, formula in lines])
    return {f"{x}_": place for x, place in places.items() if x in used} | ({"_g": f"_a[{node}]"} if name else {})


def _calls(op: Op, name: str) -> set[str]:
    """The functions that are called."""
    lines, result = _lines(op, name)
    nodes = [node for formula in (*[formula for _, formula in lines], result) for node in ast.walk(formula)]
    return {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}


def is_stored(op: Op, name: str) -> bool:
    """Whether what flows to that input is stored where nothing has arrived before, which saves to read a 0 there.

    That is another loop to compile: where functions are called it would be no quicker.
    """
    return not any(op.lists) and something_flows(op, name) and not _calls(op, name)


def something_flows(op: Op, name: str) -> bool:
    """Whether something may flow to that input."""
    match _lines(op, name)[1]:
        case ast.Constant(0) | ast.ListComp(ast.Constant(0)):
            return False
    return True


def _names(formula: ast.expr) -> set[str]:
    """The names in a formula that do not get their value in it."""
    names = [node for node in ast.walk(formula) if isinstance(node, ast.Name)]
    return {node.id for node in names} - {node.id for node in names if isinstance(node.ctx, ast.Store)}
