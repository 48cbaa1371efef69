// The stepper: graph left, ledger right, controls below, a table that folds away. One function, `mount`, serves the
// offline page; `render` is what anywidget calls in Jupyter.

const NOTATIONS = [["∂", "∂J/∂v"], ["d", "dv"], [".grad", "v.grad"]];
const SPEEDS = [["3000", "slow"], ["1500", "normal"], ["600", "fast"]]; // milliseconds per step
const WIDE = 1000; // pixels: a graph wider than this stands above the ledger
const PATHS = 12; // that a node's panel writes out
const ROWS = 400; // of the table

class Stepper {
  // `edit(node, number)` asks a kernel to run the function again; without it the page computes by itself.
  constructor(place, payload, { keys = place, edit = null } = {}) {
    this.by = "edge";
    this.notation = "∂";
    this.index = 0;
    this.picked = null;
    this.timer = null;
    this.answered = new Set(); // the frames whose number has been predicted
    this.edit = edit;
    this.place = place;
    this.build();
    this.load(payload);
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    keys.addEventListener("keydown", (event) => this.key(event), { signal });
    this.follow(signal);
  }

  // -- building --------------------------------------------------------------------------------------

  build() {
    const button = (name, act) =>
      element("button", { type: "button", class: name, "aria-label": name, title: name, onclick: act }, icon(name));
    this.trail = element("nav", { class: "trail", "aria-label": "opened groups" });
    this.graphPlace = element("div", { class: "graph" });
    this.title = element("h2", { class: "title" });
    this.lines = element("div", { class: "lines" });
    this.sentence = element("p", { class: "sentence" });
    this.notes = element("ul", { class: "notes" });
    this.live = element("div", { class: "aloud", "aria-live": "polite", role: "status" });
    this.quiz = this.buildQuiz();
    this.panel = element("section", { class: "panel", hidden: true, "aria-label": "about a node" });
    this.counter = element("output", { class: "counter" });
    this.play = button("play", () => this.toggle());
    this.scrubber = element("input", { type: "range", min: 0, step: 1, "aria-label": "step" });
    this.scrubber.addEventListener("input", () => this.go(Number(this.scrubber.value)));
    this.divider = element("span", { class: "divider", "aria-hidden": "true" }, "");
    const select = (label, options, act) =>
      element("label", {}, `${label} `, element("select", { onchange: (e) => act(e.target.value) }, ...options.map(option)));
    const speed = select("speed", SPEEDS, (value) => this.setSpeed(Number(value)));
    speed.querySelector("select").value = "1500";
    this.speed = 1500;
    this.predicts = element("input", { type: "checkbox", onchange: () => this.show() });
    const controls = element(
      "div",
      { class: "controls", role: "group", "aria-label": "controls" },
      element(
        "span",
        { class: "buttons" },
        button("first", () => this.go(0)),
        button("back", () => this.go(this.index - 1)),
        this.play,
        button("forward", () => this.go(this.index + 1)),
        button("last", () => this.go(Infinity)),
      ),
      element("span", { class: "track" }, this.scrubber, this.divider),
      this.counter,
    );
    const settings = element(
      "div",
      { class: "settings" },
      speed,
      select("notation", NOTATIONS, (value) => this.reframe(() => (this.notation = value))),
      select("steps", [["edge", "by edge"], ["op", "by operation"]], (value) => this.reframe(() => (this.by = value))),
      element("label", {}, this.predicts, " predict"),
    );
    this.table = element("tbody");
    this.tableNote = element("p", { class: "hint" });
    this.original = element("button", { type: "button", onclick: () => this.load(this.payload) }, "original numbers");
    const columns = ["name", "", "value", "gradient"].map((word) => element("th", { scope: "col" }, word));
    this.gradientColumn = columns[3];
    this.details = element(
      "details",
      { ontoggle: () => this.showTable() },
      element("summary", {}, "values and gradients"),
      element("table", {}, element("thead", {}, element("tr", {}, ...columns)), this.table),
      this.tableNote,
      this.original,
    );
    this.root = element(
      "section",
      { class: "chainrule-stepper", tabindex: "0", "data-lm-suppress-shortcuts": "true" },
      element(
        "div",
        { class: "stage" },
        element("div", {}, this.trail, this.graphPlace),
        element(
          "div",
          { class: "ledger" },
          element("div", {}, this.title, this.lines, this.quiz),
          element("div", {}, this.sentence, this.notes),
        ),
      ),
      controls,
      settings,
      this.panel,
      this.details,
      this.live,
    );
    this.place.replaceChildren(this.root);
  }

  buildQuiz() {
    this.guess = element("input", { type: "text", inputmode: "decimal", size: 10, autocomplete: "off" });
    this.question = element("label", {});
    this.verdict = element("p", { class: "verdict", role: "status" });
    const form = element(
      "form",
      { class: "quiz", hidden: true },
      this.question,
      this.guess,
      element("button", { type: "submit" }, "check"),
      element("button", { type: "button", onclick: () => this.reveal() }, "show it"),
      this.verdict,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
    return form;
  }

  // -- what is shown -----------------------------------------------------------------------------------

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
    this.answered.clear();
    this.frames = new Frames(record, this.by, this.notation);
    this.openView(this.open);
    const focused = this.rows?.find(({ value }) => value === document.activeElement);
    this.buildTable();
    if (focused) this.rows.find(({ id }) => id === focused.id)?.value?.focus();
    this.go(this.index);
  }

  // The same step in another notation or grain.
  reframe(change) {
    const { first } = this.frame;
    change();
    this.answered.clear();
    this.frames = new Frames(this.record, this.by, this.notation);
    this.go(Math.max(0, this.frames.list.findIndex(([, , last]) => last >= first)));
  }

  openView(name) {
    this.open = name;
    this.graph = new Graph(this.payload.views[name], this.record.nodes, (key) => this.pick(key));
    this.graphPlace.replaceChildren(this.graph.svg);
    this.root.classList.toggle("wide", this.graph.width > WIDE);
    const names = Object.keys(this.payload.views);
    this.trail.hidden = names.length < 2;
    if (names.length < 2) return;
    const parts = name && name !== "*" ? name.split("/") : [];
    const crumbs = [["", "collapsed"], ...parts.map((part, i) => [parts.slice(0, i + 1).join("/"), part])];
    if (names.includes("*")) crumbs.push(["*", "all open"]);
    const link = ([key, text]) =>
      element(
        "button",
        { type: "button", "aria-current": key === name ? "true" : null, onclick: () => (this.openView(key), this.show()) },
        text,
      );
    this.trail.replaceChildren(...crumbs.map(link));
  }

  get frame() {
    return this.frames.frame(this.index);
  }

  // The node whose number is hidden until it is predicted, or null.
  get hidden() {
    const { kind, node, first } = this.frame;
    const asks = kind === "forward" || (kind === "edge" && this.frames.events[first].product !== null);
    return this.predicts.checked && asks && !this.answered.has(this.index) ? node : null;
  }

  go(index) {
    this.index = Math.min(Math.max(0, index), this.frames.length - 1);
    if (this.index === this.frames.length - 1) this.stop();
    this.verdict.textContent = "";
    this.guess.value = "";
    this.show();
  }

  show() {
    const { frame, frames, hidden } = this;
    const last = frames.length - 1;
    this.title.textContent = frame.title;
    const lines = hidden === null ? frame.lines : this.withheld(frame);
    this.lines.replaceChildren(...lines.map((line) => element("div", {}, line)));
    this.sentence.textContent = hidden === null ? frame.sentence : "";
    this.notes.replaceChildren(...(hidden === null ? frame.notes : []).map((note) => element("li", {}, note)));
    this.quiz.hidden = hidden === null && !this.verdict.textContent;
    this.question.textContent = `${frames.name(frame.node)}${frame.kind === "edge" ? ".grad" : ""} = `;
    this.guess.setAttribute("aria-label", `your prediction of ${this.question.textContent}`);
    this.counter.textContent = `${this.index + 1} / ${last + 1}`;
    this.scrubber.max = last;
    this.scrubber.value = this.index;
    this.scrubber.setAttribute("aria-valuetext", `step ${this.index + 1} of ${last + 1}: ${frame.title}`);
    const seed = frames.list.findIndex(([kind]) => kind === "seed");
    this.divider.style.left = `${(100 * (seed - 0.5)) / Math.max(1, last)}%`;
    this.divider.title = "forward | backward";
    this.scrubber.style.setProperty("--seed", `${(100 * (seed - 0.5)) / Math.max(1, last)}%`);
    for (const name of ["first", "back"]) this.root.querySelector(`.${name}`).disabled = this.index === 0;
    for (const name of ["forward", "last"]) this.root.querySelector(`.${name}`).disabled = this.index === last;
    this.graph.scrollTo(this.graph.show(frames, frame, { hidden, picked: this.picked }), this.graphPlace);
    this.live.textContent = [frame.title, ...lines, this.sentence.textContent].join(". ");
    this.showPanel();
    this.showTable();
  }

  // The lines of a frame as far as they do not tell the number that is asked for.
  withheld(frame) {
    if (frame.kind === "edge") return frame.lines.slice(0, 2);
    const [line] = frame.lines;
    return [`${line.slice(0, line.lastIndexOf(" = "))} = ?`, ...frame.lines.slice(1)];
  }

  // -- controls --------------------------------------------------------------------------------------

  key(event) {
    const { target } = event;
    const types = target.matches?.("input:not([type=range], [type=checkbox]), select, textarea");
    if (types || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " " && target.matches?.("button, summary, [type=checkbox]")) return;
    const moves = {
      ArrowLeft: () => this.go(this.index - 1),
      ArrowRight: () => this.go(this.index + 1),
      Home: () => this.go(0),
      End: () => this.go(Infinity),
      " ": () => this.toggle(),
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]();
  }

  toggle() {
    if (this.timer !== null) return this.stop();
    if (this.index === this.frames.length - 1) this.go(0);
    this.timer = setInterval(() => this.hidden === null && this.go(this.index + 1), this.speed);
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

  // -- predicting --------------------------------------------------------------------------------------

  check() {
    const guess = typed(this.guess.value);
    if (Number.isNaN(guess)) return this.say(false, "Type a number, such as -0.5 or 1/3.");
    const { kind, node, first } = this.frame;
    const { frames } = this;
    const event = frames.events[first];
    const [isRight, words] =
      kind === "edge"
        ? judgeEdge(guess, event, frames.name(event.to), frames.name(event.from))
        : judgeForward(guess, frames.data[node], frames.name(node));
    this.say(isRight, words);
    if (isRight) this.answered.add(this.index);
    this.show();
  }

  say(isRight, words) {
    this.verdict.textContent = `${isRight ? "✓" : "✗"} ${words}`;
    this.verdict.classList.toggle("right", isRight);
  }

  reveal() {
    this.answered.add(this.index);
    this.verdict.textContent = "";
    this.show();
  }

  // -- one node ----------------------------------------------------------------------------------------

  pick(key) {
    if (typeof key === "string") {
      if (key in this.payload.views) this.openView(key);
      return this.show();
    }
    this.picked = this.picked === key ? null : key;
    this.show();
  }

  showPanel() {
    this.panel.hidden = this.picked === null;
    if (this.picked === null) return;
    const id = this.picked;
    const { frames } = this;
    const own = frames.list.flatMap(([, first, last], i) => {
      const events = frames.events.slice(first, last + 1);
      return events.some((e) => (e.type !== "leaf" && e.node === id) || e.from === id || e.to === id) ? [i] : [];
    });
    const jump = (i) =>
      element("button", { type: "button", onclick: () => this.go(i) }, `${i + 1}: ${frames.frame(i).title}`);
    const close = element("button", { type: "button", class: "close", "aria-label": "close", onclick: () => this.pick(id) }, "×");
    this.panel.replaceChildren(
      close,
      element("h3", {}, `${frames.name(id)}: its steps`),
      element("p", {}, ...own.slice(0, 40).map(jump)),
      element("h3", {}, `its paths to ${frames.name(frames.root)}`),
      ...this.paths(id).map((line) => element("p", {}, line)),
    );
  }

  // Every path from a node to the root with the product of its local derivatives.
  paths(id) {
    const { frames } = this;
    if (id === frames.root) return ["It is the root: its gradient is 1."];
    const users = new Map();
    for (const event of frames.events) {
      if (event.type !== "edge" || event.product === null) continue;
      if (!users.has(event.to)) users.set(event.to, []);
      users.get(event.to).push(event);
    }
    const lines = [];
    const stack = [[id, []]];
    while (stack.length && lines.length <= PATHS) {
      const [at, edges] = stack.pop();
      if (at === frames.root) {
        const names = [id, ...edges.map((e) => e.from)].map((i) => frames.name(i)).join(" → ");
        const total = edges.reduce((p, e) => p * e.local, 1);
        lines.push(hidePaths(this.hidden) ? names : `${names}: ${edges.map((e) => bracketed(e.local)).join(" × ")} = ${digits(total)}`);
      } else for (const event of [...(users.get(at) ?? [])].reverse()) stack.push([event.from, [...edges, event]]);
    }
    if (lines.length > PATHS) return [...lines.slice(0, PATHS), "…"];
    return lines.length ? lines : ["None: no gradient reaches it."];
  }

  // -- the table -----------------------------------------------------------------------------------------

  buildTable() {
    const { frames } = this;
    const ids = this.record.nodes.flatMap((node, id) => (node.kind === "constant" ? [] : [id]));
    ids.sort((a, b) => (this.record.nodes[a].op !== null) - (this.record.nodes[b].op !== null)); // leaves first
    this.rows = ids.slice(0, ROWS).map((id) => {
      const node = this.record.nodes[id];
      const value = node.op === null ? this.leafInput(id) : null;
      const [data, grad] = [element("td", {}, ...(value ? [value] : [])), element("td")];
      const what = node.op === null ? node.kind : `= ${node.formula}`;
      const row = element("tr", {}, element("th", { scope: "row" }, node.name), element("td", {}, what), data, grad);
      return { id, row, data, grad, value };
    });
    this.table.replaceChildren(...this.rows.map(({ row }) => row));
    const more = ids.length > ROWS ? ` The first ${ROWS} of ${ids.length} nodes.` : "";
    this.tableNote.textContent = `Type another number for an input or a parameter: both passes are done again.${more}`;
  }

  leafInput(id) {
    const change = ({ target }) => this.change(id, target);
    const value = String(this.frames.data[id]);
    const label = `${this.frames.name(id)}, value`;
    const input = element("input", { type: "text", inputmode: "decimal", size: 8, value, "aria-label": label, onchange: change });
    input.addEventListener("keydown", (event) => event.key === "Enter" && change(event)); // not every page sends change
    return input;
  }

  showTable() {
    this.original.hidden = !this.leaves.size;
    this.gradientColumn.textContent = this.notation === "∂" ? `∂${this.frames.name(this.frames.root)}/∂·` : "gradient";
    if (!this.details.open) return;
    const { frames, frame, hidden } = this;
    for (const { id, row, data, grad, value } of this.rows) {
      const { value: gradient, arrived, expected } = frames.gradientAt(id, frame.last);
      const shown = frames.isKnown(id, frame.last) ? digits(frames.data[id]) : "—";
      if (value && document.activeElement !== value) value.value = String(frames.data[id]);
      if (!value) data.textContent = id === hidden && frame.kind === "forward" ? "?" : shown;
      grad.textContent = id === hidden && frame.kind === "edge" ? "?" : gradient === null ? "—" : digits(gradient);
      if (arrived && arrived < expected) grad.textContent += ` (${arrived} of ${expected})`;
      row.classList.toggle("current", id === frame.node && frame.kind !== "start");
    }
  }

  change(id, input) {
    const value = typed(input.value);
    input.setAttribute("aria-invalid", Number.isNaN(value) ? "true" : "false");
    if (Number.isNaN(value) || value === this.frames.data[id]) return;
    if (this.edit && this.payload.runs) return this.edit(id, value);
    this.leaves.set(id, value);
    this.setRecord(revalued(this.payload.trace, this.leaves));
  }

  // -- the page around ---------------------------------------------------------------------------------

  // Dark where the notebook is, or else where the system is.
  follow(signal) {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      const { body } = document;
      const isLight = body.dataset.jpThemeLight ?? (body.classList.contains("vscode-light") ? "true" : null);
      const isDark = isLight === null ? system.matches || body.classList.contains("vscode-dark") : isLight === "false";
      this.root.dataset.theme = isDark ? "dark" : "light";
    };
    apply();
    system.addEventListener("change", apply, { signal });
    const observer = new MutationObserver(apply);
    observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
    signal.addEventListener("abort", () => observer.disconnect());
  }

  destroy() {
    this.stop();
    this.listeners.abort();
  }
}

// While a number is to be predicted, a node's paths are shown without theirs.
const hidePaths = (hidden) => hidden !== null;

function mount(place, payload, options) {
  return new Stepper(place, payload, options);
}

function render({ model, el }) {
  const edit = (node, number) => model.send({ node, number });
  const shown = mount(el, JSON.parse(model.get("payload")), { edit });
  const reload = () => shown.load(JSON.parse(model.get("payload")));
  model.on("change:payload", reload);
  return () => {
    model.off("change:payload", reload);
    shown.destroy();
  };
}

export default { render };
