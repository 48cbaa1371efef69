"""Rows as expressions of a library, see ``table/idioms``: a value, what flows back, a function with its own derivative.

>>> from autograd.table.idioms import NUMPY
>>> from autograd.table.ops import OPS
>>> x, g, y = variable("Z1"), variable("dA1"), variable("A1")
>>> print(written(value(NUMPY, OPS["tanh"], {"x": x})))
np.tanh(Z1)
>>> print(written(flow(NUMPY, OPS["tanh"], "x", {"x": x, "y": y, "g": g})))
dA1 * (1 - A1 ** 2)
"""

from __future__ import annotations

import ast
import math
import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

from ...errors import OpRowError
from ...formulas.algebra import negated, product, simple
from ...table.arrays import Arrays
from ...table.language import Rewriter, needed, variable
from ...table.ops import OPS, POW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ...table.idioms import Library
    from ...table.language import Line
    from ...table.op import Op

    Places = Mapping[str, ast.expr]
    """What stands for the names of a row: its inputs, ``y``, ``g`` (what arrives at y), ``i`` and ``n`` of a list."""

ALSO_CALLED = {"max": "amax", "mod": "%", "indices": "i"}
"""Functions in the formulas of rows that are rows of another name."""


@dataclass(frozen=True)
class Axis:
    """Along which axis the elements of lists stand, and whether it ``stays``, with length 1, if they are summed."""

    at: int = 0
    stays: bool = True


def value(library: Library, op: Op, places: Places, axis: Axis = Axis()) -> ast.expr:
    """A row's value, as the library has it."""
    return placed(library, library.rows[op.name], places, axis)


def called(library: Library, op: Op, operands: Sequence[ast.expr]) -> ast.expr:
    """A row's value by the function that ``definition`` writes."""
    name = function_name(op)
    if library.alias == "torch":
        return ast.Call(ast.Attribute(variable(_class_name(op)), "apply", ast.Load()), list(operands), [])
    return ast.Call(variable(name), list(operands), [])


def flow(library: Library, op: Op, wrt: str, places: Places, axis: Axis = Axis()) -> ast.expr:
    """What flows to an input, g · dy/dinput: the textbook's partial, or one that keeps more digits."""
    if (op.name, wrt) in library.partials:
        return product([places["g"], placed(library, library.partials[op.name, wrt], places, axis)])
    row = op.textbook() if library.has(op.name) else op
    *before, (_, partial) = needed(op.graph_lines() if op.name in library.graphs else row.lines(), f"d{wrt}", given="y")
    known = dict(places)
    for name, formula in before:
        known[name] = _Formula(library, known, axis).value(formula)
    return _Formula(library, known, axis).partial(partial)


def function_name(op: Op) -> str:
    """What the function of a row is called that the library does not have."""
    return "power" if op is POW else op.name


def definition(library: Library, op: Op) -> str:
    """The function of a row that the library does not have; for PyTorch and JAX with the row's own derivative.

    Lists are arrays (n, k, m), all else (k, m), or what is broadcast to that.
    """
    return _DEFINITIONS[library.alias](library, op)


def _numpy_definition(library: Library, op: Op) -> str:
    return "\n    ".join([f"def {function_name(op)}({', '.join(op.inputs)}):", *_body(library, op)])


def _body(library: Library, op: Op) -> list[str]:
    """The lines of a function that returns the row's value."""
    *lines, last = _lines(library, needed(op.lines(), "y"))
    return [*lines, last.replace("y = ", "return ", 1)]


def _torch_definition(library: Library, op: Op) -> str:
    inputs, body = ", ".join(op.inputs), "\n        "
    return f"""\
class {_class_name(op)}(torch.autograd.Function):
    @staticmethod
    def forward(ctx, {inputs}):
        {body.join(_lines(library, needed(op.lines(), "y")))}
        ctx.save_for_backward({inputs}, y)
        return y

    @staticmethod
    def backward(ctx, g):
        {inputs}, y = ctx.saved_tensors
        {body.join(_flows(library, op))}"""


def _jax_definition(library: Library, op: Op) -> str:
    name, inputs, body = function_name(op), ", ".join(op.inputs), "\n    "
    return f"""\
@jax.custom_vjp
def {name}({inputs}):
    {body.join(_body(library, op))}


def {name}_forward({inputs}):
    y = {name}({inputs})
    return y, ({inputs}, y)


def {name}_backward(known, g):
    {inputs}, y = known
    {body.join(_flows(library, op))}


{name}.defvjp({name}_forward, {name}_backward)"""


def _flows(library: Library, op: Op) -> list[str]:
    """The lines that return what flows to each input."""
    lines: list[str] = []
    flows: list[str] = []
    for name, is_list in zip(op.inputs, op.lists, strict=True):
        *before, (_, partial) = needed(op.lines(), f"d{name}", given="y")
        lines += [line for line in _lines(library, before) if line not in lines]
        if isinstance(partial, ast.Constant) and partial.value == 0:
            flows.append(f"{library.alias}.zeros_like({name})")
            continue
        flow = written(_Formula(library, {}, _ALONE).partial(partial))
        flows.append(f"{library.alias}.broadcast_to({flow}, {name}.shape)" if is_list else flow)
    if any(re.search(r"\bi\b", line) for line in (*lines, *flows)):
        lines.insert(0, f"i = {library.alias}.arange(len({op.inputs[0]})).reshape(-1, 1, 1)")
    result = ", ".join(flows)
    return [*lines, f"return ({result},)" if library.alias == "jnp" and len(flows) == 1 else f"return {result}"]


_DEFINITIONS: dict[str, Callable[[Library, Op], str]] = {
    "np": _numpy_definition,
    "torch": _torch_definition,
    "jnp": _jax_definition,
}
_ALONE = Axis(0, stays=False)


def _lines(library: Library, lines: Iterable[Line]) -> list[str]:
    """Assignments, in the library's words."""
    return [f"{name} = {written(_Formula(library, {}, _ALONE).value(formula))}" for name, formula in lines]


def _class_name(op: Op) -> str:
    return "".join(part.capitalize() for part in function_name(op).split("_"))


def placed(library: Library, template: str, places: Places, axis: Axis = Axis()) -> ast.expr:
    """A template with what stands in its places."""
    result: ast.expr = _Placed(library, places, axis).visit(deepcopy(_parsed(template)))
    return result


@cache
def _parsed(template: str) -> ast.expr:
    return ast.parse(template, mode="eval").body


class _Placed(ast.NodeTransformer):
    """Fills a template."""

    def __init__(self, library: Library, places: Places, axis: Axis) -> None:
        self.places = places
        at = ast.keyword(library.axis, ast.Constant(axis.at))
        self.keywords = {"AXIS": [at], "REDUCED": [at]}
        if axis.stays:
            self.keywords["REDUCED"] = [at, ast.keyword(library.keep, ast.Constant(True))]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.places.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        keywords: list[ast.keyword] = []
        for keyword in node.keywords:
            is_axis = keyword.arg is None and isinstance(keyword.value, ast.Name)
            if is_axis:
                keywords += self.keywords[keyword.value.id]  # type: ignore[attr-defined]
            else:
                keywords.append(ast.keyword(keyword.arg, self.visit(keyword.value)))
        return ast.Call(self.visit(node.func), [self.visit(x) for x in node.args], keywords)


class _Formula(Arrays):
    """Formulas of a row in the library's words; a partial derivative becomes what flows."""

    nothing = ast.Constant(0.0)
    partial = Rewriter.partial

    def __init__(self, library: Library, places: Places, axis: Axis) -> None:
        self.library, self.places, self.axis = library, places, axis

    def flow(self, tree: ast.expr) -> ast.expr:
        return product([self.places.get("g", variable("g")), simple(self.value(tree))])

    def choice(
        self, test: ast.expr, body: ast.expr, orelse: ast.expr, branch: Callable[[ast.expr], ast.expr]
    ) -> ast.expr:
        condition = self.value(test)
        if (holds := _decided(condition)) is not None:
            return branch(body if holds else orelse)
        where = ast.Attribute(variable(self.library.alias), "where", ast.Load())
        return ast.Call(where, [condition, branch(body), branch(orelse)], [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.places:
            return self.places[node.id]
        if node.id in ("pi", "inf", "nan"):
            return ast.Attribute(variable("math"), node.id, ast.Load())
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.value(node.operand)
        return negated(operand) if isinstance(node.op, ast.USub) else ast.UnaryOp(node.op, operand)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Constant):
            return ast.Subscript(self.value(node.value), node.slice, ast.Load())
        index = ast.Subscript(self.value(node.slice), ast.Constant(None), ast.Load())
        element = placed(self.library, self.library.rows["take"], {"values": self.value(node.value), "index": index})
        return ast.Subscript(element, ast.Constant(0), ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        name = ALSO_CALLED.get(node.func.id, node.func.id)
        if name == "i":
            return self.places.get("i", variable("i"))
        if name == "len":
            return self.places.get("n", node)
        is_number = all(map(_is_plain, node.args))
        arguments = [self.value(x) for x in node.args]
        if is_number:
            return ast.Call(ast.Attribute(variable("math"), name, ast.Load()), arguments, [])
        if name not in self.library.rows:
            raise OpRowError(f"{self.library.title} has no {name}: a row that calls it cannot be written")
        inputs = OPS[name].inputs if name in OPS else ("x",)
        return placed(self.library, self.library.rows[name], dict(zip(inputs, arguments, strict=False)), self.axis)


def _decided(condition: ast.expr) -> bool | None:
    """What a comparison of two numbers says: of the fixed exponent in x**2."""
    match condition:
        case ast.Compare(ast.Constant(float()), [_], [ast.Constant(float())]):
            return bool(eval(ast.unparse(condition), {"__builtins__": {}}))  # two numbers of ours
    return None


def _is_plain(tree: ast.expr) -> bool:
    """Whether a piece of a row is a number: 2, pi, 2*pi."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} <= {"pi"}


# --- to text ------------------------------------------------------------------------------------------------------


def written(tree: ast.expr) -> str:
    """The text of an expression, in which whole numbers that are operands are written without a point."""
    return ast.unparse(ast.fix_missing_locations(_Written().visit(deepcopy(tree))))


class _Written(ast.NodeTransformer):
    """``2 * x``, not ``2.0 * x``; and a number that has no notation, inf, by its name."""

    def whole(self, tree: ast.expr) -> ast.expr:
        match tree:
            case ast.Constant(float(x)) if x.is_integer() and x < 1e6:
                return ast.Constant(int(x))
            case ast.UnaryOp(ast.USub(), operand):
                return ast.UnaryOp(ast.USub(), self.whole(operand))
        return tree

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult) and ast.dump(node.left) == ast.dump(node.right):
            return ast.BinOp(node.left, ast.Pow(), ast.Constant(2))
        return ast.BinOp(self.whole(node.left), node.op, self.whole(node.right))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        return ast.Compare(self.whole(node.left), node.ops, [self.whole(x) for x in node.comparators])

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """What is negative gets its minus as an operation, so that (-2)**2 gets its parentheses."""
        if not isinstance(node.value, float):
            return node
        x = node.value
        if math.isfinite(x):
            tree: ast.expr = ast.Constant(abs(x))
        else:
            tree = ast.Attribute(variable("math"), "nan" if math.isnan(x) else "inf", ast.Load())
        return ast.UnaryOp(ast.USub(), tree) if math.copysign(1.0, x) < 0 else tree
