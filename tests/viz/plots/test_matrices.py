"""Matrices and surfaces: what is drawn is what was counted, learned, or computed."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D

from autograd import Value
from nn import Layer, Neuron, constant
from nn.metrics import ConfusionMatrix
from viz import plots
from viz.picture.theme import NEGATIVE, POSITIVE


def panels_of(figure):
    return [ax for ax in figure.axes if ax.images]


def test_images_show_the_pixels_row_by_row():
    figure = plots.images([[0, 0.5, 1, 0, 0, 0], [2, 0, 0, 0, 0, 0]], (2, 3), titles=["first", 7])
    first, second = panels_of(figure)
    assert first.images[0].get_array().tolist() == [[0, 0.5, 1], [0, 0, 0]]
    assert [ax.get_title() for ax in (first, second)] == ["first", "7"]
    assert first.images[0].get_clim() == second.images[0].get_clim() == (0, 2)  # one scale for all
    paper, ink = (first.images[0].cmap(share)[:3] for share in (0.0, 1.0))
    assert sum(paper) > sum(ink)


def test_weights_are_in_the_places_of_their_inputs_on_one_scale():
    layer = Layer(4, 2, "linear")
    for j, row in enumerate(layer.W):
        for k, w in enumerate(row):
            w.data = (j + 1) * (k - 1.5)  # −1.5, −0.5, 0.5, 1.5; and twice that
    figure = plots.weights(layer)
    one, two = panels_of(figure)
    assert one.images[0].get_array().tolist() == [[-1.5, -0.5], [0.5, 1.5]]
    assert two.images[0].get_array().tolist() == [[-3, -1], [1, 3]]
    assert one.images[0].get_clim() == two.images[0].get_clim() == (-3, 3)
    colours = two.images[0].cmap
    assert colours(0.0)[:3] == pytest.approx(to_rgb(NEGATIVE), abs=0.01)
    assert colours(1.0)[:3] == pytest.approx(to_rgb(POSITIVE), abs=0.01)
    assert two.collections[0].get_offsets().tolist() == [[0, 0], [1, 0]]  # (column, row) of what wears a minus
    assert len(figure.axes) == 3  # with the scale


def test_weights_of_one_neuron_and_of_zeros():
    assert plots.weights(Neuron(6, init=constant(0)), (2, 3)).axes[0].images[0].get_array().tolist() == [[0] * 3] * 2


def test_a_confusion_matrix_says_its_counts_and_which_way_round_it_is():
    matrix = ConfusionMatrix(["a", "b", "b", "b", "<b>"], ["a", "a", "b", "b", "<b>"])
    figure = plots.confusion(matrix)
    (ax,) = figure.axes
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
    assert ax.get_title() == "confusion matrix: 80.0% right"
    written = {(round(text.get_position()[1]), round(text.get_position()[0])): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "1", (1, 1): "1", (1, 2): "1", (2, 2): "2"}  # (row, column)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["<b>", "a", "b"]
    right, wrong = (image.get_array() for image in ax.images)
    assert right.mask.tolist() == [[False, True, True], [True, False, True], [True, True, False]]
    assert [*zip(*np.nonzero(~wrong.mask), strict=True)] == [(1, 2)]  # where nothing was counted, the ground shows


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: plots.images([[1, 2, 3]]), ValueError, r"3 numbers fill no square: say which shape .* shape=\(2, 1\)"),
        (lambda: plots.images([[1, 2, 3]], (2, 2)), ValueError, r"shape \(2, 2\) has 4 pixels, but there are 3"),
        (lambda: plots.images([[1, 2, 3, 4]], titles=[1, 2]), ValueError, "there are 1 images, but 2 titles"),
        (lambda: plots.weights([1, 2]), TypeError, r"\[1, 2\] has no W"),
        (lambda: plots.surface({}), ValueError, "there is no function to plot"),
        (lambda: plots.surface(lambda u, _: 1 / u if u else np.nan), ValueError, "the function is not finite"),
        (lambda: plots.surface(lambda u, v: u * v, ax=plots.panels()[1]), ValueError, "1 panels in space"),
    ],
)
def test_what_cannot_be_drawn_says_why(draw, error, message):
    with pytest.raises(error, match=message):
        draw()


def test_a_surface_is_the_function(monkeypatch):
    drawn = []
    plain = Axes3D.plot_surface
    monkeypatch.setattr(Axes3D, "plot_surface", lambda ax, *xyz, **looks: drawn.append(xyz) or plain(ax, *xyz, **looks))
    functions = {"bowl": lambda u, v: Value(u) ** 2 + 3 * v, "plane": lambda u, v: u - v}
    figure = plots.surface(functions, (-1, 2), (0, 1), resolution=4, height="f")
    assert [ax.get_title() for ax in figure.axes] == ["bowl", "plane"]
    for ax, (x, y, z), f in zip(figure.axes, drawn, (lambda u, v: u**2 + 3 * v, lambda u, v: u - v), strict=True):
        assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_zlabel()) == ("w₁", "w₂", "f")
        assert x[0].tolist() == [-1, 0, 1, 2]
        assert y[:, 0].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1], rel=1e-15)
        np.testing.assert_allclose(z, f(x, y), rtol=1e-12, atol=1e-12)
        assert min(ax.get_zticks()) >= z.min()


def test_a_surface_draws_into_panels_in_space():
    figure = Figure()
    ax = figure.add_subplot(projection="3d")
    assert plots.surface(lambda u, v: u * 0 + v * 0 + 2, ax=ax, resolution=3) is figure  # flat: no contours to draw
    assert ax.get_title() == ""


def test_a_cell_is_dark_as_its_share_of_the_row_says():
    (ax,) = plots.confusion(ConfusionMatrix([0, 0, 0, 1, 1], [0, 0, 0, 0, 1])).axes
    right, wrong = (image.get_array().filled(0) for image in ax.images)
    np.testing.assert_allclose(right, [[np.sqrt(3 / 4), 0], [0, 1]], rtol=1e-15)
    np.testing.assert_allclose(wrong, [[0, np.sqrt(1 / 4)], [0, 0]], rtol=1e-15)
