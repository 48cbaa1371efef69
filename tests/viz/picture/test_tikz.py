"""TikZ: what the SVG shows, where it shows it, in LaTeX; whatever a user typed, pdfLaTeX sets it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from steppers import HOSTILE, hostile, network
from tex import compiled

import nn
from autograd import Value, parameter, parse, scope
from viz import draw
from viz.picture.latex_words import mixed, words
from viz.picture.tikz import document, tikz

G1 = "u = b*c; v = a + u; J = 3*v"
LETTERS = {
    "greek": "θ Ωμ ε",
    "accents": "é ñ Å ç ő ž ī Łódź Straße",
    "cyrillic": "ошибка",
    "chinese": "权重",
    "emoji": "😀👍🏽",
    "raised": "x² a₁₂ z⁽¹⁾ 10⁻³",
    "signs": "√2 ≤ ∞ → ½ ± 5° “q” ‘q’ – — …",
    "ligatures": "--> `` '' ?` !` << >> ,,",
    "commands": r"\input{/etc/passwd} $x$ #1 %c ^^M ~ \end{document} \\ &",
}


def drawn(root, **options):
    root.backward()
    return draw(root, **options)


def of(drawing):
    return tikz(drawing.picture, drawing.layout)


def labelled(label):
    total = Value(2.0, label) * parameter(3.0, f"{label}!")
    total.label = label[:3]
    return total


def numbers(line):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", line)]


# --- the same marks at the same places ----------------------------------------------------------------


def test_boxes_stand_where_the_layout_says():
    drawing = drawn(parse(G1, a=5, b=3, c=2))
    paths = [line for line in of(drawing).splitlines() if line.startswith(r"\path")]
    picture, layout = drawing.picture, drawing.layout
    assert len(paths) == len(picture.boxes) + 1  # the root has a double outline
    for path, box, place in zip(paths, picture.boxes, layout.places, strict=False):
        assert path.startswith(rf"\path[{box.kind} box]")
        if "ellipse" in path:
            assert numbers(path) == pytest.approx([*place.centre, place.size[0] / 2, place.size[1] / 2], abs=0.006)
    outer, inner = map(numbers, paths[-2:])
    (x, y), (w, h) = layout.places[-1].centre, layout.places[-1].size
    assert inner == pytest.approx([x - w / 2, y - h / 2, x + w / 2, y + h / 2], abs=0.006)
    assert [a - b for a, b in zip(outer, inner, strict=True)] == pytest.approx([-4, -4, 4, 4], abs=0.02)


def test_kinds_have_the_shapes_of_the_svg():
    x, w = Value(1, "x"), parameter(2, "w")
    source = of(drawn(x * w + 7))
    (hexagon,) = re.findall(r"\\path\[parameter box\] (.*);", source)
    assert hexagon.count("--") == 6
    assert hexagon.endswith("cycle")
    assert re.search(r"\\path\[input box\] \S+ ellipse", source)
    assert re.search(r"\\path\[constant box\] \S+ ellipse", source)
    assert re.search(r"\\path\[result box\] \S+ rectangle", source)
    assert "result box/.style={draw=resultline, fill=resultfill, line width=1.2bp, rounded corners=9bp}" in source


def test_sign_of_the_gradient_is_a_colour_and_a_hollow_head():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert r"\draw[neutral" in of(draw(a - b))
    source = of(drawn(a - b))
    assert r"\filldraw[draw=positive, fill=positive" in source
    assert r"\filldraw[draw=negative, fill=paper" in source
    assert "neutral" not in source


def test_width_grows_with_the_gradient():
    a, b = Value(1.0, "a"), Value(1.0, "b")
    drawing = drawn(a * 100 + b * 0.5)
    widths = [float(width) for width in re.findall(r"\\draw\[\w+, line width=([\d.]+)bp\] \S+ \.\.", of(drawing))]
    assert widths == drawing.picture.strokes
    assert max(widths) == 3 > min(widths)


def test_dashes_for_masks_and_for_what_is_stale():
    x = Value(-2.0, "x")
    h = x.relu()
    assert r"dash pattern=on 5bp off 4bp]" in of(drawn(h))
    x.data = 1.0
    assert r"\path[result box, dash pattern=on 5bp off 3bp]" in of(draw(h))


def test_frames_title_and_notes():
    with scope("layer_1"):
        y = Value(2.0, "x") * 3
    source = of(drawn(y, title="100% of {it}"))
    assert r"{100\% of \{it\}};" in source
    assert r"\filldraw[draw=frameline, fill=frame, rounded corners=10bp]" in source
    assert r"{layer\_1};" in source
    y.inputs[0].data = 3.0
    assert "these numbers are old" in of(draw(y))


def test_the_name_of_a_scope_is_text():
    with scope("layer_1"):
        y = Value(2.0, "x1") * 3
    source = of(draw(y + 1.0, depth=1))
    assert r"{layer\_1};" in source
    assert r"$layer" not in source


def test_a_network_has_circles_and_captions():
    drawing = draw(nn.MLP(2, [3, 1], "tanh", seed=1), x=[0.5, -1], y=1)
    source = of(drawing)
    assert source.count(r"\path[unit box]") == 4
    assert r"{$W^{[1]}$ ($3$, $2$)};" in source
    assert r"{$a^{[1]}_{2}$};" in source
    assert r"{$\ensuremath{\partial}" not in source
    (circle, *_) = re.findall(r"\\path\[unit box\] \S+ ellipse \[x radius=(\S+), y radius=(\S+)\]", source)
    assert circle[0] == circle[1]


def test_what_a_step_is_about_has_a_thick_outline():
    drawing = draw(Value(1.0, "x") * 2)
    drawing.picture.boxes[0].is_current = True
    assert r"\path[input box, draw=negative, line width=3bp]" in of(drawing)


# --- in LaTeX -----------------------------------------------------------------------------------------


def test_names_are_typeset_and_derivatives_are_fractions():
    a, w1, yhat = Value(5, "a"), parameter(2, "w1"), Value(3, "yhat")
    J = a * w1 + yhat
    J.label = "J"
    source = of(drawn(J * Value(2, "b")))
    for line in ("$a$", "$w_{1}$", r"$\hat{y}$", "data $5$", "grad $13$"):
        assert f"{{{line}}};" in source
    J = Value(2.0, "w1") * Value(3.0, "ŷ")
    J.label = "J"
    source = of(drawn(J))
    assert r"{$\frac{\partial J}{\partial w_{1}} =$ $3$};" in source
    assert r"{$\frac{\partial J}{\partial \hat{y}} =$ $2$};" in source
    (root,) = [line for line in source.splitlines() if line.endswith("{$J$};")]
    assert r"\fontsize{12}{14.4}" in root


def test_two_names_that_would_be_typeset_alike_are_told_apart():
    source = of(drawn(Value(1.0, "w1") * Value(2.0, "w_1")))
    assert r"{$\mbox{w1}$};" in source
    assert r"{$\mbox{w\_1}$};" in source


def test_numbered_names_keep_their_numbers():
    source = of(drawn(Value(1.0, "z") * Value(2.0, "z") + Value(1.0, "no name") * Value(1.0, "no name")))
    for name in ("z^{(1)}", "z^{(2)}", r"\mbox{no name}^{(1)}", r"\mbox{no name}^{(2)}"):
        assert f"{{${name}$}};" in source


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("data −1.5e−7", r"data $-1.5 \cdot 10^{-7}$"),
        ("1,234 nodes", "$1{,}234$ nodes"),
        ("(3, 2)", "($3$, $2$)"),
        ("z −inf", r"$z$ $-\infty$"),
        ("0.5 (∂ −2)", r"$0.5$ (\ensuremath{\partial} $-2$)"),
        ("grad —", "grad {---}"),
        ("grad nan", "grad nan"),
    ],
)
def test_our_words_have_their_numbers_in_mathematics(text, latex):
    assert mixed(text) == latex


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        (r"\input{x}", r"\ensuremath{\backslash}input\{x\}"),
        ("-->", r"{-}{-}\ensuremath{>}"),
        ("é", r"\'{e}"),
        ("x²", r"x\ensuremath{{}^{2}}"),
        ("😀", r"\other{😀}{1F}{600}"),
        ("权", r"\other{权}{67}{43}"),
        ("a\u200bb", "ab"),
        ("a\nb", r"a\ensuremath{\hookleftarrow}b"),
    ],
)
def test_what_a_user_typed_is_text(text, latex):
    assert words(text) == latex


@pytest.mark.parametrize("text", [*HOSTILE, *LETTERS.values(), "".join(map(chr, range(1, 0x250)))])
def test_no_command_comes_from_a_text(text):
    written = words(text)
    known = set(re.findall(r"\\([A-Za-z]+|.)", written))
    assert known.isdisjoint({"input", "end", "immediate", "write", "\\"})
    depths = [0]
    for token in re.findall(r"\\.|[{}]", written):
        depths.append(depths[-1] + {"{": 1, "}": -1}.get(token, 0))
    assert depths[-1] == 0 == min(depths)
    assert not any(a in "#$%&_^~" and before != "\\" for before, a in pairwise(re.sub(r"\{\}[\^_]|~", "", written)))


# --- and TeX sets it ----------------------------------------------------------------------------------


def test_tex_sets_it_as_large_as_the_svg(tmp_path):
    drawing = drawn(parse(G1, a=5, b=3, c=2), title="3(a + bc)")
    plain = r"\pdfcompresslevel=0 \pdfobjcompresslevel=0 "
    compiled(plain + document(drawing.picture, drawing.layout), tmp_path)
    box = re.search(rb"/MediaBox \[([\d. ]+)\]", (tmp_path / "x.pdf").read_bytes())
    left, bottom, right, top = map(float, box[1].split())
    viewbox = re.search(r'viewBox="0 0 (\S+) (\S+)"', drawing.svg)
    assert [right - left, top - bottom] == pytest.approx([float(viewbox[1]), float(viewbox[2])], abs=0.5)


@pytest.mark.parametrize("name", LETTERS)
def test_tex_sets_every_letter(name, tmp_path):
    drawing = drawn(labelled(LETTERS[name]), title=LETTERS[name])
    compiled(document(drawing.picture, drawing.layout), tmp_path)


def test_tex_sets_what_is_hostile(tmp_path):
    drawing = drawn(hostile())
    compiled(document(drawing.picture, drawing.layout), tmp_path)


def test_tex_sets_networks(tmp_path):
    for drawing in (
        drawn(network(2, 3, 1)),
        drawn(network(2, 3, 1), depth=1),
        draw(nn.MLP(2, [20, 1], "tanh", seed=1), x=[0.5, -1], y=1),
    ):
        compiled(document(drawing.picture, drawing.layout), tmp_path)


def test_a_picture_larger_than_tex_can_set_is_refused():
    x = Value(1.0, "x")
    for _ in range(600):
        x = x + 1.0
    drawing = draw(x, max_nodes=None)
    with pytest.raises(ValueError, match=r"larger than TeX can set \(16,000\); draw less"):
        tikz(drawing.picture, drawing.layout)
