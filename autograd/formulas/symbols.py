"""The signs and words of formulas, in each notation: what printers write, and what they read in a row's LaTeX."""

from __future__ import annotations

import ast

# How tightly a tree holds together; the numbers of the table's column ``infix``.
LOOSE, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)

COMPARISONS = {ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠"}
OPPOSITES = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
"""What holds where a comparison does not."""

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
}
SYNTAX = {sign: kind for kind, sign in OPERATORS.items()}
