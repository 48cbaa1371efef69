"""The language of formulas: from text to trees that hold nothing but arithmetic.

Python's own parser reads the text (``ast``); only what stands on a whitelist here is then accepted. No text
is ever evaluated. Every refusal is a ``FormulaError`` of one line: what is wrong, where, what to write instead.
"""

from __future__ import annotations

import ast
import math

from ..errors import FormulaError
from ..functions import FUNCTION_NAMES, FUNCTIONS
from ..number import quoted, shortened
from ..table.ops import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from ..table.op import Op

    Statement = tuple[str, ast.expr]  # a definition's name, "" for a bare expression; and its tree

# Beyond these Python's parser gives up, at a point that depends on its version and on the caller's depth.
MAX_LENGTH = 100_000
MAX_PARENTHESES = 100
MAX_DEPTH = 2_000

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
}

_TYPESET = str.maketrans("×·⋅∙∗⊙−–÷₀₁₂₃₄₅₆₇₈₉", "******--/0123456789") | {ord("ᵀ"): ".T"}
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_WORD = r"""
    (?P<number> (?: [0-9]+ \.? [0-9]* | \. [0-9]+ ) (?: [eE] [+-]? [0-9]+ )? )
  | (?P<name> [^\W0-9] \w* )
  | (?P<end> \n )
  | (?P<space> \s )
  | (?P<sign> \*\* | // | == | [-+*/%(),;=\[\]] )
  | (?P<matrix> @ | \.T\b )
  | (?P<other> . )
"""
_INSTEAD = {
    "^": "write ** for a power, not ^",
    "|": "write abs(x), not |x|",
    "//": "write / for a division, not //",
    "==": "write = for a definition, not ==",
    ":": "write = for a definition, without a colon",
    "{": "write ( and ), not braces",
    "}": "write ( and ), not braces",
    ".": "a dot has no place in a formula: write tanh(x), not x.tanh()",
    "√": "write sqrt(x), not √x",
    "∛": "write cbrt(x), not ∛x",
}
_PARENTHESES = {"(": "(…)", ")": "(…)", "]": "[…]"}
_FUNCTION_INSTEAD = {
    "ln": "log(x)",
    "pow": "a**b",
    "sgn": "sign(x)",
    "heaviside": "step(x)",
    "logistic": "sigmoid(x)",
    "mod": "a % b",
    "arcsinh": "asinh(x)",
    "arccosh": "acosh(x)",
    "arctanh": "atanh(x)",
    "arctan2": "atan2(a, b)",
}


def parse_expression(text: str, matrices: bool = False) -> ast.expr:
    """The tree of one expression, of nothing but what a formula may hold. Raises FormulaError."""
    (name, tree), *more = parse_statements(text, matrices)
    if name or more:
        raise FormulaError(f"expected an expression, without a definition: {shortened(text)!r}")
    return tree


def parse_statements(text: str, matrices: bool = False) -> list[Statement]:
    """The statements ``name = expression`` of a text, in its order; the name is "" for a bare expression.

    The trees hold nothing but what a formula may hold; with ``matrices`` also ``A @ B``, ``A.T``, and sum and
    mean over one, ``sum(A, axis=1)``. Raises FormulaError.
    """
    if not isinstance(text, str):
        raise TypeError(f"a formula is text, not {quoted(text)} ({type(text).__name__})")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula has {len(text):,} characters; at most {MAX_LENGTH:,} can be read")
    text = _on_keyboard(text)
    _check_words(text, matrices)
    try:
        statements = ast.parse(text).body
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        at = sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + column - 1
        if at >= len(text):
            raise _at("something is missing at the end", text, len(text)) from None
        raise _at("something is missing here, or too much", text, at) from None
    except (RecursionError, MemoryError):
        raise _too_deep() from None
    if not statements:
        raise FormulaError("the formula is empty: write an expression such as 3*(a + b*c)")
    return [_statement(statement, text, matrices) for statement in statements]


def names(tree: ast.expr) -> list[str]:
    """The names that stand for values in the expression, in order of first use."""
    return list(dict.fromkeys(node.id for node in postorder(tree) if isinstance(node, ast.Name)))


# --- what is accepted ------------------------------------------------------------------------------


def _on_keyboard(text: str) -> str:
    """The text with typeset signs as a keyboard has them, ``**2`` for ²; each line without its margin."""
    import re

    if not text.isascii():
        text = text.translate(_TYPESET)
        # not before a further power: x²**3 would come to mean x**(2**3)
        text = re.sub(r"⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?!\s*\*\*)", lambda m: "**" + m[0].translate(_RAISED), text)
    return "\n".join(re.sub(r"\s", " ", line).strip() for line in text.split("\n"))


def _check_words(text: str, matrices: bool) -> None:
    """Refuse what no formula has, word by word: signs, joined words (``3a``), unbalanced parentheses."""
    import keyword
    import re

    opened: list[int] = []
    before = ""  # the word before, if it ends an operand
    for match in re.finditer(_WORD, text, re.VERBOSE):
        kind, word, at = match.lastgroup, match[0], match.start()
        if kind == "space":
            continue
        if kind == "other" or word in _INSTEAD or (kind == "matrix" and not matrices):
            word = word.removesuffix("T")
            raise _at(_INSTEAD.get(word, f"the character {word!r} has no place in a formula"), text, at)
        if kind == "number" and math.isinf(float(word)):
            raise FormulaError(f"{shortened(word)} is too large for a floating-point number")
        if kind == "name" and keyword.iskeyword(word):
            raise _at(f"{word} is a reserved word of Python, choose another name, such as {word}_", text, at)
        starts = kind in ("number", "name") or (word == "(" and not before[:1].isidentifier())
        if before and starts:
            space = " " * (text[at - 1] == " ")
            left, right = (_PARENTHESES.get(w, shortened(w)) for w in (before, word))
            raise _at(f"write {left}*{right} for a product, not {left}{space}{right}", text, at)
        if word in ("(", "["):
            opened.append(at)
            if len(opened) > MAX_PARENTHESES:
                raise FormulaError(f"more than {MAX_PARENTHESES} parentheses inside each other: give parts a name")
        elif word in (")", "]"):
            if not opened:
                raise _at(f"this {word} closes nothing", text, at)
            opened.pop()
        if kind != "end" or not opened:
            before = word if kind in ("number", "name") or word in (")", "]", ".T") else ""
    if opened:
        raise _at(f"this {text[opened[-1]]} is never closed", text, opened[-1])


def _statement(statement: ast.stmt, text: str, matrices: bool) -> Statement:
    match statement:
        case ast.Assign([ast.Name(name)], tree):
            pass
        case ast.Expr(tree):
            name = ""
        case _:
            raise FormulaError(f"a definition is one name = one expression, not {_source(statement, text)}")
    _check_tree(tree, text, matrices)
    return name, tree


def _check_tree(root: ast.expr, text: str, matrices: bool) -> None:
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
                _check_axis(tree, text)
            case ast.Subscript(ast.Call() as call, ast.Constant(int(k))) if _check_call(call, text).per_element:
                accepted.add(call)
                size = _length(call.args[0])
                if k >= size:
                    raise FormulaError(f"{_source(tree, text)}: the index runs from 0 to {size - 1}")
            case ast.Call():
                op = _check_call(tree, text)
                if op.per_element and tree not in accepted:
                    source = _source(tree, text)
                    raise FormulaError(f"{source} is a list: pick one of its numbers, {source}[0]")
                accepted |= {argument for argument, is_list in zip(tree.args, op.lists, strict=False) if is_list}
            case ast.List():
                raise FormulaError(f"a list stands only in a function of lists, sum([a, b]), not {_source(tree, text)}")
            case ast.Subscript():
                raise FormulaError(f"an index stands only behind softmax([a, b]), not in {_source(tree, text)}")
            case _:
                raise FormulaError(f"{_source(tree, text)} has no place in a formula")
        stack += [(child, depth + 1) for child in _children(tree)]


def _check_call(call: ast.Call, text: str) -> Op:
    """The row of a call, which gets the row's own name and a list where it wants one. Raises FormulaError."""
    if not isinstance(call.func, ast.Name):
        raise FormulaError(f"write * for a product, not {_source(call, text)}")
    name = call.func.id
    if name not in FUNCTION_NAMES:
        hint = f"write {_FUNCTION_INSTEAD[name]}" if name in _FUNCTION_INSTEAD else did_you_mean(name, FUNCTIONS)
        hint = hint or f"for a product write {name}*(…)"
        raise FormulaError(f"unknown function {shortened(name)} in {_source(call, text)}: {hint}")
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
        raise FormulaError(f"write {op.name}({shape}), not {_source(call, text)}")
    return op


def _length(argument: ast.expr) -> int:
    """How many elements a list has; 0 for what is none."""
    return len(argument.elts) if isinstance(argument, ast.List) else 0


def _check_axis(call: ast.Call, text: str) -> None:
    """A sum over one matrix may say along which axis."""
    match call.keywords:
        case [] | [ast.keyword("axis", ast.Constant(0 | 1))]:
            return
    raise FormulaError(f"write sum(A), sum(A, axis=0) or sum(A, axis=1), not {_source(call, text)}")


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


# --- what an error says -------------------------------------------------------------------------------


def _at(problem: str, text: str, at: int) -> FormulaError:
    """The problem and its place, with no more of a long text than is around it."""
    start, end = max(0, at - 25), at + 25
    around = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return FormulaError(f"{problem} (character {at + 1} of {around!r})")


def _source(node: ast.AST, text: str) -> str:
    """The piece of the text that a tree was read from, in one line."""
    return shortened(" ".join((ast.get_source_segment(text, node) or "").split()))


def _too_deep() -> FormulaError:
    return FormulaError(
        f"more than {MAX_DEPTH:,} operations inside each other in one expression: "
        "give parts a name (u = …; J = 3*u), or write a long sum as sum([a, b, …])"
    )


def other_than_a_name(word: str, known: Container[str]) -> str:
    """What to write for an unknown name that is a function's, or two known names side by side; "" if it is neither."""
    for at in reversed(range(1, min(len(word), 20))):
        if word[:at] in known and word[at:] in known:
            return f"for a product write {word[:at]}*{word[at:]}"
    return f"{word} is a function, write {word}(x)" if word in FUNCTION_NAMES else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question that ends an error about an unknown word; "" if nothing known is like it."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1) if len(word) < 40 else []
    return f"did you mean {close[0]}?" if close else ""
