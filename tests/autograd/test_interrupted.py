"""Ctrl-C, wherever it comes: a backward pass has happened whole or not at all, and recording leaves no trace."""

import gc

from interrupts import at_every_line

import autograd
from autograd import Value, detect_anomaly, parameter, record, scope
from autograd.contexts.watching import OPEN


def graph_with_gradients():
    """A graph of each kind of edge, and behind a mask; its leaves have gradients already, one has none."""
    a, b, c, d = leaves = [Value(x) for x in (0.5, -1.5, 2.0, 3.0)]
    root = autograd.sum([a * b + a, (b - 3.0).relu() * d, c.exp() * c]) / (a * a + 1.0)
    root.backward()
    root.backward()
    d.grad = None
    return root, leaves


def gradients(graph):
    return [leaf.grad if leaf.has_grad else None for leaf in graph[1]]


def state():
    """What a block may leave behind."""
    return Value(1.0).scope, len(OPEN), gc.isenabled()


def test_backward():
    assert at_every_line(graph_with_gradients, lambda graph: graph[0].backward(), gradients) > 100
    assert at_every_line(graph_with_gradients, lambda graph: graph[0].backward(), gradients, opcodes=True) > 1500


def test_a_watched_backward():
    def act(graph):
        with detect_anomaly():
            graph[0].backward()

    assert at_every_line(graph_with_gradients, act, lambda graph: (gradients(graph), state())) > 100


def test_after_an_interrupt_the_results_show_no_gradient_of_half_a_pass():
    def act(graph):
        try:
            graph[0].backward()
        except KeyboardInterrupt:
            # The pass before left 1.0 at the root; what is there now is this, or that of the whole new pass.
            shown.add((graph[0].has_grad, graph[0].grad))
            raise

    shown = set()
    at_every_line(graph_with_gradients, act, gradients)
    assert shown == {(True, 1.0), (False, 0.0)}


def test_recording():
    def make():
        return parameter(0.5, "w"), parameter(-0.25, "b")

    def act(parameters):
        w, b = parameters
        with scope("recorded"):
            record(lambda x: (w * x + b).tanh() * 2.0, 1.0)

    def look(parameters):
        return [p.data for p in parameters], [p.has_grad for p in parameters], state()

    assert at_every_line(make, act, look) > 300
