// The page: the editor, the address, the files that Python needs. What is written is shown, and run, in the sandboxed frame.

const byId = (id) => document.getElementById(id);
const [formula, at, code, lines, frame] = ["formula", "at", "code", "lines", "view"].map(byId);

const EXAMPLES = [
  ["3(a + bc)", "a=5, b=3, c=2"],
  ["L = -(y log a + (1 - y) log(1 - a)); a = σ(z); z = w1 x1 + w2 x2 + b", "w1=0.5, w2=-1, b=0.25, x1=2, x2=1, y=1"],
  ["f = (x + y) z", "x=-2, y=5, z=-4"],
  ["o = tanh(x1 w1 + x2 w2 + b)", "x1=2, x2=0, w1=-3, w2=1, b=6.8813735870195432"],
  ["J = (w x + b - y)² / 2", "w=2, x=3, b=-1, y=4"],
];
const PAUSE = 250; // milliseconds after a key until what is written is shown

class Page {
  constructor() {
    this.step = 1;
    this.pane = "steps";
    this.read();
    document.forms.editor.addEventListener("submit", (event) => (event.preventDefault(), this.show()));
    for (const field of [formula, at]) field.addEventListener("input", () => this.soon());
    for (const radio of document.forms.editor.kind) radio.addEventListener("change", () => this.turnTo(radio.value));
    document.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.show());
    byId("stop").onclick = () => this.stop();
    byId("check").onclick = () => this.send({ check: lines.value });
    byId("link").onclick = () => this.copyLink();
    byId("save").onclick = () => this.send({ save: true });
    lines.addEventListener("input", () => this.write());
    code.addEventListener("input", () => this.write());
    addEventListener("message", ({ source, data }) => source === frame.contentWindow && this.hear(data));
    addEventListener("hashchange", () => this.read() && this.show());
    byId("examples").append(...EXAMPLES.map((example) => this.example(...example)));
  }

  get kind() {
    return document.forms.editor.kind.value;
  }

  // -- the address: all that is written, and the step ---------------------------------------------------

  // Takes what the address has; false where it is what is there already.
  read() {
    if (location.hash === this.written) return false;
    const found = new URLSearchParams(location.hash.slice(1));
    if (found.has("f")) [formula.value, at.value] = [found.get("f"), found.get("at") ?? ""];
    if (found.has("py")) code.value = found.get("py");
    lines.value = found.get("check") ?? lines.value;
    this.step = Math.max(1, Number.parseInt(found.get("step"), 10) || 1);
    this.pane = found.get("show") ?? "steps";
    this.choose(found.has("py") ? "python" : "formula");
    return true;
  }

  write() {
    const parts = this.kind === "formula" ? { f: formula.value, at: at.value } : { py: code.value };
    if (lines.value.trim()) parts.check = lines.value;
    if (this.pane !== "steps") parts.show = this.pane;
    if (this.step > 1) parts.step = this.step;
    this.written = `#${new URLSearchParams(parts)}`;
    history.replaceState(null, "", this.written);
    byId("notebook").href = `../course/repl/index.html?${new URLSearchParams({ kernel: "python", toolbar: "1", code: this.program() })}`;
  }

  // What is shown, as a program for a notebook.
  program() {
    if (this.kind === "python") return code.value;
    const values = at.value.split(/[,;\n]/).filter((part) => part.includes("=")).map((part) => part.trim().replace(/\s*=\s*/, "="));
    const text = [formula.value, ...values].map((part, i) => (i === 0 ? JSON.stringify(part) : part)).join(", ");
    return `from autograd import parse\nfrom viz import stepper\n\nJ = parse(${text})\nstepper(J)`;
  }

  // -- what the reader does ------------------------------------------------------------------------------

  choose(kind) {
    document.forms.editor.kind.value = kind;
    for (const each of ["formula", "python"]) document.querySelector(`.of-${each}`).hidden = each !== kind;
  }

  turnTo(kind) {
    this.choose(kind);
    this.write();
    if (kind === "formula") this.show();
    else code.focus();
  }

  soon() {
    this.step = 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), PAUSE);
  }

  show() {
    this.write();
    const written = this.kind === "formula" ? { text: formula.value, at: at.value } : { code: code.value };
    this.send({ source: { kind: this.kind, ...written }, lines: lines.value, step: this.step, pane: this.pane });
  }

  stop() {
    this.send({ stop: true });
    if (this.kind === "formula") this.show();
  }

  async copyLink() {
    this.write();
    try {
      await navigator.clipboard.writeText(location.href);
      byId("said").textContent = "The link is in the clipboard: it opens this, at this step.";
    } catch {
      byId("said").textContent = "The link is in the address bar.";
    }
  }

  example(text, values) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.onclick = () => {
      [formula.value, at.value, lines.value] = [text, values, ""];
      this.step = 1;
      this.turnTo("formula");
    };
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  // -- the frame ------------------------------------------------------------------------------------------

  send(message, transfer = []) {
    frame.contentWindow.postMessage(message, "*", transfer);
  }

  // Whatever runs in the frame may have sent this: it is only ever shown as text, or taken as a number.
  hear({ state, step, pane }) {
    if (state === "open") return this.opened();
    if (state !== undefined) this.tell(String(state));
    if (Number.isInteger(step)) this.step = step;
    if (typeof pane === "string") this.pane = pane;
    if (step !== undefined || pane !== undefined) this.write();
  }

  tell(state) {
    byId("state").textContent = `Python: ${state}`;
    byId("stop").disabled = state !== "working";
    document.documentElement.dataset.python = state;
  }

  async opened() {
    this.show();
    this.tell("loading");
    try {
      const { wasm, ...files } = await fetched();
      this.send({ files, wasm }, [wasm]);
    } catch (error) {
      this.tell(`not there (${error.message}); formulas can be stepped through without it`);
    }
  }
}

// What Python needs, from this site; the worker has no network of its own.
async function fetched() {
  const text = async (name) => (await asked(name)).text();
  const bytes = async (name) => (await asked(name)).arrayBuffer();
  const parts = {
    pyodide: text("../python/pyodide.mjs"),
    machine: text("../python/pyodide.asm.mjs"),
    lock: text("../python/pyodide-lock.json"),
    library: bytes("../python/python_stdlib.zip"),
    packages: bytes("../python/chainrule.zip"),
    wasm: bytes("../python/pyodide.asm.wasm"),
    worker: text("worker.js"),
    answers: text("answers.py"),
  };
  const entries = Object.entries(parts).map(async ([name, part]) => [name, await part]);
  return Object.fromEntries(await Promise.all(entries));
}

async function asked(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

new Page();
frame.srcdoc = await (await asked("view.html")).text();
navigator.serviceWorker?.register("sw.js"); // afterwards the page works offline
