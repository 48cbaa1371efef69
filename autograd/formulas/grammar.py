"""The language of formulas: what a tree that was read may hold, and what an error says.

``reading/`` makes trees of text; only what stands on a whitelist here is then accepted. No text is ever evaluated.
Every refusal is a ``FormulaError`` of one line: what is wrong, where, what to write instead.
"""

from __future__ import annotations

import ast
from copy import copy

from ..errors import FormulaError
from ..functions import FUNCTION_NAMES, FUNCTIONS
from ..number import quoted, shortened
from ..table.ops import OPS
from .reading.parser import Reader
from .reading.vocabulary import ALIASES, none_here
from .symbols import OPERATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..table.op import Op
    from .reading.parser import Statement
    from .reading.spelling import Spellings

    Source = Callable[[ast.expr], str]  # the piece of the text that a tree was read from
    Known = Callable[[list[str]], Spellings]  # the names that a text may speak of, from those that it defines

# Beyond these no formula is read: what takes much time, or is no formula.
MAX_LENGTH = 100_000
MAX_DEPTH = 2_000


def parse_expression(text: str, matrices: bool = False, known: Known | None = None) -> ast.expr:
    """The tree of one expression, of nothing but what a formula may hold. Raises FormulaError."""
    return expression(read(text, matrices, known), text)


def expression(reader: Reader, text: str) -> ast.expr:
    """The one expression that was read in a text. Raises FormulaError if there is another, or a definition."""
    (name, tree), *more = reader.statements
    if name or more:
        raise FormulaError(f"expected an expression, without a definition: {shortened(text)!r}")
    return tree


def parse_statements(text: str, matrices: bool = False, known: Known | None = None) -> list[Statement]:
    """The statements ``name = expression`` of a text, in its order; the name is "" for a bare expression.

    The trees hold nothing but what a formula may hold; with ``matrices`` also ``A @ B``, ``A.T``, and sum and
    mean over one, ``sum(A, axis=1)``. ``known`` gives the names that it may speak of, from those that it defines;
    without it any name is one. Raises FormulaError.
    """
    return read(text, matrices, known).statements


def read(text: str, matrices: bool = False, known: Known | None = None) -> Reader:
    """The same with how it was read: ``changed`` says whether it is typed otherwise."""
    if not isinstance(text, str):
        raise TypeError(f"a formula is text, not {quoted(text)} ({type(text).__name__})")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula has {len(text):,} characters; at most {MAX_LENGTH:,} can be read")
    reader = Reader(text, known, matrices)
    for _, tree in reader.statements:
        _check_tree(tree, reader.trees.source, matrices)
    return reader


def names(tree: ast.expr) -> list[str]:
    """The names that stand for values in the expression, in order of first use."""
    return list(dict.fromkeys(node.id for node in postorder(tree) if isinstance(node, ast.Name)))


# --- what is accepted ------------------------------------------------------------------------------


def _check_tree(root: ast.expr, source: Source, matrices: bool) -> None:
    """Refuse every kind of expression that is not listed here."""
    accepted: set[ast.expr] = set()  # lists and calls of softmax are, only where the node above says so
    stack = [(root, 1)]
    while stack:
        tree, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        match tree:
            case ast.Name():
                pass
            case ast.Constant(int() | float()):
                pass
            case ast.UnaryOp(ast.USub() | ast.UAdd()):
                pass
            case ast.BinOp() if type(tree.op) in OPERATORS:
                pass
            case ast.List() if tree in accepted:
                pass
            case ast.BinOp(op=ast.MatMult()) | ast.Attribute(attr="T"):
                pass
            case ast.Call(ast.Name("sum" | "mean"), [argument]) if matrices and not isinstance(argument, ast.List):
                _check_axis(tree, source)
            case ast.Subscript(ast.Call() as call, ast.Constant(int(k))) if _check_call(call, source).per_element:
                accepted.add(call)
                size = _length(call.args[0])
                if k >= size:
                    raise FormulaError(f"{source(tree)}: the index runs from 0 to {size - 1}")
            case ast.Call():
                op = _check_call(tree, source)
                if op.per_element and tree not in accepted:
                    typed = source(tree)
                    raise FormulaError(f"{typed} is a list: pick one of its numbers, {typed}[0]")
                accepted |= {argument for argument, is_list in zip(tree.args, op.lists, strict=False) if is_list}
            case ast.List():
                raise FormulaError(f"a list stands only in a function of lists, sum([a, b]), not {source(tree)}")
            case ast.Subscript():
                raise FormulaError(f"an index stands only behind softmax([a, b]), not in {source(tree)}")
            case _:
                raise FormulaError(f"{source(tree)} has no place in a formula")
        stack += [(child, depth + 1) for child in _children(tree)]


def _check_call(call: ast.Call, source: Source) -> Op:
    """The row of a call, which gets the row's own name and a list where it wants one. Raises FormulaError."""
    if not isinstance(call.func, ast.Name):
        raise FormulaError(f"write * for a product, not {source(call)}")
    name = call.func.id
    if name not in FUNCTION_NAMES:
        hint = none_here(name) or did_you_mean(name, [*FUNCTIONS, *ALIASES]) or "there is none of this name here"
        raise FormulaError(f"unknown function {shortened(name)} in {source(call)}: {hint}")
    op = OPS[FUNCTION_NAMES[name]]
    call.func.id = op.name
    inputs = op.inputs[:-1] if op.per_element else op.inputs
    if op.lists[0] and len(inputs) == 1 and not any(isinstance(argument, ast.List) for argument in call.args):
        call.args = [ast.List(call.args, ast.Load())]  # sum(a, b) is sum([a, b])
    lists = [argument for argument, is_list in zip(call.args, op.lists, strict=False) if is_list]
    sizes = set(map(_length, lists))
    right_number = len(inputs) - len(op.defaults) <= len(call.args) <= len(inputs)
    if call.keywords or not right_number or len(sizes) > 1 or 0 in sizes:
        shape = ", ".join(f"[{x}1, {x}2]" if is_list else x for x, is_list in zip(inputs, op.lists, strict=False))
        raise FormulaError(f"write {op.name}({shape}), not {source(call)}")
    return op


def _length(argument: ast.expr) -> int:
    """How many elements a list has; 0 for what is none."""
    return len(argument.elts) if isinstance(argument, ast.List) else 0


def _check_axis(call: ast.Call, source: Source) -> None:
    """A sum over one matrix may say along which axis, and that the result keeps its dimensions."""
    given = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
    if (
        len(given) != len(call.keywords)
        or not given.keys() <= {"axis", "keepdims"}
        or given.get("axis", 0) not in (0, 1)
    ):
        raise FormulaError(f"write sum(A), sum(A, axis=0) or sum(A, axis=1), not {source(call)}")


# --- walking trees: nothing here recurses ------------------------------------------------------------


def _children(tree: ast.expr) -> list[ast.expr]:
    match tree:
        case ast.BinOp():
            return [tree.left, tree.right]
        case ast.UnaryOp():
            return [tree.operand]
        case ast.Call():
            return tree.args
        case ast.List():
            return tree.elts
        case ast.Subscript() | ast.Attribute():
            return [tree.value]
    return []


def postorder(root: ast.expr) -> list[ast.expr]:
    """The expressions of a tree, each after those inside it, from left to right."""
    order, stack = [], [root]
    while stack:
        tree = stack.pop()
        order.append(tree)
        stack += _children(tree)
    order.reverse()
    return order


def copied(root: ast.expr) -> ast.expr:
    """The tree again, of parts of its own: none stands in two places, as the z of σ'(z) may."""
    results: list[ast.expr] = []
    for tree in postorder(root):
        made = copy(tree)
        size = len(_children(tree))
        parts = results[len(results) - size :]
        del results[len(results) - size :]
        match made:
            case ast.BinOp():
                made.left, made.right = parts
            case ast.UnaryOp():
                (made.operand,) = parts
            case ast.Call():
                made.args = parts
            case ast.List():
                made.elts = parts
            case ast.Subscript() | ast.Attribute():
                (made.value,) = parts
        results.append(made)
    return results[0]


# --- what an error says -------------------------------------------------------------------------------


def _too_deep() -> FormulaError:
    return FormulaError(
        f"more than {MAX_DEPTH:,} operations inside each other in one expression: "
        "give parts a name (u = …; J = 3*u), or write a long sum as sum([a, b, …])"
    )


def other_than_a_name(word: str) -> str:
    """What to write for an unknown name that is a function's, or Euler's number; "" if it is neither."""
    if word == "e":
        return "for Euler's number write exp(1)"
    return f"{word} is a function, write {word}(x)" if word in FUNCTION_NAMES else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question that ends an error about an unknown word; "" if nothing known is like it.

    Only letters are mistyped: what has other digits means something else.
    """
    from difflib import get_close_matches

    digits = [c for c in word if c.isdigit()]
    alike = [name for name in known if [c for c in name if c.isdigit()] == digits or len(word) < 4]
    close = get_close_matches(word, alike, n=3) if len(word) < 40 else []
    close.sort(key=lambda name: sorted(name) != sorted(word))  # stable: letters in a wrong order are the nearest
    return f"did you mean {close[0]}?" if close else ""
