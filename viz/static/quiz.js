// The quiz: a number is hidden until the student has predicted it, and a wrong prediction is told how it went wrong.

import { element } from "./elements.js";
import { judgeEdge, judgeForward, typed } from "./predict.js";

export class Quiz {
  constructor(stepper) {
    this.stepper = stepper;
    this.answered = new Set(); // the frames whose number has been predicted
    this.wanted = element("input", { type: "checkbox", onchange: () => stepper.show() });
    this.guess = element("input", { type: "text", inputmode: "decimal", size: 10, autocomplete: "off" });
    this.question = element("label", {});
    this.verdict = element("p", { class: "verdict", role: "status" });
    this.form = element(
      "form",
      { class: "quiz", hidden: true },
      this.question,
      this.guess,
      element("button", { type: "submit" }, "check"),
      element("button", { type: "button", onclick: () => this.reveal() }, "show it"),
      this.verdict,
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
  }

  // The node whose number is hidden until it is predicted, or null.
  get hidden() {
    const { frame, frames, index } = this.stepper;
    const { kind, node, first } = frame;
    const asks = kind === "forward" || (kind === "edge" && frames.events[first].product !== null);
    return this.wanted.checked && asks && !this.answered.has(index) ? node : null;
  }

  clear() {
    this.verdict.textContent = "";
    this.guess.value = "";
  }

  show(frames, frame, hidden) {
    this.form.hidden = hidden === null && !this.verdict.textContent;
    this.question.textContent = `${frames.name(frame.node)}${frame.kind === "edge" ? ".grad" : ""} = `;
    this.guess.setAttribute("aria-label", `your prediction of ${this.question.textContent}`);
  }

  // A frame as far as it does not tell the number that is asked for.
  withheld(frame) {
    if (this.hidden === null) return frame;
    const silent = { ...frame, sentence: "", notes: [] };
    if (frame.kind === "edge") return { ...silent, lines: frame.lines.slice(0, 2) };
    const [line] = frame.lines;
    return { ...silent, lines: [`${line.slice(0, line.lastIndexOf(" = "))} = ?`, ...frame.lines.slice(1)] };
  }

  check() {
    const guess = typed(this.guess.value);
    if (Number.isNaN(guess)) return this.say(false, "Type a number, such as -0.5 or 1/3.");
    const { frames, frame, index } = this.stepper;
    const { kind, node, first } = frame;
    const event = frames.events[first];
    const [isRight, words] =
      kind === "edge"
        ? judgeEdge(guess, event, frames.name(event.to), frames.name(event.from))
        : judgeForward(guess, frames.data[node], frames.name(node));
    this.say(isRight, words);
    if (isRight) this.answered.add(index);
    this.stepper.show();
  }

  say(isRight, words) {
    this.verdict.textContent = `${isRight ? "✓" : "✗"} ${words}`;
    this.verdict.classList.toggle("right", isRight);
  }

  reveal() {
    this.answered.add(this.stepper.index);
    this.verdict.textContent = "";
    this.stepper.show();
  }
}
