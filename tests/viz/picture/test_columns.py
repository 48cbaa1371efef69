"""Layers as columns, neurons in their order, long rows wrapped; every box and arrow once, none in another's way."""

import math
import random
from itertools import combinations, pairwise

import pytest

import autograd
import nn
from autograd import Value
from viz import draw
from viz.picture.columns import PER_COLUMN, PER_ROW
from viz.picture.routes import middle

BOTH = pytest.mark.parametrize("depth", [None, 1], ids=["opened", "collapsed"])


def mlp(*sizes):
    model = nn.MLP(sizes[0], sizes[1:], "tanh", "tanh", seed=1)
    J = nn.mse(model([Value(k + 1.0, label=f"x{k + 1}") for k in range(sizes[0])]), 1.0)
    J.backward()
    return J


def sum_chain(n):
    total = Value(0.0, label="x0")
    for k in range(1, n):
        total = total + Value(float(k), label=f"x{k}")
    return total


def random_graph(seed):
    """Nodes in nested scopes that may be entered again."""
    rng = random.Random(seed)
    nodes = [Value(rng.random(), label=f"v{k}") for k in range(4)]
    for _ in range(rng.randint(3, 25)):
        with autograd.scope(rng.choice("ab")), autograd.scope(rng.choice("cd")):
            a, b = rng.choices(nodes, k=2)
            nodes.append(rng.choice([a + b, a * b, a.tanh(), a * 2]))
    return autograd.sum(nodes[-5:])


GRAPHS = {
    "mlp": lambda: mlp(3, 4, 4, 1),
    "sum chain": lambda: sum_chain(60),
    "sum": lambda: autograd.sum([Value(float(k), label=f"x{k}") for k in range(60)]),
    **{f"random {seed}": lambda seed=seed: random_graph(seed) for seed in range(8)},
}


def centre(drawing, name):
    [at] = [k for k, box in enumerate(drawing.picture.boxes) if box.rows[0] == name]
    return drawing.layout.places[at].centre


def overlaps(a, b):
    return all(abs(a.centre[k] - b.centre[k]) < (a.size[k] + b.size[k]) / 2 - 1e-6 for k in (0, 1))


@pytest.mark.parametrize("which", GRAPHS)
@BOTH
def test_boxes_do_not_overlap_and_arrows_lead_from_box_to_box(which, depth):
    drawing = draw(GRAPHS[which](), depth=depth, max_nodes=None)
    picture, layout = drawing.picture, drawing.layout
    assert len(layout.places) == len(picture.boxes)
    assert not [pair for pair in combinations(layout.places, 2) if overlaps(*pair)]
    for arrow, route in zip(picture.arrows, layout.routes, strict=True):
        for box, at in ((arrow.tail, route.curve[0]), (arrow.head, route.curve[-1])):
            place = layout.places[box]
            assert all(abs(at[k] - place.centre[k]) < place.size[k] / 2 + 6 for k in (0, 1))
        x, y = middle(route.curve[:-1])
        assert 0 <= x <= layout.width
        assert 0 <= y <= layout.height
    for cluster in layout.clusters:
        left, bottom, right, top = cluster.corners
        for box, place in zip(picture.boxes, layout.places, strict=True):
            is_inside = left < place.centre[0] < right and bottom < place.centre[1] < top
            assert is_inside == (box.scopes[: len(cluster.scopes)] == cluster.scopes)


def test_neurons_and_weights_stand_in_their_order_and_a_layer_is_a_column():
    drawing = draw(mlp(3, 4, 4, 1))
    for names in (
        ["x1", "x2", "x3"],
        [f"a[1]_{j}" for j in (1, 2, 3, 4)],
        [f"a[2]_{j}" for j in (1, 2, 3, 4)],
        [f"w[1]_2,{k}" for k in (1, 2, 3)],
    ):
        xs, ys = zip(*(centre(drawing, name) for name in names), strict=True)
        assert list(ys) == sorted(ys, reverse=True)
        assert max(xs) - min(xs) < 40
    columns = [centre(drawing, name)[0] for name in ("x1", "w[1]_1,1", "a[1]_1", "w[2]_1,1", "a[2]_1", "w[3]_1,1")]
    assert columns == sorted(columns)
    assert max(x for x, _ in (place.centre for place in drawing.layout.places)) == drawing.layout.places[-1].centre[0]


def test_layers_stand_side_by_side_on_one_line():
    """They were a staircase: 2,200 points wide and 3,400 high."""
    layout = draw(mlp(3, 4, 4, 1)).layout
    layers = sorted(cluster.corners for cluster in layout.clusters if len(cluster.scopes) == 1)
    for (_, bottom, right, top), (left, low, _, high) in pairwise(layers):
        assert right < left
        assert math.isclose((bottom + top) / 2, (low + high) / 2, abs_tol=60)
    assert layout.height < layout.width


def test_the_chain_of_a_neuron_runs_straight():
    drawing = draw(mlp(2, 2, 1))
    assert centre(drawing, "z[1]_1")[1] == pytest.approx(centre(drawing, "a[1]_1")[1])


@pytest.mark.parametrize("n", [20, 50, 60])
def test_a_long_chain_is_wrapped(n):
    y = Value(0.5, label="x")
    for _ in range(n):
        y = y.tanh()
    for layout in (draw(y).layout, draw(sum_chain(n)).layout):
        assert layout.width < PER_ROW * 200
        assert layout.height < layout.width


def test_many_inputs_of_a_sum_stand_in_several_columns_row_by_row():
    drawing = draw(GRAPHS["sum"]())
    at = [centre(drawing, f"x{k}") for k in range(60)]
    assert at == sorted(at, key=lambda point: (-round(point[1]), point[0]))
    assert len({round(y) for _, y in at}) == PER_COLUMN


def test_labels_of_arrows_cover_no_box():
    drawing = draw(mlp(2, 2, 1))
    for arrow, route in zip(drawing.picture.arrows, drawing.layout.routes, strict=True):
        for place in drawing.layout.places:
            assert not arrow.label or not all(
                abs(route.label_at[k] - place.centre[k]) < (route.label_size[k] + place.size[k]) / 2 for k in (0, 1)
            )


def test_a_layout_is_the_same_each_time():
    first, second = (draw(mlp(3, 4, 4, 1)).layout for _ in range(2))
    assert first == second
