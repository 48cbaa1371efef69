"""What a step says, in words and in lines of mathematics: the templates of Python's frames and the page's alike.

A template has places for what a step speaks of: {x} is the node that a gradient flows to, {y} the one it comes from,
{J} the root. Each line has two forms, as text and in LaTeX, and is filled with names and numbers of the same form.
"""

from __future__ import annotations

import re

from ..formulas.digits import digits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = {
    "start": "Every input and parameter has its number. Each result is computed as soon as its inputs are known.",
    "forward": "All inputs of {y} are known, so {y} is computed.",
    "seed": "Backward begins at the result: {J} changes exactly as fast as itself, so its gradient is 1.",
    "edge": "When {x} grows by a small ε, {y} changes by {local}·ε, and {J} by {upstream} times that: {product}·ε.",
    "last edge": "When {x} grows by a small ε, {y} changes by {local}·ε.",
    "op": "{y} hands its gradient on to each of its inputs, times the local derivative of that edge.",
    "cut": "Here {y} does not change with {names}, so nothing flows back along this edge.",
    "cuts": "Here {y} does not change with {names}, so nothing flows back along these edges.",
    "arrived": "{arrived} of {expected} contributions to {x} arrived.",
    "complete": "{expected} of {expected} contributions to {x} arrived: its gradient is their sum.",
    "order": "Why only now? {y} is used by {users}; it hands its gradient on after all of them handed theirs to it.",
    "more": "{n} more",
    "twice": "{x} stands in {y} more than once; each place is an edge of its own, numbered here.",
    "unreached": "No gradient reaches {names}: a small change there leaves {J} as it is.",
    "digits": "Rounding would make {textbook} of the textbook's form: it is computed in one that keeps its digits.",
    "dz": "{equation}: what a sigmoid and cross-entropy come to.",
    "softmax": "{p} is the softmax of all inputs; {delta} is 1 where its two indices are the same, and 0 elsewhere.",
    "title start": "start",
    "title forward": "forward: {y}",
    "title seed": "seed",
    "title edge": "backward: {y} → {x}",
    "title op": "backward: {y}",
}
"""The sentences."""

LINES = {
    "text": {
        "gradient ∂": "∂{J}/∂{x}",
        "gradient d": "d{x}",
        "gradient .grad": "{x}.grad",
        "term ∂": "∂{J}/∂{y} · ∂{y}/∂{place}",
        "term d": "d{y} · ∂{y}/∂{place}",
        "term .grad": "{y}.grad · ∂{y}/∂{place}",
        "local": "∂{y}/∂{place}",
        "place": "{x}{subscript}",
        "implies": "{a}  ⇒  {b}",
        "product": "{upstream} × {local} = {product}",
        "update": "{x}.grad: {before} + {product} → {after}",
        "total": "{x}.grad = {sum} = {after}",
        "via": "{product} (via {y})",
        "minus": "{a} − {b}",
        "share": "({a})/{m}",
        "atom": "({x})",
        "p": "p",
        "delta": "δ",
        "dots": "…",
        "equals": " = ",
        "plus": " + ",
        "times": " × ",
        "to": " → ",
        "path": "{nodes}: {product}",
        "comma": ", ",
    },
    "latex": {
        "gradient ∂": r"\frac{\partial {J}}{\partial {x}}",
        "gradient d": "d{x}",
        "gradient .grad": r"{x}\mathrm{.grad}",
        "term ∂": r"\frac{\partial {J}}{\partial {y}} \cdot \frac{\partial {y}}{\partial {place}}",
        "term d": r"d{y} \cdot \frac{\partial {y}}{\partial {place}}",
        "term .grad": r"{y}\mathrm{.grad} \cdot \frac{\partial {y}}{\partial {place}}",
        "local": r"\frac{\partial {y}}{\partial {place}}",
        "place": "{{x}}_{{subscript}}",
        "implies": r"{a} \;\Rightarrow\; {b}",
        "product": r"{upstream} \times {local} = {product}",
        "update": r"{x}\mathrm{.grad}: {before} + {product} \to {after}",
        "total": r"{x}\mathrm{.grad} = {sum} = {after}",
        "via": r"{product} \text{ (via }{y}\text{)}",
        "minus": "{a} - {b}",
        "share": r"\frac{{a}}{{m}}",
        "atom": r"\left({x}\right)",
        "p": "p",
        "delta": r"\delta",
        "dots": r"\dots",
        "equals": " = ",
        "plus": " + ",
        "times": r" \times ",
        "to": r" \to ",
        "path": "{nodes}: {product}",
        "comma": r",\; ",
    },
}
"""The lines of mathematics, by form."""

MATHEMATICS = "\x02", "\x03"
"""What stands around mathematics in a sentence whose names and numbers are LaTeX; no name has these characters."""

_PLACE = re.compile(r"\{(\w+)\}")
_NUMBERS = {"text": re.compile(r"(‹?)\{(\w+)\}›?"), "latex": re.compile(r"(‹?)⟨(\w+)⟩›?")}


def filled(template: str, parts: Mapping[str, object]) -> str:
    """The template with what stands in its places; braces of LaTeX's own stay.

    >>> filled("∂{y}/∂{x}", {"x": "w", "y": "z"}), filled("{{x}}_{{at}}", {"x": "w", "at": 2})
    ('∂z/∂w', '{w}_{2}')
    """
    return _PLACE.sub(lambda place: str(parts.get(place[1], place[0])), template)


def fill(template: str, numbers: Mapping[str, float], form: str = "text") -> str:
    """A formula's template with its numbers: their places are ``{0}`` in text and ``⟨0⟩`` in LaTeX.

    >>> fill("{0} × ‹{1}›", {"0": 3.0, "1": -2.0}), fill(r"‹⟨0⟩›^{2}", {"0": -2.0}, "latex")
    ('3 × (−2)', '(-2)^{2}')
    """
    written = digits if form == "text" else latex_number

    def number(place: re.Match[str]) -> str:
        text = written(numbers[place[2]])
        return f"({text})" if place[1] and text[0] in "−-" else text

    return _NUMBERS[form].sub(number, template)


def latex_number(x: float) -> str:
    """The four digits of a number in LaTeX.

    >>> latex_number(-1.5), latex_number(-1.805e-35)
    ('-1.5', '-1.805 \\\\cdot 10^{-35}')
    """
    mantissa, e, exponent = digits(x).replace("−", "-").partition("e")
    if mantissa.endswith(("inf", "nan")):
        return mantissa.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else mantissa


def mathematics(latex: str) -> str:
    """LaTeX inside a sentence."""
    return latex.join(MATHEMATICS)
