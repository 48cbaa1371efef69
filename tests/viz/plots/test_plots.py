"""Plots: what is drawn is what the engine computed; where they cannot be drawn they say so."""

import subprocess
import sys
from io import BytesIO
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import autograd
from autograd import Value
from nn import MLP, SGD, LogisticRegression, Perceptron, cost
from nn.activations import ACTIVATIONS
from nn.datasets import blobs, gate, moons
from nn.train import fit
from viz import plots
from viz.picture import theme
from viz.picture.theme import NEGATIVE, POSITIVE
from viz.plots import colours

mpl.use("Agg")
NAMES = [name for name in ACTIVATIONS if name not in ("softmax", "log_softmax")]


def line(ax, label):
    """The points of the line whose label starts so."""
    (found,) = [one for one in ax.lines if str(one.get_label()).startswith(label)]
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def png(figure):
    return figure._repr_png_()[0]


# --- activations ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_activation_and_its_derivative(name):
    (ax,) = plots.activations([name]).axes
    row = ACTIVATIONS[name]
    z, a = line(ax, "a = ")
    _, slope = line(ax, "a′ = ")
    slope = slope[~np.isnan(slope)]
    z, a = z[~np.isnan(a)], a[~np.isnan(a)]
    assert len(z) == len(slope) == 241
    for z_i, a_i, slope_i in zip(z[::40], a[::40], slope[::40], strict=True):
        leaf = Value(z_i)
        value = row.function(leaf) if row.slope is None else row.function(leaf, row.slope)
        assert a_i == value.data
        step = 1e-6
        g = (lambda x: row.function(x)) if row.slope is None else (lambda x: row.function(x, row.slope))
        if abs(z_i) > 0.1:
            assert slope_i == pytest.approx((g(z_i + step) - g(z_i - step)) / (2 * step), abs=1e-8)


def test_all_activations_and_the_words_on_them():
    figure = plots.activations()
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["linear", "sigmoid", "tanh", "ReLU", "leaky ReLU", "PReLU", "softplus", "step",
                      "softmax of (z₁, 1, 0.1)"]  # fmt: skip
    marked = {ax.get_title(): [text.get_text() for text in ax.texts] for ax in figure.axes}
    assert marked["sigmoid"] == marked["tanh"] == ["saturated", "saturated"]
    assert marked["ReLU"] == marked["step"] == ["slope 0"]
    assert marked["linear"] == marked["leaky ReLU"] == marked["PReLU"] == []
    legends = {ax.get_title(): [t.get_text() for t in ax.get_legend().get_texts()] for ax in figure.axes}
    assert legends["sigmoid"] == ["a = 1/(1 + exp(−z))", "a′ = a·(1 − a)"]
    assert legends["leaky ReLU"] == ["a = 0.01·z if z ≤ 0 else z", "a′ = 0.01 if z ≤ 0 else 1"]
    assert legends["PReLU"][0] == "a = 0.25·z if z ≤ 0 else z"


def test_saturation_is_marked_where_diagnose_sees_it():
    (ax,) = plots.activations(["tanh"], z=(-4, 4)).axes
    edges = sorted(edge for patch in ax.patches for edge in (patch.get_x(), patch.get_x() + patch.get_width()))
    assert edges == pytest.approx([-4, -2.18, 2.18, 4], abs=0.04)


def test_softmax_of_a_layer():
    (ax,) = plots.activations(["softmax"], z=(-3, 3)).axes
    for k, want in enumerate(autograd.softmax([2, 1, 0.1])):
        z, a = line(ax, f"a{'₁₂₃'[k]}")
        assert np.interp(2, z, a) == pytest.approx(want, abs=1e-4)


def test_an_activation_of_your_own():
    (ax,) = plots.activations([lambda z: z * z.sigmoid()]).axes
    z, a = line(ax, "a = g(z)")
    assert a == pytest.approx(z / (1 + np.exp(-z)), rel=1e-12)


# --- training ---------------------------------------------------------------------------------------


def history(**columns):
    return SimpleNamespace(**{"loss": [], "validation_loss": [], "errors": []} | columns)


def test_loss_per_epoch():
    figure = plots.loss(history(loss=[3.0, 2.0, 1.0], validation_loss=[3.5, 2.5, 2.0]))
    (ax,) = figure.axes
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "J")
    assert [list(points) for points in line(ax, "training")] == [[1, 2, 3], [3, 2, 1]]
    assert list(line(ax, "validation")[1]) == [3.5, 2.5, 2.0]


def test_loss_of_a_training_and_mistakes_of_a_perceptron():
    X, y = gate("and")
    trained = fit(LogisticRegression(2), X, y, loss="bce", lr=1.0, epochs=3, progress=False)
    assert list(line(plots.loss(trained).axes[0], "training")[1]) == trained.loss
    learned = fit(Perceptron(2), X, y, epochs=20, progress=False)
    (ax,) = plots.loss(learned).axes
    assert ax.get_title() == "mistakes per epoch"
    assert list(ax.lines[0].get_ydata()) == learned.errors


def test_several_histories_on_a_logarithmic_axis():
    (ax,) = plots.loss({"a": history(loss=[1.0, 0.1]), "b": history(loss=[2.0])}, log=True).axes
    assert ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_loss_without_an_epoch():
    with pytest.raises(ValueError, match="the history has no epochs"):
        plots.loss(history())
    with pytest.raises(ValueError, match="the history 'b' has no epochs"):
        plots.loss({"a": history(loss=[1.0]), "b": history()})
    with pytest.raises(ValueError, match="no history"):
        plots.loss({})


def test_parameters_over_time():
    model = LogisticRegression(2)
    path = plots.Trajectory(model)
    fit(model, *gate("or"), loss="bce", lr=1.0, epochs=5, callbacks=[path], progress=False)
    columns = path.columns()
    assert list(columns) == ["w1", "w2", "b"]
    assert columns["w1"][0] == 0
    assert [column[-1] for column in columns.values()] == [p.data for p in model.parameters()]
    (ax,) = plots.parameters(path).axes
    assert [list(line(ax, name)[1]) for name in columns] == list(columns.values())


def test_many_parameters_are_named_by_layer():
    path = plots.Trajectory(MLP(2, [3, 1], seed=0))
    path()
    (ax,) = plots.parameters(path).axes
    assert len(ax.lines) == 13
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["w[1]", "b[1]", "w[2]", "b[2]"]
    with pytest.raises(ValueError, match="no parameters"):
        plots.parameters({})


def test_descent_on_a_curve_and_on_contours():
    (ax,) = plots.descent(lambda w: w**2, {"α = 0.1": [2.0, 1.6]}, names=["b"]).axes
    assert [list(points) for points in line(ax, "α = 0.1")] == [[2.0, 1.6], [4.0, pytest.approx(2.56)]]
    assert ax.get_xlabel() == "b"
    (ax,) = plots.descent(lambda w1, w2: w1**2 + w2**2, {"path": [[1, 2], [0.5, 1]]}).axes
    assert [list(points) for points in line(ax, "path")] == [[1, 0.5], [2, 1]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w₁", "w₂")


# --- models -----------------------------------------------------------------------------------------


def wrong_in(ax):
    return [text.get_text() for text in ax.get_legend().get_texts() if "wrong" in text.get_text()]


def test_decision_boundary_of_a_perceptron_is_a_straight_line():
    perceptron = Perceptron(2)
    perceptron.load_state_dict({"w": [2.0, 1.0], "b": -2.0})
    X, y = gate("and")
    (ax,) = plots.decision_boundary(perceptron, X, y).axes
    assert not wrong_in(ax)
    (drawn,) = [c for c in ax.collections if len(c.get_paths()) == 1 and c.get_linewidth()[0] == 1.8]
    x1, x2 = drawn.get_paths()[0].vertices.T
    assert 2 * x1 + x2 == pytest.approx(2, abs=1e-9)


def test_decision_boundary_rings_what_is_wrong():
    ax = plots.decision_boundary(lambda x: 0.9 if x[0] > 0.5 else 0.1, *gate("and")).axes[0]
    assert wrong_in(ax) == ["1 wrong"]
    ax = plots.decision_boundary(lambda x: 5 * x[0] - 2, *gate("and")).axes[0]
    assert wrong_in(ax) == ["1 wrong"]


def test_decision_boundary_of_labels_minus_one_and_one():
    X, y = moons(20, labels=(-1, 1))
    ax = plots.decision_boundary(lambda x: Value(-x[1]), X, y, resolution=10).axes[0]
    colours = {
        str(c.get_label()): mpl.colors.to_hex(c.get_facecolor()[0]) for c in ax.collections if "y" in str(c.get_label())
    }
    assert (colours["y = −1"], colours["y = 1"]) == (NEGATIVE, POSITIVE)


def test_decision_regions_of_three_classes():
    X, y = blobs(30, seed=1)
    model = MLP(2, [3], output="softmax", seed=1)
    model.load_state_dict({"layers[0].W": [[5, 0], [-2.5, 4.3], [-2.5, -4.3]], "layers[0].b": [0, 0, 0]})
    (ax,) = plots.decision_boundary(model, X, y, resolution=20).axes
    assert not wrong_in(ax)


def test_decision_boundary_leaves_the_model_as_it_was():
    model = MLP(2, [4, 1], dropout=0.5, seed=1)
    calls = model.layers[0].dropout.calls
    model.layers[1].eval()
    plots.decision_boundary(model, resolution=4)
    assert [layer.training for layer in model.layers] == [True, False]
    assert model.layers[0].dropout.calls == calls


def test_decision_boundary_needs_two_inputs():
    with pytest.raises(ValueError, match=r"2 inputs, X has the shape \(1, 3\)"):
        plots.decision_boundary(lambda x: x[0], [[1, 2, 3]])
    with pytest.raises(ValueError, match="2 examples in X, but 1 labels"):
        plots.decision_boundary(lambda x: x[0], [[1, 2], [3, 4]], [1])


def test_activation_histograms():
    model = MLP(2, [5, 3], "tanh", "tanh", seed=1)
    X, _ = moons(10)
    figure = plots.activation_histograms(model, X)
    assert [ax.get_title() for ax in figure.axes] == ["a[1]", "a[2]"]
    for ax in figure.axes:
        assert sum(patch.get_height() for patch in ax.patches) == pytest.approx(1)
    assert f"{np.std([[a.data for a in model(x)] for x in X]):.2g}" in figure.axes[1].texts[0].get_text()


def test_gradient_histograms_leave_the_gradients_as_they_were():
    X, y = moons(10)
    model = MLP(2, [5, 1], "tanh", "sigmoid", seed=1)
    model.parameters()[0].grad = 7.0
    figure = plots.gradient_histograms(model, X, y, "bce")
    assert [ax.get_title() for ax in figure.axes] == ["dW[1]", "dW[2]"]
    assert model.parameters()[0].grad == 7.0
    assert not model.parameters()[1].has_grad
    model.zero_grad()
    cost("bce", [model(x) for x in X], y).backward()
    std = np.std([w.grad for w in model.layers[1].W[0]])
    assert f"{std:.2g}" in figure.axes[1].texts[0].get_text()


def test_histograms_of_a_constant():
    model = MLP(2, [3, 1], init="zeros")
    assert "std 0" in plots.activation_histograms(model, [[1.0, 2.0]]).axes[0].texts[0].get_text()


# --- cost curves ------------------------------------------------------------------------------------


def test_squared_error_on_a_sigmoid_is_not_convex_and_cross_entropy_is():
    figure = plots.cost_curves()
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["squared error: not convex", "cross-entropy: convex"]
    w, J = (np.asarray(points) for points in figure.axes[0].lines[0].get_data())
    X, y = np.array([0.5, 1, 1, 1, 10]), np.array([1, 0, 0, 0, 1])
    a = 1 / (1 + np.exp(-np.outer(w, X)))
    assert pytest.approx((0.5 * (a - y) ** 2).mean(axis=1), rel=1e-12) == J
    valleys = (J[1:-1] < J[:-2]) & (J[1:-1] < J[2:])
    assert valleys.sum() == 2
    _, J = (np.asarray(points) for points in figure.axes[1].lines[0].get_data())
    assert pytest.approx(-(y * np.log(a) + (1 - y) * np.log(1 - a)).mean(axis=1), rel=1e-9) == J
    assert (np.diff(J, 2) > -1e-12).all()


# --- figures ----------------------------------------------------------------------------------------


def test_a_plot_shows_itself_small_and_always_the_same():
    figure, axes = plots.panels(2)
    for ax in axes:
        plots.loss(history(loss=[2.0, 1.0]), ax=ax)
    drawn, size = figure._repr_png_()
    assert drawn.startswith(b"\x89PNG")
    assert drawn == png(figure)
    assert len(drawn) < 60_000
    assert size == {"width": 720, "height": 280}


@pytest.mark.parametrize(
    "plot",
    [
        lambda ax: plots.activations(["tanh"], ax=ax),
        lambda ax: plots.loss(history(loss=[1.0]), ax=ax),
        lambda ax: plots.parameters({"w": [1.0, 2.0]}, ax=ax),
        lambda ax: plots.descent(lambda w: w * w, {"path": [1.0, 0.5]}, ax=ax),
        lambda ax: plots.decision_boundary(lambda x: x[0], ax=ax, resolution=4),
        lambda ax: plots.activation_histograms(MLP(2, [3]), [[1.0, 2.0]], ax=ax),
        lambda ax: plots.gradient_histograms(MLP(2, [1]), [[1.0, 2.0]], [0.0], "mse", ax=ax),
    ],
)
def test_every_plot_draws_into_given_axes(plot):
    figure = Figure()
    ax = figure.subplots()
    assert plot(ax) is figure
    assert ax.has_data()
    assert figure.axes[0] is ax


def test_axes_that_do_not_suffice():
    with pytest.raises(ValueError, match="this plot has 2 panels, but ax holds 1"):
        plots.cost_curves(ax=Figure().subplots())


def luminance(colour):
    """The relative luminance of WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", ["#ffffff", "#111111", "#0d1117"])
def test_a_plot_can_be_read_on_light_and_on_dark_ground(ground):
    assert contrast(colours.INK, ground) > 4.2
    assert min(contrast(colour, ground) for colour in colours.SERIES) > 3


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_the_ground_shines_through_whatever_style_is_set(style):
    with mpl.style.context(style):
        figure = plots.loss({"a": history(loss=[2.0, 1.0]), "b": history(loss=[1.0, 1.0])})
    (ax,) = figure.axes
    for ground in (ax.patch, figure.patch, ax.get_legend().get_frame()):
        assert mpl.colors.to_rgba(ground.get_facecolor())[3] == 0
    words = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_legend().get_texts()]
    assert {mpl.colors.to_hex(word.get_color()) for word in words} == {colours.INK}
    pixels = np.asarray(Image.open(BytesIO(png(figure))).convert("RGBA"))
    assert (pixels[0, :, 3] == 0).all()
    assert (pixels[..., 3] == 255).any()


def test_shades_of_counts_are_opaque_and_leave_letters_readable():
    for hue in (POSITIVE, NEGATIVE):
        pale, full = (colours.shades(hue)(share) for share in (0.0, 1.0))
        assert pale[3] == full[3] == 1
        assert contrast(pale, theme.INK) > 7
        assert contrast(full, theme.PAPER) > 3


def test_no_figure_stays_open():
    import matplotlib.pyplot as plt

    plots.loss(history(loss=[2.0, 1.0]))
    assert plt.get_fignums() == []


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_viz_does_not_load_matplotlib():
    done = run(
        "import sys, viz; assert 'matplotlib' not in sys.modules; viz.plots.loss; assert 'matplotlib' in sys.modules"
    )
    assert done.returncode == 0, done.stderr
    assert "has no attribute 'nothing'" in run("import viz; viz.nothing").stderr


def test_without_matplotlib_it_says_what_to_install():
    done = run("import sys; sys.modules['matplotlib'] = None; import viz; from viz import plots")
    assert done.stderr.strip().endswith('plots are drawn by matplotlib: pip install "chainrule[notebook]"')


def test_a_trained_optimizer_is_not_touched():
    model = MLP(2, [2, 1], seed=0)
    optimizer = SGD(model, lr=0.1)
    before = optimizer.state_dict(), model.state_dict()
    plots.gradient_histograms(model, [[1.0, 2.0]], [0.0], "mse")
    assert (optimizer.state_dict(), model.state_dict()) == before
