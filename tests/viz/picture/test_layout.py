"""What is kept of a large graph, and where labels stand."""

from autograd import Value, graph
from viz.picture.fold import nearest
from viz.picture.routes import middle


def test_the_middle_of_a_curve_is_on_it():
    assert middle([(0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0)]) == (6.0, 4.0)  # B(1/2) of a cubic
    assert middle([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 5.0), (4.0, 0.0), (5.0, 0.0), (6.0, 0.0)]) == (3.0, 5.0)


def test_who_uses_a_node_that_is_kept_is_kept_as_well():
    """Else the box of all earlier nodes would stand both before and behind it."""
    u = Value(1.0) * 2
    y = u
    for _ in range(50):
        y = y * 1.01
    root = y + u  # u is near to the root by one path, and far by another
    order = graph.topological(root)
    kept = nearest(order, [root], 20)
    assert root in kept
    assert u not in kept
    for node in order:
        assert node in kept or not any(v in kept and v.op for v in graph.operands(node))
