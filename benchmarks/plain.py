"""A plain eager autograd, to measure against: a node per operation, nothing clever.

A node keeps its number, its gradient, its children and one local gradient per child; backward visits the nodes
recursively, each after all that use it. Like ``autograd`` this module has the functions that a model is
written with (``relu``, ``dot``, ``softmax``, ...); here those over lists are made of ``+``, ``*`` and ``**``.
"""

from __future__ import annotations

import builtins
import math
from typing import Any


class Plain:
    """A number that remembers what it was made of; the other operand may be a number."""

    __slots__ = ("children", "data", "grad", "local_gradients")

    def __init__(self, data: float, children: tuple[Plain, ...] = (), local_gradients: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_gradients = local_gradients

    def __add__(self, other: Any) -> Plain:
        other = other if isinstance(other, Plain) else Plain(other)
        return Plain(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Plain:
        other = other if isinstance(other, Plain) else Plain(other)
        return Plain(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> Plain:
        return Plain(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __sub__(self, other: Any) -> Plain:
        return self + other * -1

    __radd__ = __add__
    __rmul__ = __mul__

    def exp(self) -> Plain:
        y = math.exp(self.data)
        return Plain(y, (self,), (y,))

    def log(self) -> Plain:
        return Plain(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Plain:
        return Plain(max(0.0, self.data), (self,), (float(self.data > 0),))

    def visit(self, seen: set[Plain], order: list[Plain]) -> None:
        """Append this node to ``order``, after its children."""
        if self not in seen:
            seen.add(self)
            for child in self.children:
                child.visit(seen, order)
            order.append(self)

    def backward(self) -> None:
        """Add d(self)/d(node) to the ``grad`` of every node below."""
        order: list[Plain] = []
        self.visit(set(), order)
        self.grad = 1.0
        for node in reversed(order):
            for child, local_gradient in zip(node.children, node.local_gradients, strict=True):
                child.grad += local_gradient * node.grad


parameter = Plain
relu = Plain.relu
sum = builtins.sum


def take(values: list[Plain], index: int) -> Plain:
    return values[index]


def dot(a: list[Plain], b: list[Plain]) -> Any:
    return sum(u * v for u, v in zip(a, b, strict=True))


def softmax(x: list[Plain]) -> list[Plain]:
    largest = max(v.data for v in x)
    e = [(v - largest).exp() for v in x]
    scale = sum(e) ** -1
    return [v * scale for v in e]


def logsumexp(x: list[Plain]) -> Plain:
    largest = max(v.data for v in x)
    return sum((v - largest).exp() for v in x).log() + largest
