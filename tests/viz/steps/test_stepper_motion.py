"""What moves in the page: the number along its edge, and the nudge; and the dialog that lists the keys."""

import re

import pytest
from steppers import fan_out, g1, g2, network

from autograd import parse
from viz.steps import bundle
from viz.steps.stepper import stepper


@pytest.fixture
def open_at(open_page):
    """Opens a stepper's page and goes on to a step."""

    def open_at(shown, step=1, **options):
        opened = open_page(shown, **options)
        for _ in range(step - 1):
            opened.keyboard.press("ArrowRight")
        return opened

    return open_at


def title(p):
    return p.get_attribute(".title", "data-text")


def box(p, name):
    return p.get_attribute(f'svg [aria-label^="{name},"]', "aria-label")


def rows(p, name):
    return [row.text_content() for row in p.query_selector_all(f'svg [aria-label^="{name},"] .row')][1:]


# --- the number travels -------------------------------------------------------------------------------------------

# A clock that stands still until a test says the time: what travels stays where it is.
STOP = """() => {
  performance.now = () => 0;
  requestAnimationFrame = (move) => { window.move = move; };
}"""
AT = """(times) => times.map((time) => {
  window.move(time);
  const bubble = document.querySelector(".traveller");
  return bubble && [bubble.textContent, bubble.getBoundingClientRect().x];
})"""


def stopped(p):
    p.evaluate(STOP)
    return p


def travels(p):
    return p.query_selector(".traveller") is not None


def test_the_number_travels_along_its_edge_into_the_sum(open_at):
    p = stopped(open_at(fan_out(), step=9))
    p.keyboard.press("ArrowRight")
    assert box(p, "a") == "a, data −2, gradient −3"  # the step does not wait
    seen = p.evaluate(AT, [0, 150, 250, 350])
    assert [words for words, _ in seen] == ["−6", "−6 × 1", "−6", "+ (−6)"]
    places = [x for _, x in seen]
    assert places == sorted(places, reverse=True)  # from e on the right to a on the left
    assert p.evaluate(AT, [400]) == [None]


def test_a_step_ends_what_moves(open_at):
    p = stopped(open_at(fan_out(), step=5))
    p.keyboard.press("ArrowRight")
    assert len(p.query_selector_all(".traveller")) == 1
    p.keyboard.press("ArrowRight")
    assert len(p.query_selector_all(".traveller")) == 1
    p.keyboard.press("ArrowLeft")
    assert not travels(p)


def test_at_the_end_nothing_travels_again(open_at):
    p = stopped(open_at(g1(), step=9))
    p.keyboard.press("ArrowRight")
    assert travels(p)
    p.keyboard.press("ArrowRight")
    assert not travels(p)


def test_nothing_moves_where_motion_is_not_wanted(open_at):
    p = stopped(open_at(fan_out(), step=5, reduced_motion="reduce"))
    p.keyboard.press("ArrowRight")
    assert title(p) == "backward: J → d"
    assert not travels(p)


def test_nothing_moves_while_it_is_scrubbed_or_played_fast(open_at):
    p = stopped(open_at(fan_out(), step=5))
    p.focus("[type=range]")
    p.locator("[type=range]").evaluate("(s) => { s.value = 5; s.dispatchEvent(new Event('input')); }")
    assert title(p) == "backward: J → d"
    assert not travels(p)
    p.select_option("select >> nth=0", "600")
    p.get_by_role("button", name="play", exact=True).click()
    p.wait_for_selector(".title[data-text='backward: d → a']")
    assert not travels(p)


def test_what_travels_stops_when_predicting_begins(open_at):
    p = stopped(open_at(fan_out(), step=5))
    p.keyboard.press("ArrowRight")
    assert travels(p)
    p.keyboard.press("p")
    assert not travels(p)


def test_while_a_number_is_to_be_predicted_it_does_not_travel(open_at):
    p = stopped(open_at(fan_out(), step=5))
    p.keyboard.press("p")
    p.keyboard.press("ArrowRight")
    assert title(p) == "backward: J → d"
    assert not travels(p)
    for key in ["1", "Enter", "Enter", "1", "Enter"]:
        p.keyboard.press(key)
    assert travels(p)


# --- the nudge ----------------------------------------------------------------------------------------------------


def hold(p, name):
    p.focus(f'svg [aria-label^="{name},"]')
    p.keyboard.down("n")


def test_a_leaf_that_is_held_moves_and_all_nodes_with_it(open_at):
    p = open_at(g1())
    before = {name: box(p, name) for name in "abcuvJ"}
    hold(p, "b")
    assert p.inner_text(".nudge") == "b moves by ε = 0.01: ΔJ = 0.06 = ∂J/∂b · ε = 6 × 0.01"
    assert rows(p, "b") == ["Δ 0.01", "1 × 0.01"]
    assert rows(p, "u") == ["Δ 0.02", "2 × 0.01"]
    assert rows(p, "J") == ["Δ 0.06", "6 × 0.01"]
    assert rows(p, "a") == ["Δ 0", "0 × 0.01"]
    p.keyboard.up("n")
    assert not p.is_visible(".nudge")
    assert {name: box(p, name) for name in "abcuvJ"} == before
    assert rows(p, "b") == ["data 3", "grad —"]


def test_a_group_shows_the_largest_change_in_it_and_the_note_covers_no_map(open_at):
    p = open_at(stepper(network(2, 8, 8, 1)), viewport={"width": 900, "height": 500})
    group = p.locator("svg [role=button]:has-text('layer2')").first
    before = group.text_content()
    hold(p, "x1")
    assert "largest Δ" in group.text_content()
    assert p.evaluate("""() => {
        const [map, note] = ['.minimap', '.nudge'].map((name) => document.querySelector(name).getBoundingClientRect());
        const isBeside = map.right <= note.left || note.right <= map.left;
        return map.width > 0 && (isBeside || map.bottom <= note.top || note.bottom <= map.top);
    }""")
    p.keyboard.up("n")
    assert group.text_content() == before


def test_a_curve_is_only_nearly_its_tangent(open_at):
    p = open_at(fan_out())
    hold(p, "a")
    assert p.inner_text(".nudge") == "a moves by ε = 0.01: ΔJ = −0.0297 ≈ ∂J/∂a · ε = −3 × 0.01 = −0.03"


def test_the_size_of_the_nudge_is_chosen_in_the_panel(open_at):
    p = open_at(fan_out())
    p.focus('svg [aria-label^="a,"]')
    p.keyboard.press("Enter")
    p.select_option(".nudging select", "0.1")
    p.focus(".nudging button")
    p.keyboard.down("Space")
    assert p.inner_text(".nudge").startswith("a moves by ε = 0.1: ΔJ = −0.27")
    p.keyboard.up("Space")
    assert not p.is_visible(".nudge")
    assert p.evaluate("document.activeElement.textContent") == "hold to nudge"
    p.get_by_text("hold to nudge").hover()
    p.mouse.down()
    assert p.is_visible(".nudge")
    p.mouse.up()
    assert not p.is_visible(".nudge")


def test_a_box_is_held_and_a_click_still_opens_its_panel(open_at):
    p = open_at(g1())
    p.hover('svg [aria-label^="b,"]')
    p.mouse.down()
    p.wait_for_selector(".nudge:not([hidden])")
    p.mouse.up()
    assert not p.is_visible(".nudge")
    assert not p.is_visible(".panel")
    p.click('svg [aria-label^="b,"]')
    assert p.is_visible(".panel")


def test_results_and_questions_are_not_nudged(open_at):
    p = open_at(g1(), step=2)
    hold(p, "u")
    assert not p.is_visible(".nudge")
    p.keyboard.up("n")
    p.keyboard.press("p")
    hold(p, "b")
    assert not p.is_visible(".nudge")


def test_a_step_ends_the_nudge(open_at):
    p = open_at(g1(), step=2)
    hold(p, "b")
    p.keyboard.press("ArrowRight")
    assert not p.is_visible(".nudge")
    assert rows(p, "v") == ["data 11", "grad —"]


def test_a_mask_sends_no_change_on(open_at):
    p = open_at(stepper(parse("r = relu(x); J = r + 2*x", x=-1)))
    hold(p, "x")
    assert rows(p, "r") == ["Δ 0", "0 × 0.01"]
    assert p.inner_text(".nudge") == "x moves by ε = 0.01: ΔJ = 0.02 = ∂J/∂x · ε = 2 × 0.01"


def test_a_nudge_after_an_edit_starts_from_the_edit(open_at):
    p = open_at(g1())
    p.click("summary")
    p.fill('input[aria-label="c, value"]', "-4")
    p.keyboard.press("Enter")
    hold(p, "b")
    assert p.inner_text(".nudge").startswith("b moves by ε = 0.01: ΔJ = −0.12 = ")


# --- keys ---------------------------------------------------------------------------------------------------------


def test_the_keys_are_listed_and_the_focus_returns(open_at):
    p = open_at(g1(), step=2)
    p.focus("[type=range]")
    p.keyboard.press("?")
    listed = p.locator(".help dd").all_inner_texts()
    assert len(listed) == len(re.findall(r"\{ act: ", bundle.source("keys")))
    assert "next step" in listed[0]
    p.keyboard.press("ArrowRight")
    assert title(p) == "forward: u"  # nothing goes on behind it
    p.keyboard.press("Escape")
    assert not p.is_visible(".help")
    assert p.evaluate("document.activeElement.type") == "range"
    p.keyboard.press("ArrowRight")
    assert title(p) == "forward: v"


def test_escape_closes_the_dialog_and_not_the_lecture(open_at):
    p = open_at(g1())
    p.keyboard.press("f")
    p.keyboard.press("?")
    p.keyboard.press("Escape")
    assert p.is_visible(".chainrule-stepper.lecture")
    assert not p.is_visible(".help")


def test_a_key_stands_in_the_table_once():
    entries = re.findall(r"^  \{ act: .*", bundle.source("keys"), re.MULTILINE)
    keys = []
    for entry in entries:
        place = re.search(r'place: "(\w+)"', entry)
        names = re.search(r"keys: \[(.*?)\]", entry)[1]
        keys += [(place and place[1], "shift" in entry, key) for key in re.findall(r'"([^"]+)"', names)]
    assert len(set(keys)) == len(keys)


def test_every_act_is_done_by_some_file():
    acts = re.findall(r'\{ act: "([\w ]+)"', bundle.source("keys"))
    code = "".join(bundle.source(name) for name in bundle.order() if name != "keys")
    handled = {act for act in acts if re.search(rf'"{act}"|^\s+{act}: \(\)|[{{ ]{act}: \(\)', code, re.MULTILINE)}
    assert set(acts) - handled == {"pick"}  # Enter on a box: picture.js listens there


@pytest.mark.parametrize("graph", [g2, lambda: stepper(network(2, 3, 1))])
def test_a_step_of_a_larger_graph_travels_too(open_at, graph):
    p = stopped(open_at(graph()))
    p.keyboard.press("End")
    for _ in range(3):
        p.keyboard.press("ArrowLeft")
    for _ in range(3):
        p.keyboard.press("ArrowRight")
    assert len(p.query_selector_all(".traveller")) == 1
