// The stepper: graph and ledger in view together, controls below, a table that folds away.

import { followAddress, stepInAddress, writeAddress } from "./address.js";
import { Controls } from "./controls.js";
import { copier } from "./copy.js";
import { align } from "./derivation.js";
import { element, focusedIn, select } from "./elements.js";
import { Frames } from "./frames.js";
import { Help } from "./help.js";
import { followKernel } from "./kernel.js";
import { actOf } from "./keys.js";
import { copyAsText, Ledger } from "./ledger.js";
import { Lecture } from "./lecture.js";
import { Legend } from "./legend.js";
import { Motion } from "./motion.js";
import { Nudge } from "./nudge.js";
import { Panel } from "./panel.js";
import { Network, stepOf, viewOf } from "./network.js";
import { Graph } from "./picture.js";
import { preparePrinting } from "./print.js";
import { Quiz } from "./quiz.js";
import { revalued } from "./replay.js";
import { Stage } from "./stage.js";
import { followTheme } from "./surroundings.js";
import { Table } from "./table.js";
import { Viewport } from "./viewport.js";

const NOTATIONS = [["∂", "∂J/∂v"], ["d", "dv"], [".grad", "v.grad"]];
const [ALL_CLOSED, BUT_LOSSES, ALL_OPEN] = ["", "*/", "*"]; // the names of views that are not those of a scope
const GRAINS = [["edge", "by edge"], ["op", "by operation"]];

class Stepper {
  // `edit(argument, number)` asks a kernel to run the function again; without it the page computes by itself.
  // `onStep` is told each step that is gone to, counted from 1; `theme` is "light", "dark", or what the page around is.
  // A stepper that is the whole page, `keys` are the document's, stands in its address and can be printed.
  constructor(place, payload, { keys = place, edit = null, step = 1, theme = "auto", onStep = () => {} } = {}) {
    this.by = "edge";
    this.notation = "∂";
    this.index = (keys === document ? (stepInAddress() ?? step) : step) - 1;
    this.picked = null;
    this.edit = edit;
    this.onStep = keys === document ? writeAddress : onStep;
    this.quiz = new Quiz(this);
    this.controls = new Controls(this);
    this.ledger = new Ledger();
    this.panel = new Panel(this);
    this.table = new Table(this);
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.viewport = new Viewport();
    this.lecture = new Lecture((isOn) => this.enlarge(isOn));
    this.help = new Help();
    this.motion = new Motion();
    this.nudge = new Nudge(this);
    this.build(place);
    const isWholePage = keys === document;
    this.root.classList.toggle("whole-page", isWholePage);
    this.nudge.attach(this.viewport, this.root, signal);
    this.lecture.attach(this.root, signal);
    this.load(payload);
    keys.addEventListener("keydown", (event) => this.key(event), { signal });
    followTheme(this.root, signal, theme);
    if (!isWholePage) return;
    followAddress(this, signal);
    followKernel(this, signal);
    preparePrinting(this, signal);
  }

  build(place) {
    this.trail = element("nav", { class: "trail", "aria-label": "opened groups" });
    const settings = element(
      "div",
      { class: "settings" },
      this.controls.choice,
      select("notation", NOTATIONS, (value) => this.reframe(() => (this.notation = value))),
      select("steps", GRAINS, (value) => this.reframe(() => (this.by = value))),
      element("label", {}, this.quiz.wanted, " predict"),
      copier("copy all steps as LaTeX", () => align(this.record, this.notation), " LaTeX"),
    );
    const ledger = element("div", { class: "ledger", oncopy: copyAsText }, ...this.ledger.columns(this.quiz.form));
    const legend = new Legend();
    const drawer = element("div", { class: "drawer" }, this.panel.root, this.table.root, legend.root);
    this.stage = new Stage(this.viewport, ledger, drawer, () => this.frames);
    this.root = element(
      "section",
      { class: "chainrule-stepper", tabindex: "0", "data-lm-suppress-shortcuts": "true" },
      element("div", { class: "head" }, this.trail, this.viewport.tools, legend.button, this.lecture.button, this.help.button),
      this.stage.root,
      element("div", { class: "bar" }, this.controls.root, this.lecture.settings, settings),
      this.ledger.live,
      this.help.root,
    );
    this.viewport.root.append((this.viewport.note = this.nudge.note));
    place.replaceChildren(this.root);
  }

  // -- what is stepped through -------------------------------------------------------------------------

  // A new payload: from Python, or the first one once more.
  load(payload) {
    this.payload = payload;
    this.root.setAttribute("aria-label", payload.summary);
    this.leaves = new Map(); // the leaves that were edited
    if (!(this.open in payload.views)) this.open = payload.first;
    this.setRecord(payload.trace);
  }

  setRecord(record) {
    this.record = record;
    this.quiz.forget();
    this.frames = new Frames(record, this.by, this.notation);
    this.openView(this.open);
    this.table.build(this.frames, record.nodes);
    this.go(this.index);
  }

  // A leaf gets another number. The page does the same operations with it; a kernel runs the function again, where it
  // may take another branch, and answers with a new payload.
  change(id, value) {
    if (value === this.frames.data[id]) return;
    this.table.warn("");
    const argument = this.payload.arguments?.[id];
    if (argument !== undefined) this.edit?.(argument, value);
    this.leaves.set(id, value);
    this.setRecord(revalued(this.payload.trace, this.leaves));
  }

  // The function cannot take a number: the numbers before it are there again.
  refuse(error) {
    this.load(this.payload);
    this.table.warn(error);
  }

  // The same step in another notation or grain.
  reframe(change) {
    const { first } = this.frame;
    change();
    this.quiz.clear();
    this.frames = new Frames(this.record, this.by, this.notation);
    this.go(Math.max(0, this.frames.list.findIndex(([, , last]) => last >= first)));
  }

  get frame() {
    return this.frames.frame(this.index);
  }

  // The node whose number is hidden until it is predicted, or null.
  get hidden() {
    return this.quiz.hidden;
  }

  // -- what is shown -----------------------------------------------------------------------------------

  openView(name) {
    this.open = name;
    const { payload, record, root, viewport } = this;
    const view = payload.views[name];
    this.graph = view.units ? new Network(view, (id) => this.visit(id)) : new Graph(view, record.nodes, (key) => this.pick(key));
    const hadFocus = viewport.frame.contains(focusedIn(root));
    viewport.load(this.graph);
    if (hadFocus) root.focus({ preventScroll: true }); // the box is gone: keys are still the stepper's
    this.showTrail(name);
    this.stage.arrange();
  }

  // What is opened, from the outside in, each a way back to it.
  showTrail(name) {
    const { views } = this.payload;
    const names = Object.keys(views);
    const network = names.find((each) => views[each].units);
    this.trail.hidden = names.length < 2;
    const parts = name && ![ALL_OPEN, BUT_LOSSES, network].includes(name) ? name.split("/") : [];
    const crumbs = parts.map((part, i) => [parts.slice(0, i + 1).join("/"), part]);
    if (names.includes(ALL_CLOSED)) crumbs.unshift([ALL_CLOSED, "all closed"]);
    if (names.includes(BUT_LOSSES)) crumbs.push([BUT_LOSSES, "all but the loss"]);
    if (names.includes(ALL_OPEN)) crumbs.push([ALL_OPEN, "all open"]);
    if (network) crumbs.unshift([network, "network"]);
    const link = ([key, text]) => {
      const onclick = () => this.reopen(key);
      return element("button", { type: "button", "aria-current": key === name ? "true" : null, onclick }, text);
    };
    const hadFocus = this.trail.contains(focusedIn(this.trail));
    this.trail.replaceChildren(...crumbs.map(link));
    if (hadFocus) (this.trail.querySelector("[aria-current]") ?? this.root).focus({ preventScroll: true });
  }

  // Opens a view with the step that is shown, and brings the group that it opens into view.
  reopen(name) {
    this.openView(name);
    this.show();
    const isInside = ({ key }) => `${typeof key === "string" ? key : this.record.nodes[key].scope}/`.startsWith(`${name}/`);
    this.viewport.reveal(this.graph.boxes.filter((box) => !box.isConstant && isInside(box)), "instant");
  }

  // From the network to the steps of a node, with the scopes around it opened.
  visit(id) {
    this.openView(viewOf(this.payload.views, this.record.nodes[id]));
    this.go(stepOf(this.frames, id));
  }

  // A node's panel opens or closes; a group is opened.
  pick(key) {
    const scope = typeof key === "string" ? key : this.graph.view.opens[key];
    if (scope !== undefined) return Object.hasOwn(this.payload.views, scope) && this.reopen(scope);
    this.picked = this.picked === key ? null : key;
    this.show();
  }

  // Lecture mode begins or ends.
  enlarge(isOn) {
    this.viewport.isLecture = isOn;
    this.stage.arrange();
  }

  // A key does what the first part of the page does that knows its act.
  key(event) {
    const act = actOf(event);
    if (act === "play" && event.target.matches?.("button, summary, [type=checkbox]")) return; // it presses them
    if (![this.help, this.lecture, this.viewport, this.controls].some((each) => each.act(act))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  go(index) {
    this.nudge.release();
    const before = this.index;
    this.index = Math.min(Math.max(0, index), this.frames.length - 1);
    if (this.index === this.frames.length - 1) this.controls.stop();
    this.quiz.clear();
    this.show();
    if (this.index === before + 1 && this.hidden === null && this.controls.isCalm) this.motion.begin(this.graph, this.frames, this.frame);
    else this.motion.cancel();
    if (this.index !== before) this.onStep(this.index + 1);
  }

  show() {
    const { frame, frames, hidden, picked } = this;
    const [said, shown] = ["text", "latex"].map((form) => this.quiz.withheld(frames.frame(this.index, form)));
    this.ledger.show(said, shown);
    this.quiz.show();
    this.stage.tighten();
    this.controls.show(frames, frame, this.index);
    this.graph.show(frames, frame, { hidden, picked });
    this.viewport.step();
    this.panel.show(frames, picked, hidden);
    this.showTable();
  }

  showTable() {
    const { frame, frames, hidden, notation } = this;
    this.table.show(frames, frame, { hidden, notation, isEdited: this.leaves.size > 0 });
  }

  destroy() {
    this.controls.stop();
    this.stage.destroy();
    this.listeners.abort();
  }
}

export function mount(place, payload, options) {
  return new Stepper(place, payload, options);
}
