"""Layers as columns, neurons in their order, long rows wrapped; every box and arrow once, none in another's way."""

import math
import random
from contextlib import nullcontext
from itertools import combinations, pairwise

import pytest

import autograd
import nn
from autograd import Value, parameter
from viz import draw
from viz.picture.columns import PER_COLUMN, PER_ROW
from viz.picture.routes import middle, on_curve, room_of
from viz.picture.text import width
from viz.picture.theme import FRAME, PAPER, TEXT_SIZE

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


def recurrent(steps, scoped=False):
    """h_t = tanh(W h_(t−1) + U x_t + b), each step in a scope or none."""
    w, u, b, h = parameter(0.5, "W"), parameter(-0.3, "U"), parameter(0.1, "b"), Value(0.0, "h0")
    for t in range(1, steps + 1):
        with autograd.scope(f"step{t}") if scoped else nullcontext():
            z = w * h + u * Value(0.3 * t - 1, f"x{t}") + b
            h = z.tanh()
        z.label, h.label = f"z{t}", f"h{t}"
    h.backward()
    return h


def by_hand(*sizes):
    """A network of sums of products, without scopes."""
    rng = random.Random(0)
    a = [Value(rng.uniform(-1, 1), f"x{k + 1}") for k in range(sizes[0])]
    for layer, size in enumerate(sizes[1:], 1):
        z = [parameter(0.1, f"b[{layer}]_{j + 1}") for j in range(size)]
        for j in range(size):
            for x in a:
                z[j] = z[j] + parameter(rng.uniform(-1, 1)) * x
        a = [each.tanh() for each in z]
        for j, each in enumerate(a, 1):
            each.label = f"a[{layer}]_{j}"
    return autograd.sum(a)


def fan_out(n):
    """x times each of n weights, summed."""
    x = Value(0.5, "x")
    J = autograd.sum([parameter(0.1 * k - 1, f"w{k + 1}") * x for k in range(n)])
    J.backward()
    return J


def running_sum(n):
    """The same, added one by one."""
    x, total = Value(0.5, "x"), Value(0.0, "s")
    for k in range(n):
        total = total + x * parameter(0.1 * k - 1, f"w{k + 1}")
    total.backward()
    return total


def one_after_the_other(seed):
    """Random nodes in scopes, none of which is entered again."""
    rng = random.Random(seed)
    nodes = [Value(rng.random(), label=f"v{k}") for k in range(4)]
    for name in "abcd":
        for inner in "xy":
            with autograd.scope(name), autograd.scope(inner):
                for _ in range(rng.randint(1, 4)):
                    a, b = rng.choices(nodes, k=2)
                    nodes.append(rng.choice([a + b, a * b, a.tanh(), a * parameter(0.5, "w")]))
    return autograd.sum(nodes[-5:])


GRAPHS = {
    "mlp": lambda: mlp(3, 4, 4, 1),
    "recurrent": lambda: recurrent(5),
    "recurrent in scopes": lambda: recurrent(5, scoped=True),
    "by hand": lambda: by_hand(2, 3, 3, 1),
    "fan-out": lambda: fan_out(20),
    "running sum": lambda: running_sum(20),
    "sum chain": lambda: sum_chain(60),
    "sum": lambda: autograd.sum([Value(float(k), label=f"x{k}") for k in range(60)]),
    **{f"random {seed}": lambda seed=seed: random_graph(seed) for seed in range(8)},
    **{f"in order {seed}": lambda seed=seed: one_after_the_other(seed) for seed in range(8)},
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


@pytest.mark.parametrize("which", [name for name in GRAPHS if not name.startswith("random ")])
def test_no_arrow_runs_over_another_box_or_a_title(which):
    drawing = draw(GRAPHS[which](), max_nodes=None)
    picture, layout = drawing.picture, drawing.layout
    rooms = [room_of(place.centre, place.size, -3) for place in layout.places]
    titles = [room_of(cluster.label_at, (width(cluster.label, TEXT_SIZE), TEXT_SIZE)) for cluster in layout.clusters]
    for arrow, route in zip(picture.arrows, layout.routes, strict=True):
        others = [room for k, room in enumerate(rooms) if k not in (arrow.tail, arrow.head)]
        for k in range(101):
            x, y = on_curve(route.curve[:-1], k / 100)
            for left, bottom, right, top in others + titles:
                assert not (left < x < right and bottom < y < top), arrow.tooltip


@pytest.mark.parametrize(("steps", "scoped"), [(5, False), (12, False), (5, True)])
def test_a_recurrence_runs_straight_from_left_to_right(steps, scoped):
    """It climbed."""
    drawing = draw(recurrent(steps, scoped))
    states = [centre(drawing, f"{name}{t}") for t in range(1, steps + 1) for name in "zh"]
    assert len({y for _, y in states}) == 1
    assert [x for x, _ in states] == sorted(x for x, _ in states)
    inputs = [centre(drawing, f"x{t}") for t in range(2, steps + 1)]
    assert len({round(y) for _, y in inputs}) == 1
    assert drawing.layout.height < 400


def test_arrows_of_one_colour_from_one_parameter_share_a_lane():
    drawing = draw(recurrent(5))
    lanes = {}
    for arrow, route in zip(drawing.picture.arrows, drawing.layout.routes, strict=True):
        if len(route.curve) == 11:
            lanes.setdefault((arrow.tail, arrow.colour), set()).add(route.curve[3][1])
    assert len(lanes) == 4  # of W and b, and two of U
    assert all(len(heights) == 1 for heights in lanes.values())
    assert len(set.union(*lanes.values())) == 4


def test_leaves_of_a_fan_out_stand_in_their_order_level_with_what_they_go_into():
    drawing = draw(fan_out(20))
    leaves = [centre(drawing, f"w{k + 1}") for k in range(20)]
    assert [y for _, y in leaves] == sorted((y for _, y in leaves), reverse=True)
    boxes = [box.rows[0] for box in drawing.picture.boxes]
    for arrow in drawing.picture.arrows:
        if boxes[arrow.tail].startswith("w"):
            tail, head = (drawing.layout.places[end].centre for end in (arrow.tail, arrow.head))
            assert tail[1] == pytest.approx(head[1], abs=30)


def test_a_small_graph_stands_in_columns_too_its_operands_in_their_order():
    z = [Value(v, f"z{k}") for k, v in enumerate([1.0, 2.0, -0.5], 1)]
    e = [each.exp() for each in z]
    p = e[1] / (e[0] + e[1] + e[2])
    p.label = "p"
    drawing = draw(-p.log())
    heights = [centre(drawing, f"z{k}")[1] for k in (1, 2, 3)]
    assert heights == sorted(heights, reverse=True)
    assert centre(drawing, "p")[1] == drawing.layout.places[-1].centre[1]


def test_layers_are_columns_without_scopes_too():
    drawing = draw(by_hand(2, 3, 3, 1))
    for layer in (1, 2):
        xs, ys = zip(*(centre(drawing, f"a[{layer}]_{j}") for j in (1, 2, 3)), strict=True)
        assert max(xs) - min(xs) < 1
        assert list(ys) == sorted(ys, reverse=True)


def test_two_arrows_between_the_same_boxes_are_apart():
    a = Value(2.0, "a")
    layout = draw(a + a).layout
    first, second = (middle(route.curve[:-1]) for route in layout.routes)
    assert abs(first[1] - second[1]) > layout.routes[0].label_size[1]


def test_an_arrow_ends_at_the_outer_outline_of_a_root():
    layout = draw(Value(2.0, "a").tanh()).layout
    root = layout.places[-1]
    assert layout.routes[0].curve[-1][0] == pytest.approx(root.centre[0] - root.size[0] / 2 - 4)


def test_a_network_of_hundreds_of_boxes_stands_in_columns_too():
    drawing = draw(mlp(2, 16, 16, 1), max_nodes=None)
    for layer in (1, 2):
        xs, ys = zip(*(centre(drawing, f"a[{layer}]_{j}") for j in range(1, 17)), strict=True)
        assert list(ys) == sorted(ys, reverse=True)
        assert max(xs) - min(xs) < 20
    assert not [pair for pair in combinations(drawing.layout.places, 2) if overlaps(*pair)]


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
        assert max(xs) - min(xs) < 20
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


def test_a_label_has_the_colour_of_its_frame_behind_it():
    with autograd.scope("inside"):
        inner = Value(2.0, "x").tanh().exp()
    layout = draw(inner.log()).layout
    (cluster,) = layout.clusters
    left, bottom, right, top = cluster.corners
    assert layout.ground(((left + right) / 2, (bottom + top) / 2)) == FRAME
    assert layout.ground((right + 1, (bottom + top) / 2)) == PAPER


def test_a_layout_is_the_same_each_time():
    first, second = (draw(mlp(3, 4, 4, 1)).layout for _ in range(2))
    assert first == second
