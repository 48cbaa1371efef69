// The quiz: a number is hidden until the student has predicted it, and a wrong prediction is told how it went wrong.

import { digits } from "./arithmetic.js";
import { element, focusedIn } from "./elements.js";
import { actOf } from "./keys.js";
import { mathLine } from "./mathematics.js";
import { judge } from "./predict.js";
import { questionOf, stagesOf } from "./questions.js";
import { Score } from "./score.js";

export class Quiz {
  constructor(stepper) {
    this.stepper = stepper;
    this.answered = new Set(); // the questions that have been answered, by their keys
    this.tried = new Set(); // those that count already
    this.question = null; // the one that is shown
    this.isSettled = false; // it has been answered, and is looked at
    this.score = new Score(() => this.guess.focus());
    this.wanted = element("input", { type: "checkbox", onchange: () => this.toggle() });
    this.asked = element("span", { class: "asked" });
    this.guess = element("input", { type: "text", inputmode: "text", size: 12, autocomplete: "off", spellcheck: "false" });
    this.choices = element("span", { class: "choices" });
    this.enter = element("button", { type: "button", class: "enter", onclick: () => this.act("answer") });
    this.reveal = element("button", { type: "button", onclick: () => this.act("reveal") }, "show it");
    this.verdict = element("p", { class: "verdict", role: "status" });
    this.form = element(
      "div",
      { class: "quiz", role: "group", "aria-label": "prediction", hidden: true },
      element("div", { class: "row" }, this.asked, this.choices, this.guess, this.enter, this.reveal),
      this.verdict,
      this.score.root,
    );
    this.form.addEventListener("keydown", (event) => this.key(event));
  }

  // -- what is asked -------------------------------------------------------------------------------------

  // What the step asks next, or null.
  get stage() {
    const { frames, index } = this.stepper;
    if (!this.wanted.checked) return null;
    const first = frames.list[index][1];
    return stagesOf(frames, index).find((stage) => !this.answered.has(`${first} ${stage}`)) ?? null;
  }

  // Whether it waits for an answer.
  get isAsking() {
    return this.stage !== null;
  }

  // The node whose number is hidden until it is predicted, or null.
  get hidden() {
    const { stage } = this;
    return stage === null || stage === "next" ? null : this.stepper.frame.node;
  }

  // A frame as far as it does not tell the number that is asked for, in the form that has just been written.
  withheld(frame) {
    const { stage } = this;
    if (stage === null || stage === "next") return frame;
    const { pen } = this.stepper.frames;
    const [equals, to] = [pen.line("equals"), pen.line("to")];
    const silenced = (line, sign) => `${line.slice(0, line.lastIndexOf(sign))}${sign}?`;
    const { lines } = frame;
    const shown = {
      value: () => [silenced(lines[0], equals), ...lines.slice(1)],
      local: () => [lines[0], `${this.unsolved(lines[1], pen)}${equals}?`],
      product: () => [...lines.slice(0, 2), silenced(lines[2], equals)],
      sum: () => [...lines.slice(0, 3), silenced(lines[3], to)],
    };
    return { ...frame, sentence: "", notes: [], lines: shown[stage]() };
  }

  // "u = b·c  ⇒  ∂u/∂b" of the line about a local derivative.
  unsolved(line, pen) {
    const from = Math.max(0, line.lastIndexOf(pen.line("implies", { a: "", b: "" })));
    return line.slice(0, line.indexOf(pen.line("equals"), from));
  }

  // -- what is shown -------------------------------------------------------------------------------------

  toggle() {
    this.clear();
    this.stepper.motion.cancel(); // it tells the number
    this.stepper.show();
    if (this.wanted.checked) this.guess.focus();
    else if (!this.stepper.root.contains(focusedIn(this.form))) this.stepper.root.focus({ preventScroll: true });
  }

  // Other numbers: all is asked anew.
  forget() {
    this.answered.clear();
    this.tried.clear();
  }

  clear() {
    this.isSettled = false;
    this.verdict.textContent = "";
    this.guess.value = "";
  }

  show() {
    this.form.hidden = !this.wanted.checked;
    if (this.form.hidden) return;
    const { frames, index } = this.stepper;
    const { stage } = this;
    if (!this.isSettled) this.question = stage === null ? null : questionOf(frames, index, stage);
    const { question, isSettled } = this;
    const goesOn = isSettled || !question;
    const isLast = !stage && index === frames.length - 1;
    this.asked.replaceChildren(...this.words(isLast));
    this.guess.readOnly = goesOn || Boolean(question.choices);
    this.guess.setAttribute("aria-label", question && !question.choices ? `your prediction of ${this.name(question)}` : this.asked.textContent);
    this.choices.replaceChildren(...(question?.choices ?? []).map((choice, i) => this.choice(choice, i)));
    this.enter.textContent = goesOn ? "go on" : "check";
    this.enter.hidden = goesOn ? isLast : Boolean(question.choices);
    this.reveal.hidden = goesOn;
    if (this.form.contains(focusedIn(this.form))) this.form.scrollIntoView({ block: "nearest" });
  }

  words(isLast) {
    const { question } = this;
    const { text, latex } = this.stepper.frames.pens;
    if (question?.choices) return ["Which edge comes next?"];
    if (question) return [mathLine(question.name(latex), question.name(text)), " = "];
    return [isLast ? "All steps are done." : "Nothing to predict in this step. Enter goes on."];
  }

  name(question) {
    return question.name(this.stepper.frames.pens.text);
  }

  choice({ name }, i) {
    const { text, latex } = this.stepper.frames.pens;
    const onclick = () => this.choose(i);
    return element("button", { type: "button", disabled: this.isSettled, onclick }, element("kbd", {}, String(i + 1)), " ", mathLine(name(latex), name(text)));
  }

  // -- what is answered ----------------------------------------------------------------------------------

  // A notebook's page may swallow what a form submits: the keys are handled here.
  key(event) {
    const isOnButton = event.target.matches("button") && event.key === "Enter"; // its own key
    const act = isOnButton ? null : actOf(event, "quiz");
    if (act === null && !isOnButton) return;
    if (act === "choose" && !this.question?.choices) return;
    event.stopPropagation();
    if (isOnButton) return;
    event.preventDefault();
    if (act === "choose") this.choose("1234abcd".indexOf(event.key) % 4);
    else this.act(act);
  }

  act(act) {
    if (act === "leave") return this.leave();
    this.guess.focus();
    if (act === "reveal") return this.giveUp();
    if (this.isSettled || !this.question) return this.goOn();
    if (this.question.choices) return this.say(false, `Press a number from 1 to ${this.question.choices.length}.`);
    const [isRight, words] = judge(this.guess.value, this.question, this.name(this.question));
    this.say(isRight, words);
    if (isRight === null) return;
    this.count(isRight);
    if (isRight) this.settle();
    else this.guess.select();
  }

  choose(i) {
    const choice = this.question.choices[i];
    if (this.isSettled || !choice) return;
    this.guess.focus();
    this.say(choice.isRight, choice.reason);
    this.count(choice.isRight);
    if (choice.isRight) this.settle();
  }

  giveUp() {
    const { question } = this;
    this.count(false);
    this.guess.value = "";
    this.verdict.textContent = question.answer ?? `${this.name(question)} = ${digits(question.right[0])}`;
    this.verdict.classList.remove("right");
    this.settle();
  }

  // Only the first try counts.
  count(isRight) {
    const { key, stage } = this.question;
    if (this.tried.has(key)) return;
    this.tried.add(key);
    this.score.count(stage, isRight);
  }

  settle() {
    const { stepper, question } = this;
    this.answered.add(question.key);
    this.isSettled = true;
    stepper.show();
    if (stepper.hidden === null && question.stage !== "next") stepper.motion.begin(stepper.graph, stepper.frames, stepper.frame);
  }

  // To the next question of this step, or to the next step.
  goOn() {
    const { stepper } = this;
    this.clear();
    if (this.isAsking) stepper.show();
    else stepper.go(stepper.index + 1);
  }

  leave() {
    this.wanted.checked = false;
    this.stepper.root.focus({ preventScroll: true });
    this.toggle();
  }

  say(isRight, words) {
    this.verdict.textContent = `${isRight ? "✓" : "✗"} ${words}`;
    this.verdict.classList.toggle("right", isRight === true);
    this.form.scrollIntoView({ block: "nearest" });
  }
}
