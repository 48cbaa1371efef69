"""What a row of the table of operations means: text in, an ``Op`` that can run out.

A row gives formulas the way a textbook does, as text: a value and one partial derivative per input.
Here that text is parsed once, at import, and compiled for the two arithmetics that compute with it:

* *scalars*: Python floats with the rules of IEEE 754 (``1/0`` is inf, never an exception);
* *arrays*: NumPy, where each input is a row of m examples (compiled at first use).

The language of a formula is a small part of Python's expressions: the inputs by name, ``y`` for the
result, numbers, ``+ - * / **``, comparisons, ``a if condition else b``, calls of the functions below.
A literal ``0`` that is a whole partial, or a whole branch of one, is a *structural zero*: through such
an edge nothing flows, not even ``0 * inf``. An input written ``*x`` is a list; its partial is the one
with respect to ``x[i]``.
"""

from __future__ import annotations

import ast
import math

from .errors import OpRowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

inf, nan = math.inf, math.nan


# --- the arithmetic of scalars: IEEE 754 where Python would raise ---------------------------------


def div(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0 or math.isnan(a) else math.copysign(inf, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0 and b % 2 == 1 else inf
    except ValueError:  # a negative base with a broken exponent, or 0 to a negative one
        return nan if a != 0 else math.copysign(inf, a) if b % 2 == 1 else inf


def exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def expm1(x: float) -> float:
    try:
        return math.expm1(x)
    except OverflowError:
        return inf


def log(x: float) -> float:
    try:
        return math.log(x)
    except ValueError:
        return -inf if x == 0 else nan


def log1p(x: float) -> float:
    try:
        return math.log1p(x)
    except ValueError:
        return -inf if x == -1 else nan


def _nan_outside(f: Callable[[float], float]) -> Callable[[float], float]:
    """``f``, with nan where Python's ``math`` raises: ``sqrt(-1)``, ``sin(inf)``."""

    def total(x: float) -> float:
        try:
            return f(x)
        except ValueError:
            return nan

    return total


def sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else x + 0.0 if x == 0 else nan


def total(xs: Sequence[float]) -> float:
    """The sum, correctly rounded (Shewchuk; ``math.fsum``), with IEEE's rules for inf and nan."""
    try:
        return math.fsum(xs)
    except (OverflowError, ValueError):
        result = 0.0
        for x in xs:
            result += x
        return result


def largest(xs: Sequence[float]) -> float:
    """The largest, or nan if one of them is nan (Python's ``max`` depends on their order)."""
    return nan if any(map(math.isnan, xs)) else max(xs)


def all_but_largest(xs: Sequence[float]) -> float:
    """The sum without one largest term: what ``sum(xs) - max(xs)`` would lose to rounding."""
    return total(sorted(xs)[:-1])


def pick(xs: Sequence[float], k: float) -> float:
    """``xs[k]``, for an index that went through the graph as a float."""
    return xs[int(k)]


_EVERYWHERE: dict[str, Any] = {"inf": inf, "nan": nan, "pi": math.pi, "len": len, "range": range, "zip": zip}

_SCALARS = _EVERYWHERE | {
    "abs": abs,
    "all_but_largest": all_but_largest,
    "cos": _nan_outside(math.cos),
    "div": div,
    "erf": math.erf,
    "exp": exp,
    "expm1": expm1,
    "isfinite": math.isfinite,
    "log": log,
    "log1p": log1p,
    "max": largest,
    "pick": pick,
    "power": power,
    "sign": sign,
    "sin": _nan_outside(math.sin),
    "sqrt": _nan_outside(math.sqrt),
    "sum": total,
    "tan": _nan_outside(math.tan),
    "tanh": math.tanh,
}


def _arrays() -> dict[str, Any]:
    """The arithmetic of arrays: the same names, over rows of m examples."""
    import numpy as np

    def rows(xs: Sequence[Any]) -> Any:
        return np.stack(np.broadcast_arrays(*xs))

    def pick(xs: Sequence[Any], k: Any) -> Any:
        return xs[k] if isinstance(k, int) else np.take_along_axis(rows(xs), np.atleast_2d(k).astype(int), axis=0)[0]

    return (
        _EVERYWHERE
        | {name: getattr(np, name) for name in _SCALARS.keys() & set(dir(np))}
        | {
            "all_but_largest": lambda xs: np.sort(rows(xs), axis=0)[:-1].sum(axis=0),
            "erf": np.vectorize(math.erf, otypes=[float]),
            "max": lambda xs: rows(xs).max(axis=0),
            "pick": pick,
            "sum": lambda xs: rows(xs).sum(axis=0),
            "where": np.where,
        }
    )


# --- from text to code ----------------------------------------------------------------------------


class _Scalars(ast.NodeTransformer):
    """Rewrites a formula for ``_SCALARS``: what Python would raise at, or do in whole numbers."""

    namespace = _SCALARS

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        name = {ast.Div: "div", ast.Pow: "power"}.get(type(node.op))
        if name is None:
            return node
        total = ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], [])
        if name == "div" and isinstance(node.right, ast.Name):  # a/b if b else div(a, b): the call is rarely needed
            return ast.IfExp(node.right, node, total)
        return total

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        self.generic_visit(node)
        return ast.ListComp(node.elt, node.generators)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return ast.Call(ast.Name("pick", ast.Load()), [node.value, node.slice], [])

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]

    def partial(self, node: ast.expr) -> ast.expr:
        """A partial derivative, its structural zeros turned into ``None``: an edge that does not exist."""
        if isinstance(node, ast.IfExp):
            return ast.IfExp(self.visit(node.test), self.partial(node.body), self.partial(node.orelse))
        if isinstance(node, ast.Constant) and node.value == 0:
            return ast.Constant(None)
        if isinstance(node, ast.ListComp):
            return ast.ListComp(self.partial(node.elt), [self.visit(g) for g in node.generators])
        result: ast.expr = self.visit(node)
        return result


class _Arrays(_Scalars):
    """Rewrites a formula for whole rows: a condition picks element by element."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("where", ast.Load()), [node.test, node.body, node.orelse], [])

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        bit = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        result = node.values[0]
        for value in node.values[1:]:
            result = ast.BinOp(result, bit, value)
        return result

    def partial(self, node: ast.expr) -> ast.expr:
        result: ast.expr = self.visit(node)
        return result


class Op:
    """An operation: what one row of the table declares, and what follows from it.

    ``kernel(*inputs)`` returns ``(y, dy/dinput, ...)`` for Python floats, a list where an input is a list,
    and ``None`` for a structural zero; ``arrays(*inputs)`` returns the same for NumPy rows (a structural
    zero is 0 there). ``value`` and ``partials`` are the formulas as a textbook has them.
    """

    def __init__(
        self,
        name: str,
        inputs: str,
        value: str,
        partials: Sequence[str],
        *,
        computed: str = "",
        symbol: str = "",
        latex: str = "",
        infix: int = 0,
        defaults: Sequence[float] = (),
    ) -> None:
        words = [word.strip() for word in inputs.split(",")]
        self.name = name
        self.inputs = tuple(word.lstrip("*") for word in words)
        self.lists = tuple(word.startswith("*") for word in words)
        self.value = value
        self.partials = tuple(partials)
        self.computed = computed
        self.symbol = symbol or name
        self.latex = latex
        self.infix = infix
        self.defaults = tuple(defaults)
        self._array_kernel: Callable[..., Any] | None = None
        if len(self.partials) != len(self.inputs):
            raise OpRowError(f"row {name!r}: {len(self.inputs)} inputs ({inputs}) but {len(self.partials)} partials")
        self.kernel = self._compile(_Scalars(), _SCALARS)

    def __repr__(self) -> str:
        return f"<op {self.name}: y = {self.value}>"

    def __reduce__(self) -> tuple[Any, ...]:  # an op is itself, also in a copy
        from .ops import named

        return named, (self.name,)

    @property
    def arrays(self) -> Callable[..., Any]:
        """The row as a function of NumPy arrays; see ``Op``."""
        if self._array_kernel is None:
            self._array_kernel = self._compile(_Arrays(), _arrays())
        return self._array_kernel

    def split(self, flat: Sequence[Any]) -> list[Any]:
        """The arguments of ``kernel`` from a node's flat inputs: ``a0 a1 b0 b1`` becomes ``[a0, a1], [b0, b1]``."""
        if not any(self.lists):
            return list(flat)
        size = (len(flat) - self.lists.count(False)) // self.lists.count(True)
        arguments: list[Any] = []
        start = 0
        for is_list in self.lists:
            arguments.append(list(flat[start : start + size]) if is_list else flat[start])
            start += size if is_list else 1
        return arguments

    def forward(self, flat: Sequence[float]) -> tuple[float, tuple[float | None, ...]]:
        """The value and the local derivatives at a node's flat inputs."""
        y, *partials = self.kernel(*self.split(flat))
        for at, is_list in reversed(list(enumerate(self.lists))):
            if is_list:
                partials[at : at + 1] = partials[at]
        return y, tuple(partials)

    # -- compiling ---------------------------------------------------------------------------------

    def _compile(self, rewrite: _Scalars, namespace: dict[str, Any]) -> Callable[..., Any]:
        """``def kernel(inputs): y = value; computed lines; return y, partials``, out of the row's formulas."""
        computed = self._parse(self.computed.replace("; ", "\n"), "exec").body
        assigned = [line.targets[0].id for line in computed]
        body: list[ast.stmt] = []
        if "y" not in assigned:
            body.append(_assign("y", rewrite.visit(self._parse(self.value, "eval").body)))
        for line in computed:
            is_partial = line.targets[0].id in {"d" + name for name in self.inputs}
            line.value = rewrite.partial(line.value) if is_partial else rewrite.visit(line.value)
            body.append(line)
        results: list[ast.expr] = [ast.Name("y", ast.Load())]
        for name, is_list, formula in zip(self.inputs, self.lists, self.partials, strict=True):
            if "d" + name in assigned:
                results.append(ast.Name("d" + name, ast.Load()))
            else:
                text = f"[{formula} for i in range(len({name}))]" if is_list else formula
                results.append(rewrite.partial(self._parse(text, "eval").body))
        body.append(ast.Return(ast.Tuple(results, ast.Load())))
        arguments = ast.arguments([], [ast.arg(name) for name in self.inputs], None, [], [], None, [])
        function = ast.FunctionDef("kernel", arguments, body, [], None, None)
        module = ast.fix_missing_locations(ast.Module([function], []))
        scope = dict(namespace)
        exec(compile(module, f"<row {self.name!r}>", "exec"), scope)  # the table's own text, never a user's
        kernel: Callable[..., Any] = scope["kernel"]
        return kernel

    def _parse(self, text: str, mode: str) -> Any:
        """The tree of a formula of this row; every name in it must be known."""
        try:
            tree = ast.parse(text, mode=mode)
        except SyntaxError as error:
            raise OpRowError(f"row {self.name!r}: cannot read {text!r}: {error.msg}") from None
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        known = {*self.inputs, "y", "i", *_SCALARS, *(n.id for n in names if isinstance(n.ctx, ast.Store))}
        for node in names:
            if node.id not in known:
                hint = f"its inputs are {', '.join(self.inputs)}, its result is y"
                raise OpRowError(f"row {self.name!r}: unknown name {node.id!r} in {text!r}; {hint}")
        return tree


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)
