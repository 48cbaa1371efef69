"""The backward pass: the chain rule, once for every edge, from the root to the leaves.

In reverse topological order each node hands ``gradient * local derivative`` to its inputs, where the contributions add
up. Because an edge keeps its local derivative from the forward pass, the gradient is the one at the recorded values,
even if a leaf's ``data`` was changed since (by an optimiser's step, say).
"""

from __future__ import annotations

from .contexts.watching import OPEN, watched_flow
from .graph import topological
from .node import Node, carries_gradient
from .number import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .value import Value

    Before = list[tuple[Value, float | None]]  # the leaves, and what gradient they had


def backward(root: Value, seed: float) -> None:
    """Do what the docstring of ``Value.backward`` says."""
    # Every node found starts at one and the same zero, an object made for this call: "is zero" is
    # "found already", and no set of visited nodes is needed.
    zero = float("0.0")
    order: list[Value] = []
    before: Before = []
    try:  # calls only: CPython 3.12 lets an interrupt at the end of a loop's body pass by except
        collect(root, zero, order, before)
        root._grad = seed if type(seed) is float else number(seed)
        order.reverse()
        if OPEN:
            watched_flow(order, flow)
        else:
            flow(order)
        accumulate(before)
    except BaseException:
        undo(root, before)
        raise


def step_back(node: Value) -> None:
    """Hand a node's ``grad``, times the local derivatives, to its inputs."""
    for operand, local in zip(node.inputs, node.local_derivatives, strict=True):
        if local is not None:
            operand.grad += local * node.grad


def flow(order: Iterable[Value]) -> None:
    """The same for nodes in order, each before its inputs, whose gradients have been started by ``collect``."""
    for node in order:
        gradient = node._grad
        local = node._da
        if local is not None:
            node._a._grad += local * gradient
        local = node._db
        if local is not None:
            if local.__class__ is tuple:
                for operand, one in zip(node._b, local, strict=True):
                    if one is not None:
                        operand._grad += one * gradient
            else:
                node._b._grad += local * gradient


def accumulate(before: Before) -> None:
    """Add to the gradients of leaves what they had before."""
    for leaf, grad in before:
        if grad is not None:
            leaf._grad += grad


def undo(root: Value, before: Before) -> None:
    """After a backward pass that was broken off: leaves get back what they had, results forget what they got."""
    for leaf, grad in before:
        leaf._grad = grad
    for node in topological(root):
        if node.op is not None:
            node._grad = None


def collect(root: Value, zero: float, order: list[Value], before: Before) -> None:
    """Set the gradient to ``zero`` at all nodes that a gradient can flow to, and to 0.0 at those behind a mask.

    Appends to ``order`` the results that a gradient can flow to, each after its inputs, and to ``before`` the leaves
    with the gradient they had. A depth-first walk with a stack of its own: a None says that the node below it
    on the stack is complete.
    """
    behind: list[Any] = []  # operands that this edge cuts off; another may still reach them
    stack: list[Any] = [root]
    push, pop = stack.append, stack.pop
    while stack:
        node = pop()
        if node is None:
            order.append(pop())
            continue
        if node._grad is zero:
            continue
        if node.op is None:
            before.append((node, node._grad))
            node._grad = zero
            continue
        node._grad = zero
        push(node)
        push(None)
        operand = node._a
        if node._da is not None:
            if operand._grad is not zero:
                push(operand)
        elif operand.__class__ is not float and isinstance(operand, Node):
            behind.append(operand)
        operand = node._b
        if node._db is None:
            if operand is not None and operand.__class__ is not float and isinstance(operand, Node):
                behind.append(operand)
        elif operand.__class__ is tuple:
            for one, local in zip(operand, node._db, strict=True):
                if local is None:
                    behind.append(one)
                elif one._grad is not zero:
                    push(one)
        elif operand._grad is not zero:
            push(operand)
    while behind:
        node = behind.pop()
        if node.__class__ is tuple:
            behind += node
        elif carries_gradient(node) and node._grad is not zero:
            if node.op is None:
                before.append((node, node._grad))
            else:
                behind += (node._a, node._b)
            node._grad = zero
