"""Predicting in the page, by the keyboard alone."""

import json
import math
import subprocess

import pytest
from chromium import page
from steppers import fan_out, g1, g2, hostile, network

from autograd import parse
from viz.steps import bundle
from viz.steps.bundle import script
from viz.steps.stepper import stepper


@pytest.fixture
def predicting(open_page):
    """Opens a stepper's page at a step, predict on."""

    def predicting(shown, step=1):
        opened = open_page(shown, reduced_motion="reduce", viewport={"width": 1280, "height": 720})
        for _ in range(step - 1):
            opened.keyboard.press("ArrowRight")
        opened.keyboard.press("p")
        return opened

    return predicting


def title(p):
    return p.get_attribute(".title", "data-text")


def lines(p):
    return [line.get_attribute("data-text") for line in p.query_selector_all(".lines > div")]


def box(p, name):
    return p.get_attribute(f'svg [aria-label^="{name},"]', "aria-label")


def verdict(p):
    return p.inner_text(".verdict")


def asked(p):
    """What is asked, as text."""
    formula = p.query_selector(".asked [role=math]")
    return formula.get_attribute("aria-label") if formula else p.inner_text(".asked")


def answer(p, text):
    """Types an answer in the place of what stands there, and checks it."""
    p.keyboard.press("Control+a")
    p.keyboard.type(text)
    p.keyboard.press("Enter")
    return verdict(p)


def choices(p):
    return [each.get_attribute("aria-label") for each in p.query_selector_all(".choices [role=math]")]


def choose(p, edge):
    p.keyboard.press(str(choices(p).index(edge) + 1))
    return verdict(p)


def go_on(p):
    p.keyboard.press("Enter")


# --- a whole derivation -------------------------------------------------------------------------------------------


def work_through(p, answers):
    """Answers every question, and goes on with Enter."""
    for question, right in answers:
        assert asked(p) == question
        said = choose(p, right) if question == "Which edge comes next?" else answer(p, right)
        assert said.startswith("✓ Right"), (question, said)
        go_on(p)


NEXT = "Which edge comes next?"


def test_3_times_a_plus_bc_by_keys(predicting):
    p = predicting(g1())
    assert p.evaluate("document.activeElement.closest('.quiz') !== null")
    assert asked(p) == "Nothing to predict in this step. Enter goes on."
    go_on(p)
    answers = [
        ("u", "3*2"),
        ("v", "11"),
        ("J", "3 × 11"),
        (NEXT, "J → v"),
        ("∂J/∂v", "3"),
        ("∂J/∂J · ∂J/∂v", "3"),
        (NEXT, "v → a"),
        ("∂v/∂a", "1"),
        ("∂J/∂v · ∂v/∂a", "3"),
        (NEXT, "v → u"),
        ("∂v/∂u", "1"),
        ("∂J/∂v · ∂v/∂u", "3"),
        (NEXT, "u → b"),
        ("∂u/∂b", "2"),
        ("∂J/∂u · ∂u/∂b", "6"),
        (NEXT, "u → c"),
        ("∂u/∂c", "3"),
        ("∂J/∂u · ∂u/∂c", "9"),
    ]
    work_through(p, answers)
    assert asked(p) == "All steps are done."
    assert p.inner_text(".score > span >> nth=0") == "18 of 18 right at first try, 18 in a row"
    assert p.inner_text(".kinds") == "values 3/3 · local derivatives 5/5 · products 5/5 · next edges 5/5"
    assert box(p, "c") == "c, data 2, gradient 9"


def test_a_fan_out_by_keys(predicting):
    p = predicting(fan_out(), step=5)
    answers = [
        (NEXT, "J → d"),
        ("∂J/∂d", "1"),
        ("∂J/∂J · ∂J/∂d", "1"),
        (NEXT, "J → e"),
        ("∂J/∂e", "-6"),
        ("∂J/∂J · ∂J/∂e", "−6"),
        (NEXT, "d → a"),
        ("∂d/∂a", "3"),
        ("∂J/∂d · ∂d/∂a", "3"),
        (NEXT, "d → b"),
        ("∂d/∂b", "-2"),
        ("∂J/∂d · ∂d/∂b", "-2"),
        (NEXT, "e → a"),
        ("∂e/∂a", "1"),
        ("∂J/∂e · ∂e/∂a", "-6"),
        ("∂J/∂a", "3 - 6"),
        (NEXT, "e → b"),
        ("∂e/∂b", "1"),
        ("∂J/∂e · ∂e/∂b", "-6"),
        ("∂J/∂b", "-8"),
    ]
    work_through(p, answers)
    assert asked(p) == "All steps are done."


# --- what is hidden -----------------------------------------------------------------------------------------------


def test_nothing_tells_the_answer(predicting):
    p = predicting(fan_out(), step=10)
    assert title(p) == "backward: e → a"
    rule = "∂J/∂a = ∂J/∂d · ∂d/∂a + ∂J/∂e · ∂e/∂a"
    assert lines(p) == [rule, "e = a + b  ⇒  ∂e/∂a = ?"]
    assert box(p, "a").startswith("a, data −2, gradient ?")
    answer(p, "1")
    assert lines(p) == [rule, "e = a + b  ⇒  ∂e/∂a = 1", "−6 × 1 = ?"]
    go_on(p)
    answer(p, "-6")
    assert lines(p)[2:] == ["−6 × 1 = −6", "a.grad: 3 + (−6) → ?"]
    assert "−3" not in p.inner_text(".chainrule-stepper .ledger")
    assert p.text_content(".sentence") == ""
    go_on(p)
    answer(p, "-3")
    assert lines(p)[3:] == ["a.grad: 3 + (−6) → −3", "a.grad = 3 (via d) + (−6) (via e) = −3"]
    assert box(p, "a") == "a, data −2, gradient −3"


def test_the_typeset_lines_hide_as_much_as_the_texts(predicting):
    p = predicting(fan_out(), step=10)
    for _ in range(3):
        latex = p.locator(".lines > div math").evaluate_all("(all) => all.map((m) => m.textContent)")
        assert latex[-1].endswith("?")
        p.get_by_role("button", name="show it").click()
        go_on(p)


def test_local_derivatives_are_shown_when_a_gradient_has_flowed(predicting):
    p = predicting(g1())
    p.keyboard.press("Escape")
    labels = "[...document.querySelectorAll('svg [id^=l]')].map((l) => l.textContent).filter(Boolean)"
    for _ in range(4):
        p.keyboard.press("ArrowRight")
    assert p.evaluate(labels) == []
    p.keyboard.press("ArrowRight")
    assert p.evaluate(labels) == ["∂J∂v= 3"]


# --- verdicts -----------------------------------------------------------------------------------------------------


def test_a_value(predicting):
    p = predicting(g1(), step=2)
    assert lines(p) == ["u = b·c = 3 × 2 = ?"]
    assert box(p, "u") == "u, data ?, gradient —"
    assert answer(p, "-6") == "✗ The sign is wrong."
    assert answer(p, "12") == "✗ Too large by a factor of 2."
    assert answer(p, "five") == "✗ Type a number, such as -0.5 or 1/3."
    assert answer(p, "6") == "✓ Right: u = 6."
    assert lines(p) == ["u = b·c = 3 × 2 = 6"]


OVERWRITTEN = (
    "Only the contribution through e is left: add contributions up (+=), do not overwrite (=). a.grad is 3 already."
)
STAGE = {"local": 0, "product": 1, "sum": 2}


@pytest.mark.parametrize(
    ("stage", "guess", "said"),
    [
        ("local", "-6", "That is the product already: here only the local derivative is asked, without e.grad."),
        ("local", "-2", "That is a itself: here it is asked how fast e changes with it."),
        ("local", "-1", "The sign is wrong."),
        ("local", "7", "Not 7. Take the derivative of a + b with respect to a: all else is constant."),
        ("product", "1", "That is the local derivative: you stopped there. Multiply it by e.grad = −6."),
        ("product", "-5", "The chain rule multiplies along a path; it adds only where paths meet."),
        ("product", "6", "The sign is wrong."),
        ("product", "100", "Not 100. Multiply −6 by 1."),
        ("sum", "-6", OVERWRITTEN),
        ("sum", "3", "That is what a.grad was before: add the contribution through e to it."),
        ("sum", "9", "A sign: the contribution through e is −6, not 6."),
        ("sum", "-18", "The chain rule multiplies along a path; where paths meet, it adds."),
        ("sum", "-1.5", "Too small by a factor of 2."),
        ("sum", "100", "Not 100. It is 3 + (−6)."),
    ],
)  # fmt: skip
def test_a_wrong_gradient_is_told_how_it_went_wrong(predicting, stage, guess, said):
    p = predicting(fan_out(), step=10)
    for right in ["1", "-6"][: STAGE[stage]]:
        answer(p, right)
        go_on(p)
    assert answer(p, guess) == f"✗ {said}"


def test_what_waits_or_had_its_turn_is_not_next(predicting):
    p = predicting(g1(), step=7)
    for right in ["1", "3"]:
        answer(p, right)
        go_on(p)
    assert choices(p) == ["u → b", "u → c", "u → v", "v → u"]
    assert choose(p, "u → b") == (
        "✗ u has to wait: it hands its gradient on after all of its users (v) handed theirs to it."
    )
    assert choose(p, "u → v") == "✗ Gradients flow back: from a result to its inputs."
    assert choose(p, "v → u") == "✓ Right: v → u."


def test_another_edge_that_is_ready_is_right_too(predicting):
    p = predicting(g1(), step=6)
    for right in ["3", "3"]:
        answer(p, right)
        go_on(p)
    assert choose(p, "v → u") == "✓ Right: v has its whole gradient. The stepper takes v → a first."


def test_an_operand_that_stands_twice_is_one_answer(predicting):
    p = predicting(stepper(parse("s = a + a; J = s*s", a=3)), step=5)
    seen = []
    while asked(p) != "All steps are done.":
        if asked(p) == NEXT:
            seen.append(choices(p))
        p.get_by_role("button", name="show it").click()
        go_on(p)
    assert all(len(set(each)) == len(each) and len(each) >= 2 for each in seen)


def test_zero_is_right_where_rounding_leaves_next_to_nothing(predicting):
    p = predicting(stepper(parse("s = a + b; J = s - c", a=0.1, b=0.2, c=0.3)), step=3)
    assert answer(p, "0") == "✓ Right: J = 5.551e−17."


def test_numbers_computed_from_the_shown_digits_are_right(predicting):
    p = predicting(stepper(parse("J = a - b", a=1.00004, b=1.0)), step=2)
    assert answer(p, "0") == "✓ Right: J = 4e−5."


# --- keys ---------------------------------------------------------------------------------------------------------


def test_arrows_and_space_work_after_an_answer_and_in_an_empty_field(predicting):
    p = predicting(g1(), step=2)
    p.keyboard.press("ArrowRight")
    assert title(p) == "forward: v"
    p.keyboard.press("ArrowLeft")
    answer(p, "6")
    p.keyboard.press("ArrowRight")
    assert title(p) == "forward: v"
    p.keyboard.type("12")
    p.keyboard.press("ArrowLeft")
    assert title(p) == "forward: v"  # in what is typed, arrows move the cursor
    p.keyboard.press("Control+a")
    p.keyboard.press("Delete")
    p.keyboard.press("Space")
    assert p.is_visible("[aria-label=pause]")
    p.keyboard.press("Space")
    assert p.input_value(".quiz input") == ""


def test_what_is_typed_is_not_taken_for_a_key(predicting):
    p = predicting(g1(), step=2)
    size = p.inner_text(".percent")
    p.keyboard.type("-0+f")
    assert p.input_value(".quiz input") == "-0+f"
    assert (p.inner_text(".percent"), p.query_selector(".chainrule-stepper.lecture")) == (size, None)


def test_escape_leaves_and_keys_go_on(predicting):
    p = predicting(g1(), step=2)
    p.keyboard.press("Escape")
    assert not p.is_visible(".quiz")
    assert lines(p) == ["u = b·c = 3 × 2 = 6"]
    p.keyboard.press("ArrowRight")
    assert title(p) == "forward: v"


def test_space_on_the_checkbox_puts_the_focus_into_the_field(predicting):
    p = predicting(g1(), step=2)
    p.keyboard.press("Escape")
    p.focus(".settings [type=checkbox]")
    p.keyboard.press("Space")
    p.keyboard.type("6")
    p.keyboard.press("Enter")
    assert verdict(p) == "✓ Right: u = 6."


def test_playing_waits_for_the_answer(predicting):
    p = predicting(g1(), step=2)
    p.select_option("select >> nth=0", "600")
    p.click("button.play")
    p.wait_for_timeout(900)
    assert title(p) == "forward: u"
    p.fill(".quiz input", "6")
    p.press(".quiz input", "Enter")
    p.wait_for_selector(".title[data-text='forward: v']")


# --- the score ----------------------------------------------------------------------------------------------------


def test_only_the_first_try_counts(predicting):
    p = predicting(g1(), step=2)
    answer(p, "5")
    answer(p, "6")
    score = ".score > span >> nth=0"
    assert p.inner_text(score) == "0 of 1 right at first try, 0 in a row"
    go_on(p)
    answer(p, "eleven")
    answer(p, "11")
    assert p.inner_text(score) == "1 of 2 right at first try, 1 in a row"
    go_on(p)
    p.get_by_role("button", name="show it").click()
    assert lines(p)[0] == "J = 3·v = 3 × 11 = 33"
    assert p.inner_text(score) == "1 of 3 right at first try, 0 in a row"
    p.keyboard.press("Home")
    assert p.inner_text(".kinds") == "values 1/3"
    p.get_by_role("button", name="reset").click()
    assert not p.is_visible(".score")


def test_hostile_labels_stay_text(predicting):
    p = predicting(stepper(hostile()), step=2)
    while asked(p) != "All steps are done.":
        if p.is_visible("text=show it"):
            p.click("text=show it")
        p.focus(".quiz input")
        go_on(p)
    assert p.query_selector("img") is None


# --- how numbers are written --------------------------------------------------------------------------------------


def read(texts):
    """What typed.js makes of texts: all that each may mean."""
    code = bundle.EXPORT.sub("", bundle.source("typed"))
    ask = f"console.log(JSON.stringify({json.dumps(texts)}.map((text) => readings(text).map(String))))"
    run = subprocess.run(["node", "-e", f"{code}\n{ask}"], capture_output=True, text=True, check=True)
    return [[float(x) for x in each] for each in json.loads(run.stdout)]


WRITTEN = {
    "6": 6, "-0.5": -0.5, "−0.5": -0.5, "–0,5": -0.5, "0,25": 0.25, ".5": 0.5, "6.": 6, "+6": 6,
    "1/3": 1 / 3, "-1/3": -1 / 3, "1 / −3": -1 / 3, "½": 0.5, "−3½": -3.5, "3:4": 0.75, "3÷4": 0.75, "1⁄4": 0.25,
    "2e-3": 2e-3, "2e−3": 2e-3, "2E-3": 2e-3, "2·10⁻³": 2e-3, "2 × 10^-3": 2e-3, "2*10**-3": 2e-3,
    "√2": math.sqrt(2), "√2/2": math.sqrt(2) / 2, "2√2": 2 * math.sqrt(2), "sqrt(2)": math.sqrt(2), "1/√(4)": 0.5,
    "3*2": 6, "3 × (−2)": -6, "3·2": 6, "3 - 6": -3, "3+(−6)": -3, "2(3)": 6, "2^3": 8, "3²": 9, "-2^2": -4,
    "6/2/3": 1, "2 - 3 - 4": -5, "e^-1": math.exp(-1), "exp(-1)": math.exp(-1), "ln 2": math.log(2), "π/2": math.pi / 2,
    "2π": 2 * math.pi, "u = 6": 6, "3*2 = 6": 6, "1,234.5": 1234.5, "∞": math.inf, "-inf": -math.inf,
    "1/(1+e^-2)": 1 / (1 + math.exp(-2)), "σ(0)": 0.5, "0.5*(1-0.5)": 0.25,
}  # fmt: skip


def test_numbers_as_students_write_them():
    said = read(list(WRITTEN))
    assert [each[0] if each else None for each in said] == pytest.approx(list(WRITTEN.values()))


def test_what_has_two_readings_has_both():
    assert read(["1,000", "12,345"]) == [[1.0, 1000.0], [12.345, 12345.0]]


def test_what_is_no_number_has_none():
    nothing = [
        "",
        " ",
        "five",
        "1 1/2",
        "3 4",
        "2)",
        "(2",
        "1,2,3",
        "--",
        "*2",
        "2//3",
        "x",
        "2x",
        "__proto__",
        "alert(1)",
    ]
    assert read([*nothing, "(" * 10_000]) == [[]] * (len(nothing) + 1)


@pytest.mark.parametrize("graph", [g1, g2, fan_out, lambda: stepper(network(2, 3, 1))])
def test_the_digits_that_are_shown_are_always_right_and_their_opposite_is_not(chromium, graph):
    """Every number that a graph asks for, as the steps show it and with a decimal comma."""
    ask = """(record) => {
      const frames = new api.Frames(record, "edge", "∂");
      const said = [];
      frames.list.forEach((_, index) => {
        for (const stage of api.stagesOf(frames, index).filter((each) => each !== "next")) {
          const question = api.questionOf(frames, index, stage);
          const text = api.digits(question.right[0]);
          const written = [text, text.replace(".", ","), `${text}·2/2`];
          const verdicts = written.map((each) => api.judge(each, question, "")[0]);
          const opposite = text === "0" ? false : api.judge(`−(${text})`, question, "")[0];
          said.push([stage, text, verdicts, opposite]);
        }
      });
      return said;
    }"""
    with page(chromium) as shown:
        names = "Frames, stagesOf, questionOf, digits, judge"
        shown.add_script_tag(content=f"{script()}window.api = {{ {names} }};", type="module")
        shown.wait_for_function("window.api")
        said = shown.evaluate(ask, graph().trace.record)
    assert len(said) > 5
    assert [each for each in said if each[2] != [True] * 3 or each[3] is not False] == []
