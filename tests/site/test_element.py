"""<chainrule-stepper>, as the site's build writes it, in pages that others write. Nothing is asked of another host."""

import gzip
import html
import json
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe import faults
from steppers import HOSTILE, fan_out, g1, g2, hostile, network
from website import served, visited

from autograd import parse
from viz.steps.stepper import stepper

ROOT = Path(__file__).parents[2]
STRICT = "default-src 'none'; script-src 'self'; style-src 'self'"
MODULE = '<script type="module" src="chainrule-stepper.js"></script>'
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>A page</title>
<link rel="stylesheet" href="page.css">
{script}
</head>
<body>
<h1>A page</h1>
{body}
</body>
</html>
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """``element/`` of the site."""
    site = tmp_path_factory.mktemp("site")
    code = f"import build_element, pathlib; build_element.build(pathlib.Path({str(site)!r}), None)"
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT / "site"
    )  # needs nothing of site/requirements.txt
    return site / "element"


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as address:
        yield address


@pytest.fixture
def show(chromium, folder, address):
    """Opens a page with this body; its policy allows no inline style and no inline script."""
    with ExitStack() as closing:

        def show(body, *, css="", script=MODULE, policy=STRICT, **options):
            (folder / "page.css").write_text(css, encoding="utf-8")
            (folder / "page.html").write_text(PAGE.format(body=body, script=script, policy=policy), encoding="utf-8")
            p = closing.enter_context(visited(chromium, address, **options))
            p.goto(f"{address}page.html")
            return p

        yield show


def tag(steps=None, inside="", **attributes):
    """The element, with the payload of a stepper in it."""
    written = "".join(f' {name}="{html.escape(str(value))}"' for name, value in attributes.items())
    payload = f'<script type="application/json">{steps.payload()}</script>' if steps else ""
    return f"<chainrule-stepper{written}>{inside}{payload}</chainrule-stepper>"


def title(p, of="chainrule-stepper"):
    return p.locator(f"{of} .title").get_attribute("data-text")


def counter(p, of="chainrule-stepper"):
    return p.locator(f"{of} .counter").inner_text()


# --- what it shows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [g1, g2, fan_out, lambda: stepper(network(2, 4, 1))], ids=["3(a+bc)", "loss", "fan-out", "network"]
)
def test_a_payload_that_stands_in_it_is_stepped_through(show, make):
    steps = make()
    p = show(tag(steps))
    p.locator("chainrule-stepper").press("Home")
    for frame in steps.trace.frames()[:12]:
        assert title(p) == frame.title
        p.keyboard.press("ArrowRight")


@pytest.mark.parametrize("script", [MODULE, '<script src="chainrule-stepper.js"></script>'], ids=["module", "classic"])
def test_it_may_be_loaded_as_a_module_or_as_a_script_and_twice(show, script):
    p = show(tag(g1(), step=9), script=script + script)
    assert counter(p) == "9 / 10"


def test_a_payload_may_be_set_by_a_script_before_and_after_the_element_is_known(show, folder):
    before = f"const set = document.querySelector('chainrule-stepper'); set.step = 3; set.payload = {g1().payload()};"
    (folder / "before.js").write_text(before, encoding="utf-8")
    p = show(f'{tag()}<script src="before.js"></script>')
    assert counter(p) == "3 / 10"
    p.locator("chainrule-stepper").evaluate("(e, payload) => (e.payload = payload)", json.loads(g2().payload()))
    assert counter(p) == "3 / 35"
    p.locator("chainrule-stepper").evaluate("(e, payload) => (e.payload = payload)", json.loads(g1().payload()))
    p.locator("chainrule-stepper").evaluate(
        "(e, payload) => { e.step = 20; e.payload = payload; }", json.loads(g2().payload())
    )
    assert counter(p) == "20 / 35"


def test_before_it_is_known_and_without_javascript_its_children_show(show):
    inside = '<a href="https://example.org">the steps</a>'
    assert show(tag(g1(), inside), java_script_enabled=False).locator("a").is_visible()
    p = show(tag(g1(), inside))
    assert title(p) == "start"
    assert not p.locator("a").is_visible()


def test_hostile_names_stay_text(show):
    p = show(tag(stepper(hostile())))
    p.locator("chainrule-stepper").press("ArrowRight")
    assert p.locator("chainrule-stepper img").count() == 0
    assert any(HOSTILE[0][:20] in text for text in p.locator(".graph svg title").all_text_contents())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "The script in this element is no JSON"),
        ("{}", "This is no payload"),
        ('{"trace": "<b>"}', "This is no payload"),
    ],
)
def test_what_is_no_payload_is_said_and_the_children_stay(show, written, said):
    p = show(tag(inside=f'<a href="#">steps</a><script type="application/json">{written}</script>'))
    assert p.get_by_role("alert").inner_text().startswith(said)
    assert p.locator("a").is_visible()


# --- a formula -----------------------------------------------------------------------------------------------

FORMULAS = {
    "3*(a + b*c)": {"a": 5, "b": 3, "c": 2},
    "u = b*c; v = a + u; J = 3*v": {"a": 5, "b": 3, "c": 2},
    "L = (w*x - y)^2": {"w": 0.5, "x": 2, "y": -3},
    "y = tanh(x1*w1 + b)": {"x1": 2, "w1": -1, "b": 0.25},
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_stepped_through_as_python_does(show, formula):
    values = FORMULAS[formula]
    frames = stepper(parse(formula, **values)).trace.frames()
    p = show(tag(formula=formula, **values))
    p.locator("chainrule-stepper").press("Home")
    for frame in frames:
        lines = [each.get_attribute("data-text") for each in p.locator(".lines > div").all()]
        assert (title(p), lines) == (frame.title, frame.lines)
        p.keyboard.press("ArrowRight")
    assert counter(p) == f"{len(frames)} / {len(frames)}"


def box(p, name):
    return p.locator(f'svg [aria-label^="{name}, data"]').get_attribute("aria-label")


def test_values_may_stand_in_one_attribute_and_are_numbers_as_students_write_them(show):
    p = show(tag(formula="J = W*w + x + y", values="W=1/3, w = −2; y=√4", x="2·10^-1"))
    assert [box(p, name).split(",")[1] for name in ("W", "w", "x", "y")] == [
        " data 0.3333",
        " data −2",
        " data 0.2",
        " data 2",
    ]


def test_a_name_in_capitals_may_be_an_attribute_where_it_is_no_other(show):
    assert box(show(tag(formula="J = W*x", W=3, x=2)), "W") == "W, data 3, gradient —"


def test_attributes_that_any_element_may_have_are_no_inputs(show):
    attributes = {
        "class": 1,
        "id": 2,
        "title": 3,
        "tabindex": 0,
        "lang": "en",
        "role": "group",
        "data-x": 4,
        "aria-label": "a",
    }
    p = show(tag(formula="a*b", a=2, b=3, **attributes, part=7))
    assert counter(p) == "1 / 5"


def test_a_change_of_an_attribute_shows_it_anew(show):
    p = show(tag(formula="a*b", a=2, b=3, step=4))
    element = p.locator("chainrule-stepper")
    change = "(e, [name, value]) => e.setAttribute(name, value)"
    element.evaluate(change, ["a", "7"])
    assert (box(p, "a").split(",")[1], counter(p)) == (" data 7", "4 / 5")
    element.press("ArrowRight")
    element.evaluate(change, ["b", "1"])
    assert counter(p) == "5 / 5"
    element.evaluate("e => { e.removeAttribute('b'); e.setAttribute('formula', 'a + a + a'); }")
    assert counter(p) == "4 / 8"
    element.evaluate(change, ["class", "large"])
    assert counter(p) == "4 / 8"


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"formula": "a*(b", "a": 1, "b": 2}, "never closed"),
        ({"formula": "a*b", "a": 1}, "no value for b: add b=…"),
        ({"formula": "a*b", "a": 1, "b": "two"}, "a value is a number, such as b=1.5, not 'b=two'"),
        ({"formula": "a*b", "values": "a=1, b"}, "expected name=number, such as a=1.5, not 'b'"),
        ({"formula": "a*b", "values": "a=1, b=2", "a": 3}, "a is given twice"),
        ({"formula": "a*b", "values": "a=1, a=2"}, "a is given twice"),
        ({"formula": ""}, "the formula is empty"),
        ({"formula": "a*<img src=x onerror=alert(1)>", "a": 1}, ""),
    ],
)
def test_a_formula_that_cannot_be_read_says_so_as_text(show, attributes, said):
    p = show(tag(inside='<a href="#">steps</a>', **attributes))
    assert said in p.get_by_role("alert").inner_text()
    assert p.locator("a").is_visible()
    assert p.locator("img").count() == 0
    for name in attributes:
        p.locator("chainrule-stepper").evaluate("(e, name) => e.removeAttribute(name)", name)
    p.locator("chainrule-stepper").evaluate("e => { e.setAttribute('a', 1); e.setAttribute('formula', 'a + 1'); }")
    assert title(p) == "start"
    assert p.get_by_role("alert").count() == 0


# --- attributes, properties, events --------------------------------------------------------------------------


def test_the_step_is_an_attribute_a_property_and_an_event(show):
    p = show(tag(g1(), step=4))
    element = p.locator("chainrule-stepper")
    assert (counter(p), element.evaluate("e => e.step")) == ("4 / 10", 4)
    heard = "() => { window.heard = []; addEventListener('step', (event) => window.heard.push(event.detail)); }"
    p.evaluate(heard)
    element.press("ArrowRight")
    element.evaluate("e => (e.step = 9)")
    element.evaluate("e => (e.step = 9)")  # nothing new
    element.evaluate("e => e.setAttribute('step', '2')")
    assert counter(p) == "2 / 10"
    element.evaluate("e => (e.step = 100)")
    assert (counter(p), p.evaluate("window.heard")) == ("10 / 10", [5, 9, 2, 10])


@pytest.mark.parametrize("wrong", ["", "first", "-3", "0", "NaN"])
def test_a_step_that_is_no_number_is_the_first(show, wrong):
    assert counter(show(tag(g1(), step=wrong))) == "1 / 10"


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_that_of_the_system_or_of_the_attribute(show, system):
    p = show(tag(g1()), color_scheme=system)
    theme = p.locator(".chainrule-stepper")
    assert theme.get_attribute("data-theme") == system
    for each in ("dark", "light"):
        p.locator("chainrule-stepper").evaluate("(e, theme) => e.setAttribute('theme', theme)", each)
        assert theme.get_attribute("data-theme") == each
    p.locator("chainrule-stepper").evaluate("e => e.removeAttribute('theme')")
    assert theme.get_attribute("data-theme") == system


@pytest.mark.parametrize(
    ("place", "name", "dark", "light"),
    [
        ("body", "data-theme", "dark", "light"),
        ("html", "data-bs-theme", "dark", "light"),
        ("body", "class", "quarto-dark", "quarto-light"),
        ("body", "data-jp-theme-light", "false", "true"),
        ("body", "class", "vscode-dark", "vscode-light"),
    ],
    ids=["Furo", "Bootstrap", "Quarto", "JupyterLab", "VS Code"],
)
def test_the_theme_follows_that_of_the_page(show, place, name, dark, light):
    p = show(tag(g1()))
    for said, theme in ((dark, "dark"), (light, "light"), (dark, "dark"), ("", "light")):
        p.locator(place).evaluate("(e, [name, said]) => e.setAttribute(name, said)", [name, said])
        assert p.locator(".chainrule-stepper").get_attribute("data-theme") == theme


@pytest.mark.parametrize(("height", "pixels"), [("450", 450), ("30rem", 480), ("75vh", 600)])
def test_the_height_is_an_attribute(show, height, pixels):
    p = show(tag(g1(), height=height))
    assert p.locator("chainrule-stepper").bounding_box()["height"] == pixels
    p.locator("chainrule-stepper").press("f")
    assert p.locator(".chainrule-stepper").bounding_box()["height"] == 800  # the whole screen


def test_an_element_that_is_moved_keeps_its_step(show):
    p = show(f"{tag(g1(), step=2)}<main></main>")
    p.locator("chainrule-stepper").press("ArrowRight")
    p.evaluate("() => document.querySelector('main').append(document.querySelector('chainrule-stepper'))")
    assert counter(p, "main chainrule-stepper") == "3 / 10"
    p.locator("chainrule-stepper").press("ArrowRight")
    assert counter(p) == "4 / 10"


# --- a guest in a page ---------------------------------------------------------------------------------------


def test_styles_of_the_page_do_not_leak_in_nor_its_own_out(show):
    css = """* { box-sizing: content-box; }
    body { color: red; font: italic 40px serif; text-align: center; letter-spacing: 9px; text-transform: uppercase; }
    button, section, svg text, .title { color: red !important; fill: red !important; padding: 30px; }"""
    names = ["color", "font-size", "font-style", "text-align", "letter-spacing", "padding", "text-transform"]
    looks = f"e => {names}.map((name) => getComputedStyle(e).getPropertyValue(name))"
    body = f'<p class="line chainrule-stepper">text</p>{tag(g1())}'
    places = ["h1", "p", "chainrule-stepper .title", "chainrule-stepper .lecture", "chainrule-stepper svg .row"]
    plain, styled = show(body), show(body, css=css)
    before, after = ([p.locator(place).first.evaluate(looks) for place in places] for p in (plain, styled))
    assert before[2:] == after[2:]
    assert before[0] != after[0]
    without = show('<p class="line chainrule-stepper">text</p>', css=css)
    assert without.locator("p").evaluate(looks) == after[1]


def test_of_two_elements_the_one_with_the_focus_answers_and_the_page_hears_no_key(show):
    p = show(tag(g1(), id="one") + tag(g2(), id="two"))
    p.evaluate("() => { window.heard = ''; document.addEventListener('keydown', ({ key }) => (window.heard += key)); }")
    p.locator("#two").press("ArrowRight")
    assert (counter(p, "#one"), counter(p, "#two")) == ("1 / 10", "2 / 35")
    p.locator("#one").press("End")
    assert (counter(p, "#one"), counter(p, "#two")) == ("10 / 10", "2 / 35")
    p.locator("#one").press("Home")
    p.keyboard.press("p")
    p.keyboard.press("ArrowRight")
    p.keyboard.type("f6")  # f is a key of many pages, a slide show's too
    assert p.locator("#one .quiz input").input_value() == "f6"
    assert p.evaluate("window.heard") == ""
    p.evaluate("document.activeElement.blur()")
    p.keyboard.press("ArrowRight")
    assert p.evaluate("window.heard") == "ArrowRight"
    assert counter(p, "#one") == "2 / 10"


def test_inside_the_element_the_focus_is_kept(show):
    p = show(tag(g1()))
    focused = "document.activeElement.shadowRoot.activeElement"
    p.locator("summary").press("Enter")
    field = p.get_by_label("c, value")
    field.fill("4")
    field.press("Enter")
    assert p.evaluate(f"{focused}.getAttribute('aria-label')") == "c, value"
    assert field.input_value() == "4"
    p.locator(".chainrule-stepper").press("?")
    assert p.get_by_role("dialog").is_visible()
    p.keyboard.press("Escape")
    assert p.evaluate(f"{focused}.className").startswith("chainrule-stepper")
    leaf = p.locator('[aria-label^="c, data"]')
    leaf.focus()
    p.keyboard.down("n")
    assert "c moves by ε" in p.locator(".nudge").inner_text()
    p.keyboard.up("n")
    p.keyboard.press("Enter")
    assert p.get_by_label("about a node").is_visible()


def test_what_is_selected_in_it_is_copied_as_text(show):
    p = show(tag(g1(), step=9), permissions=["clipboard-read", "clipboard-write"])
    p.locator(".sentence").click(click_count=3)
    p.keyboard.press("Control+c")
    assert p.evaluate("navigator.clipboard.readText()") == p.locator(".sentence").get_attribute("data-text")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_serious_fault(show, scheme, width):
    css = "@media (prefers-color-scheme: dark) { html { background: #111; color: #eee; } }"
    body = f"<main>{tag(fan_out(), step=8)}{tag(inside='<script type=application/json>{</script>')}</main>"
    p = show(body, css=css, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert p.get_by_role("alert").is_visible()
    assert faults(p) == []


# --- the package ---------------------------------------------------------------------------------------------


BIN = Path(sys.executable).parent
needs_node = pytest.mark.skipif(not (BIN / "npm").exists(), reason="needs npm: pip install -r site/requirements.txt")


@needs_node
def test_a_server_that_makes_pages_may_import_it(folder):
    program = f"await import({json.dumps(str(folder / 'chainrule-stepper.js'))}); console.log('imported')"
    ran = subprocess.run([BIN / "node", "--input-type=module", "-e", program], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("imported\n", "")


@needs_node
def test_the_package_has_four_files_and_the_version_of_the_project(folder, tmp_path):
    ran = subprocess.run(
        ["npm", "pack", "--json", "--pack-destination", tmp_path],
        cwd=folder,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    (packed,) = json.loads(ran.stdout)
    assert sorted(each["path"] for each in packed["files"]) == [
        "LICENSE",
        "README.md",
        "chainrule-stepper.js",
        "package.json",
    ]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert packed["filename"] == f"chainrule-stepper-{version}.tgz"
    assert (tmp_path / packed["filename"]).exists()


def test_the_file_is_small_and_asks_for_no_other(folder):
    script = (folder / "chainrule-stepper.js").read_text(encoding="utf-8")
    assert len(gzip.compress(script.encode())) < 120_000
    assert not any(word in script for word in ("fetch(", "import(", "XMLHttpRequest", "innerHTML", "eval("))
