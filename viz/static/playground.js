// The playground: a network that is trained where it is seen. One function, `mountPlayground`, serves its page.

import { element, icon, select } from "./elements.js";
import { Maps } from "./playground_map.js";
import { LossPicture, NetworkPicture, OutputPicture } from "./playground_picture.js";
import { Steps } from "./playground_steps.js";
import { Run } from "./playground_training.js";
import { followTheme } from "./surroundings.js";

const RATES = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const STRENGTHS = [0.03, 0.1, 0.3, 1, 3, 10];
const PACES = [1, 2, 5, 20]; // epochs to a picture
const BATCHES = [1, 5, 10, 30, 1000];
const ANEW = ["data", "noise", "test", "features", "hidden", "activation", "seed"]; // what begins the training anew

const MIXED = "none: a setting was changed on the way; reset to begin anew";

const options = (numbers) => numbers.map((x) => [String(x), String(x)]);

class Playground {
  constructor(place, payload) {
    this.payload = payload;
    this.settings = payload.settings;
    this.speed = 1;
    this.example = 0;
    this.isPlaying = false;
    this.looked = null; // the unit whose map is shown large
    this.output = new OutputPicture((i) => this.choose(i));
    this.losses = new LossPicture();
    this.steps = new Steps();
    this.network = new NetworkPicture({
      onWeight: (l, j, k) => this.open(l, j, k),
      onFeature: (name) => this.toggle(name),
      onLook: (unit) => this.look(unit),
      onNeurons: (l, by) => this.set({ hidden: this.settings.hidden.map((n, i) => (i === l ? n + by : n)) }),
    });
    this.build(place);
    this.restart();
    followTheme(this.root);
    new MutationObserver(() => this.show()).observe(this.root, { attributes: true, attributeFilter: ["data-theme"] });
    this.show();
  }

  // -- controls --------------------------------------------------------------------------------------------

  build(place) {
    this.python = element("code");
    this.alarm = element("p", { class: "alarm", role: "alert", hidden: true });
    const hint = "A click on a line or on a small square opens, step by step, how its gradient comes about for the ringed example.";
    this.root = element(
      "section",
      { class: "chainrule-stepper playground", tabindex: "0", "aria-label": "playground" },
      element("div", { class: "bar" }, ...this.buttons(), ...this.choices()),
      element(
        "div",
        { class: "table" },
        element("div", { class: "side" }, ...this.dataControls()),
        element("div", { class: "centre" }, this.layerControls(), this.network.root, element("p", { class: "hint" }, hint)),
        element("div", { class: "side" }, this.output.root, this.losses.root, this.alarm, element("p", { class: "python" }, "The same in Python:", this.python)),
      ),
      this.steps.root,
    );
    this.root.addEventListener("keydown", (event) => this.key(event));
    place.replaceChildren(this.root);
  }

  buttons() {
    const made = (label, sign, act) => element("button", { type: "button", class: label, "aria-label": label, title: label, onclick: act }, icon(sign));
    this.player = made("play", "play", () => this.play(!this.isPlaying));
    this.count = element("output", { class: "epochs", "aria-label": "epochs" });
    return [
      element("span", { class: "buttons" }, made("reset", "first", () => this.reset()), this.player, made("one epoch", "forward", () => this.epoch())),
      element("label", {}, "epoch ", this.count),
    ];
  }

  choices() {
    const { settings } = this;
    return [
      this.choice("epochs a picture", options(PACES), 1, (value) => (this.speed = Number(value))),
      this.choice("learning rate", options(withOwn(RATES, settings.rate)), settings.rate, (value) => this.set({ rate: Number(value) })),
      this.choice("activation", this.payload.activations.map((name) => [name, name]), settings.activation, (activation) => this.set({ activation })),
      this.choice("regularisation", this.payload.regularisers.map((name) => [name, name]), settings.regulariser, (regulariser) => this.set({ regulariser })),
      this.choice("λ", options(withOwn(STRENGTHS, settings.strength)), settings.strength, (value) => this.set({ strength: Number(value) })),
      this.number("seed", settings.seed, 0, 9999, (seed) => this.set({ seed })),
    ];
  }

  dataControls() {
    const { settings } = this;
    const batches = withOwn(BATCHES, settings.batch).map((n) => [String(n), n === 1000 ? "all" : String(n)]);
    this.exampleInput = this.number("ringed example", 1, 1, settings.m, (n) => this.choose(n - 1));
    return [
      this.choice("data", this.payload.data.map((name) => [name, name]), settings.data, (data) => this.set({ data })),
      this.range("noise", settings.noise, 0, 0.5, 0.05, (x) => String(x), (noise) => this.set({ noise })),
      this.range("test data", settings.test, 0.1, 0.5, 0.1, (x) => `${Math.round(100 * x)} %`, (test) => this.set({ test })),
      this.choice("batch size", batches, settings.batch, (value) => this.set({ batch: Number(value) })),
      this.exampleInput,
      element("p", { class: "key" }, "● class 0, ■ class 1; hollow: test data. Blue: positive, orange and dashed: negative."),
    ];
  }

  layerControls() {
    const change = (hidden) => () => this.set({ hidden: hidden(this.settings.hidden) });
    this.fewer = element("button", { type: "button", "aria-label": "a hidden layer less", onclick: change((hidden) => hidden.slice(0, -1)) }, "−");
    this.more = element("button", { type: "button", "aria-label": "a hidden layer more", onclick: change((hidden) => [...hidden, hidden.at(-1) ?? 4]) }, "+");
    this.layers = element("output");
    return element("div", { class: "layers" }, this.fewer, " ", this.layers, " ", this.more);
  }

  choice(label, choices, value, act) {
    const made = select(label, choices, act);
    const chooser = made.querySelector("select");
    chooser.setAttribute("aria-label", label);
    chooser.value = String(value);
    return made;
  }

  number(label, value, min, max, act) {
    const input = element("input", { type: "number", "aria-label": label, value, min, max, step: 1 });
    input.addEventListener("change", () => {
      const whole = Math.round(Number(input.value));
      input.value = Math.min(Number(input.max), Math.max(min, Number.isFinite(whole) ? whole : min));
      act(Number(input.value));
    });
    return element("label", {}, `${label} `, input);
  }

  range(label, value, min, max, step, written, act) {
    const shown = element("output", {}, written(value));
    const input = element("input", { type: "range", "aria-label": label, min, max, step, value });
    input.addEventListener("input", () => {
      shown.textContent = written(Number(input.value));
      act(Number(input.value));
    });
    return element("label", {}, `${label} `, shown, input);
  }

  // The space bar plays, as the button does; the arrow to the right is one epoch.
  key(event) {
    if (event.target !== this.root) return;
    if (event.key === " ") this.play(!this.isPlaying);
    else if (event.key === "ArrowRight") this.epoch();
    else return;
    event.preventDefault();
  }

  // -- what is trained -------------------------------------------------------------------------------------

  set(changed) {
    this.settings = { ...this.settings, ...changed };
    if (ANEW.some((name) => name in changed)) return this.reset();
    this.run.change(this.settings);
    this.show();
  }

  toggle(name) {
    const { features } = this.settings;
    const chosen = Object.keys(this.payload.pieces.features).filter((each) => features.includes(each) !== (each === name));
    if (chosen.length) this.set({ features: chosen });
    this.root.querySelector(`[data-feature="${name}"]`).focus();
  }

  reset() {
    this.restart();
    this.play(false);
  }

  restart() {
    const { pieces, initial, most } = this.payload;
    this.looked = null;
    this.run = new Run(this.settings, { features: pieces.features, initial });
    this.maps = new Maps(this.run, pieces.features);
    this.network.build(this.run, Object.keys(pieces.features), most.neurons);
    const { length } = this.settings.hidden;
    this.layers.textContent = `${length} hidden layer${length === 1 ? "" : "s"}`;
    this.fewer.disabled = length === 0;
    this.more.disabled = length === most.layers;
    const input = this.exampleInput.querySelector("input");
    input.max = this.run.train.y.length;
    this.example = Math.min(this.example, this.run.train.y.length - 1);
    input.value = this.example + 1;
  }

  epoch() {
    if (!this.run.isLost) this.run.epoch();
    this.show();
  }

  play(isPlaying) {
    this.isPlaying = isPlaying;
    const label = isPlaying ? "pause" : "play";
    this.player.replaceChildren(icon(label));
    this.player.setAttribute("aria-label", label);
    this.player.title = label;
    if (isPlaying) requestAnimationFrame(() => this.tick());
    else this.show();
  }

  tick() {
    if (!this.isPlaying) return;
    for (let i = 0; i < this.speed && !this.run.isLost; i++) this.run.epoch();
    this.show();
    if (this.run.isLost) this.play(false);
    else requestAnimationFrame(() => this.tick());
  }

  // -- what is shown ---------------------------------------------------------------------------------------

  choose(example) {
    this.example = example;
    this.exampleInput.querySelector("input").value = example + 1;
    this.show();
  }

  look(unit) {
    this.looked = unit;
    if (!this.isPlaying) this.show();
  }

  show() {
    const colours = this.payload.colours[this.root.dataset.theme];
    this.maps.dress(colours);
    this.maps.refresh();
    this.network.show(this.maps, this.isPlaying);
    this.output.show(this.run, this.maps, this.example, colours, this.looked);
    this.losses.show(this.run);
    this.count.textContent = String(this.run.epochs).replace(/\B(?=(\d{3})+$)/g, ",");
    this.python.textContent = this.run.isMixed ? MIXED : inPython(this.settings, this.run.epochs);
    this.alarm.hidden = !this.run.isLost;
    this.alarm.textContent = this.run.isLost ? "The loss is no number any more: choose a smaller learning rate, and reset." : "";
  }

  // The steps of ∂L/∂w for the ringed example; of the bias where k is null.
  open(l, j, k) {
    this.play(false);
    const { X, y } = this.run.points.train;
    this.steps.open(this.run, X[this.example], y[this.example], this.payload, [l, j, k]);
  }
}

const withOwn = (numbers, own) => [...new Set([...numbers, own])].sort((a, b) => a - b);

// What trains the same network in Python.
function inPython(settings, epochs) {
  const list = (items) => `(${items.join(", ")}${items.length === 1 ? "," : ""})`;
  const { data, noise, test, hidden, activation, rate, batch, regulariser, strength, seed } = settings;
  const features = settings.features.map((name) => `"${name}"`);
  const parts = [`data="${data}"`, `noise=${noise}`, `test=${test}`, `features=${list(features)}`, `hidden=${list(hidden)}`];
  parts.push(`activation="${activation}"`, `rate=${rate}`, `batch=${batch}`);
  if (regulariser !== "none") parts.push(`regulariser="${regulariser}"`, `strength=${strength}`);
  return `playground(${[...parts, `seed=${seed}`].join(", ")}).fit(${epochs})`;
}

export function mountPlayground(place, payload) {
  return new Playground(place, payload);
}
