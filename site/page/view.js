// The sandboxed frame of the page: what a formula or a program makes is shown here, and Python runs here. The document has an
// origin of its own, no storage and no network, whatever a program or a link does; with the page it exchanges messages.

import { Python } from "./python.js";

const PANES = [["steps", "Steps"], ["picture", "Picture"], ["table", "Table"], ["derivation", "Derivation"], ["latex", "LaTeX"], ["check", "Check"], ["output", "Output"]];
const WAITING = "Python is still starting.";

const byId = (id) => document.getElementById(id);
const say = (message) => parent.postMessage(message, "*"); // words and numbers; the page shows them as text

class View {
  constructor() {
    this.python = new Python((state) => this.tell(state));
    this.source = null; // the formula or the program that is shown
    this.lines = ""; // the derivation that is to be checked
    this.made = {}; // by the name of a pane: for which source it was made
    this.tabs = new Map();
    this.panes = new Map();
    for (const [name, title] of PANES) this.addPane(name, title);
    this.steps = document.createElement("chainrule-stepper");
    this.steps.addEventListener("step", ({ detail }) => say({ step: detail }));
    this.panes.get("steps").append(this.steps);
    this.open("steps", false);
  }

  addPane(name, title) {
    const attributes = { role: "tab", id: `tab-${name}`, type: "button", "aria-controls": `pane-${name}` };
    const tab = element("button", { ...attributes, onclick: () => this.open(name), onkeydown: (event) => this.turn(event, name) }, title);
    const pane = element("section", { role: "tabpanel", id: `pane-${name}`, "aria-labelledby": `tab-${name}`, tabindex: 0 });
    this.tabs.set(name, tab);
    this.panes.set(name, pane);
    byId("tabs").append(tab);
    byId("panes").append(pane);
  }

  // Arrow keys go from tab to tab, as in any list of tabs.
  turn(event, name) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const names = [...this.tabs].filter(([, tab]) => !tab.hidden).map(([each]) => each);
    const next = names[(names.indexOf(name) + by + names.length) % names.length];
    this.open(next);
    this.tabs.get(next).focus();
  }

  open(name, isChosen = true) {
    this.shown = name;
    for (const [each, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      this.panes.get(each).hidden = each !== name;
    }
    if (isChosen) say({ pane: name });
    this.fill(name);
  }

  tell(state) {
    say({ state });
  }

  // -- what is shown -----------------------------------------------------------------------------------

  // A formula is shown at once, by the page's own twin of Python, and again when Python has read it.
  async show(source, { step, lines }) {
    this.source = source;
    this.lines = lines;
    this.made = {};
    this.step = step;
    const isFormula = source.kind === "formula";
    this.tabs.get("output").hidden = isFormula;
    if (isFormula && this.shown === "output") this.open("steps", false);
    const isShown = isFormula && this.showTwin(source);
    const answer = await this.python.ask(source);
    if (this.source !== source) return;
    if (answer === null) return isFormula || this.fail("Stopped: the program had not come to its end.");
    this.fail(answer.error ?? "");
    this.output(answer);
    if (answer.payload && !(isShown && this.isSame(answer.payload))) this.mount(answer.payload);
    if (answer.html) this.open("output", false);
    else if (this.shown === "output") this.open("steps", false);
    this.made = { steps: source, output: source };
    this.fill(this.shown);
  }

  showTwin({ text, at }) {
    try {
      this.mount(payloadOf(text, valuesOf(at)));
      this.fail("");
      return true;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return false; // Python reads more, and says what is wrong
    }
  }

  isSame(payload) {
    return JSON.stringify(payload) === JSON.stringify(this.payload);
  }

  mount(payload) {
    this.payload = payload;
    this.steps.step = this.step;
    this.steps.payload = payload;
  }

  fail(message) {
    byId("error").textContent = message;
  }

  output({ out = "", html = "" }) {
    const shown = byId("out");
    shown.textContent = out;
    shown.hidden = out === "";
    this.panes.get("output").innerHTML = html;
  }

  // A pane is made when it is looked at.
  async fill(name) {
    const { source } = this;
    if (source === null || this.made[name] === source || name === "steps" || name === "output") return;
    const pane = this.panes.get(name);
    if (name === "check" && !this.lines.trim()) return pane.replaceChildren(element("p", {}, "Write your derivation, line by line, in the field on the page: each line gets ✓ or ✗, with the reason."));
    if (pane.childElementCount === 0) pane.replaceChildren(element("p", {}, WAITING));
    const answer = await this.python.ask(name === "check" ? { kind: "check", lines: this.lines } : { kind: "pane", name });
    if (answer === null || this.source !== source) return;
    this.made[name] = source;
    if (answer.error) pane.replaceChildren(element("p", { class: "wrong" }, answer.error));
    else pane.innerHTML = answer.svg ?? answer.html; // in a sandbox: nothing in it can reach the page
    if (answer.latex) pane.append(element("pre", { tabindex: 0 }, answer.latex), copier("copy LaTeX", () => answer.latex, " LaTeX"));
  }

  check(lines) {
    this.lines = lines;
    this.made.check = null;
    this.open("check");
  }

  async save() {
    const answer = await this.python.ask({ kind: "page" });
    if (!answer?.page) return this.fail(answer?.error ?? "");
    const link = element("a", { href: URL.createObjectURL(new Blob([answer.page], { type: "text/html" })), download: "steps.html" });
    link.click();
  }
}

const view = new View();

addEventListener("message", ({ data, source }) => {
  if (source !== parent) return;
  if (data.files) view.python.begin(data.files, data.wasm);
  if (data.source) view.show(data.source, data);
  if (data.check !== undefined) view.check(data.check);
  if (data.pane) view.open(data.pane, false);
  if (data.stop) view.python.stop();
  if (data.save) view.save();
});
say({ state: "open" });
