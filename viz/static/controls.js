// The controls: from step to step by buttons, scrubber and keys, or by themselves.

import { button, element, focusedIn, icon, select } from "./elements.js";

const FAST = 600; // milliseconds per step: nothing moves between steps then
const SPEEDS = [["3000", "slow"], ["1500", "normal"], [String(FAST), "fast"]]; // milliseconds per step

export class Controls {
  constructor(stepper) {
    this.stepper = stepper;
    this.timer = null;
    this.speed = 1500;
    this.play = button("play", () => this.toggle());
    this.back = [button("first", () => stepper.go(0)), button("back", () => stepper.go(stepper.index - 1))];
    this.forward = [button("forward", () => stepper.go(stepper.index + 1)), button("last", () => stepper.go(Infinity))];
    this.scrubber = element("input", { type: "range", min: 0, step: 1, "aria-label": "step" });
    this.scrubber.addEventListener("input", () => this.scrub());
    this.divider = element("span", { class: "divider", "aria-hidden": "true", title: "forward | backward" }, "");
    this.counter = element("output", { class: "counter" });
    this.choice = select("speed", SPEEDS, (value) => this.setSpeed(Number(value)));
    this.choice.querySelector("select").value = String(this.speed);
    this.root = element(
      "div",
      { class: "controls", role: "group", "aria-label": "controls" },
      element("span", { class: "buttons" }, ...this.back, this.play, ...this.forward),
      element("span", { class: "track" }, this.scrubber, this.divider),
      this.counter,
    );
  }

  show(frames, frame, index) {
    const last = frames.length - 1;
    this.counter.textContent = `${index + 1} / ${last + 1}`;
    this.scrubber.max = last;
    this.scrubber.value = index;
    this.scrubber.setAttribute("aria-valuetext", `step ${index + 1} of ${last + 1}: ${frame.title}`);
    const seed = frames.list.findIndex(([kind]) => kind === "seed");
    const place = `${(100 * (seed - 0.5)) / Math.max(1, last)}%`;
    this.divider.style.left = place;
    this.scrubber.style.setProperty("--seed", place);
    for (const each of this.back) this.disable(each, index === 0);
    for (const each of this.forward) this.disable(each, index === last);
  }

  // A button that has the focus hands it on before it can be pressed no more.
  disable(each, isDisabled) {
    if (isDisabled && focusedIn(each) === each) this.scrubber.focus();
    each.disabled = isDisabled;
  }

  scrub() {
    this.isScrubbing = true;
    this.stepper.go(Number(this.scrubber.value));
    this.isScrubbing = false;
  }

  // Whether there is time to look at what moves.
  get isCalm() {
    return !this.isScrubbing && (this.timer === null || this.speed > FAST);
  }

  // Does what a key says; whether it says something here.
  act(name) {
    const { stepper } = this;
    const moves = {
      back: () => stepper.go(stepper.index - 1),
      forward: () => stepper.go(stepper.index + 1),
      first: () => stepper.go(0),
      last: () => stepper.go(Infinity),
      play: () => this.toggle(),
      predict: () => stepper.quiz.wanted.click(),
    };
    if (!(name in moves)) return false;
    moves[name]();
    return true;
  }

  toggle() {
    if (this.timer !== null) return this.stop();
    const { stepper } = this;
    if (stepper.index === stepper.frames.length - 1) stepper.go(0);
    this.timer = setInterval(() => stepper.quiz.isAsking || stepper.go(stepper.index + 1), this.speed);
    this.showPlay("pause");
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.showPlay("play");
  }

  showPlay(name) {
    this.play.replaceChildren(icon(name));
    this.play.title = name;
    this.play.setAttribute("aria-label", name);
  }

  setSpeed(speed) {
    this.speed = speed;
    if (this.timer === null) return;
    this.stop();
    this.toggle();
  }
}
