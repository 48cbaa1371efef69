"""draw(model): layers as columns, units as circles, weights as lines; feature maps, cells over time."""

import itertools
import math
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from models import Cell, Classifier, Recurrent

import autograd
import nn
from autograd import Value
from nn import GRU, LSTM, MLP, RNN, Layer, LogisticRegression, Module, Neuron, Perceptron
from viz import draw
from viz.picture.layout import Place

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing):
    return ["".join(text.itertext()) for text in ET.fromstring(drawing.svg).iter(f"{SVG}text")]


def titles(drawing):
    return [title.text for title in ET.fromstring(drawing.svg).iter(f"{SVG}title")]


def boxes(drawing, kind):
    places = zip(drawing.picture.boxes, drawing.layout.places, strict=True)
    return [(box, place) for box, place in places if box.kind == kind]


def room(place):
    (x, y), (w, h) = place.centre, place.size
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


# --- a multilayer perceptron --------------------------------------------------------------------------------------


def test_columns_units_biases_and_weights():
    model = MLP(2, [3, 1], "tanh", "sigmoid", seed=1)
    drawing = draw(model)
    inputs, units, biases = (boxes(drawing, kind) for kind in ("input", "unit", "bias"))
    assert [box.rows for box, _ in inputs] == [["x1"], ["x2"]]
    assert [box.rows for box, _ in units] == [["a[1]_1"], ["a[1]_2"], ["a[1]_3"], ["a[2]_1"]]
    assert len(biases) == 2
    assert len(drawing.picture.arrows) == len(model.parameters()) == 13
    columns = [{place.centre[0] for _, place in part} for part in (inputs, units[:3], units[3:])]
    assert [len(column) for column in columns] == [1, 1, 1]
    assert [*map(min, columns)] == sorted(map(min, columns))
    down = [place.centre[1] for _, place in units[:3]]
    assert down == sorted(down, reverse=True)  # y upwards: the first unit stands on top
    for _, place in inputs + units + biases:
        assert place.size[0] == place.size[1]
    assert {"W[1] (3, 2)", "b[1] (3, 1)", "W[2] (1, 3)", "b[2] (1, 1)", "tanh", "sigmoid", "layer 1"} <= {
        *texts(drawing)
    }
    assert {"input", "layer 1", "output", "tanh", "sigmoid", "2 units", "1 unit"} <= {*texts(drawing)}
    assert repr(drawing) == f"<Network {model}: 13 parameters>"


def test_every_weight_is_a_line_between_its_units():
    model = MLP(3, [2, 2], seed=1)
    drawing = draw(model)
    name = [box.rows[0] for box in drawing.picture.boxes]
    found = {arrow.tooltip.split(" = ")[0]: (name[arrow.tail], name[arrow.head]) for arrow in drawing.picture.arrows}
    assert found["w[1]_2,3"] == ("x3", "a[1]_2")
    assert found["w[2]_1,2"] == ("a[1]_2", "a[2]_1")
    assert found["b[2]_2"] == ("1", "a[2]_2")
    assert len(found) == len(model.parameters())


def test_sign_and_width_of_a_weight():
    model = Layer(4, 1, bias=None, seed=1)
    for weight, number in zip(model.neurons[0].w, (-2.0, 1.0, 0.0, math.nan), strict=True):
        weight.data = number
    drawing = draw(model)
    lines = ET.fromstring(drawing.svg).findall(f".//{SVG}g[@id]/{SVG}path")
    assert [line.get("stroke") for line in lines[:2]] == ["#d55e00", "#0072b2"]
    assert [line.get("stroke-dasharray") for line in lines] == ["5 4", None, None, None]
    assert drawing.picture.strokes == [3.0, 1.75, 0.5, 0.5]
    assert not ET.fromstring(drawing.svg).findall(f".//{SVG}g/{SVG}polygon")  # a line has no head
    model.neurons[0].w[0].data = math.inf
    assert draw(model).picture.strokes[0] == 3.0


def test_a_pass_shows_z_a_and_after_backward_delta_and_the_gradients():
    model = MLP(2, [2, 1], "tanh", "sigmoid", seed=1)
    drawing = draw(model, x=[0.5, -1], y=1)
    prediction = model([Value(0.5), Value(-1)])
    J = nn.bce(prediction, 1)
    assert drawing.J.data == J.data
    J.backward()
    output = boxes(drawing, "unit")[-1][0]
    number = autograd.formulas.digits.format_number
    (z,) = (v for v in autograd.graph.topological(J) if v.label == "z[2]_1")
    assert output.rows == ["a[2]_1", f"z {number(z.data)}", f"a {number(prediction.data)}", f"δ {number(z.grad)}"]
    for p in model.parameters():
        assert f"{p.label} = {number(p.data)}, ∂J/∂{p.label} = {number(p.grad)}" in titles(drawing)
    assert "bce, y = 1" in texts(drawing)


def test_the_users_numbers_are_not_touched():
    model = MLP(2, [2, 1], seed=1)
    x = [Value(0.5, "p"), Value(-1.0, "q")]
    model.parameters()[0].grad = 7.0
    model.train()
    draw(model, x=x, y=1)
    assert [p.grad for p in model.parameters()] == [7.0] + [0.0] * 8
    assert not any(v.has_grad for v in x)
    assert model.training
    assert "forward" not in vars(model.layers[0])


def test_gradients_that_the_user_computed_are_shown():
    model = Neuron(2, seed=1)
    (model([1, 2]) * 2).backward()
    assert sum("∂J/∂" in title for title in titles(draw(model))) == 3


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (LogisticRegression(2), "bce"),
        (Perceptron(2), "squared_error"),
        (MLP(2, [3], output="softmax", seed=1), "cross_entropy"),
        (MLP(2, [1], seed=1), "squared_error"),
    ],
    ids=str,
)
def test_the_usual_loss_of_an_output(model, loss):
    y = 1 if loss != "cross_entropy" else [0, 1, 0]
    assert any(text.startswith(f"{loss}, y = ") for text in texts(draw(model, x=[1, 2], y=y)) if text)


def test_a_loss_by_name_or_of_your_own():
    model = MLP(2, [1], seed=1)
    assert draw(model, x=[1, 2], y=-1, loss="hinge").J.data == max(0, 1 + model([1, 2]).data)

    def doubled(a, y):
        return 2 * (a - y)

    drawing = draw(model, x=np.array([1, 2]), y=3, loss=doubled)
    assert drawing.J.data == pytest.approx(2 * (model([1, 2]).data - 3), rel=1e-15)
    assert "doubled, y = 3" in texts(drawing)


@pytest.mark.parametrize("seed", range(4))
def test_few_lines_say_their_numbers_and_no_label_stands_on_another(seed):
    for drawing in (draw(MLP(2, [2, 1], seed=seed)), draw(MLP(2, [2, 1], seed=seed), x=[0.5, -1], y=1)):
        labels = [arrow.label for arrow in drawing.picture.arrows if arrow.style == "weight"]
        assert all(labels)
        rooms = [
            room(Place(route.label_at, route.label_size, [], 0.0, 0.0))
            for arrow, route in zip(drawing.picture.arrows, drawing.layout.routes, strict=True)
            if arrow.label
        ]
        rooms += [room(place) for kind in ("input", "unit") for _, place in boxes(drawing, kind)]
        assert not any(itertools.starmap(overlap, itertools.combinations(rooms, 2)))


def test_a_network_is_as_wide_as_its_labels_need():
    model = MLP(2, [2, 1], seed=1)
    before = draw(model, x=[0.5, -1]).layout.width
    for weight in model.parameters():
        weight.data = -0.0001234
    assert draw(model, x=[0.5, -1]).layout.width > before


def test_a_column_of_many_units_is_cut_in_the_middle():
    drawing = draw(MLP(100, [20, 10], "relu", seed=1))
    assert [box.rows[0] for box, _ in boxes(drawing, "input")] == [f"x{k}" for k in [*range(1, 9), *range(93, 101)]]
    assert [box.rows for box, _ in boxes(drawing, "cut")] == [["⋮", "84 more"], ["⋮", "4 more"]]
    assert len(boxes(drawing, "unit")) == 16 + 10
    assert "100 units" in texts(drawing)
    assert len(drawing.picture.arrows) == 16 * 16 + 16 + 16 * 10 + 10
    assert max(drawing.picture.strokes) <= 1.5


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (MLP(2, [2, 1], seed=1), [0.5, -1]),
        (MLP(3, [4, 4, 1], seed=1), [0.5, -1, 2]),
        (MLP(30, [20, 10], seed=1), [1] * 30),
        (Classifier(), [[0.1 * i * j for j in range(5)] for i in range(5)]),
        (Recurrent(), [1, 2, -1]),
    ],
    ids=["2-2-1", "3-4-4-1", "30-20-10", "cnn", "rnn"],
)
def test_no_box_stands_on_another_and_all_is_inside(model, x):
    for drawing in [draw(model, x=x)] + ([draw(model)] if isinstance(model, MLP) else []):
        of_stack = {"map"}
        places = [(box.kind, room(p)) for box, p in zip(drawing.picture.boxes, drawing.layout.places, strict=True)]
        for (kind, a), (other, b) in itertools.combinations(places, 2):
            assert not overlap(a, b) or {kind, other} == of_stack, (kind, other)
        for _, (left, bottom, right, top) in places:
            assert left >= -1e-6
            assert bottom >= -1e-6
            assert right <= drawing.layout.width + 1e-6
            assert top <= drawing.layout.height + 1e-6


# --- other shapes of models ---------------------------------------------------------------------------------------


def test_feature_maps():
    drawing = draw(Classifier(), x=[[0.1 * i * j for j in range(5)] for i in range(5)], y=[1, 0])
    words = texts(drawing)
    for said in ("1 @ 5 × 5", "3 @ 4 × 4", "3 @ 2 × 2", "2 × 2 pooling", "2 × 2 filters", "W (3, 1, 2, 2)", "Flat"):
        assert said in words, said
    assert "12 units" in words
    assert len(boxes(drawing, "map")) == 1 + 3 + 3


def test_captions_are_typeset_as_boxes_are():
    drawing = draw(MLP(2, [3, 1], seed=1))
    lines = ET.fromstring(drawing.svg).iter(f"{SVG}text")
    (caption,) = [line for line in lines if "".join(line.itertext()) == "W[1] (3, 2)"]
    assert [part.text for part in caption] == ["W", "[1]", " (3, 2)"]
    base, raised, rest = caption
    assert float(raised.get("y")) < float(base.get("y")) == float(rest.get("y"))
    assert float(raised.get("font-size")) < float(caption.get("font-size"))
    label = next(line for line in drawing.dot.splitlines() if "(3, 2)" in line)
    assert re.search(r"<FONT[^>]*>W</FONT><SUP><FONT[^>]*>\[1\]</FONT></SUP><FONT[^>]*> \(3, 2\)</FONT>", label)


def test_a_recurrence_is_unrolled():
    drawing = draw(Recurrent(), x=[1, 2, -1], y=0.5)
    words = texts(drawing)
    assert {"h1", "h2", "h3", "x1", "x2", "x3", "h0", "ŷ3"} <= {*words}
    assert any("Cell, the same in every step: w, u" in word for word in words if word)
    places = zip(drawing.picture.boxes, drawing.layout.places, strict=True)
    states = {box.rows[0]: place.centre for box, place in places if box.rows[0].startswith("h_")}
    assert len({y for _, y in states.values()}) == 1
    assert sorted(states, key=lambda name: states[name]) == ["h_0", "h_1", "h_2", "h_3"]


def test_a_long_recurrence_is_cut():
    drawing = draw(Recurrent(), x=[0.1] * 30)
    assert "20 more" in texts(drawing)
    assert "h30" in texts(drawing)


def test_a_model_of_your_own_is_understood_by_an_example():
    class Mine(Module):
        def __init__(self):
            self.inner = MLP(2, [2], seed=1)

        def forward(self, x):
            return self.inner([x[0] * 2, x[1]])[0]

    drawing = draw(Mine(), x=[1, 2])
    assert len(boxes(drawing, "unit")) == 2


# --- formats, errors ----------------------------------------------------------------------------------------------


def test_png_pdf_and_dot(tmp_path):
    drawing = draw(MLP(2, [2, 1], seed=1), x=[1, 2], y=1, title="my net")
    assert drawing.save(tmp_path / "net.png").read_bytes()[:4] == b"\x89PNG"
    assert drawing.save(tmp_path / "net.pdf").read_bytes()[:4] == b"%PDF"
    assert "my net" in texts(drawing)
    assert "dir=none" in drawing.dot


def test_labels_stay_text():
    model = Neuron(2, seed=1)
    model.w[0].label = "</svg><script>alert(1)</script>"
    svg = draw(model, title="<b>&amp;").svg
    assert "<script>" not in svg
    assert any("<script>" in title for title in titles(draw(model)))


@pytest.mark.parametrize(
    ("draw_it", "said"),
    [
        (lambda: draw(MLP(2, [1]), y=1), "a target needs an example"),
        (lambda: draw(MLP(2, [1]), x=[1, 2], loss="mse"), "a loss needs a target"),
        (lambda: draw(Value(1), x=[1]), "x, y and loss are for models"),
        (lambda: draw("model"), "a Value, a list of Values, or a model"),
    ],
)
def test_what_does_not_go_together(draw_it, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        draw_it()


def test_a_model_that_only_an_example_can_explain():
    with pytest.raises(ValueError, match=r"has no layers of nn.*draw\(model, x=\[\.\.\.\]\)"):
        draw(Cell())

    class Apart(Module):
        def __init__(self):
            self.one, self.two = Layer(2, 3, seed=1), Layer(4, 1, seed=1)

    with pytest.raises(ValueError, match=r"takes 4 inputs, but .* before it has 3 outputs"):
        draw(Apart())


def test_a_wrong_example_is_the_models_own_error():
    model = MLP(2, [1], seed=1)
    with pytest.raises(ValueError, match="2"):
        draw(model, x=[1, 2, 3])
    assert "forward" not in vars(model.layers[0])


@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_recurrences_of_nn(kind):
    class Reader(Module):
        def __init__(self):
            self.rnn, self.read = kind(1, 2, seed=1), Layer(2, 1, "sigmoid", seed=2)

        def forward(self, xs):
            return self.read(self.rnn(xs)[-1])

    words = texts(draw(Reader(), x=[0.5, 1.0, -1.0], y=1))
    assert (words.count("2 numbers"), words.count("0, 0")) == (3, 1)  # h_1 … h_3 and h_0; of an LSTM's state h alone
    assert any(said.startswith(f"{kind.__name__}Cell, the same in every step: ") for said in words)


def test_what_layers_do_not_tell_is_asked_for():
    """Of a network with more than layers a picture of its layers alone would be wrong."""
    model = nn.Sequential(nn.Unflatten(1, 4, 4), nn.Conv2d(1, 2, 3, seed=1), nn.Flatten(), Layer(8, 2, seed=1))
    with pytest.raises(ValueError, match=r"what Unflatten\(1, 4, 4\) does is not to be seen from outside"):
        draw(model)
    words = texts(draw(model, x=[0.1 * k for k in range(16)]))
    assert {"2 @ 2 × 2", "3 × 3 filters", "W (2, 1, 3, 3)"} <= set(words)
